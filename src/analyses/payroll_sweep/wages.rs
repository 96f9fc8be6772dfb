//! Which payments are wages.

use std::collections::{BTreeMap, BTreeSet};

use crate::analyses::{Inputs, Places};
use crate::error::Result;
use crate::model::Currency;

use super::Params;
use super::sweeps::Reader;

/// A wage, or what may be one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Wage {
    pub transfer: u32,
    /// Accounts that paid and were paid.
    pub from: u32,
    pub worker: u32,
    pub day: i32,
    pub minor: i64,
}

/// Wages by employer and currency, in order of time. Workers with too few paydays, and employers
/// with too few workers, are left out.
pub(super) fn wages(
    inputs: &Inputs,
    params: &Params,
    reader: &Reader,
) -> Result<BTreeMap<(u32, Currency), Vec<Wage>>> {
    let transfers = inputs.case.transfers()?;
    let places = Places::new(inputs.case)?;
    let words: BTreeSet<String> = params.words.iter().map(|word| word.to_lowercase()).collect();
    let mut paid: BTreeMap<(u32, Currency), Vec<Wage>> = BTreeMap::new();
    for row in 0..transfers.line.len() as u32 {
        let (from, worker) =
            (transfers.from_account[row as usize], transfers.to_account[row as usize]);
        let known = !reader.graph.is_unidentified(from) && !reader.graph.is_unidentified(worker);
        if from == worker || !known {
            continue;
        }
        let day = transfers.day[row as usize];
        let employer = reader.holders.of(from, day);
        if employer == reader.holders.of(worker, day) {
            continue;
        }
        let amount = reader.facts.received(row);
        let wage = Wage { transfer: row, from, worker, day, minor: amount.minor };
        paid.entry((employer, amount.currency)).or_default().push(wage);
    }
    let is_said =
        |wage: &Wage| places.descriptions(wage.transfer).any(|said| has_word(said, &words));
    for paid in paid.values_mut() {
        let mut on_day: BTreeMap<i32, BTreeSet<u32>> = BTreeMap::new();
        for wage in paid.iter() {
            on_day.entry(wage.day).or_default().insert(wage.worker);
        }
        let enough = params.workers_min as usize;
        paid.retain(|wage| on_day[&wage.day].len() >= enough || is_said(wage));
        let mut paydays: BTreeMap<u32, BTreeSet<i32>> = BTreeMap::new();
        for wage in paid.iter() {
            paydays.entry(wage.worker).or_default().insert(wage.day);
        }
        paydays.retain(|_, days| days.len() >= params.periods_min as usize);
        paid.retain(|wage| paydays.contains_key(&wage.worker));
        if paydays.len() < enough {
            paid.clear();
        }
    }
    paid.retain(|_, paid| !paid.is_empty());
    Ok(paid)
}

fn has_word(text: &str, words: &BTreeSet<String>) -> bool {
    let mut parts = text.split(|letter: char| !letter.is_alphanumeric());
    parts.any(|part| !part.is_empty() && words.contains(&part.to_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_whole_whatever_its_case() {
        let words = BTreeSet::from(["payroll".to_owned(), "wages".to_owned()]);
        assert!(has_word("ACH CREDIT Saltmarsh LLC / WAGES", &words));
        assert!(has_word("Payroll-2024", &words));
        assert!(!has_word("sewages", &words));
        assert!(!has_word("", &words));
    }
}
