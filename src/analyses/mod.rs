//! The analyses: one file each, from a case to tables and findings.
//!
//! Every analysis has the same shape: a `Params` struct that is at once the flags of its
//! command, the keys of a query file and their defaults, and a
//! `run(&Inputs, &Params) -> Result<Outcome>`. Analyses read tables and the graph; they never
//! see raw text, and they draw and word nothing beyond the one sentence of a finding.

pub mod balances;
pub mod bipartite;
mod business_days;
pub mod chains;
pub mod clusters;
pub mod contacts;
pub mod coverage;
mod cuts;
pub mod cycles;
pub mod facilitators;
pub mod fan;
mod first_in_first_out;
pub mod flows;
pub mod funnel;
pub mod gather_scatter;
mod groups;
mod instance_columns;
mod instances;
mod moments;
mod months;
pub mod neighbourhood;
pub mod pass_through;
pub mod payroll_sweep;
mod places;
pub mod premises;
mod readings;
pub mod requests;
pub mod round_trip;
mod same_money;
pub mod scatter_gather;
#[cfg(test)]
mod sketch;
mod sliding;
pub mod stack;
pub mod structuring;
pub mod tracing;
mod transfer_facts;
mod ways_back;

use std::sync::OnceLock;

pub use crate::model::{counted, counted_as};
pub use balances::{
    BalanceState, MonthBalance, Proofs, table_with_unproved, unproved, with_unproved,
};
pub(crate) use balances::{Booked, booked_in_order};
pub use bipartite::{Layer, Params as LayerParams};
pub(crate) use bipartite::{layers, notes_of_cut};
pub(crate) use business_days::BusinessDays;
pub use clusters::{Memberships, Params as ClusterParams, memberships};
pub(crate) use cuts::cut_notes;
pub(crate) use first_in_first_out::{
    DAY_MS, Match, Movement, dwell_median_ms, match_first_in, match_in_order, sort_as_they_came,
    sort_as_they_left, stay_ms,
};
pub use groups::Groups;
pub(crate) use instance_columns::{add_column, leading};
pub(crate) use instances::{INSTANCES_MAX, Instance, Pattern, Told, outcome};
pub(crate) use moments::Moments;
pub use months::{month_after, month_of, month_text};
pub(crate) use places::{PlaceNames, Places, is_in_address};
pub use readings::{Reading, Readings, detail_row};
pub use same_money::same_money_tables;
pub use transfer_facts::{
    SOURCE_REFS_MAX, TransferFacts, account_name, possible_pairs_sentence, total_minor,
};

pub(crate) use ways_back::{Bounds, Homes, WaysBack, ways_back};

use crate::error::Result;
use crate::graph::TransferGraph;
use crate::model::{Finding, ResultTable};
use crate::store::Case;
use crate::timings::Timings;

/// What an analysis answers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// Result tables, each in a stable order; the first one is the analysis's main answer.
    pub tables: Vec<ResultTable>,
    /// Findings, best first by the analysis's own score, ties by candidate.
    pub findings: Vec<Finding>,
}

/// What analyses read: the case, and the graph over its transfers, built once when first needed.
#[derive(Debug)]
pub struct Inputs<'a> {
    /// The opened case.
    pub case: &'a Case,
    graph: OnceLock<TransferGraph>,
    proofs: OnceLock<Proofs>,
    timings: Option<&'a Timings>,
}

impl<'a> Inputs<'a> {
    /// Nothing is read until an analysis asks.
    pub fn new(case: &'a Case) -> Inputs<'a> {
        Inputs { case, graph: OnceLock::new(), proofs: OnceLock::new(), timings: None }
    }

    /// As [`Inputs::new`]; reading the transfers and building the graph are stages of `timings`.
    pub fn timed(case: &'a Case, timings: &'a Timings) -> Inputs<'a> {
        Inputs { timings: Some(timings), ..Inputs::new(case) }
    }

    /// Does a part of the work as a stage of its own, where stages are timed.
    pub fn stage<T>(&self, name: &str, work: impl FnOnce() -> T) -> T {
        let stage = self.timings.map(|timings| timings.start(name));
        let done = work();
        if let (Some(timings), Some(stage)) = (self.timings, stage) {
            timings.end(stage, None);
        }
        done
    }

    /// As [`Inputs::read_transfers`], packed: for a command that holds the graph over them and
    /// never a whole column of theirs.
    ///
    /// # Errors
    ///
    /// [`crate::Error::File`] if the store is damaged.
    pub fn pack_transfers(&self) -> Result<()> {
        let stage = self.timings.map(|timings| timings.start("transfers"));
        self.case.pack_transfers()?;
        let rows = self.case.transfer_rows()?.len() as u64;
        self.case.accounts()?;
        if let (Some(timings), Some(stage)) = (self.timings, stage) {
            timings.end(stage, rows);
        }
        Ok(())
    }

    /// Reads the transfers and accounts of the case, if nothing has yet.
    ///
    /// # Errors
    ///
    /// [`crate::Error::File`] if the store is damaged.
    pub fn read_transfers(&self) -> Result<()> {
        let stage = self.timings.map(|timings| timings.start("transfers"));
        let rows = self.case.transfer_rows()?.len() as u64;
        self.case.accounts()?;
        if let (Some(timings), Some(stage)) = (self.timings, stage) {
            timings.end(stage, rows);
        }
        Ok(())
    }

    /// The graph over the case's transfers.
    ///
    /// # Errors
    ///
    /// [`crate::Error::File`] if the store is damaged.
    pub fn graph(&self) -> Result<&TransferGraph> {
        if self.graph.get().is_none() {
            if !self.case.has_packed_transfers() {
                self.read_transfers()?;
            }
            let stage = self.timings.map(|timings| timings.start("graph"));
            let graph = TransferGraph::from_case(self.case)?;
            if let (Some(timings), Some(stage)) = (self.timings, stage) {
                timings.end(stage, graph.edges() as u64);
            }
            let _ = self.graph.set(graph);
        }
        Ok(self.graph.get().expect("the graph was just built"))
    }

    /// Every month of every account whose own statements are held, as [`Inputs::proofs`].
    ///
    /// # Errors
    ///
    /// As [`Inputs::proofs`].
    pub fn month_balances(&self) -> Result<&[MonthBalance]> {
        Ok(&self.proofs()?.months)
    }

    /// The balances of every account whose own statements are held, proved once and kept, since
    /// the foot of each chart and table asks for them.
    ///
    /// # Errors
    ///
    /// [`crate::Error::AmountOverflow`]; [`crate::Error::File`] if the store is damaged.
    pub fn proofs(&self) -> Result<&Proofs> {
        if self.proofs.get().is_none() {
            let _ = self.proofs.set(balances::proofs(self.case)?);
        }
        Ok(self.proofs.get().expect("the balances were just proved"))
    }
}
