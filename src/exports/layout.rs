//! Where everything of a link chart stands: columns of entities by distance from the centre, who
//! pays in to the left and who is paid to the right, with room kept for every label and line.
//!
//! Answers: the place of each box, label and line, in pixels rounded to a tenth. Every label and
//! every passing line is an item of a column like an entity is, so no label covers anything and
//! no line runs behind an entity it has nothing to do with. Only `+ - * /` are used, which give
//! the same bits on every machine. Colours and file formats are the other files'.
//!
//! Cost: 500 entities with 900 ties take a fraction of a second; it grows a little faster than
//! the number of ties times the columns they span.
//!
//! Source: Sugiyama, Tagawa, Toda, Methods for Visual Understanding of Hierarchical System
//! Structures, IEEE Trans. SMC 11 (1981), with signed distance from the centre for its layers.

mod columns;
mod order;
mod place;
mod routes;
mod sides;

use std::collections::VecDeque;

use crate::exports::{Chart, ChartTie, ChartTieKind, style, text_width, wrapped};

/// Most entities a picture shows; the tables list all of them.
pub const ENTITIES_DRAWN_MAX: usize = 500;
/// Most ties whose full label a picture shows; with more, labels are one line.
pub const TIES_LABELLED_MAX: usize = 160;
/// Size of an entity's label, in pixels.
pub const NODE_TEXT: f64 = 13.0;
/// Distance from one line of an entity's label to the next.
pub const NODE_LINE: f64 = 16.0;
/// Size of the small line above it.
pub const TAG_TEXT: f64 = 8.5;
/// Size of a tie's label.
pub const TIE_TEXT: f64 = 11.0;
/// Distance from one line of a tie's label to the next.
pub const TIE_LINE: f64 = 13.0;

const NODE_WIDTH_MIN: f64 = 116.0;
const NODE_TEXT_WIDTH: f64 = 172.0;
const LABEL_TEXT_WIDTH: f64 = 150.0;
const PORT_STEP: f64 = 13.0;
const PORT_MARGIN: f64 = 13.0;
const COMPONENT_GAP: f64 = 56.0;
const ROW_WIDTH_MIN: f64 = 1_100.0;

/// A place in pixels, x to the right and y down.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// Pixels from the left edge.
    pub x: f64,
    /// Pixels from the upper edge.
    pub y: f64,
}

/// A laid out chart: the drawing only, without title, legend or notes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Picture {
    /// Pixels; everything lies within 0 to `width`.
    pub width: f64,
    /// Pixels; everything lies within 0 to `height`.
    pub height: f64,
    /// One for each entity that is drawn, by position in the chart.
    pub nodes: Vec<NodeBox>,
    /// One for each tie that is drawn, by position in the chart.
    pub routes: Vec<Route>,
    /// Sentences saying what a bound left out of the picture.
    pub notes: Vec<String>,
}

/// The box of one entity.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeBox {
    /// Position in the chart's entities.
    pub entity: usize,
    /// Its middle.
    pub middle: Point,
    /// Pixels.
    pub width: f64,
    /// Pixels.
    pub height: f64,
    /// The label as it is broken into lines.
    pub lines: Vec<String>,
}

/// The line of one tie and its label.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// Position in the chart's ties.
    pub tie: usize,
    /// On the side of the entity it comes from.
    pub start: Point,
    /// From there to the entity it goes to.
    pub steps: Vec<Step>,
    /// What is written along it.
    pub label: LabelBox,
}

/// A piece of a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    /// Straight to a place.
    Line(Point),
    /// A cubic curve: two control points and where it ends.
    Curve(Point, Point, Point),
}

impl Step {
    /// Where it ends.
    pub fn end(self) -> Point {
        match self {
            Step::Line(end) | Step::Curve(_, _, end) => end,
        }
    }
}

/// Where the text of a label starts, seen from [`LabelBox::anchor`].
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Align {
    /// Text to the right of the anchor.
    Start,
    /// Text around the anchor, over and under the line.
    #[default]
    Middle,
    /// Text to the left of the anchor.
    End,
}

/// The room kept for a tie's label.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LabelBox {
    /// The box's middle.
    pub middle: Point,
    /// Pixels.
    pub width: f64,
    /// Pixels.
    pub height: f64,
    /// Where text is anchored; on the line's height.
    pub anchor: Point,
    /// How text lies about the anchor.
    pub align: Align,
    /// Lines above the line, or all lines where the text stands beside it.
    pub above: Vec<String>,
    /// Lines below the line.
    pub below: Vec<String>,
}

/// Sizes and texts of everything, before any place is known.
struct Parts<'c> {
    chart: &'c Chart,
    /// By entity: ties that are drawn and end there.
    ties_of: Vec<Vec<usize>>,
    /// By entity.
    lines: Vec<Vec<String>>,
    /// By tie: label lines.
    labels: Vec<Vec<String>>,
}

