//! Signature cards, subscribers, parties, leases, accounts, loans, devices and ties: the records
//! that say who is who. They are few beside transfers and calls, and taken over in order.

mod lease_roles;
pub(super) mod leases;
pub(super) mod people_rows;

use crate::model::{EntityKind, NONE, SourceRef};
use crate::normalise::{
    PhoneReader, address_identity, document_identity, email_identity, has_lost_digits,
    listed_device_identity, without_empty_decimal,
};
use crate::records::{Numbers, RawBatch, RecordKind, Reject};
use crate::store::load::bank::party_identity;
use crate::store::load::calls::hardware_identity;
use crate::store::load::entities::account_numbers::add_account;
use crate::store::load::entities::nameless_ends::LOST_DIGITS;
use crate::store::load::entities::{AccountFacts, DeviceFacts, EntityBook, LoanFacts};
use crate::store::load::people::people_rows::{HoldingRow, PeopleRows, TieRow};
use crate::store::load::reading::values::{Row, Values};

/// Takes records of one source into the book.
pub struct PeopleReader<'a> {
    /// Layout and case.
    pub values: &'a Values<'a>,
    /// Reads phone numbers by the case's region.
    pub phones: &'a PhoneReader,
    /// Row of the source.
    pub source: u32,
}

/// A party while its record is read: identifiers become ties.
struct Person {
    mention: u32,
    start: Option<i32>,
    end: Option<i32>,
    at: SourceRef,
    /// The only one of its record, whose document can be no other's.
    alone: bool,
}

