//! What a trace reads: covered days, openings and the movements of one currency, in whatever order
//! their records state.
//!
//! It knows nothing of files or names. `from_case` makes it from a case store; the order in which
//! its halves are posted is `posting_order`'s, what they carry is `sweep`'s.

use std::borrow::Cow;

use foldhash::HashMap;

use super::gaps::{self, Moment};
use super::openings::{Opening, Openings};
use super::posting_order::{Conflict, PostingOrder};
use super::subset::Marks;

/// The far end of a conversion: money that leaves the currency of the trace, or enters it.
pub const CONVERTED: u32 = u32::MAX;

/// What stands for it where an account would: a charge kept in the same currency ends there too.
pub const CONVERTED_NAME: &str = "a conversion or a charge";

/// A stretch of days without a gap on which an account's own statements are held.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Stretch {
    /// First civil day.
    pub first: i32,
    /// Last civil day.
    pub last: i32,
    /// Stated balance before its first row, minor units; negative for a debt.
    pub opening: Option<i64>,
    /// Stated balance after its last row, minor units.
    pub closing: Option<i64>,
}

/// Days between two statements of an account that meet: the balance stated before these days is
/// the one stated after them, they are few, and no record shows a transfer of the account on them.
/// No statement spans them; they are taken as held, and whatever crosses them says so.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Seam {
    /// The account.
    pub account: u32,
    /// First civil day.
    pub first: i32,
    /// Last civil day.
    pub last: i32,
}

/// One end of a movement as its record has it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Half {
    /// Civil day on which it is booked.
    pub day: i32,
    /// When it is booked, milliseconds; a date alone is the start of its day.
    pub time_ms: i64,
    /// Row of `sources`.
    pub source: u32,
    /// Line of it.
    pub line: u32,
    /// Balance that the account's own statement states after it, minor units.
    pub running: Option<i64>,
}

/// A transfer with both of its ends.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Movement {
    /// Account that pays.
    pub from: u32,
    /// Account that is paid.
    pub to: u32,
    /// Minor units.
    pub amount: i64,
    /// Where it leaves.
    pub debit: Half,
    /// Where it arrives; as the debit where one statement alone tells of it.
    pub credit: Half,
    /// The movement that it undoes, whole or in part.
    pub reverses: Option<u32>,
}

/// Which end of a movement.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum End {
    /// Where it leaves.
    Debit,
    /// Where it arrives.
    Credit,
}

/// A half of a movement as one number.
pub(super) fn half_of(movement: u32, end: End) -> u64 {
    u64::from(movement) * 2 + u64::from(end == End::Credit)
}

/// On which days each account's own statements are held.
#[derive(Clone, Debug, Default)]
pub struct HeldDays {
    /// First and last covered day by account; the first after the last where none is.
    spans: Vec<(i32, i32)>,
    /// The stretches of accounts that have several, or state a balance.
    stretches: HashMap<u32, Vec<Stretch>>,
    /// Accounts with several stretches.
    several: Marks,
    /// Days inside stretches that no statement spans, sorted.
    seams: Vec<Seam>,
}

impl HeldDays {
    /// No day of so many accounts is held.
    pub fn none(accounts: usize) -> HeldDays {
        let spans = vec![(i32::MAX, i32::MIN); accounts];
        let (stretches, several) = (HashMap::default(), Marks::new(accounts));
        HeldDays { spans, stretches, several, seams: Vec::new() }
    }

    /// The last day of the account that is held so far.
    pub fn last(&self, account: u32) -> Option<i32> {
        let (first, last) = self.spans[account as usize];
        (first <= last).then_some(last)
    }

    /// Notes over which days statements meet, sorted.
    pub fn meet_over(&mut self, seams: Vec<Seam>) {
        self.seams = seams;
    }

    /// True when some day of the account is held.
    #[inline]
    pub fn holds(&self, account: u32) -> bool {
        self.spans.get(account as usize).is_some_and(|(first, last)| first <= last)
    }

    /// Adds covered days behind those of the account: to its last stretch when they go on from it,
    /// else as a stretch of their own.
    pub fn add(&mut self, account: u32, (first, last): (i32, i32), goes_on: bool) {
        let span = &mut self.spans[account as usize];
        let before = *span;
        if before.0 > before.1 {
            *span = (first, last);
            return;
        }
        if goes_on {
            span.1 = span.1.max(last);
            let last = span.1;
            if let Some(stretch) = self.stretches.get_mut(&account).and_then(|all| all.last_mut()) {
                stretch.last = last;
            }
            return;
        }
        span.1 = last;
        self.several.mark(account);
        let stretch = |(first, last)| Stretch { first, last, opening: None, closing: None };
        let all = self.stretches.entry(account).or_insert_with(|| vec![stretch(before)]);
        all.push(stretch((first, last)));
    }

