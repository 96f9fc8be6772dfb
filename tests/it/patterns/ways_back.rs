//! Cycles and round trips against a slow search that tries every walk.

use std::collections::BTreeSet;

use moneytrail::analyses::{Inputs, Outcome, cycles, round_trip};
use moneytrail::model::{Channel, Currency, Values};
use moneytrail::store::{Accounts, Case, Holdings, Manifest, Parties, Side, Transfers};
use proptest::prelude::*;

use super::small_cases;

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// From, to, day, hour if the record states one.
type Row = (u32, u32, i32, Option<i64>);

/// Accounts 0 to 5, of which 5 is an unidentified far end; 0 and 1 have one owner, 2 and 3
/// another, 4 a third.
fn case(rows: &[Row]) -> Case {
    let ms = |row: &Row| i64::from(row.2) * DAY_MS + row.3.unwrap_or(0) * HOUR_MS;
    let mut rows = rows.to_vec();
    rows.sort_by_key(ms);
    const NAMES: [&str; 6] = ["A", "B", "C", "D", "E", "?"];
    let kinds = (0..6).map(|node| if node < 5 { "account" } else { "unidentified" });
    let accounts = Accounts {
        key: NAMES.into_iter().collect(),
        account: NAMES.into_iter().collect(),
        institution: [""; 6].into_iter().collect(),
        number: NAMES.into_iter().collect(),
        kind: kinds.collect(),
        near_account: vec![u32::MAX; 6],
        currency: vec![None; 6],
        product: [""; 6].into_iter().collect(),
        opened: vec![None; 6],
        opened_ms: vec![None; 6],
        closed: vec![None; 6],
        blocked: vec![None; 6],
        linked_account: vec![u32::MAX; 6],
    };
    let transfers = Transfers {
        from_account: rows.iter().map(|row| row.0).collect(),
        to_account: rows.iter().map(|row| row.1).collect(),
        booked_ms: rows.iter().map(ms).collect(),
        day: rows.iter().map(|row| row.2).collect(),
        timed: rows.iter().map(|row| row.3.is_some()).collect(),
        amount_minor: (0..rows.len() as i64).map(|at| 100 + at).collect(),
        currency: vec![Currency::USD; rows.len()],
        channel: vec![Channel::Wire; rows.len()],
        side: vec![Side::List; rows.len()],
        source: vec![0; rows.len()],
        line: (2..rows.len() as u32 + 2).collect(),
    };
    let parties = Parties {
        party: ["P", "Q", "R"].into_iter().collect(),
        name: ["P", "Q", "R"].into_iter().collect(),
        key: ["1", "2", "3"].into_iter().collect(),
        kind: ["", "", ""].into_iter().collect(),
        born: vec![None; 3],
        jurisdiction: ["", "", ""].into_iter().collect(),
        records: vec![1; 3],
    };
    let holdings = Holdings {
        account: vec![0, 1, 2, 3, 4],
        party: vec![0, 0, 1, 1, 2],
        role: ["owner"; 5].into_iter().collect(),
        opened: vec![None; 5],
        closed: vec![None; 5],
        source: vec![0; 5],
        line: (1..6).collect(),
    };
    Case::in_memory(Manifest::default()).with(accounts).with(transfers).with(parties).with(holdings)
}

/// The lines of each instance's transfers, in order.
fn told(outcome: &Outcome) -> BTreeSet<Vec<u32>> {
    let table = &outcome.tables[1];
    let column = |name: &str| &table.columns.iter().find(|it| it.name == name).unwrap().values;
    let (Values::Count(instances), Values::Refs(refs)) =
        (column("instance"), column("source_refs"))
    else {
        panic!("a table of steps has instances and source refs");
    };
    let mut ways = vec![Vec::new(); instances.iter().flatten().max().map_or(0, |it| *it as usize)];
    for (instance, refs) in instances.iter().zip(refs) {
        ways[instance.unwrap() as usize - 1].push(refs[0].line);
    }
    let set: BTreeSet<Vec<u32>> = ways.iter().cloned().collect();
    assert_eq!(set.len(), ways.len(), "each instance once");
    set
}

/// Every walk that never enters an account twice, tried transfer by transfer.
struct Slow<'a> {
    transfers: &'a Transfers,
    fewest: usize,
    most: usize,
    window_ms: i64,
    home: fn(u32) -> u32,
    found: BTreeSet<Vec<u32>>,
}

