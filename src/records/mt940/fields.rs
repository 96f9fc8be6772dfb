//! What the text of each tag of a SWIFT statement says: dates, marks, amounts, references.
//!
//! Texts stay as found, apart from dates and the decimal mark of amounts. What `:86:` tells of
//! the other end is `details.rs`'s.

use jiff::civil::Date;

use super::tags::RawTag;

/// Years from this one on are of the last century.
const YEAR_OF_LAST_CENTURY: i16 = 80;
/// Letters of the reference of whoever owns the account.
const CUSTOMER_REFERENCE_MAX: usize = 16;

/// What a tag says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Field {
    /// `:20:`, the message's reference.
    Reference(String),
    /// `:21:`, the reference of another message.
    Related(String),
    /// `:25:`, the account as found.
    Account(String),
    /// `:28:` and `:28C:`, the number of the statement and of its part.
    Number(String),
    /// `:60F:` to `:65:`.
    Balance(Balance),
    /// `:61:`.
    Entry(Box<Entry>),
    /// `:86:`.
    Details(String),
    /// `:34F:`, the least amount that the message lists.
    FloorLimit(FloorLimit),
    /// `:90D:` and `:90C:`, number and sum of the debits or credits.
    Sum(EntrySum),
    /// `:13D:`, when the message was made; the civil date first.
    Made(Date, String),
    /// `:NS:`.
    NonSwift(String),
}

/// A balance on a day.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Balance {
    /// The tag: `60F`, `60M`, `62F`, `62M`, `64`, `65`.
    pub id: String,
    /// The day.
    pub day: Date,
    /// ISO 4217 code; empty where a bank leaves it out.
    pub currency: String,
    /// Decimal text, with a minus for what is owed.
    pub amount: String,
}

/// One entry of a statement.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entry {
    /// When it counts for interest.
    pub value_day: Date,
    /// The text of a value date that is no day: banks write February 30th, since interest takes
    /// every month for 30 days; the last day of the month stands for it.
    pub value_as_found: Option<String>,
    /// When it was booked, where stated, in the year nearest to the value date.
    pub entry_day: Option<Date>,
    /// `C`, `D`, `RC`, `RD`; `EC` and `ED` are expected and not booked.
    pub mark: String,
    /// The third letter of the currency, where stated.
    pub funds_code: Option<char>,
    /// Decimal text; negative when money leaves the account.
    pub amount: String,
    /// `NTRF` and the like; empty when a bank leaves it out.
    pub kind: String,
    /// The reference of the account's owner.
    pub customer_reference: String,
    /// The reference of the bank.
    pub bank_reference: String,
    /// What stands behind the references.
    pub extra: String,
}

/// The least amount that an interim report lists.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FloorLimit {
    /// ISO 4217 code.
    pub currency: String,
    /// `D` or `C`; both when absent.
    pub mark: Option<char>,
    /// Decimal text.
    pub amount: String,
}

/// Number and sum of an interim report's debits or credits.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EntrySum {
    /// The tag: `90D` or `90C`.
    pub id: String,
    /// How many there are, as found.
    pub number: String,
    /// ISO 4217 code.
    pub currency: String,
    /// Decimal text, negative for debits.
    pub amount: String,
}

/// Reads a tag.
///
/// # Errors
///
/// What was expected instead, as a user reads it.
pub fn read_field(tag: &RawTag) -> Result<Field, &'static str> {
    let text = tag.text.as_str();
    let first = || text.lines().next().unwrap_or("").trim_end().to_owned();
    Ok(match &tag.id[..2] {
        "20" => Field::Reference(first()),
        "21" => Field::Related(first()),
        "25" => Field::Account(first()),
        "28" => Field::Number(first()),
        "61" => Field::Entry(Box::new(
            entry(text).ok_or("an entry such as 2603310331D1200,00NTRFNONREF//0001")?,
        )),
        "86" => Field::Details(text.to_owned()),
        "NS" => Field::NonSwift(text.to_owned()),
        "34" => Field::FloorLimit(floor_limit(text).ok_or("a limit such as EURD0,00")?),
        "90" => Field::Sum(entry_sum(&tag.id, text).ok_or("a sum such as 12EUR3400,00")?),
        "13" => {
            let (day, _) = Cursor(text).date().ok_or("a time such as 2603311730+0100")?;
            Field::Made(day, first())
        }
        _ => Field::Balance(balance(&tag.id, text).ok_or("a balance such as C260331EUR1200,00")?),
    })
}

/// Text that is read from its start.
struct Cursor<'a>(&'a str);

