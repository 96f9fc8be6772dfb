//! Accounts by months as text: one mark a month, readable without colour and on paper.
//!
//! Marks what the `status` table says in words; nothing is decided here.

use std::fmt::Write;

use crate::exports::visible;
use crate::model::{ResultTable, Values};

/// Columns of a line.
pub const COLUMNS_MAX: usize = 100;
/// A longer account name stands on a line of its own.
const NAME_MAX: usize = 34;

/// Word of the `status` table, mark, and what the legend says of it: the same in the picture of
/// the report.
pub(crate) const MONTH_MARKS: [(&str, char, &str); 8] = [
    ("proves", '+', "proves"),
    ("breaks", 'X', "breaks"),
    ("missing", 'M', "missing"),
    ("gap", 'G', "gap"),
    ("unstated", '?', "states no balance"),
    ("part", '/', "held for part of the month"),
    ("covers", 'o', "held, no rows"),
    ("", '.', "nothing held"),
];

/// The grid of a `status` table with its notes, no line longer than [`COLUMNS_MAX`] but for the
/// notes; years that do not fit stand below. Cost: one step a cell.
pub fn month_grid(table: &ResultTable) -> String {
    let Some(Values::Text(accounts)) = table.column("account") else { return String::new() };
    let months: Vec<(&str, &Values)> =
        table.columns.iter().skip(1).map(|one| (one.name.as_str(), &one.values)).collect();
    let mut years: Vec<&str> =
        months.iter().filter_map(|(month, _)| Some(month.rsplit_once('-')?.0)).collect();
    years.dedup();
    let longest = accounts.iter().map(|name| visible(name).chars().count());
    let width = longest.filter(|length| *length <= NAME_MAX).max().unwrap_or(0).max(7);
    let abreast = ((COLUMNS_MAX - width - 1) / 13).max(1);
    let mut out = String::new();
    for block in years.chunks(abreast) {
        let heads = |of: &dyn Fn(&str) -> String| -> String {
            block.iter().map(|year| format!(" {:12}", of(year))).collect()
        };
        let _ = writeln!(out, "{:width$} {}", "", heads(&|year| year.to_owned()).trim_end());
        let _ = writeln!(out, "{:width$} {}", "account", heads(&|_| "JFMAMJJASOND".to_owned()));
        for (row, account) in accounts.iter().enumerate() {
            let cells: String =
                block.iter().map(|year| format!(" {}", year_cells(&months, year, row))).collect();
            let name = visible(account);
            if name.chars().count() > NAME_MAX {
                let _ = writeln!(out, "{name}");
                let _ = writeln!(out, "{:width$} {}", "", cells.trim_end());
            } else {
                let _ = writeln!(out, "{name:width$} {}", cells.trim_end());
            }
        }
        out.push('\n');
    }
    let used = |word: &str| months.iter().any(|(_, cells)| is_used(cells, word));
    let legend: Vec<String> = MONTH_MARKS
        .iter()
        .filter(|(word, ..)| used(word))
        .map(|(_, mark, meaning)| format!("{mark} {meaning}"))
        .collect();
    let _ = writeln!(out, "{}", legend.join("   "));
    for note in &table.notes {
        let _ = writeln!(out, "\n{note}");
    }
    out
}

fn is_used(cells: &Values, word: &str) -> bool {
    matches!(cells, Values::Text(words) if words.iter().any(|one| one == word))
}

/// Twelve marks; a space for a month that the table does not have.
fn year_cells(months: &[(&str, &Values)], year: &str, row: usize) -> String {
    (1..=12)
        .map(|month| {
            let name = format!("{year}-{month:02}");
            let cells = months.iter().find(|(found, _)| *found == name).map(|(_, cells)| *cells);
            let Some(Values::Text(words)) = cells else { return ' ' };
            let mark = MONTH_MARKS.iter().find(|(word, ..)| *word == words[row]);
            mark.map_or('?', |(_, mark, _)| *mark)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(months: &[(&str, [&str; 2])], names: [&str; 2]) -> ResultTable {
        let text = |words: [&str; 2]| Values::Text(words.map(str::to_owned).to_vec());
        let mut table = ResultTable::new("status").with("account", text(names));
        for (month, words) in months {
            table = table.with(*month, text(*words));
        }
        table.note("A note.")
    }

    #[track_caller]
    fn check(months: &[(&str, [&str; 2])], names: [&str; 2], expected: &str) {
        let found = month_grid(&table(months, names));
        assert_eq!(found.trim_end_matches('\n'), expected);
    }

    #[test]
    fn each_word_has_a_mark_and_the_legend_tells_those_that_are_used() {
        check(
            &[("2024-01", ["proves", ""]), ("2024-02", ["breaks", "gap"])],
            ["TEST/1", "TEST/2"],
            "         2024\naccount  JFMAMJJASOND\nTEST/1   +X\nTEST/2   .G\n\n\
             + proves   X breaks   G gap   . nothing held\n\nA note.",
        );
    }

    #[test]
    fn no_line_is_longer_than_a_page_however_many_years() {
        let names: Vec<String> =
            (1990..2024).flat_map(|year| (1..=12).map(move |m| format!("{year}-{m:02}"))).collect();
        let months: Vec<(&str, [&str; 2])> =
            names.iter().map(|name| (name.as_str(), ["proves", "missing"])).collect();
        let long = "A BANK OF A VERY LONG NAME INDEED/00001111222233334444";
        let text = month_grid(&table(&months, ["TEST/1", long]));
        assert!(text.lines().all(|line| line.chars().count() <= COLUMNS_MAX), "{text}");
        assert_eq!(text.matches('+').count(), 34 * 12 + 1, "every month and the legend");
    }
}
