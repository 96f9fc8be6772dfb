//! Traces over statements as banks print them, loaded and asked as a person does: returned cheques
//! without a name, payments with a charge inside, money that is days under way. Every figure was
//! worked out on paper.

use std::collections::BTreeMap;

use tempfile::TempDir;

use crate::cases::{ended, moneytrail};
use crate::loaded::{case_text, directory, load_in};

type Row = BTreeMap<String, String>;

/// A loaded case of files, each with a built-in layout.
struct Loaded(TempDir);

impl Loaded {
    fn of(files: &[(&str, &str, &str)]) -> Loaded {
        let bytes: Vec<(&str, &[u8])> =
            files.iter().map(|(name, _, text)| (*name, text.as_bytes())).collect();
        let dir = directory(&bytes);
        let sources: Vec<(&str, Option<&str>)> =
            files.iter().map(|(name, layout, _)| (*name, Some(*layout))).collect();
        load_in(dir.path(), &case_text(&sources)).unwrap();
        Loaded(dir)
    }

    fn statement(rows: &str) -> Loaded {
        let text = format!("account,booked,amount,balance,description,counterparty_name\n{rows}");
        Loaded::of(&[("a.csv", "moneytrail-bank-statement", &text)])
    }

    fn print(&self, arguments: &[&str], code: i32) -> (String, String) {
        let store = self.0.path().join("store");
        let mut command = moneytrail(&["trace", store.to_str().unwrap()]);
        let output = ended(command.args(arguments).current_dir(self.0.path()), code);
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (text(output.stdout), text(output.stderr))
    }

    fn table(&self, name: &str, arguments: &[&str]) -> Vec<Row> {
        let all = [arguments, &["--table", name, "--format", "csv"]].concat();
        let (text, _) = self.print(&all, 0);
        csv::Reader::from_reader(text.as_bytes()).deserialize().map(Result::unwrap).collect()
    }

    fn refused(&self, arguments: &[&str], code: i32) -> String {
        self.print(arguments, code).1
    }
}

const RULES: [&str; 5] = ["libr", "fifo", "lifo", "pro_rata", "taint_first"];

/// `held 1001: 1.00 2.00 3.00 4.00 5.00`, the figures of the rules.
fn told(rows: &[Row]) -> Vec<String> {
    let line = |row: &Row| {
        let figures = RULES.map(|rule| row[rule].clone()).join(" ");
        format!("{} {}: {figures}", row["where"], row["account"])
    };
    rows.iter().map(line).collect()
}

fn sentences(rows: &[Row]) -> Vec<String> {
    rows.iter().map(|row| format!("{}: {}", row["what"], row["sentence"])).collect()
}

#[test]
fn a_returned_cheque_and_a_returned_deposit_come_back_although_they_name_nobody() {
    let loaded = Loaded::statement(
        "1001,2024-03-01,1000.00,1000.00,OPENING DEPOSIT,\n\
         1001,2024-03-04,5000.00,6000.00,WIRE FROM VICTIM,\n\
         1001,2024-03-05,-2500.00,3500.00,CHECK 1042,\n\
         1001,2024-03-08,2500.00,6000.00,RETURNED ITEM CHECK 1042,\n\
         1001,2024-03-09,800.00,6800.00,DEPOSIT,\n\
         1001,2024-03-11,-800.00,6000.00,RETURNED DEPOSITED ITEM,\n\
         1001,2024-03-12,-1000.00,5000.00,ATM WITHDRAWAL,\n",
    );
    // The cheque brings back what it took, as one lot: 1,000.00 and 1,500.00 under first in first
    // out. The deposit goes back as it came, and the withdrawal meets what was there before.
    let ends = loaded.table("trace", &["--source", "a.csv:3"]);
    assert_eq!(
        told(&ends),
        [
            "held 1001: 5000.00 4000.00 4000.00 4166.67 4000.00",
            "outside 1001 ~ CASH: 0.00 1000.00 1000.00 833.33 1000.00",
            "reversal 1001 ~ RETURNED DEPOSITED ITEM: 0.00 0.00 0.00 0.00 0.00",
        ]
    );
    // The limits know nothing of deposits: 800.00 that went back may be any of it.
    assert_eq!((ends[0]["floor"].as_str(), ends[0]["ceiling"].as_str()), ("2200.00", "5000.00"));
    let rests = sentences(&loaded.table("trace_rests_on", &["--source", "a.csv:3"]));
    assert_eq!(
        rests,
        [
            "reversal: A payment of 2024-03-05 came back into 1001 on 2024-03-08, tied by the \
             same cheque, trace or reference number and amount; with it comes back what that had \
             carried.",
            "reversal: 1001 returned a payment of 2024-03-09 on 2024-03-11, tied by the same \
             amount, no number or name in common; it is taken from what that had brought.",
        ]
    );
}

