//! Saved questions from outside: the ones built in on a small case, every message, every
//! attempt to reach what is not a table of the case.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use moneytrail::model::{
    Amount, Channel, Currency, EntityKind, NONE, ResultTable, Texts, Values, identity_key,
};
use moneytrail::query::{
    BUILT_IN, CASE_TABLES, NoResults, Query, ResultProvider, Wanted, answer, built_in_query,
    case_table, expand_queries, find_query, load_query, parse_query,
};
use moneytrail::store::{
    Accounts, Calls, Case, Coverage, Details, Holdings, Leases, Manifest, Parties, Phones,
    Premises, Sources, Ties, Transfers,
};
use moneytrail::{Error, Result};

const ANN: u32 = 0;
const BAY: u32 = 1;
const LENA: u32 = 2;
const MILO: u32 = 3;
const QUAY: u32 = 4;
const PARTIES: [&str; 5] =
    ["Ann Reyes", "Bay Cleaning LLC", "Lena Ortiz", "Milo Hart", "Quay Rentals"];

const BAY_ACCOUNT: u32 = 0;
const ANN_ACCOUNT: u32 = 1;
const LENA_ACCOUNT: u32 = 2;
const QUAY_ACCOUNT: u32 = 3;
const OTHER_ACCOUNT: u32 = 4;
const CASH_END: u32 = 5;
const ACCOUNTS: [&str; 6] = [
    "HARBOR/1001",
    "HARBOR/1002",
    "HARBOR/1003",
    "PIER/2001",
    "PIER/2002",
    "unidentified HARBOR/1003 CASH",
];

/// 2024-03-04, a Monday.
const MONDAY: i32 = 19_786;

fn texts<const N: usize>(values: [&str; N]) -> Texts {
    values.into_iter().collect()
}

fn keys(kind: EntityKind, names: &[&str]) -> Texts {
    names.iter().map(|name| identity_key(kind, name)).collect()
}

fn blank(rows: usize) -> Texts {
    (0..rows).map(|_| "").collect()
}

fn parties() -> Parties {
    Parties {
        key: keys(EntityKind::Party, &PARTIES),
        party: texts(PARTIES),
        name: texts(PARTIES),
        kind: texts(["person", "organisation", "person", "person", "organisation"]),
        born: vec![None; 5],
        jurisdiction: blank(5),
        records: vec![3; 5],
    }
}

fn accounts() -> Accounts {
    Accounts {
        key: keys(EntityKind::Account, &ACCOUNTS),
        account: texts(ACCOUNTS),
        institution: texts(["Harbor", "Harbor", "Harbor", "Pier", "Pier", "Harbor"]),
        number: texts(["1001", "1002", "1003", "2001", "2002", ""]),
        kind: texts(["account", "account", "account", "account", "account", "unidentified"]),
        near_account: vec![NONE, NONE, NONE, NONE, NONE, LENA_ACCOUNT],
        currency: vec![Some(Currency::USD); 6],
        product: blank(6),
        opened: vec![None; 6],
        closed: vec![None; 6],
        blocked: vec![None; 6],
        linked_account: vec![NONE; 6],
    }
}

fn holdings() -> Holdings {
    Holdings {
        account: vec![BAY_ACCOUNT, BAY_ACCOUNT, ANN_ACCOUNT, LENA_ACCOUNT, QUAY_ACCOUNT],
        party: vec![BAY, LENA, ANN, LENA, QUAY],
        role: texts(["owner", "signer", "owner", "owner", "owner"]),
        opened: vec![None; 5],
        closed: vec![None; 5],
        source: vec![1; 5],
        line: vec![2, 3, 4, 5, 6],
    }
}

fn transfers() -> Transfers {
    let rows = [
        (BAY_ACCOUNT, ANN_ACCOUNT, 0, 80_000, Channel::Ach),
        (BAY_ACCOUNT, OTHER_ACCOUNT, 0, 400_000, Channel::Wire),
        (CASH_END, LENA_ACCOUNT, 1, 950_000, Channel::Cash),
        (ANN_ACCOUNT, BAY_ACCOUNT, 2, 50_000, Channel::P2p),
        (CASH_END, LENA_ACCOUNT, 3, 920_000, Channel::Cash),
        (LENA_ACCOUNT, QUAY_ACCOUNT, 4, 150_000, Channel::Ach),
    ];
    let zone = jiff_midnight_ms();
    Transfers {
        from_account: rows.iter().map(|row| row.0).collect(),
        to_account: rows.iter().map(|row| row.1).collect(),
        booked_ms: rows.iter().map(|row| zone + i64::from(row.2) * 86_400_000).collect(),
        day: rows.iter().map(|row| MONDAY + row.2).collect(),
        timed: vec![false; 6],
        amount_minor: rows.iter().map(|row| row.3).collect(),
        currency: vec![Currency::USD; 6],
        channel: rows.iter().map(|row| row.4).collect(),
        side: vec![moneytrail::store::Side::Sender; 6],
        source: vec![0; 6],
        line: vec![2, 3, 4, 5, 6, 7],
    }
}

/// Midnight of [`MONDAY`] in New York, five hours behind UTC in early March.
fn jiff_midnight_ms() -> i64 {
    i64::from(MONDAY) * 86_400_000 + 5 * 3_600_000
}

