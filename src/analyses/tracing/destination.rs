//! Backward: which credits fund a payment, under each rule, with floor and ceiling.
//!
//! Every credit into the paying account up to the payment is a label of its own, and the account is
//! followed by itself: what comes back to it from elsewhere is one more credit.

use std::collections::BTreeMap;

use super::bounds::bounds;
use super::case_ledger::CaseLedger;
use super::figures::Figure;
use super::ledger::Ledger;
use super::posting_order::{Posting, PostingOrder};
use super::reach::narrowed;
use super::rules::Rule;
use super::same_day::{DayOrder, reordered};
use super::shares::Part;
use super::subset::Route;
use super::sweep::{Declared, trace};
use super::tables::{money, rule_column, words};
use super::traces::Question;
use super::walk::{Credit, Debit, Origin, Pass, Settlement, walk};
use crate::analyses::{TransferFacts, account_name, counted};
use crate::error::{Error, Result};
use crate::model::{Amount, ResultTable, Values, day_text};
use crate::store::Case;

/// Credits that are told apart; an account with more is asked about in parts.
const CREDITS_MAX: usize = 20_000;

/// What funds a payment.
#[derive(Debug)]
pub struct Funding {
    /// Row of `transfers`.
    pub transfer: u32,
    /// Rows of `transfers` that fund it, or may: by order of posting.
    pub credits: Vec<(u32, Figure)>,
    /// What was there before the first credit; no bounds.
    pub rest: Vec<i64>,
    /// What the bank advanced of it, minor units.
    pub advanced: i64,
    /// Sentences that a reader needs.
    pub notes: Vec<String>,
}

/// Computes it. Cost: as a trace of one account with a label for each credit.
///
/// # Errors
///
/// [`Error::Usage`] where no statement of the payer is held on the day, or it has more credits
/// than are told apart.
pub fn funding(case: &Case, transfer: u32, question: &Question) -> Result<Funding> {
    let facts = TransferFacts::new(case)?;
    let currency = facts.sent(transfer).currency;
    let of = CaseLedger::new(case, currency)?;
    let movement = of.arriving(transfer).expect("a transfer moves its own currency");
    let account = of.ledger.from[movement as usize];
    let name = account_name(case, account)?;
    let other = reordered(&of.ledger, question.order);
    let order = other.as_ref().unwrap_or(&of.ledger.order);
    let (day, credits) = credits_before(&of, order, account, movement).ok_or_else(|| {
        Error::Usage(format!("transfer {transfer} is never posted: it moves nothing anywhere"))
    })?;
    if !of.ledger.covers(account, day) {
        let unknown = case.accounts()?.kind.get(account as usize) == "unidentified";
        let what = if unknown {
            "the records do not say which account paid, so what funded it cannot be followed"
        } else {
            "no statement of the payer is held for that day: what funded the payment is in it, so \
             ask for it"
        };
        return Err(Error::Usage(format!("{name} paid on {}: {what}", day_text(day))));
    }
    if credits.len() > CREDITS_MAX {
        return Err(Error::Usage(format!(
            "{name} has {} before the payment, and {CREDITS_MAX} are told apart; trace a set of \
             them with --source instead",
            counted(credits.len() as u64, "credit")
        )));
    }
    let parts: Vec<(u32, u32, i64)> = (1..)
        .zip(&credits)
        .map(|(label, credit)| (*credit, label, of.ledger.amount[*credit as usize]))
        .collect();
    let declared = Declared::new(parts).within(account);
    let asked = Asked { of: &of, order, declared: &declared, movement, day, question };
    let (figures, mut rest) = asked.figures()?;
    let people = |minor: i64| case.manifest().digits.people(Amount { minor, currency });
    let mut notes = vec![format!(
        "{name} paid {} on {}; {} came in up to that day.",
        people(of.ledger.amount[movement as usize]),
        day_text(day),
        counted(credits.len() as u64, "credit")
    )];
    notes.extend(charge(&of, transfer, movement).map(|minor| {
        let more = people(minor);
        format!("{more} more left with it and did not arrive; what funds that charge is not told.")
    }));
    let advanced = advanced(&of.ledger, order, movement, day)?;
    if advanced > 0 {
        notes.push(format!(
            "{} of it was not there: the bank advanced it, and no credit funds it.",
            people(advanced)
        ));
        rest.iter_mut().for_each(|minor| *minor -= advanced);
    }
    for pair in of.ledger.covered(account).windows(2).filter(|pair| pair[1].0 <= day) {
        notes.push(format!(
            "No statement of {name} is held from {} to {}: what came in then is not among the \
             credits, and what left then may have been any of them.",
            day_text(pair[0].1.saturating_add(1)),
            day_text(pair[1].0.saturating_sub(1))
        ));
    }
    let row = |label: u32| of.row_of(credits[label as usize - 1]);
    let credits = figures.into_iter().map(|(label, figure)| (row(label), figure)).collect();
    Ok(Funding { transfer, credits, rest, advanced, notes })
}

