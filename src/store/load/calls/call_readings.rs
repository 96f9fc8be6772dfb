//! One call that stands in several returns is one call, with a source ref for each reading.
//!
//! First the legs: records of one source, of one call id and between the same two phones, within
//! a day, are one call, whose duration is the longest leg's; a carrier writes a leg for each
//! switch. Legs between other phones, as when a call is forwarded, stay calls of their own, since
//! each says who talked to whom.
//!
//! Then the readings. Two records equal in both phones, and in kind where both state it, are one
//! call when they come from different sources, or from one source as the caller's and the called
//! one's own reading of it, and when both their starts and, where both state it, their durations
//! lie within a tolerance: clocks drift, and one carrier logs the set-up and another the answer. A
//! return that shows whole minutes alone says nothing of what is below one, which widens the
//! tolerance by that. Returns of one layout and side share a clock and have to agree on the start.
//! Where several records fit, the assignment that is best for all of them decides; what it leaves
//! open is listed, and stays calls of their own: a call lost is worse than one counted twice and
//! seen to be.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::model::NONE;
use crate::normalise::{Float, in_order};
use crate::records::Reject;
use crate::store::load::calls::whole_minutes::{BELOW_A_MINUTE_MS, WholeMinutes};
use crate::store::tables::{Appends, Calls, Refs, Side, Sources, Table};

/// Most seconds between the starts, and the durations, that two readings of one call state, unless
/// the case file says otherwise.
pub const CALL_TOLERANCE_S: u32 = 30;

/// What two readings of one call have in common.
type CallKey = (u32, u32);

/// Legs of one call begin within a day of each other; a carrier may use its ids again later.
const LEGS_WITHIN_MS: i64 = 86_400_000;

/// Joins legs and readings; the first in order of the table stays, the others go to `refs`. Also
/// gives, by source, a note on each record that fits others and was joined with none of them.
///
/// Cost: two passes over the calls, and as [`in_order`] for each pair of phones.
pub fn join_calls(
    mut calls: Calls,
    sources: &Sources,
    tolerance_s: u32,
) -> (Calls, Refs, Vec<(u32, Reject)>) {
    let mut kept_by: Vec<Option<u32>> = vec![None; calls.rows()];
    join_legs(&mut calls, &mut kept_by);
    let notes = join_readings(&mut calls, &mut kept_by, sources, tolerance_s);
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
        refs.booked_ms.push(calls.start_ms[row]);
        refs.day.push(calls.day[row]);
        refs.source.push(calls.source[row]);
        refs.line.push(calls.line[row]);
        refs.whole_minor.push(None);
    }
    (calls.select(&order), refs, notes)
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
                if calls.duration_s[row] > calls.duration_s[first] {
                    calls.duration_s[first] = calls.duration_s[row];
                    // Whom the longest leg reached is whom the call reached.
                    calls.voicemail[first] = calls.voicemail[row];
                }
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

fn join_readings(
    calls: &mut Calls,
    kept_by: &mut [Option<u32>],
    sources: &Sources,
    tolerance_s: u32,
) -> Vec<(u32, Reject)> {
    let mut groups: BTreeMap<CallKey, Vec<u32>> = BTreeMap::new();
    for row in (0..calls.rows()).filter(|row| kept_by[*row].is_none()) {
        let key = (calls.from_phone[row], calls.to_phone[row]);
        groups.entry(key).or_default().push(row as u32);
    }
    let minutes = WholeMinutes::of(calls);
    let mut notes = Vec::new();
    for rows in groups.into_values().filter(|rows| rows.len() > 1) {
        let group = Group { calls, sources, tolerance_s, minutes: &minutes };
        let units = group.units(&rows, &mut notes);
        for unit in units.iter().filter(|unit| unit.len() > 1) {
            // A start to the second says more than the minute it lies in.
            let exact_first =
                |row: &&u32| (minutes.starts.contains(&calls.source[**row as usize]), **row);
            let first = unit.iter().min_by_key(exact_first).expect("a call was read somewhere");
            let first = *first as usize;
            for row in unit.iter().map(|row| *row as usize).filter(|row| *row != first) {
                kept_by[row] = Some(first as u32);
                calls.duration_s[first] = calls.duration_s[first].or(calls.duration_s[row]);
                // One end that reached a voicemail spoke with nobody, whatever the other end says.
                calls.voicemail[first] |= calls.voicemail[row];
            }
        }
    }
    notes.sort_by_key(|(source, note): &(u32, Reject)| (*source, note.line));
    notes.dedup_by_key(|(source, note)| (*source, note.line));
    notes
}

