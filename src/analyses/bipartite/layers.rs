//! Complete groups over windows that follow one another, and which of them say something new.

use std::collections::BTreeMap;
use std::ops::Range;

use hashbrown::HashMap;
use rayon::prelude::*;

use crate::analyses::bipartite::search::{Complete, Search};
use crate::error::Result;
use crate::interrupt;

/// Sources that each paid each of some sinks, with their payments.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Layer {
    /// Rows of `accounts`, ascending.
    pub sources: Vec<u32>,
    /// Rows of `accounts`, ascending.
    pub sinks: Vec<u32>,
    /// Rows of `transfers`, ascending: every payment of a source to a sink in the windows.
    pub transfers: Vec<u32>,
}

impl Search<'_> {
    /// One layer for each group and each time at which its windows share a payment, those left
    /// out that lie within another: most pairs of a source and a sink first, then by accounts
    /// and time.
    ///
    /// Cost: a walk over the sources' payments of each layer; for each layer, those that share
    /// its rarest payment.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Interrupted`] when stopped.
    pub(super) fn layers(&self, found: Vec<Complete>) -> Result<Vec<Layer>> {
        let mut opens: BTreeMap<(Vec<u32>, Vec<u32>), Vec<i64>> = BTreeMap::new();
        for one in found {
            opens.entry((one.sources, one.sinks)).or_default().push(one.open_ms);
        }
        let mut layers: Vec<Layer> = opens
            .into_par_iter()
            .flat_map_iter(|((sources, sinks), opens)| {
                // A window opens with a payment, so two share one where the second opens in time.
                let near = |one: &i64, next: &i64| next - one <= self.bounds.window_ms;
                let times: Vec<Vec<u32>> =
                    opens.chunk_by(near).map(|opens| self.paid(&sources, &sinks, opens)).collect();
                times.into_iter().map(move |transfers| Layer {
                    sources: sources.clone(),
                    sinks: sinks.clone(),
                    transfers,
                })
            })
            .collect();
        layers.par_sort_unstable_by(|left, right| {
            let pairs = |it: &Layer| it.sources.len() * it.sinks.len();
            let key = |it: &Layer| std::cmp::Reverse(pairs(it));
            key(left).cmp(&key(right)).then_with(|| {
                (&left.sources, &left.sinks, &left.transfers).cmp(&(
                    &right.sources,
                    &right.sinks,
                    &right.transfers,
                ))
            })
        });
        without_parts(layers)
    }

    /// Payments of the sources to the sinks in windows that follow one another.
    fn paid(&self, sources: &[u32], sinks: &[u32], opens: &[i64]) -> Vec<u32> {
        let (first_ms, last_ms) = (opens[0], opens[opens.len() - 1]);
        let slack_ms = self.slack_ms();
        let end_ms = last_ms.saturating_add(self.bounds.window_ms);
        let mut transfers = Vec::new();
        for source in sources {
            let from_ms = first_ms.saturating_sub(slack_ms);
            for slot in self.outs.between(*source, from_ms, end_ms.saturating_add(slack_ms)) {
                let transfer = self.outs.transfer[slot];
                if sinks.binary_search(&self.outs.neighbour[slot]).is_ok()
                    && (first_ms..=end_ms).contains(&self.moments.at_ms(transfer))
                {
                    transfers.push(transfer);
                }
            }
        }
        transfers.sort_unstable();
        transfers
    }
}

/// Leaves out a layer whose accounts and payments another has all of. Cost: a sort of the layers'
/// payments; for each layer, those that share its rarest payment, of which a dense part has few
/// where the payment that opens its windows may stand in a great many.
fn without_parts(layers: Vec<Layer>) -> Result<Vec<Layer>> {
    let of = |(at, layer): (usize, &Layer)| -> Vec<(u32, u32)> {
        layer.transfers.iter().map(|transfer| (*transfer, at as u32)).collect()
    };
    let mut holding: Vec<(u32, u32)> = layers.par_iter().enumerate().flat_map_iter(of).collect();
    holding.par_sort_unstable();
    let mut starts: HashMap<u32, Range<usize>> = HashMap::new();
    let mut start = 0;
    for same in holding.chunk_by(|one, next| one.0 == next.0) {
        starts.insert(same[0].0, start..start + same.len());
        start += same.len();
    }
    let is_part = |at: usize| -> Result<bool> {
        interrupt::check()?;
        let own = &layers[at];
        let held = own.transfers.iter().map(|transfer| starts[transfer].clone());
        let rarest = held.min_by_key(ExactSizeIterator::len).unwrap_or(0..0);
        Ok(holding[rarest].iter().any(|(_, other)| {
            let whole = &layers[*other as usize];
            *other as usize != at
                && is_within(&own.sources, &whole.sources)
                && is_within(&own.sinks, &whole.sinks)
                && is_within(&own.transfers, &whole.transfers)
        }))
    };
    let parts: Result<Vec<bool>> = (0..layers.len()).into_par_iter().map(is_part).collect();
    let whole = layers.into_iter().zip(parts?).filter(|(_, part)| !part);
    Ok(whole.map(|(layer, _)| layer).collect())
}

/// True when every one of an ascending list stands in another ascending list.
fn is_within(some: &[u32], all: &[u32]) -> bool {
    some.len() <= all.len() && some.iter().all(|one| all.binary_search(one).is_ok())
}
