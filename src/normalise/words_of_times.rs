//! What stands around the digits of a time: a weekday, the letters of a zone, a month in full.
//!
//! Answers: which text is left to be read, and which words beside it must agree with what it then
//! says? `Tue 03/31/2026 10:15 AM EST` is a time with two witnesses; nothing here decides whether
//! they tell the truth.

/// A time without the words around it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct BareTime<'t> {
    /// What is left to be read.
    pub(crate) text: &'t str,
    /// The weekday that stands before or behind it, Monday 0.
    pub(crate) weekday: Option<u8>,
    /// What says the zone of its clock.
    pub(crate) zone: Option<ZoneWord<'t>>,
}

/// What the text of a time says of its zone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ZoneWord<'t> {
    /// `UTC`, `GMT-0400`: seconds east of UTC.
    Offset(i32),
    /// `EST`, which names a zone only among those that somebody stated.
    Letters(&'t str),
}

/// Weekdays as written in English and German, Monday first. `Mar` is a month, whatever it is in
/// Spanish.
const WEEKDAYS: [&[&str]; 7] = [
    &["mon", "monday", "mo", "montag"],
    &["tue", "tues", "tuesday", "di", "dienstag"],
    &["wed", "weds", "wednesday", "mi", "mittwoch"],
    &["thu", "thur", "thurs", "thursday", "do", "donnerstag"],
    &["fri", "friday", "fr", "freitag"],
    &["sat", "saturday", "sa", "samstag", "sonnabend"],
    &["sun", "sunday", "so", "sonntag"],
];

/// Letters that stand for the clocks of one zone where producers write in English, winter, summer
/// and all the year, and that zone. Others use some of the same letters, so that they are named in
/// a remedy and never taken by themselves.
const ZONES: [(&[&str], &str); 9] = [
    (&["EST", "EDT", "ET"], "America/New_York"),
    (&["CST", "CDT", "CT"], "America/Chicago"),
    (&["MST", "MDT", "MT"], "America/Denver"),
    (&["PST", "PDT", "PT"], "America/Los_Angeles"),
    (&["AKST", "AKDT", "AKT"], "America/Anchorage"),
    (&["HST"], "Pacific/Honolulu"),
    (&["BST"], "Europe/London"),
    (&["CET", "CEST", "MEZ", "MESZ"], "Europe/Berlin"),
    (&["EET", "EEST"], "Europe/Athens"),
];

/// The months, of which the first three letters are the short form.
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

impl<'t> BareTime<'t> {
    /// Takes the words off a text; `None` where none stand around it.
    pub(crate) fn of(text: &'t str) -> Option<BareTime<'t>> {
        let mut bare = BareTime { text: text.trim(), weekday: None, zone: None };
        if let Some((weekday, rest)) = leading_weekday(bare.text) {
            (bare.weekday, bare.text) = (Some(weekday), rest);
        }
        if let Some((zone, rest)) = trailing_zone(bare.text) {
            (bare.zone, bare.text) = (Some(zone), rest);
        }
        if bare.weekday.is_none()
            && let Some((word, rest)) = last_word(bare.text)
            && let Some(weekday) = weekday_of(word)
        {
            (bare.weekday, bare.text) = (Some(weekday), rest.trim_end_matches([',', ' ']));
        }
        let any = bare.weekday.is_some() || bare.zone.is_some();
        (any && !bare.text.is_empty()).then_some(bare)
    }
}

/// A weekday's place in the week, Monday 0.
fn weekday_of(word: &str) -> Option<u8> {
    let lower = word.to_lowercase();
    let at = WEEKDAYS.iter().position(|words| words.contains(&lower.as_str()));
    at.map(|at| at as u8)
}

/// The name of a weekday, Monday 0.
pub(crate) fn weekday_name(weekday: u8) -> &'static str {
    const NAMES: [&str; 7] =
        ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    NAMES[usize::from(weekday % 7)]
}

/// The weekday of a day since 1970, which began on a Thursday.
pub(crate) fn weekday_on(day: i32) -> u8 {
    (day + 3).rem_euclid(7) as u8
}

