//! The flows that tables list: all of them, or the first ones of each currency, chosen while they
//! are added up.

use super::{Flow, order};
use crate::analyses::Groups;

/// Flows kept beyond those that are wanted, so that they are seldom chosen from.
const SPARE: usize = 16;

/// Flows in no order, and of each currency at least as many as are wanted.
pub(super) struct Listed<'a> {
    top: Option<usize>,
    groups: &'a Groups<'a>,
    /// By number of the currency.
    kept: Vec<Kept>,
}

#[derive(Default)]
struct Kept {
    flows: Vec<Flow>,
    /// As many as are wanted stand before or at this one: what comes behind it is not listed.
    last: Option<Flow>,
}

impl<'a> Listed<'a> {
    /// Nothing yet; all flows are listed where no `top` is given.
    pub fn new(top: Option<usize>, groups: &'a Groups<'a>, currencies: usize) -> Listed<'a> {
        let kept = (0..currencies).map(|_| Kept::default()).collect();
        Listed { top, groups, kept }
    }

    /// Keeps a flow in the currency of that number, unless enough are listed before it. Cost: one
    /// comparison; seldom a pass over what is kept.
    #[inline]
    pub fn offer(&mut self, currency: usize, flow: Flow) -> bool {
        let kept = &mut self.kept[currency];
        let Some(top) = self.top else {
            kept.flows.push(flow);
            return true;
        };
        let behind = |last: &Flow| order(last, &flow, self.groups).is_lt();
        if top == 0 || kept.last.as_ref().is_some_and(behind) {
            return false;
        }
        kept.flows.push(flow);
        if kept.flows.len() >= 2 * top + SPARE {
            kept.choose(top, self.groups);
        }
        true
    }

    /// What is listed, in no order.
    pub fn flows(mut self) -> Vec<Flow> {
        if let Some(top) = self.top {
            self.kept.iter_mut().for_each(|kept| kept.choose(top, self.groups));
        }
        let mut flows = Vec::with_capacity(self.kept.iter().map(|kept| kept.flows.len()).sum());
        self.kept.into_iter().for_each(|kept| flows.extend(kept.flows));
        flows
    }
}

impl Kept {
    /// Lets go of all but the first `top`.
    fn choose(&mut self, top: usize, groups: &Groups) {
        if top == 0 || self.flows.len() <= top {
            return;
        }
        self.flows.select_nth_unstable_by(top - 1, |left, right| order(left, right, groups));
        self.flows.truncate(top);
        self.last = self.flows.last().copied();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::analyses::sketch::Sketch;
    use crate::model::{Currency, EntityKind};

    fn flow((from, to, total_minor): (u32, u32, i64), currency: Currency) -> Flow {
        Flow {
            from,
            to,
            currency,
            period: 0,
            transfers: 1,
            total_minor,
            reverse_minor: 0,
            largest_minor: total_minor,
            first: 0,
            last: 0,
            channels_start: 0,
            channels_end: 0,
        }
    }

    proptest! {
        #[test]
        fn what_is_listed_is_the_beginning_of_the_whole_list(
            offered in prop::collection::btree_map(
                (0..9_u32, 0..9_u32, 0..2_usize),
                0..6_i64,
                0..120,
            ),
            top in prop::option::of(0..7_usize),
        ) {
            let mut sketch = Sketch::default();
            for name in ["a", "b", "c", "d", "e", "f", "g", "h", "i"] {
                sketch.entity(EntityKind::Account, name);
            }
            let case = sketch.case();
            let groups = Groups::accounts(&case).unwrap();
            let currencies = [Currency::USD, "EUR".parse().unwrap()];
            let mut listed = Listed::new(top, &groups, 2);
            let mut whole = [Vec::new(), Vec::new()];
            for ((from, to, currency), total) in offered {
                let flow = flow((from, to, total), currencies[currency]);
                listed.offer(currency, flow);
                whole[currency].push(flow);
            }
            let mut expected = Vec::new();
            for mut flows in whole {
                flows.sort_by(|left, right| order(left, right, &groups));
                flows.truncate(top.unwrap_or(usize::MAX));
                expected.extend(flows);
            }
            let by_order = |left: &Flow, right: &Flow| order(left, right, &groups);
            expected.sort_by(by_order);
            let mut found = listed.flows();
            found.sort_by(by_order);
            prop_assert_eq!(found, expected);
        }
    }
}
