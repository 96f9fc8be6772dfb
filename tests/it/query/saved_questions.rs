//! The questions built in, and the README that people write new ones from.

use std::collections::BTreeMap;
use std::path::Path;

use moneytrail::query::{
    BUILT_IN, CASE_TABLES, NoResults, Wanted, answer, built_in_query, case_table, parse_query,
};
use moneytrail::store::Case;

use super::small_case::{case, manifest};
use super::{ask, values, written};

fn given_for(name: &str) -> BTreeMap<String, String> {
    match name {
        "largest-counterparties" | "money-that-came-round" | "money-within-three-hops" => {
            values(&[("party", "Bay Cleaning LLC")])
        }
        "link-between-parties" => values(&[("party", "Quay Rentals"), ("other", "Lena Ortiz")]),
        "transfers-behind-flow" => values(&[("from", "HARBOR/1001"), ("to", "HARBOR/1002")]),
        _ => BTreeMap::new(),
    }
}

#[track_caller]
fn finds(name: &str, rows: &[&str]) {
    let query = built_in_query(name).unwrap();
    let table = answer(&query, &given_for(name), &case(), &NoResults).unwrap();
    assert_eq!(table.name, name);
    assert_eq!(written(&table), rows, "{name}");
}

#[test]
fn call_before_payment() {
    finds(
        "call-before-payment",
        &[
            "payer | payee | paid_day | amount | currency | calls | last_call_day | transfer | \
             call_records",
            "Bay Cleaning LLC | Ann Reyes | 2024-03-04 | 800.00 USD | USD | 1 | 2024-03-03 | \
             bank/harbor.csv:2 | phone/subscribers.csv:2",
        ],
    );
}

#[test]
fn cash_just_below() {
    finds(
        "cash-just-below",
        &[
            "account | first_day | last_day | deposits | total | largest | currency",
            "HARBOR/1003 | 2024-03-05 | 2024-03-07 | 2 | 18700.00 USD | 9500.00 USD | USD",
        ],
    );
}

#[test]
fn holds_and_signs() {
    finds(
        "holds-and-signs",
        &["party | accounts | owners | leases | other_tenants", "Lena Ortiz | 1 | 1 | 1 | 1"],
    );
}

#[test]
fn largest_counterparties() {
    finds(
        "largest-counterparties",
        &[
            "direction | counterparty | transfers | total | largest | currency | first_day | \
                 last_day",
            "paid to | PIER/2002 | 1 | 4000.00 USD | 4000.00 USD | USD | 2024-03-04 | \
                 2024-03-04",
            "paid to | Ann Reyes | 1 | 800.00 USD | 800.00 USD | USD | 2024-03-04 | 2024-03-04",
            "received from | Ann Reyes | 1 | 500.00 USD | 500.00 USD | USD | 2024-03-06 | \
                 2024-03-06",
        ],
    );
}

#[test]
fn link_between_parties() {
    finds(
        "link-between-parties",
        &[
            "account | other_account | hops | vertices | amounts | times | edges",
            "PIER/2001 | HARBOR/1003 | 1 | PIER/2001 > HARBOR/1003 | 1500.00 USD | \
                 2024-03-08T00:00:00-05:00 | bank/harbor.csv:7",
        ],
    );
}

#[test]
fn money_that_came_round() {
    finds(
        "money-that-came-round",
        &[
            "account | back_to | hops | started | ended | least | currency | vertices | amounts \
             | edges",
            "HARBOR/1001 | HARBOR/1001 | 2 | @1709528400000 | @1709701200000 | 500.00 USD | USD | \
             HARBOR/1001 > HARBOR/1002 > HARBOR/1001 | 800.00 USD > 500.00 USD | \
             bank/harbor.csv:2 > bank/harbor.csv:5",
        ],
    );
}

