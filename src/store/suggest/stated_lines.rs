//! Balances that lines beside the rows of a statement state: a summary above the header, a foot.

use std::sync::LazyLock;

use regex::Regex;

use crate::normalise::{StatedSum, stated_sum};
use crate::store::suggest::draft::{Draft, Entry};
use crate::store::suggest::profile::quoted;

/// An amount with its decimals, by which it is told from a day.
const AMOUNT: &str = r"([-+(]?[$€£]? ?[0-9](?:[0-9.,]*[0-9])?[.,][0-9]{2}\)?)";
/// The words of a balance, what stands behind them, and the amount at the end of the line.
static STATED: LazyLock<Regex> = LazyLock::new(|| {
    let words = r#"\p{Alphabetic}[^0-9$€£,;|\t":]*"#;
    let pattern = format!(r#"^[" ]*({words})(.*?)[": ,;|\t]{AMOUNT}[", ;|\t]*$"#);
    Regex::new(&pattern).expect("the pattern is one")
});

/// The fields `opening_balance` and `closing_balance`, where one line beside the rows states each.
pub fn stated_lines(draft: &mut Draft<'_>) {
    let sample = draft.sample;
    for (key, sum) in
        [("opening_balance", StatedSum::Opening), ("closing_balance", StatedSum::Closing)]
    {
        let beside = sample.preamble.iter().chain(sample.odd.iter().map(|row| &row.raw));
        let found = beside.filter_map(|line| Some((line, words_of_balance(line, sum)?))).next();
        let Some((line, words)) = found else { continue };
        let words = regex::escape(&words).replace(' ', " +");
        let pattern = format!(r#"(?i)^[" ]*{words}\b.*?[": ,;|\t]{AMOUNT}[", ;|\t]*$"#);
        draft.entries.push(Entry {
            key: key.to_owned(),
            why: vec![format!("a line beside the rows says {}", quoted(line.trim()))],
            ask: None,
            taken: Some(format!("{{ line = {} }}", quoted(&pattern))),
            others: Vec::new(),
        });
    }
}

/// The words by which a line states a balance of that end, without the day behind them.
fn words_of_balance(line: &str, sum: StatedSum) -> Option<String> {
    let groups = STATED.captures(line.trim())?;
    let text = |at: usize| groups.get(at).map_or("", |group| group.as_str());
    // Nothing but a day may stand between the words and the amount.
    let whole = format!("{} {}", text(1), text(2));
    let words: Vec<&str> = text(1).split_whitespace().collect();
    let mut names = (1..=words.len()).map(|count| words[..count].join(" "));
    let name = names.find(|name| stated_sum(name) == Some(sum));
    name.filter(|_| stated_sum(&whole) == Some(sum))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_states_a_balance_by_its_words_a_day_and_an_amount() {
        let opening = |line: &str| words_of_balance(line, StatedSum::Opening);
        for line in [
            "Beginning balance as of 01/01/2024,,\"5,000.00\"",
            "Beginning balance: $5,000.00",
            "\"Beginning balance on January 1, 2024\",\"5,000.00\"",
            "Beginning balance;5.000,00;",
        ] {
            assert_eq!(opening(line).as_deref(), Some("Beginning balance"), "{line}");
        }
        for line in [
            "Beginning balance as of 01/01/2024",
            "Beginning balance of the trust 5,000.00",
            "Ending balance,5.00",
            "Total credits,,\"5.00\"",
        ] {
            assert_eq!(opening(line), None, "{line}");
        }
    }
}
