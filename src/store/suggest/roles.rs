//! What a column of an unknown table is likely to mean, by the words of its name and its values.
//!
//! The name proposes and the values must allow it: a column called `Amount` that holds dates is
//! none. Producers' words in English, German, Spanish and French.

use crate::normalise::TimeForm;
use crate::store::suggest::call_rules::CALL_RULES;
use crate::store::suggest::profile::Profile;
use crate::store::suggest::rules::RULES;

/// What a column may be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Role {
    /// An identifier of the producer's own that repeats other columns.
    Key,
    Email,
    Imei,
    Imsi,
    Direction,
    Duration,
    Caller,
    Called,
    OtherPhone,
    Dialled,
    TowerPlace,
    Tower,
    CallKind,
    Call,
    Leg,
    Debit,
    Credit,
    Sign,
    Balance,
    ValueDate,
    Born,
    Closed,
    Opened,
    Booked,
    /// The clock time beside a date of its own column.
    Clock,
    /// Letters of a zone beside a clock time.
    Zone,
    Start,
    End,
    Received,
    ReceivedCurrency,
    Rent,
    LeaseDeposit,
    PaidFrom,
    Period,
    Bedrooms,
    Weight,
    Currency,
    Channel,
    Landlord,
    Tenants,
    Guarantors,
    Lease,
    /// Number of the lease that a row amends.
    Amends,
    GivenName,
    Surname,
    CounterpartyAccount,
    CounterpartyName,
    CounterpartyBank,
    HolderCapacity,
    Name,
    Bank,
    AccountKind,
    Loan,
    Device,
    PartyId,
    DocumentId,
    Account,
    StreetNumber,
    Street,
    Unit,
    City,
    State,
    PostCode,
    Premises,
    Phone,
    Document,
    Blocked,
    Reference,
    Jurisdiction,
    Page,
    Bates,
    Place,
    Amount,
    Description,
    Kind,
    /// Names one end of a pair and nothing more: `fromId`, `Source`.
    End1,
    End2,
}

/// One end of a transfer or tie.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum End {
    From,
    To,
}

/// Words that name the paying or the first end.
const FROM_WORDS: [&str; 10] = [
    "from",
    "sender",
    "originator",
    "payer",
    "debtor",
    "ordering",
    "remitter",
    "source",
    "orig",
    "origin",
];
/// Words that name the paid or the second end.
const TO_WORDS: [&str; 9] = [
    "to",
    "receiver",
    "beneficiary",
    "bene",
    "payee",
    "creditor",
    "recipient",
    "target",
    "destination",
];

/// Which end a column's name speaks of, if it does.
pub fn end_of(profile: &Profile) -> Option<End> {
    let has = |words: &[&str]| profile.words.iter().any(|word| words.contains(&word.as_str()));
    match (has(&FROM_WORDS), has(&TO_WORDS)) {
        (true, false) => Some(End::From),
        (false, true) => Some(End::To),
        _ => None,
    }
}

/// Whether the last word of a name leaves a role open: an `account type` is no account.
fn last_word_allows(profile: &Profile, role: Role) -> bool {
    let kinds = [
        Role::Kind,
        Role::AccountKind,
        Role::CallKind,
        Role::Channel,
        Role::Sign,
        Role::Period,
        Role::HolderCapacity,
        Role::Direction,
    ];
    let ids = [Role::Account, Role::Loan, Role::Device, Role::PartyId, Role::Key, Role::Phone];
    match profile.words.last().map_or("", String::as_str) {
        "type" | "kind" | "status" | "code" | "flag" => kinds.contains(&role),
        "name" => !ids.contains(&role) && role != Role::CounterpartyAccount,
        "address" | "street" | "city" | "state" | "country" | "zip" | "phone" | "agent" => {
            ![Role::CounterpartyName, Role::Name].contains(&role)
        }
        _ => true,
    }
}

/// What a column is likely to mean: the longest phrase of the rules that its name holds, the
/// first rule of two alike.
pub fn role_of(profile: &Profile) -> Option<Role> {
    let mut best: Option<(usize, Role)> = None;
    for (role, fits, phrases) in CALL_RULES.iter().chain(RULES) {
        let said = phrases.iter().filter(|phrase| profile.says(phrase));
        let Some(length) = said.map(|phrase| phrase.split(' ').count()).max() else { continue };
        let longer = best.is_none_or(|(known, _)| length > known);
        if longer && last_word_allows(profile, *role) && fits(profile) {
            best = Some((length, *role));
        }
    }
    let bare = profile.words.iter().all(|word| {
        let word = word.as_str();
        word == "id" || FROM_WORDS.contains(&word) || TO_WORDS.contains(&word)
    });
    // Nothing but a name that says so makes seconds since 1970 of bare digits.
    let epochs = matches!(&profile.time, TimeForm::One(one) if one.format.starts_with("%s"));
    let dated = bare && profile.filled > 0 && profile.is_time() && !epochs;
    match (best, end_of(profile)) {
        (None, Some(End::From)) if dated => Some(Role::Start),
        (None, Some(End::To)) if dated => Some(Role::End),
        (None, Some(End::From)) if bare => Some(Role::End1),
        (None, Some(End::To)) if bare => Some(Role::End2),
        (Some((_, role)), _) => Some(role),
        (None, _) => by_values(profile),
    }
}

