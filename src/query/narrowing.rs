//! Which rows of a large table a statement can need at all, so that only they are handed to the
//! engine.
//!
//! The engine reads a table from end to end for `where party = 'x'`, which is nothing once and all
//! of the time where thousands of sets of values are asked. A table whose column has to equal a
//! value, or the end of a walk, is looked up by an index instead. What is handed on may hold more
//! than what the statement takes, never less: its conditions and joins still run over it.

use std::collections::BTreeMap;
use std::hash::BuildHasher;
use std::ops::ControlFlow;

use foldhash::fast::FixedState;
use polars::prelude::*;
use sqlparser::ast::{
    BinaryOperator, Distinct, Expr, GroupByExpr, JoinConstraint, JoinOperator, Query, Select,
    SelectItem, SetExpr, TableFactor, Value, Visit, Visitor,
};

use crate::query::{Literal, PATH_COLUMNS, Statement};

/// A table smaller than this is read faster than looked up.
const ROWS_MIN: usize = 2_000;

/// More values than this are not looked up one by one.
const VALUES_MAX: usize = 10_000;

/// CTEs within CTEs that a column is followed through.
const DEPTH_MAX: usize = 8;

/// A table of which a statement needs only rows with some values in a column.
#[derive(Clone, Debug)]
pub(crate) struct Narrowing {
    /// The table.
    pub(crate) table: String,
    /// Its column.
    pub(crate) column: String,
    by: By,
}

#[derive(Clone, Debug)]
enum By {
    /// A text made of values and texts.
    Text(Box<Expr>),
    /// The values of a column of a walk.
    Walk(String, String),
}

/// Where a column of a statement comes from, unchanged.
#[derive(Clone, Debug, PartialEq)]
enum Origin {
    Walk(String, String),
    /// A column of a table, each row of which is one row at most of what is asked.
    Table(String, String),
}

/// The narrowings of a statement. `columns` names those of each table, `walks` the walks.
pub(crate) fn narrowings(
    statement: &Statement,
    columns: &BTreeMap<String, Vec<String>>,
    walks: &[&str],
) -> Vec<Narrowing> {
    let mut found = Found { names: Names { statement, columns, walks }, narrowings: Vec::new() };
    let _ = Visit::visit(&statement.query, &mut found);
    let once = |table: &str| statement.tables.iter().filter(|one| one.name == table).count() == 1;
    found.narrowings.retain(|one| once(&one.table));
    found.narrowings.dedup_by(|one, before| one.table == before.table);
    found.narrowings
}

struct Names<'a> {
    statement: &'a Statement,
    columns: &'a BTreeMap<String, Vec<String>>,
    walks: &'a [&'a str],
}

struct Found<'a> {
    names: Names<'a>,
    narrowings: Vec<Narrowing>,
}

impl Visitor for Found<'_> {
    type Break = ();

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        self.by_condition(select);
        self.by_join(select);
        ControlFlow::Continue(())
    }
}

impl Found<'_> {
    /// `from TABLE where COLUMN = value and ...`
    fn by_condition(&mut self, select: &Select) {
        let [from] = select.from.as_slice() else { return };
        let (Some((table, _)), true) = (plain_table(&from.relation), from.joins.is_empty()) else {
            return;
        };
        let Some(known) = self.names.columns.get(table) else { return };
        for condition in select.selection.iter().flat_map(conjuncts) {
            let Some((left, right)) = equality(condition) else { continue };
            for (column, value) in [(left, right), (right, left)] {
                if let Expr::Identifier(column) = column
                    && known.contains(&column.value)
                    && is_text(value)
                {
                    self.narrowings.push(Narrowing {
                        table: table.to_owned(),
                        column: column.value.clone(),
                        by: By::Text(Box::new(value.clone())),
                    });
                }
            }
        }
    }

    /// `from ... join TABLE on COLUMN = end of a walk`
    fn by_join(&mut self, select: &Select) {
        for condition in inner_conditions(select).unwrap_or_default() {
            let Some((left, right)) = equality(condition) else { continue };
            let origins = [left, right].map(|side| self.names.origin(select, side, 0));
            let [Some(left), Some(right)] = origins else { continue };
            for pair in [(&left, &right), (&right, &left)] {
                if let (Origin::Table(table, column), Origin::Walk(walk, end)) = pair {
                    self.narrowings.push(Narrowing {
                        table: table.clone(),
                        column: column.clone(),
                        by: By::Walk(walk.clone(), end.clone()),
                    });
                }
            }
        }
    }
}

