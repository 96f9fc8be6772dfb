//! A link chart as GraphML: every entity and tie with typed attributes, parallel ties kept.
//!
//! For networkx, Gephi and other programs that compute on. Texts are kept as they are recorded;
//! only what XML cannot hold is replaced. Money is decimal text, since a double would round it.
//!
//! Source: GraphML Specification, graphdrawing.org, with the attributes extension.

use std::io::Write;

use crate::error::Result;
use crate::exports::{Chart, ChartEntity, ChartTie, Xml, style};

/// Key id, what it is for, attribute name and type.
const KEYS: [(&str, &str, &str, &str); 20] = [
    ("g_title", "graph", "title", "string"),
    ("g_banner", "graph", "banner", "string"),
    ("g_period", "graph", "period", "string"),
    ("g_notes", "graph", "notes", "string"),
    ("g_sources", "graph", "sources", "string"),
    ("n_label", "node", "label", "string"),
    ("n_kind", "node", "kind", "string"),
    ("n_role", "node", "role", "string"),
    ("n_unidentified", "node", "unidentified", "boolean"),
    ("n_centre", "node", "centre", "boolean"),
    ("n_details", "node", "details", "string"),
    ("e_label", "edge", "label", "string"),
    ("e_kind", "edge", "kind", "string"),
    ("e_total", "edge", "total", "string"),
    ("e_currency", "edge", "currency", "string"),
    ("e_records", "edge", "records", "long"),
    ("e_first", "edge", "first", "string"),
    ("e_last", "edge", "last", "string"),
    ("e_weight", "edge", "weight", "double"),
    ("e_source_refs", "edge", "source_refs", "string"),
];

/// The keys of a chart of traced money besides.
const TRACED_KEYS: [(&str, &str, &str, &str); 5] = [
    ("n_captions", "node", "captions", "string"),
    ("e_rule", "edge", "rule", "string"),
    ("e_traced", "edge", "traced", "string"),
    ("e_floor", "edge", "floor", "string"),
    ("e_ceiling", "edge", "ceiling", "string"),
];

/// Writes the chart as one directed graph.
///
/// # Errors
///
/// [`crate::Error::Io`] when `out` refuses.
pub fn write_graphml(chart: &Chart, out: &mut dyn Write) -> Result<()> {
    let mut xml = Xml::new(out);
    xml.declaration()?;
    xml.open("graphml", &[("xmlns", "http://graphml.graphdrawing.org/xmlns")])?;
    let traced: &[_] = if chart.is_traced() { &TRACED_KEYS } else { &[] };
    for (id, target, name, kind) in KEYS.iter().chain(traced).copied() {
        let attributes = [("id", id), ("for", target), ("attr.name", name), ("attr.type", kind)];
        xml.empty("key", &attributes)?;
    }
    xml.open("graph", &[("id", &chart.name), ("edgedefault", "directed")])?;
    let mut notes = chart.notes.clone();
    if chart.entities.is_empty() {
        notes.insert(0, style::NOTHING_FOUND.to_owned());
    }
    let sources: Vec<String> =
        chart.sources.iter().map(|(path, sha256)| format!("{path} {sha256}")).collect();
    data(&mut xml, "g_title", &chart.title)?;
    data(&mut xml, "g_banner", &chart.banner)?;
    data(&mut xml, "g_period", &chart.period)?;
    data(&mut xml, "g_notes", &notes.join("\n"))?;
    data(&mut xml, "g_sources", &sources.join("\n"))?;
    for entity in &chart.entities {
        write_entity(&mut xml, entity)?;
    }
    for tie in &chart.ties {
        write_tie(&mut xml, chart, tie)?;
    }
    xml.close("graph")?;
    xml.close("graphml")?;
    xml.finish()
}

fn data(xml: &mut Xml, key: &str, value: &str) -> Result<()> {
    if value.is_empty() { Ok(()) } else { xml.text("data", &[("key", key)], value) }
}

