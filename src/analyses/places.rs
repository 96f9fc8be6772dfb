//! Where a transfer took place, as far as its records name a branch, a machine or a town.
//!
//! A place is a text: two are one place when they are equal with case and spaces set aside.
//! Whether two texts mean one town is not known here.

use std::collections::BTreeMap;

use crate::analyses::{Readings, detail_row};
use crate::error::Result;
use crate::normalise::address_identity;
use crate::store::{Case, Details};

/// The places of a case's transfers.
#[derive(Debug)]
pub(crate) struct Places<'a> {
    details: &'a Details,
    readings: Readings<'a>,
}

impl<'a> Places<'a> {
    /// Opens the tables. Cost: as [`Readings::new`].
    ///
    /// # Errors
    ///
    /// [`crate::Error::File`] if the store is damaged.
    pub(crate) fn new(case: &'a Case) -> Result<Places<'a>> {
        Ok(Places { details: case.details()?, readings: Readings::new(case)? })
    }

    /// The place of the first record of a transfer that names one, spaces made single.
    pub(crate) fn of(&self, transfer: u32) -> Option<String> {
        if self.details.source.is_empty() {
            return None;
        }
        let mut found = self.readings.at(transfer).filter_map(|at| {
            let row = detail_row(self.details, at)?;
            let words: Vec<&str> = self.details.place.get(row).split_whitespace().collect();
            (!words.is_empty()).then(|| words.join(" "))
        });
        found.next()
    }

    /// What every record of a transfer describes it with, in order of its readings.
    pub(crate) fn descriptions(&self, transfer: u32) -> impl Iterator<Item = &'a str> + '_ {
        let known = (!self.details.source.is_empty()).then(|| self.readings.at(transfer));
        let places = known.into_iter().flatten();
        places
            .filter_map(|at| detail_row(self.details, at))
            .map(|row| self.details.description.get(row))
    }
}

/// Numbers places as they are first met; each keeps the text under which it was.
#[derive(Clone, Debug, Default)]
pub(crate) struct PlaceNames {
    numbers: BTreeMap<String, u32>,
    names: Vec<String>,
}

impl PlaceNames {
    /// The number of a place.
    pub(crate) fn number(&mut self, place: &str) -> u32 {
        let next = self.names.len() as u32;
        let number = *self.numbers.entry(place.to_lowercase()).or_insert(next);
        if number == next {
            self.names.push(place.to_owned());
        }
        number
    }

    /// The text under which a place was first met.
    pub(crate) fn name(&self, number: u32) -> &str {
        &self.names[number as usize]
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }
}

/// True when the words of a place, one of them with letters, stand one after another in an
/// address as the store has it: `Eastmarsh` in `101 HARBOR ST EASTMARSH`.
pub(crate) fn is_in_address(place: &str, address: &str) -> bool {
    let place = address_identity(place);
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let (place, address) = (words(&place), words(address));
    let named = place.iter().any(|word| word.chars().any(char::is_alphabetic));
    named && address.windows(place.len()).any(|part| part == place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_in_an_address_by_whole_words() {
        assert!(is_in_address("Eastmarsh", "101 HARBOR ST EASTMARSH"));
        assert!(is_in_address("harbor street", "101 HARBOR ST EASTMARSH"));
        assert!(!is_in_address("East", "101 HARBOR ST EASTMARSH"));
        assert!(!is_in_address("101", "101 HARBOR ST EASTMARSH"));
        assert!(!is_in_address("Eastmarsh branch", "101 HARBOR ST EASTMARSH"));
        assert!(!is_in_address("", "101 HARBOR ST EASTMARSH"));
    }

    #[test]
    fn places_are_equal_with_case_set_aside() {
        let mut names = PlaceNames::default();
        assert_eq!(
            [names.number("Pike Row"), names.number("PIKE ROW"), names.number("x")],
            [0, 0, 1]
        );
        assert_eq!((names.name(0), names.len()), ("Pike Row", 2));
    }
}
