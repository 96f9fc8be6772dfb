//! Wires of which less arrived than was sent: a bank on the way kept its charges.
//!
//! Answers: which record of the sender and which of the receiver may tell of one wire although
//! their amounts differ? Both state a reference that no other payments share, their accounts do
//! not contradict each other, and their days are near. No record says that what is missing was a
//! charge, so that nothing is merged: the pair is listed with the difference, and both count.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::model::{Amount, Channel, Digits};
use crate::normalise::Legs;
use crate::store::load::same_money::record_texts::{Place, RecordTexts};
use crate::store::tables::{Accounts, Side, Transfers};

/// Days between the two records at most.
const DAYS_MAX: u32 = 7;

/// A sender's record, the receiver's, and why they may be one wire.
pub type Lessened = (u32, u32, String);

/// Rows that may tell of a wire of which less arrived. Cost: a look at each row.
pub fn wires(transfers: &Transfers) -> Vec<u32> {
    let sides = &transfers.side;
    if sides.iter().all(|side| *side == Side::List) {
        return Vec::new();
    }
    let is_wire = |row: &usize| {
        transfers.channel[*row] == Channel::Wire
            && transfers.from_account[*row] != transfers.to_account[*row]
    };
    (0..sides.len()).filter(is_wire).map(|row| row as u32).collect()
}

/// Where a row's record stands.
fn place(transfers: &Transfers, row: u32) -> Place {
    (transfers.source[row as usize], transfers.line[row as usize])
}

/// Places of the records whose texts are asked for.
pub fn places(transfers: &Transfers) -> impl Iterator<Item = Place> + '_ {
    wires(transfers).into_iter().map(|row| place(transfers, row))
}

/// The pairs, in order of the sender's row; `legs` are what was matched before.
///
/// Cost: a look at each reference of a wire, each of which few records hold.
pub fn lessened(
    transfers: &Transfers,
    accounts: &Accounts,
    texts: &RecordTexts,
    legs: &Legs,
    digits: &Digits,
) -> Vec<Lessened> {
    if texts.is_empty() {
        return Vec::new();
    }
    let wires = wires(transfers);
    let mut holders: HashMap<u64, Vec<u32>> = HashMap::new();
    for row in &wires {
        for reference in texts.references(place(transfers, *row)) {
            holders.entry(*reference).or_default().push(*row);
        }
    }
    let told = Told { transfers, accounts, known: both_ends_told(transfers, legs) };
    let mut pairs: BTreeSet<(u32, u32)> = BTreeSet::new();
    for rows in holders.values() {
        for sent in rows {
            pairs
                .extend(rows.iter().filter(|one| told.fits(*sent, **one)).map(|one| (*sent, *one)));
        }
    }
    let why = |(sent, arrived): (u32, u32)| {
        let at = sent as usize;
        let minor = transfers.amount_minor[at] - transfers.amount_minor[arrived as usize];
        let less = digits.people(Amount { minor, currency: transfers.currency[at] });
        let why = format!(
            "the same reference and accounts that fit, and {less} less arrived than was sent; no \
             record says that it was a charge"
        );
        (sent, arrived, why)
    };
    pairs.into_iter().map(why).collect()
}

/// For each row of a transfer whether its sender's statement, and its receiver's, tells of it.
fn both_ends_told(transfers: &Transfers, legs: &Legs) -> BTreeMap<u32, [bool; 2]> {
    let mut of_first: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (first, further) in &legs.merged {
        of_first.entry(*first).or_insert_with(|| vec![*first]).push(*further);
    }
    let mut known = BTreeMap::new();
    for rows in of_first.values() {
        let told = |side| rows.iter().any(|row| transfers.side[*row as usize] == side);
        let ends = [told(Side::Sender), told(Side::Receiver)];
        known.extend(rows.iter().map(|row| (*row, ends)));
    }
    known
}

struct Told<'a> {
    transfers: &'a Transfers,
    accounts: &'a Accounts,
    /// By row of a transfer of several readings.
    known: BTreeMap<u32, [bool; 2]>,
}

impl Told<'_> {
    /// Whether one row may tell of what was sent, and the other of what arrived of it.
    fn fits(&self, sent: u32, arrived: u32) -> bool {
        let (one, other) = (sent as usize, arrived as usize);
        let table = self.transfers;
        let (whole, less) = (table.amount_minor[one], table.amount_minor[other]);
        let sides = (table.side[one], table.side[other]);
        // What comes back to the account that sent it is no arrival.
        let came_back = table.from_account[one] == table.to_account[other];
        let listed = sides == (Side::List, Side::List);
        // Who tells of both ends of a payment tells of all of it.
        let ends = |row: u32| self.known.get(&row).copied().unwrap_or_default();
        let told = ends(sent)[1] || ends(arrived)[0];
        sides.0 != Side::Receiver
            && sides.1 != Side::Sender
            && !came_back
            && !listed
            && !told
            && table.currency[one] == table.currency[other]
            && less < whole
            // A wire is not halved on its way: such two only share a word.
            && less.saturating_mul(2) >= whole
            && table.day[one].abs_diff(table.day[other]) <= DAYS_MAX
            && self.may_be_one(table.from_account[one], table.from_account[other])
            && self.may_be_one(table.to_account[one], table.to_account[other])
    }

    fn may_be_one(&self, one: u32, other: u32) -> bool {
        let open = |account: u32| self.accounts.kind.get(account as usize) != "account";
        one == other || open(one) || open(other)
    }
}
