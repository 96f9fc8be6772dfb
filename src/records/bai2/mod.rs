//! BAI2 balance reports of US and Canadian banks.
//!
//! Every type 16 record is a record, with its continuations; every account (03 to 49) of a group
//! a statement with opening (010) and closing ledger (015). Amounts have no decimal mark: the
//! currency says how many digits are decimals. Control totals and record counts of accounts,
//! groups and the file are added up again, and a difference is noted.

mod entries;
mod segments;
mod values;

use std::collections::VecDeque;
use std::io;

use jiff::civil::Date;

use crate::model::Currency;
use crate::records::bounded_lines::letters;
use crate::records::delimited::RAW_BYTES_MAX;
use crate::records::reject::{Reject, escape_raw};
use crate::records::structured::{
    Item, OutsideCurrency, SourceBytes, Statement, StructuredReader, StructuredRecord,
};
use entries::{is_credit, read_entry, read_summaries};
use segments::{Record, Records};
use values::{day, decimal, values, whole};

/// Whether a source begins with the header of a BAI2 file: code 01, a date, version 2 or 3.
pub fn recognises(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let text = letters(head);
    let Some(rest) = text.trim_start().strip_prefix("01,") else { return false };
    let line = rest.lines().next().unwrap_or("");
    let fields: Vec<&str> = line.split_once('/').map_or(line, |(own, _)| own).split(',').collect();
    let is_date = fields.get(2).is_some_and(|date| day(date).is_some());
    is_date && fields.get(7).is_some_and(|version| ["2", "3"].contains(&version.trim()))
}

/// Starts to read a source.
pub fn open(bytes: SourceBytes) -> Box<dyn StructuredReader> {
    Box::new(Bai2Reader {
        records: Records::new(bytes),
        ready: VecDeque::new(),
        file: Level::default(),
        group: None,
        account: None,
        last: (0, 0),
        state: State::Reading,
        outside: OutsideCurrency::default(),
    })
}

/// Said of a group that states no currency and is read by the format's rule.
pub const BAI2_DEFAULT_CURRENCY: &str = "no currency is stated: USD is taken, as the format's rule has it; if the bank keeps these \
     accounts in another, say so in a layout: [fields] currency = { constant = \"…\" }";

/// How far a file was read.
#[derive(Clone, Copy, Eq, PartialEq)]
enum State {
    Reading,
    /// Its trailer was seen.
    Closed,
    Ended,
}

struct Bai2Reader {
    records: Records,
    ready: VecDeque<Item>,
    file: Level,
    group: Option<Group>,
    account: Option<Account>,
    /// Number and line of the last record.
    last: (u32, u32),
    state: State,
    outside: OutsideCurrency,
}

/// What a trailer states again: a sum of amounts, members, records.
#[derive(Default)]
struct Level {
    total: i128,
    members: u64,
    records: u64,
}

struct Group {
    sums: Level,
    day: Option<Date>,
    /// Empty where the group states none.
    currency: String,
    /// It was said that USD stands for none.
    told: bool,
    /// Why its records are not taken, for a group that deletes or tests.
    refused: Option<&'static str>,
}

struct Account {
    sums: Level,
    statement: Statement,
}

impl StructuredReader for Bai2Reader {
    fn outside_currency(&mut self, outside: OutsideCurrency) {
        self.outside = outside;
    }

    fn next_item(&mut self) -> io::Result<Option<Item>> {
        loop {
            if let Some(item) = self.ready.pop_front() {
                return Ok(Some(item));
            }
            if self.state == State::Ended {
                return Ok(None);
            }
            match self.records.next_record()? {
                Some(record) => self.take(&record),
                None => self.end(),
            }
        }
    }
}

impl Bai2Reader {
    fn take(&mut self, record: &Record) {
        self.last = (record.number, record.line);
        if self.state == State::Closed && record.code != "01" {
            self.refuse(record, "nothing behind the file's trailer (code 99)");
            return;
        }
        if record.cut {
            self.refuse(record, "a record of at most 1 MiB; the rest was passed over");
            return;
        }
        match record.code.as_str() {
            "01" => self.header(record),
            "02" => self.group(record),
            "03" => self.account(record),
            "16" => self.entry(record),
            "49" => self.close_account(Some(record)),
            "98" => self.close_group(Some(record)),
            "99" => self.close_file(record),
            "88" => self.refuse(record, "a record before its continuation (code 88)"),
            _ => self.refuse(record, "a record code, one of 01, 02, 03, 16, 49, 88, 98, 99"),
        }
    }

    fn header(&mut self, record: &Record) {
        if self.file.records > 0 {
            self.close_group(None);
        }
        let records = u64::from(record.records);
        self.file = Level { records, ..Level::default() };
        self.state = State::Reading;
        let fields = record.fields();
        if !fields.get(7).is_some_and(|version| ["2", "3"].contains(version)) {
            self.note(record, "version", "expected version 2 of the format in field 8".to_owned());
        }
    }

