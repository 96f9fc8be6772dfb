//! Rows of a statement that state a balance or a sum: read as that where they surely are, and
//! never as money that moved.

use moneytrail::analyses::{BalanceState, Inputs};
use moneytrail::store::Case;
use tempfile::TempDir;

use crate::loaded::{case_text, counts, directory, load_in, rejects, transfers};

const BALANCED: &str = "name = \"own\"\nrecord = \"bank-statement\"\n[fields]\n\
    account = { constant = \"1\" }\nbooked = { column = \"Date\", format = \"%m/%d/%Y\" }\n\
    amount = { column = \"Amount\" }\nbalance = { column = \"Running Bal.\" }\n\
    description = { column = \"Description\" }\n";

/// A case, and the directory that it is read from.
struct Held {
    case: Case,
    _dir: TempDir,
}

impl std::ops::Deref for Held {
    type Target = Case;

    fn deref(&self) -> &Case {
        &self.case
    }
}

fn load(layout: &str, text: &str) -> Held {
    let dir = directory(&[("bank.csv", text.as_bytes()), ("own.toml", layout.as_bytes())]);
    let case = load_in(dir.path(), &case_text(&[("bank.csv", Some("own.toml"))])).unwrap();
    Held { case, _dir: dir }
}

/// Statements as `line opening closing first..last`.
fn stated(case: &Case) -> Vec<String> {
    let table = case.statements().unwrap();
    let minor = |minor: Option<i64>| minor.map_or("-".to_owned(), |minor| minor.to_string());
    (0..table.line.len())
        .map(|row| {
            let (opening, closing) = (table.opening_minor[row], table.closing_minor[row]);
            let (first, last) = (table.first_line[row], table.last_line[row]);
            format!("{} {} {} {first}..{last}", table.line[row], minor(opening), minor(closing))
        })
        .collect()
}

/// How each account and month stands.
fn states(case: &Case) -> Vec<BalanceState> {
    let inputs = Inputs::new(case);
    inputs.month_balances().unwrap().iter().map(|month| month.state).collect()
}

/// Lines of the records set aside, and of the values noted.
fn aside(case: &Case) -> [Vec<u32>; 2] {
    [false, true].map(|kept| {
        rejects(case).into_iter().filter(|one| one.3 == kept).map(|one| one.0).collect()
    })
}

const EXPORT: &str = "Date,Description,Amount,Running Bal.\n\
    01/01/2024,Beginning balance as of 01/01/2024,,\"5,000.00\"\n\
    01/05/2024,ZELLE TO LENA ORTIZ,-200.00,\"4,800.00\"\n\
    01/09/2024,PAYROLL,\"1,200.00\",\"6,000.00\"\n\
    01/31/2024,Ending balance as of 01/31/2024,,\"6,000.00\"\n";

#[test]
fn the_balance_rows_of_an_export_are_its_statements() {
    let case = load(BALANCED, EXPORT);
    assert_eq!(stated(&case), ["2 500000 600000 3..4"]);
    assert!(aside(&case).concat().is_empty());
    // Header and two balances are no records.
    assert_eq!(counts(&case, 0), [2, 2, 0, 0, 3]);
    assert_eq!(transfers(&case).len(), 2);
    assert_eq!(states(&case), [BalanceState::Proves]);

    // Newest first, and without a day on the balances.
    let mut lines: Vec<&str> = EXPORT.lines().collect();
    lines[1..].reverse();
    let turned =
        lines.join("\n").replace("01/01/2024,Beg", ",Beg").replace("01/31/2024,End", ",End");
    assert_eq!(stated(&load(BALANCED, &turned)), ["5 500000 600000 3..4"]);
    // In the cell of the day, with nothing else on the row.
    let text = EXPORT
        .replace("01/01/2024,Beginning balance as of 01/01/2024", "Beginning Balance,")
        .replace("01/31/2024,Ending balance as of 01/31/2024", "Ending Balance,");
    assert_eq!(stated(&load(BALANCED, &text)), ["2 500000 600000 3..4"]);
}

/// The days that are held and those that are missing, as days of 2024 from 1: `1..31 covers`.
fn covered(case: &Case) -> Vec<String> {
    let table = case.coverage().unwrap();
    let day = |day: i32| day - 19_722;
    (0..table.state.len())
        .map(|row| {
            let (from, to) = (day(table.from_day[row]), day(table.to_day[row]));
            format!("{from}..{to} {}", table.state.get(row))
        })
        .collect()
}

