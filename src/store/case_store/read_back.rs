//! Tables read a row group at a time: of an opened store, and of one that is still being written.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use polars::prelude::*;
use polars_io::parquet::read::{FileMetadata, ParallelStrategy, ParquetReader};
use polars_parquet::parquet::statistics::Statistics;
use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::store::case_store::{CaseWriter, damaged};
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
#[derive(Debug)]
pub(super) struct RowGroups {
    path: PathBuf,
    footer: Arc<FileMetadata>,
    /// First row and number of rows.
    groups: Vec<(usize, usize)>,
}

impl RowGroups {
    pub fn open(path: &Path) -> Result<RowGroups> {
        let file = File::open(path).map_err(|source| Error::io(path, source))?;
        let mut reader = ParquetReader::new(file);
        let footer = reader.get_metadata().map_err(|refused| damaged(path, &refused))?.clone();
        let mut next = 0;
        let groups = footer.row_groups.iter().map(|group| {
            next += group.num_rows();
            (next - group.num_rows(), group.num_rows())
        });
        let groups = groups.collect();
        Ok(RowGroups { path: path.to_owned(), footer, groups })
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
        self.frame_of(self.groups[at], None)
    }

    /// All row groups in order, as many read side by side as there are threads: held at once is
    /// only what is being read.
    pub fn in_waves<G: Send>(
        &self,
        read: impl Fn(&RowGroups, usize) -> Result<G> + Sync,
        mut visit: impl FnMut(G) -> Result<()>,
    ) -> Result<()> {
        let at_once = rayon::current_num_threads().max(1);
        for start in (0..self.len()).step_by(at_once) {
            let wave = start..self.len().min(start + at_once);
            let groups: Vec<Result<G>> = wave.into_par_iter().map(|at| read(self, at)).collect();
            groups.into_iter().try_for_each(|group| visit(group?))?;
        }
        Ok(())
    }

    /// Some columns of one row group, on this thread alone.
    pub fn columns(&self, at: usize, names: &[&str]) -> Result<DataFrame> {
        self.some_columns(self.groups[at], names)
    }

    /// Some columns of so many rows from one on, on this thread alone.
    pub fn some_columns(&self, rows: (usize, usize), names: &[&str]) -> Result<DataFrame> {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        self.frame_of(rows, Some(names))
    }

    /// First row and number of rows of each.
    pub fn spans(&self) -> &[(usize, usize)] {
        &self.groups
    }

    /// The text that every row of a column holds, where the footer says that it is one. Cost: a
    /// look at the footer.
    pub fn one_text(&self, column: &str) -> Option<String> {
        let mut one = None;
        for group in &self.footer.row_groups {
            let chunk = group.columns_under_root_iter(column)?.next()?;
            let stated = chunk.statistics(&self.footer.footer_buf)?.ok()?;
            let Statistics::Binary(stated) = stated else { return None };
            let (least, most) = (stated.min_value?, stated.max_value?);
            if least != most || stated.null_count != Some(0) {
                return None;
            }
            let text = String::from_utf8(least).ok()?;
            if one.get_or_insert_with(|| text.clone()) != &text {
                return None;
            }
        }
        one
    }

    /// Says that this file cannot be read.
    pub fn refused(&self, refused: &PolarsError) -> Error {
        damaged(&self.path, refused)
    }

    /// How many rows there are.
    pub fn rows_held(&self) -> usize {
        self.groups.last().map_or(0, |(start, rows)| start + rows)
    }

    fn slice<T: Table>(&self, rows: (usize, usize)) -> Result<T> {
        T::from_frame(&self.frame_of(rows, None)?).map_err(|refused| self.refused(&refused))
    }

    fn frame_of(&self, rows: (usize, usize), names: Option<Vec<String>>) -> Result<DataFrame> {
        let file = File::open(&self.path).map_err(|source| Error::io(&self.path, source))?;
        let mut reader = ParquetReader::new(file)
            .read_parallel(ParallelStrategy::None)
            .with_columns(names)
            .with_slice(Some(rows));
        reader.set_metadata(self.footer.clone());
        reader.finish().map_err(|refused| self.refused(&refused))
    }
}

impl CaseWriter {
    /// Reads some columns of a table that was written before, row group by row group and in order.
    /// Memory: a row group a thread. `visit` is given the frame.
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
        let groups = RowGroups::open(&path)?;
        groups.in_waves(
            |groups, at| groups.columns(at, columns),
            |frame| visit(&frame).map_err(|refused| groups.refused(&refused)),
        )
    }
}
