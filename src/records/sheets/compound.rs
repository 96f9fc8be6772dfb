//! Bounds of an XLS workbook, found before the library reads it: it would make room for whatever
//! the file claims.
//!
//! Only as much of the container and of the records is understood as the bounds need; what they
//! mean is the library's to read.

use std::io::Read;

use super::parts::encrypted;
use super::{XLS_BYTES_MAX, damaged};
use crate::error::{Error, Result};
use crate::records::archive::Region;
use crate::records::other_files::ASK;

/// Cells in the rectangles of all sheets together: the library holds each of them.
const AREA_MAX: u64 = 20_000_000;
/// Sheets.
const SHEETS_MAX: usize = 1_000;
/// Records looked at in all.
const RECORDS_MAX: u64 = 100_000_000;
/// Names under which a workbook stands in its container.
const BOOK_NAMES: [&str; 2] = ["Workbook", "Book"];
/// Sector numbers from here on mark an end.
const LAST_SECTOR: u32 = 0xFFFF_FFFA;

/// Refuses what would take more memory than a workbook of this format can need.
pub(super) fn check(shown: &str, region: &Region) -> Result<()> {
    let hint = || Some("ask the producer for the same as .xlsx or CSV".to_owned());
    if region.bytes() > XLS_BYTES_MAX {
        let what = format!("is a workbook of more than {XLS_BYTES_MAX} bytes, the most read");
        return Err(Error::named(shown, what, hint()));
    }
    let bytes = whole(shown, region)?;
    let Some(container) = Container::of(&bytes) else {
        return Err(damaged(shown, "its container is damaged"));
    };
    if container.entry("EncryptedPackage").is_some() {
        return Err(encrypted(shown));
    }
    let Some((start, len)) = BOOK_NAMES.iter().find_map(|name| container.entry(name)) else {
        let what = container.kind();
        let what = format!("is {what}, which is not read");
        return Err(Error::named(shown, what, Some(ASK.to_owned())));
    };
    let Some(stream) = container.stream(start, len) else {
        return Err(damaged(shown, "its container is damaged"));
    };
    match area(&stream) {
        Some(area) if area <= AREA_MAX => Ok(()),
        Some(area) => {
            let what = format!("claims {area} cells, and {AREA_MAX} are the most read");
            Err(Error::named(shown, what, hint()))
        }
        None => Err(damaged(shown, "its list of sheets is damaged")),
    }
}

/// The records of a workbook; `None` where it is damaged or there is none.
pub(super) fn workbook_stream(shown: &str, region: &Region) -> Result<Option<Vec<u8>>> {
    let bytes = whole(shown, region)?;
    let Some(container) = Container::of(&bytes) else { return Ok(None) };
    let place = BOOK_NAMES.iter().find_map(|name| container.entry(name));
    Ok(place.and_then(|(start, len)| container.stream(start, len)))
}

fn whole(shown: &str, region: &Region) -> Result<Vec<u8>> {
    let failed = |source| Error::Io { path: shown.to_owned(), source };
    let mut bytes = Vec::new();
    region.reader().map_err(failed)?.read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

struct Container<'a> {
    bytes: &'a [u8],
    sector: usize,
    next: Vec<u32>,
    directory: Vec<u8>,
    small: Vec<u8>,
    small_next: Vec<u32>,
}

impl<'a> Container<'a> {
    fn of(bytes: &'a [u8]) -> Option<Container<'a>> {
        let shift = number16(bytes, 30)?;
        let sector = match shift {
            9 | 12 => 1_usize << shift,
            _ => return None,
        };
        let mut container = Container {
            bytes,
            sector,
            next: Vec::new(),
            directory: Vec::new(),
            small: Vec::new(),
            small_next: Vec::new(),
        };
        // The table of sectors: its first places stand in the header, further ones in a chain.
        let mut tables: Vec<u32> = (0..109).filter_map(|at| number32(bytes, 76 + at * 4)).collect();
        let mut more = number32(bytes, 68)?;
        let mut steps = 0;
        while more < LAST_SECTOR {
            let part = container.sector_at(more)?;
            tables.extend(numbers(&part[..sector - 4]));
            more = number32(part, sector - 4)?;
            steps += 1;
            if steps > bytes.len() / sector {
                return None;
            }
        }
        for table in tables.into_iter().filter(|sector| *sector < LAST_SECTOR) {
            let part = numbers(container.sector_at(table)?);
            container.next.extend(part);
            if container.next.len() > bytes.len() / 4 {
                return None;
            }
        }
        container.directory = container.chain(number32(bytes, 48)?)?;
        let small_tables = number32(bytes, 60)?;
        if small_tables < LAST_SECTOR {
            container.small_next = numbers(&container.chain(small_tables)?);
            container.small = container.chain(number32(&container.directory, 116)?)?;
        }
        Some(container)
    }

    fn sector_at(&self, number: u32) -> Option<&'a [u8]> {
        let start = (number as usize + 1).checked_mul(self.sector)?;
        self.bytes.get(start..start.checked_add(self.sector)?)
    }

