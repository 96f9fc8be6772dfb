//! Reports beside an account's statement, payments that came back by the format's own flag,
//! currencies that were withdrawn or that nobody states: small returns of banks, end to end.

use std::fs;

use moneytrail::exports::Wording;
use moneytrail::exports::tables::{TableFormat, TableWriter};
use moneytrail::model::{NONE, ResultTable, Values};
use moneytrail::store::{Case, Manifest};

use crate::loaded::{case_text, counts, directory, load_in, rejects, transfers};

/// Source and line left out, and those of the twin.
fn left_out(case: &Case) -> Vec<(u32, u32, u32, u32)> {
    let table = case.duplicates().unwrap();
    let row = |at| (table.source[at], table.line[at], table.twin_source[at], table.twin_line[at]);
    (0..table.line.len()).map(row).collect()
}

/// Source and line of each record that may be a repeat, whether a second one is named, and why.
fn open_repeats(case: &Case) -> Vec<(u32, u32, bool, String)> {
    let (table, transfers) = (case.possible_repeats().unwrap(), case.transfers().unwrap());
    (0..table.transfer.len())
        .map(|at| {
            let row = table.transfer[at] as usize;
            let named = table.other[at] != NONE;
            (transfers.source[row], transfers.line[row], named, table.why.get(at).to_owned())
        })
        .collect()
}

/// Lines of each payment that came back and of its original, what says so, what ties them.
fn reversals(case: &Case) -> Vec<(u32, Option<u32>, String, String)> {
    let (table, transfers) = (case.reversals().unwrap(), case.transfers().unwrap());
    (0..table.transfer.len())
        .map(|at| {
            (
                transfers.line[table.transfer[at] as usize],
                transfers.line.get(table.original[at] as usize).copied(),
                table.stated_by.get(at).to_owned(),
                table.why.get(at).to_owned(),
            )
        })
        .collect()
}

fn load(files: &[(&str, &str)]) -> (Case, tempfile::TempDir) {
    let bytes: Vec<(&str, &[u8])> =
        files.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    let named: Vec<(&str, Option<&str>)> = files.iter().map(|(name, _)| (*name, None)).collect();
    let dir = directory(&bytes);
    (load_in(dir.path(), &case_text(&named)).unwrap(), dir)
}

const INTERIM: &str = ":20:NOON\n:25:10020030/1234567\n:28C:7/1\n:34F:EUR0,\n\
                       :13D:2604011200+0200\n\
                       :61:2604010401DR800,NTRFNONREF//55555\n:86:105?20EREF+RENT-2026-04?21SVWZ+Rent\n\
                       :61:2604010401CR40,NTRFNONREF\n:86:166?20SVWZ+Fare\n\
                       :61:2604010401DR9,NTRFNONREF\n:86:105?20SVWZ+Held back\n\
                       :90D:2EUR809,\n:90C:1EUR40,\n";
const FINAL: &str = ":20:DAY\n:25:10020030/1234567\n:28C:7/2\n:60F:C260331EUR2000,\n\
                     :61:2604010401DR800,NTRFNONREF//55555\n:86:105?20EREF+RENT-2026-04?21SVWZ+Rent April\n\
                     :61:2604010401CR40,NTRFNONREF\n:86:166?20SVWZ+Fare\n\
                     :61:2604010401DR5,NCHGNONREF\n:86:805?20SVWZ+Fee\n\
                     :62F:C260401EUR1235,\n";

