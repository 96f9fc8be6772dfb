//! One call that stands in several returns is one call, with a source ref for each reading.
//!
//! Two records equal in both phones, start, kind and, where both state it, duration are one call
//! when they come from different sources, or from one source as the caller's and the called
//! one's own reading of it.
//! Where more than two records would fit, or two of one source and side, all of them stay calls
//! of their own: two calls of one second are rarer than a return printed twice, but a call lost
//! is worse than one counted twice and seen to be.

use std::collections::HashMap;

use crate::store::tables::{Appends, Calls, Refs, Side, Table};

/// What two readings of one call have in common.
type CallKey = (u32, u32, i64, String);

/// Joins readings; the first in order of the table stays, the others go to `refs`. Cost: one
/// pass over the calls.
pub fn join_calls(mut calls: Calls) -> (Calls, Refs) {
    let mut groups: HashMap<CallKey, Vec<u32>> = HashMap::new();
    for row in 0..calls.rows() {
        let key = (
            calls.from_phone[row],
            calls.to_phone[row],
            calls.start_ms[row],
            calls.kind.get(row).to_owned(),
        );
        groups.entry(key).or_default().push(row as u32);
    }
    let mut kept_by: Vec<Option<u32>> = vec![None; calls.rows()];
    for rows in groups.values() {
        if let [first, second] = rows.as_slice()
            && may_join(&calls, *first as usize, *second as usize)
        {
            kept_by[*second as usize] = Some(*first);
            let stated = calls.duration_s[*second as usize];
            let kept = &mut calls.duration_s[*first as usize];
            *kept = kept.or(stated);
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
    use crate::model::{NONE, Texts};

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
}
