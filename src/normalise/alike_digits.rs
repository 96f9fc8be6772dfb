//! Which digits some patterns tell apart.
//!
//! Answers: do two texts that differ in digits alone match the same patterns in the same places?
//! Nearly all patterns ask for any digit; only then may one text be read by another's reading.

use std::sync::LazyLock;

use regex::Regex;

/// For each digit the least of those that the patterns treat as they treat it. A pattern that may
/// ask for some digits in another way than one by one, or for any, makes all of them differ.
pub(crate) fn alike_digits<'a>(patterns: impl Iterator<Item = &'a str>) -> [u8; 10] {
    static ANY: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"0-9|\{[0-9]+(?:,[0-9]*)?\}|\?P?<\w+>")
            .expect("the pattern is tested to compile")
    });
    let each = *b"0123456789";
    let mut stated = [false; 10];
    for pattern in patterns {
        let rest = ANY.replace_all(pattern, " ");
        let bytes = rest.as_bytes();
        let coded = [r"\x", r"\u", r"\U"].iter().any(|code| rest.contains(code));
        for (at, byte) in bytes.iter().enumerate().filter(|(_, byte)| byte.is_ascii_digit()) {
            let beside = [at.checked_sub(1), Some(at + 1)];
            let mut beside = beside.into_iter().flatten().filter_map(|at| bytes.get(at));
            if coded || beside.any(|byte| *byte == b'-') {
                return each;
            }
            stated[usize::from(byte - b'0')] = true;
        }
        if coded {
            return each;
        }
    }
    let least = stated.iter().position(|stated| !stated).unwrap_or(0);
    let alike = |digit: usize| if stated[digit] { each[digit] } else { each[least] };
    std::array::from_fn(alike)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_alike_where_no_pattern_tells_them_apart() {
        let check = |pattern: &str, alike: &[u8; 10]| {
            assert_eq!(&alike_digits([pattern].into_iter()), alike, "{pattern}");
        };
        check(r"CHECK\s+([0-9]{1,10})\b[0-9/\-]*", b"0000000000");
        check(r"\+?1[\-. ]?\d{3}", b"0100000000");
        check(r"(?:00|11)", b"0122222222");
        for pattern in ["[1-9]", "[0-5]", r"[+-9]", r"\x35", r"\u{0035}", "[1-3]0-9"] {
            check(pattern, b"0123456789");
        }
    }
}
