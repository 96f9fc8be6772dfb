//! Columns of long result tables that would be mostly repetition or mostly empty.
//!
//! A table of flows has millions of rows, names that come back in each of them, and a column a
//! channel in which nearly every cell is empty.

use std::collections::HashMap;

use crate::model::{Amount, NONE, Texts};

/// Texts that repeat: each one once, and which of them stands in each row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Words {
    texts: Texts,
    at: Vec<u32>,
}

impl Words {
    /// A column of rows of `texts`.
    ///
    /// # Panics
    ///
    /// If a row of `at` is none of `texts`.
    pub fn new(texts: Texts, at: Vec<u32>) -> Words {
        assert!(at.iter().all(|row| (*row as usize) < texts.len()), "every row has its text");
        Words { texts, at }
    }

    /// A column that names things by number: the texts of the numbers that occur, as `text`
    /// gives them. Numbers are below `numbers`.
    ///
    /// # Panics
    ///
    /// If a number is not.
    pub fn of_numbers(
        rows: impl Iterator<Item = u32>,
        numbers: usize,
        mut text: impl FnMut(u32, &mut Texts),
    ) -> Words {
        let mut known = vec![NONE; numbers];
        let mut words = Words::default();
        for number in rows {
            let place = &mut known[number as usize];
            if *place == NONE {
                *place = words.texts.len() as u32;
                text(number, &mut words.texts);
            }
            words.at.push(*place);
        }
        words
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.at.len()
    }

    /// True when there is no row.
    pub fn is_empty(&self) -> bool {
        self.at.is_empty()
    }

    /// The text of a row.
    ///
    /// # Panics
    ///
    /// If there is no such row.
    pub fn get(&self, row: usize) -> &str {
        self.texts.get(self.at[row] as usize)
    }

    /// Every text of the column, each once and in no stated order.
    pub fn distinct(&self) -> impl Iterator<Item = &str> {
        let mut stands = vec![false; self.texts.len()];
        self.at.iter().for_each(|at| stands[*at as usize] = true);
        self.texts.iter().zip(stands).filter(|(_, stands)| *stands).map(|(text, _)| text)
    }

    /// The column of some of the rows, in the order given.
    pub fn pick(&self, rows: &[usize]) -> Words {
        Words { texts: self.texts.clone(), at: rows.iter().map(|row| self.at[*row]).collect() }
    }
}

/// Texts as they come; those that repeat are held once.
impl FromIterator<String> for Words {
    fn from_iter<I: IntoIterator<Item = String>>(rows: I) -> Words {
        let mut known: HashMap<String, u32> = HashMap::new();
        let mut words = Words::default();
        for text in rows {
            let next = words.texts.len() as u32;
            let place = known.get(&text).copied().unwrap_or(next);
            if place == next {
                words.texts.push(&text);
                known.insert(text, next);
            }
            words.at.push(place);
        }
        words
    }
}

/// Amounts of which few rows have one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RareMoney {
    rows: usize,
    at: Vec<u32>,
    amounts: Vec<Amount>,
}

impl RareMoney {
    /// A column of `rows` rows without amounts.
    pub fn new(rows: usize) -> RareMoney {
        RareMoney { rows, at: Vec::new(), amounts: Vec::new() }
    }

    /// Gives a row its amount.
    ///
    /// # Panics
    ///
    /// If it is no row of the column, or stands before the last one given.
    pub fn put(&mut self, row: u32, amount: Amount) {
        assert!((row as usize) < self.rows, "the column has this row");
        assert!(self.at.last().is_none_or(|last| *last < row), "rows are given in order");
        self.at.push(row);
        self.amounts.push(amount);
    }

    /// Number of rows, with and without amounts.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// True when there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The amount of a row. Cost: a binary search.
    pub fn get(&self, row: usize) -> Option<Amount> {
        let found = self.at.binary_search(&(row as u32)).ok()?;
        Some(self.amounts[found])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Currency;

    #[test]
    fn words_read_as_the_texts_they_stand_for() {
        let words = Words::new(["a", "b", "c"].into_iter().collect(), vec![2, 0, 2]);
        let all: Vec<&str> = (0..words.len()).map(|row| words.get(row)).collect();
        assert_eq!(all, ["c", "a", "c"]);
        assert_eq!(words.distinct().collect::<Vec<_>>(), ["a", "c"]);
        let numbered = Words::of_numbers([7, 2, 7].into_iter(), 9, |number, texts| {
            texts.push(&number.to_string());
        });
        assert_eq!((numbered.get(0), numbered.get(1), numbered.get(2)), ("7", "2", "7"));
        let picked = words.pick(&[1, 0]);
        assert_eq!((picked.get(0), picked.get(1), picked.len()), ("a", "c", 2));
    }

    #[test]
    fn rows_without_an_amount_have_none() {
        let mut money = RareMoney::new(3);
        money.put(1, Amount { minor: 5, currency: Currency::USD });
        let minor = |row| money.get(row).map(|amount| amount.minor);
        assert_eq!([minor(0), minor(1), minor(2)], [None, Some(5), None]);
    }
}
