//! Payments that came back, each with the payment it undoes, as a table.
//!
//! Which words say so and what ties two movements is `normalise`'s to decide; a format's own flag
//! comes with the record. Both stay transfers: what is netted cannot be followed.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};

use crate::error::Result;
use crate::model::{Amount, Currency, Digits, NONE};
use crate::normalise::{Movement, STATED, name_identity, reversal_words, stated_original, undone};
use crate::store::case_store::CaseWriter;
use crate::store::load::bank::flagged::Flagged;
use crate::store::load::same_money::part_reversals::{Parts, with_parts};
use crate::store::load::same_money::record_texts::{Place, RecordTexts};
use crate::store::tables::{Refs, Reversals, Side, Sources, Transfers};

/// Days before a reversal within which its original is looked for, unless the case says other.
pub const REVERSAL_WINDOW_DAYS: u16 = 60;
/// Originals listed for one reversal.
const ORIGINALS_MAX: usize = 20;

/// A record that may be a reversal or an original, as one of its two accounts sees it.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Row of `transfers`.
    pub row: u32,
    /// Civil day.
    pub day: i32,
    /// The other account.
    pub far: u32,
    /// Where it stands.
    pub at: Place,
    /// It stands on a list, which tells of both accounts.
    listed: bool,
}

/// The account, the amount with the sign of its way, and the currency.
pub type Key = (u32, i64, Currency);

/// What says of which records that they undo others.
pub struct Said<'a> {
    /// Places of the records whose words do, ascending.
    pub words: &'a [Place],
    /// Those whose source states it, in order of place.
    pub flagged: &'a [(Place, Flagged)],
}

impl Said<'_> {
    fn flag(&self, at: Place) -> Option<&Flagged> {
        let found = self.flagged.binary_search_by_key(&at, |one| one.0).ok()?;
        Some(&self.flagged[found].1)
    }

    /// Charges kept back from a reversal, where its source states them.
    fn charges(&self, entry: &Entry) -> Option<i64> {
        self.flag(entry.at).and_then(|flag| flag.charges_minor)
    }

    /// Whether a record says that it undoes another.
    pub fn of(&self, entry: &Entry) -> bool {
        // On a list, words alone are the payer's; a flag is the format's.
        self.flag(entry.at).is_some()
            || !entry.listed && self.words.binary_search(&entry.at).is_ok()
    }
}

/// What moved in the payment that a reversal undoes, from which charges were kept back. Charges go
/// against whoever holds the account: a statement shows less coming back, or more going back.
fn undone_by(key: &Key, listed: bool, charges_minor: i64) -> Key {
    let (account, signed, currency) = *key;
    let way = if listed { signed.signum() } else { 1 };
    let whole = signed.saturating_add(way.saturating_mul(charges_minor));
    (account, whole.saturating_neg(), currency)
}

/// A row of the table: transfer, original, what says so, what ties them.
pub type Told = (u32, u32, String, String);

