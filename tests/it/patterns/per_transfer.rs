//! Counts per transfer, as the graph preprocessor of another library gives them, from our graph,
//! walks and patterns.
//!
//! The peer looks at each transfer when it is the latest: at what lies within the window that
//! ends with it. A pattern that it finds there counts one for every transfer in it, under its
//! size. It was shown all transfers twice, once to fill its window and once to count, so those of
//! the last window stand in its graph as two copies: such a transfer counts twice in each fan.
//!
//! The answers lie in `../shared/data/graph-algorithms/gfp`, or below `MONEYTRAIL_SHARED`; where
//! the folder is absent the test says in one line that it was skipped.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use moneytrail::analyses::{Inputs, Outcome, cycles, fan, scatter_gather};
use moneytrail::graph::{Asked, Distinct, Edges, Links, NO_AMOUNT, Rules, TransferGraph, walks};
use moneytrail::model::{Channel, Currency, Values};
use moneytrail::store::{Accounts, Case, Manifest, Side, Transfers};
use serde::Deserialize;

use super::{DAY_MS, HOUR_MS};

/// Where the columns of each count stand, one for each bin.
const FAN: [Range<usize>; 2] = [0..5, 5..10];
const DEGREE: [Range<usize>; 2] = [10..15, 15..20];
const SCATTER_GATHER: Range<usize> = 20..24;
const CYCLES_IN_ORDER: Range<usize> = 24..28;
const CYCLES_IN_ANY_ORDER: Range<usize> = 28..32;
const COLUMNS: usize = 32;

/// What the peer was asked.
#[derive(Deserialize)]
struct Asking {
    time_window: i64,
    fan_tw: i64,
    fan_bins: Vec<usize>,
    degree_tw: i64,
    degree_bins: Vec<usize>,
    #[serde(rename = "scatter-gather_tw")]
    scatter_gather_tw: i64,
    #[serde(rename = "temp-cycle_tw")]
    in_order_tw: i64,
    #[serde(rename = "temp-cycle_bins")]
    in_order_bins: Vec<usize>,
    #[serde(rename = "lc-cycle_tw")]
    any_order_tw: i64,
    #[serde(rename = "lc-cycle_bins")]
    any_order_bins: Vec<usize>,
    #[serde(rename = "lc-cycle_len")]
    any_order_accounts_max: usize,
}

/// The peer's input and answers.
struct Peer {
    asking: Asking,
    from: Vec<u32>,
    to: Vec<u32>,
    time_ms: Vec<i64>,
    counts: Vec<[u32; COLUMNS]>,
}

