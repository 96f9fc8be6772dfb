//! The transfers of an opened case in few bytes, for a command that holds a graph over them.

use super::read_back::RowGroups;
use super::{Case, ROWS_RESERVED_MAX};
use crate::error::Result;
use crate::store::packed_transfers::{PackedTransfers, TransferRows};
use crate::store::tables::{Table, Transfers};

impl Case {
    /// Reads the transfers packed, for a command that holds a graph over them and asks for single
    /// rows; nothing happens where the table is in memory already.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if its Parquet file is damaged.
    pub fn pack_transfers(&self) -> Result<()> {
        let held = self.in_memory || self.transfers.get().is_some();
        if held || self.packed_transfers.get().is_some() {
            return Ok(());
        }
        let path = self.dir.join(format!("{}.parquet", Transfers::NAME));
        let groups = RowGroups::open(&path)?;
        let mut packed = PackedTransfers::with_room(groups.rows_held().min(ROWS_RESERVED_MAX));
        groups.in_waves(RowGroups::frame, |frame| {
            packed.extend_from(&frame).map_err(|refused| groups.refused(&refused))
        })?;
        packed.finish();
        let _ = self.packed_transfers.set(packed);
        Ok(())
    }

    /// True when [`Case::pack_transfers`] read the transfers packed.
    pub fn has_packed_transfers(&self) -> bool {
        self.packed_transfers.get().is_some()
    }

    /// The transfers by row: packed where [`Case::pack_transfers`] read them so, else the table.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if its Parquet file is damaged.
    pub fn transfer_rows(&self) -> Result<TransferRows<'_>> {
        Ok(match self.packed_transfers.get() {
            Some(packed) => TransferRows::Packed(packed),
            None => TransferRows::Table(self.transfers()?),
        })
    }
}
