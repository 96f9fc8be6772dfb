//! What the records of a block repeat from line to line, read once: descriptions, accounts, names.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::normalise::{SeenTexts, name_identity};
use crate::store::load::entities::AccountBook;
use crate::store::load::entities::account_numbers::add_account;

/// What the records of a block repeat, found once.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// What was read of descriptions.
    pub texts: SeenTexts,
    /// Accounts by bank and number.
    pub accounts: SeenAccounts,
    /// Name identities by the name as found.
    names: HashMap<Box<str>, String, FixedState>,
}

impl Seen {
    /// The name identity of a name as found.
    pub fn name(&mut self, found: &str) -> &str {
        if !self.names.contains_key(found) {
            self.names.insert(found.into(), name_identity(found));
        }
        &self.names[found]
    }
}

/// Accounts of a block by bank and number as its records write them: what stands on thousands of
/// lines is normalised once.
#[derive(Clone, Debug, Default)]
pub struct SeenAccounts {
    key: Vec<u8>,
    known: HashMap<Box<[u8]>, Option<u32>, FixedState>,
}

impl SeenAccounts {
    /// As [`add_account`]; `book` and `global` are the same at every call.
    pub fn account(
        &mut self,
        book: &mut AccountBook,
        institution: &str,
        number: &str,
        global: bool,
    ) -> Option<u32> {
        self.key.clear();
        self.key.extend_from_slice(&(institution.len() as u64).to_le_bytes());
        self.key.extend_from_slice(institution.as_bytes());
        self.key.extend_from_slice(number.as_bytes());
        if let Some(known) = self.known.get(self.key.as_slice()) {
            return *known;
        }
        let account = add_account(book, institution, number, global);
        self.known.insert(self.key.as_slice().into(), account);
        account
    }
}
