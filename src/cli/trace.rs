//! `trace`: where declared money went, under each rule that courts use.

mod drawn;

use std::io::Write as _;
use std::path::PathBuf;

use self::drawn::{Drawn, draw, protected, protected_answer};
use crate::analyses::tracing::{Params, Wanted, narrowed, outcome, run_narrowed as trace, traces};
use crate::analyses::{Inputs, with_unproved};
use crate::cli::session::Session;
use crate::error::{Error, Result};
use crate::exports::tables::TableFormat;

/// Which case, and what to trace in it.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// A case store, a run directory, or a case file
    #[arg(value_name = "STORE|CASE.toml", required_unless_present = "about")]
    case: Option<PathBuf>,
    #[command(flatten)]
    params: Params,
    #[command(flatten)]
    drawn: Drawn,
    /// Print the manual page of a rule, of floor and ceiling, or of pari passu, and nothing else
    #[arg(long, value_name = "PAGE", value_enum)]
    about: Option<Page>,
}

/// A page of the manual.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum Page {
    /// Lowest intermediate balance.
    Libr,
    /// First in first out.
    Fifo,
    /// Last in first out.
    Lifo,
    /// By shares of the balance.
    ProRata,
    /// Traced money first.
    TaintFirst,
    /// The limits beside every figure.
    FloorAndCeiling,
    /// Sharing out what is left.
    PariPassu,
}

impl Page {
    fn text(self) -> &'static str {
        match self {
            Page::Libr => include_str!("trace/libr.md"),
            Page::Fifo => include_str!("trace/fifo.md"),
            Page::Lifo => include_str!("trace/lifo.md"),
            Page::ProRata => include_str!("trace/pro-rata.md"),
            Page::TaintFirst => include_str!("trace/taint-first.md"),
            Page::FloorAndCeiling => include_str!("trace/floor-and-ceiling.md"),
            Page::PariPassu => include_str!("trace/pari-passu.md"),
        }
    }
}

/// Traces, prints the tables and draws the charts.
///
/// # Errors
///
/// As [`trace`] and [`draw`]; [`Error::Usage`] for an ending that is no format of a chart.
pub fn run(session: &Session, args: &Args) -> Result<()> {
    if let Some(page) = args.about {
        let mut out = std::io::stdout().lock();
        let written = out.write_all(page.text().as_bytes());
        return written.map_err(|source| Error::Io { path: "the manual page".into(), source });
    }
    let case = args.case.as_ref().expect("clap asks for a case where no page is asked for");
    let chart = args.drawn.file()?;
    let mut opened = session.open(case)?;
    let mut narrow = None;
    let protects = args.drawn.protects();
    if chart.is_none() && !protects {
        let stage = session.timings.start("narrow");
        (opened.case, narrow) = narrowed(std::mem::take(&mut opened.case), &args.params);
        session.timings.end(stage, None);
    }
    let inputs = Inputs::timed(&opened.case, &session.timings);
    if narrow.is_none() {
        inputs.read_transfers()?;
    }
    let stage = session.timings.start("trace");
    let rows = opened.case.transfers()?.line.len() as u64;
    let wanted = match (&session.common.table, session.common.format) {
        (Some(name), _) => Wanted::Named(name),
        (None, TableFormat::Table) => Wanted::All,
        (None, _) => Wanted::First,
    };
    if chart.is_none() && !protects {
        let outcome = trace(&inputs, &args.params, wanted, narrow)?;
        session.timings.end(stage, rows);
        let outcome = with_unproved(&inputs, outcome)?;
        return session.print(&opened.case, &outcome.tables);
    }
    if protects && let Some((shown, outcome)) = protected_answer(&inputs, &args.params)? {
        session.timings.end(stage, rows);
        let outcome = with_unproved(&Inputs::new(&shown), outcome)?;
        return session.print(&shown, &outcome.tables);
    }
    let mut traced = traces(&inputs, &args.params)?;
    let held;
    let (case, params) = if protects {
        held = protected(&opened.case, &args.params, &mut traced)?;
        (&held.0, &held.1)
    } else {
        (&opened.case, &args.params)
    };
    let shown = Inputs::timed(case, &session.timings);
    let outcome = outcome(&shown, params, &traced, wanted)?;
    session.timings.end(stage, rows);
    if let Some(file) = chart {
        let stage = session.timings.start("chart");
        let lines = draw(&shown, params, &args.drawn, &traced, file)?;
        session.timings.end(stage, lines);
    }
    let outcome = with_unproved(&shown, outcome)?;
    session.print(case, &outcome.tables)
}
