//! The case tables as a question sees them: entities by name, facts by the line they stand on.
//!
//! The store keeps row numbers; a person asks by text. Each table here is built from the store
//! when a statement names it, and only with the columns the statement can read, by gathering
//! the entity's text for each row. `queries/README.md` lists every column, and a test holds the
//! two together. Tables of what was read are in `source_tables.rs`; `answer.rs` runs statements.

mod source_tables;

use polars::prelude::*;

use crate::error::Result;
use crate::model::{EntityKind, NONE, Texts};
use crate::query::{CaseTable, View, Wanted};
use crate::store::{Case, Side};

/// Every case table a statement may name.
pub const CASE_TABLES: [&str; 29] = [
    "accounts",
    "calls",
    "conversions",
    "coverage",
    "details",
    "devices",
    "duplicates",
    "holdings",
    "identifiers",
    "lease_parties",
    "leases",
    "leg_evidence",
    "loans",
    "members",
    "parties",
    "phone_holders",
    "phones",
    "places",
    "possible_pairs",
    "possible_repeats",
    "premises",
    "refs",
    "rejects",
    "reversals",
    "sources",
    "statements",
    "ties",
    "transfers",
    "value_forms",
];

/// Builds the case table of that name; `None` if there is no such table. Cost: its rows times
/// the wanted columns.
///
/// # Errors
///
/// [`crate::Error::File`] if the store is damaged.
pub fn case_table(case: &Case, name: &str, wanted: &Wanted) -> Result<Option<CaseTable>> {
    let mut view = View::new(case, wanted);
    match name {
        "transfers" => transfers(&mut view)?,
        "refs" => refs(&mut view)?,
        "conversions" => conversions(&mut view)?,
        "possible_pairs" => possible_pairs(&mut view)?,
        "leg_evidence" => leg_evidence(&mut view)?,
        "duplicates" => duplicates(&mut view)?,
        "possible_repeats" => possible_repeats(&mut view)?,
        "reversals" => reversals(&mut view)?,
        "details" => details(&mut view)?,
        "calls" => calls(&mut view)?,
        "leases" => leases(&mut view)?,
        "lease_parties" => lease_parties(&mut view)?,
        "parties" => parties(&mut view)?,
        "accounts" => accounts(&mut view)?,
        "holdings" => holdings(&mut view)?,
        "phones" => phones(&mut view)?,
        "phone_holders" => phone_holders(&mut view)?,
        "premises" => premises(&mut view)?,
        "devices" => devices(&mut view)?,
        "loans" => loans(&mut view)?,
        "identifiers" => identifiers(&mut view)?,
        "ties" => ties(&mut view)?,
        "members" => source_tables::members(&mut view)?,
        "value_forms" => source_tables::value_forms(&mut view)?,
        "sources" => source_tables::sources(&mut view)?,
        "coverage" => source_tables::coverage(&mut view)?,
        "statements" => source_tables::statements(&mut view)?,
        "places" => source_tables::places(&mut view)?,
        "rejects" => source_tables::rejects(&mut view)?,
        _ => return Ok(None),
    }
    Ok(Some(view.finish()))
}

fn transfers(view: &mut View) -> Result<()> {
    let table = view.case.transfers()?;
    view.place("transfer", &table.source, &table.line)?;
    view.entity("from_account", EntityKind::Account, &table.from_account)?;
    view.entity("to_account", EntityKind::Account, &table.to_account)?;
    view.time("booked", &table.booked_ms)?;
    view.day("day", table.day.iter().map(|day| Some(*day)))?;
    view.plain("timed", || Series::new("".into(), table.timed.as_slice()));
    view.plain("amount_minor", || Series::new("".into(), table.amount_minor.as_slice()));
    view.currency(table.currency.iter().map(|currency| Some(*currency)));
    view.words("channel", table.channel.len(), table.channel.iter().map(|word| word.word()));
    view.words("side", table.side.len(), table.side.iter().map(|word: &Side| word.word()));
    view.source(&table.source, &table.line)?;
    let details = view.case.details()?;
    let detail_names = [
        "balance_minor",
        "description",
        "reference",
        "counterparty",
        "place",
        "page",
        "attributes",
    ];
    if detail_names.iter().any(|name| view.wants(name)) {
        let rows = detail_rows(&details.source, &details.line, &table.source, &table.line);
        view.plain("balance_minor", || {
            let pick = |row: &u32| details.balance_minor.get(*row as usize).copied().flatten();
            rows.iter().map(pick).collect::<Int64Chunked>().into_series()
        });
        view.gathered("description", &details.description, &rows)?;
        view.gathered("reference", &details.reference, &rows)?;
        view.gathered("counterparty", &details.counterparty, &rows)?;
        view.gathered("place", &details.place, &rows)?;
        view.gathered("page", &details.page, &rows)?;
        view.gathered("attributes", &details.attributes, &rows)?;
    }
    Ok(())
}

