//! What fan-in and fan-out look like as a table and as sentences.

use crate::analyses::fan::instance::{Instance, Share};
use crate::analyses::fan::{Params, Way};
use crate::analyses::{SOURCE_REFS_MAX, account_name};
use crate::error::Result;
use crate::model::{EntityKind, EntityRef, Finding, ResultTable, Values, counted, day_text};
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

/// One statement a hub, of the first of its instances; the others are told by their number.
pub(super) fn finding(
    case: &Case,
    of_hub: &[&Instance],
    params: &Params,
    way: Way,
) -> Result<Finding> {
    let it = of_hub[0];
    let name = account_name(case, it.hub)?;
    let totals: Vec<String> =
        it.hub_shares.iter().map(|share| case.manifest().digits.people(share.total)).collect();
    let amount = if let [share] = it.hub_shares.as_slice() { Some(share.total) } else { None };
    Ok(Finding {
        analysis: way.analysis(),
        candidate: EntityRef { kind: EntityKind::Account, row: it.hub },
        candidate_name: name.to_owned(),
        measure: "peak_counterparties",
        value: it.peak_counterparties.to_string(),
        score: it.peak_counterparties as f64,
        amount,
        first: Some(it.first),
        last: Some(it.last),
        records: it.records,
        statement: statement(name, &totals.join(" and "), of_hub, params, way),
        source_refs: it.source_refs.clone(),
        what_else_explains_it: way.what_else(),
        bound_met: it.bound_met,
    })
}

fn statement(name: &str, totals: &str, of_hub: &[&Instance], params: &Params, way: Way) -> String {
    let it = of_hub[0];
    let others = |count: usize| counted(count as u64, way.other_role());
    let span = |first, last| match day_text(first) {
        first if first == day_text(last) => format!("on {first}"),
        first => format!("from {first} to {}", day_text(last)),
    };
    let who = match way {
        Way::In => format!("{} paid {name}", others(it.peak_counterparties)),
        Way::Out => format!("{name} paid {}", others(it.peak_counterparties)),
    };
    let mut text = format!(
        "{who} within {}, {}",
        counted(params.window_hours, "hour"),
        span(it.peak_first, it.peak_last)
    );
    if it.transfers > it.peak_transfers {
        text.push_str(&format!(
            ". With the windows that overlap, {} {}",
            others(it.counterparties),
            span(it.first, it.last)
        ));
    }
    text.push_str(&format!(": {totals} in {}.", counted(it.transfers, "transfer")));
    if it.counterparties_unidentified > 0 {
        text.push_str(&format!(
            " The records do not identify {} of the {}.",
            it.counterparties_unidentified,
            others(it.counterparties)
        ));
    }
    if it.untimed_transfers == it.transfers {
        text.push_str(" The records give dates without times.");
    } else if it.untimed_transfers > 0 {
        text.push_str(&format!(
            " {} of the transfers are dated without a time and stand at the start of their day.",
            it.untimed_transfers
        ));
    }
    if it.bound_met {
        text.push_str(&format!(
            " Only the first {} of the account were read.",
            counted(params.transfers_max, "transfer")
        ));
    }
    let others = || of_hub[1..].iter();
    if let (Some(first), Some(last)) =
        (others().map(|it| it.first).min(), others().map(|it| it.last).max())
    {
        let times = counted(others().len() as u64, "more time");
        text.push_str(&format!(" The like happened {times} {}.", span(first, last)));
    }
    text
}
