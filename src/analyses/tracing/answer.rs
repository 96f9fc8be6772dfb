//! The tables of one answer, in their order, each made only where it is wanted.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use super::figures::{EndKey, Figure};
use super::narrative::narrative;
use super::paths::ending_in;
use super::tables::Tables;
use super::traces::Traces;
use super::{By, Params, Wanted, conversions, standing_notes};
use crate::analyses::counted;
use crate::error::{Error, Result};
use crate::model::ResultTable;

/// What tables of transfers list: place of posting, movement and label.
type OfTransfer = ((u32, u32, u32), Figure);

/// One answer, from which its tables are made.
pub struct Answer<'a> {
    tables: &'a Tables<'a>,
    params: &'a Params,
    into: Option<BTreeSet<u32>>,
    /// Movements on paths into the accounts asked for, sorted.
    on_path: Option<Vec<u32>>,
    ends: OnceCell<Ends>,
    transfers: OnceCell<Vec<OfTransfer>>,
}

/// Where the money is at the end, as far as that is listed.
struct Ends {
    listed: Vec<(EndKey, Figure)>,
    /// How many there are.
    all: usize,
}

impl<'a> Answer<'a> {
    /// Makes nothing yet.
    ///
    /// # Errors
    ///
    /// As [`Params::into_accounts`].
    pub fn new(tables: &'a Tables, params: &'a Params) -> Result<Answer<'a>> {
        let into = params.into_accounts(tables.inputs.case)?;
        let on_path = into.as_ref().map(|into| ending_in(tables.traces, into));
        let (ends, transfers) = (OnceCell::new(), OnceCell::new());
        Ok(Answer { tables, params, into, on_path, ends, transfers })
    }

    fn traces(&self) -> &'a Traces<'a> {
        self.tables.traces
    }

    /// The tables that are wanted, that of `--by` first.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] for a name that no table has; [`Error::File`] if the store is damaged.
    pub fn tables(&self, wanted: Wanted) -> Result<Vec<ResultTable>> {
        let names = self.names();
        let named: Vec<&str> = match wanted {
            Wanted::First => vec![names[0]],
            Wanted::Named(name) if names.contains(&name) => vec![name],
            Wanted::Named(name) => {
                return Err(Error::Usage(format!(
                    "no table {name:?} here; the tables are {}",
                    names.join(", ")
                )));
            }
            Wanted::All => names.clone(),
        };
        let table = |name: &str| {
            let mut table = self.table(name)?;
            if name == names[0] {
                table.notes.extend(self.traces().sources.notes.clone());
                table.notes.extend(conversions::notes(self.tables)?);
                table.notes.extend(standing_notes(self.traces()));
            }
            Ok(table)
        };
        // It refuses where a unit of money was made or lost, whatever is printed.
        let labels = self.tables.labels();
        let table = |name: &str| match name {
            "trace_labels" => Ok(labels.clone()),
            _ => table(name),
        };
        named.into_iter().map(table).collect()
    }

    /// The names of all tables, in their order.
    fn names(&self) -> Vec<&'static str> {
        let (first, ends) = match self.params.by {
            By::Exit => ("trace", None),
            By::Account => ("trace_accounts", Some("trace_ends")),
            By::Party => ("trace_parties", Some("trace_ends")),
            By::Transfer => ("trace_transfers", Some("trace_ends")),
        };
        let mut names = vec![first, "trace_narrative", "trace_labels"];
        names.extend(ends);
        if self.params.by != By::Transfer {
            names.push("trace_transfers");
        }
        names.extend(["trace_residuals", "trace_sources", "trace_rests_on", "trace_order"]);
        names
    }

    fn table(&self, name: &str) -> Result<ResultTable> {
        let tables = self.tables;
        match name {
            "trace" => {
                let ends = self.ends()?;
                let mut told = tables.ends(&ends.listed, name)?;
                if ends.listed.len() < ends.all {
                    told.notes.push(format!(
                        "{} stand for an end of traced money; the first {} are listed \
                         (--rows-max).",
                        counted(ends.all as u64, "row"),
                        ends.listed.len()
                    ));
                }
                Ok(told)
            }
            "trace_ends" => tables.ends(&self.ends()?.listed, name),
            "trace_accounts" | "trace_parties" => {
                let by_party = name == "trace_parties";
                tables.passed(self.transfers(), &self.ends()?.listed, by_party)
            }
            "trace_narrative" => {
                let ends = &self.ends()?.listed;
                narrative(tables.inputs, self.traces(), tables.reliances, ends)
            }
            "trace_transfers" => tables.transfers(self.transfers()),
            "trace_residuals" => tables.residuals(&self.residuals()),
            "trace_sources" => tables.sources(),
            "trace_rests_on" => tables.rests_on(),
            "trace_order" => tables.order(),
            "trace_labels" => Ok(tables.labels()),
            other => unreachable!("{other} is no table of a trace"),
        }
    }

    fn ends(&self) -> Result<&Ends> {
        if let Some(ends) = self.ends.get() {
            return Ok(ends);
        }
        let channels = &self.tables.inputs.case.transfers()?.channel;
        let mut listed: Vec<(EndKey, Figure)> = self.traces().ends(channels).into_iter().collect();
        if let Some(into) = &self.into {
            listed.retain(|(key, _)| into.contains(&key.account));
        }
        listed.sort_by_key(|(key, figure)| {
            (key.label, key.at, std::cmp::Reverse((figure.most(), figure.bound.ceiling)), *key)
        });
        let all = listed.len();
        listed.truncate(self.params.rows_max);
        Ok(self.ends.get_or_init(|| Ends { listed, all }))
    }

    fn transfers(&self) -> &[OfTransfer] {
        self.transfers.get_or_init(|| {
            let mut all: Vec<OfTransfer> = self.traces().transfers().into_iter().collect();
            if let Some(kept) = &self.on_path {
                all.retain(|((_, movement, _), _)| kept.binary_search(movement).is_ok());
            }
            all
        })
    }

    fn residuals(&self) -> Vec<((u32, i32, u32), Figure)> {
        let mut all: Vec<_> = self.traces().residuals().into_iter().collect();
        if let Some(into) = &self.into {
            all.retain(|((account, ..), _)| into.contains(account));
        }
        all
    }
}
