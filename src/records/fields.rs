//! The record kinds and their fields: what a layout may name, and how each field is read.
//!
//! The one list behind layout checking, the canonical layouts, and the `Layout fields` part of
//! SCHEMA.md. Reading the values is `store::load`'s.

use serde::{Deserialize, Serialize};

/// What one row of a file is a record of.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecordKind {
    /// A line of one account's own statement.
    BankStatement,
    /// A list of transfers between two accounts.
    BankTransfers,
    /// Who holds or may use an account: signature cards.
    AccountHolders,
    /// Accounts with their attributes.
    Accounts,
    /// Calls, texts and data sessions.
    CallDetail,
    /// Who a phone is registered to.
    Subscribers,
    /// Tenancies.
    Leases,
    /// Persons and organisations with their identifiers.
    Parties,
    /// Loans.
    Loans,
    /// Handsets, cards and sign-in media.
    Devices,
    /// Typed links between any two entities.
    Ties,
}

/// How the text of a field becomes a value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FieldType {
    /// Kept as found.
    Text,
    /// An account number.
    Account,
    /// A party's name; may be split into several.
    Name,
    /// A phone number.
    Phone,
    /// An address of premises.
    Address,
    /// Money.
    Amount,
    /// A three-letter currency code.
    Currency,
    /// A civil date or a time.
    Time,
    /// A civil date.
    Day,
    /// Seconds, or minutes and seconds.
    Duration,
    /// A whole number.
    Count,
    /// A decimal number that is never money.
    Weight,
    /// `true` or `false`.
    Flag,
    /// A word of the channel list.
    Channel,
    /// A word of the list that the field names.
    Word(&'static [&'static str]),
}

/// One field of a record kind.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Key under `[fields]`, and column name of the canonical layout.
    pub name: &'static str,
    /// How its text is read.
    pub kind: FieldType,
    /// A record without it is rejected.
    pub required: bool,
}

const fn must(name: &'static str, kind: FieldType) -> Field {
    Field { name, kind, required: true }
}

const fn may(name: &'static str, kind: FieldType) -> Field {
    Field { name, kind, required: false }
}

use FieldType::{
    Account, Address, Amount, Channel, Count, Currency, Day, Duration, Flag, Name, Phone, Text,
    Time, Weight, Word,
};

/// Roles of an account's holders.
pub const HOLDER_ROLES: &[&str] =
    &["owner", "joint", "signer", "beneficial-owner", "beneficiary", "custodian", "authorised"];
/// Kinds of call.
pub const CALL_KINDS: &[&str] = &["voice", "sms", "data"];
/// Directions of a call, seen from the target.
pub const DIRECTIONS: &[&str] = &["out", "in"];
/// Periods of a rent.
pub const RENT_PERIODS: &[&str] = &["week", "fortnight", "month", "quarter", "year"];
/// Roles of a person on a lease that gives each person a row.
pub const LEASE_ROLES: &[&str] = &["tenant", "landlord", "guarantor", "occupant"];
/// Whether a payment was made.
pub const ANSWERS: &[&str] = &["yes", "no"];
/// Kinds of party.
pub const PARTY_KINDS: &[&str] = &["person", "organisation"];
/// Kinds of entity that a tie may join.
pub const TIE_ENDS: &[&str] =
    &["party", "account", "phone", "premises", "device", "loan", "email", "document", "vehicle"];

const BANK_STATEMENT: &[Field] = &[
    must("account", Account),
    must("booked", Time),
    must("amount", Amount),
    may("value_date", Day),
    may("description", Text),
    may("balance", Amount),
    may("reference", Text),
    may("channel", Channel),
    may("counterparty_account", Account),
    may("counterparty_name", Name),
    may("counterparty_bank", Text),
    may("bank", Text),
    may("currency", Currency),
    may("place", Text),
    may("page", Text),
    may("bates", Text),
    may("statement", Text),
    may("period_start", Day),
    may("period_end", Day),
    may("opening_balance", Amount),
    may("closing_balance", Amount),
    may("report", Word(REPORTS)),
    may("part_of", Text),
    may("payments", Count),
    may("reversal", Text),
    may("reverses", Text),
    may("reversal_charges", Amount),
    may("completed", Word(ANSWERS)),
];

/// What reports an account beside its statement: what was booked so far, or a notice of some
/// entries.
pub const REPORTS: &[&str] = &["interim", "notice"];

/// Fields of a `bank-statement` that are of the statement and not of its rows.
pub const STATEMENT_FIELDS: [&str; 5] =
    ["statement", "period_start", "period_end", "opening_balance", "closing_balance"];
/// Fields of a `bank-statement` that lines between its rows may state, for the rows below them.
pub const LINE_FIELDS: [&str; 8] = [
    "account",
    "bank",
    "currency",
    "statement",
    "period_start",
    "period_end",
    "opening_balance",
    "closing_balance",
];

const BANK_TRANSFERS: &[Field] = &[
    must("from_account", Account),
    must("to_account", Account),
    must("booked", Time),
    must("amount", Amount),
    may("from_name", Name),
    may("from_bank", Text),
    may("to_name", Name),
    may("to_bank", Text),
    may("currency", Currency),
    may("received_amount", Amount),
    may("received_currency", Currency),
    may("reference", Text),
    may("channel", Channel),
    may("description", Text),
    may("place", Text),
    may("page", Text),
    may("bates", Text),
    may("reversal", Text),
    may("reverses", Text),
    may("reversal_charges", Amount),
    may("completed", Word(ANSWERS)),
];

