//! Every way by which money that left an account comes back to it, or to another account of the
//! same party: what is asked, who is searched, and which of what was found is kept.
//!
//! The search from one account is `search.rs`'s; what a way is called is `cycles`' and
//! `round_trip`'s.

mod search;

use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use self::search::{Found, Search};
use crate::analyses::{Inputs, Moments, TransferFacts, account_name, counted};
use crate::error::{Error, Result};
use crate::interrupt;
use crate::store::{Case, TransferRows};

/// Most accounts of a way.
const ACCOUNTS_MAX: u32 = 64;
const HOUR_MS: i64 = 3_600_000;
/// Accounts searched before what they gave is put together, and those that one task takes.
const BLOCK: (usize, usize) = (1 << 16, 256);
/// The same for accounts that take long.
const LONG_BLOCK: (usize, usize) = (64, 1);
/// Fewest and most transfers looked at from every account before any takes more of what all may
/// take: next to a hub of very many payers and payees each search would take all that it may.
const SHORT_STEPS: (u64, u64) = (1 << 8, 1 << 14);
/// Accounts whose search was ended that are named; the others are counted.
const CUT_NAMED_MAX: usize = 20;

/// What is searched for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Fewest and most accounts of a way, each counted once.
    pub accounts_min: usize,
    pub accounts_max: usize,
    /// From the first transfer to the last.
    pub window_ms: i64,
    /// Transfers looked at from one account before its search is given up.
    pub steps_max: u64,
    /// Transfers looked at from all accounts after which none takes more than the first few.
    pub steps_all_max: u64,
    /// Ways of one account that are kept; all are counted.
    pub kept_max: usize,
}

impl Bounds {
    /// The bounds that parameters ask for, of ways with `least` accounts or more.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] for numbers of accounts out of order or range.
    pub fn new(
        least: u32,
        (fewest, most): (u32, u32),
        window_hours: u32,
        (steps_max, steps_all_max): (u64, u64),
        kept_max: u32,
    ) -> Result<Bounds> {
        if !(least..=ACCOUNTS_MAX).contains(&most) || !(least..=most).contains(&fewest) {
            return Err(Error::Usage(format!(
                "accounts_min is {fewest} and accounts_max is {most}, expected {least} or more, \
                 in order, and at most {ACCOUNTS_MAX}"
            )));
        }
        Ok(Bounds {
            accounts_min: fewest as usize,
            accounts_max: most as usize,
            window_ms: i64::from(window_hours) * HOUR_MS,
            steps_max,
            steps_all_max,
            kept_max: kept_max as usize,
        })
    }
}
/// What was found from all accounts.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct WaysBack {
    /// Rows of `transfers` of each way, the nearest to all of the money coming back first, then
    /// the shortest, then by first transfer.
    pub ways: Vec<Vec<u32>>,
    /// How many there are, those that were not kept too.
    pub count: u64,
    /// Accounts whose search a bound ended, ascending.
    pub cut: Vec<u32>,
    /// How many of them, the last ones, might have taken more had the others taken less.
    pub cut_short: usize,
}

impl WaysBack {
    /// 1 where all comes back and nothing more, less the further from it.
    pub fn nearness(share: f64) -> f64 {
        if share > 1.0 { 1.0 / share } else { share.max(0.0) }
    }

    /// The end of a sentence on what came back, of [`TransferFacts::returned_share`].
    pub fn what_came_last(share: Option<f64>) -> String {
        match share {
            Some(share) => format!("; what came last is {:.1} percent of what left", share * 100.0),
            None => "; it came back in another currency".to_owned(),
        }
    }

    /// What bounds kept from being found or listed; `word` names a way.
    ///
    /// # Errors
    ///
    /// [`crate::Error::File`] if the store is damaged.
    pub fn notes(&self, case: &Case, word: &str, bounds: &Bounds) -> Result<Vec<String>> {
        let mut notes = Vec::new();
        if self.count > self.ways.len() as u64 {
            notes.push(format!(
                "{} were found; the {} nearest to all of the money coming back are listed, of one \
                 account out of its first {} (instances_max).",
                counted(self.count, word),
                self.ways.len(),
                bounds.kept_max
            ));
        }
        let short_from = self.cut.len() - self.cut_short;
        for (at, account) in self.cut.iter().enumerate().take(CUT_NAMED_MAX) {
            let name = account_name(case, *account)?;
            let after = match at < short_from {
                true => format!("after {} transfers (steps_max)", bounds.steps_max),
                false => "early (steps_all_max)".to_owned(),
            };
            notes.push(format!(
                "The search from {name} was ended {after}: {word}s that begin there may be missing."
            ));
        }
        if self.cut.len() > CUT_NAMED_MAX {
            let others = counted((self.cut.len() - CUT_NAMED_MAX) as u64, "other account");
            notes.push(format!("So were the searches from {others}."));
        }
        if self.cut_short > 0 {
            notes.push(format!(
                "All searches together look at {} transfers (steps_all_max), so those from {} were \
                 ended early.",
                bounds.steps_all_max,
                counted(self.cut_short as u64, "account")
            ));
        }
        Ok(notes)
    }
}

