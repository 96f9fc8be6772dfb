//! Walks over statements that give dates without times: of two payments of a day, one follows the
//! other where a statement of the account between them says so.

use std::collections::BTreeMap;
use std::path::Path;

use moneytrail::query::{NoResults, answer, parse_query};
use moneytrail::store::Case;

use super::{file, written};
use crate::loaded::{case_text, directory, load_in};

const HEADER: &str = "account,booked,amount,counterparty_account,channel\n";

/// One file with two currencies of an account: no balance says which of them moved first.
const TWO_CURRENCIES: &str = "account,booked,amount,counterparty_account,channel,currency\n\
    M-5,2024-03-12,40.00,H-9,wire,EUR\nM-5,2024-03-12,-45.00,K-4,wire,USD\n";

/// Statements of one bank: on the 4th the credit stands above the debit and on the 5th below it;
/// one statement is newest first; two statements of P-2 each have one side of a day.
fn statements() -> Case {
    let of = |rows: &str| format!("{HEADER}{rows}");
    let files = [
        (
            "q.csv",
            of("Q-1,2024-03-04,500.00,H-9,wire\nQ-1,2024-03-04,-480.00,K-7,cash\n\
                Q-1,2024-03-05,-70.00,K-8,wire\nQ-1,2024-03-05,75.00,H-9,cash\n"),
        ),
        (
            "r.csv",
            of("R-3,2024-03-08,-20.00,K-9,wire\nR-3,2024-03-07,-30.00,K-6,wire\n\
                R-3,2024-03-07,35.00,H-9,wire\n"),
        ),
        ("m.csv", TWO_CURRENCIES.to_owned()),
        ("p1.csv", of("P-2,2024-03-06,60.00,H-9,wire\n")),
        ("p2.csv", of("P-2,2024-03-06,-55.00,K-5,wire\n")),
    ];
    let dir = directory(&files.each_ref().map(|(name, text)| (*name, text.as_bytes())));
    let sources = files.each_ref().map(|(name, _)| (*name, Some("moneytrail-bank-statement")));
    let case = load_in(dir.path(), &case_text(&sources)).unwrap();
    // The directory goes when this returns, so what the test asks for is read before.
    let manifest = case.manifest().clone();
    case.copy_in_memory(manifest).unwrap()
}

/// The records behind walks of two steps from or to every account, by the keys of the walk.
#[track_caller]
fn check(case: &Case, keys: &str, expected: &[&str]) {
    let text = file(&format!(
        "[paths.trail]\nfrom = \"select account from accounts\"\nhops = \"2\"\n{keys}\n[result]\n\
         sql = \"select edges from trail order by edges\""
    ));
    let query = parse_query(Path::new("ask.toml"), &text).unwrap();
    let table = answer(&query, &BTreeMap::new(), case, &NoResults).unwrap();
    let header = ["edges"];
    let rows: Vec<&str> = header.iter().chain(expected).copied().collect();
    assert_eq!(written(&table), rows, "{keys}");
}

/// Every step in order of the records: within the 4th and the 7th, and over days.
const FOLLOWING: [&str; 4] =
    ["q.csv:2 > q.csv:3", "q.csv:2 > q.csv:4", "r.csv:4 > r.csv:2", "r.csv:4 > r.csv:3"];

#[test]
fn of_two_payments_of_a_day_the_statement_says_which_came_first() {
    let case = statements();
    check(&case, "along = [\"transfers\"]\norder = \"increasing\"", &FOLLOWING);
    // The same walks from their other end, each the other way round.
    let turned = FOLLOWING.map(|walk| {
        let (first, then) = walk.split_once(" > ").unwrap();
        format!("{then} > {first}")
    });
    let mut turned = turned.each_ref().map(String::as_str);
    turned.sort_unstable();
    check(&case, "along = [\"transfers\"]\ndirection = \"in\"\norder = \"decreasing\"", &turned);
    // Where times do not matter, what the statement says does not either.
    let any_order = [
        "m.csv:2 > m.csv:3",
        "p1.csv:2 > p2.csv:2",
        "q.csv:2 > q.csv:3",
        "q.csv:2 > q.csv:4",
        "q.csv:5 > q.csv:3",
        "q.csv:5 > q.csv:4",
        "r.csv:4 > r.csv:2",
        "r.csv:4 > r.csv:3",
    ];
    check(&case, "along = [\"transfers\"]", &any_order);
}

#[test]
fn chosen_rows_of_the_table_keep_the_order_of_their_statement() {
    let case = statements();
    // Each row stands in one of two lists of links, of which the second begins behind the first.
    let wires = "{ table = \"transfers\", where = \"channel = 'wire'\" }";
    let cash = "{ table = \"transfers\", where = \"channel = 'cash'\" }";
    for lists in [format!("[{wires}, {cash}]"), format!("[{cash}, {wires}]")] {
        check(&case, &format!("along = {lists}\norder = \"increasing\""), &FOLLOWING);
    }
    let of_wires = ["q.csv:2 > q.csv:4", "r.csv:4 > r.csv:2", "r.csv:4 > r.csv:3"];
    check(&case, &format!("along = [{wires}]\norder = \"increasing\""), &of_wires);
    // Walked from the paid to the payer, the debit comes first.
    let reverse = wires.replace(" }", ", reverse = true }");
    check(&case, &format!("along = [{reverse}]\norder = \"increasing\""), &[]);
    let backwards = ["q.csv:4 > q.csv:2", "r.csv:2 > r.csv:4", "r.csv:3 > r.csv:4"];
    check(&case, &format!("along = [{reverse}]\norder = \"decreasing\""), &backwards);
}
