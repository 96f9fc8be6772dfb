//! What `layout suggest` prints for records that others made loads as it is, or after the edits
//! that its own comments ask for.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use moneytrail::Result;
use moneytrail::store::suggest_layout;

use crate::loaded::{case_text, counts, load_in};
use crate::shared_data::data;

/// Answers what the text asks for where it took nothing: the first line that a comment offers.
/// Returns the layout and how many answers it took.
pub fn answered(text: &str) -> (String, usize) {
    let key_of = |line: &str| {
        let (key, value) = line.trim_start_matches("# ").split_once(" = ")?;
        let is_key = key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        (is_key && value.starts_with(['{', '"'])).then(|| key.to_owned())
    };
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut answers = 0;
    for at in 0..lines.len() {
        if !lines[at].starts_with("# ASK: ") {
            continue;
        }
        // The question may go on for some lines; the field's own lines follow it.
        let own: Vec<usize> = (at + 1..lines.len())
            .take_while(|line| !lines[*line].is_empty() && !lines[*line].starts_with("# ASK: "))
            .filter(|line| key_of(&lines[*line]).is_some())
            .collect();
        let offered = own.iter().find(|line| lines[**line].starts_with("# "));
        let taken = own.iter().find(|line| !lines[**line].starts_with("# "));
        match (taken, offered) {
            (None, Some(offered)) => {
                lines[*offered] = lines[*offered].trim_start_matches("# ").to_owned();
                answers += 1;
            }
            (Some(taken), Some(offered)) if lines[*taken].contains("\"?\"") => {
                lines[*taken] = lines[*offered].trim_start_matches("# ").to_owned();
                answers += 1;
            }
            _ => {}
        }
    }
    (lines.join("\n"), answers)
}

/// Kind, answers given, and the counts of one file read by what is suggested for it.
fn suggested(file: &Path) -> Result<(String, usize, [i64; 5])> {
    let (layout, answers) = answered(&suggest_layout(file, None)?);
    let dir = tempfile::tempdir().expect("a temporary directory can be made");
    fs::write(dir.path().join("own.toml"), &layout).expect("a layout can be written");
    let path = file.display().to_string();
    let case = load_in(dir.path(), &case_text(&[(&path, Some("own.toml"))]))
        .unwrap_or_else(|refused| panic!("{path}: {refused}\n{layout}"));
    let kind = layout.lines().find_map(|line| line.strip_prefix("record = ")).unwrap_or_default();
    Ok((kind.trim_matches('"').to_owned(), answers, counts(&case, 0)))
}

fn tables(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            tables(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "csv") {
            found.push(path);
        }
    }
}

/// Files that hold no records of a case, and are refused with their columns.
const NO_RECORDS: [&str; 5] = [
    "acris_country_codes",
    "acris_document_control_codes",
    "acris_real_property_master",
    "acris_real_property_remarks",
    "summaries",
];

/// The kind that a file's rows are of, where the suggestion must find it.
const KINDS: [(&str, &str); 15] = [
    ("accounts_sample", "account-holders"),
    ("transactions_sample", "bank-transfers"),
    ("edges_rollup", "ties"),
    ("Montagna_phonecalls_edgelist", "ties"),
    ("acris_real_property_parties", "parties"),
    ("acris_real_property_legals", "ties"),
    ("dataset1", "parties"),
    ("fake_1000_from_splink_demos", "parties"),
    ("Account", "accounts"),
    ("AccountTransferAccount", "bank-transfers"),
    ("AccountRepayLoan", "ties"),
    ("Loan", "loans"),
    ("Medium", "devices"),
    ("PersonOwnAccount", "account-holders"),
    ("PersonInvestCompany", "ties"),
];

#[test]
fn suggestions_for_shared_data_load_with_the_edits_they_ask_for() {
    let folders = [
        "amlworld-patterns",
        "call-detail-dto",
        "montagna-calls",
        "nyc-acris",
        "identity",
        "finbench-reads/micro",
    ];
    let mut files = Vec::new();
    for folder in folders {
        if let Some(folder) = data(folder) {
            tables(&folder, &mut files);
        }
    }
    let mut kinds: BTreeMap<String, String> = BTreeMap::new();
    println!("file, kind, edits, read, accepted, rejected");
    // The call returns have one layout; four of them are as good as nineteen.
    let mut returns = 0;
    for file in &files {
        returns += u32::from(file.to_string_lossy().ends_with("_CDR.csv"));
        if returns > 4 && file.to_string_lossy().ends_with("_CDR.csv") {
            continue;
        }
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let refused = NO_RECORDS.contains(&name.as_str());
        match suggested(file) {
            Ok((kind, answers, [read, accepted, rejected, ..])) => {
                println!("{name}, {kind}, {answers}, {read}, {accepted}, {rejected}");
                assert!(!refused, "{name} holds no records of a case");
                // The lots without a street, the parties without a name: empty in the file itself.
                assert_eq!(read, accepted + rejected, "{name}");
                assert!(rejected * 2 <= read, "{name}: {rejected} of {read} are out");
                if name.ends_with("_CDR") {
                    assert_eq!((kind.as_str(), answers, rejected), ("call-detail", 0, 0), "{name}");
                }
                kinds.insert(name, kind);
            }
            Err(error) => {
                println!("{name}, refused: {error}");
                assert!(refused, "{name}: {error}");
                assert!(error.to_string().contains("the columns found are"), "{error}");
            }
        }
    }
    for (name, kind) in KINDS {
        if let Some(found) = kinds.get(name) {
            assert_eq!(found, kind, "{name}");
        }
    }
    // Its amounts have up to fourteen decimals; they are payments all the same.
    if let Some(folder) = data("finbench-reads/driver_example/snapshot") {
        let (kind, _, [read, accepted, ..]) =
            suggested(&folder.join("AccountWithdrawAccount.csv")).unwrap();
        assert_eq!((kind.as_str(), read), ("bank-transfers", accepted));
    }
    // 19 call returns, 18 tables of the transfer graph, and the others by name.
    assert!(files.is_empty() || files.len() >= 53, "{} files", files.len());
}

#[test]
fn a_return_of_every_shape_loads_by_its_suggestion() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases/harbor-street");
    for (file, kind) in [
        ("merrow/statement_4410000063.csv", "bank-statement"),
        ("merrow/signature_cards.csv", "account-holders"),
        ("castellan/activity.csv", "bank-statement"),
        ("castellan/payments_sent.csv", "bank-transfers"),
        ("castellan/customers.csv", "account-holders"),
        ("bayline/calls.csv", "call-detail"),
        ("bayline/subscribers.csv", "subscribers"),
        ("kestrel/events.tsv", "call-detail"),
        ("kestrel/subscribers.tsv", "subscribers"),
        ("leases/leases.csv", "leases"),
    ] {
        let (found, answers, [read, accepted, rejected, ..]) =
            suggested(&root.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        println!("{file}, {found}, {answers}, {read}, {accepted}, {rejected}");
        assert_eq!(found, kind, "{file}");
        // One amount and one date were damaged when the case was made; some names are UNKNOWN.
        assert!(rejected <= 4 && read > 10, "{file}: {rejected} of {read} are out");
    }
}
