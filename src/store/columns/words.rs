//! Columns of few words, read back: what each word means is found once, not once a row.

use polars::prelude::*;

/// Bytes of a word that lies whole within its entry of the column.
const WITHIN_BYTES_MAX: u32 = 12;
/// Words that are remembered at a time.
const REMEMBERED: usize = 64;

/// What the words of a column mean, by the bytes of their entries.
struct Words<T, F> {
    known: [Option<(u128, T)>; REMEMBERED],
    parse: F,
}

impl<T: Copy, F: Fn(&str) -> PolarsResult<T>> Words<T, F> {
    /// The meaning of a word that lies within its entry: equal entries are then equal words.
    #[inline]
    fn value<'a>(&mut self, entry: u128, text: impl Fn() -> &'a str) -> PolarsResult<T> {
        let mixed = (entry as u64 ^ (entry >> 64) as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let known = &mut self.known[(mixed >> 58) as usize];
        if let Some((word, value)) = known
            && *word == entry
        {
            return Ok(*value);
        }
        let value = (self.parse)(text())?;
        *known = Some((entry, value));
        Ok(value)
    }
}

/// Puts what the words of a column mean behind `all`; an absent word is the empty text. Cost: a
/// comparison a row, and `parse` for few of them.
///
/// # Errors
///
/// Those of `parse`.
pub(super) fn extend_words<T: Copy>(
    all: &mut Vec<T>,
    column: &StringChunked,
    parse: impl Fn(&str) -> PolarsResult<T>,
) -> PolarsResult<()> {
    all.reserve(column.len());
    if column.null_count() > 0 {
        for text in column.iter() {
            all.push(parse(text.unwrap_or(""))?);
        }
        return Ok(());
    }
    let mut words = Words { known: [None; REMEMBERED], parse };
    for chunk in column.downcast_iter() {
        for (at, entry) in chunk.views().iter().enumerate() {
            let text = || chunk.value(at);
            all.push(match entry.length <= WITHIN_BYTES_MAX {
                true => words.value(entry.as_u128(), text)?,
                false => (words.parse)(text())?,
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn length(text: &str) -> PolarsResult<usize> {
        match text {
            "wrong" => Err(polars_err!(ComputeError: "wrong")),
            text => Ok(text.len()),
        }
    }

    #[track_caller]
    fn check(words: &[Option<&str>]) {
        let column = StringChunked::new("word".into(), words);
        let mut found = vec![99];
        extend_words(&mut found, &column, length).unwrap();
        let expected: Vec<usize> = words.iter().map(|word| word.unwrap_or("").len()).collect();
        assert_eq!((found[0], &found[1..]), (99, expected.as_slice()));
    }

    #[test]
    fn words_mean_what_each_by_itself_does() {
        check(&[]);
        check(&[Some("cash"), Some("wire"), Some("cash"), Some("")]);
        check(&[Some("a word of many letters"), Some("cash"), Some("a word of many letters!")]);
        check(&[Some("twelve bytes"), Some("thirteen byte"), None, Some("cash")]);
        let many: Vec<String> = (0..500).map(|number| "x".repeat(number % 15)).collect();
        check(&many.iter().map(|word| Some(word.as_str())).collect::<Vec<_>>());
        let wrong = StringChunked::new("word".into(), &[Some("cash"), Some("wrong")]);
        assert!(extend_words(&mut Vec::new(), &wrong, length).is_err());
    }
}
