//! Walks against a slow enumeration that knows nothing of the index, and small worked cases.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

/// From, to, first instant, hours it may last, amount, currency.
type Row = (u32, u32, i64, i64, i64, u16);

const NODES: usize = 5;

fn links(rows: &[Row]) -> Links {
    Links {
        from: rows.iter().map(|row| row.0).collect(),
        to: rows.iter().map(|row| row.1).collect(),
        first_ms: rows.iter().map(|row| if row.2 < 0 { NO_TIME } else { row.2 }).collect(),
        last_ms: rows.iter().map(|row| if row.2 < 0 { NO_TIME } else { row.2 + row.3 }).collect(),
        amount_minor: rows.iter().map(|row| if row.4 < 0 { NO_AMOUNT } else { row.4 }).collect(),
        currency: rows.iter().map(|row| row.5).collect(),
        // The last node comes first where links are equal in time and amount.
        ranks: (0..NODES as u32).rev().collect(),
        stops: (0..NODES).map(|node| node == 4).collect(),
        ..Links::over(NODES)
    }
}

type Steps = Vec<(u32, u32)>;

/// Whether a list of the node orders two links of one day that are not both instants.
fn listed(links: &Links, node: u32, one: usize, other: usize) -> bool {
    let ends = |link: usize| (links.first_ms[link], links.last_ms[link]);
    let ((begun, ended), (begins, end)) = (ends(one), ends(other));
    let instants = begun == ended && begins == end;
    let of = |link: usize| {
        links.stated.iter().filter(move |place| place.link as usize == link && place.node == node)
    };
    let stated = of(one).any(|it| of(other).any(|other| it.list == other.list && it.at < other.at));
    begun <= end && begins <= ended && !instants && stated
}

/// The steps from a node, by looking at every link.
fn slow_steps(links: &Links, rules: &Rules, node: u32, before: Option<u32>) -> Steps {
    let mut all: Steps = Vec::new();
    for link in 0..links.len() as u32 {
        let (from, to) = (links.from[link as usize], links.to[link as usize]);
        let out = rules.way != Way::In && from == node;
        let back = rules.way != Way::Out && to == node && !(out && from == to);
        all.extend(out.then_some((link, to)));
        all.extend(back.then_some((link, from)));
    }
    if let Some(keep) = rules.keep_first {
        let key = |step: &(u32, u32)| {
            let at = step.0 as usize;
            let (time, amount) = (links.first_ms[at], links.amount_minor[at]);
            let by = if keep.by_amount { amount } else { time } as i128;
            let by = if keep.descending { -by } else { by };
            (by, time, amount, links.ranks[step.1 as usize], step.0)
        };
        all.sort_by_key(key);
        all.truncate(keep.links);
    }
    let (from, to) = rules.window_ms.unwrap_or((i64::MIN, i64::MAX));
    all.retain(|(link, _)| {
        let at = *link as usize;
        let (first, last, amount) = (links.first_ms[at], links.last_ms[at], links.amount_minor[at]);
        let dated = first != NO_TIME;
        let in_window = rules.window_ms.is_none() || dated && first >= from && first <= to;
        let in_order = match (rules.order, before.map(|before| before as usize)) {
            (TimeOrder::Any, _) => true,
            (_, None) => dated,
            (TimeOrder::Increasing, Some(before)) => {
                dated && (first > links.last_ms[before] || listed(links, node, before, at))
            }
            (TimeOrder::Decreasing, Some(before)) => {
                dated && (last < links.first_ms[before] || listed(links, node, at, before))
            }
        };
        let above = rules.amount_above_minor.is_none_or(|least| amount > least);
        let shared = rules.share_above.is_none_or(|share| {
            let inflow: i64 = (0..links.len())
                .filter(|at| share.inflow.to[*at] == node)
                .filter(|one| links.currency[*one] == links.currency[at])
                .filter(|one| share.inflow.amount_minor[*one] != NO_AMOUNT)
                .filter(|one| {
                    let first = share.inflow.first_ms[*one];
                    rules.window_ms.is_none() || first != NO_TIME && first >= from && first <= to
                })
                .map(|one| share.inflow.amount_minor[one])
                .sum();
            amount != NO_AMOUNT && amount * share.denominator > share.numerator * inflow
        });
        in_window && in_order && above && shared
    });
    all
}

