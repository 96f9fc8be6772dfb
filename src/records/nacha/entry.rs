//! One ACH entry with its addenda: who is paid, by which bank, under which numbers.

use crate::records::nacha::blocks::Block;
use crate::records::nacha::codes::{
    EntryKind, Reversal, check_digit, entry_code, reversal, routing,
};
use crate::records::nacha::totals::{aside, note};
use crate::records::reject::Reject;

/// Letters of addenda text kept of one entry.
const ADDENDA_TEXT_MAX: usize = 1 << 18;
/// Letters kept of the records as found.
const RAW_MAX: usize = 1 << 13;
/// Notes kept of one entry's addenda.
const NOTES_MAX: usize = 100;

/// What the records of an entry say.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// What its code says, and whether it is a credit.
    pub code: Option<(EntryKind, bool)>,
    /// Nine digits of the bank the entry is sent to.
    pub bank: String,
    /// The account it is for, as found.
    pub account: String,
    /// Minor units.
    pub amount_minor: u64,
    /// Name of the account's holder.
    pub name: String,
    /// Further texts of the entry with what they are.
    pub texts: Vec<(&'static str, String)>,
    /// Its trace number.
    pub trace: String,
}

/// An addenda record of a return or a notification of change.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Answer {
    /// `R01`, `C03`.
    pub code: String,
    /// Trace number of the entry that it answers.
    pub original_trace: String,
    /// Nine digits of the bank that received that entry; empty when unreadable.
    pub original_bank: String,
    /// Corrected data, or the words beside a return.
    pub words: String,
    /// Its own trace number.
    pub trace: String,
    /// Trace number of the return that it sends back in turn; empty for a first return.
    pub step_trace: String,
    /// Line of the addenda.
    pub line: u32,
}

/// What the addenda of a border-crossing entry name.
#[derive(Clone, Debug, Default)]
pub struct Border {
    /// The receiver.
    pub receiver: String,
    /// The originator.
    pub originator: String,
    /// Minor units in the foreign currency.
    pub foreign_minor: u64,
    /// The receiver's bank by its own number.
    pub receiver_bank: String,
    /// Both banks, streets and towns, in words.
    pub words: Vec<String>,
}

/// An entry that is being read: its addenda follow.
#[derive(Clone, Debug, Default)]
pub struct OpenEntry {
    /// The entry's own record.
    pub block: Block,
    /// What it says; without it the entry is set aside for the reason in `refusal`.
    pub entry: Option<Entry>,
    /// Why the entry cannot be read.
    pub refusal: Option<Reject>,
    /// Notes on it and its addenda, in order of line.
    pub notes: Vec<Reject>,
    /// The return it carries.
    pub returned: Option<Answer>,
    /// The notification of change it carries.
    pub change: Option<Answer>,
    /// Payment related text.
    pub addenda: String,
    /// Where a card was used.
    pub terminal: String,
    /// Parties of a border-crossing entry.
    pub border: Option<Border>,
    /// Its records as found, the first of them.
    pub raw: String,
    cut: bool,
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

impl OpenEntry {
    /// Reads an entry's own record under the class of its batch.
    pub fn read(block: Block, class: &str, is_advice: bool) -> OpenEntry {
        let mut open = OpenEntry { raw: block.text.clone(), ..OpenEntry::default() };
        match read_entry(&block, class, is_advice) {
            Ok(entry) => open.entry = Some(entry),
            Err((column, found, expected)) => {
                open.refusal = Some(aside(&block, column, &found, format!("expected {expected}")));
            }
        }
        let name = open.entry.as_ref().map_or("", |entry| &entry.name);
        if matches!(class, "TEL" | "WEB") && name.is_empty() && open.entry.is_some() {
            let reason = "expected the receiver's name, which entries of this class must give";
            open.notes.push(note(&block, "name (55-76)", &block.at(55, 76), reason));
        }
        if routing(&block, 4).is_some_and(|nine| nine[8..] != block.exact(12, 12)) {
            let digit = check_digit(&block.exact(4, 11));
            open.notes.push(note(
                &block,
                "check digit (12)",
                &block.exact(12, 12),
                format!("expected {digit}, which makes {} a routing number", block.exact(4, 11)),
            ));
        }
        open.block = block;
        open
    }

