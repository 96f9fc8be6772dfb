//! Everything that is tested from outside, in one binary with a module per kind: each binary
//! that links the columns engine weighs 300 MB.

mod archives;
mod balances;
mod both_legs;
mod calls_and_leases;
mod cases;
mod commands;
mod counted_once;
mod csv_family;
mod cut_off;
mod damaged;
mod finbench;
mod flows;
mod formats_ach;
mod formats_camt;
mod formats_markup;
mod generate;
mod graph;
mod hostile_sizes;
mod hubs;
mod loaded;
mod mt940;
mod patterns;
mod properties;
mod query;
mod reject_lines;
mod reports_and_returns;
mod same_money;
mod shared_data;
mod sheet_cells;
mod staging;
mod suggested_layouts;
mod tagged_statements;
mod tidy;
mod value_forms;
mod yaml_tree;
