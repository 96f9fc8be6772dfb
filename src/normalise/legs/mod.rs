//! Both legs of a transfer: records that tell of one movement of money.
//!
//! Answers: which records are readings of one transfer, and which only may be? A sender's
//! statement, a receiver's statement and a list of payments may each tell of it. Records that
//! agree on both accounts, amount and currency within a window of days are paired by the best
//! assignment of their block (`in_order`); records of which one names an end by a masked number,
//! a cut name or not at all are paired when both sides have no other choice and something
//! supports it (`named`). What is tied or left over is listed and left alone: a wrong merge hides
//! a payment.
//!
//! Repeats (one record produced twice) are found before this and stay out.

mod alike;
mod blocks;
mod booking_days;
mod currencies;
mod far_ends;
mod in_order;
mod named;
mod near;
mod references;
mod texts_asked;

use std::collections::HashMap;

use foldhash::fast::FixedState;
use rayon::prelude::*;

use crate::model::{Channel, Currency};

pub use alike::lists_alike;
pub use currencies::in_two_currencies;
pub use far_ends::{AccountFace, End, shown_digits, without_padding};
pub use in_order::{Float, in_order};
pub use named::{COMPARED_PER_RECORD_MAX, NEAR_PER_RECORD_MAX};
pub use references::references_of;

/// Pairs listed from one record before the rest of its pairs is only counted.
pub const POSSIBLE_PAIRS_PER_RECORD_MAX: usize = 1_000;

/// Pairs listed of one block of equal records before the rest of its pairs is only counted.
pub const POSSIBLE_PAIRS_PER_BLOCK_MAX: usize = 100_000;

/// Whose record a reading of a transfer is.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum LegSide {
    /// The sender's own statement.
    Sender,
    /// The receiver's own statement.
    Receiver,
    /// A list that is nobody's own.
    List,
}

/// The columns that decide, one entry for each record, all of one length.
///
/// `S` is any type that turns into a [`LegSide`], so that a caller's own column is lent as it is.
#[derive(Clone, Copy, Debug)]
pub struct LegColumns<'a, S> {
    /// Dense id of the sending account.
    pub from: &'a [u32],
    /// Dense id of the receiving account.
    pub to: &'a [u32],
    /// Minor units of `currency`.
    pub amount_minor: &'a [i64],
    /// Currency of the amount.
    pub currency: &'a [Currency],
    /// Civil day on which the record books it, days since 1970.
    pub day: &'a [i32],
    /// Dense id of who made the list that the record stands on; of statements it decides nothing.
    pub producer: &'a [u32],
    /// Whose record it is.
    pub side: &'a [S],
}

/// What the columns do not hold. Each is asked of few records only.
pub struct LegFacts<'a> {
    /// Order of records of one day: equal records are paired in it. The same whatever the order
    /// in which sources were read.
    pub order: &'a (dyn Fn(u32) -> (i64, u32, u32) + Sync),
    /// Whether a list is of payments as they arrived.
    pub arrives: &'a (dyn Fn(u32) -> bool + Sync),
    /// What arrived, of lists that state it because it differs from what was sent.
    pub received: &'a HashMap<u32, (i64, Currency)>,
    /// Producers of the lists on which repeats of a record stand; these are not among the columns.
    pub repeated_on: &'a HashMap<u32, Vec<u32>>,
    /// Hashes of a record's references, ascending; [`references_of`] makes them.
    pub references: &'a (dyn Fn(u32) -> &'a [u64] + Sync),
    /// Whether an account is known by its whole number.
    pub whole: &'a (dyn Fn(u32) -> bool + Sync),
    /// Whether a record may tell of a payment whose far end it names by other means than a
    /// number: cash, fees and card purchases do not.
    pub payment: &'a (dyn Fn(u32) -> bool + Sync),
    /// The channel that a record on a list that is nobody's own states; `None` for any other
    /// record, and where none is stated.
    pub listed_channel: &'a (dyn Fn(u32) -> Option<Channel> + Sync),
    /// What a record and the rest of the case say of an account at its end.
    pub end: &'a (dyn Fn(u32, u32) -> End<'a> + Sync),
}

/// What was matched and what only may match.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Legs {
    /// Row that stands for the transfer and row of a further reading, ascending by the first.
    /// The sender's record stands first, then lists by their days, the receiver's last. No row is
    /// a further reading twice, and none that is one stands for another.
    pub merged: Vec<(u32, u32)>,
    /// Further readings whose merge took more than equal accounts, amount and days of the only
    /// two records, and what it took; ascending.
    pub evidence: Vec<(u32, String)>,
    /// Row that stands for a transfer, its sender and its receiver, where another of its readings
    /// identifies an end that the row itself does not; ascending.
    pub resolved: Vec<(u32, u32, u32)>,
    /// Pairs that fit and were not merged, with the reason, ascending.
    pub possible: Vec<(u32, u32, &'static str)>,
    /// How many further pairs fit, beyond [`POSSIBLE_PAIRS_PER_RECORD_MAX`] from one record or in
    /// a block too large to tell apart.
    pub unlisted: u64,
}