fn write_entity(xml: &mut Xml, entity: &ChartEntity) -> Result<()> {
    xml.open("node", &[("id", &entity.id)])?;
    data(xml, "n_label", &entity.label)?;
    data(xml, "n_kind", entity.kind.word())?;
    data(xml, "n_role", entity.role.map_or("", |role| role.word()))?;
    data(xml, "n_unidentified", &entity.unidentified.to_string())?;
    data(xml, "n_centre", &entity.centre.to_string())?;
    data(xml, "n_details", &entity.details_text())?;
    data(xml, "n_captions", &entity.captions.join("; "))?;
    xml.close("node")
}

fn write_tie(xml: &mut Xml, chart: &Chart, tie: &ChartTie) -> Result<()> {
    let (from, to) = (&chart.entities[tie.from].id, &chart.entities[tie.to].id);
    xml.open("edge", &[("id", &tie.id), ("source", from), ("target", to)])?;
    data(xml, "e_label", &tie.label)?;
    data(xml, "e_kind", style::tie_word(&tie.kind))?;
    data(xml, "e_total", tie.total.as_deref().unwrap_or(""))?;
    data(xml, "e_currency", tie.currency.as_deref().unwrap_or(""))?;
    data(xml, "e_records", &tie.records.to_string())?;
    data(xml, "e_first", &tie.first)?;
    data(xml, "e_last", &tie.last)?;
    data(xml, "e_weight", &tie.weight_text())?;
    data(xml, "e_source_refs", &tie.source_refs_text())?;
    if let Some(traced) = &tie.traced {
        data(xml, "e_rule", &traced.rule)?;
        data(xml, "e_traced", &traced.minor_text)?;
        data(xml, "e_floor", &traced.floor)?;
        data(xml, "e_ceiling", &traced.ceiling)?;
    }
    xml.close("edge")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use quick_xml::Reader;
    use quick_xml::events::{BytesStart, Event};

    use super::*;
    use crate::exports::samples;

    fn attributes(element: &BytesStart) -> BTreeMap<String, String> {
        let read = |attribute: quick_xml::events::attributes::Attribute| {
            let value = quick_xml::escape::unescape(&attribute.value).unwrap().into_owned();
            (attribute.key.as_ref().to_owned(), value)
        };
        element.attributes().map(|attribute| read(attribute.unwrap())).collect()
    }

    /// Ids and label texts in the order of the file, as a reader that knows only XML sees them.
    fn read_back(text: &str) -> (Vec<String>, Vec<(String, String, String)>, usize) {
        let mut reader = Reader::from_str(text);
        let (mut nodes, mut edges, mut keys) = (vec![], vec![], 0);
        loop {
            match reader.read_event().unwrap() {
                Event::Start(element) if element.name().as_ref() == "node" => {
                    nodes.push(attributes(&element)["id"].clone());
                }
                Event::Start(element) if element.name().as_ref() == "edge" => {
                    let found = attributes(&element);
                    let get = |name: &str| found[name].clone();
                    edges.push((get("id"), get("source"), get("target")));
                }
                Event::Empty(element) if element.name().as_ref() == "key" => keys += 1,
                Event::Eof => break,
                _ => {}
            }
        }
        (nodes, edges, keys)
    }

    #[test]
    fn every_entity_and_tie_reads_back_with_its_id() {
        for chart in samples::all() {
            let mut out = vec![];
            write_graphml(&chart, &mut out).unwrap();
            let (nodes, edges, keys) = read_back(&String::from_utf8(out).unwrap());
            let ids: Vec<String> = chart.entities.iter().map(|entity| entity.id.clone()).collect();
            assert_eq!(nodes, ids);
            let id = |at: usize| chart.entities[at].id.clone();
            let ties: Vec<_> =
                chart.ties.iter().map(|tie| (tie.id.clone(), id(tie.from), id(tie.to))).collect();
            assert_eq!(edges, ties);
            let of_traced = if chart.is_traced() { TRACED_KEYS.len() } else { 0 };
            assert_eq!(keys, KEYS.len() + of_traced);
        }
    }

    #[test]
    fn weights_are_always_numbers_above_nought() {
        for tie in samples::hostile().ties {
            let weight: f64 = tie.weight_text().parse().unwrap();
            assert!(weight > 0.0 && weight <= 1.0);
        }
    }
}
