//! Archives opened in place: which members a `.zip` or `.tar` holds, and where their bytes lie.
//!
//! Nothing is ever unpacked to a path. A member is a stretch of its container that is read where
//! it lies; a container inside another, or behind gzip or Zstandard, is unpacked into a file
//! without a name, which vanishes with the process however it ends. What unpacks to more than
//! bounds allow is refused with its numbers.

mod names;
mod tar_members;
mod unpack;
mod zip_members;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use glob::{MatchOptions, Pattern};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::interrupt;
use crate::records::open::{Packing, packing_of};
use crate::records::other_files::OtherFile;
use crate::records::place::Place;
use crate::records::sheets::{Book, BookKind, COMPOUND_MAGIC};
use names::passed_over;
pub use names::shown_name;
pub use unpack::{Measured, Member, Method, Region, RegionReader, UNPACKED_BYTES_MAX};

/// Archives within archives that are followed.
const DEPTH_MAX: usize = 4;
/// Members of one archive.
const MEMBERS_MAX: usize = 50_000;
/// Bytes by which a container is told.
const HEAD_BYTES: usize = 512;

/// Stands between a container and its member in every path that is shown or written.
pub const SEPARATOR: char = '!';

/// What a file of the case holds.
#[derive(Debug, Default)]
pub struct Contents {
    /// Sources in byte order of their paths; the file itself where it is no container.
    pub places: Vec<Place>,
    /// Containers, outermost first: path as shown, bytes, hexadecimal SHA-256.
    pub containers: Vec<(String, u64, String)>,
    /// What is to be said of members.
    pub notes: Vec<MemberNote>,
}

/// A member that was passed over, or that was read and has something odd about it.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct MemberNote {
    /// Path as shown.
    pub member: String,
    /// `passed-over` or `hidden`.
    pub state: &'static str,
    /// Why, as a sentence's end.
    pub why: String,
}

/// What a place is by its first bytes.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Kind {
    Leaf,
    /// An archive, or a workbook of one of the newer formats.
    Zip,
    Tar,
    /// A workbook of the older format.
    Compound,
    /// One of the above behind gzip or Zstandard.
    Wrapped,
}

/// Finds the sources in one file: its members where it is an archive or a workbook, else itself.
/// `pattern` keeps the members that match it, one level of containers between two separators.
///
/// # Errors
///
/// [`Error::File`] for an archive that is damaged, encrypted, holds two members of one name, goes
/// deeper or unpacks to more than is allowed, or has no member that matches; [`Error::Io`] if it
/// cannot be read. Cost: one pass to hash a container, and one to unpack one inside another.
pub fn contents(path: &Path, shown: &str, pattern: Option<&str>) -> Result<Contents> {
    let file = Place::file(path, shown);
    let levels: Vec<&str> = pattern.map(|text| text.split(SEPARATOR).collect()).unwrap_or_default();
    let mut patterns = Vec::new();
    for level in levels {
        let compiled = Pattern::new(level).map_err(|refused| {
            Error::named(shown, format!("{level:?} is no pattern: {}", refused.msg), None)
        })?;
        patterns.push(compiled);
    }
    let mut search = Search { patterns, found: Contents::default(), unpacked: 0, seen: Vec::new() };
    search.enter(file, 0)?;
    let mut found = search.found;
    found.places.sort_by(|left, right| left.shown().as_bytes().cmp(right.shown().as_bytes()));
    found.notes.sort();
    if found.places.is_empty() {
        search.seen.truncate(10);
        let what = match pattern {
            Some(text) => format!("no member of it matches {text:?}"),
            None => "holds no member to read".to_owned(),
        };
        let hint = match search.seen.is_empty() {
            true => "ask the producer for it again, or take it out of the case file".to_owned(),
            false => format!("it holds {}", search.seen.join(", ")),
        };
        return Err(Error::named(shown, what, Some(hint)));
    }
    Ok(found)
}

struct Search {
    patterns: Vec<Pattern>,
    found: Contents,
    /// Bytes that all members found so far unpack to.
    unpacked: u64,
    /// Names of members met, for an error.
    seen: Vec<String>,
}

impl Search {
    /// Looks into a place; `depth` containers are around it.
    fn enter(&mut self, place: Place, depth: usize) -> Result<()> {
        interrupt::check()?;
        let kind = kind_of(&place)?;
        let (kind, from) = match kind {
            Kind::Wrapped => (kind_within(&place)?, place.unpacked()?),
            kind => (kind, place.raw()?),
        };
        if kind == Kind::Leaf {
            return self.leaf(place, depth);
        }
        let region = match place.region() {
            // Read where it lies; what is packed is unpacked first, since members lie anywhere.
            Some(region) if kind_of(&place)? == kind => region,
            _ => spool(&place, from, &mut self.unpacked)?,
        };
        self.container(&place, region, kind, depth)
    }

