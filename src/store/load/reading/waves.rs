//! A source as waves of blocks: rows of text, rows of a sheet, records of a structured format.
//!
//! What a block becomes is its caller's; here each source is opened, read to its end and hashed.

use std::io::Read;
use std::sync::{Arc, Mutex};

use crate::error::Result;
use crate::interrupt;
use crate::records::{
    Blocks, Digested, OutsideCurrency, Packing, ParquetRows, Place, Reading, Sheet, SheetReading,
    SourceBytes, next_structured, open_bytes, open_rows, open_rows_unhashed, packing,
    structured_format,
};
use crate::store::load::Loader;
use crate::store::load::reading::decoding::RawBlock;
use crate::store::load::reading::sources::encoding_of;
use crate::store::manifest::{FileEntry, hash_file};

/// Blocks of text for each thread that are decoded at a time: enough that threads seldom wait for
/// each other, few enough that what is read for the next time is still in the cache then.
const WAVE_BLOCKS: usize = 8;
/// Records of a sheet that are decoded at a time.
const SHEET_RECORDS: usize = 16_384;
/// Bytes of their text.
const SHEET_BYTES: usize = 16 << 20;

impl Loader<'_> {
    /// Reads a source in waves of blocks; returns its size and hash, and that of what it unpacks
    /// to.
    pub(in crate::store::load) fn blocks<D: Send>(
        &mut self,
        place: &Place,
        reading: &Reading,
        decode: impl Fn(&Self, Vec<RawBlock>) -> Result<Vec<D>> + Sync,
        mut take: impl FnMut(&mut Self, Vec<D>) -> Result<()>,
    ) -> Result<(FileEntry, String)> {
        let mut wave = |loader: &mut Self, blocks| {
            let decoded = decode(loader, blocks)?;
            take(loader, decoded)
        };
        if let Some(sheet) = place.sheet() {
            return self.sheet(sheet, reading, wave);
        }
        if let Some(format) = reading.layout.format.as_deref() {
            return self.structured(place, reading, format, wave);
        }
        if packing(place)? == Packing::Parquet {
            let mut rows = ParquetRows::open(place)?;
            while let Some(batch) = rows.next_batch(&reading.shape.wanted)? {
                interrupt::check()?;
                wave(self, vec![RawBlock::Batch(batch)])?;
            }
            let entry = match place.is_file() {
                true => hash_file(place.path())?,
                false => hash_member(place)?,
            };
            let content = entry.sha256.clone();
            return Ok((entry, content));
        }
        self.rows(place, reading, decode, take)
    }

    /// Reads a source of rows of text, as [`Loader::blocks`] does.
    fn rows<D: Send>(
        &mut self,
        place: &Place,
        reading: &Reading,
        decode: impl Fn(&Self, Vec<RawBlock>) -> Result<Vec<D>> + Sync,
        mut take: impl FnMut(&mut Self, Vec<D>) -> Result<()>,
    ) -> Result<(FileEntry, String)> {
        let encoding = encoding_of(Some(&reading.layout));
        let mut stream = match self.hashed {
            true => open_rows(place, encoding)?,
            false => open_rows_unhashed(place, encoding)?,
        };
        skip_lines(&mut stream.reader, reading.first_line - 1)
            .map_err(|source| place.failed(source))?;
        let mut blocks = Blocks::new(stream.reader, reading.first_line, reading.shape.clone());
        let mut told = 0;
        let wave_blocks = rayon::current_num_threads() * WAVE_BLOCKS;
        let mut next_wave = || -> Result<Vec<RawBlock>> {
            let mut waiting = Vec::new();
            while waiting.len() < wave_blocks {
                match blocks.next_block().map_err(|source| place.failed(source))? {
                    Some(block) => waiting.push(RawBlock::Rows(block)),
                    None => break,
                }
            }
            Ok(waiting)
        };
        let mut waiting = next_wave()?;
        // Columns that are given their room at once are never moved while they grow.
        let mut first = Some((stream.digest.bytes(), self.assembly.transfers()));
        let whole = std::fs::metadata(place.path()).map_or(0, |file| file.len());
        while !waiting.is_empty() {
            interrupt::check()?;
            // The next blocks are read and hashed while these are decoded.
            let at_hand = std::mem::take(&mut waiting);
            let (read, decoded) = rayon::join(&mut next_wave, || decode(&*self, at_hand));
            take(self, decoded?)?;
            waiting = read?;
            if let Some((bytes, before)) = first.take().filter(|_| !waiting.is_empty()) {
                let rows = self.assembly.transfers() - before;
                self.assembly.expect_transfers(rows, place.share(bytes), whole);
            }
            let reached = place.share(stream.digest.bytes());
            (self.progress)(place.shown(), reached - told);
            told = reached;
        }
        Ok(read_whole(&stream.digest, &stream.content))
    }

    /// Reads the rows of a sheet, as [`Loader::blocks`] reads rows of text.
    fn sheet(
        &mut self,
        sheet: &Sheet,
        reading: &Reading,
        mut wave: impl FnMut(&mut Self, Vec<RawBlock>) -> Result<()>,
    ) -> Result<(FileEntry, String)> {
        let mut rows = SheetReading::new(reading, &sheet.head);
        let mut batch = rows.batch();
        let content = sheet.rows(&mut |row, cells| {
            rows.take(row, &cells, &mut batch);
            if batch.rows() + batch.rejects.len() >= SHEET_RECORDS
                || batch.text.len() >= SHEET_BYTES
            {
                let full = std::mem::replace(&mut batch, rows.batch());
                wave(self, vec![RawBlock::Batch(full)])?;
            }
            Ok(())
        })?;
        wave(self, vec![RawBlock::Batch(batch)])?;
        let (bytes, sha256) = sheet.book_bytes();
        Ok((FileEntry { bytes, sha256: sha256.to_owned(), rows: None }, content))
    }

    /// Reads a source of a structured format, as [`Loader::blocks`] reads rows of text.
    fn structured(
        &mut self,
        place: &Place,
        reading: &Reading,
        format: &str,
        mut wave: impl FnMut(&mut Self, Vec<RawBlock>) -> Result<()>,
    ) -> Result<(FileEntry, String)> {
        let stream = open_bytes(place)?;
        let format = structured_format(format).expect("the layout's format was checked");
        // Lent rather than given: what a reader leaves behind is still to be hashed.
        let bytes = Arc::new(Mutex::new(stream.reader));
        let mut reader = (format.open)(Box::new(Lent(Arc::clone(&bytes))));
        reader.outside_currency(OutsideCurrency {
            layout: reading.stated("currency").and_then(|code| code.parse().ok()),
            case: Some(self.case.currency),
        });
        let number = self.sources.source.len() as u32;
        loop {
            interrupt::check()?;
            let batch = next_structured(reader.as_mut(), reading.layout.record);
            let Some(batch) = batch.map_err(|source| place.failed(source))? else { break };
            self.assembly.take_places(number, &batch.places);
            wave(self, vec![RawBlock::Batch(batch.batch)])?;
            for mut one in batch.statements {
                for (field, text) in [
                    ("account", &mut one.account),
                    ("bank", &mut one.bank),
                    ("currency", &mut one.currency),
                ] {
                    if let Some(stated) = reading.stated(field) {
                        stated.clone_into(text);
                    }
                }
                self.assembly.take_statement(number, &one, reading, &self.case)?;
            }
        }
        std::io::copy(&mut Lent(bytes), &mut std::io::sink())
            .map_err(|source| place.failed(source))?;
        Ok(read_whole(&stream.digest, &stream.content))
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
pub(in crate::store::load) fn read_whole(
    digest: &Digested,
    content: &Digested,
) -> (FileEntry, String) {
    let (sha256, bytes) = digest.so_far();
    let (content, _) = content.so_far();
    (FileEntry { bytes, sha256, rows: None }, content)
}

/// Size and hash of a member of an archive that was read out of order.
fn hash_member(place: &Place) -> Result<FileEntry> {
    let mut stream = open_bytes(place)?;
    std::io::copy(&mut stream.reader, &mut std::io::sink())
        .map_err(|source| place.failed(source))?;
    Ok(read_whole(&stream.digest, &stream.content).0)
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
