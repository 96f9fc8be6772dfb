//! Small blocks of records through one `check`: what is merged, what is listed, and that every
//! record stands in one transfer.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use LegSide::{List, Receiver, Sender};

/// from, to, amount, day, source, side.
type Row = (u32, u32, i64, i32, u32, LegSide);

/// Accounts from here on are unidentified far ends; below, whole numbers.
const UNIDENTIFIED: u32 = 100;

/// What a case knows beside the columns.
#[derive(Default)]
struct Known {
    received: HashMap<u32, (i64, Currency)>,
    /// Row and the producers of lists on which a repeat of it stands.
    repeated_on: HashMap<u32, Vec<u32>>,
    /// Row and its references.
    references: HashMap<u32, Vec<u64>>,
    /// Account and the name on it.
    names: HashMap<u32, &'static str>,
    /// Account and its masked number.
    masked: HashMap<u32, &'static str>,
    /// Row and the name it states for its far end.
    stated: HashMap<u32, &'static str>,
    /// Row and the channel it states, of lists that are nobody's own.
    channels: HashMap<u32, Channel>,
}

fn matched(rows: &[Row], known: &Known) -> Legs {
    let currency = vec![Currency::USD; rows.len()];
    let columns = LegColumns {
        from: &rows.iter().map(|row| row.0).collect::<Vec<_>>(),
        to: &rows.iter().map(|row| row.1).collect::<Vec<_>>(),
        amount_minor: &rows.iter().map(|row| row.2).collect::<Vec<_>>(),
        currency: &currency,
        day: &rows.iter().map(|row| row.3).collect::<Vec<_>>(),
        producer: &rows.iter().map(|row| row.4).collect::<Vec<_>>(),
        side: &rows.iter().map(|row| row.5).collect::<Vec<_>>(),
    };
    let numbers: Vec<String> = (0..UNIDENTIFIED).map(|at| format!("{:08}", at * 7919)).collect();
    let whole = |account: u32| account < UNIDENTIFIED;
    let far = |row: u32, account: u32| match rows[row as usize].5 {
        Sender => rows[row as usize].1 == account,
        Receiver => rows[row as usize].0 == account,
        List => false,
    };
    let facts = LegFacts {
        order: &|row| (0, rows[row as usize].4, row),
        arrives: &|_| false,
        received: &known.received,
        repeated_on: &known.repeated_on,
        references: &|row| known.references.get(&row).map_or(&[], Vec::as_slice),
        whole: &whole,
        payment: &|_| true,
        listed_channel: &|row| known.channels.get(&row).copied(),
        end: &|row, account| End {
            account,
            face: AccountFace {
                whole: whole(account),
                number: match known.masked.get(&account) {
                    Some(number) => number,
                    None if whole(account) => &numbers[account as usize],
                    None => "",
                },
                institution: "",
                names: known
                    .names
                    .get(&account)
                    .map(|name| (*name).to_owned())
                    .into_iter()
                    .collect::<Vec<_>>()
                    .into(),
            },
            stated: match far(row, account) {
                true => known.stated.get(&row).copied().unwrap_or_default(),
                false => "",
            },
        },
    };
    match_legs(&columns, &facts, &candidates(&columns, &facts), 3)
}

#[track_caller]
fn check_known(
    rows: &[Row],
    known: &Known,
    merged: &[(u32, u32)],
    possible: &[(u32, u32)],
) -> Legs {
    let legs = matched(rows, known);
    assert_eq!(legs.merged, merged);
    let pairs: Vec<_> = legs.possible.iter().map(|pair| (pair.0, pair.1)).collect();
    assert_eq!(pairs, possible);
    assert_eq!(legs.unlisted, 0);
    legs
}

#[track_caller]
fn check(rows: &[Row], merged: &[(u32, u32)], possible: &[(u32, u32)]) {
    check_known(rows, &Known::default(), merged, possible);
}

