//! The query file: a question a person saved, with its reason.
//!
//! Reads keys, types and places; everything that can be wrong without a case is refused here,
//! before any record is read. Answering is `answer.rs`'s.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use toml::{Spanned, Value};

use crate::error::{Error, Result, line_and_column, nearest, parse_toml, read_text};
use crate::query::{Parameter, ParameterType, PathQuestion, Refused, Statement, read_paths};
use crate::records::SurplusDecimals;

/// Rows of an answer when a query file states no bound of its own.
pub const ROWS_MAX: usize = 100_000;

/// A saved question.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// File name without ending: the name of the question and of its answer's file.
    pub name: String,
    /// The file as messages name it.
    pub file: String,
    /// The question in words.
    pub title: String,
    /// The reason it is asked.
    pub why: String,
    /// How it is answered.
    pub asks: Asks,
    /// The whole text of the file.
    text: String,
}

/// How a question is answered.
#[derive(Clone, Debug, PartialEq)]
pub enum Asks {
    /// By a statement over the tables.
    Sql {
        /// The statement, checked.
        statement: Box<Statement>,
        /// Its parameters, in order of name.
        parameters: Vec<Parameter>,
        /// Walks that become tables of the statement, those first that others read.
        paths: Vec<PathQuestion>,
        /// Most rows of an answer; what is beyond is told in a note.
        rows_max: usize,
        /// Where its text begins in the file.
        place: StatementPlace,
    },
    /// By an analysis; its parameters are read with [`Query::analysis_parameters`].
    Analysis {
        /// The analysis as people name it: `pass-through`.
        analysis: String,
    },
}

/// Where the text of a statement begins in its file, to tell the place of an error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StatementPlace {
    line: usize,
    column: usize,
}

/// The first level of a query file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shape {
    title: Spanned<String>,
    why: Spanned<String>,
    analysis: Option<Spanned<String>>,
    /// Read again once it is known whether the file asks in SQL or names an analysis.
    #[serde(rename = "parameters")]
    _parameters: Option<BTreeMap<String, IgnoredAny>>,
    /// Read again by `path_keys.rs`.
    #[serde(rename = "paths")]
    _paths: Option<IgnoredAny>,
    result: Option<Spanned<ResultShape>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ResultShape {
    sql: Spanned<String>,
    rows_max: Option<Spanned<i64>>,
}

/// The parameters again, now that the file is known to ask in SQL.
#[derive(Deserialize)]
struct SqlShape {
    #[serde(default)]
    parameters: BTreeMap<Spanned<String>, ParameterShape>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ParameterShape {
    r#type: ParameterType,
    default: Option<Spanned<Value>>,
    also: Option<String>,
    #[serde(default)]
    surplus_decimals: SurplusDecimals,
    #[serde(default)]
    help: String,
}

/// Reads a query file.
///
/// # Errors
///
/// [`Error::Io`] if it cannot be read, [`Error::Key`] with line and column for everything that
/// is wrong in it.
pub fn load_query(path: &Path) -> Result<Query> {
    parse_query(path, &read_text(path)?)
}

/// Reads the text of a query file; `path` names it in messages and its stem is its name.
///
/// # Errors
///
/// [`Error::Key`] with line and column.
pub fn parse_query(path: &Path, text: &str) -> Result<Query> {
    let file = File { path, text };
    let shape: Shape = parse_toml(path, text)?;
    let paths = read_paths(path, text)?;
    for (key, value) in [("title", &shape.title), ("why", &shape.why)] {
        if value.get_ref().trim().is_empty() {
            return Err(file.refused(value.span().start, format!("`{key}` is empty"), None));
        }
    }
    let asks = match (&shape.analysis, &shape.result) {
        (Some(analysis), None) if !paths.is_empty() => {
            let what = "an analysis walks no [paths]; ask in SQL under [result]";
            return Err(file.refused(analysis.span().start, what, None));
        }
        (Some(analysis), None) => Asks::Analysis { analysis: analysis.get_ref().clone() },
        (None, Some(result)) => file.sql(result.get_ref(), paths)?,
        (Some(analysis), Some(_)) => {
            let what = "a question names an analysis or gives SQL under [result], not both";
            return Err(file.refused(analysis.span().start, what, None));
        }
        (None, None) => {
            let what = "the file asks nothing: it has neither `analysis` nor [result] with `sql`";
            return Err(file.refused(0, what, None));
        }
    };
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Query {
        name: stem,
        file: path.display().to_string(),
        title: shape.title.into_inner(),
        why: shape.why.into_inner(),
        asks,
        text: text.to_owned(),
    })
}

