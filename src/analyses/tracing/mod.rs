//! Fund tracing: where declared money went, under each rule that courts use.
//!
//! # What it finds
//! For each label of traced money and each of five rules: what every transfer carried of it, what
//! every account held of it at the end of each day, and by which exits it left. Beside every
//! figure its floor and ceiling, beyond which no allocation can go, and whether another order of
//! the transfers within a day would change it. The same backward: which credits fund a payment.
//!
//! # Why it matters
//! Money has no name once it is mixed. Courts use presumptions instead, and the presumption can
//! decide who is paid and who is charged; whoever shows one figure has to show the others.
//!
//! # What else explains it
//! A traced part says what a presumption attributes, not that a payee knew or took part: rent,
//! wages and school fees carry traced money like any other payment.
//!
//! # Parameters
//! See [`Params`].
//!
//! # Cost
//! Some walks over the transfers to find what the money can reach; over the postings of that, one
//! pass for each rule and order of days, and one for the bounds.

mod answer;
pub mod bounds;
pub mod case_ledger;
mod closing;
pub mod components;
mod conversions;
mod destination;
mod explain;
pub mod figures;
pub mod flow_graph;
mod gaps;
pub mod ledger;
mod listed;
pub mod listing;
pub mod lots;
mod narrative;
mod narrowed;
pub mod openings;
mod paths;
pub mod pools;
pub mod posting_order;
pub mod reach;
mod reached;
pub mod reliance;
pub mod rules;
pub mod same_day;
pub mod shares;
pub mod sources;
pub mod subset;
pub mod sweep;
pub mod tables;
pub mod traces;
pub mod walk;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use clap::Args;

use self::answer::Answer;
pub use self::narrowed::{Narrowed, narrowed};
use self::reliance::Reliances;
use self::rules::Rule;
use self::same_day::DayOrder;
use self::sources::{SourceSpec, Sources, civil_day, transfer_named};
use self::tables::Tables;
use self::traces::{Question, Traces};
use crate::analyses::{Inputs, Outcome, TransferFacts, counted};
use crate::error::{Error, Result};
use crate::model::{EntityKind, day_text};
use crate::store::Case;

/// Rows of a long table unless asked for more.
const ROWS_MAX: usize = 100_000;

/// By what the first table of a trace adds up.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, clap::ValueEnum)]
pub enum By {
    /// Where the money is at the end: accounts, and exits by counterparty and channel.
    #[default]
    Exit,
    /// What came into each account, went out of it and stayed.
    Account,
    /// The same by whose own the accounts are.
    Party,
    /// Every transfer with its traced part.
    Transfer,
}

/// Flags of `trace`.
#[derive(Args, Clone, Debug)]
#[group(skip)]
pub struct Params {
    /// What is traced: a transfer by file and line, a selector as in
    /// account=ACCOUNT,from=2024-01-01,direction=in,channel=cash, or a file of labelled sources;
    /// each is a label of its own
    #[arg(long, value_name = "SOURCE")]
    pub source: Vec<String>,
    /// Rules, in the order of their columns; all of them unless given
    #[arg(long, value_name = "RULES", value_delimiter = ',', value_enum)]
    pub rule: Vec<Rule>,
    /// Order of the transfers within a day; what the others change is told
    #[arg(long, value_name = "ORDER", value_enum, default_value_t = DayOrder::Stated)]
    pub order: DayOrder,
    /// Last day that is followed, as in 2024-06-30
    #[arg(long, value_name = "DATE")]
    pub until: Option<String>,
    /// Only paths that end in this account, or in an account of this party
    #[arg(long, value_name = "ACCOUNT|PARTY")]
    #[arg(conflicts_with_all = ["explain", "restrain", "pari_passu"])]
    pub into: Option<String>,
    /// By what the first table adds up
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = By::Exit)]
    #[arg(conflicts_with_all = ["explain", "destination", "reach", "restrain", "pari_passu"])]
    pub by: By,
    /// Rows that the tables of transfers, days and ends list at most, about
    #[arg(long, value_name = "N", default_value_t = ROWS_MAX)]
    pub rows_max: usize,
    /// Walk one transfer's traced part back to the sources, step by step
    #[arg(long, value_name = "TRANSFER", conflicts_with_all = ["restrain", "pari_passu"])]
    pub explain: Option<String>,
    /// Backward: which credits fund this transfer
    #[arg(long, value_name = "TRANSFER")]
    #[arg(conflicts_with_all = ["source", "into", "explain", "restrain", "pari_passu", "until"])]
    pub destination: Option<String>,
    /// Which accounts the money of each label can have reached by at most so many transfers, under
    /// any allocation, and which of them no statement is held of
    #[arg(long, value_name = "TRANSFERS", value_parser = clap::value_parser!(u32).range(1..))]
    #[arg(conflicts_with_all = ["destination", "into", "explain", "restrain", "pari_passu"])]
    #[arg(conflicts_with_all = ["rule", "order"])]
    pub reach: Option<u32>,
    /// Share out what is left by what was paid in
    #[arg(long, conflicts_with = "restrain")]
    pub pari_passu: bool,
    /// How much would be held if this account were frozen on the last day; again for more accounts
    #[arg(long, value_name = "ACCOUNT")]
    pub restrain: Vec<String>,
}

