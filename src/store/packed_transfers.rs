//! The transfers of a case for searches that look at all of them beside a graph over them.
//!
//! Answers: who paid whom, when, what, and where is it written, by row? The table of transfers
//! takes 42 bytes a row. Packed, each column takes what its values need: about 16 bytes a row,
//! and none of them is left out or rounded. A column as a whole is the table's to give.

mod packed;

use std::sync::Mutex;

use polars::prelude::{DataFrame, PolarsResult};

use crate::model::{Amount, Channel, Currency, SourceRef};
use crate::store::columns::{each_i64, each_u32, values};
use crate::store::tables::{Side, Transfers};
use packed::Packed;

/// Every column of `transfers`, row by row the same values.
#[derive(Debug, Default)]
pub struct PackedTransfers {
    rows: usize,
    from_account: Packed,
    to_account: Packed,
    booked_ms: Packed,
    day: Packed,
    timed: Packed,
    amount_minor: Packed,
    /// Place in `currencies`.
    currency: Packed,
    currencies: Vec<Currency>,
    channel: Packed,
    side: Packed,
    source: Packed,
    line: Packed,
}

/// By number.
const SIDES: [Side; 3] = [Side::Sender, Side::Receiver, Side::List];

/// Currencies whose places are remembered at a time.
const REMEMBERED: usize = 64;

/// The places of currencies in a list that grows by those not met before; most are found at once.
struct CurrencyPlaces<'a> {
    listed: &'a mut Vec<Currency>,
    known: [Option<(Currency, i64)>; REMEMBERED],
}

impl CurrencyPlaces<'_> {
    #[inline]
    fn of(&mut self, currency: Currency) -> i64 {
        let mixed =
            currency.letters().into_iter().fold(0, |sum, letter| sum * 5 + usize::from(letter));
        let known = &mut self.known[mixed % REMEMBERED];
        match known {
            Some((met, place)) if *met == currency => *place,
            _ => {
                let place = self.listed.iter().position(|listed| *listed == currency);
                let place = place.unwrap_or_else(|| {
                    self.listed.push(currency);
                    self.listed.len() - 1
                }) as i64;
                *known = Some((currency, place));
                place
            }
        }
    }
}

impl PackedTransfers {
    /// None yet, and room for what so many have in common.
    pub fn with_room(rows: usize) -> PackedTransfers {
        let mut empty = PackedTransfers::default();
        empty.columns_mut().into_iter().for_each(|column| column.reserve(rows));
        empty
    }

    fn columns_mut(&mut self) -> [&mut Packed; 11] {
        [
            &mut self.from_account,
            &mut self.to_account,
            &mut self.booked_ms,
            &mut self.day,
            &mut self.timed,
            &mut self.amount_minor,
            &mut self.currency,
            &mut self.channel,
            &mut self.side,
            &mut self.source,
            &mut self.line,
        ]
    }

    /// Puts the rows of a frame of `transfers` behind its own, several columns at once.
    ///
    /// # Errors
    ///
    /// If a column is missing, of another type, or holds a word outside its list; what is packed
    /// is then of no use.
    pub fn extend_from(&mut self, frame: &DataFrame) -> PolarsResult<()> {
        self.rows += frame.height();
        let mut currencies = std::mem::take(&mut self.currencies);
        let [from, to, ms, day, timed, amount, currency, channel, side, source, line] =
            self.columns_mut();
        let mut places = CurrencyPlaces { listed: &mut currencies, known: [None; REMEMBERED] };
        let read: Mutex<PolarsResult<()>> = Mutex::new(Ok(()));
        let told = |extended: PolarsResult<()>| {
            if let Err(refused) = extended {
                *read.lock().expect("no column panics") = Err(refused);
            }
        };
        rayon::scope(|scope| {
            for (name, packed) in
                [("from_account", from), ("to_account", to), ("source", source), ("line", line)]
            {
                let told = &told;
                scope.spawn(move |_| {
                    told(each_u32(frame, name, |some| packed.extend(some, i64::from)))
                });
            }
            for (name, packed) in [("booked_ms", ms), ("amount_minor", amount)] {
                let told = &told;
                scope.spawn(move |_| {
                    told(each_i64(frame, name, |some| packed.extend(some, |one| one)))
                });
            }
            scope.spawn(|_| told(values(frame, "day", |some: &[i32]| day.extend(some, i64::from))));
            scope.spawn(|_| {
                told(values(frame, "timed", |some: &[bool]| timed.extend(some, i64::from)))
            });
            scope.spawn(|_| {
                told(values(frame, "currency", |some: &[Currency]| {
                    currency.extend(some, |one| places.of(one));
                }))
            });
            scope.spawn(|_| {
                told(values(frame, "channel", |some: &[Channel]| {
                    channel.extend(some, |one| one as i64);
                }))
            });
            scope.spawn(|_| {
                told(values(frame, "side", |some: &[Side]| {
                    side.extend(some, |one| one as i64);
                }))
            });
        });
        self.currencies = currencies;
        read.into_inner().expect("no column panics")
    }

