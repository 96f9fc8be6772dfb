//! One call that stands in several returns is one call, with a source ref for each reading.
//!
//! First the legs: records of one source, of one call id and between the same two phones, within
//! a day, are one call, whose duration is the longest leg's; a carrier writes a leg for each
//! switch. Legs between other phones, as when a call is forwarded, stay calls of their own, since
//! each says who talked to whom.
//!
//! Then the readings.
//! Two records equal in both phones, start, kind and, where both state it, duration are one call
//! when they come from different sources, or from one source as the caller's and the called
//! one's own reading of it.
//! Where more than two records would fit, or two of one source and side, all of them stay calls
//! of their own: two calls of one second are rarer than a return printed twice, but a call lost
//! is worse than one counted twice and seen to be.

use std::collections::HashMap;

use crate::model::NONE;
use crate::store::tables::{Appends, Calls, Refs, Side, Table};

/// What two readings of one call have in common.
type CallKey = (u32, u32, i64, String);

/// Legs of one call begin within a day of each other; a carrier may use its ids again later.
const LEGS_WITHIN_MS: i64 = 86_400_000;

/// Joins legs and readings; the first in order of the table stays, the others go to `refs`.
/// Cost: two passes over the calls.
pub fn join_calls(mut calls: Calls) -> (Calls, Refs) {
    let mut kept_by: Vec<Option<u32>> = vec![None; calls.rows()];
    join_legs(&mut calls, &mut kept_by);
    join_readings(&mut calls, &mut kept_by);
    for row in 0..kept_by.len() {
        // A leg of a reading that itself was joined; the chain ends at a call that stays.
        while let Some(further) = kept_by[row].and_then(|kept| kept_by[kept as usize]) {
            kept_by[row] = Some(further);
        }
    }
    let order: Vec<u32> =
        (0..calls.rows() as u32).filter(|row| kept_by[*row as usize].is_none()).collect();
    let mut new_rows = vec![0; calls.rows()];
    for (new, row) in order.iter().enumerate() {
        new_rows[*row as usize] = new as u32;
    }
    let mut further: Vec<(u32, usize)> = kept_by
        .iter()
        .enumerate()
        .filter_map(|(row, kept)| kept.map(|kept| (new_rows[kept as usize], row)))
        .collect();
    further.sort_unstable();
    let mut refs = Refs::default();
    for (call, row) in further {
        refs.of.push("calls");
        refs.row.push(call);
        refs.side.push(calls.side[row]);
        refs.day.push(calls.day[row]);
        refs.source.push(calls.source[row]);
        refs.line.push(calls.line[row]);
    }
    (calls.select(&order), refs)
}

fn join_legs(calls: &mut Calls, kept_by: &mut [Option<u32>]) {
    let mut first_legs: HashMap<(u32, u32, u32, String), u32> = HashMap::new();
    for row in 0..calls.rows() {
        let id = calls.call.get(row);
        if id.is_empty() || matches!(calls.kind.get(row), "sms" | "data") {
            continue;
        }
        let key = (calls.source[row], calls.from_phone[row], calls.to_phone[row], id.to_owned());
        match first_legs.get(&key) {
            Some(&first)
                if calls.start_ms[row] - calls.start_ms[first as usize] <= LEGS_WITHIN_MS
                    && calls.kind.get(row) == calls.kind.get(first as usize) =>
            {
                let first = first as usize;
                kept_by[row] = Some(first as u32);
                calls.duration_s[first] = calls.duration_s[first].max(calls.duration_s[row]);
                for hardware in [&mut calls.imei, &mut calls.imsi] {
                    if hardware[first] == NONE {
                        hardware[first] = hardware[row];
                    }
                }
            }
            _ => {
                first_legs.insert(key, row as u32);
            }
        }
    }
}

fn join_readings(calls: &mut Calls, kept_by: &mut [Option<u32>]) {
    let mut groups: HashMap<CallKey, Vec<u32>> = HashMap::new();
    for row in (0..calls.rows()).filter(|row| kept_by[*row].is_none()) {
        let key = (
            calls.from_phone[row],
            calls.to_phone[row],
            calls.start_ms[row],
            calls.kind.get(row).to_owned(),
        );
        groups.entry(key).or_default().push(row as u32);
    }
    for rows in groups.values() {
        if let [first, second] = rows.as_slice()
            && may_join(calls, *first as usize, *second as usize)
        {
            kept_by[*second as usize] = Some(*first);
            let stated = calls.duration_s[*second as usize];
            let kept = &mut calls.duration_s[*first as usize];
            *kept = kept.or(stated);
        }
    }
}

fn may_join(calls: &Calls, one: usize, other: usize) -> bool {
    if let (Some(one), Some(other)) = (calls.duration_s[one], calls.duration_s[other])
        && one != other
    {
        return false;
    }
    if calls.source[one] != calls.source[other] {
        return true;
    }
    matches!(
        (calls.side[one], calls.side[other]),
        (Side::Sender, Side::Receiver) | (Side::Receiver, Side::Sender)
    )
}