const ACCOUNT_HOLDERS: &[Field] = &[
    must("account", Account),
    must("name", Name),
    may("role", Word(HOLDER_ROLES)),
    may("bank", Text),
    may("born", Day),
    may("address", Address),
    may("phone", Phone),
    may("email", Text),
    may("document", Text),
    may("opened", Day),
    may("closed", Day),
];

const ACCOUNTS: &[Field] = &[
    must("account", Account),
    may("bank", Text),
    may("currency", Currency),
    may("kind", Text),
    may("opened", Time),
    may("closed", Day),
    may("blocked", Flag),
    may("linked_account", Account),
];

const CALL_DETAIL: &[Field] = &[
    must("start", Time),
    may("caller", Phone),
    may("called", Phone),
    may("target", Phone),
    may("other", Phone),
    may("direction", Word(DIRECTIONS)),
    may("call", Text),
    may("leg", Text),
    may("duration", Duration),
    may("kind", Word(CALL_KINDS)),
    may("imei", Text),
    may("imsi", Text),
    may("tower", Text),
    may("tower_place", Text),
    may("dialled", Text),
];

const SUBSCRIBERS: &[Field] = &[
    must("phone", Phone),
    must("name", Name),
    may("address", Address),
    may("email", Text),
    may("document", Text),
    may("imei", Text),
    may("imsi", Text),
    may("opened", Day),
    may("closed", Day),
];

const LEASES: &[Field] = &[
    must("premises", Address),
    may("tenants", Name),
    may("landlord", Name),
    may("guarantors", Name),
    may("rent", Amount),
    may("currency", Currency),
    may("period", Word(RENT_PERIODS)),
    may("start", Day),
    may("end", Day),
    may("lease", Text),
    may("amends", Text),
    may("bedrooms", Count),
    may("deposit", Amount),
    may("paid_from", Account),
    may("bank", Text),
    may("person", Name),
    may("role", Word(LEASE_ROLES)),
];

const PARTIES: &[Field] = &[
    must("name", Name),
    may("kind", Word(PARTY_KINDS)),
    may("born", Day),
    may("address", Address),
    may("phone", Phone),
    may("email", Text),
    may("document", Text),
    may("jurisdiction", Text),
];

const LOANS: &[Field] = &[
    must("id", Text),
    may("kind", Text),
    may("amount", Amount),
    may("balance", Amount),
    may("currency", Currency),
    may("blocked", Flag),
    may("opened", Day),
];

const DEVICES: &[Field] =
    &[must("id", Text), may("kind", Text), may("blocked", Flag), may("opened", Day)];

const TIES: &[Field] = &[
    must("from", Text),
    may("from_kind", Word(TIE_ENDS)),
    must("to", Text),
    may("to_kind", Word(TIE_ENDS)),
    must("relation", Text),
    may("start", Time),
    may("end", Day),
    may("amount", Amount),
    may("currency", Currency),
    may("weight", Weight),
];

impl RecordKind {
    /// Every kind, in the order of the specification.
    pub const ALL: [RecordKind; 11] = [
        RecordKind::BankStatement,
        RecordKind::BankTransfers,
        RecordKind::AccountHolders,
        RecordKind::Accounts,
        RecordKind::CallDetail,
        RecordKind::Subscribers,
        RecordKind::Leases,
        RecordKind::Parties,
        RecordKind::Loans,
        RecordKind::Devices,
        RecordKind::Ties,
    ];

    /// The word for it in layout files.
    pub fn word(self) -> &'static str {
        match self {
            RecordKind::BankStatement => "bank-statement",
            RecordKind::BankTransfers => "bank-transfers",
            RecordKind::AccountHolders => "account-holders",
            RecordKind::Accounts => "accounts",
            RecordKind::CallDetail => "call-detail",
            RecordKind::Subscribers => "subscribers",
            RecordKind::Leases => "leases",
            RecordKind::Parties => "parties",
            RecordKind::Loans => "loans",
            RecordKind::Devices => "devices",
            RecordKind::Ties => "ties",
        }
    }

    /// Its fields; a field's position in this list is its number in a raw batch.
    pub fn fields(self) -> &'static [Field] {
        match self {
            RecordKind::BankStatement => BANK_STATEMENT,
            RecordKind::BankTransfers => BANK_TRANSFERS,
            RecordKind::AccountHolders => ACCOUNT_HOLDERS,
            RecordKind::Accounts => ACCOUNTS,
            RecordKind::CallDetail => CALL_DETAIL,
            RecordKind::Subscribers => SUBSCRIBERS,
            RecordKind::Leases => LEASES,
            RecordKind::Parties => PARTIES,
            RecordKind::Loans => LOANS,
            RecordKind::Devices => DEVICES,
            RecordKind::Ties => TIES,
        }
    }

    /// The number of a field.
    pub fn field(self, name: &str) -> Option<usize> {
        // A field is looked up for every record: most are told apart without a look at their text.
        let ends = |name: &str| (name.len(), name.as_bytes().last().copied());
        let wanted = ends(name);
        let is = |field: &Field| ends(field.name) == wanted && field.name == name;
        self.fields().iter().position(is)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_names_are_unique_within_a_kind() {
        for kind in RecordKind::ALL {
            for (at, field) in kind.fields().iter().enumerate() {
                assert_eq!(kind.field(field.name), Some(at), "{} {}", kind.word(), field.name);
            }
        }
    }
}
