//! What the readers of tagged text must survive, for their property tests: damaged copies of a
//! whole file, and the order in which items of a source come.

use proptest::prelude::*;
use proptest::sample::Index;

use crate::records::{Item, Reject, StructuredRecord};

/// Where a copy is damaged, how, and over how many bytes.
pub type Damage = (Index, u8, usize);

/// One to eleven damages.
pub fn damages() -> impl Strategy<Value = Vec<Damage>> {
    prop::collection::vec((any::<Index>(), any::<u8>(), 0..40_usize), 1..12)
}

/// A copy with bytes overwritten, cut out and doubled.
pub fn damaged(whole: &[u8], damages: &[Damage]) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    for (at, byte, length) in damages {
        let at = at.index(bytes.len());
        match byte % 3 {
            0 => bytes[at] = *byte,
            1 => drop(bytes.drain(at..(at + length).min(bytes.len() - 1))),
            _ => {
                let part = bytes[at..(at + length).min(bytes.len())].to_vec();
                bytes.splice(at..at, part);
            }
        }
    }
    bytes
}

/// Records and rejected ones stand on lines that ascend; notes on lines that do not descend.
pub fn check_order(items: &[Item]) -> Result<(), TestCaseError> {
    let mut last = (0, 0);
    for item in items {
        match item {
            Item::Record(StructuredRecord { line, .. })
            | Item::Reject(Reject { line, kept: false, .. }) => {
                prop_assert!(*line > last.0 && *line >= last.1, "{items:?}");
                last = (*line, *line);
            }
            Item::Reject(note) => {
                prop_assert!(note.line >= last.1, "{items:?}");
                last.1 = note.line;
            }
            Item::Statement(_) => {}
        }
    }
    Ok(())
}
