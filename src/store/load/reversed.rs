//! Payments that came back, each with the payment it undoes, as a table.
//!
//! Which words say so and what ties two movements is `normalise`'s to decide. Both stay
//! transfers: what is netted cannot be followed.

use std::collections::BTreeMap;

use crate::error::Result;
use crate::model::{Currency, NONE};
use crate::normalise::{Movement, name_identity, reversal_words, undone};
use crate::store::case_store::CaseWriter;
use crate::store::load::record_texts::{Place, RecordTexts};
use crate::store::tables::{Refs, Reversals, Side, Transfers};

/// Days before a reversal within which its original is looked for.
pub const REVERSAL_WINDOW_DAYS: i32 = 60;
/// Originals listed for one reversal.
const ORIGINALS_MAX: usize = 20;

/// A statement record that may be a reversal or an original.
#[derive(Clone, Copy, Debug)]
struct Entry {
    row: u32,
    day: i32,
    far: u32,
    at: Place,
}

/// The account, the amount with the sign of its way, and the currency.
type Key = (u32, i64, Currency);

/// The `reversals` table. `places` are the records whose words tell of one, ascending; nothing is
/// looked at when there are none.
///
/// # Errors
///
/// [`crate::Error::File`] if texts cannot be read back.
pub fn reversal_table(
    transfers: &Transfers,
    refs: &Refs,
    places: &[Place],
    writer: &CaseWriter,
) -> Result<Reversals> {
    let mut table = Reversals::default();
    if places.is_empty() {
        return Ok(table);
    }
    let mut reversals: Vec<(Key, Entry)> = Vec::new();
    each_entry(transfers, refs, |key, entry| {
        if places.binary_search(&entry.at).is_ok() {
            reversals.push((key, entry));
        }
    });
    let mut originals: BTreeMap<Key, Vec<Entry>> = BTreeMap::new();
    for ((account, signed, currency), _) in &reversals {
        originals.entry((*account, -signed, *currency)).or_default();
    }
    each_entry(transfers, refs, |key, entry| {
        if let Some(of_key) = originals.get_mut(&key) {
            of_key.push(entry);
        }
    });
    let mut wanted: Vec<Place> = originals.values().flatten().map(|entry| entry.at).collect();
    wanted.extend(reversals.iter().map(|(_, entry)| entry.at));
    wanted.sort_unstable();
    wanted.dedup();
    let texts = RecordTexts::read(writer, &wanted, false)?;
    let mut rows: Vec<(u32, u32, String)> = Vec::new();
    for ((account, signed, currency), entry) in &reversals {
        let words = reversal_words(texts.description(entry.at)).unwrap_or_default();
        let before: Vec<Entry> = originals[&(*account, -signed, *currency)]
            .iter()
            .filter(|one| {
                let days = i64::from(entry.day) - i64::from(one.day);
                (0..=i64::from(REVERSAL_WINDOW_DAYS)).contains(&days) && one.row != entry.row
            })
            // What came back itself is no original.
            .filter(|one| places.binary_search(&one.at).is_err())
            .copied()
            .collect();
        rows.extend(tied(&texts, entry, &before, words));
    }
    rows.sort_unstable();
    rows.dedup_by_key(|row| (row.0, row.1));
    for (transfer, original, why) in rows {
        table.transfer.push(transfer);
        table.original.push(original);
        table.why.push(&why);
    }
    Ok(table)
}

/// The rows of one reversal.
fn tied(
    texts: &RecordTexts,
    entry: &Entry,
    before: &[Entry],
    words: &str,
) -> Vec<(u32, u32, String)> {
    let said = |one: &Entry| format!("{} {}", texts.description(one.at), texts.reference(one.at));
    let own = said(entry);
    let all: Vec<String> = before.iter().map(said).collect();
    let movement = |one: &Entry, texts_of| Movement {
        day: one.day,
        far: one.far,
        texts: texts_of,
        name: name_identity(texts.counterparty(one.at)),
    };
    let movements: Vec<Movement<'_>> =
        before.iter().zip(&all).map(|(one, said)| movement(one, said.as_str())).collect();
    let (mut found, why) = undone(&movement(entry, own.as_str()), &movements);
    // The latest first, since a payment comes back soon.
    found.sort_by_key(|at| (std::cmp::Reverse(before[*at].day), before[*at].at));
    let several = match found.len() {
        0 => {
            return vec![(
                entry.row,
                NONE,
                format!("{words:?}; no original within the days before"),
            )];
        }
        1 => String::new(),
        count => format!("; one of {count} that fit"),
    };
    let rows = found.into_iter().take(ORIGINALS_MAX);
    rows.map(|at| (entry.row, before[at].row, format!("{words:?}; {why}{several}"))).collect()
}

/// Every reading of every transfer in an account's own statement.
fn each_entry(transfers: &Transfers, refs: &Refs, mut visit: impl FnMut(Key, Entry)) {
    let mut reading = |row: u32, side: Side, day: i32, at: Place| {
        let of = row as usize;
        let minor = transfers.amount_minor[of];
        let (from, to) = (transfers.from_account[of], transfers.to_account[of]);
        let (account, far, signed) = match side {
            Side::Sender => (from, to, -minor),
            Side::Receiver => (to, from, minor),
            Side::List => return,
        };
        visit((account, signed, transfers.currency[of]), Entry { row, day, far, at });
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
