//! A layout applied to one file: its header found, every field bound to its columns.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use regex::{Regex, RegexSet};

use crate::error::{Error, Result, nearest};
use crate::records::delimited::{Shape, unquoted_fields};
use crate::records::layout::{Direction, FieldSource, Layout};
use crate::records::raw_batch::RawBatch;
use crate::records::statement_lines::Section;
use crate::records::value_forms::Decided;

/// Lines of a file among which its header is looked for.
const HEADER_LINES_MAX: usize = 200;
/// Lines that one header may stand on.
const NAME_LINES_MAX: usize = 20;
/// Columns that an error lists.
const NAMES_MAX: usize = 100;
/// Letters of a column's name in an error.
const NAME_CHARS_MAX: usize = 200;

/// Where one field's text comes from, in positions of the batch's columns.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Bound {
    /// The layout does not name the field, or a canonical layout's file lacks the column.
    Absent,
    /// One column.
    Slot(usize),
    /// Several columns, joined.
    Joined(Vec<usize>, String),
    /// The same text for every record.
    Constant(String),
    /// What the lines beside the rows state of the row's statement.
    Line,
    /// An amount in one of two columns.
    DebitCredit(usize, usize),
    /// An amount and the column that says which way it goes.
    Signed(usize, usize, BTreeMap<String, Direction>),
}

/// A layout bound to one file.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The layout.
    pub layout: Arc<Layout>,
    /// How rows are split.
    pub shape: Shape,
    /// One for each field of the record kind, in its order.
    pub fields: Vec<Bound>,
    /// Kept columns: name and position in the batch.
    pub attributes: Vec<(String, usize)>,
    /// Physical line on which records begin.
    pub first_line: u32,
    /// Lines above the header.
    pub preamble: Vec<String>,
    /// Patterns of lines that state something of a statement, by field.
    pub line_patterns: Vec<(&'static str, Regex)>,
    /// What those lines state, by the rows it holds for; filled before the records are read.
    pub sections: Vec<Section>,
    /// What the values decided where the layout leaves it to them; `None` until they were looked
    /// at.
    pub decided: Option<Decided>,
}

/// A header line: its place and its columns.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Header {
    /// Lines above it.
    pub lines_above: usize,
    /// Lines it stands on: more than one where a quoted name holds a line break, none where the
    /// layout names the columns itself.
    pub lines: usize,
    /// The line itself.
    pub text: String,
    /// Its columns, trimmed; a line break in a name reads as a space.
    pub columns: Vec<String>,
}

/// The header of `layout` in the first lines of a file: the first line equal to the stated
/// header, else the first that holds every column the layout reads.
pub fn find_header(layout: &Layout, head: &str) -> Option<Header> {
    if !layout.csv.columns.is_empty() {
        let columns = layout.csv.columns.clone();
        return Some(Header { lines_above: 0, lines: 0, text: String::new(), columns });
    }
    let wanted = layout.columns_read();
    let stated = &layout.recognise.header;
    let mut complete = None;
    for (at, lines, line) in whole_lines(head, layout.quote()) {
        let columns = column_names(line, layout);
        let text = line.to_owned();
        let here = || Header { lines_above: at, lines, text, columns: columns.clone() };
        if !stated.is_empty() && columns == *stated {
            return Some(here());
        }
        let has = |name: &String, nth: usize| {
            columns.iter().filter(|column| *column == name).count() >= nth
        };
        if complete.is_none()
            && !wanted.is_empty()
            && wanted.iter().all(|(name, nth)| has(name, *nth))
        {
            complete = Some(here());
        }
    }
    complete
}

/// The first lines of a file, each with how many stand above it and how many it is: a quoted
/// name may hold a line break.
pub fn whole_lines(head: &str, quote: u8) -> impl Iterator<Item = (usize, usize, &str)> {
    let mut rest = head;
    let mut at = 0;
    std::iter::from_fn(move || {
        let first = rest.lines().next().filter(|_| at < HEADER_LINES_MAX)?;
        let (mut end, mut lines, mut open) = (0, 0, false);
        for line in rest.split_inclusive('\n').take(NAME_LINES_MAX) {
            open ^= memchr::memchr_iter(quote, line.as_bytes()).count() % 2 == 1;
            end += line.len();
            lines += 1;
            if !open {
                break;
            }
        }
        let line = if open { first } else { rest[..end].trim_end_matches(['\n', '\r']) };
        if open {
            (end, lines) = (rest.find('\n').map_or(rest.len(), |newline| newline + 1), 1);
        }
        let found = (at, lines, line);
        at += lines;
        rest = &rest[end..];
        Some(found)
    })
}

