//! The code of a booking (`BkTxCd`): how money moved, in the words of the channel list.

use crate::records::elements::Element;

/// The channel a `BkTxCd` names; empty where it names none for certain, so that the text of the
/// entry decides.
///
/// Families and sub-families are those of the external code list of ISO 20022.
pub fn channel(code: Option<&Element>) -> &'static str {
    let Some(code) = code else { return "" };
    let family = code.text_at("Domn/Fmly/Cd");
    let sub_family = code.text_at("Domn/Fmly/SubFmlyCd");
    match (family, sub_family) {
        (_, "FEES" | "CHRG" | "COMM" | "COME" | "COMI" | "COMT") => "fee",
        (_, "INTR") => "interest",
        ("CNTR", "CDPT" | "CWDL" | "BCDP" | "BCWD" | "FCDP" | "FCWD" | "XCDP" | "XCWD") => "cash",
        ("CCRD" | "MCRD", "CDPT" | "CWDL" | "XBCW" | "XBCP") => "cash",
        ("CCRD" | "MCRD", _) => "card",
        ("RCHQ" | "ICHQ", _) => "cheque",
        ("IDDT" | "RDDT", _) => "ach",
        ("RCDT" | "ICDT" | "IRCT" | "RRCT", "BOOK" | "ACOR" | "ACDT") => "book",
        ("RCDT" | "ICDT", "ESCT" | "SALA" | "AUTT" | "VCOM") => "ach",
        ("RCDT" | "ICDT", "XBCT" | "SDVA" | "PRCT" | "XBSA") => "wire",
        _ => "",
    }
}

/// The sub-family of a `BkTxCd` that books a payment on its way back; empty for any other.
pub fn returns(code: Option<&Element>) -> &'static str {
    const RETURNS: [&str; 7] = ["RRTN", "RPCR", "UPDD", "PRDD", "RCDD", "UPCQ", "CQRV"];
    let stated = code.map_or("", |code| code.text_at("Domn/Fmly/SubFmlyCd"));
    RETURNS.into_iter().find(|one| *one == stated).unwrap_or("")
}

/// The code as text, for an entry that says nothing else.
pub fn wording(code: Option<&Element>) -> String {
    let Some(code) = code else { return String::new() };
    let parts = ["Domn/Cd", "Domn/Fmly/Cd", "Domn/Fmly/SubFmlyCd", "Prtry/Cd"];
    let texts: Vec<&str> =
        parts.iter().map(|path| code.text_at(path)).filter(|text| !text.is_empty()).collect();
    texts.join(" ")
}
