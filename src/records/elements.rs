//! Elements of an XML document: walked through one by one, or taken whole up to a bound.
//!
//! What a document says is never held at once. A walker passes over what it does not want, and
//! takes an element with everything in it only where that is a part of one record.

use crate::records::markup::{Markup, Piece, Stop};
use crate::records::structured::SourceBytes;

/// Weight of an element taken whole: its texts, and what holding it costs.
const ELEMENT_BYTES_MAX: usize = 1 << 20;
/// What an element without text weighs.
const EMPTY_BYTES: usize = 128;

/// An element with everything in it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Element {
    /// Its name without prefix.
    pub name: String,
    /// Physical line on which it begins.
    pub line: u64,
    /// Its own text, trimmed.
    pub text: String,
    /// Its attributes, without prefixes.
    pub attributes: Vec<(String, String)>,
    /// The elements in it.
    pub children: Vec<Element>,
}

impl Element {
    /// The elements of that name in it.
    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The first element at a path such as `Acct/Id/IBAN`.
    pub fn first(&self, path: &str) -> Option<&Element> {
        path.split('/').try_fold(self, |at, name| at.children.iter().find(|one| one.name == name))
    }

    /// The text at a path; empty where there is no such element.
    pub fn text_at(&self, path: &str) -> &str {
        self.first(path).map_or("", |found| &found.text)
    }

    /// The first text that is not empty at one of several paths.
    pub fn first_text<'a>(&'a self, paths: &[&str]) -> &'a str {
        paths.iter().map(|path| self.text_at(path)).find(|text| !text.is_empty()).unwrap_or("")
    }

    /// The value of an attribute; empty where it does not stand.
    pub fn attribute(&self, name: &str) -> &str {
        let found = self.attributes.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value.trim())
    }
}

/// A walk through the elements of one document.
pub struct Elements {
    markup: Markup,
}

/// A child met on the walk, or the end of the element walked through.
pub enum Step {
    /// An element opens; it is to be walked through, taken or passed over next.
    Open(Element),
    /// The element walked through closes, or the source ends.
    Close,
}

impl Elements {
    /// Starts to walk through a source.
    pub fn new(bytes: SourceBytes) -> Result<Elements, Stop> {
        Ok(Elements { markup: Markup::new(bytes, false)? })
    }

    /// The next child of the element walked through; text between children is passed over.
    pub fn step(&mut self) -> Result<Step, Stop> {
        loop {
            match self.markup.next_piece()? {
                Piece::Open(name, attributes) => {
                    let line = self.markup.line();
                    return Ok(Step::Open(Element {
                        name,
                        line,
                        attributes,
                        ..Element::default()
                    }));
                }
                Piece::Close(_) | Piece::End => return Ok(Step::Close),
                Piece::Text(_) => {}
            }
        }
    }

    /// Elements open; 0 at the end of the document.
    pub fn depth(&self) -> usize {
        self.markup.depth()
    }

    /// Physical line of what was read last.
    pub fn line(&self) -> u64 {
        self.markup.line()
    }

    /// What was wrong since this was last asked.
    pub fn take_flaw(&mut self) -> Option<String> {
        self.markup.take_flaw()
    }

    /// What was read since this was last asked, as found up to a bound.
    pub fn take_raw(&mut self) -> String {
        self.markup.take_raw()
    }

    /// Passes over an element that was just met.
    pub fn pass(&mut self) -> Result<(), Stop> {
        let outside = self.depth() - 1;
        while self.depth() > outside {
            self.markup.next_piece()?;
        }
        Ok(())
    }

    /// Takes an element that was just met, with everything in it. One that is too large is
    /// passed over beyond the bound, and that is a flaw.
    pub fn take(&mut self, met: Element) -> Result<Element, Stop> {
        let mut open = vec![met];
        let mut weight = 0;
        let mut flaw = None;
        let mut dropped = 0_usize;
        loop {
            let piece = self.markup.next_piece()?;
            flaw = flaw.or(self.markup.take_flaw());
            match piece {
                Piece::Open(name, attributes) => {
                    let texts: usize = attributes.iter().map(|(_, value)| value.len()).sum();
                    weight += EMPTY_BYTES + texts;
                    if weight > ELEMENT_BYTES_MAX {
                        dropped += 1;
                        continue;
                    }
                    let line = self.markup.line();
                    open.push(Element { name, line, attributes, ..Element::default() });
                }
                Piece::Text(text) if dropped == 0 => {
                    weight += text.trim().len();
                    let held = open.last_mut().filter(|_| weight <= ELEMENT_BYTES_MAX);
                    held.into_iter().for_each(|one| one.text.push_str(&text));
                }
                Piece::Text(_) => {}
                Piece::Close(_) if dropped > 0 => dropped -= 1,
                Piece::Close(_) | Piece::End => {
                    let mut done = open.pop().expect("an element is open until its own end");
                    done.text = done.text.trim().to_owned();
                    match open.last_mut() {
                        Some(parent) => parent.children.push(done),
                        None => {
                            if weight > ELEMENT_BYTES_MAX {
                                flaw = Some(format!("holds more than {ELEMENT_BYTES_MAX} bytes"));
                            }
                            self.markup.set_flaw(flaw);
                            return Ok(done);
                        }
                    }
                }
            }
        }
    }
}
