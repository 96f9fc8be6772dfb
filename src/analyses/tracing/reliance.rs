//! What a traced figure rests on besides the rows: openings that nothing states, gaps, balances
//! that do not prove, days whose order contradicts itself, rows that only one side shows.

use std::collections::{BTreeMap, BTreeSet};

use super::ledger::End;
use super::openings::OpeningKind;
use super::traces::Traces;
use super::walk::ExitKind;
use crate::analyses::{Inputs, account_name, counted, unproved};
use crate::error::Result;
use crate::model::{Amount, day_text};

/// One thing that a figure rests on.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Reliance {
    /// Row of `accounts`.
    pub account: u32,
    /// The word for it: `inferred-opening`, `gap`, `seam`, `unproved`, `order-conflict`,
    /// `unconfirmed`, `overdraft`, `reversal`, `untied-return`.
    pub what: &'static str,
    /// Civil day, where it is of one.
    pub day: Option<i32>,
    /// Movement that it is of, where it is of one.
    pub movement: Option<u32>,
    /// Movement whose record shows it.
    pub shown_by: Option<u32>,
    /// In a sentence.
    pub sentence: String,
}

impl Reliance {
    fn of_account(
        account: u32,
        what: &'static str,
        day: Option<i32>,
        sentence: String,
    ) -> Reliance {
        Reliance { account, what, day, movement: None, shown_by: None, sentence }
    }

    fn of_movement(account: u32, what: &'static str, movement: u32, sentence: String) -> Reliance {
        let (movement, shown_by) = (Some(movement), Some(movement));
        Reliance { account, what, day: None, movement, shown_by, sentence }
    }
}

/// Everything that the paths of traced money cross, and which of it each movement rests on.
#[derive(Clone, Debug, Default)]
pub struct Reliances {
    /// In order of account.
    pub all: Vec<Reliance>,
    /// Places in `all` by movement, sorted.
    pub by_movement: BTreeMap<u32, Vec<u32>>,
    /// Places in `all` by account at the end, sorted.
    pub by_account: BTreeMap<u32, Vec<u32>>,
}

impl Reliances {
    /// Follows what can be traced from its sources. Cost: movements that can carry something,
    /// times what they rest on.
    ///
    /// # Errors
    ///
    /// As [`unproved`].
    pub fn of(inputs: &Inputs, traces: &Traces) -> Result<Reliances> {
        let reached = reached(traces);
        let all = found(inputs, traces, &reached)?;
        let mut of_account: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        let mut of_movement: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (at, one) in (0..).zip(&all) {
            match one.movement {
                Some(movement) => of_movement.entry(movement).or_default().push(at),
                None => of_account.entry(one.account).or_default().push(at),
            }
        }
        let mut held: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
        let mut by_movement = BTreeMap::new();
        let until = traces.question.until;
        for movement in reached_movements(traces) {
            let row = movement as usize;
            let (from, to) = (traces.of.ledger.from[row], traces.of.ledger.to[row]);
            let mut rests: BTreeSet<u32> = held.get(&from).cloned().unwrap_or_default();
            // A source is exact whatever its account held.
            if !traces.declared.of(movement).is_empty() && rests.is_empty() {
                rests.clear();
            } else if traces.of.ledger.is_held(from) {
                rests.extend(now(&all, of_account.get(&from), traces, movement));
            }
            rests.extend(of_movement.get(&movement).into_iter().flatten());
            held.entry(to).or_default().extend(&rests);
            if !rests.is_empty() {
                by_movement.insert(movement, rests.into_iter().collect());
            }
        }
        let mut by_account: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for account in reached {
            let mut rests = held.remove(&account).unwrap_or_default();
            let own = of_account.get(&account).into_iter().flatten();
            rests.extend(own.filter(|at| all[**at as usize].day.is_none_or(|day| day <= until)));
            if !rests.is_empty() {
                by_account.insert(account, rests.into_iter().collect());
            }
        }
        Ok(Reliances { all, by_movement, by_account })
    }

