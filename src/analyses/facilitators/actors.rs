//! Actors: parties with what is theirs alone, and how money, calls and ties join them.
//!
//! An account with one holder and a phone with one subscriber stand for that party, so that
//! money passing through its account passes through the party. An account without any card is
//! taken for the one party that payments name on it, if they name one only. Joint accounts stay
//! entities of their own beside their holders. Unidentified far ends and common identifiers join
//! nobody.

use std::collections::{BTreeMap, BTreeSet};

use crate::analyses::{Inputs, Memberships};
use crate::error::Result;
use crate::graph::Network;
use crate::model::{EntityKind, EntityRef, NONE};
use crate::store::{Case, Table};

/// Kinds in the order in which they are numbered; the last three share one table.
const TABLES: [EntityKind; 7] = [
    EntityKind::Party,
    EntityKind::Account,
    EntityKind::Phone,
    EntityKind::Premises,
    EntityKind::Device,
    EntityKind::Loan,
    EntityKind::Email,
];

/// Every entity of a case as one dense number, and the networks between actors.
#[derive(Debug)]
pub(super) struct Actors {
    starts: [u32; 8],
    identifier_kinds: Vec<EntityKind>,
    /// The actor that an entity stands for; itself for most, [`NONE`] for those left out.
    stands_for: Vec<u32>,
    /// Accounts that a party owns, alone or jointly, in order of account.
    owned: BTreeMap<u32, Vec<u32>>,
    /// Accounts for which any holding is known.
    held: BTreeSet<u32>,
    /// Payer to payee.
    pub paid: Network,
    /// The same from payee to payer.
    pub paid_by: Network,
    /// Who called whom, without direction.
    pub called: Network,
    /// Everything together, without direction.
    pub all: Network,
}

impl Actors {
    /// Numbers entities and joins them. Cost: a sort of transfers and calls.
    pub fn new(inputs: &Inputs, memberships: &Memberships) -> Result<Actors> {
        let case = inputs.case;
        let mut starts = [0; 8];
        for (at, kind) in TABLES.into_iter().enumerate() {
            starts[at + 1] = starts[at] + case.names(kind)?.len() as u32;
        }
        let mut actors = Actors {
            starts,
            identifier_kinds: case.identifiers()?.kind.clone(),
            stands_for: (0..starts[7]).collect(),
            owned: BTreeMap::new(),
            held: BTreeSet::new(),
            paid: Network::default(),
            paid_by: Network::default(),
            called: Network::default(),
            all: Network::default(),
        };
        actors.merge(case)?;
        actors.leave_out(case, memberships)?;
        let paid = actors.pairs(transfer_ends(case)?);
        let called = actors.pairs(call_ends(case)?);
        let mut all = [paid.clone(), called.clone()].concat();
        all.extend(actors.pairs(tie_ends(case)?));
        let nodes = starts[7] as usize;
        actors.paid = Network::directed_from_edges(nodes, &paid);
        actors.paid_by = actors.paid.reversed();
        actors.called = Network::from_edges(nodes, &called);
        actors.all = Network::from_edges(nodes, &all);
        Ok(actors)
    }

    /// The number of an entity.
    pub fn node(&self, entity: EntityRef) -> u32 {
        let table = TABLES.iter().position(|kind| *kind == entity.kind).unwrap_or(6);
        self.starts[table] + entity.row
    }

    /// The entity of a number.
    pub fn entity(&self, node: u32) -> EntityRef {
        let table = self.starts.partition_point(|start| *start <= node) - 1;
        let row = node - self.starts[table];
        let kind = if table == 6 { self.identifier_kinds[row as usize] } else { TABLES[table] };
        EntityRef { kind, row }
    }

    /// The actor an entity stands for, if it is not left out.
    pub fn actor(&self, entity: EntityRef) -> Option<u32> {
        Some(self.stands_for[self.node(entity) as usize]).filter(|node| *node != NONE)
    }

    /// Accounts whose money counts as a candidate's.
    pub fn accounts(&self, candidate: EntityRef) -> Vec<u32> {
        match candidate.kind {
            EntityKind::Party => self.owned.get(&candidate.row).cloned().unwrap_or_default(),
            _ => vec![candidate.row],
        }
    }

    /// True for an account of which no holder or signer is known.
    pub fn is_unheld(&self, account: u32) -> bool {
        !self.held.contains(&account)
    }

