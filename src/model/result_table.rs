//! A table of results: what an analysis or a query answers, before any format is chosen.

use crate::model::{Amount, RareMoney, SourceRef, Words};

/// Named columns of equal length in a stable row order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResultTable {
    /// File name without ending: `flows`, `pass-through`.
    pub name: String,
    /// In output order.
    pub columns: Vec<ResultColumn>,
    /// Sentences a reader needs with the table: a bound that was met, what was left out.
    pub notes: Vec<String>,
}

/// One column of a [`ResultTable`].
#[derive(Clone, Debug, PartialEq)]
pub struct ResultColumn {
    /// Header in every format, snake_case.
    pub name: String,
    /// One value a row.
    pub values: Values,
}

/// Values of one type; `None` is an empty cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Words.
    Text(Vec<String>),
    /// Words that come back in many rows, each held once.
    Words(Words),
    /// Whole numbers: counts, days, ranks.
    Count(Vec<Option<i64>>),
    /// Money: decimal text in CSV and JSON, minor units in Parquet. A table with such a column
    /// has a text column `currency`.
    Money(Vec<Option<Amount>>),
    /// Money of which most cells are empty; written as [`Values::Money`] is.
    RareMoney(RareMoney),
    /// Civil days since 1970-01-01, written `2024-03-31`.
    Day(Vec<Option<i32>>),
    /// Milliseconds since the epoch, written as RFC 3339 in the case's zone.
    Time(Vec<Option<i64>>),
    /// Ranking scores and shares; six decimals in text. Never money.
    Score(Vec<Option<f64>>),
    /// Yes or no.
    Flag(Vec<Option<bool>>),
    /// Where the row's facts were read, written `path:line; path:line`.
    Refs(Vec<Vec<SourceRef>>),
}

impl Values {
    /// Number of rows.
    pub fn len(&self) -> usize {
        match self {
            Values::Text(rows) => rows.len(),
            Values::Words(rows) => rows.len(),
            Values::Count(rows) => rows.len(),
            Values::Money(rows) => rows.len(),
            Values::RareMoney(rows) => rows.len(),
            Values::Day(rows) => rows.len(),
            Values::Time(rows) => rows.len(),
            Values::Score(rows) => rows.len(),
            Values::Flag(rows) => rows.len(),
            Values::Refs(rows) => rows.len(),
        }
    }

    /// True for amounts, however they are held.
    pub fn is_money(&self) -> bool {
        matches!(self, Values::Money(_) | Values::RareMoney(_))
    }

    /// The word of a row of a column of words, however they are held.
    ///
    /// # Panics
    ///
    /// If there is no such row.
    pub fn text(&self, row: usize) -> Option<&str> {
        match self {
            Values::Text(rows) => Some(&rows[row]),
            Values::Words(rows) => Some(rows.get(row)),
            _ => None,
        }
    }

    /// The amount of a row of a column of money, however they are held.
    ///
    /// # Panics
    ///
    /// If there is no such row.
    pub fn amount(&self, row: usize) -> Option<Amount> {
        match self {
            Values::Money(rows) => rows[row],
            Values::RareMoney(rows) => rows.get(row),
            _ => None,
        }
    }

    /// True when there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl ResultTable {
    /// An empty table to which columns are added with [`ResultTable::with`].
    pub fn new(name: impl Into<String>) -> ResultTable {
        ResultTable { name: name.into(), ..ResultTable::default() }
    }

    /// Adds a column.
    ///
    /// # Panics
    ///
    /// If its length differs from the columns before it.
    pub fn with(mut self, name: impl Into<String>, values: Values) -> ResultTable {
        let name = name.into();
        if let Some(first) = self.columns.first() {
            assert_eq!(first.values.len(), values.len(), "column {name} is as long as the others");
        }
        self.columns.push(ResultColumn { name, values });
        self
    }

    /// Adds a sentence that every reader of the table needs.
    pub fn note(mut self, sentence: impl Into<String>) -> ResultTable {
        self.notes.push(sentence.into());
        self
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |column| column.values.len())
    }

    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&Values> {
        self.columns.iter().find(|column| column.name == name).map(|column| &column.values)
    }
}
