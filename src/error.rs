//! Everything that can go wrong on the user's data, with the place, the text and the remedy.
//!
//! Printing and exit codes live in `main.rs`; what breaks an invariant of ours panics instead.

use std::io;
use std::path::{Path, PathBuf};

use crate::model::Currency;

/// A result whose error is [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong, where, with what text, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A value of a record cannot be read. Stops the run only under `--strict`.
    #[error("{at}: column {column:?}: found {found:?}, expected {expected}")]
    Field {
        /// File and line, `bank.csv:14`.
        at: String,
        /// The producer's own column name.
        column: String,
        /// The text as it stands in the source.
        found: String,
        /// What would have been read.
        expected: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// A key or value of a case, layout or query file is refused before any record is read.
    #[error("{file}:{line}:{column}: {what}")]
    Key {
        /// The file a person wrote.
        file: String,
        /// Line from 1.
        line: usize,
        /// Column from 1, in characters.
        column: usize,
        /// What is wrong with it.
        what: String,
        /// Nearest spelling, or the list of what is known.
        hint: Option<String>,
    },
    /// A file lacks a column that its layout requires, or no layout fits its header.
    #[error("{file}: {what}; the columns found are {found}")]
    Columns {
        /// The source.
        file: String,
        /// Which column, or which layout.
        what: String,
        /// The columns found, quoted and in order.
        found: String,
        /// Nearest name, or how to name a layout.
        hint: Option<String>,
    },
    /// A file or directory cannot be used as it is.
    #[error("{path}: {what}")]
    File {
        /// As the user named it.
        path: String,
        /// What is wrong.
        what: String,
        /// What to do.
        hint: Option<String>,
    },
    /// The operating system refused.
    #[error("{path}: {source}")]
    Io {
        /// As the user named it.
        path: String,
        /// What it said.
        source: io::Error,
    },
    /// A name that matches nothing in the case.
    #[error("no {kind} is named {found:?}")]
    Unknown {
        /// What was looked for: `account`, `party`, `saved query` ...
        kind: &'static str,
        /// The name as given.
        found: String,
        /// The nearest names, best first.
        nearest: Vec<String>,
    },
    /// Two amounts of different currencies in one sum.
    #[error("{0} and {1} cannot be added: an amount has one currency")]
    CurrencyMismatch(Currency, Currency),
    /// A sum beyond what 64 bits of minor units hold.
    #[error("an amount exceeds 92,233,720,368,547,758.07; nothing was wrapped or rounded")]
    AmountOverflow,
    /// A question in SQL is refused or fails.
    #[error("{at}: {what}")]
    Query {
        /// The query file, and the table or key inside it.
        at: String,
        /// What the engine or our own check said.
        what: String,
        /// What to do.
        hint: Option<String>,
    },
    /// A command is used in a way its page does not offer. Exit code 2.
    #[error("{0}")]
    Usage(String),
    /// A directory is not what its manifest says, or a strict run met rejects. The text has
    /// been printed as the answer; only the exit code remains.
    #[error("{0}")]
    Failed(String),
    /// The user pressed Ctrl-C; nothing was left half.
    #[error("interrupted; nothing was written")]
    Interrupted,
}

impl Error {
    /// Wraps what the operating system said about `path`.
    pub fn io(path: &Path, source: io::Error) -> Error {
        Error::Io { path: path.display().to_string(), source }
    }

    /// A file that cannot be used as it is, and what to do about it.
    pub fn file(path: &Path, what: impl Into<String>, hint: impl Into<Option<String>>) -> Error {
        Error::File { path: path.display().to_string(), what: what.into(), hint: hint.into() }
    }

    /// As [`Error::file`], for what has a shown name and no path of its own: a member of an
    /// archive, a sheet.
    pub fn named(shown: &str, what: impl Into<String>, hint: Option<String>) -> Error {
        Error::File { path: shown.to_owned(), what: what.into(), hint }
    }

