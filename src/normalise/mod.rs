//! Records to the model: one meaning for each value as found.
//!
//! Answers: which amount, time, account, name, phone, address does this text state? Everything
//! here is a pure function from text to value, or over columns of such values; reading files and
//! keeping the text as found are other layers' work.

mod accounts;
mod amounts;
mod names;

pub use accounts::{AccountIdentity, AccountKind, account_identity, write_identity};
pub use amounts::{AmountProblem, AmountProblemKind, DecimalMark, parse_minor};
pub use names::{name_identity, party_kind};
