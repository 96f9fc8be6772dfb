//! Integration tests: one binary, a module per kind.

mod generate;
