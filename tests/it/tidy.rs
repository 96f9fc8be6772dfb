//! The house rules, held by tests of their own: where a line belongs, which words it may use, how
//! long it grows, and what the build may link.
//!
//! Every exception stands in a list with its reason, and one that is no longer needed fails too,
//! so that the lists only say what is true.

mod answers;
mod layers;
mod map;
mod packages;
mod sizes;
mod words;

use std::path::{Path, PathBuf};

/// Text of the repository, read once per test.
struct File {
    /// From the top of the repository, with `/`.
    path: String,
    text: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below `dirs` that ends in one of `endings`, in byte order of the paths.
fn files(dirs: &[&str], endings: &[&str]) -> Vec<File> {
    let mut found = Vec::new();
    for dir in dirs {
        walk(&root().join(dir), endings, &mut found);
    }
    found.sort();
    assert!(!found.is_empty(), "nothing ends in {endings:?} below {dirs:?}");
    let read = |path: PathBuf| {
        let bytes = std::fs::read(&path).unwrap_or_else(|e| panic!("{path:?}: {e}"));
        // Returns in the fixtures have encodings of their own; what is ASCII in them is read.
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let below = path.strip_prefix(root()).expect("the walk starts at the root");
        File { path: below.to_str().expect("our paths are UTF-8").replace('\\', "/"), text }
    };
    found.into_iter().map(read).collect()
}

fn walk(dir: &Path, endings: &[&str], found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap_or_else(|e| panic!("{dir:?}: {e}")) {
        let path = entry.expect("a listed entry can be read").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() {
            // What the browser check installs is not ours.
            if name != "node_modules" {
                walk(&path, endings, found);
            }
        } else if endings.iter().any(|ending| name.ends_with(ending)) {
            found.push(path);
        }
    }
}

/// Every Rust file of ours.
fn rust_files() -> Vec<File> {
    files(&["src", "tests/it", "benches"], &[".rs"])
}

/// Fails with every breach on a line of its own.
#[track_caller]
fn none(breaches: &[String], rule: &str) {
    assert!(breaches.is_empty(), "{rule}:\n  {}\n", breaches.join("\n  "));
}
