//! Taking an amount from money of several labels by shares, to the minor unit.
//!
//! Only the arithmetic lives here; from what and by which rule is taken is `lots`' and `pools`'.

/// Money of one traced label: the label, from 1, and minor units, positive.
pub type Part = (u32, i64);

/// Writes into `shares` what a taking of `wanted` takes from each of `parts`, where `untraced`
/// minor units of label 0 stand beside them: the floor of its share each, the units that remain to
/// the largest remainders, ties to the lowest label. What is left of `wanted` is taken from label
/// 0. Never more of a label than there is. Cost: linear, and a sort of the remainders.
///
/// # Panics
///
/// If `wanted` is negative or more than there is.
pub fn shares(wanted: i64, untraced: i64, parts: &[Part], shares: &mut Vec<i64>) {
    let total = untraced + parts.iter().map(|(_, minor)| minor).sum::<i64>();
    assert!((0..=total).contains(&wanted), "{wanted} is taken from {total}");
    shares.clear();
    if wanted == total {
        shares.extend(parts.iter().map(|(_, minor)| *minor));
        return;
    }
    let share = |part: i64| {
        if let Some(product) = wanted.checked_mul(part) {
            return (product / total, product % total);
        }
        let product = i128::from(wanted) * i128::from(part);
        let total = i128::from(total);
        ((product / total) as i64, (product % total) as i64)
    };
    if let [(_, part)] = parts {
        // Two remainders that are not zero sum to the total; equal ones go to label 0.
        let (floor, remainder) = share(*part);
        shares.push(floor + i64::from(remainder > total - remainder));
        return;
    }
    let (floor, remainder) = share(untraced);
    let mut left = wanted - floor;
    let mut remainders = vec![(remainder, 0)];
    for (at, (_, part)) in parts.iter().enumerate() {
        let (floor, remainder) = share(*part);
        left -= floor;
        shares.push(floor);
        if remainder > 0 {
            remainders.push((remainder, at + 1));
        }
    }
    remainders.sort_unstable_by(|one, other| other.0.cmp(&one.0).then(one.1.cmp(&other.1)));
    for (_, at) in remainders.iter().take(left as usize) {
        if *at > 0 {
            shares[at - 1] += 1;
        }
    }
}

/// Adds a part to parts in order of label.
#[inline]
pub fn add(parts: &mut Vec<Part>, label: u32, minor: i64) {
    if minor == 0 {
        return;
    }
    if parts.last().is_none_or(|(last, _)| *last < label) {
        parts.push((label, minor));
        return;
    }
    match parts.binary_search_by_key(&label, |(label, _)| *label) {
        Ok(at) => parts[at].1 += minor,
        Err(at) => parts.insert(at, (label, minor)),
    }
}

/// Takes `taken` from the parts they were computed from and leaves out what is used up.
#[inline]
pub fn subtract(parts: &mut Vec<Part>, taken: &[i64]) {
    for (part, taken) in parts.iter_mut().zip(taken) {
        part.1 -= taken;
    }
    parts.retain(|(_, minor)| *minor > 0);
}

/// Sum of the traced parts, minor units.
#[inline]
pub fn traced(parts: &[Part]) -> i64 {
    parts.iter().map(|(_, minor)| minor).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(wanted: i64, untraced: i64, parts: &[i64], expected: &[i64]) {
        let labelled: Vec<Part> = (1..).zip(parts.iter().copied()).collect();
        let mut taken = Vec::new();
        shares(wanted, untraced, &labelled, &mut taken);
        assert_eq!(taken, expected);
    }

    #[test]
    fn remaining_units_go_to_the_largest_remainders_and_then_the_lowest_labels() {
        check(10, 0, &[10, 10, 10], &[4, 3, 3]); // Three equal remainders: the lowest label.
        check(1, 1, &[1], &[0]); // Equal remainders: label 0 is the lowest.
        check(2, 1, &[2], &[1]);
        check(2, 1, &[1, 1], &[1, 0]);
        check(0, 5, &[5], &[0]);
        check(10, 5, &[5], &[5]);
        check(i64::MAX / 2, 1, &[i64::MAX - 1], &[i64::MAX / 2]);
    }

    proptest! {
        #[test]
        fn shares_sum_and_lie_within_one_unit_of_the_exact_ones(
            untraced in 0..50_i64,
            parts in prop::collection::vec(1..50_i64, 1..6),
            part in 0.0..1.0_f64,
        ) {
            let labelled: Vec<Part> = (1..).zip(parts).collect();
            let total = untraced + traced(&labelled);
            let wanted = (total as f64 * part) as i64;
            let mut taken = Vec::new();
            shares(wanted, untraced, &labelled, &mut taken);
            let of_untraced = wanted - taken.iter().sum::<i64>();
            prop_assert!((0..=untraced).contains(&of_untraced));
            for ((_, part), taken) in labelled.iter().zip(&taken) {
                prop_assert!(taken <= part && (taken * total - wanted * part).abs() < total);
            }
        }
    }
}