/// Every way of a case within the bounds; of each account the first `kept_max` are kept, and of
/// all of them as many.
///
/// Every account is searched for a short while first; those that take longer are then searched
/// in their order until all together have taken `steps_all_max`.
///
/// Cost: for each transfer the transfers from which its money can still come back in time;
/// accounts are spread over threads, with the same result on one.
///
/// # Errors
///
/// [`crate::Error::File`] if the store is damaged; [`crate::Error::Interrupted`] when stopped.
pub(crate) fn ways_back(
    inputs: &Inputs,
    bounds: Bounds,
    homes: Option<&Homes>,
) -> Result<WaysBack> {
    let graph = inputs.graph()?;
    let moments = Moments::new(inputs.case)?;
    let facts = TransferFacts::new(inputs.case)?;
    let transfers = inputs.case.transfer_rows()?;
    // Searches need room for the whole graph, so they are used again.
    let idle: Mutex<Vec<Search>> = Mutex::new(Vec::new());
    let search = |accounts: &[u32], task: usize, steps_max: u64| -> Result<Vec<(u32, Found)>> {
        let found = accounts.par_chunks(task).flat_map_iter(|some| {
            let taken = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut search = taken.unwrap_or_else(|| Search::new(graph, &moments, bounds, homes));
            let going_on = interrupt::check().is_ok();
            let some = some.iter().filter(|_| going_on);
            let found: Vec<_> =
                some.map(|account| (*account, search.from(*account, steps_max))).collect();
            idle.lock().unwrap_or_else(PoisonError::into_inner).push(search);
            found
        });
        let found = found.filter(|(_, found)| found.steps > 0).collect();
        interrupt::check()?;
        Ok(found)
    };
    let mut ranked = Vec::new();
    let mut all = WaysBack::default();
    let mut steps = 0;
    // Accounts that take longer, with how many ways the short while told of, and kept.
    let mut long: Vec<(u32, u64, usize)> = Vec::new();
    let a_node = bounds.steps_all_max / (graph.nodes() as u64).max(1);
    let short_max = a_node.clamp(SHORT_STEPS.0, SHORT_STEPS.1).min(bounds.steps_max);
    let accounts: Vec<u32> = (0..graph.nodes() as u32).collect();
    for block in accounts.chunks(BLOCK.0) {
        for (account, found) in search(block, BLOCK.1, short_max)? {
            steps += found.steps;
            all.count += found.count;
            if found.cut {
                long.push((account, found.count, found.ways.len()));
            }
            ranked.extend(found.ways.into_iter().map(|rows| Ranked::new(&facts, transfers, rows)));
        }
        keep_nearest(&mut ranked, bounds.kept_max);
    }
    for block in long.chunks(LONG_BLOCK.0) {
        let accounts: Vec<u32> = block.iter().map(|(account, ..)| *account).collect();
        let left = bounds.steps_all_max.saturating_sub(steps) / accounts.len() as u64;
        // Once a block has to share what is left, those behind it do.
        let short = left < bounds.steps_max || all.cut_short > 0;
        if left <= short_max || short_max == bounds.steps_max {
            all.cut_short += if short_max < bounds.steps_max { accounts.len() } else { 0 };
            all.cut.extend(accounts);
            continue;
        }
        let found = search(&accounts, LONG_BLOCK.1, left.min(bounds.steps_max))?;
        all.cut_short += if short { found.iter().filter(|(_, one)| one.cut).count() } else { 0 };
        for ((account, found), (_, count, kept)) in found.into_iter().zip(block) {
            steps += found.steps;
            all.count += found.count - count;
            all.cut.extend(found.cut.then_some(account));
            let ways = found.ways.into_iter().skip(*kept);
            ranked.extend(ways.map(|rows| Ranked::new(&facts, transfers, rows)));
        }
        keep_nearest(&mut ranked, bounds.kept_max);
    }
    all.ways = ranked.into_iter().map(|it| it.rows).collect();
    Ok(all)
}

/// A way with what decides its place.
struct Ranked {
    nearness: f64,
    span_ms: i64,
    rows: Vec<u32>,
}

impl Ranked {
    fn new(facts: &TransferFacts, transfers: TransferRows, rows: Vec<u32>) -> Ranked {
        let ms = |row: u32| transfers.booked_ms(row);
        Ranked {
            nearness: facts.returned_share(&rows).map_or(0.0, WaysBack::nearness),
            span_ms: ms(rows[rows.len() - 1]) - ms(rows[0]),
            rows,
        }
    }
}

/// Sorts ways, the nearest to all of the money coming back first, and keeps so many.
fn keep_nearest(ranked: &mut Vec<Ranked>, kept_max: usize) {
    ranked.sort_unstable_by(|left, right| {
        let by_share = right.nearness.total_cmp(&left.nearness);
        by_share.then_with(|| (left.span_ms, &left.rows).cmp(&(right.span_ms, &right.rows)))
    });
    ranked.truncate(kept_max);
}

/// Which accounts are home to which: an account alone is home to itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct Homes {
    /// By account: the number of its home, or [`NONE`].
    pub of: Vec<u32>,
    /// By number: the accounts, ascending.
    pub members: Vec<Vec<u32>>,
}
