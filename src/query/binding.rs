//! Giving a parsed statement its values, and printing it for the engine.
//!
//! The engine takes no parameters and reads text only. Values replace placeholders in the parsed
//! statement, never in its text; what is printed is parsed once more and compared, since the
//! printer of quoted texts guesses whether they are already escaped. Here a statement also gets
//! what makes its answer the same on every machine: a whole order, and sums that fail rather
//! than wrap.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use sqlparser::ast::{
    BinaryOperator, CastKind, DataType, ExactNumberInfo, Expr, FunctionArg, FunctionArgExpr,
    FunctionArguments, Ident, LimitClause, OrderBy, OrderByExpr, OrderByKind, OrderByOptions,
    Query, SelectItem, SetExpr, Spanned, Statement as Parsed, TableFactor, TimezoneInfo,
    UnaryOperator, Value, ValueWithSpan, Visit, VisitMut, Visitor, VisitorMut, visit_expressions,
};
use sqlparser::tokenizer::Location;

use crate::query::{Refused, Statement, parse_statements};

/// A value that replaces a placeholder, with its type.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// A text, whatever it looks like.
    Text(String),
    /// A whole number; money in minor units.
    Integer(i64),
    /// A decimal number without an exponent.
    Number(String),
    /// True or false.
    Flag(bool),
    /// A civil day, days since 1970-01-01.
    Day(i32),
    /// An instant, milliseconds since 1970 UTC.
    TimeMs(i64),
}

impl Statement {
    /// The statement with its values, in words the engine reads as exactly these values.
    ///
    /// `columns`, when given, are the names of the answer; they are added to ORDER BY so that
    /// rows with equal keys come in one order on every machine.
    ///
    /// # Errors
    ///
    /// [`Refused`] if a placeholder stands where no value may, an inner LIMIT has no definite
    /// order, or the statement cannot be printed so that it reads back the same.
    pub fn print(
        &self,
        values: &BTreeMap<String, Literal>,
        columns: Option<&[String]>,
    ) -> Result<String, Refused> {
        let mut query = self.query.clone();
        let mut bind = Bind { values, depth: 0 };
        if let ControlFlow::Break(refused) = VisitMut::visit(&mut query, &mut bind) {
            return Err(refused);
        }
        if let ControlFlow::Break(refused) = Visit::visit(&query, &mut Leftover) {
            return Err(refused);
        }
        if let Some(columns) = columns {
            order_fully(&mut query, columns);
        }
        let intended = Parsed::Query(Box::new(query.clone()));
        let _ = VisitMut::visit(&mut query, &mut DoubleQuotes);
        let text = query.to_string();
        let read_back = parse_statements(&text)?;
        if read_back.as_slice() != std::slice::from_ref(&intended) {
            let what = "the statement has no form that the engine reads as it was meant";
            let hint = "write its quoted texts and names without quotes and backslashes inside";
            return Err(Refused::at(Location::new(1, 1), what, Some(hint.to_owned())));
        }
        Ok(text)
    }
}

impl Statement {
    /// The one row of a statement that reads no table and selects texts alone, each under a name:
    /// `select :id as account`. The engine would say the same, and take longer.
    pub(crate) fn row_of_texts(
        &self,
        values: &BTreeMap<String, Literal>,
    ) -> Option<Vec<(String, String)>> {
        let SetExpr::Select(select) = &*self.query.body else { return None };
        let row = select.projection.iter().map(|item| {
            let SelectItem::ExprWithAlias { expr: Expr::Value(value), alias } = item else {
                return None;
            };
            let text = match &value.value {
                Value::SingleQuotedString(text) => text.clone(),
                Value::Placeholder(name) => match values.get(name.strip_prefix(':')?)? {
                    Literal::Text(text) => text.clone(),
                    _ => return None,
                },
                _ => return None,
            };
            Some((alias.value.clone(), text))
        });
        let row: Vec<(String, String)> = row.collect::<Option<_>>()?;
        // Whatever else a statement may hold, it is longer than this.
        let said: Vec<String> = select.projection.iter().map(SelectItem::to_string).collect();
        let plain = format!("SELECT {}", said.join(", "));
        (self.query.to_string() == plain).then_some(row)
    }

