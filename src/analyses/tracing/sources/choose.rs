//! The transfers that one source names.

use foldhash::HashMap;

use super::super::subset::Marks;
use super::{SourceSpec, transfer_named};
use crate::analyses::{TransferFacts, account_name, counted};
use crate::error::{Error, Result, nearest};
use crate::model::{Amount, Channel, EntityKind, day_of, day_text};
use crate::store::Case;

/// What a source names.
#[derive(Debug, Default)]
pub struct Chosen {
    /// Row of `transfers`, and what of it moves in the currency that is traced.
    pub transfers: Vec<(u32, Amount)>,
    /// What a reader has to know of the choice.
    pub note: Option<String>,
}

/// The conditions of a selector, read.
struct Conditions {
    accounts: Vec<u32>,
    inward: bool,
    days: (i32, i32),
    channel: Option<Channel>,
}

/// What each source names, in their order. Cost: one look at every name of the case and one walk
/// over its transfers, however many sources there are.
///
/// # Errors
///
/// As [`super::Sources::find`].
pub fn chosen(case: &Case, specs: &[SourceSpec]) -> Result<Vec<Chosen>> {
    let facts = TransferFacts::new(case)?;
    let conditions = conditions(case, specs)?;
    let touching = Touching::of(case, conditions.iter().flatten())?;
    let each = specs.iter().zip(conditions).map(|(spec, wanted)| match (&spec.transfer, wanted) {
        (Some(text), _) => Chosen::one(case, &facts, spec, text),
        (None, Some(wanted)) => Chosen::selected(case, &facts, spec, &wanted, &touching),
        (None, None) => unreachable!("what names no transfer has conditions"),
    });
    each.collect()
}

/// The transfers of some accounts.
struct Touching {
    /// Rows of `transfers` by account, rising.
    rows: HashMap<u32, Vec<u32>>,
}

impl Touching {
    fn of<'a>(case: &Case, wanted: impl Iterator<Item = &'a Conditions>) -> Result<Touching> {
        let mut marks = Marks::new(case.accounts()?.account.len());
        for account in wanted.flat_map(|one| &one.accounts) {
            marks.mark(*account);
        }
        let mut rows: HashMap<u32, Vec<u32>> = HashMap::default();
        let transfers = case.transfers()?;
        let ends = transfers.from_account.iter().zip(&transfers.to_account);
        for (row, (from, to)) in (0..).zip(ends) {
            if from == to {
                continue;
            }
            for account in [from, to] {
                if marks.has(*account) {
                    rows.entry(*account).or_default().push(row);
                }
            }
        }
        Ok(Touching { rows })
    }

    /// The rows that touch one or more of the accounts, rising.
    fn rows(&self, accounts: &[u32]) -> Vec<u32> {
        let each = accounts.iter().filter_map(|account| self.rows.get(account));
        let mut rows: Vec<u32> = each.flatten().copied().collect();
        rows.sort_unstable();
        rows.dedup();
        rows
    }
}

impl Chosen {
    fn one(case: &Case, facts: &TransferFacts, spec: &SourceSpec, text: &str) -> Result<Chosen> {
        let more = [&spec.account, &spec.party, &spec.from, &spec.to, &spec.channel, &spec.min];
        if more.iter().any(|key| key.is_some()) || spec.max.is_some() || spec.direction.is_some() {
            let what = "names one transfer and conditions besides; give one or the other";
            return Err(spec.refused(what));
        }
        let row = transfer_named(case, text)?;
        let transfers = case.transfers()?;
        let ends = (transfers.from_account[row as usize], transfers.to_account[row as usize]);
        let amount = match &spec.currency {
            Some(code) if facts.sent(row).currency.code() != code => facts.received(row),
            _ => facts.sent(row),
        };
        if ends.0 == ends.1 || amount.minor == 0 {
            let what = "moves nothing between two accounts, so nothing of it can be traced";
            return Err(spec.refused(format!("the transfer at {text} {what}")));
        }
        Ok(Chosen { transfers: vec![(row, amount)], note: None })
    }

