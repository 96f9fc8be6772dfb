//! Call detail returns to call columns, decoded in parallel like bank records.

use std::collections::HashMap;

use crate::model::{NONE, Stamp, Texts};
use crate::normalise::{PhoneReader, device_identity, subscriber_card_identity};
use crate::records::{RawBatch, Reject};
use crate::store::load::entities::FoundBook;
use crate::store::load::interner::Interner;
use crate::store::load::values::{Row, Values};
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

/// Numbers already read in this block: a return repeats few of them many times.
#[derive(Default)]
struct Seen(HashMap<String, Option<u32>>);

impl CallReader<'_> {
    /// Decodes one block.
    pub fn read(&self, batch: &RawBatch) -> CallBatch {
        let mut out = CallBatch::default();
        let mut seen = Seen::default();
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
            let from = self.phone(record, "caller", out, seen);
            let to = self.phone(record, "called", out, seen);
            from.zip(to).map(|(from, to)| (from, to, Side::List))
        };
        let (Some(start), Some((from, to, side))) = (start, ends) else { return };
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
        out.dialled.push(&record.text("dialled"));
        out.line.push(record.line());
    }

    fn seen_from_target(
        &self,
        record: &mut Row<'_>,
        out: &mut CallBatch,
        seen: &mut Seen,
    ) -> Option<(u32, u32, Side)> {
        let target = self.phone(record, "target", out, seen)?;
        let other = self.phone(record, "other", out, seen)?;
        let direction = record.word("direction", &Default::default());
        match direction.as_deref() {
            Some("out") => Some((target, other, Side::Sender)),
            Some(_) => Some((other, target, Side::Receiver)),
            None => {
                let found = record.text("direction");
                record.refuse_record("direction", &found, "a direction, out or in");
                None
            }
        }
    }

    fn phone(
        &self,
        record: &mut Row<'_>,
        field: &str,
        out: &mut CallBatch,
        seen: &mut Seen,
    ) -> Option<u32> {
        let text = record.text(field);
        let known = *seen.0.entry(text.clone()).or_insert_with(|| {
            let phone = self.phones.read(&text);
            (!phone.identity.is_empty()).then(|| out.phones.add(&phone.identity, &text))
        });
        if known.is_none() {
            record.refuse_record(field, &text, "a phone number");
        }
        known
    }
}

/// Identity of a handset (`imei`) or a subscriber card (`imsi`).
pub fn hardware_identity(kind: &str, found: &str) -> String {
    if kind == "imsi" { subscriber_card_identity(found) } else { device_identity(found) }
}

fn device(record: &mut Row<'_>, field: &str, out: &mut CallBatch) -> u32 {
    let text = record.text(field);
    let identity = hardware_identity(field, &text);
    if identity.is_empty() { NONE } else { out.devices.intern(&format!("{field}\t{identity}")) }
}
