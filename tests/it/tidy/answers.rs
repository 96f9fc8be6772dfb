//! Every analysis can be asked, is explained, and is tested; every page is shown.

use std::collections::BTreeSet;

use super::{File, files, none, root};

/// Pages of commands that are announced and not built: `--help` does not show them.
const PAGES_AHEAD: &[&str] = &[];

fn text(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// Public modules of the analyses that have `Params`, with the text of their files.
fn analyses() -> Vec<(String, Vec<File>)> {
    let mut all = files(&["src/analyses"], &[".rs"]);
    let mut found = Vec::new();
    for line in text("src/analyses/mod.rs").lines() {
        let Some(name) = line.strip_prefix("pub mod ").map(|name| name.trim_end_matches(';'))
        else {
            continue;
        };
        let (file, folder) = (format!("src/analyses/{name}.rs"), format!("src/analyses/{name}/"));
        let (own, rest): (Vec<File>, Vec<File>) =
            all.into_iter().partition(|one| one.path == file || one.path.starts_with(&folder));
        all = rest;
        if own.iter().any(|one| one.text.contains("pub struct Params")) {
            found.push((name.to_owned(), own));
        }
    }
    assert!(found.len() >= 5, "the analyses are found: {}", found.len());
    found
}

#[test]
fn every_analysis_can_be_asked() {
    let commands = files(&["src/cli"], &[".rs"]);
    let questions = files(&["queries"], &[".toml"]);
    let mut breaches = Vec::new();
    for (name, _) in analyses() {
        let spoken = name.replace('_', "-");
        let by_command = commands.iter().any(|file| {
            let mut words = file.text.split(|c: char| !c.is_alphanumeric() && c != '_');
            words.any(|word| word == name)
        });
        let asked = format!("analysis = \"{spoken}\"");
        if !by_command && !questions.iter().any(|file| file.text.contains(&asked)) {
            breaches.push(name);
        }
    }
    none(&breaches, "an analysis is reached by a command or a saved question");
}

#[test]
fn every_analysis_explains_itself() {
    let mut breaches = Vec::new();
    for (name, own) in analyses() {
        for heading in ["# What it finds", "# Why it matters", "# What else explains it"] {
            if !own.iter().any(|file| file.text.contains(&format!("//! {heading}"))) {
                breaches.push(format!("{name} lacks {heading:?}"));
            }
        }
    }
    none(&breaches, "an analysis opens with what it finds, why it matters, what else explains it");
}

#[test]
fn every_analysis_is_tested() {
    let goldens: BTreeSet<String> = goldens();
    let mut breaches = Vec::new();
    for (name, own) in analyses() {
        let unit = own.iter().any(|file| file.text.contains("#[test]"));
        let spoken = name.replace('_', "-");
        let golden = goldens.iter().any(|path| path.contains(&name) || path.contains(&spoken));
        if !unit && !golden {
            breaches.push(name);
        }
    }
    none(&breaches, "an analysis has a unit test or a table in a case's expected output");
}

fn goldens() -> BTreeSet<String> {
    let tables = files(&["fixtures/cases"], &[".csv", ".toml", ".json"]);
    let paths = tables.into_iter().map(|file| file.path);
    paths.filter(|path| path.contains("/expected/")).collect()
}

#[test]
fn every_manual_page_is_shown() {
    let commands: String =
        files(&["src/cli"], &[".rs"]).into_iter().map(|file| file.text).collect();
    let mut breaches = Vec::new();
    for page in files(&["src/cli"], &[".md"]) {
        let name = page.path.trim_start_matches("src/cli/").to_owned();
        let shown = commands.contains(&format!("include_str!(\"{name}\")"));
        let ahead = PAGES_AHEAD.contains(&name.as_str());
        if shown == ahead {
            breaches.push(format!(
                "{name} is {}",
                if shown { "shown: strike it" } else { "not shown" }
            ));
        }
    }
    none(&breaches, "a manual page is what --help prints");
}

#[test]
fn every_command_has_its_page_and_every_question_its_reason() {
    let mut breaches = Vec::new();
    // Layouts and a case template stand beside the questions that are asked of their data.
    let beside = |path: &str| path.contains("/layouts/") || path.ends_with("/case.toml");
    for file in files(&["queries"], &[".toml"]).into_iter().filter(|one| !beside(&one.path)) {
        let keys: toml::Table = file.text.parse().unwrap_or_else(|e| panic!("{}: {e}", file.path));
        for key in ["title", "why"] {
            if keys.get(key).and_then(|value| value.as_str()).is_none_or(str::is_empty) {
                breaches.push(format!("{} has no {key}", file.path));
            }
        }
    }
    // The commands as clap knows them, each a variant with its page.
    let commands = text("src/cli/mod.rs");
    let list = commands.split("enum Command {").nth(1).expect("the commands stand in one enum");
    let list = list.split("\n}").next().expect("the enum ends");
    let variants = list.lines().filter(|line| line.starts_with("    ") && line.ends_with("),"));
    for variant in variants.filter(|line| !line.trim_start().starts_with(['#', '/'])) {
        let name = variant.trim().split('(').next().unwrap_or_default().to_lowercase();
        if !list.contains(&format!("include_str!(\"{name}.md\")")) {
            breaches.push(format!("the command {name} has no page {name}.md"));
        }
    }
    none(&breaches, "a command has its page beside it, a saved question says why it is asked");
}
