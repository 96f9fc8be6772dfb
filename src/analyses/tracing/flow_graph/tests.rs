//! A small network whose lines, panels and bounds are seen at a glance.

use clap::Parser as _;

use super::*;
use crate::analyses::sketch::Sketch;
use crate::analyses::tracing::{Params, traces};
use crate::model::EntityKind;
use crate::store::{Case, Coverage};

/// The victim pays 10.00 into the trust, which held 5.00; 6.00 go to the shop, 4.00 to the owner,
/// who sends 3.00 back, of which the trust passes 1.00 on to him; the clerk gets 0.50 of what the
/// owner never had from the trust. Statements of the trust and of the owner are held.
fn case() -> Case {
    let mut sketch = Sketch::default();
    for account in ["Victim", "Trust", "Shop", "Owner", "Clerk"] {
        sketch.entity(EntityKind::Account, account);
    }
    let case = sketch
        .transfer("Elsewhere", "Trust", 1, 500)
        .transfer("Victim", "Trust", 2, 1_000)
        .transfer("Trust", "Shop", 3, 600)
        .transfer("Trust", "Owner", 4, 400)
        .transfer("Owner", "Trust", 5, 300)
        .transfer("Trust", "Owner", 6, 100)
        .transfer("Owner", "Clerk", 7, 50)
        .case();
    let mut held = Coverage::default();
    for account in [1, 3] {
        held.account.push(account);
        held.state.push("covers");
        held.from_day.push(0);
        held.to_day.push(10);
        held.source.push(0);
    }
    case.with(held)
}

#[derive(clap::Parser)]
struct Asked {
    #[command(flatten)]
    params: Params,
}

fn graph_of(case: &Case, bounds: FlowBounds, into: Option<&str>) -> FlowGraph {
    let mut asked = vec!["trace", "--source", "transfer=1,label=Victim A"];
    asked.extend(into.into_iter().flat_map(|name| ["--into", name]));
    let params = Asked::parse_from(asked).params;
    let inputs = Inputs::new(case);
    let traces = traces(&inputs, &params).unwrap();
    let into = params.into_accounts(case).unwrap();
    flow_graph(&inputs, &traces, into.as_ref(), bounds).unwrap()
}

/// Each line as `from to libr lifo floor ceiling transfers`.
fn lines(graph: &FlowGraph) -> Vec<(u32, u32, i64, i64, i64, i64, usize)> {
    let line = |line: &FlowLine| {
        let (rules, bound) = (&line.figure.rules, line.figure.bound);
        let count = line.transfers.len();
        (line.from, line.to, rules[0], rules[2], bound.floor, bound.ceiling, count)
    };
    graph.lines.iter().map(line).collect()
}

#[test]
fn a_line_adds_up_its_transfers_and_stays_below_what_was_declared_where_money_passes_once() {
    let graph = graph_of(&case(), FlowBounds::default(), None);
    // Trust and owner pay each other: what passes between them can pass again, and no sum of
    // theirs is held to what was declared.
    let [trust_shop, trust_owner] =
        [2, 3].map(|to| graph.lines.iter().find(|line| (line.from, line.to) == (1, to)).unwrap());
    assert_eq!(trust_shop.declared_minor, Some(1_000));
    assert_eq!(trust_owner.declared_minor, None);
    assert_eq!(trust_owner.transfers.len(), 2);
    for line in &graph.lines {
        for (at, minor) in line.figure.rules.iter().enumerate() {
            let sum: i64 = line.transfers.iter().map(|one| one.figure.rules[at]).sum();
            assert_eq!(*minor, sum);
            assert!((line.figure.bound.floor..=line.figure.bound.ceiling).contains(minor));
        }
    }
    // Untraced money first: 5.00 of the 6.00 for the shop, then all is traced.
    assert_eq!(
        lines(&graph)[..3],
        [
            (0, 1, 1_000, 1_000, 1_000, 1_000, 1),
            (1, 2, 100, 600, 100, 600, 1),
            (1, 3, 500, 500, 0, 500, 2)
        ]
    );
    assert!(graph.accounts.iter().all(|one| one.account != 5), "Elsewhere paid nothing traced");
    let centres = graph.accounts.iter().filter(|one| one.centre).map(|one| one.account);
    assert_eq!(centres.collect::<Vec<_>>(), [1]);
}

#[test]
fn a_panel_has_what_its_rule_says_and_the_scale_of_the_range() {
    let graph = graph_of(&case(), FlowBounds::default(), None);
    for (at, rule) in graph.rules.iter().enumerate() {
        let panel = graph.under(at);
        assert_eq!((panel.panel, panel.heaviest_minor), (Some(at), 1_000));
        let said = graph.lines.iter().filter(|line| line.figure.rules[at] > 0);
        let ends: Vec<(u32, u32)> = said.map(FlowLine::ends).collect();
        assert_eq!(panel.lines.iter().map(FlowLine::ends).collect::<Vec<_>>(), ends, "{rule:?}");
        let carried = panel.lines.iter().flat_map(|line| &line.transfers);
        assert!(carried.clone().all(|one| one.figure.rules[at] > 0), "{rule:?}");
        let on: BTreeSet<u32> = ends.iter().flat_map(|(from, to)| [*from, *to]).collect();
        assert_eq!(panel.accounts.iter().map(|one| one.account).collect::<BTreeSet<_>>(), on);
    }
}

#[test]
fn bounds_keep_the_heaviest_from_the_sources_on_and_name_the_rest() {
    let check = |bounds: FlowBounds, ends: &[(u32, u32)]| {
        let graph = graph_of(&case(), bounds, None);
        assert_eq!(graph.lines.iter().map(FlowLine::ends).collect::<Vec<_>>(), ends);
        assert!(graph.cut[0].contains("are left out, the heaviest"), "{:?}", graph.cut);
    };
    let all = FlowBounds::default();
    check(FlowBounds { ties_max: 1, ..all }, &[(0, 1)]);
    check(FlowBounds { ties_max: 2, ..all }, &[(0, 1), (1, 2)]);
    // No third account fits, so nothing that leaves the trust is drawn.
    check(FlowBounds { entities_max: 2, ..all }, &[(0, 1)]);
    check(FlowBounds { entities_max: 0, ..all }, &[]);
}

#[test]
fn only_paths_into_an_account_are_drawn_where_that_is_asked_for() {
    let graph = graph_of(&case(), FlowBounds::default(), Some("Shop"));
    assert_eq!(graph.lines.iter().map(FlowLine::ends).collect::<Vec<_>>(), [(0, 1), (1, 2)]);
    assert!(graph.cut.iter().any(|note| note == "Only paths that end in Shop are drawn."));
}
