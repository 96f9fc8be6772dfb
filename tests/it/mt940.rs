//! SWIFT statements: every file of the shared folder, tag by tag and entry by entry, equals what
//! the Python library `mt-940` wrote down of it; fixtures of our own load end to end.
//!
//! Where that library is known to err, the test says so in one place and compares what it can:
//! it cuts references at 16 letters behind `//`, replaces a reference by the `KREF` of the text,
//! takes a reversed credit for a credit, and takes digits for a currency. Each excuse is counted,
//! and the count is part of the test.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine;
use moneytrail::records::{
    Item, Mt940Details, Mt940Entry, Mt940Field, Mt940Tags, read_mt940_details, read_mt940_field,
    recognise_format, structured_format,
};

use crate::loaded::load_in;
use crate::shared_data::data;
use crate::yaml_tree::{Node, tree};

/// What the library writes down of a file, and what was compared.
#[derive(Default)]
struct Compared {
    files: usize,
    entries: usize,
    fields: usize,
    /// Values that differ for a stated reason, by that reason.
    excused: BTreeMap<&'static str, usize>,
    differing: Vec<String>,
}

impl Compared {
    fn same(&mut self, what: &str, ours: &str, theirs: &str) {
        self.fields += 1;
        if ours != theirs {
            self.differing.push(format!("{what}: {ours:?} is not {theirs:?}"));
        }
    }

    fn excuse(&mut self, why: &'static str) {
        *self.excused.entry(why).or_default() += 1;
    }
}

/// A pickled date: two bytes of year, month, day.
fn day(node: &Node) -> String {
    let text: String = node.list()[0].text().split_whitespace().collect();
    let bytes = base64::engine::general_purpose::STANDARD.decode(text).unwrap();
    format!(
        "{:04}-{:02}-{:02}",
        u16::from(bytes[0]) * 256 + u16::from(bytes[1]),
        bytes[2],
        bytes[3]
    )
}

/// Decimal text without zeros that say nothing.
fn plain(amount: &str) -> String {
    let amount = if amount.contains('.') {
        amount.trim_end_matches('0').trim_end_matches('.')
    } else {
        amount
    };
    if amount == "-0" { "0".to_owned() } else { amount.to_owned() }
}

fn amount(node: &Node) -> (String, String) {
    let number = node.get("amount").list().first().map_or("", Node::text);
    (plain(number), node.get("currency").text().to_owned())
}

fn statement_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(statement_files(&path));
        } else if path.extension().is_some_and(|end| end == "sta") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The tags of a file, folded as the library folds them: the last of a kind stands for the file,
/// and a text belongs to the entry before it whatever stands between.
struct Folded {
    data: BTreeMap<String, (String, String, String)>,
    entries: Vec<(Mt940Entry, String, Vec<String>)>,
}

fn fold(bytes: Vec<u8>) -> Folded {
    let mut tags = Mt940Tags::new(Box::new(std::io::Cursor::new(bytes)));
    let mut folded = Folded { data: BTreeMap::new(), entries: Vec::new() };
    while let Some(tag) = tags.next_tag().unwrap() {
        let read = read_mt940_field(&tag);
        let field = read.unwrap_or_else(|expected| panic!("{tag:?}: {expected}"));
        let mut put = |key: &str, text: String, currency: String, day: String| {
            folded.data.insert(key.to_owned(), (text, currency, day));
        };
        let none = String::new;
        match field {
            Mt940Field::Reference(text) => put("transaction_reference", text, none(), none()),
            Mt940Field::Related(text) => put("related_reference", text, none(), none()),
            Mt940Field::Account(text) => put("account_identification", text, none(), none()),
            Mt940Field::Number(text) => put("statement_number", text, none(), none()),
            Mt940Field::Made(day, _) => put("date", none(), none(), day.to_string()),
            Mt940Field::Balance(one) => {
                let key = match one.id.as_str() {
                    "60F" => "final_opening_balance",
                    "60M" => "intermediate_opening_balance",
                    "62F" => "final_closing_balance",
                    "62M" => "intermediate_closing_balance",
                    "64" => "available_balance",
                    "65" => "forward_available_balance",
                    other => panic!("a balance {other}"),
                };
                put(key, plain(&one.amount), one.currency, one.day.to_string());
            }
            Mt940Field::FloorLimit(one) => {
                for (mark, key) in [('D', "d_floor_limit"), ('C', "c_floor_limit")] {
                    if one.mark.is_none_or(|found| found == mark) {
                        put(key, plain(&one.amount), one.currency.clone(), none());
                    }
                }
            }
            Mt940Field::Sum(one) => {
                let key = if one.id == "90D" { "sum_debit_entries" } else { "sum_credit_entries" };
                put(key, plain(&one.amount), one.currency, one.number);
            }
            Mt940Field::NonSwift(text) => match folded.entries.last_mut() {
                Some(entry) => entry.1 = text,
                None => put("non_swift", text, none(), none()),
            },
            Mt940Field::Entry(entry) => folded.entries.push((*entry, none(), Vec::new())),
            Mt940Field::Details(text) => {
                if let Some(entry) = folded.entries.last_mut() {
                    entry.2.push(text);
                }
            }
        }
    }
    folded
}