#[test]
fn the_days_of_its_balances_are_those_that_a_statement_covers() {
    let case = load(BALANCED, EXPORT);
    assert_eq!(covered(&case), ["1..31 covers"]);
    let statements = case.statements().unwrap();
    assert_eq!((statements.from_day[0], statements.to_day[0]), (Some(19_723), Some(19_753)));
    // Two months of one file, of which the second ends long before its last day.
    let february = "02/01/2024,Beginning balance as of 02/01/2024,,\"6,000.00\"\n\
        02/02/2024,RENT,-100.00,\"5,900.00\"\n\
        02/29/2024,Ending balance as of 02/29/2024,,\"5,900.00\"\n";
    assert_eq!(
        covered(&load(BALANCED, &(EXPORT.to_owned() + february))),
        ["1..31 covers", "32..60 covers"]
    );
    // Newest first.
    let mut lines: Vec<&str> = EXPORT.lines().collect();
    lines[1..].reverse();
    assert_eq!(covered(&load(BALANCED, &lines.join("\n"))), ["1..31 covers"]);
}

#[test]
fn days_that_the_records_contradict_or_that_are_not_sure_cover_nothing_more() {
    let of_rows = ["5..9 covers"];
    // A record before the first of the days, and one behind the last.
    for (found, other) in
        [("as of 01/01/2024", "as of 01/06/2024"), ("01/31/2024,,", "01/08/2024,,")]
    {
        let case = load(BALANCED, &EXPORT.replace(found, other));
        assert_eq!(covered(&case), of_rows, "{other}");
        assert_eq!(aside(&case), [vec![], vec![2]], "{other}");
        let reason = case.rejects().unwrap().reason.get(0).to_owned();
        assert!(reason.starts_with("the days of the balances are not those"), "{reason}");
    }
    // One end without a day, a period beside one end, a page.
    for (found, other) in [
        ("balance as of 01/01/2024", "balance"),
        ("balance as of 01/31/2024", "balance"),
        ("balance as of 01/31/2024", "balance from 01/01/2024 to 01/31/2024"),
        ("balance as of 01/31/2024", "balance 3"),
    ] {
        let case = load(BALANCED, &EXPORT.replace(found, other));
        assert_eq!(covered(&case), of_rows, "{other}");
        assert!(aside(&case).concat().is_empty(), "{other}");
    }
    // The close of the year before, and no record on its last day.
    let text = EXPORT.replace("as of 01/01/2024", "as of 12/31/2023");
    assert_eq!(covered(&load(BALANCED, &text)), ["1..31 covers"]);
    // A statement that lost a row still covers its days, and does not prove.
    let text = EXPORT.replace("01/05/2024,ZELLE TO LENA ORTIZ,-200.00,\"4,800.00\"\n", "");
    let case = load(BALANCED, &text);
    assert_eq!(
        (covered(&case), states(&case)),
        (vec!["1..31 covers".to_owned()], vec![BalanceState::Breaks])
    );
}

#[test]
fn a_statement_that_lost_a_row_breaks_by_what_it_lost() {
    let text = EXPORT.replace("01/05/2024,ZELLE TO LENA ORTIZ,-200.00,\"4,800.00\"\n", "");
    let case = load(BALANCED, &text);
    assert_eq!(stated(&case), ["2 500000 600000 3..3"]);
    assert_eq!(states(&case), [BalanceState::Breaks]);
}

#[test]
fn what_is_not_surely_a_balance_stays_set_aside() {
    for row in [
        // No figure, another amount beside it, a word more, a balance of no stated moment.
        "01/01/2024,Beginning balance,,",
        "01/01/2024,Beginning balance,7.00,\"5,000.00\"",
        "01/01/2024,Available balance,,\"5,000.00\"",
        "01/01/2024,Beginning balance,,n/a",
        "someday,Beginning balance,,\"5,000.00\"",
        "01/01/2024,Beginning balance,\"5,000.00\",",
    ] {
        let text = EXPORT
            .replace("01/01/2024,Beginning balance as of 01/01/2024,,\"5,000.00\"", row)
            .replace("01/31/2024,Ending balance as of 01/31/2024,,\"6,000.00\"\n", "");
        let case = load(BALANCED, &text);
        assert_eq!(stated(&case), Vec::<String>::new(), "{row}");
        assert_eq!(aside(&case)[0], [2], "{row}");
        assert_eq!(transfers(&case).len(), 2, "{row}");
    }
    // Between records of one order it closes nothing that it could be the balance of.
    let among = "Date,Description,Amount,Running Bal.\n01/05/2024,A,-200.00,\n\
                 01/05/2024,Ending balance,,\"4,800.00\"\n01/05/2024,B,5.00,\n";
    let case = load(BALANCED, among);
    assert_eq!((stated(&case), aside(&case)), (vec![], [vec![3], vec![]]));
    let reason = case.rejects().unwrap().reason.get(0).to_owned();
    assert!(reason.ends_with("does not tell which rows it is the balance of"), "{reason}");
}

