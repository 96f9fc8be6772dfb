//! The parts of a split entry: which of them are transfers of their own.

use std::collections::BTreeSet;

use super::Block;
use crate::records::qif::values::amount;
use crate::records::structured::{Item, StructuredRecord};

/// Decimals with which parts are added up.
const DECIMALS: usize = 4;

/// The account that a category names, `[Savings]` or `[Savings]/class`; empty for any other.
pub fn account_of(category: &str) -> &str {
    category.strip_prefix('[').and_then(|rest| rest.split(']').next()).unwrap_or("")
}

/// A part of a split.
struct Part<'a> {
    category: &'a str,
    minor: i128,
    line: u32,
}

/// An amount in units of the fourth decimal.
fn minor(text: &str) -> Option<i128> {
    let text = amount(text)?;
    let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
    let short = decimals.len() <= DECIMALS;
    format!("{whole}{decimals:0<4}").parse().ok().filter(|_| short)
}

/// The same as text, with as few decimals as it needs but two.
fn text_of(minor: i128) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    let (whole, rest) = (minor.unsigned_abs() / 10_000, minor.unsigned_abs() % 10_000);
    let decimals = format!("{rest:04}");
    let kept = decimals.trim_end_matches('0').len().max(2);
    format!("{sign}{whole}.{}", &decimals[..kept])
}

impl Block {
    /// The parts, when each has an amount and together they make the whole.
    fn parts(&self) -> Option<Vec<Part<'_>>> {
        let mut parts: Vec<Part<'_>> = Vec::new();
        let mut category: Option<(&str, u32)> = None;
        for (key, text, line) in &self.fields {
            match key {
                // A part without an amount makes no sum.
                'S' if category.replace((text, *line)).is_some() => return None,
                '$' => {
                    let (category, line) = category.take()?;
                    parts.push(Part { category, minor: minor(text)?, line });
                }
                _ => {}
            }
        }
        let whole = minor(self.field('T').or(self.field('U'))?)?;
        let sum = parts.iter().try_fold(0_i128, |sum, part| sum.checked_add(part.minor));
        (category.is_none() && sum == Some(whole)).then_some(parts)
    }

    /// The entry as one record, or, where parts of it go to other accounts, each of these as a
    /// record of its own, on the line of its part, and the rest as one.
    pub(super) fn in_parts(&self, whole: StructuredRecord) -> Vec<StructuredRecord> {
        let parts = self.parts().unwrap_or_default();
        let (moved, spent): (Vec<&Part<'_>>, Vec<&Part<'_>>) =
            parts.iter().partition(|part| !account_of(part.category).is_empty());
        // What the bank books of an entry whose parts go both ways is their difference, which none
        // of them would be told to be part of.
        let rest = spent.iter().map(|part| part.minor).sum::<i128>();
        let minors = moved.iter().map(|part| part.minor).chain([rest]);
        let signs: BTreeSet<i128> = minors.map(i128::signum).filter(|sign| *sign != 0).collect();
        if moved.is_empty() || signs.len() > 1 {
            return vec![whole];
        }
        let entry = whole.line.to_string();
        let part_of = |line: u32, minor: i128, account: &str| {
            let mut values = whole.values.clone();
            values.retain(|(key, _)| *key != "amount" && *key != "counterparty_account");
            if !account.is_empty() {
                // Whom the entry names is not who holds the account that a part goes to.
                values.retain(|(key, _)| *key != "counterparty_name");
            }
            values.push(("amount", text_of(minor)));
            values.push(("part_of", entry.clone()));
            if !account.is_empty() {
                values.push(("counterparty_account", account.to_owned()));
            }
            StructuredRecord { line, values, place: String::new(), raw: whole.raw.clone() }
        };
        let mut records = Vec::new();
        if rest != 0 {
            records.push(part_of(whole.line, rest, ""));
        }
        let moved = moved.into_iter();
        records.extend(moved.map(|one| part_of(one.line, one.minor, account_of(one.category))));
        records
    }

    /// What is to be noted when the parts of a split do not make the whole.
    pub(super) fn split_note(&self) -> Option<Item> {
        let parts: Vec<&str> =
            self.fields.iter().filter(|one| one.0 == '$').map(|one| one.1.as_str()).collect();
        let whole = self.field('T').or(self.field('U'))?;
        let sum = parts.iter().try_fold(0_i128, |sum, part| sum.checked_add(minor(part)?));
        if parts.is_empty() || (sum.is_some() && sum == minor(whole)) {
            return None;
        }
        let reason = format!("the parts of the split do not make {whole}, which is kept");
        Some(Item::Reject(self.reject("$", &parts.join(" + "), reason, true)))
    }
}
