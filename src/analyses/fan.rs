//! Fan-in and fan-out: many accounts pay one, or one pays many, within a short while.
//!
//! # What it finds
//! Accounts that at least `counterparties_min` distinct accounts paid (fan-in), or that paid as
//! many (fan-out), within `window_hours`. A window is closed and runs from its first transfer to
//! its last. Windows of one account that share a transfer are one instance, and the one with
//! most counterparties is its peak, the earliest of equals.
//!
//! A date without a time stands at the start of its day, and such days are 24 hours apart,
//! whatever a clock change does; `untimed_transfers` counts them. Transfers of an account to
//! itself never count. An unidentified far end is no hub; as a counterparty it counts once for
//! each text under which it stands, and `counterparties_unidentified` says how many there are,
//! since several such texts may be one account and one text may be several.
//!
//! # Why it matters
//! Proceeds are gathered from many payers into one account and spread to many before they move
//! on; deposits split among many stay below what banks report.
//!
//! # What else explains it
//! Shops, landlords and charities are paid by many; employers and insurers pay many, and on the
//! same day; so do clubs, schools and platforms.
//!
//! # Parameters
//! `counterparties_min`, `window_hours`, `transfers_max`, `instances_max`: see [`Params`].
//!
//! # Cost
//! Linear in transfers, and a sort of the transfers of each instance; accounts are spread over
//! threads. An account with more than `transfers_max` transfers one way is read up to that bound
//! in order of time, and the result names it.

mod instance;
mod report;
mod windows;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use clap::Args;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use self::instance::{Instance, instance};
use self::report::{finding, table};
use self::windows::{Contact, Met, Run, runs_of};
use crate::analyses::{INSTANCES_MAX, Inputs, Outcome, TransferFacts, account_name, counted};
use crate::error::{Error, Result};
use crate::graph::{Edges, TransferGraph};
use crate::model::Amount;

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
const CLOCK_CHANGE_MS: i64 = 2 * HOUR_MS;

/// Accounts that one task takes at least.
const HUBS_AT_ONCE: usize = 256;

/// Keys of a query file's `[parameters]`, and flags of `fan-in` and `fan-out`.
#[derive(Args, Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
// `patterns` takes the flags of several analyses, and clap wants one group of a name.
#[group(skip)]
pub struct Params {
    /// Fewest distinct accounts at the other end, 2 or more.
    #[arg(long, value_name = "N", default_value_t = Params::default().counterparties_min)]
    pub counterparties_min: u32,
    /// Hours from the first transfer of a window to its last, both included.
    #[arg(long, value_name = "N", default_value_t = Params::default().window_hours)]
    pub window_hours: u32,
    /// Most transfers one way that are read of one account.
    #[arg(long, value_name = "N", default_value_t = Params::default().transfers_max)]
    pub transfers_max: u32,
    /// Most instances listed.
    #[arg(long, value_name = "N", default_value_t = Params::default().instances_max)]
    pub instances_max: u32,
}

impl Default for Params {
    fn default() -> Params {
        // Three days reach over a weekend, during which banks do not book.
        Params {
            counterparties_min: 8,
            window_hours: 72,
            transfers_max: 1_000_000,
            instances_max: INSTANCES_MAX,
        }
    }
}

/// Which way money moves as the hub sees it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Way {
    In,
    Out,
}

impl Way {
    fn analysis(self) -> &'static str {
        match self {
            Way::In => "fan-in",
            Way::Out => "fan-out",
        }
    }

    fn other_role(self) -> &'static str {
        match self {
            Way::In => "sender",
            Way::Out => "receiver",
        }
    }

    fn what_else(self) -> &'static str {
        match self {
            Way::In => {
                "Shops, landlords, charities, clubs, schools and platforms are paid by many."
            }
            Way::Out => {
                "Employers, insurers, landlords returning deposits and platforms pay many, often \
                 on one day."
            }
        }
    }

    fn edges(self, graph: &TransferGraph, hub: u32) -> Edges<'_> {
        match self {
            Way::In => graph.in_edges(hub),
            Way::Out => graph.out_edges(hub),
        }
    }

    fn amount(self, facts: &TransferFacts, transfer: u32) -> Amount {
        match self {
            Way::In => facts.received(transfer),
            Way::Out => facts.sent(transfer),
        }
    }
}

