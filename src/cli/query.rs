//! `query`: answers a saved question.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::analyses::{Inputs, table_with_unproved};
use crate::cli::session::Session;
use crate::error::{Error, Result};
use crate::exports::Wording;
use crate::exports::tables::TableWriter;
use crate::model::ResultTable;
use crate::query::{AnalysisResults, BUILT_IN, Prepared, answer, find_query};
use crate::store::Case;
use crate::timings::TimingsFormat;

/// Which question, of which case, with which values.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// A case store, a run directory, or a case file
    #[arg(value_name = "STORE|CASE.toml")]
    case: PathBuf,
    /// Name of a saved question or path of a query file; without one, the saved questions are
    /// listed
    #[arg(value_name = "NAME|FILE")]
    question: Option<String>,
    /// Value of a parameter, as in --set party="Lena Ortiz"
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// Answers the question once for each line of a file: values of its parameters as one JSON
    /// object a line; prints one JSON object a line
    #[arg(long, value_name = "PARAMS.jsonl", conflicts_with = "table")]
    batch: Option<PathBuf>,
}

/// Answers the question and prints its table.
///
/// # Errors
///
/// As [`answer`].
pub fn run(session: &Session, args: &Args) -> Result<()> {
    let Some(question) = &args.question else {
        let mut out = std::io::stdout().lock();
        for (name, _) in BUILT_IN {
            let query = find_query(name, &[])?;
            let listed = writeln!(out, "{name}: {}", query.title);
            listed.map_err(|source| Error::Io { path: "the list of questions".into(), source })?;
        }
        return Ok(());
    };
    let query = find_query(question, &[PathBuf::from("queries")])?;
    let values = values(&args.set)?;
    let opened = session.open(&args.case)?;
    let inputs = Inputs::timed(&opened.case, &session.timings);
    let results = AnalysisResults::new(&inputs);
    if let Some(path) = &args.batch {
        let stage = session.timings.start("prepare");
        let prepared = Prepared::new(&query, &opened.case, &results)?;
        session.timings.end(stage, None);
        let stage = session.timings.start("query");
        let lines = batch(&prepared, path, &values, &opened.case, session)?;
        session.timings.end(stage, lines);
        return Ok(());
    }
    let stage = session.timings.start("query");
    let table = answer(&query, &values, &opened.case, &results)?;
    let table = table_with_unproved(&inputs, table)?;
    session.timings.end(stage, table.rows() as u64);
    session.print(&opened.case, &[table])
}

/// Answers one line after another; each answer is written before the next line is read.
fn batch(
    prepared: &Prepared,
    path: &Path,
    set: &BTreeMap<String, String>,
    case: &Case,
    session: &Session,
) -> Result<u64> {
    let file = File::open(path).map_err(|source| Error::io(path, source))?;
    let wording = Wording::of(case)?;
    let writer = TableWriter::new(&wording);
    let mut out = BufWriter::new(std::io::stdout().lock());
    let closed = |source| Error::Io { path: "standard output".into(), source };
    let mut answered = 0;
    for (at, line) in BufReader::new(file).lines().enumerate() {
        let line = line.map_err(|source| Error::io(path, source))?;
        if line.trim().is_empty() {
            continue;
        }
        let at = at + 1;
        let of_line = |what: String| Error::Query {
            at: format!("{}:{at}", path.display()),
            what,
            hint: None,
        };
        let mut values = set.clone();
        for (name, value) in line_values(&line).map_err(of_line)? {
            if values.insert(name.clone(), value).is_some() {
                return Err(of_line(format!("{name:?} is given by --set too")));
            }
        }
        let stage = session.timings.start("answer");
        let table = match prepared.answer(&values) {
            Ok(table) => {
                // Thousands of lines of a table for people would say less than their sum does.
                if session.common.timings == Some(TimingsFormat::Json) {
                    session.timings.end(stage, table.rows() as u64);
                }
                table
            }
            Err(Error::Interrupted) => return Err(Error::Interrupted),
            Err(refused) => {
                // What was answered stands; the line that was not is named.
                out.flush().map_err(closed)?;
                return Err(of_line(refused.to_string()));
            }
        };
        write_line(&mut out, at, &table, &writer).map_err(closed)?;
        answered += 1;
    }
    out.flush().map_err(closed)?;
    Ok(answered)
}

/// Values of parameters as one JSON object: texts, numbers, true and false. Whole numbers keep all
/// their digits; a number with decimals beyond what a double holds exactly is refused.
fn line_values(line: &str) -> std::result::Result<BTreeMap<String, String>, String> {
    let found: BTreeMap<String, Value> = serde_json::from_str(line)
        .map_err(|refused| format!("this is no JSON object of values: {refused}"))?;
    let mut values = BTreeMap::new();
    for (name, value) in found {
        let text = match value {
            Value::String(text) => text,
            Value::Bool(flag) => flag.to_string(),
            Value::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
                Some(wide) if wide.abs() >= 1e15 => {
                    return Err(format!("{name:?} is too long for a JSON number; write a text"));
                }
                _ => number.to_string(),
            },
            _ => return Err(format!("{name:?} is no text, number, true or false")),
        };
        values.insert(name, text);
    }
    Ok(values)
}

fn write_line(
    out: &mut impl std::io::Write,
    at: usize,
    table: &ResultTable,
    writer: &TableWriter,
) -> std::io::Result<()> {
    let text = |text: &str| Value::from(text).to_string();
    let columns: Vec<String> = table.columns.iter().map(|one| text(&one.name)).collect();
    write!(out, "{{\"line\":{at},\"columns\":[{}],\"rows\":[", columns.join(","))?;
    for row in 0..table.rows() {
        let cells = table.columns.iter().map(|one| writer.json_value(&one.values, row));
        let comma = if row == 0 { "" } else { "," };
        write!(out, "{comma}[{}]", cells.collect::<Vec<_>>().join(","))?;
    }
    let notes: Vec<String> = table.notes.iter().map(|note| text(note)).collect();
    writeln!(out, "],\"notes\":[{}]}}", notes.join(","))
}

/// Values of parameters by name.
fn values(set: &[String]) -> Result<BTreeMap<String, String>> {
    let mut values = BTreeMap::new();
    for one in set {
        let Some((name, value)) = one.split_once('=') else {
            return Err(Error::Usage(format!("--set takes NAME=VALUE, not {one:?}")));
        };
        if values.insert(name.trim().to_owned(), value.to_owned()).is_some() {
            return Err(Error::Usage(format!("--set gives {name:?} twice")));
        }
    }
    Ok(values)
}
