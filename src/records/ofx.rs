//! OFX 1 (SGML) and OFX 2 (XML): statements of bank and credit card accounts as downloaded.
//!
//! OFX 1 leaves the tags of values open, so that both are read the same way: a known aggregate
//! opens and closes, everything else is a value up to the next tag. Amounts are signed as the
//! account sees them, so a minus leaves it. The balance in the ledger is what the bank states
//! after the rows; an opening balance is not stated in OFX.

mod amounts_and_dates;
mod rows;

use std::collections::VecDeque;
use std::io;

use crate::records::markup::{Markup, Piece, Stop, head_as_text, shortened};
use crate::records::reject::Reject;
use crate::records::structured::{
    Item, SourceBytes, Statement, StructuredReader, StructuredRecord,
};
use amounts_and_dates::{day, decimal};
use rows::{Owner, Row, read_row};

/// Aggregates that hold what is read, and those around them.
const AGGREGATES: [&str; 29] = [
    "OFX",
    "SIGNONMSGSRSV1",
    "SONRS",
    "FI",
    "STATUS",
    "BANKMSGSRSV1",
    "CREDITCARDMSGSRSV1",
    "STMTTRNRS",
    "CCSTMTTRNRS",
    "STMTRS",
    "CCSTMTRS",
    "BANKACCTFROM",
    "CCACCTFROM",
    "BANKTRANLIST",
    "BANKTRANLISTP",
    "STMTTRN",
    "STMTTRNP",
    "LEDGERBAL",
    "AVAILBAL",
    "BALLIST",
    "BAL",
    "PAYEE",
    "BANKACCTTO",
    "CCACCTTO",
    "CURRENCY",
    "ORIGCURRENCY",
    "INVSTMTRS",
    "INVSTMTMSGSRSV1",
    "INVSTMTTRNRS",
];
/// Those of which a message may hold several, so that their number tells them apart.
const NUMBERED: [&str; 6] =
    ["STMTTRNRS", "CCSTMTTRNRS", "INVSTMTTRNRS", "STMTTRN", "STMTTRNP", "BANKTRANLIST"];
/// Aggregates open at once; what nests deeper is no OFX.
const OPEN_MAX: usize = 40;
/// Bytes of one row's values.
const ROW_BYTES_MAX: usize = 1 << 20;

/// Whether the first bytes are of OFX of either version.
pub fn recognises_ofx(head: &[u8]) -> bool {
    let text = head_as_text(head);
    let text = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    let declared =
        || text.starts_with("<?xml") && (text.contains("<?OFX") || text.contains("<OFX>"));
    text.starts_with("OFXHEADER")
        || text.starts_with("<?OFX")
        || text.starts_with("<OFX>")
        || declared()
}

/// Starts to read OFX.
pub fn open_ofx(bytes: SourceBytes) -> Box<dyn StructuredReader> {
    Box::new(OfxReader { bytes: Some(bytes), markup: None, ..OfxReader::default() })
}

