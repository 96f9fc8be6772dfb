//! Whole numbers in as few bits as each block of them needs, read back one at a time.
//!
//! Rows of a case stand in order of time, so that neighbours differ little: in their times, often
//! in their lines, and not at all in their source or currency. Nothing is rounded.

/// Numbers that share a smallest value and a width.
const BLOCK: usize = 128;
/// Bytes of a block for each bit of its width.
const BYTES_A_BIT: usize = BLOCK / 8;
/// What one look-up reads.
const WORD: usize = size_of::<u64>();
/// A wider number would not fit a word that begins at a whole byte, so it takes a word of its own.
const WIDTH_MAX: u32 = 56;

/// A column of whole numbers of any range.
#[derive(Debug, Default)]
pub(super) struct Packed {
    blocks: Vec<Block>,
    bytes: Vec<u8>,
    /// Numbers behind the last whole block.
    rest: Vec<i64>,
}

/// What the numbers of a block have in common.
#[derive(Clone, Copy, Debug)]
struct Block {
    least: i64,
    /// Where its bits begin, in units of [`BYTES_A_BIT`].
    start: u32,
    width: u8,
}

impl Packed {
    /// Makes room for what blocks of so many numbers have in common.
    pub fn reserve(&mut self, numbers: usize) {
        self.blocks.reserve_exact(numbers.div_ceil(BLOCK));
    }

    /// Puts numbers behind its own; `of` says which number each is.
    pub fn extend<T: Copy + PartialEq>(&mut self, numbers: &[T], mut of: impl FnMut(T) -> i64) {
        let lacking = (BLOCK - self.rest.len()) % BLOCK;
        let (first, others) = numbers.split_at(lacking.min(numbers.len()));
        let mut begun = std::mem::take(&mut self.rest);
        begun.extend(first.iter().map(|number| of(*number)));
        if let Ok(whole) = begun.as_slice().try_into() {
            self.push_block(whole);
            begun.clear();
        }
        self.rest = begun;
        let (blocks, rest) = others.as_chunks::<BLOCK>();
        for block in blocks {
            if block.iter().all(|number| *number == block[0]) {
                self.push_equal(of(block[0]));
                continue;
            }
            let mut whole = [0; BLOCK];
            for (place, number) in whole.iter_mut().zip(block) {
                *place = of(*number);
            }
            self.push_block(&whole);
        }
        self.rest.extend(rest.iter().map(|number| of(*number)));
    }

    /// A block of one number, which takes no bits.
    fn push_equal(&mut self, least: i64) {
        self.blocks.push(Block { least, start: self.next_start(), width: 0 });
    }

    fn next_start(&self) -> u32 {
        assert!(self.bytes.len().is_multiple_of(BYTES_A_BIT), "nothing follows the end");
        (self.bytes.len() / BYTES_A_BIT) as u32
    }

    fn push_block(&mut self, numbers: &[i64; BLOCK]) {
        let (mut least, mut most) = (i64::MAX, i64::MIN);
        for number in numbers {
            least = least.min(*number);
            most = most.max(*number);
        }
        let above = |number: i64| number.wrapping_sub(least) as u64;
        let width = match u64::BITS - above(most).leading_zeros() {
            0 => return self.push_equal(least),
            wide if wide > WIDTH_MAX => u64::BITS,
            width => width,
        };
        self.blocks.push(Block { least, start: self.next_start(), width: width as u8 });
        let start = self.bytes.len();
        self.bytes.resize(start + width as usize * BYTES_A_BIT, 0);
        // Bits of a whole block fill whole words.
        let mut words = self.bytes[start..].chunks_exact_mut(WORD);
        let (mut word, mut filled) = (0_u64, 0);
        for number in numbers {
            let above = above(*number);
            word |= above << filled;
            filled += width;
            if filled >= u64::BITS {
                let place = words.next().expect("as many words as the bits fill");
                place.copy_from_slice(&word.to_le_bytes());
                filled -= u64::BITS;
                word = above.checked_shr(width - filled).unwrap_or(0);
            }
        }
    }

