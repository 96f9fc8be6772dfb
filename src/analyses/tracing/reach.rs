//! How far declared money can get: which accounts, by how few transfers, and which postings matter
//! for it.
//!
//! Money moves on only where the order of posting lets it: an account that paid before the first
//! declared money reached it has paid with none of it. What no declared money can reach carries
//! none under any rule, so that a trace need not look at it.

use foldhash::{HashMap, HashSet};

use super::ledger::Ledger;
use super::posting_order::{Posting, PostingOrder};
use super::subset::Marks;
use super::sweep::Declared;

/// Not reached.
pub const UNREACHED: u32 = u32::MAX;

/// For each account the fewest transfers by which declared money can have reached it, up to
/// `hops_max`; [`UNREACHED`] where it cannot. A source is the first of them. Money does not move on
/// from an account or a day that is not held. Cost: one pass over the postings from the first
/// source on.
pub fn hops(ledger: &Ledger, order: &PostingOrder, declared: &Declared, hops_max: u32) -> Vec<u32> {
    let mut reach = Reach {
        ledger,
        declared,
        hops_max,
        hops: vec![UNREACHED; ledger.accounts()],
        reached: Marks::new(ledger.accounts()),
        under_way: HashMap::default(),
        undone: HashMap::default(),
    };
    let is_source = |place: &usize| !declared.of(order.at(*place).movement()).is_empty();
    let first = (0..order.len()).find(is_source).unwrap_or(order.len());
    for (day, places) in order.days().filter(|(_, places)| places.end > first) {
        for place in places {
            match order.at(place) {
                Posting::Both(movement) => {
                    let by = reach.leaves(movement, day);
                    reach.arrives(movement, by);
                }
                Posting::Debit(movement) => {
                    let by = reach.leaves(movement, day);
                    if by != UNREACHED {
                        reach.under_way.insert(movement, by);
                    }
                }
                Posting::Credit(movement) => {
                    let by = reach.under_way.remove(&movement).unwrap_or(UNREACHED);
                    reach.arrives(movement, by);
                }
            }
        }
    }
    reach.hops
}

struct Reach<'a> {
    ledger: &'a Ledger<'a>,
    declared: &'a Declared,
    hops_max: u32,
    hops: Vec<u32>,
    /// The accounts that have hops: of most postings this alone is asked.
    reached: Marks,
    /// By movement that has left and not arrived.
    under_way: HashMap<u32, u32>,
    /// By movement that another undoes: it brings back what that carried.
    undone: HashMap<u32, u32>,
}

impl Reach<'_> {
    /// The hops with which a movement leaves its account.
    #[inline]
    fn leaves(&mut self, movement: u32, day: i32) -> u32 {
        let from = self.ledger.from[movement as usize];
        let mut by = UNREACHED;
        if self.reached.has(from) {
            let held = self.hops[from as usize];
            if held < self.hops_max && self.ledger.covers(from, day) {
                by = held + 1;
            }
        }
        if !self.declared.of(movement).is_empty() {
            by = 1;
        }
        if !self.ledger.reverses.is_empty() {
            let back = self.ledger.original_of(movement).and_then(|of| self.undone.get(&of));
            by = by.min(back.copied().unwrap_or(UNREACHED));
            if by != UNREACHED && self.ledger.reversed.contains_key(&movement) {
                self.undone.insert(movement, by);
            }
        }
        by
    }

    #[inline]
    fn arrives(&mut self, movement: u32, by: u32) {
        let to = self.ledger.to[movement as usize];
        if by != UNREACHED
            && self.declared.follows(to)
            && let Some(hops) = self.hops.get_mut(to as usize)
        {
            *hops = by.min(*hops);
            self.reached.mark(to);
        }
    }
}

/// The accounts that are held and that declared money can reach. Cost: as [`hops`].
fn reached(ledger: &Ledger, order: &PostingOrder, declared: &Declared) -> Marks {
    let hops = hops(ledger, order, declared, UNREACHED - 1);
    Marks::of(hops.len(), |account| hops[account] != UNREACHED && ledger.is_held(account as u32))
}

/// The postings that touch an account which declared money can reach, in the same order; all
/// others say nothing about it. Cost: two passes over the postings.
pub fn narrowed(ledger: &Ledger, order: &PostingOrder, declared: &Declared) -> PostingOrder {
    let reached = reached(ledger, order, declared);
    let touches = |movement: u32| {
        let (from, to) = (ledger.from[movement as usize], ledger.to[movement as usize]);
        reached.has(from) || reached.has(to) || !declared.of(movement).is_empty()
    };
    // What undoes a payment does so only beside it, wherever that went.
    let mut beside: HashSet<u32> = HashSet::default();
    loop {
        let before = beside.len();
        for (movement, original) in &ledger.reverses {
            if touches(*movement) || beside.contains(movement) {
                beside.insert(*original);
            }
            if touches(*original) || beside.contains(original) {
                beside.insert(*movement);
            }
        }
        if beside.len() == before {
            break;
        }
    }
    let mut narrow = PostingOrder::default();
    for (day, places) in order.days() {
        let kept = places.map(|place| order.at(place)).filter(|posting| {
            let movement = posting.movement();
            touches(movement) || !beside.is_empty() && beside.contains(&movement)
        });
        narrow.push_day(day, kept);
    }
    narrow
}

#[cfg(test)]
mod tests {
    use super::super::ledger::{Half, Movement, Stretch};
    use super::*;

    #[test]
    fn money_moves_on_only_after_it_came_and_where_it_is_held() {
        // From, to, day. Account 4 is not held.
        let rows = [(1, 2, 1), (0, 1, 2), (1, 3, 3), (1, 4, 3), (4, 2, 4), (3, 2, 5), (2, 5, 6)];
        let movements: Vec<Movement> = (1..)
            .zip(rows)
            .map(|(line, (from, to, day))| {
                let half = Half { day, time_ms: 0, source: 0, line, running: None };
                Movement { from, to, amount: 5, debit: half, credit: half, reverses: None }
            })
            .collect();
        let held = Stretch { first: 0, last: 9, opening: None, closing: None };
        let held = |at| if at == 4 { Vec::new() } else { vec![held] };
        let stretches: Vec<Vec<Stretch>> = (0..6).map(held).collect();
        let ledger = Ledger::new(stretches, &movements, &vec![Vec::new(); 6]);
        let declared = Declared::new([(1, 1, 5)]);
        let found = |most| hops(&ledger, &ledger.order, &declared, most);
        const NOT: u32 = UNREACHED;
        assert_eq!(found(9), [NOT, 1, 3, 2, 2, 4]);
        assert_eq!(found(2), [NOT, 1, NOT, 2, 2, NOT]);
        // Nothing touches account 0 but what brings the source to account 1.
        assert_eq!(narrowed(&ledger, &ledger.order, &declared).len(), 7);
    }
}
