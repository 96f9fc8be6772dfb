//! The links of a walk, out of the tables of a case: transfers and ties over one range of ids.
//!
//! An account's id is its row; other kinds stand behind. Which links a question walks is
//! `path_keys.rs`'s; what becomes of the walks is `path_table.rs`'s.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rayon::prelude::*;

use crate::analyses::{Booked, booked_in_order};
use crate::error::{Error, Result};
use crate::graph::{Links, NO_AMOUNT, NO_TIME, Place};
use crate::model::{Currency, EntityKind, EntityRef, SourceRef, Texts};
use crate::store::Case;

/// Tables of entities in the order of their ids; e-mails, documents and vehicles share theirs.
const TABLES: [EntityKind; 7] = [
    EntityKind::Account,
    EntityKind::Party,
    EntityKind::Phone,
    EntityKind::Premises,
    EntityKind::Device,
    EntityKind::Loan,
    EntityKind::Email,
];

/// One range of ids over the entities of a case.
#[derive(Debug)]
pub(crate) struct Ids {
    /// First id of each table of [`TABLES`], and one past the last.
    starts: Vec<u32>,
    /// Place of each id in the order of names; empty where it is their own.
    ranks: OnceLock<Vec<u32>>,
    /// What statements state in order, which is the same for every choice of links.
    booked: OnceLock<Vec<Booked>>,
}

/// Links of one table, walked one way.
pub(crate) struct Chosen {
    /// Ties; transfers otherwise.
    pub(crate) ties: bool,
    /// Its rows, ascending; `None`: all.
    pub(crate) rows: Option<Vec<u32>>,
    /// From the second end to the first.
    pub(crate) reverse: bool,
}

/// First link of a choice, whether it is of ties, and its rows.
type Segment = (u32, bool, Option<Vec<u32>>);

/// Links with where each was read.
#[derive(Debug)]
pub(crate) struct Network {
    /// What is walked.
    pub(crate) links: Links,
    segments: Vec<Segment>,
    /// Currencies by their number among the links.
    pub(crate) currencies: Vec<Currency>,
    /// Kinds of entity at the ends of links.
    pub(crate) kinds: BTreeSet<EntityKind>,
    /// Links without a time.
    pub(crate) undated: usize,
}

impl Ids {
    /// Ids over the accounts alone, or over every kind.
    pub(crate) fn new(case: &Case, every_kind: bool) -> Result<Ids> {
        let mut starts = vec![0];
        let mut end = 0_u32;
        for kind in TABLES.iter().take(if every_kind { TABLES.len() } else { 1 }) {
            let rows = u32::try_from(case.names(*kind)?.len()).ok();
            end = rows
                .and_then(|rows| end.checked_add(rows))
                .filter(|end| *end < u32::MAX)
                .ok_or_else(|| {
                    Error::file(case.dir(), "has more entities than a walk can number", None)
                })?;
            starts.push(end);
        }
        Ok(Ids { starts, ranks: OnceLock::new(), booked: OnceLock::new() })
    }

    pub(crate) fn nodes(&self) -> usize {
        self.starts[self.starts.len() - 1] as usize
    }

    fn id(&self, kind: EntityKind, row: u32) -> u32 {
        let table = match kind {
            EntityKind::Document | EntityKind::Vehicle => EntityKind::Email,
            kind => kind,
        };
        let at = TABLES.iter().position(|one| *one == table).expect("every kind has a table");
        self.starts[at] + row
    }

    /// The entity of an id.
    pub(crate) fn entity(&self, case: &Case, id: u32) -> Result<EntityRef> {
        let at = self.starts.partition_point(|start| *start <= id) - 1;
        let row = id - self.starts[at];
        let kind = match TABLES[at] {
            EntityKind::Email => case.identifiers()?.kind[row as usize],
            kind => kind,
        };
        Ok(EntityRef { kind, row })
    }

