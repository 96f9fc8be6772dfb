//! Small sums of cash around one weekend.

use super::*;
use crate::model::{Values, day_text};
use crate::store::{Accounts, Case, Holdings, Manifest, Parties, Side, Transfers};

/// From, to, day, whole dollars. Account 0 is an unidentified far end, 1 and 2 are known.
type Row = (u32, u32, i32, i64);

/// The eighth of March 2024, a Friday.
const FRIDAY: i32 = 19_790;

fn case(rows: &[Row]) -> Case {
    let accounts = Accounts {
        account: ["?", "A", "B"].into_iter().collect(),
        kind: ["unidentified", "account", "account"].into_iter().collect(),
        ..Accounts::default()
    };
    let transfers = Transfers {
        from_account: rows.iter().map(|row| row.0).collect(),
        to_account: rows.iter().map(|row| row.1).collect(),
        booked_ms: rows.iter().map(|row| i64::from(row.2) * 86_400_000).collect(),
        day: rows.iter().map(|row| row.2).collect(),
        timed: vec![false; rows.len()],
        amount_minor: rows.iter().map(|row| row.3 * 100).collect(),
        currency: vec![Currency::USD; rows.len()],
        channel: vec![Channel::Cash; rows.len()],
        side: vec![Side::List; rows.len()],
        source: vec![0; rows.len()],
        line: (2..).take(rows.len()).collect(),
    };
    let manifest = Manifest { currency: "USD".to_owned(), ..Manifest::default() };
    Case::in_memory(manifest).with(accounts).with(transfers)
}

