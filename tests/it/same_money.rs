//! The same money once, on small returns: overlapping statements, re-exports, corrected reissues,
//! payments that came back, and far ends that only a name or a masked number tells of.

use moneytrail::store::Case;
use tempfile::TempDir;

use crate::loaded::{case_text, counts, directory, load_in, transfers};

const STATEMENT: &str = "moneytrail-bank-statement";
const HEADER: &str = "account,booked,amount,balance,description,reference,bank\n";

/// Loads statements, each of rows under [`HEADER`]; the case lasts as long as its directory.
fn load(files: &[(&str, &str)]) -> (Case, TempDir) {
    let texts: Vec<(&str, String)> =
        files.iter().map(|(name, rows)| (*name, format!("{HEADER}{rows}"))).collect();
    let bytes: Vec<(&str, &[u8])> =
        texts.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    let named: Vec<(&str, Option<&str>)> =
        files.iter().map(|(name, _)| (*name, Some(STATEMENT))).collect();
    let dir = directory(&bytes);
    (load_in(dir.path(), &case_text(&named)).unwrap(), dir)
}

/// Source and line left out, and those of the twin.
fn left_out(case: &Case) -> Vec<(u32, u32, u32, u32)> {
    let table = case.duplicates().unwrap();
    let row = |at| (table.source[at], table.line[at], table.twin_source[at], table.twin_line[at]);
    (0..table.line.len()).map(row).collect()
}

#[test]
fn days_that_two_statements_share_are_counted_once() {
    let january = "7,2024-01-29,-5.00,95.00,METRO,,Harbor\n7,2024-01-30,-5.00,90.00,METRO,,Harbor\n\
                   7,2024-01-31,-9.00,81.00,RENT,,Harbor\n";
    let later = "7,2024-01-30,-5.00,90.00,METRO,,Harbor\n7,2024-01-31,-9.00,81.00,RENT,,Harbor\n\
                 7,2024-02-01,-5.00,76.00,METRO,,Harbor\n";
    let (case, _dir) = load(&[("january.csv", january), ("february.csv", later)]);
    assert_eq!(transfers(&case).len(), 4);
    assert_eq!(left_out(&case), [(1, 2, 0, 3), (1, 3, 0, 4)]);
    assert_eq!(counts(&case, 0)[..4], [3, 3, 0, 0]);
    assert_eq!(counts(&case, 1)[..4], [3, 1, 0, 2]);
}

#[test]
fn equal_rows_of_one_statement_stay_two_until_another_says_how_many() {
    let twice = "7,2024-01-29,-5.00,,METRO,,Harbor\n7,2024-01-29,-5.00,,METRO,,Harbor\n\
                 7,2024-01-31,-9.00,,RENT,,Harbor\n";
    let (case, _dir) = load(&[("one.csv", twice)]);
    assert_eq!(transfers(&case).len(), 3);
    let exported = "7,2024-01-29,-5.00,,Metro ,,Harbor\n7,2024-01-29,-5.00,,Metro ,,Harbor\n\
                    7,2024-01-31,-9.00,,Rent,,Harbor\n";
    let (case, _dir) = load(&[("one.csv", twice), ("other.csv", exported)]);
    assert_eq!((transfers(&case).len(), left_out(&case).len()), (3, 3));
    // A statement that holds one of them less leaves the doubt to a person.
    let fewer = "7,2024-01-29,-5.00,,METRO,,Harbor\n7,2024-01-31,-9.00,,RENT,,Harbor\n";
    let (case, _dir) = load(&[("one.csv", twice), ("fewer.csv", fewer)]);
    assert_eq!((transfers(&case).len(), left_out(&case).len()), (5, 0));
    assert_eq!(case.possible_repeats().unwrap().transfer.len(), 2);
}

