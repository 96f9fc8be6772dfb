//! Fields of statements, of lists of transfers and of call returns.

use regex::Regex;

use crate::model::{Currency, counted_as};
use crate::normalise::{DecimalMark, MarkForm, parse_minor};
use crate::records::{Direction, RecordKind};
use crate::store::suggest::balance::{balance_evidence, decimals, telling_decimals};
use crate::store::suggest::draft::{Draft, Entry};
use crate::store::suggest::profile::{Profile, quoted};
use crate::store::suggest::roles::{End, Role};
use crate::store::suggest::vocabulary::{call_kind, channel_word, currency_word, sign_word};

/// Columns of money.
const MONEY: [Role; 7] = [
    Role::Amount,
    Role::Debit,
    Role::Credit,
    Role::Balance,
    Role::Received,
    Role::Rent,
    Role::LeaseDeposit,
];
/// Decimals that a layout can give a currency.
pub const DECIMALS_MAX: u8 = 8;
/// Decimals of most currencies.
const USUAL_DECIMALS: u8 = 2;

/// The fields of one account's statement.
pub fn statement(draft: &mut Draft<'_>) {
    if draft.take("account", Role::Account).is_none() {
        account_elsewhere(draft);
    }
    booked(draft);
    draft.take_time("value_date", Role::ValueDate);
    signed_amount(draft);
    draft.take("balance", Role::Balance);
    let texts = draft.free(Role::Description);
    draft.joined("description", &texts, " ");
    draft.take("counterparty_account", Role::CounterpartyAccount);
    let named = [draft.free(Role::CounterpartyName), draft.free(Role::Name)].concat();
    draft.column("counterparty_name", &named);
    draft.take("counterparty_bank", Role::CounterpartyBank);
    draft.take("bank", Role::Bank);
    beside_the_amount(draft);
}

/// The fields of a list of transfers.
pub fn transfers(draft: &mut Draft<'_>) {
    for (end, bare, side) in [(End::From, Role::End1, "from"), (End::To, Role::End2, "to")] {
        let accounts = [draft.free_of(Role::Account, end), draft.free(bare)].concat();
        draft.column(&format!("{side}_account"), &accounts);
        let banks = draft.free_of(Role::Bank, end);
        draft.column(&format!("{side}_bank"), &banks);
        let names =
            [draft.free_of(Role::Name, end), draft.free_of(Role::CounterpartyName, end)].concat();
        draft.column(&format!("{side}_name"), &names);
    }
    booked(draft);
    draft.take("amount", Role::Amount);
    if draft.take("received_amount", Role::Received).is_some() {
        currency(draft, "received_currency", Role::ReceivedCurrency);
    }
    let texts = draft.free(Role::Description);
    draft.joined("description", &texts, " ");
    beside_the_amount(draft);
    draft.notes.push(
        "A list of transfers covers no account's statement. If it holds everything that one side \
         sent or received, add covers = \"sender\", \"receiver\" or \"both\" under [fields]."
            .to_owned(),
    );
}

/// What statements and lists have alike.
fn beside_the_amount(draft: &mut Draft<'_>) {
    currency(draft, "currency", Role::Currency);
    // A bare `Type` says how money moved where one of its texts is a word for that.
    let types = draft.free(Role::Kind).into_iter().filter(|at| {
        let few = draft.profile(*at).few.iter().flat_map(|few| few.keys());
        few.into_iter().any(|text| channel_word(text).is_some())
    });
    if let Some(column) = draft.free(Role::Channel).into_iter().chain(types).next() {
        let word = |text: &str| channel_word(text).map(str::to_owned);
        draft.words("channel", column, Some("other"), word);
    }
    draft.take("reference", Role::Reference);
    draft.take("place", Role::Place);
    draft.take("page", Role::Page);
    draft.take("bates", Role::Bates);
    more_decimals(draft);
}

fn booked(draft: &mut Draft<'_>) {
    let mut columns = draft.free(Role::Booked);
    // Statements are kept in order of posting, and running balances with it.
    columns.sort_by_key(|at| {
        !(draft.profile(*at).says("posting") || draft.profile(*at).says("posted"))
    });
    for other in [Role::Opened, Role::Start, Role::ValueDate] {
        if columns.is_empty() {
            columns = draft.free(other);
        }
    }
    let Some((first, others)) = columns.split_first() else { return };
    draft.time("booked", *first);
    for other in others {
        draft.time("booked", *other);
        let other = draft.entries.pop().expect("a time is an entry");
        let entry = draft.entry("booked").expect("the first time was taken");
        entry.others.extend(other.taken.into_iter().chain(other.others));
        entry.ask.get_or_insert_with(|| {
            "several columns are dates; on which day did the bank book the row?".to_owned()
        });
    }
}

