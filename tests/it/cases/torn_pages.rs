//! Statements with one thing amiss in each account: every one is found, by its difference and by
//! what explains it, and nothing else is claimed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use toml::Value;

use super::{ended, moneytrail, scratch, torn_pages};

type Row = BTreeMap<String, String>;

fn text(value: &Value) -> &str {
    value.as_str().expect("a text of truth.toml")
}

fn planted() -> Vec<Value> {
    torn_pages().truth()["planted"].as_array().expect("a list").clone()
}

fn rows(file: &str) -> Vec<Row> {
    torn_pages().rows(&format!("tables/{file}.csv"))
}

/// Minor units of a decimal text, by hand.
fn cents(text: &str) -> i64 {
    text.replace(['.', ','], "").parse().unwrap_or_else(|_| panic!("{text:?} is an amount"))
}

#[test]
fn every_record_is_counted() {
    let truth = torn_pages().truth();
    for name in ["read", "accepted", "rejected", "duplicate"] {
        let counts = rows("sources");
        let sum: i64 = counts.iter().map(|row| row[name].parse::<i64>().unwrap()).sum();
        assert_eq!(sum, truth["records"][name].as_integer().unwrap(), "{name}");
    }
}

#[test]
fn what_was_planted_is_explained_and_nothing_else_is() {
    let expected: BTreeSet<[String; 4]> = planted()
        .iter()
        .map(|one| {
            let records = one["records"].as_array().unwrap();
            let records: Vec<&str> = records.iter().map(text).collect();
            let fact = |name: &str| text(&one[name]).to_owned();
            [fact("account"), fact("difference"), fact("kind"), records.join("; ")]
        })
        .collect();
    let names = ["account", "difference", "kind", "records"];
    let found: Vec<[String; 4]> =
        rows("explanations").iter().map(|row| names.map(|name| row[name].clone())).collect();
    assert_eq!(found.len(), expected.len(), "{found:?}");
    assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), expected);
}

#[test]
fn only_the_months_that_were_planted_do_not_prove() {
    let expected: BTreeSet<[String; 3]> = planted()
        .iter()
        .map(|one| ["account", "month", "state"].map(|name| text(&one[name]).to_owned()))
        .collect();
    let balances = rows("balances");
    let wrong = balances.iter().filter(|row| row["state"] != "proves");
    let found: BTreeSet<[String; 3]> =
        wrong.map(|row| ["account", "month", "state"].map(|name| row[name].clone())).collect();
    assert_eq!(found, expected);
    for one in torn_pages().truth()["proves"].as_array().unwrap() {
        let own = balances.iter().filter(|row| row["account"] == text(&one["account"]));
        let reordered: i64 = own.map(|row| row["reordered_days"].parse::<i64>().unwrap()).sum();
        assert_eq!(reordered, one["reordered_days"].as_integer().unwrap(), "{one}");
    }
}

