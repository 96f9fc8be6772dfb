//! A link chart as an SVG picture: banner, title, period, drawing, legend, notes and sources.
//!
//! Positions come from `layout` and looks from `style`; the full text of what is shortened stands
//! in each shape's `<title>`. No font, script or file is referred to.

mod frame;

use std::io::Write;

use crate::error::Result;
use crate::exports::{
    Align, Chart, ChartTie, ChartTieKind, NodeBox, Picture, Point, Route, Step, Xml, lay_out,
    layout, number, style, visible,
};

use frame::Frame;
pub use frame::legend_svg;

const ARROW_LENGTH: f64 = 9.0;

/// Writes the chart as a stand-alone picture.
///
/// # Errors
///
/// [`crate::Error::Io`] when `out` refuses.
pub fn write_svg(chart: &Chart, out: &mut dyn Write) -> Result<()> {
    let mut xml = Xml::new(out);
    xml.declaration()?;
    draw(chart, &lay_out(chart), &mut xml)?;
    xml.finish()
}

/// The same picture as a fragment to stand in a page, from a layout already made.
///
/// # Errors
///
/// None on any chart; the result is that of the writer beneath.
pub fn picture_svg(chart: &Chart, picture: &Picture) -> Result<String> {
    let mut out: Vec<u8> = vec![];
    let mut xml = Xml::new(&mut out);
    draw(chart, picture, &mut xml)?;
    xml.finish()?;
    Ok(String::from_utf8(out).expect("what is written is text"))
}

fn draw(chart: &Chart, picture: &Picture, xml: &mut Xml) -> Result<()> {
    let frame = Frame::new(chart, picture);
    let (width, height) = (number(frame.width), number(frame.height));
    xml.open(
        "svg",
        &[
            ("xmlns", "http://www.w3.org/2000/svg"),
            ("width", &width),
            ("height", &height),
            ("viewBox", &format!("0 0 {width} {height}")),
            ("font-family", style::FONT),
            ("role", "img"),
        ],
    )?;
    xml.text("title", &[], &visible(&format!("{} · {}", chart.title, chart.banner)))?;
    xml.empty("rect", &[("width", &width), ("height", &height), ("fill", style::PAPER)])?;
    frame.draw_head(chart, xml)?;
    let shift = format!("translate({} {})", number(frame.origin.x), number(frame.origin.y));
    xml.open("g", &[("transform", &shift)])?;
    for route in &picture.routes {
        draw_line(chart, route, xml)?;
    }
    for node in &picture.nodes {
        draw_entity(chart, node, xml)?;
    }
    for route in &picture.routes {
        draw_label(&chart.ties[route.tie], route, xml)?;
    }
    xml.close("g")?;
    frame.draw_foot(xml)?;
    xml.close("svg")
}

/// One line of text.
fn line_of_text(
    xml: &mut Xml,
    at: Point,
    size: f64,
    more: &[(&str, &str)],
    text: &str,
) -> Result<()> {
    let (x, y, size) = (number(at.x), number(at.y), number(size));
    let mut attributes = vec![("x", x.as_str()), ("y", y.as_str()), ("font-size", size.as_str())];
    attributes.extend_from_slice(more);
    xml.text("text", &attributes, &visible(text))
}

fn draw_line(chart: &Chart, route: &Route, xml: &mut Xml) -> Result<()> {
    let tie = &chart.ties[route.tie];
    let look = style::tie_style(&tie.kind);
    let width = style::tie_width(tie);
    let arrow = ARROW_LENGTH + width;
    let mut steps = route.steps.clone();
    let tip = steps.last().map_or(route.start, |step| step.end());
    let leftward = arrives_leftward(route);
    let back = if leftward { arrow - 2.0 } else { 2.0 - arrow };
    if let Some(Step::Line(end) | Step::Curve(_, _, end)) = steps.last_mut() {
        // The line ends inside the arrow, or a thick one would stick out at its tip.
        end.x += back;
    }
    xml.open("g", &[])?;
    xml.text("title", &[], &visible(&tie_title(chart, tie)))?;
    let (width_text, path) = (number(width), path(route.start, &steps));
    let mut attributes = vec![
        ("d", path.as_str()),
        ("fill", "none"),
        ("stroke", look.stroke),
        ("stroke-width", width_text.as_str()),
    ];
    if !look.dash.is_empty() {
        attributes.push(("stroke-dasharray", look.dash));
    }
    xml.empty("path", &attributes)?;
    let half = 3.6 + width * 0.55;
    let tail = if leftward { tip.x + arrow } else { tip.x - arrow };
    let corners = [(tip.x, tip.y), (tail, tip.y - half), (tail, tip.y + half)];
    let open = matches!(tie.kind, ChartTieKind::Relation(_));
    let fill = if open { style::PAPER } else { look.stroke };
    xml.empty(
        "polygon",
        &[
            ("points", &points(&corners)),
            ("fill", fill),
            ("stroke", look.stroke),
            ("stroke-width", "1"),
        ],
    )?;
    xml.close("g")
}

/// True where the line reaches its end going left; it always arrives level.
fn arrives_leftward(route: &Route) -> bool {
    let mut ends: Vec<f64> = vec![route.start.x];
    ends.extend(route.steps.iter().map(|step| step.end().x));
    let last = ends[ends.len() - 1];
    // The last step may have no length where the box is as wide as its column.
    match ends.iter().rev().find(|&&x| x != last) {
        Some(&before) => last < before,
        None => false,
    }
}

