//! What a spreadsheet program, a clerk or a carrier did to a return before it came: digits lost,
//! totals among the rows, several people in a cell. None of it may join two people, move money
//! that nobody moved, or turn a payment round.

use moneytrail::model::EntityKind;
use moneytrail::store::Case;
use tempfile::TempDir;

use crate::loaded::{case_text, counts, directory, load_in, rejects, transfers};

/// A case of files, each with its own layout or a built-in one; the directory stays with it.
fn load(files: &[(&str, &str, &str)]) -> (TempDir, Case) {
    let own = |at: usize| format!("{at}.toml");
    let mut all: Vec<(String, Vec<u8>)> = Vec::new();
    let mut sources: Vec<(&str, Option<String>)> = Vec::new();
    for (at, (name, layout, text)) in files.iter().enumerate() {
        all.push(((*name).to_owned(), text.as_bytes().to_vec()));
        let built_in = !layout.contains('\n');
        if !built_in {
            all.push((own(at), layout.as_bytes().to_vec()));
        }
        sources.push((name, Some(if built_in { (*layout).to_owned() } else { own(at) })));
    }
    let all: Vec<(&str, &[u8])> =
        all.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    let dir = directory(&all);
    let sources: Vec<(&str, Option<&str>)> =
        sources.iter().map(|(name, layout)| (*name, layout.as_deref())).collect();
    let text = case_text(&sources).replace("\"UTC\"", "\"America/New_York\"");
    let case = load_in(dir.path(), &text).unwrap();
    (dir, case)
}

/// Every transfer in order of line: line, from, to, minor units.
fn told(case: &Case) -> Vec<String> {
    let mut rows = transfers(case);
    rows.sort_by_key(|row| (row.5, row.6));
    rows.into_iter().map(|row| format!("{} {} > {} {}", row.6, row.0, row.1, row.3)).collect()
}

/// Lines of the records set aside, then those of what is noted of records that are kept.
fn lines(case: &Case) -> [Vec<u32>; 2] {
    [false, true].map(|kept| {
        rejects(case).into_iter().filter(|one| one.3 == kept).map(|one| one.0).collect()
    })
}

fn reason(case: &Case, line: u32) -> String {
    let table = case.rejects().unwrap();
    let at = table.line.iter().position(|one| *one == line).expect("the line is listed");
    table.reason.get(at).to_owned()
}

#[test]
fn numbers_with_lost_digits_join_nobody() {
    let bank = "account,booked,amount,counterparty_account,counterparty_name\n\
        4.41E+09,2026-01-01,1.00,,\n\
        4410000035,2026-01-02,-2.00,1.23457E+15,Quay Foods\n\
        4410000036,2026-01-03,-3.00,1.23457E+15,Pier Tools\n\
        4410000036,2026-01-04,-4.00,N/A,Pier Tools\n\
        N/A,2026-01-05,-5.00,,\n";
    let (_dir, case) = load(&[("bank.csv", "moneytrail-bank-statement", bank)]);
    assert_eq!(
        told(&case),
        [
            "3 4410000035 > 4410000035 ~ QUAY FOODS 1.23457E+15 200",
            "4 4410000036 > 4410000036 ~ PIER TOOLS 1.23457E+15 300",
            "5 4410000036 > 4410000036 ~ PIER TOOLS 400",
        ]
    );
    assert_eq!(lines(&case), [vec![2, 6], vec![3, 4]]);
    assert!(reason(&case, 2).contains("a spreadsheet program kept only the first ones"));

    let calls = "start,caller,called,duration,imei\n\
        2026-01-01T10:00:00Z,2.02555E+09,2025550102,5,\n\
        2026-01-01T11:00:00Z,2025550101.0,2025550102,5,3.53012E+14\n\
        2026-01-01T12:00:00Z,2025550103,2025550102,5,3.53012E+14\n";
    let people = "phone,name\n2.02555E+09,Lena Ortiz\n2025550103,Tomas Arden\n";
    let (_dir, case) = load(&[
        ("calls.csv", "moneytrail-call-detail", calls),
        ("people.csv", "moneytrail-subscribers", people),
    ]);
    let phones = case.names(EntityKind::Phone).unwrap();
    let phones: Vec<&str> = phones.iter().collect();
    assert_eq!(phones, ["+12025550101", "+12025550102", "+12025550103"]);
    assert_eq!(case.names(EntityKind::Device).unwrap().iter().count(), 0);
    assert_eq!(
        [counts(&case, 0)[..3].to_vec(), counts(&case, 1)[..3].to_vec()],
        [[3, 2, 1], [2, 1, 1]]
    );
}

