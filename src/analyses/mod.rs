//! The analyses: one file each, from a case to tables and findings.
//!
//! Every analysis has the same shape: a `Params` struct that is at once the flags of its
//! command, the keys of a query file and their defaults, and a
//! `run(&Inputs, &Params) -> Result<Outcome>`. Analyses read tables and the graph; they never
//! see raw text, and they draw and word nothing beyond the one sentence of a finding.

pub mod balances;
pub mod clusters;
pub mod contacts;
mod counted;
pub mod coverage;
pub mod facilitators;
pub mod fan;
mod first_in_first_out;
pub mod flows;
mod groups;
mod months;
pub mod neighbourhood;
pub mod pass_through;
pub mod premises;
mod readings;
pub mod requests;
#[cfg(test)]
mod sketch;
mod transfer_facts;

use std::sync::OnceLock;

pub use balances::{BalanceState, MonthBalance, Proofs, rests_on, unproved};
pub use clusters::{Memberships, Params as ClusterParams, memberships};
pub use counted::{counted, counted_as};
pub(crate) use first_in_first_out::{DAY_MS, Movement, dwell_median_ms, match_first_in};
pub use groups::Groups;
pub use months::{month_after, month_of, month_text};
pub use readings::{Reading, Readings, detail_row};
pub use transfer_facts::{
    SOURCE_REFS_MAX, TransferFacts, account_name, possible_pairs_sentence, total_minor,
};

use crate::error::Result;
use crate::graph::TransferGraph;
use crate::model::{Finding, ResultTable};
use crate::store::Case;

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
}

impl<'a> Inputs<'a> {
    /// Nothing is read until an analysis asks.
    pub fn new(case: &'a Case) -> Inputs<'a> {
        Inputs { case, graph: OnceLock::new(), proofs: OnceLock::new() }
    }

    /// The graph over the case's transfers.
    ///
    /// # Errors
    ///
    /// [`crate::Error::File`] if the store is damaged.
    pub fn graph(&self) -> Result<&TransferGraph> {
        if self.graph.get().is_none() {
            let _ = self.graph.set(TransferGraph::from_case(self.case)?);
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
