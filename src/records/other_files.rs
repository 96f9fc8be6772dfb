//! Files that hold no records which this program reads: what such a file is by its first bytes,
//! and what to ask for or to do.
//!
//! Nothing of them is read further. The formats that are read are told elsewhere; of text, only
//! what no layout fits is asked here.

use std::borrow::Cow;

use crate::error::Error;
use crate::records::place::Place;

/// A file that is no table and none of the formats that are read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OtherFile {
    /// What it is, with its article: `a PDF`.
    pub what: Cow<'static, str>,
    /// What to do about it.
    pub hint: &'static str,
}

impl OtherFile {
    pub(super) const fn new(what: &'static str, hint: &'static str) -> OtherFile {
        OtherFile { what: Cow::Borrowed(what), hint }
    }

    /// The refusal to read it.
    pub fn refused(&self, place: &Place) -> Error {
        place.refused(format!("is {}, which is not read", self.what), Some(self.hint.to_owned()))
    }
}

/// What to ask for in place of a document.
pub const ASK: &str =
    "ask the producer for the same records as CSV or XLSX, or a bank for OFX, MT940, BAI2 or camt";
const UNPACK: &str = "unpack it and name its files in the case file, or pack them as .zip or .tar";
const GUNZIP: &str = "unpack it and name the file, or pack it with gzip or Zstandard";
const EXPORT: &str = "export the tables that matter as CSV and name those files";
const SAVE: &str = "open it in a spreadsheet program, save it as .xlsx or CSV, and keep both";
const DECRYPT: &str = "ask the producer for the key, decrypt it, and name the file that comes out";
const MAIL: &str = "save its attachments and name those files in the case file";

/// First bytes from a place on, what they begin, and what to do.
const MAGIC: &[(usize, &[u8], OtherFile)] = &[
    (0, b"%PDF-", OtherFile::new("a PDF", ASK)),
    (0, b"%!PS", OtherFile::new("a PostScript document", ASK)),
    (0, b"{\\rtf", OtherFile::new("a document in Rich Text Format", ASK)),
    (0, b"Rar!\x1a\x07", OtherFile::new("a RAR archive", UNPACK)),
    (0, b"7z\xbc\xaf\x27\x1c", OtherFile::new("a 7z archive", UNPACK)),
    (0, b"MSCF\0\0\0\0", OtherFile::new("a cabinet archive", UNPACK)),
    (0, b"BZh", OtherFile::new("packed by bzip2", GUNZIP)),
    (0, b"\xfd7zXZ\0", OtherFile::new("packed by xz", GUNZIP)),
    (0, b"\x04\x22\x4d\x18", OtherFile::new("packed by LZ4", GUNZIP)),
    (0, b"\x1f\x9d", OtherFile::new("packed by compress", GUNZIP)),
    (0, b"PAR1", OtherFile::new("Parquet within gzip or Zstandard", GUNZIP)),
    (0, b"\xff\xd8\xff", OtherFile::new("a picture (JPEG)", ASK)),
    (0, b"\x89PNG\r\n", OtherFile::new("a picture (PNG)", ASK)),
    (0, b"GIF8", OtherFile::new("a picture (GIF)", ASK)),
    (0, b"II*\0", OtherFile::new("a picture or scan (TIFF)", ASK)),
    (0, b"MM\0*", OtherFile::new("a picture or scan (TIFF)", ASK)),
    (8, b"WEBP", OtherFile::new("a picture (WebP)", ASK)),
    (4, b"ftyphei", OtherFile::new("a picture (HEIC)", ASK)),
    (4, b"ftypmif1", OtherFile::new("a picture (HEIF)", ASK)),
    (0, b"SQLite format 3\0", OtherFile::new("a SQLite database", EXPORT)),
    (4, b"Standard Jet DB", OtherFile::new("an Access database", EXPORT)),
    (4, b"Standard ACE DB", OtherFile::new("an Access database", EXPORT)),
    (0, b"ORC", OtherFile::new("an ORC file", EXPORT)),
    (0, b"Obj\x01", OtherFile::new("an Avro file", EXPORT)),
    (0, b"ARROW1\0\0", OtherFile::new("an Arrow file", EXPORT)),
    (0, b"-----BEGIN PGP MESSAGE", OtherFile::new("encrypted with PGP", DECRYPT)),
    (0, b"-----BEGIN PKCS7", OtherFile::new("encrypted or signed with S/MIME", DECRYPT)),
    (0, b"-----BEGIN CMS", OtherFile::new("encrypted or signed with S/MIME", DECRYPT)),
    (0, b"Salted__", OtherFile::new("encrypted", DECRYPT)),
];

