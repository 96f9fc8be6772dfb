//! Account numbers as the rows of a list write them, each normalised once.
//!
//! A list of five million transfers names some hundred thousand accounts. What a row holds is
//! looked up by its bytes; only a text not seen before is normalised and entered into the book.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use crate::model::NONE;
use crate::store::load::account_numbers::add_account;
use crate::store::load::entities::AccountBook;
use crate::store::load::interner::Interner;

/// The seed is fixed: a run repeats exactly, and numbers never depend on it.
const HASH: FixedState = FixedState::with_seed(0x6163_636f_756e_7473);

/// Bytes of bank and number together that are kept in the key itself.
const SHORT_BYTES_MAX: u32 = 15;
/// Where the highest byte of a key begins.
const LENGTHS: u32 = 120;
/// In place of lengths: the key holds a number of the texts, and the length of the bank.
const LONG: u128 = 0xff;
/// Where the length of the bank begins in the key of a long text.
const BANK_LENGTH: u32 = 64;

/// Bank and number as a row writes them: equal keys are equal texts, and no key is zero.
///
/// Bank and number follow each other, the first byte lowest; the highest byte holds their lengths,
/// four bits each.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct AccountKey(u128);

impl AccountKey {
    /// The key of a bank and a number that is not empty, each as bytes (first one lowest) and
    /// length; longer texts are numbered by `long`.
    #[inline]
    pub fn new(
        bank: Result<(u128, u32), &str>,
        number: Result<(u128, u32), &str>,
        long: &mut Interner,
    ) -> AccountKey {
        match (bank, number) {
            (Ok((bank, bank_length)), Ok((number, length)))
                if bank_length + length <= SHORT_BYTES_MAX =>
            {
                let lengths = u128::from(bank_length << 4 | length);
                AccountKey(bank | number << (8 * bank_length) | lengths << LENGTHS)
            }
            _ => AccountKey::long(bank, number, long),
        }
    }

    fn long(
        bank: Result<(u128, u32), &str>,
        number: Result<(u128, u32), &str>,
        long: &mut Interner,
    ) -> AccountKey {
        let (mut bank_bytes, mut number_bytes) = ([0; 16], [0; 16]);
        let bank = whole_text(bank, &mut bank_bytes);
        let number = whole_text(number, &mut number_bytes);
        let id = match bank {
            "" => long.intern(number),
            bank => long.intern(&format!("{bank}{number}")),
        };
        AccountKey(LONG << LENGTHS | (bank.len() as u128) << BANK_LENGTH | u128::from(id))
    }

    fn is_long(self) -> bool {
        self.0 >> LENGTHS == LONG
    }

    /// The same key with long texts by the numbers that `numbers` gives them.
    #[inline]
    fn renumbered(self, numbers: &[u32]) -> AccountKey {
        if !self.is_long() {
            return self;
        }
        let id = self.0 as u32;
        AccountKey(self.0 - u128::from(id) + u128::from(numbers[id as usize]))
    }

    #[inline]
    fn hash(self) -> u64 {
        HASH.hash_one(self.0)
    }

    /// Bank and number.
    fn texts<'a>(self, long: &'a Interner, buffer: &'a mut [u8; 16]) -> (&'a str, &'a str) {
        if self.is_long() {
            let bank_length = (self.0 >> BANK_LENGTH) as u32 as usize;
            return long.get(self.0 as u32).split_at(bank_length);
        }
        *buffer = self.0.to_le_bytes();
        let lengths = buffer[15];
        let (bank_length, length) = (usize::from(lengths >> 4), usize::from(lengths & 0xf));
        let text = std::str::from_utf8(&buffer[..bank_length + length]);
        text.expect("a field holds whole letters").split_at(bank_length)
    }
}

/// A text by its bytes or as it is.
fn whole_text<'a>(text: Result<(u128, u32), &'a str>, buffer: &'a mut [u8; 16]) -> &'a str {
    match text {
        Ok((bytes, length)) => {
            *buffer = bytes.to_le_bytes();
            let text = std::str::from_utf8(&buffer[..length as usize]);
            text.expect("a field holds whole letters")
        }
        Err(text) => text,
    }
}