#[test]
fn a_corrected_return_takes_the_place_of_the_one_it_names() {
    let older = "7,2024-01-29,-5.00,,METRO,A1,Harbor\n7,2024-01-30,-50.00,,RENT,A2,Harbor\n\
                 7,2024-01-31,-7.00,,FARE,A3,Harbor\n";
    let newer = "7,2024-01-29,-5.00,,METRO,A1,Harbor\n7,2024-01-30,-500.00,,RENT,A2,Harbor\n";
    let texts = [format!("{HEADER}{older}"), format!("{HEADER}{newer}")];
    let dir = directory(&[("older.csv", texts[0].as_bytes()), ("newer.csv", texts[1].as_bytes())]);
    let text = case_text(&[("older.csv", Some(STATEMENT)), ("newer.csv", Some(STATEMENT))]);
    let case = load_in(dir.path(), &format!("{text}supersedes = \"old*.csv\"\n")).unwrap();
    assert_eq!(left_out(&case), [(0, 2, 1, 2), (0, 3, 1, 3)]);
    let amounts: Vec<i64> = transfers(&case).iter().map(|row| row.3).collect();
    assert_eq!(amounts.iter().sum::<i64>(), 500 + 50_000 + 700);
    assert_eq!(counts(&case, 0)[..4], [3, 1, 0, 2]);
    let open = case.possible_repeats().unwrap();
    assert_eq!(open.why.get(0), "the corrected return has no such record");
    let refused = load_in(dir.path(), &format!("{text}supersedes = \"newer.csv\"\n"));
    assert!(refused.unwrap_err().to_string().contains("would supersede itself"));
}

#[test]
fn a_returned_cheque_is_tied_to_the_cheque_and_both_count() {
    let rows = "7,2024-01-10,-120.00,,CHECK 1041,,Harbor\n7,2024-01-12,-120.00,,CHECK 1042,,Harbor\n\
                7,2024-01-20,120.00,,RETURNED ITEM CHECK 1041,,Harbor\n\
                7,2024-01-20,-35.00,,RETURNED ITEM FEE,,Harbor\n\
                7,2024-02-20,9.00,,REVERSAL,,Harbor\n";
    let (case, _dir) = load(&[("bank.csv", rows)]);
    let (table, transfers) = (case.reversals().unwrap(), case.transfers().unwrap());
    assert_eq!(transfers.line.len(), 5);
    let line = |row: u32| transfers.line.get(row as usize).copied();
    let found: Vec<_> = (0..table.transfer.len())
        .map(|at| (line(table.transfer[at]), line(table.original[at])))
        .collect();
    assert_eq!(found, [(Some(4), Some(2)), (Some(6), None)]);
    assert!(table.why.get(0).contains("cheque"), "{}", table.why.get(0));
}

#[test]
fn a_far_end_that_only_a_name_tells_of_becomes_the_account_it_is() {
    let header = "account,booked,amount,counterparty_account,counterparty_name,bank\n";
    let sender = format!("{header}1001,2024-01-10,-500.00,,CASTLEBROOK PROPER,Harbor\n");
    let receiver = format!("{header}2002,2024-01-12,500.00,XXXX1001,LENA ORTIZ,Pier\n");
    let cards = "account,name,bank\n1001,Lena Ortiz,Harbor\n2002,Castlebrook Properties LLC,Pier\n";
    let files: [(&str, &[u8]); 3] = [
        ("sender.csv", sender.as_bytes()),
        ("receiver.csv", receiver.as_bytes()),
        ("cards.csv", cards.as_bytes()),
    ];
    let dir = directory(&files);
    let text = case_text(&[("sender.csv", None), ("receiver.csv", None), ("cards.csv", None)]);
    let case = load_in(dir.path(), &text).unwrap();
    let [transfer] = transfers(&case).try_into().unwrap();
    assert_eq!((transfer.0.as_str(), transfer.1.as_str()), ("HARBOR/1001", "PIER/2002"));
    // What stood for them before is in no transfer any more.
    let accounts: Vec<&str> = case.accounts().unwrap().account.iter().collect();
    assert_eq!(accounts, ["HARBOR/1001", "PIER/2002"]);
    let evidence = case.leg_evidence().unwrap();
    let words = "sender by the last digits and the name; receiver by a name cut short";
    assert_eq!(evidence.evidence.get(0), words);
}

