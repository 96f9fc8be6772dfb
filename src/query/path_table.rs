//! A walk of a question: its keys given their values, walked, and the table of what was found.
//!
//! What may be walked is `path_links.rs`'s, the keys are `path_keys.rs`'s, and the walk itself is
//! the graph's.

use std::collections::BTreeMap;

use polars::prelude::*;

use crate::error::{Error, Result};
use crate::graph::{Asked, KeepFirst, Met, NO_TIME, Rules, ShareAbove, Walks, walks};
use crate::model::{Currency, EntityKind, time_text};
use crate::query::{Ids, Literal, Network, ParameterType, PathQuestion, Wanted, day_end_ms};
use crate::store::Case;

/// Steps that one walk of a question may look at and keep: the bound on its time and memory, for
/// it keeps 8 bytes a step.
const STEPS_MAX: usize = 100_000_000;

/// Columns of the table of a walk.
pub(crate) const PATH_COLUMNS: [&str; 17] = [
    "amounts",
    "currency",
    "edges",
    "ended",
    "first",
    "first_kind",
    "hops",
    "last",
    "last_edge",
    "last_kind",
    "last_minor",
    "min_minor",
    "path",
    "started",
    "sum_minor",
    "times",
    "vertices",
];

/// What stands between the parts of a list in one text.
const BETWEEN: &str = " > ";

/// A walk with what it is walked over.
pub(crate) struct Walk<'a> {
    pub(crate) question: &'a PathQuestion,
    /// The query file, for messages.
    pub(crate) file: &'a str,
    pub(crate) case: &'a Case,
    pub(crate) ids: &'a Ids,
    pub(crate) network: &'a Network,
    /// Whose incoming links are the inflow of `share_above`.
    pub(crate) inflow: &'a Network,
    pub(crate) values: &'a BTreeMap<String, Literal>,
}

