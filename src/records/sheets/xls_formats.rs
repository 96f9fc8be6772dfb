//! Which cells of an XLS sheet show a number with leading zeros, or in a currency: the library that
//! reads the cells does not tell their formats.
//!
//! Only such formats are looked for; dates and all else the library tells itself.

use super::cells::Cell;
use super::compound::{number16, number32, records, workbook_stream};
use super::currency_formats::shown_currency;
use super::padded::Padded;
use crate::error::Result;
use crate::records::archive::Region;

/// What a format shows of a number beside its digits.
enum Shown {
    Zeros(Padded),
    Currency(String),
}

impl Shown {
    fn of(code: &str) -> Option<Shown> {
        let zeros = Padded::of(code).map(Shown::Zeros);
        zeros.or_else(|| shown_currency(code).map(Shown::Currency))
    }
}

/// Such formats in a workbook, with its records as long as it has any.
#[derive(Default)]
pub(super) struct ShownFormats {
    stream: Vec<u8>,
    /// Where each sheet begins, in the order of the workbook's list.
    sheets: Vec<usize>,
    formats: Vec<Shown>,
    /// For each style of a cell, the place of its format in `formats`.
    styles: Vec<Option<u16>>,
}

/// The cells of one sheet that have such a format.
#[derive(Default)]
pub(super) struct ShownCells<'a> {
    formats: &'a [Shown],
    /// Row and column as one number, and the place of the format; ascending.
    cells: Vec<(u32, u16)>,
}

impl ShownFormats {
    /// Looks for them in a workbook whose bounds were checked; none where it is damaged, which
    /// the library then says. Cost: the workbook is read and held once more if it has any.
    pub(super) fn of(shown: &str, region: &Region) -> Result<ShownFormats> {
        let Some(stream) = workbook_stream(shown, region)? else {
            return Ok(ShownFormats::default());
        };
        let mut found = ShownFormats::default();
        let mut codes: Vec<(u16, u16)> = Vec::new();
        let mut wide = true;
        for (kind, data) in records(&stream, 0) {
            match kind {
                0x0809 => wide = number16(data, 0) == Some(0x0600),
                0x041E => {
                    let shown = code(data, wide).and_then(|code| Shown::of(&code));
                    if let (Some(number), Some(shown)) = (number16(data, 0), shown) {
                        codes.push((number, found.formats.len() as u16));
                        found.formats.push(shown);
                    }
                }
                0x00E0 => {
                    let number = number16(data, 2);
                    let of = codes.iter().find(|(code, _)| Some(*code) == number);
                    found.styles.push(of.map(|(_, at)| *at));
                }
                0x0085 => found.sheets.extend(number32(data, 0).map(|at| at as usize)),
                0x000A => break,
                _ => {}
            }
            if found.formats.len() == usize::from(u16::MAX) {
                break;
            }
        }
        if !found.formats.is_empty() {
            found.stream = stream;
        }
        Ok(found)
    }

    /// The cells of the sheet at that place in the workbook's list. Cost: one pass over its
    /// records, eight bytes for each cell found.
    pub(super) fn cells(&self, sheet: usize) -> ShownCells<'_> {
        let mut cells = Vec::new();
        let mut depth = 0_u32;
        let start = self.sheets.get(sheet).copied().unwrap_or(usize::MAX);
        let style = |number: u16| self.styles.get(usize::from(number)).copied().flatten();
        for (kind, data) in records(&self.stream, start) {
            let at = number16(data, 0).zip(number16(data, 2));
            let place = at.map(|(row, column)| u32::from(row) << 16 | u32::from(column));
            match (kind, place) {
                (0x0809, _) => depth += 1,
                (0x000A, _) if depth <= 1 => break,
                (0x000A, _) => depth -= 1,
                (0x0006 | 0x0203 | 0x027E, Some(place)) => {
                    let format = number16(data, 4).and_then(style);
                    cells.extend(format.map(|format| (place, format)));
                }
                // Numbers side by side: a style and a number each, the last column at the end.
                (0x00BD, Some(place)) => {
                    let several = data.get(4..data.len().saturating_sub(2)).unwrap_or(&[]);
                    for (across, one) in (0_u32..).zip(several.chunks_exact(6)) {
                        let format = number16(one, 0).and_then(style);
                        cells.extend(format.map(|format| (place.wrapping_add(across), format)));
                    }
                }
                _ => {}
            }
        }
        cells.sort_by_key(|(place, _)| *place);
        ShownCells { formats: &self.formats, cells }
    }
}

impl ShownCells<'_> {
    /// A number as its cell shows it; `None` where no format adds anything.
    pub(super) fn cell(&self, row: u32, column: u32, number: f64) -> Option<Cell> {
        let place = row.checked_mul(1 << 16)?.checked_add(column)?;
        let found = self.cells.binary_search_by_key(&place, |(place, _)| *place).ok()?;
        match &self.formats[usize::from(self.cells[found].1)] {
            Shown::Zeros(padded) => padded.text(number).map(Cell::Text),
            Shown::Currency(currency) => Some(Cell::Money(number, currency.clone())),
        }
    }
}

/// The code of a format: letters of one or two bytes, after their number.
fn code(data: &[u8], wide: bool) -> Option<String> {
    if !wide {
        let letters = data.get(3..)?.get(..usize::from(*data.get(2)?))?;
        return Some(letters.iter().map(|byte| char::from(*byte)).collect());
    }
    let count = usize::from(number16(data, 2)?);
    let letters = data.get(5..)?;
    if data.get(4)? & 1 == 0 {
        return Some(letters.get(..count)?.iter().map(|byte| char::from(*byte)).collect());
    }
    let units = (0..count).map(|at| number16(letters, at * 2));
    String::from_utf16(&units.collect::<Option<Vec<u16>>>()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(data: &[u8], wide: bool, expected: Option<&str>) {
        assert_eq!(code(data, wide).as_deref(), expected);
    }

    #[test]
    fn codes_of_formats_are_read_in_every_width_and_never_beyond_their_end() {
        check(b"\xa4\0\x05\0\x0000000", true, Some("00000"));
        check(b"\xa4\0\x02\0\x010\x000\0", true, Some("00"));
        check(b"\xa4\0\x0300000", false, Some("000"));
        for cut in
            [&b"\xa4\0\x09\0\x00000"[..], b"\xa4\0\x02\0\x010\x000", b"\xa4\0\x05", b"\xa4", b""]
        {
            check(cut, true, None);
        }
        check(b"\xa4\0\x050", false, None);
    }

    #[test]
    fn places_of_cells_never_wrap() {
        let formats = [Shown::of("00000").unwrap(), Shown::of("0.00 [$€]").unwrap()];
        let cells = ShownCells { formats: &formats, cells: vec![(1 << 16 | 2, 0), (2 << 16, 1)] };
        assert_eq!(cells.cell(1, 2, 421.0), Some(Cell::Text("00421".to_owned())));
        assert_eq!(cells.cell(2, 0, 4.5), Some(Cell::Money(4.5, "€".to_owned())));
        assert_eq!(cells.cell(1, 3, 421.0), None);
        assert_eq!(cells.cell(u32::MAX, 2, 421.0), None);
    }
}
