//! Flow totals equal a plain SQL `GROUP BY` over the same rows, whatever the rows are, and each
//! total lists down to rows that add up to it.

use moneytrail::analyses::flows::{By, Params, Period, rows_of, run};
use moneytrail::analyses::{Inputs, Outcome};
use moneytrail::model::{Channel, Currency, ResultTable, Values};
use moneytrail::store::{Accounts, Case, Holdings, Manifest, Parties, Side, Table, Transfers};
use polars::prelude::*;
use polars::sql::SQLContext;
use proptest::prelude::*;

const ACCOUNTS: u32 = 5;

/// One transfer: from, to, day, amount, currency, channel.
type Row = (u32, u32, i32, i64, usize, usize);

/// One flow: from, to, currency, period, then transfers, total, first, last, largest.
type Line = (String, String, String, String, i64, i64, i32, i32, i64);

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let row =
        (0..ACCOUNTS, 0..ACCOUNTS, 19_600..19_900_i32, 1..1_000_000_i64, 0..2_usize, 0..11_usize);
    prop::collection::vec(row, 0..120)
}

fn case(rows: &[Row]) -> Case {
    let mut transfers = Transfers::default();
    for (at, (from, to, day, amount, currency, channel)) in rows.iter().enumerate() {
        transfers.from_account.push(*from);
        transfers.to_account.push(*to);
        transfers.booked_ms.push(i64::from(*day) * 86_400_000);
        transfers.day.push(*day);
        transfers.timed.push(false);
        transfers.amount_minor.push(*amount);
        transfers.currency.push([Currency::USD, Currency::XBT][*currency]);
        transfers.channel.push(Channel::ALL[*channel]);
        transfers.side.push(Side::List);
        transfers.source.push(0);
        transfers.line.push(at as u32 + 2);
    }
    let names: Vec<String> = (0..ACCOUNTS).map(|account| format!("TEST/{account}")).collect();
    let accounts = Accounts {
        account: names.iter().map(String::as_str).collect(),
        kind: names.iter().map(|_| "account").collect(),
        ..Accounts::default()
    };
    Case::in_memory(Manifest::default()).with(transfers).with(accounts)
}

/// The same case, its accounts 0 and 1 owned by Ada Pike, 2 by Ada Pike and Ben Rook, 3 by Ben
/// Rook until day 19,749 and by Ada Pike from then on; 4 by no one on record.
fn with_holders(case: Case) -> Case {
    let holdings = Holdings {
        account: vec![0, 1, 2, 2, 3, 3],
        party: vec![0, 0, 0, 1, 0, 1],
        role: ["owner", "owner", "joint", "owner", "owner", "owner"].into_iter().collect(),
        opened: vec![None, None, None, None, Some(19_750), None],
        closed: vec![None, None, None, None, None, Some(19_749)],
        source: vec![0; 6],
        line: vec![2, 3, 4, 5, 6, 7],
    };
    let party = ["Ada Pike", "Ben Rook"].into_iter().collect();
    case.with(holdings).with(Parties { party, ..Parties::default() })
}

fn text(table: &ResultTable, name: &str, at: usize) -> String {
    match table.column(name) {
        Some(values) => values.text(at).expect("a column of text").to_owned(),
        None => String::new(),
    }
}

fn money(table: &ResultTable, name: &str, at: usize) -> Option<i64> {
    let Some(values) = table.column(name) else { panic!("no amounts in {name}") };
    assert!(values.is_money(), "{name} holds amounts");
    values.amount(at).map(|amount| amount.minor)
}

fn day(table: &ResultTable, name: &str, at: usize) -> i32 {
    let Some(Values::Day(values)) = table.column(name) else { panic!("no days in {name}") };
    values[at].unwrap()
}

fn lines(outcome: &Outcome) -> Vec<Line> {
    let table = &outcome.tables[0];
    let Some(Values::Count(transfers)) = table.column("transfers") else { panic!("no counts") };
    let line = |at| {
        (
            text(table, "from", at),
            text(table, "to", at),
            text(table, "currency", at),
            text(table, "period", at),
            transfers[at].unwrap(),
            money(table, "total", at).unwrap(),
            day(table, "first", at),
            day(table, "last", at),
            money(table, "largest", at).unwrap(),
        )
    };
    (0..table.rows()).map(line).collect()
}

