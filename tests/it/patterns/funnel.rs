//! Funnel accounts against a search that looks at every pair of a deposit and a debit.

use std::collections::{BTreeMap, BTreeSet};

use moneytrail::analyses::{Inputs, funnel};
use proptest::prelude::*;

use super::small_cases::{
    HOUR_MS, NAMES, Row, Shape, Told, as_they_came, case, finds, first_in_first_out, is_known,
    joined, rows, told,
};

/// The place that most transfers of the account name, the first used of equals.
fn home(rows: &[Row], account: u32) -> Option<&'static str> {
    let own = |row: &&Row| row.from != row.to && (row.from == account || row.to == account);
    let used: Vec<&str> = rows.iter().filter(own).filter_map(|row| row.place).collect();
    let uses = |place: &str| used.iter().filter(|other| **other == place).count();
    let most = used.iter().map(|place| uses(place)).max()?;
    used.iter().find(|place| uses(place) == most).copied()
}

fn slow(rows: &[Row], params: &funnel::Params) -> BTreeSet<Told> {
    let mut found = BTreeSet::new();
    for account in (0..8).filter(|account| is_known(*account)) {
        let home = home(rows, account);
        let all = |of: fn(&Row) -> u32| -> Vec<usize> {
            let own = |at: &usize| rows[*at].from != rows[*at].to && of(&rows[*at]) == account;
            (0..rows.len()).filter(own).collect()
        };
        let (credits, spent) = (all(|row| row.to), all(|row| row.from));
        let taken = first_in_first_out(rows, account, (&credits, &spent), |came, left| {
            came.apart_ms(left) <= i64::from(params.hours) * HOUR_MS
                && !left.is_before(account, came)
        });
        let away = |at: &usize| {
            let place = rows[*at].place;
            rows[*at].cash && place.is_some() && place != home
        };
        let deposits: Vec<usize> =
            as_they_came(rows, account, &credits).into_iter().filter(away).collect();
        let mut elsewhere: BTreeMap<usize, i64> = BTreeMap::new();
        let mut debits: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        for (credit, debit, minor) in taken {
            let other = match rows[debit].place {
                Some(place) => Some(place) != rows[credit].place,
                None => params.unknown_is_elsewhere,
            };
            if other {
                *elsewhere.entry(credit).or_default() += minor;
                debits.entry(credit).or_default().insert(debit);
            }
        }
        let mut windows: Vec<BTreeSet<usize>> = Vec::new();
        let places = 0..deposits.len();
        let pairs = places.clone().flat_map(|start| places.clone().map(move |end| (start, end)));
        for (start, end) in pairs.filter(|(start, end)| start <= end) {
            let last_day = rows[deposits[start]].day + params.window_days as i32 - 1;
            let within = |at: &usize| rows[*at].day <= last_day;
            let window: BTreeSet<usize> =
                deposits[start..=end].iter().copied().filter(within).collect();
            let places: BTreeSet<_> = window.iter().map(|at| rows[*at].place).collect();
            let paid: i64 = window.iter().map(|at| rows[*at].minor).sum();
            let left: i64 = window.iter().filter_map(|at| elsewhere.get(at)).sum();
            let enough = left * 100 >= paid * i64::from(params.share_elsewhere_min_percent);
            if places.len() >= params.places_min as usize && enough {
                windows.push(window);
            }
        }
        let instances =
            joined(windows, |one, two| !one.is_disjoint(two), |one, two| one.extend(two));
        for instance in instances {
            let left = instance.iter().filter_map(|at| debits.get(at)).flatten().copied();
            let left: BTreeSet<usize> = left.collect();
            let receivers = left.iter().map(|at| rows[*at].to).filter(|to| is_known(*to));
            let name =
                |role: &str, account: u32| (role.to_owned(), NAMES[account as usize].to_owned());
            let mut members: BTreeSet<_> = receivers.map(|to| name("receiver", to)).collect();
            members.insert(name("account", account));
            found.insert((members, instance.union(&left).copied().collect()));
        }
    }
    found
}

fn shape() -> Shape {
    Shape { days: 5, rows: 40, minor: 1..5, said: &[""] }
}

#[test]
fn the_small_cases_hold_some() {
    let params = funnel::Params {
        places_min: 2,
        share_elsewhere_min_percent: 40,
        ..funnel::Params::default()
    };
    let found = finds(shape(), |rows| slow(rows, &params).len());
    assert!(found >= 10, "{found} of 100");
}

proptest! {
    #[test]
    fn funnels_equal_a_slow_search(
        rows in rows(shape()),
        places_min in 1..3_u32,
        window_days in 1..5_u32,
        hours in prop::sample::select(vec![10_u32, 24, 30, 48]),
        share_elsewhere_min_percent in prop::sample::select(vec![1_u8, 40, 70]),
        unknown_is_elsewhere in any::<bool>(),
    ) {
        let params = funnel::Params {
            places_min,
            window_days,
            share_elsewhere_min_percent,
            hours,
            unknown_is_elsewhere,
            ..funnel::Params::default()
        };
        let case = case(&rows);
        let outcome = funnel::run(&Inputs::new(&case), &params).unwrap();
        prop_assert_eq!(told(&outcome, &rows), slow(&rows, &params));
    }
}