/// The account of a statement that no column names: above the header, in the file's name, or
/// known to a person only.
fn account_elsewhere(draft: &mut Draft<'_>) {
    let pattern = "(?i)(?:account|acct|a/c|konto|cuenta|iban)[^0-9*]*([0-9*Xx][0-9*Xx -]{2,}[0-9])";
    let regex = Regex::new(pattern).expect("the pattern is one");
    let above: Vec<String> = draft
        .sample
        .preamble
        .iter()
        .filter_map(|line| Some(regex.captures(line)?.get(1)?.as_str().to_owned()))
        .collect();
    let from_name = Regex::new("[0-9]{4,}").expect("the pattern is one");
    let mut entry = Entry {
        key: "account".to_owned(),
        why: vec!["no column names the account".to_owned()],
        ask: None,
        taken: None,
        others: Vec::new(),
    };
    let preamble = format!("{{ preamble = {} }}", quoted(pattern));
    if let Some(first) = above.first() {
        entry.why.push(format!("a line above the header says {}", quoted(first)));
        entry.taken = Some(preamble);
    } else {
        entry.ask = Some("whose statement is this? Write the account's number".to_owned());
        if from_name.is_match(draft.stem) {
            entry.others.push("{ file_name = '([0-9]{4,})' }".to_owned());
        }
        entry.others.push("{ constant = \"the account's number\" }".to_owned());
    }
    draft.entries.push(entry);
}

/// How the amount says its direction: two columns, a sign of its own, or a column of signs.
fn signed_amount(draft: &mut Draft<'_>) {
    let (debit, credit) = (draft.free(Role::Debit), draft.free(Role::Credit));
    if let (Some(debit), Some(credit)) = (debit.first(), credit.first()) {
        let (out, into) = (draft.profile(*debit), draft.profile(*credit));
        let mut entry = draft.plain("amount", *debit);
        entry.why = vec![format!(
            "{} the one, {} the other",
            counted_as(out.filled as usize, "row fills", "rows fill"),
            into.filled
        )];
        entry.taken =
            Some(format!("{{ debit = {}, credit = {} }}", quoted(&out.name), quoted(&into.name)));
        let signed = vec![(*debit, -1), (*credit, 1)];
        entry.why.extend(balance_evidence(draft, &signed, None));
        draft.mark(*debit);
        draft.mark(*credit);
        draft.entries.push(entry);
        return;
    }
    let amounts = draft.free(Role::Amount);
    let Some(amount) = draft.column("amount", &amounts) else { return };
    let told = |at: &usize| {
        let few = || draft.profile(*at).few.iter().flat_map(|few| few.keys());
        few().next().is_some() && few().all(|text| sign_word(text, few()).is_some())
    };
    let ways = draft.free(Role::Direction).into_iter().find(told);
    let sign = draft.free(Role::Sign).first().copied().or(ways);
    let mut why = Vec::new();
    let profile = draft.profile(amount);
    let mut taken = None;
    let mut ask = None;
    if let Some(sign) = sign {
        let (words, asked) = signed_by(draft.profile(sign));
        ask = asked;
        let column = quoted(&draft.profile(sign).name);
        let reference = profile.reference();
        taken = Some(format!(
            "{{ {reference}, sign = {{ column = {column}, values = {{ {words} }} }} }}"
        ));
        why.push(format!("{column} says which way each amount goes"));
        draft.mark(sign);
    } else if profile.negative > 0 {
        why.push(format!("{} of {} amounts are below zero", profile.negative, profile.filled));
    } else if profile.filled > 0 {
        ask = Some(
            "no amount is below zero and no column says which way it goes. Read so, all of them \
             reach the account; is that right?"
                .to_owned(),
        );
    }
    why.extend(balance_evidence(draft, &[(amount, 1)], sign));
    let entry = draft.entry("amount").expect("the amount was taken");
    entry.why.extend(why);
    entry.ask = ask.or(entry.ask.take());
    if taken.is_some() {
        entry.taken = taken;
    }
}

