//! A narrowed case against the whole one: the same tables, whatever the list and its row groups.

use proptest::prelude::*;

use super::super::same_day::DayOrder;
use super::super::{By, Params, Wanted, run, run_narrowed};
use super::*;
use crate::analyses::{Inputs, Outcome};
use crate::model::day_text;
use crate::store::{Accounts, Coverage, Manifest, Sources, regroup};

/// Accounts that pay and are paid, among many more that stand still.
const ACCOUNTS: u32 = 9;
const STILL: u32 = 80;
const DAYS: i32 = 4;

/// From, to, amount and day of a payment.
type Row = (u32, u32, i64, i32);

/// A store of a list of payments in dollars, in row groups of so many rows; `spans` says which days
/// of each account are held.
fn store(rows: &[Row], spans: &[(i32, i32)], group_rows: usize) -> tempfile::TempDir {
    store_in(rows, |_| "USD", spans, group_rows)
}

/// The same, each payment in the currency that `code` gives by its row.
fn store_in(
    rows: &[Row],
    code: impl Fn(usize) -> &'static str,
    spans: &[(i32, i32)],
    group_rows: usize,
) -> tempfile::TempDir {
    let count = rows.len();
    let accounts = (0..ACCOUNTS + STILL).map(|at| format!("BANK/{at:03}"));
    let names: Vec<String> = accounts.collect();
    let all = names.len();
    let transfers = Transfers {
        from_account: rows.iter().map(|row| row.0).collect(),
        to_account: rows.iter().map(|row| row.1).collect(),
        booked_ms: rows.iter().map(|row| i64::from(row.3) * 86_400_000).collect(),
        day: rows.iter().map(|row| row.3).collect(),
        timed: vec![false; count],
        amount_minor: rows.iter().map(|row| row.2).collect(),
        currency: (0..count).map(|row| code(row).parse().unwrap()).collect(),
        channel: (0..count).map(|at| Channel::ALL[at % Channel::ALL.len()]).collect(),
        side: vec![Side::List; count],
        source: vec![0; count],
        line: (2..).take(count).collect(),
    };
    let accounts = Accounts {
        key: names.iter().map(|_| "").collect(),
        account: names.iter().map(String::as_str).collect(),
        institution: names.iter().map(|_| "BANK").collect(),
        number: names.iter().map(|name| &name[5..]).collect(),
        kind: names.iter().map(|_| "account").collect(),
        near_account: vec![NONE; all],
        currency: vec![None; all],
        product: names.iter().map(|_| "").collect(),
        opened: vec![None; all],
        opened_ms: vec![None; all],
        closed: vec![None; all],
        blocked: vec![None; all],
        linked_account: vec![NONE; all],
    };
    let coverage = Coverage {
        account: (0..ACCOUNTS).collect(),
        from_day: spans.iter().map(|span| span.0.min(span.1)).collect(),
        to_day: spans.iter().map(|span| span.0.max(span.1)).collect(),
        source: vec![0; spans.len()],
        state: spans.iter().map(|_| "covers").collect(),
    };
    let dir = tempfile::tempdir().unwrap();
    let manifest = Manifest {
        kind: "store".to_owned(),
        schema_version: crate::store::SCHEMA_VERSION,
        currency: "USD".to_owned(),
        timezone: "UTC".to_owned(),
        ..Manifest::default()
    };
    let case = Case::in_memory(manifest).with(transfers).with(accounts).with(coverage);
    let case = case.with(one_source(count as i64));
    case.write_to(dir.path()).unwrap();
    regroup(dir.path(), case.transfers().unwrap(), group_rows);
    dir
}

fn one_source(rows: i64) -> Sources {
    let text = |text: &'static str| std::iter::once(text).collect();
    Sources {
        source: text("list.csv"),
        sha256: text(""),
        bytes: vec![0],
        layout: text("list"),
        record: text("bank-transfers"),
        institution: text(""),
        bates: text(""),
        authority: text(""),
        read: vec![rows],
        accepted: vec![rows],
        rejected: vec![0],
        duplicate: vec![0],
        ignored: vec![1],
        first: vec![None],
        last: vec![None],
    }
}

fn asked(source: &[String], by: By) -> Params {
    Params {
        source: source.to_vec(),
        rule: Vec::new(),
        order: DayOrder::Stated,
        until: None,
        into: None,
        by,
        rows_max: 1_000,
        explain: None,
        destination: None,
        reach: None,
        pari_passu: false,
        restrain: Vec::new(),
    }
}

