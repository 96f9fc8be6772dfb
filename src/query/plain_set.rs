//! Sets that a statement takes as they stand from one table.
//!
//! `select account from holdings where party = :party` and `select distinct last from walk` say
//! which column of which rows. The engine would give the same, and take longer to plan it than to
//! read it, which is most of the time of a question that is asked thousands of times. Whatever
//! else a statement holds is the engine's.

use std::collections::BTreeMap;

use polars::prelude::*;
use sqlparser::ast::{Distinct, Expr, Select, SelectItem, SetExpr};

use crate::query::{Literal, Statement, TextIndex, equality, is_text, plain_table, text_of};

/// Columns of one table, of all its rows or of those with one value in a column.
#[derive(Clone, Debug)]
pub(crate) struct PlainSet {
    /// The table.
    pub(crate) table: String,
    /// Names and where they come from; the first is a column.
    columns: Vec<(String, Taken)>,
    distinct: bool,
    by: Option<(String, Expr)>,
}

#[derive(Clone, Debug)]
enum Taken {
    Column(String),
    Text(Box<Expr>),
}

impl PlainSet {
    /// What a statement takes, where it is nothing else than that.
    pub(crate) fn of(statement: &Statement) -> Option<PlainSet> {
        let SetExpr::Select(select) = &*statement.query.body else { return None };
        let [from] = select.from.as_slice() else { return None };
        let (table, None) = plain_table(&from.relation)? else { return None };
        let columns: Vec<(String, Taken)> =
            select.projection.iter().map(taken).collect::<Option<_>>()?;
        let taken_columns =
            columns.iter().filter(|(_, taken)| matches!(taken, Taken::Column(_))).count();
        let begins = matches!(columns.first(), Some((_, Taken::Column(_))));
        let distinct = matches!(select.distinct, Some(Distinct::Distinct));
        // Rows that are distinct by several columns are the engine's to compare.
        if !begins || distinct && taken_columns > 1 {
            return None;
        }
        let by = match &select.selection {
            None => None,
            Some(condition) => Some(column_equal_to_text(condition)?),
        };
        // Whatever else a statement may hold, it is longer than this.
        (statement.query.to_string() == plain_text(select, &from.relation.to_string()))
            .then(|| PlainSet { table: table.to_owned(), columns, distinct, by })
    }

    /// The column whose value says which rows.
    pub(crate) fn by(&self) -> Option<&str> {
        self.by.as_ref().map(|(column, _)| column.as_str())
    }

    /// The set out of its table, and out of an index of the column that says which rows, where
    /// there is one; `None` where it is left to the engine. Cost: what is taken, and without an
    /// index a pass over that column.
    pub(crate) fn rows(
        &self,
        frame: &DataFrame,
        index: Option<&TextIndex>,
        literals: &BTreeMap<String, Literal>,
    ) -> Option<DataFrame> {
        let rows = match &self.by {
            None => None,
            Some((column, value)) => {
                let wanted = text_of(value, literals)?;
                let texts = frame.column(column).ok()?.as_materialized_series().str().ok()?;
                let is_wanted = |row: &IdxSize| texts.get(*row as usize) == Some(&wanted);
                let rows: Vec<IdxSize> = match index {
                    Some(index) => index.rows(&wanted).filter(is_wanted).collect(),
                    None => (0..texts.len() as IdxSize).filter(is_wanted).collect(),
                };
                Some(IdxCa::from_vec(PlSmallStr::EMPTY, rows))
            }
        };
        let mut columns: Vec<Column> = Vec::new();
        for (name, taken) in &self.columns {
            let column = match taken {
                Taken::Column(column) => {
                    let column = frame.column(column).ok()?;
                    let column = match &rows {
                        None => column.clone(),
                        Some(rows) => column.take(rows).ok()?,
                    };
                    if self.distinct { column.unique().ok()? } else { column }
                }
                Taken::Text(value) => {
                    let height = columns[0].len();
                    let text = Scalar::from(PlSmallStr::from_string(text_of(value, literals)?));
                    Column::new_scalar(PlSmallStr::EMPTY, text, height)
                }
            };
            columns.push(column.with_name(name.as_str().into()));
        }
        DataFrame::new(columns[0].len(), columns).ok()
    }
}

fn taken(item: &SelectItem) -> Option<(String, Taken)> {
    Some(match item {
        SelectItem::UnnamedExpr(Expr::Identifier(column)) => {
            (column.value.clone(), Taken::Column(column.value.clone()))
        }
        SelectItem::ExprWithAlias { expr: Expr::Identifier(column), alias } => {
            (alias.value.clone(), Taken::Column(column.value.clone()))
        }
        SelectItem::ExprWithAlias { expr, alias } if is_text(expr) => {
            (alias.value.clone(), Taken::Text(Box::new(expr.clone())))
        }
        _ => return None,
    })
}