fn peer() -> Option<Peer> {
    let shared = std::env::var_os("MONEYTRAIL_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let folder = shared.join("data/graph-algorithms/gfp");
    if !folder.is_dir() {
        println!("skipped: {} is absent", folder.display());
        return None;
    }
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let numbers = |name: &str| -> Vec<Vec<f64>> {
        let row = |line: &str| line.split(',').map(|cell| cell.parse().unwrap()).collect();
        read(name).lines().map(row).collect()
    };
    let input = numbers("driver_4000_input.csv");
    let counts = numbers("driver_4000_gfp.csv");
    Some(Peer {
        asking: serde_json::from_str(&read("params.json")).unwrap(),
        from: input.iter().map(|row| row[1] as u32).collect(),
        to: input.iter().map(|row| row[2] as u32).collect(),
        time_ms: input.iter().map(|row| row[3] as i64 * 1_000).collect(),
        // The answers repeat the four columns of the input, with fewer digits.
        counts: counts.iter().map(|row| std::array::from_fn(|at| row[4 + at] as u32)).collect(),
    })
}

/// Transfers as a case; the line of each is its row.
fn case_of(from: &[u32], to: &[u32], time_ms: &[i64]) -> Case {
    let rows = from.len();
    let nodes = from.iter().chain(to).max().unwrap() + 1;
    let names: Vec<String> = (0..nodes).map(|node| format!("{node:04}")).collect();
    let accounts = Accounts {
        account: names.iter().map(String::as_str).collect(),
        kind: names.iter().map(|_| "account").collect(),
        ..Accounts::default()
    };
    let transfers = Transfers {
        from_account: from.to_vec(),
        to_account: to.to_vec(),
        booked_ms: time_ms.to_vec(),
        day: time_ms.iter().map(|ms| ms.div_euclid(DAY_MS) as i32).collect(),
        timed: vec![true; rows],
        amount_minor: vec![100; rows],
        currency: vec![Currency::USD; rows],
        channel: vec![Channel::Other; rows],
        side: vec![Side::List; rows],
        source: vec![0; rows],
        line: (0..rows as u32).collect(),
    };
    Case::in_memory(Manifest::default()).with(accounts).with(transfers)
}

impl Peer {
    fn rows(&self) -> Range<usize> {
        0..self.from.len()
    }

    fn nodes(&self) -> usize {
        let highest = self.from.iter().chain(&self.to).max().unwrap();
        *highest as usize + 1
    }

    fn graph(&self) -> TransferGraph {
        let unidentified = vec![false; self.nodes()];
        let (from, to, time_ms) = (&self.from, &self.to, &self.time_ms);
        TransferGraph::from_columns(self.nodes(), from, to, time_ms, unidentified)
    }

    /// The transfers as a case; the line of each is its row.
    fn case(&self) -> Case {
        case_of(&self.from, &self.to, &self.time_ms)
    }

    /// How often each transfer stands in the peer's graph.
    fn copies(&self) -> Vec<u32> {
        let last_ms = *self.time_ms.last().unwrap();
        let kept_ms = last_ms - self.asking.time_window * 1_000;
        self.time_ms.iter().map(|ms| if *ms >= kept_ms { 2 } else { 1 }).collect()
    }

    /// Rows at which the peer counts something in some of the columns.
    fn counted(&self, columns: Range<usize>) -> BTreeSet<u32> {
        let any = |row: &usize| self.counts[*row][columns.clone()].iter().any(|count| *count > 0);
        self.rows().filter(any).map(|row| row as u32).collect()
    }

    /// Fails at the first transfer whose counts differ.
    #[track_caller]
    fn assert_counts(&self, columns: &Range<usize>, found: &[[u32; COLUMNS]]) {
        for row in self.rows() {
            let of = |counts: &[[u32; COLUMNS]]| counts[row][columns.clone()].to_vec();
            assert_eq!(of(found), of(&self.counts), "columns {columns:?} of transfer {row}");
        }
    }
}

/// The column of a pattern's size: the first bin that it fits, the last for what fits none.
fn column(columns: &Range<usize>, bins: &[usize], size: usize) -> usize {
    columns.start + bins.iter().position(|bin| size <= *bin).unwrap_or(bins.len() - 1)
}

/// A closed walk as the peer sees it: its last transfer, and the accounts from where that leads.
type Closed = (u32, Vec<u32>);

/// Transfers of walks over the same accounts that one transfer closes are one pattern. Each copy
/// of a transfer counts there, but for the one that closes it.
fn count_cycles(
    peer: &Peer,
    cycles: &BTreeMap<Closed, BTreeSet<u32>>,
    columns: &Range<usize>,
    bins: &[usize],
) -> Vec<[u32; COLUMNS]> {
    let copies = peer.copies();
    let mut found = vec![[0; COLUMNS]; peer.from.len()];
    for ((closing, accounts), before) in cycles {
        let at = column(columns, bins, accounts.len());
        found[*closing as usize][at] += 1;
        for row in before {
            found[*row as usize][at] += copies[*row as usize];
        }
    }
    found
}

#[test]
fn fans_and_degrees_of_each_window_equal_the_peers() {
    let Some(peer) = peer() else { return };
    let (graph, copies) = (peer.graph(), peer.copies());
    let mut found = vec![[0; COLUMNS]; peer.from.len()];
    for row in peer.rows() {
        let now = peer.time_ms[row];
        let within = |hub: u32, way: usize, seconds: i64| -> Edges<'_> {
            match way {
                0 => graph.in_between(hub, now - seconds * 1_000, now),
                _ => graph.out_between(hub, now - seconds * 1_000, now),
            }
        };
        for (way, hub) in [peer.to[row], peer.from[row]].into_iter().enumerate() {
            let fan = within(hub, way, peer.asking.fan_tw);
            let others: BTreeSet<u32> = fan.neighbours().iter().copied().collect();
            let degree = within(hub, way, peer.asking.degree_tw);
            let links: u32 = degree.transfers().iter().map(|it| copies[*it as usize]).sum();
            let sizes = [
                (fan, &FAN[way], &peer.asking.fan_bins, others.len()),
                (degree, &DEGREE[way], &peer.asking.degree_bins, links as usize),
            ];
            for (edges, columns, bins, size) in sizes {
                // One payer or one transfer is no pattern to the peer.
                for transfer in edges.transfers().iter().filter(|_| size > 1) {
                    let at = column(columns, bins, size);
                    found[*transfer as usize][at] += copies[*transfer as usize];
                }
            }
        }
    }
    for columns in FAN.iter().chain(&DEGREE) {
        peer.assert_counts(columns, &found);
    }
    println!("20 columns of fans and degrees equal, {} transfers each", peer.from.len());
}

