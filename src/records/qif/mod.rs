//! QIF, the text that household accounting programs and some banks hand out.
//!
//! Every block up to `^` below `!Type:Bank`, `CCard` or `Cash` is a record. The format names no
//! account unless the program that wrote it puts an `!Account` block first; a layout states it
//! otherwise. Dates are as the program's user had them: whether day or month stands first is
//! told by the dates of the file, and a file whose dates allow both is refused date by date.
//! The parts of a split stay in the description: they are one payment. A part that goes to another
//! account of the file is a transfer of its own, since that account's entries hold it again.

mod splits;
mod values;

use std::collections::VecDeque;
use std::io;

use crate::records::bounded_lines::{BoundedLine, BoundedLines, RECORD_BYTES_MAX, letters};
use crate::records::delimited::RAW_BYTES_MAX;
use crate::records::reject::{Reject, escape_raw};
use crate::records::structured::{
    Item, SourceBytes, Statement, StructuredReader, StructuredRecord,
};
use splits::account_of;
use values::{Order, amount, found_date};

/// Records of one section that wait for a date that tells the order of day and month.
const WAITING_MAX: usize = 100_000;
/// Bytes of the same.
const WAITING_BYTES_MAX: usize = 64 << 20;

/// Whether a source begins with a header of QIF.
pub fn recognises(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let text = letters(head);
    let first = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("");
    ["!type:", "!account", "!option:", "!clear:"]
        .iter()
        .any(|lead| first.to_ascii_lowercase().starts_with(lead))
}

/// Starts to read a source whose dates tell their own order.
pub fn open(bytes: SourceBytes) -> Box<dyn StructuredReader> {
    Box::new(QifReader::new(bytes, None))
}

/// Starts to read a source whose dates are known to begin with the day.
pub fn open_day_first(bytes: SourceBytes) -> Box<dyn StructuredReader> {
    Box::new(QifReader::new(bytes, Some(Order::Day)))
}

/// Starts to read a source whose dates are known to begin with the month.
pub fn open_month_first(bytes: SourceBytes) -> Box<dyn StructuredReader> {
    Box::new(QifReader::new(bytes, Some(Order::Month)))
}

/// What the blocks that follow are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Section {
    /// Nothing said so yet.
    None,
    /// Entries of an account; the channel they share, if any.
    Entries(&'static str),
    /// Accounts; the last one named is the one whose entries follow.
    Accounts,
    /// Categories, prices, memorised payments: nothing that happened.
    Lists,
    /// Entries that a bank statement cannot hold: securities.
    Securities,
}

/// Lines up to `^`.
#[derive(Clone, Debug, Default)]
struct Block {
    line: u32,
    /// Key, text and line of each.
    fields: Vec<(char, String, u32)>,
    raw: Vec<u8>,
    cut: bool,
    account: String,
    channel: &'static str,
    /// What was expected instead of this block.
    refused: Option<&'static str>,
}

struct QifReader {
    lines: BoundedLines,
    ready: VecDeque<Item>,
    /// Blocks whose dates may allow both orders until a later one tells.
    waiting: Vec<Block>,
    waiting_bytes: usize,
    order: Option<Order>,
    stated: bool,
    /// Two dates of the file tell different orders.
    contradicted: bool,
    section: Section,
    account: String,
    block: Option<Block>,
    line: u32,
    ended: bool,
}

impl StructuredReader for QifReader {
    fn next_item(&mut self) -> io::Result<Option<Item>> {
        loop {
            if let Some(item) = self.ready.pop_front() {
                return Ok(Some(item));
            }
            if self.ended {
                return Ok(None);
            }
            match self.lines.next_line()? {
                Some(line) => self.take(&line),
                None => self.end(),
            }
        }
    }
}

impl QifReader {
    fn new(bytes: SourceBytes, order: Option<Order>) -> QifReader {
        QifReader {
            lines: BoundedLines::new(bytes),
            ready: VecDeque::new(),
            waiting: Vec::new(),
            waiting_bytes: 0,
            order,
            stated: order.is_some(),
            contradicted: false,
            section: Section::None,
            account: String::new(),
            block: None,
            line: 0,
            ended: false,
        }
    }

    fn take(&mut self, line: &BoundedLine) {
        self.line = line.number;
        let text = line.text();
        let text = text.trim();
        if text.starts_with('!') {
            self.close_block();
            self.header(text);
        } else if text == "^" {
            self.close_block();
        } else if let Some(key) = text.chars().next() {
            let account = self.account.clone();
            let block = self.block.get_or_insert_with(|| Block {
                line: line.number,
                account,
                ..Block::default()
            });
            block.cut |= line.cut || block.raw.len() + line.bytes.len() >= RECORD_BYTES_MAX;
            if !block.cut {
                block.fields.push((key, text[key.len_utf8()..].trim().to_owned(), line.number));
                block.raw.extend_from_slice(&line.bytes);
                block.raw.push(b'\n');
            }
        }
    }

    fn header(&mut self, text: &str) {
        let lower = text.to_ascii_lowercase();
        self.section = match lower.strip_prefix("!type:").map(str::trim) {
            Some("bank" | "oth a" | "oth l") => Section::Entries(""),
            Some("cash") => Section::Entries("cash"),
            Some("ccard") => Section::Entries("card"),
            Some("invst" | "invoice" | "tax") => Section::Securities,
            Some(_) => Section::Lists,
            None if lower.starts_with("!account") => Section::Accounts,
            // Options and their ends change nothing of what follows.
            None => self.section,
        };
    }

