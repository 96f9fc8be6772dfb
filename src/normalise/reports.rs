//! Reports beside a statement: which of their records the statement repeats.
//!
//! Answers: of the records that a bank reported within the day or by notice (MT942, camt.052,
//! camt.054), which stand again in the statement of the account (MT940, camt.053)? All records
//! here are of one account, one signed amount and one currency. Two that share a reference are
//! one, and so are two without one that agree on booking day, value date and words. A record of
//! the statement stands for one record of a report at most. What fits as well another way round
//! is handed back as a tie, and what only might be one as well.
//!
//! Which records stand on reports is the loader's to know.

use std::collections::BTreeMap;

/// A record as a report or a statement states it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ReportRecord<'a> {
    /// Civil day of booking, days since 1970.
    pub day: i32,
    /// Value date, where stated.
    pub value_day: Option<i32>,
    /// References as found, joined by `; `.
    pub reference: &'a str,
    /// Description as found.
    pub description: &'a str,
}

/// What became of the records of one report, by index into either side; ascending.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Reported {
    /// Record of the report, record of the statement that repeats it, and why.
    pub repeats: Vec<(usize, usize, &'static str)>,
    /// Pairs that may be one record and are both kept, with the reason.
    pub open: Vec<(usize, usize, &'static str)>,
}

const REFERENCE: &str =
    "the account's statement repeats the report: equal reference, amount and value date";
const EQUAL: &str = "the account's statement repeats the report: equal amount, days and words";
const TIED: &str = "a report and the account's statement: several records fit as well";
const WEAK: &str =
    "a report and the account's statement: equal amount and day, but reference or words differ";

/// Days by which a statement may book later, or earlier, than the report said.
pub(crate) const LATE_DAYS_MAX: i32 = 3;
/// Records of one amount on both sides, multiplied, beyond which only equal ones are paired.
const PAIRS_MAX: usize = 250_000;
/// Letters up to which a description may be cut and still be that description.
const CUT_MIN: usize = 12;

/// A record with its texts as they are compared.
struct Face {
    day: i32,
    value_day: Option<i32>,
    references: Vec<String>,
    words: String,
}

/// How well two records fit: what ties them for certain, or that they only may be one.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Fit {
    Weak,
    Equal(i32),
    Reference(i32),
}

