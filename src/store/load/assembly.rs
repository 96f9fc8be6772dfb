//! Decoded blocks, taken over in source order, and the finished tables made of them.

mod bank_blocks;
mod people_tables;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use rayon::prelude::*;

use crate::error::Result;
use crate::interrupt;
use crate::model::{EntityKind, NONE, SourceRef};
use crate::normalise::name_identity;
use crate::records::{Reading, Reject, Statement};
use crate::store::case_store::{CaseWriter, TableParts, TableSink};
use crate::store::load::bank::party_identity;
use crate::store::load::calls::CallBatch;
use crate::store::load::calls::call_readings::{CALL_TOLERANCE_S, join_calls, with_calls_first};
use crate::store::load::entities::bank_numbers::broken_routing_numbers;
use crate::store::load::entities::raw_accounts::RawAccounts;
use crate::store::load::entities::{EntityBook, EntityRows, EntityTables};
use crate::store::load::people::add_device;
use crate::store::load::people::leases::settle_leases;
use crate::store::load::people::people_rows::PeopleRows;
use crate::store::load::reading::values::CaseDefaults;
use crate::store::load::same_money::both_legs::Received;
use crate::store::load::same_money::reported::StatementDays;
use crate::store::load::same_money::{
    Context, Provenance, Settled, settle, told_of, without_replaced,
};
use crate::store::load::set_aside::SetAside;
use crate::store::load::statements::coverage::{Held, Stretches, coverage_table, stated_stretches};
use crate::store::load::statements::{
    StatementRow, read_statement, statement_table, take_row_statement,
};
use crate::store::tables::*;

/// Rows that a thread renumbers at a time.
const TOGETHER: usize = 1 << 14;

/// Everything read so far, in load order.
#[derive(Debug)]
pub struct Assembly {
    /// Entities.
    pub book: EntityBook,
    /// Holdings, ties, leases.
    pub people: PeopleRows,
    /// Set aside.
    set_aside: SetAside,
    /// What the sources are to each other.
    pub provenance: Provenance,
    transfers: Transfers,
    received: Vec<Received>,
    named: BTreeMap<(u32, u32), SourceRef>,
    names: crate::store::load::entities::interner::Interner,
    /// Most seconds between two readings of one call.
    pub call_tolerance_s: u32,
    calls: Calls,
    details: Option<TableParts<Details>>,
    stretches: Stretches,
    places: Places,
    statements: Vec<StatementRow>,
    raw: Option<RawAccounts>,
    reversal_window_days: i32,
}

/// How many rows the finished tables hold.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Loaded {
    /// Records read.
    pub records: u64,
    /// Transfers after both legs were matched.
    pub transfers: u64,
    /// Transfers that more than one record tells of.
    pub merged: u64,
    /// Pairs that may be one transfer and were left as two.
    pub possible: u64,
    /// Further such pairs that are counted and not listed.
    pub unlisted: u64,
    /// Records left out, since another says the same.
    pub duplicates: u64,
    /// Pairs of records that may be one produced twice and were both kept.
    pub possible_repeats: u64,
    /// Payments that came back.
    pub reversals: u64,
    /// Calls after those that stand in several returns were joined.
    pub calls: u64,
    /// Further readings of calls.
    pub calls_joined: u64,
}

impl Assembly {
    /// Nothing read yet; texts beside amounts stream into `dir`, or are dropped without one.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Io`] if the disk refuses.
    pub fn new(dir: Option<&Path>, reversal_window_days: i32) -> Result<Assembly> {
        Ok(Assembly {
            book: EntityBook::default(),
            people: PeopleRows::default(),
            set_aside: SetAside::new(dir),
            provenance: Provenance::default(),
            transfers: Transfers::default(),
            received: Vec::new(),
            named: BTreeMap::new(),
            names: Default::default(),
            call_tolerance_s: CALL_TOLERANCE_S,
            calls: Calls::default(),
            details: dir.map(TableParts::create).transpose()?,
            stretches: Stretches::default(),
            places: Places::default(),
            statements: Vec::new(),
            raw: None,
            reversal_window_days,
        })
    }

    /// How many accounts and records of transfers were read, as one text.
    pub fn sizes(&self) -> String {
        format!("{} {}", self.book.accounts.shapes.len(), self.transfers.line.len())
    }

    /// Whether what was set aside is within its bound; `shown` is the source that was read last.
    ///
    /// # Errors
    ///
    /// As [`SetAside::check`].
    pub fn check_set_aside(&self, shown: &str) -> Result<()> {
        self.set_aside.check(shown)
    }

