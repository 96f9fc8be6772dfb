//! What the records say of one transfer: its amount at either end, its day, and where it was
//! read. Shared by the analyses of patterns; nothing is measured here.

use std::collections::BTreeMap;

use crate::analyses::Readings;
use crate::error::{Error, Result};
use crate::model::{Amount, SourceRef};
use crate::store::{Case, TransferRows};

/// Source refs that one row of a result lists; a cell of more is of no use to a reader, and the
/// number of records is given besides.
pub const SOURCE_REFS_MAX: usize = 500;

/// Look-ups by row of `transfers`.
#[derive(Debug)]
pub struct TransferFacts<'a> {
    transfers: TransferRows<'a>,
    received: BTreeMap<u32, Amount>,
    readings: Readings<'a>,
}

impl<'a> TransferFacts<'a> {
    /// Opens the tables. Cost: linear in conversions and second readings.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if the store is damaged.
    pub fn new(case: &'a Case) -> Result<TransferFacts<'a>> {
        let conversions = case.conversions()?;
        let received = (0..conversions.transfer.len())
            .map(|at| {
                let minor = conversions.received_minor[at];
                let currency = conversions.received_currency[at];
                (conversions.transfer[at], Amount { minor, currency })
            })
            .collect();
        let transfers = case.transfer_rows()?;
        Ok(TransferFacts { transfers, received, readings: Readings::new(case)? })
    }

    /// What left the sender.
    pub fn sent(&self, transfer: u32) -> Amount {
        self.transfers.sent(transfer)
    }

    /// What reached the receiver, which may be of another currency or amount.
    pub fn received(&self, transfer: u32) -> Amount {
        self.received.get(&transfer).copied().unwrap_or_else(|| self.sent(transfer))
    }

    /// What reached the end of a walk as a share of what left at its first transfer, where both
    /// are of one currency.
    pub fn returned_share(&self, walk: &[u32]) -> Option<f64> {
        let (first, last) = (self.sent(*walk.first()?), self.received(*walk.last()?));
        let comparable = first.currency == last.currency && first.minor > 0;
        comparable.then(|| last.minor as f64 / first.minor as f64)
    }

    /// When it was booked, milliseconds since 1970 UTC.
    pub fn booked_ms(&self, transfer: u32) -> i64 {
        self.transfers.booked_ms(transfer)
    }

    /// Civil day on which the sender's record books it.
    pub fn day(&self, transfer: u32) -> i32 {
        self.transfers.day(transfer)
    }

    /// False when the record gave a date without a time.
    pub fn is_timed(&self, transfer: u32) -> bool {
        self.transfers.is_timed(transfer)
    }

    /// Where the transfers were read, every reading of each, sorted, at most
    /// [`SOURCE_REFS_MAX`]; and how many readings there are.
    pub fn source_refs(&self, rows: impl IntoIterator<Item = u32>) -> (Vec<SourceRef>, u64) {
        let mut places: Vec<SourceRef> =
            rows.into_iter().flat_map(|transfer| self.readings.at(transfer)).collect();
        places.sort_unstable();
        places.dedup();
        let records = places.len() as u64;
        places.truncate(SOURCE_REFS_MAX);
        (places, records)
    }
}

/// Says how many pairs of transfers may be two records of one payment; `None` without any.
///
/// Both of a pair are in every total, which whoever reads the total has to know.
///
/// # Errors
///
/// [`Error::File`] if the store is damaged.
pub fn possible_pairs_sentence(case: &Case) -> Result<Option<String>> {
    Ok(match case.possible_pairs()?.transfer.len() {
        0 => None,
        1 => Some(
            "1 pair of transfers may be two records of one payment; both count in every total, \
             and `possible_pairs` lists them."
                .to_owned(),
        ),
        pairs => Some(format!(
            "{pairs} pairs of transfers may each be two records of one payment; both of a pair \
             count in every total, and `possible_pairs` lists them."
        )),
    })
}

/// Sum of minor units of one currency.
///
/// # Errors
///
/// [`Error::AmountOverflow`] rather than a wrapped sum.
pub fn total_minor(amounts: impl IntoIterator<Item = i64>) -> Result<i64> {
    let total: i128 = amounts.into_iter().map(i128::from).sum();
    i64::try_from(total).map_err(|_| Error::AmountOverflow)
}

/// Identity of an account as outputs show it.
///
/// # Errors
///
/// [`Error::File`] if the store is damaged.
pub fn account_name(case: &Case, account: u32) -> Result<&str> {
    Ok(case.accounts()?.account.get(account as usize))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Currency;
    use crate::store::{Conversions, Manifest, Refs, Side, Transfers};

    #[test]
    fn both_ends_and_both_readings_are_told() {
        let euro: Currency = "EUR".parse().unwrap();
        let transfers = Transfers {
            amount_minor: vec![100, 200],
            currency: vec![Currency::USD; 2],
            day: vec![1, 2],
            timed: vec![false, true],
            source: vec![1, 0],
            line: vec![9, 7],
            side: vec![Side::Sender; 2],
            ..Transfers::default()
        };
        let conversions = Conversions {
            transfer: vec![1],
            received_minor: vec![180],
            received_currency: vec![euro],
        };
        let refs = Refs {
            of: ["calls", "transfers"].into_iter().collect(),
            row: vec![0, 0],
            side: vec![Side::Receiver; 2],
            booked_ms: vec![86_400_000; 2],
            day: vec![1; 2],
            source: vec![5, 0],
            line: vec![5, 3],
            whole_minor: vec![None; 2],
        };
        let case = Case::in_memory(Manifest::default()).with(transfers);
        let case = case.with(conversions).with(refs);
        let facts = TransferFacts::new(&case).unwrap();
        assert_eq!(facts.sent(1), Amount { minor: 200, currency: Currency::USD });
        assert_eq!(facts.received(1), Amount { minor: 180, currency: euro });
        assert_eq!(facts.received(0), facts.sent(0));
        assert_eq!((facts.day(1), facts.is_timed(0)), (2, false));
        let place = |source, line| SourceRef { source, line };
        let expected = (vec![place(0, 3), place(0, 7), place(1, 9)], 3);
        assert_eq!(facts.source_refs([1, 0]), expected);
    }

    #[test]
    fn sums_are_checked() {
        assert_eq!(total_minor([1, -3]).unwrap(), -2);
        assert_eq!(total_minor([i64::MAX, 1, -1]).unwrap(), i64::MAX);
        assert!(matches!(total_minor([i64::MAX, 1]), Err(Error::AmountOverflow)));
    }
}