    /// The id of an entity by its name in its table. Cost: a binary search.
    pub(crate) fn find(&self, case: &Case, kind: EntityKind, name: &str) -> Result<Option<u32>> {
        let texts = case.names(kind)?;
        if matches!(kind, EntityKind::Email | EntityKind::Document | EntityKind::Vehicle) {
            // Their table stands by kind before text.
            let kinds = &case.identifiers()?.kind;
            let mut rows = 0..texts.len();
            let row = rows.find(|row| kinds[*row] == kind && texts.get(*row) == name);
            return Ok(row.map(|row| self.id(kind, row as u32)));
        }
        let (mut low, mut high) = (0, texts.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match texts.get(middle).cmp(name) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Ok(Some(self.id(kind, middle as u32))),
            }
        }
        Ok(None)
    }

    /// The order of ids where it differs from their own: of names that differ in the number at
    /// their end alone, `9` stands before `10`. Cost: a sort, once.
    fn ranks(&self, case: &Case) -> Result<&[u32]> {
        kept(&self.ranks, || self.find_ranks(case))
    }

    /// What statements state in order. Cost: a sort of their records, once.
    fn booked(&self, case: &Case) -> Result<&[Booked]> {
        kept(&self.booked, || booked_in_order(case))
    }

    fn find_ranks(&self, case: &Case) -> Result<Vec<u32>> {
        let mut names: Vec<&Texts> = Vec::new();
        for kind in TABLES.iter().take(self.starts.len() - 1) {
            names.push(case.names(*kind)?);
        }
        let mut order: Vec<u32> = (0..self.nodes() as u32).collect();
        let key = |id: &u32| {
            let at = self.starts.partition_point(|start| *start <= *id) - 1;
            let text = names[at].get((*id - self.starts[at]) as usize);
            let words = text.trim_end_matches(|letter: char| letter.is_ascii_digit());
            let number = text[words.len()..].trim_start_matches('0');
            (at, words, number.len(), number, text)
        };
        if order.is_sorted_by(|left, right| key(left) <= key(right)) {
            return Ok(Vec::new());
        }
        order.par_sort_unstable_by(|left, right| key(left).cmp(&key(right)));
        let mut ranks = vec![0; order.len()];
        for (rank, id) in order.into_iter().enumerate() {
            ranks[id as usize] = rank as u32;
        }
        Ok(ranks)
    }
}

/// What a cell holds, made where it is empty.
fn kept<T>(cell: &OnceLock<Vec<T>>, make: impl FnOnce() -> Result<Vec<T>>) -> Result<&[T]> {
    if cell.get().is_none() {
        let _ = cell.set(make()?);
    }
    Ok(cell.get().expect("it was just made"))
}

/// Last instant of a civil day in the case's zone.
pub(crate) fn day_end_ms(day: i32, zone: &TimeZone) -> i64 {
    let next = Date::constant(1970, 1, 1).checked_add((day + 1).days()).ok();
    let first = next.and_then(|next| next.to_zoned(zone.clone()).ok());
    first.map_or((i64::from(day) + 1) * 86_400_000, |first| first.timestamp().as_millisecond()) - 1
}

/// Puts links of several tables in one list.
struct Builder<'a> {
    case: &'a Case,
    ids: &'a Ids,
    zone: TimeZone,
    links: Links,
    currency: Vec<Option<Currency>>,
    /// Whether any link so far is a whole day.
    days: bool,
    day_ends: BTreeMap<i32, i64>,
    kinds: BTreeSet<EntityKind>,
}

impl Network {
    /// The links of a choice; `ordered` where times matter along a walk. Cost: linear; and once for
    /// all choices a sort of the account numbers where these are plain numbers, and of the records
    /// of statements where some transfer has a date alone.
    pub(crate) fn new(
        case: &Case,
        ids: &Ids,
        chosen: Vec<Chosen>,
        ordered: bool,
    ) -> Result<Network> {
        let mut builder = Builder {
            case,
            ids,
            zone: case.zone(),
            links: Links::over(ids.nodes()),
            currency: Vec::new(),
            days: false,
            day_ends: BTreeMap::new(),
            kinds: BTreeSet::new(),
        };
        let mut segments = Vec::new();
        for one in chosen {
            segments.push((builder.links.len() as u32, one.ties, one.rows.clone()));
            match one.ties {
                true => builder.ties(&one)?,
                false => builder.transfers(&one)?,
            }
        }
        let mut links = builder.links;
        if !builder.days {
            links.last_ms = Vec::new();
        }
        let currencies: BTreeSet<Currency> = builder.currency.iter().flatten().copied().collect();
        let currencies: Vec<Currency> = currencies.into_iter().collect();
        if currencies.len() > 1 {
            let number = |currency: &Option<Currency>| {
                let at = currency.and_then(|one| currencies.binary_search(&one).ok());
                at.map_or(u16::MAX, |at| at as u16)
            };
            links.currency = builder.currency.par_iter().map(number).collect();
        }
        links.ranks = ids.ranks(case)?.to_vec();
        let accounts = case.accounts()?;
        if accounts.kind.iter().any(|kind| kind == "unidentified") {
            links.stops = accounts.kind.iter().map(|kind| kind == "unidentified").collect();
        }
        let undated = links.first_ms.par_iter().filter(|ms| **ms == NO_TIME).count();
        if builder.days && ordered {
            links.stated = stated_places(ids.booked(case)?, &segments);
        }
        Ok(Network { links, segments, currencies, kinds: builder.kinds, undated })
    }

    fn origin(&self, link: u32) -> (bool, u32) {
        let at = self.segments.partition_point(|segment| segment.0 <= link) - 1;
        let (start, ties, rows) = &self.segments[at];
        let row = link - start;
        (*ties, rows.as_ref().map_or(row, |rows| rows[row as usize]))
    }

    /// `path:line` of the record of a link.
    pub(crate) fn place(&self, case: &Case, link: u32) -> Result<String> {
        let (ties, row) = self.origin(link);
        let row = row as usize;
        let at = if ties {
            let table = case.ties()?;
            SourceRef { source: table.source[row], line: table.line[row] }
        } else {
            let table = case.transfers()?;
            SourceRef { source: table.source[row], line: table.line[row] }
        };
        case.place(at)
    }

