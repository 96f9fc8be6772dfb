//! Which premises an address names, as far as its text alone can say.
//!
//! Answers: do `12 North Pier Street, Apt. 4B` and `12 N PIER ST #4B` spell one address? Equality
//! of identities is equality of spelling after cleaning; no gazetteer is asked, so a misspelt
//! street stays another one.
//!
//! Source: United States Postal Service, Publication 28, Postal Addressing Standards: appendix B
//! (states keep their letters), sections 233 (directionals) and 28 (PO boxes).
//! The lists of appendix C are `address_words.rs`'s.

use deunicode::deunicode_with_tofu;

use crate::normalise::{ends_a_name, standard_word};

/// Texts that stand where an address would and name no place.
const NO_ADDRESS: &[&str] = &[
    "N A",
    "NA",
    "N/A",
    "NONE",
    "NULL",
    "NIL",
    "UNKNOWN",
    "UNK",
    "NO ADDRESS",
    "NOT AVAILABLE",
    "NOT PROVIDED",
    "NOT APPLICABLE",
    "NOT STATED",
    "ADDRESS UNKNOWN",
    "TBD",
    "SAME",
    "SAME AS ABOVE",
    "X",
    "XX",
    "XXX",
    "XXXX",
    "0",
];

/// One text for each address, for equality only; empty when the text names no place.
///
/// ```
/// use moneytrail::normalise::address_identity;
///
/// let long = address_identity("12 North Pier Street, Apt. 4B, Eastmarsh, NY 10001-1234");
/// assert_eq!(long, "12 N PIER ST UNIT 4B EASTMARSH NY 10001");
/// assert_eq!(address_identity("12 N PIER ST #4B Eastmarsh NY 10001"), long);
/// ```
pub fn address_identity(text: &str) -> String {
    let cleaned = cleaned(text);
    if NO_ADDRESS.contains(&cleaned.as_str()) || !cleaned.contains(char::is_alphanumeric) {
        return String::new();
    }
    let words = with_short_zip(without_country(cleaned.split(' ').collect()));
    let mut kept: Vec<&str> = Vec::with_capacity(words.len() + 2);
    let mut at = 0;
    while at < words.len() {
        let (word, next) = (words[at], words.get(at + 1).copied().unwrap_or(""));
        let box_words = po_box(&words[at..]);
        if box_words > 0 {
            kept.extend(["PO", "BOX"]);
            at += box_words;
            if let Some(number) = words.get(at).and_then(|word| word.strip_prefix('#')) {
                kept.extend(Some(number).filter(|number| !number.is_empty()));
                at += 1;
            }
            continue;
        }
        at += 1;
        if let Some(number) = unit(word) {
            // "APT #4" names the unit twice.
            if kept.last() != Some(&"UNIT") {
                kept.push("UNIT");
            }
            if !number.is_empty() {
                kept.push(number);
            }
        } else if let Some(zip) = zip_of_nine(word) {
            kept.push(zip);
        } else if ends_a_name(next) {
            // What stands before a suffix is the street's name: NORTH ST is not N ST.
            kept.push(ordinal(word).or_else(|| standard_word(word)).unwrap_or(word));
        } else {
            kept.push(directional(word).or_else(|| standard_word(word)).unwrap_or(word));
        }
    }
    kept.join(" ")
}

/// Words whose last is the five digits of a ZIP+4 that was written without its hyphen.
fn with_short_zip(mut words: Vec<&str>) -> Vec<&str> {
    let digits =
        |text: &str, count| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    match words.as_slice() {
        [.., state, zip, add_on] if state.len() == 2 && digits(zip, 5) && digits(add_on, 4) => {
            words.pop();
        }
        [.., state, zip] if state.len() == 2 && digits(zip, 9) => {
            let five = &zip[..5];
            words.pop();
            words.push(five);
        }
        _ => {}
    }
    words
}