/// What a source that begins with `head` is, where its first bytes rule out that it is a table.
///
/// ```
/// use moneytrail::records::other_file;
///
/// assert_eq!(other_file(b"%PDF-1.7\n").unwrap().what, "a PDF");
/// assert_eq!(other_file(b"Date,Amount\n"), None);
/// ```
pub fn other_file(head: &[u8]) -> Option<OtherFile> {
    let begins = |at: usize, magic: &[u8]| {
        let rest = head.get(at..).is_some_and(|rest| rest.starts_with(magic));
        // Letters that a column could be named by begin a file of the kind only before bytes
        // that no text has.
        let told_by_letters = magic.len() <= 4 && magic.iter().all(u8::is_ascii_alphanumeric);
        rest && (!told_by_letters || holds_no_text(head))
    };
    MAGIC.iter().find(|(at, magic, _)| begins(*at, magic)).map(|(_, _, other)| other.clone())
}

/// What a text is that no layout fits; `head` is its beginning.
pub fn other_text(head: &str) -> Option<OtherFile> {
    let text = head.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    let small = text.get(..text.floor_char_boundary(2_048))?.to_ascii_lowercase();
    let begins = |words: &[&str]| words.iter().any(|word| small.starts_with(word));
    if let Some(kind) = fin_type(text) {
        let what = format!("a SWIFT message of type MT{kind}");
        let hint = "ask the bank for the account's statements as MT940 or camt, or for the \
                    payments as pacs.008";
        return Some(OtherFile { what: Cow::Owned(what), hint });
    }
    if small.contains("urn:schemas-microsoft-com:office:spreadsheet") {
        return Some(OtherFile::new("a workbook of 2003 in XML", SAVE));
    }
    if begins(&["<!doctype html", "<html", "<table", "<head", "<body", "<meta", "<style"])
        || small.starts_with('<') && small.contains("<html")
    {
        return Some(OtherFile::new("a web page (HTML), whatever its name", SAVE));
    }
    if begins(&["mime-version:", "received:", "return-path:", "delivered-to:", "x-mozilla-"]) {
        return Some(OtherFile::new("an e-mail or a saved web page", MAIL));
    }
    if begins(&["<?xml", "<"])
        && let Some(root) = root_of(text)
    {
        let what = format!("XML of another kind, whose first element is <{root}>");
        return Some(OtherFile { what: Cow::Owned(what), hint: ASK });
    }
    let dense: String = small.chars().filter(|one| !one.is_whitespace()).take(2).collect();
    if ["{\"", "{}", "[{", "[["].contains(&dense.as_str()) {
        return Some(OtherFile::new("JSON", ASK));
    }
    if begins(&["isa*", "isa|", "isa~", "una:+", "unb+"]) {
        return Some(OtherFile::new("an interchange of EDI (X12 or EDIFACT)", ASK));
    }
    holds_no_text(text.as_bytes()).then(|| OtherFile::new("no text and of a kind not known", ASK))
}

/// Whether so many bytes stand here that no text of rows has, that they are no slip of a program.
fn holds_no_text(head: &[u8]) -> bool {
    let odd = |byte: &&u8| matches!(**byte, 0x00..=0x08 | 0x0e..=0x1a | 0x1c | 0x1d);
    let looked_at = &head[..head.len().min(2_048)];
    looked_at.iter().filter(odd).count() * 50 > looked_at.len()
}

