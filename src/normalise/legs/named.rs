//! Records of which one names an end by a masked number, a cut name, a number without its bank,
//! or not at all.
//!
//! Two such records become one transfer only when what they say of both ends agrees, something
//! beyond amount and day supports it, and neither has another choice of accounts. What is found
//! here are those accounts: the records then join the block of the records that number both, and
//! equal payments between the two are paired in order of days like any.

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;

use crate::normalise::legs::far_ends::{BY_NUMBER, End, SUPPORTED, Support, support};
use crate::normalise::legs::near::{Index, Known};
use crate::normalise::legs::{Candidates, LegColumns, LegFacts, LegSide};

/// Records of another class, equal in amount and near in days, that fit one record. One that more
/// fit, such as a wage of a payroll that names nobody, means none of them.
pub const NEAR_PER_RECORD_MAX: usize = 200;

/// Records of another class that a record is compared with to see which fit; one that would be
/// compared with more means none of them.
pub const COMPARED_PER_RECORD_MAX: usize = 1_000;

const UNSUPPORTED: &str = "only amount, days and one end agree";
const SEVERAL_ACCOUNTS: &str = "the names or masked numbers fit several accounts";

/// Rows of another class within the window of days, of rows in order of amount and day.
pub(super) fn near_in_day<S>(
    columns: &LegColumns<'_, S>,
    by_amount: &[u32],
    window_days: i32,
) -> Vec<u32>
where
    S: Copy + Into<LegSide> + Sync,
{
    let mut near = Vec::new();
    for group in by_amount.chunk_by(|one, other| columns.amount(*one) == columns.amount(*other)) {
        let apart = |one: u32, other: u32| {
            i64::from(columns.day(other)) - i64::from(columns.day(one)) > i64::from(window_days)
        };
        for stretch in group.chunk_by(|one, other| !apart(*one, *other)) {
            let class = columns.rough_class(stretch[0]);
            if stretch.iter().any(|row| columns.rough_class(*row) != class) {
                near.extend(stretch);
            }
        }
    }
    near
}

/// Accounts that records mean by an end that they do not number, and what else was compared.
#[derive(Debug, Default)]
pub(super) struct Resolution {
    /// Sender and receiver of a record that numbers only one of them.
    pub ends: HashMap<u32, (u32, u32)>,
    /// Pairs of records that may be one and were not settled by that.
    pub open: Vec<(u32, u32, &'static str)>,
    /// Pairs that were not compared or not kept, beyond [`NEAR_PER_RECORD_MAX`] and
    /// [`COMPARED_PER_RECORD_MAX`].
    pub uncompared: u64,
}

/// Finds, for each record with an end that is not numbered, the two accounts that the records it
/// may be one with agree on.
pub(super) fn resolve<S>(
    columns: &LegColumns<'_, S>,
    facts: &LegFacts<'_>,
    candidates: &Candidates,
    window_days: i32,
) -> Resolution
where
    S: Copy + Into<LegSide> + Sync,
{
    let rows = near_in_day(columns, &candidates.by_amount, window_days);
    let groups: Vec<Resolution> = rows
        .par_chunk_by(|one, other| columns.amount(*one) == columns.amount(*other))
        .map(|group| resolve_group(columns, facts, group, window_days))
        .collect();
    let mut all = Resolution::default();
    for group in groups {
        all.ends.extend(group.ends);
        all.open.extend(group.open);
        all.uncompared += group.uncompared;
    }
    all
}

/// What is asked of two records, or of the transfers that they are of so far.
pub(super) struct Told<'a> {
    pub row: u32,
    pub day: i32,
    pub numbered: bool,
    pub from: End<'a>,
    pub to: End<'a>,
    pub references: Vec<u64>,
}

/// Two records that may be one.
struct Edge {
    left: u32,
    right: u32,
    score: u32,
    accepted: bool,
    ends: (u32, u32),
}

