//! Which file may use which: layers, files within a layer, homes of outside libraries.

use std::collections::{BTreeMap, BTreeSet};

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

/// Helpers that several files of a layer build on and that `mod.rs` does not re-export.
const SHARED: &[(&str, &str)] = &[
    ("analyses::sketch", "small cases for unit tests"),
    ("analyses::sliding", "a window of time slid over what it holds, for patterns"),
    ("cli::chart_file", "a chart as a file, for every command that draws one"),
    ("cli::session", "options, opening and printing of every command"),
    ("exports::layout", "where a chart's boxes and lines stand, and the words for it"),
    ("exports::samples", "charts for unit tests"),
    ("store::columns", "how columns of tables lie in Parquet, for whole tables and some columns"),
    ("records::contain", "a library's panic over damaged input, as an error"),
    ("exports::style", "one appearance for a kind of entity or tie in every format"),
    ("records::bounded_lines", "lines of tagged text in bounded memory, whatever they hold"),
    ("records::other_files", "what a file is that is not read, and what to ask for"),
    ("records::damage", "damaged copies and the order of items, for property tests"),
    ("records::markup", "XML and SGML as bounded pieces with their lines"),
];

/// Where an outside library may be named: path prefixes.
const HOMES: [(&str, &[&str]); 8] = [
    ("csv", &["src/records/", "src/exports/", "src/generate/", "tests/"]),
    ("csv_core", &["src/records/"]),
    ("polars", &["src/store/", "src/query/", "src/records/parquet", "src/exports/", "tests/"]),
    ("polars_core", &["src/query/"]),
    ("polars_parquet", &["src/store/"]),
    ("polars_io", &["src/store/", "src/query/", "src/records/parquet", "src/exports/", "tests/"]),
    ("petgraph", &["src/graph/", "src/analyses/", "tests/", "benches/"]),
    // The case test reads DOT back with the library that wrote it.
    ("graphviz_rust", &["src/exports/dot.rs", "tests/it/cases/formats.rs"]),
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

/// What `mod.rs` of a layer re-exports: `file::Item`, or `file::*`.
fn re_exported(layer: &str) -> BTreeSet<String> {
    let path = super::root().join(format!("src/{layer}/mod.rs"));
    let text = code(&std::fs::read_to_string(path).unwrap_or_default());
    let mut found = BTreeSet::new();
    for statement in text.split(';').map(str::trim_start) {
        let (start, rest) = statement.split_once("use ").unwrap_or_default();
        if start.starts_with("pub") && !start.contains('\n') {
            if let Some(file) = rest.strip_suffix("::*") {
                found.insert(format!("{file}::*"));
            }
            let mut paths = BTreeSet::new();
            expand(rest, &mut Vec::new(), &mut paths);
            found.extend(paths.iter().map(|path| path.join("::")));
        }
    }
    found
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
    // Helper, as `layer::file`, to the concepts that use it and one place for each.
    let mut users: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for file in files(&["src"], &[".rs"]) {
        let own = module_of(&file.path);
        // The folders of one invented case are one concept, and mod.rs is where files meet.
        if own.len() < 2 || own[0] == "generate" {
            continue;
        }
        let open = re_exported(own[0]);
        for path in uses(&file).iter().filter(|path| path[0] == own[0] && path.len() > 1) {
            let sibling = path[1].as_str();
            let item = path.get(2).map_or(sibling, String::as_str);
            let is_file = ["", "/mod"].iter().any(|end| {
                super::root().join(format!("src/{}/{sibling}{end}.rs", own[0])).exists()
            });
            let is_open = open.contains(&format!("{sibling}::{item}"))
                || open.contains(&format!("{sibling}::*"));
            if sibling != own[1] && is_file && !is_open {
                let place = format!("{} uses {}", file.path, path.join("::"));
                let helper = users.entry(format!("{}::{sibling}", own[0])).or_default();
                helper.entry(own[1].to_owned()).or_insert(place);
            }
        }
    }
    // What one concept alone uses is a part of it that was given a file.
    users.retain(|_, concepts| concepts.len() > 1);
    let mut breaches = Vec::new();
    for (helper, concepts) in &users {
        if !SHARED.iter().any(|(name, _)| name == helper) {
            breaches.extend(concepts.values().cloned());
        }
    }
    none(&breaches, "files of one layer meet in mod.rs, or in a helper that SHARED gives a reason");
    let stale = SHARED.iter().filter(|(name, _)| !users.contains_key(*name));
    let stale: Vec<String> = stale.map(|(name, why)| format!("{name} ({why})")).collect();
    none(&stale, "SHARED lists helpers that are not shared; strike them");
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