/// Both ways: the tables `fan-in` and `fan-out`, and the findings of both, most counterparties
/// first.
///
/// # Errors
///
/// As [`fan_in`].
pub fn run(inputs: &Inputs, params: &Params) -> Result<Outcome> {
    let mut both = fan_in(inputs, params)?;
    let out = fan_out(inputs, params)?;
    both.tables.extend(out.tables);
    both.findings.extend(out.findings);
    // The sort is stable, so among equals fan-in stays before fan-out and each in its order.
    both.findings.sort_by(|left, right| right.score.total_cmp(&left.score));
    Ok(both)
}

/// Accounts that many paid: the table `fan-in`, the hub's rows before its senders', and one
/// finding for each hub, of its largest instance; most counterparties at the peak first, then most
/// transfers, then hub and time.
///
/// # Errors
///
/// [`Error::Usage`] for a parameter out of range, [`Error::AmountOverflow`] for sums beyond 64
/// bits, [`Error::File`] if the store is damaged.
pub fn fan_in(inputs: &Inputs, params: &Params) -> Result<Outcome> {
    one_way(inputs, params, Way::In)
}

/// Accounts that paid many: the same with the table `fan-out` and receivers.
///
/// # Errors
///
/// As [`fan_in`].
pub fn fan_out(inputs: &Inputs, params: &Params) -> Result<Outcome> {
    one_way(inputs, params, Way::Out)
}

fn one_way(inputs: &Inputs, params: &Params, way: Way) -> Result<Outcome> {
    if params.counterparties_min < 2 {
        let found = params.counterparties_min;
        return Err(Error::Usage(format!("counterparties_min is {found}, expected 2 or more")));
    }
    let facts = TransferFacts::new(inputs.case)?;
    let graph = inputs.graph()?;
    let found: Vec<(Vec<Seen>, Option<u32>)> = (0..graph.nodes() as u32)
        .into_par_iter()
        .with_min_len(HUBS_AT_ONCE)
        .filter(|hub| !graph.is_unidentified(*hub))
        .map_init(
            || Met::new(graph.nodes()),
            |met, hub| of_hub(graph, &facts, hub, params, way, met),
        )
        .filter(|(seen, cut)| !seen.is_empty() || cut.is_some())
        .collect();
    let cut: Vec<u32> = found.iter().filter_map(|(_, cut)| *cut).collect();
    let mut seen: Vec<Seen> = found.into_iter().flat_map(|(some, _)| some).collect();
    seen.sort_unstable_by_key(|it| {
        let size = Reverse((it.run.peak_counterparties, it.run.end - it.run.start));
        (size, it.hub, it.first, it.run.start)
    });
    let listed = seen.len().min(params.instances_max as usize);
    let instances: Vec<Instance> = seen[..listed]
        .par_iter()
        .map(|it| {
            let (contacts, bound_met) = contacts(graph, &facts, it.hub, params, way);
            instance(graph, &facts, (it.hub, way, bound_met), &contacts, it.run)
        })
        .collect::<Result<_>>()?;
    let mut by_hub: BTreeMap<u32, Vec<&Instance>> = BTreeMap::new();
    for instance in &instances {
        by_hub.entry(instance.hub).or_default().push(instance);
    }
    // A monthly payroll would fill a page of findings, so each hub has one, of its largest run;
    // the table has them all.
    let findings = instances
        .iter()
        .filter_map(|it| by_hub.remove(&it.hub))
        .map(|of_hub| finding(inputs.case, &of_hub, params, way))
        .collect::<Result<_>>()?;
    let mut answer = table(inputs.case, &instances, params, way)?;
    if listed < seen.len() {
        answer = answer.note(format!(
            "{} were found; the first {listed} are listed (instances_max).",
            counted(seen.len() as u64, "instance")
        ));
    }
    for hub in cut {
        answer = answer.note(format!(
            "{} has more than {} transfers one way: only the first of them were read \
             (transfers_max).",
            account_name(inputs.case, hub)?,
            params.transfers_max
        ));
    }
    Ok(Outcome { tables: vec![answer], findings })
}