/// Records that can have a second reading at all; every other one is looked at once.
#[derive(Clone, Debug, Default)]
pub struct Candidates {
    /// Sorted by accounts, amount and currency.
    by_accounts: Vec<u32>,
    /// Sorted by amount, currency and day.
    by_amount: Vec<u32>,
}

/// Records of one transfer so far.
#[derive(Clone, Debug)]
struct Unit {
    /// First the one that stands for the transfer.
    readings: Vec<u32>,
    /// Day of the first, in steps of [`booking_days`].
    day: i32,
    /// What arrived, where a reading states it.
    arrived: Option<(i64, Currency)>,
    /// Producers on whose lists its readings and their repeats stand, where any has a repeat:
    /// another record of one of these lists is another payment.
    listed_by: Vec<u32>,
    /// Channels that lists state which are nobody's own.
    channels: Vec<Channel>,
}

/// What is looked up by rows and hashes of our own. The seed is fixed and nothing is written in
/// the order of such a table.
type Lookup<K, V> = HashMap<K, V, FixedState>;

/// Readings that stand in one transfer come from different ones of these, in their order.
type Class = (u8, u32);

const SENDER: u8 = 0;
const RECEIVER: u8 = 3;

impl<S: Copy + Into<LegSide> + Sync> LegColumns<'_, S> {
    fn rows(&self) -> u32 {
        let rows = self.from.len();
        let lengths = [
            self.to.len(),
            self.amount_minor.len(),
            self.currency.len(),
            self.day.len(),
            self.producer.len(),
            self.side.len(),
        ];
        assert!(lengths.iter().all(|length| *length == rows), "columns have one length");
        u32::try_from(rows).expect("a case holds at most 4,294,967,295 records")
    }

    fn side(&self, row: u32) -> LegSide {
        self.side[row as usize].into()
    }

    fn amount(&self, row: u32) -> (i64, Currency) {
        (self.amount_minor[row as usize], self.currency[row as usize])
    }

    fn accounts(&self, row: u32) -> (u32, u32) {
        (self.from[row as usize], self.to[row as usize])
    }

    fn key(&self, row: u32) -> (u32, u32, i64, Currency) {
        let ((from, to), (minor, currency)) = (self.accounts(row), self.amount(row));
        (from, to, minor, currency)
    }

    /// The day in steps of [`booking_days`].
    fn day(&self, row: u32) -> i32 {
        booking_days::booked_on(self.day[row as usize])
    }

    /// Whether all records are of one side and producer: none is then another's second reading.
    fn one_class(&self) -> bool {
        (1..self.rows()).all(|row| self.rough_class(row) == self.rough_class(0))
    }

    /// A number for each class, without asking whether a list is of arrivals.
    fn rough_class(&self, row: u32) -> u64 {
        match self.side(row) {
            LegSide::Sender => 0,
            LegSide::Receiver => 1,
            LegSide::List => 2 + u64::from(self.producer[row as usize]),
        }
    }

    fn class(&self, row: u32, facts: &LegFacts<'_>) -> Class {
        match self.side(row) {
            LegSide::Sender => (SENDER, 0),
            LegSide::Receiver => (RECEIVER, 0),
            LegSide::List => (1 + u8::from((facts.arrives)(row)), self.producer[row as usize]),
        }
    }

    fn unit(&self, row: u32, facts: &LegFacts<'_>) -> Unit {
        // The receiver's own statement says what arrived by its amount.
        let own = (self.side(row) == LegSide::Receiver).then(|| self.amount(row));
        let arrived = facts.received.get(&row).copied().or(own);
        let mut listed_by = Vec::new();
        if !facts.repeated_on.is_empty() {
            let list = (self.side(row) == LegSide::List).then(|| self.producer[row as usize]);
            listed_by.extend(list);
            listed_by.extend(facts.repeated_on.get(&row).into_iter().flatten());
        }
        let channels = (facts.listed_channel)(row).into_iter().collect();
        Unit { readings: vec![row], day: self.day(row), arrived, listed_by, channels }
    }
}

impl Unit {
    fn add(&mut self, other: Unit) {
        self.readings.extend(other.readings);
        self.arrived = self.arrived.or(other.arrived);
        self.listed_by.extend(other.listed_by);
        self.channels.extend(other.channels);
    }

