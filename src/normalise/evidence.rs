//! What the values of a whole column say of how it is written.
//!
//! Answers: is `03/04/2026` the third of April or the fourth of March in this file, and is `1.200`
//! a thousand or one? One value cannot say; a file in which one column holds `03/31/2026` can.
//! Counts only, so that the order of rows never changes an answer; where no value decides, the
//! answer is that none does.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::normalise::{
    AmountProblemKind, BareTime, DecimalMark, TIME_WORDS, ZoneWord, parse_minor, readings_of,
};

/// Texts whose answer is remembered: a statement repeats its dates.
const REMEMBERED_MAX: usize = 1 << 16;
/// Zones whose letters are named.
const ZONES_MAX: usize = 8;
/// A column of times may hold so many percent of other texts: typing errors, `N/A`.
const OTHER_PERCENT_MAX: u64 = 40;

/// A text that shows something, and the line on which it first stands.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Example {
    /// Physical line.
    pub line: u32,
    /// The text.
    pub text: String,
}

/// Keeps the example of the lower line.
fn earlier(known: &mut Option<Example>, other: &Option<Example>) {
    if let Some(other) = other
        && known.as_ref().is_none_or(|known| other < known)
    {
        *known = Some(other.clone());
    }
}

/// Reads every text of a column in every way.
#[derive(Clone, Debug, Default)]
pub struct TimeEvidence {
    remembered: HashMap<String, Marks>,
    texts: u64,
    /// By the set of ways that read them: how many texts, and the first of them.
    kinds: BTreeMap<u128, (u64, Option<Example>)>,
    clock: u64,
    offset: u64,
    /// Letters of zones behind the texts, in capitals: the first few in their order.
    zones: BTreeSet<String>,
}

/// The ways that read a text, as a set of numbers; whether it shows a clock time and an offset.
#[derive(Clone, Copy, Debug, Default)]
struct Marks {
    read: u128,
    clock: bool,
    offset: bool,
}

/// How a column of times is written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum TimeForm {
    /// Not a column of times.
    None,
    /// One format reads it; empty for ISO 8601.
    One(TimeReading),
    /// Several formats read it as different days, and no text rules one of them out.
    Either(Vec<TimeReading>),
}

/// One format over a column.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TimeReading {
    /// strftime words; empty for ISO 8601.
    pub format: String,
    /// Texts it reads.
    pub read: u64,
    /// Texts of the column.
    pub texts: u64,
    /// Texts it reads and another order of day, month and year does not; `None` where the format
    /// has no such other.
    pub only: Option<u64>,
    /// The first of them; else the first text it reads.
    pub example: Option<Example>,
    /// Texts that only another order reads.
    pub against: u64,
    /// The first of them, and the format that reads it.
    pub counter: Option<(Example, String)>,
    /// The texts show a clock time.
    pub timed: bool,
    /// They show its offset too.
    pub offset: bool,
    /// Letters of zones that stand behind texts of the column, in capitals: `EST`.
    pub zones: Vec<String>,
}

impl TimeReading {
    /// What stands first: `day`, `month` or `year`.
    pub fn order(&self) -> &'static str {
        order_of(&self.format)
    }
}

/// What stands first in a format: `day`, `month` or `year`.
pub fn order_of(format: &str) -> &'static str {
    match format.get(..2) {
        Some("%d") => "day",
        Some("%m" | "%b" | "%B") => "month",
        _ => "year",
    }
}

impl TimeEvidence {
    /// Looks at the text of a line; an empty one says nothing.
    pub fn add(&mut self, line: u32, text: &str) {
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        let marks = match self.remembered.get(text) {
            Some(marks) => *marks,
            None => {
                let marks = marks_of(text);
                self.look_for_letters(text);
                if self.remembered.len() < REMEMBERED_MAX {
                    self.remembered.insert(text.to_owned(), marks);
                }
                marks
            }
        };
        self.texts += 1;
        self.clock += u64::from(marks.clock);
        self.offset += u64::from(marks.offset);
        let (count, first) = self.kinds.entry(marks.read).or_default();
        *count += 1;
        if first.as_ref().is_none_or(|first| line < first.line) {
            *first = Some(Example { line, text: text.to_owned() });
        }
    }

    fn look_for_letters(&mut self, text: &str) {
        let lettered = text.ends_with(|last: char| last.is_ascii_alphabetic() || last == ')');
        let bare = lettered.then(|| BareTime::of(text)).flatten();
        if let Some(ZoneWord::Letters(letters)) = bare.and_then(|bare| bare.zone) {
            self.zones.insert(letters.to_ascii_uppercase());
            self.keep_few_zones();
        }
    }

    fn keep_few_zones(&mut self) {
        while self.zones.len() > ZONES_MAX {
            self.zones.pop_last();
        }
    }