/// An instance before its members are told.
struct Seen {
    hub: u32,
    first: i32,
    run: Run,
}

/// What one hub's transfers show, and the hub again if they met the bound.
fn of_hub(
    graph: &TransferGraph,
    facts: &TransferFacts,
    hub: u32,
    params: &Params,
    way: Way,
    met: &mut Met,
) -> (Vec<Seen>, Option<u32>) {
    let least = params.counterparties_min as usize;
    let window_ms = i64::from(params.window_hours) * HOUR_MS;
    let edges = way.edges(graph, hub);
    let cut = edges.len() > params.transfers_max as usize;
    // Fewer transfers than counterparties asked for hold no window; where dates are moved to the
    // start of their day, a clock change moves them by at most these hours.
    let reach = graph.ticks_within(window_ms + CLOCK_CHANGE_MS);
    let dense = edges.ticks().windows(least).any(|some| some[least - 1] - some[0] <= reach);
    if !dense && !cut {
        return (Vec::new(), None);
    }
    let (contacts, bound_met) = contacts(graph, facts, hub, params, way);
    let seen = |run: Run| {
        let days = contacts[run.start..run.end].iter().map(|contact| facts.day(contact.transfer));
        Seen { hub, first: days.min().unwrap_or_default(), run }
    };
    let runs = runs_of(&contacts, window_ms, least, met);
    (runs.into_iter().map(seen).collect(), bound_met.then_some(hub))
}

