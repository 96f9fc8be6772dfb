//! Rows of a list of transfers to columns, for the rows that hold nothing unusual.
//!
//! Fields are read in place, words and times through small caches, accounts as the bytes that
//! name them. A row with anything that is to be set aside, flagged or looked at more closely is
//! read by [`BankReader`] instead, which decides what every row means: this file only knows the
//! rows about which there is nothing to say.

use crate::model::{Channel, Currency, NONE, Stamp};
use crate::normalise::{plain_minor, short_minor};
use crate::records::{Bound, PlainRow, PlainRows, RawBatch, RecordKind, ShortText};
use crate::store::load::bank::{BankBatch, BankReader};
use crate::store::load::entities::raw_accounts::AccountKey;
use crate::store::load::reading::values::Values;
use crate::store::tables::Side;

/// Words of a closed list that are remembered at a time.
const WORDS: usize = 256;

/// Which of a row's two currencies.
const SENT: usize = 0;
const RECEIVED: usize = 1;

/// The columns of a list's fields, when its rows can be read here at all.
pub struct PlainTransfers<'a> {
    values: &'a Values<'a>,
    from_account: usize,
    to_account: usize,
    booked: usize,
    amount: usize,
    from_bank: Option<usize>,
    to_bank: Option<usize>,
    currency: Option<usize>,
    received_amount: Option<usize>,
    received_currency: Option<usize>,
    channel: Option<usize>,
    description: Option<usize>,
    reference: Option<usize>,
    place: Option<usize>,
    /// Columns that must be empty: names, pages and kept columns are [`BankReader`]'s.
    empty: Vec<usize>,
    /// Rows that name no bank may hold it in the number, `BANK/NUMBER`.
    bank_in_number: bool,
    /// Both currencies are mapped alike: the same text means the same.
    one_list: bool,
}

/// Numbers of the fields of `bank-transfers` by name.
fn number(name: &str) -> usize {
    RecordKind::BankTransfers.field(name).expect("a field of the record kind")
}

