//! An ACH entry as a transfer: who pays whom, when, and under which numbers.
//!
//! A credit goes from the originating company to the receiver's account, a debit the other way.
//! A return is the same money on its way back, under the trace number of the entry it returns;
//! a return that is sent back in turn is that money going out again. Entries that move nothing
//! are set aside with what they say.

use crate::model::Currency;
use crate::records::nacha::batch::Batch;
use crate::records::nacha::codes::{EntryKind, Reversal, reason_words, reversal};
use crate::records::nacha::entry::{Answer, Entry, OpenEntry};
use crate::records::nacha::totals::{aside, note};
use crate::records::reject::Reject;
use crate::records::structured::{Item, StructuredRecord};

/// What an entry becomes, its own record first; the notes that go with it follow.
pub fn finish(open: OpenEntry, batch: &Batch, created: Option<jiff::civil::Date>) -> Vec<Item> {
    let mut items = Vec::new();
    let mut notes = open.notes.clone();
    match record(&open, batch, created, &mut notes) {
        Ok(record) => {
            items.push(Item::Record(record));
            notes.sort_by_key(|one| one.line);
        }
        Err(refusal) => {
            // The one reason why the entry is out stands for what else is to say of it.
            notes.retain(|one| !one.kept);
            items.push(Item::Reject(refusal));
        }
    }
    items.extend(notes.into_iter().map(Item::Reject));
    items
}

fn record(
    open: &OpenEntry,
    batch: &Batch,
    created: Option<jiff::civil::Date>,
    notes: &mut Vec<Reject>,
) -> Result<StructuredRecord, Reject> {
    let (entry, kind, is_credit) = moving(open, batch)?;
    if kind == EntryKind::Return && open.returned.is_none() {
        let reason = "a return without its addenda 99: the entry that it returns is not known";
        notes.push(note(&open.block, "entry code (2-3)", &open.block.at(2, 3), reason));
    }
    let is_return = open.returned.is_some() || kind == EntryKind::Return;
    let step = is_return
        .then(|| open.returned.as_ref().map_or(Reversal::Return, |one| reversal(&one.code)));
    let day = day(batch, created, is_return);
    let Some(day) = day else {
        let expected = "expected an effective entry date or a settlement day in the batch header, or a creation date in the file header";
        return Err(aside(
            &open.block,
            "effective entry date (70-75)",
            &batch.header.at(70, 75),
            expected,
        ));
    };
    let Some(company) = company(open, batch) else {
        let reason = format!(
            "expected a company name or number in the header of the batch, line {}",
            batch.header.line
        );
        return Err(aside(&open.block, "company identification (41-50)", "", reason));
    };
    let (from, to) = ends(open, entry, batch, company, step);
    let reference = match &open.returned {
        Some(answer) if !answer.original_trace.is_empty() => answer.original_trace.clone(),
        _ => entry.trace.clone(),
    };
    let mut values = vec![
        ("from_account", from.account),
        ("from_bank", from.bank),
        ("from_name", from.name),
        ("to_account", to.account),
        ("to_bank", to.bank),
        ("to_name", to.name),
        ("booked", day.to_string()),
        ("amount", decimal(entry.amount_minor)),
        ("currency", Currency::USD.to_string()),
        ("reference", reference),
        ("channel", "ach".to_owned()),
        ("description", description(open, entry, batch, is_credit, step)),
        ("place", open.terminal.clone()),
        ("reversal", reversal_flag(open, batch, kind, step)),
        ("reverses", reverses(open)),
    ];
    if let Some((amount, currency)) = received(open, batch, is_credit && step.is_none()) {
        values.push(("received_amount", amount));
        values.push(("received_currency", currency));
    }
    Ok(StructuredRecord {
        line: open.block.line,
        place: open.block.place.clone(),
        values,
        raw: open.raw.clone(),
    })
}

