//! Structuring against a search that tries every business day as the start of a window, for each
//! person by itself.

use std::collections::{BTreeMap, BTreeSet};

use moneytrail::analyses::{Inputs, Outcome, structuring};
use moneytrail::model::Values;
use moneytrail::store::Holdings;
use proptest::prelude::*;

use super::small_cases::{NAMES, Row, Shape, Told, case, finds, is_known, joined, rows, told_each};

/// Account, party, role, first and last day.
type Held = (u32, u32, &'static str, Option<i32>, Option<i32>);

/// Who holds what; account 4 is nobody's.
const HELD: [Held; 11] = [
    (0, 0, "owner", None, None),
    (1, 0, "owner", None, None),
    (1, 1, "joint", None, Some(11)),
    (2, 1, "owner", None, None),
    (2, 1, "joint", None, None),
    (3, 2, "owner", None, None),
    (3, 3, "owner", None, None),
    (3, 0, "signer", None, None),
    (5, 1, "owner", Some(4), None),
    (5, 2, "joint", Some(4), Some(9)),
    (5, 3, "joint", Some(4), None),
];
const PARTIES: [&str; 4] = ["P", "Q", "R", "S"];

/// The names of all who hold an account on a day.
fn holders(account: u32, day: i32) -> BTreeSet<String> {
    let on_day = |first: Option<i32>, last: Option<i32>| {
        first.is_none_or(|first| first <= day) && last.is_none_or(|last| day <= last)
    };
    let held = HELD.iter().filter(|(of, _, role, first, last)| {
        *of == account && *role != "signer" && on_day(*first, *last)
    });
    let names: BTreeSet<String> =
        held.map(|(_, party, ..)| PARTIES[*party as usize].to_owned()).collect();
    if names.is_empty() {
        let nobody = format!("account {} (no holder on record)", NAMES[account as usize]);
        return BTreeSet::from([nobody]);
    }
    names
}

fn holdings() -> Holdings {
    Holdings {
        account: HELD.iter().map(|it| it.0).collect(),
        party: HELD.iter().map(|it| it.1).collect(),
        role: HELD.iter().map(|it| it.2).collect(),
        opened: HELD.iter().map(|it| it.3).collect(),
        closed: HELD.iter().map(|it| it.4).collect(),
        source: vec![0; HELD.len()],
        line: (1..=HELD.len() as u32).collect(),
    }
}

/// New Year's Day of 1970, and the weekends after it.
const CLOSED: [i32; 9] = [0, 2, 3, 9, 10, 16, 17, 23, 24];

fn business_day(day: i32) -> i32 {
    (day..).find(|day| !CLOSED.contains(day)).unwrap()
}

/// Business days from one to another, 0 for the same.
fn steps(from: i32, to: i32) -> i32 {
    (from..to).filter(|day| !CLOSED.contains(day)).count() as i32
}

struct Part {
    days: BTreeSet<i32>,
    rows: BTreeSet<usize>,
}

/// What is said of an instance beside its accounts and transfers: persons, way, larger amounts.
type Said = (BTreeSet<String>, &'static str, BTreeSet<usize>);

fn slow(rows: &[Row], params: &structuring::Params) -> BTreeMap<(&'static str, Told), Said> {
    let window = params.window_business_days as i32;
    let threshold = i64::from(params.threshold);
    let mut found = BTreeMap::new();
    for incoming in [true, false] {
        let near = |row: &Row| if incoming { row.to } else { row.from };
        let way = if incoming { "cash in" } else { "cash out" };
        let whose = |at: usize| holders(near(&rows[at]), rows[at].day);
        let is_cash = |at: &usize| {
            let row = &rows[*at];
            row.cash && row.from != row.to && is_known(near(row))
        };
        let all: Vec<usize> = (0..rows.len()).filter(is_cash).collect();
        let people: BTreeSet<String> = all.iter().flat_map(|at| whose(*at)).collect();
        for person in people {
            let of_person = all.iter().copied().filter(|at| whose(*at).contains(&person));
            let (own, large): (Vec<usize>, Vec<usize>) =
                of_person.partition(|at| rows[*at].minor <= threshold);
            let mut parts = Vec::new();
            let mut consider = |rows_of: Vec<usize>, fewest: usize| {
                let total: i64 = rows_of.iter().map(|at| rows[*at].minor).sum();
                if rows_of.len() >= fewest && total > threshold {
                    let days = rows_of.iter().map(|at| business_day(rows[*at].day)).collect();
                    parts.push(Part { days, rows: rows_of.into_iter().collect() });
                }
            };
            for start in (0..30).filter(|day| !CLOSED.contains(day)) {
                let day = |at: usize| business_day(rows[at].day);
                consider(own.iter().copied().filter(|at| day(*at) == start).collect(), 1);
                let within = |at: &usize| {
                    day(*at) >= start
                        && steps(start, day(*at)) < window
                        && rows[*at].minor >= i64::from(params.amount_min)
                };
                let of_window = own.iter().copied().filter(within).collect();
                consider(of_window, params.transfers_min as usize);
            }
            let close = |one: &Part, two: &Part| {
                let apart = |early: &Part, late: &Part| {
                    steps(*early.days.last().unwrap(), *late.days.first().unwrap()) < window
                };
                match one.days.first() <= two.days.first() {
                    true => apart(one, two),
                    false => apart(two, one),
                }
            };
            let instances = joined(parts, close, |one, two| {
                one.days.extend(two.days);
                one.rows.extend(two.rows);
            });
            for instance in instances {
                let accounts = instance.rows.iter().map(|at| near(&rows[*at]));
                let name =
                    |account: u32| ("account".to_owned(), NAMES[account as usize].to_owned());
                let days = instance.days.first().unwrap()..=instance.days.last().unwrap();
                let larger = large.iter().copied();
                let larger = larger.filter(|at| days.contains(&&business_day(rows[*at].day)));
                let told = (accounts.map(name).collect(), instance.rows.into_iter().collect());
                let said: &mut Said = found
                    .entry((way, told))
                    .or_insert_with(|| (BTreeSet::new(), way, BTreeSet::new()));
                said.0.insert(person.clone());
                said.2.extend(larger);
            }
        }
    }
    found
}

fn shape() -> Shape {
    Shape { days: 20, rows: 60, minor: 1..14, said: &[""] }
}

#[test]
fn the_small_cases_hold_some() {
    let params =
        structuring::Params { threshold: 10, amount_min: 3, ..structuring::Params::default() };
    let found = finds(shape(), |rows| slow(rows, &params).len());
    assert!(found >= 10, "{found} of 100");
    let shared = |rows: &[Row]| slow(rows, &params).values().filter(|it| it.0.len() > 1).count();
    let found = finds(shape(), shared);
    assert!(found >= 10, "{found} of 100 have cash of several persons alike");
}

struct SaidOf {
    people: BTreeSet<String>,
    way: String,
    larger: i64,
    joint: i64,
    listed_before: i64,
}

/// What the leading row of each instance says of it.
fn said_each(outcome: &Outcome) -> Vec<SaidOf> {
    let table = &outcome.tables[0];
    let column = |name| table.column(name).unwrap();
    let money = |name, row: usize| match column(name) {
        Values::Money(amounts) => amounts[row].unwrap().minor,
        _ => panic!("{name} is money"),
    };
    let Values::Count(larger) = column("larger_transfers") else { panic!("counts") };
    let leading = (0..larger.len()).filter(|row| larger[*row].is_some());
    let said = |row: usize| {
        let text = |name| column(name).text(row).unwrap();
        SaidOf {
            people: text("person").split("; ").map(str::to_owned).collect(),
            way: text("way").to_owned(),
            larger: larger[row].unwrap(),
            joint: money("joint_total", row),
            listed_before: money("listed_before_total", row),
        }
    };
    leading.map(said).collect()
}

proptest! {
    #[test]
    fn runs_of_cash_equal_a_slow_search(
        rows in rows(shape()),
        window_business_days in 1..6_u32,
        transfers_min in 2..4_u32,
        amount_min in 0..6_u32,
    ) {
        let params = structuring::Params {
            threshold: 10,
            amount_min,
            window_business_days,
            transfers_min,
            ..structuring::Params::default()
        };
        let case = case(&rows).with(holdings());
        let outcome = structuring::run(&Inputs::new(&case), &params).unwrap();
        let slow = slow(&rows, &params);
        let told = told_each(&outcome, &rows);
        let said = said_each(&outcome);
        prop_assert_eq!(told.len(), slow.len(), "{:?} against {:?}", told, slow);
        let mut money: BTreeMap<(&str, usize), i64> = BTreeMap::new();
        for (told, said) in told.into_iter().zip(said) {
            let way = if said.way == "cash in" { "cash in" } else { "cash out" };
            let rows_of = told.1.clone();
            let expected = slow.get(&(way, told));
            prop_assert!(expected.is_some(), "{:?} is in none of {:?}", rows_of, slow);
            let (people, _, larger) = expected.unwrap();
            prop_assert_eq!(&said.people, people);
            prop_assert_eq!(said.larger, larger.len() as i64);
            let near = |at: usize| if way == "cash in" { rows[at].to } else { rows[at].from };
            let minor = |some: &dyn Fn(usize) -> bool| -> i64 {
                rows_of.iter().filter(|at| some(**at)).map(|at| rows[*at].minor).sum()
            };
            let joint = minor(&|at| holders(near(at), rows[at].day).len() > 1);
            prop_assert_eq!(said.joint, joint);
            let before = minor(&|at| money.contains_key(&(way, at)));
            prop_assert_eq!(said.listed_before, before);
            money.extend(rows_of.iter().map(|at| ((way, *at), rows[*at].minor)));
        }
    }
}