/// Every walk from a node, shorter ones before longer ones.
fn slow(links: &Links, rules: &Rules, first: u32, hops_max: usize) -> Vec<Steps> {
    let mut walks: Vec<Steps> = vec![Vec::new()];
    let mut at = 0;
    while let Some(walk) = walks.get(at).cloned() {
        at += 1;
        let last = walk.last().map_or(first, |step| step.1);
        if walk.len() == hops_max || !walk.is_empty() && links.stops[last as usize] {
            continue;
        }
        for step in slow_steps(links, rules, last, walk.last().map(|step| step.0)) {
            let met = step.1 == first || walk.iter().any(|one| one.1 == step.1);
            if !(rules.simple && met) {
                let mut longer = walk.clone();
                longer.push(step);
                walks.push(longer);
            }
        }
    }
    walks
}

/// What makes a walk the one row it is.
fn identity(distinct: Distinct, first: u32, steps: &[(u32, u32)]) -> Vec<u32> {
    let last = steps.last().map_or(first, |step| step.1);
    match distinct {
        Distinct::Walks => steps.iter().flat_map(|step| [step.0, step.1]).collect(),
        Distinct::Vertices => steps.iter().map(|step| step.1).collect(),
        Distinct::Last => vec![last, steps.len() as u32],
        Distinct::Edges => {
            vec![steps.last().map_or(u32::MAX, |step| step.0), last, steps.len() as u32]
        }
        Distinct::Shortest => vec![last],
    }
}

fn check(
    rows: &[Row],
    rules: &Rules,
    distinct: Distinct,
    hops: (usize, usize),
    to: Option<&[u32]>,
) {
    check_links(&links(rows), &links(rows), rules, distinct, hops, to);
}

fn check_links(
    links: &Links,
    inflow: &Links,
    rules: &Rules,
    distinct: Distinct,
    hops: (usize, usize),
    to: Option<&[u32]>,
) {
    let share_above = rules.share_above.map(|share| ShareAbove { inflow, ..share });
    let rules = Rules { share_above, ..rules.clone() };
    let from: Vec<u32> = (0..NODES as u32).collect();
    let asked = Asked {
        hops_min: hops.0,
        hops_max: hops.1,
        to,
        distinct,
        paths_max: usize::MAX,
        steps_max: usize::MAX,
    };
    let found = walks(links, &rules, &from, &asked).unwrap();
    assert_eq!(found.met, None);
    let mut by_first: BTreeMap<u32, Vec<Steps>> = BTreeMap::new();
    for at in 0..found.len() {
        let (first, steps) = found.get(at);
        by_first.entry(first).or_default().push(steps.to_vec());
    }
    for first in from {
        let all = slow(links, &rules, first, hops.1);
        let mut fewest: BTreeMap<u32, usize> = BTreeMap::new();
        for walk in &all {
            let last = walk.last().map_or(first, |step| step.1);
            fewest.entry(last).or_insert(walk.len());
        }
        let is_row = |walk: &&Steps| {
            let last = walk.last().map_or(first, |step| step.1);
            let shortest = distinct != Distinct::Shortest || fewest[&last] == walk.len();
            walk.len() >= hops.0 && shortest && to.is_none_or(|ends| ends.contains(&last))
        };
        let rows: Vec<&Steps> = all.iter().filter(is_row).collect();
        let expected: BTreeSet<Vec<u32>> =
            rows.iter().map(|walk| identity(distinct, first, walk)).collect();
        let got = by_first.remove(&first).unwrap_or_default();
        let valid: BTreeSet<&Steps> = rows.into_iter().collect();
        for walk in &got {
            assert!(valid.contains(walk), "{walk:?} from {first} is none of {valid:?}");
        }
        let named: BTreeSet<Vec<u32>> =
            got.iter().map(|walk| identity(distinct, first, walk)).collect();
        assert_eq!(named.len(), got.len(), "each row once, from {first}: {got:?}");
        assert_eq!(named, expected, "from {first}");
    }
}

