//! XML, and SGML that leaves its tags open, as pieces: tag, text, tag.
//!
//! Holds against hostile input whatever stands above it: a piece is cut at a bound however long
//! it runs, elements nest to a bound, and a document that declares entities of its own is
//! refused, so that none is ever expanded. The tokens are quick-xml's; lines, bounds and the
//! encoding are ours, since a source is told by its line and may be of any size.

use std::io::{self, BufRead, BufReader, Cursor, Read};

use encoding_rs::Encoding;
use encoding_rs_io::DecodeReaderBytesBuilder;
use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

use crate::records::delimited::RAW_BYTES_MAX;
use crate::records::structured::SourceBytes;

/// Bytes of one piece, beyond which it is cut.
pub const PIECE_BYTES_MAX: usize = 1 << 20;
/// Elements open at once.
pub const DEPTH_MAX: usize = 100;
/// Bytes of a source among which its encoding is looked for.
const DECLARATION_BYTES: usize = 1_024;

/// Why a source could not be read on.
#[derive(Debug)]
pub enum Stop {
    /// What the operating system or the decompressor says.
    Io(io::Error),
    /// The bytes are not the format, or not any more.
    Broken {
        /// Physical line.
        line: u64,
        /// What is wrong and what to do.
        reason: String,
    },
}

/// What stands at one place of a document.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Piece {
    /// A tag that opens an element: its name without prefix, and its attributes.
    Open(String, Vec<(String, String)>),
    /// Text, entities resolved; an element's text may come in several pieces.
    Text(String),
    /// A tag that closes an element.
    Close(String),
    /// The end of the source.
    End,
}

/// Pieces of one source.
pub struct Markup {
    reader: Reader<Measured>,
    buffer: Vec<u8>,
    /// Tags may stay open and entities unknown.
    sgml: bool,
    depth: usize,
    /// What closes an element written as one tag.
    owed: Option<String>,
    line: u64,
    flaw: Option<String>,
    raw: String,
}

impl Markup {
    /// Starts to read a source. `sgml`: tags may stay open, and what looks like an unknown
    /// entity is text.
    pub fn new(bytes: SourceBytes, sgml: bool) -> Result<Markup, Stop> {
        let (head, rest) = split_head(bytes).map_err(Stop::Io)?;
        let encoding =
            declared_encoding(&head).map_err(|reason| Stop::Broken { line: 1, reason })?;
        // Bytes that the encoding does not have become U+FFFD, by which they are told again.
        let decoded = DecodeReaderBytesBuilder::new()
            .encoding(Some(encoding))
            .bom_override(true)
            .build(Cursor::new(head).chain(rest));
        let mut reader = Reader::from_reader(Measured::new(Box::new(decoded)));
        let config = reader.config_mut();
        config.allow_dangling_amp = sgml;
        config.allow_unmatched_ends = sgml;
        config.check_end_names = !sgml;
        Ok(Markup {
            reader,
            buffer: Vec::new(),
            sgml,
            depth: 0,
            owed: None,
            line: 1,
            flaw: None,
            raw: String::new(),
        })
    }

    /// Physical line on which the last piece began.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Elements open after the last piece; in SGML, where ends may lack, always 0.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// What was wrong with a piece since this was last asked, the record it stands in being lost
    /// and no other.
    pub fn take_flaw(&mut self) -> Option<String> {
        self.flaw.take()
    }

    /// Puts back what was wrong, for whoever asks next.
    pub fn set_flaw(&mut self, flaw: Option<String>) {
        self.flaw = flaw;
    }

    /// The text read since this was last asked, as found up to a bound.
    pub fn take_raw(&mut self) -> String {
        std::mem::take(&mut self.raw)
    }

    /// The next piece.
    pub fn next_piece(&mut self) -> Result<Piece, Stop> {
        if let Some(name) = self.owed.take() {
            return Ok(self.closed(name));
        }
        loop {
            self.buffer.clear();
            self.line = self.reader.get_ref().lines + 1;
            self.reader.get_mut().piece = 0;
            let mut buffer = std::mem::take(&mut self.buffer);
            let event = self.reader.read_event_into(&mut buffer);
            let event = event.map(Event::into_owned);
            self.buffer = buffer;
            let event = match event {
                Ok(event) => event,
                Err(refused) => return Err(self.stopped(&refused)),
            };
            if std::mem::take(&mut self.reader.get_mut().cut) {
                self.flaw = Some(format!("longer than {PIECE_BYTES_MAX} bytes"));
            }
            if let Some(piece) = self.piece(event)? {
                if let Piece::Text(text) = &piece
                    && text.contains('\u{fffd}')
                {
                    self.flaw = Some("holds bytes that are not in its encoding".to_owned());
                }
                return Ok(piece);
            }
        }
    }

