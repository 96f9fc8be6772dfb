//! Of one employer's wages, what went back to the same hands.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::analyses::{
    DAY_MS, Groups, Inputs, Instance, Match, Memberships, Moments, Movement, Places, TransferFacts,
    match_in_order, sort_as_they_came, sort_as_they_left, stay_ms, total_minor,
};
use crate::error::Result;
use crate::graph::TransferGraph;
use crate::model::{Channel, Currency, NONE};
use crate::store::TransferRows;

use super::Params;
use super::controllers::{Always, Uses};
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
    /// Groups of single holders, ascending; several where these wages are all theirs.
    pub people: Vec<u32>,
    pub currency: Currency,
    /// The employer's accounts, the one that paid most often first.
    pub accounts: Vec<u32>,
    pub workers: BTreeSet<u32>,
    /// Accounts that money went back to and that are neither an employer's nor a worker's.
    pub collectors: BTreeSet<u32>,
    /// What went back, by the worker's transfer.
    left: Vec<(Hands, u32)>,
    /// Days on which a wage was paid that went back.
    pub paydays: usize,
    pub wages: i64,
    pub back: i64,
    /// Wages and what went back of them, in order of time.
    pub transfers: Vec<u32>,
    /// The wages among them, ascending, with what they come to.
    pub paid: Vec<(u32, i64)>,
    /// How much of the wages an instance that is told before has too.
    pub listed_before: i64,
    /// True where one told before, of the same account, has some of the transfers.
    pub again: bool,
}

impl Found {
    pub(super) fn instance(&self) -> Instance {
        let employers = self.accounts.iter().map(|account| ("employer", *account));
        // An account has one role: what the employer holds with a worker may pay wages too.
        let paying: BTreeSet<u32> = self.accounts.iter().copied().collect();
        let workers = self.workers.difference(&paying).map(|account| ("worker", *account));
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
    always: Always,
    moments: Moments<'a>,
    pub(super) places: Places<'a>,
    transfers: TransferRows<'a>,
    /// Groups from this number on are no single party.
    parties: u32,
}

/// A payment of a worker within the hours after a wage.
struct Leaving {
    hands: Hands,
    movement: Movement,
}

impl Leaving {
    fn row(&self) -> u32 {
        self.movement.transfer
    }
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
        let (transfers, graph) = (case.transfer_rows()?, inputs.graph()?);
        let holders = Groups::parties(case)?;
        let controllers = Groups::clusters(case, clusters.names.clone(), &clusters.account)?;
        let always = Always::new(graph, &holders, &controllers);
        Ok(Reader {
            params,
            graph,
            facts: TransferFacts::new(case)?,
            holders,
            controllers,
            always,
            moments: Moments::new(case)?,
            places: Places::new(case)?,
            transfers,
            parties: case.parties()?.party.len() as u32,
        })
    }

    /// Nothing counted yet.
    pub(super) fn uses(&self) -> Uses {
        Uses::new(&self.always, self.controllers.len(), self.params.workers_min)
    }

