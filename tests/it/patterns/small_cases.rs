//! Small cases for the slow searches: few accounts, ties, self-transfers, many transfers between
//! two accounts, unidentified ends, dates without times, and statements that order a day.

use std::collections::{BTreeMap, BTreeSet};

use moneytrail::analyses::Outcome;
use moneytrail::model::{Channel, Currency, Values};
use moneytrail::store::{Accounts, Case, Details, Holdings, Manifest, Parties, Side, Transfers};
use proptest::prelude::*;
use proptest::strategy::ValueTree;

pub const HOUR_MS: i64 = 3_600_000;
pub const DAY_MS: i64 = 24 * HOUR_MS;

/// Accounts 0 to 5 are known, 6 and 7 unidentified far ends. P holds 0 and 1, Q holds 2, R
/// holds 3, and account 4 is nobody's; 5 is S's from day 4 on.
pub const NAMES: [&str; 8] = ["A", "B", "C", "D", "E", "F", "?1", "?2"];

pub fn is_known(account: u32) -> bool {
    account < 6
}

/// A number for whoever holds an account on a day.
pub fn holder(account: u32, day: i32) -> u32 {
    match (account, day) {
        (0 | 1, _) => 100,
        (5, 4..) => 105,
        (other, _) => other,
    }
}

/// One transfer.
#[derive(Clone, Debug)]
pub struct Row {
    pub from: u32,
    pub to: u32,
    pub day: i32,
    pub hour: Option<i64>,
    pub minor: i64,
    pub cash: bool,
    /// Place of the record, if it names one.
    pub place: Option<&'static str>,
    pub said: &'static str,
    pub side: Side,
    pub source: u32,
    pub line: u32,
    /// Whether its source shows by its days that it is written newest first.
    pub newest_first: bool,
}

impl Row {
    /// A payment of which a list says nothing but its ends and when.
    pub fn listed((from, to): (u32, u32), day: i32, hour: Option<i64>, line: u32) -> Row {
        Row {
            from,
            to,
            day,
            hour,
            minor: 100,
            cash: false,
            place: None,
            said: "",
            side: Side::List,
            source: 0,
            line,
            newest_first: false,
        }
    }

    /// The instant, which on days 2 to 12 is an hour later than the clock says: day 1 has 25 hours
    /// and day 12 has 23.
    pub fn ms(&self) -> i64 {
        let change = if (2..=12).contains(&self.day) { HOUR_MS } else { 0 };
        i64::from(self.day) * DAY_MS + change + self.hour.unwrap_or(0) * HOUR_MS
    }

    /// The account whose statement the record stands in.
    fn own(&self) -> Option<u32> {
        match self.side {
            Side::Sender => Some(self.from),
            Side::Receiver => Some(self.to),
            Side::List => None,
        }
    }

    /// Whether the records put this transfer of an account before another.
    pub fn is_before(&self, account: u32, other: &Row) -> bool {
        if self.hour.is_some() && other.hour.is_some() {
            return self.ms() < other.ms();
        }
        self.day < other.day || self.day == other.day && self.is_above(account, other)
    }

    /// Whether one statement of the account has both, and this one before the other.
    fn is_above(&self, account: u32, other: &Row) -> bool {
        let one_statement = self.own() == Some(account)
            && other.own() == Some(account)
            && self.source == other.source;
        let order = match self.newest_first {
            true => other.line.cmp(&self.line),
            false => self.line.cmp(&other.line),
        };
        one_statement && order.is_lt()
    }

    /// Milliseconds between two records, whole days where one of them has no time.
    pub fn apart_ms(&self, later: &Row) -> i64 {
        match self.hour.is_some() && later.hour.is_some() {
            true => later.ms() - self.ms(),
            false => i64::from(later.day - self.day) * DAY_MS,
        }
    }
}

pub struct Shape {
    pub days: i32,
    pub rows: usize,
    pub minor: std::ops::Range<i64>,
    pub said: &'static [&'static str],
}

/// Rows in the order of the table. The lines of a source ascend with its days or fall with them;
/// that they fall shows where some account has rows of two days there.
pub fn rows(shape: Shape) -> impl Strategy<Value = Vec<Row>> {
    let Shape { days, rows, minor, said } = shape;
    let ends = (0..8_u32, 0..8_u32);
    let when = (0..days, prop::option::of(prop::sample::select(vec![9_i64, 10, 20])), 0..8_u8);
    let what = (minor, any::<bool>(), prop::sample::select(said));
    let place =
        prop::option::weighted(0.8, prop::sample::select(vec!["Inn", "Mill", "Quay", "Spa"]));
    let side = prop::sample::select(vec![Side::Sender, Side::Receiver, Side::List]);
    let row = (ends, when, what, place, side, 0..2_u32).prop_map(|it| {
        let ((from, to), (day, hour, order), (minor, cash, said), place, side, source) = it;
        let row = Row::listed((from, to), day, hour, 0);
        (order, Row { minor, cash, place, said, side, source, ..row })
    });
    (prop::collection::vec(row, 0..rows), any::<[bool; 2]>()).prop_map(|(mut rows, falling)| {
        rows.sort_by_key(|(order, _)| *order);
        laid(rows.into_iter().map(|(_, row)| row).collect(), falling)
    })
}

