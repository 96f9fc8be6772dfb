//! The tables of `balances`: months, statements, and what would explain each break.

use super::explain::{Explanation, TOGETHER_MAX};
use super::proof::{Break, BreakKind};
use super::stated::Summed;
use super::{EXPLAINED_MAX, MonthBalance, Proofs};
use crate::analyses::month_text;
use crate::error::{Error, Result};
use crate::model::{Amount, ResultTable, Values, day_text};
use crate::store::Case;

/// Rows and silences that a note names.
const NAMED_MAX: usize = 5;

/// All three, of every account or of one.
pub(super) fn all(case: &Case, proofs: &Proofs, only: Option<u32>) -> Result<Vec<ResultTable>> {
    let wanted = |account: u32| only.is_none_or(|one| one == account);
    let months: Vec<&MonthBalance> =
        proofs.months.iter().filter(|month| wanted(month.account)).collect();
    let summed: Vec<&Summed> =
        proofs.summed.iter().filter(|one| wanted(one.stated.account)).collect();
    let broken: Vec<(&Break, &Explanation)> = proofs
        .broken
        .iter()
        .filter(|(found, _)| wanted(found.account))
        .flat_map(|(found, explained)| explained.iter().map(move |one| (found, one)))
        .collect();
    let mut balances = balances(case, &months)?;
    for sentence in set_apart(case, proofs)? {
        balances = balances.note(sentence);
    }
    Ok(vec![balances, statement_balances(case, &summed)?, explanations(case, &broken)?])
}

fn balances(case: &Case, months: &[&MonthBalance]) -> Result<ResultTable> {
    let accounts = case.accounts()?;
    let sources = case.sources()?;
    let text = |of: &dyn Fn(&MonthBalance) -> String| {
        Values::Text(months.iter().map(|month| of(month)).collect())
    };
    let money = |of: &dyn Fn(&MonthBalance) -> Option<i64>| {
        let amount = |month: &MonthBalance| {
            of(month).map(|minor| Amount { minor, currency: month.currency })
        };
        Values::Money(months.iter().map(|month| amount(month)).collect())
    };
    let count = |of: &dyn Fn(&MonthBalance) -> Option<i64>| {
        Values::Count(months.iter().map(|month| of(month)).collect())
    };
    let broken_in = |month: &MonthBalance| {
        let at = month.first_break.map(|(_, at)| at.source as usize);
        at.map_or_else(String::new, |source| sources.source.get(source).to_owned())
    };
    let table = ResultTable::new("balances")
        .with("account", text(&|month| accounts.account.get(month.account as usize).to_owned()))
        .with("month", text(&|month| month_text(month.month)))
        .with("opening", money(&|month| month.opening_minor))
        .with("closing", money(&|month| month.closing_minor))
        .with("records", count(&|month| Some(month.records as i64)))
        .with("state", text(&|month| month.state.word().to_owned()))
        .with("difference", money(&|month| month.first_break.map(|(minor, _)| minor)))
        .with("source", text(&broken_in))
        .with("line", count(&|month| month.first_break.map(|(_, at)| i64::from(at.line))))
        .with("currency", text(&|month| month.currency.to_string()))
        .with("breaks", count(&|month| Some(month.breaks as i64)))
        .with("reordered_days", count(&|month| Some(month.reordered_days as i64)));
    Ok(table.note(if months.is_empty() {
        "No account's own statements are held, so no balance can be proved."
    } else {
        "`difference`, `source` and `line` are of the first balance that is not the one before \
         it plus the rows between; `breaks` counts such balances, `reordered_days` days whose \
         rows follow in another order than the printed one."
    }))
}

/// What stands outside the months: silences too long to list, and rows dated far off.
fn set_apart(case: &Case, proofs: &Proofs) -> Result<Vec<String>> {
    let mut sentences = Vec::new();
    for (account, from, to) in proofs.silences.iter().take(NAMED_MAX) {
        sentences.push(format!(
            "{} states nothing from {} to {}: set apart as one silence, and its months not listed.",
            case.accounts()?.account.get(*account as usize),
            day_text(*from),
            day_text(*to)
        ));
    }
    if !proofs.misdated.is_empty() {
        let named: Result<Vec<String>> = proofs
            .misdated
            .iter()
            .take(NAMED_MAX)
            .map(|(at, day)| Ok(format!("{} ({})", case.place(*at)?, day_text(*day))))
            .collect();
        let more = proofs.misdated.len().saturating_sub(NAMED_MAX);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        sentences.push(format!(
            "Dated far from the rows around them, and counted in the month of those: {}{more}.",
            named?.join(", ")
        ));
    }
    Ok(sentences)
}

