//! One transfer's traced part, walked back step by step to the sources: the ledger page.
//!
//! Under a rule that keeps lots each step is a lot; under one that keeps a pool it is what the
//! account held, and the traced deposits that made it up.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Range;

use super::rules::Rule;
use super::shares::Part;
use super::sweep::{Taking, Traced, trace_with_takings};
use super::tables::{Tables, money, words};
use super::traces::Traces;
use crate::analyses::account_name;
use crate::error::{Error, Result};
use crate::model::{Amount, ResultTable, SourceRef, Values, day_text};

/// Steps that one rule's page lists.
const STEPS_MAX: usize = 2_000;

/// A line of the page.
struct Step {
    rule: Rule,
    /// Steps back from the transfer that is explained.
    back: u32,
    movement: u32,
    label: u32,
    minor: i64,
    sentence: String,
    refs: Vec<SourceRef>,
}

/// `trace_explain`: how the traced part of a row of `transfers` came about, under each rule.
///
/// # Errors
///
/// [`Error::Usage`] where the transfer is not of the traced currency; as
/// [`super::sweep::trace`].
pub fn explain(tables: &Tables, transfer: u32) -> Result<ResultTable> {
    let traces = tables.traces;
    let movements = traces.of.movements_of(transfer);
    if movements.is_empty() {
        return Err(Error::Usage(format!(
            "transfer {} moves no {}, which is what is traced",
            tables.inputs.case.transfer_number(transfer),
            traces.of.currency
        )));
    }
    let mut steps = Vec::new();
    let mut cut = false;
    for rule in &traces.question.rules {
        let (ledger, until) = (&traces.of.ledger, traces.question.until);
        let declared = &traces.declared;
        let traced = trace_with_takings(ledger, &traces.order, *rule, declared, until)?;
        let page = Page::new(tables, *rule, &traced);
        cut |= page.walk(movements.clone(), &mut steps)?;
    }
    let ledger = &traces.of.ledger;
    let mut ends = (Vec::new(), Vec::new());
    for step in &steps {
        let row = step.movement as usize;
        ends.0.push(tables.account_of(ledger.from[row])?);
        ends.1.push(tables.account_of(ledger.to[row])?);
    }
    let of = || steps.iter().map(|step| step.movement);
    let amount = of().map(|movement| ledger.amount[movement as usize]);
    let mut table = ResultTable::new("trace_explain")
        .with("rule", words(steps.iter().map(|step| step.rule.word())))
        .with("steps_back", Values::Count(steps.iter().map(|it| Some(it.back.into())).collect()))
        .with("day", Values::Day(of().map(|one| Some(traces.day_of(one))).collect()))
        .with("from", words(ends.0))
        .with("to", words(ends.1))
        .with("amount", money(amount, traces.of.currency))
        .with("label", words(steps.iter().map(|step| traces.sources.name(step.label))))
        .with("traced", money(steps.iter().map(|step| step.minor), traces.of.currency))
        .with("currency", words(vec![traces.of.currency; steps.len()]))
        .with("how", words(steps.iter().map(|step| &step.sentence)))
        .with("source_refs", Values::Refs(steps.iter().map(|step| step.refs.clone()).collect()));
    if steps.is_empty() {
        table = table.note("Under none of the rules does this transfer carry anything traced.");
    }
    if traces.question.rules.iter().any(|rule| !rule.keeps_lots()) {
        table = table.note(
            "A pool keeps no deposits apart: behind a taking from one stand all traced deposits \
             into the account up to then, which need not sum to it.",
        );
    }
    if cut {
        table = table.note(format!("The first {STEPS_MAX} steps of a rule are listed."));
    }
    Ok(table)
}

/// What one rule says, by movement.
struct Page<'a> {
    tables: &'a Tables<'a>,
    traces: &'a Traces<'a>,
    rule: Rule,
    carried: BTreeMap<u32, Vec<Part>>,
    takings: BTreeMap<u32, &'a Taking>,
    /// Traced movements into each account, in order of posting.
    into: BTreeMap<u32, Vec<u32>>,
}