#[test]
fn numbers_that_show_fewer_than_four_digits_join_nothing() {
    let header = "account,booked,amount,counterparty_account,counterparty_name,bank\n";
    let one = format!(
        "{header}7001,2024-03-04,-50.00,****12,,Harbor\n7001,2024-03-05,-50.00,****34,,Harbor\n\
         7001,2024-03-06,-50.00,****12,Lena Ortiz,Harbor\n"
    );
    let other =
        format!("{header}8012,2024-03-04,50.00,X-01,,Pier\n9001,2024-03-09,-8.00,****12,,Pier\n");
    let list = "from_account,to_account,booked,amount\n7001,XX12,2024-05-01,5.00\n\
                xxx12,xxx34,2024-05-02,5.00\n";
    let dir = directory(&[
        ("one.csv", one.as_bytes()),
        ("other.csv", other.as_bytes()),
        ("list.csv", list.as_bytes()),
    ]);
    let named = [
        ("one.csv", Some(STATEMENT)),
        ("other.csv", Some(STATEMENT)),
        ("list.csv", Some("moneytrail-bank-transfers")),
    ];
    let case = load_in(dir.path(), &case_text(&named)).unwrap();
    assert_eq!(transfers(&case).len(), 7, "no two of them are one");
    let accounts = case.accounts().unwrap();
    let unidentified: Vec<&str> = (0..accounts.account.len())
        .filter(|at| accounts.kind.get(*at) == "unidentified")
        .map(|at| accounts.account.get(at))
        .collect();
    assert_eq!(
        unidentified,
        [
            "***34 ~ ***12",
            "***34 ~ ***12 ~ ***34",
            "7001 ~ **12",
            "HARBOR/7001 ~ ****12",
            "HARBOR/7001 ~ ****34",
            "HARBOR/7001 ~ LENA ORTIZ ****12",
            "PIER/8012 ~ *01",
            "PIER/9001 ~ ****12",
        ]
    );
    assert!(accounts.kind.iter().all(|kind| kind != "masked"));
    assert_eq!(case.rejects().unwrap().line.len(), 8, "each of them is told");
    let (kept, read) = (counts(&case, 0), counts(&case, 2));
    assert_eq!((kept[..4].to_vec(), read[..4].to_vec()), (vec![3, 3, 0, 0], vec![2, 2, 0, 0]));
}

/// Accounts that stand for a far end which the records do not say.
fn unidentified(case: &Case) -> Vec<String> {
    let accounts = case.accounts().unwrap();
    (0..accounts.account.len())
        .filter(|at| accounts.kind.get(*at) == "unidentified")
        .map(|at| accounts.account.get(at).to_owned())
        .collect()
}

#[test]
fn last_digits_without_a_bank_do_not_join_the_payments_of_two_accounts() {
    let header = "account,booked,amount,counterparty_account,counterparty_name,bank,description\n";
    let one = format!(
        "{header}5550001111,2024-03-03,-77.00,XXXX9876,,Harbor,PAYMENT A\n\
         5550002222,2024-03-04,-78.00,****9876,,Harbor,PAYMENT B\n\
         5550001111,2024-03-05,-100.00,,,Harbor,ONLINE TRANSFER TO CHK ...1234\n"
    );
    let other = format!(
        "{header}7770001111,2024-03-03,-88.00,XXXX9876,,Merrow,PAYMENT A\n\
         7770001111,2024-03-05,-300.00,,,Merrow,ONLINE TRANSFER TO CHK ...1234\n"
    );
    let dir = directory(&[("one.csv", one.as_bytes()), ("other.csv", other.as_bytes())]);
    let named = [("one.csv", Some(STATEMENT)), ("other.csv", Some(STATEMENT))];
    let case = load_in(dir.path(), &case_text(&named)).unwrap();
    assert_eq!(
        unidentified(&case),
        [
            "HARBOR/5550001111 ~ ****9876",
            "HARBOR/5550001111 ~ ***1234",
            "HARBOR/5550002222 ~ ****9876",
            "MERROW/7770001111 ~ ****9876",
            "MERROW/7770001111 ~ ***1234",
        ]
    );
    assert!(case.accounts().unwrap().kind.iter().all(|kind| kind != "masked"));
}

