//! The table and findings of `premises`: each payer of a lease with the records that show it.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::{Error, Result};
use crate::model::{Amount, EntityKind, EntityRef, Finding, NONE, ResultTable, SourceRef, Values};
use crate::store::{Case, Leases};

use super::{Params, Payer, People};

/// What a payer's transfers add up to.
fn paid(case: &Case, leases: &Leases, payer: &Payer) -> Result<Option<Amount>> {
    let Some(currency) = leases.currency[payer.lease] else { return Ok(None) };
    let amounts = &case.transfers()?.amount_minor;
    let total: i128 = payer.transfers.iter().map(|row| i128::from(amounts[*row as usize])).sum();
    let minor = i64::try_from(total).map_err(|_| Error::AmountOverflow)?;
    Ok(Some(Amount { minor, currency }))
}

fn source_refs(case: &Case, leases: &Leases, payer: &Payer) -> Result<Vec<SourceRef>> {
    let transfers = case.transfers()?;
    let mut refs = vec![lease_ref(leases, payer.lease)];
    refs.extend(payer.transfers.iter().map(|row| {
        let at = *row as usize;
        SourceRef { source: transfers.source[at], line: transfers.line[at] }
    }));
    refs.sort();
    Ok(refs)
}

fn lease_ref(leases: &Leases, lease: usize) -> SourceRef {
    SourceRef { source: leases.source[lease], line: leases.line[lease] }
}

fn party_names(case: &Case, parties: &BTreeSet<u32>) -> Result<String> {
    let names = &case.parties()?.party;
    let names: Vec<&str> = parties.iter().map(|party| names.get(*party as usize)).collect();
    Ok(names.join("; "))
}

/// True when a holder of the paying account is tenant or guarantor; unknown without a holder.
fn is_party(payer: &Payer, people: &People, holders: Option<&BTreeSet<u32>>) -> Option<bool> {
    let holders = holders.filter(|_| payer.account != NONE)?;
    Some(!holders.is_disjoint(&people.tenants) || !holders.is_disjoint(&people.guarantors))
}

/// One row for each lease and payer.
pub(super) fn table(
    case: &Case,
    leases: &Leases,
    payers: &[Payer],
    people: &[People],
    holders: &BTreeMap<u32, BTreeSet<u32>>,
) -> Result<ResultTable> {
    let mut account = Vec::new();
    let mut holder = Vec::new();
    let mut total = Vec::new();
    let mut refs = Vec::new();
    for payer in payers {
        let entity = EntityRef { kind: EntityKind::Account, row: payer.account };
        account.push(match payer.account {
            NONE => String::new(),
            _ => case.name(entity)?.to_owned(),
        });
        holder.push(match holders.get(&payer.account) {
            Some(parties) => party_names(case, parties)?,
            None => String::new(),
        });
        total.push(paid(case, leases, payer)?);
        refs.push(source_refs(case, leases, payer)?);
    }
    let text = |of: &dyn Fn(&Payer) -> String| Values::Text(payers.iter().map(of).collect());
    let count = |of: &dyn Fn(&Payer) -> Option<i64>| Values::Count(payers.iter().map(of).collect());
    let premises = &case.premises()?.premises;
    let rent = |payer: &Payer| {
        let (minor, currency) = (leases.rent_minor[payer.lease], leases.currency[payer.lease]);
        minor.zip(currency).map(|(minor, currency)| Amount { minor, currency })
    };
    let currency = |payer: &Payer| {
        leases.currency[payer.lease].map_or(String::new(), |currency| currency.to_string())
    };
    let day = |column: &[Option<i32>]| {
        Values::Day(payers.iter().map(|payer| column[payer.lease]).collect())
    };
    let party = |payer: &Payer| is_party(payer, &people[payer.lease], holders.get(&payer.account));
    let mut table = ResultTable::new("premises_payers")
        .with("premises", text(&|it| premises.get(leases.premises[it.lease] as usize).to_owned()))
        .with("lease", text(&|it| leases.lease.get(it.lease).to_owned()))
        .with("tenants", text(&|it| leases.tenants.get(it.lease).to_owned()))
        .with("landlord", text(&|it| leases.landlord.get(it.lease).to_owned()))
        .with("guarantors", text(&|it| leases.guarantors.get(it.lease).to_owned()))
        .with("rent", Values::Money(payers.iter().map(rent).collect()))
        .with("currency", Values::Text(payers.iter().map(currency).collect()))
        .with("period", text(&|it| leases.period.get(it.lease).to_owned()))
        .with("start", day(&leases.start))
        .with("end", day(&leases.end))
        .with("payer_account", Values::Text(account))
        .with("payer", Values::Text(holder))
        .with("how", text(&|it| how(it).to_owned()))
        .with("payments", count(&|it| Some(it.transfers.len() as i64)))
        .with("paid_total", Values::Money(total))
        .with("leases_fitting", count(&|it| Some(it.leases_fitting as i64)))
        .with("payer_on_lease", Values::Flag(payers.iter().map(party).collect()))
        .with("adults_linked", count(&|it| Some(people[it.lease].adults.len() as i64)))
        .with("bedrooms", count(&|it| leases.bedrooms[it.lease].map(i64::from)))
        .with("source_refs", Values::Refs(refs));
    if payers.is_empty() {
        table = table.note("The case holds no leases.");
    }
    Ok(table)
}