    /// Lets accounts and phones of one party stand for it.
    fn merge(&mut self, case: &Case) -> Result<()> {
        let holdings = case.holdings()?;
        let mut owners: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
        for at in 0..holdings.rows() {
            self.held.insert(holdings.account[at]);
            if holdings.is_own(at) {
                owners.entry(holdings.account[at]).or_default().insert(holdings.party[at]);
            }
        }
        for (account, parties) in owners {
            for party in &parties {
                self.owned.entry(*party).or_default().push(account);
            }
            self.stand(EntityRef { kind: EntityKind::Account, row: account }, &parties);
        }
        let ties = case.ties()?;
        let mut subscribers: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
        let mut named: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
        for at in 0..ties.rows() {
            let (relation, to) = (ties.relation.get(at), ties.to_row[at]);
            let parties = match (relation, ties.from_kind[at], ties.to_kind[at]) {
                ("subscribes" | "has-phone", EntityKind::Party, EntityKind::Phone) => {
                    &mut subscribers
                }
                ("named-on", EntityKind::Party, EntityKind::Account) => &mut named,
                _ => continue,
            };
            parties.entry(to).or_default().insert(ties.from_row[at]);
        }
        for (account, parties) in named {
            if self.is_unheld(account) && parties.len() == 1 {
                self.owned.entry(*parties.first().expect("one party")).or_default().push(account);
                self.stand(EntityRef { kind: EntityKind::Account, row: account }, &parties);
            }
        }
        for accounts in self.owned.values_mut() {
            accounts.sort_unstable();
        }
        for (phone, parties) in subscribers {
            self.stand(EntityRef { kind: EntityKind::Phone, row: phone }, &parties);
        }
        Ok(())
    }

    fn stand(&mut self, entity: EntityRef, parties: &BTreeSet<u32>) {
        if let (1, Some(party)) = (parties.len(), parties.first()) {
            let node = self.node(entity);
            self.stands_for[node as usize] =
                self.node(EntityRef { kind: EntityKind::Party, row: *party });
        }
    }

    fn leave_out(&mut self, case: &Case, memberships: &Memberships) -> Result<()> {
        for entity in &memberships.common {
            let node = self.node(*entity);
            self.stands_for[node as usize] = NONE;
        }
        for (row, kind) in case.accounts()?.kind.iter().enumerate() {
            if kind == "unidentified" {
                let entity = EntityRef { kind: EntityKind::Account, row: row as u32 };
                let node = self.node(entity);
                self.stands_for[node as usize] = NONE;
            }
        }
        Ok(())
    }

    /// Distinct pairs of different actors, sorted.
    fn pairs(&self, ends: impl Iterator<Item = (EntityRef, EntityRef)>) -> Vec<(u32, u32)> {
        let mut pairs: Vec<(u32, u32)> = ends
            .filter_map(|(from, to)| Some((self.actor(from)?, self.actor(to)?)))
            .filter(|(from, to)| from != to)
            .collect();
        pairs.sort_unstable();
        pairs.dedup();
        pairs
    }
}

fn transfer_ends(case: &Case) -> Result<impl Iterator<Item = (EntityRef, EntityRef)> + '_> {
    let table = case.transfers()?;
    let account = |row: u32| EntityRef { kind: EntityKind::Account, row };
    let ends = table.from_account.iter().zip(&table.to_account);
    Ok(ends.map(move |(from, to)| (account(*from), account(*to))))
}

fn call_ends(case: &Case) -> Result<impl Iterator<Item = (EntityRef, EntityRef)> + '_> {
    let table = case.calls()?;
    let phone = |row: u32| EntityRef { kind: EntityKind::Phone, row };
    let ends = table.from_phone.iter().zip(&table.to_phone);
    Ok(ends.map(move |(from, to)| (phone(*from), phone(*to))))
}

fn tie_ends(case: &Case) -> Result<impl Iterator<Item = (EntityRef, EntityRef)> + '_> {
    let holdings = case.holdings()?;
    let held = holdings.party.iter().zip(&holdings.account).map(|(party, account)| {
        let party = EntityRef { kind: EntityKind::Party, row: *party };
        (party, EntityRef { kind: EntityKind::Account, row: *account })
    });
    let ties = case.ties()?;
    let tied = (0..ties.rows()).map(|at| {
        let from = EntityRef { kind: ties.from_kind[at], row: ties.from_row[at] };
        (from, EntityRef { kind: ties.to_kind[at], row: ties.to_row[at] })
    });
    Ok(held.chain(tied))
}