    fn close_block(&mut self) {
        let Some(mut block) = self.block.take() else { return };
        block.refused = match self.section {
            Section::Entries(channel) => {
                block.channel = channel;
                block.cut.then_some("a record of at most 1 MiB; the rest was passed over")
            }
            Section::Accounts => {
                if let Some(name) = block.field('N') {
                    name.clone_into(&mut self.account);
                }
                return;
            }
            Section::Lists => return,
            Section::None => Some("a header such as !Type:Bank before the first record"),
            Section::Securities => Some("an entry of a bank, card or cash account"),
        };
        self.wait(block);
    }

    /// Keeps a block until every date that may tell the order of day and month was seen.
    fn wait(&mut self, block: Block) {
        let found = block.field('D').and_then(found_date);
        if let (Some(told), false) = (found.and_then(|date| date.tells()), self.stated) {
            self.contradicted |= self.order.is_some_and(|order| order != told);
            self.order = Some(self.order.unwrap_or(told));
        }
        self.waiting_bytes += block.raw.len() * 3 + 256;
        self.waiting.push(block);
        if self.waiting.len() >= WAITING_MAX || self.waiting_bytes >= WAITING_BYTES_MAX {
            self.settle();
        }
    }

    /// Turns what waits into records.
    fn settle(&mut self) {
        self.waiting_bytes = 0;
        let order = self.order.filter(|_| !self.contradicted);
        for block in std::mem::take(&mut self.waiting) {
            match block.item(order) {
                Ok(Item::Record(record)) => {
                    self.ready.extend(block.in_parts(record).into_iter().map(Item::Record));
                    self.ready.extend(block.split_note());
                }
                Ok(item) => self.ready.push_back(item),
                Err(reject) => self.ready.push_back(Item::Reject(reject)),
            }
        }
    }

    fn end(&mut self) {
        let open = self.block.as_ref().map(|block| block.line);
        self.close_block();
        self.settle();
        let reason = match open {
            Some(_) => "the file ends inside a record; ask the producer whether it was cut",
            None if self.section == Section::None => "expected a header such as !Type:Bank",
            None => "",
        };
        if !reason.is_empty() {
            self.ready.push_back(Item::Reject(Reject {
                line: open.unwrap_or(self.line.saturating_add(1)),
                column: "^".to_owned(),
                reason: reason.to_owned(),
                kept: open.is_some(),
                ..Reject::default()
            }));
        }
        self.ended = true;
    }
}

impl Block {
    fn field(&self, key: char) -> Option<&str> {
        self.fields.iter().find(|(one, ..)| *one == key).map(|(_, text, _)| text.as_str())
    }

    fn reject(&self, column: &str, found: &str, reason: String, kept: bool) -> Reject {
        Reject {
            line: self.line,
            place: Box::default(),
            column: column.to_owned(),
            found: found.chars().take(100).collect(),
            reason,
            kept,
            raw: escape_raw(&self.raw, RAW_BYTES_MAX),
        }
    }

    /// The record of a block; a block that states the opening balance is no payment.
    fn item(&self, order: Option<Order>) -> Result<Item, Reject> {
        let refuse = |column: &str, found: &str, expected: &str| {
            Err(self.reject(column, found, format!("expected {expected}"), false))
        };
        if let Some(expected) = self.refused {
            return refuse("", "", expected);
        }
        let found = self.field('D').unwrap_or("");
        let Some(date) = found_date(found) else {
            return refuse("D", found, "a date such as 1/31'26 or 31.01.2026");
        };
        let Some(day) = date.day(order.or(date.tells())) else {
            let expected = "a date whose day and month can be told apart, which the dates of this \
                            file do not do; name layout \"qif-day-first\" or \
                            \"qif-month-first\" in the case file";
            let impossible = "a date in the order of the file's other dates";
            return refuse("D", found, if order.is_some() { impossible } else { expected });
        };
        let found = self.field('T').or(self.field('U')).unwrap_or("");
        let Some(amount) = amount(found) else {
            return refuse("T", found, "an amount such as -1,200.00");
        };
        let category = self.field('L').unwrap_or("");
        let other = account_of(category);
        let payee = self.field('P').unwrap_or("");
        if payee.eq_ignore_ascii_case("opening balance") {
            let account = if self.account.is_empty() { other } else { &self.account };
            return Ok(Item::Statement(Statement {
                line: self.line,
                account: account.to_owned(),
                days: (day.to_string(), String::new()),
                opening: Some(amount),
                ..Statement::default()
            }));
        }
        let number = self.field('N').unwrap_or("");
        let values = [
            ("account", self.account.clone()),
            ("booked", day.to_string()),
            ("amount", amount),
            ("description", self.description(payee)),
            ("reference", number.to_owned()),
            ("channel", self.channel_of(number, found.starts_with('-')).to_owned()),
            ("counterparty_account", other.to_owned()),
            ("counterparty_name", payee.to_owned()),
        ];
        Ok(Item::Record(StructuredRecord {
            line: self.line,
            place: String::new(),
            values: values.into_iter().filter(|(_, text)| !text.is_empty()).collect(),
            raw: letters(&self.raw).chars().take(RAW_BYTES_MAX).collect(),
        }))
    }

    /// Payee, memo and the parts of a split.
    fn description(&self, payee: &str) -> String {
        let mut text = [payee, self.field('M').unwrap_or("")].join(" ").trim().to_owned();
        for (key, part, _) in &self.fields {
            match key {
                'S' => text.push_str(&format!("; {part}")),
                'E' | '$' => text.push_str(&format!(" {part}")),
                _ => {}
            }
        }
        text
    }

    fn channel_of(&self, number: &str, leaves: bool) -> &'static str {
        let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        match number.to_ascii_uppercase().as_str() {
            "ATM" => "cash",
            "EFT" => "ach",
            "TXFR" | "XFER" => "book",
            _ if is_number && leaves && self.channel.is_empty() => "cheque",
            _ => self.channel,
        }
    }
}

#[cfg(test)]
mod tests;
