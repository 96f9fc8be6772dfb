//! Who stands at each end of a Fedwire message: account or other number, bank, name.

use crate::records::fedwire::messages::Message;

/// Letters of each part of a party where no `*` ends it.
const PART_LETTERS: usize = 35;

/// One end of a transfer.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct End {
    /// The account's number; marked where the message gives another number of the party.
    pub account: String,
    /// Routing number, or how else the bank is named.
    pub bank: String,
    /// Name as found.
    pub name: String,
}

/// The parts of an element's text: ended by `*`, or of 35 letters each.
pub fn parts(text: &str) -> Vec<String> {
    let trimmed = |part: &str| part.trim().to_owned();
    if text.contains('*') {
        return text.split('*').map(trimmed).collect();
    }
    let letters: Vec<char> = text.chars().collect();
    letters.chunks(PART_LETTERS).map(|part| trimmed(&part.iter().collect::<String>())).collect()
}

/// The parts that hold something, in one line.
pub fn words(text: &str) -> String {
    let parts = parts(text);
    let held: Vec<&str> =
        parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    held.join(" ")
}

/// What an identification code says its number is. An account's number stands alone; any other
/// is marked, so that a passport never becomes the account of the same digits.
fn identified(code: &str, number: &str) -> String {
    let mark = match code {
        "D" => "",
        "1" => "PASSPORT:",
        "2" => "TAX-ID:",
        "3" => "DRIVERS-LICENCE:",
        "4" => "ALIEN-REGISTRATION:",
        "5" => "CORPORATE-ID:",
        "9" => "OTHER-ID:",
        "B" => "BIC:",
        "C" => "CHIPS:",
        "F" => "FED:",
        "T" => "BIC-AND-ACCOUNT:",
        "U" => "CHIPS-UID:",
        _ => "ID:",
    };
    // A BIC with an account behind a slash names the account.
    match number.rsplit_once('/') {
        Some((_, account)) if code == "T" && !account.is_empty() => account.to_owned(),
        _ => format!("{mark}{number}"),
    }
}

/// Identification code, number and name of a party or bank.
struct Party {
    code: String,
    number: String,
    name: String,
}

fn party(text: &str) -> Option<Party> {
    let parts = parts(text);
    let first = parts.first()?;
    let mut letters = first.chars();
    let code = letters.next().map(String::from).unwrap_or_default();
    let number = letters.as_str().trim().to_owned();
    let name = parts.get(1).cloned().unwrap_or_default();
    (!number.is_empty() || !name.is_empty()).then_some(Party { code, number, name })
}

/// A party by the lines of `{5010}`: the first holds its number, `1/` begins its name.
fn option_party(text: &str) -> Option<Party> {
    let parts = parts(text);
    let first = parts.first()?;
    let name: Vec<&str> = parts[1..].iter().filter_map(|part| part.strip_prefix("1/")).collect();
    let (code, number) = match first.split_once('/') {
        Some(("", account)) => ("D", account.to_owned()),
        Some(_) => ("", first.clone()),
        None => ("D", first.clone()),
    };
    let code = code.to_owned();
    (!number.is_empty() || !name.is_empty()).then(|| Party { code, number, name: name.join(" ") })
}

/// Routing number and short name of `{3100}` or `{3400}`.
pub fn institution(message: &Message, tag: &str) -> (String, String) {
    let text = message.text(tag);
    let routing: String = text.chars().take(9).collect();
    let name: String = text.chars().skip(9).collect();
    (routing.trim().to_owned(), words(&name))
}

/// How a bank that is a party is named: its routing number, else its other number, else its name.
fn bank(message: &Message, tag: &str) -> Option<String> {
    let found = party(message.text(tag))?;
    let named = match (found.code.as_str(), found.number.is_empty()) {
        ("F" | "B", false) => found.number,
        _ => return None,
    };
    Some(named)
}

/// One end: the party under `party_tag`, at the bank under `bank_tag` where that names itself by
/// routing number or BIC, else at the bank that sent or received the message.
fn end(message: &Message, party_tags: [&str; 2], bank_tag: &str, own_tag: &str) -> End {
    let (routing, short_name) = institution(message, own_tag);
    let stated = bank(message, bank_tag).unwrap_or_else(|| routing.clone());
    let held =
        party(message.text(party_tags[0])).or_else(|| option_party(message.text(party_tags[1])));
    match held {
        Some(held) if !held.number.is_empty() => {
            End { account: identified(&held.code, &held.number), bank: stated, name: held.name }
        }
        Some(held) => End { account: format!("NAME:{}", held.name), bank: stated, name: held.name },
        // Between banks: each one's own account with the Reserve Bank.
        None => End { account: format!("FED:{routing}"), bank: routing, name: short_name },
    }
}

