//! The manifest: what a directory of ours holds, with a hash of every file, and its check.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Component, Path};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::model::{Digits, Role};

/// File name of a manifest inside its directory.
pub const MANIFEST: &str = "manifest.json";

/// Raised whenever a table's columns change meaning; a store of another version is refused.
pub const SCHEMA_VERSION: u32 = 5;

/// What one directory holds and how it came about. Contains no clock and no machine name, so
/// that the same inputs give the same bytes.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Manifest {
    /// `store`, `run` or `exhibit`.
    pub kind: String,
    /// [`SCHEMA_VERSION`] it was written with.
    pub schema_version: u32,
    /// Version of the program that wrote it.
    pub program_version: String,
    /// Title of the case file.
    pub title: String,
    /// Currency for amounts without a currency column.
    pub currency: String,
    /// IANA name of the case's zone.
    pub timezone: String,
    /// Decimals where the case departs from ISO 4217.
    pub digits: Digits,
    /// Subjects as the case file names them, with their role.
    pub subjects: Vec<(String, String, Option<Role>)>,
    /// Parameters that decided the content.
    pub parameters: BTreeMap<String, String>,
    /// Inputs by path, as the case file names them.
    pub inputs: BTreeMap<String, FileEntry>,
    /// Files of the directory by path below it, the manifest itself excepted.
    pub files: BTreeMap<String, FileEntry>,
}

/// One file: its size, hash and, for a table, its rows.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct FileEntry {
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256, hexadecimal.
    pub sha256: String,
    /// Rows, for a table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
}

impl FileEntry {
    /// The entry of bytes at hand.
    pub fn of_bytes(bytes: &[u8]) -> FileEntry {
        FileEntry { bytes: bytes.len() as u64, sha256: hex(&Sha256::digest(bytes)), rows: None }
    }
}

impl Manifest {
    /// Reads the manifest of a directory.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if there is none, or it is not one of ours.
    pub fn read(dir: &Path) -> Result<Manifest> {
        let path = dir.join(MANIFEST);
        let hint = "name a directory that `moneytrail load` or `moneytrail run` wrote";
        let bytes = std::fs::read(&path).map_err(|_| {
            let what = match (dir.exists(), dir.is_dir()) {
                (false, _) => "does not exist".to_owned(),
                (true, false) => "is not a directory".to_owned(),
                (true, true) => format!("holds no {MANIFEST}"),
            };
            Error::file(dir, what, Some(hint.to_owned()))
        })?;
        serde_json::from_slice(&bytes).map_err(|refused| {
            Error::file(&path, format!("is not a manifest of ours: {refused}"), None)
        })
    }

    /// Writes the manifest into a directory.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the directory cannot be written.
    pub fn write(&self, dir: &Path) -> Result<()> {
        let path = dir.join(MANIFEST);
        let mut text = serde_json::to_string_pretty(self).expect("a manifest is plain data");
        text.push('\n');
        std::fs::write(&path, text).map_err(|source| Error::io(&path, source))
    }
}

/// Size and SHA-256 of a file, read in blocks.
///
/// # Errors
///
/// [`Error::Io`] if it cannot be read.
pub fn hash_file(path: &Path) -> Result<FileEntry> {
    let mut file = File::open(path).map_err(|source| Error::io(path, source))?;
    let mut hasher = Sha256::new();
    let mut block = vec![0; 1 << 20];
    let mut bytes = 0;
    loop {
        let read = file.read(&mut block).map_err(|source| Error::io(path, source))?;
        if read == 0 {
            break;
        }
        bytes += read as u64;
        hasher.update(&block[..read]);
    }
    Ok(FileEntry { bytes, sha256: hex(&hasher.finalize()), rows: None })
}

