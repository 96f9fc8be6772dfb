//! Money that comes back: what is planted is found, and what is almost that is not.

use std::collections::BTreeMap;

use super::tide_pool;

/// The lines of each instance of a pattern, by its table of steps.
fn lines(table: &str) -> Vec<Vec<i64>> {
    let mut instances: BTreeMap<u32, Vec<i64>> = BTreeMap::new();
    for row in tide_pool().rows(&format!("tables/{table}.csv")) {
        let line = row["source_refs"].rsplit(':').next().unwrap().parse().unwrap();
        instances.entry(row["instance"].parse().unwrap()).or_default().push(line);
    }
    instances.into_values().collect()
}

fn planted(key: &str) -> Vec<Vec<i64>> {
    let truth = tide_pool().truth();
    let instances = truth[key].as_array().unwrap().iter();
    let lines = instances.map(|lines| lines.as_array().unwrap().iter());
    lines.map(|lines| lines.map(|line| line.as_integer().unwrap()).collect()).collect()
}

#[test]
fn what_comes_back_is_found_and_nothing_else() {
    assert_eq!(lines("cycles_steps"), planted("cycle"));
    assert_eq!(lines("round-trip_steps"), planted("round_trip"));
}