/// The type of a SWIFT message in its blocks: `103`.
fn fin_type(text: &str) -> Option<&str> {
    let (_, block) = text.strip_prefix("{1:")?.split_once("{2:")?;
    let kind = block.get(1..4)?;
    kind.bytes().all(|byte| byte.is_ascii_digit()).then_some(kind)
}

/// The name of the first element of an XML text; none where a header has its names in brackets.
fn root_of(text: &str) -> Option<&str> {
    if text
        .lines()
        .next()
        .is_some_and(|line| [">,", ">;", ">\t", ">|"].iter().any(|one| line.contains(one)))
    {
        return None;
    }
    let mut rest = text;
    loop {
        rest = &rest[rest.find('<')? + 1..];
        let skipped = match rest.as_bytes().first()? {
            b'?' => "?>",
            b'!' if rest.starts_with("!--") => "-->",
            b'!' => ">",
            _ => break,
        };
        rest = &rest[rest.find(skipped)? + skipped.len()..];
    }
    let end = rest.find(|letter: char| letter.is_whitespace() || ['>', '/'].contains(&letter))?;
    let named = (1..=80).contains(&end) && rest.starts_with(|letter: char| letter.is_alphabetic());
    named.then(|| &rest[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn bytes(head: &[u8], what: Option<&str>) {
        assert_eq!(other_file(head).map(|one| one.what).as_deref(), what);
    }

    #[track_caller]
    fn text(head: &str, what: Option<&str>) {
        assert_eq!(other_text(head).map(|one| one.what).as_deref(), what);
    }

    #[test]
    fn documents_archives_and_pictures_are_told_by_their_first_bytes() {
        bytes(b"%PDF-1.4\n%\xe2\xe3", Some("a PDF"));
        bytes(b"Rar!\x1a\x07\x01\0", Some("a RAR archive"));
        bytes(b"7z\xbc\xaf\x27\x1c\0\x04", Some("a 7z archive"));
        bytes(b"\xff\xd8\xff\xe0\0\x10JFIF", Some("a picture (JPEG)"));
        bytes(b"RIFF\x10\0\0\0WEBPVP8 ", Some("a picture (WebP)"));
        bytes(b"\0\x01\0\0Standard ACE DB\0", Some("an Access database"));
        bytes(b"BZh91AY&SY\x01\x02", Some("packed by bzip2"));
        bytes(b"-----BEGIN PGP MESSAGE-----\n", Some("encrypted with PGP"));
    }

    #[test]
    fn rows_that_begin_with_the_letters_of_another_kind_are_rows() {
        for head in ["BZh,Amount\n", "ORC,Amount\n", "GIF8;x\n", "PAR1,a\n", "", "%", "II*"] {
            bytes(head.as_bytes(), None);
        }
        for head in ["Date,Amount\n", "[Date],[Amount]\n", "a<b,c\n", "", "{1:", "<", "<D>,<E>\n"] {
            text(head, None);
        }
    }

    #[test]
    fn texts_that_are_no_rows_are_told_by_how_they_begin() {
        text("\n<!DOCTYPE HTML PUBLIC \"x\">", Some("a web page (HTML), whatever its name"));
        text("<TABLE><tr>", Some("a web page (HTML), whatever its name"));
        text("{\n  \"rows\": []}", Some("JSON"));
        text("ISA*00*  ", Some("an interchange of EDI (X12 or EDIFACT)"));
        text("{1:F01TESTUS33AXXX}{2:I103TESTUS33X}{4:", Some("a SWIFT message of type MT103"));
        let other = Some("XML of another kind, whose first element is <Report>");
        text("<?xml version=\"1.0\"?><!-- a --><!DOCTYPE b><Report a=\"1\">", other);
        text("a\0b", Some("no text and of a kind not known"));
    }
}