/// The columns of a header line as layouts name them.
fn column_names(line: &str, layout: &Layout) -> Vec<String> {
    let fields = unquoted_fields(line.as_bytes(), layout.delimiter(), layout.quote());
    fields.into_iter().map(|name| name.replace("\r\n", " ").replace('\n', " ")).collect()
}

/// The line of a file that looks most like a header for `layout`, for an error that names what
/// was found instead.
pub fn likeliest_header(layout: &Layout, head: &str) -> Vec<String> {
    let wanted = layout.columns_read();
    let mut best: (usize, Vec<String>) = (0, Vec::new());
    for (_, _, line) in whole_lines(head, layout.quote()) {
        let columns = column_names(line, layout);
        let hits = wanted.iter().filter(|(name, _)| columns.contains(name)).count();
        let first_with_text = best.1.is_empty() && !line.trim().is_empty();
        if hits > best.0 || first_with_text {
            best = (hits, columns);
        }
    }
    best.1
}

impl Reading {
    /// Binds a layout to a file with the given first lines.
    ///
    /// # Errors
    ///
    /// [`Error::Columns`] naming the column that is missing, the columns found and the nearest
    /// name; [`Error::File`] if a file-name or preamble pattern matches nothing.
    pub fn bind(layout: Arc<Layout>, path: &Path, shown: &str, head: &str) -> Result<Reading> {
        let header = match find_header(&layout, head) {
            Some(header) => header,
            None if layout.columns_may_lack => Header {
                lines_above: 0,
                lines: 1,
                text: head.lines().next().unwrap_or("").to_owned(),
                columns: likeliest_header(&layout, head),
            },
            None => return Err(missing_column(&layout, shown, &likeliest_header(&layout, head))),
        };
        Reading::bind_columns(layout, path, shown, head, header)
    }

    /// Binds a layout to a file whose columns are known.
    ///
    /// # Errors
    ///
    /// As [`Reading::bind`].
    pub fn bind_columns(
        layout: Arc<Layout>,
        path: &Path,
        shown: &str,
        head: &str,
        header: Header,
    ) -> Result<Reading> {
        let preamble: Vec<&str> = head.lines().take(header.lines_above).collect();
        let mut binder = Binder {
            layout: &layout,
            shown,
            file_name: path.file_name().map(|name| name.to_string_lossy().into_owned()),
            preamble,
            header: &header.columns,
            wanted: Vec::new(),
        };
        let mut fields = Vec::new();
        for field in layout.record.fields() {
            fields.push(match layout.field(field.name) {
                Some(source) => binder.field(field.name, source)?,
                None => Bound::Absent,
            });
            if layout.needs(field.name) && fields.last() == Some(&Bound::Absent) {
                return Err(missing_column(&layout, shown, &header.columns));
            }
        }
        let mut attributes = Vec::new();
        for (name, kept) in &layout.attributes {
            attributes.push((name.clone(), binder.slot(&kept.column, None)?));
        }
        let wanted = binder.wanted;
        let line_patterns = line_patterns(&layout);
        let stated = line_patterns.iter().map(|(_, pattern)| pattern.as_str());
        let ignore = RegexSet::new(layout.csv.ignore.iter().map(String::as_str).chain(stated))
            .expect("the layout's patterns were checked");
        let shape = Shape {
            delimiter: layout.delimiter(),
            quote: layout.quote(),
            columns: header.columns.len(),
            wanted,
            header: header.text.trim_end_matches('\r').to_owned(),
            ignore,
        };
        let first_line = (header.lines_above + header.lines) as u32 + 1;
        let preamble = head.lines().take(header.lines_above).map(str::to_owned).collect();
        Ok(Reading {
            layout,
            shape,
            fields,
            attributes,
            first_line,
            preamble,
            line_patterns,
            sections: Vec::new(),
            decided: None,
        })
    }

