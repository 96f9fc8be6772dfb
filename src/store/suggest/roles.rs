//! What a column of an unknown table is likely to mean, by the words of its name and its values.
//!
//! The name proposes and the values must allow it: a column called `Amount` that holds dates is
//! none. Producers' words in English, German, Spanish and French.

use crate::model::Currency;
use crate::store::suggest::profile::Profile;

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
    Start,
    End,
    Received,
    ReceivedCurrency,
    Rent,
    LeaseDeposit,
    Period,
    Bedrooms,
    Weight,
    Currency,
    Channel,
    Landlord,
    Tenants,
    Guarantors,
    Lease,
    GivenName,
    Surname,
    CounterpartyAccount,
    CounterpartyName,
    HolderRole,
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

type Fits = fn(&Profile) -> bool;

const ANY: Fits = |_| true;
const TIME: Fits = Profile::is_time;
const MONEY: Fits = Profile::is_amount;
const TEXT: Fits = Profile::is_text;
const CODE: Fits = Profile::is_code;
const NUMBERS: Fits = |one| one.is_amount() && one.lettered == 0;
const SIGNS: Fits = |one| {
    one.is_of(&["d", "c", "dr", "cr", "db", "debit", "credit", "s", "h", "+", "-", "deb", "cred"])
};
const CALLS: Fits = |one| {
    one.filled == 0
        || one.few.as_ref().is_some_and(|few| few.keys().all(|text| call_kind(text).is_some()))
};
const FLAG: Fits =
    |one| one.filled == 0 || one.is_of(&["true", "false", "yes", "no", "y", "n", "0", "1"]);
/// An identifier: neither a sentence nor a time in words.
const ID: Fits = |one| one.words_max <= 2;

/// The kind of call that a producer's word means.
pub fn call_kind(text: &str) -> Option<&'static str> {
    let lower = text.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if has(&["sms", "mms", "text", "message"]) {
        Some("sms")
    } else if has(&["data", "gprs", "internet", "lte"]) {
        Some("data")
    } else if has(&["voice", "call", "moc", "mtc", "speech"]) {
        Some("voice")
    } else {
        None
    }
}

