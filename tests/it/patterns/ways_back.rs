//! Cycles and round trips against a slow search that tries every walk.

use std::collections::BTreeSet;

use moneytrail::analyses::{Inputs, Outcome, cycles, round_trip};
use moneytrail::model::{Channel, Currency, Values};
use moneytrail::store::{Accounts, Case, Holdings, Manifest, Parties, Side, Transfers};
use proptest::prelude::*;

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
