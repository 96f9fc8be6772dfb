//! The records that can join two members, and the identifiers that never should.
//!
//! Reads `holdings`, `ties`, `accounts` and the handsets of `calls` into one list of dated
//! pairs: a member on the left, what it shares on the right. Joining them is `joining`'s.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::error::Result;
use crate::model::{EntityKind, EntityRef, NONE, SourceRef};
use crate::normalise::placeholder;
use crate::store::{Case, Side, Table};

use super::Params;

/// One dated statement that a member has, uses or holds something.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Link {
    /// Party, account or phone.
    pub member: EntityRef,
    /// What others may share with it: account, phone, e-mail, document, device or premises.
    pub identifier: EntityRef,
    /// Role of a holding or relation of a tie.
    pub relation: String,
    /// First civil day; `i32::MIN` while open.
    pub from: i32,
    /// Last civil day; `i32::MAX` while open.
    pub to: i32,
    /// Last day on which another record still counts as overlapping.
    pub until: i32,
    /// Where it was read.
    pub at: SourceRef,
}

impl Link {
    fn new(
        member: EntityRef,
        identifier: EntityRef,
        relation: &str,
        (from, to): (Option<i32>, Option<i32>),
        at: SourceRef,
    ) -> Link {
        let from = from.unwrap_or(i32::MIN);
        // An end before its start is a slip of the pen that must not join everything between.
        let to = to.unwrap_or(i32::MAX).max(from);
        Link { member, identifier, relation: relation.to_owned(), from, to, until: to, at }
    }

    /// True when both were valid on some day.
    pub fn overlaps(&self, other: &Link) -> bool {
        self.from <= other.until && other.from <= self.until
    }
}

/// An identifier that does not join, and why.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Common {
    /// `phone`, `premises`, `signer` ...
    pub identifier_kind: &'static str,
    /// Account, phone, e-mail, document, device, premises, or the party that signs for many.
    pub identifier: EntityRef,
    /// Distinct members that share it.
    pub parties_sharing: u32,
    /// A sentence fragment for the table.
    pub why: String,
    /// True when only the bound made it common.
    pub by_bound: bool,
    /// First record that names it.
    pub at: SourceRef,
}

/// Every link of the case in a stable order.
pub(super) fn collect(case: &Case, params: &Params) -> Result<Vec<Link>> {
    let mut links = Vec::new();
    holdings(case, &mut links)?;
    ties(case, &mut links)?;
    linked_accounts(case, &mut links)?;
    handsets(case, params, &mut links)?;
    links.sort_by(|left, right| {
        (left.identifier, left.member, left.from, left.to, left.at, &left.relation).cmp(&(
            right.identifier,
            right.member,
            right.from,
            right.to,
            right.at,
            &right.relation,
        ))
    });
    links.dedup();
    Ok(links)
}

/// Roles under which a party has a say over an account. A `beneficiary` may not even know of it.
fn joining_role(role: &str) -> bool {
    role != "beneficiary"
}

/// Roles that professionals hold for many strangers: they join only below the bound.
pub(super) fn signing_role(role: &str) -> bool {
    matches!(role, "signer" | "authorised" | "custodian" | "signs-for")
}

fn holdings(case: &Case, links: &mut Vec<Link>) -> Result<()> {
    let table = case.holdings()?;
    for at in 0..table.rows() {
        let role = table.role.get(at);
        if joining_role(role) {
            links.push(Link::new(
                EntityRef { kind: EntityKind::Party, row: table.party[at] },
                EntityRef { kind: EntityKind::Account, row: table.account[at] },
                role,
                (table.opened[at], table.closed[at]),
                SourceRef { source: table.source[at], line: table.line[at] },
            ));
        }
    }
    Ok(())
}

/// Relations of the `ties` table that put two members at one thing. `landlord-of`, `guarantees`
/// and `pays-for` are absent: both sides of a contract share its premises without being one.
const JOINING_RELATIONS: [&str; 12] = [
    "has-document",
    "has-email",
    "has-phone",
    "holds",
    "lives-at",
    "occupant-of",
    "owns",
    "signs-for",
    "signs-in",
    "subscribes",
    "tenant-of",
    "uses-device",
];

