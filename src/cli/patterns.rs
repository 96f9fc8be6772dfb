//! `patterns`: all patterns with their defaults, or one with its own flags.

use std::path::PathBuf;

use clap::Subcommand;

use crate::analyses::{
    Inputs, Outcome, bipartite, fan, gather_scatter, pass_through, scatter_gather, stack,
    with_unproved,
};
use crate::cli::session::Session;
use crate::error::Result;

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
    /// Several accounts to one, and it to several
    GatherScatter(gather_scatter::Params),
    /// One account to several, and they to one
    ScatterGather(scatter_gather::Params),
    /// Several accounts that each pay each of several
    Bipartite(bipartite::Params),
    /// Two bipartite layers, one paying on what the other paid it
    Stack(stack::Params),
}

/// Prints the instances of every pattern, or of the one named.
///
/// # Errors
///
/// As the analyses.
pub fn run(session: &Session, args: &Args) -> Result<()> {
    let opened = session.open(&args.case)?;
    let inputs = Inputs::timed(&opened.case, &session.timings);
    let stage = session.timings.start("patterns");
    let outcomes: Vec<Outcome> = match &args.pattern {
        Some(Pattern::PassThrough(params)) => vec![pass_through::run(&inputs, params)?],
        Some(Pattern::Fan(params)) => vec![fan::run(&inputs, params)?],
        Some(Pattern::GatherScatter(params)) => vec![gather_scatter::run(&inputs, params)?],
        Some(Pattern::ScatterGather(params)) => vec![scatter_gather::run(&inputs, params)?],
        Some(Pattern::Bipartite(params)) => vec![bipartite::run(&inputs, params)?],
        Some(Pattern::Stack(params)) => vec![stack::run(&inputs, params)?],
        None => vec![
            pass_through::run(&inputs, &pass_through::Params::default())?,
            fan::run(&inputs, &fan::Params::default())?,
            gather_scatter::run(&inputs, &gather_scatter::Params::default())?,
            scatter_gather::run(&inputs, &scatter_gather::Params::default())?,
            bipartite::run(&inputs, &bipartite::Params::default())?,
            stack::run(&inputs, &stack::Params::default())?,
        ],
    };
    session.timings.end(stage, opened.case.transfers()?.line.len() as u64);
    let mut tables = Vec::new();
    for outcome in outcomes {
        tables.extend(with_unproved(&inputs, outcome)?.tables);
    }
    session.print(&opened.case, &tables)
}
