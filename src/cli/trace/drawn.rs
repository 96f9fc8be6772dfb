//! The chart of traced flow as files: the range of all rules, and a panel for each rule.

use std::path::{Path, PathBuf};

use crate::analyses::tracing::flow_graph::{FlowBounds, FlowGraph, flow_graph};
use crate::analyses::tracing::sources::transfer_named;
use crate::analyses::tracing::traces::Traces;
use crate::analyses::tracing::{Params, Wanted, asked, reach_of, run};
use crate::analyses::{Inputs, Outcome, unproved};
use crate::cli::chart_file::{file_name, format_of, say_drawn, write_chart_file};
use crate::error::Result;
use crate::exports::{
    ChartFormat, ChartWords, protected_case, protected_texts, standing_notes, traced_chart,
};
use crate::model::EntityKind;
use crate::store::Case;

/// Labels that a title names.
const LABELS_TITLED_MAX: usize = 4;

/// Flags of the chart of traced flow.
#[derive(clap::Args, Debug)]
pub struct Drawn {
    /// Draw the traced flow into a file; its ending says the format: html, svg, dot, graphml or
    /// gexf. A line says from floor to ceiling what can be traced along it
    #[arg(long, value_name = "FILE", conflicts_with_all = ["destination", "reach"])]
    chart: Option<PathBuf>,
    /// Draw each rule by itself too, beside the chart: FILE-libr, FILE-fifo and so on
    #[arg(long, requires = "chart")]
    panels: bool,
    #[command(flatten)]
    bounds: FlowBounds,
    /// Replace every party without a recorded role by a stable pseudonym, withhold free text, and
    /// labels that name one: on the chart and in the tables
    #[arg(long)]
    protect: bool,
}

impl Drawn {
    /// The file to draw into and its format, where a chart is asked for.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Usage`] for an ending that is no format.
    pub fn file(&self) -> Result<Option<(&Path, ChartFormat)>> {
        let Some(file) = self.chart.as_deref() else { return Ok(None) };
        Ok(Some((file, format_of(file)?)))
    }

    /// True when everyone without a recorded role is to be protected.
    pub fn protects(&self) -> bool {
        self.protect
    }
}

/// The case under pseudonyms, and what was asked in its names. The labels of `traced` are renamed.
///
/// # Errors
///
/// [`crate::Error::Unknown`] for names that are not in the case; [`crate::Error::File`] if a table
/// is damaged.
pub fn protected(open: &Case, params: &Params, traced: &mut Traces) -> Result<(Case, Params)> {
    let shown = protected_case(open)?;
    let names = protected_labels(open, &shown, &params.source, &traced.sources.labels)?;
    traced.sources.rename(names);
    let name = |name: &String, kinds: &[EntityKind]| -> Result<String> {
        let entity = open.find_one(name, kinds)?;
        Ok(shown.name(entity)?.to_owned())
    };
    let mut asked = params.clone();
    let either = [EntityKind::Account, EntityKind::Party];
    asked.into = params.into.as_ref().map(|into| name(into, &either)).transpose()?;
    let account = |frozen: &String| name(frozen, &[EntityKind::Account]);
    asked.restrain = params.restrain.iter().map(account).collect::<Result<Vec<String>>>()?;
    let explain = params.explain.as_ref();
    let row = explain.map(|text| transfer_named(open, text)).transpose()?;
    asked.explain = row.map(|row| row.to_string());
    Ok((shown, asked))
}

/// What funds a payment, or what sources can have reached, under pseudonyms: found by the names of
/// the open case and told in those of the protected one, whose rows are the same. None where
/// another question is asked.
///
/// # Errors
///
/// As [`protected`] and [`run`].
pub fn protected_answer(open: &Inputs, params: &Params) -> Result<Option<(Case, Outcome)>> {
    if let Some(text) = &params.destination {
        let number = open.case.transfer_number(transfer_named(open.case, text)?);
        let shown = protected_case(open.case)?;
        let asked = Params { destination: Some(number.to_string()), ..params.clone() };
        let outcome = run(&Inputs::new(&shown), &asked, Wanted::All)?;
        return Ok(Some((shown, outcome)));
    }
    let Some(hops_max) = params.reach else { return Ok(None) };
    let (mut sources, question) = asked(open, params)?;
    let shown = protected_case(open.case)?;
    let names = protected_labels(open.case, &shown, &params.source, &sources.labels)?;
    sources.rename(names);
    let outcome = reach_of(&Inputs::new(&shown), &sources, &question, hops_max)?;
    Ok(Some((shown, outcome)))
}

