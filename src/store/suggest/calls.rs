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
        ask_for_clock(draft, *start);
    }
    let (callers, mut called) = (draft.free(Role::Caller), draft.free(Role::Called));
    if called.is_empty() && draft.free(Role::OtherPhone).is_empty() {
        // A return that names the caller and the digits dialled: these are whom was called.
        called = draft.free(Role::Dialled);
    }
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
    duration(draft);
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

/// Words by which a column says that it holds clock times.
const CLOCK_WORDS: [&str; 6] = ["time", "clock", "uhrzeit", "hora", "heure", "hour"];

/// Asks for the clock where a call is left with its day alone. A column that may hold it and could
/// not be read is no reason to put every call at midnight without a word.
fn ask_for_clock(draft: &mut Draft<'_>, start: usize) {
    let profile = draft.profile(start);
    let taken = draft.entry("start").and_then(|entry| entry.taken.as_deref()).unwrap_or_default();
    let with_clock = taken.contains("columns =") || profile.shows_clock();
    let asked = draft.entry("start").is_some_and(|entry| entry.taken.is_none());
    if with_clock || asked || profile.filled == 0 {
        return;
    }
    let says = |at: &usize| {
        let one = draft.profile(*at);
        let named = CLOCK_WORDS.iter().any(|word| one.says(word));
        named && one.filled > 0 && draft.columns[*at].role != Some(Role::Duration)
    };
    let clock = draft.unread().into_iter().find(says);
    let names = clock.map(|at| (quoted(&profile.name), quoted(&draft.profile(at).name)));
    let entry = draft.entry("start").expect("it was taken");
    let Some((date, clock)) = names else {
        entry.ask = Some(
            "no column holds the time of day: does the return state none? Every call then counts \
             as one of its whole day"
                .to_owned(),
        );
        return;
    };
    entry.ask = Some(format!(
        "is {clock} the time of day? It is written in no known way: give the format of both, or \
         take the day alone"
    ));
    let day = entry.taken.take();
    let format = day.as_deref().and_then(|text| text.split("format = \"").nth(1));
    let format = format.and_then(|rest| rest.split('"').next()).unwrap_or("%Y-%m-%d").to_owned();
    entry.others = vec![
        format!("{{ columns = [{date}, {clock}], join = \" \", format = \"{format} ?\" }}"),
        day.unwrap_or_default(),
    ];
}

/// Rows from which on their lengths say whether they are seconds, and the longest of a list of
/// minutes in which nobody spoke for hours.
const LENGTHS_MIN: u64 = 10;
const LENGTH_OF_EITHER_MAX: i64 = 180;

/// The length of a call. Whole numbers are seconds, or minutes where the name says so; where
/// neither the name nor a long call tells, it is asked.
fn duration(draft: &mut Draft<'_>) {
    let Some(column) = draft.take("duration", Role::Duration) else { return };
    let profile = draft.profile(column);
    if profile.amounts.plain != profile.filled {
        return;
    }
    let says = |words: &[&str]| words.iter().any(|word| profile.says(word));
    let minutes = says(&["minutes", "minute", "mins", "min", "minuten"]);
    let seconds = says(&["seconds", "second", "secs", "sec", "s", "sekunden", "sek", "billsec"]);
    let rows = draft.sample.rows.iter().map(|row| row.cells[column].trim().parse::<i64>());
    let longest = rows.filter_map(Result::ok).max().unwrap_or(0);
    let [in_seconds, in_minutes] = ["%s", "%M"]
        .map(|format| format!("{{ {}, format = {} }}", profile.reference(), quoted(format)));
    let filled = profile.filled;
    let entry = draft.entry("duration").expect("it was taken");
    if minutes && !seconds {
        let why = "whole minutes by the column's name: a minute begun may count as one".to_owned();
        entry.why.push(why);
        entry.taken = Some(in_minutes);
    } else if !seconds && filled >= LENGTHS_MIN && longest <= LENGTH_OF_EITHER_MAX {
        entry.ask =
            Some(format!("the longest of {filled} calls is {longest}: seconds, or minutes?"));
        entry.taken = None;
        entry.others.extend([in_seconds, in_minutes]);
    } else {
        entry.why.push("whole numbers, taken as seconds".to_owned());
        entry.taken = Some(in_seconds);
    }
}

fn direction_word(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let word = match lower.as_str() {
        "mo" | "o" | "sent" | "ausgehend" | "abgehend" => "out",
        "mt" | "i" | "received" | "eingehend" | "ankommend" => "in",
        _ if lower.starts_with("out") || lower.starts_with("orig") => "out",
        _ if lower.starts_with("in") || lower.starts_with("term") => "in",
        _ => return None,
    };
    Some(word.to_owned())
}