/// The transfers of a hub one way in order of time, and whether there are more than are read.
fn contacts(
    graph: &TransferGraph,
    facts: &TransferFacts,
    hub: u32,
    params: &Params,
    way: Way,
) -> (Vec<Contact>, bool) {
    let edges = way.edges(graph, hub);
    let mut others = edges.iter().filter(|edge| edge.neighbour != hub);
    let mut start_of_days = None;
    let mut contacts: Vec<Contact> = others
        .by_ref()
        .take(params.transfers_max as usize)
        .map(|edge| {
            let mut at_ms = edge.time_ms;
            if !facts.is_timed(edge.transfer) {
                let day_ms = i64::from(facts.day(edge.transfer)) * DAY_MS;
                at_ms = day_ms + *start_of_days.get_or_insert(edge.time_ms - day_ms);
            }
            Contact { at_ms, other: edge.neighbour, transfer: edge.transfer }
        })
        .collect();
    let bound_met = others.next().is_some();
    contacts.sort_by_key(|contact| (contact.at_ms, contact.transfer));
    (contacts, bound_met)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;
    use crate::model::{Currency, Values};
    use crate::store::{Accounts, Case, Conversions, Manifest, Side, Transfers};

    /// From, to, day, hour if the record states one, minor units.
    type Row = (u32, u32, i32, Option<i64>, i64);

    const NAMES: [&str; 8] = ["A", "B", "C", "D", "E", "F", "G", "H"];

    /// Accounts A to F, and G and H, unidentified far ends.
    fn case(rows: &[Row]) -> Case {
        let kinds = (0..8).map(|node| if node < 6 { "account" } else { "unidentified" });
        let accounts = Accounts {
            account: NAMES.into_iter().collect(),
            kind: kinds.collect(),
            ..Accounts::default()
        };
        // New York's midnight in winter, so that the start of a day is not that of UTC.
        let ms = |row: &Row| i64::from(row.2) * DAY_MS + (5 + row.3.unwrap_or(0)) * HOUR_MS;
        let mut rows = rows.to_vec();
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

    fn params(counterparties_min: u32, window_hours: u32) -> Params {
        Params { counterparties_min, window_hours, ..Params::default() }
    }

    /// Hub, peak counterparties, transfers, total of each finding.
    fn found(outcome: &Outcome) -> Vec<(&str, usize, u64, i64)> {
        let told = outcome.findings.iter();
        told.map(|it| {
            let minor = it.amount.map_or(0, |amount| amount.minor);
            (it.candidate_name.as_str(), it.score as usize, it.records, minor)
        })
        .collect()
    }

    #[track_caller]
    fn check_in(rows: &[Row], bounds: &Params, expected: &[(&str, usize, u64, i64)]) {
        let case = case(rows);
        assert_eq!(found(&fan_in(&Inputs::new(&case), bounds).unwrap()), expected);
        let turned: Vec<Row> = rows.iter().map(|row| (row.1, row.0, row.2, row.3, row.4)).collect();
        let case = self::case(&turned);
        assert_eq!(found(&fan_out(&Inputs::new(&case), bounds).unwrap()), expected);
    }

    #[test]
    fn many_within_a_window_are_found_either_way() {
        let rows = [(1, 0, 1, None, 10), (2, 0, 2, None, 20), (3, 0, 4, None, 40)];
        check_in(&rows, &params(3, 72), &[("A", 3, 3, 70)]);
        check_in(&rows, &params(3, 71), &[]);
        check_in(&rows, &params(2, 24), &[("A", 2, 2, 30)]);
        check_in(&[], &params(2, 24), &[]);
    }

    #[test]
    fn self_transfers_and_repeats_are_no_counterparties() {
        let rows = [(0, 0, 1, None, 10), (1, 0, 1, None, 20), (1, 0, 1, None, 40)];
        check_in(&rows, &params(2, 24), &[]);
    }

    #[test]
    fn unidentified_ends_count_by_their_own_node_and_are_no_hubs() {
        let rows = [(6, 0, 1, None, 1), (7, 0, 1, None, 2), (7, 0, 1, None, 4), (1, 0, 1, None, 8)];
        check_in(&rows, &params(3, 24), &[("A", 3, 4, 15)]);
        check_in(&[(0, 6, 1, None, 1), (1, 6, 1, None, 2)], &params(2, 24), &[]);
    }

    #[test]
    fn the_answer_names_members_and_what_is_not_known() {
        let rows = [(1, 0, 1, None, 100), (2, 0, 2, Some(9), 200), (6, 0, 2, None, 400)];
        let case = case(&rows);
        let outcome = run(&Inputs::new(&case), &params(3, 48)).unwrap();
        assert_eq!(
            outcome.findings[0].statement,
            "3 senders paid A within 48 hours, from 1970-01-02 to 1970-01-03: 7.00 USD in 3 \
             transfers. The records do not identify 1 of the 3 senders. 2 of the transfers are \
             dated without a time and stand at the start of their day."
        );
        let [fan_in, fan_out] = outcome.tables.as_slice() else { panic!("two tables") };
        assert_eq!((fan_in.name.as_str(), fan_out.name.as_str()), ("fan-in", "fan-out"));
        assert_eq!(fan_out.rows(), 0);
        let text = |column| match fan_in.column(column) {
            Some(Values::Text(rows)) => rows.join(" "),
            _ => panic!("a column of words"),
        };
        assert_eq!(text("account"), "A B C G");
        assert_eq!(text("role_in_pattern"), "hub sender sender sender");
        let one = |values: &[Option<i64>]| values[0].is_some() && values[1..] == [None; 3];
        let Some(Values::Count(peaks)) = fan_in.column("peak_counterparties") else {
            panic!("a column of counts")
        };
        assert!(one(peaks), "said of the instance once");
    }

    #[test]
    fn a_hub_has_one_finding_and_a_row_for_each_time() {
        let on = |day| [(1, 0, day, None, 10), (2, 0, day, None, 10)];
        let rows = [on(1), on(11), on(21)].concat();
        let case = case(&rows);
        let outcome = fan_in(&Inputs::new(&case), &params(2, 24)).unwrap();
        assert_eq!(found(&outcome), [("A", 2, 2, 20)]);
        assert_eq!(
            outcome.findings[0].statement,
            "2 senders paid A within 24 hours, on 1970-01-02: 0.20 USD in 2 transfers. The records \
             give dates without times. The like happened 2 more times from 1970-01-12 to \
             1970-01-22."
        );
        assert_eq!(outcome.tables[0].rows(), 9);
    }

    #[test]
    fn a_bound_that_was_met_is_told() {
        let rows: Vec<Row> = (1..6).map(|from| (from, 0, from as i32, None, 10_i64)).collect();
        let case = case(&rows);
        let bounds = Params { transfers_max: 4, ..params(2, 24) };
        let outcome = fan_in(&Inputs::new(&case), &bounds).unwrap();
        assert_eq!(found(&outcome), [("A", 2, 4, 40)]);
        assert!(outcome.findings[0].bound_met);
        assert_eq!(
            outcome.findings[0].statement,
            "2 senders paid A within 24 hours, from 1970-01-02 to 1970-01-03. With the windows \
             that overlap, 4 senders from 1970-01-02 to 1970-01-05: 0.40 USD in 4 transfers. The \
             records give dates without times. Only the first 4 transfers of the account were read."
        );
        assert!(outcome.tables[0].notes.iter().any(|note| note.contains("transfers_max")));
        let refused = fan_in(&Inputs::new(&case), &params(1, 24));
        assert!(matches!(refused, Err(Error::Usage(_))));
    }

    #[test]
    fn currencies_have_rows_of_their_own_and_no_common_total() {
        let conversions = Conversions {
            transfer: vec![0],
            received_minor: vec![90],
            received_currency: vec!["EUR".parse().unwrap()],
        };
        let rows = [(1, 0, 1, None, 100), (2, 0, 1, None, 200)];
        let case = case(&rows).with(conversions);
        let outcome = fan_in(&Inputs::new(&case), &params(2, 24)).unwrap();
        assert_eq!(outcome.findings[0].amount, None);
        assert!(outcome.findings[0].statement.contains("0.90 EUR and 2.00 USD"));
        assert_eq!(outcome.tables[0].rows(), 4);
    }

    /// Hubs with a closed window of enough distinct senders, by trying every pair of transfers.
    fn slow_hubs(rows: &[Row], bounds: &Params) -> Vec<(usize, &'static str)> {
        let at = |row: &Row| i64::from(row.2) * 24 + row.3.unwrap_or(0);
        let senders = |hub: u32, first: &Row| {
            let reach = at(first)..=at(first) + i64::from(bounds.window_hours);
            let inside = rows.iter().filter(|row| row.1 == hub && row.0 != hub);
            let others: BTreeSet<u32> =
                inside.filter(|row| reach.contains(&at(row))).map(|row| row.0).collect();
            others.len()
        };
        (0..6_u32)
            .filter_map(|hub| {
                let most = rows.iter().map(|first| senders(hub, first)).max().unwrap_or(0);
                let name = NAMES[hub as usize];
                (most >= bounds.counterparties_min as usize).then_some((most, name))
            })
            .collect()
    }

    proptest! {
        #[test]
        fn hubs_and_peaks_equal_trying_every_window(
            rows in prop::collection::vec(
                (0..8_u32, 0..8_u32, 0..5_i32, prop::option::of(0..24_i64), 1..50_i64),
                0..30,
            ),
            counterparties_min in 2..5_u32,
            window_hours in 0..50_u32,
        ) {
            let case = case(&rows);
            let bounds = params(counterparties_min, window_hours);
            let outcome = fan_in(&Inputs::new(&case), &bounds).unwrap();
            let mut peaks: BTreeMap<&str, usize> = BTreeMap::new();
            for (hub, counterparties, ..) in found(&outcome) {
                let peak = peaks.entry(hub).or_default();
                *peak = (*peak).max(counterparties);
            }
            let slow: BTreeMap<&str, usize> =
                slow_hubs(&rows, &bounds).into_iter().map(|(most, hub)| (hub, most)).collect();
            prop_assert_eq!(peaks, slow);
            for table in &outcome.tables {
                assert_members_add_up(table);
            }
        }
    }

    /// The members' totals of an instance add up to its hub's, currency by currency.
    fn assert_members_add_up(table: &crate::model::ResultTable) {
        let (
            Some(Values::Count(instances)),
            Some(Values::Text(roles)),
            Some(Values::Money(totals)),
        ) = (table.column("instance"), table.column("role_in_pattern"), table.column("total"))
        else {
            panic!("leading columns")
        };
        let mut sums: BTreeMap<(i64, Currency), [i64; 2]> = BTreeMap::new();
        for ((instance, role), total) in instances.iter().zip(roles).zip(totals) {
            let total = total.unwrap();
            let sum = sums.entry((instance.unwrap(), total.currency)).or_default();
            sum[usize::from(role == "hub")] += total.minor;
        }
        assert!(sums.values().all(|[members, hub]| members == hub), "{sums:?}");
    }
}