/// The zone for which letters most often stand, and all letters of its clocks.
pub(crate) fn zone_of_letters(letters: &str) -> Option<(&'static str, &'static [&'static str])> {
    let known = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(letters));
    ZONES.iter().find(|(words, _)| known(words)).map(|(words, zone)| (*zone, *words))
}

fn leading_weekday(text: &str) -> Option<(u8, &str)> {
    let end = text.find(|letter: char| !letter.is_alphabetic())?;
    let weekday = weekday_of(&text[..end])?;
    let rest = text[end..].strip_prefix('.').unwrap_or(&text[end..]);
    let rest = rest.strip_prefix(',').unwrap_or(rest);
    Some((weekday, rest.trim_start()))
}

/// The last word of a text, in brackets or not, and what stands before it.
fn last_word(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_suffix(')').unwrap_or(text);
    let start = inner.rfind(|letter: char| !letter.is_ascii_alphabetic())? + 1;
    let (rest, word) = inner.split_at_checked(start)?;
    let bracketed = inner.len() < text.len();
    let rest = if bracketed { rest.strip_suffix('(')? } else { rest };
    (!word.is_empty()).then(|| (word, rest.trim_end()))
}

/// What says the zone behind a clock time: letters, or `UTC` with hours beside it.
fn trailing_zone(text: &str) -> Option<(ZoneWord<'_>, &str)> {
    // Behind a date alone no letters are a zone's.
    if !text.contains(':') {
        return None;
    }
    if let Some(found) = utc_and_hours(text) {
        return Some(found);
    }
    let (word, rest) = last_word(text)?;
    let half_day = word.eq_ignore_ascii_case("am") || word.eq_ignore_ascii_case("pm");
    let clock = rest.ends_with(|last: char| last.is_ascii_digit() || matches!(last, 'M' | 'm'));
    if half_day || !clock || !(2..=5).contains(&word.len()) {
        return None;
    }
    let universal = ["utc", "gmt", "ut"].iter().any(|one| word.eq_ignore_ascii_case(one));
    let zone = if universal { ZoneWord::Offset(0) } else { ZoneWord::Letters(word) };
    Some((zone, rest))
}

/// `UTC-5`, `GMT+0200`, `(UTC-05:00)` at the end of a text.
fn utc_and_hours(text: &str) -> Option<(ZoneWord<'_>, &str)> {
    let (inner, bracketed) = match text.strip_suffix(')') {
        Some(inner) => (inner, true),
        None => (text, false),
    };
    let start = inner.rfind([' ', '('])? + 1;
    let word = &inner[start..];
    let hours = word.strip_prefix("UTC").or_else(|| word.strip_prefix("GMT"))?;
    let sign = match hours.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits: String = hours[1..].chars().filter(|letter| *letter != ':').collect();
    let marks = hours.len() - 1 - digits.len();
    let whole = digits.bytes().all(|byte| byte.is_ascii_digit());
    let (hours, minutes) = match (whole, digits.len(), marks) {
        (true, 1 | 2, 0) => (digits.parse::<i32>().ok()?, 0),
        (true, 3 | 4, 0 | 1) => {
            let (hours, minutes) = digits.split_at(digits.len() - 2);
            (hours.parse::<i32>().ok()?, minutes.parse::<i32>().ok()?)
        }
        _ => return None,
    };
    if hours > 15 || minutes > 59 {
        return None;
    }
    let rest = inner[..start].trim_end();
    let rest = if bracketed { rest.strip_suffix('(')?.trim_end() } else { rest };
    Some((ZoneWord::Offset(sign * (hours * 3_600 + minutes * 60)), rest))
}

