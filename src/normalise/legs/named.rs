//! Records of which one names an end by a masked number, a cut name, a number without its bank,
//! or not at all.
//!
//! Two such records become one transfer only when what they say of both ends agrees, something
//! beyond amount and day supports it, and neither has another choice of accounts. Equal payments
//! between the same two accounts are then paired in order of days as in a block.

use std::collections::{BTreeMap, BTreeSet};

use crate::normalise::legs::blocks::join;
use crate::normalise::legs::far_ends::{BY_NUMBER, End, SUPPORTED, Support, keys_of, support};
use crate::normalise::legs::in_order::Float;
use crate::normalise::legs::{
    Candidates, Found, LegColumns, LegFacts, LegSide, POSSIBLE_PAIRS_PER_RECORD_MAX, Unit,
};

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

/// Matches what the blocks of equal accounts left over.
pub(super) fn match_named<S>(
    columns: &LegColumns<'_, S>,
    facts: &LegFacts<'_>,
    candidates: &Candidates,
    window_days: i32,
    found: &mut Found,
) where
    S: Copy + Into<LegSide> + Sync,
{
    let rows = near_in_day(columns, &candidates.by_amount, window_days);
    // A sender's record is first set against lists, then whatever has a sender or a list against
    // receivers' statements.
    for against_lists in [true, false] {
        for group in rows.chunk_by(|one, other| columns.amount(*one) == columns.amount(*other)) {
            let stage = Stage { columns, facts, window_days, against_lists };
            stage.group(group, found);
        }
    }
}

struct Stage<'a, 'b, S> {
    columns: &'a LegColumns<'a, S>,
    facts: &'a LegFacts<'b>,
    window_days: i32,
    against_lists: bool,
}

/// A transfer so far, with what its readings say of its ends.
struct Told<'a> {
    /// Its number among the found ones, when it has several readings.
    number: Option<usize>,
    unit: Unit,
    from: End<'a>,
    to: End<'a>,
    references: Vec<u64>,
}

/// Two that may be one.
struct Edge {
    left: usize,
    right: usize,
    score: u32,
    accepted: bool,
    ends: (u32, u32),
    why: String,
}

impl<S: Copy + Into<LegSide> + Sync> Stage<'_, '_, S> {
    fn group(&self, group: &[u32], found: &mut Found) {
        let (lefts, rights) = self.sides(group, found);
        if lefts.is_empty() || rights.is_empty() {
            return;
        }
        let mut edges = self.edges(&lefts, &rights);
        if edges.is_empty() {
            return;
        }
        let chosen = choices(&lefts, &rights, &edges);
        let mut pairs: BTreeMap<(u32, u32), Vec<usize>> = BTreeMap::new();
        for (at, edge) in edges.iter_mut().enumerate() {
            let agreed =
                chosen.0[edge.left] == Some(edge.ends) && chosen.1[edge.right] == Some(edge.ends);
            if edge.accepted && agreed {
                pairs.entry(edge.ends).or_default().push(at);
            }
        }
        let mut merged = BTreeSet::new();
        for (ends, between) in pairs {
            merged.extend(self.merge(&lefts, &rights, &edges, (ends, &between), found));
        }
        list(&lefts, &rights, &edges, &merged, found);
    }

    /// The transfers of a group that can be the left and the right side of this stage.
    fn sides(&self, group: &[u32], found: &Found) -> (Vec<Told<'_>>, Vec<Told<'_>>) {
        let mut seen = BTreeSet::new();
        let (mut lefts, mut rights) = (Vec::new(), Vec::new());
        for row in group {
            let number = found.of_row.get(row).copied();
            if number.is_some_and(|number| !seen.insert(number)) {
                continue;
            }
            let unit = match number {
                Some(number) => found.units[number].clone(),
                None => self.columns.unit(*row, self.facts),
            };
            let has =
                |side: LegSide| unit.readings.iter().any(|row| self.columns.side(*row) == side);
            let has = [has(LegSide::Sender), has(LegSide::List), has(LegSide::Receiver)];
            let told = || self.told(number, unit.clone());
            match (self.against_lists, has) {
                (true, [true, false, false]) => lefts.push(told()),
                (true, [false, true, _]) => rights.push(told()),
                (false, [true, _, false] | [_, true, false]) => lefts.push(told()),
                (false, [false, false, true]) => rights.push(told()),
                _ => {}
            }
        }
        (lefts, rights)
    }

