//! Fields of the records that say who is who: holders, parties, leases, accounts, ties.

use crate::model::counted_as;
use crate::records::RecordKind;
use crate::store::suggest::draft::{Draft, Entry};
use crate::store::suggest::payments::decimal_mark;
use crate::store::suggest::profile::{quoted, words_of};
use crate::store::suggest::roles::Role;

/// The fields of the draft's kind.
pub fn people(draft: &mut Draft<'_>) {
    match draft.kind {
        RecordKind::AccountHolders => {
            draft.take("account", Role::Account);
            name(draft);
            if let Some(column) = draft.free(Role::HolderCapacity).first() {
                draft.words("role", *column, None, role_word);
            }
            draft.take("bank", Role::Bank);
            about_a_party(draft);
        }
        RecordKind::Subscribers => {
            draft.take("phone", Role::Phone);
            name(draft);
            draft.take("imei", Role::Imei);
            draft.take("imsi", Role::Imsi);
            about_a_party(draft);
        }
        RecordKind::Parties => {
            name(draft);
            about_a_party(draft);
            draft.take("jurisdiction", Role::Jurisdiction);
        }
        RecordKind::Leases => lease(draft),
        RecordKind::Accounts => {
            draft.take("account", Role::Account);
            draft.take("bank", Role::Bank);
            draft.take("currency", Role::Currency);
            draft.column("kind", &[draft.free(Role::AccountKind), draft.free(Role::Kind)].concat());
            state(draft);
        }
        RecordKind::Loans => {
            draft.take("id", Role::Loan);
            draft.take("kind", Role::Kind);
            draft.take("amount", Role::Amount);
            draft.take("balance", Role::Balance);
            draft.take("currency", Role::Currency);
            state(draft);
        }
        RecordKind::Devices => {
            draft.take("id", Role::Device);
            draft.take("kind", Role::Kind);
            state(draft);
        }
        _ => tie(draft),
    }
}

fn state(draft: &mut Draft<'_>) {
    let opens = draft.kind == RecordKind::Accounts;
    draft.take("blocked", Role::Blocked);
    draft.take_time("opened", Role::Opened);
    if opens {
        draft.take_time("closed", Role::Closed);
    }
}

/// A name in one column or in two; an identifier of the producer's own where there is none.
fn name(draft: &mut Draft<'_>) {
    let (given, last) = (draft.free(Role::GivenName), draft.free(Role::Surname));
    let names = draft.free(Role::Name);
    let ids = draft.free(Role::PartyId);
    if !names.is_empty() {
        draft.column("name", &names);
    } else if !given.is_empty() || !last.is_empty() {
        draft.joined("name", &[given, last].concat(), " ");
    } else {
        draft.column("name", &ids);
        return;
    }
    if let Some(id) = ids.first() {
        let other = format!("{{ {} }}", draft.profile(*id).reference());
        let column = quoted(&draft.profile(*id).name);
        let entry = draft.entry("name").expect("the name was taken");
        entry.others.push(other);
        entry.ask.get_or_insert(format!(
            "do other files of this return name these parties by {column} alone? A party is known \
             by one of the two"
        ));
    }
}

fn about_a_party(draft: &mut Draft<'_>) {
    draft.take_time("born", Role::Born);
    address(draft, "address");
    if draft.kind != RecordKind::Subscribers {
        draft.take("phone", Role::Phone);
    }
    draft.take("email", Role::Email);
    draft.take("document", Role::Document);
    if draft.kind != RecordKind::Parties {
        let starts = [draft.free(Role::Opened), draft.free(Role::Start)].concat();
        let ends = [draft.free(Role::Closed), draft.free(Role::End)].concat();
        for (key, columns) in [("opened", starts), ("closed", ends)] {
            if let Some(column) = columns.first() {
                draft.time(key, *column);
            }
        }
    }
}

