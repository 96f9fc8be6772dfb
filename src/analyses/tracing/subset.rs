//! Some of many numbers from 0, each with a place among them, so that a trace that reaches a few
//! of a million accounts keeps state for those few alone.

use super::ledger::Ledger;
use super::posting_order::PostingOrder;

/// Accounts for each posting from which on every account has a place: finding places out would
/// then cost as much as it spares.
const ACCOUNTS_PER_POSTING: usize = 8;

/// Numbers below a bound that are marked; one bit each.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Marks {
    words: Vec<u64>,
}

impl Marks {
    /// No number below `bound` is marked.
    pub fn new(bound: usize) -> Marks {
        Marks { words: vec![0; bound.div_ceil(64)] }
    }

    /// Marks what holds, by number.
    pub fn of(bound: usize, holds: impl Fn(usize) -> bool) -> Marks {
        let word = |at: usize| {
            let numbers = at * 64..bound.min(at * 64 + 64);
            numbers.fold(0, |word, number| word | u64::from(holds(number)) << (number % 64))
        };
        Marks { words: (0..bound.div_ceil(64)).map(word).collect() }
    }

    /// Marks a number; true when it was not marked. One beyond the bound never is.
    #[inline]
    pub fn mark(&mut self, number: u32) -> bool {
        let Some(word) = self.words.get_mut(number as usize / 64) else { return false };
        let bit = 1 << (number % 64);
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }

    /// How many are marked.
    pub fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// True for a number that is marked.
    #[inline]
    pub fn has(&self, number: u32) -> bool {
        self.words.get(number as usize / 64).is_some_and(|word| word >> (number % 64) & 1 == 1)
    }
}

/// Marked numbers with their places, from 0 and in order of number.
#[derive(Clone, Debug, Default)]
pub struct Ranks {
    marks: Marks,
    /// Marked numbers before each word.
    before: Vec<u32>,
    count: usize,
}

impl From<Marks> for Ranks {
    fn from(marks: Marks) -> Ranks {
        let mut count = 0;
        let before = marks.words.iter().map(|word| {
            count += word.count_ones();
            count - word.count_ones()
        });
        let before = before.collect();
        Ranks { marks, before, count: count as usize }
    }
}

impl Ranks {
    /// How many numbers are marked.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The place of a number, where it is marked.
    #[inline]
    pub fn place(&self, number: u32) -> Option<usize> {
        let at = number as usize / 64;
        let word = *self.marks.words.get(at)?;
        let bit = 1_u64 << (number % 64);
        let below = (word & (bit - 1)).count_ones();
        (word & bit != 0).then(|| (self.before[at] + below) as usize)
    }

    /// The numbers, in order.
    pub fn numbers(&self) -> impl Iterator<Item = u32> + '_ {
        (0..).zip(&self.marks.words).flat_map(|(at, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = (left != 0).then(|| left.trailing_zeros())?;
                left &= left - 1;
                Some(at * 64 + bit)
            })
        })
    }
}

/// Where the state of each account that postings touch stands in a list.
#[derive(Clone, Debug)]
pub enum Slots {
    /// Every account, at its own number.
    All(usize),
    /// Some accounts.
    Some(Ranks),
}

impl Default for Slots {
    fn default() -> Slots {
        Slots::All(0)
    }
}

impl Slots {
    /// The accounts of a ledger that an order of postings touches. Cost: one pass over it.
    pub fn of(ledger: &Ledger, order: &PostingOrder) -> Slots {
        let accounts = ledger.accounts();
        if order.len().saturating_mul(ACCOUNTS_PER_POSTING) >= accounts {
            return Slots::All(accounts);
        }
        let mut marks = Marks::new(accounts);
        for place in 0..order.len() {
            let row = order.at(place).movement() as usize;
            for account in [ledger.from[row], ledger.to[row]] {
                if (account as usize) < accounts {
                    marks.mark(account);
                }
            }
        }
        Slots::Some(marks.into())
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        match self {
            Slots::All(accounts) => *accounts,
            Slots::Some(ranks) => ranks.count(),
        }
    }

    /// The place of an account, where it has one.
    #[inline]
    pub fn place(&self, account: u32) -> Option<usize> {
        match self {
            Slots::All(accounts) => Some(account as usize).filter(|at| at < accounts),
            Slots::Some(ranks) => ranks.place(account),
        }
    }

    /// The accounts, in order of place.
    pub fn accounts(&self) -> Vec<u32> {
        match self {
            Slots::All(accounts) => (0..*accounts as u32).collect(),
            Slots::Some(ranks) => ranks.numbers().collect(),
        }
    }
}

/// What every walk along an order of postings asks of each: which accounts it touches, and whether
/// its ends are held on its day. Found once, since a walk is made for each rule.
#[derive(Clone, Debug)]
pub struct Route {
    /// The accounts.
    pub slots: Slots,
    /// By place of the posting, bit 0 where its payer's day is held, bit 1 where its payee's is.
    held: Vec<u8>,
}

impl Route {
    /// Reads an order. Cost: one pass over it.
    pub fn of(ledger: &Ledger, order: &PostingOrder) -> Route {
        let slots = Slots::of(ledger, order);
        let mut held = Vec::with_capacity(order.len());
        for (day, places) in order.days() {
            held.extend(places.map(|place| {
                let row = order.at(place).movement() as usize;
                let covers = |account: u32| u8::from(ledger.covers(account, day));
                covers(ledger.from[row]) | covers(ledger.to[row]) << 1
            }));
        }
        Route { slots, held }
    }

    /// Whether the days of payer and payee are held, of the posting at a place.
    #[inline]
    pub fn held(&self, place: usize) -> (bool, bool) {
        (self.held[place] & 1 == 1, self.held[place] & 2 == 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marked_numbers_have_places_in_order() {
        let mut marks = Marks::new(200);
        for number in [199, 0, 63, 64, 70] {
            assert!(marks.mark(number) && !marks.mark(number));
        }
        assert!(!marks.mark(1_000) && !marks.has(1_000) && !marks.has(1) && marks.has(64));
        let ranks = Ranks::from(marks);
        let numbers: Vec<u32> = ranks.numbers().collect();
        assert_eq!(numbers, [0, 63, 64, 70, 199]);
        for (place, number) in numbers.into_iter().enumerate() {
            assert_eq!(ranks.place(number), Some(place));
        }
        assert_eq!((ranks.place(65), ranks.place(5_000), ranks.count()), (None, None, 5));
        let odd = Ranks::from(Marks::of(130, |number| number % 2 == 1));
        assert_eq!((odd.count(), odd.place(129), odd.place(130)), (65, Some(64), None));
    }
}
