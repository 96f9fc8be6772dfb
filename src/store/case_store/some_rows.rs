//! Some rows and columns of a long table, for a question that needs few of them: a row group at a
//! time, so that nothing of the rest is held.
//!
//! Which rows a question needs is for the question to know; here is only how they are read, and
//! how a case is made of them.

use std::borrow::Cow;
use std::sync::OnceLock;

use polars::prelude::*;
use rayon::prelude::*;

use super::Case;
use super::read_back::RowGroups;
use crate::error::Result;
use crate::model::{Currency, SourceRef, Texts};
use crate::store::columns::{TableColumn, places_of_word};
use crate::store::tables::{Accounts, Coverage, Table, Transfers};

/// The columns of `accounts` that name one.
const ACCOUNT_NAMES: [&str; 3] = ["account", "number", "kind"];
/// Accounts whose names are looked up one by one; those of more are read with all others.
const NAMED_ALONE_MAX: usize = 64;

/// Who paid whom how much on which day: of each transfer what decides where money can go.
#[derive(Clone, Debug, Default)]
pub struct Paid {
    /// Row of `accounts` that paid.
    pub from_account: Vec<u32>,
    /// Row of `accounts` that was paid.
    pub to_account: Vec<u32>,
    /// Civil day.
    pub day: Vec<i32>,
    /// Minor units.
    pub amount_minor: Vec<i64>,
}

impl Paid {
    /// Puts one row of another behind its own.
    pub fn push(&mut self, other: &Paid, at: usize) {
        self.from_account.push(other.from_account[at]);
        self.to_account.push(other.to_account[at]);
        self.day.push(other.day[at]);
        self.amount_minor.push(other.amount_minor[at]);
    }

    /// Some of its rows, by their places.
    pub fn picked(&self, places: &[u32]) -> Paid {
        Paid {
            from_account: picked(&self.from_account, places),
            to_account: picked(&self.to_account, places),
            day: picked(&self.day, places),
            amount_minor: picked(&self.amount_minor, places),
        }
    }

    /// Room for so many more rows.
    pub fn reserve(&mut self, more: usize) {
        self.from_account.reserve_exact(more);
        self.to_account.reserve_exact(more);
        self.day.reserve_exact(more);
        self.amount_minor.reserve_exact(more);
    }

    /// Puts the rows of another behind its own.
    pub fn append(&mut self, more: &Paid) {
        self.from_account.extend_from_slice(&more.from_account);
        self.to_account.extend_from_slice(&more.to_account);
        self.day.extend_from_slice(&more.day);
        self.amount_minor.extend_from_slice(&more.amount_minor);
    }
}

/// The row groups of `transfers`, each read by itself and only as far as is asked.
#[derive(Debug)]
pub struct TransferGroups(RowGroups);

impl TransferGroups {
    /// First row and number of rows of each.
    pub fn spans(&self) -> &[(usize, usize)] {
        self.0.spans()
    }

    /// The word that a column holds in every row, where the footer of the table says that it is
    /// one. Cost: a look at the footer.
    pub fn one_word(&self, column: &str) -> Option<String> {
        self.0.one_text(column)
    }

    /// Who paid whom in one row group, on this thread alone; in one currency where that is asked
    /// for, without the payments of zero then, which move nothing in it, and with the places of the
    /// others in the row group. `look` is given days and amounts of all of it.
    ///
    /// # Errors
    ///
    /// [`crate::Error::File`] if the table is damaged.
    pub fn paid<L>(
        &self,
        group: usize,
        currency: Option<Currency>,
        look: impl FnOnce(&[i32], &[i64]) -> L,
    ) -> Result<(Paid, Option<Vec<u32>>, L)> {
        let names = ["from_account", "to_account", "day", "amount_minor", "currency"];
        let read = if currency.is_some() { &names[..] } else { &names[..4] };
        let frame = self.0.columns(group, read)?;
        let read = || -> PolarsResult<_> {
            let (day, amount_minor) =
                (lent::<Int32Type>(&frame, names[2])?, lent::<Int64Type>(&frame, names[3])?);
            let looked = look(&day, &amount_minor);
            let Some(currency) = currency else {
                let paid = Paid {
                    from_account: column(&frame, names[0])?,
                    to_account: column(&frame, names[1])?,
                    day: day.into_owned(),
                    amount_minor: amount_minor.into_owned(),
                };
                return Ok((paid, None, looked));
            };
            let mut places = places_of_word(frame.column(names[4])?.str()?, currency.code());
            places.retain(|at| amount_minor[*at as usize] != 0);
            let paid = Paid {
                from_account: picked(&lent::<UInt32Type>(&frame, names[0])?, &places),
                to_account: picked(&lent::<UInt32Type>(&frame, names[1])?, &places),
                day: picked(&day, &places),
                amount_minor: picked(&amount_minor, &places),
            };
            Ok((paid, Some(places), looked))
        };
        read().map_err(|refused| self.0.refused(&refused))
    }

