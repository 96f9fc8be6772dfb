//! Holdings, ties and tenancies as they are read, before entities have their final rows.
//!
//! Reading them is `people.rs`'s; sorting them into tables is `assembly.rs`'s.

use crate::model::{Currency, EntityKind, SourceRef};

/// A dated link, its ends by number in the entity book.
#[derive(Clone, Debug)]
pub struct TieRow {
    /// First end.
    pub from: (EntityKind, u32),
    /// Word of the relation.
    pub relation: String,
    /// Second end.
    pub to: (EntityKind, u32),
    /// First day.
    pub start: Option<i32>,
    /// When it began, where the record states the time.
    pub start_ms: Option<i64>,
    /// Last day.
    pub end: Option<i32>,
    /// Amount and its currency.
    pub amount: Option<(i64, Currency)>,
    /// Weight as found.
    pub weight: Option<f64>,
    /// The second end as found.
    pub found: String,
    /// Where it was read.
    pub at: SourceRef,
}

/// Who holds or may use an account.
#[derive(Clone, Debug)]
pub struct HoldingRow {
    /// Account number of the book.
    pub account: u32,
    /// Mention of the holder.
    pub party: u32,
    /// Role word.
    pub role: String,
    /// First day.
    pub opened: Option<i32>,
    /// Last day.
    pub closed: Option<i32>,
    /// Where it was read.
    pub at: SourceRef,
}

/// One tenancy.
#[derive(Clone, Debug)]
pub struct LeaseRow {
    /// The lease's own number.
    pub lease: String,
    /// Premises number of the book.
    pub premises: u32,
    /// Tenants as found.
    pub tenants: Vec<String>,
    /// Landlord as found.
    pub landlord: String,
    /// Guarantors as found.
    pub guarantors: Vec<String>,
    /// Rent for each period.
    pub rent: Option<i64>,
    /// Currency of rent and deposit.
    pub currency: Currency,
    /// `week`, `month` or `year`.
    pub period: String,
    /// First day.
    pub start: Option<i32>,
    /// Last day.
    pub end: Option<i32>,
    /// Number of the lease it amends.
    pub amends: String,
    /// Bedrooms.
    pub bedrooms: Option<i32>,
    /// Deposit.
    pub deposit: Option<i64>,
    /// Account number of the book, or [`NONE`].
    pub paid_from: u32,
    /// Where it was read.
    pub at: SourceRef,
    /// Whether its row names one person with a role, and others name the rest.
    pub by_person: bool,
    /// Further records that tell of it.
    pub further: Vec<SourceRef>,
    /// First day on which an amendment's terms stand in the place of these.
    pub amended_from: Option<i32>,
}

/// Facts about people and things while a case is loaded.
#[derive(Clone, Debug, Default)]
pub struct PeopleRows {
    /// Holdings.
    pub holdings: Vec<HoldingRow>,
    /// Ties.
    pub ties: Vec<TieRow>,
    /// Leases.
    pub leases: Vec<LeaseRow>,
}
