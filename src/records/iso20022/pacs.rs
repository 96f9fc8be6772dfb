//! pacs.008 and pacs.004: customer credit transfers as banks settle them among themselves, and
//! the payments that they send back.
//!
//! Of a transfer the amount is what the debtor instructed, and what was settled stands beside it
//! where it differs: the first is what the debtor's own statement shows, the second what reached
//! the creditor's bank. A payment that comes back goes from its creditor to its debtor: the ends
//! are those of the payment it returns, turned round, and the references of that payment tie the
//! two. Its amount is what was returned; by how much charges made it less stands beside it.

use std::io;

use crate::records::elements::{Element, Step};
use crate::records::iso20022::details::{add_reference, references, remittance, returned};
use crate::records::iso20022::entries::{date_of, date_or_time, decimal, scaled};
use crate::records::iso20022::parties::End;
use crate::records::iso20022::walk::{Draft, Refusal, Walk, says};
use crate::records::markup::Stop;
use crate::records::structured::{Item, SourceBytes, StructuredReader};

/// Whether the first bytes are of an ISO 20022 message other than an account report: customer
/// transfers are read, the others refused with what they are.
pub fn recognises_pacs(head: &[u8]) -> bool {
    let words =
        ["urn:iso:std:iso:20022:", "FIToFICstmrCdtTrf", "PmtRtr", "pacs.00", "pain.0", "<Document"];
    says(head, &words)
}

/// Starts to read settled payments.
pub fn open_pacs(bytes: SourceBytes) -> Box<dyn StructuredReader> {
    Box::new(PacsReader { bytes: Some(bytes), payments: None })
}

struct PacsReader {
    bytes: Option<SourceBytes>,
    payments: Option<Payments>,
}

impl StructuredReader for PacsReader {
    fn next_item(&mut self) -> io::Result<Option<Item>> {
        if let Some(bytes) = self.bytes.take() {
            let walk = Walk::new(bytes)?;
            let header = Header::default();
            self.payments = Some(Payments { walk, message: None, header, count: 0 });
        }
        match &mut self.payments {
            Some(payments) => payments.next_item(),
            None => Ok(None),
        }
    }
}

/// What the group header says of every payment.
#[derive(Default)]
struct Header {
    settled: String,
    message: String,
    from_bank: String,
    to_bank: String,
}

/// The messages that are read here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Message {
    Transfers,
    Returns,
}

impl Message {
    fn of(name: &str) -> Option<Message> {
        let begins = |roots: &[&str]| roots.iter().any(|root| name.starts_with(root));
        if begins(&["FIToFICstmrCdtTrf", "pacs.008"]) {
            Some(Message::Transfers)
        } else if begins(&["PmtRtr", "pacs.004"]) {
            Some(Message::Returns)
        } else {
            None
        }
    }

    /// The element of one payment.
    fn part(self) -> &'static str {
        match self {
            Message::Transfers => "CdtTrfTxInf",
            Message::Returns => "TxInf",
        }
    }
}

struct Payments {
    walk: Walk,
    message: Option<Message>,
    header: Header,
    count: u32,
}

impl Payments {
    fn next_item(&mut self) -> io::Result<Option<Item>> {
        loop {
            if let Some(item) = self.walk.waiting() {
                return Ok(Some(item));
            }
            if self.walk.elements.is_none() {
                return Ok(None);
            }
            match self.advance() {
                Ok(true) => {}
                Ok(false) => {
                    self.walk.refuse_empty("ISO 20022 message");
                    self.walk.ended(None)?;
                }
                Err(stop) => self.walk.ended(Some(stop))?,
            }
        }
    }

