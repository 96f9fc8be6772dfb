//! What would make a balance follow that does not: records set aside, repeated, turned round.
//!
//! Arithmetic over the rows between two stated balances, never a verdict. What the records
//! themselves speak for comes first (a rejected record of that amount, a row that stands twice);
//! only where there is none of it, what the figures allow (a sign, two digits, a few rows).

use std::collections::{BTreeSet, HashMap};

use super::chain::Entry;
use super::proof::{Break, BreakKind};
use crate::analyses::{Readings, detail_row};
use crate::error::{Error, Result};
use crate::model::{Amount, Currency, SourceRef, day_text};
use crate::store::{Case, Details, Side};

/// Rows of which every two and three are tried together.
pub(super) const TOGETHER_MAX: usize = 300;
/// More places than this that would explain a difference are chance, and none is named.
const PLACES_MAX: usize = 3;
/// Days by which the other leg of a missing row may be booked apart.
const LEG_DAYS: i32 = 3;

/// One thing that would explain a break.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Explanation {
    /// `rejected`, `repeated`, `pair`, `other-leg`, `sign`, `digits`, `rows`, `missing`,
    /// `statement`, `unheld`.
    pub kind: &'static str,
    /// In plain words.
    pub words: String,
    /// The rows it rests on.
    pub refs: Vec<SourceRef>,
}

/// What explanations are looked for in.
pub(super) struct Explainer<'a> {
    case: &'a Case,
    details: &'a Details,
    /// Transfers that may be a second record of another one, with that one.
    pairs: HashMap<u32, u32>,
    /// Payments that only another's records book, by the account and signed amount looked for.
    legs: HashMap<(u32, Currency, i64), Vec<(i32, SourceRef)>>,
}