/// The file being read, for the places of its keys.
struct File<'a> {
    path: &'a Path,
    text: &'a str,
}

impl File<'_> {
    fn refused(&self, offset: usize, what: impl Into<String>, hint: Option<String>) -> Error {
        let (line, column) = line_and_column(self.text, offset);
        let file = self.path.display().to_string();
        Error::Key { file, line, column, what: what.into(), hint }
    }

    fn sql(&self, result: &ResultShape, paths: Vec<PathQuestion>) -> Result<Asks> {
        let place = StatementPlace::in_file(self.text, result.sql.span().start);
        let statement = Statement::parse(result.sql.get_ref())
            .map_err(|refused| place.error(&self.path.display().to_string(), refused))?;
        let parameters = self.parameters()?;
        let walked = paths.iter().flat_map(PathQuestion::statements);
        let statements: Vec<(&Statement, StatementPlace)> = std::iter::once((&statement, place))
            .chain(walked.map(|sql| (&sql.statement, sql.place)))
            .collect();
        let plain: Vec<(&str, (usize, usize))> = paths
            .iter()
            .flat_map(|one| one.plain_names().into_iter().map(|name| (name, one.at)))
            .collect();
        self.placeholders(&statements, &plain, &parameters)?;
        let rows_max = match &result.rows_max {
            None => ROWS_MAX,
            Some(rows) => usize::try_from(*rows.get_ref())
                .ok()
                .filter(|rows| (1..=10_000_000).contains(rows))
                .ok_or_else(|| {
                    let what = format!("found {}, expected 1 to 10000000 rows", rows.get_ref());
                    self.refused(rows.span().start, what, None)
                })?,
        };
        Ok(Asks::Sql { statement: Box::new(statement), parameters, paths, rows_max, place })
    }

    fn parameters(&self) -> Result<Vec<Parameter>> {
        let shape: SqlShape = parse_toml(self.path, self.text)?;
        let mut parameters = Vec::new();
        for (name, given) in shape.parameters {
            let at = name.span().start;
            let (line, column) = line_and_column(self.text, at);
            let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
            let name = name.into_inner();
            if !name.chars().all(plain) || !name.starts_with(|letter: char| !letter.is_numeric()) {
                let what = format!("`{name}` is no name for a parameter");
                let hint = "write letters, digits and _, a letter first".to_owned();
                return Err(self.refused(at, what, Some(hint)));
            }
            let kind = given.r#type;
            let default = given.default.map(|value| self.default(kind, &value)).transpose()?;
            let (also, help) = (given.also, given.help);
            let rounds = given.surplus_decimals == SurplusDecimals::Round;
            parameters.push(Parameter { name, kind, default, also, rounds, help, line, column });
        }
        Ok(parameters)
    }

    fn default(&self, kind: ParameterType, value: &Spanned<Value>) -> Result<String> {
        let text = match (kind, value.get_ref()) {
            (ParameterType::Integer | ParameterType::Number, Value::Integer(number)) => {
                number.to_string()
            }
            (ParameterType::Number, Value::Float(number)) => number.to_string(),
            (ParameterType::Flag, Value::Boolean(flag)) => flag.to_string(),
            (ParameterType::Date | ParameterType::Time, Value::Datetime(time)) => time.to_string(),
            (ParameterType::Integer | ParameterType::Flag, _) => String::from("?"),
            (_, Value::String(text)) => text.clone(),
            _ => String::from("?"),
        };
        let readable = match (kind, value.get_ref()) {
            (ParameterType::Text, Value::String(_)) => Ok(()),
            (ParameterType::Text, _) => Err("a text in quotes".to_owned()),
            (ParameterType::Amount, other) if !other.is_str() => {
                Err("an amount in quotes such as \"1200.00\"".to_owned())
            }
            _ => kind.check(&text),
        };
        readable.map_err(|expected| {
            let found = value.get_ref();
            let what = format!("`default` is {found}, expected {expected}");
            self.refused(value.span().start, what, None)
        })?;
        Ok(text)
    }

    /// Every placeholder has its parameter, and every parameter is used. `plain` are those of keys
    /// that are no SQL, with the place of their walk.
    fn placeholders(
        &self,
        statements: &[(&Statement, StatementPlace)],
        plain: &[(&str, (usize, usize))],
        parameters: &[Parameter],
    ) -> Result<()> {
        let known: BTreeSet<&str> = parameters.iter().map(|known| known.name.as_str()).collect();
        let file = self.path.display().to_string();
        let unknown = |name: &str| {
            let near = nearest(name, known.iter().copied(), 1);
            let hint = match near.first() {
                Some(near) => format!("did you mean `:{near}`?"),
                None => format!("add {name} = {{ type = \"text\" }}"),
            };
            (format!("`:{name}` is not among [parameters]"), Some(hint))
        };
        let mut used: BTreeSet<&str> = BTreeSet::new();
        for (statement, place) in statements {
            for placeholder in &statement.placeholders {
                used.insert(placeholder.name.as_str());
                if !known.contains(placeholder.name.as_str()) {
                    let (what, hint) = unknown(&placeholder.name);
                    let (line, column) = (placeholder.line, placeholder.column);
                    return Err(place.error(&file, Refused { line, column, what, hint }));
                }
            }
        }
        for (name, (line, column)) in plain {
            used.insert(*name);
            if !known.contains(name) {
                let (what, hint) = unknown(name);
                let (line, column) = (*line, *column);
                return Err(Error::Key { file, line, column, what, hint });
            }
        }
        match parameters.iter().find(|known| !used.contains(known.name.as_str())) {
            None => Ok(()),
            Some(unused) => Err(Error::Key {
                file,
                line: unused.line,
                column: unused.column,
                what: format!("the statement does not use the parameter `{}`", unused.name),
                hint: Some(format!("write `:{}` where its value belongs", unused.name)),
            }),
        }
    }
}

