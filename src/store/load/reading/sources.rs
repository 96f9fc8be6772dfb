//! Which sources a file holds, which layout reads each, and where its columns are, before the
//! first record is read; and whether the file stayed the same meanwhile.

use std::sync::Arc;

use encoding_rs::Encoding;

use crate::error::{Error, Result};
use crate::model::{Currency, Digits};
use crate::records::{
    Contents, FileStamp, Header, Layout, MemberNote, Packing, ParquetRows, Place, Reading,
    RecordKind, Sheet, contents, head_bytes, head_text, other_file, other_text, packing, recognise,
    recognise_format, recognise_written, wide_encoding,
};
use crate::store::load::plan::{LoadPlan, PlannedSource};
use crate::store::manifest::hash_file;

/// Bytes of a file among which its header is looked for.
const HEAD_BYTES: usize = 1 << 18;
/// Bytes of a file by which a structured format is recognised.
const FORMAT_BYTES: usize = 1 << 12;

/// One file of the case and the sources in it.
pub struct OpenedFile<'a> {
    /// As the case file names it.
    pub planned: &'a PlannedSource,
    /// What was seen of the file before its first byte was read.
    stamp: FileStamp,
    /// Containers in it, outermost first: path as shown, bytes, SHA-256.
    pub containers: Vec<(String, u64, String)>,
    /// What is to be said of its members.
    pub notes: Vec<MemberNote>,
    /// Its sources in byte order of their paths.
    pub sources: Vec<BoundSource>,
}

/// A source with the layout that reads it.
pub struct BoundSource {
    /// Where its bytes lie.
    pub place: Place,
    /// Its layout, bound to its columns.
    pub reading: Reading,
}

impl OpenedFile<'_> {
    /// Refuses a file that changed since its header was read.
    pub fn check_before(&self) -> Result<()> {
        if self.stamp.differs(&self.planned.path)? {
            return Err(self.changed("changed after its header was read"));
        }
        Ok(())
    }

    /// Refuses a file whose bytes are not those that were read, which hash to `sha256`. The file
    /// is read again only if the file system cannot rule a change out.
    pub fn check_after(&self, sha256: &str) -> Result<()> {
        let path = &self.planned.path;
        if (self.stamp.is_fresh() || self.stamp.differs(path)?) && hash_file(path)?.sha256 != sha256
        {
            return Err(self.changed("changed while it was read"));
        }
        Ok(())
    }

    /// Whether only its hash can show that it did not change while it was read.
    pub fn needs_hash(&self) -> bool {
        self.stamp.is_fresh()
    }

    fn changed(&self, what: &str) -> Error {
        let hint = "load the case again, once nothing writes to the file".to_owned();
        Error::file(&self.planned.path, what, Some(hint))
    }
}

/// Opens every file and finds the layout and header of every source in it, before the first
/// record is read.
pub fn open_files(plan: &LoadPlan) -> Result<Vec<OpenedFile<'_>>> {
    plan.sources.iter().map(|planned| open_file(plan, planned)).collect()
}

fn open_file<'a>(plan: &LoadPlan, planned: &'a PlannedSource) -> Result<OpenedFile<'a>> {
    let PlannedSource { path, shown, members, .. } = planned;
    let stamp = FileStamp::of(path)?;
    let Contents { places, containers, notes } = contents(path, shown, members.as_deref())?;
    let mut sources = Vec::with_capacity(places.len());
    for place in places {
        let bound = bind(plan, planned, &place);
        let reading = bound.map_err(|refused| of_member(refused, &place))?;
        sources.push(BoundSource { place, reading });
    }
    Ok(OpenedFile { planned, stamp, containers, notes, sources })
}

/// What cannot be recognised in an archive is often not meant to be read.
fn of_member(refused: Error, place: &Place) -> Error {
    let meant = |hint: Option<String>| {
        let meant = "or name the members that are meant, as in path = \"x.zip!bank/*.csv\"";
        Some(format!("{}; {meant}", hint.unwrap_or_default()))
    };
    match refused {
        refused if place.is_file() => refused,
        Error::Columns { file, what, found, hint } => {
            Error::Columns { file, what, found, hint: meant(hint) }
        }
        Error::File { path, what, hint } if hint.is_some() => {
            Error::File { path, what, hint: meant(hint) }
        }
        other => other,
    }
}

