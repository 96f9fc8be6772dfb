//! SWIFT statements: MT940 and MT942 as banks hand them out, in an envelope or without one.
//!
//! Every `:61:` is a record, with the `:86:` behind it; opening and closing balance make a
//! statement. A message begins at `:20:`. A balance on the way (`:60M:`, `:62M:`) is that of a
//! message that is one part of a statement.

mod details;
mod fields;
mod tags;

use std::collections::VecDeque;
use std::io;

use crate::model::Currency;
use crate::records::bounded_lines::letters;
use crate::records::delimited::RAW_BYTES_MAX;
use crate::records::reject::{Reject, escape_raw};
use crate::records::structured::{
    Item, SourceBytes, Statement, StructuredReader, StructuredRecord,
};

pub use details::{Details as Mt940Details, read_details as read_mt940_details};
pub use fields::{
    Balance as Mt940Balance, Entry as Mt940Entry, EntrySum as Mt940Sum, Field as Mt940Field,
    FloorLimit as Mt940FloorLimit, read_field as read_mt940_field,
};
pub use tags::{RawTag as Mt940Tag, TagReader as Mt940Tags};

use details::{is_iban, read_details, spaced};
use fields::{Entry, Field, read_field};
use tags::{RawTag, TagReader, tag_head};

/// Lines among which the first tag of a message is looked for.
const ENVELOPE_LINES_MAX: usize = 20;
/// Items that wait for the currency of their message.
const HELD_ITEMS_MAX: usize = 4096;
/// Tags of payment messages, which look like these but list no account.
const PAYMENT_TAGS: [&str; 4] = [":23B:", ":32A:", ":50K:", ":59:"];

/// Whether a source begins as an account report of SWIFT.
pub fn recognises(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let text = letters(head);
    let block = text.split_once("{2:").and_then(|(_, block)| block.get(1..4));
    if block.is_some_and(|kind| !["940", "941", "942", "950"].contains(&kind)) {
        return false;
    }
    let lines =
        || text.lines().map(|line| line.split_once("{4:").map_or(line, |(_, inside)| inside));
    let begins = lines().filter(|line| !line.trim().is_empty()).take(ENVELOPE_LINES_MAX);
    let mut tags = begins.filter_map(|line| tag_head(line.trim_end()));
    tags.next().is_some()
        && !lines().any(|line| PAYMENT_TAGS.iter().any(|tag| line.starts_with(tag)))
}

/// Starts to read a source.
pub fn open(bytes: SourceBytes) -> Box<dyn StructuredReader> {
    Box::new(Mt940Reader {
        tags: TagReader::new(bytes),
        ready: VecDeque::new(),
        free: 0,
        message: None,
        entry: None,
        any: false,
        ended: false,
    })
}

struct Mt940Reader {
    tags: TagReader,
    ready: VecDeque<Item>,
    /// How many of those may go out: records wait until a balance names their currency.
    free: usize,
    message: Option<Message>,
    entry: Option<OpenEntry>,
    any: bool,
    ended: bool,
}

/// One message as far as it was read.
#[derive(Default)]
struct Message {
    reference: String,
    account_as_found: String,
    /// From the account's own line, should no balance name one.
    account_currency: String,
    last_entry_day: String,
    first_entry_day: String,
    opening_day: String,
    /// It lists what was booked so far in the day (MT942): a floor limit or its own time says so.
    interim: bool,
    statement: Statement,
}

/// An entry whose `:86:` may still come; without the entry when it could not be read.
struct OpenEntry {
    tag: RawTag,
    entry: Result<Box<Entry>, &'static str>,
    details: String,
}

impl StructuredReader for Mt940Reader {
    fn next_item(&mut self) -> io::Result<Option<Item>> {
        loop {
            self.release();
            if self.free > 0 {
                self.free -= 1;
                return Ok(self.ready.pop_front());
            }
            if self.ended {
                return Ok(None);
            }
            match self.tags.next_tag()? {
                Some(tag) => self.take(tag),
                None => self.end(),
            }
        }
    }
}

