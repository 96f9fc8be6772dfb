//! What a layout file may not say, refused with line, column and the nearest word.
//!
//! The keys themselves are `layout.rs`'s.

use std::path::Path;

use regex::Regex;
use toml::Spanned;

use super::{FieldSource, FieldValue, Layout};
use crate::error::{Error, Result, line_and_column, nearest};
use crate::model::Channel;
use crate::records::fields::{FieldType, RecordKind};
use crate::records::{AUTO, LINE_FIELDS, STATEMENT_FIELDS};
use crate::records::{FORMATS, StructuredFormat, structured_format};

/// Fields that a layout may state for a structured format, whose files may not hold them.
const OUTSIDE_THE_FILE: [&str; 3] = ["account", "bank", "currency"];

/// Refusals that name the place in the file.
pub(super) struct Check<'a> {
    pub(super) path: &'a Path,
    pub(super) text: &'a str,
}

impl Check<'_> {
    pub(super) fn refuse(&self, offset: usize, what: String, hint: Option<String>) -> Error {
        let (line, column) = line_and_column(self.text, offset);
        Error::Key { file: self.path.display().to_string(), line, column, what, hint }
    }

    /// Where a key stands, for values that carry no place of their own.
    pub(super) fn place(&self, key: &str) -> usize {
        self.text
            .match_indices(key)
            .map(|(at, _)| at)
            .find(|&at| {
                let line = self.text[..at].rsplit('\n').next().unwrap_or("");
                !line.contains('#')
            })
            .unwrap_or(0)
    }

    /// The structured format a layout names; its fields are the format's own.
    pub(super) fn format(&self, layout: &Layout) -> Result<Option<&'static StructuredFormat>> {
        let Some(word) = &layout.format else { return Ok(None) };
        let at = self.place("format");
        let Some(format) = structured_format(word) else {
            let words = FORMATS.iter().map(|format| format.word);
            let near = nearest(word, words.clone(), 1);
            let hint = match near.first() {
                Some(near) => format!("did you mean {near:?}?"),
                None => format!("the formats are {}", words.collect::<Vec<_>>().join(", ")),
            };
            return Err(self.refuse(at, format!("format {word:?} is not known"), Some(hint)));
        };
        if layout.record != format.record {
            let what = format!("{word} files hold {} records", format.record.word());
            let hint = format!("write record = {:?}", format.record.word());
            return Err(self.refuse(self.place("record"), what, Some(hint)));
        }
        for (key, value) in &layout.fields {
            let at = key.span().start;
            match value.as_ref() {
                FieldValue::Where(source) if OUTSIDE_THE_FILE.contains(&key.as_ref().as_str()) => {
                    if source.constant.is_none() && source.file_name.is_none() {
                        let what = format!("{word} files have no columns that a layout could name");
                        let hint = format!(
                            "write {key} = {{ constant = \"…\" }} or {{ file_name = \"…\" }}",
                            key = key.as_ref()
                        );
                        return Err(self.refuse(at, what, Some(hint)));
                    }
                }
                FieldValue::Word(_) if key.as_ref() == "covers" => {}
                _ => {
                    let what = format!("the fields of {word} files are the format's own");
                    let named = OUTSIDE_THE_FILE.join(", ");
                    let hint = format!(
                        "only {named} may be stated here, as a constant or by the file's name"
                    );
                    return Err(self.refuse(at, what, Some(hint)));
                }
            }
        }
        Ok(Some(format))
    }

    pub(super) fn csv(&self, layout: &Layout) -> Result<()> {
        let delimiter = layout.csv.delimiter.as_str();
        if delimiter != "\\t" && (delimiter.len() != 1 || !delimiter.is_ascii()) {
            let what = format!("delimiter {delimiter:?} is not one ASCII character");
            return Err(self.refuse(self.place("delimiter"), what, None));
        }
        let quote = layout.csv.quote.as_str();
        if quote.len() > 1 || !quote.is_ascii() || quote == delimiter {
            let what = format!("quote {quote:?} is not one ASCII character beside the delimiter");
            let hint = "write quote = \"\" where the producer encloses nothing".to_owned();
            return Err(self.refuse(self.place("quote"), what, Some(hint)));
        }
        if encoding_rs::Encoding::for_label(layout.csv.encoding.as_bytes()).is_none() {
            let what = format!("encoding {:?} is not known", layout.csv.encoding);
            let hint = "use a label such as \"utf-8\", \"windows-1252\" or \"utf-16le\"".to_owned();
            return Err(self.refuse(self.place("encoding"), what, Some(hint)));
        }
        if !matches!(layout.csv.decimal_mark.as_str(), "." | "," | AUTO) {
            let what = format!(
                "decimal_mark {:?} is none of \".\", \",\" and \"auto\"",
                layout.csv.decimal_mark
            );
            return Err(self.refuse(self.place("decimal_mark"), what, None));
        }
        if let Some((currency, digits)) = layout.csv.minor_digits.iter().find(|(_, d)| **d > 8) {
            let what = format!("minor_digits of {currency} is {digits}; at most 8");
            return Err(self.refuse(self.place("minor_digits"), what, None));
        }
        for pattern in &layout.csv.ignore {
            self.pattern(pattern, "ignore")?;
        }
        self.zone(layout.timezone.as_deref())
    }

    pub(super) fn zone(&self, zone: Option<&str>) -> Result<()> {
        match zone {
            Some(zone) if jiff::tz::TimeZone::get(zone).is_err() => {
                let what = format!("timezone {zone:?} is not a name of the time zone database");
                let hint = "use a name such as \"America/New_York\" or \"UTC\"".to_owned();
                Err(self.refuse(self.place("timezone"), what, Some(hint)))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn pattern(&self, pattern: &str, key: &str) -> Result<()> {
        Regex::new(pattern).map(|_| ()).map_err(|refused| {
            let short = refused.to_string().lines().last().unwrap_or("").trim().to_owned();
            self.refuse(self.place(key), format!("{key} {pattern:?} is no pattern: {short}"), None)
        })
    }

    pub(super) fn fields(&self, layout: &Layout) -> Result<()> {
        let kind = layout.record;
        let mut known: Vec<&str> = kind.fields().iter().map(|field| field.name).collect();
        known.push("covers");
        for (key, value) in &layout.fields {
            let name = key.as_ref().as_str();
            if !known.contains(&name) {
                let what = format!("{} records have no field `{name}`", kind.word());
                let near = nearest(name, known.iter().copied(), 1);
                let hint = match near.first() {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("the fields are {}", known.join(", ")),
                };
                return Err(self.refuse(key.span().start, what, Some(hint)));
            }
            self.field(kind, name, value)?;
        }
        let named = |name: &str| layout.fields.keys().any(|key| key.as_ref() == name);
        for field in kind.fields().iter().filter(|field| field.required) {
            if !named(field.name) {
                return Err(self.missing(kind, &format!("`{}`", field.name)));
            }
        }
        let payments = matches!(kind, RecordKind::BankStatement | RecordKind::BankTransfers);
        if !payments && !layout.attributes.is_empty() {
            let what = format!("{} records keep no [attributes]", kind.word());
            let hint = "only bank-statement and bank-transfers records do".to_owned();
            return Err(self.refuse(self.place("[attributes"), what, Some(hint)));
        }
        let pairs = named("caller") && named("called");
        let sides = named("target") && named("other") && named("direction");
        if kind == RecordKind::CallDetail && !pairs && !sides {
            let either = "either `caller` and `called`, or `target`, `other` and `direction`";
            return Err(self.missing(kind, either));
        }
        if kind == RecordKind::Leases && !named("tenants") && !(named("person") && named("role")) {
            return Err(self.missing(kind, "either `tenants`, or `person` and `role`"));
        }
        Ok(())
    }

    fn missing(&self, kind: RecordKind, what: &str) -> Error {
        let what = format!("[fields] lacks {what}, which {} records require", kind.word());
        let hint = "say where it is found, as in { column = \"…\" }".to_owned();
        self.refuse(self.place("[fields]"), what, Some(hint))
    }

    fn field(&self, kind: RecordKind, name: &str, value: &Spanned<FieldValue>) -> Result<()> {
        let at = value.span().start;
        let source = match (name, value.as_ref()) {
            ("covers", FieldValue::Word(word)) => return self.covers(kind, word, at),
            ("covers", FieldValue::Where(_)) | (_, FieldValue::Word(_)) => {
                let what = format!(
                    "`{name}` takes {}",
                    if name == "covers" {
                        "a word: own, sender, receiver, both or none"
                    } else {
                        "a table such as { column = \"…\" }"
                    }
                );
                return Err(self.refuse(at, what, None));
            }
            (_, FieldValue::Where(source)) => source,
        };
        let field = &kind.fields()[kind.field(name).expect("the field was found above")];
        let ways = [
            source.column.is_some(),
            source.columns.is_some(),
            source.constant.is_some(),
            source.file_name.is_some(),
            source.preamble.is_some(),
            source.line.is_some(),
            source.debit.is_some() || source.credit.is_some(),
        ];
        if ways.iter().filter(|way| **way).count() != 1 {
            let what = format!("`{name}` does not say in exactly one way where it is found");
            let hint = "use one of column, columns, constant, file_name, preamble, line, or debit with credit";
            return Err(self.refuse(at, what, Some(hint.to_owned())));
        }
        let is_amount = field.kind == FieldType::Amount;
        let is_time = matches!(field.kind, FieldType::Time | FieldType::Day | FieldType::Duration);
        let is_name = field.kind == FieldType::Name;
        self.only(
            source.debit.is_some() || source.credit.is_some(),
            name == "amount",
            at,
            "debit and credit",
            name,
        )?;
        self.only(
            source.debit.is_some() != source.credit.is_some(),
            false,
            at,
            "debit without credit",
            name,
        )?;
        let of_rows = !STATEMENT_FIELDS.contains(&name);
        self.only(source.sign.is_some(), is_amount && of_rows, at, "sign", name)?;
        let by_line = kind == RecordKind::BankStatement && LINE_FIELDS.contains(&name);
        self.only(source.line.is_some(), by_line, at, "line", name)?;
        self.only(source.format.is_some(), is_time, at, "format", name)?;
        let by_values = field.kind != FieldType::Duration
            && (source.column.is_some() || source.columns.is_some());
        let auto = source.format.as_deref() == Some(AUTO);
        self.only(auto, by_values, at, "format = \"auto\" (only columns of dates do)", name)?;
        self.only(source.timezone.is_some(), is_time, at, "timezone", name)?;
        self.split(kind, is_name, source, at, name)?;
        self.only(source.nth.is_some(), source.column.is_some(), at, "nth", name)?;
        self.only(source.join.is_some(), source.columns.is_some(), at, "join", name)?;
        self.prefix(kind, field.kind, source, at)?;
        self.only(source.nth == Some(0), false, at, "nth = 0 (it counts from 1)", name)?;
        self.patterns_of(source)?;
        self.words(field.kind, source, at)?;
        self.zone(source.timezone.as_deref())
    }

    /// Names of people are split, at marks that hold something.
    fn split(
        &self,
        kind: RecordKind,
        is_name: bool,
        source: &FieldSource,
        at: usize,
        name: &str,
    ) -> Result<()> {
        let Some(split) = &source.split else { return Ok(()) };
        let of_banks = matches!(kind, RecordKind::BankStatement | RecordKind::BankTransfers);
        self.only(true, is_name && !of_banks, at, "split", name)?;
        let marked = !split.marks().is_empty() && split.marks().iter().all(|one| !one.is_empty());
        self.only(!marked, false, at, "split without a mark", name)
    }

    /// Names and ids of people and things take a prefix; what a bank or carrier writes is kept as
    /// it is, but for the mask before the last digits of an account where these stand alone.
    fn prefix(
        &self,
        kind: RecordKind,
        field: FieldType,
        source: &FieldSource,
        at: usize,
    ) -> Result<()> {
        let of_banks = matches!(
            kind,
            RecordKind::BankStatement | RecordKind::BankTransfers | RecordKind::CallDetail
        );
        let words = matches!(field, FieldType::Name | FieldType::Text);
        let masks = field == FieldType::Account
            && source.prefix.as_ref().is_some_and(|one| one.chars().all(|x| "Xx*".contains(x)));
        if source.prefix.is_some() && !masks && (of_banks || !words) {
            let what = "only names and ids of people and things take a `prefix`, and accounts the \
                        mask before last digits, such as \"XXXX\""
                .to_owned();
            return Err(self.refuse(at, what, None));
        }
        Ok(())
    }

    /// The patterns by which a field is found.
    fn patterns_of(&self, source: &FieldSource) -> Result<()> {
        for (pattern, key) in [
            (&source.file_name, "file_name"),
            (&source.preamble, "preamble"),
            (&source.line, "line"),
        ] {
            if let Some(pattern) = pattern {
                self.pattern(pattern, key)?;
            }
        }
        Ok(())
    }

    fn only(&self, present: bool, allowed: bool, at: usize, key: &str, name: &str) -> Result<()> {
        if present && !allowed {
            return Err(self.refuse(at, format!("`{name}` does not take {key}"), None));
        }
        Ok(())
    }

    /// What `values` maps to must be a word of the field's closed list.
    fn words(&self, kind: FieldType, source: &FieldSource, at: usize) -> Result<()> {
        let channels: Vec<&str> = Channel::ALL.iter().map(|channel| channel.word()).collect();
        let allowed: &[&str] = match kind {
            FieldType::Channel => &channels,
            FieldType::Word(words) => words,
            FieldType::Flag => &["true", "false"],
            _ => return Ok(()),
        };
        let mapped = source.values.iter().flat_map(|values| values.values());
        for word in mapped.chain(source.constant.iter()) {
            if !allowed.contains(&word.as_str()) {
                let what = format!("{word:?} is not one of {}", allowed.join(", "));
                let near = nearest(word, allowed.iter().copied(), 1);
                let hint = near.first().map(|near| format!("did you mean {near:?}?"));
                return Err(self.refuse(at, what, hint));
            }
        }
        Ok(())
    }

    pub(super) fn covers(&self, kind: RecordKind, word: &str, at: usize) -> Result<()> {
        let allowed: &[&str] = match kind {
            RecordKind::BankStatement => &["own"],
            RecordKind::BankTransfers => &["sender", "receiver", "both", "none"],
            _ => &[],
        };
        if allowed.contains(&word) {
            return Ok(());
        }
        let what = format!("covers = {word:?} does not fit {} records", kind.word());
        let hint = (!allowed.is_empty()).then(|| format!("use one of {}", allowed.join(", ")));
        Err(self.refuse(at, what, hint))
    }

    pub(super) fn patterns(&self, layout: &Layout) -> Result<()> {
        const GROUPS: [&str; 6] = ["name", "account", "bank", "reference", "place", "phone"];
        for one in &layout.counterparty {
            self.pattern(&one.pattern, "pattern")?;
            let groups = Regex::new(&one.pattern).expect("the pattern was just checked");
            for group in groups.capture_names().flatten() {
                if !GROUPS.contains(&group) {
                    let what = format!("the group `{group}` of {:?} is not known", one.pattern);
                    let hint = format!("the groups are {}", GROUPS.join(", "));
                    return Err(self.refuse(self.place(&one.pattern), what, Some(hint)));
                }
            }
        }
        Ok(())
    }
}
