//! Dates whose clock time, and perhaps its zone, stands in a column of its own.

use crate::store::suggest::draft::Draft;
use crate::store::suggest::profile::quoted;
use crate::store::suggest::roles::Role;
use crate::store::suggest::zones::{zone_of_all, zone_of_name};

/// Reads a date and the column of clock times that belongs to it as one time: the first behind the
/// date, else the first there is. A column of times that shows its clock itself is left alone.
pub fn with_clock(draft: &mut Draft<'_>, key: &str, date: usize) {
    let clocks = draft.free(Role::Clock);
    let behind = clocks.iter().find(|at| **at > date).or(clocks.first());
    let Some(clock) = behind.copied().filter(|_| !draft.profile(date).shows_clock()) else {
        return;
    };
    let words = clock_words(draft, clock);
    let zone = draft.free(Role::Zone).into_iter().find(|at| *at > clock);
    let parts: Vec<usize> = [Some(date), Some(clock), zone].into_iter().flatten().collect();
    let letters: Vec<String> = match zone {
        Some(zone) => draft.profile(zone).few.iter().flat_map(|few| few.keys()).cloned().collect(),
        None => letters_behind(draft, clock),
    };
    let letters: Vec<String> = letters.iter().map(|one| one.to_ascii_uppercase()).collect();
    let stated = if letters.is_empty() {
        zone_of_name(draft.profile(clock)).or_else(|| zone_of_name(draft.profile(date)))
    } else {
        zone_of_all(&letters)
    };
    let timezone = stated.map_or_else(String::new, |zone| format!(", timezone = \"{zone}\""));
    let names: Vec<String> = parts.iter().map(|at| quoted(&draft.profile(*at).name)).collect();
    let beside = names[1..].join(" and ");
    let columns = names.join(", ");
    let own = format!("{{ {}", draft.profile(date).reference());
    let timed = |text: &String| {
        // Another date that the field could be has its own clock, or none.
        if !text.starts_with(&own) {
            return text.clone();
        }
        let format = text.split("format = \"").nth(1).and_then(|rest| rest.split('"').next());
        let format = quoted(&format!("{} {words}", format.unwrap_or("%Y-%m-%d")));
        format!("{{ columns = [{columns}], join = \" \", format = {format}{timezone} }}")
    };
    let entry = draft.entry(key).expect("the date was taken");
    entry.taken = entry.taken.as_ref().map(timed);
    entry.others = entry.others.iter().map(timed).collect();
    entry.why.push(format!("{beside} holds the clock time"));
    match (stated, letters.is_empty()) {
        (Some(zone), _) => entry.why.push(format!("its clocks are read as those of {zone}")),
        (None, true) => draft.zoneless = true,
        (None, false) => {
            let said = letters.join(", ");
            entry.ask.get_or_insert(format!(
                "of which zone are the times of {said}? Name it as timezone = \"…\" in the field; \
                 times whose letters its clocks do not show are set aside"
            ));
        }
    }
    parts.iter().for_each(|at| draft.mark(*at));
}

/// How a column of clock times is written.
fn clock_words(draft: &Draft<'_>, clock: usize) -> &'static str {
    let rows = draft.sample.rows.iter().map(|row| row.cells[clock].as_str());
    let text = rows.into_iter().find(|text| !text.is_empty()).unwrap_or_default();
    let upper = text.to_ascii_uppercase();
    let half = upper.split(' ').any(|word| word.ends_with("AM") || word.ends_with("PM"));
    match (upper.matches(':').count(), half) {
        (1, false) => "%H:%M",
        (1, true) => "%I:%M %p",
        (_, false) => "%H:%M:%S",
        (_, true) => "%I:%M:%S %p",
    }
}

/// Letters that stand behind the clock times of a column, in capitals, each once.
fn letters_behind(draft: &Draft<'_>, clock: usize) -> Vec<String> {
    let mut found = std::collections::BTreeSet::new();
    for row in &draft.sample.rows {
        let upper = row.cells[clock].to_ascii_uppercase();
        if let Some((_, word)) = upper.rsplit_once(' ')
            && !word.is_empty()
            && word.bytes().all(|byte| byte.is_ascii_alphabetic())
            && !matches!(word, "AM" | "PM")
        {
            found.insert(word.to_owned());
        }
    }
    found.into_iter().collect()
}
