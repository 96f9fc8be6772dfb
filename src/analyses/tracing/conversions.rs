//! Where traced money goes on in another currency: a trace ends at a conversion, and says by which
//! payment to take it up again.

use std::collections::BTreeSet;

use super::tables::Tables;
use super::walk::ExitKind;
use crate::analyses::{account_name, counted};
use crate::error::Result;
use crate::model::day_text;

/// Conversions that are named; the rest are counted.
const NAMED_MAX: usize = 8;

/// A sentence for each payment that can have taken traced money into another currency, in order of
/// their rows.
///
/// # Errors
///
/// [`crate::Error::File`] if the store is damaged.
pub fn notes(tables: &Tables) -> Result<Vec<String>> {
    let (traces, case) = (tables.traces, tables.inputs.case);
    let exits = traces.bounded.exits.iter();
    let converted = exits.filter(|exit| exit.kind == ExitKind::Conversion);
    let rows: BTreeSet<u32> = converted
        .map(|exit| traces.of.row_of(exit.movement))
        .filter(|row| tables.facts.received(*row).currency != traces.of.currency)
        .collect();
    let transfers = case.transfers()?;
    let mut notes = Vec::new();
    for &row in rows.iter().take(NAMED_MAX) {
        let at = row as usize;
        let received = tables.facts.received(row);
        notes.push(format!(
            "What {} paid on {} in {} reached {} as {}: a trace of its own goes on there, with \
             --source transfer={},currency={}.",
            account_name(case, transfers.from_account[at])?,
            day_text(transfers.day[at]),
            traces.of.currency,
            account_name(case, transfers.to_account[at])?,
            case.manifest().digits.people(received),
            case.transfer_number(row),
            received.currency
        ));
    }
    if rows.len() > NAMED_MAX {
        let more = counted((rows.len() - NAMED_MAX) as u64, "more payment");
        notes.push(format!("{more} took traced money into another currency."));
    }
    Ok(notes)
}
