//! One account: where its home is, which cash came in away from it, and where it left.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use rayon::prelude::*;

use crate::analyses::{
    Inputs, Moments, Movement, PlaceNames, Places, TransferFacts, is_in_address, match_in_order,
    sort_as_they_came, sort_as_they_left, stay_ms, total_minor,
};
use crate::error::Result;
use crate::graph::{Edge, TransferGraph};
use crate::model::{Channel, Currency, EntityKind};
use crate::store::TransferRows;

use super::Params;

const HOUR_MS: i64 = 3_600_000;

/// Deposits of an account that left elsewhere.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Found {
    pub account: u32,
    pub currency: Currency,
    /// Rows of `transfers`, in order of time.
    pub deposits: Vec<u32>,
    /// Rows of `transfers` by which some of it left elsewhere, in order of time.
    pub debits: Vec<u32>,
    /// The places of the deposits, as first met.
    pub places: Vec<String>,
    pub home: String,
    pub home_from: &'static str,
    pub deposited: i64,
    pub elsewhere: i64,
}

/// What is looked up for every account.
pub(super) struct Reader<'a> {
    params: &'a Params,
    graph: &'a TransferGraph,
    facts: TransferFacts<'a>,
    moments: Moments<'a>,
    places: Places<'a>,
    transfers: TransferRows<'a>,
    /// Addresses of the holders, by account.
    addresses: BTreeMap<u32, BTreeSet<&'a str>>,
}

/// Where an account's transfers took place.
struct Where {
    names: PlaceNames,
    of: BTreeMap<u32, u32>,
    home: BTreeSet<u32>,
    home_from: &'static str,
}

/// A deposit away from home, and how much of it left elsewhere.
struct Deposit {
    row: u32,
    day: i32,
    place: u32,
    minor: i64,
    elsewhere: i64,
    debits: Vec<u32>,
}

/// Sums of a list up to each of its places, and the largest of each few.
struct Sums {
    until: Vec<i128>,
    largest: Vec<i128>,
}

impl Sums {
    const TOGETHER: usize = 64;

    fn new(numbers: impl Iterator<Item = i128>) -> Sums {
        let sums = numbers.scan(0, |sum, number| {
            *sum += number;
            Some(*sum)
        });
        let until: Vec<i128> = std::iter::once(0).chain(sums).collect();
        let largest = until.chunks(Sums::TOGETHER);
        let largest = largest.map(|few| few.iter().copied().max().unwrap_or_default()).collect();
        Sums { until, largest }
    }

    /// The last of some ends up to which the numbers from a start come to zero or more.
    fn last_not_below(&self, start: usize, ends: RangeInclusive<usize>) -> Option<usize> {
        let least = self.until[start];
        let (first, mut end) = (*ends.start(), *ends.end());
        while end >= first {
            let few = end / Sums::TOGETHER;
            if self.largest[few] >= least {
                let here = first.max(few * Sums::TOGETHER)..=end;
                if let Some(found) = here.rev().find(|end| self.until[*end] >= least) {
                    return Some(found);
                }
            }
            end = (few * Sums::TOGETHER).checked_sub(1)?;
        }
        None
    }
}