/// What states that an entry undoes an earlier one: its addenda 99, its code, or the batch of
/// reversing entries, whose description the rules fix.
fn reversal_flag(
    open: &OpenEntry,
    batch: &Batch,
    kind: EntryKind,
    step: Option<Reversal>,
) -> String {
    match (&open.returned, kind) {
        (Some(answer), _) => {
            let what = step.map_or("", step_words);
            format!("addenda 99 {} ({what}), line {}", answer.code, answer.line)
        }
        (None, EntryKind::Return) => format!("entry code {} (return)", open.block.at(2, 3)),
        (None, _) if batch.purpose.eq_ignore_ascii_case("REVERSAL") => {
            format!("batch description REVERSAL, line {}", batch.header.line)
        }
        (None, _) => String::new(),
    }
}

/// Trace number of what an entry undoes: of a return the entry, of a return that is sent back the
/// return.
fn reverses(open: &OpenEntry) -> String {
    let Some(answer) = &open.returned else { return String::new() };
    let step = answer.step_trace.trim_start_matches('0');
    if step.is_empty() { answer.original_trace.clone() } else { answer.step_trace.clone() }
}

fn step_words(step: Reversal) -> &'static str {
    match step {
        Reversal::Return => "return",
        Reversal::Dishonoured => "dishonored return",
        Reversal::Contested => "contested dishonored return",
    }
}

/// An entry that can be read and moves money, with what its code says.
fn moving<'a>(open: &'a OpenEntry, batch: &Batch) -> Result<(&'a Entry, EntryKind, bool), Reject> {
    if let Some(refusal) = &open.refusal {
        return Err(refusal.clone());
    }
    let entry = open.entry.as_ref().expect("an entry that is not refused was read");
    if batch.broken {
        let reason =
            format!("the header of its batch, line {}, could not be read", batch.header.line);
        return Err(aside(&open.block, "", "", reason));
    }
    let (kind, is_credit) = entry.code.expect("an entry that was read has a code");
    match moves_nothing(open, entry, kind, batch) {
        Some((found, reason)) => Err(aside(&open.block, "entry code (2-3)", &found, reason)),
        None => Ok((entry, kind, is_credit)),
    }
}

/// What stands in the amount's place and why no money moves; `None` when it does.
fn moves_nothing(
    open: &OpenEntry,
    entry: &Entry,
    kind: EntryKind,
    batch: &Batch,
) -> Option<(String, String)> {
    let found = open.block.at(2, 3);
    let who = format!("account {} at {} and {}", entry.account, entry.bank, batch.company);
    if kind == EntryKind::Advice || batch.is_advice() {
        let reason = "an operator's advice, which sums up entries that stand elsewhere; it is no transfer of its own";
        return Some((found, reason.to_owned()));
    }
    if let Some(change) = &open.change {
        let Answer { code, original_trace, words, .. } = change;
        let reason = format!(
            "a notification of change {code} to entry {original_trace}, corrected data {words:?}, for {who}; it moves no money"
        );
        return Some((found, reason));
    }
    let states = if entry.amount_minor == 0 {
        String::new()
    } else {
        format!(", though it states {}", decimal(entry.amount_minor))
    };
    match kind {
        EntryKind::Prenote => {
            Some((found, format!("a prenote that tests {who}; it moves no money{states}")))
        }
        EntryKind::ZeroDollar => Some((
            found,
            format!("an entry that carries text only, for {who}; it moves no money{states}"),
        )),
        _ if entry.amount_minor == 0 => {
            Some((found, format!("an entry of no amount, for {who}; it moves no money")))
        }
        _ => None,
    }
}

/// A return settles when the operator says, else not before its file was made: the day that the
/// company asked for is that of the entry it returns.
fn day(
    batch: &Batch,
    created: Option<jiff::civil::Date>,
    is_return: bool,
) -> Option<jiff::civil::Date> {
    if is_return && !batch.is_settled {
        created.or(batch.settles)
    } else {
        batch.settles.or(created)
    }
}

/// One end of a transfer.
struct End {
    account: String,
    bank: String,
    name: String,
}

