//! Which days of each account are held, and what balances its statements open and close with.

use foldhash::HashMap;

use crate::analyses::Booked;
use crate::analyses::tracing::ledger::{HeldDays, Stretch};
use crate::error::Result;
use crate::model::{Currency, NONE};
use crate::store::Case;

/// A statement with its balances, and where its rows stand among those booked.
#[derive(Clone, Copy, Debug)]
struct Ends {
    account: u32,
    /// First civil day: stated, else that of its first row.
    first: i32,
    opening: Option<i64>,
    closing: Option<i64>,
    /// Places of its first and last row among those booked.
    rows: Option<(usize, usize)>,
}

/// The balances that statements of one currency state at their ends.
#[derive(Debug, Default)]
pub struct StatedDays {
    /// By account, then first day.
    statements: Vec<Ends>,
    /// Balance after the row at a place, where a statement closes with it or the next opens.
    after: HashMap<usize, i64>,
}

impl StatedDays {
    /// Reads the statements. Cost: linear in booked rows, times the statements of an account.
    pub fn new(case: &Case, currency: Currency, booked: &[Booked]) -> Result<StatedDays> {
        let table = case.statements()?;
        let mut statements = Vec::new();
        for row in 0..table.account.len() {
            let account = table.account[row];
            if table.currency[row] != currency {
                continue;
            }
            let start = booked.partition_point(|one| one.account < account);
            let end = booked.partition_point(|one| one.account <= account);
            let lines = table.first_line[row]..=table.last_line[row];
            let mine = (start..end).filter(|at| {
                let at = booked[*at].at;
                table.first_line[row] != NONE
                    && at.source == table.source[row]
                    && lines.contains(&at.line)
            });
            let rows = mine.fold(None, |span: Option<(usize, usize)>, at| {
                Some(span.map_or((at, at), |(first, _)| (first, at)))
            });
            let of_rows = rows.map(|(first, _)| booked[first].day);
            let Some(first) = table.from_day[row].or(of_rows) else { continue };
            let (opening, closing) = (table.opening_minor[row], table.closing_minor[row]);
            statements.push(Ends { account, first, opening, closing, rows });
        }
        statements.sort_by_key(|one| (one.account, one.first, one.rows));
        let mut after = HashMap::default();
        for one in &statements {
            if let (Some((_, last)), Some(closing)) = (one.rows, one.closing) {
                after.insert(last, closing);
            }
        }
        Ok(StatedDays { statements, after })
    }

    /// The balance after a booked row: its own running balance, else the closing one of the
    /// statement that it ends.
    pub fn after(&self, place: usize, booked: &Booked) -> Option<i64> {
        booked.balance_minor.or_else(|| self.after.get(&place).copied())
    }

    /// Gives a stretch the opening of the statement that begins in it first, and the closing of
    /// its last one where that has no rows to state it.
    fn fill(&self, account: u32, stretch: &mut Stretch) {
        let start = self.statements.partition_point(|one| one.account < account);
        let mine = self.statements[start..].iter().take_while(|one| one.account == account);
        let mut inside = mine.filter(|one| (stretch.first..=stretch.last).contains(&one.first));
        let Some(first) = inside.next() else { return };
        // A statement that begins later opens with what other records have brought about.
        stretch.opening = first.opening.filter(|_| first.first == stretch.first);
        let last = inside.last().unwrap_or(first);
        if last.rows.is_none() {
            stretch.closing = last.closing;
        }
    }
}

/// The stretches of every account: covered days without a gap between them, with their balances.
pub fn held_days(case: &Case, stated: &StatedDays) -> Result<HeldDays> {
    let coverage = case.coverage()?;
    let accounts = case.accounts()?.account.len();
    let mut held = HeldDays::none(accounts);
    // Whether the row before of the same account covers days.
    let mut covers = vec![false; accounts];
    for row in 0..coverage.account.len() {
        let account = coverage.account[row];
        let covered = coverage.state.get(row) == "covers";
        let goes_on = std::mem::replace(&mut covers[account as usize], covered);
        if covered {
            held.add(account, (coverage.from_day[row], coverage.to_day[row]), goes_on);
        }
    }
    for of_account in stated.statements.chunk_by(|one, other| one.account == other.account) {
        let account = of_account[0].account;
        held.state(account, |stretch| stated.fill(account, stretch));
    }
    Ok(held)
}
