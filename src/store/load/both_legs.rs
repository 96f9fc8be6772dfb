//! Both legs on the way to the store: which records are one transfer, and the tables of it.
//!
//! The rule is `normalise`'s, on accounts, amount, currency and day. What only the loader knows
//! is added here: a list may state another amount on arrival, and two records that disagree
//! about what arrived are two records.

use std::collections::HashMap;

use rayon::prelude::*;

use crate::model::{Currency, NONE};
use crate::normalise::{LegColumns, LegSide, Legs, match_legs};
use crate::store::tables::*;

/// Days within which the two records of one transfer are booked.
pub const LEG_WINDOW_DAYS: i32 = 3;

/// Row of a transfer, and what its record says arrived.
pub type Received = (u32, i64, Currency);

const ONE_PRODUCER: &str = "both stand on lists of one producer";
const ARRIVED_DIFFERENTLY: &str = "the two records state different amounts on arrival";

/// Finds both legs among transfers; `received` holds what arrived where it differs from what was
/// sent. Cost: as [`match_legs`], and one look-up for each merged pair.
pub fn both_legs(transfers: &Transfers, sources: &Sources, received: &[Received]) -> Legs {
    let producers = producers(transfers, sources);
    let mut legs = match_legs(&leg_columns(transfers, &producers), LEG_WINDOW_DAYS);
    list_one_producer(transfers, &producers, &mut legs);
    if received.is_empty() {
        return legs;
    }
    let stated: HashMap<u32, (i64, Currency)> =
        received.iter().map(|(row, minor, currency)| (*row, (*minor, *currency))).collect();
    let arrived = |row: u32| {
        let at = row as usize;
        let own = (transfers.amount_minor[at], transfers.currency[at]);
        // The receiver's own statement says what arrived by its amount.
        let is_receiver = transfers.side[at] == Side::Receiver;
        stated.get(&row).copied().or(is_receiver.then_some(own))
    };
    legs.merged.retain(|(one, other)| {
        let agree = match (arrived(*one), arrived(*other)) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        };
        if !agree {
            legs.possible.push((*one, *other, ARRIVED_DIFFERENTLY));
        }
        agree
    });
    legs.possible.sort_unstable();
    legs
}

/// What arrived, by row of the merged table. Cost: one look-up for each.
pub fn conversions(received: &[Received], kept_rows: &[u32], legs: &Legs) -> Conversions {
    let partner: HashMap<u32, u32> =
        legs.merged.iter().map(|(keep, drop)| (*drop, *keep)).collect();
    let mut rows: Vec<Received> = received
        .iter()
        .map(|(row, minor, currency)| {
            let row = partner.get(row).copied().unwrap_or(*row);
            (kept_rows[row as usize], *minor, *currency)
        })
        .collect();
    rows.sort_unstable();
    rows.dedup();
    assert!(rows.windows(2).all(|pair| pair[0].0 != pair[1].0), "a transfer arrives once");
    let mut table = Conversions::default();
    for (row, minor, currency) in rows {
        table.transfer.push(row);
        table.received_minor.push(minor);
        table.received_currency.push(currency);
    }
    table
}

/// Who tells of each transfer: a statement by itself, and together the lists of one layout that
/// names its institution. A producer writes a payment on one list of a kind; two equal rows on
/// two of them, as at the turn of a month, are two payments.
fn producers(transfers: &Transfers, sources: &Sources) -> Vec<u32> {
    let layouts: Vec<&str> = sources.layout.iter().collect();
    let first_of_layout: Vec<u32> = (0..layouts.len())
        .map(|at| match sources.institution.get(at) {
            "" => at as u32,
            _ => layouts.iter().position(|one| *one == layouts[at]).unwrap_or(at) as u32,
        })
        .collect();
    let rows = transfers.source.par_iter().zip(&transfers.side);
    rows.map(|(source, side)| match side {
        Side::List => first_of_layout[*source as usize],
        Side::Sender | Side::Receiver => *source,
    })
    .collect()
}

/// Lists the pairs that only the rule of one producer keeps apart: a re-issued list would look
/// the same, and whoever reads a total has to be told.
fn list_one_producer(transfers: &Transfers, producers: &[u32], legs: &mut Legs) {
    if producers == transfers.source {
        return;
    }
    let fitting = match_legs(&leg_columns(transfers, &transfers.source), LEG_WINDOW_DAYS);
    let mut merged = vec![false; producers.len()];
    for (one, other) in &legs.merged {
        merged[*one as usize] = true;
        merged[*other as usize] = true;
    }
    let pairs = fitting.possible.iter().map(|(one, other, _)| (*one, *other));
    for (one, other) in fitting.merged.iter().copied().chain(pairs) {
        let (left, right) = (one as usize, other as usize);
        let lists = [transfers.side[left], transfers.side[right]] == [Side::List; 2];
        if lists && producers[left] == producers[right] && !merged[left] && !merged[right] {
            legs.possible.push((one, other, ONE_PRODUCER));
        }
    }
    legs.unlisted = legs.unlisted.max(fitting.unlisted);
    legs.possible.sort_unstable();
}