/// What makes equal texts equal accounts: sources that differ in it are looked up apart.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Numbering {
    /// The institution of rows that name none.
    pub institution: String,
    /// Whether numbers are unique across institutions.
    pub global: bool,
}

/// Places in one line of the cache, so that nearly every look-up waits for memory once.
const PLACES: usize = 3;

/// Keys and their accounts; a free place has a key of zero and [`NONE`]. The first free place is
/// taken first.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
struct Line {
    keys: [u128; PLACES],
    accounts: [u32; PLACES],
}

/// Lines for which room is made at first.
const LINES: usize = 1 << 11;

/// Keys whose places are asked for together.
const SIDE_BY_SIDE: usize = 64;

const FREE: Line = Line { keys: [0; PLACES], accounts: [NONE; PLACES] };

impl Line {
    /// The account of a key, if it stands here. All places are compared: to guess which one it is
    /// fails too often.
    #[inline(always)]
    fn find(&self, key: AccountKey) -> Option<u32> {
        let keys = &self.keys;
        let at = usize::from(keys[1] == key.0) | usize::from(keys[2] == key.0) << 1;
        (keys[at] == key.0).then_some(self.accounts[at])
    }
}

/// Accounts of the book by the bytes of their rows. A hash only finds the place to look; the key
/// decides, so two texts never share an account.
#[derive(Clone, Debug)]
pub struct RawAccounts {
    numbering: Numbering,
    /// A key stands in the line of its hash, the neighbour of that, or behind them.
    lines: Vec<Line>,
    /// How many places are taken.
    taken: usize,
    long: Interner,
}

impl RawAccounts {
    /// Nothing seen yet.
    pub fn new(numbering: Numbering) -> RawAccounts {
        RawAccounts { numbering, lines: vec![FREE; LINES], taken: 0, long: Interner::default() }
    }

    /// Whether rows of another source mean the same accounts by the same texts.
    pub fn serves(&self, numbering: &Numbering) -> bool {
        self.numbering == *numbering
    }

    /// Numbers of the texts that are too long for a key, by their numbers in a block.
    pub fn long_texts(&mut self, block: &Interner) -> Vec<u32> {
        (0..block.len() as u32).map(|at| self.long.intern(block.get(at))).collect()
    }

    /// The accounts of the book that keys name, entered when they are new. Cost: one look-up
    /// each; the places of many are asked for before the first is needed, so that the waits for
    /// memory run side by side.
    ///
    /// # Panics
    ///
    /// If nothing is left of a number once it is normalised: the reader of rows sees to it.
    pub fn accounts(
        &mut self,
        keys: &[AccountKey],
        long: &[u32],
        book: &mut AccountBook,
    ) -> Vec<u32> {
        let mut accounts = Vec::with_capacity(keys.len());
        let mut renumbered = [AccountKey::default(); SIDE_BY_SIDE];
        for some in keys.chunks(SIDE_BY_SIDE) {
            let some = if long.is_empty() {
                some
            } else {
                for (key, found) in renumbered.iter_mut().zip(some) {
                    *key = found.renumbered(long);
                }
                &renumbered[..some.len()]
            };
            // Three short loops instead of one: nothing in the second waits for what it asks for.
            let mask = self.lines.len() - 1;
            let mut at = [0; SIDE_BY_SIDE];
            for (at, key) in at.iter_mut().zip(some) {
                *at = key.hash() as usize & mask;
            }
            let mut near = [NONE; SIDE_BY_SIDE];
            for (near, at) in near.iter_mut().zip(&at[..some.len()]) {
                *near = self.lines[*at].accounts[0];
            }
            for ((key, at), near) in some.iter().zip(at).zip(near) {
                // The table may have grown since; a line that holds the key is right all the same.
                let known = if near == NONE { None } else { self.lines[at].find(*key) };
                accounts.push(known.unwrap_or_else(|| self.account(*key, book)));
            }
        }
        accounts
    }