/// A text with the name of its month as `words` of strftime spell it: `Sept. 2` as `Sep 2` for
/// `%b`, as `September 2` for `%B`; `3 de marzo de 2026` as `3 Mar 2026`. `None` where nothing
/// changes.
pub(crate) fn month_respelled(words: &str, text: &str) -> Option<String> {
    let full = words.contains("%B");
    if !full && !["%b", "%h"].iter().any(|word| words.contains(word)) {
        return None;
    }
    let mut from = 0;
    while let Some(start) = text[from..].find(char::is_alphabetic) {
        let start = from + start;
        let length = text[start..].find(|letter: char| !letter.is_alphabetic());
        let end = length.map_or(text.len(), |length| start + length);
        if let Some(month) = month_of(&text[start..end]) {
            let spelled = if full { month } else { &month[..3] };
            // The point of an abbreviation; any other would stand between day and year.
            let pointed = [". ", ".,", ".-", "./"].iter().any(|one| text[end..].starts_with(one));
            let before = bare_day(words, &text[..start]);
            let rest = &text[end + usize::from(pointed)..];
            let behind = [" de ", " del "].iter().find_map(|of| rest.strip_prefix(of));
            let same = spelled.eq_ignore_ascii_case(&text[start..end]);
            // Nearly every date: nothing is written for it.
            if same && !pointed && behind.is_none() && before.len() == start {
                return None;
            }
            let (space, rest) = behind.map_or(("", rest), |behind| (" ", behind));
            return Some(format!("{before}{spelled}{space}{rest}"));
        }
        from = end;
    }
    None
}

/// What stands before a month without what languages put behind the number of a day: `3. `,
/// `3 de `, `1er `, `1º `.
fn bare_day<'t>(words: &str, before: &'t str) -> std::borrow::Cow<'t, str> {
    let digits = before.bytes().take_while(u8::is_ascii_digit).count();
    let (day, behind) = before.split_at(digits);
    let known = match behind {
        ". " => !words.contains("%d."),
        " de " | "er " | "\u{ba} " | "\u{b0} " | "\u{ba} de " | "\u{b0} de " => true,
        _ => false,
    };
    if known && (1..=2).contains(&digits) { format!("{day} ").into() } else { before.into() }
}

/// The months in German, French, Spanish, Portuguese and Italian, in full and abbreviated, where
/// they differ from the English ones. No name is that of two months.
const OTHER_MONTHS: [&[&str]; 12] = [
    &["januar", "jänner", "jän", "janvier", "janv", "enero", "ene", "janeiro", "gennaio", "gen"],
    &[
        "februar",
        "février",
        "fevrier",
        "févr",
        "fevr",
        "fév",
        "febrero",
        "fevereiro",
        "fev",
        "febbraio",
    ],
    &["märz", "maerz", "mär", "mrz", "mars", "marzo", "março", "marco"],
    &["avril", "avr", "abril", "abr", "aprile"],
    &["mai", "mayo", "maio", "maggio", "mag"],
    &["juni", "juin", "junio", "junho", "giugno", "giu"],
    &["juli", "juillet", "juil", "julio", "julho", "luglio", "lug"],
    &["août", "aout", "agosto", "ago"],
    &["septembre", "septiembre", "setiembre", "setembro", "settembre", "set", "sett"],
    &["oktober", "okt", "octobre", "octubre", "outubro", "out", "ottobre", "ott"],
    &["novembre", "noviembre", "novembro"],
    &["dezember", "dez", "décembre", "decembre", "déc", "diciembre", "dic", "dezembro", "dicembre"],
];

