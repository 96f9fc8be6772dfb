//! Statement lines and lists of transfers to transfer columns.
//!
//! Blocks are decoded in parallel into [`BankBatch`]es with numbers of their own, then taken
//! over in source order, so that the result never depends on which thread was first.

use std::collections::{BTreeMap, HashSet};

use crate::model::{Channel, Currency, NONE, Stamp};
use crate::normalise::{
    AccountKind, CounterpartyReader, SeenTexts, is_broken_iban, is_routing_number, name_identity,
    unidentified_text, write_identity,
};
use crate::records::{Numbers, REPORTS, RawBatch, RecordKind, Reject};
use crate::store::load::carried_balances::is_carried_balance;
use crate::store::load::entities::{AccountBook, AccountShape};
use crate::store::load::interner::Interner;
use crate::store::load::raw_accounts::AccountKey;
use crate::store::load::values::{Row, Values};
use crate::store::tables::{Details, Side};

/// Transfers of one block, in columns; accounts and names are numbers of the block.
#[derive(Debug, Default)]
pub struct BankBatch {
    /// Accounts of the block.
    pub accounts: AccountBook,
    /// Names of the block, as found.
    pub names: Interner,
    /// Sender, by number in `accounts`; [`NONE`] where `keys` name it.
    pub from: Vec<u32>,
    /// Receiver, by number in `accounts`; [`NONE`] where `keys` name it.
    pub to: Vec<u32>,
    /// Sender and receiver of each row whose accounts are known by their bytes, in order of row.
    pub keys: Vec<AccountKey>,
    /// Texts too long for a key.
    pub long: Interner,
    /// When booked.
    pub booked: Vec<Stamp>,
    /// Positive minor units.
    pub amount_minor: Vec<i64>,
    /// Currency of the amount.
    pub currency: Vec<Currency>,
    /// Channel.
    pub channel: Vec<Channel>,
    /// Whose record it is.
    pub side: Vec<Side>,
    /// Physical line.
    pub line: Vec<u32>,
    /// Row, amount and currency received, where they differ.
    pub received: Vec<(u32, i64, Currency)>,
    /// Row, account and name that a record puts on it; once a block for each account and name.
    pub named: Vec<(u32, u32, u32)>,
    named_before: HashSet<(u32, u32)>,
    /// Records whose source states that they undo an earlier one.
    pub flagged: Vec<Flagged>,
    /// Lines of records that stand on a report beside the account's statement, with its word.
    pub reports: Vec<(u32, &'static str)>,
    /// Lines of records that were booked as parts of one entry, and what names that entry in its
    /// source.
    pub parts: Vec<(u32, String)>,
    /// Lines of records that state how many payments they were booked for, and how many.
    pub payments: Vec<(u32, u32)>,
    /// Texts beside the amounts; `source` is filled when the block is taken over.
    pub details: Details,
    /// Records and values set aside.
    pub rejects: Vec<Reject>,
}

/// A record whose source states, by more than its words, that it undoes an earlier one.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Flagged {
    /// Its physical line, or number.
    pub line: u32,
    /// Which flag, and where it stands.
    pub flag: String,
    /// References of the payment that it undoes, as stated, joined by `; `; may be empty.
    pub reverses: String,
    /// Charges that were kept back from what came back, positive minor units of its currency.
    pub charges_minor: Option<i64>,
}

impl BankBatch {
    /// The same batch without rows, with the room that it has: memory that goes back to the system
    /// after each block costs as much as decoding it.
    pub fn emptied(mut self) -> BankBatch {
        self.from.clear();
        self.to.clear();
        self.keys.clear();
        self.booked.clear();
        self.amount_minor.clear();
        self.currency.clear();
        self.channel.clear();
        self.side.clear();
        self.line.clear();
        let BankBatch {
            from, to, keys, booked, amount_minor, currency, channel, side, line, ..
        } = self;
        BankBatch {
            from,
            to,
            keys,
            booked,
            amount_minor,
            currency,
            channel,
            side,
            line,
            ..BankBatch::default()
        }
    }

    /// Whether each account of the block stands in a record that was accepted: one that only a
    /// rejected record names would be an account that no line of the store shows.
    pub fn accounts_of_records(&self) -> Vec<bool> {
        let mut named = vec![false; self.accounts.shapes.len()];
        for account in self.from.iter().chain(&self.to).filter(|account| **account != NONE) {
            named[*account as usize] = true;
        }
        named
    }

    fn name(&mut self, row: u32, account: u32, name: u32) {
        if self.named_before.insert((account, name)) {
            self.named.push((row, account, name));
        }
    }
}

