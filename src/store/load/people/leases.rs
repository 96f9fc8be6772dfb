//! Leases: who lets what to whom, one tenancy from one row or from a row for each person.
//!
//! Rows of one source, one lease number and one premises whose terms do not contradict each other
//! are one lease that keeps every line. A renewal under the old number has another term and stays
//! a lease of its own. A lease that another source tells of too, as a rent roll and a copy of the
//! lease do, is one where both state the same premises, first day, landlord and at least one
//! tenant, and contradict each other in nothing. An amendment stands beside the lease that it
//! amends, whose own terms end on the day before; leases of one premises whose terms overlap are
//! listed and never merged.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{EntityKind, NONE, SourceRef, day_text};
use crate::normalise::address_identity;
use crate::records::Reject;
use crate::store::load::bank::party_identity;
use crate::store::load::entities::EntityBook;
use crate::store::load::people::PeopleReader;
use crate::store::load::people::lease_roles::by_role;
use crate::store::load::people::people_rows::{LeaseRow, PeopleRows, TieRow};
use crate::store::load::reading::values::Row;
use crate::store::tables::Sources;

/// What rent rolls write for the closed list of periods. `Bi-weekly` is not among them: it is
/// written for twice a week and for every other one.
const PERIOD_WORDS: [(&str, &str); 18] = [
    ("weekly", "week"),
    ("per week", "week"),
    ("pw", "week"),
    ("fortnightly", "fortnight"),
    ("per fortnight", "fortnight"),
    ("every two weeks", "fortnight"),
    ("every 2 weeks", "fortnight"),
    ("2-weekly", "fortnight"),
    ("monthly", "month"),
    ("per month", "month"),
    ("pcm", "month"),
    ("quarterly", "quarter"),
    ("per quarter", "quarter"),
    ("yearly", "year"),
    ("annual", "year"),
    ("annually", "year"),
    ("per annum", "year"),
    ("pa", "year"),
];

impl PeopleReader<'_> {
    /// Takes one row of a list of leases.
    pub fn lease(
        &self,
        record: &mut Row<'_>,
        at: SourceRef,
        book: &mut EntityBook,
        rows: &mut PeopleRows,
    ) {
        let found = record.required_text("premises");
        let identity = address_identity(&found);
        let mut people = self.people_of(record);
        if people.is_empty() && !record.failed {
            record.refuse_record("tenants", "", "at least one tenant");
        }
        if identity.is_empty() && !record.failed {
            record.refuse_record("premises", &found, "an address");
        }
        let currency = record.currency("currency");
        if record.failed {
            return;
        }
        let premises = book.premises.add(&identity, &found);
        let bank = self.institution(record);
        let paid_from = record.text("paid_from");
        let lease = LeaseRow {
            lease: record.text("lease"),
            premises,
            tenants: people.remove("tenant-of").unwrap_or_default(),
            landlord: people.get("landlord-of").cloned().unwrap_or_default().join("; "),
            guarantors: people.remove("guarantees").unwrap_or_default(),
            rent: record.amount("rent", currency),
            currency,
            period: record.word("period", &BTreeMap::from(PERIOD_WORDS)).unwrap_or_default(),
            start: record.day("start"),
            end: record.day("end"),
            amends: record.text("amends"),
            bedrooms: record.parsed("bedrooms", "a whole number"),
            deposit: record.amount("deposit", currency),
            paid_from: self.account(&bank, &paid_from, book).unwrap_or(NONE),
            at,
            by_person: !record.text("person").is_empty(),
            further: Vec::new(),
            amended_from: None,
        };
        if let (Some(start), Some(end)) = (lease.start, lease.end)
            && end < start
        {
            let found = record.as_found("end");
            let reason =
                format!("a last day before the first, {}; kept as it stands", day_text(start));
            record.note("end", &found, &reason);
        }
        people.insert("tenant-of", lease.tenants.clone());
        people.insert("guarantees", lease.guarantors.clone());
        lease_ties(&lease, &people, &found, book, rows);
        rows.leases.push(lease);
    }

    /// Names by the word of their tie: from the cells of each role, and from the row's person.
    fn people_of(&self, record: &mut Row<'_>) -> BTreeMap<&'static str, Vec<String>> {
        let mut people: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        let mut add = |relation, names: Vec<String>| {
            if !names.is_empty() {
                people.entry(relation).or_default().extend(names);
            }
        };
        let cell = record.names("tenants");
        let in_cells = !cell.is_empty();
        for (role, name) in by_role(&cell) {
            if role != "tenant-of" {
                let reason = format!("taken for {name} as {role}, as the cell says");
                record.note("tenants", &cell.join("; "), &reason);
            }
            add(role, vec![name]);
        }
        let person = record.names("person");
        if !person.is_empty() {
            match record.word("role", &Default::default()).as_deref() {
                Some("tenant") => add("tenant-of", person),
                Some("landlord") => add("landlord-of", person),
                Some("guarantor") => add("guarantees", person),
                Some("occupant") => add("occupant-of", person),
                _ => {
                    let found = record.as_found("role");
                    let expected = "a role: tenant, landlord, guarantor or occupant";
                    record.refuse_record("role", &found, expected);
                }
            }
        } else if !in_cells {
            return people;
        }
        add("landlord-of", record.names("landlord"));
        add("guarantees", record.names("guarantors"));
        people
    }
}