impl Mt940Reader {
    /// Lets items go out, except records whose currency may still come; too many are not held.
    fn release(&mut self) {
        let known = match &self.message {
            Some(message) if message.currency().is_empty() => {
                self.ready.len() - self.free > HELD_ITEMS_MAX
            }
            Some(message) => {
                let code = message.currency().to_owned();
                for item in self.ready.iter_mut().skip(self.free) {
                    match item {
                        Item::Record(one)
                            if one.values.iter().all(|(name, _)| *name != "currency") =>
                        {
                            one.values.push(("currency", code.clone()));
                        }
                        _ => {}
                    }
                }
                true
            }
            None => true,
        };
        if known {
            self.free = self.ready.len();
        }
    }

    fn take(&mut self, tag: RawTag) {
        self.any = true;
        if tag.id == "20" {
            self.close_message();
        }
        if tag.id != "86" && tag.id != "NS" {
            self.close_entry();
        }
        let line = tag.line;
        let message = self.message.get_or_insert_with(|| Message {
            statement: Statement { line, ..Statement::default() },
            ..Message::default()
        });
        let read = if tag.cut {
            Err("a record of at most 1 MiB; the rest was passed over")
        } else {
            read_field(&tag)
        };
        if tag.id == "61" {
            let entry = read.and_then(|field| match field {
                Field::Entry(entry) => Ok(entry),
                _ => Err("an entry"),
            });
            self.entry = Some(OpenEntry { tag, entry, details: String::new() });
            return;
        }
        match read {
            Ok(Field::Details(text) | Field::NonSwift(text)) => {
                // Behind a balance such a text is of the whole statement, and of no entry.
                if let Some(open) = &mut self.entry
                    && open.details.len() + text.len() < RAW_BYTES_MAX.max(1 << 16)
                {
                    let part = if open.details.is_empty() { "" } else { "\n" };
                    open.details.push_str(&format!("{part}{text}"));
                }
            }
            Ok(field) => {
                if let Some(reason) = message.take(field) {
                    self.ready.push_back(Item::Reject(note(&tag, reason)));
                }
            }
            Err(expected) => {
                self.close_entry();
                self.ready.push_back(Item::Reject(note(&tag, format!("expected {expected}"))));
            }
        }
    }

    fn close_entry(&mut self) {
        let Some(open) = self.entry.take() else { return };
        let message = self.message.get_or_insert_with(Message::default);
        let line = open.tag.line;
        let refused = match &open.entry {
            Err(expected) => Some(format!("expected {expected}")),
            Ok(entry) if entry.mark.starts_with('E') => {
                Some("the bank expects this entry and has not booked it".to_owned())
            }
            Ok(_) => None,
        };
        if let Some(reason) = refused {
            let reject = Reject { kept: false, ..note(&open.tag, reason) };
            self.ready.push_back(Item::Reject(reject));
            return;
        }
        let entry = open.entry.expect("what was refused went before");
        let day = entry.entry_day.unwrap_or(entry.value_day).to_string();
        message.book(&day, line);
        let record = message.record(&open.tag, &entry, &open.details, day);
        self.ready.push_back(Item::Record(record));
        if let Some(found) = &entry.value_as_found {
            let reason = "no day of the calendar; read as the last one of its month".to_owned();
            let note = Reject { found: found.clone(), ..note(&open.tag, reason) };
            self.ready.push_back(Item::Reject(note));
        }
    }

    fn close_message(&mut self) {
        self.close_entry();
        let Some(message) = self.message.take() else { return };
        if let Some(statement) = message.statement() {
            self.ready.push_back(Item::Statement(statement));
        }
        self.free = self.ready.len();
    }

    fn end(&mut self) {
        self.close_message();
        self.ended = true;
        if !self.any {
            self.ready.push_back(Item::Reject(Reject {
                line: 1,
                reason: "expected the tags of a SWIFT statement, such as :20: and :60F:; the file \
                         holds none"
                    .to_owned(),
                ..Reject::default()
            }));
        }
    }
}

/// What is noted beside the records; the first letters of the text are shown.
fn note(tag: &RawTag, reason: String) -> Reject {
    let found = tag.text.lines().next().unwrap_or("").chars().take(100).collect();
    Reject {
        line: tag.line,
        place: Box::default(),
        column: format!(":{}:", tag.id),
        found,
        reason,
        kept: true,
        raw: escape_raw(&tag.raw, RAW_BYTES_MAX),
    }
}