    fn piece(&mut self, event: Event<'static>) -> Result<Option<Piece>, Stop> {
        Ok(Some(match event {
            Event::Start(tag) | Event::Empty(tag) if !self.sgml && tag.contains('<') => {
                return Err(self.broken(format!(
                    "not well-formed: the tag {:?} is not closed",
                    shortened(tag.name().as_ref())
                )));
            }
            Event::Start(tag) => {
                self.keep(["<", &tag, ">"]);
                self.opened()?;
                Piece::Open(local(tag.local_name().as_ref()), attributes(&tag))
            }
            Event::Empty(tag) => {
                self.keep(["<", &tag, "/>"]);
                self.opened()?;
                let name = local(tag.local_name().as_ref());
                self.owed = Some(name.clone());
                Piece::Open(name, attributes(&tag))
            }
            Event::End(tag) => {
                self.keep(["</", tag.name().as_ref(), ">"]);
                let name = local(tag.local_name().as_ref());
                self.closed(name)
            }
            Event::Text(text) => {
                self.keep(["", &text, ""]);
                Piece::Text(text.xml10_content().into_owned())
            }
            Event::CData(text) => {
                self.keep(["<![CDATA[", &text, "]]>"]);
                Piece::Text(text.xml10_content().into_owned())
            }
            Event::GeneralRef(entity) => {
                self.keep(["&", &entity, ";"]);
                Piece::Text(self.entity(&entity))
            }
            Event::DocType(text) => {
                if text.to_ascii_uppercase().contains("<!ENTITY") {
                    return Err(self.broken(
                        "the document declares entities of its own, which may grow without end \
                         or name other files; ask the producer for it without a DOCTYPE"
                            .to_owned(),
                    ));
                }
                return Ok(None);
            }
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => return Ok(None),
            Event::Eof if self.depth > 0 => {
                return Err(self.broken(format!(
                    "the file ends with {} elements open: it was cut; ask the producer for it again",
                    self.depth
                )));
            }
            Event::Eof => Piece::End,
        }))
    }

    fn opened(&mut self) -> Result<(), Stop> {
        if self.sgml {
            return Ok(());
        }
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(self.broken(format!("elements nest more than {DEPTH_MAX} deep")));
        }
        Ok(())
    }

    fn closed(&mut self, name: String) -> Piece {
        self.depth = self.depth.saturating_sub(1);
        Piece::Close(name)
    }

    fn entity(&mut self, entity: &BytesRef<'_>) -> String {
        if let Ok(Some(letter)) = entity.resolve_char_ref() {
            return letter.to_string();
        }
        let name: &str = entity;
        match quick_xml::escape::resolve_predefined_entity(name) {
            Some(text) => text.to_owned(),
            None if self.sgml && name == "nbsp" => " ".to_owned(),
            None if self.sgml => format!("&{name};"),
            None => {
                self.flaw = Some(format!("entity &{}; is not one of XML's own", shortened(name)));
                String::new()
            }
        }
    }

    fn keep(&mut self, parts: [&str; 3]) {
        for part in parts {
            let room = RAW_BYTES_MAX.saturating_sub(self.raw.len());
            self.raw.push_str(&part[..part.floor_char_boundary(room)]);
        }
    }

    fn broken(&self, reason: String) -> Stop {
        Stop::Broken { line: self.line, reason }
    }

    fn stopped(&mut self, refused: &quick_xml::Error) -> Stop {
        let measured = self.reader.get_mut();
        if let Some(failed) = measured.failed.take() {
            return Stop::Io(failed);
        }
        if measured.endless {
            return self.broken(format!(
                "a comment, section or tag runs on for more than {} bytes",
                2 * PIECE_BYTES_MAX
            ));
        }
        self.broken(format!("not well-formed: {}", shortened(&refused.to_string())))
    }
}

/// A text short enough for a message.
pub fn shortened(text: &str) -> String {
    let end = text.floor_char_boundary(100);
    if end < text.len() { format!("{}…", &text[..end]) } else { text.to_owned() }
}

fn local(name: &str) -> String {
    name[..name.floor_char_boundary(200)].to_owned()
}

fn attributes(tag: &BytesStart<'_>) -> Vec<(String, String)> {
    let mut found = tag.attributes();
    let read = found.with_checks(false).flatten().map(|one| {
        let value = quick_xml::escape::unescape(&one.value);
        let value = value.map_or_else(|_| one.value.to_string(), |text| text.into_owned());
        (one.key.local_name().as_ref().to_owned(), value)
    });
    read.collect()
}

