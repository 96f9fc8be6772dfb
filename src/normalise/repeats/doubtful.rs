//! Records that may be one though their texts or their amounts differ.
//!
//! Answers: what is left on the days that two sources share, once their repeats are known? Both
//! records are kept; a total that holds both has to say so.

use std::collections::BTreeMap;

use super::{LedgerRecord, Overlap, PAIRS_MAX, folded, tells_apart};

const OTHER_TEXT: &str = "equal in day and amount, the texts differ";
const OTHER_AMOUNT: &str = "equal reference and day, another amount: one may correct the other";

/// Lists what is left on both sides and may be one record that is worded, or was corrected, anew:
/// of one day and amount, or of one day and reference. One of each side at most, in order.
pub(super) fn list_doubtful<'g>(
    earlier: &[LedgerRecord<'_>],
    later: &[LedgerRecord<'_>],
    groups: impl Iterator<Item = &'g [Vec<usize>; 2]>,
    out: &mut Overlap,
) {
    let mut told = [vec![false; earlier.len()], vec![false; later.len()]];
    for (left, right, _) in out.repeats.iter().chain(&out.possible) {
        told[0][*left] = true;
        told[1][*right] = true;
    }
    let mut list = |left: &[usize], right: &[usize], why, fits: &dyn Fn(usize, usize) -> bool| {
        for one in left {
            if told[0][*one] {
                continue;
            }
            if let Some(other) = right.iter().find(|at| !told[1][**at] && fits(*one, **at)) {
                (told[0][*one], told[1][*other]) = (true, true);
                out.possible.push((*one, *other, why));
            }
        }
    };
    for [left, right] in groups.filter(|sides| sides.iter().all(|side| !side.is_empty())) {
        // Whatever either states that the other states otherwise tells of two records.
        let fits = |one: usize, other: usize| {
            let (one, other) = (&earlier[one], &later[other]);
            let references = [folded(one.reference), folded(other.reference)];
            agree(one.balance_minor, other.balance_minor)
                && agree(one.time_ms, other.time_ms)
                && (references.contains(&String::new()) || references[0] == references[1])
        };
        if left.len().saturating_mul(right.len()) <= PAIRS_MAX {
            list(left, right, OTHER_TEXT, &fits);
        } else {
            // Too many to compare each with each: in their order.
            for (one, other) in left.iter().zip(right) {
                list(&[*one], &[*other], OTHER_TEXT, &fits);
            }
        }
    }
    let mut by_reference: BTreeMap<_, [Vec<usize>; 2]> = BTreeMap::new();
    for (side, records) in [earlier, later].into_iter().enumerate() {
        for (at, record) in records.iter().enumerate() {
            let reference = folded(record.reference);
            if tells_apart(&reference) {
                let (_, currency, account, far) = record.what;
                let key = (record.day, reference, currency, account, far);
                by_reference.entry(key).or_default()[side].push(at);
            }
        }
    }
    for [left, right] in by_reference.values() {
        // A reference that several records hold is that of a batch.
        if let ([one], [other]) = (left.as_slice(), right.as_slice()) {
            let differs = |one: usize, other: usize| earlier[one].what.0 != later[other].what.0;
            list(&[*one], &[*other], OTHER_AMOUNT, &differs);
        }
    }
}

fn agree<T: PartialEq>(one: Option<T>, other: Option<T>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    }
}