impl Message {
    /// Takes a field that is of no single entry; gives what is to be noted of it.
    fn take(&mut self, field: Field) -> Option<String> {
        let statement = &mut self.statement;
        match field {
            Field::Reference(reference) => self.reference = reference,
            Field::Account(found) => {
                if !self.account_as_found.is_empty() {
                    return Some("a second account in one statement; the first is kept".to_owned());
                }
                let (bank, account, currency) = account_parts(&found);
                self.account_as_found = found;
                (statement.bank, statement.account) = (bank, account);
                self.account_currency = currency;
            }
            Field::Number(number) => statement.number = number,
            Field::Made(day, _) => {
                statement.days.1 = day.to_string();
                self.interim |= statement.opening.is_none();
            }
            Field::FloorLimit(limit) => {
                self.interim = true;
                if statement.currency.is_empty() {
                    statement.currency = limit.currency;
                }
            }
            Field::Balance(balance) => {
                if statement.currency.is_empty() {
                    statement.currency = balance.currency.clone();
                } else if !["", &statement.currency].contains(&balance.currency.as_str()) {
                    let first = &statement.currency;
                    return Some(format!(
                        "a balance in {}, in a statement in {first}",
                        balance.currency
                    ));
                }
                let day = balance.day.to_string();
                let stated = match &balance.id[..2] {
                    "60" => {
                        self.opening_day = day;
                        &mut statement.opening
                    }
                    "62" => {
                        statement.days.1 = day;
                        &mut statement.closing
                    }
                    _ => return None,
                };
                if stated.is_some() {
                    return Some(
                        "a second such balance in one statement; the first is kept".to_owned(),
                    );
                }
                *stated = Some(balance.amount);
            }
            _ => {}
        }
        None
    }

    fn currency(&self) -> &str {
        match self.statement.currency.as_str() {
            "" => &self.account_currency,
            stated => stated,
        }
    }

    /// Counts a record in.
    fn book(&mut self, day: &str, line: u32) {
        let first = self.statement.records.map_or(line, |lines| lines.0);
        self.statement.records = Some((first, line));
        if self.first_entry_day.is_empty() || day < self.first_entry_day.as_str() {
            day.clone_into(&mut self.first_entry_day);
        }
        if day > self.last_entry_day.as_str() {
            day.clone_into(&mut self.last_entry_day);
        }
    }

    fn record(&self, tag: &RawTag, entry: &Entry, text: &str, day: String) -> StructuredRecord {
        let mut told = read_details(text);
        let (mut reference, mut extra) = (entry.customer_reference.clone(), entry.extra.clone());
        // Rabobank writes the other end's account where others write a reference.
        if self.reference.starts_with("940A") && is_dutch_number(&reference) {
            (told.account, told.name) = (std::mem::take(&mut reference), spaced(&extra));
        } else if self.reference.starts_with("940S") && !extra.is_empty() && told.account.is_empty()
        {
            told.account = std::mem::take(&mut extra);
        } else if told.account.is_empty() && is_iban(&reference) {
            told.account = std::mem::take(&mut reference);
        }
        let says_nothing = ["", "NONREF", "EREF", "KREF", "KREF+", "NOTPROVIDED"];
        let stated =
            [told.reference.as_str(), &reference, told.code("KREF"), &entry.bank_reference];
        let reference = stated.into_iter().find(|one| !says_nothing.contains(one)).unwrap_or("");
        let description = spaced(&format!("{} {extra}", told.purpose));
        let channel = channel(&entry.kind, &told.business_code);
        let reversal = reversal(entry, &told.business_code);
        // The reference that both ends share is that of the payment, also on its way back.
        let reverses = if reversal.is_empty() { "" } else { told.reference.as_str() };
        let values = [
            ("account", self.statement.account.clone()),
            ("bank", self.statement.bank.clone()),
            ("booked", day),
            ("value_date", entry.value_day.to_string()),
            ("amount", entry.amount.clone()),
            ("currency", self.currency().to_owned()),
            ("description", description),
            ("reference", reference.to_owned()),
            ("report", if self.interim { "interim" } else { "" }.to_owned()),
            ("reverses", reverses.to_owned()),
            ("reversal", reversal),
            ("channel", channel.to_owned()),
            ("counterparty_account", told.account),
            ("counterparty_name", told.name),
            ("counterparty_bank", told.bank),
        ];
        let values = values.into_iter().filter(|(_, text)| !text.is_empty()).collect();
        let raw: String = letters(&tag.raw).chars().take(RAW_BYTES_MAX).collect();
        StructuredRecord { line: tag.line, place: String::new(), values, raw }
    }

