//! Runs of business days on which small amounts of cash come to a large one.

use std::collections::BTreeMap;

use crate::analyses::BusinessDays;

use super::Cash;

/// What makes a run, amounts in minor units of one currency.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub threshold: i64,
    pub amount_min: i64,
    pub window_business_days: u32,
    pub transfers_min: usize,
}

/// Days and windows that lie close together.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Run {
    /// First and last business day.
    pub first: i32,
    pub last: i32,
    /// In order of business day and row.
    pub cash: Vec<Cash>,
    /// Business days whose cash comes to more than the threshold, with what it comes to.
    pub over: Vec<(i32, i128)>,
}

impl Run {
    pub(super) fn days_over(&self) -> usize {
        self.over.len()
    }
}

impl PartialEq for Cash {
    fn eq(&self, other: &Cash) -> bool {
        (self.transfer, self.account) == (other.transfer, other.account)
    }
}

/// The runs of one person, in order of day. `small` holds amounts of at most the threshold, in
/// order of business day and row. Cost: linear, and a search for the end of each window.
pub(super) fn runs(small: &[Cash], days: &BusinessDays, bounds: Bounds) -> Vec<Run> {
    let mut parts = over_on_a_day(small, bounds);
    parts.extend(over_in_a_window(small, days, bounds));
    parts.sort_by_key(|part| (part.first, part.last));
    let mut joined: Vec<Run> = Vec::new();
    for part in parts {
        let reach = |run: &Run| days.after(run.last, bounds.window_business_days - 1);
        match joined.last_mut() {
            Some(run) if part.first <= reach(run) => {
                run.last = run.last.max(part.last);
                run.cash.extend(part.cash);
                run.over.extend(part.over);
            }
            _ => joined.push(part),
        }
    }
    for run in &mut joined {
        run.cash.sort_by_key(|it| (it.business_day, it.transfer));
        run.cash.dedup();
    }
    joined
}

fn over_on_a_day(small: &[Cash], bounds: Bounds) -> Vec<Run> {
    let same_day = |left: &Cash, right: &Cash| left.business_day == right.business_day;
    let total = |cash: &[Cash]| cash.iter().map(|it| i128::from(it.minor)).sum::<i128>();
    let by_day = small.chunk_by(same_day).filter(|cash| total(cash) > i128::from(bounds.threshold));
    by_day
        .map(|cash| {
            let day = cash[0].business_day;
            Run { first: day, last: day, cash: cash.to_vec(), over: vec![(day, total(cash))] }
        })
        .collect()
}

/// Each window begins with an amount and reaches over the business days after it.
fn over_in_a_window(small: &[Cash], days: &BusinessDays, bounds: Bounds) -> Vec<Run> {
    let counted: Vec<Cash> =
        small.iter().filter(|it| it.minor >= bounds.amount_min).copied().collect();
    let mut ends: BTreeMap<i32, i32> = BTreeMap::new();
    let mut windows = Vec::new();
    let (mut end, mut total) = (0, 0_i128);
    for (start, first) in counted.iter().enumerate() {
        let last_day = *ends
            .entry(first.business_day)
            .or_insert_with(|| days.after(first.business_day, bounds.window_business_days - 1));
        while end < counted.len() && counted[end].business_day <= last_day {
            total += i128::from(counted[end].minor);
            end += 1;
        }
        let new_day = start == 0 || counted[start - 1].business_day != first.business_day;
        let enough = end - start >= bounds.transfers_min && total > i128::from(bounds.threshold);
        if new_day && enough {
            windows.push((start, end));
        }
        total -= i128::from(first.minor);
    }
    // Windows that share amounts are joined here, so that each amount is copied once.
    let mut joined: Vec<(usize, usize)> = Vec::new();
    for (start, end) in windows {
        match joined.last_mut() {
            Some(before) if start < before.1 => before.1 = end,
            _ => joined.push((start, end)),
        }
    }
    let part = |(start, end): (usize, usize)| Run {
        first: counted[start].business_day,
        last: counted[end - 1].business_day,
        cash: counted[start..end].to_vec(),
        over: Vec::new(),
    };
    joined.into_iter().map(part).collect()
}