fn month_of(word: &str) -> Option<&'static str> {
    let short = word.eq_ignore_ascii_case("sept");
    let english = MONTHS.into_iter().find(|month| {
        word.eq_ignore_ascii_case(month)
            || word.eq_ignore_ascii_case(&month[..3])
            || short && *month == "September"
    });
    english.or_else(|| {
        let lower = word.to_lowercase();
        let at = OTHER_MONTHS.iter().position(|names| names.contains(&lower.as_str()));
        at.map(|at| MONTHS[at])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, bare: &str, weekday: Option<&str>, zone: Option<ZoneWord<'_>>) {
        let found = BareTime::of(text).expect(text);
        assert_eq!(found.text, bare, "{text}");
        assert_eq!(found.weekday.map(weekday_name), weekday, "{text}");
        assert_eq!(found.zone, zone, "{text}");
    }

    #[test]
    fn words_around_a_time_are_taken_off() {
        let tuesday = Some("Tuesday");
        check("Tue 03/31/2026", "03/31/2026", tuesday, None);
        check("Tuesday, March 31, 2026", "March 31, 2026", tuesday, None);
        check("Tues., 03/31/2026", "03/31/2026", tuesday, None);
        check("Di. 31.03.2026", "31.03.2026", tuesday, None);
        check("2026-03-31 (Tue)", "2026-03-31", tuesday, None);
        check("03/31/2026 Tue", "03/31/2026", tuesday, None);
        let est = Some(ZoneWord::Letters("EST"));
        check("03/31/2026 10:15:00 AM EST", "03/31/2026 10:15:00 AM", None, est);
        check("Tue 03/31/2026 10:15 (EST)", "03/31/2026 10:15", tuesday, est);
        let east = |hours: i32| Some(ZoneWord::Offset(hours * 3_600));
        check("2026-03-31 10:15:00 UTC", "2026-03-31 10:15:00", None, east(0));
        check("2026-03-31 10:15:00 GMT-0400", "2026-03-31 10:15:00", None, east(-4));
        check("03/31/2026 10:15 (UTC-04:00)", "03/31/2026 10:15", None, east(-4));
        check("31.03.2026 10:15 UTC+2", "31.03.2026 10:15", None, east(2));
        for text in ["03/31/2026", "10:15 AM", "Mar 31, 2026", "Mar 31, 2026 10:15", "31 MAY", ""] {
            assert_eq!(BareTime::of(text), None, "{text}");
        }
    }

    #[test]
    fn months_are_spelled_as_the_format_has_them() {
        for (words, text, spelled) in [
            ("%b %d, %Y", "Sept. 2, 2026", Some("Sep 2, 2026")),
            ("%b %d %Y", "Aug. 30 2026", Some("Aug 30 2026")),
            ("%b %d, %Y", "June 3, 2026", Some("Jun 3, 2026")),
            ("%B %d, %Y", "Sept. 2, 2026", Some("September 2, 2026")),
            ("%d-%b-%Y", "02-Sept-2026", Some("02-Sep-2026")),
            ("%d.%b.%Y", "02.SEP.2026", None),
            ("%b %d, %Y", "Sep 2, 2026", None),
            ("%m/%d/%Y", "Sept. 2, 2026", None),
            ("%d %b %Y", "15 janv. 2024", Some("15 Jan 2024")),
            ("%d %b %Y", "3 août 2023", Some("3 Aug 2023")),
            ("%d %b %Y", "1er MARS 2024", Some("1 Mar 2024")),
            ("%d/%b/%Y", "02/ENE/2024", Some("02/Jan/2024")),
            ("%d-%b-%y", "02-févr.-24", Some("02-Feb-24")),
            ("%d %b %Y", "3. März 2024", Some("3 Mar 2024")),
            ("%d %b %Y", "3. April 2024", Some("3 Apr 2024")),
            ("%d. %B %Y", "3. Mai 2024", Some("3. May 2024")),
            ("%d %b %Y", "3 de marzo de 2024", Some("3 Mar 2024")),
            ("%d %b %Y", "1º de março de 2024", Some("1 Mar 2024")),
            ("%d %B %Y", "12 settembre 2024", Some("12 September 2024")),
            // A Tuesday in French: what is left reads in no way.
            ("%d %b %Y", "mar. 2 janv. 2024", Some("Mar 2 janv. 2024")),
            ("%d %b %Y", "3 de mayonesa 2024", None),
        ] {
            assert_eq!(month_respelled(words, text).as_deref(), spelled, "{text}");
        }
    }

    #[test]
    fn no_name_of_a_month_is_that_of_another() {
        for (at, names) in OTHER_MONTHS.iter().enumerate() {
            for name in *names {
                assert_eq!(month_of(name), Some(MONTHS[at]), "{name}");
                assert_eq!(month_of(&name.to_uppercase()), Some(MONTHS[at]), "{name}");
                let known = OTHER_MONTHS.iter().filter(|other| other.contains(name)).count();
                assert_eq!(known, 1, "{name}");
            }
        }
    }

    #[test]
    fn weekdays_are_the_calendars() {
        // The epoch was a Thursday; 2026-03-31 is day 20,543, a Tuesday.
        for (day, name) in [(0, "Thursday"), (-1, "Wednesday"), (20_543, "Tuesday")] {
            assert_eq!(weekday_name(weekday_on(day)), name);
        }
    }
}
