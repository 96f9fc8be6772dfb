//! A neighbourhood in words: names, labels and the rows behind every tie, ready to draw.
//!
//! Chooses and adds up nothing: what is on the chart, and its totals, come from the analysis.
//! Who may not be named outside the office is replaced before, in `protected_case`.

mod traced;

use std::collections::BTreeMap;

use crate::analyses::neighbourhood::{Subgraph, SubgraphTie, TieContent};
use crate::analyses::{Readings, detail_row, possible_pairs_sentence};
use crate::error::Result;
use crate::exports::Wording;
use crate::exports::chart::{Chart, ChartEntity, ChartRow, ChartTie, ChartTieKind};
use crate::model::{Amount, EntityKind, EntityRef, SourceRef, day_text, time_text};
use crate::store::Case;

pub use traced::traced_chart;

/// What a chart says beside its picture.
#[derive(Clone, Debug, Default)]
pub struct ChartWords {
    /// File name without ending.
    pub name: String,
    /// First line of every format.
    pub title: String,
    /// Sentences every reader needs: rejects, accounts that do not prove.
    pub notes: Vec<String>,
    /// True for a case in which the protected stand under pseudonyms; every format says so.
    pub protect: bool,
}

impl ChartWords {
    fn banner(&self) -> &'static str {
        if self.protect { "PROTECTED COPY" } else { "INTERNAL" }
    }

    fn protection(&self) -> Option<String> {
        self.protect.then(|| {
            "Parties without a recorded role stand under a pseudonym, and free text of the \
             records is withheld."
                .to_owned()
        })
    }
}

/// Words the chart of a neighbourhood.
///
/// # Errors
///
/// [`crate::Error::File`] if a table is damaged.
pub fn link_chart(case: &Case, found: &Subgraph, words: &ChartWords) -> Result<Chart> {
    let wording = Wording::of(case)?;
    let drawing = Drawing { case, wording: &wording, readings: Readings::new(case)? };
    let positions: BTreeMap<EntityRef, usize> =
        found.entities.iter().enumerate().map(|(at, one)| (one.entity, at)).collect();
    let roles = roles(case)?;
    let mut chart = Chart {
        name: words.name.clone(),
        title: words.title.clone(),
        banner: words.banner().to_owned(),
        period: period(found),
        ..Chart::default()
    };
    for one in &found.entities {
        chart.entities.push(ChartEntity {
            id: drawing.id(one.entity)?,
            label: drawing.label(one.entity)?,
            kind: one.entity.kind,
            unidentified: drawing.is_unidentified(one.entity)?,
            role: roles.get(&one.entity).copied(),
            centre: one.centre,
            captions: Vec::new(),
            details: drawing.details(one.entity)?,
        });
    }
    let heaviest = heaviest(found);
    for (at, tie) in found.ties.iter().enumerate() {
        let ends = (positions.get(&tie.from), positions.get(&tie.to));
        if let (Some(&from), Some(&to)) = ends {
            chart.ties.push(drawing.tie(at, from, to, tie, heaviest)?);
        }
    }
    chart.notes.extend(found.cut.iter().cloned());
    chart.notes.extend(words.notes.iter().cloned());
    chart.notes.extend(words.protection());
    chart.sources = drawing.sources(&chart)?;
    Ok(chart)
}

fn roles(case: &Case) -> Result<BTreeMap<EntityRef, crate::model::Role>> {
    let mut roles = BTreeMap::new();
    for subject in case.subjects()? {
        if let Some(role) = subject.role {
            roles.extend(subject.matches.iter().map(|entity| (*entity, role)));
        }
    }
    Ok(roles)
}

/// First and last day of the transfers and calls on the chart; leases and signature cards run
/// for years beyond what the returns cover, and count only where there is nothing else.
fn period(found: &Subgraph) -> String {
    let happens = |tie: &&SubgraphTie| {
        matches!(tie.what, TieContent::Transfers { .. } | TieContent::Calls { .. })
    };
    let dated: Vec<&SubgraphTie> = match found.ties.iter().any(|tie| happens(&tie)) {
        true => found.ties.iter().filter(happens).collect(),
        false => found.ties.iter().collect(),
    };
    let first = dated.iter().filter_map(|tie| tie.first).min();
    let last = dated.iter().filter_map(|tie| tie.last).max();
    match (first, last) {
        (Some(first), Some(last)) => format!("{} to {}", day_text(first), day_text(last)),
        _ => "undated".to_owned(),
    }
}