/// What every record of one source shares.
pub struct BankReader<'a> {
    /// Layout and case.
    pub values: &'a Values<'a>,
    /// Reads the other end out of a description.
    pub counterparties: &'a CounterpartyReader,
}

impl BankReader<'_> {
    /// Decodes records of a block, behind those that stand in `out`.
    pub fn read_into(&self, batch: &RawBatch, out: &mut BankBatch) {
        let is_statement = self.values.reading.layout.record == RecordKind::BankStatement;
        let mut seen = SeenTexts::default();
        for row in 0..batch.rows() {
            let mut rejects = std::mem::take(&mut out.rejects);
            let mut record = Row::new(self.values, batch, row, &mut rejects);
            if is_statement {
                self.statement_line(&mut record, &mut seen, out);
            } else {
                self.transfer(&mut record, out);
            }
            out.rejects = rejects;
        }
    }

    fn institution(&self, record: &mut Row<'_>, field: &str) -> String {
        let stated = record.text(field);
        if stated.is_empty() { self.values.reading.layout.institution.clone() } else { stated }
    }

    fn account(&self, institution: &str, number: &str, out: &mut BankBatch) -> Option<u32> {
        let global = self.values.reading.layout.numbers == Numbers::Global;
        add_account(&mut out.accounts, institution, number, global)
    }

    /// The account of a required field, or a reject.
    fn required_account(
        &self,
        record: &mut Row<'_>,
        field: &str,
        institution: &str,
        out: &mut BankBatch,
    ) -> u32 {
        let number = record.required_text(field);
        match self.account(institution, &number, out) {
            Some(account) => {
                note_broken_iban(record, field, &number);
                account
            }
            None => {
                if !record.failed {
                    record.refuse_record(field, &number, "an account number");
                }
                NONE
            }
        }
    }

    fn statement_line(&self, record: &mut Row<'_>, seen: &mut SeenTexts, out: &mut BankBatch) {
        let institution = self.institution(record, "bank");
        let near = self.required_account(record, "account", &institution, out);
        let currency = record.currency("currency");
        let Some(booked) = record.time("booked") else { return };
        let Some(signed) = record.amount("amount", currency) else { return };
        if record.failed {
            return;
        }
        let description = record.text("description");
        if is_carried_balance(&description) && self.values.reading.layout.format.is_none() {
            let expected = "a payment, not a balance carried on, which moves no money; name such \
                            lines in the layout: ignore = [\"…\"]";
            record.refuse_record("description", &description, expected);
            return;
        }
        let far_number = record.text("counterparty_account");
        note_broken_iban(record, "counterparty_account", &far_number);
        let far_name = record.text("counterparty_name");
        let far_bank = record.text("counterparty_bank");
        let guess = self.counterparties.read_again(&description, seen);
        let channel = record.channel("channel").or(guess.as_ref().and_then(|one| one.channel));
        let channel = channel.unwrap_or_default();
        let read = |stated: &str, group: fn(&crate::normalise::Guess<'_>) -> Option<String>| {
            if stated.is_empty() {
                guess.as_ref().and_then(group).unwrap_or_default()
            } else {
                stated.to_owned()
            }
        };
        let far_number = read(&far_number, |one| one.account.map(str::to_owned));
        let far_name = read(&far_name, |one| one.name.map(str::to_owned));
        let far_bank = read(&far_bank, |one| one.bank.map(str::to_owned));
        let identified =
            if far_number.is_empty() { None } else { self.account(&far_bank, &far_number, out) };
        let far = identified.unwrap_or_else(|| {
            let text = unidentified_text(channel, &far_name, &description);
            self.unidentified(near, &text, out)
        });
        let row = out.line.len() as u32;
        if identified.is_some() && !far_name.is_empty() {
            let name = out.names.intern(&far_name);
            out.name(row, far, name);
        }
        if let Some(word) = record.word("report", &BTreeMap::new()) {
            let word = REPORTS.iter().find(|one| **one == word);
            out.reports.extend(word.map(|word| (record.line(), *word)));
        }
        self.note_sums(record, out);
        let leaves = signed < 0;
        out.from.push(if leaves { near } else { far });
        out.to.push(if leaves { far } else { near });
        out.side.push(if leaves { Side::Sender } else { Side::Receiver });
        self.push(record, out, booked, signed.abs(), currency, channel);
        let pattern = guess.as_ref().map_or("", |one| one.pattern);
        let counterparty = if far_name.is_empty() { &far_number } else { &far_name };
        let reference = read(&record.text("reference"), |one| one.reference.map(str::to_owned));
        let place = read(&record.text("place"), |one| one.place.map(str::to_owned));
        let texts = [&description, counterparty, pattern, &reference, &place];
        self.details(record, out, currency, texts);
    }

    /// Keeps what the source states of entries that stand for several payments.
    fn note_sums(&self, record: &mut Row<'_>, out: &mut BankBatch) {
        if record.has("part_of") {
            let entry = record.text("part_of");
            if !entry.is_empty() {
                out.parts.push((record.line(), entry));
            }
        }
        if record.has("payments") {
            let payments = record.parsed("payments", "a whole number");
            out.payments.extend(payments.map(|payments| (record.line(), payments)));
        }
    }

    fn transfer(&self, record: &mut Row<'_>, out: &mut BankBatch) {
        let from_bank = self.institution(record, "from_bank");
        let to_bank = self.institution(record, "to_bank");
        let from = self.required_account(record, "from_account", &from_bank, out);
        let to = self.required_account(record, "to_account", &to_bank, out);
        let currency = record.currency("currency");
        let Some(booked) = record.time("booked") else { return };
        let Some(amount) = record.amount("amount", currency) else { return };
        if amount < 0 {
            let found = amount.to_string();
            let expected = "an amount that is not negative, since the columns say who paid whom";
            record.refuse_record("amount", &found, expected);
        }
        if record.failed {
            return;
        }
        let received_currency = record.currency_or("received_currency", currency);
        let received = record.amount("received_amount", received_currency);
        if record.failed {
            return;
        }
        let description = record.text("description");
        let channel = record.channel("channel").unwrap_or_default();
        let row = out.line.len() as u32;
        match received {
            Some(minor) if (minor, received_currency) != (amount, currency) => {
                out.received.push((row, minor, received_currency));
            }
            _ => {}
        }
        let mut names = Vec::new();
        for (field, account) in [("from_name", from), ("to_name", to)] {
            let name = record.text(field);
            if !name.is_empty() {
                let number = out.names.intern(&name);
                out.name(row, account, number);
                names.push(name);
            }
        }
        out.from.push(from);
        out.to.push(to);
        out.side.push(Side::List);
        self.push(record, out, booked, amount, currency, channel);
        let (reference, place) = (record.text("reference"), record.text("place"));
        let texts = [&description, &names.join(" > "), "", &reference, &place];
        self.details(record, out, currency, texts);
    }

    fn push(
        &self,
        record: &mut Row<'_>,
        out: &mut BankBatch,
        booked: Stamp,
        amount_minor: i64,
        currency: Currency,
        channel: Channel,
    ) {
        flag(record, currency, out);
        note_withdrawn(record, currency, booked);
        out.booked.push(booked);
        out.amount_minor.push(amount_minor);
        out.currency.push(currency);
        out.channel.push(channel);
        out.line.push(record.line());
    }

    fn unidentified(&self, near: u32, text: &str, out: &mut BankBatch) -> u32 {
        let identity = format!("{} ~ {text}", out.accounts.identities.get(near));
        let shape = AccountShape { institution_len: 0, kind: "unidentified", near };
        out.accounts.add(&identity, shape)
    }

    fn details(
        &self,
        record: &mut Row<'_>,
        out: &mut BankBatch,
        currency: Currency,
        [description, counterparty, pattern, reference, place]: [&str; 5],
    ) {
        let is_statement = self.values.reading.layout.record == RecordKind::BankStatement;
        let balance = if is_statement { record.amount("balance", currency) } else { None };
        let value_day = if is_statement { record.day("value_date") } else { None };
        let (page, bates) = (record.text("page"), record.text("bates"));
        let page =
            if bates.is_empty() { page } else { format!("{page} {bates}").trim().to_owned() };
        let attributes = record.attributes();
        let texts = [description, reference, counterparty, place, &page, &attributes];
        if balance.is_none() && value_day.is_none() && texts.iter().all(|text| text.is_empty()) {
            return;
        }
        let details = &mut out.details;
        details.source.push(0);
        details.line.push(record.line());
        details.balance_minor.push(balance);
        details.value_day.push(value_day);
        details.description.push(description);
        details.reference.push(reference);
        details.counterparty.push(counterparty);
        details.pattern.push(pattern);
        details.place.push(place);
        details.page.push(&page);
        details.attributes.push(&attributes);
    }
}

