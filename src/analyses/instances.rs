//! Instances of a pattern: accounts in their roles, the transfers between them, and what the two
//! tables and the findings of every such pattern look like.
//!
//! Which transfers make an instance is each pattern's; nothing is searched here.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::analyses::{
    Inputs, Outcome, SOURCE_REFS_MAX, TransferFacts, account_name, counted, total_minor,
};
use crate::error::Result;
use crate::graph::TransferGraph;
use crate::interrupt;
use crate::model::{
    Amount, Currency, EntityKind, EntityRef, Finding, ResultTable, SourceRef, Values, Words,
    day_text,
};

/// Instances that a pattern lists unless asked for more.
pub const INSTANCES_MAX: u32 = 10_000;
/// Instances that are told before their sentences are put together by candidate.
const TOLD_TOGETHER: usize = 1 << 12;

/// One occurrence of a pattern.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Instance {
    /// Role and account, in the pattern's own order; an account has one role.
    pub members: Vec<(&'static str, u32)>,
    /// Rows of `transfers`, by time, then row.
    pub transfers: Vec<u32>,
    /// True when a bound of the search kept this instance from being whole.
    pub bound_met: bool,
}

/// What a pattern says of an instance, for its finding.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Told {
    /// Row of `accounts`: the account the instance is about.
    pub candidate: u32,
    /// The measure's value as text.
    pub value: String,
    /// Higher is stronger; only for ranking within the pattern.
    pub score: f64,
    /// The sentence without totals and dates, such as `A paid B through 4 accounts`.
    pub sentence: String,
    /// A candidate has a finding for each kind; empty where a pattern has one kind.
    pub kind: &'static str,
    /// True where an instance of the candidate and kind that was told before has some of the same
    /// transfers and the pattern counts these once: it is no further time.
    pub again: bool,
}

/// What all instances of a pattern have in common.
#[derive(Clone, Copy, Debug)]
pub struct Pattern {
    /// Name of the analysis and of its first table: `scatter-gather`.
    pub analysis: &'static str,
    /// Name of its second table: `scatter-gather_steps`.
    pub transfers_table: &'static str,
    /// What [`Told::value`] measures.
    pub measure: &'static str,
    /// Innocent explanations, one sentence.
    pub what_else: &'static str,
}

/// What one member moved within an instance in one currency.
struct Share {
    instance: usize,
    role: &'static str,
    account: u32,
    transfers: u64,
    currency: Currency,
    paid_in: i64,
    paid_out: i64,
    /// True where it paid more than came in, in whatever currency.
    paid_more: bool,
    first: i32,
    last: i32,
    source_refs: Vec<SourceRef>,
    records: u64,
    /// What is said of the whole instance stands in one row of it, so that it is not added up
    /// over the members.
    leads: bool,
}

/// What an account moved in one currency, transfer by transfer.
#[derive(Default)]
struct Moved {
    paid_in: Vec<i64>,
    paid_out: Vec<i64>,
    rows: BTreeSet<u32>,
}

/// The two tables of a pattern and its findings: members of each instance by role and currency,
/// its transfers in order, and one finding for each candidate and kind, of the first of its
/// instances.
///
/// `instances` stand in the order in which they are told; those beyond `instances_max` are
/// counted in a note and left out of the tables. `tell` takes an instance with its place, from 0;
/// what is told and what is looked up for the tables is spread over threads, in blocks so that
/// the sentences of very many instances are not held at once.
///
/// # Errors
///
/// [`crate::Error::AmountOverflow`] for sums beyond 64 bits, [`crate::Error::File`] if the store
/// is damaged, [`crate::Error::Interrupted`] when stopped.
pub fn outcome(
    inputs: &Inputs,
    pattern: Pattern,
    instances: &[Instance],
    instances_max: u32,
    notes: Vec<String>,
    tell: impl Fn(usize, &Instance) -> Result<Told> + Sync,
) -> Result<Outcome> {
    let facts = TransferFacts::new(inputs.case)?;
    let graph = inputs.graph()?;
    let listed = &instances[..instances.len().min(instances_max as usize)];
    let mut members = members_table(inputs, &facts, graph, pattern, listed)?;
    members.notes.extend(notes);
    if listed.len() < instances.len() {
        members = members.note(format!(
            "{} were found; the first {instances_max} are listed (instances_max).",
            counted(instances.len() as u64, "instance"),
        ));
    }
    if instances.is_empty() {
        members = members.note("Nothing meets these bounds.");
    }
    let transfers = transfers_table(inputs, &facts, pattern, listed)?;
    let findings = findings(inputs, &facts, pattern, instances, tell)?;
    Ok(Outcome { tables: vec![members, transfers], findings })
}

