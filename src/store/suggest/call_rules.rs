//! The words by which carriers name the columns of their returns.

use crate::store::suggest::roles::Role;
use crate::store::suggest::rules::{ANY, CODE, Fits, ID, LENGTH, TEXT};
use crate::store::suggest::vocabulary::call_kind;

const CALLS: Fits = |one| {
    one.filled == 0
        || one.few.as_ref().is_some_and(|few| few.keys().all(|text| call_kind(text).is_some()))
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
        ],
    ),
    (Role::Duration, LENGTH, &["et", "elapsed time", "talk time"]),
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
        &["dialed digits", "dialled digits", "called digits", "digits dialed", "dialed", "dialled"],
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
        ],
    ),
    (
        Role::CallKind,
        CALLS,
        &["service", "event", "event type", "call type", "service type", "usage type", "type"],
    ),
    (Role::Leg, ANY, &["leg", "call leg", "leg id"]),
    (Role::Call, ANY, &["record", "event id", "call id", "call reference", "record id", "cdr id"]),
];