/// The same answer by polars SQL, with names and periods joined in as tables of texts.
fn by_sql(case: &Case, name_of: impl Fn(u32, i32) -> String, period: Period) -> Vec<Line> {
    let transfers = case.transfers().unwrap();
    let ends = |of: &[u32]| -> Vec<String> {
        of.iter().zip(&transfers.day).map(|(account, day)| name_of(*account, *day)).collect()
    };
    let periods: Vec<String> = transfers.day.iter().map(|day| period_of(period, *day)).collect();
    let mut frame = transfers.to_frame().unwrap();
    for (name, values) in [
        ("sender", ends(&transfers.from_account)),
        ("receiver", ends(&transfers.to_account)),
        ("period", periods),
    ] {
        frame.with_column(Column::new(name.into(), values)).unwrap();
    }
    let mut context = SQLContext::new();
    context.register("rows", frame.lazy());
    let sql = "select sender, receiver, currency, period, count(*) as transfers, \
               sum(amount_minor) as total, min(day) as first, max(day) as last, \
               max(amount_minor) as largest from rows group by sender, receiver, currency, period";
    let answer = context.execute(sql).unwrap().collect().unwrap();
    let word = |name: &str, at: usize| {
        answer.column(name).unwrap().str().unwrap().get(at).unwrap().to_owned()
    };
    let number = |name: &str, at: usize| {
        let column = answer.column(name).unwrap().cast(&DataType::Int64).unwrap();
        column.i64().unwrap().get(at).unwrap()
    };
    let line = |at| {
        (
            word("sender", at),
            word("receiver", at),
            word("currency", at),
            word("period", at),
            number("transfers", at),
            number("total", at),
            number("first", at) as i32,
            number("last", at) as i32,
            number("largest", at),
        )
    };
    (0..answer.height()).map(line).collect()
}

/// Read off the written day, so that it shares nothing with the code under test.
fn period_of(period: Period, day: i32) -> String {
    let text = moneytrail::model::day_text(day);
    match period {
        Period::All => String::new(),
        Period::Day => text,
        Period::Month => text[..7].to_owned(),
        Period::Quarter => {
            let quarter = match &text[5..7] {
                "01" | "02" | "03" => 1,
                "04" | "05" | "06" => 2,
                "07" | "08" | "09" => 3,
                _ => 4,
            };
            format!("{}-Q{quarter}", &text[..4])
        }
        Period::Year => text[..4].to_owned(),
    }
}

fn owner_of(account: u32, day: i32) -> String {
    let name = match account {
        0 | 1 => "Ada Pike",
        2 => "Ada Pike & Ben Rook",
        3 if day < 19_750 => "Ben Rook",
        3 => "Ada Pike",
        _ => "account TEST/4 (no holder on record)",
    };
    name.to_owned()
}

