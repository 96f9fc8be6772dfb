//! Whole or not at all: a directory is built beside its place and moved there in one step.

use std::fs;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};

use crate::error::{Error, Result};
use crate::store::manifest::{MANIFEST, verify};

/// A directory under construction, removed again unless [`Staging::publish`] is reached.
#[derive(Debug)]
pub struct Staging {
    building: PathBuf,
    target: PathBuf,
    published: bool,
}

impl Staging {
    /// Prepares a directory that will replace or become `target`.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if `target` exists and is not an intact directory of ours: nothing that
    /// another program or a person wrote is ever replaced.
    pub fn create(target: &Path) -> Result<Staging> {
        refuse_foreign(target)?;
        let name = target
            .file_name()
            .ok_or_else(|| Error::file(target, "is not a name for a directory", None))?;
        let mut partial = name.to_os_string();
        partial.push(format!(".partial-{}", std::process::id()));
        let building = target.with_file_name(partial);
        // The name the user typed, not the one beside it that exists while we work.
        fs::create_dir_all(&building).map_err(|source| Error::io(target, source))?;
        Ok(Staging { building, target: target.to_path_buf(), published: false })
    }

    /// Where files are written until then.
    pub fn path(&self) -> &Path {
        &self.building
    }

    /// Moves the finished directory to its place, in one exchange where one stood there.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the file system refuses; the old directory then stands untouched.
    pub fn publish(mut self) -> Result<()> {
        sync_all(&self.building)?;
        refuse_foreign(&self.target)?;
        if self.target.exists() && !is_empty_dir(&self.target) {
            renameat_with(CWD, &self.building, CWD, &self.target, RenameFlags::EXCHANGE)
                .map_err(|refused| Error::io(&self.target, refused.into()))?;
            // `building` now names the older directory, which the drop below removes.
            return Ok(());
        }
        fs::rename(&self.building, &self.target)
            .map_err(|source| Error::io(&self.target, source))?;
        self.published = true;
        Ok(())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if !self.published {
            // A directory left behind is harmless: it never has the name anyone asks for.
            let _ = fs::remove_dir_all(&self.building);
        }
    }
}

fn is_empty_dir(path: &Path) -> bool {
    fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none())
}

fn refuse_foreign(target: &Path) -> Result<()> {
    if !target.exists() || is_empty_dir(target) {
        return Ok(());
    }
    let hint = Some("name another directory, or move this one away".to_owned());
    if !target.is_dir() || !target.join(MANIFEST).is_file() {
        return Err(Error::file(target, "exists and is not a directory of ours", hint));
    }
    match verify(target)?.first() {
        None => Ok(()),
        Some(difference) => Err(Error::file(
            target,
            format!("is not what its manifest says and is not replaced: {difference}"),
            hint,
        )),
    }
}

/// Flushes every file, so that a name never points at content a power cut could lose.
fn sync_all(dir: &Path) -> Result<()> {
    for name in crate::store::manifest::files_below(dir, dir)? {
        let path = dir.join(name);
        let file = fs::File::open(&path).map_err(|source| Error::io(&path, source))?;
        file.sync_all().map_err(|source| Error::io(&path, source))?;
    }
    Ok(())
}
