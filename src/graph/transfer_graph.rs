//! The transfers of a case, indexed from both ends in order of time.
//!
//! Answers: what left this account, when and to whom; what came in; what of it in a window?
//! An edge is a row of `transfers`: amount, day and channel are looked up there. Times are
//! milliseconds since 1970 UTC; a civil date stands at its first instant, and whether a record
//! stated a time is the table's to say. No analysis lives here.

mod clock;
mod index;
mod memory;
mod slots;

use std::ops::Range;

use rayon::prelude::*;

use self::clock::Clock;
use self::index::Index;
pub use self::slots::{Reach, Slots};
use crate::error::{Error, Result};
use crate::store::Case;

/// Rows whose ends are read together.
const TOGETHER: usize = 128;

/// Every transfer of a case as a directed edge between accounts, parallel edges and
/// self-transfers kept.
///
/// Nodes are rows of `accounts`. A node of kind `unidentified` stands for a far end that the
/// records do not name: it is never a hop of a path, a joint of a component or a party in a
/// centrality, so algorithms run on [`TransferGraph::identified`].
///
/// Memory: 24 bytes a transfer for both directions together and 9 bytes an account. Only where
/// times have no common step that fits 32 bits are the distinct times listed besides. Every
/// column of the transfers, packed beside it, takes about 16 bytes more; the table of them, which
/// other commands read, 42.
#[derive(Debug, Default)]
pub struct TransferGraph {
    outgoing: Index,
    incoming: Index,
    clock: Clock,
    unidentified: Vec<bool>,
    identified_nodes: usize,
}

/// One transfer seen from one of its ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Edge {
    /// The account at the other end.
    pub neighbour: u32,
    /// Milliseconds since 1970 UTC.
    pub time_ms: i64,
    /// Row of `transfers`.
    pub transfer: u32,
}

/// Edges of one account in one direction, in order of time, then row of `transfers`.
#[derive(Clone, Copy, Debug)]
pub struct Edges<'a> {
    clock: &'a Clock,
    neighbour: &'a [u32],
    tick: &'a [u32],
    transfer: &'a [u32],
}

impl TransferGraph {
    /// Builds the graph from the case's transfers. Cost: linear.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if the store is damaged, a transfer of an account that does not exist
    /// included.
    pub fn from_case(case: &Case) -> Result<TransferGraph> {
        let transfers = case.transfer_rows()?;
        let accounts = case.accounts()?;
        let unidentified: Vec<bool> =
            accounts.kind.iter().map(|kind| kind == "unidentified").collect();
        let nodes = unidentified.len();
        let rows = transfers.len();
        let outside = |start: usize| {
            let mut ends = [0; TOGETHER];
            let ends = &mut ends[..TOGETHER.min(rows - start)];
            let mut any = |read: &dyn Fn(usize, &mut [u32])| {
                read(start, ends);
                ends.iter().any(|account| *account as usize >= nodes)
            };
            any(&|start, into| transfers.read_from_accounts(start, into))
                || any(&|start, into| transfers.read_to_accounts(start, into))
        };
        if (0..rows.div_ceil(TOGETHER)).into_par_iter().any(|part| outside(part * TOGETHER)) {
            return Err(Error::file(
                case.dir(),
                "has a transfer of an account that `accounts` does not hold",
                Some("run `moneytrail verify` on it, or load the case again".to_owned()),
            ));
        }
        Ok(TransferGraph::build(
            rows,
            |start, into| transfers.read_from_accounts(start, into),
            |start, into| transfers.read_to_accounts(start, into),
            |start, into| transfers.read_booked_ms(start, into),
            unidentified,
        ))
    }

