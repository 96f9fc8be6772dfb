//! What stands around a drawing: banner, title and period above it; legend, notes and sources
//! below. A picture without them would travel without what limits it.

use super::{draw_shape, line_of_text, points};
use crate::error::Result;
use crate::exports::{
    Chart, ChartTieKind, Picture, Point, Xml, number, style, text_width, wrapped,
};
use crate::model::counted_as;
use crate::model::{EntityKind, Role};

const MARGIN: f64 = 30.0;
const BANNER_HEIGHT: f64 = 24.0;
const WIDTH_MIN: f64 = 820.0;
const SMALL: f64 = 11.0;
const LINE: f64 = 15.5;
const SWATCH: f64 = 40.0;
const LEGEND_ROW: f64 = 30.0;
/// Most sources listed on the picture itself; the page lists all.
const SOURCES_LISTED_MAX: usize = 12;

/// One entry of the legend.
enum Sign {
    Kind(EntityKind),
    Role(Role),
    Unidentified,
    Centre,
    Tie(ChartTieKind),
}

/// Sizes and texts around the drawing.
pub(super) struct Frame {
    pub width: f64,
    pub height: f64,
    /// Upper left corner of the drawing.
    pub origin: Point,
    title: Vec<String>,
    subtitle: String,
    legend: Vec<(Sign, String, Point)>,
    legend_top: f64,
    foot: Vec<(bool, String)>,
    foot_top: f64,
}

impl Frame {
    pub(super) fn new(chart: &Chart, picture: &Picture) -> Frame {
        let width = (picture.width + 2.0 * MARGIN).max(WIDTH_MIN);
        let inner = width - 2.0 * MARGIN;
        let title = wrapped(&chart.title, 21.0, inner, 3);
        let sentence = chart.counts_text();
        let subtitle = format!("Period: {} · {sentence}", chart.period);
        let top = BANNER_HEIGHT + 20.0 + title.len() as f64 * 26.0 + 34.0;
        let x = MARGIN + (inner - picture.width) / 2.0;
        let empty = if chart.entities.is_empty() { 60.0 } else { 0.0 };
        let legend_top = top + picture.height + empty + 34.0;
        let (legend, legend_height) = placed_legend(chart, inner);
        let foot_top = legend_top + legend_height + 14.0;
        let foot = foot_lines(chart, picture, inner);
        let height = foot_top + foot.len() as f64 * LINE + MARGIN;
        let origin = Point { x, y: top };
        Frame { width, height, origin, title, subtitle, legend, legend_top, foot, foot_top }
    }

    /// Banner, title, period and counts.
    pub(super) fn draw_head(&self, chart: &Chart, xml: &mut Xml) -> Result<()> {
        let width = number(self.width);
        if !chart.banner.is_empty() {
            let height = number(BANNER_HEIGHT);
            let bar = [("width", width.as_str()), ("height", &height), ("fill", style::BANNER)];
            xml.empty("rect", &bar)?;
            let look = [
                ("text-anchor", "middle"),
                ("fill", style::PAPER),
                ("font-weight", "bold"),
                ("letter-spacing", "2"),
            ];
            line_of_text(xml, Point { x: self.width / 2.0, y: 17.0 }, 13.0, &look, &chart.banner)?;
        }
        let mut y = BANNER_HEIGHT + 8.0;
        for line in &self.title {
            y += 26.0;
            let look = [("fill", style::INK), ("font-weight", "bold")];
            line_of_text(xml, Point { x: MARGIN, y }, 21.0, &look, line)?;
        }
        let at = Point { x: MARGIN, y: y + 21.0 };
        line_of_text(xml, at, 13.0, &[("fill", style::INK_SOFT)], &self.subtitle)?;
        if chart.entities.is_empty() {
            let at = Point { x: MARGIN, y: self.origin.y + 34.0 };
            line_of_text(xml, at, 15.0, &[("fill", style::INK)], style::NOTHING_FOUND)?;
        }
        Ok(())
    }