/// What left the paying account with a movement and did not arrive, where there is any.
fn charge(of: &CaseLedger, transfer: u32, movement: u32) -> Option<i64> {
    let from = |movement: u32| of.ledger.from[movement as usize];
    let others = of.movements_of(transfer).filter(|one| *one != movement);
    let kept = others.filter(|one| from(*one) == from(movement));
    let minor = kept.map(|one| of.ledger.amount[one as usize]).sum();
    (minor > 0).then_some(minor)
}

/// What of a movement its account did not have. Cost: one walk.
fn advanced(ledger: &Ledger, order: &PostingOrder, movement: u32, day: i32) -> Result<i64> {
    struct Advanced {
        movement: u32,
        minor: i64,
    }
    impl Pass for Advanced {
        fn debit(&mut self, debit: &Debit) {
            if let Origin::Held { funded, .. } = debit.origin
                && debit.movement == self.movement
            {
                self.minor = debit.amount - funded;
            }
        }
        fn credit(&mut self, _: &Credit) {}
        fn after_gap(&mut self, _: u32, _: u32, _: i32) {}
        fn settle(&mut self, _: &Settlement) {}
        fn end_of_day(&mut self, _: i32) {}
    }
    let mut pass = Advanced { movement, minor: 0 };
    walk((ledger, order), &Route::of(ledger, order), day, &mut pass)?;
    Ok(pass.minor)
}

/// One payment and the labels of its account's credits.
struct Asked<'a> {
    of: &'a CaseLedger<'a>,
    order: &'a PostingOrder,
    declared: &'a Declared,
    movement: u32,
    day: i32,
    question: &'a Question,
}

impl Asked<'_> {
    /// What of each label the payment carries under each rule, and what it carries of none.
    fn figures(&self) -> Result<(BTreeMap<u32, Figure>, Vec<i64>)> {
        let rules = &self.question.rules;
        let mut figures: BTreeMap<u32, Figure> = BTreeMap::new();
        let blank = || Figure { rules: vec![0; rules.len()], ..Figure::default() };
        let mut rest = vec![self.of.ledger.amount[self.movement as usize]; rules.len()];
        let own = narrowed(&self.of.ledger, self.order, self.declared);
        for (at, rule) in rules.iter().enumerate() {
            for (label, minor) in self.carried(&own, *rule)? {
                figures.entry(label).or_insert_with(blank).rules[at] = minor;
                rest[at] -= minor;
            }
        }
        let found = bounds(&self.of.ledger, &own, self.declared, self.day, None)?;
        let mine = found.carried.iter().filter(|(one, _)| *one == self.movement);
        for (_, (label, bound)) in mine.filter(|(_, (label, _))| *label > 0) {
            figures.entry(*label).or_insert_with(blank).bound = *bound;
        }
        for order in DayOrder::ALL.into_iter().filter(|order| *order != self.question.order) {
            let other = reordered(&self.of.ledger, order);
            let postings = other.as_ref().unwrap_or(&self.of.ledger.order);
            let postings = narrowed(&self.of.ledger, postings, self.declared);
            if postings == own {
                continue;
            }
            for (at, rule) in rules.iter().enumerate() {
                let others: BTreeMap<u32, i64> =
                    self.carried(&postings, *rule)?.into_iter().collect();
                others.keys().for_each(|label| {
                    figures.entry(*label).or_insert_with(blank);
                });
                for (label, figure) in &mut figures {
                    let minor = others.get(label).copied().unwrap_or(0);
                    figure.changed |= figure.rules[at] != minor;
                }
            }
        }
        Ok((figures, rest))
    }

    /// What the payment carries of each label under a rule.
    fn carried(&self, order: &PostingOrder, rule: Rule) -> Result<Vec<Part>> {
        let traced = trace(&self.of.ledger, order, rule, self.declared, self.day)?;
        let mine = traced.carried.iter().filter(|one| one.movement == self.movement);
        Ok(mine.map(|one| (one.label, one.minor)).collect())
    }
}

