//! Payroll sweeps against a search that looks at every wage and everything after it.

use std::collections::{BTreeMap, BTreeSet};

use moneytrail::analyses::{Inputs, payroll_sweep};
use proptest::prelude::*;

use super::small_cases::{
    HOUR_MS, NAMES, Row, Shape, Told, case, finds, first_in_first_out, holder, is_known, rows, told,
};

#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Hands {
    Employer,
    Holder(u32),
    Place(&'static str),
}

fn hands(row: &Row, employer: u32) -> Option<Hands> {
    let holder_of = |account| holder(account, row.day);
    match is_known(row.to) {
        false if row.cash => row.place.map(Hands::Place),
        false => None,
        true if holder_of(row.to) == employer => Some(Hands::Employer),
        true if holder_of(row.to) == holder_of(row.from) => None,
        true => Some(Hands::Holder(holder_of(row.to))),
    }
}

/// Wages of an employer by worker.
fn wages(rows: &[Row], employer: u32, params: &payroll_sweep::Params) -> BTreeMap<u32, Vec<usize>> {
    let paid: Vec<usize> = (0..rows.len())
        .filter(|at| {
            let row = &rows[*at];
            let known = is_known(row.from) && is_known(row.to) && row.from != row.to;
            known && holder(row.from, row.day) == employer && holder(row.to, row.day) != employer
        })
        .collect();
    let on = |day: i32| {
        let same = paid.iter().filter(|at| rows[**at].day == day).map(|at| rows[*at].to);
        same.collect::<BTreeSet<u32>>().len()
    };
    let mut by_worker: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for &at in &paid {
        if rows[at].said == "Wages" || on(rows[at].day) >= params.workers_min as usize {
            by_worker.entry(rows[at].to).or_default().push(at);
        }
    }
    by_worker.retain(|_, wages| {
        let days: BTreeSet<i32> = wages.iter().map(|at| rows[*at].day).collect();
        days.len() >= params.periods_min as usize
    });
    by_worker
}

/// One employer's wages, and what may have gone back of them.
struct Payroll<'a> {
    rows: &'a [Row],
    params: &'a payroll_sweep::Params,
    employer: u32,
    by_worker: BTreeMap<u32, Vec<usize>>,
}

impl Payroll<'_> {
    fn is_after(&self, worker: u32, wage: &Row, left: &Row) -> bool {
        let soon = wage.apart_ms(left) <= i64::from(self.params.hours) * HOUR_MS;
        soon && wage.is_before(worker, left)
    }

    fn leaving(&self, worker: u32) -> Vec<usize> {
        let left = |at: &usize| {
            let row = &self.rows[*at];
            let wages = &self.by_worker[&worker];
            row.from == worker
                && row.to != worker
                && hands(row, self.employer).is_some()
                && wages.iter().any(|wage| self.is_after(worker, &self.rows[*wage], row))
        };
        (0..self.rows.len()).filter(left).collect()
    }

    /// How many workers pay these hands.
    fn used_by(&self, wanted: &Hands) -> usize {
        let pays = |worker: &&u32| {
            let left = self.leaving(**worker);
            left.iter().any(|at| hands(&self.rows[*at], self.employer).as_ref() == Some(wanted))
        };
        self.by_worker.keys().filter(pays).count()
    }

    /// The wages of swept paydays, and what went back of them; nothing of a worker with too few.
    fn swept(&self, worker: u32) -> Option<(Vec<usize>, Vec<usize>)> {
        let (rows, wages) = (self.rows, &self.by_worker[&worker]);
        let mut back = self.leaving(worker);
        back.retain(|at| {
            let hands = hands(&rows[*at], self.employer).unwrap();
            hands == Hands::Employer || self.used_by(&hands) >= self.params.workers_min as usize
        });
        let after = |wage: &Row, left: &Row| self.is_after(worker, wage, left);
        let taken = first_in_first_out(rows, worker, (wages, &back), after);
        let mut days: BTreeSet<i32> = wages.iter().map(|at| rows[*at].day).collect();
        days.retain(|day| {
            let of_day = |at: &usize| rows[*at].day == *day;
            let wage: i64 = wages.iter().filter(|at| of_day(at)).map(|at| rows[*at].minor).sum();
            let back: i64 = taken.iter().filter(|it| of_day(&it.0)).map(|it| it.2).sum();
            back * 100 >= wage * i64::from(self.params.share_back_min_percent)
        });
        let swept = |at: &usize| days.contains(&rows[*at].day);
        let paid = wages.iter().copied().filter(swept).collect();
        let back = taken.iter().filter(|it| swept(&it.0)).map(|it| it.1).collect();
        (days.len() >= self.params.periods_min as usize).then_some((paid, back))
    }
}

