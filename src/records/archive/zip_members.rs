//! Members of a zip archive, as its central directory lists them.

use std::cell::Cell;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::rc::Rc;

use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::names::shown_name;
use super::unpack::{Member, Method, Region, RegionReader};
use super::{Inside, Listed, MEMBERS_MAX, What};
use crate::error::{Error, Result};
use crate::records::contain::contained;
use crate::records::other_files::{ASK, OtherFile};
use crate::records::sheets::BookKind;

/// Bytes of the directory of an archive: the library holds all of it.
const DIRECTORY_BYTES_MAX: u64 = 16 << 20;

/// Bytes among which the end of an archive is looked for: its comment is at most 65,535 long.
const END_BYTES_MAX: u64 = 65_535 + 22 + 20;

type Archive = ZipArchive<BufReader<Directory>>;

/// Every member, in the order of the directory.
pub(super) fn list(shown: &str, region: &Region) -> Result<Vec<Listed>> {
    let failed = |refused: ZipError| {
        let hint = "ask the producer for it again: nothing of it was read";
        let what = format!("cannot be read as a zip archive: {}", words(&refused));
        Error::named(shown, what, Some(hint.to_owned()))
    };
    contained(shown, || {
        if let Some(members) = stated_members(region).filter(|count| *count > MEMBERS_MAX as u64) {
            let what =
                format!("states {members} members, more than the {MEMBERS_MAX} that are read");
            let hint = "unpack it and name the files that are meant in the case file";
            return Err(Error::named(shown, what, Some(hint.to_owned())));
        }
        let mut archive = open(region).map_err(failed)?;
        if archive.has_duplicate_names() {
            let hint = "a line of one could not be told from a line of the other: unpack it and \
                        name each file in the case file";
            let what = "holds two members of one name";
            return Err(Error::named(shown, what, Some(hint.to_owned())));
        }
        if archive.has_overlapping_files().map_err(failed)? {
            let what = "holds members that share their packed bytes, which no archiver writes";
            return Err(Error::named(shown, what, None));
        }
        let mut listed = Vec::with_capacity(archive.len());
        for at in 0..archive.len() {
            listed.push(entry(&mut archive, at, region).map_err(failed)?);
        }
        Ok(listed)
    })
}

/// How many members the end of the archive states, before the library makes room for them: it
/// reads no more than that. `None` where no end is found, which the library refuses.
fn stated_members(region: &Region) -> Option<u64> {
    let mut reader = region.reader().ok()?;
    let size = reader.seek(SeekFrom::End(0)).ok()?;
    let mut tail = Vec::new();
    reader.seek(SeekFrom::Start(size.saturating_sub(END_BYTES_MAX))).ok()?;
    reader.by_ref().take(END_BYTES_MAX).read_to_end(&mut tail).ok()?;
    let end = memchr::memmem::rfind(&tail, b"PK\x05\x06")?;
    let members = u16::from_le_bytes(tail.get(end + 10..end + 12)?.try_into().ok()?);
    let locator = end.checked_sub(20).map(|start| &tail[start..end]);
    match locator.filter(|_| members == u16::MAX).and_then(|one| one.strip_prefix(b"PK\x06\x07")) {
        None => Some(u64::from(members)),
        Some(locator) => {
            let start = u64::from_le_bytes(locator[4..12].try_into().ok()?);
            let mut long_end = [0; 40];
            reader.seek(SeekFrom::Start(start)).ok()?;
            reader.read_exact(&mut long_end).ok()?;
            let stated = long_end.strip_prefix(b"PK\x06\x06")?;
            Some(u64::from_le_bytes(stated[28..36].try_into().ok()?))
        }
    }
}

fn open(region: &Region) -> std::result::Result<Archive, ZipError> {
    let left = Rc::new(Cell::new(DIRECTORY_BYTES_MAX));
    let directory = Directory { inner: region.reader()?, left: Rc::clone(&left) };
    let archive = ZipArchive::new(BufReader::new(directory));
    left.set(u64::MAX);
    archive
}

/// Counts what the directory takes while it is read, and ends where it would never end.
struct Directory {
    inner: RegionReader,
    left: Rc<Cell<u64>>,
}

impl Read for Directory {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        let Some(left) = self.left.get().checked_sub(read as u64) else {
            let what = format!("its directory is longer than {DIRECTORY_BYTES_MAX} bytes");
            return Err(io::Error::other(what));
        };
        self.left.set(left);
        Ok(read)
    }
}