    /// Legend, notes and sources.
    pub(super) fn draw_foot(&self, xml: &mut Xml) -> Result<()> {
        let rule = number(self.legend_top - 14.0);
        let (left, right) = (number(MARGIN), number(self.width - MARGIN));
        xml.empty(
            "line",
            &[
                ("x1", &left),
                ("x2", &right),
                ("y1", &rule),
                ("y2", &rule),
                ("stroke", "#b5b5b5"),
                ("stroke-width", "1"),
            ],
        )?;
        draw_legend(&self.legend, Point { x: MARGIN, y: self.legend_top }, xml)?;
        let mut y = self.foot_top;
        for (strong, line) in &self.foot {
            y += LINE;
            let weight = if *strong { "bold" } else { "normal" };
            let look = [("fill", style::INK_SOFT), ("font-weight", weight)];
            line_of_text(xml, Point { x: MARGIN, y }, SMALL, &look, line)?;
        }
        Ok(())
    }
}

/// The legend alone, to stand in a page beside the interactive drawing.
///
/// # Errors
///
/// None on any chart; the result is that of the writer beneath.
pub fn legend_svg(chart: &Chart, width: f64) -> Result<String> {
    let (legend, height) = placed_legend(chart, width);
    let mut out: Vec<u8> = vec![];
    let mut xml = Xml::new(&mut out);
    let (width, height) = (number(width), number(height));
    xml.open(
        "svg",
        &[
            ("xmlns", "http://www.w3.org/2000/svg"),
            ("width", &width),
            ("height", &height),
            ("font-family", style::FONT),
            ("role", "img"),
            ("aria-label", "Legend"),
        ],
    )?;
    draw_legend(&legend, Point::default(), &mut xml)?;
    xml.close("svg")?;
    xml.finish()?;
    Ok(String::from_utf8(out).expect("what is written is text"))
}

fn draw_legend(legend: &[(Sign, String, Point)], origin: Point, xml: &mut Xml) -> Result<()> {
    for (sign, words, at) in legend {
        let at = Point { x: origin.x + at.x, y: origin.y + at.y };
        draw_sign(xml, sign, Point { x: at.x + SWATCH / 2.0, y: at.y + 11.0 })?;
        let text = Point { x: at.x + SWATCH + 8.0, y: at.y + 15.0 };
        line_of_text(xml, text, 12.0, &[("fill", style::INK)], words)?;
    }
    Ok(())
}

/// The signs that occur on the chart, their words and places, and the legend's height.
fn placed_legend(chart: &Chart, inner: f64) -> (Vec<(Sign, String, Point)>, f64) {
    let mut at = Point::default();
    let mut placed = vec![];
    for (sign, words) in signs(chart) {
        let width = SWATCH + 8.0 + text_width(&words, 12.0) + 24.0;
        if at.x > 0.0 && at.x + width > inner {
            at = Point { x: 0.0, y: at.y + LEGEND_ROW };
        }
        placed.push((sign, words, at));
        at.x += width;
    }
    let height = if placed.is_empty() { 0.0 } else { at.y + LEGEND_ROW };
    (placed, height)
}

fn signs(chart: &Chart) -> Vec<(Sign, String)> {
    let mut signs = vec![];
    let any = |test: &dyn Fn(&crate::exports::ChartEntity) -> bool| chart.entities.iter().any(test);
    for kind in EntityKind::ALL {
        if any(&|entity| entity.kind == kind && !entity.unidentified) {
            signs.push((Sign::Kind(kind), kind.word().to_owned()));
        }
    }
    if any(&|entity| entity.unidentified) {
        let words = "far end that the records do not name".to_owned();
        signs.push((Sign::Unidentified, words));
    }
    for role in [Role::Target, Role::Protected, Role::Witness] {
        if any(&|entity| entity.role == Some(role)) {
            signs.push((Sign::Role(role), format!("{} (recorded role)", role.word())));
        }
    }
    if any(&|entity| entity.centre) {
        let words =
            if chart.is_traced() { "what a source paid into" } else { "centre of this chart" };
        signs.push((Sign::Centre, words.to_owned()));
    }
    let relation = ChartTieKind::Relation(String::new());
    for kind in [ChartTieKind::Transfers, ChartTieKind::Traced, ChartTieKind::Calls, relation] {
        let same =
            |other: &ChartTieKind| std::mem::discriminant(other) == std::mem::discriminant(&kind);
        if chart.ties.iter().any(|tie| same(&tie.kind)) {
            let words = style::tie_style(&kind).legend.to_owned();
            signs.push((Sign::Tie(kind), words));
        }
    }
    signs
}