/// Rows with the lines of their sources, of which the ones said are written newest first; those
/// of one day keep their order. They come back in the order of the table.
pub fn laid(mut rows: Vec<Row>, newest_first: [bool; 2]) -> Vec<Row> {
    let falls = |row: &Row| newest_first[row.source as usize];
    rows.sort_by_key(|row| (row.source, if falls(row) { -row.day } else { row.day }));
    let days: BTreeSet<_> = rows
        .iter()
        .filter_map(|row| row.own().map(|account| (row.source, account, row.day)))
        .collect();
    let shown = |row: &Row| {
        let of_source = || days.iter().filter(|it| it.0 == row.source);
        of_source().any(|one| of_source().any(|two| one.1 == two.1 && one.2 < two.2))
    };
    for (line, row) in (2..).zip(&mut rows) {
        row.line = line;
        row.newest_first = falls(row) && shown(row);
    }
    rows.sort_by_key(|row| (row.ms(), row.source, row.line));
    rows
}

pub fn case(rows: &[Row]) -> Case {
    let yen: Currency = "JPY".parse().unwrap();
    let accounts = Accounts {
        key: NAMES.into_iter().collect(),
        account: NAMES.into_iter().collect(),
        institution: [""; 8].into_iter().collect(),
        number: NAMES.into_iter().collect(),
        kind: (0..8).map(|it| if is_known(it) { "account" } else { "unidentified" }).collect(),
        near_account: vec![u32::MAX; 8],
        currency: vec![None; 8],
        product: [""; 8].into_iter().collect(),
        opened: vec![None; 8],
        opened_ms: vec![None; 8],
        closed: vec![None; 8],
        blocked: vec![None; 8],
        linked_account: vec![u32::MAX; 8],
    };
    let transfers = Transfers {
        from_account: rows.iter().map(|row| row.from).collect(),
        to_account: rows.iter().map(|row| row.to).collect(),
        booked_ms: rows.iter().map(Row::ms).collect(),
        day: rows.iter().map(|row| row.day).collect(),
        timed: rows.iter().map(|row| row.hour.is_some()).collect(),
        amount_minor: rows.iter().map(|row| row.minor).collect(),
        currency: vec![yen; rows.len()],
        channel: rows
            .iter()
            .map(|row| if row.cash { Channel::Cash } else { Channel::Wire })
            .collect(),
        side: rows.iter().map(|row| row.side).collect(),
        source: rows.iter().map(|row| row.source).collect(),
        line: rows.iter().map(|row| row.line).collect(),
    };
    let parties = Parties {
        party: ["P", "Q", "R", "S"].into_iter().collect(),
        name: ["P", "Q", "R", "S"].into_iter().collect(),
        key: ["1", "2", "3", "4"].into_iter().collect(),
        kind: [""; 4].into_iter().collect(),
        born: vec![None; 4],
        jurisdiction: [""; 4].into_iter().collect(),
        records: vec![1; 4],
    };
    let holdings = Holdings {
        account: vec![0, 1, 2, 3, 5],
        party: vec![0, 0, 1, 2, 3],
        role: ["owner"; 5].into_iter().collect(),
        opened: vec![None, None, None, None, Some(4)],
        closed: vec![None; 5],
        source: vec![0; 5],
        line: (1..6).collect(),
    };
    let case = Case::in_memory(Manifest::default()).with(accounts).with(transfers);
    case.with(parties).with(holdings).with(details(rows))
}

fn details(rows: &[Row]) -> Details {
    let mut rows: Vec<&Row> = rows.iter().collect();
    rows.sort_by_key(|row| (row.source, row.line));
    let empty = || rows.iter().map(|_| "").collect();
    Details {
        source: rows.iter().map(|row| row.source).collect(),
        line: rows.iter().map(|row| row.line).collect(),
        balance_minor: vec![None; rows.len()],
        value_day: vec![None; rows.len()],
        description: rows.iter().map(|row| row.said).collect(),
        reference: empty(),
        counterparty: empty(),
        pattern: empty(),
        place: rows.iter().map(|row| row.place.unwrap_or_default()).collect(),
        page: empty(),
        attributes: empty(),
    }
}

/// Roles and accounts of an instance, and the rows of its transfers.
pub type Told = (BTreeSet<(String, String)>, Vec<usize>);

/// The instances of an outcome, of which no two are alike.
pub fn told(outcome: &Outcome, rows: &[Row]) -> BTreeSet<Told> {
    let each = told_each(outcome, rows);
    let count = each.len();
    let set: BTreeSet<Told> = each.into_iter().collect();
    assert_eq!(set.len(), count, "each instance once");
    set
}