    /// Who paid and who was paid in one row group, on this thread alone.
    ///
    /// # Errors
    ///
    /// [`crate::Error::File`] if the table is damaged.
    pub fn ends(&self, group: usize) -> Result<(Vec<u32>, Vec<u32>)> {
        let frame = self.0.columns(group, &["from_account", "to_account"])?;
        let read = || Ok((column(&frame, "from_account")?, column(&frame, "to_account")?));
        read().map_err(|refused| self.0.refused(&refused))
    }

    /// The currencies of some transfers of one row group, by their places in it.
    ///
    /// # Errors
    ///
    /// [`crate::Error::File`] if the table is damaged.
    pub fn currencies(&self, group: usize, places: &[u32]) -> Result<Vec<Currency>> {
        let frame = self.picked(group, &["currency"], places)?;
        column(&frame, "currency").map_err(|refused| self.0.refused(&refused))
    }

    /// Rows of `transfers` that stand in one row group and were read at a place, in order.
    ///
    /// # Errors
    ///
    /// [`crate::Error::File`] if the table is damaged.
    pub fn read_at(&self, group: usize, at: SourceRef) -> Result<Vec<u32>> {
        let frame = self.0.columns(group, &["source", "line"])?;
        let read = || -> PolarsResult<(Vec<u32>, Vec<u32>)> {
            Ok((column(&frame, "source")?, column(&frame, "line")?))
        };
        let (source, line) = read().map_err(|refused| self.0.refused(&refused))?;
        let first = self.spans()[group].0 as u32;
        let here = (first..).zip(source.iter().zip(&line));
        let here = here.filter(|(_, (source, line))| (**source, **line) == (at.source, at.line));
        Ok(here.map(|(row, _)| row).collect())
    }

    /// Some transfers of one row group, by their places in it: of what was paid, in one currency,
    /// the rest is read, on this thread alone.
    ///
    /// # Errors
    ///
    /// [`crate::Error::File`] if the table is damaged.
    pub fn transfers(
        &self,
        group: usize,
        places: &[u32],
        paid: Paid,
        currency: Currency,
    ) -> Result<Transfers> {
        let names = ["booked_ms", "timed", "channel", "side", "source", "line"];
        let frame = self.picked(group, &names, places)?;
        let read = || -> PolarsResult<Transfers> {
            Ok(Transfers {
                from_account: paid.from_account,
                to_account: paid.to_account,
                booked_ms: column(&frame, names[0])?,
                day: paid.day,
                timed: column(&frame, names[1])?,
                amount_minor: paid.amount_minor,
                currency: vec![currency; places.len()],
                channel: column(&frame, names[2])?,
                side: column(&frame, names[3])?,
                source: column(&frame, names[4])?,
                line: column(&frame, names[5])?,
            })
        };
        read().map_err(|refused| self.0.refused(&refused))
    }

    /// Some columns of some rows of one row group, rising. Cost: what lies between the first and
    /// the last.
    fn picked(&self, group: usize, names: &[&str], places: &[u32]) -> Result<DataFrame> {
        let (Some(first), Some(last)) = (places.first(), places.last()) else {
            return self.0.some_columns((self.spans()[group].0, 0), names);
        };
        let start = self.spans()[group].0 + *first as usize;
        let between = self.0.some_columns((start, (last - first) as usize + 1), names)?;
        let places: Vec<u32> = places.iter().map(|place| place - first).collect();
        let picked = between.take(&IdxCa::from_vec("".into(), places));
        picked.map_err(|refused| self.0.refused(&refused))
    }
}

