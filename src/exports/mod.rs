//! Charts, tables and reports: one file per format. Exports word and draw; they never compute.

pub mod chart;
pub mod report;
pub mod tables;
mod wording;

pub use wording::{Wording, score_text};
