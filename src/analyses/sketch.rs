//! A case sketched by hand for unit tests: entities appear when they are first named.
//!
//! Every record gets a line of its own in one source, `sketch.csv`, in the order in which it is
//! given; unlike a loaded case, entity rows stand in order of naming.

use std::collections::HashMap;

use crate::model::{
    Channel, Currency, EntityKind, EntityRef, NONE, SourceRef, Texts, identity_key,
};
use crate::store::{
    Accounts, Calls, Case, Devices, Holdings, Identifiers, Leases, Manifest, Parties, Phones,
    Premises, Side, Sources, Ties, Transfers,
};

/// First and last day of a record; `None` while open.
pub type Days = (Option<i32>, Option<i32>);

/// Open at both ends.
pub const ALWAYS: Days = (None, None);

/// Records in the making.
#[derive(Default)]
pub struct Sketch {
    rows: HashMap<(EntityKind, String), u32>,
    names: HashMap<EntityKind, Vec<String>>,
    identifier_kinds: Vec<EntityKind>,
    transfers: Transfers,
    calls: Calls,
    holdings: Holdings,
    ties: Ties,
    leases: Leases,
    subjects: Vec<(String, String, Option<crate::model::Role>)>,
    line: u32,
}

impl Sketch {
    /// The row of an entity, made when it is new.
    pub fn entity(&mut self, kind: EntityKind, name: &str) -> EntityRef {
        let table = match kind {
            EntityKind::Document | EntityKind::Vehicle => EntityKind::Email,
            other => other,
        };
        if let Some(row) = self.rows.get(&(kind, name.to_owned())) {
            return EntityRef { kind, row: *row };
        }
        let names = self.names.entry(table).or_default();
        let row = names.len() as u32;
        names.push(name.to_owned());
        if table == EntityKind::Email {
            self.identifier_kinds.push(kind);
        }
        self.rows.insert((kind, name.to_owned()), row);
        EntityRef { kind, row }
    }

    fn next_line(&mut self) -> SourceRef {
        self.line += 1;
        SourceRef { source: 0, line: self.line }
    }

    /// A holding of an account.
    pub fn holds(mut self, party: &str, role: &str, account: &str, days: Days) -> Sketch {
        let at = self.next_line();
        let party = self.entity(EntityKind::Party, party).row;
        let account = self.entity(EntityKind::Account, account).row;
        self.holdings.account.push(account);
        self.holdings.party.push(party);
        self.holdings.role.push(role);
        self.holdings.opened.push(days.0);
        self.holdings.closed.push(days.1);
        self.holdings.source.push(at.source);
        self.holdings.line.push(at.line);
        self
    }

    /// A tie from a party.
    pub fn tie(self, party: &str, relation: &str, to: (EntityKind, &str), days: Days) -> Sketch {
        self.tie_of((EntityKind::Party, party), relation, to, days)
    }

    /// A tie between any two entities.
    pub fn tie_of(
        mut self,
        from: (EntityKind, &str),
        relation: &str,
        to: (EntityKind, &str),
        days: Days,
    ) -> Sketch {
        let at = self.next_line();
        let from = self.entity(from.0, from.1);
        let found = to.1;
        let to = self.entity(to.0, to.1);
        self.ties.from_kind.push(from.kind);
        self.ties.from_row.push(from.row);
        self.ties.relation.push(relation);
        self.ties.to_kind.push(to.kind);
        self.ties.to_row.push(to.row);
        self.ties.start.push(days.0);
        self.ties.start_ms.push(None);
        self.ties.end.push(days.1);
        self.ties.amount_minor.push(None);
        self.ties.currency.push(None);
        self.ties.weight.push(None);
        self.ties.found.push(found);
        self.ties.source.push(at.source);
        self.ties.line.push(at.line);
        self
    }

    /// A transfer in dollars; records are given in order of day.
    pub fn transfer(mut self, from: &str, to: &str, day: i32, amount_minor: i64) -> Sketch {
        let at = self.next_line();
        let from = self.entity(EntityKind::Account, from).row;
        let to = self.entity(EntityKind::Account, to).row;
        self.transfers.from_account.push(from);
        self.transfers.to_account.push(to);
        self.transfers.booked_ms.push(i64::from(day) * 86_400_000);
        self.transfers.day.push(day);
        self.transfers.timed.push(false);
        self.transfers.amount_minor.push(amount_minor);
        self.transfers.currency.push(Currency::USD);
        self.transfers.channel.push(Channel::Wire);
        self.transfers.side.push(Side::Sender);
        self.transfers.source.push(at.source);
        self.transfers.line.push(at.line);
        self
    }

    /// A voice call of a minute at noon UTC; an empty handset is one not stated.
    pub fn call(mut self, from: &str, to: &str, day: i32, handset: &str) -> Sketch {
        let at = self.next_line();
        let from = self.entity(EntityKind::Phone, from).row;
        let to = self.entity(EntityKind::Phone, to).row;
        let imei = match handset {
            "" => NONE,
            handset => self.entity(EntityKind::Device, handset).row,
        };
        self.calls.from_phone.push(from);
        self.calls.to_phone.push(to);
        self.calls.start_ms.push(i64::from(day) * 86_400_000 + 43_200_000);
        self.calls.day.push(day);
        self.calls.duration_s.push(Some(60));
        self.calls.kind.push("voice");
        self.calls.side.push(Side::Sender);
        self.calls.call.push("");
        self.calls.imei.push(imei);
        self.calls.imsi.push(NONE);
        self.calls.tower.push("");
        self.calls.tower_place.push("");
        self.calls.dialled.push("");
        self.calls.voicemail.push(false);
        self.calls.source.push(at.source);
        self.calls.line.push(at.line);
        self
    }

