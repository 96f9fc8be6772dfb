//! Everything that is tested from outside, in one binary with a module per kind: each binary
//! that links the columns engine weighs 300 MB.

mod balances;
mod cases;
mod commands;
mod csv_family;
mod cut_off;
mod damaged;
mod flows;
mod formats_ach;
mod formats_camt;
mod generate;
mod graph;
mod loaded;
mod mt940;
mod patterns;
mod properties;
mod query;
mod reject_lines;
mod shared_data;
mod staging;
mod tidy;
mod yaml_tree;
