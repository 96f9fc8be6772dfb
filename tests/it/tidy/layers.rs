//! Which file may use which: layers, files within a layer, homes of outside libraries.

use std::collections::BTreeSet;

use super::{File, files, none, rust_files};

/// Lowest first. What stands on one line sits side by side, and only the first line's modules
/// use each other.
const LAYERS: [&[&str]; 10] = [
    &["model", "error", "interrupt", "timings"],
    &["records"],
    &["normalise"],
    &["store"],
    &["graph"],
    &["analyses"],
    &["findings"],
    &["exports", "generate"],
    &["query", "case"],
    &["cli"],
];

/// Files that the other files of their layer build on: each is one concept and calls none of
/// those that use it.
const SHARED: [(&str, &str); 13] = [
    ("analyses::counted", "the wording of counts in a finding's sentence"),
    ("analyses::sketch", "small cases for unit tests"),
    ("cli::session", "options, opening and printing of every command"),
    ("exports::html_picture", "the picture inside a chart page"),
    ("exports::layout", "where a chart's boxes and lines stand"),
    ("exports::lettering", "widths of text, and which characters a picture shows"),
    ("exports::samples", "charts for unit tests"),
    ("exports::style", "one appearance for a kind of entity or tie in every format"),
    ("exports::svg_frame", "title, legend and foot of a still picture"),
    ("exports::xml", "escaped writing for the formats that are XML"),
    ("exports::report_sample", "a report for unit tests"),
    ("records::fields", "the record kinds, which every reader names"),
    ("query::statement", "statements, which binding and answering share"),
];

/// Where an outside library may be named: path prefixes.
const HOMES: [(&str, &[&str]); 6] = [
    ("csv", &["src/records/", "src/exports/", "src/generate/", "tests/"]),
    ("csv_core", &["src/records/"]),
    ("polars", &["src/store/", "src/query/", "src/records/parquet", "src/exports/", "tests/"]),
    ("polars_io", &["src/store/", "src/query/", "src/records/parquet", "src/exports/", "tests/"]),
    ("petgraph", &["src/graph/", "src/analyses/", "tests/", "benches/"]),
    ("graphviz_rust", &["src/exports/dot.rs"]),
];

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|side_by_side| side_by_side.contains(&module))
}

/// The module path of a file: `src/store/load/mod.rs` is `store`, `load`.
fn module_of(path: &str) -> Vec<&str> {
    let inside = path.strip_prefix("src/").unwrap_or(path).trim_end_matches(".rs");
    inside.split('/').filter(|part| *part != "mod").collect()
}