/// Upper-case words with one space between; hyphens and slashes stay between digits, where
/// they are part of a number (`12-34`, `10 1/2`).
fn cleaned(text: &str) -> String {
    let mut latin = String::with_capacity(text.len());
    for letter in text.chars() {
        let mut one = [0_u8; 4];
        let spelled = match letter.is_ascii() {
            true => "".into(),
            false => deunicode_with_tofu(letter.encode_utf8(&mut one), ""),
        };
        if spelled.is_empty() {
            latin.push(letter);
        } else {
            // A half behind a number is not more digits of it.
            if spelled.contains('/') && latin.ends_with(|last: char| last.is_ascii_digit()) {
                latin.push(' ');
            }
            latin.push_str(&spelled);
        }
    }
    let letters: Vec<char> = latin.chars().collect();
    let digit =
        |at: Option<usize>| at.and_then(|at| letters.get(at)).is_some_and(char::is_ascii_digit);
    let mut kept = String::with_capacity(latin.len());
    let mut gap = false;
    for (at, &letter) in letters.iter().enumerate() {
        let joins = matches!(letter, '-' | '/') && digit(at.checked_sub(1)) && digit(Some(at + 1));
        let letter_at = |at: usize| letters.get(at).is_some_and(|one| one.is_alphanumeric());
        // 12-B is 12B: one letter behind a number is part of it.
        if letter == '-'
            && digit(at.checked_sub(1))
            && letter_at(at + 1)
            && !digit(Some(at + 1))
            && !letter_at(at + 2)
        {
            continue;
        }
        if letter.is_alphanumeric() || joins || letter == '#' {
            // A number sign starts a word, so that "ST#4" is a street and a unit.
            if (gap || letter == '#') && !kept.is_empty() {
                kept.push(' ');
            }
            gap = false;
            kept.extend(letter.to_uppercase());
        } else if letter == '&' {
            kept.push_str(if kept.is_empty() { "AND" } else { " AND" });
            gap = true;
        } else if !matches!(letter, '.' | '\'') || digit(at.checked_sub(1)) {
            gap = true;
        }
    }
    kept
}

fn without_country(mut words: Vec<&str>) -> Vec<&str> {
    for country in [&["UNITED", "STATES", "OF", "AMERICA"][..], &["UNITED", "STATES"], &["USA"]] {
        if words.len() > country.len() && words.ends_with(country) {
            words.truncate(words.len() - country.len());
            break;
        }
    }
    words
}

/// How many words say "PO box" at the start of `words`; 0 when none do.
fn po_box(words: &[&str]) -> usize {
    let forms: [&[&str]; 5] =
        [&["POST", "OFFICE", "BOX"], &["P", "O", "BOX"], &["PO", "BOX"], &["POBOX"], &["POB"]];
    forms.iter().find(|form| words.starts_with(form)).map_or(0, |form| form.len())
}

/// The number of a secondary unit joined to its designator (`#4B`, `APT4B`), empty for a
/// designator alone, `None` for any other word. A flat, a suite and a room are one word here,
/// since the same door is called each of them.
fn unit(word: &str) -> Option<&str> {
    if let Some(number) = word.strip_prefix('#') {
        return Some(number);
    }
    for designator in ["APARTMENT", "APT", "UNIT", "SUITE", "STE", "ROOM", "RM", "FLAT"] {
        match word.strip_prefix(designator) {
            Some("") => return Some(""),
            Some(number) if number.starts_with(|first: char| first.is_ascii_digit()) => {
                return Some(number);
            }
            _ => {}
        }
    }
    None
}

/// The five digits of a ZIP+4.
fn zip_of_nine(word: &str) -> Option<&str> {
    let (zip, add_on) = word.split_once('-')?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    (zip.len() == 5 && add_on.len() == 4 && digits(zip) && digits(add_on)).then_some(zip)
}

fn directional(word: &str) -> Option<&'static str> {
    Some(match word {
        "NORTH" => "N",
        "SOUTH" => "S",
        "EAST" => "E",
        "WEST" => "W",
        "NORTHEAST" => "NE",
        "NORTHWEST" => "NW",
        "SOUTHEAST" => "SE",
        "SOUTHWEST" => "SW",
        _ => return None,
    })
}

