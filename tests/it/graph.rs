//! The graph's algorithms against answers that others computed, and against slow obvious ones.
//!
//! The answers lie in `../shared/data/graph-algorithms`, or below `MONEYTRAIL_SHARED`; where the
//! folder is absent each test says in one line that it was skipped.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use moneytrail::graph::{
    Network, TransferGraph, betweenness, betweenness_from, bridges, components_of,
    connected_components, cut_vertices, hops, page_rank, page_rank_after, sampled_betweenness,
};
use moneytrail::model::{Channel, Currency, NONE};
use moneytrail::store::{PackedTransfers, Side, Table, Transfers};
use petgraph::algo::kosaraju_scc;
use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde::Deserialize;

/// What expected.json rounds to.
const TOLERANCE: f64 = 1e-9;
/// Rounds after which the Graphalytics answers were taken; its small examples say 2.
const PAGE_RANK_ROUNDS: u32 = 26;
/// How Graphalytics writes that a node is not reached.
const UNREACHED: i64 = i64::MAX;

fn answers(folder: &str) -> Option<PathBuf> {
    let shared = std::env::var_os("MONEYTRAIL_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let path = shared.join("data/graph-algorithms").join(folder);
    if path.is_dir() {
        return Some(path);
    }
    println!("skipped: {} is absent", path.display());
    None
}

#[derive(Deserialize)]
struct Expected {
    nodes: Vec<String>,
    edges: Vec<(u32, u32)>,
    betweenness_raw: Vec<f64>,
    articulation_points: Vec<u32>,
    bridges: Vec<(u32, u32)>,
    pagerank_d085: Vec<f64>,
}

#[track_caller]
fn assert_close(name: &str, found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len(), "{name}");
    for (node, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert!((found - expected).abs() <= tolerance, "{name} {node}: {found} for {expected}");
    }
}

#[test]
fn centralities_equal_those_of_two_other_libraries() {
    let Some(folder) = answers("centrality") else { return };
    let text = fs::read_to_string(folder.join("expected.json")).unwrap();
    let networks: BTreeMap<String, Expected> = serde_json::from_str(&text).unwrap();
    assert!(networks.len() >= 4, "the file holds its networks");
    for (name, expected) in networks {
        let network = Network::from_edges(expected.nodes.len(), &expected.edges);
        assert_eq!(network.edges(), expected.edges.len(), "{name}");
        assert_close(&name, &betweenness(&network), &expected.betweenness_raw, TOLERANCE);
        let rank = page_rank(&network, 0.85, 1e-12, 1_000);
        assert!(!rank.bound_met, "{name}");
        assert_close(&name, &rank.score, &expected.pagerank_d085, TOLERANCE);
        assert_eq!(cut_vertices(&network), expected.articulation_points, "{name}");
        let mut cut: Vec<(u32, u32)> =
            expected.bridges.iter().map(|&(from, to)| (from.min(to), from.max(to))).collect();
        cut.sort_unstable();
        assert_eq!(bridges(&network), cut, "{name}");
    }
}

/// A graph of Graphalytics: its own names of the nodes, and links between their places.
struct Listed {
    names: Vec<i64>,
    network: Network,
}

impl Listed {
    fn read(path: &Path, directed: bool) -> Listed {
        let text = fs::read_to_string(path).unwrap();
        let rows: Vec<Vec<i64>> = text
            .lines()
            .map(|line| line.split_whitespace().map(|name| name.parse().unwrap()).collect())
            .filter(|row: &Vec<i64>| !row.is_empty())
            .collect();
        // One of the files gives no row to a node that only receives.
        let mut names: Vec<i64> = rows.iter().flatten().copied().collect();
        names.sort_unstable();
        names.dedup();
        let place = |name: &i64| names.binary_search(name).unwrap() as u32;
        let mut edges: Vec<(u32, u32)> = Vec::new();
        for row in &rows {
            edges.extend(row[1..].iter().map(|other| (place(&row[0]), place(other))));
        }
        let network = if directed {
            Network::directed_from_edges(names.len(), &edges)
        } else {
            Network::from_edges(names.len(), &edges)
        };
        Listed { names, network }
    }

