//! The ledger of a case in one currency: which records are movements, what each account's own
//! statements say of their order and balances, and which days are held.
//!
//! What only one statement tells of happens at both ends when that statement books it. Where the
//! other end's own statement covers the day and does not show it, it is `unconfirmed`: it stands,
//! and whatever rests on it says so.

mod stated_days;
mod undone;

use std::borrow::Cow;

use foldhash::{HashMap, HashSet};
use rayon::prelude::*;

pub(super) use self::stated_days::{StatedDays, held_days};
use self::undone::{Returned, returned};
use super::ledger::{CONVERTED, End, Half, HeldDays, Ledger, Movement};
use super::listed::Listed;
use super::narrowed::Narrowed;
use super::posting_order::PostingOrder;
use super::reach::narrowed;
use super::same_day::{DayOrder, reordered};
use super::sources::Sources;
use super::sweep::Declared;
use crate::analyses::{Booked, Readings, booked_in_order};
use crate::error::{Error, Result};
use crate::model::{Currency, SourceRef};
use crate::normalise::ZoneOffsets;
use crate::store::{Case, Side, Transfers};

/// A ledger whose movements are known by their rows of `transfers`.
#[derive(Debug)]
pub struct CaseLedger<'a> {
    /// The movements, and in which order they are posted.
    pub ledger: Ledger<'a>,
    /// The currency of every amount.
    pub currency: Currency,
    /// Row of `transfers` by movement; none where they are the same.
    rows: Option<Vec<u32>>,
    /// Halves that an account's own statement of the day does not show, sorted.
    pub unconfirmed: Vec<(u32, End)>,
    /// Transfers that a record says are a payment on its way back, by row.
    pub returned: Vec<Returned>,
    /// Civil day by movement, where these already stand in the order of posting.
    listed: Option<Cow<'a, [i32]>>,
    /// How many movements the whole case has, where it was narrowed.
    whole: Option<usize>,
}

/// The postings that declared money can have to do with, in each order of days.
pub type Orders = Vec<(DayOrder, PostingOrder)>;

