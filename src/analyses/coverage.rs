//! What was produced: sources, covered days, and a grid of accounts and months.
//!
//! # What it finds
//! Every source with its counts; the days for which each account's own statements are held; for
//! each account and month one word that says whether it is held and adds up; and rows of one
//! source that are equal in everything, which are flagged and never dropped.
//!
//! # Why it matters
//! Whoever reads a total has to know which months it cannot contain.
//!
//! # What else explains it
//! A month without a statement may be one without a movement. Equal rows of one statement are
//! two payments as a rule: two tickets, two equal standing orders on one day.

mod month_words;
mod source_notes;
mod value_forms;

use std::collections::{BTreeMap, BTreeSet};

use clap::Args;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use self::month_words::{month_words, set_apart};
use self::source_notes::joined_calls_sentence;
pub use self::source_notes::without_records;
use self::value_forms::{told_by_values, value_forms};
use crate::analyses::{
    Inputs, Outcome, Readings, detail_row, month_of, month_text, possible_pairs_sentence,
    same_money_tables,
};
use crate::error::Result;
use crate::model::{Amount, Currency, ResultTable, SourceRef, Values, counted_as};
use crate::store::Case;

/// Keys of a query file's `[parameters]`, and flags of `status`.
#[derive(Args, Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// Most months that the grid shows, the latest ones.
    #[arg(long, value_name = "N", default_value_t = Params::default().months_max)]
    pub months_max: u32,
}

impl Default for Params {
    fn default() -> Params {
        Params { months_max: 60 }
    }
}

/// Says what is held. Tables: `status`, `sources`, `coverage`, `identical_records`,
/// `possible_pairs`, `members`, `value_forms`, `leg_evidence`, `duplicates`, `possible_repeats`,
/// `reversals`; accounts in order of their names, sources in case-file order. Cost: rows of
/// `transfers`, sorted.
///
/// # Errors
///
/// [`crate::Error::AmountOverflow`]; [`crate::Error::File`] if the store is damaged.
pub fn run(inputs: &Inputs, params: &Params) -> Result<Outcome> {
    let mut tables = vec![
        status(inputs, params)?,
        sources(inputs.case)?,
        coverage(inputs.case)?,
        identical_records(inputs.case)?,
        members(inputs.case)?,
        value_forms(inputs.case)?,
    ];
    tables.extend(same_money_tables(inputs.case)?);
    Ok(Outcome { tables, findings: Vec::new() })
}

/// The table `status` with every month, for a picture of them.
///
/// # Errors
///
/// [`crate::Error::AmountOverflow`]; [`crate::Error::File`] if the store is damaged.
pub fn months(inputs: &Inputs) -> Result<ResultTable> {
    status(inputs, &Params { months_max: u32::MAX })
}

/// One row for each account whose own statements are held, one column for each month.
fn status(inputs: &Inputs, params: &Params) -> Result<ResultTable> {
    let case = inputs.case;
    let mut words = month_words(inputs)?;
    let accounts: BTreeSet<u32> = words.keys().map(|(account, _)| *account).collect();
    let apart = set_apart(case, &mut words)?;
    let mut months: Vec<i32> = Vec::new();
    let first = words.keys().map(|(_, month)| *month).min();
    let last = words.keys().map(|(_, month)| *month).max();
    // Months are counted back from the last, so that one stray date long ago costs nothing.
    let mut next = last;
    while let (Some(month), Some(first)) = (next, first) {
        if month < first || months.len() >= params.months_max as usize {
            break;
        }
        months.push(month);
        next = month.checked_sub(1).map(month_of);
    }
    months.reverse();
    let name = |account: &u32| case.accounts().map(|table| table.account.get(*account as usize));
    let names: Result<Vec<String>> =
        accounts.iter().map(|account| Ok(name(account)?.to_owned())).collect();
    let mut table = ResultTable::new("status").with("account", Values::Text(names?));
    for month in &months {
        let word = |account: &u32| words.get(&(*account, *month)).copied().unwrap_or("");
        let cells = accounts.iter().map(|account| word(account).to_owned()).collect();
        table = table.with(month_text(*month), Values::Text(cells));
    }
    table = table.note(
        "proves: every stated balance follows; breaks: one does not; unstated: no balance \
         stated; part: neither, and only some days are held; covers: held, without rows; gap, \
         missing: not held, though months before and \
         after are; empty: before the first or after the last statement.",
    );
    if let Some(sentence) = apart {
        table = table.note(sentence);
    }
    if let (Some(first), Some(shown)) = (first, months.first())
        && first < *shown
    {
        let sentence = format!(
            "The grid shows the last {} months; {} and later months before {} are left out.",
            params.months_max,
            month_text(first),
            month_text(*shown)
        );
        table = table.note(sentence);
    }
    Ok(table)
}