    /// The statement; `None` for a message that says nothing of an account.
    fn statement(self) -> Option<Statement> {
        let currency = self.currency().to_owned();
        let mut statement = Statement { currency, ..self.statement };
        let closing = statement.days.1.clone();
        // An opening balance carries the day of the closing one before it, or that of the first
        // day: the day itself is taken to be covered only when an entry or the end shows it.
        let next =
            self.opening_day.parse().ok().and_then(|day: jiff::civil::Date| day.tomorrow().ok());
        statement.days.0 = match next {
            _ if self.opening_day >= closing => closing,
            Some(_) if self.first_entry_day == self.opening_day => self.opening_day,
            Some(next) => next.to_string(),
            None => self.first_entry_day,
        };
        let says = statement.opening.is_some()
            || statement.closing.is_some()
            || statement.records.is_some();
        (says && !statement.account.is_empty()).then_some(statement)
    }
}

/// Bank, number and currency of an account as `:25:` writes it: `BANK/NUMBER`, `BIC/NUMBER/EUR`,
/// `NUMBEREUR`, an IBAN.
fn account_parts(found: &str) -> (String, String, String) {
    let mut parts: Vec<&str> = found.split('/').map(str::trim).collect();
    let is_currency = |text: &str| text.len() == 3 && text.parse::<Currency>().is_ok();
    let mut currency = String::new();
    if parts.len() > 1 && parts.last().is_some_and(|last| is_currency(last)) {
        currency = parts.pop().unwrap_or_default().to_owned();
    }
    let (bank, number) = match parts.as_slice() {
        [number] => (String::new(), (*number).to_owned()),
        [bank, rest @ ..] => ((*bank).to_owned(), rest.join("/")),
        [] => (String::new(), String::new()),
    };
    let cut = number.len().saturating_sub(3);
    let ends_in_currency = currency.is_empty()
        && !is_iban(&number)
        && number.is_char_boundary(cut)
        && number[..cut].ends_with(|letter: char| letter.is_ascii_digit() || letter == ' ')
        && is_currency(&number[cut..]);
    if ends_in_currency {
        let (number, code) = (number[..cut].trim().to_owned(), number[cut..].to_owned());
        return (bank, number, code);
    }
    (bank, number, currency)
}

fn is_dutch_number(text: &str) -> bool {
    let digits = text.strip_prefix('P').unwrap_or(text);
    (9..=10).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// What states that an entry undoes an earlier one: its mark, its type, or the business code that
/// German banks share; empty where nothing does.
fn reversal(entry: &Entry, business_code: &str) -> String {
    let mark = match entry.mark.as_str() {
        "RC" => ":61: mark RC (a credit reversed)",
        "RD" => ":61: mark RD (a debit reversed)",
        _ => "",
    };
    let kind = match entry.kind.get(1..) {
        Some("RTI") => format!(":61: type {} (returned item)", entry.kind),
        _ => String::new(),
    };
    let code = match business_code {
        "108" | "109" => "return of a direct debit",
        "159" => "return of a transfer",
        "181" | "184" => "refund of a direct debit",
        _ => "",
    };
    let code = match code {
        "" => String::new(),
        words => format!(":86: business code {business_code} ({words})"),
    };
    let stated = [mark, &kind, &code];
    stated.into_iter().filter(|one| !one.is_empty()).collect::<Vec<_>>().join(", ")
}

/// How the money moved, where the bank's code for the entry says so without doubt.
fn channel(kind: &str, business_code: &str) -> &'static str {
    match business_code {
        "082" | "083" => return "cash",
        "104" | "105" | "116" | "117" | "152" | "166" | "168" | "177" | "191" | "192" => {
            return "ach";
        }
        "106" => return "card",
        "805" | "808" => return "fee",
        "814" => return "interest",
        "833" => return "book",
        code if code.starts_with('2') => return "wire",
        _ => {}
    }
    match kind.get(1..).unwrap_or("") {
        "CHK" | "ECK" | "TCK" => "cheque",
        "CHG" | "COM" => "fee",
        "INT" => "interest",
        "DDT" => "ach",
        "CMI" | "CMN" | "CMS" | "CMT" | "CMZ" => "book",
        _ => "",
    }
}

#[cfg(test)]
mod tests;