fn ordinal(word: &str) -> Option<&'static str> {
    Some(match word {
        "FIRST" => "1ST",
        "SECOND" => "2ND",
        "THIRD" => "3RD",
        "FOURTH" => "4TH",
        "FIFTH" => "5TH",
        "SIXTH" => "6TH",
        "SEVENTH" => "7TH",
        "EIGHTH" => "8TH",
        "NINTH" => "9TH",
        "TENTH" => "10TH",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(identity: &str, spellings: &[&str]) {
        for text in spellings {
            assert_eq!(address_identity(text), identity, "{text:?}");
        }
    }

    #[test]
    fn spellings_of_one_address_are_one() {
        check(
            "12 N PIER ST UNIT 4B",
            &[
                "12 North Pier Street, Apt. 4B",
                "12 N. Pier St. #4B",
                "12 n pier st apt #4b",
                "12 N PIER STREET UNIT 4B",
                "12 N Pier St Suite 4B",
                "12 N PIER ST APT4B",
                "12 N PIER ST#4B, USA",
            ],
        );
        check(
            "PO BOX 12 EASTMARSH NY 10001",
            &[
                "P.O. Box 12, Eastmarsh, NY 10001-1234",
                "Post Office Box 12 Eastmarsh NY 10001",
                "P O BOX 12 EASTMARSH NY 10001",
                "POB 12, Eastmarsh NY 10001, United States",
            ],
        );
        check("8 HARBOR VW TER FL 2", &["8 Hbr. Vw Terrace, Floor 2", "8 Harbor View Terr FL 2"]);
        check("8 LK ST REAR PH", &["8 Lk Strt, rear, Penthouse"]);
        check("13 MILL RACE ST FERRY HTS", &["13 Ml Race Street, Frry Heights"]);
        check("12 N PIER ST UNIT 4B EASTMARSH", &["12 N Pier St Apt 4-B, Eastmarsh"]);
        check("12B PIER ST", &["12-B Pier St", "12B Pier Street"]);
        check("12 1/2 PIER ST", &["12\u{BD} Pier St", "12 1/2 Pier St"]);
        check("PO BOX 12 EASTMARSH", &["PO Box #12 Eastmarsh", "P.O. Box # 12, Eastmarsh"]);
        check(
            "12 PIER ST EASTMARSH NY 10001",
            &["12 Pier St Eastmarsh NY 100011234", "12 Pier St, Eastmarsh, NY 10001 1234"],
        );
        check("5TH AVE", &["Fifth Avenue", "5th Ave"]);
        check("12-34 QUAY BLVD", &["12-34 Quay Boulevard"]);
        check("10 1/2 QUAY RD", &["10 1/2 Quay Rd."]);
        check("7 RUE DE LETE", &["7, rue de l'Été"]);
    }

    #[test]
    fn different_addresses_stay_apart() {
        check("9 NORTH ST", &["9 North Street"]);
        check("9 N ST", &["9 N Street"]);
        check("9 N ST NW", &["9 N St Northwest"]);
        check("12 PIER ST", &["12 Pier St"]);
        check("12 PIER AVE", &["12 Pier Ave"]);
    }

    #[test]
    fn what_names_no_place_has_no_identity() {
        check("", &["", "  ", "N/A", "n.a.", "Unknown", "null", "---", "#", "0", "same as above"]);
    }

    proptest! {
        #[test]
        fn arbitrary_text_never_panics_and_has_no_stray_spaces(text in ".*") {
            let identity = address_identity(&text);
            prop_assert_eq!(identity.trim(), identity.as_str());
            prop_assert!(!identity.contains("  "));
        }

        #[test]
        fn an_identity_reads_as_itself(
            text in "[0-9]{1,4} [A-Z]{2,9} (Street|Ave|RD) (Apt|#|Unit )[0-9]{1,2}",
        ) {
            let once = address_identity(&text);
            prop_assert_eq!(address_identity(&once), once);
        }
    }
}
