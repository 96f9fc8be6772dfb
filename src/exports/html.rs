//! A link chart as one page that opens offline in any browser: pan, zoom, search, and the
//! records behind every tie.
//!
//! The page holds every row as plain tables, which the interactive panel only copies, so that it
//! reads the same without scripts and on paper. Its policy forbids any request; the two scripts
//! are allowed by their hashes, so that no text of a record can ever become one.
//!
//! Places come from `layout`, looks from `style`, the still picture from `svg`. The graph on
//! screen is drawn by Cytoscape.js, kept in `assets/` with its licence.

mod picture;

use std::io::Write;
use std::path::Path;

use base64::Engine as _;
use minijinja::value::Serde;
use minijinja::{Environment, context};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::error::{Error, Result};
use crate::exports::{
    Chart, ChartEntity, ChartTie, ChartTieKind, lay_out, legend_svg, picture_svg, style, visible,
};
use crate::model::counted_as;

const TEMPLATE: &str = include_str!("assets/chart.html");
const STYLE: &str = include_str!("assets/chart.css");
const SCRIPT: &str = include_str!("assets/chart.js");
pub(crate) const LIBRARY: &str = include_str!("assets/cytoscape.min.js");
const LEGEND_WIDTH: f64 = 1_220.0;

/// Writes the chart as a page.
///
/// # Errors
///
/// [`Error::Io`] when `out` refuses.
pub fn write_html(chart: &Chart, out: &mut dyn Write) -> Result<()> {
    let picture = lay_out(chart);
    let mut page = Environment::new();
    page.add_filter("shown", |text: String| visible(&text));
    page.add_template("chart.html", TEMPLATE).expect("the template of this program parses");
    let notes: Vec<&String> = chart.notes.iter().chain(&picture.notes).collect();
    let ties_of = ties_by_entity(chart);
    let entities: Vec<Value> =
        ties_of.iter().enumerate().map(|(at, ties)| entity_value(chart, at, ties)).collect();
    let ties: Vec<Value> = (0..chart.ties.len()).map(|at| tie_value(chart, at)).collect();
    let text = page
        .get_template("chart.html")
        .expect("the template was added")
        .render(context! {
            policy => policy(),
            title => chart.title.as_str(),
            banner => chart.banner.as_str(),
            period => chart.period.as_str(),
            counts => chart.counts_text(),
            nothing_found => style::NOTHING_FOUND,
            style => STYLE,
            running_head => running_head(chart),
            legend => legend_svg(chart, LEGEND_WIDTH)?,
            picture => picture_svg(chart, &picture)?,
            notes => Serde(notes),
            sources => Serde(&chart.sources),
            entities => Serde(entities),
            ties => Serde(ties),
            data => Serde(picture::picture_data(chart, &picture)),
            library => LIBRARY,
            script => SCRIPT,
        })
        .expect("the template of this program uses what it is given");
    out.write_all(text.as_bytes()).map_err(|source| Error::io(Path::new("chart"), source))
}

/// Nothing may be fetched, and only the two scripts of this program may run.
fn policy() -> String {
    let hash = |script: &str| {
        let digest = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(script));
        format!("'sha256-{digest}'")
    };
    format!(
        "default-src 'none'; script-src {} {}; style-src 'unsafe-inline'; img-src data:; \
         base-uri 'none'; form-action 'none'",
        hash(LIBRARY),
        hash(SCRIPT)
    )
}

/// The banner for the head of every printed page, without anything a style sheet would read as
/// more than letters.
fn running_head(chart: &Chart) -> String {
    let plain = |letter: &char| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '.');
    chart.banner.chars().filter(plain).collect()
}

/// By entity, the ties that end there, in chart order.
fn ties_by_entity(chart: &Chart) -> Vec<Vec<usize>> {
    let mut ties_of = vec![vec![]; chart.entities.len()];
    for (at, tie) in chart.ties.iter().enumerate() {
        ties_of[tie.from].push(at);
        if tie.to != tie.from {
            ties_of[tie.to].push(at);
        }
    }
    ties_of
}

fn entity_value(chart: &Chart, at: usize, ties: &[usize]) -> Value {
    let entity: &ChartEntity = &chart.entities[at];
    let ties: Vec<Value> = ties
        .iter()
        .map(|&tie_at| {
            let tie = &chart.ties[tie_at];
            let (from, to) = (&chart.entities[tie.from].label, &chart.entities[tie.to].label);
            let text = match (tie.from == at, tie.to == at) {
                (true, true) => format!("to itself: {}", tie.label),
                (true, _) => format!("to {to}: {}", tie.label),
                _ => format!("from {from}: {}", tie.label),
            };
            json!({ "at": tie_at, "text": text })
        })
        .collect();
    json!({
        "at": at,
        "label": entity.label,
        "tag": style::tag(chart, entity),
        "details": entity.details,
        "ties": ties,
    })
}

