//! Adding up: one pass over the columns of `transfers`, integers only.

mod items;
mod listed;
mod periods;

use std::cmp::Ordering;
use std::collections::BTreeMap;

use rayon::prelude::*;

use super::Params;
use crate::analyses::{Groups, Inputs};
use crate::error::{Error, Result};
use crate::model::{Channel, Currency, Digits, day_of};
use crate::store::Transfers;
use items::{Currencies, Item, Sorted, deal_out};
use listed::Listed;
pub(super) use periods::{Periods, period_text};

/// The transfers between two groups in one currency and period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Flow {
    /// Group that paid.
    pub from: u32,
    /// Group that was paid.
    pub to: u32,
    /// Currency of every amount of the flow.
    pub currency: Currency,
    /// First civil day of the period; 0 when all days are added up together.
    pub period: i32,
    /// Number of transfers.
    pub transfers: u64,
    /// Sum of their amounts, minor units.
    pub total_minor: i64,
    /// Sum the other way in the same currency and period, minor units.
    pub reverse_minor: i64,
    /// Largest amount, minor units.
    pub largest_minor: i64,
    /// First civil day.
    pub first: i32,
    /// Last civil day.
    pub last: i32,
    channels_start: usize,
    channels_end: usize,
}

impl Flow {
    /// True when the money stays with the same account, holders or cluster.
    pub fn is_self_transfer(&self) -> bool {
        self.from == self.to
    }
}

/// Flows in the order in which tables list them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Totals {
    /// By currency, self-transfers last, total from the largest down, names, period.
    pub flows: Vec<Flow>,
    /// What all flows hold together, those that are not listed too.
    pub all: Sums,
    channels: Vec<(Channel, i64)>,
}

/// What flows hold together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sums {
    /// How many flows there are.
    pub flows: u64,
    /// How many transfers they add up.
    pub transfers: u64,
    /// Total of each currency, minor units.
    pub total_minor: BTreeMap<Currency, i128>,
}

impl Sums {
    fn add(&mut self, other: &Sums) {
        self.flows += other.flows;
        self.transfers += other.transfers;
        for (currency, minor) in &other.total_minor {
            *self.total_minor.entry(*currency).or_default() += minor;
        }
    }

    /// Flows, transfers, and the plain sum of all amounts in major units, for comparing two runs
    /// or two programs: as money it means nothing, since currencies do not add up.
    pub fn check(&self, digits: &Digits) -> String {
        const DIGITS_MAX: u32 = 9;
        let unit = 10_i128.pow(DIGITS_MAX);
        let scaled = self.total_minor.iter().map(|(currency, minor)| {
            minor * 10_i128.pow(DIGITS_MAX - u32::from(digits.of(*currency)))
        });
        let sum = (scaled.sum::<i128>() + unit / 2).div_euclid(unit);
        format!("{} {} {sum}", self.flows, self.transfers)
    }
}

impl Totals {
    /// Takes over the flows of another part.
    fn append(&mut self, other: Totals) {
        let shift = self.channels.len();
        self.channels.extend(other.channels);
        self.flows.extend(other.flows.into_iter().map(|flow| Flow {
            channels_start: flow.channels_start + shift,
            channels_end: flow.channels_end + shift,
            ..flow
        }));
        self.all.add(&other.all);
    }

    /// The first `top` flows of each currency; what all flows hold together stays.
    fn largest(self, top: usize, groups: &Groups, currencies: &Currencies) -> Totals {
        let mut listed = Listed::new(Some(top), groups, currencies.len());
        for flow in &self.flows {
            listed.offer(currencies.number(flow.currency) as usize, *flow);
        }
        let mut kept = Totals { flows: listed.flows(), all: self.all, channels: Vec::new() };
        for flow in &mut kept.flows {
            let channels_start = kept.channels.len();
            kept.channels.extend_from_slice(&self.channels[flow.channels_start..flow.channels_end]);
            let channels_end = kept.channels.len();
            *flow = Flow { channels_start, channels_end, ..*flow };
        }
        kept
    }

    /// Total of each channel that occurs in a flow, in the order of the channel list.
    pub fn channels(&self, flow: &Flow) -> &[(Channel, i64)] {
        &self.channels[flow.channels_start..flow.channels_end]
    }
}

