//! Every line of every chart leads back to lines of the returns, and its amounts add up.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use moneytrail::model::{Amount, Currency};
use moneytrail::store::Case;
use regex::Regex;

use super::{CaseRun, harbor_street, small_case};

/// A tie as the page lists it.
pub struct TieOnPage {
    /// The two ends as they are labelled.
    pub ends: (String, String),
    /// What stands on the line.
    pub label: String,
    /// Head of the column of amounts: `amount, USD`, `seconds`, or nothing.
    pub amount_head: String,
    /// Amount and places of every row.
    pub rows: Vec<(String, Vec<String>)>,
    /// The stated total.
    pub total: String,
    /// The line below the rows: `USD, 3 records`.
    pub sum: String,
}

pub fn files(run: &CaseRun, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(run.out.join("charts")).unwrap();
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "the run drew charts as {ending}");
    paths
}

/// The texts that the pattern's first group finds, markup taken out and letters read back.
pub fn texts(pattern: &str, page: &str) -> Vec<String> {
    let pattern = Regex::new(pattern).unwrap();
    let markup = Regex::new("<[^>]*>").unwrap();
    let found = pattern.captures_iter(page).map(|found| found[1].to_owned());
    found
        .map(|text| {
            let plain = markup.replace_all(&text, "");
            quick_xml::escape::unescape(&plain).unwrap().into_owned()
        })
        .collect()
}

fn one(pattern: &str, page: &str) -> String {
    let mut found = texts(pattern, page);
    assert_eq!(found.len(), 1, "{pattern} in {page}");
    found.remove(0)
}

pub fn ties(page: &str) -> Vec<TieOnPage> {
    let ties = page.split("<article class=\"tie\"").skip(1);
    ties.map(|tie| {
        let tie = &tie[..tie.find("</article>").unwrap()];
        let body = &tie[tie.find("<tbody>").unwrap()..tie.find("</tbody>").unwrap()];
        let ends = one("<h3>(.*?)</h3>", tie);
        let (from, to) = ends.split_once(" → ").unwrap();
        let rows = body.split("<tr>").skip(1);
        TieOnPage {
            ends: (from.to_owned(), to.to_owned()),
            label: one("<p class=\"what\">(.*?)</p>", tie),
            amount_head: one("<th scope=\"col\" class=\"number\">(.*?)</th>", tie),
            rows: rows
                .map(|row| {
                    (one("<td class=\"number\">(.*?)</td>", row), texts("<code>(.*?)</code>", row))
                })
                .collect(),
            total: one("<td class=\"number total\">(.*?)</td>", tie),
            sum: one("<td colspan=\"3\">(.*?)</td>", tie),
        }
    })
    .collect()
}

/// Decimal text as minor units of a currency with that many decimals.
pub fn minor(text: &str, digits: usize) -> i128 {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    assert_eq!(part.len(), digits, "{text}");
    format!("{whole}{part}").parse().unwrap()
}

/// True when the line of a return holds the amount, whatever it uses to group thousands.
pub fn holds_amount(line: &str, amount: &str) -> bool {
    let number = Regex::new(r"[0-9][0-9,]*(\.[0-9]+)?").unwrap();
    number.find_iter(line).any(|found| {
        // Without quotes a comma may also end the field before, so every tail counts.
        let fields: Vec<&str> = found.as_str().split(',').collect();
        (0..fields.len()).any(|at| fields[at..].concat() == amount)
    })
}

fn check_tie(run: &CaseRun, name: &str, tie: &TieOnPage) {
    let at = format!("{name}: {} → {} ({})", tie.ends.0, tie.ends.1, tie.label);
    assert!(!tie.rows.is_empty(), "{at} has no row");
    let records =
        if tie.rows.len() == 1 { "1 record".into() } else { format!("{} records", tie.rows.len()) };
    assert!(tie.sum == records || tie.sum.ends_with(&format!(", {records}")), "{at}: {}", tie.sum);
    for (amount, places) in &tie.rows {
        assert!(!places.is_empty(), "{at}: a row without a place");
        for place in places {
            let line = run.line(place);
            if tie.amount_head.starts_with("amount") {
                assert!(holds_amount(&line, amount), "{at}: {place} does not say {amount}: {line}");
            }
        }
    }
    let Some(code) = tie.amount_head.strip_prefix("amount, ") else {
        assert_eq!(tie.total, "", "{at}: a total of what is no money");
        return;
    };
    let currency: Currency = code.parse().unwrap();
    let digits = usize::from(currency.minor_digits());
    let sum: i128 = tie.rows.iter().map(|(amount, _)| minor(amount, digits)).sum();
    assert_eq!(sum, minor(&tie.total, digits), "{at}: rows do not add up");
    let shown = Amount::grouped(i64::try_from(sum).unwrap(), digits as u8);
    let plural = if tie.rows.len() == 1 { "transfer" } else { "transfers" };
    let label = format!("{} {plural}, {shown} {code}, ", tie.rows.len());
    assert!(tie.label.starts_with(&label), "{at}: the label is not {label}");
}

/// Totals of the store for each ordered pair of labelled accounts and currency.
fn pair_totals(case: &Case) -> BTreeMap<(String, String, String), i128> {
    let (accounts, transfers) = (case.accounts().unwrap(), case.transfers().unwrap());
    let label = |row: u32| {
        let row = row as usize;
        format!("{} {}", accounts.institution.get(row), accounts.number.get(row))
    };
    let mut totals = BTreeMap::new();
    for row in 0..transfers.line.len() {
        let from = label(transfers.from_account[row]);
        let to = label(transfers.to_account[row]);
        let currency = transfers.currency[row].code().to_owned();
        *totals.entry((from, to, currency)).or_default() += i128::from(transfers.amount_minor[row]);
    }
    totals
}

#[track_caller]
fn check(run: &CaseRun, ties_min: usize) {
    let totals = pair_totals(&run.case());
    let (mut of_money, mut compared) = (0, 0);
    for path in files(run, "html") {
        let page = fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        for tie in ties(&page) {
            check_tie(run, &name, &tie);
            let Some(code) = tie.amount_head.strip_prefix("amount, ") else { continue };
            of_money += 1;
            let pair = (tie.ends.0.clone(), tie.ends.1.clone(), code.to_owned());
            if let Some(total) = totals.get(&pair) {
                let digits = usize::from(code.parse::<Currency>().unwrap().minor_digits());
                assert_eq!(minor(&tie.total, digits), *total, "{name}: {pair:?} against the store");
                compared += 1;
            }
        }
    }
    println!("{of_money} ties of money add up; {compared} of them equal the store's own total");
    assert!(compared >= ties_min && compared <= of_money);
}

#[test]
fn every_tie_of_harbor_street_lists_lines_that_add_up_to_its_label() {
    check(harbor_street(), 100);
}

#[test]
fn every_tie_of_two_ledgers_lists_lines_that_add_up_to_its_label() {
    check(small_case(), 3);
}

#[test]
fn an_amount_is_found_in_a_line_however_it_is_grouped() {
    assert!(holds_amount("4410000007,01/01/2024,\"2,510.70\",,\"11,785.62\"", "2510.70"));
    assert!(holds_amount("700000018,05-Jan-2024,ACH,-310.63,X", "310.63"));
    assert!(holds_amount("7,12,3500,JPY", "3500"));
    assert!(!holds_amount("4410000007,12510.70", "2510.70"));
}