    #[cold]
    fn account(&mut self, key: AccountKey, book: &mut AccountBook) -> u32 {
        let (at, place) = self.place_of(key);
        let account = self.lines[at].accounts[place];
        if account == NONE { self.enter(key, (at, place), book) } else { account }
    }

    /// Where a key stands, or the free place where it belongs: the first one in its line, in the
    /// neighbour that memory brings along, or in the lines behind those.
    fn place_of(&self, key: AccountKey) -> (usize, usize) {
        let mask = self.lines.len() - 1;
        let first = key.hash() as usize & mask;
        let mut nth = 0;
        loop {
            let at = (first ^ (nth & 1)).wrapping_add(nth & !1) & mask;
            let here = |found: &u128| *found == key.0 || *found == 0;
            if let Some(place) = self.lines[at].keys.iter().position(here) {
                return (at, place);
            }
            nth += 1;
        }
    }

    #[cold]
    fn enter(&mut self, key: AccountKey, at: (usize, usize), book: &mut AccountBook) -> u32 {
        let mut buffer = [0; 16];
        let (bank, number) = key.texts(&self.long, &mut buffer);
        let bank = if bank.is_empty() { &self.numbering.institution } else { bank };
        let account = add_account(book, bank, number, self.numbering.global)
            .expect("a number that begins with a letter or digit names an account");
        self.put(key, account, at);
        self.taken += 1;
        if self.taken > self.lines.len() * 2 {
            self.grow();
        }
        account
    }

    fn put(&mut self, key: AccountKey, account: u32, (at, place): (usize, usize)) {
        self.lines[at].keys[place] = key.0;
        self.lines[at].accounts[place] = account;
    }

    fn grow(&mut self) {
        let lines = vec![FREE; self.lines.len() * 2];
        for line in std::mem::replace(&mut self.lines, lines) {
            for (key, account) in line.keys.into_iter().zip(line.accounts) {
                if account != NONE {
                    let key = AccountKey(key);
                    self.put(key, account, self.place_of(key));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn short(text: &str) -> Result<(u128, u32), &str> {
        let mut bytes = [0; 16];
        match bytes.get_mut(..text.len()) {
            Some(kept) => kept.copy_from_slice(text.as_bytes()),
            None => return Err(text),
        }
        Ok((u128::from_le_bytes(bytes), text.len() as u32))
    }

    proptest! {
        #[test]
        fn an_account_is_the_one_that_its_texts_name(
            rows in prop::collection::vec(
                ("[A-Z ]{0,20}", "[0-9A-C][0-9A-C\u{e9} -]{0,24}"),
                0..200,
            ),
            global: bool,
        ) {
            let numbering = Numbering { institution: "Harbor Bank".to_owned(), global };
            let mut raw = RawAccounts::new(numbering);
            let (mut book, mut plain) = (AccountBook::default(), AccountBook::default());
            for (bank, number) in &rows {
                let mut block = Interner::default();
                let key = AccountKey::new(short(bank), short(number), &mut block);
                let long = raw.long_texts(&block);
                let account = raw.accounts(&[key], &long, &mut book)[0];
                let bank = if bank.is_empty() { "Harbor Bank" } else { bank };
                prop_assert_eq!(Some(account), add_account(&mut plain, bank, number, global));
            }
            prop_assert_eq!(book.shapes, plain.shapes);
        }
    }

    #[test]
    fn a_table_that_grew_still_finds_everything() {
        let numbering = Numbering { institution: String::new(), global: false };
        let mut raw = RawAccounts::new(numbering);
        let mut book = AccountBook::default();
        let key = |number: &u32| {
            let text = number.to_string();
            AccountKey::new(short("7"), short(&text), &mut Interner::default())
        };
        let numbers: Vec<u32> = (0..10_000).collect();
        let keys: Vec<AccountKey> = numbers.iter().map(key).collect();
        for round in 0..2 {
            assert_eq!(raw.accounts(&keys, &[], &mut book), numbers, "round {round}");
        }
    }
}
