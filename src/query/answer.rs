//! Answering a question: the tables it names, the engine, and a result table in a stable order.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use polars::prelude::*;
use polars::sql::SQLContext;

use crate::error::{Error, Result, nearest};
use crate::model::{Amount, Currency, ResultTable, Values};
use crate::query::{
    Along, Asks, CASE_TABLES, Chosen, Ids, Literal, Mention, Network, PATH_COLUMNS, Parameter,
    PathQuestion, PlacedSql, Query, Refused, Statement, StatementPlace, Walk, Wanted, case_table,
    result_frame,
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

fn literals(
    parameters: &[Parameter],
    values: &BTreeMap<String, String>,
    case: &Case,
) -> Result<BTreeMap<String, Literal>> {
    let known: Vec<&str> = parameters
        .iter()
        .flat_map(|known| std::iter::once(known.name.as_str()).chain(known.also.as_deref()))
        .collect();
    if let Some(unknown) = values.keys().find(|name| !known.contains(&name.as_str())) {
        let near = nearest(unknown, known.iter().copied(), 1);
        let hint = match (near.first(), known.is_empty()) {
            (Some(name), _) => format!("did you mean {name:?}?"),
            (None, true) => "this question has none".to_owned(),
            (None, false) => format!("this question has {}", known.join(", ")),
        };
        return Err(Error::Usage(format!("no parameter is named {unknown:?}; {hint}")));
    }
    let mut literals = BTreeMap::new();
    for parameter in parameters {
        let also = parameter.also.as_ref().and_then(|also| values.get(also));
        let given = match (values.get(&parameter.name), also) {
            (Some(_), Some(_)) => {
                let also = parameter.also.as_deref().unwrap_or_default();
                let what = format!("{:?} and {also:?} are one parameter", parameter.name);
                return Err(Error::Usage(format!("{what}; give one of them")));
            }
            (one, other) => one.or(other).map(String::as_str),
        };
        literals.insert(parameter.name.clone(), parameter.value(given, case)?);
    }
    Ok(literals)
}

/// A question in SQL with the tables it reads and the links it walks, to be answered for one set
/// of values after another.
///
/// Cost: what does not depend on values is read and indexed once, when first asked for.
pub struct Prepared<'a> {
    query: &'a Query,
    case: &'a Case,
    results: &'a dyn ResultProvider,
    statement: &'a Statement,
    parameters: &'a [Parameter],
    paths: &'a [PathQuestion],
    rows_max: usize,
    place: StatementPlace,
    wanted: Wanted,
    frames: BTreeMap<String, DataFrame>,
    currencies: BTreeSet<Currency>,
    ids: Option<Ids>,
    /// Links whose choice needs no values, by how a question states it.
    networks: RefCell<BTreeMap<String, Rc<Network>>>,
}