/// Lower-case hexadecimal text of a hash.
pub fn hex(hash: &[u8]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What differs between a directory and its manifest, one sentence a file, sorted; empty when
/// it is intact.
///
/// # Errors
///
/// [`Error::File`] if the directory holds no manifest of ours.
pub fn verify(dir: &Path) -> Result<Vec<String>> {
    let manifest = Manifest::read(dir)?;
    let mut differences = Vec::new();
    for (name, stated) in &manifest.files {
        let parts: Vec<Component> = Path::new(name).components().collect();
        if parts.is_empty() || parts.iter().any(|part| !matches!(part, Component::Normal(_))) {
            // A manifest speaks for its own directory; files elsewhere are not read for it.
            differences.push(format!("{name}: is not a path below the directory"));
            continue;
        }
        let path = dir.join(name);
        if path.is_symlink() {
            differences.push(format!("{name}: is a link"));
            continue;
        }
        if !path.is_file() {
            differences.push(format!("{name}: is missing"));
            continue;
        }
        let now = hash_file(&path)?;
        if now.bytes != stated.bytes {
            differences.push(format!(
                "{name}: has {} bytes, the manifest says {}",
                now.bytes, stated.bytes
            ));
        } else if now.sha256 != stated.sha256 {
            differences.push(format!(
                "{name}: SHA-256 is {}, the manifest says {}",
                now.sha256, stated.sha256
            ));
        }
    }
    for name in files_below(dir, dir)? {
        if name != MANIFEST && !manifest.files.contains_key(&name) {
            differences.push(format!("{name}: is not in the manifest"));
        }
    }
    differences.sort();
    Ok(differences)
}

/// Paths of all files below `dir`, relative to `base`, sorted, with `/` between parts. A link is
/// listed and not followed: it may lead out of the directory, or round in a ring.
///
/// # Errors
///
/// [`Error::Io`] if a directory cannot be read.
pub fn files_below(dir: &Path, base: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    let mut waiting = vec![dir.to_path_buf()];
    while let Some(dir) = waiting.pop() {
        let entries = std::fs::read_dir(&dir).map_err(|source| Error::io(&dir, source))?;
        for entry in entries {
            let entry = entry.map_err(|source| Error::io(&dir, source))?;
            let path = entry.path();
            if path.is_dir() && !path.is_symlink() {
                waiting.push(path);
            } else {
                names.push(crate::error::shown(&path, base));
            }
        }
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(stated: &str, expected: &[&str]) {
        let dir = tempfile::tempdir().unwrap();
        let inner = dir.path().join("inner");
        std::fs::create_dir_all(inner.join("tables")).unwrap();
        for path in ["outside.csv", "inner/inside.csv", "inner/tables/t.csv"] {
            std::fs::write(dir.path().join(path), "text").unwrap();
        }
        let entry = FileEntry::of_bytes(b"text");
        let mut manifest = Manifest::default();
        for name in ["inside.csv", "tables/t.csv", stated] {
            manifest.files.insert(name.to_owned(), entry.clone());
        }
        manifest.write(&inner).unwrap();
        assert_eq!(verify(&inner).unwrap(), expected);
    }

    #[test]
    fn a_manifest_speaks_for_its_own_directory_only() {
        check("inside.csv", &[]);
        check("gone.csv", &["gone.csv: is missing"]);
        check("../outside.csv", &["../outside.csv: is not a path below the directory"]);
        check("/etc/hostname", &["/etc/hostname: is not a path below the directory"]);
        check("", &[": is not a path below the directory"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_named_and_never_followed() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("a.csv"), "text").unwrap();
        std::os::unix::fs::symlink(dir.path(), dir.path().join("ring")).unwrap();
        std::os::unix::fs::symlink(dir.path().join("a.csv"), dir.path().join("b.csv")).unwrap();
        let mut manifest = Manifest::default();
        for name in ["a.csv", "b.csv"] {
            manifest.files.insert(name.to_owned(), FileEntry::of_bytes(b"text"));
        }
        manifest.write(dir.path()).unwrap();
        let differences = verify(dir.path()).unwrap();
        assert_eq!(differences, ["b.csv: is a link", "ring: is not in the manifest"]);
    }
}