fn draw_sign(xml: &mut Xml, sign: &Sign, middle: Point) -> Result<()> {
    let size = (SWATCH - 6.0, 20.0);
    match sign {
        Sign::Kind(kind) => {
            let look = style::kind_style(*kind);
            draw_shape(xml, look.shape, middle, size, (look.fill, look.stroke, 1.4, ""))
        }
        Sign::Unidentified => {
            let shape = style::kind_style(EntityKind::Account).shape;
            draw_shape(xml, shape, middle, size, (style::PAPER, "#6a6a6a", 1.4, "3 3"))
        }
        Sign::Role(role) => {
            let (shape, look) =
                (style::kind_style(EntityKind::Party).shape, style::role_outline(*role));
            let stroke = look.stroke.unwrap_or(style::INK);
            draw_shape(xml, shape, middle, size, (style::PAPER, stroke, look.width, look.dash))
        }
        Sign::Centre => {
            let shape = style::kind_style(EntityKind::Party).shape;
            draw_shape(xml, shape, middle, size, (style::PAPER, style::INK, 1.6, ""))?;
            draw_shape(
                xml,
                shape,
                middle,
                (size.0 - 9.0, 11.0),
                (style::PAPER, style::INK, 1.4, ""),
            )
        }
        Sign::Tie(kind) => draw_tie_sign(xml, kind, middle),
    }
}

fn draw_tie_sign(xml: &mut Xml, kind: &ChartTieKind, middle: Point) -> Result<()> {
    let style::TieStyle { stroke, dash, .. } = style::tie_style(kind);
    let (left, right) = (middle.x - SWATCH / 2.0, middle.x + SWATCH / 2.0);
    let path = format!("M{} {}H{}", number(left), number(middle.y), number(right - 9.0));
    let mut look = vec![("d", path.as_str()), ("stroke", stroke), ("stroke-width", "2.4")];
    if !dash.is_empty() {
        look.push(("stroke-dasharray", dash));
    }
    xml.empty("path", &look)?;
    let tip = points(&[
        (right, middle.y),
        (right - 10.0, middle.y - 5.0),
        (right - 10.0, middle.y + 5.0),
    ]);
    let open = matches!(kind, ChartTieKind::Relation(_));
    let fill = if open { style::PAPER } else { stroke };
    xml.empty("polygon", &[("points", &tip), ("fill", fill), ("stroke", stroke)])
}

fn foot_lines(chart: &Chart, picture: &Picture, inner: f64) -> Vec<(bool, String)> {
    let mut lines = vec![];
    let notes: Vec<&String> = chart.notes.iter().chain(&picture.notes).collect();
    if !notes.is_empty() {
        lines.push((true, "Notes".to_owned()));
    }
    for note in notes {
        lines.extend(wrapped(note, SMALL, inner, 6).into_iter().map(|line| (false, line)));
    }
    if !chart.sources.is_empty() {
        let count = counted_as(chart.sources.len(), "source", "sources");
        lines.push((true, format!("Rests on {count}; SHA-256 beside each")));
    }
    for (path, sha256) in chart.sources.iter().take(SOURCES_LISTED_MAX) {
        let line = format!("{path}  {sha256}");
        lines.extend(wrapped(&line, SMALL, inner, 3).into_iter().map(|line| (false, line)));
    }
    if chart.sources.len() > SOURCES_LISTED_MAX {
        let more = chart.sources.len() - SOURCES_LISTED_MAX;
        lines.push((false, format!("and {more} more, listed on the chart's page (.html)")));
    }
    lines
}
