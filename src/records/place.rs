//! Where the bytes of a source lie: in a file, in a member of an archive, in a sheet of a workbook.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::records::archive::{Member, Method, Region};
use crate::records::open::{packing_of, unpacked};
use crate::records::sheets::Sheet;
use crate::records::structured::SourceBytes;

/// Where a source lies. Cheap to copy.
#[derive(Clone, Debug)]
pub struct Place {
    path: PathBuf,
    shown: String,
    within: Within,
}

#[derive(Clone, Debug)]
enum Within {
    File,
    Member(Arc<Member>),
    Sheet(Arc<Sheet>),
}

impl Place {
    /// A file on disk, and its name in every output.
    pub fn file(path: &Path, shown: &str) -> Place {
        Place { path: path.to_path_buf(), shown: shown.to_owned(), within: Within::File }
    }

    /// A member of the archive at this place.
    pub(super) fn member(&self, shown: String, member: Member) -> Place {
        Place { path: self.path.clone(), shown, within: Within::Member(Arc::new(member)) }
    }

    /// A sheet of the workbook at this place.
    pub(super) fn sheet_of(&self, shown: String, sheet: Sheet) -> Place {
        Place { path: self.path.clone(), shown, within: Within::Sheet(Arc::new(sheet)) }
    }

    /// The file on disk that holds it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its name in every output: `returns.zip!bank/jan.csv`.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// Whether it is a file of its own.
    pub fn is_file(&self) -> bool {
        matches!(self.within, Within::File)
    }

    /// The sheet, where it is one.
    pub fn sheet(&self) -> Option<&Sheet> {
        match &self.within {
            Within::Sheet(sheet) => Some(sheet),
            _ => None,
        }
    }

    /// The path whose last part a layout's `file_name` pattern sees: the file's, the member's, or
    /// workbook and sheet.
    pub fn naming(&self) -> PathBuf {
        match &self.within {
            Within::File => self.path.clone(),
            Within::Member(member) => PathBuf::from(&member.name),
            Within::Sheet(_) => PathBuf::from(&self.shown),
        }
    }

    /// What the operating system or a decompressor said about this place.
    pub fn failed(&self, source: io::Error) -> Error {
        match self.within {
            Within::File => Error::io(&self.path, source),
            _ => Error::Io { path: self.shown.clone(), source },
        }
    }

    /// Why this place cannot be used as it is, and what to do about it.
    pub fn refused(&self, what: impl Into<String>, hint: Option<String>) -> Error {
        match self.within {
            Within::File => Error::file(&self.path, what, hint),
            _ => Error::named(&self.shown, what, hint),
        }
    }

    /// Its own bytes: the file's, or the member's as its archive holds it. A sheet has none.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if it cannot be read.
    pub fn raw(&self) -> Result<SourceBytes> {
        match &self.within {
            Within::File => {
                let file = File::open(&self.path).map_err(|source| self.failed(source))?;
                Ok(Box::new(file))
            }
            Within::Member(member) => member.open().map_err(|source| self.failed(source)),
            Within::Sheet(_) => Ok(Box::new(io::empty())),
        }
    }

    /// Its bytes behind gzip or Zstandard.
    pub(super) fn unpacked(&self) -> Result<SourceBytes> {
        let packing = packing_of(&self.head(4)?);
        unpacked(self.raw()?, packing).map_err(|source| self.failed(source))
    }

    /// Its bytes where they lie, if they lie anywhere unpacked.
    pub(super) fn region(&self) -> Option<Region> {
        match &self.within {
            Within::File => Region::file(self.path.clone()).ok(),
            Within::Member(member) if member.method == Method::Stored => {
                Some(member.region.clone())
            }
            _ => None,
        }
    }

    /// Its first own bytes, at most `bytes_max`.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if it cannot be read, [`Error::File`] if it is empty.
    pub fn head(&self, bytes_max: usize) -> Result<Vec<u8>> {
        let mut head = Vec::new();
        let read = self.raw()?.take(bytes_max as u64).read_to_end(&mut head);
        read.map_err(|source| self.failed(source))?;
        if head.is_empty() {
            let hint = "ask the producer for the file again, or take it out of the case file";
            return Err(self.refused("is empty", Some(hint.to_owned())));
        }
        Ok(head)
    }

    /// Bytes of the file on disk that reading `read` bytes of this place has used up, for a bar of
    /// progress.
    pub fn share(&self, read: u64) -> u64 {
        match &self.within {
            Within::Member(member) if member.size > 0 => {
                let packed = u128::from(member.region.bytes());
                (u128::from(read) * packed / u128::from(member.size)) as u64
            }
            _ => read,
        }
    }
}
