//! Transfers and ties in one list, indexed from both ends in order of time.

use std::sync::OnceLock;

use rayon::prelude::*;

/// In the place of a time: the record states none.
pub const NO_TIME: i64 = i64::MIN;

/// In the place of a link: none.
pub(super) const NO_LINK: u32 = u32::MAX;

/// In the place of an amount: the record states none.
pub const NO_AMOUNT: i64 = i64::MIN;

/// Links of any kind between dense ids, as columns of equal length; parallel links and links of
/// a node with itself are kept.
///
/// Memory: 26 bytes a link, 8 more where some link has a date without a time, and 4 more for each
/// direction that was walked.
#[derive(Debug, Default)]
pub struct Links {
    /// Number of nodes; ids are below it.
    pub nodes: usize,
    /// Where each link begins.
    pub from: Vec<u32>,
    /// Where it ends.
    pub to: Vec<u32>,
    /// Its first possible instant, milliseconds since 1970 UTC, or [`NO_TIME`].
    pub first_ms: Vec<i64>,
    /// Its last possible instant: that of its day where the record states a date alone. Empty
    /// when every link is an instant.
    pub last_ms: Vec<i64>,
    /// Minor units of its currency, or [`NO_AMOUNT`].
    pub amount_minor: Vec<i64>,
    /// Which currency, as a number of the caller's; empty when all are of one.
    pub currency: Vec<u16>,
    /// Order of the nodes where two links are equal in time and amount; empty: by id.
    pub ranks: Vec<u32>,
    /// Nodes at which a walk may end but from which it never goes on; empty: none.
    pub stops: Vec<bool>,
    /// Where a link stands in a list that orders the links of a node within a day, sorted; empty:
    /// times alone decide.
    pub stated: Vec<Place>,
    pub(super) outgoing: OnceLock<Index>,
    pub(super) incoming: OnceLock<Index>,
}

/// A link in a list of a node's links that stands in order, such as a statement of an account.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Place {
    /// The link.
    pub link: u32,
    /// The node whose list it is.
    pub node: u32,
    /// Which list; places in different ones do not compare.
    pub list: u32,
    /// Where in the list.
    pub at: u32,
}

/// One direction: the links of node `n` stand at `starts[n]..starts[n + 1]`, by time, amount,
/// other end, then number.
#[derive(Debug)]
pub(super) struct Index {
    starts: Vec<u32>,
    links: Vec<u32>,
}

impl Links {
    /// No links yet over nodes below `nodes`; the columns are then filled.
    pub fn over(nodes: usize) -> Links {
        Links { nodes, ..Links::default() }
    }

    /// Number of links.
    pub fn len(&self) -> usize {
        self.from.len()
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.from.is_empty()
    }

    /// The last possible instant of a link.
    pub fn last_ms(&self, link: u32) -> i64 {
        match self.last_ms.is_empty() {
            true => self.first_ms[link as usize],
            false => self.last_ms[link as usize],
        }
    }

    /// True when a link that ends or begins at a node is known to come after another one there:
    /// wholly later, or of one day, of which a list of the node has both in this order. Two
    /// instants are ordered by themselves alone. Cost: constant; a search for two of one day.
    pub fn follows(&self, node: u32, first: u32, then: u32) -> bool {
        let (begins, begun) = (self.first_ms[then as usize], self.first_ms[first as usize]);
        let (ends, ended) = (self.last_ms(then), self.last_ms(first));
        if begins > ended {
            return true;
        }
        let instants = begins == ends && begun == ended;
        !instants && ends >= begun && self.stated_order(node, first, then)
    }

    fn stated_order(&self, node: u32, first: u32, then: u32) -> bool {
        self.places(node, first).iter().any(|before| {
            let mut after = self.places(node, then).iter();
            after.any(|after| before.list == after.list && before.at < after.at)
        })
    }

    /// Where a link stands in lists of a node.
    pub(super) fn places(&self, node: u32, link: u32) -> &[Place] {
        let key = |place: &Place| (place.link, place.node);
        let start = self.stated.partition_point(|place| key(place) < (link, node));
        let end = start + self.stated[start..].partition_point(|one| key(one) == (link, node));
        &self.stated[start..end]
    }

    /// The number of its currency.
    pub fn currency(&self, link: u32) -> u16 {
        self.currency.get(link as usize).copied().unwrap_or(0)
    }

    /// False where a walk that came to a node ends.
    pub(super) fn goes_on(&self, node: u32) -> bool {
        !self.stops.get(node as usize).copied().unwrap_or(false)
    }

    pub(super) fn rank(&self, node: u32) -> u32 {
        self.ranks.get(node as usize).copied().unwrap_or(node)
    }

    /// What leaves a node: by time, then amount, other end, number. Cost: constant once the
    /// direction was indexed, which sorts all links.
    ///
    /// # Panics
    ///
    /// If a node is not below `nodes`, or columns differ in length.
    pub fn outgoing(&self, node: u32) -> &[u32] {
        self.outgoing.get_or_init(|| self.index(&self.from, &self.to)).of(node)
    }

    /// What reaches a node, likewise.
    ///
    /// # Panics
    ///
    /// As [`Links::outgoing`].
    pub fn incoming(&self, node: u32) -> &[u32] {
        self.incoming.get_or_init(|| self.index(&self.to, &self.from)).of(node)
    }

    fn index(&self, near: &[u32], far: &[u32]) -> Index {
        let columns = [far.len(), self.first_ms.len(), self.amount_minor.len()];
        assert!(columns.iter().all(|column| *column == near.len()), "columns are equally long");
        assert!(near.len() < u32::MAX as usize, "links fit 32 bits");
        let mut starts = vec![0_u32; self.nodes + 1];
        for &node in near {
            starts[node as usize + 1] += 1;
        }
        for node in 0..self.nodes {
            starts[node + 1] += starts[node];
        }
        let key = |link: u32| (self.first_ms[link as usize], self.amount_minor[link as usize]);
        let mut order: Vec<u32> = (0..near.len() as u32).collect();
        if !order.is_sorted_by_key(|link| key(*link)) {
            order.par_sort_unstable_by_key(|link| (key(*link), *link));
        }
        let mut next = starts.clone();
        let mut links = vec![0; near.len()];
        for link in order {
            let slot = &mut next[near[link as usize] as usize];
            links[*slot as usize] = link;
            *slot += 1;
        }
        // Links equal in time and amount are few; only they are compared by their other ends.
        for node in 0..self.nodes {
            let of_node = &mut links[starts[node] as usize..starts[node + 1] as usize];
            for equal in of_node.chunk_by_mut(|left, right| key(*left) == key(*right)) {
                if equal.len() > 1 {
                    equal.sort_unstable_by_key(|link| (self.rank(far[*link as usize]), *link));
                }
            }
        }
        Index { starts, links }
    }
}

impl Index {
    fn of(&self, node: u32) -> &[u32] {
        let node = node as usize;
        &self.links[self.starts[node] as usize..self.starts[node + 1] as usize]
    }
}
