//! Which money is traced: transfers, parts of them, or all that a selector finds, under labels.
//!
//! A source on the command line is a label of its own; a file of sources may give several one
//! label. What a selector leaves out it never leaves out silently: no match is refused with what
//! the account's records do hold.

mod choose;
mod places;

use std::path::Path;

use serde::Deserialize;

use self::choose::{Chosen, chosen};
use super::case_ledger::CaseLedger;
use super::shares::{Part, add, shares, subtract};
use super::sweep::Declared;
use crate::analyses::{TransferFacts, total_minor};
use crate::error::{Error, Result, parse_toml, read_text};
use crate::model::{Amount, Currency};
use crate::normalise::{DecimalMark, parse_minor};
use crate::store::Case;

pub(super) use choose::accounts_of;
pub use choose::civil_day;
use places::any_transfer;
pub(super) use places::place_named;
pub use places::transfer_named;

/// Under what name all labels together stand.
const ALL_LABELS: &str = "all labels";

/// What a person says of one source; the keys of `[[source]]` in a file, and of `--source`.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(default, deny_unknown_fields)]
pub struct SourceSpec {
    /// Under what name its money is traced; the text of the source unless given.
    pub label: Option<String>,
    /// One transfer: where it was read, `bank/a.csv:14`, or its row of `transfers`.
    pub transfer: Option<String>,
    /// Part of that transfer, decimal text; all of it unless given.
    pub amount: Option<String>,
    /// Transfers of this account.
    pub account: Option<String>,
    /// Transfers of this party's own accounts; those between them are left out.
    pub party: Option<String>,
    /// First day, `2024-01-01`.
    pub from: Option<String>,
    /// Last day.
    pub to: Option<String>,
    /// `in` or `out`; `in` unless given.
    pub direction: Option<String>,
    /// Channel of the transfers: `cash`, `wire`.
    pub channel: Option<String>,
    /// Smallest amount, decimal text.
    pub min: Option<String>,
    /// Largest amount, decimal text.
    pub max: Option<String>,
    /// Currency of the transfers, where they are of several.
    pub currency: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceFile {
    #[serde(default)]
    source: Vec<SourceSpec>,
}

impl SourceSpec {
    /// Reads one `--source`: a file that ends in `.toml`, pairs such as
    /// `account=A,from=2024-01-01`, or a transfer.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] for a key that is none; as [`parse_toml`] for a file.
    pub fn parse(text: &str) -> Result<Vec<SourceSpec>> {
        if text.ends_with(".toml") {
            let path = Path::new(text);
            if !path.exists() {
                return Err(Error::Usage(format!(
                    "--source {text}: there is no such file; a source is a transfer as in \
                     bank/a.csv:14, a selector as in account=ACCOUNT,direction=in, or a file of \
                     labelled sources"
                )));
            }
            let mut file: SourceFile = parse_toml(path, &read_text(path)?)?;
            if file.source.is_empty() {
                return Err(Error::Usage(format!(
                    "--source {text}: it names no source; write [[source]] with label = \"...\" \
                     and transfer = \"bank/a.csv:14\" below, once for each"
                )));
            }
            for (number, spec) in (1..).zip(&mut file.source) {
                let label = || format!("source {number}");
                spec.label = Some(spec.label.take().unwrap_or_else(label));
            }
            return Ok(file.source);
        }
        let mut spec = SourceSpec::default();
        if !text.contains('=') {
            spec.transfer = Some(text.to_owned());
        } else {
            for pair in text.split(',') {
                spec.set(text, pair)?;
            }
        }
        let plain = text.strip_prefix("transfer=").unwrap_or(text);
        spec.label.get_or_insert_with(|| plain.to_owned());
        Ok(vec![spec])
    }

