//! Neighbourhood: what a link chart shows around an entity.
//!
//! # What it finds
//! The entities within some hops of the centres, over transfers totalled for each ordered pair
//! of accounts and currency, calls for each pair of phones, holdings and ties; and for every
//! line on the chart all the rows behind it. Near before far, heavy before light.
//!
//! # Why it matters
//! A chart is evidence only if whoever reads it can go from each line to its records, and is
//! told what was left out. Every bound that cuts says how much it cut.
//!
//! # What else explains it
//! Being near says little: banks, shops and landlords are near everyone. A hub with more than
//! `neighbours_max` neighbours is shown and not followed, and so is the unidentified far end of
//! a transfer, which stands for one text in one record and joins nobody.

mod gather;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use clap::{Args, ValueEnum};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::analyses::{Inputs, Outcome};
use crate::error::{Error, Result};
use crate::model::{
    Amount, Currency, EntityKind, EntityRef, ResultTable, SourceRef, Values, counted_as, day_of,
};
use crate::store::Case;

use gather::{Filter, Groups, Key, Kind, Lane, gather, period_words};

/// Kinds of lines that a chart may be limited to.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Show {
    /// Transfers between accounts.
    Transfers,
    /// Calls between phones.
    Calls,
    /// Who holds or may use an account.
    Holdings,
    /// Typed ties.
    Ties,
}

/// Keys of a query file's `[parameters]`, and flags of `chart`.
#[derive(Args, Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// Names of what to draw around: parties, accounts, phones, premises; the case's subjects
    /// when none is given.
    #[arg(long, value_name = "NAME")]
    pub around: Vec<String>,
    /// Steps away from the centres.
    #[arg(long, value_name = "N", default_value_t = Params::default().hops)]
    pub hops: u32,
    /// Smallest total between two accounts that is drawn, in minor units.
    #[arg(long, hide = true, default_value_t = Params::default().min_amount_minor)]
    pub min_amount_minor: i64,
    /// First day of the records drawn.
    #[arg(long, value_name = "DAY")]
    pub from: Option<Date>,
    /// Last day of the records drawn.
    #[arg(long, value_name = "DAY")]
    pub to: Option<Date>,
    /// Kinds of lines that are drawn; all when none is given.
    #[arg(long, value_name = "KIND", value_enum)]
    pub show: Vec<Show>,
    /// Most entities on a chart.
    #[arg(long, value_name = "N", default_value_t = Params::default().entities_max)]
    pub entities_max: usize,
    /// Most lines on a chart.
    #[arg(long, value_name = "N", default_value_t = Params::default().ties_max)]
    pub ties_max: usize,
    /// Most neighbours of an entity that is followed; a centre is always followed.
    #[arg(long, value_name = "N", default_value_t = Params::default().neighbours_max)]
    pub neighbours_max: usize,
}

impl Default for Params {
    fn default() -> Params {
        Params {
            around: Vec::new(),
            hops: 2,
            min_amount_minor: 0,
            from: None,
            to: None,
            show: Vec::new(),
            entities_max: 60,
            ties_max: 200,
            neighbours_max: 100,
        }
    }
}

impl Params {
    fn shows(&self, what: Show) -> bool {
        self.show.is_empty() || self.show.contains(&what)
    }

    /// First and last day, as days since 1970; the ends of time where none is asked.
    fn days(&self) -> (i32, i32) {
        (self.from.map_or(i32::MIN, day_of), self.to.map_or(i32::MAX, day_of))
    }
}

/// The entities and lines of a chart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Subgraph {
    /// Centres first, then in order of hops, kind and row.
    pub entities: Vec<SubgraphEntity>,
    /// In order of their ends and kind.
    pub ties: Vec<SubgraphTie>,
    /// What the filters and bounds left out, a sentence each.
    pub cut: Vec<String>,
}

/// An entity of a [`Subgraph`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SubgraphEntity {
    /// Which.
    pub entity: EntityRef,
    /// Steps from the nearest centre.
    pub hops: u32,
    /// True for what the chart is drawn around.
    pub centre: bool,
}

/// A line of a [`Subgraph`] and every record behind it.
#[derive(Clone, Debug, PartialEq)]
pub struct SubgraphTie {
    /// Who pays, holds or is tied; for calls, the phone of the smaller row.
    pub from: EntityRef,
    /// The other end.
    pub to: EntityRef,
    /// What the line stands for.
    pub what: TieContent,
    /// First civil day of its records, where dated.
    pub first: Option<i32>,
    /// Last civil day of its records; absent while open.
    pub last: Option<i32>,
}