impl<'a> Explainer<'a> {
    /// Looks through the transfers once for what `breaks` ask for.
    pub fn new<'b>(
        case: &'a Case,
        breaks: impl Iterator<Item = &'b Break>,
    ) -> Result<Explainer<'a>> {
        let table = case.possible_pairs()?;
        let both = table.transfer.iter().zip(&table.other);
        let pairs = both.flat_map(|(one, other)| [(*one, *other), (*other, *one)]).collect();
        let mut legs: HashMap<(u32, Currency, i64), Vec<(i32, SourceRef)>> = breaks
            .map(|one| ((one.account, one.currency, one.difference_minor), Vec::new()))
            .collect();
        if !legs.is_empty() {
            let (transfers, readings) = (case.transfer_rows()?, Readings::new(case)?);
            for row in 0..transfers.len() as u32 {
                let Amount { minor, currency } = transfers.sent(row);
                for (account, side, signed) in [
                    (transfers.from_account(row), Side::Sender, -minor),
                    (transfers.to_account(row), Side::Receiver, minor),
                ] {
                    let Some(asked) = legs.get_mut(&(account, currency, signed)) else { continue };
                    if readings.of(row).all(|reading| reading.side != side) {
                        asked.push((transfers.day(row), transfers.place(row)));
                    }
                }
            }
        }
        Ok(Explainer { case, details: case.details()?, pairs, legs })
    }

    /// Everything that would explain one break of `chain`, strongest first.
    pub fn explain(&self, found: &Break, chain: &[Entry]) -> Result<Vec<Explanation>> {
        if found.kind == BreakKind::Unheld {
            return Ok(vec![self.unheld(found, chain)]);
        }
        let mut strong = self.rejected(found, chain)?;
        strong.extend(self.repeated(found, chain)?);
        strong.extend(self.paired(found, chain)?);
        strong.extend(self.other_leg(found)?);
        if !strong.is_empty() {
            return Ok(strong);
        }
        let mut weak = self.turned(found, chain)?;
        weak.extend(self.swapped(found, chain)?);
        weak.extend(self.together(found, chain)?);
        if weak.is_empty() {
            weak.push(self.missing(found, chain)?);
        }
        Ok(weak)
    }

    fn money(&self, found: &Break, minor: i64) -> String {
        self.case.manifest().digits.people(Amount { minor, currency: found.currency })
    }

    fn difference(&self, found: &Break) -> String {
        format!("the difference of {}", self.money(found, found.difference_minor))
    }

    /// Rejected records between the balance before and the one that does not follow, which state
    /// the amount.
    fn rejected(&self, found: &Break, chain: &[Entry]) -> Result<Vec<Explanation>> {
        let rejects = self.case.rejects()?;
        let digits = self.case.manifest().digits.of(found.currency);
        let before = found.row_before.map(|row| chain[row].at);
        let rows = &chain[found.rows.0..found.rows.1];
        let places = || rows.iter().map(|row| row.at).chain(before).chain([found.at]);
        let after = chain.get(found.rows.1).map(|row| row.at);
        let sources: BTreeSet<u32> = places().map(|at| at.source).collect();
        let mut explained = Vec::new();
        for source in sources {
            let lines = || places().filter(|at| at.source == source).map(|at| at.line);
            let next = after.filter(|at| at.source == source).map(|at| at.line);
            // A closing balance is cited where its statement begins: what follows its last row
            // belongs to it up to the next row.
            let open = found.kind != BreakKind::Row || before.is_some_and(|at| at.source != source);
            let (first, last) = (lines().min().unwrap_or(0), lines().max().unwrap_or(0));
            let (first, last) = match (open, next) {
                (false, _) => (first, last),
                (true, Some(next)) => (first.min(next), last.max(next)),
                (true, None) => (if before.is_none() { 0 } else { first }, u32::MAX),
            };
            let from = rejects.source.partition_point(|one| *one < source);
            let to = rejects.source.partition_point(|one| *one <= source);
            for row in from..to {
                let inside = (first..=last).contains(&rejects.line[row]) && !rejects.kept[row];
                if inside && states(rejects.raw.get(row), found.difference_minor, digits) {
                    let at = SourceRef { source, line: rejects.line[row] };
                    let words = format!(
                        "{} equals the amount of the rejected record {}",
                        self.difference(found),
                        self.case.place(at)?
                    );
                    explained.push(Explanation { kind: "rejected", words, refs: vec![at] });
                }
            }
        }
        Ok(named(explained))
    }

    /// Rows that stand twice, where one of the two is counted too often.
    fn repeated(&self, found: &Break, chain: &[Entry]) -> Result<Vec<Explanation>> {
        let mut explained = Vec::new();
        let mut told: BTreeSet<SourceRef> = BTreeSet::new();
        for row in self.of_amount(found, chain, -i128::from(found.difference_minor)) {
            let from = chain.partition_point(|other| other.placed < row.placed);
            let to = chain.partition_point(|other| other.placed <= row.placed);
            let twin = chain[from..to].iter().find(|other| {
                other.at != row.at
                    && other.signed_minor == row.signed_minor
                    && self.texts(other.at) == self.texts(row.at)
            });
            let Some(twin) = twin.filter(|twin| !told.contains(&twin.at)) else { continue };
            told.insert(row.at);
            let (first, second) = (twin.at.min(row.at), twin.at.max(row.at));
            let words = format!(
                "{} is that of counting one row twice: {} and {} are equal in day, amount and text",
                self.difference(found),
                self.case.place(first)?,
                self.case.place(second)?
            );
            explained.push(Explanation { kind: "repeated", words, refs: vec![first, second] });
        }
        Ok(named(explained))
    }

    fn texts(&self, at: SourceRef) -> [&str; 3] {
        detail_row(self.details, at).map_or([""; 3], |row| {
            let table = self.details;
            [table.description.get(row), table.counterparty.get(row), table.reference.get(row)]
        })
    }

    fn of_amount<'b>(
        &self,
        found: &Break,
        chain: &'b [Entry],
        signed: i128,
    ) -> impl Iterator<Item = &'b Entry> + use<'b> {
        let rows = chain[found.rows.0..found.rows.1].iter();
        rows.filter(move |row| i128::from(row.signed_minor) == signed)
    }

    /// Rows that may be a second record of a payment that is counted already.
    fn paired(&self, found: &Break, chain: &[Entry]) -> Result<Vec<Explanation>> {
        let transfers = self.case.transfer_rows()?;
        let mut explained = Vec::new();
        for row in self.of_amount(found, chain, -i128::from(found.difference_minor)) {
            let Some(other) = self.pairs.get(&row.transfer) else { continue };
            let twin = transfers.place(*other);
            let words = format!(
                "{} is that of counting one payment twice: {} and {} may be two records of one",
                self.difference(found),
                self.case.place(row.at)?,
                self.case.place(twin)?
            );
            explained.push(Explanation { kind: "pair", words, refs: vec![row.at, twin] });
        }
        Ok(named(explained))
    }

    /// Payments that another account's statement books with this one, and this one does not.
    fn other_leg(&self, found: &Break) -> Result<Vec<Explanation>> {
        let key = (found.account, found.currency, found.difference_minor);
        let first = found.day_before.unwrap_or(i32::MIN).saturating_sub(LEG_DAYS);
        let last = found.day.saturating_add(LEG_DAYS);
        let mut explained = Vec::new();
        for (day, at) in self.legs.get(&key).into_iter().flatten() {
            if !(first..=last).contains(day) {
                continue;
            }
            let words = format!(
                "{} equals a payment that {} books with this account and its own statement does \
                 not",
                self.difference(found),
                self.case.place(*at)?
            );
            explained.push(Explanation { kind: "other-leg", words, refs: vec![*at] });
        }
        Ok(named(explained))
    }

    /// A row that goes the other way: the difference is twice its amount.
    fn turned(&self, found: &Break, chain: &[Entry]) -> Result<Vec<Explanation>> {
        let difference = i128::from(found.difference_minor);
        if difference % 2 != 0 {
            return Ok(Vec::new());
        }
        let mut explained = Vec::new();
        for row in self.of_amount(found, chain, -difference / 2) {
            let words = format!(
                "{} is twice the amount of {}: it would follow if that row went the other way",
                self.difference(found),
                self.case.place(row.at)?
            );
            explained.push(Explanation { kind: "sign", words, refs: vec![row.at] });
        }
        Ok(named(explained))
    }

    /// A row with two neighbouring digits exchanged. A hint: one difference in nine divides by
    /// nine whatever its cause.
    fn swapped(&self, found: &Break, chain: &[Entry]) -> Result<Vec<Explanation>> {
        let mut explained = Vec::new();
        for row in &chain[found.rows.0..found.rows.1] {
            let right = row.signed_minor.checked_add(found.difference_minor);
            let Some(right) = right.filter(|right| exchanged(row.signed_minor, *right)) else {
                continue;
            };
            let words = format!(
                "a hint only: {} would follow if {} were {} in {}, with two neighbouring digits \
                 exchanged",
                self.difference(found),
                self.money(found, row.signed_minor),
                self.money(found, right),
                self.case.place(row.at)?
            );
            explained.push(Explanation { kind: "digits", words, refs: vec![row.at] });
        }
        Ok(named(explained))
    }

    /// The fewest rows, at most three, that come to the difference together; told when no other
    /// as few do.
    fn together(&self, found: &Break, chain: &[Entry]) -> Result<Vec<Explanation>> {
        let rows = &chain[found.rows.0..found.rows.1];
        if rows.len() > TOGETHER_MAX {
            return Ok(Vec::new());
        }
        let wanted = -i128::from(found.difference_minor);
        let Some(chosen) = only_sum(rows, wanted) else { return Ok(Vec::new()) };
        let refs: Vec<SourceRef> = chosen.iter().map(|at| rows[*at].at).collect();
        let places: Result<Vec<String>> = refs.iter().map(|at| self.case.place(*at)).collect();
        let places = places?.join(" and ");
        let words = format!(
            "{} would be gone without {places}, and without no other set of as few rows",
            self.difference(found)
        );
        Ok(vec![Explanation { kind: "rows", words, refs }])
    }

    fn missing(&self, found: &Break, chain: &[Entry]) -> Result<Explanation> {
        let difference = self.difference(found);
        let rows = &chain[found.rows.0..found.rows.1];
        let before = found.row_before.map(|row| chain[row].at);
        let mut refs: Vec<SourceRef> = before.into_iter().collect();
        refs.push(found.at);
        let (kind, words) = match found.kind {
            BreakKind::Opening => (
                "statement",
                format!(
                    "{difference} equals nothing that is held: a statement between this opening \
                     and the closing before it is missing, or a row or balance is altered"
                ),
            ),
            BreakKind::Row if rows.len() == 1 => {
                let right = rows[0].signed_minor.checked_add(found.difference_minor);
                let right = right.ok_or(Error::AmountOverflow)?;
                (
                    "missing",
                    format!(
                        "{difference} equals nothing that is held: one row of that amount is \
                         missing before it, or its own amount is {}",
                        self.money(found, right)
                    ),
                )
            }
            _ => (
                "missing",
                format!(
                    "{difference} equals nothing that is held: one row of that amount is missing \
                     among the {} between the two balances, or one of them is altered",
                    rows.len()
                ),
            ),
        };
        Ok(Explanation { kind, words, refs })
    }

    fn unheld(&self, found: &Break, chain: &[Entry]) -> Explanation {
        let before = found.row_before.map(|row| chain[row].at);
        let since = found.day_before.map_or_else(String::new, day_text);
        let words = format!(
            "no statement is held between {since} and {}; what it would show comes to {} in all",
            day_text(found.day),
            self.money(found, found.difference_minor)
        );
        let refs = before.into_iter().chain([found.at]).collect();
        Explanation { kind: "unheld", words, refs }
    }
}

