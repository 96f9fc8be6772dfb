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
