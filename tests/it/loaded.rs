//! A case written into a directory of its own, loaded, and read back: what tests of reading share.

use std::fs;
use std::path::Path;

use moneytrail::Result;
use moneytrail::case::CaseFile;
use moneytrail::model::EntityKind;
use moneytrail::store::{Case, load};
use tempfile::TempDir;

/// Text of a case file over sources, each with its layout's name or `None`.
pub fn case_text(sources: &[(&str, Option<&str>)]) -> String {
    let mut text = "title = \"T\"\ncurrency = \"USD\"\ntimezone = \"UTC\"\n".to_owned();
    for (path, layout) in sources {
        text.push_str(&format!("[[source]]\npath = {path:?}\n"));
        if let Some(layout) = layout {
            text.push_str(&format!("layout = {layout:?}\n"));
        }
    }
    text
}

/// A directory with the given files in it.
pub fn directory(files: &[(&str, &[u8])]) -> TempDir {
    let dir = tempfile::tempdir().expect("a temporary directory can be made");
    for (name, bytes) in files {
        fs::write(dir.path().join(name), bytes).expect("a file can be written there");
    }
    dir
}

/// Loads `text` as the case file of `dir` into its `store`.
pub fn load_in(dir: &Path, text: &str) -> Result<Case> {
    let path = dir.join("case.toml");
    fs::write(&path, text).expect("the case file can be written");
    let store = dir.join("store");
    load(&CaseFile::read(&path)?.plan, &store, &|_, _| {})?;
    Case::open(&store)
}

/// One source's counts: read, accepted, rejected, duplicate, ignored.
pub fn counts(case: &Case, source: usize) -> [i64; 5] {
    let sources = case.sources().expect("the store was just written");
    let counts = [&sources.read, &sources.accepted, &sources.rejected, &sources.duplicate];
    let [read, accepted, rejected, duplicate] = counts.map(|column| column[source]);
    assert_eq!(read, accepted + rejected + duplicate);
    [read, accepted, rejected, duplicate, sources.ignored[source]]
}

/// Every reject: line, column, text found, whether the record was kept.
pub fn rejects(case: &Case) -> Vec<(u32, String, String, bool)> {
    let table = case.rejects().expect("the store was just written");
    (0..table.line.len())
        .map(|row| {
            let text = |one: &moneytrail::model::Texts| one.get(row).to_owned();
            (table.line[row], text(&table.column), text(&table.found), table.kept[row])
        })
        .collect()
}

/// Every transfer as it reads: from, to, day, minor units, currency, source, line; sorted.
pub fn transfers(case: &Case) -> Vec<(String, String, i32, i64, String, u32, u32)> {
    let table = case.transfers().expect("the store was just written");
    let accounts = case.names(EntityKind::Account).expect("the store was just written");
    let mut rows: Vec<_> = (0..table.line.len())
        .map(|row| {
            (
                accounts.get(table.from_account[row] as usize).to_owned(),
                accounts.get(table.to_account[row] as usize).to_owned(),
                table.day[row],
                table.amount_minor[row],
                table.currency[row].code().to_owned(),
                table.source[row],
                table.line[row],
            )
        })
        .collect();
    rows.sort();
    rows
}