#[test]
fn two_equal_payments_that_come_back_both_do() {
    let loaded = Loaded::statement(
        "1001,2024-03-04,5000.00,5000.00,WIRE FROM VICTIM,\n\
         1001,2024-03-05,-500.00,4500.00,CHECK,\n\
         1001,2024-03-06,-500.00,4000.00,CHECK,\n\
         1001,2024-03-08,500.00,4500.00,RETURNED CHECK,\n\
         1001,2024-03-09,500.00,5000.00,RETURNED CHECK,\n\
         1001,2024-03-10,500.00,5500.00,RETURNED CHECK,\n",
    );
    let asked = ["--source", "a.csv:2"];
    let ends = told(&loaded.table("trace", &asked));
    assert_eq!(ends, ["held 1001: 5000.00 5000.00 5000.00 5000.00 5000.00"]);
    let rests = sentences(&loaded.table("trace_rests_on", &asked));
    assert_eq!(rests.len(), 3, "{rests:?}");
    let first = "untied-return: A record says that a payment came back into 1001 on 2024-03-08, \
                 and the payment that it is tied to has come back already: it is followed as a \
                 payment of its own.";
    // Of three returns of two cheques the first found none left.
    assert_eq!(rests[2], first);
    assert!(rests[..2].iter().all(|one| one.contains("one of 2 that fit")), "{rests:?}");
}

#[test]
fn a_return_that_is_tied_to_nothing_is_named_and_one_of_another_name_is_not_followed() {
    let loaded = Loaded::statement(
        "1001,2024-03-04,5000.00,5000.00,WIRE FROM VICTIM,\n\
         1001,2024-03-05,-500.00,4500.00,CARD PURCHASE,Harrow Motors\n\
         1001,2024-03-08,500.00,5000.00,REVERSAL OF PURCHASE,Corbel Supply\n\
         1001,2024-03-09,70.00,5070.00,CHARGEBACK,\n",
    );
    let asked = ["--source", "a.csv:2"];
    let ends = told(&loaded.table("trace", &asked));
    assert_eq!(ends[1], "outside 1001 ~ HARROW MOTORS: 500.00 500.00 500.00 500.00 500.00");
    let rests = sentences(&loaded.table("trace_rests_on", &asked));
    assert_eq!(rests.len(), 2, "{rests:?}");
    assert!(rests[0].contains("on 2024-03-08, and the payment that it is tied to has other ends"));
    assert!(rests[1].contains("on 2024-03-09, and which payment that was is not known"));
    // What came back before traced money was there is nothing to it.
    let early = loaded.table("trace_rests_on", &["--source", "a.csv:5"]);
    assert!(sentences(&early).iter().all(|one| !one.contains("2024-03-08")), "{early:?}");
}

#[test]
fn a_conversion_says_where_to_go_on() {
    let loaded = with_a_charge();
    let (told, _) = loaded.print(&["--source", "b.csv:3", "--table", "trace"], 0);
    let note = "What 9001 paid on 2024-03-03 in USD reached 1001 as 270.00 EUR: a trace of its own \
                goes on there, with --source transfer=";
    assert!(told.contains(note), "{told}");
    let number = told.split("--source transfer=").nth(1).unwrap();
    let source = format!("transfer={}", number.split('.').next().unwrap());
    let ends = loaded.table("trace", &["--source", &source]);
    assert_eq!((&*ends[0]["libr"], &*ends[0]["currency"]), ("270.00", "EUR"));
    // A charge in the same currency goes on nowhere.
    let (told, _) = loaded.print(&["--source", "b.csv:2", "--table", "trace"], 0);
    assert!(!told.contains("goes on there"), "{told}");
}

