//! The tables and findings of `clusters`: one row for each record that holds a cluster together.

use std::collections::{BTreeMap, BTreeSet};

use crate::analyses::Outcome;
use crate::error::Result;
use crate::model::{EntityKind, EntityRef, Finding, NONE, ResultTable, SourceRef, Values};
use crate::store::Case;

use super::records::{Link, signing_role};
use super::{Cluster, Clustering, Params};

/// Most source refs a finding carries; all of them stand in the table.
const REFS_MAX: usize = 50;
/// Most names of one kind in a sentence.
const NAMES_MAX: usize = 4;

/// Both tables and one finding for each cluster of two or more parties.
pub(super) fn outcome(case: &Case, params: &Params, all: &Clustering) -> Result<Outcome> {
    let mut rows = Rows::default();
    let mut findings = Vec::new();
    for cluster in &all.clusters {
        rows.add(case, all, cluster)?;
        if cluster.count(EntityKind::Party) >= 2 {
            findings.push(finding(case, all, cluster)?);
        }
    }
    findings.sort_by(|left: &Finding, right: &Finding| {
        right.score.total_cmp(&left.score).then_with(|| left.value.cmp(&right.value))
    });
    let mut table = rows.table();
    if all.clusters.is_empty() {
        table = table.note("No two parties or accounts share an identifier that may join them.");
    }
    if !all.common.is_empty() {
        let count = all.common.len();
        let what = if params.common { "joined as asked" } else { "joined nothing" };
        table = table.note(format!(
            "{count} common {} {what}; common_identifiers lists {} with the reason.",
            plural(count, "identifier"),
            if count == 1 { "it" } else { "them" },
        ));
    }
    Ok(Outcome { tables: vec![table, common_table(case, all)?], findings })
}

/// One row being written: what a member has, and another record of the same.
struct Row<'a> {
    member: EntityRef,
    identifier_kind: &'static str,
    identifier: EntityRef,
    sharing: u32,
    link: &'a Link,
    other_member: EntityRef,
    other: &'a Link,
}

#[derive(Default)]
struct Rows {
    cluster: Vec<String>,
    member: Vec<String>,
    kind: Vec<String>,
    identifier_kind: Vec<String>,
    identifier: Vec<String>,
    sharing: Vec<Option<i64>>,
    source: Vec<String>,
    line: Vec<Option<i64>>,
    other_member: Vec<String>,
    other_source: Vec<String>,
    other_line: Vec<Option<i64>>,
    from: Vec<Option<i32>>,
    to: Vec<Option<i32>>,
    relation: Vec<String>,
}

impl Rows {
    fn add(&mut self, case: &Case, all: &Clustering, cluster: &Cluster) -> Result<()> {
        let mut rows = rows_of(all, cluster);
        let mut named = Vec::with_capacity(rows.len());
        for row in rows.drain(..) {
            named.push((case.name(row.member)?, case.name(row.identifier)?, row));
        }
        named.sort_by(|(left_member, left_name, left), (right_member, right_name, right)| {
            (left.member.kind, *left_member, left.identifier_kind, *left_name, left.link.at).cmp(&(
                right.member.kind,
                *right_member,
                right.identifier_kind,
                *right_name,
                right.link.at,
            ))
        });
        for (member, identifier, row) in named {
            self.cluster.push(cluster.name.clone());
            self.member.push(member.to_owned());
            self.kind.push(row.member.kind.word().to_owned());
            self.identifier_kind.push(row.identifier_kind.to_owned());
            self.identifier.push(identifier.to_owned());
            self.sharing.push(Some(i64::from(row.sharing)));
            let (source, line) = place(case, row.link.at)?;
            self.source.push(source);
            self.line.push(line);
            self.other_member.push(case.name(row.other_member)?.to_owned());
            let (source, line) = place(case, row.other.at)?;
            self.other_source.push(source);
            self.other_line.push(line);
            self.from.push(Some(row.link.from).filter(|day| *day != i32::MIN));
            self.to.push(Some(row.link.to).filter(|day| *day != i32::MAX));
            self.relation.push(row.link.relation.clone());
        }
        Ok(())
    }

