//! Contacts: who talks with whom, and who seems to have replaced a phone.
//!
//! # What it finds
//! For each pair of phones its calls, texts and data sessions, and how many were at night. Then
//! pairs of numbers that may be one user's: two seen in one handset, and a number that falls
//! silent with a new one that starts within days and keeps largely the same contacts.
//!
//! # Why it matters
//! Contacts tie people together who never paid each other, and a user who changes numbers is
//! otherwise two strangers.
//!
//! # What else explains it
//! A handset that was sold, lent or repaired; two lines of one household; a business whose staff
//! share contacts; a return that begins or ends on the day a number seems to. Night is civil
//! time of the case's zone and ordinary for whoever works then.

use std::collections::{BTreeMap, BTreeSet};

use clap::Args;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::analyses::{Inputs, Outcome};
use crate::error::{Error, Result};
use crate::model::{
    EntityKind, EntityRef, Finding, NONE, ResultTable, SourceRef, Values, day_text,
};
use crate::normalise::placeholder;
use crate::store::{Calls, Case, Side, Table};

/// Keys of a query file's `[parameters]`, and flags of `contacts`.
#[derive(Args, Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// Hour at which night starts, 0 to 23.
    #[arg(long, value_name = "N", default_value_t = Params::default().night_from_hour)]
    pub night_from_hour: u8,
    /// Hour at which night ends, 0 to 23.
    #[arg(long, value_name = "N", default_value_t = Params::default().night_to_hour)]
    pub night_to_hour: u8,
    /// Most days between the last use of one number and the first of its successor.
    #[arg(long, value_name = "N", default_value_t = Params::default().silence_days_max)]
    pub silence_days_max: u32,
    /// Smallest share of the older number's contacts that the newer one keeps, in percent.
    #[arg(long, value_name = "N", default_value_t = Params::default().contacts_kept_min_percent)]
    pub contacts_kept_min_percent: u8,
    /// Fewest contacts kept.
    #[arg(long, value_name = "N", default_value_t = Params::default().contacts_kept_min)]
    pub contacts_kept_min: usize,
    /// Count a call that reached a voicemail as one between the two phones.
    #[arg(long)]
    pub voicemail_counts: bool,
}

impl Default for Params {
    fn default() -> Params {
        Params {
            night_from_hour: 22,
            night_to_hour: 6,
            silence_days_max: 7,
            contacts_kept_min_percent: 60,
            contacts_kept_min: 3,
            voicemail_counts: false,
        }
    }
}

fn check_range(params: &Params) -> Result<()> {
    let hours =
        [("night_from_hour", params.night_from_hour), ("night_to_hour", params.night_to_hour)];
    if let Some((name, hour)) = hours.iter().find(|(_, hour)| *hour > 23) {
        return Err(Error::Usage(format!("{name} is {hour}, expected an hour from 0 to 23")));
    }
    let kept = params.contacts_kept_min_percent;
    if kept > 100 {
        let what = format!("contacts_kept_min_percent is {kept}, expected a share from 0 to 100");
        return Err(Error::Usage(what));
    }
    Ok(())
}

/// Calls of one pair of phones, in both directions.
#[derive(Clone, Debug, Default)]
struct Pair {
    calls: i64,
    texts: i64,
    data: i64,
    voicemails: i64,
    seconds: i64,
    nights: i64,
    from_first: i64,
    first: i32,
    last: i32,
    refs: Vec<SourceRef>,
}

/// Days on which one phone was seen, and with whom.
#[derive(Clone, Debug, Default)]
struct Use {
    first: i32,
    last: i32,
    contacts: BTreeSet<u32>,
    first_ref: SourceRef,
    last_ref: SourceRef,
}

/// First and last day of a number in a handset, with the record of each.
type Days = (i32, i32, SourceRef, SourceRef);

/// Two numbers that may be one user's.
struct Change {
    earlier: u32,
    later: u32,
    why: &'static str,
    device: u32,
    kept: usize,
    of: usize,
    last_earlier: i32,
    first_later: i32,
    refs: Vec<SourceRef>,
}

