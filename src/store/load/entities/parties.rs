//! Mentions of names to parties.
//!
//! Equal normalised name is one party, unless birth dates or documents differ: a person is never
//! split over two spellings of one name, and two people of one name are kept apart as soon as a
//! record tells them apart. A bare name among several such people stays a party of its own.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{EntityKind, NONE, day_text, identity_key};
use crate::store::load::entities::interner::Interner;
use crate::store::tables::Parties;

/// What one record says of a party.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
struct Mention {
    name: u32,
    spelling: u32,
    born: Option<i32>,
    /// Number of a document in the entity book, or [`NONE`].
    document: u32,
}

/// Parties while a case is loaded.
#[derive(Clone, Debug, Default)]
pub struct PartyBook {
    names: Interner,
    spellings: Interner,
    known: BTreeMap<Mention, u32>,
    mentions: Vec<Mention>,
    records: Vec<u32>,
    /// Kind and jurisdiction where a record states them.
    stated: BTreeMap<u32, (String, String)>,
}

/// Mentions that are one party.
#[derive(Debug, Default)]
struct Person {
    born: BTreeSet<i32>,
    documents: BTreeSet<u32>,
    mentions: Vec<u32>,
}

impl Person {
    fn shares(&self, other: &Person) -> bool {
        !self.born.is_disjoint(&other.born) || !self.documents.is_disjoint(&other.documents)
    }

    fn differs(&self, other: &Person) -> bool {
        let apart = |differ: bool, one: bool, two: bool| differ && !one && !two;
        apart(self.born.is_disjoint(&other.born), self.born.is_empty(), other.born.is_empty())
            || apart(
                self.documents.is_disjoint(&other.documents),
                self.documents.is_empty(),
                other.documents.is_empty(),
            ) && self.born.is_disjoint(&other.born)
    }

    fn take(&mut self, other: Person) {
        self.born.extend(other.born);
        self.documents.extend(other.documents);
        self.mentions.extend(other.mentions);
    }
}

impl PartyBook {
    /// The number of a mention of `identity` spelt `found`.
    pub fn mention(
        &mut self,
        identity: &str,
        found: &str,
        born: Option<i32>,
        document: u32,
        records: u32,
    ) -> u32 {
        let name = self.names.intern(identity);
        let spelling = self.spellings.intern(found);
        let mention = Mention { name, spelling, born, document };
        let next = self.mentions.len() as u32;
        let number = *self.known.entry(mention).or_insert(next);
        if number == next {
            self.mentions.push(mention);
            self.records.push(0);
        }
        self.records[number as usize] += records;
        number
    }

    /// Notes the kind and jurisdiction that a record states of a mention; where records differ,
    /// the least text stands, so that the order of the sources does not decide.
    pub fn state(&mut self, mention: u32, kind: &str, jurisdiction: &str) {
        let stated = self.stated.entry(mention).or_default();
        for (kept, text) in [(&mut stated.0, kind), (&mut stated.1, jurisdiction)] {
            if kept.is_empty() || (!text.is_empty() && text < kept.as_str()) {
                text.clone_into(kept);
            }
        }
    }

