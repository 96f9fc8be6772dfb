//! Money: integers of minor units of one currency.
//!
//! Exchange rates and formatting for a locale stay out: amounts are never converted, and their
//! text is the decimal form that CSV and JSON carry.

mod withdrawn;

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use withdrawn::withdrawn;

/// An ISO 4217 currency, or `XBT` for bitcoin.
///
/// ```
/// use moneytrail::model::Currency;
///
/// assert_eq!("JPY".parse::<Currency>()?.minor_digits(), 0);
/// assert_eq!(Currency::USD.to_string(), "USD");
/// assert!("QQQ".parse::<Currency>().is_err());
/// # Ok::<(), moneytrail::Error>(())
/// ```
#[derive(Clone, Copy, Eq, Hash, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

impl Ord for Currency {
    /// By code. As one number: sums by currency compare millions of them.
    #[inline]
    fn cmp(&self, other: &Currency) -> Ordering {
        let number = |Currency([one, two, three])| u32::from_be_bytes([0, one, two, three]);
        number(*self).cmp(&number(*other))
    }
}

impl PartialOrd for Currency {
    #[inline]
    fn partial_cmp(&self, other: &Currency) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Currency {
    /// United States dollar.
    pub const USD: Currency = Currency(*b"USD");
    /// Bitcoin, eight minor digits.
    pub const XBT: Currency = Currency(*b"XBT");

    /// The three letters.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a currency is built from ASCII letters only")
    }

    /// The three letters, capital, as bytes.
    #[inline]
    pub fn letters(&self) -> [u8; 3] {
        self.0
    }

    /// How many decimals one major unit has, by ISO 4217; 0 to 8.
    ///
    /// A case may raise it for one currency (`minor_digits` of a layout); such a case keeps its
    /// own digits beside its tables.
    pub fn minor_digits(&self) -> u8 {
        if *self == Currency::USD {
            return 2;
        }
        if *self == Currency::XBT {
            return 8;
        }
        match iso_currency::Currency::from_code(self.code()) {
            Some(known) => known.exponent().map_or(2, |digits| digits as u8),
            None => withdrawn(self.0).map_or(2, |(digits, _)| digits),
        }
    }

    /// The month in which the currency was withdrawn, `2002-03`; `None` for one that is current.
    ///
    /// A record in it is read as it stands and never converted.
    ///
    /// ```
    /// use moneytrail::model::Currency;
    ///
    /// let lira: Currency = "ITL".parse()?;
    /// assert_eq!((lira.minor_digits(), lira.withdrawn()), (0, Some("2002-03")));
    /// assert_eq!(Currency::USD.withdrawn(), None);
    /// # Ok::<(), moneytrail::Error>(())
    /// ```
    pub fn withdrawn(&self) -> Option<&'static str> {
        if *self == Currency::USD {
            return None;
        }
        withdrawn(self.0).map(|(_, month)| month)
    }
}

impl FromStr for Currency {
    type Err = Error;

    fn from_str(text: &str) -> Result<Currency> {
        let code = text.trim().to_ascii_uppercase();
        let code = if code == "BTC" { "XBT".to_owned() } else { code };
        let known = code == "XBT" || iso_currency::Currency::from_code(&code).is_some();
        match <[u8; 3]>::try_from(code.as_bytes()) {
            Ok(letters) if known || withdrawn(letters).is_some() => Ok(Currency(letters)),
            _ => Err(Error::Unknown { kind: "currency", found: text.to_owned(), nearest: vec![] }),
        }
    }
}

impl TryFrom<String> for Currency {
    type Error = Error;

    fn try_from(text: String) -> Result<Currency> {
        text.parse()
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> String {
        currency.code().to_owned()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.code())
    }
}

/// How many decimals each currency has in one case.
///
/// ISO 4217's number, unless a layout of the case states more (`minor_digits`), since a producer
/// that writes yen with decimals would otherwise have every row refused or rounded.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digits(pub BTreeMap<Currency, u8>);

impl Digits {
    /// Decimals of one major unit, 0 to 8.
    pub fn of(&self, currency: Currency) -> u8 {
        self.0.get(&currency).copied().unwrap_or_else(|| currency.minor_digits())
    }

    /// Plain decimal text of an amount, `1200.00`.
    pub fn decimal(&self, amount: Amount) -> String {
        Amount::decimal(amount.minor, self.of(amount.currency))
    }