/// The table `sources` alone: files with the counts of their records.
///
/// # Errors
///
/// [`crate::Error::File`] if the store is damaged.
pub fn sources(case: &Case) -> Result<ResultTable> {
    let table = case.sources()?;
    let count = |column: &[i64]| Values::Count(column.iter().map(|count| Some(*count)).collect());
    let text = |column: &crate::model::Texts| {
        Values::Text(column.iter().map(str::to_owned).collect::<Vec<_>>())
    };
    let sum = |column: &[i64]| column.iter().map(|count| i128::from(*count)).sum::<i128>();
    let note = format!(
        "Records read {} = accepted {} + rejected {} + duplicate {}.",
        sum(&table.read),
        sum(&table.accepted),
        sum(&table.rejected),
        sum(&table.duplicate)
    );
    let none = without_records(table);
    let sources = ResultTable::new("sources")
        .with("source", text(&table.source))
        .with("sha256", text(&table.sha256))
        .with("layout", text(&table.layout))
        .with("read", count(&table.read))
        .with("accepted", count(&table.accepted))
        .with("rejected", count(&table.rejected))
        .with("duplicate", count(&table.duplicate))
        .with("first", Values::Day(table.first.clone()))
        .with("last", Values::Day(table.last.clone()))
        .with("ignored", count(&table.ignored))
        .note(note);
    let sources = none.into_iter().fold(sources, ResultTable::note);
    let sources = told_by_values(case)?.into_iter().fold(sources, ResultTable::note);
    let sources = match possible_pairs_sentence(case)? {
        Some(sentence) => sources.note(sentence),
        None => sources,
    };
    let sources = match joined_calls_sentence(case)? {
        Some(sentence) => sources.note(sentence),
        None => sources,
    };
    let members = case.members()?;
    let hidden = members.state.iter().filter(|state| *state == "hidden").count();
    let sources = match hidden {
        0 => sources,
        1 => sources.note(
            "1 sheet is hidden, or rows or columns of it are, and was read; `members` says what.",
        ),
        several => sources.note(format!(
            "{several} sheets are hidden, or rows or columns of them are, and were read; `members` \
             says what."
        )),
    };
    let passed = members.state.iter().filter(|state| *state == "passed-over").count();
    Ok(match passed {
        0 => sources,
        1 => {
            sources.note("1 member of an archive or workbook was passed over; `members` names it.")
        }
        several => sources.note(format!(
            "{several} members of archives and workbooks were passed over; `members` names them."
        )),
    })
}

/// Members of archives and sheets of workbooks of which there is something to say.
fn members(case: &Case) -> Result<ResultTable> {
    let table = case.members()?;
    let texts = |column: &crate::model::Texts| {
        Values::Text(column.iter().map(str::to_owned).collect::<Vec<_>>())
    };
    Ok(ResultTable::new("members")
        .with("member", texts(&table.member))
        .with("state", texts(&table.state))
        .with("why", texts(&table.why)))
}

