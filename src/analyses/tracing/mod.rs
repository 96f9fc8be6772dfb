//! Fund tracing: where declared money went, under each rule that courts use.

pub mod bounds;
pub mod case_ledger;
pub mod ledger;
pub mod lots;
pub mod openings;
pub mod pools;
pub mod posting_order;
pub mod rules;
pub mod same_day;
pub mod shares;
pub mod sweep;
pub mod walk;

#[cfg(test)]
mod tests;
