//! What a type 16 record says: type, amount, when the money may be used, references, text.

use super::segments::Record;

/// One entry of an account.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Entry {
    /// Three digits.
    pub kind: String,
    /// As found.
    pub amount: String,
    /// The value date of funds type `V`, as found.
    pub value_date: String,
    /// The bank's reference.
    pub bank_reference: String,
    /// The customer's reference.
    pub customer_reference: String,
    /// Text, one part for each record that holds some.
    pub text: Vec<String>,
}

/// Fields in order, over the record and its continuations.
struct Fields<'a> {
    parts: &'a [String],
    /// What is left of the part being read; `None` when it is read to its end.
    rest: Option<&'a str>,
}

impl<'a> Fields<'a> {
    fn next(&mut self) -> Option<&'a str> {
        if self.rest.is_none() {
            let (first, parts) = self.parts.split_first()?;
            (self.rest, self.parts) = (Some(first.as_str()), parts);
        }
        let rest = self.rest?;
        let (field, behind) = match rest.split_once(',') {
            Some((field, behind)) => (field, Some(behind)),
            None => (rest, None),
        };
        self.rest = behind;
        Some(field.trim())
    }
}

/// Passes over the amounts by availability behind a funds type; gives the value date of type `V`.
///
/// # Errors
///
/// What was expected instead.
fn availability<'a>(fields: &mut Fields<'a>, funds: &str) -> Result<&'a str, &'static str> {
    match funds.to_ascii_uppercase().as_str() {
        "" | "Z" | "0" | "1" | "2" => Ok(""),
        "V" => {
            let date = fields.next().ok_or("a value date behind funds type V")?;
            fields.next();
            Ok(date)
        }
        "S" => {
            (0..3).for_each(|_| _ = fields.next());
            Ok("")
        }
        "D" => {
            let count = fields.next().and_then(|count| count.parse::<u16>().ok());
            let count = count.ok_or("the number of pairs behind funds type D")?;
            (0..u32::from(count) * 2).for_each(|_| _ = fields.next());
            Ok("")
        }
        _ => Err("a funds type, one of Z, 0, 1, 2, V, S, D"),
    }
}

/// Reads a type 16 record.
///
/// # Errors
///
/// What was expected instead, as a user reads it.
pub fn read_entry(record: &Record) -> Result<Entry, &'static str> {
    let mut fields = Fields { parts: &record.parts, rest: None };
    let next = |fields: &mut Fields<'_>| fields.next().unwrap_or("").to_owned();
    let kind = next(&mut fields);
    if kind.len() != 3 || !kind.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("a type code of three digits");
    }
    let amount = next(&mut fields);
    let funds = next(&mut fields);
    let value_date = availability(&mut fields, &funds)?.to_owned();
    let (bank_reference, customer_reference) = (next(&mut fields), next(&mut fields));
    let rest = fields.rest.into_iter().chain(fields.parts.iter().map(String::as_str));
    let text = rest.map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect();
    Ok(Entry { kind, amount, value_date, bank_reference, customer_reference, text })
}

/// The amounts of an account's type 03 record by their type code, as found.
///
/// # Errors
///
/// What was expected instead.
pub fn read_summaries(record: &Record) -> Result<Vec<(String, String)>, &'static str> {
    let mut fields = Fields { parts: &record.parts, rest: None };
    // The account and its currency.
    (0..2).for_each(|_| _ = fields.next());
    let mut summaries = Vec::new();
    while let Some(kind) = fields.next() {
        let amount = fields.next().unwrap_or("").to_owned();
        fields.next();
        let funds = fields.next().unwrap_or("").to_owned();
        availability(&mut fields, &funds)?;
        if !kind.is_empty() {
            summaries.push((kind.to_owned(), amount));
        }
    }
    Ok(summaries)
}

/// Whether money came in (credit) by an entry of that type; `None` when the type does not say.
pub fn is_credit(kind: &str) -> Option<bool> {
    match kind {
        // Sums over an account, which its entries would repeat.
        "100" | "400" => None,
        _ => match kind.parse::<u16>().ok()? {
            101..=399 | 920..=959 => Some(true),
            401..=699 | 960..=999 => Some(false),
            _ => None,
        },
    }
}

/// What a type of entry states of a payment that came back, in the words of the format's code
/// list; empty for any other. Adjustments and fees for returns are none.
pub fn returned(kind: &str) -> &'static str {
    match kind {
        "252" => "debit reversal",
        "255" => "check posted and returned",
        "257" | "557" => "individual ACH return item",
        "258" => "ACH reversal credit",
        "261" => "individual rejected credit",
        "266" | "566" => "return item",
        "552" => "credit reversal",
        "555" => "deposited item returned",
        "558" => "ACH reversal debit",
        "561" => "individual rejected debit",
        _ => "",
    }
}

/// How the money moved, where the type says so without doubt.
pub fn channel(kind: &str) -> &'static str {
    match kind {
        "142" | "145" | "164" | "165" | "166" | "169" | "257" | "447" | "451" | "455" | "466"
        | "469" | "557" => "ach",
        "191" | "195" | "208" | "491" | "495" | "508" => "wire",
        "115" | "175" | "255" | "475" | "555" => "cheque",
        "206" | "275" | "506" | "575" => "book",
        "354" | "654" => "interest",
        "661" | "662" | "691" | "693" | "698" => "fee",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(parts: &[&str]) -> Record {
        Record { parts: parts.iter().map(|one| (*one).to_owned()).collect(), ..Record::default() }
    }

    #[track_caller]
    fn check(parts: &[&str], expected: &str) {
        let said = match read_entry(&record(parts)) {
            Ok(one) => format!(
                "{} {} {} {}|{}|{}",
                one.kind,
                one.amount,
                one.value_date,
                one.bank_reference,
                one.customer_reference,
                one.text.join("~")
            ),
            Err(expected) => expected.to_owned(),
        };
        assert_eq!(said, expected, "{parts:?}");
    }

    #[test]
    fn entries_of_every_funds_type_are_read() {
        check(&["115,500,S,1,2,3,B,C,BOX, NO 1"], "115 500  B|C|BOX, NO 1");
        check(&["218,500,V,260331,,B,C", "LETTER"], "218 500 260331 B|C|LETTER");
        check(&["115,500,S,1,2,3", "B,C,TEXT", "MORE"], "115 500  B|C|TEXT~MORE");
        check(&["100,500,D,2,0,3,1,2,B,C,T"], "100 500  B|C|T");
        check(&["195,500,1,,,"], "195 500  ||");
        check(&["890,,,,,text"], "890   ||text");
        check(&["19,500"], "a type code of three digits");
        check(&["195,500,Q,"], "a funds type, one of Z, 0, 1, 2, V, S, D");
        check(&["195,500,D,x"], "the number of pairs behind funds type D");
    }

    #[test]
    fn summaries_go_on_over_continuations() {
        let read = |parts: &[&str]| read_summaries(&record(parts)).unwrap();
        let pair = |kind: &str, amount: &str| (kind.to_owned(), amount.to_owned());
        let found = read(&["1,,010,-5,,,190", "7,4,0,110", "8,15,D,3,0,2,1,3,3,3"]);
        assert_eq!(found, [pair("010", "-5"), pair("190", "7"), pair("110", "8")]);
        let found = read(&["1,CAD,040,+0,,,045,+0,,", "100,20,3,V,260331,,400,30,8,V,260331,"]);
        let kinds: Vec<&str> = found.iter().map(|one| one.0.as_str()).collect();
        assert_eq!(kinds, ["040", "045", "100", "400"]);
    }
}
