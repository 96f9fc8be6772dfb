//! What pass-through accounts look like as a table and as sentences.

use crate::analyses::pass_through::{HOUR_MS, Instance, Params, WHAT_ELSE};
use crate::analyses::{SOURCE_REFS_MAX, account_name};
use crate::error::Result;
use crate::model::{
    Amount, EntityKind, EntityRef, Finding, ResultTable, SourceRef, Values, counted,
};
use crate::store::Case;

/// One row an instance.
pub(super) fn table(
    case: &Case,
    instances: &[Instance],
    params: &Params,
    held: &[bool],
) -> Result<ResultTable> {
    let count =
        |of: fn(&Instance) -> i64| Values::Count(instances.iter().map(|it| Some(of(it))).collect());
    let money = |of: fn(&Instance) -> i64| {
        let amount = |it: &Instance| Amount { minor: of(it), currency: it.currency };
        Values::Money(instances.iter().map(|it| Some(amount(it))).collect())
    };
    let score =
        |of: fn(&Instance) -> f64| Values::Score(instances.iter().map(|it| Some(of(it))).collect());
    let day =
        |of: fn(&Instance) -> i32| Values::Day(instances.iter().map(|it| Some(of(it))).collect());
    let refs = |of: fn(&Instance) -> &Vec<SourceRef>| {
        Values::Refs(instances.iter().map(|it| of(it).clone()).collect())
    };
    let names: Result<Vec<String>> =
        instances.iter().map(|it| Ok(account_name(case, it.account)?.to_owned())).collect();
    let numbers = (1..=instances.len() as i64).map(Some).collect();
    let table = ResultTable::new("pass-through")
        .with("instance", Values::Count(numbers))
        .with("account", Values::Text(names?))
        .with("role_in_pattern", Values::Text(vec!["pass-through".to_owned(); instances.len()]))
        .with("transfers", count(|it| it.credits as i64))
        .with("total", money(|it| it.credits_total))
        .with(
            "currency",
            Values::Text(instances.iter().map(|it| it.currency.to_string()).collect()),
        )
        .with("first", day(|it| it.first))
        .with("last", day(|it| it.last))
        .with("credits_total", money(|it| it.credits_total))
        .with("debits_matched", count(|it| it.debits_matched as i64))
        .with("matched_total", money(|it| it.matched_total))
        .with("order_unstated_total", money(|it| it.order_unstated_total))
        .with("share_out_percent", score(|it| it.share() * 100.0))
        .with("dwell_hours_median", score(|it| it.dwell_median_ms as f64 / HOUR_MS as f64))
        .with(
            "statements_held",
            Values::Flag(instances.iter().map(|it| Some(held[it.account as usize])).collect()),
        )
        .with("records", count(|it| it.records as i64))
        .with("source_refs", refs(|it| &it.credit_refs))
        .with("debit_refs", refs(|it| &it.debit_refs));
    Ok(with_notes(table, instances, params))
}

fn with_notes(table: ResultTable, instances: &[Instance], params: &Params) -> ResultTable {
    let mut table = table
        .note(format!(
            "Accounts of whose credits, {} or more, at least {} percent were debited again within \
             {} civil days, first in first out and each currency by itself. transfers, \
             total and source_refs are the credits; debit_refs are the debits set against them, \
             in whole or in part.",
            params.credits_min.max(1),
            params.share_out_min_percent,
            params.window_days
        ))
        .note(
            "order_unstated_total is money matched on the day it came where a record without a \
             time leaves open which came first; without times dwell_hours_median counts whole \
             days.",
        );
    let listed = |it: &Instance| (it.credit_refs.len() + it.debit_refs.len()) as u64;
    if instances.iter().any(|it| it.records > listed(it)) {
        table = table.note(format!(
            "source_refs and debit_refs list the first {SOURCE_REFS_MAX} records each; records counts \
             all of both."
        ));
    }
    if instances.is_empty() {
        table = table.note("No account meets these bounds.");
    }
    table
}

/// One statement an instance.
pub(super) fn finding(case: &Case, it: &Instance, params: &Params, held: bool) -> Result<Finding> {
    let name = account_name(case, it.account)?;
    let people = |minor| case.manifest().digits.people(Amount { minor, currency: it.currency });
    let mut statement = format!(
        "Of {} credited to {name} in {}, {} percent left within {}.",
        people(it.credits_total),
        counted(it.credits as u64, "transfer"),
        it.whole_percent(),
        counted(params.window_days, "day")
    );
    if it.order_unstated_total > 0 {
        statement.push_str(&format!(
            " {} of it left on the day it came, and the records do not state which came first.",
            people(it.order_unstated_total)
        ));
    }
    if !held {
        statement
            .push_str(" The account's own statements are not held, so it may have more movements.");
    }
    let mut source_refs = [it.credit_refs.as_slice(), &it.debit_refs].concat();
    source_refs.sort_unstable();
    Ok(Finding {
        analysis: "pass-through",
        candidate: EntityRef { kind: EntityKind::Account, row: it.account },
        candidate_name: name.to_owned(),
        measure: "share_out_percent",
        value: it.whole_percent().to_string(),
        score: it.share(),
        amount: Some(Amount { minor: it.matched_total, currency: it.currency }),
        first: Some(it.first),
        last: Some(it.last),
        records: it.records,
        statement,
        source_refs,
        what_else_explains_it: WHAT_ELSE,
        bound_met: false,
    })
}
