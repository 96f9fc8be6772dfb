//! Fields of statements, and what they have in common with lists of transfers.

use crate::model::{Currency, counted_as};
use crate::normalise::{DecimalMark, MarkForm, parse_minor};
use crate::records::Direction;
use crate::store::suggest::balance::{balance_evidence, decimals, telling_decimals};
use crate::store::suggest::clocks::with_clock;
use crate::store::suggest::completed::completed;
use crate::store::suggest::currencies::currency_of_names;
use crate::store::suggest::draft::Draft;
use crate::store::suggest::last_digits::as_last_digits;
use crate::store::suggest::own_account::own_account;
use crate::store::suggest::profile::{Profile, quoted};
use crate::store::suggest::roles::Role;
use crate::store::suggest::stated_lines::stated_lines;
use crate::store::suggest::vocabulary::{
    asset_word, channel_word, currency_word, is_assets, sign_word,
};

/// Columns of money.
pub const MONEY: [Role; 7] = [
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
    own_account(draft);
    booked(draft);
    draft.take_time("value_date", Role::ValueDate);
    signed_amount(draft);
    draft.take("balance", Role::Balance);
    let texts = draft.free(Role::Description);
    draft.joined("description", &texts, " ");
    draft.take("counterparty_account", Role::CounterpartyAccount);
    as_last_digits(draft, "counterparty_account");
    let named = [draft.free(Role::CounterpartyName), draft.free(Role::Name)].concat();
    draft.column("counterparty_name", &named);
    draft.take("counterparty_bank", Role::CounterpartyBank);
    draft.take("bank", Role::Bank);
    beside_the_amount(draft);
    stated_lines(draft);
}

/// What statements and lists have alike.
pub fn beside_the_amount(draft: &mut Draft<'_>) {
    currency(draft, "currency", Role::Currency);
    // A bare `Type` says how money moved where one of its texts is a word for that.
    let types = draft.free(Role::Kind).into_iter().filter(|at| {
        let few = draft.profile(*at).few.iter().flat_map(|few| few.keys());
        few.into_iter().any(|text| channel_word(text).is_some())
    });
    if let Some(column) = draft.free(Role::Channel).into_iter().chain(types).next() {
        let word = |text: &str| channel_word(text).map(str::to_owned);
        draft.words("channel", column, Some("other"), word);
    } else if let Some(one) = draft.columns.iter().find(|one| is_of_wires(&one.profile)) {
        draft.constant("channel", "wire");
        let entry = draft.entries.last_mut().expect("it was just taken");
        entry.why.push(format!("only wires have an {}", quoted(&one.profile.name)));
    }
    completed(draft);
    draft.take("reference", Role::Reference);
    draft.take("place", Role::Place);
    draft.take("page", Role::Page);
    draft.take("bates", Role::Bates);
    more_decimals(draft);
}

/// Whether a column holds what the Fedwire system numbers messages by.
fn is_of_wires(profile: &Profile) -> bool {
    profile.filled > 0 && ["imad", "omad"].iter().any(|word| profile.says(word))
}

/// When a payment was booked, with its clock time where that has a column of its own.
pub fn booked(draft: &mut Draft<'_>) {
    let mut columns = draft.free(Role::Booked);
    // Statements are kept in order of posting, and running balances with it.
    let posted =
        |at: usize| ["posting", "posted", "post"].iter().any(|one| draft.profile(at).says(one));
    columns.sort_by_key(|at| !posted(*at));
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
    // Beside several dates a clock time is that of the date before it.
    let clocks = draft.free(Role::Clock);
    if others.is_empty() || clocks.contains(&(first + 1)) {
        with_clock(draft, "booked", *first);
    }
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
    let mut ask = None;
    if let Some(sign) = sign {
        let (words, asked) = signed_by(draft.profile(sign));
        ask = asked;
        let column = quoted(&draft.profile(sign).name);
        let signed = |text: &str| {
            let text = text.trim_end_matches([' ', '}']);
            format!("{text}, sign = {{ column = {column}, values = {{ {words} }} }} }}")
        };
        let entry = draft.entry("amount").expect("the amount was taken");
        entry.taken = entry.taken.as_deref().map(signed);
        entry.others = entry.others.iter().map(|other| signed(other)).collect();
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
    entry.ask = match (ask, entry.ask.take()) {
        (Some(one), Some(other)) => Some(format!("{other} And {one}")),
        (one, other) => one.or(other),
    };
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

/// A column of currencies; for amounts of the record without one, what the names of their columns
/// say.
pub fn currency(draft: &mut Draft<'_>, key: &str, role: Role) {
    let Some(column) = draft.free(role).first().copied() else {
        if role == Role::Currency {
            currency_of_names(draft, key);
        }
        return;
    };
    let profile = draft.profile(column);
    // Amounts of tokens are no amounts of the case's currency.
    if profile.few.as_ref().is_some_and(is_assets) && !profile.says("currency") {
        return draft.words(key, column, None, |text| asset_word(text).map(|one| one.to_string()));
    }
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
            let text = &row.cells[currency];
            let Some(one) = asset_word(text).or_else(|| currency_word(text)) else { continue };
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
