//! What structuring looks like as columns and as a sentence.

use std::collections::BTreeSet;

use crate::analyses::{Groups, Inputs, Outcome, Told, account_name, add_column, counted, leading};
use crate::error::Result;
use crate::model::{Amount, Currency, Values, day_text};

use super::{Found, Params, Way, minor_units};

/// Names that a sentence lists.
const NAMED_MAX: usize = 5;

pub(super) fn notes(params: &Params, only: Option<Currency>, elsewhere: u64) -> Vec<String> {
    let code = only.map_or("the unit".to_owned(), |only| only.to_string());
    let days = counted(params.window_business_days, "business day");
    let mut notes = vec![
        format!(
            "Cash of one person, in and out by itself, in amounts of at most {} {code}: business \
             days on which it comes to more, and {} or more of at least {} {code} that come to \
             more within {days}. All accounts that a person holds on the day count together, \
             joint ones for each holder; persons of the same cash are named together, and of \
             total listed_before_total stands in instances before it.",
            params.threshold, params.transfers_min, params.amount_min
        ),
        format!(
            "Weekends and holidays ({}) count as the next business day, after 31 CFR 1010.311 and \
             1010.313(b); a deposit made at night stays on its date. larger_transfers are \
             amounts over the threshold in the same days, which a bank reports.",
            if params.holidays.is_empty() { "the Federal Reserve's" } else { "those given" }
        ),
    ];
    if elsewhere > 0 {
        let other = counted(elsewhere, "cash movement");
        notes.push(format!("{other} in other currencies than {code} were not looked at."));
    }
    notes
}

/// Adds what is said of a whole instance.
pub(super) fn columns(
    inputs: &Inputs,
    answer: &mut Outcome,
    groups: &Groups,
    found: &[Found],
) -> Result<()> {
    let rows = leading(answer);
    let at = |row: &Option<usize>| row.map(|number| &found[number]);
    let text = |of: &dyn Fn(&Found) -> String| {
        Values::Text(rows.iter().map(|row| at(row).map_or(String::new(), of)).collect())
    };
    let count =
        |of: fn(&Found) -> i64| Values::Count(rows.iter().map(|row| at(row).map(of)).collect());
    let money = |of: fn(&Found) -> Option<i64>| {
        let amount = |it: &Found| Some(Amount { minor: of(it)?, currency: it.currency });
        Values::Money(rows.iter().map(|row| at(row).and_then(amount)).collect())
    };
    let names = |it: &Found| {
        it.people.iter().map(|one| groups.name(*one)).collect::<Vec<&str>>().join("; ")
    };
    let (person, way) = (text(&names), text(&|it| way_word(it).to_owned()));
    let days_over = count(|it| it.run.days_over() as i64);
    let larger = count(|it| it.larger.len() as i64);
    let peak_day = Values::Day(
        rows.iter().map(|row| at(row).and_then(|it| peak(it).map(|peak| peak.0))).collect(),
    );
    let peak_total = money(|it| i64::try_from(peak(it)?.1).ok());
    let (joint, before) = (money(|it| Some(it.joint)), money(|it| Some(it.listed_before)));
    let each_named = rows.iter().map(|row| {
        let named = at(row).map_or(Ok(BTreeSet::new()), |it| joint_named(inputs, it))?;
        Ok(named.into_iter().collect::<Vec<&str>>().join("; "))
    });
    let named = Values::Text(each_named.collect::<Result<_>>()?);
    add_column(answer, "person", person);
    add_column(answer, "way", way);
    add_column(answer, "days_over_threshold", days_over);
    add_column(answer, "peak_day", peak_day);
    add_column(answer, "peak_day_total", peak_total);
    add_column(answer, "larger_transfers", larger);
    add_column(answer, "joint_total", joint);
    add_column(answer, "joint_named", named);
    add_column(answer, "listed_before_total", before);
    Ok(())
}

/// Who holds the joint accounts beside those named, in order of their names.
fn other_holders<'a>(inputs: &Inputs, groups: &'a Groups, found: &Found) -> Result<Vec<&'a str>> {
    let transfers = inputs.case.transfer_rows()?;
    let mut others: BTreeSet<u32> = BTreeSet::new();
    for it in found.run.cash.iter().filter(|it| it.joint) {
        let holders = groups.joint_holders(groups.of(it.account, transfers.day(it.transfer)));
        others.extend(holders.iter().filter(|holder| !found.people.contains(holder)));
    }
    let names: BTreeSet<&str> = others.into_iter().map(|one| groups.name(one)).collect();
    Ok(names.into_iter().collect())
}

