//! Fedwire text as messages of tags, whatever stands on a line.
//!
//! Answers: where does one message end and the next begin, and what stands under each tag? What
//! a tag means stays out. Holds one message of at most 1 MiB; what is larger is passed over.

use std::io::{self, BufRead, BufReader};

use crate::records::structured::SourceBytes;

/// Bytes of a message that are held.
pub const MESSAGE_BYTES_MAX: usize = 1 << 20;
/// Bytes read ahead.
const BUFFER_BYTES: usize = 1 << 16;
/// Bytes that an element counts for beside its text: tags without text are held too.
const ELEMENT_BYTES: usize = 80;
/// Bytes of a tag with its braces.
const TAG_BYTES: usize = 6;

/// Text under one tag.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Element {
    /// Four digits.
    pub tag: String,
    /// As found, without the spaces and line ends around it.
    pub text: String,
    /// Physical line of the tag.
    pub line: u32,
}

/// One message.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Message {
    /// The physical line, or the one after the last message's where a line holds several.
    pub line: u32,
    /// Its number and line, where the line alone does not say.
    pub place: String,
    /// Its tags in order.
    pub elements: Vec<Element>,
    /// Text before the first tag of a source, which is handed on as a message without tags.
    pub before: String,
    /// Whether it was larger than what is held.
    pub too_large: bool,
    /// Bytes held of it.
    pub bytes: usize,
}

impl Message {
    /// The text under a tag; empty when the message has none.
    pub fn text(&self, tag: &str) -> &str {
        self.element(tag).map_or("", |element| &element.text)
    }

    /// The first element of a tag.
    pub fn element(&self, tag: &str) -> Option<&Element> {
        self.elements.iter().find(|element| element.tag == tag)
    }

    /// The message as found, one tag a line.
    pub fn raw(&self) -> String {
        let lines = self.elements.iter().map(|one| format!("{{{}}}{}", one.tag, one.text));
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// Reads messages one after the other.
pub struct Messages {
    reader: BufReader<SourceBytes>,
    /// Physical line of the next byte.
    physical: u32,
    /// Line given to the last message, and how many there were.
    last: u32,
    number: u64,
    /// The tag that ended the message before.
    next: Option<(String, u32)>,
    /// Whether what the Fed appends stands before its message; the first tag decides.
    appended_first: Option<bool>,
    started: bool,
}

/// Tags of which a message has one, so that a second begins another.
const ONCE: [&str; 8] = ["1500", "1510", "1520", "2000", "3100", "3400", "3600", "1110"];

impl Messages {
    /// Starts at the first byte of a source.
    pub fn new(bytes: SourceBytes) -> Messages {
        Messages {
            reader: BufReader::with_capacity(BUFFER_BYTES, bytes),
            physical: 1,
            last: 0,
            number: 0,
            next: None,
            appended_first: None,
            started: false,
        }
    }

    /// The next message; `None` at the end.
    pub fn next_message(&mut self) -> io::Result<Option<Message>> {
        let mut message = Message::default();
        let mut physical = self.physical;
        if !self.started {
            self.started = true;
            let (before, tag) = self.text_to_tag(&mut message)?;
            self.next = tag;
            if !before.is_empty() || message.too_large {
                message.before = before;
                self.last = 1;
                return Ok(Some(Message { line: 1, ..message }));
            }
        }
        let mut last_tag = String::new();
        while let Some((tag, line)) = self.next.take() {
            if self.begins(&message, &tag, &last_tag) {
                self.next = Some((tag, line));
                break;
            }
            if message.elements.is_empty() && !message.too_large {
                physical = line;
            }
            let (text, next) = self.text_to_tag(&mut message)?;
            self.next = next;
            last_tag.clone_from(&tag);
            if message.too_large {
                continue;
            }
            message.bytes += ELEMENT_BYTES + text.len();
            message.elements.push(Element { tag, text, line });
            message.too_large |= message.bytes > MESSAGE_BYTES_MAX;
        }
        if message.elements.is_empty() && !message.too_large {
            return Ok(None);
        }
        self.number += 1;
        message.line = physical.max(self.last.saturating_add(1));
        self.last = message.line;
        if message.line != physical {
            message.place = format!("message {} on line {physical}", self.number);
        }
        Ok(Some(message))
    }

    /// Whether a tag is the first of the next message.
    fn begins(&mut self, message: &Message, tag: &str, last_tag: &str) -> bool {
        let appended = |tag: &str| tag.starts_with("11");
        if message.elements.is_empty() && last_tag.is_empty() {
            self.appended_first.get_or_insert(appended(tag));
            return false;
        }
        if tag == "1500" && message.too_large {
            return true;
        }
        let repeated = ONCE.contains(&tag) && message.element(tag).is_some();
        let appended_next =
            self.appended_first == Some(true) && appended(tag) && !appended(last_tag);
        repeated || appended_next
    }

    /// The text up to the next tag, and that tag with its line.
    fn text_to_tag(
        &mut self,
        message: &mut Message,
    ) -> io::Result<(String, Option<(String, u32)>)> {
        let mut bytes: Vec<u8> = Vec::new();
        // Bytes from an open brace on that may yet be a tag.
        let mut maybe: Vec<u8> = Vec::new();
        loop {
            let Some(byte) = self.peek()? else {
                bytes.append(&mut maybe);
                return Ok((text(&bytes), None));
            };
            self.reader.consume(1);
            if byte == b'\n' {
                self.physical = self.physical.saturating_add(1);
            }
            let expected = match maybe.len() {
                0 => byte == b'{',
                1..=4 => byte.is_ascii_digit(),
                _ => byte == b'}',
            };
            if expected {
                maybe.push(byte);
                if maybe.len() == TAG_BYTES {
                    let tag = String::from_utf8_lossy(&maybe[1..5]).into_owned();
                    return Ok((text(&bytes), Some((tag, self.physical))));
                }
                continue;
            }
            bytes.append(&mut maybe);
            if byte == b'{' {
                maybe.push(byte);
            } else {
                bytes.push(byte);
            }
            if message.bytes + bytes.len() > MESSAGE_BYTES_MAX {
                message.too_large = true;
                bytes.clear();
            }
        }
    }

    fn peek(&mut self) -> io::Result<Option<u8>> {
        loop {
            match self.reader.fill_buf() {
                Ok(bytes) => return Ok(bytes.first().copied()),
                Err(problem) if problem.kind() == io::ErrorKind::Interrupted => {}
                Err(problem) => return Err(problem),
            }
        }
    }
}

/// Bytes as letters: UTF-8 where they are, else a byte is a letter of its own.
fn text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|byte| char::from(*byte)));
    }
    let kept = text.trim_matches(|letter: char| letter.is_whitespace() || letter == '\u{feff}');
    kept.to_owned()
}