/// For each (source, line), the row of `details` that stands there, or [`NONE`].
fn detail_rows(sources: &[u32], lines: &[u32], source: &[u32], line: &[u32]) -> Vec<u32> {
    let mut places: Vec<(u32, u32, u32)> =
        (0..sources.len()).map(|row| (sources[row], lines[row], row as u32)).collect();
    places.sort_unstable();
    let find = |(source, line): (&u32, &u32)| {
        let at = places.partition_point(|place| (place.0, place.1) < (*source, *line));
        match places.get(at) {
            Some(place) if (place.0, place.1) == (*source, *line) => place.2,
            _ => NONE,
        }
    };
    source.iter().zip(line).map(find).collect()
}

fn refs(view: &mut View) -> Result<()> {
    let table = view.case.refs()?;
    let (transfers, calls) = (view.case.transfers()?, view.case.calls()?);
    let first = |row: usize| {
        let of = table.row[row] as usize;
        match table.of.get(row) {
            "calls" => (calls.source[of], calls.line[of]),
            _ => (transfers.source[of], transfers.line[of]),
        }
    };
    let firsts: Vec<(u32, u32)> = (0..table.row.len()).map(first).collect();
    let (sources, lines): (Vec<u32>, Vec<u32>) = firsts.into_iter().unzip();
    view.texts("of_table", &table.of);
    view.place("record", &sources, &lines)?;
    view.words("side", table.side.len(), table.side.iter().map(|word: &Side| word.word()));
    view.time("booked", &table.booked_ms)?;
    view.day("day", table.day.iter().map(|day| Some(*day)))?;
    view.source(&table.source, &table.line)?;
    view.plain("whole_minor", || Series::new("".into(), table.whole_minor.as_slice()));
    Ok(())
}

fn conversions(view: &mut View) -> Result<()> {
    let table = view.case.conversions()?;
    view.transfer("transfer", &table.transfer)?;
    view.plain("received_minor", || Series::new("".into(), table.received_minor.as_slice()));
    view.currency(table.received_currency.iter().map(|currency| Some(*currency)));
    Ok(())
}

fn possible_pairs(view: &mut View) -> Result<()> {
    let table = view.case.possible_pairs()?;
    view.transfer("transfer", &table.transfer)?;
    view.transfer("other", &table.other)?;
    view.texts("why", &table.why);
    Ok(())
}

fn leg_evidence(view: &mut View) -> Result<()> {
    let table = view.case.leg_evidence()?;
    view.transfer("transfer", &table.transfer)?;
    view.place("record", &table.source, &table.line)?;
    view.texts("evidence", &table.evidence);
    view.source(&table.source, &table.line)
}

fn duplicates(view: &mut View) -> Result<()> {
    let table = view.case.duplicates()?;
    view.place("record", &table.source, &table.line)?;
    view.place("twin", &table.twin_source, &table.twin_line)?;
    view.plain("records", || Series::new("".into(), table.records.as_slice()));
    view.texts("why", &table.why);
    view.source(&table.source, &table.line)
}

fn possible_repeats(view: &mut View) -> Result<()> {
    let table = view.case.possible_repeats()?;
    view.transfer("transfer", &table.transfer)?;
    view.transfer("other", &table.other)?;
    view.texts("why", &table.why);
    Ok(())
}

fn reversals(view: &mut View) -> Result<()> {
    let table = view.case.reversals()?;
    view.transfer("transfer", &table.transfer)?;
    view.transfer("original", &table.original)?;
    view.texts("stated_by", &table.stated_by);
    view.texts("why", &table.why);
    Ok(())
}

fn details(view: &mut View) -> Result<()> {
    let table = view.case.details()?;
    view.source(&table.source, &table.line)?;
    view.plain("balance_minor", || Series::new("".into(), table.balance_minor.as_slice()));
    // A balance is in the currency of its transfer, which this table does not state.
    view.currencies.extend(view.case.transfers()?.currency.iter().copied());
    view.day("value_day", table.value_day.iter().copied())?;
    view.texts("description", &table.description);
    view.texts("reference", &table.reference);
    view.texts("counterparty", &table.counterparty);
    view.texts("pattern", &table.pattern);
    view.texts("place", &table.place);
    view.texts("page", &table.page);
    view.texts("attributes", &table.attributes);
    Ok(())
}

