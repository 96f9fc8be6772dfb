//! Whether a file stayed as it was while it was read.

use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::error::{Error, Result};

/// A clock of files may stand still for so long: two changes within it can carry one time.
const CLOCK: Duration = Duration::from_millis(100);

/// What the file system says of a file that any change would change.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FileStamp {
    bytes: u64,
    modified: Option<SystemTime>,
    /// Device, file and the time at which anything of it changed, where there are such.
    entry: (u64, u64, i64, i64),
    /// Changed so shortly before that one more change might not show.
    fresh: bool,
}

impl FileStamp {
    /// What is to be seen now.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if it cannot be read.
    pub fn of(path: &Path) -> Result<FileStamp> {
        let seen = std::fs::metadata(path).map_err(|source| Error::io(path, source))?;
        let modified = seen.modified().ok();
        // A time ahead of the clock says nothing either.
        let age = modified.and_then(|at| SystemTime::now().duration_since(at).ok());
        let fresh = age.is_none_or(|age| age < CLOCK);
        Ok(FileStamp { bytes: seen.len(), modified, entry: entry_of(&seen), fresh })
    }

    /// Size in bytes.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Whether the file is seen to have changed since.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if it cannot be read.
    pub fn differs(&self, path: &Path) -> Result<bool> {
        let now = FileStamp { fresh: self.fresh, ..FileStamp::of(path)? };
        Ok(now != *self)
    }

    /// Whether a change since might not be seen, so that its bytes have to be compared.
    pub fn is_fresh(&self) -> bool {
        self.fresh
    }
}

#[cfg(unix)]
fn entry_of(seen: &std::fs::Metadata) -> (u64, u64, i64, i64) {
    use std::os::unix::fs::MetadataExt;
    (seen.dev(), seen.ino(), seen.ctime(), seen.ctime_nsec())
}

#[cfg(not(unix))]
fn entry_of(_: &std::fs::Metadata) -> (u64, u64, i64, i64) {
    (0, 0, 0, 0)
}