/// The largest total and the most calls of any tie, for line widths.
fn heaviest(found: &Subgraph) -> (i64, usize) {
    let mut heaviest = (1, 1);
    for tie in &found.ties {
        match &tie.what {
            TieContent::Transfers { total_minor, .. } => heaviest.0 = heaviest.0.max(*total_minor),
            other => heaviest.1 = heaviest.1.max(other.rows().len()),
        }
    }
    heaviest
}

struct Drawing<'a> {
    case: &'a Case,
    wording: &'a Wording,
    readings: Readings<'a>,
}

impl Drawing<'_> {
    fn id(&self, entity: EntityRef) -> Result<String> {
        Ok(format!("{}-{}", entity.kind, &self.case.key(entity)?[..16]))
    }

    fn is_unidentified(&self, entity: EntityRef) -> Result<bool> {
        Ok(entity.kind == EntityKind::Account
            && self.case.accounts()?.kind.get(entity.row as usize) == "unidentified")
    }

    fn label(&self, entity: EntityRef) -> Result<String> {
        let row = entity.row as usize;
        Ok(match entity.kind {
            EntityKind::Account if self.is_unidentified(entity)? => {
                let name = self.case.name(entity)?;
                name.split_once(" ~ ").map_or(name, |(_, text)| text).to_owned()
            }
            EntityKind::Account => {
                let accounts = self.case.accounts()?;
                let number = accounts.number.get(row);
                match accounts.institution.get(row) {
                    "" => number.to_owned(),
                    bank => format!("{bank} {number}"),
                }
            }
            EntityKind::Premises => self.case.premises()?.found.get(row).to_owned(),
            _ => self.case.name(entity)?.to_owned(),
        })
    }

    /// Lines for whoever selects the entity: who holds it, since when, what is held of it.
    fn details(&self, entity: EntityRef) -> Result<Vec<(String, String)>> {
        let mut details = vec![("kind".to_owned(), entity.kind.word().to_owned())];
        details.push(("identity".to_owned(), self.case.name(entity)?.to_owned()));
        let holdings = self.case.holdings()?;
        for row in 0..holdings.account.len() {
            let at = SourceRef { source: holdings.source[row], line: holdings.line[row] };
            let place = self.wording.place(at);
            let role = holdings.role.get(row);
            match entity.kind {
                EntityKind::Account if holdings.account[row] == entity.row => {
                    let party = EntityRef { kind: EntityKind::Party, row: holdings.party[row] };
                    details.push((role.to_owned(), format!("{} ({place})", self.label(party)?)));
                }
                EntityKind::Party if holdings.party[row] == entity.row => {
                    let account =
                        EntityRef { kind: EntityKind::Account, row: holdings.account[row] };
                    let text = format!("{} ({place})", self.label(account)?);
                    details.push((format!("{role} of"), text));
                }
                _ => {}
            }
        }
        if entity.kind == EntityKind::Account {
            let coverage = self.case.coverage()?;
            for row in
                (0..coverage.account.len()).filter(|row| coverage.account[*row] == entity.row)
            {
                let (from, to) = (coverage.from_day[row], coverage.to_day[row]);
                let text = format!("{} to {}", day_text(from), day_text(to));
                details.push((coverage.state.get(row).to_owned(), text));
            }
        }
        Ok(details)
    }

    fn tie(
        &self,
        at: usize,
        from: usize,
        to: usize,
        tie: &SubgraphTie,
        heaviest: (i64, usize),
    ) -> Result<ChartTie> {
        let day = |day: Option<i32>| day.map(day_text).unwrap_or_default();
        let (first, last) = (day(tie.first), day(tie.last));
        let span = if first == last { first.clone() } else { format!("{first} to {last}") };
        let rows = tie.what.rows();
        let count = rows.len();
        let mut drawn = ChartTie {
            id: format!("tie-{}", at + 1),
            from,
            to,
            kind: ChartTieKind::Calls,
            label: String::new(),
            total: None,
            currency: None,
            records: count as u64,
            first,
            last,
            traced: None,
            weight: count as f64 / heaviest.1 as f64,
            rows: Vec::with_capacity(count),
        };
        match &tie.what {
            TieContent::Transfers { currency, total_minor, .. } => {
                let amount = Amount { minor: *total_minor, currency: *currency };
                let plural = if count == 1 { "transfer" } else { "transfers" };
                let total = self.wording.digits.people(amount);
                drawn.kind = ChartTieKind::Transfers;
                drawn.label = format!("{count} {plural}, {total}, {span}");
                drawn.total = Some(self.wording.digits.decimal(amount));
                drawn.currency = Some(currency.to_string());
                drawn.weight = *total_minor as f64 / heaviest.0 as f64;
                for row in rows {
                    drawn.rows.push(self.transfer_row(*row)?);
                }
            }
            TieContent::Calls { .. } => {
                let plural = if count == 1 { "call" } else { "calls" };
                drawn.label = format!("{count} {plural}, {span}");
                for row in rows {
                    drawn.rows.push(self.call_row(*row)?);
                }
            }
            TieContent::Holding { .. } => {
                let holdings = self.case.holdings()?;
                let roles = rows.iter().map(|row| holdings.role.get(*row as usize));
                let mut words: Vec<&str> = roles.collect();
                words.dedup();
                drawn.kind = ChartTieKind::Relation(words.join(", "));
                drawn.label = words.join(", ");
                for row in rows {
                    drawn.rows.push(self.holding_row(*row)?);
                }
            }
            TieContent::Tie { relation, .. } => {
                drawn.kind = ChartTieKind::Relation(relation.clone());
                drawn.label.clone_from(relation);
                for row in rows {
                    drawn.rows.push(self.tie_row(*row)?);
                }
            }
        }
        Ok(drawn)
    }

    fn transfer_row(&self, row: u32) -> Result<ChartRow> {
        let transfers = self.case.transfers()?;
        let details = self.case.details()?;
        let at = row as usize;
        let when = if transfers.timed[at] {
            time_text(transfers.booked_ms[at], &self.wording.zone)
        } else {
            day_text(transfers.day[at])
        };
        let amount = Amount { minor: transfers.amount_minor[at], currency: transfers.currency[at] };
        let places = self.readings.places(row);
        let mut texts: Vec<&str> = Vec::new();
        for place in &places {
            if let Some(found) = detail_row(details, *place) {
                let text = details.description.get(found);
                if !text.is_empty() && !texts.contains(&text) {
                    texts.push(text);
                }
            }
        }
        Ok(ChartRow {
            when,
            amount: self.wording.digits.decimal(amount),
            traced: String::new(),
            traced_by: String::new(),
            what: transfers.channel[at].word().to_owned(),
            text: texts.join(" / "),
            source_refs: places.iter().map(|place| self.wording.place(*place)).collect(),
        })
    }

    fn call_row(&self, row: u32) -> Result<ChartRow> {
        let calls = self.case.calls()?;
        let at = row as usize;
        let from = EntityRef { kind: EntityKind::Phone, row: calls.from_phone[at] };
        let to = EntityRef { kind: EntityKind::Phone, row: calls.to_phone[at] };
        let mut places = vec![SourceRef { source: calls.source[at], line: calls.line[at] }];
        places.extend(self.call_refs(row)?);
        Ok(ChartRow {
            when: time_text(calls.start_ms[at], &self.wording.zone),
            amount: calls.duration_s[at].map(|seconds| seconds.to_string()).unwrap_or_default(),
            traced: String::new(),
            traced_by: String::new(),
            what: calls.kind.get(at).to_owned(),
            text: format!("{} to {}", self.label(from)?, self.label(to)?),
            source_refs: places.iter().map(|place| self.wording.place(*place)).collect(),
        })
    }

    /// Further readings of a call; `refs` stands in order of table and row.
    fn call_refs(&self, row: u32) -> Result<Vec<SourceRef>> {
        let refs = self.case.refs()?;
        let calls = refs.of.iter().take_while(|of| *of == "calls").count();
        let start = refs.row[..calls].partition_point(|one| *one < row);
        let same = refs.row[start..calls].iter().take_while(|one| **one == row).count();
        let at = |index: usize| SourceRef { source: refs.source[index], line: refs.line[index] };
        Ok((start..start + same).map(at).collect())
    }

    fn holding_row(&self, row: u32) -> Result<ChartRow> {
        let holdings = self.case.holdings()?;
        let at = row as usize;
        let place = SourceRef { source: holdings.source[at], line: holdings.line[at] };
        Ok(ChartRow {
            when: open_span(holdings.opened[at], holdings.closed[at]),
            amount: String::new(),
            traced: String::new(),
            traced_by: String::new(),
            what: holdings.role.get(at).to_owned(),
            text: String::new(),
            source_refs: vec![self.wording.place(place)],
        })
    }

    fn tie_row(&self, row: u32) -> Result<ChartRow> {
        let ties = self.case.ties()?;
        let at = row as usize;
        let amount = ties.amount_minor[at].zip(ties.currency[at]);
        let amount = amount.map(|(minor, currency)| Amount { minor, currency });
        let place = SourceRef { source: ties.source[at], line: ties.line[at] };
        Ok(ChartRow {
            when: open_span(ties.start[at], ties.end[at]),
            amount: amount.map(|amount| self.wording.digits.decimal(amount)).unwrap_or_default(),
            traced: String::new(),
            traced_by: String::new(),
            what: ties.relation.get(at).to_owned(),
            text: ties.found.get(at).to_owned(),
            source_refs: vec![self.wording.place(place)],
        })
    }

    /// The sources that the chart's rows stand in, in case-file order.
    fn sources(&self, chart: &Chart) -> Result<Vec<(String, String)>> {
        let sources = self.case.sources()?;
        let mut named: Vec<&str> = Vec::new();
        let refs = chart.ties.iter().flat_map(|tie| &tie.rows).flat_map(|row| &row.source_refs);
        for place in refs {
            if let Some((path, _)) = place.rsplit_once(':') {
                named.push(path);
            }
        }
        named.sort_unstable();
        named.dedup();
        let all = sources.source.iter().zip(sources.sha256.iter());
        Ok(all
            .filter(|(path, _)| named.binary_search(path).is_ok())
            .map(|(path, hash)| (path.to_owned(), hash.to_owned()))
            .collect())
    }
}