fn calls(view: &mut View) -> Result<()> {
    let table = view.case.calls()?;
    view.place("call", &table.source, &table.line)?;
    view.entity("from_phone", EntityKind::Phone, &table.from_phone)?;
    view.entity("to_phone", EntityKind::Phone, &table.to_phone)?;
    view.time("start", &table.start_ms)?;
    view.day("day", table.day.iter().map(|day| Some(*day)))?;
    view.plain("duration_s", || Series::new("".into(), table.duration_s.as_slice()));
    view.texts("kind", &table.kind);
    view.words("side", table.side.len(), table.side.iter().map(|word: &Side| word.word()));
    view.texts("carrier_call", &table.call);
    view.entity("imei", EntityKind::Device, &table.imei)?;
    view.entity("imsi", EntityKind::Device, &table.imsi)?;
    view.texts("tower", &table.tower);
    view.texts("tower_place", &table.tower_place);
    view.texts("dialled", &table.dialled);
    view.source(&table.source, &table.line)
}

fn leases(view: &mut View) -> Result<()> {
    let table = view.case.leases()?;
    view.texts("lease", &table.lease);
    view.entity("premises", EntityKind::Premises, &table.premises)?;
    view.texts("tenants", &table.tenants);
    view.texts("landlord", &table.landlord);
    view.texts("guarantors", &table.guarantors);
    view.plain("rent_minor", || Series::new("".into(), table.rent_minor.as_slice()));
    view.currency(table.currency.iter().copied());
    view.texts("period", &table.period);
    view.day("start_day", table.start.iter().copied())?;
    view.day("end_day", table.end.iter().copied())?;
    view.texts("amends", &table.amends);
    view.day("amended_from_day", table.amended_from.iter().copied())?;
    view.plain("bedrooms", || Series::new("".into(), table.bedrooms.as_slice()));
    view.plain("deposit_minor", || Series::new("".into(), table.deposit_minor.as_slice()));
    view.entity("paid_from", EntityKind::Account, &table.paid_from)?;
    view.source(&table.source, &table.line)
}

/// Ties between a party and another end, read from the party's side: (tie, party, other end).
fn party_ties(
    view: &View,
    relations: &[&str],
    other: Option<EntityKind>,
) -> Result<Vec<(usize, u32, u32)>> {
    let table = view.case.ties()?;
    let mut found = Vec::new();
    for row in 0..table.from_row.len() {
        if !relations.contains(&table.relation.get(row)) {
            continue;
        }
        let (from, to) = (table.from_kind[row], table.to_kind[row]);
        let fits = |kind: EntityKind| other.is_none_or(|other| other == kind);
        if from == EntityKind::Party && fits(to) {
            found.push((row, table.from_row[row], table.to_row[row]));
        } else if to == EntityKind::Party && fits(from) {
            found.push((row, table.to_row[row], table.from_row[row]));
        }
    }
    Ok(found)
}

fn pick<T: Copy>(values: &[T], rows: &[(usize, u32, u32)]) -> Vec<T> {
    rows.iter().map(|row| values[row.0]).collect()
}

fn lease_parties(view: &mut View) -> Result<()> {
    let relations = ["tenant-of", "landlord-of", "guarantees", "occupant-of"];
    let (ties, leases) = (view.case.ties()?, view.case.leases()?);
    let found = party_ties(view, &relations, None)?;
    let (source, line) = (pick(&ties.source, &found), pick(&ties.line, &found));
    let lines = leases.lines();
    let (sources, of_lines): (Vec<u32>, Vec<u32>) = lines.iter().map(|one| (one.1, one.2)).unzip();
    let mut lease = detail_rows(&sources, &of_lines, &source, &line);
    lease.iter_mut().filter(|at| **at != NONE).for_each(|at| *at = lines[*at as usize].0);
    let kept: Vec<usize> = (0..found.len()).filter(|at| lease[*at] != NONE).collect();
    let found: Vec<_> = kept.iter().map(|at| found[*at]).collect();
    let lease: Vec<u32> = kept.iter().map(|at| lease[*at]).collect();
    let party: Vec<u32> = found.iter().map(|row| row.1).collect();
    let premises: Vec<u32> = lease.iter().map(|row| leases.premises[*row as usize]).collect();
    let relation: Texts = found.iter().map(|row| ties.relation.get(row.0)).collect();
    view.gathered("lease", &leases.lease, &lease)?;
    view.entity("premises", EntityKind::Premises, &premises)?;
    view.entity("party", EntityKind::Party, &party)?;
    view.texts("relation", &relation);
    view.day("start_day", lease.iter().map(|row| leases.start[*row as usize]))?;
    view.day("end_day", lease.iter().map(|row| leases.end[*row as usize]))?;
    view.source(&pick(&ties.source, &found), &pick(&ties.line, &found))
}