/// Ties each person of a row, and the account that pays, to the premises.
fn lease_ties(
    lease: &LeaseRow,
    people: &BTreeMap<&str, Vec<String>>,
    found: &str,
    book: &mut EntityBook,
    rows: &mut PeopleRows,
) {
    let mut link = |from: (EntityKind, u32), relation: &str, amount| {
        rows.ties.push(TieRow {
            from,
            relation: relation.to_owned(),
            to: (EntityKind::Premises, lease.premises),
            start: lease.start,
            start_ms: None,
            end: lease.end,
            amount,
            weight: None,
            found: found.to_owned(),
            at: lease.at,
        });
    };
    for relation in ["tenant-of", "landlord-of", "guarantees", "occupant-of"] {
        for name in people.get(relation).into_iter().flatten() {
            let Some(identity) = party_identity(name) else { continue };
            let mention = book.parties.mention(&identity, name, None, NONE, 1);
            link((EntityKind::Party, mention), relation, None);
        }
    }
    if lease.paid_from != NONE {
        let amount = lease.rent.map(|rent| (rent, lease.currency));
        link((EntityKind::Account, lease.paid_from), "pays-for", amount);
    }
}

/// Joins the rows of one lease, dates what amendments replace, and gives the notes by source: an
/// amendment of no known lease, terms that overlap. Leases stay in order of source and line.
pub fn settle_leases(leases: &mut Vec<LeaseRow>, sources: &Sources) -> Vec<(u32, Vec<Reject>)> {
    *leases = across_sources(joined(std::mem::take(leases)));
    let mut notes = amend(leases);
    notes.extend(overlaps(leases, sources));
    notes.sort_by_key(|(source, note)| (*source, note.line));
    notes.into_iter().map(|(source, note)| (source, vec![note])).collect()
}

/// The rows of one lease as one.
fn joined(rows: Vec<LeaseRow>) -> Vec<LeaseRow> {
    let mut leases: Vec<LeaseRow> = Vec::new();
    let mut by_number: BTreeMap<(u32, u32, String), Vec<usize>> = BTreeMap::new();
    for row in rows {
        // Without a number only rows of one person each are known to be parts of one lease.
        if row.lease.is_empty() && !row.by_person {
            leases.push(row);
            continue;
        }
        let known = by_number.entry((row.at.source, row.premises, row.lease.clone())).or_default();
        match known.iter().find(|at| agrees(&leases[**at], &row)) {
            Some(at) => add_row(&mut leases[*at], row),
            None => {
                known.push(leases.len());
                leases.push(row);
            }
        }
    }
    leases
}