/// The words of a column that signs amounts, each with its way, and what is to be asked of others.
fn signed_by(column: &Profile) -> (String, Option<String>) {
    let texts = || column.few.iter().flat_map(|few| few.keys());
    let (mut words, mut unknown) = (Vec::new(), Vec::new());
    for text in texts() {
        match sign_word(text, texts()) {
            Some(Direction::Debit) => words.push(format!("{} = \"debit\"", quoted(text))),
            Some(Direction::Credit) => words.push(format!("{} = \"credit\"", quoted(text))),
            None => unknown.push(quoted(text)),
        }
    }
    let ask = (!unknown.is_empty()).then(|| {
        format!(
            "which way does money go with {}? Rows with it are set aside unless it is listed as \
             \"debit\" or \"credit\"",
            unknown.join(", ")
        )
    });
    (words.join(", "), ask)
}

fn currency(draft: &mut Draft<'_>, key: &str, role: Role) {
    let Some(column) = draft.free(role).first().copied() else { return };
    let profile = draft.profile(column);
    let codes = profile
        .few
        .iter()
        .flat_map(|few| few.keys())
        .all(|text| text.len() == 3 && text.parse::<Currency>().is_ok());
    if codes {
        draft.column(key, &[column]);
    } else {
        draft.words(key, column, None, |text| currency_word(text).map(|one| one.to_string()));
    }
}

/// Currencies in which the file writes more decimals than they have.
fn more_decimals(draft: &mut Draft<'_>) {
    let mut most: std::collections::BTreeMap<Currency, u8> = Default::default();
    let mark = if decimal_mark(draft) == Some(DecimalMark::Comma) { ',' } else { '.' };
    for (amount, currency) in
        [(Role::Amount, Role::Currency), (Role::Received, Role::ReceivedCurrency)]
    {
        let at = |role: Role| draft.columns.iter().position(|one| one.role == Some(role));
        let (Some(amount), Some(currency)) = (at(amount), at(currency)) else { continue };
        for row in &draft.sample.rows {
            let Some(one) = currency_word(&row.cells[currency]) else { continue };
            let shown = decimals(&row.cells[amount], mark);
            let known = most.entry(one).or_insert(0);
            *known = shown.max(*known);
        }
    }
    let beyond = most.into_iter().filter(|(one, digits)| *digits > one.minor_digits());
    draft.minor_digits = beyond.map(|(one, digits)| (one.to_string(), digits.min(8))).collect();
}

/// The most decimals of an amount, and that amount, where neither its currency nor any has so many.
pub fn surplus_decimals(draft: &Draft<'_>) -> Option<(u8, String)> {
    let mark = if decimal_mark(draft)? == DecimalMark::Comma { ',' } else { '.' };
    let stated = draft.columns.iter().any(|one| one.role == Some(Role::Currency));
    let allowed = if stated { DECIMALS_MAX } else { USUAL_DECIMALS };
    let columns = draft.columns.iter().enumerate();
    let amounts = columns.filter(|(_, one)| one.role.is_some_and(|role| MONEY.contains(&role)));
    let mut most: Option<(u8, String)> = None;
    for (at, _) in amounts {
        for text in draft.sample.rows.iter().map(|row| &row.cells[at]) {
            let shown = telling_decimals(text, mark);
            if shown > allowed && most.as_ref().is_none_or(|(known, _)| shown > *known) {
                most = Some((shown, text.clone()));
            }
        }
    }
    most
}

/// The decimal mark that the file's amounts show, if they do.
pub fn decimal_mark(draft: &Draft<'_>) -> Option<DecimalMark> {
    match money_evidence(draft).mark() {
        MarkForm::One(mark) => Some(mark),
        _ => None,
    }
}

/// Counts of every column of money.
pub fn money_evidence(draft: &Draft<'_>) -> crate::normalise::AmountEvidence {
    let mut evidence = crate::normalise::AmountEvidence::default();
    for column in draft.columns.iter().filter(|one| one.role.is_some_and(|r| MONEY.contains(&r))) {
        evidence.merge(&column.profile.amounts);
    }
    evidence
}

/// The amount of a cell, whatever decimals it has, in units of 10^-8.
pub fn exact(text: &str, mark: DecimalMark) -> Option<i64> {
    parse_minor(text, mark, 8).ok()
}