    /// Notes what was set aside in a source; what says nothing of its place stands where its
    /// record does.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Io`] if the disk refuses.
    pub fn reject(&mut self, source: u32, mut rejects: Vec<Reject>) -> Result<()> {
        for one in rejects.iter_mut().filter(|one| one.place.is_empty()) {
            let at = SourceRef { source, line: one.line };
            one.place = self.places.get(at).unwrap_or_default().into();
        }
        self.set_aside.push(source, rejects)
    }

    /// Turns payments round, by their row: what left the near account reached it.
    pub fn turn_round(&mut self, rows: &[u32]) {
        let transfers = &mut self.transfers;
        for row in rows.iter().map(|row| *row as usize) {
            std::mem::swap(&mut transfers.from_account[row], &mut transfers.to_account[row]);
            transfers.side[row] = match transfers.side[row] {
                Side::Sender => Side::Receiver,
                Side::Receiver => Side::Sender,
                Side::List => Side::List,
            };
        }
    }

    /// Takes over where records of a structured source stand.
    pub fn take_places(&mut self, source: u32, places: &[(u32, String)]) {
        for (line, place) in places {
            self.places.source.push(source);
            self.places.line.push(*line);
            self.places.place.push(place);
        }
    }

    /// Takes over a statement; one that names no account says nothing of any.
    ///
    /// # Errors
    ///
    /// As [`Assembly::reject`].
    pub fn take_statement(
        &mut self,
        source: u32,
        statement: &Statement,
        reading: &Reading,
        case: &CaseDefaults,
    ) -> Result<()> {
        let mut unread = Vec::new();
        let row = read_statement(statement, source, reading, case, &mut self.book, &mut unread);
        self.statements.extend(row);
        self.reject(source, unread)
    }

    /// Takes over a statement of a source whose balances stand in rows of it; with them it goes
    /// from the one line to the other.
    ///
    /// # Errors
    ///
    /// As [`Assembly::reject`].
    pub fn take_row_statement(
        &mut self,
        (source, cover, days): (u32, (u32, u32), Option<(i32, i32)>),
        statement: &Statement,
        reading: &Reading,
        case: &CaseDefaults,
    ) -> Result<()> {
        let mut notes = Vec::new();
        let row = read_statement(statement, source, reading, case, &mut self.book, &mut notes);
        let row = row.map(|mut row| {
            if let Some((from, to)) = days {
                row.days = (Some(from), Some(to));
            }
            row
        });
        let against = row.map(|row| take_row_statement(&mut self.statements, row, cover));
        for (column, line) in against.unwrap_or_default() {
            let opening = column == "opening_balance";
            let found = if opening { &statement.opening } else { &statement.closing };
            notes.push(Reject {
                line: statement.line,
                column: column.to_owned(),
                found: found.clone().unwrap_or_default(),
                reason: format!(
                    "the balance that the lines beside the rows state of the same statement, \
                     which begins on line {line}; theirs is kept"
                ),
                kept: true,
                ..Reject::default()
            });
        }
        self.reject(source, notes)
    }

    /// Takes over a block of calls.
    ///
    /// # Errors
    ///
    /// As [`Assembly::reject`].
    pub fn take_calls(&mut self, source: u32, batch: CallBatch) -> Result<()> {
        let phones: Vec<u32> = batch
            .phones
            .iter()
            .map(|(identity, found)| self.book.phones.add(identity, found))
            .collect();
        let devices: Vec<u32> = (0..batch.devices.len() as u32)
            .map(|at| {
                let (kind, identity) =
                    batch.devices.get(at).split_once('\t').expect("a tab follows the kind");
                add_device(&mut self.book, kind, identity)
            })
            .collect();
        let device = |local: &u32| if *local == NONE { NONE } else { devices[*local as usize] };
        let calls = &mut self.calls;
        calls.from_phone.extend(batch.from.iter().map(|local| phones[*local as usize]));
        calls.to_phone.extend(batch.to.iter().map(|local| phones[*local as usize]));
        calls.start_ms.extend(batch.start.iter().map(|stamp| stamp.ms));
        calls.day.extend(batch.start.iter().map(|stamp| stamp.day));
        calls.duration_s.extend(&batch.duration_s);
        calls.side.extend(&batch.side);
        calls.imei.extend(batch.imei.iter().map(device));
        calls.imsi.extend(batch.imsi.iter().map(device));
        for (mine, theirs) in [
            (&mut calls.kind, &batch.kind),
            (&mut calls.call, &batch.call),
            (&mut calls.tower, &batch.tower),
            (&mut calls.tower_place, &batch.tower_place),
            (&mut calls.dialled, &batch.dialled),
        ] {
            theirs.iter().for_each(|text| mine.push(text));
        }
        calls.source.extend(std::iter::repeat_n(source, batch.line.len()));
        calls.voicemail.extend(&batch.voicemail);
        calls.line.extend(&batch.line);
        self.reject(source, batch.rejects)
    }

