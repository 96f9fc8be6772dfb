//! Running balances: statements that add up prove however their files are cut and turned, and a
//! row that is left out is found where it stood, by its amount.

use moneytrail::analyses::{BalanceState, Inputs, MonthBalance, balances};
use moneytrail::model::{Channel, Currency, Values};
use moneytrail::store::{Accounts, Case, Details, Manifest, Side, Sources, Statements, Transfers};
use proptest::prelude::*;

use crate::loaded::{case_text, directory, load_in};

/// One row of the bank's own book: days after the row before, signed amount, never zero.
fn book() -> impl Strategy<Value = Vec<(i32, i64)>> {
    let amount = prop_oneof![1..100_000_i64, -100_000..-1_i64];
    prop::collection::vec((0..12_i32, amount), 2..80)
}

/// The book as produced: a file every `rows_max` rows, every second one newest first if `turned`,
/// the row `left_out` missing.
fn case(book: &[(i32, i64)], rows_max: usize, turned: bool, left_out: Option<usize>) -> Case {
    let mut transfers = Transfers::default();
    let mut details = Details::default();
    let (mut day, mut balance) = (19_700, 1_000_i64);
    let mut rows = Vec::new();
    for (at, (later, amount)) in book.iter().enumerate() {
        day += later;
        balance += amount;
        if left_out != Some(at) {
            rows.push((day, *amount, balance));
        }
    }
    for (source, file) in rows.chunks(rows_max).enumerate() {
        let mut file = file.to_vec();
        if turned && source % 2 == 1 {
            file.reverse();
        }
        for (at, (day, amount, balance)) in file.into_iter().enumerate() {
            let out = amount < 0;
            transfers.from_account.push(u32::from(!out));
            transfers.to_account.push(u32::from(out));
            transfers.booked_ms.push(i64::from(day) * 86_400_000);
            transfers.day.push(day);
            transfers.timed.push(false);
            transfers.amount_minor.push(amount.abs());
            transfers.currency.push(Currency::USD);
            transfers.channel.push(Channel::Other);
            transfers.side.push(if out { Side::Sender } else { Side::Receiver });
            transfers.source.push(source as u32);
            transfers.line.push(at as u32 + 2);
            details.source.push(source as u32);
            details.line.push(at as u32 + 2);
            details.balance_minor.push(Some(balance));
        }
    }
    let accounts = Accounts {
        account: ["TEST/1", "TEST/2"].into_iter().collect(),
        kind: ["account", "account"].into_iter().collect(),
        ..Accounts::default()
    };
    Case::in_memory(Manifest::default()).with(transfers).with(details).with(accounts)
}

fn months(case: &Case) -> Vec<MonthBalance> {
    Inputs::new(case).month_balances().unwrap().to_vec()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_adds_up_proves(book in book(), rows_max in 2..40_usize) {
        let months = months(&case(&book, rows_max, false, None));
        prop_assert!(months.iter().all(|month| month.state == BalanceState::Proves));
        prop_assert_eq!(months.iter().map(|month| month.records).sum::<u64>(), book.len() as u64);
        prop_assert_eq!(months[0].opening_minor, Some(1_000));
        let moved: i64 = book.iter().map(|(_, amount)| amount).sum();
        prop_assert_eq!(months[months.len() - 1].closing_minor, Some(1_000 + moved));
    }

    #[test]
    fn a_file_written_newest_first_proves_as_well(book in book(), rows_max in 3..40_usize) {
        // Days that differ, so that files laid one after the other have one order only.
        let book: Vec<(i32, i64)> =
            book.iter().map(|(later, amount)| (later + 1, *amount)).collect();
        let straight = months(&case(&book, rows_max, false, None));
        let turned = months(&case(&book, rows_max, true, None));
        prop_assert_eq!(straight, turned);
    }

    #[test]
    fn a_row_left_out_is_missed_by_its_amount(
        book in book(),
        at in any::<prop::sample::Index>(),
        rows_max in 2..40_usize,
    ) {
        prop_assume!(book.len() > 2);
        // Neither the first nor the last row, which nothing before or after could miss.
        let at = 1 + at.index(book.len() - 2);
        let months = months(&case(&book, rows_max, false, Some(at)));
        let broken: Vec<&MonthBalance> = months.iter().filter(|month| month.breaks > 0).collect();
        prop_assert_eq!(broken.len(), 1);
        prop_assert_eq!(broken[0].state, BalanceState::Breaks);
        prop_assert_eq!(broken[0].breaks, 1);
        prop_assert_eq!(broken[0].first_break.map(|(minor, _)| minor), Some(book[at].1));
    }
}

/// Rows as printed: day, signed amount, balance where it is printed.
type Printed = Vec<(i32, i64, Option<i64>)>;