fn compare_data(ours: &Folded, theirs: &Node, compared: &mut Compared) {
    let Node::Map(map) = theirs else { panic!("{theirs:?}") };
    for (key, node) in map {
        // Parts of a value that is compared as a whole.
        if key.starts_with("non_swift_") || key == "sequence_number" {
            continue;
        }
        let none = Default::default();
        let (text, currency, other) = ours.data.get(key).unwrap_or(&none);
        match key.as_str() {
            "date" => compared.same(key, other, &day(node)),
            "statement_number" => {
                let parts = format!("{}{}", node.text(), theirs.get("sequence_number").text());
                compared.same(key, &text.replace('/', ""), &parts);
            }
            "account_identification" => {
                let shown: String = text.chars().take(35).collect();
                compared.same(key, &shown, node.text());
            }
            _ if node.has("amount") => {
                let (number, code) = amount(node);
                let (number, code) = match node.get("amount").has("amount") {
                    true => amount(node.get("amount")),
                    false => (number, code),
                };
                if node.has("date") {
                    compared.same(key, other, &day(node.get("date")));
                }
                if node.has("number") {
                    compared.same(key, other, node.get("number").text());
                }
                if code.bytes().all(|byte| byte.is_ascii_digit()) && currency.is_empty() {
                    let digits = text.replace('.', "");
                    assert!(digits.starts_with(&code), "{text} begins with {code}");
                    compared.excuse("digits taken for a currency");
                    continue;
                }
                compared.same(key, &format!("{text} {currency}"), &format!("{number} {code}"));
            }
            _ => compared.same(key, text, node.text()),
        }
    }
}

fn compare_entry(
    (ours, non_swift, texts): &(Mt940Entry, String, Vec<String>),
    theirs: &Node,
    compared: &mut Compared,
) {
    compared.entries += 1;
    let (number, _) = amount(theirs.get("amount"));
    let mark = theirs.get("status").text();
    if mark == "RC" && !number.starts_with('-') {
        compared.excuse("a reversed credit taken for a credit");
        compared.same("amount", plain(&ours.amount).trim_start_matches('-'), &number);
    } else {
        compared.same("amount", &plain(&ours.amount), &number);
    }
    compared.same("mark", &ours.mark, mark);
    compared.same("value date", &ours.value_day.to_string(), &day(theirs.get("date")));
    if theirs.has("guessed_entry_date") {
        let booked = ours.entry_day.map_or(String::new(), |day| day.to_string());
        compared.same("entry date", &booked, &day(theirs.get("guessed_entry_date")));
    } else {
        compared.same("no entry date", &format!("{:?}", ours.entry_day), "None");
    }
    let code = ours.funds_code.map_or(String::new(), |code| code.to_string());
    compared.same("funds code", &code, theirs.get("funds_code").text());
    compared.same("kind", &ours.kind, theirs.get("id").text());
    compared.same("non swift", non_swift, theirs.get("non_swift").text());
    compare_texts(ours, texts, theirs, compared);
}