    /// Ends the texts beside amounts, which went to the disk as they were read.
    ///
    /// # Errors
    ///
    /// [`crate::Error::File`] if the disk refuses.
    pub fn finish_details(&mut self, writer: &mut CaseWriter) -> Result<()> {
        match self.details.take() {
            Some(details) => details.finish(writer).map(|_| ()),
            None => Ok(()),
        }
    }

    /// Sorts, matches both legs and hands every table but `details` and `sources` over.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Io`] or [`crate::Error::File`] if the disk refuses.
    pub fn finish(mut self, sources: &mut Sources, sink: &mut impl TableSink) -> Result<Loaded> {
        interrupt::check()?;
        self.raw = None;
        self.name_accounts();
        self.settle_leases(sources)?;
        let stated = stated_stretches(&self.statements, &self.transfers);
        // The order does not ask for entities, and sorting takes memory that their tables take
        // afterwards.
        let mut received = std::mem::take(&mut self.received);
        let mut transfers = in_order(std::mem::take(&mut self.transfers), &mut received);
        interrupt::check()?;
        let (mut entities, mut rows) = self.book.finish();
        self.book.accounts = Default::default();
        let accounts = rows.of(EntityKind::Account);
        for column in [&mut transfers.from_account, &mut transfers.to_account] {
            column.par_chunks_mut(TOGETHER).for_each(|some| {
                some.iter_mut().for_each(|old| *old = accounts[*old as usize]);
            });
        }
        let context = Context {
            stated: with_balance(&stated, &rows),
            reversal_window_days: self.reversal_window_days,
            provenance: &self.provenance,
            stretches: &self.stretches,
            rows: &rows,
            accounts: &entities.accounts,
            named: &|| self.account_names(&rows, &entities.parties),
            kept: &|| told_of(self.told_accounts(), &rows),
        };
        let mut settled = settle(transfers, received, sources, &context, sink.texts())?;
        close_up(&mut entities, &mut rows, &mut settled);
        for (source, note) in broken_routing_numbers(&entities.accounts, &settled.transfers) {
            self.reject(source, vec![note])?;
        }
        let (calls, call_refs, notes) =
            join_calls(self.call_table(&rows), sources, self.call_tolerance_s);
        for (source, note) in notes {
            self.reject(source, vec![note])?;
        }
        let refs = with_calls_first(call_refs, std::mem::take(&mut settled.refs));
        let loaded = counted(sources, &settled, &calls, &refs);
        interrupt::check()?;
        // The longest table leaves first: what follows has its room.
        settled.write(refs, sink)?;
        sink.put(calls)?;
        sink.put(self.lease_table(&rows, sources))?;
        sink.put(self.holding_table(&rows))?;
        sink.put(self.tie_table(&rows))?;
        let stretches = std::mem::take(&mut self.stretches);
        sink.put(coverage_table(stretches, stated, sources, &rows))?;
        sink.put(std::mem::take(&mut self.places))?;
        sink.put(statement_table(&self.statements, &rows))?;
        std::mem::take(&mut self.set_aside).finish(sink)?;
        entities.write(sink)?;
        Ok(loaded)
    }

    /// Name identities of each account's holders, and those that payment records put on it.
    fn account_names(&self, rows: &EntityRows, parties: &Parties) -> HashMap<u32, Vec<String>> {
        let mut names: HashMap<u32, Vec<String>> = HashMap::new();
        let held = self.people.holdings.iter().map(|one| (one.account, one.party));
        let ties = self.people.ties.iter().filter(|tie| tie.relation == "named-on");
        for (account, party) in held.chain(ties.map(|tie| (tie.to.1, tie.from.1))) {
            let party = rows.row(EntityKind::Party, party);
            let name = name_identity(parties.name.get(party as usize));
            names.entry(rows.row(EntityKind::Account, account)).or_default().push(name);
        }
        for of_account in names.values_mut() {
            of_account.sort_unstable();
            of_account.dedup();
            of_account.retain(|name| !name.is_empty());
        }
        names
    }

