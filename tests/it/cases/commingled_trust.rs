//! Traced money of two victims through three banks: every figure that was worked out on paper.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use toml::{Table, Value};

use super::{commingled_trust, ended, moneytrail};

const RULES: [(&str, &str); 5] = [
    ("libr", "libr"),
    ("fifo", "fifo"),
    ("lifo", "lifo"),
    ("pro-rata", "pro_rata"),
    ("taint-first", "taint_first"),
];
const LABELS: [&str; 2] = ["Victim A", "Victim B"];

type Row = BTreeMap<String, String>;

/// A table of a trace of the case's sources, as CSV.
fn traced(arguments: &[&str]) -> String {
    let case = commingled_trust();
    let store = case.out.to_str().unwrap();
    let mut command = moneytrail(&["trace", store, "--source", "sources.toml", "--format", "csv"]);
    command.args(arguments).current_dir(&case.folder);
    String::from_utf8(ended(&mut command, 0).stdout).unwrap()
}

fn rows(text: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().map(|row| row.unwrap()).collect()
}

fn tables<'a>(truth: &'a Table, key: &str) -> impl Iterator<Item = &'a Table> {
    truth[key].as_array().unwrap().iter().map(|one| one.as_table().unwrap())
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect()
}

/// Holds what a row says under each rule for both victims against the truth; a row that is not
/// there says nothing.
#[track_caller]
fn check<'a>(what: &str, truth: &Table, row: impl Fn(&str) -> Option<&'a Row>) {
    for (rule, column) in RULES {
        for (label, expected) in LABELS.into_iter().zip(texts(&truth[rule])) {
            let found = row(label).map_or("0.00", |row| row[column].as_str());
            assert_eq!(found, expected, "{what}, {rule}, {label}");
        }
    }
}

fn end<'a>(ends: &'a [Row], kind: &str, account: &str, label: &str) -> Option<&'a Row> {
    let mut found = ends.iter().filter(|row| {
        (row["where"].as_str(), row["account"].as_str(), row["label"].as_str())
            == (kind, account, label)
    });
    let row = found.next();
    assert!(found.next().is_none(), "{kind} {account} {label} stands once");
    row
}

fn transfer<'a>(transfers: &'a [Row], place: &str, label: &str) -> Option<&'a Row> {
    let mut rows = transfers.iter().filter(|row| row["label"] == label);
    rows.find(|row| row["source_refs"].split("; ").any(|one| one == place))
}

#[test]
fn every_transfer_carries_what_was_worked_out() {
    let truth = commingled_trust().truth();
    let transfers = rows(&traced(&["--by", "transfer"]));
    for one in tables(&truth, "carried") {
        let place = one["transfer"].as_str().unwrap();
        check(place, one, |label| transfer(&transfers, place, label));
    }
}

#[test]
fn every_residual_and_exit_is_what_was_worked_out() {
    let truth = commingled_trust().truth();
    let ends = rows(&traced(&[]));
    for one in tables(&truth, "residual") {
        let account = one["account"].as_str().unwrap();
        check(account, one, |label| end(&ends, "held", account, label));
    }
    for one in tables(&truth, "exit") {
        let kind = one["kind"].as_str().unwrap();
        let account = one.get("counterparty").unwrap_or(&one["account"]).as_str().unwrap();
        check(account, one, |label| end(&ends, kind, account, label));
    }
    // And nothing besides: an exit that the truth does not have carries nothing.
    let known: BTreeSet<(&str, &str)> = tables(&truth, "exit")
        .map(|one| {
            let account = one.get("counterparty").unwrap_or(&one["account"]);
            (one["kind"].as_str().unwrap(), account.as_str().unwrap())
        })
        .collect();
    for row in ends.iter().filter(|row| row["where"] != "held") {
        let is_known = known.contains(&(row["where"].as_str(), row["account"].as_str()));
        let is_nothing = RULES.iter().all(|(_, column)| row[*column] == "0.00");
        assert!(is_known || is_nothing, "{row:?}");
    }
}

#[test]
fn floor_and_ceiling_are_what_was_worked_out() {
    let truth = commingled_trust().truth();
    let (ends, transfers) = (rows(&traced(&[])), rows(&traced(&["--by", "transfer"])));
    for one in tables(&truth, "bounds") {
        for (key, label) in [("a", "Victim A"), ("b", "Victim B"), ("total", "all labels")] {
            let row = match one.get("transfer") {
                Some(place) => transfer(&transfers, place.as_str().unwrap(), label),
                None => end(&ends, "held", one["residual"].as_str().unwrap(), label),
            };
            let found = row.map_or(["0.00", "0.00"], |row| [&row["floor"], &row["ceiling"]]);
            assert_eq!(found.to_vec(), texts(&one[key]), "{one:?} {label}");
        }
    }
}