impl Slow<'_> {
    fn later(&self, one: usize, other: usize) -> bool {
        let it = self.transfers;
        match it.timed[one] && it.timed[other] {
            true => it.booked_ms[one] < it.booked_ms[other],
            false => it.day[one] < it.day[other],
        }
    }

    fn walk(&mut self, rows: &mut Vec<usize>, parties: bool) {
        let it = self.transfers;
        let (first, last) = (rows[0], rows[rows.len() - 1]);
        if it.booked_ms[last] - it.booked_ms[first] > self.window_ms {
            return;
        }
        let (origin, here) = (it.from_account[first], it.to_account[last]);
        let mut seen: Vec<u32> = rows.iter().map(|row| it.from_account[*row]).collect();
        let at_home = (self.home)(origin) == (self.home)(here);
        if at_home {
            let apart = here != origin;
            let accounts = rows.len() + usize::from(parties);
            if apart == parties && (self.fewest..=self.most).contains(&accounts) {
                self.found.insert(rows.iter().map(|row| it.line[*row]).collect());
            }
            return;
        }
        if here == 5 || seen.contains(&here) {
            return;
        }
        seen.push(here);
        for next in 0..it.day.len() {
            if it.from_account[next] == here && self.later(last, next) {
                rows.push(next);
                self.walk(rows, parties);
                rows.pop();
            }
        }
    }

    fn all(mut self, parties: bool) -> BTreeSet<Vec<u32>> {
        for first in 0..self.transfers.day.len() {
            if self.transfers.from_account[first] != 5 {
                self.walk(&mut vec![first], parties);
            }
        }
        self.found
    }
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let hour = prop_oneof![3 => (0..24_i64).prop_map(Some), 1 => Just(None)];
    prop::collection::vec((0..6_u32, 0..6_u32, 0..4_i32, hour), 0..28)
}

proptest! {
    #[test]
    fn every_cycle_is_found_once(
        rows in rows(),
        fewest in 2..4_u32,
        more in 0..4_u32,
        window_hours in 0..100_u32,
    ) {
        let case = case(&rows);
        let params = cycles::Params {
            accounts_min: fewest,
            accounts_max: fewest + more,
            window_hours,
            ..cycles::Params::default()
        };
        let outcome = cycles::run(&Inputs::new(&case), &params).unwrap();
        let slow = Slow {
            transfers: case.transfers().unwrap(),
            fewest: fewest as usize,
            most: (fewest + more) as usize,
            window_ms: i64::from(window_hours) * HOUR_MS,
            home: |account| account,
            found: BTreeSet::new(),
        };
        prop_assert_eq!(told(&outcome), slow.all(false));
    }

    #[test]
    fn every_round_trip_is_found_once(
        rows in rows(),
        more in 0..3_u32,
        window_hours in 0..100_u32,
    ) {
        let case = case(&rows);
        let params = round_trip::Params {
            accounts_max: 3 + more,
            window_hours,
            ..round_trip::Params::default()
        };
        let outcome = round_trip::run(&Inputs::new(&case), &params).unwrap();
        let slow = Slow {
            transfers: case.transfers().unwrap(),
            fewest: 3,
            most: 3 + more as usize,
            window_ms: i64::from(window_hours) * HOUR_MS,
            home: |account| if account == 5 { 9 } else { account / 2 },
            found: BTreeSet::new(),
        };
        prop_assert_eq!(told(&outcome), slow.all(true));
    }
}

/// Ways over the small cases, whose statements order what stands on one day and whose clocks
/// change: accounts 0, 1 and 2 have one owner, 3 and 5 another, 4 none, 6 and 7 are unidentified.
struct SlowDays<'a> {
    rows: &'a [small_cases::Row],
    fewest: usize,
    most: usize,
    window_ms: i64,
    /// Absent for ways back to the account itself.
    home: Option<fn(u32) -> u32>,
    found: BTreeSet<Vec<u32>>,
}