    fn set(&mut self, text: &str, pair: &str) -> Result<()> {
        const KEYS: [&str; 12] = [
            "label",
            "transfer",
            "amount",
            "account",
            "party",
            "from",
            "to",
            "direction",
            "channel",
            "min",
            "max",
            "currency",
        ];
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let place = match key.trim() {
            "label" => &mut self.label,
            "transfer" => &mut self.transfer,
            "amount" => &mut self.amount,
            "account" => &mut self.account,
            "party" => &mut self.party,
            "from" => &mut self.from,
            "to" => &mut self.to,
            "direction" => &mut self.direction,
            "channel" => &mut self.channel,
            "min" => &mut self.min,
            "max" => &mut self.max,
            "currency" => &mut self.currency,
            other => {
                return Err(Error::Usage(format!(
                    "--source {text}: {other:?} is no key of a source; the keys are {} (a name \
                     with a comma in it is given in a file of sources)",
                    KEYS.join(", ")
                )));
            }
        };
        if place.replace(value.trim().to_owned()).is_some() || value.trim().is_empty() {
            let what = if value.trim().is_empty() { "has no value" } else { "stands twice" };
            return Err(Error::Usage(format!("--source {text}: {:?} {what}", key.trim())));
        }
        Ok(())
    }

    /// How it is named in messages.
    fn shown(&self) -> &str {
        self.label.as_deref().unwrap_or("source")
    }

    fn refused(&self, what: impl std::fmt::Display) -> Error {
        Error::Usage(format!("source {:?}: {what}", self.shown()))
    }

    fn minor(
        &self,
        case: &Case,
        key: &str,
        text: Option<&str>,
        of: Currency,
    ) -> Result<Option<i64>> {
        let Some(text) = text else { return Ok(None) };
        let digits = case.manifest().digits.of(of);
        let read = parse_minor(text, DecimalMark::Point, digits);
        read.map(Some)
            .map_err(|problem| self.refused(format!("{key}: found {text:?}, expected {problem}")))
    }
}

/// A transfer, or a part of one, under a label.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SourcePart {
    /// From 1.
    pub label: u32,
    /// Row of `transfers`.
    pub transfer: u32,
    /// Minor units.
    pub minor: i64,
}

/// What is traced.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Sources {
    /// Names of the labels, the first of label 1.
    pub labels: Vec<String>,
    /// By label, then transfer.
    pub parts: Vec<SourcePart>,
    /// Of all of them.
    pub currency: Currency,
    /// What a reader has to know of how they were found.
    pub notes: Vec<String>,
}

impl Sources {
    /// Finds the transfers that the specs name. Cost: one pass over the transfers a selector.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`] with the nearest names; [`Error::Usage`] for a selector that finds
    /// nothing, for several currencies, for parts beyond their transfer, and for transfers of an
    /// account to itself.
    pub fn find(case: &Case, specs: &[SourceSpec]) -> Result<Sources> {
        if specs.is_empty() {
            let what = "nothing to trace: give --source, as in --source bank/a.csv:14, \
                        --source account=ACCOUNT,direction=in,channel=cash or --source FILE.toml";
            return Err(Error::Usage(what.to_owned()));
        }
        any_transfer(case)?;
        let chosen = chosen(case, specs)?;
        let currency = one_currency(specs, &chosen)?;
        let mut labels: Vec<String> = Vec::new();
        let mut parts: Vec<SourcePart> = Vec::new();
        let mut notes = Vec::new();
        for (spec, chosen) in specs.iter().zip(chosen) {
            let name = spec.shown();
            if name.trim().is_empty() || name == ALL_LABELS {
                let what = "a label needs a name of its own: this one is empty, or the name that \
                            stands for all labels";
                return Err(spec.refused(what));
            }
            let label = match labels.iter().position(|label| label == name) {
                Some(at) => at,
                None => {
                    labels.push(name.to_owned());
                    labels.len() - 1
                }
            };
            let label = label as u32 + 1;
            let part = spec.minor(case, "amount", spec.amount.as_deref(), currency)?;
            for (transfer, whole) in chosen.transfers {
                let minor = part.unwrap_or(whole.minor);
                if minor <= 0 {
                    return Err(spec.refused("the amount of a source is above zero"));
                }
                parts.push(SourcePart { label, transfer, minor });
            }
            notes.extend(chosen.note);
        }
        parts.sort_by_key(|one| (one.label, one.transfer));
        Ok(Sources { labels, parts, currency, notes })
    }

    /// Name of a label; 0 is all of them.
    pub fn name(&self, label: u32) -> &str {
        match label {
            0 => ALL_LABELS,
            some => &self.labels[some as usize - 1],
        }
    }

