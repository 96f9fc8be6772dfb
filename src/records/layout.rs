//! The layout file: how one producer lays out its rows.
//!
//! Parsing and checking only, before any record is read. Which layout fits a file is
//! `recognise.rs`'s; splitting a file into rows by it is `delimited.rs`'s.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use regex::Regex;
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use crate::error::{Error, Result, line_and_column, nearest, parse_toml};
use crate::model::{Channel, Currency};
use crate::records::fields::{FieldType, RecordKind};

/// How one producer lays out its rows.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layout {
    /// Shown in the `sources` table.
    pub name: String,
    /// What one row is a record of.
    pub record: RecordKind,
    /// The bank, carrier or landlord whose rows these are.
    #[serde(default)]
    pub institution: String,
    /// Whether account numbers are unique across institutions.
    #[serde(default)]
    pub numbers: Numbers,
    /// IANA zone of stamps without an offset; nearer than the case's.
    pub timezone: Option<String>,
    /// How a file is recognised when the case file names no layout.
    #[serde(default)]
    pub recognise: Recognise,
    /// How rows and columns are separated.
    #[serde(default)]
    pub csv: Csv,
    /// Where each field of the record kind is found.
    pub fields: BTreeMap<Spanned<String>, Spanned<FieldValue>>,
    /// Further columns that are kept with their type.
    #[serde(default)]
    pub attributes: BTreeMap<String, Attribute>,
    /// Patterns that read the other end out of a statement line; the first match wins.
    #[serde(default)]
    pub counterparty: Vec<CounterpartyPattern>,
    /// True for a canonical layout: a column that a file lacks leaves its field empty.
    #[serde(skip)]
    pub columns_may_lack: bool,
}

/// Where account numbers are unique.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Numbers {
    /// Within one institution.
    #[default]
    Institution,
    /// Everywhere: the number alone is the account.
    Global,
}

/// How a file is recognised by its content.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recognise {
    /// The header line's columns, in order.
    #[serde(default)]
    pub header: Vec<String>,
}

/// How rows and columns are separated.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Csv {
    /// One ASCII character; `\t` for tabs.
    pub delimiter: String,
    /// A label of the Encoding Standard: `utf-8`, `windows-1252`, `utf-16le`.
    pub encoding: String,
    /// `.` or `,`.
    pub decimal_mark: String,
    /// Decimals where a producer writes more than the currency has.
    pub minor_digits: BTreeMap<Currency, u8>,
    /// Lines that match one of these are no records: totals, page headers.
    pub ignore: Vec<String>,
    /// Column names of a file without a header line.
    pub columns: Vec<String>,
}

impl Default for Csv {
    fn default() -> Csv {
        Csv {
            delimiter: ",".to_owned(),
            encoding: "utf-8".to_owned(),
            decimal_mark: ".".to_owned(),
            minor_digits: BTreeMap::new(),
            ignore: Vec::new(),
            columns: Vec::new(),
        }
    }
}

/// The value of a field: a table saying where its text is found, or a word (`covers`).
#[derive(Clone, Debug)]
pub enum FieldValue {
    /// `covers = "own"`.
    Word(String),
    /// `{ column = "…" }` and its relatives.
    Where(Box<FieldSource>),
}

impl<'de> Deserialize<'de> for FieldValue {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<FieldValue, D::Error> {
        // By hand rather than `untagged`, which forgets the key that was refused.
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = FieldValue;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a table such as { column = \"Amount\" }, or a word for `covers`")
            }

            fn visit_str<E>(self, word: &str) -> std::result::Result<FieldValue, E> {
                Ok(FieldValue::Word(word.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(
                self,
                map: A,
            ) -> std::result::Result<FieldValue, A::Error> {
                let source = FieldSource::deserialize(MapAccessDeserializer::new(map))?;
                Ok(FieldValue::Where(Box::new(source)))
            }
        }
        from.deserialize_any(Either)
    }
}

/// Where the text of a field is found and how it is read.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FieldSource {
    /// Name of a column.
    pub column: Option<String>,
    /// Which of several columns of that name, from 1.
    pub nth: Option<usize>,
    /// Several columns, joined.
    pub columns: Option<Vec<String>>,
    /// What joins them.
    pub join: Option<String>,
    /// The same text for every record.
    pub constant: Option<String>,
    /// A pattern over the file's name; its first group is the text.
    pub file_name: Option<String>,
    /// A pattern over the lines above the header; its first group is the text.
    pub preamble: Option<String>,
    /// Makes several values of one cell.
    pub split: Option<String>,
    /// Maps text to a closed list; what is not listed is a reject.
    pub values: Option<BTreeMap<String, String>>,
    /// strftime words, or `%s` forms.
    pub format: Option<String>,
    /// Zone of this field's stamps.
    pub timezone: Option<String>,
    /// Column of amounts that leave the account.
    pub debit: Option<String>,
    /// Column of amounts that reach it.
    pub credit: Option<String>,
    /// A column that says which way an unsigned amount goes.
    pub sign: Option<SignSource>,
}