    /// A lease with its ties: tenant, landlord, rent a month, and the account that pays.
    pub fn lease(
        mut self,
        premises: &str,
        tenant: &str,
        landlord: &str,
        rent_minor: i64,
        paid_from: &str,
        days: Days,
    ) -> Sketch {
        let at = self.next_line();
        let paid_from = match paid_from {
            "" => NONE,
            account => self.entity(EntityKind::Account, account).row,
        };
        let row = self.entity(EntityKind::Premises, premises).row;
        self.leases.lease.push(&format!("sketch.csv:{}", at.line));
        self.leases.premises.push(row);
        self.leases.tenants.push(tenant);
        self.leases.landlord.push(landlord);
        self.leases.guarantors.push("");
        self.leases.rent_minor.push(Some(rent_minor));
        self.leases.currency.push(Some(Currency::USD));
        self.leases.period.push("month");
        self.leases.start.push(days.0);
        self.leases.end.push(days.1);
        self.leases.amends.push("");
        self.leases.amended_from.push(None);
        self.leases.further_lines.push("");
        self.leases.bedrooms.push(Some(2));
        self.leases.deposit_minor.push(None);
        self.leases.paid_from.push(paid_from);
        self.leases.source.push(at.source);
        self.leases.line.push(at.line);
        self.line -= 1;
        let to = (EntityKind::Premises, premises);
        let with_tenant = self.tie(tenant, "tenant-of", to, days);
        let mut sketch = with_tenant;
        sketch.line -= 1;
        sketch.tie(landlord, "landlord-of", to, days)
    }

    /// A subject of the case file.
    pub fn subject(mut self, kind: EntityKind, name: &str) -> Sketch {
        self.subjects.push((name.to_owned(), kind.word().to_owned(), None));
        self
    }

    fn texts(&self, kind: EntityKind) -> (Texts, Texts) {
        let names = self.names.get(&kind).cloned().unwrap_or_default();
        let keys = names.iter().map(|name| identity_key(kind, name)).collect();
        (keys, names.into_iter().collect())
    }

    /// The case with all that was sketched.
    pub fn case(self) -> Case {
        let manifest = Manifest {
            subjects: self.subjects.clone(),
            currency: "USD".into(),
            ..Manifest::default()
        };
        let blank = |count: usize| (0..count).map(|_| "").collect::<Texts>();
        let (key, party) = self.texts(EntityKind::Party);
        let count = party.len();
        let parties = Parties {
            name: party.clone(),
            key,
            party,
            kind: blank(count),
            born: vec![None; count],
            jurisdiction: blank(count),
            records: vec![1; count],
        };
        let (key, phone) = self.texts(EntityKind::Phone);
        let phones = Phones { key, found: phone.clone(), phone };
        let (key, premises) = self.texts(EntityKind::Premises);
        let premises = Premises { key, found: premises.clone(), premises };
        let (key, device) = self.texts(EntityKind::Device);
        let count = device.len();
        let devices = Devices {
            key,
            device,
            kind: blank(count),
            blocked: vec![None; count],
            opened: vec![None; count],
        };
        let (key, identifier) = self.texts(EntityKind::Email);
        let identifiers = Identifiers { key, kind: self.identifier_kinds.clone(), identifier };
        Case::in_memory(manifest)
            .with(self.accounts())
            .with(parties)
            .with(phones)
            .with(premises)
            .with(devices)
            .with(identifiers)
            .with(sources())
            .with(self.transfers)
            .with(self.calls)
            .with(self.holdings)
            .with(self.ties)
            .with(self.leases)
    }

    /// Accounts named `BANK/NUMBER`; one whose name starts with `?` is an unidentified far end.
    fn accounts(&self) -> Accounts {
        let (key, account) = self.texts(EntityKind::Account);
        let count = account.len();
        let part = |at: usize| {
            account.iter().map(move |name| name.split('/').nth(at).unwrap_or("")).collect::<Texts>()
        };
        let kinds = account
            .iter()
            .map(|name| if name.starts_with('?') { "unidentified" } else { "account" });
        Accounts {
            key,
            institution: part(0),
            number: part(1),
            kind: kinds.collect(),
            near_account: vec![NONE; count],
            currency: vec![None; count],
            product: (0..count).map(|_| "").collect(),
            opened: vec![None; count],
            opened_ms: vec![None; count],
            closed: vec![None; count],
            blocked: vec![None; count],
            linked_account: vec![NONE; count],
            account,
        }
    }
}

fn sources() -> Sources {
    Sources {
        source: ["sketch.csv"].into_iter().collect(),
        sha256: [""].into_iter().collect(),
        bytes: vec![0],
        layout: [""].into_iter().collect(),
        record: [""].into_iter().collect(),
        institution: ["Pelican Bank"].into_iter().collect(),
        bates: [""].into_iter().collect(),
        authority: [""].into_iter().collect(),
        read: vec![0],
        accepted: vec![0],
        rejected: vec![0],
        duplicate: vec![0],
        ignored: vec![0],
        first: vec![None],
        last: vec![None],
    }
}
