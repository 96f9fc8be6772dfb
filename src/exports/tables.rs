//! Result tables as a terminal table, CSV, JSON and Parquet.
//!
//! Every format carries the same rows in the same order, and the same bytes every time. Evidence
//! is written as it stands: a cell that begins with `=`, `+`, `-` or `@` is *not* changed in CSV,
//! although a spreadsheet that opens the file by double click may take it for a formula, and
//! drops the leading zeros of an account number. Importing the columns as text avoids both; the
//! report says so to its reader. Only the terminal form makes control characters visible, since
//! a record must not be able to steer the terminal it is shown on.

mod terminal;

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use polars::prelude::*;
use polars_io::parquet::write::{ParquetCompression, ParquetWriteOptions};

use crate::error::{Error, Result};
use crate::exports::Wording;
use crate::interrupt;
use crate::model::{ResultColumn, ResultTable, Values};

/// The sentence that stands for a table without rows.
pub const NOTHING_FOUND: &str = "Nothing was found.";

/// Rows of one row group.
const ROW_GROUP_ROWS: usize = 262_144;

/// Narrower than this, a table wraps its words to single letters and helps nobody.
const TERMINAL_WIDTH_MIN: u16 = 60;

/// How a result table is written.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq, ValueEnum)]
pub enum TableFormat {
    /// Aligned columns for people.
    #[default]
    Table,
    /// RFC 4180 with line feeds; amounts as decimal text.
    Csv,
    /// An array of objects; amounts as decimal text.
    Json,
    /// Amounts as integers of minor units, times as milliseconds since 1970 UTC.
    Parquet,
}

impl TableFormat {
    /// The ending of a file of this format.
    pub fn ending(self) -> &'static str {
        match self {
            TableFormat::Table => "txt",
            TableFormat::Csv => "csv",
            TableFormat::Json => "json",
            TableFormat::Parquet => "parquet",
        }
    }
}

/// Writes result tables of one case.
///
/// ```
/// use moneytrail::exports::Wording;
/// use moneytrail::exports::tables::{TableFormat, TableWriter};
/// use moneytrail::model::{ResultTable, Values};
///
/// let wording = Wording::default();
/// let table = ResultTable::new("contacts")
///     .with("phone", Values::Text(vec!["+1 212 555 0142".into()]))
///     .with("calls", Values::Count(vec![Some(12)]));
/// let mut out = Vec::new();
/// TableWriter::new(&wording).write(&table, TableFormat::Csv, &mut out)?;
/// assert_eq!(out, b"phone,calls\n+1 212 555 0142,12\n");
/// # Ok::<(), moneytrail::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct TableWriter<'a> {
    wording: &'a Wording,
    width: Option<u16>,
}