fn details() -> Details {
    Details {
        source: vec![0, 0],
        line: vec![2, 7],
        balance_minor: vec![Some(1_000_000), None],
        description: texts(["WAGES O'NEIL", "RENT 12 QUAY ST"]),
        reference: texts(["W-1", ""]),
        counterparty: blank(2),
        pattern: blank(2),
        place: blank(2),
        page: blank(2),
        attributes: blank(2),
    }
}

const PHONES: [&str; 3] = ["+12125550101", "+12125550102", "+12125550103"];

fn calls() -> Calls {
    Calls {
        from_phone: vec![2, 1],
        to_phone: vec![0, 0],
        start_ms: vec![jiff_midnight_ms() - 3_600_000, jiff_midnight_ms()],
        day: vec![MONDAY - 1, MONDAY],
        duration_s: vec![Some(61), None],
        kind: texts(["voice", "sms"]),
        side: vec![moneytrail::store::Side::Sender; 2],
        call: blank(2),
        imei: vec![NONE; 2],
        imsi: vec![NONE; 2],
        tower: blank(2),
        tower_place: blank(2),
        dialled: blank(2),
        source: vec![2; 2],
        line: vec![2, 3],
    }
}

fn leases() -> Leases {
    Leases {
        lease: texts(["L-1", "L-2"]),
        premises: vec![0, 1],
        tenants: texts(["Ann Reyes", "Milo Hart"]),
        landlord: texts(["Quay Rentals", "Quay Rentals"]),
        guarantors: texts(["Lena Ortiz", ""]),
        rent_minor: vec![Some(150_000), Some(120_000)],
        currency: vec![Some(Currency::USD), None],
        period: texts(["month", "month"]),
        start: vec![Some(MONDAY); 2],
        end: vec![None; 2],
        amends: blank(2),
        bedrooms: vec![Some(2), None],
        deposit_minor: vec![None; 2],
        paid_from: vec![LENA_ACCOUNT; 2],
        source: vec![3; 2],
        line: vec![2, 3],
    }
}

fn ties() -> Ties {
    let rows = [
        (ANN, "subscribes", EntityKind::Phone, 0, 2, 4),
        (ANN, "tenant-of", EntityKind::Premises, 0, 3, 2),
        (BAY, "subscribes", EntityKind::Phone, 2, 2, 5),
        (LENA, "guarantees", EntityKind::Premises, 0, 3, 2),
        (LENA, "has-phone", EntityKind::Phone, 0, 1, 5),
        (MILO, "subscribes", EntityKind::Phone, 1, 2, 6),
        (MILO, "tenant-of", EntityKind::Premises, 1, 3, 3),
        (QUAY, "landlord-of", EntityKind::Premises, 0, 3, 2),
        (QUAY, "landlord-of", EntityKind::Premises, 1, 3, 3),
    ];
    Ties {
        from_kind: vec![EntityKind::Party; rows.len()],
        from_row: rows.iter().map(|row| row.0).collect(),
        relation: rows.iter().map(|row| row.1).collect(),
        to_kind: rows.iter().map(|row| row.2).collect(),
        to_row: rows.iter().map(|row| row.3).collect(),
        start: vec![None; rows.len()],
        end: vec![None; rows.len()],
        amount_minor: vec![None; rows.len()],
        currency: vec![None; rows.len()],
        weight: vec![None; rows.len()],
        found: blank(rows.len()),
        source: rows.iter().map(|row| row.4).collect(),
        line: rows.iter().map(|row| row.5).collect(),
    }
}

fn sources() -> Sources {
    let names = ["bank/harbor.csv", "bank/holders.csv", "phone/subscribers.csv", "leases/quay.csv"];
    Sources {
        source: texts(names),
        sha256: blank(4),
        bytes: vec![1; 4],
        layout: blank(4),
        record: blank(4),
        institution: blank(4),
        bates: blank(4),
        authority: blank(4),
        read: vec![6; 4],
        accepted: vec![6; 4],
        rejected: vec![0; 4],
        duplicate: vec![0; 4],
        ignored: vec![1; 4],
        first: vec![None; 4],
        last: vec![None; 4],
    }
}

fn manifest() -> Manifest {
    Manifest {
        currency: "USD".to_owned(),
        timezone: "America/New_York".to_owned(),
        ..Manifest::default()
    }
}

fn case() -> Case {
    Case::in_memory(manifest())
        .with(parties())
        .with(accounts())
        .with(holdings())
        .with(transfers())
        .with(details())
        .with(Phones { key: blank(3), phone: texts(PHONES), found: texts(PHONES) })
        .with(calls())
        .with(Premises {
            key: blank(2),
            premises: texts(["12 QUAY ST", "9 DOCK LN"]),
            found: texts(["12 Quay St", "9 Dock Ln"]),
        })
        .with(leases())
        .with(ties())
        .with(sources())
        .with(Coverage {
            account: vec![BAY_ACCOUNT, ANN_ACCOUNT, LENA_ACCOUNT, QUAY_ACCOUNT],
            from_day: vec![MONDAY; 4],
            to_day: vec![MONDAY + 30; 4],
            source: vec![0; 4],
            state: texts(["covers", "covers", "covers", "covers"]),
        })
}