#[test]
fn money_within_three_hops() {
    finds(
        "money-within-three-hops",
        &[
            "account | holder | hops | vertices | amounts | edges",
            "HARBOR/1002 | Ann Reyes | 1 | HARBOR/1001 > HARBOR/1002 | 800.00 USD | \
             bank/harbor.csv:2",
            "PIER/2002 |  | 1 | HARBOR/1001 > PIER/2002 | 4000.00 USD | bank/harbor.csv:3",
            "HARBOR/1001 | Bay Cleaning LLC | 2 | HARBOR/1001 > HARBOR/1002 > HARBOR/1001 | \
             800.00 USD > 500.00 USD | bank/harbor.csv:2 > bank/harbor.csv:5",
        ],
    );
}

#[test]
fn money_leaving_coverage() {
    finds(
        "money-leaving-coverage",
        &[
            "institution | account | transfers | senders | total | currency | first_day | \
                 last_day",
            "Pier | PIER/2002 | 1 | 1 | 4000.00 USD | USD | 2024-03-04 | 2024-03-04",
        ],
    );
}

#[test]
fn parties_in_two_records() {
    finds(
        "parties-in-two-records",
        &[
            "party | kinds | account_records | phone_records | lease_records",
            "Ann Reyes | 3 | 1 | 1 | 1",
            "Lena Ortiz | 3 | 2 | 1 | 1",
            "Bay Cleaning LLC | 2 | 1 | 1 | 0",
            "Milo Hart | 2 | 0 | 1 | 1",
            "Quay Rentals | 2 | 1 | 0 | 2",
        ],
    );
}

#[test]
fn rent_paid_by_others() {
    finds(
        "rent-paid-by-others",
        &[
            "payer | premises | lease | tenants | payer_guarantees | shown_by | payments | \
             total | currency | first_day | last_day",
            "Lena Ortiz | 12 QUAY ST | L-1 | Ann Reyes | true | transfers | 1 | 1500.00 USD | \
             USD | 2024-03-08 | 2024-03-08",
            "Lena Ortiz | 12 QUAY ST | L-1 | Ann Reyes | true | lease | 0 |  | USD |  | ",
            "Lena Ortiz | 9 DOCK LN | L-2 | Milo Hart | false | lease | 0 |  | USD |  | ",
        ],
    );
}

#[test]
fn shared_phones() {
    finds(
        "shared-phones",
        &[
            "phone | parties | accounts | party | account",
            "+12125550101 | 2 | 3 | Ann Reyes | HARBOR/1002",
            "+12125550101 | 2 | 3 | Lena Ortiz | HARBOR/1001",
            "+12125550101 | 2 | 3 | Lena Ortiz | HARBOR/1003",
        ],
    );
}

#[test]
fn transfers_behind_flow() {
    finds(
        "transfers-behind-flow",
        &[
            "booked | day | amount | currency | channel | description | source | line",
            "@1709528400000 | 2024-03-04 | 800.00 USD | USD | ach | WAGES O'NEIL | \
                 bank/harbor.csv | 2",
        ],
    );
}

#[test]
fn wages_back_to_employer() {
    finds(
        "wages-back-to-employer",
        &[
            "employee | employer | account | paid_day | wage | returns | last_back_day | \
                 total_back | currency | wage_transfer | back_transfers",
            "Ann Reyes | Bay Cleaning LLC | HARBOR/1002 | 2024-03-04 | 800.00 USD | 1 | \
                 2024-03-06 | 500.00 USD | USD | bank/harbor.csv:2 | bank/harbor.csv:5",
        ],
    );
}

#[test]
fn every_built_in_question_runs_on_a_case_without_records() {
    let empty = Case::in_memory(manifest());
    for (name, _) in BUILT_IN {
        let query = built_in_query(name).unwrap();
        let table = answer(&query, &given_for(name), &empty, &NoResults)
            .unwrap_or_else(|refused| panic!("{name}: {refused}"));
        assert_eq!(table.rows(), 0, "{name}");
        assert!(!table.columns.is_empty(), "{name}");
    }
}