/// Leases that several sources tell of, once each. One that fits two of another source, or two of
/// one source that fit it, stay as they are: their terms overlap, and are listed.
fn across_sources(leases: Vec<LeaseRow>) -> Vec<LeaseRow> {
    let mut by_premises: BTreeMap<(u32, Option<i32>), Vec<usize>> = BTreeMap::new();
    for (at, lease) in leases.iter().enumerate() {
        by_premises.entry((lease.premises, lease.start)).or_default().push(at);
    }
    let mut kept_by: Vec<usize> = (0..leases.len()).collect();
    for alike in by_premises.values() {
        let fits = |one: usize| -> Vec<usize> {
            alike.iter().copied().filter(|other| is_same(&leases[one], &leases[*other])).collect()
        };
        let fitting: Vec<Vec<usize>> = alike.iter().map(|one| fits(*one)).collect();
        for (at, others) in alike.iter().zip(&fitting) {
            // All of them, with itself, fit each other, and each is of another source.
            let mut all = others.clone();
            all.push(*at);
            all.sort_unstable();
            let sources: BTreeSet<u32> = all.iter().map(|one| leases[*one].at.source).collect();
            let together = all.iter().all(|one| {
                let place = alike.iter().position(|other| other == one).expect("it is alike");
                fitting[place].len() + 1 == all.len()
                    && fitting[place].iter().all(|other| all.contains(other))
            });
            if together && sources.len() == all.len() {
                kept_by[*at] = all[0];
            }
        }
    }
    let mut kept: Vec<Option<LeaseRow>> = leases.into_iter().map(Some).collect();
    for (at, first) in kept_by.into_iter().enumerate() {
        if first != at
            && let Some(row) = kept[at].take()
        {
            let lease = kept[first].as_mut().expect("the first of several stays");
            add_row(lease, row);
        }
    }
    kept.into_iter().flatten().collect()
}

/// Whether leases of two sources are one.
fn is_same(one: &LeaseRow, other: &LeaseRow) -> bool {
    let names = |text: &[String]| -> BTreeSet<String> {
        text.iter().filter_map(|name| party_identity(name)).collect()
    };
    let landlords = |lease: &LeaseRow| -> BTreeSet<String> {
        lease.landlord.split("; ").filter_map(party_identity).collect()
    };
    let numbers = one.lease.is_empty() || other.lease.is_empty() || one.lease == other.lease;
    one.at.source != other.at.source
        && one.start.is_some()
        && numbers
        && agrees_but_for_days(one, other)
        && (one.end.is_none() || other.end.is_none() || one.end == other.end)
        && one.start == other.start
        && !landlords(one).is_disjoint(&landlords(other))
        && !names(&one.tenants).is_disjoint(&names(&other.tenants))
}

/// Whether two rows may tell of one lease: nothing that both state differs. Rows of one person
/// each without a number have to state their days.
fn agrees(lease: &LeaseRow, row: &LeaseRow) -> bool {
    fn same<T: PartialEq>(one: &Option<T>, other: &Option<T>) -> bool {
        one.is_none() || other.is_none() || one == other
    }
    let days = if row.lease.is_empty() {
        (lease.start, lease.end) == (row.start, row.end)
    } else {
        same(&lease.start, &row.start) && same(&lease.end, &row.end)
    };
    days && agrees_but_for_days(lease, row)
}

fn agrees_but_for_days(lease: &LeaseRow, row: &LeaseRow) -> bool {
    fn same<T: PartialEq>(one: &Option<T>, other: &Option<T>) -> bool {
        one.is_none() || other.is_none() || one == other
    }
    let text = |one: &str, other: &str| one.is_empty() || other.is_empty() || one == other;
    same(&lease.rent, &row.rent)
        && same(&lease.deposit, &row.deposit)
        && text(&lease.amends, &row.amends)
        && text(&lease.period, &row.period)
        && (lease.currency == row.currency || lease.rent.is_none() || row.rent.is_none())
}