#[test]
fn what_the_statement_repeats_of_an_interim_report_counts_once() {
    // Whatever the order of the files, the statement's record is the one that stays.
    for files in
        [[("noon.942", INTERIM), ("day.940", FINAL)], [("day.940", FINAL), ("noon.942", INTERIM)]]
    {
        let (case, _dir) = load(&files);
        let noon = u32::from(files[1].0 == "noon.942");
        let day = 1 - noon;
        let expected = [(noon, 6, day, 5), (noon, 8, day, 7)];
        assert_eq!(left_out(&case), expected);
        assert_eq!(counts(&case, noon as usize)[..4], [3, 1, 0, 2]);
        assert_eq!(counts(&case, day as usize)[..4], [3, 3, 0, 0]);
        // What the statement does not have stays, and is flagged.
        let open = open_repeats(&case);
        assert_eq!(open.len(), 1, "{open:?}");
        assert_eq!((open[0].0, open[0].1, open[0].2), (noon, 10, false));
        assert!(open[0].3.contains("no such record"), "{open:?}");
        assert_eq!(transfers(&case).len(), 4);
    }
    // Both messages in one file are told apart as well.
    let both = format!("{INTERIM}-\n{FINAL}-\n");
    let (case, _dir) = load(&[("both.sta", &both)]);
    assert_eq!((counts(&case, 0)[..4].to_vec(), left_out(&case).len()), (vec![6, 4, 0, 2], 2));
    // Without a statement of the day nothing is left out and nothing is flagged.
    let (case, _dir) = load(&[("noon.942", INTERIM)]);
    assert_eq!((transfers(&case).len(), left_out(&case), open_repeats(&case)), (3, vec![], vec![]));
}

#[test]
fn records_of_a_report_that_fit_several_of_the_statement_are_listed() {
    let fare = ":61:2604010401DR5,NTRFNONREF\n:86:105?20SVWZ+Fare\n";
    let report = format!(":20:NOON\n:25:10020030/1234567\n:28C:7/1\n:34F:EUR0,\n{fare}");
    let statement = format!(
        ":20:DAY\n:25:10020030/1234567\n:28C:7/2\n:60F:C260331EUR20,\n{fare}{fare}:62F:C260401EUR10,\n"
    );
    let (case, _dir) = load(&[("noon.942", &report), ("day.940", &statement)]);
    assert_eq!((transfers(&case).len(), left_out(&case)), (3, vec![]));
    let open = open_repeats(&case);
    assert_eq!(open.len(), 2, "{open:?}");
    assert!(open.iter().all(|one| one.2 && one.3.contains("several")), "{open:?}");
}

/// A message of one account with its entries.
fn camt(root: &str, part: &str, balances: &str, entries: &str) -> String {
    format!(
        "<Document><{root}><{part}><Id>1</Id><Acct><Id><IBAN>GB75TEST00000000000001</IBAN></Id>\
         <Ccy>EUR</Ccy></Acct>{balances}\n{entries}\n</{part}></{root}></Document>"
    )
}

fn balance(kind: &str, amount: &str, day: &str) -> String {
    format!(
        "<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">{amount}</Amt>\
         <CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
    )
}

fn entry(
    amount: &str,
    way: &str,
    (day, value): (&str, &str),
    reference: &str,
    more: &str,
) -> String {
    format!(
        "<Ntry><Amt Ccy=\"EUR\">{amount}</Amt><CdtDbtInd>{way}</CdtDbtInd>{more}\
         <Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{value}</Dt></ValDt>\
         <NtryDtls><TxDtls><Refs><EndToEndId>{reference}</EndToEndId></Refs></TxDtls></NtryDtls>\
         </Ntry>\n"
    )
}

#[test]
fn reports_and_notices_of_camt_count_once_with_their_statement() {
    let days = ("2026-03-05", "2026-03-05");
    let rent = |day| entry("700.00", "DBIT", day, "E2E-RENT-3", "");
    let wage = |day| entry("900.00", "CRDT", day, "E2E-WAGE-3", "");
    let statement = camt(
        "BkToCstmrStmt",
        "Stmt",
        &(balance("OPBD", "100.00", "2026-03-05") + &balance("CLBD", "300.00", "2026-03-06")),
        &(rent(days) + &wage(("2026-03-06", "2026-03-05"))),
    );
    let report = camt("BkToCstmrAcctRpt", "Rpt", "", &(rent(days) + &wage(days)));
    let again = camt("BkToCstmrAcctRpt", "Rpt", "<!-- second -->", &(rent(days) + &wage(days)));
    let notice = camt("BkToCstmrDbtCdtNtfctn", "Ntfctn", "", &wage(days));
    let files = [
        ("a.xml", report.as_str()),
        ("b.xml", again.as_str()),
        ("c.xml", notice.as_str()),
        ("d.xml", statement.as_str()),
    ];
    let (case, _dir) = load(&files);
    assert_eq!(transfers(&case).len(), 2);
    let expected = [(0, 1, 3, 1), (0, 2, 3, 2), (1, 1, 3, 1), (1, 2, 3, 2), (2, 1, 3, 2)];
    assert_eq!(left_out(&case), expected);
    assert_eq!(open_repeats(&case), []);
    let why = &case.duplicates().unwrap().why;
    assert!(why.iter().all(|why| why.contains("equal reference, amount and value date")));
    // Two reports without their statement repeat each other.
    let (case, _dir) = load(&files[..2]);
    assert_eq!((transfers(&case).len(), left_out(&case).len()), (2, 2));
}

