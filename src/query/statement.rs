//! One SQL statement: read, and checked to be nothing but a question over named tables.
//!
//! The engine would let a statement open any file through a table function. So a statement is
//! parsed with the engine's own parser and dialect, and everything that is not a query over
//! named tables is refused. Giving it values and printing it is `binding.rs`'s; whether a case
//! has the tables it names is `answer.rs`'s.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use sqlparser::ast::{
    Expr, Function, FunctionArgumentClause, FunctionArguments, Ident, ObjectName, Query, Select,
    SelectItem, SetExpr, Spanned, Statement as Parsed, TableFactor, Value, ValueWithSpan, Visit,
    Visitor,
};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::{Parser, ParserOptions};
use sqlparser::tokenizer::{Location, Token, Tokenizer};

/// Functions whose answer depends on the order in which the engine happens to meet rows.
const ORDER_DEPENDENT: [&str; 5] = ["first", "last", "array_agg", "first_value", "last_value"];

/// Functions that join texts in the order of rows; fine when they state that order.
const ORDER_STATED: [&str; 3] = ["string_agg", "listagg", "group_concat"];

/// Why a statement is refused, and where in its text.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused {
    /// Line of the statement, from 1.
    pub line: u64,
    /// Column of that line, from 1, in characters.
    pub column: u64,
    /// A sentence.
    pub what: String,
    /// What to do.
    pub hint: Option<String>,
}

impl Refused {
    /// A refusal at a place of the statement.
    pub(crate) fn at(
        place: Location,
        what: impl Into<String>,
        hint: impl Into<Option<String>>,
    ) -> Refused {
        Refused {
            line: place.line.max(1),
            column: place.column.max(1),
            what: what.into(),
            hint: hint.into(),
        }
    }
}

/// A name in a statement and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Mention {
    /// The name as written; a placeholder without its colon.
    pub name: String,
    /// Line of the statement, from 1.
    pub line: u64,
    /// Column of that line, from 1.
    pub column: u64,
}

/// A statement that passed every check that needs no case.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// The statement as parsed, placeholders still in it.
    pub(crate) query: Query,
    /// Tables named anywhere, CTEs left out, in order of mention.
    pub tables: Vec<Mention>,
    /// Placeholders in order of mention.
    pub placeholders: Vec<Mention>,
    /// Every word of its text: keywords, functions, and all names of tables and columns.
    pub words: BTreeSet<String>,
    /// Names the statement gives itself: CTEs and subqueries.
    pub given_names: Vec<Mention>,
}

impl Statement {
    /// Reads one statement and refuses everything that is not a plain question.
    ///
    /// # Errors
    ///
    /// [`Refused`] with its place: no SQL, several statements, not a query, a table function,
    /// a recursive query, a function whose answer depends on the order of rows.
    pub fn parse(sql: &str) -> Result<Statement, Refused> {
        let mut parsed = parse_statements(sql)?;
        if parsed.len() != 1 {
            let place = parsed.get(1).map_or(Location::new(1, 1), |second| second.span().start);
            let what = format!("found {} statements, expected one", parsed.len());
            return Err(Refused::at(place, what, None));
        }
        let statement = parsed.remove(0);
        let place = statement.span().start;
        let Parsed::Query(query) = statement else {
            let what =
                "only a question may stand here: a statement that begins with SELECT or WITH";
            return Err(Refused::at(place, what, None));
        };
        let mut checks = Checks::default();
        if let ControlFlow::Break(refused) = Visit::visit(&query, &mut checks) {
            return Err(refused);
        }
        let ctes: BTreeSet<&str> = checks.ctes.iter().map(|cte| cte.name.as_str()).collect();
        let tables = checks
            .relations
            .iter()
            .filter(|table| !ctes.contains(table.name.as_str()))
            .cloned()
            .collect();
        let mut given_names = checks.ctes;
        given_names.append(&mut checks.derived);
        let tokens = Tokenizer::new(&GenericDialect, sql).tokenize().unwrap_or_default();
        let words = tokens.into_iter().filter_map(|token| match token {
            Token::Word(word) => Some(word.value),
            _ => None,
        });
        Ok(Statement {
            query: *query,
            tables,
            placeholders: checks.placeholders,
            words: words.collect(),
            given_names,
        })
    }