fn any_rules() -> impl Strategy<Value = Rules<'static>> {
    let way = prop::sample::select(vec![Way::Out, Way::In, Way::Either]);
    let orders = vec![TimeOrder::Any, TimeOrder::Increasing, TimeOrder::Decreasing];
    let order = prop::sample::select(orders);
    let window =
        prop::option::of((0..8_i64, 0..8_i64).prop_map(|(from, span)| (from, from + span)));
    let keep = prop::option::of(
        (0..4_usize, any::<bool>(), any::<bool>())
            .prop_map(|(links, by_amount, descending)| KeepFirst { links, by_amount, descending }),
    );
    let above = prop::option::of(0..6_i64);
    (way, order, window, keep, above).prop_map(|(way, order, window_ms, keep_first, above)| Rules {
        way,
        order,
        window_ms,
        keep_first,
        amount_above_minor: above,
        ..Rules::default()
    })
}

fn any_rows() -> impl Strategy<Value = Vec<Row>> {
    let row = (0..5_u32, 0..5_u32, -1..8_i64, 0..3_i64, -1..8_i64, 0..2_u16);
    prop::collection::vec(row, 0..14)
}

/// What walks are told apart by.
const SHAPES: [Distinct; 5] =
    [Distinct::Walks, Distinct::Vertices, Distinct::Last, Distinct::Edges, Distinct::Shortest];

proptest! {
    #[test]
    fn walks_equal_a_slow_enumeration(
        rows in any_rows(),
        rules in any_rules(),
        share in prop::option::of((-1..3_i64, 1..4_i64)),
        simple: bool,
        shape in 0..5_usize,
        hops in (0..3_usize, 0..3_usize),
        to in prop::option::of(prop::collection::btree_set(0..5_u32, 0..3)),
    ) {
        let distinct = SHAPES[shape];
        let none = Links::over(NODES);
        let share_above = share.map(|(numerator, denominator)| ShareAbove {
            inflow: &none,
            numerator,
            denominator,
        });
        // What is told apart by its ends may repeat nodes; a shortest walk never does.
        let simple = simple && shape < 2;
        let rules = Rules { share_above, simple, ..rules };
        let to: Option<Vec<u32>> = to.map(|to| to.into_iter().collect());
        // Of five nodes no shortest walk has more than four hops.
        let hops = (hops.0, if shape == 4 { 4 } else { hops.0 + hops.1 });
        check(&rows, &rules, distinct, hops, to.as_deref());
    }

    #[test]
    fn walks_by_lists_of_days_equal_a_slow_enumeration(
        rows in prop::collection::vec(
            (0..5_u32, 0..5_u32, 0..3_i64, prop::option::of(0..3_i64)),
            0..12,
        ),
        lists in prop::collection::vec(
            (any::<prop::sample::Index>(), any::<bool>(), 0..2_u32),
            0..24,
        ),
        decreasing: bool,
        way in prop::sample::select(vec![Way::Out, Way::In, Way::Either]),
        keep in prop::option::of(1..4_usize),
        simple: bool,
        shape in 0..5_usize,
        hops in (0..3_usize, 0..3_usize),
        to in prop::option::of(prop::collection::btree_set(0..5_u32, 0..3)),
    ) {
        const DAY: i64 = 86_400_000;
        let rows: Vec<Row> = rows
            .iter()
            .map(|(from, to, day, hour)| match hour {
                Some(hour) => (*from, *to, day * DAY + hour * 8 * 3_600_000, 0, 1, 0),
                None => (*from, *to, day * DAY, DAY - 1, 1, 0),
            })
            .collect();
        // Lists in which a link stands in any place: none of them need agree with the times.
        let mut stated: Vec<Place> = Vec::new();
        for (at, (link, at_end, list)) in lists.iter().enumerate().filter(|_| !rows.is_empty()) {
            let link = link.index(rows.len());
            let node = if *at_end { rows[link].1 } else { rows[link].0 };
            stated.push(Place { link: link as u32, node, list: *list, at: at as u32 });
        }
        stated.sort_unstable();
        let mut links = links(&rows);
        links.stated = stated;
        let order = if decreasing { TimeOrder::Decreasing } else { TimeOrder::Increasing };
        let distinct = SHAPES[shape];
        let keep_first = keep.map(|links| KeepFirst { links, by_amount: false, descending: true });
        let simple = simple && shape < 2;
        let rules = Rules { way, order, keep_first, simple, ..Rules::default() };
        let to: Option<Vec<u32>> = to.map(|to| to.into_iter().collect());
        let hops = (hops.0, if shape == 4 { 6 } else { hops.0 + hops.1 });
        check_links(&links, &Links::over(NODES), &rules, distinct, hops, to.as_deref());
    }

    #[test]
    fn a_shortest_walk_between_two_meets_in_the_middle(
        rows in prop::collection::vec(
            (0..5_u32, 0..5_u32, 0..3_i64, 0..1_i64, 0..4_i64, 0..1_u16),
            0..20,
        ),
        last in 0..5_u32,
        window in prop::option::of((0..2_i64, 2..4_i64)),
    ) {
        let rules = Rules { window_ms: window, ..Rules::default() };
        check(&rows, &rules, Distinct::Shortest, (0, 4), Some(&[last]));
    }
}

