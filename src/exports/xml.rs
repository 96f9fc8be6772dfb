//! Writing XML: elements, attributes and text, escaped by the library that also reads them.
//!
//! What is written is the callers'; this file only keeps them from forgetting to close, escape
//! or replace what XML cannot hold.

use std::io::Write;
use std::path::Path;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use crate::error::{Error, Result};

/// An XML document on its way out.
pub struct Xml<'a> {
    writer: Writer<&'a mut dyn Write>,
}

/// Attributes in writing order.
pub type Attributes<'a> = &'a [(&'a str, &'a str)];

impl<'a> Xml<'a> {
    /// Starts a document, indented by one space a level.
    pub fn new(out: &'a mut dyn Write) -> Xml<'a> {
        Xml { writer: Writer::new_with_indent(out, b' ', 1) }
    }

    /// Writes the XML declaration. A fragment inside a page has none.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] when the destination refuses; so for every method here.
    pub fn declaration(&mut self) -> Result<()> {
        self.event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))
    }

    /// Opens an element; [`Xml::close`] ends it.
    pub fn open(&mut self, name: &str, attributes: Attributes) -> Result<()> {
        self.event(Event::Start(start(name, attributes)))
    }

    /// Ends the element opened last, which must be `name`.
    pub fn close(&mut self, name: &str) -> Result<()> {
        self.event(Event::End(BytesEnd::new(name)))
    }

    /// An element without content.
    pub fn empty(&mut self, name: &str, attributes: Attributes) -> Result<()> {
        self.event(Event::Empty(start(name, attributes)))
    }

    /// An element that holds one text.
    pub fn text(&mut self, name: &str, attributes: Attributes, text: &str) -> Result<()> {
        self.open(name, attributes)?;
        self.event(Event::Text(BytesText::new(&storable(text))))?;
        self.close(name)
    }

    /// Ends the document with a line break.
    pub fn finish(self) -> Result<()> {
        self.writer.into_inner().write_all(b"\n").map_err(refused)
    }

    fn event(&mut self, event: Event<'_>) -> Result<()> {
        self.writer.write_event(event).map_err(refused)
    }
}

fn start<'n>(name: &'n str, attributes: Attributes) -> BytesStart<'n> {
    let mut element = BytesStart::new(name);
    for (key, value) in attributes {
        element.push_attribute((*key, storable(value).as_str()));
    }
    element
}

/// XML 1.0 has no way to hold most control characters, not even escaped.
fn storable(text: &str) -> String {
    text.chars()
        .map(|letter| match letter {
            '\t' | '\n' | '\r' => letter,
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => '\u{fffd}',
            other => other,
        })
        .collect()
}

fn refused(source: std::io::Error) -> Error {
    Error::io(Path::new("chart"), source)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_attributes_are_escaped_and_forbidden_characters_replaced() {
        let mut out: Vec<u8> = vec![];
        let mut xml = Xml::new(&mut out);
        xml.text("a", &[("b", "\"<&>'")], "]]> \u{1} <x>").unwrap();
        xml.finish().unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, "<a b=\"&quot;&lt;&amp;&gt;&apos;\">]]&gt; \u{fffd} &lt;x&gt;</a>\n");
    }
}
