//! A count with its word, as sentences of findings need it.

/// `1 day`, `3 days`: regular plurals only.
pub fn counted(count: impl Into<u64>, word: &str) -> String {
    match count.into() {
        1 => format!("1 {word}"),
        many => format!("{many} {word}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_singular() {
        assert_eq!(counted(1_u32, "day"), "1 day");
        assert_eq!(counted(0_u64, "sender"), "0 senders");
    }
}
