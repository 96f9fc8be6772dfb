//! The text of one value of a result table: what tables and reports agree on.
//!
//! Exact forms only: money with its currency's own decimals, civil days, RFC 3339 times in the
//! case's zone, `path:line` of a source ref. Layout, escaping and alignment are each format's.

use jiff::tz::TimeZone;

use crate::error::Result;
use crate::model::{Amount, Digits, SourceRef, Values, day_text, time_text};
use crate::store::{Case, Places};

/// What it takes to write a value of a case: decimals, zone and the paths of its sources.
///
/// ```
/// use moneytrail::exports::Wording;
/// use moneytrail::model::{Amount, Currency, SourceRef, Values};
///
/// let wording = Wording { sources: vec!["bank/harbor.csv".to_owned()], ..Wording::default() };
/// let rent = Values::Money(vec![Some(Amount { minor: 120_000, currency: Currency::USD })]);
/// assert_eq!(wording.exact(&rent, 0), "1200.00");
/// assert_eq!(wording.people(&rent, 0), "1,200.00");
/// assert_eq!(wording.place(SourceRef { source: 0, line: 14 }), "bank/harbor.csv:14");
/// ```
#[derive(Clone, Debug)]
pub struct Wording {
    /// Decimals where the case departs from ISO 4217.
    pub digits: Digits,
    /// Zone in which times are written.
    pub zone: TimeZone,
    /// Path of each source as the case file names it, by row of `sources`.
    pub sources: Vec<String>,
    /// Where records stand whose line alone does not say it.
    pub places: Places,
}

impl Default for Wording {
    /// ISO 4217 decimals, UTC and no source.
    fn default() -> Wording {
        Wording {
            digits: Digits::default(),
            zone: TimeZone::UTC,
            sources: Vec::new(),
            places: Places::default(),
        }
    }
}

impl Wording {
    /// What an opened case says of itself.
    ///
    /// # Errors
    ///
    /// [`crate::Error::File`] if the `sources` table is damaged.
    pub fn of(case: &Case) -> Result<Wording> {
        Ok(Wording {
            digits: case.manifest().digits.clone(),
            zone: case.zone(),
            sources: case.sources()?.source.iter().map(str::to_owned).collect(),
            places: case.places()?.clone(),
        })
    }

    /// `path:line` of a source ref.
    ///
    /// # Panics
    ///
    /// If no source has that row: a fact without a source would be an invariant broken.
    pub fn place(&self, at: SourceRef) -> String {
        let source = self.sources.get(at.source as usize);
        let path = source.expect("every source ref names a source of the case");
        self.places.words(path, at)
    }

    /// The value as programs read it, empty when absent: `1200.00`, `2024-03-31`, `0.25`, `true`,
    /// `path:line; path:line`.
    pub fn exact(&self, values: &Values, row: usize) -> String {
        match values {
            Values::Text(rows) => rows[row].clone(),
            Values::Words(rows) => rows.get(row).to_owned(),
            Values::Count(rows) => rows[row].map_or_else(String::new, |count| count.to_string()),
            Values::Money(_) | Values::RareMoney(_) => {
                values.amount(row).map_or_else(String::new, |amount| self.digits.decimal(amount))
            }
            Values::Day(rows) => rows[row].map_or_else(String::new, day_text),
            Values::Time(rows) => {
                rows[row].map_or_else(String::new, |ms| time_text(ms, &self.zone))
            }
            Values::Score(rows) => rows[row].map_or_else(String::new, score_text),
            Values::Flag(rows) => rows[row].map_or_else(String::new, |flag| flag.to_string()),
            Values::Refs(rows) => self.places(&rows[row]).join("; "),
        }
    }

    /// The value as people read it: money in groups of three, `yes` and `no`, else as
    /// [`Wording::exact`].
    pub fn people(&self, values: &Values, row: usize) -> String {
        match values {
            Values::Money(_) | Values::RareMoney(_) => {
                values.amount(row).map_or_else(String::new, |amount| {
                    Amount::grouped(amount.minor, self.digits.of(amount.currency))
                })
            }
            Values::Flag(rows) => match rows[row] {
                Some(true) => "yes".to_owned(),
                Some(false) => "no".to_owned(),
                None => String::new(),
            },
            _ => self.exact(values, row),
        }
    }