    fn table(self) -> ResultTable {
        ResultTable::new("clusters")
            .with("cluster", Values::Text(self.cluster))
            .with("member", Values::Text(self.member))
            .with("kind", Values::Text(self.kind))
            .with("identifier_kind", Values::Text(self.identifier_kind))
            .with("identifier", Values::Text(self.identifier))
            .with("parties_sharing", Values::Count(self.sharing))
            .with("source", Values::Text(self.source))
            .with("line", Values::Count(self.line))
            .with("other_member", Values::Text(self.other_member))
            .with("other_source", Values::Text(self.other_source))
            .with("other_line", Values::Count(self.other_line))
            .with("from", Values::Day(self.from))
            .with("to", Values::Day(self.to))
            .with("relation", Values::Text(self.relation))
    }
}

fn place(case: &Case, at: SourceRef) -> Result<(String, Option<i64>)> {
    if at.source == NONE {
        return Ok((String::new(), None));
    }
    let source = case.sources()?.source.get(at.source as usize).to_owned();
    Ok((source, Some(i64::from(at.line))))
}

fn rows_of<'a>(all: &'a Clustering, cluster: &Cluster) -> Vec<Row<'a>> {
    let links = &all.links;
    let mut by_identifier: BTreeMap<EntityRef, Vec<usize>> = BTreeMap::new();
    let mut by_member: BTreeMap<EntityRef, Vec<usize>> = BTreeMap::new();
    for &at in &cluster.links {
        by_identifier.entry(links[at].identifier).or_default().push(at);
        by_member.entry(links[at].member).or_default().push(at);
    }
    let member = |entity: EntityRef| cluster.members.binary_search(&entity).is_ok();
    let mut rows = Vec::new();
    let mut told: BTreeSet<EntityRef> = BTreeSet::new();
    for &at in &cluster.links {
        let link = &links[at];
        let shared = all.joined.sharing[at] >= 2;
        let own_phone = link.identifier.kind == EntityKind::Phone && member(link.identifier);
        if member(link.member) && (shared || own_phone) {
            told.insert(link.member);
            rows.push(shared_row(all, at, &by_identifier[&link.identifier]));
        }
        if link.identifier.kind == EntityKind::Account {
            told.insert(link.identifier);
            rows.push(holder_row(all, at, &by_member[&link.member]));
        }
    }
    // Whoever only holds two accounts shares nothing, and still belongs to them.
    for entity in &cluster.members {
        if told.insert(*entity) {
            let at = by_member[entity][0];
            rows.push(shared_row(all, at, &by_identifier[&links[at].identifier]));
        }
    }
    rows
}

/// A member's own record of an identifier, beside another member's.
fn shared_row<'a>(all: &'a Clustering, at: usize, same: &[usize]) -> Row<'a> {
    let link = &all.links[at];
    let others = || same.iter().map(|other| &all.links[*other]).filter(|o| o.member != link.member);
    let other = others().find(|other| other.overlaps(link)).or_else(|| others().next());
    Row {
        member: link.member,
        identifier_kind: link.identifier.kind.word(),
        identifier: link.identifier,
        sharing: all.joined.sharing[at],
        link,
        other_member: other.map_or(link.identifier, |other| other.member),
        other: other.unwrap_or(link),
    }
}

/// An account's holder or signer, beside another account of the same.
fn holder_row<'a>(all: &'a Clustering, at: usize, same: &[usize]) -> Row<'a> {
    let link = &all.links[at];
    let accounts: BTreeSet<EntityRef> = same
        .iter()
        .map(|other| all.links[*other].identifier)
        .filter(|identifier| identifier.kind == EntityKind::Account)
        .collect();
    let other = same.iter().map(|other| &all.links[*other]).find(|other| {
        other.identifier.kind == EntityKind::Account && other.identifier != link.identifier
    });
    let identifier_kind = match link.member.kind {
        EntityKind::Party if signing_role(&link.relation) => "signer",
        EntityKind::Party => "holder",
        _ => "account",
    };
    Row {
        member: link.identifier,
        identifier_kind,
        identifier: link.member,
        sharing: accounts.len() as u32,
        link,
        other_member: other.map_or(link.member, |other| other.identifier),
        other: other.unwrap_or(link),
    }
}

fn common_table(case: &Case, all: &Clustering) -> Result<ResultTable> {
    let mut kind = Vec::new();
    let mut identifier = Vec::new();
    let mut sharing = Vec::new();
    let mut why = Vec::new();
    let mut source = Vec::new();
    let mut line = Vec::new();
    for item in &all.common {
        kind.push(item.identifier_kind.to_owned());
        identifier.push(case.name(item.identifier)?.to_owned());
        sharing.push(Some(i64::from(item.parties_sharing)));
        why.push(item.why.clone());
        let (first_source, first_line) = place(case, item.at)?;
        source.push(first_source);
        line.push(first_line);
    }
    Ok(ResultTable::new("common_identifiers")
        .with("identifier_kind", Values::Text(kind))
        .with("identifier", Values::Text(identifier))
        .with("parties_sharing", Values::Count(sharing))
        .with("why", Values::Text(why))
        .with("source", Values::Text(source))
        .with("line", Values::Count(line)))
}