    /// Accounts that stay what they are, since more than payments tells of them.
    fn told_accounts(&self) -> impl Iterator<Item = u32> + '_ {
        let held = self.people.holdings.iter().map(|one| one.account);
        let leases = self.people.leases.iter().map(|one| one.paid_from);
        held.chain(leases).chain(self.book.account_facts.keys().copied()).filter(|one| *one != NONE)
    }

    /// Names that payment records put on accounts become ties: evidence, not signature cards.
    fn name_accounts(&mut self) {
        for ((account, name), at) in std::mem::take(&mut self.named) {
            let found = self.names.get(name).to_owned();
            let Some(identity) = party_identity(&found) else { continue };
            let mention = self.book.parties.mention(&identity, &found, None, NONE, 1);
            self.people.ties.push(crate::store::load::people::people_rows::TieRow {
                from: (EntityKind::Party, mention),
                relation: "named-on".to_owned(),
                to: (EntityKind::Account, account),
                start: None,
                start_ms: None,
                end: None,
                amount: None,
                weight: None,
                found,
                at,
            });
        }
    }

    fn call_table(&mut self, rows: &EntityRows) -> Calls {
        let mut calls = std::mem::take(&mut self.calls);
        for (kind, column) in [
            (EntityKind::Phone, &mut calls.from_phone),
            (EntityKind::Phone, &mut calls.to_phone),
            (EntityKind::Device, &mut calls.imei),
            (EntityKind::Device, &mut calls.imsi),
        ] {
            column.par_iter_mut().for_each(|old| *old = rows.row(kind, *old));
        }
        let order = order_by(&calls.start_ms, &calls.source, &calls.line);
        calls.select(&order)
    }

    fn settle_leases(&mut self, sources: &Sources) -> Result<()> {
        let notes = settle_leases(&mut self.people.leases, sources);
        notes.into_iter().try_for_each(|(source, notes)| self.reject(source, notes))
    }
}

/// Days of the statements that state a balance, by row of `accounts`.
fn with_balance(stated: &[Held], rows: &EntityRows) -> Vec<StatementDays> {
    let days = |held: &Held| {
        let (account, (first, last), _, ends) = held;
        let states = ends.is_some_and(|(opening, closing)| opening.or(closing).is_some());
        states.then(|| (rows.row(EntityKind::Account, *account), *first, *last))
    };
    stated.iter().filter_map(days).collect()
}

/// Takes accounts that no transfer has any more out of the tables.
fn close_up(entities: &mut EntityTables, rows: &mut EntityRows, settled: &mut Settled) {
    let accounts = std::mem::take(&mut entities.accounts);
    let (accounts, new_rows) = without_replaced(accounts, &settled.accounts);
    entities.accounts = accounts;
    if entities.accounts.account.len() < new_rows.len() {
        let Settled { transfers, .. } = settled;
        for column in [&mut transfers.from_account, &mut transfers.to_account] {
            column.par_iter_mut().for_each(|old| *old = new_rows[*old as usize]);
        }
        rows.replace(EntityKind::Account, &new_rows);
    }
}

/// How many rows the finished tables hold.
fn counted(sources: &Sources, settled: &Settled, calls: &Calls, refs: &Refs) -> Loaded {
    Loaded {
        records: sources.read.iter().sum::<i64>() as u64,
        transfers: settled.transfers.rows() as u64,
        merged: settled.merged,
        possible: settled.possible.rows() as u64,
        unlisted: settled.unlisted,
        duplicates: settled.duplicates.records.iter().sum::<i64>() as u64,
        possible_repeats: settled.possible_repeats.rows() as u64,
        reversals: settled.came_back(),
        calls: calls.rows() as u64,
        calls_joined: refs.of.iter().filter(|of| *of == "calls").count() as u64,
    }
}

/// Transfers in order of time, then source, then line. Most returns come in order of time and
/// are left as they are.
fn in_order(transfers: Transfers, received: &mut [Received]) -> Transfers {
    let (times, sources, lines) = (&transfers.booked_ms, &transfers.source, &transfers.line);
    let key = |at: usize| (times[at], sources[at], lines[at]);
    if (1..times.len()).into_par_iter().all(|at| key(at - 1) <= key(at)) {
        return transfers;
    }
    let order = order_by(times, sources, lines);
    if !received.is_empty() {
        let new_rows = crate::store::load::entities::interner::rows_of(&order);
        received.iter_mut().for_each(|one| one.0 = new_rows[one.0 as usize]);
    }
    transfers.select(&order)
}

/// Row numbers in order of time, then source, then line.
fn order_by(times: &[i64], sources: &[u32], lines: &[u32]) -> Vec<u32> {
    let mut order: Vec<u32> = (0..times.len() as u32).collect();
    let key = |at: &u32| (times[*at as usize], sources[*at as usize], lines[*at as usize]);
    order.par_sort_unstable_by_key(key);
    order
}
