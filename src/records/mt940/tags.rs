//! Splits the text of SWIFT statements into its tags, wherever the envelope begins and ends.
//!
//! What a tag's text means is `fields.rs`'s.

use std::io;

use crate::records::bounded_lines::{BoundedLine, BoundedLines, RECORD_BYTES_MAX};
use crate::records::structured::SourceBytes;

/// Tags of MT940, MT942 and MT950; `NS` holds what some banks could not put elsewhere. Others
/// that look like a tag are text: a wrapped time of day ends in `:26:37`.
const TAGS: [&str; 14] =
    ["13", "20", "21", "25", "28", "34", "60", "61", "62", "64", "65", "86", "90", "NS"];

/// A tag with its text as found.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct RawTag {
    /// Physical line on which it starts.
    pub line: u32,
    /// Without its colons: `60F`.
    pub id: String,
    /// Its lines without spaces at their ends, empty ones left out.
    pub text: String,
    /// Its bytes.
    pub raw: Vec<u8>,
    /// Whether it is longer than a record may be, so that its end was passed over.
    pub cut: bool,
}

/// Reads the tags of a source.
pub struct TagReader {
    lines: BoundedLines,
    open: Option<RawTag>,
    /// A line that held a colon only: the next one may be the rest of its tag.
    colon: Option<u32>,
}

/// The tag that a line begins, and the text behind it.
pub fn tag_head(line: &str) -> Option<(&str, &str)> {
    let (id, text) = line.strip_prefix(':')?.split_once(':')?;
    let letter = id.get(2..)?;
    let sub = letter.is_empty() || (letter.len() == 1 && letter.as_bytes()[0].is_ascii_uppercase());
    (sub && TAGS.contains(&&id[..2])).then_some((id, text))
}

/// Whether a line ends a message: `-`, alone or with what closes an envelope.
fn ends_message(line: &str) -> bool {
    line.strip_prefix('-').is_some_and(|rest| {
        rest.is_empty() || rest == "XXX" || rest.starts_with(|c: char| c == '}' || c.is_control())
    })
}

impl TagReader {
    /// Starts at the beginning of a source.
    pub fn new(bytes: SourceBytes) -> TagReader {
        TagReader { lines: BoundedLines::new(bytes), open: None, colon: None }
    }

    /// The next tag; `None` at the end of the source. Text before the first tag of a message is
    /// its envelope and is passed over.
    ///
    /// # Errors
    ///
    /// What the operating system or the decompressor says.
    pub fn next_tag(&mut self) -> io::Result<Option<RawTag>> {
        while let Some(line) = self.lines.next_line()? {
            let found = line.text();
            let mut text = found.trim_end();
            if text.starts_with("{1:") || text.starts_with("{4:") {
                text = text.split_once("{4:").map_or("", |(_, inside)| inside);
            }
            let colon = self.colon.take();
            if text.is_empty() {
                continue;
            }
            let wrapped = colon.map(|at| (at, format!(":{text}")));
            let begun = match &wrapped {
                Some((at, whole)) => tag_head(whole).map(|(id, text)| (*at, id, text)),
                None => tag_head(text).map(|(id, text)| (line.number, id, text)),
            };
            if let Some((at, id, text)) = begun {
                let raw = line.bytes.clone();
                let text = text.trim().to_owned();
                let tag = RawTag { line: at, id: id.to_owned(), text, raw, cut: line.cut };
                if let Some(before) = self.open.replace(tag) {
                    return Ok(Some(before));
                }
                continue;
            }
            if colon.is_some() {
                extend(&mut self.open, &BoundedLine::default(), ":");
            }
            if text == ":" {
                self.colon = Some(line.number);
            } else if ends_message(text) {
                if let Some(before) = self.open.take() {
                    return Ok(Some(before));
                }
            } else {
                extend(&mut self.open, &line, text);
            }
        }
        Ok(self.open.take())
    }
}

/// Adds a line to a tag, as far as it may grow.
fn extend(open: &mut Option<RawTag>, line: &BoundedLine, text: &str) {
    let Some(tag) = open else { return };
    if tag.cut || line.cut || tag.text.len() + text.len() >= RECORD_BYTES_MAX {
        tag.cut = true;
        return;
    }
    if !tag.text.is_empty() {
        tag.text.push('\n');
    }
    tag.text.push_str(text);
    tag.raw.push(b'\n');
    tag.raw.extend_from_slice(&line.bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &'static str, tags: &[(u32, &str, &str)]) {
        let mut reader = TagReader::new(Box::new(text.as_bytes()));
        let mut found = Vec::new();
        while let Some(tag) = reader.next_tag().unwrap() {
            found.push(tag);
        }
        let found: Vec<_> =
            found.iter().map(|tag| (tag.line, tag.id.as_str(), tag.text.as_str())).collect();
        assert_eq!(found, tags);
    }

    #[test]
    fn tags_are_split_at_their_lines() {
        check(":20:A\r\n:25:1\r\n", &[(1, "20", "A"), (2, "25", "1")]);
        check("{1:F01X}{2:O940}{4:\n:20:A\n-}{5:}\nX\n:20:B", &[(2, "20", "A"), (5, "20", "B")]);
        check(":86:106?0 2014T16\n:26:37 Fo", &[(1, "86", "106?0 2014T16\n:26:37 Fo")]);
        check(":61:CR\n\n30,00\n:\n86:X", &[(1, "61", "CR\n30,00"), (4, "86", "X")]);
        check(":86:a\n:\nb", &[(1, "86", "a\n:\nb")]);
        check("0000 01INGB\n940 00\n:20:M\n-XXX", &[(3, "20", "M")]);
        check(":86:-x\n-y\n-\nz", &[(1, "86", "-x\n-y")]);
        check("no tag at all", &[]);
    }
}
