//! The parts of a workbook that is a zip archive, checked before any reader trusts them: sizes,
//! checksums, and how much a reader would have to hold at once.

use std::io::{self, Read};

use memchr::{memchr_iter, memmem};

use crate::error::{Error, Result};
use crate::interrupt;
use crate::records::archive::{Member, Region, zip_parts};
use crate::records::sheets::nesting::Nesting;
use crate::records::structured::SourceBytes;

/// Bytes of a part that is read a row at a time.
const STREAMED_BYTES_MAX: u64 = 8 << 30;
/// Bytes of a part that is held: texts, styles.
const HELD_BYTES_MAX: u64 = 256 << 20;
/// Bytes between two beginnings of an element: a reader holds that much at once.
const RUN_BYTES_MAX: u64 = 16 << 20;
/// Bytes of a part in which its count of texts stands.
const COUNT_BYTES: usize = 4_096;

/// Reads every part that the library will read, once.
pub(super) fn check_xlsx(shown: &str, region: &Region) -> Result<()> {
    for part in zip_parts(shown, region)? {
        // Pictures and embedded files are no cells, and nothing opens them.
        if ["xl/media/", "xl/embeddings/"].iter().any(|folder| part.name.starts_with(folder)) {
            continue;
        }
        let is_sheet = part.name.starts_with("xl/worksheets/");
        check(shown, &part, if is_sheet { STREAMED_BYTES_MAX } else { HELD_BYTES_MAX })?;
    }
    Ok(())
}

/// Reads the part that holds the sheets, once.
pub(super) fn check_ods(shown: &str, region: &Region) -> Result<()> {
    for part in zip_parts(shown, region)? {
        match part.name.as_str() {
            "content.xml" => check(shown, &part, STREAMED_BYTES_MAX)?,
            "META-INF/manifest.xml" => {
                let mut text = Vec::new();
                let failed = |source| Error::Io { path: shown.to_owned(), source };
                let reader = part.open().map_err(failed)?;
                reader.take(HELD_BYTES_MAX).read_to_end(&mut text).map_err(failed)?;
                if memmem::find(&text, b"encryption-data").is_some() {
                    return Err(encrypted(shown));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// A workbook behind a password.
pub(super) fn encrypted(shown: &str) -> Error {
    let hint = "ask the producer for the password, open it and save it without one".to_owned();
    Error::named(shown, "is encrypted with a password", Some(hint))
}

fn check(shown: &str, part: &Member, bytes_max: u64) -> Result<()> {
    let refused = |what: String| {
        let hint = "ask the producer for the same as CSV".to_owned();
        Error::named(shown, format!("its part {:?} {what}", part.name), Some(hint))
    };
    if part.size > bytes_max {
        return Err(refused(format!("unpacks to more than {bytes_max} bytes, the most read")));
    }
    let failed = |source: io::Error| refused(source.to_string());
    let mut reader = Runs::new(part.open().map_err(failed)?);
    let mut head = Vec::new();
    reader.by_ref().take(COUNT_BYTES as u64).read_to_end(&mut head).map_err(failed)?;
    // The library makes room for as many texts as the part says it has.
    if let Some(at) = memmem::find(&head, b"uniqueCount") {
        let digits = head[at..].iter().skip_while(|byte| !byte.is_ascii_digit());
        let digits: String =
            digits.take_while(|byte| byte.is_ascii_digit()).map(|byte| char::from(*byte)).collect();
        if digits.parse::<u64>().is_ok_and(|count| count > part.size) || digits.len() > 18 {
            return Err(refused("is damaged: it cannot hold the texts it counts".to_owned()));
        }
    }
    let mut block = vec![0; 1 << 18];
    while reader.read(&mut block).map_err(failed)? > 0 {
        interrupt::check()?;
    }
    Ok(())
}

/// Passes bytes of XML on while its elements begin often enough and do not nest without end.
pub(super) struct Runs {
    inner: SourceBytes,
    run: u64,
    nesting: Nesting,
}

impl Runs {
    pub(super) fn new(inner: SourceBytes) -> Runs {
        Runs { inner, run: 0, nesting: Nesting::default() }
    }
}

impl Read for Runs {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        match memchr_iter(b'<', &buffer[..read]).next_back() {
            Some(last) => self.run = (read - last) as u64,
            None => self.run += read as u64,
        }
        if self.run > RUN_BYTES_MAX {
            let what = format!("holds more than {RUN_BYTES_MAX} bytes in one cell");
            return Err(io::Error::other(what));
        }
        self.nesting.take(&buffer[..read]).map_err(io::Error::other)?;
        Ok(read)
    }
}
