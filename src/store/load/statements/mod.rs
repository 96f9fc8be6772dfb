//! What statements say of their accounts beside their rows: days, opening and closing balance.

pub(super) mod balance_signs;
pub(super) mod coverage;
pub(super) mod stated_balances;
mod stated_period;
pub(super) mod stated_rows;
mod statement_parts;

use crate::model::{Currency, EntityKind, NONE};
use crate::normalise::{DecimalMark, TimeReader, parse_minor};
use crate::records::{Numbers, Reading, Reject, Statement};
use crate::store::load::entities::account_numbers::add_account;
use crate::store::load::entities::{EntityBook, EntityRows};
use crate::store::load::reading::values::CaseDefaults;
use crate::store::tables::Statements;

/// One statement; the account is a number of the book.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StatementRow {
    /// Number in the book.
    pub account: u32,
    /// Of both balances.
    pub currency: Currency,
    number: String,
    /// First and last day, where stated.
    pub days: (Option<i32>, Option<i32>),
    /// Balance before its first row, minor units.
    pub opening_minor: Option<i64>,
    /// Balance after its last row, minor units.
    pub closing_minor: Option<i64>,
    /// Lines of its first and last record.
    pub records: Option<(u32, u32)>,
    /// Source and line.
    pub at: (u32, u32),
}

/// Reads a statement's own texts; `None` when it names no account. What cannot be read is left
/// empty and noted in `rejects`.
pub fn read_statement(
    statement: &Statement,
    source: u32,
    reading: &Reading,
    case: &CaseDefaults,
    book: &mut EntityBook,
    rejects: &mut Vec<Reject>,
) -> Option<StatementRow> {
    let layout = &reading.layout;
    let bank = if statement.bank.is_empty() { &layout.institution } else { &statement.bank };
    let global = layout.numbers == Numbers::Global;
    let account = add_account(&mut book.accounts, bank, &statement.account, global)?;
    let mut unread = |column: &str, found: &str, expected: &str| {
        rejects.push(Reject {
            line: statement.line,
            column: column.to_owned(),
            found: found.to_owned(),
            reason: format!("expected {expected}"),
            kept: true,
            ..Reject::default()
        });
    };
    let currency = match statement.currency.as_str() {
        "" => case.currency,
        text => text.parse().unwrap_or_else(|_| {
            unread("statement currency", text, "an ISO 4217 currency code such as USD");
            case.currency
        }),
    };
    let mark = DecimalMark::of(reading.decimal_mark());
    let mut balance = |column: &str, text: &Option<String>| {
        let text = text.as_deref()?;
        match parse_minor(text, mark, case.digits.of(currency)) {
            Ok(minor) => Some(minor),
            Err(problem) => {
                unread(column, text, &problem.to_string());
                None
            }
        }
    };
    let opening_minor = balance("opening balance", &statement.opening);
    let closing_minor = balance("closing balance", &statement.closing);
    let mut day = |column: &str, field: &str, text: &str| {
        if text.is_empty() {
            return None;
        }
        match day_reader(reading, field, case).map(|reader| reader.read(text)) {
            Some(Ok(read)) => Some(read.stamp.day),
            _ => {
                unread(column, text, "a date such as 2026-03-31, or as the layout's format says");
                None
            }
        }
    };
    let days = (
        day("first day", "period_start", &statement.days.0),
        day("last day", "period_end", &statement.days.1),
    );
    Some(StatementRow {
        account,
        currency,
        number: statement.number.clone(),
        days,
        opening_minor,
        closing_minor,
        records: statement.records,
        at: (source, statement.line),
    })
}

/// Takes a statement whose balances stand in rows among its records; with them it covers these
/// lines. Where lines beside the rows tell of the same statement it is one: what these left open is
/// filled, and what they state otherwise is noted, by column and the line that states it.
pub fn take_row_statement(
    known: &mut Vec<StatementRow>,
    stated: StatementRow,
    cover: (u32, u32),
) -> Vec<(&'static str, u32)> {
    let (from, to) = cover;
    let meets = |one: &StatementRow| match one.records {
        Some((first, last)) => first <= to && from <= last,
        None => stated.records.is_none(),
    };
    let same = |one: &StatementRow| {
        (one.account, one.currency, one.at.0) == (stated.account, stated.currency, stated.at.0)
    };
    let fitting = known.iter_mut().filter(|one| same(one) && meets(one));
    let mut fitting: Vec<&mut StatementRow> = fitting.collect();
    if fitting.is_empty() {
        known.push(stated);
        return Vec::new();
    }
    let mut against = Vec::new();
    for one in &mut fitting {
        let (first, last) = one.records.unwrap_or(cover);
        let line = one.at.1;
        // A page in the middle of a statement opens and closes with neither of its balances.
        let mut end = |name, known: &mut Option<i64>, found: Option<i64>, same_end: bool| match (
            *known, found,
        ) {
            (None, Some(_)) if same_end => *known = found,
            (Some(known), Some(found)) if same_end && known != found => {
                against.push((name, line));
            }
            _ => {}
        };
        end("opening_balance", &mut one.opening_minor, stated.opening_minor, first == from);
        end("closing_balance", &mut one.closing_minor, stated.closing_minor, last == to);
        // The rows that state balances were counted among the records before anyone read them.
        if (first, last) == cover {
            one.records = stated.records;
            // Days stated beside the rows are the statement's own.
            if one.days == (None, None) {
                one.days = stated.days;
            }
        }
    }
    against
}

/// How the days of a statement are written: as a structured format has them, or as the layout
/// says for the field.
fn day_reader(reading: &Reading, field: &str, case: &CaseDefaults) -> Option<TimeReader> {
    let zone = || case.zone.clone();
    let format = match reading.layout.format {
        Some(_) => Some("%Y-%m-%d"),
        None => reading.layout.record.field(field).and_then(|at| reading.format(at)),
    };
    TimeReader::new(format, zone(), zone(), true).ok()
}

/// The `statements` table, in order of source and line.
pub fn statement_table(statements: &[StatementRow], rows: &EntityRows) -> Statements {
    let mut sorted: Vec<&StatementRow> = statements.iter().collect();
    sorted.sort_by_key(|one| one.at);
    let mut table = Statements::default();
    for one in sorted {
        table.account.push(rows.row(EntityKind::Account, one.account));
        table.currency.push(one.currency);
        table.number.push(&one.number);
        table.from_day.push(one.days.0);
        table.to_day.push(one.days.1);
        table.opening_minor.push(one.opening_minor);
        table.closing_minor.push(one.closing_minor);
        table.first_line.push(one.records.map_or(NONE, |lines| lines.0));
        table.last_line.push(one.records.map_or(NONE, |lines| lines.1));
        table.source.push(one.at.0);
        table.line.push(one.at.1);
    }
    table
}