    /// Whether no two lists say that they went by different channels. A statement's line may be
    /// worded as anything; two lists that tell of a wire and of a cheque tell of two payments.
    fn same_channel(&self, other: &Unit) -> bool {
        self.channels.iter().all(|one| other.channels.iter().all(|other| one == other))
    }

    /// Whether one list holds a record of either: they are two payments then.
    fn listed_beside(&self, other: &Unit) -> bool {
        self.listed_by.iter().any(|producer| other.listed_by.contains(producer))
    }

    fn agrees(&self, other: &Unit) -> bool {
        if self.listed_beside(other) {
            return false;
        }
        match (self.arrived, other.arrived) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        }
    }
}

/// Finds the records that can have a second reading.
///
/// Costs nothing but one look at each record when all are of one side and producer. Otherwise two
/// passes over the columns and a table of 4 to 8 bytes a record while they last; only what is
/// left is sorted.
pub fn candidates<S>(columns: &LegColumns<'_, S>, facts: &LegFacts<'_>) -> Candidates
where
    S: Copy + Into<LegSide> + Sync,
{
    let rows = columns.rows();
    if columns.one_class() {
        return Candidates::default();
    }
    let moves = |row: u32| columns.from[row as usize] != columns.to[row as usize];
    let by_key = |row: u32, (minor, currency): (i64, Currency)| {
        let (from, to) = columns.accounts(row);
        moves(row).then(|| mixed(&[u64::from(from), u64::from(to), minor as u64, code(currency)]))
    };
    let mut by_accounts = of_several_classes(columns, facts.received, &by_key);
    by_accounts.par_sort_unstable_by_key(|row| (columns.key(*row), *row));
    let by_money = |row: u32, (minor, currency): (i64, Currency)| {
        (moves(row) && (facts.payment)(row)).then(|| mixed(&[minor as u64, code(currency)]))
    };
    let open = |row: u32| {
        let (from, to) = columns.accounts(row);
        !((facts.whole)(from) && (facts.whole)(to))
    };
    let mut by_amount = Vec::new();
    // Two records of whole numbers are matched by these, or are not of one transfer.
    if (0..rows).into_par_iter().any(|row| moves(row) && open(row) && (facts.payment)(row)) {
        by_amount = of_several_classes(columns, facts.received, &by_money);
        by_amount.par_sort_unstable_by_key(|row| (columns.amount(*row), columns.day(*row), *row));
    }
    Candidates { by_accounts, by_amount }
}

/// Finds the readings of each transfer among the candidates: those within `window_days` days on
/// which banks book. Output ascending, independent of threads and of the order of sources.
///
/// Costs O(n log n) for n candidates, and for a block of records equal in accounts, amount and
/// currency at most [`in_order::CELLS_MAX`] steps for each stretch of days.
pub fn match_legs<S>(
    columns: &LegColumns<'_, S>,
    facts: &LegFacts<'_>,
    candidates: &Candidates,
    window_days: i32,
) -> Legs
where
    S: Copy + Into<LegSide> + Sync,
{
    let window_days = booking_days::window_of(window_days);
    let mut found = Found::default();
    let attached = blocks::match_converted(columns, facts, candidates, window_days, &mut found);
    let resolution = named::resolve(columns, facts, candidates, window_days);
    let known = (attached, &resolution);
    blocks::match_blocks(columns, facts, candidates, window_days, known, &mut found);
    found.list_named(columns, facts, &resolution);
    found.legs(columns, facts)
}

/// What the stages have found so far.
#[derive(Debug, Default)]
struct Found {
    /// Transfers of more than one reading, by each of their readings.
    of_row: Lookup<u32, usize>,
    units: Vec<Unit>,
    /// A reading and what its merge took.
    evidence: Lookup<u32, String>,
    /// The unit's ends, where other readings than its first identify them.
    resolved: Lookup<usize, (u32, u32)>,
    possible: Vec<(u32, u32, &'static str)>,
    unlisted: u64,
}

impl Found {
    fn keep(&mut self, unit: Unit) {
        if unit.readings.len() > 1 {
            let number = self.units.len();
            self.of_row.extend(unit.readings.iter().map(|row| (*row, number)));
            self.units.push(unit);
        }
    }

    fn tell(&mut self, reading: u32, evidence: String) {
        let told = self.evidence.entry(reading).or_default();
        if !told.is_empty() {
            told.push_str("; ");
        }
        told.push_str(&evidence);
    }

