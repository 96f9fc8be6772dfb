//! Records to a case store: read, decode in parallel, take over in order, sort, match, write.
//!
//! Blocks of a source are decoded by all threads at once and taken over one after the other, so
//! numbers given on the way never depend on which thread was first.

mod assembly;
mod bank;
mod both_legs;
mod call_readings;
mod calls;
mod coverage;
mod entities;
mod interner;
mod parties;
mod people;
mod people_rows;
mod plain_transfers;
mod plan;
mod raw_accounts;
mod sources;
mod statements;
mod values;

use std::collections::{HashMap, HashSet};
use std::io::Read;
use std::path::Path;
use std::sync::{Arc, Mutex};

use jiff::tz::TimeZone;
use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::interrupt;
use crate::model::Stamp;
use crate::normalise::{CounterpartyReader, Pattern, PhoneReader};
use crate::records::{
    Block, Blocks, Digested, Layout, Packing, ParquetRows, PlainRows, RawBatch, Reading,
    RecordKind, Reject, SourceBytes, content_hash, head_text, next_structured, open_bytes,
    open_rows, open_rows_unhashed, packing, structured_format,
};
use crate::store::case_store::{Case, CaseWriter, TableSink};
use crate::store::manifest::{FileEntry, Manifest, SCHEMA_VERSION, hash_file};
use crate::store::publish::Staging;
use crate::store::tables::Sources;
use crate::timings::Timings;
use assembly::Assembly;
use bank::{BankBatch, BankReader};
use calls::{CallBatch, CallReader};
use people::PeopleReader;
use plain_transfers::PlainTransfers;
use sources::{bind_sources, case_digits, encoding_of, what_is_read};
use values::{CaseDefaults, Values};

pub use assembly::Loaded;
pub use both_legs::LEG_WINDOW_DAYS;
pub use coverage::GAP_DAYS;
pub use plan::{LoadPlan, PlannedSource};

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
    let mut loader = read_sources(plan, Some(dir), progress, timings)?;
    let stage = timings.start("write");
    let manifest = loader.manifest(plan);
    let mut writer = CaseWriter::new(dir, manifest);
    loader.assembly.finish_details(&mut writer)?;
    let loaded = loader.assembly.finish(&loader.sources, &mut writer)?;
    writer.write(&loader.sources)?;
    writer.finish()?;
    timings.end(stage, loaded.transfers);
    Ok(loaded)
}

/// Loads a case for one question: nothing is written, the texts beside amounts are not kept, and
/// a source that stands alone is not hashed, since no other can be its copy. Every other table is
/// the one that [`load`] writes.
///
/// # Errors
///
/// As [`load`].
pub fn load_in_memory(
    plan: &LoadPlan,
    progress: OnProgress<'_>,
    timings: &Timings,
) -> Result<(Case, Loaded)> {
    let loader = read_sources(plan, None, progress, timings)?;
    let stage = timings.start("tables");
    let mut case = Case::in_memory(loader.manifest(plan));
    let loaded = loader.assembly.finish(&loader.sources, &mut case)?;
    case.put(loader.sources)?;
    timings.end(stage, loaded.transfers);
    Ok((case, loaded))
}

/// Reads every source of a plan. The stage's check is how many accounts and transfers there are.
fn read_sources<'a>(
    plan: &LoadPlan,
    dir: Option<&Path>,
    progress: OnProgress<'a>,
    timings: &Timings,
) -> Result<Loader<'a>> {
    let stage = timings.start("read");
    let readings = bind_sources(plan)?;
    let zone = TimeZone::get(&plan.timezone).unwrap_or(TimeZone::UTC);
    let case = CaseDefaults {
        zone,
        zone_stated: plan.timezone_stated,
        currency: plan.currency,
        digits: case_digits(&readings),
    };
    let mut loader = Loader {
        case,
        phones: PhoneReader::new(plan.region.as_deref()),
        assembly: Assembly::new(dir)?,
        sources: Sources::default(),
        known: HashMap::new(),
        beginnings: HashSet::new(),
        compiled: Vec::new(),
        hashed: dir.is_some() || plan.sources.len() > 1,
        progress,
    };
    for (planned, reading) in plan.sources.iter().zip(&readings) {
        loader.source(planned, reading)?;
    }
    let records = loader.sources.read.iter().sum::<i64>() as u64;
    timings.end_checked(stage, records, loader.assembly.sizes());
    Ok(loader)
}

