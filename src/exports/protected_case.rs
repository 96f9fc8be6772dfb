//! A case that may leave the office: the same facts, with everyone protected under a pseudonym.
//!
//! Names are replaced where they enter, in the tables of the case, and not where they leave:
//! charts, tables, findings, answers and report are then made from it as from any other case,
//! and no format can forget one. Rows, amounts, days and lines stay what they are, so every
//! figure is the same and still leads back to its line.
//!
//! What stays readable: targets, witnesses, what only they hold, use or occupy, institutions,
//! and texts that identify nobody. Free text of records is withheld, equal texts under equal
//! numbers. A file's name may hold an account's number, so a source is known by its number and
//! its SHA-256. The title of the case and the titles of its questions stay as they were written.

use std::collections::{BTreeMap, HashMap};

use crate::error::Result;
use crate::exports::pseudonyms::Pseudonyms;
use crate::model::{EntityKind, EntityRef, Texts, identity_key};
use crate::store::{
    Accounts, Calls, Case, Details, Devices, Identifiers, Leases, Loans, Manifest, Members,
    Parties, Phones, Premises, Rejects, Reversals, Sources, Ties,
};

const WITHHELD: &str = "withheld";

/// The case with every party without a recorded role under a stable pseudonym, and all that
/// would tell who it is. Row numbers are those of `case`. Cost: one copy of the case in memory.
///
/// # Errors
///
/// [`crate::Error::File`] if a table is damaged.
pub fn protected_case(case: &Case) -> Result<Case> {
    let veil = Veil { case, pseudonyms: Pseudonyms::new(case)? };
    Ok(case
        .copy_in_memory(veil.manifest()?)?
        .with(veil.parties()?)
        .with(veil.accounts()?)
        .with(veil.phones()?)
        .with(veil.premises()?)
        .with(veil.devices()?)
        .with(veil.loans()?)
        .with(veil.identifiers()?)
        .with(veil.ties()?)
        .with(veil.leases()?)
        .with(veil.calls()?)
        .with(veil.details()?)
        .with(veil.reversals()?)
        .with(veil.members()?)
        .with(veil.sources()?)
        .with(veil.rejects()?))
}

/// Shortest name that is looked for in a text; shorter ones stand in every other word.
const NAME_LETTERS_MIN: usize = 4;

/// Texts that a person wrote beside the case, each replaced by what `withheld` makes of its place
/// where it contains a name that `shown` keeps back, in whatever case of letters. Cost: names
/// times texts.
///
/// # Errors
///
/// [`crate::Error::File`] if a table is damaged.
pub fn protected_texts(
    open: &Case,
    shown: &Case,
    texts: &[String],
    withheld: impl Fn(usize) -> String,
) -> Result<Vec<String>> {
    let mut columns = vec![
        (&open.accounts()?.number, &shown.accounts()?.number),
        (&open.parties()?.name, &shown.parties()?.name),
        (&open.phones()?.found, &shown.phones()?.found),
        (&open.premises()?.found, &shown.premises()?.found),
    ];
    for kind in EntityKind::ALL {
        columns.push((open.names(kind)?, shown.names(kind)?));
    }
    let folded: Vec<String> = texts.iter().map(|text| text.to_lowercase()).collect();
    let mut found: Vec<String> = texts.to_vec();
    for (names, replaced) in columns {
        for (name, _) in names.iter().zip(replaced.iter()).filter(|(name, shown)| name != shown) {
            let name = name.to_lowercase();
            if name.chars().count() < NAME_LETTERS_MIN {
                continue;
            }
            let holding = folded.iter().enumerate().filter(|(_, text)| text.contains(&name));
            holding.for_each(|(at, _)| found[at] = withheld(at));
        }
    }
    Ok(found)
}

struct Veil<'a> {
    case: &'a Case,
    pseudonyms: Pseudonyms,
}

/// Equal texts under equal numbers, in order of first appearance.
#[derive(Default)]
struct Withheld(HashMap<String, usize>);

impl Withheld {
    fn column(&mut self, texts: &Texts) -> Texts {
        texts
            .iter()
            .map(|text| {
                if text.is_empty() {
                    return String::new();
                }
                let next = self.0.len() + 1;
                format!("{WITHHELD} {}", self.0.entry(text.to_owned()).or_insert(next))
            })
            .collect()
    }
}

fn blank(rows: usize) -> Texts {
    std::iter::repeat_n("", rows).collect()
}

fn source_name(row: usize) -> String {
    format!("source-{}", row + 1)
}