#[test]
fn words_for_cash_or_several_accounts_join_nobody() {
    let list = "from_account,to_account,booked,amount,to_name,channel\n\
        1001,CASH,2026-01-01,1.00,,cash\n1002,Cash,2026-01-02,2.00,,cash\n\
        Checks,1001,2026-01-03,3.00,,\n1002,VARIOUS,2026-01-04,4.00,Lena Ortiz,\n\
        1002,CASH-01,2026-01-05,5.00,,\n";
    let bank = "account,booked,amount,counterparty_account,counterparty_name,channel\n\
        1003,2026-01-01,1.00,CASH,,cash\n1003,2026-01-02,-2.00,Various,Ivo Strand,\n";
    let qif = "!Account\nNChecking\nTBank\n^\n!Type:Bank\nD01/25/2026\nT-5.00\nL[Cash]\n^\n";
    let (_dir, case) = load(&[
        ("list.csv", "moneytrail-bank-transfers", list),
        ("bank.csv", "moneytrail-bank-statement", bank),
        ("own.qif", "qif", qif),
    ]);
    assert_eq!(
        told(&case),
        [
            "2 1001 > 1001 ~ CASH 100",
            "3 1002 > 1002 ~ CASH 200",
            "4 1001 ~ CHECKS > 1001 300",
            "5 1002 > 1002 ~ LENA ORTIZ 400",
            "6 1002 > CASH01 500",
            "2 1003 ~ CASH > 1003 100",
            "3 1003 > 1003 ~ IVO STRAND 200",
            "6 CHECKING > CASH 500",
        ]
    );
    let noted: Vec<u32> = lines(&case)[1].clone();
    assert_eq!(noted, [2, 3, 4, 5, 2, 3], "each is noted");
    assert!(reason(&case, 2).contains("a word for cash, for cheques or for several accounts"));
}

#[test]
fn a_number_written_as_a_formula_is_the_number() {
    let bank = "account,booked,amount\n\"=\"\"0042\"\"\",2026-01-01,\"=\"\"7.50\"\"\"\n\
                =\"0042\",2026-01-02,1.00\n";
    let (_dir, case) = load(&[("bank.csv", "moneytrail-bank-statement", bank)]);
    assert_eq!(told(&case), ["2 0042 ~ OTHER > 0042 750", "3 0042 ~ OTHER > 0042 100"]);
}

#[test]
fn an_amount_that_names_another_currency_is_set_aside() {
    let bank = "account,booked,amount,currency,balance\n\
        1,2026-01-01,\u{20ac}1.00,,\n1,2026-01-02,$2.00,,\u{a3}9.00\n1,2026-01-03,3.00 EUR,,\n\
        1,2026-01-04,4.00 EUR,EUR,\n1,2026-01-05,$5.00,EUR,\n1,2026-01-06,US$6.00,USD,\n";
    let (_dir, case) = load(&[("bank.csv", "moneytrail-bank-statement", bank)]);
    let amounts: Vec<String> =
        transfers(&case).iter().map(|row| format!("{} {} {}", row.6, row.3, row.4)).collect();
    assert_eq!(amounts, ["3 200 USD", "5 400 EUR", "7 600 USD"]);
    assert_eq!(lines(&case), [vec![2, 4, 6], vec![3]]);
    assert!(
        reason(&case, 2)
            .starts_with("expected an amount in USD, which the record is in, not \u{20ac}")
    );
}

/// A statement whose columns give the direction; `sign` is the rest of the amount's table.
fn columns(amount: &str) -> String {
    format!(
        "name = \"own\"\nrecord = \"bank-statement\"\n[fields]\naccount = {{ constant = \"1\" }}\n\
         booked = {{ column = \"Date\" }}\nbalance = {{ column = \"Balance\" }}\n\
         description = {{ column = \"Text\" }}\namount = {{ {amount} }}\n"
    )
}