/// The fields of a call return.
pub fn calls(draft: &mut Draft<'_>) {
    let times = [draft.free(Role::Booked), draft.free(Role::Start), draft.free(Role::Opened)];
    if let Some(start) = times.concat().first() {
        draft.time("start", *start);
        with_clock(draft, "start", *start);
    }
    let (callers, called) = (draft.free(Role::Caller), draft.free(Role::Called));
    let phones = [draft.free(Role::Phone), callers.clone()].concat();
    let other = [draft.free(Role::OtherPhone), called.clone()].concat();
    if !callers.is_empty() && !called.is_empty() {
        draft.column("caller", &callers);
        draft.column("called", &called);
    } else if let (Some(direction), false) = (draft.free(Role::Direction).first(), other.is_empty())
    {
        draft.column("target", &phones);
        draft.column("other", &other);
        draft.words("direction", *direction, None, direction_word);
    } else {
        let two = if other.is_empty() { phones } else { [phones, other].concat() };
        draft.column("caller", &two[..1]);
        draft.column("called", &two[1..2]);
        let names = two[..2].iter().map(|at| quoted(&draft.profile(*at).name)).collect::<Vec<_>>();
        let ask = format!("which of {} called the other?", names.join(" and "));
        draft.entry("caller").expect("it was taken").ask = Some(ask);
    }
    draft.take("call", Role::Call);
    draft.take("leg", Role::Leg);
    if let Some(column) = draft.take("duration", Role::Duration)
        && draft.profile(column).amounts.plain == draft.profile(column).filled
    {
        let reference = draft.profile(column).reference();
        let entry = draft.entry("duration").expect("it was taken");
        entry.why.push("whole numbers, taken as seconds".to_owned());
        entry.taken = Some(format!("{{ {reference}, format = \"%s\" }}"));
    }
    if let Some(column) = draft.free(Role::CallKind).first() {
        draft.words("kind", *column, None, |text| call_kind(text).map(str::to_owned));
    }
    for (key, role) in [
        ("imei", Role::Imei),
        ("imsi", Role::Imsi),
        ("tower", Role::Tower),
        ("tower_place", Role::TowerPlace),
        ("dialled", Role::Dialled),
    ] {
        draft.take(key, role);
    }
    debug_assert_eq!(draft.kind, RecordKind::CallDetail);
}

/// A date whose clock time stands in a column of its own: both are read as one time.
fn with_clock(draft: &mut Draft<'_>, key: &str, date: usize) {
    let Some(clock) = draft.free(Role::Clock).first().copied() else { return };
    let one = draft.profile(clock).few.iter().flat_map(|few| few.keys()).next().cloned();
    let rows = draft.sample.rows.iter().map(|row| row.cells[clock].as_str());
    let text = one.or_else(|| rows.into_iter().find(|text| !text.is_empty()).map(str::to_owned));
    let text = text.unwrap_or_default().to_ascii_uppercase();
    let half = text.ends_with('M');
    let words = match (text.matches(':').count(), half) {
        (1, false) => "%H:%M",
        (1, true) => "%I:%M %p",
        (_, false) => "%H:%M:%S",
        (_, true) => "%I:%M:%S %p",
    };
    let (name, beside) = (quoted(&draft.profile(date).name), quoted(&draft.profile(clock).name));
    let entry = draft.entry(key).expect("the date was taken");
    let timed = |text: &String| {
        let format = text.split("format = \"").nth(1).and_then(|rest| rest.split('"').next());
        let format = quoted(&format!("{} {words}", format.unwrap_or("%Y-%m-%d")));
        format!("{{ columns = [{name}, {beside}], join = \" \", format = {format} }}")
    };
    entry.taken = entry.taken.as_ref().map(timed);
    entry.others = entry.others.iter().map(timed).collect();
    entry.why.push(format!("{beside} holds the clock time"));
    draft.mark(clock);
    draft.zoneless = true;
}

fn direction_word(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let word = match lower.as_str() {
        "mo" | "o" => "out",
        "mt" | "i" => "in",
        _ if lower.starts_with("out") || lower.starts_with("orig") => "out",
        _ if lower.starts_with("in") || lower.starts_with("term") => "in",
        _ => return None,
    };
    Some(word.to_owned())
}
