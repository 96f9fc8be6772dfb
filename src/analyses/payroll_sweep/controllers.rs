//! Who holds and who controls each account, and which controllers several workers pay.
//!
//! Both are asked for every payment of every worker of every employer, millions of times in a
//! large return, so what is asked first lies in as little memory as it can.

use rayon::prelude::*;

use crate::analyses::Groups;
use crate::graph::TransferGraph;
use crate::model::NONE;

/// Accounts whose payees are looked up by one thread at a time.
const BLOCK: usize = 1 << 12;

/// Holder and controller of the accounts that have the same ones on every day; [`NONE`] for those
/// that have not, and for unidentified far ends.
pub(super) struct Always {
    pub holder: Vec<u32>,
    pub controller: Vec<u32>,
    /// Holders, joint ones one by one too, with the controllers of their accounts, sorted.
    pairs: Vec<(u32, u32)>,
    /// Controllers of other accounts on some day: the days decide how many workers pay them.
    by_days: Vec<u32>,
    /// The controller of who was paid by each transfer, account by account as the graph has what
    /// they paid: a look at every payee of a hub would fetch each from another place.
    payees: Vec<u32>,
    /// Where the payees of each account begin, and where the last ones end.
    starts: Vec<usize>,
}

impl Always {
    /// Cost: linear in accounts and transfers, and a sort of the accounts.
    pub(super) fn new(graph: &TransferGraph, holders: &Groups, controllers: &Groups) -> Always {
        let of = |account: u32| {
            let known = !graph.is_unidentified(account);
            let both = holders.on_every_day(account).zip(controllers.on_every_day(account));
            both.filter(|_| known).unwrap_or((NONE, NONE))
        };
        let mut pairs: Vec<(u32, u32)> =
            (0..graph.nodes() as u32).into_par_iter().map(of).collect();
        let (holder, controller): (Vec<u32>, Vec<u32>) = pairs.iter().copied().unzip();
        let changing = (0..).zip(&controller).filter(|(_, one)| **one == NONE);
        let mut by_days: Vec<u32> =
            changing.flat_map(|(account, _)| controllers.on_some_day(account)).collect();
        by_days.sort_unstable();
        by_days.dedup();
        // What joint holders hold is each one's.
        let of_each = |pair: &(u32, u32)| {
            let (holders, controller) = (holders.joint_holders(pair.0), pair.1);
            holders.iter().map(move |holder| (*holder, controller)).collect::<Vec<_>>()
        };
        let jointly: Vec<(u32, u32)> = pairs.iter().flat_map(of_each).collect();
        pairs.extend(jointly);
        pairs.par_sort_unstable();
        pairs.dedup();
        let paid = |account: u32| graph.out_edges(account).neighbours();
        let mut starts = vec![0];
        starts.extend((0..graph.nodes() as u32).scan(0, |end, account| {
            *end += paid(account).len();
            Some(*end)
        }));
        let mut payees = vec![NONE; graph.edges()];
        let mut rest = payees.as_mut_slice();
        let mut blocks = Vec::new();
        for first in (0..graph.nodes()).step_by(BLOCK) {
            let last = graph.nodes().min(first + BLOCK);
            let (block, behind) = rest.split_at_mut(starts[last] - starts[first]);
            blocks.push((first as u32..last as u32, block));
            rest = behind;
        }
        blocks.into_par_iter().for_each(|(accounts, block)| {
            let each = accounts.flat_map(|account| paid(account).iter());
            block.iter_mut().zip(each).for_each(|(one, to)| *one = controller[*to as usize]);
        });
        Always { holder, controller, pairs, by_days, payees, starts }
    }

    /// Controllers of who was paid by each transfer that an account sent, [`NONE`] for those that
    /// have not one on every day.
    pub(super) fn payees(&self, account: u32) -> &[u32] {
        &self.payees[self.starts[account as usize]..self.starts[account as usize + 1]]
    }

    fn controllers_of(&self, holder: u32) -> impl Iterator<Item = u32> + '_ {
        let start = self.pairs.partition_point(|pair| pair.0 < holder);
        let own = self.pairs[start..].iter().take_while(move |pair| pair.0 == holder);
        own.map(|pair| pair.1)
    }
}

/// How many workers of one employer pay each controller.
pub(super) struct Uses {
    /// By controller: the last worker that was counted, and above [`Uses::COUNT_BITS`] of how many,
    /// which stays at the largest number that fits.
    of: Vec<u32>,
    /// One bit a controller, set for those of whom anything is counted: few enough to lie near at
    /// hand, while most payees of a hub are nobody's but its own.
    met: Vec<u64>,
    counted: Vec<u32>,
    enough: u32,
}