/// Way, days over the threshold, transfers and larger amounts of each instance.
#[track_caller]
fn check(rows: &[Row], params: &Params, expected: &[(&str, i64, i64, i64)]) {
    let case = case(rows);
    let outcome = run(&Inputs::new(&case), params).unwrap();
    let table = &outcome.tables[0];
    let counts = |name| match table.column(name) {
        Some(Values::Count(counts)) => counts.iter().flatten().copied().collect::<Vec<i64>>(),
        _ => panic!("a column of counts"),
    };
    let Some(Values::Text(ways)) = table.column("way") else { panic!("a column of words") };
    let (over, transfers) = (counts("days_over_threshold"), counts("instance_transfers"));
    let larger = counts("larger_transfers");
    let found: Vec<(&str, i64, i64, i64)> = (0..ways.len())
        .map(|row| (ways[row].as_str(), over[row], transfers[row], larger[row]))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn amounts_of_one_business_day_add_up_and_exactly_the_threshold_does_not() {
    assert_eq!(day_text(FRIDAY), "2024-03-08");
    let day = Params { window_business_days: 1, ..Params::default() };
    check(&[(0, 1, FRIDAY, 6_000), (0, 1, FRIDAY, 4_000)], &day, &[]);
    check(&[(0, 1, FRIDAY, 6_000), (0, 1, FRIDAY, 4_001)], &day, &[("cash in", 1, 2, 0)]);
    check(&[(0, 1, FRIDAY, 10_001)], &day, &[]);
    // Saturday and Sunday count on Monday.
    let weekend = [(0, 1, FRIDAY + 1, 6_000), (0, 1, FRIDAY + 3, 5_000)];
    check(&weekend, &day, &[("cash in", 1, 2, 0)]);
    check(&[(0, 1, FRIDAY, 6_000), (0, 1, FRIDAY + 1, 5_000)], &day, &[]);
    // In and out are added up apart, and so are two accounts of nobody known.
    check(&[(0, 1, FRIDAY, 6_000), (1, 0, FRIDAY, 6_000)], &day, &[]);
    check(&[(0, 1, FRIDAY, 6_000), (0, 2, FRIDAY, 6_000)], &day, &[]);
    check(&[(1, 1, FRIDAY, 6_000), (1, 1, FRIDAY, 6_000)], &day, &[]);
}

#[test]
fn smaller_amounts_add_up_within_five_business_days() {
    let rows = |last| [(0, 1, FRIDAY, 4_000), (0, 1, FRIDAY + 3, 4_000), (0, 1, last, 4_000)];
    let params = Params::default();
    check(&rows(FRIDAY + 6), &params, &[("cash in", 0, 3, 0)]);
    check(&rows(FRIDAY + 7), &params, &[]);
    let small = [(0, 1, FRIDAY, 4_000), (0, 1, FRIDAY, 4_000), (0, 1, FRIDAY + 3, 2_999)];
    check(&small, &params, &[]);
    let larger = [rows(FRIDAY + 4).as_slice(), &[(0, 1, FRIDAY + 4, 12_000)]].concat();
    check(&larger, &params, &[("cash in", 0, 3, 1)]);
}

#[test]
fn a_finding_names_the_person_the_days_and_what_was_reported() {
    let case = case(&[(0, 1, FRIDAY, 6_000), (0, 1, FRIDAY, 5_500)]);
    let outcome = run(&Inputs::new(&case), &Params::default()).unwrap();
    assert_eq!(
        outcome.findings[0].statement,
        "Cash paid in for account A (no holder on record) in amounts of at most 10,000.00 USD \
         comes to more on 1 business day, at most 11,500.00 USD on 2024-03-08 (no larger amount \
         was moved in those days), on 2024-03-08: 2 transfers, in which the \
         account was paid 11,500.00 USD. 2 transfers are dated without a time."
    );
}

/// Ada holds account 1 alone and account 2 with Ben, until the Monday after.
fn joint_case(rows: &[Row]) -> Case {
    let parties = Parties { party: ["Ada", "Ben"].into_iter().collect(), ..Parties::default() };
    let holdings = Holdings {
        account: vec![1, 2, 2],
        party: vec![0, 0, 1],
        role: ["owner", "owner", "joint"].into_iter().collect(),
        opened: vec![None; 3],
        closed: vec![None, None, Some(FRIDAY + 3)],
        source: vec![0; 3],
        line: vec![2, 3, 4],
    };
    case(rows).with(parties).with(holdings)
}

/// Person, transfers, total, joint total and what stands in instances before, whole dollars.
#[track_caller]
fn check_joint(rows: &[Row], expected: &[(&str, usize, i64, i64, i64)]) {
    let case = joint_case(rows);
    let day = Params { window_business_days: 1, ..Params::default() };
    let outcome = run(&Inputs::new(&case), &day).unwrap();
    let table = &outcome.tables[0];
    let money = |name, row: usize| match table.column(name) {
        Some(Values::Money(amounts)) => amounts[row].map_or(0, |it| it.minor / 100),
        _ => panic!("{name} is money"),
    };
    let Some(Values::Count(numbers)) = table.column("instance") else { panic!("numbers") };
    let Some(Values::Count(transfers)) = table.column("instance_transfers") else {
        panic!("counts")
    };
    let leading = (0..numbers.len()).filter(|row| transfers[*row].is_some());
    let found: Vec<(&str, usize, i64, i64, i64)> = leading
        .map(|row| {
            let own = (0..numbers.len()).filter(|other| numbers[*other] == numbers[row]);
            (
                table.column("person").unwrap().text(row).unwrap(),
                transfers[row].unwrap() as usize,
                own.map(|row| money("total", row)).sum(),
                money("joint_total", row),
                money("listed_before_total", row),
            )
        })
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn cash_in_a_joint_account_counts_for_each_holder_and_once_in_all() {
    // 6,000 of her own and 5,000 together are 11,000 for her and 5,000 for him.
    let own = (0, 1, FRIDAY, 6_000);
    check_joint(&[own, (0, 2, FRIDAY, 5_000)], &[("Ada", 2, 11_000, 5_000, 0)]);
    // What both come to is told once, with both names.
    let both = [(0, 2, FRIDAY, 6_000), (0, 2, FRIDAY, 5_000)];
    check_joint(&both, &[("Ada; Ben", 2, 11_000, 11_000, 0)]);
    // What she comes to and he does not keeps them apart, and no amount is told as new twice.
    check_joint(
        &[both[0], both[1], own],
        &[("Ada", 3, 17_000, 11_000, 0), ("Ben", 2, 11_000, 11_000, 11_000)],
    );
    // Out as in; and once he holds it no more, it is hers alone.
    let out = [(2, 0, FRIDAY, 6_000), (2, 0, FRIDAY, 5_000)];
    check_joint(&out, &[("Ada; Ben", 2, 11_000, 11_000, 0)]);
    let later = [(0, 2, FRIDAY + 4, 6_000), (0, 2, FRIDAY + 4, 5_000)];
    check_joint(&later, &[("Ada", 2, 11_000, 0, 0)]);
}

#[test]
fn a_finding_on_a_joint_account_says_that_it_is_one_and_whom_the_records_name() {
    let rows = [(0, 1, FRIDAY, 6_000), (0, 2, FRIDAY, 6_000), (0, 2, FRIDAY, 5_000)];
    let case = joint_case(&rows);
    let outcome = run(&Inputs::new(&case), &Params::default()).unwrap();
    let said: Vec<&str> = outcome.findings.iter().map(|it| it.statement.as_str()).collect();
    assert_eq!(said.len(), 1, "both instances are about the joint account");
    assert!(
        said[0].starts_with(
            "Cash paid in for Ada in amounts of at most 10,000.00 USD comes to more on 1 business \
             day, at most 17,000.00 USD on 2024-03-08 (no larger amount was moved in those days; \
             11,000.00 USD of it in joint accounts with Ben, where the records name ? at the other \
             end)"
        ),
        "{}",
        said[0]
    );
    let case = joint_case(&rows[1..]);
    let outcome = run(&Inputs::new(&case), &Params::default()).unwrap();
    let said = &outcome.findings[0].statement;
    assert!(said.starts_with("Cash paid in for Ada and Ben (joint holders) in amounts"), "{said}");
    assert!(said.contains("; all of it in joint accounts, where"), "{said}");
}

/// Ben's instances hold nothing but cash of hers.
#[test]
fn how_often_the_like_was_found_counts_cash_of_joint_holders_once() {
    let said = |rows: &[Row]| -> Vec<String> {
        let case = joint_case(rows);
        let outcome = run(&Inputs::new(&case), &Params::default()).unwrap();
        let Some(Values::Count(all)) = outcome.tables[0].column("instance_transfers") else {
            panic!("counts")
        };
        let told = outcome.findings.iter().map(|it| it.statement.clone());
        let instances = all.iter().flatten().count();
        std::iter::once(format!("{instances} instances")).chain(told).collect()
    };
    let once = |day: i32| [(0, 1, day, 4_000), (0, 2, day, 6_000), (0, 2, day, 5_000)];
    let first = said(&once(FRIDAY));
    assert_eq!((first[0].as_str(), first.len()), ("2 instances", 2));
    assert!(!first[1].contains("The like"), "{}", first[1]);
    let twice = said(&[once(FRIDAY - 28), once(FRIDAY)].concat());
    assert_eq!((twice[0].as_str(), twice.len()), ("4 instances", 2));
    assert!(twice[1].ends_with("The like was found 1 more time."), "{}", twice[1]);
    // Cash out of the same account is not the like of cash in, and has its own sentence.
    let out = once(FRIDAY).map(|(from, to, day, whole)| (to, from, day, whole));
    let both = said(&[once(FRIDAY), out].concat());
    assert_eq!((both[0].as_str(), both.len()), ("4 instances", 3));
    assert!(both[1..].iter().all(|it| !it.contains("The like")), "{both:?}");
}

#[test]
fn what_is_out_of_range_is_refused_and_other_currencies_are_counted() {
    let case = case(&[(0, 1, FRIDAY, 6_000)]);
    let inputs = Inputs::new(&case);
    for params in [
        Params { threshold: 0, ..Params::default() },
        Params { window_business_days: 0, ..Params::default() },
        Params { currency: Some("dollars".to_owned()), ..Params::default() },
        Params { holidays: vec!["Easter".to_owned()], ..Params::default() },
    ] {
        assert!(matches!(run(&inputs, &params), Err(Error::Usage(_))), "{params:?}");
    }
    let params = Params { currency: Some("EUR".to_owned()), ..Params::default() };
    let notes = run(&inputs, &params).unwrap().tables[0].notes.join(" ");
    assert!(notes.contains("1 cash movement in other currencies than EUR"), "{notes}");
}