    /// The remedy, when there is one.
    pub fn hint(&self) -> Option<String> {
        match self {
            Error::Field { hint, .. }
            | Error::Key { hint, .. }
            | Error::Columns { hint, .. }
            | Error::File { hint, .. }
            | Error::Query { hint, .. } => hint.clone(),
            Error::Unknown { nearest, .. } if !nearest.is_empty() => Some(nearest_words(nearest)),
            Error::Unknown { kind: "saved query", .. } => Some(
                "a question is a file that holds its SQL; without a name the built-in ones are \
                 listed, and queries/README.md says how to write one"
                    .to_owned(),
            ),
            _ => None,
        }
    }

    /// The exit code a process ends with: 2 for a wrong use, 130 after Ctrl-C, else 1.
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::Usage(_) => 2,
            Error::Interrupted => 130,
            _ => 1,
        }
    }
}

/// The line and column, both from 1, of byte `offset` in `text`.
pub fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..text.floor_char_boundary(offset)];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    (line, column)
}

/// Reads a file a person wrote, as text.
///
/// # Errors
///
/// [`Error::Io`] if it cannot be read, [`Error::File`] if it is not UTF-8.
pub fn read_text(path: &Path) -> Result<String> {
    if path.is_dir() {
        return Err(Error::file(path, "is a directory, and a file is needed here", None));
    }
    let bytes = std::fs::read(path).map_err(|source| Error::io(path, source))?;
    String::from_utf8(bytes).map_err(|_| {
        Error::file(path, "is not UTF-8 text", Some("save it as UTF-8 and try again".to_owned()))
    })
}

/// Parses a TOML file a person wrote; what serde refuses is told with its line and column.
///
/// # Errors
///
/// [`Error::Key`] for anything TOML or the type refuses.
pub fn parse_toml<T: serde::de::DeserializeOwned>(path: &Path, text: &str) -> Result<T> {
    toml::from_str(text).map_err(|refused| {
        let offset = refused.span().map_or(0, |span| span.start);
        let (line, column) = line_and_column(text, offset);
        Error::Key {
            file: path.display().to_string(),
            line,
            column,
            what: one_line(refused.message()),
            hint: nearest_expected(refused.message()),
        }
    })
}

fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The candidates for `found`, nearest spelling first, at most `most`, far ones left out.
pub fn nearest<'a>(
    found: &str,
    known: impl IntoIterator<Item = &'a str>,
    most: usize,
) -> Vec<String> {
    let wanted = found.to_lowercase();
    let mut scored: Vec<(f64, &str)> = known
        .into_iter()
        .map(|name| (strsim::jaro_winkler(&wanted, &name.to_lowercase()), name))
        .filter(|(score, _)| *score >= 0.7)
        .collect();
    scored.sort_by(|left, right| right.0.total_cmp(&left.0).then(left.1.cmp(right.1)));
    scored.dedup_by(|left, right| left.1 == right.1);
    scored.into_iter().take(most).map(|(_, name)| name.to_owned()).collect()
}

/// A sentence that offers `names`, of which there is at least one.
pub fn nearest_words(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
    match quoted.as_slice() {
        [one] => format!("the nearest name is {one}"),
        several => format!("the nearest names are {}", several.join(", ")),
    }
}

/// serde says "unknown field `x`, expected one of `a`, `b`"; names the nearest of them.
fn nearest_expected(message: &str) -> Option<String> {
    let names: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let (found, known) = names.split_first()?;
    if !message.starts_with("unknown") || known.is_empty() {
        return None;
    }
    let best = nearest(found, known.iter().copied(), 1);
    best.first().map(|name| format!("did you mean `{name}`?"))
}

/// A path as it is shown to people: relative to `base` where it lies below it.
pub fn shown(path: &Path, base: &Path) -> String {
    let relative: PathBuf = path.strip_prefix(base).unwrap_or(path).to_path_buf();
    relative.to_string_lossy().replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn place_counts_lines_and_characters_from_one() {
        assert_eq!(line_and_column("a\nbé c", 0), (1, 1));
        assert_eq!(line_and_column("a\nbé c", 5), (2, 3));
        assert_eq!(line_and_column("a\n", 99), (2, 1));
    }

    #[test]
    fn nearest_names_the_likely_spelling_and_drops_far_ones() {
        assert_eq!(nearest("acount", ["amount", "account", "zzz"], 1), ["account"]);
        assert!(nearest("x", ["account"], 3).is_empty());
    }
}
