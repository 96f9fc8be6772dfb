//! What is done with what is left: shared out by contributions, or held by a restraint.

use std::collections::{BTreeMap, BTreeSet};

use super::bounds::Bound;
use super::rules::Rule;
use super::shares::{Part, shares};
use super::sweep::Traced;
use super::tables::{Tables, money, rule_column, words};
use crate::error::Result;
use crate::model::{ResultTable, Values, day_text};

/// `trace_pari_passu`: all that is left of every label, shared out by what was declared of each,
/// whenever it was paid in. This moves no money; it closes an account.
pub fn pari_passu(tables: &Tables) -> ResultTable {
    let traces = tables.traces;
    let labels: Vec<u32> = traces.labels().into_iter().filter(|label| *label > 0).collect();
    let declared: Vec<Part> =
        labels.iter().map(|label| (*label, traces.declared_minor(*label))).collect();
    let held = |traced: &Traced| -> i64 {
        traced.left().values().flat_map(|parts| parts.iter()).map(|(_, minor)| minor).sum()
    };
    let currency = traces.of.currency;
    let mut table = ResultTable::new("trace_pari_passu")
        .with("label", words(labels.iter().map(|label| traces.sources.name(*label))))
        .with("declared", money(declared.iter().map(|(_, minor)| *minor), currency));
    for (rule, traced) in traces.question.rules.iter().zip(&traces.rules) {
        let mut given = Vec::new();
        shares(held(traced), 0, &declared, &mut given);
        table = table.with(rule_column(rule.word()), money(given.into_iter(), currency));
    }
    table
        .with("currency", words(vec![currency; labels.len()]))
        .note("Each column shares out what that rule leaves in all accounts, by what was paid in.")
}

/// A row of `trace_restrain`.
struct Held {
    label: u32,
    rule: Rule,
    declared: i64,
    frozen: i64,
    elsewhere: i64,
    /// The account outside the frozen ones that holds most.
    next: Option<(u32, i64)>,
    bound: Bound,
}

/// `trace_restrain`: how much of each label would be held if `frozen` accounts were restrained on
/// the last day, under each rule, and which one account more would hold most.
///
/// # Errors
///
/// [`crate::Error::File`] if the store is damaged.
pub fn restrain(tables: &Tables, frozen: &[u32]) -> Result<ResultTable> {
    let traces = tables.traces;
    let mut rows = Vec::new();
    for label in traces.labels() {
        let declared = traces.declared_minor(label);
        let mut bound = Bound::default();
        for (account, limits) in traces.bounded.left() {
            if frozen.contains(&account) {
                for (_, one) in limits.iter().filter(|(of, _)| *of == label) {
                    bound.floor += one.floor;
                    bound.ceiling = (bound.ceiling + one.ceiling).min(declared);
                }
            }
        }
        for (rule, traced) in traces.question.rules.iter().zip(&traces.rules) {
            let mut held: BTreeMap<u32, i64> = BTreeMap::new();
            for (account, parts) in traced.left() {
                let mine = parts.iter().filter(|(of, _)| label == 0 || *of == label);
                let minor: i64 = mine.map(|(_, minor)| minor).sum();
                held.insert(account, minor);
            }
            let total: i64 = held.values().sum();
            let in_frozen: i64 = held
                .iter()
                .filter(|(account, _)| frozen.contains(account))
                .map(|(_, minor)| minor)
                .sum();
            let others =
                held.iter().filter(|(account, minor)| !frozen.contains(account) && **minor > 0);
            let next =
                others.max_by_key(|(account, minor)| (**minor, std::cmp::Reverse(**account)));
            rows.push(Held {
                label,
                rule: *rule,
                declared,
                frozen: in_frozen,
                elsewhere: total - in_frozen,
                next: next.map(|(account, minor)| (*account, *minor)),
                bound,
            });
        }
    }
    let mut next = Vec::new();
    for row in &rows {
        next.push(match row.next {
            Some((account, _)) => tables.account_of(account)?,
            None => String::new(),
        });
    }
    let mut told: BTreeSet<u32> = frozen.iter().copied().collect();
    told.extend(rows.iter().filter_map(|row| row.next).map(|(account, _)| account));
    let mut notes = Vec::new();
    for account in told {
        notes.extend(not_of_the_day(tables, account)?);
    }
    let currency = traces.of.currency;
    let column = |of: fn(&Held) -> i64| money(rows.iter().map(of), currency);
    let table = ResultTable::new("trace_restrain")
        .with("label", words(rows.iter().map(|row| traces.sources.name(row.label))))
        .with("rule", words(rows.iter().map(|row| row.rule.word())))
        .with("declared", column(|row| row.declared))
        .with("held", column(|row| row.frozen))
        .with("floor", column(|row| row.bound.floor))
        .with("ceiling", column(|row| row.bound.ceiling))
        .with("in_other_accounts", column(|row| row.elsewhere))
        .with("one_account_more", Values::Text(next))
        .with("would_hold", column(|row| row.next.map_or(0, |(_, minor)| minor)))
        .with("currency", words(vec![currency; rows.len()]));
    Ok(notes.into_iter().fold(table, |table, note| table.note(note)))
}

/// What a reader has to know of an account of which no statement is held on the day on which it
/// would be frozen.
fn not_of_the_day(tables: &Tables, account: u32) -> Result<Option<String>> {
    let traces = tables.traces;
    let name = tables.account_of(account)?;
    let day = match traces.question.until {
        i32::MAX => traces.last_day(),
        until => until,
    };
    Ok(match traces.last_held_day(account) {
        Some(last) if last >= day => None,
        Some(last) => Some(format!(
            "What {name} held is of {}: no statement of it is held from then to {}, so ask for it.",
            day_text(last),
            day_text(day)
        )),
        None => {
            Some(format!("No statement of {name} up to {} is held: ask for it.", day_text(day)))
        }
    })
}