/// References and text.
fn compare_texts(ours: &Mt940Entry, texts: &[String], theirs: &Node, compared: &mut Compared) {
    let [customer, bank, extra] =
        ["customer_reference", "bank_reference", "extra_details"].map(|key| theirs.get(key).text());
    let replaced = theirs.has("end_to_end_reference");
    let their_parts = [customer.trim(), bank.trim(), extra.trim()];
    let our_parts = [&*ours.customer_reference, &*ours.bank_reference, &*ours.extra];
    if replaced {
        // The text's reference stands behind the tag's, or instead of one it has not.
        let (cut, kref) = customer.split_once('\n').unwrap_or(("", customer));
        let told = read_mt940_details(&texts.concat());
        compared.same("KREF", told.code("KREF"), kref.trim());
        let whole = format!("{}//{}{}", ours.customer_reference, ours.bank_reference, ours.extra);
        let mark = if bank.is_empty() { "" } else { "//" };
        let theirs = format!("{cut}{mark}{bank}{extra}");
        let ours = whole.trim_end_matches('/');
        compared.same("references as one text", &ours[ours.len() - theirs.len()..], &theirs);
        compared.excuse("a reference joined to, or replaced by, the KREF of the text");
    } else if our_parts == their_parts {
        compared.fields += 3;
    } else {
        let mark = |bank: &str| if bank.is_empty() { String::new() } else { format!("//{bank}") };
        let whole = |[customer, bank, extra]: [&str; 3]| format!("{customer}{}{extra}", mark(bank));
        compared.same("references as one text", &whole(our_parts), &whole(their_parts));
        compared.excuse("references cut at 16 letters");
    }
    compare_details(texts, theirs, replaced, compared);
}

/// The text and what it tells.
fn compare_details(texts: &[String], theirs: &Node, replaced: bool, compared: &mut Compared) {
    let text = texts.join("\n");
    if !theirs.has("transaction_code") {
        let found = theirs.get("transaction_details").text();
        let shown = found.strip_suffix("\n-XXX").unwrap_or(found);
        if shown != found {
            compared.excuse("the end of the message taken for text");
        }
        compared.same("text", &text, shown);
        return;
    }
    let told: Mt940Details = read_mt940_details(&text);
    let of = |key: &str| theirs.get(key).text().to_owned();
    compared.same("code", &told.business_code, &of("transaction_code"));
    for (key, from, to) in [
        ("posting_text", 0, 0),
        ("prima_nota", 10, 10),
        ("applicant_bin", 30, 30),
        ("applicant_iban", 31, 31),
        ("applicant_name", 32, 33),
        ("return_debit_notes", 34, 34),
        ("recipient_name", 35, 35),
    ] {
        compared.same(key, &told.joined(from, to), &of(key));
    }
    let additional = of("additional_purpose");
    let found = told.joined(60, 65);
    let shown = found.strip_suffix('?').unwrap_or(&found);
    if shown != found {
        compared.excuse("a question mark lost at the end of the text");
    }
    compared.same("additional_purpose", shown, &additional);
    if !replaced {
        compared.same("purpose", &told.joined(20, 29), &of("purpose"));
        return;
    }
    for (key, word) in [
        ("purpose", "SVWZ"),
        ("end_to_end_reference", "EREF"),
        ("additional_position_reference", "MREF"),
        ("applicant_creditor_id", "CRED"),
        ("deviate_applicant", "ABWA"),
        ("gvc_applicant_iban", "IBAN"),
        ("purpose_code", "PURP"),
    ] {
        compared.same(key, told.code(word), of(key).trim());
    }
}

