//! Sentences below the table of sources: which hold nothing, and which calls were taken for one.

use crate::error::Result;
use crate::model::counted_as;
use crate::store::{Case, Sources};

/// Sources without records that a sentence names.
const SOURCES_NAMED_MAX: usize = 10;

/// Which sources hold no record at all; `None` if every one holds some. That nothing happened may
/// be a producer's answer, or an export that failed, and nobody can tell from the file.
pub fn without_records(sources: &Sources) -> Option<String> {
    let rows = || (0..sources.read.len()).filter(|row| sources.read[*row] == 0);
    let several = rows().count();
    let mut names: Vec<&str> =
        rows().take(SOURCES_NAMED_MAX).map(|row| sources.source.get(row)).collect();
    let more = format!("{} more", several - names.len());
    if several > names.len() {
        names.push(&more);
    }
    (several > 0).then(|| {
        format!(
            "{} 0 records: {}. This may be the answer, or an export that failed: let the producer \
             say which.",
            counted_as(several, "source holds", "sources hold"),
            names.join(", ")
        )
    })
}

/// Within how many seconds records of calls were taken for one call, where any were.
pub(super) fn joined_calls_sentence(case: &Case) -> Result<Option<String>> {
    let joined = case.refs()?.of.iter().filter(|of| *of == "calls").count();
    let tolerance = case.manifest().parameters.get("call_tolerance_s");
    Ok(tolerance.filter(|_| joined > 0).map(|seconds| {
        let records = counted_as(joined, "record tells", "records tell");
        format!(
            "{records} of a call that another return holds: start and duration differ by at most \
             {seconds} seconds, or by a minute more where a return shows whole minutes alone."
        )
    }))
}
