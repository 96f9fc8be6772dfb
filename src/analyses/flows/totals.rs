//! Adding up: one pass over the columns of `transfers`, integers only.

use hashbrown::HashMap;
use jiff::ToSpan;
use jiff::civil::Date;
use rayon::prelude::*;

use super::{Params, Period};
use crate::analyses::{Groups, Inputs};
use crate::error::{Error, Result};
use crate::model::{Channel, Currency};
use crate::store::Transfers;

/// Threads beyond this read the columns again without making the pass shorter.
const PARTS_MAX: usize = 16;

/// Days for which period starts are looked up rather than computed: more than any case spans.
const PERIOD_DAYS_MAX: i32 = 100_000;

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
    channels: Vec<(Channel, i64)>,
}

impl Totals {
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

    /// The groups at both ends of a transfer on the days that count.
    #[inline]
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

/// One channel's share of one flow. The pair comes first, so that sorting puts a flow's
/// channels side by side; 16 bytes.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
struct Key {
    pair: u64,
    currency: Currency,
    period: i32,
    channel: Channel,
}

#[derive(Clone, Copy)]
struct Cell {
    total_minor: i64,
    largest_minor: i64,
    transfers: u32,
    first: i32,
    last: i32,
}

/// Adds up the transfers between each ordered pair of groups.
///
/// Every thread reads the columns and keeps the pairs that are its own, so that no total is ever
/// merged from two halves and memory is one cell for each pair, currency, period and channel.
///
/// # Errors
///
/// [`Error::AmountOverflow`] rather than a wrapped sum; [`Error::Unknown`] if a sender or
/// receiver is not in the case; [`Error::File`] if the store is damaged.
pub fn totals(inputs: &Inputs, params: &Params, groups: &Groups) -> Result<Totals> {
    let transfers = inputs.case.transfers()?;
    let limits = Limits::new(params, groups)?;
    let periods = Periods::new(params.period, &transfers.day);
    let parts = rayon::current_num_threads().clamp(1, PARTS_MAX);
    let maps: Vec<HashMap<Key, Cell>> = (0..parts)
        .into_par_iter()
        .map(|part| add_up(transfers, groups, &limits, &periods, part as u64, parts as u64))
        .collect::<Result<_>>()?;
    let mut cells: Vec<(Key, Cell)> = Vec::with_capacity(maps.iter().map(HashMap::len).sum());
    maps.into_iter().for_each(|map| cells.extend(map));
    cells.par_sort_unstable_by_key(|(key, _)| *key);
    let mut totals = join_channels(&cells)?;
    drop(cells);
    set_reverse(&mut totals.flows);
    totals.flows.retain(|flow| limits.asked(flow.from, flow.to));
    totals.flows.par_sort_by(|left, right| {
        (left.currency, left.is_self_transfer())
            .cmp(&(right.currency, right.is_self_transfer()))
            .then(right.total_minor.cmp(&left.total_minor))
            .then_with(|| groups.name(left.from).cmp(groups.name(right.from)))
            .then_with(|| groups.name(left.to).cmp(groups.name(right.to)))
            .then(left.period.cmp(&right.period))
    });
    Ok(totals)
}

fn add_up(
    transfers: &Transfers,
    groups: &Groups,
    limits: &Limits,
    periods: &Periods,
    part: u64,
    parts: u64,
) -> Result<HashMap<Key, Cell>> {
    let mut cells: HashMap<Key, Cell> = HashMap::new();
    for row in 0..transfers.day.len() {
        let Some((from, to)) = limits.ends(transfers, groups, row) else { continue };
        // What went the other way is added up too, or a flow asked for would have no net.
        if !limits.asked(from, to) && !limits.asked(to, from) {
            continue;
        }
        let pair = u64::from(from) << 32 | u64::from(to);
        // The golden ratio spreads neighbouring numbers, which banks hand out in runs.
        if (pair.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33) % parts != part {
            continue;
        }
        let day = transfers.day[row];
        let amount = transfers.amount_minor[row];
        let key = Key {
            pair,
            currency: transfers.currency[row],
            period: periods.start(day),
            channel: transfers.channel[row],
        };
        let cell = cells.entry(key).or_insert(Cell {
            total_minor: 0,
            largest_minor: amount,
            transfers: 0,
            first: day,
            last: day,
        });
        cell.total_minor = cell.total_minor.checked_add(amount).ok_or(Error::AmountOverflow)?;
        cell.largest_minor = cell.largest_minor.max(amount);
        cell.transfers += 1;
        cell.first = cell.first.min(day);
        cell.last = cell.last.max(day);
    }
    Ok(cells)
}

/// One flow for each run of cells that differ in channel only; `cells` are sorted.
fn join_channels(cells: &[(Key, Cell)]) -> Result<Totals> {
    let mut totals = Totals { flows: Vec::new(), channels: Vec::with_capacity(cells.len()) };
    let same = |left: &(Key, Cell), right: &(Key, Cell)| {
        let (left, right) = (&left.0, &right.0);
        (left.pair, left.currency, left.period) == (right.pair, right.currency, right.period)
    };
    for run in cells.chunk_by(same) {
        let (key, cell) = run[0];
        let channels_start = totals.channels.len();
        let mut flow = Flow {
            from: (key.pair >> 32) as u32,
            to: key.pair as u32,
            currency: key.currency,
            period: key.period,
            transfers: 0,
            total_minor: 0,
            reverse_minor: 0,
            largest_minor: cell.largest_minor,
            first: cell.first,
            last: cell.last,
            channels_start,
            channels_end: channels_start + run.len(),
        };
        for (key, cell) in run {
            totals.channels.push((key.channel, cell.total_minor));
            flow.transfers += u64::from(cell.transfers);
            flow.total_minor =
                flow.total_minor.checked_add(cell.total_minor).ok_or(Error::AmountOverflow)?;
            flow.largest_minor = flow.largest_minor.max(cell.largest_minor);
            flow.first = flow.first.min(cell.first);
            flow.last = flow.last.max(cell.last);
        }
        totals.flows.push(flow);
    }
    Ok(totals)
}

/// Fills in what went the other way; `flows` are in order of pair, currency, period.
fn set_reverse(flows: &mut [Flow]) {
    let order = |flow: &Flow| (flow.from, flow.to, flow.currency, flow.period);
    let reverse: Vec<i64> = flows
        .par_iter()
        .map(|flow| {
            let wanted = (flow.to, flow.from, flow.currency, flow.period);
            flows.binary_search_by_key(&wanted, order).map_or(0, |found| flows[found].total_minor)
        })
        .collect();
    for (flow, reverse_minor) in flows.iter_mut().zip(reverse) {
        flow.reverse_minor = reverse_minor;
    }
}

/// The period that each day falls into, known by its first day.
#[derive(Debug)]
pub(super) struct Periods {
    period: Period,
    first: i32,
    starts: Vec<i32>,
}

impl Periods {
    pub(super) fn new(period: Period, days: &[i32]) -> Periods {
        let first = days.iter().copied().min().unwrap_or(0);
        let last = days.iter().copied().max().unwrap_or(0);
        let starts = match period {
            Period::All | Period::Day => Vec::new(),
            _ => {
                let last = last.min(first.saturating_add(PERIOD_DAYS_MAX));
                (first..=last).map(|day| period_start(period, day)).collect()
            }
        };
        Periods { period, first, starts }
    }

