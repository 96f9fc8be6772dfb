//! YAML as a tree of texts: tags and types are left out, since expectations compare texts.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle};

/// One node.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// `null`, and references to another node.
    Null,
    /// A scalar as written.
    Text(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping.
    Map(BTreeMap<String, Node>),
}

impl Node {
    /// The node under a key; [`Node::Null`] when there is none.
    pub fn get(&self, key: &str) -> &Node {
        match self {
            Node::Map(map) => map.get(key).unwrap_or(&Node::Null),
            _ => &Node::Null,
        }
    }

    /// Whether a mapping has the key.
    pub fn has(&self, key: &str) -> bool {
        matches!(self, Node::Map(map) if map.contains_key(key))
    }

    /// The nodes of a sequence.
    pub fn list(&self) -> &[Node] {
        match self {
            Node::List(list) => list,
            _ => &[],
        }
    }

    /// The text of a scalar; empty for any other node.
    pub fn text(&self) -> &str {
        match self {
            Node::Text(text) => text,
            _ => "",
        }
    }
}

/// Parses one document.
pub fn tree(text: &str) -> Node {
    // Open containers, each with the key that waits for its value.
    let mut open: Vec<(Node, Option<String>)> = Vec::new();
    for event in Parser::new_from_str(text) {
        let node = match event.expect("the expectation is YAML").0 {
            Event::Scalar(text, style, ..) => {
                let null =
                    style == ScalarStyle::Plain && ["null", "~", ""].contains(&text.as_ref());
                if null { Node::Null } else { Node::Text(text.into_owned()) }
            }
            Event::Alias(_) => Node::Null,
            Event::SequenceStart(..) => {
                open.push((Node::List(Vec::new()), None));
                continue;
            }
            Event::MappingStart(..) => {
                open.push((Node::Map(BTreeMap::new()), None));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => open.pop().expect("ends follow starts").0,
            _ => continue,
        };
        match open.last_mut() {
            None => return node,
            Some((Node::List(list), _)) => list.push(node),
            Some((Node::Map(map), key)) => match key.take() {
                None => *key = Some(node.text().to_owned()),
                Some(key) => _ = map.insert(key, node),
            },
            Some(_) => unreachable!("only containers are open"),
        }
    }
    Node::Null
}
