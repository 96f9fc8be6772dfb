//! Accounts as queues of lots: first in first out, and last in first out.
//!
//! Every credit is a lot. Lots beside each other that hold nothing traced are one, since no rule
//! can tell them apart; an account that never held anything traced has no lots at all, and its
//! balance is one of label 0. What is left of a deposit that another transfer undoes can still be
//! found: such a lot is never joined with another.

use foldhash::{HashMap, HashSet};

use super::rules::{Holdings, Rule};
use super::shares::{Part, add, shares, subtract};

const NONE: u32 = u32::MAX;

/// Money of one credit that is still there; 32 bytes, and 16 for each label where it has several.
#[derive(Clone, Copy, Debug)]
struct Lot {
    minor: i64,
    inside: Inside,
    /// The credit that made it; none for what was there before.
    movement: u32,
    /// The next to be taken after it.
    next: u32,
}

/// What of a lot is traced.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Inside {
    /// Minor units of the one label; of several, the first of them in the arena.
    minor: i64,
    /// 0 where nothing is traced, [`NONE`] for several labels.
    label: u32,
}

const UNTRACED: Inside = Inside { minor: 0, label: 0 };

/// A traced part of a lot that has several, in a chain by label.
#[derive(Clone, Copy, Debug)]
struct PartOfLot {
    minor: i64,
    label: u32,
    next: u32,
}

/// The lots of an account: which is taken first, and where first in first out puts the next.
#[derive(Clone, Copy, Debug)]
struct Queue {
    first: u32,
    last: u32,
}

/// The lots of all accounts in one arena.
#[derive(Debug)]
pub struct Lots {
    newest_first: bool,
    queues: Vec<Queue>,
    lots: Vec<Lot>,
    free_lots: u32,
    parts: Vec<PartOfLot>,
    free_parts: u32,
    /// What of each account is traced, over all of its lots.
    held: Vec<Vec<Part>>,
    /// Credits that another movement undoes.
    undone: HashSet<u32>,
    /// Where the lots of such credits stand.
    lot_of: HashMap<u32, u32>,
    /// What was taken from which lot, where that is asked for.
    taken_from: Option<Vec<(u32, Part)>>,
    live: usize,
    most_live: usize,
    of_lot: Vec<Part>,
    shares: Vec<i64>,
}

impl Lots {
    /// So many accounts without traced money, known by place; lots of `undone` credits are kept
    /// apart.
    ///
    /// # Panics
    ///
    /// If the rule keeps no lots.
    pub fn new(rule: Rule, slots: usize, undone: HashSet<u32>) -> Lots {
        assert!(rule.keeps_lots(), "{} keeps no lots", rule.word());
        Lots {
            newest_first: rule == Rule::Lifo,
            queues: vec![Queue { first: NONE, last: NONE }; slots],
            lots: Vec::new(),
            free_lots: NONE,
            parts: Vec::new(),
            free_parts: NONE,
            held: vec![Vec::new(); slots],
            undone,
            lot_of: HashMap::default(),
            taken_from: None,
            live: 0,
            most_live: 0,
            of_lot: Vec::new(),
            shares: Vec::new(),
        }
    }

    /// Notes from now on which lot each taking comes from; see [`Holdings::taken_from`].
    pub fn watch(&mut self) {
        self.taken_from = Some(Vec::new());
    }

    /// Most lots that were there at once, and the bytes that all of them and their parts took.
    pub fn size(&self) -> (usize, usize) {
        let bytes = self.lots.capacity() * size_of::<Lot>()
            + self.parts.capacity() * size_of::<PartOfLot>();
        (self.most_live, bytes)
    }

    fn new_lot(&mut self, lot: Lot) -> u32 {
        self.live += 1;
        self.most_live = self.most_live.max(self.live);
        if self.free_lots == NONE {
            make_room(&mut self.lots);
            self.lots.push(lot);
            return self.lots.len() as u32 - 1;
        }
        let at = self.free_lots;
        self.free_lots = self.lots[at as usize].next;
        self.lots[at as usize] = lot;
        at
    }

    fn new_part(&mut self, part: PartOfLot) -> u32 {
        if self.free_parts == NONE {
            make_room(&mut self.parts);
            self.parts.push(part);
            return self.parts.len() as u32 - 1;
        }
        let at = self.free_parts;
        self.free_parts = self.parts[at as usize].next;
        self.parts[at as usize] = part;
        at
    }

    /// Keeps the parts of a lot: one with the lot itself, several in a chain.
    fn keep(&mut self, parts: &[Part]) -> Inside {
        match parts {
            [] => UNTRACED,
            [(label, minor)] => Inside { minor: *minor, label: *label },
            several => {
                let mut next = NONE;
                for (label, minor) in several.iter().rev() {
                    next = self.new_part(PartOfLot { minor: *minor, label: *label, next });
                }
                Inside { minor: i64::from(next), label: NONE }
            }
        }
    }

    /// Reads the parts of a lot into `of_lot` and gives their places back.
    fn read(&mut self, inside: Inside) {
        self.of_lot.clear();
        if inside.label != NONE {
            self.of_lot.push((inside.label, inside.minor));
            return;
        }
        let mut at = inside.minor as u32;
        while at != NONE {
            let part = self.parts[at as usize];
            self.of_lot.push((part.label, part.minor));
            self.parts[at as usize].next = self.free_parts;
            self.free_parts = at;
            at = part.next;
        }
    }

