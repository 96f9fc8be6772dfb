//! `[paths.NAME]` of a query file: the keys of a walk, read and checked before anything runs.
//!
//! Walking is the graph's; giving the keys their values and building the table is
//! `path_table.rs`'s.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use toml::{Spanned, Value};

use crate::error::{Error, Result, line_and_column, nearest, parse_toml};
use crate::graph::{Distinct, TimeOrder, Way};
use crate::query::{Refused, Statement, StatementPlace};

/// Walks of a `[paths.NAME]` when the file states no bound of its own.
pub const PATHS_MAX: usize = 100_000;

/// The most that a file may ask for.
const PATHS_MAX_MOST: i64 = 10_000_000;

/// Words of `along`: the tables that can be walked.
const TABLES: [&str; 2] = ["transfers", "ties"];

/// A SQL statement of a query file, and where its text begins.
#[derive(Clone, Debug, PartialEq)]
pub struct PlacedSql {
    /// The statement, checked.
    pub statement: Statement,
    /// Where it begins in the file.
    pub place: StatementPlace,
    /// The key it stands under, for messages.
    pub key: String,
}

/// One kind of link that a walk may take.
#[derive(Clone, Debug, PartialEq)]
pub struct Along {
    /// `transfers` or `ties`.
    pub table: String,
    /// The rows of it that are walked: `select edge_row from TABLE where (CONDITION)`.
    pub rows: Option<PlacedSql>,
    /// From its second end to its first.
    pub reverse: bool,
}

/// `share_above`: a share of what a vertex received, and of what.
#[derive(Clone, Debug, PartialEq)]
pub struct ShareKey {
    /// The share as written, or `:name`.
    pub share: String,
    /// Which links are the inflow; `None`: those that are walked.
    pub of: Option<Vec<Along>>,
}

/// `keep_first`, its values as written.
#[derive(Clone, Debug, PartialEq)]
pub struct KeepKey {
    /// How many, or `:name`.
    pub n: String,
    /// `time` or `amount`, a direction perhaps behind it, or `:name`.
    pub by: String,
    /// `ascending`, `descending`, or `:name`.
    pub direction: Option<String>,
}

