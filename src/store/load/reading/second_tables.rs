//! A second table below the first one of a file, with a header of its own.
//!
//! A bank prints daily balances below the payments, a carrier the messages below the calls. Rows of
//! other columns than the layout's are set aside one by one; that they are one table is said once,
//! with what to do. Rows of as many columns would be read under the wrong names: such a file is
//! refused.

use crate::error::Result;
use crate::model::counted_as;
use crate::records::{Place, Reading, Reject, quoted_list, unquoted_fields};
use crate::store::load::reading::decoding::{Decoded, DecodedAs};
use crate::store::names_columns;

/// Tables of one file that are told of.
const TABLES_MAX: usize = 20;

/// The tables of one source, as far as its rejects show them.
#[derive(Debug, Default)]
pub struct SecondTables {
    delimiter: u8,
    quote: u8,
    first: Vec<String>,
    /// Whether rows stand below a header that can come again.
    headed: bool,
    found: Vec<SecondTable>,
}

#[derive(Debug)]
struct SecondTable {
    line: u32,
    raw: String,
    columns: Vec<String>,
    /// Records below it that were set aside.
    aside: usize,
    /// The first record below it that was not.
    taken: Option<u32>,
    /// The first header came again below it.
    over: bool,
}

/// What stands on a line, as far as it matters here.
enum Met<'a> {
    Header,
    Aside(&'a Reject),
    Taken,
}

impl SecondTables {
    /// For a source of rows.
    pub fn of(reading: &Reading) -> SecondTables {
        let (delimiter, quote) = (reading.shape.delimiter, reading.shape.quote);
        let first = unquoted_fields(reading.shape.header.as_bytes(), delimiter, quote);
        let headed = !reading.shape.header.is_empty();
        SecondTables { delimiter, quote, first: plain(&first), headed, found: Vec::new() }
    }

    /// Looks at a block. Cost: a step for each record below a second header, else for each that is
    /// set aside.
    pub fn take(&mut self, decoded: &Decoded) {
        let (lines, own, split) = match &decoded.what {
            DecodedAs::Bank(batch, _, split) => (&batch.line[..], &batch.rejects[..], &split[..]),
            DecodedAs::Calls(batch, _, split) => (&batch.line[..], &batch.rejects[..], &split[..]),
            DecodedAs::People(batch) => (&[][..], &batch.rejects[..], &[][..]),
        };
        if !self.headed || self.found.is_empty() && own.is_empty() && split.is_empty() {
            return;
        }
        let aside = own.iter().chain(split).filter(|reject| !reject.kept);
        let mut met: Vec<(u32, Met<'_>)> =
            aside.map(|reject| (reject.line, Met::Aside(reject))).collect();
        met.extend(decoded.headers.iter().map(|line| (*line, Met::Header)));
        met.extend(lines.iter().map(|line| (*line, Met::Taken)));
        met.sort_by_key(|(line, _)| *line);
        for (line, one) in met {
            self.line(line, &one);
        }
    }

    fn line(&mut self, line: u32, met: &Met<'_>) {
        if let Met::Aside(reject) = met
            && let Some(columns) = self.header(reject)
        {
            if self.found.len() < TABLES_MAX {
                let raw = reject.raw.clone();
                let table = SecondTable { line, raw, columns, aside: 0, taken: None, over: false };
                self.found.push(table);
            }
            return;
        }
        let Some(last) = self.found.last_mut().filter(|last| !last.over) else { return };
        match met {
            Met::Header => last.over = true,
            Met::Aside(_) => last.aside += 1,
            Met::Taken => last.taken = last.taken.or(Some(line)),
        }
    }

    /// The columns that a record set aside names, where it is a header other than the first.
    fn header(&self, reject: &Reject) -> Option<Vec<String>> {
        if reject.raw.bytes().any(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let columns = unquoted_fields(reject.raw.as_bytes(), self.delimiter, self.quote);
        let other = plain(&columns) != self.first;
        (other && names_columns(&columns)).then_some(columns)
    }

    /// What is to be said of the tables.
    ///
    /// # Errors
    ///
    /// [`crate::Error::File`] where rows of another table were read as rows of the first.
    pub fn finish(self, place: &Place) -> Result<Vec<Reject>> {
        let width = self.first.len();
        let mut notes = Vec::new();
        for table in self.found {
            let named: Vec<String> =
                table.columns.iter().filter(|name| !name.is_empty()).cloned().collect();
            let named = quoted_list(&named);
            if let Some(taken) = table.taken.filter(|_| table.columns.len() == width) {
                let what = format!(
                    "a second table begins on line {}, with the columns {named}; the record on \
                     line {taken} reads as one of the first table, whose columns are others",
                    table.line
                );
                let hint = "split the file at that line and name a layout for each part; if the \
                            line heads the same columns, name it in the layout: ignore = [\"^…\"]";
                return Err(place.refused(what, Some(hint.to_owned())));
            }
            if table.aside == 0 {
                continue;
            }
            let reason = format!(
                "a second table begins here, with the columns {named}; {} set aside. Split the \
                 file at this line, write a layout for each part, and name both in the case file",
                counted_as(table.aside, "record of it is", "records of it are")
            );
            notes.push(Reject {
                line: table.line,
                found: table.raw.clone(),
                reason,
                kept: true,
                raw: table.raw,
                ..Reject::default()
            });
        }
        Ok(notes)
    }
}

/// Names of columns, so that two headers of the same ones are equal however they are written.
fn plain(columns: &[String]) -> Vec<String> {
    let letters = |name: &String| name.split_whitespace().collect::<String>().to_lowercase();
    columns.iter().map(letters).collect()
}