/// None of them where there are so many that each is chance; else all, told apart.
fn named(explained: Vec<Explanation>) -> Vec<Explanation> {
    let places = explained.len();
    if places > PLACES_MAX {
        return Vec::new();
    }
    let one_of = |mut one: Explanation| {
        if places > 1 {
            one.words.push_str(&format!(" (one of {places} that would)"));
        }
        one
    };
    explained.into_iter().map(one_of).collect()
}

/// Whether a record's text states the amount, in any of the usual ways to write it, and no
/// longer number of which it is a part.
fn states(raw: &str, minor: i64, digits: u8) -> bool {
    let Some(minor) = minor.checked_abs() else { return false };
    let point = Amount::grouped(minor, digits);
    let plain = Amount::decimal(minor, digits);
    let turned: String = point
        .chars()
        .map(|letter| match letter {
            ',' => '.',
            '.' => ',',
            other => other,
        })
        .collect();
    let forms = [plain.replace('.', ","), point.replace(',', " "), turned, point, plain];
    let part = |letter: char| letter.is_ascii_digit() || letter == '.';
    forms.iter().any(|form| {
        raw.match_indices(form.as_str()).any(|(at, _)| {
            let (before, after) = (&raw[..at], &raw[at + form.len()..]);
            !before.ends_with(part) && !after.starts_with(|letter: char| letter.is_ascii_digit())
        })
    })
}

