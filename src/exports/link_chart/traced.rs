//! Traced flow in words: the range of all rules on one chart, or one rule on a panel of its own.
//!
//! A line says what of its transfers is traced; its rows give the whole amount of each, as the
//! records have it, and the traced part beside it, so that both columns add up to what the tie
//! states. Adds up and chooses nothing: that is `analyses/tracing/flow_graph.rs`.

use std::collections::{BTreeMap, BTreeSet};

use super::{ChartWords, Drawing, roles};
use crate::analyses::Readings;
use crate::analyses::tracing::figures::{EndKey, Figure, Whereabouts};
use crate::analyses::tracing::flow_graph::{FlowAccount, FlowGraph, FlowLine, FlowTransfer};
use crate::analyses::tracing::ledger::{CONVERTED, CONVERTED_NAME};
use crate::analyses::tracing::walk::ExitKind;
use crate::error::Result;
use crate::exports::{Chart, ChartEntity, ChartRow, ChartTie, ChartTieKind, TracedTotal, Wording};
use crate::model::{Amount, EntityKind, EntityRef, counted, day_text};
use crate::store::Case;

/// Holders that are written on an account; its details name all.
const HOLDERS_WRITTEN_MAX: usize = 2;

/// Words the chart of traced flow: a panel if `found` is one, else the range. Rows of `case` are
/// those of `found`.
///
/// # Errors
///
/// [`crate::Error::File`] if a table is damaged.
pub fn traced_chart(case: &Case, found: &FlowGraph, words: &ChartWords) -> Result<Chart> {
    let wording = Wording::of(case)?;
    let drawing = Drawing { case, wording: &wording, readings: Readings::new(case)? };
    let traced = TracedDrawing { drawing: &drawing, found };
    let roles = roles(case)?;
    let mut positions = BTreeMap::new();
    let mut chart = Chart {
        name: words.name.clone(),
        title: words.title.clone(),
        banner: words.banner().to_owned(),
        period: period(found),
        ..Chart::default()
    };
    for (at, one) in found.accounts.iter().enumerate() {
        positions.insert(one.account, at);
        let mut entity = traced.entity(one)?;
        entity.role = roles.get(&account_ref(one.account)).copied();
        chart.entities.push(entity);
    }
    for (at, line) in found.lines.iter().enumerate() {
        let tie = traced.tie(at, (positions[&line.from], positions[&line.to]), line)?;
        chart.ties.push(tie);
    }
    chart.notes.push(traced.what_a_line_says());
    chart.notes.extend(found.cut.iter().chain(&found.notes).cloned());
    chart.notes.extend(words.notes.iter().cloned());
    chart.notes.extend(words.protection());
    chart.sources = drawing.sources(&chart)?;
    Ok(chart)
}

fn account_ref(row: u32) -> EntityRef {
    EntityRef { kind: EntityKind::Account, row }
}

fn period(found: &FlowGraph) -> String {
    let days: BTreeSet<i32> =
        found.lines.iter().flat_map(|line| &line.transfers).map(|one| one.day).collect();
    match (days.first(), days.last()) {
        (Some(first), Some(last)) => format!("{} to {}", day_text(*first), day_text(*last)),
        _ => "undated".to_owned(),
    }
}

struct TracedDrawing<'a> {
    drawing: &'a Drawing<'a>,
    found: &'a FlowGraph,
}

