//! Heights of all items and extents of all columns, in the order that `order` chose.
//!
//! Every item wants to stand level with what it is joined to; the nearest heights that keep all
//! distances are found exactly, column by column, to and fro.

use super::columns::{Grid, What};

const ROUNDS: usize = 44;
/// How many of them, at the end, look at both neighbouring columns.
const ROUNDS_BOTH: usize = 16;
const NODE_GAP: f64 = 20.0;
const OTHER_GAP: f64 = 8.0;
const CHANNEL_MIN: f64 = 56.0;
const CHANNEL_MAX: f64 = 165.0;

/// Sets the height of every item and the extent of every column; the topmost edge is 0.
pub(super) fn place(grid: &mut Grid) {
    for column in 0..grid.columns.len() {
        let mut below = 0.0;
        let separations = separations(grid, column);
        for (at, &item) in grid.columns[column].iter().enumerate() {
            below += separations[at];
            grid.items[item].y = below;
        }
        let middle = below / 2.0;
        for &item in &grid.columns[column] {
            grid.items[item].y -= middle;
        }
    }
    let count = grid.columns.len();
    for round in 0..ROUNDS {
        for step in 0..count {
            let rightward = round % 2 == 0;
            let column = if rightward { step } else { count - 1 - step };
            // The last rounds look both ways, which straightens what the sweeps left bent.
            let both = round + ROUNDS_BOTH >= ROUNDS;
            let (before, after) = (rightward || both, !rightward || both);
            level(grid, column, before, after);
        }
    }
    let top = grid.items.iter().map(|item| item.y - item.height / 2.0).fold(f64::MAX, f64::min);
    grid.items.iter_mut().for_each(|item| item.y -= top);
    set_extents(grid);
}

/// Least distance of each item of a column from the one above it; the first one's is 0.
fn separations(grid: &Grid, column: usize) -> Vec<f64> {
    let mut separations = vec![0.0];
    for pair in grid.columns[column].windows(2) {
        let (upper, lower) = (&grid.items[pair[0]], &grid.items[pair[1]]);
        let nodes = matches!((upper.what, lower.what), (What::Node(_), What::Node(_)));
        let gap = if nodes { NODE_GAP } else { OTHER_GAP };
        separations.push((upper.height + lower.height) / 2.0 + gap);
    }
    separations
}

/// Moves a column's items to the heights nearest to what each wants.
fn level(grid: &mut Grid, column: usize, before: bool, after: bool) {
    let separations = separations(grid, column);
    let mut offset = 0.0;
    let mut pools: Vec<(f64, f64, usize)> = vec![];
    let mut offsets = vec![];
    for (at, &item) in grid.columns[column].iter().enumerate() {
        offset += separations[at];
        offsets.push(offset);
        let (wanted, weight) = wanted(grid, item, before, after);
        // Adjacent violators are pooled at their weighted mean: the exact least squares answer.
        let mut pool = (wanted - offset, weight, 1);
        while let Some(&(height, heavy, size)) = pools.last() {
            if height < pool.0 {
                break;
            }
            pools.pop();
            let total = heavy + pool.1;
            pool = ((height * heavy + pool.0 * pool.1) / total, total, size + pool.2);
        }
        pools.push(pool);
    }
    let heights = pools.iter().flat_map(|&(height, _, size)| std::iter::repeat_n(height, size));
    let placed: Vec<f64> = heights.zip(&offsets).map(|(height, offset)| height + offset).collect();
    for (&item, y) in grid.columns[column].iter().zip(placed) {
        grid.items[item].y = y;
    }
}

/// The height an item wants, and how much it weighs.
fn wanted(grid: &Grid, item: usize, before: bool, after: bool) -> (f64, f64) {
    let own = &grid.items[item];
    let (mut sum, mut total) = (0.0, 0.0);
    let sides = [(before, &own.before), (after, &own.after)];
    for &other in sides.iter().filter(|(looks, _)| *looks).flat_map(|(_, others)| others.iter()) {
        let other = &grid.items[other];
        // Lines that pass columns are kept straight before anything else.
        let weight = match (own.what, other.what) {
            (What::Pass, What::Pass) => 4.0,
            (What::Pass, What::Label(_)) | (What::Label(_), What::Pass) => 3.0,
            // A label stands level with its own end rather than with a hub of many.
            (What::Label(_), What::Node(_)) => {
                1.0 / (other.before.len().max(other.after.len()) as f64)
            }
            _ => 1.0,
        };
        sum += weight * other.y;
        total += weight;
    }
    if total == 0.0 { (own.y, 0.2) } else { (sum / total, total) }
}

/// Columns from left to right, and between them channels that widen where lines run steeply.
fn set_extents(grid: &mut Grid) {
    let mut left = 0.0;
    let mut extents = vec![];
    for column in &grid.columns {
        let width = column.iter().map(|&item| grid.items[item].width).fold(0.0, f64::max);
        let mut steepest = 0.0_f64;
        for &item in column {
            for &other in &grid.items[item].after {
                let rise = grid.items[item].y - grid.items[other].y;
                steepest = steepest.max(rise.max(-rise));
            }
        }
        extents.push((left, width));
        if !column.is_empty() {
            left += width + (CHANNEL_MIN + 0.16 * steepest).min(CHANNEL_MAX);
        }
    }
    grid.extents = extents;
}
