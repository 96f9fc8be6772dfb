//! What a store says of itself before its tables are written: whose case it is, with which bounds
//! it was loaded, and the hash of every file that was read.

use std::collections::BTreeMap;

use crate::normalise::{
    COMPARED_PER_RECORD_MAX, NEAR_PER_RECORD_MAX, POSSIBLE_PAIRS_PER_BLOCK_MAX,
    POSSIBLE_PAIRS_PER_RECORD_MAX,
};
use crate::store::load::Loader;
use crate::store::load::plan::LoadPlan;
use crate::store::load::reading::sources::OpenedFile;
use crate::store::load::same_money::both_legs::LEG_WINDOW_DAYS;
use crate::store::load::statements::coverage::GAP_DAYS;
use crate::store::manifest::{FileEntry, Manifest, SCHEMA_VERSION};

impl Loader<'_> {
    /// What the store says of itself, before any table is written.
    pub(super) fn manifest(&self, plan: &LoadPlan, files: &[OpenedFile<'_>]) -> Manifest {
        let mut manifest = Manifest {
            kind: "store".to_owned(),
            schema_version: SCHEMA_VERSION,
            program_version: env!("CARGO_PKG_VERSION").to_owned(),
            title: plan.title.clone(),
            currency: plan.currency.to_string(),
            timezone: plan.timezone.clone(),
            digits: self.case.digits.clone(),
            subjects: plan.subjects.clone(),
            ..Manifest::default()
        };
        manifest.parameters = parameters(plan);
        for row in 0..self.sources.source.len() {
            let entry = FileEntry {
                bytes: self.sources.bytes[row] as u64,
                sha256: self.sources.sha256.get(row).to_owned(),
                rows: None,
            };
            manifest.inputs.insert(self.sources.source.get(row).to_owned(), entry);
        }
        for (shown, bytes, sha256) in files.iter().flat_map(|file| &file.containers) {
            let entry = FileEntry { bytes: *bytes, sha256: sha256.clone(), rows: None };
            manifest.inputs.insert(shown.clone(), entry);
        }
        manifest
    }
}

/// The bounds that the store was loaded with, for its manifest.
fn parameters(plan: &LoadPlan) -> BTreeMap<String, String> {
    let bounds = [
        ("leg_window_days", LEG_WINDOW_DAYS.to_string()),
        ("leg_near_per_record_max", NEAR_PER_RECORD_MAX.to_string()),
        ("leg_compared_per_record_max", COMPARED_PER_RECORD_MAX.to_string()),
        ("possible_pairs_per_record_max", POSSIBLE_PAIRS_PER_RECORD_MAX.to_string()),
        ("possible_pairs_per_block_max", POSSIBLE_PAIRS_PER_BLOCK_MAX.to_string()),
        ("coverage_gap_days", GAP_DAYS.to_string()),
        ("reversal_window_days", plan.reversal_window_days.to_string()),
        ("call_tolerance_s", plan.call_tolerance_s.to_string()),
    ];
    bounds.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
