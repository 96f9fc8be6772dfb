//! A record that could not be read, or a value that was left empty.

/// What was set aside, where, and why. The source is known to whoever reads it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Reject {
    /// Physical line on which the record starts, from 1; the record's number in a source whose
    /// records stand in no order of lines.
    pub line: u32,
    /// Where it stands, when the line alone does not say: an element path with its line. Empty
    /// for a record that says so itself.
    pub place: Box<str>,
    /// The producer's column; empty when the whole record is at fault.
    pub column: String,
    /// Text of the value as found.
    pub found: String,
    /// What would have been read, and what to do.
    pub reason: String,
    /// True when only an optional value was left empty and the record stands.
    pub kept: bool,
    /// Bytes of the record; what is not UTF-8, and backslashes, as `\xNN`.
    pub raw: String,
}

/// Bytes of a record as text from which they can be had back: what is not UTF-8, and the
/// backslash itself, is written `\xNN`. Longer ones than `bytes_max` end in `…`.
///
/// ```
/// use moneytrail::records::escape_raw;
///
/// assert_eq!(escape_raw(b"caf\xe9,1\\2", 100), "caf\\xe9,1\\x5c2");
/// assert_eq!(escape_raw(b"abcdef", 3), "abc…");
/// ```
pub fn escape_raw(bytes: &[u8], bytes_max: usize) -> String {
    let shown = &bytes[..bytes.len().min(bytes_max)];
    let mut text = String::with_capacity(shown.len());
    for chunk in shown.utf8_chunks() {
        for letter in chunk.valid().chars() {
            match letter {
                '\\' => text.push_str("\\x5c"),
                _ => text.push(letter),
            }
        }
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
    }
    if shown.len() < bytes.len() {
        text.push('…');
    }
    text
}
