//! Stacks: two bipartite layers in order of time, the sinks of the first being sources of the
//! second.
//!
//! # What it finds
//! Two layers as `bipartite` finds them, with at least `accounts_min` accounts on every side,
//! and at least as many middles: sinks of the first layer that are sources of the second and
//! that paid each of its sinks after they were paid in the first, by at most `window_hours`.
//! Payments of the second layer that follow no payment of the first in time are not part of it.
//!
//! Which of two transfers came first is told as for `scatter-gather`: equal times do not follow
//! each other, and a date without a time comes before later days, within its day only where a
//! statement of the middle orders it.
//!
//! # Why it matters
//! Two layers of accounts, each paying all of the next, hide every single path among the many
//! that the payments allow.
//!
//! # What else explains it
//! Companies of one group that settle in rounds, wholesalers with shops that share suppliers,
//! payment services that pay out through several banks.
//!
//! # Parameters
//! `accounts_min`, `window_hours`, `instances_max`, `steps_max`: see [`Params`].
//!
//! # Cost
//! As `bipartite`; then, for each two layers that share enough accounts, the payments to and by
//! each of these, up to `steps_max` in all, the largest layers first.
//!
//! Source: one of the patterns of Altman, Blanuša, von Niederhäusern, Egressy, Anghel, Atasu,
//! AMLworld, NeurIPS 2023.

use std::collections::BTreeMap;

use clap::Args;
use hashbrown::HashSet;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::analyses::{
    Inputs, Instance, Layer, LayerParams, Moments, Outcome, Pattern, Told, account_name, counted,
    layers, notes_of_cut, outcome,
};
use crate::error::{Error, Result};
use crate::interrupt;
use crate::store::TransferRows;

const HOUR_MS: i64 = 3_600_000;

/// Role of an account that is a source of the first layer and a sink of the second.
const BOTH: &str = "source and sink";

const PATTERN: Pattern = Pattern {
    analysis: "stack",
    transfers_table: "stack_steps",
    measure: "accounts",
    what_else: "Companies of one group that settle in rounds, wholesalers and shops that share \
                suppliers, payment services.",
};

/// Keys of a query file's `[parameters]`, and flags of `stack`.
#[derive(Args, Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
// `patterns` takes the flags of several analyses, and clap wants one group of a name.
#[group(skip)]
pub struct Params {
    /// Fewest sources, middles and sinks, 2 or more of each.
    #[arg(long, value_name = "N", default_value_t = Params::default().accounts_min)]
    pub accounts_min: u32,
    /// Hours of a layer's window, and from a payment to a middle to one by it.
    #[arg(long, value_name = "N", default_value_t = Params::default().window_hours)]
    pub window_hours: u32,
    /// Most instances that are listed.
    #[arg(long, value_name = "N", default_value_t = Params::default().instances_max)]
    pub instances_max: u32,
    /// Most steps of the search for layers, and most of setting one against another.
    #[arg(long, value_name = "N", default_value_t = Params::default().steps_max)]
    pub steps_max: u64,
}

impl Default for Params {
    fn default() -> Params {
        let LayerParams { window_hours, instances_max, steps_max, .. } = LayerParams::default();
        // Two on each side is rare once there are two layers in order.
        Params { accounts_min: 2, window_hours, instances_max, steps_max }
    }
}

/// Two layers joined.
struct Stack {
    sources: Vec<u32>,
    middles: Vec<u32>,
    sinks: Vec<u32>,
    /// Rows of `transfers`, ascending.
    transfers: Vec<u32>,
}

impl Stack {
    /// What stacks of as many accounts are ordered by.
    fn key(&self) -> (&[u32], &[u32], &[u32], &[u32]) {
        (&self.sources, &self.middles, &self.sinks, &self.transfers)
    }
}

