//! What rows of a statement state in place of payments: its balances, and the sums of its rows.
//!
//! The balance rows of an account cut its records into statements, each with what it opens and
//! closes with; a sum must be that of its rows. A row that fits neither is set aside: whoever
//! exports returns also exports leftovers of other pages, and a wrong balance would prove others
//! wrong.

use std::collections::{BTreeMap, HashMap};

use crate::error::Result;
use crate::model::Currency;
use crate::normalise::StatedSum;
use crate::records::{Bound, Reading, RecordKind, Reject, Statement};
use crate::store::load::Loader;
use crate::store::load::bank::BankBatch;
use crate::store::load::counts::Counts;
use crate::store::load::statements::stated_period::{Period, StatedPeriod};
use crate::store::load::statements::stated_rows::StatedRow;
use crate::store::load::statements::statement_parts::{Event, Run, Segment, segments};
use crate::store::tables::Side;

/// The rows of one source, as far as they bear on what some of them state.
#[derive(Debug, Default)]
pub struct StatedBalances {
    rows: Vec<StatedRow>,
    /// By identity of the account, in order of line.
    accounts: BTreeMap<(String, Currency), Vec<Event>>,
}

/// What stands on the lines of a block, by account and currency.
#[derive(Default)]
struct OfBlock {
    all: Vec<(Near, Vec<Event>)>,
    places: HashMap<Near, usize>,
    /// Place of the account that was asked for last: rows of one follow each other.
    last: usize,
}

/// Number of an account in a block, and a currency.
type Near = (u32, Currency);

impl OfBlock {
    fn events(&mut self, near: Near) -> &mut Vec<Event> {
        if self.all.get(self.last).is_none_or(|(of, _)| *of != near) {
            let all = &mut self.all;
            self.last = *self.places.entry(near).or_insert_with(|| {
                all.push((near, Vec::new()));
                all.len() - 1
            });
        }
        &mut self.all[self.last].1
    }
}

/// A statement, with its first and last line, the rows that state its balances among them, and
/// the days that these name.
type Covering = (Statement, (u32, u32), StatedPeriod);

/// What became of the rows that state something.
#[derive(Debug, Default)]
pub struct Settled {
    /// Statements with the balances that rows state.
    pub statements: Vec<Covering>,
    /// Rows that are set aside.
    pub rejects: Vec<Reject>,
    /// Rows that were read for what they state.
    pub read: u64,
}

impl StatedBalances {
    /// For a source of statement lines; `None` for any other.
    pub fn of(reading: &Reading) -> Option<StatedBalances> {
        let kind = reading.layout.record;
        let lines = kind == RecordKind::BankStatement && reading.layout.format.is_none();
        let named =
            |name: &str| kind.field(name).is_some_and(|at| reading.fields[at] != Bound::Absent);
        (lines && (named("description") || named("balance"))).then(StatedBalances::default)
    }

    /// Looks at a block. Cost: one step a row.
    pub fn take(&mut self, batch: &BankBatch) {
        let mut own = OfBlock::default();
        let mut stated = batch.stated.iter().peekable();
        for (row, line) in batch.line.iter().enumerate() {
            while let Some(one) = stated.next_if(|one| one.line < *line) {
                own.events((one.near, one.currency)).push(self.state(one));
            }
            let leaves = batch.side[row] == Side::Sender;
            let near = if leaves { batch.from[row] } else { batch.to[row] };
            let minor = batch.amount_minor[row];
            let signed = if leaves { -minor } else { minor };
            let run = Run::of(*line, batch.booked[row].day, signed);
            Event::append(own.events((near, batch.currency[row])), Event::Rows(run));
        }
        for one in stated {
            own.events((one.near, one.currency)).push(self.state(one));
        }
        for ((near, currency), events) in own.all {
            let identity = batch.accounts.identities.get(near).to_owned();
            let known = self.accounts.entry((identity, currency)).or_default();
            events.into_iter().for_each(|event| Event::append(known, event));
        }
    }

    fn state(&mut self, row: &StatedRow) -> Event {
        self.rows.push(row.clone());
        Event::Stated(self.rows.len() - 1)
    }

