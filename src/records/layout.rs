//! The layout file: how one producer lays out its rows.
//!
//! Parsing only, before any record is read; what is refused is `layout/checks.rs`'s. Which layout
//! fits a file is `recognise.rs`'s; splitting a file into rows by it is `delimited.rs`'s.

mod checks;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use crate::error::{Result, parse_toml};
use crate::model::{Channel, Currency};
use crate::records::delimited::NO_QUOTE;
use crate::records::fields::RecordKind;
use crate::records::value_forms::AUTO;
use checks::Check;

/// How one producer lays out its rows.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layout {
    /// Shown in the `sources` table.
    pub name: String,
    /// What one row is a record of.
    pub record: RecordKind,
    /// A structured format such as `mt940`, whose fields are the format's own; delimited text
    /// when absent.
    pub format: Option<String>,
    /// The bank, carrier or landlord whose rows these are.
    #[serde(default)]
    pub institution: String,
    /// Whether account numbers are unique across institutions.
    #[serde(default)]
    pub numbers: Numbers,
    /// Numbers of the carrier's voicemail platform, which are no one's phone.
    #[serde(default)]
    pub voicemail: Vec<String>,
    /// IANA zone of stamps without an offset; nearer than the case's.
    pub timezone: Option<String>,
    /// How a file is recognised when the case file names no layout.
    #[serde(default)]
    pub recognise: Recognise,
    /// How rows and columns are separated.
    #[serde(default)]
    pub csv: Csv,
    /// Where each field of the record kind is found.
    #[serde(default)]
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
    /// One ASCII character that encloses fields; empty where quotes are text.
    pub quote: String,
    /// A label of the Encoding Standard: `utf-8`, `windows-1252`, `utf-16le`.
    pub encoding: String,
    /// `.` or `,`; [`AUTO`] where the values are to show it.
    pub decimal_mark: String,
    /// Decimals where a producer writes more than the currency has.
    pub minor_digits: BTreeMap<Currency, u8>,
    /// What becomes of decimals beyond those.
    pub surplus_decimals: SurplusDecimals,
    /// Lines that match one of these are no records: totals, page headers.
    pub ignore: Vec<String>,
    /// Column names of a file without a header line.
    pub columns: Vec<String>,
}

impl Default for Csv {
    fn default() -> Csv {
        Csv {
            delimiter: ",".to_owned(),
            quote: "\"".to_owned(),
            encoding: "utf-8".to_owned(),
            decimal_mark: AUTO.to_owned(),
            minor_digits: BTreeMap::new(),
            surplus_decimals: SurplusDecimals::default(),
            ignore: Vec::new(),
            columns: Vec::new(),
        }
    }
}

/// What becomes of decimals beyond those that an amount is kept with.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum SurplusDecimals {
    /// The record is set aside: nothing is rounded that nobody asked to round.
    #[default]
    Refuse,
    /// The amount is rounded to the nearest minor unit, halves away from zero.
    Round,
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
    /// Put before a text that is not empty: ids of persons and of companies may be the same
    /// numbers.
    pub prefix: Option<String>,
    /// The same text for every record.
    pub constant: Option<String>,
    /// A pattern over the file's name; its first group is the text.
    pub file_name: Option<String>,
    /// A pattern over the lines above the header; its first group is the text.
    pub preamble: Option<String>,
    /// A pattern over lines that are no records, above, between or below the rows; its first
    /// group is the text, for its statement.
    pub line: Option<String>,
    /// Makes several values of one cell.
    pub split: Option<Split>,
    /// Maps text to a closed list; what is not listed is a reject.
    pub values: Option<BTreeMap<String, String>>,
    /// strftime words, or `%s` forms; [`AUTO`], or absent, where the values are to show them.
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

/// What separates several names in one cell, small and capital letters alike.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Split {
    /// One mark, `;`.
    Mark(String),
    /// Several, of which any separates: `[";", " and ", ", jointly"]`.
    Marks(Vec<String>),
}

impl Split {
    /// The marks.
    pub fn marks(&self) -> &[String] {
        match self {
            Split::Mark(mark) => std::slice::from_ref(mark),
            Split::Marks(marks) => marks,
        }
    }

    /// The parts of a text, trimmed, without empty ones. Cost: a pass over the text for each mark.
    pub fn parts<'t>(&self, text: &'t str) -> Vec<&'t str> {
        let mut parts = vec![text];
        for mark in self.marks() {
            let mark = mark.to_ascii_lowercase();
            parts = parts.into_iter().flat_map(|part| cut(part, &mark)).collect();
        }
        parts.retain(|part| !part.is_empty());
        parts
    }
}

/// A text cut at each place of a mark of small letters.
fn cut<'t>(text: &'t str, mark: &str) -> Vec<&'t str> {
    let small = text.to_ascii_lowercase();
    let mut parts = Vec::new();
    let mut from = 0;
    for (at, _) in small.match_indices(mark) {
        parts.push(text[from..at].trim());
        from = at + mark.len();
    }
    parts.push(text[from..].trim());
    parts
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
        let mut layout: Layout = parse_toml(path, text)?;
        let check = Check { path, text };
        if let Some(format) = check.format(&layout)? {
            for (name, value) in &format.built_in_layout().fields {
                if layout.field(name.as_ref()).is_none() {
                    layout.fields.insert(name.clone(), value.clone());
                }
            }
            layout.columns_may_lack = true;
        }
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

    /// The byte that encloses fields.
    pub fn quote(&self) -> u8 {
        self.csv.quote.as_bytes().first().copied().unwrap_or(NO_QUOTE)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

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
    fn a_cell_of_several_names_is_cut_at_every_mark() {
        let parts = |marks: &[&str], text: &'static str| {
            Split::Marks(marks.iter().map(|mark| (*mark).to_owned()).collect()).parts(text)
        };
        let marks = [";", " and ", " & ", ", jointly"];
        assert_eq!(
            parts(&marks, "Lena Ortiz & Tomas Arden, jointly"),
            ["Lena Ortiz", "Tomas Arden"]
        );
        assert_eq!(parts(&marks, "LENA ORTIZ AND  É. ANDRÉ;"), ["LENA ORTIZ", "É. ANDRÉ"]);
        assert_eq!(parts(&marks, "Sandy Brand"), ["Sandy Brand"]);
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
