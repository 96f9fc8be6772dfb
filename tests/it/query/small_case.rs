//! A small invented case in memory: a cleaning company, two of its people, a landlord, three
//! phones and two leases, with something for every saved question to find.

use moneytrail::model::{Channel, Currency, EntityKind, NONE, Texts, identity_key};
use moneytrail::store::{
    Accounts, Calls, Case, Coverage, Details, Holdings, Leases, Manifest, Parties, Phones,
    Premises, Side, Sources, Ties, Transfers,
};

pub(super) const ANN: u32 = 0;
pub(super) const BAY: u32 = 1;
pub(super) const LENA: u32 = 2;
pub(super) const MILO: u32 = 3;
pub(super) const QUAY: u32 = 4;
pub(super) const PARTIES: [&str; 5] =
    ["Ann Reyes", "Bay Cleaning LLC", "Lena Ortiz", "Milo Hart", "Quay Rentals"];

pub(super) const BAY_ACCOUNT: u32 = 0;
pub(super) const ANN_ACCOUNT: u32 = 1;
pub(super) const LENA_ACCOUNT: u32 = 2;
pub(super) const QUAY_ACCOUNT: u32 = 3;
pub(super) const OTHER_ACCOUNT: u32 = 4;
pub(super) const CASH_END: u32 = 5;
pub(super) const ACCOUNTS: [&str; 6] = [
    "HARBOR/1001",
    "HARBOR/1002",
    "HARBOR/1003",
    "PIER/2001",
    "PIER/2002",
    "unidentified HARBOR/1003 CASH",
];

/// 2024-03-04, a Monday.
pub(super) const MONDAY: i32 = 19_786;

pub(super) fn texts<const N: usize>(values: [&str; N]) -> Texts {
    values.into_iter().collect()
}

pub(super) fn keys(kind: EntityKind, names: &[&str]) -> Texts {
    names.iter().map(|name| identity_key(kind, name)).collect()
}

pub(super) fn blank(rows: usize) -> Texts {
    (0..rows).map(|_| "").collect()
}

pub(super) fn parties() -> Parties {
    Parties {
        key: keys(EntityKind::Party, &PARTIES),
        party: texts(PARTIES),
        name: texts(PARTIES),
        kind: texts(["person", "organisation", "person", "person", "organisation"]),
        born: vec![None; 5],
        jurisdiction: blank(5),
        records: vec![3; 5],
    }
}

pub(super) fn accounts() -> Accounts {
    Accounts {
        key: keys(EntityKind::Account, &ACCOUNTS),
        account: texts(ACCOUNTS),
        institution: texts(["Harbor", "Harbor", "Harbor", "Pier", "Pier", "Harbor"]),
        number: texts(["1001", "1002", "1003", "2001", "2002", ""]),
        kind: texts(["account", "account", "account", "account", "account", "unidentified"]),
        near_account: vec![NONE, NONE, NONE, NONE, NONE, LENA_ACCOUNT],
        currency: vec![Some(Currency::USD); 6],
        product: blank(6),
        opened: vec![None; 6],
        closed: vec![None; 6],
        opened_ms: vec![None; 6],
        blocked: vec![None; 6],
        linked_account: vec![NONE; 6],
    }
}

pub(super) fn holdings() -> Holdings {
    Holdings {
        account: vec![BAY_ACCOUNT, BAY_ACCOUNT, ANN_ACCOUNT, LENA_ACCOUNT, QUAY_ACCOUNT],
        party: vec![BAY, LENA, ANN, LENA, QUAY],
        role: texts(["owner", "signer", "owner", "owner", "owner"]),
        opened: vec![None; 5],
        closed: vec![None; 5],
        source: vec![1; 5],
        line: vec![2, 3, 4, 5, 6],
    }
}

pub(super) fn transfers() -> Transfers {
    let rows = [
        (BAY_ACCOUNT, ANN_ACCOUNT, 0, 80_000, Channel::Ach),
        (BAY_ACCOUNT, OTHER_ACCOUNT, 0, 400_000, Channel::Wire),
        (CASH_END, LENA_ACCOUNT, 1, 950_000, Channel::Cash),
        (ANN_ACCOUNT, BAY_ACCOUNT, 2, 50_000, Channel::P2p),
        (CASH_END, LENA_ACCOUNT, 3, 920_000, Channel::Cash),
        (LENA_ACCOUNT, QUAY_ACCOUNT, 4, 150_000, Channel::Ach),
    ];
    let zone = midnight_ms();
    Transfers {
        from_account: rows.iter().map(|row| row.0).collect(),
        to_account: rows.iter().map(|row| row.1).collect(),
        booked_ms: rows.iter().map(|row| zone + i64::from(row.2) * 86_400_000).collect(),
        day: rows.iter().map(|row| MONDAY + row.2).collect(),
        timed: vec![false; 6],
        amount_minor: rows.iter().map(|row| row.3).collect(),
        currency: vec![Currency::USD; 6],
        channel: rows.iter().map(|row| row.4).collect(),
        side: vec![Side::Sender; 6],
        source: vec![0; 6],
        line: vec![2, 3, 4, 5, 6, 7],
    }
}

/// Midnight of [`MONDAY`] in New York, five hours behind UTC in early March.
pub(super) fn midnight_ms() -> i64 {
    i64::from(MONDAY) * 86_400_000 + 5 * 3_600_000
}

