//! Where a record or a reject stands, in words: by its line, or by its number and element path.

use super::{Places, Rejects};
use crate::model::SourceRef;

impl Rejects {
    /// The physical line that a reject's place states; `None` where the place says nothing.
    pub fn physical_line(&self, row: usize) -> Option<u32> {
        let (_, behind) = self.place.get(row).split_once("line ")?;
        let digits = behind.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(behind.len());
        behind[..digits].parse().ok()
    }

    /// Where a reject stands, as a person is told: `path:line`, with the rest of its place.
    pub fn words(&self, source: &str, row: usize) -> String {
        match (self.place.get(row), self.physical_line(row)) {
            ("", _) => format!("{source}:{}", self.line[row]),
            (place, _) => format!("{source}#{} ({place})", self.line[row]),
        }
    }
}

impl Places {
    /// What stands of a record beside its number; `None` where the number is its line. Cost: two
    /// searches.
    pub fn get(&self, at: SourceRef) -> Option<&str> {
        let from = self.source.partition_point(|one| *one < at.source);
        let to = self.source.partition_point(|one| *one <= at.source);
        let found = self.line[from..to].binary_search(&at.line).ok()?;
        Some(self.place.get(from + found))
    }

    /// How a source ref is written: `path:line`, or `path#number (place)` where the number of a
    /// record is not its line. Cost: two searches.
    pub fn words(&self, source: &str, at: SourceRef) -> String {
        match self.get(at) {
            Some(place) => format!("{source}#{} ({place})", at.line),
            None => format!("{source}:{}", at.line),
        }
    }
}
