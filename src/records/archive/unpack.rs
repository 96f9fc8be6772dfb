//! The bytes of one member: a stretch of its container, unpacked, counted and checked.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use crate::records::structured::SourceBytes;

/// Bytes that an archive may unpack to in all.
pub const UNPACKED_BYTES_MAX: u64 = 64 << 30;
/// Up to here no ratio is asked for: short files pack extremely well.
const FREE_BYTES: u64 = 100 << 20;
/// Times its packed size that a member may unpack to beyond [`FREE_BYTES`].
const RATIO_MAX: u64 = 1_000;

/// A stretch of a file.
#[derive(Clone, Debug)]
pub struct Region {
    backing: Backing,
    start: u64,
    len: u64,
}

#[derive(Clone, Debug)]
enum Backing {
    /// Opened anew for each reader: a case may hold more archives than a process may open files.
    Path(PathBuf),
    /// A file without a name, gone with its last reader.
    Spool(Arc<Mutex<File>>),
}

impl Region {
    /// A whole file on disk.
    ///
    /// # Errors
    ///
    /// What the operating system says.
    pub fn file(path: PathBuf) -> io::Result<Region> {
        let len = path.metadata()?.len();
        Ok(Region { backing: Backing::Path(path), start: 0, len })
    }

    pub(super) fn spooled(file: File, len: u64) -> Region {
        Region { backing: Backing::Spool(Arc::new(Mutex::new(file))), start: 0, len }
    }

    /// Bytes in it.
    pub fn bytes(&self) -> u64 {
        self.len
    }

    /// A stretch within this one; `None` if it would reach beyond it.
    pub fn within(&self, start: u64, len: u64) -> Option<Region> {
        let end = start.checked_add(len)?;
        let region = Region { backing: self.backing.clone(), start: self.start + start, len };
        (end <= self.len).then_some(region)
    }

    /// Reads it from its beginning; may go back and forth.
    ///
    /// # Errors
    ///
    /// What the operating system says.
    pub fn reader(&self) -> io::Result<RegionReader> {
        let file = match &self.backing {
            Backing::Path(path) => Arc::new(Mutex::new(File::open(path)?)),
            Backing::Spool(file) => Arc::clone(file),
        };
        Ok(RegionReader { file, start: self.start, len: self.len, at: 0 })
    }
}

/// Reads a [`Region`].
#[derive(Debug)]
pub struct RegionReader {
    file: Arc<Mutex<File>>,
    start: u64,
    len: u64,
    at: u64,
}

impl Read for RegionReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.len.saturating_sub(self.at);
        let wanted = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        if wanted == 0 {
            return Ok(0);
        }
        // Readers of one spool take turns, each from its own place.
        let mut file = self.file.lock().expect("no reader panics while it holds the lock");
        file.seek(SeekFrom::Start(self.start + self.at))?;
        let read = file.read(&mut buffer[..wanted])?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for RegionReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.len.checked_add_signed(by),
        };
        let before = || io::Error::new(io::ErrorKind::InvalidInput, "a place before the beginning");
        self.at = at.ok_or_else(before)?;
        Ok(self.at)
    }
}

/// How a member is packed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Method {
    /// As it is.
    Stored,
    /// The usual way of zip.
    Deflated,
    /// Zstandard.
    Zstd,
}

/// One member of an archive.
#[derive(Clone, Debug)]
pub struct Member {
    /// Name as shown.
    pub name: String,
    /// Its packed bytes.
    pub region: Region,
    /// How they are packed.
    pub method: Method,
    /// Bytes it unpacks to, as the archive states them.
    pub size: u64,
    /// Its CRC-32, where the archive states one.
    pub crc: Option<u32>,
}

impl Member {
    /// Its bytes, unpacked. A member that turns out longer, shorter or other than the archive
    /// states ends in an error, and so does one beyond the bounds.
    ///
    /// # Errors
    ///
    /// What the operating system or the decompressor says.
    pub fn open(&self) -> io::Result<SourceBytes> {
        let packed = BufReader::with_capacity(1 << 16, self.region.reader()?);
        let unpacked: SourceBytes = match self.method {
            Method::Stored => Box::new(packed),
            Method::Deflated => Box::new(flate2::bufread::DeflateDecoder::new(packed)),
            Method::Zstd => Box::new(zstd::Decoder::with_buffer(packed)?),
        };
        let packed_bytes = Arc::new(AtomicU64::new(self.region.bytes()));
        let inner = Measured::new(unpacked, packed_bytes);
        let crc = self.crc.map(|stated| (stated, flate2::Crc::new()));
        Ok(Box::new(Checked { inner, size: self.size, read: 0, crc }))
    }
}

/// Counts what is unpacked and refuses what no return of records would ever unpack to.
pub struct Measured<R> {
    inner: R,
    packed: Arc<AtomicU64>,
    unpacked: u64,
}

impl<R: Read> Measured<R> {
    /// `packed` is how many packed bytes have gone in so far.
    pub fn new(inner: R, packed: Arc<AtomicU64>) -> Measured<R> {
        Measured { inner, packed, unpacked: 0 }
    }
}

impl<R: Read> Read for Measured<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.unpacked += read as u64;
        if self.unpacked > UNPACKED_BYTES_MAX {
            let what = format!("unpacks to more than {UNPACKED_BYTES_MAX} bytes, the most read");
            return Err(io::Error::other(what));
        }
        let packed = self.packed.load(Ordering::Relaxed);
        if self.unpacked > FREE_BYTES && self.unpacked / RATIO_MAX > packed {
            return Err(io::Error::other(format!(
                "unpacks to more than {RATIO_MAX} times its size ({} bytes out of {packed}), \
                 which records never do",
                self.unpacked
            )));
        }
        Ok(read)
    }
}

struct Checked {
    inner: Measured<SourceBytes>,
    size: u64,
    read: u64,
    crc: Option<(u32, flate2::Crc)>,
}

impl Read for Checked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let read = self.inner.read(buffer)?;
        self.read += read as u64;
        if self.read > self.size || (read == 0 && self.read < self.size) {
            let than = if self.read > self.size { "more" } else { "less" };
            return Err(io::Error::other(format!(
                "is damaged: it holds {than} than the {} bytes that its archive states",
                self.size
            )));
        }
        if let Some((stated, crc)) = &mut self.crc {
            crc.update(&buffer[..read]);
            if self.read == self.size && crc.sum() != *stated {
                return Err(io::Error::other(format!(
                    "is damaged: its checksum is {:08x}, its archive states {stated:08x}",
                    crc.sum()
                )));
            }
        }
        Ok(read)
    }
}