fn statement_balances(case: &Case, summed: &[&Summed]) -> Result<ResultTable> {
    let accounts = case.accounts()?;
    let sources = case.sources()?;
    let text =
        |of: &dyn Fn(&Summed) -> String| Values::Text(summed.iter().map(|one| of(one)).collect());
    let days = |of: &dyn Fn(&Summed) -> Option<i32>| {
        Values::Day(summed.iter().map(|one| of(one)).collect())
    };
    let money = |of: &dyn Fn(&Summed) -> Option<i128>| -> Result<Values> {
        let amount = |one: &&Summed| {
            let minor =
                of(one).map(|minor| i64::try_from(minor).map_err(|_| Error::AmountOverflow));
            let currency = one.stated.currency;
            minor.transpose().map(|minor| minor.map(|minor| Amount { minor, currency }))
        };
        Ok(Values::Money(summed.iter().map(amount).collect::<Result<_>>()?))
    };
    let count = |of: &dyn Fn(&Summed) -> u64| {
        Values::Count(summed.iter().map(|one| i64::try_from(of(one)).ok()).collect())
    };
    let table = ResultTable::new("statement_balances")
        .with("account", text(&|one| accounts.account.get(one.stated.account as usize).to_owned()))
        .with("statement", text(&|one| one.stated.number.clone()))
        .with("from", days(&|one| one.stated.days.0))
        .with("to", days(&|one| one.stated.days.1))
        .with("opening", money(&|one| one.stated.opening_minor.map(i128::from))?)
        .with("credits", money(&|one| Some(one.credits_minor))?)
        .with("debits", money(&|one| Some(one.debits_minor))?)
        .with("closing", money(&|one| one.stated.closing_minor.map(i128::from))?)
        .with("records", count(&|one| one.records))
        .with("state", text(&|one| one.state.word().to_owned()))
        .with("difference", money(&|one| one.difference_minor.map(i128::from))?)
        .with("opening_difference", money(&|one| one.before_minor.map(i128::from))?)
        .with("source", text(&|one| sources.source.get(one.stated.source as usize).to_owned()))
        .with("line", count(&|one| u64::from(one.stated.line)))
        .with("currency", text(&|one| one.stated.currency.to_string()));
    Ok(table.note(if summed.is_empty() {
        "No statement states its opening and closing balance."
    } else {
        "`difference` is the closing balance less opening + credits - debits; \
         `opening_difference` is the opening balance less the closing of the statement before."
    }))
}

fn explanations(case: &Case, broken: &[(&Break, &Explanation)]) -> Result<ResultTable> {
    let accounts = case.accounts()?;
    let text = |of: &dyn Fn(&Break, &Explanation) -> String| {
        Values::Text(broken.iter().map(|(found, one)| of(found, one)).collect())
    };
    let shows = |kind| match kind {
        BreakKind::Row => "a running balance",
        BreakKind::Closing => "a closing balance",
        BreakKind::Opening => "an opening balance",
        BreakKind::Unheld => "the next balance that is held",
    };
    let money =
        |found: &Break| Some(Amount { minor: found.difference_minor, currency: found.currency });
    Ok(ResultTable::new("explanations")
        .with("account", text(&|one, _| accounts.account.get(one.account as usize).to_owned()))
        .with("day", Values::Day(broken.iter().map(|(found, _)| Some(found.day)).collect()))
        .with("shows_in", text(&|found, _| shows(found.kind).to_owned()))
        .with("shows_at", Values::Refs(broken.iter().map(|(found, _)| vec![found.at]).collect()))
        .with("difference", Values::Money(broken.iter().map(|(found, _)| money(found)).collect()))
        .with("currency", text(&|found, _| found.currency.to_string()))
        .with("kind", text(&|_, one| one.kind.to_owned()))
        .with("explanation", text(&|_, one| one.words.clone()))
        .with("records", Values::Refs(broken.iter().map(|(_, one)| one.refs.clone()).collect()))
        .note(if broken.is_empty() {
            "No stated balance breaks, so there is nothing to explain.".to_owned()
        } else {
            format!(
                "What the figures allow, never a verdict: the records themselves have to show \
                 which it was. The first {EXPLAINED_MAX} breaks of an account are explained; sets \
                 of two and three rows are tried among at most {TOGETHER_MAX}."
            )
        }))
}