impl Params {
    fn question(&self) -> Result<Question> {
        let until = match &self.until {
            None => i32::MAX,
            Some(text) => civil_day(text).ok_or_else(|| {
                Error::Usage(format!("--until: found {text:?}, expected a date 2024-06-30"))
            })?,
        };
        let mut rules = self.rule.clone();
        if rules.is_empty() {
            rules.extend(Rule::ALL);
        }
        if (1..rules.len()).any(|at| rules[..at].contains(&rules[at])) {
            return Err(Error::Usage("--rule names a rule twice".to_owned()));
        }
        Ok(Question { rules, order: self.order, until, rows_max: self.rows_max })
    }

    /// The accounts that `into` names, where it is given.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`] with the nearest names, [`Error::Usage`] where several fit.
    pub fn into_accounts(&self, case: &Case) -> Result<Option<BTreeSet<u32>>> {
        self.into.as_ref().map(|name| paths::accounts_named(case, name)).transpose()
    }
}

/// Finds the sources and traces them.
///
/// # Errors
///
/// As [`Sources::find`] and [`Traces::new`]; [`Error::Usage`] where no source lies before the last
/// day.
pub fn traces<'a>(inputs: &Inputs<'a>, params: &Params) -> Result<Traces<'a>> {
    let (sources, question) = asked(inputs, params)?;
    Traces::new(inputs, sources, question, None)
}

/// What is to be traced, and how.
///
/// # Errors
///
/// As [`traces`].
pub fn asked(inputs: &Inputs, params: &Params) -> Result<(Sources, Question)> {
    let case = inputs.case;
    let mut specs = Vec::new();
    for text in &params.source {
        specs.extend(SourceSpec::parse(text)?);
    }
    let question = params.question()?;
    let mut sources = Sources::find(case, &specs)?;
    let until = question.until;
    let of = |sources: &Sources| -> Result<Vec<i32>> {
        let days = &case.transfers()?.day;
        Ok(sources.parts.iter().map(|part| days[part.transfer as usize]).collect())
    };
    let days = of(&sources)?;
    let late = days.iter().filter(|day| **day > until).count();
    if late == days.len() {
        return Err(Error::Usage(format!(
            "every source lies after {}, the last day that is followed; the first is of {}",
            day_text(until),
            day_text(days.iter().copied().min().unwrap_or(until))
        )));
    }
    if late > 0 {
        let late = counted(late as u64, "transfer");
        sources.notes.push(format!("{late} of the sources lie after the last day."));
    }
    Ok((sources, question))
}

/// Whose own each account is, joined.
fn holders(case: &Case) -> Result<BTreeMap<u32, String>> {
    let (holdings, parties) = (case.holdings()?, case.parties()?);
    let mut names: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
    for row in 0..holdings.account.len() {
        if holdings.is_own(row) {
            let name = parties.party.get(holdings.party[row] as usize);
            let of = names.entry(holdings.account[row]).or_default();
            if !of.contains(&name) {
                of.push(name);
            }
        }
    }
    Ok(names.into_iter().map(|(account, names)| (account, names.join("; "))).collect())
}

