//! Repeats: one record of a ledger that was produced twice, in two sources.
//!
//! Answers: where two sources cover the same days of one account or list, which records of the
//! later one are those of the earlier? Records are compared within a day by amount, and by
//! balance, reference, time and description where both state them; each is the repeat of one
//! record at most, so that n equal rows here and m there are the greater of the two. A record
//! that neither a balance nor a reference ties to its twin is a repeat only where both sources
//! hold the same records on all the days that they share. In doubt both are kept and listed.
//!
//! Two records of one source are never repeats. Telling which sources overlap is the loader's.

mod doubtful;

use std::collections::BTreeMap;

use doubtful::list_doubtful;

/// One record of a ledger as both sources may state it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct LedgerRecord<'a> {
    /// Civil day, days since 1970.
    pub day: i32,
    /// What must be equal: signed minor units, currency, and for lists both accounts.
    pub what: (i64, [u8; 3], u32, u32),
    /// Milliseconds since 1970, where a time of day is stated.
    pub time_ms: Option<i64>,
    /// Running balance, minor units.
    pub balance_minor: Option<i64>,
    /// Reference as found.
    pub reference: &'a str,
    /// Description as found.
    pub description: &'a str,
}

/// What two overlapping sources have in common, by index into either.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Overlap {
    /// Record of the earlier source, its repeat in the later one, and why; ascending.
    pub repeats: Vec<(usize, usize, &'static str)>,
    /// Pairs that may be one record and are both kept, with the reason; ascending.
    pub possible: Vec<(usize, usize, &'static str)>,
}

const BALANCE: &str = "equal running balance";
const REFERENCE: &str = "equal reference";
const WHOLE: &str = "both sources hold the same records on the days they share";
const PARTIAL: &str = "equal, but the sources differ on the days they share";
const MORE: &str = "one source has more of these records than the other";

/// Score from which two records are one whatever else the sources hold.
const CERTAIN: i32 = 4;
/// Equal records of one day and amount, beyond which they are taken in order.
const PAIRS_MAX: usize = 250_000;
/// Letters up to which a description may be cut and still be that description.
const CUT_MIN: usize = 12;

/// Compares the records of two sources on the days that both cover; each side in order of days.
///
/// Cost: sorting, and for each day and amount the product of its records on both sides.
pub fn overlap(earlier: &[LedgerRecord<'_>], later: &[LedgerRecord<'_>]) -> Overlap {
    let mut groups: BTreeMap<_, [Vec<usize>; 2]> = BTreeMap::new();
    for (side, records) in [earlier, later].into_iter().enumerate() {
        for (at, record) in records.iter().enumerate() {
            groups.entry((record.day, record.what)).or_default()[side].push(at);
        }
    }
    let mut pairs = Vec::new();
    for [left, right] in groups.values().filter(|sides| !sides[0].is_empty()) {
        pairs.extend(paired(earlier, later, left, right));
    }
    let whole = is_whole(earlier, later, &pairs);
    let mut out = Overlap::default();
    let mut matched = [vec![false; earlier.len()], vec![false; later.len()]];
    for (left, right, score) in pairs {
        let balance = earlier[left].balance_minor.is_some()
            && earlier[left].balance_minor == later[right].balance_minor;
        let why = match score >= CERTAIN {
            true if balance => Some(BALANCE),
            true => Some(REFERENCE),
            false => whole.then_some(WHOLE),
        };
        match why {
            Some(why) => {
                out.repeats.push((left, right, why));
                matched[0][left] = true;
                matched[1][right] = true;
            }
            None => out.possible.push((left, right, PARTIAL)),
        }
    }
    list_excess(earlier, later, groups.values(), &matched, &mut out);
    list_doubtful(earlier, later, groups.values(), &mut out);
    out.repeats.sort_unstable();
    out.possible.sort_unstable();
    out.possible.dedup_by_key(|pair| (pair.0, pair.1));
    out
}

/// The best pairs of one day and amount, each record once.
fn paired(
    earlier: &[LedgerRecord<'_>],
    later: &[LedgerRecord<'_>],
    left: &[usize],
    right: &[usize],
) -> Vec<(usize, usize, i32)> {
    if left.len().saturating_mul(right.len()) > PAIRS_MAX {
        let in_order = left.iter().zip(right);
        let scored = in_order.filter_map(|(one, other)| {
            Some((*one, *other, likeness(&earlier[*one], &later[*other])?))
        });
        return scored.collect();
    }
    let mut scored = Vec::new();
    for (place, one) in left.iter().enumerate() {
        for (other_place, other) in right.iter().enumerate() {
            if let Some(score) = likeness(&earlier[*one], &later[*other]) {
                scored.push((-score, place.abs_diff(other_place), *one, *other));
            }
        }
    }
    scored.sort_unstable();
    let (mut taken, mut taken_later) = (Vec::new(), Vec::new());
    let mut pairs = Vec::new();
    for (score, _, one, other) in scored {
        if !taken.contains(&one) && !taken_later.contains(&other) {
            taken.push(one);
            taken_later.push(other);
            pairs.push((one, other, -score));
        }
    }
    pairs
}

/// How alike two records of one day and amount are; `None` when something they both state
/// differs and nothing outweighs it.
fn likeness(one: &LedgerRecord<'_>, other: &LedgerRecord<'_>) -> Option<i32> {
    let mut score = 0;
    if let (Some(one), Some(other)) = (one.balance_minor, other.balance_minor) {
        if one != other {
            return None;
        }
        score += 4;
    }
    if let (Some(one), Some(other)) = (one.time_ms, other.time_ms) {
        if one != other {
            return None;
        }
        score += 2;
    }
    let (left, right) = (folded(one.reference), folded(other.reference));
    if !left.is_empty() && !right.is_empty() {
        score += match left == right {
            true if tells_apart(&left) => 4,
            true => 1,
            false => -3,
        };
    }
    let (left, right) = (folded(one.description), folded(other.description));
    if !left.is_empty() && !right.is_empty() {
        let cut = left.len().min(right.len()) >= CUT_MIN
            && (left.starts_with(&right) || right.starts_with(&left));
        score += if left == right || cut { 2 } else { -3 };
    }
    (score >= 0).then_some(score)
}

/// Letters and digits in upper case: exports differ in spaces and marks.
fn folded(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

/// Whether both sources hold the same records on the days they share. The first and the last of
/// these days may be cut where a source begins or ends, so they may differ when there are days
/// between them; and one single record is no stretch.
fn is_whole(
    earlier: &[LedgerRecord<'_>],
    later: &[LedgerRecord<'_>],
    pairs: &[(usize, usize, i32)],
) -> bool {
    let mut matched = [vec![false; earlier.len()], vec![false; later.len()]];
    for (left, right, _) in pairs {
        matched[0][*left] = true;
        matched[1][*right] = true;
    }
    let days = || earlier.iter().chain(later).map(|record| record.day);
    let (Some(first), Some(last)) = (days().min(), days().max()) else { return false };
    let whole = |inside: &dyn Fn(i32) -> bool| {
        let sides = [(earlier, &matched[0]), (later, &matched[1])];
        let all = sides.iter().all(|(records, matched)| {
            records.iter().zip(matched.iter()).all(|(record, one)| *one || !inside(record.day))
        });
        let mut seen: Vec<_> = earlier
            .iter()
            .filter(|record| inside(record.day))
            .map(|record| (record.day, record.what))
            .collect();
        seen.sort_unstable();
        seen.dedup();
        all && seen.len() > 1
    };
    whole(&|_| true) || whole(&|day| first < day && day < last)
}

/// Lists the records that a side has more of than the other, beside one that was repeated.
fn list_excess<'g>(
    earlier: &[LedgerRecord<'_>],
    later: &[LedgerRecord<'_>],
    groups: impl Iterator<Item = &'g [Vec<usize>; 2]>,
    matched: &[Vec<bool>; 2],
    out: &mut Overlap,
) {
    for [left, right] in groups {
        let repeated = left.iter().find(|at| matched[0][**at]);
        let Some(repeated) = repeated else { continue };
        for at in right.iter().filter(|at| !matched[1][**at]) {
            if likeness(&earlier[*repeated], &later[*at]).is_some() {
                out.possible.push((*repeated, *at, MORE));
            }
        }
        let Some(twin) = right.iter().find(|at| matched[1][**at]) else { continue };
        for at in left.iter().filter(|at| !matched[0][**at]) {
            if likeness(&earlier[*at], &later[*twin]).is_some() {
                out.possible.push((*at, *twin, MORE));
            }
        }
    }
}

/// Whether a reference, folded, is more than a word of the business.
fn tells_apart(reference: &str) -> bool {
    reference.len() > 3 && reference.bytes().any(|byte| byte.is_ascii_digit())
}

/// One record of a source that was corrected, or of its correction.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Reissued<'a> {
    /// The account whose record it is; for a list its sender.
    pub account: u32,
    /// For a list its receiver, else the account again.
    pub other: u32,
    /// Civil day, days since 1970.
    pub day: i32,
    /// Reference as found.
    pub reference: &'a str,
}

/// What a record and its successor have in common: account, day and reference.
type SuccessorKey = (u32, i32, String);

/// Successors of the records of a corrected source: index of the older record and of the one that
/// takes its place, ascending. Both sides in order of lines.
///
/// A successor has the same account and reference, the k-th for the k-th; where either has no
/// reference, the same account, day and position among such records of the day. Each record
/// succeeds one and is succeeded by one. Cost: sorting.
pub fn successors(older: &[Reissued<'_>], newer: &[Reissued<'_>]) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    let mut taken = [vec![false; older.len()], vec![false; newer.len()]];
    let by_reference = |account: fn(&Reissued<'_>) -> u32| {
        move |record: &Reissued<'_>| {
            let reference = folded(record.reference);
            (!reference.is_empty()).then(|| (account(record), i32::MIN, reference))
        }
    };
    let by_place = |record: &Reissued<'_>| Some((record.account, record.day, String::new()));
    let mut join = |key: &dyn Fn(&Reissued<'_>) -> Option<SuccessorKey>, bare: bool| {
        let mut places: BTreeMap<_, [Vec<usize>; 2]> = BTreeMap::new();
        for (side, records) in [older, newer].into_iter().enumerate() {
            for (at, record) in records.iter().enumerate().filter(|(at, _)| !taken[side][*at]) {
                if let Some(key) = key(record) {
                    places.entry(key).or_default()[side].push(at);
                }
            }
        }
        for [left, right] in places.into_values() {
            for (one, other) in left.into_iter().zip(right) {
                // Two references that differ are of two records, whatever their position.
                let stated = !older[one].reference.is_empty() && !newer[other].reference.is_empty();
                if !(bare && stated) {
                    taken[0][one] = true;
                    taken[1][other] = true;
                    pairs.push((one, other));
                }
            }
        }
    };
    join(&by_reference(|record| record.account), false);
    join(&by_reference(|record| record.other), false);
    join(&by_place, true);
    pairs.sort_unstable();
    pairs
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Day, amount, balance, reference, description.
    type Row = (i32, i64, Option<i64>, &'static str, &'static str);

    fn records(rows: &[Row]) -> Vec<LedgerRecord<'static>> {
        let record = |row: &Row| LedgerRecord {
            day: row.0,
            what: (row.1, *b"USD", 1, 1),
            time_ms: None,
            balance_minor: row.2,
            reference: row.3,
            description: row.4,
        };
        rows.iter().map(record).collect()
    }

    #[track_caller]
    fn check(
        earlier: &[Row],
        later: &[Row],
        repeats: &[(usize, usize)],
        possible: &[(usize, usize)],
    ) {
        let found = overlap(&records(earlier), &records(later));
        let plain = |pairs: &[(usize, usize, &str)]| -> Vec<(usize, usize)> {
            pairs.iter().map(|pair| (pair.0, pair.1)).collect()
        };
        assert_eq!(
            (plain(&found.repeats), plain(&found.possible)),
            (repeats.to_vec(), possible.to_vec())
        );
    }

    #[test]
    fn what_is_worded_or_corrected_anew_is_listed() {
        // The last day of one statement is the first of the next, which words it otherwise.
        let january = [(1, -5, None, "", "METRO CARD"), (2, -50, None, "", "RENT")];
        let february = [(2, -50, None, "", "RENT PAYMENT TO QUAY"), (3, -7, None, "", "METRO")];
        check(&january, &february, &[], &[(1, 0)]);
        // Two balances, or two references, are of two records.
        let one = [(2, -50, Some(20), "", "RENT")];
        check(&one, &[(2, -50, Some(70), "", "QUAY")], &[], &[]);
        check(&[(2, -50, None, "A101", "RENT")], &[(2, -50, None, "A102", "QUAY")], &[], &[]);
        // A reissue that nobody declared.
        let old = [(1, -5, Some(95), "R101", "METRO"), (2, -50, Some(45), "R102", "RENT")];
        let new = [(1, -5, Some(95), "R101", "METRO"), (2, -500, Some(-405), "R102", "RENT")];
        check(&old, &new, &[(0, 0)], &[(1, 1)]);
    }

    #[test]
    fn the_same_rows_in_another_export_are_repeats() {
        let one = [(1, -5, None, "", "METRO"), (2, -9, None, "", "RENT"), (3, 7, None, "", "WAGE")];
        check(&one, &one, &[(0, 0), (1, 1), (2, 2)], &[]);
        // The other format states no description.
        let bare = [(1, -5, None, "", ""), (2, -9, None, "", ""), (3, 7, None, "", "")];
        check(&one, &bare, &[(0, 0), (1, 1), (2, 2)], &[]);
    }

    #[test]
    fn equal_rows_are_counted_on_both_sides() {
        let twice =
            [(1, -5, None, "", "METRO"), (1, -5, None, "", "METRO"), (2, -9, None, "", "RENT")];
        check(&twice, &twice, &[(0, 0), (1, 1), (2, 2)], &[]);
        let balances = [
            (1, -5, Some(95), "", "METRO"),
            (1, -5, Some(90), "", "METRO"),
            (2, -9, Some(81), "", ""),
        ];
        check(&balances, &balances[..1], &[(0, 0)], &[]);
        let once = [(1, -5, None, "A100", ""), (2, -9, None, "A102", "")];
        let more =
            [(1, -5, None, "A100", ""), (1, -5, None, "A100", ""), (2, -9, None, "A102", "")];
        check(&once, &more, &[(0, 0), (1, 2)], &[(0, 1)]);
    }

    #[test]
    fn without_a_balance_or_a_reference_the_whole_stretch_decides() {
        let one = [(1, -5, None, "", "METRO"), (2, -9, None, "", "RENT"), (3, 7, None, "", "WAGE")];
        let other =
            [(1, -5, None, "", "METRO"), (2, -4, None, "", "FEE"), (3, 7, None, "", "WAGE")];
        check(&one, &other, &[], &[(0, 0), (2, 2)]);
        // A single row on the one day that both share is in doubt.
        check(&one[..1], &one[..1], &[], &[(0, 0)]);
        // The days at the ends may be cut.
        let long = [
            (1, -5, None, "", "A"),
            (2, -9, None, "", "B"),
            (3, -1, None, "", "C"),
            (4, 2, None, "", "D"),
        ];
        let cut = [
            (2, -9, None, "", "B"),
            (3, -1, None, "", "C"),
            (4, 2, None, "", "D"),
            (4, 3, None, "", "E"),
        ];
        check(&long, &cut, &[(1, 0), (2, 1), (3, 2)], &[]);
    }

    #[test]
    fn what_differs_is_two_records() {
        check(&[(1, -5, Some(95), "", "X")], &[(1, -5, Some(90), "", "X")], &[], &[]);
        check(&[(1, -5, None, "A100", "X")], &[(1, -5, None, "A101", "X")], &[], &[]);
        check(&[(1, -5, None, "", "METRO")], &[(1, -5, None, "", "PARKING")], &[], &[(0, 0)]);
        check(&[(1, -5, None, "", "METRO")], &[(2, -5, None, "", "METRO")], &[], &[]);
    }

    #[track_caller]
    fn check_reissue(
        older: &[(u32, i32, &'static str)],
        newer: &[(u32, i32, &'static str)],
        pairs: &[(usize, usize)],
    ) {
        let records = |rows: &[(u32, i32, &'static str)]| -> Vec<Reissued<'static>> {
            let record = |row: &(u32, i32, &'static str)| Reissued {
                account: row.0,
                other: row.0,
                day: row.1,
                reference: row.2,
            };
            rows.iter().map(record).collect()
        };
        assert_eq!(successors(&records(older), &records(newer)), pairs);
    }

    #[test]
    fn a_reissue_takes_the_place_of_what_it_corrects() {
        check_reissue(
            &[(1, 10, "A1"), (1, 10, "A2")],
            &[(1, 11, "A2"), (1, 10, "A1")],
            &[(0, 1), (1, 0)],
        );
        check_reissue(&[(1, 10, "A1")], &[(2, 10, "A1")], &[]);
        check_reissue(&[(1, 10, "A1")], &[(1, 10, "A9")], &[]);
        check_reissue(
            &[(1, 10, ""), (1, 10, ""), (1, 11, "")],
            &[(1, 10, ""), (1, 11, "")],
            &[(0, 0), (2, 1)],
        );
        check_reissue(&[(1, 10, "")], &[(1, 10, "A1")], &[(0, 0)]);
        check_reissue(&[(1, 10, "A1"), (1, 12, "A1")], &[(1, 10, "A1")], &[(0, 0)]);
    }

    proptest! {
        #[test]
        fn each_record_is_one_repeat_at_most_and_equal_sources_repeat_whole(
            rows in prop::collection::vec(
                (0..4_i32, 1..4_i64, prop::option::of(0..3_i64), 0..3_usize), 0..20,
            ),
            cut in 0..20_usize,
        ) {
            let texts = ["", "METRO", "RENT"];
            let mut rows: Vec<Row> =
                rows.into_iter().map(|row| (row.0, row.1, row.2, "", texts[row.3])).collect();
            rows.sort_unstable();
            let all = records(&rows);
            let part = &all[cut.min(all.len())..];
            let found = overlap(&all, part);
            let mut lefts: Vec<usize> = found.repeats.iter().map(|pair| pair.0).collect();
            let mut rights: Vec<usize> = found.repeats.iter().map(|pair| pair.1).collect();
            lefts.sort_unstable();
            rights.sort_unstable();
            lefts.dedup();
            rights.dedup();
            let count = found.repeats.len();
            prop_assert_eq!((lefts.len(), rights.len()), (count, count));
            for (left, right, _) in &found.repeats {
                prop_assert_eq!(all[*left].what, part[*right].what);
            }
            let mut distinct: Vec<_> = all.iter().map(|record| (record.day, record.what)).collect();
            distinct.sort_unstable();
            distinct.dedup();
            if distinct.len() > 1 {
                prop_assert_eq!(overlap(&all, &all).repeats.len(), all.len());
            }
        }
    }
}
