//! Bipartite layers and stacks against trying every two sets of accounts in every window.

use std::collections::BTreeSet;

use moneytrail::analyses::{Inputs, bipartite, gather_scatter, scatter_gather, stack};
use proptest::prelude::*;

use super::sketched::{Sketch, Told, joined, rows};

const ACCOUNTS: u32 = 5;

#[derive(Clone, Debug)]
struct Layer {
    sources: BTreeSet<u32>,
    sinks: BTreeSet<u32>,
    rows: BTreeSet<usize>,
}

fn sets() -> impl Iterator<Item = BTreeSet<u32>> {
    (1_u32..1 << ACCOUNTS).map(|some| (0..ACCOUNTS).filter(|at| some >> at & 1 == 1).collect())
}

/// Every two sets in every window that opens with a payment of theirs: complete, and with no
/// account to be added.
fn slow_layers(sketch: &Sketch, least: [usize; 2], window: i64) -> Vec<Layer> {
    let mut found: Vec<Layer> = Vec::new();
    let mut windows: Vec<(i64, BTreeSet<(u32, u32)>)> = Vec::new();
    for open in sketch.hours() {
        let inside = (0..sketch.rows.len())
            .filter(|row| (open..=open + window).contains(&sketch.at(*row)))
            .map(|row| (sketch.rows[row].0, sketch.rows[row].1))
            .filter(|(from, to)| from != to);
        windows.push((open, inside.collect()));
    }
    for sources in sets().filter(|set| set.len() >= least[0]) {
        for sinks in sets().filter(|set| set.len() >= least[1]) {
            if !sources.is_disjoint(&sinks) {
                continue;
            }
            let own: BTreeSet<usize> = (0..sketch.rows.len())
                .filter(|row| sources.contains(&sketch.rows[*row].0))
                .filter(|row| sinks.contains(&sketch.rows[*row].1))
                .collect();
            let mut times = Vec::new();
            for (open, paid) in &windows {
                let pays_all = |from: u32| sinks.iter().all(|to| paid.contains(&(from, *to)));
                let paid_by_all = |to: u32| sources.iter().all(|from| paid.contains(&(*from, to)));
                let paying: BTreeSet<u32> = sketch.accounts().filter(|it| pays_all(*it)).collect();
                let sunk: BTreeSet<u32> = sketch.accounts().filter(|it| paid_by_all(*it)).collect();
                let opens = own.iter().any(|row| sketch.at(*row) == *open);
                if opens && paying == sources && sunk == sinks {
                    let is_inside =
                        |row: &&usize| (*open..=open + window).contains(&sketch.at(**row));
                    times.push(own.iter().filter(is_inside).copied().collect());
                }
            }
            for rows in joined(times) {
                found.push(Layer { sources: sources.clone(), sinks: sinks.clone(), rows });
            }
        }
    }
    let is_part = |own: &Layer| {
        found.iter().any(|whole| {
            let same = (&own.sources, &own.sinks, &own.rows)
                == (&whole.sources, &whole.sinks, &whole.rows);
            !same
                && own.sources.is_subset(&whole.sources)
                && own.sinks.is_subset(&whole.sinks)
                && own.rows.is_subset(&whole.rows)
        })
    };
    found.iter().filter(|layer| !is_part(layer)).cloned().collect()
}

fn slow_stacks(sketch: &Sketch, least: usize, window: i64) -> BTreeSet<Told> {
    let layers = slow_layers(sketch, [least, least], window);
    let mut found = BTreeSet::new();
    for first in &layers {
        for then in &layers {
            let mut rows = BTreeSet::new();
            let mut middles = BTreeSet::new();
            for &middle in first.sinks.intersection(&then.sources) {
                let to: BTreeSet<usize> =
                    first.rows.iter().copied().filter(|it| sketch.rows[*it].1 == middle).collect();
                let in_time = |row: &usize| {
                    to.iter().any(|paid| {
                        sketch.follows(middle, *paid, *row)
                            && sketch.at(*row) - sketch.at(*paid) <= window
                    })
                };
                let by = then.rows.iter().copied().filter(|it| sketch.rows[*it].0 == middle);
                let by: BTreeSet<usize> = by.filter(in_time).collect();
                let reached: BTreeSet<u32> = by.iter().map(|it| sketch.rows[*it].1).collect();
                if reached == then.sinks {
                    middles.insert(middle);
                    rows.extend(to.union(&by));
                }
            }
            if middles.len() >= least {
                let (sources, sinks) = (&first.sources, &then.sinks);
                let roles: [(&str, &BTreeSet<u32>); 4] = [
                    ("source", &(sources - sinks)),
                    ("source and sink", &(sources & sinks)),
                    ("middle", &middles),
                    ("sink", &(sinks - sources)),
                ];
                found.insert(Told::new(&roles, rows));
            }
        }
    }
    found
}