/// What the readings of one transfer say of its ends, the best known first.
pub(super) fn told<'a, S>(
    columns: &LegColumns<'_, S>,
    facts: &LegFacts<'a>,
    readings: &[u32],
) -> Told<'a>
where
    S: Copy + Into<LegSide> + Sync,
{
    let end = |column: &[u32]| {
        let read: Vec<End<'a>> =
            readings.iter().map(|row| (facts.end)(*row, column[*row as usize])).collect();
        let stated = read.iter().map(|end| &end.stated).max_by_key(|name| name.len());
        let stated = stated.cloned().unwrap_or_default();
        let best = read.into_iter().max_by_key(rank).expect("a transfer was read somewhere");
        End { stated, ..best }
    };
    let (from, to) = (end(columns.from), end(columns.to));
    let numbered = (facts.whole)(from.account) && (facts.whole)(to.account);
    let references = readings.iter().flat_map(|row| (facts.references)(*row)).collect();
    Told { row: readings[0], day: columns.day(readings[0]), numbered, from, to, references }
}

/// What was compared between the classes of one group.
#[derive(Default)]
struct Search {
    edges: Vec<Edge>,
    /// Records that fit more others than are compared: what they mean stays open.
    crowded: HashSet<u32>,
    uncompared: u64,
}

fn resolve_group<S>(
    columns: &LegColumns<'_, S>,
    facts: &LegFacts<'_>,
    group: &[u32],
    window_days: i32,
) -> Resolution
where
    S: Copy + Into<LegSide> + Sync,
{
    let mut resolution = Resolution::default();
    let open = |row: &u32| {
        let (from, to) = columns.accounts(*row);
        !((facts.whole)(from) && (facts.whole)(to))
    };
    if !group.iter().any(open) {
        return resolution;
    }
    let of = |side: LegSide| -> Vec<Known<'_>> {
        let rows = group.iter().filter(|row| columns.side(**row) == side);
        rows.map(|row| Known::from(told(columns, facts, &[*row]))).collect()
    };
    let (senders, lists, receivers) =
        (of(LegSide::Sender), of(LegSide::List), of(LegSide::Receiver));
    let mut search = Search::default();
    for (lefts, rights) in [(&senders, &lists), (&senders, &receivers), (&lists, &receivers)] {
        edges_between(lefts, rights, window_days, &mut search);
    }
    resolution.uncompared += search.uncompared;
    let chosen = choices(&search.edges);
    for edge in &search.edges {
        let crowded = |row: u32| search.crowded.contains(&row);
        let one = |row: u32| chosen.get(&row).copied().flatten().filter(|_| !crowded(row));
        let settled = [edge.left, edge.right].map(|row| !open(&row) || one(row) == Some(edge.ends));
        if edge.accepted && settled == [true, true] {
            for row in [edge.left, edge.right].into_iter().filter(open) {
                resolution.ends.insert(row, edge.ends);
            }
        } else {
            let why = if edge.accepted { SEVERAL_ACCOUNTS } else { UNSUPPORTED };
            resolution.open.push((edge.left, edge.right, why));
        }
    }
    resolution
}