fn tie_value(chart: &Chart, at: usize) -> Value {
    let tie: &ChartTie = &chart.ties[at];
    let rows: Vec<Value> = tie
        .rows
        .iter()
        .map(|row| {
            json!({
                "when": row.when,
                "amount": row.amount,
                "traced": row.traced,
                "traced_by": row.traced_by,
                "what": row.what,
                "text": row.text,
                "refs": row.source_refs,
            })
        })
        .collect();
    let currency = tie.currency.as_deref().unwrap_or("");
    let amount_header = match tie.kind {
        ChartTieKind::Transfers | ChartTieKind::Traced => format!("amount, {currency}"),
        ChartTieKind::Calls => "seconds".to_owned(),
        ChartTieKind::Relation(_) => String::new(),
    };
    json!({
        "at": at,
        "from": chart.entities[tie.from].label,
        "to": chart.entities[tie.to].label,
        "label": tie.label,
        "total": tie.total.as_deref().unwrap_or(""),
        "amount_header": amount_header,
        "traced": traced_words(tie, currency),
        "sum_text": sum_text(tie, currency),
        "rows": rows,
    })
}

/// The two columns of what is traced and the sum below them, where anything is.
fn traced_words(tie: &ChartTie, currency: &str) -> Value {
    let Some(traced) = &tie.traced else { return Value::Null };
    let of_range = traced.rule.is_empty();
    let range = format!("{} to {}", traced.floor, traced.ceiling);
    json!({
        "header": format!("traced, {currency}"),
        "by": if of_range { "under each rule" } else { "by label" },
        "total": if of_range { &range } else { &traced.minor_text },
    })
}

/// What the rows amount to, and whether all of them are listed.
fn sum_text(tie: &ChartTie, currency: &str) -> String {
    let records = counted_as(tie.records as usize, "record", "records");
    let listed = if tie.rows.len() as u64 == tie.records {
        records
    } else {
        format!("{} of {records} are listed here", tie.rows.len())
    };
    if tie.total.is_some() { format!("{currency}, {listed}") } else { listed }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exports::samples;

    fn page(chart: &Chart) -> String {
        let mut out = vec![];
        write_html(chart, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn no_part_of_the_page_can_end_its_script_early() {
        assert!(!LIBRARY.contains("</script") && !SCRIPT.contains("</script"));
        for chart in samples::all() {
            let page = page(&chart);
            let opened = page.matches("<script").count();
            let expected = if chart.entities.is_empty() { 0 } else { 3 };
            assert_eq!(page.matches("</script>").count(), expected, "{}", chart.name);
            assert_eq!(opened, expected, "{}", chart.name);
        }
    }

    #[test]
    fn the_data_of_the_page_parses_back() {
        for chart in samples::all().iter().filter(|chart| !chart.entities.is_empty()) {
            let page = page(chart);
            let start = page.find("id=\"chart-data\">").unwrap() + "id=\"chart-data\">".len();
            let end = start + page[start..].find("</script>").unwrap();
            let data: Value = serde_json::from_str(&page[start..end]).unwrap();
            assert_eq!(data["nodes"].as_array().unwrap().len(), chart.entities.len());
            assert_eq!(data["ties"].as_array().unwrap().len(), chart.ties.len());
        }
    }

    #[test]
    fn every_row_stands_in_the_page_with_its_place_and_total() {
        // The template escapes slashes too, which a browser reads back.
        let page = page(&samples::harbor()).replace("&#x2f;", "/");
        for text in [
            "<code>bank/harbor_1001.csv:14</code><code>bank/mole_wires.csv:203</code>",
            "<td class=\"number\">4800.00</td>",
            "<td class=\"number total\">14300.00</td><td colspan=\"3\">USD, 3 records</td>",
            "3 of 5,012 records were rejected",
            "Period: 2024-01-01 to 2024-06-30",
        ] {
            assert!(page.contains(text), "{text}");
        }
        assert!(page.contains(&"9f2c".repeat(16)), "the hash of a source");
    }

    #[test]
    fn nothing_in_the_page_is_fetched() {
        let page = page(&samples::harbor());
        assert!(page.contains("default-src &#x27;none&#x27;"));
        for attribute in [" src=", "@import", "url(", "<iframe", "<object"] {
            let without_library = page.replace(LIBRARY, "");
            assert!(!without_library.contains(attribute), "{attribute}");
        }
    }

    #[test]
    fn nothing_found_is_said() {
        assert!(page(&samples::empty()).contains("This chart has no entities"));
    }
}