    /// Lets balances be written into the stretches of an account that is held.
    pub fn state(&mut self, account: u32, write: impl FnMut(&mut Stretch)) {
        let span = self.spans[account as usize];
        if span.0 > span.1 {
            return;
        }
        let one = || vec![Stretch { first: span.0, last: span.1, opening: None, closing: None }];
        self.stretches.entry(account).or_insert_with(one).iter_mut().for_each(write);
    }
}

impl From<Vec<Vec<Stretch>>> for HeldDays {
    fn from(all: Vec<Vec<Stretch>>) -> HeldDays {
        let mut held = HeldDays::none(all.len());
        for (account, stretches) in (0..).zip(all) {
            for one in &stretches {
                held.add(account, (one.first, one.last), false);
            }
            let mut stated = stretches.into_iter();
            held.state(account, |stretch| *stretch = stated.next().expect("one for each"));
        }
        held
    }
}

/// Movements of one currency between accounts, with what is known of each account's days.
#[derive(Clone, Debug)]
pub struct Ledger<'a> {
    /// Account that pays, by movement.
    pub from: Cow<'a, [u32]>,
    /// Account that is paid, by movement.
    pub to: Cow<'a, [u32]>,
    /// Minor units, by movement.
    pub amount: Cow<'a, [i64]>,
    held: HeldDays,
    /// Stated running balances by half; see [`half_of`].
    pub(super) running: HashMap<u64, i64>,
    /// What a movement undoes.
    pub(super) reverses: HashMap<u32, u32>,
    /// Movements that another undoes.
    pub(super) reversed: HashMap<u32, u32>,
    /// Halves in the order in which they are posted as stated.
    pub order: PostingOrder,
    /// Debits that stood against another statement.
    pub conflicts: Vec<Conflict>,
    /// What each account held before its first posting.
    pub openings: Openings,
    /// By how much a balance stated after a gap differs from the one carried over it.
    pub(super) settlements: HashMap<Moment, i64>,
}

