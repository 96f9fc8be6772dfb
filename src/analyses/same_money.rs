//! The same money once, as tables: what was left out as a repeat, what merges rest on, what may
//! be a repeat, and which payments came back.
//!
//! The loader decided all of it; here it is put beside accounts, amounts and days, so that a
//! person can check each decision against the two lines it is about.

use crate::error::Result;
use crate::model::{Amount, EntityKind, NONE, ResultTable, SourceRef, Values};
use crate::store::Case;

/// Tables `possible_pairs`, `leg_evidence`, `duplicates`, `possible_repeats` and `reversals`, in
/// the store's order.
///
/// # Errors
///
/// [`crate::Error::File`] if the store is damaged.
pub fn same_money_tables(case: &Case) -> Result<Vec<ResultTable>> {
    Ok(vec![
        possible_pairs(case)?,
        leg_evidence(case)?,
        duplicates(case)?,
        possible_repeats(case)?,
        reversals(case)?,
    ])
}

fn texts(texts: &crate::model::Texts) -> Values {
    Values::Text(texts.iter().map(str::to_owned).collect())
}

fn place(source: u32, line: u32) -> Vec<SourceRef> {
    // A whole source has no line, and a record that is not there no place.
    if source == NONE || line == NONE { Vec::new() } else { vec![SourceRef { source, line }] }
}

fn places(sources: &[u32], lines: &[u32]) -> Values {
    Values::Refs(sources.iter().zip(lines).map(|(source, line)| place(*source, *line)).collect())
}

/// Sender, receiver, amount, currency, day and record of some transfers.
fn with_transfers(table: ResultTable, case: &Case, rows: &[u32]) -> Result<ResultTable> {
    let transfers = case.transfers()?;
    let names = case.names(EntityKind::Account)?;
    let of = || rows.iter().map(|row| *row as usize);
    let name = |account: u32| names.get(account as usize).to_owned();
    let amount = |row: usize| {
        Some(Amount { minor: transfers.amount_minor[row], currency: transfers.currency[row] })
    };
    let record = |row: usize| place(transfers.source[row], transfers.line[row]);
    let text = |of: &mut dyn Iterator<Item = String>| Values::Text(of.collect());
    Ok(table
        .with("from", text(&mut of().map(|row| name(transfers.from_account[row]))))
        .with("to", text(&mut of().map(|row| name(transfers.to_account[row]))))
        .with("amount", Values::Money(of().map(amount).collect()))
        .with("currency", text(&mut of().map(|row| transfers.currency[row].to_string())))
        .with("day", Values::Day(of().map(|row| Some(transfers.day[row])).collect()))
        .with("record", Values::Refs(of().map(record).collect())))
}

/// Day and record of the transfers that others are set beside.
fn with_others(
    table: ResultTable,
    case: &Case,
    [day, record]: [&str; 2],
    rows: &[u32],
) -> Result<ResultTable> {
    let transfers = case.transfers()?;
    let known = |row: &u32| (*row != NONE).then_some(*row as usize);
    let days = rows.iter().map(|row| known(row).map(|row| transfers.day[row])).collect();
    let records = rows.iter().map(|row| {
        known(row).map_or_else(Vec::new, |row| place(transfers.source[row], transfers.line[row]))
    });
    Ok(table.with(day, Values::Day(days)).with(record, Values::Refs(records.collect())))
}

/// Pairs of transfers that may be two records of one payment; both stand in every total.
fn possible_pairs(case: &Case) -> Result<ResultTable> {
    let table = case.possible_pairs()?;
    let result = with_transfers(ResultTable::new("possible_pairs"), case, &table.transfer)?;
    let result = with_others(result, case, ["other_day", "other_record"], &table.other)?;
    Ok(result.with("why", texts(&table.why)))
}

fn leg_evidence(case: &Case) -> Result<ResultTable> {
    let table = case.leg_evidence()?;
    let result = with_transfers(ResultTable::new("leg_evidence"), case, &table.transfer)?;
    Ok(result
        .with("other_record", places(&table.source, &table.line))
        .with("evidence", texts(&table.evidence))
        .note(
            "Every other transfer of several records rests on equal accounts, amount and currency \
             of the only records that fit within the days.",
        ))
}

fn duplicates(case: &Case) -> Result<ResultTable> {
    let table = case.duplicates()?;
    let names = &case.sources()?.source;
    let source = |row: &u32| names.get(*row as usize).to_owned();
    let line = |line: &u32| (*line != NONE).then_some(i64::from(*line));
    let count = table.records.iter().sum::<i64>();
    Ok(ResultTable::new("duplicates")
        .with("source", Values::Text(table.source.iter().map(source).collect()))
        .with("line", Values::Count(table.line.iter().map(line).collect()))
        .with("twin_source", Values::Text(table.twin_source.iter().map(source).collect()))
        .with("twin_line", Values::Count(table.twin_line.iter().map(line).collect()))
        .with("why", texts(&table.why))
        .with("records", Values::Count(table.records.iter().map(|one| Some(*one)).collect()))
        .note(format!(
            "{count} records repeat another and stand in no total; a row without a line is of all \
             records of its source."
        )))
}

fn possible_repeats(case: &Case) -> Result<ResultTable> {
    let table = case.possible_repeats()?;
    let result = with_transfers(ResultTable::new("possible_repeats"), case, &table.transfer)?;
    let result = with_others(result, case, ["other_day", "other_record"], &table.other)?;
    Ok(result.with("why", texts(&table.why)).note("All of these count in every total."))
}

fn reversals(case: &Case) -> Result<ResultTable> {
    let table = case.reversals()?;
    let result = with_transfers(ResultTable::new("reversals"), case, &table.transfer)?;
    let result = with_others(result, case, ["original_day", "original_record"], &table.original)?;
    Ok(result
        .with("stated_by", texts(&table.stated_by))
        .with("why", texts(&table.why))
        .note("A payment that came back and its original both count in every total."))
}