impl<'a> Cursor<'a> {
    fn take(&mut self, bytes: usize) -> Option<&'a str> {
        let taken = self.0.get(..bytes)?;
        self.0 = &self.0[bytes..];
        Some(taken)
    }

    fn while_is(&mut self, keep: impl Fn(char) -> bool) -> &'a str {
        let end = self.0.find(|letter| !keep(letter)).unwrap_or(self.0.len());
        self.take(end).expect("the end is that of a letter")
    }

    fn letter(&mut self, keep: impl Fn(char) -> bool) -> Option<char> {
        let letter = self.0.chars().next().filter(|letter| keep(*letter))?;
        self.0 = &self.0[letter.len_utf8()..];
        Some(letter)
    }

    fn digits(&mut self, count: usize) -> Option<&'a str> {
        let found = self.0.get(..count).filter(|text| text.bytes().all(|b| b.is_ascii_digit()))?;
        self.take(found.len())
    }

    /// Six digits; the text as found when the month has no such day.
    fn date(&mut self) -> Option<(Date, Option<String>)> {
        let found = self.digits(6)?;
        let number = |at: usize| found[at..at + 2].parse::<i16>().expect("two digits");
        let century = if number(0) >= YEAR_OF_LAST_CENTURY { 1900 } else { 2000 };
        day_of(century + number(0), number(2), number(4))
            .map(|(day, exact)| (day, (!exact).then(|| found.to_owned())))
    }

    /// Digits with at most one decimal mark, as decimal text.
    fn amount(&mut self) -> Option<String> {
        let found = self.while_is(|letter| letter.is_ascii_digit() || ",.".contains(letter));
        let (whole, decimals) = found.split_once([',', '.']).unwrap_or((found, ""));
        let digits = format!("{whole}{decimals}");
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let whole = whole.trim_start_matches('0');
        let whole = if whole.is_empty() { "0" } else { whole };
        let point = if decimals.is_empty() { "" } else { "." };
        Some(format!("{whole}{point}{decimals}"))
    }

    fn currency(&mut self) -> Option<String> {
        let found = self.0.get(..3).filter(|code| code.bytes().all(|b| b.is_ascii_uppercase()))?;
        self.take(3).map(|_| found.to_owned())
    }
}

/// A day, and whether the month has it; past its end the month's last day stands.
fn day_of(year: i16, month: i16, day: i16) -> Option<(Date, bool)> {
    let (month, day) = (month as i8, day as i8);
    if let Ok(exact) = Date::new(year, month, day) {
        return Some((exact, true));
    }
    let first = Date::new(year, month, 1).ok()?;
    (29..=31).contains(&day).then(|| (first.last_of_month(), false))
}

fn signed(amount: String, leaves: bool) -> String {
    if leaves { format!("-{amount}") } else { amount }
}

fn balance(id: &str, text: &str) -> Option<Balance> {
    let mut at = Cursor(text);
    let mark = at.letter(|letter| "CD".contains(letter))?;
    let (day, _) = at.date()?;
    let currency = at.currency().unwrap_or_default();
    let amount = signed(at.amount()?, mark == 'D');
    Some(Balance { id: id.to_owned(), day, currency, amount })
}

fn floor_limit(text: &str) -> Option<FloorLimit> {
    let mut at = Cursor(text);
    let currency = at.currency()?;
    let mark = at.letter(|letter| "CD ".contains(letter)).filter(|mark| *mark != ' ');
    let amount = at.amount()?;
    Some(FloorLimit { currency, mark, amount })
}

fn entry_sum(id: &str, text: &str) -> Option<EntrySum> {
    let mut at = Cursor(text);
    let number = at.while_is(|letter| letter.is_ascii_digit()).to_owned();
    let currency = at.currency()?;
    let amount = signed(at.amount()?, id == "90D");
    Some(EntrySum { id: id.to_owned(), number, currency, amount })
}

fn entry(text: &str) -> Option<Entry> {
    let mut at = Cursor(text);
    let (value_day, value_as_found) = at.date()?;
    let entry_day = match at.digits(4) {
        Some(found) => Some(nearest_day(value_day, found)?),
        None => None,
    };
    // The funds code may be a C or a D too, so a mark of two letters begins with R or E.
    let mut mark: String = at.letter(|letter| "RE".contains(letter)).into_iter().collect();
    mark.push(at.letter(|letter| "CD".contains(letter))?);
    let funds_code = at.letter(|letter| letter.is_ascii_uppercase());
    // Some savings banks break the line here.
    let _ = at.letter(|letter| letter == '\n');
    let amount = signed(at.amount()?, ["D", "RC", "ED"].contains(&mark.as_str()));
    let kind = at.0.get(..4).filter(|kind| {
        let inside = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b' ';
        kind.as_bytes()[0].is_ascii_uppercase() && kind.bytes().all(inside)
    });
    let kind = kind.and_then(|kind| at.take(kind.len())).unwrap_or("").to_owned();
    let (line, more) = at.0.split_once('\n').unwrap_or((at.0, ""));
    let end = line.char_indices().nth(CUSTOMER_REFERENCE_MAX).map_or(line.len(), |(at, _)| at);
    let (customer, bank, behind) = match line.split_once("//") {
        Some((customer, bank)) if customer.len() <= end => (customer, bank, ""),
        _ => (&line[..end], "", &line[end..]),
    };
    let extra = [behind.trim(), more.trim()].join("\n").trim().to_owned();
    Some(Entry {
        value_day,
        value_as_found,
        entry_day,
        mark,
        funds_code,
        amount,
        kind,
        customer_reference: customer.trim().to_owned(),
        bank_reference: bank.trim().to_owned(),
        extra,
    })
}

