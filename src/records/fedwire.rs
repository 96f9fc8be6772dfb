//! Fedwire Funds Service messages in the tagged text that was used until July 2025.
//!
//! Answers: who paid whom through the Reserve Banks, how much, on which day, and under which
//! number? One message is one record of a list of transfers. The amount is always dollars; what
//! the payer instructed in another currency (`{3710}`) is what the order said and neither what
//! left nor what arrived, so it stands in the description. Requests, refusals and service
//! messages move no money and are set aside, each with what it says.
//!
//! Source: Federal Reserve Banks, Fedwire Funds Service Format Reference Guide.

mod messages;
mod parties;

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::io;

use crate::model::Currency;
use crate::records::delimited::RAW_BYTES_MAX;
use crate::records::reject::{Reject, escape_raw};
use crate::records::structured::{Item, SourceBytes, StructuredReader, StructuredRecord};
use messages::{MESSAGE_BYTES_MAX, Message, Messages};
use parties::{ends, ends_reversed, institution, words};

/// Letters of a description.
const DESCRIPTION_MAX: usize = 1 << 16;

/// Whether a source begins as Fedwire text: with a tag of the parts that come first.
pub fn recognises(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    match head.get(..6) {
        Some([b'{', b'1', second, third, fourth, b'}']) => {
            [second, third, fourth].iter().all(|byte| byte.is_ascii_digit())
        }
        _ => false,
    }
}

/// Reads the messages of a source.
pub fn open(bytes: SourceBytes) -> Box<dyn StructuredReader> {
    Box::new(FedwireReader { messages: Messages::new(bytes), queue: VecDeque::new() })
}

struct FedwireReader {
    messages: Messages,
    queue: VecDeque<Item>,
}

impl StructuredReader for FedwireReader {
    fn next_item(&mut self) -> io::Result<Option<Item>> {
        if self.queue.is_empty() {
            match self.messages.next_message()? {
                Some(message) => self.queue.extend(read(&message)),
                None => return Ok(None),
            }
        }
        Ok(self.queue.pop_front())
    }
}

/// Tags of the format; `{9000}` is of service messages only.
fn is_known(tag: &str) -> bool {
    const KNOWN: &[&str] = &[
        "1100", "1110", "1120", "1130", "1500", "1510", "1520", "2000", "3100", "3320", "3400",
        "3500", "3600", "3610", "3620", "3700", "3710", "3720", "4000", "4100", "4200", "4320",
        "4400", "5000", "5010", "5100", "5200", "5400", "6000", "6100", "6110", "6200", "6210",
        "6300", "6310", "6400", "6410", "6420", "6500", "7033", "7050", "7052", "7056", "7057",
        "7059", "7070", "7072", "8200", "8250", "8300", "8350", "8400", "8450", "8500", "8550",
        "8600", "8650", "8700", "8750", "9000",
    ];
    KNOWN.contains(&tag)
}

/// A fault: the tag with its line, the text found, what is said of it.
struct Fault(String, String, String);

fn fault(message: &Message, tag: &str, reason: impl Into<String>) -> Fault {
    let column = match message.element(tag) {
        Some(element) if element.line != message.line => format!("{{{tag}}} line {}", element.line),
        _ => format!("{{{tag}}}"),
    };
    Fault(column, message.text(tag).chars().take(200).collect(), reason.into())
}

fn reject(message: &Message, Fault(column, found, reason): Fault, kept: bool) -> Item {
    let raw = if message.before.is_empty() { message.raw() } else { message.before.clone() };
    let raw = escape_raw(raw.as_bytes(), RAW_BYTES_MAX);
    let (line, place) = (message.line, message.place.clone());
    Item::Reject(Reject { line, place: place.into(), column, found, reason, kept, raw })
}

/// What a message becomes: its record and the notes on it, or why it is set aside.
fn read(message: &Message) -> Vec<Item> {
    let mut notes = Vec::new();
    match record(message, &mut notes) {
        Ok(record) => {
            let notes = notes.into_iter().map(|one| reject(message, one, true));
            std::iter::once(Item::Record(record)).chain(notes).collect()
        }
        Err(refusal) => vec![reject(message, refusal, false)],
    }
}

