//! The header of an ACH batch: the company, what its entries are, and when they settle.

use crate::records::nacha::blocks::Block;
use crate::records::nacha::codes::{is_entry_class, routing, settlement_date, six_digit_date};
use crate::records::nacha::totals::{Totals, note};
use crate::records::reject::Reject;

/// A batch whose header was read, and the sums over it so far.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// Its header.
    pub header: Block,
    /// Three digits: mixed, credits, debits or advices.
    pub service: String,
    /// The company's name; empty in a batch that crosses a border.
    pub company: String,
    /// The company's number as it stands with its bank.
    pub company_id: String,
    /// Class of its entries, such as `PPD`.
    pub class: String,
    /// What the company writes about its entries.
    pub purpose: String,
    /// Currency in which a border-crossing entry is received.
    pub currency_received: String,
    /// Day the money moves: the operator's settlement day, else the day the company asks for.
    pub settles: Option<jiff::civil::Date>,
    /// The day the company asks for, where the operator settled on another.
    pub asked: Option<jiff::civil::Date>,
    /// Whether the day is the operator's.
    pub is_settled: bool,
    /// Nine digits of the bank that sends the batch.
    pub bank: String,
    /// Why its entries cannot be read: the header could not.
    pub broken: bool,
    /// Sums over its entries so far.
    pub totals: Totals,
}

impl Batch {
    /// Reads a header; what is wrong with it, and of that the faults that break it.
    pub fn read(block: Block, created: Option<jiff::civil::Date>) -> (Batch, Vec<Reject>) {
        let mut faults = Vec::new();
        let class = block.at(51, 53);
        let crosses_border = class == "IAT" || block.at(5, 20) == "IATCOR";
        let mut batch = Batch {
            service: block.at(2, 4),
            company: if crosses_border { String::new() } else { block.at(5, 20) },
            company_id: block.at(41, 50),
            class,
            purpose: block.at(54, 63),
            ..Batch::default()
        };
        if crosses_border {
            batch.currency_received = block.at(67, 69);
        }
        match routing(&block, 80) {
            Some(bank) => batch.bank = bank,
            None => {
                batch.broken = true;
                faults.push(Reject {
                    kept: false,
                    ..note(&block, "originating bank (80-87)", &block.at(80, 87), "expected eight digits of a routing number; the entries of the batch cannot be read without it")
                });
            }
        }
        batch.dates(&block, created, &mut faults);
        batch.wording(&block, &mut faults);
        batch.header = block;
        (batch, faults)
    }

    /// Whether its entries are the operator's sums of entries that stand elsewhere.
    pub fn is_advice(&self) -> bool {
        self.class == "ADV" || self.service == "280"
    }

    fn dates(
        &mut self,
        block: &Block,
        created: Option<jiff::civil::Date>,
        faults: &mut Vec<Reject>,
    ) {
        let (asked, settled) = (block.at(70, 75), block.at(76, 78));
        let asked_day = six_digit_date(&asked);
        let near = asked_day.or(created);
        let settled_day = near.and_then(|near| settlement_date(&settled, near));
        let unstated = |text: &str| text.bytes().all(|byte| byte == b'0');
        if asked_day.is_none() && !unstated(&asked) {
            faults.push(note(
                block,
                "effective entry date (70-75)",
                &asked,
                "expected a date such as 260331",
            ));
        }
        if settled_day.is_none() && !unstated(&settled) {
            faults.push(note(
                block,
                "settlement day (76-78)",
                &settled,
                "expected a day of the year from 001 to 366",
            ));
        }
        if let (None, None, Some(created)) = (asked_day, settled_day, created) {
            let reason = format!(
                "neither the company nor the operator states a day; the day the file was made, \
                 {created}, is that of the batch"
            );
            faults.push(note(block, "effective entry date (70-75)", &asked, reason));
        }
        self.is_settled = settled_day.is_some();
        self.settles = settled_day.or(asked_day);
        self.asked = asked_day.filter(|day| settled_day.is_some_and(|settled| settled != *day));
    }

    fn wording(&self, block: &Block, faults: &mut Vec<Reject>) {
        if !matches!(self.service.as_str(), "200" | "220" | "225" | "280") {
            faults.push(note(
                block,
                "service class (2-4)",
                &self.service,
                "expected 200, 220, 225 or 280",
            ));
        }
        if !is_entry_class(&self.class) {
            faults.push(note(block, "entry class (51-53)", &self.class, "expected a class of the rules such as PPD or CCD; its entries are read as plain ones"));
        }
        let zeros = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte == b'0');
        for (column, text) in
            [("company name (5-20)", &self.company), ("entry description (54-63)", &self.purpose)]
        {
            if zeros(text) {
                faults.push(note(block, column, text, "expected words, not zeros"));
            }
        }
    }

    /// Compares the batch with its control.
    pub fn compare(&self, control: &Block) -> Vec<Reject> {
        let amount_digits = if self.is_advice() { 20 } else { 12 };
        let what = format!("batch that starts on line {}", self.header.line);
        let mut notes = self.totals.compare(control, 5, 6, amount_digits, &what);
        let same =
            [(2, 4, "service class"), (80, 87, "originating bank"), (88, 94, "batch number")];
        let header = |first: usize, last: usize| self.header.at(first, last);
        // In batches that cross a border the control often leaves it out.
        let stated = control.at(45, 54);
        if !self.is_advice() && !stated.is_empty() && stated != header(41, 50) {
            let reason =
                format!("expected {:?}, the company identification of the {what}", header(41, 50));
            notes.push(note(control, "company identification (45-54)", &stated, reason));
        }
        for (first, last, name) in same {
            let (stated, expected) = (control.at(first, last), header(first, last));
            if stated != expected {
                let reason = format!("expected {expected:?}, the {name} of the {what}");
                notes.push(note(control, &format!("{name} ({first}-{last})"), &stated, reason));
            }
        }
        notes
    }
}