/// Which way an unsigned amount goes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignSource {
    /// Name of the column.
    pub column: String,
    /// Its texts, each mapped to `debit` or `credit`.
    pub values: BTreeMap<String, Direction>,
}

/// Which way money moves, seen from the account.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Out of the account.
    Debit,
    /// Into the account.
    Credit,
}

/// A further column that is kept with its type.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attribute {
    /// Name of the column.
    pub column: String,
    /// How queries see it.
    #[serde(rename = "type", default)]
    pub kind: AttributeType,
}

/// Type of a kept column.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum AttributeType {
    /// Text as found.
    #[default]
    Text,
    /// Whole number.
    Integer,
    /// `true` or `false`.
    Flag,
}

/// A pattern that reads the other end out of a statement line.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CounterpartyPattern {
    /// Regular expression with the groups name, account, bank, reference, place, phone.
    pub pattern: String,
    /// The channel a match implies.
    pub channel: Option<Channel>,
}

/// Which accounts a file's records are the own records of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Covers {
    /// The statement's own account.
    Own,
    /// The sender of each transfer.
    Sender,
    /// The receiver of each transfer.
    Receiver,
    /// Both.
    Both,
    /// Nobody: the list may be partial.
    None,
}

impl Layout {
    /// Parses and checks a layout.
    ///
    /// # Errors
    ///
    /// [`Error::Key`] with line and column for an unknown key or field, a value out of range, a
    /// required field that is missing, a pattern that is none.
    pub fn parse(path: &Path, text: &str) -> Result<Layout> {
        let layout: Layout = parse_toml(path, text)?;
        let check = Check { path, text };
        check.csv(&layout)?;
        check.fields(&layout)?;
        check.patterns(&layout)?;
        Ok(layout)
    }

    /// The source of a field, if the layout names it.
    pub fn field(&self, name: &str) -> Option<&FieldSource> {
        self.fields.iter().find_map(|(key, value)| match value.as_ref() {
            FieldValue::Where(source) if key.as_ref() == name => Some(source.as_ref()),
            _ => None,
        })
    }

    /// Whose own records these are; a list of transfers covers nobody unless it says so.
    pub fn covers(&self) -> Covers {
        if self.record == RecordKind::BankStatement {
            return Covers::Own;
        }
        let word = self.fields.iter().find_map(|(key, value)| match value.as_ref() {
            FieldValue::Word(word) if key.as_ref() == "covers" => Some(word.as_str()),
            _ => None,
        });
        match word {
            Some("sender") => Covers::Sender,
            Some("receiver") => Covers::Receiver,
            Some("both") => Covers::Both,
            _ => Covers::None,
        }
    }

    /// The delimiter as a byte.
    pub fn delimiter(&self) -> u8 {
        match self.csv.delimiter.as_str() {
            "\\t" => b'\t',
            other => other.as_bytes().first().copied().unwrap_or(b','),
        }
    }

    /// Whether no record can be read without the field.
    pub fn needs(&self, name: &str) -> bool {
        let required = self.record.field(name).is_some_and(|at| self.record.fields()[at].required);
        let phones = self.record == RecordKind::CallDetail
            && self.field("caller").is_some()
            && ["caller", "called"].contains(&name);
        required || phones
    }

    /// Every column the layout reads, by name and which of that name.
    pub fn columns_read(&self) -> Vec<(String, usize)> {
        let mut columns = Vec::new();
        for source in self.fields.values() {
            if let FieldValue::Where(source) = source.as_ref() {
                if let Some(column) = &source.column {
                    columns.push((column.clone(), source.nth.unwrap_or(1)));
                }
                for column in source.columns.iter().flatten() {
                    columns.push((column.clone(), 1));
                }
                let sign = source.sign.as_ref().map(|sign| &sign.column);
                for column in [source.debit.as_ref(), source.credit.as_ref(), sign] {
                    columns.extend(column.map(|column| (column.clone(), 1)));
                }
            }
        }
        columns.extend(self.attributes.values().map(|kept| (kept.column.clone(), 1)));
        columns.sort();
        columns.dedup();
        columns
    }
}

/// Refusals that name the place in the file.
struct Check<'a> {
    path: &'a Path,
    text: &'a str,
}

