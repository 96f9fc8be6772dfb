//! Every way by which money that left an account comes back to it, or to another account of the
//! same party: what is asked, who is searched, and which of what was found is kept.
//!
//! The search from one account is `search.rs`'s; what a way is called is `cycles`' and
//! `round_trip`'s.

mod search;

use rayon::prelude::*;

use self::search::{Found, Search};
use crate::analyses::{Inputs, Moments, TransferFacts, account_name, counted};
use crate::error::{Error, Result};
use crate::interrupt;
use crate::store::{Case, Transfers};

/// Most accounts of a way.
const ACCOUNTS_MAX: u32 = 64;
const HOUR_MS: i64 = 3_600_000;
/// Accounts searched before what they gave is put together.
const BLOCK_ACCOUNTS: usize = 1 << 16;
/// Accounts that one task takes.
const TASK_ACCOUNTS: usize = 256;

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
        (steps_max, kept_max): (u64, u32),
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
    /// Accounts whose search ended at `steps_max`, ascending.
    pub cut: Vec<u32>,
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
    pub fn notes(
        &self,
        case: &Case,
        word: &str,
        kept_max: u32,
        steps_max: u64,
    ) -> Result<Vec<String>> {
        let mut notes = Vec::new();
        if self.count > self.ways.len() as u64 {
            notes.push(format!(
                "{} were found; the {} nearest to all of the money coming back are listed, of one \
                 account out of its first {kept_max} (instances_max).",
                counted(self.count, word),
                self.ways.len()
            ));
        }
        for account in &self.cut {
            notes.push(format!(
                "The search from {} was ended after {steps_max} transfers (steps_max): {word}s \
                 that begin there may be missing.",
                account_name(case, *account)?
            ));
        }
        Ok(notes)
    }
}

/// Every way of a case within the bounds; of each account the first `kept_max` are kept, and of
/// all of them as many.
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
    let transfers = inputs.case.transfers()?;
    let mut ranked = Vec::new();
    let mut all = WaysBack::default();
    let accounts: Vec<u32> = (0..graph.nodes() as u32).collect();
    for block in accounts.chunks(BLOCK_ACCOUNTS) {
        interrupt::check()?;
        let found: Vec<(u32, Found)> = block
            .par_chunks(TASK_ACCOUNTS)
            .map_init(
                || Search::new(graph, &moments, bounds, homes),
                |search, some| {
                    let one = |account: &u32| (*account, search.from(*account));
                    let told = |(_, found): &(u32, Found)| found.count > 0 || found.cut;
                    some.iter().map(one).filter(told).collect::<Vec<_>>()
                },
            )
            .flatten_iter()
            .collect();
        for (account, found) in found {
            all.count += found.count;
            ranked.extend(found.ways.into_iter().map(|rows| Ranked::new(&facts, transfers, rows)));
            all.cut.extend(found.cut.then_some(account));
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
    fn new(facts: &TransferFacts, transfers: &Transfers, rows: Vec<u32>) -> Ranked {
        let ms = |row: u32| transfers.booked_ms[row as usize];
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
