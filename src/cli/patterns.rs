//! `patterns`: all patterns with their defaults, or one with its own flags.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Subcommand;

use crate::analyses::{
    Inputs, Outcome, bipartite, chains, cycles, fan, funnel, gather_scatter, pass_through,
    payroll_sweep, round_trip, scatter_gather, stack, structuring, with_unproved,
};
use crate::cli::session::Session;
use crate::error::{Error, Result, nearest};

/// Which case, and which pattern.
#[derive(clap::Args, Debug)]
#[command(subcommand_value_name = "PATTERN", subcommand_help_heading = "Patterns")]
pub struct Args {
    /// A case store, a run directory, or a case file
    #[arg(value_name = "STORE|CASE.toml")]
    case: PathBuf,
    #[command(subcommand)]
    pattern: Option<Pattern>,
}

/// One pattern with its parameters.
#[derive(Debug, Subcommand)]
enum Pattern {
    /// Money that leaves soon after it arrives
    PassThrough(pass_through::Params),
    /// Many senders to one account, many receivers from one account
    Fan(fan::Params),
    /// Money that comes back to the account it left
    Cycles(cycles::Params),
    /// Money that comes back to another account of the party that sent it
    RoundTrip(round_trip::Params),
    /// Cash in amounts that are not reported, and together would be
    Structuring(structuring::Params),
    /// Cash in at many places, soon out somewhere else
    Funnel(funnel::Params),
    /// Wages that go back to the same hands
    PayrollSweep(payroll_sweep::Params),
    /// Money handed on in about the same amount
    Chains(chains::Params),
    /// Several accounts to one, and it to several
    GatherScatter(gather_scatter::Params),
    /// One account to several, and they to one
    ScatterGather(scatter_gather::Params),
    /// Several accounts that each pay each of several
    Bipartite(bipartite::Params),
    /// Two bipartite layers, one paying on what the other paid it
    Stack(stack::Params),
    /// A word that names none of them.
    #[command(external_subcommand)]
    Other(Vec<OsString>),
}

impl Pattern {
    /// Refuses a word that names no pattern, with those that there are.
    fn unknown(words: &[OsString]) -> Error {
        let found = words.first().map_or_else(String::new, |word| word.display().to_string());
        let all = Pattern::augment_subcommands(clap::Command::new("patterns"));
        let names: Vec<&str> = all.get_subcommands().map(clap::Command::get_name).collect();
        let near = nearest(&found, names.iter().copied(), 1);
        let near = near.first().map_or(String::new(), |near| format!("did you mean {near:?}? "));
        let all = names.join(", ");
        Error::Usage(format!("no pattern is named {found:?}; {near}the patterns are {all}"))
    }
}

/// Prints the instances of every pattern, or of the one named.
///
/// # Errors
///
/// As the analyses.
pub fn run(session: &Session, args: &Args) -> Result<()> {
    if let Some(Pattern::Other(words)) = &args.pattern {
        return Err(Pattern::unknown(words));
    }
    let opened = session.open(&args.case)?;
    let inputs = Inputs::timed(&opened.case, &session.timings);
    inputs.pack_transfers()?;
    // Stages of their own, so that the time of the search stands by itself.
    inputs.graph()?;
    let stage = session.timings.start("patterns");
    let outcomes: Vec<Outcome> = match &args.pattern {
        Some(Pattern::PassThrough(params)) => vec![pass_through::run(&inputs, params)?],
        Some(Pattern::Fan(params)) => vec![fan::run(&inputs, params)?],
        Some(Pattern::Cycles(params)) => vec![cycles::run(&inputs, params)?],
        Some(Pattern::RoundTrip(params)) => vec![round_trip::run(&inputs, params)?],
        Some(Pattern::Structuring(params)) => vec![structuring::run(&inputs, params)?],
        Some(Pattern::Funnel(params)) => vec![funnel::run(&inputs, params)?],
        Some(Pattern::PayrollSweep(params)) => vec![payroll_sweep::run(&inputs, params)?],
        Some(Pattern::Chains(params)) => vec![chains::run(&inputs, params)?],
        Some(Pattern::GatherScatter(params)) => vec![gather_scatter::run(&inputs, params)?],
        Some(Pattern::ScatterGather(params)) => vec![scatter_gather::run(&inputs, params)?],
        Some(Pattern::Bipartite(params)) => vec![bipartite::run(&inputs, params)?],
        Some(Pattern::Stack(params)) => vec![stack::run(&inputs, params)?],
        Some(Pattern::Other(_)) => unreachable!("refused above"),
        None => vec![
            pass_through::run(&inputs, &pass_through::Params::default())?,
            fan::run(&inputs, &fan::Params::default())?,
            cycles::run(&inputs, &cycles::Params::default())?,
            round_trip::run(&inputs, &round_trip::Params::default())?,
            structuring::run(&inputs, &structuring::Params::default())?,
            funnel::run(&inputs, &funnel::Params::default())?,
            payroll_sweep::run(&inputs, &payroll_sweep::Params::default())?,
            chains::run(&inputs, &chains::Params::default())?,
            gather_scatter::run(&inputs, &gather_scatter::Params::default())?,
            scatter_gather::run(&inputs, &scatter_gather::Params::default())?,
            bipartite::run(&inputs, &bipartite::Params::default())?,
            stack::run(&inputs, &stack::Params::default())?,
        ],
    };
    session.timings.end(stage, opened.case.transfer_rows()?.len() as u64);
    let mut tables = Vec::new();
    for outcome in outcomes {
        tables.extend(with_unproved(&inputs, outcome)?.tables);
    }
    session.print(&opened.case, &tables)
}
