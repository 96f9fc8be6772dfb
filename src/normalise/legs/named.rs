//! Records of which one names an end by a masked number, a cut name, a number without its bank,
//! or not at all.
//!
//! Two such records become one transfer only when what they say of both ends agrees, something
//! beyond amount and day supports it, and neither has another choice of accounts. What is found
//! here are those accounts: the records then join the block of the records that number both, and
//! equal payments between the two are paired in order of days like any.

use std::borrow::Cow;
use std::collections::HashSet;

use rayon::prelude::*;

use crate::normalise::legs::far_ends::{
    BY_NUMBER, End, SUPPORTED, Support, support, without_padding,
};
use crate::normalise::legs::near::{Index, Known, Slice};
use crate::normalise::legs::{Candidates, LegColumns, LegFacts, LegSide, Lookup};

/// Records of another class, equal in amount and near in days, that fit one record. One that more
/// fit, such as a wage of a payroll that names nobody, means none of them.
pub const NEAR_PER_RECORD_MAX: usize = 200;

/// Records of another class that a record is compared with to see which fit; one that would be
/// compared with more means none of them.
pub const COMPARED_PER_RECORD_MAX: usize = 1_000;

/// Records of another class that share something of an end with a record and are looked at to see
/// whether they share something of the other end as well.
const LOOKED_AT_PER_RECORD_MAX: usize = 16_000;

/// Records that are sought together.
const AT_A_TIME: usize = 2_048;

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
    pub ends: Lookup<u32, (u32, u32)>,
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
#[derive(Debug)]
pub(super) struct Told<'a> {
    pub row: u32,
    pub day: i32,
    pub numbered: bool,
    pub from: End<'a>,
    pub to: End<'a>,
    pub references: Cow<'a, [u64]>,
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
        let read = |row: &u32| (facts.end)(*row, column[*row as usize]);
        if let [row] = readings {
            return read(row);
        }
        let read: Vec<End<'a>> = readings.iter().map(read).collect();
        let stated = read.iter().map(|end| end.stated).max_by_key(|name| name.len());
        let stated = stated.unwrap_or_default();
        let best = read.into_iter().max_by_key(rank).expect("a transfer was read somewhere");
        End { stated, ..best }
    };
    let (from, to) = (end(columns.from), end(columns.to));
    let numbered = (facts.whole)(from.account) && (facts.whole)(to.account);
    let references = match readings {
        [row] => Cow::Borrowed((facts.references)(*row)),
        _ => readings.iter().flat_map(|row| (facts.references)(*row)).copied().collect(),
    };
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
///
/// Both are in order of days and are taken some days at a time, so that what is looked up stays
/// near at hand; the records within the window of each are always whole.
fn edges_between(lefts: &[Known<'_>], rights: &[Known<'_>], window_days: i32, search: &mut Search) {
    let window = i64::from(window_days);
    let day = |one: &Known<'_>| i64::from(one.told.day);
    let mut rest = lefts;
    while let Some(first) = rest.first().map(day) {
        // Fewer days than these, and most of what is looked up would be days beside them.
        let days = rest.partition_point(|one| day(one) <= first + 2 * window);
        let last = day(&rest[days.max(rest.len().min(AT_A_TIME)) - 1]);
        let (some, later) = rest.split_at(rest.partition_point(|one| day(one) <= last));
        let from = rights.partition_point(|one| day(one) < first - window);
        let to = rights.partition_point(|one| day(one) <= last + window);
        edges_of_days(some, &rights[from..to], window_days, search);
        rest = later;
    }
}

fn edges_of_days(lefts: &[Known<'_>], rights: &[Known<'_>], window_days: i32, search: &mut Search) {
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
        let mut near: Vec<u32> = Vec::new();
        if size <= LOOKED_AT_PER_RECORD_MAX {
            near.extend(slices.iter().flatten().flat_map(Slice::fitting));
            near.sort_unstable();
            near.dedup();
        }
        if size > LOOKED_AT_PER_RECORD_MAX || near.len() > COMPARED_PER_RECORD_MAX {
            search.crowded.insert(one.told.row);
            search.uncompared += size as u64;
            for (crowd, slices) in crowds.iter_mut().zip(&slices) {
                crowd.extend(slices.iter().map(|one| (one.list, one.start, one.rows.len())));
            }
            continue;
        }
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

/// How well an account is known; zeros before its number say nothing.
fn rank(end: &End<'_>) -> (bool, usize, usize) {
    let digits = without_padding(end.face.number).len();
    (end.face.whole, digits, end.face.institution.len())
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
fn choices(edges: &[Edge]) -> Lookup<u32, Option<(u32, u32)>> {
    let mut best: Lookup<u32, (u32, Option<(u32, u32)>)> = Lookup::default();
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::normalise::legs::AccountFace;

    const NUMBERS: [&str; 8] =
        ["", "4410001234", "7710001234", "****1234", "****34", "34", "****", "99****1235"];
    const NAMES: [&str; 5] = ["", "LENA ORTIZ", "ORTIZ LENA", "COBBLESTONE PROP", "IVO STRAND"];

    prop_compose! {
        fn end()(
            (account, number) in (0..4_u32, 0..8_usize),
            (held, stated) in (0..5_usize, 0..5_usize),
        ) -> End<'static>
        {
            let number = NUMBERS[number];
            let names: Vec<String> =
                NAMES[held..].iter().take(held % 2).map(|name| (*name).to_owned()).collect();
            let whole = !number.is_empty() && !number.contains('*');
            let face = AccountFace { whole, number, institution: "", names: names.into() };
            End { account, face, stated: NAMES[stated] }
        }
    }

    prop_compose! {
        fn records()(all in prop::collection::vec((end(), end(), 0..6_i32, 0..3_u64), 0..12))
            -> Vec<Known<'static>>
        {
            let mut told: Vec<Told<'static>> = all
                .into_iter()
                .enumerate()
                .map(|(at, (from, to, day, reference))| Told {
                    row: at as u32,
                    day,
                    numbered: from.face.whole && to.face.whole,
                    from,
                    to,
                    references: [reference].into_iter().filter(|one| *one > 0).collect(),
                })
                .collect();
            told.sort_by_key(|one| one.day);
            told.into_iter().map(Known::from).collect()
        }
    }

    proptest! {
        #[test]
        fn whatever_fits_is_found_among_what_is_near(lefts in records(), rights in records()) {
            let mut search = Search::default();
            edges_between(&lefts, &rights, 2, &mut search);
            let mut found: Vec<(u32, u32)> =
                search.edges.iter().map(|edge| (edge.left, edge.right)).collect();
            let mut every = Vec::new();
            for left in lefts.iter().map(|one| &one.told) {
                for right in rights.iter().map(|one| &one.told) {
                    let near = left.day.abs_diff(right.day) <= 2;
                    if near && !(left.numbered && right.numbered) && edge(left, right).is_some() {
                        every.push((left.row, right.row));
                    }
                }
            }
            found.sort_unstable();
            every.sort_unstable();
            prop_assert_eq!(found, every);
        }
    }
}
