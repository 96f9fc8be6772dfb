//! The order of each column from top to bottom, with few lines crossing.
//!
//! Sweeps by the mean place of neighbours, then swaps of neighbours while that helps; the best
//! order seen is kept. Ties keep their earlier order, so the outcome is the same everywhere.

use super::columns::Grid;

const SWEEPS: usize = 16;
const SWAP_ROUNDS_MAX: usize = 8;
/// Beyond so many items swapping costs more than it brings.
const SWAP_ITEMS_MAX: usize = 700;

/// Orders every column.
pub(super) fn untangle(grid: &mut Grid) {
    let mut position = positions(grid);
    let mut best = (crossings(grid, &position), grid.columns.clone());
    for sweep in 0..SWEEPS {
        let count = grid.columns.len();
        for step in 0..count {
            let rightward = sweep % 2 == 0;
            let column = if rightward { step } else { count - 1 - step };
            sort_column(grid, &mut position, column, rightward);
        }
        let found = crossings(grid, &position);
        if found < best.0 {
            best = (found, grid.columns.clone());
        }
    }
    grid.columns = best.1;
    position = positions(grid);
    if grid.items.len() <= SWAP_ITEMS_MAX {
        for _ in 0..SWAP_ROUNDS_MAX {
            if !swap_neighbours(grid, &mut position) {
                break;
            }
        }
    }
}

fn positions(grid: &Grid) -> Vec<usize> {
    let mut position = vec![0; grid.items.len()];
    for column in &grid.columns {
        for (at, &item) in column.iter().enumerate() {
            position[item] = at;
        }
    }
    position
}

fn sort_column(grid: &mut Grid, position: &mut [usize], column: usize, rightward: bool) {
    let neighbour_column = if rightward { column.checked_sub(1) } else { Some(column + 1) };
    let neighbours_count =
        neighbour_column.and_then(|at| grid.columns.get(at)).map_or(0, |column| column.len());
    let own_count = grid.columns[column].len();
    if neighbours_count == 0 || own_count < 2 {
        return;
    }
    let mut keyed: Vec<(f64, usize)> = grid.columns[column]
        .iter()
        .map(|&item| {
            let neighbours =
                if rightward { &grid.items[item].before } else { &grid.items[item].after };
            let key = if neighbours.is_empty() {
                (position[item] as f64 + 0.5) / own_count as f64
            } else {
                let sum: usize = neighbours.iter().map(|&other| position[other]).sum();
                (sum as f64 / neighbours.len() as f64 + 0.5) / neighbours_count as f64
            };
            (key, item)
        })
        .collect();
    keyed.sort_by(|left, right| left.0.total_cmp(&right.0));
    grid.columns[column] = keyed.into_iter().map(|(_, item)| item).collect();
    for (at, &item) in grid.columns[column].iter().enumerate() {
        position[item] = at;
    }
}

/// How many pairs of lines cross. Cost: lines times the logarithm of the longest column.
pub(super) fn crossings(grid: &Grid, position: &[usize]) -> u64 {
    let mut crossing = 0;
    for (at, column) in grid.columns.iter().enumerate() {
        let next = grid.columns.get(at + 1).map_or(0, |next| next.len());
        let mut counts = vec![0_u64; next + 1];
        let mut total = 0;
        for &item in column {
            let mut ends: Vec<usize> =
                grid.items[item].after.iter().map(|&other| position[other]).collect();
            ends.sort_unstable();
            // Lines already drawn that end lower than this one cross it.
            for &end in &ends {
                let mut upto = 0;
                let mut node = end + 1;
                while node > 0 {
                    upto += counts[node];
                    node &= node - 1;
                }
                crossing += total - upto;
            }
            for &end in &ends {
                total += 1;
                let mut node = end + 1;
                while node <= next {
                    counts[node] += 1;
                    node += node & node.wrapping_neg();
                }
            }
        }
    }
    crossing
}

/// Swaps items one above the other where fewer lines then cross; true if anything moved.
fn swap_neighbours(grid: &mut Grid, position: &mut [usize]) -> bool {
    let mut moved = false;
    for column in 0..grid.columns.len() {
        for at in 1..grid.columns[column].len() {
            let (upper, lower) = (grid.columns[column][at - 1], grid.columns[column][at]);
            let kept = pair_crossings(grid, position, upper, lower);
            let swapped = pair_crossings(grid, position, lower, upper);
            if swapped < kept {
                grid.columns[column].swap(at - 1, at);
                (position[upper], position[lower]) = (at, at - 1);
                moved = true;
            }
        }
    }
    moved
}

fn pair_crossings(grid: &Grid, position: &[usize], upper: usize, lower: usize) -> usize {
    let (upper, lower) = (&grid.items[upper], &grid.items[lower]);
    let count = |above: &[usize], below: &[usize]| {
        above
            .iter()
            .map(|&one| below.iter().filter(|&&two| position[one] > position[two]).count())
            .sum::<usize>()
    };
    count(&upper.before, &lower.before) + count(&upper.after, &lower.after)
}

#[cfg(test)]
mod tests {
    use super::super::columns::{Item, What};
    use super::*;

    fn grid(left: usize, right: usize, lines: &[(usize, usize)]) -> Grid {
        let item = Item {
            what: What::Pass,
            width: 0.0,
            height: 1.0,
            y: 0.0,
            before: vec![],
            after: vec![],
        };
        let mut grid = Grid { items: vec![item; left + right], ..Grid::default() };
        grid.columns = vec![(0..left).collect(), (left..left + right).collect()];
        for &(from, to) in lines {
            grid.items[from].after.push(left + to);
            grid.items[left + to].before.push(from);
        }
        grid
    }

    #[test]
    fn crossings_equal_the_slow_obvious_count() {
        for seed in 0..200_u64 {
            let mut state = seed * 7_919 + 17;
            let mut next = |below: u64| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                ((state >> 33) % below) as usize
            };
            let lines: Vec<(usize, usize)> = (0..12).map(|_| (next(5), next(6))).collect();
            let mut slow = 0;
            for (at, one) in lines.iter().enumerate() {
                for two in &lines[at + 1..] {
                    let crossed =
                        (one.0 < two.0 && one.1 > two.1) || (one.0 > two.0 && one.1 < two.1);
                    slow += u64::from(crossed);
                }
            }
            let grid = grid(5, 6, &lines);
            assert_eq!(crossings(&grid, &positions(&grid)), slow, "lines {lines:?}");
        }
    }

    #[test]
    fn a_plain_tangle_is_undone() {
        let mut tangled = grid(3, 3, &[(0, 2), (1, 1), (2, 0)]);
        untangle(&mut tangled);
        let position = positions(&tangled);
        assert_eq!(crossings(&tangled, &position), 0);
    }
}
