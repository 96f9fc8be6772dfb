//! One question traced: under every rule asked for, in the order of days asked for and the
//! others, with floor and ceiling.

use rayon::prelude::*;

use super::bounds::{Bounded, bounds};
use super::case_ledger::CaseLedger;
use super::ledger::Ledger;
use super::listing::Listing;
use super::posting_order::{Posting, PostingOrder};
use super::reach::narrowed;
use super::rules::Rule;
use super::same_day::{DayOrder, reordered};
use super::sources::Sources;
use super::sweep::{Declared, Traced, trace};
use crate::analyses::Inputs;
use crate::error::Result;

/// What is asked of every trace.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// Rules in the order of their columns.
    pub rules: Vec<Rule>,
    /// The order of days whose figures are told.
    pub order: DayOrder,
    /// Last civil day that is posted.
    pub until: i32,
    /// Rows that each of the long tables lists, about.
    pub rows_max: usize,
}

/// The answers of all rules.
#[derive(Debug)]
pub struct Traces<'a> {
    /// The movements.
    pub of: CaseLedger<'a>,
    /// What is traced.
    pub sources: Sources,
    /// The same by movement.
    pub declared: Declared,
    /// What was asked.
    pub question: Question,
    /// The answer of each rule.
    pub rules: Vec<Traced>,
    /// The same in the other orders that days allow, where these differ from the one asked for.
    pub others: Vec<(DayOrder, Vec<Traced>)>,
    /// Floor and ceiling, in the order asked for; of what is listed.
    pub bounded: Bounded,
    /// What the long tables list.
    pub listing: Listing,
    /// The postings that declared money can have to do with, in the order asked for.
    pub order: PostingOrder,
    /// Place of each movement's debit in that order; absent when it is not there.
    pub place: Vec<Option<u32>>,
    /// Place of each movement's credit.
    pub arrival: Vec<Option<u32>>,
    /// Civil days of the order asked for, and the place where each ends.
    days: Vec<(i32, usize)>,
}

impl<'a> Traces<'a> {
    /// Traces. Cost: a pass over the postings for each rule and order, and one for the bounds; the
    /// passes are spread over threads.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Usage`] where parts of a source exceed it; [`crate::Error::Interrupted`];
    /// as [`CaseLedger::new`].
    pub fn new(inputs: &Inputs<'a>, sources: Sources, question: Question) -> Result<Traces<'a>> {
        let case = inputs.case;
        let of = inputs.stage("ledger", || CaseLedger::new(case, sources.currency))?;
        let declared = sources.declare(case, &of)?;
        let orders = inputs.stage("orders", || orders(&of.ledger, &declared));
        let of_order = orders.iter().find(|(order, _)| *order == question.order);
        let main = &of_order.expect("every order of days is there").1;
        let asked: Vec<(DayOrder, &PostingOrder)> = orders
            .iter()
            .map(|(order, postings)| (*order, postings))
            .filter(|(order, postings)| *order == question.order || *postings != main)
            .collect();
        let passes: Vec<(DayOrder, &PostingOrder, Rule)> = asked
            .iter()
            .flat_map(|(order, postings)| {
                question.rules.iter().map(|rule| (*order, *postings, *rule))
            })
            .collect();
        let pass = |(order, postings, rule): &(DayOrder, &PostingOrder, Rule)| {
            let run = || trace(&of.ledger, postings, *rule, &declared, question.until);
            // Beside another pass, the time of one means nothing.
            if rayon::current_num_threads() > 1 {
                return run();
            }
            inputs.stage(&format!("{} {}", rule.word(), order.word()), run)
        };
        let traced: Result<Vec<Traced>> = passes.par_iter().map(pass).collect();
        let mut traced = traced?.into_iter();
        let mut rules = Vec::new();
        let mut others = Vec::new();
        for (order, _) in &asked {
            let of_order: Vec<Traced> = traced.by_ref().take(question.rules.len()).collect();
            if *order == question.order {
                rules = of_order;
            } else {
                others.push((*order, of_order));
            }
        }
        let sizes = (of.ledger.amount.len(), of.ledger.accounts());
        let listing = Listing::choose(&rules, sizes, question.rows_max);
        let bounded = inputs.stage("bounds", || {
            bounds(&of.ledger, main, &declared, question.until, Some(&listing))
        })?;
        let (place, arrival) = places(main, of.ledger.amount.len());
        let days = main.days().map(|(day, places)| (day, places.end)).collect();
        let order = main.clone();
        Ok(Traces {
            of,
            sources,
            declared,
            question,
            rules,
            others,
            bounded,
            listing,
            order,
            place,
            arrival,
            days,
        })
    }

    /// Civil day on which a movement leaves its account in the order asked for.
    pub fn day_of(&self, movement: u32) -> i32 {
        self.day_at(self.place[movement as usize])
    }

    /// Civil day on which a movement arrives.
    pub fn arrival_day(&self, movement: u32) -> i32 {
        self.day_at(self.arrival[movement as usize])
    }

    /// True when a movement reaches an account that is held on its day, up to the last one.
    pub fn is_kept(&self, movement: u32) -> bool {
        let day = self.arrival_day(movement);
        day <= self.question.until
            && self.of.ledger.covers(self.of.ledger.to[movement as usize], day)
    }

    fn day_at(&self, place: Option<u32>) -> i32 {
        let place = place.unwrap_or(u32::MAX) as usize;
        let at = self.days.partition_point(|(_, end)| *end <= place);
        self.days.get(at).map_or(i32::MAX, |(day, _)| *day)
    }

    /// The last civil day with a posting that is followed.
    pub fn last_day(&self) -> i32 {
        let until = self.question.until;
        self.days.iter().map(|(day, _)| *day).filter(|day| *day <= until).max().unwrap_or(until)
    }

    /// Labels that figures stand under: all together first, where there are several.
    pub fn labels(&self) -> Vec<u32> {
        let all = self.sources.labels.len() as u32;
        if all > 1 { (0..=all).collect() } else { vec![1] }
    }
}

/// The three orders of days, each with the postings that declared money can have to do with.
fn orders(ledger: &Ledger, declared: &Declared) -> Vec<(DayOrder, PostingOrder)> {
    let all = DayOrder::ALL.into_par_iter();
    all.map(|order| {
        let other = reordered(ledger, order);
        (order, narrowed(ledger, other.as_ref().unwrap_or(&ledger.order), declared))
    })
    .collect()
}

/// Where each movement's debit stands, and its credit.
fn places(order: &PostingOrder, movements: usize) -> (Vec<Option<u32>>, Vec<Option<u32>>) {
    let (mut debits, mut credits) = (vec![None; movements], vec![None; movements]);
    for place in 0..order.len() {
        let posting = order.at(place);
        let row = posting.movement() as usize;
        if !matches!(posting, Posting::Credit(_)) {
            debits[row] = Some(place as u32);
        }
        if !matches!(posting, Posting::Debit(_)) {
            credits[row] = Some(place as u32);
        }
    }
    (debits, credits)
}
