//! Writing the tables of a store: whole, or a row group at a time while they grow.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use polars::prelude::*;

use super::parquet_file::ParquetFile;
use super::{Case, Holds, ROW_GROUP_ROWS};
use crate::error::{Error, Result};
use crate::store::manifest::{MANIFEST, Manifest, hash_file};
use crate::store::tables::{Appends, Table};

/// Bytes of texts that wait for a row group at most, but for those of one push: a group is held
/// several times over while it is written.
const GROUP_TEXT_BYTES: usize = 8 << 20;

/// Writes the tables of a store into a directory, then its manifest.
#[derive(Debug)]
pub struct CaseWriter {
    pub(super) dir: PathBuf,
    pub(super) manifest: Manifest,
}

/// Where the finished tables of a load go: into a store, or into a case held in memory.
pub trait TableSink {
    /// Takes a finished table.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] or [`Error::File`] if the disk refuses.
    fn put<T: Table>(&mut self, table: T) -> Result<()>
    where
        Case: Holds<T>;

    /// Where the texts beside amounts were written, if they were.
    fn texts(&self) -> Option<&CaseWriter>;

    /// The store that is written, if one is.
    fn store(&mut self) -> Option<&mut CaseWriter>;
}

impl TableSink for CaseWriter {
    fn texts(&self) -> Option<&CaseWriter> {
        Some(self)
    }

    fn store(&mut self) -> Option<&mut CaseWriter> {
        Some(self)
    }

    fn put<T: Table>(&mut self, table: T) -> Result<()>
    where
        Case: Holds<T>,
    {
        self.write(&table)
    }
}

impl TableSink for Case {
    fn texts(&self) -> Option<&CaseWriter> {
        None
    }

    fn store(&mut self) -> Option<&mut CaseWriter> {
        None
    }

    fn put<T: Table>(&mut self, table: T) -> Result<()>
    where
        Case: Holds<T>,
    {
        *self.cell() = OnceLock::from(table);
        Ok(())
    }
}

impl CaseWriter {
    /// Writes into `dir`, which exists and is empty; `manifest` states the case.
    pub fn new(dir: &Path, manifest: Manifest) -> CaseWriter {
        CaseWriter { dir: dir.to_path_buf(), manifest }
    }

    /// Writes one table.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] or [`Error::File`] if the disk refuses.
    pub fn write<T: Table>(&mut self, table: &T) -> Result<()> {
        let path = self.dir.join(format!("{}.parquet", T::NAME));
        let rows = table.rows();
        if rows > ROW_GROUP_ROWS {
            write_in_parts(&path, table, ROW_GROUP_ROWS)
                .map_err(|refused| unwritten(&path, &refused))?;
        } else {
            let mut frame = table.to_frame().map_err(|refused| unwritten(&path, &refused))?;
            write_parquet(&path, &mut frame)?;
        }
        self.note_file::<T>(rows as u64)
    }

    /// What the manifest states so far.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Enters a table that was written in parts into the manifest.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if it cannot be read back.
    pub fn note_file<T: Table>(&mut self, rows: u64) -> Result<()> {
        let name = format!("{}.parquet", T::NAME);
        let mut entry = hash_file(&self.dir.join(&name))?;
        entry.rows = Some(rows);
        self.manifest.files.insert(name, entry);
        Ok(())
    }

    /// Writes the manifest; the store is complete.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the disk refuses.
    pub fn finish(self) -> Result<Manifest> {
        self.manifest.write(&self.dir)?;
        debug_assert!(self.dir.join(MANIFEST).is_file());
        Ok(self.manifest)
    }
}

/// A table that is written while it grows: rows leave memory a row group at a time.
pub struct TableParts<T: Table> {
    writer: ParquetFile,
    path: PathBuf,
    waiting: T,
    rows: u64,
}

impl<T: Table + Appends> TableParts<T> {
    /// Starts the table's file in `dir`.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the disk refuses.
    pub fn create(dir: &Path) -> Result<TableParts<T>> {
        let path = dir.join(format!("{}.parquet", T::NAME));
        let file = File::create(&path).map_err(|source| Error::io(&path, source))?;
        let waiting = T::default();
        let empty = waiting.to_frame().map_err(|refused| unwritten(&path, &refused))?;
        let writer =
            ParquetFile::new(file, empty.schema()).map_err(|refused| unwritten(&path, &refused))?;
        Ok(TableParts { writer, path, waiting, rows: 0 })
    }