#[test]
fn a_flag_of_the_format_ties_a_reversal_by_the_reference_of_its_original() {
    let day = |day| (day, day);
    let entries = entry("224.50", "DBIT", day("2026-03-02"), "E2E-1", "")
        + &entry("224.50", "DBIT", day("2026-03-03"), "E2E-2", "")
        + &entry("224.50", "CRDT", day("2026-03-09"), "E2E-1", "<RvslInd>true</RvslInd>")
        + &entry("31.00", "CRDT", day("2026-03-10"), "E2E-9", "<RvslInd>true</RvslInd>");
    let statement = camt("BkToCstmrStmt", "Stmt", "", &entries);
    let (case, _dir) = load(&[("s.xml", &statement)]);
    let found = reversals(&case);
    let lines: Vec<_> = found.iter().map(|one| (one.0, one.1, one.2.as_str())).collect();
    assert_eq!(lines, [(3, Some(1), "RvslInd true"), (4, None, "RvslInd true")]);
    assert!(found[0].3.contains("states of its original"), "{found:?}");
    assert!(found[1].3.contains("no original found within the 60 days"), "{found:?}");
    // The credit of a reversed debit came in: its direction is that of the entry.
    let amounts: i64 = transfers(&case).iter().map(|one| one.3).sum();
    assert_eq!((amounts, transfers(&case).len()), (22_450 * 3 + 3_100, 4));
}

#[test]
fn what_came_back_less_or_more_the_charges_of_its_entry_is_tied_to_its_original() {
    let day = |day| (day, day);
    let charged = |amount: &str, within: &str| {
        format!(
            "<RvslInd>true</RvslInd><Chrgs><Rcrd><Amt Ccy=\"EUR\">{amount}</Amt>\
             <CdtDbtInd>DBIT</CdtDbtInd><ChrgInclInd>{within}</ChrgInclInd></Rcrd></Chrgs>"
        )
    };
    let entries = entry("224.50", "DBIT", day("2026-03-02"), "E2E-1", "")
        + &entry("100.00", "CRDT", day("2026-03-03"), "E2E-2", "")
        + &entry("50.00", "DBIT", day("2026-03-03"), "E2E-3", "")
        + &entry("219.50", "CRDT", day("2026-03-09"), "E2E-1", &charged("5.00", "true"))
        // A collection that goes back takes the charges with it.
        + &entry("103.00", "DBIT", day("2026-03-09"), "E2E-2", &charged("3.00", "true"))
        // Booked apart, it lessens nothing: a part came back.
        + &entry("45.00", "CRDT", day("2026-03-09"), "E2E-3", &charged("5.00", "false"));
    let statement = camt("BkToCstmrStmt", "Stmt", "", &entries);
    let (case, _dir) = load(&[("s.xml", &statement)]);
    let found = reversals(&case);
    let lines: Vec<_> = found.iter().map(|one| (one.0, one.1)).collect();
    assert_eq!(lines, [(4, Some(1)), (5, Some(2)), (6, Some(3))]);
    assert!(found[0].3.contains("with the charges of 5.00 EUR that it states"), "{found:?}");
    assert!(found[2].3.ends_with("a part of its amount; 45.00 EUR of 50.00 EUR"), "{found:?}");
}

