//! Setting debits against credits, first in first out, within a window of days.
//!
//! The records' order is all that decides here; what share is enough, and what it is called, is
//! each analysis's; which money left under a rule of law is for fund tracing.
//!
//! Within a day, times and the order of a statement decide. Where they leave it open, a credit
//! without a time came as early and a debit without one left as late as they let it, so that no
//! money counts as kept for want of a time.

use crate::analyses::Moments;

/// Milliseconds of a day without a clock change.
pub(crate) const DAY_MS: i64 = 86_400_000;

/// Money into or out of one account, of one currency.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Movement {
    /// Row of `transfers`.
    pub transfer: u32,
    pub ms: i64,
    pub day: i32,
    pub timed: bool,
    pub minor: i64,
}

/// Puts credits of an account in the order in which they came. Cost: a sort, and for each date
/// without a time a search of the statements.
pub(crate) fn sort_as_they_came(moments: &Moments, account: u32, credits: &mut [Movement]) {
    sort_by_moment(moments, account, credits, |(after_ms, _)| after_ms);
}

/// Puts debits of an account in the order in which they left; cost as [`sort_as_they_came`].
pub(crate) fn sort_as_they_left(moments: &Moments, account: u32, debits: &mut [Movement]) {
    sort_by_moment(moments, account, debits, |(_, before_ms)| before_ms);
}

/// `of_date` says which of the times between which a statement has a date it counts as.
fn sort_by_moment(
    moments: &Moments,
    account: u32,
    movements: &mut [Movement],
    of_date: impl Fn((i64, i64)) -> i64,
) {
    let key = |it: &Movement| match it.timed {
        true => (it.day, it.ms, it.transfer),
        false => (it.day, of_date(moments.between_ms(account, it.transfer)), it.transfer),
    };
    movements.sort_by_cached_key(key);
    if moments.all_timed() {
        return;
    }
    let moment = |it: &Movement| (key(it).0, key(it).1);
    for alike in movements.chunk_by_mut(|one, two| moment(one) == moment(two)) {
        if alike.len() == 1 {
            continue;
        }
        let mut stated: Vec<(u32, usize, u32)> = alike
            .iter()
            .enumerate()
            .filter_map(|(at, it)| {
                let (list, place) = moments.stated_at(account, it.transfer)?;
                Some((list, at, place))
            })
            .collect();
        // The table has a statement's records of a day by their lines, and many statements are
        // written newest first: they change places among themselves.
        stated.sort_unstable();
        for list in stated.chunk_by(|one, two| one.0 == two.0) {
            let mut in_order = list.to_vec();
            in_order.sort_unstable_by_key(|(_, _, place)| *place);
            let moved: Vec<Movement> = in_order.iter().map(|(_, at, _)| alike[*at]).collect();
            for ((_, at, _), movement) in list.iter().zip(moved) {
                alike[*at] = movement;
            }
        }
    }
}

/// A part of a credit, and the debit by which it left; places in the two lists.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Match {
    pub credit: usize,
    pub debit: usize,
    pub minor: i64,
}

/// Sets debits against credits, the oldest credit within the window first. Both lists stand in
/// the order in which they may have happened. Cost: linear.
pub(crate) fn match_first_in(
    credits: &[Movement],
    debits: &[Movement],
    window_days: u32,
) -> Vec<Match> {
    match_in_order(credits, debits, window_days, |_, _| true)
}

/// As [`match_first_in`]; of the credits within the window a debit takes those that `may` lets
/// it, the oldest first. Cost: linear, but for credits of the window that it lets stand.
pub(crate) fn match_in_order(
    credits: &[Movement],
    debits: &[Movement],
    window_days: u32,
    may: impl Fn(&Movement, &Movement) -> bool,
) -> Vec<Match> {
    let mut matches = Vec::new();
    let mut left: Vec<i64> = credits.iter().map(|credit| credit.minor).collect();
    let mut oldest = 0;
    for (debit, out) in debits.iter().enumerate() {
        let mut wanted = out.minor;
        let expired =
            |credit: &Movement| i64::from(credit.day) + i64::from(window_days) < i64::from(out.day);
        while oldest < credits.len() && (left[oldest] == 0 || expired(&credits[oldest])) {
            oldest += 1;
        }
        let mut at = oldest;
        while wanted > 0 && at < credits.len() && may_precede(&credits[at], out) {
            if left[at] > 0 && may(&credits[at], out) {
                let minor = left[at].min(wanted);
                left[at] -= minor;
                wanted -= minor;
                matches.push(Match { credit: at, debit, minor });
            }
            at += 1;
        }
    }
    matches
}