fn members_table(
    inputs: &Inputs,
    facts: &TransferFacts,
    graph: &TransferGraph,
    pattern: Pattern,
    instances: &[Instance],
) -> Result<ResultTable> {
    let of_each: Vec<Vec<Share>> = instances
        .par_iter()
        .enumerate()
        .map(|(number, instance)| {
            interrupt::check()?;
            shares(inputs, facts, number, instance)
        })
        .collect::<Result<_>>()?;
    let mut rows: Vec<Share> = of_each.into_iter().flatten().collect();
    let cut = rows.iter().any(|row| row.records > row.source_refs.len() as u64);
    let refs = rows.iter_mut().map(|row| std::mem::take(&mut row.source_refs)).collect();
    let rows = rows;
    let names = account_words(inputs, rows.iter().map(|row| row.account))?;
    let money = |of: fn(&Share) -> Option<i64>| {
        let amount = |row: &Share| of(row).map(|minor| Amount { minor, currency: row.currency });
        Values::Money(rows.iter().map(amount).collect())
    };
    let counts = |of: fn(&Share) -> u64| {
        Values::Count(rows.iter().map(|row| Some(of(row) as i64)).collect())
    };
    let table = ResultTable::new(pattern.analysis)
        .with(
            "instance",
            Values::Count(rows.iter().map(|it| Some(it.instance as i64 + 1)).collect()),
        )
        .with("account", names)
        .with("role_in_pattern", Values::Words(rows.iter().map(|it| it.role.to_owned()).collect()))
        .with("transfers", counts(|row| row.transfers))
        .with("total", money(|row| Some(if row.paid_in > 0 { row.paid_in } else { row.paid_out })))
        .with("currency", Values::Words(rows.iter().map(|it| it.currency.to_string()).collect()))
        .with("first", Values::Day(rows.iter().map(|row| Some(row.first)).collect()))
        .with("last", Values::Day(rows.iter().map(|row| Some(row.last)).collect()))
        .with("amount_in", money(|row| Some(row.paid_in)))
        .with("amount_out", money(|row| Some(row.paid_out)))
        .with("share_kept", Values::Score(rows.iter().map(share_kept).collect()))
        .with(
            "unidentified",
            Values::Flag(rows.iter().map(|it| Some(graph.is_unidentified(it.account))).collect()),
        );
    let table = with_whole(table, facts, &rows, instances)
        .with("records", counts(|row| row.records))
        .with("source_refs", Values::Refs(refs));
    Ok(if cut {
        table.note(format!(
            "source_refs lists the first {SOURCE_REFS_MAX} records of a row; records counts all."
        ))
    } else {
        table
    })
}

/// What is said of a whole instance, in the row of it that leads.
fn with_whole(
    table: ResultTable,
    facts: &TransferFacts,
    rows: &[Share],
    instances: &[Instance],
) -> ResultTable {
    let whole = |of: &dyn Fn(&Instance) -> i64| {
        let value = |row: &Share| row.leads.then(|| of(&instances[row.instance]));
        rows.iter().map(value).collect::<Vec<Option<i64>>>()
    };
    let time = |of: &dyn Fn(&Instance) -> Option<&u32>| {
        Values::Time(whole(&|it| of(it).map_or(0, |row| facts.booked_ms(*row))))
    };
    let untimed =
        |it: &Instance| it.transfers.iter().filter(|row| !facts.is_timed(**row)).count() as i64;
    let bound = |row: &Share| row.leads.then(|| instances[row.instance].bound_met);
    table
        .with("instance_transfers", Values::Count(whole(&|it| it.transfers.len() as i64)))
        .with("first_time", time(&|it| it.transfers.first()))
        .with("last_time", time(&|it| it.transfers.last()))
        .with("untimed_transfers", Values::Count(whole(&untimed)))
        .with("bound_met", Values::Flag(rows.iter().map(bound).collect()))
}