    fn told(&self, number: Option<usize>, unit: Unit) -> Told<'_> {
        let end = |of: &dyn Fn(u32) -> u32| {
            let read: Vec<End<'_>> =
                unit.readings.iter().map(|row| (self.facts.end)(*row, of(*row))).collect();
            let stated = read.iter().map(|end| &end.stated).max_by_key(|name| name.len());
            let stated = stated.cloned().unwrap_or_default();
            let best = read.into_iter().max_by_key(rank).expect("a transfer was read somewhere");
            End { stated, ..best }
        };
        let from = end(&|row| self.columns.from[row as usize]);
        let to = end(&|row| self.columns.to[row as usize]);
        let references =
            unit.readings.iter().flat_map(|row| (self.facts.references)(*row)).collect();
        Told { number, unit, from, to, references }
    }

    fn edges(&self, lefts: &[Told<'_>], rights: &[Told<'_>]) -> Vec<Edge> {
        let index = Index::new(rights);
        let float = Float { window_days: self.window_days, arrives: false };
        let mut edges = Vec::new();
        for (left, one) in lefts.iter().enumerate() {
            for right in index.near(one) {
                let other = &rights[right];
                if float.fits(one.unit.day, other.unit.day)
                    && one.unit.agrees(&other.unit)
                    && let Some(edge) = edge((left, one), (right, other))
                {
                    edges.push(edge);
                }
            }
        }
        edges
    }

    /// Pairs records between one pair of accounts; returns the left and right ones it merged.
    fn merge(
        &self,
        lefts: &[Told<'_>],
        rights: &[Told<'_>],
        edges: &[Edge],
        (ends, between): ((u32, u32), &[usize]),
        found: &mut Found,
    ) -> Vec<(usize, usize)> {
        let mut by_first: BTreeMap<u32, usize> = BTreeMap::new();
        let (mut units, mut more) = (Vec::new(), Vec::new());
        for at in between {
            let edge = &edges[*at];
            for (told, at, side) in [
                (&lefts[edge.left], edge.left, &mut units),
                (&rights[edge.right], edge.right, &mut more),
            ] {
                if by_first.insert(told.unit.readings[0], at).is_none() {
                    side.push(told.unit.clone());
                }
            }
        }
        let arrives = !self.against_lists;
        let lengths: BTreeMap<u32, usize> =
            units.iter().map(|unit| (unit.readings[0], unit.readings.len())).collect();
        let float = Float { window_days: self.window_days, arrives };
        let mut merged = Vec::new();
        for unit in join(units, more, float, self.facts, found) {
            let Some(own) = lengths.get(&unit.readings[0]) else { continue };
            if unit.readings.len() == *own {
                continue;
            }
            let (left, right) = (by_first[&unit.readings[0]], by_first[&unit.readings[*own]]);
            merged.push((left, right));
            let edge = between.iter().map(|at| &edges[*at]);
            let why = edge.clone().find(|edge| (edge.left, edge.right) == (left, right));
            let why = why.map_or("", |edge| edge.why.as_str());
            let swapped = if why.is_empty() { "equal accounts".to_owned() } else { why.to_owned() };
            found.tell(unit.readings[*own], swapped);
            replace(found, [&lefts[left], &rights[right]], unit, ends);
        }
        merged
    }
}

/// Puts a joined transfer in the place of the two it came from.
fn replace(found: &mut Found, parts: [&Told<'_>; 2], unit: Unit, ends: (u32, u32)) {
    for number in parts.iter().filter_map(|told| told.number) {
        found.units[number].readings.truncate(0);
        found.resolved.remove(&number);
    }
    let number = found.units.len();
    found.keep(unit);
    found.resolved.insert(number, ends);
}

fn is_nameless(end: &End<'_>) -> bool {
    end.stated.is_empty() && end.face.names.is_empty()
}

/// How well an account is known.
fn rank(end: &End<'_>) -> (bool, usize, usize) {
    (end.face.whole, end.face.number.len(), end.face.institution.len())
}

/// What two records say of being one; `None` when they cannot be.
fn edge((left, one): (usize, &Told<'_>), (right, other): (usize, &Told<'_>)) -> Option<Edge> {
    let (from, to) = (support(&one.from, &other.from)?, support(&one.to, &other.to)?);
    let reference = one.references.iter().any(|hash| other.references.contains(hash));
    let least = from.score.min(to.score);
    let most = from.score.max(to.score);
    let accepted = reference || least >= SUPPORTED || most >= BY_NUMBER;
    if !accepted && most < SUPPORTED {
        return None;
    }
    let best = |one: &End<'_>, other: &End<'_>| {
        if rank(one) >= rank(other) { one.account } else { other.account }
    };
    Some(Edge {
        left,
        right,
        score: from.score + to.score + if reference { 64 } else { 0 },
        accepted,
        ends: (best(&one.from, &other.from), best(&one.to, &other.to)),
        why: words(from, to, reference),
    })
}

fn words(from: Support, to: Support, reference: bool) -> String {
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

type Choices = Vec<Option<(u32, u32)>>;

/// For each record the two accounts that its best edges agree on; `None` when they do not.
fn choices(lefts: &[Told<'_>], rights: &[Told<'_>], edges: &[Edge]) -> (Choices, Choices) {
    let choose = |count: usize, of: &dyn Fn(&Edge) -> usize| {
        let mut best: Vec<Option<(u32, BTreeSet<(u32, u32)>)>> = vec![None; count];
        for edge in edges.iter().filter(|edge| edge.accepted) {
            let known = best[of(edge)].get_or_insert_with(|| (edge.score, BTreeSet::new()));
            if edge.score > known.0 {
                *known = (edge.score, BTreeSet::new());
            }
            if edge.score == known.0 {
                known.1.insert(edge.ends);
            }
        }
        let only = |(_, ends): (u32, BTreeSet<(u32, u32)>)| {
            (ends.len() == 1).then(|| ends.into_iter().next()).flatten()
        };
        best.into_iter().map(|one| one.and_then(only)).collect::<Choices>()
    };
    (choose(lefts.len(), &|edge| edge.left), choose(rights.len(), &|edge| edge.right))
}

/// Lists what fits and was not merged.
fn list(
    lefts: &[Told<'_>],
    rights: &[Told<'_>],
    edges: &[Edge],
    merged: &BTreeSet<(usize, usize)>,
    found: &mut Found,
) {
    let taken: [BTreeSet<usize>; 2] =
        [merged.iter().map(|pair| pair.0).collect(), merged.iter().map(|pair| pair.1).collect()];
    let mut listed: BTreeMap<usize, usize> = BTreeMap::new();
    for edge in edges {
        if taken[0].contains(&edge.left) || taken[1].contains(&edge.right) {
            continue;
        }
        let count = listed.entry(edge.left).or_default();
        if *count == POSSIBLE_PAIRS_PER_RECORD_MAX {
            found.unlisted += 1;
            continue;
        }
        *count += 1;
        let why = if edge.accepted { SEVERAL_ACCOUNTS } else { UNSUPPORTED };
        let rows = (lefts[edge.left].unit.readings[0], rights[edge.right].unit.readings[0]);
        found.possible.push((rows.0, rows.1, why));
    }
}

/// Right sides by what a left one may know them by.
struct Index {
    from: BTreeMap<(u8, String), Vec<usize>>,
    /// By receiver: those whose sender nobody names, and all.
    nameless: BTreeMap<(u8, String), Vec<usize>>,
    to: BTreeMap<(u8, String), Vec<usize>>,
    reference: BTreeMap<u64, Vec<usize>>,
}

impl Index {
    fn new(rights: &[Told<'_>]) -> Index {
        let mut index = Index {
            from: BTreeMap::new(),
            nameless: BTreeMap::new(),
            to: BTreeMap::new(),
            reference: BTreeMap::new(),
        };
        for (at, told) in rights.iter().enumerate() {
            for key in keys_of(&told.to) {
                if is_nameless(&told.from) && told.from.face.number.is_empty() {
                    index.nameless.entry(key.clone()).or_default().push(at);
                }
                index.to.entry(key).or_default().push(at);
            }
            for key in keys_of(&told.from) {
                index.from.entry(key).or_default().push(at);
            }
            for hash in &told.references {
                index.reference.entry(*hash).or_default().push(at);
            }
        }
        index
    }

    /// Right sides that may be one with a left one, ascending.
    fn near(&self, told: &Told<'_>) -> Vec<usize> {
        let by_from = keys_of(&told.from).into_iter().filter_map(|key| self.from.get(&key));
        // A name that nobody knows for the sender's account contradicts no name.
        let by_receiver = if is_nameless(&told.from) { &self.to } else { &self.nameless };
        let by_to = keys_of(&told.to).into_iter().filter_map(|key| by_receiver.get(&key));
        let by_reference = told.references.iter().filter_map(|hash| self.reference.get(hash));
        let mut near: Vec<usize> =
            by_from.chain(by_to).chain(by_reference).flatten().copied().collect();
        near.sort_unstable();
        near.dedup();
        near
    }
}
