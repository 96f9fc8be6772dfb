//! The kinds of entity and the closed lists that records use.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::model::Texts;

/// What a case knows about: parties, and what they hold, use and occupy.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntityKind {
    /// A person or an organisation.
    Party,
    /// An account, or the unidentified far end of a transfer.
    Account,
    /// A phone number.
    Phone,
    /// A dwelling, shop or parcel.
    Premises,
    /// A handset, card or sign-in medium.
    Device,
    /// A loan.
    Loan,
    /// An e-mail address.
    Email,
    /// An identity document.
    Document,
    /// A vehicle.
    Vehicle,
}

impl EntityKind {
    /// Every kind, in the order in which outputs list them.
    pub const ALL: [EntityKind; 9] = [
        EntityKind::Party,
        EntityKind::Account,
        EntityKind::Phone,
        EntityKind::Premises,
        EntityKind::Device,
        EntityKind::Loan,
        EntityKind::Email,
        EntityKind::Document,
        EntityKind::Vehicle,
    ];

    /// The word for it in files and output.
    pub fn word(self) -> &'static str {
        match self {
            EntityKind::Party => "party",
            EntityKind::Account => "account",
            EntityKind::Phone => "phone",
            EntityKind::Premises => "premises",
            EntityKind::Device => "device",
            EntityKind::Loan => "loan",
            EntityKind::Email => "email",
            EntityKind::Document => "document",
            EntityKind::Vehicle => "vehicle",
        }
    }
}

impl fmt::Display for EntityKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.word())
    }
}

impl FromStr for EntityKind {
    type Err = String;

    fn from_str(text: &str) -> Result<EntityKind, String> {
        EntityKind::ALL
            .into_iter()
            .find(|kind| kind.word() == text)
            .ok_or_else(|| format!("{text:?} is not a kind of entity"))
    }
}

/// One entity of an opened case. Valid for that opening only: rows are dense ids, and the
/// identity that lasts is the `key` column.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct EntityRef {
    /// Decides which table holds it; e-mails, documents and vehicles share `identifiers`.
    pub kind: EntityKind,
    /// Row of that table, from 0.
    pub row: u32,
}

/// Digits of a key: 128 bits.
const KEY_DIGITS: usize = 32;

/// Hash of an entity's content: 128 bits of BLAKE3 over kind and normalised identity, as 32
/// hexadecimal digits. Equal in every store that names the entity the same way.
pub fn identity_key(kind: EntityKind, identity: &str) -> String {
    identity_keys(kind, [identity]).get(0).to_owned()
}

/// The same for many entities of a kind, in order. Cost: one hash each, and no allocation.
pub fn identity_keys<'a>(kind: EntityKind, identities: impl IntoIterator<Item = &'a str>) -> Texts {
    let mut keys = Texts::new();
    let mut content = Vec::new();
    let mut key = [0; KEY_DIGITS];
    for identity in identities {
        content.clear();
        content.extend_from_slice(kind.word().as_bytes());
        content.push(0);
        content.extend_from_slice(identity.as_bytes());
        let hash = blake3::hash(&content);
        for (digits, byte) in key.chunks_exact_mut(2).zip(hash.as_bytes()) {
            digits[0] = b"0123456789abcdef"[usize::from(byte >> 4)];
            digits[1] = b"0123456789abcdef"[usize::from(byte & 15)];
        }
        keys.push(std::str::from_utf8(&key).expect("digits are ASCII"));
    }
    keys
}

/// What the case file says of a subject. Who has none counts as protected wherever a chart
/// leaves the office.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The case asks about this subject.
    Target,
    /// Shown by pseudonym to anyone outside.
    Protected,
    /// Gave or may give evidence.
    Witness,
}

impl Role {
    /// The word for it in files and output.
    pub fn word(self) -> &'static str {
        match self {
            Role::Target => "target",
            Role::Protected => "protected",
            Role::Witness => "witness",
        }
    }
}

/// How value moved. A closed list: what a layout does not map to it is a reject.
#[derive(
    Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum Channel {
    /// Notes and coins.
    Cash,
    /// Paper cheque.
    Cheque,
    /// Wire transfer.
    Wire,
    /// Automated clearing house.
    Ach,
    /// Card payment.
    Card,
    /// Person to person service.
    P2p,
    /// Book transfer within one bank.
    Book,
    /// Fee.
    Fee,
    /// Interest.
    Interest,
    /// Crypto-asset.
    Crypto,
    /// Stated to be another, or not stated.
    #[default]
    Other,
}

impl Channel {
    /// Every channel, in the order of the list above.
    pub const ALL: [Channel; 11] = [
        Channel::Cash,
        Channel::Cheque,
        Channel::Wire,
        Channel::Ach,
        Channel::Card,
        Channel::P2p,
        Channel::Book,
        Channel::Fee,
        Channel::Interest,
        Channel::Crypto,
        Channel::Other,
    ];

    /// The word for it in files and output.
    pub fn word(self) -> &'static str {
        match self {
            Channel::Cash => "cash",
            Channel::Cheque => "cheque",
            Channel::Wire => "wire",
            Channel::Ach => "ach",
            Channel::Card => "card",
            Channel::P2p => "p2p",
            Channel::Book => "book",
            Channel::Fee => "fee",
            Channel::Interest => "interest",
            Channel::Crypto => "crypto",
            Channel::Other => "other",
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.word())
    }
}

impl FromStr for Channel {
    type Err = String;

    fn from_str(text: &str) -> Result<Channel, String> {
        Channel::ALL
            .into_iter()
            .find(|channel| channel.word() == text)
            .ok_or_else(|| format!("{text:?} is not a channel"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back() {
        for kind in EntityKind::ALL {
            assert_eq!(kind.word().parse::<EntityKind>().unwrap(), kind);
        }
        for channel in Channel::ALL {
            assert_eq!(channel.word().parse::<Channel>().unwrap(), channel);
        }
    }

    #[test]
    fn keys_depend_on_kind_and_identity_only() {
        let account = identity_key(EntityKind::Account, "HB/1001");
        assert_eq!(account.len(), 32);
        assert_eq!(account, identity_key(EntityKind::Account, "HB/1001"));
        assert_ne!(account, identity_key(EntityKind::Phone, "HB/1001"));
    }
}
