//! Amounts of a record: one column, two for debit and credit, or one with its sign in another.

use super::Row;
use crate::model::Currency;
use crate::normalise::{other_currency, parse_minor, parse_minor_rounded};
use crate::records::{Bound, Direction, SurplusDecimals};

impl Row<'_> {
    /// Minor units of an amount; its sign tells the way where the layout gives one: negative
    /// leaves the account.
    pub fn amount(&mut self, field: &str, currency: Currency) -> Option<i64> {
        let number = self.number(field);
        match &self.values.reading.fields[number] {
            Bound::Absent => None,
            Bound::DebitCredit(debit, credit) => {
                self.debit_credit(number, *debit, *credit, currency)
            }
            Bound::Signed(slot, sign, words) => {
                let (found, way) =
                    (self.batch.get(*slot, self.row), self.batch.get(*sign, self.row));
                let Some(way) = words.get(way) else {
                    let listed: Vec<&str> = words.keys().map(String::as_str).collect();
                    let way = way.to_owned();
                    let expected = format!("a sign, one of {}", listed.join(", "));
                    self.refuse(number, &way, &expected, None);
                    return None;
                };
                let minor = self.minor(number, found, currency)?;
                Some(if *way == Direction::Debit { -minor.abs() } else { minor.abs() })
            }
            Bound::Slot(slot) => {
                let found = self.batch.get(*slot, self.row);
                let required = self.values.reading.layout.record.fields()[number].required;
                if found.is_empty() && !required {
                    return None;
                }
                self.minor(number, found, currency)
            }
            Bound::Joined(..) | Bound::Constant(_) | Bound::Line => {
                let found = self.found(number);
                self.minor(number, &found, currency)
            }
        }
    }

    fn debit_credit(
        &mut self,
        field: usize,
        debit: usize,
        credit: usize,
        currency: Currency,
    ) -> Option<i64> {
        let (out, into) = (self.batch.get(debit, self.row), self.batch.get(credit, self.row));
        let (found, leaves) = match (is_blank(out), is_blank(into)) {
            (false, true) => (out, true),
            (true, false) => (into, false),
            (true, true) => {
                self.refuse(field, "", "an amount in one of the two columns", None);
                return None;
            }
            (false, false) => {
                let (out, into) =
                    (self.minor(field, out, currency)?, self.minor(field, into, currency)?);
                return match (out, into) {
                    (out, 0) => Some(-out.abs()),
                    (0, into) => Some(into.abs()),
                    _ => {
                        let (out, into) =
                            (self.batch.get(debit, self.row), self.batch.get(credit, self.row));
                        let found = format!("{out} / {into}");
                        self.refuse(
                            field,
                            &found,
                            "an amount in only one of the two columns",
                            None,
                        );
                        None
                    }
                };
            }
        };
        // A minus or brackets in such a column are how the producer prints it, not a direction.
        let minor = self.minor(field, found, currency)?.abs();
        Some(if leaves { -minor } else { minor })
    }

    pub(super) fn minor(&mut self, field: usize, found: &str, currency: Currency) -> Option<i64> {
        if let Some(other) = other_currency(found, currency) {
            // A sum in the wrong currency is worse than a record set aside.
            let expected = format!("an amount in {currency}, which the record is in, not {other}");
            let hint = "name the column of currencies in the layout, or set currency = \
                        { constant = \"…\" }";
            self.refuse(field, found, &expected, Some(hint));
            return None;
        }
        let digits = self.values.digits.of(currency);
        let mark = self.values.mark;
        let read = match self.values.reading.layout.csv.surplus_decimals {
            SurplusDecimals::Refuse => parse_minor(found, mark, digits),
            SurplusDecimals::Round => parse_minor_rounded(found, mark, digits),
        };
        match read {
            // The one amount whose opposite 64 bits cannot hold: turned round it would change.
            Ok(i64::MIN) => {
                self.refuse(field, found, "an amount that 64 bits of minor units hold", None);
                None
            }
            Ok(minor) => Some(minor),
            Err(problem) => {
                let hint = problem.hint();
                self.refuse(field, found, &problem.to_string(), hint);
                None
            }
        }
    }
}

/// Whether a cell of two holds no amount: producers print a dash in the one that is meant empty.
pub(super) fn is_blank(text: &str) -> bool {
    matches!(text, "" | "-" | "--" | "\u{2013}" | "\u{2014}")
}