    /// True when it may read columns it does not name: a wildcard, a natural join, a pattern.
    pub fn reads_unnamed_columns(&self) -> bool {
        let mut wildcards = Wildcards { found: false };
        let _ = Visit::visit(&self.query, &mut wildcards);
        wildcards.found
            || self.words.iter().any(|word| {
                word.eq_ignore_ascii_case("natural")
                    || word.eq_ignore_ascii_case("columns")
                    || word.starts_with('^')
            })
    }

    /// True when the statement states an order or a limit of its own.
    pub fn orders(&self) -> bool {
        self.query.order_by.is_some()
            || self.query.limit_clause.is_some()
            || self.query.fetch.is_some()
    }
}

/// The engine's own dialect and options, so that both read the same statement.
pub(crate) fn parse_statements(sql: &str) -> Result<Vec<Parsed>, Refused> {
    let options = ParserOptions { trailing_commas: true, ..ParserOptions::default() };
    Parser::new(&GenericDialect)
        .with_options(options)
        .try_with_sql(sql)
        .and_then(|mut parser| parser.parse_statements())
        .map_err(|refused| {
            let message = refused.to_string();
            let message = message
                .trim_start_matches("sql parser error: ")
                .trim_start_matches("ParserError(\"")
                .to_owned();
            let (what, place) = match message.split_once(" at Line: ") {
                Some((what, place)) => (what.to_owned(), parse_place(place)),
                // Only the end of the text has no place of its own.
                None => (message, end_of(sql)),
            };
            Refused::at(place, format!("this is not SQL: {what}"), None)
        })
}

fn end_of(sql: &str) -> Location {
    let line = sql.matches('\n').count() as u64 + 1;
    let column = sql.rsplit('\n').next().unwrap_or("").chars().count() as u64 + 1;
    Location::new(line, column)
}

fn parse_place(text: &str) -> Location {
    let mut numbers = text
        .split(|letter: char| !letter.is_ascii_digit())
        .filter_map(|digits| digits.parse::<u64>().ok());
    Location::new(numbers.next().unwrap_or(1), numbers.next().unwrap_or(1))
}

fn mention(ident: &Ident) -> Mention {
    Mention {
        name: ident.value.clone(),
        line: ident.span.start.line,
        column: ident.span.start.column,
    }
}

/// Walks a statement before anything else does; breaks at what is refused.
#[derive(Default)]
struct Checks {
    relations: Vec<Mention>,
    ctes: Vec<Mention>,
    derived: Vec<Mention>,
    placeholders: Vec<Mention>,
}

impl Checks {
    fn body(&self, body: &SetExpr, place: Location) -> Result<(), Refused> {
        match body {
            SetExpr::Select(_) | SetExpr::Query(_) | SetExpr::Values(_) => Ok(()),
            SetExpr::SetOperation { left, right, .. } => {
                self.body(left, place)?;
                self.body(right, place)
            }
            SetExpr::Table(_) => {
                let what = "`TABLE name` is not read here";
                Err(Refused::at(place, what, Some("write `select * from name`".to_owned())))
            }
            SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_) => {
                Err(Refused::at(place, "a question changes nothing; only SELECT is read", None))
            }
        }
    }

    fn function(&self, function: &Function) -> Result<(), Refused> {
        let name = function.name.to_string().to_lowercase();
        let place = function.name.span().start;
        if ORDER_DEPENDENT.contains(&name.as_str()) {
            let what = format!("`{name}` depends on the order in which rows happen to be met");
            let hint = "use min or max, or row_number() over an order without ties";
            return Err(Refused::at(place, what, Some(hint.to_owned())));
        }
        let ordered = match &function.args {
            FunctionArguments::List(list) => list
                .clauses
                .iter()
                .any(|clause| matches!(clause, FunctionArgumentClause::OrderBy(_))),
            _ => false,
        };
        if ORDER_STATED.contains(&name.as_str()) && !ordered && function.within_group.is_empty() {
            let what = format!("`{name}` joins texts in the order in which rows happen to be met");
            let hint = format!("state it: {name}(x, '; ' order by x)");
            return Err(Refused::at(place, what, Some(hint)));
        }
        Ok(())
    }
}

