//! ACH files in the format of the Nacha rules: batches of entries in records of 94 characters.
//!
//! Answers: which payments does the file order or return, and do its own controls agree? Each
//! entry with its addenda is one record of a list of transfers. The rules of direction stand in
//! `transfer`; prenotes, entries of no amount, notifications of change and operators' advices
//! move no money and are set aside, each with what it says.
//!
//! Totals, counts and the hash of every batch and file are compared with their controls; a
//! mismatch is a note and the entries stand. Files that follow each other in one source are read
//! one by one. Damage that repeats itself is counted, and memory is that of one entry.
//!
//! Source: Nacha Operating Rules, Appendix Three (ACH Record Format Specifications).

mod alike;
mod batch;
mod blocks;
mod codes;
mod entry;
mod totals;
mod transfer;

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::io;

use crate::records::reject::Reject;
use crate::records::structured::{Item, SourceBytes, StructuredReader};
use alike::Alike;
use batch::Batch;
use blocks::{Block, Blocks};
use codes::{is_entry_class, six_digit_date};
use entry::OpenEntry;
use totals::{Totals, aside, note};

/// Records of a physical block.
const BLOCK_RECORDS: u64 = 10;

/// Whether a source begins as an ACH file: with a file header, or with a batch header where that
/// is missing.
pub fn recognises(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let at = |first: usize, last: usize| head.get(first - 1..last).unwrap_or_default();
    let digits = |bytes: &[u8]| !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit);
    match head.first() {
        Some(b'1') => at(35, 37) == b"094" && digits(at(24, 29)) && digits(at(2, 3)),
        Some(b'5') => {
            let class = std::str::from_utf8(at(51, 53)).unwrap_or_default();
            is_entry_class(class) && matches!(at(2, 4), b"200" | b"220" | b"225" | b"280")
        }
        _ => false,
    }
}

/// Reads the entries of an ACH file.
pub fn open(bytes: SourceBytes) -> Box<dyn StructuredReader> {
    Box::new(NachaReader {
        blocks: Blocks::new(bytes),
        queue: VecDeque::new(),
        alike: Alike::default(),
        file: File::default(),
        batch: None,
        entry: None,
        any: false,
        ended: false,
    })
}

/// Sums over a file, from its header to its control.
#[derive(Default)]
struct File {
    /// Whether its header was met.
    begun: bool,
    /// Whether its control was met.
    ended: bool,
    /// The day it was made.
    created: Option<jiff::civil::Date>,
    totals: Totals,
    batches: u64,
    records: u64,
    is_advice: bool,
}

struct NachaReader {
    blocks: Blocks,
    queue: VecDeque<Item>,
    alike: Alike,
    file: File,
    batch: Option<Batch>,
    entry: Option<OpenEntry>,
    any: bool,
    ended: bool,
}

impl StructuredReader for NachaReader {
    fn next_item(&mut self) -> io::Result<Option<Item>> {
        loop {
            if let Some(item) = self.queue.pop_front() {
                return Ok(Some(item));
            }
            if self.ended {
                return Ok(None);
            }
            match self.blocks.next_block()? {
                Some(block) => {
                    let (text, too_long) = (block.text.clone(), block.too_long);
                    self.take(block);
                    let items = self.queue.drain(..).collect();
                    self.queue.extend(self.alike.take(&text, too_long, items));
                }
                None => {
                    self.finish();
                    let counted = self.alike.finish();
                    counted.into_iter().rev().for_each(|item| self.queue.push_front(item));
                }
            }
        }
    }
}

impl NachaReader {
    fn take(&mut self, block: Block) {
        let kind = block.text.chars().next().unwrap_or(' ');
        let is_filler = block.text.len() > 1 && block.text.bytes().all(|byte| byte == b'9');
        if is_filler && block.too_long.is_none() {
            self.close_entry();
            return;
        }
        if kind != '7' {
            self.close_entry();
        }
        if !self.any && kind != '1' {
            let reason = "expected a file header before it; the day the file was made is not known";
            self.note(note(&block, "record type (1)", &kind.to_string(), reason));
        }
        self.any = true;
        if self.file.ended && kind != '1' {
            let reason =
                "expected the end of the file or a further file header after the file control";
            self.note(note(&block, "record type (1)", &kind.to_string(), reason));
        }
        if kind != '1' {
            self.file.records += 1;
        }
        if let Some(length) = block.too_long {
            self.count(kind);
            let reason = "expected a record of 94 characters, one a line";
            self.note(aside(&block, "", &format!("{length} characters"), reason));
            if kind == '5' {
                // Its entries must not pass for those of the batch before it.
                self.leave_batch(&block);
                self.batch = Some(Batch { broken: true, header: block, ..Batch::default() });
            }
            return;
        }
        match kind {
            '1' => self.file_header(&block),
            '5' => self.batch_header(block),
            '6' => self.entry(block),
            '7' => self.addenda(&block),
            '8' => self.batch_control(&block),
            '9' => self.file_control(&block),
            _ => {
                let reason = "expected a record that begins with 1, 5, 6, 7, 8 or 9";
                self.note(aside(&block, "record type (1)", &kind.to_string(), reason));
            }
        }
    }