/// Sets the records of a report against those of the statements of its account, both in order of
/// place.
///
/// Cost: sorting, and the product of both sides for what is not equal in everything.
pub fn repeated_in_statement(
    report: &[ReportRecord<'_>],
    statement: &[ReportRecord<'_>],
) -> Reported {
    let sides = [report, statement].map(|side| side.iter().map(face).collect::<Vec<Face>>());
    let mut found = Reported::default();
    let mut free = [vec![true; report.len()], vec![true; statement.len()]];
    pair_equal(&sides, &mut free, &mut found);
    let left = |side: usize, free: &[Vec<bool>; 2]| -> Vec<usize> {
        (0..free[side].len()).filter(|at| free[side][*at]).collect()
    };
    if left(0, &free).len().saturating_mul(left(1, &free).len()) <= PAIRS_MAX {
        pair_best(&sides, &mut free, &mut found);
        list_open(&sides, &free, &mut found);
    }
    found.repeats.sort_unstable();
    found.open.sort_unstable();
    found
}

/// References as they are compared, of those long enough to tell one payment from another;
/// ascending, each once.
pub(crate) fn telling_references(found: &str) -> Vec<String> {
    let mut references: Vec<String> =
        found.split("; ").map(folded).filter(|one| tells(one)).collect();
    references.sort_unstable();
    references.dedup();
    references
}

fn tells(reference: &str) -> bool {
    reference.len() > 3 && reference.bytes().any(|byte| byte.is_ascii_digit())
}

fn face(record: &ReportRecord<'_>) -> Face {
    let mut references: Vec<String> =
        record.reference.split("; ").map(folded).filter(|one| !one.is_empty()).collect();
    references.sort_unstable();
    references.dedup();
    let ReportRecord { day, value_day, .. } = *record;
    Face { day, value_day, references, words: folded(record.description) }
}

/// Letters and digits in upper case: a bank's two messages may differ in spaces and marks.
fn folded(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

/// How two records fit; `None` when something that both state says that they are two.
fn fit(one: &Face, other: &Face) -> Option<Fit> {
    let late = one.day.abs_diff(other.day);
    let same_value = match (one.value_day, other.value_day) {
        (Some(one), Some(other)) if one != other => return None,
        (one, other) => one.is_some() && other.is_some(),
    };
    let closeness = LATE_DAYS_MAX - i32::try_from(late).unwrap_or(i32::MAX);
    if closeness < 0 {
        return None;
    }
    let cut = one.words.len().min(other.words.len()) >= CUT_MIN
        && (one.words.starts_with(&other.words) || other.words.starts_with(&one.words));
    let alike = one.words == other.words || cut;
    let mut telling = one.references.iter().filter(|one| tells(one));
    let shared = telling.any(|one| other.references.contains(one));
    if shared {
        return Some(Fit::Reference(closeness + 4 * i32::from(alike)));
    }
    if !one.references.is_empty() && !other.references.is_empty() {
        // Other references of one bank are of another payment, unless the two are kinds of their
        // own: that is for a person to see.
        return (late == 0 && alike && !one.words.is_empty()).then_some(Fit::Weak);
    }
    let silent = one.words.is_empty() || other.words.is_empty();
    let certain = if same_value { alike || silent } else { alike && !silent };
    match (late, certain) {
        (0, true) => Some(Fit::Equal(i32::from(alike))),
        (0, false) => Some(Fit::Weak),
        (_, _) => None,
    }
}

/// Pairs records that are equal in all that is compared and as many on both sides.
fn pair_equal(sides: &[Vec<Face>; 2], free: &mut [Vec<bool>; 2], found: &mut Reported) {
    let mut groups: BTreeMap<_, [Vec<usize>; 2]> = BTreeMap::new();
    for (side, faces) in sides.iter().enumerate() {
        for (at, one) in faces.iter().enumerate() {
            let key = (one.day, one.value_day, &one.references, &one.words);
            groups.entry(key).or_default()[side].push(at);
        }
    }
    for [left, right] in groups.into_values() {
        let certain = left.first().zip(right.first()).and_then(|(one, other)| {
            fit(&sides[0][*one], &sides[1][*other]).filter(|fit| *fit != Fit::Weak)
        });
        if let Some(fit) = certain.filter(|_| left.len() == right.len()) {
            for (one, other) in left.into_iter().zip(right) {
                take(one, other, fit, free, found);
            }
        }
    }
}

fn take(one: usize, other: usize, fit: Fit, free: &mut [Vec<bool>; 2], found: &mut Reported) {
    (free[0][one], free[1][other]) = (false, false);
    let why = if matches!(fit, Fit::Reference(_)) { REFERENCE } else { EQUAL };
    found.repeats.push((one, other, why));
}

/// The best fit of each free record of a side, and every free one of the other side that has it.
fn best(
    sides: &[Vec<Face>; 2],
    free: &[Vec<bool>; 2],
    side: usize,
    at: usize,
) -> Option<(Fit, Vec<usize>)> {
    let mut top: Option<(Fit, Vec<usize>)> = None;
    for other in (0..free[1 - side].len()).filter(|other| free[1 - side][*other]) {
        let one = fit(&sides[side][at], &sides[1 - side][other]);
        let Some(one) = one.filter(|one| *one != Fit::Weak) else { continue };
        match &mut top {
            Some((best, all)) if *best == one => all.push(other),
            Some((best, _)) if *best > one => {}
            _ => top = Some((one, vec![other])),
        }
    }
    top
}

/// Pairs records that are each other's only best fit, until there is none.
fn pair_best(sides: &[Vec<Face>; 2], free: &mut [Vec<bool>; 2], found: &mut Reported) {
    loop {
        let mut pairs = Vec::new();
        for one in (0..free[0].len()).filter(|one| free[0][*one]) {
            let Some((fit, others)) = best(sides, free, 0, one) else { continue };
            if let [other] = others.as_slice()
                && best(sides, free, 1, *other).is_some_and(|(_, back)| back == [one])
            {
                pairs.push((one, *other, fit));
            }
        }
        if pairs.is_empty() {
            return;
        }
        for (one, other, fit) in pairs {
            take(one, other, fit, free, found);
        }
    }
}

/// Lists what may be one: ties, and pairs that only their amount and day join.
fn list_open(sides: &[Vec<Face>; 2], free: &[Vec<bool>; 2], found: &mut Reported) {
    for one in (0..free[0].len()).filter(|one| free[0][*one]) {
        for other in (0..free[1].len()).filter(|other| free[1][*other]) {
            match fit(&sides[0][one], &sides[1][other]) {
                None => {}
                Some(Fit::Weak) => found.open.push((one, other, WEAK)),
                Some(_) => found.open.push((one, other, TIED)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Day, value date, references, description.
    type Row = (i32, Option<i32>, &'static str, &'static str);

    fn records(rows: &[Row]) -> Vec<ReportRecord<'static>> {
        let record = |row: &Row| ReportRecord {
            day: row.0,
            value_day: row.1,
            reference: row.2,
            description: row.3,
        };
        rows.iter().map(record).collect()
    }

    #[track_caller]
    fn check(
        report: &[Row],
        statement: &[Row],
        repeats: &[(usize, usize)],
        open: &[(usize, usize)],
    ) {
        let found = repeated_in_statement(&records(report), &records(statement));
        let plain = |pairs: &[(usize, usize, &str)]| -> Vec<(usize, usize)> {
            pairs.iter().map(|pair| (pair.0, pair.1)).collect()
        };
        assert_eq!((plain(&found.repeats), plain(&found.open)), (repeats.to_vec(), open.to_vec()));
    }

    #[test]
    fn a_reference_decides_also_where_the_statement_books_later() {
        check(&[(1, Some(1), "E2E-771", "A")], &[(2, Some(1), "B0; E2E-771", "")], &[(0, 0)], &[]);
        check(&[(1, Some(1), "E2E-771", "")], &[(9, Some(1), "E2E-771", "")], &[], &[]);
        check(&[(1, Some(1), "E2E-771", "")], &[(1, Some(2), "E2E-771", "")], &[], &[]);
        check(&[(1, Some(1), "E2E-771", "A")], &[(1, Some(1), "E2E-772", "B")], &[], &[]);
        // Of two that hold it, the one of the day.
        let both = [(1, None, "E2E-771", ""), (2, None, "E2E-771", "")];
        check(&both[1..], &both, &[(0, 1)], &[]);
    }

    #[test]
    fn without_a_reference_amount_days_and_words_must_agree() {
        check(&[(1, Some(1), "", "RENT")], &[(1, Some(1), "", "RENT")], &[(0, 0)], &[]);
        check(&[(1, Some(1), "", "")], &[(1, Some(1), "B77", "RENT")], &[(0, 0)], &[]);
        check(&[(1, None, "", "RENT")], &[(1, None, "", "FARE")], &[], &[(0, 0)]);
        check(&[(1, None, "", "")], &[(1, None, "", "")], &[], &[(0, 0)]);
        check(&[(1, Some(1), "", "RENT")], &[(2, Some(1), "", "RENT")], &[], &[]);
        check(&[(1, Some(1), "A771", "RENT")], &[(1, Some(1), "B772", "RENT")], &[], &[(0, 0)]);
    }

    #[test]
    fn equal_records_pair_in_order_and_a_choice_is_a_tie() {
        let two = [(1, Some(1), "", "FARE"), (1, Some(1), "", "FARE")];
        check(&two, &two, &[(0, 0), (1, 1)], &[]);
        check(&two[..1], &two, &[], &[(0, 0), (0, 1)]);
        check(&two, &two[..1], &[], &[(0, 0), (1, 0)]);
        // The one without words fits both.
        let told = [(1, Some(1), "", "FARE"), (1, Some(1), "", "RENT")];
        check(&[(1, Some(1), "", "")], &told, &[], &[(0, 0), (0, 1)]);
    }

    proptest! {
        #[test]
        fn each_record_is_paired_once_and_a_report_that_is_the_statement_is_repeated_whole(
            rows in prop::collection::vec((0..4_i32, 0..4_usize, 0..3_usize), 0..12),
            cut in 0..12_usize,
        ) {
            let (references, words) = (["", "E2E-771", "E2E-772", "B900"], ["", "FARE", "RENT"]);
            let rows: Vec<Row> = rows
                .into_iter()
                .map(|(day, one, other)| (day, Some(day), references[one], words[other]))
                .collect();
            let all = records(&rows);
            let found = repeated_in_statement(&all[..cut.min(all.len())], &all);
            let once = |pick: &dyn Fn(&(usize, usize, &str)) -> usize| {
                let mut side: Vec<usize> = found.repeats.iter().map(pick).collect();
                side.sort_unstable();
                side.windows(2).all(|pair| pair[0] != pair[1])
            };
            prop_assert!(once(&|pair| pair.0) && once(&|pair| pair.1));
            prop_assert_eq!(repeated_in_statement(&all, &all).repeats.len(), all.len());
        }
    }
}
