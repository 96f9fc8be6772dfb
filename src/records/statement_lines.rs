//! Statements inside delimited text: which lines are whose, and what is stated beside the rows.
//!
//! A file may hold one statement or a year of them, each with its own lines above and below its
//! rows. This finds where one ends and the next begins, and the texts that each states; a layout
//! says with `line` which lines those are. Reading the texts as amounts and days is `store`'s.

use std::collections::{BTreeMap, BTreeSet};

use crate::records::raw_batch::RawBatch;
use crate::records::reading::{Bound, Reading};
use crate::records::reject::Reject;
use crate::records::structured::Statement;
use crate::records::{LINE_FIELDS, STATEMENT_FIELDS};

/// What holds on from one statement to the next until it is stated anew.
const CARRIED: [&str; 3] = ["account", "bank", "currency"];
const BALANCES: [&str; 2] = ["opening_balance", "closing_balance"];

/// Rows that lie between two statements' beginnings, and what the lines there state.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Section {
    /// First line that belongs to it.
    pub line: u32,
    /// Text by field, its own and those that hold on from before.
    pub texts: BTreeMap<&'static str, String>,
    /// Fields that its own lines state.
    stated: BTreeSet<&'static str>,
}

/// Rows of one section that agree in every column that states something of the statement.
type RowKey = (usize, Vec<String>);

/// Goes through a source once, before its records are read.
#[derive(Debug)]
pub struct StatementScan<'a> {
    reading: &'a Reading,
    sections: Vec<Section>,
    /// First and last record of each key.
    rows: BTreeMap<RowKey, (u32, u32)>,
    /// Texts stated again as they were, since the last row.
    repeated: Vec<(&'static str, String)>,
    rows_seen: bool,
    /// A balance was stated below the rows: what follows is another statement.
    closed: bool,
}

impl Reading {
    /// Whether anything is stated of statements beside their rows.
    pub fn states_statements(&self) -> bool {
        let named = |name: &str| self.bound(name).is_some_and(|bound| *bound != Bound::Absent);
        self.layout.format.is_none()
            && (STATEMENT_FIELDS.iter().any(|name| named(name))
                || CARRIED.iter().any(|name| self.bound(name) == Some(&Bound::Line)))
    }

    fn bound(&self, name: &str) -> Option<&Bound> {
        self.fields.get(self.layout.record.field(name)?)
    }

    /// What the lines at or above a row state of its statement.
    pub fn of_section(&self, name: &str, line: u32) -> &str {
        let after = self.sections.partition_point(|section| section.line <= line);
        let section = after.checked_sub(1).map(|at| &self.sections[at]);
        section.and_then(|one| one.texts.get(name)).map_or("", String::as_str)
    }
}

