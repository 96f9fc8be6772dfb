//! Call detail returns to call columns, decoded in parallel like bank records.
//!
//! A voicemail is no phone that two people talk to. A call that reaches one is a call to whose
//! voicemail it is, where the record says so: behind the mark, or as the digits dialled. Else the
//! far end is a voicemail of the near phone alone, and the text stays with the digits dialled. The
//! same holds of a caller whom the network or the subscriber hid: one `Restricted` for all would be
//! a phone that everybody talked to.

pub(super) mod call_readings;
mod whole_minutes;

use std::collections::{BTreeSet, HashMap};

use crate::model::{NONE, Stamp, Texts};
use crate::normalise::{
    PhoneReader, device_identity, has_lost_digits, subscriber_card_identity, user_of_address,
    voicemail, without_empty_decimal,
};
use crate::records::{RawBatch, Reject};
use crate::store::load::entities::FoundBook;
use crate::store::load::entities::interner::Interner;
use crate::store::load::entities::nameless_ends::LOST_DIGITS;
use crate::store::load::reading::values::{Row, Values};
use crate::store::tables::Side;

/// Calls of one block, in columns; phones and devices are numbers of the block.
#[derive(Debug, Default)]
pub struct CallBatch {
    /// Phones of the block.
    pub phones: FoundBook,
    /// Devices of the block, as kind word, a tab, and the identity.
    pub devices: Interner,
    /// Caller, by number in `phones`.
    pub from: Vec<u32>,
    /// Called, by number in `phones`.
    pub to: Vec<u32>,
    /// Start.
    pub start: Vec<Stamp>,
    /// Seconds.
    pub duration_s: Vec<Option<i32>>,
    /// `voice`, `sms` or `data`.
    pub kind: Texts,
    /// Whose return it stands in.
    pub side: Vec<Side>,
    /// The carrier's id.
    pub call: Texts,
    /// Handset, by number in `devices`.
    pub imei: Vec<u32>,
    /// Card, by number in `devices`.
    pub imsi: Vec<u32>,
    /// Tower id.
    pub tower: Texts,
    /// Tower's place.
    pub tower_place: Texts,
    /// Digits dialled.
    pub dialled: Texts,
    /// Whether it reached a voicemail, or came from one.
    pub voicemail: Vec<bool>,
    /// Physical line.
    pub line: Vec<u32>,
    /// Records and values set aside.
    pub rejects: Vec<Reject>,
}

/// Decodes call detail blocks of one source.
pub struct CallReader<'a> {
    /// Layout and case.
    pub values: &'a Values<'a>,
    /// Reads phone numbers by the case's region.
    pub phones: &'a PhoneReader,
}

/// What a block has read already.
#[derive(Default)]
struct Seen {
    /// Numbers: a return repeats few of them many times.
    numbers: HashMap<String, Option<u32>>,
    /// Phones of the voicemail platform that the layout names.
    platform: BTreeSet<String>,
}

/// Both ends of a call, and the text of the far end where it says more than its phone does.
struct Ends {
    from: u32,
    to: u32,
    side: Side,
    said: String,
    voicemail: bool,
}

/// The far end of a call.
struct Far {
    phone: u32,
    said: String,
    voicemail: bool,
}

/// Digits of a number that may be somebody's, not a short code of the network.
const NUMBER_DIGITS_MIN: usize = 7;