impl SlowDays<'_> {
    /// Where a row stands for lengths of time: a date at the start of its day, days alike.
    fn at_ms(&self, at: usize) -> i64 {
        let days = |row: &small_cases::Row| i64::from(row.day) * DAY_MS;
        let row = &self.rows[at];
        let first = || self.rows.iter().find(|it| it.hour.is_none()).unwrap();
        match row.hour {
            Some(_) => row.ms(),
            None => days(row) + first().ms() - days(first()),
        }
    }

    fn walk(&mut self, way: &mut Vec<usize>) {
        let (first, last) = (way[0], way[way.len() - 1]);
        let (origin, here) = (self.rows[first].from, self.rows[last].to);
        let at_home = match self.home {
            Some(home) => home(origin) == home(here),
            None => origin == here,
        };
        if at_home {
            let accounts = way.len() + usize::from(self.home.is_some());
            let ends = (here == origin) == self.home.is_none();
            let soon = self.at_ms(last) - self.at_ms(first) <= self.window_ms;
            if ends && soon && (self.fewest..=self.most).contains(&accounts) {
                self.found.insert(way.iter().map(|at| *at as u32).collect());
            }
            return;
        }
        let repeats = way.iter().any(|at| self.rows[*at].from == here);
        if repeats || !small_cases::is_known(here) || way.len() == self.most {
            return;
        }
        for next in 0..self.rows.len() {
            let (one, other) = (&self.rows[last], &self.rows[next]);
            if other.from == here && one.is_before(here, other) {
                way.push(next);
                self.walk(way);
                way.pop();
            }
        }
    }

    fn all(mut self) -> BTreeSet<Vec<u32>> {
        for first in 0..self.rows.len() {
            if small_cases::is_known(self.rows[first].from) {
                self.walk(&mut vec![first]);
            }
        }
        self.found
    }
}

fn party_of(account: u32) -> u32 {
    match account {
        0..=2 => 10,
        3 | 5 => 11,
        other => other,
    }
}

fn shared_holdings() -> Holdings {
    Holdings {
        account: vec![0, 1, 2, 3, 5],
        party: vec![0, 0, 0, 1, 1],
        role: ["owner"; 5].into_iter().collect(),
        opened: vec![None; 5],
        closed: vec![None; 5],
        source: vec![0; 5],
        line: (1..6).collect(),
    }
}

fn day_rows() -> impl Strategy<Value = Vec<small_cases::Row>> {
    let shape = small_cases::Shape { days: 14, rows: 30, minor: 1..9, said: &[""] };
    // Days near the two clock changes, so that ways cross them.
    small_cases::rows(shape).prop_map(|mut rows| {
        rows.iter_mut().for_each(|row| row.day = [0, 1, 2, 11, 12, 13][row.day as usize % 6]);
        rows.sort_by_key(|row| (row.source, row.line));
        let falls = |source: u32| rows.iter().any(|row| row.source == source && row.newest_first);
        let newest_first = [falls(0), falls(1)];
        small_cases::laid(rows, newest_first)
    })
}

/// The rows of each instance's transfers, in order.
fn told_rows(outcome: &Outcome, rows: &[small_cases::Row]) -> BTreeSet<Vec<u32>> {
    let each = small_cases::told_each(outcome, rows);
    let count = each.len();
    let set: BTreeSet<Vec<u32>> =
        each.into_iter().map(|it| it.1.into_iter().map(|at| at as u32).collect()).collect();
    assert_eq!(set.len(), count, "each instance once");
    set
}

proptest! {
    #[test]
    fn ways_across_dates_statements_and_clock_changes_are_found_once(
        rows in day_rows(),
        fewest in 2..4_u32,
        more in 0..3_u32,
        window_hours in prop::sample::select(vec![0_u32, 1, 23, 24, 25, 47, 48, 49, 72, 168]),
    ) {
        let case = small_cases::case(&rows).with(shared_holdings());
        let slow = |fewest: u32, home: Option<fn(u32) -> u32>| {
            let most = (fewest + more) as usize;
            let window_ms = i64::from(window_hours) * HOUR_MS;
            let (fewest, found) = (fewest as usize, BTreeSet::new());
            SlowDays { rows: &rows, fewest, most, window_ms, home, found }.all()
        };
        let (accounts_min, accounts_max) = (fewest, fewest + more);
        let params =
            cycles::Params { accounts_min, accounts_max, window_hours, ..Default::default() };
        let outcome = cycles::run(&Inputs::new(&case), &params).unwrap();
        prop_assert_eq!(told_rows(&outcome, &rows), slow(fewest, None));

        let accounts_max = 3 + more;
        let params = round_trip::Params { accounts_max, window_hours, ..Default::default() };
        let outcome = round_trip::run(&Inputs::new(&case), &params).unwrap();
        prop_assert_eq!(told_rows(&outcome, &rows), slow(3, Some(party_of)));
    }
}