fn record(message: &Message, notes: &mut Vec<Fault>) -> Result<StructuredRecord, Fault> {
    if message.too_large {
        let reason = format!("a message of more than {MESSAGE_BYTES_MAX} bytes is passed over");
        return Err(Fault(String::new(), String::new(), reason));
    }
    if message.elements.is_empty() {
        let reason = "expected a message that begins with a tag such as {1500}";
        let found = message.before.chars().take(200).collect();
        return Err(Fault(String::new(), found, reason.to_owned()));
    }
    let kind = kind(message)?;
    let amount = amount(message, kind)?;
    let booked = booked(message, notes)?;
    for tag in ["3100", "3400"] {
        let (routing, _) = institution(message, tag);
        if routing.len() != 9 || !routing.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(fault(
                message,
                tag,
                "expected nine digits of a routing number, then a name",
            ));
        }
    }
    unusual(message, notes);
    let (from, to) = if kind == Kind::Reversal { ends_reversed(message) } else { ends(message) };
    let values = vec![
        ("from_account", from.account),
        ("from_bank", from.bank),
        ("from_name", from.name),
        ("to_account", to.account),
        ("to_bank", to.bank),
        ("to_name", to.name),
        ("booked", booked),
        ("amount", amount),
        ("currency", Currency::USD.to_string()),
        ("reference", reference(message)),
        ("channel", "wire".to_owned()),
        ("description", description(message, kind, notes)),
    ];
    Ok(StructuredRecord {
        line: message.line,
        place: message.place.clone(),
        values,
        raw: message.raw(),
    })
}

/// What a message is by its subtype.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Transfer,
    Honours,
    Reversal,
    /// Moves no money; in words.
    Asks(&'static str),
}

fn kind(message: &Message) -> Result<Kind, Fault> {
    let text = message.text("1510");
    let is_type = matches!(text.get(..2), Some("10" | "15" | "16"));
    match text.get(2..4) {
        Some("00") if is_type => Ok(Kind::Transfer),
        Some("32") if is_type => Ok(Kind::Honours),
        Some("02" | "08") if is_type => Ok(Kind::Reversal),
        Some("01" | "07") if is_type => Ok(Kind::Asks("a request to reverse a transfer")),
        Some("31") if is_type => Ok(Kind::Asks("a request for credit, a drawdown")),
        Some("33") if is_type => Ok(Kind::Asks("a refusal of a request for credit")),
        Some("90") if is_type => Ok(Kind::Asks("a service message")),
        _ => {
            let expected =
                "expected a type 10, 15 or 16 and a subtype 00, 01, 02, 07, 08, 31, 32, 33 or 90";
            Err(fault(message, "1510", expected))
        }
    }
}

fn amount(message: &Message, kind: Kind) -> Result<String, Fault> {
    let text = message.text("2000");
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    if text.len() != 12 || !digits {
        return Err(fault(message, "2000", "expected twelve digits, the last two of them cents"));
    }
    let (major, cents) = text.split_at(10);
    let major = major.trim_start_matches('0');
    let amount = format!("{}.{cents}", if major.is_empty() { "0" } else { major });
    if let Kind::Asks(what) = kind {
        let (from, to) = (institution(message, "3100").0, institution(message, "3400").0);
        let reason = format!("{what}, from {from} to {to}, of {amount} USD; it moves no money");
        return Err(fault(message, "1510", reason));
    }
    if text.bytes().all(|byte| byte == b'0') {
        return Err(fault(message, "2000", "a message of no amount; it moves no money"));
    }
    Ok(amount)
}

/// The day of the message's own number, else of the receiver's.
fn booked(message: &Message, notes: &mut Vec<Fault>) -> Result<String, Fault> {
    let day = |tag: &str| {
        let digits = message
            .text(tag)
            .get(..8)
            .filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?;
        let part = |from: usize, to: usize| digits[from..to].parse::<i16>().ok();
        let (month, day) = (i8::try_from(part(4, 6)?).ok()?, i8::try_from(part(6, 8)?).ok()?);
        jiff::civil::Date::new(part(0, 4)?, month, day).ok()
    };
    if let Some(day) = day("1520") {
        return Ok(day.to_string());
    }
    let Some(received) = day("1120") else {
        return Err(fault(
            message,
            "1520",
            "expected a date such as 20260331 and the message's number",
        ));
    };
    notes.push(fault(
        message,
        "1520",
        format!("expected a date such as 20260331; that of {{1120}}, {received}, is used"),
    ));
    Ok(received.to_string())
}

