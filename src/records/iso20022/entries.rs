//! An entry of an account report: one record, or one for each payment it was booked for.
//!
//! The direction is what `CdtDbtInd` says, in reversals too: ISO 20022 states the movement of
//! the entry itself, and `RvslInd` only says that it undoes an earlier one. What is not booked is
//! no movement of money and is set aside.

use crate::records::delimited::RAW_BYTES_MAX;
use crate::records::elements::Element;
use crate::records::iso20022::booking_codes::{channel, returns, wording};
use crate::records::iso20022::details::{Detail, add_reference, charges, references};
use crate::records::iso20022::parties::End;
use crate::records::iso20022::walk::{Draft, Refusal};

/// The account an entry stands on.
#[derive(Clone, Debug, Default)]
pub struct OwnAccount {
    pub number: String,
    pub bank: String,
    pub currency: String,
    /// `interim` or `notice` for a report beside the account's statement; empty for a statement.
    pub report: &'static str,
}

/// What an entry became.
#[derive(Debug)]
pub struct Read {
    pub drafts: Vec<Draft>,
    /// What is to be said of every record, which stands all the same.
    pub remarks: Vec<Refusal>,
}

/// An entry's own elements, beside its payments.
#[derive(Debug, Default)]
pub struct Entry {
    pub element: Element,
    pub path: String,
    pub raw: String,
    pub flaw: Option<String>,
    pub details: Vec<Detail>,
    /// Payments were too many to hold.
    pub details_cut: bool,
}

impl Entry {
    /// Reads an entry of `own`; `statement` when the report holds booked entries only.
    pub fn read(self, own: &OwnAccount, statement: bool) -> Result<Read, (Refusal, String)> {
        match self.facts(own, statement) {
            Ok((facts, remark)) => {
                let mut remarks: Vec<Refusal> = remark.into_iter().collect();
                let split = self.split(&facts);
                let drafts = match split {
                    Some(parts) => parts
                        .into_iter()
                        .zip(&self.details)
                        .map(|(amount, detail)| self.draft(own, &facts, amount, Some(detail), true))
                        .collect(),
                    None => {
                        let amount = (facts.amount.clone(), facts.leaves);
                        let only = (self.details.len() == 1).then(|| &self.details[0]);
                        if self.details_cut {
                            let reason = "too many payments to hold: the entry is one record";
                            remarks.push(Refusal::new("NtryDtls", "", reason));
                        }
                        remarks.extend(self.other_sum(&facts));
                        vec![self.draft(own, &facts, amount, only, false)]
                    }
                };
                Ok(Read { drafts, remarks })
            }
            Err(refusal) => Err((refusal, self.raw)),
        }
    }

    fn facts(
        &self,
        own: &OwnAccount,
        statement: bool,
    ) -> Result<(Facts, Option<Refusal>), Refusal> {
        if let Some(flaw) = self.flaw.as_ref() {
            return Err(Refusal::new("Ntry", "", flaw.clone()));
        }
        let detail_flaw = self.details.iter().find_map(|one| one.flaw.as_ref());
        if let Some(flaw) = detail_flaw {
            return Err(Refusal::new("TxDtls", "", flaw.clone()));
        }
        let entry = &self.element;
        let status = entry.first_text(&["Sts", "Sts/Cd", "Sts/Prtry"]);
        match status {
            "BOOK" => {}
            "" if statement => {}
            "" => {
                let reason = "no status: only a booked entry (BOOK) is a movement of money";
                return Err(Refusal::new("Sts", "", reason));
            }
            other => {
                let reason = format!("not booked (status {other}): not a movement of money yet");
                return Err(Refusal::new("Sts", other, reason));
            }
        }
        let amount = entry.text_at("Amt");
        if scaled(amount).is_none() {
            let reason = "expected an amount such as 1200.00, without a sign";
            return Err(Refusal::new("Amt", amount, reason));
        }
        let stated = entry.first("Amt").map_or("", |amount| amount.attribute("Ccy"));
        let currency = if stated.is_empty() { own.currency.as_str() } else { stated };
        if currency.is_empty() {
            let reason = "the currency is stated neither of the entry nor of its account";
            return Err(Refusal::new("Amt/Ccy", "", reason));
        }
        let direction = entry.text_at("CdtDbtInd");
        let leaves = match direction {
            "DBIT" => true,
            "CRDT" => false,
            other => return Err(Refusal::new("CdtDbtInd", other, "expected CRDT or DBIT")),
        };
        let reversal = match entry.text_at("RvslInd") {
            "" | "false" | "0" => false,
            "true" | "1" => true,
            other => return Err(Refusal::new("RvslInd", other, "expected true or false")),
        };
        let (booked, value, remark) = self.dates()?;
        let facts = Facts {
            amount: amount.to_owned(),
            currency: currency.to_owned(),
            leaves,
            reversal,
            booked,
            value,
        };
        Ok((facts, remark))
    }

