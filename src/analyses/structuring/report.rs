//! What structuring looks like as columns and as a sentence.

use crate::analyses::{Groups, Inputs, Outcome, Told, add_column, counted, leading};
use crate::error::Result;
use crate::model::{Amount, Currency, Values, day_text};

use super::{Found, Params, Way, minor_units};

pub(super) fn notes(params: &Params, only: Option<Currency>, elsewhere: u64) -> Vec<String> {
    let code = only.map_or("the unit".to_owned(), |only| only.to_string());
    let days = counted(params.window_business_days, "business day");
    let mut notes = vec![
        format!(
            "Cash of one person, in and out by itself, in amounts of at most {} {code}: business \
             days on which it comes to more, and {} or more of at least {} {code} that come to \
             more within {days}. All accounts of the holders of a day count together; joint \
             holders are one.",
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
pub(super) fn columns(answer: &mut Outcome, groups: &Groups, found: &[Found]) {
    let rows = leading(answer);
    let at = |row: &Option<usize>| row.map(|number| &found[number]);
    let text = |of: &dyn Fn(&Found) -> String| {
        Values::Text(rows.iter().map(|row| at(row).map_or(String::new(), of)).collect())
    };
    let count =
        |of: fn(&Found) -> i64| Values::Count(rows.iter().map(|row| at(row).map(of)).collect());
    let (person, way) = (text(&|it| groups.name(it.whose.0).to_owned()), text(&way_word));
    let days_over = count(|it| it.run.days_over() as i64);
    let larger = count(|it| it.larger as i64);
    let peak_day = Values::Day(
        rows.iter().map(|row| at(row).and_then(|it| peak(it).map(|peak| peak.0))).collect(),
    );
    let peak_total = Values::Money(
        rows.iter()
            .map(|row| {
                let it = at(row)?;
                Some(Amount { minor: i64::try_from(peak(it)?.1).ok()?, currency: it.whose.2 })
            })
            .collect(),
    );
    add_column(answer, "person", person);
    add_column(answer, "way", way);
    add_column(answer, "days_over_threshold", days_over);
    add_column(answer, "peak_day", peak_day);
    add_column(answer, "peak_day_total", peak_total);
    add_column(answer, "larger_transfers", larger);
}

fn way_word(found: &Found) -> String {
    match found.whose.1 {
        Way::In => "cash in",
        Way::Out => "cash out",
    }
    .to_owned()
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
    let (person, way, currency) = found.whose;
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
    let larger = match found.larger {
        0 => "no larger amount was moved in those days".to_owned(),
        some => format!("{} over it in the same days", counted(some, "amount")),
    };
    let mut by_account: Vec<(i128, std::cmp::Reverse<u32>)> = Vec::new();
    let mut cash = found.run.cash.clone();
    cash.sort_by_key(|it| it.account);
    for same in cash.chunk_by(|left, right| left.account == right.account) {
        let total = same.iter().map(|it| i128::from(it.minor)).sum();
        by_account.push((total, std::cmp::Reverse(same[0].account)));
    }
    let candidate = by_account.into_iter().max().map_or(0, |(_, account)| account.0);
    Ok(Told {
        candidate,
        value: digits.decimal(Amount { minor: found.total, currency }),
        score: found.total as f64 / threshold as f64,
        sentence: format!(
            "{moved} {} in amounts of at most {} comes to more {when} ({larger})",
            groups.name(person),
            people(threshold)
        ),
    })
}