    fn advance(&mut self) -> Result<bool, Stop> {
        let Some(message) = self.message else {
            let Some((message, _)) = self.walk.find_message(Message::of)? else {
                return Ok(false);
            };
            self.message = Some(message);
            self.header = Header::default();
            self.count = 0;
            return Ok(true);
        };
        match self.walk.elements().step()? {
            Step::Open(met) if met.name == "GrpHdr" => {
                let header = self.walk.elements().take(met)?;
                self.header = Header {
                    settled: header.text_at("IntrBkSttlmDt").to_owned(),
                    message: header.text_at("MsgId").to_owned(),
                    from_bank: header
                        .first("InstgAgt")
                        .map(super::parties::agent)
                        .unwrap_or_default(),
                    to_bank: header
                        .first("InstdAgt")
                        .map(super::parties::agent)
                        .unwrap_or_default(),
                };
            }
            Step::Open(met) if met.name == message.part() => {
                self.count += 1;
                self.walk.enter(&met.name, Some(self.count));
                self.payment(met, message)?;
                self.walk.leave();
            }
            Step::Open(_) => self.walk.elements().pass()?,
            Step::Close => {
                if self.count == 0 {
                    let (line, path) = (self.walk.elements().line(), self.walk.path());
                    let refusal = Refusal::new(message.part(), "", "the message holds no payment");
                    self.walk.refuse(line, &path, refusal, String::new());
                }
                self.message = None;
                self.walk.leave();
            }
        }
        Ok(true)
    }

    fn payment(&mut self, met: Element, message: Message) -> Result<(), Stop> {
        self.walk.elements().take_flaw();
        self.walk.elements().take_raw();
        let payment = self.walk.elements().take(met)?;
        let raw = self.walk.elements().take_raw();
        let (line, path) = (payment.line, self.walk.path());
        let read = match self.walk.elements().take_flaw() {
            Some(flaw) => Err(Refusal::new(message.part(), "", flaw)),
            None if message == Message::Returns => returned_values(&payment, &self.header),
            None => values(&payment, &self.header),
        };
        match read {
            Ok(values) => {
                self.walk.record(Draft { line, path, values, raw });
            }
            Err(refusal) => self.walk.refuse(line, &path, refusal, raw),
        }
        Ok(())
    }
}

/// The day on which a payment settled, as stated of it or of its group.
fn settled_on<'a>(payment: &'a Element, header: &'a Header) -> Result<&'a str, Refusal> {
    match [payment.text_at("IntrBkSttlmDt"), header.settled.as_str()] {
        ["", ""] => {
            let reason = "no settlement date is stated of the payment or its group";
            Err(Refusal::new("IntrBkSttlmDt", "", reason))
        }
        ["", of_group] => Ok(of_group),
        [own, _] => Ok(own),
    }
}

/// A payment on its way back.
fn returned_values(
    payment: &Element,
    header: &Header,
) -> Result<Vec<(&'static str, String)>, Refusal> {
    let Some(amount) = payment.first("RtrdIntrBkSttlmAmt") else {
        return Err(Refusal::new("RtrdIntrBkSttlmAmt", "", "no amount was returned"));
    };
    let currency = amount.attribute("Ccy");
    if currency.is_empty() {
        let reason = "the amount states no currency";
        return Err(Refusal::new("RtrdIntrBkSttlmAmt", &amount.text, reason));
    }
    let day = settled_on(payment, header)?;
    let original = payment.first("OrgnlTxRef");
    let (mut payer, mut receiver) =
        (End::read(original, original, "Cdtr"), End::read(original, original, "Dbtr"));
    for (end, bank) in [(&mut payer, &header.from_bank), (&mut receiver, &header.to_bank)] {
        if end.bank.is_empty() && !end.is_iban {
            end.bank.clone_from(bank);
        }
    }
    let mut reverses = Vec::new();
    for path in ["OrgnlEndToEndId", "OrgnlUETR", "OrgnlTxId", "OrgnlInstrId"] {
        add_reference(&mut reverses, payment.text_at(path));
    }
    let mut found = reverses.clone();
    add_reference(&mut found, payment.text_at("RtrId"));
    add_reference(&mut found, &header.message);
    let reason = payment.first("RtrRsnInf").map(returned).unwrap_or_default();
    let code = reason.split(' ').next().unwrap_or_default();
    Ok(vec![
        ("from_account", payer.account),
        ("to_account", receiver.account),
        ("booked", date_or_time(day)),
        ("amount", amount.text.clone()),
        ("currency", currency.to_owned()),
        ("from_name", payer.name),
        ("from_bank", payer.bank),
        ("to_name", receiver.name),
        ("to_bank", receiver.bank),
        ("reference", found.join("; ")),
        ("channel", "wire".to_owned()),
        ("description", format!("payment returned {reason}").trim_end().to_owned()),
        ("reversal", format!("pacs.004 {code}").trim_end().to_owned()),
        ("reverses", reverses.join("; ")),
        ("reversal_charges", charges_kept(payment, amount)),
    ])
}

