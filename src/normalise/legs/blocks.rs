//! Records that agree on both accounts, amount and currency: which of them are one transfer.
//!
//! Takes the classes of a block one after the other (sender's statement, each list, receiver's
//! statement) and sets the records of each against the transfers so far. Equal references decide
//! first, then the order of days; what stays tied is listed.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::model::Currency;
use crate::normalise::legs::booking_days::DAY;
use crate::normalise::legs::in_order::{Float, in_order};
use crate::normalise::legs::named::{Resolution, Told, evidence, told};
use crate::normalise::legs::{
    Candidates, Class, Found, LegColumns, LegFacts, LegSide, Lookup, POSSIBLE_PAIRS_PER_BLOCK_MAX,
    POSSIBLE_PAIRS_PER_RECORD_MAX, RECEIVER, Unit,
};

const EQUAL_REFERENCES: &str = "equal references";
const TIED: &str = "each of the two fits several records";
const LEFT_OVER: &str = "one of the two fits several records";
const TOO_LARGE: &str = "too many equal records to tell apart";
const OTHER_CHANNEL: &str = "two lists state different channels";
const ARRIVED_DIFFERENTLY: &str = "the two records state different amounts on arrival";

/// Receivers' statements against lists that state what arrived in that currency; returns the
/// transfers by the list's row, for the blocks of what was sent.
pub(super) fn match_converted<S>(
    columns: &LegColumns<'_, S>,
    facts: &LegFacts<'_>,
    candidates: &Candidates,
    window_days: i32,
    found: &mut Found,
) -> Lookup<u32, Unit>
where
    S: Copy + Into<LegSide> + Sync,
{
    type Key = (u32, u32, i64, Currency);
    let mut blocks: BTreeMap<Key, (Vec<u32>, Vec<u32>)> = BTreeMap::new();
    for (row, (minor, currency)) in facts.received {
        let (from, to) = columns.accounts(*row);
        if from != to {
            blocks.entry((from, to, *minor, *currency)).or_default().0.push(*row);
        }
    }
    if blocks.is_empty() {
        return Lookup::default();
    }
    for row in &candidates.by_accounts {
        if columns.side(*row) == LegSide::Receiver
            && let Some(block) = blocks.get_mut(&columns.key(*row))
        {
            block.1.push(*row);
        }
    }
    let mut attached = Lookup::default();
    for (lists, receivers) in blocks.into_values().filter(|block| !block.1.is_empty()) {
        let unit = |row: u32| columns.unit(row, facts);
        let units = lists.into_iter().map(unit).collect();
        let more = receivers.into_iter().map(unit).collect();
        let float = Float { window: window_days, day: DAY, arrives: true };
        let numbered = |_: &Unit| None;
        for unit in join(units, more, float, facts, &numbered, found) {
            if unit.readings.len() > 1 {
                attached.extend(unit.readings.iter().map(|row| (*row, unit.clone())));
            }
        }
    }
    attached
}

