//! Random draws that are equal on every machine: integers only, from a counted stream.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A stream of draws. Streams of one seed are independent, so that a story that draws more
/// does not shift the draws of another.
pub struct Draws(ChaCha8Rng);

impl Draws {
    /// Stream `stream` of `seed`.
    pub fn new(seed: u64, stream: u64) -> Draws {
        let mut source = ChaCha8Rng::seed_from_u64(seed);
        source.set_stream(stream);
        Draws(source)
    }

    /// A number below `bound`, which is positive. The multiply-shift leaves a bias below one in
    /// 2^32 for the bounds used here, which no test of ours can see.
    pub fn below(&mut self, bound: usize) -> usize {
        assert!(bound > 0, "a draw has something to choose from");
        ((u128::from(self.0.next_u64()) * bound as u128) >> 64) as usize
    }

    /// A number from `least` to `most`, both included.
    pub fn between(&mut self, least: i64, most: i64) -> i64 {
        assert!(least <= most, "a draw has something to choose from");
        least + self.below((most - least + 1) as usize) as i64
    }

    /// True in `percent` of a hundred draws.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of `choices`, which are not empty.
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }

    /// A second of the business day, 08:00 to 17:59: no clock change falls into it.
    pub fn office_second(&mut self) -> u32 {
        (8 * 3600 + self.below(10 * 3600)) as u32
    }

    /// Puts `items` in an order that depends on the stream only.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_stay_in_their_range_and_repeat() {
        let mut first = Draws::new(7, 1);
        let mut again = Draws::new(7, 1);
        let mut other = Draws::new(7, 2);
        let mut differs = false;
        for _ in 0..1000 {
            let drawn = first.between(-3, 9);
            assert!((-3..=9).contains(&drawn));
            assert_eq!(drawn, again.between(-3, 9));
            differs |= drawn != other.between(-3, 9);
        }
        assert!(differs, "streams of one seed differ");
    }

    #[test]
    fn shuffle_keeps_every_item() {
        let mut items: Vec<usize> = (0..50).collect();
        Draws::new(7, 3).shuffle(&mut items);
        assert_ne!(items, (0..50).collect::<Vec<_>>());
        items.sort_unstable();
        assert_eq!(items, (0..50).collect::<Vec<_>>());
    }
}