impl CallReader<'_> {
    /// Decodes one block.
    pub fn read(&self, batch: &RawBatch) -> CallBatch {
        let mut out = CallBatch::default();
        let platform = &self.values.reading.layout.voicemail;
        let mut seen = Seen {
            platform: platform.iter().map(|text| self.phones.read(text).identity).collect(),
            ..Seen::default()
        };
        for row in 0..batch.rows() {
            let mut rejects = std::mem::take(&mut out.rejects);
            let mut record = Row::new(self.values, batch, row, &mut rejects);
            self.call(&mut record, &mut out, &mut seen);
            out.rejects = rejects;
        }
        out
    }

    fn call(&self, record: &mut Row<'_>, out: &mut CallBatch, seen: &mut Seen) {
        let start = record.time("start");
        let ends = if record.has("target") {
            self.seen_from_target(record, out, seen)
        } else {
            self.seen_by_carrier(record, out, seen)
        };
        let (Some(start), Some(ends)) = (start, ends) else { return };
        let Ends { from, to, side, said, voicemail } = ends;
        if record.failed {
            return;
        }
        let duration = record.duration("duration");
        let kind = record.word("kind", &Default::default()).unwrap_or_default();
        let imei = device(record, "imei", out);
        let imsi = device(record, "imsi", out);
        out.from.push(from);
        out.to.push(to);
        out.start.push(start);
        out.duration_s.push(duration);
        out.kind.push(&kind);
        out.side.push(side);
        out.call.push(&record.text("call"));
        out.imei.push(imei);
        out.imsi.push(imsi);
        out.tower.push(&record.text("tower"));
        out.tower_place.push(&record.text("tower_place"));
        let dialled = record.text("dialled");
        out.dialled.push(if dialled.is_empty() { &said } else { &dialled });
        out.voicemail.push(voicemail);
        out.line.push(record.line());
    }

    fn seen_from_target(
        &self,
        record: &mut Row<'_>,
        out: &mut CallBatch,
        seen: &mut Seen,
    ) -> Option<Ends> {
        let direction = record.word("direction", &Default::default());
        let target = self.phone(record, "target", out, seen)?;
        let leaves = direction.as_deref() == Some("out");
        let Far { phone: other, said, voicemail } =
            self.far(record, "other", target, leaves, out, seen)?;
        match direction {
            Some(_) if leaves => {
                Some(Ends { from: target, to: other, side: Side::Sender, said, voicemail })
            }
            Some(_) => {
                Some(Ends { from: other, to: target, side: Side::Receiver, said, voicemail })
            }
            None => {
                let found = record.text("direction");
                record.refuse_record("direction", &found, "a direction, out or in");
                None
            }
        }
    }

    fn seen_by_carrier(
        &self,
        record: &mut Row<'_>,
        out: &mut CallBatch,
        seen: &mut Seen,
    ) -> Option<Ends> {
        let side = Side::List;
        let caller = record.text("caller");
        if self.voicemail(&caller, seen).is_some() || is_withheld(&caller) {
            let to = self.phone(record, "called", out, seen)?;
            let Far { phone: from, said, voicemail } =
                self.far(record, "caller", to, false, out, seen)?;
            return Some(Ends { from, to, side, said, voicemail });
        }
        let from = self.phone(record, "caller", out, seen)?;
        let Far { phone: to, said, voicemail } =
            self.far(record, "called", from, true, out, seen)?;
        Some(Ends { from, to, side, said, voicemail })
    }

    /// What follows the mark of a voicemail, if the text is one or the platform's number.
    fn voicemail<'t>(&self, text: &'t str, seen: &Seen) -> Option<&'t str> {
        let is_platform = || {
            !seen.platform.is_empty() && seen.platform.contains(&self.phones.read(text).identity)
        };
        voicemail(user_of_address(text)).or_else(|| is_platform().then_some(""))
    }

    /// The far end as seen from `near`, and its text where that says more. A row of digits dialled
    /// alone gives them in the place of the called phone.
    fn far(
        &self,
        record: &mut Row<'_>,
        field: &str,
        near: u32,
        was_dialled: bool,
        out: &mut CallBatch,
        seen: &mut Seen,
    ) -> Option<Far> {
        let (found, dialled) = (record.text(field), record.text("dialled"));
        let text = if found.is_empty() && was_dialled { dialled.clone() } else { found };
        if is_withheld(&text) {
            let own = format!("{} ~ withheld", out.phones.identities.get(near));
            return Some(Far { phone: out.phones.add(&own, &own), said: text, voicemail: false });
        }
        let Some(whose) = self.voicemail(&text, seen) else {
            let phone = self.number(record, field, &text, out, seen)?;
            let said = if text.contains(['*', '#']) { text } else { String::new() };
            return Some(Far { phone, said, voicemail: false });
        };
        for stated in [whose, dialled.as_str()] {
            if self.voicemail(stated, seen).is_some() {
                continue;
            }
            let phone = self.phones.read(stated);
            let digits = phone.identity.bytes().filter(u8::is_ascii_digit).count();
            if digits >= NUMBER_DIGITS_MIN && phone.identity != out.phones.identities.get(near) {
                let other = out.phones.add(&phone.identity, stated);
                return Some(Far { phone: other, said: text.clone(), voicemail: true });
            }
        }
        let own = format!("{} ~ voicemail", out.phones.identities.get(near));
        Some(Far { phone: out.phones.add(&own, &own), said: text, voicemail: true })
    }

    fn phone(
        &self,
        record: &mut Row<'_>,
        field: &str,
        out: &mut CallBatch,
        seen: &mut Seen,
    ) -> Option<u32> {
        let text = record.text(field);
        self.number(record, field, &text, out, seen)
    }

    fn number(
        &self,
        record: &mut Row<'_>,
        field: &str,
        text: &str,
        out: &mut CallBatch,
        seen: &mut Seen,
    ) -> Option<u32> {
        if let Some(Some(known)) = seen.numbers.get(text) {
            return Some(*known);
        }
        if has_lost_digits(text) {
            record.refuse_record(field, text, LOST_DIGITS);
            return None;
        }
        let phone = self.phones.read(without_empty_decimal(text));
        let known = (!phone.identity.is_empty()).then(|| out.phones.add(&phone.identity, text));
        seen.numbers.insert(text.to_owned(), known);
        if known.is_none() {
            record.refuse_record(field, text, "a phone number");
        }
        known
    }
}

