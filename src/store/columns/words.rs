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

/// Where a column holds a word. Cost: a comparison a row, of many at once.
pub(in crate::store) fn places_of_word(column: &StringChunked, word: &str) -> Vec<u32> {
    let one = StringChunked::new("".into(), &[word]);
    let sought = one.downcast_iter().flat_map(|chunk| chunk.views().iter()).next().copied();
    let within = sought.filter(|entry| entry.length <= WITHIN_BYTES_MAX);
    let Some(sought) = within.filter(|_| column.null_count() == 0) else {
        let here = (0..).zip(column.iter()).filter(|(_, text)| *text == Some(word));
        return here.map(|(at, _)| at).collect();
    };
    let sought = sought.as_u128();
    let entries = || column.downcast_iter().flat_map(|chunk| chunk.views().iter());
    let many = entries().filter(|entry| entry.as_u128() == sought).count();
    // Every place is written and the wrong ones written over: which come next cannot be guessed.
    let mut places = vec![0; many + 1];
    let mut found = 0;
    for (at, entry) in (0..).zip(entries()) {
        places[found] = at;
        found += usize::from(entry.as_u128() == sought);
    }
    places.truncate(many);
    places
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

    #[track_caller]
    fn check_places(words: &[Option<&str>], word: &str, expected: &[u32]) {
        let column = StringChunked::new("word".into(), words);
        assert_eq!(places_of_word(&column, word), expected, "{word:?}");
    }

    #[test]
    fn a_word_is_found_where_it_stands() {
        check_places(&[], "EUR", &[]);
        check_places(&[Some("EUR"), Some("USD"), Some("EUR")], "EUR", &[0, 2]);
        check_places(&[Some("EUR"), Some("USD"), Some("EURO")], "EUR", &[0]);
        check_places(&[None, Some("EUR"), None, Some("")], "EUR", &[1]);
        check_places(&[Some(""), Some("EUR")], "", &[0]);
        let long = "a word of more than twelve bytes";
        check_places(&[Some("EUR"), Some(long), Some(long)], long, &[1, 2]);
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
