//! Every entity the records name, numbered as seen, then sorted into the entity tables.

pub(super) mod account_numbers;
pub(super) mod bank_numbers;
pub(super) mod far_numbers;
pub(super) mod interner;
pub(super) mod nameless_ends;
mod parties;
pub(super) mod raw_accounts;

use std::collections::{BTreeMap, HashMap};

use crate::error::Result;
use crate::model::{Currency, EntityKind, NONE, Texts, identity_key, identity_keys};
use crate::store::case_store::TableSink;
use crate::store::load::entities::interner::{Interner, rows_of};
use crate::store::load::entities::parties::PartyBook;
use crate::store::tables::{Accounts, Devices, Identifiers, Loans, Phones, Premises};

/// Accounts of the table that are asked for together.
const SIDE_BY_SIDE: usize = 64;

/// What the identity text of an account leaves open.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct AccountShape {
    /// Bytes of the identity that are the institution; a `/` follows when there are any.
    pub institution_len: u32,
    /// `account`, `masked` or `unidentified`.
    pub kind: &'static str,
    /// For an unidentified far end: the account it was seen from.
    pub near: u32,
}

/// Accounts by identity.
#[derive(Clone, Debug, Default)]
pub struct AccountBook {
    /// Identity texts.
    pub identities: Interner,
    /// One for each identity.
    pub shapes: Vec<AccountShape>,
}

impl AccountBook {
    /// The number of an account, new if its identity was not seen before.
    pub fn add(&mut self, identity: &str, shape: AccountShape) -> u32 {
        let id = self.identities.intern(identity);
        if id as usize == self.shapes.len() {
            self.shapes.push(shape);
        }
        id
    }
}

/// What `accounts` records say of an account.
#[derive(Clone, Debug, Default)]
pub struct AccountFacts {
    /// Currency the account is kept in.
    pub currency: Option<Currency>,
    /// Kind of account as found.
    pub product: String,
    /// Day opened.
    pub opened: Option<i32>,
    /// When it was opened, where a record states the time.
    pub opened_ms: Option<i64>,
    /// Day closed.
    pub closed: Option<i32>,
    /// Blocked, where stated.
    pub blocked: Option<bool>,
    /// The bank account behind a wallet; an account number of the book.
    pub linked: Option<u32>,
}

impl AccountFacts {
    /// Adds what another record says; where two records differ, the greater value stands,
    /// whichever was read first. `linked` is the caller's choice.
    pub fn settle(&mut self, other: AccountFacts) {
        self.currency = self.currency.max(other.currency);
        self.opened = self.opened.max(other.opened);
        self.opened_ms = self.opened_ms.max(other.opened_ms);
        self.closed = self.closed.max(other.closed);
        self.blocked = self.blocked.max(other.blocked);
        self.linked = other.linked;
        if other.product > self.product {
            self.product = other.product;
        }
    }
}

/// What `loans` records say of a loan.
#[derive(Clone, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct LoanFacts {
    /// The producer's word.
    pub kind: String,
    /// Amount lent.
    pub amount: Option<i64>,
    /// Amount owed.
    pub balance: Option<i64>,
    /// Currency of both.
    pub currency: Option<Currency>,
    /// Blocked, where stated.
    pub blocked: Option<bool>,
    /// Day granted.
    pub opened: Option<i32>,
}

impl LoanFacts {
    /// Keeps the greater of two records whole: amount, balance and currency belong together,
    /// and the order of the sources must not choose between two states of one loan.
    pub fn settle(&mut self, other: LoanFacts) {
        if other > *self {
            *self = other;
        }
    }
}

/// What `devices` records say of a device.
#[derive(Clone, Debug, Default)]
pub struct DeviceFacts {
    /// `imei`, `imsi`, or the producer's word.
    pub kind: String,
    /// Blocked, where stated.
    pub blocked: Option<bool>,
    /// First day.
    pub opened: Option<i32>,
}

impl DeviceFacts {
    /// Adds what another record says, as [`AccountFacts::settle`] does.
    pub fn settle(&mut self, other: DeviceFacts) {
        if other.kind > self.kind {
            self.kind = other.kind;
        }
        self.blocked = self.blocked.max(other.blocked);
        self.opened = self.opened.max(other.opened);
    }
}

/// Identities with the least of the texts they were found as.
#[derive(Clone, Debug, Default)]
pub struct FoundBook {
    /// Identity texts.
    pub identities: Interner,
    found: Vec<String>,
}

impl FoundBook {
    /// The number of an identity; of the texts it is found as, the least in byte order is kept,
    /// so that the order of the sources does not decide.
    pub fn add(&mut self, identity: &str, found: &str) -> u32 {
        let id = self.identities.intern(identity);
        match self.found.get_mut(id as usize) {
            Some(kept) if found < kept.as_str() => found.clone_into(kept),
            Some(_) => {}
            None => self.found.push(found.to_owned()),
        }
        id
    }

