//! How a chart looks: shapes, colours, line styles and the words of the legend, in one place, so
//! that every format tells kinds, roles and ties apart the same way.
//!
//! Nothing is told by colour alone: every kind and role also has a shape or an outline and its
//! word, since exhibits are copied in black and white. Positions are `layout`'s.

use crate::exports::{Chart, ChartEntity, ChartTie, ChartTieKind};
use crate::model::{EntityKind, Role};

/// Font of every picture; the first one that a machine has is used.
pub const FONT: &str = "Helvetica, Arial, 'Liberation Sans', sans-serif";
/// Text and titles.
pub const INK: &str = "#1a1a1a";
/// Secondary text.
pub const INK_SOFT: &str = "#4a4a4a";
/// Paper.
pub const PAPER: &str = "#ffffff";
/// The banner's bar.
pub const BANNER: &str = "#7a0019";

/// What every format says of a chart without entities.
pub const NOTHING_FOUND: &str =
    "This chart has no entities: nothing in the case meets its conditions.";

/// Corner points of a unit box: -1 to 1 on both axes, clockwise from the upper left.
pub type Corners = &'static [(f64, f64)];

/// The outline of an entity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// A box with rounded corners.
    Rounded,
    /// A polygon with these corners, whose left and right sides stand upright around the middle
    /// so that ties can end on them.
    Polygon(Corners),
}

/// How one kind of entity is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KindStyle {
    /// Outline.
    pub shape: Shape,
    /// Light fill that black text reads well on.
    pub fill: &'static str,
    /// Dark outline colour.
    pub stroke: &'static str,
    /// Graphviz's nearest shape.
    pub dot_shape: &'static str,
}

/// How a role, or the lack of a name, changes an outline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OutlineStyle {
    /// Colour; the kind's own where `None`.
    pub stroke: Option<&'static str>,
    /// Width in pixels.
    pub width: f64,
    /// SVG dash pattern, empty for a solid line.
    pub dash: &'static str,
}

/// How a kind of tie is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TieStyle {
    /// Line colour.
    pub stroke: &'static str,
    /// SVG dash pattern, empty for a solid line.
    pub dash: &'static str,
    /// Graphviz and Cytoscape word for the line.
    pub line: &'static str,
    /// What the legend says.
    pub legend: &'static str,
}

const BOX: Corners = &[(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)];
const HOUSE: Corners = &[(-1.0, -0.62), (0.0, -1.0), (1.0, -0.62), (1.0, 1.0), (-1.0, 1.0)];
const SHIELD: Corners = &[(-1.0, -1.0), (1.0, -1.0), (1.0, 0.66), (0.0, 1.0), (-1.0, 0.66)];
const CUT: Corners = &[
    (-0.86, -1.0),
    (0.86, -1.0),
    (1.0, -0.55),
    (1.0, 0.55),
    (0.86, 1.0),
    (-0.86, 1.0),
    (-1.0, 0.55),
    (-1.0, -0.55),
];
const CUT_LEFT: Corners = &[(-0.84, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0), (-1.0, -0.5)];
const CUT_RIGHT: Corners = &[(-1.0, -1.0), (0.84, -1.0), (1.0, -0.5), (1.0, 1.0), (-1.0, 1.0)];
const CUT_ABOVE: Corners =
    &[(-0.8, -1.0), (0.8, -1.0), (1.0, -0.4), (1.0, 1.0), (-1.0, 1.0), (-1.0, -0.4)];
const CUT_BELOW: Corners =
    &[(-1.0, -1.0), (1.0, -1.0), (1.0, 0.4), (0.8, 1.0), (-0.8, 1.0), (-1.0, 0.4)];

/// How a kind of entity is drawn.
pub fn kind_style(kind: EntityKind) -> KindStyle {
    let (shape, fill, stroke, dot_shape) = match kind {
        EntityKind::Party => (Shape::Polygon(BOX), "#fff3d1", "#6f4e00", "box"),
        EntityKind::Account => (Shape::Rounded, "#e1eefc", "#12467f", "box"),
        EntityKind::Phone => (Shape::Polygon(CUT), "#e3f4e3", "#1f5f27", "octagon"),
        EntityKind::Premises => (Shape::Polygon(HOUSE), "#f9e4e1", "#83301f", "house"),
        EntityKind::Device => (Shape::Polygon(CUT_LEFT), "#ece6fa", "#4b3192", "component"),
        EntityKind::Loan => (Shape::Polygon(CUT_BELOW), "#def3f1", "#0d5f58", "invtrapezium"),
        EntityKind::Email => (Shape::Polygon(SHIELD), "#fbe8f3", "#8a2369", "invhouse"),
        EntityKind::Document => (Shape::Polygon(CUT_RIGHT), "#efefe6", "#55553f", "note"),
        EntityKind::Vehicle => (Shape::Polygon(CUT_ABOVE), "#ebebeb", "#444444", "trapezium"),
    };
    KindStyle { shape, fill, stroke, dot_shape }
}