/// An address in its parts. A city without a street is no premises: all who live there would
/// share it.
fn address(draft: &mut Draft<'_>, key: &str) -> bool {
    let streets = [draft.free(Role::Premises), draft.free(Role::Street)].concat();
    if streets.is_empty() {
        return false;
    }
    let mut parts = streets;
    for role in [Role::StreetNumber, Role::Unit, Role::City, Role::State, Role::PostCode] {
        parts.extend(draft.free(role));
    }
    parts.sort_unstable();
    let is = |at: &usize, roles: &[Role]| {
        draft.columns[*at].role.is_some_and(|role| roles.contains(&role))
    };
    // A unit stands before the street in a list of units, and behind it in an address.
    if let Some(unit) = parts.iter().position(|at| is(at, &[Role::Unit]))
        && let Some(street) = parts.iter().rposition(|at| is(at, &[Role::Premises, Role::Street]))
        && unit < street
    {
        let moved = parts.remove(unit);
        parts.insert(street, moved);
    }
    let whole = parts.len() == 2 && is(&parts[1], &[Role::Unit]);
    draft.joined(key, &parts, if whole { " UNIT " } else { " " });
    true
}

/// Words that may stand between two names in one cell; in a firm's name they do too.
const NAMES_JOINED_BY: [&str; 3] = [" and ", " & ", " / "];

fn lease(draft: &mut Draft<'_>) {
    address(draft, "premises");
    for (key, role) in
        [("tenants", Role::Tenants), ("landlord", Role::Landlord), ("guarantors", Role::Guarantors)]
    {
        let Some(column) = draft.take(key, role) else { continue };
        let profile = draft.profile(column);
        let texts = draft.sample.rows.iter().map(|row| row.cells[column].as_str());
        let several = texts.filter(|text| text.contains(';')).count();
        let joined: Vec<&str> = draft
            .sample
            .rows
            .iter()
            .map(|row| row.cells[column].as_str())
            .filter(|text| !text.contains(';'))
            .filter(|text| NAMES_JOINED_BY.iter().any(|by| text.to_lowercase().contains(by)))
            .collect();
        if several == 0
            && let Some(first) = joined.first()
        {
            let marks = NAMES_JOINED_BY.map(quoted).join(", ");
            let cells = counted_as(joined.len(), "cell reads", "cells read");
            let ask = format!("{cells} like several names, as {} does; are they?", quoted(first));
            let other = format!("{{ {}, split = [{marks}] }}", profile.reference());
            let entry = draft.entry(key).expect("it was just taken");
            entry.ask = Some(ask);
            entry.others.push(other);
        }
        if several > 0 && key != "landlord" {
            let taken = format!("{{ {}, split = \";\" }}", profile.reference());
            let marks = NAMES_JOINED_BY.map(quoted).join(", ");
            let other = format!("{{ {}, split = [\";\", {marks}] }}", profile.reference());
            let entry = draft.entry(key).expect("it was just taken");
            entry.why.push(counted_as(several, "cell holds", "cells hold") + " several names");
            entry.taken = Some(taken);
            if let Some(first) = joined.first() {
                let cells = counted_as(joined.len(), "cell reads", "cells read");
                let like = quoted(first);
                entry.ask =
                    Some(format!("{cells} like several names too, as {like} does; are they?"));
                entry.others.push(other);
            }
        }
    }
    draft.column("rent", &[draft.free(Role::Rent), draft.free(Role::Amount)].concat());
    draft.take("currency", Role::Currency);
    if let Some(column) = draft.free(Role::Period).first() {
        draft.words("period", *column, None, period_word);
    }
    draft.take_time("start", Role::Start);
    draft.take_time("end", Role::End);
    draft.take("lease", Role::Lease);
    draft.take("amends", Role::Amends);
    draft.take("bedrooms", Role::Bedrooms);
    draft.column("deposit", &[draft.free(Role::LeaseDeposit), draft.free(Role::Credit)].concat());
    draft.column("paid_from", &[draft.free(Role::PaidFrom), draft.free(Role::Account)].concat());
}

/// Words that say no more of a period than another one beside them.
const BESIDE_A_PERIOD: [&str; 16] = [
    "per", "each", "every", "a", "the", "calendar", "in", "advance", "arrears", "rent", "payable",
    "paid", "due", "term", "basis", "lease",
];

/// The period that a word of a rent roll means; nothing where another word may halve or double it,
/// as in `bi-weekly`, `semi-monthly` or `4-weekly`.
fn period_word(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    if ["2-weekly", "every two weeks", "every 2 weeks"].contains(&lower.trim()) {
        return Some("fortnight".to_owned());
    }
    let words = lower.split(|letter: char| !letter.is_alphanumeric());
    let words = words.filter(|word| !word.is_empty() && !BESIDE_A_PERIOD.contains(word));
    let periods: Option<Vec<&str>> = words
        .map(|word| match word {
            "week" | "weekly" | "pw" => Some("week"),
            "fortnight" | "fortnightly" => Some("fortnight"),
            "month" | "monthly" | "pcm" => Some("month"),
            "quarter" | "quarterly" => Some("quarter"),
            "year" | "yearly" | "annual" | "annually" | "annum" | "pa" => Some("year"),
            _ => None,
        })
        .collect();
    match periods?.as_slice() {
        [one] => Some((*one).to_owned()),
        _ => None,
    }
}