    /// Decimal text with groups of three and the currency, for people: `1,200.00 USD`.
    pub fn people(&self, amount: Amount) -> String {
        format!("{} {}", Amount::grouped(amount.minor, self.of(amount.currency)), amount.currency)
    }
}

/// Money in minor units (cents, pence) of one currency. Never a float.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Amount {
    /// Negative when money leaves the account the statement belongs to.
    pub minor: i64,
    /// Decides how many minor units make a major one.
    pub currency: Currency,
}

impl Amount {
    /// Adds two amounts.
    ///
    /// # Errors
    ///
    /// [`Error::CurrencyMismatch`] if the currencies differ; [`Error::AmountOverflow`] rather
    /// than a wrapped sum.
    ///
    /// ```
    /// use moneytrail::model::{Amount, Currency};
    ///
    /// let rent = Amount { minor: 120_000, currency: Currency::USD }; // 1,200.00 USD
    /// let fee = Amount { minor: 1_550, currency: Currency::USD };
    /// assert_eq!(rent.checked_add(fee)?.minor, 121_550);
    /// # Ok::<(), moneytrail::Error>(())
    /// ```
    pub fn checked_add(self, other: Amount) -> Result<Amount> {
        if self.currency != other.currency {
            return Err(Error::CurrencyMismatch(self.currency, other.currency));
        }
        let minor = self.minor.checked_add(other.minor).ok_or(Error::AmountOverflow)?;
        Ok(Amount { minor, ..self })
    }

    /// Decimal text with `digits` decimals and no grouping, as CSV and JSON carry it.
    ///
    /// ```
    /// use moneytrail::model::Amount;
    ///
    /// assert_eq!(Amount::decimal(-120_005, 2), "-1200.05");
    /// assert_eq!(Amount::decimal(7, 0), "7");
    /// ```
    pub fn decimal(minor: i64, digits: u8) -> String {
        Amount::decimal_wide(i128::from(minor), digits, false)
    }

    /// Decimal text with groups of three, for people: `1,200.05`.
    pub fn grouped(minor: i64, digits: u8) -> String {
        Amount::decimal_wide(i128::from(minor), digits, true)
    }

    fn decimal_wide(minor: i128, digits: u8, grouped: bool) -> String {
        let scale = 10_u128.pow(u32::from(digits));
        let magnitude = minor.unsigned_abs();
        let whole = (magnitude / scale).to_string();
        let mut text = String::with_capacity(whole.len() + 8);
        if minor < 0 {
            text.push('-');
        }
        for (at, digit) in whole.chars().enumerate() {
            if grouped && at > 0 && (whole.len() - at).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        if digits > 0 {
            let rest = magnitude % scale;
            text.push_str(&format!(".{rest:0width$}", width = usize::from(digits)));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(minor: i64, digits: u8, plain: &str, grouped: &str) {
        assert_eq!(Amount::decimal(minor, digits), plain);
        assert_eq!(Amount::grouped(minor, digits), grouped);
    }

    #[test]
    fn currencies_stand_in_order_of_their_codes() {
        let mut sorted = ["USD", "EUR", "XBT", "USN", "EUR", "AED"]
            .map(|code| code.parse::<Currency>().unwrap());
        sorted.sort_unstable();
        assert_eq!(sorted.map(|one| one.to_string()), ["AED", "EUR", "EUR", "USD", "USN", "XBT"]);
    }

    #[test]
    fn amounts_are_written_exactly() {
        check(0, 2, "0.00", "0.00");
        check(-1, 2, "-0.01", "-0.01");
        check(100_000_000, 2, "1000000.00", "1,000,000.00");
        check(i64::MIN, 2, "-92233720368547758.08", "-92,233,720,368,547,758.08");
        check(150, 8, "0.00000150", "0.00000150");
    }

    #[test]
    fn sums_are_checked() {
        let most = Amount { minor: i64::MAX, currency: Currency::USD };
        let one = Amount { minor: 1, currency: Currency::USD };
        let coin = Amount { minor: 1, currency: Currency::XBT };
        assert!(matches!(most.checked_add(one), Err(Error::AmountOverflow)));
        assert!(matches!(one.checked_add(coin), Err(Error::CurrencyMismatch(..))));
    }

    #[test]
    fn bitcoin_has_two_spellings_and_one_code() {
        assert_eq!("btc".parse::<Currency>().unwrap(), Currency::XBT);
    }
}
