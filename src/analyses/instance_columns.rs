//! Columns that one pattern adds to the shared table of instances.
//!
//! Each value is said of the whole instance and stands in its first row only, so that it is not
//! added up over the members.

use crate::analyses::Outcome;
use crate::model::Values;

/// The instance whose first row each row is, from 0; `None` in its other rows.
pub(crate) fn leading(outcome: &Outcome) -> Vec<Option<usize>> {
    let Some(Values::Count(instances)) = outcome.tables[0].column("instance") else {
        return Vec::new();
    };
    let mut before = None;
    instances
        .iter()
        .map(|instance| {
            let first = *instance != before;
            before = *instance;
            instance.filter(|_| first).map(|number| number as usize - 1)
        })
        .collect()
}

/// Adds a column to the first table of an outcome.
pub(crate) fn add_column(outcome: &mut Outcome, name: &str, values: Values) {
    let table = std::mem::take(&mut outcome.tables[0]);
    outcome.tables[0] = table.with(name, values);
}