/// The answer of the whole case and of the narrowed one, errors in words; and whether it could be
/// narrowed.
fn answers(dir: &tempfile::TempDir, params: &Params) -> [std::result::Result<Outcome, String>; 2] {
    let whole = Case::open(dir.path()).unwrap();
    let expected = run(&Inputs::new(&whole), params, Wanted::All);
    let (few, narrow) = narrowed(Case::open(dir.path()).unwrap(), params);
    let found = run_narrowed(&Inputs::new(&few), params, Wanted::All, narrow);
    [expected, found].map(|one| one.map_err(|refused| refused.to_string()))
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let row = (0..ACCOUNTS, 0..ACCOUNTS, 0..60_i64, 0..DAYS);
    prop::collection::vec(row, 1..90).prop_map(|mut rows| {
        rows.sort_by_key(|row| row.3);
        rows
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_narrowed_case_gives_the_answer_of_the_whole(
        rows in rows(),
        spans in prop::collection::vec((0..DAYS, 0..DAYS), ACCOUNTS as usize),
        group_rows in 1..40_usize,
        picked in any::<prop::sample::Index>(),
        how in 0..4_u8,
        order in prop::sample::select(vec![
            DayOrder::Stated,
            DayOrder::CreditsFirst,
            DayOrder::DebitsFirst,
        ]),
        until in prop::option::of(0..DAYS),
        rows_max in 0..120_usize,
        pari_passu: bool,
        codes in prop_oneof![
            Just(vec!["USD"]),
            prop::collection::vec(prop::sample::select(vec!["USD", "USD", "EUR", "JPY"]), 1..90),
        ],
    ) {
        let dir = store_in(&rows, |row| codes[row % codes.len()], &spans, group_rows);
        let row = picked.index(rows.len());
        let source = match how {
            0 => vec![format!("list.csv:{}", row + 2)],
            1 => {
                let code = codes[row % codes.len()];
                vec![format!("account=BANK/{:03},currency={code},max=0.50", rows[row].1)]
            }
            2 => vec![row.to_string(), format!("account=BANK/{:03},direction=out", rows[row].0)],
            _ => vec![row.to_string()],
        };
        let by = if how == 0 { By::Transfer } else { By::Exit };
        let until = until.map(day_text);
        let params = Params { order, until, rows_max, pari_passu, ..asked(&source, by) };
        let [expected, found] = answers(&dir, &params);
        prop_assert_eq!(found, expected);
    }
}

#[test]
fn a_source_that_reaches_few_accounts_narrows_the_case() {
    // Account 0 pays 1 on the second day, 1 pays 2 on the third; the others pay among themselves.
    let mut rows: Vec<Row> = vec![(1, 2, 4, 0)];
    rows.extend((0..30).map(|at| (3 + at % 5, 4 + at % 4, 10, 0)));
    rows.extend([(1, 2, 7, 0), (0, 1, 50, 1), (1, 2, 20, 2), (2, 2, 9, 3)]);
    let dir = store(&rows, &[(0, DAYS); ACCOUNTS as usize], 8);
    let params = asked(&["32".to_owned()], By::Transfer);
    let (few, narrow) = narrowed(Case::open(dir.path()).unwrap(), &params);
    assert!(narrow.is_some());
    let transfers = few.transfers().unwrap();
    assert_eq!(transfers.amount_minor, [4, 7, 50, 20]);
    // Far before the source, a payment is known by its amount and not by its place.
    assert_eq!(transfers.line, [NONE, 33, 34, 35]);
    let numbers: Vec<u32> = (0..4).map(|row| few.transfer_number(row)).collect();
    assert_eq!(numbers, [0, 31, 32, 33]);
    let [expected, found] = answers(&dir, &params);
    assert_eq!(found.unwrap(), expected.unwrap());
}

#[test]
fn of_several_currencies_the_one_that_is_traced_is_looked_at() {
    // The euros of the second and third day, and the payment of nothing, are of no such trace.
    let rows = [
        (1, 2, 4, 0),
        (5, 6, 9, 0),
        (1, 2, 8, 1),
        (0, 1, 50, 1),
        (1, 2, 30, 2),
        (1, 2, 0, 2),
        (1, 3, 20, 3),
    ];
    let code = |row| if row == 2 || row == 4 { "EUR" } else { "USD" };
    let dir = store_in(&rows, code, &[(0, DAYS); ACCOUNTS as usize], 2);
    let params = asked(&["3".to_owned()], By::Transfer);
    let (few, narrow) = narrowed(Case::open(dir.path()).unwrap(), &params);
    assert_eq!(narrow.expect("the case is narrowed").whole, 4);
    assert_eq!(few.transfers().unwrap().amount_minor, [4, 50, 20]);
    let [expected, found] = answers(&dir, &params);
    assert_eq!(found.unwrap(), expected.unwrap());
    // An account that is paid in both, asked for one.
    let of_one = asked(&["account=BANK/002,currency=EUR".to_owned()], By::Exit);
    let (_, narrow) = narrowed(Case::open(dir.path()).unwrap(), &of_one);
    assert!(narrow.is_some());
    let [expected, found] = answers(&dir, &of_one);
    assert_eq!(found.unwrap(), expected.unwrap());
    // Sources of two currencies are a mistake, which the whole case has the words for.
    let params = asked(&["3".to_owned(), "4".to_owned()], By::Exit);
    let (_, narrow) = narrowed(Case::open(dir.path()).unwrap(), &params);
    assert!(narrow.is_none());
    let [expected, found] = answers(&dir, &params);
    assert!(expected.clone().unwrap_err().contains("several currencies"));
    assert_eq!(found, expected);
}

#[test]
fn what_a_narrowed_case_cannot_answer_is_left_to_the_whole() {
    let rows = [(0, 1, 50, 0), (1, 1, 5, 1), (1, 2, 0, 1), (1, 2, 20, 2)];
    let dir = store(&rows, &[(0, DAYS); ACCOUNTS as usize], 2);
    let check = |source: &str, is_narrowed: bool| {
        let params = asked(&[source.to_owned()], By::Exit);
        let (_, narrow) = narrowed(Case::open(dir.path()).unwrap(), &params);
        assert_eq!(narrow.is_some(), is_narrowed, "{source}");
        let [expected, found] = answers(&dir, &params);
        assert_eq!(found, expected, "{source}");
    };
    check("0", true);
    check("list.csv:2", true);
    check("account=BANK/001", true);
    // To itself, of zero, no such transfer, no such line, no such account.
    for source in ["1", "2", "4", "list.csv:9", "other.csv:2", "account=BANK/777"] {
        check(source, false);
    }
}
