//! Rows of a statement that state a balance or a sum in place of a payment.
//!
//! Which row is surely one is decided here, row by row; what it holds for is `stated_balances`'s.

use crate::model::Currency;
use crate::normalise::{StatedSum, stated_day, stated_sum};
use crate::records::Reject;
use crate::store::load::reading::values::{Figures, Row};

/// What is said of such a row where it is not surely the balance of a statement.
pub const NO_PAYMENT: &str = "a payment, not a total or a balance carried on, which moves no \
                              money; name such lines in the layout: ignore = [\"…\"]";

/// A row that states a balance, or what the rows come to.
#[derive(Clone, Debug)]
pub struct StatedRow {
    /// Number of its account in the block.
    pub near: u32,
    /// Of its figures.
    pub currency: Currency,
    /// Physical line.
    pub line: u32,
    /// What it states.
    pub sum: StatedSum,
    /// The balance, minor units; 0 for a sum of rows.
    pub balance_minor: i64,
    /// What its cells of amounts hold.
    pub figures: Figures,
    /// The account's number and bank as found.
    pub account: (String, String),
    /// The balance as found.
    pub found: String,
    /// The day beside the words for the balance, as found; empty where there is none.
    pub day: String,
    /// How the row is set aside where it belongs to nothing.
    pub aside: Reject,
}

/// What the words of a row state, and the field that they stand in: its description, or in its
/// place the cell of its day.
pub fn stated_words(record: &Row<'_>, description: &str) -> Option<(StatedSum, &'static str)> {
    if !description.is_empty() {
        return Some((stated_sum(description)?, "description"));
    }
    Some((stated_sum(&record.as_found("booked"))?, "booked"))
}

/// The row, where it is nothing but words for a balance or a sum, a day or none, and the figure: a
/// balance in its own column, with no amount beside it or the same one; a sum in the column of
/// amounts.
pub fn stated_row(
    record: &mut Row<'_>,
    (sum, field): (StatedSum, &'static str),
    (near, currency): (u32, Currency),
    institution: &str,
) -> Option<StatedRow> {
    let dated =
        field == "booked" || record.as_found("booked").is_empty() || record.is_time("booked");
    let alone = ["counterparty_account", "counterparty_name"]
        .iter()
        .all(|name| record.as_found(name).is_empty());
    if record.failed || !dated || !alone {
        return None;
    }
    let figures = record.figures(currency)?;
    let balance = record.plain_amount("balance", currency);
    let fits = match sum {
        StatedSum::Opening | StatedSum::Closing => balance.is_some_and(|balance| {
            figures.all().all(|minor| minor == 0 || Some(minor) == balance.checked_abs())
        }),
        StatedSum::Debits => figures.credit.is_none_or(|minor| minor == 0),
        StatedSum::Credits => figures.debit.is_none_or(|minor| minor == 0),
        StatedSum::Both => figures.either.is_none(),
        StatedSum::Other => false,
    };
    if !fits || balance.is_none() && figures.all().next().is_none() {
        return None;
    }
    let words = record.as_found(field);
    record.refuse_record(field, &words, NO_PAYMENT);
    record.failed = true;
    Some(StatedRow {
        near,
        currency,
        line: record.line(),
        sum,
        balance_minor: balance.unwrap_or_default(),
        figures,
        account: (record.as_found("account"), institution.to_owned()),
        found: record.as_found("balance"),
        day: stated_day(&words).unwrap_or_default().to_owned(),
        aside: record.take_back()?,
    })
}