    fn leaf(&mut self, place: Place, depth: usize) -> Result<()> {
        // A pattern that goes further down does not mean this one.
        if self.patterns.len() > depth {
            return Ok(());
        }
        self.found.places.push(place);
        Ok(())
    }

    fn container(&mut self, place: &Place, region: Region, kind: Kind, depth: usize) -> Result<()> {
        if depth >= DEPTH_MAX {
            let what = format!("is an archive within {DEPTH_MAX} others, which is the most read");
            let hint = "unpack the outer ones and name the inner ones in the case file".to_owned();
            return Err(Error::named(place.shown(), what, Some(hint)));
        }
        let (bytes, sha256) = hash_of(place)?;
        self.found.containers.push((place.shown().to_owned(), bytes, sha256.clone()));
        let inside = match kind {
            Kind::Compound => Inside::Book(BookKind::Xls),
            Kind::Zip => zip_members::inside(&region),
            _ => Inside::Members,
        };
        match inside {
            Inside::Book(book) => {
                let book = Book::open(place.shown(), region, book, (bytes, sha256))?;
                return self.book(place, &book, depth);
            }
            Inside::Document(other) => return Err(other.refused(place)),
            Inside::Members => {}
        }
        let listed = match kind {
            Kind::Tar => tar_members::list(place.shown(), &region)?,
            _ => zip_members::list(place.shown(), &region)?,
        };
        self.members(place, listed, depth)
    }

    fn members(&mut self, place: &Place, listed: Vec<Listed>, depth: usize) -> Result<()> {
        let mut names: BTreeMap<&str, usize> = BTreeMap::new();
        for one in &listed {
            *names.entry(one.name.as_str()).or_default() += 1;
        }
        let twice: Vec<String> = names
            .iter()
            .filter(|(name, count)| **count > 1 && self.wants(name, depth))
            .map(|(name, _)| (*name).to_owned())
            .collect();
        for one in listed.iter().filter(|one| twice.contains(&one.name)) {
            if one.is_read() {
                let what = format!("holds two members named {:?}", one.name);
                let hint = "a line of one could not be told from a line of the other: unpack it \
                            and name each file in the case file"
                    .to_owned();
                return Err(Error::named(place.shown(), what, Some(hint)));
            }
        }
        for one in listed {
            if !self.wants(&one.name, depth) {
                if self.seen.len() < 10 {
                    self.seen.push(format!("{:?}", one.name));
                }
                continue;
            }
            let inner = format!("{}{SEPARATOR}{}", place.shown(), one.name);
            match one.what {
                What::PassedOver(why) => self.note(inner, why),
                What::Refused(what, hint) => {
                    return Err(Error::named(&inner, what, Some(hint)));
                }
                What::Member(member) => self.member(place, inner, member, depth)?,
            }
        }
        Ok(())
    }

    fn member(
        &mut self,
        around: &Place,
        shown: String,
        member: Member,
        depth: usize,
    ) -> Result<()> {
        self.unpacked = self.unpacked.saturating_add(member.size);
        if self.unpacked > UNPACKED_BYTES_MAX {
            let what = format!(
                "unpacks to more than {UNPACKED_BYTES_MAX} bytes in all, which is the most read"
            );
            let hint = "name its members a few at a time, as in path = \"x.zip!bank/*.csv\"";
            return Err(Error::named(around.shown(), what, Some(hint.to_owned())));
        }
        let name = member.name.clone();
        let place = around.member(shown, member);
        if let Some(why) = passed_over(&name, || place.head(4)) {
            self.note(place.shown().to_owned(), why);
            return Ok(());
        }
        self.enter(place, depth + 1)
    }

    fn book(&mut self, place: &Place, book: &Book, depth: usize) -> Result<()> {
        for sheet in book.sheets()? {
            let name = shown_name(sheet.name.as_bytes());
            if !self.wants(&name, depth) {
                if self.seen.len() < 10 {
                    self.seen.push(format!("{name:?}"));
                }
                continue;
            }
            let shown = format!("{}{SEPARATOR}{name}", place.shown());
            if let Some(why) = sheet.passed_over {
                self.note(shown, why.to_owned());
                continue;
            }
            let why = match (sheet.hidden, sheet.hidden_parts) {
                (true, None) => Some("a hidden sheet, read like any other".to_owned()),
                (true, Some(parts)) => Some(format!("a hidden sheet with {parts}")),
                (false, parts) => parts,
            };
            if let Some(why) = why {
                self.found.notes.push(MemberNote { member: shown.clone(), state: "hidden", why });
            }
            self.leaf(place.sheet_of(shown, book.sheet(&sheet.name, sheet.head)), depth + 1)?;
        }
        Ok(())
    }

    fn note(&mut self, member: String, why: String) {
        self.found.notes.push(MemberNote { member, state: "passed-over", why });
    }