/// Every block; `attached` are transfers of a list and its receiver, by each of their rows, and
/// `resolution` has the accounts of records that do not number them.
pub(super) fn match_blocks<S>(
    columns: &LegColumns<'_, S>,
    facts: &LegFacts<'_>,
    candidates: &Candidates,
    window_days: i32,
    (attached, resolution): (Lookup<u32, Unit>, &Resolution),
    found: &mut Found,
) where
    S: Copy + Into<LegSide> + Sync,
{
    let mut taken: Lookup<u32, bool> = attached.keys().map(|row| (*row, false)).collect();
    let (rows, lengths) = rows_by_key(columns, candidates, resolution);
    let mut rest = rows.as_slice();
    for length in lengths {
        let block;
        (block, rest) = rest.split_at(length as usize);
        let class = columns.class(block[0], facts);
        if attached.is_empty() && block.iter().all(|row| columns.class(*row, facts) == class) {
            continue;
        }
        let mut classed: Vec<(Class, Unit)> = Vec::with_capacity(block.len());
        for row in block {
            let unit = match attached.get(row) {
                // It stands in the block of what was sent, with its list.
                Some(unit) if unit.readings[0] != *row => continue,
                Some(unit) => {
                    unit.readings.iter().for_each(|row| *taken.entry(*row).or_default() = true);
                    unit.clone()
                }
                None => columns.unit(*row, facts),
            };
            classed.push((columns.class(*row, facts), unit));
        }
        let known = |unit: &Unit| {
            let meant = unit.readings.iter().any(|row| resolution.ends.contains_key(row));
            meant.then(|| told(columns, facts, &unit.readings))
        };
        let all = |unit: &Unit| Some(told(columns, facts, &unit.readings));
        let any_meant = block.iter().any(|row| resolution.ends.contains_key(row));
        let mut units: Vec<Unit> = Vec::new();
        for (place, more) in by_class(classed) {
            let float = Float { window: window_days, day: DAY, arrives: place + 1 >= RECEIVER };
            units = match units.is_empty() {
                true => more,
                false if any_meant => join(units, more, float, facts, &all, found),
                false => join(units, more, float, facts, &known, found),
            };
        }
        let (from, to, ..) = resolved_key(columns, resolution, block[0]);
        for unit in units {
            let meant = unit.readings.iter().any(|row| columns.accounts(*row) != (from, to));
            if unit.readings.len() > 1 && meant {
                found.resolved.insert(found.units.len(), (from, to));
            }
            found.keep(unit);
        }
    }
    // Lists whose sent side no other record states are in no block.
    let mut left: Vec<&Unit> = attached
        .iter()
        .filter(|(row, unit)| unit.readings[0] == **row && !taken[row])
        .map(|(_, unit)| unit)
        .collect();
    left.sort_unstable_by_key(|unit| unit.readings[0]);
    left.into_iter().for_each(|unit| found.keep(unit.clone()));
}

/// The units of each class, in the order of classes.
fn by_class(mut classed: Vec<(Class, Unit)>) -> impl Iterator<Item = (u8, Vec<Unit>)> {
    classed.sort_by_key(|one| one.0);
    let mut rest = classed.into_iter().peekable();
    std::iter::from_fn(move || {
        let (class, first) = rest.next()?;
        let mut units = vec![first];
        while let Some((_, unit)) = rest.next_if(|one| one.0 == class) {
            units.push(unit);
        }
        Some((class.0, units))
    })
}

type Key = (u32, u32, i64, Currency);