    /// Takes up to `wanted` from one lot by shares, its traced parts into `moved`; gives how much.
    fn take_from_lot(&mut self, account: u32, at: u32, wanted: i64, moved: &mut Vec<Part>) -> i64 {
        let lot = self.lots[at as usize];
        let wanted = wanted.min(lot.minor);
        self.lots[at as usize].minor -= wanted;
        if lot.inside == UNTRACED || wanted == 0 {
            return wanted;
        }
        self.read(lot.inside);
        let mut parts = std::mem::take(&mut self.of_lot);
        let traced: i64 = parts.iter().map(|(_, minor)| minor).sum();
        shares(wanted, lot.minor - traced, &parts, &mut self.shares);
        for ((label, _), taken) in parts.iter().zip(&self.shares) {
            add(moved, *label, *taken);
            if *taken > 0 {
                take_off(&mut self.held[account as usize], *label, *taken);
                if let Some(log) = &mut self.taken_from {
                    log.push((lot.movement, (*label, *taken)));
                }
            }
        }
        subtract(&mut parts, &self.shares);
        self.lots[at as usize].inside = self.keep(&parts);
        self.of_lot = parts;
        wanted
    }

    /// Takes the first lot of an account out of its queue.
    fn drop_first(&mut self, account: u32) {
        let queue = &mut self.queues[account as usize];
        let at = queue.first;
        let lot = self.lots[at as usize];
        queue.first = lot.next;
        if queue.first == NONE {
            queue.last = NONE;
        }
        if lot.movement != NONE && self.undone.contains(&lot.movement) {
            self.lot_of.remove(&lot.movement);
        }
        self.lots[at as usize].next = self.free_lots;
        self.free_lots = at;
        self.live -= 1;
    }

    fn push(&mut self, account: u32, minor: i64, parts: &[Part], movement: u32) {
        let inside = self.keep(parts);
        let at = self.new_lot(Lot { minor, inside, movement, next: NONE });
        let queue = self.queues[account as usize];
        if self.newest_first {
            self.lots[at as usize].next = queue.first;
        } else if queue.last != NONE {
            self.lots[queue.last as usize].next = at;
        }
        let queue = &mut self.queues[account as usize];
        if self.newest_first || queue.first == NONE {
            queue.first = at;
        }
        if !self.newest_first || queue.last == NONE {
            queue.last = at;
        }
        if movement != NONE && self.undone.contains(&movement) {
            self.lot_of.insert(movement, at);
        }
    }

    /// The lot beside which a new one would stand.
    fn newest(&self, account: u32) -> u32 {
        let queue = self.queues[account as usize];
        if self.newest_first { queue.first } else { queue.last }
    }
}

/// Makes room for an eighth more, since twice as much would be twice the memory.
fn make_room<T>(arena: &mut Vec<T>) {
    if arena.len() == arena.capacity() {
        arena.reserve_exact(arena.len() / 8 + 64);
    }
}

/// Takes minor units off a label that has at least as many.
fn take_off(parts: &mut Vec<Part>, label: u32, minor: i64) {
    let at = parts.binary_search_by_key(&label, |(label, _)| *label);
    let at = at.expect("what a lot holds, its account holds");
    parts[at].1 -= minor;
    if parts[at].1 == 0 {
        parts.remove(at);
    }
}

impl Holdings for Lots {
    fn take(&mut self, account: u32, wanted: i64, _balance: i64, moved: &mut Vec<Part>) {
        let mut left = wanted;
        while left > 0 {
            let first = self.queues[account as usize].first;
            if first == NONE {
                return;
            }
            left -= self.take_from_lot(account, first, left, moved);
            if self.lots[first as usize].minor == 0 {
                self.drop_first(account);
            }
        }
    }

    fn take_back(
        &mut self,
        account: u32,
        original: u32,
        back: (&[Part], i64),
        _balance: i64,
        moved: &mut Vec<Part>,
    ) -> i64 {
        let Some(at) = self.lot_of.get(&original).copied() else { return 0 };
        self.take_from_lot(account, at, back.1, moved)
    }

    fn put(&mut self, account: u32, minor: i64, parts: &[Part], movement: u32, balance: i64) {
        let is_undone = movement != NONE && self.undone.contains(&movement);
        let plain = parts.is_empty() && !is_undone;
        if minor == 0 {
            return;
        }
        let newest = self.newest(account);
        if newest == NONE {
            if plain {
                return;
            }
            if balance > 0 {
                self.push(account, balance, &[], NONE);
            }
        } else if plain {
            let lot = &mut self.lots[newest as usize];
            if lot.inside == UNTRACED
                && (lot.movement == NONE || !self.undone.contains(&lot.movement))
            {
                lot.minor += minor;
                return;
            }
        }
        self.push(account, minor, parts, movement);
        for (label, minor) in parts {
            add(&mut self.held[account as usize], *label, *minor);
        }
    }

    fn taken_from(&mut self) -> Vec<(u32, Part)> {
        self.taken_from.as_mut().map(std::mem::take).unwrap_or_default()
    }

    fn traced(&self, account: u32) -> &[Part] {
        &self.held[account as usize]
    }

    fn look_at(&self, account: u32) -> u64 {
        let first = self.queues[account as usize].first;
        let lot = self.lots.get(first as usize).map_or(0, |lot| lot.next);
        let traced = self.traced(account).first().map_or(0, |(label, _)| *label);
        u64::from(lot ^ traced)
    }
}
