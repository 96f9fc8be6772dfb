//! Clusters: accounts and parties joined by what they share.
//!
//! # What it finds
//! Parties and accounts with a shared holder, signer, phone, e-mail, document, handset, device
//! or premises, by records that were valid on the same days, and every record that joins them.
//! Holdings, subscriptions, addresses and tenancies join; so do two numbers seen in one handset
//! within `handset_gap_days_max`. A landlord, a guarantor or a payer is not joined to the
//! tenants, and a beneficiary not to the account: they may share nothing but a contract.
//!
//! # Why it matters
//! Accounts opened by different names with one phone or address are often run by one hand; the
//! cluster is the unit for totals, and its shared records are what a witness is asked about.
//!
//! # What else explains it
//! Families and shared households, an employer's address, an accountant or agent who signs for
//! clients, a handset sold on, a bank's or carrier's own number. Fillers (`N/A`, `0000000`), an
//! institution's own identifiers and those that more than `parties_sharing_max` parties share
//! are listed in `common_identifiers` and join nothing, unless `common` asks for it.

mod joining;
mod records;
mod tables;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::analyses::{Inputs, Outcome};
use crate::error::Result;
use crate::model::{EntityKind, EntityRef, NONE};
use crate::store::{Case, Table};

use joining::{Joined, join};
use records::{Common, Link, collect, common, signing_role};

/// Keys of a query file's `[parameters]`, and flags of `clusters`.
#[derive(Args, Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// Most parties that may share an identifier before it counts as common and joins nothing.
    #[arg(long, value_name = "N", default_value_t = Params::default().parties_sharing_max)]
    pub parties_sharing_max: u32,
    /// Days between two numbers' use of one handset up to which they count as sharing it.
    #[arg(long, value_name = "N", default_value_t = Params::default().handset_gap_days_max)]
    pub handset_gap_days_max: u32,
    /// Let common identifiers join as well: fillers, institutions' own, widely shared ones.
    #[arg(long, default_value_t = Params::default().common)]
    pub common: bool,
}

impl Default for Params {
    fn default() -> Params {
        Params { parties_sharing_max: 25, handset_gap_days_max: 30, common: false }
    }
}

/// Which cluster each party, account and phone belongs to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Memberships {
    /// Names of the clusters, in output order.
    pub names: Vec<String>,
    /// For each row of `parties`: position in `names`, or [`NONE`].
    pub party: Vec<u32>,
    /// For each row of `accounts`: position in `names`, or [`NONE`]. An account that changed
    /// hands is counted with its latest holders.
    pub account: Vec<u32>,
    /// For each row of `phones` that shares a handset: position in `names`, or [`NONE`].
    pub phone: Vec<u32>,
    /// Identifiers that join nothing; parties that only sign for very many are not among them.
    pub common: BTreeSet<EntityRef>,
    /// Links of each cluster, to tell what it would be without one of its members.
    links: Vec<Vec<Link>>,
}

/// Most links of a cluster whose parts are told apart without one of its members.
const PARTS_LINKS_MAX: usize = 2_000;

impl Memberships {
    /// Position in `names` of an entity's cluster.
    pub fn position(&self, entity: EntityRef) -> Option<u32> {
        let rows = match entity.kind {
            EntityKind::Party => &self.party,
            EntityKind::Account => &self.account,
            EntityKind::Phone => &self.phone,
            _ => return None,
        };
        rows.get(entity.row as usize).copied().filter(|position| *position != NONE)
    }

