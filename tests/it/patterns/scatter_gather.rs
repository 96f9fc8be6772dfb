//! Scatter-gather against trying every pair of payments, and on attempts that others planted.

use std::collections::{BTreeMap, BTreeSet};

use moneytrail::analyses::{Inputs, scatter_gather};
use moneytrail::model::Values;
use proptest::prelude::*;

use super::sketched::{Sketch, Told, joined, rows};
use super::{Attempt, HOUR_MS, attempts, case_of};

/// Payments through a middle, each with what follows it in time.
fn passes(sketch: &Sketch, source: u32, sink: u32, window: i64) -> Vec<(u32, usize, usize)> {
    let mut passes = Vec::new();
    for middle in sketch.accounts().filter(|middle| ![source, sink].contains(middle)) {
        for first in sketch.between(source, middle) {
            for then in sketch.between(middle, sink) {
                if sketch.follows(middle, first, then)
                    && sketch.at(then) - sketch.at(first) <= window
                {
                    passes.push((middle, first, then));
                }
            }
        }
    }
    passes
}

fn middles(passes: &[(u32, usize, usize)]) -> BTreeSet<u32> {
    passes.iter().map(|pass| pass.0).collect()
}

fn rows_of(passes: &[(u32, usize, usize)]) -> BTreeSet<usize> {
    passes.iter().flat_map(|pass| [pass.1, pass.2]).collect()
}

fn slow(sketch: &Sketch, least: usize, window: i64, whole: Option<i64>) -> BTreeSet<Told> {
    let mut found = BTreeSet::new();
    for source in sketch.accounts() {
        for sink in sketch.accounts().filter(|sink| *sink != source) {
            let passes = passes(sketch, source, sink, window);
            let mut sets = Vec::new();
            match whole {
                None => sets.extend((middles(&passes).len() >= least).then(|| rows_of(&passes))),
                Some(whole) => {
                    for open in sketch.hours() {
                        let is_inside = |row| (open..=open + whole).contains(&sketch.at(row));
                        let mut inside = passes.clone();
                        inside.retain(|pass| is_inside(pass.1) && is_inside(pass.2));
                        if middles(&inside).len() >= least {
                            sets.push(rows_of(&inside));
                        }
                    }
                }
            }
            for rows in joined(sets) {
                let paid = rows.iter().map(|row| sketch.rows[*row].1);
                let middles = paid.filter(|paid| *paid != sink).collect();
                let roles: [(&str, &BTreeSet<u32>); 3] = [
                    ("source", &BTreeSet::from([source])),
                    ("middle", &middles),
                    ("sink", &BTreeSet::from([sink])),
                ];
                found.insert(Told::new(&roles, rows));
            }
        }
    }
    found
}

proptest! {
    #[test]
    fn instances_equal_trying_every_pair_of_payments(
        rows in rows(6, 45),
        middles_min in 2..4_u32,
        window_hours in prop::sample::select(vec![0, 5, 24, 48, 200]),
        whole_hours in prop::option::of(prop::sample::select(vec![10, 24, 40, 100])),
    ) {
        let sketch = Sketch::new(&rows, 6);
        let case = sketch.case();
        let bounds = scatter_gather::Params {
            middles_min,
            window_hours,
            whole_hours,
            ..scatter_gather::Params::default()
        };
        let outcome = scatter_gather::run(&Inputs::new(&case), &bounds).unwrap();
        let least = middles_min as usize;
        let slow = slow(&sketch, least, i64::from(window_hours), whole_hours.map(i64::from));
        prop_assert_eq!(sketch.told(&outcome), slow);
    }
}