    /// True when every column of the answer has a name of its own, whatever the values are.
    pub(crate) fn names_columns(&self) -> bool {
        let SetExpr::Select(select) = &*self.query.body else { return false };
        select.projection.iter().all(|item| {
            matches!(
                item,
                SelectItem::ExprWithAlias { .. } | SelectItem::UnnamedExpr(Expr::Identifier(_))
            )
        })
    }
}

/// Adds what the statement leaves open to its order: every column of the answer, left to right.
fn order_fully(query: &mut Query, columns: &[String]) {
    order_outside(query);
    let all = columns.iter().map(|name| OrderByExpr {
        expr: Expr::Identifier(Ident::with_quote('"', name)),
        options: OrderByOptions { asc: None, nulls_first: None },
        with_fill: None,
    });
    match &mut query.order_by {
        // `ORDER BY ALL` is whole already.
        Some(OrderBy { kind: OrderByKind::Expressions(keys), .. }) if is_all(keys) => {}
        Some(OrderBy { kind: OrderByKind::Expressions(keys), .. }) => keys.extend(all),
        Some(_) => {}
        none => {
            let kind = OrderByKind::Expressions(all.collect());
            *none = Some(OrderBy { kind, interpolate: None });
        }
    }
}

fn is_all(keys: &[OrderByExpr]) -> bool {
    match keys {
        [OrderByExpr { expr: Expr::Identifier(name), .. }] => {
            name.quote_style.is_none() && name.value.eq_ignore_ascii_case("all")
        }
        _ => false,
    }
}

/// Puts a union with an order or a limit into a FROM of its own.
///
/// The engine would hand the order of a union down to each of its sides, where the names of the
/// answer are not known yet.
fn order_outside(query: &mut Query) {
    let plain = matches!(*query.body, SetExpr::Select(_));
    let ordered = query.order_by.is_some() || query.limit_clause.is_some() || query.fetch.is_some();
    if plain || !ordered {
        return;
    }
    let mut shell = parse_statements("SELECT * FROM (SELECT 1) AS united")
        .expect("the shell around a union is SQL");
    let Some(Parsed::Query(mut shell)) = shell.pop() else {
        unreachable!("the shell around a union is a query");
    };
    if let SetExpr::Select(select) = shell.body.as_mut()
        && let TableFactor::Derived { subquery, .. } = &mut select.from[0].relation
    {
        std::mem::swap(&mut subquery.body, &mut query.body);
    }
    query.body = shell.body;
}

/// Puts values in the place of placeholders, and gives every inner LIMIT a definite order.
struct Bind<'a> {
    values: &'a BTreeMap<String, Literal>,
    depth: usize,
}

impl VisitorMut for Bind<'_> {
    type Break = Refused;

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<Refused> {
        self.depth += 1;
        let limited = match &query.limit_clause {
            Some(LimitClause::LimitOffset { limit_by, .. }) if !limit_by.is_empty() => {
                let what = "LIMIT BY is not read";
                return ControlFlow::Break(Refused::at(query.span().start, what, None));
            }
            clause => clause.is_some() || query.fetch.is_some(),
        };
        let columns = output_names(&query.body);
        order_outside(query);
        if self.depth > 1 && limited {
            let Some(columns) = columns else {
                let what = "a LIMIT inside a question needs the names of its columns";
                let hint = "name every column in that SELECT, with `as` for what is computed";
                let place = query.span().start;
                return ControlFlow::Break(Refused::at(place, what, Some(hint.to_owned())));
            };
            order_fully(query, &columns);
        }
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _query: &mut Query) -> ControlFlow<Refused> {
        self.depth -= 1;
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Refused> {
        if let Expr::Value(ValueWithSpan { value: Value::Placeholder(text), .. }) = expr {
            if let Some(literal) = self.values.get(text.trim_start_matches(':')) {
                *expr = literal.to_expr();
            }
        } else if let Some(checked) = checked_sum(expr) {
            *expr = checked;
        }
        ControlFlow::Continue(())
    }
}

