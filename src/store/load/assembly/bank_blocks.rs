//! Blocks of payments, taken over: their accounts become those of the book, their columns follow
//! those of the blocks before.

use super::Assembly;
use crate::error::Result;
use crate::model::{NONE, SourceRef};
use crate::records::{Layout, Numbers};
use crate::store::load::bank::BankBatch;
use crate::store::load::entities::AccountShape;
use crate::store::load::entities::raw_accounts::{Numbering, RawAccounts};
use crate::store::load::statements::coverage::Noted;
use crate::store::tables::Table;

/// Transfers for which room is made at once; a size that a file only claims asks for no more.
const EXPECTED_MAX: usize = 1 << 26;

impl Assembly {
    /// How many records of transfers were read.
    pub fn transfers(&self) -> usize {
        self.transfers.line.len()
    }

    /// Makes room for the transfers of a source of `whole` bytes, `bytes` of which held `rows`; a
    /// hint that may be wrong either way.
    pub fn expect_transfers(&mut self, rows: usize, bytes: u64, whole: u64) {
        let all = rows as u128 * u128::from(whole) / u128::from(bytes.max(1));
        // A fiftieth more, since rows grow shorter too. Untouched room takes no memory.
        let all = usize::try_from(all + all / 50).unwrap_or(usize::MAX).min(EXPECTED_MAX);
        self.transfers.reserve_rows(all.saturating_sub(rows));
    }

    /// Takes over a block of bank records. Cost: one interning for each distinct account and
    /// name of the block, and a copy of its columns.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Io`] if the disk refuses the texts.
    pub fn take_bank(&mut self, source: u32, batch: &mut BankBatch, layout: &Layout) -> Result<()> {
        let covers = layout.covers();
        self.provenance.covers.insert(source, covers);
        let by_key = self.accounts_by_key(batch, layout);
        let accounts = self.accounts_of_records(batch);
        let base = self.transfers.line.len() as u32;
        let rows = batch.line.len();
        self.push_ends(batch, &by_key, &accounts);
        let transfers = &mut self.transfers;
        transfers.booked_ms.extend(batch.booked.iter().map(|booked| booked.ms));
        transfers.day.extend(batch.booked.iter().map(|booked| booked.day));
        transfers.timed.extend(batch.booked.iter().map(|booked| booked.timed));
        let first = base as usize;
        let noted = Noted {
            booked: &batch.booked,
            side: &batch.side,
            from: &self.transfers.from_account[first..],
            to: &self.transfers.to_account[first..],
        };
        self.stretches.note(source, covers, noted, self.book.accounts.shapes.len());
        self.transfers.amount_minor.extend(&batch.amount_minor);
        self.transfers.currency.extend(&batch.currency);
        self.transfers.channel.extend(&batch.channel);
        self.transfers.side.extend(&batch.side);
        self.transfers.source.extend(std::iter::repeat_n(source, rows));
        self.transfers.line.extend(&batch.line);
        for (row, minor, currency) in batch.received.drain(..) {
            self.received.push((base + row, minor, currency));
        }
        for (row, account, name) in batch.named.drain(..) {
            let name = self.names.intern(batch.names.get(name));
            let at = SourceRef { source, line: batch.line[row as usize] };
            self.named.entry((accounts[account as usize], name)).or_insert(at);
        }
        let flagged = std::mem::take(&mut batch.flagged).into_iter();
        self.provenance.flagged.extend(flagged.map(|one| ((source, one.line), one)));
        let reports = std::mem::take(&mut batch.reports).into_iter();
        self.provenance.reports.extend(reports.map(|(line, word)| ((source, line), word)));
        self.provenance.take_sums(source, batch);
        self.reject(source, std::mem::take(&mut batch.rejects))?;
        let Some(parts) = &mut self.details else { return Ok(()) };
        let mut details = std::mem::take(&mut batch.details);
        self.provenance.described |= details.description.iter().any(|text| !text.is_empty());
        details.source.iter_mut().for_each(|one| *one = source);
        parts.push(details)
    }

    /// The accounts that a block's keys name, in their order.
    fn accounts_by_key(&mut self, batch: &BankBatch, layout: &Layout) -> Vec<u32> {
        if batch.keys.is_empty() {
            return Vec::new();
        }
        let numbering = Numbering {
            institution: layout.institution.clone(),
            global: layout.numbers == Numbers::Global,
        };
        if self.raw.as_ref().is_none_or(|raw| !raw.serves(&numbering)) {
            self.raw = Some(RawAccounts::new(numbering));
        }
        let raw = self.raw.as_mut().expect("it was just made");
        let long = raw.long_texts(&batch.long);
        raw.accounts(&batch.keys, &long, &mut self.book.accounts)
    }

    /// Accounts of the book by their number in a block; [`NONE`] for those that its records do not
    /// name.
    fn accounts_of_records(&mut self, batch: &BankBatch) -> Vec<u32> {
        let mut accounts: Vec<u32> = Vec::with_capacity(batch.accounts.shapes.len());
        let named = batch.accounts_of_records();
        for (at, shape) in batch.accounts.shapes.iter().enumerate() {
            if !named[at] {
                accounts.push(NONE);
                continue;
            }
            let near = if shape.near == NONE { NONE } else { accounts[shape.near as usize] };
            let identity = batch.accounts.identities.get(at as u32);
            accounts.push(self.book.accounts.add(identity, AccountShape { near, ..*shape }));
        }
        accounts
    }

    /// Sender and receiver of each row, by keys or by numbers of the block.
    fn push_ends(&mut self, batch: &BankBatch, by_key: &[u32], accounts: &[u32]) {
        let transfers = &mut self.transfers;
        let mut by_key = by_key.chunks_exact(2);
        if by_key.len() == batch.line.len() {
            transfers.from_account.extend(by_key.clone().map(|pair| pair[0]));
            transfers.to_account.extend(by_key.map(|pair| pair[1]));
        } else {
            for (from, to) in batch.from.iter().zip(&batch.to) {
                let (from, to) = match *from {
                    NONE => {
                        let pair = by_key.next().expect("a row without accounts has keys");
                        (pair[0], pair[1])
                    }
                    from => (accounts[from as usize], accounts[*to as usize]),
                };
                transfers.from_account.push(from);
                transfers.to_account.push(to);
            }
        }
    }
}