impl Veil<'_> {
    fn pseudonym(&self, kind: EntityKind, row: usize) -> Option<&str> {
        self.pseudonyms.of(EntityRef { kind, row: row as u32 })
    }

    /// A column of an entity table with the texts of the protected replaced.
    fn column(&self, kind: EntityKind, texts: &Texts) -> Texts {
        let shown = |(row, text)| self.pseudonym(kind, row).unwrap_or(text).to_owned();
        texts.iter().enumerate().map(shown).collect()
    }

    /// A key is a hash of the name: whoever guesses the name could confirm the guess.
    fn keys(&self, kind: EntityKind, keys: &Texts) -> Texts {
        let shown = |(row, key): (usize, &str)| match self.pseudonym(kind, row) {
            Some(pseudonym) => identity_key(kind, pseudonym),
            None => key.to_owned(),
        };
        keys.iter().enumerate().map(shown).collect()
    }

    /// Values that would point to a protected entity, left empty for it.
    fn dropped<T: Copy>(&self, kind: EntityKind, values: &[Option<T>]) -> Vec<Option<T>> {
        let open = |row| self.pseudonym(kind, row).is_none();
        values.iter().enumerate().map(|(row, one)| one.filter(|_| open(row))).collect()
    }

    fn manifest(&self) -> Result<Manifest> {
        let mut manifest = self.case.manifest().clone();
        manifest.subjects = Vec::new();
        for subject in self.case.subjects()? {
            let kind = subject.kind.word().to_owned();
            for entity in &subject.matches {
                let name = match self.pseudonyms.of(*entity) {
                    Some(pseudonym) => pseudonym.to_owned(),
                    None => self.case.name(*entity)?.to_owned(),
                };
                manifest.subjects.push((name, kind.clone(), subject.role));
            }
            if subject.matches.is_empty() {
                manifest.subjects.push((WITHHELD.to_owned(), kind, subject.role));
            }
        }
        let sources = &self.case.sources()?.source;
        let mut inputs = BTreeMap::new();
        for (row, path) in sources.iter().enumerate() {
            if let Some(entry) = manifest.inputs.get(path) {
                inputs.insert(source_name(row), entry.clone());
            }
        }
        manifest.inputs = inputs;
        Ok(manifest)
    }

    fn parties(&self) -> Result<Parties> {
        let table = self.case.parties()?.clone();
        let kind = EntityKind::Party;
        Ok(Parties {
            key: self.keys(kind, &table.key),
            party: self.column(kind, &table.party),
            name: self.column(kind, &table.name),
            born: self.dropped(kind, &table.born),
            jurisdiction: blank(table.jurisdiction.len()),
            ..table
        })
    }

    fn accounts(&self) -> Result<Accounts> {
        let table = self.case.accounts()?.clone();
        let kind = EntityKind::Account;
        Ok(Accounts {
            key: self.keys(kind, &table.key),
            account: self.column(kind, &table.account),
            number: self.column(kind, &table.number),
            opened: self.dropped(kind, &table.opened),
            opened_ms: self.dropped(kind, &table.opened_ms),
            closed: self.dropped(kind, &table.closed),
            ..table
        })
    }

    fn phones(&self) -> Result<Phones> {
        let table = self.case.phones()?;
        let kind = EntityKind::Phone;
        Ok(Phones {
            key: self.keys(kind, &table.key),
            phone: self.column(kind, &table.phone),
            found: self.column(kind, &table.found),
        })
    }

    fn premises(&self) -> Result<Premises> {
        let table = self.case.premises()?;
        let kind = EntityKind::Premises;
        Ok(Premises {
            key: self.keys(kind, &table.key),
            premises: self.column(kind, &table.premises),
            found: self.column(kind, &table.found),
        })
    }

    fn devices(&self) -> Result<Devices> {
        let table = self.case.devices()?.clone();
        let kind = EntityKind::Device;
        Ok(Devices {
            key: self.keys(kind, &table.key),
            device: self.column(kind, &table.device),
            ..table
        })
    }

    fn loans(&self) -> Result<Loans> {
        let table = self.case.loans()?.clone();
        let kind = EntityKind::Loan;
        Ok(Loans {
            key: self.keys(kind, &table.key),
            loan: self.column(kind, &table.loan),
            ..table
        })
    }

    /// E-mails, documents and vehicles share a table, each row of its own kind.
    fn identifiers(&self) -> Result<Identifiers> {
        let table = self.case.identifiers()?.clone();
        let (mut key, mut identifier) = (Texts::new(), Texts::new());
        for (row, kind) in table.kind.iter().enumerate() {
            match self.pseudonym(*kind, row) {
                Some(pseudonym) => {
                    key.push(&identity_key(*kind, pseudonym));
                    identifier.push(pseudonym);
                }
                None => {
                    key.push(table.key.get(row));
                    identifier.push(table.identifier.get(row));
                }
            }
        }
        Ok(Identifiers { key, identifier, ..table })
    }

    fn ties(&self) -> Result<Ties> {
        let table = self.case.ties()?.clone();
        let found = (0..table.to_row.len())
            .map(|row| match self.pseudonym(table.to_kind[row], table.to_row[row] as usize) {
                Some(pseudonym) => pseudonym,
                None => table.found.get(row),
            })
            .collect();
        Ok(Ties { found, ..table })
    }

    /// The people of a lease are those of its ties, which carry the same line.
    fn leases(&self) -> Result<Leases> {
        let table = self.case.leases()?.clone();
        let ties = self.case.ties()?;
        let parties = self.case.names(EntityKind::Party)?;
        let mut people: BTreeMap<(u32, u32, &str), Vec<&str>> = BTreeMap::new();
        for row in 0..ties.from_row.len() {
            if ties.from_kind[row] == EntityKind::Party {
                let party = ties.from_row[row] as usize;
                let name = self.pseudonym(EntityKind::Party, party);
                let name = name.unwrap_or_else(|| parties.get(party));
                let at = (ties.source[row], ties.line[row], ties.relation.get(row));
                people.entry(at).or_default().push(name);
            }
        }
        let named = |relation: &str| -> Texts {
            (0..table.line.len())
                .map(|row| {
                    let at = (table.source[row], table.line[row], relation);
                    people.get(&at).map(|names| names.join("; ")).unwrap_or_default()
                })
                .collect()
        };
        let own_place = |(row, lease): (usize, &str)| match lease.contains(':') {
            // A lease without a number is named after its line, and the line after its file.
            true => format!("{}:{}", source_name(table.source[row] as usize), table.line[row]),
            false => lease.to_owned(),
        };
        Ok(Leases {
            lease: table.lease.iter().enumerate().map(own_place).collect(),
            tenants: named("tenant-of"),
            landlord: named("landlord-of"),
            guarantors: named("guarantees"),
            ..table
        })
    }

    fn calls(&self) -> Result<Calls> {
        let table = self.case.calls()?.clone();
        let rows = table.line.len();
        let mut withheld = Withheld::default();
        Ok(Calls {
            tower: withheld.column(&table.tower),
            tower_place: blank(rows),
            dialled: blank(rows),
            ..table
        })
    }

    fn details(&self) -> Result<Details> {
        let table = self.case.details()?.clone();
        let rows = table.line.len();
        let mut withheld = Withheld::default();
        Ok(Details {
            description: withheld.column(&table.description),
            reference: withheld.column(&table.reference),
            counterparty: withheld.column(&table.counterparty),
            place: withheld.column(&table.place),
            attributes: blank(rows),
            ..table
        })
    }

    fn reversals(&self) -> Result<Reversals> {
        let table = self.case.reversals()?.clone();
        // A layout may take it from a column of free text.
        let mut withheld = Withheld::default();
        let stated_by = withheld.column(&table.stated_by);
        Ok(Reversals { stated_by, why: self.without_paths(&table.why)?, ..table })
    }

    /// Sentences of the program in which sources are named, these by their number.
    fn without_paths(&self, sentences: &Texts) -> Result<Texts> {
        let sources = &self.case.sources()?.source;
        let mut paths: Vec<(usize, &str)> = sources.iter().enumerate().collect();
        // A path may be the end of a longer one.
        paths.sort_by_key(|(row, path)| (std::cmp::Reverse(path.len()), *row));
        let shown = |text: &str| {
            let replaced = |text: String, (row, path): &(usize, &str)| match path.is_empty() {
                true => text,
                false => text.replace(path, &source_name(*row)),
            };
            paths.iter().fold(text.to_owned(), replaced)
        };
        Ok(sentences.iter().map(shown).collect())
    }

    /// A member of an archive is named like a file.
    fn members(&self) -> Result<Members> {
        let table = self.case.members()?.clone();
        let mut withheld = Withheld::default();
        Ok(Members { member: withheld.column(&table.member), ..table })
    }

    fn sources(&self) -> Result<Sources> {
        let table = self.case.sources()?.clone();
        let source = (0..table.sha256.len()).map(source_name).collect();
        Ok(Sources { source, ..table })
    }

    fn rejects(&self) -> Result<Rejects> {
        let table = self.case.rejects()?.clone();
        let rows = table.line.len();
        let mut withheld = Withheld::default();
        Ok(Rejects { found: withheld.column(&table.found), raw: blank(rows), ..table })
    }
}

#[cfg(test)]
mod tests;
