//! One question traced: under every rule asked for, in the order of days asked for and the
//! others, with floor and ceiling.

use rayon::prelude::*;

use super::bounds::{Bounded, bounds};
use super::case_ledger::CaseLedger;
use super::posting_order::PostingOrder;
use super::rules::Rule;
use super::same_day::{DayOrder, reordered};
use super::sources::Sources;
use super::sweep::{Declared, Traced, trace};
use crate::error::Result;
use crate::store::Case;

/// Movements up to which the bounds of every one of them are kept, also of those that carry
/// nothing under any rule.
const ALL_BOUNDS_MAX: usize = 200_000;

/// What is asked of every trace.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// Rules in the order of their columns.
    pub rules: Vec<Rule>,
    /// The order of days whose figures are told.
    pub order: DayOrder,
    /// Last civil day that is posted.
    pub until: i32,
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
    /// Floor and ceiling, in the order asked for.
    pub bounded: Bounded,
    /// Place of each movement's debit in the order asked for; absent when it is never posted.
    pub place: Vec<Option<u32>>,
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
    pub fn new(case: &'a Case, sources: Sources, question: Question) -> Result<Traces<'a>> {
        let of = CaseLedger::new(case, sources.currency)?;
        let declared = sources.declare(case, &of)?;
        let orders: Vec<(DayOrder, Option<PostingOrder>)> = DayOrder::ALL
            .into_par_iter()
            .map(|order| (order, reordered(&of.ledger, order)))
            .collect();
        let order_of = |order: DayOrder| {
            let found = orders.iter().find(|(of, _)| *of == order);
            found.and_then(|(_, order)| order.as_ref()).unwrap_or(&of.ledger.order)
        };
        let main = order_of(question.order);
        let asked: Vec<(DayOrder, &PostingOrder)> = DayOrder::ALL
            .into_iter()
            .map(|order| (order, order_of(order)))
            .filter(|(order, postings)| *order == question.order || *postings != main)
            .collect();
        let passes: Vec<(DayOrder, &PostingOrder, Rule)> = asked
            .iter()
            .flat_map(|(order, postings)| {
                question.rules.iter().map(|rule| (*order, *postings, *rule))
            })
            .collect();
        let traced: Result<Vec<Traced>> = passes
            .par_iter()
            .map(|(_, postings, rule)| trace(&of.ledger, postings, *rule, &declared, question.until))
            .collect();
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
        let mut carries = vec![of.ledger.amount.len() <= ALL_BOUNDS_MAX; of.ledger.amount.len()];
        for one in rules.iter().flat_map(|traced| &traced.carried) {
            carries[one.movement as usize] = true;
        }
        let wanted = |movement: u32| carries[movement as usize];
        let bounded = bounds(&of.ledger, main, &declared, question.until, &wanted)?;
        let place = places(main, of.ledger.amount.len());
        let days = main.days().map(|(day, places)| (day, places.end)).collect();
        Ok(Traces { of, sources, declared, question, rules, others, bounded, place, days })
    }

    /// True when the bounds of movements that carry nothing under any rule are not kept.
    pub fn keeps_few_bounds(&self) -> bool {
        self.of.ledger.amount.len() > ALL_BOUNDS_MAX
    }

    /// The order asked for, where it is not the stated one. Cost: as [`reordered`].
    pub fn order(&self) -> Option<PostingOrder> {
        reordered(&self.of.ledger, self.question.order)
    }

    /// Civil day on which a movement leaves its account in the order asked for.
    pub fn day_of(&self, movement: u32) -> i32 {
        let place = self.place[movement as usize].unwrap_or(u32::MAX) as usize;
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

/// Where each movement's debit stands.
fn places(order: &PostingOrder, movements: usize) -> Vec<Option<u32>> {
    use super::posting_order::Posting;
    let mut places = vec![None; movements];
    for place in 0..order.len() {
        if let Posting::Both(movement) | Posting::Debit(movement) = order.at(place) {
            places[movement as usize] = Some(place as u32);
        }
    }
    places
}