    /// The numbers from a row on, as many as `into` has room for; the way of [`Packed::get`] for
    /// many in turn.
    ///
    /// # Panics
    ///
    /// If there are fewer.
    pub fn read<T>(&self, start: usize, into: &mut [T], of: impl Fn(i64) -> T) {
        let mut row = start;
        let mut left = into;
        while !left.is_empty() {
            let Some(block) = self.blocks.get(row / BLOCK) else {
                for place in left {
                    *place = of(self.get(row));
                    row += 1;
                }
                return;
            };
            let inside = (BLOCK - row % BLOCK).min(left.len());
            let (here, behind) = left.split_at_mut(inside);
            if block.width == 0 {
                here.fill_with(|| of(block.least));
            } else {
                let width = usize::from(block.width);
                let mask = u64::MAX >> (u64::BITS - u32::from(block.width));
                let bytes = &self.bytes[block.start as usize * BYTES_A_BIT..];
                let mut bit = row % BLOCK * width;
                for place in here {
                    let word = bytes[bit / 8..].first_chunk::<WORD>().expect("a word's bytes");
                    let above = u64::from_le_bytes(*word) >> (bit % 8) & mask;
                    *place = of(block.least.wrapping_add(above as i64));
                    bit += width;
                }
            }
            left = behind;
            row += inside;
        }
    }

    /// Gives back room that was made for more; numbers are read after it, and none follows.
    pub fn finish(&mut self) {
        // The last number's word may reach beyond the bits.
        self.bytes.extend([0; WORD]);
        self.bytes.shrink_to_fit();
        self.blocks.shrink_to_fit();
        self.rest.shrink_to_fit();
    }

    /// The number of a row, after [`Packed::finish`].
    ///
    /// # Panics
    ///
    /// If there is no such row.
    #[inline]
    pub fn get(&self, row: usize) -> i64 {
        let Some(block) = self.blocks.get(row / BLOCK) else {
            return self.rest[row - self.blocks.len() * BLOCK];
        };
        if block.width == 0 {
            return block.least;
        }
        let bit = row % BLOCK * usize::from(block.width);
        let at = block.start as usize * BYTES_A_BIT + bit / 8;
        let word: [u8; WORD] = self.bytes[at..at + WORD].try_into().expect("a word's bytes");
        // A block of the full width begins every number at a whole byte.
        let mask = u64::MAX >> (u64::BITS - u32::from(block.width));
        let above = u64::from_le_bytes(word) >> (bit % 8) & mask;
        block.least.wrapping_add(above as i64)
    }

    /// Bytes of memory that it holds.
    pub fn bytes(&self) -> usize {
        self.bytes.capacity()
            + self.blocks.capacity() * size_of::<Block>()
            + self.rest.capacity() * size_of::<i64>()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(numbers: &[i64]) -> Packed {
        let mut packed = Packed::default();
        let (first, second) = numbers.split_at(numbers.len() / 3);
        packed.extend(first, |number| number);
        packed.extend(second, |number| number);
        packed.finish();
        let read: Vec<i64> = (0..numbers.len()).map(|row| packed.get(row)).collect();
        assert_eq!(read, numbers);
        for start in [0, numbers.len() / 3, numbers.len()] {
            let mut some = vec![0; (numbers.len() - start).div_ceil(2)];
            packed.read(start, &mut some, |number| number);
            assert_eq!(some, numbers[start..][..some.len()]);
        }
        packed
    }

    #[test]
    fn every_number_comes_back() {
        check(&[]);
        check(&[7]);
        check(&[i64::MIN; 128]);
        check(&(0..1_000).map(|at| at * at * at - 500).collect::<Vec<i64>>());
        check(&[[i64::MIN, i64::MAX, 0, -1]; 64].concat());
        for width in 0..64 {
            let most = (1_u64 << width) as i64;
            check(&(0..256).map(|at| if at % 3 == 0 { most } else { at & 1 }).collect::<Vec<_>>());
        }
    }

    #[test]
    fn numbers_near_each_other_take_few_bytes() {
        let even = check(&[1_700_000_000_000; 12_800]);
        assert_eq!(even.bytes(), 100 * size_of::<Block>() + WORD);
        let bytes: Vec<i64> = (0..12_800).map(|at| 1_700_000_000_000 + at % 256).collect();
        // Blocks of 128 take 7 bits a number here.
        assert_eq!(check(&bytes).bytes(), 100 * (size_of::<Block>() + 7 * BYTES_A_BIT) + WORD);
    }

    proptest! {
        #[test]
        fn any_numbers_come_back(
            numbers in prop::collection::vec(any::<i64>(), 0..400),
            shift in 0..64_u32,
        ) {
            check(&numbers.iter().map(|number| number >> shift).collect::<Vec<_>>());
        }
    }
}