fn add_row(lease: &mut LeaseRow, row: LeaseRow) {
    let add = |mine: &mut Vec<String>, theirs: Vec<String>| {
        for name in theirs {
            // Two sources write one name in two ways.
            let identity = party_identity(&name);
            if !mine
                .iter()
                .any(|one| *one == name || identity.is_some() && party_identity(one) == identity)
            {
                mine.push(name);
            }
        }
    };
    add(&mut lease.tenants, row.tenants);
    add(&mut lease.guarantors, row.guarantors);
    let mut landlords: Vec<String> = Vec::new();
    let several = |text: String| text.split("; ").map(str::to_owned).collect::<Vec<_>>();
    add(&mut landlords, several(std::mem::take(&mut lease.landlord)));
    add(&mut landlords, several(row.landlord));
    landlords.retain(|name| !name.is_empty());
    lease.landlord = landlords.join("; ");
    if lease.rent.is_none() && row.rent.is_some() {
        (lease.rent, lease.currency) = (row.rent, row.currency);
    }
    lease.start = lease.start.or(row.start);
    lease.end = lease.end.or(row.end);
    lease.bedrooms = lease.bedrooms.or(row.bedrooms);
    lease.deposit = lease.deposit.or(row.deposit);
    for (mine, theirs) in [(&mut lease.period, row.period), (&mut lease.amends, row.amends)] {
        if mine.is_empty() {
            *mine = theirs;
        }
    }
    if lease.paid_from == NONE {
        lease.paid_from = row.paid_from;
    }
    if lease.lease.is_empty() {
        lease.lease = row.lease;
    }
    lease.further.push(row.at);
    lease.further.extend(row.further);
}

fn note(lease: &LeaseRow, column: &str, found: &str, reason: String) -> (u32, Reject) {
    let note = Reject {
        line: lease.at.line,
        column: column.to_owned(),
        found: found.to_owned(),
        reason,
        kept: true,
        ..Reject::default()
    };
    (lease.at.source, note)
}

/// Dates the terms that amendments replace. Several amendments of one lease follow each other by
/// their days.
fn amend(leases: &mut [LeaseRow]) -> Vec<(u32, Reject)> {
    let mut numbered: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, lease) in leases.iter().enumerate().filter(|(_, lease)| !lease.lease.is_empty()) {
        numbered.entry(lease.lease.clone()).or_default().push(at);
    }
    let mut notes = Vec::new();
    let mut chains: BTreeMap<usize, Vec<(i32, usize)>> = BTreeMap::new();
    for (at, lease) in leases.iter().enumerate().filter(|(_, lease)| !lease.amends.is_empty()) {
        let named = numbered.get(&lease.amends).map_or(&[][..], Vec::as_slice);
        let amended = amended_by(leases, at, named);
        match (amended.as_slice(), lease.start) {
            ([one], Some(start)) => chains.entry(*one).or_default().push((start, at)),
            ([_], None) => {
                let reason = "an amendment without a first day: until when the amended terms stand is not known";
                notes.push(note(lease, "start", "", reason.to_owned()));
            }
            (several, _) => {
                let what = if several.is_empty() { "no lease" } else { "several leases" };
                let reason = format!("expected the number of one lease of the case; {what} has it");
                notes.push(note(lease, "amends", &lease.amends, reason));
            }
        }
    }
    for (amended, mut chain) in chains {
        chain.sort_unstable();
        let mut before = amended;
        for (start, at) in chain {
            let from = &mut leases[before].amended_from;
            *from = Some(from.map_or(start, |known| known.min(start)));
            before = at;
        }
    }
    notes
}