    /// The parts into which a party's cluster falls without it: a number for each other member.
    /// Empty where the party has no cluster, or one of more than 2,000 records, which no single
    /// party is taken to hold together. Cost: n log n in the cluster's records.
    pub fn parts_without(&self, party: EntityRef) -> BTreeMap<EntityRef, u32> {
        let mut parts = BTreeMap::new();
        let links = self.position(party).map(|position| &self.links[position as usize]);
        let Some(links) = links.filter(|links| links.len() <= PARTS_LINKS_MAX) else {
            return parts;
        };
        let rest: Vec<Link> = links.iter().filter(|link| link.member != party).cloned().collect();
        for (part, component) in join(&rest).components.iter().enumerate() {
            for link in component.iter().map(|at| &rest[*at]) {
                parts.insert(link.member, part as u32);
                parts.insert(link.identifier, part as u32);
            }
        }
        parts
    }

    /// Name of an entity's cluster.
    pub fn name(&self, entity: EntityRef) -> Option<&str> {
        self.position(entity).map(|position| self.names[position as usize].as_str())
    }
}

/// One cluster: at least two parties, two accounts or two phones of one handset.
#[derive(Debug)]
struct Cluster {
    name: String,
    /// Sorted by kind and row.
    members: Vec<EntityRef>,
    /// Positions of its links.
    links: Vec<usize>,
    /// Last day of each account's links here, to choose among clusters of one account.
    last: BTreeMap<EntityRef, i32>,
}

impl Cluster {
    fn count(&self, kind: EntityKind) -> usize {
        self.members.iter().filter(|member| member.kind == kind).count()
    }
}

/// Everything the tables and findings are written from.
#[derive(Debug)]
struct Clustering {
    links: Vec<Link>,
    joined: Joined,
    clusters: Vec<Cluster>,
    common: Vec<Common>,
    /// Parties with a link that only the bound kept from joining.
    bounded: BTreeSet<EntityRef>,
}

/// Clusters, and the identifiers that were kept from joining. Cost: n log n in records.
///
/// # Errors
///
/// [`crate::Error::File`] if a table is damaged.
pub fn run(inputs: &Inputs, params: &Params) -> Result<Outcome> {
    let clustering = cluster(inputs.case, params)?;
    tables::outcome(inputs.case, params, &clustering)
}

/// The cluster of each party, account and phone, for totals by cluster.
///
/// # Errors
///
/// [`crate::Error::File`] if a table is damaged.
pub fn memberships(inputs: &Inputs, params: &Params) -> Result<Memberships> {
    let case = inputs.case;
    let clustering = cluster(case, params)?;
    let mut rows = Memberships {
        names: clustering.clusters.iter().map(|cluster| cluster.name.clone()).collect(),
        party: vec![NONE; case.parties()?.rows()],
        account: vec![NONE; case.accounts()?.rows()],
        phone: vec![NONE; case.phones()?.rows()],
        common: BTreeSet::new(),
        links: Vec::new(),
    };
    let own = |item: &&Common| item.identifier_kind != "signer";
    rows.common.extend(clustering.common.iter().filter(own).map(|item| item.identifier));
    let mut latest: BTreeMap<EntityRef, i32> = BTreeMap::new();
    for (position, cluster) in clustering.clusters.iter().enumerate() {
        rows.links.push(cluster.links.iter().map(|at| clustering.links[*at].clone()).collect());
        for member in &cluster.members {
            let last = cluster.last[member];
            if latest.get(member).is_some_and(|known| *known >= last) {
                continue;
            }
            latest.insert(*member, last);
            let column = match member.kind {
                EntityKind::Party => &mut rows.party,
                EntityKind::Account => &mut rows.account,
                _ => &mut rows.phone,
            };
            column[member.row as usize] = position as u32;
        }
    }
    Ok(rows)
}