fn path(start: Point, steps: &[Step]) -> String {
    let place = |at: Point| format!("{} {}", number(at.x), number(at.y));
    let mut path = format!("M{}", place(start));
    for step in steps {
        path.push_str(&match *step {
            Step::Line(end) => format!("L{}", place(end)),
            Step::Curve(one, two, end) => format!("C{} {} {}", place(one), place(two), place(end)),
        });
    }
    path
}

fn points(corners: &[(f64, f64)]) -> String {
    let places: Vec<String> =
        corners.iter().map(|&(x, y)| format!("{},{}", number(x), number(y))).collect();
    places.join(" ")
}

fn tie_title(chart: &Chart, tie: &ChartTie) -> String {
    let (from, to) = (&chart.entities[tie.from].label, &chart.entities[tie.to].label);
    format!("{from} → {to}: {}", tie.label)
}

fn draw_entity(chart: &Chart, node: &NodeBox, xml: &mut Xml) -> Result<()> {
    let entity = &chart.entities[node.entity];
    let mut title = format!("{}: {}", style::tag(chart, entity), entity.label);
    for (name, value) in &entity.details {
        title.push_str(&format!("; {name}: {value}"));
    }
    xml.open("g", &[])?;
    xml.text("title", &[], &visible(&title))?;
    let kind = style::kind_style(entity.kind);
    let outline = style::outline(entity);
    let stroke = outline.stroke.unwrap_or(kind.stroke);
    if entity.centre {
        let frame = (node.width + 11.0, node.height + 11.0);
        draw_shape(xml, kind.shape, node.middle, frame, ("none", stroke, 1.6, ""))?;
    }
    let fill = if entity.unidentified { style::PAPER } else { kind.fill };
    let size = (node.width, node.height);
    draw_shape(xml, kind.shape, node.middle, size, (fill, stroke, outline.width, outline.dash))?;
    let text_height = layout::TAG_TEXT + 5.0 + node.lines.len() as f64 * layout::NODE_LINE;
    let roof = style::text_drop(entity.kind);
    let mut y = node.middle.y - text_height / 2.0 + layout::TAG_TEXT + roof;
    let tag_look = [
        ("text-anchor", "middle"),
        ("fill", stroke),
        ("font-weight", "bold"),
        ("letter-spacing", "0.4"),
    ];
    let middle = |y: f64| Point { x: node.middle.x, y };
    line_of_text(xml, middle(y), layout::TAG_TEXT, &tag_look, &style::tag(chart, entity))?;
    let weight = if entity.centre { "bold" } else { "normal" };
    let label_look = [("text-anchor", "middle"), ("fill", style::INK), ("font-weight", weight)];
    y += 1.0;
    for line in &node.lines {
        y += layout::NODE_LINE;
        line_of_text(xml, middle(y), layout::NODE_TEXT, &label_look, line)?;
    }
    xml.close("g")
}

/// Fill, stroke, stroke width and dash pattern.
type Look<'s> = (&'s str, &'s str, f64, &'s str);

/// Draws an entity's outline around `middle`.
fn draw_shape(
    xml: &mut Xml,
    shape: style::Shape,
    middle: Point,
    (width, height): (f64, f64),
    (fill, stroke, stroke_width, dash): Look,
) -> Result<()> {
    let stroke_width = number(stroke_width);
    let mut look = vec![("fill", fill), ("stroke", stroke), ("stroke-width", &stroke_width)];
    if !dash.is_empty() {
        look.push(("stroke-dasharray", dash));
    }
    match shape {
        style::Shape::Rounded => {
            let radius = number((height / 4.0).min(11.0));
            let (x, y) = (number(middle.x - width / 2.0), number(middle.y - height / 2.0));
            let (width, height) = (number(width), number(height));
            let mut attributes = vec![
                ("x", x.as_str()),
                ("y", y.as_str()),
                ("width", width.as_str()),
                ("height", height.as_str()),
                ("rx", radius.as_str()),
            ];
            attributes.extend(look);
            xml.empty("rect", &attributes)
        }
        style::Shape::Polygon(corners) => {
            let places = style::scaled(corners, (width, height))
                .into_iter()
                .map(|(x, y)| (middle.x + x, middle.y + y))
                .collect::<Vec<_>>();
            let places = points(&places);
            let mut attributes = vec![("points", places.as_str())];
            attributes.extend(look);
            xml.empty("polygon", &attributes)
        }
    }
}

fn draw_label(tie: &ChartTie, route: &Route, xml: &mut Xml) -> Result<()> {
    let label = &route.label;
    let anchor = match label.align {
        Align::Start => "start",
        Align::Middle => "middle",
        Align::End => "end",
    };
    let look = [
        ("text-anchor", anchor),
        ("fill", style::INK),
        ("stroke", style::PAPER),
        ("stroke-width", "3"),
        ("paint-order", "stroke"),
    ];
    let gap = style::tie_width(tie) / 2.0 + 3.5;
    let rows = label.above.len() as f64;
    let first = match label.align {
        Align::Middle => label.anchor.y - gap - (rows - 1.0) * layout::TIE_LINE,
        _ => label.anchor.y - (rows - 1.0) / 2.0 * layout::TIE_LINE + 4.0,
    };
    for (at, line) in label.above.iter().enumerate() {
        let at = Point { x: label.anchor.x, y: first + at as f64 * layout::TIE_LINE };
        line_of_text(xml, at, layout::TIE_TEXT, &look, line)?;
    }
    for (at, line) in label.below.iter().enumerate() {
        let y = label.anchor.y + gap + 7.5 + at as f64 * layout::TIE_LINE;
        line_of_text(xml, Point { x: label.anchor.x, y }, layout::TIE_TEXT, &look, line)?;
    }
    Ok(())
}
