//! Records to a case store: read, decode in parallel, take over in order, sort, match, write.
//!
//! Blocks of a source are decoded by all threads at once and taken over one after the other, so
//! numbers given on the way never depend on which thread was first.

mod assembly;
mod bank;
mod calls;
mod counts;
mod entities;
mod loaded_with;
mod people;
mod plan;
mod reading;
mod same_money;
mod set_aside;
mod statements;

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use jiff::tz::TimeZone;
use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::normalise::{CounterpartyReader, Pattern, PhoneReader};
use crate::records::{
    Layout, Place, Reading, RecordKind, Reject, StatementScan, content_hash, head_text, open_bytes,
};
use crate::store::case_store::{Case, CaseWriter, TableSink};
use crate::store::manifest::{FileEntry, Manifest};
use crate::store::publish::Staging;
use crate::store::tables::{Members, Sources, ValueForms};
use crate::timings::Timings;
use assembly::Assembly;
use counts::Counts;
use people::PeopleReader;
use reading::decoding::{Decoded, DecodedAs, RawBlock, SpareBatches, SpareCaches};
use reading::sources::{BoundSource, OpenedFile, case_digits, open_files, what_is_read};
use reading::values::{CaseDefaults, Values};
use reading::watched::Watched;
use reading::waves::read_whole;

pub use assembly::Loaded;
pub use calls::call_readings::CALL_TOLERANCE_S;
pub use plan::{LoadPlan, PlannedSource};
pub use same_money::both_legs::LEG_WINDOW_DAYS;
pub use same_money::reversed::REVERSAL_WINDOW_DAYS;
pub use statements::coverage::GAP_DAYS;

/// Bytes by which two files are told apart before either is hashed.
const BEGINNING_BYTES: usize = 1 << 12;

/// Told after each wave of blocks: source, and how many bytes more were read of it.
pub type OnProgress<'a> = &'a (dyn Fn(&str, u64) + Sync);

/// Loads a case into `dir`, whole or not at all.
///
/// # Errors
///
/// Every error of the case's files, before anything is written; [`Error::Io`] if the disk
/// refuses; [`Error::Interrupted`] after Ctrl-C. The directory then stands as it was.
pub fn load(plan: &LoadPlan, dir: &Path, progress: OnProgress<'_>) -> Result<Loaded> {
    let staging = Staging::create(dir)?;
    let loaded = load_into(plan, staging.path(), progress)?;
    staging.publish()?;
    Ok(loaded)
}

/// Loads a case into an empty directory that its caller publishes.
///
/// # Errors
///
/// As [`load`].
pub fn load_into(plan: &LoadPlan, dir: &Path, progress: OnProgress<'_>) -> Result<Loaded> {
    load_timed(plan, dir, progress, &Timings::new())
}

/// As [`load_into`], with the time that reading and writing took.
///
/// # Errors
///
/// As [`load`].
pub fn load_timed(
    plan: &LoadPlan,
    dir: &Path,
    progress: OnProgress<'_>,
    timings: &Timings,
) -> Result<Loaded> {
    let files = open_files(plan)?;
    let (mut loader, manifest, members) = read_files(plan, &files, Some(dir), progress, timings)?;
    let stage = timings.start("write");
    let mut writer = CaseWriter::new(dir, manifest);
    loader.assembly.finish_details(&mut writer)?;
    let Loader { assembly, mut sources, value_forms, .. } = loader;
    let loaded = assembly.finish(&mut sources, &mut writer)?;
    writer.write(&sources)?;
    writer.write(&value_forms)?;
    writer.write(&members)?;
    writer.finish()?;
    timings.end(stage, loaded.transfers);
    Ok(loaded)
}

/// Loads a case for one question, where that gives what a store would: a list of transfers that
/// stands alone. Nothing is written, its bytes are not hashed, since no other can be their copy,
/// and the texts beside amounts are not kept, since no record has a second reading that they
/// would tell; `reversals` is empty. Every other table is the one that [`load`] writes. `None` for
/// any other case: its texts decide which records are one transfer.
///
/// # Errors
///
/// As [`load`].
pub fn load_in_memory(
    plan: &LoadPlan,
    progress: OnProgress<'_>,
    timings: &Timings,
) -> Result<Option<(Case, Loaded)>> {
    let files = open_files(plan)?;
    let mut sources = files.iter().flat_map(|file| &file.sources);
    let alone = match (sources.next(), sources.next()) {
        (Some(one), None) => one.reading.layout.record == RecordKind::BankTransfers,
        _ => false,
    };
    if !alone {
        return Ok(None);
    }
    let (loader, manifest, members) = read_files(plan, &files, None, progress, timings)?;
    let stage = timings.start("tables");
    let mut case = Case::in_memory(manifest);
    let Loader { assembly, mut sources, value_forms, .. } = loader;
    let loaded = assembly.finish(&mut sources, &mut case)?;
    case.put(sources)?;
    case.put(value_forms)?;
    case.put(members)?;
    timings.end(stage, loaded.transfers);
    Ok(Some((case, loaded)))
}

