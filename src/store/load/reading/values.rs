//! Texts of one record to values, by the layout's word; what cannot be read becomes a reject.

mod amounts;
mod cells;

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use crate::error::{Error, Result};
use crate::model::{Channel, Currency, Digits, Stamp};
use crate::normalise::{DecimalMark, ReadTime, TimeReader, party_kind, read_duration};
use crate::records::{
    AttributeType, Bound, FieldType, RAW_BYTES_MAX, RawBatch, Reading, Reject, escape_raw,
};

pub use cells::Figures;

/// How the texts of one source become values. Built for each block, since readers keep caches.
pub struct Values<'a> {
    /// The layout bound to the source.
    pub reading: &'a Reading,
    /// Decimals of each currency in this case.
    pub digits: &'a Digits,
    /// Currency of amounts whose record names none.
    pub currency: Currency,
    /// Which character separates the decimals.
    pub mark: DecimalMark,
    times: Vec<Option<TimeReader>>,
    /// The `values` of each field that has some: looked up once here and not once a row.
    words: Vec<Option<&'a BTreeMap<String, String>>>,
    /// The `prefix` of each field that has one.
    prefixes: Vec<Option<&'a str>>,
}

/// Zone and currency of the case.
#[derive(Clone, Debug)]
pub struct CaseDefaults {
    /// The case's zone.
    pub zone: TimeZone,
    /// Whether anyone stated it.
    pub zone_stated: bool,
    /// The case's currency.
    pub currency: Currency,
    /// Decimals of each currency.
    pub digits: Digits,
}

impl<'a> Values<'a> {
    /// Prepares the readers of every field that the layout names.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if a format of the layout is none.
    pub fn new(reading: &'a Reading, case: &'a CaseDefaults) -> Result<Values<'a>> {
        let layout = &reading.layout;
        let mut times = Vec::new();
        for (at, field) in layout.record.fields().iter().enumerate() {
            let source = layout.field(field.name);
            let is_time = matches!(field.kind, FieldType::Time | FieldType::Day);
            times.push(match source {
                Some(source) if is_time => {
                    let named = source.timezone.as_ref().or(layout.timezone.as_ref());
                    let zone = match named {
                        Some(name) => TimeZone::get(name).unwrap_or(TimeZone::UTC),
                        None => case.zone.clone(),
                    };
                    let stated = named.is_some() || case.zone_stated;
                    let reader =
                        TimeReader::new(reading.format(at), zone, case.zone.clone(), stated);
                    Some(reader.map_err(|refused| Error::File {
                        path: format!("layout {:?}", layout.name),
                        what: format!("field `{}`: {refused}", field.name),
                        hint: None,
                    })?)
                }
                _ => None,
            });
        }
        let mark = DecimalMark::of(reading.decimal_mark());
        let fields = layout.record.fields().iter();
        let sources = fields.map(|field| layout.field(field.name));
        let words = sources.clone().map(|source| source?.values.as_ref()).collect();
        let prefixes = sources.map(|source| source?.prefix.as_deref()).collect();
        let (digits, currency) = (&case.digits, case.currency);
        Ok(Values { reading, digits, currency, mark, times, words, prefixes })
    }

    /// Whether the layout makes other texts of those of a field.
    pub fn maps(&self, field: usize) -> bool {
        self.words[field].is_some() || self.prefixes[field].is_some()
    }

    /// Whether the layout maps the texts of two fields to the same words.
    pub fn mapped_alike(&self, one: usize, other: usize) -> bool {
        self.words[one] == self.words[other]
    }

    /// The time that a text names, if it names one.
    pub fn read_time(&self, field: usize, text: &str) -> Option<ReadTime> {
        self.times[field].as_ref()?.read(text).ok()
    }

    /// The currency that a text states, the case's if it is empty; `None` for one that
    /// [`Row::currency`] refuses, or of which something is to be said.
    pub fn plain_currency(&self, field: usize, text: &str) -> Option<Currency> {
        if text.is_empty() {
            return Some(self.currency);
        }
        let currency: Currency = self.word(field, text)?.parse().ok()?;
        // Something is to be said of records in a currency that was withdrawn.
        currency.withdrawn().is_none().then_some(currency)
    }

    /// The channel that a text states; `None` for one that [`Row::channel`] refuses.
    pub fn plain_channel(&self, field: usize, text: &str) -> Option<Channel> {
        let word = if text.is_empty() { text } else { self.word(field, text)? };
        if word.is_empty() { Some(Channel::default()) } else { word.to_lowercase().parse().ok() }
    }

    /// The text that the layout maps a text to.
    fn word<'t>(&'t self, field: usize, text: &'t str) -> Option<&'t str> {
        match self.words[field] {
            Some(map) => map.get(text).map(String::as_str),
            None => Some(text),
        }
    }
}