struct Loader<'a> {
    case: CaseDefaults,
    phones: PhoneReader,
    assembly: Assembly,
    sources: Sources,
    /// Hash of the unpacked bytes and what was read to source row, of every source so far.
    known: HashMap<(String, String), u32>,
    /// How the sources so far begin: only one that begins as another can be its copy.
    beginnings: HashSet<String>,
    /// Counterparty patterns of the layouts met so far.
    compiled: Vec<(Arc<Layout>, Arc<CounterpartyReader>)>,
    /// Whether the sources' bytes are hashed while they are read.
    hashed: bool,
    progress: OnProgress<'a>,
}

/// Counts of one source while it is read.
#[derive(Default)]
struct Counts {
    read: u64,
    accepted: u64,
    rejected: u64,
    ignored: u64,
    first: Option<i32>,
    last: Option<i32>,
}

impl Counts {
    /// Counts a block of dated records; returns what was set aside in it, in order of line.
    fn take(&mut self, ignored: u64, accepted: &[Stamp], rejects: Vec<Reject>) -> Vec<Reject> {
        self.ignored += ignored;
        self.accepted += accepted.len() as u64;
        self.span(accepted.iter().map(|stamp| stamp.day));
        let rejects = in_line_order(rejects);
        self.reject(&rejects);
        rejects
    }

    fn span(&mut self, days: impl Iterator<Item = i32>) {
        for day in days {
            self.first = Some(self.first.map_or(day, |first| first.min(day)));
            self.last = Some(self.last.map_or(day, |last| last.max(day)));
        }
    }

    fn reject(&mut self, rejects: &[Reject]) {
        self.rejected += rejects.iter().filter(|reject| !reject.kept).count() as u64;
    }
}

/// A block decoded by its own reader, and how many records it held.
struct Decoded {
    read: u64,
    what: DecodedAs,
}

enum DecodedAs {
    Bank(Box<BankBatch>, u64, Vec<Reject>),
    Calls(Box<CallBatch>, u64, Vec<Reject>),
    /// Records about people are few, and taken over as they are.
    People(RawBatch),
}