impl Names<'_> {
    /// Where a column named in a statement comes from, if it stands for one column unchanged.
    fn origin(&self, select: &Select, column: &Expr, depth: usize) -> Option<Origin> {
        let Expr::Identifier(name) = column else { return None };
        if depth > DEPTH_MAX {
            return None;
        }
        let mut found = Vec::new();
        for from in &select.from {
            let joined = from.joins.iter().map(|join| &join.relation);
            for factor in std::iter::once(&from.relation).chain(joined) {
                let (table, None) = plain_table(factor)? else { return None };
                found.extend(self.column(table, &name.value, depth)?);
            }
        }
        // A name that several of them have is not followed.
        (found.len() == 1).then(|| found.remove(0)).flatten()
    }

    /// The origin of a column of a table, where it has one; empty where it has no such column, and
    /// `None` where that cannot be told.
    fn column(&self, table: &str, name: &str, depth: usize) -> Option<Vec<Option<Origin>>> {
        if self.walks.contains(&table) {
            let known = PATH_COLUMNS.contains(&name);
            let origin = || Some(Origin::Walk(table.to_owned(), name.to_owned()));
            return Some(known.then(origin).into_iter().collect());
        }
        if let Some(columns) = self.columns.get(table) {
            let known = columns.iter().any(|column| column == name);
            let origin = || Some(Origin::Table(table.to_owned(), name.to_owned()));
            return Some(known.then(origin).into_iter().collect());
        }
        let query = self.given(table)?;
        let SetExpr::Select(select) = &*query.body else { return None };
        let mut found = Vec::new();
        for item in &select.projection {
            let (as_named, of) = match item {
                SelectItem::UnnamedExpr(expr @ Expr::Identifier(column)) => (&column.value, expr),
                SelectItem::ExprWithAlias { expr, alias } => (&alias.value, expr),
                _ => return None,
            };
            if as_named == name {
                let origin = self.origin(select, of, depth + 1);
                let whole = origin.filter(|origin| {
                    matches!(origin, Origin::Walk(..)) || self.is_row_by_row(table, query, select)
                });
                found.push(whole);
            }
        }
        Some(found)
    }

    /// The query that the statement gives a name, where it gives it once and at its beginning.
    fn given(&self, name: &str) -> Option<&Query> {
        let mut named = self.statement.given_names.iter().filter(|one| one.name == name);
        let (Some(_), None) = (named.next(), named.next()) else { return None };
        let ctes = &self.statement.query.with.as_ref()?.cte_tables;
        let cte = ctes.iter().find(|cte| cte.alias.name.value == name)?;
        cte.alias.columns.is_empty().then_some(&*cte.query)
    }

    /// True when a row of the query is made of one row of each of its tables, and the query is read
    /// once: leaving out a row that its reader does not take changes no other row.
    fn is_row_by_row(&self, name: &str, query: &Query, select: &Select) -> bool {
        let plain = select.projection.iter().all(|item| {
            matches!(
                item,
                SelectItem::UnnamedExpr(Expr::Identifier(_))
                    | SelectItem::ExprWithAlias { expr: Expr::Identifier(_), .. }
            )
        });
        let ungrouped = matches!(&select.group_by, GroupByExpr::Expressions(by, more)
            if by.is_empty() && more.is_empty());
        let whole = query.order_by.is_none()
            && query.limit_clause.is_none()
            && query.fetch.is_none()
            && query.with.is_none();
        plain
            && ungrouped
            && whole
            && select.having.is_none()
            && select.qualify.is_none()
            && select.top.is_none()
            && !matches!(select.distinct, Some(Distinct::On(_)))
            && inner_conditions(select).is_some()
            && mentions(&self.statement.query, name) == 1
    }
}

/// How often a query reads a table of a name.
fn mentions(query: &Query, name: &str) -> usize {
    struct Count<'a>(&'a str, usize);
    impl Visitor for Count<'_> {
        type Break = ();

        fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
            if let TableFactor::Table { name, .. } = factor {
                self.1 += usize::from(name.to_string().trim_matches('"') == self.0);
            }
            ControlFlow::Continue(())
        }
    }
    let mut count = Count(name, 0);
    let _ = Visit::visit(query, &mut count);
    count.1
}

/// Name and alias of a table that is nothing else.
pub(crate) fn plain_table(factor: &TableFactor) -> Option<(&str, Option<&str>)> {
    let TableFactor::Table { name, alias, args: None, sample: None, .. } = factor else {
        return None;
    };
    let [part] = name.0.as_slice() else { return None };
    let alias = alias.as_ref().map(|alias| alias.name.value.as_str());
    Some((&part.as_ident()?.value, alias))
}

