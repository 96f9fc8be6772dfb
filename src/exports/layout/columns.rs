//! Which column everything stands in, and the chain of items that each tie runs through.
//!
//! Entities stand in odd columns, by signed hops from the centre; labels and passing lines in
//! the even columns between them, and passing lines also beside entities they only pass.

use std::collections::{BTreeMap, VecDeque};

use super::{Parts, sides};

/// Most entities one above the other; a larger layer becomes several columns.
const COLUMN_ENTITIES_MAX: usize = 24;
/// Room kept for a line that passes.
const PASS_HEIGHT: f64 = 9.0;

/// What an item of a column is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum What {
    /// The box of this entity.
    Node(usize),
    /// The label of this tie.
    Label(usize),
    /// A tie on its way.
    Pass,
}

/// Something that takes room in a column.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub what: What,
    pub width: f64,
    pub height: f64,
    /// Height of the middle; set by `place`.
    pub y: f64,
    /// Items of the column to the left that a line joins it to.
    pub before: Vec<usize>,
    /// Items of the column to the right.
    pub after: Vec<usize>,
}

/// Which side of its column a tie between two entities of that column bows out to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Bow {
    Left,
    Right,
}

/// The way of one tie.
#[derive(Clone, Debug)]
pub(super) struct Chain {
    pub tie: usize,
    /// From left to right; for a bow: entity, label, entity, from the tie's start to its end.
    pub items: Vec<usize>,
    /// True where the tie runs from right to left.
    pub reversed: bool,
    pub bow: Option<Bow>,
}

/// One connected group on its columns.
#[derive(Clone, Debug, Default)]
pub(super) struct Grid {
    pub items: Vec<Item>,
    /// Items from top to bottom, by column from left to right.
    pub columns: Vec<Vec<usize>>,
    pub chains: Vec<Chain>,
    /// Left edge and width of each column; set by `place`.
    pub extents: Vec<(f64, f64)>,
}

/// Sets the members of one connected group, in chart order, into columns.
pub(super) fn build(parts: &Parts, members: &[usize]) -> Grid {
    let (column_of, root_column, count) = entity_columns(parts, members);
    let mut grid = Grid { columns: vec![vec![]; 2 * count + 1], ..Grid::default() };
    let mut item_of = BTreeMap::new();
    for &entity in members {
        let item = grid.push(column_of[&entity], What::Node(entity), (0.0, 0.0));
        item_of.insert(entity, item);
    }
    let mut ties: Vec<usize> =
        members.iter().flat_map(|&entity| parts.ties_of[entity].iter().copied()).collect();
    ties.sort_unstable();
    ties.dedup();
    for tie in ties {
        let (from, to) = (parts.chart.ties[tie].from, parts.chart.ties[tie].to);
        let (from_column, to_column) = (column_of[&from], column_of[&to]);
        let ends = (item_of[&from], item_of[&to]);
        if from_column == to_column {
            grid.add_bow(parts, tie, ends, from_column, root_column);
        } else {
            let ends_ties = (parts.ties_of[from].len(), parts.ties_of[to].len());
            grid.add_chain(parts, tie, ends, (from_column, to_column), ends_ties);
        }
    }
    grid.size_nodes(parts);
    grid
}

impl Grid {
    fn push(&mut self, column: usize, what: What, (width, height): (f64, f64)) -> usize {
        let item = Item { what, width, height, y: 0.0, before: vec![], after: vec![] };
        self.items.push(item);
        self.columns[column].push(self.items.len() - 1);
        self.items.len() - 1
    }

    fn join(&mut self, left: usize, right: usize) {
        self.items[left].after.push(right);
        self.items[right].before.push(left);
    }

    fn add_bow(
        &mut self,
        parts: &Parts,
        tie: usize,
        (from, to): (usize, usize),
        column: usize,
        root_column: usize,
    ) {
        let bow = if column < root_column { Bow::Left } else { Bow::Right };
        let label_column = if bow == Bow::Left { column - 1 } else { column + 1 };
        let label = self.push(label_column, What::Label(tie), parts.label_size(tie, true));
        for end in [from, to] {
            match bow {
                Bow::Left => self.join(label, end),
                Bow::Right => self.join(end, label),
            }
        }
        self.chains.push(Chain {
            tie,
            items: vec![from, label, to],
            reversed: false,
            bow: Some(bow),
        });
    }

    fn add_chain(
        &mut self,
        parts: &Parts,
        tie: usize,
        (from, to): (usize, usize),
        (from_column, to_column): (usize, usize),
        (from_ties, to_ties): (usize, usize),
    ) {
        let reversed = from_column > to_column;
        let (left, right) = if reversed { (to, from) } else { (from, to) };
        let (first, last) = (from_column.min(to_column), from_column.max(to_column));
        // The label stands beside the end with fewer ties, where it is plain whose it is.
        let (left_ties, right_ties) =
            if reversed { (to_ties, from_ties) } else { (from_ties, to_ties) };
        let label_column = if left_ties < right_ties { first + 1 } else { last - 1 };
        let mut items = vec![left];
        for column in first + 1..last {
            let item = if column == label_column {
                self.push(column, What::Label(tie), parts.label_size(tie, false))
            } else {
                self.push(column, What::Pass, (0.0, PASS_HEIGHT))
            };
            self.join(*items.last().expect("the left end"), item);
            items.push(item);
        }
        self.join(*items.last().expect("the left end"), right);
        items.push(right);
        self.chains.push(Chain { tie, items, reversed, bow: None });
    }

