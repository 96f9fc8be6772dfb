//! The chart of traced flow in every format: what two accounts of a small case carried of one
//! deposit, whose parts were worked out by hand.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

use super::charts::{TieOnPage, holds_amount, minor, texts, ties};
use super::formats::{elements, not_dot};
use super::{commingled_trust, ended, moneytrail, scratch, small_case};

const RULES: [&str; 5] = ["libr", "fifo", "lifo", "pro-rata", "taint-first"];
/// The deposit of 1,000.00 into an account that held 500.00.
const DEPOSIT: &str = "transfer=ledger_a.csv:2,label=Quill deposit";

/// Draws into a folder of its own; gives the chart of the range.
fn draw(name: &str, ending: &str, more: &[&str]) -> PathBuf {
    let file = scratch(&format!("traced-{name}-{ending}")).join(format!("flow.{ending}"));
    let (store, out) = (small_case().out.to_str().unwrap(), file.to_str().unwrap());
    let mut command = moneytrail(&["trace", store, "--chart", out]);
    ended(command.args(more), 0);
    file
}

fn panel(range: &Path, rule: &str) -> PathBuf {
    let ending = range.extension().unwrap().to_str().unwrap();
    range.with_file_name(format!("flow-{rule}.{ending}"))
}

fn all_of(range: &Path) -> Vec<PathBuf> {
    std::iter::once(range.to_owned()).chain(RULES.map(|rule| panel(range, rule))).collect()
}

