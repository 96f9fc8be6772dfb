//! Which layout reads each source, and where its columns are, before the first record is read.

use std::path::Path;
use std::sync::Arc;

use encoding_rs::Encoding;

use crate::error::{Error, Result};
use crate::model::{Currency, Digits};
use crate::records::{
    Header, Layout, Packing, ParquetRows, Reading, RecordKind, head_bytes, head_text, packing,
    recognise, recognise_format, wide_encoding,
};
use crate::store::load::plan::{LoadPlan, PlannedSource};

/// Bytes of a file among which its header is looked for.
const HEAD_BYTES: usize = 1 << 18;
/// Bytes of a file by which a structured format is recognised.
const FORMAT_BYTES: usize = 1 << 12;

/// Finds the layout and header of every source before the first record is read.
pub fn bind_sources(plan: &LoadPlan) -> Result<Vec<Reading>> {
    plan.sources.iter().map(|planned| bind(plan, planned)).collect()
}

fn bind(plan: &LoadPlan, planned: &PlannedSource) -> Result<Reading> {
    let path = &planned.path;
    if packing(path)? == Packing::Parquet {
        let columns = ParquetRows::open(path)?.columns().to_vec();
        let text = columns.join(",");
        let layout = match &planned.layout {
            Some(layout) => Arc::clone(layout),
            None => recognise(&planned.shown, &text, &plan.own_layouts)?,
        };
        let header = Header { lines_above: 0, lines: 1, text, columns };
        return Reading::bind_columns(layout, path, &planned.shown, "", header);
    }
    if let Some(layout) = structured_layout(planned)? {
        return Ok(Reading::of_fields(layout));
    }
    let head = head_text(path, encoding_of(planned.layout.as_deref()), HEAD_BYTES)?;
    wide_letters(path, &head)?;
    if head.trim().is_empty() {
        let hint = "ask the producer for the file again, or take it out of the case file";
        return Err(Error::file(path, "holds no text", Some(hint.to_owned())));
    }
    if let Some(layout) = &planned.layout {
        return Reading::bind(Arc::clone(layout), path, &planned.shown, &head);
    }
    let layout = recognise(&planned.shown, &head, &plan.own_layouts)?;
    // Recognised as UTF-8; its header is read again in the encoding that its layout states.
    let head = head_text(path, encoding_of(Some(&layout)), HEAD_BYTES)?;
    Reading::bind(layout, path, &planned.shown, &head)
}

/// Refuses text of two bytes a letter that was taken for one of one byte a letter: every second
/// byte of it is then empty.
fn wide_letters(path: &Path, head: &str) -> Result<()> {
    let Some(encoding) = wide_encoding(head.as_bytes()) else { return Ok(()) };
    let what = "holds letters of two bytes, without the mark at its beginning that says so";
    let hint = format!("set encoding = {encoding:?} under [csv] in its layout");
    Err(Error::file(path, what, Some(hint)))
}

/// The layout of a source in a structured format: the one the case file names, else the format's
/// own; `None` for rows of text.
fn structured_layout(planned: &PlannedSource) -> Result<Option<Arc<Layout>>> {
    match &planned.layout {
        Some(layout) if layout.format.is_some() => Ok(Some(Arc::clone(layout))),
        Some(_) => Ok(None),
        None => {
            let head = head_bytes(&planned.path, FORMAT_BYTES)?;
            Ok(recognise_format(&head).map(|format| format.built_in_layout()))
        }
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
pub fn case_digits(readings: &[Reading]) -> Digits {
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
