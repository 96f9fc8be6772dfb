//! Running balances: statements that add up prove however their files are cut and turned, and a
//! row that is left out is found where it stood, by its amount.

use moneytrail::analyses::{BalanceState, Inputs, MonthBalance};
use moneytrail::model::{Channel, Currency};
use moneytrail::store::{Accounts, Case, Details, Manifest, Side, Transfers};
use proptest::prelude::*;

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