impl Seek for Directory {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

fn entry(
    archive: &mut Archive,
    at: usize,
    region: &Region,
) -> std::result::Result<Listed, ZipError> {
    let file = archive.by_index_raw(at)?;
    // Old programs on Windows write their own separator, which the format does not know.
    let raw: Vec<u8> =
        file.name_raw().iter().map(|byte| if *byte == b'\\' { b'/' } else { *byte }).collect();
    let name = shown_name(&raw);
    let passed = |why: &str| What::PassedOver(why.to_owned());
    let what = if file.is_dir() || raw.ends_with(b"/") {
        passed("a directory")
    } else if file.is_symlink() {
        passed("a link to another file")
    } else if file.encrypted() {
        let hint = "ask the producer for the password, unpack it, and name the files";
        What::Refused("is encrypted with a password".to_owned(), hint.to_owned())
    } else if file.size() == 0 {
        passed("is empty")
    } else {
        let method = match file.compression() {
            CompressionMethod::Stored => Some(Method::Stored),
            CompressionMethod::Deflated => Some(Method::Deflated),
            other if other.to_string().eq_ignore_ascii_case("zstd") => Some(Method::Zstd),
            _ => None,
        };
        let packed = file.data_start().and_then(|at| region.within(at, file.compressed_size()));
        match (method, packed) {
            (Some(method), Some(region)) => What::Member(Member {
                name: name.clone(),
                region,
                method,
                size: file.size(),
                crc: Some(file.crc32()),
            }),
            (None, _) => {
                let what = format!("is packed as {}, which is not read", file.compression());
                What::Refused(what, "unpack it and name the files in the case file".to_owned())
            }
            (_, None) => {
                let hint = "ask the producer for it again: nothing of it was read";
                What::Refused("reaches beyond the end of its archive".to_owned(), hint.to_owned())
            }
        }
    };
    Ok(Listed { name, what })
}

/// What a zip archive is, told by the parts that make it a workbook or a document.
pub(super) fn inside(region: &Region) -> Inside {
    contained("", || {
        if stated_members(region).is_some_and(|count| count > MEMBERS_MAX as u64) {
            return Ok(Inside::Members);
        }
        let refused = |_| Error::Failed(String::new());
        let mut archive = open(region).map_err(refused)?;
        let has = |archive: &ZipArchive<_>, name: &str| archive.index_for_name(name).is_some();
        let begins = |archive: &Archive, folder: &[u8]| {
            archive.file_names_raw().any(|name| name.starts_with(folder))
        };
        let document = |what| Ok(Inside::Document(OtherFile::new(what, ASK)));
        if has(&archive, "[Content_Types].xml") {
            if has(&archive, "xl/workbook.bin") {
                return Ok(Inside::Book(BookKind::Xlsb));
            }
            // A workbook's main part may have another name; its folder is always this one.
            if begins(&archive, b"xl/") {
                return Ok(Inside::Book(BookKind::Xlsx));
            }
            for (folder, what) in
                [("word/", "a Word document"), ("ppt/", "a PowerPoint presentation")]
            {
                if begins(&archive, folder.as_bytes()) {
                    return document(what);
                }
            }
        }
        if has(&archive, "Index/Document.iwa") {
            let hint = "open it in the program that wrote it and export it as .xlsx or CSV";
            let what = "a document of Apple Numbers, Pages or Keynote";
            return Ok(Inside::Document(OtherFile::new(what, hint)));
        }
        if has(&archive, "mimetype") && has(&archive, "content.xml") {
            let mut kind = String::new();
            let file = archive.by_name("mimetype").map_err(refused)?;
            let read = file.take(100).read_to_string(&mut kind);
            let office = "application/vnd.oasis.opendocument.";
            return match kind.strip_prefix(office).filter(|_| read.is_ok()) {
                Some(kind) if kind.starts_with("spreadsheet") => Ok(Inside::Book(BookKind::Ods)),
                Some(_) => document("an OpenDocument file without sheets"),
                None => Ok(Inside::Members),
            };
        }
        Ok(Inside::Members)
    })
    .unwrap_or(Inside::Members)
}

fn words(refused: &ZipError) -> String {
    let text = refused.to_string();
    text.trim_end_matches('.').to_owned()
}
