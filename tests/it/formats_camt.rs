//! ISO 20022 account reports and payments that others made: equal to their expected parse where
//! there is one, read or refused with line and reason where not, and never a panic.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use moneytrail::records::{
    Item, Reject, Statement, StructuredReader, StructuredRecord, recognise_format,
    structured_format,
};
use serde_json::Value;

use crate::shared_data::data;

/// What a reader gave of one source.
#[derive(Debug, Default)]
struct Found {
    records: Vec<StructuredRecord>,
    statements: Vec<Statement>,
    rejects: Vec<Reject>,
}

impl Found {
    /// Records and rejects of every entry, by the entry's path, in the order of the file.
    fn entries(&self) -> Vec<(String, Vec<&StructuredRecord>, Vec<&Reject>)> {
        let mut found: BTreeMap<u32, (String, Vec<&StructuredRecord>, Vec<&Reject>)> =
            BTreeMap::new();
        let mut first: BTreeMap<String, u32> = BTreeMap::new();
        let mut slot = |path: &str, line: u32| {
            let end = path.find("Ntry[").and_then(|at| path[at..].find(']').map(|to| at + to + 1));
            let entry = path[..end.unwrap_or(path.len())].to_owned();
            let at = *first.entry(entry.clone()).or_insert(line);
            (at, entry)
        };
        for record in &self.records {
            let path = record.place.split_once(", ").unwrap().1;
            let (at, entry) = slot(path, record.line);
            found.entry(at).or_insert_with(|| (entry, vec![], vec![])).1.push(record);
        }
        for reject in &self.rejects {
            let place = reject.place.split_once(", ").unwrap().1;
            let (at, entry) = slot(place, reject.line);
            found.entry(at).or_insert_with(|| (entry, vec![], vec![])).2.push(reject);
        }
        found.into_values().collect()
    }
}

fn read_as(word: &str, bytes: &[u8]) -> Found {
    let open = structured_format(word).unwrap().open;
    let mut reader: Box<dyn StructuredReader> = open(Box::new(Cursor::new(bytes.to_vec())));
    let mut found = Found::default();
    let mut last = 0;
    while let Some(item) = reader.next_item().unwrap() {
        let line = match item {
            Item::Record(record) => {
                found.records.push(record);
                found.records.last().unwrap().line
            }
            Item::Reject(reject) => {
                found.rejects.push(reject);
                let reject = found.rejects.last().unwrap();
                assert!(reject.place.starts_with("line "), "{reject:?}");
                if reject.kept {
                    assert_eq!(reject.line, last, "a remark follows its record");
                    continue;
                }
                reject.line
            }
            Item::Statement(statement) => {
                found.statements.push(statement);
                continue;
            }
        };
        assert_eq!(line, last + 1, "numbers ascend by one");
        last = line;
    }
    found
}

fn value<'a>(record: &'a StructuredRecord, field: &str) -> &'a str {
    record.values.iter().find(|(name, _)| *name == field).map_or("", |(_, text)| text)
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_str().unwrap().ends_with(ending))
        .collect();
    found.sort();
    found
}

fn digits(currency: &str) -> u32 {
    if currency == "JPY" { 0 } else { 2 }
}

/// Minor units of a decimal text; what is beyond them must be zero.
fn minor(text: &str, currency: &str) -> i128 {
    let (sign, text) = match text.strip_prefix('-') {
        Some(text) => (-1, text),
        None => (1, text),
    };
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let kept = decimals.trim_end_matches('0');
    let digits = digits(currency) as usize;
    assert!(kept.len() <= digits, "{text} {currency}");
    sign * format!("{whole}{kept:0<digits$}").parse::<i128>().unwrap()
}

/// Money of the expected parse, as minor units and currency.
fn money(value: &Value) -> (i128, String) {
    let minor = value["getAmount"].as_str().unwrap().parse().unwrap();
    (minor, value["getCurrency"]["getCode"].as_str().unwrap().to_owned())
}

