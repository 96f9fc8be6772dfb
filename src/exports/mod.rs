//! Charts, tables and reports: one file per format. Exports word and draw; they never compute.

pub mod chart;
mod coverage_grid;
pub mod report;
#[cfg(test)]
mod report_sample;
mod report_tables;
pub mod tables;
mod wording;

pub use wording::{Wording, score_text};
