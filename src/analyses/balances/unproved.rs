//! Which accounts do not prove, in words: for the foot of charts and pages, and as the one note
//! that every table carries whose figures rest on such an account.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{BalanceState, MonthBalance};
use crate::analyses::{Inputs, Outcome, month_text};
use crate::error::Result;
use crate::model::{Amount, EntityKind, ResultTable, Values, counted};

/// Accounts that one note names.
const NAMED_MAX: usize = 3;

/// What does not prove of one account.
struct Unproved<'a> {
    account: u32,
    months: Vec<&'a MonthBalance>,
}

impl Unproved<'_> {
    fn count(&self, state: BalanceState) -> usize {
        self.months.iter().filter(|month| month.state == state).count()
    }
}

/// By how much is amiss: what breaks first, then what is missing, then what states no balance;
/// by account within each.
fn by_weight(months: &[MonthBalance]) -> Vec<Unproved<'_>> {
    let mut by_account: BTreeMap<u32, Vec<&MonthBalance>> = BTreeMap::new();
    for month in months.iter().filter(|month| month.state != BalanceState::Proves) {
        by_account.entry(month.account).or_default().push(month);
    }
    let mut all: Vec<Unproved<'_>> =
        by_account.into_iter().map(|(account, months)| Unproved { account, months }).collect();
    all.sort_by_key(|one| {
        (one.count(BalanceState::Breaks) == 0, one.count(BalanceState::Missing) == 0)
    });
    all
}

/// Accounts that do not prove, each with one sentence for the foot of charts and tables: those
/// whose balance breaks first, then those with months missing, then those that state none; by
/// account within each.
///
/// # Errors
///
/// [`crate::Error::AmountOverflow`]; [`crate::Error::File`] if the store is damaged.
pub fn unproved(inputs: &Inputs) -> Result<Vec<(u32, String)>> {
    let all = by_weight(inputs.month_balances()?);
    all.iter().map(|one| Ok((one.account, sentence(inputs, one)?))).collect()
}

fn sentence(inputs: &Inputs, one: &Unproved<'_>) -> Result<String> {
    let mut said = Vec::new();
    said.extend(broken(inputs, one)?);
    let missing = one.count(BalanceState::Missing);
    if missing > 0 {
        let first = one.months.iter().find(|month| month.state == BalanceState::Missing);
        let first = first.map_or_else(String::new, |month| month_text(month.month));
        said.push(format!("{} missing, the first {first}", counted(missing as u64, "month")));
    }
    let unstated = one.count(BalanceState::Unstated);
    if unstated > 0 {
        said.push(format!("{} without a balance to prove by", counted(unstated as u64, "month")));
    }
    let name = inputs.case.accounts()?.account.get(one.account as usize);
    Ok(format!("{name} does not prove: {}.", said.join("; ")))
}

fn broken(inputs: &Inputs, one: &Unproved<'_>) -> Result<Option<String>> {
    let case = inputs.case;
    let first = one.months.iter().find_map(|month| Some((month, month.first_break?)));
    let Some((month, (difference, at))) = first else { return Ok(None) };
    let amount = Amount { minor: difference, currency: month.currency };
    let also = match case.sources()?.rejected[at.source as usize] {
        0 => String::new(),
        some => format!(", a file with {}", counted(some as u64, "rejected record")),
    };
    Ok(Some(format!(
        "its balance breaks in {}, first at {} by {}{also}",
        counted(one.count(BalanceState::Breaks) as u64, "month"),
        case.place(at)?,
        case.manifest().digits.people(amount)
    )))
}

/// The note for a table whose figures rest on `accounts`: how many of them do not prove, the
/// worst of them by name. `None` when every one of them that is held proves.
///
/// An account that states no balance is counted and not named: its records can be neither proved
/// nor disproved.
fn rests_on(inputs: &Inputs, accounts: impl IntoIterator<Item = u32>) -> Result<Option<String>> {
    let all = by_weight(inputs.month_balances()?);
    if all.is_empty() {
        return Ok(None);
    }
    let mut here: Vec<u32> = accounts.into_iter().collect();
    here.sort_unstable();
    here.dedup();
    let table = inputs.case.accounts()?;
    let of_here = |one: &&Unproved<'_>| here.binary_search(&one.account).is_ok();
    let amiss = |one: &&Unproved<'_>| one.months.iter().any(|m| m.state != BalanceState::Unstated);
    let (wrong, silent): (Vec<&Unproved<'_>>, Vec<_>) = all.iter().filter(of_here).partition(amiss);
    let mut said = Vec::new();
    if !wrong.is_empty() {
        let word = |one: &&&Unproved<'_>| {
            let breaks = one.count(BalanceState::Breaks);
            let missing = one.count(BalanceState::Missing);
            let what = [(breaks, "does not add up"), (missing, "missing")]
                .into_iter()
                .filter(|(count, _)| *count > 0)
                .map(|(count, what)| format!("{} {what}", counted(count as u64, "month")))
                .map(|text| text.replace("months does", "months do"))
                .collect::<Vec<String>>()
                .join(", ");
            format!("{} ({what})", table.account.get(one.account as usize))
        };
        let named: Vec<String> = wrong.iter().take(NAMED_MAX).map(|one| word(&one)).collect();
        let more = wrong.len().saturating_sub(NAMED_MAX);
        let more = if more > 0 { format!("; and {more} more") } else { String::new() };
        let verb = if wrong.len() == 1 { "does" } else { "do" };
        said.push(format!(
            "{} of the accounts here {verb} not prove: {}{more}.",
            wrong.len(),
            named.join("; ")
        ));
    }
    if !silent.is_empty() {
        let (verb, whose) = if silent.len() == 1 { ("states", "its") } else { ("state", "their") };
        said.push(format!(
            "{} {verb} no balance by which {whose} records could be proved.",
            if wrong.is_empty() {
                format!("{} of the accounts here", silent.len())
            } else {
                format!("{} more", silent.len())
            }
        ));
    }
    Ok((!said.is_empty()).then(|| said.join(" ")))
}