    fn selected(
        case: &Case,
        facts: &TransferFacts,
        spec: &SourceSpec,
        wanted: &Conditions,
        touching: &Touching,
    ) -> Result<Chosen> {
        let transfers = case.transfers()?;
        let mut found = Vec::new();
        let mut of_account: Vec<i32> = Vec::new();
        for row in touching.rows(&wanted.accounts) {
            let at = row as usize;
            let (from, to) = (transfers.from_account[at], transfers.to_account[at]);
            let is_own = |account: &u32| wanted.accounts.binary_search(account).is_ok();
            let (own, far) = if wanted.inward { (to, from) } else { (from, to) };
            if !is_own(&own) || is_own(&far) {
                continue;
            }
            let day = transfers.day[at];
            of_account.push(day);
            let amount = if wanted.inward { facts.received(row) } else { facts.sent(row) };
            let fits = (wanted.days.0..=wanted.days.1).contains(&day)
                && wanted.channel.is_none_or(|one| one == transfers.channel[at])
                && spec.currency.as_ref().is_none_or(|code| amount.currency.code() == code);
            if !fits || amount.minor == 0 {
                continue;
            }
            let least = spec.minor(case, "min", spec.min.as_deref(), amount.currency)?;
            let most = spec.minor(case, "max", spec.max.as_deref(), amount.currency)?;
            if least.is_none_or(|least| amount.minor >= least)
                && most.is_none_or(|most| amount.minor <= most)
            {
                found.push((row, amount));
            }
        }
        if found.is_empty() {
            return Err(nothing(case, spec, wanted, &of_account)?);
        }
        if wanted.inward && !any_is_held(case, &wanted.accounts)? {
            return Err(not_held(case, spec, wanted, &found)?);
        }
        let what = counted(found.len() as u64, "transfer");
        let note = Some(format!("The source {:?} is {what}.", spec.shown()));
        Ok(Chosen { transfers: found, note })
    }
}

/// The conditions of each source that is a selector; none for one transfer.
fn conditions(case: &Case, specs: &[SourceSpec]) -> Result<Vec<Option<Conditions>>> {
    let selectors = specs.iter().filter(|spec| spec.transfer.is_none());
    let names: Vec<&str> = selectors
        .filter(|spec| spec.party.is_none())
        .filter_map(|spec| spec.account.as_deref())
        .collect();
    let mut accounts = case.find_one_each(&names, &[EntityKind::Account])?.into_iter();
    let each = specs.iter().map(|spec| {
        if spec.transfer.is_some() {
            return Ok(None);
        }
        if spec.amount.is_some() {
            let what = "amount is a part of one transfer; give transfer as well, or min and max";
            return Err(spec.refused(what));
        }
        Conditions::of(case, spec, || accounts.next().map(|account| account.row)).map(Some)
    });
    each.collect()
}

impl Conditions {
    /// `account` gives the account that the source names, where it names one.
    fn of(
        case: &Case,
        spec: &SourceSpec,
        account: impl FnOnce() -> Option<u32>,
    ) -> Result<Conditions> {
        let accounts = match (&spec.account, &spec.party) {
            (Some(_), None) => account().into_iter().collect(),
            (None, Some(party)) => own_accounts(case, spec, party)?,
            (Some(_), Some(_)) => {
                return Err(spec.refused("names an account and a party; give one of them"));
            }
            (None, None) => {
                let what = "names neither a transfer nor an account nor a party; give one of them";
                return Err(spec.refused(what));
            }
        };
        let inward = match spec.direction.as_deref() {
            None | Some("in") => true,
            Some("out") => false,
            Some(other) => {
                return Err(spec.refused(format!("direction: found {other:?}, expected in or out")));
            }
        };
        let channel = match spec.channel.as_deref() {
            None => None,
            Some(word) => Some(channel(spec, word)?),
        };
        let days = (
            day(spec, "from", spec.from.as_deref())?.unwrap_or(i32::MIN),
            day(spec, "to", spec.to.as_deref())?.unwrap_or(i32::MAX),
        );
        Ok(Conditions { accounts, inward, days, channel })
    }
}

