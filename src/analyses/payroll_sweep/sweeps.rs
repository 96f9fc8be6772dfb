//! Of one employer's wages, what went back to the same hands.

use std::collections::{BTreeMap, BTreeSet};

use crate::analyses::{
    DAY_MS, Groups, Inputs, Instance, Match, Memberships, Moments, Movement, Places, TransferFacts,
    match_in_order, stay_ms, total_minor,
};
use crate::error::Result;
use crate::graph::TransferGraph;
use crate::model::{Channel, Currency};
use crate::store::TransferRows;

use super::Params;
use super::wages::Wage;

const HOUR_MS: i64 = 3_600_000;

/// Where money went, as far as it can be one pair of hands.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Hands {
    Employer,
    /// Group of [`Reader::controllers`].
    Controller(u32),
    /// Place of cash, in small letters.
    Machine(String),
}

/// An employer whose wages go back.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Found {
    pub employer: String,
    pub currency: Currency,
    /// The employer's accounts, the one that paid most often first.
    pub accounts: Vec<u32>,
    pub workers: BTreeSet<u32>,
    /// Accounts that money went back to and that are neither an employer's nor a worker's.
    pub collectors: BTreeSet<u32>,
    /// Who and what it went back to, in words.
    pub hands: Vec<String>,
    /// Days on which a wage was paid that went back.
    pub paydays: usize,
    pub wages: i64,
    pub back: i64,
    /// Wages and what went back of them, in order of time.
    pub transfers: Vec<u32>,
}

impl Found {
    pub(super) fn instance(&self) -> Instance {
        let employers = self.accounts.iter().map(|account| ("employer", *account));
        let workers = self.workers.iter().map(|account| ("worker", *account));
        let collectors = self.collectors.iter().map(|account| ("collector", *account));
        Instance {
            members: employers.chain(workers).chain(collectors).collect(),
            transfers: self.transfers.clone(),
            bound_met: false,
        }
    }
}

/// What is looked up for every employer.
pub(super) struct Reader<'a> {
    params: &'a Params,
    pub(super) graph: &'a TransferGraph,
    pub(super) facts: TransferFacts<'a>,
    pub(super) holders: Groups<'a>,
    controllers: Groups<'a>,
    moments: Moments<'a>,
    pub(super) places: Places<'a>,
    transfers: TransferRows<'a>,
}

/// A payment of a worker within the hours after a wage.
struct Leaving {
    hands: Hands,
    movement: Movement,
}