    /// The party table, and the row of each mention; `document` gives the text of a document's
    /// number. Cost: n log n over mentions.
    pub fn finish<'a>(&self, document: impl Fn(u32) -> &'a str) -> (Parties, Vec<u32>) {
        let mut by_name: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (number, mention) in self.mentions.iter().enumerate() {
            by_name.entry(mention.name).or_default().push(number as u32);
        }
        let mut people: Vec<(String, Vec<u32>)> = Vec::new();
        for mentions in by_name.values() {
            people.extend(self.people(mentions, &document));
        }
        people.sort();
        let mut table = Parties::default();
        let mut rows = vec![NONE; self.mentions.len()];
        for (row, (identity, mentions)) in people.iter().enumerate() {
            for mention in mentions {
                rows[*mention as usize] = row as u32;
            }
            self.push(&mut table, identity, mentions);
        }
        (table, rows)
    }

    fn push(&self, table: &mut Parties, identity: &str, mentions: &[u32]) {
        let first = &self.mentions[mentions[0] as usize];
        let born = mentions.iter().filter_map(|one| self.mentions[*one as usize].born).min();
        let normalised = self.names.get(first.name);
        let told_apart = identity.rsplit_once(" (").map_or("", |(_, mark)| mark);
        let stated = |pick: fn(&(String, String)) -> &String| {
            let mut found: Vec<&str> = mentions
                .iter()
                .filter_map(|one| self.stated.get(one).map(|stated| pick(stated).as_str()))
                .filter(|text| !text.is_empty())
                .collect();
            found.sort_unstable();
            found.first().copied().unwrap_or("").to_owned()
        };
        let key = identity_key(EntityKind::Party, &format!("{normalised}\t{told_apart}"));
        let forms = mentions.iter().filter_map(|one| {
            let spelling = self.mentions[*one as usize].spelling;
            crate::normalise::party_kind(self.spellings.get(spelling))
        });
        let by_form = forms.min();
        let kind = Some(stated(|one| &one.0)).filter(|kind| !kind.is_empty());
        table.key.push(&key);
        table.party.push(identity);
        table.name.push(&self.spelling(mentions));
        table.kind.push(kind.as_deref().or(by_form).unwrap_or(""));
        table.born.push(born);
        table.jurisdiction.push(&stated(|one| &one.1));
        table.records.push(mentions.iter().map(|one| self.records[*one as usize]).sum());
    }

    /// The spelling in most records; of equals the one with small letters, then the least.
    fn spelling(&self, mentions: &[u32]) -> String {
        let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
        for one in mentions {
            let spelling = self.spellings.get(self.mentions[*one as usize].spelling);
            *counts.entry(spelling).or_default() += self.records[*one as usize];
        }
        let shouted = |text: &str| !text.chars().any(char::is_lowercase);
        let best = counts.iter().min_by_key(|(text, count)| {
            (text.contains(','), shouted(text), u32::MAX - **count, **text)
        });
        best.map_or_else(String::new, |(text, _)| (*text).to_owned())
    }

    /// The people behind the mentions of one name, each with its identity text.
    fn people<'a>(
        &self,
        mentions: &[u32],
        document: &impl Fn(u32) -> &'a str,
    ) -> Vec<(String, Vec<u32>)> {
        let mut people: Vec<Person> = Vec::new();
        let mut bare = Person::default();
        for &number in mentions {
            let mention = self.mentions[number as usize];
            let mut person = Person { mentions: vec![number], ..Person::default() };
            person.born.extend(mention.born);
            person.documents.extend((mention.document != NONE).then_some(mention.document));
            if person.born.is_empty() && person.documents.is_empty() {
                bare.take(person);
                continue;
            }
            let (joined, apart): (Vec<Person>, Vec<Person>) =
                people.into_iter().partition(|other| other.shares(&person));
            people = apart;
            joined.into_iter().for_each(|other| person.take(other));
            people.push(person);
        }
        let told_apart = people
            .iter()
            .enumerate()
            .any(|(at, one)| people[at + 1..].iter().any(|other| one.differs(other)));
        let name = self.spelling(mentions);
        if !told_apart {
            people.into_iter().for_each(|person| bare.take(person));
            return vec![(name, bare.mentions)];
        }
        let mut named: Vec<(String, Vec<u32>)> =
            people.into_iter().map(|one| (identity(&name, &one, document), one.mentions)).collect();
        if !bare.mentions.is_empty() {
            named.push((format!("{name} (not told apart)"), bare.mentions));
        }
        named
    }
}

/// A document is named by its text: its number depends on the order in which a case is loaded.
fn identity<'a>(name: &str, person: &Person, document: &impl Fn(u32) -> &'a str) -> String {
    let least = person.documents.iter().map(|number| document(*number)).min();
    match (person.born.first(), least) {
        (Some(born), _) => format!("{name} (born {})", day_text(*born)),
        (None, Some(document)) => format!("{name} (document {document})"),
        (None, None) => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(mentions: &[(&str, Option<i32>, u32)], parties: &[&str]) {
        let mut book = PartyBook::default();
        for (found, born, document) in mentions {
            book.mention(&found.to_uppercase(), found, *born, *document, 1);
        }
        let (table, rows) = book.finish(|number| if number == 7 { "P-B" } else { "P-A" });
        assert_eq!(table.party.iter().collect::<Vec<_>>(), parties);
        assert!(rows.iter().all(|row| *row != NONE), "every mention has a party");
    }

    #[test]
    fn one_name_is_one_party_until_a_record_tells_two_apart() {
        check(&[("Lena Ortiz", None, NONE), ("LENA ORTIZ", Some(10), NONE)], &["Lena Ortiz"]);
        check(
            &[("Jo Roe", Some(0), NONE), ("Jo Roe", Some(9), NONE), ("Jo Roe", None, NONE)],
            &["Jo Roe (born 1970-01-01)", "Jo Roe (born 1970-01-10)", "Jo Roe (not told apart)"],
        );
        check(&[("A B", Some(1), 7), ("A B", Some(1), 8), ("A B", None, 8)], &["A B"]);
        let by_document = ["A B (document P-A)", "A B (document P-B)"];
        check(&[("A B", None, 7), ("A B", None, 8)], &by_document);
        check(&[("A B", None, 8), ("A B", None, 7)], &by_document);
    }
}
