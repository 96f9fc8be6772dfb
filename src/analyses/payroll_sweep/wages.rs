//! Which payments are wages.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::model::{Currency, NONE};

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

/// Who pays identified accounts, joint holders one by one, each with its accounts. Cost: linear in
/// transfers, over threads.
pub(super) fn employers(reader: &Reader) -> Vec<(u32, Vec<u32>)> {
    let mut pairs: Vec<(u32, u32)> = (0..reader.graph.nodes() as u32)
        .into_par_iter()
        .filter(|account| !reader.graph.is_unidentified(*account))
        .flat_map_iter(|account| {
            let of_all_days = reader.holders.on_every_day(account);
            // A holder of every day is known without a look at the days.
            let looked_at = if of_all_days.is_some() { 1 } else { usize::MAX };
            let edges = reader.graph.out_edges(account).iter().take(looked_at);
            let mut holders: Vec<u32> =
                edges.map(|it| reader.holder(account, it.transfer)).collect();
            holders.dedup();
            let mut people: Vec<u32> =
                holders.iter().flat_map(|one| reader.people(one)).copied().collect();
            people.sort_unstable();
            people.dedup();
            people.into_iter().map(move |person| (person, account))
        })
        .collect();
    pairs.sort_unstable();
    let same = |left: &(u32, u32), right: &(u32, u32)| left.0 == right.0;
    let accounts = |pairs: &[(u32, u32)]| pairs.iter().map(|pair| pair.1).collect();
    pairs.chunk_by(same).map(|pairs| (pairs[0].0, accounts(pairs))).collect()
}

/// An employer's wages by currency, in order of time, out of accounts held alone or with others,
/// and not into an account that nobody holds but who holds the paying one. Workers with too few
/// paydays are left out, and so is a currency with too few workers. Cost: a sort of what its
/// accounts pay.
pub(super) fn wages(
    params: &Params,
    reader: &Reader,
    employer: u32,
    accounts: &[u32],
) -> BTreeMap<Currency, Vec<Wage>> {
    let mut paid: BTreeMap<Currency, Vec<Wage>> = BTreeMap::new();
    if !may_employ(params, reader, accounts) {
        return paid;
    }
    for &from in accounts {
        for edge in reader.graph.out_edges(from).iter() {
            let (transfer, worker) = (edge.transfer, edge.neighbour);
            let known = from != worker && !reader.graph.is_unidentified(worker);
            let holder = if known { reader.holder(from, transfer) } else { NONE };
            let pays = known && reader.is_among(employer, holder);
            if pays && !reader.are_among(reader.holder(worker, transfer), holder) {
                let (day, amount) = (reader.facts.day(transfer), reader.facts.received(transfer));
                let wage = Wage { transfer, from, worker, day, minor: amount.minor };
                paid.entry(amount.currency).or_default().push(wage);
            }
        }
    }
    let words: BTreeSet<String> = params.words.iter().map(|word| word.to_lowercase()).collect();
    let is_said =
        |wage: &Wage| reader.places.descriptions(wage.transfer).any(|said| has_word(said, &words));
    let enough = params.workers_min as usize;
    for paid in paid.values_mut() {
        paid.sort_by_key(|wage| wage.transfer);
        let mut on_day: Vec<(i32, u32)> = paid.iter().map(|it| (it.day, it.worker)).collect();
        on_day.sort_unstable();
        on_day.dedup();
        let paid_on = |day: i32| {
            let until = |day: i32| on_day.partition_point(|it| it.0 < day);
            until(day.saturating_add(1)) - until(day)
        };
        paid.retain(|wage| paid_on(wage.day) >= enough || is_said(wage));
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
    paid
}

/// False where too few accounts were paid often enough, whatever the payments say. Payers of that
/// kind are most of a large return, and the rows of what they paid need not be read.
fn may_employ(params: &Params, reader: &Reader, accounts: &[u32]) -> bool {
    let (enough, often) = (params.workers_min as usize, params.periods_min as usize);
    let of = |from: &u32| reader.graph.out_edges(*from).neighbours();
    if accounts.iter().map(|from| of(from).len()).sum::<usize>() < enough.saturating_mul(often) {
        return false;
    }
    let mut paid: Vec<u32> = accounts.iter().flat_map(of).copied().collect();
    paid.sort_unstable();
    paid.chunk_by(u32::eq).filter(|times| times.len() >= often).count() >= enough
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