#[test]
fn every_format_holds_the_accounts_and_lines_of_its_page() {
    let asked = ["--source", DEPOSIT, "--panels"];
    let pages = all_of(&draw("all", "html", &asked));
    let handlers = Regex::new(r#"<[^>]*\s(on[a-z]+|(xlink:)?href|src)\s*="#).unwrap();
    let of = |ending: &str| all_of(&draw("all", ending, &asked));
    let (graphml, gexf, dot, svg) = (of("graphml"), of("gexf"), of("dot"), of("svg"));
    for at in 0..pages.len() {
        let page = fs::read_to_string(&pages[at]).unwrap();
        let nodes = page.matches("<article class=\"entity\"").count();
        let lines = page.matches("<article class=\"tie\"").count();
        // Only traced money first and last in first out reach the savings through the landlord.
        let expected = [(6, 5), (4, 3), (4, 3), (6, 5), (6, 5), (6, 5)][at];
        assert_eq!((nodes, lines), expected, "{}", pages[at].display());
        for path in [&graphml[at], &gexf[at]] {
            let counts = elements(&fs::read_to_string(path).unwrap());
            assert_eq!((counts["node"], counts["edge"]), expected, "{}", path.display());
        }
        let text = fs::read_to_string(&dot[at]).unwrap();
        assert_eq!(not_dot(&text), None, "{}", dot[at].display());
        assert_eq!(text.matches(" -> ").count(), lines, "{}", dot[at].display());
        let text = fs::read_to_string(&svg[at]).unwrap();
        assert!(!elements(&text).contains_key("script") && !handlers.is_match(&text));
        let what = match at {
            0 => "floor to ceiling",
            1 => "lowest intermediate balance rule",
            2 => "first in first out",
            3 => "last in first out",
            4 => "pro rata",
            _ => "traced money first",
        };
        let title = format!("Two Ledgers: {what}, traced flow of Quill deposit");
        assert!(text.contains(&title) && page.contains(&title), "{title}");
        assert!(text.contains("INTERNAL") && text.contains("outer limits on what any allocation"));
    }
}

/// Each line as its ends and label.
fn lines(page: &Path) -> Vec<(TieOnPage, String)> {
    let page = fs::read_to_string(page).unwrap();
    let found = ties(&page).into_iter();
    let told = |tie: TieOnPage| {
        let said = format!("{} > {}: {}", tie.ends.0, tie.ends.1, tie.label);
        (tie, said)
    };
    found.map(told).collect()
}

#[test]
fn lines_say_the_range_and_panels_what_their_rule_says() {
    let range = draw("figures", "html", &["--source", DEPOSIT, "--panels"]);
    let check = |page: &Path, expected: &[&str]| {
        let mut said: Vec<String> = lines(page).into_iter().map(|(_, said)| said).collect();
        said.sort();
        assert_eq!(said, expected, "{}", page.display());
    };
    let deposit = "FERNBANK 9001 > NORDHAFEN BANK 1001: 1,000.00 EUR, traced in 1 transfer, \
                   2024-03-01";
    let cash = |traced: &str| {
        format!("NORDHAFEN BANK 1001 > CASH: {traced} EUR, traced in 1 transfer, 2024-03-07")
    };
    let of = |traced: &str, from: &str, to: &str, day: &str| {
        format!("{from} > {to}: {traced} EUR, traced in 1 transfer, {day}")
    };
    let held = "NORDHAFEN BANK 1001";
    let invoice = |traced: &str| of(traced, held, "SUDHAFEN BANK 1003", "2024-03-05");
    let rent = of("0.00 to 400.00", held, "SUDHAFEN BANK 1002", "2024-03-02");
    let savings = of("0.00 to 300.00", "SUDHAFEN BANK 1002", "SUDHAFEN BANK 1004", "2024-03-10");
    check(&range, &[deposit, &cash("0.00 to 100.00"), &rent, &invoice("0.00 to 250.50"), &savings]);
    check(&panel(&range, "libr"), &[deposit, &cash("100.00"), &invoice("150.50")]);
    // 400.00 of 1,500.00, of which 1,000.00 are traced; then 300.00 of the 700.00 of the landlord.
    let said = lines(&panel(&range, "pro-rata"));
    for traced in ["266.67", "167.00", "66.67", "114.29"] {
        let found = said.iter().filter(|(_, said)| said.contains(&format!(": {traced} EUR, ")));
        assert_eq!(found.count(), 1, "{traced}");
    }
}

#[test]
fn rows_lead_to_their_lines_and_both_columns_add_up() {
    let range = draw("rows", "html", &["--source", DEPOSIT, "--panels"]);
    for (at, path) in all_of(&range).iter().enumerate() {
        let page = fs::read_to_string(path).unwrap();
        let traced = texts("<td class=\"number traced\">(.*?)</td>", &page);
        let totals = texts("<td class=\"number traced total\">(.*?)</td>", &page);
        let mut row = traced.iter();
        for (tie, total) in ties(&page).iter().zip(&totals) {
            let sum: i128 = tie.rows.iter().map(|(amount, _)| minor(amount, 2)).sum();
            assert_eq!(sum, minor(&tie.total, 2), "{}", tie.label);
            for (amount, places) in &tie.rows {
                assert!(!places.is_empty());
                for place in places {
                    assert!(holds_amount(&small_case().line(place), amount), "{place} {amount}");
                }
            }
            let parts: Vec<&String> = row.by_ref().take(tie.rows.len()).collect();
            if at > 0 {
                let sum: i128 = parts.iter().map(|part| minor(part, 2)).sum();
                assert_eq!(sum, minor(total, 2), "{}", tie.label);
            } else {
                assert!(parts.iter().all(|part| part.contains(" to ")), "{parts:?}");
            }
        }
        assert_eq!(row.next(), None, "every traced part stands in a line");
    }
}

#[test]
fn the_accounts_say_who_holds_them_and_what_is_left() {
    let range = draw("held", "svg", &["--source", DEPOSIT, "--panels"]);
    let page = fs::read_to_string(&range).unwrap();
    let of_libr = fs::read_to_string(panel(&range, "libr")).unwrap();
    for words in ["Alma Ferrant", "holds at the end", "249.50 to 749.50 EUR", "no statement held"] {
        assert!(page.contains(words), "{words}");
    }
    assert!(page.contains(
        "traced held on 2024-03-07: 249.50 to 749.50 EUR; libr 749.50, fifo 749.50, lifo 249.50, \
         pro-rata 499.66, taint-first 249.50"
    ));
    assert!(of_libr.contains("749.50 EUR; any allocation 249.50 to 749.50"));
}

#[test]
fn a_protected_chart_names_nobody_by_its_labels_either() {
    let dir = scratch("traced-protected-sources");
    let sources = dir.join("sources.toml");
    let text = "[[source]]\nlabel = \"what CATO MARSH is owed\"\ntransfer = \"ledger_a.csv:2\"\n\
                amount = \"600.00\"\n";
    fs::write(&sources, text).unwrap();
    let (file, place) = (sources.to_str().unwrap(), "ledger_b.csv:3");
    for ending in ["html", "svg", "dot", "graphml", "gexf"] {
        let asked = ["--source", file, "--source", place, "--panels", "--protect"];
        let range = draw("protected", ending, &asked);
        for path in all_of(&range) {
            let text = fs::read_to_string(&path).unwrap().replace("&#x2f;", "/").to_lowercase();
            for name in ["cato marsh", "ledger_a", "ledger_b", "9001", "quill", "invoice 7"] {
                assert!(!text.contains(name), "{} holds {name}", path.display());
            }
            assert!(text.contains("protected copy"), "{}", path.display());
            assert!(text.contains("traced flow of source 1, source 2"), "{}", path.display());
            // The target and the witness are not protected.
            assert!(text.contains("alma ferrant"), "{}", path.display());
        }
    }
}

#[test]
fn protected_tables_name_nobody_and_have_every_figure() {
    let store = small_case().out.to_str().unwrap();
    let printed = |more: &[&str]| {
        let asked = ["trace", store, "--source", "ledger_b.csv:3", "--format", "csv"];
        String::from_utf8(ended(moneytrail(&asked).args(more), 0).stdout).unwrap()
    };
    let figures = |text: &str| -> Vec<String> {
        let number = Regex::new(r"(?m)-?\d+\.\d\d\b").unwrap();
        number.find_iter(text).map(|found| found.as_str().to_owned()).collect()
    };
    for more in [
        vec!["--table", "trace"],
        vec!["--by", "transfer"],
        vec!["--table", "trace_narrative"],
        vec!["--explain", "ledger_b.csv:3"],
        vec!["--restrain", "1001"],
    ] {
        let open = printed(&more);
        let shown = printed(&[&more[..], &["--protect"]].concat());
        assert!(!figures(&open).is_empty());
        assert_eq!(figures(&shown), figures(&open), "{more:?}");
        let shown = shown.to_lowercase();
        for name in ["cato marsh", "ledger_a", "ledger_b", "9001", "quill", "invoice 7"] {
            assert!(!shown.contains(name), "{more:?} holds {name}: {shown}");
        }
    }
}

#[test]
fn a_panel_says_its_rule_however_long_the_labels_are() {
    let label = format!("transfer=ledger_a.csv:2,label={}", "of whoever paid in ".repeat(20));
    let range = draw("long", "svg", &["--source", &label, "--panels"]);
    for (rule, said) in RULES.iter().zip([
        "lowest intermediate balance rule",
        "first in first out",
        "last in first out",
        "pro rata",
        "traced money first",
    ]) {
        let text = fs::read_to_string(panel(&range, rule)).unwrap();
        let title = format!("Two Ledgers: {said}, traced flow of of whoever");
        assert!(text.contains(&title), "{rule}");
    }
}

#[test]
fn what_funded_a_payment_and_what_was_reached_name_nobody_either() {
    let store = small_case().out.to_str().unwrap();
    let printed = |asked: &[&str]| {
        let mut command = moneytrail(&["trace", store, "--format", "csv"]);
        String::from_utf8(ended(command.args(asked), 0).stdout).unwrap()
    };
    for asked in [
        vec!["--destination", "ledger_b.csv:3"],
        vec!["--source", "ledger_b.csv:3", "--source", "ledger_a.csv:2", "--reach", "3"],
    ] {
        let open = printed(&asked).to_lowercase();
        let shown = printed(&[&asked[..], &["--protect"]].concat()).to_lowercase();
        assert_eq!(shown.lines().count(), open.lines().count(), "{asked:?}");
        let names = ["cato marsh", "ledger_a", "ledger_b", "9001", "quill", "invoice 7"];
        let named = |text: &str| names.iter().filter(|name| text.contains(**name)).count();
        assert!(named(&open) > 0 && named(&shown) == 0, "{asked:?}: {shown}");
    }
}

#[test]
fn a_box_that_a_source_paid_into_says_so_and_no_part_of_a_file_is_left() {
    let range = draw("boxes", "svg", &["--source", DEPOSIT]);
    let text = fs::read_to_string(&range).unwrap();
    assert!(text.contains("A SOURCE PAID IN") && !text.contains("CENTRE"));
    let folder = fs::read_dir(range.parent().unwrap()).unwrap();
    let names: Vec<_> = folder.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["flow.svg"]);
}

