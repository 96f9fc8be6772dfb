//! Movements that already stand in the order of posting, as in a list of millions of payments:
//! which of them a trace has to look at, found without posting the others.
//!
//! Where declared money can be on a day is found for whole days, since three orders of each day are
//! traced: an account that money can have reached on a day, whatever came first on it, is reached.
//! Only days from the first source on are put in another order, and of each day only what can
//! change the order of what touches such an account; of all other postings only the sums count.

use std::ops::Range;

use rayon::prelude::*;

use super::ledger::Ledger;
use super::posting_order::{Posting, PostingOrder, days_of};
use super::same_day::{DayOrder, Item, Turns};
use super::subset::Marks;
use super::sweep::Declared;

/// Not on any day.
const NEVER: i32 = i32::MAX;

/// Walks over one day that look for what can change its order, before all of the day is taken: each
/// costs a fifteenth of putting the day in order.
const LOOKS_MAX: usize = 6;

/// Movements of one day that such walks may find, before all of the day is taken.
const FOUND_MAX: usize = 4_096;

/// Walks over one day that spread what is reached, before that is done account by account.
const SPREADS_MAX: usize = 3;

/// What a ledger lists, day by day, and which accounts declared money can reach.
pub(super) struct Listed<'a> {
    ledger: &'a Ledger<'a>,
    /// Civil day and movements, in order.
    days: Vec<(i32, Range<usize>)>,
    declared: Marks,
    /// Place of the first day with a source.
    first: usize,
    /// By account, the first day on which declared money can be there; [`NEVER`].
    since: Vec<i32>,
    /// Accounts that are held and reached on some day.
    reached: Marks,
}

impl<'a> Listed<'a> {
    /// `day` gives the civil day of each movement. Cost: a few walks over the movements from the
    /// first source on.
    pub(super) fn new(ledger: &'a Ledger<'a>, day: &[i32], declared: &'a Declared) -> Listed<'a> {
        let days = days_of(day);
        let movements = declared.movements();
        let first = movements.first().map_or(usize::MAX, |movement| *movement as usize);
        let first = days.partition_point(|(_, rows)| rows.end <= first);
        let mut marks = Marks::new(ledger.amount.len());
        for movement in movements {
            marks.mark(movement);
        }
        let mut spread = Spread {
            ledger,
            declared,
            sources: &marks,
            reached: Marks::new(ledger.accounts()),
            since: vec![NEVER; ledger.accounts()],
        };
        days[first..].iter().for_each(|(day, rows)| spread.day(*day, rows.clone()));
        let since = spread.since;
        let held = |account: usize| since[account] != NEVER && ledger.is_held(account as u32);
        let reached = Marks::of(ledger.accounts(), held);
        Listed { ledger, days, declared: marks, first, since, reached }
    }

    /// Accounts that are held and that declared money can have reached, in any order of the days.
    pub(super) fn reached(&self) -> &Marks {
        &self.reached
    }

    /// The movements that touch a reached account, in order. Cost: one walk over all.
    pub(super) fn order(&self) -> PostingOrder {
        let of_day = |(_, rows): &(i32, Range<usize>)| -> Vec<Posting> {
            let kept = rows.clone().filter(|row| self.is_kept(*row));
            kept.map(|row| Posting::Both(row as u32)).collect()
        };
        let found: Vec<Vec<Posting>> = self.days.par_iter().map(of_day).collect();
        self.posted(found)
    }

    /// What is made of these movements in each order of the days; `stated` is [`Listed::order`].
    pub(super) fn in_each_order<T: Send>(
        &self,
        stated: &PostingOrder,
        make: impl Fn(&PostingOrder) -> T + Sync,
    ) -> Vec<(DayOrder, T)> {
        let of_order = |order: DayOrder| match order {
            DayOrder::Stated => (order, make(stated)),
            _ => (order, make(&self.reordered(stated, order))),
        };
        DayOrder::ALL.into_par_iter().map(of_order).collect()
    }

    /// The same in another order of each day; `stated` is [`Listed::order`].
    fn reordered(&self, stated: &PostingOrder, day_order: DayOrder) -> PostingOrder {
        let places: Vec<Range<usize>> = stated.days().map(|(_, places)| places).collect();
        let new = || Turns::new(self.ledger.accounts());
        let of_day = |turns: &mut Turns, at: usize| -> Vec<Posting> {
            let mut postings = places[at].clone().map(|place| stated.at(place));
            let (day, rows) = &self.days[at];
            if at < self.first {
                return postings.collect();
            }
            let moved = self.ordering(*day, rows.clone(), day_order);
            let apart = |posting: &Posting| moved.binary_search(&posting.movement()).is_err();
            let mut order: Vec<Posting> = postings.by_ref().filter(apart).collect();
            let item = |row: &u32| Item::new(self.ledger, day_order, Posting::Both(*row), *day);
            let items: Vec<Item> = moved.iter().map(item).collect();
            let turned = turns.of(&items).into_iter();
            order.extend(turned.filter(|one| self.is_kept(one.movement() as usize)));
            order
        };
        let days = (0..self.days.len()).into_par_iter();
        self.posted(days.map_init(new, of_day).collect())
    }

    fn posted(&self, found: Vec<Vec<Posting>>) -> PostingOrder {
        let mut order = PostingOrder::default();
        for ((day, _), postings) in self.days.iter().zip(found) {
            order.push_day(*day, postings.into_iter());
        }
        order
    }

    #[inline]
    fn is_posted(&self, row: usize) -> bool {
        self.ledger.amount[row] != 0 && self.ledger.from[row] != self.ledger.to[row]
    }

    /// Whether a movement touches a reached account, or is declared.
    #[inline]
    pub(super) fn is_kept(&self, row: usize) -> bool {
        let touches = self.reached.has(self.ledger.from[row])
            || self.reached.has(self.ledger.to[row])
            || self.declared.has(row as u32);
        touches && self.is_posted(row)
    }

    /// The movements of a day that decide in which order those of accounts reached up to it are
    /// posted, these among them: each stands before another only for what it waits for, so that
    /// what it waits for is all that counts. In stated order.
    fn ordering(&self, day: i32, rows: Range<usize>, day_order: DayOrder) -> Vec<u32> {
        let ledger = self.ledger;
        let reached = Marks::of(self.since.len(), |account| self.since[account] <= day);
        let mut awaited = reached.clone();
        let mut found: Vec<u32> = Vec::new();
        for _ in 0..LOOKS_MAX {
            found.clear();
            let mut grew = false;
            for row in rows.clone() {
                let (from, to) = (ledger.from[row], ledger.to[row]);
                let holds_up = if day_order == DayOrder::DebitsFirst { from } else { to };
                let counts = reached.has(from)
                    || reached.has(to)
                    || awaited.has(holds_up)
                    || self.declared.has(row as u32);
                if !counts || !self.is_posted(row) {
                    continue;
                }
                found.push(row as u32);
                let waits_for = if day_order == DayOrder::DebitsFirst { to } else { from };
                grew |= ledger.covers(waits_for, day) && awaited.mark(waits_for);
            }
            if !grew {
                return found;
            }
            if found.len() > FOUND_MAX.max(rows.len() / 16) {
                break;
            }
        }
        rows.filter(|row| self.is_posted(*row)).map(|row| row as u32).collect()
    }
}

/// Spreads what is reached, day by day.
struct Spread<'a> {
    ledger: &'a Ledger<'a>,
    declared: &'a Declared,
    sources: &'a Marks,
    reached: Marks,
    since: Vec<i32>,
}