/// Reads every file of a plan. The stage's check is how many accounts and transfers there are.
fn read_files<'a>(
    plan: &LoadPlan,
    files: &[OpenedFile<'_>],
    dir: Option<&Path>,
    progress: OnProgress<'a>,
    timings: &Timings,
) -> Result<(Loader<'a>, Manifest, Members)> {
    let stage = timings.start("read");
    let sources = || files.iter().flat_map(|file| &file.sources);
    let zone = TimeZone::get(&plan.timezone).unwrap_or(TimeZone::UTC);
    let case = CaseDefaults {
        zone,
        zone_stated: plan.timezone_stated,
        currency: plan.currency,
        digits: case_digits(sources().map(|source| &source.reading)),
    };
    let mut loader = Loader {
        case,
        phones: PhoneReader::new(plan.region.as_deref()),
        assembly: Assembly::new(dir, i32::from(plan.reversal_window_days))?,
        sources: Sources::default(),
        value_forms: ValueForms::default(),
        known: HashMap::new(),
        beginnings: HashSet::new(),
        compiled: Vec::new(),
        spare: SpareBatches::default(),
        hashed: dir.is_some() || sources().count() > 1 || files.iter().any(OpenedFile::needs_hash),
        progress,
    };
    loader.assembly.call_tolerance_s = plan.call_tolerance_s;
    for file in files {
        loader.file(file)?;
    }
    loader.note_superseded(plan);
    let manifest = loader.manifest(plan, files);
    let mut members = Members::default();
    for note in files.iter().flat_map(|file| &file.notes) {
        members.member.push(&note.member);
        members.state.push(note.state);
        members.why.push(&note.why);
    }
    let records = loader.sources.read.iter().sum::<i64>() as u64;
    timings.end_checked(stage, records, loader.assembly.sizes());
    Ok((loader, manifest, members))
}

struct Loader<'a> {
    case: CaseDefaults,
    phones: PhoneReader,
    assembly: Assembly,
    sources: Sources,
    /// What their values decided of how they are written.
    value_forms: ValueForms,
    /// Hash of the unpacked bytes and what was read to source row, of every source so far.
    known: HashMap<(String, String), u32>,
    /// How the sources so far begin: only one that begins as another can be its copy.
    beginnings: HashSet<String>,
    /// Counterparty patterns of the layouts met so far.
    compiled: Vec<(Arc<Layout>, Arc<CounterpartyReader>)>,
    /// Whether the sources' bytes are hashed while they are read.
    hashed: bool,
    spare: SpareBatches,
    progress: OnProgress<'a>,
}