    /// What the rows of the whole source state.
    pub fn finish(mut self) -> Settled {
        let mut settled = Settled::default();
        let mut refused = vec![None; self.rows.len()];
        for (_, events) in std::mem::take(&mut self.accounts) {
            if !events.iter().any(|event| matches!(event, Event::Stated(_))) {
                continue;
            }
            let (parts, unfit) = segments(&events, &self.rows);
            for (row, why) in unfit {
                refused[row] = Some(why);
            }
            for part in &parts {
                self.compare_sums(part, &mut refused);
                settled.statements.extend(self.statement(part));
            }
        }
        settled.statements.sort_by_key(|(one, ..)| one.line);
        for (row, why) in self.rows.into_iter().zip(refused) {
            match why {
                None => settled.read += 1,
                Some(why) => {
                    let reason = format!("{}; {why}", row.aside.reason);
                    settled.rejects.push(Reject { reason, ..row.aside });
                }
            }
        }
        settled
    }

    fn compare_sums(&self, part: &Segment, refused: &mut [Option<String>]) {
        let (debits, credits) = part.run.as_ref().map_or((0, 0), |run| (run.debits, run.credits));
        for row in &part.sums {
            let one = &self.rows[*row];
            let (of_debits, of_credits) = match one.sum {
                StatedSum::Debits => (one.figures.debit.or(one.figures.either), None),
                StatedSum::Credits => (None, one.figures.credit.or(one.figures.either)),
                _ => (one.figures.debit, one.figures.credit),
            };
            let off = |stated: Option<i64>, sum: i128| {
                stated.is_some_and(|stated| i128::from(stated) != sum)
            };
            if of_debits.or(of_credits).is_none()
                || off(of_debits, debits)
                || off(of_credits, credits)
            {
                refused[*row] = Some(
                    "the rows that were read of this statement do not come to that sum".to_owned(),
                );
            }
        }
    }

    fn statement(&self, part: &Segment) -> Option<Covering> {
        let [opening, closing] =
            [part.opening, part.closing].map(|row| row.map(|at| &self.rows[at]));
        let one = opening.or(closing)?;
        let stated = [opening, closing].into_iter().flatten().map(|row| row.line);
        let held = part.run.iter().flat_map(|run| [run.first, run.last]);
        let lines = || stated.clone().chain(held.clone());
        let cover = (lines().min().unwrap_or(one.line), lines().max().unwrap_or(one.line));
        let statement = Statement {
            line: one.line,
            account: one.account.0.clone(),
            bank: one.account.1.clone(),
            currency: one.currency.to_string(),
            opening: opening.map(|row| row.found.clone()),
            closing: closing.map(|row| row.found.clone()),
            records: part.run.as_ref().map(|run| (run.first, run.last)),
            ..Statement::default()
        };
        let day = |row: Option<&StatedRow>| row.map(|row| row.day.clone()).unwrap_or_default();
        let span = part.run.as_ref().map(|run| run.span);
        Some((statement, cover, StatedPeriod { found: (day(opening), day(closing)), span }))
    }
}

impl Loader<'_> {
    /// Takes over what the rows of a source state, and counts those that state nothing sure.
    pub(in crate::store::load) fn stated_balances(
        &mut self,
        source: u32,
        reading: &Reading,
        stated: StatedBalances,
        counts: &mut Counts,
    ) -> Result<()> {
        let settled = stated.finish();
        counts.ignored += settled.read;
        counts.read += settled.rejects.len() as u64;
        counts.reject(&settled.rejects);
        self.assembly.reject(source, settled.rejects)?;
        for (one, cover, period) in &settled.statements {
            let days = match period.days(reading) {
                Period::Days(from, to) => Some((from, to)),
                Period::None => None,
                Period::Contradicted => {
                    self.assembly.reject(source, vec![contradicted(one, period)])?;
                    None
                }
            };
            self.assembly.take_row_statement((source, *cover, days), one, reading, &self.case)?;
        }
        Ok(())
    }
}

/// What is said of a statement whose balances name other days than its records have.
fn contradicted(statement: &Statement, period: &StatedPeriod) -> Reject {
    let (from, to) = &period.found;
    Reject {
        line: statement.line,
        column: "balance".to_owned(),
        found: format!("{from} to {to}"),
        reason: "the days of the balances are not those of the records between them; the \
                 statement counts as one of the days of its records alone"
            .to_owned(),
        kept: true,
        ..Reject::default()
    }
}