impl Check<'_> {
    fn refuse(&self, offset: usize, what: String, hint: Option<String>) -> Error {
        let (line, column) = line_and_column(self.text, offset);
        Error::Key { file: self.path.display().to_string(), line, column, what, hint }
    }

    /// Where a key stands, for values that carry no place of their own.
    fn place(&self, key: &str) -> usize {
        self.text
            .match_indices(key)
            .map(|(at, _)| at)
            .find(|&at| {
                let line = self.text[..at].rsplit('\n').next().unwrap_or("");
                !line.contains('#')
            })
            .unwrap_or(0)
    }

    fn csv(&self, layout: &Layout) -> Result<()> {
        let delimiter = layout.csv.delimiter.as_str();
        if delimiter != "\\t" && (delimiter.len() != 1 || !delimiter.is_ascii()) {
            let what = format!("delimiter {delimiter:?} is not one ASCII character");
            return Err(self.refuse(self.place("delimiter"), what, None));
        }
        if encoding_rs::Encoding::for_label(layout.csv.encoding.as_bytes()).is_none() {
            let what = format!("encoding {:?} is not known", layout.csv.encoding);
            let hint = "use a label such as \"utf-8\", \"windows-1252\" or \"utf-16le\"".to_owned();
            return Err(self.refuse(self.place("encoding"), what, Some(hint)));
        }
        if !matches!(layout.csv.decimal_mark.as_str(), "." | ",") {
            let what =
                format!("decimal_mark {:?} is neither \".\" nor \",\"", layout.csv.decimal_mark);
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

    fn zone(&self, zone: Option<&str>) -> Result<()> {
        match zone {
            Some(zone) if jiff::tz::TimeZone::get(zone).is_err() => {
                let what = format!("timezone {zone:?} is not a name of the time zone database");
                let hint = "use a name such as \"America/New_York\" or \"UTC\"".to_owned();
                Err(self.refuse(self.place("timezone"), what, Some(hint)))
            }
            _ => Ok(()),
        }
    }

    fn pattern(&self, pattern: &str, key: &str) -> Result<()> {
        Regex::new(pattern).map(|_| ()).map_err(|refused| {
            let short = refused.to_string().lines().last().unwrap_or("").trim().to_owned();
            self.refuse(self.place(key), format!("{key} {pattern:?} is no pattern: {short}"), None)
        })
    }

    fn fields(&self, layout: &Layout) -> Result<()> {
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
            source.debit.is_some() || source.credit.is_some(),
        ];
        if ways.iter().filter(|way| **way).count() != 1 {
            let what = format!("`{name}` does not say in exactly one way where it is found");
            let hint =
                "use one of column, columns, constant, file_name, preamble, or debit with credit";
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
        self.only(source.sign.is_some(), is_amount, at, "sign", name)?;
        self.only(source.format.is_some(), is_time, at, "format", name)?;
        self.only(source.timezone.is_some(), is_time, at, "timezone", name)?;
        self.only(source.split.is_some(), is_name, at, "split", name)?;
        self.only(source.nth.is_some(), source.column.is_some(), at, "nth", name)?;
        self.only(source.join.is_some(), source.columns.is_some(), at, "join", name)?;
        self.only(source.nth == Some(0), false, at, "nth = 0 (it counts from 1)", name)?;
        for pattern in [&source.file_name, &source.preamble].into_iter().flatten() {
            self.pattern(
                pattern,
                if source.preamble.is_some() { "preamble" } else { "file_name" },
            )?;
        }
        self.words(field.kind, source, at)?;
        self.zone(source.timezone.as_deref())
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

    fn covers(&self, kind: RecordKind, word: &str, at: usize) -> Result<()> {
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

    fn patterns(&self, layout: &Layout) -> Result<()> {
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

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
name = "h"
record = "bank-statement"
[fields]
account = { constant = "1" }
booked = { column = "Date", format = "%m/%d/%Y" }
amount = { debit = "Out", credit = "In" }
"#;

    #[track_caller]
    fn refused(change: (&str, &str), place: (usize, usize), words: &str) {
        let text = GOOD.replace(change.0, change.1);
        match Layout::parse(Path::new("l.toml"), &text) {
            Err(Error::Key { line, column, what, hint, .. }) => {
                let said = format!("{what} {}", hint.unwrap_or_default());
                assert!(said.contains(words), "{said}");
                assert_eq!((line, column), place, "{said}");
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_layout_reads_back_what_it_says() {
        let layout = Layout::parse(Path::new("l.toml"), GOOD).unwrap();
        assert_eq!(layout.covers(), Covers::Own);
        assert_eq!(layout.field("amount").unwrap().debit.as_deref(), Some("Out"));
        let columns: Vec<String> = layout.columns_read().into_iter().map(|one| one.0).collect();
        assert_eq!(columns, ["Date", "In", "Out"]);
    }

    #[test]
    fn every_refusal_names_its_place_and_the_remedy() {
        refused(("booked", "bookd"), (6, 1), "did you mean `booked`?");
        refused(("name = ", "nme = "), (2, 1), "unknown field");
        refused(("credit = \"In\"", "credt = \"In\""), (7, 27), "did you mean `credit`?");
        refused(("amount = { debit = \"Out\", credit = \"In\" }", ""), (4, 1), "lacks `amount`");
        refused(
            ("constant = \"1\"", "constant = \"1\", column = \"A\""),
            (5, 11),
            "exactly one way",
        );
        refused(
            ("account = {", "channel = { constant = \"wyre\" }\naccount = {"),
            (5, 11),
            "did you mean \"wire\"?",
        );
    }
}
