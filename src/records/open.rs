//! A source as a stream of bytes in UTF-8: decompressed, decoded, and hashed as it is read.

use std::io::{self, BufRead, BufReader, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use encoding_rs::Encoding;
use encoding_rs_io::DecodeReaderBytesBuilder;
use sha2::{Digest, Sha256};

use crate::error::Result;
use crate::records::archive::Measured;
use crate::records::place::Place;
use crate::records::structured::SourceBytes;

/// How a file's bytes are packed, told by its first bytes and never by its name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Packing {
    /// Rows of text.
    Plain,
    /// gzip.
    Gzip,
    /// Zstandard.
    Zstd,
    /// Apache Parquet.
    Parquet,
}

/// The hash of everything read through a [`SourceStream`], known once it has been read to its
/// end.
#[derive(Clone, Debug)]
pub struct Digested {
    state: Arc<Mutex<(Sha256, u64)>>,
    /// False where only the size of what is read is asked for.
    hashes: bool,
}

impl Digested {
    /// Bytes read so far.
    pub fn bytes(&self) -> u64 {
        self.state.lock().expect("no reader panics while it holds the lock").1
    }

    fn new(hashes: bool) -> Digested {
        Digested { state: Arc::default(), hashes }
    }

    /// Hexadecimal SHA-256 and number of the bytes read so far; no text where nothing is hashed.
    pub fn so_far(&self) -> (String, u64) {
        let state = self.state.lock().expect("no reader panics while it holds the lock");
        if !self.hashes {
            return (String::new(), state.1);
        }
        let hash = state.0.clone().finalize();
        (hash.iter().map(|byte| format!("{byte:02x}")).collect(), state.1)
    }
}

struct HashingReader<R> {
    inner: R,
    digest: Digested,
}

impl<R: Read> Read for HashingReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        let mut state = self.digest.state.lock().expect("no reader panics while it holds the lock");
        if self.digest.hashes {
            state.0.update(&buffer[..read]);
        }
        state.1 += read as u64;
        Ok(read)
    }
}

/// A source opened for reading.
pub struct SourceStream {
    /// UTF-8 bytes, unless the file itself is wrong; no byte order mark.
    pub reader: Box<dyn Read + Send>,
    /// The hash of the file's own bytes as they are read.
    pub digest: Digested,
    /// The hash of the bytes after unpacking; the same for a file that is not packed.
    pub content: Digested,
}

/// How bytes are packed that begin so.
pub fn packing_of(head: &[u8]) -> Packing {
    match head {
        [0x1f, 0x8b, ..] => Packing::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Packing::Zstd,
        [b'P', b'A', b'R', b'1', ..] => Packing::Parquet,
        _ => Packing::Plain,
    }
}

/// How a source is packed.
///
/// # Errors
///
/// [`crate::Error::Io`] if it cannot be read, [`crate::Error::File`] if it is empty.
pub fn packing(place: &Place) -> Result<Packing> {
    Ok(packing_of(&place.head(4)?))
}

/// Opens a source's bytes, unpacked and otherwise as they are.
///
/// # Errors
///
/// [`crate::Error::Io`] if it cannot be read, [`crate::Error::File`] if it is empty.
pub fn open_bytes(place: &Place) -> Result<SourceStream> {
    opened(place, true)
}

fn opened(place: &Place, hashes: bool) -> Result<SourceStream> {
    let packing = packing(place)?;
    let digest = Digested::new(hashes);
    let hashing = HashingReader { inner: place.raw()?, digest: digest.clone() };
    if matches!(packing, Packing::Plain | Packing::Parquet) {
        let content = digest.clone();
        return Ok(SourceStream { reader: Box::new(hashing), digest, content });
    }
    let unpacked = unpacked(hashing, packing).map_err(|source| place.failed(source))?;
    let content = Digested::new(hashes);
    let reader = Box::new(HashingReader { inner: unpacked, digest: content.clone() });
    Ok(SourceStream { reader, digest, content })
}

/// What packed bytes unpack to, within the bounds of [`Measured`].
///
/// # Errors
///
/// What the decompressor says of its own memory.
pub fn unpacked(from: impl Read + Send + 'static, packing: Packing) -> io::Result<SourceBytes> {
    let packed_bytes = Arc::new(AtomicU64::new(0));
    let counted = Counted { inner: from, read: Arc::clone(&packed_bytes) };
    let unpacked: SourceBytes = match packing {
        Packing::Gzip => Box::new(flate2::read::MultiGzDecoder::new(counted)),
        Packing::Zstd => Box::new(zstd::Decoder::new(counted)?),
        Packing::Plain | Packing::Parquet => return Ok(Box::new(counted)),
    };
    Ok(Box::new(Measured::new(unpacked, packed_bytes)))
}

