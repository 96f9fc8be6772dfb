//! Account numbers as the rows of a list write them, each normalised once.
//!
//! A list of five million transfers names some hundred thousand accounts. What a row holds is
//! looked up by its bytes; only a text not seen before is normalised and entered into the book.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use crate::model::NONE;
use crate::store::load::entities::AccountBook;
use crate::store::load::entities::account_numbers::add_account;
use crate::store::load::entities::interner::Interner;

/// The seed is fixed: a run repeats exactly, and numbers never depend on it.
const HASH: FixedState = FixedState::with_seed(0x6163_636f_756e_7473);

/// Bytes of a number, and of a bank, that are kept in the key itself.
const NUMBER_BYTES_MAX: u32 = 15;
const BANK_BYTES_MAX: u32 = 7;
/// In place of a length: the low bytes are a number of the texts that are too long for the key.
const LONG: u64 = 0xff;

/// Bank and number as a row writes them: texts of equal keys are equal, and no key is all zero,
/// since a number is never empty.
#[derive(Clone, Copy, Debug, Default, Eq)]
pub struct AccountKey {
    /// Length in the highest byte, text in the others; or [`LONG`] and a number.
    bank: u64,
    /// The same over two words, the length in the second.
    number: [u64; 2],
}

impl PartialEq for AccountKey {
    /// All words at once: a jump after the first one would be guessed wrongly at every second key.
    #[inline(always)]
    fn eq(&self, other: &AccountKey) -> bool {
        let number = (self.number[0] ^ other.number[0]) | (self.number[1] ^ other.number[1]);
        (self.bank ^ other.bank) | number == 0
    }
}

impl AccountKey {
    /// The key of a bank and a number, each as bytes (first one lowest) and length; longer texts
    /// are numbered by `long`.
    #[inline]
    pub fn new(
        bank: Result<(u128, u32), &str>,
        number: Result<(u128, u32), &str>,
        long: &mut Interner,
    ) -> AccountKey {
        let bank = match bank {
            Ok((bytes, length)) if length <= BANK_BYTES_MAX => {
                bytes as u64 | u64::from(length) << 56
            }
            Ok((bytes, length)) => {
                let bytes = bytes.to_le_bytes();
                let text = std::str::from_utf8(&bytes[..length as usize]);
                LONG << 56 | u64::from(long.intern(text.expect("a field holds whole letters")))
            }
            Err(text) => LONG << 56 | u64::from(long.intern(text)),
        };
        let number = match number {
            Ok((bytes, length)) if length <= NUMBER_BYTES_MAX => {
                [bytes as u64, (bytes >> 64) as u64 | u64::from(length) << 56]
            }
            Ok((bytes, length)) => {
                let bytes = bytes.to_le_bytes();
                let text = std::str::from_utf8(&bytes[..length as usize]);
                let text = text.expect("a field holds whole letters");
                [u64::from(long.intern(text)), LONG << 56]
            }
            Err(text) => [u64::from(long.intern(text)), LONG << 56],
        };
        AccountKey { bank, number }
    }

    /// The same key with long texts by the numbers that `numbers` gives them.
    #[inline]
    fn renumbered(mut self, numbers: &[u32]) -> AccountKey {
        if self.bank >> 56 == LONG {
            self.bank = LONG << 56 | u64::from(numbers[self.bank as u32 as usize]);
        }
        if self.number[1] >> 56 == LONG {
            self.number[0] = u64::from(numbers[self.number[0] as usize]);
        }
        self
    }

    #[inline]
    fn hash(&self) -> u64 {
        // Banks are few: spread over all bits, one changes every number of its own.
        let bank = self.bank.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let high = u128::from(self.number[1] ^ bank.rotate_left(32));
        HASH.hash_one(u128::from(self.number[0] ^ bank) | high << 64)
    }

    fn bank_text<'a>(&self, long: &'a Interner, buffer: &'a mut [u8; 8]) -> &'a str {
        if self.bank >> 56 == LONG {
            return long.get(self.bank as u32);
        }
        *buffer = self.bank.to_le_bytes();
        let text = std::str::from_utf8(&buffer[..(self.bank >> 56) as usize]);
        text.expect("a field holds whole letters")
    }