/// Rules in order; the first whose phrase stands in the name and whose values fit is taken.
const RULES: &[(Role, Fits, &[&str])] = &[
    (Role::Key, ANY, &["account key", "row key", "surrogate key"]),
    (Role::Email, ANY, &["email", "e mail", "mail", "correo"]),
    (Role::Imei, ANY, &["imei", "esn", "meid"]),
    (Role::Imsi, ANY, &["imsi"]),
    (Role::Duration, ANY, &["duration", "duration sec", "call length", "elapsed", "dauer"]),
    (Role::Direction, CODE, &["direction", "call direction", "in out"]),
    (
        Role::Caller,
        ID,
        &[
            "caller",
            "calling",
            "a number",
            "originating number",
            "from number",
            "orig number",
            "from phone",
            "anumber",
        ],
    ),
    (
        Role::Called,
        ID,
        &[
            "called",
            "b number",
            "terminating number",
            "to number",
            "term number",
            "to phone",
            "bnumber",
        ],
    ),
    (Role::OtherPhone, ID, &["other party", "other number", "correspondent", "remote number"]),
    (Role::Dialled, ANY, &["dialed digits", "dialled digits", "dialed", "dialled"]),
    (
        Role::TowerPlace,
        TEXT,
        &["tower name", "site name", "tower address", "site address", "cell site address"],
    ),
    (Role::Tower, ANY, &["tower id", "cell tower id", "cell id", "site id", "tower", "cell site"]),
    (Role::CallKind, CALLS, &["event type", "call type", "service type", "usage type", "type"]),
    (Role::Leg, ANY, &["leg", "call leg", "leg id"]),
    (Role::Call, ANY, &["call id", "call reference", "record id", "cdr id"]),
    (Role::Rent, MONEY, &["rent", "monthly rent", "miete"]),
    (Role::LeaseDeposit, MONEY, &["security deposit", "deposit held"]),
    (
        Role::Debit,
        MONEY,
        &[
            "debit",
            "debits",
            "withdrawal",
            "withdrawals",
            "money out",
            "paid out",
            "soll",
            "cargo",
            "debit amount",
            "charges",
        ],
    ),
    (
        Role::Credit,
        MONEY,
        &[
            "credit",
            "credits",
            "deposit",
            "deposits",
            "money in",
            "paid in",
            "haben",
            "abono",
            "credit amount",
        ],
    ),
    (
        Role::Sign,
        SIGNS,
        &[
            "debit credit",
            "credit debit",
            "dr cr",
            "cr dr",
            "d c",
            "c d",
            "dc",
            "cd",
            "sign",
            "indicator",
            "type",
            "soll haben",
            "drcr",
            "dcc",
        ],
    ),
    (Role::Balance, MONEY, &["balance", "running balance", "saldo", "solde", "ledger balance"]),
    (Role::ValueDate, TIME, &["value date", "valuta", "effective date", "wertstellung", "valor"]),
    (Role::Born, ANY, &["dob", "birth", "born", "birthdate", "geburtsdatum", "nacimiento"]),
    (
        Role::Closed,
        TIME,
        &["closed", "close date", "date closed", "deactivation", "end of service", "disconnect"],
    ),
    (
        Role::Opened,
        TIME,
        &[
            "opened",
            "open date",
            "date opened",
            "create time",
            "created",
            "activation",
            "issued",
            "granted",
        ],
    ),
    (
        Role::Start,
        TIME,
        &["start date", "lease start", "commencement", "begin", "begins", "start", "beginning"],
    ),
    (Role::End, TIME, &["end date", "lease end", "expiration", "expiry", "ends", "end", "until"]),
    (
        Role::Booked,
        TIME,
        &[
            "posting date",
            "posted",
            "booking date",
            "transaction date",
            "trans date",
            "date",
            "timestamp",
            "time",
            "buchungstag",
            "fecha",
            "datum",
            "event timestamp",
            "datetime",
        ],
    ),
    (
        Role::ReceivedCurrency,
        CODE,
        &["receiving currency", "received currency", "currency received"],
    ),
    (Role::Currency, CODE, &["currency", "ccy", "cur", "waehrung", "währung", "moneda", "devise"]),
    (Role::Received, MONEY, &["amount received", "received amount"]),
    (Role::Landlord, TEXT, &["landlord", "lessor", "owner of premises", "property manager"]),
    (Role::Tenants, TEXT, &["tenant", "tenants", "lessee", "lessees", "renter", "occupants"]),
    (Role::Guarantors, TEXT, &["guarantor", "guarantors", "co signer", "cosigner"]),
    (Role::Lease, ANY, &["lease", "lease id", "lease number", "lease no"]),
    (Role::Period, CODE, &["rent period", "period", "frequency"]),
    (Role::Bedrooms, NUMBERS, &["bedrooms", "beds"]),
    (Role::Weight, NUMBERS, &["weight", "ratio", "share", "count", "times"]),
    (Role::GivenName, TEXT, &["first name", "given name", "forename", "vorname", "nombre"]),
    (Role::Surname, TEXT, &["surname", "last name", "family name", "nachname", "apellido"]),
    (
        Role::CounterpartyAccount,
        ID,
        &[
            "counterparty account",
            "other account",
            "contra account",
            "beneficiary account",
            "payee account",
            "gegenkonto",
        ],
    ),
    (
        Role::CounterpartyName,
        TEXT,
        &[
            "counterparty",
            "counterparty name",
            "payee",
            "beneficiary",
            "empfaenger",
            "empfänger",
            "merchant",
            "beneficiario",
        ],
    ),
    (Role::HolderRole, CODE, &["role", "capacity", "signer type", "relationship"]),
    (Role::AccountKind, CODE, &["account type", "acct type", "product"]),
    (
        Role::Channel,
        CODE,
        &[
            "payment format",
            "payment type",
            "payment method",
            "transaction type",
            "trans type",
            "channel",
            "method",
        ],
    ),
    (
        Role::Name,
        TEXT,
        &[
            "name",
            "full name",
            "holder",
            "account holder",
            "owner",
            "customer",
            "subscriber name",
            "company",
        ],
    ),
    (
        Role::Bank,
        ANY,
        &[
            "bank",
            "bank id",
            "bank name",
            "institution",
            "routing",
            "routing number",
            "sort code",
            "bic",
            "swift",
            "blz",
        ],
    ),
    (Role::Loan, ID, &["loan id", "loan", "loan number"]),
    (Role::Device, ID, &["device id", "device", "medium id", "medium"]),
    (
        Role::PartyId,
        ID,
        &[
            "person id",
            "company id",
            "entity id",
            "customer id",
            "party id",
            "investor id",
            "subscriber id",
            "client id",
            "owner id",
        ],
    ),
    (Role::DocumentId, ID, &["document id"]),
    (
        Role::Phone,
        ANY,
        &[
            "phone",
            "telephone",
            "mobile",
            "msisdn",
            "tel",
            "phone number",
            "cell",
            "subscriber number",
        ],
    ),
    (
        Role::Account,
        ID,
        &[
            "account",
            "acct",
            "iban",
            "konto",
            "kontonummer",
            "cuenta",
            "account no",
            "account number",
            "account id",
            "acc",
            "a c",
        ],
    ),
    (Role::StreetNumber, ANY, &["street number", "house number", "street no"]),
    (
        Role::Street,
        ANY,
        &[
            "street",
            "street name",
            "address",
            "address 1",
            "address 2",
            "address1",
            "address2",
            "addr",
        ],
    ),
    (Role::Unit, ANY, &["unit", "suite", "apartment", "apt"]),
    (Role::City, TEXT, &["city", "town", "suburb"]),
    (Role::State, CODE, &["state", "province"]),
    (Role::PostCode, ANY, &["zip", "postcode", "postal code", "zip code", "plz"]),
    (Role::Premises, TEXT, &["premises", "property", "dwelling"]),
    (
        Role::Document,
        ANY,
        &[
            "ssn",
            "soc sec",
            "soc sec id",
            "passport",
            "tax id",
            "tin",
            "ein",
            "national id",
            "license",
            "licence",
            "document",
        ],
    ),
    (Role::Blocked, FLAG, &["blocked", "is blocked", "frozen"]),
    (
        Role::Reference,
        ANY,
        &[
            "reference",
            "ref",
            "check number",
            "cheque number",
            "check no",
            "serial",
            "confirmation",
            "trace",
            "transaction id",
        ],
    ),
    (Role::Jurisdiction, CODE, &["jurisdiction", "country of registration"]),
    (Role::Page, ANY, &["page"]),
    (Role::Bates, ANY, &["bates"]),
    (
        Role::Amount,
        MONEY,
        &["amount", "amount paid", "betrag", "importe", "montant", "value", "loan amount", "sum"],
    ),
    (
        Role::Description,
        TEXT,
        &[
            "description",
            "memo",
            "narrative",
            "details",
            "particulars",
            "verwendungszweck",
            "text",
            "concepto",
            "remittance",
            "libelle",
            "libellé",
        ],
    ),
    (Role::Place, TEXT, &["place", "branch", "location", "terminal"]),
    (Role::Kind, CODE, &["type", "kind"]),
];

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
        Role::HolderRole,
        Role::Direction,
    ];
    let ids = [Role::Account, Role::Loan, Role::Device, Role::PartyId, Role::Key, Role::Phone];
    match profile.words.last().map_or("", String::as_str) {
        "type" | "kind" | "status" | "code" | "flag" => kinds.contains(&role),
        "name" => !ids.contains(&role) && role != Role::CounterpartyAccount,
        _ => true,
    }
}

