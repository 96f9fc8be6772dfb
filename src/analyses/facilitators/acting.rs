//! Acting for others: who signs, rents, subscribes or lets for whom, by records of the same days.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::Result;
use crate::model::{EntityKind, EntityRef, NONE, SourceRef};
use crate::store::{Case, Table};

use super::actors::Actors;

/// In what capacity one acts for another.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Capacity {
    /// Signs on an account that the other owns.
    Signs,
    /// Tenant, guarantor or payer of premises that the other uses.
    Rents,
    /// Subscriber of a phone that the other uses.
    Subscribes,
    /// Landlord of premises that the other uses; a contract's far side, so never ranked.
    Lets,
}

/// For each actor and capacity: the others, and the records that say so.
#[derive(Debug, Default)]
pub(super) struct Acting {
    pub others: BTreeMap<(u32, Capacity), BTreeSet<u32>>,
    pub refs: BTreeMap<(u32, Capacity), BTreeSet<SourceRef>>,
}

impl Acting {
    /// Distinct others for whom an actor acts in some capacity.
    pub fn count(&self, actor: u32, capacity: Capacity) -> usize {
        self.others.get(&(actor, capacity)).map_or(0, BTreeSet::len)
    }
}

/// One record of an actor at a thing: account, premises or phone.
struct Place {
    thing: EntityRef,
    actor: u32,
    /// `None` for whoever merely uses it.
    capacity: Option<Capacity>,
    uses: bool,
    from: i32,
    to: i32,
    at: SourceRef,
}

/// Reads holdings and ties. Cost: for each thing, its actors times its users.
pub(super) fn acting(case: &Case, actors: &Actors) -> Result<Acting> {
    let mut places = Vec::new();
    holdings(case, actors, &mut places)?;
    ties(case, actors, &mut places)?;
    places.sort_by_key(|place| (place.thing, place.from, place.at));
    let mut acting = Acting::default();
    for group in places.chunk_by(|left, right| left.thing == right.thing) {
        // What is common to very many joins nobody here either.
        if actors.actor(group[0].thing).is_none() {
            continue;
        }
        for place in group {
            let Some(capacity) = place.capacity else { continue };
            for other in group.iter().filter(|other| other.uses && other.actor != place.actor) {
                if place.from <= other.to && other.from <= place.to {
                    let key = (place.actor, capacity);
                    acting.others.entry(key).or_default().insert(other.actor);
                    acting.refs.entry(key).or_default().extend([place.at, other.at]);
                }
            }
        }
    }
    Ok(acting)
}

fn holdings(case: &Case, actors: &Actors, places: &mut Vec<Place>) -> Result<()> {
    let table = case.holdings()?;
    for at in 0..table.rows() {
        let party = EntityRef { kind: EntityKind::Party, row: table.party[at] };
        let Some(actor) = actors.actor(party) else { continue };
        let uses = table.is_own(at);
        let signs = matches!(table.role.get(at), "signer" | "authorised" | "custodian");
        places.push(Place {
            thing: EntityRef { kind: EntityKind::Account, row: table.account[at] },
            actor,
            capacity: signs.then_some(Capacity::Signs),
            uses,
            from: table.opened[at].unwrap_or(i32::MIN),
            to: table.closed[at].unwrap_or(i32::MAX),
            at: SourceRef { source: table.source[at], line: table.line[at] },
        });
    }
    Ok(())
}

fn ties(case: &Case, actors: &Actors, places: &mut Vec<Place>) -> Result<()> {
    let table = case.ties()?;
    for at in 0..table.rows() {
        let (capacity, uses) = match table.relation.get(at) {
            // A tenant also uses the premises, so two tenants rent for one another.
            "tenant-of" => (Some(Capacity::Rents), true),
            "guarantees" | "pays-for" => (Some(Capacity::Rents), false),
            "landlord-of" => (Some(Capacity::Lets), false),
            "lives-at" | "occupant-of" => (None, true),
            "subscribes" => (Some(Capacity::Subscribes), false),
            "has-phone" => (None, true),
            _ => continue,
        };
        let from = EntityRef { kind: table.from_kind[at], row: table.from_row[at] };
        let thing = EntityRef { kind: table.to_kind[at], row: table.to_row[at] };
        let Some(actor) = actors.actor(from) else { continue };
        let at_ref = SourceRef { source: table.source[at], line: table.line[at] };
        debug_assert!(at_ref.source != NONE, "every tie was read somewhere");
        places.push(Place {
            thing,
            actor,
            capacity,
            uses,
            from: table.start[at].unwrap_or(i32::MIN),
            to: table.end[at].unwrap_or(i32::MAX),
            at: at_ref,
        });
    }
    Ok(())
}