/// Which tables of a trace are wanted; the others are not made.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Wanted<'a> {
    /// All of them.
    #[default]
    All,
    /// The first.
    First,
    /// The one of this name.
    Named(&'a str),
}

/// As [`run`], of a case that [`narrowed`] may have narrowed.
///
/// # Errors
///
/// As [`run`].
pub fn run_narrowed(
    inputs: &Inputs,
    params: &Params,
    wanted: Wanted,
    narrow: Option<Narrowed>,
) -> Result<Outcome> {
    let Some(narrow) = narrow else { return run(inputs, params, wanted) };
    let (sources, question) = asked(inputs, params)?;
    let traces = Traces::new(inputs, sources, question, Some(narrow))?;
    outcome(inputs, params, &traces, wanted)
}

/// Traces and lays out the tables that are wanted; no findings.
///
/// # Errors
///
/// As [`traces`]; [`Error::Unknown`] for accounts and parties that are not in the case.
pub fn run(inputs: &Inputs, params: &Params, wanted: Wanted) -> Result<Outcome> {
    let case = inputs.case;
    if let Some(text) = &params.destination {
        let transfer = transfer_named(case, text)?;
        let funding = destination::funding(case, transfer, &params.question()?)?;
        let table = destination::table(case, &funding, &params.question()?)?;
        return Ok(Outcome { tables: vec![table], findings: Vec::new() });
    }
    if let Some(hops_max) = params.reach {
        let (sources, question) = asked(inputs, params)?;
        return reach_of(inputs, &sources, &question, hops_max);
    }
    let traces = traces(inputs, params)?;
    outcome(inputs, params, &traces, wanted)
}

/// The table of what sources can have reached; `inputs` may be the case in which they were found,
/// or the same under other names.
///
/// # Errors
///
/// As [`run`].
pub fn reach_of(
    inputs: &Inputs,
    sources: &Sources,
    question: &Question,
    hops_max: u32,
) -> Result<Outcome> {
    let table = reached::table(inputs, sources, question, hops_max)?;
    Ok(Outcome { tables: vec![table], findings: Vec::new() })
}

/// The tables of traces that were made.
///
/// # Errors
///
/// As [`run`].
pub fn outcome(
    inputs: &Inputs,
    params: &Params,
    traces: &Traces,
    wanted: Wanted,
) -> Result<Outcome> {
    let case = inputs.case;
    let reliances = Reliances::of(inputs, traces)?;
    let (facts, holders) = (TransferFacts::new(case)?, holders(case)?);
    let (reliances, facts, holders) = (&reliances, &facts, &holders);
    let tables = Tables { inputs, traces, reliances, facts, holders };
    let only = if let Some(text) = &params.explain {
        explain::explain(&tables, transfer_named(case, text)?)?
    } else if !params.restrain.is_empty() {
        let mut frozen = Vec::new();
        for name in &params.restrain {
            frozen.push(case.find_one(name, &[EntityKind::Account])?.row);
        }
        closing::restrain(&tables, &frozen)?
    } else if params.pari_passu {
        closing::pari_passu(&tables)
    } else {
        let tables = Answer::new(&tables, params)?.tables(wanted)?;
        return Ok(Outcome { tables, findings: Vec::new() });
    };
    Ok(Outcome { tables: vec![only], findings: Vec::new() })
}

/// What every reader of the figures has to know.
fn standing_notes(traces: &Traces) -> Vec<String> {
    let mut notes = vec![
        "Floor and ceiling are outer limits on what any allocation could say; an allocation need \
         not reach them. A rule says what a presumption attributes to a payment, not that the \
         payee knew of it."
            .to_owned(),
    ];
    let conflicts = traces.of.ledger.conflicts.len();
    if conflicts > 0 {
        let orders = counted(conflicts as u64, "transfer");
        notes.push(format!(
            "The statements contradict each other about the order of {orders}; trace_rests_on \
             names those that traced money can have crossed."
        ));
    }
    notes
}
