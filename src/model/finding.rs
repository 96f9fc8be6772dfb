//! A measured statement about a candidate, with its source refs and its innocent explanations.

use crate::model::{Amount, EntityRef, SourceRef};

/// What an analysis measured about one candidate. Never a verdict.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The analysis that measured it: `pass-through`.
    pub analysis: &'static str,
    /// Whom the measure is of.
    pub candidate: EntityRef,
    /// Its name as outputs show it.
    pub candidate_name: String,
    /// What was measured, with its unit: `share_out_percent`.
    pub measure: &'static str,
    /// The measured value as text.
    pub value: String,
    /// For ranking within the analysis only, larger first.
    pub score: f64,
    /// Money the finding is about, of one currency.
    pub amount: Option<Amount>,
    /// First civil day of the records behind it.
    pub first: Option<i32>,
    /// Last civil day of the records behind it.
    pub last: Option<i32>,
    /// Records behind it.
    pub records: u64,
    /// One sentence that a person can read aloud: what the records show, not what people did.
    pub statement: String,
    /// The records, or the first of them when there are very many; sorted.
    pub source_refs: Vec<SourceRef>,
    /// Innocent readings of the same records.
    pub what_else_explains_it: &'static str,
    /// True when a bound cut the search behind this finding.
    pub bound_met: bool,
}
