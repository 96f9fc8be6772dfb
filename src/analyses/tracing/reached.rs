//! Which accounts traced money can have reached: what an investigator may follow, and whose
//! statements to ask for.

use super::case_ledger::CaseLedger;
use super::reach::{UNREACHED, hops};
use super::sources::Sources;
use super::sweep::Declared;
use super::tables::words;
use super::traces::Question;
use crate::analyses::{Inputs, account_name, counted};
use crate::error::Result;
use crate::model::{ResultTable, Values};

/// An account that a label can have reached.
struct Reached {
    label: u32,
    account: u32,
    transfers: u32,
}

/// `trace_reach`: for each label the accounts that its money can have reached by at most
/// `hops_max` transfers, whatever is presumed; by label, transfers and account.
///
/// # Errors
///
/// As [`CaseLedger::new`] and [`Sources::declare`].
pub fn table(
    inputs: &Inputs,
    sources: &Sources,
    question: &Question,
    hops_max: u32,
) -> Result<ResultTable> {
    let case = inputs.case;
    let of = inputs.stage("ledger", || CaseLedger::new(case, sources.currency))?;
    // Parts that exceed their transfer are refused here, too.
    sources.declare(case, &of)?;
    let ledger = &of.ledger;
    let order = &ledger.order.until(question.until);
    let rows: Vec<Reached> = inputs.stage("reach", || {
        let labels = 1..=sources.labels.len() as u32;
        labels
            .flat_map(|label| {
                let parts = sources.parts.iter().filter(move |part| part.label == label);
                let parts = parts.filter_map(|part| Some((of.arriving(part.transfer)?, 1, 1)));
                let by_account = hops(ledger, order, &Declared::new(parts), hops_max);
                let reached = (0..).zip(by_account).filter(|(_, by)| *by != UNREACHED);
                let mut reached: Vec<Reached> = reached
                    .map(|(account, transfers)| Reached { label, account, transfers })
                    .collect();
                reached.sort_by_key(|one| (one.transfers, one.account));
                reached
            })
            .collect()
    });
    let mut accounts = Vec::new();
    for row in &rows {
        accounts.push(account_name(case, row.account)?);
    }
    let held = |row: &Reached| ledger.is_held(row.account);
    let not_held = rows.iter().filter(|row| !held(row)).count() as u64;
    Ok(ResultTable::new("trace_reach")
        .with("label", words(rows.iter().map(|row| sources.name(row.label))))
        .with("account", words(accounts))
        .with(
            "transfers",
            Values::Count(rows.iter().map(|row| Some(row.transfers.into())).collect()),
        )
        .with("statements_held", Values::Flag(rows.iter().map(|row| Some(held(row))).collect()))
        .note(match not_held {
            0 => "A statement of every account here is held. What can have been reached need not \
                  have been."
                .to_owned(),
            some => format!(
                "Of {} no statement is held, and the money can be followed no further there: ask \
                 for it. What can have been reached need not have been.",
                counted(some, "account")
            ),
        }))
}