/// Writes the chart of the range and, where asked for, a panel for each rule; gives the number of
/// lines drawn. Under protection, inputs, parameters and labels are those of [`protected`].
///
/// # Errors
///
/// [`crate::Error::Io`] if the disk refuses; as [`flow_graph`].
pub fn draw(
    shown: &Inputs,
    params: &Params,
    drawn: &Drawn,
    traced: &Traces,
    (file, format): (&Path, ChartFormat),
) -> Result<u64> {
    let into = params.into_accounts(shown.case)?;
    let range = flow_graph(shown, traced, into.as_ref(), drawn.bounds)?;
    let mut charts = vec![(file.to_owned(), range.clone())];
    for (at, rule) in range.rules.iter().enumerate().filter(|_| drawn.panels) {
        charts.push((panel_file(file, rule.word()), range.under(at)));
    }
    let mut lines = 0;
    for (path, graph) in &charts {
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let words = ChartWords {
            name: file_name(&stem.unwrap_or_default()),
            title: title(shown.case, graph),
            notes: standing_notes(shown.case, &unproved(shown)?)?,
            protect: drawn.protect,
        };
        let chart = traced_chart(shown.case, graph, &words)?;
        write_chart_file(&chart, format, path)?;
        say_drawn(&chart, path);
        lines += chart.ties.len() as u64;
    }
    range.cut.iter().for_each(|note| eprintln!("{note}"));
    Ok(lines)
}

/// A label that was not given is the text of its source, which names files and accounts.
fn protected_labels(
    open: &Case,
    shown: &Case,
    given: &[String],
    labels: &[String],
) -> Result<Vec<String>> {
    let numbered = |at: usize| format!("source {}", at + 1);
    let mut names = protected_texts(open, shown, labels, numbered)?;
    for (at, name) in names.iter_mut().enumerate() {
        if given.contains(&labels[at]) {
            *name = numbered(at);
        }
    }
    Ok(names)
}

/// `flow.svg` beside it as `flow-libr.svg`.
fn panel_file(file: &Path, rule: &str) -> PathBuf {
    let mut name = file.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{rule}"));
    if let Some(ending) = file.extension() {
        name.push(".");
        name.push(ending);
    }
    file.with_file_name(name)
}

/// `Commingled trust: lowest intermediate balance rule, traced flow of Victim A, Victim B`. The
/// rule tells one panel from another, so that it stands before labels that may be cut.
fn title(case: &Case, graph: &FlowGraph) -> String {
    let mut labels: Vec<&str> = graph.labels.iter().map(String::as_str).collect();
    let more = labels.len().saturating_sub(LABELS_TITLED_MAX);
    labels.truncate(LABELS_TITLED_MAX);
    let mut named = labels.join(", ");
    if more > 0 {
        named.push_str(&format!(" and {more} more"));
    }
    let what = match graph.panel {
        None => "floor to ceiling".to_owned(),
        Some(at) => {
            let name = graph.rules[at].name();
            name.strip_prefix("the ").unwrap_or(name).to_owned()
        }
    };
    format!("{}: {what}, traced flow of {named}", case.manifest().title)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panels_stand_beside_their_chart() {
        let check = |file: &str, panel: &str| {
            assert_eq!(panel_file(Path::new(file), "pro-rata"), Path::new(panel));
        };
        check("out/flow.svg", "out/flow-pro-rata.svg");
        check("a.b/flow.v2.html", "a.b/flow.v2-pro-rata.html");
    }
}
