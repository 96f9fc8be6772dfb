//! The result tables of analyses as questions see them, computed when first asked for.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::analyses::{self, Inputs, Outcome};
use crate::error::Result;
use crate::model::ResultTable;
use crate::query::{Query, ResultProvider};

/// Runs analyses by name over one case and keeps what each answered with its defaults.
pub struct AnalysisResults<'a> {
    inputs: &'a Inputs<'a>,
    kept: RefCell<BTreeMap<&'static str, Outcome>>,
}

macro_rules! analyses {
    ($($name:literal $module:ident $($table:literal)+,)+) => {
        /// Analyses by name, with the tables each one answers.
        pub const ANALYSES: &[(&str, &[&str])] = &[$(($name, &[$($table),+]),)+];

        impl AnalysisResults<'_> {
            fn run_default(&self, analysis: &str) -> Result<Outcome> {
                match analysis {
                    $($name => analyses::$module::run(self.inputs, &Default::default()),)+
                    _ => unreachable!("only analyses of the list are asked for"),
                }
            }

            fn run_asked(
                &self,
                analysis: &str,
                query: &Query,
                values: &BTreeMap<String, String>,
            ) -> Result<Option<Outcome>> {
                Ok(Some(match analysis {
                    $($name => {
                        let params = query.analysis_parameters(values)?;
                        analyses::$module::run(self.inputs, &params)?
                    })+
                    _ => return Ok(None),
                }))
            }
        }
    };
}

analyses! {
    "flows" flows "flows",
    "clusters" clusters "clusters" "common_identifiers",
    "facilitators" facilitators "facilitators",
    "pass-through" pass_through "pass-through",
    "fan" fan "fan-in" "fan-out",
    "cycles" cycles "cycles" "cycles_steps",
    "round-trip" round_trip "round-trip" "round-trip_steps",
    "structuring" structuring "structuring" "structuring_steps",
    "funnel" funnel "funnel" "funnel_steps",
    "payroll-sweep" payroll_sweep "payroll-sweep" "payroll-sweep_steps",
    "chains" chains "chains" "chains_steps",
    "gather-scatter" gather_scatter "gather-scatter" "gather-scatter_steps",
    "scatter-gather" scatter_gather "scatter-gather" "scatter-gather_steps",
    "bipartite" bipartite "bipartite" "bipartite_steps",
    "stack" stack "stack" "stack_steps",
    "balances" balances "balances" "statement_balances" "explanations",
    "requests" requests "requests",
    "status" coverage "status" "identical_records",
    "contacts" contacts "contacts" "phone_changes",
    "premises" premises "premises_payers",
    "neighbourhood" neighbourhood "neighbourhood",
}

impl<'a> AnalysisResults<'a> {
    /// Nothing is computed until a question names it.
    pub fn new(inputs: &'a Inputs<'a>) -> AnalysisResults<'a> {
        AnalysisResults { inputs, kept: RefCell::new(BTreeMap::new()) }
    }

    /// Keeps an outcome that was computed with defaults elsewhere, so that it is not computed
    /// again.
    pub fn keep(&self, analysis: &'static str, outcome: Outcome) {
        self.kept.borrow_mut().insert(analysis, outcome);
    }
}

impl ResultProvider for AnalysisResults<'_> {
    fn names(&self) -> Vec<String> {
        ANALYSES
            .iter()
            .flat_map(|(_, tables)| tables.iter().map(|table| table.replace('-', "_")))
            .collect()
    }

    fn result_table(&self, name: &str) -> Result<Option<ResultTable>> {
        let holds = |tables: &[&str]| tables.iter().any(|table| table.replace('-', "_") == name);
        let Some((analysis, _)) = ANALYSES.iter().find(|(_, tables)| holds(tables)) else {
            return Ok(None);
        };
        if !self.kept.borrow().contains_key(analysis) {
            let outcome = self.run_default(analysis)?;
            self.kept.borrow_mut().insert(analysis, outcome);
        }
        let kept = self.kept.borrow();
        let tables = &kept[analysis].tables;
        Ok(tables.iter().find(|table| table.name.replace('-', "_") == name).cloned())
    }

    fn run_analysis(
        &self,
        analysis: &str,
        query: &Query,
        values: &BTreeMap<String, String>,
    ) -> Result<Option<ResultTable>> {
        let asked =
            |(name, tables): &&(&str, &[&str])| *name == analysis || tables.contains(&analysis);
        let Some((name, _)) = ANALYSES.iter().find(asked) else {
            return Ok(None);
        };
        let Some(outcome) = self.run_asked(name, query, values)? else {
            return Ok(None);
        };
        let named = outcome.tables.iter().find(|table| table.name == analysis).cloned();
        Ok(named.or_else(|| outcome.tables.into_iter().next()))
    }
}