fn column_equal_to_text(condition: &Expr) -> Option<(String, Expr)> {
    match equality(condition)? {
        (Expr::Identifier(column), text) | (text, Expr::Identifier(column)) if is_text(text) => {
            Some((column.value.clone(), text.clone()))
        }
        _ => None,
    }
}

/// A SELECT of these columns of this table under this condition, and nothing else.
fn plain_text(select: &Select, table: &str) -> String {
    let said: Vec<String> = select.projection.iter().map(SelectItem::to_string).collect();
    let distinct = if select.distinct.is_some() { "DISTINCT " } else { "" };
    let mut text = format!("SELECT {distinct}{} FROM {table}", said.join(", "));
    if let Some(condition) = &select.selection {
        text.push_str(&format!(" WHERE {condition}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame() -> DataFrame {
        let texts = |name: &str, texts: &[Option<&str>]| Column::new(name.into(), texts);
        let account = texts("account", &[Some("A"), Some("B"), Some("A"), None]);
        let party = texts("party", &[Some("p 1"), Some("p 2"), Some("p 1"), Some("p 1")]);
        let number = Column::new("number".into(), [7_i64, 8, 9, 10]);
        DataFrame::new(4, vec![account, party, number]).unwrap()
    }

    /// What the set is, as the engine says it too; `None` where it is the engine's alone.
    fn check(sql: &str, expected: Option<&[&str]>) {
        let statement = Statement::parse(sql).unwrap();
        let literals = BTreeMap::from([
            ("id".to_owned(), Literal::Text("1".to_owned())),
            ("n".to_owned(), Literal::Integer(7)),
        ]);
        let found = PlainSet::of(&statement)
            .filter(|set| set.table == "holdings")
            .and_then(|set| set.rows(&frame(), None, &literals));
        let rows = |frame: &DataFrame| -> Vec<String> {
            let texts = |column: &Column| {
                let series = column.as_materialized_series().cast(&DataType::String).unwrap();
                let texts = series.str().unwrap().iter();
                texts.map(|text| text.unwrap_or("null").to_owned()).collect::<Vec<_>>()
            };
            let columns: Vec<Vec<String>> = frame.columns().iter().map(texts).collect();
            let row = |at: usize| {
                columns.iter().map(|one| one[at].as_str()).collect::<Vec<_>>().join(" ")
            };
            let mut rows: Vec<String> = (0..frame.height()).map(row).collect();
            rows.sort_unstable();
            rows
        };
        let Some(expected) = expected else {
            assert!(found.is_none(), "{sql}");
            return;
        };
        let found = found.expect("a plain set");
        assert_eq!(rows(&found), expected, "{sql}");
        let mut context = polars::sql::SQLContext::new();
        context.register("holdings", frame().lazy());
        let text = statement.print(&literals, None).unwrap();
        let engine = context.execute(&text).unwrap().collect().unwrap();
        assert_eq!(rows(&engine), expected, "{sql}");
        assert_eq!(engine.get_column_names(), found.get_column_names(), "{sql}");
    }

    #[test]
    fn columns_of_a_table_are_taken_as_the_engine_takes_them() {
        check("select account from holdings", Some(&["A", "A", "B", "null"]));
        check("select distinct account from holdings", Some(&["A", "B", "null"]));
        check(
            "select distinct account as one, 'account' as kind from holdings",
            Some(&["A account", "B account", "null account"]),
        );
        check(
            "select account, number as at from holdings where party = 'p ' || :id",
            Some(&["A 7", "A 9", "null 10"]),
        );
        check("select number from holdings where 'p 2' = party", Some(&["8"]));
        check("select account, :id as kind from holdings where party = 'p 3'", Some(&[]));
        check("select distinct number from holdings where party = 'p 2'", Some(&["8"]));
    }

    #[test]
    fn what_is_more_than_columns_is_the_engines() {
        for sql in [
            "select 'A' as account from holdings",
            "select distinct account, party from holdings",
            "select upper(account) as account from holdings",
            "select account from holdings where party = 'p 1' and number = 7",
            "select account from holdings where number = :n",
            "select account from holdings where party = :n",
            "select account from holdings where party <> 'p 1'",
            "select account from holdings where party is null",
            "select account from holdings order by account limit 1",
            "select account from holdings union select party from holdings",
            "with one as (select account from holdings) select account from one",
            "select h.account from holdings h",
            "select account from holdings group by account",
            "select missing from holdings",
            "select * from holdings",
        ] {
            check(sql, None);
        }
    }
}