    /// Lists the pairs that names and masked numbers left open, of records that found no other
    /// reading of that kind.
    fn list_named<S>(
        &mut self,
        columns: &LegColumns<'_, S>,
        facts: &LegFacts<'_>,
        resolution: &named::Resolution,
    ) where
        S: Copy + Into<LegSide> + Sync,
    {
        let has = |row: u32, other: u32| {
            let class = columns.class(other, facts);
            self.of_row.get(&row).is_some_and(|number| {
                let readings = &self.units[*number].readings;
                readings.iter().any(|one| columns.class(*one, facts) == class)
            })
        };
        self.unlisted += resolution.uncompared;
        let mut listed: Lookup<u32, usize> = Lookup::default();
        for (one, other, why) in &resolution.open {
            if has(*one, *other) || has(*other, *one) {
                continue;
            }
            let count = listed.entry(*one).or_default();
            if *count == POSSIBLE_PAIRS_PER_RECORD_MAX {
                self.unlisted += 1;
                continue;
            }
            *count += 1;
            self.possible.push((*one, *other, why));
        }
    }

    fn legs<S>(self, columns: &LegColumns<'_, S>, facts: &LegFacts<'_>) -> Legs
    where
        S: Copy + Into<LegSide> + Sync,
    {
        let mut legs = Legs { unlisted: self.unlisted, ..Legs::default() };
        let mut beside: Lookup<u32, u32> = Lookup::default();
        let mut first_of: Lookup<u32, u32> = Lookup::default();
        let mut further = Vec::new();
        for (number, unit) in self.units.iter().enumerate() {
            let mut readings = unit.readings.clone();
            readings.sort_by_key(|row| {
                let (place, producer) = columns.class(*row, facts);
                let list = (1..RECEIVER).contains(&place);
                (
                    if list { 1 } else { place },
                    columns.day(*row),
                    place,
                    producer,
                    (facts.order)(*row),
                )
            });
            beside.extend(readings.get(1).map(|row| (readings[0], *row)));
            for row in &readings[1..] {
                legs.merged.push((readings[0], *row));
                further.push(*row);
            }
            first_of.extend(readings.iter().map(|row| (*row, readings[0])));
            if let Some((from, to)) = self.resolved.get(&number) {
                legs.resolved.push((readings[0], *from, *to));
            }
        }
        further.sort_unstable();
        let told = |row: u32| first_of.get(&row).copied().unwrap_or(row);
        for (reading, evidence) in self.evidence {
            // What was told of the first reading is told of the one beside it.
            let reading = match further.binary_search(&reading) {
                Ok(_) => reading,
                Err(_) => {
                    // Looked up and not searched for: there are as many merged pairs as notes.
                    beside.get(&told(reading)).copied().unwrap_or(reading)
                }
            };
            legs.evidence.push((reading, evidence));
        }
        legs.possible = self.possible;
        legs.possible.retain(|(one, other, _)| told(*one) != told(*other));
        legs.merged.sort_unstable();
        legs.evidence.sort_unstable();
        legs.resolved.sort_unstable();
        legs.possible.sort_unstable();
        legs.possible.dedup_by_key(|pair| (pair.0, pair.1));
        legs
    }
}

/// Rows whose hash is shared by rows of another class, ascending. `hash` is asked for what a row
/// states that left, and again for what it states that arrived.
fn of_several_classes<S>(
    columns: &LegColumns<'_, S>,
    received: &HashMap<u32, (i64, Currency)>,
    hash: &(dyn Fn(u32, (i64, Currency)) -> Option<u64> + Sync),
) -> Vec<u32>
where
    S: Copy + Into<LegSide> + Sync,
{
    let rows = columns.rows();
    let places = (rows as usize).next_power_of_two().max(1 << 10);
    let at = |hash: u64| (hash >> 32) as usize & (places - 1);
    // 0: nobody, else a class, or the last number for several.
    let mut classes = vec![0_u32; places];
    let faces = |row: u32| {
        let stated = received.get(&row).copied();
        std::iter::once(columns.amount(row)).chain(stated)
    };
    for row in 0..rows {
        let class = u32::try_from(columns.rough_class(row) + 1).unwrap_or(u32::MAX);
        for hash in faces(row).filter_map(|face| hash(row, face)) {
            let place = &mut classes[at(hash)];
            *place = if *place == 0 || *place == class { class } else { u32::MAX };
        }
    }
    let several = |row: &u32| {
        faces(*row).filter_map(|face| hash(*row, face)).any(|hash| classes[at(hash)] == u32::MAX)
    };
    (0..rows).into_par_iter().filter(several).collect()
}

fn code(currency: Currency) -> u64 {
    let code = currency.code().bytes();
    code.fold(0, |sum, letter| sum * 256 + u64::from(letter))
}

/// A hash of a few numbers, the same in every run.
fn mixed(parts: &[u64]) -> u64 {
    parts.iter().fold(0x2545_f491_4f6c_dd1d, |hash, part| stirred(hash, *part))
}

/// A hash with one more number in it.
fn stirred(hash: u64, part: u64) -> u64 {
    let mixed = (hash ^ part).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ (mixed >> 29)
}

#[cfg(test)]
mod tests;
