//! One graph algorithm over a file of links, timed alone, for `compare.py` to set beside others.
//!
//!     cargo run --release --example algorithms components|page-rank|betweenness LINKS
//!
//! `LINKS` holds two numbers of 32 bits, little end first, for each link. Prints one JSON line:
//! seconds and processor seconds of the timed part, and check values. The list of links stands in
//! memory before `components` begins, the network without links of a node with itself before the
//! others, as on the peer's side. Shortest paths start at every so many nodes, 64 in all.

use std::error::Error;

use moneytrail::graph::{Network, betweenness_from, components_of, page_rank};
use moneytrail::timings::{Timings, TimingsFormat};

const SOURCES: usize = 64;
const DAMPING: f64 = 0.85;
const TOLERANCE: f64 = 1e-10;
const ROUNDS_MAX: u32 = 1_000;

fn main() -> Result<(), Box<dyn Error>> {
    let mut asked = std::env::args().skip(1);
    let (Some(algorithm), Some(path)) = (asked.next(), asked.next()) else {
        return Err("name an algorithm and a file of links".into());
    };
    let bytes = std::fs::read(path)?;
    let number = |at: &[u8]| u32::from_le_bytes([at[0], at[1], at[2], at[3]]);
    let links: Vec<(u32, u32)> =
        bytes.chunks_exact(8).map(|link| (number(&link[..4]), number(&link[4..]))).collect();
    let nodes = links.iter().map(|(from, to)| from.max(to) + 1).max().unwrap_or(0) as usize;
    let timings = Timings::new();
    let check = match algorithm.as_str() {
        "components" => {
            let stage = timings.start(&algorithm);
            let parts = components_of(nodes, links.iter().copied());
            let count = (0..).zip(&parts).filter(|(node, part)| node == *part).count();
            timings.end(stage, links.len() as u64);
            vec![count as u64]
        }
        "page-rank" => {
            let network = simple(nodes, links);
            let stage = timings.start(&algorithm);
            let rank = page_rank(&network, DAMPING, TOLERANCE, ROUNDS_MAX);
            timings.end(stage, network.edges() as u64);
            top(&rank.score, 1e8)
        }
        "betweenness" => {
            let network = simple(nodes, links);
            let stage = timings.start(&algorithm);
            let paths = betweenness_from(&network, SOURCES);
            timings.end(stage, network.edges() as u64);
            top(&paths.score, SOURCES as f64 / nodes as f64)
        }
        other => return Err(format!("{other} is none of the algorithms").into()),
    };
    let mut lines = Vec::new();
    timings.write(TimingsFormat::Json, &mut lines)?;
    let line = String::from_utf8(lines)?.lines().next().unwrap_or_default().to_owned();
    let mut line: serde_json::Value = serde_json::from_str(&line)?;
    line["check"] = serde_json::to_value(check)?;
    println!("{line}");
    Ok(())
}

fn simple(nodes: usize, mut links: Vec<(u32, u32)>) -> Network {
    links.retain(|(from, to)| from != to);
    links.sort_unstable();
    links.dedup();
    Network::directed_from_edges(nodes, &links)
}

/// The node that leads, its score and the sum of all, both in whole parts of a scale.
fn top(score: &[f64], scale: f64) -> Vec<u64> {
    let best = (0..score.len()).max_by(|one, other| score[*one].total_cmp(&score[*other]));
    let Some(best) = best else { return Vec::new() };
    let sum: f64 = score.iter().sum();
    vec![best as u64, (score[best] * scale).round() as u64, (sum * scale).round() as u64]
}