/// Lays a chart out. The same chart gives the same bits on every machine.
///
/// Entities beyond [`ENTITIES_DRAWN_MAX`], farthest from the centre first, are left out and a
/// note says so. A chart without entities gives an empty picture.
///
/// # Panics
///
/// If a tie refers to an entity that the chart does not have.
pub fn lay_out(chart: &Chart) -> Picture {
    let (drawn, components) = drawn_components(chart);
    let parts = Parts::new(chart, &drawn);
    let mut picture = Picture::default();
    let mut blocks = vec![];
    for members in &components {
        let mut grid = columns::build(&parts, members);
        order::untangle(&mut grid);
        place::place(&mut grid);
        blocks.push(routes::drawn(&parts, &grid));
    }
    pack(&mut picture, blocks);
    picture.nodes.sort_by_key(|node| node.entity);
    picture.routes.sort_by_key(|route| route.tie);
    let entities = chart.entities.len();
    if picture.nodes.len() < entities {
        picture.notes.push(format!(
            "The picture shows {} of {entities} entities and {} of {} ties, those nearest to the \
             centre; the tables list all.",
            picture.nodes.len(),
            picture.routes.len(),
            chart.ties.len()
        ));
    }
    if parts.short_labels() {
        picture.notes.push(format!(
            "With more than {TIES_LABELLED_MAX} ties, a line shows the first part of its label \
             only; the tables give counts, totals and dates."
        ));
    }
    picture
}