impl PeopleReader<'_> {
    /// Takes one block; returns how many records were accepted.
    pub fn take(
        &self,
        batch: &RawBatch,
        book: &mut EntityBook,
        rows: &mut PeopleRows,
        rejects: &mut Vec<Reject>,
    ) -> u64 {
        let mut accepted = 0;
        for row in 0..batch.rows() {
            let mut record = Row::new(self.values, batch, row, rejects);
            let at = SourceRef { source: self.source, line: record.line() };
            match self.values.reading.layout.record {
                RecordKind::AccountHolders => self.holder(&mut record, at, book, rows),
                RecordKind::Subscribers => self.subscriber(&mut record, at, book, rows),
                RecordKind::Parties => self.party_record(&mut record, at, book, rows),
                RecordKind::Leases => self.lease(&mut record, at, book, rows),
                RecordKind::Accounts => self.account_record(&mut record, book),
                RecordKind::Loans => self.loan(&mut record, book),
                RecordKind::Devices => self.device_record(&mut record, book),
                RecordKind::Ties => self.tie(&mut record, at, book, rows),
                RecordKind::BankStatement | RecordKind::BankTransfers | RecordKind::CallDetail => {
                    unreachable!("bank and call records have readers of their own")
                }
            }
            accepted += u64::from(!record.failed);
        }
        accepted
    }

    /// The account that a record is about; a record without one is out.
    fn required_account(
        &self,
        record: &mut Row<'_>,
        institution: &str,
        book: &mut EntityBook,
    ) -> Option<u32> {
        let number = record.required_text("account");
        if has_lost_digits(&number) && !record.failed {
            record.refuse_record("account", &number, LOST_DIGITS);
            return None;
        }
        let account = self.account(institution, &number, book);
        if account.is_none() && !record.failed {
            record.refuse_record("account", &number, "an account number");
        }
        account
    }

    /// The account of a number by the layout's word.
    pub fn account(&self, institution: &str, number: &str, book: &mut EntityBook) -> Option<u32> {
        let global = self.values.reading.layout.numbers == Numbers::Global;
        add_account(&mut book.accounts, institution, number, global)
    }

    /// The bank that a record or its layout names.
    pub fn institution(&self, record: &mut Row<'_>) -> String {
        let stated = record.text("bank");
        if stated.is_empty() { self.values.reading.layout.institution.clone() } else { stated }
    }

    /// The parties a record is about, several where the layout splits their cell, with birth date
    /// and document; rejects a record without a name.
    fn people(
        &self,
        record: &mut Row<'_>,
        days: [&str; 2],
        at: SourceRef,
        book: &mut EntityBook,
    ) -> Vec<Person> {
        let found = record.required_text("name");
        let names = record.names("name");
        let identities: Vec<_> = names.iter().filter_map(|name| party_identity(name)).collect();
        if identities.is_empty() || identities.len() < names.len() {
            if !record.failed {
                record.refuse_record("name", &found, "a name");
            }
            return Vec::new();
        }
        let kind = self.values.reading.layout.record;
        let born = if kind.field("born").is_some() { record.day("born") } else { None };
        let start = if kind.field(days[0]).is_some() { record.day(days[0]) } else { None };
        let end = if kind.field(days[1]).is_some() { record.day(days[1]) } else { None };
        let document = document_identity(&record.text("document"));
        let several = names.len() > 1;
        let document = if document.is_empty() || several {
            NONE
        } else {
            book.identifier(EntityKind::Document, &document)
        };
        if record.failed {
            return Vec::new();
        }
        // Whose birth it is, or whose document, a row of several people does not say.
        let born = born.filter(|_| !several);
        let named = identities.iter().zip(&names);
        named
            .map(|(identity, name)| {
                let mention = book.parties.mention(identity, name, born, document, 1);
                Person { mention, start, end, at, alone: !several }
            })
            .collect()
    }

    fn link(
        &self,
        person: &Person,
        relation: &str,
        to: (EntityKind, u32),
        found: &str,
        rows: &mut PeopleRows,
    ) {
        rows.ties.push(TieRow {
            from: (EntityKind::Party, person.mention),
            relation: relation.to_owned(),
            to,
            start: person.start,
            start_ms: None,
            end: person.end,
            amount: None,
            weight: None,
            found: found.to_owned(),
            at: person.at,
        });
    }

    /// Phone, address, e-mail and document of a person, as far as the record has them.
    fn identifiers(
        &self,
        record: &mut Row<'_>,
        person: &Person,
        phone_relation: &str,
        book: &mut EntityBook,
        rows: &mut PeopleRows,
    ) -> Option<u32> {
        let found = record.text("phone");
        let phone = self.phones.read(without_empty_decimal(&found));
        let mut number = None;
        if has_lost_digits(&found) {
            record.note("phone", &found, &format!("expected {LOST_DIGITS}"));
        } else if !phone.identity.is_empty() {
            let id = book.phones.add(&phone.identity, &found);
            self.link(person, phone_relation, (EntityKind::Phone, id), &found, rows);
            number = Some(id);
        }
        let found = record.text("address");
        let identity = address_identity(&found);
        if !identity.is_empty() {
            let id = book.premises.add(&identity, &found);
            self.link(person, "lives-at", (EntityKind::Premises, id), &found, rows);
        }
        let found = record.text("email");
        let identity = email_identity(&found);
        if !identity.is_empty() {
            let id = book.identifier(EntityKind::Email, &identity);
            self.link(person, "has-email", (EntityKind::Email, id), &found, rows);
        }
        let found = record.text("document");
        let identity = document_identity(&found);
        if !identity.is_empty() && person.alone {
            let id = book.identifier(EntityKind::Document, &identity);
            self.link(person, "has-document", (EntityKind::Document, id), &found, rows);
        }
        number
    }

    fn holder(
        &self,
        record: &mut Row<'_>,
        at: SourceRef,
        book: &mut EntityBook,
        rows: &mut PeopleRows,
    ) {
        let institution = self.institution(record);
        let Some(account) = self.required_account(record, &institution, book) else { return };
        let role = record.word("role", &Default::default());
        let default_role = if record.as_found("role").is_empty() { "holder" } else { "" };
        // Who is named on a list of holders without a role holds the account, and the word says
        // that no record calls them its owner. A role that could not be read is listed and stays
        // empty.
        let role = role.unwrap_or_else(|| default_role.to_owned());
        for person in self.people(record, ["opened", "closed"], at, book) {
            rows.holdings.push(HoldingRow {
                account,
                party: person.mention,
                role: role.clone(),
                opened: person.start,
                closed: person.end,
                at,
            });
            self.identifiers(record, &person, "has-phone", book, rows);
        }
    }

    fn subscriber(
        &self,
        record: &mut Row<'_>,
        at: SourceRef,
        book: &mut EntityBook,
        rows: &mut PeopleRows,
    ) {
        let found = record.required_text("phone");
        if has_lost_digits(&found) && !record.failed {
            record.refuse_record("phone", &found, LOST_DIGITS);
        }
        if self.phones.read(&found).identity.is_empty() {
            if !record.failed {
                record.refuse_record("phone", &found, "a phone number");
            }
            return;
        }
        let people = self.people(record, ["opened", "closed"], at, book);
        let Some(person) = people.first() else { return };
        let mut phone = None;
        for one in &people {
            phone = self.identifiers(record, one, "subscribes", book, rows).or(phone);
        }
        for field in ["imei", "imsi"] {
            let found = record.text(field);
            let identity = hardware_identity(record, field, &found);
            if let (Some(phone), false) = (phone, identity.is_empty()) {
                let device = add_device(book, field, &identity);
                rows.ties.push(TieRow {
                    from: (EntityKind::Phone, phone),
                    relation: "uses-device".to_owned(),
                    to: (EntityKind::Device, device),
                    start: person.start,
                    start_ms: None,
                    end: person.end,
                    amount: None,
                    weight: None,
                    found,
                    at,
                });
            }
        }
    }

    fn party_record(
        &self,
        record: &mut Row<'_>,
        at: SourceRef,
        book: &mut EntityBook,
        rows: &mut PeopleRows,
    ) {
        let kind = record.word("kind", &Default::default()).unwrap_or_default();
        for person in self.people(record, ["", ""], at, book) {
            book.parties.state(person.mention, &kind, &record.text("jurisdiction"));
            self.identifiers(record, &person, "has-phone", book, rows);
        }
    }

    fn account_record(&self, record: &mut Row<'_>, book: &mut EntityBook) {
        let institution = self.institution(record);
        let Some(account) = self.required_account(record, &institution, book) else { return };
        let linked = record.text("linked_account");
        let linked = self.account("", &linked, book);
        let currency =
            record.has("currency").then(|| record.currency("currency")).filter(|_| !record.failed);
        let product = record.text("kind");
        let (stamp, closed) = (record.time("opened"), record.day("closed"));
        let opened = stamp.map(|stamp| stamp.day);
        let opened_ms = stamp.filter(|stamp| stamp.timed).map(|stamp| stamp.ms);
        let blocked = record.flag_value("blocked");
        if record.failed {
            return;
        }
        let facts = book.account_facts.entry(account).or_default();
        // Numbers are in load order: of two linked accounts the text decides.
        let identities = &book.accounts.identities;
        let linked = facts.linked.into_iter().chain(linked).max_by_key(|one| identities.get(*one));
        facts.settle(AccountFacts {
            currency,
            product,
            opened,
            opened_ms,
            closed,
            blocked,
            linked,
        });
    }

    fn loan(&self, record: &mut Row<'_>, book: &mut EntityBook) {
        let id = record.required_text("id");
        let currency = record.currency("currency");
        if record.failed {
            return;
        }
        let loan = book.loans.intern(&id);
        let facts = LoanFacts {
            kind: record.text("kind"),
            amount: record.amount("amount", currency),
            balance: record.amount("balance", currency),
            currency: Some(currency),
            blocked: record.flag_value("blocked"),
            opened: record.day("opened"),
        };
        book.loan_facts.entry(loan).or_default().settle(facts);
    }

    fn device_record(&self, record: &mut Row<'_>, book: &mut EntityBook) {
        let id = record.required_text("id");
        if record.failed {
            return;
        }
        let facts = DeviceFacts {
            kind: record.text("kind"),
            blocked: record.flag_value("blocked"),
            opened: record.day("opened"),
        };
        // An id that the layout marks as the producer's own is no handset's number, whatever its
        // kind is called.
        let own = self.values.reading.layout.field("id").is_some_and(|id| id.prefix.is_some());
        let kind = if own { "" } else { &facts.kind };
        let device = book.devices.intern(&listed_device_identity(kind, &id));
        book.device_facts.entry(device).or_default().settle(facts);
    }

    fn tie(
        &self,
        record: &mut Row<'_>,
        at: SourceRef,
        book: &mut EntityBook,
        rows: &mut PeopleRows,
    ) {
        let from = self.end(record, "from", "from_kind", book);
        let to = self.end(record, "to", "to_kind", book);
        let relation = record.required_text("relation");
        let (Some(from), Some(to)) = (from, to) else { return };
        let currency = record.currency("currency");
        let amount = record.amount("amount", currency).map(|minor| (minor, currency));
        if record.failed {
            return;
        }
        let found = record.text("to");
        let start = record.time("start");
        rows.ties.push(TieRow {
            from,
            relation,
            to,
            start: start.map(|stamp| stamp.day),
            start_ms: start.filter(|stamp| stamp.timed).map(|stamp| stamp.ms),
            end: record.day("end"),
            amount,
            weight: record.parsed("weight", "a number"),
            found,
            at,
        });
    }

    /// One end of a tie, by the kind its record states; a party where it states none.
    fn end(
        &self,
        record: &mut Row<'_>,
        field: &str,
        kind_field: &str,
        book: &mut EntityBook,
    ) -> Option<(EntityKind, u32)> {
        let text = record.required_text(field);
        let word = record.word(kind_field, &Default::default());
        let stated = record.as_found(kind_field);
        if word.is_none() && !stated.is_empty() {
            // A phone number taken for a party's name would be a fact that no record states.
            record.refuse_record(kind_field, &stated, "a kind of entity");
            return None;
        }
        let kind: EntityKind = word.and_then(|word| word.parse().ok()).unwrap_or(EntityKind::Party);
        let institution = self.values.reading.layout.institution.clone();
        let number = match kind {
            EntityKind::Party => party_identity(&text)
                .map(|identity| book.parties.mention(&identity, &text, None, NONE, 1)),
            EntityKind::Account => self.account(&institution, &text, book),
            EntityKind::Phone => {
                let phone = self.phones.read(&text);
                (!phone.identity.is_empty()).then(|| book.phones.add(&phone.identity, &text))
            }
            EntityKind::Premises => {
                let identity = address_identity(&text);
                (!identity.is_empty()).then(|| book.premises.add(&identity, &text))
            }
            EntityKind::Device => {
                (!text.is_empty()).then(|| book.devices.intern(&listed_device_identity("", &text)))
            }
            EntityKind::Loan => (!text.is_empty()).then(|| book.loans.intern(&text)),
            EntityKind::Email => {
                let identity = email_identity(&text);
                (!identity.is_empty()).then(|| book.identifier(kind, &identity))
            }
            EntityKind::Document | EntityKind::Vehicle => {
                let identity = document_identity(&text);
                (!identity.is_empty()).then(|| book.identifier(kind, &identity))
            }
        };
        if number.is_none() && !record.failed {
            record.refuse_record(field, &text, &format!("a {kind}"));
        }
        number.map(|number| (kind, number))
    }
}

/// The number of a handset or card, its kind noted.
pub fn add_device(book: &mut EntityBook, kind: &str, identity: &str) -> u32 {
    let device = book.devices.intern(identity);
    let facts = DeviceFacts { kind: kind.to_owned(), ..DeviceFacts::default() };
    book.device_facts.entry(device).or_default().settle(facts);
    device
}
