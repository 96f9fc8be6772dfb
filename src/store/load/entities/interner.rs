//! One dense `u32` for each distinct text.

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use rayon::prelude::*;
use std::hash::BuildHasher;

use crate::model::Texts;

/// Texts numbered in the order in which they were first seen. A hash only finds the place to
/// look; the text itself decides, so two texts never share a number.
#[derive(Clone, Debug, Default)]
pub struct Interner {
    table: HashTable<Known>,
    texts: Texts,
}

/// A text by its number, with enough of its hash that a table which grows reads no text again.
#[derive(Clone, Copy, Debug)]
struct Known {
    mark: u32,
    id: u32,
}

impl Known {
    /// Where the text belongs in the table: the mark spread over all bits.
    #[inline]
    fn place(mark: u32) -> u64 {
        u64::from(mark).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }
}

/// The seed is fixed: numbers never depend on it, and a run repeats exactly.
const HASH: FixedState = FixedState::with_seed(0x6d6f_6e65_7974_7261);

impl Interner {
    /// The number of `text`, new if it was not seen before. Cost: one hash of its bytes.
    ///
    /// # Panics
    ///
    /// Beyond 4,294,967,294 distinct texts.
    pub fn intern(&mut self, text: &str) -> u32 {
        let mark = HASH.hash_one(text) as u32;
        let same = |known: &Known| known.mark == mark && self.texts.get(known.id as usize) == text;
        if let Some(known) = self.table.find(Known::place(mark), same) {
            return known.id;
        }
        let id = u32::try_from(self.texts.len()).expect("ids fit 32 bits");
        assert!(id != crate::model::NONE, "the last id means none");
        self.texts.push(text);
        let known = Known { mark, id };
        self.table.insert_unique(Known::place(mark), known, |known| Known::place(known.mark));
        id
    }

    /// The text of a number.
    #[inline]
    pub fn get(&self, id: u32) -> &str {
        self.texts.get(id as usize)
    }

    /// How many distinct texts were seen.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Numbers in byte order of their texts: position in the result is the new row, the value
    /// the old number. Cost: one sort, by the first bytes of each text where they decide.
    pub fn sorted(&self) -> Vec<u32> {
        let key = |at: u32| {
            let text = self.get(at).as_bytes();
            let mut first = [0; 16];
            let length = text.len().min(first.len());
            first[..length].copy_from_slice(&text[..length]);
            (u128::from_be_bytes(first), at)
        };
        let mut order: Vec<(u128, u32)> = (0..self.texts.len() as u32).map(key).collect();
        order.par_sort_unstable_by(|left, right| {
            left.0.cmp(&right.0).then_with(|| self.get(left.1).cmp(self.get(right.1)))
        });
        order.into_iter().map(|(_, at)| at).collect()
    }
}

/// The inverse of an order: at the old number stands the new row.
pub fn rows_of(order: &[u32]) -> Vec<u32> {
    let mut rows = vec![0; order.len()];
    for (row, old) in order.iter().enumerate() {
        rows[*old as usize] = row as u32;
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_share_a_number_and_others_never_do() {
        let mut interner = Interner::default();
        let ids: Vec<u32> = ["b", "a", "b", ""].iter().map(|text| interner.intern(text)).collect();
        assert_eq!(ids, [0, 1, 0, 2]);
        assert_eq!(interner.sorted(), [2, 1, 0]);
        assert_eq!(rows_of(&interner.sorted()), [2, 1, 0]);
        assert_eq!(interner.get(1), "a");
    }

    #[test]
    fn the_order_is_that_of_bytes_beyond_the_first_sixteen_too() {
        let texts = ["0123456789abcdef2", "0123456789abcdef", "0123456789abcdef1", "a\0", "a", ""];
        let mut interner = Interner::default();
        texts.iter().for_each(|text| _ = interner.intern(text));
        let sorted: Vec<&str> = interner.sorted().iter().map(|at| interner.get(*at)).collect();
        let mut plain = texts.to_vec();
        plain.sort_unstable();
        assert_eq!(sorted, plain);
    }
}
