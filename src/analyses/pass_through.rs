//! Pass-through accounts: money that leaves soon after it arrives.
//!
//! # What it finds
//! Accounts of which most of what they are credited is debited again within a few days. Debits
//! are set against credits first in first out, one currency at a time, and no minor unit of
//! either is used twice. A credit that is older than the window when a debit leaves does not
//! count towards it.
//!
//! Days are civil days of the case's zone: a credit of Monday and a debit of Thursday are three
//! days apart, whatever their hours. On the day of the credit itself a debit counts unless the
//! records put it first, by their times or by the order of a statement that has both; where they
//! leave the order open, by a date without a time or by equal times, the money concerned is told
//! apart as `order_unstated_total`, and credits count as having come as early and debits as having
//! left as late as the records let them. Transfers of an account to itself never count. An
//! unidentified far end is no candidate, but what it paid or was paid is money in or out of the
//! account near it.
//!
//! This is a measure of timing. Which money left under a rule of law is for fund tracing.
//!
//! # Why it matters
//! Layering moves funds through accounts that have no use of their own for them.
//!
//! # What else explains it
//! Payroll accounts, client accounts, sweep accounts, rent collected for an owner, payments
//! returned to their sender, and households that spend their wages as they come.
//!
//! # Parameters
//! `window_days`, `share_out_min_percent`, `credits_min`: see [`Params`].
//!
//! # Cost
//! Linear in transfers, and a sort of each account's own; accounts are spread over threads.

mod report;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use clap::Args;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use self::report::{finding, table};
use crate::analyses::{
    Inputs, Moments, Movement, Outcome, TransferFacts, dwell_median_ms, match_in_order,
    sort_as_they_came, sort_as_they_left, total_minor,
};
use crate::error::{Error, Result};
use crate::graph::{Edge, TransferGraph};
use crate::model::{Currency, SourceRef};
use crate::store::Case;

const WHAT_ELSE: &str = "Payroll accounts, client accounts, sweep accounts, rent collected for \
                         an owner, payments returned to their sender, and households that spend \
                         their wages as they come look the same.";
const HOUR_MS: i64 = 3_600_000;

/// Keys of a query file's `[parameters]`, and flags of `pass-through`.
#[derive(Args, Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
// `patterns` takes the flags of several analyses, and clap wants one group of a name.
#[group(skip)]
pub struct Params {
    /// Civil days after a credit during which debits count against it; 0 is the same day.
    #[arg(long, value_name = "N", default_value_t = Params::default().window_days)]
    pub window_days: u32,
    /// Smallest share of the credits debited again, in percent, 1 to 100.
    #[arg(long, value_name = "N", default_value_t = Params::default().share_out_min_percent)]
    pub share_out_min_percent: u8,
    /// Fewest credits that make a pattern rather than a coincidence.
    #[arg(long, value_name = "N", default_value_t = Params::default().credits_min)]
    pub credits_min: u32,
}

impl Default for Params {
    fn default() -> Params {
        Params { window_days: 3, share_out_min_percent: 80, credits_min: 3 }
    }
}

/// An account that passes money through, in one currency.
struct Instance {
    account: u32,
    currency: Currency,
    credits: usize,
    debits_matched: usize,
    credits_total: i64,
    matched_total: i64,
    order_unstated_total: i64,
    dwell_median_ms: i64,
    first: i32,
    last: i32,
    credit_refs: Vec<SourceRef>,
    debit_refs: Vec<SourceRef>,
    records: u64,
}

impl Instance {
    fn share(&self) -> f64 {
        self.matched_total as f64 / self.credits_total as f64
    }

    /// Rounded down, so that a sentence never says more than the records do.
    fn whole_percent(&self) -> i128 {
        i128::from(self.matched_total) * 100 / i128::from(self.credits_total)
    }
}

