//! Sources to decoded blocks: files opened, cut into waves, each cell read by its layout's word.

pub(super) mod decoding;
mod second_tables;
pub(super) mod sources;
mod value_forms;
pub(super) mod values;
pub(super) mod watched;
pub(super) mod waves;