#[test]
fn a_hub_left_out_is_named_with_its_pairs() {
    // 0 pays 1, 2 and 3, which pay 4; 1 is paid and pays often besides.
    let pays = |from, to, hour| (from, to, 1, Some(hour), None);
    let mut rows = vec![pays(0, 1, 1), pays(0, 2, 1), pays(0, 3, 1)];
    rows.extend([pays(1, 4, 2), pays(2, 4, 2), pays(3, 4, 2)]);
    rows.extend([pays(5, 1, 0), pays(5, 1, 0), pays(1, 5, 3), pays(1, 5, 3)]);
    let case = Sketch::new(&rows, 6).case();
    let inputs = Inputs::new(&case);
    let run = |steps_max| {
        let bounds = scatter_gather::Params {
            middles_min: 2,
            steps_max,
            ..scatter_gather::Params::default()
        };
        scatter_gather::run(&inputs, &bounds).unwrap()
    };
    let whole = run(11);
    assert_eq!(whole.findings[0].value, "3");
    assert!(!whole.findings[0].bound_met);
    let cut = run(10);
    assert_eq!(cut.findings[0].value, "2");
    assert!(cut.findings[0].bound_met);
    let note = "1 was not looked at as a middle: it has 9 pairs of a payment to it and one by it \
                within reach (steps_max).";
    assert!(cut.tables[0].notes.iter().any(|own| own == note), "{:?}", cut.tables[0].notes);
}

/// What an attempt planted, read off it pair by pair: the ends with most accounts between them
/// that pass money on in order, and the shortest delay of each.
fn own_shape(attempt: &Attempt) -> (String, String, BTreeMap<String, i64>) {
    let mut ways: BTreeMap<(String, String), BTreeMap<String, i64>> = BTreeMap::new();
    for first in &attempt.transfers {
        for then in &attempt.transfers {
            let (source, middle, sink) = (first.from(), first.to(), then.to());
            let ends = source == middle || middle == sink || source == sink;
            if then.from() != middle || ends || then.ms() <= first.ms() {
                continue;
            }
            let delay_ms = then.ms() - first.ms();
            let delays = ways.entry((source, sink)).or_default();
            let least = delays.entry(middle).or_insert(delay_ms);
            *least = delay_ms.min(*least);
        }
    }
    let most = ways.into_iter().max_by_key(|(_, middles)| middles.len());
    most.map(|((source, sink), middles)| (source, sink, middles)).unwrap_or_default()
}

/// Source, sink and middles of every instance.
fn instances(table: &moneytrail::model::ResultTable) -> Vec<BTreeMap<String, BTreeSet<String>>> {
    let Some(Values::Count(numbers)) = table.column("instance") else { panic!("numbers") };
    let word = |column, row| table.column(column).unwrap().text(row).unwrap().to_owned();
    let mut found: BTreeMap<i64, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    for (row, number) in numbers.iter().enumerate() {
        let roles = found.entry(number.unwrap()).or_default();
        roles.entry(word("role_in_pattern", row)).or_default().insert(word("account", row));
    }
    found.into_values().collect()
}

#[test]
fn planted_scatter_gathers_are_found_within_their_own_bounds() {
    let Some(attempts) = attempts() else { return };
    let case = case_of(&attempts);
    let inputs = Inputs::new(&case);
    let run = |bounds: &scatter_gather::Params| {
        instances(&scatter_gather::run(&inputs, bounds).unwrap().tables[0])
    };
    let defaults = run(&scatter_gather::Params::default());
    let (mut all, mut whole, mut own, mut by_default) = (0, 0, 0, 0);
    for attempt in attempts.iter().filter(|one| one.pattern_family == "SCATTER-GATHER") {
        all += 1;
        let (source, sink, middles) = own_shape(attempt);
        if middles.len() < 2 {
            continue;
        }
        whole += 1;
        let bounds = scatter_gather::Params {
            middles_min: middles.len() as u32,
            window_hours: middles.values().max().unwrap().div_euclid(HOUR_MS) as u32 + 1,
            ..scatter_gather::Params::default()
        };
        let is_it = |roles: &&BTreeMap<String, BTreeSet<String>>| {
            roles["source"].contains(&source) && roles["sink"].contains(&sink)
        };
        let found = run(&bounds);
        let found = found.iter().find(is_it);
        let found = found.unwrap_or_else(|| panic!("{} is found", attempt.pattern_id));
        assert!(middles.keys().all(|middle| found["middle"].contains(middle)));
        own += 1;
        by_default += usize::from(defaults.iter().any(|roles| is_it(&roles)));
    }
    println!(
        "SCATTER-GATHER: {own} of {all} within their own bounds, {by_default} by default; {} come \
         back to their source or go through one account",
        all - whole
    );
    assert_eq!((all, own, by_default), (44, 31, 26));
}