#[test]
fn marks_of_swift_and_types_of_bai2_are_flags_without_words() {
    let statement = ":20:DAY\n:25:10020030/1234567\n:28C:7/2\n:60F:C260331EUR20,\n\
                     :61:2604010401CR50,NTRFNONREF\n:86:166?20SVWZ+Sale\n\
                     :61:2604020402RCR50,NMSCNONREF\n:86:999?20SVWZ+Sale\n:62F:C260402EUR20,\n";
    let (case, _dir) = load(&[("day.940", statement)]);
    let found = reversals(&case);
    assert_eq!((found[0].0, found[0].1), (7, Some(5)));
    assert_eq!(found[0].2, ":61: mark RC (a credit reversed)");
    let report = "01,TIDEBANK,HARBOR,260401,0829,1,80,,2/\n02,HARBOR,021000099,1,260331,2359,USD,2/\n\
                  03,5550100,,010,0,,,015,0,,/\n16,301,7700,Z,,,COUNTER/\n16,555,7700,Z,,,ITEM 7/\n\
                  49,15400,4/\n98,15400,1,6/\n99,15400,1,8/\n";
    let (case, _dir) = load(&[("tide.bai", report)]);
    let found = reversals(&case);
    assert_eq!((found[0].0, found[0].1), (5, Some(4)));
    assert_eq!(found[0].2, "type 555 (deposited item returned)");
}

/// A line of 94 characters with texts put at positions counted from 1.
fn line(parts: &[(usize, &str)]) -> String {
    let mut letters = vec![' '; 94];
    for (at, text) in parts {
        for (offset, letter) in text.chars().enumerate() {
            letters[at - 1 + offset] = letter;
        }
    }
    letters.into_iter().collect::<String>() + "\n"
}

/// A file of one batch: bank of origin, creation day, then entries.
fn ach(bank: &str, created: &str, entries: &[String]) -> String {
    let batch = format!(
        "5200Castellan Yards                     1234567890PPDRENT      {created}{created}   1{bank}0000001\n"
    );
    let head = format!(
        "101 031300012 231380104{created}1055A094101Harbor Clearing        Harbor Bank            \n"
    );
    head + &batch + &entries.concat()
}

fn ach_entry(code: &str, bank: &str, trace: &str, addenda: &str) -> String {
    line(&[
        (1, "6"),
        (2, code),
        (4, bank),
        (13, "555001"),
        (30, "0000012500"),
        (40, "ID1"),
        (55, "Lena Ortiz"),
        (79, addenda),
        (80, trace),
    ])
}

#[test]
fn ach_returns_and_dishonoured_returns_are_tied_step_by_step() {
    let first = ach("03130001", "190816", &[ach_entry("27", "231380104", "031300010000001", "0")]);
    let addenda = |code: &str, more: &[(usize, &str)], trace: &str| {
        let mut parts =
            vec![(1, "799"), (4, code), (7, "031300010000001"), (28, "23138010"), (80, trace)];
        parts.extend(more);
        line(&parts)
    };
    let returned = ach(
        "23138010",
        "190820",
        &[
            ach_entry("26", "031300012", "231380100000077", "1"),
            addenda("R01", &[], "231380100000077"),
        ],
    );
    let dishonoured = ach(
        "03130001",
        "190822",
        &[
            ach_entry("26", "231380104", "031300010000088", "1"),
            addenda("R68", &[(39, "231380100000077")], "031300010000088"),
        ],
    );
    let files = [("1.ach", first.as_str()), ("2.ach", &returned), ("3.ach", &dishonoured)];
    let (case, _dir) = load(&files);
    let (table, transfers) = (case.reversals().unwrap(), case.transfers().unwrap());
    let source = |row: u32| transfers.source.get(row as usize).copied();
    let pairs: Vec<_> = (0..table.transfer.len())
        .map(|at| (source(table.transfer[at]), source(table.original[at])))
        .collect();
    assert_eq!(pairs, [(Some(1), Some(0)), (Some(2), Some(1))]);
    assert_eq!(table.stated_by.get(0), "addenda 99 R01 (return), line 4");
    assert_eq!(table.stated_by.get(1), "addenda 99 R68 (dishonored return), line 4");
    // A return whose entry is not held is listed alone.
    let (case, _dir) = load(&files[1..2]);
    assert_eq!(reversals(&case)[0].1, None);
}