fn split_head(mut bytes: SourceBytes) -> io::Result<(Vec<u8>, SourceBytes)> {
    let mut head = Vec::new();
    bytes.by_ref().take(DECLARATION_BYTES as u64).read_to_end(&mut head)?;
    Ok((head, bytes))
}

/// The first bytes of a source as text, for recognising it; what is not in the encoding it
/// declares is marked.
pub fn head_as_text(head: &[u8]) -> String {
    let encoding = declared_encoding(head).unwrap_or(encoding_rs::UTF_8);
    encoding.decode(head).0.into_owned()
}

/// The encoding that the head of a document shows or declares.
fn declared_encoding(head: &[u8]) -> Result<&'static Encoding, String> {
    if let Some((marked, _)) = Encoding::for_bom(head) {
        return Ok(marked);
    }
    match head {
        [0, b'<', 0, ..] => return Ok(encoding_rs::UTF_16BE),
        [b'<', 0, _, 0, ..] => return Ok(encoding_rs::UTF_16LE),
        _ => {}
    }
    let head = String::from_utf8_lossy(&head[..head.len().min(DECLARATION_BYTES)]);
    let found = match xml_encoding(&head) {
        Some(label) => Some(label.to_owned()),
        None => sgml_encoding(&head),
    };
    let Some(label) = found else { return Ok(encoding_rs::UTF_8) };
    let known = Encoding::for_label(label.as_bytes()).ok_or_else(|| {
        format!("encoding {:?} is not known; ask the producer for UTF-8", shortened(&label))
    })?;
    // A declaration that can be read byte by byte is not in an encoding of two bytes a letter.
    let wide = known == encoding_rs::UTF_16LE || known == encoding_rs::UTF_16BE;
    Ok(if wide { encoding_rs::UTF_8 } else { known })
}

fn xml_encoding(head: &str) -> Option<&str> {
    let declaration = head.trim_start().strip_prefix("<?xml")?.split("?>").next()?;
    let value = declaration.split("encoding").nth(1)?.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|letter| matches!(letter, '"' | '\''))?;
    value[1..].split(quote).next()
}

/// The character set in the header of OFX 1: a number is a Windows code page.
fn sgml_encoding(head: &str) -> Option<String> {
    let value = |key: &str| {
        let from = head.find(key)? + key.len();
        head[from..].split(|letter: char| letter.is_whitespace() || letter == '<').next()
    };
    head.trim_start().starts_with("OFXHEADER").then_some(())?;
    match (value("ENCODING:")?, value("CHARSET:").unwrap_or_default()) {
        ("USASCII", "" | "NONE" | "8859-1" | "ISO-8859-1") => Some("windows-1252".to_owned()),
        ("USASCII", page) if page.bytes().all(|one| one.is_ascii_digit()) => {
            Some(format!("windows-{page}"))
        }
        ("USASCII", named) => Some(named.to_owned()),
        _ => None,
    }
}

/// Bytes on their way to the tokens: lines counted, and a piece that would never end cut.
struct Measured {
    inner: BufReader<Box<dyn Read + Send>>,
    lines: u64,
    after_return: bool,
    piece: usize,
    cut: bool,
    endless: bool,
    failed: Option<io::Error>,
}

