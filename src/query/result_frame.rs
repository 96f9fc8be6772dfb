//! Result tables as a statement sees them.
//!
//! An analysis answers with a [`ResultTable`]; here it becomes a table a later question can
//! read. Money is minor units under `NAME_minor`, as in the case tables; source refs are text.

use polars::prelude::*;

use crate::error::Result;
use crate::model::{ResultTable, Values};
use crate::store::Case;

/// Column names that SQL keeps for itself, and what they are called in a statement.
const RENAMED: [(&str, &str); 3] =
    [("from", "from_entity"), ("to", "to_entity"), ("end", "end_day")];

/// The table as polars holds it, rows in the same order.
///
/// # Errors
///
/// [`crate::Error::File`] if the store's `sources` are damaged.
///
/// # Panics
///
/// If two columns of the table have one name.
pub fn result_frame(table: &ResultTable, case: &Case) -> Result<DataFrame> {
    let mut columns = Vec::with_capacity(table.columns.len());
    for column in &table.columns {
        let renamed = RENAMED.iter().find(|(name, _)| *name == column.name);
        let name = renamed.map_or(column.name.as_str(), |(_, name)| name);
        let (name, series) = match &column.values {
            money if money.is_money() => {
                let amounts = (0..money.len()).map(|row| money.amount(row));
                let minor = amounts.map(|amount| amount.map(|amount| amount.minor));
                (format!("{name}_minor"), minor.collect::<Int64Chunked>().into_series())
            }
            other => (name.to_owned(), series(other, case)?),
        };
        columns.push(series.with_name(name.into()).into());
    }
    Ok(DataFrame::new(table.rows(), columns).expect("a result table names its columns once"))
}

fn series(values: &Values, case: &Case) -> Result<Series> {
    let none = PlSmallStr::EMPTY;
    Ok(match values {
        Values::Text(rows) => {
            let texts = rows.iter().map(|text| (!text.is_empty()).then_some(text.as_str()));
            texts.collect::<StringChunked>().into_series()
        }
        Values::Words(rows) => {
            let texts =
                (0..rows.len()).map(|row| Some(rows.get(row)).filter(|text| !text.is_empty()));
            texts.collect::<StringChunked>().into_series()
        }
        Values::Count(rows) => Series::new(none, rows.as_slice()),
        Values::Money(_) | Values::RareMoney(_) => unreachable!("money was taken apart before"),
        Values::Day(rows) => Series::new(none, rows.as_slice())
            .i32()
            .expect("days are i32")
            .clone()
            .into_date()
            .into_series(),
        Values::Time(rows) => Series::new(none, rows.as_slice())
            .i64()
            .expect("times are i64")
            .clone()
            .into_datetime(TimeUnit::Milliseconds, None)
            .into_series(),
        Values::Score(rows) => Series::new(none, rows.as_slice()),
        Values::Flag(rows) => Series::new(none, rows.as_slice()),
        Values::Refs(rows) => {
            let mut builder = StringChunkedBuilder::new(none, rows.len());
            for refs in rows {
                let places = refs.iter().map(|at| case.place(*at)).collect::<Result<Vec<_>>>()?;
                builder.append_option((!places.is_empty()).then(|| places.join("; ")));
            }
            builder.finish().into_series()
        }
    })
}