/// A worker's wages, what left after them, and how the two were set against each other.
struct Worker {
    account: u32,
    wages: Vec<Movement>,
    back: Vec<Leaving>,
    matches: Vec<Match>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        inputs: &'a Inputs,
        params: &'a Params,
        clusters: &Memberships,
    ) -> Result<Reader<'a>> {
        let case = inputs.case;
        let transfers = case.transfer_rows()?;
        Ok(Reader {
            params,
            graph: inputs.graph()?,
            facts: TransferFacts::new(case)?,
            holders: Groups::parties(case)?,
            controllers: Groups::clusters(case, clusters.names.clone(), &clusters.account)?,
            moments: Moments::new(case)?,
            places: Places::new(case)?,
            transfers,
        })
    }

    pub(super) fn of_employer(
        &self,
        employer: u32,
        currency: Currency,
        wages: &[Wage],
    ) -> Result<Option<Found>> {
        let mut by_worker: BTreeMap<u32, Vec<Movement>> = BTreeMap::new();
        for wage in wages {
            by_worker
                .entry(wage.worker)
                .or_default()
                .push(self.movement(wage.transfer, wage.minor));
        }
        let mut workers: Vec<Worker> = by_worker
            .into_iter()
            .map(|(account, mut wages)| {
                wages.sort_by_key(|it| (it.day, it.timed, it.ms, it.transfer));
                let back = self.leaving(employer, currency, account, &wages);
                Worker { account, wages, back, matches: Vec::new() }
            })
            .collect();
        let mut used_by: BTreeMap<Hands, usize> = BTreeMap::new();
        for worker in &workers {
            let hands: BTreeSet<&Hands> = worker.back.iter().map(|it| &it.hands).collect();
            for hands in hands {
                *used_by.entry(hands.clone()).or_default() += 1;
            }
        }
        let enough = self.params.workers_min as usize;
        for worker in &mut workers {
            worker.back.retain(|it| it.hands == Hands::Employer || used_by[&it.hands] >= enough);
            worker.matches = self.matched(worker);
        }
        let swept: Vec<(&Worker, BTreeSet<i32>)> = workers
            .iter()
            .map(|worker| (worker, self.swept_days(worker)))
            .filter(|(_, days)| days.len() >= self.params.periods_min as usize)
            .collect();
        if swept.len() < enough {
            return Ok(None);
        }
        self.found(employer, currency, wages, &swept).map(Some)
    }

    fn movement(&self, transfer: u32, minor: i64) -> Movement {
        Movement {
            transfer,
            ms: self.transfers.booked_ms(transfer),
            day: self.facts.day(transfer),
            timed: self.facts.is_timed(transfer),
            minor,
        }
    }

    /// Civil days that the hours may reach over, one more for a day that a clock change shortens.
    fn window_days(&self) -> u32 {
        self.params.hours.div_ceil(24) + 1
    }

    /// True when the records say that what left came after the wage, and soon enough.
    fn is_after(&self, worker: u32, wage: &Movement, left: &Movement) -> bool {
        stay_ms(wage, left) <= i64::from(self.params.hours) * HOUR_MS
            && self.moments.follows(worker, wage.transfer, left.transfer)
    }

    /// As [`Reader::is_after`] for one of the wages, which stand in order of day. The latest are
    /// looked at first, since one of them mostly is.
    fn is_after_some(&self, worker: u32, wages: &[Movement], left: &Movement) -> bool {
        let window_days = self.window_days() as i32;
        let known = wages.partition_point(|wage| wage.day <= left.day);
        let near = wages[..known].iter().rev();
        near.take_while(|wage| wage.day >= left.day.saturating_sub(window_days))
            .any(|wage| self.is_after(worker, wage, left))
    }

    /// What left a worker's account for hands that may be common, within the hours after some
    /// wage, in order.
    fn leaving(
        &self,
        employer: u32,
        currency: Currency,
        worker: u32,
        wages: &[Movement],
    ) -> Vec<Leaving> {
        let (Some(first), Some(last)) = (wages.first(), wages.last()) else { return Vec::new() };
        let window_ms = i64::from(self.params.hours) * HOUR_MS;
        // A day more on either side, since a date without a time stands at its first instant.
        let (from, to) = (first.ms - DAY_MS, last.ms + window_ms + DAY_MS);
        let rows = self.graph.out_between(worker, from, to).iter().filter_map(|edge| {
            let amount = self.facts.sent(edge.transfer);
            let left = self.movement(edge.transfer, amount.minor);
            let other = edge.neighbour != worker && amount.currency == currency;
            (other && self.is_after_some(worker, wages, &left)).then_some(edge.transfer)
        });
        let mut back: Vec<Leaving> = rows
            .filter_map(|row| {
                let hands = self.hands(employer, worker, row)?;
                let movement = self.movement(row, self.facts.sent(row).minor);
                Some(Leaving { hands, movement })
            })
            .collect();
        back.sort_by_key(|it| {
            let left = it.movement;
            (left.day, !left.timed, left.ms, left.transfer)
        });
        back
    }

    fn hands(&self, employer: u32, worker: u32, row: u32) -> Option<Hands> {
        let (to, day) = (self.transfers.to_account(row), self.facts.day(row));
        if self.graph.is_unidentified(to) {
            let cash = self.transfers.channel(row) == Channel::Cash;
            let place = if cash { self.places.of(row) } else { None };
            return place.map(|place| Hands::Machine(place.to_lowercase()));
        }
        let holder = self.holders.of(to, day);
        if holder == employer {
            return Some(Hands::Employer);
        }
        let own = holder == self.holders.of(worker, day);
        (!own).then(|| Hands::Controller(self.controllers.of(to, day)))
    }

    fn matched(&self, worker: &Worker) -> Vec<Match> {
        let back: Vec<Movement> = worker.back.iter().map(|it| it.movement).collect();
        let window_days = self.window_days();
        match_in_order(&worker.wages, &back, window_days, |wage, left| {
            self.is_after(worker.account, wage, left)
        })
    }

    /// Paydays of which enough went back.
    fn swept_days(&self, worker: &Worker) -> BTreeSet<i32> {
        let mut days: BTreeMap<i32, (i128, i128)> = BTreeMap::new();
        for wage in &worker.wages {
            days.entry(wage.day).or_default().0 += i128::from(wage.minor);
        }
        for it in &worker.matches {
            days.entry(worker.wages[it.credit].day).or_default().1 += i128::from(it.minor);
        }
        let least = i128::from(self.params.share_back_min_percent);
        let swept =
            days.into_iter().filter(|(_, (wage, back))| *wage > 0 && back * 100 >= wage * least);
        swept.map(|(day, _)| day).collect()
    }

    fn found(
        &self,
        employer: u32,
        currency: Currency,
        wages: &[Wage],
        swept: &[(&Worker, BTreeSet<i32>)],
    ) -> Result<Found> {
        let mut transfers = BTreeSet::new();
        let (mut wages_minor, mut back_minor) = (Vec::new(), Vec::new());
        let (mut hands, mut collectors) = (BTreeSet::new(), BTreeSet::new());
        for (worker, days) in swept {
            for wage in worker.wages.iter().filter(|wage| days.contains(&wage.day)) {
                transfers.insert(wage.transfer);
                wages_minor.push(wage.minor);
            }
            for it in &worker.matches {
                if days.contains(&worker.wages[it.credit].day) {
                    let left = &worker.back[it.debit];
                    transfers.insert(left.movement.transfer);
                    back_minor.push(it.minor);
                    hands.insert(self.words(left));
                    collectors.insert(self.transfers.to_account(left.movement.transfer));
                }
            }
        }
        let mut paid_by: BTreeMap<u32, usize> = BTreeMap::new();
        for wage in wages.iter().filter(|wage| transfers.contains(&wage.transfer)) {
            *paid_by.entry(wage.from).or_default() += 1;
        }
        let workers: BTreeSet<u32> = swept.iter().map(|(worker, _)| worker.account).collect();
        let mut accounts: Vec<u32> = paid_by.keys().copied().collect();
        accounts.sort_by_key(|account| (std::cmp::Reverse(paid_by[account]), *account));
        collectors.retain(|account| {
            let apart = !workers.contains(account) && !accounts.contains(account);
            apart && !self.graph.is_unidentified(*account)
        });
        Ok(Found {
            employer: self.holders.name(employer).to_owned(),
            currency,
            accounts,
            workers,
            collectors,
            hands: hands.into_iter().collect(),
            paydays: swept.iter().flat_map(|(_, days)| days).collect::<BTreeSet<_>>().len(),
            wages: total_minor(wages_minor)?,
            back: total_minor(back_minor)?,
            transfers: transfers.into_iter().collect(),
        })
    }

    fn words(&self, left: &Leaving) -> String {
        match &left.hands {
            Hands::Employer => "the employer".to_owned(),
            Hands::Machine(place) => format!("cash at {place}"),
            Hands::Controller(group) => {
                let to = self.transfers.to_account(left.movement.transfer);
                let holder = self.holders.name(self.holders.of(to, left.movement.day));
                match self.controllers.name(*group) {
                    same if same == holder => holder.to_owned(),
                    cluster => format!("{holder} of {cluster}"),
                }
            }
        }
    }
}