/// The tables `contacts` and `phone_changes`, and a finding for each change.
///
/// Cost: linear in calls, and for each phone that falls silent a look at those that start
/// within `silence_days_max`.
///
/// # Errors
///
/// [`Error::Usage`] for a parameter out of range, [`Error::File`] if a table is damaged.
pub fn run(inputs: &Inputs, params: &Params) -> Result<Outcome> {
    check_range(params)?;
    let case = inputs.case;
    let calls = case.calls()?;
    let pairs = pairs(case, calls, params);
    let uses = uses(calls, params);
    let mut changes = handset_changes(case, calls)?;
    changes.extend(successors(&uses, params));
    changes.sort_by_key(|change| (change.earlier, change.later, change.why, change.device));
    let mut findings: Vec<Finding> =
        changes.iter().map(|change| finding(case, change)).collect::<Result<_>>()?;
    findings.sort_by(|left, right| right.score.total_cmp(&left.score));
    Ok(Outcome {
        tables: vec![contacts_table(case, pairs)?, changes_table(case, &changes)?],
        findings,
    })
}

fn pairs(case: &Case, calls: &Calls, params: &Params) -> BTreeMap<(u32, u32), Pair> {
    let zone = case.zone();
    let mut pairs: BTreeMap<(u32, u32), Pair> = BTreeMap::new();
    for at in 0..calls.rows() {
        let (from, to) = (calls.from_phone[at], calls.to_phone[at]);
        let day = calls.day[at];
        let pair = pairs.entry((from.min(to), from.max(to))).or_insert_with(|| Pair {
            first: day,
            last: day,
            ..Pair::default()
        });
        pair.refs.push(SourceRef { source: calls.source[at], line: calls.line[at] });
        pair.first = pair.first.min(day);
        pair.last = pair.last.max(day);
        if calls.voicemail[at] && !params.voicemail_counts {
            // A message left is no talk between two people: it is said, and counts nowhere else.
            pair.voicemails += 1;
            continue;
        }
        match calls.kind.get(at) {
            "sms" => pair.texts += 1,
            "data" => pair.data += 1,
            _ => pair.calls += 1,
        }
        pair.seconds += i64::from(calls.duration_s[at].unwrap_or(0));
        pair.from_first += i64::from(from <= to);
        let hour = Timestamp::from_millisecond(calls.start_ms[at])
            .ok()
            .and_then(|start| u8::try_from(start.to_zoned(zone.clone()).hour()).ok());
        pair.nights += i64::from(hour.is_some_and(|hour| is_night(hour, params)));
    }
    pairs
}

fn is_night(hour: u8, params: &Params) -> bool {
    let (from, to) = (params.night_from_hour, params.night_to_hour);
    if from <= to { (from..to).contains(&hour) } else { hour >= from || hour < to }
}

fn uses(calls: &Calls, params: &Params) -> BTreeMap<u32, Use> {
    let mut uses: BTreeMap<u32, Use> = BTreeMap::new();
    for at in 0..calls.rows() {
        let (from, to, day) = (calls.from_phone[at], calls.to_phone[at], calls.day[at]);
        let line = SourceRef { source: calls.source[at], line: calls.line[at] };
        for (phone, other) in [(from, to), (to, from)] {
            let seen = uses.entry(phone).or_insert_with(|| Use {
                first: day,
                last: day,
                first_ref: line,
                last_ref: line,
                ..Use::default()
            });
            if day < seen.first {
                (seen.first, seen.first_ref) = (day, line);
            }
            if day >= seen.last {
                (seen.last, seen.last_ref) = (day, line);
            }
            if other != phone && (!calls.voicemail[at] || params.voicemail_counts) {
                seen.contacts.insert(other);
            }
        }
    }
    uses
}

