//! The loader on records that others made: what it says equals what a plain count of the same
//! files says. A folder that is absent is passed over in one line.
//!
//! The data lie in `../shared/data`, or where `MONEYTRAIL_SHARED` points.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use moneytrail::model::{Digits, EntityKind};
use moneytrail::store::{Case, Sources};
use serde_json::Value;
use tempfile::TempDir;

use crate::loaded::{counts, load_in, rejects};

/// The folder of one data set, if it is there.
pub fn data(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("MONEYTRAIL_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"),
        PathBuf::from,
    );
    let folder = root.join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: {} is absent", folder.display());
    None
}

/// The case file of that name, loaded in `dir` with the data set's folder filled in.
fn load_case(dir: &Path, name: &str, folder: &Path) -> Case {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/shared");
    let text = fs::read_to_string(root.join("cases").join(format!("{name}.toml"))).unwrap();
    let layouts = root.join("layouts").display().to_string();
    let data = folder.parent().unwrap().display().to_string();
    load_in(dir, &text.replace("LAYOUTS", &layouts).replace("DATA", &data)).unwrap()
}

fn started(name: &str) -> Option<(TempDir, PathBuf)> {
    Some((tempfile::tempdir().unwrap(), data(name)?))
}

/// Rows of a comma-separated file by column name; only for files without line breaks in cells.
fn rows_of(path: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(path).unwrap();
    reader.deserialize().map(|row| row.unwrap()).collect()
}

/// Minor units of a decimal text, exactly.
fn minor(text: &str, digits: u8) -> i128 {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let digits = usize::from(digits);
    let decimals = decimals.trim_end_matches('0');
    assert!(decimals.len() <= digits, "{text} has more than {digits} decimals");
    format!("{whole}{decimals:0<digits$}").parse().unwrap()
}

/// One payment as the data set writes it.
struct Payment {
    from: String,
    to: String,
    paid: (String, i128),
    received: (String, i128),
}

const CURRENCIES: [(&str, &str, u8); 15] = [
    ("US Dollar", "USD", 2),
    ("Euro", "EUR", 2),
    ("Swiss Franc", "CHF", 2),
    ("Yuan", "CNY", 2),
    ("Rupee", "INR", 2),
    ("Yen", "JPY", 2),
    ("UK Pound", "GBP", 2),
    ("Bitcoin", "XBT", 8),
    ("Ruble", "RUB", 2),
    ("Shekel", "ILS", 2),
    ("Brazil Real", "BRL", 2),
    ("Canadian Dollar", "CAD", 2),
    ("Mexican Peso", "MXN", 2),
    ("Saudi Riyal", "SAR", 2),
    ("Australian Dollar", "AUD", 2),
];

fn money(word: &str, amount: &str) -> (String, i128) {
    let (_, code, digits) = CURRENCIES.iter().find(|one| one.0 == word).unwrap();
    ((*code).to_owned(), minor(amount, *digits))
}