#[test]
fn the_days_before_a_reversal_are_the_cases_to_state() {
    let rows = "account,booked,amount,description,bank\n7,2024-01-10,-120.00,CHECK,Harbor\n\
                7,2024-01-20,120.00,REVERSAL,Harbor\n";
    let dir = directory(&[("bank.csv", rows.as_bytes())]);
    let text = case_text(&[("bank.csv", None)]);
    let found = |more: &str| {
        let case = load_in(dir.path(), &format!("{text}{more}")).unwrap();
        let days = case.manifest().parameters["reversal_window_days"].clone();
        (reversals(&case)[0].1, days)
    };
    assert_eq!(found(""), (Some(2), "60".to_owned()));
    assert_eq!(found("[load]\nreversal_window_days = 9\n"), (None, "9".to_owned()));
    assert_eq!(found("[load]\nreversal_window_days = 10\n"), (Some(2), "10".to_owned()));
    assert!(Manifest::read(&dir.path().join("store")).is_ok());
    let refused = load_in(dir.path(), &format!("{text}[load]\nreversal_window_days = -1\n"));
    assert!(refused.is_err());
}

#[test]
fn withdrawn_currencies_are_read_as_they_stand() {
    let rows = "account,booked,amount,currency,bank\n7,1999-03-01,-120.50,DEM,Harbor\n\
                7,1999-03-01,-120000,ITL,Harbor\n7,1999-03-01,-1,QQQ,Harbor\n\
                7,1999-03-01,-1.50,ITL,Harbor\n7,2002-04-01,-7.00,NLG,Harbor\n";
    let (case, _dir) = load(&[("bank.csv", rows)]);
    let read: Vec<(i64, String)> = transfers(&case).into_iter().map(|one| (one.3, one.4)).collect();
    for (minor, code) in [(12_050, "DEM"), (120_000, "ITL"), (700, "NLG")] {
        assert!(read.contains(&(minor, code.to_owned())), "{read:?}");
    }
    assert_eq!(counts(&case, 0)[..3], [5, 3, 2]);
    let said = rejects(&case);
    assert_eq!(said[0], (4, "currency".to_owned(), "QQQ".to_owned(), false));
    assert_eq!((said[1].0, said[1].3), (5, false));
    // Booked when the currency was gone: it stands, and is told.
    assert_eq!(said[2], (6, "currency".to_owned(), "NLG".to_owned(), true));
    assert_eq!(said.len(), 3);
}

const SILENT: &str = "01,TIDEBANK,HARBOR,260401,0829,1,80,,2/\n02,HARBOR,021000099,1,260331,2359,,2/\n\
                      03,5550100,,010,0,,,015,7700,,/\n16,301,7700,Z,,,COUNTER/\n\
                      49,15400,3/\n98,15400,1,5/\n99,15400,1,7/\n";

#[test]
fn a_balance_report_without_a_currency_is_dollars_only_where_the_case_agrees() {
    let (case, dir) = load(&[("tide.bai", SILENT)]);
    assert_eq!(transfers(&case)[0].3, 7_700);
    let said = case.rejects().unwrap();
    assert_eq!((said.line[0], said.column.get(0), said.kept[0]), (3, "currency", true));
    assert!(said.reason.get(0).contains("USD is taken"), "{}", said.reason.get(0));

    let text = case_text(&[("tide.bai", None)]).replace("USD", "EUR");
    let case = load_in(dir.path(), &text).unwrap();
    assert_eq!(counts(&case, 0)[..3], [1, 0, 1]);
    let said = case.rejects().unwrap();
    assert!(said.reason.get(0).contains("the case file says EUR"), "{}", said.reason.get(0));

    let layout = "name = \"tide\"\nrecord = \"bank-statement\"\nformat = \"bai2\"\n\
                  [fields]\ncurrency = { constant = \"JPY\" }\n";
    fs::write(dir.path().join("tide.toml"), layout).unwrap();
    let case = load_in(dir.path(), &case_text(&[("tide.bai", Some("tide.toml"))])).unwrap();
    let one = &transfers(&case)[0];
    assert_eq!((one.3, one.4.as_str()), (7_700, "JPY"));
    assert_eq!(rejects(&case), []);
    assert_eq!(case.statements().unwrap().closing_minor, [Some(7_700)]);
}