    /// The sectors of a chain, the last of which a short file may cut.
    fn chain(&self, first: u32) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        let mut at = first;
        while at < LAST_SECTOR {
            let start = (at as usize + 1).checked_mul(self.sector)?;
            let end = start.checked_add(self.sector)?.min(self.bytes.len());
            out.extend_from_slice(self.bytes.get(start..end)?);
            if out.len() > self.bytes.len() {
                return None;
            }
            at = *self.next.get(at as usize)?;
        }
        Some(out)
    }

    /// Beginning and length of a stream by its name.
    fn entry(&self, name: &str) -> Option<(u32, usize)> {
        self.directory.chunks_exact(128).find_map(|entry| {
            let units: Vec<u16> = (0..32).filter_map(|at| number16(entry, at * 2)).collect();
            let end = units.iter().position(|unit| *unit == 0).unwrap_or(units.len());
            let found = String::from_utf16_lossy(&units[..end]);
            let place = (number32(entry, 116)?, number32(entry, 120)? as usize);
            found.eq_ignore_ascii_case(name).then_some(place)
        })
    }

    /// What holds no workbook, with its article.
    fn kind(&self) -> &'static str {
        let kinds = [
            ("WordDocument", "a Word document"),
            ("PowerPoint Document", "a PowerPoint presentation"),
            ("__properties_version1.0", "an e-mail of Outlook"),
        ];
        let found = kinds.iter().find(|(name, _)| self.entry(name).is_some());
        found.map_or("a compound document without a workbook in it", |(_, kind)| kind)
    }

    fn stream(&self, first: u32, len: usize) -> Option<Vec<u8>> {
        if len >= 4_096 {
            let mut out = self.chain(first)?;
            out.truncate(len);
            return Some(out);
        }
        let mut out = Vec::new();
        let mut at = first;
        while at < LAST_SECTOR && out.len() < len {
            let start = at as usize * 64;
            out.extend_from_slice(self.small.get(start..start + 64)?);
            at = *self.small_next.get(at as usize)?;
        }
        out.truncate(len);
        Some(out)
    }
}

/// Cells in the rectangles around the cells of every sheet, and in those that sheets claim.
fn area(stream: &[u8]) -> Option<u64> {
    let mut looked_at = 0;
    let mut sheets = Vec::new();
    for (kind, data) in records(stream, 0) {
        match kind {
            0x0085 => sheets.push(number32(data, 0)? as usize),
            0x000A => break,
            _ => {}
        }
        looked_at += 1;
        if sheets.len() > SHEETS_MAX || looked_at > RECORDS_MAX {
            return Some(u64::MAX);
        }
    }
    let mut area = 0_u64;
    for start in sheets {
        stream.get(start..)?;
        let mut depth = 0_u32;
        let mut bounds: Option<(u64, u64, u64, u64)> = None;
        for (kind, data) in records(stream, start) {
            looked_at += 1;
            if looked_at > RECORDS_MAX {
                return Some(u64::MAX);
            }
            match kind {
                0x0809 => depth += 1,
                0x000A if depth <= 1 => break,
                0x000A => depth -= 1,
                0x0200 => area = area.saturating_add(claimed(data)?),
                // Every kind of record that begins with a row and a column.
                0x0006 | 0x00BD | 0x00D6 | 0x00FD | 0x0203..=0x0207 | 0x027E => {
                    let row = u64::from(number16(data, 0).unwrap_or(0));
                    let column = u64::from(number16(data, 2).unwrap_or(0));
                    // A record of several cells says its last column at its end.
                    let last = match kind {
                        0x00BD => u64::from(number16(data, data.len().saturating_sub(2))?),
                        _ => column,
                    };
                    let (low, high) = (column.min(last), column.max(last));
                    let one = (row, row, low, high);
                    let (top, bottom, left, right) = bounds.unwrap_or(one);
                    bounds = Some((top.min(row), bottom.max(row), left.min(low), right.max(high)));
                }
                _ => {}
            }
        }
        if let Some((top, bottom, left, right)) = bounds {
            area = area.saturating_add((bottom - top + 1) * (right - left + 1));
        }
    }
    Some(area)
}

/// Cells of the rectangle that a sheet says it fills; `None` where its end is before its start.
fn claimed(data: &[u8]) -> Option<u64> {
    let (first, last, left, right) = match data.len() {
        10 => (
            u64::from(number16(data, 0)?),
            u64::from(number16(data, 2)?),
            number16(data, 4)?,
            number16(data, 6)?,
        ),
        14 | 16 => (
            u64::from(number32(data, 0)?),
            u64::from(number32(data, 4)?),
            number16(data, 8)?,
            number16(data, 10)?,
        ),
        // The library refuses other lengths by itself.
        _ => return Some(0),
    };
    if last == 0 || right == 0 {
        return Some(1);
    }
    let left = if left > 0xFF || right < left { 0 } else { left };
    let rows = last.checked_sub(first)?;
    let columns = u64::from(right).checked_sub(u64::from(left))?;
    (rows > 0 && columns > 0).then(|| rows.saturating_mul(columns))
}

/// Kind and data of each record from a place on; a cut one ends them.
pub(super) fn records(stream: &[u8], start: usize) -> impl Iterator<Item = (u16, &[u8])> {
    let mut at = start;
    std::iter::from_fn(move || {
        let kind = number16(stream, at)?;
        let len = number16(stream, at + 2)? as usize;
        let data = stream.get(at + 4..at + 4 + len)?;
        at += 4 + len;
        Some((kind, data))
    })
}

pub(super) fn number16(bytes: &[u8], at: usize) -> Option<u16> {
    let two = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes([two[0], two[1]]))
}

pub(super) fn number32(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
}

fn numbers(bytes: &[u8]) -> Vec<u32> {
    (0..bytes.len() / 4).filter_map(|at| number32(bytes, at * 4)).collect()
}