impl Loader<'_> {
    /// What the store says of itself, before any table is written.
    fn manifest(&self, plan: &LoadPlan) -> Manifest {
        let mut manifest = Manifest {
            kind: "store".to_owned(),
            schema_version: SCHEMA_VERSION,
            program_version: env!("CARGO_PKG_VERSION").to_owned(),
            title: plan.title.clone(),
            currency: plan.currency.to_string(),
            timezone: plan.timezone.clone(),
            digits: self.case.digits.clone(),
            subjects: plan.subjects.clone(),
            ..Manifest::default()
        };
        for (name, value) in [("leg_window_days", LEG_WINDOW_DAYS), ("coverage_gap_days", GAP_DAYS)]
        {
            manifest.parameters.insert(name.to_owned(), value.to_string());
        }
        for row in 0..self.sources.source.len() {
            let entry = FileEntry {
                bytes: self.sources.bytes[row] as u64,
                sha256: self.sources.sha256.get(row).to_owned(),
                rows: None,
            };
            manifest.inputs.insert(self.sources.source.get(row).to_owned(), entry);
        }
        manifest
    }

    fn source(&mut self, planned: &PlannedSource, reading: &Reading) -> Result<()> {
        let number = self.sources.source.len() as u32;
        if let Some(twin) = self.twin(planned, reading)? {
            return self.repeated(planned, reading, twin);
        }
        let counterparties = self.counterparties(&reading.layout)?;
        let mut counts = Counts::default();
        let decode = |loader: &Self, blocks: Vec<RawBlock>| -> Result<Vec<Decoded>> {
            let each = blocks.into_par_iter();
            each.map(|block| loader.decode(reading, &counterparties, block)).collect()
        };
        let take = |loader: &mut Self, decoded: Vec<Decoded>| {
            let mut each = decoded.into_iter();
            each.try_for_each(|one| loader.take(number, reading, one, &mut counts))
        };
        let (entry, content) = self.blocks(planned, reading, decode, take)?;
        self.known.insert((content, what_is_read(&reading.layout)), number);
        self.note_source(planned, reading, &entry, &counts, 0);
        Ok(())
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

    /// Reads a source in waves of blocks; returns its size and hash, and that of what it unpacks
    /// to.
    fn blocks(
        &mut self,
        planned: &PlannedSource,
        reading: &Reading,
        decode: impl Fn(&Self, Vec<RawBlock>) -> Result<Vec<Decoded>> + Sync,
        mut take: impl FnMut(&mut Self, Vec<Decoded>) -> Result<()>,
    ) -> Result<(FileEntry, String)> {
        let path = &planned.path;
        if let Some(format) = reading.layout.format.as_deref() {
            return self.structured(planned, reading, format, decode, take);
        }
        if packing(path)? == Packing::Parquet {
            let mut rows = ParquetRows::open(path)?;
            while let Some(batch) = rows.next_batch(&reading.shape.wanted)? {
                interrupt::check()?;
                let decoded = decode(self, vec![RawBlock::Batch(batch)])?;
                take(self, decoded)?;
            }
            let entry = hash_file(path)?;
            let content = entry.sha256.clone();
            return Ok((entry, content));
        }
        let encoding = encoding_of(Some(&reading.layout));
        let mut stream = match self.hashed {
            true => open_rows(path, encoding)?,
            false => open_rows_unhashed(path, encoding)?,
        };
        skip_lines(&mut stream.reader, reading.first_line - 1)
            .map_err(|source| Error::io(path, source))?;
        let mut blocks = Blocks::new(stream.reader, reading.first_line, reading.shape.clone());
        let mut told = 0;
        let wave_blocks = rayon::current_num_threads() * 2;
        let mut next_wave = || -> Result<Vec<RawBlock>> {
            let mut waiting = Vec::new();
            while waiting.len() < wave_blocks {
                match blocks.next_block().map_err(|source| Error::io(path, source))? {
                    Some(block) => waiting.push(RawBlock::Rows(block)),
                    None => break,
                }
            }
            Ok(waiting)
        };
        let mut waiting = next_wave()?;
        while !waiting.is_empty() {
            interrupt::check()?;
            // The next blocks are read and hashed while these are decoded.
            let at_hand = std::mem::take(&mut waiting);
            let (read, decoded) = rayon::join(&mut next_wave, || decode(&*self, at_hand));
            waiting = read?;
            take(self, decoded?)?;
            let reached = stream.digest.bytes();
            (self.progress)(&planned.shown, reached - told);
            told = reached;
        }
        read_whole(path, &stream.digest, &stream.content)
    }

    /// Reads a source of a structured format, as [`Loader::blocks`] reads rows of text.
    fn structured(
        &mut self,
        planned: &PlannedSource,
        reading: &Reading,
        format: &str,
        decode: impl Fn(&Self, Vec<RawBlock>) -> Result<Vec<Decoded>>,
        mut take: impl FnMut(&mut Self, Vec<Decoded>) -> Result<()>,
    ) -> Result<(FileEntry, String)> {
        let path = &planned.path;
        let stream = open_bytes(path)?;
        let format = structured_format(format).expect("the layout's format was checked");
        // Lent rather than given: what a reader leaves behind is still to be hashed.
        let bytes = Arc::new(Mutex::new(stream.reader));
        let mut reader = (format.open)(Box::new(Lent(Arc::clone(&bytes))));
        let number = self.sources.source.len() as u32;
        loop {
            interrupt::check()?;
            let batch = next_structured(reader.as_mut(), reading.layout.record);
            let Some(batch) = batch.map_err(|source| Error::io(path, source))? else { break };
            let decoded = decode(self, vec![RawBlock::Batch(batch.batch)])?;
            take(self, decoded)?;
            self.assembly.take_places(number, &batch.places);
            for one in &batch.statements {
                self.assembly.take_statement(number, one, &reading.layout, &self.case);
            }
        }
        std::io::copy(&mut Lent(bytes), &mut std::io::sink())
            .map_err(|source| Error::io(path, source))?;
        read_whole(path, &stream.digest, &stream.content)
    }

    fn decode(
        &self,
        reading: &Reading,
        counterparties: &CounterpartyReader,
        block: RawBlock,
    ) -> Result<Decoded> {
        let values = Values::new(reading, &self.case)?;
        let mut batch = match block {
            RawBlock::Rows(block) => match plain_rows(&values, block) {
                Ok((plain, rows)) => {
                    let reader = BankReader { values: &values, counterparties };
                    let (bank, split, read) = plain.read(&reader, rows);
                    let what = DecodedAs::Bank(Box::new(bank), split.ignored, split.rejects);
                    return Ok(Decoded { read, what });
                }
                Err(block) => block.split(&reading.shape),
            },
            RawBlock::Batch(batch) => batch,
        };
        let read = (batch.rows() + batch.rejects.len()) as u64;
        let what = match reading.layout.record {
            RecordKind::BankStatement | RecordKind::BankTransfers => {
                let reader = BankReader { values: &values, counterparties };
                let rejects = std::mem::take(&mut batch.rejects);
                DecodedAs::Bank(Box::new(reader.read(&batch)), batch.ignored, rejects)
            }
            RecordKind::CallDetail => {
                let reader = CallReader { values: &values, phones: &self.phones };
                let rejects = std::mem::take(&mut batch.rejects);
                DecodedAs::Calls(Box::new(reader.read(&batch)), batch.ignored, rejects)
            }
            _ => DecodedAs::People(batch),
        };
        Ok(Decoded { read, what })
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
                self.assembly.take_bank(source, batch, &reading.layout)
            }
            DecodedAs::Calls(batch, ignored, mut split) => {
                let mut batch = *batch;
                split.append(&mut batch.rejects);
                batch.rejects = counts.take(ignored, &batch.start, split);
                self.assembly.take_calls(source, batch);
                Ok(())
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
                self.assembly.reject(source, rejects);
                Ok(())
            }
        }
    }

    /// The source that holds the same bytes, packed or not, if one was read before.
    fn twin(&mut self, planned: &PlannedSource, reading: &Reading) -> Result<Option<u32>> {
        let head = head_text(&planned.path, encoding_rs::UTF_8, BEGINNING_BYTES)?;
        if self.beginnings.insert(head) {
            return Ok(None);
        }
        let key = (content_hash(&planned.path)?, what_is_read(&reading.layout));
        Ok(self.known.get(&key).copied())
    }

    /// A source with the bytes of another: all its records are duplicates.
    fn repeated(&mut self, planned: &PlannedSource, reading: &Reading, twin: u32) -> Result<()> {
        let row = twin as usize;
        let read = self.sources.read[row];
        let entry = hash_file(&planned.path)?;
        let counts = Counts {
            ignored: self.sources.ignored[row] as u64,
            first: self.sources.first[row],
            last: self.sources.last[row],
            ..Counts::default()
        };
        self.note_source(planned, reading, &entry, &counts, read);
        Ok(())
    }

    fn note_source(
        &mut self,
        planned: &PlannedSource,
        reading: &Reading,
        entry: &FileEntry,
        counts: &Counts,
        duplicate: i64,
    ) {
        let sources = &mut self.sources;
        let (accepted, rejected) = (counts.accepted as i64, counts.rejected as i64);
        assert_eq!(
            counts.read as i64,
            accepted + rejected,
            "every record of {} is accepted or set aside",
            planned.shown
        );
        sources.source.push(&planned.shown);
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

/// Bytes with two readers, one after the other.
struct Lent(Arc<Mutex<SourceBytes>>);

impl Read for Lent {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no reader panics while it holds the lock").read(buffer)
    }
}