proptest! {
    #[test]
    fn layers_equal_trying_every_two_sets(
        rows in rows(ACCOUNTS, 45),
        sources_min in 2..4_u32,
        sinks_min in 2..4_u32,
        window_hours in prop::sample::select(vec![0, 5, 24, 48, 200]),
    ) {
        let sketch = Sketch::new(&rows, ACCOUNTS);
        let case = sketch.case();
        let bounds = bipartite::Params {
            sources_min,
            sinks_min,
            window_hours,
            ..bipartite::Params::default()
        };
        let outcome = bipartite::run(&Inputs::new(&case), &bounds).unwrap();
        let least = [sources_min as usize, sinks_min as usize];
        let slow = slow_layers(&sketch, least, i64::from(window_hours));
        let slow: BTreeSet<Told> = slow
            .into_iter()
            .map(|it| Told::new(&[("source", &it.sources), ("sink", &it.sinks)], it.rows))
            .collect();
        prop_assert_eq!(sketch.told(&outcome), slow);
    }

    #[test]
    fn stacks_equal_setting_every_layer_against_every_other(
        rows in rows(ACCOUNTS, 60),
        window_hours in prop::sample::select(vec![24, 48, 200]),
    ) {
        let sketch = Sketch::new(&rows, ACCOUNTS);
        let case = sketch.case();
        let bounds = stack::Params { accounts_min: 2, window_hours, ..stack::Params::default() };
        let outcome = stack::run(&Inputs::new(&case), &bounds).unwrap();
        let slow = slow_stacks(&sketch, 2, i64::from(window_hours));
        prop_assert_eq!(sketch.told(&outcome), slow);
    }
}

#[test]
fn layers_that_differ_in_what_came_too_late_leave_one_stack() {
    // Two first pay two, who both pay the first two back; a later payment and a third source
    // make another second layer of the same middles and sinks.
    let paid = [(2, 0, 0, 0), (1, 4, 0, 0), (1, 0, 0, 0), (2, 4, 1, 9)];
    let back = [(0, 1, 2, 0), (0, 2, 2, 0), (4, 1, 2, 0), (4, 2, 2, 0)];
    let others = [(3, 1, 0, 0), (3, 2, 1, 9), (4, 1, 4, 0)];
    let all = paid.into_iter().chain(back).chain(others);
    let rows: Vec<super::sketched::Row> =
        all.map(|(from, to, day, hour)| (from, to, day, Some(hour), None)).collect();
    let sketch = Sketch::new(&rows, 5);
    let bounds = stack::Params { accounts_min: 2, window_hours: 48, ..stack::Params::default() };
    let outcome = stack::run(&Inputs::new(&sketch.case()), &bounds).unwrap();
    assert_eq!(sketch.told(&outcome).len(), 1);
}

/// Budgets are met here, so that what they leave out is compared as well.
#[test]
fn the_number_of_threads_changes_nothing() {
    let mut drawn = 7_u32;
    let mut draw = |below: u32| {
        drawn = drawn.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (drawn >> 8) % below
    };
    let rows: Vec<super::sketched::Row> = (0..600)
        .map(|_| (draw(14), draw(14), draw(5) as i32, Some(i64::from(draw(24))), None))
        .collect();
    let case = Sketch::new(&rows, 12).case();
    let all = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let inputs = Inputs::new(&case);
            let scatter = scatter_gather::Params { steps_max: 4_000, ..Default::default() };
            let gather = gather_scatter::Params { window_hours: 9, ..Default::default() };
            let layer = bipartite::Params { steps_max: 60_000, ..Default::default() };
            let stacked = stack::Params { window_hours: 12, ..Default::default() };
            [
                scatter_gather::run(&inputs, &scatter).unwrap(),
                gather_scatter::run(&inputs, &gather).unwrap(),
                bipartite::run(&inputs, &layer).unwrap(),
                stack::run(&inputs, &stacked).unwrap(),
            ]
        })
    };
    let one = all(1);
    for outcome in &one {
        assert!(!outcome.findings.is_empty(), "{}", outcome.tables[0].name);
    }
    assert!(one[0].tables[0].notes.len() > 1, "a middle is left out");
    assert!(one[2].tables[0].notes.len() > 1, "a source is searched in part");
    assert_eq!(one, all(3));
}

#[test]
fn a_source_searched_in_part_is_named_with_its_steps() {
    // Each of 20 accounts pays each of 12 at one time, so every payment opens the same window.
    let pairs = (0..20).flat_map(|from| (20..32).map(move |to| (from, to, 1, Some(9), None)));
    let rows: Vec<super::sketched::Row> = pairs.collect();
    let case = Sketch::new(&rows, 32).case();
    let inputs = Inputs::new(&case);
    let run = |steps_max| {
        let bounds = bipartite::Params { steps_max, ..bipartite::Params::default() };
        bipartite::run(&inputs, &bounds).unwrap()
    };
    let whole = run(bipartite::Params::default().steps_max);
    assert_eq!(whole.findings[0].value, "240");
    assert!(!whole.findings[0].bound_met);
    assert_eq!(whole.tables[0].notes.len(), 1);
    let cut = run(200_000);
    assert!(cut.findings[0].bound_met);
    let notes = &cut.tables[0].notes;
    let named = notes.iter().filter(|note| note.contains("was searched as a source for its first"));
    assert_eq!(named.count(), 10);
    let more = "The same holds of 10 further accounts, with";
    assert!(notes.iter().any(|note| note.starts_with(more)), "{notes:?}");
}