/// Which transfers count: days, senders and receivers.
#[derive(Debug)]
pub(super) struct Limits {
    first: i32,
    last: i32,
    senders: Option<Vec<u32>>,
    receivers: Option<Vec<u32>>,
}

impl Limits {
    pub(super) fn new(params: &Params, groups: &Groups) -> Result<Limits> {
        let find = |name: &Option<String>| {
            name.as_ref().map(|name| groups.find(params.by.word(), name)).transpose()
        };
        Ok(Limits {
            first: params.from_day.map_or(i32::MIN, day_of),
            last: params.to_day.map_or(i32::MAX, day_of),
            senders: find(&params.sender)?,
            receivers: find(&params.receiver)?,
        })
    }

    /// The groups at both ends of a transfer, if it counts.
    pub(super) fn pair(
        &self,
        transfers: &Transfers,
        groups: &Groups,
        row: usize,
    ) -> Option<(u32, u32)> {
        self.ends(transfers, groups, row).filter(|(from, to)| self.asked(*from, *to))
    }

    /// The same for a transfer that goes the other way: a flow asked for would have no net
    /// without it.
    #[inline(always)]
    fn either_way(&self, transfers: &Transfers, groups: &Groups, row: usize) -> Option<(u32, u32)> {
        let ends = self.ends(transfers, groups, row);
        if self.senders.is_none() && self.receivers.is_none() {
            return ends;
        }
        ends.filter(|(from, to)| self.asked(*from, *to) || self.asked(*to, *from))
    }

    /// The groups at both ends of a transfer on the days that count.
    #[inline(always)]
    fn ends(&self, transfers: &Transfers, groups: &Groups, row: usize) -> Option<(u32, u32)> {
        let day = transfers.day[row];
        if day < self.first || day > self.last {
            return None;
        }
        let from = groups.of(transfers.from_account[row], day);
        Some((from, groups.of(transfers.to_account[row], day)))
    }

    /// True for a sender and a receiver that were asked for.
    #[inline]
    fn asked(&self, from: u32, to: u32) -> bool {
        let among = |wanted: &Option<Vec<u32>>, group| {
            wanted.as_ref().is_none_or(|wanted| wanted.contains(&group))
        };
        among(&self.senders, from) && among(&self.receivers, to)
    }
}

/// Adds up the transfers between each ordered pair of groups.
///
/// Transfers are dealt out by the lower group of each pair, so that a thread adds up a part that
/// stays close to it and no total is ever merged from two halves. Memory is 24 bytes for each
/// transfer that counts, and then a flow for each pair, currency and period that occurs.
///
/// # Errors
///
/// [`Error::AmountOverflow`] rather than a wrapped sum; [`Error::Unknown`] if a sender or
/// receiver is not in the case; [`Error::File`] if the store is damaged.
pub fn totals(inputs: &Inputs, params: &Params, groups: &Groups) -> Result<Totals> {
    let transfers = inputs.case.transfers()?;
    let limits = Limits::new(params, groups)?;
    let periods = Periods::new(params.period, &transfers.day);
    let currencies = Currencies::of(&transfers.currency);
    let dealt = deal_out(transfers, groups, &limits, &currencies);
    let parts = dealt.first().map_or(0, Vec::len);
    let mut columns: Vec<_> = dealt.into_iter().map(Vec::into_iter).collect();
    let parts: Vec<Vec<Vec<Item>>> =
        (0..parts).map(|_| columns.iter_mut().filter_map(Iterator::next).collect()).collect();
    let added: Vec<Totals> = parts
        .into_par_iter()
        .map_init(Sorted::default, |sorted, part| {
            // Every flow is added up and counted; those that will not be listed are let go here.
            let listed = Listed::new(params.top, groups, currencies.len());
            add_up(sorted.sort(part, &periods), &limits, &periods, &currencies, listed)
        })
        .collect::<Result<_>>()?;
    let mut totals = Totals::default();
    totals.flows.reserve_exact(added.iter().map(|one| one.flows.len()).sum());
    totals.channels.reserve_exact(added.iter().map(|one| one.channels.len()).sum());
    for one in added {
        totals.append(one);
    }
    if let Some(top) = params.top {
        totals = totals.largest(top, groups, &currencies);
    }
    totals.flows.par_sort_unstable_by(|left, right| order(left, right, groups));
    Ok(totals)
}