#[test]
fn a_transfer_between_own_accounts_is_one_where_each_line_shows_four_digits() {
    let header = "account,booked,amount,bank,description\n";
    let rows = format!(
        "{header}5550001111,2024-03-02,-250.00,Harbor,Online Banking transfer to CHK 2222\n\
         5550002222,2024-03-02,250.00,Harbor,Online Banking transfer from CHK 1111\n\
         5550001111,2024-03-08,-40.00,Harbor,Online Banking transfer to SAV 9090\n"
    );
    let dir = directory(&[("bank.csv", rows.as_bytes())]);
    let case = load_in(dir.path(), &case_text(&[("bank.csv", Some(STATEMENT))])).unwrap();
    let ends: Vec<(String, String, i64)> =
        transfers(&case).into_iter().map(|row| (row.0, row.1, row.3)).collect();
    let expected = [
        ("HARBOR/5550001111", "HARBOR/5550001111 ~ *9090", 4_000),
        ("HARBOR/5550001111", "HARBOR/5550002222", 25_000),
    ];
    assert_eq!(ends, expected.map(|(from, to, minor)| (from.to_owned(), to.to_owned(), minor)));
    let evidence = case.leg_evidence().unwrap();
    assert!(evidence.evidence.get(0).contains("the last digits of a masked number"));
}

#[test]
fn wages_are_one_transfer_though_the_payer_is_shown_by_its_company_number() {
    let header = "account,booked,amount,bank,counterparty_account,counterparty_bank,description\n";
    let payer =
        format!("{header}4410000001,2024-03-01,-900.00,Merrow,7001,Harbor,PAYROLL LENA ORTIZ\n");
    let paid = format!(
        "{header}7001,2024-03-04,900.00,Harbor,,,ORIG CO NAME:PIER FOODS LLC ORIG ID:9900112233 \
         DESC DATE:240301 CO ENTRY DESCR:PAYROLL SEC:PPD TRACE#:021000021234567\n"
    );
    let cards = "account,name,bank\n4410000001,Pier Foods LLC,Merrow\n";
    let dir = directory(&[
        ("payer.csv", payer.as_bytes()),
        ("paid.csv", paid.as_bytes()),
        ("cards.csv", cards.as_bytes()),
    ]);
    let named =
        [("payer.csv", Some(STATEMENT)), ("paid.csv", Some(STATEMENT)), ("cards.csv", None)];
    let case = load_in(dir.path(), &case_text(&named)).unwrap();
    let [transfer] = transfers(&case).try_into().unwrap();
    assert_eq!((transfer.0.as_str(), transfer.1.as_str()), ("MERROW/4410000001", "HARBOR/7001"));
}

#[test]
fn a_float_over_a_weekend_is_one_transfer() {
    let header = "account,booked,amount,counterparty_account,counterparty_bank,bank\n";
    // Friday to Tuesday, Thursday to Tuesday, over Memorial Day; and Thursday to Wednesday.
    let days = [
        ("2024-03-01", "2024-03-05"),
        ("2024-03-07", "2024-03-12"),
        ("2024-05-24", "2024-05-28"),
        ("2024-06-06", "2024-06-12"),
    ];
    let (mut sent, mut arrived) = (header.to_owned(), header.to_owned());
    for (left, came) in days {
        sent.push_str(&format!("5550001001,{left},-500.00,7770002002,Pier,Harbor\n"));
        arrived.push_str(&format!("7770002002,{came},500.00,5550001001,Harbor,Pier\n"));
    }
    let dir = directory(&[("sent.csv", sent.as_bytes()), ("arrived.csv", arrived.as_bytes())]);
    let named = [("sent.csv", Some(STATEMENT)), ("arrived.csv", Some(STATEMENT))];
    let case = load_in(dir.path(), &case_text(&named)).unwrap();
    let refs = case.refs().unwrap();
    assert_eq!((transfers(&case).len(), refs.row.len()), (5, 3));
}