/// A sum of money that fails instead of wrapping.
///
/// The engine adds 64-bit integers without a check. The same sum as a double, twice as large so
/// that its rounding cannot matter, is cast back to an integer, which the engine refuses beyond
/// 64 bits; times zero it changes nothing else.
fn checked_sum(expr: &Expr) -> Option<Expr> {
    let Expr::Function(sum) = expr else {
        return None;
    };
    if !sum.name.to_string().eq_ignore_ascii_case("sum") || !names_money(&sum.args) {
        return None;
    }
    let mut wide = sum.clone();
    let FunctionArguments::List(list) = &mut wide.args else {
        return None;
    };
    for argument in &mut list.args {
        if let FunctionArg::Unnamed(FunctionArgExpr::Expr(term)) = argument {
            *term = cast(term.clone(), DataType::Double(ExactNumberInfo::None));
        }
    }
    let twice = binary(Expr::Function(wide), BinaryOperator::Multiply, integer(2));
    let guard = cast(twice, DataType::BigInt(None));
    let nothing = binary(guard, BinaryOperator::Multiply, integer(0));
    Some(Expr::Nested(Box::new(binary(expr.clone(), BinaryOperator::Plus, nothing))))
}

fn names_money(arguments: &FunctionArguments) -> bool {
    visit_expressions(arguments, |expr| {
        let name = match expr {
            Expr::Identifier(ident) => Some(ident),
            Expr::CompoundIdentifier(parts) => parts.last(),
            _ => None,
        };
        match name.is_some_and(|ident| ident.value.ends_with("_minor")) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    })
    .is_break()
}

fn binary(left: Expr, op: BinaryOperator, right: Expr) -> Expr {
    Expr::BinaryOp { left: Box::new(left), op, right: Box::new(right) }
}

/// A placeholder where the grammar wants something other than a value is still there after
/// every expression got its value.
struct Leftover;

impl Visitor for Leftover {
    type Break = Refused;

    fn pre_visit_value(&mut self, value: &ValueWithSpan) -> ControlFlow<Refused> {
        match &value.value {
            Value::Placeholder(text) => {
                let what = format!("`{text}` stands where no value may stand");
                ControlFlow::Break(Refused::at(value.span.start, what, None))
            }
            _ => ControlFlow::Continue(()),
        }
    }
}

/// The names of a SELECT's columns, where each is written.
fn output_names(body: &SetExpr) -> Option<Vec<String>> {
    let select = match body {
        SetExpr::Select(select) => select,
        SetExpr::Query(query) => return output_names(&query.body),
        SetExpr::SetOperation { left, .. } => return output_names(left),
        _ => return None,
    };
    let name = |item: &SelectItem| match item {
        SelectItem::ExprWithAlias { alias, .. } => Some(alias.value.clone()),
        SelectItem::UnnamedExpr(Expr::Identifier(ident)) => Some(ident.value.clone()),
        SelectItem::UnnamedExpr(Expr::CompoundIdentifier(parts)) => {
            parts.last().map(|ident| ident.value.clone())
        }
        _ => None,
    };
    select.projection.iter().map(name).collect()
}

/// The printer leaves a doubled or backslashed quote alone and doubles any other. Doubling all
/// of them first leaves it nothing to guess.
struct DoubleQuotes;

impl VisitorMut for DoubleQuotes {
    type Break = ();

    fn pre_visit_value(&mut self, value: &mut ValueWithSpan) -> ControlFlow<()> {
        if let Value::SingleQuotedString(text) = &mut value.value {
            *text = text.replace('\'', "''");
        }
        ControlFlow::Continue(())
    }
}

