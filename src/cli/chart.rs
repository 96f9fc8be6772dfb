//! `chart`: a link chart around a subject, in any export format.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::analyses::neighbourhood::{self, neighbourhood};
use crate::analyses::{Inputs, unproved};
use crate::cli::session::Session;
use crate::error::{Error, Result};
use crate::exports::{
    Chart, ChartFormat, ChartWords, graphviz_svg, link_chart, protected_case, standing_notes,
    write_chart,
};
use crate::model::{EntityKind, EntityRef, counted, counted_as};
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
    let file = File::create(&args.out).map_err(|source| Error::io(&args.out, source))?;
    let mut out = BufWriter::new(file);
    match &text {
        None => write_chart(&chart, format, &mut out)?,
        Some((svg, version)) => {
            out.write_all(svg.as_bytes()).map_err(|source| Error::io(&args.out, source))?;
            eprintln!("laid out by {version}");
        }
    }
    out.flush().map_err(|source| Error::io(&args.out, source))?;
    session.timings.end(stage, chart.ties.len() as u64);
    let entities = counted_as(chart.entities.len(), "entity", "entities");
    let ties = counted_as(chart.ties.len(), "tie", "ties");
    eprintln!("{}: {entities}, {ties}", args.out.display());
    chart.notes.iter().for_each(|note| eprintln!("{note}"));
    Ok(())
}

fn format_of(out: &Path) -> Result<ChartFormat> {
    let ending = out.extension().map(|ending| ending.to_string_lossy().into_owned());
    let known = ChartFormat::ALL.map(ChartFormat::word);
    ChartFormat::ALL.into_iter().find(|format| Some(format.word()) == ending.as_deref()).ok_or_else(
        || Error::Usage(format!("{}: the ending is none of {}", out.display(), known.join(", "))),
    )
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

/// A name that every file system takes: small letters, digits and hyphens, at most 60.
pub fn file_name(name: &str) -> String {
    let mut safe = String::new();
    for letter in name.chars().flat_map(char::to_lowercase) {
        if letter.is_ascii_alphanumeric() {
            safe.push(letter);
        } else if !safe.ends_with('-') {
            safe.push('-');
        }
    }
    let safe: String = safe.trim_matches('-').chars().take(60).collect();
    if safe.is_empty() { "chart".to_owned() } else { safe }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_safe_everywhere() {
        assert_eq!(file_name("Lena Ortiz"), "lena-ortiz");
        assert_eq!(file_name("../..//x\\\"<é>"), "x");
        assert_eq!(file_name("…"), "chart");
    }
}
