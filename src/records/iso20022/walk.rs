//! What every ISO 20022 reader shares: the walk to a message's root, the path to what is read,
//! the numbering of records, and refusals.

use std::collections::VecDeque;
use std::io;

use crate::records::elements::{Element, Elements, Step};
use crate::records::markup::{Stop, head_as_text, shortened};
use crate::records::reject::Reject;
use crate::records::structured::{Item, SourceBytes, StructuredRecord};

/// Bytes of a name or text on the path to a record.
const STEP_BYTES_MAX: usize = 100;

/// Whether the first bytes are XML that says one of `words`.
pub fn says(head: &[u8], words: &[&str]) -> bool {
    let text = head_as_text(head);
    text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']).starts_with('<')
        && words.iter().any(|word| text.contains(word))
}

/// A record before its number is known.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    pub line: u64,
    pub path: String,
    pub values: Vec<(&'static str, String)>,
    pub raw: String,
}

/// Why something was set aside: the element, its text, and what is wrong with it.
#[derive(Clone, Debug, Default)]
pub struct Refusal {
    pub element: String,
    pub found: String,
    pub reason: String,
}

impl Refusal {
    pub fn new(element: &str, found: &str, reason: impl Into<String>) -> Refusal {
        Refusal { element: element.to_owned(), found: shortened(found), reason: reason.into() }
    }
}

/// Where a walk stands, what it has read and not yet handed on.
pub struct Walk {
    pub elements: Option<Elements>,
    waiting: VecDeque<Item>,
    /// Elements open, with the number of each among those of its name.
    path: Vec<String>,
    /// Records and rejects so far.
    pub number: u32,
    /// A message was met, read or refused.
    met: bool,
}

impl Walk {
    pub fn new(bytes: SourceBytes) -> io::Result<Walk> {
        let mut walk = Walk {
            elements: None,
            waiting: VecDeque::new(),
            path: Vec::new(),
            number: 0,
            met: false,
        };
        match Elements::new(bytes) {
            Ok(elements) => walk.elements = Some(elements),
            Err(Stop::Io(failed)) => return Err(failed),
            Err(Stop::Broken { line, reason }) => walk.broken(line, &reason),
        }
        Ok(walk)
    }

    pub fn elements(&mut self) -> &mut Elements {
        self.elements.as_mut().expect("a source that has ended is not walked on")
    }

    /// The next item that waits to be handed on.
    pub fn waiting(&mut self) -> Option<Item> {
        self.waiting.pop_front()
    }

    pub fn hand_on(&mut self, item: Item) {
        self.waiting.push_back(item);
    }

    /// Numbers a record and hands it on.
    pub fn record(&mut self, draft: Draft) -> u32 {
        self.number += 1;
        let place = format!("line {}, {}", draft.line, draft.path);
        self.hand_on(Item::Record(StructuredRecord {
            line: self.number,
            place,
            values: draft.values,
            raw: draft.raw,
        }));
        self.number
    }

    /// Sets a record aside.
    pub fn refuse(&mut self, line: u64, path: &str, refusal: Refusal, raw: String) {
        self.number += 1;
        self.remark(line, path, refusal, raw, false);
    }

    /// Lists what is wrong with the record last numbered; `kept` when it stands all the same.
    pub fn remark(&mut self, line: u64, path: &str, refusal: Refusal, raw: String, kept: bool) {
        self.hand_on(Item::Reject(Reject {
            line: self.number,
            place: format!("line {line}, {path}").into(),
            column: refusal.element,
            found: refusal.found,
            reason: refusal.reason,
            kept,
            raw,
        }));
    }

    /// Ends the source: what follows cannot be read.
    pub fn broken(&mut self, line: u64, reason: &str) {
        let path = self.path();
        let path = if path.is_empty() { "document".to_owned() } else { path };
        let reason = format!("{reason}; nothing after this is read");
        self.refuse(line, &path, Refusal::new("", "", reason), String::new());
        self.elements = None;
    }

    /// Ends the source for good or ill.
    pub fn ended(&mut self, stop: Option<Stop>) -> io::Result<()> {
        match stop {
            Some(Stop::Io(failed)) => return Err(failed),
            Some(Stop::Broken { line, reason }) => self.broken(line, &reason),
            None => self.elements = None,
        }
        Ok(())
    }

    /// The path to what is read now.
    pub fn path(&self) -> String {
        self.path.join("/")
    }

    pub fn enter(&mut self, name: &str, nth: Option<u32>) {
        let name = &name[..name.floor_char_boundary(STEP_BYTES_MAX)];
        self.path.push(match nth {
            Some(nth) => format!("{name}[{nth}]"),
            None => name.to_owned(),
        });
    }

    pub fn leave(&mut self) {
        self.path.pop();
    }

    /// Walks on to the next message that `known` reads, through every wrapper around it and past
    /// messages of other kinds, each of which is refused; `None` at the end of the document.
    pub fn find_message<T>(
        &mut self,
        known: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<(T, Element)>, Stop> {
        loop {
            match self.elements().step()? {
                Step::Open(met) => {
                    // What a document holds is a message, whatever it is called.
                    let message = self.path.last().is_some_and(|around| around == "Document");
                    self.enter(&met.name, None);
                    if let Some(known) = known(&met.name) {
                        self.met = true;
                        return Ok(Some((known, met)));
                    }
                    if message {
                        self.refuse_message(&met)?;
                    }
                }
                Step::Close if self.path.is_empty() => return Ok(None),
                Step::Close => self.leave(),
            }
        }
    }

    fn refuse_message(&mut self, met: &Element) -> Result<(), Stop> {
        self.met = true;
        let path = self.path();
        let refusal = Refusal::new(&met.name, &met.name, why_not_read(&met.name));
        self.refuse(met.line, &path, refusal, String::new());
        self.elements().pass()?;
        self.leave();
        Ok(())
    }

    /// Refuses a document in which no message was met.
    pub fn refuse_empty(&mut self, what: &str) {
        if !self.met {
            let line = self.elements().line();
            let refusal = Refusal::new("", "", format!("the document holds no {what}"));
            self.refuse(line, "document", refusal, String::new());
        }
    }
}

/// Why a message is not read here: what it is, and what to ask for instead.
fn why_not_read(name: &str) -> &'static str {
    const REPORT: &str = "a report on accounts beside other messages; give it as a file of its own";
    const SETTLED: &str =
        "settled payments beside other messages; give them as a file of their own";
    const ORDER: &str = "an order to pay is no proof that money moved; ask the bank for the \
                         statement (camt.053) that shows it";
    const STATE: &str = "it says what became of orders, not that money moved; ask the bank for \
                         the statement (camt.053)";
    const UNREAD: &str = "messages of this kind are not read; ask the bank for a statement \
                          (camt.053) or for customer transfers (pacs.008)";
    const ROOTS: [(&[&str], &str); 4] = [
        (&["BkToCstmrStmt", "BkToCstmrAcctRpt", "BkToCstmrDbtCdtNtfctn"], REPORT),
        (&["FIToFICstmrCdtTrf", "PmtRtr"], SETTLED),
        (&["CstmrCdtTrfInitn", "CstmrDrctDbtInitn", "CdtrPmtActvtnReq", "pain.001"], ORDER),
        (&["CstmrPmtStsRpt", "FIToFIPmtStsRpt", "pain.002", "pacs.002"], STATE),
    ];
    let known = ROOTS.iter().find(|(names, _)| names.iter().any(|one| name.starts_with(one)));
    known.map_or(UNREAD, |(_, reason)| reason)
}
