//! The layout on small charts and on tangles: nothing covers anything, and bytes repeat.

use proptest::prelude::*;

use super::*;
use crate::exports::samples;

/// Left, upper, right and lower edge.
type Edges = (f64, f64, f64, f64);

fn boxed(middle: Point, width: f64, height: f64) -> Edges {
    (
        middle.x - width / 2.0,
        middle.y - height / 2.0,
        middle.x + width / 2.0,
        middle.y + height / 2.0,
    )
}

/// True where two boxes share more than rounding leaves.
fn overlap(one: Edges, two: Edges) -> bool {
    let slack = 0.3;
    one.0 + slack < two.2 && two.0 + slack < one.2 && one.1 + slack < two.3 && two.1 + slack < one.3
}

#[track_caller]
fn check_picture(chart: &Chart) {
    let picture = lay_out(chart);
    let mut boxes = vec![];
    for node in &picture.nodes {
        boxes.push((true, boxed(node.middle, node.width, node.height)));
    }
    for route in &picture.routes {
        boxes.push((false, boxed(route.label.middle, route.label.width, route.label.height)));
    }
    for (at, &(is_node, one)) in boxes.iter().enumerate() {
        let inside = one.0 >= -0.3
            && one.1 >= -0.3
            && one.2 <= picture.width + 0.3
            && one.3 <= picture.height + 0.3;
        assert!(inside, "{one:?} lies outside of {} x {}", picture.width, picture.height);
        for &(other_is_node, two) in &boxes[at + 1..] {
            let what = (is_node, other_is_node);
            assert!(!overlap(one, two), "boxes overlap (node, node: {what:?}): {one:?} {two:?}");
        }
    }
    check_lines_run_clear(chart, &picture);
    for route in &picture.routes {
        let ends = route.steps.iter().map(|step| step.end());
        for place in std::iter::once(route.start).chain(ends) {
            assert!(place.x.is_finite() && place.y.is_finite());
        }
        let tie = &chart.ties[route.tie];
        let last = route.steps.last().unwrap().end();
        for (entity, end) in [(tie.from, route.start), (tie.to, last)] {
            let node = picture.nodes.iter().find(|node| node.entity == entity).unwrap();
            let away = end.x - node.middle.x;
            let off = (away.max(-away) - node.width / 2.0).max(node.width / 2.0 - away.max(-away));
            assert!(off < 0.3, "tie {} ends on the side of its box, not {off} off", route.tie);
            let up = end.y - node.middle.y;
            assert!(up.max(-up) <= node.height / 2.0, "tie {} ends within its box", route.tie);
        }
    }
    assert_eq!(picture, lay_out(chart), "the same chart gives the same picture");
}

/// No line runs behind an entity that it does not join, nor through another tie's label.
#[track_caller]
fn check_lines_run_clear(chart: &Chart, picture: &Picture) {
    for route in &picture.routes {
        let tie = &chart.ties[route.tie];
        let mut at = route.start;
        for step in &route.steps {
            for piece in 0..=12 {
                let place = on_step(at, *step, f64::from(piece) / 12.0);
                let dot = (place.x, place.y, place.x, place.y);
                for node in &picture.nodes {
                    let own = node.entity == tie.from || node.entity == tie.to;
                    let node = boxed(node.middle, node.width - 1.0, node.height - 1.0);
                    assert!(own || !overlap(dot, node), "tie {} runs behind {node:?}", route.tie);
                }
                for other in picture.routes.iter().filter(|other| other.tie != route.tie) {
                    let label = &other.label;
                    let label = boxed(label.middle, label.width - 1.0, label.height - 1.0);
                    assert!(!overlap(dot, label), "tie {} runs through {label:?}", route.tie);
                }
            }
            at = step.end();
        }
    }
}

fn on_step(from: Point, step: Step, t: f64) -> Point {
    let s = 1.0 - t;
    match step {
        Step::Line(to) => Point { x: s * from.x + t * to.x, y: s * from.y + t * to.y },
        Step::Curve(one, two, to) => {
            let (a, b, c, d) = (s * s * s, 3.0 * s * s * t, 3.0 * s * t * t, t * t * t);
            Point {
                x: a * from.x + b * one.x + c * two.x + d * to.x,
                y: a * from.y + b * one.y + c * two.y + d * to.y,
            }
        }
    }
}

/// Every place of a picture in one text, to compare machines by.
fn places(picture: &Picture) -> String {
    blake3::hash(format!("{:?} {:?}", picture.nodes, picture.routes).as_bytes()).to_string()
}

#[test]
fn places_are_the_same_on_every_machine() {
    // A change of the layout changes these; a change of the machine must not.
    assert_eq!(places(&lay_out(&samples::harbor()))[..16], *"16cce0673d3602fc");
    assert_eq!(places(&lay_out(&samples::tangle(60, 90, 5)))[..16], *"563b72e3a71ebc35");
}

#[test]
fn samples_are_laid_out_without_overlap() {
    samples::all().iter().for_each(check_picture);
    check_picture(&samples::star(3));
}

#[test]
fn nothing_to_draw_is_an_empty_picture() {
    assert_eq!(lay_out(&samples::empty()), Picture::default());
}

#[test]
fn payers_stand_left_of_the_centre_and_payees_right() {
    let chart = samples::star(12);
    let picture = lay_out(&chart);
    let x = |entity: usize| picture.nodes[entity].middle.x;
    for tie in &chart.ties {
        assert!(x(tie.from) < x(tie.to), "money runs from left to right around one centre");
    }
}

#[test]
fn beyond_the_bound_the_farthest_are_left_out_and_a_note_says_so() {
    let chart = samples::star(ENTITIES_DRAWN_MAX + 20);
    let picture = lay_out(&chart);
    assert_eq!(picture.nodes.len(), ENTITIES_DRAWN_MAX);
    assert_eq!(picture.nodes[0].entity, 0, "the centre is drawn");
    assert_eq!(picture.routes.len(), ENTITIES_DRAWN_MAX - 1);
    assert!(picture.notes[0].starts_with("The picture shows 500 of 521 entities"));
    assert!(picture.notes[1].contains("first part of its label"));
}

#[test]
fn labels_break_at_their_commas_but_not_inside_amounts() {
    let mut tie = samples::transfers("t", 0, 1, &[1_430_000]);
    tie.label = "12 transfers, 14,300.00 USD, 2024-01-03 to 2024-05-30".to_owned();
    let lines = ["12 transfers", "14,300.00 USD", "2024-01-03 to 2024-05-30"];
    assert_eq!(label_lines(&tie, false), lines);
    assert_eq!(label_lines(&tie, true), ["14300.00 USD"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_chart_is_laid_out_without_overlap(
        entities in 0_usize..45,
        ties in 0_usize..90,
        seed in 0_u64..1_000_000,
    ) {
        check_picture(&samples::tangle(entities, ties, seed));
    }
}
