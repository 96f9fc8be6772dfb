//! Which entities a name names.

use foldhash::HashMap;

use super::Case;
use crate::error::{Error, Result, nearest};
use crate::model::{EntityKind, EntityRef};

/// Names that are offered for one that is unknown.
const NEAREST_MAX: usize = 3;

impl Case {
    /// Entities that `name` names: equal identity first, else equal with case and spaces set
    /// aside; for parties also their name as found. In order of kind and row. Cost: as
    /// [`Case::find_each`].
    ///
    /// # Errors
    ///
    /// [`Error::File`] if a table is damaged.
    pub fn find(&self, name: &str, kinds: &[EntityKind]) -> Result<Vec<EntityRef>> {
        Ok(self.find_each(&[name], kinds)?.remove(0))
    }

    /// As [`Case::find`], for several names. Cost: two looks at every name of the case, however
    /// many are asked for; no memory for those of the case.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if a table is damaged.
    pub fn find_each(&self, names: &[&str], kinds: &[EntityKind]) -> Result<Vec<Vec<EntityRef>>> {
        let mut found = vec![Vec::new(); names.len()];
        let mut exact = Asked::default();
        for (at, name) in names.iter().enumerate() {
            exact.add((*name).to_owned(), at);
        }
        self.each_name(kinds, |entity, text| {
            exact.answer(text, entity, &mut found);
            Ok(())
        })?;
        let mut folded = Asked::default();
        for (at, name) in names.iter().enumerate().filter(|(at, _)| found[*at].is_empty()) {
            folded.add(fold(name), at);
        }
        if folded.of.is_empty() {
            return Ok(found);
        }
        let mut plain = String::new();
        self.each_name(kinds, |entity, text| {
            for text in [Some(text), self.other_name(entity)?].into_iter().flatten() {
                fold_into(text, &mut plain);
                folded.answer(&plain, entity, &mut found);
            }
            Ok(())
        })?;
        Ok(found)
    }

    fn each_name(
        &self,
        kinds: &[EntityKind],
        mut visit: impl FnMut(EntityRef, &str) -> Result<()>,
    ) -> Result<()> {
        for &kind in kinds {
            for (row, text) in (0..).zip(self.names(kind)?.iter()) {
                let entity = EntityRef { kind, row };
                if self.is_kind(entity)? {
                    visit(entity, text)?;
                }
            }
        }
        Ok(())
    }

    /// The one entity that `name` names.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`] with the nearest names if there is none, [`Error::Usage`] with the
    /// list if there are several.
    pub fn find_one(&self, name: &str, kinds: &[EntityKind]) -> Result<EntityRef> {
        Ok(self.find_one_each(&[name], kinds)?.remove(0))
    }

    /// As [`Case::find_one`], for several names. Cost: as [`Case::find_each`].
    ///
    /// # Errors
    ///
    /// As [`Case::find_one`], for the first of them that names none or several.
    pub fn find_one_each(&self, names: &[&str], kinds: &[EntityKind]) -> Result<Vec<EntityRef>> {
        let found = self.find_each(names, kinds)?;
        names.iter().zip(found).map(|(name, found)| self.only(name, &found, kinds)).collect()
    }

    fn only(&self, name: &str, found: &[EntityRef], kinds: &[EntityKind]) -> Result<EntityRef> {
        match found {
            [one] => Ok(*one),
            [] => {
                let mut known = Vec::new();
                for &kind in kinds {
                    known.extend(self.names(kind)?.iter());
                }
                let mut near = nearest(name, known, NEAREST_MAX);
                if near.is_empty() && kinds.contains(&EntityKind::Account) {
                    near = self.nearest_numbers(name)?;
                }
                let kind = match kinds {
                    [one] => one.word(),
                    [EntityKind::Account, EntityKind::Party] => "account or party",
                    _ => "entity",
                };
                Err(Error::Unknown { kind, found: name.to_owned(), nearest: near })
            }
            several => {
                let mut list = Vec::new();
                for entity in several {
                    list.push(format!("{} {:?}", entity.kind, self.name(*entity)?));
                }
                Err(Error::Usage(format!(
                    "{name:?} names {} entities: {}; name one of them in full",
                    several.len(),
                    list.join(", ")
                )))
            }
        }
    }