#[derive(Default)]
struct OfxReader {
    bytes: Option<SourceBytes>,
    markup: Option<Markup>,
    waiting: VecDeque<Item>,
    /// Aggregates open, with the number of each where it has one.
    open: Vec<(&'static str, u32)>,
    /// How many of each numbered aggregate were met in what holds them.
    met: Vec<(usize, &'static str, u32)>,
    /// The value that is being read.
    value: Option<(String, String)>,
    institution: String,
    owner: Owner,
    list: (String, String),
    ledger: (String, String),
    statement: Option<(u32, u32)>,
    row: Option<Row>,
    number: u32,
    statements: u32,
}

impl StructuredReader for OfxReader {
    fn next_item(&mut self) -> io::Result<Option<Item>> {
        if let Some(bytes) = self.bytes.take() {
            match Markup::new(bytes, true) {
                Ok(markup) => self.markup = Some(markup),
                Err(stop) => self.stopped(stop)?,
            }
        }
        loop {
            if let Some(item) = self.waiting.pop_front() {
                return Ok(Some(item));
            }
            let Some(markup) = self.markup.as_mut() else { return Ok(None) };
            match markup.next_piece() {
                Ok(piece) => self.take(piece),
                Err(stop) => self.stopped(stop)?,
            }
        }
    }
}

impl OfxReader {
    fn take(&mut self, piece: Piece) {
        let flaw = self.markup.as_mut().and_then(Markup::take_flaw);
        if let (Some(flaw), Some(row)) = (flaw, self.row.as_mut()) {
            row.flaw.get_or_insert(flaw);
        }
        match piece {
            Piece::Open(name, _) => {
                self.end_value();
                match AGGREGATES.iter().find(|known| known.eq_ignore_ascii_case(&name)) {
                    Some(known) => self.enter(known),
                    None => self.value = Some((name.to_ascii_uppercase(), String::new())),
                }
            }
            Piece::Text(text) => {
                if let Some((_, value)) = self.value.as_mut()
                    && value.len() + text.len() <= ROW_BYTES_MAX
                {
                    value.push_str(&text);
                }
            }
            Piece::Close(name) => {
                self.end_value();
                let open = self.open.iter().rposition(|(open, _)| open.eq_ignore_ascii_case(&name));
                if let Some(at) = open {
                    while self.open.len() > at {
                        self.leave();
                    }
                }
            }
            Piece::End => {
                self.end_value();
                self.end();
            }
        }
    }

    fn enter(&mut self, name: &'static str) {
        // A row or list that was never closed ends where the next one begins.
        if NUMBERED.contains(&name)
            && let Some(at) = self.open.iter().position(|(open, _)| *open == name)
        {
            while self.open.len() > at {
                self.leave();
            }
        }
        if self.open.len() >= OPEN_MAX {
            let line = self.line();
            let reason = format!("aggregates nest more than {OPEN_MAX} deep");
            return self.end_broken(line, &reason);
        }
        let mut nth = 0;
        if NUMBERED.contains(&name) {
            let depth = self.open.len();
            match self.met.iter_mut().find(|one| one.0 == depth && one.1 == name) {
                Some(one) => {
                    one.2 += 1;
                    nth = one.2;
                }
                None => {
                    self.met.push((depth, name, 1));
                    nth = 1;
                }
            }
        }
        self.open.push((name, nth));
        match name {
            "STMTRS" | "CCSTMTRS" => {
                self.owner = Owner { bank: self.institution.clone(), ..Owner::default() };
                self.list = Default::default();
                self.ledger = Default::default();
                self.statement = Some((self.number + 1, 0));
            }
            "STMTTRN" | "STMTTRNP" => {
                let pending = name == "STMTTRNP";
                let path = self.path();
                let line = self.line();
                if let Some(markup) = self.markup.as_mut() {
                    markup.take_raw();
                }
                self.row = Some(Row::new(line, path, pending));
            }
            "INVSTMTRS" => {
                let reason = "statements of investment accounts are not read: ask for the \
                              statement of the cash account beside it";
                let (line, path) = (self.line(), self.path());
                self.refuse(line, &path, ("INVSTMTRS", reason));
                self.statements += 1;
            }
            _ => {}
        }
    }

    fn leave(&mut self) {
        let Some((name, _)) = self.open.pop() else { return };
        let depth = self.open.len();
        self.met.retain(|one| one.0 <= depth);
        match name {
            "STMTTRN" | "STMTTRNP" => self.end_row(),
            "STMTRS" | "CCSTMTRS" => self.end_statement(),
            _ => {}
        }
    }

    fn end_value(&mut self) {
        let Some((name, text)) = self.value.take() else { return };
        let text = text.trim().to_owned();
        let within = self.open.last().map_or("", |(name, _)| name);
        if let Some(row) = self.row.as_mut() {
            let own = within == "STMTTRN" || within == "STMTTRNP";
            let name = if own { name } else { format!("{within}/{name}") };
            return row.put(name, text);
        }
        match (within, name.as_str()) {
            ("FI", "ORG") => self.institution = text,
            ("STMTRS" | "CCSTMTRS", "CURDEF") => self.owner.currency = text,
            ("BANKACCTFROM", "BANKID") => self.owner.bank = text,
            ("BANKACCTFROM" | "CCACCTFROM", "ACCTID") => self.owner.account = text,
            ("BANKTRANLIST", "DTSTART") => self.list.0 = text,
            ("BANKTRANLIST", "DTEND") => self.list.1 = text,
            ("LEDGERBAL", "BALAMT") => self.ledger.0 = text,
            ("LEDGERBAL", "DTASOF") => self.ledger.1 = text,
            _ => {}
        }
    }

    fn end_row(&mut self) {
        let Some(row) = self.row.take() else { return };
        let raw = self.markup.as_mut().map(Markup::take_raw).unwrap_or_default();
        self.number += 1;
        if let Some(statement) = self.statement.as_mut() {
            statement.1 += 1;
        }
        let (line, path) = (row.line, row.path.clone());
        match read_row(&row, &self.owner) {
            Ok((values, remarks)) => {
                let place = format!("line {line}, {path}");
                let record =
                    StructuredRecord { line: self.number, place, values, raw: raw.clone() };
                self.waiting.push_back(Item::Record(record));
                for (element, found, reason) in remarks {
                    let complaint = (element, found.as_str(), reason.as_str());
                    self.remark(line, &path, complaint, raw.clone(), true);
                }
            }
            Err((element, found, reason)) => {
                self.remark(line, &path, (element, &found, &reason), raw, false);
            }
        }
    }

    fn end_statement(&mut self) {
        let Some((first, rows)) = self.statement.take() else { return };
        self.statements += 1;
        let owner = std::mem::take(&mut self.owner);
        let date = |text: &str| day(text).unwrap_or_default();
        let mut days = (date(&self.list.0), date(&self.list.1));
        if days.1.is_empty() {
            days.1 = date(&self.ledger.1);
        }
        let closing = decimal(&self.ledger.0).ok();
        if closing.is_none() && !self.ledger.0.is_empty() {
            let (line, path) = (self.line(), self.path());
            let found = self.ledger.0.clone();
            let reason = "expected a balance such as -1200.00: the statement has none now";
            let complaint = ("LEDGERBAL/BALAMT", found.as_str(), reason);
            self.remark(line, &path, complaint, String::new(), true);
        }
        self.waiting.push_back(Item::Statement(Statement {
            line: first,
            account: owner.account,
            bank: owner.bank,
            currency: owner.currency,
            number: String::new(),
            days,
            opening: None,
            closing,
            records: (rows > 0).then_some((first, self.number)),
        }));
    }

    fn end(&mut self) {
        let cut = self.open.first().map(|(name, _)| *name);
        let line = self.line();
        let path = self.path();
        let in_row = self.row.is_some();
        // A row that the end of the file cuts off may lack its last figures.
        self.row = None;
        while !self.open.is_empty() {
            self.leave();
        }
        if let Some(name) = cut {
            let reason = format!(
                "the file ends before </{name}>: it was cut{}; ask the producer for it again",
                if in_row { " within a row" } else { "" }
            );
            self.refuse(line, &path, (name, &reason));
        } else if self.statements == 0 {
            let reason = "the file holds no statement of a bank or credit card account";
            self.refuse(line, "OFX", ("OFX", reason));
        }
        self.markup = None;
    }

    fn end_broken(&mut self, line: u64, reason: &str) {
        let path = self.path();
        self.row = None;
        self.open.retain(|_| false);
        self.end_statement();
        let reason = format!("{reason}; nothing after this is read");
        self.refuse(line, &path, ("", &reason));
        self.markup = None;
    }

    fn stopped(&mut self, stop: Stop) -> io::Result<()> {
        match stop {
            Stop::Io(failed) => return Err(failed),
            Stop::Broken { line, reason } => self.end_broken(line, &reason),
        }
        Ok(())
    }

    fn refuse(&mut self, line: u64, path: &str, (element, reason): (&str, &str)) {
        self.number += 1;
        self.remark(line, path, (element, "", reason), String::new(), false);
    }

    /// Lists what is wrong with an element, its text and why; `kept` when the record stands.
    fn remark(
        &mut self,
        line: u64,
        path: &str,
        (element, found, reason): (&str, &str, &str),
        raw: String,
        kept: bool,
    ) {
        let path = if path.is_empty() { "document" } else { path };
        self.waiting.push_back(Item::Reject(Reject {
            line: self.number.max(1),
            place: format!("line {line}, {path}").into(),
            column: element.to_owned(),
            found: shortened(found),
            reason: reason.to_owned(),
            kept,
            raw,
        }));
    }

    fn line(&self) -> u64 {
        self.markup.as_ref().map_or(1, Markup::line)
    }

    fn path(&self) -> String {
        let steps = self.open.iter().map(|(name, nth)| match nth {
            0 => (*name).to_owned(),
            nth => format!("{name}[{nth}]"),
        });
        steps.collect::<Vec<_>>().join("/")
    }
}
