//! Payments that their source says were never made: declined, failed, cancelled.
//!
//! A return of a payment service lists what was asked for beside what was paid. Such a row is a
//! record, of something other than money that moved: it is set aside with its word, and read by
//! whoever looks at the rejects.

use std::collections::BTreeMap;

use crate::store::load::reading::values::Row;

/// Sets a record aside that `completed` says no to. One that it does not answer for stands.
pub fn refuse_if_not_completed(record: &mut Row<'_>) {
    if !record.has("completed") || record.failed {
        return;
    }
    if record.word("completed", &BTreeMap::new()).as_deref() == Some("no") {
        let found = record.as_found("completed");
        let expected = "a payment that was made: its source says that this one was not";
        record.refuse_record("completed", &found, expected);
    }
}