const TRANSFERS: &str = "moneytrail-bank-transfers";

/// Two payments into an account that is held, the first with a charge of 20.00 inside.
fn with_a_charge() -> Loaded {
    let list = "from_account,to_account,booked,amount,received_amount,currency,received_currency\n\
                9001,1001,2024-03-02,500.00,480.00,USD,USD\n\
                9001,1001,2024-03-03,300.00,270.00,USD,EUR\n";
    let statement = "account,booked,amount,balance,description\n\
                     1001,2024-03-01,10.00,10.00,INTEREST\n\
                     1001,2024-03-05,-5.00,485.00,SERVICE FEE\n";
    let sources = "[[source]]\nlabel = \"A\"\ntransfer = \"b.csv:2\"\namount = \"300.00\"\n\
                   [[source]]\nlabel = \"B\"\ntransfer = \"b.csv:2\"\namount = \"200.00\"\n";
    let files = [("a.csv", "moneytrail-bank-statement", statement), ("b.csv", TRANSFERS, list)];
    let loaded = Loaded::of(&files);
    std::fs::write(loaded.0.path().join("two.toml"), sources).unwrap();
    loaded
}

#[test]
fn a_payment_with_a_charge_inside_is_a_source_as_a_whole() {
    let loaded = with_a_charge();
    let ends = loaded.table("trace", &["--source", "b.csv:2"]);
    let charge = "conversion 9001: 20.00 20.00 20.00 20.00 20.00".to_owned();
    assert!(told(&ends).contains(&charge), "{ends:?}");
    let labels = loaded.table("trace_labels", &["--source", "b.csv:2", "--rule", "libr"]);
    assert_eq!((&*labels[0]["declared"], &*labels[0]["conversion"]), ("500.00", "20.00"));
    // The charge is of both victims alike: 20.00 x 300 / 500 and 20.00 x 200 / 500.
    let labels = loaded.table("trace_labels", &["--source", "two.toml", "--rule", "libr"]);
    let told: Vec<[&str; 3]> = labels
        .iter()
        .map(|row| ["label", "declared", "conversion"].map(|column| row[column].as_str()))
        .collect();
    assert_eq!(told, [["A", "300.00", "12.00"], ["B", "200.00", "8.00"]]);
    let carried = loaded.table("trace_transfers", &["--source", "b.csv:2"]);
    let ends: Vec<&str> = carried.iter().take(2).map(|row| row["to"].as_str()).collect();
    assert_eq!(ends, ["1001", "a conversion or a charge"]);
    let sources = loaded.table("trace_sources", &["--source", "two.toml"]);
    assert_eq!((&*sources[0]["amount"], &*sources[0]["traced"]), ("500.00", "300.00"));
    let said = loaded.refused(&["--source", "b.csv:2", "--source", "b.csv:2"], 2);
    assert!(said.contains("is of 500.00 USD, and 1,000.00 USD of it are declared"), "{said}");
    assert!(said.contains("2 times 500.00 USD as \"b.csv:2\""), "{said}");
}

#[test]
fn a_way_into_an_account_leads_on_in_time() {
    // What 1001 sent on the 5th reached 1002 on the 8th; 1002 had paid 1003 on the 6th.
    let head = "account,booked,amount,balance,description,counterparty_account,reference\n";
    let one = format!(
        "{head}1001,2024-03-04,900.00,900.00,DEPOSIT,,\n\
         1001,2024-03-05,-400.00,500.00,TRANSFER,1002,REF77120001\n\
         1001,2024-03-06,-30.00,470.00,TRANSFER,1002,REF77120002\n\
         1001,2024-03-09,-20.00,450.00,LUNCH,,\n"
    );
    let two = format!(
        "{head}1002,2024-03-01,600.00,600.00,DEPOSIT,,\n\
         1002,2024-03-06,30.00,630.00,TRANSFER,1001,REF77120002\n\
         1002,2024-03-06,-100.00,530.00,TRANSFER,1003,REF77120003\n\
         1002,2024-03-08,400.00,930.00,TRANSFER,1001,REF77120001\n"
    );
    let layout = "moneytrail-bank-statement";
    let loaded = Loaded::of(&[("a.csv", layout, &one), ("b.csv", layout, &two)]);
    let asked = ["--source", "a.csv:2", "--into", "1003"];
    let kept = loaded.table("trace_transfers", &asked);
    let amounts: Vec<&str> = kept.iter().map(|row| row["amount"].as_str()).collect();
    assert_eq!(amounts, ["900.00", "30.00", "100.00"]);
}

