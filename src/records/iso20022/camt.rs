//! camt.052, camt.053 and camt.054: reports, statements and notices of accounts.
//!
//! A statement (camt.053) states what its rows lead from and to; its booked balances are handed
//! on. A report within the day (camt.052) gives its balances of the day beside entries since the
//! last report, and a notice (camt.054) gives some entries only, so that neither is a statement:
//! taking their balances for one would show accounts as broken that are not.

use std::io;

use crate::records::elements::{Element, Step};
use crate::records::iso20022::details::Detail;
use crate::records::iso20022::entries::{Entry, OwnAccount, date_of};
use crate::records::iso20022::parties::{account_number, agent, has_iban};
use crate::records::iso20022::walk::{Refusal, Walk, says};
use crate::records::markup::Stop;
use crate::records::structured::{Item, SourceBytes, Statement, StructuredReader};

/// Weight of the payments of one entry; an entry with more stays one record.
const DETAILS_BYTES_MAX: usize = 64 << 20;

/// Elements `Chrgs` that are taken of one entry.
const CHARGES_MAX: usize = 40;

/// Whether the first bytes are of a camt.052, camt.053 or camt.054.
pub fn recognises_camt(head: &[u8]) -> bool {
    let words = ["camt.052", "camt.053", "camt.054", "BkToCstmrStmt", "BkToCstmrAcctRpt"];
    says(head, &words) || says(head, &["BkToCstmrDbtCdtNtfctn"])
}

/// Starts to read account reports.
pub fn open_camt(bytes: SourceBytes) -> Box<dyn StructuredReader> {
    Box::new(CamtReader { state: State::Unopened(Some(bytes)) })
}

struct CamtReader {
    state: State,
}

enum State {
    Unopened(Option<SourceBytes>),
    Open(Box<Reports>),
}

impl StructuredReader for CamtReader {
    fn next_item(&mut self) -> io::Result<Option<Item>> {
        if let State::Unopened(bytes) = &mut self.state {
            let bytes = bytes.take().ok_or_else(|| io::Error::other("read after an error"))?;
            let walk = Walk::new(bytes)?;
            self.state = State::Open(Box::new(Reports::new(walk)));
        }
        let State::Open(reports) = &mut self.state else { return Ok(None) };
        reports.next_item()
    }
}

/// The three messages, by their root.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Message {
    Report,
    Statement,
    Notice,
}

impl Message {
    fn of(name: &str) -> Option<Message> {
        let begins = |root: &str| name.starts_with(root);
        if begins("BkToCstmrStmt") || begins("camt.053") {
            Some(Message::Statement)
        } else if begins("BkToCstmrAcctRpt") || begins("camt.052") {
            Some(Message::Report)
        } else if begins("BkToCstmrDbtCdtNtfctn") || begins("camt.054") {
            Some(Message::Notice)
        } else {
            None
        }
    }

    fn part(self) -> &'static str {
        match self {
            Message::Report => "Rpt",
            Message::Statement => "Stmt",
            Message::Notice => "Ntfctn",
        }
    }

    /// What stands beside the statement: its entries may be repeated there.
    fn report(self) -> &'static str {
        match self {
            Message::Report => "interim",
            Message::Statement => "",
            Message::Notice => "notice",
        }
    }
}

/// What is known of the account report that is being read.
#[derive(Default)]
struct Part {
    own: OwnAccount,
    number: String,
    days: (String, String),
    balances: Vec<Element>,
    line: u32,
    entries: u32,
    first: u32,
}

struct Reports {
    walk: Walk,
    message: Option<Message>,
    /// Account reports in the message so far.
    parts: u32,
    part: Option<Part>,
}