/// The slow, obvious proof: the files read line by line with nothing of the program, opening plus
/// every amount against closing.
#[test]
fn sums_by_hand_agree_with_the_table() {
    let mut by_hand: BTreeMap<(String, String), (i64, i64)> = BTreeMap::new();
    let folder = torn_pages().folder.join("bank");
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let file = format!("bank/{}", path.file_name().unwrap().to_string_lossy());
        let (mut number, mut opening, mut closing, mut moved) = (String::new(), 0, 0, 0);
        let mut ends = 0;
        for line in fs::read_to_string(&path).unwrap().lines() {
            if let Some(rest) = line.strip_prefix("Statement ") {
                rest.split(',').next().unwrap().clone_into(&mut number);
                (moved, ends) = (0, 0);
            } else if let Some(amount) = line.strip_prefix("Opening balance: ") {
                (opening, ends) = (cents(amount), ends + 1);
            } else if let Some(amount) = line.strip_prefix("Closing balance: ") {
                (closing, ends) = (cents(amount), ends + 1);
            } else if line.starts_with("0") {
                let mut reader = csv::ReaderBuilder::new();
                let mut reader = reader.has_headers(false).from_reader(line.as_bytes());
                let row = reader.records().next().unwrap().unwrap();
                // The one row whose date is not one is not summed.
                if !row[0].starts_with("01/41") {
                    let amount = |at: usize| if row[at].is_empty() { 0 } else { cents(&row[at]) };
                    moved += amount(3) - amount(2);
                }
            }
            if ends == 2 {
                let known = by_hand.entry((file.clone(), number.clone())).or_default();
                *known = (closing - opening, closing - opening - moved);
            }
        }
    }
    let table = rows("statement_balances");
    assert_eq!(table.len(), by_hand.len());
    for row in table {
        let (whole, difference) = by_hand[&(row["source"].clone(), row["statement"].clone())];
        assert_eq!(cents(&row["difference"]), difference, "{row:?}");
        let moved = cents(&row["credits"]) - cents(&row["debits"]);
        assert_eq!(moved + difference, whole, "{row:?}");
        let state = if difference == 0 { "proves" } else { "breaks" };
        assert_eq!(row["state"], state, "{row:?}");
    }
}

#[test]
fn a_month_that_was_not_produced_is_a_gap_and_is_asked_for() {
    let gaps: Vec<Row> = rows("coverage").into_iter().filter(|row| row["state"] == "gap").collect();
    assert_eq!(gaps.len(), 1);
    assert_eq!((gaps[0]["from"].as_str(), gaps[0]["to"].as_str()), ("2024-03-01", "2024-03-31"));
    let asked = rows("requests");
    let asked = asked.iter().find(|row| row["why"].starts_with("statements before and after"));
    let asked = asked.expect("the stretch is asked for");
    assert_eq!((asked["from"].as_str(), asked["to"].as_str()), ("2024-03-01", "2024-03-31"));
    assert_eq!(asked["total_at_stake"], "295.25", "what the balances around it differ by");
}

/// Every answer with money that a case with a broken account gives says so.
#[test]
fn every_output_with_money_says_which_accounts_do_not_prove() {
    let out = torn_pages().out.to_str().unwrap();
    let sentence = "of the accounts here do not prove";
    let question = scratch("torn-question").join("moved.toml");
    let sql = "select from_account, currency, sum(amount_minor) as total_minor from transfers \
               group by from_account, currency order by from_account";
    let query = format!("title = \"Moved\"\nwhy = \"A test.\"\n[result]\nsql = \"{sql}\"\n");
    fs::write(&question, query).unwrap();
    let question = question.to_str().unwrap();
    for args in [
        vec!["flows", out],
        vec!["flows", out, "--by", "party"],
        vec!["patterns", out],
        vec!["facilitators", out],
        vec!["query", out, question],
        vec!["query", out, "cash-just-below"],
    ] {
        let output = ended(&mut moneytrail(&args), 0);
        let said = String::from_utf8(output.stdout).unwrap();
        let money = said.contains("USD") && !said.contains("Nothing was found");
        assert!(said.contains(sentence) || !money, "{args:?}: {said}");
    }
    let flows = ended(&mut moneytrail(&["flows", out]), 0);
    assert!(String::from_utf8_lossy(&flows.stdout).contains(sentence));
    let page = fs::read_to_string(torn_pages().out.join("report.html")).unwrap();
    assert!(page.matches(sentence).count() >= 2, "the tables of the page say so");
    let charts = fs::read_dir(torn_pages().out.join("charts")).unwrap();
    let mut drawn = 0;
    for chart in charts.map(|entry| entry.unwrap().path()) {
        let text = fs::read_to_string(&chart).unwrap();
        assert!(text.contains("does not prove"), "{}", chart.display());
        drawn += 1;
    }
    assert!(drawn > 0, "the subject is drawn");
}
