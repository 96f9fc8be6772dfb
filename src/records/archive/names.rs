//! Names of members: how they are shown, and which of them hold nothing by their name.

use crate::error::Result;
use crate::records::reject::escape_raw;

/// A member's name as it is shown and matched: what is not UTF-8, a control or a letter that
/// turns the direction of writing, a backslash, and the separator itself stand as `\xNN`.
/// Nothing is ever written under such a name.
///
/// ```
/// use moneytrail::records::shown_name;
///
/// assert_eq!(shown_name(b"../caf\xe9\0!.csv"), "../caf\\xe9\\x00\\x21.csv");
/// ```
pub fn shown_name(name: &[u8]) -> String {
    let mut shown = String::new();
    for letter in escape_raw(name, name.len()).chars() {
        let turns = matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}' | '\u{feff}');
        if letter.is_control() || letter == super::SEPARATOR || turns {
            let mut bytes = [0; 4];
            for byte in letter.encode_utf8(&mut bytes).bytes() {
                shown.push_str(&format!("\\x{byte:02x}"));
            }
        } else {
            shown.push(letter);
        }
    }
    shown
}

/// Why a member holds no records, if its name, or the first bytes beside it, say so.
pub(super) fn passed_over(name: &str, head: impl Fn() -> Result<Vec<u8>>) -> Option<String> {
    let last = name.rsplit('/').next().unwrap_or(name);
    if name.split('/').any(|part| part == "__MACOSX") {
        return Some("macOS keeps file attributes there".to_owned());
    }
    if [".DS_Store", "Thumbs.db", "desktop.ini"].contains(&last) {
        return Some("a file browser's own file".to_owned());
    }
    let apple = last.starts_with("._")
        && head().is_ok_and(|head| head.starts_with(&[0x00, 0x05, 0x16, 0x07]));
    apple.then(|| "macOS keeps file attributes there".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &[u8], shown: &str) {
        assert_eq!(shown_name(name), shown);
    }

    #[test]
    fn names_are_shown_so_that_they_cannot_mislead() {
        check(b"bank/jan.csv", "bank/jan.csv");
        check(b"/etc/passwd", "/etc/passwd");
        check("büro/märz.csv".as_bytes(), "büro/märz.csv");
        check(b"a\nb", "a\\x0ab");
        check(b"a\x1b[2Jb", "a\\x1b[2Jb");
        check("a\u{202e}vsc.exe".as_bytes(), "a\\xe2\\x80\\xaevsc.exe");
        check(b"a\\b", "a\\x5cb");
        check(b"\xff\xfe", "\\xff\\xfe");
    }

    #[test]
    fn what_file_browsers_leave_behind_is_passed_over() {
        let none = || Ok(Vec::new());
        let apple = || Ok(vec![0, 5, 22, 7]);
        assert!(passed_over("__MACOSX/bank/._jan.csv", none).is_some());
        assert!(passed_over("bank/.DS_Store", none).is_some());
        assert!(passed_over("bank/._jan.csv", apple).is_some());
        assert!(passed_over("bank/._jan.csv", none).is_none());
        assert!(passed_over("bank/jan.csv", none).is_none());
    }
}
