//! Whether a payment was made at all: a return of a payment service lists declined ones too.

use crate::store::suggest::draft::{Draft, Entry};
use crate::store::suggest::profile::{Profile, quoted, words_of};

/// Words, or their beginnings, of payments that were not made.
const NOT_MADE: [&str; 12] = [
    "fail",
    "declin",
    "cancel",
    "reject",
    "void",
    "expire",
    "denied",
    "deny",
    "abort",
    "blocked",
    "error",
    "unsuccessful",
];
/// Words, or their beginnings, of payments that were made.
const MADE: [&str; 14] = [
    "complet",
    "deliver",
    "paid",
    "sent",
    "success",
    "settle",
    "posted",
    "approv",
    "deposited",
    "cleared",
    "issued",
    "processed",
    "accepted",
    "executed",
];
/// Different words of a status, at most.
const WORDS_MAX: usize = 20;
/// Names of columns that say what became of a payment.
const NAMES: [&str; 5] = ["status", "response code", "disposition", "outcome", "result"];

/// Whether the words of a status say that a payment was made; `None` for pending, refunded and
/// whatever else is not known.
fn was_made(text: &str) -> Option<bool> {
    let words = words_of(text);
    let says = |known: &[&str]| words.iter().any(|word| known.iter().any(|k| word.starts_with(k)));
    if says(&NOT_MADE) || words.windows(2).any(|pair| pair[0] == "not") {
        return Some(false);
    }
    // What came back was made, and then was not.
    let undone = ["refund", "return", "revers", "pending", "hold", "un"];
    (says(&MADE) && !says(&undone)).then_some(true)
}

/// The field `completed`, where a column of few words says of some payments that they were not made
/// or what nobody can know from the word.
pub fn completed(draft: &mut Draft<'_>) {
    let Some(column) = draft.unread().into_iter().find(|at| is_status(draft.profile(*at))) else {
        return;
    };
    let profile = draft.profile(column);
    let texts: Vec<&String> = profile.few.iter().flat_map(|few| few.keys()).collect();
    let answers: Vec<(&String, Option<bool>)> =
        texts.into_iter().map(|text| (text, was_made(text))).collect();
    let known = answers.iter().any(|(_, made)| made.is_some());
    if !known || answers.iter().all(|(_, made)| *made == Some(true)) {
        return;
    }
    let word = |made: bool| if made { "yes" } else { "no" };
    let pairs: Vec<String> = answers
        .iter()
        .map(|(text, made)| format!("{} = {:?}", quoted(text), word(made.unwrap_or(true))))
        .collect();
    let unknown: Vec<String> =
        answers.iter().filter(|(_, made)| made.is_none()).map(|(text, _)| quoted(text)).collect();
    let ask = (!unknown.is_empty()).then(|| {
        format!(
            "was money moved where it says {}? Taken as \"yes\" here; a record of \"no\" is set \
             aside",
            unknown.join(", ")
        )
    });
    let why = vec![draft.filled(column), "what was not paid is set aside as a reject".to_owned()];
    let taken = format!("{{ {}, values = {{ {} }} }}", profile.reference(), pairs.join(", "));
    draft.mark(column);
    draft.entries.push(Entry {
        key: "completed".to_owned(),
        why,
        ask,
        taken: Some(taken),
        others: Vec::new(),
    });
}

fn is_status(profile: &Profile) -> bool {
    let few = profile.few.as_ref().is_some_and(|few| few.len() <= WORDS_MAX);
    profile.filled > 0 && few && NAMES.iter().any(|name| profile.says(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_says_whether_money_moved_or_is_asked() {
        for (text, made) in [
            ("DELIVERED", Some(true)),
            ("PAYMENT SENT", Some(true)),
            ("00-APPROVED", Some(true)),
            ("PAYMENT DECLINED", Some(false)),
            ("Not completed", Some(false)),
            ("FAILED", Some(false)),
            ("Canceled", Some(false)),
            ("REFUNDED", None),
            ("Pending", None),
            ("Unclaimed", None),
            ("61-EXCEEDS LIMIT", None),
        ] {
            assert_eq!(was_made(text), made, "{text}");
        }
    }
}