impl Reports {
    fn new(walk: Walk) -> Reports {
        Reports { walk, message: None, parts: 0, part: None }
    }

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
                    self.walk.refuse_empty("account report (camt.052, camt.053 or camt.054)");
                    self.walk.ended(None)?;
                }
                Err(stop) => {
                    // What a cut statement says of its account is evidence as well.
                    self.end_part();
                    self.walk.ended(Some(stop))?;
                }
            }
        }
    }

    /// Reads a little further; false at the end of the document.
    fn advance(&mut self) -> Result<bool, Stop> {
        let Some(message) = self.message else { return self.find_message() };
        let step = self.walk.elements().step()?;
        if self.part.is_some() {
            match step {
                Step::Open(met) => self.part_child(met)?,
                Step::Close => {
                    self.end_part();
                    self.walk.leave();
                }
            }
            return Ok(true);
        }
        match step {
            Step::Open(met) if met.name == message.part() => {
                self.parts += 1;
                self.walk.enter(&met.name, Some(self.parts));
                let own = OwnAccount { report: message.report(), ..OwnAccount::default() };
                self.part = Some(Part { line: self.walk.number + 1, own, ..Part::default() });
            }
            Step::Open(_) => self.walk.elements().pass()?,
            Step::Close => {
                if self.parts == 0 {
                    let (line, path) = (self.walk.elements().line(), self.walk.path());
                    let reason =
                        format!("the message holds no account report ({})", message.part());
                    self.walk.refuse(
                        line,
                        &path,
                        Refusal::new(message.part(), "", reason),
                        String::new(),
                    );
                }
                self.message = None;
                self.walk.leave();
            }
        }
        Ok(true)
    }

    fn find_message(&mut self) -> Result<bool, Stop> {
        let Some((message, _)) = self.walk.find_message(Message::of)? else { return Ok(false) };
        self.message = Some(message);
        self.parts = 0;
        Ok(true)
    }

    fn part_child(&mut self, met: Element) -> Result<(), Stop> {
        let name = met.name.clone();
        if name == "Ntry" {
            return self.entry(met);
        }
        let wanted = ["Id", "ElctrncSeqNb", "LglSeqNb", "FrToDt", "Acct", "Bal"];
        if !wanted.contains(&name.as_str()) {
            return self.walk.elements().pass();
        }
        let element = self.walk.elements().take(met)?;
        let flaw = self.walk.elements().take_flaw();
        if let Some(flaw) = flaw {
            let path = format!("{}/{name}", self.walk.path());
            self.walk.refuse(element.line, &path, Refusal::new(&name, "", flaw), String::new());
            return Ok(());
        }
        let Some(part) = self.part.as_mut() else { return Ok(()) };
        match name.as_str() {
            "ElctrncSeqNb" => part.number = element.text,
            "Id" | "LglSeqNb" if part.number.is_empty() => part.number = element.text,
            "FrToDt" => {
                let day = |paths: &[&str]| date_of(element.first_text(paths));
                part.days = (day(&["FrDtTm", "FrDt"]), day(&["ToDtTm", "ToDt"]));
            }
            "Acct" => {
                let bank = element.first("Svcr").filter(|_| !has_iban(&element));
                part.own = OwnAccount {
                    number: account_number(&element).to_owned(),
                    bank: bank.map(agent).unwrap_or_default(),
                    currency: element.text_at("Ccy").to_owned(),
                    report: part.own.report,
                };
            }
            // A real statement has a dozen kinds of balance; what has more is not one.
            "Bal" if part.balances.len() < 40 => part.balances.push(element),
            _ => {}
        }
        Ok(())
    }

    fn entry(&mut self, met: Element) -> Result<(), Stop> {
        let Some(part) = self.part.as_mut() else { return Ok(()) };
        part.entries += 1;
        let nth = part.entries;
        self.walk.enter("Ntry", Some(nth));
        let read = self.read_entry(met);
        if read.is_ok() {
            self.walk.leave();
        }
        let entry = read?;
        let Some(part) = self.part.as_mut() else { return Ok(()) };
        let statement = self.message == Some(Message::Statement);
        let (line, path) = (entry.element.line, entry.path.clone());
        let before = self.walk.number;
        match entry.read(&part.own, statement) {
            Ok(read) => {
                for draft in read.drafts {
                    let place = (draft.line, draft.path.clone(), draft.raw.clone());
                    self.walk.record(draft);
                    for remark in &read.remarks {
                        let (line, path, raw) = &place;
                        self.walk.remark(*line, path, remark.clone(), raw.clone(), true);
                    }
                }
                if part.first == 0 {
                    part.first = before + 1;
                }
            }
            Err((refusal, raw)) => {
                self.walk.refuse(line, &path, refusal, raw);
                if part.first == 0 {
                    part.first = before + 1;
                }
            }
        }
        Ok(())
    }

    /// Takes an entry: its own elements whole, its payments one by one.
    fn read_entry(&mut self, met: Element) -> Result<Entry, Stop> {
        self.walk.elements().take_flaw();
        self.walk.elements().take_raw();
        let mut entry = Entry { element: met, path: self.walk.path(), ..Entry::default() };
        let mut weight = 0;
        let mut lists = 0;
        let mut singles = 0;
        while let Step::Open(child) = self.walk.elements().step()? {
            match child.name.as_str() {
                "NtryDtls" => {
                    lists += 1;
                    self.walk.enter("NtryDtls", Some(lists));
                    self.entry_details(&mut entry, &mut weight)?;
                    self.walk.leave();
                }
                "TxDtls" => {
                    singles += 1;
                    self.detail(&mut entry, child, singles, &mut weight)?;
                }
                _ => self.entry_element(&mut entry, child, None)?,
            }
        }
        let flaw = self.walk.elements().take_flaw();
        entry.flaw = entry.flaw.or(flaw);
        if entry.raw.is_empty() {
            entry.raw = self.walk.elements().take_raw();
        }
        Ok(entry)
    }

    fn entry_details(&mut self, entry: &mut Entry, weight: &mut usize) -> Result<(), Stop> {
        let mut payments = 0;
        while let Step::Open(child) = self.walk.elements().step()? {
            if child.name == "TxDtls" {
                payments += 1;
                self.detail(entry, child, payments, weight)?;
            } else {
                self.entry_element(entry, child, Some("NtryDtls"))?;
            }
        }
        Ok(())
    }

    /// Takes an element of an entry that is not a payment.
    fn entry_element(
        &mut self,
        entry: &mut Entry,
        met: Element,
        within: Option<&str>,
    ) -> Result<(), Stop> {
        const WANTED: [&str; 12] = [
            "NtryRef",
            "Amt",
            "CdtDbtInd",
            "RvslInd",
            "Sts",
            "BookgDt",
            "ValDt",
            "AcctSvcrRef",
            "BkTxCd",
            "AddtlNtryInf",
            "Btch",
            "Chrgs",
        ];
        let path = within.map_or_else(|| met.name.clone(), |list| format!("{list}/{}", met.name));
        // Older versions state each charge by itself; a real entry has a handful.
        let again = match met.name.as_str() {
            "Chrgs" => entry.element.named("Chrgs").count() == CHARGES_MAX,
            _ => entry.element.first(&path).is_some(),
        };
        if again || !WANTED.contains(&met.name.as_str()) {
            return self.walk.elements().pass();
        }
        let element = self.walk.elements().take(met)?;
        let flaw = self.walk.elements().take_flaw();
        entry.flaw = entry.flaw.take().or(flaw);
        match within {
            Some(list) => entry.element.children.push(Element {
                name: list.to_owned(),
                line: element.line,
                children: vec![element],
                ..Element::default()
            }),
            None => entry.element.children.push(element),
        }
        Ok(())
    }

    fn detail(
        &mut self,
        entry: &mut Entry,
        met: Element,
        nth: u32,
        weight: &mut usize,
    ) -> Result<(), Stop> {
        if entry.raw.is_empty() {
            entry.raw = self.walk.elements().take_raw();
        }
        if *weight > DETAILS_BYTES_MAX {
            entry.details_cut = true;
            return self.walk.elements().pass();
        }
        self.walk.elements().take_raw();
        let element = self.walk.elements().take(met)?;
        let mut detail = Detail::read(&element);
        detail.flaw = self.walk.elements().take_flaw();
        detail.path = format!("{}/TxDtls[{nth}]", self.walk.path());
        detail.raw = self.walk.elements().take_raw();
        *weight += detail.weight();
        entry.details.push(detail);
        Ok(())
    }

    fn end_part(&mut self) {
        let Some(part) = self.part.take() else { return };
        if self.message != Some(Message::Statement) {
            return;
        }
        let records = (part.first > 0).then_some((part.first, self.walk.number));
        let statement = part.statement(records);
        self.walk.hand_on(Item::Statement(statement));
    }
}

