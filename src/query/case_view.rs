//! Columns of a case table from columns of the store: row numbers become texts.
//!
//! What each table holds is `case_tables.rs`'s; here is how one column of any of them is made.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::*;

use crate::error::Result;
use crate::model::{Currency, EntityKind, NONE, SourceRef, Texts};
use crate::store::Case;

/// Which columns a statement can read.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Words of the statement.
    pub words: BTreeSet<String>,
    /// True when it may read columns it does not name.
    pub all: bool,
}

/// One case table for one statement.
#[derive(Clone, Debug)]
pub struct CaseTable {
    /// Rows and the wanted columns.
    pub frame: DataFrame,
    /// Currencies of its amounts.
    pub currencies: BTreeSet<Currency>,
}

/// A case table while its columns are added.
pub(crate) struct View<'a> {
    /// What the table is built from.
    pub(crate) case: &'a Case,
    wanted: &'a Wanted,
    columns: Vec<Column>,
    /// Currencies of its amounts, as far as its columns were added.
    pub(crate) currencies: BTreeSet<Currency>,
    /// Identity texts as series, made once for each kind: gathering shares their bytes.
    names: BTreeMap<EntityKind, Series>,
}

impl<'a> View<'a> {
    pub(crate) fn new(case: &'a Case, wanted: &'a Wanted) -> View<'a> {
        let (columns, currencies, names) = (Vec::new(), BTreeSet::new(), BTreeMap::new());
        View { case, wanted, columns, currencies, names }
    }

    pub(crate) fn finish(self) -> CaseTable {
        let frame = DataFrame::new_infer_height(self.columns)
            .expect("the columns of a case table are equally long and named once");
        CaseTable { frame, currencies: self.currencies }
    }

    pub(crate) fn wants(&self, name: &str) -> bool {
        self.wanted.all || self.wanted.words.contains(name)
    }

    pub(crate) fn plain(&mut self, name: &str, make: impl FnOnce() -> Series) {
        if self.wants(name) {
            self.columns.push(make().with_name(name.into()).into());
        }
    }

    /// Built although not wanted where it is the first column: a statement may only count rows.
    pub(crate) fn texts(&mut self, name: &str, texts: &Texts) {
        if self.wants(name) || self.columns.is_empty() {
            self.columns.push(text_series(texts).with_name(name.into()).into());
        }
    }

    pub(crate) fn words<'w>(
        &mut self,
        name: &str,
        rows: usize,
        words: impl Iterator<Item = &'w str>,
    ) {
        self.plain(name, || {
            let mut builder = StringChunkedBuilder::new("".into(), rows);
            words.for_each(|word| builder.append_value(word));
            builder.finish().into_series()
        });
    }

    /// Always built: the currencies decide whether an amount may be named without one.
    pub(crate) fn currency(&mut self, currencies: impl Iterator<Item = Option<Currency>>) {
        let case = self.case.currency();
        let mut seen = BTreeSet::new();
        let mut last = None;
        let mut builder = StringChunkedBuilder::new("currency".into(), 0);
        for currency in currencies {
            if last != Some(currency) {
                seen.insert(currency.unwrap_or(case));
                last = Some(currency);
            }
            builder.append_option(currency.as_ref().map(|code| code.code()));
        }
        self.currencies.extend(seen);
        self.columns.push(builder.finish().into_series().into());
    }

    pub(crate) fn day(
        &mut self,
        name: &str,
        days: impl Iterator<Item = Option<i32>>,
    ) -> Result<()> {
        self.plain(name, || {
            let days: Int32Chunked = days.collect();
            days.into_date().into_series()
        });
        Ok(())
    }

    pub(crate) fn time(&mut self, name: &str, times: &[i64]) -> Result<()> {
        self.plain(name, || {
            let times = Int64Chunked::from_slice("".into(), times);
            times.into_datetime(TimeUnit::Milliseconds, None).into_series()
        });
        Ok(())
    }

    /// Times that few records state.
    pub(crate) fn some_times(&mut self, name: &str, times: &[Option<i64>]) {
        self.plain(name, || {
            let times: Int64Chunked = times.iter().copied().collect();
            times.into_datetime(TimeUnit::Milliseconds, None).into_series()
        });
    }

    pub(crate) fn gathered(&mut self, name: &str, texts: &Texts, rows: &[u32]) -> Result<()> {
        self.plain(name, || gather(&text_series(texts), rows));
        Ok(())
    }

    fn names(&mut self, kind: EntityKind) -> Result<Series> {
        if let Some(names) = self.names.get(&kind) {
            return Ok(names.clone());
        }
        let names = text_series(self.case.names(kind)?);
        self.names.insert(kind, names.clone());
        Ok(names)
    }

    pub(crate) fn entity(&mut self, name: &str, kind: EntityKind, rows: &[u32]) -> Result<()> {
        if self.wants(name) {
            let names = self.names(kind)?;
            self.plain(name, || gather(&names, rows));
        }
        Ok(())
    }

    /// Entities of several kinds in one column.
    pub(crate) fn mixed(&mut self, name: &str, kinds: &[EntityKind], rows: &[u32]) -> Result<()> {
        if !self.wants(name) {
            return Ok(());
        }
        let case = self.case;
        let mut builder = StringChunkedBuilder::new("".into(), rows.len());
        for (kind, row) in kinds.iter().zip(rows) {
            let texts = case.names(*kind)?;
            builder.append_option((*row != NONE).then(|| texts.get(*row as usize)));
        }
        self.plain(name, || builder.finish().into_series());
        Ok(())
    }

    /// `path:line`, the lasting name of a record.
    pub(crate) fn place(&mut self, name: &str, sources: &[u32], lines: &[u32]) -> Result<()> {
        if !self.wants(name) {
            return Ok(());
        }
        let mut builder = StringChunkedBuilder::new("".into(), lines.len());
        for (source, line) in sources.iter().zip(lines) {
            let at = SourceRef { source: *source, line: *line };
            match (*source, *line) {
                (NONE, _) => builder.append_null(),
                // All records of a source.
                (source, NONE) => {
                    builder.append_value(self.case.sources()?.source.get(source as usize));
                }
                _ => builder.append_value(self.case.place(at)?),
            }
        }
        self.plain(name, || builder.finish().into_series());
        Ok(())
    }

    pub(crate) fn transfer(&mut self, name: &str, rows: &[u32]) -> Result<()> {
        let table = self.case.transfers()?;
        let at = |row: &u32, column: &[u32]| {
            if *row == NONE { NONE } else { column[*row as usize] }
        };
        let sources: Vec<u32> = rows.iter().map(|row| at(row, &table.source)).collect();
        let lines: Vec<u32> = rows.iter().map(|row| at(row, &table.line)).collect();
        self.place(name, &sources, &lines)
    }

    /// The file and line every fact ends with; `line` is always built, so that a table has rows
    /// even for a statement that only counts them.
    pub(crate) fn source(&mut self, sources: &[u32], lines: &[u32]) -> Result<()> {
        let texts = &self.case.sources()?.source;
        self.gathered("source", texts, sources)?;
        let lines: UInt32Chunked =
            lines.iter().map(|line| (*line != NONE).then_some(*line)).collect();
        self.columns.push(lines.with_name("line".into()).into_series().into());
        Ok(())
    }
}

fn gather(texts: &Series, rows: &[u32]) -> Series {
    let rows: IdxCa = rows.iter().map(|row| (*row != NONE).then_some(*row)).collect();
    texts.take(&rows).expect("a row number of the store is a row of its table")
}

fn text_series(texts: &Texts) -> Series {
    let mut builder = StringChunkedBuilder::new("".into(), texts.len());
    for text in texts.iter() {
        builder.append_option((!text.is_empty()).then_some(text));
    }
    builder.finish().into_series()
}