/// Keeps what the source states of a record that undoes an earlier one.
fn flag(record: &mut Row<'_>, currency: Currency, out: &mut BankBatch) {
    if !record.has("reversal") {
        return;
    }
    let flag = record.text("reversal");
    if ["", "false", "no", "n", "0"].contains(&flag.to_lowercase().as_str()) {
        return;
    }
    let (line, reverses) = (record.line(), record.text("reverses"));
    let charges = record.amount("reversal_charges", currency);
    let charges_minor = charges.map(i64::abs).filter(|minor| *minor > 0);
    out.flagged.push(Flagged { line, flag, reverses, charges_minor });
}

/// Notes a record that is booked in a currency after the month of its withdrawal: a return of
/// that day would not have been written in it.
fn note_withdrawn(record: &mut Row<'_>, currency: Currency, booked: Stamp) {
    let Some(month) = currency.withdrawn() else { return };
    let day = crate::model::day_text(booked.day);
    if day.get(..7).is_some_and(|of_record| of_record > month) {
        let reason = format!(
            "a currency that ISO 4217 lists as withdrawn in {month}, before the record was \
             booked; kept as it stands"
        );
        record.note("currency", currency.code(), &reason);
    }
}

/// Notes an account number that has the form of an IBAN and check digits that do not hold; it is
/// kept as a number of its bank.
fn note_broken_iban(record: &mut Row<'_>, field: &str, number: &str) {
    if is_broken_iban(number) {
        let reason = "expected an IBAN whose check digits hold; a digit of it may be misread. It \
                      is kept as a number of its bank";
        record.note(field, number, reason);
    }
}