    /// Builds the graph from columns: paying node, paid node and time of each transfer, and
    /// which nodes are unidentified. Rows may stand in any order of time.
    ///
    /// Cost: linear in nodes and edges where rows are in order of time already, as the table
    /// is; one sort of the rows otherwise. Both directions are built at once on two threads,
    /// with the same result on one.
    ///
    /// # Panics
    ///
    /// If the columns differ in length, an end is not a node, or there are 2^32 - 1 nodes or
    /// edges or more.
    pub fn from_columns(
        nodes: usize,
        from: &[u32],
        to: &[u32],
        time_ms: &[i64],
        unidentified: Vec<bool>,
    ) -> TransferGraph {
        assert_eq!(from.len(), to.len(), "every transfer has two ends");
        assert_eq!(from.len(), time_ms.len(), "every transfer has a time");
        assert_eq!(nodes, unidentified.len(), "every node is identified or not");
        TransferGraph::build(
            from.len(),
            |start, into| into.copy_from_slice(&from[start..start + into.len()]),
            |start, into| into.copy_from_slice(&to[start..start + into.len()]),
            |start, into| into.copy_from_slice(&time_ms[start..start + into.len()]),
            unidentified,
        )
    }

    /// As [`TransferGraph::from_columns`], of columns that are read from a row on, as many rows as
    /// there is room for.
    fn build(
        rows: usize,
        from: impl Fn(usize, &mut [u32]) + Sync,
        to: impl Fn(usize, &mut [u32]) + Sync,
        time_ms: impl Fn(usize, &mut [i64]) + Sync,
        unidentified: Vec<bool>,
    ) -> TransferGraph {
        let nodes = unidentified.len();
        assert!(rows < u32::MAX as usize, "rows of transfers fit 32 bits");
        assert!(nodes < u32::MAX as usize, "accounts fit 32 bits");
        let (clock, ticks) = Clock::of(rows, time_ms);
        let order = (!ticks.is_sorted()).then(|| {
            let mut order: Vec<u32> = (0..ticks.len() as u32).collect();
            order.par_sort_unstable_by_key(|&row| (ticks[row as usize], row));
            order
        });
        let (outgoing, incoming) = rayon::join(
            || Index::build(nodes, &from, &to, &ticks, order.as_deref()),
            || Index::build(nodes, &to, &from, &ticks, order.as_deref()),
        );
        let identified_nodes = unidentified.iter().filter(|unidentified| !**unidentified).count();
        TransferGraph { outgoing, incoming, clock, unidentified, identified_nodes }
    }

    /// Number of accounts, unidentified far ends included; nodes are `0..nodes()`.
    pub fn nodes(&self) -> usize {
        self.unidentified.len()
    }

    /// Number of accounts that the records identify.
    pub fn identified_nodes(&self) -> usize {
        self.identified_nodes
    }

    /// Number of transfers.
    pub fn edges(&self) -> usize {
        self.outgoing.transfer.len()
    }

    /// True for the far end of a transfer that the records do not name.
    ///
    /// # Panics
    ///
    /// If `node` is none of the graph, as for every accessor below.
    pub fn is_unidentified(&self, node: u32) -> bool {
        self.unidentified[node as usize]
    }

    /// What the account sent, in order of time, then row. Cost: constant.
    pub fn out_edges(&self, node: u32) -> Edges<'_> {
        self.outgoing.edges(node, &self.clock)
    }

    /// What the account received, in order of time, then row. Cost: constant.
    pub fn in_edges(&self, node: u32) -> Edges<'_> {
        self.incoming.edges(node, &self.clock)
    }

    /// The first tick whose time is at or after `ms`; one past the last where there is none, and
    /// at most [`u32::MAX`]. Ticks are numbers of the graph's own that stand in order of time:
    /// [`Edges::ticks`] holds one for each transfer.
    pub fn tick_at_or_after(&self, ms: i64) -> u32 {
        u32::try_from(self.clock.at_or_after(ms)).unwrap_or(u32::MAX)
    }

    /// The most that two ticks can differ by, whose times are at most `span_ms` apart; the whole
    /// range where times have no common step.
    pub fn ticks_within(&self, span_ms: i64) -> u32 {
        match &self.clock {
            Clock::Even { step_ms, .. } => {
                u32::try_from(span_ms.max(0) as u64 / step_ms).unwrap_or(u32::MAX)
            }
            Clock::Listed(_) => u32::MAX,
        }
    }

    /// The time of a tick that some transfer has, milliseconds since 1970 UTC.
    pub fn tick_ms(&self, tick: u32) -> i64 {
        self.clock.ms(tick)
    }

    /// What the account sent from `from_ms` to `to_ms`, both included. Cost: a binary search.
    pub fn out_between(&self, node: u32, from_ms: i64, to_ms: i64) -> Edges<'_> {
        self.out_edges(node).between(from_ms, to_ms)
    }

    /// What the account received from `from_ms` to `to_ms`, both included. Cost: a binary search.
    pub fn in_between(&self, node: u32, from_ms: i64, to_ms: i64) -> Edges<'_> {
        self.in_edges(node).between(from_ms, to_ms)
    }
}