impl Loader<'_> {
    /// Reads every source of a file, which must stay as it is meanwhile.
    fn file(&mut self, file: &OpenedFile<'_>) -> Result<()> {
        file.check_before()?;
        for source in &file.sources {
            self.source(file.planned, source)?;
        }
        let last = self.sources.sha256.len() - 1;
        let own = |_| self.sources.sha256.get(last).to_owned();
        let sha256 =
            file.containers.first().map_or_else(|| own(()), |(_, _, sha256)| sha256.clone());
        if self.hashed { file.check_after(&sha256) } else { file.check_before() }
    }

    fn source(&mut self, planned: &PlannedSource, source: &BoundSource) -> Result<()> {
        let BoundSource { place, reading } = source;
        let number = self.sources.source.len() as u32;
        if let Some(twin) = self.twin(place, reading)? {
            return self.repeated(planned, source, twin);
        }
        let counterparties = self.counterparties(&reading.layout)?;
        let looked_at = self.value_forms(place, reading)?;
        let reading = looked_at.as_ref().map_or(reading, |(decided, _)| decided);
        let (with_sections, scanned) = self.statement_lines(place, reading)?;
        let reading = with_sections.as_ref().unwrap_or(reading);
        let mut counts = Counts::default();
        let repeated = SpareCaches::default();
        let decode = |loader: &Self, blocks: Vec<RawBlock>| -> Result<Vec<Decoded>> {
            let each = blocks.into_par_iter();
            each.map(|block| loader.decode(reading, &counterparties, &repeated, block)).collect()
        };
        let mut watched = Watched::of(reading);
        let take = |loader: &mut Self, decoded: Vec<Decoded>| {
            for one in decoded {
                watched.take(&one, loader.assembly.transfers());
                loader.take(number, reading, one, &mut counts)?;
            }
            loader.assembly.check_set_aside(place.shown())
        };
        let (entry, content) = self.blocks(place, reading, decode, take)?;
        self.watched(number, (place, reading), watched, &mut counts)?;
        let before = looked_at.iter().map(|(_, content)| content).chain(&scanned);
        if before.into_iter().any(|before| *before != content) {
            let what = "changed between two readings, for what holds of all rows and for its rows";
            let hint = Some("load the case again".to_owned());
            return Err(Error::file(&planned.path, what.to_owned(), hint));
        }
        self.known.insert((content, what_is_read(&reading.layout)), number);
        self.note_source(planned, source, &entry, &counts, 0);
        Ok(())
    }

    /// Reads a source once beforehand where its layout states something of statements beside
    /// their rows; returns the reading that knows it, and the hash of what was read.
    fn statement_lines(
        &mut self,
        place: &Place,
        reading: &Reading,
    ) -> Result<(Option<Reading>, Option<String>)> {
        if !reading.states_statements() {
            return Ok((None, None));
        }
        let number = self.sources.source.len() as u32;
        let mut scan = StatementScan::new(reading);
        let progress = std::mem::replace(&mut self.progress, &|_, _| {});
        let split = |_: &Self, blocks: Vec<RawBlock>| {
            Ok(blocks.into_iter().map(|block| block.split(reading)).collect::<Vec<_>>())
        };
        let read = self.blocks(place, reading, split, |_, batches| {
            batches.iter().for_each(|batch| scan.take(batch));
            Ok(())
        });
        self.progress = progress;
        let (_, content) = read?;
        let (sections, statements, unread) = scan.finish();
        for one in &statements {
            self.assembly.take_statement(number, one, reading, &self.case)?;
        }
        self.assembly.reject(number, unread)?;
        Ok((Some(Reading { sections, ..reading.clone() }), Some(content)))
    }

    /// The counterparty patterns of a layout, compiled once for all sources that it reads: a bank
    /// produces a file a month and account.
    fn counterparties(&mut self, layout: &Arc<Layout>) -> Result<Arc<CounterpartyReader>> {
        if let Some((_, known)) = self.compiled.iter().find(|(other, _)| Arc::ptr_eq(other, layout))
        {
            return Ok(Arc::clone(known));
        }
        let patterns: Vec<Pattern> = layout
            .counterparty
            .iter()
            .map(|one| Pattern { pattern: one.pattern.clone(), channel: one.channel })
            .collect();
        let reader = CounterpartyReader::new(&patterns).map_err(|(at, refused)| {
            let what = format!("counterparty pattern {}: {refused}", at + 1);
            Error::File { path: format!("layout {:?}", layout.name), what, hint: None }
        })?;
        let reader = Arc::new(reader);
        self.compiled.push((Arc::clone(layout), Arc::clone(&reader)));
        Ok(reader)
    }

    fn take(
        &mut self,
        source: u32,
        reading: &Reading,
        decoded: Decoded,
        counts: &mut Counts,
    ) -> Result<()> {
        counts.read += decoded.read;
        match decoded.what {
            DecodedAs::Bank(batch, ignored, mut split) => {
                let mut batch = *batch;
                split.append(&mut batch.rejects);
                batch.rejects = counts.take(ignored, &batch.booked, split);
                self.assembly.take_bank(source, &mut batch, &reading.layout)?;
                self.spare.put(batch);
                Ok(())
            }
            DecodedAs::Calls(batch, ignored, mut split) => {
                let mut batch = *batch;
                split.append(&mut batch.rejects);
                batch.rejects = counts.take(ignored, &batch.start, split);
                self.assembly.take_calls(source, batch)
            }
            DecodedAs::People(mut batch) => {
                counts.ignored += batch.ignored;
                let mut rejects = std::mem::take(&mut batch.rejects);
                let values = Values::new(reading, &self.case)?;
                let reader = PeopleReader { values: &values, phones: &self.phones, source };
                let Assembly { book, people, .. } = &mut self.assembly;
                counts.accepted += reader.take(&batch, book, people, &mut rejects);
                let rejects = in_line_order(rejects);
                counts.reject(&rejects);
                self.assembly.reject(source, rejects)
            }
        }
    }

    /// The source that holds the same bytes, packed or not, if one was read before.
    fn twin(&mut self, place: &Place, reading: &Reading) -> Result<Option<u32>> {
        let head = match place.sheet() {
            Some(sheet) => sheet.head.text(b',', b'"'),
            None => head_text(place, encoding_rs::UTF_8, BEGINNING_BYTES)?,
        };
        if self.beginnings.insert(head) {
            return Ok(None);
        }
        let content = match place.sheet() {
            Some(sheet) => sheet.rows(&mut |_, _| Ok(()))?,
            None => content_hash(place)?,
        };
        Ok(self.known.get(&(content, what_is_read(&reading.layout))).copied())
    }

    /// A source with the bytes of another: all its records are duplicates.
    fn repeated(&mut self, planned: &PlannedSource, source: &BoundSource, twin: u32) -> Result<()> {
        let row = twin as usize;
        let read = self.sources.read[row];
        let entry = match source.place.sheet() {
            Some(sheet) => {
                let (bytes, sha256) = sheet.book_bytes();
                FileEntry { bytes, sha256: sha256.to_owned(), rows: None }
            }
            None => {
                let mut stream = open_bytes(&source.place)?;
                std::io::copy(&mut stream.reader, &mut std::io::sink())
                    .map_err(|refused| source.place.failed(refused))?;
                read_whole(&stream.digest, &stream.content).0
            }
        };
        let counts = Counts {
            ignored: self.sources.ignored[row] as u64,
            first: self.sources.first[row],
            last: self.sources.last[row],
            ..Counts::default()
        };
        let number = self.sources.source.len() as u32;
        self.assembly.provenance.copied.push((number, twin, read));
        self.note_source(planned, source, &entry, &counts, read);
        Ok(())
    }

    /// Which source corrects which, by the names that the case file's patterns matched.
    fn note_superseded(&mut self, plan: &LoadPlan) {
        let rows = |name: &str| -> Vec<u32> {
            let named = self.sources.source.iter().enumerate();
            // Members of an archive stand under its name.
            let within = |source: &str| {
                let rest = source.strip_prefix(name);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('!'))
            };
            named.filter(|(_, source)| within(source)).map(|(row, _)| row as u32).collect()
        };
        let mut pairs = Vec::new();
        for planned in plan.sources.iter().filter(|planned| !planned.supersedes.is_empty()) {
            for newer in rows(&planned.shown) {
                for older in planned.supersedes.iter().flat_map(|name| rows(name)) {
                    pairs.push((newer, older));
                }
            }
        }
        self.assembly.provenance.supersedes = pairs;
    }

    fn note_source(
        &mut self,
        planned: &PlannedSource,
        source: &BoundSource,
        entry: &FileEntry,
        counts: &Counts,
        duplicate: i64,
    ) {
        let BoundSource { place, reading } = source;
        let sources = &mut self.sources;
        let (accepted, rejected) = (counts.accepted as i64, counts.rejected as i64);
        assert_eq!(
            counts.read as i64,
            accepted + rejected,
            "every record of {} is accepted or set aside",
            place.shown()
        );
        sources.source.push(place.shown());
        sources.sha256.push(&entry.sha256);
        sources.bytes.push(entry.bytes as i64);
        sources.layout.push(&reading.layout.name);
        sources.record.push(reading.layout.record.word());
        sources.institution.push(&reading.layout.institution);
        sources.bates.push(&planned.bates);
        sources.authority.push(&planned.authority);
        sources.read.push(accepted + rejected + duplicate);
        sources.accepted.push(accepted);
        sources.rejected.push(rejected);
        sources.duplicate.push(duplicate);
        let above = i64::from(reading.first_line) - 1;
        sources.ignored.push(counts.ignored as i64 + if duplicate == 0 { above } else { 0 });
        sources.first.push(counts.first);
        sources.last.push(counts.last);
    }
}

fn in_line_order(mut rejects: Vec<Reject>) -> Vec<Reject> {
    rejects.sort_by_key(|reject| reject.line);
    rejects
}