/// Month and day in the year in which they lie nearest to `near`.
fn nearest_day(near: Date, month_and_day: &str) -> Option<Date> {
    let number = |at: usize| month_and_day[at..at + 2].parse::<i16>().expect("two digits");
    let years = [near.year(), near.year() - 1, near.year() + 1];
    let days = years.into_iter().filter_map(|year| day_of(year, number(0), number(2)));
    days.map(|(day, _)| day)
        .min_by_key(|day| near.until(*day).map_or(i32::MAX, |s| s.get_days().abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(id: &str, text: &str) -> Result<Field, &'static str> {
        read_field(&RawTag { id: id.to_owned(), text: text.to_owned(), ..RawTag::default() })
    }

    /// Value and entry day, mark, funds code, amount, kind, references, what stands behind them.
    #[track_caller]
    fn check(text: &str, expected: &str) {
        let said = match read("61", text) {
            Ok(Field::Entry(one)) => format!(
                "{} {} {}{} {} {} {}|{}|{}",
                one.value_day,
                one.entry_day.map_or("-".to_owned(), |day| day.to_string()),
                one.mark,
                one.funds_code.map_or(String::new(), |code| format!("/{code}")),
                one.amount,
                one.kind,
                one.customer_reference,
                one.bank_reference,
                one.extra,
            ),
            other => format!("{other:?}"),
        };
        assert_eq!(said, expected, "{text}");
    }

    #[test]
    fn entries_are_read_in_every_banks_way() {
        check("260331D6800,NCHK1670", "2026-03-31 - D -6800 NCHK 1670||");
        check(
            "2603310401DR800,5NSTONONREF//55555",
            "2026-03-31 2026-04-01 D/R -800.5 NSTO NONREF|55555|",
        );
        check("2601020102RCR204,88NRTIX", "2026-01-02 2026-01-02 RC/R -204.88 NRTI X||");
        check("2601020102RD204,88NRTIX", "2026-01-02 2026-01-02 RD 204.88 NRTI X||");
        check("2601020102CD1,00NTRFX", "2026-01-02 2026-01-02 C/D 1.00 NTRF X||");
        check("2512311231DD1,00NTRFX", "2025-12-31 2025-12-31 D/D -1.00 NTRF X||");
        check("2512310102C1,00NTRFX", "2025-12-31 2026-01-02 C 1.00 NTRF X||");
        check("2601021231C1,00NTRFX", "2026-01-02 2025-12-31 C 1.00 NTRF X||");
        check("260331CR\n30,00N062NONREF", "2026-03-31 - C/R 30.00 N062 NONREF||");
        check(
            "260331D000000000025,00N102EREF            \nNL00TEST0123456789",
            "2026-03-31 - D -25.00 N102 EREF||NL00TEST0123456789",
        );
        check(
            "260331D44,95N0600733959555      T-MOBILE",
            "2026-03-31 - D -44.95 N060 0733959555||T-MOBILE",
        );
        check("260230C1,N024NONREF", "2026-02-28 - C 1 N024 NONREF||");
        check("990331C1,", "1999-03-31 - C 1  ||");
    }

    #[test]
    fn what_is_no_entry_is_refused() {
        for text in
            ["", "26033", "261331C1,", "260332C1,NTRF", "260331X1,", "260331C,", "260331C1,2,3"]
        {
            assert!(read("61", text).is_err(), "{text}");
        }
    }

    #[test]
    fn balances_limits_and_sums_are_read() {
        let amount = |id: &str, text: &str| match read(id, text) {
            Ok(Field::Balance(one)) => format!("{} {} {}", one.day, one.currency, one.amount),
            Ok(Field::FloorLimit(one)) => format!("{:?} {} {}", one.mark, one.currency, one.amount),
            Ok(Field::Sum(one)) => format!("{} {} {}", one.number, one.currency, one.amount),
            other => format!("{other:?}"),
        };
        assert_eq!(amount("60F", "C260331EUR380115,1"), "2026-03-31 EUR 380115.1");
        assert_eq!(amount("62F", "D260331EUR000147,"), "2026-03-31 EUR -147");
        assert_eq!(amount("62M", "C260331105000,00"), "2026-03-31  105000.00");
        assert_eq!(amount("34F", "EURD0,50"), "Some('D') EUR 0.50");
        assert_eq!(amount("34F", "PLN0"), "None PLN 0");
        assert_eq!(amount("90D", "2EUR3,10"), "2 EUR -3.10");
        assert!(read("60F", "X260331EUR1,").is_err());
        assert!(read("60F", "C260331EUR").is_err());
    }
}