/// How far below the middle a kind's text stands, in pixels: clear of a roof, or above a point.
pub fn text_drop(kind: EntityKind) -> f64 {
    match kind {
        EntityKind::Premises => 4.0,
        EntityKind::Email => -4.0,
        _ => 0.0,
    }
}

/// How an entity is outlined: its role first, then whether the records name it.
pub fn outline(entity: &ChartEntity) -> OutlineStyle {
    match (entity.role, entity.unidentified) {
        (Some(role), _) => role_outline(role),
        (None, true) => OutlineStyle { stroke: Some("#6a6a6a"), width: 1.4, dash: "3 3" },
        (None, false) => OutlineStyle { stroke: None, width: 1.4, dash: "" },
    }
}

/// How a role is outlined.
pub fn role_outline(role: Role) -> OutlineStyle {
    match role {
        Role::Target => OutlineStyle { stroke: Some("#a30018"), width: 3.2, dash: "" },
        Role::Protected => OutlineStyle { stroke: Some("#00594f"), width: 2.4, dash: "8 3" },
        Role::Witness => OutlineStyle { stroke: Some("#4b3192"), width: 2.4, dash: "2 2.5" },
    }
}

/// The small line above an entity's label: kind, role, and whether the chart is drawn around it, in
/// capitals.
pub fn tag(chart: &Chart, entity: &ChartEntity) -> String {
    let mut words = vec![entity.kind.word()];
    if entity.unidentified {
        words = vec!["unidentified"];
    }
    if let Some(role) = entity.role {
        words.push(role.word());
    }
    if entity.centre {
        words.push(if chart.is_traced() { "a source paid in" } else { "centre" });
    }
    words.join(" · ").to_uppercase()
}

/// How a kind of tie is drawn.
pub fn tie_style(kind: &ChartTieKind) -> TieStyle {
    match kind {
        ChartTieKind::Transfers => TieStyle {
            stroke: "#20456e",
            dash: "",
            line: "solid",
            legend: "transfers of money, along the arrow; thicker is more",
        },
        ChartTieKind::Traced => TieStyle {
            stroke: "#20456e",
            dash: "",
            line: "solid",
            legend: "traced money, along the arrow; thicker is more traced, not more paid",
        },
        ChartTieKind::Calls => TieStyle {
            stroke: "#2c6a34",
            dash: "8 4",
            line: "dashed",
            legend: "calls, texts, data; caller to called; thicker is more",
        },
        ChartTieKind::Relation(_) => TieStyle {
            stroke: "#5a5a5a",
            dash: "2 3",
            line: "dotted",
            legend: "recorded tie, named on the line",
        },
    }
}

/// The word for a kind of tie in files: `transfers`, `traced`, `calls` or the relation's own.
pub fn tie_word(kind: &ChartTieKind) -> &str {
    match kind {
        ChartTieKind::Transfers => "transfers",
        ChartTieKind::Traced => "traced",
        ChartTieKind::Calls => "calls",
        ChartTieKind::Relation(relation) => relation,
    }
}

/// Line width in pixels, 1.4 to 6.4, by the tie's share of the heaviest of its kind.
pub fn tie_width(tie: &ChartTie) -> f64 {
    match tie.kind {
        ChartTieKind::Relation(_) => 1.6,
        _ => 1.4 + 5.0 * tie.share(),
    }
}

/// The corners of a box of this width and height, relative to its middle.
///
/// Cuts and roofs keep their size on a tall box, whose sides would otherwise stop standing
/// upright where ties end on them.
pub fn scaled(corners: Corners, (width, height): (f64, f64)) -> Vec<(f64, f64)> {
    let usual_half = (height / 2.0).min(24.0);
    let place = |&(x, y): &(f64, f64)| {
        let from_edge = (1.0 - y.max(-y)) * usual_half;
        let y_scaled = if y < 0.0 { from_edge - height / 2.0 } else { height / 2.0 - from_edge };
        (x * width / 2.0, y_scaled)
    };
    corners.iter().map(place).collect()
}