impl StatementPlace {
    /// The place of a statement's first character: behind its quotes, and on the next line when
    /// the quotes of many lines stand alone.
    pub(crate) fn in_file(text: &str, offset: usize) -> StatementPlace {
        let rest = &text[offset..];
        let quotes = if rest.starts_with("\"\"\"") || rest.starts_with("'''") { 3 } else { 1 };
        let (line, column) = line_and_column(text, offset);
        match rest[quotes..].trim_start_matches('\r').starts_with('\n') {
            true if quotes == 3 => StatementPlace { line: line + 1, column: 1 },
            _ => StatementPlace { line, column: column + quotes },
        }
    }

    /// The place of a statement of which only the beginning of its entry is known.
    pub(crate) fn on_line(text: &str, offset: usize) -> StatementPlace {
        let (line, column) = line_and_column(text, offset);
        StatementPlace { line, column }
    }

    /// A refusal of the statement, told by its place in the file.
    pub fn error(self, file: &str, refused: Refused) -> Error {
        let line = self.line + refused.line as usize - 1;
        let column = match refused.line {
            1 => self.column + refused.column as usize - 1,
            _ => refused.column as usize,
        };
        let Refused { what, hint, .. } = refused;
        Error::Key { file: file.to_owned(), line, column, what, hint }
    }
}

impl Query {
    /// The parameters of a question in SQL; none for an analysis, whose own struct has them.
    pub fn parameters(&self) -> &[Parameter] {
        match &self.asks {
            Asks::Sql { parameters, .. } => parameters,
            Asks::Analysis { .. } => &[],
        }
    }

    /// The file's whole text, for a manifest.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Parameters that must be given, since the file states no default.
    pub fn parameters_without_default(&self) -> Vec<&str> {
        let open = |one: &&Parameter| one.default.is_none();
        self.parameters().iter().filter(open).map(|one| one.name.as_str()).collect()
    }

    /// The parameters of an analysis: its own struct, read from `[parameters]`, with `values`
    /// in place of what the file says.
    ///
    /// # Errors
    ///
    /// [`Error::Key`] with the line of an unknown key or a wrong type; [`Error::Usage`] if a
    /// given value is refused.
    pub fn analysis_parameters<P>(&self, values: &BTreeMap<String, String>) -> Result<P>
    where
        P: DeserializeOwned + Default,
    {
        #[derive(Deserialize)]
        struct Given<P: Default> {
            #[serde(default)]
            parameters: P,
        }
        let path = Path::new(&self.file);
        let given: Given<P> = parse_toml(path, &self.text)?;
        if values.is_empty() {
            return Ok(given.parameters);
        }
        let mut file: toml::Table = parse_toml(path, &self.text)?;
        let section = file
            .entry("parameters")
            .or_insert_with(|| Value::Table(toml::Table::new()))
            .as_table_mut()
            .expect("parameters were just read as a table");
        for (name, text) in values {
            let value = toml::from_str::<toml::Table>(&format!("value = {text}"))
                .ok()
                .filter(|table| table.len() == 1)
                .and_then(|mut table| table.remove("value"))
                .unwrap_or_else(|| Value::String(text.clone()));
            section.insert(name.clone(), value);
        }
        P::deserialize(Value::Table(section.clone()))
            .map_err(|refused| Error::Usage(format!("a parameter is refused: {refused}")))
    }
}