    pub(super) fn of_employer(
        &self,
        uses: &mut Uses,
        employer: u32,
        currency: Currency,
        wages: &[Wage],
    ) -> Result<Option<Found>> {
        let mut by_worker: BTreeMap<u32, Vec<Movement>> = BTreeMap::new();
        let booked_ms = |transfer: u32| self.transfers.booked_ms(transfer);
        for wage in wages {
            by_worker.entry(wage.worker).or_default().push(self.movement(
                wage.transfer,
                booked_ms(wage.transfer),
                wage.minor,
            ));
        }
        for (worker, wages) in &mut by_worker {
            sort_as_they_came(&self.moments, *worker, wages);
        }
        let around: BTreeMap<u32, Vec<Range<usize>>> = by_worker
            .iter()
            .map(|(worker, wages)| (*worker, self.paid_around(*worker, wages)))
            .collect();
        let uses = (by_worker.len() <= Uses::WORKERS_MAX).then(|| {
            self.count_controllers(uses, employer, &around);
            &*uses
        });
        let mut workers: Vec<Worker> = by_worker
            .into_iter()
            .map(|(account, wages)| {
                let near = &around[&account];
                let back = self.leaving((employer, currency), account, &wages, near, uses);
                Worker { account, wages, back, matches: Vec::new() }
            })
            .collect();
        let mut used_by: BTreeMap<Hands, usize> = BTreeMap::new();
        for worker in &workers {
            let mut hands: Vec<&Hands> = worker.back.iter().map(|it| &it.hands).collect();
            hands.sort_unstable();
            hands.dedup();
            for hands in hands {
                *used_by.entry(hands.clone()).or_default() += 1;
            }
        }
        let enough = self.params.workers_min as usize;
        for worker in &mut workers {
            worker.back.retain(|it| it.hands == Hands::Employer || used_by[&it.hands] >= enough);
            self.sort_as_it_left(worker);
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

    /// The single holders behind a group, which is itself where it stands for one.
    pub(super) fn people<'b>(&'b self, group: &'b u32) -> &'b [u32] {
        // Most accounts have one holder; the joint ones are looked up.
        let joint = if *group < self.parties { &[] } else { self.holders.joint_holders(*group) };
        if joint.is_empty() { std::slice::from_ref(group) } else { joint }
    }

    /// True when a single holder holds what a group holds, alone or with others.
    #[inline]
    pub(super) fn is_among(&self, person: u32, group: u32) -> bool {
        group == person || self.people(&group).binary_search(&person).is_ok()
    }

    /// True when every holder of the first group is one of the second.
    pub(super) fn are_among(&self, some: u32, group: u32) -> bool {
        some == group || self.people(&some).iter().all(|one| self.is_among(*one, group))
    }

    /// The holder of an account on the day of a transfer. The day is looked up only where it
    /// decides: the transfers of an account lie all over the table.
    #[inline]
    pub(super) fn holder(&self, account: u32, transfer: u32) -> u32 {
        match self.always.holder[account as usize] {
            NONE => self.holders.of(account, self.facts.day(transfer)),
            holder => holder,
        }
    }

    #[inline]
    fn controller(&self, account: u32, transfer: u32) -> u32 {
        match self.always.controller[account as usize] {
            NONE => self.controllers.of(account, self.facts.day(transfer)),
            controller => controller,
        }
    }

    fn movement(&self, transfer: u32, ms: i64, minor: i64) -> Movement {
        let (day, timed) = (self.facts.day(transfer), self.moments.is_timed(transfer));
        Movement { transfer, ms, day, timed, minor }
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

    /// Where among a worker's payments those near some wage stand, in order of time: all that can
    /// be within the hours after it, and more where the records state dates alone.
    fn paid_around(&self, worker: u32, wages: &[Movement]) -> Vec<Range<usize>> {
        // A date without a time stands at its first instant, and a day may be 25 hours long.
        let slack_ms = if self.moments.all_timed() { 0 } else { DAY_MS + 2 * HOUR_MS };
        let window_ms = i64::from(self.params.hours) * HOUR_MS;
        let mut spans: Vec<(i64, i64)> =
            wages.iter().map(|it| (it.ms - slack_ms, it.ms + window_ms + slack_ms)).collect();
        spans.sort_unstable();
        spans.dedup_by(|next, before| {
            let shared = next.0 <= before.1;
            if shared {
                before.1 = before.1.max(next.1);
            }
            shared
        });
        let paid = self.graph.out_edges(worker);
        spans.into_iter().map(|(from, to)| paid.places_between(from, to)).collect()
    }

    /// How many workers pay each controller anything at all near a wage: what is paid to those of
    /// too few need not be looked up. Amounts and times are not yet read, and who has several
    /// controllers over the days is not counted.
    fn count_controllers(
        &self,
        uses: &mut Uses,
        employer: u32,
        around: &BTreeMap<u32, Vec<Range<usize>>>,
    ) {
        uses.begin(&self.always, employer);
        // Who pays most comes last: what is paid by the few behind whom too few are left counts
        // only for controllers already met, and looking for those costs little.
        let mut workers: Vec<(usize, u32)> = around
            .iter()
            .map(|(worker, places)| (places.iter().map(ExactSizeIterator::len).sum(), *worker))
            .collect();
        workers.sort_unstable();
        for (number, (_, worker)) in workers.iter().enumerate() {
            let may_be_first = uses.may_be_first(workers.len() - 1 - number);
            let payees = self.always.payees(*worker);
            let near = around[worker].iter().flat_map(|places| &payees[places.clone()]);
            for controller in near.filter(|one| **one != NONE) {
                uses.count(*controller, number as u32, may_be_first);
            }
        }
    }

    /// What left a worker's account for hands that may be common, within the hours after some
    /// wage.
    fn leaving(
        &self,
        (employer, currency): (u32, Currency),
        worker: u32,
        wages: &[Movement],
        near: &[Range<usize>],
        uses: Option<&Uses>,
    ) -> Vec<Leaving> {
        let (paid, payees) = (self.graph.out_edges(worker), self.always.payees(worker));
        let is_rare = |controller: u32| {
            controller != NONE && uses.is_some_and(|uses| uses.is_rare(controller))
        };
        let of_place = |at: usize| {
            if is_rare(payees[at]) {
                return None;
            }
            let edge = paid.get(at);
            let row = edge.transfer;
            let hands = self.hands(employer, worker, edge.neighbour, row)?;
            let amount = self.facts.sent(row);
            if amount.currency != currency {
                return None;
            }
            let movement = self.movement(row, edge.time_ms, amount.minor);
            self.is_after_some(worker, wages, &movement).then_some(Leaving { hands, movement })
        };
        near.iter().cloned().flatten().filter_map(of_place).collect()
    }

    fn hands(&self, employer: u32, worker: u32, to: u32, row: u32) -> Option<Hands> {
        if to == worker {
            return None;
        }
        if self.always.holder[to as usize] == NONE && self.graph.is_unidentified(to) {
            let cash = self.transfers.channel(row) == Channel::Cash;
            let place = if cash { self.places.of(row) } else { None };
            return place.map(|place| Hands::Machine(place.to_lowercase()));
        }
        self.hands_of(employer, worker, to, row)
    }

    /// Whose hands an identified account is, unless it is the worker's own.
    fn hands_of(&self, employer: u32, worker: u32, to: u32, row: u32) -> Option<Hands> {
        let holder = self.holder(to, row);
        if holder == self.holder(worker, row) {
            return None;
        }
        let back = self.is_among(employer, holder);
        Some(if back { Hands::Employer } else { Hands::Controller(self.controller(to, row)) })
    }

    /// Puts what left in order, once it is known which of it counts.
    fn sort_as_it_left(&self, worker: &mut Worker) {
        let mut left: Vec<Movement> = worker.back.iter().map(|it| it.movement).collect();
        sort_as_they_left(&self.moments, worker.account, &mut left);
        let places: BTreeMap<u32, usize> =
            (0..).zip(&left).map(|(at, it)| (it.transfer, at)).collect();
        worker.back.sort_by_key(|it| places[&it.movement.transfer]);
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
        let (mut paid, mut back_minor) = (Vec::new(), Vec::new());
        let (mut left, mut collectors) = (BTreeSet::new(), BTreeSet::new());
        for (worker, days) in swept {
            for wage in worker.wages.iter().filter(|wage| days.contains(&wage.day)) {
                transfers.insert(wage.transfer);
                paid.push((wage.transfer, wage.minor));
            }
            for it in &worker.matches {
                if days.contains(&worker.wages[it.credit].day) {
                    let (hands, row) = (&worker.back[it.debit].hands, worker.back[it.debit].row());
                    transfers.insert(row);
                    back_minor.push(it.minor);
                    left.insert((hands.clone(), row));
                    collectors.insert(self.transfers.to_account(row));
                }
            }
        }
        paid.sort_unstable();
        let mut paid_by: BTreeMap<u32, usize> = BTreeMap::new();
        let is_paid = |wage: &&Wage| paid.binary_search_by_key(&wage.transfer, |it| it.0).is_ok();
        for wage in wages.iter().filter(is_paid) {
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
            people: vec![employer],
            currency,
            accounts,
            workers,
            collectors,
            left: left.into_iter().collect(),
            paydays: swept.iter().flat_map(|(_, days)| days).collect::<BTreeSet<_>>().len(),
            wages: total_minor(paid.iter().map(|it| it.1))?,
            back: total_minor(back_minor)?,
            transfers: transfers.into_iter().collect(),
            paid,
            listed_before: 0,
            again: false,
        })
    }

    /// The employer's name, or those of joint holders.
    pub(super) fn employer(&self, found: &Found) -> String {
        let names: Vec<&str> = found.people.iter().map(|one| self.holders.name(*one)).collect();
        names.join(" & ")
    }

    /// Who and what the wages went back to, in words.
    pub(super) fn went_to(&self, found: &Found) -> Vec<String> {
        let words: BTreeSet<String> =
            found.left.iter().map(|(hands, row)| self.words(found, hands, *row)).collect();
        words.into_iter().collect()
    }

    fn words(&self, found: &Found, hands: &Hands, row: u32) -> String {
        let group = match hands {
            Hands::Employer => return "the employer".to_owned(),
            Hands::Machine(place) => return format!("cash at {place}"),
            Hands::Controller(group) => *group,
        };
        let holder = self.holder(self.transfers.to_account(row), row);
        // What one joint holder gets back in an account of that holder alone, both do.
        if found.people.iter().any(|one| self.is_among(*one, holder)) {
            return "the employer".to_owned();
        }
        let holder = self.holders.name(holder);
        match self.controllers.name(group) {
            same if same == holder => holder.to_owned(),
            cluster => format!("{holder} of {cluster}"),
        }
    }
}