    fn answer<T: std::str::FromStr>(&self, path: &Path) -> Vec<T>
    where
        T::Err: std::fmt::Debug,
    {
        let text = fs::read_to_string(path).unwrap();
        let values: BTreeMap<i64, T> = text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .map(|line| line.trim().split_once(' ').unwrap())
            .map(|(name, value)| (name.parse().unwrap(), value.trim().parse().unwrap()))
            .collect();
        assert_eq!(values.keys().copied().collect::<Vec<_>>(), self.names, "{}", path.display());
        values.into_values().collect()
    }
}

/// Every Graphalytics graph that answers `what`: its graph, the answer's file, and whether links
/// have a direction.
fn graphalytics(what: &str, long: &str) -> Vec<(Listed, PathBuf)> {
    let Some(folder) = answers("graphalytics") else { return Vec::new() };
    let mut all = Vec::new();
    for (short, directed) in [("dir", true), ("undir", false)] {
        let input = folder.join(what).join(format!("{short}-input"));
        let output = folder.join(what).join(format!("{short}-output"));
        all.push((Listed::read(&input, directed), output));
        let example = folder.join("example").join(format!("example-{short}ected"));
        let file = |ending: &str| PathBuf::from(format!("{}-{ending}", example.display()));
        all.push((Listed::read(&file("input"), directed), file(long)));
    }
    all
}

#[test]
fn components_equal_those_of_graphalytics() {
    for (graph, answer) in graphalytics("wcc", "WCC") {
        let expected: Vec<i64> = graph.answer(&answer);
        let found = connected_components(&graph.network);
        let found: Vec<i64> = found.iter().map(|&label| graph.names[label as usize]).collect();
        assert_eq!(first_places(&found), first_places(&expected), "{}", answer.display());
    }
}

/// Labels are any name of the part, so each is replaced by the first place it stands at.
fn first_places(labels: &[i64]) -> Vec<usize> {
    labels.iter().map(|label| labels.iter().position(|other| other == label).unwrap()).collect()
}

#[test]
fn hops_equal_those_of_graphalytics() {
    for (graph, answer) in graphalytics("bfs", "BFS") {
        let expected: Vec<i64> = graph.answer(&answer);
        let source = expected.iter().position(|distance| *distance == 0).unwrap() as u32;
        let found: Vec<i64> = hops(&graph.network, &[source], u32::MAX)
            .into_iter()
            .map(|distance| if distance == NONE { UNREACHED } else { i64::from(distance) })
            .collect();
        assert_eq!(found, expected, "{}", answer.display());
    }
}

#[test]
fn page_rank_equals_that_of_graphalytics() {
    for (graph, answer) in graphalytics("pr", "PR") {
        let rounds = if answer.ends_with("dir-output") || answer.ends_with("undir-output") {
            PAGE_RANK_ROUNDS
        } else {
            2
        };
        let expected: Vec<f64> = graph.answer(&answer);
        let found = page_rank_after(&graph.network, 0.85, rounds);
        assert_close(&answer.display().to_string(), &found, &expected, TOLERANCE);
    }
}

/// Every simple path of least length from `from` to `to`, by trying them all.
fn shortest_paths(network: &Network, from: u32, to: u32) -> Vec<Vec<u32>> {
    let mut paths = vec![vec![from]];
    for _ in 0..network.nodes() {
        let arrived: Vec<_> =
            paths.iter().filter(|path| path.last() == Some(&to)).cloned().collect();
        if !arrived.is_empty() {
            return arrived;
        }
        paths = paths
            .iter()
            .flat_map(|path| {
                let ends = network.neighbours(path[path.len() - 1]).iter();
                ends.filter(|next| !path.contains(next))
                    .map(|&next| path.iter().copied().chain([next]).collect())
                    .collect::<Vec<_>>()
            })
            .collect();
    }
    Vec::new()
}