/// Whether two amounts differ by two neighbouring digits exchanged, on the same side of zero.
fn exchanged(found: i64, right: i64) -> bool {
    if found.signum() != right.signum() || !found.abs_diff(right).is_multiple_of(9) {
        return false;
    }
    let (one, other) = (found.unsigned_abs().to_string(), right.unsigned_abs().to_string());
    let width = one.len().max(other.len());
    let (one, other) = (format!("{one:0>width$}"), format!("{other:0>width$}"));
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let differ: Vec<usize> = (0..width).filter(|at| one[*at] != other[*at]).collect();
    matches!(differ[..], [left, right] if right == left + 1
        && one[left] == other[right] && one[right] == other[left])
}

/// The smallest set of at most three rows whose amounts come to `wanted`, if it is the only one
/// of its size. Cost: the square of the rows.
fn only_sum(rows: &[Entry], wanted: i128) -> Option<Vec<usize>> {
    let amount = |at: usize| i128::from(rows[at].signed_minor);
    let mut places: HashMap<i128, Vec<usize>> = HashMap::new();
    for at in 0..rows.len() {
        places.entry(amount(at)).or_default().push(at);
    }
    let after = |sum: i128, last: usize| {
        let found = places.get(&(wanted - sum)).map_or(&[][..], Vec::as_slice);
        found[found.partition_point(|at| *at <= last)..].to_vec()
    };
    let ones = places.get(&wanted).cloned().unwrap_or_default();
    if !ones.is_empty() {
        return (ones.len() == 1).then_some(ones);
    }
    let mut sets: Vec<Vec<usize>> = Vec::new();
    for one in 0..rows.len() {
        sets.extend(after(amount(one), one).into_iter().map(|other| vec![one, other]));
    }
    if sets.is_empty() {
        for one in 0..rows.len() {
            for two in one + 1..rows.len() {
                let sum = amount(one) + amount(two);
                sets.extend(after(sum, two).into_iter().map(|three| vec![one, two, three]));
                if sets.len() > 1 {
                    return None;
                }
            }
        }
    }
    (sets.len() == 1).then(|| sets.swap_remove(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_found_in_any_writing_and_never_inside_a_longer_number() {
        let check = |raw: &str, minor: i64, told: bool| assert_eq!(states(raw, minor, 2), told);
        check("03/01,RENT,120.00,x", -12_000, true);
        check("03/01;RENT;1.234,56", 123_456, true);
        check("a,\"1,234.56\",b", 123_456, true);
        check("a,1234.56-,b", 123_456, true);
        check("a,3120.00,b", 12_000, false);
        check("a,120.005,b", 12_000, false);
        check("a,120,b", 12_000, false);
    }

    #[test]
    fn exchanged_digits_are_two_neighbours_on_one_side_of_zero() {
        let check = |found, right, told| assert_eq!(exchanged(found, right), told);
        check(10_200, 12_000, true);
        check(-5_490, -4_590, true);
        check(10_200, 20_100, false); // Not neighbours.
        check(10_200, -12_000, false);
        check(120, 210, true);
        check(90, 9, true);
        check(120, 129, false);
    }
}
