//! The case tables: every column with its type, unit and meaning.
//!
//! Entity tables stand in byte order of their identity text, so a row number depends on what a
//! case holds and never on the order in which it was loaded. Fact tables refer to entities by
//! that row number, which is valid inside one store; what lasts across stores is `key`.
//! `SCHEMA.md` beside this file says the same to people, and a test holds the two together.

mod places;
mod rows;
mod sides;

use std::ops::Range;
use std::sync::Mutex;

use polars::prelude::*;

use crate::model::{Channel, Currency, EntityKind, Texts};
use crate::store::columns::TableColumn;

pub use sides::Side;

/// A struct of equally long columns that is one Parquet file of the store.
pub trait Table: Default {
    /// File name without ending, and the table's name in SQL.
    const NAME: &'static str;

    /// Column name, type, meaning; in file order.
    fn columns() -> Vec<(&'static str, &'static str, &'static str)>;

    /// Rows held.
    fn rows(&self) -> usize;

    /// Some rows of the table as polars holds them.
    fn part(&self, rows: Range<usize>) -> PolarsResult<DataFrame>;

    /// The table as polars holds it.
    fn to_frame(&self) -> PolarsResult<DataFrame> {
        self.part(0..self.rows())
    }

    /// The table read back.
    ///
    /// # Errors
    ///
    /// If a column is missing or of another type.
    fn from_frame(frame: &DataFrame) -> PolarsResult<Self> {
        let mut table = Self::default();
        table.extend_from(frame)?;
        Ok(table)
    }

    /// Makes room for so many rows more.
    fn reserve_rows(&mut self, more: usize);

    /// Bytes of the texts that it holds.
    fn text_bytes(&self) -> usize;

    /// Puts the rows of a frame behind its own, every column by itself and several at once.
    ///
    /// # Errors
    ///
    /// As [`Table::from_frame`]; the table is then of no use.
    fn extend_from(&mut self, frame: &DataFrame) -> PolarsResult<()>;
}

/// A table that takes the rows of another of its kind, or gives some of its own.
pub trait Appends {
    /// Moves the rows of `more` behind its own.
    fn append(&mut self, more: Self);