/// Both kinds of further readings in the table's order: calls, then transfers.
pub fn with_calls_first(mut calls: Refs, transfers: Refs) -> Refs {
    calls.append(transfers);
    calls
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Texts;

    fn calls(rows: &[(u32, i64, Side, u32)]) -> Calls {
        let blank = || -> Texts { rows.iter().map(|_| "").collect() };
        Calls {
            from_phone: rows.iter().map(|row| row.0).collect(),
            to_phone: vec![9; rows.len()],
            start_ms: rows.iter().map(|row| row.1).collect(),
            day: vec![0; rows.len()],
            duration_s: vec![Some(60); rows.len()],
            kind: blank(),
            side: rows.iter().map(|row| row.2).collect(),
            call: blank(),
            imei: vec![NONE; rows.len()],
            imsi: vec![NONE; rows.len()],
            tower: blank(),
            tower_place: blank(),
            dialled: blank(),
            source: rows.iter().map(|row| row.3).collect(),
            line: (0..rows.len() as u32).collect(),
        }
    }

    #[track_caller]
    fn check(rows: &[(u32, i64, Side, u32)], kept: usize, further: &[u32]) {
        let (joined, refs) = join_calls(calls(rows));
        assert_eq!((joined.rows(), refs.line.as_slice()), (kept, further));
    }

    #[test]
    fn a_call_in_two_returns_is_one_and_doubtful_ones_stay() {
        use Side::{List, Receiver, Sender};
        check(&[(1, 5, Sender, 0), (1, 5, Receiver, 1)], 1, &[1]);
        check(&[(1, 5, Sender, 0), (1, 5, Receiver, 0)], 1, &[1]);
        check(&[(1, 5, List, 0), (1, 5, List, 0)], 2, &[]); // One return, two rows: two calls.
        check(&[(1, 5, List, 0), (1, 6, List, 1)], 2, &[]);
        check(&[(1, 5, List, 0), (1, 5, List, 1), (1, 5, List, 2)], 3, &[]);
        check(&[(1, 5, List, 0), (2, 5, List, 1)], 2, &[]);
    }

    #[test]
    fn a_duration_that_one_reading_lacks_is_taken_from_the_other() {
        let both = || calls(&[(1, 5, Side::Sender, 0), (1, 5, Side::Receiver, 1)]);
        let lacking = Calls { duration_s: vec![None, Some(60)], ..both() };
        let (joined, _) = join_calls(lacking);
        assert_eq!(joined.duration_s, [Some(60)]);
        let differing = Calls { duration_s: vec![Some(61), Some(60)], ..both() };
        assert_eq!(join_calls(differing).0.rows(), 2);
    }

    /// Phones called, starts, durations, sources and call ids; calls left with their durations.
    #[track_caller]
    fn check_legs(rows: &[(u32, i64, i32, u32, &str)], durations: &[i32], further: &[(u32, u32)]) {
        let plain: Vec<_> = rows.iter().map(|row| (1, row.1, Side::List, row.3)).collect();
        let mut table = calls(&plain);
        table.to_phone = rows.iter().map(|row| row.0).collect();
        table.duration_s = rows.iter().map(|row| Some(row.2)).collect();
        table.call = rows.iter().map(|row| row.4).collect();
        let (joined, refs) = join_calls(table);
        let left: Vec<i32> = joined.duration_s.iter().map(|one| one.unwrap()).collect();
        assert_eq!(left, durations);
        let found: Vec<_> = refs.row.iter().copied().zip(refs.line.iter().copied()).collect();
        assert_eq!(found, further);
        assert_eq!(joined.rows() + refs.rows(), rows.len(), "every record stands once");
    }

    #[test]
    fn legs_of_one_call_are_one_with_the_longest_duration() {
        check_legs(&[(9, 5, 10, 0, "a"), (9, 6, 70, 0, "a")], &[70], &[(0, 1)]);
        check_legs(
            &[(9, 5, 70, 0, "a"), (9, 6, 10, 0, "a"), (9, 7, 8, 0, "a")],
            &[70],
            &[(0, 1), (0, 2)],
        );
        // No id, other ids, another phone, another return, another day: calls of their own.
        check_legs(&[(9, 5, 10, 0, ""), (9, 6, 70, 0, "")], &[10, 70], &[]);
        check_legs(&[(9, 5, 10, 0, "a"), (9, 6, 70, 0, "b")], &[10, 70], &[]);
        check_legs(&[(9, 5, 10, 0, "a"), (8, 6, 70, 0, "a")], &[10, 70], &[]);
        check_legs(&[(9, 5, 10, 0, "a"), (9, 6, 70, 1, "a")], &[10, 70], &[]);
        check_legs(&[(9, 5, 10, 0, "a"), (9, 86_400_006, 70, 0, "a")], &[10, 70], &[]);
    }

    #[test]
    fn a_call_of_legs_is_joined_with_its_other_reading() {
        let rows = [(9, 5, 10, 0, "a"), (9, 5, 70, 1, "x"), (9, 6, 70, 0, "a")];
        check_legs(&rows, &[70], &[(0, 1), (0, 2)]);
        // Both ends write legs: the second reading's legs go with it.
        let rows = [(9, 5, 10, 0, "a"), (9, 5, 10, 1, "x"), (9, 6, 70, 0, "a"), (9, 7, 70, 1, "x")];
        check_legs(&rows, &[70], &[(0, 1), (0, 2), (0, 3)]);
    }
}