fn column<C: TableColumn>(frame: &DataFrame, name: &str) -> PolarsResult<C> {
    let mut values = C::default();
    values.extend_from(frame.column(name)?.as_materialized_series())?;
    Ok(values)
}

/// The values of a column of numbers, not copied where they stand in one piece.
fn lent<'a, T: PolarsNumericType>(
    frame: &'a DataFrame,
    name: &str,
) -> PolarsResult<Cow<'a, [T::Native]>>
where
    Vec<T::Native>: TableColumn,
{
    let values = frame.column(name)?.as_materialized_series().unpack::<T>()?;
    match values.cont_slice() {
        Ok(values) => Ok(Cow::Borrowed(values)),
        Err(_) => column(frame, name).map(Cow::Owned),
    }
}

/// The values at some places of a column.
fn picked<T: Copy>(values: &[T], places: &[u32]) -> Vec<T> {
    places.iter().map(|at| values[*at as usize]).collect()
}

impl Case {
    /// The row groups of `transfers` on disk; none of a case in memory, or of one that already
    /// holds some of its transfers only.
    ///
    /// # Errors
    ///
    /// [`crate::Error::File`] if the table is damaged.
    pub fn transfer_groups(&self) -> Result<Option<TransferGroups>> {
        if self.in_memory || self.transfers.get().is_some() {
            return Ok(None);
        }
        let path = self.dir.join(format!("{}.parquet", Transfers::NAME));
        Ok(Some(TransferGroups(RowGroups::open(&path)?)))
    }

    /// The same store opened again, to be narrowed: of the table of accounts only what names them
    /// is read, and its other columns have no rows.
    pub fn reopened(&self) -> Case {
        Case { dir: self.dir.clone(), manifest: self.manifest.clone(), ..Case::default() }
    }

    /// Reads of `accounts` what names them, unless some of it was read.
    ///
    /// # Errors
    ///
    /// [`crate::Error::File`] if the table is damaged.
    pub fn name_accounts(&self) -> Result<()> {
        if self.accounts.get().is_some() {
            return Ok(());
        }
        let path = self.dir.join(format!("{}.parquet", Accounts::NAME));
        let groups = RowGroups::open(&path)?;
        let mut named = Accounts::default();
        let read = |group| groups.columns(group, &ACCOUNT_NAMES);
        let frames: Vec<Result<DataFrame>> =
            (0..groups.spans().len()).into_par_iter().map(read).collect();
        for frame in frames {
            let frame = frame?;
            let series = |name: &str| -> PolarsResult<&Series> {
                Ok(frame.column(name)?.as_materialized_series())
            };
            let mut read = || -> PolarsResult<()> {
                named.account.extend_from(series(ACCOUNT_NAMES[0])?)?;
                named.number.extend_from(series(ACCOUNT_NAMES[1])?)?;
                named.kind.extend_from(series(ACCOUNT_NAMES[2])?)
            };
            read().map_err(|refused| groups.refused(&refused))?;
        }
        let _ = self.accounts.set(named);
        Ok(())
    }

