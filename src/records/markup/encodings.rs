//! The encoding of a document, by its byte order mark, its first bytes or what it declares.

use encoding_rs::Encoding;

use crate::records::markup::shortened;

/// Bytes of a source among which its encoding is looked for.
pub const DECLARATION_BYTES: usize = 1_024;

/// The first bytes of a source as text, for recognising it; what is not in the encoding it
/// declares is marked.
pub fn head_as_text(head: &[u8]) -> String {
    let encoding = declared_encoding(head).unwrap_or(encoding_rs::UTF_8);
    encoding.decode(head).0.into_owned()
}

/// The encoding that the head of a document shows or declares.
pub fn declared_encoding(head: &[u8]) -> Result<&'static Encoding, String> {
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
