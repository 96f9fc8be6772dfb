//! The chart files of a run are what other programs expect: well-formed, of equal content, and
//! without anything that would run.

use std::fs;

use quick_xml::Reader;
use quick_xml::events::Event;

use super::charts::files;
use super::harbor_street;

/// How often each element starts in a well-formed document.
pub fn elements(text: &str) -> std::collections::BTreeMap<String, usize> {
    let mut counts = std::collections::BTreeMap::new();
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = true;
    let mut open = 0_i64;
    loop {
        match reader.read_event().expect("the file is well-formed XML") {
            Event::Eof => break,
            Event::Start(tag) => {
                open += 1;
                let name = tag.name().as_ref().to_owned();
                *counts.entry(name).or_default() += 1;
            }
            Event::Empty(tag) => {
                let name = tag.name().as_ref().to_owned();
                *counts.entry(name).or_default() += 1;
            }
            Event::End(_) => open -= 1,
            _ => {}
        }
    }
    assert_eq!(open, 0, "every element ends");
    counts
}

/// Why a text is not Graphviz's language; none where it is.
pub fn not_dot(text: &str) -> Option<String> {
    graphviz_rust::parse(text).err()
}

#[test]
fn every_format_holds_the_entities_and_ties_of_its_page() {
    for path in files(harbor_street(), "html") {
        let page = fs::read_to_string(&path).unwrap();
        let nodes = page.matches("<article class=\"entity\"").count();
        let ties = page.matches("<article class=\"tie\"").count();
        assert!(nodes > 1 && ties > 0, "{}", path.display());
        for ending in ["graphml", "gexf"] {
            let text = fs::read_to_string(path.with_extension(ending)).unwrap();
            let counts = elements(&text);
            let found = (counts["node"], counts["edge"]);
            assert_eq!(found, (nodes, ties), "{} as {ending}", path.display());
        }
        let text = fs::read_to_string(path.with_extension("dot")).unwrap();
        assert_eq!(not_dot(&text), None, "{} as dot", path.display());
        assert_eq!(text.matches(" -> ").count(), ties, "{} as dot", path.display());
    }
}

#[test]
fn pictures_are_well_formed_and_hold_nothing_that_runs_or_fetches() {
    let handlers = regex::Regex::new(r#"<[^>]*\s(on[a-z]+|(xlink:)?href|src)\s*="#).unwrap();
    for path in files(harbor_street(), "svg") {
        let text = fs::read_to_string(&path).unwrap();
        let counts = elements(&text);
        for forbidden in ["script", "foreignObject", "image", "iframe", "use", "a"] {
            assert!(!counts.contains_key(forbidden), "{}: {forbidden}", path.display());
        }
        assert!(!handlers.is_match(&text), "{}", path.display());
    }
}