/// The table `rejects` alone: records set aside, and values left empty in records that stand.
///
/// # Errors
///
/// [`crate::Error::File`] if the store is damaged.
pub fn rejects(case: &Case) -> Result<ResultTable> {
    let rejects = case.rejects()?;
    let sources = case.sources()?;
    let source = |row: &u32| sources.source.get(*row as usize).to_owned();
    let texts = |column: &crate::model::Texts| -> Values {
        Values::Text(column.iter().map(str::to_owned).collect())
    };
    let rows = || 0..rejects.line.len();
    let number = |row: usize| i64::from(rejects.line[row]);
    let line = |row: usize| rejects.physical_line(row).map_or(number(row), i64::from);
    let apart = |row: usize| (!rejects.place.get(row).is_empty()).then(|| number(row));
    Ok(ResultTable::new("rejects")
        .with("source", Values::Text(rejects.source.iter().map(source).collect()))
        .with("line", Values::Count(rows().map(|row| Some(line(row))).collect()))
        .with("column", texts(&rejects.column))
        .with("found", texts(&rejects.found))
        .with("reason", texts(&rejects.reason))
        .with("kept", Values::Flag(rejects.kept.iter().map(|kept| Some(*kept)).collect()))
        .with("record", Values::Count(rows().map(apart).collect()))
        .with("place", texts(&rejects.place)))
}

fn coverage(case: &Case) -> Result<ResultTable> {
    let table = case.coverage()?;
    let accounts = case.accounts()?;
    let sources = case.sources()?;
    let account = |row: &u32| accounts.account.get(*row as usize).to_owned();
    let source = |row: &u32| match *row {
        crate::model::NONE => String::new(),
        row => sources.source.get(row as usize).to_owned(),
    };
    let days = |column: &[i32]| Values::Day(column.iter().map(|day| Some(*day)).collect());
    let held: BTreeSet<u32> = table.account.iter().copied().collect();
    let named = (0..accounts.account.len())
        .filter(|row| accounts.kind.get(*row) != "unidentified" && !held.contains(&(*row as u32)))
        .count();
    Ok(ResultTable::new("coverage")
        .with("account", Values::Text(table.account.iter().map(account).collect()))
        .with("from", days(&table.from_day))
        .with("to", days(&table.to_day))
        .with("source", Values::Text(table.source.iter().map(source).collect()))
        .with("state", Values::Text(table.state.iter().map(str::to_owned).collect()))
        .note(format!(
            "{} statements here; {named} more {} none.",
            counted_as(held.len(), "account has", "accounts have"),
            if named == 1 { "is named and has" } else { "are named and have" }
        )))
}

/// What rows of one source must share to be listed: source, ends, day, amount.
#[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
struct Row {
    source: u32,
    day: i32,
    from: u32,
    to: u32,
    currency: Currency,
    amount_minor: i64,
    line: u32,
}

/// Rows of one source that are equal in ends, day, amount, counterparty, description and
/// reference, in order of source and first line.
fn identical_records(case: &Case) -> Result<ResultTable> {
    let mut found = identical(case)?;
    found.sort_unstable_by_key(|(row, _)| (row.source, row.line));
    let details = case.details()?;
    let accounts = case.accounts()?;
    let sources = case.sources()?;
    let text =
        |of: &dyn Fn(&Row) -> String| Values::Text(found.iter().map(|(row, _)| of(row)).collect());
    let detail = |row: &Row, column: &crate::model::Texts| {
        let at = SourceRef { source: row.source, line: row.line };
        detail_row(details, at).map_or_else(String::new, |detail| column.get(detail).to_owned())
    };
    let amount = |row: &Row| Some(Amount { minor: row.amount_minor, currency: row.currency });
    let refs = |row: &Row, lines: &[u32]| -> Vec<SourceRef> {
        lines.iter().map(|line| SourceRef { source: row.source, line: *line }).collect()
    };
    Ok(ResultTable::new("identical_records")
        .with("source", text(&|row| sources.source.get(row.source as usize).to_owned()))
        .with("from", text(&|row| accounts.account.get(row.from as usize).to_owned()))
        .with("to", text(&|row| accounts.account.get(row.to as usize).to_owned()))
        .with("day", Values::Day(found.iter().map(|(row, _)| Some(row.day)).collect()))
        .with("amount", Values::Money(found.iter().map(|(row, _)| amount(row)).collect()))
        .with("currency", text(&|row| row.currency.to_string()))
        .with("counterparty", text(&|row| detail(row, &details.counterparty)))
        .with("description", text(&|row| detail(row, &details.description)))
        .with(
            "records",
            Values::Count(found.iter().map(|(_, lines)| Some(lines.len() as i64)).collect()),
        )
        .with(
            "source_refs",
            Values::Refs(found.iter().map(|(row, lines)| refs(row, lines)).collect()),
        )
        .note(
            "Each of these rows counts in every total: equal rows of one statement are two \
             records.",
        ))
}