impl<'a> Reader<'a> {
    pub(super) fn new(inputs: &'a Inputs, params: &'a Params) -> Result<Reader<'a>> {
        let case = inputs.case;
        let (holdings, ties) = (case.holdings()?, case.ties()?);
        let premises = case.names(EntityKind::Premises)?;
        let mut lives: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
        for row in 0..ties.from_row.len() {
            let of_party = ties.from_kind[row] == EntityKind::Party;
            if of_party && ties.relation.get(row) == "lives-at" {
                let address = premises.get(ties.to_row[row] as usize);
                lives.entry(ties.from_row[row]).or_default().push(address);
            }
        }
        let mut addresses: BTreeMap<u32, BTreeSet<&str>> = BTreeMap::new();
        for row in 0..holdings.account.len() {
            if holdings.is_in_own_name(row) {
                let known = lives.get(&holdings.party[row]).into_iter().flatten();
                addresses.entry(holdings.account[row]).or_default().extend(known.copied());
            }
        }
        Ok(Reader {
            params,
            graph: inputs.graph()?,
            facts: TransferFacts::new(case)?,
            moments: Moments::new(case)?,
            places: Places::new(case)?,
            transfers: case.transfer_rows()?,
            addresses,
        })
    }

    /// Accounts with as many cash deposits at stated places as there must be places, ascending.
    ///
    /// Rows are read in their own order, in which they lie next to each other: of the accounts of
    /// a large return few are left, and only of those each transfer is looked up by itself.
    pub(super) fn accounts(&self) -> Vec<u32> {
        let is_deposit = |row: &u32| {
            let row = *row;
            let to = self.transfers.to_account(row);
            self.transfers.channel(row) == Channel::Cash
                && self.transfers.from_account(row) != to
                && !self.graph.is_unidentified(to)
                && self.places.of(row).is_some()
        };
        let rows = (0..self.transfers.len() as u32).into_par_iter().filter(is_deposit);
        let mut paid: Vec<u32> = rows.map(|row| self.transfers.to_account(row)).collect();
        paid.par_sort_unstable();
        let enough = self.params.places_min as usize;
        let often = paid.chunk_by(u32::eq).filter(|deposits| deposits.len() >= enough);
        often.map(|deposits| deposits[0]).collect()
    }

    pub(super) fn of_account(&self, account: u32) -> Result<Vec<Found>> {
        let here = self.places_of(account);
        let mut by_currency: BTreeMap<Currency, (Vec<Movement>, Vec<Movement>)> = BTreeMap::new();
        let movement = |edge: Edge, minor| Movement {
            transfer: edge.transfer,
            ms: edge.time_ms,
            day: self.facts.day(edge.transfer),
            timed: self.facts.is_timed(edge.transfer),
            minor,
        };
        for edge in self.graph.in_edges(account).iter().filter(|it| it.neighbour != account) {
            let amount = self.facts.received(edge.transfer);
            by_currency.entry(amount.currency).or_default().0.push(movement(edge, amount.minor));
        }
        for edge in self.graph.out_edges(account).iter().filter(|it| it.neighbour != account) {
            let amount = self.facts.sent(edge.transfer);
            by_currency.entry(amount.currency).or_default().1.push(movement(edge, amount.minor));
        }
        let mut found = Vec::new();
        for (currency, (credits, debits)) in by_currency {
            let deposits = self.deposits(account, &here, credits, debits);
            for run in self.runs(&deposits) {
                found.push(self.found(account, currency, &here, run)?);
            }
        }
        Ok(found)
    }

    /// The places of an account's transfers, and which of them are its home.
    fn places_of(&self, account: u32) -> Where {
        let edges = self.graph.in_edges(account).iter().chain(self.graph.out_edges(account).iter());
        let mut rows: Vec<u32> =
            edges.filter(|edge| edge.neighbour != account).map(|edge| edge.transfer).collect();
        rows.sort_unstable();
        let mut here = Where {
            names: PlaceNames::default(),
            of: BTreeMap::new(),
            home: BTreeSet::new(),
            home_from: "",
        };
        let mut used: Vec<u32> = Vec::new();
        for row in rows {
            if let Some(place) = self.places.of(row) {
                let number = here.names.number(&place);
                used.resize(here.names.len(), 0);
                used[number as usize] += 1;
                here.of.insert(row, number);
            }
        }
        let addresses = self.addresses.get(&account);
        let is_home = |number: &u32| {
            let mut known = addresses.into_iter().flatten();
            known.any(|address| is_in_address(here.names.name(*number), address))
        };
        here.home = (0..used.len() as u32).filter(is_home).collect();
        here.home_from = "address of a holder";
        if here.home.is_empty() {
            // Places are numbered as they were first used, so the first of equals is kept.
            let most = used.iter().max().copied().unwrap_or_default();
            let first = used.iter().position(|uses| *uses == most);
            here.home.extend(first.map(|number| number as u32));
            here.home_from = if here.home.is_empty() { "" } else { "most used place" };
        }
        here
    }

    /// The deposits away from home in order of time, each with what of it left elsewhere.
    fn deposits(
        &self,
        account: u32,
        here: &Where,
        mut credits: Vec<Movement>,
        mut debits: Vec<Movement>,
    ) -> Vec<Deposit> {
        sort_as_they_came(&self.moments, account, &mut credits);
        sort_as_they_left(&self.moments, account, &mut debits);
        let window_ms = i64::from(self.params.hours) * HOUR_MS;
        // One day more, for a day that a clock change shortens.
        let window_days = self.params.hours.div_ceil(24) + 1;
        let matches = match_in_order(&credits, &debits, window_days, |credit, debit| {
            stay_ms(credit, debit) <= window_ms
                && !self.moments.follows(account, debit.transfer, credit.transfer)
        });
        let mut by_credit: BTreeMap<usize, Vec<(usize, i64)>> = BTreeMap::new();
        for it in matches {
            by_credit.entry(it.credit).or_default().push((it.debit, it.minor));
        }
        let mut deposits = Vec::new();
        for (at, credit) in credits.iter().enumerate() {
            let Some(&place) = here.of.get(&credit.transfer) else { continue };
            let cash = self.transfers.channel(credit.transfer) == Channel::Cash;
            if !cash || here.home.contains(&place) {
                continue;
            }
            let left = by_credit.get(&at).into_iter().flatten().filter(|(debit, _)| {
                match here.of.get(&debits[*debit].transfer) {
                    Some(other) => *other != place,
                    None => self.params.unknown_is_elsewhere,
                }
            });
            let left: Vec<(usize, i64)> = left.copied().collect();
            deposits.push(Deposit {
                row: credit.transfer,
                day: credit.day,
                place,
                minor: credit.minor,
                elsewhere: left.iter().map(|(_, minor)| minor).sum(),
                debits: left.iter().map(|(debit, _)| debits[*debit].transfer).collect(),
            });
        }
        deposits
    }

    /// Deposits whose windows qualify, those that share a deposit together.
    ///
    /// Of each deposit the longest window counts that begins with it and qualifies: one that is
    /// longer still may hold a deposit that stayed, which must not hide those that left. Cost: for
    /// each deposit a search among sums of many.
    fn runs<'b>(&self, deposits: &'b [Deposit]) -> Vec<&'b [Deposit]> {
        let percent = i128::from(self.params.share_elsewhere_min_percent);
        // Enough of a window left elsewhere where its sum of these is not below zero.
        let beyond = |it: &Deposit| i128::from(it.elsewhere) * 100 - i128::from(it.minor) * percent;
        let sums = Sums::new(deposits.iter().map(beyond));
        let mut runs: Vec<(usize, usize)> = Vec::new();
        let mut places: BTreeMap<u32, u32> = BTreeMap::new();
        let (mut enough, mut deposited) = (0, 0_i128);
        for (start, first) in deposits.iter().enumerate() {
            while places.len() < self.params.places_min as usize || deposited == 0 {
                let Some(next) = deposits.get(enough) else { break };
                deposited += i128::from(next.minor);
                *places.entry(next.place).or_default() += 1;
                enough += 1;
            }
            if places.len() < self.params.places_min as usize || deposited == 0 {
                break;
            }
            let last_day = i64::from(first.day) + i64::from(self.params.window_days.max(1)) - 1;
            let end = deposits.partition_point(|it| i64::from(it.day) <= last_day);
            if let Some(end) = sums.last_not_below(start, enough..=end) {
                match runs.last_mut() {
                    Some(before) if start < before.1 => before.1 = before.1.max(end),
                    _ => runs.push((start, end)),
                }
            }
            deposited -= i128::from(first.minor);
            let uses = places.get_mut(&first.place).expect("it was counted when it came in");
            *uses -= 1;
            if *uses == 0 {
                places.remove(&first.place);
            }
        }
        runs.into_iter().map(|(start, end)| &deposits[start..end]).collect()
    }

    fn found(
        &self,
        account: u32,
        currency: Currency,
        here: &Where,
        run: &[Deposit],
    ) -> Result<Found> {
        let places: BTreeSet<u32> = run.iter().map(|it| it.place).collect();
        let name = |number: &u32| here.names.name(*number).to_owned();
        let mut deposits: Vec<u32> = run.iter().map(|it| it.row).collect();
        deposits.sort_unstable();
        let mut debits: Vec<u32> = run.iter().flat_map(|it| it.debits.iter().copied()).collect();
        debits.sort_unstable();
        debits.dedup();
        Ok(Found {
            account,
            currency,
            deposits,
            debits,
            places: places.iter().map(name).collect(),
            home: here.home.iter().map(name).collect::<Vec<_>>().join("; "),
            home_from: here.home_from,
            deposited: total_minor(run.iter().map(|it| it.minor))?,
            elsewhere: total_minor(run.iter().map(|it| it.elsewhere))?,
        })
    }
}