fn resolved_key<S>(columns: &LegColumns<'_, S>, resolution: &Resolution, row: u32) -> Key
where
    S: Copy + Into<LegSide> + Sync,
{
    let (from, to) = resolution.ends.get(&row).copied().unwrap_or_else(|| columns.accounts(row));
    let (minor, currency) = columns.amount(row);
    (from, to, minor, currency)
}

/// The candidates by the accounts they mean, amount and currency, and how many each block has. The
/// records of a block that only a resolved one joins were not among those of equal accounts.
fn rows_by_key<S>(
    columns: &LegColumns<'_, S>,
    candidates: &Candidates,
    resolution: &Resolution,
) -> (Vec<u32>, Vec<u32>)
where
    S: Copy + Into<LegSide> + Sync,
{
    let mut rows = candidates.by_accounts.clone();
    if resolution.ends.is_empty() {
        let blocks = rows.chunk_by(|one, other| columns.key(*one) == columns.key(*other));
        let lengths = blocks.map(|block| block.len() as u32).collect();
        return (rows, lengths);
    }
    rows.extend(&candidates.by_amount);
    // Each key is looked up once, and not at every comparison.
    let mut keyed: Vec<(Key, u32)> =
        rows.par_iter().map(|row| (resolved_key(columns, resolution, *row), *row)).collect();
    keyed.par_sort_unstable();
    keyed.dedup();
    let blocks = keyed.chunk_by(|one, other| one.0 == other.0);
    let lengths = blocks.map(|block| block.len() as u32).collect();
    (keyed.into_iter().map(|(_, row)| row).collect(), lengths)
}

/// What the readings of a transfer say of its ends, where they are compared.
type Knows<'k, 'f> = &'k dyn Fn(&Unit) -> Option<Told<'f>>;

/// Two classes of a block, both in order of days, and what is known of their ends.
struct Beside<'u, 'f> {
    units: &'u [Unit],
    more: &'u [Unit],
    ends: [Vec<Option<Told<'f>>>; 2],
    float: Float,
}

impl Beside<'_, '_> {
    /// What two records took that do not both number both accounts; `None` when too little.
    fn took(&self, left: usize, right: usize) -> Option<String> {
        match (&self.ends[0][left], &self.ends[1][right]) {
            (Some(one), Some(other)) => evidence(one, other),
            _ => Some(String::new()),
        }
    }

    fn joins(&self, left: usize, right: usize) -> bool {
        self.units[left].agrees(&self.more[right]) && self.took(left, right).is_some()
    }

    /// For each of the right side its partner among the left, if it has one; tells what each
    /// pair took and lists what is left open.
    fn partners(&self, facts: &LegFacts<'_>, found: &mut Found) -> Vec<Option<usize>> {
        let (units, more, float) = (self.units, self.more, self.float);
        let mut partner: Vec<Option<usize>> = vec![None; more.len()];
        let mut joined = vec![false; units.len()];
        let mut pairs = by_reference(units, more, float, facts);
        pairs.retain(|(left, right)| self.joins(*left, *right));
        for (left, right) in pairs {
            (partner[right], joined[left]) = (Some(left), true);
            let took = self.took(left, right).filter(|words| words.contains(EQUAL_REFERENCES));
            let took = took.unwrap_or_else(|| EQUAL_REFERENCES.to_owned());
            found.tell(more[right].readings[0], took);
        }
        let lefts: Vec<usize> = (0..units.len()).filter(|at| !joined[*at]).collect();
        let rights: Vec<usize> = (0..more.len()).filter(|at| partner[*at].is_none()).collect();
        let days = |of: &[Unit], which: &[usize]| -> Vec<i32> {
            which.iter().map(|at| of[*at].day).collect()
        };
        let may = |left: usize, right: usize| {
            let (left, right) = (lefts[left], rights[right]);
            units[left].same_channel(&more[right]) && self.joins(left, right)
        };
        let assigned = in_order(&days(units, &lefts), &days(more, &rights), float, &may);
        for (left, right) in &assigned.pairs {
            let (left, right) = (lefts[*left], rights[*right]);
            (partner[right], joined[left]) = (Some(left), true);
            if let Some(took) = self.took(left, right).filter(|words| !words.is_empty()) {
                found.tell(more[right].readings[0], took);
            }
            if crowded(units, more, (left, right), float) {
                let evidence = "in order of days among several equal records";
                found.tell(more[right].readings[0], evidence.to_owned());
            }
        }
        list_open(units, more, &joined, &partner, float, assigned.too_large, found);
        partner
    }
}

/// Sets the records of one class against the transfers so far; returns both, joined where they
/// are one.
fn join(
    mut units: Vec<Unit>,
    mut more: Vec<Unit>,
    float: Float,
    facts: &LegFacts<'_>,
    knows: Knows<'_, '_>,
    found: &mut Found,
) -> Vec<Unit> {
    for side in [&mut units, &mut more] {
        side.sort_unstable_by_key(|unit| (unit.day, (facts.order)(unit.readings[0])));
    }
    let ends = [units.iter().map(knows).collect(), more.iter().map(knows).collect()];
    let beside = Beside { units: &units, more: &more, ends, float };
    let partner = match (units.as_slice(), more.as_slice()) {
        // Nearly every block ends here.
        ([one], [other])
            if float.fits(one.day, other.day) && one.same_channel(other) && beside.joins(0, 0) =>
        {
            if let Some(took) = beside.took(0, 0).filter(|words| !words.is_empty()) {
                found.tell(other.readings[0], took);
            }
            vec![Some(0)]
        }
        _ => beside.partners(facts, found),
    };
    let mut rest = Vec::new();
    for (unit, left) in more.into_iter().zip(partner) {
        match left {
            Some(left) => units[left].add(unit),
            None => rest.push(unit),
        }
    }
    units.extend(rest);
    units
}

/// The units of one class within the window of a day, in steps; units are in order of days.
fn near(units: &[Unit], day: i32, float: Float) -> std::ops::Range<usize> {
    let window = i64::from(float.window);
    let start = units.partition_point(|unit| i64::from(unit.day) < i64::from(day) - window);
    let end = units.partition_point(|unit| i64::from(unit.day) <= i64::from(day) + window);
    start..end
}

/// Whether a pair had another choice at either side.
fn crowded(units: &[Unit], more: &[Unit], (left, right): (usize, usize), float: Float) -> bool {
    near(units, more[right].day, float).len() > 1 || near(more, units[left].day, float).len() > 1
}

/// Pairs of which a reference stands in one record of either side only. `facts` is asked for
/// references only where there is a choice.
fn by_reference(
    units: &[Unit],
    more: &[Unit],
    float: Float,
    facts: &LegFacts<'_>,
) -> Vec<(usize, usize)> {
    // By reference: how many units of either side hold it, and one of each.
    let mut holders: BTreeMap<u64, [(usize, usize); 2]> = BTreeMap::new();
    for (side, of) in [units, more].into_iter().enumerate() {
        for (at, unit) in of.iter().enumerate() {
            let mut references: Vec<u64> =
                unit.readings.iter().flat_map(|row| (facts.references)(*row)).copied().collect();
            references.sort_unstable();
            references.dedup();
            for reference in references {
                let held = &mut holders.entry(reference).or_default()[side];
                *held = (held.0 + 1, at);
            }
        }
    }
    let mut pairs: Vec<(usize, usize)> = holders
        .into_values()
        .filter(|[one, other]| one.0 == 1 && other.0 == 1)
        .map(|[one, other]| (one.1, other.1))
        .filter(|(left, right)| {
            float.fits(units[*left].day, more[*right].day) && units[*left].agrees(&more[*right])
        })
        .collect();
    pairs.sort_unstable();
    pairs.dedup();
    // A record whose references point to two others is decided by none of them.
    let mut lefts: Lookup<usize, u32> = Lookup::default();
    let mut rights: Lookup<usize, u32> = Lookup::default();
    for (left, right) in &pairs {
        *lefts.entry(*left).or_default() += 1;
        *rights.entry(*right).or_default() += 1;
    }
    pairs.retain(|(left, right)| lefts[left] == 1 && rights[right] == 1);
    pairs
}

/// Lists every pair that fits and of which at least one record found no partner, up to the bounds
/// of a record and of a block; what is beyond them is counted without a look at each.
fn list_open(
    units: &[Unit],
    more: &[Unit],
    joined: &[bool],
    partner: &[Option<usize>],
    float: Float,
    too_large: bool,
    found: &mut Found,
) {
    let open_rights: Vec<usize> =
        (0..more.len()).filter(|right| partner[*right].is_none()).collect();
    let mut in_block = 0;
    for (left, unit) in units.iter().enumerate() {
        let near = near(more, unit.day, float);
        // Of one that is joined only the pairs with others that are not.
        let first = open_rights.partition_point(|right| *right < near.start);
        let last = open_rights.partition_point(|right| *right < near.end);
        let open = if joined[left] { last - first } else { near.len() };
        let room = POSSIBLE_PAIRS_PER_RECORD_MAX.min(POSSIBLE_PAIRS_PER_BLOCK_MAX - in_block);
        let listed = open.min(room);
        for at in 0..listed {
            let right = if joined[left] { open_rights[first + at] } else { near.start + at };
            if unit.listed_beside(&more[right]) {
                continue;
            }
            let why = match [!joined[left], partner[right].is_none()] {
                _ if !unit.agrees(&more[right]) => ARRIVED_DIFFERENTLY,
                _ if !unit.same_channel(&more[right]) => OTHER_CHANNEL,
                _ if too_large => TOO_LARGE,
                [true, true] => TIED,
                _ => LEFT_OVER,
            };
            found.possible.push((unit.readings[0], more[right].readings[0], why));
        }
        in_block += listed;
        found.unlisted += (open - listed) as u64;
    }
}
