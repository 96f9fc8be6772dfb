//! The days for which an account's own records are held.
//!
//! A statement covers its own account from its first to its last record, a list of transfers
//! what its layout says. Two stretches of one account with days between them are a gap only when
//! more than [`GAP_DAYS`] pass: statements rarely end on a day with a record.

use std::collections::BTreeMap;

use crate::model::{EntityKind, NONE};
use crate::records::Covers;
use crate::store::load::entities::EntityRows;
use crate::store::tables::{Coverage, Side, Sources};

/// Days without any record between two stretches that are still one: a monthly statement of a
/// quiet account may hold nothing for weeks.
pub const GAP_DAYS: i32 = 31;

/// First and last day of each account's own records in each source.
#[derive(Clone, Debug, Default)]
pub struct Stretches {
    own: BTreeMap<(u32, u32), (i32, i32)>,
    /// A source and, by account, whether its list covers it: marked for every row of a list.
    listed: Vec<(u32, Vec<bool>)>,
    last: Option<((u32, u32), (i32, i32))>,
}

impl Stretches {
    /// Notes one record; accounts are numbers of the book.
    pub fn note(&mut self, source: u32, covers: Covers, side: Side, from: u32, to: u32, day: i32) {
        match (covers, side) {
            (Covers::Own, Side::Sender) => self.own(source, from, day),
            (Covers::Own, _) => self.own(source, to, day),
            (Covers::Sender, _) => self.list(source, &[from]),
            (Covers::Receiver, _) => self.list(source, &[to]),
            (Covers::Both, _) => self.list(source, &[from, to]),
            (Covers::None, _) => {}
        }
    }

    fn own(&mut self, source: u32, account: u32, day: i32) {
        let key = (account, source);
        // Statement lines of one account stand together: the map is touched once a change.
        match &mut self.last {
            Some((last, span)) if *last == key => *span = (span.0.min(day), span.1.max(day)),
            _ => {
                self.flush();
                self.last = Some((key, (day, day)));
            }
        }
    }

    /// Account of the book and source, with the first and last day of the account's own
    /// statement there. In order of account and source.
    pub fn own_statements(&self) -> impl Iterator<Item = ((u32, u32), (i32, i32))> + '_ {
        let mut own = self.own.clone();
        if let Some((key, span)) = self.last {
            let known = own.entry(key).or_insert(span);
            *known = (known.0.min(span.0), known.1.max(span.1));
        }
        own.into_iter()
    }

    fn flush(&mut self) {
        if let Some((key, span)) = self.last.take() {
            let known = self.own.entry(key).or_insert(span);
            *known = (known.0.min(span.0), known.1.max(span.1));
        }
    }

    fn list(&mut self, source: u32, accounts: &[u32]) {
        if self.listed.last().is_none_or(|(last, _)| *last != source) {
            self.listed.push((source, Vec::new()));
        }
        let (_, marks) = self.listed.last_mut().expect("the source was just pushed");
        for account in accounts {
            let at = *account as usize;
            if marks.len() <= at {
                marks.resize(at + 1, false);
            }
            marks[at] = true;
        }
    }
}

/// The coverage table: stretches in order of account and day, gaps between them.
pub fn coverage_table(stretches: &Stretches, sources: &Sources, rows: &EntityRows) -> Coverage {
    let mut stretches = stretches.clone();
    stretches.flush();
    let mut all: Vec<(u32, i32, i32, u32)> = Vec::new();
    for ((account, source), (first, last)) in &stretches.own {
        all.push((rows.row(EntityKind::Account, *account), *first, *last, *source));
    }
    for (source, marks) in &stretches.listed {
        let at = *source as usize;
        let Some((first, last)) = sources.first[at].zip(sources.last[at]) else { continue };
        for (account, _) in marks.iter().enumerate().filter(|(_, covered)| **covered) {
            all.push((rows.row(EntityKind::Account, account as u32), first, last, *source));
        }
    }
    all.sort_unstable();
    let mut table = Coverage::default();
    let mut push = |account: u32, from: i32, to: i32, source: u32, state: &str| {
        table.account.push(account);
        table.from_day.push(from);
        table.to_day.push(to);
        table.source.push(source);
        table.state.push(state);
    };
    let mut reached: Option<(u32, i32)> = None;
    for (account, first, last, source) in all {
        match reached {
            Some((same, until)) if same == account => {
                if first - until - 1 > GAP_DAYS {
                    push(account, until + 1, first - 1, NONE, "gap");
                }
                reached = Some((account, until.max(last)));
            }
            _ => reached = Some((account, last)),
        }
        push(account, first, last, source, "covers");
    }
    table
}