#[test]
fn every_statement_equals_its_expectation() {
    let Some(folder) = data("bank-formats/mt940") else { return };
    let mut compared = Compared::default();
    for path in statement_files(&folder) {
        let expected = tree(&fs::read_to_string(path.with_extension("yml")).unwrap());
        let ours = fold(fs::read(&path).unwrap());
        let before = compared.differing.len();
        compare_data(&ours, expected.get("data"), &mut compared);
        let entries = expected.get("transactions").list();
        let name = path.strip_prefix(&folder).unwrap().display().to_string();
        compared.same("entries", &ours.entries.len().to_string(), &entries.len().to_string());
        for (entry, theirs) in ours.entries.iter().zip(entries) {
            compare_entry(entry, theirs.get("data"), &mut compared);
        }
        compared.differing[before..].iter_mut().for_each(|one| *one = format!("{name}: {one}"));
        compared.files += 1;
    }
    println!(
        "{} files, {} entries, {} values equal; excused: {:?}",
        compared.files,
        compared.entries,
        compared.fields - compared.differing.len(),
        compared.excused
    );
    assert_eq!(compared.differing, Vec::<String>::new(), "of {} values", compared.fields);
    assert_eq!((compared.files, compared.entries), (49, 209));
    let excused: Vec<(&str, usize)> = compared.excused.into_iter().collect();
    let stated = [
        ("a question mark lost at the end of the text", 1),
        ("a reference joined to, or replaced by, the KREF of the text", 100),
        ("a reversed credit taken for a credit", 2),
        ("digits taken for a currency", 2),
        ("references cut at 16 letters", 16),
        ("the end of the message taken for text", 1),
    ];
    assert_eq!(excused, stated);
}

#[test]
fn every_entry_is_a_record_of_the_reader() {
    let Some(folder) = data("bank-formats/mt940") else { return };
    let format = structured_format("mt940").unwrap();
    let mut records = 0;
    for path in statement_files(&folder) {
        let bytes = fs::read(&path).unwrap();
        let recognised = recognise_format(&bytes).map(|format| format.word);
        let is_none = path.ends_with("invalid_statement.sta");
        assert_eq!(recognised, (!is_none).then_some("mt940"), "{}", path.display());
        let entries = fold(bytes.clone()).entries;
        let mut reader = (format.open)(Box::new(std::io::Cursor::new(bytes)));
        let mut found = Vec::new();
        while let Some(item) = reader.next_item().unwrap() {
            if let Item::Record(record) = item {
                found.push(record);
            }
        }
        assert_eq!(found.len(), entries.len(), "{}", path.display());
        for (record, (entry, ..)) in found.iter().zip(&entries) {
            let value = |name: &str| {
                let one = record.values.iter().find(|one| one.0 == name);
                one.map_or("", |one| one.1.as_str()).to_owned()
            };
            assert_eq!(value("amount"), entry.amount);
            assert_eq!(value("value_date"), entry.value_day.to_string());
            assert_eq!(value("booked"), entry.entry_day.unwrap_or(entry.value_day).to_string());
            records += 1;
        }
    }
    println!("{records} records");
    assert_eq!(records, 209);
}

#[test]
fn every_entry_loads_in_the_currency_it_states() {
    let Some(folder) = data("bank-formats/mt940") else { return };
    let dir = tempfile::tempdir().unwrap();
    let mut text = "title = \"T\"\ncurrency = \"EUR\"\ntimezone = \"UTC\"\n".to_owned();
    for (at, path) in statement_files(&folder).into_iter().enumerate() {
        if path.ends_with("invalid_statement.sta") {
            continue;
        }
        // Some files are copies of others in another envelope; here each stands for itself.
        let name = format!("{at:02}.sta");
        fs::copy(&path, dir.path().join(&name)).unwrap();
        text.push_str(&format!("[[source]]\npath = {name:?}\n"));
    }
    let case = load_in(dir.path(), &text).unwrap();
    let (sources, rejects) = (case.sources().unwrap(), case.rejects().unwrap());
    let mut out: BTreeMap<(String, String), usize> = BTreeMap::new();
    for row in (0..rejects.line.len()).filter(|row| !rejects.kept[*row]) {
        let why = (rejects.column.get(row).to_owned(), rejects.reason.get(row).to_owned());
        *out.entry(why).or_default() += 1;
    }
    let sum = |column: &[i64]| column.iter().sum::<i64>();
    println!("{} read, {} accepted, out: {out:#?}", sum(&sources.read), sum(&sources.accepted));
    let currencies = case.transfers().unwrap().currency.iter();
    let marks = currencies.filter(|one| one.code() == "DEM").count();
    // Marks stay marks; what is out names no account, or an amount beyond its currency's decimals.
    assert_eq!(marks, 20);
    assert!(out.keys().all(|(column, _)| column != "currency"), "{out:?}");
}