    /// The reading of a source whose batches have one column for each field of the kind.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if a file-name pattern matches nothing.
    pub fn of_fields(layout: Arc<Layout>, path: &Path, shown: &str) -> Result<Reading> {
        let names: Vec<String> =
            layout.record.fields().iter().map(|field| field.name.to_owned()).collect();
        let mut binder = Binder {
            layout: &layout,
            shown,
            file_name: path.file_name().map(|name| name.to_string_lossy().into_owned()),
            preamble: Vec::new(),
            header: &names,
            wanted: (0..names.len()).collect(),
        };
        let mut fields = Vec::new();
        for name in &names {
            fields.push(match layout.field(name) {
                Some(source) => binder.field(name, source)?,
                None => Bound::Absent,
            });
        }
        let shape = Shape {
            delimiter: layout.delimiter(),
            quote: layout.quote(),
            columns: names.len(),
            wanted: (0..names.len()).collect(),
            header: String::new(),
            ignore: RegexSet::empty(),
        };
        Ok(Reading {
            layout,
            shape,
            fields,
            attributes: Vec::new(),
            first_line: 1,
            preamble: Vec::new(),
            line_patterns: Vec::new(),
            sections: Vec::new(),
            decided: None,
        })
    }

    /// The text that the layout or the file's name gives a field, the same for every record.
    pub fn stated(&self, field: &str) -> Option<&str> {
        match &self.fields[self.layout.record.field(field)?] {
            Bound::Constant(text) => Some(text),
            _ => None,
        }
    }

    /// The source of a field as the layout writes it.
    pub fn source(&self, field: usize) -> Option<&FieldSource> {
        self.layout.field(self.layout.record.fields()[field].name)
    }

    /// The producer's name for a field's column, for errors.
    pub fn column_name(&self, field: usize) -> String {
        let name = self.layout.record.fields()[field].name;
        let Some(source) = self.layout.field(name) else {
            return name.to_owned();
        };
        match (&source.column, &source.columns, &source.debit, &source.credit) {
            (Some(column), ..) => column.clone(),
            (_, Some(columns), ..) => columns.join(" + "),
            (_, _, Some(debit), Some(credit)) => format!("{debit} / {credit}"),
            _ => name.to_owned(),
        }
    }

    /// The text of a field of one record; joined columns are built in `scratch`.
    pub fn text<'a>(
        &'a self,
        field: usize,
        batch: &'a RawBatch,
        row: usize,
        scratch: &'a mut String,
    ) -> &'a str {
        match &self.fields[field] {
            Bound::Absent | Bound::DebitCredit(..) => "",
            Bound::Slot(slot) | Bound::Signed(slot, ..) => batch.get(*slot, row),
            Bound::Constant(text) => text,
            Bound::Line => {
                self.of_section(self.layout.record.fields()[field].name, batch.lines[row])
            }
            Bound::Joined(slots, join) => {
                scratch.clear();
                for (at, slot) in slots.iter().enumerate() {
                    let part = batch.get(*slot, row);
                    if at > 0 && !scratch.is_empty() && !part.is_empty() {
                        scratch.push_str(join);
                    }
                    scratch.push_str(part);
                }
                scratch
            }
        }
    }
}

/// The patterns of fields that lines beside the rows state.
fn line_patterns(layout: &Layout) -> Vec<(&'static str, Regex)> {
    let fields = layout.record.fields().iter();
    fields
        .filter_map(|field| {
            let pattern = layout.field(field.name)?.line.as_deref()?;
            Some((field.name, Regex::new(pattern).expect("the layout's patterns were checked")))
        })
        .collect()
}

struct Binder<'a> {
    layout: &'a Layout,
    shown: &'a str,
    file_name: Option<String>,
    preamble: Vec<&'a str>,
    header: &'a [String],
    wanted: Vec<usize>,
}

