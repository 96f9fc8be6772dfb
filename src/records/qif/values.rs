//! Dates and amounts as household accounting programs write them.

use jiff::civil::Date;

/// Which number of a date stands first.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Order {
    /// `31/1/26`.
    Day,
    /// `1/31'26`.
    Month,
}

/// A date as found, its numbers apart.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FoundDate {
    /// Year first: there is one way to read it.
    Whole(Date),
    /// Two numbers, and the year.
    Pair(i8, i8, i16),
}

/// Reads the numbers of a date; `None` when it is none in either order.
pub fn found_date(text: &str) -> Option<FoundDate> {
    let parts: Vec<&str> = text.split(['/', '.', '-', '\'']).map(str::trim).collect();
    let [first, second, third] = parts.as_slice() else { return None };
    let number = |text: &str, digits: usize| -> Option<i16> {
        let plain = (1..=digits).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        if plain { text.parse().ok() } else { None }
    };
    if first.len() == 4 {
        let (year, month, day) = (number(first, 4)?, number(second, 2)?, number(third, 2)?);
        return Date::new(year, month as i8, day as i8).ok().map(FoundDate::Whole);
    }
    let year = match third.len() {
        4 => number(third, 4)?,
        _ => {
            let short = number(third, 2)?;
            // An apostrophe stands before the years of this century.
            if text.contains('\'') || short < 80 { 2000 + short } else { 1900 + short }
        }
    };
    let pair = (number(first, 2)? as i8, number(second, 2)? as i8);
    let readable = [(pair.0, pair.1), (pair.1, pair.0)]
        .iter()
        .any(|(month, day)| Date::new(year, *month, *day).is_ok());
    readable.then_some(FoundDate::Pair(pair.0, pair.1, year))
}

impl FoundDate {
    /// The order that the date itself tells: one of its numbers is no month.
    pub fn tells(self) -> Option<Order> {
        match self {
            FoundDate::Pair(first, _, _) if first > 12 => Some(Order::Day),
            FoundDate::Pair(_, second, _) if second > 12 => Some(Order::Month),
            _ => None,
        }
    }

    /// The day, in an order that is known, or when both orders give the same.
    pub fn day(self, order: Option<Order>) -> Option<Date> {
        match (self, order) {
            (FoundDate::Whole(day), _) => Some(day),
            (FoundDate::Pair(day, month, year), Some(Order::Day)) => {
                Date::new(year, month, day).ok()
            }
            (FoundDate::Pair(month, day, year), Some(Order::Month)) => {
                Date::new(year, month, day).ok()
            }
            (FoundDate::Pair(one, other, year), None) if one == other => {
                Date::new(year, one, one).ok()
            }
            (_, None) => None,
        }
    }
}

/// An amount as decimal text with a point; `None` when it is none, or when its one mark may part
/// thousands as well as decimals.
pub fn amount(text: &str) -> Option<String> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let marks: Vec<(usize, char)> =
        rest.char_indices().filter(|(_, letter)| ",.".contains(*letter)).collect();
    let plain = rest.chars().all(|letter| letter.is_ascii_digit() || ",.".contains(letter));
    if !plain || !rest.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let decimal = match marks.as_slice() {
        [] => None,
        [(at, _)] if rest.len() - at == 4 => return None,
        [(at, _)] => Some(*at),
        [before @ .., (at, mark)] => {
            let thousands = before[0].1;
            if before.iter().any(|one| one.1 != thousands) {
                return None;
            }
            (*mark != thousands).then_some(*at)
        }
    };
    let (whole, decimals) = match decimal {
        Some(at) => (&rest[..at], &rest[at + 1..]),
        None => (rest, ""),
    };
    let mut groups = whole.split([',', '.']);
    let first = groups.next().unwrap_or("");
    let grouped = first.len() != whole.len();
    if (grouped && !(1..=3).contains(&first.len())) || groups.any(|group| group.len() != 3) {
        return None;
    }
    let digits: String = whole.chars().filter(char::is_ascii_digit).collect();
    let digits = if digits.is_empty() { "0" } else { &digits };
    let point = if decimals.is_empty() { "" } else { "." };
    Some(format!("{sign}{digits}{point}{decimals}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_date(text: &str, told: Option<Order>, by_day: &str, by_month: &str) {
        let found = found_date(text);
        let show = |order| {
            let day = found.and_then(|found| found.day(order));
            day.map_or("-".to_owned(), |day: Date| day.to_string())
        };
        let found =
            (found.and_then(FoundDate::tells), show(Some(Order::Day)), show(Some(Order::Month)));
        assert_eq!(found, (told, by_day.to_owned(), by_month.to_owned()), "{text}");
    }

    #[test]
    fn dates_are_read_in_every_programs_way() {
        check_date("1/31'26", Some(Order::Month), "-", "2026-01-31");
        check_date("31.01.2026", Some(Order::Day), "2026-01-31", "-");
        check_date("1/ 2'26", None, "2026-02-01", "2026-01-02");
        check_date("1/2/98", None, "1998-02-01", "1998-01-02");
        check_date("2026-01-31", None, "2026-01-31", "2026-01-31");
        for text in ["", "1/2", "32/1/26", "13/13/26", "a/b/c", "1/2/026"] {
            check_date(text, None, "-", "-");
        }
        assert_eq!(found_date("3/3'26").unwrap().day(None).unwrap().to_string(), "2026-03-03");
        assert_eq!(found_date("3/4'26").unwrap().day(None), None);
    }

    #[track_caller]
    fn check_amount(text: &str, expected: Option<&str>) {
        assert_eq!(amount(text).as_deref(), expected, "{text}");
    }

    #[test]
    fn amounts_are_read_in_either_marks_way_or_refused() {
        check_amount("-1,234.56", Some("-1234.56"));
        check_amount("1.234,56", Some("1234.56"));
        check_amount("1,234,567", Some("1234567"));
        check_amount("+12.5", Some("12.5"));
        check_amount(".50", Some("0.50"));
        check_amount("1200", Some("1200"));
        for text in ["1,200", "1.200", "", "-", ",", "12a", "1,23,456.00", "1,2.3,4", "--1"] {
            check_amount(text, None);
        }
    }
}