/// Size and hash of a source that was read to its end, and the hash of what it unpacks to.
fn read_whole(path: &Path, digest: &Digested, content: &Digested) -> Result<(FileEntry, String)> {
    let (sha256, bytes) = digest.so_far();
    let now = std::fs::metadata(path).map_err(|source| Error::io(path, source))?.len();
    if now != bytes {
        let what = format!("changed while it was read: {bytes} bytes became {now}");
        return Err(Error::file(path, what, Some("load the case again".to_owned())));
    }
    let (content, _) = content.so_far();
    Ok((FileEntry { bytes, sha256, rows: None }, content))
}

/// The plain rows of a block and what reads them, or the block itself where it holds others.
fn plain_rows<'a>(
    values: &'a Values<'a>,
    block: Block,
) -> std::result::Result<(PlainTransfers<'a>, PlainRows<'a>), Box<Block>> {
    match PlainTransfers::new(values) {
        Some(plain) => Ok((plain, PlainRows::new(block, &values.reading.shape)?)),
        None => Err(Box::new(block)),
    }
}

/// One block on its way to be decoded.
enum RawBlock {
    Rows(Block),
    Batch(RawBatch),
}

fn in_line_order(mut rejects: Vec<Reject>) -> Vec<Reject> {
    rejects.sort_by_key(|reject| reject.line);
    rejects
}

/// Passes over the lines above the first record.
fn skip_lines(reader: &mut impl std::io::Read, lines: u32) -> std::io::Result<()> {
    let mut byte = [0];
    let mut left = lines;
    while left > 0 && reader.read(&mut byte)? == 1 {
        left -= u32::from(byte[0] == b'\n');
    }
    Ok(())
}