/// What does not keep the message from being read, and is said.
fn unusual(message: &Message, notes: &mut Vec<Fault>) {
    if message.element("1500").is_none() {
        notes.push(fault(message, "1500", "expected the tag that begins a message"));
    }
    let sent = message.element("1500").map_or("", |element| &element.text);
    let letter = |at: usize| sent.chars().nth(at).unwrap_or(' ');
    if letter(10) == 'T' {
        notes.push(fault(message, "1500", "a message marked as a test, which moves no money unless the sender says otherwise; it is read as a transfer"));
    }
    if matches!(letter(11), 'P' | 'R') {
        notes.push(fault(message, "1500", "a message marked as a copy of one that may have been sent before; it is read as a transfer"));
    }
    if message.text("3600").len() < 3 {
        notes.push(fault(message, "3600", "expected a business function code such as CTR or BTR"));
    }
    if message.element("9000").is_some() && !message.text("3600").starts_with("SVC") {
        notes.push(fault(message, "9000", "expected this tag in a service message only"));
    }
    let unknown: Vec<_> = message.elements.iter().filter(|one| !is_known(&one.tag)).collect();
    for element in unknown.iter().take(20) {
        let tag = element.tag.clone();
        notes.push(fault(
            message,
            &tag,
            "expected a tag of the format; what stands under it is left out",
        ));
    }
}

/// The number that names the message everywhere, else the sender's own.
fn reference(message: &Message) -> String {
    let number: String = message.text("1520").split_whitespace().collect::<Vec<_>>().join(" ");
    if number.is_empty() { words(message.text("3320")) } else { number }
}

fn business(code: &str) -> &'static str {
    match code {
        "BTR" => "bank transfer",
        "CKS" => "cheque same-day settlement",
        "CTP" => "customer transfer plus",
        "CTR" => "customer transfer",
        "DEP" => "deposit to sender's account",
        "DRB" => "bank drawdown",
        "DRC" => "corporate drawdown",
        "DRW" => "drawdown response",
        "FFR" => "fed funds returned",
        "FFS" => "fed funds sold",
        "SVC" => "service message",
        _ => "",
    }
}

fn description(message: &Message, kind: Kind, notes: &mut Vec<Fault>) -> String {
    let mut parts = Vec::new();
    match kind {
        Kind::Reversal => {
            let earlier = words(message.text("3500"));
            parts.push(format!(
                "reversal of message {}",
                if earlier.is_empty() { "not named" } else { &earlier }
            ));
        }
        Kind::Honours => parts.push("honours a request for credit".to_owned()),
        Kind::Transfer | Kind::Asks(_) => {}
    }
    let code: String = message.text("3600").chars().take(3).collect();
    parts.push(format!("Fedwire {code} {}", business(&code)).trim().to_owned());
    for (tag, label) in [
        ("6000", ""),
        ("4320", "reference for beneficiary "),
        ("3320", "sender reference "),
        ("3500", "previous message "),
        ("3700", "charges "),
        ("3710", "instructed "),
        ("3720", "exchange rate "),
        ("5200", "instructing bank "),
        ("5100", "originator's bank "),
        ("4000", "intermediary bank "),
        ("4100", "beneficiary's bank "),
        ("6100", "to receiving bank "),
        ("6200", "to intermediary bank "),
        ("6300", "to beneficiary's bank "),
        ("6400", "to beneficiary "),
        ("6500", "between banks "),
        ("7070", "remittance "),
        ("8200", "remittance "),
        ("8250", "remittance "),
        ("8400", "remittance document "),
        ("8450", "amount paid "),
        ("8500", "gross amount "),
        ("8750", "remittance "),
    ] {
        let text = words(message.text(tag));
        let is_said = tag == "3500" && kind == Kind::Reversal;
        if !text.is_empty() && !is_said {
            parts.push(format!("{label}{text}"));
        }
    }
    let whole = parts.join("; ");
    if whole.chars().count() <= DESCRIPTION_MAX {
        return whole;
    }
    notes.push(Fault(
        "description".to_owned(),
        String::new(),
        "the texts are longer than the description may be; see the source".to_owned(),
    ));
    whole.chars().take(DESCRIPTION_MAX).chain(['…']).collect()
}
