//! Who the end of a transfer counts as: its account, the account's owners on that day, or a
//! cluster.
//!
//! Answers: under which name does this account's money stand on this civil day? Every account
//! belongs to exactly one group on every day, so that a sum over groups is the sum over
//! accounts. Adding up is `flows`'s; how clusters come about is `clusters`'s.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::{Error, Result, nearest};
use crate::model::{EntityKind, NONE, Texts};
use crate::store::Case;

/// Which group each account belongs to, day by day. Groups are dense numbers from 0.
#[derive(Clone, Debug)]
pub struct Groups<'a> {
    names: Names<'a>,
    spans: Option<Spans>,
    /// The holders of the groups that stand for several, ascending.
    joint: BTreeMap<u32, Vec<u32>>,
}

#[derive(Clone, Debug)]
enum Names<'a> {
    Accounts(&'a Texts),
    Built(Texts),
}

/// Per account, the days from which a group holds; the first span of each starts at the
/// beginning of time, so every day falls into one.
#[derive(Clone, Debug, Default)]
struct Spans {
    starts: Vec<u32>,
    since: Vec<i32>,
    group: Vec<u32>,
}

impl Spans {
    /// Spans of the next account, in order of day; a span equal to the one before is left out.
    fn push(&mut self, spans: &[(i32, u32)]) {
        assert!(spans.first().is_some_and(|first| first.0 == i32::MIN), "spans cover every day");
        if self.starts.is_empty() {
            self.starts.push(0);
        }
        let before = self.since.len();
        for &(since, group) in spans {
            if self.since.len() == before || self.group.last() != Some(&group) {
                self.since.push(since);
                self.group.push(group);
            }
        }
        self.starts.push(self.since.len() as u32);
    }

    /// The group of an account on a day.
    fn group_on(&self, account: u32, day: i32) -> u32 {
        let start = self.starts[account as usize] as usize;
        let end = self.starts[account as usize + 1] as usize;
        if end - start == 1 {
            return self.group[start];
        }
        let later = self.since[start..end].partition_point(|since| *since <= day);
        self.group[start + later - 1]
    }

    /// The spans of an account, in order of day.
    fn of(&self, account: usize) -> impl Iterator<Item = (i32, u32)> + '_ {
        let rows = self.starts[account] as usize..self.starts[account + 1] as usize;
        rows.map(|row| (self.since[row], self.group[row]))
    }
}