fn table_function(place: Location, found: &str) -> Refused {
    let what = format!("`{found}` is not a table of the case: table functions are refused");
    let hint = "a question reads the case tables and result tables, never a file by its path";
    Refused::at(place, what, Some(hint.to_owned()))
}

fn flow(checked: Result<(), Refused>) -> ControlFlow<Refused> {
    match checked {
        Ok(()) => ControlFlow::Continue(()),
        Err(refused) => ControlFlow::Break(refused),
    }
}

impl Visitor for Checks {
    type Break = Refused;

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<Refused> {
        if let Some(with) = &query.with {
            if with.recursive {
                let what = "recursive queries are not read";
                return ControlFlow::Break(Refused::at(query.span().start, what, None));
            }
            self.ctes.extend(with.cte_tables.iter().map(|cte| mention(&cte.alias.name)));
        }
        flow(self.body(&query.body, query.span().start))
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<Refused> {
        if select.into.is_some() {
            let what = "a question changes nothing; SELECT INTO is refused";
            return ControlFlow::Break(Refused::at(select.span().start, what, None));
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<Refused> {
        let place = factor.span().start;
        match factor {
            TableFactor::Table { name, args: None, .. } => flow(self.named_table(name)),
            TableFactor::Table { name, .. } => {
                let place = name.span().start;
                ControlFlow::Break(table_function(place, &name.to_string()))
            }
            TableFactor::Derived { lateral: false, alias, .. } => {
                self.derived.extend(alias.iter().map(|alias| mention(&alias.name)));
                ControlFlow::Continue(())
            }
            TableFactor::NestedJoin { .. } => ControlFlow::Continue(()),
            other => ControlFlow::Break(table_function(place, &other.to_string())),
        }
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<Refused> {
        match expr {
            Expr::Function(function) => flow(self.function(function)),
            Expr::Exists { .. } => {
                let what = "EXISTS is not read here";
                let hint = "write `x in (select ...)` or a join".to_owned();
                ControlFlow::Break(Refused::at(expr.span().start, what, Some(hint)))
            }
            _ => ControlFlow::Continue(()),
        }
    }

    fn pre_visit_value(&mut self, value: &ValueWithSpan) -> ControlFlow<Refused> {
        if let Value::Placeholder(text) = &value.value {
            let place = value.span.start;
            let Some(name) = text.strip_prefix(':') else {
                let what = format!("`{text}` is not a placeholder here");
                let hint = "write `:name` and give `name` under [parameters]".to_owned();
                return ControlFlow::Break(Refused::at(place, what, Some(hint)));
            };
            self.placeholders.push(Mention {
                name: name.to_owned(),
                line: place.line,
                column: place.column,
            });
        }
        ControlFlow::Continue(())
    }
}

impl Checks {
    fn named_table(&mut self, name: &ObjectName) -> Result<(), Refused> {
        match name.0.as_slice() {
            [part] if part.as_ident().is_some() => {
                self.relations.extend(part.as_ident().map(mention));
                Ok(())
            }
            _ => {
                let what = format!("`{name}` is not a table name: a table has one plain name");
                Err(Refused::at(name.span().start, what, None))
            }
        }
    }
}

struct Wildcards {
    found: bool,
}

impl Visitor for Wildcards {
    type Break = ();

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        self.found |= select.projection.iter().any(|item| {
            matches!(item, SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..))
        });
        ControlFlow::Continue(())
    }
}