/// Numbers seen in one handset, each with the next to appear in it; fillers are no handset.
fn handset_changes(case: &Case, calls: &Calls) -> Result<Vec<Change>> {
    let mut seen: BTreeMap<u32, BTreeMap<u32, Days>> = BTreeMap::new();
    for at in 0..calls.rows() {
        if calls.imei[at] == NONE {
            continue;
        }
        // A return of the called side states the called handset; any other the caller's.
        let phone = match calls.side[at] {
            Side::Receiver => calls.to_phone[at],
            Side::Sender | Side::List => calls.from_phone[at],
        };
        let line = SourceRef { source: calls.source[at], line: calls.line[at] };
        let day = calls.day[at];
        let days = seen.entry(calls.imei[at]).or_default();
        let days = days.entry(phone).or_insert((day, day, line, line));
        if day < days.0 {
            (days.0, days.2) = (day, line);
        }
        if day >= days.1 {
            (days.1, days.3) = (day, line);
        }
    }
    let mut changes = Vec::new();
    for (device, phones) in seen {
        if placeholder(case.devices()?.device.get(device as usize)).is_some() {
            continue;
        }
        let mut order: Vec<_> = phones.into_iter().collect();
        order.sort_by_key(|(phone, days)| (days.0, *phone));
        for pair in order.windows(2) {
            let ((earlier, before), (later, after)) = (pair[0], pair[1]);
            changes.push(Change {
                earlier,
                later,
                why: "same handset",
                device,
                kept: 0,
                of: 0,
                last_earlier: before.1,
                first_later: after.0,
                refs: vec![before.3, after.2],
            });
        }
    }
    Ok(changes)
}

/// Numbers that fall silent, with those that start soon after and keep their contacts.
fn successors(uses: &BTreeMap<u32, Use>, params: &Params) -> Vec<Change> {
    let window = i32::try_from(params.silence_days_max).unwrap_or(i32::MAX);
    // Who has too few contacts can neither leave nor keep enough of them.
    let able = |seen: &Use| seen.contacts.len() >= params.contacts_kept_min.max(1);
    let able_uses = || uses.iter().filter(|(_, seen)| able(seen));
    let mut starts: Vec<(i32, u32)> =
        able_uses().map(|(phone, seen)| (seen.first, *phone)).collect();
    starts.sort_unstable();
    let mut changes = Vec::new();
    for (&earlier, before) in able_uses() {
        let from = starts.partition_point(|(day, _)| *day < before.last);
        for &(day, later) in &starts[from..] {
            if day > before.last.saturating_add(window) {
                break;
            }
            let after = &uses[&later];
            // Two numbers that spoke with each other are two users, or one who tests a line.
            if later == earlier || before.contacts.contains(&later) {
                continue;
            }
            let kept = before.contacts.intersection(&after.contacts).count();
            let of = before.contacts.len();
            let enough = kept * 100 >= of * usize::from(params.contacts_kept_min_percent);
            if enough && kept >= params.contacts_kept_min {
                changes.push(Change {
                    earlier,
                    later,
                    why: "silent, then the same contacts",
                    device: NONE,
                    kept,
                    of,
                    last_earlier: before.last,
                    first_later: after.first,
                    refs: vec![before.last_ref, after.first_ref],
                });
            }
        }
    }
    changes
}

fn name(case: &Case, phone: u32) -> Result<String> {
    Ok(case.phones()?.phone.get(phone as usize).to_owned())
}