impl<'a> Prepared<'a> {
    /// Reads the tables that a question in SQL names.
    ///
    /// # Errors
    ///
    /// [`Error::Key`] for a table the case has not; [`Error::Usage`] for a question that names an
    /// analysis; [`Error::File`] if the store is damaged.
    pub fn new(
        query: &'a Query,
        case: &'a Case,
        results: &'a dyn ResultProvider,
    ) -> Result<Prepared<'a>> {
        let Asks::Sql { statement, parameters, paths, rows_max, place } = &query.asks else {
            let what = format!(
                "{:?} names an analysis; only a question in SQL is asked in batches",
                query.name
            );
            return Err(Error::Usage(what));
        };
        let walked = || paths.iter().flat_map(PathQuestion::statements);
        let mut wanted =
            Wanted { words: statement.words.clone(), all: statement.reads_unnamed_columns() };
        for sql in walked() {
            wanted.words.extend(sql.statement.words.iter().cloned());
            wanted.all |= sql.statement.reads_unnamed_columns();
        }
        let mut prepared = Prepared {
            query,
            case,
            results,
            statement,
            parameters,
            paths,
            rows_max: *rows_max,
            place: *place,
            wanted,
            frames: BTreeMap::new(),
            currencies: BTreeSet::new(),
            ids: None,
            networks: RefCell::new(BTreeMap::new()),
        };
        prepared.check_names(prepared.main())?;
        for sql in walked() {
            prepared.check_names(prepared.of(sql))?;
        }
        let names: BTreeSet<&str> = std::iter::once(&**statement)
            .chain(walked().map(|sql| &sql.statement))
            .flat_map(|statement| statement.tables.iter().map(|table| table.name.as_str()))
            .filter(|name| !paths.iter().any(|path| path.name == *name))
            .collect();
        for name in names {
            let frame = prepared.read_table(name)?;
            prepared.frames.insert(name.to_owned(), frame);
        }
        if !paths.is_empty() {
            let every_kind = paths.iter().any(PathQuestion::walks_ties);
            prepared.ids = Some(Ids::new(case, every_kind)?);
        }
        Ok(prepared)
    }

    /// The answer for one set of values, as [`answer`] gives it.
    ///
    /// # Errors
    ///
    /// As [`answer`].
    pub fn answer(&self, values: &BTreeMap<String, String>) -> Result<ResultTable> {
        let literals = literals(self.parameters, values, self.case)?;
        let mut context = SQLContext::new();
        for (name, frame) in &self.frames {
            context.register(name, frame.clone().lazy());
        }
        let mut currencies = self.currencies.clone();
        let mut notes = Vec::new();
        for path in self.paths {
            let frame = self.walk(path, &literals, &mut context, &mut currencies, &mut notes)?;
            context.register(&path.name, frame.lazy());
        }
        let mut table = self.main().answer(&mut context, &literals, &currencies, self.rows_max)?;
        table.notes.splice(0..0, notes);
        Ok(table)
    }

    fn main(&self) -> Asked<'_> {
        let (query, statement, case) = (self.query, self.statement, self.case);
        let (place, results, paths) = (self.place, self.results, self.paths);
        Asked { query, statement, place, case, results, paths, key: "[result] sql" }
    }

    fn of<'b>(&'b self, sql: &'b PlacedSql) -> Asked<'b> {
        Asked { statement: &sql.statement, place: sql.place, key: &sql.key, ..self.main() }
    }

    fn walk(
        &self,
        path: &PathQuestion,
        literals: &BTreeMap<String, Literal>,
        context: &mut SQLContext,
        currencies: &mut BTreeSet<Currency>,
        notes: &mut Vec<String>,
    ) -> Result<DataFrame> {
        let ids = self.ids.as_ref().expect("a question that walks has ids");
        let network = self.network(&path.along, literals, context)?;
        let inflow = match path.share_above.as_ref().and_then(|share| share.of.as_ref()) {
            Some(of) => self.network(of, literals, context)?,
            None => Rc::clone(&network),
        };
        currencies.extend(network.currencies.iter().copied());
        let walk = Walk {
            question: path,
            file: &self.query.file,
            case: self.case,
            ids,
            network: &network,
            inflow: &inflow,
            values: literals,
        };
        let set =
            |sql: &PlacedSql, key: &str, context: &mut SQLContext, notes: &mut Vec<String>| {
                let frame = self.of(sql).collect(context, literals)?;
                walk.vertices(key, &frame, notes)
            };
        let from = set(&path.from, "from", context, notes)?;
        let to = match &path.to {
            Some(to) => Some(set(to, "to", context, notes)?),
            None => None,
        };
        walk.table(&from, to.as_deref(), &self.wanted, notes)
    }

    /// The links of a choice; kept for the next values unless the choice depends on them.
    fn network(
        &self,
        along: &[Along],
        literals: &BTreeMap<String, Literal>,
        context: &mut SQLContext,
    ) -> Result<Rc<Network>> {
        let depends = |sql: &PlacedSql| {
            let walks = |name: &str| self.paths.iter().any(|path| path.name == name);
            !sql.statement.placeholders.is_empty()
                || sql.statement.tables.iter().any(|table| walks(&table.name))
        };
        let lasting = !along.iter().any(|one| one.rows.as_ref().is_some_and(depends));
        let name = along
            .iter()
            .map(|one| {
                let rows = one.rows.as_ref().map(|sql| sql.statement.query.to_string());
                format!("{} {} {}\n", one.table, one.reverse, rows.unwrap_or_default())
            })
            .collect::<String>();
        if let Some(known) = self.networks.borrow().get(&name).filter(|_| lasting) {
            return Ok(Rc::clone(known));
        }
        let mut chosen = Vec::new();
        for one in along {
            let rows = match &one.rows {
                None => None,
                Some(sql) => {
                    let asked = self.of(sql);
                    let frame = asked.collect(context, literals)?;
                    let rows = frame
                        .column("edge_row")
                        .and_then(|rows| rows.as_materialized_series().cast(&DataType::UInt32));
                    let rows = asked.told(rows)?;
                    let rows = asked.told(rows.u32().cloned())?;
                    let mut rows: Vec<u32> = rows.iter().flatten().collect();
                    rows.sort_unstable();
                    Some(rows)
                }
            };
            chosen.push(Chosen { ties: one.table == "ties", rows, reverse: one.reverse });
        }
        let ids = self.ids.as_ref().expect("a question that walks has ids");
        let network = Rc::new(Network::new(self.case, ids, chosen)?);
        if lasting {
            self.networks.borrow_mut().insert(name, Rc::clone(&network));
        }
        Ok(network)
    }

    /// A table that a statement names, with the columns that any statement can read.
    fn read_table(&mut self, name: &str) -> Result<DataFrame> {
        if let Some(table) = case_table(self.case, name, &self.wanted)? {
            self.currencies.extend(table.currencies);
            let numbered = WALKED.contains(&name) && self.wanted.words.contains("edge_row");
            return match numbered {
                true => self.main().told(table.frame.with_row_index("edge_row".into(), None)),
                false => Ok(table.frame),
            };
        }
        let Some(table) = self.results.result_table(name)? else {
            let what = format!("the table `{name}` is not available");
            return Err(self.main().refused(what, None));
        };
        for column in &table.columns {
            if let Values::Money(rows) = &column.values {
                self.currencies.extend(rows.iter().flatten().map(|amount| amount.currency));
            }
        }
        result_frame(&table, self.case)
    }

    /// Every table a statement names is known, and no name of its own hides one.
    fn check_names(&self, asked: Asked<'_>) -> Result<()> {
        let results = self.results.names();
        let tables: BTreeSet<&str> =
            CASE_TABLES.iter().copied().chain(results.iter().map(String::as_str)).collect();
        if let Some(path) = self.paths.iter().find(|path| tables.contains(path.name.as_str())) {
            let (line, column) = path.at;
            let what = format!("`{}` is a table of the case already", path.name);
            let (file, hint) = (self.query.file.clone(), Some("choose another name".to_owned()));
            return Err(Error::Key { file, line, column, what, hint });
        }
        let known: BTreeSet<&str> =
            tables.into_iter().chain(self.paths.iter().map(|path| path.name.as_str())).collect();
        asked.check_names(&known)
    }
}

