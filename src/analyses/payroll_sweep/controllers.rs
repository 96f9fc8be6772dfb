//! Who holds and who controls each account, and which controllers several workers pay.
//!
//! Both are asked for every payment of every worker of every employer, millions of times in a
//! large return, so what is asked first lies in as little memory as it can.

use rayon::prelude::*;

use crate::analyses::Groups;
use crate::graph::TransferGraph;
use crate::model::NONE;

/// Holder and controller of the accounts that have the same ones on every day; [`NONE`] for those
/// that have not, and for unidentified far ends.
pub(super) struct Always {
    pub holder: Vec<u32>,
    pub controller: Vec<u32>,
    /// Holders with the controllers of their accounts, sorted.
    pairs: Vec<(u32, u32)>,
    /// Controllers of other accounts on some day: the days decide how many workers pay them.
    by_days: Vec<u32>,
}

impl Always {
    /// Cost: linear in accounts, and a sort of them.
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
        pairs.par_sort_unstable();
        pairs.dedup();
        Always { holder, controller, pairs, by_days }
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
        let mut of = vec![0; controllers];
        always.by_days.iter().for_each(|one| of[*one as usize] = Uses::COUNT_MAX);
        Uses { of, counted: Vec::new(), enough: workers_min.min(Uses::COUNT_MAX) }
    }

    /// Counts nothing yet, and all controllers of the employer's own accounts as common.
    pub(super) fn begin(&mut self, always: &Always, employer: u32) {
        self.counted.drain(..).for_each(|controller| self.of[controller as usize] = 0);
        for own in always.controllers_of(employer).filter(|own| *own != NONE) {
            if self.of[own as usize] == 0 {
                self.of[own as usize] = Uses::COUNT_MAX;
                self.counted.push(own);
            }
        }
    }

    /// Counts a worker, whose number is below [`Uses::WORKERS_MAX`], once.
    #[inline]
    pub(super) fn count(&mut self, controller: u32, worker: u32) {
        let uses = &mut self.of[controller as usize];
        let (last, count) = (*uses >> Uses::COUNT_BITS, *uses & Uses::COUNT_MAX);
        if count == 0 {
            self.counted.push(controller);
        }
        if count == 0 || last != worker && count < Uses::COUNT_MAX {
            *uses = worker << Uses::COUNT_BITS | (count + 1);
        }
    }

    /// True where fewer workers than are asked for pay a controller.
    #[inline]
    pub(super) fn is_rare(&self, controller: u32) -> bool {
        self.of[controller as usize] & Uses::COUNT_MAX < self.enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_counts_once_and_counting_begins_anew() {
        let pairs = vec![(7, 3), (7, 4), (8, NONE)];
        let always = Always { holder: vec![], controller: vec![], pairs, by_days: vec![4] };
        let mut uses = Uses::new(&always, 5, 2);
        uses.begin(&always, 9);
        for (controller, worker) in [(0, 0), (0, 0), (1, 0), (1, 1), (1, 0)] {
            uses.count(controller, worker);
        }
        let rare = |uses: &Uses| [0, 1, 2, 3, 4].map(|it| uses.is_rare(it));
        assert_eq!(rare(&uses), [true, false, true, true, false]);
        uses.begin(&always, 7);
        assert_eq!(rare(&uses), [true, true, true, false, false]);
        uses.begin(&always, 8);
        assert_eq!(rare(&uses), [true, true, true, true, false]);
        let mut many = Uses::new(&always, 5, u32::MAX);
        many.begin(&always, 9);
        (0..300).for_each(|worker| many.count(0, worker));
        assert!(!many.is_rare(0));
    }
}
