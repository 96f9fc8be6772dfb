//! The statements that the balance rows of one account cut its records into.
//!
//! Rows may run oldest or newest first; which, their days show, or where the balances stand. An
//! opening balance begins a statement and a closing one ends it. What contradicts both orders is
//! nobody's balance.

use crate::normalise::StatedSum;
use crate::store::load::statements::stated_rows::StatedRow;

/// Records of one account that stand together, and what they come to.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Line of its first and of its last record, in order of line.
    pub first: u32,
    /// See `first`.
    pub last: u32,
    /// Days of those two.
    days: (i32, i32),
    /// The earliest and the latest day of all.
    pub span: (i32, i32),
    /// A record is of a later day than the one above it; of an earlier one.
    turns: (bool, bool),
    /// Minor units that leave the account, and that reach it, both positive.
    pub debits: i128,
    /// See `debits`.
    pub credits: i128,
}

impl Run {
    /// One record; its amount is negative where it leaves the account.
    pub fn of(line: u32, day: i32, signed_minor: i64) -> Run {
        let minor = i128::from(signed_minor);
        Run {
            first: line,
            last: line,
            days: (day, day),
            span: (day, day),
            turns: (false, false),
            debits: (-minor).max(0),
            credits: minor.max(0),
        }
    }

    /// Puts records behind these.
    fn join(&mut self, next: &Run) {
        self.turns.0 |= next.turns.0 || next.days.0 > self.days.1;
        self.turns.1 |= next.turns.1 || next.days.0 < self.days.1;
        self.first = self.first.min(next.first);
        self.last = self.last.max(next.last);
        self.days.1 = next.days.1;
        self.span = (self.span.0.min(next.span.0), self.span.1.max(next.span.1));
        self.debits += next.debits;
        self.credits += next.credits;
    }

    fn moved(&self) -> i128 {
        self.credits - self.debits
    }
}

/// What stands on the lines of one account.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// Records.
    Rows(Run),
    /// A row that states something, by its number.
    Stated(usize),
}

impl Event {
    /// Puts an event behind others; records that follow records are one run.
    pub fn append(events: &mut Vec<Event>, next: Event) {
        match (events.last_mut(), next) {
            (Some(Event::Rows(run)), Event::Rows(next)) => run.join(&next),
            (_, next) => events.push(next),
        }
    }
}

/// Records between two balances, with the rows that state them, by number.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Segment {
    /// Row of the balance before the records.
    pub opening: Option<usize>,
    /// Row of the balance after them.
    pub closing: Option<usize>,
    /// The records.
    pub run: Option<Run>,
    /// Rows that state a sum of them.
    pub sums: Vec<usize>,
}

/// Which way the records of an account stand.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Order {
    Oldest,
    Newest,
}

/// What is said of a balance that belongs to no statement for sure.
const UNSURE: &str = "where it stands does not tell which rows it is the balance of";

/// The statements of one account, from its events in order of line; and the rows that belong to
/// none, with why. `rows` are what the numbers mean.
pub fn segments(events: &[Event], rows: &[StatedRow]) -> (Vec<Segment>, Vec<(usize, String)>) {
    let placed = Placed::of(events, rows);
    if let Some(whole) = placed.whole(rows) {
        return (vec![whole], Vec::new());
    }
    match placed.order() {
        Some(Order::Oldest) => Walk::new(rows).over(events.iter()),
        Some(Order::Newest) => Walk::new(rows).over(events.iter().rev()),
        None => {
            let stated = events.iter().filter_map(|event| match event {
                Event::Stated(row) => Some((*row, UNSURE.to_owned())),
                Event::Rows(_) => None,
            });
            (Vec::new(), stated.collect())
        }
    }
}

/// Where the balances of an account stand among its records.
#[derive(Debug, Default)]
struct Placed {
    run: Option<Run>,
    /// Openings above, within and below the records.
    openings: [Vec<usize>; 3],
    /// Closings, alike.
    closings: [Vec<usize>; 3],
    sums: Vec<usize>,
}

impl Placed {
    fn of(events: &[Event], rows: &[StatedRow]) -> Placed {
        let is_rows = |event: &Event| matches!(event, Event::Rows(_));
        let first = events.iter().position(is_rows);
        let last = events.iter().rposition(is_rows);
        let mut placed = Placed::default();
        for (at, event) in events.iter().enumerate() {
            let row = match event {
                Event::Rows(run) => {
                    match &mut placed.run {
                        Some(whole) => whole.join(run),
                        none => *none = Some(run.clone()),
                    }
                    continue;
                }
                Event::Stated(row) => *row,
            };
            let part = match (first, last) {
                (Some(first), _) if at < first => 0,
                (_, Some(last)) if at > last => 2,
                (None, _) => 0,
                _ => 1,
            };
            match rows[row].sum {
                StatedSum::Opening => placed.openings[part].push(row),
                StatedSum::Closing => placed.closings[part].push(row),
                _ => placed.sums.push(row),
            }
        }
        placed
    }