/// One record being read. After a required field fails, `failed` is set and the record is out.
pub struct Row<'a> {
    values: &'a Values<'a>,
    batch: &'a RawBatch,
    row: usize,
    rejects: &'a mut Vec<Reject>,
    first_reject: usize,
    /// A required field could not be read.
    pub failed: bool,
}

impl<'a> Row<'a> {
    /// Starts to read a record of a batch.
    pub fn new(
        values: &'a Values<'a>,
        batch: &'a RawBatch,
        row: usize,
        rejects: &'a mut Vec<Reject>,
    ) -> Row<'a> {
        let first_reject = rejects.len();
        Row { values, batch, row, rejects, first_reject, failed: false }
    }

    /// Physical line of the record.
    pub fn line(&self) -> u32 {
        self.batch.lines[self.row]
    }

    fn number(&self, field: &str) -> usize {
        let kind = self.values.reading.layout.record;
        kind.field(field).expect("the loader asks for fields of the record kind only")
    }

    /// Whether the layout says where the field is found.
    pub fn has(&self, field: &str) -> bool {
        self.values.reading.fields[self.number(field)] != Bound::Absent
    }

    /// Text of a field as found, after joining columns; mapped where the layout maps it.
    pub fn text(&mut self, field: &str) -> String {
        self.lent(field).into_owned()
    }

    /// The institution of records that state none.
    pub fn layout_institution(&self) -> Cow<'a, str> {
        Cow::Borrowed(&self.values.reading.layout.institution)
    }

    /// As [`Row::text`], without a copy where the text stands in the record as it is.
    pub fn lent(&mut self, field: &str) -> Cow<'a, str> {
        let number = self.number(field);
        let found = self.found(number);
        let Some(map) = self.values.words[number] else {
            return found;
        };
        if found.is_empty() {
            return found;
        }
        match map.get(&*found) {
            Some(word) => Cow::Borrowed(word),
            None => {
                let listed: Vec<&str> = map.keys().map(String::as_str).collect();
                let expected = format!("one of {}", listed.join(", "));
                self.refuse(number, &found, &expected, Some("add it to `values` in the layout"));
                Cow::Borrowed("")
            }
        }
    }

    /// Text of a field without a copy, for fields that no layout joins or maps often.
    pub fn with_text<T>(&self, field: usize, read: impl FnOnce(&str) -> T) -> T {
        let mut scratch = String::new();
        let found = self.values.reading.text(field, self.batch, self.row, &mut scratch);
        match self.values.prefixes[field] {
            Some(prefix) if !found.is_empty() => read(&format!("{prefix}{found}")),
            _ => read(found),
        }
    }

    /// Text of a field as found, whatever the layout maps it to.
    pub fn as_found(&self, field: &str) -> String {
        self.found(self.number(field)).into_owned()
    }

    fn found(&self, field: usize) -> Cow<'a, str> {
        match &self.values.reading.fields[field] {
            Bound::Absent => Cow::Borrowed(""),
            Bound::Slot(slot) if self.values.prefixes[field].is_none() => {
                Cow::Borrowed(self.batch.get(*slot, self.row))
            }
            _ => Cow::Owned(self.with_text(field, str::to_owned)),
        }
    }

    /// Sets the value, and for a required field the record, aside.
    pub fn refuse(&mut self, field: usize, found: &str, expected: &str, hint: Option<&str>) {
        let required = self.values.reading.layout.record.fields()[field].required;
        let hint = hint.map_or_else(String::new, |hint| format!("; {hint}"));
        self.set_aside(field, found, format!("expected {expected}{hint}"), !required);
    }

    /// As [`Row::refuse`], by name and always for the whole record.
    pub fn refuse_record(&mut self, field: &str, found: &str, expected: &str) {
        self.set_aside(self.number(field), found, format!("expected {expected}"), false);
    }

    /// A record that is out stands once among the rejects, under the first column that put it
    /// out, so that the rows that are not kept count the records set aside.
    fn set_aside(&mut self, field: usize, found: &str, reason: String, kept: bool) {
        if self.failed {
            return;
        }
        let mut reject = Reject {
            line: self.batch.lines[self.row],
            place: Box::default(),
            column: self.values.reading.column_name(field),
            found: found.to_owned(),
            reason,
            kept,
            raw: escape_raw(self.batch.record(self.row).as_bytes(), RAW_BYTES_MAX),
        };
        let earlier = &self.rejects[self.first_reject..];
        let same = earlier.iter().find(|one| one.column == reject.column && one.found == found);
        if let Some(same) = same {
            if kept {
                return;
            }
            // The first reason for the same text is the more exact one.
            reject.reason.clone_from(&same.reason);
        }
        if !kept {
            self.failed = true;
            self.rejects.truncate(self.first_reject);
        }
        self.rejects.push(reject);
    }

    /// A required text that is not empty.
    pub fn required_text(&mut self, field: &str) -> String {
        let text = self.text(field);
        if text.is_empty() && !self.failed {
            let number = self.number(field);
            let structured = self.values.reading.layout.format.is_some() && field == "account";
            let hint = structured.then_some(
                "name the account in a layout of this format: [fields] account = { constant = \
                 \"…\" } or { file_name = \"…\" }",
            );
            self.refuse(number, "", "a value", hint);
        }
        text
    }

    /// The currency of the record, by its field or the case's.
    pub fn currency(&mut self, field: &str) -> Currency {
        self.currency_or(field, self.values.currency)
    }

    /// The currency that a field states, or `otherwise` where it states none.
    pub fn currency_or(&mut self, field: &str, otherwise: Currency) -> Currency {
        if !self.has(field) {
            return otherwise;
        }
        let text = self.text(field);
        // A text that `values` does not list was refused there, and reads as empty here.
        if text.is_empty() {
            let found = self.as_found(field);
            if !found.is_empty() {
                self.refuse_record(field, &found, "a currency that the layout lists");
            }
            return otherwise;
        }
        match text.parse() {
            Ok(currency) => currency,
            Err(_) => {
                // A sum in the wrong currency is worse than a record set aside.
                self.refuse_record(field, &text, "an ISO 4217 currency code such as USD");
                otherwise
            }
        }
    }

    /// When something happened.
    pub fn time(&mut self, field: &str) -> Option<Stamp> {
        let number = self.number(field);
        let reader = self.values.times[number].as_ref()?;
        if !self.has(field) {
            return None;
        }
        let required = self.values.reading.layout.record.fields()[number].required;
        let outcome = self.with_text(number, |text| {
            (!text.is_empty() || required)
                .then(|| reader.read(text).map_err(|p| (p, text.to_owned())))
        })?;
        match outcome {
            Ok(read) => {
                if read.ambiguous {
                    self.flag(
                        number,
                        "a local time that a clock change makes ambiguous; read as the earlier",
                    );
                }
                Some(read.stamp)
            }
            Err((problem, found)) => {
                // Totals and page feet have words, or nothing, where a record has its day.
                let digits = found.bytes().filter(u8::is_ascii_digit).count();
                let wordy = required && digits < 3;
                let no_record = "if the line is no record, as a total is none, name it in the \
                                 layout: ignore = [\"^Total\"]";
                let hint = problem.hint().or(wordy.then_some(no_record));
                self.refuse(number, &found, &problem.to_string(), hint);
                None
            }
        }
    }

    /// Notes a value that is kept as it is although something is wrong with it.
    pub fn note(&mut self, field: &str, found: &str, reason: &str) {
        self.set_aside(self.number(field), found, reason.to_owned(), true);
    }

    /// Notes a value that was read in one of two possible ways.
    fn flag(&mut self, field: usize, reason: &str) {
        let found = self.found(field);
        self.set_aside(field, &found, reason.to_owned(), true);
    }

    /// A civil day.
    pub fn day(&mut self, field: &str) -> Option<i32> {
        self.time(field).map(|stamp| stamp.day)
    }

    /// Seconds.
    pub fn duration(&mut self, field: &str) -> Option<i32> {
        let number = self.number(field);
        let text = self.text(field);
        if text.is_empty() {
            return None;
        }
        let format = self.values.reading.source(number).and_then(|one| one.format.clone());
        match read_duration(&text, format.as_deref()) {
            Ok(seconds) => Some(seconds),
            Err(_) => {
                self.refuse(number, &text, "a duration in seconds or as MM:SS", None);
                None
            }
        }
    }

    /// A channel, if the field is there and not empty.
    pub fn channel(&mut self, field: &str) -> Option<Channel> {
        let word = self.word(field, &BTreeMap::new())?;
        word.parse().ok()
    }

    /// A word of the field's closed list. Without `values` in the layout the text itself must be
    /// one, small or capital letters alike.
    pub fn word(&mut self, field: &str, more: &BTreeMap<&str, &str>) -> Option<String> {
        let number = self.number(field);
        let text = self.text(field);
        if text.is_empty() {
            return None;
        }
        let kind = self.values.reading.layout.record.fields()[number].kind;
        if kind == FieldType::Channel && text.parse::<Channel>().is_ok() {
            // Nearly every row of a list of transfers ends here.
            return Some(text);
        }
        let lower = text.to_lowercase();
        let channels: Vec<&str> = Channel::ALL.iter().map(|channel| channel.word()).collect();
        let allowed: &[&str] = match kind {
            FieldType::Channel => &channels,
            FieldType::Word(words) => words,
            _ => return Some(text),
        };
        if let Some(word) = more.get(lower.as_str()) {
            return Some((*word).to_owned());
        }
        if allowed.contains(&lower.as_str()) {
            return Some(lower);
        }
        let expected = format!("one of {}", allowed.join(", "));
        self.refuse(number, &text, &expected, Some("map it with `values` in the layout"));
        None
    }

    /// Yes or no.
    pub fn flag_value(&mut self, field: &str) -> Option<bool> {
        let number = self.number(field);
        let text = self.text(field);
        match text.to_lowercase().as_str() {
            "" => None,
            "true" | "yes" | "y" | "1" => Some(true),
            "false" | "no" | "n" | "0" => Some(false),
            _ => {
                self.refuse(number, &text, "true or false", Some("map it with `values`"));
                None
            }
        }
    }

    /// A number of any other kind.
    pub fn parsed<T: std::str::FromStr>(&mut self, field: &str, expected: &str) -> Option<T> {
        let number = self.number(field);
        let text = self.text(field);
        if text.is_empty() {
            return None;
        }
        match text.parse() {
            Ok(value) => Some(value),
            Err(_) => {
                self.refuse(number, &text, expected, None);
                None
            }
        }
    }

    /// The kept columns as a JSON object in name order; empty when all of them are.
    pub fn attributes(&mut self) -> String {
        let mut kept = serde_json::Map::new();
        for (name, slot) in &self.values.reading.attributes {
            let text = self.batch.get(*slot, self.row);
            if text.is_empty() {
                continue;
            }
            let kind = self.values.reading.layout.attributes[name].kind;
            let typed = match kind {
                AttributeType::Text => None,
                AttributeType::Integer => text.parse::<i64>().ok().map(serde_json::Value::from),
                AttributeType::Flag => {
                    text.to_lowercase().parse::<bool>().ok().map(serde_json::Value::from)
                }
            };
            kept.insert(name.clone(), typed.unwrap_or_else(|| text.into()));
        }
        if kept.is_empty() { String::new() } else { serde_json::Value::from(kept).to_string() }
    }

    /// Several names of one cell, where the layout splits it; one that it does not, and that reads
    /// like several, is noted.
    pub fn names(&mut self, field: &str) -> Vec<String> {
        let number = self.number(field);
        let text = self.text(field);
        match self.values.reading.source(number).and_then(|one| one.split.as_ref()) {
            Some(split) => split.parts(&text).into_iter().map(str::to_owned).collect(),
            None if text.trim().is_empty() => Vec::new(),
            None => {
                if reads_like_several(&text) {
                    let reason = "one name, unless the layout says what separates several in a \
                                  cell, as in split = [\";\", \" and \", \" & \"]";
                    self.set_aside(number, &text, reason.to_owned(), true);
                }
                vec![text.trim().to_owned()]
            }
        }
    }
}

/// Whether a text may hold the names of several people: a firm's name holds such words too, and a
/// single letter between two words is more often an initial.
fn reads_like_several(text: &str) -> bool {
    let small = text.to_lowercase();
    let parted = [" and ", " & ", " y ", " und ", " et "].iter().any(|mark| {
        small.split_once(mark).is_some_and(|(left, right)| {
            [left, right].iter().any(|names| names.split_whitespace().count() > 1)
        })
    });
    small.contains(';') || parted && party_kind(text) != Some("organisation")
}