#[test]
fn where_a_running_balance_contradicts_a_column_the_balance_wins() {
    let layout = columns("debit = \"Out\", credit = \"In\"");
    let rows = [
        "2026-01-01,A,10.00,,90.00",
        "2026-01-02,BACK,-50.00,,140.00",
        "2026-01-03,B,-,5.00,145.00",
        "2026-01-04,C,(5.00),-,140.00",
        "2026-01-05,D,1.00,,139.00",
    ];
    let expected = |text: &str, to_it: bool| match to_it {
        true => format!("1 ~ {text} > 1"),
        false => format!("1 > 1 ~ {text}"),
    };
    let newest_first: Vec<&str> = rows.iter().rev().copied().collect();
    for rows in [rows.to_vec(), newest_first] {
        let text = format!("Date,Text,Out,In,Balance\n{}\n", rows.join("\n"));
        let (_dir, case) = load(&[("bank.csv", &layout, &text)]);
        let back = 2 + rows.iter().position(|row| row.contains("BACK")).unwrap() as u32;
        for (name, to_it) in [("A", false), ("BACK", true), ("B", true), ("C", false), ("D", false)]
        {
            let way = format!(" {} ", expected(name, to_it));
            assert_eq!(told(&case).iter().filter(|row| row.contains(&way)).count(), 1, "{way}");
        }
        assert_eq!(lines(&case), [vec![], vec![back]]);
        let said = "a debit by its column, but the running balance rises by the same amount";
        assert!(reason(&case, back).starts_with(said));
        assert_eq!(counts(&case, 0)[..3], [5, 5, 0]);
    }
    // Where as many rows contradict as prove, the balances show nothing.
    let text = "Date,Text,Out,In,Balance\n2026-01-01,A,10.00,,90.00\n2026-01-02,B,-5.00,,95.00\n\
                2026-01-03,C,,5.00,100.00\n";
    let (_dir, case) = load(&[("bank.csv", &layout, text)]);
    assert_eq!(told(&case)[1], "3 1 > 1 ~ B 500");
    // A column of signs gives the direction in the same way.
    let layout = columns(
        "column = \"Amount\", sign = { column = \"DC\", values = { D = \"debit\", C = \"credit\" } }",
    );
    let text = "Date,Text,Amount,DC,Balance\n2026-01-01,A,10.00,D,90.00\n\
                2026-01-02,B,-5.00,D,95.00\n2026-01-03,C,5.00,C,100.00\n2026-01-04,D,1.00,D,99.00\n";
    let (_dir, case) = load(&[("bank.csv", &layout, text)]);
    assert_eq!(told(&case)[1], "3 1 ~ B > 1 500");
}

#[test]
fn totals_and_balances_with_a_day_are_never_payments() {
    let layout = columns("debit = \"Out\", credit = \"In\"");
    let text = "Date,Text,Out,In,Balance\n2026-01-01,Beginning balance 01/01/2026,,100.00,100.00\n\
                2026-01-02,TOTAL FUELS 12,10.00,,90.00\n2026-01-31,Total debits (1),10.00,,\n\
                2026-01-31,Ending Balance as of Jan 31,,90.00,90.00\n2026-01-31,SUBTOTAL,10.00,,\n";
    let (_dir, case) = load(&[("bank.csv", &layout, text)]);
    assert_eq!(told(&case), ["3 1 > 1 ~ TOTAL FUELS 1000"]);
    // The balances and the sum, which is that of the debits, are read as what they are.
    assert_eq!(lines(&case), [vec![6], vec![]]);
}

#[test]
fn a_hidden_caller_is_nobody_that_two_people_talk_to() {
    let layout = "name = \"own\"\nrecord = \"call-detail\"\n[fields]\n\
        start = { column = \"Start\" }\ntarget = { column = \"Target\" }\n\
        other = { column = \"Other\" }\ndirection = { column = \"Way\" }\n";
    let rows = "Start,Target,Other,Way\n\
        2026-01-01T10:00:00Z,2025550101,Restricted,in\n2026-01-01T11:00:00Z,2025550102,RESTRICTED,in\n\
        2026-01-01T12:00:00Z,2025550102,Anonymous,in\n2026-01-01T13:00:00Z,2025550102,UNKNOWN,in\n";
    let carrier = "start,caller,called\n2026-01-02T10:00:00Z,Unavailable,2025550103\n";
    let (_dir, case) =
        load(&[("a.csv", layout, rows), ("b.csv", "moneytrail-call-detail", carrier)]);
    let phones = case.names(EntityKind::Phone).unwrap();
    let phones: Vec<&str> = phones.iter().filter(|phone| phone.contains('~')).collect();
    assert_eq!(
        phones,
        ["+12025550101 ~ withheld", "+12025550102 ~ withheld", "+12025550103 ~ withheld"]
    );
    assert_eq!(rejects(&case), []);
    assert_eq!(case.calls().unwrap().dialled.get(0), "Restricted");
}

