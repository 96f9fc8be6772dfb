//! A link chart as GEXF 1.3, with typed attributes and the places of our own picture, so that
//! Gephi opens on the picture that the other formats show.
//!
//! Source: GEXF 1.3, gexf.net.

use std::io::Write;

use crate::error::Result;
use crate::exports::{Chart, ChartEntity, ChartTie, TracedTotal, Xml, lay_out, number, style};

const ENTITY_ATTRIBUTES: [(&str, &str); 5] = [
    ("kind", "string"),
    ("role", "string"),
    ("unidentified", "boolean"),
    ("centre", "boolean"),
    ("details", "string"),
];

const TIE_ATTRIBUTES: [(&str, &str); 7] = [
    ("tie", "string"),
    ("total", "string"),
    ("currency", "string"),
    ("records", "long"),
    ("first", "string"),
    ("last", "string"),
    ("source_refs", "string"),
];

/// Of the entities and ties of a chart of traced money besides.
const TRACED_ATTRIBUTES: [(&str, &[(&str, &str)]); 2] = [
    ("node", &[("captions", "string")]),
    (
        "edge",
        &[("rule", "string"), ("traced", "string"), ("floor", "string"), ("ceiling", "string")],
    ),
];

/// Writes the chart as one directed, static graph.
///
/// # Errors
///
/// [`crate::Error::Io`] when `out` refuses.
pub fn write_gexf(chart: &Chart, out: &mut dyn Write) -> Result<()> {
    let picture = lay_out(chart);
    let mut places = vec![None; chart.entities.len()];
    for node in &picture.nodes {
        // Gephi's y grows upwards.
        places[node.entity] = Some((number(node.middle.x), number(-node.middle.y)));
    }
    let mut xml = Xml::new(out);
    xml.declaration()?;
    xml.open(
        "gexf",
        &[
            ("xmlns", "http://gexf.net/1.3"),
            ("xmlns:viz", "http://gexf.net/1.3/viz"),
            ("version", "1.3"),
        ],
    )?;
    write_meta(&mut xml, chart)?;
    xml.open("graph", &[("defaultedgetype", "directed"), ("mode", "static")])?;
    let [of_entities, of_ties] = TRACED_ATTRIBUTES
        .map(|(class, attributes)| (class, if chart.is_traced() { attributes } else { &[] }));
    write_attributes(&mut xml, of_entities.0, &[&ENTITY_ATTRIBUTES[..], of_entities.1].concat())?;
    write_attributes(&mut xml, of_ties.0, &[&TIE_ATTRIBUTES[..], of_ties.1].concat())?;
    xml.open("nodes", &[])?;
    for (entity, place) in chart.entities.iter().zip(&places) {
        write_entity(&mut xml, entity, place.as_ref())?;
    }
    xml.close("nodes")?;
    xml.open("edges", &[])?;
    for tie in &chart.ties {
        write_tie(&mut xml, chart, tie)?;
    }
    xml.close("edges")?;
    xml.close("graph")?;
    xml.close("gexf")?;
    xml.finish()
}

fn write_meta(xml: &mut Xml, chart: &Chart) -> Result<()> {
    let mut lines = vec![chart.banner.clone(), format!("Period: {}", chart.period)];
    if chart.entities.is_empty() {
        lines.push(style::NOTHING_FOUND.to_owned());
    }
    lines.extend(chart.notes.iter().cloned());
    lines.extend(chart.sources.iter().map(|(path, sha256)| format!("source {path} {sha256}")));
    xml.open("meta", &[])?;
    xml.text("creator", &[], "moneytrail")?;
    xml.text("title", &[], &chart.title)?;
    xml.text("description", &[], &lines.join("\n"))?;
    xml.close("meta")
}

fn write_attributes(xml: &mut Xml, class: &str, attributes: &[(&str, &str)]) -> Result<()> {
    xml.open("attributes", &[("class", class)])?;
    for (name, kind) in attributes {
        xml.empty("attribute", &[("id", name), ("title", name), ("type", kind)])?;
    }
    xml.close("attributes")
}

fn write_values(xml: &mut Xml, values: &[(&str, &str)]) -> Result<()> {
    xml.open("attvalues", &[])?;
    for (name, value) in values.iter().filter(|(_, value)| !value.is_empty()) {
        xml.empty("attvalue", &[("for", name), ("value", value)])?;
    }
    xml.close("attvalues")
}

fn write_entity(
    xml: &mut Xml,
    entity: &ChartEntity,
    place: Option<&(String, String)>,
) -> Result<()> {
    xml.open("node", &[("id", &entity.id), ("label", &entity.label)])?;
    write_values(
        xml,
        &[
            ("kind", entity.kind.word()),
            ("role", entity.role.map_or("", |role| role.word())),
            ("unidentified", &entity.unidentified.to_string()),
            ("centre", &entity.centre.to_string()),
            ("details", &entity.details_text()),
            ("captions", &entity.captions.join("; ")),
        ],
    )?;
    if let Some((x, y)) = place {
        xml.empty("viz:position", &[("x", x), ("y", y), ("z", "0")])?;
    }
    xml.close("node")
}

fn write_tie(xml: &mut Xml, chart: &Chart, tie: &ChartTie) -> Result<()> {
    let currency = tie.currency.as_deref().unwrap_or("");
    // Gephi merges parallel edges of one kind, and two currencies must never be merged.
    let kind = format!("{} {currency}", style::tie_word(&tie.kind));
    xml.open(
        "edge",
        &[
            ("id", &tie.id),
            ("source", &chart.entities[tie.from].id),
            ("target", &chart.entities[tie.to].id),
            ("label", &tie.label),
            ("weight", &tie.weight_text()),
            ("kind", kind.trim_end()),
        ],
    )?;
    let traced = |text: fn(&TracedTotal) -> &String| tie.traced.as_ref().map_or("", |of| text(of));
    write_values(
        xml,
        &[
            ("tie", style::tie_word(&tie.kind)),
            ("total", tie.total.as_deref().unwrap_or("")),
            ("currency", currency),
            ("records", &tie.records.to_string()),
            ("first", &tie.first),
            ("last", &tie.last),
            ("source_refs", &tie.source_refs_text()),
            ("rule", traced(|of| &of.rule)),
            ("traced", traced(|of| &of.minor_text)),
            ("floor", traced(|of| &of.floor)),
            ("ceiling", traced(|of| &of.ceiling)),
        ],
    )?;
    xml.empty("viz:shape", &[("value", style::tie_style(&tie.kind).line)])?;
    xml.close("edge")
}

#[cfg(test)]
mod tests {
    use quick_xml::Reader;
    use quick_xml::events::Event;

    use super::*;
    use crate::exports::samples;

    #[test]
    fn what_is_written_is_well_formed_and_complete() {
        for chart in samples::all() {
            let mut out = vec![];
            write_gexf(&chart, &mut out).unwrap();
            let text = String::from_utf8(out).unwrap();
            let mut reader = Reader::from_str(&text);
            let (mut nodes, mut edges, mut places) = (0, 0, 0);
            loop {
                match reader.read_event().unwrap() {
                    Event::Start(element) if element.name().as_ref() == "node" => nodes += 1,
                    Event::Start(element) if element.name().as_ref() == "edge" => edges += 1,
                    Event::Empty(element) if element.name().as_ref() == "viz:position" => {
                        places += 1;
                    }
                    Event::Eof => break,
                    _ => {}
                }
            }
            assert_eq!((nodes, edges), (chart.entities.len(), chart.ties.len()));
            assert_eq!(places, nodes, "every sample is small enough to be drawn whole");
        }
    }
}