impl<'a> CaseLedger<'a> {
    /// Reads the movements of one currency. Cost: linear where no statement orders anything, else a
    /// sort of the halves.
    ///
    /// # Errors
    ///
    /// [`Error::AmountOverflow`] if all amounts together leave 64 bits; [`Error::File`] if the
    /// store is damaged.
    pub fn new(case: &'a Case, currency: Currency) -> Result<CaseLedger<'a>> {
        let mut of = CaseLedger::unposted(case, currency)?;
        if let Some(day) = &of.listed {
            let ledger = &of.ledger;
            let order = PostingOrder::listed(&ledger.from, &ledger.to, &ledger.amount, day);
            of.ledger.post(order);
        }
        Ok(of)
    }

    /// Reads them for some sources; of a list that already stands in the order of posting, only
    /// those are posted that declared money can have to do with. Cost: as [`CaseLedger::new`]; of
    /// such a list, some walks over its rows, unless the case was narrowed to the sources.
    ///
    /// # Errors
    ///
    /// As [`CaseLedger::new`]; [`Error::Usage`] where parts of a source exceed it.
    pub fn of_sources(
        case: &'a Case,
        sources: &Sources,
        narrow: Option<Narrowed>,
    ) -> Result<(CaseLedger<'a>, Declared, Orders)> {
        if let Some(narrow) = narrow {
            return CaseLedger::of_narrowed(case, sources, narrow);
        }
        let mut of = CaseLedger::unposted(case, sources.currency)?;
        let declared = sources.declare(case, &of)?;
        let Some(day) = &of.listed else {
            let orders = DayOrder::ALL.into_par_iter().map(|order| {
                let other = reordered(&of.ledger, order);
                let order_of = other.as_ref().unwrap_or(&of.ledger.order);
                (order, narrowed(&of.ledger, order_of, &declared))
            });
            let orders = orders.collect();
            return Ok((of, declared, orders));
        };
        let listed = Listed::new(&of.ledger, day, &declared);
        let stated = listed.order();
        let orders =
            listed.in_each_order(&stated, |of_day| narrowed(&of.ledger, of_day, &declared));
        of.ledger.post(stated);
        Ok((of, declared, orders))
    }

    /// Of a case that was narrowed to what the sources need, with what that has found.
    fn of_narrowed(
        case: &'a Case,
        sources: &Sources,
        narrow: Narrowed,
    ) -> Result<(CaseLedger<'a>, Declared, Orders)> {
        let pieces = Pieces::new(case, sources.currency)?;
        let mut of = plain(case.transfers()?, pieces, narrow.held);
        assert!(of.rows.is_none(), "a case of one currency is narrowed");
        of.whole = Some(narrow.whole);
        let declared = sources.declare(case, &of)?;
        let orders = narrow.orders.par_iter();
        let orders = orders.map(|(order, all)| (*order, narrowed(&of.ledger, all, &declared)));
        let orders = orders.collect();
        let stated = narrow.orders.into_iter().find(|(order, _)| *order == DayOrder::Stated);
        of.ledger.post(stated.expect("every order is given").1);
        Ok((of, declared, orders))
    }

    /// The movements; where they stand in the order of posting, nothing is posted yet.
    fn unposted(case: &'a Case, currency: Currency) -> Result<CaseLedger<'a>> {
        let transfers = case.transfers()?;
        if total(&transfers.amount_minor) > i128::from(i64::MAX / 4) {
            return Err(Error::AmountOverflow);
        }
        let pieces = Pieces::new(case, currency)?;
        if is_plain(case)? {
            let held = held_days(case, &StatedDays::default(), Vec::new())?;
            return Ok(plain(transfers, pieces, held));
        }
        let mut booked = booked_in_order(case)?;
        booked.retain(|one| one.currency == currency);
        Reading::new(case, transfers, pieces, &booked)?.ledger(&booked)
    }

    /// True where the records are lists that are nobody's own statement, so that none of them
    /// states a balance.
    pub fn is_listed(&self) -> bool {
        self.listed.is_some()
    }

    /// How many movements the case has, those among them that it was narrowed by.
    pub fn movements(&self) -> usize {
        self.whole.unwrap_or(self.ledger.amount.len())
    }

    /// The row of `transfers` behind a movement.
    pub fn row_of(&self, movement: u32) -> u32 {
        self.rows.as_ref().map_or(movement, |rows| rows[movement as usize])
    }

    /// The movements of a row of `transfers`: none of another currency, several where a
    /// conversion or a charge took part of it.
    pub fn movements_of(&self, row: u32) -> std::ops::Range<u32> {
        match &self.rows {
            None => row..row + 1,
            Some(rows) => {
                let start = rows.partition_point(|of| *of < row);
                let end = rows.partition_point(|of| *of <= row);
                start as u32..end as u32
            }
        }
    }

    /// The movement of a row of `transfers` that reaches its receiver; what a conversion took of
    /// it, where that is all there is.
    pub fn arriving(&self, row: u32) -> Option<u32> {
        let mut movements = self.movements_of(row);
        let arrives = |movement: &u32| self.ledger.to[*movement as usize] != CONVERTED;
        movements.clone().find(arrives).or_else(|| movements.next())
    }

    /// True when an account's own statement of the day does not show a half of the movement.
    pub fn is_unconfirmed(&self, movement: u32) -> bool {
        let start = self.unconfirmed.partition_point(|(of, _)| *of < movement);
        self.unconfirmed.get(start).is_some_and(|(of, _)| *of == movement)
    }
}

/// True when every transfer is of lists that are nobody's own, each seen once and none undoing
/// another: then the table already stands in the order of posting.
fn is_plain(case: &Case) -> Result<bool> {
    let transfers = case.transfers()?;
    Ok(case.refs()?.row.is_empty()
        && case.reversals()?.transfer.is_empty()
        && case.statements()?.account.is_empty()
        && transfers.side.iter().all(|side| *side == Side::List)
        && transfers.day.is_sorted())
}

/// Sum of amounts, their halves added up apart, since that takes no wide additions.
pub(super) fn total(amounts: &[i64]) -> i128 {
    let high: i64 = amounts.iter().map(|minor| minor >> 32).sum();
    let low: i64 = amounts.iter().map(|minor| minor & i64::from(u32::MAX)).sum();
    (i128::from(high) << 32) + i128::from(low)
}

/// The movements of such transfers; nothing is copied where all are of the currency.
fn plain<'a>(transfers: &'a Transfers, pieces: Pieces, held: HeldDays) -> CaseLedger<'a> {
    let currency = pieces.currency;
    let (unconfirmed, returned) = (Vec::new(), Vec::new());
    if pieces.received.is_empty() && transfers.currency.iter().all(|of| *of == currency) {
        let from = Cow::Borrowed(&transfers.from_account[..]);
        let to = Cow::Borrowed(&transfers.to_account[..]);
        let amount = Cow::Borrowed(&transfers.amount_minor[..]);
        let ledger = Ledger::unposted(held, (from, to), amount);
        let listed = Some(Cow::Borrowed(&transfers.day[..]));
        let (rows, whole) = (None, None);
        return CaseLedger { ledger, currency, rows, unconfirmed, returned, listed, whole };
    }
    let (mut from, mut to, mut amount) = (Vec::new(), Vec::new(), Vec::new());
    let (mut day, mut rows) = (Vec::new(), Vec::new());
    for row in 0..transfers.line.len() {
        if pieces.received.is_empty() && transfers.currency[row] != currency {
            continue;
        }
        for piece in pieces.of(transfers, row) {
            from.push(piece.0);
            to.push(piece.1);
            amount.push(piece.2);
            day.push(transfers.day[row]);
            rows.push(row as u32);
        }
    }
    let ends = (Cow::Owned(from), Cow::Owned(to));
    let ledger = Ledger::unposted(held, ends, Cow::Owned(amount));
    let (rows, listed) = (Some(rows), Some(Cow::Owned(day)));
    CaseLedger { ledger, currency, rows, unconfirmed, returned, listed, whole: None }
}