fn values(given: &[(&str, &str)]) -> BTreeMap<String, String> {
    given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn cell(values: &Values, row: usize) -> String {
    match values {
        Values::Text(rows) => rows[row].clone(),
        Values::Count(rows) => rows[row].map_or(String::new(), |number| number.to_string()),
        Values::Money(rows) => rows[row].map_or(String::new(), |amount| {
            format!("{} {}", Amount::decimal(amount.minor, 2), amount.currency)
        }),
        Values::Day(rows) => rows[row].map_or(String::new(), moneytrail::model::day_text),
        Values::Time(rows) => rows[row].map_or(String::new(), |ms| format!("@{ms}")),
        Values::Score(rows) => rows[row].map_or(String::new(), |score| format!("{score:.6}")),
        Values::Flag(rows) => rows[row].map_or(String::new(), |flag| flag.to_string()),
        Values::Refs(rows) => format!("{:?}", rows[row]),
    }
}

/// Header and rows, cells parted by ` | `.
fn written(table: &ResultTable) -> Vec<String> {
    let header = table.columns.iter().map(|column| column.name.clone()).collect::<Vec<_>>();
    let row = |row| {
        let cells = table.columns.iter().map(|column| cell(&column.values, row));
        cells.collect::<Vec<_>>().join(" | ")
    };
    std::iter::once(header.join(" | ")).chain((0..table.rows()).map(row)).collect()
}

fn asked(sql: &str) -> Result<Query> {
    let text = format!("title = \"T\"\nwhy = \"W\"\n[result]\nsql = \"\"\"\n{sql}\"\"\"\n");
    parse_query(Path::new("ask.toml"), &text)
}

fn ask(sql: &str) -> Result<ResultTable> {
    answer(&asked(sql)?, &BTreeMap::new(), &case(), &NoResults)
}

#[track_caller]
fn check(sql: &str, expected: &[&str]) {
    let table = ask(sql).unwrap_or_else(|refused| panic!("{sql}: {refused}"));
    assert_eq!(written(&table), expected, "{sql}");
}

#[track_caller]
fn refuses(result: Result<impl std::fmt::Debug>, message: &str, hint: Option<&str>) {
    let refused = result.expect_err(message);
    assert_eq!(refused.to_string(), message);
    assert_eq!(refused.hint().as_deref(), hint, "{message}");
}

fn given_for(name: &str) -> BTreeMap<String, String> {
    match name {
        "largest-counterparties" => values(&[("party", "Bay Cleaning LLC")]),
        "transfers-behind-flow" => values(&[("from", "HARBOR/1001"), ("to", "HARBOR/1002")]),
        _ => BTreeMap::new(),
    }
}

#[test]
fn every_built_in_question_finds_what_the_small_case_holds() {
    let expected: [(&str, &[&str]); 10] = [
        (
            "call-before-payment",
            &[
                "payer | payee | talked | paid | amount | currency | call | transfer",
                "Bay Cleaning LLC | Ann Reyes | 2024-03-03 | 2024-03-04 | 800.00 USD | USD | \
                 phone/subscribers.csv:2 | bank/harbor.csv:2",
            ],
        ),
        (
            "cash-just-below",
            &[
                "account | first_day | last_day | deposits | total | largest | currency",
                "HARBOR/1003 | 2024-03-05 | 2024-03-07 | 2 | 18700.00 USD | 9500.00 USD | USD",
            ],
        ),
        (
            "holds-and-signs",
            &["party | accounts | owners | leases | other_tenants", "Lena Ortiz | 1 | 1 | 1 | 1"],
        ),
        (
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
        ),
        (
            "money-leaving-coverage",
            &[
                "institution | account | transfers | senders | total | currency | first_day | \
                 last_day",
                "Pier | PIER/2002 | 1 | 1 | 4000.00 USD | USD | 2024-03-04 | 2024-03-04",
            ],
        ),
        (
            "parties-in-two-records",
            &[
                "party | kinds | account_records | phone_records | lease_records",
                "Ann Reyes | 3 | 1 | 1 | 1",
                "Lena Ortiz | 3 | 2 | 1 | 1",
                "Bay Cleaning LLC | 2 | 1 | 1 | 0",
                "Milo Hart | 2 | 0 | 1 | 1",
                "Quay Rentals | 2 | 1 | 0 | 2",
            ],
        ),
        (
            "rent-paid-by-others",
            &[
                "premises | lease | payer | role | paid_from | tenants | landlord | rent | \
                 currency | source | line",
                "9 DOCK LN | L-2 | Lena Ortiz | owner | HARBOR/1003 | Milo Hart | Quay Rentals | \
                 1200.00 USD | USD | leases/quay.csv | 3",
            ],
        ),
        (
            "shared-phones",
            &[
                "phone | parties | accounts | party | account",
                "+12125550101 | 2 | 3 | Ann Reyes | HARBOR/1002",
                "+12125550101 | 2 | 3 | Lena Ortiz | HARBOR/1001",
                "+12125550101 | 2 | 3 | Lena Ortiz | HARBOR/1003",
            ],
        ),
        (
            "transfers-behind-flow",
            &[
                "booked | day | amount | currency | channel | description | source | line",
                "@1709528400000 | 2024-03-04 | 800.00 USD | USD | ach | WAGES O'NEIL | \
                 bank/harbor.csv | 2",
            ],
        ),
        (
            "wages-back-to-employer",
            &[
                "employee | employer | account | paid_day | wage | returns | last_back_day | \
                 total_back | currency | wage_transfer | back_transfers",
                "Ann Reyes | Bay Cleaning LLC | HARBOR/1002 | 2024-03-04 | 800.00 USD | 1 | \
                 2024-03-06 | 500.00 USD | USD | bank/harbor.csv:2 | bank/harbor.csv:5",
            ],
        ),
    ];
    assert_eq!(BUILT_IN.len(), expected.len());
    for (name, rows) in expected {
        let query = built_in_query(name).unwrap();
        let table = answer(&query, &given_for(name), &case(), &NoResults).unwrap();
        assert_eq!(table.name, name);
        assert_eq!(written(&table), rows, "{name}");
    }
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

const README: &str = include_str!("../../queries/README.md");

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
    assert_eq!(blocks.len(), 2);
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
}

#[track_caller]
fn file_refused(text: &str, message: &str, hint: Option<&str>) {
    refuses(parse_query(Path::new("ask.toml"), text), message, hint);
}

#[test]
fn a_wrong_key_is_refused_at_its_place() {
    file_refused(
        "title = \"T\"\nwhy = \"W\"\nresul = 1\n",
        "ask.toml:3:1: unknown field `resul`, expected one of `title`, `why`, `analysis`, \
         `parameters`, `paths`, `result`",
        Some("did you mean `result`?"),
    );
    file_refused(
        "title = \"T\"\nwhy = \"W\"\n[result]\nsql = \"select 1 as a\"\nrows = 3\n",
        "ask.toml:5:1: unknown field `rows`, expected `sql` or `rows_max`",
        Some("did you mean `rows_max`?"),
    );
    file_refused(
        "title = \"T\"\nwhy = \"W\"\n[parameters]\nday = { type = \"date\", defalt = \"2024-01-01\" }\n\
         [result]\nsql = \"select :day as a\"\n",
        "ask.toml:4:24: unknown field `defalt`, expected one of `type`, `default`, `help`",
        Some("did you mean `default`?"),
    );
    file_refused(
        "title = \"T\"\nwhy = \"W\"\n[parameters]\nday = { type = \"dat\" }\n[result]\nsql = \"select :day as a\"\n",
        "ask.toml:4:16: unknown variant `dat`, expected one of `text`, `integer`, `amount`, \
         `time`, `date`, `flag`",
        Some("did you mean `date`?"),
    );
    file_refused(
        "why = \"W\"\nanalysis = \"flows\"\n",
        "ask.toml:1:1: missing field `title`",
        None,
    );
}

#[test]
fn paths_belong_to_a_later_version() {
    file_refused(
        "title = \"T\"\nwhy = \"W\"\n\n[paths.trail]\nhops = \"1..3\"\n[result]\nsql = \"select 1 as a\"\n",
        "ask.toml:4:2: this version does not walk paths yet",
        Some("ask in SQL under [result]"),
    );
}

#[test]
fn a_file_asks_one_thing() {
    file_refused(
        "title = \"T\"\nwhy = \"W\"\n",
        "ask.toml:1:1: the file asks nothing: it has neither `analysis` nor [result] with `sql`",
        None,
    );
    file_refused(
        "title = \"T\"\nwhy = \"W\"\nanalysis = \"flows\"\n[result]\nsql = \"select 1 as a\"\n",
        "ask.toml:3:12: a question names an analysis or gives SQL under [result], not both",
        None,
    );
    file_refused(
        "title = \" \"\nwhy = \"W\"\nanalysis = \"flows\"\n",
        "ask.toml:1:9: `title` is empty",
        None,
    );
    file_refused(
        "title = \"T\"\nwhy = \"W\"\n[result]\nsql = \"select 1 as a\"\nrows_max = 0\n",
        "ask.toml:5:12: found 0, expected 1 to 10000000 rows",
        None,
    );
}

#[test]
fn parameters_and_placeholders_match_before_anything_runs() {
    let file = |parameters: &str, sql: &str| {
        format!(
            "title = \"T\"\nwhy = \"W\"\n[parameters]\n{parameters}\n[result]\nsql = \"{sql}\"\n"
        )
    };
    file_refused(
        &file("party = { type = \"text\" }", "select :prty as a"),
        "ask.toml:6:15: `:prty` is not among [parameters]",
        Some("did you mean `:party`?"),
    );
    file_refused(
        &file("", "select :since as a"),
        "ask.toml:6:15: `:since` is not among [parameters]",
        Some("add since = { type = \"text\" }"),
    );
    file_refused(
        &file("party = { type = \"text\" }", "select 1 as a"),
        "ask.toml:4:1: the statement does not use the parameter `party`",
        Some("write `:party` where its value belongs"),
    );
    file_refused(
        &file("day = { type = \"date\", default = \"3/4/2024\" }", "select :day as a"),
        "ask.toml:4:34: `default` is \"3/4/2024\", expected a date such as 2024-03-31",
        None,
    );
    file_refused(
        &file("few = { type = \"integer\", default = \"3\" }", "select :few as a"),
        "ask.toml:4:37: `default` is \"3\", expected a whole number such as 25",
        None,
    );
    file_refused(
        &file("rent = { type = \"amount\", default = 1200 }", "select :rent as a"),
        "ask.toml:4:37: `default` is 1200, expected an amount in quotes such as \"1200.00\"",
        None,
    );
    file_refused(
        &file("party = { type = \"text\", default = true }", "select :party as a"),
        "ask.toml:4:36: `default` is true, expected a text in quotes",
        None,
    );
    file_refused(
        &file("\"a b\" = { type = \"text\" }", "select 1 as a"),
        "ask.toml:4:1: `a b` is no name for a parameter",
        Some("write letters, digits and _, a letter first"),
    );
    file_refused(
        &file("party = { type = \"text\" }", "select $1 as a, :party as b"),
        "ask.toml:6:15: `$1` is not a placeholder here",
        Some("write `:name` and give `name` under [parameters]"),
    );
}

#[test]
fn dates_times_and_flags_of_toml_are_defaults_too() {
    let text = "title = \"T\"\nwhy = \"W\"\n[parameters]\nday = { type = \"date\", default = 2024-03-04 }\n\
                at = { type = \"time\", default = 2024-03-04T05:00:00Z }\n\
                yes = { type = \"flag\", default = true }\n[result]\n\
                sql = \"select :day as day, :at as at, :yes as yes\"\n";
    let query = parse_query(Path::new("ask.toml"), text).unwrap();
    let table = answer(&query, &BTreeMap::new(), &case(), &NoResults).unwrap();
    assert_eq!(written(&table), ["day | at | yes", "2024-03-04 | @1709528400000 | true"]);
}

#[test]
fn only_a_question_over_known_tables_is_run() {
    let functions =
        Some("a question reads the case tables and result tables, never a file by its path");
    for (sql, place, found) in [
        ("select * from read_csv('/etc/passwd')", "5:15", "read_csv"),
        ("select * from READ_CSV ( '/etc/passwd' )", "5:15", "READ_CSV"),
        ("select * from read_parquet('x.parquet') as t", "5:15", "read_parquet"),
        ("select * from read_/**/csv('x')", "5:15", ""),
        ("select * from \"read_csv\"('x')", "5:15", "\"read_csv\""),
        ("select * from (select * from read_csv('x')) as t", "5:30", "read_csv"),
        ("with t as (select * from read_csv('x')) select * from t", "5:26", "read_csv"),
        (
            "select a.party from parties as a join read_csv('x') as b on a.party = b.x",
            "5:39",
            "read_csv",
        ),
        ("select party from parties union all select x from read_csv('x')", "5:51", "read_csv"),
        (
            "select party from parties where party in (select x from read_csv('x'))",
            "5:57",
            "read_csv",
        ),
        (
            "select case when party in (select x from read_ipc('x')) then 1 end as a from parties",
            "5:42",
            "read_ipc",
        ),
        ("select party from parties order by (select x from read_json('x'))", "5:51", "read_json"),
        ("select * from parties, read_csv('x') as b", "5:24", "read_csv"),
        ("-- select 1\nselect * from read_csv('x')", "6:15", "read_csv"),
        ("select * from table(read_csv('x'))", "5:15", ""),
    ] {
        if found.is_empty() {
            let refused = ask(sql).expect_err(sql);
            assert!(matches!(refused, Error::Key { .. }), "{sql}: {refused}");
            continue;
        }
        let message = format!(
            "ask.toml:{place}: `{found}` is not a table of the case: table functions are refused"
        );
        refuses(asked(sql), &message, functions);
    }
}

#[test]
fn nothing_but_one_question_is_read() {
    let question =
        "ask.toml:5:1: only a question may stand here: a statement that begins with SELECT or WITH";
    for sql in [
        "create table t as select * from parties",
        "drop table parties",
        "delete from parties",
        "truncate table parties",
        "insert into parties values (1)",
        "update parties set party = 'x'",
        "show tables",
        "explain select * from parties",
        "copy parties to 'x.csv'",
        "set x = 1",
    ] {
        let refused = asked(sql).expect_err(sql);
        assert!(refused.to_string().starts_with("ask.toml:5:"), "{sql}: {refused}");
        assert!(matches!(refused, Error::Key { .. }), "{sql}");
    }
    refuses(asked("drop table parties"), question, None);
    for (sql, message) in [
        ("select 1 as a; select 2 as b", "5:16: found 2 statements, expected one"),
        ("select 1 as a; drop table parties", "5:1: found 2 statements, expected one"),
        ("select 1 as a /* ; */ ; -- x\n; select 2 as b", "6:3: found 2 statements, expected one"),
        ("", "5:1: found 0 statements, expected one"),
        ("select * into t from parties", "5:1: a question changes nothing; SELECT INTO is refused"),
        (
            "with recursive t as (select 1 as a) select * from t",
            "5:1: recursive queries are not read",
        ),
    ] {
        refuses(asked(sql), &format!("ask.toml:{message}"), None);
    }
    refuses(
        asked("select * from parties union all table parties"),
        "ask.toml:5:1: `TABLE name` is not read here",
        Some("write `select * from name`"),
    );
    refuses(
        asked("select 1 as a from parties where exists (select 1 from phones)"),
        "ask.toml:5:42: EXISTS is not read here",
        Some("write `x in (select ...)` or a join"),
    );
    refuses(
        asked("select party\nfrom parties where (party"),
        "ask.toml:6:26: this is not SQL: Expected: ), found: EOF",
        None,
    );
}

#[test]
fn tables_and_columns_are_known_by_name() {
    refuses(
        ask("select * from\ntransfer"),
        "ask.toml:6:1: no table is named `transfer`",
        Some("did you mean `transfers`?"),
    );
    refuses(
        ask("with parties as (select 1 as a) select * from parties"),
        "ask.toml:5:6: `parties` is a table of the case already",
        Some("choose another name"),
    );
    refuses(
        ask("select * from (select 1 as a) as phones"),
        "ask.toml:5:34: `phones` is a table of the case already",
        Some("choose another name"),
    );
    refuses(
        ask("select * from main.parties"),
        "ask.toml:5:15: `main.parties` is not a table name: a table has one plain name",
        None,
    );
    refuses(
        ask("select from_acount from transfers"),
        "ask.toml: [result] sql: no column is named `from_acount` there",
        Some("did you mean `from_account`, `to_account`?"),
    );
}

#[test]
fn what_depends_on_the_order_of_rows_is_refused() {
    refuses(
        asked("select first(party) as a from parties"),
        "ask.toml:5:8: `first` depends on the order in which rows happen to be met",
        Some("use min or max, or row_number() over an order without ties"),
    );
    refuses(
        asked("select string_agg(party, ';') as a from parties"),
        "ask.toml:5:8: `string_agg` joins texts in the order in which rows happen to be met",
        Some("state it: string_agg(x, '; ' order by x)"),
    );
    check(
        "select role, string_agg(party, ';' order by party) as names from holdings group by role",
        &[
            "role | names",
            "owner | Ann Reyes;Bay Cleaning LLC;Lena Ortiz;Quay Rentals",
            "signer | Lena Ortiz",
        ],
    );
    refuses(
        ask("select * from (select * from parties limit 1) as t"),
        "ask.toml:5:16: a LIMIT inside a question needs the names of its columns",
        Some("name every column in that SELECT, with `as` for what is computed"),
    );
}

#[test]
fn rows_come_in_one_order() {
    check(
        "select party from holdings",
        &["party", "Ann Reyes", "Bay Cleaning LLC", "Lena Ortiz", "Lena Ortiz", "Quay Rentals"],
    );
    check(
        "select channel, line from transfers order by channel desc limit 3",
        &["channel | line", "wire | 3", "p2p | 5", "cash | 4"],
    );
    check("select channel, line from transfers limit 2", &["channel | line", "ach | 2", "ach | 7"]);
    check(
        "select party from parties union select phone from phones order by party desc limit 2",
        &["party", "Quay Rentals", "Milo Hart"],
    );
    check(
        "select party as who from holdings where account in \
         (select to_account from transfers order by amount_minor desc limit 2)",
        &["who", "Lena Ortiz"],
    );
}

fn text_question(sql: &str) -> Query {
    let text = format!(
        "title = \"T\"\nwhy = \"W\"\n[parameters]\nx = {{ type = \"text\" }}\n[result]\nsql = \"{sql}\"\n"
    );
    parse_query(Path::new("ask.toml"), &text).unwrap()
}

#[test]
fn a_text_that_looks_like_sql_stays_a_text() {
    let echo = text_question("select :x as echo");
    let find = text_question("select party from parties where party = :x");
    for text in [
        "' or 1=1 --",
        "'; drop table parties; --",
        "a''b",
        "''",
        "'",
        "\\'",
        "\\''",
        "\\' or '1'='1",
        "'' or ''=''",
        "x' union select raw from rejects --",
        ":x",
        "read_csv('/etc/passwd')",
        "$$a$$",
        "line\nbreak\ttab",
        "é漢\u{1f600}",
        "/* c */ -- c",
        "%_^$.*",
    ] {
        let given = values(&[("x", text)]);
        let table = answer(&echo, &given, &case(), &NoResults).unwrap();
        assert_eq!(written(&table), ["echo".to_owned(), text.to_owned()], "{text:?}");
        let table = answer(&find, &given, &case(), &NoResults).unwrap();
        assert_eq!(table.rows(), 0, "{text:?}");
    }
    let table = answer(&find, &values(&[("x", "Milo Hart")]), &case(), &NoResults).unwrap();
    assert_eq!(written(&table), ["party", "Milo Hart"]);
}

#[test]
fn values_are_typed_and_told_by_name() {
    let text = "title = \"T\"\nwhy = \"W\"\n[parameters]\nleast = { type = \"amount\", help = \"smallest\" }\n\
                since = { type = \"time\", default = \"2024-03-05\" }\nuntil = { type = \"date\", default = \"2024-03-07\" }\n\
                off = { type = \"integer\", default = -5 }\n[result]\n\
                sql = \"select line, line + :off as less from transfers where amount_minor >= :least and booked >= :since and day <= :until\"\n";
    let query = parse_query(Path::new("ask.toml"), text).unwrap();
    let run = |given: &[(&str, &str)]| answer(&query, &values(given), &case(), &NoResults);
    let rows = |given| written(&run(given).unwrap());
    assert_eq!(rows(&[("least", "9200.00")]), ["line | less", "4 | -1", "6 | 1"]);
    assert_eq!(rows(&[("least", "9200.01")]), ["line | less", "4 | -1"]);
    let later = [("least", "0"), ("since", "2024-03-05T00:00:00.001-05:00")];
    assert_eq!(rows(&later), ["line | less", "5 | 0", "6 | 1"]);
    for (given, message) in [
        (vec![], "the parameter \"least\" needs a value, an amount such as 1200.00: smallest"),
        (
            vec![("least", "1.005")],
            "the parameter \"least\": found \"1.005\", expected an amount such as 1200.00 with at \
             most 2 decimals, in USD",
        ),
        (
            vec![("least", "1"), ("until", "soon")],
            "the parameter \"until\": found \"soon\", expected a date such as 2024-03-31",
        ),
        (vec![("lest", "1")], "no parameter is named \"lest\"; did you mean \"least\"?"),
    ] {
        let refused = run(&given).unwrap_err();
        assert_eq!(refused.to_string(), message);
        assert_eq!(refused.exit_code(), 2);
    }
}

#[test]
fn money_keeps_its_currency() {
    let mut mixed = transfers();
    mixed.currency[1] = "EUR".parse().unwrap();
    let case = case().with(mixed);
    let run = |sql: &str| answer(&asked(sql).unwrap(), &BTreeMap::new(), &case, &NoResults);
    refuses(
        run("select sum(amount_minor) as total_minor from transfers"),
        "ask.toml: [result] sql: the tables hold amounts in `EUR`, `USD`, and the answer does not \
         say which",
        Some("select `currency`, and group by it wherever amounts are added"),
    );
    let table =
        run("select currency, sum(amount_minor) as total_minor from transfers group by currency");
    assert_eq!(
        written(&table.unwrap()),
        ["currency | total", "EUR | 4000.00 EUR", "USD | 21500.00 USD"]
    );
    assert_eq!(
        written(&run("select rent_minor, lease from leases").unwrap()),
        ["rent | lease | currency", "1200.00 USD | L-2 | USD", "1500.00 USD | L-1 | USD"]
    );
    refuses(
        ask("select avg(amount_minor) as mean_minor from transfers"),
        "ask.toml: [result] sql: `mean_minor` is not in whole minor units",
        Some("write cast(round(...) as bigint), or name a share or mean otherwise"),
    );
    refuses(
        ask("select amount_minor, 1 as amount from transfers"),
        "ask.toml: [result] sql: two columns of the answer are named `amount`",
        Some("rename one with `as`"),
    );
}

#[test]
fn a_sum_of_money_fails_rather_than_wraps() {
    let mut large = transfers();
    large.amount_minor = vec![i64::MAX / 2; 6];
    let case = case().with(large);
    let query = asked("select sum(amount_minor) as total_minor from transfers").unwrap();
    let refused = answer(&query, &BTreeMap::new(), &case, &NoResults).unwrap_err();
    assert!(matches!(refused, Error::AmountOverflow), "{refused}");
    check(
        "select sum(line) as n, sum(amount_minor) as total_minor from transfers",
        &["n | total | currency", "27 | 25500.00 USD | USD"],
    );
}

#[test]
fn an_answer_that_met_its_bound_says_so() {
    let text = "title = \"T\"\nwhy = \"W\"\n[result]\nsql = \"select line from transfers\"\nrows_max = 4\n";
    let query = parse_query(Path::new("ask.toml"), text).unwrap();
    let table = answer(&query, &BTreeMap::new(), &case(), &NoResults).unwrap();
    assert_eq!(written(&table), ["line", "2", "3", "4", "5"]);
    assert_eq!(
        table.notes,
        ["The answer has more than 4 rows; the first 4 in its order are shown."]
    );
    let text = text.replace("rows_max = 4", "rows_max = 6");
    let query = parse_query(Path::new("ask.toml"), &text).unwrap();
    let table = answer(&query, &BTreeMap::new(), &case(), &NoResults).unwrap();
    assert_eq!((table.rows(), table.notes.len()), (6, 0));
}

/// One result table with every kind of value, and one analysis.
struct OneResult;

#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
struct FlowParameters {
    window_days: i64,
}

impl ResultProvider for OneResult {
    fn names(&self) -> Vec<String> {
        vec!["pair_flows".to_owned()]
    }

    fn result_table(&self, name: &str) -> Result<Option<ResultTable>> {
        let place = moneytrail::model::SourceRef { source: 0, line: 2 };
        let total = Amount { minor: 80_000, currency: Currency::USD };
        Ok((name == "pair_flows").then(|| {
            ResultTable::new("pair-flows")
                .with("from", Values::Text(vec!["HARBOR/1001".to_owned(), String::new()]))
                .with("transfers", Values::Count(vec![Some(1), None]))
                .with("total", Values::Money(vec![Some(total), None]))
                .with("currency", Values::Text(vec!["USD".to_owned(), String::new()]))
                .with("first", Values::Day(vec![Some(MONDAY), None]))
                .with("seen", Values::Time(vec![Some(1000), None]))
                .with("share", Values::Score(vec![Some(0.5), None]))
                .with("open", Values::Flag(vec![Some(true), None]))
                .with("records", Values::Refs(vec![vec![place, place], vec![]]))
        }))
    }

    fn run_analysis(
        &self,
        analysis: &str,
        query: &Query,
        values: &BTreeMap<String, String>,
    ) -> Result<Option<ResultTable>> {
        let parameters: FlowParameters = query.analysis_parameters(values)?;
        let days = Values::Count(vec![Some(parameters.window_days)]);
        Ok((analysis == "pair-flows").then(|| ResultTable::new(analysis).with("days", days)))
    }
}

#[test]
fn result_tables_are_tables_too() {
    let run = |sql: &str| answer(&asked(sql).unwrap(), &BTreeMap::new(), &case(), &OneResult);
    assert_eq!(
        written(&run("select * from pair_flows order by transfers").unwrap()),
        [
            "from_entity | transfers | total | currency | first | seen | share | open | records",
            "HARBOR/1001 | 1 | 800.00 USD | USD | 2024-03-04 | @1000 | 0.500000 | true | \
             bank/harbor.csv:2; bank/harbor.csv:2",
            " |  |  | USD |  |  |  |  | ",
        ]
    );
    assert_eq!(
        written(
            &run("select party from pair_flows join holdings on from_entity = account \
                  where total_minor = 80000")
            .unwrap()
        ),
        ["party", "Bay Cleaning LLC", "Lena Ortiz"]
    );
    refuses(
        run("select * from pair_flow"),
        "ask.toml:5:15: no table is named `pair_flow`",
        Some("did you mean `pair_flows`?"),
    );
}

#[test]
fn a_question_may_name_an_analysis() {
    let text =
        "title = \"T\"\nwhy = \"W\"\nanalysis = \"pair-flows\"\n[parameters]\nwindow_days = 2\n";
    let query = parse_query(Path::new("two-days.toml"), text).unwrap();
    let run =
        |query: &Query, given: &[(&str, &str)]| answer(query, &values(given), &case(), &OneResult);
    let table = run(&query, &[]).unwrap();
    assert_eq!(
        (table.name.as_str(), written(&table)),
        ("two-days", vec!["days".to_owned(), "2".to_owned()])
    );
    assert_eq!(written(&run(&query, &[("window_days", "9")]).unwrap()), ["days", "9"]);
    let refused = run(&query, &[("window_days", "soon")]).unwrap_err();
    assert_eq!(refused.exit_code(), 2);
    let wrong = text.replace("window_days", "window_day");
    let query = parse_query(Path::new("two-days.toml"), &wrong).unwrap();
    refuses(
        run(&query, &[]),
        "two-days.toml:5:1: unknown field `window_day`, expected `window_days`",
        Some("did you mean `window_days`?"),
    );
    let unknown = text.replace("\"pair-flows\"", "\"pair-flow\"");
    let query = parse_query(Path::new("two-days.toml"), &unknown).unwrap();
    refuses(
        run(&query, &[]),
        "no analysis is named \"pair-flow\"",
        Some("the nearest names are \"pair-flows\""),
    );
}

#[test]
fn questions_are_found_by_name_path_and_pattern() {
    refuses(
        find_query("shared-phone", &[]),
        "no saved query is named \"shared-phone\"",
        Some("the nearest names are \"shared-phones\""),
    );
    assert_eq!(find_query("shared-phones", &[]).unwrap().name, "shared-phones");
    let dir = tempfile::tempdir().unwrap();
    let queries = dir.path().join("queries");
    std::fs::create_dir(&queries).unwrap();
    let text = "title = \"Mine\"\nwhy = \"W\"\n[result]\nsql = \"select 1 as a\"\n";
    for name in ["shared-phones.toml", "a-first.toml"] {
        std::fs::write(queries.join(name), text).unwrap();
    }
    let dirs: [PathBuf; 1] = [queries.clone()];
    assert_eq!(find_query("shared-phones", &dirs).unwrap().title, "Mine");
    refuses(
        find_query("a-frst", &dirs),
        "no saved query is named \"a-frst\"",
        Some("the nearest names are \"a-first\""),
    );
    let path = queries.join("a-first.toml");
    assert_eq!(find_query(&path.to_string_lossy(), &[]).unwrap(), load_query(&path).unwrap());

    let patterns = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let list = patterns(&["cash-just-below", "queries/*.toml", "queries/a-*.toml"]);
    let found = expand_queries(&list, dir.path()).unwrap();
    let names: Vec<_> =
        found.iter().map(|query| (query.name.as_str(), query.file.as_str())).collect();
    assert_eq!(
        names,
        [
            ("cash-just-below", "queries/cash-just-below.toml"),
            ("a-first", "queries/a-first.toml"),
            ("shared-phones", "queries/shared-phones.toml"),
        ]
    );
    refuses(
        expand_queries(&patterns(&["nothing/*.toml"]), dir.path()),
        "nothing/*.toml: matches no query file",
        Some("name a file, a pattern such as queries/*.toml, or a saved query"),
    );
    refuses(
        expand_queries(&patterns(&["shared-phones", "queries/*.toml"]), dir.path()),
        "two questions are named \"shared-phones\"; rename one of their files",
        None,
    );
}