    /// Boxes grow with the line ends on their busier side, so that ends stand apart.
    fn size_nodes(&mut self, parts: &Parts) {
        let mut loops = vec![0; self.items.len()];
        for chain in self.chains.iter().filter(|chain| chain.bow.is_some()) {
            if chain.items[0] == chain.items[2] {
                loops[chain.items[0]] += 1;
            }
        }
        for (at, item) in self.items.iter_mut().enumerate() {
            if let What::Node(entity) = item.what {
                let ports = item.before.len().max(item.after.len()).max(2 * loops[at]);
                (item.width, item.height) = parts.node_size(entity, ports);
            }
        }
    }
}

/// Column of every member, the centre's column, and how many columns hold entities.
fn entity_columns(parts: &Parts, members: &[usize]) -> (BTreeMap<usize, usize>, usize, usize) {
    let layers = signed_layers(parts, members);
    let mut by_layer: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    for &entity in members {
        by_layer.entry(layers[&entity]).or_default().push(entity);
    }
    let outward = |entity: usize, layer: i64| {
        parts.ties_of[entity].iter().any(|&tie| {
            let tie = &parts.chart.ties[tie];
            let other = if tie.from == entity { tie.to } else { tie.from };
            layers[&other].abs() > layer.abs()
        })
    };
    let mut columns: Vec<(i64, usize, Vec<usize>)> = vec![];
    for (&layer, entities) in &by_layer {
        let pieces = dealt(entities, |entity| outward(entity, layer));
        for (at, piece) in pieces.into_iter().enumerate() {
            let distance = if layer < 0 { usize::MAX - at } else { at };
            columns.push((layer, distance, piece));
        }
    }
    columns.sort();
    let mut column_of = BTreeMap::new();
    let mut root_column = 1;
    for (at, (layer, _, entities)) in columns.iter().enumerate() {
        if *layer <= 0 {
            root_column = 2 * at + 1;
        }
        entities.iter().for_each(|&entity| {
            column_of.insert(entity, 2 * at + 1);
        });
    }
    (column_of, root_column, columns.len())
}

/// Splits a layer into columns of at most [`COLUMN_ENTITIES_MAX`], the innermost first.
///
/// Who has ties further out goes to the outer ones: the other way round, each of those ties
/// would pass the outer column. The others are dealt in turn, so that lines to the outer column
/// pass between entities of the inner one and neither grows taller than the other.
fn dealt(entities: &[usize], outward: impl Fn(usize) -> bool) -> Vec<Vec<usize>> {
    let count = entities.len().div_ceil(COLUMN_ENTITIES_MAX);
    let size = entities.len().div_ceil(count);
    let mut pieces: Vec<Vec<usize>> = vec![vec![]; count];
    let (outer, inner): (Vec<usize>, Vec<usize>) =
        entities.iter().partition(|&&entity| outward(entity));
    for (at, entity) in outer.into_iter().enumerate() {
        pieces[count - 1 - at / size].push(entity);
    }
    let mut turn = 0;
    for entity in inner {
        while pieces[turn % count].len() >= size {
            turn += 1;
        }
        pieces[turn % count].push(entity);
        turn += 1;
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

/// Hops from the centre, negative on the side of those who pay it. Whose ties with the centre
/// carry no money goes where there is more room; who is farther out follows whom it is tied to.
fn signed_layers(parts: &Parts, members: &[usize]) -> BTreeMap<usize, i64> {
    let roots = roots(parts, members);
    let mut hops: BTreeMap<usize, i64> = roots.iter().map(|&root| (root, 0)).collect();
    let mut parent: BTreeMap<usize, usize> = BTreeMap::new();
    let mut queue: VecDeque<usize> = roots.iter().copied().collect();
    let mut reached = vec![];
    while let Some(entity) = queue.pop_front() {
        reached.push(entity);
        for &tie in &parts.ties_of[entity] {
            let tie = &parts.chart.ties[tie];
            let other = if tie.from == entity { tie.to } else { tie.from };
            if !hops.contains_key(&other) {
                hops.insert(other, hops[&entity] + 1);
                parent.insert(other, entity);
                queue.push_back(other);
            }
        }
    }
    let side = sides::sides(parts, &reached, &hops, &parent);
    hops.into_iter().map(|(entity, hop)| (entity, hop * side[&entity])).collect()
}

/// The centres; without one, the member with the most ties.
fn roots(parts: &Parts, members: &[usize]) -> Vec<usize> {
    let centres: Vec<usize> =
        members.iter().copied().filter(|&at| parts.chart.entities[at].centre).collect();
    if !centres.is_empty() {
        return centres;
    }
    let busiest =
        members.iter().copied().min_by_key(|&at| (usize::MAX - parts.ties_of[at].len(), at));
    busiest.into_iter().collect()
}