/// What joins a cluster, as one sentence about the party that shares most.
fn finding(case: &Case, all: &Clustering, cluster: &Cluster) -> Result<Finding> {
    let shared: Vec<&Link> = cluster
        .links
        .iter()
        .filter(|at| all.joined.sharing[**at] >= 2)
        .map(|at| &all.links[*at])
        .collect();
    let mut by_kind: BTreeMap<EntityKind, BTreeSet<&str>> = BTreeMap::new();
    let mut has: BTreeMap<EntityRef, BTreeSet<EntityRef>> = BTreeMap::new();
    for link in &shared {
        by_kind.entry(link.identifier.kind).or_default().insert(case.name(link.identifier)?);
        has.entry(link.member).or_default().insert(link.identifier);
    }
    let parties = cluster.members.iter().filter(|member| member.kind == EntityKind::Party);
    let mut names = Vec::new();
    for party in parties {
        names.push((has.get(party).map_or(0, BTreeSet::len), case.name(*party)?, *party));
    }
    names.sort_by(|left, right| right.0.cmp(&left.0).then(left.1.cmp(right.1)));
    let (_, candidate_name, candidate) = names[0];
    let identifiers: usize = by_kind.values().map(BTreeSet::len).sum();
    let mut refs: Vec<SourceRef> = shared.iter().map(|link| link.at).collect();
    refs.retain(|at| at.source != NONE);
    refs.sort();
    refs.dedup();
    let records = refs.len() as u64;
    refs.truncate(REFS_MAX);
    let listed: Vec<&str> = names.iter().map(|(_, name, _)| *name).collect();
    let accounts = cluster.count(EntityKind::Account);
    let statement = format!(
        "Cluster {}: {} parties ({}) and {} {} are joined by {}.",
        cluster.name,
        listed.len(),
        some(&listed),
        accounts,
        plural(accounts, "account"),
        shared_words(&by_kind),
    );
    Ok(Finding {
        analysis: "clusters",
        candidate,
        candidate_name: candidate_name.to_owned(),
        measure: "parties_joined",
        value: listed.len().to_string(),
        // Parties first; among equals, the cluster that more identifiers hold together.
        score: listed.len() as f64 + identifiers as f64 / (identifiers as f64 + 1.0),
        amount: None,
        first: shared.iter().map(|link| link.from).filter(|day| *day != i32::MIN).min(),
        last: shared.iter().map(|link| link.to).filter(|day| *day != i32::MAX).max(),
        records,
        statement,
        source_refs: refs,
        what_else_explains_it: "family or shared household; an employer's or agent's address; an \
                                accountant who signs for clients; a handset sold on; a shared \
                                office line",
        bound_met: cluster.members.iter().any(|member| all.bounded.contains(member)),
    })
}

fn shared_words(by_kind: &BTreeMap<EntityKind, BTreeSet<&str>>) -> String {
    let mut words = Vec::new();
    for (kind, names) in by_kind {
        let listed: Vec<&str> = names.iter().copied().collect();
        let word = match kind {
            EntityKind::Account => "shared account",
            EntityKind::Phone => "shared phone",
            EntityKind::Device => "shared device",
            EntityKind::Email => "shared e-mail address",
            EntityKind::Document => "shared document",
            // One and several are the same word.
            EntityKind::Premises => "shared premises",
            _ => "shared identifier",
        };
        let word = match (kind, listed.len()) {
            (EntityKind::Premises, _) => word.to_owned(),
            (EntityKind::Email, 2..) => "shared e-mail addresses".to_owned(),
            (_, count) => plural(count, word),
        };
        words.push(format!("{} {word} ({})", listed.len(), some(&listed)));
    }
    if words.is_empty() {
        "the accounts they hold or sign for".to_owned()
    } else {
        words.join(", ")
    }
}

fn some(names: &[&str]) -> String {
    if names.len() <= NAMES_MAX {
        return names.join("; ");
    }
    format!("{}; and {} more", names[..NAMES_MAX].join("; "), names.len() - NAMES_MAX)
}

fn plural(count: usize, word: &str) -> String {
    if count == 1 { word.to_owned() } else { format!("{word}s") }
}