fn role_word(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let known: [(&[&str], &str); 7] = [
        (&["beneficial"], "beneficial-owner"),
        (&["beneficiary", "pod"], "beneficiary"),
        (&["joint", "co-owner"], "joint"),
        (&["owner", "primary", "holder"], "owner"),
        (&["sign"], "signer"),
        (&["custod", "guardian"], "custodian"),
        (&["author", "attorney", "poa"], "authorised"),
    ];
    let found = known.iter().find(|(words, _)| words.iter().any(|word| lower.contains(word)));
    found.map(|(_, role)| (*role).to_owned())
}

/// Two entities and what joins them.
fn tie(draft: &mut Draft<'_>) {
    let mut ends: Vec<(usize, &str)> = Vec::new();
    for (role, kind) in [
        (Role::Account, "account"),
        (Role::Loan, "loan"),
        (Role::Device, "device"),
        (Role::PartyId, "party"),
        (Role::Name, "party"),
        (Role::DocumentId, "document"),
        (Role::Phone, "phone"),
        (Role::End1, ""),
        (Role::End2, ""),
    ] {
        ends.extend(draft.free(role).iter().map(|at| (*at, kind)));
    }
    ends.sort_unstable();
    let references = draft.free(Role::Reference);
    match ends.as_slice() {
        [(first, one), (second, other), ..] => {
            end(draft, "from", *first, one);
            end(draft, "to", *second, other);
        }
        [(first, kind)] => {
            end(draft, "from", *first, kind);
            if address(draft, "to") {
                draft.constant("to_kind", "premises");
            } else {
                draft.joined("to", &references, "/");
                draft.constant("to_kind", kind);
            }
        }
        [] => {
            end(draft, "from", 0, "");
            end(draft, "to", 1, "");
        }
    }
    relation(draft);
    let starts = [draft.free(Role::Opened), draft.free(Role::Start)].concat();
    if let Some(start) = starts.first() {
        draft.time("start", *start);
    }
    draft.take_time("end", Role::End);
    if decimal_mark(draft).is_some() || !draft.free(Role::Amount).is_empty() {
        draft.take("amount", Role::Amount);
        draft.take("currency", Role::Currency);
    }
    let third = (!draft.sample.has_header && draft.columns.len() == 3).then_some(2);
    let weights = draft.free(Role::Weight);
    let number = third.filter(|at| draft.profile(*at).is_amount());
    draft.column("weight", &weights.into_iter().chain(number).take(1).collect::<Vec<_>>());
}

fn end(draft: &mut Draft<'_>, key: &str, column: usize, kind: &str) {
    draft.column(key, &[column]);
    let words = words_of(draft.stem);
    let says = |word: &&str| words.iter().any(|one| one == word);
    let told = if kind.is_empty() && draft.profile(column).is_phone() { "phone" } else { kind };
    let (kind, sure) = if !told.is_empty() {
        (told, true)
    } else if ["person", "company", "people", "parties"].iter().any(says) {
        ("party", true)
    } else if says(&"account") {
        ("account", true)
    } else {
        ("party", false)
    };
    draft.constant(&format!("{key}_kind"), kind);
    if !sure {
        let entry = draft.entries.last_mut().expect("the kind was just added");
        entry.ask = Some(format!("what does `{key}` name? Without an answer, parties"));
        for other in ["account", "phone", "device"] {
            entry.others.push(format!("{{ constant = {} }}", quoted(other)));
        }
    }
}

fn relation(draft: &mut Draft<'_>) {
    let words = words_of(draft.stem).join("-");
    let text = if words.is_empty() { "tied-to".to_owned() } else { words };
    draft.entries.push(Entry {
        key: "relation".to_owned(),
        why: vec!["the file's own name, since no column says it".to_owned()],
        ask: Some("in one word, what is `from` to `to`?".to_owned()),
        taken: Some(format!("{{ constant = {} }}", quoted(&text))),
        others: Vec::new(),
    });
}
