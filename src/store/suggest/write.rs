//! The drafted layout as a file: evidence as comments, questions as `# ASK:`, and other choices as
//! lines that a person uncomments.

use std::fmt::Write as _;

use crate::model::counted_as;
use crate::normalise::{DecimalMark, MarkForm};
use crate::records::{RecordKind, StructuredFormat};
use crate::store::suggest::draft::{Draft, Entry};
use crate::store::suggest::no_records::ignored;
use crate::store::suggest::payments::{DECIMALS_MAX, money_evidence, surplus_decimals};
use crate::store::suggest::profile::{quoted, words_of};
use crate::store::suggest::roles::Role;
use crate::store::suggest::zones::zones_above;

/// The layout of a structured format: it needs none of its own.
pub fn structured(format: &StructuredFormat) -> String {
    format!(
        "# This is a {word} file, which is read without a layout. Name one only to give the bank, \
         as in\n# institution = \"…\"\nname = {name}\nrecord = {record}\nformat = {name}\n",
        word = format.word,
        name = quoted(format.word),
        record = quoted(format.record.word())
    )
}

/// The text of the layout.
pub fn layout(draft: &Draft<'_>, built_in: Option<&str>) -> String {
    let mut out = String::new();
    head(draft, built_in, &mut out);
    csv(draft, &mut out);
    out.push_str("\n[fields]\n");
    for (at, entry) in draft.entries.iter().enumerate() {
        if at > 0 && (!entry.why.is_empty() || entry.ask.is_some()) {
            out.push('\n');
        }
        field(entry, &mut out);
    }
    kept(draft, &mut out);
    out
}

/// Writes a text as lines of a comment.
pub fn comment(out: &mut String, text: &str) {
    for line in wrapped(text, 96) {
        let _ = writeln!(out, "# {line}");
    }
}

/// Words of a text in lines of at most `width` letters, where words allow.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.last_mut().expect("there is always a line");
        if !last.is_empty() && last.chars().count() + word.chars().count() >= width {
            lines.push(word.to_owned());
        } else {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(word);
        }
    }
    lines
}

fn head(draft: &Draft<'_>, built_in: Option<&str>, out: &mut String) {
    let sample = draft.sample;
    let extent = match (sample.rows.len(), sample.whole) {
        (0, _) => "a header without rows".to_owned(),
        (1, true) => "the only row".to_owned(),
        (rows, true) => format!("all {rows} rows"),
        (rows, false) => format!("the first {}", counted_as(rows, "row", "rows")),
    };
    comment(
        out,
        &format!(
            "Suggested from {extent} and {}. Read each guess and its evidence; answer each ASK by \
             keeping one line of its field and removing the others.",
            counted_as(sample.columns.len(), "column", "columns")
        ),
    );
    if let Some(name) = built_in {
        let said = format!("The built-in layout {name:?} reads this file without a layout file.");
        comment(out, &said);
    }
    let words = words_of(draft.stem).join("-");
    let name = if words.is_empty() { "suggested" } else { words.as_str() };
    let _ = writeln!(out, "name = {}", quoted(name));
    comment(out, &draft.why);
    match unread_money(draft) {
        Some(asked) => {
            comment(out, &asked);
            let _ = writeln!(out, "record = \"?\"\n# record = {}", quoted(draft.kind.word()));
        }
        None => {
            let _ = writeln!(out, "record = {}", quoted(draft.kind.word()));
        }
    }
    let has = |key: &str| draft.entries.iter().any(|entry| entry.key == key);
    let banked = ["account", "from_account"].iter().any(|key| has(key));
    if banked && !has("bank") && !has("from_bank") {
        comment(out, "No column names the bank. If all rows are one bank's, name it:");
        out.push_str("# institution = \"…\"\n");
    }
    if draft.zoneless {
        zone(draft, out);
    }
    for note in &draft.notes {
        comment(out, note);
    }
    if sample.has_header {
        let columns: Vec<String> = sample.columns.iter().map(|name| quoted(name)).collect();
        let _ = writeln!(out, "\n[recognise]\nheader = [{}]", columns.join(", "));
    }
}