/// The company's own account is not in the file. Its number with its bank stands for it, marked,
/// so that it never becomes another customer's account of the same digits.
fn company(open: &OpenEntry, batch: &Batch) -> Option<End> {
    let stated = open.border.as_ref().map(|border| border.originator.clone());
    let name = stated.filter(|name| !name.is_empty()).unwrap_or_else(|| batch.company.clone());
    let number = if batch.company_id.is_empty() { &name } else { &batch.company_id };
    if number.is_empty() {
        return None;
    }
    Some(End { account: format!("ACH-ID:{number}"), bank: String::new(), name })
}

/// Who pays and who is paid, in that order.
fn ends(
    open: &OpenEntry,
    entry: &Entry,
    batch: &Batch,
    company: End,
    step: Option<Reversal>,
) -> (End, End) {
    // What the receiver's bank sends back goes to the bank the company's entry came from.
    let sent_back = matches!(step, Some(Reversal::Return | Reversal::Contested));
    let bank = if sent_back { &entry.bank } else { &batch.bank };
    let company = End { bank: bank.clone(), ..company };
    let receiver = receiver(open, entry, batch, step);
    let is_credit = entry.code.is_some_and(|(_, is_credit)| is_credit);
    if is_credit == sent_back { (receiver, company) } else { (company, receiver) }
}

fn receiver(open: &OpenEntry, entry: &Entry, batch: &Batch, step: Option<Reversal>) -> End {
    let (mut bank, mut name) = (entry.bank.clone(), entry.name.clone());
    if let Some(border) = &open.border {
        name.clone_from(&border.receiver);
        // The entry itself goes to the bank at the border.
        if !border.receiver_bank.is_empty() && step.is_none() {
            bank.clone_from(&border.receiver_bank);
        }
    }
    if matches!(step, Some(Reversal::Return | Reversal::Contested)) {
        let stated = open.returned.as_ref().map(|answer| answer.original_bank.clone());
        bank = stated.filter(|bank| !bank.is_empty()).unwrap_or_else(|| batch.bank.clone());
    }
    End { account: entry.account.clone(), bank, name }
}

/// What arrives abroad: stated where the company pays in dollars and the rate was known.
fn received(open: &OpenEntry, batch: &Batch, leaves: bool) -> Option<(String, String)> {
    let minor = open.border.as_ref()?.foreign_minor;
    let currency: Currency = batch.currency_received.parse().ok()?;
    // The field has two decimals whatever the currency; of others its meaning is not certain.
    let stated = minor > 0 && currency != Currency::USD && currency.minor_digits() == 2;
    (leaves && stated).then(|| (decimal(minor), currency.to_string()))
}

fn description(
    open: &OpenEntry,
    entry: &Entry,
    batch: &Batch,
    is_credit: bool,
    step: Option<Reversal>,
) -> String {
    let mut parts = Vec::new();
    if let Some(step) = step {
        let answer = open.returned.clone().unwrap_or_default();
        let what = step_words(step);
        let mut text = format!("ACH {what} {} {}", answer.code, reason_words(&answer.code))
            .trim_end()
            .to_owned();
        if !answer.original_trace.is_empty() {
            text.push_str(&format!(" of entry {}", answer.original_trace));
        }
        parts.push(text);
        if !answer.words.is_empty() {
            parts.push(answer.words);
        }
        parts.push(format!(
            "return trace {}",
            if answer.trace.is_empty() { &entry.trace } else { &answer.trace }
        ));
    }
    let side = if is_credit { "credit" } else { "debit" };
    parts.push(format!("ACH {} {side} {}", batch.class, batch.purpose).trim_end().to_owned());
    if let Some(asked) = batch.asked {
        parts.push(format!("effective {asked}"));
    }
    parts.extend(entry.texts.iter().map(|(label, text)| format!("{label} {text}")));
    if !open.addenda.is_empty() {
        parts.push(open.addenda.clone());
    }
    if let Some(border) = &open.border {
        if border.foreign_minor > 0 {
            parts.push(format!(
                "foreign amount {} to {}",
                decimal(border.foreign_minor),
                batch.currency_received
            ));
        }
        parts.extend(border.words.iter().map(|text| text.trim().to_owned()));
    }
    parts.join("; ")
}

fn decimal(minor: u64) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}