/// What of a transfer moves in one currency.
struct Pieces {
    currency: Currency,
    /// What reached the receiver in another amount or currency.
    received: HashMap<u32, (i64, Currency)>,
}

impl Pieces {
    fn new(case: &Case, currency: Currency) -> Result<Pieces> {
        let conversions = case.conversions()?;
        let received = (0..conversions.transfer.len()).map(|at| {
            let arrived = (conversions.received_minor[at], conversions.received_currency[at]);
            (conversions.transfer[at], arrived)
        });
        Ok(Pieces { currency, received: received.collect() })
    }

    /// From, to and amount: what left its sender and arrived, and what did one of both only.
    fn of(&self, transfers: &Transfers, at: usize) -> impl Iterator<Item = (u32, u32, i64)> {
        let sent = (transfers.amount_minor[at], transfers.currency[at]);
        let received = match self.received.is_empty() {
            true => sent,
            false => self.received.get(&(at as u32)).copied().unwrap_or(sent),
        };
        let (from, to) = (transfers.from_account[at], transfers.to_account[at]);
        let none = (from, to, 0);
        let pieces = match (sent.1 == self.currency, received.1 == self.currency) {
            (true, true) => [
                (from, to, sent.0.min(received.0)),
                (from, CONVERTED, sent.0 - received.0),
                (CONVERTED, to, received.0 - sent.0),
            ],
            (true, false) => [(from, CONVERTED, sent.0), none, none],
            (false, true) => [(CONVERTED, to, received.0), none, none],
            (false, false) => [none; 3],
        };
        pieces.into_iter().filter(|(.., amount)| *amount > 0)
    }
}

/// What a case says, while its movements are made.
struct Reading<'a> {
    case: &'a Case,
    transfers: &'a Transfers,
    readings: Readings<'a>,
    zone: ZoneOffsets,
    pieces: Pieces,
    /// Where a statement has a transfer: by transfer and end.
    place: HashMap<(u32, End), usize>,
    /// Transfers that one row of a statement books in one sum, by that row.
    sums: HashMap<SourceRef, Vec<u32>>,
    movements: Vec<Movement>,
    rows: Vec<u32>,
}

