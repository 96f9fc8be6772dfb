//! A layout being drafted: fields with the evidence for each, and questions where it is unsure.

use std::collections::BTreeSet;

use crate::normalise::{TimeForm, TimeReading, order_of, serial_readings};
use crate::records::{RecordKind, TableSample};
use crate::store::suggest::profile::{Profile, quoted};
use crate::store::suggest::roles::{End, Role};
use crate::store::suggest::zones::{zone_of_all, zone_of_name};

/// A column with what it is likely to mean.
pub struct Column {
    /// Name and values.
    pub profile: Profile,
    /// What the name proposes and the values allow.
    pub role: Option<Role>,
    /// Which end of a pair the name speaks of.
    pub end: Option<End>,
}

/// One field of the layout.
pub struct Entry {
    /// Key under `[fields]`.
    pub key: String,
    /// The evidence, a sentence a line.
    pub why: Vec<String>,
    /// What only a person can say.
    pub ask: Option<String>,
    /// The field's text; absent where nothing may be taken without an answer.
    pub taken: Option<String>,
    /// Other texts to take instead.
    pub others: Vec<String>,
}

/// A layout being drafted.
pub struct Draft<'a> {
    /// The beginning of the file.
    pub sample: &'a TableSample,
    /// Its columns.
    pub columns: &'a [Column],
    /// The file's name without its endings.
    pub stem: &'a str,
    /// What the rows are records of.
    pub kind: RecordKind,
    /// Why.
    pub why: String,
    /// Fields in the order in which they were found.
    pub entries: Vec<Entry>,
    /// Sentences about the whole file.
    pub notes: Vec<String>,
    /// Decimals where the file writes more than a currency has.
    pub minor_digits: Vec<(String, u8)>,
    used: BTreeSet<usize>,
    /// A field shows clock times without an offset.
    pub zoneless: bool,
}