fn bind(plan: &LoadPlan, planned: &PlannedSource, place: &Place) -> Result<Reading> {
    let naming = place.naming();
    let (path, shown) = (naming.as_path(), place.shown());
    if let Some(sheet) = place.sheet() {
        return bind_sheet(plan, planned, place, sheet);
    }
    if packing(place)? == Packing::Parquet {
        let columns = ParquetRows::open(place)?.columns().to_vec();
        let text = columns.join(",");
        let layout = match &planned.layout {
            Some(layout) => Arc::clone(layout),
            None => recognise(shown, &text, &plan.own_layouts)?,
        };
        let header = Header { lines_above: 0, lines: 1, text, columns };
        return Reading::bind_columns(layout, path, shown, "", header);
    }
    let beginning = head_bytes(place, FORMAT_BYTES)?;
    if let Some(other) = other_file(&beginning) {
        return Err(other.refused(place));
    }
    if let Some(layout) = structured_layout(planned, &beginning) {
        return Reading::of_fields(layout, path, shown);
    }
    let head = head_text(place, encoding_of(planned.layout.as_deref()), HEAD_BYTES)?;
    wide_letters(place, &head)?;
    if head.trim().is_empty() {
        let hint = "ask the producer for the file again, or take it out of the case file";
        return Err(place.refused("holds no text", Some(hint.to_owned())));
    }
    // A text that no layout fits may be none of rows at all.
    let told = |refused: Error| match other_text(&head) {
        Some(other) => other.refused(place),
        None => refused,
    };
    if let Some(layout) = &planned.layout {
        return Reading::bind(Arc::clone(layout), path, shown, &head).map_err(told);
    }
    let layout = recognise(shown, &head, &plan.own_layouts).map_err(told)?;
    // Recognised as UTF-8; its header is read again in the encoding that its layout states.
    let head = head_text(place, encoding_of(Some(&layout)), HEAD_BYTES)?;
    Reading::bind(layout, path, shown, &head)
}

/// A sheet has no delimiter of its own: each layout sees its rows as its own producer would write
/// them.
fn bind_sheet(
    plan: &LoadPlan,
    planned: &PlannedSource,
    place: &Place,
    sheet: &Sheet,
) -> Result<Reading> {
    let head = |delimiter, quote| sheet.head.text(delimiter, quote);
    let layout = match &planned.layout {
        Some(layout) => Arc::clone(layout),
        None => recognise_written(place.shown(), &head, &plan.own_layouts)?,
    };
    if let Some(format) = &layout.format {
        let what = format!("is a sheet, and layout {:?} reads {format} files", layout.name);
        let hint = "name a layout of delimited text, or none".to_owned();
        return Err(place.refused(what, Some(hint)));
    }
    let text = head(layout.delimiter(), layout.quote());
    Reading::bind(layout, &place.naming(), place.shown(), &text)
}

/// Refuses text of two bytes a letter that was taken for one of one byte a letter: every second
/// byte of it is then empty.
fn wide_letters(place: &Place, head: &str) -> Result<()> {
    let Some(encoding) = wide_encoding(head.as_bytes()) else { return Ok(()) };
    let what = "holds letters of two bytes, without the mark at its beginning that says so";
    let hint = format!("set encoding = {encoding:?} under [csv] in its layout");
    Err(place.refused(what, Some(hint)))
}

/// The layout of a source in a structured format: the one the case file names, else the format's
/// own; `None` for rows of text.
fn structured_layout(planned: &PlannedSource, beginning: &[u8]) -> Option<Arc<Layout>> {
    match &planned.layout {
        Some(layout) if layout.format.is_some() => Some(Arc::clone(layout)),
        Some(_) => None,
        None => recognise_format(beginning).map(|format| format.built_in_layout()),
    }
}

/// Readings of the same bytes that would repeat each other. Two lists of one file's payments or
/// calls would count them twice, whatever their layouts; facts about people may be read out of
/// one file by several layouts, each another relation.
pub fn what_is_read(layout: &Layout) -> String {
    match layout.record {
        RecordKind::BankStatement | RecordKind::BankTransfers => "payments".to_owned(),
        RecordKind::CallDetail => "calls".to_owned(),
        _ => format!("layout {}", layout.name),
    }
}

pub fn encoding_of(layout: Option<&Layout>) -> &'static Encoding {
    let label = layout.map_or("utf-8", |layout| layout.csv.encoding.as_str());
    Encoding::for_label(label.as_bytes()).unwrap_or(encoding_rs::UTF_8)
}

/// Decimals of each currency: the most that any layout of the case states.
pub fn case_digits<'a>(readings: impl Iterator<Item = &'a Reading>) -> Digits {
    let mut digits = Digits::default();
    for reading in readings {
        for (currency, stated) in &reading.layout.csv.minor_digits {
            let known = digits.of(*currency);
            digits.0.insert(*currency, known.max(*stated));
        }
    }
    digits.0.retain(|currency: &Currency, digits| *digits != currency.minor_digits());
    digits
}
