//! One file of a return being written, with the line of every row known.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use crate::{Error, Result};

/// How a producer writes its files.
#[derive(Clone, Copy)]
pub struct Style {
    /// Between fields.
    pub delimiter: u8,
    /// Characters beyond ASCII as windows-1252 rather than UTF-8.
    pub windows_1252: bool,
    /// Lines end with a carriage return too.
    pub crlf: bool,
}

/// A file open for appending rows.
pub struct Sheet {
    shown: String,
    style: Style,
    writer: csv::Writer<BufWriter<File>>,
    next_line: u32,
    records: u64,
}

impl Sheet {
    /// Creates `root/name`, its directories too; `name` uses forward slashes.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the file cannot be created.
    pub fn create(root: &Path, name: &str, style: Style) -> Result<Sheet> {
        let path = root.join(name);
        let folder = path.parent().unwrap_or(root);
        std::fs::create_dir_all(folder).map_err(|source| Error::io(folder, source))?;
        let file = File::create(&path).map_err(|source| Error::io(&path, source))?;
        let ending = if style.crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
        let writer = csv::WriterBuilder::new()
            .delimiter(style.delimiter)
            .terminator(ending)
            // Damaged rows are shorter than their header, as the producer wrote them.
            .flexible(true)
            .from_writer(BufWriter::new(file));
        Ok(Sheet { shown: name.to_owned(), style, writer, next_line: 1, records: 0 })
    }

    /// Records written so far; a header is none.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// Writes the column names.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the disk refuses.
    pub fn header(&mut self, columns: &[&str]) -> Result<()> {
        self.row(columns)?;
        self.records -= 1;
        Ok(())
    }

    /// Writes one row and returns the physical line it starts on, from 1.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the disk refuses.
    pub fn row<Field: AsRef<str>>(&mut self, fields: &[Field]) -> Result<u32> {
        let line = self.next_line;
        for field in fields {
            let text = field.as_ref();
            let written = if self.style.windows_1252 {
                self.writer.write_field(&encoding_rs::WINDOWS_1252.encode(text).0)
            } else {
                self.writer.write_field(text)
            };
            written.map_err(|refused| self.refused(refused))?;
            self.next_line += text.matches('\n').count() as u32;
        }
        let ended = self.writer.write_record(None::<&[u8]>);
        ended.map_err(|refused| self.refused(refused))?;
        self.next_line += 1;
        self.records += 1;
        Ok(line)
    }

    /// Writes a line that is no row: a preamble, a total, nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the disk refuses.
    pub fn line(&mut self, text: &str) -> Result<()> {
        self.writer.flush().map_err(|source| Error::io(Path::new(&self.shown), source))?;
        // The csv writer would quote what is no field, so the line goes beneath it; the flush
        // above keeps the order.
        let ending = if self.style.crlf { "\r\n" } else { "\n" };
        let mut file = self.writer.get_ref().get_ref();
        let written = file.write_all(format!("{text}{ending}").as_bytes());
        written.map_err(|source| Error::io(Path::new(&self.shown), source))?;
        self.next_line += 1;
        Ok(())
    }

    /// Writes what is still held back.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the disk refuses.
    pub fn finish(mut self) -> Result<()> {
        self.writer.flush().map_err(|source| Error::io(Path::new(&self.shown), source))
    }

    fn refused(&self, refused: csv::Error) -> Error {
        Error::io(Path::new(&self.shown), std::io::Error::other(refused))
    }
}
