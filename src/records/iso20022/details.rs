//! One payment of an entry: its amount, its ends, its references and what it was for.

use crate::records::elements::Element;
use crate::records::iso20022::booking_codes::{channel, returns, wording};
use crate::records::iso20022::parties::End;

/// References of a payment, the one that travels furthest first: both banks see the first ones.
const REFERENCES: [&str; 13] = [
    "EndToEndId",
    "UETR",
    "TxId",
    "InstrId",
    "AcctSvcrRef",
    "MndtId",
    "ChqNb",
    "ClrSysRef",
    "AcctOwnrTxId",
    "AcctSvcrTxId",
    "MktInfrstrctrTxId",
    "PmtInfId",
    "MsgId",
];

/// What payments write where they have no reference.
const NO_REFERENCE: [&str; 3] = ["NOTPROVIDED", "NOT PROVIDED", "NONREF"];

/// One `TxDtls`, reduced to what a record takes from it.
#[derive(Clone, Debug, Default)]
pub struct Detail {
    pub line: u64,
    pub path: String,
    pub raw: String,
    pub flaw: Option<String>,
    /// Amounts stated of it with their currencies, the nearest to the account first.
    pub amounts: Vec<(String, String)>,
    /// `CRDT`, `DBIT`, or empty.
    pub direction: String,
    pub debtor: End,
    pub creditor: End,
    pub references: Vec<String>,
    pub texts: Vec<String>,
    /// Why it came back, where it did.
    pub returned: Option<String>,
    pub channel: &'static str,
    /// Sub-family of its code, where that books a payment on its way back.
    pub returns: &'static str,
    pub code: String,
    /// Charges within its amount, with their currencies.
    pub charges: Vec<(String, String)>,
}

impl Detail {
    pub fn read(element: &Element) -> Detail {
        let amount = |path: &str| {
            element.first(path).map(|one| (one.text.clone(), one.attribute("Ccy").to_owned()))
        };
        let amounts = ["Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/CntrValAmt/Amt"];
        let parties = element.first("RltdPties");
        let agents = element.first("RltdAgts");
        let code = element.first("BkTxCd");
        Detail {
            line: element.line,
            amounts: amounts.into_iter().filter_map(amount).collect(),
            direction: element.text_at("CdtDbtInd").to_owned(),
            debtor: End::read(parties, agents, "Dbtr"),
            creditor: End::read(parties, agents, "Cdtr"),
            references: element.first("Refs").map(references).unwrap_or_default(),
            texts: remittance(element.first("RmtInf"))
                .into_iter()
                .chain([element.text_at("AddtlTxInf").to_owned()])
                .filter(|text| !text.is_empty())
                .collect(),
            returned: element.first("RtrInf").map(returned),
            channel: channel(code),
            returns: returns(code),
            code: wording(code),
            charges: charges(element),
            ..Detail::default()
        }
    }

    /// What holding it costs.
    pub fn weight(&self) -> usize {
        let texts: usize = self.texts.iter().chain(&self.references).map(String::len).sum();
        512 + texts + self.raw.len() + self.debtor.name.len() + self.creditor.name.len()
    }
}

/// The references in a `Refs` or `PmtId`, each once.
pub fn references(refs: &Element) -> Vec<String> {
    let mut found = Vec::new();
    let known = REFERENCES.iter().flat_map(|name| refs.named(name)).map(|one| &one.text);
    let own = refs.named("Prtry").map(|one| one.text_at("Ref"));
    for text in known.map(String::as_str).chain(own) {
        add_reference(&mut found, text);
    }
    found
}

/// Adds a reference that says something and does not stand yet.
pub fn add_reference(found: &mut Vec<String>, text: &str) {
    let empty = text.is_empty() || NO_REFERENCE.contains(&text.to_ascii_uppercase().as_str());
    if !empty && !found.iter().any(|one| one == text) {
        found.push(text.to_owned());
    }
}

/// What a payment was for: free text first, then references of documents.
pub fn remittance(information: Option<&Element>) -> Vec<String> {
    let Some(information) = information else { return Vec::new() };
    let mut texts: Vec<String> = information.named("Ustrd").map(|one| one.text.clone()).collect();
    for structured in information.named("Strd") {
        let references = ["CdtrRefInf/Ref", "CdtrRefInf/CdtrRef"];
        texts.push(structured.first_text(&references).to_owned());
        texts.extend(
            structured
                .named("RfrdDocInf")
                .map(|one| one.first_text(&["Nb", "RfrdDocNb"]).to_owned()),
        );
        texts.extend(structured.named("AddtlRmtInf").map(|one| one.text.clone()));
    }
    texts.retain(|text| !text.is_empty());
    texts
}

/// The charges within the amount of an entry or a payment. What is booked apart from it lessens
/// nothing, and what the bank gives back is no charge.
pub fn charges(element: &Element) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for stated in element.named("Chrgs") {
        let records: Vec<&Element> = match stated.first("Rcrd") {
            Some(_) => stated.named("Rcrd").collect(),
            None => vec![stated],
        };
        let within = records.into_iter().filter(|one| {
            !["false", "0"].contains(&one.text_at("ChrgInclInd"))
                && one.text_at("CdtDbtInd") != "CRDT"
        });
        let amounts =
            within.filter_map(|one| one.first("Amt").or_else(|| one.first("TtlChrgsAndTaxAmt")));
        found.extend(amounts.map(|one| (one.text.clone(), one.attribute("Ccy").to_owned())));
    }
    found
}

/// Why a payment came back: its code and words.
pub fn returned(information: &Element) -> String {
    let reason = information.first_text(&["Rsn/Cd", "Rsn/Prtry"]);
    let more = information.named("AddtlInf").map(|one| one.text.as_str());
    let parts: Vec<&str> = [reason].into_iter().chain(more).filter(|one| !one.is_empty()).collect();
    parts.join(" ")
}