/// What charges took from a payment on its way back, in its own currency: as stated of them, or the
/// amount before their deduction less what was returned. Empty where neither is stated, or the two
/// disagree.
fn charges_kept(payment: &Element, returned: &Element) -> String {
    let own = |one: &&Element| one.attribute("Ccy") == returned.attribute("Ccy");
    let charged = payment.named("ChrgsInf").filter_map(|one| one.first("Amt")).filter(own);
    let charged = charged.map(|one| scaled(&one.text)).sum::<Option<i128>>().unwrap_or(0);
    let before = payment.first("RtrdInstdAmt").filter(own).and_then(|one| scaled(&one.text));
    let lessened = before.zip(scaled(&returned.text)).map(|(before, after)| before - after);
    match lessened.filter(|less| *less > 0) {
        Some(less) if charged == 0 || charged == less => decimal(less),
        None if charged > 0 => decimal(charged),
        _ => String::new(),
    }
}

fn values(payment: &Element, header: &Header) -> Result<Vec<(&'static str, String)>, Refusal> {
    let money = |path: &str| {
        let amount = payment.first(path)?;
        Some((amount.text.clone(), amount.attribute("Ccy").to_owned()))
    };
    let settled = money("IntrBkSttlmAmt")
        .ok_or_else(|| Refusal::new("IntrBkSttlmAmt", "", "no amount was settled"))?;
    let instructed = money("InstdAmt").unwrap_or_else(|| settled.clone());
    for (element, (amount, currency)) in [("IntrBkSttlmAmt", &settled), ("InstdAmt", &instructed)] {
        if currency.is_empty() {
            return Err(Refusal::new(element, amount, "the amount states no currency"));
        }
    }
    let day = settled_on(payment, header)?;
    let exact = payment.first_text(&["SttlmTmIndctn/DbtDtTm", "SttlmTmIndctn/CdtDtTm"]);
    let booked = if date_of(exact) == date_of(day) { exact } else { day };
    let (mut debtor, mut creditor) = (
        End::read(Some(payment), Some(payment), "Dbtr"),
        End::read(Some(payment), Some(payment), "Cdtr"),
    );
    for (end, bank) in [(&mut debtor, &header.from_bank), (&mut creditor, &header.to_bank)] {
        if end.bank.is_empty() && !end.is_iban {
            end.bank.clone_from(bank);
        }
    }
    let mut found = payment.first("PmtId").map(references).unwrap_or_default();
    add_reference(&mut found, &header.message);
    let received = if settled == instructed { Default::default() } else { settled };
    Ok(vec![
        ("from_account", debtor.account),
        ("to_account", creditor.account),
        ("booked", date_or_time(booked)),
        ("amount", instructed.0),
        ("currency", instructed.1),
        ("received_amount", received.0),
        ("received_currency", received.1),
        ("from_name", debtor.name),
        ("from_bank", debtor.bank),
        ("to_name", creditor.name),
        ("to_bank", creditor.bank),
        ("reference", found.join("; ")),
        ("channel", "wire".to_owned()),
        ("description", remittance(payment.first("RmtInf")).join(" ")),
    ])
}