/// The accounts' identities, each held once: a hub stands in many rows.
fn account_words(inputs: &Inputs, accounts: impl Iterator<Item = u32>) -> Result<Values> {
    let names = &inputs.case.accounts()?.account;
    let words = Words::of_numbers(accounts, names.len(), |account, words| {
        words.push(names.get(account as usize));
    });
    Ok(Values::Words(words))
}

/// What of the money that came in did not go out again within the instance; nothing for who
/// only pays or is paid, or paid more than came in, in this currency or in another: what came in
/// may have gone out in that one.
fn share_kept(row: &Share) -> Option<f64> {
    let passes_on = row.paid_out > 0 && !row.paid_more;
    passes_on.then(|| 1.0 - row.paid_out as f64 / row.paid_in as f64)
}

/// The rows of one instance: each member's, by currency.
fn shares(
    inputs: &Inputs,
    facts: &TransferFacts,
    number: usize,
    instance: &Instance,
) -> Result<Vec<Share>> {
    let transfers = inputs.case.transfer_rows()?;
    let mut moved: BTreeMap<u32, BTreeMap<Currency, Moved>> = BTreeMap::new();
    for &row in &instance.transfers {
        let (sent, received) = (facts.sent(row), facts.received(row));
        let (from, to) = (transfers.from_account(row), transfers.to_account(row));
        let paid = moved.entry(from).or_default().entry(sent.currency).or_default();
        paid.paid_out.push(sent.minor);
        paid.rows.insert(row);
        let got = moved.entry(to).or_default().entry(received.currency).or_default();
        got.paid_in.push(received.minor);
        got.rows.insert(row);
    }
    let mut rows: Vec<Share> = Vec::new();
    for &(role, account) in &instance.members {
        let own = rows.len();
        for (&currency, moved) in moved.get(&account).into_iter().flatten() {
            let (source_refs, records) = facts.source_refs(moved.rows.iter().copied());
            let days = || moved.rows.iter().map(|row| facts.day(*row));
            rows.push(Share {
                instance: number,
                role,
                account,
                transfers: moved.rows.len() as u64,
                currency,
                paid_in: total_minor(moved.paid_in.iter().copied())?,
                paid_out: total_minor(moved.paid_out.iter().copied())?,
                paid_more: false,
                first: days().min().unwrap_or_default(),
                last: days().max().unwrap_or_default(),
                source_refs,
                records,
                leads: rows.is_empty(),
            });
        }
        let paid_more = rows[own..].iter().any(|row| row.paid_out > row.paid_in);
        rows[own..].iter_mut().for_each(|row| row.paid_more = paid_more);
    }
    Ok(rows)
}

/// Every transfer of each instance, in order.
fn transfers_table(
    inputs: &Inputs,
    facts: &TransferFacts,
    pattern: Pattern,
    instances: &[Instance],
) -> Result<ResultTable> {
    let transfers = inputs.case.transfer_rows()?;
    let steps: Vec<(usize, usize, u32)> = instances
        .iter()
        .enumerate()
        .flat_map(|(number, it)| {
            (1..).zip(&it.transfers).map(move |(step, row)| (number + 1, step, *row))
        })
        .collect();
    let digits = &inputs.case.manifest().digits;
    let received = |row: u32| match facts.received(row) {
        same if same == facts.sent(row) => String::new(),
        other => digits.people(other),
    };
    let rows = || steps.iter().map(|(.., row)| *row);
    let places = |(.., row): &(usize, usize, u32)| {
        interrupt::check()?;
        Ok(facts.source_refs([*row]).0)
    };
    let refs: Vec<Vec<SourceRef>> = steps.par_iter().map(places).collect::<Result<_>>()?;
    Ok(ResultTable::new(pattern.transfers_table)
        .with("instance", Values::Count(steps.iter().map(|it| Some(it.0 as i64)).collect()))
        .with("step", Values::Count(steps.iter().map(|it| Some(it.1 as i64)).collect()))
        .with("from_account", account_words(inputs, rows().map(|row| transfers.from_account(row)))?)
        .with("to_account", account_words(inputs, rows().map(|row| transfers.to_account(row)))?)
        .with("booked", Values::Time(rows().map(|it| Some(transfers.booked_ms(it))).collect()))
        .with("timed", Values::Flag(rows().map(|row| Some(facts.is_timed(row))).collect()))
        .with("amount", Values::Money(rows().map(|row| Some(facts.sent(row))).collect()))
        .with(
            "currency",
            Values::Words(rows().map(|row| facts.sent(row).currency.to_string()).collect()),
        )
        .with("received", Values::Words(rows().map(received).collect()))
        .with("source_refs", Values::Refs(refs)))
}

