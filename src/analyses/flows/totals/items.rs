//! Transfers on their way into their flows: dealt out to parts, sorted within each.
//!
//! What the flows add up to is `totals.rs`'s.

use rayon::prelude::*;

use super::{Limits, Periods};
use crate::analyses::Groups;
use crate::model::{Channel, Currency, NONE};
use crate::store::Transfers;

/// Transfers of one part: what its thread sorts stays in its cache.
const PART_ROWS: usize = 16_384;

/// Parts beyond this are too many places to write to at once.
const PARTS_MAX: usize = 1_024;

/// One transfer on its way into its flow; 24 bytes.
#[derive(Clone, Copy)]
pub(super) struct Item {
    /// The lower group, then the higher: both ways between two groups lie side by side.
    pair: u64,
    /// Minor units of its currency.
    pub amount_minor: i64,
    /// Civil day.
    pub day: i32,
    /// Currency, way and channel, the first one highest.
    kind: u32,
}

/// Bits of [`Item::kind`] below the currency's, of which there are fewer than 2^15.
const CURRENCY_SHIFT: u32 = 8;
/// Set when the higher group pays the lower one.
const BACK: u32 = 1 << 7;

impl Item {
    fn new(ends: (u32, u32), currency: u32, channel: Channel) -> Item {
        let (from, to) = ends;
        let back = if from > to { BACK } else { 0 };
        Item {
            pair: u64::from(from.min(to)) << 32 | u64::from(from.max(to)),
            amount_minor: 0,
            day: 0,
            kind: currency << CURRENCY_SHIFT | back | channel as u32,
        }
    }

    /// Pair, currency, period, way and channel, the first one highest.
    #[inline]
    fn key(&self, periods: &Periods) -> u128 {
        let currency = u64::from(self.kind >> CURRENCY_SHIFT);
        // Below zero first, as numbers without a sign have it.
        let period = u64::from(periods.start(self.day) as u32 ^ 0x8000_0000);
        let way = u64::from(self.kind & (BACK | (BACK - 1)));
        u128::from(self.pair) << 64
            | u128::from(currency << (32 + CURRENCY_SHIFT) | period << CURRENCY_SHIFT | way)
    }

    /// Who pays and who is paid.
    pub fn ends(&self) -> (u32, u32) {
        let (low, high) = ((self.pair >> 32) as u32, self.pair as u32);
        if self.is_back() { (high, low) } else { (low, high) }
    }

    /// Whether the higher group pays the lower one.
    pub fn is_back(&self) -> bool {
        self.kind & BACK != 0
    }

    /// Number of its currency.
    pub fn currency(&self) -> usize {
        (self.kind >> CURRENCY_SHIFT) as usize
    }

    /// How the money moved.
    pub fn channel(&self) -> Channel {
        Channel::ALL[(self.kind & (BACK - 1)) as usize]
    }

    /// Whether two items are of one flow, or of the two ways of it.
    #[inline]
    pub fn beside(&self, other: &Item, periods: &Periods) -> bool {
        self.pair == other.pair
            && self.kind >> CURRENCY_SHIFT == other.kind >> CURRENCY_SHIFT
            && periods.start(self.day) == periods.start(other.day)
    }
}

/// For each stretch of transfers, the items of each part: those of one lower group are of one
/// part.
pub(super) fn deal_out(
    transfers: &Transfers,
    groups: &Groups,
    limits: &Limits,
    currencies: &Currencies,
) -> Vec<Vec<Vec<Item>>> {
    let rows = transfers.day.len();
    let parts = (rows / PART_ROWS).clamp(1, PARTS_MAX);
    // The golden ratio spreads neighbouring numbers, which banks hand out in runs.
    let part_of = |group: u32| {
        let spread = u64::from(group).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        ((spread * parts as u64) >> 32) as usize
    };
    let stretch = rows.div_ceil(rayon::current_num_threads().max(1)).max(1);
    let stretches: Vec<_> = (0..rows).step_by(stretch).collect();
    stretches
        .into_par_iter()
        .map(|start| {
            let mut sizes = vec![0; parts];
            let counted = start..rows.min(start + stretch);
            for row in counted.clone() {
                if let Some((from, to)) = limits.either_way(transfers, groups, row) {
                    sizes[part_of(from.min(to))] += 1;
                }
            }
            let mut dealt: Vec<Vec<Item>> = sizes.into_iter().map(Vec::with_capacity).collect();
            for row in counted {
                let Some((from, to)) = limits.either_way(transfers, groups, row) else { continue };
                let day = transfers.day[row];
                let currency = currencies.number(transfers.currency[row]);
                let item = Item::new((from, to), currency, transfers.channel[row]);
                let item = Item { amount_minor: transfers.amount_minor[row], day, ..item };
                dealt[part_of(from.min(to))].push(item);
            }
            dealt
        })
        .collect()
}

/// The items of a part so that those of one flow stand together, both ways of a pair side by side.
#[derive(Default)]
pub(super) struct Sorted {
    items: Vec<Item>,
    ends: Vec<u32>,
}

impl Sorted {
    /// Items that fall on one place, on average: so few are sorted by comparing neighbours.
    const OF_ONE_PLACE: usize = 2;