#[test]
fn two_readings_of_one_transfer_are_merged() {
    check(&[(1, 2, 5, 10, 0, Receiver), (1, 2, 5, 7, 1, Sender)], &[(1, 0)], &[]);
    check(&[(1, 2, 5, 10, 0, List), (1, 2, 5, 10, 1, Sender)], &[(1, 0)], &[]);
    check(&[(1, 2, 5, 10, 0, List), (1, 2, 5, 10, 1, Receiver)], &[(0, 1)], &[]);
    check(&[(1, 2, 5, 11, 0, List), (1, 2, 5, 10, 1, List)], &[(1, 0)], &[]);
    // One return that holds the statements of both accounts tells of it twice as well.
    check(&[(1, 2, 5, 10, 0, Sender), (1, 2, 5, 10, 0, Receiver)], &[(0, 1)], &[]);
}

#[test]
fn a_list_that_holds_a_record_and_the_repeat_of_another_tells_of_two_payments() {
    let rows = [(1, 2, 5, 10, 0, List), (1, 2, 5, 9, 1, List)];
    check(&rows, &[(1, 0)], &[]);
    let known = Known { repeated_on: [(0, vec![1])].into(), ..Known::default() };
    check_known(&rows, &known, &[], &[]);
    // So it is when a statement tells of one of them: of the one of its own day, and whichever
    // it were, they would be two payments.
    let rows = [rows[0], rows[1], (1, 2, 5, 10, 2, Sender)];
    check_known(&rows, &known, &[(2, 0)], &[]);
}

#[test]
fn what_differs_or_cannot_be_two_legs_is_left_alone() {
    check(&[], &[], &[]);
    check(&[(1, 2, 5, 10, 0, Sender), (1, 2, 5, 14, 1, Receiver)], &[], &[]);
    check(&[(1, 2, 5, 10, 0, Sender), (1, 2, 6, 10, 1, Receiver)], &[], &[]);
    check(&[(1, 2, 5, 10, 0, Sender), (2, 1, 5, 10, 1, Receiver)], &[], &[]);
    check(&[(1, 2, 5, 10, 0, Sender), (1, 2, 5, 10, 1, Sender)], &[], &[]);
    check(&[(1, 2, 5, 10, 0, Receiver), (1, 2, 5, 10, 1, Receiver)], &[], &[]);
    check(&[(1, 2, 5, 10, 0, List), (1, 2, 5, 10, 0, List)], &[], &[]);
    check(&[(1, 1, 5, 10, 0, Sender), (1, 1, 5, 10, 1, Receiver)], &[], &[]);
}

#[test]
fn three_readings_are_one_transfer() {
    let rows = [(1, 2, 5, 11, 1, Receiver), (1, 2, 5, 10, 0, Sender), (1, 2, 5, 10, 2, List)];
    check(&rows, &[(1, 0), (1, 2)], &[]);
}

#[test]
fn the_best_assignment_is_merged_and_what_is_left_over_is_listed() {
    let rows = [(1, 2, 5, 10, 0, Sender), (1, 2, 5, 10, 1, Receiver), (1, 2, 5, 11, 1, Receiver)];
    check(&rows, &[(0, 1)], &[(0, 2)]);
    let crossing = [
        (1, 2, 5, 13, 0, Sender),
        (1, 2, 5, 14, 0, Sender),
        (1, 2, 5, 16, 1, Receiver),
        (1, 2, 5, 13, 1, Receiver),
    ];
    let legs = check_known(&crossing, &Known::default(), &[(0, 3), (1, 2)], &[]);
    assert!(legs.evidence.iter().all(|(_, why)| why.contains("in order of days")));
}

#[test]
fn a_tie_is_listed_and_a_reference_decides_it() {
    let rows = [(1, 2, 5, 10, 0, Sender), (1, 2, 5, 10, 0, Sender), (1, 2, 5, 10, 1, Receiver)];
    check(&rows, &[], &[(0, 2), (1, 2)]);
    let known =
        Known { references: HashMap::from([(1, vec![7]), (2, vec![7, 9])]), ..Known::default() };
    let legs = check_known(&rows, &known, &[(1, 2)], &[(0, 2)]);
    assert_eq!(legs.evidence, [(2, "equal references".to_owned())]);
}

