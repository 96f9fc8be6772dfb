//! What an entry becomes: the fields of a record, its day, its amount with the decimals of its
//! currency.

use jiff::civil::Date;

use super::entries::{Entry, channel, returned};
use crate::model::Currency;
use crate::records::structured::Statement;

/// The fields of an entry of `statement`.
pub fn values(
    statement: &Statement,
    entry: &Entry,
    amount: String,
    is_credit: bool,
    booked: Date,
) -> Vec<(&'static str, String)> {
    let coded = |code: &str| {
        let found = entry.text.iter().find_map(|part| part.strip_prefix(code)?.strip_prefix(':'));
        found.map_or("", str::trim).to_owned()
    };
    // What comes back has its ends the other way round, so that neither name is the other end's.
    let first = entry.text.first().map_or("", String::as_str);
    let back = ["Return", "Reject", "RETURN", "REJECT"].iter().any(|word| first.contains(word));
    let [name, account, bank] = match (back, is_credit) {
        (true, _) => [(); 3].map(|()| String::new()),
        (false, true) => [coded("DBNM"), coded("DACT"), coded("DABA")],
        (false, false) => [coded("CRNM"), coded("CACT"), coded("CABA")],
    };
    let bank = if account.is_empty() { String::new() } else { bank };
    let stated = [coded("EREF"), entry.customer_reference.clone(), entry.bank_reference.clone()];
    let reference = stated.into_iter().find(|one| !one.is_empty()).unwrap_or_default();
    let amount = match (is_credit, amount.strip_prefix('-')) {
        (true, _) => amount,
        (false, Some(back)) => back.to_owned(),
        (false, None) => format!("-{amount}"),
    };
    let value_date = day(&entry.value_date).map_or(String::new(), |day| day.to_string());
    let text = entry.text.join(" ");
    let reversal = match returned(&entry.kind) {
        "" => String::new(),
        words => format!("type {} ({words})", entry.kind),
    };
    let values = [
        ("reversal", reversal),
        ("account", statement.account.clone()),
        ("booked", booked.to_string()),
        ("amount", amount),
        ("value_date", value_date),
        ("description", text.split_whitespace().collect::<Vec<_>>().join(" ")),
        ("reference", reference),
        ("channel", channel(&entry.kind).to_owned()),
        ("counterparty_account", account),
        ("counterparty_name", name),
        ("counterparty_bank", bank),
        ("currency", statement.currency.clone()),
    ];
    values.into_iter().filter(|(_, text)| !text.is_empty()).collect()
}

/// `260331` as a day; years from 80 on are of the last century.
pub fn day(text: &str) -> Option<Date> {
    let text = text.trim();
    if text.len() != 6 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number = |at: usize| text[at..at + 2].parse::<i16>().expect("two digits");
    let century = if number(0) >= 80 { 1900 } else { 2000 };
    Date::new(century + number(0), number(2) as i8, number(4) as i8).ok()
}

/// A whole number with or without a sign, of at most 30 digits.
pub fn whole(text: &str) -> Option<i128> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let plain = (1..=30).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

/// Minor units as decimal text with the decimals of the currency; `None` when either is none.
pub fn decimal(text: &str, currency: &str) -> Option<String> {
    let digits = usize::from(currency.parse::<Currency>().ok()?.minor_digits());
    let minor = whole(text)?;
    let units = format!("{:0>width$}", minor.unsigned_abs(), width = digits + 1);
    let (major, decimals) = units.split_at(units.len() - digits);
    let sign = if minor < 0 { "-" } else { "" };
    let point = if digits == 0 { "" } else { "." };
    Some(format!("{sign}{major}{point}{decimals}"))
}
