//! QIF, the text that household accounting programs and some banks hand out.
//!
//! Every block up to `^` below `!Type:Bank`, `CCard` or `Cash` is a record. The format names no
//! account unless the program that wrote it puts an `!Account` block first; a layout states it
//! otherwise. Dates are as the program's user had them: whether day or month stands first is
//! told by the dates of the file, and a file whose dates allow both is refused date by date.
//! The parts of a split stay in the description: they are one payment.

use std::collections::VecDeque;
use std::io;

use jiff::civil::Date;

use crate::records::bounded_lines::{BoundedLine, BoundedLines, RECORD_BYTES_MAX, letters};
use crate::records::delimited::RAW_BYTES_MAX;
use crate::records::reject::{Reject, escape_raw};
use crate::records::structured::{
    Item, SourceBytes, Statement, StructuredReader, StructuredRecord,
};

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

/// Starts to read a source.
pub fn open(bytes: SourceBytes) -> Box<dyn StructuredReader> {
    Box::new(QifReader {
        lines: BoundedLines::new(bytes),
        ready: VecDeque::new(),
        waiting: Vec::new(),
        waiting_bytes: 0,
        order: None,
        contradicted: false,
        section: Section::None,
        account: String::new(),
        block: None,
        line: 0,
        ended: false,
    })
}

/// What the blocks that follow are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Section {
    /// Nothing said so yet.
    None,
    /// Entries of an account.
    Entries,
    /// Accounts; the last one named is the one whose entries follow.
    Accounts,
    /// Categories, prices, memorised payments: nothing that happened.
    Lists,
    /// Entries that a bank statement cannot hold: securities.
    Securities,
}

/// Which number of a date stands first.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Order {
    Day,
    Month,
}

/// Lines up to `^`.
#[derive(Clone, Debug, Default)]
struct Block {
    line: u32,
    fields: Vec<(char, String)>,
    raw: Vec<u8>,
    cut: bool,
    account: String,
}

struct QifReader {
    lines: BoundedLines,
    ready: VecDeque<Item>,
    /// Blocks whose dates allow both orders until a later one tells.
    waiting: Vec<Block>,
    waiting_bytes: usize,
    order: Option<Order>,
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
                block.fields.push((key, text[key.len_utf8()..].trim().to_owned()));
                block.raw.extend_from_slice(&line.bytes);
                block.raw.push(b'\n');
            }
        }
    }

    fn header(&mut self, text: &str) {
        let lower = text.to_ascii_lowercase();
        self.section = match lower.strip_prefix("!type:").map(str::trim) {
            Some("bank" | "cash" | "ccard" | "oth a" | "oth l") => Section::Entries,
            Some("invst" | "invoice" | "tax") => Section::Securities,
            Some(_) => Section::Lists,
            None if lower.starts_with("!account") => Section::Accounts,
            // Options and their ends change nothing of what follows.
            None => self.section,
        };
    }

    fn close_block(&mut self) {
        let Some(block) = self.block.take() else { return };
        match self.section {
            Section::Entries => self.wait(block),
            Section::Accounts => {
                if let Some((_, name)) = block.fields.iter().find(|(key, _)| *key == 'N') {
                    self.account.clone_from(name);
                }
            }
            Section::Lists => {}
            Section::None => {
                let expected = "a header such as !Type:Bank before the first record";
                self.settle();
                self.ready.push_back(Item::Reject(refused(&block, "", "", expected)));
            }
            Section::Securities => {
                let expected = "an entry of a bank, card or cash account";
                self.settle_or_wait(block, expected);
            }
        }
    }

    /// Sets a block aside in its turn.
    fn settle_or_wait(&mut self, mut block: Block, expected: &str) {
        // The reason travels as a field of its own letter, which no line can begin with.
        block.fields = vec![('\n', expected.to_owned())];
        self.wait(block);
    }

    /// Keeps a block until the order of day and month is known.
    fn wait(&mut self, block: Block) {
        if let Some(told) = date_of(&block).and_then(|date| told_order(&date)) {
            self.contradicted |= self.order.is_some_and(|order| order != told);
            self.order = Some(self.order.unwrap_or(told));
        }
        self.waiting_bytes += block.raw.len() + 256;
        self.waiting.push(block);
        let full = self.waiting.len() >= WAITING_MAX || self.waiting_bytes >= WAITING_BYTES_MAX;
        if full && self.order.is_some() {
            self.settle();
        } else if full {
            self.settle();
        }
    }

    /// Turns what waits into records.
    fn settle(&mut self) {
        self.waiting_bytes = 0;
        for block in std::mem::take(&mut self.waiting) {
            self.ready.push_back(entry(&block, self.order, self.contradicted));
        }
    }

    fn end(&mut self) {
        let cut = self.block.is_some() && self.section == Section::Entries;
        let line = self.block.as_ref().map_or(self.line, |block| block.line);
        self.close_block();
        self.settle();
        if cut {
            self.ready.push_back(Item::Reject(Reject {
                line,
                column: "^".to_owned(),
                found: String::new(),
                reason: "the file ends inside a record; ask the producer whether it was cut"
                    .to_owned(),
                kept: true,
                raw: String::new(),
            }));
        }
        self.ended = true;
    }
}