fn open_span(first: Option<i32>, last: Option<i32>) -> String {
    match (first, last) {
        (None, None) => String::new(),
        (Some(first), None) => format!("since {}", day_text(first)),
        (None, Some(last)) => format!("until {}", day_text(last)),
        (Some(first), Some(last)) => format!("{} to {}", day_text(first), day_text(last)),
    }
}

/// The foot of every chart and page: what was set aside, whose balances do not prove, and what
/// may have been counted twice.
///
/// # Errors
///
/// [`crate::Error::File`] if the store is damaged.
pub fn standing_notes(case: &Case, unproved: &[(u32, String)]) -> Result<Vec<String>> {
    const NAMED_MAX: usize = 5;
    let sources = case.sources()?;
    let sum = |column: &[i64]| column.iter().sum::<i64>();
    let mut notes = vec![format!(
        "Records read {} = accepted {} + rejected {} + duplicate {}.",
        sum(&sources.read),
        sum(&sources.accepted),
        sum(&sources.rejected),
        sum(&sources.duplicate)
    )];
    if unproved.is_empty() {
        notes.push("Every account with running balances proves.".to_owned());
    } else {
        let some = unproved.iter().take(NAMED_MAX).map(|(_, sentence)| sentence.as_str());
        let mut text = format!("Accounts that do not prove: {}.", unproved.len());
        for sentence in some {
            text.push(' ');
            text.push_str(sentence);
        }
        if unproved.len() > NAMED_MAX {
            let more = unproved.len() - NAMED_MAX;
            text.push_str(&format!(" {more} more stand in tables/balances.csv."));
        }
        notes.push(text);
    }
    notes.extend(possible_pairs_sentence(case)?);
    Ok(notes)
}
