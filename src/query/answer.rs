//! Answering a question: the tables it names, the engine, and a result table in a stable order.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use polars::prelude::*;
use polars::sql::SQLContext;
use polars_core::runtime::THREAD_POOL;

use crate::error::{Error, Result, nearest};
use crate::model::{Amount, Currency, ResultTable, Values};
use crate::query::{
    Asks, Literal, Mention, PATH_COLUMNS, PathQuestion, Prepared, Query, Refused, Statement,
    StatementPlace, Wanted, case_table, result_frame,
};
use crate::store::Case;

/// Ending of a column that holds money in minor units.
const MINOR: &str = "_minor";

/// Most bytes of an engine's message that are shown; it prints whole syntax trees.
const MESSAGE_MAX: usize = 300;

/// The result tables of analyses, as far as a question may read them.
///
/// The query layer stands above the analyses and knows none of them by name; whoever runs
/// questions hands in what there is.
pub trait ResultProvider {
    /// Names of the tables [`ResultProvider::result_table`] knows, with `_` for `-`.
    fn names(&self) -> Vec<String>;

    /// The table of that name, computed with the analysis's own defaults when first asked for.
    ///
    /// # Errors
    ///
    /// Whatever the analysis meets.
    fn result_table(&self, name: &str) -> Result<Option<ResultTable>>;

    /// The answer of a question that names an analysis; `None` if there is no such analysis.
    /// Its parameters are `query.analysis_parameters(values)`.
    ///
    /// # Errors
    ///
    /// Whatever the analysis meets, and [`Error::Key`] for parameters it does not know.
    fn run_analysis(
        &self,
        analysis: &str,
        query: &Query,
        values: &BTreeMap<String, String>,
    ) -> Result<Option<ResultTable>>;
}

/// No result tables: a question then sees the case tables alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoResults;

impl ResultProvider for NoResults {
    fn names(&self) -> Vec<String> {
        Vec::new()
    }

    fn result_table(&self, _name: &str) -> Result<Option<ResultTable>> {
        Ok(None)
    }

    fn run_analysis(
        &self,
        _analysis: &str,
        _query: &Query,
        _values: &BTreeMap<String, String>,
    ) -> Result<Option<ResultTable>> {
        Ok(None)
    }
}

/// Answers a saved question. `values` are by parameter; one that is absent takes its default.
///
/// Rows come in the statement's own order, ties broken by all columns from left to right; a
/// statement without ORDER BY is sorted that way alone. The table is named after the question.
///
/// # Errors
///
/// [`Error::Usage`] for a value that is missing, unknown or of another type, [`Error::Key`] for
/// a table the case has not, [`Error::Query`] for what the engine refuses.
pub fn answer(
    query: &Query,
    values: &BTreeMap<String, String>,
    case: &Case,
    results: &dyn ResultProvider,
) -> Result<ResultTable> {
    match &query.asks {
        Asks::Analysis { analysis } => {
            let mut table = results.run_analysis(analysis, query, values)?.ok_or_else(|| {
                let names = results.names();
                let dashed: Vec<String> = names.iter().map(|name| name.replace('_', "-")).collect();
                let nearest = nearest(analysis, dashed.iter().map(String::as_str), 3);
                Error::Unknown { kind: "analysis", found: analysis.clone(), nearest }
            })?;
            table.name.clone_from(&query.name);
            Ok(table)
        }
        Asks::Sql { .. } => Prepared::new(query, case, results)?.answer(values),
    }
}

/// Runs the engine on one of its own threads: each step of a small answer would else be handed over
/// to them, which costs more than the step.
fn within<T: Send>(engine: impl FnOnce() -> T + Send) -> T {
    THREAD_POOL.install(engine)
}

/// One statement with what it is asked of.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) query: &'a Query,
    pub(crate) statement: &'a Statement,
    pub(crate) place: StatementPlace,
    pub(crate) case: &'a Case,
    pub(crate) results: &'a dyn ResultProvider,
    pub(crate) paths: &'a [PathQuestion],
    /// The key it stands under.
    pub(crate) key: &'a str,
    /// Texts for the engine that do not depend on values, where they are kept.
    pub(crate) printed: Option<&'a Printed>,
}