    /// The words of some of them, once each, joined.
    pub fn words(&self, places: Option<&Vec<u32>>) -> String {
        let places = places.into_iter().flatten();
        let words: BTreeSet<&str> = places.map(|at| self.all[*at as usize].what).collect();
        words.into_iter().collect::<Vec<_>>().join("; ")
    }
}

/// What of an account's own weighs on a movement out of it: all that is of no day, and what is of
/// a day up to the movement's.
fn now<'a>(
    all: &'a [Reliance],
    places: Option<&'a Vec<u32>>,
    traces: &'a Traces,
    movement: u32,
) -> impl Iterator<Item = u32> + 'a {
    let day = traces.day_of(movement);
    let places = places.into_iter().flatten().copied();
    places.filter(move |at| all[*at as usize].day.is_none_or(|of| of <= day))
}

/// Movements that can carry something, in order of posting.
fn reached_movements(traces: &Traces) -> Vec<u32> {
    let mut movements: Vec<u32> = traces.bounded.carried.iter().map(|(of, _)| *of).collect();
    movements.dedup();
    movements
}

/// Held accounts that traced money can have reached.
fn reached(traces: &Traces) -> BTreeSet<u32> {
    traces.bounded.residuals.iter().map(|(_, account, _)| *account).collect()
}

fn found(inputs: &Inputs, traces: &Traces, reached: &BTreeSet<u32>) -> Result<Vec<Reliance>> {
    let case = inputs.case;
    let mut all = openings_and_gaps(inputs, traces, reached)?;
    for (account, sentence) in unproved(inputs)? {
        if reached.contains(&account) {
            all.push(Reliance::of_account(account, "unproved", None, sentence));
        }
    }
    let movements: BTreeSet<u32> = reached_movements(traces).into_iter().collect();
    for conflict in &traces.of.ledger.conflicts {
        if movements.contains(&conflict.movement) {
            let account = traces.of.ledger.from[conflict.movement as usize];
            let sentence = format!(
                "The statements contradict each other on {}: a transfer out of {} is posted \
                 before its own statement has it.",
                day_text(conflict.day),
                account_name(case, account)?
            );
            let (what, day) = ("order-conflict", Some(conflict.day));
            let of = Reliance::of_movement(account, what, conflict.movement, sentence);
            all.push(Reliance { day, ..of });
        }
    }
    for (movement, end) in &traces.of.unconfirmed {
        if movements.contains(movement) {
            let row = *movement as usize;
            let ledger = &traces.of.ledger;
            let account = if *end == End::Debit { ledger.from[row] } else { ledger.to[row] };
            let sentence = format!(
                "The statement of {} covers the day and does not show a transfer that the other \
                 side's records show.",
                account_name(case, account)?
            );
            all.push(Reliance::of_movement(account, "unconfirmed", *movement, sentence));
        }
    }
    all.extend(overdrafts(inputs, traces)?);
    all.extend(returns(inputs, traces, &movements)?);
    all.sort();
    all.dedup();
    Ok(all)
}

fn openings_and_gaps(
    inputs: &Inputs,
    traces: &Traces,
    reached: &BTreeSet<u32>,
) -> Result<Vec<Reliance>> {
    let case = inputs.case;
    let people =
        |minor: i64| case.manifest().digits.people(Amount { minor, currency: traces.of.currency });
    let mut all = Vec::new();
    for &account in reached {
        let name = account_name(case, account)?;
        let opening = traces.of.ledger.opening(account);
        if opening.kind == OpeningKind::Inferred {
            let sentence = format!(
                "No statement of {name} states a balance: its opening is inferred as {}, the \
                 smallest that avoids an overdraft.",
                people(opening.minor)
            );
            all.push(Reliance::of_account(account, "inferred-opening", None, sentence));
        }
        for pair in traces.of.ledger.covered(account).windows(2) {
            let (first, last) = (pair[0].1.saturating_add(1), pair[1].0.saturating_sub(1));
            if pair[1].0 > traces.question.until {
                continue;
            }
            let sentence = format!(
                "No statement of {name} is held from {} to {}: anything may have happened then.",
                day_text(first),
                day_text(last)
            );
            all.push(Reliance::of_account(account, "gap", Some(pair[1].0), sentence));
        }
        all.extend(seams(name, traces, account));
    }
    Ok(all)
}