fn slow_betweenness(network: &Network) -> Vec<f64> {
    let nodes = network.nodes() as u32;
    let mut score = vec![0.0; nodes as usize];
    for from in 0..nodes {
        let least = if network.is_directed() { 0 } else { from + 1 };
        for to in (least..nodes).filter(|to| *to != from) {
            let paths = shortest_paths(network, from, to);
            for path in &paths {
                for &between in &path[1..path.len() - 1] {
                    score[between as usize] += 1.0 / paths.len() as f64;
                }
            }
        }
    }
    score
}

/// Number of components among the nodes and links that are kept.
fn parts(network: &Network, without_node: Option<u32>, without_edge: Option<(u32, u32)>) -> usize {
    let links = network.edge_pairs().filter(|&(from, to)| {
        without_node != Some(from) && without_node != Some(to) && without_edge != Some((from, to))
    });
    let labels = components_of(network.nodes(), links);
    let kept = (0..network.nodes() as u32).filter(|node| without_node != Some(*node));
    kept.filter(|node| labels[*node as usize] == *node).count()
}

fn some_edges() -> impl Strategy<Value = (usize, Vec<(u32, u32)>)> {
    (1..9_usize).prop_flat_map(|nodes| {
        let node = 0..nodes as u32;
        (Just(nodes), prop::collection::vec((node.clone(), node), 0..16))
    })
}

proptest! {
    #[test]
    fn betweenness_equals_counting_every_shortest_path((nodes, edges) in some_edges()) {
        for network in
            [Network::from_edges(nodes, &edges), Network::directed_from_edges(nodes, &edges)]
        {
            let fast = betweenness(&network);
            for (fast, slow) in fast.iter().zip(slow_betweenness(&network)) {
                prop_assert!((fast - slow).abs() < 1e-9, "{} for {}", fast, slow);
            }
        }
    }

    #[test]
    fn betweenness_from_some_sources_is_the_sum_over_these(
        (nodes, edges) in some_edges(),
        sources_max in 1..9_usize,
    ) {
        for network in
            [Network::from_edges(nodes, &edges), Network::directed_from_edges(nodes, &edges)]
        {
            let found = betweenness_from(&network, sources_max);
            let each = nodes as f64 / found.sources as f64;
            let each = if network.is_directed() { each } else { each / 2.0 };
            let mut slow = vec![0.0; nodes];
            for at in 0..found.sources {
                let source = (at * nodes / found.sources) as u32;
                for to in (0..nodes as u32).filter(|to| *to != source) {
                    let paths = shortest_paths(&network, source, to);
                    for path in &paths {
                        for &between in &path[1..path.len() - 1] {
                            slow[between as usize] += each / paths.len() as f64;
                        }
                    }
                }
            }
            for (fast, slow) in found.score.iter().zip(slow) {
                prop_assert!((fast - slow).abs() < 1e-9, "{} for {}", fast, slow);
            }
        }
    }

    #[test]
    fn page_rank_is_what_rounds_without_end_come_to(
        (nodes, edges) in some_edges(),
        damping in 0.0..0.9,
    ) {
        for network in
            [Network::from_edges(nodes, &edges), Network::directed_from_edges(nodes, &edges)]
        {
            let limit = page_rank_after(&network, damping, 1_000);
            let found = page_rank(&network, damping, 1e-9, 1_000);
            prop_assert!(!found.bound_met);
            let off: f64 =
                found.score.iter().zip(&limit).map(|(one, other)| (one - other).abs()).sum();
            prop_assert!(off < 1e-9, "{} off", off);
        }
    }

    #[test]
    fn cuts_are_what_leaves_more_parts_behind((nodes, edges) in some_edges()) {
        let network = Network::from_edges(nodes, &edges);
        let whole = parts(&network, None, None);
        let vertices: Vec<u32> = (0..nodes as u32)
            .filter(|node| parts(&network, Some(*node), None) > whole)
            .collect();
        prop_assert_eq!(cut_vertices(&network), vertices);
        let splits = |link: &(u32, u32)| parts(&network, None, Some(*link)) > whole;
        let links: Vec<(u32, u32)> = network.edge_pairs().filter(splits).collect();
        prop_assert_eq!(bridges(&network), links);
    }

    #[test]
    fn views_and_networks_agree_on_components((nodes, edges) in some_edges()) {
        let (from, to): (Vec<u32>, Vec<u32>) = edges.iter().copied().unzip();
        let time_ms = vec![0; edges.len()];
        let graph = TransferGraph::from_columns(nodes, &from, &to, &time_ms, vec![false; nodes]);
        let mut parts = kosaraju_scc(graph.identified_undirected());
        parts.iter_mut().for_each(|part| part.sort_unstable());
        let labels = connected_components(&Network::from_edges(nodes, &edges));
        for part in &parts {
            prop_assert!(part.iter().all(|node| labels[*node as usize] == part[0]));
        }
        let roots = (0..nodes as u32).filter(|node| labels[*node as usize] == *node).count();
        prop_assert_eq!(roots, parts.len());
    }

    #[test]
    fn order_of_links_changes_nothing((nodes, edges) in some_edges()) {
        let turned: Vec<(u32, u32)> = edges.iter().rev().map(|&(from, to)| (to, from)).collect();
        prop_assert_eq!(Network::from_edges(nodes, &edges), Network::from_edges(nodes, &turned));
        prop_assert_eq!(
            components_of(nodes, edges.iter().copied()),
            components_of(nodes, turned.iter().copied())
        );
    }
}