/// Rows of the transfers that a table cites.
fn cited(outcome: &Outcome, table: usize) -> BTreeSet<u32> {
    let Some(Values::Refs(refs)) = outcome.tables[table].column("source_refs") else {
        panic!("a table of patterns cites its transfers")
    };
    refs.iter().flatten().map(|at| at.line).collect()
}

/// Every window of ours can be moved until it ends with its last transfer, as the peer's do, so
/// the instances of `fan-in` and `fan-out` hold the transfers that the peer counts and no others.
#[test]
fn transfers_of_fans_are_those_that_the_peer_counts() {
    let Some(peer) = peer() else { return };
    let case = peer.case();
    let inputs = Inputs::new(&case);
    let params = fan::Params {
        counterparties_min: 2,
        window_hours: hours(peer.asking.fan_tw),
        ..fan::Params::default()
    };
    for (columns, outcome) in
        FAN.into_iter().zip([fan::fan_in(&inputs, &params), fan::fan_out(&inputs, &params)])
    {
        let ours = cited(&outcome.unwrap(), 0);
        assert_eq!(ours, peer.counted(columns));
        println!("{} transfers are in fans of both", ours.len());
    }
}

fn hours(seconds: i64) -> u32 {
    let ms = seconds * 1_000;
    assert_eq!(ms % HOUR_MS, 0, "the peer's window is whole hours");
    (ms / HOUR_MS) as u32
}

/// The peer counts no scatter-gather in these transfers, and there is none by our definition.
#[test]
fn neither_finds_a_scatter_gather() {
    let Some(peer) = peer() else { return };
    let case = peer.case();
    let params = scatter_gather::Params {
        middles_min: 2,
        window_hours: hours(peer.asking.scatter_gather_tw),
        ..scatter_gather::Params::default()
    };
    let outcome = scatter_gather::run(&Inputs::new(&case), &params).unwrap();
    let mut found = vec![[0; COLUMNS]; peer.from.len()];
    for row in cited(&outcome, 1) {
        found[row as usize][SCATTER_GATHER.start] += 1;
    }
    peer.assert_counts(&SCATTER_GATHER, &found);
}

/// Cycles in order of time are the instances of `cycles`.
#[test]
fn cycles_in_order_of_time_equal_the_peers() {
    let Some(peer) = peer() else { return };
    let case = peer.case();
    let params = cycles::Params {
        accounts_min: 2,
        accounts_max: 64,
        window_hours: hours(peer.asking.in_order_tw),
        ..cycles::Params::default()
    };
    let outcome = cycles::run(&Inputs::new(&case), &params).unwrap();
    let steps = &outcome.tables[1];
    let (Some(Values::Count(instances)), Some(Values::Refs(refs))) =
        (steps.column("instance"), steps.column("source_refs"))
    else {
        panic!("a table of steps has instances and source refs")
    };
    let mut walks: BTreeMap<i64, Vec<u32>> = BTreeMap::new();
    for (instance, refs) in instances.iter().zip(refs) {
        walks.entry(instance.unwrap()).or_default().push(refs[0].line);
    }
    let mut closed: BTreeMap<Closed, BTreeSet<u32>> = BTreeMap::new();
    for walk in walks.values() {
        let (closing, before) = walk.split_last().unwrap();
        let accounts = walk.iter().map(|row| peer.from[*row as usize]).collect();
        closed.entry((*closing, accounts)).or_default().extend(before);
    }
    let found = count_cycles(&peer, &closed, &CYCLES_IN_ORDER, &peer.asking.in_order_bins);
    peer.assert_counts(&CYCLES_IN_ORDER, &found);
    assert!(!closed.is_empty());
    println!("4 columns of cycles in order of time equal, {} of them", closed.len());
}

