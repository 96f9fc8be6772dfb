//! `generate`: an invented case with planted truth.

use std::path::PathBuf;

use crate::cli::session::Session;
use crate::error::Result;
use crate::generate::Params;

/// What to invent, and where to.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    params: Params,
    /// Directory of the case; it must not exist or be empty
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Writes the case folder.
///
/// # Errors
///
/// [`crate::Error::Io`] if the disk refuses.
pub fn run(session: &Session, args: &Args) -> Result<()> {
    let stage = session.timings.start("generate");
    args.params.write(&args.out)?;
    session.timings.end(stage, None);
    eprintln!("wrote {}", args.out.join("case.toml").display());
    Ok(())
}
