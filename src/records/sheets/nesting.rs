//! How deep the elements of a workbook's part stand in each other, told from its bytes before any
//! reader sees them: a reader holds the name of every element that is open.
//!
//! Whether the part is sound XML otherwise is the reader's to say.

use memchr::{memchr, memchr3};

/// Elements within each other.
const DEPTH_MAX: usize = 1_000;
/// Letters of an element's name.
const NAME_BYTES_MAX: usize = 1_000;

/// Where in the text the bytes stand.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum At {
    /// Between tags.
    #[default]
    Text,
    /// Behind `<`.
    Opened,
    /// Behind `<!`, with the letters since.
    Bang([u8; 7], usize),
    /// In a name, with its length.
    Name(usize),
    /// In a tag; whether it ends an element, and whether the last byte was `/`.
    Tag { ends: bool, slash: bool },
    /// In a value, up to this quote.
    Value(u8),
    /// In what is passed over up to this text, with how much of it has matched.
    Passed(&'static [u8], usize),
}

/// Counts how many elements are open.
#[derive(Debug, Default)]
pub(super) struct Nesting {
    at: At,
    depth: usize,
    /// Most elements open at once so far.
    most: usize,
}

impl Nesting {
    /// Takes the next bytes; says what is wrong with the part, if anything is.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<(), String> {
        let mut left = bytes;
        while let Some(first) = left.first() {
            let taken = match self.at {
                At::Text => memchr(b'<', left).map_or(left.len(), |at| {
                    self.at = At::Opened;
                    at + 1
                }),
                At::Tag { ends, slash } => match memchr3(b'>', b'"', b'\'', left) {
                    Some(at) => {
                        let slash = if at == 0 { slash } else { left[at - 1] == b'/' };
                        refuse_bracket(&left[..at])?;
                        match left[at] {
                            b'>' => self.end_tag(ends, slash),
                            quote => self.at = At::Value(quote),
                        }
                        at + 1
                    }
                    None => {
                        refuse_bracket(left)?;
                        self.at = At::Tag { ends, slash: left.ends_with(b"/") };
                        left.len()
                    }
                },
                At::Value(quote) => match memchr(quote, left) {
                    Some(at) => {
                        refuse_bracket(&left[..at])?;
                        self.at = At::Tag { ends: false, slash: false };
                        at + 1
                    }
                    None => {
                        refuse_bracket(left)?;
                        left.len()
                    }
                },
                _ => {
                    self.step(*first)?;
                    1
                }
            };
            left = &left[taken..];
        }
        Ok(())
    }

    /// One byte where it is read alone.
    fn step(&mut self, byte: u8) -> Result<(), String> {
        self.at = match self.at {
            At::Opened => match byte {
                b'/' => At::Tag { ends: true, slash: false },
                b'!' => At::Bang([0; 7], 0),
                b'?' => At::Passed(b"?>", 0),
                b'>' | b'<' => return Err("holds a bracket that opens nothing".to_owned()),
                _ => {
                    self.depth += 1;
                    self.most = self.most.max(self.depth);
                    if self.most > DEPTH_MAX {
                        let what = format!("holds elements within {DEPTH_MAX} others");
                        return Err(what);
                    }
                    At::Name(1)
                }
            },
            At::Name(length) => match byte {
                b'>' => At::Text,
                b'/' => At::Tag { ends: false, slash: true },
                b' ' | b'\t' | b'\r' | b'\n' => At::Tag { ends: false, slash: false },
                _ if length >= NAME_BYTES_MAX || byte == b'<' => {
                    let what = format!("holds an element with a name of over {length} letters");
                    return Err(what);
                }
                _ => At::Name(length + 1),
            },
            At::Bang(mut letters, count) => {
                letters[count] = byte;
                match &letters[..=count] {
                    b"--" => At::Passed(b"-->", 0),
                    b"[CDATA[" => At::Passed(b"]]>", 0),
                    so_far if b"--".starts_with(so_far) || b"[CDATA[".starts_with(so_far) => {
                        At::Bang(letters, count + 1)
                    }
                    // A document type defines entities, which no workbook needs.
                    _ => return Err("declares a document type, which no workbook does".to_owned()),
                }
            }
            At::Passed(end, matched) => {
                let matched = if byte == end[matched] {
                    matched + 1
                } else if matched == 2 && byte == end[1] {
                    // `--->`: the last two are the same again.
                    2
                } else {
                    usize::from(byte == end[0])
                };
                if matched == end.len() { At::Text } else { At::Passed(end, matched) }
            }
            at => at,
        };
        Ok(())
    }

    fn end_tag(&mut self, ends: bool, slash: bool) {
        self.at = At::Text;
        if ends || slash {
            self.depth = self.depth.saturating_sub(1);
        }
    }
}

fn refuse_bracket(tag: &[u8]) -> Result<(), String> {
    match memchr(b'<', tag) {
        Some(_) => Err("holds a tag within a tag".to_owned()),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use quick_xml::Reader;
    use quick_xml::events::Event;

    use super::*;

    /// The depth that is left open, whatever pieces the text comes in.
    #[track_caller]
    fn check(text: &str, expected: Result<usize, &str>) {
        for size in [1, 2, 3, 7, 1_000] {
            let mut nesting = Nesting::default();
            let said = text.as_bytes().chunks(size).try_for_each(|part| nesting.take(part));
            match expected {
                Ok(depth) => assert_eq!((said, nesting.depth), (Ok(()), depth), "{text}"),
                Err(words) => assert!(said.unwrap_err().contains(words), "{text}"),
            }
        }
    }

    #[test]
    fn open_elements_are_counted() {
        check("<?xml version='1.0'?><a><b/><c x='/>'></c>t/>", Ok(1));
        check("<a><!-- <b> - -- ---><![CDATA[<c>]]]><d ></d>", Ok(1));
        check("<a x=\"1\"/><b x='>'/ >", Ok(1));
        check("<a>&lt;</a>", Ok(0));
        check("<!DOCTYPE a [<!ENTITY b \"c\">]>", Err("document type"));
        check("<a x='<b>'>", Err("tag within a tag"));
        check(&"<a>".repeat(DEPTH_MAX), Ok(DEPTH_MAX));
        check(&"<a>".repeat(DEPTH_MAX + 1), Err("within 1000 others"));
        check(&"<a x='1'>".repeat(DEPTH_MAX + 2), Err("within 1000 others"));
        check(&format!("<{}>", "n".repeat(2_000)), Err("name of over"));
    }

    proptest! {
        #[test]
        fn what_is_let_through_nests_no_deeper_for_a_reader(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    "<a>", "</a>", "<a/>", "<a x='1'>", "<!--", "-->", "-", "<![CDATA[", "]]>",
                    "]", "<?p", "?>", "'", "\"", ">", "/", " ", "t", "<a x=\"", "</a \">", "=",
                ]),
                0..60,
            ),
        ) {
            let text = parts.concat();
            let mut nesting = Nesting::default();
            prop_assume!(nesting.take(text.as_bytes()).is_ok());
            let mut reader = Reader::from_str(&text);
            reader.config_mut().check_end_names = false;
            let (mut depth, mut most) = (0_usize, 0);
            while let Ok(event) = reader.read_event() {
                match event {
                    Event::Eof => break,
                    Event::Start(_) => depth += 1,
                    Event::End(_) => depth = depth.saturating_sub(1),
                    _ => {}
                }
                most = most.max(depth);
            }
            prop_assert!(most <= nesting.most, "{text}: {most} and {}", nesting.most);
        }
    }
}