impl<'a> Groups<'a> {
    /// Each account is its own group, numbered by its row.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if the store is damaged.
    pub fn accounts(case: &'a Case) -> Result<Groups<'a>> {
        let names = Names::Accounts(case.names(EntityKind::Account)?);
        Ok(Groups { names, spans: None, joint: BTreeMap::new() })
    }

    /// The cluster of each account on every day: `cluster_of[account]` is a row of `names`, or
    /// [`NONE`]. An account in no cluster stands under its holders of the day.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if the store is damaged.
    ///
    /// # Panics
    ///
    /// If a cluster has no name.
    pub fn clusters(case: &'a Case, names: Vec<String>, cluster_of: &[u32]) -> Result<Groups<'a>> {
        let mut names: Texts = names.iter().map(String::as_str).collect();
        let parties = Groups::parties(case)?;
        let clusters = names.len() as u32;
        let mut spans = Spans::default();
        for (account, cluster) in cluster_of.iter().enumerate() {
            if *cluster == NONE {
                let held = parties.spans.iter().flat_map(|held| held.of(account));
                spans.push(
                    &held.map(|(since, group)| (since, clusters + group)).collect::<Vec<_>>(),
                );
            } else {
                assert!(*cluster < clusters, "every cluster has a name");
                spans.push(&[(i32::MIN, *cluster)]);
            }
        }
        (0..parties.len() as u32).for_each(|group| names.push(parties.name(group)));
        let behind = |(group, holders): (u32, Vec<u32>)| {
            (clusters + group, holders.iter().map(|holder| clusters + holder).collect())
        };
        let joint = parties.joint.into_iter().map(behind).collect();
        Ok(Groups { names: Names::Built(names), spans: Some(spans), joint })
    }

    /// The owners and joint holders of each account on each day. Several at once are one group,
    /// `A & B`, so that money is never counted twice; an account without one that day stands
    /// under its own name. A holder whose role could not be read is no owner here.
    ///
    /// Cost: accounts plus holdings, sorted.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if the store is damaged.
    pub fn parties(case: &'a Case) -> Result<Groups<'a>> {
        let accounts = case.accounts()?;
        let holdings = case.holdings()?;
        let mut held: Vec<Vec<Held>> = vec![Vec::new(); accounts.account.len()];
        for row in 0..holdings.account.len() {
            if holdings.is_in_own_name(row) {
                held[holdings.account[row] as usize].push(Held {
                    party: holdings.party[row],
                    first: holdings.opened[row].unwrap_or(i32::MIN),
                    last: holdings.closed[row].unwrap_or(i32::MAX),
                });
            }
        }
        let mut names: Texts = case.parties()?.party.iter().collect();
        let mut joint: BTreeMap<Vec<u32>, u32> = BTreeMap::new();
        let mut spans = Spans::default();
        let (mut own, mut days) = (Vec::new(), BTreeSet::new());
        for (account, held) in held.iter().enumerate() {
            let mut nobody = None;
            own.clear();
            change_days(held, &mut days);
            for &since in &days {
                let owners: BTreeSet<u32> = held
                    .iter()
                    .filter(|held| held.first <= since && since <= held.last)
                    .map(|held| held.party)
                    .collect();
                let owners: Vec<u32> = owners.into_iter().collect();
                let group = match owners.as_slice() {
                    [] => *nobody.get_or_insert_with(|| {
                        let name = accounts.account.get(account);
                        match accounts.kind.get(account) {
                            "unidentified" => names.push(name),
                            _ => names.push(&format!("account {name} (no holder on record)")),
                        }
                        names.len() as u32 - 1
                    }),
                    [one] => *one,
                    several => *joint.entry(several.to_vec()).or_insert_with(|| {
                        let each: Vec<&str> =
                            several.iter().map(|party| names.get(*party as usize)).collect();
                        let name = each.join(" & ");
                        names.push(&name);
                        names.len() as u32 - 1
                    }),
                };
                own.push((since, group));
            }
            spans.push(&own);
        }
        let joint = joint.into_iter().map(|(holders, group)| (group, holders)).collect();
        Ok(Groups { names: Names::Built(names), spans: Some(spans), joint })
    }

    /// The groups of the single holders of a group that stands for several at once, ascending;
    /// none for any other group. Cost: a search among the joint ones.
    pub fn joint_holders(&self, group: u32) -> &[u32] {
        self.joint.get(&group).map_or(&[], Vec::as_slice)
    }

    /// The group of an account on a civil day. Cost: constant, or a search among the days on
    /// which the account changed hands.
    #[inline(always)]
    pub fn of(&self, account: u32, day: i32) -> u32 {
        match &self.spans {
            Some(spans) => spans.group_on(account, day),
            None => account,
        }
    }

    /// The group of an account that belongs to the same one on every day. Cost: constant.
    #[inline]
    pub fn on_every_day(&self, account: u32) -> Option<u32> {
        match &self.spans {
            Some(spans) => {
                let start = spans.starts[account as usize];
                let one = spans.starts[account as usize + 1] - start == 1;
                one.then(|| spans.group[start as usize])
            }
            None => Some(account),
        }
    }

    /// The groups that an account belongs to on some day, repeated where it comes back to one.
    pub fn on_some_day(&self, account: u32) -> impl Iterator<Item = u32> + '_ {
        let spans = self.spans.iter().flat_map(move |spans| spans.of(account as usize));
        let itself = self.spans.is_none().then_some(account);
        spans.map(|(_, group)| group).chain(itself)
    }

    /// The name of a group as tables show it.
    pub fn name(&self, group: u32) -> &str {
        match &self.names {
            Names::Accounts(texts) => texts.get(group as usize),
            Names::Built(names) => names.get(group as usize),
        }
    }

    /// Number of groups.
    pub fn len(&self) -> usize {
        match &self.names {
            Names::Accounts(texts) => texts.len(),
            Names::Built(names) => names.len(),
        }
    }

    /// True when the case has no account and no party.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The groups that a name names: equal text, else equal with case set aside. One as a rule;
    /// more where a party is called like two joint holders.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`] with the nearest names.
    pub fn find(&self, kind: &'static str, name: &str) -> Result<Vec<u32>> {
        let all = || 0..self.len() as u32;
        let exact: Vec<u32> = all().filter(|group| self.name(*group) == name).collect();
        if !exact.is_empty() {
            return Ok(exact);
        }
        let wanted = name.to_lowercase();
        let loose: Vec<u32> =
            all().filter(|group| self.name(*group).to_lowercase() == wanted).collect();
        if !loose.is_empty() {
            return Ok(loose);
        }
        let known = all().map(|group| self.name(group));
        Err(Error::Unknown { kind, found: name.to_owned(), nearest: nearest(name, known, 3) })
    }
}

#[derive(Clone, Copy, Debug)]
struct Held {
    party: u32,
    first: i32,
    last: i32,
}

/// Days on which the holders may change, the beginning of time first.
fn change_days(held: &[Held], days: &mut BTreeSet<i32>) {
    days.retain(|day| *day == i32::MIN);
    days.insert(i32::MIN);
    for held in held {
        days.insert(held.first);
        if let Some(after) = held.last.checked_add(1) {
            days.insert(after);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Accounts, Holdings, Manifest, Parties};

    /// An account `TEST/1` and its holdings as (party, role, opened, closed).
    type Row = (u32, &'static str, Option<i32>, Option<i32>);

    fn case(holdings: &[Row]) -> Case {
        let mut table = Holdings::default();
        for (party, role, opened, closed) in holdings {
            table.account.push(0);
            table.party.push(*party);
            table.role.push(role);
            table.opened.push(*opened);
            table.closed.push(*closed);
        }
        Case::in_memory(Manifest::default())
            .with(Accounts {
                account: ["TEST/1"].into_iter().collect(),
                kind: ["account"].into_iter().collect(),
                ..Accounts::default()
            })
            .with(Parties {
                party: ["Ada Pike", "Ben Rook"].into_iter().collect(),
                ..Parties::default()
            })
            .with(table)
    }

    #[track_caller]
    fn check(holdings: &[Row], day: i32, expected: &str) {
        let case = case(holdings);
        let groups = Groups::parties(&case).unwrap();
        assert_eq!(groups.name(groups.of(0, day)), expected);
    }

    #[test]
    fn an_account_stands_under_its_owners_of_the_day() {
        let nobody = "account TEST/1 (no holder on record)";
        check(&[], 5, nobody);
        check(&[(0, "signer", None, None)], 5, nobody);
        check(&[(0, "owner", None, None)], 5, "Ada Pike");
        check(&[(0, "", None, None)], 5, nobody);
        check(&[(0, "owner", Some(5), None)], 4, nobody);
        check(&[(0, "owner", Some(5), None)], 5, "Ada Pike");
        check(&[(0, "owner", None, Some(5))], 5, "Ada Pike");
        check(&[(0, "owner", None, Some(5))], 6, nobody);
        check(&[(1, "joint", None, None), (0, "owner", None, None)], 5, "Ada Pike & Ben Rook");
        let sold = [(0, "owner", None, Some(9)), (1, "owner", Some(10), None)];
        check(&sold, 9, "Ada Pike");
        check(&sold, 10, "Ben Rook");
        // A party that stands twice, as owner and joint holder, is one holder.
        check(&[(0, "owner", None, None), (0, "joint", None, None)], 5, "Ada Pike");
    }

    #[test]
    fn joint_holders_are_known_one_by_one() {
        let case = case(&[(1, "joint", None, None), (0, "owner", None, Some(9))]);
        let alone = |groups: &Groups, day: i32| {
            let each = groups.joint_holders(groups.of(0, day)).iter();
            each.map(|one| groups.name(*one).to_owned()).collect::<Vec<String>>()
        };
        let parties = Groups::parties(&case).unwrap();
        let clusters = Groups::clusters(&case, vec!["cluster 1".to_owned()], &[NONE]).unwrap();
        for groups in [&parties, &clusters] {
            assert_eq!(alone(groups, 9), ["Ada Pike", "Ben Rook"]);
            assert_eq!(alone(groups, 10), [""; 0]);
        }
    }

    #[test]
    fn a_name_not_found_is_told_with_the_nearest() {
        let case = case(&[]);
        let groups = Groups::parties(&case).unwrap();
        assert_eq!(groups.find("party", "ben rook").unwrap(), [1]);
        let refused = groups.find("party", "Ada Pyke").unwrap_err();
        assert!(
            matches!(refused, Error::Unknown { ref nearest, .. } if nearest[0] == "Ada Pike"),
            "{refused:?}"
        );
    }

    #[test]
    fn an_account_in_no_cluster_stands_under_its_holders() {
        let case = case(&[(0, "owner", None, Some(9)), (1, "owner", Some(10), None)]);
        let named = |cluster_of: u32, day: i32| {
            let clusters = vec!["cluster 1".to_owned(), "cluster 2".to_owned()];
            let groups = Groups::clusters(&case, clusters, &[cluster_of]).unwrap();
            groups.name(groups.of(0, day)).to_owned()
        };
        assert_eq!([named(1, 9), named(1, 10)], ["cluster 2", "cluster 2"]);
        assert_eq!([named(NONE, 9), named(NONE, 10)], ["Ada Pike", "Ben Rook"]);
    }
}