fn slow(rows: &[Row], params: &payroll_sweep::Params) -> BTreeSet<Told> {
    let mut found = BTreeSet::new();
    let payers = rows.iter().filter(|row| is_known(row.from)).map(|row| holder(row.from, row.day));
    for employer in payers.collect::<BTreeSet<u32>>() {
        let by_worker = wages(rows, employer, params);
        let payroll = Payroll { rows, params, employer, by_worker };
        let (mut transfers, mut workers) = (BTreeSet::new(), BTreeSet::new());
        let (mut payers, mut got) = (BTreeSet::new(), BTreeSet::new());
        for &worker in payroll.by_worker.keys() {
            let Some((paid, back)) = payroll.swept(worker) else { continue };
            workers.insert(worker);
            payers.extend(paid.iter().map(|at| rows[*at].from));
            got.extend(back.iter().map(|at| rows[*at].to));
            transfers.extend(paid.into_iter().chain(back));
        }
        if workers.len() < params.workers_min as usize {
            continue;
        }
        got.retain(|it| is_known(*it) && !workers.contains(it) && !payers.contains(it));
        let mut members = BTreeSet::new();
        for (role, accounts) in [("employer", payers), ("worker", workers), ("collector", got)] {
            let name = |account: u32| (role.to_owned(), NAMES[account as usize].to_owned());
            members.extend(accounts.into_iter().map(name));
        }
        found.insert((members, transfers.into_iter().collect()));
    }
    found
}

fn shape() -> Shape {
    Shape { days: 3, rows: 80, minor: 1..4, said: &["", "Wages"] }
}

#[test]
fn the_small_cases_hold_some() {
    let params = payroll_sweep::Params {
        workers_min: 2,
        periods_min: 1,
        share_back_min_percent: 50,
        ..payroll_sweep::Params::default()
    };
    let found = finds(shape(), |rows| slow(rows, &params).len());
    assert!(found >= 10, "{found} of 100");
}

/// Wages without a time on a day of 25 hours that went back on the next day: one day, and more
/// than 24 hours only where both records state their time.
#[test]
fn a_day_of_twenty_five_hours_is_a_day_between_dates() {
    let check = |hour: Option<i64>, expected: usize| {
        let paid = [0, 3, 4].into_iter().flat_map(|worker| [(2, worker, 1), (worker, 2, 2)]);
        let mut rows: Vec<Row> = (2..)
            .zip(paid)
            .map(|(line, (from, to, day))| Row::listed((from, to), day, hour, line))
            .collect();
        rows.sort_by_key(Row::ms);
        let params =
            payroll_sweep::Params { periods_min: 1, hours: 24, ..payroll_sweep::Params::default() };
        let case = case(&rows);
        let outcome = payroll_sweep::run(&Inputs::new(&case), &params).unwrap();
        assert_eq!(told(&outcome, &rows).len(), expected, "{hour:?}");
        assert_eq!(slow(&rows, &params).len(), expected, "{hour:?}");
    };
    check(None, 1);
    check(Some(10), 0);
}

proptest! {
    #[test]
    fn sweeps_equal_a_slow_search(
        rows in rows(shape()),
        periods_min in 1..3_u32,
        hours in prop::sample::select(vec![11_u32, 24, 48]),
        share_back_min_percent in prop::sample::select(vec![1_u8, 50, 90]),
    ) {
        let params = payroll_sweep::Params {
            workers_min: 2,
            periods_min,
            share_back_min_percent,
            hours,
            ..payroll_sweep::Params::default()
        };
        let case = case(&rows);
        let outcome = payroll_sweep::run(&Inputs::new(&case), &params).unwrap();
        prop_assert_eq!(told(&outcome, &rows), slow(&rows, &params));
    }
}