    /// Amount and currency of a link, where it states one.
    pub(crate) fn amount(&self, link: u32) -> Option<(i64, Currency)> {
        let minor = self.links.amount_minor[link as usize];
        if minor == NO_AMOUNT {
            return None;
        }
        let currency = self.currencies.get(usize::from(self.links.currency(link)));
        currency.map(|currency| (minor, *currency))
    }
}

/// Where the transfers among the links stand in the statements of their accounts.
fn stated_places(booked: &[Booked], segments: &[Segment]) -> Vec<Place> {
    let mut places = Vec::new();
    // What moves in two currencies is in no order of one balance, though one file holds both.
    let mut lists: BTreeMap<(Currency, u32), u32> = BTreeMap::new();
    for one in booked {
        let next = lists.len() as u32;
        lists.entry((one.currency, one.at.source)).or_insert(next);
    }
    for (start, _, rows) in segments.iter().filter(|(_, ties, _)| !ties) {
        for (at, one) in (0..).zip(booked) {
            let row = match rows {
                None => Some(one.transfer),
                Some(rows) => rows.binary_search(&one.transfer).ok().map(|row| row as u32),
            };
            let (node, list) = (one.account, lists[&(one.currency, one.at.source)]);
            places.extend(row.map(|row| Place { link: start + row, node, list, at }));
        }
    }
    places.sort_unstable();
    places
}

impl Builder<'_> {
    fn day_end(&mut self, day: i32) -> i64 {
        let zone = &self.zone;
        *self.day_ends.entry(day).or_insert_with(|| day_end_ms(day, zone))
    }

    fn transfers(&mut self, one: &Chosen) -> Result<()> {
        let table = self.case.transfers()?;
        let nodes = self.case.accounts()?.account.len();
        let ends = [&table.from_account, &table.to_account];
        if ends.iter().any(|column| column.par_iter().any(|row| *row as usize >= nodes)) {
            return Err(Error::file(
                self.case.dir(),
                "has a transfer of an account that `accounts` does not hold",
                Some("run `moneytrail verify` on it, or load the case again".to_owned()),
            ));
        }
        fn picked<T: Copy>(column: &[T], rows: &Option<Vec<u32>>, all: &mut Vec<T>) {
            match rows {
                None => all.extend_from_slice(column),
                Some(rows) => all.extend(rows.iter().map(|row| column[*row as usize])),
            }
        }
        let (from, to) = match one.reverse {
            true => (&table.to_account, &table.from_account),
            false => (&table.from_account, &table.to_account),
        };
        picked(from, &one.rows, &mut self.links.from);
        picked(to, &one.rows, &mut self.links.to);
        picked(&table.booked_ms, &one.rows, &mut self.links.first_ms);
        picked(&table.amount_minor, &one.rows, &mut self.links.amount_minor);
        let mut currency = Vec::new();
        picked(&table.currency, &one.rows, &mut currency);
        self.currency.extend(currency.into_iter().map(Some));
        let (mut timed, mut day) = (Vec::new(), Vec::new());
        picked(&table.timed, &one.rows, &mut timed);
        picked(&table.day, &one.rows, &mut day);
        let begin = self.links.last_ms.len();
        for (at, timed) in timed.into_iter().enumerate() {
            let last = if timed { self.links.first_ms[begin + at] } else { self.day_end(day[at]) };
            self.days |= !timed;
            self.links.last_ms.push(last);
        }
        if !self.links.from.is_empty() {
            self.kinds.insert(EntityKind::Account);
        }
        Ok(())
    }

    fn ties(&mut self, one: &Chosen) -> Result<()> {
        let table = self.case.ties()?;
        let all = || (0..table.from_row.len() as u32).collect::<Vec<u32>>();
        for row in one.rows.clone().unwrap_or_else(all) {
            let row = row as usize;
            let ends = [
                (table.from_kind[row], table.from_row[row]),
                (table.to_kind[row], table.to_row[row]),
            ];
            self.kinds.extend(ends.map(|end| end.0));
            let [from, to] = ends.map(|(kind, row)| self.ids.id(kind, row));
            self.links.from.push(if one.reverse { to } else { from });
            self.links.to.push(if one.reverse { from } else { to });
            let (first, last) = match (table.start_ms[row], table.start[row]) {
                (Some(ms), _) => (ms, ms),
                (None, Some(day)) => {
                    self.days = true;
                    (self.day_end(day - 1) + 1, self.day_end(day))
                }
                (None, None) => (NO_TIME, NO_TIME),
            };
            self.links.first_ms.push(first);
            self.links.last_ms.push(last);
            self.links.amount_minor.push(table.amount_minor[row].unwrap_or(NO_AMOUNT));
            self.currency.push(table.amount_minor[row].and(table.currency[row]));
        }
        Ok(())
    }
}