    /// Takes an addenda record over.
    pub fn addenda(&mut self, block: &Block, class: &str) {
        if self.raw.len() < RAW_MAX {
            self.raw.push('\n');
            self.raw.push_str(&block.text);
        }
        if self.notes.len() >= NOTES_MAX {
            return;
        }
        let kind = block.at(2, 3);
        match kind.as_str() {
            "02" => self.terminal(block),
            "05" => self.text(block, &block.at(4, 83)),
            "10" | "11" | "12" | "13" | "14" | "15" | "16" => self.border(block, &kind),
            "17" | "18" => self.text(block, &block.at(4, 83)),
            "98" => match self.change {
                None => self.change = Some(answer(block, 36, 64)),
                Some(_) => self.again(block, &kind),
            },
            "99" => {
                let next = returned(block, class);
                // A return that was sent back, and again, carries every step; the last counts.
                let step = self.returned.as_ref().map(|one| reversal(&one.code));
                match step {
                    Some(step) if step >= reversal(&next.code) => self.again(block, &kind),
                    _ => self.returned = Some(next),
                }
            }
            _ => self.notes.push(note(
                block,
                "addenda type (2-3)",
                &kind,
                "expected 02, 05, 10 to 18, 98 or 99; what this addenda says is left out",
            )),
        }
    }

    fn again(&mut self, block: &Block, kind: &str) {
        let reason = "expected one such addenda for an entry; the first one counts";
        self.notes.push(note(block, "addenda type (2-3)", kind, reason));
    }

    /// Where the card was used; the further texts are kept with their place.
    fn terminal(&mut self, block: &Block) {
        let parts = [block.at(36, 62), block.at(63, 77), block.at(78, 79)];
        let parts: Vec<&str> =
            parts.iter().map(String::as_str).filter(|one| !one.is_empty()).collect();
        if self.terminal.is_empty() {
            self.terminal = parts.join(", ");
        }
        self.text(block, &block.at(4, 35));
    }

    fn text(&mut self, block: &Block, text: &str) {
        if self.addenda.len() + text.len() > ADDENDA_TEXT_MAX {
            if !self.cut {
                self.cut = true;
                self.addenda.push('…');
                self.notes.push(note(block, "addenda", "", "the texts of this addenda and those after it are longer than the description may be; see the source"));
            }
            return;
        }
        if !self.addenda.is_empty() && !text.is_empty() {
            self.addenda.push_str(" | ");
        }
        self.addenda.push_str(text);
    }

