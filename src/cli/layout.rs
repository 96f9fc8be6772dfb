//! `layout`: a layout file for a table that no layout fits yet.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::cli::session::Session;
use crate::error::{Error, Result};
use crate::store::suggest_layout;

/// What to do about layouts.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand, Debug)]
enum What {
    /// Print a layout for an unknown table, with the evidence for each guess
    Suggest {
        /// A table of text, packed or not, or a Parquet file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

/// Prints a layout.
///
/// # Errors
///
/// As [`suggest_layout`]; [`Error::Io`] if standard output is closed.
pub fn run(session: &Session, args: &Args) -> Result<()> {
    let What::Suggest { file } = &args.what;
    let stage = session.timings.start("suggest");
    let text = suggest_layout(file)?;
    session.timings.end(stage, None);
    let out = std::io::stdout().write_all(text.as_bytes());
    out.map_err(|source| Error::io(Path::new("standard output"), source))
}