#[test]
fn words_and_fillers_of_hidden_callers_name_nobody() {
    let hidden = [
        "Private Caller",
        "RESTRICTED NUMBER",
        "Blocked Caller-ID",
        "No Caller ID",
        "Out of Area",
        "Unknown Number",
        "Rufnummer unterdrückt",
        "Anonym",
        "Unbekannt",
        "0000000000",
        "999-999-9999",
        "-1",
    ];
    let mut rows = "start,caller,called\n".to_owned();
    for (minute, text) in hidden.iter().enumerate() {
        for called in ["2025550101", "2025550102"] {
            rows.push_str(&format!("2026-01-01T10:{minute:02}:00Z,{text},{called}\n"));
        }
    }
    rows.push_str("2026-01-01T11:00:00Z,2025550102,2025550101\n");
    rows.push_str("2026-01-01T11:01:00Z,PRIVATEBANK,2025550101\n");
    let (_dir, case) = load(&[("a.csv", "moneytrail-call-detail", &rows)]);
    let phones = case.names(EntityKind::Phone).unwrap();
    let phones: Vec<&str> = phones.iter().collect();
    assert_eq!(
        phones,
        [
            "+12025550101",
            "+12025550101 ~ withheld",
            "+12025550102",
            "+12025550102 ~ withheld",
            "PRIVATEBANK"
        ]
    );
    assert_eq!((case.calls().unwrap().line.len(), rejects(&case).len()), (26, 0));
}

#[test]
fn a_phone_written_as_an_address_is_the_phone_and_a_hidden_one_is_nobody() {
    let calls = "start,caller,called,duration\n\
        2026-01-01T10:00:00Z,sip:+12025550101@ims.example.org;user=phone,tel:+1-202-555-0102,5\n\
        2026-01-02T10:00:00Z,+12025550102,<sip:2025550101@10.0.0.1>,5\n\
        2026-01-03T10:00:00Z,sip:anonymous@anonymous.invalid,tel:+12025550102,5\n";
    let (_dir, case) = load(&[("calls.csv", "moneytrail-call-detail", calls)]);
    let phones = case.names(EntityKind::Phone).unwrap();
    let phones: Vec<&str> = phones.iter().collect();
    assert_eq!(phones, ["+12025550101", "+12025550102", "+12025550102 ~ withheld"]);
    assert_eq!((case.calls().unwrap().line.len(), rejects(&case).len()), (3, 0));
}

#[test]
fn a_call_in_a_return_that_states_kinds_and_one_that_does_not_is_one_call() {
    let with = "start,caller,called,duration,kind\n\
        2026-01-01T10:00:00Z,2025550101,2025550102,60,voice\n\
        2026-01-01T10:05:00Z,2025550101,2025550102,,sms\n\
        2026-01-01T10:10:00Z,2025550101,2025550102,,sms\n";
    let without = "start,caller,called,duration\n2026-01-01T10:00:03Z,2025550101,2025550102,58\n\
        2026-01-01T10:05:01Z,2025550101,2025550102,0\n2026-01-01T10:10:00Z,2025550101,2025550102,9\n";
    let other = "name = \"own\"\nrecord = \"call-detail\"\n[fields]\n\
        start = { column = \"start\" }\ncaller = { column = \"caller\" }\n\
        called = { column = \"called\" }\nduration = { column = \"duration\" }\n";
    let (_dir, case) =
        load(&[("a.csv", "moneytrail-call-detail", with), ("b.csv", other, without)]);
    // What lasted nine seconds is no message.
    assert_eq!(case.calls().unwrap().line, [2, 3, 4, 4]);
    let refs = case.refs().unwrap();
    assert_eq!((&refs.source[..], &refs.line[..]), (&[1, 1][..], &[2, 3][..]));
}

#[test]
fn several_people_in_one_cell_are_several_and_unsplit_ones_are_listed() {
    let layout = |split: &str| {
        format!(
            "name = \"own\"\nrecord = \"leases\"\n[fields]\npremises = {{ column = \"P\" }}\n\
             tenants = {{ column = \"T\"{split} }}\nlandlord = {{ column = \"L\" }}\n\
             period = {{ column = \"Per\" }}\nstart = {{ column = \"S\" }}\n\
             end = {{ column = \"E\" }}\n"
        )
    };
    let rows = "P,T,L,Per,S,E\n\
        4 Pier Road,Lena Ortiz AND Tomas Arden,Smith and Sons LLC,Monthly,2026-01-01,2026-12-31\n\
        5 Pier Road,\"Mira Soltane & Ivo Strand, jointly\",Smith and Sons LLC,pcm,2026-02-01,2026-01-31\n";
    let split = layout(", split = [\";\", \" and \", \" & \", \", jointly\"]");
    let (_dir, case) = load(&[("l.csv", &split, rows)]);
    let leases = case.leases().unwrap();
    let tenants: Vec<&str> = leases.tenants.iter().collect();
    assert_eq!(tenants, ["Lena Ortiz; Tomas Arden", "Mira Soltane; Ivo Strand"]);
    assert_eq!(leases.period.iter().collect::<Vec<_>>(), ["month", "month"]);
    assert_eq!(rejects(&case).len(), 1);
    assert!(reason(&case, 3).starts_with("a last day before the first, 2026-02-01"));
    let (_dir, case) = load(&[("l.csv", &layout(""), rows)]);
    assert_eq!(case.leases().unwrap().tenants.get(0), "Lena Ortiz AND Tomas Arden");
    assert_eq!(lines(&case), [vec![], vec![2, 3, 3]]);
    assert!(reason(&case, 2).starts_with("one name, unless the layout says"));
}