#[test]
fn a_far_number_padded_with_zeros_is_the_account_it_is() {
    let header = "account,booked,amount,counterparty_account,bank\n";
    let sender = format!("{header}5550001001,2024-03-04,-500.00,0007770002002,Harbor\n");
    let receiver = format!("{header}7770002002,2024-03-05,500.00,0005550001001,Pier\n");
    let dir = directory(&[("one.csv", sender.as_bytes()), ("two.csv", receiver.as_bytes())]);
    let named = [("one.csv", Some(STATEMENT)), ("two.csv", Some(STATEMENT))];
    let case = load_in(dir.path(), &case_text(&named)).unwrap();
    let [transfer] = transfers(&case).try_into().unwrap();
    assert_eq!(
        (transfer.0.as_str(), transfer.1.as_str()),
        ("HARBOR/5550001001", "PIER/7770002002")
    );
    assert!(case.leg_evidence().unwrap().evidence.get(0).contains("zeros before it aside"));
}

#[test]
fn each_bank_in_its_own_currency_is_never_merged() {
    let header = "account,booked,amount,currency,counterparty_account,counterparty_bank,bank\n";
    let sender = format!("{header}1001,2024-01-10,-500.00,USD,2002,Pier,Harbor\n");
    let receiver = format!("{header}2002,2024-01-10,460.00,EUR,1001,Harbor,Pier\n");
    let list = "from_account,from_bank,to_account,to_bank,booked,amount,currency,received_amount,\
                received_currency\n1001,Harbor,2002,Pier,2024-01-10,500.00,USD,460.00,EUR\n";
    let files: [(&str, &[u8]); 3] = [
        ("sender.csv", sender.as_bytes()),
        ("receiver.csv", receiver.as_bytes()),
        ("list.csv", list.as_bytes()),
    ];
    let dir = directory(&files);
    let two = [("sender.csv", None), ("receiver.csv", None)];
    let case = load_in(dir.path(), &case_text(&two)).unwrap();
    assert_eq!((transfers(&case).len(), case.possible_pairs().unwrap().transfer.len()), (2, 0));
    // A list that states both amounts joins the two.
    let three = [two[0], two[1], ("list.csv", None)];
    let case = load_in(dir.path(), &case_text(&three)).unwrap();
    assert_eq!((transfers(&case).len(), case.refs().unwrap().row.len()), (1, 2));
    assert_eq!(case.conversions().unwrap().received_minor, [46_000]);
}

#[test]
fn a_reference_in_common_lists_what_each_bank_states_in_its_own_currency() {
    let header = "account,booked,amount,currency,counterparty_account,counterparty_bank,bank,\
                  reference\n";
    let sender = format!("{header}1001,2024-01-10,-1000.00,USD,2002,Pier,Harbor,TRN2024A77\n");
    let receiver = format!(
        "{header}2002,2024-01-11,920.00,EUR,1001,Harbor,Pier,TRN2024A77\n\
         2002,2024-01-11,55.00,EUR,1001,Harbor,Pier,TRN2024A78\n"
    );
    let files = [("sender.csv", sender.as_bytes()), ("receiver.csv", receiver.as_bytes())];
    let dir = directory(&files);
    let text = case_text(&[("sender.csv", None), ("receiver.csv", None)]);
    let case = load_in(dir.path(), &text).unwrap();
    assert_eq!((transfers(&case).len(), case.refs().unwrap().row.len()), (3, 0));
    let pairs = case.possible_pairs().unwrap();
    assert_eq!((pairs.transfer.len(), pairs.other.len()), (1, 1));
    assert!(pairs.why.get(0).contains("each in its own currency"), "{}", pairs.why.get(0));
}

