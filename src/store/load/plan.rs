//! What a load is asked to do, as the case file says it.

use std::path::PathBuf;
use std::sync::Arc;

use crate::model::{Currency, Role};
use crate::records::Layout;

/// Everything a load depends on.
#[derive(Clone, Debug)]
pub struct LoadPlan {
    /// Title of the case.
    pub title: String,
    /// Currency for amounts without a currency column.
    pub currency: Currency,
    /// IANA name of the case's zone; `UTC` when none is stated.
    pub timezone: String,
    /// False when neither the case file nor its user named a zone: stamps without an offset are
    /// then refused unless their layout names one.
    pub timezone_stated: bool,
    /// Region for phone numbers written without a country, `US`.
    pub region: Option<String>,
    /// Files in case-file order, a glob's in byte order of their paths.
    pub sources: Vec<PlannedSource>,
    /// Layouts the case file names anywhere: they also recognise files that name none.
    pub own_layouts: Vec<Arc<Layout>>,
    /// Most seconds between the starts that two returns state of one call, at most 3600.
    pub call_tolerance_s: u32,
    /// Days before a payment that came back within which the payment it undoes is looked for.
    pub reversal_window_days: u16,
    /// Subjects: name, kind word, role.
    pub subjects: Vec<(String, String, Option<Role>)>,
}

/// One file to read.
#[derive(Clone, Debug)]
pub struct PlannedSource {
    /// Where it lies.
    pub path: PathBuf,
    /// As the case file names it; what every output shows.
    pub shown: String,
    /// Which members of it are meant, where it is an archive or a workbook: a pattern for each
    /// level, `!` between them. `None` means all.
    pub members: Option<String>,
    /// The layout, or `None` to recognise it.
    pub layout: Option<Arc<Layout>>,
    /// First Bates number.
    pub bates: String,
    /// Legal authority.
    pub authority: String,
    /// Sources of the case that this one corrects, as they are shown.
    pub supersedes: Vec<String>,
}