/// The accounts of which each selector among the sources names transfers, and whether it names
/// those that come in.
///
/// # Errors
///
/// As [`super::Sources::find`].
pub fn accounts_of(case: &Case, specs: &[SourceSpec]) -> Result<Vec<(Vec<u32>, bool)>> {
    let selectors = conditions(case, specs)?.into_iter().flatten();
    Ok(selectors.map(|wanted| (wanted.accounts, wanted.inward)).collect())
}

fn own_accounts(case: &Case, spec: &SourceSpec, party: &str) -> Result<Vec<u32>> {
    let row = case.find_one(party, &[EntityKind::Party])?.row;
    let holdings = case.holdings()?;
    let mut accounts: Vec<u32> = (0..holdings.account.len())
        .filter(|at| holdings.party[*at] == row && holdings.is_own(*at))
        .map(|at| holdings.account[at])
        .collect();
    accounts.sort_unstable();
    accounts.dedup();
    if accounts.is_empty() {
        return Err(spec.refused(format!("no record says which account is {party:?}'s own")));
    }
    Ok(accounts)
}

fn channel(spec: &SourceSpec, word: &str) -> Result<Channel> {
    let words = Channel::ALL.map(Channel::word);
    Channel::ALL.into_iter().find(|channel| channel.word() == word).ok_or_else(|| {
        let near = nearest(word, words, 1);
        let near = near.first().map_or(String::new(), |near| format!("; did you mean {near:?}?"));
        let what = format!("channel: found {word:?}, expected one of {}{near}", words.join(", "));
        spec.refused(what)
    })
}

fn day(spec: &SourceSpec, key: &str, text: Option<&str>) -> Result<Option<i32>> {
    let Some(text) = text else { return Ok(None) };
    civil_day(text)
        .map(Some)
        .ok_or_else(|| spec.refused(format!("{key}: found {text:?}, expected a date 2024-03-31")))
}

/// A civil date as days since 1970-01-01.
pub fn civil_day(text: &str) -> Option<i32> {
    text.parse().ok().map(day_of)
}

fn any_is_held(case: &Case, accounts: &[u32]) -> Result<bool> {
    let coverage = case.coverage()?;
    Ok(coverage.account.iter().any(|account| accounts.binary_search(account).is_ok()))
}

/// Says that what came in cannot be followed, and what to ask for.
fn not_held(
    case: &Case,
    spec: &SourceSpec,
    wanted: &Conditions,
    found: &[(u32, Amount)],
) -> Result<Error> {
    let names: Result<Vec<&str>> =
        wanted.accounts.iter().map(|account| account_name(case, *account)).collect();
    let days = &case.transfers()?.day;
    let first = found.iter().map(|(row, _)| days[*row as usize]).min().unwrap_or_default();
    Ok(spec.refused(format!(
        "no statement of {} is held, so what came in cannot be followed: ask for its statements \
         from {} on",
        names?.join(", "),
        day_text(first)
    )))
}

/// Says why a selector finds nothing, by what the account's records hold.
fn nothing(case: &Case, spec: &SourceSpec, wanted: &Conditions, days: &[i32]) -> Result<Error> {
    let names: Result<Vec<&str>> =
        wanted.accounts.iter().map(|account| account_name(case, *account)).collect();
    let names = names?.join(", ");
    let way = if wanted.inward { "into" } else { "out of" };
    let (Some(first), Some(last)) = (days.iter().min(), days.iter().max()) else {
        return Ok(spec.refused(format!("the records hold no transfer {way} {names}")));
    };
    let held = format!(
        "the {} {way} {names} run from {} to {}",
        counted(days.len() as u64, "transfer"),
        day_text(*first),
        day_text(*last)
    );
    let inside = days.iter().any(|day| (wanted.days.0..=wanted.days.1).contains(day));
    Ok(spec.refused(if inside {
        format!("no transfer meets its other conditions; {held}")
    } else {
        format!("no transfer lies in its period; {held}")
    }))
}