/// A ring with chords, large enough for several rounds of blocks.
fn ring() -> Network {
    let nodes = 500_u32;
    let near = (0..nodes).map(|node| (node, (node + 1) % nodes));
    let far = (0..nodes).step_by(7).map(|node| (node, (node * 13 + 5) % nodes));
    Network::from_edges(nodes as usize, &near.chain(far).collect::<Vec<_>>())
}

#[test]
fn number_of_threads_changes_no_bit() {
    let network = ring();
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| (betweenness(&network), page_rank(&network, 0.85, 1e-9, 100)))
    };
    assert_eq!(on(1), on(3));
}

#[test]
fn a_bound_on_sources_is_told_and_scales() {
    let network = ring();
    let every = betweenness_from(&network, 500);
    assert!(!every.bound_met);
    let some = betweenness_from(&network, 100);
    assert_eq!((some.sources, some.bound_met), (100, true));
    let (all, estimate): (f64, f64) = (every.score.iter().sum(), some.score.iter().sum());
    assert!((estimate / all - 1.0).abs() < 0.1, "{estimate} for {all}");
    assert_eq!(betweenness_from(&network, 0).score, vec![0.0; 500]);
}

#[test]
fn a_chain_longer_than_a_stack_is_cut_everywhere() {
    let nodes = 200_000_u32;
    let edges: Vec<(u32, u32)> = (0..nodes - 1).map(|node| (node, node + 1)).collect();
    let chain = Network::from_edges(nodes as usize, &edges);
    assert_eq!(cut_vertices(&chain).len(), nodes as usize - 2);
    assert_eq!(bridges(&chain), edges);
    assert_eq!(hops(&chain, &[0], u32::MAX).last(), Some(&(nodes - 1)));
}

/// Random links, as many as stated a node, half of them among the first few nodes.
fn random_links(nodes: u32, each: u32, seed: u64) -> Vec<(u32, u32)> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut below = |bound: u32| (random.next_u64() % u64::from(bound)) as u32;
    let mut end = || if below(2) == 0 { below(nodes) } else { below(nodes / 8) };
    (0..nodes * each).map(|_| (end(), end())).collect()
}