/// Tables whose measures are made of payments though no amount stands in them.
const OF_PAYMENTS: &[&str] = &["facilitators"];

/// Says on every table with money or of measures of payments, and in every finding, which of the
/// accounts it names do not prove: accounts by their own names, and those that a party named in it
/// holds. A table with money that names neither may rest on any account of the case. Cost: a
/// search a text cell.
///
/// # Errors
///
/// As [`unproved`].
pub fn with_unproved(inputs: &Inputs, mut outcome: Outcome) -> Result<Outcome> {
    let all = by_weight(inputs.month_balances()?);
    if all.is_empty() {
        return Ok(outcome);
    }
    let named = Named::new(inputs)?;
    for table in &mut outcome.tables {
        let of_payments = OF_PAYMENTS.contains(&table.name.as_str());
        table.notes.extend(named.note(inputs, table, of_payments)?);
    }
    let wrong = |one: &&Unproved<'_>| one.months.iter().any(|m| m.state != BalanceState::Unstated);
    let wrong: BTreeMap<u32, &Unproved<'_>> =
        all.iter().filter(wrong).map(|one| (one.account, one)).collect();
    for finding in &mut outcome.findings {
        let accounts = match finding.candidate.kind {
            EntityKind::Account => vec![finding.candidate.row],
            _ => named.accounts.get(finding.candidate_name.as_str()).cloned().unwrap_or_default(),
        };
        for one in accounts.iter().filter_map(|account| wrong.get(account)) {
            finding.statement.push(' ');
            finding.statement.push_str(&sentence(inputs, one)?);
        }
    }
    Ok(outcome)
}

/// As [`with_unproved`], for the answer to a question. A question may count payments and state no
/// amount, so that every answer which names an account says what is to be said of it.
///
/// # Errors
///
/// As [`unproved`].
pub fn table_with_unproved(inputs: &Inputs, mut table: ResultTable) -> Result<ResultTable> {
    if !inputs.month_balances()?.iter().all(|month| month.state == BalanceState::Proves) {
        table.notes.extend(Named::new(inputs)?.note(inputs, &table, true)?);
    }
    Ok(table)
}

/// The accounts behind each name that a table may carry.
struct Named<'a> {
    accounts: HashMap<&'a str, Vec<u32>>,
}

impl<'a> Named<'a> {
    fn new(inputs: &Inputs<'a>) -> Result<Named<'a>> {
        let case = inputs.case;
        let (table, parties, holdings) = (case.accounts()?, case.parties()?, case.holdings()?);
        let held: BTreeSet<u32> = inputs.month_balances()?.iter().map(|one| one.account).collect();
        let mut accounts: HashMap<&str, Vec<u32>> = HashMap::new();
        for &account in &held {
            accounts.entry(table.account.get(account as usize)).or_default().push(account);
        }
        for row in 0..holdings.account.len() {
            if held.contains(&holdings.account[row]) {
                let party = parties.party.get(holdings.party[row] as usize);
                accounts.entry(party).or_default().push(holdings.account[row]);
            }
        }
        Ok(Named { accounts })
    }

    fn note(
        &self,
        inputs: &Inputs,
        table: &ResultTable,
        of_payments: bool,
    ) -> Result<Option<String>> {
        let money = table.columns.iter().any(|one| one.values.is_money());
        if !(money || of_payments) || table.rows() == 0 {
            return Ok(None);
        }
        let mut found: BTreeSet<u32> = BTreeSet::new();
        let mut note = |text: &str| found.extend(self.accounts.get(text).into_iter().flatten());
        for column in &table.columns {
            match &column.values {
                Values::Text(rows) => rows.iter().for_each(|text| note(text)),
                Values::Words(rows) => rows.distinct().for_each(&mut note),
                _ => {}
            }
        }
        if found.is_empty() && !money {
            return Ok(None);
        }
        if found.is_empty() {
            let all = inputs.month_balances()?.iter().map(|month| month.account);
            return rests_on(inputs, all);
        }
        rests_on(inputs, found)
    }
}