impl<'a> Reading<'a> {
    fn new(
        case: &'a Case,
        transfers: &'a Transfers,
        pieces: Pieces,
        booked: &[Booked],
    ) -> Result<Reading<'a>> {
        let sums = sums(case)?;
        let mut place = HashMap::default();
        for (at, one) in booked.iter().enumerate() {
            let end = if one.leaves { End::Debit } else { End::Credit };
            for transfer in parts(&sums, one) {
                place.insert((*transfer, end), at);
            }
        }
        Ok(Reading {
            case,
            transfers,
            readings: Readings::new(case)?,
            zone: ZoneOffsets::new(&case.zone()),
            pieces,
            place,
            sums,
            movements: Vec::new(),
            rows: Vec::new(),
        })
    }

    fn ledger(mut self, booked: &[Booked]) -> Result<CaseLedger<'a>> {
        let stated = StatedDays::new(self.case, self.pieces.currency, booked)?;
        for row in 0..self.transfers.line.len() as u32 {
            self.read(row, booked, &stated);
        }
        let seams = stated.seams(self.case, booked, &self.movements)?;
        let held = held_days(self.case, &stated, seams)?;
        let returned = self.tie_reversals(&held)?;
        let mut statements = vec![Vec::new(); self.case.accounts()?.account.len()];
        let mut own: HashSet<(u32, End)> = HashSet::default();
        for one in booked {
            let end = if one.leaves { End::Debit } else { End::Credit };
            let rows = parts(&self.sums, one).iter();
            for movement in rows.flat_map(|row| self.movements_at(*row)) {
                let of = &self.movements[movement as usize];
                let account = if one.leaves { of.from } else { of.to };
                if account == one.account {
                    statements[account as usize].push((movement, end));
                    own.insert((movement, end));
                }
            }
        }
        let ledger = Ledger::of_movements(held, &self.movements, &statements);
        let unconfirmed = self.unconfirmed(&ledger, &statements, &own);
        let rows = Some(self.rows);
        let currency = self.pieces.currency;
        let (listed, whole) = (None, None);
        Ok(CaseLedger { ledger, currency, rows, unconfirmed, returned, listed, whole })
    }

    /// The movements of one transfer.
    fn read(&mut self, row: u32, booked: &[Booked], stated: &StatedDays) {
        let pieces: Vec<(u32, u32, i64)> = self.pieces.of(self.transfers, row as usize).collect();
        let count = pieces.len();
        for (piece, (from, to, amount)) in pieces.into_iter().enumerate() {
            // A balance stands after the whole of the transfer.
            let last = piece + 1 == count;
            let debit = self.half(row, End::Debit, booked, last.then_some(stated));
            let credit = self.half(row, End::Credit, booked, last.then_some(stated));
            self.movements.push(Movement { from, to, amount, debit, credit, reverses: None });
            self.rows.push(row);
        }
    }

    /// Where and when a half is booked: by the account's own statement, else where it was read.
    fn half(&self, row: u32, end: End, booked: &[Booked], stated: Option<&StatedDays>) -> Half {
        if let Some(place) = self.place.get(&(row, end)) {
            let one = &booked[*place];
            return Half {
                day: one.day,
                time_ms: self.time_ms(one),
                source: one.at.source,
                line: one.at.line,
                running: stated
                    .filter(|_| parts(&self.sums, one).last() == Some(&row))
                    .and_then(|stated| stated.after(*place, one)),
            };
        }
        let other = if end == End::Debit { End::Credit } else { End::Debit };
        if let Some(place) = self.place.get(&(row, other)) {
            let one = &booked[*place];
            let time_ms = self.time_ms(one);
            let (source, line) = (one.at.source, one.at.line);
            return Half { day: one.day, time_ms, source, line, running: None };
        }
        let first = self.readings.of(row).next().expect("every transfer was read somewhere");
        Half {
            day: first.day,
            time_ms: first.booked_ms,
            source: first.at.source,
            line: first.at.line,
            running: None,
        }
    }

    /// The time that a record states; the start of the day where its place belongs to another.
    fn time_ms(&self, one: &Booked) -> i64 {
        // Nothing is booked on a day that the zone left out; it would come first in its day.
        let start = || self.zone.start_of_day(one.day).map_or(i64::MIN, |second| second * 1_000);
        one.booked_ms.unwrap_or_else(start)
    }

    fn movements_at(&self, row: u32) -> std::ops::Range<u32> {
        let start = self.rows.partition_point(|of| *of < row);
        let end = self.rows.partition_point(|of| *of <= row);
        start as u32..end as u32
    }

    /// Ties reversals to their originals, each by the first movement of its row.
    fn tie_reversals(&mut self, held: &HeldDays) -> Result<Vec<Returned>> {
        let amount = |row: u32| {
            let first = self.movements_at(row).next();
            first.map(|movement| self.movements[movement as usize].amount)
        };
        let returned = returned(self.case, amount, &|account| held.holds(account))?;
        for one in &returned {
            let Some(original) = one.original else { continue };
            let movement = self.movements_at(one.transfer).start;
            self.movements[movement as usize].reverses = Some(self.movements_at(original).start);
        }
        Ok(returned)
    }

    fn unconfirmed(
        &self,
        ledger: &Ledger,
        statements: &[Vec<(u32, End)>],
        own: &HashSet<(u32, End)>,
    ) -> Vec<(u32, End)> {
        let mut found = Vec::new();
        for (movement, one) in (0..).zip(&self.movements) {
            let ends = [(End::Debit, one.from, one.debit), (End::Credit, one.to, one.credit)];
            for (end, account, half) in ends {
                let has_statement =
                    statements.get(account as usize).is_some_and(|rows| !rows.is_empty());
                if has_statement
                    && ledger.covers(account, half.day)
                    && !own.contains(&(movement, end))
                {
                    found.push((movement, end));
                }
            }
        }
        found
    }
}

/// Transfers that one row of a statement books in one sum, in order, by that row.
fn sums(case: &Case) -> Result<HashMap<SourceRef, Vec<u32>>> {
    let refs = case.refs()?;
    let mut sums: HashMap<SourceRef, Vec<u32>> = HashMap::default();
    for row in (0..refs.row.len()).filter(|row| refs.whole_minor[*row].is_some()) {
        if refs.of.get(row) == "transfers" {
            let at = SourceRef { source: refs.source[row], line: refs.line[row] };
            sums.entry(at).or_default().push(refs.row[row]);
        }
    }
    sums.values_mut().for_each(|rows| rows.sort_unstable());
    Ok(sums)
}

/// The transfers that a row of a statement books.
fn parts<'a>(sums: &'a HashMap<SourceRef, Vec<u32>>, one: &'a Booked) -> &'a [u32] {
    sums.get(&one.at).map_or(std::slice::from_ref(&one.transfer), Vec::as_slice)
}
