//! Small random cases for patterns, what the records say of their order, and how an answer is
//! read back: instances by role and by transfer.

use std::collections::{BTreeMap, BTreeSet};

use moneytrail::analyses::Outcome;
use moneytrail::model::{Currency, Values};
use moneytrail::store::{Accounts, Case, Manifest, Side, Transfers};
use proptest::prelude::*;

const HOUR_MS: i64 = 3_600_000;

/// From, to, day, hour if the record states one, and whose statement it was read on.
pub type Row = (u32, u32, i32, Option<i64>, Option<Side>);

/// A case of few accounts, the last two of them unidentified far ends.
#[derive(Clone, Debug)]
pub struct Sketch {
    pub rows: Vec<Row>,
    /// Place of each row in the statements.
    lines: Vec<u32>,
    identified: u32,
}

/// An instance as the tables give it.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Told {
    pub roles: BTreeMap<String, BTreeSet<u32>>,
    pub rows: BTreeSet<usize>,
}

impl Sketch {
    /// Accounts `0..identified`, and two far ends that the records do not name.
    pub fn new(rows: &[Row], identified: u32) -> Sketch {
        let mut rows = rows.to_vec();
        // Statements are in order of days; within one they stand as they were drawn.
        rows.sort_by_key(|row| row.2);
        let mut both: Vec<(Row, u32)> = rows.into_iter().zip(1..).collect();
        both.sort_by_key(|(row, _)| hours(row));
        let (rows, lines) = both.into_iter().unzip();
        Sketch { rows, lines, identified }
    }

    pub fn case(&self) -> Case {
        let names: Vec<String> = (0..self.identified + 2).map(|at| at.to_string()).collect();
        let kind = |at| if at < self.identified { "account" } else { "unidentified" };
        let accounts = Accounts {
            account: names.iter().map(String::as_str).collect(),
            kind: (0..self.identified + 2).map(kind).collect(),
            ..Accounts::default()
        };
        let column = |of: fn(&Row) -> u32| self.rows.iter().map(of).collect::<Vec<u32>>();
        // Midnight in New York, so that the start of a day is not that of UTC.
        let ms = |row: &Row| (hours(row) + 5) * HOUR_MS;
        let transfers = Transfers {
            from_account: column(|row| row.0),
            to_account: column(|row| row.1),
            booked_ms: self.rows.iter().map(ms).collect(),
            day: self.rows.iter().map(|row| row.2).collect(),
            timed: self.rows.iter().map(|row| row.3.is_some()).collect(),
            amount_minor: vec![100; self.rows.len()],
            currency: vec![Currency::USD; self.rows.len()],
            side: self.rows.iter().map(|row| row.4.unwrap_or(Side::List)).collect(),
            source: (0..self.rows.len()).map(|row| self.source(row)).collect(),
            line: self.lines.clone(),
            ..Transfers::default()
        };
        Case::in_memory(Manifest::default()).with(accounts).with(transfers)
    }

    /// Each account has one statement, and the list of what is on none is another source.
    fn source(&self, row: usize) -> u32 {
        match self.rows[row].4 {
            Some(Side::Sender) => self.rows[row].0,
            Some(Side::Receiver) => self.rows[row].1,
            _ => self.identified + 2,
        }
    }

    /// Accounts that can be a member.
    pub fn accounts(&self) -> std::ops::Range<u32> {
        0..self.identified
    }

    /// Hours at which a row stands: a date at the start of its day.
    pub fn at(&self, row: usize) -> i64 {
        hours(&self.rows[row])
    }

    /// Every hour at which a row stands.
    pub fn hours(&self) -> BTreeSet<i64> {
        self.rows.iter().map(hours).collect()
    }

    /// Rows from one account to another.
    pub fn between(&self, from: u32, to: u32) -> Vec<usize> {
        let rows = 0..self.rows.len();
        rows.filter(|row| from != to && (self.rows[*row].0, self.rows[*row].1) == (from, to))
            .collect()
    }

