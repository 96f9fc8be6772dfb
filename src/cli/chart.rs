//! `chart`: a link chart around a subject, in any export format.

use std::fs;
use std::path::PathBuf;

use crate::analyses::neighbourhood::{self, neighbourhood};
use crate::analyses::{Inputs, unproved};
use crate::cli::chart_file::{file_name, format_of, say_drawn, write_chart_file};
use crate::cli::session::Session;
use crate::error::{Error, Result};
use crate::exports::{
    Chart, ChartFormat, ChartWords, graphviz_svg, link_chart, protected_case, standing_notes,
};
use crate::model::{EntityKind, EntityRef, counted};
use crate::normalise::{DecimalMark, parse_minor};
use crate::store::Case;

/// What to draw, and where to.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// A case store, a run directory, or a case file
    #[arg(value_name = "STORE|CASE.toml")]
    case: PathBuf,
    #[command(flatten)]
    params: neighbourhood::Params,
    /// Smallest total between two accounts that is drawn, as in 1200.00
    #[arg(long, value_name = "AMOUNT")]
    min_amount: Option<String>,
    /// File to write; its ending says the format: html, svg, dot, graphml or gexf
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Replace every party without a recorded role by a stable pseudonym, withhold free text
    #[arg(long)]
    protect: bool,
    /// Who places the entities of an SVG: our own layout, or the installed Graphviz
    #[arg(long, value_enum, default_value_t = Layout::BuiltIn)]
    layout: Layout,
}

/// Who places the entities.
#[derive(Clone, Copy, Debug, Eq, PartialEq, clap::ValueEnum)]
pub enum Layout {
    /// The layout of this program: same bytes everywhere.
    BuiltIn,
    /// `dot` of an installed Graphviz.
    Graphviz,
}

/// Draws the chart.
///
/// # Errors
///
/// [`Error::Unknown`] for a name that is not in the case; [`Error::Usage`] for an ending that is
/// no format; [`Error::Io`] if the disk refuses.
pub fn run(session: &Session, args: &Args) -> Result<()> {
    let format = format_of(&args.out)?;
    let opened = session.open(&args.case)?;
    let centres = centres(&opened.case, &args.params.around)?;
    let protected = if args.protect { Some(protected_case(&opened.case)?) } else { None };
    let case = protected.as_ref().unwrap_or(&opened.case);
    let inputs = Inputs::new(case);
    let mut params = args.params.clone();
    if let Some(text) = &args.min_amount {
        let digits = case.manifest().digits.of(case.currency());
        params.min_amount_minor =
            parse_minor(text, DecimalMark::Point, digits).map_err(|problem| {
                Error::Usage(format!("--min-amount: found {text:?}, expected {problem}"))
            })?;
    }
    let stage = session.timings.start("chart");
    let chart = draw(&inputs, &centres, &params, args.protect)?;
    let text = match (args.layout, format) {
        (Layout::BuiltIn, _) => None,
        (Layout::Graphviz, ChartFormat::Svg) => Some(graphviz_svg(&chart)?),
        (Layout::Graphviz, _) => {
            let what = "--layout graphviz draws SVG only: name a file that ends in .svg";
            return Err(Error::Usage(what.to_owned()));
        }
    };
    match &text {
        None => write_chart_file(&chart, format, &args.out)?,
        Some((svg, version)) => {
            fs::write(&args.out, svg).map_err(|source| Error::io(&args.out, source))?;
            eprintln!("laid out by {version}");
        }
    }
    session.timings.end(stage, chart.ties.len() as u64);
    say_drawn(&chart, &args.out);
    chart.notes.iter().for_each(|note| eprintln!("{note}"));
    Ok(())
}

/// What the names name; the case's subjects when there are none.
fn centres(case: &Case, around: &[String]) -> Result<Vec<EntityRef>> {
    let mut centres = Vec::new();
    for name in around {
        centres.push(case.find_one(name, &EntityKind::ALL)?);
    }
    if around.is_empty() {
        centres.extend(case.subjects()?.into_iter().flat_map(|subject| subject.matches));
    }
    Ok(centres)
}

/// The chart around `centres`, titled after the case and them.
///
/// # Errors
///
/// As [`neighbourhood`].
pub fn draw(
    inputs: &Inputs,
    centres: &[EntityRef],
    params: &neighbourhood::Params,
    protect: bool,
) -> Result<Chart> {
    let case = inputs.case;
    let found = neighbourhood(inputs, centres, params)?;
    let mut names = Vec::new();
    for centre in centres {
        names.push(case.name(*centre)?.to_owned());
    }
    let hops = if params.hops == 1 { "one hop".to_owned() } else { counted(params.hops, "hop") };
    let around = names.join(", ");
    let words = ChartWords {
        name: file_name(&names.join("-")),
        title: format!("{}: {around}, {hops}", case.manifest().title),
        notes: standing_notes(case, &unproved(inputs)?)?,
        protect,
    };
    link_chart(case, &found, &words)
}
