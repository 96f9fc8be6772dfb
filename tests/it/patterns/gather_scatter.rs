//! Gather-scatter against trying every window, and on attempts that others planted.

use std::collections::{BTreeMap, BTreeSet};

use moneytrail::analyses::{Inputs, gather_scatter};
use moneytrail::store::Side;
use proptest::prelude::*;

use super::sketched::{Sketch, Told, joined, rows};
use super::{Attempt, HOUR_MS, attempts, case_of};

fn slow(sketch: &Sketch, least: [usize; 2], window: i64) -> BTreeSet<Told> {
    let mut found = BTreeSet::new();
    for hub in sketch.accounts() {
        let mut sets = Vec::new();
        for open in sketch.hours() {
            let inside: Vec<usize> = (0..sketch.rows.len())
                .filter(|row| (open..=open + window).contains(&sketch.at(*row)))
                .filter(|row| sketch.rows[*row].0 != sketch.rows[*row].1)
                .collect();
            let ins: BTreeSet<usize> =
                inside.iter().copied().filter(|row| sketch.rows[*row].1 == hub).collect();
            let outs: BTreeSet<usize> = inside
                .iter()
                .copied()
                .filter(|row| sketch.rows[*row].0 == hub)
                .filter(|row| ins.iter().any(|paid| sketch.follows(hub, *paid, *row)))
                .collect();
            let senders: BTreeSet<u32> = ins.iter().map(|row| sketch.rows[*row].0).collect();
            let receivers: BTreeSet<u32> = outs.iter().map(|row| sketch.rows[*row].1).collect();
            if senders.len() >= least[0] && receivers.len() >= least[1] {
                sets.push(&ins | &outs);
            }
        }
        for rows in joined(sets) {
            let of = |way: fn(&super::sketched::Row) -> (u32, u32)| -> BTreeSet<u32> {
                let ends = rows.iter().map(|row| way(&sketch.rows[*row]));
                ends.filter(|(near, _)| *near == hub).map(|(_, far)| far).collect()
            };
            let senders = of(|row| (row.1, row.0));
            let receivers = of(|row| (row.0, row.1));
            let roles: [(&str, &BTreeSet<u32>); 4] = [
                ("hub", &BTreeSet::from([hub])),
                ("sender", &(&senders - &receivers)),
                ("sender and receiver", &(&senders & &receivers)),
                ("receiver", &(&receivers - &senders)),
            ];
            found.insert(Told::new(&roles, rows));
        }
    }
    found
}

proptest! {
    #[test]
    fn instances_equal_trying_every_window(
        rows in rows(4, 30),
        senders_min in 1..4_u32,
        receivers_min in 1..4_u32,
        window_hours in prop::sample::select(vec![0, 5, 24, 48, 200]),
    ) {
        let sketch = Sketch::new(&rows, 4);
        let case = sketch.case();
        let bounds = gather_scatter::Params {
            senders_min,
            receivers_min,
            window_hours,
            ..gather_scatter::Params::default()
        };
        let outcome = gather_scatter::run(&Inputs::new(&case), &bounds).unwrap();
        let least = [senders_min as usize, receivers_min as usize];
        let slow = slow(&sketch, least, i64::from(window_hours));
        prop_assert_eq!(sketch.told(&outcome), slow);
    }
}

#[test]
fn comparisons_left_out_are_told_with_the_account() {
    // Dates alone on two statements: nothing says what came first within the day.
    let mut rows = vec![];
    for other in 1..4 {
        rows.push((other, 0, 1, None, Some(Side::Sender)));
        rows.push((0, other, 1, None, Some(Side::Sender)));
    }
    rows.push((0, 1, 2, None, Some(Side::Sender)));
    rows.push((0, 2, 2, None, Some(Side::Sender)));
    let case = Sketch::new(&rows, 4).case();
    let inputs = Inputs::new(&case);
    let run = |steps_max| {
        let bounds = gather_scatter::Params {
            senders_min: 2,
            receivers_min: 2,
            steps_max,
            ..gather_scatter::Params::default()
        };
        gather_scatter::run(&inputs, &bounds).unwrap()
    };
    // Three payments of the first day are compared with three each, two of the second with one.
    let whole = run(11);
    assert_eq!(whole.findings[0].value, "5");
    assert_eq!(whole.tables[0].notes.len(), 1);
    let cut = run(8);
    assert!(cut.findings.is_empty());
    let note = "0 has many dates without times: 7 comparisons of two of a day were left out \
                (steps_max).";
    assert!(cut.tables[0].notes.iter().any(|own| own == note), "{:?}", cut.tables[0].notes);
}

/// The account that most accounts pay and that pays most after being paid, with how many.
fn own_shape(attempt: &Attempt) -> (String, usize, usize) {
    let mut hubs: BTreeMap<String, (BTreeSet<String>, BTreeSet<String>)> = BTreeMap::new();
    for paid in attempt.transfers.iter().filter(|it| it.from() != it.to()) {
        hubs.entry(paid.to()).or_default().0.insert(paid.from());
        let earlier = |it: &&super::Planted| it.to() == paid.from() && it.ms() < paid.ms();
        if attempt.transfers.iter().find(earlier).is_some_and(|it| it.from() != it.to()) {
            hubs.entry(paid.from()).or_default().1.insert(paid.to());
        }
    }
    let size = |ends: &(BTreeSet<String>, BTreeSet<String>)| ends.0.len().min(ends.1.len());
    let most = hubs.into_iter().max_by_key(|(_, ends)| size(ends));
    most.map(|(hub, ends)| (hub, ends.0.len(), ends.1.len())).unwrap_or_default()
}

#[test]
fn planted_gather_scatters_are_found_within_their_own_bounds() {
    let Some(attempts) = attempts() else { return };
    let case = case_of(&attempts);
    let inputs = Inputs::new(&case);
    let hubs = |bounds: &gather_scatter::Params| -> BTreeMap<String, usize> {
        let found = gather_scatter::run(&inputs, bounds).unwrap().findings;
        found.into_iter().map(|it| (it.candidate_name, it.score as usize)).collect()
    };
    let defaults = hubs(&gather_scatter::Params::default());
    let (mut all, mut whole, mut own, mut by_default) = (0, 0, 0, 0);
    for attempt in attempts.iter().filter(|one| one.pattern_family == "GATHER-SCATTER") {
        all += 1;
        let (hub, senders, receivers) = own_shape(attempt);
        if senders.min(receivers) == 0 {
            continue;
        }
        whole += 1;
        let times = || attempt.transfers.iter().map(super::Planted::ms);
        let span_ms = times().max().unwrap() - times().min().unwrap();
        let bounds = gather_scatter::Params {
            senders_min: senders as u32,
            receivers_min: receivers as u32,
            window_hours: span_ms.div_euclid(HOUR_MS) as u32 + 1,
            ..gather_scatter::Params::default()
        };
        let found = hubs(&bounds);
        assert!(found[&hub] >= senders + receivers, "{}: {hub}", attempt.pattern_id);
        own += 1;
        by_default += usize::from(defaults.contains_key(&hub));
    }
    println!(
        "GATHER-SCATTER: {own} of {all} within their own bounds, {by_default} by default; {} have \
         no account that pays after it was paid",
        all - whole
    );
    assert_eq!((all, own, by_default), (51, 47, 23));
}