/// A record of one account, whose statement of all its records is source 0.
fn of_statement(from: u32, to: u32, day: i32, hour: Option<i64>, line: u32) -> small_cases::Row {
    let side = if from == 1 { Side::Sender } else { Side::Receiver };
    small_cases::Row { side, ..small_cases::Row::listed((from, to), day, hour, line) }
}

#[test]
fn a_date_that_a_statement_puts_below_a_time_of_its_day_follows_it() {
    let rows = [
        of_statement(1, 3, 5, None, 3),
        of_statement(0, 1, 5, Some(10), 2),
        of_statement(3, 0, 6, None, 4),
    ];
    let case = small_cases::case(&rows);
    let outcome = cycles::run(&Inputs::new(&case), &cycles::Params::default()).unwrap();
    let found = told_rows(&outcome, &rows);
    assert_eq!(found, BTreeSet::from([vec![1, 0, 2]]), "it stands at the start of its day");
}

#[test]
fn a_day_of_twenty_five_hours_is_a_day_between_dates() {
    // Two dates apart; the day between them has 25 hours.
    let rows = [
        of_statement(0, 1, 0, None, 2),
        of_statement(1, 3, 1, None, 3),
        of_statement(3, 0, 2, None, 4),
    ];
    let case = small_cases::case(&rows);
    let found = |window_hours: u32| {
        let params = cycles::Params { window_hours, ..cycles::Params::default() };
        told_rows(&cycles::run(&Inputs::new(&case), &params).unwrap(), &rows).len()
    };
    assert_eq!([found(47), found(48)], [0, 1]);
}

/// A bound on the search is told by account and number, and what was found before it stays.
#[test]
fn a_search_that_is_cut_names_its_account() {
    let rows: Vec<Row> = (0..40)
        .map(|at| [(0, 2), (2, 4), (4, 0)][at as usize % 3])
        .zip(0..)
        .map(|((from, to), at)| (from, to, at / 24, Some(i64::from(at % 24))))
        .collect();
    let case = case(&rows);
    let params = cycles::Params { steps_max: 20, ..cycles::Params::default() };
    let outcome = cycles::run(&Inputs::new(&case), &params).unwrap();
    let notes = outcome.tables[0].notes.join("\n");
    assert!(notes.contains("The search from A was ended after 20 transfers"), "{notes}");
    assert!(outcome.findings.iter().filter(|it| it.candidate_name == "A").all(|it| it.bound_met));

    let few = cycles::Params { instances_max: 2, ..cycles::Params::default() };
    let outcome = cycles::run(&Inputs::new(&case), &few).unwrap();
    assert_eq!(told(&outcome).len(), 2);
    let all = cycles::run(&Inputs::new(&case), &cycles::Params::default()).unwrap();
    let notes = outcome.tables[0].notes.join("\n");
    let said = format!("{} cycles were found; the 2 nearest", told(&all).len());
    assert!(notes.contains(&said), "{notes}");
}

/// Searches that take long come after the others and find the rest; once all together have taken
/// what they may, what each found at first stays and the notes say so.
#[test]
fn long_searches_find_everything_until_all_have_taken_enough() {
    let rows: Vec<Row> = (0..150)
        .map(|at| {
            let (from, to) = [(0, 2), (2, 4), (4, 0)][at as usize % 3];
            (from, to, at / 24, Some(i64::from(at % 24)))
        })
        .collect();
    let case = case(&rows);
    let wide =
        cycles::Params { window_hours: 200, instances_max: 1_000_000, ..cycles::Params::default() };
    let all = cycles::run(&Inputs::new(&case), &wide).unwrap();
    assert!(!all.tables[0].notes.join(" ").contains("ended"));
    let slow = Slow {
        transfers: case.transfers().unwrap(),
        fewest: 3,
        most: 12,
        window_ms: 200 * HOUR_MS,
        home: |account| account,
        found: BTreeSet::new(),
    };
    let all = told(&all);
    assert!(all.len() > 50_000, "{} cycles", all.len());
    assert_eq!(all, slow.all(false));

    let short = cycles::Params { steps_all_max: 0, ..wide };
    let outcome = cycles::run(&Inputs::new(&case), &short).unwrap();
    let found = told(&outcome);
    assert!(found.is_subset(&all) && !found.is_empty(), "{} cycles", found.len());
    let notes = outcome.tables[0].notes.join("\n");
    for account in ["A", "C", "E"] {
        let said = format!("The search from {account} was ended early (steps_all_max)");
        assert!(notes.contains(&said), "{notes}");
    }
    assert!(notes.contains("so those from 3 accounts were ended early"), "{notes}");
}