#[test]
fn lists_that_state_different_channels_tell_of_different_payments() {
    let header = "from_account,from_bank,to_account,to_bank,booked,amount,channel,reference\n";
    let row = |channel: &str, reference: &str| {
        format!("{header}1001,Harbor,2002,Pier,2024-01-10,500.00,{channel},{reference}\n")
    };
    let line = "account,booked,amount,counterparty_account,counterparty_bank,bank,channel\n\
                1001,2024-01-10,-500.00,2002,Pier,Harbor,ach\n";
    let check = |files: &[&str], found: usize, why: &str| {
        let names = ["a.csv", "b.csv", "c.csv"];
        let bytes: Vec<(&str, &[u8])> =
            names.iter().zip(files).map(|(name, text)| (*name, text.as_bytes())).collect();
        let named: Vec<(&str, Option<&str>)> = bytes.iter().map(|one| (one.0, None)).collect();
        let dir = directory(&bytes);
        let case = load_in(dir.path(), &case_text(&named)).unwrap();
        assert_eq!(transfers(&case).len(), found, "{files:?}");
        let pairs = case.possible_pairs().unwrap();
        let listed: Vec<&str> = pairs.why.iter().collect();
        assert_eq!(listed.is_empty(), why.is_empty(), "{listed:?}");
        assert!(listed.iter().any(|one| one.contains(why)) || why.is_empty(), "{listed:?}");
    };
    let (wire, cheque, unstated) = (row("wire", ""), row("cheque", ""), row("", ""));
    check(&[&wire, &cheque], 2, "different channels");
    check(&[&wire, &unstated], 1, "");
    check(&[&wire, &row("wire", "TRN2024A77")], 1, "");
    // A wire beside a statement's line is one, however the line is worded.
    check(&[&wire, line], 1, "");
    check(&[&wire, &cheque, line], 2, "different channels");
    // One reference names one payment, whatever each list calls it.
    check(&[&row("wire", "TRN2024A77"), &row("book", "TRN2024A77")], 1, "");
    check(&[&row("wire", "TRN2024A77"), &row("book", "TRN2024A78")], 2, "different channels");
}

#[test]
fn a_corrected_record_that_a_third_statement_repeats_counts_once() {
    let older = "7,2024-01-29,-5.00,,METRO,A1001,Harbor\n7,2024-01-30,-50.00,,RENT,A1002,Harbor\n";
    let between = "7,2024-01-29,-5.00,,METRO,A1001,Harbor\n";
    let newer = "7,2024-01-29,-5.00,,METRO,A1001,Harbor\n7,2024-01-30,-55.00,,RENT,A1002,Harbor\n";
    let texts = [older, between, newer].map(|rows| format!("{HEADER}{rows}"));
    let names = ["older.csv", "between.csv", "newer.csv"];
    let files: Vec<(&str, &[u8])> =
        names.iter().zip(&texts).map(|(name, text)| (*name, text.as_bytes())).collect();
    let dir = directory(&files);
    let named: Vec<(&str, Option<&str>)> =
        names.iter().map(|name| (*name, Some(STATEMENT))).collect();
    let text = format!("{}supersedes = \"older.csv\"\n", case_text(&named));
    let case = load_in(dir.path(), &text).unwrap();
    let amounts: Vec<i64> = transfers(&case).iter().map(|row| row.3).collect();
    assert_eq!(amounts, [500, 5_500]);
    assert_eq!(left_out(&case), [(0, 2, 2, 2), (0, 3, 2, 3), (1, 2, 2, 2)]);
}