#[test]
fn what_cannot_be_asked_at_once_is_refused() {
    let loaded = with_a_charge();
    let source = ["--source", "b.csv:2"];
    for (more, said) in [
        (vec!["--explain", "b.csv:2", "--restrain", "1001"], "--restrain"),
        (vec!["--explain", "b.csv:2", "--pari-passu"], "--pari-passu"),
        (vec!["--restrain", "1001", "--pari-passu"], "--pari-passu"),
        (vec!["--into", "1001", "--restrain", "1001"], "--restrain"),
        (vec!["--by", "party", "--pari-passu"], "--by"),
        (vec!["--reach", "2", "--rule", "libr"], "--rule"),
        (vec!["--reach", "0"], "0 is not in 1.."),
    ] {
        let found = loaded.refused(&[&source[..], &more].concat(), 2);
        assert!(found.contains(said), "{more:?}: {found}");
    }
    let found = loaded.refused(&["--destination", "b.csv:2", "--until", "2024-03-02"], 2);
    assert!(found.contains("--until"), "{found}");
    let write = |name: &str, text: &str| std::fs::write(loaded.0.path().join(name), text).unwrap();
    write("empty.toml", "# none yet\n");
    write("both.toml", "[[source]]\nlabel = \"A\"\naccount = \"1001\"\nparty = \"X\"\n");
    write("none.toml", "[[source]]\nlabel = \"A\"\n");
    for (file, said) in [
        ("empty.toml", "--source empty.toml: it names no source; write [[source]]"),
        ("both.toml", "source \"A\": names an account and a party; give one of them"),
        ("none.toml", "names neither a transfer nor an account nor a party"),
        ("absent.toml", "--source absent.toml: there is no such file; a source is a transfer"),
    ] {
        let found = loaded.refused(&["--source", file], 2);
        assert!(found.contains(said), "{file}: {found}");
    }
}

const STATEMENT: &str = "moneytrail-bank-statement";

/// Two files of account 1001, which state no period, and one of 2002, which pays into it.
fn two_files(one: &str, two: &str, other: &str) -> Loaded {
    let head = "account,booked,amount,balance,description,counterparty_account\n";
    let [one, two, other] = [one, two, other].map(|rows| format!("{head}{rows}"));
    Loaded::of(&[
        ("jan.csv", STATEMENT, &one),
        ("mar.csv", STATEMENT, &two),
        ("other.csv", STATEMENT, &other),
    ])
}

const JANUARY: &str = "1001,2024-01-02,1000.00,1000.00,DEPOSIT,\n\
                       1001,2024-01-05,5000.00,6000.00,WIRE FROM VICTIM,\n\
                       1001,2024-01-31,-10.00,5990.00,FEE,\n";
const OTHER: &str = "2002,2024-01-02,900.00,900.00,DEPOSIT,\n\
                     2002,2024-03-20,-1.00,899.00,FEE,\n";

