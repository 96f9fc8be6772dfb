//! Saved questions: query files, and SQL over the case tables and the results of analyses.
//!
//! A query file is read and checked by `query_file.rs` and `statement.rs` before anything runs,
//! its values become typed literals in `parameters.rs`, `case_tables.rs` and `result_frame.rs`
//! build the tables it names, and `answer.rs` runs it. `queries/README.md` tells people how to
//! write one.

mod answer;
mod case_tables;
mod parameters;
mod query_file;
mod result_frame;
mod saved;
mod statement;

pub use answer::{NoResults, ResultProvider, answer};
pub use case_tables::{CASE_TABLES, CaseTable, Wanted, case_table};
pub use parameters::{Parameter, ParameterType};
pub use query_file::{Asks, Query, ROWS_MAX, StatementPlace, load_query, parse_query};
pub use result_frame::result_frame;
pub use saved::{BUILT_IN, built_in_query, expand_queries, find_query};
pub use statement::{Literal, Mention, Refused, Statement};