/// Identity of a handset (`imei`) or a subscriber card (`imsi`); empty, and noted, for a number of
/// which only the first digits are left.
pub fn hardware_identity(record: &mut Row<'_>, kind: &str, found: &str) -> String {
    if has_lost_digits(found) {
        record.note(kind, found, &format!("expected {LOST_DIGITS}"));
        return String::new();
    }
    let found = without_empty_decimal(found);
    if kind == "imsi" { subscriber_card_identity(found) } else { device_identity(found) }
}

/// Words of which one, with or without those below, stands for a number that was hidden or lost,
/// as networks and carriers write it in English and German.
const WITHHELD: [&str; 17] = [
    "anonymous",
    "anonym",
    "blocked",
    "hidden",
    "no caller id",
    "no cli",
    "not available",
    "not provided",
    "out of area",
    "private",
    "restricted",
    "unavailable",
    "unidentified",
    "unknown",
    "unlisted",
    "unterdrückt",
    "withheld",
];
/// Words that say no more beside one of those.
const BESIDE_WITHHELD: [&str; 8] =
    ["caller", "id", "number", "name", "call", "nummer", "rufnummer", "cli"];

/// Whether a text stands for a number that was hidden, and for nobody's.
fn is_withheld(text: &str) -> bool {
    let text = user_of_address(text).trim();
    // Nearly every row has a number here.
    if !text.starts_with(char::is_alphabetic) {
        return text == "-1" || is_filler(text);
    }
    let lower = text.to_lowercase().replace(['-', '_'], " ");
    let words: Vec<&str> = lower.split_whitespace().collect();
    let hidden_with_no_more = |hidden: &&str| {
        let hidden: Vec<&str> = hidden.split(' ').collect();
        (0..words.len()).any(|at| {
            let beside = words[..at].iter().chain(words[at..].iter().skip(hidden.len()));
            words[at..].starts_with(&hidden)
                && beside.into_iter().all(|word| BESIDE_WITHHELD.contains(word))
        })
    };
    matches!(lower.as_str(), "payphone" | "unbekannt") || WITHHELD.iter().any(hidden_with_no_more)
}

/// Whether digits stand where a number is not known: no plan has a number of nothing but these.
fn is_filler(text: &str) -> bool {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || b" +-.()".contains(&byte));
    let mut digits = text.bytes().filter(u8::is_ascii_digit);
    let first = digits.next().filter(|first| b"019".contains(first));
    plain
        && first.is_some_and(|first| {
            digits.clone().all(|digit| digit == first) && digits.count() + 1 >= NUMBER_DIGITS_MIN
        })
}

fn device(record: &mut Row<'_>, field: &str, out: &mut CallBatch) -> u32 {
    let text = record.text(field);
    let identity = hardware_identity(record, field, &text);
    if identity.is_empty() { NONE } else { out.devices.intern(&format!("{field}\t{identity}")) }
}