#[test]
fn a_month_that_no_file_spans_is_a_gap_although_it_has_fewer_days_than_one() {
    let march = "1001,2024-03-01,-100.00,1900.00,RENT,\n";
    let loaded = two_files(JANUARY, march, OTHER);
    let ends = loaded.table("trace", &["--source", "jan.csv:3"]);
    assert_eq!(
        told(&ends),
        [
            "held 1001: 1900.00 1900.00 900.00 1583.34 900.00",
            "outside 1001 ~ RENT: 0.00 0.00 100.00 83.33 100.00",
            "outside 1001 ~ FEE: 0.00 0.00 10.00 8.33 10.00",
            "gap 1001: 3100.00 3100.00 3990.00 3325.00 3990.00",
        ]
    );
    let rests = sentences(&loaded.table("trace_rests_on", &["--source", "jan.csv:3"]));
    let gap = "gap: No statement of 1001 is held from 2024-02-01 to 2024-02-29: anything may have \
               happened then.";
    assert!(rests.contains(&gap.to_owned()), "{rests:?}");
    // Where the balances meet over a month without a statement, all may have left and come back.
    let march = "1001,2024-03-01,-100.00,5890.00,RENT,\n";
    let loaded = two_files(JANUARY, march, OTHER);
    let asked = ["--source", "jan.csv:3"];
    assert!(sentences(&loaded.table("trace_rests_on", &asked)).contains(&gap.to_owned()));
    assert_eq!(loaded.table("trace", &asked)[0]["floor"], "0.00");
}

#[test]
fn files_whose_balances_meet_are_one_stretch_unless_something_happened_between() {
    let march = "1001,2024-02-26,-100.00,5890.00,RENT,\n";
    let loaded = two_files(JANUARY, march, OTHER);
    let asked = ["--source", "jan.csv:3", "--rule", "libr"];
    let ends = loaded.table("trace", &asked);
    let held = |ends: &[Row]| {
        let of = |row: &Row| {
            [&row["where"], &row["account"], &row["libr"], &row["floor"]].map(String::clone)
        };
        ends.iter().map(of).collect::<Vec<_>>()
    };
    // 990.00 of other money can have paid fee and rent; no more of what is left is other money.
    assert_eq!(held(&ends)[0], ["held", "1001", "5000.00", "4890.00"]);
    let rests = sentences(&loaded.table("trace_rests_on", &asked));
    let seam = "seam: No statement of 1001 spans 25 days between others, the first 2024-02-01: the \
                balance is the same before and after, and no record shows a transfer then, so that \
                they are taken as held.";
    assert_eq!(rests, [seam]);
    // Another bank shows a payment on one of these days: then they are not held.
    let paid = "2002,2024-01-02,900.00,900.00,DEPOSIT,\n\
                2002,2024-02-10,-70.00,830.00,TRANSFER,1001\n\
                2002,2024-03-20,-1.00,829.00,FEE,\n";
    let loaded = two_files(JANUARY, march, paid);
    assert_eq!(held(&loaded.table("trace", &asked))[0], ["held", "1001", "5000.00", "0.00"]);
    let ends = loaded.table("trace", &["--source", "other.csv:3", "--rule", "libr"]);
    assert_eq!(held(&ends), [["not-covered", "1001", "70.00", "70.00"]]);
}

#[test]
fn a_credit_is_posted_when_the_receivers_statement_books_it() {
    let head = "account,booked,amount,balance,description,counterparty_account,reference\n";
    let one = format!("{head}1001,2024-03-04T09:00:00Z,-400.00,100.00,TRANSFER,1002,REF77120001\n");
    // 1002 books the 400.00 at three in the afternoon. What it paid to 1003 at noon stands in the
    // statement of 1003 alone, so that no line of 1002's own puts it before or after.
    let two = format!(
        "{head}1002,2024-03-01T10:00:00Z,600.00,600.00,DEPOSIT,,\n\
         1002,2024-03-04T15:00:00Z,400.00,1000.00,TRANSFER,1001,REF77120001\n\
         1002,2024-03-09T10:00:00Z,-1.00,999.00,FEE,,\n"
    );
    let three = format!("{head}1003,2024-03-04T12:00:00Z,300.00,300.00,TRANSFER,1002,REF99\n");
    let loaded = Loaded::of(&[
        ("a.csv", STATEMENT, &one),
        ("b.csv", STATEMENT, &two),
        ("c.csv", STATEMENT, &three),
    ]);
    let ends = told(&loaded.table("trace", &["--source", "a.csv:2"]));
    // 300.00 left the 600.00 that were there; last in first out would take the 400.00 for it, had
    // they been there at noon. The fee of 1.00 is of 400.00 in 700.00.
    assert_eq!(
        ends,
        [
            "held 1002: 400.00 400.00 399.00 399.43 399.00",
            "held 1003: 0.00 0.00 0.00 0.00 0.00",
            "outside 1002 ~ FEE: 0.00 0.00 1.00 0.57 1.00",
        ]
    );
}

