//! One row of an OFX statement as a record.

use crate::records::ofx::amounts_and_dates::{day, decimal, time};

/// Values of one row, beyond which it is not one.
const VALUES_MAX: usize = 200;
/// Bytes of one row's values.
const ROW_BYTES_MAX: usize = 1 << 20;

/// The account a row stands on.
#[derive(Clone, Debug, Default)]
pub struct Owner {
    pub account: String,
    pub bank: String,
    pub currency: String,
}

/// A `STMTTRN` as found.
#[derive(Clone, Debug, Default)]
pub struct Row {
    pub line: u64,
    pub path: String,
    pub pending: bool,
    pub flaw: Option<String>,
    values: Vec<(String, String)>,
    bytes: usize,
}

impl Row {
    /// A row without values.
    pub fn new(line: u64, path: String, pending: bool) -> Row {
        Row { line, path, pending, ..Row::default() }
    }

    /// Keeps a value; of several of one name the first stands.
    pub fn put(&mut self, name: String, text: String) {
        self.bytes += name.len() + text.len();
        if self.bytes > ROW_BYTES_MAX || self.values.len() >= VALUES_MAX {
            self.flaw.get_or_insert_with(|| format!("holds more than {ROW_BYTES_MAX} bytes"));
            return;
        }
        if !self.values.iter().any(|(known, _)| *known == name) {
            self.values.push((name, text));
        }
    }

    fn get(&self, name: &str) -> &str {
        self.values.iter().find(|(known, _)| known == name).map_or("", |(_, text)| text)
    }

    fn first(&self, names: &[&str]) -> &str {
        names.iter().map(|name| self.get(name)).find(|text| !text.is_empty()).unwrap_or("")
    }
}

/// An element, its text, and what is wrong with it.
pub type Complaint = (&'static str, String, String);
/// The fields of a record, and what is to be said of it.
pub type RowRead = (Vec<(&'static str, String)>, Vec<Complaint>);

/// Reads a row of `owner`.
pub fn read_row(row: &Row, owner: &Owner) -> Result<RowRead, Complaint> {
    let refuse = |element: &'static str, reason: &str| {
        Err((element, row.get(element).to_owned(), reason.to_owned()))
    };
    if let Some(flaw) = &row.flaw {
        return Err(("STMTTRN", String::new(), flaw.clone()));
    }
    if row.pending {
        let reason = "not booked (a pending row): not a movement of money yet";
        return Err(("STMTTRNP", row.get("FITID").to_owned(), reason.to_owned()));
    }
    let amount = match decimal(row.get("TRNAMT")) {
        Ok(amount) => amount,
        Err(reason) => return refuse("TRNAMT", reason),
    };
    let Some(booked) = time(row.get("DTPOSTED")) else {
        return refuse("DTPOSTED", "expected a time such as 20260331 or 20260331120000[-5:EST]");
    };
    let mut remarks = Vec::new();
    match row.get("CORRECTACTION") {
        "" => {}
        "DELETE" => {
            let corrected = row.get("CORRECTFITID");
            let reason = format!(
                "the bank withdraws row {corrected:?}: this row moves no money; look at that one"
            );
            return Err(("CORRECTACTION", "DELETE".to_owned(), reason));
        }
        action => {
            let corrected = row.get("CORRECTFITID");
            let reason = format!("it corrects row {corrected:?}: both may be in the case");
            remarks.push(("CORRECTACTION", action.to_owned(), reason));
        }
    }
    let kind = row.get("TRNTYPE");
    let leaves = amount.starts_with('-');
    if kind == "DEBIT" && !leaves || kind == "CREDIT" && leaves {
        let reason = format!("the amount {amount} has the other sign: the sign is followed");
        remarks.push(("TRNTYPE", kind.to_owned(), reason));
    }
    // CURRENCY says what the amount is in; ORIGCURRENCY what it was before it was converted.
    let stated = row.get("CURRENCY/CURSYM");
    let currency = if stated.is_empty() { owner.currency.clone() } else { stated.to_owned() };
    if currency.is_empty() {
        return Err(("CURDEF", String::new(), "the statement states no currency".to_owned()));
    }
    let value_date = row.get("DTAVAIL");
    let references: Vec<&str> = ["FITID", "CHECKNUM", "REFNUM", "SRVRTID"]
        .into_iter()
        .map(|name| row.get(name))
        .filter(|text| !text.is_empty())
        .collect();
    let to_account = row.first(&["BANKACCTTO/ACCTID", "CCACCTTO/ACCTID"]);
    let payee = row.get("PAYEE/NAME");
    let name = if to_account.is_empty() { payee } else { row.first(&["PAYEE/NAME", "NAME"]) };
    let values = vec![
        ("account", owner.account.clone()),
        ("booked", booked),
        ("amount", amount),
        ("value_date", day(value_date).unwrap_or_default()),
        ("description", description(row)),
        ("reference", references.join("; ")),
        ("channel", channel(kind).to_owned()),
        ("counterparty_account", to_account.to_owned()),
        ("counterparty_name", name.to_owned()),
        ("counterparty_bank", row.get("BANKACCTTO/BANKID").to_owned()),
        ("bank", owner.bank.clone()),
        ("currency", currency),
    ];
    Ok((values, remarks))
}

/// Name and memo, which repeat each other where the producer had one text for both.
fn description(row: &Row) -> String {
    let (name, memo) = (row.first(&["NAME", "PAYEE/NAME"]), row.first(&["EXTDNAME", "MEMO"]));
    if memo.starts_with(name) {
        memo.to_owned()
    } else if name.starts_with(memo) {
        name.to_owned()
    } else {
        format!("{name} {memo}")
    }
}

fn channel(kind: &str) -> &'static str {
    match kind {
        "CHECK" => "cheque",
        "ATM" | "CASH" => "cash",
        "POS" => "card",
        "FEE" | "SRVCHG" => "fee",
        "INT" => "interest",
        "DIRECTDEP" | "DIRECTDEBIT" => "ach",
        _ => "",
    }
}
