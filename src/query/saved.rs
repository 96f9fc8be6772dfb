//! Finding saved questions: by name among those built in, by path, or by the patterns of a case
//! file.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result, nearest};
use crate::query::{Query, load_query, parse_query};

macro_rules! built_in {
    ($($name:literal,)+) => {
        /// The questions every copy of the program knows: name, and text of the file.
        pub const BUILT_IN: &[(&str, &str)] = &[
            $(($name, include_str!(concat!("../../queries/", $name, ".toml"))),)+
        ];
    };
}

built_in! {
    "call-before-payment",
    "cash-just-below",
    "holds-and-signs",
    "largest-counterparties",
    "link-between-parties",
    "money-leaving-coverage",
    "money-that-came-round",
    "money-within-three-hops",
    "parties-in-two-records",
    "rent-paid-by-others",
    "shared-phones",
    "transfers-behind-flow",
    "wages-back-to-employer",
}

/// Reads one of the questions built in.
///
/// # Errors
///
/// [`Error::Unknown`] with the nearest names.
pub fn built_in_query(name: &str) -> Result<Query> {
    match BUILT_IN.iter().find(|(known, _)| *known == name) {
        Some((known, text)) => parse_query(Path::new(&format!("queries/{known}.toml")), text),
        None => Err(unknown(name, BUILT_IN.iter().map(|(known, _)| (*known).to_owned()).collect())),
    }
}

fn unknown(name: &str, known: Vec<String>) -> Error {
    let nearest = nearest(name, known.iter().map(String::as_str), 3);
    Error::Unknown { kind: "saved query", found: name.to_owned(), nearest }
}

/// Finds a question: a path to a file, else `NAME.toml` in one of `dirs` in their order, else
/// one built in.
///
/// # Errors
///
/// [`Error::Unknown`] with the nearest names; what [`load_query`] refuses.
pub fn find_query(name: &str, dirs: &[PathBuf]) -> Result<Query> {
    let is_path = name.ends_with(".toml") || name.contains(['/', '\\']);
    if is_path {
        return load_query(Path::new(name));
    }
    let mut known: Vec<String> = BUILT_IN.iter().map(|(known, _)| (*known).to_owned()).collect();
    for dir in dirs {
        let path = dir.join(format!("{name}.toml"));
        if path.is_file() {
            return load_query(&path);
        }
        // The folder only serves the hint here, so one that cannot be listed offers no names.
        for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.extension().is_some_and(|ending| ending == "toml") {
                known.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
            }
        }
    }
    if BUILT_IN.iter().any(|(built_in, _)| *built_in == name) {
        return built_in_query(name);
    }
    known.sort();
    known.dedup();
    Err(unknown(name, known))
}

/// The questions of a case file's `[run] queries`: patterns relative to `base`, or names of
/// questions built in. In the order of the patterns, the files of one in byte order of their
/// paths, each file once.
///
/// # Errors
///
/// [`Error::File`] for a pattern that is none or matches nothing, [`Error::Usage`] if two files
/// have one name, since their answers would be one file; what [`load_query`] refuses.
pub fn expand_queries(patterns: &[String], base: &Path) -> Result<Vec<Query>> {
    let mut paths: Vec<PathBuf> = Vec::new();
    let mut queries: Vec<Query> = Vec::new();
    for pattern in patterns {
        if BUILT_IN.iter().any(|(name, _)| name == pattern) {
            queries.push(built_in_query(pattern)?);
            continue;
        }
        let whole = base.join(pattern);
        let refused = |what: String| {
            let hint = "name a file, a pattern such as queries/*.toml, or a saved query";
            Error::file(Path::new(pattern), what, Some(hint.to_owned()))
        };
        let found = glob::glob(&whole.to_string_lossy())
            .map_err(|bad| refused(format!("is not a pattern: {bad}")))?;
        let mut found: Vec<PathBuf> = found.filter_map(std::result::Result::ok).collect();
        if found.is_empty() {
            return Err(refused("matches no query file".to_owned()));
        }
        found.sort();
        for path in found {
            if !paths.contains(&path) {
                let mut query = load_query(&path)?;
                query.file = crate::error::shown(&path, base);
                queries.push(query);
                paths.push(path);
            }
        }
    }
    let mut names: Vec<&str> = queries.iter().map(|query| query.name.as_str()).collect();
    names.sort_unstable();
    if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        let what = format!("two questions are named {:?}; rename one of their files", twice[0]);
        return Err(Error::Usage(what));
    }
    Ok(queries)
}