#[test]
fn a_crowd_of_equal_records_is_merged_when_it_is_as_many_on_both_sides() {
    let side = |row: u32| if row.is_multiple_of(2) { Sender } else { Receiver };
    let rows: Vec<Row> = (0..5_000).map(|row| (1, 2, 5, 10, row % 2, side(row))).collect();
    let legs = matched(&rows, &Known::default());
    assert_eq!((legs.merged.len(), legs.possible.len()), (2_500, 0));
    let fewer: Vec<Row> = rows[1..].to_vec();
    let legs = matched(&fewer, &Known::default());
    assert!(legs.merged.is_empty());
    assert_eq!(legs.possible.len() as u64 + legs.unlisted, 2_499 * 2_500);
    assert_eq!(legs.possible[0].2, "too many equal records to tell apart");
}

#[test]
fn what_arrived_in_another_currency_is_matched_by_what_arrived() {
    let euro: Currency = "EUR".parse().unwrap();
    let known = Known {
        received: HashMap::from([(0, (9, Currency::USD)), (2, (8, euro))]),
        ..Known::default()
    };
    // The list says that 9 arrived; the receiver's statement shows 9, the sender's 5.
    let rows = [
        (1, 2, 5, 10, 0, List),
        (1, 2, 9, 11, 1, Receiver),
        (3, 4, 5, 10, 0, List),
        (3, 4, 5, 10, 1, Receiver),
        (1, 2, 5, 10, 1, Sender),
    ];
    let legs = check_known(&rows, &known, &[(4, 0), (4, 1)], &[(2, 3)]);
    assert_eq!(legs.possible[0].2, "the two records state different amounts on arrival");
}

/// A sender's statement that names account 101 and a receiver's that names account 102.
fn named(known: Known, merged: bool) {
    let rows = [(1, 101, 5, 10, 0, Sender), (102, 2, 5, 11, 1, Receiver)];
    let legs = matched(&rows, &known);
    assert_eq!(legs.merged, if merged { vec![(0, 1)] } else { vec![] });
    assert_eq!(legs.resolved, if merged { vec![(0, 1, 2)] } else { vec![] });
    assert!(!merged || !legs.evidence[0].1.is_empty());
}

#[test]
fn far_ends_that_are_named_or_masked_are_matched_on_evidence() {
    let names = || HashMap::from([(1, "PIER FOODS LLC"), (2, "COBBLESTONE PROPERTY MANAGEMENT")]);
    let stated = || HashMap::from([(0, "COBBLESTONE PROPERTY M"), (1, "PIER FOODS LLC")]);
    named(Known { names: names(), stated: stated(), ..Known::default() }, true);
    // A name that is another's is no evidence, and one that is missing is not enough.
    let other = HashMap::from([(0, "COBBLESTONE PROPERTY M"), (1, "IVO STRAND")]);
    named(Known { names: names(), stated: other, ..Known::default() }, false);
    let one = HashMap::from([(0, "COBBLESTONE PROPERTY M")]);
    named(Known { names: names(), stated: one, ..Known::default() }, false);
    // 2 * 7919 ends in 5838, 1 * 7919 in 7919.
    let masked = || HashMap::from([(101, "****5838"), (102, "****7919")]);
    named(Known { masked: masked(), ..Known::default() }, true);
    let wrong = HashMap::from([(101, "****5838"), (102, "****7918")]);
    named(Known { masked: wrong, ..Known::default() }, false);
    let half = HashMap::from([(101, "****5838")]);
    named(Known { masked: half, ..Known::default() }, false);
    let references = HashMap::from([(0, vec![7]), (1, vec![7])]);
    named(Known { references, ..Known::default() }, true);
}

