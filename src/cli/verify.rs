//! `verify`: is a directory what its manifest says?

use std::path::PathBuf;

use crate::cli::session::Session;
use crate::error::{Error, Result};
use crate::model::counted_as;
use crate::store::{Manifest, verify};

/// What to check.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// A store, a run or an exhibit
    #[arg(value_name = "DIR")]
    dir: PathBuf,
}

/// Recomputes every hash and names the files that differ.
///
/// # Errors
///
/// [`Error::Failed`] if any file differs.
pub fn run(session: &Session, args: &Args) -> Result<()> {
    let stage = session.timings.start("verify");
    let differences = verify(&args.dir)?;
    let manifest = Manifest::read(&args.dir)?;
    session.timings.end(stage, manifest.files.len() as u64);
    if differences.is_empty() {
        let files = counted_as(manifest.files.len(), "file matches", "files match");
        let (dir, kind) = (args.dir.display(), &manifest.kind);
        println!("{dir}: the {kind} is intact, {files} its manifest");
        return Ok(());
    }
    differences.iter().for_each(|difference| println!("{difference}"));
    let dir = args.dir.display();
    let differ = counted_as(differences.len(), "file differs", "files differ");
    Err(Error::Failed(format!("{dir}: {differ} from the manifest")))
}
