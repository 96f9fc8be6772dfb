//! Amounts that came with less than was sent: wires lessened on their way, payments that came back
//! in part. And routing numbers that were misread.

use crate::loaded::{case_text, directory, load_in, rejects, transfers};
use moneytrail::store::Case;

const HEADER: &str =
    "account,booked,amount,description,reference,counterparty_account,counterparty_name\n";

fn loaded(sent: &str, arrived: &str) -> Case {
    let (sent, arrived) = (format!("{HEADER}{sent}"), format!("{HEADER}{arrived}"));
    let dir = directory(&[("sent.csv", sent.as_bytes()), ("arrived.csv", arrived.as_bytes())]);
    let case = case_text(&[("sent.csv", None), ("arrived.csv", None)]);
    let case = load_in(dir.path(), &case).unwrap();
    let (_, _) = (case.possible_pairs().unwrap(), case.accounts().unwrap());
    transfers(&case);
    case
}

/// Pairs that are listed for one record of the sender and one of the receiver; both always count.
#[track_caller]
fn check(sent: &str, arrived: &str, pairs: &[&str]) {
    let case = loaded(sent, arrived);
    let rows = sent.lines().count() + arrived.lines().count();
    assert_eq!(transfers(&case).len(), rows, "nothing is merged");
    let table = case.possible_pairs().unwrap();
    let told = |at: usize| {
        let amount = |row: u32| case.transfers().unwrap().amount_minor[row as usize];
        format!(
            "{} {}: {}",
            amount(table.transfer[at]),
            amount(table.other[at]),
            table.why.get(at).split("; ").next().unwrap()
        )
    };
    let found: Vec<String> = (0..table.transfer.len()).map(told).collect();
    assert_eq!(found, pairs, "{sent}\n{arrived}");
}

const SENT: &str = "1001,2026-03-02,-1000.00,WIRE OUT TO QUAY FOODS,20260302TESTA1A000101,,\n";
const ARRIVED: &str = "2002,2026-03-03,985.00,WIRE IN FROM LENA ORTIZ,20260302TESTA1A000101,,\n";

#[test]
fn a_wire_of_which_less_arrived_is_listed_with_the_difference_and_never_merged() {
    let said = "100000 98500: the same reference and accounts that fit, and 15.00 USD less arrived \
                than was sent";
    check(SENT, ARRIVED, &[said]);
    // A reference in upper or small letters, in a text, and both accounts known.
    let numbered = SENT.replace(",,\n", ",2002,\n");
    check(&numbered, &ARRIVED.to_lowercase(), &[said]);
    let in_text = "2002,2026-03-03,985.00,WIRE IN IMAD 20260302TESTA1A000101,,,\n";
    check(SENT, in_text, &[said]);
}

#[test]
fn what_only_looks_like_it_is_not_listed() {
    check(SENT, &ARRIVED.replace("000101", "000102"), &[]);
    check(SENT, &ARRIVED.replace("985.00", "1015.00"), &[]);
    check(SENT, &ARRIVED.replace("985.00", "400.00"), &[]);
    check(SENT, &ARRIVED.replace("2026-03-03", "2026-03-13"), &[]);
    check(&SENT.replace(",,\n", ",3003,\n"), ARRIVED, &[]);
    check(&SENT.replace("WIRE OUT", "CHECK 101"), ARRIVED, &[]);
    // The wire came back to its sender with charges taken off: that is a return.
    check(SENT, &ARRIVED.replace("2002,", "1001,"), &[]);
}

