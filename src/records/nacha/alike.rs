//! Damage that repeats itself: records of the same characters that are set aside one after another.
//!
//! Answers: of a file that is followed by megabytes of zeros, what has to be said? The first
//! records of such a run are set aside each by itself; the others are one, which says how many
//! they are and where they stand, since their characters are those of the first and a list of
//! millions of them is read by nobody.

use crate::records::reject::Reject;
use crate::records::structured::Item;

/// Records of a run that are set aside each by itself.
pub const LISTED_MAX: u64 = 100;

/// The run that is being read.
#[derive(Default)]
pub struct Alike {
    /// Characters of its records, and how many there are of the line where they are too many.
    text: String,
    too_long: Option<u64>,
    /// What its last record was set aside with.
    said: Vec<Reject>,
    /// Records so far.
    records: u64,
    /// What the first record that is not listed was set aside with; empty up to there.
    counted: Vec<Reject>,
    /// Records that are not listed.
    unlisted: u64,
}

impl Alike {
    /// Takes what one record led to, and hands on what is to be said now.
    pub fn take(&mut self, text: &str, too_long: Option<u64>, items: Vec<Item>) -> Vec<Item> {
        let same = self.text == text && self.too_long == too_long;
        if same && items.is_empty() {
            return items;
        }
        let Some(said) = rejects_of(&items).filter(|said| same && alike(said, &self.said)) else {
            let mut out = self.finish();
            let said = rejects_of(&items).unwrap_or_default();
            *self = Alike { text: text.to_owned(), too_long, said, ..Alike::default() };
            self.records = u64::from(!self.said.is_empty());
            out.extend(items);
            return out;
        };
        self.records += 1;
        self.said = said;
        if self.records <= LISTED_MAX {
            return items;
        }
        if self.unlisted == 0 {
            self.counted.clone_from(&self.said);
        }
        self.unlisted += 1;
        Vec::new()
    }

    /// The run ends here: what was counted of it.
    pub fn finish(&mut self) -> Vec<Item> {
        let counted = std::mem::take(&mut self.counted);
        let (count, last) = (std::mem::take(&mut self.unlisted), std::mem::take(&mut self.said));
        self.records = 0;
        self.text.clear();
        let told = |(first, last): (Reject, Reject)| match count {
            1 => Item::Reject(first),
            _ => {
                let until = match last.place.is_empty() {
                    true => format!("line {}", last.line),
                    false => last.place.to_string(),
                };
                let reason = format!(
                    "{}; this stands for {count} records of these characters that follow one \
                     another, the last on {until}",
                    first.reason
                );
                Item::Reject(Reject { reason, ..first })
            }
        };
        counted.into_iter().zip(last).map(told).collect()
    }
}

/// The rejects, where there is nothing else and something.
fn rejects_of(items: &[Item]) -> Option<Vec<Reject>> {
    let reject = |item: &Item| match item {
        Item::Reject(one) => Some(one.clone()),
        _ => None,
    };
    items.iter().map(reject).collect::<Option<Vec<_>>>().filter(|all| !all.is_empty())
}

/// Whether two records were set aside for the same: reasons differ in the lines they name.
fn alike(one: &[Reject], other: &[Reject]) -> bool {
    let letters = |text: &str| text.replace(|letter: char| letter.is_ascii_digit(), "");
    one.len() == other.len()
        && one.iter().zip(other).all(|(one, other)| {
            (one.kept, &one.column, &one.found, &one.raw)
                == (other.kept, &other.column, &other.found, &other.raw)
                && (one.reason == other.reason || letters(&one.reason) == letters(&other.reason))
        })
}
