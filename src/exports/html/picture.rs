//! The drawing as data for the interactive page: the same boxes and lines as the still picture,
//! in the words of Cytoscape.js.

use serde_json::{Value, json};

use crate::exports::{
    Align, Chart, ChartTieKind, NodeBox, Picture, Point, Route, Step, layout, style, tenth, visible,
};

/// Straight pieces that stand for one curve.
const CURVE_PIECES: usize = 8;

/// What the page's script draws and searches.
pub(super) fn picture_data(chart: &Chart, picture: &Picture) -> Value {
    let nodes: Vec<Value> = picture.nodes.iter().map(|node| node_value(chart, node)).collect();
    let mut middle = vec![Point::default(); chart.entities.len()];
    for node in &picture.nodes {
        middle[node.entity] = node.middle;
    }
    let ties: Vec<Value> =
        picture.routes.iter().map(|route| tie_value(chart, route, &middle)).collect();
    let entities: Vec<Value> = chart
        .entities
        .iter()
        .enumerate()
        .map(|(at, entity)| {
            let more: Vec<&str> = entity.details.iter().map(|(_, value)| value.as_str()).collect();
            json!({
                "at": at,
                "name": visible(&entity.label),
                "tag": style::tag(chart, entity),
                "more": visible(&more.join(" ")),
            })
        })
        .collect();
    let names: Vec<Value> = chart
        .ties
        .iter()
        .enumerate()
        .map(|(at, tie)| {
            let (from, to) = (&chart.entities[tie.from].label, &chart.entities[tie.to].label);
            json!({
                "at": at,
                "ends": visible(&format!("{from} → {to}")),
                "text": visible(&tie.label),
            })
        })
        .collect();
    json!({ "nodes": nodes, "ties": ties, "entities": entities, "names": names })
}

fn node_value(chart: &Chart, node: &NodeBox) -> Value {
    let entity = &chart.entities[node.entity];
    let kind = style::kind_style(entity.kind);
    let outline = style::outline(entity);
    let text_height = layout::TAG_TEXT + 5.0 + node.lines.len() as f64 * layout::NODE_LINE;
    let roof = style::text_drop(entity.kind);
    let mut value = json!({
        "at": node.entity,
        "x": node.middle.x,
        "y": node.middle.y,
        "w": node.width,
        "h": node.height,
        "text": node.lines.join("\n"),
        "tag": style::tag(chart, entity),
        "tag_y": tenth(node.middle.y - text_height / 2.0 + layout::TAG_TEXT / 2.0 + roof),
        "text_down": tenth((layout::TAG_TEXT + 5.0) / 2.0 + roof),
        "centre": entity.centre,
        "fill": if entity.unidentified { style::PAPER } else { kind.fill },
        "stroke": outline.stroke.unwrap_or(kind.stroke),
        "border": outline.width,
        "line": if outline.dash.is_empty() { "solid" } else { "dashed" },
        "shape": "round-rectangle",
    });
    if let style::Shape::Polygon(corners) = kind.shape {
        let (half_width, half_height) = (node.width / 2.0, node.height / 2.0);
        let places: Vec<f64> = style::scaled(corners, (node.width, node.height))
            .into_iter()
            .flat_map(|(x, y)| [fraction(x / half_width), fraction(y / half_height)])
            .collect();
        value["shape"] = json!("polygon");
        value["points"] = json!(places);
    }
    value
}

