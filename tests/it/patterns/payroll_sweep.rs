//! Payroll sweeps against a search that looks at every wage and everything after it.

use std::collections::{BTreeMap, BTreeSet};

use moneytrail::analyses::{Inputs, payroll_sweep};
use moneytrail::model::Values;
use moneytrail::store::Holdings;
use proptest::prelude::*;

use super::small_cases::{
    HOUR_MS, NAMES, Row, Shape, Told, case, finds, first_in_first_out, holder, is_known, rows,
    told, told_each,
};

#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Hands {
    Employer,
    Controller(u32),
    Place(&'static str),
}

/// Who holds an account on a day, and a number for who controls it.
type Held = fn(u32, i32) -> (BTreeSet<u32>, u32);

fn each_alone(account: u32, day: i32) -> (BTreeSet<u32>, u32) {
    let holder = holder(account, day);
    (BTreeSet::from([holder]), holder)
}

/// As [`joint_holdings`] has it: what P holds and what others hold with P is one cluster.
fn some_jointly(account: u32, day: i32) -> (BTreeSet<u32>, u32) {
    let (p, q, r) = (100, 101, 102);
    match (account, day) {
        (0, _) => (BTreeSet::from([p]), 200),
        (1, _) => (BTreeSet::from([p, q]), 200),
        (2, _) => (BTreeSet::from([q]), 200),
        (3, 1..) => (BTreeSet::from([p, r]), 200),
        (3, _) => (BTreeSet::from([r]), 200),
        (other, day) => each_alone(other, day),
    }
}

fn joint_holdings() -> Holdings {
    Holdings {
        account: vec![0, 1, 1, 2, 3, 3, 5],
        party: vec![0, 0, 1, 1, 0, 2, 3],
        role: ["owner", "owner", "joint", "owner", "joint", "owner", "owner"].into_iter().collect(),
        opened: vec![None, None, None, None, Some(1), None, Some(4)],
        closed: vec![None; 7],
        source: vec![0; 7],
        line: (1..8).collect(),
    }
}

fn hands(row: &Row, employer: u32, held: Held) -> Option<Hands> {
    if !is_known(row.to) {
        return if row.cash { row.place.map(Hands::Place) } else { None };
    }
    let ((to, controller), (from, _)) = (held(row.to, row.day), held(row.from, row.day));
    match to {
        same if same == from => None,
        theirs if theirs.contains(&employer) => Some(Hands::Employer),
        _ => Some(Hands::Controller(controller)),
    }
}

/// Wages of an employer by worker.
fn wages(
    rows: &[Row],
    (employer, held): (u32, Held),
    params: &payroll_sweep::Params,
) -> BTreeMap<u32, Vec<usize>> {
    let paid: Vec<usize> = (0..rows.len())
        .filter(|at| {
            let row = &rows[*at];
            let known = is_known(row.from) && is_known(row.to) && row.from != row.to;
            let (from, to) = (held(row.from, row.day).0, held(row.to, row.day).0);
            known && from.contains(&employer) && !to.is_subset(&from)
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
    held: Held,
    by_worker: BTreeMap<u32, Vec<usize>>,
}

impl Payroll<'_> {
    fn hands(&self, at: usize) -> Option<Hands> {
        hands(&self.rows[at], self.employer, self.held)
    }

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
                && self.hands(*at).is_some()
                && wages.iter().any(|wage| self.is_after(worker, &self.rows[*wage], row))
        };
        (0..self.rows.len()).filter(left).collect()
    }

    /// How many workers pay these hands.
    fn used_by(&self, wanted: &Hands) -> usize {
        let pays = |worker: &&u32| {
            let left = self.leaving(**worker);
            left.iter().any(|at| self.hands(*at).as_ref() == Some(wanted))
        };
        self.by_worker.keys().filter(pays).count()
    }

    /// The wages of swept paydays, and what went back of them; nothing of a worker with too few.
    fn swept(&self, worker: u32) -> Option<(Vec<usize>, Vec<usize>)> {
        let (rows, wages) = (self.rows, &self.by_worker[&worker]);
        let mut back = self.leaving(worker);
        back.retain(|at| {
            let hands = self.hands(*at).unwrap();
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

/// The instances, and all wages of any.
fn slow(
    rows: &[Row],
    held: Held,
    params: &payroll_sweep::Params,
) -> (BTreeSet<Told>, BTreeSet<usize>) {
    let (mut found, mut all_wages) = (BTreeSet::new(), BTreeSet::new());
    let payers = rows.iter().filter(|row| is_known(row.from));
    let payers = payers.flat_map(|row| held(row.from, row.day).0);
    for employer in payers.collect::<BTreeSet<u32>>() {
        let by_worker = wages(rows, (employer, held), params);
        let payroll = Payroll { rows, params, employer, held, by_worker };
        let mut wages = BTreeSet::new();
        let (mut transfers, mut workers) = (BTreeSet::new(), BTreeSet::new());
        let (mut payers, mut got) = (BTreeSet::new(), BTreeSet::new());
        for &worker in payroll.by_worker.keys() {
            let Some((paid, back)) = payroll.swept(worker) else { continue };
            workers.insert(worker);
            payers.extend(paid.iter().map(|at| rows[*at].from));
            got.extend(back.iter().map(|at| rows[*at].to));
            wages.extend(paid.iter().copied());
            transfers.extend(paid.into_iter().chain(back));
        }
        if workers.len() < params.workers_min as usize {
            continue;
        }
        got.retain(|it| is_known(*it) && !workers.contains(it) && !payers.contains(it));
        workers.retain(|it| !payers.contains(it));
        let mut members = BTreeSet::new();
        for (role, accounts) in [("employer", payers), ("worker", workers), ("collector", got)] {
            let name = |account: u32| (role.to_owned(), NAMES[account as usize].to_owned());
            members.extend(accounts.into_iter().map(name));
        }
        found.insert((members, transfers.into_iter().collect()));
        all_wages.extend(wages);
    }
    (found, all_wages)
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
    for held in [each_alone as Held, some_jointly] {
        let found = finds(shape(), |rows| slow(rows, held, &params).0.len());
        assert!(found >= 10, "{found} of 100");
    }
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
        assert_eq!(slow(&rows, each_alone, &params).0.len(), expected, "{hour:?}");
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
        prop_assert_eq!(told(&outcome, &rows), slow(&rows, each_alone, &params).0);
    }

    #[test]
    fn sweeps_of_joint_holders_equal_a_slow_search(
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
        let case = case(&rows).with(joint_holdings());
        let outcome = payroll_sweep::run(&Inputs::new(&case), &params).unwrap();
        let (found, wages) = slow(&rows, some_jointly, &params);
        let told: BTreeSet<Told> = told_each(&outcome, &rows).into_iter().collect();
        prop_assert_eq!(told, found);
        let total = |name| match outcome.tables[0].column(name) {
            Some(Values::Money(each)) => each.iter().flatten().map(|it| it.minor).sum::<i64>(),
            _ => panic!("{name} is money"),
        };
        let once: i64 = wages.iter().map(|at| rows[*at].minor).sum();
        prop_assert_eq!(total("wages_total") - total("listed_before_total"), once);
    }
}
