//! Balance rows among records, as `+5` and `-5` for records, `(5` and `5)` for an opening and a
//! closing balance, `#` for another day.

use proptest::prelude::*;

use super::*;
use crate::model::Currency;
use crate::store::load::reading::values::Figures;

fn row(line: u32, sum: StatedSum, balance_minor: i64) -> StatedRow {
    StatedRow {
        near: 0,
        currency: Currency::USD,
        line,
        sum,
        balance_minor,
        figures: Figures::default(),
        account: (String::new(), String::new()),
        found: balance_minor.to_string(),
        day: String::new(),
        aside: Default::default(),
    }
}

/// Events and what their rows state; days rise with each `#`, or fall with each `~`.
fn events(text: &str) -> (Vec<Event>, Vec<StatedRow>) {
    let (mut events, mut rows, mut day) = (Vec::new(), Vec::new(), 0);
    for (at, word) in text.split_whitespace().enumerate() {
        let line = at as u32 + 2;
        let stated = match word {
            "#" | "~" => {
                day += if word == "#" { 1 } else { -1 };
                continue;
            }
            _ if word.starts_with('(') => Some((StatedSum::Opening, &word[1..])),
            _ if word.ends_with(')') => Some((StatedSum::Closing, &word[..word.len() - 1])),
            _ => None,
        };
        match stated {
            Some((sum, minor)) => {
                rows.push(row(line, sum, minor.parse().unwrap()));
                Event::append(&mut events, Event::Stated(rows.len() - 1));
            }
            None => {
                let run = Run::of(line, day, word.parse().unwrap());
                Event::append(&mut events, Event::Rows(run));
            }
        }
    }
    (events, rows)
}

/// Statements as `opening moved closing`, and the balances that are set aside.
#[track_caller]
fn check(text: &str, statements: &[&str], unfit: &[i64]) {
    let (events, rows) = events(text);
    let (parts, aside) = segments(&events, &rows);
    let end = |row: Option<usize>| row.map_or("-".to_owned(), |at| rows[at].found.clone());
    let told: Vec<String> = parts
        .iter()
        .filter(|part| part.opening.or(part.closing).is_some())
        .map(|part| {
            let moved = part.run.as_ref().map_or("-".to_owned(), |run| run.moved().to_string());
            format!("{} {moved} {}", end(part.opening), end(part.closing))
        })
        .collect();
    assert_eq!(told, statements, "{text}");
    let aside: Vec<i64> = aside.iter().map(|(row, _)| rows[*row].balance_minor).collect();
    assert_eq!(aside, unfit, "{text}");
}

#[test]
fn balances_outside_the_records_are_those_of_all_of_them() {
    check("(5 +1 # +2 8)", &["5 3 8"], &[]);
    check("8) +1 ~ +2 (5", &["5 3 8"], &[]);
    check("(5 +1 # +2", &["5 3 -"], &[]);
    check("+1 # +2 8)", &["- 3 8"], &[]);
    // One day: where they stand tells the order.
    check("(5 +1 +2 9)", &["5 3 9"], &[]);
    // Both above the records, as a summary: only where it adds up.
    check("(5 8) +1 # +2", &["5 3 8"], &[]);
    check("(5 9) +1 # +2", &[], &[5, 9]);
    check("8) (5 +1 ~ +2", &["5 3 8"], &[]);
    // An opening above the newest row is not that of the oldest unless both add up.
    check("(5 +1 ~ +2", &[], &[5]);
    check("(5 +1 ~ +2 8)", &["5 3 8"], &[]);
    check("(5 5)", &["5 - 5"], &[]);
    check("(5", &[], &[5]);
    check("7)", &[], &[7]);
}

#[test]
fn balances_among_the_records_cut_them_into_statements() {
    check("(5 +1 # +2 8) (8 # +1 9)", &["5 3 8", "8 1 9"], &[]);
    check("9) +1 (8 8) ~ +2 +1 (5", &["5 3 8", "8 1 9"], &[]);
    check("+1 # +2 (8 # +1", &["8 1 -"], &[]);
    check("(5 +1 # 6) +4 # +1 11)", &["5 1 6", "- 5 11"], &[]);
    // A page says again what the statement opened with; another one opens with as much as that.
    check("(5 +1 # (5 +2 8)", &["5 3 8"], &[]);
    check("(5 +1 # -1 (5 +2 7)", &["5 0 -", "5 2 7"], &[]);
    // A day's rows in no order, and a balance between them.
    check("+1 (6 +2", &[], &[6]);
    check("+1 # +2 (8 ~ ~ +1 # # +1", &[], &[8]);
    check("(5 +1 # 6) 7) +1", &["5 1 6"], &[7]);
}