/// The attempts of the nested JSON as payments, and as a file in the layout of the data set.
fn attempts(folder: &Path) -> (Vec<Payment>, String) {
    let text = fs::read_to_string(folder.join("laundering_patterns_normalized.json")).unwrap();
    let json: Value = serde_json::from_str(&text).unwrap();
    let mut payments = Vec::new();
    let mut file = "Timestamp,From Bank,Account,To Bank,Account,Amount Received,Receiving \
                    Currency,Amount Paid,Payment Currency,Payment Format,Is Laundering\n"
        .to_owned();
    for attempt in json["patterns"].as_array().unwrap() {
        let one = attempt["transactions"].as_array().unwrap();
        assert_eq!(one.len() as u64, attempt["transaction_count"].as_u64().unwrap());
        for payment in one {
            let text = |key: &str| match &payment[key] {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let columns = [
                "timestamp",
                "from_bank",
                "from_account",
                "to_bank",
                "to_account",
                "amount_received",
                "receiving_currency",
                "amount_paid",
                "payment_currency",
                "payment_format",
                "is_laundering",
            ];
            file.push_str(&columns.map(text).join(","));
            file.push('\n');
            payments.push(Payment {
                from: format!("{}/{}", text("from_bank"), text("from_account")),
                to: format!("{}/{}", text("to_bank"), text("to_account")),
                paid: money(&text("payment_currency"), &text("amount_paid")),
                received: money(&text("receiving_currency"), &text("amount_received")),
            });
        }
    }
    (payments, file)
}

fn ordinary(folder: &Path) -> Vec<Payment> {
    rows_of(&folder.join("transactions_sample.csv"))
        .iter()
        .map(|row| Payment {
            from: format!("{}/{}", row["from_bank_id"], row["from_account_id"]),
            to: format!("{}/{}", row["to_bank_id"], row["to_account_id"]),
            paid: money(&row["payment_currency"], &row["amount_paid"]),
            received: money(&row["receiving_currency"], &row["amount_received"]),
        })
        .collect()
}

/// Transfers and minor units by key.
type Totals<K> = BTreeMap<K, (u64, i128)>;

fn add<K: Ord>(totals: &mut Totals<K>, key: K, minor: i128) {
    let total = totals.entry(key).or_default();
    *total = (total.0 + 1, total.1 + minor);
}

#[test]
fn amlworld_payments_are_all_in_to_the_last_minor_unit() {
    let Some((dir, folder)) = started("amlworld-patterns") else { return };
    let (mut payments, file) = attempts(&folder);
    assert_eq!(payments.len(), 3_209);
    fs::write(dir.path().join("attempts.csv"), file).unwrap();
    payments.extend(ordinary(&folder));
    let case = load_case(dir.path(), "amlworld-patterns", &folder);

    assert_eq!(counts(&case, 0)[..4], [3_209, 3_209, 0, 0]);
    assert_eq!(counts(&case, 1)[..4], [1_000, 1_000, 0, 0]);
    let holders = rows_of(&folder.join("accounts_sample.csv")).len() as i64;
    assert_eq!(counts(&case, 2)[..4], [holders, holders, 0, 0]);
    assert_eq!(case.holdings().unwrap().line.len() as i64, holders);
    let layouts: Vec<&str> = case.sources().unwrap().layout.iter().collect();
    assert_eq!(layouts, ["ibm-aml", "aml-transfers", "aml-holders"]);
    assert_eq!(rejects(&case), []);
    // No two of these records are readings of one transfer, so each is a transfer of its own.
    assert_eq!(case.refs().unwrap().row, Vec::<u32>::new());

    let transfers = case.transfers().unwrap();
    let accounts = case.names(EntityKind::Account).unwrap();
    let (mut sums, mut pairs) = (Totals::new(), Totals::new());
    for row in 0..transfers.line.len() {
        let name = |account: u32| accounts.get(account as usize).to_owned();
        let (from, to) = (name(transfers.from_account[row]), name(transfers.to_account[row]));
        let code = transfers.currency[row].code().to_owned();
        let minor = i128::from(transfers.amount_minor[row]);
        add(&mut sums, code.clone(), minor);
        add(&mut pairs, (from, to, code), minor);
    }
    let (mut stated_sums, mut stated_pairs) = (Totals::new(), Totals::new());
    for one in &payments {
        let (code, minor) = &one.paid;
        add(&mut stated_sums, code.clone(), *minor);
        add(&mut stated_pairs, (one.from.clone(), one.to.clone(), code.clone()), *minor);
    }
    assert_eq!(sums, stated_sums);
    assert!(pairs == stated_pairs, "the totals of {} pairs are equal", stated_pairs.len());
    assert_eq!(received_by_currency(&case), stated_received(&payments));
    yen_keep_their_decimals(&case);
}

/// What arrived, by currency: a transfer without a conversion arrives as it left.
fn received_by_currency(case: &Case) -> Totals<String> {
    let (transfers, conversions) = (case.transfers().unwrap(), case.conversions().unwrap());
    let mut arrived: Vec<(String, i64)> = (0..transfers.line.len())
        .map(|row| (transfers.currency[row].code().to_owned(), transfers.amount_minor[row]))
        .collect();
    for at in 0..conversions.transfer.len() {
        let code = conversions.received_currency[at].code().to_owned();
        arrived[conversions.transfer[at] as usize] = (code, conversions.received_minor[at]);
    }
    let mut totals = Totals::new();
    arrived.into_iter().for_each(|(code, minor)| add(&mut totals, code, i128::from(minor)));
    totals
}

fn stated_received(payments: &[Payment]) -> Totals<String> {
    let mut totals = Totals::new();
    payments.iter().for_each(|one| add(&mut totals, one.received.0.clone(), one.received.1));
    totals
}

fn yen_keep_their_decimals(case: &Case) {
    let digits: &Digits = &case.manifest().digits;
    let yen = "JPY".parse().unwrap();
    assert_eq!((digits.of(yen), digits.of("XBT".parse().unwrap())), (2, 8));
    let transfers = case.transfers().unwrap();
    let of_attempts = (0..transfers.line.len())
        .filter(|row| transfers.currency[*row] == yen && transfers.source[*row] == 0);
    let amounts: Vec<i64> = of_attempts.map(|row| transfers.amount_minor[row]).collect();
    let with_decimals = amounts.iter().filter(|minor| *minor % 100 != 0).count();
    assert_eq!((amounts.len(), with_decimals), (89, 88));
}

/// The returns without what the program must not know, under names that say nothing.
fn hide_roles(folder: &Path, to: &Path) -> usize {
    fs::create_dir(to).unwrap();
    let mut files: Vec<PathBuf> = fs::read_dir(folder.join("call_detail_records"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    for (at, file) in files.iter().enumerate() {
        let text = fs::read_to_string(file).unwrap();
        let mut hidden = String::with_capacity(text.len());
        for (row, line) in text.lines().enumerate() {
            let mut cells: Vec<&str> = line.split(',').collect();
            assert_eq!(cells.len(), 17, "no cell holds a comma");
            if row > 0 {
                (cells[1], cells[2]) = ("", "");
            }
            hidden.push_str(&cells.join(","));
            hidden.push('\n');
        }
        for role in ["LEADER", "DISTRIBUTOR", "DRIVER"] {
            assert!(!hidden.contains(role), "{role} is hidden");
        }
        fs::write(to.join(format!("return_{at:02}.csv")), hidden).unwrap();
    }
    files.len()
}

#[test]
fn call_detail_pair_totals_equal_the_rollup() {
    let Some((dir, folder)) = started("call-detail-dto") else { return };
    let files = hide_roles(&folder, &dir.path().join("returns"));
    let case = load_case(dir.path(), "call-detail-dto", &folder);
    let sources: &Sources = case.sources().unwrap();
    assert_eq!(files, 19);
    assert_eq!(sources.layout.iter().collect::<Vec<_>>(), ["call-detail-events"; 19]);
    assert_eq!(sources.accepted.iter().sum::<i64>(), 113_277);
    assert_eq!(sources.rejected.iter().chain(&sources.duplicate).sum::<i64>(), 0);

    // The rollup counts every row of every return. Each has a record id of its own, so that
    // counting ids gives the same; a call that stands in two returns counts by its records.
    let (calls, refs) = (case.calls().unwrap(), case.refs().unwrap());
    let phones = case.names(EntityKind::Phone).unwrap();
    let pair = |row: usize| {
        let phone = |from: &[u32]| phones.get(from[row] as usize).to_owned();
        (phone(&calls.from_phone), phone(&calls.to_phone))
    };
    let mut totals: BTreeMap<(String, String), u64> = BTreeMap::new();
    let further = (0..refs.row.len()).filter(|at| refs.of.get(*at) == "calls");
    let rows = (0..calls.line.len()).chain(further.map(|at| refs.row[at] as usize));
    rows.for_each(|row| *totals.entry(pair(row)).or_default() += 1);
    let stated: BTreeMap<(String, String), u64> = rows_of(&folder.join("extras/edges_rollup.csv"))
        .into_iter()
        .map(|row| ((row["Source"].clone(), row["Target"].clone()), row["Weight"].parse().unwrap()))
        .collect();
    assert_eq!(stated.len(), 926);
    assert_eq!(totals, stated);
}

#[test]
fn montagna_ties_keep_their_number_and_weight() {
    let Some((dir, folder)) = started("montagna-calls") else { return };
    let case = load_case(dir.path(), "montagna-calls", &folder);
    let ties = case.ties().unwrap();
    let parties = case.parties().unwrap();
    for (source, kind, relation) in [(0, "phonecalls", "called"), (1, "meetings", "met")] {
        let path = folder.join(format!("Montagna_{kind}_edgelist.csv"));
        let text = fs::read_to_string(path).unwrap();
        let mut stated: Vec<(String, String, f64)> = text
            .lines()
            .map(|line| {
                let cells: Vec<&str> = line.split_ascii_whitespace().collect();
                (cells[0].to_owned(), cells[1].to_owned(), cells[2].parse().unwrap())
            })
            .collect();
        let mut found: Vec<(String, String, f64)> = (0..ties.line.len())
            .filter(|row| ties.source[*row] == source)
            .map(|row| {
                assert_eq!(ties.relation.get(row), relation);
                let name = |party: u32| parties.name.get(party as usize).to_owned();
                (name(ties.from_row[row]), name(ties.to_row[row]), ties.weight[row].unwrap())
            })
            .collect();
        let by_ends = |one: &(String, String, f64), other: &(String, String, f64)| {
            (&one.0, &one.1).cmp(&(&other.0, &other.1)).then(one.2.total_cmp(&other.2))
        };
        stated.sort_by(by_ends);
        found.sort_by(by_ends);
        let weight = |rows: &[(String, String, f64)]| rows.iter().map(|one| one.2).sum::<f64>();
        assert_eq!((found.len(), weight(&found)), (stated.len(), weight(&stated)));
        assert_eq!(found, stated);
        assert_eq!(counts(&case, source as usize)[1], stated.len() as i64);
    }
    assert_eq!(rejects(&case), []);
}

#[test]
fn property_records_load_as_ties_parties_and_premises() {
    let Some((dir, folder)) = started("nyc-acris") else { return };
    let case = load_case(dir.path(), "nyc-acris", &folder);
    let file = |kind: &str| rows_of(&folder.join(format!("acris_real_property_{kind}.csv")));
    let (documents, lots) = (file("master"), file("legals"));
    let (people, references) = (file("parties"), file("references"));
    let without_street = |row: &&BTreeMap<String, String>| {
        ["STREET NUMBER", "STREET NAME", "UNIT"].iter().all(|column| row[*column].is_empty())
    };
    let unaddressed = lots.iter().filter(without_street).count() as i64;
    assert!(unaddressed > 0, "the sample holds lots without an address");
    let stated = [documents.len(), lots.len(), lots.len(), people.len(), people.len()];
    for (source, rows) in stated.into_iter().chain([references.len()]).enumerate() {
        let rejected = if source == 2 { unaddressed } else { 0 };
        let rows = rows as i64;
        assert_eq!(counts(&case, source), [rows, rows - rejected, rejected, 0, 1], "{source}");
    }
    // A lot without a street is the one thing that cannot be read, and each is named. A cell that
    // reads like several names stays one, and that is said.
    let (noted, out): (Vec<_>, Vec<_>) = rejects(&case).into_iter().partition(|one| one.3);
    assert!(noted.iter().all(|one| one.1 == "NAME" && one.2.contains(" & ")), "{noted:?}");
    let lines: Vec<u32> = out.iter().map(|one| one.0).collect();
    let expected: Vec<u32> =
        (2..).zip(&lots).filter(|(_, row)| without_street(row)).map(|(line, _)| line).collect();
    assert_eq!(lines, expected);
    let ties = case.ties().unwrap();
    let amounts = (0..ties.line.len()).filter(|row| ties.source[*row] == 0);
    let total: i128 = amounts.map(|row| i128::from(ties.amount_minor[row].unwrap())).sum();
    assert_eq!(total, documents.iter().map(|row| minor(&row["DOC. AMOUNT"], 2)).sum::<i128>());
    let undated = (0..ties.line.len())
        .filter(|row| ties.source[*row] == 0 && ties.start[*row].is_none())
        .count();
    let stated = documents.iter().filter(|row| row["DOC. DATE"].is_empty()).count();
    assert_eq!(undated, stated);
}

#[test]
fn person_records_load_and_every_unread_value_is_listed() {
    let Some((dir, folder)) = started("identity") else { return };
    let case = load_case(dir.path(), "identity", &folder);
    let sources = case.sources().unwrap();
    assert_eq!(sources.source.len(), 6);
    let unread = rejects(&case);
    let table = case.rejects().unwrap();
    for source in 0..sources.source.len() {
        let rows = rows_of(Path::new(sources.source.get(source)));
        let names = if source < 5 { ["given_name", "surname"] } else { ["first_name", "surname"] };
        let nameless: Vec<u32> = (2..)
            .zip(&rows)
            .filter(|(_, row)| names.iter().all(|name| row[*name].is_empty()))
            .map(|(line, _)| line)
            .collect();
        let out: Vec<u32> = (0..unread.len())
            .filter(|row| table.source[*row] == source as u32 && !unread[*row].3)
            .map(|row| unread[row].0)
            .collect();
        assert_eq!(out, nameless);
        let [read, accepted, ..] = counts(&case, source);
        assert_eq!((read, accepted), (rows.len() as i64, (rows.len() - out.len()) as i64));
    }
    // The typed-in errors leave dates of no calendar; their records stand.
    assert!(unread.iter().filter(|one| one.3).all(|one| one.1 == "date_of_birth"));
    let born = case.parties().unwrap().born.iter().filter(|day| day.is_some()).count();
    assert!(born > 5_000, "{born} parties have a birth date");
}