/// Records of two classes that may be one, into `search`. Two that number both ends meet in the
/// block of their accounts and are not compared.
fn edges_between(lefts: &[Known<'_>], rights: &[Known<'_>], window_days: i32, search: &mut Search) {
    if lefts.is_empty() || rights.is_empty() {
        return;
    }
    let open = Index::new(rights, false);
    let numbered = match lefts.iter().any(|one| !one.told.numbered) {
        true => Index::new(rights, true),
        false => Index::default(),
    };
    let of =
        |left: &Known<'_>| if left.told.numbered { vec![&open] } else { vec![&open, &numbered] };
    let mut crowds = [Vec::new(), Vec::new()];
    for one in lefts {
        let slices: Vec<_> =
            of(one).into_iter().map(|index| index.near(one, window_days)).collect();
        let size: usize = slices.iter().flatten().map(|slice| slice.rows.len()).sum();
        if size > COMPARED_PER_RECORD_MAX {
            search.crowded.insert(one.told.row);
            search.uncompared += size as u64;
            for (crowd, slices) in crowds.iter_mut().zip(&slices) {
                crowd.extend(slices.iter().map(|one| (one.list, one.start, one.rows.len())));
            }
            continue;
        }
        let mut near: Vec<u32> =
            slices.iter().flatten().flat_map(|slice| slice.rows).map(|one| one.1).collect();
        near.sort_unstable();
        near.dedup();
        let others = near.into_iter().map(|right| &rights[right as usize].told);
        let fits: Vec<Edge> = others.filter_map(|other| edge(&one.told, other)).collect();
        if fits.len() > NEAR_PER_RECORD_MAX {
            search.uncompared += fits.len() as u64;
            search.crowded.extend(fits.iter().flat_map(|edge| [edge.left, edge.right]));
        } else {
            search.edges.extend(fits);
        }
    }
    for (index, crowd) in [open, numbered].iter().zip(crowds) {
        let within = index.in_crowds(crowd);
        search.crowded.extend(within.map(|right| rights[right as usize].told.row));
    }
}

/// How well an account is known.
fn rank(end: &End<'_>) -> (bool, usize, usize) {
    (end.face.whole, end.face.number.len(), end.face.institution.len())
}

/// What speaks for two being one; `None` when they cannot be.
fn compare(one: &Told<'_>, other: &Told<'_>) -> Option<(Support, Support, bool)> {
    let (from, to) = (support(&one.from, &other.from)?, support(&one.to, &other.to)?);
    let reference = one.references.iter().any(|hash| other.references.contains(hash));
    Some((from, to, reference))
}

fn is_enough((from, to, reference): (Support, Support, bool)) -> bool {
    reference || from.score.min(to.score) >= SUPPORTED || from.score.max(to.score) >= BY_NUMBER
}

/// Why two transfers so far are one, in words; `None` when too little says so.
pub(super) fn evidence(one: &Told<'_>, other: &Told<'_>) -> Option<String> {
    let compared = compare(one, other)?;
    is_enough(compared).then(|| words(compared))
}

fn edge(one: &Told<'_>, other: &Told<'_>) -> Option<Edge> {
    let (from, to, reference) = compare(one, other)?;
    let accepted = is_enough((from, to, reference));
    if !accepted && from.score.max(to.score) < SUPPORTED {
        return None;
    }
    let best = |one: &End<'_>, other: &End<'_>| {
        if rank(one) >= rank(other) { one.account } else { other.account }
    };
    Some(Edge {
        left: one.row,
        right: other.row,
        // The weaker end decides: the stronger one is near, and the same for every choice.
        score: from.score.min(to.score) + if reference { 64 } else { 0 },
        accepted,
        ends: (best(&one.from, &other.from), best(&one.to, &other.to)),
    })
}

fn words((from, to, reference): (Support, Support, bool)) -> String {
    let mut words = Vec::new();
    for (end, support) in [("sender", from), ("receiver", to)] {
        if !support.why.is_empty() {
            words.push(format!("{end} by {}", support.why));
        } else if support.score == 0 {
            words.push(format!("{end} named by one record only"));
        }
    }
    if reference {
        words.push("equal references".to_owned());
    }
    words.join("; ")
}

/// For each record the two accounts that its best edges agree on; `None` when they do not.
fn choices(edges: &[Edge]) -> HashMap<u32, Option<(u32, u32)>> {
    let mut best: HashMap<u32, (u32, Option<(u32, u32)>)> = HashMap::new();
    for edge in edges.iter().filter(|edge| edge.accepted) {
        for row in [edge.left, edge.right] {
            let known = best.entry(row).or_insert((edge.score, Some(edge.ends)));
            if edge.score > known.0 {
                *known = (edge.score, Some(edge.ends));
            } else if edge.score == known.0 && known.1 != Some(edge.ends) {
                known.1 = None;
            }
        }
    }
    best.into_iter().map(|(row, (_, ends))| (row, ends)).collect()
}