impl<'c> Parts<'c> {
    fn new(chart: &'c Chart, drawn: &[bool]) -> Parts<'c> {
        let mut ties_of = vec![vec![]; chart.entities.len()];
        for (at, tie) in chart.ties.iter().enumerate() {
            if drawn[tie.from] && drawn[tie.to] {
                ties_of[tie.from].push(at);
                if tie.to != tie.from {
                    ties_of[tie.to].push(at);
                }
            }
        }
        let lines = chart
            .entities
            .iter()
            .map(|entity| {
                let label = entity.label.trim();
                let label = if label.is_empty() { "(no name recorded)" } else { label };
                let mut lines = wrapped(label, NODE_TEXT, NODE_TEXT_WIDTH, 3);
                let captions = entity.captions.iter();
                lines.extend(captions.flat_map(|one| wrapped(one, NODE_TEXT, NODE_TEXT_WIDTH, 2)));
                lines
            })
            .collect();
        let short = chart.ties.len() > TIES_LABELLED_MAX;
        let labels = chart.ties.iter().map(|tie| label_lines(tie, short)).collect();
        Parts { chart, ties_of, lines, labels }
    }

    fn short_labels(&self) -> bool {
        self.chart.ties.len() > TIES_LABELLED_MAX
    }

    /// Width and height of an entity's box that has `ports` line ends on its busier side.
    fn node_size(&self, entity: usize, ports: usize) -> (f64, f64) {
        let tag = text_width(&style::tag(self.chart, &self.chart.entities[entity]), TAG_TEXT);
        let widest =
            self.lines[entity].iter().map(|line| text_width(line, NODE_TEXT)).fold(tag, f64::max);
        let text_height = 25.0 + self.lines[entity].len() as f64 * NODE_LINE;
        let ports_height = 2.0 * PORT_MARGIN + ports.saturating_sub(1) as f64 * PORT_STEP;
        let roof = 2.0 * style::text_drop(self.chart.entities[entity].kind).abs();
        ((widest + 22.0).max(NODE_WIDTH_MIN), (text_height + roof).max(ports_height))
    }

    /// Width and height of a tie's label; `beside` a line rather than above and below it.
    fn label_size(&self, tie: usize, beside: bool) -> (f64, f64) {
        let lines = &self.labels[tie];
        let widest = lines.iter().map(|line| text_width(line, TIE_TEXT)).fold(0.0, f64::max);
        let rows = if beside { lines.len() } else { 2 * lines.len().div_ceil(2) };
        (widest + if beside { 26.0 } else { 10.0 }, rows as f64 * TIE_LINE + 6.0)
    }
}

/// A label's parts, `12 transfers, 14,300.00 USD, 2024-01-03 to 2024-05-30`, one line each.
fn label_lines(tie: &ChartTie, short: bool) -> Vec<String> {
    let parts = tie.label.split(", ").filter(|part| !part.is_empty());
    if short {
        let line = match (&tie.kind, &tie.total, &tie.currency) {
            (ChartTieKind::Transfers, Some(total), Some(currency)) => format!("{total} {currency}"),
            _ => parts.take(1).collect(),
        };
        return wrapped(&line, TIE_TEXT, LABEL_TEXT_WIDTH, 1);
    }
    let mut lines: Vec<String> =
        parts.flat_map(|part| wrapped(part, TIE_TEXT, LABEL_TEXT_WIDTH, 3)).collect();
    if lines.len() > 4 {
        lines.truncate(4);
        lines[3].push('…');
    }
    lines
}

/// Which entities are drawn, and those in groups that ties join; the centre's group first, then
/// the larger ones.
fn drawn_components(chart: &Chart) -> (Vec<bool>, Vec<Vec<usize>>) {
    let count = chart.entities.len();
    let mut neighbours: Vec<Vec<usize>> = vec![vec![]; count];
    for tie in &chart.ties {
        assert!(tie.from < count && tie.to < count, "a tie joins two entities of its chart");
        neighbours[tie.from].push(tie.to);
        neighbours[tie.to].push(tie.from);
    }
    let mut component = vec![usize::MAX; count];
    let mut members: Vec<Vec<usize>> = vec![];
    let centres = (0..count).filter(|&at| chart.entities[at].centre);
    let mut queue: VecDeque<usize> = centres.collect();
    let mut order = vec![];
    let mut seen = vec![false; count];
    queue.iter().for_each(|&at| seen[at] = true);
    let mut rest = 0..count;
    // Breadth first from all centres at once, so that a bound cuts what is farthest from them.
    loop {
        while let Some(at) = queue.pop_front() {
            order.push(at);
            for &next in &neighbours[at] {
                if !std::mem::replace(&mut seen[next], true) {
                    queue.push_back(next);
                }
            }
        }
        match rest.find(|&at| !seen[at]) {
            Some(at) => {
                seen[at] = true;
                queue.push_back(at);
            }
            None => break,
        }
    }
    let mut drawn = vec![false; count];
    order.truncate(ENTITIES_DRAWN_MAX);
    order.iter().for_each(|&at| drawn[at] = true);
    for &first in &order {
        if component[first] != usize::MAX {
            continue;
        }
        let mut group = vec![];
        let mut stack = vec![first];
        component[first] = members.len();
        while let Some(at) = stack.pop() {
            group.push(at);
            for &next in &neighbours[at] {
                if drawn[next] && component[next] == usize::MAX {
                    component[next] = members.len();
                    stack.push(next);
                }
            }
        }
        group.sort_unstable();
        members.push(group);
    }
    let centred = |group: &[usize]| group.iter().any(|&at| chart.entities[at].centre);
    members.sort_by_key(|group| (!centred(group), usize::MAX - group.len(), group[0]));
    (drawn, members)
}

/// Sets the blocks of unconnected groups in rows, left to right.
fn pack(picture: &mut Picture, blocks: Vec<Picture>) {
    let widest = blocks.iter().map(|block| block.width).fold(0.0, f64::max);
    let row_width = widest.max(ROW_WIDTH_MIN);
    let (mut x, mut y, mut row_height) = (0.0, 0.0, 0.0_f64);
    for block in blocks {
        if x > 0.0 && x + block.width > row_width {
            (x, y) = (0.0, y + row_height + COMPONENT_GAP);
            row_height = 0.0;
        }
        row_height = row_height.max(block.height);
        picture.width = picture.width.max(x + block.width);
        picture.height = picture.height.max(y + block.height);
        let step_right = block.width + COMPONENT_GAP;
        append_moved(picture, block, Point { x, y });
        x += step_right;
    }
    (picture.width, picture.height) = (tenth(picture.width), tenth(picture.height));
}

fn append_moved(picture: &mut Picture, block: Picture, by: Point) {
    let moved = |at: Point| Point { x: tenth(at.x + by.x), y: tenth(at.y + by.y) };
    picture.nodes.extend(block.nodes.into_iter().map(|node| NodeBox {
        middle: moved(node.middle),
        width: tenth(node.width),
        height: tenth(node.height),
        ..node
    }));
    picture.routes.extend(block.routes.into_iter().map(|route| {
        Route {
            start: moved(route.start),
            steps: route
                .steps
                .into_iter()
                .map(|step| match step {
                    Step::Line(end) => Step::Line(moved(end)),
                    Step::Curve(one, two, end) => Step::Curve(moved(one), moved(two), moved(end)),
                })
                .collect(),
            label: LabelBox {
                middle: moved(route.label.middle),
                anchor: moved(route.label.anchor),
                width: tenth(route.label.width),
                height: tenth(route.label.height),
                ..route.label
            },
            ..route
        }
    }));
}

/// Rounds to a tenth of a pixel; beyond that pictures would carry digits that nobody sees.
pub fn tenth(value: f64) -> f64 {
    // The sum turns -0 into 0, which is written differently.
    (value * 10.0).round() / 10.0 + 0.0
}

#[cfg(test)]
mod tests;