    /// Takes the pieces of a part. Pairs are first dealt out to places by their hash, then the
    /// few items of each place are sorted: which flow stands before which means nothing.
    pub fn sort(&mut self, part: Vec<Vec<Item>>, periods: &Periods) -> &[Item] {
        let rows: usize = part.iter().map(Vec::len).sum();
        let places = (rows / Sorted::OF_ONE_PLACE).next_power_of_two();
        let shift = 64 - places.trailing_zeros();
        let place = |item: &Item| {
            let spread = item.pair.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            spread.checked_shr(shift).unwrap_or(0) as usize
        };
        self.ends.clear();
        self.ends.resize(places, 0);
        for item in part.iter().flatten() {
            self.ends[place(item)] += 1;
        }
        let mut start = 0;
        for end in &mut self.ends {
            start += std::mem::replace(end, start);
        }
        // Every place is written: what a part before left behind needs no other removal.
        self.items.resize(rows, Item { pair: 0, amount_minor: 0, day: 0, kind: 0 });
        for item in part.iter().flatten() {
            let end = &mut self.ends[place(item)];
            self.items[*end as usize] = *item;
            *end += 1;
        }
        drop(part);
        let mut start = 0;
        for end in &self.ends {
            let end = *end as usize;
            self.items[start..end].sort_unstable_by(|left, right| {
                let later = || left.key(periods).cmp(&right.key(periods));
                left.pair.cmp(&right.pair).then_with(later)
            });
            start = end;
        }
        &self.items
    }
}

/// Numbers for the currencies of a case, in the order in which they are first seen.
pub(super) struct Currencies {
    /// By the three letters, which are all capital.
    numbers: Vec<u32>,
    listed: Vec<Currency>,
}

impl Currencies {
    const LETTERS: usize = 26;

    pub fn of(currencies: &[Currency]) -> Currencies {
        let numbers = vec![NONE; Currencies::LETTERS.pow(3)];
        let mut known = Currencies { numbers, listed: Vec::new() };
        for currency in currencies {
            let place = Currencies::place(*currency);
            if known.numbers[place] == NONE {
                known.numbers[place] = known.listed.len() as u32;
                known.listed.push(*currency);
            }
        }
        known
    }

    /// The currency of a number.
    pub fn listed(&self, number: usize) -> Currency {
        self.listed[number]
    }

    /// How many currencies there are.
    pub fn len(&self) -> usize {
        self.listed.len()
    }

    #[inline]
    fn place(currency: Currency) -> usize {
        let letters = currency.letters();
        letters.iter().fold(0, |place, letter| {
            place * Currencies::LETTERS + usize::from(letter.wrapping_sub(b'A'))
        })
    }

    /// The number of a currency of the case.
    #[inline]
    pub fn number(&self, currency: Currency) -> u32 {
        self.numbers[Currencies::place(currency)]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::analyses::flows::Period;

    #[test]
    fn an_item_is_24_bytes_and_gives_back_what_it_is_made_of() {
        assert_eq!(size_of::<Item>(), 24);
        for (from, to) in [(3, 7), (7, 3), (5, 5)] {
            for channel in Channel::ALL {
                let item = Item::new((from, to), 7, channel);
                assert_eq!((item.ends(), item.channel()), ((from, to), channel));
                assert_eq!((item.is_back(), item.kind >> CURRENCY_SHIFT), (from > to, 7));
            }
        }
    }

    proptest! {
        #[test]
        fn items_of_one_flow_stand_together_in_order_of_their_key(
            rows in prop::collection::vec(
                ((0..6_u32, 0..6_u32), 0..3_u32, -40..40_i32, 0..Channel::ALL.len()),
                0..300,
            ),
            period in prop::sample::select(vec![Period::All, Period::Day, Period::Month]),
            cut in 0..300_usize,
        ) {
            let items: Vec<Item> = rows
                .iter()
                .enumerate()
                .map(|(at, (ends, currency, day, channel))| {
                    let item = Item::new(*ends, *currency, Channel::ALL[*channel]);
                    Item { amount_minor: at as i64, day: *day, ..item }
                })
                .collect();
            let days: Vec<i32> = items.iter().map(|item| item.day).collect();
            let periods = Periods::new(period, &days);
            let (first, last) = items.split_at(cut.min(items.len()));
            let mut sorted = Sorted::default();
            let found = sorted.sort(vec![first.to_vec(), last.to_vec()], &periods);
            // Nothing is lost or doubled, and each pair stands once, in order of its key.
            let mut amounts: Vec<i64> = found.iter().map(|item| item.amount_minor).collect();
            amounts.sort_unstable();
            prop_assert_eq!(amounts, (0..items.len() as i64).collect::<Vec<_>>());
            let runs: Vec<&[Item]> = found.chunk_by(|a, b| a.pair == b.pair).collect();
            let mut pairs: Vec<u64> = runs.iter().map(|run| run[0].pair).collect();
            pairs.sort_unstable();
            prop_assert!(pairs.windows(2).all(|two| two[0] < two[1]));
            for run in runs {
                prop_assert!(run.is_sorted_by_key(|item| item.key(&periods)));
            }
        }
    }
}