impl Part {
    fn statement(self, records: Option<(u32, u32)>) -> Statement {
        let of = |kinds: &[&str]| -> Vec<&Element> {
            let known = |one: &&Element| {
                let kind = one.first_text(&["Tp/CdOrPrtry/Cd", "Tp/Cd", "Tp/CdOrPrtry/Prtry"]);
                kinds.contains(&kind)
            };
            self.balances.iter().filter(known).collect()
        };
        let (opened, closed, interim) = (of(&["OPBD"]), of(&["CLBD"]), of(&["ITBD"]));
        let before = of(&["PRCD"]);
        // Pages of one statement carry the balance over from page to page as interim ones.
        let opening = opened.first().or(before.first()).or(match interim.len() {
            0 => None,
            1 if closed.is_empty() => None,
            _ => interim.first(),
        });
        let carried = if opened.is_empty() && before.is_empty() { 1 } else { 0 };
        let closing = closed.last().or(interim.get(carried..).and_then(|rest| rest.last()));
        let currency_of = |one: &Element| {
            one.first("Amt").map_or("", |amount| amount.attribute("Ccy")).to_owned()
        };
        let currency = match closing.or(opening) {
            _ if !self.own.currency.is_empty() => self.own.currency.clone(),
            Some(balance) => currency_of(balance),
            None => String::new(),
        };
        // A balance in another currency than the account's is not the account's.
        let signed = |balance: Option<&&Element>| {
            let balance = balance.filter(|one| currency_of(one) == currency)?;
            let amount = balance.text_at("Amt");
            let sign = match balance.text_at("CdtDbtInd") {
                "DBIT" => "-",
                "CRDT" => "",
                _ => return None,
            };
            Some(format!("{sign}{amount}"))
        };
        let mut days = self.days.clone();
        if days.1.is_empty() {
            let dated = closing.map(|one| date_of(one.first_text(&["Dt/Dt", "Dt/DtTm", "Dt"])));
            days.1 = dated.unwrap_or_default();
        }
        Statement {
            line: self.line,
            account: self.own.number.clone(),
            bank: self.own.bank.clone(),
            opening: signed(opening),
            closing: signed(closing),
            currency,
            number: self.number.clone(),
            days,
            records,
        }
    }
}