    /// Identities with the text they were found as, in order of number.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.found
            .iter()
            .enumerate()
            .map(|(at, found)| (self.identities.get(at as u32), found.as_str()))
    }
}

/// All entities of a case while it is loaded.
#[derive(Clone, Debug, Default)]
pub struct EntityBook {
    /// Accounts and unidentified far ends.
    pub accounts: AccountBook,
    /// Facts of accounts that have some.
    pub account_facts: HashMap<u32, AccountFacts>,
    /// Persons and organisations.
    pub parties: PartyBook,
    /// Phones.
    pub phones: FoundBook,
    /// Premises.
    pub premises: FoundBook,
    /// Devices.
    pub devices: Interner,
    /// Facts of devices that have some.
    pub device_facts: HashMap<u32, DeviceFacts>,
    /// Loans.
    pub loans: Interner,
    /// Facts of loans that have some.
    pub loan_facts: HashMap<u32, LoanFacts>,
    /// E-mails, documents and vehicles, as kind word, a tab, and the identifier.
    pub identifiers: Interner,
}

/// Rows of the entity tables by number in the book.
#[derive(Clone, Debug)]
pub struct EntityRows {
    rows: BTreeMap<EntityKind, Vec<u32>>,
}

impl EntityRows {
    /// The row of an entity; [`NONE`] stays [`NONE`].
    pub fn row(&self, kind: EntityKind, number: u32) -> u32 {
        if number == NONE {
            return NONE;
        }
        self.rows[&kind][number as usize]
    }

    /// Puts the rows of a kind's table after it was cut in the place of those before; an entity
    /// without one is [`NONE`].
    pub fn replace(&mut self, kind: EntityKind, new_rows: &[u32]) {
        let rows = self.rows.get_mut(&kind).expect("every kind has its rows");
        let known = rows.iter_mut().filter(|row| **row != NONE);
        known.for_each(|row| *row = new_rows[*row as usize]);
    }

    /// The rows of all entities of a kind, by number.
    pub fn of(&self, kind: EntityKind) -> &[u32] {
        &self.rows[&kind]
    }
}

/// The lasting keys of accounts.
pub fn account_keys(identities: &Texts) -> Texts {
    identity_keys(EntityKind::Account, identities.iter())
}

/// The finished entity tables.
#[derive(Debug)]
pub struct EntityTables {
    /// Accounts, without their keys until they are written: keys are a quarter of the table, and
    /// the transfers are still in memory.
    pub accounts: Accounts,
    /// Parties.
    pub parties: crate::store::tables::Parties,
    /// Phones.
    pub phones: Phones,
    /// Premises.
    pub premises: Premises,
    /// Devices.
    pub devices: Devices,
    /// Loans.
    pub loans: Loans,
    /// E-mails, documents, vehicles.
    pub identifiers: Identifiers,
}

impl EntityTables {
    /// Writes every table of entities.
    ///
    /// # Errors
    ///
    /// As [`TableSink::put`].
    pub fn write(mut self, sink: &mut impl TableSink) -> Result<()> {
        self.accounts.key = account_keys(&self.accounts.account);
        sink.put(self.accounts)?;
        sink.put(self.parties)?;
        sink.put(self.phones)?;
        sink.put(self.premises)?;
        sink.put(self.devices)?;
        sink.put(self.loans)?;
        sink.put(self.identifiers)
    }
}

impl EntityBook {
    /// The number of an e-mail address, document or vehicle.
    pub fn identifier(&mut self, kind: EntityKind, identity: &str) -> u32 {
        self.identifiers.intern(&format!("{}\t{identity}", kind.word()))
    }

    /// Sorts every kind by identity and builds its table. Cost: one sort a kind.
    pub fn finish(&self) -> (EntityTables, EntityRows) {
        let (parties, party_rows) = self.parties.finish(|number| {
            self.identifiers.get(number).split_once('\t').expect("a tab follows the kind").1
        });
        let account_order = self.accounts.identities.sorted();
        let account_rows = rows_of(&account_order);
        let phone_order = self.phones.identities.sorted();
        let premises_order = self.premises.identities.sorted();
        let device_order = self.devices.sorted();
        let loan_order = self.loans.sorted();
        let identifier_order = self.identifiers.sorted();
        let tables = EntityTables {
            accounts: self.account_table(&account_order, &account_rows),
            parties,
            phones: self.phone_table(&phone_order),
            premises: self.premises_table(&premises_order),
            devices: self.device_table(&device_order),
            loans: self.loan_table(&loan_order),
            identifiers: self.identifier_table(&identifier_order),
        };
        let identifier_rows = rows_of(&identifier_order);
        let rows = BTreeMap::from([
            (EntityKind::Party, party_rows),
            (EntityKind::Account, account_rows),
            (EntityKind::Phone, rows_of(&phone_order)),
            (EntityKind::Premises, rows_of(&premises_order)),
            (EntityKind::Device, rows_of(&device_order)),
            (EntityKind::Loan, rows_of(&loan_order)),
            (EntityKind::Email, identifier_rows.clone()),
            (EntityKind::Document, identifier_rows.clone()),
            (EntityKind::Vehicle, identifier_rows),
        ]);
        (tables, EntityRows { rows })
    }