impl<'a> Ledger<'a> {
    /// A ledger from movements in any order. `statements` gives for each account the rows of its
    /// own statements in their order. Cost: linear, and a sort.
    ///
    /// # Panics
    ///
    /// If the days of a statement fall, or a movement names an account beyond `stretches`.
    pub fn new(
        stretches: Vec<Vec<Stretch>>,
        movements: &[Movement],
        statements: &[Vec<(u32, End)>],
    ) -> Ledger<'static> {
        Ledger::of_movements(stretches.into(), movements, statements)
    }

    /// As [`Ledger::new`].
    pub(super) fn of_movements(
        held: HeldDays,
        movements: &[Movement],
        statements: &[Vec<(u32, End)>],
    ) -> Ledger<'static> {
        let (order, conflicts) = PostingOrder::stated(movements, statements);
        let from = movements.iter().map(|one| one.from).collect();
        let to = movements.iter().map(|one| one.to).collect();
        let amount = movements.iter().map(|one| one.amount).collect();
        let mut ledger = Ledger::unposted(held, (from, to), amount);
        (ledger.order, ledger.conflicts) = (order, conflicts);
        for (movement, one) in (0..).zip(movements) {
            for (end, half) in [(End::Debit, one.debit), (End::Credit, one.credit)] {
                if let Some(balance) = half.running {
                    ledger.running.insert(half_of(movement, end), balance);
                }
            }
            if let Some(original) = one.reverses {
                ledger.reverses.insert(movement, original);
                ledger.reversed.entry(original).or_insert(movement);
            }
        }
        ledger.open();
        ledger
    }

    /// A ledger whose movements already stand in the order of posting, both halves of each at
    /// one instant; `day` gives the civil day of each. Nothing is copied. Cost: linear.
    pub fn listed(
        held: HeldDays,
        (from, to): (Cow<'a, [u32]>, Cow<'a, [u32]>),
        amount: Cow<'a, [i64]>,
        day: &[i32],
    ) -> Ledger<'a> {
        let order = PostingOrder::listed(&from, &to, &amount, day);
        let mut ledger = Ledger::unposted(held, (from, to), amount);
        ledger.post(order);
        ledger
    }

    /// A ledger of which nothing is posted yet.
    pub fn unposted(
        held: HeldDays,
        (from, to): (Cow<'a, [u32]>, Cow<'a, [u32]>),
        amount: Cow<'a, [i64]>,
    ) -> Ledger<'a> {
        Ledger {
            from,
            to,
            amount,
            held,
            running: HashMap::default(),
            reverses: HashMap::default(),
            reversed: HashMap::default(),
            order: PostingOrder::default(),
            conflicts: Vec::new(),
            openings: Openings::default(),
            settlements: HashMap::default(),
        }
    }

    /// The days that are held.
    pub(super) fn into_held(self) -> HeldDays {
        self.held
    }

    /// Sets the order in which halves are posted as stated. Openings are those of the accounts all
    /// of whose postings stand in it.
    pub fn post(&mut self, order: PostingOrder) {
        self.order = order;
        self.open();
    }

    fn open(&mut self) {
        self.openings = Openings::of(self);
        self.settlements = gaps::settlements(self);
    }

    /// What an account held before its first posting.
    pub fn opening(&self, account: u32) -> Opening {
        self.openings.of_account(account)
    }

    /// Number of accounts.
    pub fn accounts(&self) -> usize {
        self.held.spans.len()
    }

    /// True when some statement of the account is held.
    #[inline]
    pub fn is_held(&self, account: u32) -> bool {
        self.held.holds(account)
    }

    /// True when the account's statements span the day.
    #[inline]
    pub fn covers(&self, account: u32, day: i32) -> bool {
        let Some((first, last)) = self.held.spans.get(account as usize) else { return false };
        (*first..=*last).contains(&day)
            && (!self.held.several.has(account) || {
                let mut stretches = self.stretches_of(account).iter();
                stretches.any(|one| (one.first..=one.last).contains(&day))
            })
    }

    /// The stretches of an account, of which nothing is kept where there is one without a stated
    /// balance.
    pub(super) fn stretches_of(&self, account: u32) -> &[Stretch] {
        self.held.stretches.get(&account).map_or(&[], Vec::as_slice)
    }

    /// First and last covered day of an account that is held.
    pub fn span(&self, account: u32) -> Option<(i32, i32)> {
        self.held.spans.get(account as usize).copied().filter(|(first, last)| first <= last)
    }

    /// Every covered stretch of days, in order.
    pub fn covered(&self, account: u32) -> Vec<(i32, i32)> {
        match self.stretches_of(account) {
            [] => self.span(account).into_iter().collect(),
            several => several.iter().map(|one| (one.first, one.last)).collect(),
        }
    }

    /// The days of an account that no statement spans and that are taken as held, in order.
    pub fn seams(&self, account: u32) -> &[Seam] {
        let start = self.held.seams.partition_point(|seam| seam.account < account);
        let end = self.held.seams.partition_point(|seam| seam.account <= account);
        &self.held.seams[start..end]
    }

    /// The days on which a later stretch begins, by day, then account.
    pub(super) fn later_stretches(&self) -> Vec<(i32, u32, usize)> {
        let mut found: Vec<(i32, u32, usize)> = self
            .held
            .stretches
            .iter()
            .flat_map(|(account, all)| {
                all.iter().enumerate().skip(1).map(|(at, one)| (one.first, *account, at))
            })
            .collect();
        found.sort_unstable();
        found
    }

    /// The days on which a later stretch ends, by day, then account.
    pub(super) fn later_ends(&self) -> Vec<(i32, u32, usize)> {
        let mut found: Vec<(i32, u32, usize)> = self
            .held
            .stretches
            .iter()
            .flat_map(|(account, all)| {
                all.iter().enumerate().skip(1).map(|(at, one)| (one.last, *account, at))
            })
            .collect();
        found.sort_unstable();
        found
    }

    /// Accounts with several stretches.
    pub(super) fn gapped(&self) -> impl Iterator<Item = u32> + '_ {
        self.held.stretches.iter().filter(|(_, all)| all.len() > 1).map(|(account, _)| *account)
    }

    /// True when a movement goes the way that another came: both of its ends are those of the
    /// other, or one of them, and of what stands at the other end nothing is held in either. A
    /// returned cheque names its far end in words of its own.
    pub fn is_way_back(&self, movement: u32, original: u32) -> bool {
        let (row, of) = (movement as usize, original as usize);
        let (gives, gave_to) = (self.from[row], self.to[of]);
        let (gets, got_from) = (self.to[row], self.from[of]);
        let outside = |one: u32, other: u32| !self.is_held(one) && !self.is_held(other);
        match (gives == gave_to, gets == got_from) {
            (true, true) => true,
            (true, false) => outside(gets, got_from),
            (false, true) => outside(gives, gave_to),
            (false, false) => false,
        }
    }

    /// The movement that this one undoes, if it does.
    pub fn original_of(&self, movement: u32) -> Option<u32> {
        if self.reverses.is_empty() { None } else { self.reverses.get(&movement).copied() }
    }
}