    /// Ends the packing; rows are read after it.
    pub fn finish(&mut self) {
        self.columns_mut().into_iter().for_each(Packed::finish);
    }

    /// Bytes of memory that it holds.
    pub fn bytes(&self) -> usize {
        let columns = [
            &self.from_account,
            &self.to_account,
            &self.booked_ms,
            &self.day,
            &self.timed,
            &self.amount_minor,
            &self.currency,
            &self.channel,
            &self.side,
            &self.source,
            &self.line,
        ];
        columns.into_iter().map(Packed::bytes).sum()
    }
}

/// The transfers of a case by row, however they are held.
#[derive(Clone, Copy, Debug)]
pub enum TransferRows<'a> {
    /// As the table.
    Table(&'a Transfers),
    /// Packed.
    Packed(&'a PackedTransfers),
}

/// One column's value of a row; every accessor panics where there is no such row.
impl TransferRows<'_> {
    /// Number of transfers.
    pub fn len(&self) -> usize {
        match self {
            TransferRows::Table(table) => table.from_account.len(),
            TransferRows::Packed(packed) => packed.rows,
        }
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Row of `accounts` that paid.
    #[inline]
    pub fn from_account(&self, row: u32) -> u32 {
        match self {
            TransferRows::Table(table) => table.from_account[row as usize],
            TransferRows::Packed(packed) => packed.from_account.get(row as usize) as u32,
        }
    }

    /// Row of `accounts` that was paid.
    #[inline]
    pub fn to_account(&self, row: u32) -> u32 {
        match self {
            TransferRows::Table(table) => table.to_account[row as usize],
            TransferRows::Packed(packed) => packed.to_account.get(row as usize) as u32,
        }
    }

    /// When the sender's record books it: milliseconds since 1970 UTC.
    #[inline]
    pub fn booked_ms(&self, row: u32) -> i64 {
        match self {
            TransferRows::Table(table) => table.booked_ms[row as usize],
            TransferRows::Packed(packed) => packed.booked_ms.get(row as usize),
        }
    }

    /// Civil day of the same in the case's zone: days since 1970-01-01.
    #[inline]
    pub fn day(&self, row: u32) -> i32 {
        match self {
            TransferRows::Table(table) => table.day[row as usize],
            TransferRows::Packed(packed) => packed.day.get(row as usize) as i32,
        }
    }

    /// False when the record gave a date without a time.
    #[inline]
    pub fn is_timed(&self, row: u32) -> bool {
        match self {
            TransferRows::Table(table) => table.timed[row as usize],
            TransferRows::Packed(packed) => packed.timed.get(row as usize) != 0,
        }
    }

    /// What left the sender.
    #[inline]
    pub fn sent(&self, row: u32) -> Amount {
        let at = row as usize;
        match self {
            TransferRows::Table(table) => {
                Amount { minor: table.amount_minor[at], currency: table.currency[at] }
            }
            TransferRows::Packed(packed) => Amount {
                minor: packed.amount_minor.get(at),
                currency: packed.currencies[packed.currency.get(at) as usize],
            },
        }
    }

    /// Who paid, from a row on, in as many rows as there is room for.
    pub fn read_from_accounts(&self, start: usize, into: &mut [u32]) {
        match self {
            TransferRows::Table(table) => {
                into.copy_from_slice(&table.from_account[start..start + into.len()]);
            }
            TransferRows::Packed(packed) => {
                packed.from_account.read(start, into, |account| account as u32);
            }
        }
    }

    /// Who was paid, as [`TransferRows::read_from_accounts`] does.
    pub fn read_to_accounts(&self, start: usize, into: &mut [u32]) {
        match self {
            TransferRows::Table(table) => {
                into.copy_from_slice(&table.to_account[start..start + into.len()]);
            }
            TransferRows::Packed(packed) => {
                packed.to_account.read(start, into, |account| account as u32);
            }
        }
    }

    /// When each was booked, as [`TransferRows::read_from_accounts`] does.
    pub fn read_booked_ms(&self, start: usize, into: &mut [i64]) {
        match self {
            TransferRows::Table(table) => {
                into.copy_from_slice(&table.booked_ms[start..start + into.len()]);
            }
            TransferRows::Packed(packed) => packed.booked_ms.read(start, into, |ms| ms),
        }
    }

    /// How it moved.
    #[inline]
    pub fn channel(&self, row: u32) -> Channel {
        match self {
            TransferRows::Table(table) => table.channel[row as usize],
            TransferRows::Packed(packed) => Channel::ALL[packed.channel.get(row as usize) as usize],
        }
    }

    /// Whose record the first reading is.
    #[inline]
    pub fn side(&self, row: u32) -> Side {
        match self {
            TransferRows::Table(table) => table.side[row as usize],
            TransferRows::Packed(packed) => SIDES[packed.side.get(row as usize) as usize],
        }
    }

    /// Where the first reading stands.
    #[inline]
    pub fn place(&self, row: u32) -> SourceRef {
        let at = row as usize;
        match self {
            TransferRows::Table(table) => {
                SourceRef { source: table.source[at], line: table.line[at] }
            }
            TransferRows::Packed(packed) => {
                SourceRef { source: packed.source.get(at) as u32, line: packed.line.get(at) as u32 }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::NONE;
    use crate::store::tables::Table;

    type Row = (u32, u32, i64, i32, bool, i64, usize, usize, usize, u32, u32);

    fn table(rows: &[Row]) -> Transfers {
        let currencies = ["USD", "EUR", "JPY"].map(|code| code.parse::<Currency>().unwrap());
        Transfers {
            from_account: rows.iter().map(|row| row.0).collect(),
            to_account: rows.iter().map(|row| row.1).collect(),
            booked_ms: rows.iter().map(|row| row.2).collect(),
            day: rows.iter().map(|row| row.3).collect(),
            timed: rows.iter().map(|row| row.4).collect(),
            amount_minor: rows.iter().map(|row| row.5).collect(),
            currency: rows.iter().map(|row| currencies[row.6]).collect(),
            channel: rows.iter().map(|row| Channel::ALL[row.7]).collect(),
            side: rows.iter().map(|row| SIDES[row.8]).collect(),
            source: rows.iter().map(|row| row.9).collect(),
            line: rows.iter().map(|row| row.10).collect(),
        }
    }

    #[track_caller]
    fn check(rows: &[Row]) {
        let table = table(rows);
        let mut packed = PackedTransfers::with_room(rows.len());
        packed.extend_from(&table.to_frame().unwrap()).unwrap();
        packed.finish();
        let (plain, packed) = (TransferRows::Table(&table), TransferRows::Packed(&packed));
        assert_eq!((packed.len(), packed.is_empty()), (rows.len(), rows.is_empty()));
        let all = |of: &TransferRows, row| {
            let ends = (of.from_account(row), of.to_account(row));
            let time = (of.booked_ms(row), of.day(row), of.is_timed(row));
            (ends, time, of.sent(row), of.channel(row), of.side(row), of.place(row))
        };
        for row in 0..rows.len() as u32 {
            assert_eq!(all(&packed, row), all(&plain, row));
        }
    }

    #[test]
    fn a_packed_row_is_that_of_the_table() {
        check(&[]);
        check(&[(0, 1, -1, -1, false, 1, 0, 0, 0, NONE, NONE)]);
        check(&[(NONE, 0, i64::MAX, i32::MAX, true, i64::MAX, 2, 10, 2, 0, 1); 300]);
    }

    proptest! {
        #[test]
        fn packed_rows_are_those_of_the_table(
            ends in prop::collection::vec((any::<u32>(), 0..9_u32, any::<i64>()), 0..300),
            amount_minor in any::<i64>(),
            from in 0..3_usize,
        ) {
            let row = |(at, (one, other, ms)): (usize, &(u32, u32, i64))| -> Row {
                let code = (at + from) % 3;
                let minor = amount_minor.wrapping_mul(at as i64 % 7);
                let day = (*ms >> 32) as i32;
                (*one, *other, *ms, day, *ms < 0, minor, code, at % 11, code, at as u32 % 2, *one)
            };
            check(&ends.iter().enumerate().map(row).collect::<Vec<Row>>());
        }
    }
}