/// What is asked where rows have a time and an amount and yet are taken for something else than
/// payments: read so, their money would be in no total.
fn unread_money(draft: &Draft<'_>) -> Option<String> {
    let elsewhere = [
        RecordKind::Accounts,
        RecordKind::AccountHolders,
        RecordKind::Parties,
        RecordKind::Subscribers,
        RecordKind::Devices,
    ];
    if !elsewhere.contains(&draft.kind) {
        return None;
    }
    let unread = draft.unread();
    let has_money = |at: &&usize| {
        let (profile, role) = (draft.profile(**at), draft.columns[**at].role);
        let named = [Role::Amount, Role::Debit, Role::Credit].map(Some).contains(&role);
        let decimals = profile.amounts.point + profile.amounts.comma;
        let shown = decimals > 0 && profile.is_amount() && role != Some(Role::Balance);
        profile.filled > 0 && (named || shown)
    };
    let name = |at: &usize| quoted(&draft.profile(*at).name);
    let money = unread.iter().find(has_money).map(name)?;
    let dated = |at: &&usize| {
        let profile = draft.profile(**at);
        profile.filled > 0
            && (["date", "time"].iter().any(|word| profile.says(word)) || profile.is_time())
    };
    let date = unread.iter().find(dated).map(name)?;
    Some(format!(
        "ASK: {money} holds money and {date} says when; are these payments? Read as below their \
         money is in no total. If they are, take record = \"bank-statement\" or \"bank-transfers\" \
         and name their columns"
    ))
}

/// The zone of times without an offset: what the lines above the header say of it, or the case's.
fn zone(draft: &Draft<'_>, out: &mut String) {
    let spoken = zones_above(&draft.sample.preamble);
    match spoken.as_slice() {
        [] => {
            let said = "Times have no offset: the case file's timezone is theirs, unless this one \
                        is:";
            comment(out, said);
            out.push_str("# timezone = \"America/New_York\"\n");
        }
        [(zone, line)] if !zone.is_empty() => {
            comment(out, &format!("a line above the header says of the times: {}", quoted(line)));
            let _ = writeln!(out, "timezone = {}", quoted(zone));
        }
        several => {
            let lines: Vec<String> = several.iter().map(|(_, line)| quoted(line)).collect();
            let said = format!(
                "ASK: lines above the header speak of the zone of the times: {}; which clocks \
                 showed them?",
                lines.join(", ")
            );
            comment(out, &said);
            out.push_str("timezone = \"?\"\n");
            for (zone, _) in several.iter().filter(|(zone, _)| !zone.is_empty()) {
                let _ = writeln!(out, "# timezone = {}", quoted(zone));
            }
        }
    }
}

fn csv(draft: &Draft<'_>, out: &mut String) {
    let sample = draft.sample;
    let mut text = String::new();
    let delimiter = match sample.delimiter {
        b'\t' => "\\t".to_owned(),
        byte => char::from(byte).to_string(),
    };
    if sample.delimiter != b',' {
        let (alike, lines) = sample.delimiter_lines;
        let fields = sample.columns.len();
        comment(&mut text, &format!("{alike} of {lines} lines have {fields} fields"));
        let _ = writeln!(text, "delimiter = {}", quoted(&delimiter));
    }
    if sample.encoding != "utf-8" && !sample.encoding_marked {
        comment(&mut text, &sample.encoding_why);
        let _ = writeln!(text, "encoding = {}", quoted(sample.encoding));
    }
    decimal_mark(draft, &mut text);
    if !draft.minor_digits.is_empty() {
        comment(&mut text, "amounts of these have more decimals than the currency");
        let pairs = draft.minor_digits.iter().map(|(code, digits)| format!("{code} = {digits}"));
        let _ = writeln!(text, "minor_digits = {{ {} }}", pairs.collect::<Vec<_>>().join(", "));
    }
    if let Some((most, example)) = surplus_decimals(draft) {
        let asked = format!(
            "ASK: an amount has {most} decimals, {}: more than most currencies have. Rounded, or \
             set aside?",
            quoted(&example)
        );
        comment(&mut text, &asked);
        // What no currency can hold would be set aside row by row.
        let lead = if most > DECIMALS_MAX { "" } else { "# " };
        let _ = writeln!(text, "{lead}surplus_decimals = \"round\"");
        if most > DECIMALS_MAX {
            text.push_str("# surplus_decimals = \"refuse\"\n");
        }
    }
    if !sample.has_header {
        comment(&mut text, "no line names the columns; these names are ours");
        let names: Vec<String> = sample.columns.iter().map(|name| quoted(name)).collect();
        let _ = writeln!(text, "columns = [{}]", names.join(", "));
    }
    ignored(draft, &mut text);
    if !text.is_empty() {
        let _ = write!(out, "\n[csv]\n{text}");
    }
}