fn ties(case: &Case, links: &mut Vec<Link>) -> Result<()> {
    let table = case.ties()?;
    for at in 0..table.rows() {
        let relation = table.relation.get(at);
        if !JOINING_RELATIONS.contains(&relation) {
            continue;
        }
        let from = EntityRef { kind: table.from_kind[at], row: table.from_row[at] };
        let to = EntityRef { kind: table.to_kind[at], row: table.to_row[at] };
        // Some producers write `medium signs-in account`, others the reverse.
        let (member, identifier) =
            if rank(from.kind) <= rank(to.kind) { (from, to) } else { (to, from) };
        // The owner of premises is its landlord by another word.
        let landlord = identifier.kind == EntityKind::Premises
            && matches!(relation, "holds" | "owns" | "signs-for");
        if rank(member.kind) < rank(identifier.kind) && rank(member.kind) <= 2 && !landlord {
            links.push(Link::new(
                member,
                identifier,
                relation,
                (table.start[at], table.end[at]),
                SourceRef { source: table.source[at], line: table.line[at] },
            ));
        }
    }
    Ok(())
}

/// Members come before what they share: a party has an account, both have a phone, all have a
/// device.
fn rank(kind: EntityKind) -> u8 {
    match kind {
        EntityKind::Party => 0,
        EntityKind::Account => 1,
        EntityKind::Phone => 2,
        _ => 3,
    }
}

fn linked_accounts(case: &Case, links: &mut Vec<Link>) -> Result<()> {
    let accounts = case.accounts()?;
    for (row, &linked) in accounts.linked_account.iter().enumerate() {
        if linked != NONE && linked != row as u32 {
            // The `accounts` table keeps no line of its own; a holding or transfer of the
            // wallet names one.
            links.push(Link::new(
                EntityRef { kind: EntityKind::Account, row: row as u32 },
                EntityRef { kind: EntityKind::Account, row: linked },
                "linked-account",
                (accounts.opened[row], accounts.closed[row]),
                SourceRef { source: NONE, line: 0 },
            ));
        }
    }
    Ok(())
}

/// Days on which each phone was seen in each handset, one link a pair, cited by its first call.
fn handsets(case: &Case, params: &Params, links: &mut Vec<Link>) -> Result<()> {
    let calls = case.calls()?;
    let mut seen: BTreeMap<(u32, u32), (i32, i32, usize)> = BTreeMap::new();
    for at in 0..calls.rows() {
        if calls.imei[at] == NONE {
            continue;
        }
        // A return of the called side states the called handset; any other the caller's.
        let phone = match calls.side[at] {
            Side::Receiver => calls.to_phone[at],
            Side::Sender | Side::List => calls.from_phone[at],
        };
        let day = calls.day[at];
        let days = seen.entry((phone, calls.imei[at])).or_insert((day, day, at));
        days.0 = days.0.min(day);
        days.1 = days.1.max(day);
    }
    let gap = i32::try_from(params.handset_gap_days_max).unwrap_or(i32::MAX);
    for ((phone, device), (first, last, at)) in seen {
        let mut link = Link::new(
            EntityRef { kind: EntityKind::Phone, row: phone },
            EntityRef { kind: EntityKind::Device, row: device },
            "handset",
            (Some(first), Some(last)),
            SourceRef { source: calls.source[at], line: calls.line[at] },
        );
        // Calls show days of use, not the end of it: a number that moves into a handset a few
        // days after another fell silent in it shares that handset.
        link.until = last.saturating_add(gap);
        links.push(link);
    }
    Ok(())
}

/// The identifiers among `links` that do not join, in order of sharing, kind and name.
/// `links` come in the order of [`collect`].
pub(super) fn common(case: &Case, params: &Params, links: &[Link]) -> Result<Vec<Common>> {
    let owned = institution_identifiers(case, links)?;
    let mut found = Vec::new();
    for group in links.chunk_by(|left, right| left.identifier == right.identifier) {
        let identifier = group[0].identifier;
        let members: BTreeSet<EntityRef> = group.iter().map(|link| link.member).collect();
        let sharing = members.len() as u32;
        let why = match (filler(case, identifier)?, owned.get(&identifier)) {
            (Some(why), _) => Some((why.to_owned(), false)),
            (None, Some(name)) => Some((format!("belongs to {name} itself"), false)),
            (None, None) => over_bound(sharing, params).map(|why| (why, true)),
        };
        if let Some((why, by_bound)) = why {
            found.push(Common {
                identifier_kind: identifier.kind.word(),
                identifier,
                parties_sharing: sharing,
                why,
                by_bound,
                at: group[0].at,
            });
        }
    }
    common_parties(case, params, links, &mut found)?;
    let mut named = Vec::with_capacity(found.len());
    for item in found {
        named.push((case.name(item.identifier)?, item));
    }
    named.sort_by(|(left_name, left), (right_name, right)| {
        (right.parties_sharing, left.identifier_kind, *left_name, left.identifier).cmp(&(
            left.parties_sharing,
            right.identifier_kind,
            *right_name,
            right.identifier,
        ))
    });
    Ok(named.into_iter().map(|(_, item)| item).collect())
}