    fn wants(&self, name: &str, depth: usize) -> bool {
        let options = MatchOptions { require_literal_separator: true, ..MatchOptions::new() };
        self.patterns.get(depth).is_none_or(|pattern| pattern.matches_with(name, options))
    }
}

/// The readable members of a zip archive that is not an archive of sources: a workbook's parts.
///
/// # Errors
///
/// [`Error::File`] if it is damaged, or one of them cannot be read.
pub fn zip_parts(shown: &str, region: &Region) -> Result<Vec<Member>> {
    let listed = zip_members::list(shown, region)?;
    let mut parts = Vec::new();
    for one in listed {
        match one.what {
            What::Member(member) => parts.push(member),
            What::PassedOver(_) => {}
            What::Refused(what, hint) => {
                let what = format!("its part {:?} {what}", one.name);
                return Err(Error::named(shown, what, Some(hint)));
            }
        }
    }
    Ok(parts)
}

/// What a container turns out to be.
enum Inside {
    /// A workbook.
    Book(BookKind),
    /// A document of an office program, whose parts are no sources.
    Document(OtherFile),
    /// An archive of members.
    Members,
}

/// A member as an archive lists it.
struct Listed {
    /// Name as shown.
    name: String,
    what: What,
}

enum What {
    Member(Member),
    PassedOver(String),
    /// What is wrong with it and what to do; matters only if it is to be read.
    Refused(String, String),
}

impl Listed {
    fn is_read(&self) -> bool {
        !matches!(self.what, What::PassedOver(_))
    }
}

fn kind_of(place: &Place) -> Result<Kind> {
    let head = place.head(HEAD_BYTES)?;
    Ok(match packing_of(&head) {
        Packing::Gzip | Packing::Zstd => Kind::Wrapped,
        Packing::Parquet => Kind::Leaf,
        Packing::Plain => container_kind(&head),
    })
}

/// What lies behind gzip or Zstandard.
fn kind_within(place: &Place) -> Result<Kind> {
    let mut head = Vec::new();
    let read = place.unpacked()?.take(HEAD_BYTES as u64).read_to_end(&mut head);
    // What cannot be unpacked is told where it is read as a source.
    Ok(read.map_or(Kind::Leaf, |_| container_kind(&head)))
}

fn container_kind(head: &[u8]) -> Kind {
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        Kind::Zip
    } else if head.starts_with(COMPOUND_MAGIC) {
        Kind::Compound
    } else if tar_members::is_tar(head) {
        Kind::Tar
    } else {
        Kind::Leaf
    }
}

/// A member's bytes, unpacked into a file without a name, for what reads back and forth.
///
/// # Errors
///
/// [`Error::Io`] if it cannot be read or the disk refuses, [`Error::File`] beyond the bounds.
pub fn unpacked_file(place: &Place) -> Result<File> {
    spooled(place, place.raw()?, &mut 0).map(|(file, _)| file)
}

/// Unpacks a container into a file without a name.
fn spool(place: &Place, from: Box<dyn Read + Send>, unpacked: &mut u64) -> Result<Region> {
    spooled(place, from, unpacked).map(|(file, len)| Region::spooled(file, len))
}

fn spooled(
    place: &Place,
    mut from: Box<dyn Read + Send>,
    unpacked: &mut u64,
) -> Result<(File, u64)> {
    let failed = |source: io::Error| Error::Io { path: place.shown().to_owned(), source };
    let mut file: File = tempfile::tempfile().map_err(|source| {
        let dir = std::env::temp_dir();
        Error::io(&dir, source)
    })?;
    let mut block = vec![0; 1 << 20];
    let mut len = 0_u64;
    loop {
        interrupt::check()?;
        let read = from.read(&mut block).map_err(failed)?;
        if read == 0 {
            break;
        }
        len += read as u64;
        if unpacked.saturating_add(len) > UNPACKED_BYTES_MAX {
            let what = format!("unpacks to more than {UNPACKED_BYTES_MAX} bytes, the most read");
            return Err(Error::named(place.shown(), what, None));
        }
        io::Write::write_all(&mut file, &block[..read]).map_err(|source| {
            let dir = std::env::temp_dir();
            Error::io(&dir, source)
        })?;
    }
    *unpacked += len;
    Ok((file, len))
}

/// Size and hexadecimal SHA-256 of a place's own bytes.
fn hash_of(place: &Place) -> Result<(u64, String)> {
    let mut from = place.raw()?;
    let mut hasher = Sha256::new();
    let mut block = vec![0; 1 << 20];
    let mut bytes = 0;
    loop {
        interrupt::check()?;
        let read = from
            .read(&mut block)
            .map_err(|source| Error::Io { path: place.shown().to_owned(), source })?;
        if read == 0 {
            break;
        }
        bytes += read as u64;
        hasher.update(&block[..read]);
    }
    let hash = hasher.finalize();
    Ok((bytes, hash.iter().map(|byte| format!("{byte:02x}")).collect()))
}
