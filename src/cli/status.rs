//! `status`: what was read, what adds up, what is missing, what to ask for.

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::analyses::{Inputs, balances, coverage, requests};
use crate::cli::session::Session;
use crate::error::{Error, Result};
use crate::exports::month_grid;
use crate::exports::tables::TableFormat;
use crate::model::ResultTable;

/// Which case.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// A case store, a run directory, or a case file
    #[arg(value_name = "STORE|CASE.toml")]
    case: PathBuf,
    #[command(flatten)]
    params: coverage::Params,
}

/// Prints accounts by month, sources, rejects, coverage, balances and requests; of all at once,
/// those without rows by name only.
///
/// # Errors
///
/// As the analyses.
pub fn run(session: &Session, args: &Args) -> Result<()> {
    let opened = session.open(&args.case)?;
    let inputs = Inputs::new(&opened.case);
    let stage = session.timings.start("status");
    let mut tables = coverage::run(&inputs, &args.params)?.tables;
    tables.insert(2, coverage::rejects(&opened.case)?);
    tables.extend(balances::run(&inputs, &balances::Params::default())?.tables);
    tables.extend(requests::run(&inputs, &requests::Params::default())?.tables);
    session.timings.end(stage, opened.case.transfers()?.line.len() as u64);
    let common = &session.common;
    let grid = common.table.as_deref().is_none_or(|name| name == "status");
    if !grid || common.format != TableFormat::Table || !common.columns.is_empty() {
        return session.print(&opened.case, &tables);
    }
    let months = tables.remove(0);
    let heading = if common.table.is_none() { "status\n" } else { "" };
    let written = write!(std::io::stdout().lock(), "{heading}{}", month_grid(&months));
    written.map_err(|source| Error::io(Path::new("standard output"), source))?;
    if common.table.is_some() {
        return Ok(());
    }
    println!();
    let (full, empty): (Vec<ResultTable>, Vec<ResultTable>) =
        tables.into_iter().map(without_hashes).partition(|table| table.rows() > 0);
    session.print(&opened.case, &full)?;
    if !empty.is_empty() {
        let names: Vec<&str> = empty.iter().map(|table| table.name.as_str()).collect();
        println!("\nNothing was found for {}.", names.join(", "));
    }
    Ok(())
}

/// The table of sources as wide as a terminal may be; `--table sources` prints the hashes.
fn without_hashes(mut table: ResultTable) -> ResultTable {
    if table.name == "sources" {
        table.columns.retain(|column| column.name != "sha256");
    }
    table
}