/// The order in which tables list flows: by currency, self-transfers last, the largest total
/// first; names and periods decide between equal ones.
fn order(left: &Flow, right: &Flow, groups: &Groups) -> Ordering {
    (left.currency, left.is_self_transfer())
        .cmp(&(right.currency, right.is_self_transfer()))
        .then(right.total_minor.cmp(&left.total_minor))
        .then_with(|| groups.name(left.from).cmp(groups.name(right.from)))
        .then_with(|| groups.name(left.to).cmp(groups.name(right.to)))
        .then(left.period.cmp(&right.period))
}

/// The flows of one part; `items` are in order of their key.
fn add_up(
    items: &[Item],
    limits: &Limits,
    periods: &Periods,
    currencies: &Currencies,
    mut listed: Listed<'_>,
) -> Result<Totals> {
    let mut totals = Totals::default();
    let mut total_minor: Vec<Option<i128>> = vec![None; currencies.len()];
    let beside = |left: &Item, right: &Item| left.beside(right, periods);
    for both in items.chunk_by(beside) {
        let number = both[0].currency();
        let period = periods.start(both[0].day);
        let before = totals.channels.len();
        let way = |left: &Item, right: &Item| left.is_back() == right.is_back();
        let mut ways = both
            .chunk_by(way)
            .map(|run| flow_of(run, (currencies.listed(number), period), &mut totals.channels));
        let (there, back) = (ways.next().transpose()?, ways.next().transpose()?);
        let (there, back) = against_each_other(there, back);
        let mut is_listed = false;
        for flow in [there, back].into_iter().flatten() {
            if limits.asked(flow.from, flow.to) {
                totals.all.flows += 1;
                totals.all.transfers += flow.transfers;
                *total_minor[number].get_or_insert(0) += i128::from(flow.total_minor);
                is_listed |= listed.offer(number, flow);
            }
        }
        if !is_listed {
            totals.channels.truncate(before);
        }
    }
    let met = total_minor.into_iter().enumerate();
    let met = met.filter_map(|(number, minor)| Some((currencies.listed(number), minor?)));
    totals.all.total_minor.extend(met);
    totals.flows = listed.flows();
    Ok(totals)
}

/// The two ways between two groups, each with what came the other way.
fn against_each_other(there: Option<Flow>, back: Option<Flow>) -> (Option<Flow>, Option<Flow>) {
    let total = |flow: &Option<Flow>| flow.as_ref().map_or(0, |flow| flow.total_minor);
    let (sent, returned) = (total(&there), total(&back));
    let there = there.map(|flow| {
        // What stays with one group comes back to it too.
        let reverse_minor = if flow.is_self_transfer() { sent } else { returned };
        Flow { reverse_minor, ..flow }
    });
    (there, back.map(|flow| Flow { reverse_minor: sent, ..flow }))
}

/// The flow of transfers one way, in order of channel.
fn flow_of(
    run: &[Item],
    (currency, period): (Currency, i32),
    channels: &mut Vec<(Channel, i64)>,
) -> Result<Flow> {
    let (from, to) = run[0].ends();
    let channels_start = channels.len();
    let mut flow = Flow {
        from,
        to,
        currency,
        period,
        transfers: run.len() as u64,
        total_minor: 0,
        reverse_minor: 0,
        largest_minor: run[0].amount_minor,
        first: run[0].day,
        last: run[0].day,
        channels_start,
        channels_end: channels_start,
    };
    for same in run.chunk_by(|left, right| left.channel() == right.channel()) {
        let mut sum = 0_i64;
        for item in same {
            sum = sum.checked_add(item.amount_minor).ok_or(Error::AmountOverflow)?;
            flow.largest_minor = flow.largest_minor.max(item.amount_minor);
            flow.first = flow.first.min(item.day);
            flow.last = flow.last.max(item.day);
        }
        flow.total_minor = flow.total_minor.checked_add(sum).ok_or(Error::AmountOverflow)?;
        channels.push((same[0].channel(), sum));
    }
    flow.channels_end = channels.len();
    Ok(flow)
}

#[cfg(test)]
mod tests;