    /// True when the records say that one transfer of an account came before another.
    pub fn follows(&self, account: u32, first: usize, then: usize) -> bool {
        let (one, other) = (&self.rows[first], &self.rows[then]);
        if let (Some(_), Some(_)) = (one.3, other.3) {
            return hours(one) < hours(other);
        }
        let stated = |row: usize| self.rows[row].4.is_some() && self.source(row) == account;
        let ordered = stated(first) && stated(then) && self.lines[first] < self.lines[then];
        one.2 < other.2 || one.2 == other.2 && ordered
    }

    /// The instances of the first table, with their transfers from the second.
    pub fn told(&self, outcome: &Outcome) -> BTreeSet<Told> {
        let [members, transfers] = outcome.tables.as_slice() else { panic!("two tables") };
        let mut told: BTreeMap<i64, Told> = BTreeMap::new();
        let numbers = |table: &moneytrail::model::ResultTable| match table.column("instance") {
            Some(Values::Count(numbers)) => numbers.iter().map(|it| it.unwrap()).collect(),
            _ => Vec::new(),
        };
        let word = |column, row| members.column(column).unwrap().text(row).unwrap();
        let empty = || Told { roles: BTreeMap::new(), rows: BTreeSet::new() };
        for (row, number) in numbers(members).into_iter().enumerate() {
            let (name, role) = (word("account", row), word("role_in_pattern", row));
            let one = told.entry(number).or_insert_with(empty);
            one.roles.entry(role.to_owned()).or_default().insert(name.parse().unwrap());
        }
        let Some(Values::Refs(refs)) = transfers.column("source_refs") else {
            panic!("a column of places")
        };
        for (number, places) in numbers(transfers).into_iter().zip(refs) {
            let line = places[0].line;
            let row = self.lines.iter().position(|own| *own == line).unwrap();
            assert!(told.get_mut(&number).unwrap().rows.insert(row), "a transfer stands once");
        }
        let many = told.len();
        let told: BTreeSet<Told> = told.into_values().collect();
        assert_eq!(told.len(), many, "no instance is told twice");
        told
    }
}

impl Told {
    pub fn new(roles: &[(&str, &BTreeSet<u32>)], rows: BTreeSet<usize>) -> Told {
        let filled = roles.iter().filter(|(_, accounts)| !accounts.is_empty());
        let roles = filled.map(|(role, accounts)| ((*role).to_owned(), (*accounts).clone()));
        Told { roles: roles.collect(), rows }
    }
}

fn hours(row: &Row) -> i64 {
    i64::from(row.2) * 24 + row.3.unwrap_or(0)
}

/// Joins sets that have something in common until none have.
pub fn joined(sets: Vec<BTreeSet<usize>>) -> Vec<BTreeSet<usize>> {
    let mut found: Vec<BTreeSet<usize>> = Vec::new();
    for mut set in sets {
        while let Some(at) = found.iter().position(|other| !other.is_disjoint(&set)) {
            set.extend(found.remove(at));
        }
        found.push(set);
    }
    found
}

/// Rows with ties, self-transfers, repeats, unidentified ends, dates with and without times, on
/// statements and on none. Few hours, so that ties are common.
pub fn rows(accounts: u32, rows_max: usize) -> impl Strategy<Value = Vec<Row>> {
    let hour = prop_oneof![
        3 => prop::sample::select(vec![Some(0), Some(9), Some(10), Some(15)]),
        1 => Just(None),
    ];
    let side = prop_oneof![Just(None), Just(Some(Side::Sender)), Just(Some(Side::Receiver)),];
    let all_timed = any::<bool>();
    let row = (0..accounts + 2, 0..accounts + 2, 0..5_i32, hour, side);
    (prop::collection::vec(row, 0..rows_max), all_timed).prop_map(|(mut rows, all_timed)| {
        if all_timed {
            rows.iter_mut().for_each(|row| row.3 = row.3.or(Some(9)));
        }
        rows
    })
}
