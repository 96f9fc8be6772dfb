//! Bytes on their way to the tokens of a document: lines counted, and what would never end cut.

use std::io::{self, BufRead, BufReader, Read};

use crate::records::markup::PIECE_BYTES_MAX;

/// Angle brackets passed on after that, one of which may end the piece.
const BRACKETS_MAX: usize = 1 << 12;

/// Bytes on their way to the tokens: lines counted, and a piece that would never end cut.
pub struct Measured {
    inner: BufReader<Box<dyn Read + Send>>,
    /// Lines that have ended.
    pub lines: u64,
    after_return: bool,
    /// Bytes of the piece so far.
    pub piece: usize,
    /// Bytes of the piece were passed over.
    pub cut: bool,
    /// The piece could not be brought to an end.
    pub endless: bool,
    /// What the source failed with.
    pub failed: Option<io::Error>,
}

impl Measured {
    /// Measures what `bytes` gives.
    pub fn new(bytes: Box<dyn Read + Send>) -> Measured {
        let inner = BufReader::with_capacity(1 << 16, bytes);
        Measured {
            inner,
            lines: 0,
            after_return: false,
            piece: 0,
            cut: false,
            endless: false,
            failed: None,
        }
    }

    fn pass(&mut self, bytes: usize) {
        let passed = &self.inner.buffer()[..bytes];
        // A line ends with a feed, a return, or both.
        let mut after_return = self.after_return;
        for at in memchr::memchr2_iter(b'\n', b'\r', passed) {
            let follows = if at == 0 { after_return } else { passed[at - 1] == b'\r' };
            self.lines += u64::from(passed[at] == b'\r' || !follows);
        }
        if let Some(last) = passed.last() {
            after_return = *last == b'\r';
        }
        self.after_return = after_return;
        self.inner.consume(bytes);
    }

    /// Passes over what lies before the next angle bracket.
    fn skip(&mut self) -> io::Result<()> {
        loop {
            let available = self.inner.fill_buf()?;
            let all = available.len();
            let found = memchr::memchr2(b'<', b'>', available);
            let bytes = found.unwrap_or(all);
            self.cut |= bytes > 0;
            self.pass(bytes);
            if found.is_some() || all == 0 {
                return Ok(());
            }
        }
    }

    fn kept<T>(&mut self, read: io::Result<T>) -> io::Result<T> {
        read.map_err(|failed| {
            let told = io::Error::from(failed.kind());
            self.failed = Some(failed);
            told
        })
    }
}

impl Read for Measured {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.fill_buf()?.read(buffer)?;
        self.consume(bytes);
        Ok(bytes)
    }
}

impl BufRead for Measured {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.piece < PIECE_BYTES_MAX {
            let room = PIECE_BYTES_MAX - self.piece;
            let filled = self.inner.fill_buf().map(<[u8]>::len);
            self.kept(filled)?;
            let available = self.inner.buffer();
            let mut end = available.len().min(room);
            // A letter of several bytes is passed whole.
            while end < available.len() && end > 0 && available[end] & 0xc0 == 0x80 {
                end -= 1;
            }
            if end > 0 || available.is_empty() {
                return Ok(&self.inner.buffer()[..end]);
            }
            self.piece = PIECE_BYTES_MAX;
        }
        if self.piece >= PIECE_BYTES_MAX + BRACKETS_MAX {
            self.endless = true;
            return Err(io::Error::other("endless"));
        }
        let skipped = self.skip();
        self.kept(skipped)?;
        let filled = self.inner.fill_buf().map(<[u8]>::len);
        self.kept(filled)?;
        let available = self.inner.buffer();
        Ok(&available[..available.len().min(1)])
    }

    fn consume(&mut self, bytes: usize) {
        self.piece += bytes;
        self.pass(bytes);
    }
}