#[test]
fn bounds_end_a_walk_and_say_so() {
    let rows: Vec<Row> = (0..8).map(|at| (0, 1, at, 0, 1, 0)).collect();
    let links = links(&rows);
    let asked = |paths_max, steps_max| Asked {
        hops_min: 1,
        hops_max: 1,
        to: None,
        distinct: Distinct::Walks,
        paths_max,
        steps_max,
    };
    let rules = Rules::default();
    let cut = walks(&links, &rules, &[0], &asked(5, 100)).unwrap();
    assert_eq!((cut.len(), cut.met), (5, Some((Met::Paths, 0))));
    let cut = walks(&links, &rules, &[0], &asked(100, 7)).unwrap();
    assert_eq!((cut.len(), cut.met), (0, Some((Met::Steps, 0))));
    let whole = walks(&links, &rules, &[0], &asked(8, 8)).unwrap();
    assert_eq!((whole.len(), whole.met), (8, None));
}

#[test]
fn a_date_without_a_time_is_its_whole_day() {
    let day = 24;
    let rows = [(0, 1, 0, day - 1, 1, 0), (1, 2, 5, 0, 1, 0), (1, 3, day, 0, 1, 0)];
    let links = links(&rows);
    let asked = Asked {
        hops_min: 2,
        hops_max: 2,
        to: None,
        distinct: Distinct::Walks,
        paths_max: 9,
        steps_max: 99,
    };
    let rules = Rules { order: TimeOrder::Increasing, ..Rules::default() };
    let found = walks(&links, &rules, &[0], &asked).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found.get(0), (0, &[(0, 1), (2, 3)][..]));
}

#[test]
fn two_sides_never_meet_where_walks_end() {
    let rows = [(1, 2, 0, 0, 0, 0), (3, 0, 0, 0, 0, 0), (4, 3, 0, 0, 0, 0), (1, 4, 0, 0, 0, 0)];
    check(&rows, &Rules::default(), Distinct::Shortest, (0, 4), Some(&[0]));
}