/// The `reversals` table; nothing is looked at when nothing tells of one.
///
/// # Errors
///
/// [`crate::Error::File`] if texts cannot be read back.
pub fn reversal_table(
    transfers: &Transfers,
    refs: &Refs,
    sources: &Sources,
    (said, window_days): (&Said<'_>, i32),
    writer: &CaseWriter,
) -> Result<Reversals> {
    let mut table = Reversals::default();
    if said.words.is_empty() && said.flagged.is_empty() {
        return Ok(table);
    }
    let mut reversals: Vec<(Key, Entry)> = Vec::new();
    each_entry(transfers, refs, |key, entry| {
        if said.of(&entry) {
            reversals.push((key, entry));
        }
    });
    let mut originals: BTreeMap<Key, Vec<Entry>> = BTreeMap::new();
    let mut accounts: HashSet<u32> = HashSet::new();
    for (key, entry) in &reversals {
        originals.entry(undone_by(key, entry.listed, 0)).or_default();
        if let Some(charges) = said.charges(entry) {
            originals.entry(undone_by(key, entry.listed, charges)).or_default();
        }
        accounts.insert(key.0);
    }
    each_entry(transfers, refs, |key, entry| {
        if accounts.contains(&key.0)
            && let Some(of_key) = originals.get_mut(&key)
        {
            of_key.push(entry);
        }
    });
    let mut wanted: Vec<Place> = originals.values().flatten().map(|entry| entry.at).collect();
    wanted.extend(reversals.iter().map(|(_, entry)| entry.at));
    wanted.sort_unstable();
    wanted.dedup();
    let texts = RecordTexts::read(writer, &wanted, false)?;
    let tying = Tying { texts: &texts, said, window_days, digits: &writer.manifest().digits };
    let mut rows: Vec<Told> = Vec::new();
    for (key, entry) in &reversals {
        let lessened = said.charges(entry).map(|charges| {
            let of = &originals[&undone_by(key, entry.listed, charges)];
            (of.as_slice(), charges, key.2)
        });
        rows.extend(tying.rows(entry, &originals[&undone_by(key, entry.listed, 0)], lessened));
    }
    rows.sort_unstable();
    // One reading of a transfer may know the original where another does not.
    let known: HashSet<u32> = rows.iter().filter(|row| row.1 != NONE).map(|row| row.0).collect();
    rows.retain(|row| row.1 != NONE || !known.contains(&row.0));
    rows.dedup_by_key(|row| (row.0, row.1));
    let parts = Parts { transfers, refs, sources, said, window_days };
    let rows = with_parts(rows, &reversals, &parts, writer)?;
    for (transfer, original, stated_by, why) in rows {
        table.transfer.push(transfer);
        table.original.push(original);
        table.stated_by.push(&stated_by);
        table.why.push(&why);
    }
    Ok(table)
}

/// What reversals are tied by.
pub struct Tying<'a> {
    /// Texts of the records.
    pub texts: &'a RecordTexts,
    /// What says of which records that they undo others.
    pub said: &'a Said<'a>,
    /// Days before a reversal within which its original is looked for.
    pub window_days: i32,
    /// How amounts are written.
    pub digits: &'a Digits,
}