impl Binder<'_> {
    /// The slot of a column; which one of several of a name is never guessed.
    fn slot(&mut self, column: &str, nth: Option<usize>) -> Result<usize> {
        let mut hits = (0..self.header.len()).filter(|&at| self.header[at] == column);
        let several = hits.clone().count();
        if several > 1 && nth.is_none() {
            return Err(repeated_column(self.layout, self.shown, self.header, column, several));
        }
        let Some(at) = hits.nth(nth.unwrap_or(1) - 1) else {
            return Err(missing_column(self.layout, self.shown, self.header));
        };
        let known = self.wanted.iter().position(|wanted| *wanted == at);
        Ok(known.unwrap_or_else(|| {
            self.wanted.push(at);
            self.wanted.len() - 1
        }))
    }

    fn field(&mut self, name: &str, source: &FieldSource) -> Result<Bound> {
        if let Some(column) = &source.column {
            if self.layout.columns_may_lack && !self.header.contains(column) {
                return Ok(Bound::Absent);
            }
            let slot = self.slot(column, source.nth)?;
            return Ok(match &source.sign {
                Some(sign) => {
                    Bound::Signed(slot, self.slot(&sign.column, None)?, sign.values.clone())
                }
                None => Bound::Slot(slot),
            });
        }
        if let Some(columns) = &source.columns {
            let slots: Result<Vec<usize>> =
                columns.iter().map(|one| self.slot(one, None)).collect();
            return Ok(Bound::Joined(slots?, source.join.clone().unwrap_or_default()));
        }
        if let (Some(debit), Some(credit)) = (&source.debit, &source.credit) {
            return Ok(Bound::DebitCredit(self.slot(debit, None)?, self.slot(credit, None)?));
        }
        if let Some(text) = &source.constant {
            return Ok(Bound::Constant(text.clone()));
        }
        if source.line.is_some() {
            return Ok(Bound::Line);
        }
        let (pattern, places, what): (_, Vec<&str>, _) = match (&source.file_name, &source.preamble)
        {
            (Some(pattern), _) => {
                (pattern, self.file_name.as_deref().into_iter().collect(), "file name")
            }
            (_, Some(pattern)) => (pattern, self.preamble.clone(), "lines above the header"),
            _ => return Ok(Bound::Absent),
        };
        let regex = Regex::new(pattern).expect("the layout's patterns were checked");
        let found = places.iter().find_map(|place| {
            let groups = regex.captures(place)?;
            groups.get(1).or(groups.get(0)).map(|group| group.as_str().trim().to_owned())
        });
        found.map(Bound::Constant).ok_or_else(|| Error::File {
            path: self.shown.to_owned(),
            what: format!("field `{name}`: {pattern:?} matches nothing in its {what}"),
            hint: Some(format!(
                "the layout is {:?}; name the right one in the case file",
                self.layout.name
            )),
        })
    }
}

/// Which column is missing, what was found, and the nearest name.
fn missing_column(layout: &Layout, shown: &str, found: &[String]) -> Error {
    let missing: Vec<String> = layout
        .columns_read()
        .into_iter()
        .filter(|(name, nth)| found.iter().filter(|column| *column == name).count() < *nth)
        .filter(|(name, _)| !layout.columns_may_lack || layout.needs(name))
        .map(|(name, _)| name)
        .collect();
    let first = missing.first().cloned().unwrap_or_default();
    let near = nearest(&first, found.iter().map(String::as_str), 1);
    let hint = match near.first() {
        Some(near) => {
            format!("the nearest column is {near:?}; name it in layout {:?}", layout.name)
        }
        None => "name the layout that fits this file in the case file".to_owned(),
    };
    let quoted: Vec<String> = missing.iter().map(|name| format!("{name:?}")).collect();
    let plural = if missing.len() == 1 { "column" } else { "columns" };
    Error::Columns {
        file: shown.to_owned(),
        what: format!("lacks the {plural} {} of layout {:?}", quoted.join(", "), layout.name),
        found: quoted_list(found),
        hint: Some(hint),
    }
}

/// A name that several columns have, where the layout does not say which of them it means.
fn repeated_column(
    layout: &Layout,
    shown: &str,
    found: &[String],
    column: &str,
    several: usize,
) -> Error {
    let name = &layout.name;
    Error::Columns {
        file: shown.to_owned(),
        what: format!(
            "has {several} columns {column:?}, and layout {name:?} does not say which it means"
        ),
        found: quoted_list(found),
        hint: Some(format!(
            "say it in a layout: {{ column = {column:?}, nth = 1 }}, or nth = 2, and so on"
        )),
    }
}

/// Column names as an error lists them: a line of ten million letters is one, too.
pub fn quoted_list(columns: &[String]) -> String {
    let shown = |name: &String| match name.char_indices().nth(NAME_CHARS_MAX) {
        Some((end, _)) => format!("{:?}…", &name[..end]),
        None => format!("{name:?}"),
    };
    let mut names: Vec<String> = columns.iter().take(NAMES_MAX).map(shown).collect();
    if columns.len() > NAMES_MAX {
        names.push(format!("and {} more", columns.len() - NAMES_MAX));
    }
    names.join(", ")
}
