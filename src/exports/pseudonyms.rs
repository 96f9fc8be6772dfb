//! Stable pseudonyms for whoever has no recorded role, for anything that leaves the office.
//!
//! Unknown counts as protected. A pseudonym is a number in order of the entities' keys: the same
//! in every export of one store, and no hash that a guess at the name could confirm.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::Result;
use crate::model::{EntityKind, EntityRef, Role};
use crate::normalise::placeholder;
use crate::store::Case;

/// Pseudonyms of one case.
#[derive(Clone, Debug, Default)]
pub struct Pseudonyms {
    names: BTreeMap<EntityRef, String>,
}

impl Pseudonyms {
    /// Numbers everyone who is neither target nor witness, and what only they hold, use or
    /// occupy.
    ///
    /// # Errors
    ///
    /// [`crate::Error::File`] if a table is damaged.
    pub fn new(case: &Case) -> Result<Pseudonyms> {
        let open = open_entities(case)?;
        let mut pseudonyms = Pseudonyms::default();
        for (kind, word) in [
            (EntityKind::Party, "Party"),
            (EntityKind::Account, "Account"),
            (EntityKind::Phone, "Phone"),
            (EntityKind::Premises, "Premises"),
            (EntityKind::Email, "E-mail"),
            (EntityKind::Document, "Document"),
            (EntityKind::Vehicle, "Vehicle"),
            (EntityKind::Device, "Device"),
            (EntityKind::Loan, "Loan"),
        ] {
            pseudonyms.number(case, kind, word, &open)?;
        }
        Ok(pseudonyms)
    }

    fn number(
        &mut self,
        case: &Case,
        kind: EntityKind,
        word: &str,
        open: &BTreeSet<EntityRef>,
    ) -> Result<()> {
        let mut keyed = Vec::new();
        let kinds = &case.identifiers()?.kind;
        let shared = matches!(kind, EntityKind::Email | EntityKind::Document | EntityKind::Vehicle);
        for row in 0..case.names(kind)?.len() as u32 {
            let entity = EntityRef { kind, row };
            let other_kind = shared && kinds[row as usize] != kind;
            if !other_kind && !open.contains(&entity) {
                keyed.push((case.key(entity)?, entity));
            }
        }
        keyed.sort_unstable();
        for (at, (_, entity)) in keyed.into_iter().enumerate() {
            self.names.insert(entity, format!("{word} {}", at + 1));
        }
        Ok(())
    }

    /// The pseudonym of an entity; `None` for one that may be named.
    pub fn of(&self, entity: EntityRef) -> Option<&str> {
        self.names.get(&entity).map(String::as_str)
    }
}

/// Targets and witnesses, what the case file names as a subject with such a role, what nobody
/// but they hold, use or occupy, institutions, and texts that identify nobody.
fn open_entities(case: &Case) -> Result<BTreeSet<EntityRef>> {
    let mut open = institutions_and_fillers(case)?;
    for subject in case.subjects()? {
        if matches!(subject.role, Some(Role::Target | Role::Witness)) {
            open.extend(subject.matches.iter().copied());
        }
    }
    let mut users: BTreeMap<EntityRef, BTreeSet<EntityRef>> = BTreeMap::new();
    let holdings = case.holdings()?;
    for row in 0..holdings.account.len() {
        let account = EntityRef { kind: EntityKind::Account, row: holdings.account[row] };
        let party = EntityRef { kind: EntityKind::Party, row: holdings.party[row] };
        users.entry(account).or_default().insert(party);
    }
    let ties = case.ties()?;
    for row in 0..ties.from_row.len() {
        let from = EntityRef { kind: ties.from_kind[row], row: ties.from_row[row] };
        let to = EntityRef { kind: ties.to_kind[row], row: ties.to_row[row] };
        if from.kind == EntityKind::Party && to.kind != EntityKind::Party {
            users.entry(to).or_default().insert(from);
        }
    }
    let theirs: Vec<EntityRef> = users
        .iter()
        .filter(|(_, parties)| parties.iter().all(|party| open.contains(party)))
        .map(|(thing, _)| *thing)
        .collect();
    open.extend(theirs);
    Ok(open)
}

/// A bank or carrier is named on every return, and `N/A` is no one's address: a pseudonym would
/// hide that it is a placeholder and protect nobody.
fn institutions_and_fillers(case: &Case) -> Result<BTreeSet<EntityRef>> {
    let fold = |text: &str| -> String {
        let letters = text.chars().filter(|letter| letter.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect()
    };
    let mut institutions: BTreeSet<String> = BTreeSet::new();
    institutions.extend(case.sources()?.institution.iter().map(fold));
    institutions.remove("");
    let mut open = BTreeSet::new();
    for kind in EntityKind::ALL {
        for (row, name) in case.names(kind)?.iter().enumerate() {
            let institution = kind == EntityKind::Party && institutions.contains(&fold(name));
            if institution || placeholder(name).is_some() {
                open.insert(EntityRef { kind, row: row as u32 });
            }
        }
    }
    Ok(open)
}