impl<'a> TableWriter<'a> {
    /// A writer whose terminal form is as wide as its content.
    pub fn new(wording: &'a Wording) -> TableWriter<'a> {
        TableWriter { wording, width: None }
    }

    /// A writer for standard output: wraps cells at the terminal's width, and not at all when
    /// the output goes to a file or another program.
    pub fn for_stdout(wording: &'a Wording) -> TableWriter<'a> {
        let stdout = io::stdout();
        let width = stdout
            .is_terminal()
            .then(|| rustix::termios::tcgetwinsize(&stdout).ok())
            .flatten()
            .map(|size| size.ws_col.max(TERMINAL_WIDTH_MIN));
        TableWriter { wording, width }
    }

    /// The same writer with cells wrapped so that no line is longer than `columns`.
    pub fn with_width(self, columns: u16) -> TableWriter<'a> {
        TableWriter { width: Some(columns), ..self }
    }

    /// Writes `table` and returns the sentences that this format has no place for, which the
    /// caller says elsewhere: notes, and [`NOTHING_FOUND`] for an empty table. The terminal form
    /// prints them itself and returns none.
    ///
    /// Cost: one pass over the rows, two for the terminal form, which needs the widths first. Only
    /// Parquet holds a copy of the table in memory.
    ///
    /// # Errors
    ///
    /// [`Error::Io`], named after the table, if `out` refuses; [`Error::PrintInterrupted`] when
    /// stopped.
    pub fn write(
        &self,
        table: &ResultTable,
        format: TableFormat,
        out: &mut dyn Write,
    ) -> Result<Vec<String>> {
        // Cells are written one by one, and a terminal or a pipe takes each as a system call.
        let mut out = BufWriter::new(out);
        let written = match format {
            TableFormat::Table => self.write_terminal(table, &mut out),
            TableFormat::Csv => self.write_csv(table, &mut out),
            TableFormat::Json => self.write_json(table, &mut out),
            TableFormat::Parquet => self.write_parquet(table, &mut out),
        };
        written.and_then(|()| out.flush()).map_err(|source| match is_stopped(&source) {
            true => Error::PrintInterrupted,
            false => Error::Io { path: table.name.clone(), source },
        })?;
        Ok(if format == TableFormat::Table { Vec::new() } else { sentences(table) })
    }

    /// Writes `table` as `dir/NAME.ending`; returns the path and what [`TableWriter::write`]
    /// returns.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] with the path if the disk refuses.
    pub fn write_file(
        &self,
        table: &ResultTable,
        format: TableFormat,
        dir: &Path,
    ) -> Result<(PathBuf, Vec<String>)> {
        let path = dir.join(format!("{}.{}", table.name, format.ending()));
        let file = File::create(&path).map_err(|source| Error::io(&path, source))?;
        let said = self.write(table, format, &mut &file).map_err(|refused| match refused {
            Error::Io { source, .. } => Error::io(&path, source),
            // Files are written into a staging directory, of which nothing stays.
            Error::PrintInterrupted => Error::Interrupted,
            other => other,
        })?;
        Ok((path, said))
    }

    fn write_terminal(&self, table: &ResultTable, out: &mut dyn Write) -> io::Result<()> {
        if !table.columns.is_empty() {
            match self.width {
                None => terminal::write_as_wide(self.wording, table, out)?,
                Some(width) => terminal::write_wrapped(self.wording, table, width, out)?,
            }
        }
        let said = sentences(table);
        if !said.is_empty() {
            writeln!(out)?;
        }
        for sentence in said {
            writeln!(out, "{}", terminal::visible(&sentence))?;
        }
        Ok(())
    }

    fn write_csv(&self, table: &ResultTable, out: &mut dyn Write) -> io::Result<()> {
        let mut writer = csv::WriterBuilder::new().from_writer(out);
        writer.write_record(table.columns.iter().map(|column| column.name.as_str()))?;
        for row in 0..table.rows() {
            going_on()?;
            let cells = table.columns.iter().map(|column| self.wording.exact(&column.values, row));
            writer.write_record(cells)?;
        }
        writer.flush()
    }

    fn write_json(&self, table: &ResultTable, out: &mut dyn Write) -> io::Result<()> {
        // One object a line, written as it is made: a table of millions of rows is never held
        // twice, and a difference between two runs shows as lines.
        write!(out, "[")?;
        for row in 0..table.rows() {
            going_on()?;
            write!(out, "{}  {{", if row == 0 { "\n" } else { ",\n" })?;
            for (at, column) in table.columns.iter().enumerate() {
                let comma = if at == 0 { "" } else { ", " };
                write!(out, "{comma}{}: ", json_text(&column.name))?;
                write!(out, "{}", self.json_value(&column.values, row))?;
            }
            write!(out, "}}")?;
        }
        writeln!(out, "{}]", if table.rows() == 0 { "" } else { "\n" })
    }

    /// One cell as JSON: money and times as texts, exact numbers as they are.
    pub fn json_value(&self, values: &Values, row: usize) -> String {
        let exact = || self.wording.exact(values, row);
        match values {
            Values::Text(_) | Values::Words(_) => json_text(&exact()),
            Values::Refs(rows) => serde_json::to_string(&self.wording.places(&rows[row]))
                .expect("a list of texts is always JSON"),
            // Their exact texts are JSON already, and no float stands between.
            Values::Count(_) | Values::Score(_) | Values::Flag(_) => null_if_empty(exact()),
            Values::Money(_) | Values::RareMoney(_) | Values::Day(_) | Values::Time(_) => {
                match exact() {
                    text if text.is_empty() => null_if_empty(text),
                    text => json_text(&text),
                }
            }
        }
    }

    fn write_parquet(&self, table: &ResultTable, out: &mut dyn Write) -> io::Result<()> {
        let columns = table.columns.iter().map(|column| self.series(column).map(Column::from));
        let frame = columns
            .collect::<PolarsResult<Vec<Column>>>()
            .and_then(|columns| DataFrame::new(table.rows(), columns));
        let options = ParquetWriteOptions {
            compression: ParquetCompression::Zstd(None),
            row_group_size: Some(ROW_GROUP_ROWS),
            ..ParquetWriteOptions::default()
        };
        // One thread, so that the bytes never depend on their number.
        let written = frame.and_then(|mut frame| {
            options.to_writer(Asked(out)).set_parallel(false).finish(&mut frame)
        });
        // The engine hands an error on in words of its own.
        let refused = |refused| going_on().err().unwrap_or_else(|| io::Error::other(refused));
        written.map(|_| ()).map_err(refused)
    }

    fn series(&self, column: &ResultColumn) -> PolarsResult<Series> {
        let name = PlSmallStr::from_str(&column.name);
        Ok(match &column.values {
            Values::Text(_) | Values::Words(_) | Values::Refs(_) => {
                let rows = column.values.len();
                let mut builder = StringChunkedBuilder::new(name, rows);
                for row in 0..rows {
                    going_on()?;
                    let text = self.wording.exact(&column.values, row);
                    builder.append_option((!text.is_empty()).then_some(text));
                }
                builder.finish().into_series()
            }
            Values::Count(rows) => Series::new(name, rows),
            money @ (Values::Money(_) | Values::RareMoney(_)) => {
                let amounts = (0..money.len()).map(|row| money.amount(row));
                let minor: Int64Chunked =
                    amounts.map(|amount| amount.map(|amount| amount.minor)).collect();
                minor.with_name(name).into_series()
            }
            Values::Day(rows) => Series::new(name, rows).cast(&DataType::Date)?,
            Values::Time(rows) => {
                let utc = TimeZone::opt_try_new(Some("UTC"))?;
                Series::new(name, rows).cast(&DataType::Datetime(TimeUnit::Milliseconds, utc))?
            }
            Values::Score(rows) => Series::new(name, rows),
            Values::Flag(rows) => Series::new(name, rows),
        })
    }
}

/// Fails once the user asked to stop: a table of millions of rows takes a while to print.
fn going_on() -> io::Result<()> {
    interrupt::check().map_err(io::Error::other)
}

/// A place to write to that refuses once the user asked to stop, for a library that writes whole
/// tables by itself.
struct Asked<'a>(&'a mut dyn Write);

