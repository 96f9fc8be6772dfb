//! From columns and heights to boxes, lines and labels.

use super::columns::{Bow, Chain, Grid, What};
use super::{Align, LabelBox, NodeBox, PORT_MARGIN, PORT_STEP, Parts, Picture, Point, Route, Step};

/// How far a line runs level beside an entity, so that its arrow points straight.
const STUB: f64 = 13.0;
/// Half the distance between the two strands of a line that turns at its label.
const TURN: f64 = 4.0;

/// Where each chain leaves its first entity and reaches its last.
struct Ports {
    /// By chain: heights at the first and the last item.
    heights: Vec<(f64, f64)>,
}

/// Draws one connected group with its upper left corner at 0, 0.
pub(super) fn drawn(parts: &Parts, grid: &Grid) -> Picture {
    let mut column_of = vec![0; grid.items.len()];
    for (at, column) in grid.columns.iter().enumerate() {
        column.iter().for_each(|&item| column_of[item] = at);
    }
    let mut picture = Picture::default();
    for (at, item) in grid.items.iter().enumerate() {
        let (left, width) = grid.extents[column_of[at]];
        picture.width = picture.width.max(left + width);
        picture.height = picture.height.max(item.y + item.height / 2.0);
        if let What::Node(entity) = item.what {
            picture.nodes.push(NodeBox {
                entity,
                middle: Point { x: left + width / 2.0, y: item.y },
                width: item.width,
                height: item.height,
                lines: parts.lines[entity].clone(),
            });
        }
    }
    let ports = ports(grid, &column_of);
    for (at, chain) in grid.chains.iter().enumerate() {
        let sketch = Sketch { parts, grid, column_of: &column_of, ends: ports.heights[at] };
        picture.routes.push(match chain.bow {
            Some(bow) => sketch.bow(chain, bow),
            None => sketch.chain(chain),
        });
    }
    picture
}

/// Spreads the line ends on each side of each box, in the order of where the lines come from.
fn ports(grid: &Grid, column_of: &[usize]) -> Ports {
    let mut sides: Vec<[Vec<(f64, usize, bool)>; 2]> = vec![[vec![], vec![]]; grid.items.len()];
    for (at, chain) in grid.chains.iter().enumerate() {
        let (first, last) = (chain.items[0], chain.items[chain.items.len() - 1]);
        let (next, previous) = (chain.items[1], chain.items[chain.items.len() - 2]);
        let side = |own: usize, other: usize| usize::from(column_of[other] > column_of[own]);
        sides[first][side(first, next)].push((grid.items[next].y, at, false));
        sides[last][side(last, previous)].push((grid.items[previous].y, at, true));
    }
    let mut heights = vec![(0.0, 0.0); grid.chains.len()];
    for (item, both) in sides.iter_mut().enumerate() {
        let own = &grid.items[item];
        for side in both.iter_mut() {
            side.sort_by(|one, two| {
                one.0.total_cmp(&two.0).then((one.1, one.2).cmp(&(two.1, two.2)))
            });
            let gaps = side.len().saturating_sub(1) as f64;
            let room = (own.height - 2.0 * PORT_MARGIN).max(0.0);
            let step = if gaps > 0.0 { (room / gaps).min(2.0 * PORT_STEP) } else { 0.0 };
            for (at, &(_, chain, is_last)) in side.iter().enumerate() {
                let y = own.y + (at as f64 - gaps / 2.0) * step;
                if is_last { heights[chain].1 = y } else { heights[chain].0 = y }
            }
        }
    }
    Ports { heights }
}

struct Sketch<'a> {
    parts: &'a Parts<'a>,
    grid: &'a Grid,
    column_of: &'a [usize],
    ends: (f64, f64),
}