fn tie_value(chart: &Chart, route: &Route, middle: &[Point]) -> Value {
    let tie = &chart.ties[route.tie];
    let look = style::tie_style(&tie.kind);
    let width = style::tie_width(tie);
    let dash: Vec<f64> = look.dash.split(' ').filter_map(|part| part.parse().ok()).collect();
    let relation = matches!(tie.kind, ChartTieKind::Relation(_));
    let label = &route.label;
    let mut lines: Vec<&str> = label.above.iter().map(String::as_str).collect();
    let mut shift = 0.0;
    if label.align == Align::Middle {
        // An empty line where the tie's own line runs, as high as in the still picture.
        shift = (label.below.len() as f64 - label.above.len() as f64) / 2.0 * layout::TIE_LINE;
        lines.push("");
    }
    lines.extend(label.below.iter().map(String::as_str));
    let points = sampled(route);
    let (from, to) = (format!("e{}", tie.from), format!("e{}", tie.to));
    let parts = if tie.from == tie.to {
        // Cytoscape draws a tie of an entity with itself its own way; as two halves that meet
        // at the label it is drawn like every other.
        let half = points.len() / 2;
        let name = format!("l{}", route.tie);
        vec![
            part((&from, middle[tie.from]), (&name, label.middle), &points[..=half], false),
            part((&name, label.middle), (&to, middle[tie.to]), &points[half..], true),
        ]
    } else {
        vec![part((&from, middle[tie.from]), (&to, middle[tie.to]), &points, true)]
    };
    json!({
        "at": route.tie,
        "from": tie.from,
        "to": tie.to,
        "text": lines.join("\n"),
        "look": {
            "width": tenth(width),
            "stroke": look.stroke,
            "line": if dash.is_empty() { "solid" } else { "dashed" },
            "dash": if dash.is_empty() { vec![6.0, 3.0] } else { dash },
            "fill": if relation { "hollow" } else { "filled" },
            "scale": if relation { 0.9 } else { 1.0 },
        },
        "label": {
            "x": label.middle.x,
            "y": label.middle.y,
            "w": label.width.max(8.0),
            "h": label.height.max(8.0),
            "shift": tenth(shift),
            "align": if label.align == Align::Middle { "on" } else { "beside" },
        },
        "parts": parts,
    })
}

/// One line of Cytoscape: its ends beside the middles of their boxes, and its bends by share
/// along and distance from the straight line between the ends.
fn part(source: (&str, Point), target: (&str, Point), points: &[Point], arrow: bool) -> Value {
    let (first, last) = (points[0], points[points.len() - 1]);
    let (dx, dy) = (last.x - first.x, last.y - first.y);
    let length = (dx * dx + dy * dy).sqrt().max(1e-6);
    let bends = &points[1..points.len() - 1];
    let weights: Vec<f64> = bends
        .iter()
        .map(|at| fraction(((at.x - first.x) * dx + (at.y - first.y) * dy) / (length * length)))
        .collect();
    let distances: Vec<f64> = bends
        .iter()
        .map(|at| tenth(((at.y - first.y) * dx - (at.x - first.x) * dy) / length))
        .collect();
    let beside = |end: Point, middle: Point| {
        format!("{}px {}px", tenth(end.x - middle.x), tenth(end.y - middle.y))
    };
    json!({
        "source": source.0,
        "target": target.0,
        "from": beside(first, source.1),
        "to": beside(last, target.1),
        "weights": weights,
        "distances": distances,
        "arrow": arrow,
    })
}

/// The line as places, with curves broken into straight pieces.
fn sampled(route: &Route) -> Vec<Point> {
    let mut points = vec![route.start];
    let mut at = route.start;
    for step in &route.steps {
        if let Step::Curve(one, two, end) = *step {
            for piece in 1..CURVE_PIECES {
                let t = piece as f64 / CURVE_PIECES as f64;
                let s = 1.0 - t;
                let (a, b, c, d) = (s * s * s, 3.0 * s * s * t, 3.0 * s * t * t, t * t * t);
                points.push(Point {
                    x: a * at.x + b * one.x + c * two.x + d * end.x,
                    y: a * at.y + b * one.y + c * two.y + d * end.y,
                });
            }
        }
        at = step.end();
        points.push(at);
    }
    points.dedup();
    // A line needs its two ends even where they are one place.
    if points.len() == 1 {
        points.push(at);
    }
    points
}

fn fraction(value: f64) -> f64 {
    (value * 100_000.0).round() / 100_000.0 + 0.0
}
