//! Charts, tables and reports: one file per format. Exports word and draw; they never compute.

pub mod chart;