    fn group(&mut self, record: &Record) {
        self.close_group(None);
        let fields = record.fields();
        let field = |at: usize| fields.get(at).copied().unwrap_or("");
        let day = day(field(3));
        let refused = match field(2) {
            "2" => Some("a group that is no deletion: its records withdraw what was sent before"),
            "4" => Some("a group that is no test"),
            _ => None,
        };
        if day.is_none() {
            self.note(record, "as-of date", "expected a date such as 260331 in field 4".to_owned());
        }
        let records = u64::from(record.records);
        let currency = field(5).to_owned();
        let sums = Level { records, ..Level::default() };
        self.group = Some(Group { sums, day, currency, told: false, refused });
    }

    fn account(&mut self, record: &Record) {
        self.close_account(None);
        let fields = record.fields();
        let number = fields.first().copied().unwrap_or("").to_owned();
        let stated = fields.get(1).copied().unwrap_or("");
        let currency = self.currency(record, stated);
        let group = self.group.as_ref();
        let day = group.and_then(|group| group.day).map_or(String::new(), |day| day.to_string());
        let mut account = Account {
            sums: Level { records: u64::from(record.records), ..Level::default() },
            statement: Statement {
                line: record.number,
                account: number,
                currency,
                days: (day.clone(), day),
                ..Statement::default()
            },
        };
        let mut problems = Vec::new();
        match read_summaries(record) {
            Ok(summaries) => {
                for (kind, amount) in summaries {
                    match whole(&amount) {
                        Some(minor) => account.sums.total += minor,
                        None if amount.is_empty() => continue,
                        None => {
                            problems.push(format!(
                                "expected an amount in minor units for {kind}, such as 120000"
                            ));
                            continue;
                        }
                    }
                    let slot = match kind.as_str() {
                        "010" => &mut account.statement.opening,
                        "015" => &mut account.statement.closing,
                        _ => continue,
                    };
                    *slot = decimal(&amount, &account.statement.currency);
                }
            }
            Err(expected) => problems.push(format!("expected {expected}")),
        }
        if account.statement.account.is_empty() {
            problems.push("expected an account number in field 2".to_owned());
        }
        self.account = Some(account);
        problems.into_iter().for_each(|problem| self.note(record, "account", problem));
    }

    /// The currency of an account that states `stated`: the layout's, its own, its group's. The
    /// format takes US dollars where there is none; that is said, and only done where the case file
    /// does not say otherwise. Empty where it does.
    fn currency(&mut self, record: &Record, stated: &str) -> String {
        let of_group = self.group.as_ref().map_or("", |group| group.currency.as_str());
        if let Some(layout) = self.outside.layout {
            return layout.to_string();
        }
        if let Some(known) = [stated, of_group].into_iter().find(|one| !one.is_empty()) {
            return known.to_owned();
        }
        if self.outside.case.is_some_and(|case| case != Currency::USD) {
            return String::new();
        }
        let told =
            self.group.as_mut().is_some_and(|group| std::mem::replace(&mut group.told, true));
        if !told {
            self.note(record, "currency", BAI2_DEFAULT_CURRENCY.to_owned());
        }
        Currency::USD.to_string()
    }

    fn entry(&mut self, record: &Record) {
        let Some(account) = &mut self.account else {
            self.refuse(record, "an account (code 03) before its entries");
            return;
        };
        account.sums.records += u64::from(record.records);
        let entry = match read_entry(record) {
            Ok(entry) => entry,
            Err(expected) => return self.refuse(record, expected),
        };
        let minor = whole(&entry.amount);
        account.sums.total += minor.unwrap_or(0);
        if entry.kind == "890" && entry.amount.is_empty() {
            self.note(record, "type", "a message of the bank, without money".to_owned());
            return;
        }
        let currency = account.statement.currency.clone();
        if let (true, Some(case)) = (currency.is_empty(), self.outside.case) {
            let expected = format!(
                "a currency, of the account (code 03) or its group (code 02): without one the \
                 format means USD and the case file says {case}; name it in a layout of this \
                 format: [fields] currency = {{ constant = \"USD\" }}"
            );
            self.refuse(record, &expected);
            return;
        }
        let amount = minor.and_then(|_| decimal(&entry.amount, &currency));
        let Some(amount) = amount else {
            self.refuse(
                record,
                "an amount in minor units, such as 120000 for 1200.00, and a currency",
            );
            return;
        };
        let Some(is_credit) = is_credit(&entry.kind) else {
            self.refuse(record, "a type code of a credit (101 to 399) or debit (401 to 699)");
            return;
        };
        let group = self.group.as_ref();
        let Some(day) = group.and_then(|group| group.day) else {
            self.refuse(record, "a group (code 02) with an as-of date before its entries");
            return;
        };
        if let Some(expected) = group.and_then(|group| group.refused) {
            self.refuse(record, expected);
            return;
        }
        let account = self.account.as_mut().expect("the account was there above");
        let first = account.statement.records.map_or(record.number, |records| records.0);
        account.statement.records = Some((first, record.number));
        let values = values(&account.statement, &entry, amount, is_credit, day);
        self.ready.push_back(Item::Record(StructuredRecord {
            line: record.number,
            place: place((record.number, record.line)),
            values,
            raw: record.raw.chars().take(RAW_BYTES_MAX).collect(),
        }));
    }