/// One statement of `TEST/1` with an opening and a closing balance, its rows from line 2.
fn statement(opening: i64, closing: i64, rows: &Printed) -> Case {
    let mut transfers = Transfers::default();
    let mut details = Details::default();
    for (at, (day, amount, balance)) in rows.iter().enumerate() {
        let out = *amount < 0;
        transfers.from_account.push(u32::from(!out));
        transfers.to_account.push(u32::from(out));
        transfers.booked_ms.push(i64::from(*day) * 86_400_000);
        transfers.day.push(*day);
        transfers.timed.push(false);
        transfers.amount_minor.push(amount.abs());
        transfers.currency.push(Currency::USD);
        transfers.channel.push(Channel::Other);
        transfers.side.push(if out { Side::Sender } else { Side::Receiver });
        transfers.source.push(0);
        transfers.line.push(at as u32 + 2);
        details.source.push(0);
        details.line.push(at as u32 + 2);
        details.balance_minor.push(*balance);
        details.description.push("");
        details.counterparty.push("");
        details.reference.push("");
    }
    let statements = Statements {
        account: vec![0],
        currency: vec![Currency::USD],
        number: ["1"].into_iter().collect(),
        from_day: vec![rows.first().map(|row| row.0)],
        to_day: vec![rows.iter().map(|row| row.0).max()],
        opening_minor: vec![Some(opening)],
        closing_minor: vec![Some(closing)],
        first_line: vec![2],
        last_line: vec![rows.len() as u32 + 1],
        source: vec![0],
        line: vec![1],
    };
    let accounts = Accounts {
        account: ["TEST/1", "TEST/2"].into_iter().collect(),
        kind: ["account", "account"].into_iter().collect(),
        ..Accounts::default()
    };
    let sources = Sources {
        source: ["bank.csv"].into_iter().collect(),
        rejected: vec![0],
        ..Sources::default()
    };
    Case::in_memory(Manifest::default())
        .with(transfers)
        .with(details)
        .with(accounts)
        .with(statements)
        .with(sources)
}

/// What each explanation says: difference, kind, and the lines it names.
fn explained(case: &Case) -> Vec<(i64, String, Vec<u32>)> {
    let tables = balances::run(&Inputs::new(case), &balances::Params::default()).unwrap().tables;
    let table = tables.iter().find(|table| table.name == "explanations").unwrap();
    let (Some(Values::Money(difference)), Some(Values::Text(kinds)), Some(Values::Refs(records))) =
        (table.column("difference"), table.column("kind"), table.column("records"))
    else {
        panic!("the table has these columns")
    };
    (0..table.rows())
        .map(|row| {
            let lines = records[row].iter().map(|at| at.line).collect();
            (difference[row].unwrap().minor, kinds[row].clone(), lines)
        })
        .collect()
}

/// The book with its balances, printed after every row or not at all.
fn printed(book: &[(i32, i64)], running: bool) -> (Printed, i64) {
    let (mut day, mut balance) = (19_700, 1_000_i64);
    let rows = book
        .iter()
        .map(|(later, amount)| {
            day += later;
            balance += amount;
            (day, *amount, running.then_some(balance))
        })
        .collect();
    (rows, balance)
}

