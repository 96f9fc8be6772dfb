//! Records to the model: one meaning for each value as found.
//!
//! Answers: which amount, time, account, name, phone, address does this text state? Everything
//! here is a pure function from text to value, or over columns of such values; reading files and
//! keeping the text as found are other layers' work.

mod accounts;
mod address_words;
mod addresses;
mod alike_digits;
mod amounts;
mod booked_sums;
mod carried_balances;
mod civil_times;
mod counterparties;
mod dates;
mod day_numbers;
mod evidence;
mod identifiers;
mod legs;
mod lost_digits;
mod names;
mod phones;
mod placeholders;
mod repeats;
mod reports;
mod reversals;
mod short_amounts;
mod stated_currency;
mod time_forms;
mod wordings;
mod words_of_times;
mod zone_offsets;

pub use accounts::{
    AccountIdentity, AccountKind, account_identity, is_broken_iban, is_routing_number,
    is_scant_number, write_identity,
};
pub use addresses::address_identity;
pub use amounts::{
    AmountProblem, AmountProblemKind, DecimalMark, parse_minor, parse_minor_rounded,
};
pub use booked_sums::{BookedSums, PartRecord, SumRecord, Tie, booked_in_sums};
pub use carried_balances::{StatedSum, stated_day, stated_day_of, stated_sum};
pub use counterparties::{CounterpartyReader, Guess, Pattern, SeenTexts, unidentified_text};
pub use dates::{ReadTime, TimeProblem, TimeReader, read_duration};
pub use day_numbers::serial_readings;
pub use evidence::{
    AmountEvidence, Example, MarkForm, TimeEvidence, TimeForm, TimeReading, order_of,
};
pub use identifiers::{
    device_identity, document_identity, email_identity, listed_device_identity,
    subscriber_card_identity,
};
pub use legs::{
    AccountFace, COMPARED_PER_RECORD_MAX, Candidates, End, Float, LegColumns, LegFacts, LegSide,
    Legs, NEAR_PER_RECORD_MAX, POSSIBLE_PAIRS_PER_BLOCK_MAX, POSSIBLE_PAIRS_PER_RECORD_MAX,
    candidates, in_order, in_two_currencies, lists_alike, match_legs, references_of, shown_digits,
    without_padding,
};
pub use lost_digits::{has_lost_digits, without_empty_decimal};
pub use names::{name_identity, party_kind};
pub use phones::{Phone, PhoneReader, region_of_zone, user_of_address, voicemail};
pub use placeholders::{is_word_of_many, placeholder};
pub use repeats::{LedgerRecord, Overlap, Reissued, overlap, successors};
pub use reports::{ReportRecord, Reported, repeated_in_statement};
pub use reversals::{
    BY_AMOUNT, Movement, STATED, part_undone, reversal_words, same_end, stated_original, undone,
};
pub use stated_currency::other_currency;

pub(crate) use address_words::{ends_a_name, standard_word};
pub(crate) use alike_digits::alike_digits;
pub(crate) use amounts::plain_minor;
pub(crate) use civil_times::{CivilFormat, CivilProblem, CivilTime, epoch_time, read_iso};
pub(crate) use day_numbers::{SERIAL, SERIAL_1904, SERIAL_1904_ZERO, SERIAL_ZERO, serial_number};
pub(crate) use reports::{LATE_DAYS_MAX, telling_references};
pub(crate) use short_amounts::short_minor;
pub(crate) use time_forms::{TIME_WORDS, readings_of};
pub(crate) use wordings::WORDINGS;
pub(crate) use words_of_times::{
    BareTime, ZoneWord, month_respelled, weekday_name, weekday_on, zone_of_letters,
};
pub(crate) use zone_offsets::{LocalTime, ZoneOffsets};