/// The conditions of the joins of a statement; `None` where one of them keeps rows without a match
/// or is joined otherwise.
fn inner_conditions(select: &Select) -> Option<Vec<&Expr>> {
    let [from] = select.from.as_slice() else { return None };
    let mut conditions = Vec::new();
    for join in &from.joins {
        match &join.join_operator {
            JoinOperator::Join(JoinConstraint::On(on))
            | JoinOperator::Inner(JoinConstraint::On(on)) => conditions.extend(conjuncts(on)),
            JoinOperator::CrossJoin(JoinConstraint::None) => {}
            _ => return None,
        }
    }
    Some(conditions)
}

fn conjuncts(condition: &Expr) -> Vec<&Expr> {
    match condition {
        Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
            let mut both = conjuncts(left);
            both.extend(conjuncts(right));
            both
        }
        Expr::Nested(inner) => conjuncts(inner),
        one => vec![one],
    }
}

/// Both sides of an equality.
pub(crate) fn equality(condition: &Expr) -> Option<(&Expr, &Expr)> {
    match condition {
        Expr::BinaryOp { left, op: BinaryOperator::Eq, right } => Some((left, right)),
        _ => None,
    }
}

/// True for texts and values put together.
pub(crate) fn is_text(expr: &Expr) -> bool {
    match expr {
        Expr::Nested(inner) => is_text(inner),
        Expr::BinaryOp { left, op: BinaryOperator::StringConcat, right } => {
            is_text(left) && is_text(right)
        }
        Expr::Value(value) => {
            matches!(value.value, Value::SingleQuotedString(_) | Value::Placeholder(_))
        }
        _ => false,
    }
}