struct Counted<R> {
    inner: R,
    read: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.read.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// The first bytes of a file, unpacked; at most `bytes_max`.
///
/// # Errors
///
/// [`crate::Error::Io`] if it cannot be read, [`crate::Error::File`] if it is empty.
pub fn head_bytes(place: &Place, bytes_max: usize) -> Result<Vec<u8>> {
    let mut head = Vec::new();
    let reader = open_bytes(place)?.reader;
    let read = reader.take(bytes_max as u64).read_to_end(&mut head);
    read.map_err(|source| place.failed(source))?;
    Ok(head)
}

/// Opens a file of rows of text. A byte order mark decides the encoding over `encoding`.
///
/// # Errors
///
/// [`crate::Error::Io`] if it cannot be read, [`crate::Error::File`] if it is empty.
pub fn open_rows(place: &Place, encoding: &'static Encoding) -> Result<SourceStream> {
    decoded(place, opened(place, true)?, encoding)
}

/// As [`open_rows`], for a reader that asks for the rows alone: its digests only count.
///
/// # Errors
///
/// As [`open_rows`].
pub fn open_rows_unhashed(place: &Place, encoding: &'static Encoding) -> Result<SourceStream> {
    decoded(place, opened(place, false)?, encoding)
}

fn decoded(
    place: &Place,
    stream: SourceStream,
    encoding: &'static Encoding,
) -> Result<SourceStream> {
    let SourceStream { reader: unpacked, digest, content } = stream;
    let mut peeking = BufReader::with_capacity(1 << 16, unpacked);
    let head = peeking.fill_buf().map_err(|source| place.failed(source))?;
    let marked = Encoding::for_bom(head).map(|(encoding, _)| encoding);
    if marked == Some(encoding_rs::UTF_8) {
        peeking.consume(3);
    }
    let encoding = marked.unwrap_or(encoding);
    if encoding == encoding_rs::UTF_8 {
        // Invalid bytes stay as they are, so that their record is set aside and not mended.
        let reader = with_line_ends(peeking).map_err(|source| place.failed(source))?;
        return Ok(SourceStream { reader, digest, content });
    }
    let decoding = DecodeReaderBytesBuilder::new().encoding(Some(encoding)).build(peeking);
    let reader = with_line_ends(BufReader::with_capacity(1 << 16, decoding))
        .map_err(|source| place.failed(source))?;
    Ok(SourceStream { reader, digest, content })
}

/// Carriage returns alone end the lines of files from old Macintosh programs; where the first
/// bytes hold those and no line feed, each is read as one.
fn with_line_ends<R: BufRead + Send + 'static>(mut text: R) -> io::Result<SourceBytes> {
    let head = text.fill_buf()?;
    // One at the very end of the bytes at hand may be half of a pair.
    let inner = &head[..head.len().saturating_sub(1)];
    let alone = memchr::memchr(b'\r', inner).is_some() && memchr::memchr(b'\n', head).is_none();
    Ok(if alone { Box::new(LineFeeds(text)) } else { Box::new(text) })
}

struct LineFeeds<R>(R);

impl<R: Read> Read for LineFeeds<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.0.read(buffer)?;
        for byte in &mut buffer[..read] {
            if *byte == b'\r' {
                *byte = b'\n';
            }
        }
        Ok(read)
    }
}

/// Hexadecimal SHA-256 of a file's bytes after unpacking. Cost: one pass over the file.
///
/// # Errors
///
/// [`crate::Error::Io`] if it cannot be read or unpacked, [`crate::Error::File`] if it is empty.
pub fn content_hash(place: &Place) -> Result<String> {
    let mut stream = open_rows(place, encoding_rs::UTF_8)?;
    io::copy(&mut stream.reader, &mut io::sink()).map_err(|source| place.failed(source))?;
    Ok(stream.content.so_far().0)
}

/// The first bytes of a file as text, for recognising it; at most `bytes_max`.
///
/// # Errors
///
/// [`crate::Error::Io`] if it cannot be read, [`crate::Error::File`] if it is empty.
pub fn head_text(place: &Place, encoding: &'static Encoding, bytes_max: usize) -> Result<String> {
    let stream = open_rows(place, encoding)?;
    let mut head = Vec::new();
    stream
        .reader
        .take(bytes_max as u64)
        .read_to_end(&mut head)
        .map_err(|source| place.failed(source))?;
    Ok(String::from_utf8_lossy(&head).into_owned())
}

/// The encoding of text whose every second byte is empty among its first ones, as UTF-16 without
/// a byte order mark has it; `None` for any other.
pub fn wide_encoding(head: &[u8]) -> Option<&'static str> {
    let head = &head[..head.len().min(64)];
    let empty = |from: usize| head.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    // Names of columns are letters of one script nearly always, and four of them say enough.
    match (empty(0), empty(1)) {
        (0, odd) if odd >= 4 && odd * 4 >= head.len() => Some("utf-16le"),
        (even, 0) if even >= 4 && even * 4 >= head.len() => Some("utf-16be"),
        _ => None,
    }
}