impl Walk<'_> {
    fn refused(&self, key: &str, what: impl Into<String>, hint: Option<&str>) -> Error {
        let at = format!("{}: [paths.{}] {key}", self.file, self.question.name);
        Error::Query { at, what: what.into(), hint: hint.map(str::to_owned) }
    }

    /// The value of a key: a parameter's, or the text itself read as one of `kind`.
    fn value(&self, key: &str, text: &str, kind: ParameterType) -> Result<Literal> {
        match text.strip_prefix(':') {
            Some(name) => self.values.get(name).cloned().ok_or_else(|| {
                self.refused(key, format!("`:{name}` is not among [parameters]"), None)
            }),
            None => kind.literal(text, self.case).map_err(|expected| {
                self.refused(key, format!("found {text:?}, expected {expected}"), None)
            }),
        }
    }

    fn whole(&self, key: &str, text: &str) -> Result<usize> {
        match self.value(key, text, ParameterType::Integer)? {
            Literal::Integer(number) => usize::try_from(number).map_err(|_| {
                self.refused(key, format!("found {number}, expected a number from 0"), None)
            }),
            other => Err(self.refused(key, format!("found {other:?}, expected a number"), None)),
        }
    }

    fn word(&self, key: &str, text: &str) -> Result<String> {
        match self.value(key, text, ParameterType::Text)? {
            Literal::Text(word) => Ok(word.to_lowercase().replace(['_', '-'], " ")),
            other => Err(self.refused(key, format!("found {other:?}, expected a word"), None)),
        }
    }

    fn rules(&self) -> Result<Rules<'_>> {
        let question = self.question;
        let amount_above_minor = match &question.amount_above {
            None => None,
            Some(text) => match self.value("amount_above", text, ParameterType::Amount)? {
                Literal::Integer(minor) => Some(minor),
                _ => {
                    let what = "its parameter is no amount";
                    return Err(self.refused("amount_above", what, Some("type = \"amount\"")));
                }
            },
        };
        if amount_above_minor.is_some() {
            self.one_currency("amount_above", Some(self.case.currency()))?;
        }
        Ok(Rules {
            way: question.way,
            window_ms: self.window()?,
            order: question.order,
            amount_above_minor,
            share_above: self.share()?,
            keep_first: self.keep()?,
            simple: question.simple,
        })
    }

    /// Amounts of several currencies have no order.
    fn one_currency(&self, key: &str, of: Option<Currency>) -> Result<()> {
        let currencies = &self.network.currencies;
        let one = match of {
            Some(of) => currencies.iter().all(|currency| *currency == of),
            None => currencies.len() < 2,
        };
        if one {
            return Ok(());
        }
        let codes: Vec<&str> = currencies.iter().map(Currency::code).collect();
        let what = format!("compares amounts, and the links are in {}", codes.join(", "));
        let hint = "walk those of one currency: along = [{ table = \"transfers\", where = \
                    \"currency = 'USD'\" }]";
        Err(self.refused(key, what, Some(hint)))
    }

    /// First and last instant, both included.
    fn window(&self) -> Result<Option<(i64, i64)>> {
        let Some((from, to)) = &self.question.within else { return Ok(None) };
        let mut bounds = [i64::MIN + 1, i64::MAX];
        for (at, text) in [from, to].into_iter().enumerate() {
            if text.is_empty() {
                continue;
            }
            let strict = i64::from(self.question.within_strict);
            bounds[at] = match self.value("within", text, ParameterType::Time)? {
                Literal::TimeMs(ms) => {
                    if at == 0 {
                        ms.saturating_add(strict)
                    } else {
                        ms - strict
                    }
                }
                // A day as the end is the whole of it, and outside as a whole where bounds are.
                Literal::Day(day) => {
                    let begins =
                        self.case_day(day + i32::from((at == 1) != self.question.within_strict));
                    if at == 0 { begins } else { begins - 1 }
                }
                other => {
                    let what = format!("found {other:?}, expected a time or a date");
                    return Err(self.refused("within", what, None));
                }
            };
        }
        Ok(Some((bounds[0], bounds[1])))
    }

    /// First instant of a day in the case's zone.
    fn case_day(&self, day: i32) -> i64 {
        day_end_ms(day - 1, &self.case.zone()) + 1
    }

    fn share(&self) -> Result<Option<ShareAbove<'_>>> {
        let Some(share) = &self.question.share_above else { return Ok(None) };
        let text = match self.value("share_above", &share.share, ParameterType::Number)? {
            Literal::Number(text) => text,
            Literal::Integer(number) => number.to_string(),
            other => {
                let what = format!("found {other:?}, expected a share such as 0.5");
                return Err(self.refused("share_above", what, None));
            }
        };
        let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
        let fraction = u32::try_from(decimals.len())
            .ok()
            .and_then(|digits| 10_i64.checked_pow(digits))
            .zip(format!("{whole}{decimals}").parse::<i64>().ok());
        let Some((denominator, numerator)) = fraction else {
            let what = format!("found {text}, expected a share of at most 18 digits");
            return Err(self.refused("share_above", what, None));
        };
        // Numbers of currencies mean the same only within one list of links.
        if self.network.currencies.len() > 1 || self.inflow.currencies.len() > 1 {
            let same = self.network.currencies == self.inflow.currencies;
            if !same {
                self.one_currency("share_above", None)?;
            }
        }
        Ok(Some(ShareAbove { inflow: &self.inflow.links, numerator, denominator }))
    }

    fn keep(&self) -> Result<Option<KeepFirst>> {
        let Some(keep) = &self.question.keep_first else { return Ok(None) };
        let by = self.word("keep_first", &keep.by)?;
        let stated =
            keep.direction.as_ref().map(|text| self.word("keep_first", text)).transpose()?;
        let (what, behind) = by.split_once(' ').unwrap_or((&by, ""));
        let direction = match (behind, stated.as_deref()) {
            ("", stated) => stated.unwrap_or("ascending"),
            (behind, None) => behind,
            (_, Some(_)) => {
                let what = format!("{by:?} has a direction already");
                return Err(self.refused("keep_first", what, Some("leave out `direction`")));
            }
        };
        let by_amount = match what {
            "time" | "timestamp" => false,
            "amount" => true,
            _ => {
                let what = format!("`by` is {by:?}, expected \"time\" or \"amount\"");
                return Err(self.refused("keep_first", what, None));
            }
        };
        let descending = match direction {
            "ascending" | "asc" => false,
            "descending" | "desc" => true,
            other => {
                let what = format!("found {other:?}, expected \"ascending\" or \"descending\"");
                return Err(self.refused("keep_first", what, None));
            }
        };
        if by_amount {
            self.one_currency("keep_first", None)?;
        }
        let links = self.whole("keep_first", &keep.n)?;
        Ok(Some(KeepFirst { links, by_amount, descending }))
    }

    /// The ids of a set of vertices, ascending, and a sentence on names that are none.
    ///
    /// A name is looked for among the kinds that the links join, or among the kind of a second
    /// column `kind`.
    pub(crate) fn vertices(
        &self,
        key: &str,
        frame: &DataFrame,
        notes: &mut Vec<String>,
    ) -> Result<Vec<u32>> {
        let told = |refused: PolarsError| self.refused(key, refused.to_string(), None);
        let Some(column) = frame.columns().first() else { return Ok(Vec::new()) };
        let names = column.as_materialized_series().cast(&DataType::String).map_err(told)?;
        let names = names.str().map_err(told)?;
        let kinds = match frame.column("kind") {
            Ok(kinds) if frame.width() > 1 => {
                Some(kinds.as_materialized_series().cast(&DataType::String).map_err(told)?)
            }
            _ => None,
        };
        let kinds = kinds.as_ref().map(|kinds| kinds.str()).transpose().map_err(told)?;
        let mut found = Vec::new();
        let mut unknown = Vec::new();
        for (at, name) in names.iter().enumerate() {
            let Some(name) = name else { continue };
            let stated = kinds.and_then(|kinds| kinds.get(at)).map(str::parse::<EntityKind>);
            let among: Vec<EntityKind> = match stated {
                Some(Ok(kind)) => vec![kind],
                Some(Err(what)) => return Err(self.refused(key, what, None)),
                None => self.network.kinds.iter().copied().collect(),
            };
            let mut hits = Vec::new();
            for kind in among {
                if self.network.kinds.contains(&kind) {
                    hits.extend(self.ids.find(self.case, kind, name)?);
                }
            }
            match hits.as_slice() {
                [] => unknown.push(name.to_owned()),
                [one] => found.push(*one),
                _ => {
                    let what = format!("{name:?} names entities of several kinds");
                    let hint = "select the kind as a second column named `kind`";
                    return Err(self.refused(key, what, Some(hint)));
                }
            }
        }
        unknown.sort_unstable();
        if let Some(first) = unknown.first() {
            let others = match unknown.len() {
                1 => String::new(),
                several => format!(" and {} more", several - 1),
            };
            notes.push(format!(
                "The walk `{}` knows no {first:?}{others} of its `{key}`: nothing that it walks \
                 begins or ends there.",
                self.question.name
            ));
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// The walks from some vertices to others, as a table with the wanted columns.
    pub(crate) fn table(
        &self,
        from: &[u32],
        to: Option<&[u32]>,
        wanted: &Wanted,
        notes: &mut Vec<String>,
    ) -> Result<DataFrame> {
        let question = self.question;
        let hops_min = self.whole("hops", &question.hops.0)?;
        let hops_max = match &question.hops.1 {
            Some(most) => self.whole("hops", most)?,
            None => usize::MAX,
        };
        let asked = Asked {
            hops_min,
            hops_max,
            to,
            distinct: question.distinct,
            paths_max: question.paths_max,
            steps_max: STEPS_MAX,
        };
        let rules = self.rules()?;
        let timed = rules.window_ms.is_some() || rules.order != Default::default();
        if timed && self.network.undated > 0 {
            notes.push(format!(
                "The walk `{}` left out {} without a date.",
                question.name,
                match self.network.undated {
                    1 => "1 tie".to_owned(),
                    several => format!("{several} ties"),
                }
            ));
        }
        let found = walks(&self.network.links, &rules, from, &asked)?;
        if let Some((met, at)) = found.met {
            notes.push(self.bound(met, at, found.len())?);
        }
        self.frame(&found, wanted)
    }

    fn bound(&self, met: Met, at: u32, found: usize) -> Result<String> {
        let name = self.case.name(self.ids.entity(self.case, at)?)?;
        let walk = &self.question.name;
        Ok(match met {
            Met::Paths => format!(
                "The walk `{walk}` met its bound of {found} paths (paths_max) while it walked from \
                 {name:?}: what follows from it is incomplete. Raise the bound, narrow the walk, \
                 or tell paths apart by their ends (distinct)."
            ),
            Met::Steps => format!(
                "The walk `{walk}` met its bound of {STEPS_MAX} steps looked at while it walked \
                 from {name:?}, with {found} paths found: what follows from it is incomplete. \
                 Narrow the walk, or tell paths apart by their ends (distinct)."
            ),
        })
    }

    fn frame(&self, found: &Walks, wanted: &Wanted) -> Result<DataFrame> {
        let wants = |name: &str| wanted.all || wanted.words.contains(name);
        let rows = || (0..found.len()).map(|at| found.get(at));
        let last = |(first, steps): (u32, &[(u32, u32)])| steps.last().map_or(first, |step| step.1);
        let mut columns: Vec<Column> = Vec::new();
        let mut add = |name: &str, series: Series| {
            columns.push(series.with_name(name.into()).into());
        };
        let numbers: Vec<i64> = (1..=found.len() as i64).collect();
        add("path", Series::new(PlSmallStr::EMPTY, numbers));
        let hops: Int64Chunked = rows().map(|(_, steps)| Some(steps.len() as i64)).collect();
        add("hops", hops.into_series());
        let firsts: Vec<u32> = rows().map(|(first, _)| first).collect();
        let lasts: Vec<u32> = rows().map(last).collect();
        for (name, ids) in [("first", &firsts), ("last", &lasts)] {
            if wants(name) {
                add(name, self.texts(ids, |id| self.name(id).map(str::to_owned))?);
            }
            let kind = format!("{name}_kind");
            if wants(&kind) {
                let word = |id| Ok(self.ids.entity(self.case, id)?.kind.word().to_owned());
                add(&kind, self.texts(ids, word)?);
            }
        }
        for name in ["vertices", "edges", "times", "amounts"] {
            if wants(name) {
                let mut builder = StringChunkedBuilder::new(PlSmallStr::EMPTY, found.len());
                for (first, steps) in rows() {
                    builder.append_value(self.list(name, first, steps)?);
                }
                add(name, builder.finish().into_series());
            }
        }
        if wants("last_edge") {
            let mut builder = StringChunkedBuilder::new(PlSmallStr::EMPTY, found.len());
            for (_, steps) in rows() {
                let place = steps.last().map(|step| self.network.place(self.case, step.0));
                builder.append_option(place.transpose()?);
            }
            add("last_edge", builder.finish().into_series());
        }
        for (name, at_end) in [("started", false), ("ended", true)] {
            if wants(name) {
                let time = |(_, steps): (u32, &[(u32, u32)])| {
                    let step = if at_end { steps.last() } else { steps.first() };
                    step.map(|step| self.network.links.first_ms[step.0 as usize])
                        .filter(|ms| *ms != NO_TIME)
                };
                let times: Int64Chunked = rows().map(time).collect();
                add(name, times.into_datetime(TimeUnit::Milliseconds, None).into_series());
            }
        }
        if ["min_minor", "sum_minor", "last_minor", "currency"].iter().any(|name| wants(name)) {
            self.money(found, &mut add)?;
        }
        Ok(DataFrame::new(found.len(), columns).expect("the columns of a walk are equally long"))
    }

    fn name(&self, id: u32) -> Result<&str> {
        self.case.name(self.ids.entity(self.case, id)?)
    }

    fn texts(&self, ids: &[u32], text: impl Fn(u32) -> Result<String>) -> Result<Series> {
        let mut builder = StringChunkedBuilder::new(PlSmallStr::EMPTY, ids.len());
        for id in ids {
            builder.append_value(text(*id)?);
        }
        Ok(builder.finish().into_series())
    }

    /// A walk's vertices, records, times or amounts in one text.
    fn list(&self, what: &str, first: u32, steps: &[(u32, u32)]) -> Result<String> {
        let links = &self.network.links;
        let mut parts: Vec<String> = Vec::with_capacity(steps.len() + 1);
        if what == "vertices" {
            parts.push(self.name(first)?.to_owned());
        }
        for (link, to) in steps {
            parts.push(match what {
                "vertices" => self.name(*to)?.to_owned(),
                "edges" => self.network.place(self.case, *link)?,
                "times" => match links.first_ms[*link as usize] {
                    NO_TIME => "?".to_owned(),
                    ms => time_text(ms, &self.case.zone()),
                },
                _ => match self.network.amount(*link) {
                    None => "?".to_owned(),
                    Some((minor, currency)) => {
                        let amount = crate::model::Amount { minor, currency };
                        let digits = &self.case.manifest().digits;
                        format!("{} {}", digits.decimal(amount), currency.code())
                    }
                },
            });
        }
        Ok(parts.join(BETWEEN))
    }

    /// Least amount, sum and last amount of each walk whose links are all of one currency.
    fn money(&self, found: &Walks, add: &mut impl FnMut(&str, Series)) -> Result<()> {
        let (mut least, mut sums, mut lasts) = (Vec::new(), Vec::new(), Vec::new());
        let mut codes = StringChunkedBuilder::new(PlSmallStr::EMPTY, found.len());
        for at in 0..found.len() {
            let (_, steps) = found.get(at);
            let amounts: Option<Vec<_>> =
                steps.iter().map(|step| self.network.amount(step.0)).collect();
            let amounts = amounts.filter(|all| all.iter().all(|one| one.1 == all[0].1));
            let amounts = amounts.unwrap_or_default();
            codes.append_option(amounts.first().map(|one| one.1.code().to_owned()));
            least.push(amounts.iter().map(|one| one.0).min());
            lasts.push(amounts.last().map(|one| one.0));
            let sum = amounts.iter().try_fold(0_i64, |sum, one| sum.checked_add(one.0));
            let sum = sum.ok_or(Error::AmountOverflow)?;
            sums.push((!amounts.is_empty()).then_some(sum));
        }
        add("min_minor", Series::new(PlSmallStr::EMPTY, least));
        add("sum_minor", Series::new(PlSmallStr::EMPTY, sums));
        add("last_minor", Series::new(PlSmallStr::EMPTY, lasts));
        add("currency", codes.finish().into_series());
        Ok(())
    }
}
