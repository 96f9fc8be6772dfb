//! A layout for an unknown table, with the evidence for each guess and a question where it is
//! unsure.
//!
//! Reads the beginning of the file, drafts a layout and checks that it parses. What nobody can
//! know from the file is left out and asked for, never filled in: a date that reads two ways has
//! no line of its own until a person chooses one.

mod balance;
mod call_rules;
mod calls;
mod clocks;
mod completed;
mod currencies;
mod draft;
mod ends;
mod kinds;
mod last_digits;
mod no_records;
mod own_account;
mod payments;
mod people;
mod profile;
mod roles;
mod rules;
mod stated_lines;
mod vocabulary;
mod write;
mod zones;

use std::path::Path;

use crate::error::{Error, Result};
use crate::normalise::TimeForm;
use crate::records::{
    Packing, Place, RecordKind, TableSample, contents, head_bytes, packing, quoted_list, recognise,
    recognise_format, sample_table,
};
use draft::{Column, Draft};
use kinds::{Found, kind_of};
use profile::Profile;
use roles::{Role, end_of, role_of};

pub use roles::names_columns;

/// Bytes by which a structured format is recognised.
const FORMAT_BYTES: usize = 1 << 12;
/// Members of an archive that a refusal lists.
const MEMBERS_SHOWN: usize = 10;

/// The text of a layout file for the table at `path`; `member` names one of an archive or a sheet
/// of a workbook, as a pattern. Cost: its first 4 MiB, read in many ways.
///
/// # Errors
///
/// [`Error::Io`] if it cannot be read; [`Error::File`] if it is empty, no table of text, or holds
/// several members; [`Error::Columns`] with the columns found if they name nobody and nothing of
/// a case.
pub fn suggest_layout(path: &Path, member: Option<&str>) -> Result<String> {
    if path.is_dir() {
        let hint = "name one of its files".to_owned();
        return Err(Error::file(path, "is a directory, and a file is needed here", Some(hint)));
    }
    let shown = path.display().to_string();
    let places = contents(path, &shown, member)?.places;
    let [place] = places.as_slice() else {
        let names: Vec<&str> = places.iter().take(MEMBERS_SHOWN).map(Place::shown).collect();
        let what = format!("holds {} tables: {}", places.len(), names.join(", "));
        let hint = "name one with --member, as in --member 'january.csv'".to_owned();
        return Err(Error::file(path, what, Some(hint)));
    };
    let of_text = place.sheet().is_none() && packing(place)? != Packing::Parquet;
    if of_text && let Some(format) = recognise_format(&head_bytes(place, FORMAT_BYTES)?) {
        return Ok(write::structured(format));
    }
    suggest_table(place)
}

fn suggest_table(place: &Place) -> Result<String> {
    let path = place.naming();
    let sample = sample_table(place)?;
    let stem = stem_of(&path);
    let mut columns = columns_of(&sample);
    if sample.has_header {
        by_neighbours(&mut columns);
    } else {
        name_by_values(&mut columns);
    }
    let found = kind_of(&Found(&columns)).or_else(|| pairs_without_names(&sample));
    let Some((kind, why)) = found else {
        return Err(of_no_kind(place, &columns));
    };
    let mut draft = Draft::new(&sample, &columns, &stem, kind, why);
    match kind {
        RecordKind::BankStatement => payments::statement(&mut draft),
        RecordKind::BankTransfers => ends::transfers(&mut draft),
        RecordKind::CallDetail => calls::calls(&mut draft),
        _ => people::people(&mut draft),
    }
    no_records::second_tables(&mut draft);
    let known = sample.has_header.then(|| head_of(&sample));
    let built_in = known.and_then(|head| recognise(&stem, &head, &[]).ok());
    Ok(write::layout(&draft, built_in.as_ref().map(|layout| layout.name.as_str())))
}

/// The name of a file without its endings, `.gz` and `.csv` among them.
fn stem_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let endings = ["gz", "zst", "csv", "txt", "tsv", "parquet", "dat"];
    let mut stem = name.as_str();
    while let Some((rest, ending)) = stem.rsplit_once('.') {
        if rest.is_empty() || !endings.contains(&ending.to_lowercase().as_str()) {
            break;
        }
        stem = rest;
    }
    stem.to_owned()
}

