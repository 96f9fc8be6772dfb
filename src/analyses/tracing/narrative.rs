//! A trace in sentences that a person can read aloud, built from its figures.

use super::figures::{EndKey, Figure, Whereabouts};
use super::ledger::{CONVERTED, CONVERTED_NAME};
use super::reliance::Reliances;
use super::tables::words;
use super::traces::Traces;
use super::walk::ExitKind;
use crate::analyses::{Inputs, account_name, counted};
use crate::error::Result;
use crate::model::{Amount, Channel, ResultTable, Values, day_text};

/// Ends that are told of each label; the table `trace` has all of them.
const TOLD_MAX: usize = 12;

/// `trace_narrative`: sentences about each label, in order.
///
/// # Errors
///
/// [`crate::Error::File`] if the store is damaged.
pub fn narrative(
    inputs: &Inputs,
    traces: &Traces,
    reliances: &Reliances,
    ends: &[(EndKey, Figure)],
) -> Result<ResultTable> {
    let teller = Teller { inputs, traces };
    let mut told: Vec<(u32, String)> = Vec::new();
    for label in traces.labels() {
        told.push((label, teller.declared(label)));
        let mine: Vec<&(EndKey, Figure)> =
            ends.iter().filter(|(key, _)| key.label == label).collect();
        for (key, figure) in mine.iter().take(TOLD_MAX) {
            told.push((label, teller.end(key, figure)?));
        }
        if mine.len() > TOLD_MAX {
            let more = (mine.len() - TOLD_MAX) as u64;
            let stand = if more == 1 { "stands" } else { "stand" };
            let more = counted(more, "smaller figure");
            told.push((label, format!("{more} {stand} in the table trace.")));
        }
        let changed = mine.iter().filter(|(_, figure)| figure.changed).count();
        if changed > 0 {
            let what = if changed == 1 { "this figure" } else { "these figures" };
            told.push((
                label,
                format!(
                    "Another order of the transfers within a day would change {changed} of {what}; \
                     trace_order shows how."
                ),
            ));
        }
    }
    for one in &reliances.all {
        told.push((0, one.sentence.clone()));
    }
    let label = told.iter().map(|(label, _)| match label {
        0 if traces.sources.labels.len() == 1 => "",
        label => traces.sources.name(*label),
    });
    Ok(ResultTable::new("trace_narrative")
        .with("sentence_number", Values::Count((1..=told.len() as i64).map(Some).collect()))
        .with("label", words(label))
        .with("sentence", words(told.iter().map(|(_, sentence)| sentence))))
}

struct Teller<'a> {
    inputs: &'a Inputs<'a>,
    traces: &'a Traces<'a>,
}

impl Teller<'_> {
    fn people(&self, minor: i64) -> String {
        let amount = Amount { minor, currency: self.traces.of.currency };
        self.inputs.case.manifest().digits.people(amount)
    }

    /// An amount whose currency the sentence has named.
    fn plain(&self, minor: i64) -> String {
        let currency = self.traces.of.currency;
        Amount::grouped(minor, self.inputs.case.manifest().digits.of(currency))
    }

    fn declared(&self, label: u32) -> String {
        let parts = self.traces.sources.parts.iter();
        let parts: Vec<_> = parts.filter(|part| label == 0 || part.label == label).collect();
        let until = self.traces.question.until;
        let movements = parts.iter().filter_map(|part| self.traces.of.arriving(part.transfer));
        let movements: Vec<u32> =
            movements.filter(|movement| self.traces.day_of(*movement) <= until).collect();
        let days = movements.iter().map(|movement| self.traces.day_of(*movement));
        let (first, last) = (days.clone().min(), days.max());
        let days = match (first, last) {
            (Some(first), Some(last)) if first == last => format!("on {}", day_text(first)),
            (Some(first), Some(last)) => {
                format!("from {} to {}", day_text(first), day_text(last))
            }
            _ => String::new(),
        };
        let name = match label {
            0 => "all labels together".to_owned(),
            _ => format!("{:?}", self.traces.sources.name(label)),
        };
        if movements.is_empty() {
            let until = day_text(until);
            return format!("No source of {name} lies up to {until}: nothing is traced as it.");
        }
        format!(
            "Traced as {name} are {} from {}, {days}.",
            self.people(self.traces.declared_minor(label)),
            counted(movements.len() as u64, "transfer")
        )
    }

    fn end(&self, key: &EndKey, figure: &Figure) -> Result<String> {
        let account = match key.account {
            CONVERTED => CONVERTED_NAME.to_owned(),
            account => account_name(self.inputs.case, account)?.to_owned(),
        };
        let until = self.until(key.account);
        // That a channel is another than those with a word says nothing.
        let by = match key.channel {
            "" => String::new(),
            channel if channel == Channel::Other.word() => String::new(),
            channel => format!(" by {channel}"),
        };
        let what = match key.at {
            Whereabouts::Held => format!("remained in {account} on {until}"),
            Whereabouts::InTransit => format!("was on its way to {account} on {until}"),
            Whereabouts::Exit(ExitKind::Outside) => match account.split_once(" ~ ") {
                // The far end is a text of the near account's record.
                Some((near, text)) => format!("left {near}{by}, by the record to {text:?}"),
                None => format!("went to {account}{by}, of which no statement is held"),
            },
            Whereabouts::Exit(ExitKind::NotCovered) => {
                format!("went to {account}{by} on days of which no statement is held")
            }
            Whereabouts::Exit(ExitKind::Conversion) => {
                format!("left {account}{by} in a conversion or its charges")
            }
            Whereabouts::Exit(ExitKind::Overdraft) => {
                format!("repaid the overdraft of {account}")
            }
            Whereabouts::Exit(ExitKind::Gap) => {
                format!("left {account} while no statement of it is held")
            }
            Whereabouts::Exit(ExitKind::Reversal) => {
                format!("was returned to {account}{by}, of which no statement is held")
            }
        };
        let Figure { bound, .. } = figure;
        let limits = if bound.floor == bound.ceiling {
            format!("every allocation says {}", self.plain(bound.floor))
        } else {
            format!(
                "under no allocation more than {} or less than {}",
                self.plain(bound.ceiling),
                self.plain(bound.floor)
            )
        };
        let declared = self.people(self.traces.declared_minor(key.label));
        let figures = self.by_rule(figure);
        Ok(format!("Of the {declared}, {figures} {what}; {limits}."))
    }

    /// `under ... and ... 2,000.00, under ... 0.00`, equal figures together.
    fn by_rule(&self, figure: &Figure) -> String {
        let mut groups: Vec<(i64, Vec<&str>)> = Vec::new();
        for (rule, minor) in self.traces.question.rules.iter().zip(&figure.rules) {
            match groups.iter_mut().find(|(of, _)| of == minor) {
                Some((_, rules)) => rules.push(rule.name()),
                None => groups.push((*minor, vec![rule.name()])),
            }
        }
        if let [(minor, rules)] = groups.as_slice()
            && rules.len() > 1
        {
            return format!("under every rule asked for {}", self.plain(*minor));
        }
        let said: Vec<String> = groups
            .iter()
            .map(|(minor, rules)| format!("under {} {}", listed(rules), self.plain(*minor)))
            .collect();
        listed(&said.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// The last day of which anything is said of an account.
    fn until(&self, account: u32) -> String {
        let held = self.traces.last_held_day(account);
        day_text(held.unwrap_or_else(|| self.traces.last_day()))
    }
}

/// `a`, `a and b`, `a, b and c`.
fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
