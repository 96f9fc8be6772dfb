//! Saved questions: query files, and SQL over the case tables and the results of analyses.
//!
//! A query file is read and checked by `query_file.rs` and `statement.rs` before anything runs,
//! its values are read by `parameters.rs` and put into it by `binding.rs`, `case_tables.rs` and
//! `result_frame.rs` build the tables it names, `path_keys.rs`, `path_links.rs` and
//! `path_table.rs` walk its `[paths]`, `prepared.rs` holds what lasts from one answer to the next,
//! `narrowing.rs` finds the rows that a statement can need, `plain_set.rs` reads the plainest
//! ones itself, and `answer.rs` runs the others.
//! `queries/README.md` tells people how to write one.

mod analysis_results;
mod answer;
mod binding;
mod case_tables;
mod case_view;
mod narrowing;
mod parameters;
mod path_keys;
mod path_links;
mod path_table;
mod plain_set;
mod prepared;
mod query_file;
mod result_frame;
mod saved;
mod statement;

pub use analysis_results::{ANALYSES, AnalysisResults};
pub(crate) use answer::{Asked, Printed};
pub use answer::{NoResults, ResultProvider, answer};
pub use binding::Literal;
pub use case_tables::{CASE_TABLES, case_table};
pub(crate) use case_view::View;
pub use case_view::{CaseTable, Wanted};
pub(crate) use narrowing::{
    Narrowing, TextIndex, equality, is_text, narrowings, plain_table, text_of,
};
pub use parameters::{Parameter, ParameterType};
pub(crate) use path_keys::read_paths;
pub use path_keys::{Along, KeepKey, PATHS_MAX, PathQuestion, PlacedSql, ShareKey};
pub(crate) use path_links::{Chosen, Ids, Network, day_end_ms};
pub(crate) use path_table::{PATH_COLUMNS, Walk};
pub(crate) use plain_set::PlainSet;
pub use prepared::Prepared;
pub use query_file::{Asks, Query, ROWS_MAX, StatementPlace, load_query, parse_query};
pub use result_frame::result_frame;
pub use saved::{BUILT_IN, built_in_query, expand_queries, find_query};
pub(crate) use statement::parse_statements;
pub use statement::{Mention, Refused, Statement};