/// Finds the accounts; the table `pass-through` and one finding for each row, the largest share
/// first, then most credits, then account and currency.
///
/// # Errors
///
/// [`Error::Usage`] for a parameter out of range, [`Error::AmountOverflow`] for sums beyond 64
/// bits, [`Error::File`] if the store is damaged.
pub fn run(inputs: &Inputs, params: &Params) -> Result<Outcome> {
    if !(1..=100).contains(&params.share_out_min_percent) {
        let found = params.share_out_min_percent;
        let what = format!("share_out_min_percent is {found}, expected a share from 1 to 100");
        return Err(Error::Usage(what));
    }
    let facts = TransferFacts::new(inputs.case)?;
    let moments = Moments::new(inputs.case)?;
    let graph = inputs.graph()?;
    let found: Vec<Vec<Instance>> = (0..graph.nodes() as u32)
        .into_par_iter()
        .filter(|account| !graph.is_unidentified(*account))
        .map(|account| of_account(graph, (&facts, &moments), account, params))
        .collect::<Result<_>>()?;
    let mut instances: Vec<Instance> = found.into_iter().flatten().collect();
    instances.sort_by(|left, right| {
        let by_share = right.share().total_cmp(&left.share());
        let rest = |it: &Instance| (Reverse(it.credits), it.account, it.currency);
        by_share.then_with(|| rest(left).cmp(&rest(right)))
    });
    let held = statements_held(inputs.case, graph.nodes())?;
    let findings = instances
        .iter()
        .map(|instance| finding(inputs.case, instance, params, held[instance.account as usize]))
        .collect::<Result<_>>()?;
    Ok(Outcome { tables: vec![table(inputs.case, &instances, params, &held)?], findings })
}

/// Whether an account's own statements are held for any day.
fn statements_held(case: &Case, accounts: usize) -> Result<Vec<bool>> {
    let coverage = case.coverage()?;
    let mut held = vec![false; accounts];
    for (&account, state) in coverage.account.iter().zip(coverage.state.iter()) {
        if state == "covers" {
            held[account as usize] = true;
        }
    }
    Ok(held)
}

fn of_account(
    graph: &TransferGraph,
    (facts, moments): (&TransferFacts, &Moments),
    account: u32,
    params: &Params,
) -> Result<Vec<Instance>> {
    let mut by_currency: BTreeMap<Currency, (Vec<Movement>, Vec<Movement>)> = BTreeMap::new();
    let movement = |edge: Edge, minor| Movement {
        transfer: edge.transfer,
        ms: edge.time_ms,
        day: facts.day(edge.transfer),
        timed: facts.is_timed(edge.transfer),
        minor,
    };
    for edge in graph.in_edges(account).iter().filter(|edge| edge.neighbour != account) {
        let amount = facts.received(edge.transfer);
        by_currency.entry(amount.currency).or_default().0.push(movement(edge, amount.minor));
    }
    for edge in graph.out_edges(account).iter().filter(|edge| edge.neighbour != account) {
        let amount = facts.sent(edge.transfer);
        by_currency.entry(amount.currency).or_default().1.push(movement(edge, amount.minor));
    }
    let mut instances = Vec::new();
    for (currency, (credits, debits)) in by_currency {
        if credits.len() >= params.credits_min.max(1) as usize {
            let of = (account, currency);
            instances.extend(measure((facts, moments), of, credits, debits, params)?);
        }
    }
    Ok(instances)
}

