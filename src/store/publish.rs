//! Whole or not at all: a directory is built beside its place and moved there in one step.
//!
//! Beside it lies a mark that its builder keeps locked. Whoever finds the mark unlocked knows
//! that the builder is gone, and clears what it left behind.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};

use crate::error::{Error, Result};
use crate::interrupt;
use crate::store::manifest::{MANIFEST, verify};

/// The file that says a directory is under construction; locked as long as its builder lives.
const MARK: &str = "under-construction";

/// The directory itself, below the one that holds the mark.
const CONTENT: &str = "content";

/// A directory under construction, removed again unless [`Staging::publish`] is reached.
#[derive(Debug)]
pub struct Staging {
    /// Holds the mark and, until it is published, the directory being built.
    workshop: PathBuf,
    building: PathBuf,
    target: PathBuf,
    _mark: File,
}

impl Staging {
    /// Prepares a directory that will replace or become `target`; where `target` is a symbolic
    /// link, what it points to. What an earlier run of the same target left when it was killed
    /// is removed.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if `target` exists and is not an intact directory of ours: nothing that
    /// another program or a person wrote is ever replaced. [`Error::Io`] if the place cannot be
    /// written.
    pub fn create(target: &Path) -> Result<Staging> {
        let target = pointed_to(target)?;
        refuse_foreign(&target)?;
        let name = target
            .file_name()
            .ok_or_else(|| Error::file(&target, "is not a name for a directory", None))?;
        let mut stem = name.to_os_string();
        stem.push(".partial-");
        let stem = stem.to_string_lossy().into_owned();
        let parent = parent_of(&target);
        if parent.is_file() {
            let what = format!("cannot be made: {} is a file", parent.display());
            return Err(Error::file(&target, what, Some("name another directory".to_owned())));
        }
        fs::create_dir_all(parent).map_err(|source| Error::io(parent, source))?;
        clear_abandoned(parent, &stem)?;
        let (workshop, mark) = marked_directory(&target, &stem)?;
        // A file system without locks keeps what killed runs leave; the work itself needs none.
        let _ = mark.try_lock();
        let building = workshop.join(CONTENT);
        fs::create_dir(&building).map_err(|source| Error::io(&building, source))?;
        Ok(Staging { workshop, building, target, _mark: mark })
    }

    /// Where files are written until then.
    pub fn path(&self) -> &Path {
        &self.building
    }

    /// Moves the finished directory to its place, in one exchange where one stood there.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the file system refuses, [`Error::Interrupted`] after Ctrl-C; the old
    /// directory then stands untouched.
    pub fn publish(self) -> Result<()> {
        // Whoever asked to stop finds no new directory, however late it was.
        interrupt::check()?;
        sync_all(&self.building)?;
        refuse_foreign(&self.target)?;
        if self.target.exists() && !is_empty_dir(&self.target) {
            // The older directory takes the place of the new one, and goes with the drop below.
            renameat_with(CWD, &self.building, CWD, &self.target, RenameFlags::EXCHANGE)
                .map_err(|refused| Error::io(&self.target, refused.into()))?;
        } else {
            fs::rename(&self.building, &self.target)
                .map_err(|source| Error::io(&self.target, source))?;
        }
        sync_dir(parent_of(&self.target))
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        clear_away(&self.workshop);
    }
}

/// Removes a directory under construction, its mark last: whatever moment a kill comes, what is
/// left still carries the mark by which the next run knows it. What cannot be removed is
/// harmless: it never has the name anyone asks for.
fn clear_away(workshop: &Path) {
    let content = workshop.join(CONTENT);
    if fs::remove_dir_all(&content).is_ok() || !content.exists() {
        let _ = fs::remove_dir_all(workshop);
    }
}

/// A new directory with its mark. Whoever clears what killed runs left may take it away before
/// the mark stands in it; then another is made.
fn marked_directory(target: &Path, stem: &str) -> Result<(PathBuf, File)> {
    loop {
        let workshop = new_directory(target, stem)?;
        let path = workshop.join(MARK);
        match File::create(&path) {
            Ok(mark) => return Ok((workshop, mark)),
            Err(refused) if refused.kind() == ErrorKind::NotFound => {}
            Err(refused) => return Err(Error::io(&path, refused)),
        }
    }
}

/// A directory of that stem and a number that stood nowhere before: what lay in an older one
/// would be published as ours. A container gives every run the same process number.
fn new_directory(target: &Path, stem: &str) -> Result<PathBuf> {
    let mut number = std::process::id();
    loop {
        let path = target.with_file_name(format!("{stem}{number}"));
        match fs::create_dir(&path) {
            Ok(()) => return Ok(path),
            Err(refused) if refused.kind() == ErrorKind::AlreadyExists => {
                number = number.wrapping_add(1);
            }
            Err(refused) => return Err(Error::io(&path, refused)),
        }
    }
}

