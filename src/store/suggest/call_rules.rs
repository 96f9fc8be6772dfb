//! The words by which carriers name the columns of their returns.

use crate::normalise::TimeForm;
use crate::store::suggest::roles::Role;
use crate::store::suggest::rules::{ANY, CODE, Fits, LENGTH, PHONES, TEXT};
use crate::store::suggest::vocabulary::call_kind;

const CALLS: Fits = |one| {
    one.filled == 0
        || one.few.as_ref().is_some_and(|few| few.keys().all(|text| call_kind(text).is_some()))
};

/// Phones as they are written, some with blanks and some in the words for a hidden caller: neither
/// sentences nor times.
const ID: Fits = |one| {
    let blanks = one.words_max <= 5 && one.lettered * 2 <= one.filled && one.time == TimeForm::None;
    one.words_max <= 2 || blanks
};

/// Rules in order, which go before those of other returns.
pub const CALL_RULES: &[(Role, Fits, &[&str])] = &[
    (Role::Imei, ANY, &["imei", "esn", "meid"]),
    (Role::Imsi, ANY, &["imsi"]),
    (
        Role::Duration,
        ANY,
        &[
            "seconds",
            "duration seconds",
            "duration",
            "duration sec",
            "call length",
            "elapsed",
            "dauer",
            "billsec",
            "call duration",
        ],
    ),
    (
        Role::Duration,
        LENGTH,
        &["et", "elapsed time", "talk time", "minutes", "mins", "billed minutes", "call minutes"],
    ),
    (Role::Phone, PHONES, &["subscriber", "mobile directory number"]),
    (Role::Direction, CODE, &["direction", "call direction", "in out"]),
    (
        Role::Caller,
        ID,
        &[
            "caller",
            "calling",
            "a number",
            "originating number",
            "from number",
            "orig number",
            "from phone",
            "anumber",
            "calling party number",
            "from uri",
            "rufnummer a",
            "a rufnummer",
            "anrufer",
        ],
    ),
    (
        Role::Called,
        ID,
        &[
            "called",
            "b number",
            "terminating number",
            "to number",
            "term number",
            "to phone",
            "bnumber",
            "to uri",
            "rufnummer b",
            "b rufnummer",
            "zielrufnummer",
            "angerufener",
        ],
    ),
    (
        Role::OtherPhone,
        ID,
        &["other phone", "other party", "other number", "correspondent", "remote number"],
    ),
    (
        Role::Dialled,
        ANY,
        &[
            "dialed digits",
            "dialled digits",
            "called digits",
            "digits dialed",
            "dialed digit number",
            "dialed",
            "dialled",
        ],
    ),
    (
        Role::TowerPlace,
        TEXT,
        &["tower name", "site name", "tower address", "site address", "cell site address"],
    ),
    (
        Role::Tower,
        ANY,
        &[
            "tower id",
            "cell tower id",
            "cell id",
            "site id",
            "tower",
            "cell site",
            "cell location",
            "first cell",
            "1st cell",
            "last cell",
            "funkzelle",
        ],
    ),
    (
        Role::CallKind,
        CALLS,
        &[
            "service",
            "event",
            "event type",
            "call type",
            "service type",
            "usage type",
            "type",
            "dienst",
        ],
    ),
    (Role::Leg, ANY, &["leg", "call leg", "leg id"]),
    (Role::Call, ANY, &["record", "event id", "call id", "call reference", "record id", "cdr id"]),
];