/// The instances of an outcome.
pub fn told_each(outcome: &Outcome, rows: &[Row]) -> Vec<Told> {
    let [members, transfers] = outcome.tables.as_slice() else { panic!("two tables") };
    let mut instances: BTreeMap<i64, Told> = BTreeMap::new();
    let numbers = |table: &moneytrail::model::ResultTable| match table.column("instance") {
        Some(Values::Count(numbers)) => numbers.clone(),
        _ => panic!("a table of instances numbers them"),
    };
    for (row, number) in numbers(members).into_iter().enumerate() {
        let text = |column| members.column(column).unwrap().text(row).unwrap().to_owned();
        let member = (text("role_in_pattern"), text("account"));
        instances.entry(number.unwrap()).or_default().0.insert(member);
    }
    let Some(Values::Refs(refs)) = transfers.column("source_refs") else { panic!("refs") };
    for (number, refs) in numbers(transfers).into_iter().zip(refs) {
        let at = |row: &Row| (row.source, row.line) == (refs[0].source, refs[0].line);
        let row = rows.iter().position(at).unwrap();
        instances.get_mut(&number.unwrap()).unwrap().1.push(row);
    }
    instances.into_values().collect()
}

/// Joins sets of which any two are joined by `touch`, until none are.
pub fn joined<T>(
    mut sets: Vec<T>,
    touch: impl Fn(&T, &T) -> bool,
    add: impl Fn(&mut T, T),
) -> Vec<T> {
    loop {
        let pairs =
            (0..sets.len()).flat_map(|one| (one + 1..sets.len()).map(move |two| (one, two)));
        let found = pairs.into_iter().find(|(one, two)| touch(&sets[*one], &sets[*two]));
        let Some((one, two)) = found else { return sets };
        let other = sets.remove(two);
        add(&mut sets[one], other);
    }
}

/// Credits of an account in the order in which they came: a date counts as the latest time that a
/// statement puts before it on its day, and rows of one statement change places until none of
/// those that count alike stands before one that the statement puts above it.
pub fn as_they_came(rows: &[Row], account: u32, credits: &[usize]) -> Vec<usize> {
    in_order(rows, account, credits, |date| {
        let timed = rows.iter().filter(|it| it.hour.is_some() && it.day == date.day);
        timed.filter(|it| it.is_above(account, date)).map(Row::ms).max().unwrap_or(i64::MIN)
    })
}

/// Debits of an account in the order in which they left, a date as late as its statement allows.
fn as_they_left(rows: &[Row], account: u32, debits: &[usize]) -> Vec<usize> {
    in_order(rows, account, debits, |date| {
        let timed = rows.iter().filter(|it| it.hour.is_some() && it.day == date.day);
        timed.filter(|it| date.is_above(account, it)).map(Row::ms).min().unwrap_or(i64::MAX)
    })
}

fn in_order(rows: &[Row], account: u32, of: &[usize], date_ms: impl Fn(&Row) -> i64) -> Vec<usize> {
    let moment = |at: usize| {
        let row = &rows[at];
        (row.day, if row.hour.is_some() { row.ms() } else { date_ms(row) })
    };
    let mut order = of.to_vec();
    order.sort_by_key(|at| (moment(*at), *at));
    let places = || (0..of.len()).flat_map(|one| (one + 1..of.len()).map(move |two| (one, two)));
    let wrong = |order: &[usize]| {
        let is_wrong = |(one, two): &(usize, usize)| {
            let (before, after) = (order[*one], order[*two]);
            moment(before) == moment(after) && rows[after].is_above(account, &rows[before])
        };
        places().find(is_wrong)
    };
    while let Some((one, two)) = wrong(&order) {
        order.swap(one, two);
    }
    order
}

/// What one row of an account took from another, first in first out: every debit looks at every
/// credit, but for those behind a time later than its own.
pub fn first_in_first_out(
    rows: &[Row],
    account: u32,
    (credits, debits): (&[usize], &[usize]),
    may: impl Fn(&Row, &Row) -> bool,
) -> Vec<(usize, usize, i64)> {
    let credits = as_they_came(rows, account, credits);
    let debits = as_they_left(rows, account, debits);
    let mut left: Vec<i64> = credits.iter().map(|it| rows[*it].minor).collect();
    let mut taken = Vec::new();
    for &debit in &debits {
        let mut wanted = rows[debit].minor;
        for (at, &credit) in credits.iter().enumerate() {
            let (came, went) = (&rows[credit], &rows[debit]);
            let timed = came.hour.is_some() && went.hour.is_some();
            if came.day > went.day || came.day == went.day && timed && came.ms() > went.ms() {
                break;
            }
            let minor = left[at].min(wanted);
            if may(came, went) && minor > 0 {
                left[at] -= minor;
                wanted -= minor;
                taken.push((credit, debit, minor));
            }
        }
    }
    taken
}

/// How many of a hundred small cases hold what is looked for: a comparison of nothing with
/// nothing would prove nothing.
pub fn finds(shape: Shape, slow: impl Fn(&[Row]) -> usize) -> usize {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let strategy = rows(shape);
    let tries = 0..100;
    tries.filter(|_| slow(&strategy.new_tree(&mut runner).unwrap().current()) > 0).count()
}