fn period() -> impl Strategy<Value = Period> {
    prop::sample::select(vec![
        Period::All,
        Period::Day,
        Period::Month,
        Period::Quarter,
        Period::Year,
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn totals_by_account_equal_a_group_by(rows in rows(), period in period()) {
        let case = case(&rows);
        let params = Params { period, ..Params::default() };
        let mut found = lines(&run(&Inputs::new(&case), &params).unwrap());
        let mut expected = by_sql(&case, |account, _| format!("TEST/{account}"), period);
        found.sort();
        expected.sort();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn totals_by_party_equal_a_group_by(rows in rows(), period in period()) {
        let case = with_holders(case(&rows));
        let params = Params { by: By::Party, period, ..Params::default() };
        let mut found = lines(&run(&Inputs::new(&case), &params).unwrap());
        let mut expected = by_sql(&case, owner_of, period);
        found.sort();
        expected.sort();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn channels_add_up_and_the_other_way_is_the_mirror(rows in rows()) {
        let case = case(&rows);
        let outcome = run(&Inputs::new(&case), &Params::default()).unwrap();
        let table = &outcome.tables[0];
        for at in 0..table.rows() {
            let channels: i64 =
                Channel::ALL.iter().filter_map(|channel| money(table, channel.word(), at)).sum();
            prop_assert_eq!(Some(channels), money(table, "total", at));
            let ends = |at| (text(table, "from", at), text(table, "to", at));
            let (from, to) = ends(at);
            if from == to {
                prop_assert_eq!(money(table, "net", at), None);
                continue;
            }
            let mirror = (0..table.rows()).find(|other| {
                ends(*other) == (to.clone(), from.clone())
                    && text(table, "currency", *other) == text(table, "currency", at)
            });
            let back = mirror.map_or(Some(0), |other| money(table, "total", other));
            prop_assert_eq!(money(table, "reverse_total", at), back);
        }
    }

    #[test]
    fn every_total_lists_down_to_rows(rows in rows()) {
        let case = with_holders(case(&rows));
        let inputs = Inputs::new(&case);
        let params = Params { by: By::Party, ..Params::default() };
        let amounts = &case.transfers().unwrap().amount_minor;
        let mut listed = 0;
        for line in lines(&run(&inputs, &params).unwrap()) {
            let currency = line.2.parse().unwrap();
            let behind = rows_of(&inputs, &params, &line.0, &line.1, currency).unwrap();
            prop_assert_eq!(behind.len() as i64, line.4);
            prop_assert_eq!(behind.iter().map(|row| amounts[*row as usize]).sum::<i64>(), line.5);
            listed += behind.len();
        }
        prop_assert_eq!(listed, rows.len());
    }

    #[test]
    fn threads_and_row_order_change_nothing(rows in rows(), threads in 1..5_usize) {
        let params = Params { period: Period::Month, ..Params::default() };
        let case_here = case(&rows);
        let here = run(&Inputs::new(&case_here), &params).unwrap();
        let mut turned = rows.clone();
        turned.reverse();
        let case_there = case(&turned);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let there = pool.install(|| run(&Inputs::new(&case_there), &params).unwrap());
        prop_assert_eq!(here, there);
    }
}

#[test]
fn flows_stand_by_currency_then_total_and_self_transfers_come_last() {
    let case = case(&[
        (0, 1, 19_700, 500, 0, 0),
        (1, 0, 19_701, 700, 0, 2),
        (2, 2, 19_702, 9_000, 0, 6),
        (0, 1, 19_703, 50, 1, 9),
    ]);
    let outcome = run(&Inputs::new(&case), &Params { rows: true, ..Params::default() }).unwrap();
    let table = &outcome.tables[0];
    let order: Vec<(String, String, Option<i64>, Option<i64>)> = (0..table.rows())
        .map(|at| {
            let ends = format!("{} > {}", text(table, "from", at), text(table, "to", at));
            (ends, text(table, "currency", at), money(table, "total", at), money(table, "net", at))
        })
        .collect();
    let line = |ends: &str, currency: &str, total, net| {
        (ends.to_owned(), currency.to_owned(), Some(total), net)
    };
    assert_eq!(
        order,
        [
            line("TEST/1 > TEST/0", "USD", 700, Some(200)),
            line("TEST/0 > TEST/1", "USD", 500, Some(-200)),
            line("TEST/2 > TEST/2", "USD", 9_000, None),
            line("TEST/0 > TEST/1", "XBT", 50, Some(50)),
        ]
    );
    let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(
        names[..12],
        [
            "by",
            "from",
            "to",
            "currency",
            "transfers",
            "total",
            "first",
            "last",
            "largest",
            "reverse_total",
            "net",
            "self_transfer"
        ]
    );
    let Some(Values::Refs(records)) = outcome.tables[1].column("records") else {
        panic!("flow_rows cites its records")
    };
    assert_eq!(records.iter().map(|refs| refs[0].line).collect::<Vec<_>>(), [3, 2, 4, 5]);
}

#[test]
fn a_flow_asked_for_alone_keeps_what_came_back() {
    let case = case(&[(0, 1, 19_700, 500, 0, 0), (1, 0, 19_701, 700, 0, 2)]);
    let params = Params { sender: Some("test/0".to_owned()), ..Params::default() };
    let outcome = run(&Inputs::new(&case), &params).unwrap();
    assert_eq!(outcome.tables[0].rows(), 1);
    assert_eq!(money(&outcome.tables[0], "reverse_total", 0), Some(700));
}

#[test]
fn a_sum_beyond_64_bits_is_refused() {
    let case = case(&[(0, 1, 19_700, i64::MAX, 0, 0), (0, 1, 19_700, 1, 0, 1)]);
    let refused = run(&Inputs::new(&case), &Params::default()).unwrap_err();
    assert!(matches!(refused, moneytrail::Error::AmountOverflow), "{refused}");
}
