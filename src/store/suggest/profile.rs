//! One column of a sample: its name in words, and what its values could be.

use std::collections::BTreeMap;

use crate::normalise::{
    AccountKind, AmountEvidence, PhoneReader, TimeEvidence, TimeForm, account_identity,
    email_identity, serial_readings, zone_of_letters,
};
use crate::records::{SampleRow, TableSample};

/// Different texts of a column that are counted one by one.
const DISTINCT_MAX: usize = 60;

/// What is known of a column before anyone says what it means.
#[derive(Debug)]
pub struct Profile {
    /// The producer's name of it.
    pub name: String,
    /// Which of several columns of that name, from 1, and whether there are several.
    pub nth: (usize, bool),
    /// The words of its name in small letters.
    pub words: Vec<String>,
    /// Cells that are not empty.
    pub filled: u64,
    /// Every different text and how often it stands there, if they are few.
    pub few: Option<BTreeMap<String, u64>>,
    /// No text stands there twice.
    pub unique: bool,
    /// How its times are written.
    pub time: TimeForm,
    /// Numbers that a spreadsheet program would show as days.
    pub serials: u64,
    /// What its amounts look like.
    pub amounts: AmountEvidence,
    /// Amounts below zero.
    pub negative: u64,
    /// Texts that are e-mail addresses.
    pub emails: u64,
    /// Texts that are phone numbers of a valid range, their country stated.
    pub phones: u64,
    /// Texts of seven to fifteen digits with the brackets and dashes of a phone number.
    pub phonelike: u64,
    /// Clock times without a date.
    pub clocks: u64,
    /// IBANs whose check digits hold.
    pub ibans: u64,
    /// Masked account numbers.
    pub masked: u64,
    /// Whole numbers that a workbook holds as numbers, without zeros before them.
    pub numbers: u64,
    /// Texts that hold letters.
    pub lettered: u64,
    /// Most words of a text.
    pub words_max: usize,
}

impl Profile {
    /// Looks at one column of a sample.
    pub fn of(sample: &TableSample, column: usize) -> Profile {
        let name = sample.columns[column].clone();
        let same = |upto: usize| sample.columns[..upto].iter().filter(|one| **one == name).count();
        let nth = (same(column) + 1, same(sample.columns.len()) > 1);
        let (mut times, mut few) = (TimeEvidence::default(), BTreeMap::new());
        let mut seen = std::collections::HashSet::new();
        let mut profile = Profile { nth, ..Profile::named(&name) };
        let reader = PhoneReader::new(None);
        let is_typed = |row: &SampleRow| row.typed.get(column).copied().unwrap_or_default();
        // Beside cells of text those of dates and numbers do not show how anything is written:
        // they are read in whatever form the text has.
        let written = sample.rows.iter().any(|row| {
            let text = row.cells[column].as_str();
            let digits = text.bytes().filter(u8::is_ascii_digit).count();
            // A note below the table is no value, whatever numbers it holds.
            !is_typed(row) && digits > 0 && digits * 3 >= text.len()
        });
        for row in &sample.rows {
            let text = row.cells[column].as_str();
            if text.is_empty() {
                continue;
            }
            let typed = is_typed(row);
            profile.numbers += u64::from(typed && text.bytes().all(|byte| byte.is_ascii_digit()));
            if !typed || !written {
                times.add(row.line as u32, text);
            }
            profile.unique &= seen.insert(text);
            if few.len() <= DISTINCT_MAX {
                *few.entry(text.to_owned()).or_insert(0) += 1;
            }
            profile.look_at(text, &reader);
            // A whole number decides no mark.
            let shown = if typed && written { "0" } else { text };
            profile.amounts.add(row.line as u32, shown);
        }
        profile.time = times.form();
        if few.len() <= DISTINCT_MAX {
            profile.few = Some(few);
        }
        profile
    }

    /// A column of which only the name is known.
    pub fn named(name: &str) -> Profile {
        Profile {
            words: words_of(name),
            name: name.to_owned(),
            nth: (1, false),
            filled: 0,
            few: None,
            unique: true,
            time: TimeForm::None,
            serials: 0,
            amounts: AmountEvidence::default(),
            negative: 0,
            emails: 0,
            phones: 0,
            phonelike: 0,
            clocks: 0,
            ibans: 0,
            masked: 0,
            numbers: 0,
            lettered: 0,
            words_max: 0,
        }
    }

    fn look_at(&mut self, text: &str, reader: &PhoneReader) {
        self.filled += 1;
        let below = |text: &str| {
            text.starts_with(['-', '(', '\u{2212}'])
                || text.ends_with('-')
                || text.to_ascii_uppercase().ends_with("DR")
        };
        self.negative += u64::from(below(text) && text.contains(|c: char| c.is_ascii_digit()));
        self.emails += u64::from(text.contains('@') && !email_identity(text).is_empty());
        self.phones += u64::from(text.starts_with('+') && reader.read(text).valid);
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        let marked = text.starts_with('+') || text.contains(['(', '-', '.', ' ']);
        let lettered = text.contains(char::is_alphabetic);
        self.phonelike += u64::from((7..=15).contains(&digits) && marked && !lettered);
        self.clocks += u64::from(is_clock(text));
        self.serials += u64::from(!serial_readings(text).is_empty());
        match account_identity("", text, false).map(|one| one.kind) {
            Some(AccountKind::Iban) => self.ibans += 1,
            // A lone asterisk is how some producers fill a column.
            Some(AccountKind::Masked | AccountKind::Scant) => self.masked += u64::from(digits > 0),
            _ => {}
        }
        self.lettered += u64::from(lettered);
        self.words_max = self.words_max.max(text.split_whitespace().count());
    }