/// Calls between two phones, one way.
struct Group<'a> {
    calls: &'a Calls,
    sources: &'a Sources,
    tolerance_s: u32,
    minutes: &'a WholeMinutes,
}

impl Group<'_> {
    /// The readings of each call; `rows` are in order of their starts.
    fn units(&self, rows: &[u32], notes: &mut Vec<(u32, Reject)>) -> Vec<Vec<u32>> {
        let mut classes: BTreeMap<(u32, u8), Vec<Vec<u32>>> = BTreeMap::new();
        for row in rows {
            let at = *row as usize;
            classes
                .entry((self.calls.source[at], self.calls.side[at] as u8))
                .or_default()
                .push(vec![*row]);
        }
        let origin = self.calls.start_ms[rows[0] as usize];
        let mut units: Vec<Vec<u32>> = Vec::new();
        for more in classes.into_values() {
            units = match units.is_empty() {
                true => more,
                false => self.join(units, more, origin, notes),
            };
            units.sort_unstable();
        }
        units
    }

    /// Sets the calls of one more class against those known so far, again until nothing is left
    /// that only one fits.
    fn join(
        &self,
        mut units: Vec<Vec<u32>>,
        more: Vec<Vec<u32>>,
        origin: i64,
        notes: &mut Vec<(u32, Reject)>,
    ) -> Vec<Vec<u32>> {
        let second = |unit: &Vec<u32>| {
            let since = self.calls.start_ms[unit[0] as usize].saturating_sub(origin) / 1000;
            i32::try_from(since).unwrap_or(i32::MAX)
        };
        // Starts are compared to the millisecond; whole seconds only order them.
        let window = i32::try_from(self.apart_max_ms() / 1000).unwrap_or(i32::MAX);
        let window = window.saturating_add(1);
        let float = Float { window, day: 1, arrives: false };
        let mut lefts: Vec<usize> = (0..units.len()).collect();
        let mut rights: Vec<usize> = (0..more.len()).collect();
        loop {
            let days = |of: &[Vec<u32>], which: &[usize]| -> Vec<i32> {
                which.iter().map(|at| second(&of[*at])).collect()
            };
            let may = |one: usize, other: usize| self.fit(&units[lefts[one]], &more[rights[other]]);
            let found = in_order(&days(&units, &lefts), &days(&more, &rights), float, &may);
            if found.pairs.is_empty() {
                break;
            }
            let joined: Vec<(usize, usize)> =
                found.pairs.iter().map(|(one, other)| (lefts[*one], rights[*other])).collect();
            for (left, right) in joined {
                units[left].extend(&more[right]);
                lefts.retain(|at| *at != left);
                rights.retain(|at| *at != right);
            }
        }
        // Of both, since neither was read first: which return comes first says nothing.
        for right in &rights {
            self.doubt(&more[*right], &units, &lefts, notes);
        }
        for left in &lefts {
            self.doubt(&units[*left], &more, &rights, notes);
        }
        units.extend(rights.into_iter().map(|at| more[at].clone()));
        units
    }

    /// Notes the records of a call that fits some of the others; `others` are in order of their
    /// starts.
    fn doubt(
        &self,
        call: &[u32],
        of: &[Vec<u32>],
        others: &[usize],
        notes: &mut Vec<(u32, Reject)>,
    ) {
        let start = |unit: &[u32]| self.calls.start_ms[unit[0] as usize];
        let apart_ms = self.apart_max_ms() as i64;
        let first = others.partition_point(|at| start(&of[*at]) < start(call) - apart_ms);
        let near = others[first..].iter().map(|at| &of[*at]);
        let near = near.take_while(|unit| start(unit) <= start(call) + apart_ms);
        let fitting: Vec<&Vec<u32>> = near.filter(|unit| self.fit(unit, call)).collect();
        if let Some(nearest) = fitting.first() {
            notes.extend(call.iter().map(|row| self.note(*row, nearest[0], fitting.len())));
        }
    }

    /// Most milliseconds between the starts of two readings of one call, whatever their sources.
    fn apart_max_ms(&self) -> u64 {
        let open = if self.minutes.starts.is_empty() { 0 } else { BELOW_A_MINUTE_MS };
        u64::from(self.tolerance_s) * 1000 + open
    }

    fn fit(&self, unit: &[u32], more: &[u32]) -> bool {
        unit.iter()
            .all(|one| more.iter().all(|other| self.may_join(*one as usize, *other as usize)))
    }

    fn may_join(&self, one: usize, other: usize) -> bool {
        let calls = self.calls;
        let (sides, same_source) =
            ((calls.side[one], calls.side[other]), calls.source[one] == calls.source[other]);
        let both_ends =
            matches!(sides, (Side::Sender, Side::Receiver) | (Side::Receiver, Side::Sender));
        if same_source && !both_ends {
            return false;
        }
        let layout = |row: usize| self.sources.layout.get(calls.source[row] as usize);
        let one_clock = sides.0 == sides.1 && layout(one) == layout(other);
        let within_ms = |minutes: &BTreeSet<u32>| {
            let whole = [one, other].iter().any(|row| minutes.contains(&calls.source[*row]));
            let open = if whole { BELOW_A_MINUTE_MS } else { 0 };
            if one_clock { 0 } else { u64::from(self.tolerance_s) * 1000 + open }
        };
        let apart_ms = calls.start_ms[one].abs_diff(calls.start_ms[other]);
        let durations_fit = match (calls.duration_s[one], calls.duration_s[other]) {
            (Some(one), Some(other)) => {
                u64::from(one.abs_diff(other)) * 1000 <= within_ms(&self.minutes.durations)
            }
            _ => true,
        };
        apart_ms <= within_ms(&self.minutes.starts) && durations_fit && self.kinds_fit(one, other)
    }

    /// Whether two records may be of one kind. A return that states none holds calls; what lasted
    /// no time in it may be a message as well.
    fn kinds_fit(&self, one: usize, other: usize) -> bool {
        let kind = |row: usize| self.calls.kind.get(row);
        let lasted = |row: usize| self.calls.duration_s[row].is_some_and(|seconds| seconds > 0);
        match (kind(one), kind(other)) {
            (one, other) if one == other => true,
            ("", "voice") | ("voice", "") => true,
            ("", _) => !lasted(one),
            (_, "") => !lasted(other),
            _ => false,
        }
    }

    fn note(&self, row: u32, other: u32, fitting: usize) -> (u32, Reject) {
        let (row, other) = (row as usize, other as usize);
        let source = self.calls.source[row];
        let path = self.sources.source.get(self.calls.source[other] as usize);
        let reason = format!(
            "may be the same call as that at {path}:{}, but which records belong together is not \
             certain ({fitting} fit this one); both are kept",
            self.calls.line[other]
        );
        let line = self.calls.line[row];
        let (column, found) = ("start".to_owned(), String::new());
        (source, Reject { line, column, found, reason, kept: true, ..Reject::default() })
    }
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
            voicemail: vec![false; rows.len()],
            source: rows.iter().map(|row| row.3).collect(),
            line: (0..rows.len() as u32).collect(),
        }
    }

    /// Joins calls of sources of one layout each.
    fn join(calls: Calls) -> (Calls, Refs, usize) {
        let last = calls.source.iter().max().map_or(0, |last| last + 1);
        let name = |at: u32| format!("source {at}");
        let sources = Sources {
            source: (0..last).map(name).collect(),
            layout: (0..last).map(name).collect(),
            ..Sources::default()
        };
        let (calls, refs, notes) = join_calls(calls, &sources, CALL_TOLERANCE_S);
        (calls, refs, notes.len())
    }

    #[track_caller]
    fn check(rows: &[(u32, i64, Side, u32)], kept: usize, further: &[u32], notes: usize) {
        let (joined, refs, told) = join(calls(rows));
        assert_eq!((joined.rows(), refs.line.as_slice(), told), (kept, further, notes));
        assert_eq!(joined.rows() + refs.rows(), rows.len(), "every record stands once");
    }

    #[test]
    fn a_call_in_two_returns_is_one_and_doubtful_ones_stay() {
        use Side::{List, Receiver, Sender};
        check(&[(1, 5, Sender, 0), (1, 5, Receiver, 1)], 1, &[1], 0);
        check(&[(1, 5, Sender, 0), (1, 5, Receiver, 0)], 1, &[1], 0);
        check(&[(1, 5, List, 0), (1, 5, List, 0)], 2, &[], 0); // One return, two rows: two calls.
        check(&[(1, 5, List, 0), (1, 5, List, 1), (1, 5, List, 2)], 1, &[1, 2], 0);
        check(&[(1, 5, List, 0), (2, 5, List, 1)], 2, &[], 0);
        // Each of two calls stands in both returns.
        let both = [(1, 5, List, 0), (1, 5, List, 0), (1, 5, List, 1), (1, 5, List, 1)];
        check(&both, 2, &[2, 3], 0);
        // Of three records two are one call, and nobody knows which.
        check(&both[1..], 3, &[], 3);
        check(&both[..3], 3, &[], 3);
    }

    #[test]
    fn a_return_of_whole_minutes_and_one_of_seconds_tell_of_one_call() {
        use Side::List;
        let seconds = [34_000, 659_000, 1_210_000, 1_889_000];
        let rows: Vec<(u32, i64, Side, u32)> = (0..4)
            .flat_map(|at| [(1, at as i64 * 600_000, List, 0), (1, seconds[at as usize], List, 1)])
            .collect();
        check(&rows, 4, &[0, 2, 4, 6], 0);
        // Of three calls that are all on the minute that may be chance.
        check(&rows[..6], 5, &[5], 0);
        // One that shows more says that the others begin on their minute.
        let mut finer = rows.clone();
        finer.push((1, 2_400_500, List, 0));
        check(&finer, 8, &[5], 0);
        // Further apart than a minute and the tolerance.
        let mut far = rows;
        far[7].1 = 1_890_000;
        check(&far, 5, &[0, 2, 4], 0);
    }

    #[test]
    fn clocks_drift_within_the_tolerance() {
        use Side::{Receiver, Sender};
        check(&[(1, 0, Sender, 0), (1, 30_000, Receiver, 1)], 1, &[1], 0);
        check(&[(1, 0, Sender, 0), (1, 30_001, Receiver, 1)], 2, &[], 0);
        // Two calls in a row, each logged eight seconds later by the other carrier.
        let again = [
            (1, 0, Sender, 0),
            (1, 8_000, Receiver, 1),
            (1, 20_000, Sender, 0),
            (1, 28_000, Receiver, 1),
        ];
        check(&again, 2, &[1, 3], 0);
        // The nearer of two calls is the one; of two equally near ones neither.
        check(&again[..3], 2, &[1], 0);
        check(&[(1, 0, Sender, 0), (1, 10_000, Receiver, 1), (1, 20_000, Sender, 0)], 3, &[], 3);
        // Returns of one clock agree to the second.
        let mut table = calls(&[(1, 0, Sender, 0), (1, 10_000, Sender, 1)]);
        let one_layout = Sources {
            source: ["a", "b"].into_iter().collect(),
            layout: ["l", "l"].into_iter().collect(),
            ..Sources::default()
        };
        assert_eq!(join_calls(table.clone(), &one_layout, 30).0.rows(), 2);
        table.start_ms[1] = 0;
        assert_eq!(join_calls(table, &one_layout, 30).0.rows(), 1);
    }

    #[test]
    fn a_call_that_one_end_says_reached_a_voicemail_did() {
        let mut table = calls(&[(1, 0, Side::Sender, 0), (1, 9_000, Side::Receiver, 1)]);
        table.voicemail[1] = true;
        assert_eq!(join(table).0.voicemail, [true]);
    }

    #[test]
    fn a_duration_that_one_reading_lacks_is_taken_from_the_other() {
        let both = || calls(&[(1, 5, Side::Sender, 0), (1, 5, Side::Receiver, 1)]);
        let lacking = Calls { duration_s: vec![None, Some(60)], ..both() };
        let (joined, ..) = join(lacking);
        assert_eq!(joined.duration_s, [Some(60)]);
        let differing = |more| Calls { duration_s: vec![Some(60 + more), Some(60)], ..both() };
        assert_eq!([join(differing(30)).0.rows(), join(differing(31)).0.rows()], [1, 2]);
    }

    /// Phones called, starts, durations, sources and call ids; calls left with their durations.
    #[track_caller]
    fn check_legs(rows: &[(u32, i64, i32, u32, &str)], durations: &[i32], further: &[(u32, u32)]) {
        let plain: Vec<_> = rows.iter().map(|row| (1, row.1, Side::List, row.3)).collect();
        let mut table = calls(&plain);
        table.to_phone = rows.iter().map(|row| row.0).collect();
        table.duration_s = rows.iter().map(|row| Some(row.2)).collect();
        table.call = rows.iter().map(|row| row.4).collect();
        let (joined, refs, _) = join(table);
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
