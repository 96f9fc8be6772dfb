//! Holds `SCHEMA.md` against the tables that the store writes.

use std::fmt::Write as _;
use std::path::Path;

use crate::store::all_tables;

/// Set to anything, it makes the test write the tables part of `SCHEMA.md` anew.
const REWRITE: &str = "MONEYTRAIL_REWRITE_SCHEMA";

/// The part of `SCHEMA.md` from its heading to the next one.
fn tables_part() -> String {
    let mut part = String::from("## Tables\n");
    for (name, about, columns) in all_tables() {
        let _ = write!(part, "\n### `{name}`\n\n{about}\n\n");
        part.push_str("| column | type | meaning |\n| --- | --- | --- |\n");
        for (column, kind, meaning) in columns {
            let meaning = meaning.replace('|', "\\|");
            let _ = writeln!(part, "| `{column}` | {kind} | {meaning} |");
        }
    }
    part.push('\n');
    part
}

#[test]
fn schema_md_says_what_the_store_writes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store/SCHEMA.md");
    let written = std::fs::read_to_string(&path).unwrap();
    let part = tables_part();
    if std::env::var_os(REWRITE).is_some() {
        let start = written.find("## Tables\n").expect("SCHEMA.md has the heading Tables");
        let end = written.find("## Layout fields\n").expect("and the heading Layout fields");
        let anew = format!("{}{part}{}", &written[..start], &written[end..]);
        std::fs::write(&path, anew).unwrap();
        return;
    }
    assert!(
        written.contains(&part),
        "src/store/SCHEMA.md does not say what src/store/tables.rs holds; run \
         `{REWRITE}=1 cargo test --lib schema_md` and read what it changes"
    );
}

#[test]
fn every_table_and_column_is_explained_in_a_sentence() {
    for (name, about, columns) in all_tables() {
        assert!(about.ends_with('.'), "{name}: {about}");
        for (column, _, meaning) in columns {
            assert!(meaning.ends_with('.'), "{name}.{column}: {meaning}");
        }
    }
}