    /// Gives every label another name, in the notes too.
    ///
    /// # Panics
    ///
    /// If there are not as many names as labels.
    pub fn rename(&mut self, names: Vec<String>) {
        assert_eq!(names.len(), self.labels.len(), "every label has one name");
        for note in &mut self.notes {
            for (old, new) in self.labels.iter().zip(&names) {
                *note = note.replace(&format!("{old:?}"), &format!("{new:?}"));
            }
        }
        self.labels = names;
    }

    /// What each movement of a ledger is declared to carry.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] where the parts of one transfer exceed it, with the labels.
    pub fn declare(&self, case: &Case, of: &CaseLedger) -> Result<Declared> {
        let mut by_transfer = self.parts.clone();
        by_transfer.sort_by_key(|one| (one.transfer, one.label));
        let mut declared = Vec::new();
        for same in by_transfer.chunk_by(|one, other| one.transfer == other.transfer) {
            let transfer = same[0].transfer;
            let movement = of.arriving(transfer).ok_or_else(|| {
                let number = case.transfer_number(transfer);
                Error::Usage(format!("transfer {number} moves no {}", self.currency))
            })?;
            let movements = of.movements_of(transfer);
            let amounts = movements.clone().map(|one| of.ledger.amount[one as usize]);
            let whole = amounts.sum();
            let sum = total_minor(same.iter().map(|one| one.minor))?;
            if sum > whole {
                return Err(self.exceeds(case, same, sum, whole)?);
            }
            let mut parts: Vec<Part> = Vec::new();
            same.iter().for_each(|one| add(&mut parts, one.label, one.minor));
            let mut untraced = whole - sum;
            // What a charge kept of the transfer, it kept of every part alike.
            let mut taken = Vec::new();
            for other in movements.filter(|other| *other != movement) {
                let amount = of.ledger.amount[other as usize];
                shares(amount, untraced, &parts, &mut taken);
                untraced -= amount - taken.iter().sum::<i64>();
                let labels = parts.iter().zip(&taken).filter(|(_, minor)| **minor > 0);
                declared.extend(labels.map(|((label, _), minor)| (other, *label, *minor)));
                subtract(&mut parts, &taken);
            }
            declared.extend(parts.into_iter().map(|(label, minor)| (movement, label, minor)));
        }
        Ok(Declared::new(declared))
    }

    fn exceeds(&self, case: &Case, same: &[SourcePart], sum: i64, whole: i64) -> Result<Error> {
        let facts = TransferFacts::new(case)?;
        let (places, _) = facts.source_refs([same[0].transfer]);
        let place = places.first().map_or(Ok(String::new()), |at| case.place(*at))?;
        let people =
            |minor: i64| case.manifest().digits.people(Amount { minor, currency: self.currency });
        let mut named: Vec<String> = same
            .iter()
            .map(|one| format!("{} as {:?}", people(one.minor), self.name(one.label)))
            .collect();
        if let [one, ..] = named.as_slice()
            && named.len() > 1
            && named.iter().all(|other| other == one)
        {
            named = vec![format!("{} times {one}", named.len())];
        }
        Ok(Error::Usage(format!(
            "the transfer at {place} is of {}, and {} of it are declared: {}; name each transfer \
             once, or parts of it that sum to no more",
            people(whole),
            people(sum),
            named.join(", ")
        )))
    }
}

/// The currency that all chosen transfers have.
fn one_currency(specs: &[SourceSpec], chosen: &[Chosen]) -> Result<Currency> {
    let mut found: Vec<(Currency, &str, usize)> = Vec::new();
    for (spec, chosen) in specs.iter().zip(chosen) {
        for (_, amount) in &chosen.transfers {
            match found.iter_mut().find(|one| (one.0, one.1) == (amount.currency, spec.shown())) {
                Some(one) => one.2 += 1,
                None => found.push((amount.currency, spec.shown(), 1)),
            }
        }
    }
    let first = found[0].0;
    if found.iter().any(|one| one.0 != first) {
        let named: Vec<String> = found
            .iter()
            .map(|(currency, label, count)| format!("{count} of {currency} in {label:?}"))
            .collect();
        return Err(Error::Usage(format!(
            "the sources are of several currencies: {}; a trace is of one, so give one of them \
             with currency= and trace each by itself",
            named.join(", ")
        )));
    }
    Ok(first)
}