proptest! {
    /// What statements say, written in either order, comes back as it was.
    #[test]
    fn statements_come_back_as_they_were(
        months in prop::collection::vec(prop::collection::vec(1_i64..50, 1..4), 2..5),
        ends in 0..3,
        newest in any::<bool>(),
    ) {
        let (mut balance, mut day) = (1_000_i64, 0);
        // In order of time; the statements state both ends or one of them, all alike.
        let (states_opening, states_closing) = (ends != 1, ends != 0);
        let mut lines: Vec<(i32, Option<StatedSum>, i64)> = Vec::new();
        let mut expected = Vec::new();
        for amounts in &months {
            let opening = balance;
            if states_opening {
                lines.push((day, Some(StatedSum::Opening), opening));
            }
            for amount in amounts {
                day += 1;
                balance += amount;
                lines.push((day, None, *amount));
            }
            if states_closing {
                lines.push((day, Some(StatedSum::Closing), balance));
            }
            let ends = (states_opening.then_some(opening), states_closing.then_some(balance));
            expected.push((ends, i128::from(balance - opening)));
        }
        if newest {
            lines.reverse();
        }
        let (mut events, mut rows) = (Vec::new(), Vec::new());
        for (at, (day, sum, minor)) in lines.iter().enumerate() {
            let event = match sum {
                Some(sum) => {
                    rows.push(row(at as u32 + 2, *sum, *minor));
                    Event::Stated(rows.len() - 1)
                }
                None => Event::Rows(Run::of(at as u32 + 2, *day, *minor)),
            };
            Event::append(&mut events, event);
        }
        let (parts, unfit) = segments(&events, &rows);
        let minor = |row: Option<usize>| row.map(|at| rows[at].balance_minor);
        let found: Vec<_> = parts
            .iter()
            .map(|part| {
                let moved = part.run.as_ref().map_or(0, Run::moved);
                ((minor(part.opening), minor(part.closing)), moved)
            })
            .collect();
        prop_assert_eq!(found, expected);
        prop_assert!(unfit.is_empty());
    }

    /// Whatever stands on the lines, no record is in two statements or in none of a known order,
    /// and no row is both read and set aside.
    #[test]
    fn nothing_is_read_twice(
        words in prop::collection::vec((0_u8..5, -3_i64..4, -1_i32..2), 0..14),
    ) {
        let (mut events, mut rows, mut day) = (Vec::new(), Vec::new(), 0);
        for (at, (kind, minor, step)) in words.iter().enumerate() {
            let line = at as u32 + 2;
            day += step;
            let sum = match kind {
                0 => Some(StatedSum::Opening),
                1 => Some(StatedSum::Closing),
                2 => Some(StatedSum::Debits),
                _ => None,
            };
            let event = match sum {
                Some(sum) => {
                    rows.push(row(line, sum, *minor));
                    Event::Stated(rows.len() - 1)
                }
                None => Event::Rows(Run::of(line, day, *minor)),
            };
            Event::append(&mut events, event);
        }
        let (parts, unfit) = segments(&events, &rows);
        let mut used: Vec<usize> = parts
            .iter()
            .flat_map(|part| part.opening.into_iter().chain(part.closing).chain(part.sums.clone()))
            .chain(unfit.iter().map(|(row, _)| *row))
            .collect();
        let all = used.len();
        used.sort_unstable();
        used.dedup();
        prop_assert_eq!(used.len(), all);
        let minor = |run: &Run| (run.debits, run.credits);
        let total = |runs: Vec<(i128, i128)>| {
            runs.iter().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
        };
        let records = events.iter().filter_map(|event| match event {
            Event::Rows(run) => Some(minor(run)),
            Event::Stated(_) => None,
        });
        let of_parts = parts.iter().filter_map(|part| part.run.as_ref()).map(minor).collect();
        if !parts.is_empty() {
            prop_assert_eq!(total(of_parts), total(records.collect()));
        }
        // What two balances of one statement say is what the account held at its two ends.
        for part in &parts {
            prop_assert!(part.run.is_some() || part.opening.is_some() && part.closing.is_some());
        }
    }
}
