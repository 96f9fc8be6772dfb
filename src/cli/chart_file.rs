//! A chart as a file of its own: the format that its ending names, writing it, saying so.

use std::fs::File;
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::exports::{Chart, ChartFormat, write_chart};
use crate::model::counted_as;

/// The format that a file's ending names.
///
/// # Errors
///
/// [`Error::Usage`] with the endings that are known.
pub fn format_of(out: &Path) -> Result<ChartFormat> {
    let ending = out.extension().map(|ending| ending.to_string_lossy().into_owned());
    let known = ChartFormat::ALL.map(ChartFormat::word);
    ChartFormat::ALL.into_iter().find(|format| Some(format.word()) == ending.as_deref()).ok_or_else(
        || Error::Usage(format!("{}: the ending is none of {}", out.display(), known.join(", "))),
    )
}

/// Writes a chart; a file of that name is replaced, whole or not at all: it is written beside its
/// place under a name that stood nowhere before, which is what a killed program leaves. What a link
/// points to is replaced, and not the link.
///
/// # Errors
///
/// [`Error::Io`] if the disk refuses; it names the file that was asked for.
pub fn write_chart_file(chart: &Chart, format: ChartFormat, path: &Path) -> Result<()> {
    let refused = |source| Error::io(path, source);
    let place = if path.is_symlink() { path.canonicalize().map_err(refused)? } else { path.into() };
    let (part, file) = new_beside(&place).map_err(refused)?;
    let mut out = BufWriter::new(file);
    let written = write_chart(chart, format, &mut out)
        .and_then(|()| out.flush().map_err(refused))
        .and_then(|()| std::fs::rename(&part, &place).map_err(refused));
    if written.is_err() {
        // What could not be finished is of no use to anyone.
        let _ = std::fs::remove_file(&part);
    }
    written
}

/// A new file beside a place, under a name that stood nowhere before: another program may be at
/// the same chart.
fn new_beside(place: &Path) -> std::io::Result<(PathBuf, File)> {
    let name = place.file_name().unwrap_or_default().to_string_lossy();
    let mut number = std::process::id();
    loop {
        let part = place.with_file_name(format!(".{name}.{number}.part"));
        match File::create_new(&part) {
            Err(refused) if refused.kind() == ErrorKind::AlreadyExists => {
                number = number.wrapping_add(1);
            }
            made => return Ok((part, made?)),
        }
    }
}

/// Says on standard error what was drawn.
pub fn say_drawn(chart: &Chart, path: &Path) {
    let entities = counted_as(chart.entities.len(), "entity", "entities");
    let ties = counted_as(chart.ties.len(), "tie", "ties");
    eprintln!("{}: {entities}, {ties}", path.display());
}

/// A name that every file system takes: small letters, digits and hyphens, at most 60.
pub fn file_name(name: &str) -> String {
    let mut safe = String::new();
    for letter in name.chars().flat_map(char::to_lowercase) {
        if letter.is_ascii_alphanumeric() {
            safe.push(letter);
        } else if !safe.ends_with('-') {
            safe.push('-');
        }
    }
    let safe: String = safe.trim_matches('-').chars().take(60).collect();
    if safe.is_empty() { "chart".to_owned() } else { safe }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_safe_everywhere() {
        assert_eq!(file_name("Lena Ortiz"), "lena-ortiz");
        assert_eq!(file_name("../..//x\\\"<é>"), "x");
        assert_eq!(file_name("…"), "chart");
    }
}
