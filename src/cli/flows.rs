//! `flows`: who paid whom, how much, when.

use std::path::PathBuf;

use crate::analyses::flows::{Params, run_summed};
use crate::analyses::{Inputs, with_unproved};
use crate::cli::session::Session;
use crate::error::Result;

/// A case and the analysis's own parameters.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// A case store, a run directory, or a case file
    #[arg(value_name = "STORE|CASE.toml")]
    case: PathBuf,
    #[command(flatten)]
    params: Params,
}

/// Opens the case, adds up its transfers and prints the totals. A case file's returns are read
/// into memory: totals need neither a store nor the texts beside the amounts.
///
/// # Errors
///
/// As the analysis.
pub fn run(session: &Session, args: &Args) -> Result<()> {
    let opened = session.open_in_memory(&args.case)?;
    let inputs = Inputs::timed(&opened.case, &session.timings);
    inputs.read_transfers()?;
    let stage = session.timings.start("flows");
    let (outcome, sums) = run_summed(&inputs, &args.params)?;
    let check = sums.check(&opened.case.manifest().digits);
    session.timings.end_checked(stage, opened.case.transfers()?.line.len() as u64, check.clone());
    session.timings.check(check);
    let outcome = with_unproved(&inputs, outcome)?;
    session.print(&opened.case, &outcome.tables)
}