#[test]
fn a_name_that_fits_two_accounts_is_listed() {
    let known = Known {
        names: HashMap::from([(1, "PIER FOODS LLC"), (2, "LENA ORTIZ"), (3, "LENA ORTIZ")]),
        stated: HashMap::from([(0, "LENA ORTIZ"), (1, "PIER FOODS LLC"), (2, "PIER FOODS LLC")]),
        ..Known::default()
    };
    let rows =
        [(1, 101, 5, 10, 0, Sender), (102, 2, 5, 11, 1, Receiver), (103, 3, 5, 11, 1, Receiver)];
    let legs = check_known(&rows, &known, &[], &[(0, 1), (0, 2)]);
    assert_eq!(legs.possible[0].2, "the names or masked numbers fit several accounts");
}

#[test]
fn a_list_identifies_what_both_statements_only_name() {
    let known = Known {
        names: HashMap::from([(1, "PIER FOODS LLC"), (2, "LENA ORTIZ")]),
        stated: HashMap::from([(0, "LENA ORTIZ"), (2, "PIER FOODS LLC")]),
        ..Known::default()
    };
    let rows = [(1, 101, 5, 10, 0, Sender), (1, 2, 5, 10, 1, List), (102, 2, 5, 11, 2, Receiver)];
    let legs = check_known(&rows, &known, &[(0, 1), (0, 2)], &[]);
    assert_eq!(legs.resolved, [(0, 1, 2)]);
}

proptest! {
    #[test]
    fn no_record_stands_in_two_transfers_and_no_transfer_holds_two_of_a_side(
        rows in prop::collection::vec(
            (0..3_u32, 0..3_u32, 1..3_i64, 0..9_i32, 0..3_u32, 0..3_u32, 0..4_u64), 0..40,
        ),
    ) {
        let sides = [Sender, Receiver, List];
        let far = |row: usize, account: u32, is_far: bool| {
            // Every third far end is named and not numbered.
            if is_far && row.is_multiple_of(3) { UNIDENTIFIED + account } else { account }
        };
        let told: Vec<Row> = rows
            .iter()
            .enumerate()
            .map(|(at, (from, to, amount, day, source, side, _))| {
                let side = sides[*side as usize];
                let (from, to) = (far(at, *from, side == Receiver), far(at, *to, side == Sender));
                (from, to, *amount, *day, *source, side)
            })
            .collect();
        let names = HashMap::from([(0, "LENA ORTIZ"), (1, "IVO STRAND"), (2, "PIER FOODS LLC")]);
        let stated = told
            .iter()
            .enumerate()
            .filter_map(|(at, row)| {
                let account = row.0.max(row.1).checked_sub(UNIDENTIFIED)?;
                Some((at as u32, names[&account]))
            })
            .collect();
        let references = rows
            .iter()
            .enumerate()
            .map(|(at, row)| (at as u32, if row.6 == 0 { vec![] } else { vec![row.6] }))
            .collect();
        let known = Known { names, stated, references, ..Known::default() };
        let legs = matched(&told, &known);
        let mut members: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        let mut further = std::collections::BTreeSet::new();
        for (first, next) in &legs.merged {
            prop_assert!(further.insert(*next), "{} is a further reading twice", next);
            members.entry(*first).or_default().push(*next);
        }
        for (first, more) in &members {
            prop_assert!(!further.contains(first), "{} stands and is further", first);
            let all: Vec<&Row> =
                std::iter::once(first).chain(more).map(|row| &told[*row as usize]).collect();
            prop_assert!(all.iter().all(|row| row.2 == all[0].2), "one amount");
            let of = |side: LegSide| all.iter().filter(|row| row.5 == side).count();
            prop_assert!(of(Sender) <= 1 && of(Receiver) <= 1);
            let lists: Vec<u32> =
                all.iter().filter(|row| row.5 == List).map(|row| row.4).collect();
            let distinct: std::collections::BTreeSet<&u32> = lists.iter().collect();
            prop_assert_eq!(distinct.len(), lists.len(), "one of each list");
        }
    }
}
