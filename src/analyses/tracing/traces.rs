//! One question traced: under every rule asked for, in the order of days asked for and the
//! others, with floor and ceiling.

use std::borrow::Cow;

use rayon::prelude::*;

use super::bounds::{Bounded, bounds};
use super::case_ledger::CaseLedger;
use super::components::{shares_of, together};
use super::ledger::Ledger;
use super::listing::{Listable, Listing};
use super::narrowed::Narrowed;
use super::posting_order::{Posting, PostingOrder};
use super::rules::Rule;
use super::same_day::DayOrder;
use super::sources::Sources;
use super::subset::{Marks, Ranks, Route, Slots};
use super::sweep::{Declared, Traced, trace_along};
use crate::analyses::Inputs;
use crate::error::Result;
use crate::model::NONE;

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
    /// Movements that are posted in it.
    posted: Ranks,
    /// Places in it of their debits and of their credits; [`NONE`] for one that is not there.
    places: Vec<(u32, u32)>,
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
    pub fn new(
        inputs: &Inputs<'a>,
        sources: Sources,
        question: Question,
        narrow: Option<Narrowed>,
    ) -> Result<Traces<'a>> {
        let case = inputs.case;
        let (of, declared, mut orders) =
            inputs.stage("ledger", || CaseLedger::of_sources(case, &sources, narrow))?;
        let asked_first = |one: &(DayOrder, PostingOrder)| one.0 != question.order;
        orders.sort_by_key(asked_first);
        let main = &orders[0].1;
        let asked: Vec<(DayOrder, &PostingOrder)> = orders
            .iter()
            .map(|(order, postings)| (*order, postings))
            .filter(|(order, postings)| *order == question.order || *postings != main)
            .collect();
        let mut answers = answers(inputs, (&of.ledger, &asked), &declared, &question)?;
        let at = asked.iter().position(|(order, _)| *order == question.order);
        let rules = answers.remove(at.expect("the order asked for is traced")).1;
        let others = answers;
        let (posted, places) = places(main, of.ledger.amount.len());
        let touched = &Slots::of(&of.ledger, main);
        let listable = Listable { movements: of.movements(), posted: &posted, touched };
        let listing = Listing::choose(&rules, listable, question.rows_max);
        let bounded = inputs.stage("bounds", || {
            bounds(&of.ledger, main, &declared, question.until, Some(&listing))
        })?;
        let days = main.days().map(|(day, places)| (day, places.end)).collect();
        let order = orders.swap_remove(0).1;
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
            posted,
            places,
            days,
        })
    }

    /// Place of a movement's debit in the order asked for; absent when it is not there.
    pub fn place(&self, movement: u32) -> Option<u32> {
        self.posted.place(movement).map(|at| self.places[at].0).filter(|place| *place != NONE)
    }

    /// Place of a movement's credit.
    pub fn arrival(&self, movement: u32) -> Option<u32> {
        self.posted.place(movement).map(|at| self.places[at].1).filter(|place| *place != NONE)
    }

    /// Civil day on which a movement leaves its account in the order asked for.
    pub fn day_of(&self, movement: u32) -> i32 {
        self.day_at(self.place(movement))
    }

    /// Civil day on which a movement arrives.
    pub fn arrival_day(&self, movement: u32) -> i32 {
        self.day_at(self.arrival(movement))
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

    /// The last civil day that is followed on which a statement of an account is held.
    pub fn last_held_day(&self, account: u32) -> Option<i32> {
        let until = self.question.until;
        let begun =
            self.of.ledger.covered(account).into_iter().filter(|(first, _)| *first <= until);
        begun.map(|(_, last)| last.min(until)).max()
    }

    /// Labels that figures stand under: all together first, where there are several.
    pub fn labels(&self) -> Vec<u32> {
        let all = self.sources.labels.len() as u32;
        if all > 1 { (0..=all).collect() } else { vec![1] }
    }
}

/// What each rule says in each order. The passes of an order, and of the parts of its network that
/// nothing connects, are spread over threads.
fn answers(
    inputs: &Inputs,
    (ledger, asked): (&Ledger, &[(DayOrder, &PostingOrder)]),
    declared: &Declared,
    question: &Question,
) -> Result<Vec<(DayOrder, Vec<Traced>)>> {
    let parts: Vec<Vec<Part>> =
        asked.par_iter().map(|(_, order)| Part::of(ledger, order)).collect();
    let rules = &question.rules;
    let mut passes: Vec<(DayOrder, Rule, &Part)> = Vec::new();
    for ((order, _), parts) in asked.iter().zip(&parts) {
        let of_rule = |rule: &Rule| {
            let (order, rule) = (*order, *rule);
            parts.iter().map(move |part| (order, rule, part))
        };
        passes.extend(rules.iter().flat_map(of_rule));
    }
    let pass = |(order, rule, part): &(DayOrder, Rule, &Part)| {
        let posted = (ledger, &*part.order);
        let run = || trace_along(posted, &part.route, *rule, declared, question.until);
        // Beside another pass, the time of one means nothing.
        if rayon::current_num_threads() > 1 {
            return run();
        }
        inputs.stage(&format!("{} {}", rule.word(), order.word()), run)
    };
    let traced: Result<Vec<Traced>> = passes.par_iter().map(pass).collect();
    let mut traced = traced?.into_iter();
    let mut answers = Vec::new();
    for ((order, _), parts) in asked.iter().zip(&parts) {
        let mut of_rule = || together(traced.by_ref().take(parts.len()));
        answers.push((*order, rules.iter().map(|_| of_rule()).collect()));
    }
    Ok(answers)
}

/// A part of a network, and what every walk along it asks.
struct Part<'a> {
    order: Cow<'a, PostingOrder>,
    route: Route,
}

impl Part<'_> {
    fn of<'a>(ledger: &Ledger, order: &'a PostingOrder) -> Vec<Part<'a>> {
        let shares = shares_of(ledger, order).into_iter();
        shares.map(|order| Part { route: Route::of(ledger, &order), order }).collect()
    }
}

/// Which movements are posted, and where the debit and the credit of each stand.
fn places(order: &PostingOrder, movements: usize) -> (Ranks, Vec<(u32, u32)>) {
    let mut marks = Marks::new(movements);
    for place in 0..order.len() {
        marks.mark(order.at(place).movement());
    }
    let posted = Ranks::from(marks);
    let mut places = vec![(NONE, NONE); posted.count()];
    for place in 0..order.len() {
        let posting = order.at(place);
        let at = posted.place(posting.movement()).expect("every posting was marked");
        if !matches!(posting, Posting::Credit(_)) {
            places[at].0 = place as u32;
        }
        if !matches!(posting, Posting::Debit(_)) {
            places[at].1 = place as u32;
        }
    }
    (posted, places)
}