/// The slow, obvious proof of a statement without running balances.
fn off_by_hand(opening: i64, closing: i64, rows: &Printed) -> i64 {
    let mut balance = opening;
    for (_, amount, _) in rows {
        balance += amount;
    }
    closing - balance
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_statement_that_adds_up_claims_nothing(book in book(), running in any::<bool>()) {
        let (rows, closing) = printed(&book, running);
        prop_assert_eq!(off_by_hand(1_000, closing, &rows), 0);
        let case = statement(1_000, closing, &rows);
        prop_assert!(months(&case).iter().all(|month| month.state == BalanceState::Proves));
        prop_assert_eq!(explained(&case), vec![]);
    }

    #[test]
    fn any_row_taken_out_is_missed_at_its_place(
        book in book(),
        running in any::<bool>(),
        at in any::<prop::sample::Index>(),
    ) {
        let (mut rows, closing) = printed(&book, running);
        let at = at.index(rows.len());
        let (_, amount, _) = rows.remove(at);
        prop_assert_eq!(off_by_hand(1_000, closing, &rows), amount);
        let found = explained(&statement(1_000, closing, &rows));
        prop_assert!(!found.is_empty());
        prop_assert!(found.iter().all(|(difference, ..)| *difference == amount), "{:?}", found);
        if running && at < rows.len() {
            // The row after it is where the balance jumps; whatever is said, it is said of that.
            let line = at as u32 + 2;
            prop_assert!(found.iter().all(|(.., lines)| lines.contains(&line)), "{:?}", found);
        }
    }

    #[test]
    fn any_row_printed_twice_is_named_with_its_twin(
        book in book(),
        running in any::<bool>(),
        at in any::<prop::sample::Index>(),
    ) {
        let (mut rows, closing) = printed(&book, running);
        let at = at.index(rows.len());
        rows.insert(at, rows[at]);
        let amount = rows[at].1;
        prop_assert_eq!(off_by_hand(1_000, closing, &rows), -amount);
        let found = explained(&statement(1_000, closing, &rows));
        let twins = vec![at as u32 + 2, at as u32 + 3];
        // Other equal rows of the day are as good a reading, and then all of them are told.
        let named = found.iter().any(|(difference, kind, lines)| {
            *difference == -amount && kind == "repeated" && *lines == twins
        });
        let equal = rows.iter().filter(|row| row.0 == rows[at].0 && row.1 == amount).count();
        prop_assert!(named || equal > 2, "{:?}", found);
        if equal == 2 {
            prop_assert_eq!(found.len(), 1);
        }
    }

    #[test]
    fn any_row_altered_is_named_where_balances_run(
        book in book(),
        at in any::<prop::sample::Index>(),
        by in prop_oneof![1..50_000_i64, -50_000..-1_i64],
    ) {
        // Days that differ, so that no other order of a day could follow.
        let book: Vec<(i32, i64)> =
            book.iter().map(|(later, amount)| (later + 1, *amount)).collect();
        let (mut rows, closing) = printed(&book, true);
        let at = at.index(rows.len());
        prop_assume!(rows[at].1 + by != 0);
        rows[at].1 += by;
        let found = explained(&statement(1_000, closing, &rows));
        prop_assert!(!found.is_empty());
        for (difference, _, lines) in found {
            prop_assert_eq!(difference, -by);
            prop_assert!(lines.contains(&(at as u32 + 2)));
        }
    }

    #[test]
    fn rows_of_a_day_in_any_order_prove(
        book in book(),
        running in any::<bool>(),
        seed in any::<u64>(),
    ) {
        let (mut rows, closing) = printed(&book, running);
        // Shuffled within each day, by a sort on numbers drawn from the seed.
        let mut draw = seed | 1;
        rows.sort_by_cached_key(|row| {
            draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (row.0, draw >> 33, *row)
        });
        let case = statement(1_000, closing, &rows);
        prop_assert!(months(&case).iter().all(|month| month.state == BalanceState::Proves));
        prop_assert_eq!(explained(&case), vec![]);
    }
}

/// A camt.053 that states no first day, of these entries: amount, way, day, reference.
fn camt(opening: &str, closing: &str, entries: &[(&str, &str, &str, &str)]) -> String {
    let balance = |kind: &str, amount: &str, day: &str| {
        format!(
            "<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">{amount}</Amt>\
             <CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
        )
    };
    let entry = |(amount, way, day, reference): &(&str, &str, &str, &str)| {
        format!(
            "<Ntry><Amt Ccy=\"EUR\">{amount}</Amt><CdtDbtInd>{way}</CdtDbtInd><Sts><Cd>BOOK</Cd>\
             </Sts><BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{day}</Dt></ValDt><NtryDtls><TxDtls>\
             <Refs><EndToEndId>{reference}</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>\n"
        )
    };
    format!(
        "<Document><BkToCstmrStmt><Stmt><Id>1</Id><Acct><Id><IBAN>GB75TEST00000000000001</IBAN>\
         </Id><Ccy>EUR</Ccy></Acct>{}{}\n{}</Stmt></BkToCstmrStmt></Document>",
        balance("OPBD", opening, "2026-03-03"),
        balance("CLBD", closing, "2026-03-10"),
        entries.iter().map(entry).collect::<String>()
    )
}

#[test]
fn a_statement_whose_first_records_another_repeats_proves_without_a_first_day() {
    let earlier = ":20:DAY\n:25:GB75TEST00000000000001\n:28C:7/1\n:60F:C260301EUR100,\n\
                   :61:2603020302DR20,NTRFE2E-1\n:86:105?20EREF+E2E-1\n\
                   :61:2603040304CR50,NTRFE2E-2\n:86:166?20EREF+E2E-2\n:62F:C260304EUR130,\n-\n";
    let rows = [("50.00", "CRDT", "2026-03-04", "E2E-2"), ("30.00", "DBIT", "2026-03-06", "E2E-3")];
    let states = |opening: &str, closing: &str| {
        let later = camt(opening, closing, &rows);
        let dir = directory(&[("a.940", earlier.as_bytes()), ("b.xml", later.as_bytes())]);
        let text = case_text(&[("a.940", None), ("b.xml", None)]);
        let case = load_in(dir.path(), &text).unwrap();
        assert_eq!(case.duplicates().unwrap().line.len(), 1);
        months(&case).iter().map(|month| (month.state, month.breaks)).collect::<Vec<_>>()
    };
    assert_eq!(states("80.00", "100.00"), [(BalanceState::Proves, 0)]);
    // A balance that is wrong stays wrong, whoever repeats the record behind it.
    assert_eq!(states("80.00", "101.00")[0].0, BalanceState::Breaks);
    assert_eq!(states("79.00", "99.00")[0].0, BalanceState::Breaks);
}