#[test]
fn an_ending_that_is_no_format_and_panels_without_a_chart_are_refused() {
    let store = small_case().out.to_str().unwrap();
    let refused = |more: &[&str], code: i32| {
        let mut command = moneytrail(&["trace", store, "--source", DEPOSIT]);
        String::from_utf8(ended(command.args(more), code).stderr).unwrap()
    };
    assert!(refused(&["--chart", "flow.pdf"], 2).contains("none of html, svg, dot, graphml, gexf"));
    assert!(refused(&["--panels"], 2).contains("--chart"));
    assert!(refused(&["--chart", "flow.svg", "--reach", "2"], 2).contains("--reach"));
}

#[test]
fn panels_of_the_commingled_trust_have_every_part_that_was_worked_out_and_no_other() {
    let case = commingled_trust();
    let range = scratch("traced-commingled").join("flow.html");
    let (store, out) = (case.out.to_str().unwrap(), range.to_str().unwrap());
    let asked = ["trace", store, "--source", "sources.toml", "--chart", out, "--panels"];
    ended(moneytrail(&asked).current_dir(&case.folder), 0);
    let truth = case.truth();
    for rule in RULES {
        let sources = [(6, 600_000), (9, 300_000), (11, 100_000)];
        let place = |line: i32| format!("ferndale/1001_2024.csv:{line}");
        let mut expected: BTreeMap<String, i128> =
            sources.into_iter().map(|(line, minor)| (place(line), minor)).collect();
        for one in truth["carried"].as_array().unwrap() {
            let labels = one[rule].as_array().unwrap().iter();
            let sum = labels.map(|text| minor(text.as_str().unwrap(), 2)).sum();
            expected.insert(one["transfer"].as_str().unwrap().to_owned(), sum);
        }
        expected.retain(|_, sum| *sum > 0);
        let page = fs::read_to_string(panel(&range, rule)).unwrap();
        let traced = texts("<td class=\"number traced\">(.*?)</td>", &page);
        let rows: Vec<Vec<String>> =
            ties(&page).into_iter().flat_map(|tie| tie.rows).map(|(_, places)| places).collect();
        assert_eq!(rows.len(), traced.len());
        for (places, traced) in rows.iter().zip(&traced) {
            let found = places.iter().find_map(|place| expected.remove(place));
            assert_eq!(found, Some(minor(traced, 2)), "{rule}: {places:?}");
        }
        assert!(expected.is_empty(), "{rule} does not draw {expected:?}");
    }
}