    #[inline]
    pub(super) fn start(&self, day: i32) -> i32 {
        match self.period {
            Period::All => 0,
            Period::Day => day,
            _ => {
                let at = (i64::from(day) - i64::from(self.first)) as usize;
                self.starts.get(at).copied().unwrap_or_else(|| period_start(self.period, day))
            }
        }
    }
}

/// First day of the period; a day beyond the calendar is a period of its own.
fn period_start(period: Period, day: i32) -> i32 {
    let Ok(date) = Date::constant(1970, 1, 1).checked_add(day.days()) else { return day };
    let (year, month) = (date.year(), date.month());
    let start = match period {
        Period::All => return 0,
        Period::Day => return day,
        Period::Month => Date::new(year, month, 1),
        Period::Quarter => Date::new(year, (month - 1) / 3 * 3 + 1, 1),
        Period::Year => Date::new(year, 1, 1),
    };
    start.map_or(day, day_of)
}

/// Days since 1970-01-01.
fn day_of(date: Date) -> i32 {
    let days = date - Date::constant(1970, 1, 1);
    days.get_days()
}

/// The period as people write it: `2024-03-31`, `2024-03`, `2024-Q1`, `2024`.
pub(super) fn period_text(period: Period, start: i32) -> String {
    let day = crate::model::day_text(start);
    let Ok(date) = day.parse::<Date>() else { return day };
    match period {
        Period::All => "all".to_owned(),
        Period::Day => day,
        Period::Month => date.strftime("%Y-%m").to_string(),
        Period::Quarter => format!("{}-Q{}", date.strftime("%Y"), (date.month() - 1) / 3 + 1),
        Period::Year => date.strftime("%Y").to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(period: Period, day: &str, expected: &str) {
        let day = day_of(day.parse().unwrap());
        let periods = Periods::new(period, &[day]);
        assert_eq!(period_text(period, periods.start(day)), expected);
        assert_eq!(period_start(period, day), periods.start(day));
    }

    #[test]
    fn days_fall_into_calendar_periods() {
        check(Period::Day, "2024-02-29", "2024-02-29");
        check(Period::Month, "2024-02-29", "2024-02");
        check(Period::Quarter, "2024-03-31", "2024-Q1");
        check(Period::Quarter, "2024-04-01", "2024-Q2");
        check(Period::Year, "1969-12-31", "1969");
        check(Period::All, "2024-02-29", "all");
    }

    #[test]
    fn a_key_is_16_bytes_and_a_cell_32() {
        assert_eq!(size_of::<Key>(), 16);
        assert_eq!(size_of::<Cell>(), 32);
    }
}
