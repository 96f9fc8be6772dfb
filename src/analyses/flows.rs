//! Flow totals: who paid whom, how much, over which days.
//!
//! # What it finds
//! For each ordered pair of accounts, parties or clusters, each currency and each period: the
//! number of transfers, their total, the first and last day, the largest one, what came back the
//! other way, and the split by channel. Amounts are what left the sender; currencies are never
//! added together. Money that stays with the same holder is flagged and listed after the rest.
//!
//! # Why it matters
//! It is the table under every link chart: a line on a chart is a row here, and every row can be
//! listed down to the records it adds up.
//!
//! # What else explains it
//! Large or frequent flows are what wages, rent, suppliers and a holder's own savings look like.
//! A total says that money moved, not why.

mod tables;
mod totals;

use clap::{Args, ValueEnum};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use totals::{Flow, Sums, Totals, totals};

use crate::analyses::{ClusterParams, Groups, Inputs, Outcome, memberships};
use crate::error::Result;
use crate::model::Currency;

/// Keys of a query file's `[parameters]`, and flags of `flows`.
#[derive(Args, Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// Whose totals: each account's, each holder's, or each cluster's.
    #[arg(long, value_enum, default_value_t = Params::default().by)]
    pub by: By,
    /// Length of the periods that are added up apart.
    #[arg(long, value_enum, default_value_t = Params::default().period)]
    pub period: Period,
    /// First civil day that counts, such as 2024-01-01.
    #[arg(long, value_name = "DAY")]
    pub from_day: Option<Date>,
    /// Last civil day that counts.
    #[arg(long, value_name = "DAY")]
    pub to_day: Option<Date>,
    /// Only what this account, party or cluster paid.
    #[arg(long, value_name = "NAME")]
    pub sender: Option<String>,
    /// Only what this account, party or cluster was paid.
    #[arg(long, value_name = "NAME")]
    pub receiver: Option<String>,
    /// Only the first so many flows of each currency: the largest totals.
    #[arg(long, value_name = "N")]
    pub top: Option<usize>,
    /// List the transfers behind each total too, with file and line.
    #[arg(long)]
    pub rows: bool,
}

/// What the two ends of a flow are.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// Accounts.
    #[default]
    Account,
    /// The owners and joint holders of an account on the day, together one node.
    Party,
    /// Clusters of accounts and parties.
    Cluster,
}

impl By {
    /// The word for it in files and output.
    pub fn word(self) -> &'static str {
        match self {
            By::Account => "account",
            By::Party => "party",
            By::Cluster => "cluster",
        }
    }
}

/// Length of the periods that are added up apart.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Period {
    /// Each civil day.
    Day,
    /// Each calendar month.
    Month,
    /// Each calendar quarter.
    Quarter,
    /// Each calendar year.
    Year,
    /// All days together.
    #[default]
    All,
}

/// Adds up the flows. Tables: `flows`, and `flow_rows` when [`Params::rows`] asks for it.
///
/// Rows stand by currency, those between two holders before those that stay with one, then by
/// total from the largest down, then by names and period. Cost: one pass over the transfers on
/// every thread, memory for each pair, period and channel that occurs.
///
/// # Errors
///
/// [`Error::AmountOverflow`] rather than a wrapped sum; [`Error::Unknown`] if a sender or
/// receiver is not in the case; [`Error::File`] if the store is damaged.
pub fn run(inputs: &Inputs, params: &Params) -> Result<Outcome> {
    run_summed(inputs, params).map(|(outcome, _)| outcome)
}

/// As [`run`], with what all flows hold together.
///
/// # Errors
///
/// As [`run`].
pub fn run_summed(inputs: &Inputs, params: &Params) -> Result<(Outcome, Sums)> {
    let groups = groups(inputs, params.by)?;
    let totals = totals(inputs, params, &groups)?;
    let mut tables = vec![tables::flows(inputs, params, &groups, &totals)?];
    if params.rows {
        tables.push(tables::flow_rows(inputs, params, &groups, &totals)?);
    }
    Ok((Outcome { tables, findings: Vec::new() }, totals.all))
}

/// Rows of `transfers` behind the flow between two names, in that table's order; the other
/// limits of `params` hold too. Their amounts add up to the flow's total over all periods.
///
/// # Errors
///
/// [`Error::Unknown`] if a name is not in the case; [`Error::File`] if the store is damaged.
pub fn rows_of(
    inputs: &Inputs,
    params: &Params,
    sender: &str,
    receiver: &str,
    currency: Currency,
) -> Result<Vec<u32>> {
    let groups = groups(inputs, params.by)?;
    let pair = Params {
        sender: Some(sender.to_owned()),
        receiver: Some(receiver.to_owned()),
        ..params.clone()
    };
    let limits = totals::Limits::new(&pair, &groups)?;
    let transfers = inputs.case.transfers()?;
    Ok((0..transfers.day.len() as u32)
        .filter(|row| transfers.currency[*row as usize] == currency)
        .filter(|row| limits.pair(transfers, &groups, *row as usize).is_some())
        .collect())
}

/// Who an end of a transfer counts as; an account outside every cluster stands under its
/// holders.
///
/// # Errors
///
/// [`Error::File`] if the store is damaged.
pub fn groups<'a>(inputs: &Inputs<'a>, by: By) -> Result<Groups<'a>> {
    match by {
        By::Account => Groups::accounts(inputs.case),
        By::Party => Groups::parties(inputs.case),
        By::Cluster => {
            let members = memberships(inputs, &ClusterParams::default())?;
            Groups::clusters(inputs.case, members.names, &members.account)
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        params: Params,
    }

    #[track_caller]
    fn check(flags: &[&str], keys: &str, expected: &Params) {
        let command = Command::try_parse_from([&["flows"], flags].concat()).unwrap();
        assert_eq!(&command.params, expected);
        assert_eq!(&toml::from_str::<Params>(keys).unwrap(), expected);
    }

    #[test]
    fn flags_and_keys_are_one_struct() {
        check(&[], "", &Params::default());
        check(
            &["--by", "party", "--period", "quarter", "--from-day", "2024-01-01", "--rows"],
            "by = \"party\"\nperiod = \"quarter\"\nfrom_day = \"2024-01-01\"\nrows = true",
            &Params {
                by: By::Party,
                period: Period::Quarter,
                from_day: Some(Date::constant(2024, 1, 1)),
                rows: true,
                ..Params::default()
            },
        );
        assert!(toml::from_str::<Params>("perod = \"month\"").is_err());
        assert!(Command::try_parse_from(["flows", "--from-day", "2024-02-30"]).is_err());
    }
}
