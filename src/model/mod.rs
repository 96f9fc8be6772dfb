//! The words of DESIGN as types, with no input or output.
//!
//! Only what every layer shares lives here: money, time, entities, where a fact was read, and
//! the shape of a table of results. Reading, storing and drawing them belong to the layers above.

mod amount;
mod compact_values;
mod counted;
mod entity;
mod finding;
mod result_table;
mod source_ref;
mod stamp;
mod texts;

pub use amount::{Amount, Currency, Digits};
pub use compact_values::{RareMoney, Words};
pub use counted::{counted, counted_as};
pub use entity::{Channel, EntityKind, EntityRef, Role, identity_key, identity_keys};
pub use finding::Finding;
pub use result_table::{ResultColumn, ResultTable, Values};
pub use source_ref::SourceRef;
pub use stamp::{Stamp, day_of, day_text, time_text};
pub use texts::Texts;

/// In a `u32` column: no such row.
pub const NONE: u32 = u32::MAX;