/// The day on which a movement leaves its account, and the movements that came into it before, or
/// on the same day.
fn credits_before(
    of: &CaseLedger,
    order: &PostingOrder,
    account: u32,
    movement: u32,
) -> Option<(i32, Vec<u32>)> {
    let mut credits = Vec::new();
    let mut found = None;
    for (day, places) in order.days() {
        for place in places {
            let posting = order.at(place);
            let one = posting.movement();
            if one == movement && !matches!(posting, Posting::Credit(_)) {
                found = Some(day);
            }
            let arrives = !matches!(posting, Posting::Debit(_));
            if arrives && of.ledger.to[one as usize] == account && of.ledger.covers(account, day) {
                credits.push(one);
            }
        }
        // Another order of the day may have its later credits before the payment.
        if let Some(day) = found {
            return Some((day, credits));
        }
    }
    None
}

/// `trace_destination`: the credits that fund a payment, and what of it nothing told apart funds.
///
/// # Errors
///
/// [`crate::Error::File`] if the store is damaged.
pub fn table(case: &Case, funding: &Funding, question: &Question) -> Result<ResultTable> {
    let facts = TransferFacts::new(case)?;
    let transfers = case.transfers()?;
    let currency = facts.sent(funding.transfer).currency;
    let mut from = Vec::new();
    for (credit, _) in &funding.credits {
        from.push(account_name(case, transfers.from_account[*credit as usize])?.to_owned());
    }
    from.push("held before the first of them".to_owned());
    let more = if funding.advanced > 0 { 2 } else { 1 };
    if more == 2 {
        from.push("advanced by the bank".to_owned());
    }
    let rows = || funding.credits.iter().map(|(credit, _)| *credit);
    let one_more = |column: Vec<Option<i64>>| column.into_iter().chain(vec![None; more]).collect();
    let amount = rows().map(|credit| Some(facts.received(credit)));
    let channel = rows().map(|credit| transfers.channel[credit as usize].word());
    let mut table = ResultTable::new("trace_destination")
        .with("credit", Values::Count(one_more(rows().map(|one| Some(one.into())).collect())))
        .with(
            "day",
            Values::Day(rows().map(|one| Some(facts.day(one))).chain(vec![None; more]).collect()),
        )
        .with("from", words(from))
        .with("channel", words(channel.chain(vec![""; more])))
        .with("amount", Values::Money(amount.chain(vec![None; more]).collect()));
    for (at, rule) in question.rules.iter().enumerate() {
        let minor = funding.credits.iter().map(|(_, figure)| figure.rules[at]);
        let minor = minor.chain([funding.rest[at]]).chain((more == 2).then_some(funding.advanced));
        table = table.with(rule_column(rule.word()), money(minor, currency));
    }
    let limit = |of: fn(&Figure) -> i64| {
        let minor = funding.credits.iter().map(|(_, figure)| Some(of(figure)));
        let amount = |minor: Option<i64>| minor.map(|minor| Amount { minor, currency });
        Values::Money(minor.chain(vec![None; more]).map(amount).collect())
    };
    let changed = funding.credits.iter().map(|(_, figure)| Some(figure.changed));
    let refs = rows().map(|credit| facts.source_refs([credit]).0);
    let mut table = table
        .with("floor", limit(|figure| figure.bound.floor))
        .with("ceiling", limit(|figure| figure.bound.ceiling))
        .with("currency", words(vec![currency; funding.credits.len() + more]))
        .with("order_changes", Values::Flag(changed.chain(vec![None; more]).collect()))
        .with("source_refs", Values::Refs(refs.chain(vec![Vec::new(); more]).collect()));
    table.notes.clone_from(&funding.notes);
    Ok(table)
}
