//! A question made ready: its tables read and its links indexed once, then answered for one set
//! of values after another.
//!
//! Running a statement is `answer.rs`'s, building a table `case_tables.rs`'s, walking
//! `path_table.rs`'s.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use polars::prelude::*;
use polars::sql::SQLContext;

use crate::error::{Error, Result, nearest};
use crate::graph::TimeOrder;
use crate::model::{Currency, ResultTable, Values};
use crate::query::{
    Along, Asked, Asks, CASE_TABLES, Chosen, Ids, Literal, Narrowing, Network, Parameter,
    PathQuestion, PlacedSql, PlainSet, Printed, Query, ResultProvider, Statement, StatementPlace,
    TextIndex, Walk, Wanted, case_table, narrowings, result_frame,
};
use crate::store::Case;

/// Indexes by table and column; nothing where one is not worth it.
type Indexes = BTreeMap<(String, String), Option<Rc<TextIndex>>>;

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
    /// Narrowings of each statement, by its key.
    narrowings: BTreeMap<String, Vec<Narrowing>>,
    /// Sets that need no engine, by the key of their statement.
    plain_sets: BTreeMap<String, PlainSet>,
    /// Whether times matter along a walk of the question.
    ordered: bool,
    printed: Printed,
    /// Those of the tables that narrowings look up.
    indexes: RefCell<Indexes>,
    answered: Cell<usize>,
    column_names: OnceCell<Vec<String>>,
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
            narrowings: BTreeMap::new(),
            plain_sets: BTreeMap::new(),
            ordered: paths.iter().any(|path| path.order != TimeOrder::Any),
            printed: Printed::default(),
            indexes: RefCell::new(BTreeMap::new()),
            answered: Cell::new(0),
            column_names: OnceCell::new(),
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
        prepared.narrowings = prepared.find_narrowings();
        let plain =
            prepared.sets().filter_map(|sql| Some((&sql.key, PlainSet::of(&sql.statement)?)));
        prepared.plain_sets = plain.map(|(key, set)| (key.clone(), set)).collect();
        Ok(prepared)
    }

    /// The statements that name where walks begin and end.
    fn sets(&self) -> impl Iterator<Item = &'a PlacedSql> + use<'a> {
        self.paths.iter().flat_map(|path| std::iter::once(&path.from).chain(&path.to))
    }

    fn find_narrowings(&self) -> BTreeMap<String, Vec<Narrowing>> {
        let columns = self.frames.iter().map(|(name, frame)| {
            let names = frame.get_column_names().into_iter().map(|name| name.to_string());
            (name.clone(), names.collect())
        });
        let columns: BTreeMap<String, Vec<String>> = columns.collect();
        let walks: Vec<&str> = self.paths.iter().map(|path| path.name.as_str()).collect();
        let asked = self.sets().map(|sql| self.of(sql)).chain([self.main()]);
        asked.map(|one| (one.key.to_owned(), narrowings(one.statement, &columns, &walks))).collect()
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
        let mut walks: BTreeMap<String, DataFrame> = BTreeMap::new();
        for path in self.paths {
            let frame =
                self.walk(path, &literals, &walks, &mut context, &mut currencies, &mut notes)?;
            context.register(&path.name, frame.clone().lazy());
            walks.insert(path.name.clone(), frame);
        }
        let (main, rows_max) = (self.main(), self.rows_max);
        let mut table = self.narrowed(main, &literals, &walks, &mut context, |context| {
            main.answer(context, &literals, &currencies, rows_max, &self.column_names)
        })?;
        table.notes.splice(0..0, notes);
        self.answered.set(self.answered.get() + 1);
        Ok(table)
    }

    /// Runs a statement over those rows of its tables that it can need.
    fn narrowed<T>(
        &self,
        asked: Asked<'_>,
        literals: &BTreeMap<String, Literal>,
        walks: &BTreeMap<String, DataFrame>,
        context: &mut SQLContext,
        run: impl FnOnce(&mut SQLContext) -> T,
    ) -> T {
        let mut narrowed = Vec::new();
        for one in self.narrowings.get(asked.key).into_iter().flatten() {
            let index = self.index(&one.table, &one.column);
            let frame = &self.frames[&one.table];
            if let Some(rows) = index.and_then(|index| one.rows(frame, &index, literals, walks)) {
                context.register(&one.table, rows.lazy());
                narrowed.push(one.table.as_str());
            }
        }
        let said = run(context);
        for table in narrowed {
            context.register(table, self.frames[table].clone().lazy());
        }
        said
    }

    /// The index of a column of a table. The first answer reads tables whole: an index is worth
    /// its making only from the second one on.
    fn index(&self, table: &str, column: &str) -> Option<Rc<TextIndex>> {
        if self.answered.get() == 0 {
            return None;
        }
        let mut indexes = self.indexes.borrow_mut();
        let make = || TextIndex::new(&self.frames[table], column).map(Rc::new);
        indexes.entry((table.to_owned(), column.to_owned())).or_insert_with(make).clone()
    }

    /// The rows of a statement that names a set.
    fn rows_of_set(
        &self,
        sql: &PlacedSql,
        literals: &BTreeMap<String, Literal>,
        walks: &BTreeMap<String, DataFrame>,
        context: &mut SQLContext,
    ) -> Result<DataFrame> {
        let asked = self.of(sql);
        if let Some(row) = sql.statement.row_of_texts(literals) {
            let columns = row.into_iter().map(|(name, text)| Column::new(name.into(), [text]));
            return asked.told(DataFrame::new(1, columns.collect()));
        }
        if let Some(set) = self.plain_sets.get(asked.key) {
            let rows = match (walks.get(&set.table), self.frames.get(&set.table)) {
                (Some(walk), _) => set.rows(walk, None, literals),
                (None, Some(frame)) => {
                    let index = set.by().and_then(|column| self.index(&set.table, column));
                    set.rows(frame, index.as_deref(), literals)
                }
                (None, None) => None,
            };
            if let Some(rows) = rows {
                return Ok(rows);
            }
        }
        self.narrowed(asked, literals, walks, context, |context| asked.collect(context, literals))
    }

    fn main(&self) -> Asked<'_> {
        let (query, statement, case) = (self.query, self.statement, self.case);
        let (place, results, paths) = (self.place, self.results, self.paths);
        let (key, printed) = ("[result] sql", Some(&self.printed));
        Asked { query, statement, place, case, results, paths, key, printed }
    }

    fn of<'b>(&'b self, sql: &'b PlacedSql) -> Asked<'b> {
        let (statement, place) = (&sql.statement, sql.place);
        Asked { statement, place, key: &sql.key, printed: None, ..self.main() }
    }

    fn walk(
        &self,
        path: &PathQuestion,
        literals: &BTreeMap<String, Literal>,
        walks: &BTreeMap<String, DataFrame>,
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
                let frame = self.rows_of_set(sql, literals, walks, context)?;
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
        let network = Rc::new(Network::new(self.case, ids, chosen, self.ordered)?);
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