/// What makes an account the payer.
fn how(payer: &Payer) -> &'static str {
    match (payer.account, payer.stated, payer.transfers.is_empty()) {
        (NONE, _, _) => "no repeated payment of the rent seen",
        (_, true, true) => "stated in the lease",
        (_, true, false) => "stated in the lease, and rent paid to the landlord",
        (_, false, _) => "rent paid to the landlord",
    }
}

/// A payer whose holders stand nowhere on the lease.
pub(super) fn outsider(
    case: &Case,
    leases: &Leases,
    payer: &Payer,
    people: &People,
    holders: &BTreeMap<u32, BTreeSet<u32>>,
) -> Result<Option<Finding>> {
    let parties = holders.get(&payer.account);
    let (Some(parties), Some(false)) = (parties, is_party(payer, people, parties)) else {
        return Ok(None);
    };
    // Payments that fit several leases do not say whose rent they are.
    let own = parties.is_disjoint(&people.landlords) && payer.leases_fitting <= 1;
    let Some(first) = parties.first().filter(|_| own) else { return Ok(None) };
    let entity = EntityRef { kind: EntityKind::Party, row: *first };
    let premises = case.premises()?.premises.get(leases.premises[payer.lease] as usize);
    let account = EntityRef { kind: EntityKind::Account, row: payer.account };
    let amount = paid(case, leases, payer)?;
    let payments = match (amount, payer.transfers.len()) {
        (Some(amount), 1) => format!("one payment of {}", case.manifest().digits.people(amount)),
        (Some(amount), count @ 2..) => {
            format!("{count} payments, {} in all", case.manifest().digits.people(amount))
        }
        _ => "no payment seen in the returns".to_owned(),
    };
    let days = &case.transfers()?.day;
    let days = || payer.transfers.iter().map(|row| days[*row as usize]);
    let refs = source_refs(case, leases, payer)?;
    Ok(Some(Finding {
        analysis: "premises",
        candidate: entity,
        candidate_name: case.name(entity)?.to_owned(),
        measure: "payments_for_others",
        value: payer.transfers.len().to_string(),
        score: payer.transfers.len() as f64,
        amount: amount.filter(|_| !payer.transfers.is_empty()),
        first: days().min(),
        last: days().max(),
        records: refs.len() as u64,
        statement: format!(
            "The rent of {premises}, let to {}, is paid from {} of {} ({}; {payments}), who is \
             neither tenant nor guarantor.",
            leases.tenants.get(payer.lease),
            case.name(account)?,
            party_names(case, parties)?,
            how(payer),
        ),
        source_refs: refs,
        what_else_explains_it: "employers, relatives, charities and relocation agents pay rent \
                                for others; another payment may equal the rent",
        bound_met: false,
    }))
}

/// Premises whose records link very many adults to few bedrooms.
pub(super) fn crowded(
    case: &Case,
    leases: &Leases,
    lease: usize,
    people: &People,
    params: &Params,
) -> Result<Option<Finding>> {
    let adults = people.adults.len();
    let Some(bedrooms) = leases.bedrooms[lease].and_then(|rooms| usize::try_from(rooms).ok())
    else {
        return Ok(None);
    };
    if bedrooms == 0 || adults < bedrooms * params.adults_per_bedroom_min as usize {
        return Ok(None);
    }
    let entity = EntityRef { kind: EntityKind::Premises, row: leases.premises[lease] };
    let name = case.name(entity)?;
    let rooms = if bedrooms == 1 { "bedroom" } else { "bedrooms" };
    Ok(Some(Finding {
        analysis: "premises",
        candidate: entity,
        candidate_name: name.to_owned(),
        measure: "adults_linked",
        value: adults.to_string(),
        score: adults as f64 / bedrooms as f64,
        amount: None,
        first: leases.start[lease],
        last: leases.end[lease],
        records: 1,
        statement: format!(
            "Records link {adults} adults to {name} during lease {}, which has {bedrooms} {rooms}.",
            leases.lease.get(lease)
        ),
        source_refs: vec![lease_ref(leases, lease)],
        what_else_explains_it: "families, shared flats and mail addresses; tenants who followed \
                                one another within one lease",
        bound_met: false,
    }))
}