fn contacts_table(case: &Case, pairs: BTreeMap<(u32, u32), Pair>) -> Result<ResultTable> {
    let mut rows = Vec::with_capacity(pairs.len());
    for ((phone, other), pair) in pairs {
        rows.push((name(case, phone)?, name(case, other)?, pair));
    }
    let all = |pair: &Pair| pair.calls + pair.texts + pair.data;
    rows.sort_by(|left, right| {
        all(&right.2).cmp(&all(&left.2)).then_with(|| (&left.0, &left.1).cmp(&(&right.0, &right.1)))
    });
    let count = |of: &dyn Fn(&Pair) -> i64| {
        Values::Count(rows.iter().map(|row| Some(of(&row.2))).collect())
    };
    let share = |pair: &Pair| (all(pair) > 0).then(|| pair.nights as f64 / all(pair) as f64);
    let night = rows.iter().map(|row| share(&row.2)).collect();
    let mut table = ResultTable::new("contacts")
        .with("phone", Values::Text(rows.iter().map(|row| row.0.clone()).collect()))
        .with("other_phone", Values::Text(rows.iter().map(|row| row.1.clone()).collect()))
        .with("calls", count(&|pair| pair.calls))
        .with("texts", count(&|pair| pair.texts))
        .with("data_sessions", count(&|pair| pair.data))
        .with("voicemails", count(&|pair| pair.voicemails))
        .with("from_phone", count(&|pair| pair.from_first))
        .with("seconds", count(&|pair| pair.seconds))
        .with("night_share", Values::Score(night))
        .with("first", Values::Day(rows.iter().map(|row| Some(row.2.first)).collect()))
        .with("last", Values::Day(rows.iter().map(|row| Some(row.2.last)).collect()))
        .with("source_refs", Values::Refs(rows.iter().map(|row| row.2.refs.clone()).collect()));
    if rows.is_empty() {
        table = table.note("The case holds no calls.");
    } else if let Some(seconds) = case.manifest().parameters.get("call_tolerance_s") {
        let within = format!(
            "Records of two returns count as one call where start and duration differ by at most \
             {seconds} seconds."
        );
        let minutes =
            "Where one of them shows whole minutes alone, they may differ by a minute more.";
        table = table.note(within).note(minutes);
    }
    Ok(table)
}

fn changes_table(case: &Case, changes: &[Change]) -> Result<ResultTable> {
    let mut names = (Vec::new(), Vec::new(), Vec::new());
    for change in changes {
        names.0.push(name(case, change.earlier)?);
        names.1.push(name(case, change.later)?);
        names.2.push(match change.device {
            NONE => String::new(),
            row => case.devices()?.device.get(row as usize).to_owned(),
        });
    }
    let compared = |change: &&Change| change.of > 0;
    let count = |of: &dyn Fn(&Change) -> usize| {
        let value = |change| Some(change).filter(compared).map(|change| of(change) as i64);
        Values::Count(changes.iter().map(value).collect())
    };
    let why = changes.iter().map(|change| change.why.to_owned()).collect();
    Ok(ResultTable::new("phone_changes")
        .with("earlier_phone", Values::Text(names.0))
        .with("later_phone", Values::Text(names.1))
        .with("why", Values::Text(why))
        .with("handset", Values::Text(names.2))
        .with("contacts_kept", count(&|change| change.kept))
        .with("contacts_before", count(&|change| change.of))
        .with("last_earlier", Values::Day(changes.iter().map(|it| Some(it.last_earlier)).collect()))
        .with("first_later", Values::Day(changes.iter().map(|it| Some(it.first_later)).collect()))
        .with("source_refs", Values::Refs(changes.iter().map(|it| it.refs.clone()).collect())))
}