    fn number_text<'a>(&self, long: &'a Interner, buffer: &'a mut [u8; 16]) -> &'a str {
        if self.number[1] >> 56 == LONG {
            return long.get(self.number[0] as u32);
        }
        buffer[..8].copy_from_slice(&self.number[0].to_le_bytes());
        buffer[8..].copy_from_slice(&self.number[1].to_le_bytes());
        let text = std::str::from_utf8(&buffer[..(self.number[1] >> 56) as usize]);
        text.expect("a field holds whole letters")
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

/// A place of the table: a key and its account; a key of zero and [`NONE`] where it is free.
#[derive(Clone, Copy, Debug)]
#[repr(align(32))]
struct Place {
    key: AccountKey,
    account: u32,
}

/// Two places in one line of the cache, so that nearly every look-up waits for memory once.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
struct Pair([Place; 2]);

/// Keys whose places are asked for together.
const SIDE_BY_SIDE: usize = 64;

const FREE: Place = Place { key: AccountKey { bank: 0, number: [0; 2] }, account: NONE };

impl Pair {
    /// The account of a key, if it stands here. Both places are compared: a guess which one it is
    /// would fail at every second key.
    #[inline(always)]
    fn find(&self, key: &AccountKey) -> Option<u32> {
        let place = &self.0[usize::from(self.0[1].key == *key)];
        (place.key == *key).then_some(place.account)
    }
}

/// Accounts of the book by the bytes of their rows. A hash only finds the place to look; the key
/// decides, so two texts never share an account.
#[derive(Clone, Debug)]
pub struct RawAccounts {
    numbering: Numbering,
    pairs: Vec<Pair>,
    /// How many places are taken.
    taken: usize,
    long: Interner,
}

impl RawAccounts {
    /// Nothing seen yet.
    pub fn new(numbering: Numbering) -> RawAccounts {
        let pairs = vec![Pair([FREE; 2]); 1 << 11];
        RawAccounts { numbering, pairs, taken: 0, long: Interner::default() }
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
            let mask = self.pairs.len() - 1;
            let mut at = [0; SIDE_BY_SIDE];
            for (at, key) in at.iter_mut().zip(some) {
                *at = key.hash() as usize & mask;
            }
            let mut near = [NONE; SIDE_BY_SIDE];
            for (near, at) in near.iter_mut().zip(&at[..some.len()]) {
                *near = self.pairs[*at].0[0].account;
            }
            for ((key, at), near) in some.iter().zip(at).zip(near) {
                // The table may have grown since; a pair that holds the key is right all the same.
                let known = if near == NONE { None } else { self.pairs[at].find(key) };
                accounts.push(known.unwrap_or_else(|| self.account(*key, book)));
            }
        }
        accounts
    }

    #[cold]
    fn account(&mut self, key: AccountKey, book: &mut AccountBook) -> u32 {
        let (at, side) = self.place_of(&key);
        let account = self.pairs[at].0[side].account;
        if account == NONE { self.enter(key, (at, side), book) } else { account }
    }

    /// Where a key stands, or the free place where it belongs: the first one from its pair on.
    fn place_of(&self, key: &AccountKey) -> (usize, usize) {
        let mask = self.pairs.len() - 1;
        let mut at = key.hash() as usize & mask;
        loop {
            let here = |place: &Place| place.account == NONE || place.key == *key;
            if let Some(side) = self.pairs[at].0.iter().position(here) {
                return (at, side);
            }
            at = (at + 1) & mask;
        }
    }

    #[cold]
    fn enter(&mut self, key: AccountKey, at: (usize, usize), book: &mut AccountBook) -> u32 {
        let (mut bank, mut number) = ([0; 8], [0; 16]);
        let bank = key.bank_text(&self.long, &mut bank);
        let bank = if bank.is_empty() { &self.numbering.institution } else { bank };
        let number = key.number_text(&self.long, &mut number);
        let account = add_account(book, bank, number, self.numbering.global)
            .expect("a number that begins with a letter or digit names an account");
        self.pairs[at.0].0[at.1] = Place { key, account };
        self.taken += 1;
        if self.taken * 3 > self.pairs.len() * 4 {
            self.grow();
        }
        account
    }

    fn grow(&mut self) {
        let pairs = vec![Pair([FREE; 2]); self.pairs.len() * 2];
        for taken in std::mem::replace(&mut self.pairs, pairs).iter().flat_map(|pair| pair.0) {
            if taken.account != NONE {
                let (at, side) = self.place_of(&taken.key);
                self.pairs[at].0[side] = taken;
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
