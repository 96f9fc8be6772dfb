//! Payments that one source lists singly and another books in one sum.
//!
//! Answers: which record of an account is the sum of records that another message of its bank
//! lists one by one, as a statement books a batch of three payments and a notice (camt.054) names
//! them? All records here are of one account, one direction and one currency. The parts are those
//! of one entry of their source, or all of a source that share a reference with the sum; their
//! amounts must come to it exactly. A shared reference ties the two, and of an entry also the
//! booking day with the value date, where neither side says otherwise. What fits another way as
//! well is handed back as a tie, and what only might be one too.
//!
//! Which sources may say the same is the loader's to know.

use std::collections::{BTreeMap, BTreeSet};

use crate::normalise::{LATE_DAYS_MAX, ReportRecord, telling_references};

/// A record that may stand for several.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SumRecord<'a> {
    /// What is compared of it.
    pub record: ReportRecord<'a>,
    /// Minor units, positive.
    pub amount_minor: i64,
    /// How many payments it was booked for, where stated.
    pub payments: Option<u32>,
    /// The other end, where it names one.
    pub far: Option<u32>,
}

/// A record that may be one of several that were booked together.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PartRecord<'a> {
    /// What is compared of it.
    pub record: ReportRecord<'a>,
    /// Minor units, positive.
    pub amount_minor: i64,
    /// Number of the entry of its source that it is a part of.
    pub entry: Option<u32>,
    /// The other end.
    pub far: u32,
}

/// What became of the records of one source, by index into sums and parts; ascending.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct BookedSums {
    /// A sum, its parts, and why they are it. No part stands in two.
    pub booked: Vec<(usize, Vec<usize>, &'static str)>,
    /// A sum and what may be its parts, all kept, with the reason.
    pub open: Vec<(usize, Vec<usize>, &'static str)>,
}

/// How much must tie the two.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Tie {
    /// A reference that both state.
    Reference,
    /// Else equal days will do.
    Days,
}

const REFERENCE: &str = "the entry books these payments in one sum: it has their reference";
const DAYS: &str =
    "the entry books these payments in one sum: equal sum, booking day and value date";
const TIED: &str = "several payments and an entry of their sum: others fit as well";
const WEAK: &str = "several payments and an entry of their sum: nothing else ties them for certain";

/// Pairs of a sum and a group beyond which a reference alone ties them.
const PAIRS_MAX: usize = 250_000;

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Fit {
    Weak,
    Days,
    Reference(i32),
}

/// Parts that belong together, and what all of them state.
struct Group {
    parts: Vec<usize>,
    sum: i64,
    /// They are the whole of one entry.
    entry: bool,
    days: (i32, i32),
    value_day: Option<i32>,
    references: Vec<String>,
    far: Option<u32>,
}

/// Sets what `parts`, records of one source, come to against `sums`, both in order of place.
///
/// Cost: sorting, and for each group of parts the sums of its amount.
pub fn booked_in_sums(sums: &[SumRecord<'_>], parts: &[PartRecord<'_>], tie: Tie) -> BookedSums {
    let mut found = BookedSums::default();
    let mut of_amount: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    let references: Vec<Vec<String>> =
        sums.iter().map(|one| telling_references(one.record.reference)).collect();
    for (at, one) in sums.iter().enumerate() {
        of_amount.entry(one.amount_minor).or_default().push(at);
    }
    let wanted: BTreeSet<&String> = references.iter().flatten().collect();
    let groups = groups(parts, &wanted);
    let mut pairs: Vec<(Fit, usize, usize)> = Vec::new();
    for (number, group) in groups.iter().enumerate() {
        for at in of_amount.get(&group.sum).into_iter().flatten() {
            let fit = fit(group, &sums[*at], &references[*at]);
            pairs.extend(fit.map(|fit| (fit, number, *at)));
        }
    }
    if pairs.len() > PAIRS_MAX {
        pairs.retain(|pair| pair.0 > Fit::Days);
    }
    pair_best(&groups, &mut pairs, tie, &mut found);
    for (fit, group, sum) in pairs {
        let why = if fit == Fit::Weak { WEAK } else { TIED };
        found.open.push((sum, groups[group].parts.clone(), why));
    }
    found.booked.sort_unstable();
    found.open.sort_unstable();
    found.open.dedup_by(|one, other| (one.0, &one.1) == (other.0, &other.1));
    found
}

