//! ISO 20022 messages: what a bank reports of accounts (`camt`) and what banks settle (`pacs`).
//!
//! Answers: which message is this, and is it proof that money moved? Any version, prefix and
//! wrapper will do, since element names say what is meant. Messages that order, cancel or
//! describe payments are refused whole, each with its line: reading an order as a transfer would
//! put money on the chart that may never have moved.

mod booking_codes;
mod camt;
mod details;
mod entries;
mod pacs;
mod parties;
mod walk;

pub use camt::{open_camt, recognises_camt};
pub use pacs::{open_pacs, recognises_pacs};

#[cfg(test)]
mod reading_test;