#[test]
fn a_case_without_a_transfer_says_so() {
    let calls = "start,caller,called\n2024-01-01T10:00:00Z,+12025550101,+12025550102\n";
    let loaded = Loaded::of(&[("c.csv", "moneytrail-call-detail", calls)]);
    for asked in [["--source", "c.csv:2"], ["--source", "account=1"], ["--destination", "0"]] {
        let found = loaded.refused(&asked, 2);
        assert!(found.contains("the case holds no transfer, so that there is nothing"), "{found}");
    }
}

#[test]
fn days_that_balance_rows_name_are_held_and_no_gap_is_traced_through() {
    let head = "account,booked,amount,balance,description,counterparty_name\n";
    let first = format!(
        "{head}1001,,,1000.00,Beginning balance as of 01/01/2024,\n\
         1001,2024-01-05,5000.00,6000.00,WIRE FROM VICTIM,\n\
         1001,2024-01-06,800.00,6800.00,DEPOSIT,\n\
         1001,2024-01-09,-2000.00,4800.00,RENT,Castellan Yards\n\
         1001,,,4800.00,Ending balance as of 01/31/2024,\n"
    );
    let second = format!(
        "{head}1001,,,4800.00,Beginning balance as of February 1 2024,\n\
         1001,2024-03-12,1200.00,6000.00,DEPOSIT,\n\
         1001,2024-03-15,-4000.00,2000.00,WIRE OUT,Ormond Freight\n\
         1001,2024-03-18,3000.00,5000.00,DEPOSIT,\n\
         1001,2024-03-20,-1500.00,3500.00,CAR,Harrow Motors\n\
         1001,,,3500.00,Ending balance as of 03/31/2024,\n"
    );
    let layout = "moneytrail-bank-statement";
    let loaded = Loaded::of(&[("a.csv", layout, &first), ("b.csv", layout, &second)]);
    let asked = ["--source", "a.csv:3"];
    // Between the rent and the next deposit lie 62 days of which no record tells, all of them
    // days of the two statements. Lowest balance: the rent meets 1,800.00 of other money and takes
    // 200.00; the wire meets 1,200.00 and takes 2,800.00. First in: the 1,000.00 of the opening go
    // first. Last in: 800.00 and then 1,200.00, 1,200.00 and then 2,800.00. By shares: 5,000.00 of
    // 6,800.00, 3,529.41 of 6,000.00, 1,176.47 of 5,000.00.
    let ends = loaded.table("trace", &asked);
    let mut lines = told(&ends);
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            "held 1001: 2000.00 0.00 1000.00 823.53 0.00",
            "outside 1001 ~ CASTELLAN YARDS: 200.00 1000.00 1200.00 1470.59 2000.00",
            "outside 1001 ~ HARROW MOTORS: 0.00 0.00 0.00 352.94 0.00",
            "outside 1001 ~ ORMOND FREIGHT: 2800.00 4000.00 2800.00 2352.94 3000.00",
        ]
    );
    let mut limits: Vec<(&str, &str, &str)> = ends
        .iter()
        .map(|row| (row["account"].as_str(), row["floor"].as_str(), row["ceiling"].as_str()))
        .collect();
    limits.sort_unstable();
    assert_eq!(
        limits,
        [
            ("1001", "0.00", "2000.00"),
            ("1001 ~ CASTELLAN YARDS", "200.00", "2000.00"),
            ("1001 ~ HARROW MOTORS", "0.00", "1500.00"),
            ("1001 ~ ORMOND FREIGHT", "1000.00", "4000.00"),
        ]
    );
    assert_eq!(sentences(&loaded.table("trace_rests_on", &asked)), Vec::<String>::new());
}
