//! Charts, tables and reports: one file per format. Exports word and draw; they never compute.

pub mod chart;
mod coverage_grid;
pub mod dot;
pub mod gexf;
pub mod graphml;
pub mod html;
pub mod layout;
pub mod lettering;
mod link_chart;
mod month_grid;
mod protected_case;
mod pseudonyms;
pub mod report;
#[cfg(test)]
mod report_sample;
mod report_tables;
pub mod style;
pub mod svg;
pub mod tables;
mod wording;
pub mod xml;

#[cfg(test)]
mod samples;

use std::io::Write;

use clap::ValueEnum;

pub use chart::{Chart, ChartEntity, ChartRow, ChartTie, ChartTieKind, TracedTotal};
pub use dot::graphviz_svg;
pub use layout::{Align, NodeBox, Picture, Point, Route, Step, lay_out, tenth};
pub use lettering::{number, text_width, visible, wrapped};
pub use link_chart::{ChartWords, link_chart, standing_notes, traced_chart};
pub(crate) use month_grid::MONTH_MARKS;
pub use month_grid::month_grid;
pub use protected_case::{protected_case, protected_texts};
pub use svg::{legend_svg, picture_svg, write_svg};
pub use wording::{Wording, score_text};
pub use xml::Xml;

use crate::error::Result;

/// The formats a link chart is written in; the word is also the file's ending.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, ValueEnum)]
pub enum ChartFormat {
    /// One self-contained page: pan, zoom, search, and the rows behind every tie.
    Html,
    /// A picture for paper and exhibits.
    Svg,
    /// Graphviz's language.
    Dot,
    /// For networkx and Gephi.
    Graphml,
    /// For Gephi, with places.
    Gexf,
}

impl ChartFormat {
    /// Every format, in the order in which they are written.
    pub const ALL: [ChartFormat; 5] = [
        ChartFormat::Html,
        ChartFormat::Svg,
        ChartFormat::Dot,
        ChartFormat::Graphml,
        ChartFormat::Gexf,
    ];

    /// The word for it on the command line, and its file's ending.
    pub fn word(self) -> &'static str {
        match self {
            ChartFormat::Html => "html",
            ChartFormat::Svg => "svg",
            ChartFormat::Dot => "dot",
            ChartFormat::Graphml => "graphml",
            ChartFormat::Gexf => "gexf",
        }
    }
}

/// Writes one chart in one format. The same chart gives the same bytes on every machine.
///
/// # Errors
///
/// [`crate::Error::Io`] when `out` refuses.
///
/// # Panics
///
/// If a tie refers to an entity that the chart does not have.
pub fn write_chart(chart: &Chart, format: ChartFormat, out: &mut dyn Write) -> Result<()> {
    match format {
        ChartFormat::Html => html::write_html(chart, out),
        ChartFormat::Svg => svg::write_svg(chart, out),
        ChartFormat::Dot => dot::write_dot(chart, out),
        ChartFormat::Graphml => graphml::write_graphml(chart, out),
        ChartFormat::Gexf => gexf::write_gexf(chart, out),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exports::samples;

    #[test]
    fn every_format_is_written_for_every_sample_and_repeats_its_bytes() {
        for chart in samples::all() {
            for format in ChartFormat::ALL {
                let written = |chart: &Chart| {
                    let mut out = vec![];
                    write_chart(chart, format, &mut out).unwrap();
                    String::from_utf8(out).unwrap()
                };
                let first = written(&chart);
                assert_eq!(first, written(&chart), "{} as {}", chart.name, format.word());
                assert!(first.contains("INTERNAL"), "{} as {}", chart.name, format.word());
                // Graphviz's language has no markup in a quoted text; every other format has.
                let marked_up = format != ChartFormat::Dot;
                assert!(!(marked_up && first.contains("<script>alert")), "{}", format.word());
                // The library in the page knows the word itself.
                let own = first.replace(html::LIBRARY, "");
                assert!(!own.contains("NaN"), "{} as {}", chart.name, format.word());
            }
        }
    }

    #[test]
    fn formats_are_known_by_their_words() {
        for format in ChartFormat::ALL {
            assert_eq!(ChartFormat::from_str(format.word(), false), Ok(format));
        }
    }
}