    /// Reads of `accounts` what names some of them, rising: the others have a row and no name.
    /// Reads what names all where they are many, and nothing where some of it was read.
    ///
    /// # Errors
    ///
    /// [`crate::Error::File`] if the table is damaged.
    pub fn name_some_accounts(&self, rows: &[u32]) -> Result<()> {
        if self.accounts.get().is_some() {
            return Ok(());
        }
        if rows.len() > NAMED_ALONE_MAX {
            return self.name_accounts();
        }
        let path = self.dir.join(format!("{}.parquet", Accounts::NAME));
        let groups = RowGroups::open(&path)?;
        let named: Result<Vec<[Texts; 3]>> = rows
            .par_iter()
            .map(|row| {
                let frame = groups.some_columns((*row as usize, 1), &ACCOUNT_NAMES)?;
                let of = |name| column(&frame, name).map_err(|refused| groups.refused(&refused));
                Ok([of(ACCOUNT_NAMES[0])?, of(ACCOUNT_NAMES[1])?, of(ACCOUNT_NAMES[2])?])
            })
            .collect();
        let named = named?;
        let of_column = |nth: usize| -> Texts {
            let mut named = rows.iter().zip(&named).peekable();
            let all = 0..groups.rows_held() as u32;
            let text = |row: u32| match named.next_if(|(of, _)| **of == row) {
                Some((_, texts)) => texts[nth].get(0),
                None => "",
            };
            all.map(text).collect()
        };
        let [account, number, kind] = [0, 1, 2].map(of_column);
        let _ = self.accounts.set(Accounts { account, number, kind, ..Accounts::default() });
        Ok(())
    }

    /// How many accounts there are. Cost: a look at the footer, unless the table was read.
    ///
    /// # Errors
    ///
    /// [`crate::Error::File`] if the table is damaged.
    pub fn account_rows(&self) -> Result<usize> {
        if self.in_memory || self.accounts.get().is_some() {
            return Ok(self.accounts()?.account.len());
        }
        let path = self.dir.join(format!("{}.parquet", Accounts::NAME));
        Ok(RowGroups::open(&path)?.rows_held())
    }

    /// The days that records span: row of `accounts`, first and last day, in order of the table.
    ///
    /// # Errors
    ///
    /// [`crate::Error::File`] if the table is damaged.
    pub fn covered_days(&self) -> Result<Vec<(u32, i32, i32)>> {
        const COVERS: &str = "covers";
        let path = self.dir.join(format!("{}.parquet", Coverage::NAME));
        let is_held = self.in_memory || self.coverage.get().is_some();
        let groups = if is_held { None } else { Some(RowGroups::open(&path)?) };
        let Some(groups) = groups.filter(|of| of.one_text("state").as_deref() == Some(COVERS))
        else {
            let all = self.coverage()?;
            let covers = (0..all.account.len()).filter(|row| all.state.get(*row) == COVERS);
            let days = covers.map(|row| (all.account[row], all.from_day[row], all.to_day[row]));
            return Ok(days.collect());
        };
        let mut days = Vec::with_capacity(groups.rows_held());
        for group in 0..groups.len() {
            let frame = groups.columns(group, &["account", "from_day", "to_day"])?;
            let mut read = || -> PolarsResult<()> {
                let account = lent::<UInt32Type>(&frame, "account")?;
                let from_day = lent::<Int32Type>(&frame, "from_day")?;
                let to_day = lent::<Int32Type>(&frame, "to_day")?;
                let spans = account.iter().zip(from_day.iter().zip(to_day.iter()));
                days.extend(spans.map(|(account, (first, last))| (*account, *first, *last)));
                Ok(())
            };
            read().map_err(|refused| groups.refused(&refused))?;
        }
        Ok(days)
    }

    /// The case with some of its transfers only, `numbers` their rows of the table, rising.
    pub fn of_transfers(self, transfers: Transfers, numbers: Vec<u32>) -> Case {
        assert_eq!(transfers.line.len(), numbers.len(), "every transfer has its number");
        Case { transfers: OnceLock::from(transfers), numbers: Some(numbers), ..self }
    }

    /// The number by which a row of `transfers` is known: its row in the table on disk.
    pub fn transfer_number(&self, row: u32) -> u32 {
        self.numbers.as_ref().map_or(row, |numbers| numbers[row as usize])
    }

    /// The row of a transfer that is known by a number, where it is held.
    ///
    /// # Errors
    ///
    /// [`crate::Error::File`] if the table is damaged.
    pub fn transfer_numbered(&self, number: u32) -> Result<Option<u32>> {
        Ok(match &self.numbers {
            Some(numbers) => numbers.binary_search(&number).ok().map(|row| row as u32),
            None => {
                let rows = self.transfers()?.line.len();
                Some(number).filter(|row| (*row as usize) < rows)
            }
        })
    }
}