/// A walk that a question asks for; its result is a table of that name.
#[derive(Clone, Debug, PartialEq)]
pub struct PathQuestion {
    /// Name of its table.
    pub name: String,
    /// Where the walk is asked for in the file: line and column.
    pub at: (usize, usize),
    /// Where walks begin.
    pub from: PlacedSql,
    /// Where they end; `None`: anywhere.
    pub to: Option<PlacedSql>,
    /// What they take.
    pub along: Vec<Along>,
    /// Which way.
    pub way: Way,
    /// Fewest and most hops as written, `:name` allowed; no most: unbounded.
    pub hops: (String, Option<String>),
    /// How times go along a walk.
    pub order: TimeOrder,
    /// Bounds of the window as written; empty: none.
    pub within: Option<(String, String)>,
    /// Whether a time on a bound is outside.
    pub within_strict: bool,
    /// As written, or `:name`.
    pub amount_above: Option<String>,
    /// A share of the vertex's own inflow.
    pub share_above: Option<ShareKey>,
    /// How many links of a vertex are looked at.
    pub keep_first: Option<KeepKey>,
    /// No vertex twice.
    pub simple: bool,
    /// Which walks are one.
    pub distinct: Distinct,
    /// Most walks.
    pub paths_max: usize,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum WayWord {
    #[default]
    Out,
    In,
    Either,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum OrderWord {
    Increasing,
    Decreasing,
    #[default]
    None,
}

#[derive(Clone, Copy, Default, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum DistinctWord {
    #[default]
    Walks,
    Vertices,
    Last,
    Edges,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PathShape {
    from: Spanned<String>,
    to: Option<Spanned<String>>,
    along: Spanned<Vec<Spanned<Value>>>,
    #[serde(default)]
    direction: WayWord,
    hops: Spanned<String>,
    #[serde(default)]
    order: OrderWord,
    within: Option<Spanned<String>>,
    #[serde(default)]
    within_strict: bool,
    amount_above: Option<Spanned<Value>>,
    share_above: Option<Spanned<Value>>,
    keep_first: Option<Spanned<KeepShape>>,
    simple: Option<Spanned<bool>>,
    shortest: Option<Spanned<bool>>,
    distinct: Option<Spanned<DistinctWord>>,
    paths_max: Option<Spanned<i64>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AlongShape {
    table: String,
    r#where: Option<String>,
    #[serde(default)]
    reverse: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ShareShape {
    share: Value,
    of: Option<Vec<Value>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeepShape {
    n: Value,
    by: String,
    direction: Option<String>,
}

/// The part of a file that asks for walks.
#[derive(Deserialize)]
struct Walked {
    #[serde(default)]
    paths: BTreeMap<Spanned<String>, Spanned<PathShape>>,
}

/// Reads every `[paths.NAME]` of a file, those first that others read.
///
/// # Errors
///
/// [`Error::Key`] with line and column.
pub fn read_paths(path: &Path, text: &str) -> Result<Vec<PathQuestion>> {
    let walked: Walked = parse_toml(path, text)?;
    let keys = Keys { path, text };
    let mut questions = Vec::new();
    for (name, shape) in walked.paths {
        questions.push(keys.question(&name, shape.into_inner())?);
    }
    keys.in_order(questions)
}

struct Keys<'a> {
    path: &'a Path,
    text: &'a str,
}

impl Keys<'_> {
    fn refused(&self, offset: usize, what: impl Into<String>, hint: Option<&str>) -> Error {
        let (line, column) = line_and_column(self.text, offset);
        let file = self.path.display().to_string();
        Error::Key { file, line, column, what: what.into(), hint: hint.map(str::to_owned) }
    }

    fn question(&self, name: &Spanned<String>, shape: PathShape) -> Result<PathQuestion> {
        let at = name.span().start;
        let name = name.get_ref().clone();
        let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        if !name.chars().all(plain) || !name.starts_with(|first: char| first.is_ascii_alphabetic())
        {
            let what = format!("`{name}` is no name for a table");
            return Err(self.refused(
                at,
                what,
                Some("write letters, digits and _, a letter first"),
            ));
        }
        let along = self.links(&name, &shape.along)?;
        let distinct = self.distinct(&shape)?;
        let hops = self.hops(&shape.hops, distinct)?;
        let paths_max = self.paths_max(shape.paths_max.as_ref())?;
        let within = shape.within.as_ref().map(|one| self.within(one)).transpose()?;
        let share_above = match &shape.share_above {
            None => None,
            Some(share) => Some(self.share(&name, share.get_ref(), share.span().start)?),
        };
        let amount_above = self.amount_above(shape.amount_above.as_ref())?;
        let keep_first = shape.keep_first.as_ref().map(|keep| self.keep(keep)).transpose()?;
        Ok(PathQuestion {
            at: line_and_column(self.text, at),
            from: self.sql(&name, "from", &shape.from)?,
            to: shape.to.as_ref().map(|to| self.sql(&name, "to", to)).transpose()?,
            along,
            way: match shape.direction {
                WayWord::Out => Way::Out,
                WayWord::In => Way::In,
                WayWord::Either => Way::Either,
            },
            hops,
            order: match shape.order {
                OrderWord::None => TimeOrder::Any,
                OrderWord::Increasing => TimeOrder::Increasing,
                OrderWord::Decreasing => TimeOrder::Decreasing,
            },
            within,
            within_strict: shape.within_strict,
            amount_above,
            share_above,
            keep_first,
            simple: shape.simple.is_some_and(|simple| simple.into_inner()),
            distinct,
            paths_max,
            name,
        })
    }

    fn links(&self, name: &str, along: &Spanned<Vec<Spanned<Value>>>) -> Result<Vec<Along>> {
        if along.get_ref().is_empty() {
            let what = "`along` names no table";
            let hint = "walk along \"transfers\", along \"ties\", or along both";
            return Err(self.refused(along.span().start, what, Some(hint)));
        }
        let along = along.get_ref().iter();
        along.map(|one| self.along(name, one.get_ref(), one.span().start)).collect()
    }

    fn paths_max(&self, most: Option<&Spanned<i64>>) -> Result<usize> {
        match most {
            None => Ok(PATHS_MAX),
            Some(most) if (1..=PATHS_MAX_MOST).contains(most.get_ref()) => {
                Ok(*most.get_ref() as usize)
            }
            Some(most) => {
                let what =
                    format!("found {}, expected 1 to {PATHS_MAX_MOST} walks", most.get_ref());
                Err(self.refused(most.span().start, what, None))
            }
        }
    }

    fn amount_above(&self, amount: Option<&Spanned<Value>>) -> Result<Option<String>> {
        match amount.map(|amount| (amount.get_ref(), amount.span().start)) {
            None => Ok(None),
            Some((Value::String(text), _)) => Ok(Some(text.clone())),
            Some((_, at)) => {
                let what = "`amount_above` takes an amount in quotes, or a `:name`";
                Err(self.refused(at, what, None))
            }
        }
    }

    fn sql(&self, name: &str, key: &str, text: &Spanned<String>) -> Result<PlacedSql> {
        let place = StatementPlace::in_file(self.text, text.span().start);
        let key = format!("[paths.{name}] {key}");
        let statement = Statement::parse(text.get_ref())
            .map_err(|refused| place.error(&self.path.display().to_string(), refused))?;
        Ok(PlacedSql { statement, place, key })
    }

    fn along(&self, name: &str, value: &Value, at: usize) -> Result<Along> {
        let shape = match value {
            Value::String(table) => {
                AlongShape { table: table.clone(), r#where: None, reverse: false }
            }
            table => table.clone().try_into::<AlongShape>().map_err(|refused| {
                let message = refused.to_string();
                let what = message.lines().next().unwrap_or_default().to_owned();
                let hint =
                    "write \"transfers\", or { table = \"ties\", where = \"relation = 'owns'\" }";
                self.refused(at, what, Some(hint))
            })?,
        };
        if !TABLES.contains(&shape.table.as_str()) {
            let what = format!("`{}` is no table of links", shape.table);
            let near = nearest(&shape.table, TABLES, 1);
            let near = near.first().map_or("transfers` or `ties", String::as_str);
            return Err(self.refused(at, what, Some(&format!("walk along `{near}`"))));
        }
        let rows = match &shape.r#where {
            None => None,
            Some(condition) => {
                // The bracket stands on a line of its own, so that no comment swallows it.
                let sql = format!("select edge_row from {} where (\n{condition}\n)", shape.table);
                let statement = Statement::parse(&sql).map_err(|refused| {
                    let Refused { what, hint, .. } = refused;
                    self.refused(at, format!("`where`: {what}"), hint.as_deref())
                })?;
                let place = StatementPlace::on_line(self.text, at);
                Some(PlacedSql { statement, place, key: format!("[paths.{name}] where") })
            }
        };
        Ok(Along { table: shape.table, rows, reverse: shape.reverse })
    }

    fn distinct(&self, shape: &PathShape) -> Result<Distinct> {
        let shortest = shape.shortest.as_ref().filter(|one| *one.get_ref());
        let simple = shape.simple.as_ref().filter(|one| *one.get_ref());
        let distinct = shape.distinct.as_ref();
        if let (Some(shortest), Some(_)) = (shortest, distinct) {
            let what = "`shortest` lists one path for each first and last vertex; `distinct` has no \
                        meaning with it";
            return Err(self.refused(shortest.span().start, what, None));
        }
        let word = distinct.map_or(DistinctWord::Walks, |one| *one.get_ref());
        if let (Some(simple), DistinctWord::Last | DistinctWord::Edges) = (simple, word) {
            let what = "walks told apart by their ends may repeat vertices";
            let hint = "leave out `simple`, or write distinct = \"vertices\"";
            return Err(self.refused(simple.span().start, what, Some(hint)));
        }
        Ok(match (shortest, word) {
            (Some(_), _) => Distinct::Shortest,
            (None, DistinctWord::Walks) => Distinct::Walks,
            (None, DistinctWord::Vertices) => Distinct::Vertices,
            (None, DistinctWord::Last) => Distinct::Last,
            (None, DistinctWord::Edges) => Distinct::Edges,
        })
    }

    fn hops(&self, hops: &Spanned<String>, distinct: Distinct) -> Result<(String, Option<String>)> {
        let text = hops.get_ref().trim();
        let (least, most) = text.split_once("..").unwrap_or((text, text));
        let number = |text: &str| text.starts_with(':') || text.parse::<u32>().is_ok();
        if !number(least) || !(most.is_empty() || number(most)) {
            let what = format!("`hops` is {text:?}, expected hops such as \"1..3\"");
            return Err(self.refused(hops.span().start, what, None));
        }
        if let (Ok(least), Ok(most)) = (least.parse::<u32>(), most.parse::<u32>())
            && least > most
        {
            let what = format!("`hops` is {text:?}, and no walk has as few and as many");
            return Err(self.refused(hops.span().start, what, None));
        }
        if most.is_empty() && distinct != Distinct::Shortest {
            let what = "only shortest paths may have any number of hops";
            let hint = "write shortest = true, or a most such as \"1..6\"";
            return Err(self.refused(hops.span().start, what, Some(hint)));
        }
        Ok((least.to_owned(), (!most.is_empty()).then(|| most.to_owned())))
    }

    fn within(&self, within: &Spanned<String>) -> Result<(String, String)> {
        let text = within.get_ref();
        match text.split_once("..") {
            Some((from, to)) => Ok((from.trim().to_owned(), to.trim().to_owned())),
            None => {
                let what =
                    format!("`within` is {text:?}, expected a window such as \":start..:end\"");
                Err(self.refused(within.span().start, what, None))
            }
        }
    }

    fn share(&self, name: &str, value: &Value, at: usize) -> Result<ShareKey> {
        let (share, of) = match value {
            Value::Table(table) => {
                let shape: ShareShape =
                    table.clone().try_into().map_err(|refused: toml::de::Error| {
                        let message = refused.to_string();
                        self.refused(at, message.lines().next().unwrap_or_default(), None)
                    })?;
                (shape.share, shape.of)
            }
            plain => (plain.clone(), None),
        };
        let share = match share {
            Value::String(text) => text,
            Value::Integer(number) => number.to_string(),
            Value::Float(number) => number.to_string(),
            _ => {
                let what = "`share_above` takes a share such as 0.5, or a `:name`";
                return Err(self.refused(at, what, None));
            }
        };
        let of = match of {
            None => None,
            Some(of) => {
                let of: Result<Vec<Along>> =
                    of.iter().map(|one| self.along(name, one, at)).collect();
                Some(of?)
            }
        };
        Ok(ShareKey { share, of })
    }

    fn keep(&self, keep: &Spanned<KeepShape>) -> Result<KeepKey> {
        let shape = keep.get_ref();
        let n = match &shape.n {
            Value::Integer(number) if *number >= 0 => number.to_string(),
            Value::String(name) if name.starts_with(':') => name.clone(),
            other => {
                let what = format!("`n` is {other}, expected a number of links or a `:name`");
                return Err(self.refused(keep.span().start, what, None));
            }
        };
        Ok(KeepKey { n, by: shape.by.clone(), direction: shape.direction.clone() })
    }

    /// Those first whose tables others read; the order of names decides otherwise.
    fn in_order(&self, mut questions: Vec<PathQuestion>) -> Result<Vec<PathQuestion>> {
        let mut ordered: Vec<PathQuestion> = Vec::new();
        while !questions.is_empty() {
            let waiting: Vec<String> = questions.iter().map(|one| one.name.clone()).collect();
            let reads_waiting = |one: &PathQuestion| {
                one.statements().any(|sql| {
                    sql.statement.tables.iter().any(|table| waiting.contains(&table.name))
                })
            };
            let Some(next) = questions.iter().position(|one| !reads_waiting(one)) else {
                let (line, column) = questions[0].at;
                let what = format!("`{}` reads a walk that needs it first", questions[0].name);
                let file = self.path.display().to_string();
                return Err(Error::Key { file, line, column, what, hint: None });
            };
            ordered.push(questions.remove(next));
        }
        Ok(ordered)
    }
}

impl PathQuestion {
    /// Every statement of it.
    pub fn statements(&self) -> impl Iterator<Item = &PlacedSql> {
        let of = self.share_above.iter().filter_map(|share| share.of.as_ref()).flatten();
        let rows = self.along.iter().chain(of).filter_map(|along| along.rows.as_ref());
        std::iter::once(&self.from).chain(&self.to).chain(rows)
    }

    /// Names of parameters among the keys that are no SQL.
    pub fn plain_names(&self) -> Vec<&str> {
        let mut values = vec![self.hops.0.as_str()];
        values.extend(self.hops.1.as_deref());
        if let Some((from, to)) = &self.within {
            values.extend([from.as_str(), to.as_str()]);
        }
        values.extend(self.amount_above.as_deref());
        values.extend(self.share_above.as_ref().map(|share| share.share.as_str()));
        if let Some(keep) = &self.keep_first {
            values.extend([keep.n.as_str(), keep.by.as_str()]);
            values.extend(keep.direction.as_deref());
        }
        values.into_iter().filter_map(|value| value.strip_prefix(':')).collect()
    }

    /// True when ties are walked or are the inflow.
    pub fn walks_ties(&self) -> bool {
        let of = self.share_above.iter().filter_map(|share| share.of.as_ref()).flatten();
        self.along.iter().chain(of).any(|along| along.table == "ties")
    }
}