/// How many values of each kind were compared.
#[derive(Default)]
struct Compared(BTreeMap<&'static str, u32>);

impl Compared {
    #[track_caller]
    fn same(&mut self, what: &'static str, found: &str, expected: &str, place: &str) {
        assert_eq!(found, expected, "{what} at {place}");
        *self.0.entry(what).or_default() += 1;
    }

    #[track_caller]
    fn within(&mut self, what: &'static str, found: &str, part: &str, place: &str) {
        assert!(found.contains(part), "{what} at {place}: {part:?} is not in {found:?}");
        *self.0.entry(what).or_default() += 1;
    }
}

/// The expected text of a date: a day where the source gives one, else the time with its zone.
fn same_date(compared: &mut Compared, what: &'static str, found: &str, date: &Value, at: &str) {
    let expected = date["0"].as_str().unwrap();
    if found.len() == 10 {
        return compared.same(what, found, &expected[..10], at);
    }
    let instant = |text: &str| text.parse::<jiff::Timestamp>().unwrap().to_string();
    compared.same(what, &instant(found), &instant(expected), at);
}

fn compare_entry(
    compared: &mut Compared,
    expected: &Value,
    record: &Value,
    (place, records, rejects): &(String, Vec<&StructuredRecord>, Vec<&Reject>),
) {
    let status = expected["getStatus"].as_str().unwrap();
    let dated = !expected["getBookingDate"].is_null() || !expected["getValueDate"].is_null();
    if status != "BOOK" || !dated {
        assert!(records.is_empty(), "{place} is not booked");
        let reason = if status == "BOOK" { "neither a booking date" } else { "not booked" };
        compared.within("set aside", &rejects[0].reason, reason, place);
        return;
    }
    assert!(rejects.iter().all(|reject| reject.kept), "{place} {rejects:?}");
    let (whole, currency) = money(&expected["getAmount"]);
    let leaves = expected["getCreditDebitIndicator"] == "DBIT";
    assert_eq!(leaves, whole < 0, "{place}");
    let sum: i128 = records.iter().map(|one| minor(value(one, "amount"), &currency)).sum();
    compared.same("amount", &sum.to_string(), &whole.to_string(), place);
    let account = record["getAccount"]["getIdentification"].as_str().unwrap();
    for one in records {
        compared.same("currency", value(one, "currency"), &currency, place);
        compared.same("account", value(one, "account"), account, place);
        compare_booking(compared, expected, one, place);
    }
    compare_code(compared, expected, records, place);
    let details = expected["getTransactionDetails"].as_array().cloned().unwrap_or_default();
    let details: Vec<Value> = details
        .into_iter()
        .map(|one| if one.is_object() { one } else { expected["getTransactionDetail"].clone() })
        .collect();
    if records.len() > 1 {
        assert_eq!(records.len(), details.len(), "{place}");
        *compared.0.entry("entries split").or_default() += 1;
    } else if details.len() > 1 {
        *compared.0.entry("batches kept whole").or_default() += 1;
        return;
    }
    for (one, detail) in records.iter().zip(&details) {
        compare_detail(compared, one, detail, place);
    }
    if details.is_empty()
        && let Some(batch) = expected["getBatchPaymentId"].as_str()
    {
        compared.within("batch", value(records[0], "reference"), batch, place);
    }
}

/// What an entry says of every payment in it: its days, its references and its text.
fn compare_booking(compared: &mut Compared, expected: &Value, one: &StructuredRecord, place: &str) {
    let value_date = &expected["getValueDate"];
    let booked = &expected["getBookingDate"];
    let booked = if booked.is_null() { value_date } else { booked };
    same_date(compared, "booked", value(one, "booked"), booked, place);
    if !value_date.is_null() {
        same_date(compared, "value date", value(one, "value_date"), value_date, place);
    }
    let reversal = expected["getReversalIndicator"] == true;
    let marked = value(one, "description").contains("(reversal)");
    compared.same("reversal", &marked.to_string(), &reversal.to_string(), place);
    for key in ["getAccountServicerReference", "getReference"] {
        if let Some(reference) = expected[key].as_str() {
            compared.within("entry reference", value(one, "reference"), reference, place);
        }
    }
    if let Some(text) = expected["getAdditionalInfo"].as_str() {
        compared.within("additional information", value(one, "description"), text, place);
    }
}

/// The bank's code is the description of an entry that says nothing else.
fn compare_code(
    compared: &mut Compared,
    expected: &Value,
    records: &[&StructuredRecord],
    place: &str,
) {
    let code = &expected["getBankTransactionCode"];
    let domain = &code["getDomain"];
    let texts = [
        &domain["getCode"],
        &domain["getFamily"]["getCode"],
        &domain["getFamily"]["getSubFamilyCode"],
        &code["getProprietary"]["getCode"],
    ];
    let texts: Vec<&str> = texts.into_iter().filter_map(Value::as_str).collect();
    let expected = match texts.get(..3).unwrap_or_default() {
        [_, "RCDT" | "ICDT", "XBCT"] => Some("wire"),
        [_, "RCDT" | "ICDT", "ESCT" | "SALA"] => Some("ach"),
        [_, _, "DMCT" | "0003"] => Some(""),
        _ => None,
    };
    for one in records {
        if let Some(channel) = expected {
            compared.same("channel", value(one, "channel"), channel, place);
        }
    }
}

fn compare_detail(compared: &mut Compared, one: &StructuredRecord, detail: &Value, place: &str) {
    let references = &detail["getReference"];
    for (key, text) in references.as_object().into_iter().flatten() {
        if key != "__CLASS__"
            && let Some(text) = text.as_str().filter(|text| *text != "NOTPROVIDED")
        {
            compared.within("payment reference", value(one, "reference"), text, place);
        }
    }
    for own in references["getProprietaries"].as_array().into_iter().flatten() {
        let text = own["getReference"].as_str().unwrap_or_default();
        compared.within("payment reference", value(one, "reference"), text, place);
    }
    let information = &detail["getRemittanceInformation"];
    let mut texts: BTreeSet<&str> = BTreeSet::new();
    for block in information["getUnstructuredBlocks"].as_array().into_iter().flatten() {
        texts.extend(block["getMessage"].as_str());
    }
    texts.extend(information["getMessage"].as_str());
    for block in information["getStructuredBlocks"].as_array().into_iter().flatten() {
        texts.extend(block["getCreditorReferenceInformation"]["getRef"].as_str());
        texts.extend(block["getAdditionalRemittanceInformation"].as_str());
    }
    for text in texts {
        compared.within("remittance", value(one, "description"), text, place);
    }
    let leaves = value(one, "amount").starts_with('-');
    let wanted = if leaves { "Creditor" } else { "Debtor" };
    let own = value(one, "account");
    let mut expected = (String::new(), String::new());
    let mut is_iban = false;
    let parties = detail["getRelatedParties"].as_array().cloned().unwrap_or_default();
    for side in [wanted.to_owned(), format!("Ultimate{wanted}")] {
        let kind = |party: &&Value| {
            let class = party["getRelatedPartyType"]["__CLASS__"].as_str().unwrap_or_default();
            class.ends_with(&format!("\\{side}"))
        };
        for party in parties.iter().filter(kind) {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let account = text(&party["getAccount"]["getIdentification"]);
            if account == own {
                return;
            }
            if expected.0.is_empty() {
                is_iban = party["getAccount"]["getIban"].is_object();
                expected.0 = account;
            }
            if expected.1.is_empty() {
                expected.1 = text(&party["getRelatedPartyType"]["getName"]);
            }
        }
    }
    compared.same("counterparty account", value(one, "counterparty_account"), &expected.0, place);
    compared.same("counterparty name", value(one, "counterparty_name"), &expected.1, place);
    for agent in detail["getRelatedAgents"].as_array().into_iter().flatten() {
        let agent = &agent["getRelatedAgentType"];
        let named = agent["__CLASS__"].as_str().unwrap_or_default();
        if let Some(bic) = agent["getBIC"].as_str().filter(|bic| !bic.is_empty())
            && named.ends_with(&format!("\\{wanted}Agent"))
        {
            // An IBAN is one account whatever bank is named beside it.
            let bic = if is_iban { "" } else { bic };
            compared.same("counterparty bank", value(one, "counterparty_bank"), bic, place);
        }
    }
}

fn compare_statement(compared: &mut Compared, found: &Statement, expected: &Value, at: &str) {
    let account = expected["getAccount"]["getIdentification"].as_str().unwrap();
    compared.same("statement account", &found.account, account, at);
    let number = ["getElectronicSequenceNumber", "getId"];
    let number = number.iter().find_map(|key| expected[key].as_str()).unwrap();
    compared.same("statement number", &found.number, number, at);
    for (key, day) in [("getFromDate", &found.days.0), ("getToDate", &found.days.1)] {
        if !expected[key].is_null() {
            same_date(compared, "statement day", day, &expected[key], at);
        }
    }
    for (kind, balance) in [("opening", &found.opening), ("closing", &found.closing)] {
        let balances = expected["getBalances"].as_array().unwrap();
        let stated = balances.iter().find(|one| one["getType"] == kind);
        let stated = stated.map(|one| money(&one["getAmount"]));
        // A balance in a currency that is not the account's says nothing of the account.
        let stated = stated.filter(|(_, currency)| *currency == found.currency);
        let balance =
            balance.as_ref().map(|text| (minor(text, &found.currency), found.currency.clone()));
        assert_eq!(balance, stated, "{kind} balance at {at}");
        *compared.0.entry("balance").or_default() += u32::from(balance.is_some());
    }
}

#[test]
fn account_reports_equal_their_expected_parse() {
    let Some(folder) = data("bank-formats/camt/test/data") else { return };
    let mut compared = Compared::default();
    let (mut sources, mut records) = (0, 0);
    for path in files(&folder, ".xml") {
        let bytes = fs::read(&path).unwrap();
        assert_eq!(recognise_format(&bytes[..bytes.len().min(4_096)]).unwrap().word, "camt");
        let found = read_as("camt", &bytes);
        sources += 1;
        records += found.records.len();
        let json = path.with_extension("json");
        let Ok(text) = fs::read_to_string(&json) else {
            assert!(found.records.is_empty(), "{}", path.display());
            compared.within("refused", &found.rejects[0].reason, "holds no account report", "");
            continue;
        };
        let expected: Value = serde_json::from_str(&text).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        let entries = found.entries();
        // What stands twice in the expected parse is written once, as a mark.
        // Of several statements it holds the entries of the last.
        let mut record = expected["getRecords"][0].clone();
        let stated = expected["getEntries"].as_array().unwrap();
        for (stated, read) in stated.iter().zip(&entries[entries.len() - stated.len()..]) {
            if stated["getRecord"].is_object() {
                record = stated["getRecord"].clone();
            }
            let read = (format!("{name} {}", read.0), read.1.clone(), read.2.clone());
            compare_entry(&mut compared, stated, &record, &read);
        }
        let tags = String::from_utf8_lossy(&bytes).matches("<Ntry>").count();
        compared.same("entries", &entries.len().to_string(), &tags.to_string(), name);
        let first = expected["getEntries"][0]["getRecord"].clone();
        let first = if first.is_object() { first } else { record };
        if name.starts_with("camt053") || name.starts_with("camt53") {
            compare_statement(&mut compared, found.statements.last().unwrap(), &first, name);
        } else {
            assert!(found.statements.is_empty(), "{name} is no statement");
        }
    }
    println!("{sources} account reports, {records} records, compared: {:?}", compared.0);
    assert_eq!(sources, 26);
    let total: u32 = compared.0.values().sum();
    assert!(total > 200, "{total}");
}

#[test]
fn every_message_is_read_or_refused_with_its_line() {
    let Some(folder) = data("bank-formats/iso20022/test/testdata") else { return };
    let mut counts: BTreeMap<&str, [usize; 5]> = BTreeMap::new();
    for path in files(&folder, "").into_iter().filter(|path| {
        let name = path.to_str().unwrap();
        !name.ends_with(".json") && !name.ends_with("invalid_file1")
    }) {
        let bytes = fs::read(&path).unwrap();
        let format = recognise_format(&bytes[..bytes.len().min(4_096)]);
        let word = format.unwrap_or_else(|| panic!("{} is recognised", path.display())).word;
        let found = read_as(word, &bytes);
        let tags = String::from_utf8_lossy(&bytes).matches("<Ntry>").count();
        assert!(!found.records.is_empty() || !found.rejects.is_empty(), "{}", path.display());
        if word == "camt" {
            assert_eq!(found.entries().len(), tags, "{}", path.display());
        } else {
            assert!(found.records.is_empty(), "{}", path.display());
        }
        for reject in &found.rejects {
            println!("{}: {} {:?} {}", path.display(), reject.column, reject.found, reject.reason);
        }
        let count = counts.entry(word).or_default();
        let kept = found.rejects.iter().filter(|reject| reject.kept).count();
        let more =
            [1, found.records.len(), found.rejects.len() - kept, kept, found.statements.len()];
        count.iter_mut().zip(more).for_each(|(sum, one)| *sum += one);
        for statement in &found.statements {
            println!("{}: {statement:?}", path.file_name().unwrap().display());
        }
    }
    println!("files, records, rejects, remarks, statements: {counts:?}");
}