    /// Adds rows.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if the disk refuses.
    pub fn push(&mut self, rows: T) -> Result<()> {
        self.waiting.append(rows);
        let full =
            self.waiting.rows() >= ROW_GROUP_ROWS || self.waiting.text_bytes() >= GROUP_TEXT_BYTES;
        if full { self.flush() } else { Ok(()) }
    }

    /// Adds rows as a row group of their own, behind those that wait: for tables of long texts,
    /// of which as many rows as usual would fill the memory.
    ///
    /// # Errors
    ///
    /// As [`TableParts::push`].
    pub fn push_group(&mut self, rows: T) -> Result<()> {
        if self.waiting.rows() > 0 {
            self.flush()?;
        }
        self.waiting = rows;
        match self.waiting.rows() {
            0 => Ok(()),
            _ => self.flush(),
        }
    }

    fn flush(&mut self) -> Result<()> {
        let part = std::mem::take(&mut self.waiting);
        if part.rows() == 0 && self.rows > 0 {
            return Ok(());
        }
        self.rows += part.rows() as u64;
        let frame = part.to_frame().map_err(|refused| unwritten(&self.path, &refused))?;
        self.writer.write(&frame).map_err(|refused| unwritten(&self.path, &refused))
    }

    /// Ends the file under another name, and in no manifest: its rows are read again. Returns its
    /// path.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] or [`Error::File`] if the disk refuses.
    pub fn close_as(mut self, name: &str) -> Result<PathBuf> {
        self.flush()?;
        self.writer.finish().map_err(|refused| unwritten(&self.path, &refused))?;
        let path = self.path.with_file_name(format!("{name}.parquet"));
        std::fs::rename(&self.path, &path).map_err(|source| Error::io(&self.path, source))?;
        Ok(path)
    }

    /// Ends the file and enters it into the manifest; returns the rows written.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if the disk refuses.
    pub fn finish(mut self, writer: &mut CaseWriter) -> Result<u64> {
        self.flush()?;
        self.writer.finish().map_err(|refused| unwritten(&self.path, &refused))?;
        writer.note_file::<T>(self.rows)?;
        Ok(self.rows)
    }
}

impl<T: Table> std::fmt::Debug for TableParts<T> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("TableParts").field("path", &self.path).field("rows", &self.rows).finish()
    }
}

/// Writes a long table a row group at a time, so that little of it is held twice.
fn write_in_parts<T: Table>(path: &Path, table: &T, group_rows: usize) -> PolarsResult<()> {
    let rows = table.rows();
    let mut writer = ParquetFile::new(File::create(path)?, table.part(0..0)?.schema())?;
    for start in (0..rows).step_by(group_rows) {
        let part = table.part(start..rows.min(start + group_rows))?;
        writer.write(&part)?;
    }
    writer.finish()
}

/// Writes a table of a store again, in row groups of so few rows that a test sees several.
#[cfg(test)]
pub fn regroup<T: Table>(dir: &Path, table: &T, group_rows: usize) {
    let path = dir.join(format!("{}.parquet", T::NAME));
    write_in_parts(&path, table, group_rows).expect("a test writes where it may");
}

/// Writes a frame as Parquet: one thread, so that the bytes never depend on their number.
///
/// # Errors
///
/// [`Error::Io`] or [`Error::File`] if the disk refuses.
pub fn write_parquet(path: &Path, frame: &mut DataFrame) -> Result<()> {
    let file = File::create(path).map_err(|source| Error::io(path, source))?;
    frame.rechunk_mut();
    write_rows(file, frame).map_err(|refused| unwritten(path, &refused))
}

fn write_rows(file: File, frame: &DataFrame) -> PolarsResult<()> {
    let mut writer = ParquetFile::new(file, frame.schema())?;
    for start in (0..frame.height()).step_by(ROW_GROUP_ROWS) {
        writer.write(&frame.slice(start as i64, ROW_GROUP_ROWS))?;
    }
    writer.finish()
}

fn unwritten(path: &Path, refused: &PolarsError) -> Error {
    Error::file(path, format!("cannot be written: {refused}"), None)
}