/// Whether the records allow that the credit came first.
fn may_precede(credit: &Movement, debit: &Movement) -> bool {
    credit.day < debit.day
        || credit.day == debit.day && (!credit.timed || !debit.timed || credit.ms <= debit.ms)
}

/// How long a credit stayed until a debit. Between records of which one states no time, whole
/// days are counted.
pub(crate) fn stay_ms(credit: &Movement, debit: &Movement) -> i64 {
    if credit.timed && debit.timed {
        debit.ms - credit.ms
    } else {
        i64::from(debit.day - credit.day) * DAY_MS
    }
}

/// How long money stayed: half of the matched money left no later than this.
pub(crate) fn dwell_median_ms(credits: &[Movement], debits: &[Movement], matches: &[Match]) -> i64 {
    let mut stays: Vec<(i64, i64)> = matches
        .iter()
        .map(|it| (stay_ms(&credits[it.credit], &debits[it.debit]), it.minor))
        .collect();
    stays.sort_unstable();
    let all: i128 = stays.iter().map(|(_, minor)| i128::from(*minor)).sum();
    let mut so_far = 0_i128;
    for (stay, minor) in stays {
        so_far += i128::from(minor);
        if so_far * 2 >= all {
            return stay;
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    const HOUR_MS: i64 = 3_600_000;

    /// Every debit looks at every credit.
    fn slow_match(credits: &[Movement], debits: &[Movement], window_days: u32) -> Vec<Match> {
        let mut left: Vec<i64> = credits.iter().map(|credit| credit.minor).collect();
        let mut matches = Vec::new();
        for (debit, out) in debits.iter().enumerate() {
            let mut wanted = out.minor;
            for (credit, came) in credits.iter().enumerate() {
                let apart = i64::from(out.day) - i64::from(came.day);
                let later = came.timed && out.timed && came.day == out.day && came.ms > out.ms;
                let minor = left[credit].min(wanted);
                if (0..=i64::from(window_days)).contains(&apart) && !later && minor > 0 {
                    left[credit] -= minor;
                    wanted -= minor;
                    matches.push(Match { credit, debit, minor });
                }
            }
        }
        matches
    }

    fn some_movements() -> impl Strategy<Value = Vec<Movement>> {
        let one = (0..6_i32, prop::option::of(0..24_i64), 1..50_i64);
        prop::collection::vec(one, 0..20).prop_map(|rows| {
            let movement = |(transfer, (day, hour, minor)): (usize, (i32, Option<i64>, i64))| {
                let ms = i64::from(day) * DAY_MS + hour.unwrap_or(0) * HOUR_MS;
                Movement { transfer: transfer as u32, ms, day, timed: hour.is_some(), minor }
            };
            rows.into_iter().enumerate().map(movement).collect()
        })
    }

    proptest! {
        #[test]
        fn one_queue_equals_looking_at_every_pair(
            mut credits in some_movements(),
            mut debits in some_movements(),
            window_days in 0..4_u32,
        ) {
            credits.sort_by_key(|it| (it.day, it.timed, it.ms, it.transfer));
            debits.sort_by_key(|it| (it.day, !it.timed, it.ms, it.transfer));
            let matches = match_first_in(&credits, &debits, window_days);
            prop_assert_eq!(&matches, &slow_match(&credits, &debits, window_days));
            for (at, credit) in credits.iter().enumerate() {
                let of_credit = matches.iter().filter(|it| it.credit == at);
                let used: i64 = of_credit.map(|it| it.minor).sum();
                prop_assert!(used <= credit.minor, "no unit is used twice");
            }
        }
    }
}