/// The text of such an expression, where all its values are texts.
pub(crate) fn text_of(expr: &Expr, literals: &BTreeMap<String, Literal>) -> Option<String> {
    match expr {
        Expr::Nested(inner) => text_of(inner, literals),
        Expr::BinaryOp { left, right, .. } => {
            Some(text_of(left, literals)? + &text_of(right, literals)?)
        }
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) => Some(text.clone()),
            Value::Placeholder(name) => match literals.get(name.strip_prefix(':')?)? {
                Literal::Text(text) => Some(text.clone()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

impl Narrowing {
    /// The values that its column may have; `None` where they are not known or too many.
    fn values(
        &self,
        literals: &BTreeMap<String, Literal>,
        walks: &BTreeMap<String, DataFrame>,
    ) -> Option<Vec<String>> {
        match &self.by {
            By::Text(expr) => Some(vec![text_of(expr, literals)?]),
            By::Walk(walk, column) => {
                let series = walks.get(walk)?.column(column).ok()?.as_materialized_series();
                let mut values: Vec<&str> = series.str().ok()?.iter().flatten().collect();
                values.sort_unstable();
                values.dedup();
                let few = values.len() <= VALUES_MAX;
                few.then(|| values.into_iter().map(str::to_owned).collect())
            }
        }
    }

    /// The rows of its table that are needed, by an index of its column; `None`: all.
    pub(crate) fn rows(
        &self,
        frame: &DataFrame,
        index: &TextIndex,
        literals: &BTreeMap<String, Literal>,
        walks: &BTreeMap<String, DataFrame>,
    ) -> Option<DataFrame> {
        let values = self.values(literals, walks)?;
        let mut rows: Vec<IdxSize> = values.iter().flat_map(|value| index.rows(value)).collect();
        rows.sort_unstable();
        rows.dedup();
        frame.take(&IdxCa::from_vec("rows".into(), rows)).ok()
    }
}

/// Rows of a table by the hash of a text in them.
#[derive(Debug)]
pub(crate) struct TextIndex {
    hashes: Vec<(u64, IdxSize)>,
}

impl TextIndex {
    /// Of a column of texts of a table worth an index. Cost: a sort of its rows.
    pub(crate) fn new(frame: &DataFrame, column: &str) -> Option<TextIndex> {
        let series = frame.column(column).ok()?.as_materialized_series();
        let texts = series.str().ok()?;
        if texts.len() < ROWS_MIN {
            return None;
        }
        let hashes = (0..).zip(texts.iter());
        let hashes = hashes.filter_map(|(row, text)| Some((hash(text?), row)));
        let mut hashes: Vec<(u64, IdxSize)> = hashes.collect();
        hashes.sort_unstable();
        Some(TextIndex { hashes })
    }

    /// Rows that may hold a text, ascending.
    pub(crate) fn rows(&self, text: &str) -> impl Iterator<Item = IdxSize> + '_ {
        let hash = hash(text);
        let start = self.hashes.partition_point(|(of, _)| *of < hash);
        let same = self.hashes[start..].iter().take_while(move |(of, _)| *of == hash);
        same.map(|(_, row)| *row)
    }
}

fn hash(text: &str) -> u64 {
    FixedState::with_seed(0x6e61_7272).hash_one(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is found in a statement, as `table.column = value` or `table.column in walk.column`.
    #[track_caller]
    fn check(sql: &str, expected: &[&str]) {
        let statement = Statement::parse(sql).unwrap();
        let columns = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let tables = BTreeMap::from([
            ("holdings".to_owned(), columns(&["account", "party"])),
            ("loans".to_owned(), columns(&["loan", "amount_minor"])),
            ("devices".to_owned(), columns(&["device", "kind", "blocked"])),
        ]);
        let found: Vec<String> = narrowings(&statement, &tables, &["walk", "lent"])
            .iter()
            .map(|one| match &one.by {
                By::Text(expr) => format!("{}.{} = {expr}", one.table, one.column),
                By::Walk(walk, end) => format!("{}.{} in {walk}.{end}", one.table, one.column),
            })
            .collect();
        assert_eq!(found, expected, "{sql}");
    }

    #[test]
    fn values_and_ends_of_walks_narrow_a_table() {
        check(
            "select account from holdings where party = 'person ' || :id and account > 'a'",
            &["holdings.party = 'person ' || :id"],
        );
        check("select loan from loans where :loan = loan", &["loans.loan = :loan"]);
        check(
            "with pair as (select distinct first as other, last as lent_by from lent)
             select other, sum(amount_minor) as total from pair join loans on lent_by = loan
             group by other",
            &["loans.loan in lent.last"],
        );
        check(
            "with blocked as (select device, kind from devices where blocked),
             media as (select first as signed, last as medium from lent)
             select walk.last, kind from walk join media on last = signed
             join blocked on medium = device",
            &["devices.device in lent.last"],
        );
    }

    #[test]
    fn what_could_change_an_answer_narrows_nothing() {
        for sql in [
            "select account from holdings where party = 'a' or account = 'b'",
            "select account from holdings where party <> 'a'",
            "select account from holdings where upper(party) = :id",
            "select account from holdings where party = account",
            "select loan from lent left join loans on last = loan",
            "select loan from loans full join lent on last = loan",
            "select one.loan from loans one join loans other on one.loan = other.loan",
            "select party from holdings where party = :id union select party from holdings",
        ] {
            check(sql, &[]);
        }
        // A number of all devices, or one by its place among them, needs them all.
        for blocked in [
            "select device, count(*) as many from devices group by device",
            "select device, row_number() over (order by device) as at from devices",
            "select device from devices order by device limit 5",
        ] {
            let sql = format!(
                "with blocked as ({blocked}) select last from walk join blocked on last = device"
            );
            check(&sql, &[]);
        }
        check(
            "with blocked as (select device from devices)
             select last from walk join blocked on last = device
             union select device as last from blocked",
            &[],
        );
    }

    #[test]
    fn an_index_finds_every_row_of_a_text() {
        let texts: Vec<String> = (0..6_000).map(|row| format!("p{}", row * 7 % 2_000)).collect();
        let party = Column::new("party".into(), texts.clone());
        let row = Column::new("row".into(), (0..6_000_i64).collect::<Vec<_>>());
        let frame = DataFrame::new(6_000, vec![party, row]).unwrap();
        let index = TextIndex::new(&frame, "party").unwrap();
        let statement = Statement::parse("select row from t where party = 'p' || :id").unwrap();
        let columns = BTreeMap::from([("t".to_owned(), vec!["party".to_owned()])]);
        let found = narrowings(&statement, &columns, &[]);
        for id in ["0", "14", "1999", "2000", ""] {
            let literals = BTreeMap::from([("id".to_owned(), Literal::Text(id.to_owned()))]);
            let rows = found[0].rows(&frame, &index, &literals, &BTreeMap::new()).unwrap();
            let rows: Vec<i64> =
                rows.column("row").unwrap().i64().unwrap().iter().flatten().collect();
            let wanted = format!("p{id}");
            let expected: Vec<i64> =
                (0..6_000).filter(|row| texts[*row as usize] == wanted).collect();
            assert_eq!(rows, expected, "{id}");
        }
        assert!(TextIndex::new(&frame.head(Some(10)), "party").is_none());
    }
}