/// The directory that a name stands for: exchanging a symbolic link itself would leave the old
/// directory where it was and lose the link.
fn pointed_to(target: &Path) -> Result<PathBuf> {
    if !target.is_symlink() {
        return Ok(target.to_path_buf());
    }
    fs::canonicalize(target).map_err(|_| {
        Error::file(target, "is a link that points nowhere", Some("name a directory".to_owned()))
    })
}

fn parent_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Removes directories named `stem` and a number that carry our mark and whose builder is gone.
fn clear_abandoned(parent: &Path, stem: &str) -> Result<()> {
    let entries = fs::read_dir(parent).map_err(|source| Error::io(parent, source))?;
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let number = name.strip_prefix(stem).unwrap_or("");
        if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            continue;
        }
        let Ok(mark) = File::open(entry.path().join(MARK)) else {
            // Killed before the mark was made: empty, or somebody else's and left alone.
            let _ = fs::remove_dir(entry.path());
            continue;
        };
        if mark.try_lock().is_ok() {
            clear_away(&entry.path());
        }
    }
    Ok(())
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
        let file = File::open(&path).map_err(|source| Error::io(&path, source))?;
        file.sync_all().map_err(|source| Error::io(&path, source))?;
    }
    sync_dir(dir)
}

fn sync_dir(dir: &Path) -> Result<()> {
    let opened = File::open(dir).map_err(|source| Error::io(dir, source))?;
    opened.sync_all().map_err(|source| Error::io(dir, source))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::manifest::{FileEntry, Manifest};

    /// Publishes a directory of one file with the given text, with its manifest.
    fn publish(target: &Path, text: &str) -> Result<()> {
        let staging = Staging::create(target)?;
        fs::write(staging.path().join("a.csv"), text).unwrap();
        let mut manifest = Manifest { kind: "run".to_owned(), ..Manifest::default() };
        manifest.files.insert("a.csv".to_owned(), FileEntry::of_bytes(text.as_bytes()));
        manifest.write(staging.path())?;
        staging.publish()
    }

    /// Names in a directory, sorted.
    fn names(dir: &Path) -> Vec<String> {
        let entries = fs::read_dir(dir).unwrap();
        let mut names: Vec<String> =
            entries.map(|one| one.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_directory_appears_whole_and_replaces_only_an_intact_one() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("new/parent/out");
        publish(&target, "one").unwrap();
        publish(&target, "two").unwrap();
        assert_eq!(fs::read_to_string(target.join("a.csv")).unwrap(), "two");
        assert_eq!(verify(&target).unwrap(), [""; 0]);
        fs::write(target.join("a.csv"), "changed").unwrap();
        assert!(publish(&target, "three").is_err());
        assert_eq!(fs::read_to_string(target.join("a.csv")).unwrap(), "changed");
        fs::write(target.join(MANIFEST), "not ours").unwrap();
        assert!(publish(&target, "four").is_err());
        assert_eq!(names(target.parent().unwrap()), ["out"]);
    }

    #[test]
    fn what_a_killed_run_left_is_cleared_and_a_living_one_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("out");
        for name in ["out.partial-1", "out.partial-2", "out.partial-mine", "outer.partial-1"] {
            fs::create_dir(dir.path().join(name)).unwrap();
            fs::write(dir.path().join(name).join(MARK), "").unwrap();
        }
        let own = dir.path().join("out.partial-2");
        fs::rename(own.join(MARK), own.join("notes")).unwrap();
        fs::create_dir(dir.path().join("out.partial-3")).unwrap();
        let living = Staging::create(&target).unwrap();
        assert_eq!(
            names(dir.path()).len(),
            4,
            "only the abandoned ones, marked or empty, are gone"
        );
        publish(&target, "another run of the same target").unwrap();
        assert!(living.path().is_dir());
        drop(living);
        let left = ["out", "out.partial-2", "out.partial-mine", "outer.partial-1"];
        assert_eq!(names(dir.path()), left);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link_and_what_it_points_to_is_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let (real, link) = (dir.path().join("real"), dir.path().join("link"));
        fs::create_dir(&real).unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        publish(&link, "one").unwrap();
        publish(&link, "two").unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read_to_string(real.join("a.csv")).unwrap(), "two");
        std::os::unix::fs::symlink(dir.path().join("nowhere"), dir.path().join("dead")).unwrap();
        assert!(publish(&dir.path().join("dead"), "one").is_err());
        assert_eq!(names(dir.path()), ["dead", "link", "real"]);
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for target in [".", "..", "/", "src/.."] {
            assert!(Staging::create(Path::new(target)).is_err(), "{target}");
        }
    }
}