#[test]
fn a_reject_of_a_message_says_where_it_stands_in_columns_of_its_own() {
    let broken =
        entry("7.00", "DBIT", ("2026-03-02", "2026-03-02"), "E2E-1", "").replace("DBIT", "SIDE");
    let statement = camt("BkToCstmrStmt", "Stmt", "", &broken);
    let (case, _dir) = load(&[("s.xml", &statement)]);
    let said = case.rejects().unwrap();
    assert_eq!(said.place.get(0), "line 2, Document/BkToCstmrStmt/Stmt[1]/Ntry[1]");
    assert_eq!((said.line[0], said.physical_line(0)), (1, Some(2)));
    assert!(!said.reason.get(0).contains("Ntry"), "{}", said.reason.get(0));
    let table = moneytrail::analyses::coverage::rejects(&case).unwrap();
    let names: Vec<&str> = table.columns.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["source", "line", "column", "found", "reason", "kept", "record", "place"]);
}

#[test]
fn a_pacs_return_goes_back_to_the_debtor_and_is_tied_to_its_transfer() {
    let ends = "<Dbtr><Nm>Ilya Brandt</Nm></Dbtr><DbtrAcct><Id><Othr><Id>77001</Id></Othr></Id>\
                </DbtrAcct><DbtrAgt><FinInstnId><BICFI>TESTGB2L</BICFI></FinInstnId></DbtrAgt>\
                <CdtrAgt><FinInstnId><BICFI>TESTUS33</BICFI></FinInstnId></CdtrAgt>\
                <Cdtr><Nm>Dora Quill</Nm></Cdtr><CdtrAcct><Id><Othr><Id>88002</Id></Othr></Id>\
                </CdtrAcct>";
    let sent = format!(
        "<Document><FIToFICstmrCdtTrf><GrpHdr><MsgId>M1</MsgId></GrpHdr><CdtTrfTxInf><PmtId>\
         <EndToEndId>E2E-7</EndToEndId></PmtId><IntrBkSttlmAmt Ccy=\"EUR\">500.00</IntrBkSttlmAmt>\
         <IntrBkSttlmDt>2026-01-05</IntrBkSttlmDt>{ends}</CdtTrfTxInf></FIToFICstmrCdtTrf>\
         </Document>"
    );
    let back = format!(
        "<Document><PmtRtr><GrpHdr><MsgId>M2</MsgId></GrpHdr><TxInf><RtrId>R1</RtrId>\
         <OrgnlEndToEndId>E2E-7</OrgnlEndToEndId>\
         <RtrdIntrBkSttlmAmt Ccy=\"EUR\">500.00</RtrdIntrBkSttlmAmt>\
         <IntrBkSttlmDt>2026-04-20</IntrBkSttlmDt><RtrRsnInf><Rsn><Cd>AC04</Cd></Rsn></RtrRsnInf>\
         <OrgnlTxRef>{ends}</OrgnlTxRef></TxInf></PmtRtr></Document>"
    );
    let (case, _dir) = load(&[("sent.xml", &sent), ("back.xml", &back)]);
    let ends: Vec<(String, String, i64)> =
        transfers(&case).into_iter().map(|one| (one.0, one.1, one.3)).collect();
    let (debtor, creditor) = ("TESTGB2L/77001".to_owned(), "TESTUS33/88002".to_owned());
    let expected = [(debtor.clone(), creditor.clone(), 50_000), (creditor, debtor, 50_000)];
    assert_eq!(ends, expected);
    // More than the days before lie between: its own reference names the payment.
    let table = case.reversals().unwrap();
    assert_eq!((table.stated_by.get(0), table.original[0]), ("pacs.004 AC04", 0));
    assert_eq!(table.transfer.len(), 1);
}