impl Measured {
    fn new(bytes: Box<dyn Read + Send>) -> Measured {
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
        if self.piece >= 2 * PIECE_BYTES_MAX {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Pieces as text, `|` between them, up to what stops the reading.
    fn pieces(bytes: &[u8], sgml: bool) -> String {
        let source: SourceBytes = Box::new(Cursor::new(bytes.to_vec()));
        let mut out = Vec::new();
        let mut markup = match Markup::new(source, sgml) {
            Ok(markup) => markup,
            Err(stop) => return told(&stop),
        };
        loop {
            let piece = markup.next_piece();
            if let Some(flaw) = markup.take_flaw() {
                out.push(format!("!{flaw}"));
            }
            out.push(match piece {
                Ok(Piece::Open(name, attributes)) => {
                    let attributes =
                        attributes.iter().map(|(key, value)| format!(" {key}={value}"));
                    format!("{}<{name}{}", markup.line(), attributes.collect::<String>())
                }
                Ok(Piece::Text(text)) if text.trim().is_empty() => continue,
                Ok(Piece::Text(text)) => text.trim().to_owned(),
                Ok(Piece::Close(name)) => format!("/{name}"),
                Ok(Piece::End) => break,
                Err(stop) => {
                    out.push(told(&stop));
                    break;
                }
            });
        }
        out.join("|")
    }

    fn told(stop: &Stop) -> String {
        match stop {
            Stop::Io(failed) => panic!("{failed}"),
            Stop::Broken { line, reason } => format!("stopped {line}: {reason}"),
        }
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let found = pieces(text.as_bytes(), false);
        assert!(found.starts_with(expected), "{found}\nwas expected to start with\n{expected}");
    }

    #[test]
    fn tags_texts_and_lines_are_told() {
        check("<a>\n <x:b c='1&amp;2'>t &lt; &#65;</x:b>\n</a>", "1<a|2<b c=1&2|t|<|A|/b|/a");
        check("<a><b/><![CDATA[<z>]]><!-- n\n --></a>", "1<a|1<b|/b|<z>|/a");
        check("<a>&nbsp;</a>", "1<a|!entity &nbsp; is not one of XML's own|/a");
    }

    #[test]
    fn what_is_no_document_stops_with_its_line() {
        check("<a>\n<b></a>", "1<a|2<b|stopped 2: not well-formed: ");
        check("<a>\n<b>", "1<a|2<b|stopped 2: the file ends with 2 elements open");
        check("<a>\r<b>\r\n<c\n<d>", "1<a|2<b|stopped 3: not well-formed: the tag \"c\"");
        check("<a>\n<b", "1<a|stopped 2: not well-formed: ");
        check("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "stopped 1: the document declares");
        check("\n<!DOCTYPE a><a></a>", "2<a|/a");
        check(&"<a>".repeat(DEPTH_MAX + 1), "1<a|");
        assert!(pieces("<a>".repeat(101).as_bytes(), false).ends_with("more than 100 deep"));
        check("<?xml version='1.0' encoding='x-none'?><a/>", "stopped 1: encoding \"x-none\"");
    }

    #[test]
    fn encodings_are_read_and_bytes_outside_them_told() {
        let latin = b"<?xml version='1.0' encoding='ISO-8859-1'?><a>caf\xe9</a>";
        assert_eq!(pieces(latin, false), "1<a|caf\u{e9}|/a");
        let utf8 = b"<?xml version='1.0' encoding='UTF-8'?><a>caf\xe9</a>";
        let flaw = "!holds bytes that are not in its encoding";
        assert_eq!(pieces(utf8, false), format!("1<a|{flaw}|caf\u{fffd}|/a"));
        let text = "<?xml version='1.0' encoding='UTF-16'?>\n<a>caf\u{e9}</a>";
        for (mark, order) in [(true, false), (true, true), (false, false), (false, true)] {
            let letters = mark.then_some(0xfeff).into_iter().chain(text.encode_utf16());
            let bytes: Vec<u8> = letters
                .flat_map(|unit| if order { unit.to_be_bytes() } else { unit.to_le_bytes() })
                .collect();
            assert_eq!(pieces(&bytes, false), "2<a|caf\u{e9}|/a", "{mark} {order}");
        }
        assert_eq!(pieces(text.as_bytes(), false), "2<a|caf\u{e9}|/a");
        let ofx = b"OFXHEADER:100\nENCODING:USASCII\nCHARSET:1252\n\n<A>caf\xe9";
        assert!(pieces(ofx, true).ends_with("5<A|caf\u{e9}"));
    }

    #[test]
    fn sgml_leaves_tags_open_and_ampersands_bare() {
        let found = pieces(b"<A><B>x & y<C>AT&T&nbsp;&#x41;</A></Z>", true);
        assert_eq!(found, "1<A|1<B|x|& y|1<C|AT|&T|A|/A|/Z");
    }

    #[test]
    fn endless_pieces_are_cut_or_refused() {
        let long = "x".repeat(3 * PIECE_BYTES_MAX);
        let cut = format!("!longer than {PIECE_BYTES_MAX} bytes");
        let text = pieces(format!("<a>{long}\n<b/></a>").as_bytes(), false);
        assert!(text.starts_with(&format!("1<a|{cut}|xxx")), "{}", &text[..80]);
        assert!(text.ends_with("|2<b|/b|/a"));
        let value = pieces(format!("<a b='{long}'/>").as_bytes(), false);
        assert!(value.starts_with("stopped 1: not well-formed"), "{value}");
        let accents = format!("<a>x{}</a>", "\u{e9}".repeat(PIECE_BYTES_MAX));
        assert!(pieces(accents.as_bytes(), false).ends_with("|/a"));
        let brackets = format!("<a><!--{}--></a>", ">".repeat(3 * PIECE_BYTES_MAX));
        assert!(pieces(brackets.as_bytes(), false).contains("runs on for more than"));
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_come_to_an_end(
            bytes in prop::collection::vec(prop_oneof![
                Just(b'<'), Just(b'>'), Just(b'/'), Just(b'&'), Just(b'!'), Just(b'a'), any::<u8>(),
            ], 0..300),
            sgml in any::<bool>(),
        ) {
            pieces(&bytes, sgml);
        }
    }
}
