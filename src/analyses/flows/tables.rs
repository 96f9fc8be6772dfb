//! The tables `flows` and `flow_rows`.

use std::hash::Hash;

use hashbrown::HashMap;

use super::totals::{Limits, Periods, period_text};
use super::{Flow, Params, Period, Totals};
use crate::analyses::{Groups, Inputs, Readings, possible_pairs_sentence};
use crate::error::{Error, Result};
use crate::model::{Amount, Channel, Currency, RareMoney, ResultTable, Texts, Values, Words};

pub(super) fn flows(
    inputs: &Inputs,
    params: &Params,
    groups: &Groups,
    totals: &Totals,
) -> Result<ResultTable> {
    let flows = &totals.flows;
    let named = |of: fn(&Flow) -> u32| names(groups, flows.iter().map(of));
    let by: Texts = [params.by.word()].into_iter().collect();
    let money = |of: &dyn Fn(&Flow) -> Option<i64>| {
        let amount = |flow: &Flow| of(flow).map(|minor| Amount { minor, currency: flow.currency });
        Values::Money(flows.iter().map(amount).collect())
    };
    let day =
        |of: &dyn Fn(&Flow) -> i32| Values::Day(flows.iter().map(|flow| Some(of(flow))).collect());
    let mut table = ResultTable::new("flows")
        .with("by", Values::Words(Words::new(by, vec![0; flows.len()])))
        .with("from", named(|flow| flow.from))
        .with("to", named(|flow| flow.to))
        .with("currency", words(flows.iter().map(|flow| flow.currency), Currency::to_string))
        .with(
            "transfers",
            Values::Count(flows.iter().map(|flow| Some(flow.transfers as i64)).collect()),
        )
        .with("total", money(&|flow| Some(flow.total_minor)))
        .with("first", day(&|flow| flow.first))
        .with("last", day(&|flow| flow.last))
        .with("largest", money(&|flow| Some(flow.largest_minor)));
    if params.period != Period::All {
        let period = |start: &i32| period_text(params.period, *start);
        table = table.with("period", words(flows.iter().map(|flow| flow.period), period));
    }
    let between = |flow: &Flow, minor: i64| (!flow.is_self_transfer()).then_some(minor);
    table = table
        .with("reverse_total", money(&|flow| between(flow, flow.reverse_minor)))
        .with("net", money(&|flow| between(flow, flow.total_minor - flow.reverse_minor)))
        .with(
            "self_transfer",
            Values::Flag(flows.iter().map(|flow| Some(flow.is_self_transfer())).collect()),
        );
    let mut shares = Channel::ALL.map(|_| RareMoney::new(flows.len()));
    for (row, flow) in flows.iter().enumerate() {
        for (channel, minor) in totals.channels(flow) {
            let amount = Amount { minor: *minor, currency: flow.currency };
            shares[*channel as usize].put(row as u32, amount);
        }
    }
    for (channel, share) in Channel::ALL.into_iter().zip(shares) {
        table = table.with(channel.word(), Values::RareMoney(share));
    }
    notes(inputs, totals, table)
}

/// The names of groups, each held once.
fn names(groups: &Groups, rows: impl Iterator<Item = u32>) -> Values {
    Values::Words(Words::of_numbers(rows, groups.len(), |group, texts| {
        texts.push(groups.name(group));
    }))
}

/// Texts of values that repeat, each held once.
fn words<T: Copy + Eq + Hash>(
    rows: impl Iterator<Item = T>,
    text: impl Fn(&T) -> String,
) -> Values {
    let mut known: HashMap<T, u32> = HashMap::new();
    let mut texts = Texts::new();
    let at = rows.map(|value| {
        *known.entry(value).or_insert_with(|| {
            texts.push(&text(&value));
            texts.len() as u32 - 1
        })
    });
    let at = at.collect();
    Values::Words(Words::new(texts, at))
}