    /// The accounts whose number is nearest to what was given, which may be a number with a digit
    /// wrong.
    fn nearest_numbers(&self, found: &str) -> Result<Vec<String>> {
        let accounts = self.accounts()?;
        let named = |row: &usize| accounts.kind.get(*row) != "unidentified";
        let rows: Vec<usize> = (0..accounts.number.len()).filter(named).collect();
        let near = nearest(found, rows.iter().map(|row| accounts.number.get(*row)), NEAREST_MAX);
        let of_number = |number: &String| {
            let mut rows = rows.iter().filter(move |row| accounts.number.get(**row) == number);
            rows.next().map(|row| accounts.account.get(*row).to_owned())
        };
        Ok(near.iter().filter_map(of_number).collect())
    }

    fn is_kind(&self, entity: EntityRef) -> Result<bool> {
        Ok(match entity.kind {
            EntityKind::Email | EntityKind::Document | EntityKind::Vehicle => {
                self.identifiers()?.kind[entity.row as usize] == entity.kind
            }
            _ => true,
        })
    }

    /// What else an entity is called, where it is called something else.
    fn other_name(&self, entity: EntityRef) -> Result<Option<&str>> {
        let row = entity.row as usize;
        Ok(match entity.kind {
            EntityKind::Party => Some(self.parties()?.name.get(row)),
            EntityKind::Account => {
                let accounts = self.accounts()?;
                (accounts.kind.get(row) != "unidentified").then(|| accounts.number.get(row))
            }
            EntityKind::Phone => Some(self.phones()?.found.get(row)),
            EntityKind::Premises => Some(self.premises()?.found.get(row)),
            _ => None,
        })
    }
}

/// Names that are asked for, with their places.
#[derive(Debug, Default)]
struct Asked {
    of: HashMap<String, Vec<usize>>,
    /// Bit `n` for a name of `n` bytes, the last bit for all longer ones: a case has millions of
    /// names, and few of them are as long as one that is asked for.
    lengths: u64,
}

impl Asked {
    fn add(&mut self, name: String, at: usize) {
        self.lengths |= length_bit(&name);
        self.of.entry(name).or_default().push(at);
    }

    /// Notes the entity with every place that asks for this text; each once.
    #[inline]
    fn answer(&self, text: &str, entity: EntityRef, found: &mut [Vec<EntityRef>]) {
        if self.lengths & length_bit(text) == 0 {
            return;
        }
        for at in self.of.get(text).into_iter().flatten() {
            if found[*at].last() != Some(&entity) {
                found[*at].push(entity);
            }
        }
    }
}

fn length_bit(text: &str) -> u64 {
    1 << text.len().min(63)
}

/// A name with case and spaces set aside.
fn fold(text: &str) -> String {
    let mut folded = String::new();
    fold_into(text, &mut folded);
    folded
}

fn fold_into(text: &str, folded: &mut String) {
    folded.clear();
    if text.bytes().all(|byte| byte.is_ascii_graphic()) {
        folded.push_str(text);
        folded.make_ascii_lowercase();
        return;
    }
    for word in text.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(word);
    }
    // What a letter becomes may depend on those beside it.
    *folded = folded.to_lowercase();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_whatever_its_case_and_spaces() {
        let obvious =
            |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        let check = |text: &str, folded: &str| {
            assert_eq!((fold(text).as_str(), obvious(text).as_str()), (folded, folded));
        };
        check("  Lena\u{b}  ORTIZ ", "lena ortiz");
        check("ÉMILE ΟΔΟΣ", "émile οδος");
        check("168500/805C75C80", "168500/805c75c80");
        check("  ", "");
    }

    #[test]
    fn a_name_is_answered_at_every_place_that_asks_for_it() {
        let mut asked = Asked::default();
        let long = "a".repeat(80);
        for (at, name) in ["one", "two", "one", &long].into_iter().enumerate() {
            asked.add(name.to_owned(), at);
        }
        let mut found = vec![Vec::new(); 4];
        let entity = |row| EntityRef { kind: EntityKind::Party, row };
        for (row, text) in ["one", "one", "three", "six", &long, &"a".repeat(81)].iter().enumerate()
        {
            asked.answer(text, entity(row as u32 / 2), &mut found);
        }
        assert_eq!(found, [vec![entity(0)], vec![], vec![entity(0)], vec![entity(2)]]);
    }
}