impl Sketch<'_> {
    fn extent(&self, item: usize) -> (f64, f64) {
        let (left, width) = self.grid.extents[self.column_of[item]];
        (left, left + width)
    }

    /// Left and right side of an entity's box.
    fn sides(&self, item: usize) -> (f64, f64) {
        let (left, right) = self.extent(item);
        let half = self.grid.items[item].width / 2.0;
        ((left + right) / 2.0 - half, (left + right) / 2.0 + half)
    }

    fn chain(&self, chain: &Chain) -> Route {
        let (first, last) = (chain.items[0], chain.items[chain.items.len() - 1]);
        let start = Point { x: self.sides(first).1, y: self.ends.0 };
        let mut at = Point { x: self.extent(first).1 + STUB, y: self.ends.0 };
        let mut steps = vec![Step::Line(at)];
        let mut label = LabelBox::default();
        for &item in &chain.items[1..chain.items.len() - 1] {
            let (left, right) = self.extent(item);
            let y = self.grid.items[item].y;
            steps.push(bend(at, Point { x: left, y }));
            at = Point { x: right, y };
            steps.push(Step::Line(at));
            if let What::Label(tie) = self.grid.items[item].what {
                label = self.label(tie, item, Point { x: (left + right) / 2.0, y });
            }
        }
        let (left, _) = self.extent(last);
        steps.push(bend(at, Point { x: left - STUB, y: self.ends.1 }));
        steps.push(Step::Line(Point { x: self.sides(last).0, y: self.ends.1 }));
        let route = Route { tie: chain.tie, start, steps, label };
        if chain.reversed { turned(route) } else { route }
    }

    fn bow(&self, chain: &Chain, bow: Bow) -> Route {
        let (from, label, to) = (chain.items[0], chain.items[1], chain.items[2]);
        let right = bow == Bow::Right;
        let side = |item: usize| if right { self.sides(item).1 } else { self.sides(item).0 };
        let edge = |item: usize| {
            if right { self.extent(item).1 + STUB } else { self.extent(item).0 - STUB }
        };
        let item = &self.grid.items[label];
        let (label_left, label_right) = self.extent(label);
        let sign = if right { 1.0 } else { -1.0 };
        let out = if right { label_left } else { label_right };
        let start = Point { x: side(from), y: self.ends.0 };
        let away = Point { x: edge(from), y: self.ends.0 };
        let back = Point { x: edge(to), y: self.ends.1 };
        // The line comes to its own label and turns there: lines that turned in one upright
        // would lie on each other.
        let turn = if away.y <= back.y { TURN } else { -TURN };
        let reach = Point { x: out, y: item.y - turn };
        let leave = Point { x: out, y: item.y + turn };
        let past = out + sign * 7.0;
        let steps = vec![
            Step::Line(away),
            bend(away, reach),
            Step::Curve(Point { x: past, y: reach.y }, Point { x: past, y: leave.y }, leave),
            bend(leave, back),
            Step::Line(Point { x: side(to), y: self.ends.1 }),
        ];
        let label = LabelBox {
            middle: Point { x: out + sign * item.width / 2.0, y: item.y },
            width: item.width,
            height: item.height,
            anchor: Point { x: out + sign * 12.0, y: item.y },
            align: if right { Align::Start } else { Align::End },
            above: self.parts.labels[chain.tie].clone(),
            below: vec![],
        };
        Route { tie: chain.tie, start, steps, label }
    }

    fn label(&self, tie: usize, item: usize, middle: Point) -> LabelBox {
        let lines = &self.parts.labels[tie];
        let (above, below) = lines.split_at(lines.len().div_ceil(2));
        LabelBox {
            middle,
            width: self.grid.items[item].width,
            height: self.grid.items[item].height,
            anchor: middle,
            align: Align::Middle,
            above: above.to_vec(),
            below: below.to_vec(),
        }
    }
}

/// A curve that leaves and arrives level.
fn bend(from: Point, to: Point) -> Step {
    let half = (from.x + to.x) / 2.0;
    Step::Curve(Point { x: half, y: from.y }, Point { x: half, y: to.y }, to)
}

/// The same line walked from its other end.
fn turned(route: Route) -> Route {
    let mut ends = vec![route.start];
    ends.extend(route.steps.iter().map(|step| step.end()));
    let steps = (0..route.steps.len())
        .rev()
        .map(|at| match route.steps[at] {
            Step::Line(_) => Step::Line(ends[at]),
            Step::Curve(one, two, _) => Step::Curve(two, one, ends[at]),
        })
        .collect();
    Route { start: ends[ends.len() - 1], steps, ..route }
}