    /// Booking date and value date, and what is to be said where one stands for the other.
    fn dates(&self) -> Result<(String, String, Option<Refusal>), Refusal> {
        let entry = &self.element;
        let booked = date_or_time(entry.first_text(&["BookgDt/Dt", "BookgDt/DtTm", "BookgDt"]));
        let value = date_of(entry.first_text(&["ValDt/Dt", "ValDt/DtTm", "ValDt"]));
        let (booked, remark) = match (booked.is_empty(), value.is_empty()) {
            (false, _) => (booked, None),
            (true, false) => {
                let reason = "no booking date is stated: the value date stands for it";
                (value.clone(), Some(Refusal::new("BookgDt", "", reason)))
            }
            (true, true) => {
                let reason = "neither a booking date nor a value date is stated";
                return Err(Refusal::new("BookgDt", "", reason));
            }
        };
        Ok((booked, value, remark))
    }

    /// Amount and direction of each payment, where each has one in the entry's currency and
    /// together they are the entry.
    fn split(&self, facts: &Facts) -> Option<Vec<(String, bool)>> {
        if self.details.len() < 2 || self.details_cut {
            return None;
        }
        let amounts: Option<Vec<(&str, i128)>> = self
            .details
            .iter()
            .map(|detail| {
                let mut amounts = detail.amounts.iter();
                let (text, _) = amounts.find(|(_, currency)| *currency == facts.currency)?;
                Some((text.as_str(), scaled(text)?))
            })
            .collect();
        let amounts = amounts?;
        let whole = scaled(&facts.amount)?;
        let own: Vec<bool> = self
            .details
            .iter()
            .map(|detail| match detail.direction.as_str() {
                "DBIT" => true,
                "CRDT" => false,
                _ => facts.leaves,
            })
            .collect();
        // Some banks state of a payment which side its orderer is on, not how the account moved.
        let ways = [own, vec![facts.leaves; amounts.len()]];
        let fits = |way: &&Vec<bool>| {
            let mut sum = 0_i128;
            for ((_, amount), leaves) in amounts.iter().zip(*way) {
                let part = if *leaves == facts.leaves { *amount } else { -*amount };
                let Some(next) = sum.checked_add(part) else { return false };
                sum = next;
            }
            sum == whole
        };
        let way = ways.iter().find(fits)?;
        let texts = amounts.iter().map(|(text, _)| (*text).to_owned());
        Some(texts.zip(way.iter().copied()).collect())
    }