/// The tables `stack`, each instance's sources, middles and sinks, and `stack_steps`;
/// instances with most accounts first. One finding for each source that stands first in an
/// instance.
///
/// # Errors
///
/// [`Error::Usage`] for a parameter out of range, [`Error::AmountOverflow`] for sums beyond 64
/// bits, [`Error::File`] if the store is damaged.
pub fn run(inputs: &Inputs, params: &Params) -> Result<Outcome> {
    if params.accounts_min < 2 {
        let found = params.accounts_min;
        return Err(Error::Usage(format!("accounts_min is {found}, expected 2 or more")));
    }
    let moments = Moments::new(inputs.case)?;
    let bounds = LayerParams {
        sources_min: params.accounts_min,
        sinks_min: params.accounts_min,
        window_hours: params.window_hours,
        instances_max: params.instances_max,
        steps_max: params.steps_max,
    };
    let (layers, cut) = layers(inputs, &moments, &bounds)?;
    let joining = Joining { moments: &moments, transfers: inputs.case.transfer_rows()?, params };
    let (mut stacks, left_out) = joining.stacks(&layers);
    interrupt::check()?;
    let accounts = |it: &Stack| it.sources.len() + it.middles.len() + it.sinks.len();
    stacks.par_sort_by(|left, right| {
        accounts(right).cmp(&accounts(left)).then_with(|| left.key().cmp(&right.key()))
    });
    // Second layers that differ only in what came too late after the first leave the same stack.
    stacks.dedup_by(|left, right| left.key() == right.key());
    let short: HashSet<u32> = cut.iter().map(|(source, _)| *source).collect();
    let instances: Vec<Instance> = stacks
        .into_iter()
        .map(|it| {
            let mut searched = it.sources.iter().chain(&it.middles);
            let bound_met = searched.any(|source| short.contains(source));
            instance(&moments, it, bound_met)
        })
        .collect();
    let mut notes = vec![rule(params)];
    notes.extend(notes_of_cut(inputs, &cut)?);
    if left_out > 0 {
        notes.push(format!(
            "{} were not set against another (steps_max).",
            counted(left_out, "first layer")
        ));
    }
    outcome(inputs, PATTERN, &instances, params.instances_max, notes, |_, it| {
        tell(inputs, params, it)
    })
}

/// What two layers are set against each other with.
struct Joining<'a> {
    moments: &'a Moments<'a>,
    transfers: TransferRows<'a>,
    params: &'a Params,
}

