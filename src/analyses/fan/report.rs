//! What fan-in and fan-out look like as a table and as sentences.

use crate::analyses::fan::{Instance, Params, Share, Way};
use crate::analyses::{SOURCE_REFS_MAX, account_name};
use crate::error::Result;
use crate::model::{EntityKind, EntityRef, Finding, ResultTable, Values, day_text};
use crate::store::Case;

/// The rows of each instance: its hub's, then its counterparties', by currency.
pub(super) fn table(
    case: &Case,
    instances: &[Instance],
    params: &Params,
    way: Way,
) -> Result<ResultTable> {
    let mut rows: Vec<(i64, &Instance, &Share, bool)> = Vec::new();
    for (number, it) in (1..).zip(instances) {
        rows.extend(it.hub_shares.iter().map(|share| (number, it, share, true)));
        rows.extend(it.other_shares.iter().map(|share| (number, it, share, false)));
    }
    let role = |is_hub| if is_hub { "hub" } else { way.other_role() };
    let text = |of: &dyn Fn(&Share, bool) -> String| {
        Values::Text(rows.iter().map(|(.., share, is_hub)| of(share, *is_hub)).collect())
    };
    let day = |of: fn(&Share) -> i32| {
        Values::Day(rows.iter().map(|(.., share, _)| Some(of(share))).collect())
    };
    // What is said of the whole instance stands in the hub's rows only, so that it is not added
    // up over the members.
    let of_hub = |of: fn(&Instance) -> usize| {
        let value = |it: &Instance, is_hub: bool| is_hub.then(|| of(it) as i64);
        Values::Count(rows.iter().map(|(_, it, _, is_hub)| value(it, *is_hub)).collect())
    };
    let hub_day = |of: fn(&Instance) -> i32| {
        Values::Day(rows.iter().map(|(_, it, _, is_hub)| is_hub.then(|| of(it))).collect())
    };
    let names: Result<Vec<String>> = rows
        .iter()
        .map(|(.., share, _)| Ok(account_name(case, share.account)?.to_owned()))
        .collect();
    let counts = |of: fn(&Share) -> u64| {
        Values::Count(rows.iter().map(|(.., share, _)| Some(of(share) as i64)).collect())
    };
    let flag = |of: &dyn Fn(&Instance, &Share, bool) -> Option<bool>| {
        Values::Flag(rows.iter().map(|(_, it, share, is_hub)| of(it, share, *is_hub)).collect())
    };
    let cut = rows.iter().any(|(.., share, _)| share.records > share.source_refs.len() as u64);
    let table = ResultTable::new(way.analysis())
        .with("instance", Values::Count(rows.iter().map(|row| Some(row.0)).collect()))
        .with("account", Values::Text(names?))
        .with("role_in_pattern", text(&|_, is_hub| role(is_hub).to_owned()))
        .with("transfers", counts(|share| share.transfers))
        .with("total", Values::Money(rows.iter().map(|row| Some(row.2.total)).collect()))
        .with("currency", text(&|share, _| share.total.currency.to_string()))
        .with("first", day(|share| share.first))
        .with("last", day(|share| share.last))
        .with("unidentified", flag(&|_, share, _| Some(share.unidentified)))
        .with("counterparties", of_hub(|it| it.counterparties))
        .with("counterparties_unidentified", of_hub(|it| it.counterparties_unidentified))
        .with("peak_counterparties", of_hub(|it| it.peak_counterparties))
        .with("peak_first", hub_day(|it| it.peak_first))
        .with("peak_last", hub_day(|it| it.peak_last))
        .with("untimed_transfers", of_hub(|it| it.untimed_transfers as usize))
        .with("bound_met", flag(&|it, _, is_hub| is_hub.then_some(it.bound_met)))
        .with("records", counts(|share| share.records))
        .with(
            "source_refs",
            Values::Refs(rows.iter().map(|row| row.2.source_refs.clone()).collect()),
        );
    Ok(with_notes(table, params, way, cut))
}

fn with_notes(table: ResultTable, params: &Params, way: Way, cut: bool) -> ResultTable {
    let mut table = table.note(format!(
        "{} or more distinct {}s within {} hours, first and last transfer included; windows that \
         share a transfer are one instance, and its peak is the window with most. Each currency \
         has rows of its own.",
        params.counterparties_min,
        way.other_role(),
        params.window_hours
    ));
    if cut {
        table = table.note(format!(
            "source_refs lists the first {SOURCE_REFS_MAX} records of a row; records counts all."
        ));
    }
    if table.rows() == 0 {
        table = table.note("No account meets these bounds.");
    }
    table
}

/// One statement an instance.
pub(super) fn finding(case: &Case, it: &Instance, params: &Params, way: Way) -> Result<Finding> {
    let name = account_name(case, it.hub)?;
    let totals: Vec<String> =
        it.hub_shares.iter().map(|share| case.manifest().digits.people(share.total)).collect();
    let (peak, all) = (it.peak_counterparties, it.counterparties);
    let (hours, totals) = (params.window_hours, totals.join(" and "));
    let within =
        format!("within {hours} hours ({} to {})", day_text(it.peak_first), day_text(it.peak_last));
    let over = format!(
        "in {} transfers from {} to {}",
        it.transfers,
        day_text(it.first),
        day_text(it.last)
    );
    let mut statement = match way {
        Way::In => format!(
            "{peak} senders paid {name} {within}; with overlapping windows {all} senders paid it \
             {totals} {over}."
        ),
        Way::Out => format!(
            "{name} paid {peak} receivers {within}; with overlapping windows it paid {all} \
             receivers {totals} {over}."
        ),
    };
    if it.counterparties_unidentified > 0 {
        statement.push_str(&format!(
            " {} of the {all} {}s are not identified.",
            it.counterparties_unidentified,
            way.other_role()
        ));
    }
    if it.untimed_transfers > 0 {
        statement.push_str(&format!(
            " {} of the transfers are dated without a time and stand at the start of their day.",
            it.untimed_transfers
        ));
    }
    let amount = if let [share] = it.hub_shares.as_slice() { Some(share.total) } else { None };
    Ok(Finding {
        analysis: way.analysis(),
        candidate: EntityRef { kind: EntityKind::Account, row: it.hub },
        candidate_name: name.to_owned(),
        measure: "peak_counterparties",
        value: peak.to_string(),
        score: peak as f64,
        amount,
        first: Some(it.first),
        last: Some(it.last),
        records: it.records,
        statement,
        source_refs: it.source_refs.clone(),
        what_else_explains_it: way.what_else(),
        bound_met: it.bound_met,
    })
}