    /// What is to be said of payments that do not add up to the entry, whichever way each is
    /// taken: the entry is what the account shows, and counts. Charges that the entry or its one
    /// payment states explain a difference of as much.
    fn other_sum(&self, facts: &Facts) -> Option<Refusal> {
        let amounts: Option<Vec<i128>> = self
            .details
            .iter()
            .map(|detail| {
                let mut amounts = detail.amounts.iter();
                scaled(&amounts.find(|(_, currency)| *currency == facts.currency)?.0)
            })
            .collect();
        let amounts = amounts.filter(|amounts| !amounts.is_empty() && !self.details_cut)?;
        let whole = scaled(&facts.amount)?;
        let sum = amounts.iter().try_fold(0_i128, |sum, one| sum.checked_add(*one))?;
        let stated = scaled(&self.charges(facts, self.details.first(), false)).unwrap_or(0);
        let charged = amounts.len() == 1 && (sum - whole).abs() == stated;
        if sum == whole || charged {
            return None;
        }
        let (count, currency) = (amounts.len(), &facts.currency);
        let payments = if count == 1 { "the payment" } else { "the payments" };
        let said = decimal(sum);
        let reason = format!(
            "{payments} of the entry ({count}) add up to {said} {currency}, and the entry is {}; \
             it is one record and counts as it stands",
            facts.amount
        );
        Some(Refusal::new("TxDtls", &said, reason))
    }

    fn draft(
        &self,
        own: &OwnAccount,
        facts: &Facts,
        (amount, leaves): (String, bool),
        detail: Option<&Detail>,
        split: bool,
    ) -> Draft {
        let far = detail.map(|detail| far_end(own, facts, detail, leaves)).unwrap_or_default();
        let code = self.element.first("BkTxCd");
        let stated = detail.map_or("", |detail| detail.channel);
        let channel = if stated.is_empty() { channel(code) } else { stated };
        let sign = if leaves { "-" } else { "" };
        let (line, path, raw) = match detail.filter(|_| split) {
            Some(detail) => {
                (detail.line, detail.path.clone(), format!("{}{}", self.raw, detail.raw))
            }
            None => (self.element.line, self.path.clone(), self.raw_with_details()),
        };
        let reversal = self.reversal(facts, detail);
        let reverses = match (reversal.is_empty(), detail) {
            // What comes back keeps the references of the payment, apart from the bank's own.
            (false, Some(detail)) => detail.references.join("; "),
            _ => String::new(),
        };
        let charges = match reversal.is_empty() {
            true => String::new(),
            false => self.charges(facts, detail, split),
        };
        let values = vec![
            ("account", own.number.clone()),
            ("booked", facts.booked.clone()),
            ("amount", format!("{sign}{}", plain(&amount))),
            ("value_date", facts.value.clone()),
            ("description", self.description(facts, detail)),
            ("reference", self.references(detail).join("; ")),
            ("channel", channel.to_owned()),
            ("counterparty_account", far.account),
            ("counterparty_name", far.name),
            ("counterparty_bank", far.bank),
            ("bank", own.bank.clone()),
            ("currency", facts.currency.clone()),
            ("report", own.report.to_owned()),
            ("part_of", if split { self.place() } else { String::new() }),
            ("payments", if split { String::new() } else { self.payments() }),
            ("reversal", reversal),
            ("reverses", reverses),
            ("reversal_charges", charges),
        ];
        Draft { line, path, values, raw }
    }

    /// The entry with its payments as found, which stand in no record of their own.
    fn raw_with_details(&self) -> String {
        let mut raw = self.raw.clone();
        for detail in self.details.iter().take_while(|_| self.details.len() > 1) {
            if raw.len() + detail.raw.len() > RAW_BYTES_MAX {
                raw.push('…');
                break;
            }
            raw.push_str(&detail.raw);
        }
        raw
    }

    /// What of the entry states that it undoes an earlier one, by element.
    fn reversal(&self, facts: &Facts, detail: Option<&Detail>) -> String {
        let mut flags = Vec::new();
        if facts.reversal {
            flags.push("RvslInd true".to_owned());
        }
        if let Some(reason) = detail.and_then(|detail| detail.returned.as_ref()) {
            // The code alone: what is written beside it stands in the description.
            let code = reason.split(' ').next().unwrap_or_default();
            flags.push(format!("RtrInf {code}").trim_end().to_owned());
        }
        let stated = detail.map_or("", |detail| detail.returns);
        let own = self.element.first("BkTxCd");
        let code = if stated.is_empty() { returns(own) } else { stated };
        if !code.is_empty() {
            flags.push(format!("BkTxCd {code}"));
        }
        flags.join(", ")
    }