    /// The rows of the given numbers, in that order; a column at a time, so that only one is
    /// held twice.
    fn select(self, order: &[u32]) -> Self;
}

macro_rules! tables {
    ($($(#[doc = $about:literal])+ $table:ident = $name:literal {
        $($column:ident: $type:ty = $meaning:literal,)+
    })+) => {
        $(
            $(#[doc = $about])+
            #[derive(Clone, Debug, Default, PartialEq)]
            pub struct $table {
                $(#[doc = $meaning] pub $column: $type,)+
            }

            impl Appends for $table {
                fn append(&mut self, more: Self) {
                    $(TableColumn::append_column(&mut self.$column, more.$column);)+
                }

                fn select(self, order: &[u32]) -> Self {
                    $table { $($column: TableColumn::select_rows(self.$column, order),)+ }
                }
            }

            impl Table for $table {
                const NAME: &'static str = $name;

                fn columns() -> Vec<(&'static str, &'static str, &'static str)> {
                    vec![$((stringify!($column), <$type as TableColumn>::TYPE, $meaning),)+]
                }

                fn rows(&self) -> usize {
                    let lengths = [$(TableColumn::rows(&self.$column),)+];
                    assert!(
                        lengths.iter().all(|length| *length == lengths[0]),
                        "the columns of {} are equally long: {lengths:?}", $name
                    );
                    lengths[0]
                }

                fn part(&self, rows: Range<usize>) -> PolarsResult<DataFrame> {
                    let columns = vec![$(
                        Column::from(self.$column.to_series(stringify!($column), rows.clone())),
                    )+];
                    DataFrame::new(rows.len(), columns)
                }

                fn reserve_rows(&mut self, more: usize) {
                    $(TableColumn::reserve_rows(&mut self.$column, more);)+
                }

                fn text_bytes(&self) -> usize {
                    [$(TableColumn::text_bytes(&self.$column),)+].into_iter().sum()
                }

                fn extend_from(&mut self, frame: &DataFrame) -> PolarsResult<()> {
                    let series = |name: &str| -> PolarsResult<&Series> {
                        Ok(frame.column(name)?.as_materialized_series())
                    };
                    let read: Mutex<PolarsResult<()>> = Mutex::new(Ok(()));
                    let told = (&read, &series);
                    rayon::scope(|scope| {
                        $(
                            let column = &mut self.$column;
                            scope.spawn(move |_| {
                                let (read, series) = told;
                                let extended = series(stringify!($column))
                                    .and_then(|series| TableColumn::extend_from(column, series));
                                if let Err(refused) = extended {
                                    *read.lock().expect("no column panics") = Err(refused);
                                }
                            });
                        )+
                    });
                    read.into_inner().expect("no column panics")
                }
            }
        )+

        /// Every table of a store: name, what it holds, columns with type and meaning.
        #[allow(clippy::type_complexity)]
        pub fn all_tables() -> Vec<(
            &'static str,
            String,
            Vec<(&'static str, &'static str, &'static str)>,
        )> {
            vec![$((
                $name,
                [$($about,)+].map(str::trim).join(" "),
                <$table as Table>::columns(),
            ),)+]
        }
    };
}

tables! {
    /// Value moving from one account to another, once each, in order of time, then source, then
    /// line. A transfer seen from both ends is one row whose second reading stands in `refs`.
    Transfers = "transfers" {
        from_account: Vec<u32> = "Row of `accounts` that paid.",
        to_account: Vec<u32> = "Row of `accounts` that was paid.",
        booked_ms: Vec<i64> = "When the sender's record books it: milliseconds since 1970 UTC; a date counts as its first instant in the case's zone.",
        day: Vec<i32> = "Civil day of the same in the case's zone: days since 1970-01-01.",
        timed: Vec<bool> = "False when the record gave a date without a time.",
        amount_minor: Vec<i64> = "Amount that left the sender, positive, minor units of `currency`.",
        currency: Vec<Currency> = "Currency of the amount.",
        channel: Vec<Channel> = "How it moved.",
        side: Vec<Side> = "Whose record the first reading is.",
        source: Vec<u32> = "Row of `sources` of the first reading.",
        line: Vec<u32> = "Physical line of the first reading, from 1.",
    }

    /// Further readings of a transfer or call: its other leg, in order of table and row.
    Refs = "refs" {
        of: Texts = "`transfers` or `calls`.",
        row: Vec<u32> = "Row of that table.",
        side: Vec<Side> = "Whose record this reading is.",
        booked_ms: Vec<i64> = "When this record books it: milliseconds since 1970 UTC; a date counts as its first instant in the case's zone.",
        day: Vec<i32> = "Civil day of the same in the case's zone.",
        source: Vec<u32> = "Row of `sources`.",
        line: Vec<u32> = "Physical line, from 1.",
        whole_minor: Vec<Option<i64>> = "Amount of this record where it books several transfers in one sum, minor units: each of them has a row for it.",
    }

    /// Transfers that reached the receiver in another currency or amount than they left.
    Conversions = "conversions" {
        transfer: Vec<u32> = "Row of `transfers`.",
        received_minor: Vec<i64> = "Amount received, positive, minor units of `received_currency`.",
        received_currency: Vec<Currency> = "Currency received.",
    }

    /// Pairs of records that may be two readings of one transfer and were not merged, since more
    /// than one fits. Both stay transfers of their own.
    PossiblePairs = "possible_pairs" {
        transfer: Vec<u32> = "Row of `transfers`.",
        other: Vec<u32> = "Row of `transfers` that may be its other leg.",
        why: Texts = "Why they were not merged.",
    }

    /// Why readings were taken for one transfer where more than equal accounts, amount and days
    /// decided: in order of transfer, source and line. A merge without a row here is of the two
    /// only records that are equal in accounts, amount and currency within the window.
    LegEvidence = "leg_evidence" {
        transfer: Vec<u32> = "Row of `transfers`.",
        source: Vec<u32> = "Row of `sources` of the further reading.",
        line: Vec<u32> = "Physical line of the further reading, from 1.",
        evidence: Texts = "What made the two readings one transfer, joined by `; `.",
    }

    /// Records that repeat another record and stand in no transfer, in order of source and line.
    Duplicates = "duplicates" {
        source: Vec<u32> = "Row of `sources` of the record left out.",
        line: Vec<u32> = "Its physical line, from 1; absent when all records of the source repeat the twin's.",
        twin_source: Vec<u32> = "Row of `sources` of the record that stands for it.",
        twin_line: Vec<u32> = "Physical line of that record; absent like `line`.",
        records: Vec<i64> = "Records left out: 1, or those of the whole source.",
        why: Texts = "What shows that it is a repeat.",
    }

    /// Pairs of records that may be one record produced twice and were both kept, and records of a
    /// report that the account's statement of the day does not repeat; in order of both rows.
    PossibleRepeats = "possible_repeats" {
        transfer: Vec<u32> = "Row of `transfers` whose record may be a repeat.",
        other: Vec<u32> = "Row of `transfers` that it may repeat; absent when a reissue or a statement lacks it.",
        why: Texts = "Why both were kept.",
    }

    /// Returned, reversed and charged back payments with the payment they undo; in order of both
    /// rows. Both stand in every total.
    Reversals = "reversals" {
        transfer: Vec<u32> = "Row of `transfers` that undoes another.",
        original: Vec<u32> = "Row of `transfers` that it undoes; absent when none was found.",
        stated_by: Texts = "What says that it is a reversal: the flag of its format and where it stands, or the words of its description.",
        why: Texts = "What ties the two, or that no original was found.",
    }

    /// What a bank record says beside its amounts: running balance and texts as found, in order
    /// of source and line. Records without any of it have no row.
    Details = "details" {
        source: Vec<u32> = "Row of `sources`.",
        line: Vec<u32> = "Physical line, from 1.",
        balance_minor: Vec<Option<i64>> = "Running balance after the record, minor units of the transfer's currency.",
        value_day: Vec<Option<i32>> = "Day from which the amount counts for interest, where stated.",
        description: Texts = "Description as found.",
        reference: Texts = "Reference as found.",
        counterparty: Texts = "The other end's name or account as found, or read out of the description.",
        pattern: Texts = "The counterparty pattern that read it, if one did.",
        place: Texts = "Branch, machine or place as found.",
        page: Texts = "Page of the return, with Bates number where stated.",
        attributes: Texts = "Further columns that the layout keeps, as a JSON object.",
    }

    /// Calls, texts and data sessions, in order of time, then source, then line.
    Calls = "calls" {
        from_phone: Vec<u32> = "Row of `phones` that called.",
        to_phone: Vec<u32> = "Row of `phones` that was called.",
        start_ms: Vec<i64> = "Start: milliseconds since 1970 UTC.",
        day: Vec<i32> = "Civil day of the start in the case's zone.",
        duration_s: Vec<Option<i32>> = "Seconds.",
        kind: Texts = "`voice`, `sms` or `data`.",
        side: Vec<Side> = "Whose return it stands in: the caller's, the called one's, or neither.",
        call: Texts = "The carrier's id of the call.",
        imei: Vec<u32> = "Row of `devices`: handset.",
        imsi: Vec<u32> = "Row of `devices`: subscriber card.",
        tower: Texts = "Tower id.",
        tower_place: Texts = "Where the tower stands, as found.",
        dialled: Texts = "Digits dialled, as found.",
        voicemail: Vec<bool> = "Whether it reached a voicemail, or came from one.",
        source: Vec<u32> = "Row of `sources`.",
        line: Vec<u32> = "Physical line, from 1.",
    }

    /// Dated tenancies, in order of source and line. Each person on one is also a tie.
    Leases = "leases" {
        lease: Texts = "The lease's own number, or `path:line`.",
        premises: Vec<u32> = "Row of `premises`.",
        tenants: Texts = "Tenants as found, joined by `; `.",
        landlord: Texts = "Landlord as found.",
        guarantors: Texts = "Guarantors as found, joined by `; `.",
        rent_minor: Vec<Option<i64>> = "Rent for each period, minor units of `currency`.",
        currency: Vec<Option<Currency>> = "Currency of rent and deposit.",
        period: Texts = "`week`, `fortnight`, `month`, `quarter` or `year`.",
        start: Vec<Option<i32>> = "First day.",
        end: Vec<Option<i32>> = "Last day; absent while open.",
        amends: Texts = "Number of the lease it amends.",
        amended_from: Vec<Option<i32>> =
            "First day on which an amendment's terms stand in the place of these.",
        bedrooms: Vec<Option<i32>> = "Number of bedrooms.",
        deposit_minor: Vec<Option<i64>> = "Deposit, minor units of `currency`.",
        paid_from: Vec<u32> = "Row of `accounts` that pays the rent.",
        source: Vec<u32> = "Row of `sources`.",
        line: Vec<u32> = "Physical line, from 1.",
        further_lines: Texts = "Further records that tell of it, joined by `;`: a line of `source`, or a row of `sources`, `:` and a line.",
    }

    /// Persons and organisations: equal normalised name is one party, unless birth dates or
    /// documents differ.
    Parties = "parties" {
        key: Texts = "128-bit hash of kind and identity, 32 hexadecimal digits.",
        party: Texts = "Identity, unique: the name, with birth date or document where names collide.",
        name: Texts = "The name as first found.",
        kind: Texts = "`person`, `organisation`, or absent.",
        born: Vec<Option<i32>> = "Birth date.",
        jurisdiction: Texts = "Where an organisation is registered.",
        records: Vec<u32> = "Records that name the party.",
    }

    /// Accounts, and one node for each unidentified far end of a transfer.
    Accounts = "accounts" {
        key: Texts = "128-bit hash of kind and identity, 32 hexadecimal digits.",
        account: Texts = "Identity, unique: `INSTITUTION/NUMBER`, or the number alone where numbers are global.",
        institution: Texts = "The bank, as the layout or the record names it.",
        number: Texts = "Account number without spaces and hyphens.",
        kind: Texts = "`account`, `masked`, or `unidentified`.",
        near_account: Vec<u32> = "For an unidentified far end: row of `accounts` it was seen from.",
        currency: Vec<Option<Currency>> = "Currency the account is kept in, where stated.",
        product: Texts = "Kind of account as found: checking, savings.",
        opened: Vec<Option<i32>> = "Day opened.",
        opened_ms: Vec<Option<i64>> = "When it was opened, where a record states the time: milliseconds since 1970 UTC.",
        closed: Vec<Option<i32>> = "Day closed.",
        blocked: Vec<Option<bool>> = "Blocked, where stated.",
        linked_account: Vec<u32> = "Row of `accounts` of the bank account behind a wallet.",
    }

    /// Who holds or may use an account, in order of account, party, role.
    Holdings = "holdings" {
        account: Vec<u32> = "Row of `accounts`.",
        party: Vec<u32> = "Row of `parties`.",
        role: Texts = "`owner`, `joint`, `signer`, `beneficial-owner`, `beneficiary`, `custodian` or `authorised`; `holder` where a list of holders states no role.",
        opened: Vec<Option<i32>> = "First day.",
        closed: Vec<Option<i32>> = "Last day; absent while open.",
        source: Vec<u32> = "Row of `sources`.",
        line: Vec<u32> = "Physical line, from 1.",
    }

    /// Phone numbers.
    Phones = "phones" {
        key: Texts = "128-bit hash of kind and identity, 32 hexadecimal digits.",
        phone: Texts = "E.164 where the number is valid in the case's region, else the digits as found.",
        found: Texts = "As first found.",
    }

    /// Premises.
    Premises = "premises" {
        key: Texts = "128-bit hash of kind and identity, 32 hexadecimal digits.",
        premises: Texts = "Normalised address, unique.",
        found: Texts = "As first found.",
    }

    /// Handsets, subscriber cards and sign-in media.
    Devices = "devices" {
        key: Texts = "128-bit hash of kind and identity, 32 hexadecimal digits.",
        device: Texts = "Identity, unique.",
        kind: Texts = "`imei`, `imsi`, or the producer's word.",
        blocked: Vec<Option<bool>> = "Blocked, where stated.",
        opened: Vec<Option<i32>> = "First day.",
    }

    /// Loans.
    Loans = "loans" {
        key: Texts = "128-bit hash of kind and identity, 32 hexadecimal digits.",
        loan: Texts = "Identity, unique.",
        kind: Texts = "The producer's word.",
        amount_minor: Vec<Option<i64>> = "Amount lent, minor units of `currency`.",
        balance_minor: Vec<Option<i64>> = "Amount owed, minor units of `currency`.",
        currency: Vec<Option<Currency>> = "Currency of both.",
        blocked: Vec<Option<bool>> = "Blocked, where stated.",
        opened: Vec<Option<i32>> = "Day granted.",
    }

    /// E-mail addresses, documents and vehicles.
    Identifiers = "identifiers" {
        key: Texts = "128-bit hash of kind and identity, 32 hexadecimal digits.",
        kind: Vec<EntityKind> = "`email`, `document` or `vehicle`.",
        identifier: Texts = "Normalised, unique within its kind.",
    }

    /// Typed, dated links that are neither transfer, call nor holding; in order of their ends,
    /// relation, source and line.
    Ties = "ties" {
        from_kind: Vec<EntityKind> = "Kind of the first end.",
        from_row: Vec<u32> = "Row of that kind's table.",
        relation: Texts = "`subscribes`, `has-phone`, `has-email`, `has-document`, `uses-device`, `lives-at`, `tenant-of`, `landlord-of`, `guarantees`, `occupant-of`, `pays-for`, or the producer's word.",
        to_kind: Vec<EntityKind> = "Kind of the second end.",
        to_row: Vec<u32> = "Row of that kind's table.",
        start: Vec<Option<i32>> = "First day, where dated.",
        start_ms: Vec<Option<i64>> = "When it began, where the record states the time: milliseconds since 1970 UTC.",
        end: Vec<Option<i32>> = "Last day; absent while open.",
        amount_minor: Vec<Option<i64>> = "Amount, minor units of `currency`.",
        currency: Vec<Option<Currency>> = "Currency of the amount.",
        weight: Vec<Option<f64>> = "Weight as found; never money.",
        found: Texts = "The second end's text as found.",
        source: Vec<u32> = "Row of `sources`.",
        line: Vec<u32> = "Physical line, from 1.",
    }

    /// Members of archives and sheets of workbooks that were passed over, or read though hidden;
    /// in case-file order, then by path.
    Members = "members" {
        member: Texts = "Path as shown: the file's, then `!` and the member's for each container.",
        state: Texts = "`passed-over` or `hidden`.",
        why: Texts = "Why it holds no records, or what is odd about it.",
    }

    /// Files, members of archives and sheets of workbooks that were read, in case-file order.
    Sources = "sources" {
        source: Texts = "Path as the case file names it; for a member, `!` and its path behind its container's.",
        sha256: Texts = "SHA-256 of the file's or member's own bytes, hexadecimal; a sheet's is its workbook's.",
        bytes: Vec<i64> = "Size of the file, member or workbook.",
        layout: Texts = "Name of the layout it was read with.",
        record: Texts = "Record kind of the layout.",
        institution: Texts = "Bank, carrier or landlord the layout names.",
        bates: Texts = "First Bates number, where the case file states it.",
        authority: Texts = "Legal authority, where the case file states it.",
        read: Vec<i64> = "Records read = accepted + rejected + duplicate.",
        accepted: Vec<i64> = "Records kept.",
        rejected: Vec<i64> = "Records set aside.",
        duplicate: Vec<i64> = "Records repeated across sources or superseded; `duplicates` names them.",
        ignored: Vec<i64> = "Lines that are not records: preamble, header, blank, ignored.",
        first: Vec<Option<i32>> = "First day of its accepted records.",
        last: Vec<Option<i32>> = "Last day of its accepted records.",
    }

    /// How a source writes its dates and decimals where its layout leaves that to its values, and
    /// which of them decided: in order of source. A column of ISO 8601 dates, and amounts without
    /// any mark, leave nothing to decide and have no row.
    ValueForms = "value_forms" {
        source: Vec<u32> = "Row of `sources`.",
        field: Texts = "Field of the layout, or `decimal_mark` for all amounts of the source.",
        column: Texts = "The producer's column; for `decimal_mark`, that of the deciding value.",
        form: Texts = "What was decided: strftime words, or the mark.",
        values: Vec<i64> = "Values that are not empty.",
        read: Vec<i64> = "Those that read so.",
        deciding: Vec<i64> = "Those of them that another order of day, month and year, or the other mark, does not read; all of them where there is no other.",
        against: Vec<i64> = "Values that another reading fits better; a value that only another reads ends the load.",
        line: Vec<u32> = "Physical line of the first value that decides, from 1.",
        found: Texts = "Its text.",
        why: Texts = "What makes it decide.",
    }

    /// Where records stand whose line alone does not say it: in order of source and line.
    Places = "places" {
        source: Vec<u32> = "Row of `sources`.",
        line: Vec<u32> = "The record's number in its source, from 1.",
        place: Texts = "Element path and physical line.",
    }

    /// Statements of accounts with the balances they open and close with, in order of source and
    /// line.
    Statements = "statements" {
        account: Vec<u32> = "Row of `accounts`.",
        currency: Vec<Currency> = "Currency of both balances.",
        number: Texts = "The statement's own number.",
        from_day: Vec<Option<i32>> = "First day, where stated.",
        to_day: Vec<Option<i32>> = "Last day, where stated.",
        opening_minor: Vec<Option<i64>> = "Booked balance before the first row, minor units of `currency`.",
        closing_minor: Vec<Option<i64>> = "Booked balance after the last row, minor units of `currency`.",
        first_line: Vec<u32> = "Line of its first record; absent when it has none.",
        last_line: Vec<u32> = "Line of its last record.",
        source: Vec<u32> = "Row of `sources`.",
        line: Vec<u32> = "Line on which it begins.",
    }

    /// Days for which an account's own statements are held, in order of account and day.
    Coverage = "coverage" {
        account: Vec<u32> = "Row of `accounts`.",
        from_day: Vec<i32> = "First day.",
        to_day: Vec<i32> = "Last day.",
        source: Vec<u32> = "Row of `sources`; absent for a gap.",
        state: Texts = "`covers` or `gap`.",
    }

    /// Records that could not be read and values that were left empty, in order of source and
    /// line.
    Rejects = "rejects" {
        source: Vec<u32> = "Row of `sources`.",
        line: Vec<u32> = "Physical line, from 1; the record's number where `place` says more.",
        place: Texts = "Where it stands, when the line alone does not say: element path and physical line.",
        column: Texts = "The producer's column.",
        found: Texts = "Text of the value.",
        reason: Texts = "What would have been read, and what to do.",
        kept: Vec<bool> = "True when only an optional value was left empty and the record stands.",
        raw: Texts = "Bytes of the record; those that are not UTF-8, and backslashes, as `\\xNN`.",
    }
}