    /// Adds what other rows of the same column say.
    pub fn merge(&mut self, other: &TimeEvidence) {
        self.texts += other.texts;
        self.clock += other.clock;
        self.offset += other.offset;
        self.zones.extend(other.zones.iter().cloned());
        self.keep_few_zones();
        for (kind, (count, first)) in &other.kinds {
            let mine = self.kinds.entry(*kind).or_default();
            mine.0 += count;
            earlier(&mut mine.1, first);
        }
    }

    /// How many texts are of a kind, and the first of them.
    fn of(&self, is: impl Fn(u128) -> bool) -> (u64, Option<Example>) {
        let mut found = (0, None);
        for (_, (count, first)) in self.kinds.iter().filter(|(kind, _)| is(**kind)) {
            found.0 += count;
            earlier(&mut found.1, first);
        }
        found
    }

    fn reading(&self, form: usize) -> TimeReading {
        let rivals = TIME_WORDS[form].rivals;
        let reads = |kind: u128| kind >> form & 1 == 1;
        let (read, any) = self.of(reads);
        let (only, sole) = self.of(|kind| reads(kind) && kind & rivals != rivals);
        let (against, counter) = self.of(|kind| !reads(kind) && kind & rivals != 0);
        let counter = counter.map(|example| {
            let kind = marks_of(&example.text).read & rivals;
            let words = TIME_WORDS[kind.trailing_zeros() as usize].words.clone();
            (example, words)
        });
        TimeReading {
            format: TIME_WORDS[form].words.clone(),
            read,
            texts: self.texts,
            only: (rivals != 0).then_some(only),
            example: sole.filter(|_| rivals != 0).or(any),
            against,
            counter,
            timed: self.clock > 0,
            offset: self.offset > 0 && self.offset >= self.clock,
            zones: self.zones.iter().cloned().collect(),
        }
    }

    /// What the texts so far say of a column that may hold times or anything else.
    pub fn form(&self) -> TimeForm {
        match self.form_of_times() {
            TimeForm::One(best) if self.has_others(&best) => TimeForm::None,
            TimeForm::Either(all) if self.has_others(&all[0]) => TimeForm::None,
            form => form,
        }
    }

    fn has_others(&self, best: &TimeReading) -> bool {
        let others = self.texts - best.read - best.against;
        others * 100 > self.texts * OTHER_PERCENT_MAX
    }

    /// What the texts so far say of a column that is known to be one of times, whatever else it
    /// holds; [`TimeForm::None`] if no text of it reads.
    pub fn form_of_times(&self) -> TimeForm {
        let reads = |form: usize| self.of(|kind| kind >> form & 1 == 1).0;
        let read: Vec<u64> = (0..TIME_WORDS.len()).map(reads).collect();
        let most = read.iter().copied().max().unwrap_or(0);
        let best = read.iter().position(|read| *read == most).expect("one form reads most");
        let reading = self.reading(best);
        if most == 0 {
            return TimeForm::None;
        }
        let rivals = TIME_WORDS[best].rivals;
        let ruled_out =
            |other: usize| self.of(|kind| kind >> best & 1 == 1 && kind >> other & 1 == 0).0 > 0;
        let open = (0..TIME_WORDS.len())
            .filter(|other| rivals >> other & 1 == 1 && !ruled_out(*other))
            .map(|other| self.reading(other));
        let mut either = vec![reading];
        either.extend(open);
        match either.len() {
            1 => TimeForm::One(either.remove(0)),
            _ => TimeForm::Either(either),
        }
    }
}

fn marks_of(text: &str) -> Marks {
    let mut marks = Marks::default();
    for (at, civil) in readings_of(text) {
        marks.read |= 1 << at;
        marks.clock |= civil.clock_ms.is_some();
        let epoch = TIME_WORDS[at].words.starts_with("%s");
        marks.offset |= civil.offset_seconds.is_some() || epoch;
    }
    marks
}

/// Decimals beyond any currency's, so that only the marks decide whether a text reads.
const ANY_DIGITS: u8 = 8;

/// Reads every amount of a file under both decimal marks.
#[derive(Clone, Debug, Default)]
pub struct AmountEvidence {
    /// Texts that are not empty.
    pub texts: u64,
    /// Texts that read only with a point before the decimals.
    pub point: u64,
    /// Texts that read only with a comma before the decimals.
    pub comma: u64,
    /// Texts that read alike under both, having neither.
    pub plain: u64,
    /// Texts that mean another amount under each, as `1.200` does.
    pub either: u64,
    /// Of the latter, those that only a point, and only a comma, reads with no more decimals than
    /// their currency has: `1,234` dollars.
    pub by_decimals: [u64; 2],
    /// The first text of each kind: point, comma, either, and the two by decimals.
    pub examples: [Option<Example>; 5],
}

/// Which mark a file's amounts show.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MarkForm {
    /// No amount reads at all.
    None,
    /// No amount has a mark: both readings are the same.
    Any,
    /// Every amount that decides says so.
    One(DecimalMark),
    /// Amounts mean other sums under each, and none decides.
    Undecided,
    /// Some decide for the one and some for the other.
    Mixed,
}