    /// The charges that what came back was lessened by, or raised by where it leaves the account.
    fn charges(&self, facts: &Facts, detail: Option<&Detail>, split: bool) -> String {
        let own = detail.map_or_else(Vec::new, |detail| detail.charges.clone());
        let stated = if own.is_empty() && !split { charges(&self.element) } else { own };
        let of_currency = stated.iter().filter(|one| one.1 == facts.currency);
        let sum = of_currency
            .map(|one| scaled(&one.0))
            .try_fold(0_i128, |sum, one| sum.checked_add(one?))
            .filter(|sum| *sum > 0);
        sum.map(decimal).unwrap_or_default()
    }

    /// Where the entry stands, which no other of its source does.
    fn place(&self) -> String {
        format!("line {}, {}", self.element.line, self.path)
    }

    fn batch(&self) -> Option<&Element> {
        ["NtryDtls/Btch", "Btch"].iter().find_map(|path| self.element.first(path))
    }

    /// How many payments the entry was booked for, where it states them.
    fn payments(&self) -> String {
        let stated = self.batch().map_or("", |batch| batch.text_at("NbOfTxs"));
        let count = !stated.is_empty() && stated.bytes().all(|byte| byte.is_ascii_digit());
        if count { stated.to_owned() } else { String::new() }
    }

    fn references(&self, detail: Option<&Detail>) -> Vec<String> {
        let mut found = detail.map(|detail| detail.references.clone()).unwrap_or_default();
        // Where a batch stays one entry, only what names the batch names it; its payments bear
        // that name behind their own.
        for reference in self.batch().map(references).unwrap_or_default() {
            add_reference(&mut found, &reference);
        }
        for path in ["AcctSvcrRef", "NtryRef"] {
            add_reference(&mut found, self.element.text_at(path));
        }
        found
    }

    fn description(&self, facts: &Facts, detail: Option<&Detail>) -> String {
        let mut texts: Vec<&str> =
            detail.into_iter().flat_map(|detail| &detail.texts).map(String::as_str).collect();
        let entry = self.element.text_at("AddtlNtryInf");
        if !entry.is_empty() && !texts.contains(&entry) {
            texts.push(entry);
        }
        let code = match detail {
            Some(detail) if !detail.code.is_empty() => detail.code.clone(),
            _ => wording(self.element.first("BkTxCd")),
        };
        if texts.is_empty() {
            texts.push(&code);
        }
        let returned = detail.and_then(|detail| detail.returned.as_ref());
        let returned = returned.map(|reason| format!("(returned: {reason})"));
        texts.extend(returned.as_deref());
        if facts.reversal {
            texts.push("(reversal)");
        }
        texts.retain(|text| !text.is_empty());
        texts.join(" ")
    }
}

/// What an entry states, checked.
struct Facts {
    amount: String,
    currency: String,
    leaves: bool,
    reversal: bool,
    booked: String,
    value: String,
}

/// The other end of a payment: who receives what leaves the account, who pays what arrives.
/// What came back may name its ends as the payment first did.
fn far_end(own: &OwnAccount, facts: &Facts, detail: &Detail, leaves: bool) -> End {
    let (far, near) = if leaves {
        (&detail.creditor, &detail.debtor)
    } else {
        (&detail.debtor, &detail.creditor)
    };
    let is_own = |end: &End| end.is_account(&own.number);
    let came_back = facts.reversal || detail.returned.is_some();
    let turned = (is_own(far) || far.is_empty() && came_back) && !is_own(near) && !near.is_empty();
    let end = if turned { near } else { far };
    if is_own(end) { End::default() } else { end.clone() }
}

/// Decimals of an amount as it is compared.
const DECIMALS: usize = 10;