impl Spread<'_> {
    fn day(&mut self, day: i32, rows: Range<usize>) {
        for _ in 0..SPREADS_MAX {
            let mut grew = false;
            for row in rows.clone() {
                let leaves = self.reached.has(self.ledger.from[row]);
                if leaves || self.sources.has(row as u32) {
                    grew |= self.leaves(row, day);
                }
            }
            if !grew {
                return;
            }
        }
        self.by_account(day, rows);
    }

    /// Money leaves with a movement if it can; true when that reaches an account.
    fn leaves(&mut self, row: usize, day: i32) -> bool {
        let (from, to) = (self.ledger.from[row], self.ledger.to[row]);
        let moves = self.ledger.amount[row] != 0
            && from != to
            && (self.sources.has(row as u32) || self.ledger.covers(from, day));
        let arrives = moves && self.declared.follows(to) && self.reached.mark(to);
        if arrives {
            self.since[to as usize] = day;
        }
        arrives
    }

    /// Goes from account to account along the movements of the day.
    fn by_account(&mut self, day: i32, rows: Range<usize>) {
        let accounts = self.ledger.accounts();
        let (from, to) = (&self.ledger.from, &self.ledger.to);
        let leads_on =
            |row: &usize| (from[*row] as usize) < accounts && !self.reached.has(to[*row]);
        let mut ends = vec![0_u32; accounts + 1];
        for row in rows.clone().filter(leads_on) {
            ends[from[row] as usize + 1] += 1;
        }
        for account in 1..ends.len() {
            ends[account] += ends[account - 1];
        }
        let mut next = ends.clone();
        let mut out = vec![0_u32; ends[accounts] as usize];
        for row in rows.filter(leads_on) {
            let place = &mut next[from[row] as usize];
            out[*place as usize] = row as u32;
            *place += 1;
        }
        let mut open: Vec<u32> =
            (0..accounts as u32).filter(|account| self.reached.has(*account)).collect();
        while let Some(account) = open.pop() {
            let (start, end) = (ends[account as usize], ends[account as usize + 1]);
            for row in &out[start as usize..end as usize] {
                if self.leaves(*row as usize, day) {
                    open.push(self.ledger.to[*row as usize]);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use proptest::prelude::*;

    use super::super::bounds::bounds;
    use super::super::ledger::{HeldDays, Ledger};
    use super::super::rules::Rule;
    use super::super::same_day::reordered;
    use super::super::sweep::{Exit, Traced, trace};
    use super::*;

    const ACCOUNTS: u32 = 9;
    const DAYS: i32 = 4;

    /// From, to, amount and day of a payment.
    type Row = (u32, u32, i64, i32);

    fn ledger(rows: &[Row], held: &HeldDays) -> Ledger<'static> {
        let from = Cow::Owned(rows.iter().map(|row| row.0).collect());
        let to = Cow::Owned(rows.iter().map(|row| row.1).collect());
        let amount = Cow::Owned(rows.iter().map(|row| row.2).collect());
        Ledger::unposted(held.clone(), (from, to), amount)
    }

    /// What a rule says, in an order that does not depend on how the postings were narrowed.
    fn sorted(traced: Traced) -> (Traced, Vec<Exit>) {
        let mut traced = Traced { lots: (0, 0), ..traced };
        traced.carried.sort_unstable();
        let mut exits = std::mem::take(&mut traced.exits);
        exits.sort_unstable();
        (traced, exits)
    }

    fn rows() -> impl Strategy<Value = Vec<Row>> {
        let row = (0..ACCOUNTS, 0..ACCOUNTS, 0..60_i64, 0..DAYS);
        prop::collection::vec(row, 1..120).prop_map(|mut rows| {
            rows.sort_by_key(|row| row.3);
            rows
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn what_is_left_out_changes_nothing(
            rows in rows(),
            spans in prop::collection::vec((0..DAYS, 0..DAYS, 0..4_u8), ACCOUNTS as usize),
            picked in prop::collection::vec(any::<prop::sample::Index>(), 1..3),
        ) {
            let mut held = HeldDays::none(ACCOUNTS as usize);
            for (account, (first, last, how)) in (0..).zip(spans) {
                match how {
                    0 => {}
                    1 if first < last => held.add(account, (first, last), false),
                    2 => {
                        held.add(account, (0, 0), false);
                        held.add(account, (2, DAYS), false);
                    }
                    _ => held.add(account, (0, DAYS), false),
                }
            }
            let picked = picked.iter().map(|at| at.index(rows.len()) as u32);
            let picked = picked.filter(|row| {
                let (from, to, amount, _) = rows[*row as usize];
                from != to && amount > 0
            });
            let parts = (1..).zip(picked).map(|(label, row)| (row, label, 1));
            let mut seen = Vec::new();
            let declared = Declared::new(parts.filter(|part| {
                let is_new = !seen.contains(&part.0);
                seen.push(part.0);
                is_new
            }));
            let day: Vec<i32> = rows.iter().map(|row| row.3).collect();
            let mut whole = ledger(&rows, &held);
            let order = PostingOrder::listed(&whole.from, &whole.to, &whole.amount, &day);
            whole.post(order);
            let mut narrow = ledger(&rows, &held);
            let listed = Listed::new(&narrow, &day, &declared);
            let stated = listed.order();
            let orders = DayOrder::ALL.map(|order| match order {
                DayOrder::Stated => (order, stated.clone()),
                _ => (order, listed.reordered(&stated, order)),
            });
            narrow.post(stated);
            for (day_order, order) in orders {
                let full = reordered(&whole, day_order);
                let full = full.as_ref().unwrap_or(&whole.order);
                for rule in Rule::ALL {
                    let expected = trace(&whole, full, rule, &declared, DAYS).unwrap();
                    let found = trace(&narrow, &order, rule, &declared, DAYS).unwrap();
                    prop_assert_eq!(
                        sorted(found), sorted(expected), "{:?} {:?}", rule, day_order
                    );
                }
                let mut expected = bounds(&whole, full, &declared, DAYS, None).unwrap();
                let mut found = bounds(&narrow, &order, &declared, DAYS, None).unwrap();
                for one in [&mut expected, &mut found] {
                    one.carried.sort_unstable();
                    one.exits.sort_by_key(|exit| (exit.movement, exit.kind, exit.limits, exit.day));
                }
                prop_assert_eq!(found, expected, "{:?}", day_order);
            }
        }
    }
}