impl AmountEvidence {
    /// Looks at the text of a line, whose currency may have any decimals; an empty one says
    /// nothing.
    pub fn add(&mut self, line: u32, text: &str) {
        self.add_in(line, text, || ANY_DIGITS);
    }

    /// As [`AmountEvidence::add`], where the decimals of the text's currency are known.
    pub fn add_in(&mut self, line: u32, text: &str, digits: impl FnOnce() -> u8) {
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        self.texts += 1;
        let read = |mark, digits| parse_minor(text, mark, digits).ok();
        let point = read(DecimalMark::Point, ANY_DIGITS);
        let comma = read(DecimalMark::Comma, ANY_DIGITS);
        let (count, kind) = match (point, comma, decimals_of_zero(text)) {
            (None, None, _) => match too_precise(text) {
                Some(DecimalMark::Point) => (&mut self.point, 0),
                Some(DecimalMark::Comma) => (&mut self.comma, 1),
                None => return,
            },
            (Some(_), None, _) | (Some(_), _, Some(DecimalMark::Point)) => (&mut self.point, 0),
            (None, Some(_), _) | (_, Some(_), Some(DecimalMark::Comma)) => (&mut self.comma, 1),
            (Some(one), Some(other), None) if one == other => {
                self.plain += 1;
                return;
            }
            _ => {
                let digits = digits();
                let fits = [DecimalMark::Point, DecimalMark::Comma].map(|mark| read(mark, digits));
                let way = match fits {
                    [Some(_), None] => Some(0),
                    [None, Some(_)] => Some(1),
                    _ => None,
                };
                if let Some(way) = way {
                    self.by_decimals[way] += 1;
                    first(&mut self.examples[3 + way], line, text);
                }
                (&mut self.either, 2)
            }
        };
        *count += 1;
        first(&mut self.examples[kind], line, text);
    }

    /// Adds the counts of another column of the same file, or of other rows.
    pub fn merge(&mut self, other: &AmountEvidence) {
        self.texts += other.texts;
        self.point += other.point;
        self.comma += other.comma;
        self.plain += other.plain;
        self.either += other.either;
        for (mine, theirs) in self.by_decimals.iter_mut().zip(other.by_decimals) {
            *mine += theirs;
        }
        for (mine, theirs) in self.examples.iter_mut().zip(&other.examples) {
            earlier(mine, theirs);
        }
    }

    /// Texts that read as an amount under at least one mark.
    pub fn read(&self) -> u64 {
        self.point + self.comma + self.plain + self.either
    }

    /// What the texts so far say. Decimals are asked only where no text has both marks or shows
    /// its own otherwise: an amount with too many of them may as well be a misprint.
    pub fn mark(&self) -> MarkForm {
        let [by_point, by_comma] = self.by_decimals;
        match (self.point, self.comma, self.either) {
            _ if self.read() == 0 => MarkForm::None,
            (0, 0, 0) => MarkForm::Any,
            (0, 0, _) => match (by_point, by_comma) {
                (0, 0) => MarkForm::Undecided,
                (_, 0) => MarkForm::One(DecimalMark::Point),
                (0, _) => MarkForm::One(DecimalMark::Comma),
                _ => MarkForm::Mixed,
            },
            (_, 0, _) => MarkForm::One(DecimalMark::Point),
            (0, ..) => MarkForm::One(DecimalMark::Comma),
            _ => MarkForm::Mixed,
        }
    }

    /// Texts that decide for a mark, and the first of them.
    pub fn deciding(&self, mark: DecimalMark) -> (u64, Option<&Example>) {
        let way = usize::from(mark == DecimalMark::Comma);
        match [self.point, self.comma][way] {
            0 if self.point + self.comma == 0 => {
                (self.by_decimals[way], self.examples[3 + way].as_ref())
            }
            count => (count, self.examples[way].as_ref()),
        }
    }
}

fn first(known: &mut Option<Example>, line: u32, text: &str) {
    if known.as_ref().is_none_or(|known| line < known.line) {
        *known = Some(Example { line, text: text.to_owned() });
    }
}

/// The mark of a text that has more decimals than any currency: nobody groups digits so.
fn too_precise(text: &str) -> Option<DecimalMark> {
    let beyond = |mark: &DecimalMark| {
        let refused = parse_minor(text, *mark, ANY_DIGITS).err();
        refused.is_some_and(|one| matches!(one.kind, AmountProblemKind::TooManyDecimals(_)))
    };
    [DecimalMark::Point, DecimalMark::Comma].into_iter().find(beyond)
}

/// The mark behind a zero that stands alone: nobody groups the digits of `0.125` or `0,125`.
fn decimals_of_zero(text: &str) -> Option<DecimalMark> {
    let number = text.find(|letter: char| letter.is_ascii_digit()).map(|at| &text[at..])?;
    let mut letters = number.chars();
    match (letters.next(), letters.next()) {
        (Some('0'), Some('.')) => Some(DecimalMark::Point),
        (Some('0'), Some(',')) => Some(DecimalMark::Comma),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
