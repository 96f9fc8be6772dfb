//! A source as a stream of bytes in UTF-8: decompressed, decoded, and hashed as it is read.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::{Arc, Mutex};

use encoding_rs::Encoding;
use encoding_rs_io::DecodeReaderBytesBuilder;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
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
#[derive(Clone, Debug, Default)]
pub struct Digested(Arc<Mutex<(Sha256, u64)>>, Unhashed);

/// Set where only the size of what is read is asked for.
type Unhashed = bool;

impl Digested {
    /// Bytes read so far.
    pub fn bytes(&self) -> u64 {
        self.0.lock().expect("no reader panics while it holds the lock").1
    }

    /// Hexadecimal SHA-256 and number of the bytes read so far; no text where nothing is hashed.
    pub fn so_far(&self) -> (String, u64) {
        let state = self.0.lock().expect("no reader panics while it holds the lock");
        if self.1 {
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
        let mut state = self.digest.0.lock().expect("no reader panics while it holds the lock");
        if !self.digest.1 {
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

/// How a file is packed.
///
/// # Errors
///
/// [`Error::Io`] if it cannot be read, [`Error::File`] if it is empty.
pub fn packing(path: &Path) -> Result<Packing> {
    let mut head = [0; 4];
    let mut file = File::open(path).map_err(|source| Error::io(path, source))?;
    let mut read = 0;
    while read < head.len() {
        match file.read(&mut head[read..]).map_err(|source| Error::io(path, source))? {
            0 => break,
            more => read += more,
        }
    }
    if read == 0 {
        let hint = "ask the producer for the file again, or take it out of the case file";
        return Err(Error::file(path, "is empty", Some(hint.to_owned())));
    }
    Ok(match &head[..read] {
        [0x1f, 0x8b, ..] => Packing::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd] => Packing::Zstd,
        b"PAR1" => Packing::Parquet,
        _ => Packing::Plain,
    })
}

/// Opens a file's bytes, unpacked and otherwise as they are.
///
/// # Errors
///
/// [`Error::Io`] if it cannot be read, [`Error::File`] if it is empty.
pub fn open_bytes(path: &Path) -> Result<SourceStream> {
    opened(path, Digested::default())
}

fn opened(path: &Path, digest: Digested) -> Result<SourceStream> {
    let packing = packing(path)?;
    let file = File::open(path).map_err(|source| Error::io(path, source))?;
    let hashing = HashingReader { inner: file, digest: digest.clone() };
    let unpacked: SourceBytes = match packing {
        Packing::Gzip => Box::new(flate2::read::MultiGzDecoder::new(hashing)),
        Packing::Zstd => {
            Box::new(zstd::Decoder::new(hashing).map_err(|source| Error::io(path, source))?)
        }
        Packing::Plain | Packing::Parquet => {
            return Ok(SourceStream {
                reader: Box::new(hashing),
                digest: digest.clone(),
                content: digest,
            });
        }
    };
    let content = Digested(Arc::default(), digest.1);
    let reader = Box::new(HashingReader { inner: unpacked, digest: content.clone() });
    Ok(SourceStream { reader, digest, content })
}

/// The first bytes of a file, unpacked; at most `bytes_max`.
///
/// # Errors
///
/// [`Error::Io`] if it cannot be read, [`Error::File`] if it is empty.
pub fn head_bytes(path: &Path, bytes_max: usize) -> Result<Vec<u8>> {
    let mut head = Vec::new();
    let reader = open_bytes(path)?.reader;
    let read = reader.take(bytes_max as u64).read_to_end(&mut head);
    read.map_err(|source| Error::io(path, source))?;
    Ok(head)
}

/// Opens a file of rows of text. A byte order mark decides the encoding over `encoding`.
///
/// # Errors
///
/// [`Error::Io`] if it cannot be read, [`Error::File`] if it is empty.
pub fn open_rows(path: &Path, encoding: &'static Encoding) -> Result<SourceStream> {
    decoded(path, open_bytes(path)?, encoding)
}

/// As [`open_rows`], for a reader that asks for the rows alone: its digests only count.
///
/// # Errors
///
/// As [`open_rows`].
pub fn open_rows_unhashed(path: &Path, encoding: &'static Encoding) -> Result<SourceStream> {
    decoded(path, opened(path, Digested(Arc::default(), true))?, encoding)
}

fn decoded(path: &Path, stream: SourceStream, encoding: &'static Encoding) -> Result<SourceStream> {
    let SourceStream { reader: unpacked, digest, content } = stream;
    let mut peeking = BufReader::with_capacity(1 << 16, unpacked);
    let head = peeking.fill_buf().map_err(|source| Error::io(path, source))?;
    let marked = Encoding::for_bom(head).map(|(encoding, _)| encoding);
    if marked == Some(encoding_rs::UTF_8) {
        peeking.consume(3);
    }
    let encoding = marked.unwrap_or(encoding);
    let reader: Box<dyn Read + Send> = if encoding == encoding_rs::UTF_8 {
        // Invalid bytes stay as they are, so that their record is set aside and not mended.
        Box::new(peeking)
    } else {
        Box::new(DecodeReaderBytesBuilder::new().encoding(Some(encoding)).build(peeking))
    };
    Ok(SourceStream { reader, digest, content })
}

/// Hexadecimal SHA-256 of a file's bytes after unpacking. Cost: one pass over the file.
///
/// # Errors
///
/// [`Error::Io`] if it cannot be read or unpacked, [`Error::File`] if it is empty.
pub fn content_hash(path: &Path) -> Result<String> {
    let mut stream = open_rows(path, encoding_rs::UTF_8)?;
    io::copy(&mut stream.reader, &mut io::sink()).map_err(|source| Error::io(path, source))?;
    Ok(stream.content.so_far().0)
}

/// The first bytes of a file as text, for recognising it; at most `bytes_max`.
///
/// # Errors
///
/// [`Error::Io`] if it cannot be read, [`Error::File`] if it is empty.
pub fn head_text(path: &Path, encoding: &'static Encoding, bytes_max: usize) -> Result<String> {
    let stream = open_rows(path, encoding)?;
    let mut head = Vec::new();
    stream
        .reader
        .take(bytes_max as u64)
        .read_to_end(&mut head)
        .map_err(|source| Error::io(path, source))?;
    Ok(String::from_utf8_lossy(&head).into_owned())
}