impl Joining<'_> {
    /// Every stack, first layers in order, and how many first layers the budget left out.
    fn stacks(&self, layers: &[Layer]) -> (Vec<Stack>, u64) {
        let mut paying: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (at, layer) in layers.iter().enumerate() {
            for source in &layer.sources {
                paying.entry(*source).or_default().push(at);
            }
        }
        let mut left = self.params.steps_max;
        let mut stacks = Vec::new();
        for (at, first) in layers.iter().enumerate() {
            let mut shared: BTreeMap<usize, u32> = BTreeMap::new();
            for then in first.sinks.iter().filter_map(|sink| paying.get(sink)).flatten() {
                *shared.entry(*then).or_default() += 1;
            }
            shared.retain(|_, accounts| *accounts >= self.params.accounts_min);
            let cost = shared
                .keys()
                .map(|then| (first.transfers.len() + layers[*then].transfers.len()) as u64)
                .fold(1, u64::saturating_add);
            if cost > left {
                return (stacks, (layers.len() - at) as u64);
            }
            left -= cost;
            if interrupt::check().is_err() {
                return (stacks, 0);
            }
            let paid_in = self.paid_in(first);
            let joined =
                shared.keys().filter_map(|then| self.stack(first, &paid_in, &layers[*then]));
            stacks.extend(joined);
        }
        (stacks, 0)
    }

    /// Sink and row of each payment of a layer, ascending.
    fn paid_in(&self, first: &Layer) -> Vec<(u32, u32)> {
        let to = |row: &u32| (self.transfers.to_account(*row), *row);
        let mut paid_in: Vec<(u32, u32)> = first.transfers.iter().map(to).collect();
        paid_in.sort_unstable();
        paid_in
    }

    /// The two layers joined where enough accounts between them paid on in time.
    fn stack(&self, first: &Layer, paid_in: &[(u32, u32)], then: &Layer) -> Option<Stack> {
        let paid_to = |middle: u32| {
            let start = paid_in.partition_point(|(sink, _)| *sink < middle);
            let end = paid_in.partition_point(|(sink, _)| *sink <= middle);
            &paid_in[start..end]
        };
        // Middle, sink and row.
        let mut passed_on: Vec<(u32, u32, u32)> = Vec::new();
        for row in &then.transfers {
            let middle = self.transfers.from_account(*row);
            if paid_to(middle).iter().any(|(_, paid)| self.follows(middle, *paid, *row)) {
                passed_on.push((middle, self.transfers.to_account(*row), *row));
            }
        }
        passed_on.sort_unstable();
        let (mut middles, mut transfers) = (Vec::new(), Vec::new());
        for of_middle in passed_on.chunk_by(|left, right| left.0 == right.0) {
            let reached = of_middle.chunk_by(|left, right| left.1 == right.1).count();
            if reached == then.sinks.len() {
                let middle = of_middle[0].0;
                middles.push(middle);
                transfers.extend(paid_to(middle).iter().map(|(_, row)| *row));
                transfers.extend(of_middle.iter().map(|(.., row)| *row));
            }
        }
        if middles.len() < self.params.accounts_min as usize {
            return None;
        }
        transfers.sort_unstable();
        transfers.dedup();
        let (sources, sinks) = (first.sources.clone(), then.sinks.clone());
        Some(Stack { sources, middles, sinks, transfers })
    }

    fn follows(&self, middle: u32, paid: u32, row: u32) -> bool {
        let window_ms = i64::from(self.params.window_hours) * HOUR_MS;
        self.moments.follows(middle, paid, row)
            && self.moments.at_ms(row) - self.moments.at_ms(paid) <= window_ms
    }
}

fn instance(moments: &Moments, it: Stack, bound_met: bool) -> Instance {
    let is_both = |one: &u32| it.sources.contains(one) && it.sinks.contains(one);
    let role = |one: &u32, alone| if is_both(one) { BOTH } else { alone };
    let sources = it.sources.iter().map(|one| (role(one, "source"), *one));
    let middles = it.middles.iter().map(|one| ("middle", *one));
    let sinks = it.sinks.iter().filter(|one| !is_both(one)).map(|one| ("sink", *one));
    let members = sources.chain(middles).chain(sinks).collect();
    let mut transfers = it.transfers;
    transfers.sort_by_key(|row| (moments.at_ms(*row), *row));
    Instance { members, transfers, bound_met }
}

fn rule(params: &Params) -> String {
    format!(
        "{0} or more sources that each paid each of {0} or more middles within {1}, which each \
         paid each of {0} or more sinks within {1}, every payment by a middle within {1} after \
         one to it.",
        params.accounts_min,
        counted(params.window_hours, "hour")
    )
}

fn tell(inputs: &Inputs, params: &Params, it: &Instance) -> Result<Told> {
    let of = |role| it.members.iter().filter(move |(own, _)| *own == role).count();
    let both = of(BOTH);
    let (sources, middles, sinks) = (of("source") + both, of("middle"), of("sink") + both);
    let first = it.members[0].1;
    let back = if both > 0 {
        format!(" ({} of them first paid)", counted(both as u64, "account"))
    } else {
        String::new()
    };
    Ok(Told {
        candidate: first,
        value: it.members.len().to_string(),
        score: it.members.len() as f64,
        sentence: format!(
            "{} and {} each paid each of {middles} accounts, which each paid each of {sinks} \
             accounts{back} within {} after",
            account_name(inputs.case, first)?,
            counted((sources - 1) as u64, "further account"),
            counted(params.window_hours, "hour")
        ),
        ..Told::default()
    })
}
