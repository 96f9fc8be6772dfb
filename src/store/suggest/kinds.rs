//! What the rows of an unknown table are records of, or that they are of nothing we know.

use crate::records::RecordKind;
use crate::store::suggest::draft::Column;
use crate::store::suggest::roles::{End, Role};

/// Columns by what they may mean.
pub struct Found<'a>(pub &'a [Column]);

impl Found<'_> {
    /// Whether a column of the role is there.
    pub fn has(&self, role: Role) -> bool {
        self.0.iter().any(|column| column.role == Some(role))
    }

    /// Whether one of the roles is there.
    fn any(&self, roles: &[Role]) -> bool {
        roles.iter().any(|role| self.has(*role))
    }

    fn count(&self, role: Role) -> usize {
        self.0.iter().filter(|column| column.role == Some(role)).count()
    }

    fn of_end(&self, role: Role, end: End) -> bool {
        self.0.iter().any(|column| column.role == Some(role) && column.end == Some(end))
    }

    /// Whether both ends of a transfer are accounts or bare identifiers.
    pub fn two_accounts(&self) -> bool {
        let accounts = self.of_end(Role::Account, End::From) && self.of_end(Role::Account, End::To);
        accounts || self.has(Role::End1) && self.has(Role::End2)
    }

    /// Whether a column of accounts speaks of neither end.
    fn account_of_no_end(&self) -> bool {
        self.0.iter().any(|column| column.role == Some(Role::Account) && column.end.is_none())
    }

    /// Whether a column says who stands at one end, by a name, a number or an address.
    fn anyone(&self, end: End) -> bool {
        [
            Role::Account,
            Role::Name,
            Role::GivenName,
            Role::Surname,
            Role::CounterpartyName,
            Role::PartyId,
            Role::Phone,
            Role::Email,
        ]
        .iter()
        .any(|role| self.of_end(*role, end))
    }

    fn time(&self) -> bool {
        self.any(&[Role::Booked, Role::ValueDate, Role::Opened, Role::Start])
    }

    fn money(&self) -> bool {
        self.has(Role::Amount) || self.has(Role::Debit) && self.has(Role::Credit)
    }

    fn named(&self) -> bool {
        self.any(&[Role::Name, Role::GivenName, Role::Surname])
    }

    /// Different kinds of entity that have an identifier of their own.
    fn entities(&self) -> usize {
        let kinds =
            [Role::Account, Role::Loan, Role::Device, Role::PartyId, Role::DocumentId, Role::Phone];
        kinds.iter().filter(|role| self.has(**role)).count() + self.pairs()
    }

    /// Second columns of one kind of entity: an investor and a company.
    fn pairs(&self) -> usize {
        usize::from(self.count(Role::PartyId) > 1)
    }
}

/// The kind and why; `None` where the columns name nobody and nothing of a case.
pub fn kind_of(found: &Found<'_>) -> Option<(RecordKind, &'static str)> {
    payments(found).or_else(|| people(found))
}

fn payments(found: &Found<'_>) -> Option<(RecordKind, &'static str)> {
    let phones = found.count(Role::Phone);
    let calls = found.has(Role::Caller) && found.has(Role::Called)
        || phones == 2 && !found.named()
        || found.has(Role::Caller) && found.has(Role::Dialled)
        || phones + found.count(Role::Caller) > 0 && found.any(&[Role::OtherPhone, Role::Called]);
    if calls && found.time() {
        return Some((RecordKind::CallDetail, "two phones and a time stand on each row"));
    }
    if found.time() && found.has(Role::Amount) && found.two_accounts() {
        let why = "each row has a time, an amount and the accounts at both ends";
        return Some((RecordKind::BankTransfers, why));
    }
    // A running balance is one account's, whoever else is named beside it.
    let two_columns = found.has(Role::Debit) && found.has(Role::Credit);
    let one_account = two_columns || found.any(&[Role::Balance, Role::Sign]);
    let both = found.anyone(End::From) && found.anyone(End::To);
    let one_account = one_account || found.account_of_no_end();
    if found.time() && found.has(Role::Amount) && both && !one_account {
        let why = "each row has a time, an amount and who stands at both ends";
        return Some((RecordKind::BankTransfers, why));
    }
    let told = found.any(&[Role::Balance, Role::Description, Role::Sign, Role::Debit]);
    let other_matter = found.any(&[Role::Loan, Role::Device, Role::Tenants, Role::DocumentId]);
    let line = told || found.has(Role::Account);
    if found.time() && found.money() && line && !other_matter && !found.has(Role::PartyId) {
        let why = "each row has a date, an amount and what a statement line says beside it";
        return Some((RecordKind::BankStatement, why));
    }
    None
}

fn people(found: &Found<'_>) -> Option<(RecordKind, &'static str)> {
    let address = found.any(&[Role::Premises, Role::Street]);
    let party = found.named() || found.has(Role::PartyId);
    if found.has(Role::Tenants) && address {
        return Some((RecordKind::Leases, "each row has tenants and premises"));
    }
    if found.has(Role::Phone) && found.named() && !found.has(Role::Account) {
        let device = found.any(&[Role::Imei, Role::Imsi]);
        let line = found.0.iter().any(|one| {
            ["subscriber", "msisdn", "activation", "deactivation"]
                .iter()
                .any(|word| one.profile.says(word))
        });
        if device || line {
            return Some((RecordKind::Subscribers, "each row has a phone and whose it is"));
        }
    }
    let holder = found.has(Role::Account) && party && !found.has(Role::Amount);
    if holder && !found.any(&[Role::Loan, Role::Device]) {
        return Some((RecordKind::AccountHolders, "each row has an account and a party"));
    }
    if found.entities() >= 2 && !found.named() {
        return Some((RecordKind::Ties, "each row names two entities"));
    }
    if found.has(Role::Account) {
        return Some((RecordKind::Accounts, "each row is an account with its attributes"));
    }
    if found.has(Role::Loan) {
        return Some((RecordKind::Loans, "each row is a loan"));
    }
    if found.has(Role::Device) {
        return Some((RecordKind::Devices, "each row is a device"));
    }
    if found.named() {
        return Some((RecordKind::Parties, "each row is a party with its identifiers"));
    }
    let document = found.has(Role::DocumentId) && (address || found.count(Role::Reference) > 1);
    if document || found.has(Role::End1) && found.has(Role::End2) {
        return Some((RecordKind::Ties, "each row names two entities"));
    }
    None
}
