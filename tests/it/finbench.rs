//! The FinBench-derived reads (unaudited), loaded and asked through the layouts and query files of
//! `queries/finbench`: a small data set of our own always, and the outside ones where they are.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use moneytrail::model::{Amount, ResultTable, Values};
use moneytrail::query::{NoResults, Prepared, load_query};
use moneytrail::store::Case;
use serde_json::Value;

use crate::loaded::load_in;
use crate::shared_data::data;

fn queries() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("queries/finbench")
}

/// The store of a snapshot, through the template that stands beside the queries.
fn loaded(dir: &Path, snapshot: &Path) -> Case {
    let mut text = fs::read_to_string(queries().join("case.toml")).unwrap();
    let accounts = fs::read_to_string(snapshot.join("Account.csv")).unwrap();
    if accounts.lines().next().unwrap().contains("accoutType") {
        text = text.replace("layouts/accounts.toml", "layouts/accounts-driver.toml");
    }
    let layouts = format!("\"{}/layouts/", queries().display());
    let text = text
        .replace("\"snapshot/", &format!("\"{}/", snapshot.display()))
        .replace("\"layouts/", &layouts);
    let case = load_in(dir, &text).unwrap();
    let sources = case.sources().unwrap();
    assert_eq!(sources.read, sources.accepted, "every record is in");
    case
}

/// A cell as the cases write it; money as major units, exactly as its decimal text.
fn cell(case: &Case, name: &str, values: &Values, row: usize) -> Value {
    match values {
        Values::Text(rows) if name == "path" => {
            let ids = rows[row].split(" > ").map(|id| Value::from(id.parse::<i64>().unwrap()));
            Value::from(ids.collect::<Vec<_>>())
        }
        Values::Text(rows) => Value::from(rows[row].clone()),
        Values::Count(rows) => Value::from(rows[row]),
        Values::Score(rows) => Value::from(rows[row]),
        Values::Flag(rows) => Value::from(rows[row]),
        money => money.amount(row).map_or(Value::Null, |amount: Amount| {
            let text = case.manifest().digits.decimal(amount);
            Value::from(text.parse::<f64>().unwrap())
        }),
    }
}

/// Ids and counts are equal, shares and amounts to 0.0015.
fn equal(got: &Value, expected: &Value) -> bool {
    match (got, expected) {
        (Value::Array(got), Value::Array(expected)) => {
            got.len() == expected.len()
                && got.iter().zip(expected).all(|(got, expected)| equal(got, expected))
        }
        (got, Value::Number(number)) if number.is_f64() => {
            let expected = number.as_f64().unwrap();
            let near = (1e-9 * expected.abs()).max(0.0015);
            got.as_f64().is_some_and(|got| (got - expected).abs() <= near)
        }
        (got, expected) => got == expected,
    }
}

/// Whether the rows are the expected ones in any order.
fn same_rows(mut got: Vec<Value>, expected: &[Value]) -> bool {
    expected.len() == got.len()
        && expected.iter().all(|row| {
            let found = got.iter().position(|one| equal(one, row));
            found.map(|at| got.swap_remove(at)).is_some()
        })
}

fn rows_of(case: &Case, table: &ResultTable, columns: &[Value]) -> Vec<Value> {
    let row = |row| {
        let cells = columns.iter().map(|name| {
            let name = name.as_str().unwrap();
            let values = table.column(name).unwrap_or_else(|| panic!("no column {name}"));
            cell(case, name, values, row)
        });
        Value::from(cells.collect::<Vec<_>>())
    };
    (0..table.rows()).map(row).collect()
}

/// Asks every case of a file; returns how many there were.
fn check(folder: &Path, cases: &str) -> usize {
    let text = fs::read_to_string(folder.join(cases)).unwrap();
    let mut by_query: BTreeMap<(String, String), Vec<Value>> = BTreeMap::new();
    for line in text.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let part = |key: &str| case[key].as_str().unwrap().to_owned();
        by_query.entry((part("dataset"), part("query"))).or_default().push(case);
    }
    let datasets: BTreeSet<String> = by_query.keys().map(|key| key.0.clone()).collect();
    let mut asked = 0;
    let mut failed = Vec::new();
    for dataset in datasets {
        let dir = tempfile::tempdir().unwrap();
        let case = loaded(dir.path(), &folder.join(&dataset).join("snapshot"));
        for ((_, query), cases) in by_query.iter().filter(|(key, _)| key.0 == dataset) {
            let file = queries().join(format!("{}.toml", query.to_lowercase()));
            let query = load_query(&file).unwrap();
            let prepared = Prepared::new(&query, &case, &NoResults).unwrap();
            for one in cases {
                let values = one["params"].as_object().unwrap().iter().map(|(name, value)| {
                    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    (name.clone(), text)
                });
                let table = prepared.answer(&values.collect()).unwrap();
                let got = rows_of(&case, &table, one["columns"].as_array().unwrap());
                if !same_rows(got.clone(), one["expected"].as_array().unwrap()) {
                    failed.push(format!("{}: {got:?}", one["case"]));
                }
                asked += 1;
            }
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    asked
}

#[test]
fn the_reads_answer_a_small_data_set_of_our_own() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/finbench-shaped");
    assert_eq!(check(&folder, "cases.jsonl"), 20);
}

#[test]
fn the_reads_answer_the_outside_data_sets() {
    let Some(folder) = data("finbench-reads") else { return };
    assert_eq!(check(&folder, "cases_micro.jsonl"), 186);
    assert_eq!(check(&folder, "cases_public.jsonl"), 187);
}