fn columns_of(sample: &TableSample) -> Vec<Column> {
    (0..sample.columns.len())
        .map(|at| {
            let profile = Profile::of(sample, at);
            Column { role: role_of(&profile), end: end_of(&profile), profile }
        })
        .collect()
}

fn head_of(sample: &TableSample) -> String {
    sample.columns.join(",")
}

/// Roles that only the other columns show: the target of a call return stands beside the other
/// party, and an empty `to` beside a dated `from` is a last day.
fn by_neighbours(columns: &mut [Column]) {
    let has = |columns: &[Column], role: Role| columns.iter().any(|one| one.role == Some(role));
    let (other, start) = (has(columns, Role::OtherPhone), has(columns, Role::Start));
    for column in columns.iter_mut().filter(|one| one.role == Some(Role::End2)) {
        if other {
            column.role = Some(Role::Phone);
        } else if start && column.profile.filled == 0 {
            column.role = Some(Role::End);
        }
    }
}

/// Roles for a file without a header line: the first times are when, the first decimals are how
/// much, the longest texts say what.
fn name_by_values(columns: &mut [Column]) {
    let dated = |one: &Column| {
        one.role == Some(Role::Booked) || one.role.is_none() && one.profile.time != TimeForm::None
    };
    if let Some(at) = columns.iter().position(dated) {
        columns[at].role = Some(Role::Booked);
        let money = |one: &Column| {
            let decimals = one.profile.amounts.point + one.profile.amounts.comma;
            one.role.is_none() && decimals > 0 && one.profile.is_amount()
        };
        if let Some(at) = columns.iter().position(money) {
            columns[at].role = Some(Role::Amount);
        }
        let told =
            |one: &Column| one.role.is_none() && one.profile.filled > 0 && one.profile.is_text();
        let longest = (0..columns.len())
            .filter(|at| told(&columns[*at]))
            .max_by_key(|at| (columns[*at].profile.words_max, usize::MAX - at));
        if let Some(at) = longest {
            columns[at].role = Some(Role::Description);
        }
    }
}

/// Two identifiers, and perhaps a number, without a header: a list of pairs.
fn pairs_without_names(sample: &TableSample) -> Option<(RecordKind, &'static str)> {
    let pairs = !sample.has_header && matches!(sample.columns.len(), 2 | 3);
    pairs.then_some((RecordKind::Ties, "two texts on each row and no header: a list of pairs"))
}

fn of_no_kind(place: &Place, columns: &[Column]) -> Error {
    let names: Vec<String> = columns.iter().map(|one| one.profile.name.clone()).collect();
    let says =
        |words: &[&str]| columns.iter().any(|one| words.iter().any(|word| one.profile.says(word)));
    let has = |roles: &[Role]| {
        columns.iter().any(|one| one.role.is_some_and(|role| roles.contains(&role)))
    };
    let hint = if says(&["asset", "coin", "crypto"]) && says(&["quantity", "volume", "vol"]) {
        "rows of an exchange: a quantity counts coins and is no money. Rows that brought money in \
         or took it out can be read as record = \"bank-statement\", with account = { constant = \
         \"…\" }, the column of the total as amount, signed by the column that says \
         whether it came or went, and the rows of coins under ignore"
    } else if has(&[Role::Amount, Role::Debit]) && has(&[Role::Booked, Role::ValueDate]) {
        "each row has a day and an amount, and nothing says whose. If one account paid or was paid \
         them, write a layout with record = \"bank-statement\" and account = { constant = \"…\" }; \
         a bill of tolls or services that were used shows no payment, and is not loaded"
    } else {
        "a list of codes is not loaded; if rows do name people or accounts, write a layout that \
         says which columns do"
    };
    Error::Columns {
        file: place.shown().to_owned(),
        what: "is no list of payments, calls, leases, holders, parties, accounts or ties: its \
               columns name no party, and no two accounts, phones or other things that belong \
               together"
            .to_owned(),
        found: quoted_list(&names),
        hint: Some(hint.to_owned()),
    }
}