/// What a line stands for; rows are of the table it names, ascending.
#[derive(Clone, Debug, PartialEq)]
pub enum TieContent {
    /// Transfers of one currency.
    Transfers {
        /// Their currency.
        currency: Currency,
        /// Sum of the rows, minor units.
        total_minor: i64,
        /// Rows of `transfers`.
        rows: Vec<u32>,
    },
    /// Calls, texts and data sessions in both directions.
    Calls {
        /// Rows of `calls`.
        rows: Vec<u32>,
    },
    /// Party to account.
    Holding {
        /// Rows of `holdings`.
        rows: Vec<u32>,
    },
    /// A typed tie.
    Tie {
        /// Its word.
        relation: String,
        /// Rows of `ties`.
        rows: Vec<u32>,
    },
}

impl TieContent {
    /// The rows, whichever table they are of.
    pub fn rows(&self) -> &[u32] {
        match self {
            TieContent::Transfers { rows, .. }
            | TieContent::Calls { rows }
            | TieContent::Holding { rows }
            | TieContent::Tie { rows, .. } => rows,
        }
    }
}

/// The neighbourhood of the named entities, or of the case's subjects, as two tables.
///
/// # Errors
///
/// [`Error::Unknown`] or [`Error::Usage`] for a name that does not name one entity, else as
/// [`neighbourhood`].
pub fn run(inputs: &Inputs, params: &Params) -> Result<Outcome> {
    let centres = centres(inputs.case, params)?;
    let found = neighbourhood(inputs, &centres, params)?;
    tables(inputs.case, &found)
}

fn centres(case: &Case, params: &Params) -> Result<Vec<EntityRef>> {
    let mut centres = Vec::new();
    for name in &params.around {
        centres.push(case.find_one(name, &EntityKind::ALL)?);
    }
    if params.around.is_empty() {
        centres.extend(case.subjects()?.into_iter().flat_map(|subject| subject.matches));
    }
    Ok(centres)
}

/// What lies around `centres`, which are entities of the case.
///
/// Cost: for each hop the transfers of the entities followed and one pass over calls, holdings
/// and ties.
///
/// # Errors
///
/// [`Error::AmountOverflow`] if a total exceeds 64 bits; [`Error::File`] if a table is damaged.
pub fn neighbourhood(inputs: &Inputs, centres: &[EntityRef], params: &Params) -> Result<Subgraph> {
    let mut cut = Vec::new();
    cut.extend(period_words(params));
    let entities = walk(inputs, centres, params, &mut cut)?;
    let around: BTreeSet<EntityRef> = entities.keys().copied().collect();
    let (mut groups, small) = gather(inputs, &Filter { around: &around, within: true, params })?;
    let named = drop_names_of_holders(&mut groups);
    if named > 0 {
        cut.push(format!(
            "Not drawn beside a holding: {} the holder on the account.",
            counted_as(named, "tie that only names", "ties that only name")
        ));
    }
    if !small.is_empty() {
        let transfers: usize = small.values().map(|group| group.rows.len()).sum();
        cut.push(format!(
            "{} between entities shown are left out: {} in all, each pair below the smallest \
             total asked for.",
            counted_as(small.len(), "pair of accounts", "pairs of accounts"),
            counted_as(transfers, "transfer", "transfers"),
        ));
    }
    let ties = lines(groups, &entities, params, &mut cut)?;
    let chosen: BTreeSet<EntityRef> = centres.iter().copied().collect();
    let mut listed: Vec<SubgraphEntity> = entities
        .into_iter()
        .map(|(entity, hops)| SubgraphEntity { entity, hops, centre: chosen.contains(&entity) })
        .collect();
    listed.sort_by_key(|item| (item.hops, item.entity));
    Ok(Subgraph { entities: listed, ties, cut })
}

/// Payments name the holder on nearly every account; a second line beside each holding would
/// hide the others. Returns the number of records dropped.
fn drop_names_of_holders(groups: &mut Groups) -> usize {
    let held: BTreeSet<(EntityRef, EntityRef)> = groups
        .keys()
        .filter(|(_, _, kind)| *kind == Kind::Holding)
        .map(|(party, account, _)| (*party, *account))
        .collect();
    let mut dropped = 0;
    groups.retain(|(party, account, kind), group| {
        let named = matches!(kind, Kind::Tie(relation) if relation == "named-on");
        let beside = named && held.contains(&(*party, *account));
        dropped += if beside { group.rows.len() } else { 0 };
        !beside
    });
    dropped
}

