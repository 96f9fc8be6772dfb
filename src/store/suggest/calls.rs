//! Fields of call returns.

use crate::records::RecordKind;
use crate::store::suggest::clocks::with_clock;
use crate::store::suggest::draft::Draft;
use crate::store::suggest::profile::quoted;
use crate::store::suggest::roles::Role;
use crate::store::suggest::vocabulary::call_kind;

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