/// One finding a candidate and kind, of the first of its instances; the others are told by their
/// number, those that repeat others left out.
fn findings(
    inputs: &Inputs,
    facts: &TransferFacts,
    pattern: Pattern,
    instances: &[Instance],
    tell: impl Fn(usize, &Instance) -> Result<Told> + Sync,
) -> Result<Vec<Finding>> {
    let mut order: Vec<(u32, &str)> = Vec::new();
    // The first of a candidate's instances, what is told of it, and how many more there are.
    let mut by_candidate: BTreeMap<(u32, &str), (usize, Told, usize)> = BTreeMap::new();
    for (block, some) in instances.chunks(TOLD_TOGETHER).enumerate() {
        let first = block * TOLD_TOGETHER;
        let told = some.par_iter().enumerate().map(|(at, instance)| {
            interrupt::check()?;
            tell(first + at, instance)
        });
        for (at, told) in (first..).zip(told.collect::<Result<Vec<Told>>>()?) {
            match by_candidate.entry((told.candidate, told.kind)) {
                Entry::Vacant(entry) => {
                    order.push((told.candidate, told.kind));
                    entry.insert((at, told, 0));
                }
                Entry::Occupied(mut known) => known.get_mut().2 += usize::from(!told.again),
            }
        }
    }
    let found = order.par_iter().map(|candidate| {
        let (at, told, more) = &by_candidate[candidate];
        interrupt::check()?;
        finding(inputs, facts, pattern, &instances[*at], told, *more)
    });
    found.collect()
}

fn finding(
    inputs: &Inputs,
    facts: &TransferFacts,
    pattern: Pattern,
    instance: &Instance,
    told: &Told,
    more: usize,
) -> Result<Finding> {
    let days = || instance.transfers.iter().map(|row| facts.day(*row));
    let (first, last) = (days().min().unwrap_or_default(), days().max().unwrap_or_default());
    let (way, totals) = lead_moved(inputs, facts, instance)?;
    let digits = &inputs.case.manifest().digits;
    let moved: Vec<String> = totals.iter().map(|total| digits.people(*total)).collect();
    let span = match (day_text(first), day_text(last)) {
        (first, last) if first == last => format!("on {first}"),
        (first, last) => format!("from {first} to {last}"),
    };
    let (lead, leads) = lead(instance);
    let mut statement = format!(
        "{}, {span}: {}, in which the {lead}{} {way} {}.",
        told.sentence,
        counted(instance.transfers.len() as u64, "transfer"),
        if leads == 1 { "" } else { "s" },
        moved.join(" and ")
    );
    let untimed = instance.transfers.iter().filter(|row| !facts.is_timed(**row)).count();
    if untimed > 0 {
        let dated = if untimed == 1 { "is dated" } else { "are dated" };
        statement
            .push_str(&format!(" {} {dated} without a time.", counted(untimed as u64, "transfer")));
    }
    if instance.bound_met {
        statement.push_str(" A bound of the search was met here, so it may not be whole.");
    }
    if more > 0 {
        statement.push_str(&format!(" The like was found {}.", counted(more as u64, "more time")));
    }
    let (source_refs, records) = facts.source_refs(instance.transfers.iter().copied());
    Ok(Finding {
        analysis: pattern.analysis,
        candidate: EntityRef { kind: EntityKind::Account, row: told.candidate },
        candidate_name: account_name(inputs.case, told.candidate)?.to_owned(),
        measure: pattern.measure,
        value: told.value.clone(),
        score: told.score,
        amount: if let [total] = totals.as_slice() { Some(*total) } else { None },
        first: Some(first),
        last: Some(last),
        records,
        statement,
        source_refs,
        what_else_explains_it: pattern.what_else,
        bound_met: instance.bound_met,
    })
}