/// Entities with their hops, at most `entities_max` beyond the centres themselves.
fn walk(
    inputs: &Inputs,
    centres: &[EntityRef],
    params: &Params,
    cut: &mut Vec<String>,
) -> Result<BTreeMap<EntityRef, u32>> {
    let mut entities: BTreeMap<EntityRef, u32> =
        centres.iter().map(|centre| (*centre, 0)).collect();
    let mut frontier: BTreeSet<EntityRef> = entities.keys().copied().collect();
    for hop in 1..=params.hops {
        frontier = followed(inputs.case, &frontier)?;
        if frontier.is_empty() {
            break;
        }
        let filter = Filter { around: &frontier, within: false, params };
        let (groups, _) = gather(inputs, &filter)?;
        let hubs = if hop == 1 { BTreeSet::new() } else { hubs(&groups, &frontier, params) };
        for (hub, neighbours) in &hubs {
            cut.push(format!(
                "{} has {neighbours} neighbours, more than {}: shown, not followed.",
                inputs.case.name(*hub)?,
                params.neighbours_max
            ));
        }
        let hubs: BTreeSet<EntityRef> = hubs.into_iter().map(|(hub, _)| hub).collect();
        let mut candidates: BTreeMap<EntityRef, (usize, Lane)> = BTreeMap::new();
        for (place, (from, to, kind)) in ranked(&groups) {
            for (near, far) in [(from, to), (to, from)] {
                let reached = frontier.contains(near) && !hubs.contains(near);
                if reached && !entities.contains_key(far) {
                    let best = candidates.entry(*far).or_insert((place, kind.lane()));
                    *best = (*best).min((place, kind.lane()));
                }
            }
        }
        let mut order: Vec<(usize, Lane, EntityRef)> =
            candidates.into_iter().map(|(entity, (place, lane))| (place, lane, entity)).collect();
        order.sort_unstable();
        let room = params.entities_max.saturating_sub(entities.len());
        if order.len() > room {
            cut.push(format!(
                "{} of {} at hop {hop} are left out, the heaviest kept: a chart has at most {} \
                 entities.",
                order.len() - room,
                counted_as(order.len(), "new entity", "new entities"),
                params.entities_max
            ));
            order.truncate(room);
        }
        frontier = order.into_iter().map(|(_, _, entity)| entity).collect();
        entities.extend(frontier.iter().map(|entity| (*entity, hop)));
    }
    Ok(entities)
}

/// Those that may be followed: not the unidentified far end of a transfer.
fn followed(case: &Case, entities: &BTreeSet<EntityRef>) -> Result<BTreeSet<EntityRef>> {
    let kinds = &case.accounts()?.kind;
    let leaf = |entity: &EntityRef| {
        entity.kind == EntityKind::Account && kinds.get(entity.row as usize) == "unidentified"
    };
    Ok(entities.iter().copied().filter(|entity| !leaf(entity)).collect())
}

fn hubs(
    groups: &Groups,
    frontier: &BTreeSet<EntityRef>,
    params: &Params,
) -> BTreeSet<(EntityRef, usize)> {
    let mut neighbours: BTreeMap<EntityRef, BTreeSet<EntityRef>> = BTreeMap::new();
    for (from, to, _) in groups.keys() {
        for (near, far) in [(from, to), (to, from)] {
            if near != far && frontier.contains(near) {
                neighbours.entry(*near).or_default().insert(*far);
            }
        }
    }
    let counts = neighbours.into_iter().map(|(entity, others)| (entity, others.len()));
    counts.filter(|(_, count)| *count > params.neighbours_max).collect()
}

/// Each line with its place among those it can be compared with, the heaviest first: dollars
/// with dollars, calls with calls. Places of several lanes are then taken in turn, since no
/// weight says how many calls a payment outweighs.
fn ranked(groups: &Groups) -> Vec<(usize, &Key)> {
    let mut lanes: BTreeMap<Lane, Vec<(i128, &Key)>> = BTreeMap::new();
    for (key, group) in groups {
        lanes.entry(key.2.lane()).or_default().push((group.weight(&key.2), key));
    }
    let mut places = Vec::with_capacity(groups.len());
    for lane in lanes.values_mut() {
        lane.sort_by(|left, right| right.0.cmp(&left.0).then_with(|| left.1.cmp(right.1)));
        places.extend(lane.iter().enumerate().map(|(place, (_, key))| (place, *key)));
    }
    places
}