#[test]
fn joint_holders_in_one_cell_each_hold_the_account() {
    let layout = "name = \"own\"\nrecord = \"account-holders\"\n[fields]\n\
        account = { column = \"A\" }\nname = { column = \"N\", split = \" or \" }\n\
        born = { column = \"B\" }\naddress = { column = \"Ad\" }\ndocument = { column = \"D\" }\n";
    let rows = "A,N,B,Ad,D\n1,Lena Ortiz OR Tomas Arden,1980-01-02,4 Pier Road,X100200\n\
                2,Mira Soltane,1981-01-02,5 Pier Road,X100300\n3,Ivo Strand or N/A,,,\n";
    let (_dir, case) = load(&[("h.csv", layout, rows)]);
    assert_eq!(counts(&case, 0)[..3], [3, 2, 1]);
    assert_eq!(case.holdings().unwrap().line, [2, 2, 3]);
    let parties = case.parties().unwrap();
    let mut born: Vec<(&str, bool)> = (0..parties.born.len())
        .map(|row| (parties.name.get(row), parties.born[row].is_some()))
        .collect();
    born.sort_unstable();
    // Whose birth and document it is, the row of two people does not say.
    assert_eq!(born, [("Lena Ortiz", false), ("Mira Soltane", true), ("Tomas Arden", false)]);
    let ties = case.ties().unwrap();
    let of = |relation: &str| ties.relation.iter().filter(|one| *one == relation).count();
    assert_eq!((of("lives-at"), of("has-document")), (3, 1));
}

#[test]
fn a_part_of_a_split_that_went_to_an_account_of_the_file_counts_once() {
    let text = "!Account\nNChecking\n^\n!Type:Bank\nD1/31'26\nT-300.00\nPSplit\nSFood\n$-100.00\n\
                S[Savings]\n$-200.00\n^\n!Account\nNSavings\n^\n!Type:Bank\nD1/31'26\nT200.00\n\
                L[Checking]\n^\n";
    let (_dir, case) = load(&[("h.qif", "qif", text)]);
    assert_eq!(told(&case), ["5 CHECKING > CHECKING ~ SPLIT 10000", "10 CHECKING > SAVINGS 20000"]);
    assert_eq!(counts(&case, 0)[..4], [3, 3, 0, 0]);
}

#[test]
fn a_split_whose_parts_go_both_ways_stays_one_payment() {
    // Wages of 5,000.00, of which 1,500.00 is kept back, are booked as 3,500.00.
    let text = "!Account\nNChecking\n^\n!Type:Bank\nD1/31'26\nT3500.00\nPPier Foods LLC\n\
                SSalary\n$5000.00\nSTax\n$-1000.00\nS[401k]\n$-500.00\n^\n";
    let (_dir, case) = load(&[("h.qif", "qif", text)]);
    let [one] = told(&case).try_into().unwrap();
    assert!(one.ends_with("> CHECKING 350000"), "{one}");
    let text = text.replace("$-1000.00\n", "").replace("STax\n", "").replace("$-500", "$-1500");
    let whole = load(&[("h.qif", "qif", &text)]);
    assert_eq!(told(&whole.1).len(), 1);
}

#[test]
fn whom_a_split_names_does_not_hold_the_account_that_a_part_goes_to() {
    let text = "!Account\nNChecking\n^\n!Type:Bank\nD1/31'26\nT-300.00\nPQuay Homes LLC\n\
                SRent\n$-100.00\nS[Savings]\n$-200.00\n^\n";
    let (_dir, case) = load(&[("h.qif", "qif", text)]);
    let ties = case.ties().unwrap();
    assert!(ties.relation.iter().all(|relation| relation != "named-on"));
}