/// Who pays and who is paid.
pub fn ends(message: &Message) -> (End, End) {
    let from = end(message, ["5000", "5010"], "5100", "3100");
    let to = end(message, ["4200", ""], "4100", "3400");
    (from, to)
}

/// The ends of a reversal. Some banks copy the parties of the message that they reverse: the
/// originator's bank is then the one that is paid back, or the beneficiary's the one that pays,
/// and the money goes from beneficiary to originator.
pub fn ends_reversed(message: &Message) -> (End, End) {
    let (sends, receives) = (institution(message, "3100").0, institution(message, "3400").0);
    let copied = sends != receives
        && (bank(message, "5100").is_some_and(|bank| bank == receives)
            || bank(message, "4100").is_some_and(|bank| bank == sends));
    if !copied {
        return ends(message);
    }
    let from = end(message, ["4200", ""], "4100", "3100");
    let to = end(message, ["5000", "5010"], "5100", "3400");
    (from, to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::fedwire::messages::Element;

    fn message(elements: &[(&str, &str)]) -> Message {
        let element = |(tag, text): &(&str, &str)| Element {
            tag: (*tag).to_owned(),
            text: (*text).to_owned(),
            line: 1,
        };
        Message { elements: elements.iter().map(element).collect(), ..Message::default() }
    }

    #[track_caller]
    fn check(elements: &[(&str, &str)], account: &str, bank: &str, name: &str) {
        let found = ends(&message(elements)).0;
        assert_eq!((&*found.account, &*found.bank, &*found.name), (account, bank, name));
    }

    #[test]
    fn a_party_is_its_account_at_its_bank() {
        let bank = ("3100", "031300012Harbor Bank*");
        let at = "031300012";
        check(&[bank, ("5000", "D5550001*Lena Ortiz*1 Quay*")], "5550001", at, "Lena Ortiz");
        check(&[bank, ("5000", "1X99*Lena Ortiz*")], "PASSPORT:X99", at, "Lena Ortiz");
        check(&[bank, ("5000", "D*Lena Ortiz*")], "NAME:Lena Ortiz", at, "Lena Ortiz");
        check(&[bank, ("5000", "TTESTUS33/5550001*Lena Ortiz*")], "5550001", at, "Lena Ortiz");
        check(&[bank], "FED:031300012", at, "Harbor Bank");
        let other = ("5100", "F121042882*Castellan Bank*");
        check(
            &[bank, other, ("5000", "D5550001*Lena Ortiz*")],
            "5550001",
            "121042882",
            "Lena Ortiz",
        );
        let vague = ("5100", "D998877*Castellan Bank*");
        check(&[bank, vague, ("5000", "D5550001*Lena Ortiz*")], "5550001", at, "Lena Ortiz");
        let wide = format!("D{:<34}{:<35}{:<35}", "5550001", "Lena Ortiz", "1 Quay");
        check(&[bank, ("5000", &wide)], "5550001", at, "Lena Ortiz");
        let lines = ("5010", "/5550001*1/Lena Ortiz*2/1 Quay*");
        check(&[bank, lines], "5550001", at, "Lena Ortiz");
        check(&[bank, ("5010", "TXID/12-34*1/Lena Ortiz*")], "ID:TXID/12-34", at, "Lena Ortiz");
    }

    #[test]
    fn a_reversal_pays_back_whatever_parties_it_copies() {
        let banks = [("3100", "121042882Castellan*"), ("3400", "031300012Harbor*")];
        let ortiz = ("5000", "D555001*Lena Ortiz*");
        let yards = ("4200", "D777001*Castellan Yards*");
        let check = |more: &[(&str, &str)], from: &str, to: &str| {
            let all: Vec<_> = banks.iter().chain([&ortiz, &yards]).chain(more).copied().collect();
            let (sends, receives) = ends_reversed(&message(&all));
            let read = |end: End| format!("{}@{}", end.account, end.bank);
            assert_eq!((read(sends).as_str(), read(receives).as_str()), (from, to));
        };
        check(&[], "555001@121042882", "777001@031300012");
        let copied = [("5100", "F031300012*Harbor*")];
        check(&copied, "777001@121042882", "555001@031300012");
        check(&[("4100", "F121042882*Castellan*")], "777001@121042882", "555001@031300012");
    }
}