fn cluster(case: &Case, params: &Params) -> Result<Clustering> {
    let all = collect(case, params)?;
    let common = common(case, params, &all)?;
    let mut bounded = BTreeSet::new();
    let links = if params.common {
        all
    } else {
        let barred: BTreeMap<EntityRef, &Common> =
            common.iter().map(|item| (item.identifier, item)).collect();
        let mut kept = Vec::with_capacity(all.len());
        for link in all {
            match bar(&link, &barred) {
                Some(item) if item.by_bound => {
                    bounded.insert(link.member);
                }
                Some(_) => {}
                None => kept.push(link),
            }
        }
        kept
    };
    let joined = join(&links);
    let mut clusters = Vec::new();
    for component in &joined.components {
        clusters.extend(listed(case, &links, &joined, component)?);
    }
    name_clusters(&mut clusters);
    clusters.sort_by(|left, right| {
        let size = |cluster: &Cluster| (cluster.count(EntityKind::Party), cluster.members.len());
        size(right).cmp(&size(left)).then_with(|| left.name.cmp(&right.name))
    });
    Ok(Clustering { links, joined, clusters, common, bounded })
}

/// The common identifier that keeps a link from joining, if one does.
fn bar<'a>(link: &Link, barred: &BTreeMap<EntityRef, &'a Common>) -> Option<&'a Common> {
    let by_identifier = barred.get(&link.identifier).copied();
    let by_member = barred.get(&link.member).copied();
    by_identifier.or_else(|| {
        // Whoever signs for very many still belongs with the accounts that are their own.
        by_member.filter(|item| item.identifier_kind != "signer" || signing_role(&link.relation))
    })
}

/// The cluster of a component, if enough members share something in it.
fn listed(
    case: &Case,
    links: &[Link],
    joined: &Joined,
    component: &[usize],
) -> Result<Option<Cluster>> {
    let mut last: BTreeMap<EntityRef, i32> = BTreeMap::new();
    for &at in component {
        let link = &links[at];
        let mut seen = |member: EntityRef| {
            let known = last.entry(member).or_insert(link.to);
            *known = (*known).max(link.to);
        };
        match link.member.kind {
            // A phone alone in its handset says nothing that its subscriber's row does not.
            EntityKind::Phone if joined.sharing[at] < 2 => {}
            _ => seen(link.member),
        }
        if link.identifier.kind == EntityKind::Account {
            seen(link.identifier);
        }
    }
    let members: Vec<EntityRef> = last.keys().copied().collect();
    let cluster = Cluster { name: String::new(), members, links: component.to_vec(), last };
    let enough = [EntityKind::Party, EntityKind::Account, EntityKind::Phone]
        .into_iter()
        .any(|kind| cluster.count(kind) >= 2);
    if !enough {
        return Ok(None);
    }
    Ok(Some(Cluster { name: smallest_key(case, &cluster)?, ..cluster }))
}

/// The smallest key of a member that cannot stand in a second cluster, parties first.
fn smallest_key(case: &Case, cluster: &Cluster) -> Result<String> {
    let first = cluster.members[0].kind;
    let mut keys = Vec::new();
    for member in cluster.members.iter().filter(|member| member.kind == first) {
        keys.push(case.key(*member)?);
    }
    Ok(keys.into_iter().min().unwrap_or_default().to_owned())
}

/// Shortens names from whole keys to `C` and eight digits, or as many as tell all apart, so
/// that a name depends on what a cluster holds and not on how many there are.
fn name_clusters(clusters: &mut [Cluster]) {
    let mut taken: BTreeMap<String, u32> = BTreeMap::new();
    for cluster in clusters.iter() {
        *taken.entry(short(&cluster.name, 8)).or_default() += 1;
    }
    let mut repeated: BTreeMap<String, u32> = BTreeMap::new();
    for cluster in clusters.iter_mut() {
        let name = short(&cluster.name, 8);
        if taken[&name] == 1 {
            cluster.name = name;
            continue;
        }
        // Two clusters of accounts alone may share one that changed hands.
        let whole = short(&cluster.name, 32);
        let times = repeated.entry(whole.clone()).or_default();
        *times += 1;
        cluster.name = if *times == 1 { whole } else { format!("{whole}-{times}") };
    }
}

fn short(key: &str, digits: usize) -> String {
    format!("C{}", key.get(..digits).unwrap_or(key))
}