/// Whether a line names columns of a table of records: short texts without a digit, of which most
/// are names that columns have and one is that of a day, an amount or a phone.
pub fn names_columns(cells: &[String]) -> bool {
    const TELLING: [Role; 12] = [
        Role::Booked,
        Role::ValueDate,
        Role::Start,
        Role::Clock,
        Role::Amount,
        Role::Debit,
        Role::Credit,
        Role::Balance,
        Role::Duration,
        Role::Caller,
        Role::Called,
        Role::Phone,
    ];
    let filled: Vec<&String> = cells.iter().filter(|cell| !cell.is_empty()).collect();
    let short = |cell: &&String| {
        let words = cell.split_whitespace().count();
        words <= 5
            && cell.chars().any(char::is_alphabetic)
            && !cell.contains(['@', '$', '#'])
            && !cell.bytes().any(|byte| byte.is_ascii_digit())
    };
    if filled.len() < 2 || !filled.iter().all(short) {
        return false;
    }
    let mut names: Vec<String> = filled.iter().map(|cell| cell.to_lowercase()).collect();
    names.sort_unstable();
    names.dedup();
    let roles: Vec<Role> =
        filled.iter().filter_map(|name| role_of(&Profile::named(name))).collect();
    names.len() == filled.len()
        && roles.len() * 3 >= filled.len() * 2
        && roles.iter().any(|role| TELLING.contains(role))
}

/// What the values alone say, where the name says nothing.
pub fn by_values(profile: &Profile) -> Option<Role> {
    let all = |count: u64| profile.filled > 0 && count * 10 >= profile.filled * 9;
    if all(profile.emails) {
        Some(Role::Email)
    } else if all(profile.ibans + profile.masked) {
        Some(Role::Account)
    } else if profile.is_phone() {
        Some(Role::Phone)
    } else if profile.filled > 0 && profile.is_time() && profile.amounts.read() == 0 {
        // Numbers alone are never taken for dates without a name that says so.
        Some(Role::Booked)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::suggest::profile::words_of;
    use crate::store::suggest::tests::column;

    #[track_caller]
    fn check(name: &str, values: &[&str], role: Option<Role>) {
        assert_eq!(role_of(&column(name, values)), role, "{name} {:?}", words_of(name));
    }

    #[test]
    fn a_header_is_told_from_a_row_of_words() {
        for (names, is_header) in [
            (&["Date", "Ledger Balance"][..], true),
            (&["Date", "Check No.", "Amount"], true),
            (&["Date", "Time", "Sender", "Recipient", "Message Type"], true),
            (&["Buchungstag", "Betrag"], true),
            (&["Lena Ortiz", "Wilmington", "DE"], false),
            (&["Total", "Pending"], false),
            (&["Date", "", ""], false),
            (&["Payment", "thank you for your business"], false),
            (&["Deposits", "Deposits"], false),
            (&["Date", "Amount in 2026"], false),
        ] {
            let cells: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(names_columns(&cells), is_header, "{names:?}");
        }
    }

    #[test]
    fn a_name_proposes_and_the_values_allow() {
        check("Posting Date", &["03/31/2026"], Some(Role::Booked));
        check("Amount", &["1200.00"], Some(Role::Amount));
        check("Amount", &["n/a", "some", "words"], None);
        check("Amount Received", &["12.00"], Some(Role::Received));
        check("account_type", &["checking", "savings"], Some(Role::AccountKind));
        check("fromId", &["1", "2"], Some(Role::End1));
        check("From Account", &["1", "2"], Some(Role::Account));
        check("CallingNumber", &["+12025550123"], Some(Role::Caller));
        check("x", &["+12025550123"], Some(Role::Phone));
        check("x", &["a@example.org"], Some(Role::Email));
        check("Type", &["D", "C", "D"], Some(Role::Sign));
        check("Withdrawals", &["12.00", ""], Some(Role::Debit));
        check("Betrag", &["1.200,00"], Some(Role::Amount));
        check("colour", &["red"], None);
    }
}
