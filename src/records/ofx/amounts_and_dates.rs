//! Amounts and times as OFX writes them, in the form of a canonical layout.

/// An amount with a point, without plus or grouping.
///
/// # Errors
///
/// What is wrong with it, when it is no amount or could be read in two ways.
pub fn decimal(text: &str) -> Result<String, &'static str> {
    const EXPECTED: &str = "expected an amount such as -1200.00";
    let (sign, digits) = match text.as_bytes().first() {
        Some(b'-') => ("-", &text[1..]),
        Some(b'+') => ("", &text[1..]),
        _ => ("", text),
    };
    let marks: Vec<(usize, char)> =
        digits.char_indices().filter(|(_, letter)| matches!(letter, '.' | ',')).collect();
    let (whole, decimals) = match marks.as_slice() {
        [] => (digits.to_owned(), ""),
        [(at, mark)] => {
            let (whole, decimals) = (&digits[..*at], &digits[at + 1..]);
            if *mark == ',' && decimals.len() == 3 && !whole.is_empty() {
                return Err(
                    "a comma before three digits may be a decimal mark or group them; ask \
                            the producer which, and write the amount with a point",
                );
            }
            (whole.to_owned(), decimals)
        }
        [groups @ .., (at, mark)] => {
            let same = groups.iter().all(|(_, one)| one == &groups[0].1);
            if !same || groups[0].1 == *mark {
                return Err(EXPECTED);
            }
            let parts: Vec<&str> = digits[..*at].split(groups[0].1).collect();
            let grouped =
                parts[1..].iter().all(|part| part.len() == 3) && (1..=3).contains(&parts[0].len());
            if !grouped {
                return Err(EXPECTED);
            }
            (parts.concat(), &digits[at + 1..])
        }
    };
    let numeric = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !numeric(&whole) || !numeric(decimals) || whole.len() + decimals.len() == 0 {
        return Err(EXPECTED);
    }
    let whole = if whole.is_empty() { "0" } else { &whole };
    let point = if decimals.is_empty() { "" } else { "." };
    Ok(format!("{sign}{whole}{point}{decimals}"))
}

/// The parts of an OFX time: its date, its clock, and its zone in brackets.
fn parts(text: &str) -> Option<(&str, &str, Option<&str>)> {
    let (stamp, zone) = match text.split_once('[') {
        Some((stamp, zone)) => (stamp.trim_end(), Some(zone.strip_suffix(']')?)),
        None => (text, None),
    };
    let (stamp, fraction) = stamp.split_once('.').unwrap_or((stamp, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let fits = matches!(stamp.len(), 8 | 12 | 14) && digits(stamp) && digits(fraction);
    fits.then(|| (&stamp[..8], &stamp[8..], zone))
}

/// The day of an OFX time, as written.
pub fn day(text: &str) -> Option<String> {
    let (date, _, _) = parts(text)?;
    Some(format!("{}-{}-{}", &date[..4], &date[4..6], &date[6..8]))
}

/// An OFX time: a date where no time of day is stated or only midnight, which is how producers
/// fill the field; else RFC 3339, in Greenwich time where no zone is stated, as OFX says.
pub fn time(text: &str) -> Option<String> {
    let (_, clock, zone) = parts(text)?;
    let day = day(text)?;
    let offset = match zone {
        Some(zone) => offset(zone)?,
        None => "Z".to_owned(),
    };
    if clock.bytes().all(|byte| byte == b'0') {
        return Some(day);
    }
    let seconds = clock.get(4..6).unwrap_or("00");
    Some(format!("{day}T{}:{}:{seconds}{offset}", &clock[..2], &clock[2..4]))
}

/// `-5:EST` as `-05:00`. Part of an hour is a decimal, though some write minutes.
fn offset(zone: &str) -> Option<String> {
    let hours = zone.split(':').next()?.trim();
    let (sign, hours) = match hours.as_bytes().first()? {
        b'-' => ('-', &hours[1..]),
        b'+' => ('+', &hours[1..]),
        _ => ('+', hours),
    };
    let (hours, part) = hours.split_once('.').unwrap_or((hours, ""));
    let minutes = match part {
        "" | "0" | "00" => 0,
        "25" => 15,
        "5" | "50" | "30" => 30,
        "75" | "45" => 45,
        _ => return None,
    };
    let hours: u32 = hours.parse().ok().filter(|hours| *hours <= 14)?;
    Some(format!("{sign}{hours:02}:{minutes:02}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn amount(text: &str, read: Option<&str>) {
        assert_eq!(decimal(text).ok().as_deref(), read, "{text}");
    }

    #[test]
    fn amounts_take_point_or_comma() {
        amount("-12.50", Some("-12.50"));
        amount("+12,5", Some("12.5"));
        amount("1.200,50", Some("1200.50"));
        amount("-1,234,567.00", Some("-1234567.00"));
        amount(".5", Some("0.5"));
        amount(",505", Some("0.505"));
        amount("7.", Some("7"));
        amount("1,200", None);
        for refused in
            ["", "-", ".", "1 200", "12.34.56", "1,2,3", "1.20,000.5", "--1", "1e3", "12,34.5"]
        {
            amount(refused, None);
        }
    }

    #[track_caller]
    fn stamp(text: &str, read: Option<&str>) {
        assert_eq!(time(text).as_deref(), read, "{text}");
    }

    #[test]
    fn times_keep_their_zone_and_midnights_are_dates() {
        stamp("20260331", Some("2026-03-31"));
        stamp("20260331000000", Some("2026-03-31"));
        stamp("20260331000000.000[-5:EST]", Some("2026-03-31"));
        stamp("20260331120000", Some("2026-03-31T12:00:00Z"));
        stamp("202603311215", Some("2026-03-31T12:15:00Z"));
        stamp("20260331143015.123[-5:EST]", Some("2026-03-31T14:30:15-05:00"));
        stamp("20260331143015[+5.5:IST]", Some("2026-03-31T14:30:15+05:30"));
        stamp("20260331143015[5.30]", Some("2026-03-31T14:30:15+05:30"));
        for refused in [
            "",
            "2026-03-31",
            "20263",
            "20260331143015[-5:EST",
            "20260331[x]",
            "20260331143015[-5.2:X]",
        ] {
            stamp(refused, None);
        }
        assert_eq!(day("20260331143015[-5:EST]").as_deref(), Some("2026-03-31"));
    }
}