    fn close_account(&mut self, trailer: Option<&Record>) {
        let Some(mut account) = self.account.take() else {
            if let Some(record) = trailer {
                self.refuse(record, "an account (code 03) before its trailer");
            }
            return;
        };
        account.sums.records += trailer.map_or(0, |record| u64::from(record.records));
        let stated = match trailer {
            Some(record) => self.compare(record, "account", &account.sums, None),
            None => {
                self.lacks_trailer("account", "49");
                account.sums.total
            }
        };
        if let Some(group) = &mut self.group {
            group.sums.total += stated;
            group.sums.members += 1;
            group.sums.records += account.sums.records;
        }
        let statement = account.statement;
        let refused = self.group.as_ref().is_some_and(|group| group.refused.is_some());
        if !statement.account.is_empty() && !refused {
            self.ready.push_back(Item::Statement(statement));
        }
    }

    fn close_group(&mut self, trailer: Option<&Record>) {
        if self.account.is_some() {
            self.close_account(None);
        }
        let Some(mut group) = self.group.take() else {
            if let Some(record) = trailer {
                self.refuse(record, "a group (code 02) before its trailer");
            }
            return;
        };
        group.sums.records += trailer.map_or(0, |record| u64::from(record.records));
        let stated = match trailer {
            Some(record) => self.compare(record, "group", &group.sums, Some("accounts")),
            None => {
                self.lacks_trailer("group", "98");
                group.sums.total
            }
        };
        self.file.total += stated;
        self.file.members += 1;
        self.file.records += group.sums.records;
    }

    fn close_file(&mut self, record: &Record) {
        self.close_group(None);
        let mut sums = std::mem::take(&mut self.file);
        sums.records += u64::from(record.records);
        self.compare(record, "file", &sums, Some("groups"));
        self.state = State::Closed;
    }

    /// Holds what a trailer states against what was read; gives the stated total, so that one
    /// difference is not noted again on every level above.
    fn compare(&mut self, record: &Record, of: &str, sums: &Level, members: Option<&str>) -> i128 {
        let fields = record.fields();
        let mut differ = |what: &str, stated: Option<i128>, read: i128| {
            let found = stated.map_or("none that can be read".to_owned(), |one| one.to_string());
            if stated != Some(read) {
                let reason =
                    format!("the {of}'s trailer states {found}; what was read makes {read}");
                self.note(record, what, reason);
            }
        };
        let at = |at: usize| fields.get(at).and_then(|text| whole(text));
        differ("control total", at(0), sums.total);
        let counted = usize::from(members.is_some());
        if let Some(members) = members {
            differ(&format!("number of {members}"), at(1), i128::from(sums.members));
        }
        differ("number of records", at(1 + counted), i128::from(sums.records));
        at(0).unwrap_or(sums.total)
    }

    fn end(&mut self) {
        if self.state == State::Reading {
            self.close_group(None);
            if self.account.is_some() {
                self.close_account(None);
            }
            let reason = if self.last.0 == 0 {
                "holds no record"
            } else {
                "ends without its trailer (code 99)"
            };
            self.ready.push_back(Item::Reject(Reject {
                line: self.last.0.saturating_add(1),
                reason: format!("the file {reason}; ask the bank whether it was cut"),
                ..Reject::default()
            }));
        }
        self.state = State::Ended;
    }

    fn lacks_trailer(&mut self, of: &str, code: &str) {
        let reason = format!("the {of} before has no trailer (code {code}); its sums are unproved");
        self.ready.push_back(Item::Reject(Reject {
            line: self.last.0,
            place: place(self.last).into(),
            column: "control total".to_owned(),
            reason,
            kept: true,
            ..Reject::default()
        }));
    }

    fn note(&mut self, record: &Record, column: &str, reason: String) {
        self.ready.push_back(Item::Reject(Reject {
            line: record.number,
            place: place((record.number, record.line)).into(),
            column: column.to_owned(),
            found: shown(&record.raw),
            reason,
            kept: true,
            raw: escape_raw(record.raw.as_bytes(), RAW_BYTES_MAX),
        }));
    }

    fn refuse(&mut self, record: &Record, expected: &str) {
        self.ready.push_back(Item::Reject(Reject {
            line: record.number,
            place: place((record.number, record.line)).into(),
            column: format!("record {}", record.code).trim_end().to_owned(),
            found: shown(&record.raw),
            reason: format!("expected {expected}"),
            kept: false,
            raw: escape_raw(record.raw.as_bytes(), RAW_BYTES_MAX),
        }));
    }
}

/// The line of a record, where its number does not say it.
fn place((number, line): (u32, u32)) -> String {
    if line == number { String::new() } else { format!("line {line}") }
}

fn shown(raw: &str) -> String {
    raw.lines().next().unwrap_or("").chars().take(100).collect()
}

#[cfg(test)]
mod tests;