fn measure(
    (facts, moments): (&TransferFacts, &Moments),
    (account, currency): (u32, Currency),
    mut credits: Vec<Movement>,
    mut debits: Vec<Movement>,
    params: &Params,
) -> Result<Option<Instance>> {
    sort_as_they_came(moments, account, &mut credits);
    sort_as_they_left(moments, account, &mut debits);
    let matches = match_in_order(&credits, &debits, params.window_days, |credit, debit| {
        !moments.follows(account, debit.transfer, credit.transfer)
    });
    let credits_total = total_minor(credits.iter().map(|it| it.minor))?;
    let matched_total = total_minor(matches.iter().map(|it| it.minor))?;
    let least = i128::from(credits_total) * i128::from(params.share_out_min_percent);
    if credits_total == 0 || i128::from(matched_total) * 100 < least {
        return Ok(None);
    }
    let mut used: Vec<usize> = matches.iter().map(|it| it.debit).collect();
    used.dedup();
    let unstated = matches.iter().filter(|it| {
        let (credit, debit) = (credits[it.credit], debits[it.debit]);
        !moments.follows(account, credit.transfer, debit.transfer)
    });
    let order_unstated_total = total_minor(unstated.map(|it| it.minor))?;
    let used = || used.iter().map(|at| &debits[*at]);
    let (credit_refs, credit_records) = facts.source_refs(credits.iter().map(|it| it.transfer));
    let (debit_refs, debit_records) = facts.source_refs(used().map(|it| it.transfer));
    let days = || credits.iter().chain(used()).map(|it| it.day);
    Ok(Some(Instance {
        account,
        currency,
        credits: credits.len(),
        debits_matched: used().count(),
        credits_total,
        matched_total,
        order_unstated_total,
        dwell_median_ms: dwell_median_ms(&credits, &debits, &matches),
        first: days().min().unwrap_or_default(),
        last: days().max().unwrap_or_default(),
        credit_refs,
        debit_refs,
        records: credit_records + debit_records,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyses::DAY_MS;
    use crate::model::Values;
    use crate::store::{Accounts, Conversions, Manifest, Side, Transfers};

    /// From, to, day, hour if the record states one, minor units.
    type Row = (u32, u32, i32, Option<i64>, i64);

    /// Accounts A, B, C, D of one currency, and E, an unidentified far end.
    fn case(rows: &[Row]) -> Case {
        let accounts = Accounts {
            account: ["A", "B", "C", "D", "E"].into_iter().collect(),
            kind: ["account", "account", "account", "account", "unidentified"]
                .into_iter()
                .collect(),
            ..Accounts::default()
        };
        let mut rows = rows.to_vec();
        let ms = |row: &Row| i64::from(row.2) * DAY_MS + row.3.unwrap_or(0) * HOUR_MS;
        rows.sort_by_key(ms);
        let transfers = Transfers {
            from_account: rows.iter().map(|row| row.0).collect(),
            to_account: rows.iter().map(|row| row.1).collect(),
            booked_ms: rows.iter().map(ms).collect(),
            day: rows.iter().map(|row| row.2).collect(),
            timed: rows.iter().map(|row| row.3.is_some()).collect(),
            amount_minor: rows.iter().map(|row| row.4).collect(),
            currency: vec![Currency::USD; rows.len()],
            side: vec![Side::List; rows.len()],
            source: vec![0; rows.len()],
            line: (1..=rows.len() as u32).collect(),
            ..Transfers::default()
        };
        Case::in_memory(Manifest::default()).with(accounts).with(transfers)
    }

    /// Credits, matched and order-unstated minor units of account A, dwell in hours.
    fn measured(case: &Case, window_days: u32) -> Option<(i64, i64, i64, f64)> {
        let params = Params { window_days, share_out_min_percent: 1, credits_min: 1 };
        let outcome = run(&Inputs::new(case), &params).unwrap();
        let table = &outcome.tables[0];
        let Some(Values::Text(names)) = table.column("account") else { panic!("a column") };
        let at = names.iter().position(|name| name == "A")?;
        let money = |column| match table.column(column) {
            Some(Values::Money(rows)) => rows[at].unwrap().minor,
            _ => panic!("a column of money"),
        };
        let Some(Values::Score(dwell)) = table.column("dwell_hours_median") else {
            panic!("a column")
        };
        let totals =
            (money("credits_total"), money("matched_total"), money("order_unstated_total"));
        Some((totals.0, totals.1, totals.2, dwell[at].unwrap()))
    }

    #[track_caller]
    fn check(rows: &[Row], window_days: u32, expected: Option<(i64, i64, i64, f64)>) {
        assert_eq!(measured(&case(rows), window_days), expected);
    }

    #[test]
    fn debits_within_the_window_are_set_against_credits_once() {
        check(&[(1, 0, 10, None, 100), (0, 2, 12, None, 60)], 3, Some((100, 60, 0, 48.0)));
        check(&[(1, 0, 10, None, 100), (0, 2, 13, None, 160)], 3, Some((100, 100, 0, 72.0)));
        check(&[(1, 0, 10, None, 100), (0, 2, 14, None, 100)], 3, None);
        check(&[(1, 0, 10, None, 100), (0, 2, 9, None, 100)], 3, None);
        // The second debit finds the first credit used up and the second one too late for it.
        let rows =
            [(1, 0, 1, None, 50), (0, 2, 2, None, 50), (0, 2, 2, None, 50), (1, 0, 3, None, 50)];
        check(&rows, 3, Some((100, 50, 0, 24.0)));
    }

    #[test]
    fn the_same_day_counts_unless_times_say_otherwise() {
        check(&[(1, 0, 5, None, 10), (0, 2, 5, None, 10)], 0, Some((10, 10, 10, 0.0)));
        check(&[(1, 0, 5, Some(9), 10), (0, 2, 5, Some(15), 10)], 0, Some((10, 10, 0, 6.0)));
        check(&[(1, 0, 5, Some(15), 10), (0, 2, 5, Some(9), 10)], 0, None);
        check(&[(1, 0, 5, Some(9), 10), (0, 2, 5, Some(9), 10)], 0, Some((10, 10, 10, 0.0)));
        check(&[(1, 0, 5, Some(15), 10), (0, 2, 5, None, 10)], 0, Some((10, 10, 10, 0.0)));
        check(&[(1, 0, 5, Some(20), 10), (0, 2, 6, Some(2), 10)], 1, Some((10, 10, 0, 6.0)));
    }

    #[test]
    fn self_transfers_never_count_and_unidentified_ends_are_money_but_no_candidates() {
        check(&[(0, 0, 5, None, 10), (0, 0, 5, None, 10)], 3, None);
        let rows = [(4, 0, 5, None, 10), (0, 4, 6, None, 10), (4, 2, 6, None, 10)];
        check(&rows, 3, Some((10, 10, 0, 24.0)));
        let case = case(&[(0, 4, 5, None, 10), (4, 1, 6, None, 10)]);
        let params = Params { credits_min: 1, share_out_min_percent: 1, ..Params::default() };
        assert!(run(&Inputs::new(&case), &params).unwrap().findings.is_empty());
    }

    #[test]
    fn money_converted_on_arrival_is_matched_in_the_currency_that_arrived() {
        let euro: Currency = "EUR".parse().unwrap();
        let conversions = Conversions {
            transfer: vec![0],
            received_minor: vec![90],
            received_currency: vec![euro],
        };
        let case = case(&[(1, 0, 5, None, 100), (0, 2, 6, None, 100)]).with(conversions);
        assert_eq!(measured(&case, 3), None);
    }

    #[test]
    fn a_finding_says_what_the_records_show() {
        let rows = [
            (1, 0, 0, None, 500_000),
            (2, 0, 1, None, 500_000),
            (4, 0, 2, None, 430_000),
            (0, 3, 2, None, 1_374_000),
        ];
        let case = case(&rows);
        let outcome = run(&Inputs::new(&case), &Params::default()).unwrap();
        let [finding] = outcome.findings.as_slice() else { panic!("one finding") };
        assert_eq!(
            finding.statement,
            "Of 14,300.00 USD credited to A in 3 transfers, 96 percent left within 3 days. \
             3,740.00 USD of it left on the day it came, and the records do not state which came \
             first. The account's own statements are not held, so it may have more movements."
        );
        let lines: Vec<u32> = finding.source_refs.iter().map(|it| it.line).collect();
        assert_eq!((finding.records, lines.as_slice()), (4, &[1, 2, 3, 4][..]));
        assert_eq!((finding.first, finding.last), (Some(0), Some(2)));
        assert_eq!(outcome.tables[0].rows(), 1);
        let bounds = Params { share_out_min_percent: 97, ..Params::default() };
        assert!(run(&Inputs::new(&case), &bounds).unwrap().findings.is_empty());
        let bounds = Params { credits_min: 4, ..Params::default() };
        assert!(run(&Inputs::new(&case), &bounds).unwrap().findings.is_empty());
        let bounds = Params { share_out_min_percent: 0, ..Params::default() };
        assert!(matches!(run(&Inputs::new(&case), &bounds), Err(Error::Usage(_))));
    }
}
