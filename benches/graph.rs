//! How fast the graph is built and searched, on random transfers from a fixed seed.
//!
//! Accounts are a tenth of the transfers, one in ten unidentified; a few hubs take part in one
//! transfer of eight, as in real returns. Times are whole seconds of one year.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use divan::{Bencher, counter::ItemsCount};
use moneytrail::analyses::{Inputs, fan, pass_through};
use moneytrail::graph::{Network, TransferGraph, betweenness_from, components_of};
use moneytrail::model::{Channel, Currency, NONE};
use moneytrail::store::{Accounts, Case, Manifest, SCHEMA_VERSION, Side, Transfers};
use petgraph::visit::{EdgeRef, IntoEdgeReferences};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

const SEED: u64 = 20_240_331;
const YEAR_S: u64 = 365 * 24 * 3_600;
const FIRST_DAY: i32 = 19_723;

fn main() {
    divan::main();
    let _ = std::fs::remove_dir_all(stores());
}

/// Accounts and transfers in order of time.
fn case_of(rows: usize) -> Case {
    let nodes = (rows / 10).max(20);
    let mut random = ChaCha8Rng::seed_from_u64(SEED);
    let mut below = |bound: u64| random.next_u64() % bound;
    let names: Vec<String> = (0..nodes).map(|node| format!("HB/{node:09}")).collect();
    let kind = |node: usize| if node % 10 == 9 { "unidentified" } else { "account" };
    let accounts = Accounts {
        account: names.into_iter().collect(),
        kind: (0..nodes).map(kind).collect(),
        key: (0..nodes).map(|node| format!("{node:032x}")).collect(),
        institution: (0..nodes).map(|_| "HB").collect(),
        number: (0..nodes).map(|node| format!("{node:09}")).collect(),
        near_account: vec![NONE; nodes],
        currency: vec![None; nodes],
        product: (0..nodes).map(|_| "").collect(),
        opened: vec![None; nodes],
        closed: vec![None; nodes],
        opened_ms: vec![None; nodes],
        blocked: vec![None; nodes],
        linked_account: vec![NONE; nodes],
    };
    let mut seconds: Vec<u64> = (0..rows).map(|_| below(YEAR_S)).collect();
    seconds.sort_unstable();
    let mut account = || {
        let hubs = (nodes as u64 / 1_000).max(1);
        let bound = if below(8) == 0 { hubs } else { nodes as u64 };
        below(bound) as u32
    };
    let from_account = (0..rows).map(|_| account()).collect();
    let to_account = (0..rows).map(|_| account()).collect();
    let transfers = Transfers {
        from_account,
        to_account,
        booked_ms: seconds
            .iter()
            .map(|s| i64::from(FIRST_DAY) * 86_400_000 + *s as i64 * 1_000)
            .collect(),
        day: seconds.iter().map(|s| FIRST_DAY + (s / 86_400) as i32).collect(),
        timed: vec![true; rows],
        amount_minor: (0..rows).map(|_| 100 + below(1_000_000) as i64).collect(),
        currency: vec![Currency::USD; rows],
        channel: vec![Channel::Wire; rows],
        side: vec![Side::List; rows],
        source: vec![0; rows],
        line: (2..rows as u32 + 2).collect(),
    };
    let manifest = Manifest {
        kind: "store".to_owned(),
        schema_version: SCHEMA_VERSION,
        ..Manifest::default()
    };
    Case::in_memory(manifest).with(accounts).with(transfers)
}

#[divan::bench(sample_count = 10)]
fn build_1m_transfers(bencher: Bencher) {
    let case = case_of(1_000_000);
    bencher
        .counter(ItemsCount::new(1_000_000_usize))
        .bench(|| TransferGraph::from_case(&case).expect("the case is in memory"));
}

/// A store of 1,000,000 transfers, written once.
fn store_1m() -> &'static Path {
    static DIR: OnceLock<PathBuf> = OnceLock::new();
    DIR.get_or_init(|| {
        let dir = stores().join("1m");
        std::fs::create_dir_all(&dir).expect("the temporary directory takes files");
        case_of(1_000_000).write_to(&dir).expect("the store is written");
        dir
    })
}

fn stores() -> PathBuf {
    std::env::temp_dir().join(format!("moneytrail-graph-bench-{}", std::process::id()))
}

/// What a reader waits for before the first line: the manifest, and the first rows of a table.
#[divan::bench(sample_count = 20)]
fn open_and_first_page_1m_transfers() -> usize {
    let case = Case::open(store_1m()).expect("the store was just written");
    let (page, _) = case.page::<Transfers>(0, 50).expect("the store holds transfers");
    case.sources().expect("the store holds sources").source.len() + page.line.len()
}

/// From the files of a store to the index of both directions.
#[divan::bench(sample_count = 5)]
fn graph_from_store_1m_transfers(bencher: Bencher) {
    let dir = store_1m();
    bencher.counter(ItemsCount::new(1_000_000_usize)).bench(|| {
        let case = Case::open(dir).expect("the store was just written");
        TransferGraph::from_case(&case).expect("the store is whole").edges()
    });
}

#[divan::bench(sample_count = 10)]
fn components_1m_transfers(bencher: Bencher) {
    let case = case_of(1_000_000);
    let graph = TransferGraph::from_case(&case).expect("the case is in memory");
    bencher.counter(ItemsCount::new(1_000_000_usize)).bench(|| {
        let edges = graph.identified().edge_references();
        components_of(graph.nodes(), edges.map(|edge| (edge.source(), edge.target())))
    });
}

#[divan::bench(sample_count = 5)]
fn betweenness_from_64_sources_100k_links(bencher: Bencher) {
    let case = case_of(100_000);
    let transfers = case.transfers().expect("the case is in memory");
    let ends = transfers.from_account.iter().zip(&transfers.to_account);
    let edges: Vec<(u32, u32)> = ends.map(|(from, to)| (*from, *to)).collect();
    let network = Network::from_edges(10_000, &edges);
    bencher.bench(|| betweenness_from(&network, 64));
}

#[divan::bench(sample_count = 10)]
fn pass_through_100k_transfers(bencher: Bencher) {
    let case = case_of(100_000);
    let inputs = Inputs::new(&case);
    inputs.graph().expect("the case is in memory");
    let params = pass_through::Params::default();
    bencher
        .counter(ItemsCount::new(100_000_usize))
        .bench(|| pass_through::run(&inputs, &params).expect("sums fit 64 bits"));
}

#[divan::bench(sample_count = 10)]
fn fan_in_and_out_100k_transfers(bencher: Bencher) {
    let case = case_of(100_000);
    let inputs = Inputs::new(&case);
    inputs.graph().expect("the case is in memory");
    let params = fan::Params::default();
    bencher
        .counter(ItemsCount::new(100_000_usize))
        .bench(|| fan::run(&inputs, &params).expect("sums fit 64 bits"));
}