    fn account_table(&self, order: &[u32], rows: &[u32]) -> Accounts {
        let mut table = Accounts::default();
        let none = AccountFacts::default();
        let row = |number: u32| if number == NONE { NONE } else { rows[number as usize] };
        for some in order.chunks(SIDE_BY_SIDE) {
            // Asked for together: each lies anywhere, and the waits for them run side by side.
            let shapes: Vec<AccountShape> =
                some.iter().map(|&old| self.accounts.shapes[old as usize]).collect();
            let identities: Vec<&str> =
                some.iter().map(|&old| self.accounts.identities.get(old)).collect();
            for ((old, shape), identity) in some.iter().zip(shapes).zip(identities) {
                let facts = self.account_facts.get(old).unwrap_or(&none);
                let cut = shape.institution_len as usize;
                let number = if cut == 0 { identity } else { &identity[cut + 1..] };
                table.account.push(identity);
                table.institution.push(&identity[..cut]);
                table.number.push(if shape.kind == "unidentified" { "" } else { number });
                table.kind.push(shape.kind);
                table.near_account.push(row(shape.near));
                table.currency.push(facts.currency);
                table.product.push(&facts.product);
                table.opened.push(facts.opened);
                table.opened_ms.push(facts.opened_ms);
                table.closed.push(facts.closed);
                table.blocked.push(facts.blocked);
                table.linked_account.push(facts.linked.map_or(NONE, row));
            }
        }
        table
    }

    fn phone_table(&self, order: &[u32]) -> Phones {
        let mut table = Phones::default();
        for &old in order {
            let identity = self.phones.identities.get(old);
            table.key.push(&identity_key(EntityKind::Phone, identity));
            table.phone.push(identity);
            table.found.push(&self.phones.found[old as usize]);
        }
        table
    }

    fn premises_table(&self, order: &[u32]) -> Premises {
        let mut table = Premises::default();
        for &old in order {
            let identity = self.premises.identities.get(old);
            table.key.push(&identity_key(EntityKind::Premises, identity));
            table.premises.push(identity);
            table.found.push(&self.premises.found[old as usize]);
        }
        table
    }

    fn device_table(&self, order: &[u32]) -> Devices {
        let mut table = Devices::default();
        let none = DeviceFacts::default();
        for &old in order {
            let identity = self.devices.get(old);
            let facts = self.device_facts.get(&old).unwrap_or(&none);
            table.key.push(&identity_key(EntityKind::Device, identity));
            table.device.push(identity);
            table.kind.push(&facts.kind);
            table.blocked.push(facts.blocked);
            table.opened.push(facts.opened);
        }
        table
    }

    fn loan_table(&self, order: &[u32]) -> Loans {
        let mut table = Loans::default();
        let none = LoanFacts::default();
        for &old in order {
            let identity = self.loans.get(old);
            let facts = self.loan_facts.get(&old).unwrap_or(&none);
            table.key.push(&identity_key(EntityKind::Loan, identity));
            table.loan.push(identity);
            table.kind.push(&facts.kind);
            table.amount_minor.push(facts.amount);
            table.balance_minor.push(facts.balance);
            table.currency.push(facts.currency);
            table.blocked.push(facts.blocked);
            table.opened.push(facts.opened);
        }
        table
    }

    fn identifier_table(&self, order: &[u32]) -> Identifiers {
        let mut table = Identifiers { key: Texts::new(), ..Identifiers::default() };
        for &old in order {
            let (word, identity) =
                self.identifiers.get(old).split_once('\t').expect("a tab follows the kind");
            let kind = word.parse().expect("the word was written by EntityKind");
            table.key.push(&identity_key(kind, identity));
            table.kind.push(kind);
            table.identifier.push(identity);
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(product: &str, opened: Option<i32>) -> AccountFacts {
        AccountFacts { product: product.to_owned(), opened, ..AccountFacts::default() }
    }

    fn loan(amount: Option<i64>, balance: Option<i64>) -> LoanFacts {
        LoanFacts { amount, balance, ..LoanFacts::default() }
    }

    #[test]
    fn facts_do_not_depend_on_which_record_was_read_first() {
        let (one, other) = (account("savings", None), account("checking", Some(9)));
        for (first, second) in [(&one, &other), (&other, &one)] {
            let mut facts = first.clone();
            facts.settle(second.clone());
            assert_eq!((facts.product.as_str(), facts.opened), ("savings", Some(9)));
        }
        let (one, other) = (loan(Some(100), Some(40)), loan(Some(100), Some(60)));
        for (first, second) in [(&one, &other), (&other, &one)] {
            let mut facts = first.clone();
            facts.settle(second.clone());
            assert_eq!(facts, other, "one record of a loan stands whole");
        }
    }
}