impl<'a> Page<'a> {
    fn new(tables: &'a Tables, rule: Rule, traced: &'a Traced) -> Page<'a> {
        let mut carried: BTreeMap<u32, Vec<Part>> = BTreeMap::new();
        let mut into: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for one in &traced.carried {
            let parts = carried.entry(one.movement).or_default();
            if parts.is_empty() && tables.traces.is_kept(one.movement) {
                let account = tables.traces.of.ledger.to[one.movement as usize];
                into.entry(account).or_default().push(one.movement);
            }
            parts.push((one.label, one.minor));
        }
        let takings = traced.takings.iter().map(|one| (one.movement, one)).collect();
        Page { tables, traces: tables.traces, rule, carried, takings, into }
    }

    /// Lists the steps behind the movements of a transfer, nearest first; true when the list was
    /// cut.
    fn walk(&self, movements: Range<u32>, steps: &mut Vec<Step>) -> Result<bool> {
        let mut seen: BTreeSet<u32> = movements.clone().collect();
        let mut next: VecDeque<(u32, u32)> = movements.map(|movement| (movement, 0)).collect();
        let start = steps.len();
        while let Some((movement, back)) = next.pop_front() {
            for &(label, minor) in self.carried.get(&movement).into_iter().flatten() {
                if steps.len() - start == STEPS_MAX {
                    return Ok(true);
                }
                let sentence = self.how(movement, label)?;
                let refs = self.tables.refs_of([movement]);
                let rule = self.rule;
                steps.push(Step { rule, back, movement, label, minor, sentence, refs });
            }
            for before in self.before(movement) {
                if seen.insert(before) {
                    next.push_back((before, back + 1));
                }
            }
        }
        Ok(false)
    }

    /// The movements from which a movement's traced part was taken.
    fn before(&self, movement: u32) -> Vec<u32> {
        let original = self.traces.bounded.undoing.get(&movement).copied();
        let Some(taking) = self.takings.get(&movement) else {
            // What comes back from an exit never stood in an account that is held.
            let returned = original.filter(|of| self.carried.contains_key(of));
            let carries = self.carried.contains_key(&movement);
            return returned.filter(|_| carries).into_iter().collect();
        };
        if taking.taken.is_empty() {
            return Vec::new();
        }
        if self.rule.keeps_lots() {
            return taking.from.iter().map(|(of, _)| *of).collect();
        }
        let account = self.traces.of.ledger.from[movement as usize];
        let place = self.traces.place(movement);
        let into = self.into.get(&account).into_iter().flatten().copied();
        into.filter(|of| self.traces.arrival(*of) < place).collect()
    }

    fn how(&self, movement: u32, label: u32) -> Result<String> {
        let people = |minor: i64| {
            let amount = Amount { minor, currency: self.traces.of.currency };
            self.tables.inputs.case.manifest().digits.people(amount)
        };
        let of = |parts: &[Part]| {
            let found = parts.iter().filter(|(of, _)| *of == label);
            found.map(|(_, minor)| *minor).sum::<i64>()
        };
        let mut said = Vec::new();
        let declared = of(self.traces.declared.of(movement));
        if declared > 0 {
            said.push(format!("{} of it is a source", people(declared)));
        }
        let taking = self.takings.get(&movement).filter(|taking| of(&taking.taken) > 0);
        if let Some(taking) = taking {
            let account = self.traces.of.ledger.from[movement as usize];
            let name = account_name(self.tables.inputs.case, account)?;
            if self.rule.keeps_lots() {
                for (from, part) in taking.from.iter().filter(|(_, part)| part.0 == label) {
                    said.push(format!(
                        "{} from the deposit of {} into {name} on {}",
                        people(part.1),
                        people(self.traces.of.ledger.amount[*from as usize]),
                        day_text(self.traces.arrival_day(*from))
                    ));
                }
            } else {
                said.push(format!(
                    "{name} held {}, of which {} was traced to this label; {} of that is taken",
                    people(taking.balance),
                    people(of(&taking.held)),
                    people(of(&taking.taken))
                ));
            }
        }
        let original = self.traces.bounded.undoing.get(&movement).copied();
        if let (None, Some(original), true) = (taking, original, declared == 0) {
            said.push(format!(
                "returned out of what was paid on {}",
                day_text(self.traces.day_of(original))
            ));
        }
        Ok(said.join("; "))
    }
}
