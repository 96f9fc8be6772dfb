//! Two tables in one file, one below the other: said once, and never read under the names of the
//! first.

use moneytrail::Result;
use moneytrail::store::Case;

use crate::loaded::{case_text, counts, directory, load_in, rejects};

const LAYOUT: &str = "name = \"own\"\nrecord = \"bank-statement\"\n[fields]\n\
    account = { constant = \"1\" }\nbooked = { column = \"Date\" }\n\
    amount = { column = \"Amount\" }\ndescription = { column = \"Description\" }\n";

fn load(text: &str) -> Result<Case> {
    let dir = directory(&[("bank.csv", text.as_bytes()), ("own.toml", LAYOUT.as_bytes())]);
    let case = load_in(dir.path(), &case_text(&[("bank.csv", Some("own.toml"))]))?;
    let _ = (case.rejects()?, case.sources()?);
    Ok(case)
}

const FIRST: &str = "Date,Description,Amount\n2026-01-02,A,1.00\n2026-01-03,B,2.00\n";

#[test]
fn a_table_of_other_columns_is_said_where_it_begins() {
    let case = load(&format!(
        "{FIRST}Daily balances\nDate,Ledger Balance\n2026-01-02,1.00\n2026-01-03,3.00\n"
    ))
    .unwrap();
    assert_eq!(counts(&case, 0)[..3], [6, 2, 4]);
    let table = case.rejects().unwrap();
    let said: Vec<(u32, &str)> = (0..table.line.len())
        .filter(|row| table.kept[*row])
        .map(|row| (table.line[row], table.reason.get(row)))
        .collect();
    let [(5, said)] = said[..] else { panic!("{said:?}") };
    let expected = "a second table begins here, with the columns \"Date\", \"Ledger Balance\"; 2 \
                    records of it are set aside. Split the file at this line";
    assert!(said.starts_with(expected), "{said}");
}

#[test]
fn rows_of_another_table_are_never_read_under_the_names_of_the_first() {
    let second = "Date,Check No,Balance\n2026-01-04,1001,90.00\n";
    let refused = load(&format!("{FIRST}{second}")).unwrap_err();
    let said = refused.to_string();
    assert!(said.contains("a second table begins on line 4, with the columns"), "{said}");
    assert!(said.contains("the record on line 5"), "{said}");
    assert!(refused.hint().is_some_and(|hint| hint.starts_with("split the file at that line")));
    // The first header again, as it was or in capitals, heads its own rows.
    for header in ["Date,Description,Amount\n", "DATE,Description,Amount\n"] {
        let case = load(&format!("{FIRST}{header}2026-01-04,C,3.00\n")).unwrap();
        assert_eq!(counts(&case, 0)[1], 3);
        assert!(rejects(&case).iter().all(|one| !one.3));
    }
    // A table whose rows do not read, and then the first one again.
    let case = load(&format!(
        "{FIRST}Date,Check No,Balance\nJan 4,x,y\nDate,Description,Amount\n2026-01-05,C,3.00\n"
    ))
    .unwrap();
    assert_eq!(counts(&case, 0)[..3], [5, 3, 2]);
}