impl Write for Asked<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        going_on()?;
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

fn is_stopped(refused: &io::Error) -> bool {
    let said = refused.get_ref().and_then(|said| said.downcast_ref::<Error>());
    matches!(said, Some(Error::Interrupted))
}

/// What a reader needs with the table: that it is empty, then its notes.
fn sentences(table: &ResultTable) -> Vec<String> {
    let empty = (table.rows() == 0).then(|| NOTHING_FOUND.to_owned());
    empty.into_iter().chain(table.notes.iter().cloned()).collect()
}

fn json_text(text: &str) -> String {
    serde_json::to_string(text).expect("a text is always JSON")
}

fn null_if_empty(text: String) -> String {
    if text.is_empty() { "null".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Amount, Currency, SourceRef};
    use polars_io::parquet::read::ParquetReader;

    fn wording() -> Wording {
        Wording {
            sources: vec!["bank/harbor.csv".into(), "bank/quay.csv".into()],
            ..Wording::default()
        }
    }

    fn flows() -> ResultTable {
        let usd = |minor| Some(Amount { minor, currency: Currency::USD });
        let seen = |source, line| SourceRef { source, line };
        ResultTable::new("flows")
            .with("from", Values::Text(vec!["=HB/1001".into(), "Zoë \"Z\", Ltd\nPier 4".into()]))
            .with("transfers", Values::Count(vec![Some(12), None]))
            .with("total", Values::Money(vec![usd(1_430_000), usd(-5)]))
            .with("currency", Values::Text(vec!["USD".into(), "USD".into()]))
            .with("first", Values::Day(vec![Some(19_813), None]))
            .with("seen", Values::Time(vec![Some(0), None]))
            .with("share", Values::Score(vec![Some(0.5), Some(f64::NAN)]))
            .with("cut", Values::Flag(vec![Some(true), None]))
            .with("source_refs", Values::Refs(vec![vec![seen(0, 2), seen(1, 9)], vec![]]))
    }

    fn text(table: &ResultTable, format: TableFormat, width: Option<u16>) -> String {
        let wording = wording();
        let mut writer = TableWriter::new(&wording);
        if let Some(width) = width {
            writer = writer.with_width(width);
        }
        let mut out = Vec::new();
        writer.write(table, format, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn csv_carries_evidence_unchanged() {
        let expected = "from,transfers,total,currency,first,seen,share,cut,source_refs\n\
            =HB/1001,12,14300.00,USD,2024-03-31,1970-01-01T00:00:00+00:00,0.5,true,\
            bank/harbor.csv:2; bank/quay.csv:9\n\
            \"Zoë \"\"Z\"\", Ltd\nPier 4\",,-0.05,USD,,,,,\n";
        assert_eq!(text(&flows(), TableFormat::Csv, None), expected);
    }

    #[test]
    fn csv_reads_back_cell_by_cell() {
        let written = text(&flows(), TableFormat::Csv, None);
        let mut reader = csv::Reader::from_reader(written.as_bytes());
        let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.unwrap()).collect();
        assert_eq!(&rows[1][0], "Zoë \"Z\", Ltd\nPier 4");
        assert_eq!(rows.len(), flows().rows());
    }

    #[test]
    fn json_keeps_types_and_writes_money_as_text() {
        let written = text(&flows(), TableFormat::Json, None);
        let rows: serde_json::Value = serde_json::from_str(&written).unwrap();
        assert_eq!(rows[0]["total"], "14300.00");
        assert_eq!(rows[0]["transfers"], 12);
        assert_eq!(rows[0]["share"], 0.5);
        assert_eq!(rows[0]["cut"], true);
        assert_eq!(rows[0]["first"], "2024-03-31");
        let refs = serde_json::json!(["bank/harbor.csv:2", "bank/quay.csv:9"]);
        assert_eq!(rows[0]["source_refs"], refs);
        for absent in ["transfers", "first", "seen", "share", "cut"] {
            assert!(rows[1][absent].is_null(), "{absent}");
        }
        assert_eq!(rows[1]["source_refs"], serde_json::json!([]));
    }

    #[test]
    fn parquet_holds_minor_units_days_and_times() {
        let (wording, mut out) = (wording(), Vec::new());
        TableWriter::new(&wording).write(&flows(), TableFormat::Parquet, &mut out).unwrap();
        let frame = ParquetReader::new(io::Cursor::new(&out)).finish().unwrap();
        let totals = frame.column("total").unwrap().i64().unwrap();
        assert_eq!(totals.iter().collect::<Vec<_>>(), [Some(1_430_000), Some(-5)]);
        assert_eq!(frame.column("first").unwrap().dtype(), &DataType::Date);
        let seen = frame.column("seen").unwrap().dtype().clone();
        assert!(matches!(seen, DataType::Datetime(TimeUnit::Milliseconds, Some(_))), "{seen:?}");
        let refs = frame.column("source_refs").unwrap().str().unwrap();
        assert_eq!(refs.get(0), Some("bank/harbor.csv:2; bank/quay.csv:9"));

        let mut again = Vec::new();
        TableWriter::new(&wording).write(&flows(), TableFormat::Parquet, &mut again).unwrap();
        assert_eq!(out, again);
    }

    #[test]
    fn terminal_form_aligns_numbers_and_ends_with_notes() {
        let usd = |minor| Some(Amount { minor, currency: Currency::USD });
        let table = ResultTable::new("flows")
            .with("from", Values::Text(vec!["HB/1001".into(), "Q/7\u{1b}[2J".into()]))
            .with("total", Values::Money(vec![usd(1_430_000), usd(-5)]))
            .with("currency", Values::Text(vec!["USD".into(), "USD".into()]))
            .note("Paths beyond 3 hops were not searched.");
        let expected = "\
from              total  currency
------------- ---------- --------
HB/1001       14,300.00  USD
Q/7\\u{1b}[2J      -0.05  USD

Paths beyond 3 hops were not searched.
";
        assert_eq!(text(&table, TableFormat::Table, None), expected);
    }

    #[test]
    fn terminal_form_keeps_to_its_width() {
        let long = "rent for the second quarter of the harbor premises ".repeat(4);
        let table = ResultTable::new("t")
            .with("n", Values::Count(vec![Some(1)]))
            .with("text", Values::Text(vec![long]));
        let written = text(&table, TableFormat::Table, Some(60));
        assert!(written.lines().all(|line| line.chars().count() <= 60), "{written}");
        assert!(written.lines().count() > 4);
    }

    #[test]
    fn an_empty_table_is_its_header_and_a_sentence() {
        let table = ResultTable::new("t").with("a", Values::Text(vec![])).note("Bound: 3.");
        assert_eq!(
            text(&table, TableFormat::Table, None),
            "a\n-\n\nNothing was found.\nBound: 3.\n"
        );
        assert_eq!(text(&table, TableFormat::Csv, None), "a\n");
        assert_eq!(text(&table, TableFormat::Json, None), "[]\n");
        let (wording, mut out) = (wording(), Vec::new());
        let said = TableWriter::new(&wording).write(&table, TableFormat::Csv, &mut out).unwrap();
        assert_eq!(said, [NOTHING_FOUND, "Bound: 3."]);
    }

    #[test]
    fn files_are_named_after_table_and_format() {
        let (dir, wording) = (tempfile::tempdir().unwrap(), wording());
        let writer = TableWriter::new(&wording);
        let (path, _) = writer.write_file(&flows(), TableFormat::Csv, dir.path()).unwrap();
        assert!(path.ends_with("flows.csv"));
        let refused = writer.write_file(&flows(), TableFormat::Csv, &dir.path().join("absent"));
        assert!(refused.unwrap_err().to_string().contains("flows.csv"));
    }
}
