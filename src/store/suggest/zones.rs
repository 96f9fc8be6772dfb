//! Which zone the clock times of a file are of, as far as letters behind them, the name of their
//! column or the lines above the header say.
//!
//! A call at midnight of UTC is one of the evening before in New York: what a file says of its
//! clocks is taken before the case's zone is, and what it says in two ways is asked.

use std::sync::LazyLock;

use regex::Regex;

use crate::normalise::zone_of_letters;
use crate::store::suggest::profile::Profile;

/// Zones by the words for their time, which letters in small print are not.
static SPOKEN: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    let time = |word: &str| {
        format!(r"(?i)\b{word}(?: standard| daylight)? time\b|\btimes(?: are)?(?: in)? {word}\b")
    };
    let known = |pattern: &str, zone| (Regex::new(pattern).expect("the pattern is one"), zone);
    vec![
        known(r"\b(?:UTC|GMT)\b|(?i)\b(?:universal time|zulu)\b", "UTC"),
        known(&format!(r"\b(?:EST|EDT)\b|{}", time("eastern")), "America/New_York"),
        known(&format!(r"\b(?:CST|CDT)\b|{}", time("central")), "America/Chicago"),
        known(&format!(r"\b(?:MST|MDT)\b|{}", time("mountain")), "America/Denver"),
        known(&format!(r"\b(?:PST|PDT)\b|{}", time("pacific")), "America/Los_Angeles"),
        known(r"\b(?:CET|CEST|MEZ|MESZ)\b", "Europe/Berlin"),
        known(r"(?i)\blocal (?:switch |network |standard )?time\b", ""),
    ]
});

/// The zone for which all of these letters stand, if it is one.
pub fn zone_of_all<'t>(letters: impl IntoIterator<Item = &'t String>) -> Option<&'static str> {
    let letters: Vec<&str> = letters.into_iter().map(String::as_str).collect();
    // London's clocks show both letters, one in summer and one in winter.
    let british = letters.contains(&"BST");
    let mut zones = letters.iter().map(|one| match *one {
        "GMT" if british => Some("Europe/London"),
        "UTC" | "GMT" => Some("UTC"),
        other => zone_of_letters(other).map(|(zone, _)| zone),
    });
    let first = zones.next()??;
    zones.all(|zone| zone == Some(first)).then_some(first)
}

/// The zone that the name of a column of times states: `Start (UTC)`.
pub fn zone_of_name(profile: &Profile) -> Option<&'static str> {
    let upper = |word: &String| word.to_ascii_uppercase();
    let words: Vec<String> = profile.words.iter().map(upper).collect();
    let named = words.iter().filter(|word| {
        matches!(word.as_str(), "UTC" | "GMT") || word.len() > 2 && zone_of_letters(word).is_some()
    });
    zone_of_all(named)
}

/// Whether every text of a column is the letters of a zone.
pub fn is_zones(profile: &Profile) -> bool {
    let known = |text: &String| {
        let upper = text.to_ascii_uppercase();
        matches!(upper.as_str(), "UTC" | "GMT") || zone_of_letters(&upper).is_some()
    };
    profile.few.as_ref().is_some_and(|few| !few.is_empty() && few.keys().all(known))
}

/// The zones of which the lines above a header speak, each once, with its first line. An empty
/// one stands for the clocks of the place, wherever that is.
pub fn zones_above(preamble: &[String]) -> Vec<(&'static str, &str)> {
    let mut found: Vec<(&'static str, &str)> = Vec::new();
    for line in preamble {
        for (pattern, zone) in SPOKEN.iter() {
            if pattern.is_match(line) && !found.iter().any(|(known, _)| known == zone) {
                found.push((zone, line.trim_matches(['"', ' ', ',', ';', '\t', '|'])));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::suggest::tests::column;

    #[test]
    fn lines_above_a_header_name_zones_by_words_and_letters() {
        let check = |line: &str, zones: &[&str]| {
            let lines = [line.to_owned()];
            let found: Vec<&str> = zones_above(&lines).iter().map(|(zone, _)| *zone).collect();
            assert_eq!(found, zones, "{line}");
        };
        check("All times UTC", &["UTC"]);
        check("Records are kept in Eastern Time", &["America/New_York"]);
        check("Times are Pacific Standard Time (PST)", &["America/Los_Angeles"]);
        check("Times are local time of the switch", &[""]);
        check("All times Eastern", &["America/New_York"]);
        check("Times are in Pacific", &["America/Los_Angeles"]);
        check("First Central Bank, cut off best est. 12", &[]);
    }

    #[test]
    fn the_name_of_a_column_states_a_zone() {
        for (name, zone) in [
            ("ConnDateTime(UTC)", Some("UTC")),
            ("Start Time (EST)", Some("America/New_York")),
            ("Posting Date", None),
            ("ET", None),
        ] {
            assert_eq!(zone_of_name(&column(name, &["2026-01-01 10:00"])), zone, "{name}");
        }
    }
}
