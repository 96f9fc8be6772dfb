//! Integration tests: one binary, a module per kind.

mod generate;
//! Everything that is tested from outside, in one binary: each that links polars is 300 MB.

mod graph;