/// The parts of each entry, and those that share each reference that a sum has.
fn groups(parts: &[PartRecord<'_>], wanted: &BTreeSet<&String>) -> Vec<Group> {
    let references: Vec<Vec<String>> =
        parts.iter().map(|one| telling_references(one.record.reference)).collect();
    let mut of_entry: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    let mut of_reference: BTreeMap<&String, Vec<usize>> = BTreeMap::new();
    for (at, one) in parts.iter().enumerate() {
        if let Some(entry) = one.entry {
            of_entry.entry(entry).or_default().push(at);
        }
        for reference in references[at].iter().filter(|one| wanted.contains(one)) {
            of_reference.entry(reference).or_default().push(at);
        }
    }
    let mut seen: BTreeSet<Vec<usize>> = BTreeSet::new();
    let entries = of_entry.into_values().map(|parts| (parts, true));
    let all = entries.chain(of_reference.into_values().map(|parts| (parts, false)));
    all.filter(|(of_group, _)| of_group.len() > 1 && seen.insert(of_group.clone()))
        .filter_map(|(of_group, entry)| group(parts, &references, of_group, entry))
        .collect()
}

fn group(
    parts: &[PartRecord<'_>],
    references: &[Vec<String>],
    of_group: Vec<usize>,
    entry: bool,
) -> Option<Group> {
    let of = || of_group.iter().map(|at| &parts[*at]);
    let first = of().next()?;
    let sum = of().try_fold(0_i64, |sum, one| sum.checked_add(one.amount_minor))?;
    let mut shared = references[of_group[0]].clone();
    shared.retain(|one| of_group.iter().all(|at| references[*at].contains(one)));
    Some(Group {
        sum,
        entry,
        days: (of().map(|one| one.record.day).min()?, of().map(|one| one.record.day).max()?),
        value_day: first
            .record
            .value_day
            .filter(|day| of().all(|one| one.record.value_day == Some(*day))),
        references: shared,
        far: Some(first.far).filter(|far| of().all(|one| one.far == *far)),
        parts: of_group,
    })
}

/// How a sum fits a group that comes to it; `None` when their days say that they are two.
fn fit(group: &Group, sum: &SumRecord<'_>, references: &[String]) -> Option<Fit> {
    let day = sum.record.day;
    let late = day.abs_diff(group.days.0).max(day.abs_diff(group.days.1));
    let closeness = LATE_DAYS_MAX - i32::try_from(late).unwrap_or(i32::MAX);
    if closeness < 0 {
        return None;
    }
    let same_value = match (group.value_day, sum.record.value_day) {
        (Some(one), Some(other)) if one != other => return None,
        (one, other) => one.is_some() && other.is_some(),
    };
    let counted = sum.payments.is_none_or(|count| count as usize == group.parts.len());
    let same_far = sum.far.is_none_or(|far| group.far == Some(far));
    if !counted || !same_far {
        return (late == 0).then_some(Fit::Weak);
    }
    if references.iter().any(|one| group.references.contains(one)) {
        return Some(Fit::Reference(closeness));
    }
    let silent = references.is_empty() || group.references.is_empty();
    match late {
        0 if same_value && silent && group.entry => Some(Fit::Days),
        0 => Some(Fit::Weak),
        _ => None,
    }
}

/// Takes sums and groups that are each other's only best fit, until there is none; what is taken
/// leaves `pairs`, and so does what shares a part with it.
fn pair_best(
    groups: &[Group],
    pairs: &mut Vec<(Fit, usize, usize)>,
    tie: Tie,
    found: &mut BookedSums,
) {
    let least = if tie == Tie::Reference { Fit::Reference(0) } else { Fit::Days };
    // Groups that share parts are readings of the same payments, of which one holds at most.
    let mut of_part: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut of_sum: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, (_, group, sum)) in pairs.iter().enumerate() {
        of_sum.entry(*sum).or_default().push(at);
        for part in &groups[*group].parts {
            of_part.entry(*part).or_default().push(at);
        }
    }
    let against = |at: usize| {
        let (_, group, sum) = pairs[at];
        let of_parts = groups[group].parts.iter().flat_map(|part| &of_part[part]);
        of_sum[&sum].iter().chain(of_parts).copied().filter(move |other| *other != at)
    };
    let mut open = vec![true; pairs.len()];
    loop {
        let before = found.booked.len();
        for at in 0..pairs.len() {
            let (fit, group, sum) = pairs[at];
            let best = open[at] && fit >= least;
            if !best || against(at).any(|other| open[other] && pairs[other].0 >= fit) {
                continue;
            }
            let why = if matches!(fit, Fit::Reference(_)) { REFERENCE } else { DAYS };
            found.booked.push((sum, groups[group].parts.clone(), why));
            open[at] = false;
            against(at).for_each(|other| open[other] = false);
        }
        if found.booked.len() == before {
            break;
        }
    }
    let mut open = open.into_iter();
    pairs.retain(|_| open.next() == Some(true));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Day, value date, reference, amount, entry or count.
    type Row = (i32, Option<i32>, &'static str, i64, Option<u32>);

    fn record(row: &Row) -> ReportRecord<'static> {
        ReportRecord { day: row.0, value_day: row.1, reference: row.2, description: "" }
    }

    fn found(sums: &[Row], parts: &[Row], tie: Tie) -> BookedSums {
        let sum = |row: &Row| SumRecord {
            record: record(row),
            amount_minor: row.3,
            payments: row.4,
            far: None,
        };
        let part = |(at, row): (usize, &Row)| PartRecord {
            record: record(row),
            amount_minor: row.3,
            entry: row.4,
            far: at as u32,
        };
        let sums: Vec<SumRecord<'_>> = sums.iter().map(sum).collect();
        let parts: Vec<PartRecord<'_>> = parts.iter().enumerate().map(part).collect();
        booked_in_sums(&sums, &parts, tie)
    }

    #[track_caller]
    fn check(sums: &[Row], parts: &[Row], booked: &[(usize, &[usize])], open: &[usize]) {
        let found = found(sums, parts, Tie::Days);
        let plain: Vec<(usize, &[usize])> =
            found.booked.iter().map(|one| (one.0, one.1.as_slice())).collect();
        let listed: Vec<usize> = found.open.iter().map(|one| one.0).collect();
        assert_eq!((plain.as_slice(), listed.as_slice()), (booked, open));
    }

    const PARTS: [Row; 3] = [
        (1, Some(1), "E2E-1; SVC-771", 200, Some(0)),
        (1, Some(1), "E2E-2; SVC-771", 300, Some(0)),
        (1, Some(1), "E2E-3; SVC-771", 500, Some(0)),
    ];

    #[test]
    fn a_reference_of_all_parts_ties_them_to_their_sum() {
        let all: &[(usize, &[usize])] = &[(0, &[0, 1, 2])];
        check(&[(1, Some(1), "SVC-771", 1_000, None)], &PARTS, all, &[]);
        check(&[(3, Some(1), "SVC-771", 1_000, Some(3))], &PARTS, all, &[]);
        // Records of their own, which nothing but the reference holds together.
        let single = PARTS.map(|one| (one.0, one.1, one.2, one.3, None));
        check(&[(1, None, "SVC-771", 1_000, None)], &single, all, &[]);
        check(&[(1, Some(1), "", 1_000, None)], &single, &[], &[]);
        // One of them alone is no sum, and two of three are not the entry.
        check(&[(1, Some(1), "E2E-1", 200, None)], &PARTS, &[], &[]);
        check(&[(1, Some(1), "SVC-771", 500, None)], &PARTS[..2], all_of(&[0, 1]), &[]);
        check(&[(1, Some(1), "SVC-771", 500, None)], &PARTS, &[], &[]);
    }

    fn all_of(parts: &'static [usize]) -> &'static [(usize, &'static [usize])] {
        Box::leak(Box::new([(0, parts)]))
    }

    #[test]
    fn days_alone_tie_what_was_one_entry_and_what_differs_is_listed() {
        check(&[(1, Some(1), "", 1_000, None)], &PARTS, &[(0, &[0, 1, 2])], &[]);
        check(&[(1, None, "", 1_000, None)], &PARTS, &[], &[0]);
        check(&[(2, Some(1), "", 1_000, None)], &PARTS, &[], &[]);
        check(&[(1, Some(2), "SVC-771", 1_000, None)], &PARTS, &[], &[]);
        check(&[(9, Some(1), "SVC-771", 1_000, None)], &PARTS, &[], &[]);
        check(&[(1, Some(1), "SVC-772", 1_000, None)], &PARTS, &[], &[0]);
        check(&[(1, Some(1), "SVC-771", 1_000, Some(4))], &PARTS, &[], &[0]);
        let by_reference = found(&[(1, Some(1), "", 1_000, None)], &PARTS, Tie::Reference);
        assert_eq!((by_reference.booked.len(), by_reference.open.len()), (0, 1));
    }

    #[test]
    fn two_sums_that_fit_as_well_are_a_tie() {
        let sum: Row = (1, Some(1), "", 1_000, None);
        check(&[sum, sum], &PARTS, &[], &[0, 1]);
        // A reference tells them apart.
        check(&[sum, (1, Some(1), "SVC-771", 1_000, None)], &PARTS, &[(1, &[0, 1, 2])], &[]);
        let twice: Vec<Row> = PARTS
            .iter()
            .copied()
            .chain(PARTS.map(|one| (one.0, one.1, one.2, one.3, Some(1))))
            .collect();
        check(&[sum], &twice, &[], &[0, 0]);
    }

    proptest! {
        #[test]
        fn no_part_stands_in_two_sums_and_each_sum_is_that_of_its_parts(
            parts in prop::collection::vec((0..3_i32, 0..4_usize, 1..4_i64, 0..3_u32), 0..14),
            sums in prop::collection::vec((0..3_i32, 0..4_usize, 2..12_i64), 0..6),
        ) {
            let references = ["", "SVC-771", "SVC-772", "SVC-771; E2E-9"];
            let parts: Vec<Row> = parts
                .into_iter()
                .map(|(day, at, minor, entry)| {
                    (day, Some(1), references[at], minor, Some(entry).filter(|one| *one > 0))
                })
                .collect();
            let sums: Vec<Row> = sums
                .into_iter()
                .map(|(day, at, minor)| (day, Some(1), references[at], minor, None))
                .collect();
            let found = found(&sums, &parts, Tie::Days);
            let mut taken = BTreeSet::new();
            let mut booked = BTreeSet::new();
            for (sum, of_sum, _) in &found.booked {
                prop_assert!(booked.insert(*sum));
                prop_assert!(of_sum.len() > 1 && of_sum.iter().all(|part| taken.insert(*part)));
                let total: i64 = of_sum.iter().map(|part| parts[*part].3).sum();
                prop_assert_eq!(total, sums[*sum].3);
            }
            for (sum, ..) in &found.open {
                prop_assert!(!booked.contains(sum));
            }
        }
    }
}
