//! Commands that run one analysis and print its tables.

use std::path::PathBuf;

use crate::analyses::{Inputs, Outcome, with_unproved};
use crate::cli::session::Session;
use crate::error::Result;

/// A case and the analysis's own parameters.
#[derive(clap::Args, Debug)]
pub struct Args<P: clap::Args> {
    /// A case store, a run directory, or a case file
    #[arg(value_name = "STORE|CASE.toml")]
    case: PathBuf,
    #[command(flatten)]
    params: P,
}

impl<P: clap::Args> Args<P> {
    /// Opens the case, runs the analysis and prints what it answers.
    ///
    /// # Errors
    ///
    /// As the analysis.
    pub fn run(
        &self,
        session: &Session,
        name: &str,
        analysis: fn(&Inputs, &P) -> Result<Outcome>,
    ) -> Result<()> {
        let opened = session.open(&self.case)?;
        let inputs = Inputs::timed(&opened.case, &session.timings);
        let stage = session.timings.start(name);
        let outcome = with_unproved(&inputs, analysis(&inputs, &self.params)?)?;
        session.timings.end(stage, opened.case.transfer_rows()?.len() as u64);
        session.print(&opened.case, &outcome.tables)
    }
}
