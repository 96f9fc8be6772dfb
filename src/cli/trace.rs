//! `trace`: where declared money went, under each rule that courts use.

use std::path::PathBuf;

use crate::analyses::tracing::{Params, run as trace};
use crate::analyses::{Inputs, with_unproved};
use crate::cli::session::Session;
use crate::error::Result;

/// Which case, and what to trace in it.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// A case store, a run directory, or a case file
    #[arg(value_name = "STORE|CASE.toml")]
    case: PathBuf,
    #[command(flatten)]
    params: Params,
}

/// Traces and prints the tables.
///
/// # Errors
///
/// As [`trace`].
pub fn run(session: &Session, args: &Args) -> Result<()> {
    let opened = session.open(&args.case)?;
    let inputs = Inputs::timed(&opened.case, &session.timings);
    inputs.read_transfers()?;
    let stage = session.timings.start("trace");
    let outcome = trace(&inputs, &args.params)?;
    session.timings.end(stage, opened.case.transfers()?.line.len() as u64);
    let outcome = with_unproved(&inputs, outcome)?;
    session.print(&opened.case, &outcome.tables)
}