#[cfg(test)]
mod returns_test;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::{Layout, SampleRow};

    /// A column of that name with those values.
    pub(super) fn column(name: &str, values: &[&str]) -> Profile {
        let row = |(at, text): (usize, &&str)| SampleRow {
            line: at + 2,
            raw: (*text).to_owned(),
            cells: vec![(*text).to_owned()],
            typed: Vec::new(),
        };
        let sample = TableSample {
            encoding: "utf-8",
            encoding_marked: false,
            encoding_why: String::new(),
            delimiter: b',',
            delimiter_lines: (1, 1),
            preamble: Vec::new(),
            has_header: true,
            columns: vec![name.to_owned()],
            rows: values.iter().enumerate().map(row).collect(),
            odd: Vec::new(),
            whole: true,
        };
        Profile::of(&sample, 0)
    }

    /// Whether the suggestion for a file parses as it is, and the lines it must hold.
    #[track_caller]
    pub(super) fn check(name: &str, text: &str, parses: bool, lines: &[&str]) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        let layout = suggest_layout(&path, None).unwrap();
        for line in lines {
            assert!(layout.lines().any(|one| one.contains(line)), "{line:?} is not in\n{layout}");
        }
        let parsed = Layout::parse(Path::new("own.toml"), &layout);
        assert_eq!(parsed.is_ok(), parses, "{parsed:?}\n{layout}");
    }

    const STATEMENT: &str = "Harbor Bank;;;;\nAccount: 4410000035;;;;\n\
        Date;Text;Withdrawals;Deposits;Balance\n\
        31.03.2026;RENT;1.200,00;;800,00\n01.04.2026;WAGES;;500,00;1.300,00\n\
        02.04.2026;FEE;1,50;;1.298,50\nTotal;;1.201,50;500,00;\n";

    #[test]
    fn a_statement_is_read_out_of_its_own_arithmetic() {
        let lines = [
            "record = \"bank-statement\"",
            "delimiter = \";\"",
            "decimal_mark = \",\"",
            "ignore = [\"^Total\"]",
            "2 of 2 rows, oldest first",
            "a line above the header says \"4410000035\"",
            "amount = { debit = \"Withdrawals\", credit = \"Deposits\" }",
            "booked = { column = \"Date\", format = \"%d.%m.%Y\" }",
        ];
        check("statement.csv", STATEMENT, true, &lines);
    }

    #[test]
    fn what_cannot_be_known_is_asked_and_never_taken() {
        let text = "Date,Amount,Description\n03/04/2026,1.00,a\n05/06/2026,-2.00,b\n";
        let lines = [
            "# ASK: all 2 values read with the month first and with the day first; which?",
            "# booked = { column = \"Date\", format = \"%m/%d/%Y\" }",
            "# booked = { column = \"Date\", format = \"%d/%m/%Y\" }",
            "# ASK: whose statement is this?",
        ];
        check("bank.csv", text, false, &lines);
        let marks = "Account,Date,Amount,Description\n1,2026-03-31,1.200,a\n";
        let lines = ["# ASK: every amount reads with either decimal mark", "decimal_mark = \"?\""];
        check("bank.csv", marks, false, &lines);
    }

    #[test]
    fn forms_of_dates_that_exports_have_are_known_and_day_numbers_asked_for() {
        let text = |day: &str| format!("Account,Date,Amount,Description\n1,{day},1.00,a\n");
        for (day, format) in [
            ("03APR2026", "%d%b%Y"),
            ("2026.03.31", "%Y.%m.%d"),
            ("\"Mar 3, 2026\"", "%b %d, %Y"),
            ("31-Mar-26", "%d-%b-%y"),
        ] {
            let line = format!("booked = {{ column = \"Date\", format = \"{format}\" }}");
            check("bank.csv", &text(day), true, &[&line]);
        }
        let lines = [
            "# ASK: all 1 values are numbers, which a spreadsheet program may have written for",
            "# 2026-03-31 as \"serial\" and 2030-04-01 as \"serial-1904\"; which?",
            "# booked = { column = \"Date\", format = \"serial\" }",
        ];
        check("bank.csv", &text("46112"), false, &lines);
    }

    #[test]
    fn pairs_holders_and_leases_are_told_apart() {
        check("calls.csv", "0\t1\t3\n2\t5\t1\n", true, &["record = \"ties\"", "weight = "]);
        let cards = "Account No,Account Holder,Role,Phone,DOB\n1,Lena Ortiz,Joint,+12025550123,\
                     1980-01-02\n";
        check("cards.csv", cards, true, &["record = \"account-holders\"", "\"Joint\" = \"joint\""]);
        let leases = "Premises,Tenants,Rent,Start Date\n14 Pier St,A; B,900.00,2026-01-01\n";
        check("leases.csv", leases, true, &["record = \"leases\"", "split = \";\""]);
        let calls = "Start,Target Number,Other Number,Direction,Duration\n\
                     2026-01-01 10:00:00,+12025550123,+12025550124,Outgoing,61\n";
        check("calls.csv", calls, true, &["record = \"call-detail\"", "\"Outgoing\" = \"out\""]);
    }

    #[test]
    fn payments_of_more_decimals_than_money_has_are_payments() {
        let text = "fromId|toId|amount|createTime\n1|2|4816672.445824332|2020-08-29 20:21:43\n\
                    2|3|6.5|2020-08-30 20:21:43\n";
        let lines = ["record = \"bank-transfers\"", "amount = { column = \"amount\" }"];
        check("withdrawn.csv", text, true, &lines);
        let lines = [
            "# ASK: an amount has 9 decimals, \"4816672.445824332\"",
            "surplus_decimals = \"round\"",
        ];
        check("withdrawn.csv", text, true, &lines);
        let few = text.replace("4816672.445824332", "48.125");
        check("withdrawn.csv", &few, true, &["# surplus_decimals = \"round\""]);
    }

    #[test]
    fn words_that_sign_an_amount_are_never_taken_for_more() {
        let text = |name: &str, [out, into, third]: [&str; 3]| {
            format!(
                "Account,Date,{name},Amount,Balance\n1,2026-01-15,{out},10.00,90.00\n\
                 1,2026-01-16,{into},20.00,110.00\n1,2026-01-17,{third},5.00,105.00\n"
            )
        };
        for (name, words, values) in [
            (
                "Entry Type",
                ["Withdrawal", "Deposit", "Withdrawal"],
                "values = { \"Deposit\" = \"credit\", \"Withdrawal\" = \"debit\" }",
            ),
            ("D/C", ["W", "D", "W"], "values = { \"D\" = \"credit\", \"W\" = \"debit\" }"),
            (
                "Direction",
                ["OUT", "IN", "OUT"],
                "values = { \"IN\" = \"credit\", \"OUT\" = \"debit\" }",
            ),
        ] {
            let lines = [values, "2 of 2 rows, oldest first"];
            check("bank.csv", &text(name, words), true, &lines);
        }
        let lines = [
            "# ASK: which way does money go with \"Reversal\"?",
            "values = { \"Credit\" = \"credit\", \"Debit\" = \"debit\" }",
        ];
        check("bank.csv", &text("Debit/Credit", ["Debit", "Credit", "Reversal"]), true, &lines);
    }

    #[test]
    fn a_payment_that_begins_like_a_total_is_not_passed_over() {
        let text = "Description,Account,Date,Debit,Credit\nTotal Wine,1,01/15/2026,10.00,\n\
                    Pay,1,01/16/2026,,20.00\nTotal,,,10.00,20.00\nPage 2,,,,\n";
        check("bank.csv", text, true, &["ignore = [\"^Page\", \"^Total,\"]"]);
    }

    #[test]
    fn several_tenants_of_one_cell_are_asked_for() {
        let leases =
            "Premises,Tenants,Start Date\n14 Pier St,Lena Ortiz and Tomas Arden,2026-01-01\n";
        let lines = [
            "# ASK: 1 cell reads like several names, as \"Lena Ortiz and Tomas Arden\" does",
            "# tenants = { column = \"Tenants\", split = [\" and \", \" & \", \" / \"] }",
        ];
        check("leases.csv", leases, true, &lines);
    }

    #[test]
    fn a_list_of_codes_is_refused_with_its_columns() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("codes.csv");
        std::fs::write(&path, "CODE,MEANING\nA,ONE\nB,TWO\n").unwrap();
        let error = suggest_layout(&path, None).unwrap_err();
        assert!(
            error.to_string().contains("the columns found are \"CODE\", \"MEANING\""),
            "{error}"
        );
    }
}