fn phone_holders(view: &mut View) -> Result<()> {
    let ties = view.case.ties()?;
    let found = party_ties(view, &["subscribes", "has-phone"], Some(EntityKind::Phone))?;
    let party: Vec<u32> = found.iter().map(|row| row.1).collect();
    let phone: Vec<u32> = found.iter().map(|row| row.2).collect();
    let relation: Texts = found.iter().map(|row| ties.relation.get(row.0)).collect();
    view.entity("phone", EntityKind::Phone, &phone)?;
    view.entity("party", EntityKind::Party, &party)?;
    view.texts("relation", &relation);
    view.day("start_day", pick(&ties.start, &found).into_iter())?;
    view.day("end_day", pick(&ties.end, &found).into_iter())?;
    view.source(&pick(&ties.source, &found), &pick(&ties.line, &found))
}

fn parties(view: &mut View) -> Result<()> {
    let table = view.case.parties()?;
    view.texts("party", &table.party);
    view.texts("name", &table.name);
    view.texts("kind", &table.kind);
    view.day("born", table.born.iter().copied())?;
    view.texts("jurisdiction", &table.jurisdiction);
    view.plain("records", || Series::new("".into(), table.records.as_slice()));
    view.texts("key", &table.key);
    Ok(())
}

fn accounts(view: &mut View) -> Result<()> {
    let table = view.case.accounts()?;
    view.texts("account", &table.account);
    view.texts("institution", &table.institution);
    view.texts("number", &table.number);
    view.texts("kind", &table.kind);
    view.entity("near_account", EntityKind::Account, &table.near_account)?;
    view.plain("currency", || {
        let codes = table.currency.iter().map(|known| known.as_ref().map(|code| code.code()));
        codes.collect::<StringChunked>().into_series()
    });
    view.texts("product", &table.product);
    view.day("opened", table.opened.iter().copied())?;
    view.some_times("opened_at", &table.opened_ms);
    view.day("closed", table.closed.iter().copied())?;
    view.plain("blocked", || Series::new("".into(), table.blocked.as_slice()));
    view.entity("linked_account", EntityKind::Account, &table.linked_account)?;
    view.texts("key", &table.key);
    Ok(())
}

fn holdings(view: &mut View) -> Result<()> {
    let table = view.case.holdings()?;
    view.entity("account", EntityKind::Account, &table.account)?;
    view.entity("party", EntityKind::Party, &table.party)?;
    view.texts("role", &table.role);
    view.day("opened", table.opened.iter().copied())?;
    view.day("closed", table.closed.iter().copied())?;
    view.source(&table.source, &table.line)
}

fn phones(view: &mut View) -> Result<()> {
    let table = view.case.phones()?;
    view.texts("phone", &table.phone);
    view.texts("found", &table.found);
    view.texts("key", &table.key);
    Ok(())
}

fn premises(view: &mut View) -> Result<()> {
    let table = view.case.premises()?;
    view.texts("premises", &table.premises);
    view.texts("found", &table.found);
    view.texts("key", &table.key);
    Ok(())
}

fn devices(view: &mut View) -> Result<()> {
    let table = view.case.devices()?;
    view.texts("device", &table.device);
    view.texts("kind", &table.kind);
    view.plain("blocked", || Series::new("".into(), table.blocked.as_slice()));
    view.day("opened", table.opened.iter().copied())?;
    view.texts("key", &table.key);
    Ok(())
}

fn loans(view: &mut View) -> Result<()> {
    let table = view.case.loans()?;
    view.texts("loan", &table.loan);
    view.texts("kind", &table.kind);
    view.plain("amount_minor", || Series::new("".into(), table.amount_minor.as_slice()));
    view.plain("balance_minor", || Series::new("".into(), table.balance_minor.as_slice()));
    view.currency(table.currency.iter().copied());
    view.plain("blocked", || Series::new("".into(), table.blocked.as_slice()));
    view.day("opened", table.opened.iter().copied())?;
    view.texts("key", &table.key);
    Ok(())
}

fn identifiers(view: &mut View) -> Result<()> {
    let table = view.case.identifiers()?;
    view.words("kind", table.kind.len(), table.kind.iter().map(|word| word.word()));
    view.texts("identifier", &table.identifier);
    view.texts("key", &table.key);
    Ok(())
}

fn ties(view: &mut View) -> Result<()> {
    let table = view.case.ties()?;
    view.words("from_kind", table.from_kind.len(), table.from_kind.iter().map(|word| word.word()));
    view.mixed("from_entity", &table.from_kind, &table.from_row)?;
    view.texts("relation", &table.relation);
    view.words("to_kind", table.to_kind.len(), table.to_kind.iter().map(|word| word.word()));
    view.mixed("to_entity", &table.to_kind, &table.to_row)?;
    view.day("start_day", table.start.iter().copied())?;
    view.some_times("started", &table.start_ms);
    view.day("end_day", table.end.iter().copied())?;
    view.plain("amount_minor", || Series::new("".into(), table.amount_minor.as_slice()));
    view.currency(table.currency.iter().copied());
    view.plain("weight", || Series::new("".into(), table.weight.as_slice()));
    view.texts("found", &table.found);
    view.source(&table.source, &table.line)
}
