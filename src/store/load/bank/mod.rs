//! Statement lines and lists of transfers to transfer columns.
//!
//! Blocks are decoded in parallel into [`BankBatch`]es with numbers of their own, then taken
//! over in source order, so that the result never depends on which thread was first.

mod block_repeats;
mod completed;
pub(super) mod flagged;
pub(super) mod plain_transfers;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use crate::model::{Channel, Currency, NONE, Stamp};
use crate::normalise::{
    CounterpartyReader, StatedSum, has_lost_digits, is_word_of_many, name_identity,
    unidentified_text,
};
use crate::records::{Numbers, REPORTS, RawBatch, RecordKind, Reject};
use crate::store::load::bank::block_repeats::Seen;
use crate::store::load::bank::completed::refuse_if_not_completed;
use crate::store::load::bank::flagged::{Flagged, flag};
use crate::store::load::entities::account_numbers::{
    note_broken_iban, note_scant_number, plain_number,
};
use crate::store::load::entities::far_numbers::is_masked_number;
use crate::store::load::entities::interner::Interner;
use crate::store::load::entities::nameless_ends::{
    LOST_DIGITS, far_text, is_absent, names_nothing, note_nameless_far_end,
};
use crate::store::load::entities::raw_accounts::AccountKey;
use crate::store::load::entities::{AccountBook, AccountShape};
use crate::store::load::reading::values::{Row, Values};
use crate::store::load::statements::stated_rows::{
    NO_PAYMENT, StatedRow, stated_row, stated_words,
};
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
    /// Rows that state a balance or a sum in place of a payment, in order of line.
    pub stated: Vec<StatedRow>,
    /// Texts beside the amounts; `source` is filled when the block is taken over.
    pub details: Details,
    /// Records and values set aside.
    pub rejects: Vec<Reject>,
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

    /// Whether a row is surely one that states something: it is then taken as that.
    fn takes_stated(
        &mut self,
        record: &mut Row<'_>,
        stated: Option<(StatedSum, &'static str)>,
        ends: (u32, Currency),
        institution: &str,
    ) -> bool {
        let row = stated.and_then(|stated| stated_row(record, stated, ends, institution));
        let taken = row.is_some();
        self.stated.extend(row);
        taken
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
        let mut seen = Seen::default();
        for row in 0..batch.rows() {
            let mut rejects = std::mem::take(&mut out.rejects);
            let mut record = Row::new(self.values, batch, row, &mut rejects);
            if is_statement {
                self.statement_line(&mut record, &mut seen, out);
            } else {
                self.transfer(&mut record, &mut seen, out);
            }
            out.rejects = rejects;
        }
    }

    fn institution<'r>(&self, record: &mut Row<'r>, field: &str) -> Cow<'r, str> {
        let stated = record.lent(field);
        if stated.is_empty() { record.layout_institution() } else { stated }
    }

    fn account(
        &self,
        institution: &str,
        number: &str,
        seen: &mut Seen,
        out: &mut BankBatch,
    ) -> Option<u32> {
        let global = self.values.reading.layout.numbers == Numbers::Global;
        seen.accounts.account(&mut out.accounts, institution, number, global)
    }

    /// The account of a required field, or a reject.
    fn required_account(
        &self,
        record: &mut Row<'_>,
        field: &str,
        institution: &str,
        seen: &mut Seen,
        out: &mut BankBatch,
    ) -> u32 {
        let number = record.required_text(field);
        if has_lost_digits(&number) && !record.failed {
            record.refuse_record(field, &number, LOST_DIGITS);
        } else if is_absent(&number) && !record.failed {
            record.refuse_record(field, &number, "the number of an account");
        }
        if record.failed {
            return NONE;
        }
        match self.account(institution, &number, seen, out) {
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

    fn statement_line(&self, record: &mut Row<'_>, seen: &mut Seen, out: &mut BankBatch) {
        let institution = self.institution(record, "bank");
        let near = self.required_account(record, "account", &institution, seen, out);
        let currency = record.currency("currency");
        let description = record.lent("description");
        let stated = self.stated(record, &description);
        if out.takes_stated(record, stated, (near, currency), &institution) {
            return;
        }
        let Some(booked) = record.time("booked") else { return };
        let Some(signed) = record.amount("amount", currency) else { return };
        refuse_if_not_completed(record);
        if record.failed {
            return;
        }
        if stated.is_some() {
            record.refuse_record("description", &description, NO_PAYMENT);
            return;
        }
        note_scant_number(record, "account");
        let far_number = record.lent("counterparty_account");
        // What a record says of no account it does not say at all.
        let far_number = if is_absent(&far_number) { Cow::Borrowed("") } else { far_number };
        note_broken_iban(record, "counterparty_account", &far_number);
        let far_name = record.lent("counterparty_name");
        let far_bank = record.lent("counterparty_bank");
        let guess = self.counterparties.read_again(&description, &mut seen.texts);
        let channel = record.channel("channel").or(guess.as_ref().and_then(|one| one.channel));
        let channel = channel.unwrap_or_default();
        let guessed = guess.as_ref();
        let guessed_number = guessed.and_then(|one| one.account_number());
        let far_number = stated_or(far_number, guessed_number.as_deref());
        let far_name = stated_or(far_name, guessed.and_then(|one| one.name));
        let far_bank = stated_or(far_bank, guessed.and_then(|one| one.bank));
        let scant = self.is_nameless(&far_number);
        // The last digits alone are those of accounts at every bank: whose they are is for the
        // matching of both legs to find, and until then they are not what two payments share.
        let shared = scant || far_bank.trim().is_empty() && is_masked_number(&far_number);
        let mut numbered = || self.account(&far_bank, &far_number, seen, out);
        let identified = if shared || far_number.is_empty() { None } else { numbered() };
        let far = identified.unwrap_or_else(|| {
            let named = if far_name.is_empty() { "" } else { seen.name(&far_name) };
            let text = match (shared, named) {
                (true, named) => far_text(named, &far_number),
                (false, "") => unidentified_text(channel, "", &description),
                (false, named) => named.to_owned(),
            };
            self.unidentified(near, text.trim(), out)
        });
        if scant {
            note_nameless_far_end(record, "counterparty_account", &far_number);
        }
        let row = out.line.len() as u32;
        if identified.is_some() && !far_name.is_empty() {
            let name = out.names.intern(&far_name);
            out.name(row, far, name);
        }
        self.note_standing(record, out);
        let leaves = signed < 0;
        out.from.push(if leaves { near } else { far });
        out.to.push(if leaves { far } else { near });
        out.side.push(if leaves { Side::Sender } else { Side::Receiver });
        self.push(record, out, booked, signed.abs(), currency, channel);
        let pattern = guessed.map_or("", |one| one.pattern);
        let counterparty = if far_name.is_empty() { &far_number } else { &far_name };
        let reference = stated_or(record.lent("reference"), guessed.and_then(|one| one.reference));
        let place = stated_or(record.lent("place"), guessed.and_then(|one| one.place));
        let texts = [&*description, counterparty, pattern, &reference, &place];
        self.details(record, out, currency, texts);
    }

    /// What a row states in place of a payment, by its words; nothing does in a bank's own format.
    fn stated(&self, record: &Row<'_>, description: &str) -> Option<(StatedSum, &'static str)> {
        let of_rows = self.values.reading.layout.format.is_none();
        if of_rows { stated_words(record, description) } else { None }
    }

    /// Whether the number of a far end names no account. In a bank's own format the words for cash
    /// are names of accounts, as `[Cash]` of QIF is.
    fn is_nameless(&self, number: &str) -> bool {
        names_nothing(number)
            && (!is_word_of_many(number) || self.values.reading.layout.format.is_none())
    }

    /// Keeps what the source states of reports, and of entries that stand for several payments.
    fn note_standing(&self, record: &mut Row<'_>, out: &mut BankBatch) {
        if let Some(word) = record.word("report", &BTreeMap::new()) {
            let word = REPORTS.iter().find(|one| **one == word);
            out.reports.extend(word.map(|word| (record.line(), *word)));
        }
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

    fn transfer(&self, record: &mut Row<'_>, seen: &mut Seen, out: &mut BankBatch) {
        let [from, to] = self.ends_of_transfer(record, seen, out);
        let currency = record.currency("currency");
        let Some(booked) = record.time("booked") else { return };
        let Some(amount) = record.amount("amount", currency) else { return };
        if amount < 0 {
            let found = amount.to_string();
            let expected = "an amount that is not negative, since the columns say who paid whom";
            record.refuse_record("amount", &found, expected);
        }
        refuse_if_not_completed(record);
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

    /// Sender and receiver of a row of a list. One whose number names nothing is a far end of the
    /// other.
    fn ends_of_transfer(
        &self,
        record: &mut Row<'_>,
        seen: &mut Seen,
        out: &mut BankBatch,
    ) -> [u32; 2] {
        let fields = ["from_account", "to_account"];
        let numbers = fields.map(|field| record.lent(field));
        let scant = [0, 1].map(|end| names_nothing(&numbers[end]));
        let mut ends = [NONE; 2];
        for end in [0, 1].into_iter().filter(|end| !scant[*end]) {
            let bank = self.institution(record, ["from_bank", "to_bank"][end]);
            ends[end] = self.required_account(record, fields[end], &bank, seen, out);
        }
        for end in [0, 1].into_iter().filter(|end| scant[*end]) {
            let name = record.lent(["from_name", "to_name"][end]);
            let text = far_text(seen.name(&name), &numbers[end]);
            ends[end] = match ends[1 - end] {
                NONE if record.failed => NONE,
                NONE => {
                    // Neither end is known: what both show together is all that tells them apart.
                    let other = plain_number(&numbers[1 - end]);
                    let identity = format!("{other} ~ {}", text.trim());
                    let shape =
                        AccountShape { institution_len: 0, kind: "unidentified", near: NONE };
                    out.accounts.add(&identity, shape)
                }
                near => self.unidentified(near, text.trim(), out),
            };
            note_nameless_far_end(record, fields[end], &numbers[end]);
        }
        ends
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
        let (page, bates) = (record.lent("page"), record.lent("bates"));
        let page = match bates.is_empty() {
            true => page,
            false => Cow::Owned(format!("{page} {bates}").trim().to_owned()),
        };
        let attributes = record.attributes();
        let texts = [description, reference, counterparty, place, &*page, &attributes];
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

/// What the record states, else what its description was read to say.
fn stated_or<'t>(stated: Cow<'t, str>, guessed: Option<&'t str>) -> Cow<'t, str> {
    match guessed {
        Some(guessed) if stated.is_empty() => Cow::Borrowed(guessed),
        _ => stated,
    }
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

/// The identity of a name as the party book wants it.
pub fn party_identity(found: &str) -> Option<String> {
    let identity = name_identity(found);
    (!identity.is_empty()).then_some(identity)
}

#[cfg(test)]
mod tests;