/// The lines of a chart; the one that ties an entity to a nearer one stays before all others.
fn lines(
    groups: Groups,
    entities: &BTreeMap<EntityRef, u32>,
    params: &Params,
    cut: &mut Vec<String>,
) -> Result<Vec<SubgraphTie>> {
    let mut order: Vec<(usize, &Key)> = ranked(&groups);
    order.sort_by(|left, right| {
        (left.0, left.1.2.lane(), left.1).cmp(&(right.0, right.1.2.lane(), right.1))
    });
    let mut anchored: BTreeSet<EntityRef> = BTreeSet::new();
    let mut anchors = Vec::new();
    let mut others = Vec::new();
    for (_, key) in order {
        let (near, far) =
            if entities[&key.0] <= entities[&key.1] { (key.0, key.1) } else { (key.1, key.0) };
        let nearer = entities[&near] < entities[&far];
        if nearer && anchored.insert(far) { anchors.push(key) } else { others.push(key) }
    }
    let mut keep: Vec<Key> = anchors.into_iter().chain(others).cloned().collect();
    if keep.len() > params.ties_max {
        let dropped = keep.split_off(params.ties_max);
        let records: usize = dropped.iter().map(|key| groups[key].rows.len()).sum();
        cut.push(format!(
            "{} of {} with {} are left out, the heaviest kept: a chart has at most {} lines.",
            dropped.len(),
            counted_as(groups.len(), "line", "lines"),
            counted_as(records, "record", "records"),
            params.ties_max
        ));
    }
    let keep: BTreeSet<Key> = keep.into_iter().collect();
    let mut ties = Vec::with_capacity(keep.len());
    for (key, group) in groups {
        if !keep.contains(&key) {
            continue;
        }
        let rows = group.rows;
        let what = match key.2 {
            Kind::Holding => TieContent::Holding { rows },
            Kind::Tie(relation) => TieContent::Tie { relation, rows },
            Kind::Calls => TieContent::Calls { rows },
            Kind::Transfers(currency) => {
                let total = i64::try_from(group.total_minor);
                let total_minor = total.map_err(|_| Error::AmountOverflow)?;
                TieContent::Transfers { currency, total_minor, rows }
            }
        };
        let (first, last) = (group.first, group.last);
        ties.push(SubgraphTie { from: key.0, to: key.1, what, first, last });
    }
    Ok(ties)
}

fn tables(case: &Case, found: &Subgraph) -> Result<Outcome> {
    let mut from = Vec::new();
    let mut to = Vec::new();
    let mut kinds = (Vec::new(), Vec::new());
    let mut what = Vec::new();
    let mut records = Vec::new();
    let mut total = Vec::new();
    let mut currency = Vec::new();
    let mut refs = Vec::new();
    for tie in &found.ties {
        from.push(case.name(tie.from)?.to_owned());
        kinds.0.push(tie.from.kind.word().to_owned());
        to.push(case.name(tie.to)?.to_owned());
        kinds.1.push(tie.to.kind.word().to_owned());
        records.push(Some(tie.what.rows().len() as i64));
        let (word, amount) = match &tie.what {
            TieContent::Transfers { currency, total_minor, .. } => {
                ("transfers", Some(Amount { minor: *total_minor, currency: *currency }))
            }
            TieContent::Calls { .. } => ("calls", None),
            TieContent::Holding { .. } => ("holds", None),
            TieContent::Tie { relation, .. } => (relation.as_str(), None),
        };
        what.push(word.to_owned());
        currency.push(amount.map_or(String::new(), |amount| amount.currency.to_string()));
        total.push(amount);
        refs.push(source_refs(case, &tie.what)?);
    }
    let mut lines = ResultTable::new("neighbourhood")
        .with("from", Values::Text(from))
        .with("from_kind", Values::Text(kinds.0))
        .with("to", Values::Text(to))
        .with("to_kind", Values::Text(kinds.1))
        .with("what", Values::Text(what))
        .with("currency", Values::Text(currency))
        .with("total", Values::Money(total))
        .with("records", Values::Count(records))
        .with("first", Values::Day(found.ties.iter().map(|tie| tie.first).collect()))
        .with("last", Values::Day(found.ties.iter().map(|tie| tie.last).collect()))
        .with("source_refs", Values::Refs(refs));
    lines.notes.clone_from(&found.cut);
    let mut name = Vec::new();
    for item in &found.entities {
        name.push(case.name(item.entity)?.to_owned());
    }
    let kind = found.entities.iter().map(|item| item.entity.kind.word().to_owned());
    let hops = found.entities.iter().map(|item| Some(i64::from(item.hops)));
    let centre = found.entities.iter().map(|item| Some(item.centre));
    let entities = ResultTable::new("neighbourhood_entities")
        .with("entity", Values::Text(name))
        .with("kind", Values::Text(kind.collect()))
        .with("hops", Values::Count(hops.collect()))
        .with("centre", Values::Flag(centre.collect()));
    Ok(Outcome { tables: vec![lines, entities], findings: Vec::new() })
}

/// Where the records behind a line were first read, in order of row.
fn source_refs(case: &Case, what: &TieContent) -> Result<Vec<SourceRef>> {
    let (sources, lines) = match what {
        TieContent::Transfers { .. } => (&case.transfers()?.source, &case.transfers()?.line),
        TieContent::Calls { .. } => (&case.calls()?.source, &case.calls()?.line),
        TieContent::Holding { .. } => (&case.holdings()?.source, &case.holdings()?.line),
        TieContent::Tie { .. } => (&case.ties()?.source, &case.ties()?.line),
    };
    let at = |row: &u32| SourceRef { source: sources[*row as usize], line: lines[*row as usize] };
    Ok(what.rows().iter().map(at).collect())
}
