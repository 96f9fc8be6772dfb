//! A link chart in Graphviz's language, built and printed with graphviz-rust, and the picture
//! that an installed `dot` makes of it.
//!
//! The only home of graphviz-rust. The program itself never needs `dot`; our own picture is
//! `svg`'s.

use std::io::Write;
use std::path::Path;
use std::process::Command;

use graphviz_rust::cmd::{CommandArg, Format};
use graphviz_rust::dot_structures::{
    Attribute, Edge, EdgeTy, Graph, GraphAttributes, Id, Node, NodeId, Stmt, Vertex,
};
use graphviz_rust::exec_dot;
use graphviz_rust::printer::{DotPrinter, PrinterContext};

use crate::error::{Error, Result};
use crate::exports::{Chart, ChartEntity, ChartTie, number, style, visible, wrapped};

/// Characters to a line are what Graphviz's own font makes of this width, in pixels at 12.
const LABEL_WIDTH: f64 = 180.0;

/// Writes the chart as a `digraph`; parallel ties stay apart, each with its own id.
///
/// # Errors
///
/// [`Error::Io`] when `out` refuses.
pub fn write_dot(chart: &Chart, out: &mut dyn Write) -> Result<()> {
    let text = dot_text(chart);
    out.write_all(text.as_bytes()).map_err(|source| Error::io(Path::new("chart"), source))
}

/// Runs `dot` from `PATH` on the chart; gives its SVG and the words of `dot -V`.
///
/// The picture depends on the version of Graphviz and the fonts of the machine, so the version
/// belongs into the manifest beside it.
///
/// # Errors
///
/// [`Error::File`] when `dot` is absent or fails, with what to do.
pub fn graphviz_svg(chart: &Chart) -> Result<(String, String)> {
    let failed = |what: String| {
        let hint = "install Graphviz (for example `apt-get install graphviz`), or leave out \
                    --layout graphviz: our own layout needs nothing";
        Error::file(Path::new("dot"), what, Some(hint.to_owned()))
    };
    let asked = Command::new("dot").arg("-V").output();
    let asked = asked.map_err(|refused| failed(format!("Graphviz cannot be run: {refused}")))?;
    // It prints its version on standard error.
    let version = String::from_utf8_lossy(&asked.stderr).trim().to_owned();
    let svg = exec_dot(dot_text(chart), vec![CommandArg::Format(Format::Svg)])
        .map_err(|refused| failed(format!("Graphviz could not draw the chart: {refused}")))?;
    let svg = String::from_utf8(svg)
        .map_err(|_| failed("Graphviz gave a picture that is not UTF-8".to_owned()))?;
    Ok((svg, version))
}

fn dot_text(chart: &Chart) -> String {
    let mut stmts = vec![Stmt::GAttribute(GraphAttributes::Graph(graph_attributes(chart)))];
    let font = [attribute("fontname", "Helvetica"), attribute("fontsize", "12")];
    stmts.push(Stmt::GAttribute(GraphAttributes::Node(font.to_vec())));
    let small = [attribute("fontname", "Helvetica"), attribute("fontsize", "10")];
    stmts.push(Stmt::GAttribute(GraphAttributes::Edge(small.to_vec())));
    stmts.extend(chart.entities.iter().map(|entity| node(chart, entity)));
    stmts.extend(chart.ties.iter().map(|tie| edge(chart, tie)));
    let graph = Graph::DiGraph { id: quoted_id(&chart.name), strict: false, stmts };
    let mut text = graph.print(&mut PrinterContext::default());
    text.push('\n');
    text
}

fn graph_attributes(chart: &Chart) -> Vec<Attribute> {
    let mut lines = vec![chart.banner.clone(), chart.title.clone()];
    lines.push(format!("Period: {}", chart.period));
    if chart.entities.is_empty() {
        lines.push(style::NOTHING_FOUND.to_owned());
    }
    lines.extend(chart.notes.iter().cloned());
    let sources = chart.sources.iter().map(|(path, sha256)| format!("source {path} {sha256}"));
    lines.extend(sources);
    let lines: Vec<String> = lines.iter().flat_map(|line| wrapped(line, 12.0, 640.0, 8)).collect();
    vec![
        label("label", &lines),
        attribute("labelloc", "t"),
        attribute("labeljust", "l"),
        attribute("rankdir", "LR"),
        attribute("charset", "UTF-8"),
    ]
}