fn finding(case: &Case, change: &Change) -> Result<Finding> {
    let (earlier, later) = (name(case, change.earlier)?, name(case, change.later)?);
    let (last, first) = (day_text(change.last_earlier), day_text(change.first_later));
    let statement = if change.device == NONE {
        format!(
            "{later} was first used on {first}, after {earlier} was last used on {last}, and was \
             in contact with {} of its {} contacts.",
            change.kept, change.of
        )
    } else {
        let handset = case.devices()?.device.get(change.device as usize);
        format!(
            "Handset {handset} was used with {earlier}, last on {last}, and with {later}, first \
             on {first}."
        )
    };
    let mut refs = change.refs.clone();
    refs.sort();
    Ok(Finding {
        analysis: "contacts",
        candidate: EntityRef { kind: EntityKind::Phone, row: change.later },
        candidate_name: later,
        measure: "phone_change",
        value: change.why.to_owned(),
        // A shared handset is a record; kept contacts are an inference and rank below it.
        score: if change.of == 0 { 1.0 } else { change.kept as f64 / (change.of + 1) as f64 },
        amount: None,
        first: Some(change.last_earlier.min(change.first_later)),
        last: Some(change.last_earlier.max(change.first_later)),
        records: refs.len() as u64,
        statement,
        source_refs: refs,
        what_else_explains_it: "a handset sold, lent or repaired; two lines of one household; \
                                colleagues with the same contacts; a return that begins or ends \
                                on that day",
        bound_met: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyses::sketch::Sketch;

    const OLD: &str = "+12025550143";
    const NEW: &str = "+12025550187";

    #[track_caller]
    fn check(sketch: Sketch, changes: &[&str]) {
        let case = sketch.case();
        let outcome = run(&Inputs::new(&case), &Params::default()).unwrap();
        let statements: Vec<&str> =
            outcome.findings.iter().map(|finding| finding.statement.as_str()).collect();
        assert_eq!(statements, changes);
        assert_eq!(outcome.tables[1].rows(), changes.len());
    }

    #[test]
    fn a_handset_shows_a_second_number() {
        check(
            Sketch::default().call(OLD, "+12025550100", 1, "352").call(
                NEW,
                "+12025550101",
                9,
                "352",
            ),
            &["Handset 352 was used with +12025550143, last on 1970-01-02, and with \
               +12025550187, first on 1970-01-10."],
        );
        let filler = "000000000000000";
        check(
            Sketch::default().call(OLD, "+12025550100", 1, filler).call(
                NEW,
                "+12025550101",
                9,
                filler,
            ),
            &[],
        );
    }

    fn talk(mut sketch: Sketch, phone: &str, day: i32, contacts: u32) -> Sketch {
        for at in 0..contacts {
            sketch = sketch.call(phone, &format!("+1202555010{at}"), day, "");
        }
        sketch
    }

    #[test]
    fn a_new_number_keeps_the_contacts_of_a_silent_one() {
        // The contacts go on being used after both, so that only the first number falls silent.
        let later = |sketch: Sketch| talk(sketch, "+12025550199", 60, 5);
        check(
            later(talk(talk(Sketch::default(), OLD, 10, 5), NEW, 14, 4)),
            &["+12025550187 was first used on 1970-01-15, after +12025550143 was last used on \
               1970-01-11, and was in contact with 4 of its 5 contacts."],
        );
        check(later(talk(talk(Sketch::default(), OLD, 10, 5), NEW, 18, 4)), &[]); // Too late.
        check(later(talk(talk(Sketch::default(), OLD, 10, 5), NEW, 14, 2)), &[]); // Too few.
    }

    #[test]
    fn pairs_count_both_directions_and_nights() {
        let case = Sketch::default()
            .call(OLD, NEW, 1, "")
            .call(NEW, OLD, 2, "")
            .call(OLD, "+12025550100", 3, "")
            .case();
        // Noon is night for whoever asks about the hours around it.
        let params = Params { night_from_hour: 11, night_to_hour: 13, ..Params::default() };
        let outcome = run(&Inputs::new(&case), &params).unwrap();
        let table = &outcome.tables[0];
        assert_eq!(table.column("calls"), Some(&Values::Count(vec![Some(2), Some(1)])));
        assert_eq!(table.column("from_phone"), Some(&Values::Count(vec![Some(1), Some(1)])));
        assert_eq!(table.column("seconds"), Some(&Values::Count(vec![Some(120), Some(60)])));
        assert_eq!(table.column("night_share"), Some(&Values::Score(vec![Some(1.0), Some(1.0)])));
        assert!(!is_night(12, &Params::default()) && is_night(23, &Params::default()));
        assert!(is_night(5, &Params::default()) && !is_night(6, &Params::default()));
    }
}