impl<'a> Edges<'a> {
    /// Number of transfers.
    pub fn len(&self) -> usize {
        self.transfer.len()
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.transfer.is_empty()
    }

    /// The accounts at the other end, one a transfer, repeated where transfers repeat.
    pub fn neighbours(&self) -> &'a [u32] {
        self.neighbour
    }

    /// The ticks of the transfers, ascending; see [`TransferGraph::tick_ms`].
    pub fn ticks(&self) -> &'a [u32] {
        self.tick
    }

    /// The rows of `transfers`.
    pub fn transfers(&self) -> &'a [u32] {
        self.transfer
    }

    /// Time of the transfer at place `at`.
    ///
    /// # Panics
    ///
    /// If `at` is not below [`Edges::len`].
    pub fn time_ms(&self, at: usize) -> i64 {
        self.clock.ms(self.tick[at])
    }

    /// The transfer at place `at`.
    ///
    /// # Panics
    ///
    /// If `at` is not below [`Edges::len`].
    pub fn get(&self, at: usize) -> Edge {
        Edge {
            neighbour: self.neighbour[at],
            time_ms: self.time_ms(at),
            transfer: self.transfer[at],
        }
    }

    /// The places of those from `from_ms` to `to_ms`, both included. Cost: a binary search.
    pub fn places_between(&self, from_ms: i64, to_ms: i64) -> Range<usize> {
        let reach = |ms: i64| {
            let bound = self.clock.at_or_after(ms);
            self.tick.partition_point(|&tick| u64::from(tick) < bound)
        };
        let start = reach(from_ms);
        start..to_ms.checked_add(1).map_or(self.len(), reach).max(start)
    }

    /// Those from `from_ms` to `to_ms`, both included. Cost: a binary search.
    pub fn between(&self, from_ms: i64, to_ms: i64) -> Edges<'a> {
        let places = self.places_between(from_ms, to_ms);
        Edges {
            clock: self.clock,
            neighbour: &self.neighbour[places.clone()],
            tick: &self.tick[places.clone()],
            transfer: &self.transfer[places],
        }
    }

    /// Every transfer in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Edge> + DoubleEndedIterator + use<'a> {
        let edges = *self;
        (0..edges.len()).map(move |at| edges.get(at))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::store::{Accounts, Manifest, Transfers};

    type Row = (u32, u32, i64);

    fn graph(nodes: usize, rows: &[Row]) -> TransferGraph {
        let from: Vec<u32> = rows.iter().map(|row| row.0).collect();
        let to: Vec<u32> = rows.iter().map(|row| row.1).collect();
        let time_ms: Vec<i64> = rows.iter().map(|row| row.2).collect();
        TransferGraph::from_columns(nodes, &from, &to, &time_ms, vec![false; nodes])
    }

    fn expected(rows: &[Row], keep: impl Fn(&Row) -> Option<u32>) -> Vec<(u32, i64, u32)> {
        let mut edges: Vec<(u32, i64, u32)> = rows
            .iter()
            .enumerate()
            .filter_map(|(at, row)| keep(row).map(|neighbour| (neighbour, row.2, at as u32)))
            .collect();
        edges.sort_by_key(|&(_, ms, row)| (ms, row));
        edges
    }

    fn listed(edges: Edges<'_>) -> Vec<(u32, i64, u32)> {
        edges.iter().map(|edge| (edge.neighbour, edge.time_ms, edge.transfer)).collect()
    }

    #[track_caller]
    fn check(nodes: usize, rows: &[Row]) {
        let built = graph(nodes, rows);
        assert_eq!((built.nodes(), built.edges()), (nodes, rows.len()));
        for node in 0..nodes as u32 {
            let out = expected(rows, |row| (row.0 == node).then_some(row.1));
            assert_eq!(listed(built.out_edges(node)), out);
            let incoming = expected(rows, |row| (row.1 == node).then_some(row.0));
            assert_eq!(listed(built.in_edges(node)), incoming);
        }
    }

    #[test]
    fn edges_stand_in_order_of_time_with_repeats_and_self_transfers_kept() {
        check(0, &[]);
        check(3, &[]);
        check(2, &[(0, 1, 5), (0, 1, 5), (0, 0, 5), (1, 0, 4)]);
        check(2, &[(0, 1, i64::MAX), (1, 0, i64::MIN), (0, 1, 0), (0, 1, 7)]);
        check(1, &[(0, 0, -3)]);
    }

    #[test]
    fn windows_include_both_ends() {
        let built = graph(2, &[(0, 1, 1_000), (0, 1, 2_000), (0, 1, 2_000), (0, 1, 9_000)]);
        let rows = |from, to| built.out_between(0, from, to).transfers().to_vec();
        assert_eq!(rows(1_000, 2_000), [0, 1, 2]);
        assert_eq!(rows(1_001, 8_999), [1, 2]);
        assert_eq!(rows(2_001, 1_000), [] as [u32; 0]);
        assert_eq!(rows(i64::MIN, i64::MAX), [0, 1, 2, 3]);
        assert_eq!(built.in_between(1, 9_000, 9_000).transfers(), [3]);
        assert!(built.in_edges(0).is_empty());
    }

    #[test]
    fn a_case_gives_its_unidentified_far_ends() {
        let accounts = Accounts {
            kind: ["account", "unidentified", "masked"].into_iter().collect(),
            account: ["A", "A/?", "B"].into_iter().collect(),
            ..Accounts::default()
        };
        let transfers = Transfers {
            from_account: vec![0, 2],
            to_account: vec![1, 0],
            booked_ms: vec![0, 86_400_000],
            ..Transfers::default()
        };
        let case = Case::in_memory(Manifest::default()).with(accounts).with(transfers.clone());
        let built = TransferGraph::from_case(&case).unwrap();
        assert_eq!((built.nodes(), built.identified_nodes()), (3, 2));
        assert!(built.is_unidentified(1) && !built.is_unidentified(2));

        let damaged = Case::in_memory(Manifest::default()).with(transfers);
        assert!(matches!(TransferGraph::from_case(&damaged), Err(Error::File { .. })));
    }

    proptest! {
        #[test]
        fn an_index_equals_filtering_and_sorting(
            rows in prop::collection::vec((0..5_u32, 0..5_u32, -9..9_i64), 0..40),
            scale in prop::sample::select(vec![1, 1_000, 86_400_000, 1_i64 << 59]),
            odd in 0..2_i64,
            from in -10..10_i64,
            span in 0..10_i64,
        ) {
            // One odd millisecond leaves no common step, so that the widest scale is listed.
            let rows: Vec<Row> = rows
                .iter()
                .enumerate()
                .map(|(at, row)| (row.0, row.1, row.2 * scale + odd * i64::from(at == 0)))
                .collect();
            check(5, &rows);
            let built = graph(5, &rows);
            let (from, to) = (from * scale, (from + span).saturating_mul(scale));
            for node in 0..5 {
                let all = expected(&rows, |row| (row.0 == node).then_some(row.1));
                let within: Vec<_> =
                    all.into_iter().filter(|edge| (from..=to).contains(&edge.1)).collect();
                prop_assert_eq!(listed(built.out_between(node, from, to)), within);
            }
        }
    }
}
