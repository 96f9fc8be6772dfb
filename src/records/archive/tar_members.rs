//! Members of a tar archive, found by one pass over its headers.

use std::cell::Cell;
use std::io::{self, Read, Seek, SeekFrom};
use std::rc::Rc;

use tar::{Archive, EntryType};

use super::names::shown_name;
use super::unpack::{Member, Method, Region, RegionReader};
use super::{Listed, MEMBERS_MAX, What};
use crate::error::{Error, Result};
use crate::interrupt;
use crate::records::contain::contained;

/// Bytes of one header.
const BLOCK: usize = 512;
/// Bytes of headers and long names that one member may have.
const HEADER_BYTES_MAX: u64 = 1 << 20;

/// Whether bytes are a tar header: its checksum is right, which old archives without the mark
/// `ustar` have too.
pub(super) fn is_tar(head: &[u8]) -> bool {
    // Text holds no empty bytes, and a header always does.
    if head.len() < BLOCK || head[0] == 0 || !head[..BLOCK].contains(&0) {
        return false;
    }
    let stated = String::from_utf8_lossy(&head[148..156]);
    let stated = stated.trim_matches([' ', '\0']);
    let sum: u64 = head[..BLOCK]
        .iter()
        .enumerate()
        .map(|(at, byte)| if (148..156).contains(&at) { 32 } else { u64::from(*byte) })
        .sum();
    u64::from_str_radix(stated, 8).is_ok_and(|stated| stated == sum)
}

/// Every member, in the order of the archive.
pub(super) fn list(shown: &str, region: &Region) -> Result<Vec<Listed>> {
    let failed = |refused: io::Error| {
        let hint = "ask the producer for it again: nothing of it was read";
        let what = format!("cannot be read as a tar archive: {refused}");
        Error::named(shown, what, Some(hint.to_owned()))
    };
    contained(shown, || {
        let read = Rc::new(Cell::new(0));
        let reader = region.reader().map_err(failed)?;
        let mut archive = Archive::new(Headers { inner: reader, read: Rc::clone(&read) });
        let mut listed = Vec::new();
        let mut end = 0;
        for entry in archive.entries_with_seek().map_err(failed)? {
            interrupt::check()?;
            read.set(0);
            let mut entry = entry.map_err(failed)?;
            if listed.len() >= MEMBERS_MAX {
                let what = format!("holds more than {MEMBERS_MAX} members, which is the most read");
                return Err(Error::named(shown, what, None));
            }
            let name = shown_name(&entry.path_bytes());
            let start = entry.raw_file_position();
            let size = entry.size();
            let kind = if is_sparse(&mut entry).map_err(failed)? {
                EntryType::GNUSparse
            } else {
                entry.header().entry_type()
            };
            // A sparse file states the size it would have; its stretch is that of its header.
            let held = if kind.is_gnu_sparse() { entry.header().entry_size() } else { Ok(size) };
            end = start.saturating_add(held.map_err(failed)?);
            if end > region.bytes() {
                let cut = format!("it ends within its member {name:?}");
                return Err(failed(io::Error::other(cut)));
            }
            if !kind.is_pax_global_extensions() {
                let what = what(kind, &name, region.within(start, size), size);
                listed.push(Listed { name, what });
            }
        }
        ends_as_it_should(region, end).map_err(failed)?;
        Ok(listed)
    })
}

/// Whether a member is a file with holes, of the older or of the newer way to write one: its
/// bytes are not its content.
fn is_sparse<R: Read>(entry: &mut tar::Entry<'_, R>) -> io::Result<bool> {
    if entry.header().entry_type().is_gnu_sparse() {
        return Ok(true);
    }
    let Some(stated) = entry.pax_extensions()? else { return Ok(false) };
    let mut keys = stated.flatten();
    Ok(keys.any(|one| one.key_bytes().starts_with(b"GNU.sparse.")))
}

fn what(kind: EntryType, name: &str, region: Option<Region>, size: u64) -> What {
    let passed = |why: &str| What::PassedOver(why.to_owned());
    match kind {
        EntryType::Directory => passed("a directory"),
        EntryType::Symlink | EntryType::Link => passed("a link to another file"),
        EntryType::Char | EntryType::Block | EntryType::Fifo => passed("a device, no file"),
        EntryType::Regular | EntryType::Continuous => match region {
            _ if size == 0 && name.ends_with('/') => passed("a directory"),
            Some(_) if size == 0 => passed("is empty"),
            Some(region) => What::Member(Member {
                name: name.to_owned(),
                region,
                method: Method::Stored,
                size,
                crc: None,
            }),
            None => What::Refused("reaches beyond its archive".to_owned(), String::new()),
        },
        _ => {
            let what = "is a member of a kind that is not read, such as a sparse file";
            let hint = "unpack the archive and name the files in the case file";
            What::Refused(what.to_owned(), hint.to_owned())
        }
    }
}

/// A whole archive ends in blocks of nothing. One without them may have lost members, and one
/// with more behind them has members that would stay unread.
fn ends_as_it_should(region: &Region, last: u64) -> io::Result<()> {
    let start = last.div_ceil(BLOCK as u64) * BLOCK as u64;
    let missing = "it ends without its end mark, so that members may be missing";
    let Some(rest) = region.bytes().checked_sub(start).filter(|left| *left >= BLOCK as u64) else {
        return Err(io::Error::other(missing));
    };
    let tail = region.within(start, rest).expect("the rest of a region lies within it");
    let mut reader = tail.reader()?;
    let mut block = vec![0; 1 << 16];
    loop {
        let read = reader.read(&mut block)?;
        if read == 0 {
            return Ok(());
        }
        if block[..read].iter().any(|byte| *byte != 0) {
            return Err(io::Error::other("it holds more behind its end mark, which nothing lists"));
        }
    }
}

/// Counts the bytes read since the last member: those of headers and long names only, since what
/// members hold is passed over.
struct Headers {
    inner: RegionReader,
    read: Rc<Cell<u64>>,
}

impl Read for Headers {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.read.set(self.read.get() + read as u64);
        if self.read.get() > HEADER_BYTES_MAX {
            let what = format!("a member's name is longer than {HEADER_BYTES_MAX} bytes");
            return Err(io::Error::other(what));
        }
        Ok(read)
    }
}

impl Seek for Headers {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}