#[test]
fn pages_months_and_accounts_each_have_their_balances() {
    let layout = BALANCED.replace("{ constant = \"1\" }", "{ column = \"Account\" }");
    let text = "Account,Date,Description,Amount,Running Bal.\n\
        1,01/01/2024,BALANCE BROUGHT FORWARD,,10.00\n1,01/02/2024,A,1.00,11.00\n\
        1,01/03/2024,BALANCE CARRIED FORWARD,,11.00\n1,01/03/2024,BALANCE BROUGHT FORWARD,,11.00\n\
        1,01/04/2024,B,2.00,13.00\n1,01/31/2024,BALANCE CARRIED FORWARD,,13.00\n\
        2,01/01/2024,Opening Balance,0.00,20.00\n2,01/02/2024,C,-5.00,15.00\n\
        2,01/31/2024,Closing Balance,15.00,15.00\n,01/31/2024,Closing Balance,,28.00\n";
    let case = load(&layout, text);
    assert_eq!(stated(&case), ["2 1000 1100 3..3", "5 1100 1300 6..6", "8 2000 1500 9..9"]);
    // A balance of no account is nobody's.
    assert_eq!(aside(&case), [vec![11], vec![]]);
    assert_eq!(states(&case), [BalanceState::Proves, BalanceState::Proves]);
}

#[test]
fn sums_of_the_rows_are_compared_with_them() {
    let layout = "name = \"own\"\nrecord = \"bank-statement\"\n[fields]\n\
        account = { constant = \"1\" }\nbooked = { column = \"Date\" }\n\
        description = { column = \"Text\" }\namount = { debit = \"Out\", credit = \"In\" }\n";
    let text = |out: &str, into: &str| {
        [
            "Date,Text,Out,In",
            "2024-01-02,A,10.00,",
            "2024-01-03,B,5.00,",
            "2024-01-04,C,,7.00",
            &format!(",Total withdrawals,{out},"),
            &format!("2024-01-31,Total deposits (1),,{into}"),
            &format!(",Totals,{out},{into}"),
        ]
        .join("\n")
    };
    assert_eq!(aside(&load(layout, &text("15.00", "7.00")))[0], Vec::<u32>::new());
    let case = load(layout, &text("15.00", "8.00"));
    assert_eq!(aside(&case)[0], [6, 7]);
    let reason = case.rejects().unwrap().reason.get(0).to_owned();
    assert!(reason.ends_with("of this statement do not come to that sum"), "{reason}");
    assert_eq!(transfers(&case).len(), 3);
}

#[test]
fn lines_beside_the_rows_and_rows_state_one_statement() {
    let summary = "Description,,Summary Amt.\nBeginning balance as of 01/01/2024,,\"5,000.00\"\n\
                   Ending balance as of 01/31/2024,,\"6,000.00\"\n\n";
    let layout = format!(
        "{BALANCED}opening_balance = {{ line = '^Beginning balance[^,]*,,\"?([0-9.,]+)' }}\n\
         closing_balance = {{ line = '^Ending balance[^,]*,,\"?([0-9.,]+)' }}\n"
    );
    let case = load(&layout, &format!("{summary}{EXPORT}"));
    assert_eq!(stated(&case), ["1 500000 600000 7..8"]);
    assert!(aside(&case).concat().is_empty());
    let other = EXPORT.replace("2024,,\"5,000.00\"", "2024,,\"4,900.00\"");
    let case = load(&layout, &format!("{summary}{other}"));
    assert_eq!(stated(&case), ["1 500000 600000 7..8"]);
    assert_eq!(aside(&case), [vec![], vec![6]]);
}
