//! A count with its word, as everything that is printed needs it.

/// `1 day`, `3 days`: regular plurals only.
pub fn counted(count: impl Into<u64>, word: &str) -> String {
    match count.into() {
        1 => format!("1 {word}"),
        many => format!("{many} {word}s"),
    }
}

/// `1 entity`, `2 entities`: both forms given.
pub fn counted_as(count: usize, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_singular() {
        assert_eq!(counted(1_u32, "day"), "1 day");
        assert_eq!(counted(0_u64, "sender"), "0 senders");
        assert_eq!(counted_as(2, "entity", "entities"), "2 entities");
    }
}
