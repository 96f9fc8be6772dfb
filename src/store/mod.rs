//! The case store: a directory of Parquet tables with a manifest. The home of polars.
//!
//! `load` writes one, everything else reads it. Tables are defined in `tables.rs`, opened by
//! [`Case`], written whole or not at all by `publish.rs`, and checked by `manifest.rs`.

mod case_store;
mod columns;
#[cfg(test)]
mod layout_fields_test;
mod lease_lines;
mod load;
mod manifest;
mod packed_transfers;
mod publish;
#[cfg(test)]
mod schema_test;
mod suggest;
mod tables;

#[cfg(test)]
pub use case_store::regroup;
pub use case_store::{Case, CaseWriter, Paid, Subject, TransferGroups, write_parquet};
pub use load::{
    CALL_TOLERANCE_S, GAP_DAYS, LEG_WINDOW_DAYS, LoadPlan, Loaded, OnProgress, PlannedSource,
    REVERSAL_WINDOW_DAYS, load, load_in_memory, load_into, load_timed,
};
pub use manifest::{FileEntry, MANIFEST, Manifest, SCHEMA_VERSION, files_below, hash_file, verify};
pub use packed_transfers::{PackedTransfers, TransferRows};
pub use publish::Staging;
pub(crate) use suggest::names_columns;
pub use suggest::suggest_layout;
pub use tables::*;