/// Whom the records name at the other end of the cash in joint accounts.
fn joint_named<'a>(inputs: &Inputs<'a>, found: &Found) -> Result<BTreeSet<&'a str>> {
    let transfers = inputs.case.transfer_rows()?;
    let mut named = BTreeSet::new();
    for it in found.run.cash.iter().filter(|it| it.joint) {
        let other = match found.way {
            Way::In => transfers.from_account(it.transfer),
            Way::Out => transfers.to_account(it.transfer),
        };
        let name = account_name(inputs.case, other)?;
        // An unidentified far end has its own name behind that of the account, and `CASH` is the
        // name of cash of which the record says nothing.
        named.insert(name.split_once(" ~ ").map_or(name, |(_, text)| text));
    }
    named.remove("CASH");
    Ok(named)
}

fn way_word(found: &Found) -> &'static str {
    match found.way {
        Way::In => "cash in",
        Way::Out => "cash out",
    }
}

/// The business day with most, the earliest of equals.
fn peak(found: &Found) -> Option<(i32, i128)> {
    let most = found.run.over.iter().max_by_key(|(day, total)| (*total, std::cmp::Reverse(*day)));
    most.copied()
}

pub(super) fn told(
    inputs: &Inputs,
    groups: &Groups,
    params: &Params,
    found: &Found,
) -> Result<Told> {
    let (way, currency) = (found.way, found.currency);
    let digits = &inputs.case.manifest().digits;
    let people = |minor| digits.people(Amount { minor, currency });
    let threshold = minor_units(inputs, currency, params.threshold);
    let moved = match way {
        Way::In => "Cash paid in for",
        Way::Out => "Cash paid out for",
    };
    let when = match peak(found) {
        Some((day, total)) => format!(
            "on {}, at most {} on {}",
            counted(found.run.days_over() as u64, "business day"),
            people(i64::try_from(total).unwrap_or(i64::MAX)),
            day_text(day)
        ),
        None => format!("within {}", counted(params.window_business_days, "business day")),
    };
    let mut besides = match found.larger.len() {
        0 => "no larger amount was moved in those days".to_owned(),
        some => format!("{} over it in the same days", counted(some as u64, "amount")),
    };
    if found.joint > 0 {
        let named: Vec<&str> = joint_named(inputs, found)?.into_iter().collect();
        let others = other_holders(inputs, groups, found)?;
        besides.push_str(&format!(
            "; {} of it in joint accounts{}, where the records name {} at the other end",
            if found.joint == found.total { "all".to_owned() } else { people(found.joint) },
            if others.is_empty() { String::new() } else { format!(" with {}", first_few(&others)) },
            if named.is_empty() { "nobody".to_owned() } else { first_few(&named) },
        ));
    }
    if found.listed_before > 0 {
        let before = people(found.listed_before);
        besides.push_str(&format!("; {before} of it counts for another holder as well"));
    }
    Ok(Told {
        candidate: found.candidate,
        value: digits.decimal(Amount { minor: found.total, currency }),
        score: found.total as f64 / threshold as f64,
        sentence: format!(
            "{moved} {} in amounts of at most {} comes to more {when} ({besides})",
            whose_words(groups, found),
            people(threshold)
        ),
        kind: way_word(found),
        again: found.again,
    })
}

fn whose_words(groups: &Groups, found: &Found) -> String {
    let names: Vec<&str> = found.people.iter().map(|one| groups.name(*one)).collect();
    match names.as_slice() {
        [one] => (*one).to_owned(),
        several => format!("{} (joint holders)", first_few(several)),
    }
}

/// Names that are read in a sentence; the columns of the table have all.
fn first_few(names: &[&str]) -> String {
    match names {
        [one] => (*one).to_owned(),
        [first @ .., last] if first.len() < NAMED_MAX => format!("{} and {last}", first.join(", ")),
        all => {
            let others = counted((all.len() - NAMED_MAX) as u64, "other");
            format!("{} and {others}", all[..NAMED_MAX].join(", "))
        }
    }
}