fn identical(case: &Case) -> Result<Vec<(Row, Vec<u32>)>> {
    let transfers = case.transfers()?;
    let details = case.details()?;
    let readings = Readings::new(case)?;
    let mut rows = Vec::with_capacity(transfers.day.len());
    for at in 0..transfers.day.len() {
        // An entry that books several payments in one sum is one row, whatever they are.
        for reading in readings.of(at as u32).filter(|one| one.whole_minor.is_none()) {
            rows.push(Row {
                source: reading.at.source,
                day: reading.day,
                from: transfers.from_account[at],
                to: transfers.to_account[at],
                currency: transfers.currency[at],
                amount_minor: transfers.amount_minor[at],
                line: reading.at.line,
            });
        }
    }
    rows.par_sort_unstable();
    let mut found = Vec::new();
    let same = |left: &Row, right: &Row| Row { line: 0, ..*left } == Row { line: 0, ..*right };
    for run in rows.chunk_by(same).filter(|run| run.len() > 1) {
        let mut by_text: BTreeMap<[&str; 3], Vec<u32>> = BTreeMap::new();
        for row in run {
            let at = SourceRef { source: row.source, line: row.line };
            let texts = detail_row(details, at).map_or([""; 3], |detail| {
                [
                    details.counterparty.get(detail),
                    details.description.get(detail),
                    details.reference.get(detail),
                ]
            });
            by_text.entry(texts).or_default().push(row.line);
        }
        for lines in by_text.into_values().filter(|lines| lines.len() > 1) {
            found.push((Row { line: lines[0], ..run[0] }, lines));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Channel, NONE};
    use crate::store::{Accounts, Coverage, Details, Manifest, Side, Sources, Transfers};

    fn accounts() -> Accounts {
        Accounts {
            account: ["TEST/1", "TEST/2", "TEST/3"].into_iter().collect(),
            kind: ["account", "account", "unidentified"].into_iter().collect(),
            ..Accounts::default()
        }
    }

    /// Rows of one source paid by TEST/1: line, day, amount, description.
    fn case(rows: &[(u32, i32, i64, &str)]) -> Case {
        let mut transfers = Transfers::default();
        let mut details = Details::default();
        for (line, day, amount, description) in rows {
            transfers.from_account.push(0);
            transfers.to_account.push(2);
            transfers.booked_ms.push(0);
            transfers.day.push(*day);
            transfers.timed.push(false);
            transfers.amount_minor.push(*amount);
            transfers.currency.push(Currency::USD);
            transfers.channel.push(Channel::Card);
            transfers.side.push(Side::Sender);
            transfers.source.push(0);
            transfers.line.push(*line);
            details.source.push(0);
            details.line.push(*line);
            details.balance_minor.push(None);
            details.description.push(description);
            details.counterparty.push("");
            details.reference.push("");
        }
        let sources = Sources { source: ["bank.csv"].into_iter().collect(), ..Sources::default() };
        Case::in_memory(Manifest::default())
            .with(transfers)
            .with(details)
            .with(accounts())
            .with(sources)
    }

    #[track_caller]
    fn check(rows: &[(u32, i32, i64, &str)], expected: &[&[u32]]) {
        let found: Vec<Vec<u32>> =
            identical(&case(rows)).unwrap().into_iter().map(|(_, lines)| lines).collect();
        assert_eq!(found, expected);
        assert_eq!(identical_records(&case(rows)).unwrap().rows(), expected.len());
    }

    #[test]
    fn only_rows_equal_in_everything_are_flagged() {
        check(&[(2, 10, 500, "METRO"), (3, 10, 500, "METRO")], &[&[2, 3]]);
        check(&[(2, 10, 500, "METRO"), (3, 10, 500, "PARKING")], &[]);
        check(&[(2, 10, 500, "METRO"), (3, 11, 500, "METRO")], &[]);
        check(&[(2, 10, 500, "METRO"), (3, 10, 501, "METRO")], &[]);
        check(
            &[(2, 10, 5, "A"), (3, 10, 5, "B"), (4, 10, 5, "A"), (5, 10, 5, "B"), (6, 10, 5, "A")],
            &[&[2, 4, 6], &[3, 5]],
        );
    }

    #[test]
    fn the_grid_has_a_word_for_each_month_and_says_what_it_leaves_out() {
        let held = Coverage {
            account: vec![0, 0, 0, 1],
            // 2024-01-01 to 02-10, a gap to 04-05, then to 04-30; the other one 2024-03.
            from_day: vec![19_723, 19_764, 19_818, 19_783],
            to_day: vec![19_763, 19_817, 19_843, 19_813],
            source: vec![0, NONE, 0, 0],
            state: ["covers", "gap", "covers", "covers"].into_iter().collect(),
        };
        let case = case(&[(2, 19_723, 5, "A")]).with(held);
        let cells = |table: &ResultTable, month: &str| match table.column(month) {
            Some(Values::Text(words)) => words.join(","),
            _ => "no such column".to_owned(),
        };
        let grid = |months_max| status(&Inputs::new(&case), &Params { months_max }).unwrap();
        let whole = grid(60);
        let words: Vec<String> = ["2024-01", "2024-02", "2024-03", "2024-04"]
            .into_iter()
            .map(|month| cells(&whole, month))
            .collect();
        assert_eq!(words, ["unstated,", "part,", "gap,covers", "part,"]);
        assert_eq!((whole.columns.len(), whole.notes.len()), (5, 1));
        let cut = grid(2);
        assert_eq!(cells(&cut, "2024-02"), "no such column");
        assert_eq!((cut.columns.len(), cut.notes.len()), (3, 2));
    }

    #[test]
    fn a_month_with_payments_of_a_list_is_not_without_rows() {
        for (source, month) in [(0, "unstated"), (1, "covers")] {
            let case = case(&[(2, 19_754, 5, "A")]);
            let listed = Transfers {
                side: vec![Side::List],
                source: vec![source],
                ..case.transfers().unwrap().clone()
            };
            // January and February 2024; another bank's list does not make rows of this one.
            let held = Coverage {
                account: vec![0],
                from_day: vec![19_723],
                to_day: vec![19_782],
                source: vec![0],
                state: ["covers"].into_iter().collect(),
            };
            let case = case.with(listed).with(held);
            let table = status(&Inputs::new(&case), &Params::default()).unwrap();
            let words = |name: &str| match table.column(name) {
                Some(Values::Text(words)) => words[0].clone(),
                _ => String::new(),
            };
            assert_eq!([words("2024-01"), words("2024-02")], ["covers", month], "{source}");
        }
    }

    #[test]
    fn accounts_without_statements_are_counted() {
        let table = coverage(&case(&[])).unwrap();
        assert_eq!(
            table.notes,
            ["0 accounts have statements here; 2 more are named and have none."]
        );
    }
}