/// The leases of a number that an amendment may mean. Of several, those of its premises, of its
/// source, and that are no amendments themselves come first, as far as there are any.
fn amended_by(leases: &[LeaseRow], at: usize, named: &[usize]) -> Vec<usize> {
    let mut fitting: Vec<usize> = named.iter().copied().filter(|other| *other != at).collect();
    let lease = &leases[at];
    let likely: [&dyn Fn(&LeaseRow) -> bool; 3] = [
        &|other| other.premises == lease.premises,
        &|other| other.at.source == lease.at.source,
        &|other| other.amends.is_empty(),
    ];
    for is_likely in likely {
        if fitting.iter().any(|other| is_likely(&leases[*other])) {
            fitting.retain(|other| is_likely(&leases[*other]));
        }
    }
    fitting
}

/// One note for each lease whose term overlaps that of an earlier one of its premises.
fn overlaps(leases: &[LeaseRow], sources: &Sources) -> Vec<(u32, Reject)> {
    let term = |lease: &LeaseRow| {
        let end = lease.end.unwrap_or(i32::MAX);
        let amended = lease.amended_from.map_or(i32::MAX, |day| day.saturating_sub(1));
        Some((lease.start?, end.min(amended)))
    };
    let mut by_premises: BTreeMap<u32, Vec<(i32, i32, usize)>> = BTreeMap::new();
    for (at, lease) in leases.iter().enumerate() {
        if let Some((start, end)) = term(lease).filter(|(start, end)| start <= end) {
            by_premises.entry(lease.premises).or_default().push((start, end, at));
        }
    }
    let mut notes = Vec::new();
    for terms in by_premises.values_mut() {
        terms.sort_unstable();
        // The term that ends last of those before is the one that overlaps if any does.
        let mut last: Option<(i32, i32, usize)> = None;
        for &(start, end, at) in terms.iter() {
            if let Some((_, until, other)) = last.filter(|(_, until, _)| start <= *until) {
                notes.push(overlap(leases, sources, at, other, (start, end.min(until))));
            }
            if last.is_none_or(|(_, until, _)| end > until) {
                last = Some((start, end, at));
            }
        }
    }
    notes
}

/// What two leases of one first day state differently, in words.
fn contradictions(lease: &LeaseRow, other: &LeaseRow) -> String {
    if lease.start != other.start || lease.at.source == other.at.source {
        return String::new();
    }
    fn differ<T: PartialEq>(one: &Option<T>, other: &Option<T>) -> bool {
        one.is_some() && other.is_some() && one != other
    }
    let money = lease.rent.is_some() && other.rent.is_some() && lease.currency != other.currency;
    let what = [
        ("last day", differ(&lease.end, &other.end)),
        ("rent", differ(&lease.rent, &other.rent) || money),
        ("deposit", differ(&lease.deposit, &other.deposit)),
        (
            "number",
            !lease.lease.is_empty() && !other.lease.is_empty() && lease.lease != other.lease,
        ),
    ];
    let words: Vec<&str> = what.iter().filter(|one| one.1).map(|one| one.0).collect();
    if words.is_empty() { words.concat() } else { format!("; they differ in {}", words.join(", ")) }
}

fn overlap(
    leases: &[LeaseRow],
    sources: &Sources,
    at: usize,
    other: usize,
    (from, to): (i32, i32),
) -> (u32, Reject) {
    let (lease, other) = (&leases[at], &leases[other]);
    let path = sources.source.get(other.at.source as usize);
    let until = if to == i32::MAX { "on".to_owned() } else { format!("to {}", day_text(to)) };
    let reason = format!(
        "its term overlaps that of the lease at {path}:{} of the same premises, from {} {until}; \
         both are kept{}",
        other.at.line,
        day_text(from),
        contradictions(lease, other),
    );
    note(lease, "start", &lease.start.map(day_text).unwrap_or_default(), reason)
}
