//! Small cases: who is on a chart at which hop, and what the cuts say.

use super::*;
use crate::analyses::sketch::{ALWAYS, Sketch};

/// `from > to: kind records total` of each line.
fn words(case: &Case, found: &Subgraph) -> Vec<String> {
    found
        .ties
        .iter()
        .map(|tie| {
            let what = match &tie.what {
                TieContent::Transfers { total_minor, .. } => format!("transfers {total_minor}"),
                TieContent::Calls { .. } => "calls".to_owned(),
                TieContent::Holding { .. } => "holds".to_owned(),
                TieContent::Tie { relation, .. } => relation.clone(),
            };
            let name = |entity| case.name(entity).unwrap();
            format!("{} > {}: {} {what}", name(tie.from), name(tie.to), tie.what.rows().len())
        })
        .collect()
}

#[track_caller]
fn check(sketch: Sketch, params: &Params, entities: &[&str], lines: &[&str], cut: &[&str]) {
    let case = sketch.case();
    let inputs = Inputs::new(&case);
    let found = neighbourhood(&inputs, &centres(&case, params).unwrap(), params).unwrap();
    let listed: Vec<String> = found
        .entities
        .iter()
        .map(|item| format!("{}{}", item.hops, case.name(item.entity).unwrap()))
        .collect();
    assert_eq!(listed, entities);
    assert_eq!(words(&case, &found), lines);
    assert_eq!(found.cut, cut);
    for tie in &found.ties {
        if let TieContent::Transfers { total_minor, rows, .. } = &tie.what {
            let amounts = &case.transfers().unwrap().amount_minor;
            let sum: i64 = rows.iter().map(|row| amounts[*row as usize]).sum();
            assert_eq!(sum, *total_minor, "a line's rows add up to its label");
        }
    }
    assert_eq!(run(&inputs, params).unwrap().tables[0].rows(), lines.len());
}

fn around(name: &str) -> Params {
    Params { around: vec![name.to_owned()], ..Params::default() }
}

fn ring() -> Sketch {
    Sketch::default()
        .holds("Ana", "owner", "PB/1", ALWAYS)
        .transfer("PB/1", "PB/2", 10, 500)
        .transfer("PB/1", "PB/2", 11, 700)
        .transfer("PB/2", "PB/1", 12, 100)
        .transfer("PB/2", "PB/3", 13, 900)
        .transfer("PB/1", "?PB/1 CASH", 14, 50)
        .transfer("?PB/1 CASH", "PB/9", 15, 40)
}

#[test]
fn pairs_are_totalled_by_direction_and_leaves_are_not_followed() {
    check(
        ring(),
        &around("Ana"),
        &["0Ana", "1PB/1", "2PB/2", "2?PB/1 CASH"],
        &[
            "Ana > PB/1: 1 holds",
            "PB/1 > PB/2: 2 transfers 1200",
            "PB/1 > ?PB/1 CASH: 1 transfers 50",
            "PB/2 > PB/1: 1 transfers 100",
        ],
        &[],
    );
    let far = Params { hops: 4, ..around("Ana") };
    let case = ring().case();
    let found = neighbourhood(&Inputs::new(&case), &centres(&case, &far).unwrap(), &far).unwrap();
    let names: Vec<&str> =
        found.entities.iter().map(|item| case.name(item.entity).unwrap()).collect();
    assert_eq!(names, ["Ana", "PB/1", "PB/2", "?PB/1 CASH", "PB/3"]);
}

#[test]
fn filters_say_what_they_left_out() {
    let params = Params {
        min_amount_minor: 200,
        from: Some(Date::constant(1970, 1, 12)),
        hops: 1,
        ..around("PB/1")
    };
    check(
        ring(),
        &params,
        &["0PB/1", "1Ana", "1PB/2"],
        &["Ana > PB/1: 1 holds", "PB/1 > PB/2: 1 transfers 700"],
        &[
            "Only records from 1970-01-12 are shown.",
            "1 pair of accounts between entities shown are left out: 1 transfer in all, each \
             pair below the smallest total asked for.",
        ],
    );
    let params = Params { show: vec![Show::Holdings], ..around("PB/1") };
    check(ring(), &params, &["0PB/1", "1Ana"], &["Ana > PB/1: 1 holds"], &[]);
}

#[test]
fn bounds_keep_the_heaviest_and_say_what_they_cut() {
    let params = Params { entities_max: 3, hops: 1, ..around("PB/1") };
    check(
        ring(),
        &params,
        &["0PB/1", "1Ana", "1PB/2"],
        &["Ana > PB/1: 1 holds", "PB/1 > PB/2: 2 transfers 1200", "PB/2 > PB/1: 1 transfers 100"],
        &["1 of 3 new entities at hop 1 are left out, the heaviest kept: a chart has at most 3 \
           entities."],
    );
    let params = Params { ties_max: 2, hops: 1, entities_max: 3, ..around("PB/1") };
    check(
        ring(),
        &params,
        &["0PB/1", "1Ana", "1PB/2"],
        &["Ana > PB/1: 1 holds", "PB/1 > PB/2: 2 transfers 1200"],
        &[
            "1 of 3 new entities at hop 1 are left out, the heaviest kept: a chart has at most \
             3 entities.",
            "1 of 3 lines with 1 record are left out, the heaviest kept: a chart has at most 2 \
             lines.",
        ],
    );
}

#[test]
fn hubs_are_shown_and_not_followed() {
    let mut sketch = Sketch::default().transfer("PB/1", "PB/SHOP", 1, 100);
    for at in 2..6 {
        sketch = sketch.transfer(&format!("PB/{at}"), "PB/SHOP", at, 100);
    }
    let params = Params { neighbours_max: 4, hops: 3, ..around("PB/1") };
    check(
        sketch,
        &params,
        &["0PB/1", "1PB/SHOP"],
        &["PB/1 > PB/SHOP: 1 transfers 100"],
        &["PB/SHOP has 5 neighbours, more than 4: shown, not followed."],
    );
}

#[test]
fn phones_and_subjects_are_drawn_too() {
    let phone = (EntityKind::Phone, "+12025550143");
    let sketch = Sketch::default()
        .tie("Ana", "subscribes", phone, ALWAYS)
        .call(phone.1, "+12025550187", 3, "")
        .call("+12025550187", phone.1, 4, "")
        .subject(EntityKind::Party, "ana");
    check(
        sketch,
        &Params::default(),
        &["0Ana", "1+12025550143", "2+12025550187"],
        &["Ana > +12025550143: 1 subscribes", "+12025550143 > +12025550187: 2 calls"],
        &[],
    );
}

#[test]
fn a_name_on_an_account_is_drawn_only_where_no_card_says_more() {
    let sketch = Sketch::default()
        .holds("Ana", "owner", "PB/1", ALWAYS)
        .tie("Ana", "named-on", (EntityKind::Account, "PB/1"), ALWAYS)
        .tie("Ana", "named-on", (EntityKind::Account, "PB/2"), ALWAYS);
    check(
        sketch,
        &around("Ana"),
        &["0Ana", "1PB/1", "1PB/2"],
        &["Ana > PB/1: 1 holds", "Ana > PB/2: 1 named-on"],
        &["Not drawn beside a holding: 1 tie that only names the holder on the account."],
    );
}