/// Text without comment lines; what stands in literals stays, and does not look like a path.
fn code(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// The paths that follow `start` (as `crate::`), groups in braces written out.
fn paths_after(code: &str, start: &str) -> BTreeSet<Vec<String>> {
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices(start) {
        if !code[..at].ends_with(is_word) {
            expand(&code[at + start.len()..], &mut Vec::new(), &mut found);
        }
    }
    found
}

/// Reads one path or group at the start of `text`; gives how many bytes it took.
fn expand(text: &str, before: &mut Vec<String>, found: &mut BTreeSet<Vec<String>>) -> usize {
    if let Some(group) = text.strip_prefix('{') {
        let mut at = 1;
        loop {
            let rest = &text[at..];
            at += rest.len() - rest.trim_start_matches([' ', '\n', ',']).len();
            match text[at..].chars().next() {
                Some('}') => return at + 1,
                // A macro's braces, not a group of paths.
                None => return group.len() + 1,
                Some(_) => {
                    let taken = expand(&text[at..], before, found);
                    let rest = &text[at + taken..];
                    let named =
                        rest.len() - rest.trim_start_matches(|c| c != ',' && c != '}').len();
                    at += (taken + named).max(1);
                }
            }
        }
    }
    let length = text.find(|letter| !is_word(letter)).unwrap_or(text.len());
    if length == 0 {
        return 0;
    }
    before.push(text[..length].to_owned());
    let taken = match text[length..].strip_prefix("::") {
        Some(rest) => length + 2 + expand(rest, before, found),
        None => {
            found.insert(before.clone());
            length
        }
    };
    before.pop();
    taken
}

/// Paths from the crate's root that a file names, `super::` at the top of a file included.
fn uses(file: &File) -> BTreeSet<Vec<String>> {
    let code = code(&file.text);
    let mut found = paths_after(&code, "crate::");
    let mut above: Vec<String> = module_of(&file.path).iter().map(|&one| one.to_owned()).collect();
    above.pop();
    for line in code.split(";\n").filter(|line| line.trim_start_matches('\n').starts_with("use ")) {
        for path in paths_after(line, "super::") {
            found.insert(above.iter().cloned().chain(path).collect());
        }
    }
    found
}

/// The modules of a layer that `mod.rs` opens to everyone.
fn public_modules(layer: &str) -> BTreeSet<String> {
    let path = format!("src/{layer}/mod.rs");
    let text = std::fs::read_to_string(super::root().join(&path)).unwrap_or_default();
    let public = text.lines().filter_map(|line| line.strip_prefix("pub mod "));
    public.map(|name| name.trim_end_matches(';').to_owned()).collect()
}

#[test]
fn paths_are_read_out_of_code() {
    let text =
        "use crate::a::{B, c::{D, e as f}, self};\nlet x = crate::g::h(1); mycrate::no::way();";
    let found: Vec<String> =
        paths_after(text, "crate::").iter().map(|path| path.join("::")).collect();
    assert_eq!(found, ["a::B", "a::c::D", "a::c::e", "a::self", "g::h"]);
}

#[test]
fn every_module_has_its_layer() {
    let known: BTreeSet<&str> = LAYERS.iter().flat_map(|layer| layer.iter().copied()).collect();
    let library = std::fs::read_to_string(super::root().join("src/lib.rs")).unwrap();
    let named: BTreeSet<&str> = library
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ").or(line.strip_prefix("mod ")))
        .map(|name| name.trim_end_matches(';'))
        .collect();
    assert_eq!(named, known, "src/lib.rs and the list of layers");
}

#[test]
fn a_file_uses_the_layers_before_its_own_only() {
    let mut breaches = Vec::new();
    for file in files(&["src"], &[".rs"]) {
        let module = module_of(&file.path)[0];
        let Some(own) = layer(module) else { continue };
        for path in uses(&file) {
            let used = path[0].as_str();
            let fine = match layer(used) {
                // `crate::Error` and `crate::Result` are error.rs's.
                None => true,
                Some(used_layer) => {
                    used == module || used_layer < own || own == 0 && used_layer == 0
                }
            };
            if !fine {
                breaches.push(format!("{} uses {}", file.path, path.join("::")));
            }
        }
    }
    none(&breaches, "a file uses the layers before its own, never those after or beside it");
}

#[test]
fn files_of_one_layer_meet_in_its_mod_file() {
    let mut breaches = Vec::new();
    let mut needed = BTreeSet::new();
    for file in files(&["src"], &[".rs"]) {
        let own = module_of(&file.path);
        // The folders of one invented case are one concept, and mod.rs is where files meet.
        if own.len() < 2 || own[0] == "generate" {
            continue;
        }
        let public = public_modules(own[0]);
        for path in uses(&file).iter().filter(|path| path[0] == own[0] && path.len() > 2) {
            let (sibling, inside) = (path[1].as_str(), own[1]);
            let shared = format!("{}::{sibling}", own[0]);
            if sibling == inside {
                continue;
            }
            if SHARED.iter().any(|(name, _)| *name == shared) {
                needed.insert(shared);
            } else if !public.contains(sibling) || own[0] == "analyses" {
                breaches.push(format!("{} uses {}", file.path, path.join("::")));
            }
        }
    }
    none(
        &breaches,
        "files of one layer use each other through mod.rs, or a helper listed in SHARED",
    );
    let stale = SHARED.iter().filter(|(name, _)| !needed.contains(*name));
    let stale: Vec<String> = stale.map(|(name, why)| format!("{name} ({why})")).collect();
    none(&stale, "SHARED lists helpers that no other file of their layer names");
}

#[test]
fn outside_libraries_stay_in_their_homes() {
    let mut breaches = Vec::new();
    for file in rust_files() {
        let code = code(&file.text);
        for (library, homes) in HOMES {
            let at_home = homes.iter().any(|home| file.path.starts_with(home));
            // A module of ours may share the name, as `crate::records::parquet` might.
            let named = paths_after(&code, &format!("{library}::"));
            let ours = code.contains(&format!("::{library}::"));
            if !named.is_empty() && !at_home && !ours {
                breaches.push(format!("{} names {library}", file.path));
            }
        }
    }
    none(&breaches, "an outside library is named in its home only");
}
