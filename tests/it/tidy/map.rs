//! The list of files in `src/README.md`: every file of the sources and tests, by the first
//! sentence it opens with.

use super::{files, root};

/// Set to anything, it makes the test write the list anew.
const REWRITE: &str = "MONEYTRAIL_REWRITE_MAP";
const START: &str = "<!-- files -->\n";
const END: &str = "<!-- end of files -->";

/// The first sentence of a file's opening comment, on one line.
fn first_sentence(text: &str) -> String {
    let opening = text.lines().map_while(|line| line.strip_prefix("//!"));
    let opening: Vec<&str> = opening.map(str::trim).take_while(|line| !line.is_empty()).collect();
    let opening = opening.join(" ");
    let end = [". ", "? "].iter().filter_map(|stop| opening.find(stop)).min();
    end.map_or(opening.as_str(), |end| &opening[..=end]).to_owned()
}

/// Folders as headings of their own, files below them, in byte order of their paths.
fn list() -> String {
    let mut listed = String::new();
    let mut folder = String::new();
    let mut all = files(&["src", "tests/it", "benches"], &[".rs"]);
    all.sort_by_key(|file| {
        let (folder, name) = file.path.rsplit_once('/').expect("every file is in a folder");
        // A folder opens with its mod.rs, which says what the folder is.
        (folder.to_owned(), name != "mod.rs", name.to_owned())
    });
    for file in all {
        let (inside, name) = file.path.rsplit_once('/').expect("every file is in a folder");
        if inside != folder {
            listed.push_str(&format!("\n**`{inside}/`**\n\n"));
            folder = inside.to_owned();
        }
        listed.push_str(&format!("- `{name}` — {}\n", first_sentence(&file.text)));
    }
    listed.push('\n');
    listed
}

#[test]
fn the_map_lists_every_file() {
    let path = root().join("src/README.md");
    let map = std::fs::read_to_string(&path).unwrap();
    let start = map.find(START).expect("the map has a place for the list") + START.len();
    let end = map.find(END).expect("and an end of it");
    if std::env::var_os(REWRITE).is_some() {
        std::fs::write(&path, format!("{}{}{}", &map[..start], list(), &map[end..])).unwrap();
        return;
    }
    assert!(
        map[start..end] == list(),
        "src/README.md lists other files, or other first sentences, than there are; run \
         `{REWRITE}=1 cargo test --test it map` and read what it changes"
    );
}

#[test]
fn every_dependency_says_why_it_is_there() {
    let map = std::fs::read_to_string(root().join("src/README.md")).unwrap();
    let table = map.split("\n## Dependencies\n").nth(1).expect("the map has a table of them");
    let listed: Vec<&str> = table
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(" |").next())
        .flat_map(|names| names.split(", "))
        .collect();
    let package: toml::Table =
        std::fs::read_to_string(root().join("Cargo.toml")).unwrap().parse().unwrap();
    for part in ["dependencies", "dev-dependencies"] {
        for name in package[part].as_table().expect("dependencies are a table").keys() {
            assert!(listed.contains(&name.as_str()), "src/README.md does not say why {name}");
        }
    }
}