impl Uses {
    const COUNT_BITS: u32 = 8;
    const COUNT_MAX: u32 = (1 << Uses::COUNT_BITS) - 1;
    /// Workers that can be told apart.
    pub(super) const WORKERS_MAX: usize = 1 << (u32::BITS - Uses::COUNT_BITS);

    /// Nothing counted of so many controllers; those of accounts whose controller changes count as
    /// common at all times.
    pub(super) fn new(always: &Always, controllers: usize, workers_min: u32) -> Uses {
        let enough = workers_min.min(Uses::COUNT_MAX);
        let met = vec![0; controllers.div_ceil(64)];
        let mut uses = Uses { of: vec![0; controllers], met, counted: Vec::new(), enough };
        always.by_days.iter().for_each(|one| uses.set(*one, Uses::COUNT_MAX));
        uses
    }

    fn set(&mut self, controller: u32, counted: u32) {
        self.of[controller as usize] = counted;
        let bit = 1 << (controller % 64);
        let word = &mut self.met[controller as usize / 64];
        *word = if counted == 0 { *word & !bit } else { *word | bit };
    }

    /// True where some worker that was counted pays a controller, or it counts as common.
    #[inline]
    fn is_met(&self, controller: u32) -> bool {
        self.met[controller as usize / 64] >> (controller % 64) & 1 == 1
    }

    /// Whether a worker that is counted when `others` are yet to come can be the first to pay a
    /// common controller.
    pub(super) fn may_be_first(&self, others: usize) -> bool {
        others + 1 >= self.enough as usize
    }

    /// Counts nothing yet, and all controllers of the employer's own accounts as common.
    pub(super) fn begin(&mut self, always: &Always, employer: u32) {
        for at in 0..self.counted.len() {
            self.set(self.counted[at], 0);
        }
        self.counted.clear();
        for own in always.controllers_of(employer).filter(|own| *own != NONE) {
            if !self.is_met(own) {
                self.set(own, Uses::COUNT_MAX);
                self.counted.push(own);
            }
        }
    }

    /// Counts a worker, whose number is below [`Uses::WORKERS_MAX`], once. What may not be the
    /// first that pays a controller is counted only for those that others pay.
    #[inline]
    pub(super) fn count(&mut self, controller: u32, worker: u32, may_be_first: bool) {
        if !self.is_met(controller) {
            if may_be_first {
                self.set(controller, worker << Uses::COUNT_BITS | 1);
                self.counted.push(controller);
            }
            return;
        }
        let uses = &mut self.of[controller as usize];
        let (last, count) = (*uses >> Uses::COUNT_BITS, *uses & Uses::COUNT_MAX);
        if last != worker && count < Uses::COUNT_MAX {
            *uses = worker << Uses::COUNT_BITS | (count + 1);
        }
    }

    /// True where fewer workers than are asked for pay a controller.
    #[inline]
    pub(super) fn is_rare(&self, controller: u32) -> bool {
        !self.is_met(controller) || self.of[controller as usize] & Uses::COUNT_MAX < self.enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_counts_once_and_counting_begins_anew() {
        let pairs = vec![(7, 3), (7, 4), (8, NONE)];
        let always = Always {
            holder: vec![],
            controller: vec![],
            pairs,
            by_days: vec![4],
            payees: vec![],
            starts: vec![0],
        };
        let mut uses = Uses::new(&always, 5, 2);
        uses.begin(&always, 9);
        for (controller, worker) in [(0, 0), (0, 0), (1, 0), (1, 1), (1, 0)] {
            uses.count(controller, worker, true);
        }
        let rare = |uses: &Uses| [0, 1, 2, 3, 4].map(|it| uses.is_rare(it));
        assert_eq!(rare(&uses), [true, false, true, true, false]);
        uses.begin(&always, 7);
        assert_eq!(rare(&uses), [true, true, true, false, false]);
        uses.begin(&always, 8);
        assert_eq!(rare(&uses), [true, true, true, true, false]);
        uses.begin(&always, 9);
        for (controller, worker) in [(0, 0), (1, 1), (1, 1), (2, 1)] {
            uses.count(controller, worker, uses.may_be_first(1 - worker as usize));
        }
        assert_eq!(rare(&uses), [true, true, true, true, false], "the last begins no count");
        uses.count(0, 1, false);
        assert!(!uses.is_rare(0), "and adds to those that there are");
        let mut many = Uses::new(&always, 5, u32::MAX);
        many.begin(&always, 9);
        (0..300).for_each(|worker| many.count(0, worker, true));
        assert!(!many.is_rare(0));
    }
}