impl Literal {
    fn to_expr(&self) -> Expr {
        match self {
            Literal::Text(text) => value(Value::SingleQuotedString(text.clone())),
            Literal::Flag(flag) => value(Value::Boolean(*flag)),
            Literal::Integer(number) => integer(*number),
            Literal::Number(text) => {
                let digits = text.trim_start_matches('-');
                let number = value(Value::Number(digits.to_owned(), false));
                let number = if text.starts_with('-') {
                    let minus = Expr::UnaryOp { op: UnaryOperator::Minus, expr: Box::new(number) };
                    Expr::Nested(Box::new(minus))
                } else {
                    number
                };
                cast(number, DataType::Double(ExactNumberInfo::None))
            }
            // Integers cast to their type need no parsing of texts by the engine.
            Literal::Day(day) => cast(integer(i64::from(*day)), DataType::Date),
            Literal::TimeMs(ms) => {
                cast(integer(*ms), DataType::Timestamp(Some(3), TimezoneInfo::None))
            }
        }
    }
}

fn value(value: Value) -> Expr {
    Expr::Value(value.with_empty_span())
}

fn integer(number: i64) -> Expr {
    let digits = value(Value::Number(number.unsigned_abs().to_string(), false));
    if number < 0 {
        let minus = Expr::UnaryOp { op: UnaryOperator::Minus, expr: Box::new(digits) };
        Expr::Nested(Box::new(minus))
    } else {
        digits
    }
}

fn cast(expr: Expr, data_type: DataType) -> Expr {
    let kind = CastKind::Cast;
    Expr::Cast { kind, expr: Box::new(expr), data_type, array: false, format: None }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sqlparser::dialect::GenericDialect;
    use sqlparser::tokenizer::{Token, Tokenizer};

    use super::*;

    fn printed(sql: &str, literal: Literal) -> String {
        let values = BTreeMap::from([("x".to_owned(), literal)]);
        Statement::parse(sql).unwrap().print(&values, None).unwrap()
    }

    #[track_caller]
    fn check(literal: Literal, expected: &str) {
        assert_eq!(printed("select :x as a", literal), format!("SELECT {expected} AS a"));
    }

    #[test]
    fn a_value_is_printed_with_its_type() {
        check(Literal::Text("O'Neil".to_owned()), "'O''Neil'");
        check(Literal::Text("\\'; drop".to_owned()), "'\\''; drop'");
        check(Literal::Integer(-5), "(-5)");
        check(Literal::Flag(false), "false");
        check(Literal::Day(19_813), "CAST(19813 AS DATE)");
        check(Literal::TimeMs(-1), "CAST((-1) AS TIMESTAMP(3))");
    }

    #[test]
    fn an_answer_is_ordered_by_all_its_columns() {
        let statement = Statement::parse("select a, b from t order by b desc").unwrap();
        let columns = ["a".to_owned(), "b".to_owned()];
        let text = statement.print(&BTreeMap::new(), Some(&columns)).unwrap();
        assert_eq!(text, "SELECT a, b FROM t ORDER BY b DESC, \"a\", \"b\"");
    }

    #[test]
    fn a_sum_of_money_is_guarded_and_no_other() {
        let print = |sql| Statement::parse(sql).unwrap().print(&BTreeMap::new(), None).unwrap();
        assert_eq!(print("select sum(n) from t"), "SELECT sum(n) FROM t");
        assert_eq!(
            print("select sum(t.a_minor) from t"),
            "SELECT (sum(t.a_minor) + CAST(sum(CAST(t.a_minor AS DOUBLE)) * 2 AS BIGINT) * 0) \
             FROM t"
        );
    }

    proptest! {
        #[test]
        fn any_text_is_one_literal_of_itself(text in "['\\\\a:;\"$\\-/* \\n]{0,24}|\\PC*") {
            let sql = printed("select :x", Literal::Text(text.clone()));
            let tokens = Tokenizer::new(&GenericDialect, &sql).tokenize().unwrap();
            let tokens: Vec<Token> =
                tokens.into_iter().filter(|token| !matches!(token, Token::Whitespace(_))).collect();
            prop_assert_eq!(tokens.len(), 2);
            prop_assert_eq!(&tokens[1], &Token::SingleQuotedString(text));
        }
    }
}