fn decimal_mark(draft: &Draft<'_>, out: &mut String) {
    let evidence = money_evidence(draft);
    let show = |at: usize| {
        let example = evidence.examples[at].as_ref();
        example.map_or_else(String::new, |one| quoted(&one.text))
    };
    match evidence.mark() {
        MarkForm::One(DecimalMark::Comma) => {
            let (comma, texts) = (evidence.comma, evidence.texts);
            let said = format!("{comma} of {texts} amounts read only so, as in {}", show(1));
            comment(out, &said);
            out.push_str("decimal_mark = \",\"\n");
        }
        MarkForm::One(DecimalMark::Point) => {
            let (point, texts) = (evidence.point, evidence.texts);
            let said = format!("{point} of {texts} amounts read only so, as in {}", show(0));
            comment(out, &said);
            out.push_str("decimal_mark = \".\"\n");
        }
        MarkForm::Undecided => {
            let said = format!(
                "ASK: every amount reads with either decimal mark, as in {}; which is it?",
                show(2)
            );
            comment(out, &said);
            out.push_str("decimal_mark = \"?\"\n# decimal_mark = \".\"\n# decimal_mark = \",\"\n");
        }
        MarkForm::Mixed => {
            let said = format!(
                "ASK: {} amounts read only with a point, as in {}, and {} only with a comma, as in \
                 {}; the ones that the mark does not fit are set aside",
                evidence.point,
                show(0),
                evidence.comma,
                show(1)
            );
            comment(out, &said);
            let point = evidence.point >= evidence.comma;
            let (first, second) = if point { (".", ",") } else { (",", ".") };
            let _ = writeln!(out, "decimal_mark = \"{first}\"\n# decimal_mark = \"{second}\"");
        }
        MarkForm::None | MarkForm::Any => {}
    }
}

fn field(entry: &Entry, out: &mut String) {
    for why in &entry.why {
        comment(out, why);
    }
    if let Some(ask) = &entry.ask {
        comment(out, &format!("ASK: {ask}"));
    }
    if let Some(taken) = &entry.taken {
        let _ = writeln!(out, "{} = {taken}", entry.key);
    }
    for other in &entry.others {
        let _ = writeln!(out, "# {} = {other}", entry.key);
    }
}

/// Columns that no field takes: kept as attributes of a payment, else named.
fn kept(draft: &Draft<'_>, out: &mut String) {
    let unread = draft.unread();
    if unread.is_empty() {
        return;
    }
    let payments = [RecordKind::BankStatement, RecordKind::BankTransfers].contains(&draft.kind);
    if !payments {
        let names: Vec<String> = unread.iter().map(|at| quoted(&draft.profile(*at).name)).collect();
        out.push('\n');
        comment(out, &format!("Not read: {}", names.join(", ")));
        return;
    }
    out.push('\n');
    comment(out, "No field takes these columns; they are kept beside each payment.");
    out.push_str("[attributes]\n");
    let mut taken: Vec<String> = Vec::new();
    for at in unread {
        let profile = draft.profile(at);
        let mut key = profile.words.join("_");
        // An attribute names a column by its first place; a name that repeats has no other.
        if key.is_empty() || taken.contains(&key) || profile.nth.0 > 1 {
            key = format!("column_{}", at + 1);
        }
        if profile.nth.0 == 1 {
            let _ = writeln!(out, "{} = {{ column = {} }}", quoted(&key), quoted(&profile.name));
        }
        taken.push(key);
    }
}
