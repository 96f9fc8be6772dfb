//! The manifest: what a directory of ours holds, with a hash of every file, and its check.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::model::{Digits, Role};

/// File name of a manifest inside its directory.
pub const MANIFEST: &str = "manifest.json";

/// Raised whenever a table's columns change meaning; a store of another version is refused.
pub const SCHEMA_VERSION: u32 = 1;

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
        let path = dir.join(name);
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

/// Paths of all files below `dir`, relative to `base`, sorted, with `/` between parts.
pub fn files_below(dir: &Path, base: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    let mut waiting = vec![dir.to_path_buf()];
    while let Some(dir) = waiting.pop() {
        let entries = std::fs::read_dir(&dir).map_err(|source| Error::io(&dir, source))?;
        for entry in entries {
            let entry = entry.map_err(|source| Error::io(&dir, source))?;
            let path = entry.path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                names.push(crate::error::shown(&path, base));
            }
        }
    }
    names.sort();
    Ok(names)
}