/// What a column is likely to mean: the longest phrase of the rules that its name holds, the
/// first rule of two alike.
pub fn role_of(profile: &Profile) -> Option<Role> {
    let mut best: Option<(usize, Role)> = None;
    for (role, fits, phrases) in RULES {
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
    match (best, end_of(profile)) {
        (None, Some(End::From)) if bare => Some(Role::End1),
        (None, Some(End::To)) if bare => Some(Role::End2),
        (Some((_, role)), _) => Some(role),
        (None, _) => by_values(profile),
    }
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
    } else {
        None
    }
}

/// The currency that a word or code means.
pub fn currency_word(text: &str) -> Option<Currency> {
    let lower = text.trim().to_lowercase();
    let named = CURRENCY_WORDS.iter().find(|(words, _)| words.contains(&lower.as_str()));
    named.map_or_else(|| text.parse().ok(), |(_, code)| code.parse().ok())
}

const CURRENCY_WORDS: &[(&[&str], &str)] = &[
    (&["us dollar", "dollar", "us dollars", "$", "us$"], "USD"),
    (&["euro", "euros", "€"], "EUR"),
    (&["uk pound", "pound", "pound sterling", "sterling", "£"], "GBP"),
    (&["swiss franc", "sfr"], "CHF"),
    (&["yuan", "renminbi", "rmb"], "CNY"),
    (&["rupee", "indian rupee"], "INR"),
    (&["yen", "japanese yen"], "JPY"),
    (&["bitcoin"], "XBT"),
    (&["ruble", "rouble"], "RUB"),
    (&["shekel"], "ILS"),
    (&["brazil real", "real"], "BRL"),
    (&["canadian dollar"], "CAD"),
    (&["mexican peso", "peso"], "MXN"),
    (&["saudi riyal"], "SAR"),
    (&["australian dollar"], "AUD"),
];

/// The channel that a producer's word means.
pub fn channel_word(text: &str) -> Option<&'static str> {
    let lower = text.to_lowercase();
    let parts: [(&[&str], &str); 10] = [
        (&["fee", "charge"], "fee"),
        (&["interest"], "interest"),
        (&["wire", "swift", "fedwire", "chaps"], "wire"),
        (&["zelle", "venmo", "cash app", "p2p"], "p2p"),
        (&["ach", "direct dep", "sepa", "payroll", "eft"], "ach"),
        (&["atm", "cash"], "cash"),
        (&["card", "pos", "purchase", "visa"], "card"),
        (&["check", "cheque", "chk"], "cheque"),
        (&["bitcoin", "crypto"], "crypto"),
        (&["transfer", "xfer", "book"], "book"),
    ];
    let words = parts.iter().find(|(words, _)| words.iter().any(|word| lower.contains(word)));
    words.map(|(_, channel)| *channel)
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