/// The seed of the sample is fixed, so this holds always or never; the bound is for all nodes at
/// once, and 1 in 10 of the samples may break it.
#[test]
fn sampled_betweenness_is_within_its_bound() {
    let mut worst = 0.0_f64;
    for seed in 0..12 {
        for each in [1, 2, 4] {
            let edges = random_links(120, each, seed);
            for network in
                [Network::from_edges(120, &edges), Network::directed_from_edges(120, &edges)]
            {
                let (exact, sampled) =
                    (betweenness(&network), sampled_betweenness(&network, 0.02, 0.1));
                let pairs = 120.0 * 119.0 / if network.is_directed() { 1.0 } else { 2.0 };
                assert!((sampled.error_max - 0.02 * pairs).abs() < 1e-9);
                for (sampled_score, exact) in sampled.score.iter().zip(&exact) {
                    let off = (sampled_score - exact).abs() / sampled.error_max;
                    assert!(off <= 1.0, "{sampled_score} for {exact}");
                    worst = worst.max(off);
                }
            }
        }
    }
    // A sample that never comes near its bound is larger than it need be.
    assert!(worst > 0.2, "{worst} of the error allowed");
}

#[test]
fn a_sample_is_the_same_on_any_number_of_threads_and_fits_the_network() {
    let network = Network::directed_from_edges(2_000, &random_links(2_000, 2, 1));
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| sampled_betweenness(&network, 0.01, 0.01))
    };
    let sampled = on(1);
    assert_eq!(sampled, on(3));
    // Where no node stands out the sample ends long before it would have to.
    let any = (2.0 * 2_000.0 / 0.01_f64).ln() / (2.0 * 0.01 * 0.01);
    assert!((sampled.samples as f64) < any / 2.0, "{} samples", sampled.samples);
    let chain = Network::directed_from_edges(3, &[(0, 1)]);
    assert_eq!(sampled_betweenness(&chain, 0.5, 0.5).score, [0.0; 3]);
    assert_eq!(sampled_betweenness(&chain, 0.5, 0.5).samples, 0);
    assert_eq!(sampled_betweenness(&Network::default(), 0.5, 0.5).score, [] as [f64; 0]);
}

/// What a pattern run holds of each transfer, by counting bytes: the graph, and every column of
/// the transfers beside it. The case is a hard one: amounts of any size, times to the
/// millisecond over ten days, lines in no order, seven currencies, two sources.
#[test]
fn bytes_of_a_transfer_in_memory() {
    let rows = 262_144_usize;
    let nodes = rows / 10;
    // Numbers that look drawn, and are the same on every machine.
    let drawn = |at: usize, of: u64| (at as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20 ^ of;
    let ten_days_ms = 864_000_000;
    let codes = ["USD", "EUR", "JPY", "CNY", "GBP", "CHF", "CAD"];
    let codes = codes.map(|code| code.parse::<Currency>().unwrap());
    let all = || 0..rows;
    let table = Transfers {
        from_account: all().map(|at| (drawn(at, 1) % nodes as u64) as u32).collect(),
        to_account: all().map(|at| (drawn(at, 2) / 7 % nodes as u64) as u32).collect(),
        booked_ms: all().map(|at| ten_days_ms * at as i64 / rows as i64).collect(),
        day: all().map(|at| (10 * at / rows) as i32).collect(),
        timed: vec![true; rows],
        // Up to ten million major units.
        amount_minor: all().map(|at| (drawn(at, 3) % 1_000_000_000) as i64).collect(),
        currency: all().map(|at| codes[drawn(at, 4) as usize % codes.len()]).collect(),
        channel: all().map(|at| Channel::ALL[drawn(at, 5) as usize % Channel::ALL.len()]).collect(),
        side: vec![Side::List; rows],
        source: all().map(|at| (drawn(at, 6) % 2) as u32).collect(),
        line: all().map(|at| (drawn(at, 7) % rows as u64) as u32).collect(),
    };
    let mut packed = PackedTransfers::with_room(rows);
    packed.extend_from(&table.to_frame().unwrap()).unwrap();
    packed.finish();
    let graph = TransferGraph::from_columns(
        nodes,
        &table.from_account,
        &table.to_account,
        &table.booked_ms,
        vec![false; nodes],
    );
    assert_eq!(graph.bytes() - 9 * nodes - 8, 24 * rows, "both directions");
    let whole = (graph.bytes() + packed.bytes()) as f64 / rows as f64;
    assert!(whole <= 44.0, "{whole} bytes a transfer, its share of the accounts included");
}