/// The number of an account in a book, by institution and number; `None` for an empty number.
pub fn add_account(
    book: &mut AccountBook,
    institution: &str,
    number: &str,
    global: bool,
) -> Option<u32> {
    let (institution, number) = stated_ends(institution, number, global);
    let mut identity = String::with_capacity(institution.len() + number.len() + 1);
    let kind = write_identity(&mut identity, institution, number, global)?;
    // The first slash ends the institution; a number may hold slashes of its own.
    let within = kind != AccountKind::Iban && !global && !institution.trim().is_empty();
    let institution_len = if within { identity.find('/').unwrap_or(0) as u32 } else { 0 };
    let kind = if kind == AccountKind::Masked { "masked" } else { "account" };
    Some(book.add(&identity, AccountShape { institution_len, kind, near: NONE }))
}

/// An account written as this program writes it, `BANK/NUMBER`, where no other column names the
/// bank. What stands before the slash must hold a letter or be a routing number: `12/345` is a
/// number.
fn stated_ends<'a>(institution: &'a str, number: &'a str, global: bool) -> (&'a str, &'a str) {
    match number.split_once('/') {
        Some((bank, rest))
            if institution.trim().is_empty()
                && !global
                && (bank.chars().any(char::is_alphabetic) || is_routing_number(bank))
                && !rest.is_empty() =>
        {
            (bank, rest)
        }
        _ => (institution, number),
    }
}

/// The identity of a name as the party book wants it.
pub fn party_identity(found: &str) -> Option<String> {
    let identity = name_identity(found);
    (!identity.is_empty()).then_some(identity)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(institution: &str, number: &str, global: bool, identity: &str, bank: &str) {
        let mut book = AccountBook::default();
        let id = add_account(&mut book, institution, number, global).unwrap();
        let cut = book.shapes[id as usize].institution_len as usize;
        assert_eq!((book.identities.get(id), &identity[..cut]), (identity, bank));
    }

    #[test]
    fn an_account_is_a_number_within_its_bank() {
        check("Harbor Bank", "44-10 01", false, "HARBOR BANK/441001", "HARBOR BANK");
        check("", "Harbor Bank/441001", false, "HARBOR BANK/441001", "HARBOR BANK");
        check("", "12/345", false, "12/345", "");
        check("", "021000021/4410-01", false, "021000021/441001", "021000021");
        check("", "021000022/441001", false, "021000022/441001", "");
        check("Harbor Bank", "12/345", false, "HARBOR BANK/12/345", "HARBOR BANK");
        check("Harbor Bank", "441001", true, "441001", "");
    }

    #[test]
    fn an_account_of_rejected_records_only_is_no_account_of_the_case() {
        let mut batch = BankBatch::default();
        for number in ["1", "2", "3"] {
            add_account(&mut batch.accounts, "Harbor Bank", number, false);
        }
        batch.from.push(0);
        batch.to.push(2);
        assert_eq!(batch.accounts_of_records(), [true, false, true]);
    }
}