impl TracedDrawing<'_> {
    fn amount(&self, minor: i64) -> Amount {
        Amount { minor, currency: self.found.currency }
    }

    fn decimal(&self, minor: i64) -> String {
        self.drawing.wording.digits.decimal(self.amount(minor))
    }

    fn grouped(&self, minor: i64) -> String {
        Amount::grouped(minor, self.drawing.wording.digits.of(self.found.currency))
    }

    /// `600.00 to 5,500.00 USD`; the figure of the rule alone on its panel.
    fn shown(&self, figure: &Figure) -> String {
        let (floor, ceiling) = (figure.bound.floor, figure.bound.ceiling);
        let currency = self.found.currency;
        match self.found.panel {
            Some(rule) => format!("{} {currency}", self.grouped(figure.rules[rule])),
            None if floor == ceiling => format!("{} {currency}", self.grouped(floor)),
            None => format!("{} to {} {currency}", self.grouped(floor), self.grouped(ceiling)),
        }
    }

    /// `libr 2,000.00, fifo 0.00`.
    fn by_rule(&self, figure: &Figure) -> String {
        let rules = self.found.rules.iter().zip(&figure.rules);
        let told = rules.map(|(rule, minor)| format!("{} {}", rule.word(), self.grouped(*minor)));
        told.collect::<Vec<_>>().join(", ")
    }

    fn label(&self, label: u32) -> &str {
        match label {
            0 => "all labels",
            some => &self.found.labels[some as usize - 1],
        }
    }

    /// Figures that stand for all that is traced.
    fn is_of_all(&self, label: u32) -> bool {
        label == u32::from(self.found.labels.len() == 1)
    }

    fn what_a_line_says(&self) -> String {
        let rules: Vec<&str> = self.found.rules.iter().map(|rule| rule.word()).collect();
        match self.found.panel {
            Some(rule) => format!(
                "Traced amounts are those of {}. Widths have one scale on the chart of the range \
                 and on the panel of every rule ({}).",
                self.found.rules[rule].name(),
                rules.join(", ")
            ),
            None => format!(
                "A line says from floor to ceiling what of its transfers together can be traced; \
                 it is as wide as the largest figure that a rule gives ({}).",
                rules.join(", ")
            ),
        }
    }

    fn entity(&self, one: &FlowAccount) -> Result<ChartEntity> {
        if one.account == CONVERTED {
            return Ok(ChartEntity {
                id: "account-conversion-or-charge".to_owned(),
                label: CONVERTED_NAME.to_owned(),
                kind: EntityKind::Account,
                unidentified: true,
                role: None,
                centre: one.centre,
                captions: Vec::new(),
                details: Vec::new(),
            });
        }
        let entity = account_ref(one.account);
        let mut details = self.drawing.details(entity)?;
        for (key, figure) in &one.ends {
            details.push((self.whereabouts(key, one.last_day), self.end(figure)));
        }
        Ok(ChartEntity {
            id: self.drawing.id(entity)?,
            label: self.drawing.label(entity)?,
            kind: EntityKind::Account,
            unidentified: self.drawing.is_unidentified(entity)?,
            role: None,
            centre: one.centre,
            captions: self.captions(one)?,
            details,
        })
    }

    /// Whose own the account is, what of all traced money it holds at the end, and what left it
    /// by no transfer, which no line can show.
    fn captions(&self, one: &FlowAccount) -> Result<Vec<String>> {
        let holdings = self.drawing.case.holdings()?;
        let mut holders: Vec<String> = Vec::new();
        for row in (0..holdings.account.len()).filter(|row| holdings.is_own(*row)) {
            if holdings.account[row] == one.account {
                let party = EntityRef { kind: EntityKind::Party, row: holdings.party[row] };
                let name = self.drawing.label(party)?;
                if !holders.contains(&name) {
                    holders.push(name);
                }
            }
        }
        if holders.len() > HOLDERS_WRITTEN_MAX {
            let more = holders.len() - HOLDERS_WRITTEN_MAX;
            holders.truncate(HOLDERS_WRITTEN_MAX);
            holders.push(format!("and {more} more"));
        }
        let mut captions = Vec::new();
        if !holders.is_empty() {
            captions.push(holders.join("; "));
        }
        if one.last_day.is_none() && !self.drawing.is_unidentified(account_ref(one.account))? {
            captions.push("no statement held".to_owned());
        }
        for (key, figure) in one.ends.iter().filter(|(key, _)| self.is_of_all(key.label)) {
            let what = match key.at {
                Whereabouts::Held => "holds at the end",
                Whereabouts::Exit(ExitKind::Overdraft) => "repaid an overdraft",
                Whereabouts::Exit(ExitKind::Gap) => "left while not covered",
                _ => continue,
            };
            captions.push(what.to_owned());
            captions.push(self.shown(figure));
        }
        Ok(captions)
    }

    /// `Victim A held on 2024-06-30`.
    fn whereabouts(&self, key: &EndKey, last_day: Option<i32>) -> String {
        let what = match key.at {
            Whereabouts::Held => {
                format!("held on {}", last_day.map(day_text).unwrap_or_default())
            }
            Whereabouts::InTransit => "on its way here".to_owned(),
            Whereabouts::Exit(ExitKind::Outside) => "came here, no statement held".to_owned(),
            Whereabouts::Exit(ExitKind::NotCovered) => {
                "came here on days of which no statement is held".to_owned()
            }
            Whereabouts::Exit(ExitKind::Conversion) => "left in a conversion".to_owned(),
            Whereabouts::Exit(ExitKind::Overdraft) => "repaid its overdraft".to_owned(),
            Whereabouts::Exit(ExitKind::Gap) => "left while no statement is held".to_owned(),
            Whereabouts::Exit(ExitKind::Reversal) => {
                "was returned here, no statement held".to_owned()
            }
        };
        let label = match self.found.labels.len() {
            1 => "traced".to_owned(),
            _ => self.label(key.label).to_owned(),
        };
        match key.channel {
            "" => format!("{label} {what}"),
            channel => format!("{label} {what}, by {channel}"),
        }
    }

    fn end(&self, figure: &Figure) -> String {
        match self.found.panel {
            None => format!("{}; {}", self.shown(figure), self.by_rule(figure)),
            Some(_) => {
                let (floor, ceiling) = (figure.bound.floor, figure.bound.ceiling);
                let (floor, ceiling) = (self.grouped(floor), self.grouped(ceiling));
                format!("{}; any allocation {floor} to {ceiling}", self.shown(figure))
            }
        }
    }

    fn tie(&self, at: usize, ends: (usize, usize), line: &FlowLine) -> Result<ChartTie> {
        let days: BTreeSet<i32> = line.transfers.iter().map(|one| one.day).collect();
        let day = |day: Option<&i32>| day.map(|day| day_text(*day)).unwrap_or_default();
        let (first, last) = (day(days.first()), day(days.last()));
        let span = if first == last { first.clone() } else { format!("{first} to {last}") };
        let count = line.transfers.len() as u64;
        let figure = &line.figure;
        let minor = match self.found.panel {
            Some(rule) => figure.rules[rule],
            None => figure.most(),
        };
        let mut rows = Vec::with_capacity(line.transfers.len());
        for one in &line.transfers {
            rows.push(self.row(one)?);
        }
        let total = line.transfers.iter().map(|one| one.amount_minor).sum();
        Ok(ChartTie {
            id: format!("tie-{}", at + 1),
            from: ends.0,
            to: ends.1,
            kind: ChartTieKind::Traced,
            label: format!(
                "{}, traced in {}, {span}",
                self.shown(figure),
                counted(count, "transfer")
            ),
            total: Some(self.decimal(total)),
            currency: Some(self.found.currency.to_string()),
            records: count,
            first,
            last,
            traced: Some(TracedTotal {
                rule: self.found.panel.map_or("", |at| self.found.rules[at].word()).to_owned(),
                minor_text: self.decimal(minor),
                floor: self.decimal(figure.bound.floor),
                ceiling: self.decimal(figure.bound.ceiling),
            }),
            weight: minor as f64 / self.found.heaviest_minor.max(1) as f64,
            rows,
        })
    }

    fn row(&self, one: &FlowTransfer) -> Result<ChartRow> {
        let row = self.drawing.transfer_row(one.row)?;
        let bound = one.figure.bound;
        let (traced, traced_by) = match self.found.panel {
            None => (
                format!("{} to {}", self.decimal(bound.floor), self.decimal(bound.ceiling)),
                self.by_rule(&one.figure),
            ),
            Some(rule) => {
                let parts = one.parts.iter().filter(|(_, figure)| figure.rules[rule] != 0);
                let parts: Vec<String> = parts
                    .map(|(label, figure)| {
                        format!("{} {}", self.label(*label), self.grouped(figure.rules[rule]))
                    })
                    .collect();
                (self.decimal(one.figure.rules[rule]), parts.join("; "))
            }
        };
        // A conversion divides a transfer, so that its row can say more than what moved here.
        Ok(ChartRow { amount: self.decimal(one.amount_minor), traced, traced_by, ..row })
    }
}