impl<'a> StatementScan<'a> {
    /// Begins with the lines above the first record.
    pub fn new(reading: &'a Reading) -> StatementScan<'a> {
        let mut scan = StatementScan {
            reading,
            sections: vec![Section { line: 1, ..Section::default() }],
            rows: BTreeMap::new(),
            repeated: Vec::new(),
            rows_seen: false,
            closed: false,
        };
        for (at, text) in reading.preamble.iter().enumerate() {
            scan.line(at as u32 + 1, text);
        }
        scan
    }

    /// Takes the next records and the lines between them. Cost: one step a record, and each
    /// pattern once a line.
    pub fn take(&mut self, batch: &RawBatch) {
        let mut passed = batch.passed.iter().peekable();
        let rejected = batch.rejects.iter().map(|reject| (reject.line, None));
        let records = batch.lines.iter().enumerate().map(|(row, line)| (*line, Some(row)));
        let mut all: Vec<(u32, Option<usize>)> = records.chain(rejected).collect();
        all.sort_unstable();
        for (line, row) in all {
            while let Some((at, text)) = passed.next_if(|(at, _)| *at < line) {
                self.line(*at, text);
            }
            // A rejected record has no columns to tell its statement by, and still is a row.
            self.row(line, row.map(|row| (batch, row)));
        }
        for (at, text) in passed {
            self.line(*at, text);
        }
    }

    fn line(&mut self, line: u32, text: &str) {
        let reading = self.reading;
        for (name, pattern) in &reading.line_patterns {
            let Some(groups) = pattern.captures(text) else { continue };
            let found = groups.get(1).or(groups.get(0)).map_or("", |group| group.as_str().trim());
            self.state(line, name, found);
        }
    }

    fn state(&mut self, line: u32, name: &'static str, text: &str) {
        let current = self.sections.last_mut().expect("there is always a section");
        if current.stated.contains(name) {
            let same = current.texts.get(name).is_some_and(|known| known == text);
            let identified = ["statement", "period_start", "period_end"]
                .iter()
                .any(|name| current.stated.contains(name));
            // A page header says again what the page before said; a balance of the same amount
            // is another statement's, unless that statement is named and goes on.
            if same && (identified || !BALANCES.contains(&name)) {
                self.repeated.push((name, text.to_owned()));
                return;
            }
            self.begin(line);
        } else if BALANCES.contains(&name) && self.rows_seen {
            self.closed = true;
        }
        self.set(name, text);
    }

    fn set(&mut self, name: &'static str, text: &str) {
        let current = self.sections.last_mut().expect("there is always a section");
        current.texts.insert(name, text.to_owned());
        current.stated.insert(name);
    }

    fn begin(&mut self, line: u32) {
        let before = self.sections.last().expect("there is always a section");
        let held = before.texts.iter().filter(|(name, _)| CARRIED.contains(name));
        let texts = held.map(|(name, text)| (*name, text.clone())).collect();
        self.sections.push(Section { line, texts, stated: BTreeSet::new() });
        (self.rows_seen, self.closed) = (false, false);
        for (name, text) in std::mem::take(&mut self.repeated) {
            self.set(name, &text);
        }
    }

    fn row(&mut self, line: u32, record: Option<(&RawBatch, usize)>) {
        self.repeated.clear();
        if self.closed {
            self.begin(line);
        }
        self.rows_seen = true;
        let Some((batch, row)) = record else { return };
        let key = LINE_FIELDS.iter().map(|name| self.column(name, batch, row)).collect();
        let lines = self.rows.entry((self.sections.len() - 1, key)).or_insert((line, line));
        lines.1 = line;
    }

    /// The text of a field that stands in a column; empty for one that does not.
    fn column(&self, name: &str, batch: &RawBatch, row: usize) -> String {
        let mut scratch = String::new();
        match self.reading.layout.record.field(name).map(|at| (at, &self.reading.fields[at])) {
            Some((at, Bound::Slot(_) | Bound::Joined(..))) => {
                self.reading.text(at, batch, row, &mut scratch).to_owned()
            }
            _ => String::new(),
        }
    }

    /// The sections, for the rows; the statements, in order of their lines; and what was looked
    /// for and not found, or found and of no one account.
    pub fn finish(self) -> (Vec<Section>, Vec<Statement>, Vec<Reject>) {
        let mut rejects = Vec::new();
        for (name, pattern) in &self.reading.line_patterns {
            if self.sections.iter().all(|section| !section.stated.contains(name)) {
                let reason =
                    format!("expected a line that matches {pattern}, and the file has none");
                rejects.push(beside(1, name, reason));
            }
        }
        let mut statements = Vec::new();
        for at in 0..self.sections.len() {
            let from = (at, Vec::new());
            let rows: Vec<(&RowKey, &(u32, u32))> =
                self.rows.range(from..).take_while(|((section, _), _)| *section == at).collect();
            if rows.is_empty() {
                statements.extend(self.statement(at, None, &mut rejects));
            }
            let alone = rows.len() == 1;
            for ((_, key), lines) in rows {
                let row = Some((key.as_slice(), *lines, alone));
                statements.extend(self.statement(at, row, &mut rejects));
            }
        }
        statements.sort_by_key(|one: &Statement| one.line);
        (self.sections, statements, rejects)
    }

    fn statement(
        &self,
        at: usize,
        row: Option<(&[String], (u32, u32), bool)>,
        rejects: &mut Vec<Reject>,
    ) -> Option<Statement> {
        let section = &self.sections[at];
        let text = |name: &str| -> String {
            let found = match self.reading.bound(name) {
                Some(Bound::Constant(text)) => text.clone(),
                Some(Bound::Line) => section.texts.get(name).cloned().unwrap_or_default(),
                _ => {
                    let slot = LINE_FIELDS.iter().position(|one| *one == name);
                    slot.and_then(|slot| row.map(|(key, ..)| key[slot].clone())).unwrap_or_default()
                }
            };
            let words = self.reading.layout.field(name).and_then(|one| one.values.as_ref());
            words.and_then(|words| words.get(&found).cloned()).unwrap_or(found)
        };
        if STATEMENT_FIELDS.iter().all(|name| text(name).is_empty()) {
            return None;
        }
        let own = section.stated.is_empty();
        let line = match row {
            Some((_, (first, _), alone)) if own || !alone => first,
            _ => section.line,
        };
        let mut balance = |name: &str| -> Option<String> {
            let in_column =
                matches!(self.reading.bound(name), Some(Bound::Slot(_) | Bound::Joined(..)));
            let shared = row.is_some_and(|(_, _, alone)| !alone) && !in_column;
            let found = Some(text(name)).filter(|text| !text.is_empty())?;
            if shared {
                let reason = "expected the rows of one account beside it; it is of none".to_owned();
                let reject = Reject { found, ..beside(line, name, reason) };
                rejects.push(reject);
                return None;
            }
            Some(found)
        };
        Some(Statement {
            line,
            opening: balance("opening_balance"),
            closing: balance("closing_balance"),
            account: text("account"),
            bank: text("bank"),
            currency: text("currency"),
            number: text("statement"),
            days: (text("period_start"), text("period_end")),
            records: row.map(|(_, lines, _)| lines),
        })
    }
}

/// What a line beside the rows does not give; the rows stand.
fn beside(line: u32, name: &str, reason: String) -> Reject {
    let column = name.to_owned();
    Reject { line, column, reason, kept: true, ..Reject::default() }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use super::*;
    use crate::records::{Blocks, Layout};

    const LAYOUT: &str = r#"
name = "s"
record = "bank-statement"
[csv]
ignore = ["^Page"]
[fields]
account = { line = '^Account (\d+)' }
statement = { line = '^Statement (\S+)' }
opening_balance = { line = '^Opening (\S+)' }
closing_balance = { line = '^Closing (\S+)' }
booked = { column = "Date" }
amount = { column = "Amount" }
"#;

    /// Statements as `account number opening-closing first..last`, and the notes.
    fn told(file: &str) -> (Vec<String>, Vec<String>) {
        let layout = Arc::new(Layout::parse(Path::new("l.toml"), LAYOUT).unwrap());
        let reading = Reading::bind(layout, Path::new("f.csv"), "f.csv", file).unwrap();
        let body: String =
            file.split_inclusive('\n').skip(reading.first_line as usize - 1).collect();
        let mut blocks = Blocks::new(body.as_bytes(), reading.first_line, reading.shape.clone());
        let mut scan = StatementScan::new(&reading);
        while let Some(block) = blocks.next_block().unwrap() {
            scan.take(&block.split(&reading.shape));
        }
        let (_, statements, rejects) = scan.finish();
        let end = |text: &Option<String>| text.clone().unwrap_or_default();
        let told = statements.iter().map(|one| {
            let rows = one.records.map_or_else(String::new, |(a, b)| format!("{a}..{b}"));
            let ends = format!("{}-{}", end(&one.opening), end(&one.closing));
            format!("{} {} {ends} {rows}", one.account, one.number)
        });
        (told.collect(), rejects.into_iter().map(|one| one.column).collect())
    }

    #[track_caller]
    fn check(file: &str, statements: &[&str], notes: &[&str]) {
        let (found, noted) = told(file);
        assert_eq!(found, statements);
        assert_eq!(noted, notes);
    }

    #[test]
    fn each_statement_of_a_file_has_its_own_lines() {
        check(
            "Account 1\nStatement a\nOpening 10\nDate,Amount\nd,1\nd,2\nClosing 13\n\
             Account 1\nStatement b\nOpening 13\nDate,Amount\nd,4\nClosing 17\n",
            &["1 a 10-13 5..6", "1 b 13-17 12..12"],
            &[],
        );
        // Newest first: the closing stands above the rows, the opening below.
        check(
            "Account 1\nStatement b\nClosing 17\nDate,Amount\nd,4\nOpening 13\n\
             Account 2\nStatement a\nClosing 13\nDate,Amount\nd,3\nOpening 10\n",
            &["1 b 13-17 5..5", "2 a 10-13 11..11"],
            &[],
        );
        check("Account 1\nStatement a\nOpening 5\nClosing 5\nDate,Amount\n", &["1 a 5-5 "], &[]);
    }

    #[test]
    fn a_page_header_goes_on_with_its_statement() {
        check(
            "Account 1\nStatement a\nOpening 10\nDate,Amount\nd,1\nPage 2\nAccount 1\n\
             Statement a\nDate,Amount\nd,2\nClosing 13\n",
            &["1 a 10-13 5..10"],
            &[],
        );
        // The account is the same as before, and the number tells that the statement is not.
        check(
            "Account 1\nStatement a\nDate,Amount\nd,1\nAccount 1\nStatement b\nOpening 3\nd,2\n",
            &["1 a - 4..4", "1 b 3- 8..8"],
            &["closing_balance"],
        );
    }

    #[test]
    fn rows_after_a_closing_balance_are_another_statements() {
        check(
            "Account 1\nOpening 10\nDate,Amount\nd,1\nClosing 11\nd,2\nClosing 13\n",
            &["1  10-11 4..4", "1  -13 6..6"],
            &["statement"],
        );
    }
}