/// Days between statements that meet, all of an account in one sentence: daily statements leave
/// every weekend between them.
fn seams(name: &str, traces: &Traces, account: u32) -> Option<Reliance> {
    let seams = traces.of.ledger.seams(account);
    let seams = &seams[..seams.partition_point(|seam| seam.last < traces.question.until)];
    let first = seams.first()?;
    let days: i64 = seams.iter().map(|seam| i64::from(seam.last - seam.first) + 1).sum();
    let days = counted(days as u64, "day");
    let sentence = format!(
        "No statement of {name} spans {days} between others, the first {}: the balance is the same \
         before and after, and no record shows a transfer then, so that they are taken as held.",
        day_text(first.first)
    );
    Some(Reliance::of_account(account, "seam", Some(first.last.saturating_add(1)), sentence))
}

fn overdrafts(inputs: &Inputs, traces: &Traces) -> Result<Vec<Reliance>> {
    let mut all = Vec::new();
    for exit in traces.bounded.exits.iter().filter(|exit| exit.kind == ExitKind::Overdraft) {
        let (account, day) = (exit.account, exit.day);
        let sentence = format!(
            "{} was overdrawn: a deposit of {} repaid the bank before anything else.",
            account_name(inputs.case, account)?,
            day_text(day)
        );
        all.push(Reliance::of_account(account, "overdraft", Some(day), sentence));
    }
    Ok(all)
}

/// Payments on their way back: those that traced money can have come back with, each with the
/// payment that it is followed as undoing, and those beside traced money that are followed as
/// payments of their own.
fn returns(inputs: &Inputs, traces: &Traces, movements: &BTreeSet<u32>) -> Result<Vec<Reliance>> {
    let (case, ledger) = (inputs.case, &traces.of.ledger);
    let mut since: BTreeMap<u32, i32> = BTreeMap::new();
    for (day, account, _) in &traces.bounded.residuals {
        since.entry(*account).or_insert(*day);
    }
    let mut all = Vec::new();
    for one in &traces.of.returned {
        let Some(movement) = traces.of.movements_of(one.transfer).next() else { continue };
        let (from, to) = (ledger.from[movement as usize], ledger.to[movement as usize]);
        let day = traces.day_of(movement);
        if day > traces.question.until {
            continue;
        }
        if let Some(original) = traces.bounded.undoing.get(&movement) {
            if !movements.contains(&movement) {
                continue;
            }
            let held = ledger.is_held(from);
            let account = if held { from } else { to };
            let (name, paid) = (account_name(case, account)?, day_text(traces.day_of(*original)));
            let (day, why) = (day_text(day), &one.why);
            let sentence = match held {
                true => format!(
                    "{name} returned a payment of {paid} on {day}, tied by {why}; it is taken from \
                     what that had brought."
                ),
                false => format!(
                    "A payment of {paid} came back into {name} on {day}, tied by {why}; with it \
                     comes back what that had carried."
                ),
            };
            all.push(Reliance::of_movement(account, "reversal", movement, sentence));
            continue;
        }
        let reached = |account: &u32| since.get(account).is_some_and(|first| *first <= day);
        let Some(account) = [from, to].into_iter().find(reached) else { continue };
        let why = match one.original {
            None => &one.why,
            Some(_) => "the payment that it is tied to had not arrived, or less of it was left",
        };
        let sentence = format!(
            "A record says that a payment came back {} {} on {}, and {why}: it is followed as a \
             payment of its own.",
            if account == from { "out of" } else { "into" },
            account_name(case, account)?,
            day_text(day),
        );
        let of = Reliance::of_account(account, "untied-return", Some(day), sentence);
        all.push(Reliance { shown_by: Some(movement), ..of });
    }
    Ok(all)
}
