//! Everything that is tested from outside, in one binary with a module per kind: each binary
//! that links the columns engine weighs 300 MB.

mod balances;
mod both_legs;
mod cases;
mod commands;
mod flows;
mod generate;
mod graph;
mod loaded;
mod patterns;
mod properties;
mod query;
mod reject_lines;
mod same_money;
mod shared_data;
mod staging;
mod tidy;