impl<'a> Draft<'a> {
    /// A draft without fields.
    pub fn new(
        sample: &'a TableSample,
        columns: &'a [Column],
        stem: &'a str,
        kind: RecordKind,
        why: &str,
    ) -> Draft<'a> {
        Draft {
            sample,
            columns,
            stem,
            kind,
            why: why.to_owned(),
            entries: Vec::new(),
            notes: Vec::new(),
            minor_digits: Vec::new(),
            used: BTreeSet::new(),
            zoneless: false,
        }
    }

    /// Columns of a role that no field has taken, in the file's order.
    pub fn free(&self, role: Role) -> Vec<usize> {
        let of_role = |at: &usize| self.columns[*at].role == Some(role);
        (0..self.columns.len()).filter(of_role).filter(|at| !self.used.contains(at)).collect()
    }

    /// The same, of one end.
    pub fn free_of(&self, role: Role, end: End) -> Vec<usize> {
        let mut found = self.free(role);
        found.retain(|at| self.columns[*at].end == Some(end));
        found
    }

    /// Columns that no field has taken.
    pub fn unread(&self) -> Vec<usize> {
        (0..self.columns.len()).filter(|at| !self.used.contains(at)).collect()
    }

    /// Marks a column as taken.
    pub fn mark(&mut self, column: usize) {
        self.used.insert(column);
    }

    /// The profile of a column.
    pub fn profile(&self, column: usize) -> &'a Profile {
        &self.columns[column].profile
    }

    /// A field that one of several columns could be; the first that rows fill is taken, and a
    /// person is asked.
    pub fn column(&mut self, key: &str, candidates: &[usize]) -> Option<usize> {
        let mut candidates = candidates.to_vec();
        candidates.sort_by_key(|at| self.profile(*at).filled == 0);
        let (first, others) = candidates.split_first()?;
        self.used.insert(*first);
        let mut entry = self.plain(key, *first);
        if !others.is_empty() {
            entry.ask = Some(format!("{} columns could be `{key}`; which one?", candidates.len()));
        }
        for other in others {
            entry.others.push(format!("{{ {} }}", self.profile(*other).reference()));
        }
        self.entries.push(entry);
        Some(*first)
    }

    /// A field that is one column, with what its values show.
    pub fn plain(&self, key: &str, column: usize) -> Entry {
        let profile = self.profile(column);
        Entry {
            key: key.to_owned(),
            why: vec![self.filled(column)],
            ask: None,
            taken: Some(format!("{{ {} }}", profile.reference())),
            others: Vec::new(),
        }
    }

    /// How many rows fill a column, with examples.
    pub fn filled(&self, column: usize) -> String {
        let profile = self.profile(column);
        let rows = self.sample.rows.len();
        if profile.filled == 0 {
            return "no row looked at fills it; its name alone says so".to_owned();
        }
        let mut said = format!("{} of {rows} rows fill it", profile.filled);
        if profile.unique && profile.filled > 2 {
            said.push_str(", no text twice");
        }
        if profile.ibans > 0 {
            said.push_str(&format!("; {} are IBANs whose check digits hold", profile.ibans));
        }
        if profile.masked > 0 {
            said.push_str(&format!("; {} are masked", profile.masked));
        }
        if profile.numbers > 0 && self.columns[column].role == Some(Role::Account) {
            said.push_str(&format!(
                "; {} are numbers of the workbook, which show no zeros that an account may begin \
                 with",
                profile.numbers
            ));
        }
        format!("{said}; as in {}", profile.examples(self.sample, 3))
    }

    /// Takes every free column of a role as one field: the first column, the others offered.
    pub fn take(&mut self, key: &str, role: Role) -> Option<usize> {
        let candidates = self.free(role);
        self.column(key, &candidates)
    }

    /// Several columns as one text, in the file's order; one column stands alone.
    pub fn joined(&mut self, key: &str, columns: &[usize], join: &str) {
        let [first, .., _] = columns else {
            self.column(key, columns);
            return;
        };
        let names: Vec<String> = columns.iter().map(|at| quoted(&self.profile(*at).name)).collect();
        let mut entry = self.plain(key, *first);
        entry.why = vec![format!("{} columns hold its parts", columns.len())];
        entry.taken =
            Some(format!("{{ columns = [{}], join = {} }}", names.join(", "), quoted(join)));
        self.entries.push(entry);
        self.used.extend(columns);
    }

    /// A time or day: one format where the values say which, else a question.
    pub fn time(&mut self, key: &str, column: usize) {
        self.used.insert(column);
        let profile = self.profile(column);
        let mut entry = self.plain(key, column);
        let reference = profile.reference();
        let with = |one: &TimeReading| {
            let format = match one.format.as_str() {
                "" => String::new(),
                format => format!(", format = {}", quoted(format)),
            };
            let zone = zone_of_times(profile, one);
            let zone = zone.map_or_else(String::new, |zone| format!(", timezone = \"{zone}\""));
            format!("{{ {reference}{format}{zone} }}")
        };
        match &profile.time {
            TimeForm::None if profile.filled > 0 => {
                let (why, ask) = self.serials(column);
                entry.why = why;
                entry.ask = Some(ask);
                entry.taken = None;
                entry.others = ["serial", "serial-1904"]
                    .map(|format| format!("{{ {reference}, format = {} }}", quoted(format)))
                    .to_vec();
            }
            TimeForm::None => {}
            TimeForm::One(one) => {
                entry.why = vec![reads(one)];
                entry.taken = Some(with(one));
                self.about_zone(&mut entry, profile, one);
            }
            TimeForm::Either(all) => {
                let texts = profile.filled;
                entry.why = vec![format!("as in {}", profile.examples(self.sample, 3))];
                let orders = all.iter().map(|one| one.order());
                let orders: Vec<String> =
                    orders.map(|first| format!("with the {first} first")).collect();
                entry.ask =
                    Some(format!("all {texts} values read {}; which?", orders.join(" and ")));
                entry.taken = None;
                entry.others = all.iter().map(with).collect();
                self.about_zone(&mut entry, profile, &all[0]);
            }
        }
        self.entries.push(entry);
    }

    /// Says by what the zone of a column's clock times is known, or that it is not.
    fn about_zone(&mut self, entry: &mut Entry, profile: &Profile, one: &TimeReading) {
        if !one.timed || one.offset {
            return;
        }
        let letters = one.zones.join(", ");
        match zone_of_times(profile, one) {
            Some(zone) if one.zones.is_empty() => {
                entry.why.push(format!("the column's name says that its clocks are of {zone}"));
            }
            Some(zone) => {
                let said = format!("{letters} behind the times is read as clocks of {zone}");
                entry.why.push(format!("{said}; a time that they do not fit is set aside"));
            }
            None if one.zones.is_empty() => self.zoneless = true,
            None => {
                entry.ask.get_or_insert(format!(
                    "{letters} stands behind the times: of which zone are they? Name it as \
                     timezone = \"…\" in the field; times whose letters its clocks do not show \
                     are set aside"
                ));
            }
        }
    }

    /// What is to be said and asked of a column of the day numbers of a spreadsheet program.
    fn serials(&self, column: usize) -> (Vec<String>, String) {
        let profile = self.profile(column);
        let texts = self.sample.rows.iter().map(|row| row.cells[column].as_str());
        let first = texts.map(|text| (text, serial_readings(text))).find(|one| !one.1.is_empty());
        let days = first.map(|(text, days)| {
            let days: Vec<String> =
                days.iter().map(|(format, day)| format!("{day} as {format:?}")).collect();
            format!("{} is {}", quoted(text), days.join(" and "))
        });
        let why = vec![format!("as in {}", profile.examples(self.sample, 3))];
        let ask = format!(
            "all {} values are numbers, which a spreadsheet program may have written for days: {}; \
             which? Ask for the return as it was produced if neither is in its period",
            profile.filled,
            days.unwrap_or_default()
        );
        (why, ask)
    }

    /// Every free column of a role as a time: the first is taken.
    pub fn take_time(&mut self, key: &str, role: Role) {
        if let Some(first) = self.free(role).first() {
            self.time(key, *first);
        }
    }

    /// A field that has the same text in every row.
    pub fn constant(&mut self, key: &str, text: &str) {
        self.entries.push(Entry {
            key: key.to_owned(),
            why: Vec::new(),
            ask: None,
            taken: Some(format!("{{ constant = {} }}", quoted(text))),
            others: Vec::new(),
        });
    }

    /// The field of that key.
    pub fn entry(&mut self, key: &str) -> Option<&mut Entry> {
        self.entries.iter_mut().find(|entry| entry.key == key)
    }

    /// Maps each text of a column to a word of a closed list by `word`; asks where it finds none.
    pub fn words(
        &mut self,
        key: &str,
        column: usize,
        otherwise: Option<&str>,
        word: impl Fn(&str) -> Option<String>,
    ) {
        self.used.insert(column);
        let profile = self.profile(column);
        let mut entry = self.plain(key, column);
        let (mut pairs, mut unknown) = (Vec::new(), Vec::new());
        for text in profile.few.iter().flat_map(|few| few.keys()) {
            let found = word(text);
            if found.is_none() {
                unknown.push(quoted(text));
            }
            if let Some(found) = found.or_else(|| otherwise.map(str::to_owned)) {
                pairs.push(format!("{} = {}", quoted(text), quoted(&found)));
            }
        }
        if !pairs.is_empty() {
            entry.taken =
                Some(format!("{{ {}, values = {{ {} }} }}", profile.reference(), pairs.join(", ")));
        }
        if !unknown.is_empty() {
            let fate = match otherwise {
                Some(word) => format!("taken as {word:?}"),
                None => "set aside".to_owned(),
            };
            entry.ask = Some(format!("what does {} mean? It is {fate} here", unknown.join(", ")));
        }
        self.entries.push(entry);
    }
}

/// The zone of a column's clock times by the letters behind them, or by its name.
fn zone_of_times(profile: &Profile, one: &TimeReading) -> Option<&'static str> {
    if !one.timed || one.offset {
        return None;
    }
    if one.zones.is_empty() { zone_of_name(profile) } else { zone_of_all(&one.zones) }
}

/// The evidence for one format of times.
fn reads(one: &TimeReading) -> String {
    let format = if one.format.is_empty() { "ISO 8601" } else { one.format.as_str() };
    let mut said = format!("{} of {} values read as {format}", one.read, one.texts);
    if let Some(only) = one.only {
        said.push_str(&format!("; {only} of them can only be {} first", one.order()));
        if let Some((_, other)) = &one.counter {
            let other = order_of(other);
            said.push_str(&format!(", and {} can only be {other} first", one.against));
        }
    }
    said
}