    /// `path:line` of each source ref, in the given order.
    pub fn places(&self, refs: &[SourceRef]) -> Vec<String> {
        refs.iter().map(|at| self.place(*at)).collect()
    }
}

/// A score rounded to six decimals, trailing zeros dropped; empty for what is not a number,
/// which JSON could not carry.
///
/// ```
/// use moneytrail::exports::score_text;
///
/// assert_eq!(score_text(0.25), "0.25");
/// assert_eq!(score_text(2.0 / 3.0), "0.666667");
/// assert_eq!(score_text(-0.000_000_1), "0");
/// assert_eq!(score_text(f64::NAN), "");
/// ```
pub fn score_text(score: f64) -> String {
    if !score.is_finite() {
        return String::new();
    }
    let text = format!("{score:.6}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Currency;
    use crate::store::{Manifest, Sources};

    #[track_caller]
    fn check(values: Values, exact: &str, people: &str) {
        let wording = Wording {
            zone: TimeZone::get("America/New_York").unwrap(),
            sources: vec!["a.csv".to_owned(), "b/c.csv".to_owned()],
            ..Wording::default()
        };
        assert_eq!(wording.exact(&values, 0), exact);
        assert_eq!(wording.people(&values, 0), people);
    }

    #[test]
    fn every_type_has_one_exact_text() {
        let yen = Amount { minor: -1_234_567, currency: "JPY".parse().unwrap() };
        check(Values::Money(vec![Some(yen)]), "-1234567", "-1,234,567");
        let coin = Amount { minor: 1, currency: Currency::XBT };
        check(Values::Money(vec![Some(coin)]), "0.00000001", "0.00000001");
        check(Values::Text(vec!["=1+1".into()]), "=1+1", "=1+1");
        check(Values::Count(vec![Some(i64::MIN)]), "-9223372036854775808", "-9223372036854775808");
        check(Values::Day(vec![Some(19_813)]), "2024-03-31", "2024-03-31");
        let time = "2024-03-31T14:05:00-04:00";
        check(Values::Time(vec![Some(1_711_908_300_000)]), time, time);
        check(Values::Flag(vec![Some(true)]), "true", "yes");
        check(Values::Score(vec![Some(1.5)]), "1.5", "1.5");
        let refs = vec![SourceRef { source: 0, line: 2 }, SourceRef { source: 1, line: 9 }];
        check(Values::Refs(vec![refs]), "a.csv:2; b/c.csv:9", "a.csv:2; b/c.csv:9");
    }

    #[test]
    fn a_case_states_its_zone_digits_and_sources() {
        let mut manifest = Manifest { timezone: "America/New_York".into(), ..Manifest::default() };
        manifest.digits.0.insert("JPY".parse().unwrap(), 2);
        let sources =
            Sources { source: ["a.csv", "b.csv"].into_iter().collect(), ..Sources::default() };
        let case = Case::in_memory(manifest).with(sources);
        let wording = Wording::of(&case).unwrap();
        assert_eq!(wording.places(&[SourceRef { source: 1, line: 3 }]), ["b.csv:3"]);
        let yen =
            Values::Money(vec![Some(Amount { minor: 150, currency: "JPY".parse().unwrap() })]);
        assert_eq!(wording.exact(&yen, 0), "1.50");
        let midnight = Values::Time(vec![Some(0)]);
        assert_eq!(wording.exact(&midnight, 0), "1969-12-31T19:00:00-05:00");
    }

    #[test]
    fn absent_values_are_empty() {
        check(Values::Money(vec![None]), "", "");
        check(Values::Count(vec![None]), "", "");
        check(Values::Day(vec![None]), "", "");
        check(Values::Time(vec![None]), "", "");
        check(Values::Flag(vec![None]), "", "");
        check(Values::Score(vec![None]), "", "");
        check(Values::Refs(vec![vec![]]), "", "");
    }
}