impl<'a> PlainTransfers<'a> {
    /// The fields of a source; `None` when its layout asks for more than this file reads.
    pub fn new(values: &'a Values<'a>) -> Option<PlainTransfers<'a>> {
        let reading = values.reading;
        let listed = reading.layout.record == RecordKind::BankTransfers;
        if !listed || !reading.sections.is_empty() {
            return None;
        }
        let optional = |name: &str| match &reading.fields[number(name)] {
            Bound::Slot(slot) => Some(Some(reading.shape.wanted[*slot])),
            Bound::Absent => Some(None),
            _ => None,
        };
        let unmapped = |name: &str| (!values.maps(number(name))).then(|| optional(name)).flatten();
        let kept = reading.attributes.iter().map(|(_, slot)| reading.shape.wanted[*slot]);
        let mut empty: Vec<usize> = kept.collect();
        for name in [
            "from_name",
            "to_name",
            "page",
            "bates",
            "reversal",
            "reverses",
            "reversal_charges",
            "completed",
        ] {
            empty.extend(unmapped(name)?);
        }
        let (from_bank, to_bank) = (unmapped("from_bank")?, unmapped("to_bank")?);
        Some(PlainTransfers {
            values,
            from_account: unmapped("from_account")??,
            to_account: unmapped("to_account")??,
            booked: unmapped("booked")??,
            amount: unmapped("amount")??,
            from_bank,
            to_bank,
            currency: optional("currency")?,
            received_amount: unmapped("received_amount")?,
            received_currency: optional("received_currency")?,
            channel: optional("channel")?,
            description: unmapped("description")?,
            reference: unmapped("reference")?,
            place: unmapped("place")?,
            empty,
            bank_in_number: reading.layout.institution.trim().is_empty(),
            one_list: values.mapped_alike(number("currency"), number("received_currency")),
        })
    }

    /// Decodes a block into `out`, which is empty; rows that are not plain are read by `reader`.
    /// What was set aside and passed over while rows were split stands in the batch that is
    /// returned beside it, and how many records there were.
    pub fn read(
        &self,
        reader: &BankReader<'_>,
        mut rows: PlainRows<'_>,
        caches: &mut Caches,
        mut out: BankBatch,
    ) -> (BankBatch, RawBatch, u64) {
        let mut set_aside = RawBatch::new(0);
        let mut read = 0;
        while let Some(row) = rows.next_row() {
            if row.blank {
                set_aside.ignored += 1;
                continue;
            }
            if row.regular && self.row(&rows, row, caches, &mut out).is_some() {
                read += 1;
                continue;
            }
            let mut split = rows.split(row);
            let lost = split.rejects.iter().filter(|reject| !reject.kept).count();
            read += (split.rows() + lost) as u64;
            set_aside.ignored += split.ignored;
            set_aside.rejects.append(&mut split.rejects);
            set_aside.headers.append(&mut split.headers);
            fill(&mut out);
            reader.read_into(&split, &mut out);
        }
        fill(&mut out);
        (out, set_aside, read)
    }

    /// One row, whole or not at all.
    #[inline]
    fn row(
        &self,
        rows: &PlainRows<'_>,
        row: PlainRow,
        caches: &mut Caches,
        out: &mut BankBatch,
    ) -> Option<()> {
        let at = out.line.len() as u32;
        for column in &self.empty {
            let (start, end) = rows.span(*column);
            if start != end {
                return None;
            }
        }
        let booked = self.booked(rows, caches)?;
        let (currency, digits) = self.currency(rows, SENT, self.currency, caches)?;
        let amount_span = rows.span(self.amount);
        let amount = self.amount(rows, amount_span, digits)?;
        if amount < 0 {
            return None;
        }
        let received = self.received(rows, caches, amount_span, amount, (currency, digits))?;
        let channel = self.channel(rows, caches)?;
        let from = self.account(rows, self.from_bank, self.from_account)?;
        let to = self.account(rows, self.to_bank, self.to_account)?;
        // Nothing below can fail, so that a row is never entered twice.
        for (bank, number) in [from, to] {
            let bank = bank.map_or(Ok((0, 0)), |span| short_or_text(rows, span));
            let key = AccountKey::new(bank, short_or_text(rows, number), &mut out.long);
            out.keys.push(key);
        }
        out.booked.push(booked);
        out.amount_minor.push(amount);
        out.currency.push(currency);
        out.channel.push(channel);
        out.line.push(row.line);
        if let Some((minor, currency)) = received {
            out.received.push((at, minor, currency));
        }
        self.details(rows, row, out);
        Some(())
    }

    #[inline]
    fn booked(&self, rows: &PlainRows<'_>, caches: &mut Caches) -> Option<Stamp> {
        let span = rows.span(self.booked);
        let short = rows.short(span);
        if short.is_none() || short != caches.time.0 {
            let read = self.values.read_time(number("booked"), rows.text(span))?;
            if read.ambiguous {
                return None;
            }
            caches.time = (short, read.stamp);
        }
        Some(caches.time.1)
    }

    /// The currency that a field states, and its decimals; the case's where it states none.
    #[inline]
    fn currency(
        &self,
        rows: &PlainRows<'_>,
        which: usize,
        column: Option<usize>,
        caches: &mut Caches,
    ) -> Option<(Currency, u8)> {
        let read = |text: &str| {
            let field = number(["currency", "received_currency"][which]);
            let currency = self.values.plain_currency(field, text)?;
            Some((currency, self.values.digits.of(currency)))
        };
        let Some(column) = column else {
            let known = &mut caches.default_currency;
            return Some(*known.get_or_insert((
                self.values.currency,
                self.values.digits.of(self.values.currency),
            )));
        };
        let span = rows.span(column);
        caches.currencies[which].word(rows, span, read)
    }

    #[inline]
    fn amount(&self, rows: &PlainRows<'_>, span: (usize, usize), digits: u8) -> Option<i64> {
        let mark = self.values.mark;
        let short = rows.short(span);
        let minor = short.and_then(|text| short_minor(text.bytes, text.length, mark, digits));
        minor.or_else(|| plain_minor(rows.bytes(span), mark, digits))
    }

    /// Amount and currency received, where they differ from what was sent.
    #[inline]
    fn received(
        &self,
        rows: &PlainRows<'_>,
        caches: &mut Caches,
        sent_span: (usize, usize),
        sent: i64,
        of: (Currency, u8),
    ) -> Option<Option<(i64, Currency)>> {
        let (currency, digits) = match self.received_currency.map(|at| (at, rows.span(at))) {
            // A field that states none means the currency sent, and not the case's.
            Some((_, (start, end))) if start == end => of,
            Some((at, span)) => match self.currency.map(|sent| rows.span(sent)) {
                Some(sent) if self.one_list && rows.same(sent, span) => of,
                _ => self.currency(rows, RECEIVED, Some(at), caches)?,
            },
            None => of,
        };
        let Some(column) = self.received_amount else { return Some(None) };
        let span = rows.span(column);
        if span.0 == span.1 {
            return Some(None);
        }
        if currency == of.0 && rows.same(span, sent_span) {
            return Some(None);
        }
        let minor = self.amount(rows, span, digits)?;
        Some(((minor, currency) != (sent, of.0)).then_some((minor, currency)))
    }

    #[inline]
    fn channel(&self, rows: &PlainRows<'_>, caches: &mut Caches) -> Option<Channel> {
        let Some(column) = self.channel else { return Some(Channel::default()) };
        let read = |text: &str| self.values.plain_channel(number("channel"), text);
        caches.channels.word(rows, rows.span(column), read)
    }

    /// Where bank and number of an account stand; `None` for a number that needs a closer look.
    #[inline]
    #[allow(clippy::type_complexity)]
    fn account(
        &self,
        rows: &PlainRows<'_>,
        bank: Option<usize>,
        number: usize,
    ) -> Option<(Option<(usize, usize)>, (usize, usize))> {
        let span = rows.span(number);
        let bytes = rows.bytes(span);
        // A first letter or digit is never dropped, so something is left of the number.
        if !bytes.first()?.is_ascii_alphanumeric() {
            return None;
        }
        // A number that ends in fewer than four digits may be masked, one with a plus may have
        // lost its digits, one without a digit may be a word for none: none names an account.
        let ends_in = match bytes.last_chunk::<5>() {
            Some(last) => kinds_of(last),
            None => kinds_of(bytes),
        };
        if ends_in & (MASK | DIGIT) != DIGIT {
            return None;
        }
        let bank = bank.map(|column| rows.span(column)).filter(|span| span.0 != span.1);
        // A number may hold its bank, `BANK/NUMBER`, where no text stands for one; text that is
        // none begins with a space of some kind.
        let names_bank = |span| matches!(rows.bytes(span).first(), Some(b'!'..=b'~'));
        let stated = if self.bank_in_number {
            bank.is_some_and(names_bank)
        } else {
            bank.is_none_or(names_bank)
        };
        if !stated && bytes.contains(&b'/') {
            return None;
        }
        Some((bank, span))
    }

    fn details(&self, rows: &PlainRows<'_>, row: PlainRow, out: &mut BankBatch) {
        let columns = [self.description, self.reference, self.place];
        if columns.iter().all(Option::is_none) {
            return;
        }
        let [description, reference, place] =
            columns.map(|column| column.map_or("", |column| rows.text(rows.span(column))));
        if [description, reference, place].iter().all(|text| text.is_empty()) {
            return;
        }
        let details = &mut out.details;
        details.source.push(0);
        details.line.push(row.line);
        details.balance_minor.push(None);
        details.value_day.push(None);
        details.description.push(description);
        details.reference.push(reference);
        details.counterparty.push("");
        details.pattern.push("");
        details.place.push(place);
        details.page.push("");
        details.attributes.push("");
    }
}