/// An amount without sign as an integer of 10⁻¹⁰; `None` if it is none.
pub fn scaled(text: &str) -> Option<i128> {
    let text = text.strip_prefix('+').unwrap_or(text);
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let decimals = decimals.trim_end_matches('0');
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let said = text.bytes().any(|byte| byte.is_ascii_digit());
    if !said || !digits(whole) || !digits(decimals) || decimals.len() > DECIMALS || whole.len() > 20
    {
        return None;
    }
    format!("0{whole}{decimals:0<DECIMALS$}").parse().ok()
}

/// An integer of 10⁻¹⁰, not negative, as an amount; [`scaled`] turned round.
pub fn decimal(scaled: i128) -> String {
    let unit = 10_i128.pow(DECIMALS as u32);
    let text = format!("{}.{:0DECIMALS$}", scaled / unit, scaled % unit);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// An amount as a layout writes it: no plus, no bare point.
fn plain(text: &str) -> String {
    let text = text.strip_prefix('+').unwrap_or(text).trim_end_matches('.');
    if text.starts_with('.') { format!("0{text}") } else { text.to_owned() }
}

/// A date, or a time that is not just a date with a midnight added. A zone behind a date says
/// nothing about the day it was booked.
pub fn date_or_time(text: &str) -> String {
    let clock = text.get(10..).unwrap_or("");
    let midnight = clock.strip_prefix("T00:00").is_some_and(|rest| {
        let rest = rest.strip_prefix(":00").unwrap_or(rest);
        let fraction = rest.strip_prefix('.').map_or(rest, |rest| rest.trim_start_matches('0'));
        fraction.is_empty() || is_zone(fraction)
    });
    if midnight || is_zone(clock) { date_of(text) } else { text.to_owned() }
}

/// The day of a date or time, as written.
pub fn date_of(text: &str) -> String {
    match text.get(..10) {
        Some(day) if text[10..].is_empty() || text[10..].starts_with('T') => day.to_owned(),
        Some(day) if is_zone(&text[10..]) => day.to_owned(),
        _ => text.to_owned(),
    }
}

fn is_zone(text: &str) -> bool {
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    text == "Z"
        || text.strip_prefix(['+', '-']).and_then(|rest| rest.split_once(':')).is_some_and(
            |(hours, minutes)| {
                hours.len() == 2 && minutes.len() == 2 && digits(hours) && digits(minutes)
            },
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_compared_exactly() {
        assert_eq!(scaled("8.850"), scaled("+8.85"));
        assert_eq!(scaled("200000"), Some(2_000_000_000_000_000));
        for refused in ["", "-1.00", "1,5", ".", "1e3", "1.123456789012", "123456789012345678901"] {
            assert_eq!(scaled(refused), None, "{refused}");
        }
        for text in ["0.05", "8.85", "200000", "0.0000000001"] {
            assert_eq!(scaled(text).map(decimal).as_deref(), Some(text));
        }
        assert_eq!([plain("+1."), plain(".5"), plain("7.10")], ["1", "0.5", "7.10"]);
    }

    #[test]
    fn a_midnight_is_a_date() {
        let table = [
            ("2026-03-31", "2026-03-31"),
            ("2026-03-31T00:00:00", "2026-03-31"),
            ("2026-03-31T00:00:00.000000000", "2026-03-31"),
            ("2026-03-31T00:00:00.000+02:00", "2026-03-31"),
            ("2026-03-31T00:00:00Z", "2026-03-31"),
            ("2026-03-31Z", "2026-03-31"),
            ("2026-03-31+02:00", "2026-03-31"),
            ("2026-03-31T00:00:01", "2026-03-31T00:00:01"),
            ("2026-03-31T10:15:00+01:00", "2026-03-31T10:15:00+01:00"),
            ("31.03.2026", "31.03.2026"),
            ("2026-03-3\u{e9}1", "2026-03-3\u{e9}1"),
        ];
        for (text, read) in table {
            assert_eq!(date_or_time(text), read);
        }
        assert_eq!(date_of("2026-03-31T10:15:00+01:00"), "2026-03-31");
    }
}
