//! `query`: answers a saved question.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;

use crate::analyses::{Inputs, table_with_unproved};
use crate::cli::session::Session;
use crate::error::{Error, Result};
use crate::query::{AnalysisResults, BUILT_IN, answer, find_query};

/// Which question, of which case, with which values.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// A case store, a run directory, or a case file
    #[arg(value_name = "STORE|CASE.toml")]
    case: PathBuf,
    /// Name of a saved question or path of a query file; without one, the saved questions are
    /// listed
    #[arg(value_name = "NAME|FILE")]
    question: Option<String>,
    /// Value of a parameter, as in --set party="Lena Ortiz"
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
}

/// Answers the question and prints its table.
///
/// # Errors
///
/// As [`answer`].
pub fn run(session: &Session, args: &Args) -> Result<()> {
    let Some(question) = &args.question else {
        let mut out = std::io::stdout().lock();
        for (name, _) in BUILT_IN {
            let query = find_query(name, &[])?;
            let listed = writeln!(out, "{name}: {}", query.title);
            listed.map_err(|source| Error::Io { path: "the list of questions".into(), source })?;
        }
        return Ok(());
    };
    let query = find_query(question, &[PathBuf::from("queries")])?;
    let values = values(&args.set)?;
    let opened = session.open(&args.case)?;
    let inputs = Inputs::timed(&opened.case, &session.timings);
    let stage = session.timings.start("query");
    let table = answer(&query, &values, &opened.case, &AnalysisResults::new(&inputs))?;
    let table = table_with_unproved(&inputs, table)?;
    session.timings.end(stage, table.rows() as u64);
    session.print(&opened.case, &[table])
}

/// Values of parameters by name.
fn values(set: &[String]) -> Result<BTreeMap<String, String>> {
    let mut values = BTreeMap::new();
    for one in set {
        let Some((name, value)) = one.split_once('=') else {
            return Err(Error::Usage(format!("--set takes NAME=VALUE, not {one:?}")));
        };
        if values.insert(name.trim().to_owned(), value.to_owned()).is_some() {
            return Err(Error::Usage(format!("--set gives {name:?} twice")));
        }
    }
    Ok(values)
}