/// What a reader must know before reading the totals.
fn notes(inputs: &Inputs, totals: &Totals, mut table: ResultTable) -> Result<ResultTable> {
    let flows = &totals.flows;
    if totals.all.flows == 0 {
        return Ok(table.note("No transfer counts within these limits."));
    }
    let counted: u64 = flows.iter().map(|flow| flow.transfers).sum();
    let held = inputs.case.transfers()?.day.len();
    table = table.note(format!("{counted} of the case's {held} transfers are added up."));
    if totals.all.flows > flows.len() as u64 {
        let all = totals.all.flows;
        table = table.note(format!("The {} largest of {all} flows are listed.", flows.len()));
    }
    if flows.iter().any(|flow| flow.currency != flows[0].currency) {
        table = table.note("Currencies are listed one after the other and never added together.");
    }
    if !inputs.case.conversions()?.transfer.is_empty() {
        table = table.note(
            "Amounts are what left the sender; what arrived in another currency or amount stands \
             in `conversions`.",
        );
    }
    if let Some(sentence) = possible_pairs_sentence(inputs.case)? {
        table = table.note(sentence);
    }
    Ok(table)
}

/// The transfers behind every flow, in order of flow, then of `transfers`.
pub(super) fn flow_rows(
    inputs: &Inputs,
    params: &Params,
    groups: &Groups,
    totals: &Totals,
) -> Result<ResultTable> {
    let transfers = inputs.case.transfers()?;
    let accounts = inputs.case.accounts()?;
    let readings = Readings::new(inputs.case)?;
    let limits = Limits::new(params, groups)?;
    let periods = Periods::new(params.period, &transfers.day);
    let flow_of: HashMap<_, usize> = totals
        .flows
        .iter()
        .enumerate()
        .map(|(at, flow)| ((flow.from, flow.to, flow.currency, flow.period), at))
        .collect();
    let mut rows: Vec<(usize, usize)> = Vec::new();
    for row in 0..transfers.day.len() {
        if let Some((from, to)) = limits.pair(transfers, groups, row) {
            let period = periods.start(transfers.day[row]);
            // A flow that is not listed has no rows here.
            let flow = flow_of.get(&(from, to, transfers.currency[row], period));
            rows.extend(flow.map(|flow| (*flow, row)));
        }
    }
    rows.sort_unstable();
    assert_adds_up(totals, &rows, &transfers.amount_minor)?;
    let flows = || rows.iter().map(|(flow, _)| &totals.flows[*flow]);
    let listed = || rows.iter().map(|(_, row)| *row);
    let mut table = ResultTable::new("flow_rows")
        .with("flow", Values::Count(rows.iter().map(|(flow, _)| Some(*flow as i64 + 1)).collect()))
        .with("from", names(groups, flows().map(|flow| flow.from)))
        .with("to", names(groups, flows().map(|flow| flow.to)))
        .with("currency", words(flows().map(|flow| flow.currency), Currency::to_string));
    if params.period != Period::All {
        let period = |start: &i32| period_text(params.period, *start);
        table = table.with("period", words(flows().map(|flow| flow.period), period));
    }
    let account = |ends: &[u32]| {
        let ends = listed().map(|row| ends[row]);
        Values::Words(Words::of_numbers(ends, accounts.account.len(), |account, texts| {
            texts.push(accounts.account.get(account as usize));
        }))
    };
    let amount = |row: usize| {
        Some(Amount { minor: transfers.amount_minor[row], currency: transfers.currency[row] })
    };
    Ok(table
        .with("day", Values::Day(rows.iter().map(|(_, row)| Some(transfers.day[*row])).collect()))
        .with("amount", Values::Money(rows.iter().map(|(_, row)| amount(*row)).collect()))
        .with("channel", words(listed().map(|row| transfers.channel[row]), Channel::to_string))
        .with("from_account", account(&transfers.from_account))
        .with("to_account", account(&transfers.to_account))
        .with("transfer", Values::Count(rows.iter().map(|(_, row)| Some(*row as i64)).collect()))
        .with(
            "records",
            Values::Refs(rows.iter().map(|(_, row)| readings.places(*row as u32)).collect()),
        )
        .note(
            "`flow` is the row of the table `flows`, counted from 1; `transfer` is the row of the \
             store's table, counted from 0.",
        ))
}

/// The rows listed for a flow add up to its total, always.
fn assert_adds_up(totals: &Totals, rows: &[(usize, usize)], amounts: &[i64]) -> Result<()> {
    let mut sums = vec![0_i64; totals.flows.len()];
    for (flow, row) in rows {
        sums[*flow] = sums[*flow].checked_add(amounts[*row]).ok_or(Error::AmountOverflow)?;
    }
    assert!(
        totals.flows.iter().zip(&sums).all(|(flow, sum)| flow.total_minor == *sum),
        "the rows listed for a flow add up to its total"
    );
    Ok(())
}
