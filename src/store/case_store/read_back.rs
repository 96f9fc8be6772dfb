//! Tables read a row group at a time: of an opened store, and of one that is still being written.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use polars::prelude::*;
use polars_io::parquet::read::{FileMetadata, ParallelStrategy, ParquetReader};

use crate::error::{Error, Result};
use crate::store::case_store::{CaseWriter, ROW_GROUP_ROWS, damaged};
use crate::store::tables::Table;

/// Reads a table a row group at a time and in order. Memory: one row group.
///
/// # Errors
///
/// [`Error::File`] if it cannot be read; what `visit` says.
pub fn each_row_group<T: Table>(path: &Path, mut visit: impl FnMut(T) -> Result<()>) -> Result<()> {
    let groups = RowGroups::open(path)?;
    (0..groups.len()).try_for_each(|at| visit(groups.read(at)?))
}

/// The row groups of a table's file, each read by itself.
pub(super) struct RowGroups<'a> {
    path: &'a Path,
    footer: Arc<FileMetadata>,
    /// First row and number of rows.
    groups: Vec<(usize, usize)>,
}

impl<'a> RowGroups<'a> {
    pub fn open(path: &'a Path) -> Result<RowGroups<'a>> {
        let file = File::open(path).map_err(|source| Error::io(path, source))?;
        let mut reader = ParquetReader::new(file);
        let footer = reader.get_metadata().map_err(|refused| damaged(path, &refused))?.clone();
        let mut next = 0;
        let groups = footer.row_groups.iter().map(|group| {
            next += group.num_rows();
            (next - group.num_rows(), group.num_rows())
        });
        let groups = groups.collect();
        Ok(RowGroups { path, footer, groups })
    }

    pub fn len(&self) -> usize {
        self.groups.len()
    }

    /// One row group on this thread alone: others read theirs meanwhile.
    pub fn read<T: Table>(&self, at: usize) -> Result<T> {
        self.slice(self.groups[at])
    }

    /// Some rows, fewer where the table ends before them, and how many it has.
    pub fn rows<T: Table>(&self, first: usize, rows: usize) -> Result<(T, u64)> {
        let all = self.rows_held();
        let first = first.min(all);
        Ok((self.slice((first, rows.min(all - first)))?, all as u64))
    }

    /// The frame of one row group.
    pub fn frame(&self, at: usize) -> Result<DataFrame> {
        self.frame_of(self.groups[at])
    }

    /// How many rows there are.
    pub fn rows_held(&self) -> usize {
        self.groups.last().map_or(0, |(start, rows)| start + rows)
    }

    fn slice<T: Table>(&self, rows: (usize, usize)) -> Result<T> {
        T::from_frame(&self.frame_of(rows)?).map_err(|refused| damaged(self.path, &refused))
    }

    fn frame_of(&self, rows: (usize, usize)) -> Result<DataFrame> {
        let failed = |refused: PolarsError| damaged(self.path, &refused);
        let file = File::open(self.path).map_err(|source| Error::io(self.path, source))?;
        let mut reader =
            ParquetReader::new(file).read_parallel(ParallelStrategy::None).with_slice(Some(rows));
        reader.set_metadata(self.footer.clone());
        reader.finish().map_err(failed)
    }
}

impl CaseWriter {
    /// Reads some columns of a table that was written before, a row group at a time and in order.
    /// Memory: one row group. `visit` is given the frame.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if it cannot be read back; what `visit` says.
    pub fn read_back<T: Table>(
        &self,
        columns: &[&str],
        mut visit: impl FnMut(&DataFrame) -> PolarsResult<()>,
    ) -> Result<()> {
        let path = self.dir.join(format!("{}.parquet", T::NAME));
        let rows = self.manifest.files.get(&format!("{}.parquet", T::NAME));
        let rows = rows.and_then(|entry| entry.rows).unwrap_or(0) as usize;
        let names: Vec<String> = columns.iter().map(|name| (*name).to_owned()).collect();
        for start in (0..rows).step_by(ROW_GROUP_ROWS) {
            let file = File::open(&path).map_err(|source| Error::io(&path, source))?;
            let reader = ParquetReader::new(file)
                .with_columns(Some(names.clone()))
                .with_slice(Some((start, ROW_GROUP_ROWS)));
            let frame = reader.finish().map_err(|refused| damaged(&path, &refused))?;
            visit(&frame).map_err(|refused| damaged(&path, &refused))?;
        }
        Ok(())
    }
}