#[test]
fn a_routing_number_with_a_wrong_check_digit_is_noted_once_and_kept() {
    let list = "from_bank,from_account,to_bank,to_account,booked,amount,currency\n\
        061100017,1001,061100071,2002,2026-03-02,5.00,USD\n\
        061100017,1001,061100071,2003,2026-03-03,6.00,USD\n\
        111111110,1001,061100017,2003,2026-03-03,7.00,EUR\n\
        HARBOR BANK,1001,0611000,2003,2026-03-03,8.00,USD\n";
    let dir = directory(&[("list.csv", list.as_bytes())]);
    let case = load_in(dir.path(), &case_text(&[("list.csv", None)])).unwrap();
    let found = rejects(&case);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].0, found[0].3), (2, true), "{found:?}");
    let reason = case.rejects().unwrap().reason.get(0).to_owned();
    assert!(reason.starts_with("nine digits whose last is not the check digit"), "{reason}");
    assert!(reason.ends_with("with 2 accounts"), "{reason}");
    assert_eq!(case.rejects().unwrap().found.get(0), "061100071");
    assert_eq!(transfers(&case).len(), 4);
    assert!(transfers(&case)[0].1.starts_with("061100071/"));
}

/// What the table of reversals says of each reversal: its line, its original's, and why.
fn reversals(lines: &str) -> Vec<(u32, Option<u32>, String)> {
    let text = format!("{HEADER}{lines}");
    let dir = directory(&[("bank.csv", text.as_bytes())]);
    let case = load_in(dir.path(), &case_text(&[("bank.csv", None)])).unwrap();
    let (table, all) = (case.reversals().unwrap(), case.transfers().unwrap());
    let line = |row: u32| all.line.get(row as usize).copied();
    (0..table.transfer.len())
        .map(|at| {
            let original = line(table.original[at]);
            (line(table.transfer[at]).unwrap(), original, table.why.get(at).to_owned())
        })
        .collect()
}

#[test]
fn what_came_back_in_part_is_tied_by_a_number_and_only_named_by_a_counterparty() {
    let found = reversals(
        "1001,2026-03-02,-120.00,POS PURCHASE MARLOW,88123999001,,MARLOW\n\
         1001,2026-03-05,40.00,CHARGEBACK MARLOW,88123999001,,MARLOW\n\
         1001,2026-03-06,-300.00,POS PURCHASE HARBOR GYM,,,HARBOR GYM\n\
         1001,2026-03-09,100.00,REVERSAL HARBOR GYM,,,HARBOR GYM\n\
         1001,2026-03-13,9.00,REVERSAL PIER 9,,,PIER 9\n",
    );
    let said: Vec<(u32, Option<u32>, &str)> =
        found.iter().map(|(line, original, why)| (*line, *original, why.as_str())).collect();
    let none = "no original found within the 60 days before";
    let may =
        format!("{none}; it may undo a part of bank.csv:4, 300.00 USD (the same counterparty)");
    let tied =
        "the same cheque, trace or reference number, a part of its amount; 40.00 USD of 120.00 USD";
    assert_eq!(said, [(3, Some(2), tied), (5, None, may.as_str()), (6, None, none)]);
}

#[test]
fn more_than_a_payment_was_is_never_tied_to_it() {
    let bought = "1001,2026-03-02,-50.00,POS PURCHASE QUAY,77000111222,,QUAY\n";
    let back = "1001,2026-03-03,30.00,REVERSAL QUAY,77000111222,,QUAY\n";
    let tied = |lines: &str| -> Vec<Option<u32>> {
        reversals(lines).into_iter().map(|(_, original, _)| original).collect()
    };
    assert_eq!(tied(&format!("{bought}{back}")), [Some(2)]);
    let again = back.replace("03-03", "03-04").replace("30.00", "20.00");
    assert_eq!(tied(&format!("{bought}{back}{again}")), [Some(2), Some(2)]);
    let again = back.replace("03-03", "03-04");
    assert_eq!(tied(&format!("{bought}{back}{again}")), [None, None]);
    // It came back whole, so that nothing is left of it.
    let whole = back.replace("03-03", "03-04").replace("30.00", "50.00");
    assert_eq!(tied(&format!("{bought}{back}{whole}")), [None, Some(2)]);
    // Two payments bear the number.
    let second = bought.replace("03-02", "03-01").replace("-50.00", "-60.00");
    assert_eq!(tied(&format!("{second}{bought}{back}")), [None]);
}