/// A byte that may hide digits of a number, and a digit.
const MASK: u8 = 1;
const DIGIT: u8 = 2;

/// What each byte is at the end of a number.
static KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        kinds[byte] = match byte as u8 {
            b'X' | b'x' | b'*' | b'.' | b'#' | b'+' | 0x80.. => MASK,
            b'0'..=b'9' => DIGIT,
            _ => 0,
        };
        byte += 1;
    }
    kinds
};

/// What the bytes are, together; all are looked at, since it is a few.
#[inline(always)]
fn kinds_of(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |found, byte| found | KINDS[usize::from(*byte)])
}

/// What every row that was read in place has alike, filled in for all of them at once.
fn fill(out: &mut BankBatch) {
    let rows = out.line.len();
    out.from.resize(rows, NONE);
    out.to.resize(rows, NONE);
    out.side.resize(rows, Side::List);
}

#[inline]
fn short_or_text<'r>(
    rows: &'r PlainRows<'_>,
    span: (usize, usize),
) -> Result<(u128, u32), &'r str> {
    match rows.short(span) {
        Some(short) => Ok((short.bytes, short.length)),
        None => Err(rows.text(span)),
    }
}

/// What the rows of a source repeat. Words mean what the source's layout says, so no other source
/// may be read with them.
pub struct Caches {
    time: (Option<ShortText>, Stamp),
    default_currency: Option<(Currency, u8)>,
    currencies: [Words<(Currency, u8)>; 2],
    channels: Words<Channel>,
}

impl Default for Caches {
    fn default() -> Caches {
        let stamp = Stamp { ms: 0, day: 0, timed: false };
        Caches {
            time: (None, stamp),
            default_currency: None,
            currencies: [Words::default(), Words::default()],
            channels: Words::default(),
        }
    }
}

/// What the words of a column mean, by place: the first and the last one that fell on it.
struct Words<T> {
    known: Vec<(ShortText, Option<T>)>,
}

impl<T> Default for Words<T> {
    fn default() -> Words<T> {
        Words { known: Vec::new() }
    }
}

impl<T: Copy> Words<T> {
    /// The meaning of a word, from memory or by `read`; a long word is read each time.
    #[inline]
    fn word(
        &mut self,
        rows: &PlainRows<'_>,
        span: (usize, usize),
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let Some(short) = rows.short(span) else { return read(rows.text(span)) };
        if self.known.is_empty() {
            self.known = vec![(ShortText::default(), None); WORDS];
        }
        let bytes = short.bytes as u64 ^ (short.bytes >> 64) as u64 ^ u64::from(short.length);
        let place = (bytes.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as usize;
        // Two words that fall on one place would push each other out at every second row.
        for known in [&self.known[place], &self.known[place ^ 1]] {
            if known.0 == short && known.1.is_some() {
                return known.1;
            }
        }
        let free = if self.known[place].1.is_none() { place } else { place ^ 1 };
        let meaning = read(rows.text(span));
        self.known[free] = (short, meaning);
        meaning
    }
}

#[cfg(test)]
mod tests;
