//! Columns that hold the last digits of account numbers and nothing before them.

use crate::store::suggest::draft::Draft;
use crate::store::suggest::profile::Profile;

/// What stands before the digits, so that they are known for the end of a masked number.
const MASK: &str = "XXXX";
/// Most digits that such a column holds.
const DIGITS_MAX: usize = 6;

/// Whether the name of a column says that it holds last digits, and its values are so few.
fn holds_last_digits(profile: &Profile) -> bool {
    let named = ["last 4", "last four", "last4", "last digits", "last 6", "ending in", "suffix"]
        .iter()
        .any(|phrase| profile.says(phrase));
    let short =
        |text: &String| text.len() <= DIGITS_MAX && text.bytes().all(|byte| byte.is_ascii_digit());
    named && profile.few.as_ref().is_none_or(|few| few.keys().all(short))
}

/// Puts a mask before the digits of a field that was taken from such a column: `3377` is an account
/// of its own, `XXXX3377` the end of one.
pub fn as_last_digits(draft: &mut Draft<'_>, key: &str) {
    let columns = draft.columns;
    let Some(entry) = draft.entry(key) else { return };
    let masked = |text: &str| {
        let column = columns.iter().find(|one| {
            text == format!("{{ {} }}", one.profile.reference()) && holds_last_digits(&one.profile)
        })?;
        Some(format!("{{ {}, prefix = \"{MASK}\" }}", column.profile.reference()))
    };
    if let Some(taken) = entry.taken.as_deref().and_then(masked) {
        entry.taken = Some(taken);
        entry.why.push(format!("these are last digits; {MASK} before them says so"));
    }
    for other in &mut entry.others {
        if let Some(text) = masked(other) {
            *other = text;
        }
    }
}