fn leg_columns<'a>(transfers: &'a Transfers, producers: &'a [u32]) -> LegColumns<'a, Side> {
    LegColumns {
        from: &transfers.from_account,
        to: &transfers.to_account,
        amount_minor: &transfers.amount_minor,
        currency: &transfers.currency,
        day: &transfers.day,
        source: producers,
        side: &transfers.side,
    }
}

impl From<Side> for LegSide {
    fn from(side: Side) -> LegSide {
        match side {
            Side::Sender => LegSide::Sender,
            Side::Receiver => LegSide::Receiver,
            Side::List => LegSide::List,
        }
    }
}

/// Takes the second record of each merged pair out of the transfers and into `refs`; also the
/// new row of every old one.
pub fn merge_legs(old: Transfers, legs: &Legs) -> (Transfers, Vec<u32>, Refs) {
    let mut dropped = vec![false; old.line.len()];
    for (_, drop) in &legs.merged {
        dropped[*drop as usize] = true;
    }
    let order: Vec<u32> =
        (0..old.line.len() as u32).filter(|row| !dropped[*row as usize]).collect();
    let mut kept_rows = vec![NONE; old.line.len()];
    for (new, row) in order.iter().enumerate() {
        kept_rows[*row as usize] = new as u32;
    }
    let mut pairs: Vec<(u32, u32)> =
        legs.merged.iter().map(|(keep, drop)| (kept_rows[*keep as usize], *drop)).collect();
    pairs.sort_unstable();
    let mut refs = Refs::default();
    for (row, drop) in pairs {
        let drop = drop as usize;
        refs.of.push("transfers");
        refs.row.push(row);
        refs.side.push(old.side[drop]);
        refs.day.push(old.day[drop]);
        refs.source.push(old.source[drop]);
        refs.line.push(old.line[drop]);
    }
    (old.select(&order), kept_rows, refs)
}

/// Pairs that fit and stay two transfers, by row of the merged table.
pub fn possible_pairs(legs: &Legs, kept_rows: &[u32]) -> PossiblePairs {
    let mut pairs: Vec<(u32, u32, &str)> = legs
        .possible
        .iter()
        .map(|(one, other, why)| (kept_rows[*one as usize], kept_rows[*other as usize], *why))
        .filter(|(one, other, _)| *one != NONE && *other != NONE)
        .collect();
    pairs.sort_unstable();
    let mut table = PossiblePairs::default();
    for (one, other, why) in pairs {
        table.transfer.push(one);
        table.other.push(other);
        table.why.push(why);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Channel;

    /// One payment of 500.00 USD from account 0 to account 1, read once in each of these sources.
    fn readings(sides: &[Side]) -> Transfers {
        let mut table = Transfers::default();
        for (source, side) in sides.iter().enumerate() {
            table.from_account.push(0);
            table.to_account.push(1);
            table.booked_ms.push(0);
            table.day.push(0);
            table.timed.push(false);
            table.amount_minor.push(50_000);
            table.currency.push(Currency::USD);
            table.channel.push(Channel::Wire);
            table.side.push(*side);
            table.source.push(source as u32);
            table.line.push(2);
        }
        table
    }

    /// `transfers` after merging, pairs listed, and what arrived.
    #[track_caller]
    fn check(sides: &[Side], received: &[(u32, i64)], expected: (usize, usize), arrived: &[i64]) {
        let euro: Currency = "EUR".parse().unwrap();
        let received: Vec<Received> =
            received.iter().map(|(row, minor)| (*row, *minor, euro)).collect();
        let received = received.as_slice();
        let transfers = readings(sides);
        let mut sources = Sources::default();
        for source in 0..sides.len() {
            sources.layout.push(&format!("layout {source}"));
            sources.institution.push("");
        }
        let legs = both_legs(&transfers, &sources, received);
        let (kept, kept_rows, refs) = merge_legs(transfers, &legs);
        let pairs = possible_pairs(&legs, &kept_rows);
        assert_eq!((kept.rows(), pairs.rows()), expected);
        assert_eq!(kept.rows() + refs.rows(), sides.len(), "every record stands once");
        assert_eq!(conversions(received, &kept_rows, &legs).received_minor, arrived);
    }

    #[test]
    fn two_records_that_disagree_on_what_arrived_are_two() {
        use Side::{List, Receiver, Sender};
        check(&[List, List], &[(0, 9), (1, 9)], (1, 0), &[9]);
        check(&[List, List], &[(0, 9), (1, 8)], (2, 1), &[9, 8]);
        check(&[List, List], &[(1, 8)], (1, 0), &[8]);
        check(&[Sender, List], &[(1, 8)], (1, 0), &[8]);
        check(&[Receiver, List], &[(1, 8)], (2, 1), &[8]);
        check(&[Sender, Receiver], &[], (1, 0), &[]);
    }

    #[test]
    fn three_readings_of_one_payment_are_listed_and_not_guessed() {
        use Side::{List, Receiver, Sender};
        check(&[Sender, Receiver, List], &[], (3, 3), &[]);
    }
}