/// The role that an instance names first, and how many accounts have it.
fn lead(instance: &Instance) -> (&'static str, usize) {
    let role = instance.members.first().map_or("", |member| member.0);
    (role, instance.members.iter().filter(|member| member.0 == role).count())
}

/// What the accounts of the first role paid within the instance, by currency; what they were
/// paid, where they paid nothing. The transfers of all members are not added up: the same money
/// passes through one after another.
fn lead_moved(
    inputs: &Inputs,
    facts: &TransferFacts,
    instance: &Instance,
) -> Result<(&'static str, Vec<Amount>)> {
    let transfers = inputs.case.transfer_rows()?;
    let (role, count) = lead(instance);
    let mut of_role: Vec<u32> =
        instance.members.iter().filter(|it| it.0 == role).map(|it| it.1).collect();
    of_role.sort_unstable();
    let leads = |account: u32| of_role.binary_search(&account).is_ok();
    let mut paid: BTreeMap<Currency, Vec<i64>> = BTreeMap::new();
    let mut got: BTreeMap<Currency, Vec<i64>> = BTreeMap::new();
    for &row in &instance.transfers {
        if leads(transfers.from_account(row)) {
            let sent = facts.sent(row);
            paid.entry(sent.currency).or_default().push(sent.minor);
        }
        if leads(transfers.to_account(row)) {
            let received = facts.received(row);
            got.entry(received.currency).or_default().push(received.minor);
        }
    }
    let (way, sums) = match (paid.is_empty(), count) {
        (false, _) => ("paid", paid),
        (true, 1) => ("was paid", got),
        (true, _) => ("were paid", got),
    };
    let total = |(currency, minor): (Currency, Vec<i64>)| {
        Ok(Amount { minor: total_minor(minor)?, currency })
    };
    Ok((way, sums.into_iter().map(total).collect::<Result<_>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Case, Manifest, Transfers};

    /// Currencies and shares kept of account 1, by payment: whether it is paid, currency, amount.
    #[track_caller]
    fn check(rows: &[(bool, &str, i64)], expected: &[(&str, Option<f64>)]) {
        let ends = |paid: bool| if paid { (0, 1) } else { (1, 2) };
        let case = Case::in_memory(Manifest::default()).with(Transfers {
            from_account: rows.iter().map(|row| ends(row.0).0).collect(),
            to_account: rows.iter().map(|row| ends(row.0).1).collect(),
            booked_ms: vec![0; rows.len()],
            day: vec![0; rows.len()],
            timed: vec![false; rows.len()],
            amount_minor: rows.iter().map(|row| row.2).collect(),
            currency: rows.iter().map(|row| row.1.parse().unwrap()).collect(),
            source: vec![0; rows.len()],
            line: (2..).take(rows.len()).collect(),
            ..Transfers::default()
        });
        let transfers = (0..rows.len() as u32).collect();
        let instance = Instance { members: vec![("relay", 1)], transfers, bound_met: false };
        let facts = TransferFacts::new(&case).unwrap();
        let shares = shares(&Inputs::new(&case), &facts, 0, &instance).unwrap();
        let kept = shares.iter().map(|row| (row.currency.to_string(), share_kept(row)));
        let expected = expected.iter().map(|(currency, kept)| (currency.to_string(), *kept));
        assert!(kept.eq(expected.clone()), "expected {:?}", expected.collect::<Vec<_>>());
    }

    #[test]
    fn no_share_is_kept_where_the_money_may_have_left_in_another_currency() {
        let (came, went) = (true, false);
        check(&[(came, "EUR", 100), (went, "EUR", 75)], &[("EUR", Some(0.25))]);
        let both = [(came, "EUR", 100), (went, "EUR", 75), (came, "USD", 8), (went, "USD", 8)];
        check(&both, &[("EUR", Some(0.25)), ("USD", Some(0.0))]);
        let changed = [(came, "EUR", 100), (went, "EUR", 10), (went, "USD", 80)];
        check(&changed, &[("EUR", None), ("USD", None)]);
    }
}