/// One statement without placeholders as it is printed for the engine, by the names of columns that
/// are given to it.
#[derive(Debug, Default)]
pub(crate) struct Printed {
    texts: RefCell<BTreeMap<Option<Vec<String>>, Rc<str>>>,
}

impl Asked<'_> {
    /// Its rows as the engine meets them: for sets, whose order means nothing.
    pub(crate) fn collect(
        &self,
        context: &mut SQLContext,
        literals: &BTreeMap<String, Literal>,
    ) -> Result<DataFrame> {
        let text = self.print(literals, None)?;
        let lazy = self.run(|| context.execute(&text))?;
        self.run(|| within(|| lazy.collect()))
    }

    /// Its rows in order. `known_names` holds the names of its columns once they are known.
    pub(crate) fn answer(
        &self,
        context: &mut SQLContext,
        literals: &BTreeMap<String, Literal>,
        currencies: &BTreeSet<Currency>,
        rows_max: usize,
        known_names: &OnceCell<Vec<String>>,
    ) -> Result<ResultTable> {
        let orders = self.statement.orders();
        let known = known_names.get().filter(|_| orders && self.statement.names_columns());
        let (names, plain) = match known {
            Some(names) => (names.clone(), None),
            None => {
                let plain = self.print(literals, None)?;
                let mut lazy = self.run(|| context.execute(&plain))?;
                let schema = self.run(|| lazy.collect_schema())?;
                let names: Vec<String> = schema.iter_names().map(|name| name.to_string()).collect();
                let _ = known_names.set(names.clone());
                (names, Some(lazy))
            }
        };
        let lazy = if let Some(lazy) = plain.filter(|_| !orders) {
            let by: Vec<PlSmallStr> = names.iter().map(|name| name.as_str().into()).collect();
            lazy.sort(by, SortMultipleOptions::default())
        } else {
            let ordered = self.print(literals, Some(&names))?;
            self.run(|| context.execute(&ordered))?
        };
        // One row more than the bound shows whether the bound was met.
        let lazy = lazy.limit(IdxSize::try_from(rows_max + 1).unwrap_or(IdxSize::MAX));
        let mut frame = self.run(|| within(|| lazy.collect()))?;
        let cut = frame.height() > rows_max;
        if cut {
            frame = frame.head(Some(rows_max));
        }
        let mut table = self.table(&frame, currencies)?;
        if cut {
            table = table.note(format!(
                "The answer has more than {rows_max} rows; the first {rows_max} in its order are \
                 shown."
            ));
        }
        Ok(table)
    }

    fn print(
        &self,
        literals: &BTreeMap<String, Literal>,
        columns: Option<&[String]>,
    ) -> Result<Rc<str>> {
        let kept = self.printed.filter(|_| self.statement.placeholders.is_empty());
        let key = columns.map(<[String]>::to_vec);
        if let Some(known) = kept.and_then(|kept| kept.texts.borrow().get(&key).cloned()) {
            return Ok(known);
        }
        let text = self.statement.print(literals, columns);
        let text: Rc<str> =
            text.map_err(|refused| self.place.error(&self.query.file, refused))?.into();
        if let Some(kept) = kept {
            kept.texts.borrow_mut().insert(key, Rc::clone(&text));
        }
        Ok(text)
    }

    /// Runs the engine. Where it stops at a shape of statement it was not made for, that is the
    /// statement's failure and not one of our invariants.
    fn run<T>(&self, engine: impl FnOnce() -> PolarsResult<T>) -> Result<T> {
        match catch_unwind(AssertUnwindSafe(engine)) {
            Ok(said) => self.told(said),
            Err(_) => {
                let what = "the engine stopped at this statement".to_owned();
                Err(self.refused(what, Some("ask in simpler steps, each a WITH of its own")))
            }
        }
    }

    /// What the engine says, as an error of the file.
    pub(crate) fn told<T>(&self, said: PolarsResult<T>) -> Result<T> {
        said.map_err(|refused| {
            let message = refused.to_string();
            if let (PolarsError::ColumnNotFound(_), Some(missing)) =
                (&refused, message.split('"').nth(1))
            {
                return self.unknown_column(missing);
            }
            if message.starts_with("conversion from `f64` to `i64` failed") {
                return Error::AmountOverflow;
            }
            let first = message.split("\n\n").next().unwrap_or(&message);
            let mut what = first.split_whitespace().collect::<Vec<_>>().join(" ");
            if what.len() > MESSAGE_MAX {
                what.truncate(what.floor_char_boundary(MESSAGE_MAX));
                what.push_str(" ...");
            }
            self.refused(what, None)
        })
    }

    /// The engine only knows the columns that were built, so the nearest name is looked for
    /// among all columns of the tables the statement reads.
    fn unknown_column(&self, missing: &str) -> Error {
        let empty = Case::in_memory(self.case.manifest().clone());
        let wanted = Wanted { words: BTreeSet::new(), all: true };
        let mut known: BTreeSet<String> = BTreeSet::new();
        for table in &self.statement.tables {
            let frame = match case_table(&empty, &table.name, &wanted) {
                Ok(Some(table)) => Some(table.frame),
                _ => match self.results.result_table(&table.name) {
                    Ok(Some(table)) => result_frame(&table, self.case).ok(),
                    _ => None,
                },
            };
            let names = frame.iter().flat_map(|frame| frame.get_column_names());
            known.extend(names.map(|name| name.to_string()));
            if self.paths.iter().any(|path| path.name == table.name) {
                known.extend(PATH_COLUMNS.map(str::to_owned));
            }
        }
        let near = nearest(missing, known.iter().map(String::as_str), 3);
        let hint = match near.is_empty() {
            true => format!("the columns are {}", names_list(known.iter().map(String::as_str))),
            false => format!("did you mean {}?", names_list(near.iter().map(String::as_str))),
        };
        self.refused(format!("no column is named `{missing}` there"), Some(&hint))
    }

    pub(crate) fn refused(&self, what: String, hint: Option<&str>) -> Error {
        let at = format!("{}: {}", self.query.file, self.key);
        Error::Query { at, what, hint: hint.map(str::to_owned) }
    }

    /// Every table the statement names is known, and no name of its own hides one.
    pub(crate) fn check_names(&self, known: &BTreeSet<&str>) -> Result<()> {
        let at = |mention: &Mention, what: String, hint: Option<String>| {
            let refused = Refused { line: mention.line, column: mention.column, what, hint };
            self.place.error(&self.query.file, refused)
        };
        for given in &self.statement.given_names {
            if known.contains(given.name.as_str()) {
                let what = format!("`{}` is a table of the case already", given.name);
                return Err(at(given, what, Some("choose another name".to_owned())));
            }
        }
        for table in &self.statement.tables {
            if !known.contains(table.name.as_str()) {
                let what = format!("no table is named `{}`", table.name);
                let near = nearest(&table.name, known.iter().copied(), 3);
                let hint = match near.is_empty() {
                    true => format!("the tables are {}", names_list(known.iter().copied())),
                    false => {
                        format!("did you mean {}?", names_list(near.iter().map(String::as_str)))
                    }
                };
                return Err(at(table, what, Some(hint)));
            }
        }
        Ok(())
    }

    fn table(&self, frame: &DataFrame, currencies: &BTreeSet<Currency>) -> Result<ResultTable> {
        let mut table = ResultTable::new(self.query.name.clone());
        let case = self.case.currency();
        let stated = frame.column("currency").ok();
        let money = frame.columns().iter().any(|column| column.name().ends_with(MINOR));
        if money && stated.is_none() && currencies.iter().any(|currency| *currency != case) {
            let what = format!(
                "the tables hold amounts in {}, and the answer does not say which",
                names_list(currencies.iter().map(Currency::code))
            );
            let hint = "select `currency`, and group by it wherever amounts are added";
            return Err(self.refused(what, Some(hint)));
        }
        let currency = |row: usize| -> Result<Currency> {
            let Some(column) = stated else {
                return Ok(case);
            };
            let value =
                column.get(row).map_err(|refused| self.refused(refused.to_string(), None))?;
            match value.get_str() {
                Some(code) => code
                    .parse()
                    .map_err(|_| self.refused(format!("`currency` holds {code:?}"), None)),
                None => Ok(case),
            }
        };
        for column in frame.columns() {
            let name = column.name().as_str();
            let series = column.as_materialized_series();
            let (name, values) = match name.strip_suffix(MINOR) {
                Some(money) if !money.is_empty() => (money, self.money(series, &currency)?),
                // An amount whose record names no currency is in the case's own; its row says so.
                _ if money && name == "currency" => {
                    (name, self.values(&self.stated_currency(series)?)?)
                }
                _ => (name, self.values(series)?),
            };
            if table.column(name).is_some() {
                let what = format!("two columns of the answer are named `{name}`");
                return Err(self.refused(what, Some("rename one with `as`")));
            }
            table = table.with(name, values);
        }
        if money && stated.is_none() {
            let codes = vec![case.code().to_owned(); frame.height()];
            table = table.with("currency", Values::Text(codes));
        }
        Ok(table)
    }

    fn stated_currency(&self, series: &Series) -> Result<Series> {
        let codes = self.told(series.str().cloned())?;
        let case = self.case.currency();
        let filled: StringChunked =
            codes.iter().map(|code| Some(code.unwrap_or(case.code()))).collect();
        Ok(filled.into_series())
    }

    fn money(
        &self,
        series: &Series,
        currency: &dyn Fn(usize) -> Result<Currency>,
    ) -> Result<Values> {
        if !series.dtype().is_integer() && !series.dtype().is_null() {
            let what = format!("`{}` is not in whole minor units", series.name());
            let hint = "write cast(round(...) as bigint), or name a share or mean otherwise";
            return Err(self.refused(what, Some(hint)));
        }
        let minor = self.told(series.cast(&DataType::Int64))?;
        let minor = self.told(minor.i64().cloned())?;
        let mut rows = Vec::with_capacity(minor.len());
        for (row, minor) in minor.iter().enumerate() {
            rows.push(match minor {
                Some(minor) => Some(Amount { minor, currency: currency(row)? }),
                None => None,
            });
        }
        Ok(Values::Money(rows))
    }

    fn values(&self, series: &Series) -> Result<Values> {
        Ok(match series.dtype() {
            DataType::String => {
                let texts = self.told(series.str().cloned())?;
                Values::Text(texts.iter().map(|text| text.unwrap_or("").to_owned()).collect())
            }
            DataType::Boolean => Values::Flag(self.told(series.bool().cloned())?.iter().collect()),
            DataType::Date => {
                let days = self.told(series.cast(&DataType::Int32))?;
                Values::Day(self.told(days.i32().cloned())?.iter().collect())
            }
            DataType::Datetime(..) => {
                let ms = DataType::Datetime(TimeUnit::Milliseconds, None);
                let times = self.told(series.cast(&ms).and_then(|ms| ms.cast(&DataType::Int64)))?;
                Values::Time(self.told(times.i64().cloned())?.iter().collect())
            }
            kind if kind.is_integer() => {
                let numbers = self.told(series.strict_cast(&DataType::Int64))?;
                Values::Count(self.told(numbers.i64().cloned())?.iter().collect())
            }
            kind if kind.is_float() => {
                let scores = self.told(series.cast(&DataType::Float64))?;
                Values::Score(self.told(scores.f64().cloned())?.iter().collect())
            }
            DataType::Null => Values::Text(vec![String::new(); series.len()]),
            other => {
                let what = format!("the column `{}` has the type {other}", series.name());
                return Err(self.refused(what, Some("select texts, numbers, dates or times")));
            }
        })
    }
}

fn names_list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