fn over_bound(sharing: u32, params: &Params) -> Option<String> {
    (sharing > params.parties_sharing_max)
        .then(|| format!("shared by more than {} parties", params.parties_sharing_max))
}

/// Parties whose name is a filler, and parties that sign for the accounts of very many others.
fn common_parties(
    case: &Case,
    params: &Params,
    links: &[Link],
    found: &mut Vec<Common>,
) -> Result<()> {
    let mut first: BTreeMap<EntityRef, (SourceRef, u32)> = BTreeMap::new();
    for link in links.iter().filter(|link| link.member.kind == EntityKind::Party) {
        first.entry(link.member).or_insert((link.at, 0)).1 += 1;
    }
    for (&party, &(at, records)) in &first {
        if let Some(why) = filler(case, party)? {
            let (identifier_kind, why) = ("holder", why.to_owned());
            found.push(Common {
                identifier_kind,
                identifier: party,
                parties_sharing: records,
                why,
                by_bound: false,
                at,
            });
        }
    }
    for (signer, (others, at)) in signed_for(links) {
        if let Some(why) = over_bound(others, params) {
            found.push(Common {
                identifier_kind: "signer",
                identifier: signer,
                parties_sharing: others,
                why,
                by_bound: true,
                at,
            });
        }
    }
    Ok(())
}

/// For every party that signs: how many other parties hold the accounts it signs for.
fn signed_for(links: &[Link]) -> BTreeMap<EntityRef, (u32, SourceRef)> {
    let mut others: BTreeMap<EntityRef, (BTreeSet<EntityRef>, SourceRef)> = BTreeMap::new();
    for group in links.chunk_by(|left, right| left.identifier == right.identifier) {
        if group[0].identifier.kind != EntityKind::Account {
            continue;
        }
        for signer in group.iter().filter(|link| signing_role(&link.relation)) {
            let entry = others.entry(signer.member).or_insert((BTreeSet::new(), signer.at));
            let holders = group.iter().map(|link| link.member);
            entry.0.extend(holders.filter(|holder| *holder != signer.member));
        }
    }
    others.into_iter().map(|(signer, (set, at))| (signer, (set.len() as u32, at))).collect()
}

/// Identifiers that a party named like a bank, carrier or landlord of the returns has.
fn institution_identifiers(case: &Case, links: &[Link]) -> Result<HashMap<EntityRef, String>> {
    let fold = |text: &str| {
        let letters = text.chars().filter(|letter| letter.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect::<String>()
    };
    let mut institutions: HashSet<String> = HashSet::new();
    institutions.extend(case.accounts()?.institution.iter().map(fold));
    institutions.extend(case.sources()?.institution.iter().map(fold));
    institutions.remove("");
    let mut owned = HashMap::new();
    for link in links {
        let party = link.member.kind == EntityKind::Party;
        // Its own accounts do join a bank to itself; what it prints on every form does not.
        if !party || link.identifier.kind == EntityKind::Account {
            continue;
        }
        let name = case.parties()?.name.get(link.member.row as usize);
        if institutions.contains(&fold(name)) {
            owned.entry(link.identifier).or_insert_with(|| name.to_owned());
        }
    }
    Ok(owned)
}

/// Why an entity's own text identifies nobody, if it does not.
fn filler(case: &Case, entity: EntityRef) -> Result<Option<&'static str>> {
    let row = entity.row as usize;
    let texts = match entity.kind {
        EntityKind::Account => [case.accounts()?.number.get(row), case.name(entity)?],
        EntityKind::Phone => [case.phones()?.found.get(row), case.name(entity)?],
        EntityKind::Premises => [case.premises()?.found.get(row), case.name(entity)?],
        EntityKind::Party => [case.parties()?.name.get(row), case.name(entity)?],
        _ => [case.name(entity)?; 2],
    };
    let texts = texts.iter().filter(|text| !text.is_empty());
    Ok(texts.copied().find_map(placeholder))
}