/// Tables whose rows a walk can be limited to.
const WALKED: [&str; 2] = ["ties", "transfers"];

/// One statement with what it is asked of.
#[derive(Clone, Copy)]
struct Asked<'a> {
    query: &'a Query,
    statement: &'a Statement,
    place: StatementPlace,
    case: &'a Case,
    results: &'a dyn ResultProvider,
    paths: &'a [PathQuestion],
    /// The key it stands under.
    key: &'a str,
}

impl Asked<'_> {
    /// Its rows as the engine meets them: for sets, whose order means nothing.
    fn collect(
        &self,
        context: &mut SQLContext,
        literals: &BTreeMap<String, Literal>,
    ) -> Result<DataFrame> {
        let text = self.print(literals, None)?;
        self.run(|| context.execute(&text)?.collect())
    }

    fn answer(
        &self,
        context: &mut SQLContext,
        literals: &BTreeMap<String, Literal>,
        currencies: &BTreeSet<Currency>,
        rows_max: usize,
    ) -> Result<ResultTable> {
        let plain = self.print(literals, None)?;
        let mut lazy = self.run(|| context.execute(&plain))?;
        let schema = self.run(|| lazy.collect_schema())?;
        let names: Vec<String> = schema.iter_names().map(|name| name.to_string()).collect();
        let lazy = if self.statement.orders() {
            let ordered = self.print(literals, Some(&names))?;
            self.run(|| context.execute(&ordered))?
        } else {
            let by: Vec<PlSmallStr> = names.iter().map(|name| name.as_str().into()).collect();
            lazy.sort(by, SortMultipleOptions::default())
        };
        // One row more than the bound shows whether the bound was met.
        let lazy = lazy.limit(IdxSize::try_from(rows_max + 1).unwrap_or(IdxSize::MAX));
        let mut frame = self.run(|| lazy.collect())?;
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
    ) -> Result<String> {
        self.statement
            .print(literals, columns)
            .map_err(|refused| self.place.error(&self.query.file, refused))
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
    fn told<T>(&self, said: PolarsResult<T>) -> Result<T> {
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

    fn refused(&self, what: String, hint: Option<&str>) -> Error {
        let at = format!("{}: {}", self.query.file, self.key);
        Error::Query { at, what, hint: hint.map(str::to_owned) }
    }

    /// Every table the statement names is known, and no name of its own hides one.
    fn check_names(&self, known: &BTreeSet<&str>) -> Result<()> {
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
