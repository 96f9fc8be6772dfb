//! What the program links: no network stack, licences that a prosecutor's office can pass on.
//!
//! Asks cargo, without a network, for the crates of this machine's build. `Cargo.lock` is no
//! witness: it also lists what optional features would pull in.

use std::collections::BTreeSet;
use std::process::Command;

use super::none;

/// Beginnings of names of crates that speak to a network, or exist to.
const NETWORK: [&str; 24] = [
    "attohttpc",
    "aws-",
    "curl",
    "h2",
    "hickory",
    "http",
    "hyper",
    "isahc",
    "jsonwebtoken",
    "native-tls",
    "object_store",
    "openssl",
    "quinn",
    "reqwest",
    "ring",
    "rustls",
    "schannel",
    "security-framework",
    "surf",
    "tonic",
    "trust-dns",
    "tungstenite",
    "ureq",
    "webpki",
];

/// Licences that ask for no more than their text. One of them must be open to us in each `OR`,
/// and each part of an `AND` must be one of them.
const LICENCES: [&str; 12] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Zlib",
];

/// Crates whose manifest names no licence but a file, which is the MIT text in each.
const LICENCE_IN_A_FILE: [&str; 4] =
    ["dot-generator", "graphviz-rust", "into-attr", "into-attr-derive"];

/// `name`, `licence` of every crate that `edges` leads to.
fn crates(edges: &str) -> BTreeSet<(String, String)> {
    let run = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--locked", "--prefix", "none"])
        .args(["--edges", edges, "--format", "{p}|{l}"])
        .current_dir(super::root())
        .output()
        .expect("cargo runs, since it runs this test");
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "cargo tree: {said}");
    let listed = String::from_utf8(run.stdout).expect("names of crates are ASCII");
    let found: BTreeSet<(String, String)> = listed
        .lines()
        .filter_map(|line| line.split_once('|'))
        .map(|(package, licence)| {
            let name = package.split(' ').next().unwrap_or_default();
            // A crate that was listed before carries a star.
            (name.to_owned(), licence.trim_end_matches(" (*)").to_owned())
        })
        .collect();
    assert!(found.len() > 100, "the tree has the columns engine in it: {listed}");
    found
}

/// Whether the expression leaves us a licence of the list.
fn allowed(expression: &str) -> bool {
    let plain = expression.replace(['(', ')'], " ").replace('/', " OR ");
    // No crate of the tree nests deeper than one AND of ORs, or one OR of single licences.
    plain.split(" AND ").all(|part| part.split(" OR ").any(|one| LICENCES.contains(&one.trim())))
}

#[test]
fn nothing_that_is_linked_speaks_to_a_network() {
    let linked = crates("normal");
    let named = linked.iter().filter(|(name, _)| NETWORK.iter().any(|one| name.starts_with(one)));
    let named: Vec<String> = named.map(|(name, _)| name.clone()).collect();
    none(&named, "an offline evidence tool links no network stack");
}

#[test]
fn every_licence_lets_the_program_be_passed_on() {
    let mut breaches = Vec::new();
    for (name, licence) in crates("normal,build") {
        let read_by_eye = licence.is_empty() && LICENCE_IN_A_FILE.contains(&name.as_str());
        if !read_by_eye && !allowed(&licence) {
            breaches.push(format!("{name}: {licence:?}"));
        }
    }
    none(&breaches, "licences are permissive");
}

#[test]
fn licence_expressions_are_read() {
    for fine in ["MIT", "GPL-3.0 OR MIT", "MIT/Apache-2.0", "(MIT OR GPL-2.0) AND Unicode-3.0"] {
        assert!(allowed(fine), "{fine}");
    }
    for not in ["", "GPL-3.0", "MIT AND LGPL-3.0", "MPL-2.0"] {
        assert!(!allowed(not), "{not}");
    }
}

#[test]
fn people_and_this_test_ban_the_same_crates() {
    let deny = std::fs::read_to_string(super::root().join(".deny.toml")).unwrap();
    let deny: toml::Table = deny.parse().expect(".deny.toml is TOML");
    let banned = deny["bans"]["deny"].as_array().expect("[bans] deny is a list");
    for entry in banned {
        let name = entry["crate"].as_str().expect("a ban names its crate");
        assert!(
            NETWORK.iter().any(|one| name.starts_with(one)),
            "{name} is banned in .deny.toml only"
        );
    }
    let listed = deny["licenses"]["allow"].as_array().expect("[licenses] allow is a list");
    let listed: BTreeSet<&str> = listed.iter().filter_map(|one| one.as_str()).collect();
    assert_eq!(listed, BTreeSet::from(LICENCES), "licences of .deny.toml and of this test");
}