    fn border(&mut self, block: &Block, kind: &str) {
        let border = self.border.get_or_insert_default();
        let mut words = |label: &str, parts: &[String]| {
            let parts: Vec<&str> =
                parts.iter().map(String::as_str).filter(|one| !one.is_empty()).collect();
            if !parts.is_empty() {
                border.words.push(format!("{label} {}", parts.join(" ")));
            }
        };
        match kind {
            "10" => {
                words("foreign trace", &[block.at(25, 46)]);
                border.foreign_minor = block.number(7, 24).unwrap_or(0);
                border.receiver = block.at(47, 81);
            }
            "11" => {
                words("originator at", &[block.at(39, 73)]);
                border.originator = block.at(4, 38);
            }
            "12" => words("", &[block.at(4, 38), block.at(39, 73)]),
            "13" => {
                words("originator's bank", &[block.at(4, 38), block.at(41, 74), block.at(75, 77)])
            }
            "14" => {
                words("receiver's bank", &[block.at(4, 38), block.at(41, 74), block.at(75, 77)]);
                border.receiver_bank = block.at(41, 74);
            }
            "15" => words("receiver at", &[block.at(19, 53), block.at(4, 18)]),
            _ => words("", &[block.at(4, 38), block.at(39, 73)]),
        }
    }
}

/// The parts that returns and notifications of change share; words from `first` to `last`.
fn answer(block: &Block, first: usize, last: usize) -> Answer {
    Answer {
        code: block.at(4, 6),
        original_trace: block.at(7, 21),
        original_bank: routing(block, 28).unwrap_or_default(),
        words: block.at(first, last),
        trace: block.at(80, 94),
        step_trace: String::new(),
        line: block.line,
    }
}

/// A return; one that crosses a border, or answers a return, has numbers before its words.
fn returned(block: &Block, class: &str) -> Answer {
    match reversal(&block.at(4, 6)) {
        _ if class == "IAT" => answer(block, 46, 79),
        Reversal::Return => answer(block, 36, 79),
        Reversal::Dishonoured => Answer { step_trace: block.at(39, 53), ..answer(block, 59, 79) },
        Reversal::Contested => Answer { step_trace: block.at(59, 73), ..answer(block, 59, 79) },
    }
}

type Refusal = (&'static str, String, &'static str);

fn read_entry(block: &Block, class: &str, is_advice: bool) -> Result<Entry, Refusal> {
    let code = block.number(2, 3).and_then(entry_code);
    if code.is_none() {
        return Err((
            "entry code (2-3)",
            block.at(2, 3),
            "a code of the rules such as 22, 27, 32 or 37",
        ));
    }
    let Some(bank) = routing(block, 4) else {
        return Err(("receiving bank (4-11)", block.at(4, 11), "eight digits of a routing number"));
    };
    let (amount_first, amount_last) = if is_advice { (28, 39) } else { (30, 39) };
    let Some(amount_minor) = block.number(amount_first, amount_last) else {
        let found = block.at(amount_first, amount_last);
        let expected = "digits, the last two of them cents";
        return Err(("amount (30-39)", found, expected));
    };
    let account = match (class, is_advice) {
        (_, true) => block.at(13, 27),
        ("IAT", _) => block.at(40, 74),
        _ => block.at(13, 29),
    };
    if account.is_empty() {
        return Err(("account (13-29)", account, "an account number"));
    }
    let mut entry =
        Entry { code, bank, account, amount_minor, trace: block.at(80, 94), ..Entry::default() };
    if !is_advice && class != "IAT" {
        names(block, class, &mut entry);
        if entry.name.bytes().all(|byte| byte == b'0') {
            // Zeros fill a field; they are the name of no one.
            entry.name.clear();
        }
    }
    Ok(entry)
}

/// Name and numbers of the receiver, which stand elsewhere in each class.
fn names(block: &Block, class: &str, entry: &mut Entry) {
    let mut text = |label: &'static str, first: usize, last: usize| {
        let text = block.at(first, last);
        if !text.is_empty() {
            entry.texts.push((label, text));
        }
    };
    match class {
        "POP" => {
            text("check", 40, 48);
            text("terminal in", 49, 54);
            entry.name = block.at(55, 76);
        }
        "ARC" | "BOC" | "RCK" => {
            text("check", 40, 54);
            entry.name = block.at(55, 76);
        }
        "SHR" => {
            text("card expires", 40, 43);
            text("document", 44, 54);
            text("card account", 55, 76);
        }
        "TRC" | "XCK" => {
            text("check", 40, 54);
            text("process control", 55, 60);
            text("item research", 61, 76);
        }
        "CIE" => {
            // Some write the name over both fields, the number not at all.
            let whole = block.exact(54, 55).chars().all(|letter| letter != ' ');
            if !whole {
                text("id", 55, 76);
            }
            entry.name = if whole { block.at(40, 76) } else { block.at(40, 54) };
        }
        "CTX" | "ATX" | "TRX" | "ENR" if digits(&block.exact(55, 58)) => {
            text("id", 40, 54);
            entry.name = block.at(59, 74);
        }
        _ => {
            text("id", 40, 54);
            entry.name = block.at(55, 76);
        }
    }
}