    /// Whether a phrase of whole words stands in the name, letters with marks as plain ones.
    pub fn says(&self, phrase: &str) -> bool {
        let wanted: Vec<String> = phrase.split(' ').map(plain_letters).collect();
        self.words
            .windows(wanted.len())
            .any(|run| run.iter().map(|word| plain_letters(word)).eq(wanted.iter().cloned()))
    }

    /// Times that show a clock beside their day.
    pub fn shows_clock(&self) -> bool {
        match &self.time {
            TimeForm::One(one) => one.timed,
            TimeForm::Either(several) => several.iter().any(|one| one.timed),
            TimeForm::None => false,
        }
    }

    /// Clock times without a date in every row that has anything.
    pub fn is_clock(&self) -> bool {
        self.filled > 0 && self.clocks == self.filled
    }

    /// Whether most values, or none at all, hold of `count`.
    fn mostly(&self, count: u64) -> bool {
        self.filled == 0 || count * 10 >= self.filled * 8
    }

    /// Could be times.
    pub fn is_time(&self) -> bool {
        self.filled == 0 || self.time != TimeForm::None
    }

    /// Could be times in a column whose name says so: a number alone is not taken for a day.
    pub fn may_be_time(&self) -> bool {
        self.is_time() || self.mostly(self.serials)
    }

    /// Could be money.
    pub fn is_amount(&self) -> bool {
        self.mostly(self.amounts.read())
    }

    /// Are words rather than numbers.
    pub fn is_text(&self) -> bool {
        self.filled == 0 || self.lettered * 2 >= self.filled
    }

    /// Are phones, by their values alone.
    pub fn is_phone(&self) -> bool {
        self.filled > 0 && self.mostly(self.phones)
    }

    /// Few different texts, as a code has.
    pub fn is_code(&self) -> bool {
        self.filled == 0
            || self.few.as_ref().is_some_and(|few| {
                few.len() <= 40 && (few.len() as u64 * 2 <= self.filled || few.len() <= 4)
            })
    }

    /// Every text is one of `words`, small and capital letters alike.
    pub fn is_of(&self, words: &[&str]) -> bool {
        self.few.as_ref().is_some_and(|few| {
            !few.is_empty() && few.keys().all(|text| words.contains(&text.to_lowercase().as_str()))
        })
    }

    /// The column as a layout names it: `column = "X"`, with `nth` where the name repeats.
    pub fn reference(&self) -> String {
        let name = quoted(&self.name);
        match self.nth {
            (nth, true) => format!("column = {name}, nth = {nth}"),
            _ => format!("column = {name}"),
        }
    }

    /// A few of its texts, for a person who must decide.
    pub fn examples(&self, sample: &TableSample, most: usize) -> String {
        let column = sample.columns.iter().enumerate().filter(|(_, name)| **name == self.name);
        let Some((at, _)) = column.into_iter().nth(self.nth.0 - 1) else { return String::new() };
        let mut shown: Vec<&str> = Vec::new();
        for row in &sample.rows {
            let text = row.cells[at].as_str();
            if !text.is_empty() && !shown.contains(&text) {
                shown.push(text);
            }
            if shown.len() == most {
                break;
            }
        }
        shown.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", ")
    }
}

/// `7:59`, `07:59:55`, `07:59:55.250`, `7:59 PM`, `7:59 PM EST`.
fn is_clock(text: &str) -> bool {
    let upper = text.to_ascii_uppercase();
    let upper = match upper.rsplit_once(' ') {
        Some((clock, "UTC" | "GMT")) => clock,
        Some((clock, zone)) if zone_of_letters(zone).is_some() => clock,
        _ => &upper,
    };
    let bare = upper.trim_end_matches("AM").trim_end_matches("PM").trim_end();
    let bare = match bare.rsplit_once('.') {
        Some((clock, part))
            if clock.contains(':') && part.bytes().all(|one| one.is_ascii_digit()) =>
        {
            clock
        }
        _ => bare,
    };
    let parts: Vec<&str> = bare.split(':').collect();
    let number = |part: &&str| {
        (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    (2..=3).contains(&parts.len()) && parts.iter().all(number)
}

/// A word with letters that bear marks as plain ones: `libelle`, `wahrung`.
fn plain_letters(word: &str) -> String {
    let plain = |letter: char| match letter {
        '\u{e0}'..='\u{e5}' => 'a',
        '\u{e7}' => 'c',
        '\u{e8}'..='\u{eb}' => 'e',
        '\u{ec}'..='\u{ef}' => 'i',
        '\u{f1}' => 'n',
        '\u{f2}'..='\u{f6}' => 'o',
        '\u{f9}'..='\u{fc}' => 'u',
        other => other,
    };
    word.chars().map(plain).collect()
}

/// A text as TOML writes it.
pub fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// The words of a column's name: cut at everything but letters and digits, and where a small
/// letter meets a capital one.
pub fn words_of(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for letter in name.chars() {
        let starts = before.is_lowercase() && letter.is_uppercase();
        if starts || !letter.is_alphanumeric() {
            words.push(String::new());
        }
        if letter.is_alphanumeric() {
            words.last_mut().expect("there is always a word").extend(letter.to_lowercase());
        }
        before = letter;
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_into_words() {
        assert_eq!(words_of("fromAccountId"), ["from", "account", "id"]);
        assert_eq!(words_of("DOC. DATE"), ["doc", "date"]);
        assert_eq!(words_of("Buchungstag/Valuta"), ["buchungstag", "valuta"]);
        assert_eq!(words_of("IMEI"), ["imei"]);
        assert_eq!(words_of("%"), Vec::<String>::new());
    }
}