#[test]
fn a_pacs_return_lessened_by_charges_is_tied_where_these_explain_the_difference() {
    let ends = "<Dbtr><Nm>Ilya Brandt</Nm></Dbtr><DbtrAcct><Id><Othr><Id>77001</Id></Othr></Id>\
                </DbtrAcct><Cdtr><Nm>Dora Quill</Nm></Cdtr><CdtrAcct><Id><Othr><Id>88002</Id>\
                </Othr></Id></CdtrAcct>";
    let payment = |reference: &str, amount: &str| {
        format!(
            "<CdtTrfTxInf><PmtId><EndToEndId>{reference}</EndToEndId></PmtId>\
             <IntrBkSttlmAmt Ccy=\"EUR\">{amount}</IntrBkSttlmAmt>\
             <IntrBkSttlmDt>2026-01-05</IntrBkSttlmDt>{ends}</CdtTrfTxInf>"
        )
    };
    let sent = format!(
        "<Document><FIToFICstmrCdtTrf><GrpHdr><MsgId>M1</MsgId></GrpHdr>{}{}</FIToFICstmrCdtTrf>\
         </Document>",
        payment("E2E-1000", "1000.00"),
        payment("E2E-2000", "1000.00")
    );
    let back = |more: &str| {
        format!(
            "<Document><PmtRtr><GrpHdr><MsgId>M2</MsgId></GrpHdr><TxInf><RtrId>R1</RtrId>\
             <OrgnlEndToEndId>E2E-1000</OrgnlEndToEndId>\
             <RtrdIntrBkSttlmAmt Ccy=\"EUR\">995.00</RtrdIntrBkSttlmAmt>\
             <IntrBkSttlmDt>2026-04-20</IntrBkSttlmDt>{more}<RtrRsnInf><Rsn><Cd>AC04</Cd></Rsn>\
             </RtrRsnInf><OrgnlTxRef>{ends}</OrgnlTxRef></TxInf></PmtRtr></Document>"
        )
    };
    let check = |more: &str, tied: bool| {
        let (case, _dir) = load(&[("sent.xml", &sent), ("back.xml", &back(more))]);
        let (table, transfers) = (case.reversals().unwrap(), case.transfers().unwrap());
        assert_eq!(table.transfer.len(), 1, "{more}");
        assert_eq!(transfers.amount_minor[table.transfer[0] as usize], 99_500);
        let original = transfers.line.get(table.original[0] as usize).copied();
        assert_eq!(original, tied.then_some(1), "{more} {}", table.why.get(0));
        assert_eq!(table.why.get(0).contains("charges of 5.00 EUR"), tied, "{}", table.why.get(0));
    };
    let charges = |amount: &str, currency: &str| {
        format!("<ChrgsInf><Amt Ccy=\"{currency}\">{amount}</Amt></ChrgsInf>")
    };
    let before = |amount: &str| format!("<RtrdInstdAmt Ccy=\"EUR\">{amount}</RtrdInstdAmt>");
    check(&charges("5.00", "EUR"), true);
    check(&(charges("2.00", "EUR") + &charges("3.00", "EUR")), true);
    check(&before("1000.00"), true);
    check(&(before("1000.00") + &charges("5.00", "EUR")), true);
    // They explain another difference, or contradict each other.
    check("", false);
    check(&charges("4.00", "EUR"), false);
    check(&charges("5.00", "USD"), false);
    check(&(before("1000.00") + &charges("4.00", "EUR")), false);
}

#[test]
fn a_long_place_is_cut_in_its_middle_on_a_terminal_and_nowhere_else() {
    let path = "Document/BkToCstmrStmt/Stmt[1]/Ntry[31]/NtryDtls[1]/TxDtls[204]";
    let place = format!("line 2, {path}");
    let table = ResultTable::new("rejects").with("place", Values::Text(vec![place.clone()]));
    let wording = Wording::default();
    let written = |format| {
        let mut out = Vec::new();
        TableWriter::new(&wording).write(&table, format, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    assert!(written(TableFormat::Csv).contains(&place));
    assert!(written(TableFormat::Json).contains(&place));
    let shown = written(TableFormat::Table);
    let cut = "line 2, Document/BkToCstmrStmt/…NtryDtls[1]/TxDtls[204]";
    assert!(shown.contains(cut), "{shown}");
}