/// Cycles in any order of time are no pattern of ours: money that left before it came has not
/// come back. The walks of path questions find them when no order is asked.
#[test]
fn cycles_in_any_order_of_time_equal_the_peers() {
    let Some(peer) = peer() else { return };
    let mut links = Links::over(peer.nodes());
    links.from = peer.from.clone();
    links.to = peer.to.clone();
    links.first_ms = peer.time_ms.clone();
    links.amount_minor = vec![NO_AMOUNT; peer.from.len()];
    let mut closed: BTreeMap<Closed, BTreeSet<u32>> = BTreeMap::new();
    for row in peer.rows().filter(|row| peer.from[*row] != peer.to[*row]) {
        let now = peer.time_ms[row];
        let since = now - peer.asking.any_order_tw * 1_000;
        let rules = Rules { window_ms: Some((since, now)), simple: true, ..Rules::default() };
        let asked = Asked {
            hops_min: 1,
            hops_max: peer.asking.any_order_accounts_max - 1,
            to: Some(&[peer.from[row]]),
            distinct: Distinct::Walks,
            paths_max: 1_000_000,
            steps_max: 10_000_000,
        };
        let back = walks(&links, &rules, &[peer.to[row]], &asked).unwrap();
        assert_eq!(back.met, None);
        for at in 0..back.len() {
            let (first, steps) = back.get(at);
            let accounts = [first].into_iter().chain(steps.iter().map(|step| step.1)).collect();
            let before = closed.entry((row as u32, accounts)).or_default();
            before.extend(steps.iter().map(|step| step.0));
        }
    }
    let found = count_cycles(&peer, &closed, &CYCLES_IN_ANY_ORDER, &peer.asking.any_order_bins);
    peer.assert_counts(&CYCLES_IN_ANY_ORDER, &found);
    let in_order = peer.counted(CYCLES_IN_ORDER);
    let in_any = peer.counted(CYCLES_IN_ANY_ORDER);
    assert!(in_order.is_subset(&in_any));
    println!(
        "4 columns of cycles in any order equal, {} of them; {} transfers are in none that is in \
         order",
        closed.len(),
        in_any.len() - in_order.len()
    );
}

/// The peer does not ask whether a middle was paid before it paid, so the comparison is on
/// transfers of which every account is. It counts each pair of a source and a sink once, with all
/// accounts between them, and every transfer to and from these.
#[test]
fn transfers_of_scatter_gathers_are_counted_as_by_the_peer() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/peers/scatter_gather.csv");
    let text = fs::read_to_string(path).unwrap();
    let rows: Vec<Vec<u32>> = text
        .lines()
        .filter(|line| line.starts_with(|first: char| first.is_ascii_digit()))
        .map(|line| line.split(',').map(|cell| cell.parse().unwrap()).collect())
        .collect();
    let column = |at: usize| -> Vec<u32> { rows.iter().map(|row| row[at]).collect() };
    let time_ms: Vec<i64> = column(2).into_iter().map(|second| i64::from(second) * 1_000).collect();
    let case = case_of(&column(0), &column(1), &time_ms);
    let params = scatter_gather::Params {
        middles_min: 2,
        window_hours: 10,
        ..scatter_gather::Params::default()
    };
    let outcome = scatter_gather::run(&Inputs::new(&case), &params).unwrap();
    let (members, steps) = (&outcome.tables[0], &outcome.tables[1]);
    let Some(Values::Count(of)) = members.column("instance") else {
        panic!("a table of members has instances")
    };
    let roles = members.column("role_in_pattern").unwrap();
    let mut middles: BTreeMap<i64, usize> = BTreeMap::new();
    for (row, instance) in of.iter().enumerate() {
        let is_middle = roles.text(row) == Some("middle");
        *middles.entry(instance.unwrap()).or_default() += usize::from(is_middle);
    }
    let (Some(Values::Count(instances)), Some(Values::Refs(refs))) =
        (steps.column("instance"), steps.column("source_refs"))
    else {
        panic!("a table of steps has instances and source refs")
    };
    let mut found = vec![[0; 4]; rows.len()];
    for (instance, refs) in instances.iter().zip(refs) {
        let size = middles[&instance.unwrap()];
        found[refs[0].line as usize][size.min(5) - 2] += 1;
    }
    let counted: Vec<[u32; 4]> = rows.iter().map(|row| [row[3], row[4], row[5], row[6]]).collect();
    assert!(counted.iter().flatten().any(|count| *count > 0));
    assert_eq!(found, counted);
}
