//! Everything that runs the library or the program from outside, one module a kind.

mod query;
