//! What is set aside while sources are read: every record that cannot be read and every value
//! left empty, each with its line, its text and the reason, up to a bound in memory.
//!
//! A layout that does not fit its file makes a line of every record, and a file made to do harm
//! one of every second byte. Nothing may be left out of such a list, so a case that goes beyond
//! the bound is not loaded at all. Which records cannot be read is not decided here.

use crate::error::{Error, Result};
use crate::records::Reject;
use crate::store::tables::{Appends, Rejects};

/// Bytes held of what is set aside in a whole case: some twenty million short records.
const HELD_BYTES_MAX: u64 = 2 << 30;
/// Bytes of a row beside its texts: source, line, whether it was kept, and where each text ends.
const ROW_BYTES: u64 = 41;

/// The list of what was set aside so far.
#[derive(Debug, Default)]
pub struct SetAside {
    rows: Rejects,
    bytes: u64,
}

impl SetAside {
    /// Notes what was set aside in a source. Cost: a copy of the texts.
    pub fn take(&mut self, source: u32, rejects: Vec<Reject>) {
        for one in rejects {
            let texts = [&one.column, &one.found, &one.reason, &one.raw];
            self.bytes += ROW_BYTES + texts.map(|text| text.len() as u64).iter().sum::<u64>();
            self.rows.source.push(source);
            self.rows.line.push(one.line);
            self.rows.column.push(&one.column);
            self.rows.found.push(&one.found);
            self.rows.reason.push(&one.reason);
            self.rows.kept.push(one.kept);
            self.rows.raw.push(&one.raw);
        }
    }

    /// Whether the list is within its bound; `shown` is the source that was added to it last.
    ///
    /// # Errors
    ///
    /// [`Error::File`] with the number of entries and the last one.
    pub fn check(&self, shown: &str) -> Result<()> {
        self.check_against(shown, HELD_BYTES_MAX)
    }

    fn check_against(&self, shown: &str, bytes_max: u64) -> Result<()> {
        if self.bytes <= bytes_max {
            return Ok(());
        }
        let last = self.rows.line.len() - 1;
        let column = match self.rows.column.get(last) {
            "" => String::new(),
            column => format!(" column {column:?}:"),
        };
        let what = format!(
            "more cannot be read in the case than is listed, and nothing is loaded: {} records and \
             values were set aside up to line {}:{column} found {:?}, {}",
            last + 1,
            self.rows.line[last],
            self.rows.found.get(last).chars().take(60).collect::<String>(),
            self.rows.reason.get(last),
        );
        let hint = "the layout hardly fits this file: mend it, draft another with `moneytrail \
                    layout suggest`, or take the file out of the case file";
        Err(Error::named(shown, what, Some(hint.to_owned())))
    }

    /// The list in order of source and line, emptied. What is said of leases and statements is
    /// known after the records of later lines, so that it may have to be sorted first.
    pub fn in_order(&mut self) -> Rejects {
        let rows = std::mem::take(&mut self.rows);
        self.bytes = 0;
        let key = |row: usize| (rows.source[row], rows.line[row]);
        // A long list is seldom out of order, and sorting holds it twice.
        if (1..rows.line.len()).all(|row| key(row - 1) <= key(row)) {
            return rows;
        }
        let mut order: Vec<u32> = (0..rows.line.len() as u32).collect();
        order.sort_by_key(|row| key(*row as usize));
        rows.select(&order)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(line: u32) -> Reject {
        Reject {
            line,
            column: "amount".to_owned(),
            found: "abc".to_owned(),
            reason: "expected an amount such as 1200.00".to_owned(),
            kept: false,
            raw: "1,2,abc".to_owned(),
        }
    }

    #[test]
    fn the_list_is_in_order_of_source_and_line() {
        let mut list = SetAside::default();
        list.take(1, vec![one(7), one(9)]);
        list.take(0, vec![one(8)]);
        let rows = list.in_order();
        assert_eq!((rows.source, rows.line), (vec![0, 1, 1], vec![8, 7, 9]));
        assert_eq!(list.in_order().line, [0; 0], "taken once");
    }

    #[test]
    fn beyond_its_bound_the_case_is_refused_with_what_to_do() {
        let mut list = SetAside::default();
        list.take(0, vec![one(2)]);
        assert!(list.check_against("a.csv", 100).is_ok());
        list.take(0, vec![one(3)]);
        let refused = list.check_against("a.csv", 100).unwrap_err();
        let expected = "2 records and values were set aside up to line 3: column \"amount\": \
                        found \"abc\", expected an amount such as 1200.00";
        assert!(refused.to_string().starts_with("a.csv: "), "{refused}");
        assert!(refused.to_string().ends_with(expected), "{refused}");
        assert!(refused.hint().is_some());
    }
}