    /// The order that the days of the records show.
    fn by_days(&self) -> Option<Order> {
        match self.run.as_ref()?.turns {
            (true, false) => Some(Order::Oldest),
            (false, true) => Some(Order::Newest),
            _ => None,
        }
    }

    /// The order that balances above and below the records show.
    fn by_place(&self) -> Option<Order> {
        let oldest = !self.openings[0].is_empty() || !self.closings[2].is_empty();
        let newest = !self.closings[0].is_empty() || !self.openings[2].is_empty();
        match (oldest, newest) {
            (true, false) => Some(Order::Oldest),
            (false, true) => Some(Order::Newest),
            _ => None,
        }
    }

    fn order(&self) -> Option<Order> {
        match (self.by_days(), self.by_place()) {
            (Some(one), Some(other)) if one != other => None,
            (one, other) => one.or(other),
        }
    }

    /// One statement of all records, where nothing but one opening, one closing or both state a
    /// balance, outside the records.
    fn whole(&self, rows: &[StatedRow]) -> Option<Segment> {
        let one = |parts: &[Vec<usize>; 3]| match [&parts[0][..], &parts[1][..], &parts[2][..]] {
            [[], [], []] => Some(None),
            [[row], [], []] | [[], [], [row]] => Some(Some(*row)),
            _ => None,
        };
        let (opening, closing) = (one(&self.openings)?, one(&self.closings)?);
        let whole = Segment { opening, closing, run: self.run.clone(), sums: self.sums.clone() };
        let stated = opening.or(closing).is_some();
        let run = match &self.run {
            // Without a record there is a statement where both of its ends are stated.
            None => return (opening.is_some() && closing.is_some()).then_some(whole),
            Some(_) if !stated => return Some(whole),
            Some(run) => run,
        };
        let fits = match (self.by_days(), self.by_place()) {
            (Some(days), Some(place)) => days == place,
            (None, Some(_)) => true,
            // Both ends above the records, or both below them.
            _ => false,
        };
        let adds_up = opening.zip(closing).is_some_and(|(opening, closing)| {
            let [opening, closing] =
                [opening, closing].map(|row| i128::from(rows[row].balance_minor));
            closing - opening == run.moved()
        });
        (fits || adds_up).then_some(whole)
    }
}

/// Goes along the events in order of time.
struct Walk<'a> {
    rows: &'a [StatedRow],
    done: Vec<Segment>,
    now: Segment,
    unfit: Vec<(usize, String)>,
}

impl Walk<'_> {
    fn new(rows: &[StatedRow]) -> Walk<'_> {
        Walk { rows, done: Vec::new(), now: Segment::default(), unfit: Vec::new() }
    }

    fn over<'e>(
        mut self,
        events: impl Iterator<Item = &'e Event>,
    ) -> (Vec<Segment>, Vec<(usize, String)>) {
        for event in events {
            match event {
                Event::Rows(run) => self.records(run),
                Event::Stated(row) => match self.rows[*row].sum {
                    StatedSum::Opening => self.opening(*row),
                    StatedSum::Closing => self.closing(*row),
                    _ => self.sum(*row),
                },
            }
        }
        self.end();
        (self.done, self.unfit)
    }

    fn end(&mut self) {
        let ended = std::mem::take(&mut self.now);
        // Without records nothing moved between its ends.
        let quiet = ended.opening.is_some() && self.says_again(ended.opening, ended.closing);
        if ended.run.is_none() && !quiet {
            let ends = ended.opening.into_iter().chain(ended.closing);
            self.unfit.extend(ends.chain(ended.sums).map(|row| (row, UNSURE.to_owned())));
            return;
        }
        self.done.push(ended);
    }

    fn balance(&self, row: usize) -> i64 {
        self.rows[row].balance_minor
    }

    fn says_again(&self, known: Option<usize>, row: Option<usize>) -> bool {
        known.zip(row).is_some_and(|(known, row)| self.balance(known) == self.balance(row))
    }

    fn records(&mut self, run: &Run) {
        if self.now.closing.is_some() {
            self.end();
        }
        match &mut self.now.run {
            Some(known) => known.join(run),
            none => *none = Some(run.clone()),
        }
    }

    fn opening(&mut self, row: usize) {
        let again = self.now.closing.is_none() && self.says_again(self.now.opening, Some(row));
        // The heading of a page says the opening again, unless nothing moved in between.
        let goes_on = self.now.run.as_ref().is_some_and(|run| run.moved() == 0);
        if again && !goes_on {
            return;
        }
        if self.now != Segment::default() {
            self.end();
        }
        self.now.opening = Some(row);
    }

    fn closing(&mut self, row: usize) {
        if self.now.closing.is_some() {
            if !self.says_again(self.now.closing, Some(row)) {
                self.unfit.push((row, UNSURE.to_owned()));
            }
            return;
        }
        if self.now.opening.is_none() && self.now.run.is_none() {
            self.unfit.push((row, UNSURE.to_owned()));
            return;
        }
        self.now.closing = Some(row);
    }

    fn sum(&mut self, row: usize) {
        self.now.sums.push(row);
    }
}

#[cfg(test)]
mod tests;
