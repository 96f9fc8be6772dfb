//! Chains against a search that walks back from each end along every relay.

use std::collections::BTreeSet;

use moneytrail::analyses::{Inputs, chains};
use proptest::prelude::*;

use super::small_cases::{HOUR_MS, Row, Shape, case, finds, is_known, rows, told};

/// Whether a transfer may follow another, whatever others of the day say.
fn links(rows: &[Row], first: usize, then: usize, params: &chains::Params) -> bool {
    let (one, two) = (&rows[first], &rows[then]);
    let hop = |row: &Row| row.from != row.to && is_known(row.from) && is_known(row.to);
    let apart = (two.minor - one.minor).abs() * 100;
    hop(one)
        && hop(two)
        && one.to == two.from
        && one.from != two.to
        && apart <= one.minor * i64::from(params.tolerance_percent)
        && one.is_before(one.to, two)
        && one.apart_ms(two) <= i64::from(params.window_hours) * HOUR_MS
}

/// All pairs that may follow each other, but those of a circle within one day.
fn pairs(rows: &[Row], params: &chains::Params) -> Vec<(usize, usize)> {
    let all = (0..rows.len()).flat_map(|one| (0..rows.len()).map(move |two| (one, two)));
    let pairs: Vec<_> = all.filter(|(one, two)| links(rows, *one, *two, params)).collect();
    let reaches = |from: usize, to: usize| {
        let mut seen = BTreeSet::from([from]);
        let mut open = vec![from];
        while let Some(at) = open.pop() {
            for (one, two) in &pairs {
                if *one == at && rows[*one].day == rows[*two].day && seen.insert(*two) {
                    open.push(*two);
                }
            }
        }
        seen.contains(&to)
    };
    let circle = |it: &(usize, usize)| rows[it.0].day == rows[it.1].day && reaches(it.1, it.0);
    pairs.iter().copied().filter(|it| !circle(it)).collect()
}

/// Every relay that ends with a transfer, read from the last.
fn relays(end: usize, pairs: &[(usize, usize)]) -> Vec<Vec<usize>> {
    let mut all = vec![vec![end]];
    for (earlier, _) in pairs.iter().filter(|(_, then)| *then == end) {
        for longer in relays(*earlier, pairs) {
            all.push([vec![end], longer].concat());
        }
    }
    all
}

fn slow(rows: &[Row], params: &chains::Params) -> BTreeSet<Vec<usize>> {
    let pairs = pairs(rows, params);
    let mut found = BTreeSet::new();
    for end in (0..rows.len()).filter(|row| pairs.iter().all(|(first, _)| first != row)) {
        let all = relays(end, &pairs);
        let longest = all.iter().map(Vec::len).max().unwrap();
        let mut relay = all.into_iter().filter(|relay| relay.len() == longest).min().unwrap();
        relay.reverse();
        if relay.len() >= params.hops_min as usize {
            found.insert(relay);
        }
    }
    found
}

fn shape() -> Shape {
    Shape { days: 4, rows: 22, minor: 90..110, said: &[""] }
}

#[test]
fn the_small_cases_hold_some() {
    let params = chains::Params { hops_min: 3, tolerance_percent: 20, ..Default::default() };
    let found = finds(shape(), |rows| slow(rows, &params).len());
    assert!(found >= 10, "{found} of 100");
}

proptest! {
    #[test]
    fn relays_equal_a_slow_search(
        rows in rows(shape()),
        hops_min in 2..4_u32,
        tolerance_percent in prop::sample::select(vec![0_u8, 5, 10, 20]),
        window_hours in prop::sample::select(vec![10_u32, 24, 48]),
    ) {
        let params = chains::Params {
            hops_min,
            tolerance_percent,
            window_hours,
            ..chains::Params::default()
        };
        let case = case(&rows);
        let outcome = chains::run(&Inputs::new(&case), &params).unwrap();
        let found: BTreeSet<Vec<usize>> =
            told(&outcome, &rows).into_iter().map(|(_, rows)| rows).collect();
        prop_assert_eq!(found, slow(&rows, &params));
    }

    #[test]
    fn the_number_of_threads_changes_nothing(
        rows in rows(shape()),
    ) {
        let params = chains::Params { hops_min: 2, tolerance_percent: 20, ..Default::default() };
        let case = case(&rows);
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| chains::run(&Inputs::new(&case), &params).unwrap())
        };
        prop_assert_eq!(on(1), on(3));
    }
}