#[test]
fn what_the_order_of_a_day_changes_is_what_was_worked_out() {
    let truth = commingled_trust().truth();
    let order = truth["order"].as_table().unwrap();
    let changed = rows(&traced(&["--table", "trace_order"]));
    let places = [
        ("pelican", "outside", "PORT CORRIGAN BANK/9009"),
        ("school", "outside", "BANK OF FERNDALE/1001 ~ ALDER GROVE SCHOOL"),
        ("left", "held", "BANK OF FERNDALE/1001"),
    ];
    for (key, kind, account) in places {
        for (rule, expected) in order[key].as_table().unwrap() {
            for (label, expected) in LABELS.into_iter().zip(texts(expected)) {
                let of_rule: Vec<Row> =
                    changed.iter().filter(|row| row["rule"] == *rule).cloned().collect();
                let row = end(&of_rule, kind, account, label);
                // A figure that no order changes stands in no row: it is that of the statement.
                let found = row.map_or(expected, |row| row["credits_first"].as_str());
                assert_eq!(found, expected, "{key} {rule} {label}");
            }
        }
    }
    for rule in texts(&order["unchanged"]) {
        assert!(changed.iter().all(|row| row["rule"] != rule), "{rule} does not change");
    }
}

#[test]
fn threads_change_nothing() {
    for table in ["trace", "trace_transfers", "trace_residuals", "trace_order"] {
        let with = |threads| traced(&["--table", table, "--threads", threads]);
        assert_eq!(with("1"), with("2"), "{table}");
    }
}

#[test]
fn a_question_that_cannot_be_answered_says_why_and_what_to_do() {
    let case = commingled_trust();
    let refused = |arguments: &[&str]| {
        let mut command = moneytrail(&["trace", case.out.to_str().unwrap()]);
        let ended = command.args(arguments).current_dir(&case.folder).output().unwrap();
        assert!(!ended.status.success() && ended.stdout.is_empty(), "{arguments:?}");
        String::from_utf8(ended.stderr).unwrap()
    };
    let check = |arguments: &[&str], said: &str| {
        let found = refused(arguments);
        assert!(found.contains(said), "{arguments:?}: {found}");
    };
    check(&["--source", "account=1002"], "the nearest names are \"BANK OF FERNDALE/1001\", ");
    check(&["--source", "account=9009"], "ask for its statements from 2024-04-10 on");
    check(&["--source", "account=1001,from=2025-01-01"], "run from 2024-03-04 to 2024-05-21");
    check(
        &["--source", "sources.toml", "--table", "ends"],
        "no table \"ends\" here; the tables are",
    );
    check(&["--source", "account=1001,label=all labels"], "a label needs a name of its own");
}

#[test]
fn what_is_said_of_a_day_is_of_that_day() {
    let until = ["--until", "2024-03-15", "--table", "trace_narrative"];
    let told = traced(&until);
    assert!(told.contains("3,000.00 USD from 1 transfer, on 2024-03-12."), "{told}");
    let told = traced(&["--until", "2024-04-30", "--table", "trace_narrative"]);
    assert!(told.contains("remained in STONEBRIDGE SAVINGS/3003 on 2024-03-31"), "{told}");
    let case = commingled_trust();
    let store = case.out.to_str().unwrap();
    let asked = ["trace", store, "--source", "sources.toml", "--until", "2024-04-30"];
    let mut command = moneytrail(&asked);
    command.args(["--restrain", "1001", "--table", "trace_restrain"]).current_dir(&case.folder);
    let told = String::from_utf8(ended(&mut command, 0).stdout).unwrap();
    let gap = "What STONEBRIDGE SAVINGS/3003 held is of 2024-03-31: no statement of it is held \
               from then to 2024-04-30, so ask for it.";
    assert!(told.contains(gap), "{told}");
}

#[test]
fn every_table_is_the_one_that_was_read_and_committed() {
    let expected = commingled_trust().folder.join("expected/trace");
    let tables = [
        ("trace", vec![]),
        ("trace_narrative", vec!["--table", "trace_narrative"]),
        ("trace_labels", vec!["--table", "trace_labels"]),
        ("trace_transfers", vec!["--by", "transfer"]),
        ("trace_residuals", vec!["--table", "trace_residuals"]),
        ("trace_sources", vec!["--table", "trace_sources"]),
        ("trace_rests_on", vec!["--table", "trace_rests_on"]),
        ("trace_order", vec!["--table", "trace_order"]),
        ("trace_parties", vec!["--by", "party"]),
        ("trace_restrain", vec!["--restrain", "BANK OF FERNDALE/1001", "--until", "2024-04-10"]),
        ("trace_pari_passu", vec!["--pari-passu"]),
        ("trace_explain", vec!["--explain", "stonebridge/3003_2024_05.tsv:6"]),
    ];
    for (name, arguments) in tables {
        let (found, file) = (traced(&arguments), expected.join(format!("{name}.csv")));
        if std::env::var_os("MONEYTRAIL_REWRITE_EXPECTED").is_some() {
            fs::create_dir_all(&expected).unwrap();
            fs::write(&file, &found).unwrap();
        }
        let committed = fs::read_to_string(&file).unwrap_or_default();
        assert_eq!(found, committed, "{name} differs from {}", file.display());
    }
}