    /// Counts a record among the entries and addenda, whether or not it can be read.
    fn count(&mut self, kind: char) {
        let totals = self.batch.as_mut().map_or(&mut self.file.totals, |batch| &mut batch.totals);
        match kind {
            '6' => {
                totals.entries += 1;
                totals.unread += 1;
            }
            '7' => totals.entries += 1,
            _ => {}
        }
    }

    /// Says something now, or after the entry that is being read.
    fn note(&mut self, reject: Reject) {
        match &mut self.entry {
            // An entry is not held for faults without end.
            Some(open) if open.notes.len() < 100 => open.notes.push(reject),
            _ => {
                self.close_entry();
                self.queue.push_back(Item::Reject(reject));
            }
        }
    }

    fn notes(&mut self, notes: Vec<Reject>) {
        notes.into_iter().for_each(|one| self.note(one));
    }

    fn close_entry(&mut self) {
        let Some(open) = self.entry.take() else { return };
        let batch = self.batch.as_ref().expect("an entry is held within a batch only");
        self.queue.extend(transfer::finish(open, batch, self.file.created));
    }

    fn file_header(&mut self, block: &Block) {
        self.leave_batch(block);
        if self.file.begun && !self.file.ended {
            self.note(note(
                block,
                "record type (1)",
                "1",
                "expected a file control before a further file header",
            ));
        }
        self.file = File { begun: true, records: 1, ..File::default() };
        let created = block.at(24, 29);
        self.file.created = six_digit_date(&created);
        if self.file.created.is_none() {
            self.note(note(
                block,
                "file creation date (24-29)",
                &created,
                "expected a date such as 260331",
            ));
        }
        for (first, last, expected, name) in [
            (35, 37, "094", "record size"),
            (38, 39, "10", "blocking factor"),
            (40, 40, "1", "format code"),
        ] {
            let found = block.at(first, last);
            if found != expected {
                let reason = format!("expected {expected}, the {name} of the format");
                self.note(note(block, &format!("{name} ({first}-{last})"), &found, reason));
            }
        }
    }

    /// Ends a batch that met no control before this record.
    fn leave_batch(&mut self, block: &Block) {
        let Some(batch) = self.batch.take() else { return };
        let reason = format!(
            "expected a control of the batch that starts on line {} before it; its totals are not checked",
            batch.header.line
        );
        let kind = block.text.chars().next().unwrap_or(' ').to_string();
        self.note(note(block, "record type (1)", &kind, reason));
        self.file.totals.add(&batch.totals);
    }

    fn batch_header(&mut self, block: Block) {
        self.leave_batch(&block);
        let (batch, faults) = Batch::read(block, self.file.created);
        self.file.batches += 1;
        self.file.is_advice |= batch.is_advice();
        self.notes(faults);
        self.batch = Some(batch);
    }

    fn entry(&mut self, block: Block) {
        let Some(batch) = &mut self.batch else {
            self.count('6');
            let reason = "an entry outside a batch: which company it is of is not known";
            return self.note(aside(&block, "record type (1)", "6", reason));
        };
        let open = OpenEntry::read(block, &batch.class, batch.is_advice());
        batch.totals.entries += 1;
        match &open.entry {
            Some(entry) => {
                let is_credit = entry.code.is_some_and(|(_, is_credit)| is_credit);
                batch.totals.entry(&entry.bank, entry.amount_minor, is_credit);
            }
            None => batch.totals.unread += 1,
        }
        self.entry = Some(open);
    }

    fn addenda(&mut self, block: &Block) {
        self.count('7');
        match (&mut self.entry, &self.batch) {
            (Some(open), Some(batch)) => open.addenda(block, &batch.class),
            _ => {
                let reason = "an addenda without an entry before it";
                self.note(aside(block, "record type (1)", "7", reason));
            }
        }
    }

    fn batch_control(&mut self, block: &Block) {
        match self.batch.take() {
            Some(batch) => {
                self.notes(batch.compare(block));
                self.file.totals.add(&batch.totals);
            }
            None => self.note(aside(
                block,
                "record type (1)",
                "8",
                "a batch control without a batch before it",
            )),
        }
    }

    fn file_control(&mut self, block: &Block) {
        self.leave_batch(block);
        let blocks = self.file.records.div_ceil(BLOCK_RECORDS);
        for (first, last, found, name) in
            [(2, 7, self.file.batches, "batch count"), (8, 13, blocks, "block count")]
        {
            if block.number(first, last) != Some(found) {
                let reason = format!("expected {found:06}, the {name} of the file");
                self.note(note(
                    block,
                    &format!("{name} ({first}-{last})"),
                    &block.at(first, last),
                    reason,
                ));
            }
        }
        let amount_digits = if self.file.is_advice { 20 } else { 12 };
        self.notes(self.file.totals.compare(block, 14, 8, amount_digits, "file"));
        self.file.ended = true;
    }

    /// At the end of the source: what is missing is said where it would have stood.
    fn finish(&mut self) {
        self.close_entry();
        self.ended = true;
        let end = Block { line: self.blocks.last_line(), ..Block::default() };
        if let Some(batch) = self.batch.take() {
            let reason = format!(
                "the source ends before the control of the batch that starts on line {}; its totals are not checked",
                batch.header.line
            );
            self.note(note(&end, "batch control", "", reason));
        }
        if !self.file.ended && self.any {
            let reason =
                "the source ends before the file control; the totals of the file are not checked";
            self.note(note(&end, "file control", "", reason));
        }
    }
}