#[test]
fn every_file_of_the_folder_is_built_in() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("queries");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|file| file.strip_suffix(".toml").map(str::to_owned))
        .collect();
    files.sort();
    let built_in: Vec<&str> = BUILT_IN.iter().map(|(name, _)| *name).collect();
    assert_eq!(files, built_in);
}

const README: &str = include_str!("../../../queries/README.md");

/// The first two cells of each row below the heading of a table.
fn documented(table: &str) -> Vec<(String, String)> {
    let heading = format!("### `{table}`\n");
    let (_, section) = README.split_once(&heading).unwrap_or_else(|| panic!("no {heading}"));
    let section = section.split("\n### ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let mut cells = row.split('|').skip(1).map(|cell| cell.trim().replace('`', ""));
        (cells.next().unwrap(), cells.next().unwrap())
    })
    .collect()
}

#[test]
fn the_readme_lists_every_column_of_every_case_table() {
    let wanted = Wanted { words: Default::default(), all: true };
    let headings = README.lines().filter_map(|line| line.strip_prefix("### `"));
    let mut listed: Vec<&str> = headings.map(|rest| rest.trim_end_matches('`')).collect();
    listed.sort_unstable();
    assert_eq!(listed, CASE_TABLES);
    for table in CASE_TABLES {
        for case in [case(), Case::in_memory(manifest())] {
            let frame = case_table(&case, table, &wanted).unwrap().unwrap().frame;
            let built: Vec<(String, String)> = frame
                .columns()
                .iter()
                .map(|column| {
                    let kind = match column.dtype().to_string().as_str() {
                        "str" => "text",
                        "date" => "date",
                        "datetime[ms]" => "datetime",
                        "bool" => "boolean",
                        "f64" => "number",
                        "i32" | "i64" | "u32" => "integer",
                        other => panic!("{table}.{}: {other}", column.name()),
                    };
                    (column.name().to_string(), kind.to_owned())
                })
                .collect();
            assert_eq!(documented(table), built, "{table}");
        }
    }
}

#[test]
fn a_column_of_the_readme_can_be_selected_alone() {
    for table in CASE_TABLES {
        for (column, _) in documented(table) {
            let sql = format!("select {column} from {table}");
            ask(&sql).unwrap_or_else(|refused| panic!("{sql}: {refused}"));
        }
        ask(&format!("select count(*) as n from {table}")).unwrap();
    }
}

#[test]
fn the_examples_of_the_readme_run() {
    let blocks: Vec<&str> =
        README.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    let rows = |text: &str| {
        let query = parse_query(Path::new("example.toml"), text).unwrap();
        written(&answer(&query, &BTreeMap::new(), &case(), &NoResults).unwrap())
    };
    assert_eq!(blocks.len(), 3);
    assert_eq!(
        rows(blocks[0]),
        [
            "booked | to_account | amount | currency | source | line",
            "@1709614800000 | HARBOR/1003 | 9500.00 USD | USD | bank/harbor.csv | 4",
            "@1709787600000 | HARBOR/1003 | 9200.00 USD | USD | bank/harbor.csv | 6",
        ]
    );
    assert_eq!(
        rows(blocks[1]),
        [
            "payer | landlord | transfer | day | amount | currency",
            "Lena Ortiz | Quay Rentals | bank/harbor.csv:7 | 2024-03-08 | 1500.00 USD | USD",
        ]
    );
    assert_eq!(
        rows(blocks[2]),
        [
            "hops | reached | kind | least | currency | amounts | edges",
            "1 | HARBOR/1002 | account | 800.00 USD | USD | 800.00 USD | bank/harbor.csv:2",
            "1 | PIER/2002 | account | 4000.00 USD | USD | 4000.00 USD | bank/harbor.csv:3",
            "2 | HARBOR/1001 | account | 500.00 USD | USD | 800.00 USD > 500.00 USD | \
             bank/harbor.csv:2 > bank/harbor.csv:5",
        ]
    );
}