impl Tying<'_> {
    /// A record as reversals are compared.
    pub fn movement<'m>(&'m self, one: &Entry, texts: &'m str) -> Movement<'m> {
        Movement {
            day: one.day,
            far: one.far,
            texts,
            name: name_identity(self.texts.counterparty(one.at)),
            reference: self.texts.reference(one.at),
            reverses: self.said.flag(one.at).map_or("", |flag| flag.reverses.as_str()),
        }
    }

    /// Description and reference as found.
    pub fn said_of(&self, one: &Entry) -> String {
        format!("{} {}", self.texts.description(one.at), self.texts.reference(one.at))
    }

    /// The rows of one reversal; `opposite` are the records of its account and amount the other
    /// way, at any time, and `lessened` those of its amount with the charges that it states.
    fn rows(&self, entry: &Entry, opposite: &[Entry], lessened: Option<Lessened<'_>>) -> Vec<Told> {
        let stated_by = match self.said.flag(entry.at) {
            Some(flag) => flag.flag.clone(),
            None => {
                let words = reversal_words(self.texts.description(entry.at)).unwrap_or_default();
                format!("the words {words:?}")
            }
        };
        // A reference that is stated of the original counts however long ago that was, and also
        // where the original is a return in turn.
        let (mut found, mut why) = (self.stated(entry, opposite), STATED.to_owned());
        if let (true, Some((of_whole, charges, currency))) = (found.is_empty(), lessened) {
            found = self.stated(entry, of_whole);
            let charges = self.digits.people(Amount { minor: charges, currency });
            why = format!("{STATED} with the charges of {charges} that it states");
        }
        if found.is_empty() {
            let (near, by) = self.near(entry, opposite);
            (found, why) = (near, by.to_owned());
        }
        // The latest first, since a payment comes back soon; two readings of one are one.
        found.sort_by_key(|one| (Reverse(one.day), one.row, one.at));
        let mut seen = HashSet::new();
        found.retain(|one| seen.insert(one.row));
        let several = match found.len() {
            0 => {
                let days = self.window_days;
                let why = format!("no original found within the {days} days before");
                return vec![(entry.row, NONE, stated_by, why)];
            }
            1 => String::new(),
            count => format!("; one of {count} that fit"),
        };
        let rows = found.into_iter().take(ORIGINALS_MAX);
        rows.map(|one| (entry.row, one.row, stated_by.clone(), format!("{why}{several}"))).collect()
    }

    /// Which of some records hold the reference that a reversal states of its original.
    fn stated(&self, entry: &Entry, opposite: &[Entry]) -> Vec<Entry> {
        self.tied(entry, &before(entry, opposite), |reversal, earlier| {
            (stated_original(reversal, earlier), STATED)
        })
        .0
    }

    /// Which of the records within the days before a reversal undoes, and what ties them.
    fn near(&self, entry: &Entry, opposite: &[Entry]) -> (Vec<Entry>, &'static str) {
        let mut near = before(entry, opposite);
        // What came back itself is no original.
        near.retain(|one| {
            days_before(entry, one) <= i64::from(self.window_days) && !self.said.of(one)
        });
        self.tied(entry, &near, undone)
    }

    fn tied(
        &self,
        entry: &Entry,
        earlier: &[Entry],
        tie: impl Fn(&Movement<'_>, &[Movement<'_>]) -> (Vec<usize>, &'static str),
    ) -> (Vec<Entry>, &'static str) {
        let own = self.said_of(entry);
        let all: Vec<String> = earlier.iter().map(|one| self.said_of(one)).collect();
        let movements: Vec<Movement<'_>> =
            earlier.iter().zip(&all).map(|(one, said)| self.movement(one, said)).collect();
        let (found, why) = tie(&self.movement(entry, &own), &movements);
        (found.into_iter().map(|at| earlier[at]).collect(), why)
    }
}

/// Records of the amount that a reversal states with its charges, these charges, and the currency.
type Lessened<'a> = (&'a [Entry], i64, Currency);

/// Days from a record to the reversal; negative when it comes after.
pub fn days_before(entry: &Entry, one: &Entry) -> i64 {
    i64::from(entry.day) - i64::from(one.day)
}

/// Those of some records that a reversal may undo by their day.
fn before(entry: &Entry, opposite: &[Entry]) -> Vec<Entry> {
    let may = |one: &&Entry| days_before(entry, one) >= 0 && one.row != entry.row;
    opposite.iter().filter(may).copied().collect()
}

/// Every reading of every transfer, as the account whose statement it is sees it; a list as both
/// of its accounts do.
pub fn each_entry(transfers: &Transfers, refs: &Refs, mut visit: impl FnMut(Key, Entry)) {
    let mut reading = |row: u32, side: Side, day: i32, at: Place| {
        let of = row as usize;
        let minor = transfers.amount_minor[of];
        let (from, to) = (transfers.from_account[of], transfers.to_account[of]);
        let currency = transfers.currency[of];
        let mut see = |account: u32, far: u32, signed: i64| {
            let listed = side == Side::List;
            visit((account, signed, currency), Entry { row, day, far, at, listed });
        };
        if side != Side::Receiver {
            see(from, to, -minor);
        }
        if side != Side::Sender {
            see(to, from, minor);
        }
    };
    for row in 0..transfers.line.len() {
        let at = (transfers.source[row], transfers.line[row]);
        reading(row as u32, transfers.side[row], transfers.day[row], at);
    }
    for further in (0..refs.row.len()).filter(|row| refs.of.get(*row) == "transfers") {
        let at = (refs.source[further], refs.line[further]);
        reading(refs.row[further], refs.side[further], refs.day[further], at);
    }
}