pub(super) fn details() -> Details {
    Details {
        source: vec![0, 0],
        line: vec![2, 7],
        balance_minor: vec![Some(1_000_000), None],
        value_day: vec![None, None],
        description: texts(["WAGES O'NEIL", "RENT 12 QUAY ST"]),
        reference: texts(["W-1", ""]),
        counterparty: blank(2),
        pattern: blank(2),
        place: blank(2),
        page: blank(2),
        attributes: blank(2),
    }
}

pub(super) const PHONES: [&str; 3] = ["+12125550101", "+12125550102", "+12125550103"];

pub(super) fn calls() -> Calls {
    Calls {
        from_phone: vec![2, 1],
        to_phone: vec![0, 0],
        start_ms: vec![midnight_ms() - 3_600_000, midnight_ms()],
        day: vec![MONDAY - 1, MONDAY],
        duration_s: vec![Some(61), None],
        kind: texts(["voice", "sms"]),
        side: vec![Side::Sender; 2],
        call: blank(2),
        imei: vec![NONE; 2],
        imsi: vec![NONE; 2],
        tower: blank(2),
        tower_place: blank(2),
        dialled: blank(2),
        voicemail: vec![false; 2],
        source: vec![2; 2],
        line: vec![2, 3],
    }
}

pub(super) fn leases() -> Leases {
    Leases {
        lease: texts(["L-1", "L-2"]),
        premises: vec![0, 1],
        tenants: texts(["Ann Reyes", "Milo Hart"]),
        landlord: texts(["Quay Rentals", "Quay Rentals"]),
        guarantors: texts(["Lena Ortiz", ""]),
        rent_minor: vec![Some(150_000), Some(120_000)],
        currency: vec![Some(Currency::USD), None],
        period: texts(["month", "month"]),
        start: vec![Some(MONDAY); 2],
        end: vec![None; 2],
        amends: blank(2),
        amended_from: vec![None; 2],
        bedrooms: vec![Some(2), None],
        deposit_minor: vec![None; 2],
        paid_from: vec![LENA_ACCOUNT; 2],
        source: vec![3; 2],
        line: vec![2, 3],
        further_lines: blank(2),
    }
}

pub(super) fn ties() -> Ties {
    let rows = [
        (ANN, "subscribes", EntityKind::Phone, 0, 2, 4),
        (ANN, "tenant-of", EntityKind::Premises, 0, 3, 2),
        (BAY, "subscribes", EntityKind::Phone, 2, 2, 5),
        (LENA, "guarantees", EntityKind::Premises, 0, 3, 2),
        (LENA, "has-phone", EntityKind::Phone, 0, 1, 5),
        (MILO, "subscribes", EntityKind::Phone, 1, 2, 6),
        (MILO, "tenant-of", EntityKind::Premises, 1, 3, 3),
        (QUAY, "landlord-of", EntityKind::Premises, 0, 3, 2),
        (QUAY, "landlord-of", EntityKind::Premises, 1, 3, 3),
    ];
    Ties {
        from_kind: vec![EntityKind::Party; rows.len()],
        from_row: rows.iter().map(|row| row.0).collect(),
        relation: rows.iter().map(|row| row.1).collect(),
        to_kind: rows.iter().map(|row| row.2).collect(),
        to_row: rows.iter().map(|row| row.3).collect(),
        start: vec![None; rows.len()],
        start_ms: vec![None; rows.len()],
        end: vec![None; rows.len()],
        amount_minor: vec![None; rows.len()],
        currency: vec![None; rows.len()],
        weight: vec![None; rows.len()],
        found: blank(rows.len()),
        source: rows.iter().map(|row| row.4).collect(),
        line: rows.iter().map(|row| row.5).collect(),
    }
}

pub(super) fn sources() -> Sources {
    let names = ["bank/harbor.csv", "bank/holders.csv", "phone/subscribers.csv", "leases/quay.csv"];
    Sources {
        source: texts(names),
        sha256: blank(4),
        bytes: vec![1; 4],
        layout: blank(4),
        record: blank(4),
        institution: blank(4),
        bates: blank(4),
        authority: blank(4),
        read: vec![6; 4],
        accepted: vec![6; 4],
        rejected: vec![0; 4],
        duplicate: vec![0; 4],
        ignored: vec![1; 4],
        first: vec![None; 4],
        last: vec![None; 4],
    }
}

pub(super) fn manifest() -> Manifest {
    Manifest {
        currency: "USD".to_owned(),
        timezone: "America/New_York".to_owned(),
        ..Manifest::default()
    }
}

pub(super) fn case() -> Case {
    Case::in_memory(manifest())
        .with(parties())
        .with(accounts())
        .with(holdings())
        .with(transfers())
        .with(details())
        .with(Phones { key: blank(3), phone: texts(PHONES), found: texts(PHONES) })
        .with(calls())
        .with(Premises {
            key: blank(2),
            premises: texts(["12 QUAY ST", "9 DOCK LN"]),
            found: texts(["12 Quay St", "9 Dock Ln"]),
        })
        .with(leases())
        .with(ties())
        .with(sources())
        .with(Coverage {
            account: vec![BAY_ACCOUNT, ANN_ACCOUNT, LENA_ACCOUNT, QUAY_ACCOUNT],
            from_day: vec![MONDAY; 4],
            to_day: vec![MONDAY + 30; 4],
            source: vec![0; 4],
            state: texts(["covers", "covers", "covers", "covers"]),
        })
}
