//! Tables of a store that is still being written, read back a part at a time.

use std::fs::File;

use polars::prelude::*;
use polars_io::parquet::read::ParquetReader;

use crate::error::{Error, Result};
use crate::store::case_store::{CaseWriter, ROW_GROUP_ROWS, damaged};
use crate::store::tables::Table;

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
