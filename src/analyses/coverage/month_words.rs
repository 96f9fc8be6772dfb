//! One word for each account and month, and the months that stand years from all others.

use std::collections::{BTreeMap, BTreeSet};

use crate::analyses::{BalanceState, Inputs, Readings, month_after, month_of, month_text};
use crate::error::Result;
use crate::store::{Case, Side};

/// Months without any record after which what follows is not of the body of records.
const SILENT_MONTHS_MAX: i32 = 60;
/// What is said of a month of which only some days are held and no balance is stated.
const PART: &str = "part";
/// Months that the note names.
const APART_NAMED_MAX: usize = 5;

/// Takes out the months that years without any record part from the body of records, which is
/// where most months are held, and names them: one mistyped year must not stretch the grid.
pub(super) fn set_apart(
    case: &Case,
    words: &mut BTreeMap<(u32, i32), &'static str>,
) -> Result<Option<String>> {
    let mut held: Vec<i32> = words
        .iter()
        .filter(|(_, word)| !matches!(**word, "gap" | "missing"))
        .map(|((_, month), _)| *month)
        .collect();
    held.sort_unstable();
    let far = |left: &i32, right: &i32| right - left <= SILENT_MONTHS_MAX * 31;
    let Some(body) = held.chunk_by(far).max_by_key(|part| part.len()) else { return Ok(None) };
    let (first, last) = (body[0], body[body.len() - 1]);
    let outside = |month: i32| month < first || month > last;
    let accounts = case.accounts()?;
    let named: Vec<String> = words
        .iter()
        .filter(|((_, month), word)| outside(*month) && !matches!(**word, "gap" | "missing"))
        .map(|((account, month), _)| {
            format!("{} of {}", month_text(*month), accounts.account.get(*account as usize))
        })
        .collect();
    words.retain(|(_, month), _| !outside(*month));
    let more = named.len().saturating_sub(APART_NAMED_MAX);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Ok((!named.is_empty()).then(|| {
        let named = named[..named.len().min(APART_NAMED_MAX)].join(", ");
        format!("Set apart, years from every other record, and not in the grid: {named}{more}.")
    }))
}

/// The word for each account and month; where an account has several currencies, the worst.
pub(super) fn month_words(inputs: &Inputs) -> Result<BTreeMap<(u32, i32), &'static str>> {
    let coverage = inputs.case.coverage()?;
    let mut words: BTreeMap<(u32, i32), &'static str> = BTreeMap::new();
    let mut held: BTreeMap<(u32, i32), u32> = BTreeMap::new();
    for state in ["gap", "covers"] {
        for row in 0..coverage.account.len() {
            if coverage.state.get(row) != state {
                continue;
            }
            let mut month = month_of(coverage.from_day[row]);
            if state == "gap" && coverage.to_day[row] - month > SILENT_MONTHS_MAX * 31 {
                // Years of silence stand in `coverage`; as months they would bury the rest.
                continue;
            }
            while month <= coverage.to_day[row] {
                let (place, next) = ((coverage.account[row], month), month_after(month));
                words.insert(place, state_word(state));
                if state == "covers" {
                    let days =
                        coverage.from_day[row].max(month)..=coverage.to_day[row].min(next - 1);
                    *held.entry(place).or_default() |= days_of(month, days);
                }
                month = next;
            }
        }
    }
    not_without_rows(inputs, &mut words)?;
    let mut worst: BTreeMap<(u32, i32), u8> = BTreeMap::new();
    for month in inputs.month_balances()? {
        let rank = match month.state {
            BalanceState::Breaks => 3,
            BalanceState::Missing => 2,
            BalanceState::Unstated => 1,
            BalanceState::Proves => 0,
        };
        let place = (month.account, month.month);
        if worst.get(&place).is_none_or(|before| rank >= *before) {
            worst.insert(place, rank);
            // A held month without rows and balances is held, which is more than `unstated`.
            let word = if month.records == 0 && month.state == BalanceState::Unstated {
                "covers"
            } else {
                month.state.word()
            };
            words.insert(place, word);
        }
    }
    for (place, word) in &mut words {
        let whole = days_of(place.1, place.1..=month_after(place.1) - 1);
        let part = held.get(place).is_some_and(|days| *days != whole);
        // A balance that proves or breaks says more; the days not held stand in `coverage`.
        if part && matches!(*word, "covers" | "unstated") {
            *word = PART;
        }
    }
    Ok(words)
}

/// Days of the month that begins on `first`, a bit each.
fn days_of(first: i32, days: std::ops::RangeInclusive<i32>) -> u32 {
    days.fold(0, |bits, day| bits | 1 << (day - first))
}

/// A held month with payments is not one without rows, though the list that holds them states no
/// balance for it. Only a source that covers the account counts: what another bank says of a
/// payment is no row of this one.
fn not_without_rows(inputs: &Inputs, words: &mut BTreeMap<(u32, i32), &'static str>) -> Result<()> {
    if !words.values().any(|word| *word == "covers") {
        return Ok(());
    }
    let coverage = inputs.case.coverage()?;
    let covers = (0..coverage.account.len()).filter(|row| coverage.state.get(*row) == "covers");
    let covering: BTreeSet<(u32, u32)> =
        covers.map(|row| (coverage.source[row], coverage.account[row])).collect();
    let (rows, readings) = (inputs.case.transfer_rows()?, Readings::new(inputs.case)?);
    for row in 0..rows.len() as u32 {
        let (from, to) = (rows.from_account(row), rows.to_account(row));
        for one in readings.of(row) {
            let ends = match one.side {
                Side::Sender => [Some(from), None],
                Side::Receiver => [None, Some(to)],
                Side::List => [Some(from), Some(to)],
            };
            for account in ends.into_iter().flatten() {
                if covering.contains(&(one.at.source, account))
                    && let Some(word) = words.get_mut(&(account, month_of(one.day)))
                    && *word == "covers"
                {
                    *word = BalanceState::Unstated.word();
                }
            }
        }
    }
    Ok(())
}

fn state_word(state: &str) -> &'static str {
    if state == "gap" { "gap" } else { "covers" }
}
