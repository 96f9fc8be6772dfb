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

#[test]
fn explore() {
    for (name, _) in BUILT_IN {
        let query = built_in_query(name).unwrap_or_else(|bad| panic!("{name}: {bad}"));
        let given: &[(&str, &str)] = match *name {
            "largest-counterparties" => &[("party", "Bay Cleaning LLC")],
            "transfers-behind-flow" => &[("from", "HARBOR/1001"), ("to", "HARBOR/1002")],
            _ => &[],
        };
        match answer(&query, &values(given), &case(), &NoResults) {
            Ok(table) => println!("== {name}\n{}", written(&table).join("\n")),
            Err(bad) => println!("== {name}\nERROR {bad}"),
        }
    }
}

#[test]
fn explore2() {
    for sql in [
        "select sum(amount_minor) as t_minor from transfers",
        "select sum(amount_minor) from transfers",
        "select sum(amount_minor + 9000000000000000000) as t_minor from transfers",
        "select sum(amount_minor * 1) over (partition by channel) as t_minor, line from transfers",
        "select channel, sum(amount_minor + 9000000000000000000) as t_minor from transfers group by channel",
        "select distinct channel from transfers limit 2",
        "select * from transfers limit 1",
        "select channel, amount_minor from transfers order by channel limit 3",
        "select count(*) as n from parties",
        "select count(*) as n from transfers order by n",
        "select party from holdings where account in (select to_account from transfers where amount_minor > 100000 order by amount_minor limit 2)",
        "select party from holdings where account not in (select to_account from transfers)",
        "select party from holdings where exists (select 1 from transfers)",
        "select day, day + interval '2 days' as later from transfers",
        "select booked + interval '2 days' as later from transfers",
        "select upper(party) as p, length(party) as n from parties where party like 'B%'",
        "select avg(amount_minor) as mean_minor from transfers",
        "select booked from transfers where booked >= '2024-03-05'",
        "select transfer from transfers where description = 'WAGES O''NEIL'",
        "select amount_minor as x, 5 as amount_minor, 7 as amount from transfers",
        "select strftime(day, '%Y-%m') as month, sum(amount_minor) as m_minor from transfers group by month",
        "select extract(year from day) as y, date_part('month', day) as m from transfers",
        "select row_number() over (order by amount_minor) as n, amount_minor from transfers order by amount_minor desc",
        "select a.party as p, b.party as q from holdings as a join holdings as b on a.account = b.account where a.party < b.party",
        "select t.transfer from transfers t, holdings h where t.to_account = h.account and h.party = 'Ann Reyes'",
        "select from_account from transfers union select party from parties order by 1 limit 3",
        "with x as (select 1 as a) select * from x",
        "select * from (values (1, 2)) as v(a, b)",
        "select nope from transfers",
        "select case when amount_minor > 100000 then 'large' else 'small' end as size, count(*) as n from transfers group by size",
        "select start from calls order by start",
    ] {
        match ask(sql) {
            Ok(table) => println!("== {sql}\n{}", written(&table).join("\n")),
            Err(bad) => println!("== {sql}\nERROR {bad} // {:?}", bad.hint()),
        }
    }
}