fn node(chart: &Chart, entity: &ChartEntity) -> Stmt {
    let kind = style::kind_style(entity.kind);
    let outline = style::outline(entity);
    let mut lines = vec![style::tag(chart, entity)];
    lines.extend(wrapped(&entity.label, 12.0, LABEL_WIDTH, 4));
    lines.extend(entity.captions.iter().flat_map(|one| wrapped(one, 12.0, LABEL_WIDTH, 2)));
    let mut words = vec!["filled"];
    if kind.shape == style::Shape::Rounded {
        words.push("rounded");
    }
    if !outline.dash.is_empty() {
        words.push("dashed");
    }
    let fill = if entity.unidentified { style::PAPER } else { kind.fill };
    let mut tooltip = entity.label.clone();
    for (name, value) in &entity.details {
        tooltip.push_str(&format!("; {name}: {value}"));
    }
    let attributes = vec![
        label("label", &lines),
        attribute("shape", kind.dot_shape),
        attribute("style", &words.join(",")),
        attribute("fillcolor", fill),
        attribute("color", outline.stroke.unwrap_or(kind.stroke)),
        attribute("penwidth", &outline.width.to_string()),
        // Two outlines mark the centre, as in our own picture.
        attribute("peripheries", if entity.centre { "2" } else { "1" }),
        attribute("tooltip", &tooltip),
    ];
    Stmt::Node(Node::new(node_id(entity), attributes))
}

fn edge(chart: &Chart, tie: &ChartTie) -> Stmt {
    let look = style::tie_style(&tie.kind);
    let (from, to) = (&chart.entities[tie.from], &chart.entities[tie.to]);
    let lines: Vec<String> =
        tie.label.split(", ").flat_map(|part| wrapped(part, 10.0, LABEL_WIDTH, 3)).collect();
    let relation = matches!(tie.kind, crate::exports::ChartTieKind::Relation(_));
    let attributes = vec![
        attribute("id", &tie.id),
        label("label", &lines),
        attribute("color", look.stroke),
        attribute("style", look.line),
        attribute("penwidth", &number(style::tie_width(tie))),
        attribute("arrowhead", if relation { "empty" } else { "normal" }),
        attribute("tooltip", &format!("{} to {}: {}", from.label, to.label, tie.label)),
    ];
    let ty = EdgeTy::Pair(Vertex::N(node_id(from)), Vertex::N(node_id(to)));
    Stmt::Edge(Edge { ty, attributes })
}

fn node_id(entity: &ChartEntity) -> NodeId {
    NodeId(quoted_id(&entity.id), None)
}

fn attribute(name: &str, value: &str) -> Attribute {
    Attribute(Id::Plain(name.to_owned()), quoted_id(value))
}

fn label(name: &str, lines: &[String]) -> Attribute {
    let lines: Vec<String> = lines.iter().map(|line| escaped(line)).collect();
    Attribute(Id::Plain(name.to_owned()), Id::Escaped(format!("\"{}\"", lines.join("\\n"))))
}

fn quoted_id(text: &str) -> Id {
    Id::Escaped(format!("\"{}\"", escaped(text)))
}

/// A text between the quotes of Graphviz's language.
///
/// graphviz-rust quotes nothing itself. A backslash would start one of Graphviz's own escapes
/// and an ampersand one of HTML's, even in a plain label.
fn escaped(text: &str) -> String {
    visible(text).replace('&', "&amp;").replace('\\', "\\\\").replace('"', "\\\"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exports::samples;

    #[test]
    fn texts_stay_between_their_quotes() {
        assert_eq!(escaped("a\"b\\N &lt;\n"), "a\\\"b\\\\N &amp;lt; ");
    }

    #[test]
    fn what_is_printed_parses_back_with_every_entity_and_tie() {
        for chart in samples::all() {
            let text = dot_text(&chart);
            let parsed = graphviz_rust::parse(&text).unwrap_or_else(|e| panic!("{e}\n{text}"));
            let Graph::DiGraph { stmts, strict: false, .. } = parsed else {
                panic!("a plain digraph is written: {text}");
            };
            let nodes = stmts.iter().filter(|stmt| matches!(stmt, Stmt::Node(_))).count();
            let edges = stmts.iter().filter(|stmt| matches!(stmt, Stmt::Edge(_))).count();
            assert_eq!((nodes, edges), (chart.entities.len(), chart.ties.len()));
        }
    }

    #[test]
    fn an_installed_graphviz_draws_and_an_absent_one_is_named_with_its_remedy() {
        match graphviz_svg(&samples::hostile()) {
            Ok((svg, version)) => {
                assert!(svg.contains("</svg>") && version.contains("graphviz"), "{version}");
            }
            Err(refused) => assert!(refused.hint().unwrap().contains("install Graphviz")),
        }
    }
}
