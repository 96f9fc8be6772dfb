//! What the chart of traced flow shows: the accounts that traced money reached, and one line for
//! each pair of them between which some rule says that it moved.
//!
//! What is drawn is followed from the sources along the heaviest lines, so that every line on a
//! chart leads back to a source on the same chart. What a bound leaves out is named. Words and
//! widths are the exports'.

#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use petgraph::algo::kosaraju_scc;
use petgraph::graph::DiGraph;

use super::figures::{EndKey, Figure};
use super::paths::ending_in;
use super::reliance::Reliances;
use super::rules::Rule;
use super::traces::Traces;
use crate::analyses::{Inputs, account_name, counted, counted_as};
use crate::error::Result;
use crate::model::{Amount, Currency};

/// Labels whose declared sums stand in the notes.
const LABELS_NAMED_MAX: usize = 8;
/// Things that the paths rest on, told in the notes; `trace_rests_on` has all of them.
const RESTS_NAMED_MAX: usize = 8;

/// How much goes on a chart of traced flow.
#[derive(clap::Args, Clone, Copy, Debug, Eq, PartialEq)]
pub struct FlowBounds {
    /// Most accounts on the chart; the largest traced amounts stay
    #[arg(long, value_name = "N", default_value_t = FlowBounds::default().entities_max)]
    pub entities_max: usize,
    /// Most lines on the chart
    #[arg(long, value_name = "N", default_value_t = FlowBounds::default().ties_max)]
    pub ties_max: usize,
}

impl Default for FlowBounds {
    fn default() -> FlowBounds {
        FlowBounds { entities_max: 60, ties_max: 200 }
    }
}

/// The accounts and lines of a chart of traced flow.
#[derive(Clone, Debug, PartialEq)]
pub struct FlowGraph {
    /// Rules in the order of every [`Figure`].
    pub rules: Vec<Rule>,
    /// Place of the rule whose panel this is; none where all stand as a range.
    pub panel: Option<usize>,
    /// Currency of every figure.
    pub currency: Currency,
    /// Names of the labels; label 1 is the first.
    pub labels: Vec<String>,
    /// In order of account; each stands at an end of a line.
    pub accounts: Vec<FlowAccount>,
    /// In order of their ends.
    pub lines: Vec<FlowLine>,
    /// The largest figure of any rule on any line, which is the same on every panel; minor units.
    pub heaviest_minor: i64,
    /// What the bounds and the paths asked for left out, a sentence each.
    pub cut: Vec<String>,
    /// What else a reader has to know: what is traced, and what the paths rest on.
    pub notes: Vec<String>,
}

/// An account of a [`FlowGraph`].
#[derive(Clone, Debug, PartialEq)]
pub struct FlowAccount {
    /// Row of `accounts`, or [`super::ledger::CONVERTED`].
    pub account: u32,
    /// True for what a source paid into: the chart is drawn around it.
    pub centre: bool,
    /// The last day of its statements that is followed, where any is held.
    pub last_day: Option<i32>,
    /// What it holds at the end, and what left with or by it, by label and whereabouts.
    pub ends: Vec<(EndKey, Figure)>,
}

/// What moved from one account to another.
#[derive(Clone, Debug, PartialEq)]
pub struct FlowLine {
    /// Row of `accounts`, or [`super::ledger::CONVERTED`].
    pub from: u32,
    /// The same.
    pub to: u32,
    /// All labels together, over its transfers. Where money cannot pass twice, the ceiling is at
    /// most what was declared.
    pub figure: Figure,
    /// What was declared, where money can pass only once; minor units.
    pub declared_minor: Option<i64>,
    /// Those that can carry something, in order of posting; of a case too large to list all, those
    /// that carry most under some rule.
    pub transfers: Vec<FlowTransfer>,
}

/// One transfer of a [`FlowLine`].
#[derive(Clone, Debug, PartialEq)]
pub struct FlowTransfer {
    /// Row of `transfers`.
    pub row: u32,
    /// Civil day in the order asked for.
    pub day: i32,
    /// What moved in all, minor units.
    pub amount_minor: i64,
    /// Traced part of all labels together.
    pub figure: Figure,
    /// By label, where there are several.
    pub parts: Vec<(u32, Figure)>,
}

impl FlowLine {
    fn new(
        (from, to): (u32, u32),
        transfers: Vec<FlowTransfer>,
        declared_minor: Option<i64>,
    ) -> FlowLine {
        let mut figure = Figure::default();
        for one in transfers.iter().map(|one| &one.figure) {
            figure.rules.resize(one.rules.len(), 0);
            figure.rules.iter_mut().zip(&one.rules).for_each(|(sum, minor)| *sum += minor);
            figure.bound.floor += one.bound.floor;
            figure.bound.ceiling += one.bound.ceiling;
            figure.changed |= one.changed;
        }
        if let Some(declared) = declared_minor {
            figure.bound.ceiling = figure.bound.ceiling.min(declared);
        }
        FlowLine { from, to, figure, declared_minor, transfers }
    }

    fn ends(&self) -> (u32, u32) {
        (self.from, self.to)
    }
}

impl FlowGraph {
    /// The part of it that one rule says, by place in `rules`. Cost: one copy.
    pub fn under(&self, rule: usize) -> FlowGraph {
        let lines: Vec<FlowLine> = self
            .lines
            .iter()
            .filter(|line| line.figure.rules[rule] > 0)
            .map(|line| {
                let carried = line.transfers.iter().filter(|one| one.figure.rules[rule] > 0);
                FlowLine::new(line.ends(), carried.cloned().collect(), line.declared_minor)
            })
            .collect();
        let on: BTreeSet<u32> = lines.iter().flat_map(|line| [line.from, line.to]).collect();
        let mut accounts = self.accounts.clone();
        accounts.retain(|one| on.contains(&one.account));
        for one in &mut accounts {
            one.ends.retain(|(_, figure)| figure.rules[rule] != 0);
        }
        FlowGraph {
            rules: self.rules.clone(),
            panel: Some(rule),
            currency: self.currency,
            labels: self.labels.clone(),
            accounts,
            lines,
            heaviest_minor: self.heaviest_minor,
            cut: self.cut.clone(),
            notes: self.notes.clone(),
        }
    }
}

/// What is drawn of `traces`: all of it, or only what lies on paths into some accounts. `shown` is
/// the case whose names stand in the notes; its rows are those of the traces.
///
/// Cost: linear in the transfers that can carry something, and a sort of the lines.
///
/// # Errors
///
/// As [`Reliances::of`].
pub fn flow_graph(
    shown: &Inputs,
    traces: &Traces,
    into: Option<&BTreeSet<u32>>,
    bounds: FlowBounds,
) -> Result<FlowGraph> {
    let gathered = gather(traces, into);
    let (mut lines, silent): (Vec<FlowLine>, Vec<FlowLine>) =
        gathered.into_iter().partition(|line| line.figure.most() > 0);
    let all = lines.len();
    let mut centres: BTreeSet<u32> = BTreeSet::new();
    let mut starts: BTreeSet<(u32, u32)> = BTreeSet::new();
    for movement in traces.declared.movements() {
        let row = movement as usize;
        let (from, to) = (traces.of.ledger.from[row], traces.of.ledger.to[row]);
        starts.insert((from, to));
        centres.insert(to);
    }
    let kept = chosen(&lines, &starts, bounds);
    let heaviest_minor = lines.iter().map(|line| line.figure.most()).max().unwrap_or(0);
    let dropped: Vec<FlowLine> =
        lines.extract_if(.., |line| !kept.contains(&line.ends())).collect();
    let accounts = accounts(shown, traces, &lines, &centres, into)?;
    let mut graph = FlowGraph {
        rules: traces.question.rules.clone(),
        panel: None,
        currency: traces.of.currency,
        labels: traces.sources.labels.clone(),
        accounts,
        lines,
        heaviest_minor,
        cut: Vec::new(),
        notes: Vec::new(),
    };
    let teller = Teller { shown, traces };
    graph.cut.extend(teller.left_out(all, &dropped, silent.len(), bounds));
    graph.cut.extend(teller.only_into(into)?);
    graph.notes.push(teller.declared());
    graph.notes.extend(traces.sources.notes.clone());
    graph.notes.extend(super::standing_notes(traces));
    graph.notes.extend(changed(&graph));
    graph.notes.extend(teller.rests_on(&graph)?);
    Ok(graph)
}

/// Every pair of accounts between which something can have moved, in order of its ends.
fn gather(traces: &Traces, into: Option<&BTreeSet<u32>>) -> Vec<FlowLine> {
    let kept = into.map(|into| ending_in(traces, into));
    let ledger = &traces.of.ledger;
    let mut pairs: BTreeMap<(u32, u32), Vec<FlowTransfer>> = BTreeMap::new();
    // One for each movement, whose labels follow one another, all of them together first.
    let several = traces.sources.labels.len() > 1;
    for ((_, movement, label), figure) in traces.transfers() {
        let on_path = kept.as_ref().is_none_or(|kept| kept.binary_search(&movement).is_ok());
        if !on_path || figure.most() == 0 && figure.bound.ceiling == 0 {
            continue;
        }
        let at = movement as usize;
        let of_pair = pairs.entry((ledger.from[at], ledger.to[at])).or_default();
        let row = traces.of.row_of(movement);
        if several && label > 0 {
            let whole = of_pair.last_mut().filter(|whole| whole.row == row);
            whole.expect("all labels stand before each").parts.push((label, figure));
            continue;
        }
        of_pair.push(FlowTransfer {
            row,
            day: traces.day_of(movement),
            amount_minor: ledger.amount[at],
            figure,
            parts: Vec::new(),
        });
    }
    let circles = circles(traces);
    let declared = traces.declared_minor(if several { 0 } else { 1 });
    let line = |(ends, transfers): ((u32, u32), Vec<FlowTransfer>)| {
        let once = circles.as_ref().is_some_and(|circles| circles[&ends.0] != circles[&ends.1]);
        FlowLine::new(ends, transfers, once.then_some(declared))
    };
    pairs.into_iter().map(line).collect()
}

/// In which circle of accounts each stands: what leaves a circle cannot come back into it, and so
/// passes a line between two of them only once. None where not every transfer that can carry
/// something is known.
fn circles(traces: &Traces) -> Option<BTreeMap<u32, usize>> {
    if !traces.listing.lists_every_one_of(traces.of.movements()) {
        return None;
    }
    let ledger = &traces.of.ledger;
    let movements = traces.bounded.carried.iter().map(|(movement, _)| *movement);
    let carried = traces.rules.iter().flat_map(|traced| &traced.carried);
    let pairs: BTreeSet<(u32, u32)> = movements
        .chain(carried.map(|one| one.movement))
        .map(|movement| (ledger.from[movement as usize], ledger.to[movement as usize]))
        .collect();
    let mut graph: DiGraph<u32, ()> = DiGraph::new();
    let mut nodes = BTreeMap::new();
    for (from, to) in pairs {
        let mut node = |account| *nodes.entry(account).or_insert_with(|| graph.add_node(account));
        let (from, to) = (node(from), node(to));
        graph.add_edge(from, to, ());
    }
    let mut circles = BTreeMap::new();
    for (circle, members) in kosaraju_scc(&graph).into_iter().enumerate() {
        circles.extend(members.into_iter().map(|node| (graph[node], circle)));
    }
    Some(circles)
}

/// The lines that are drawn: from the sources on, the heaviest first.
fn chosen(
    lines: &[FlowLine],
    starts: &BTreeSet<(u32, u32)>,
    bounds: FlowBounds,
) -> BTreeSet<(u32, u32)> {
    let mut from: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (at, line) in lines.iter().enumerate() {
        from.entry(line.from).or_default().push(at);
    }
    let weight = |at: usize| (lines[at].figure.most(), Reverse(at));
    let first = (0..lines.len()).filter(|at| starts.contains(&lines[*at].ends()));
    let mut next: BinaryHeap<(i64, Reverse<usize>)> = first.map(weight).collect();
    let mut seen: BTreeSet<usize> = next.iter().map(|(_, Reverse(at))| *at).collect();
    let mut on: BTreeSet<u32> = BTreeSet::new();
    let mut kept: BTreeSet<(u32, u32)> = BTreeSet::new();
    while let Some((_, Reverse(at))) = next.pop() {
        let ends = lines[at].ends();
        let new = [ends.0, ends.1].into_iter().filter(|account| !on.contains(account));
        let new: Vec<u32> = new.collect();
        if kept.len() == bounds.ties_max || on.len() + new.len() > bounds.entities_max {
            continue;
        }
        kept.insert(ends);
        for account in new {
            on.insert(account);
            let of = from.get(&account).into_iter().flatten();
            let unseen: Vec<usize> = of.copied().filter(|at| seen.insert(*at)).collect();
            next.extend(unseen.into_iter().map(weight));
        }
    }
    kept
}

fn accounts(
    shown: &Inputs,
    traces: &Traces,
    lines: &[FlowLine],
    centres: &BTreeSet<u32>,
    into: Option<&BTreeSet<u32>>,
) -> Result<Vec<FlowAccount>> {
    let on: BTreeSet<u32> = lines.iter().flat_map(|line| [line.from, line.to]).collect();
    let mut ends: BTreeMap<u32, Vec<(EndKey, Figure)>> = BTreeMap::new();
    for (key, figure) in traces.ends(&shown.case.transfers()?.channel) {
        if into.is_none_or(|into| into.contains(&key.account)) {
            ends.entry(key.account).or_default().push((key, figure));
        }
    }
    let until = traces.question.until;
    let account = |account: u32| FlowAccount {
        account,
        centre: centres.contains(&account),
        last_day: traces.of.ledger.span(account).map(|(_, last)| last.min(until)),
        ends: ends.get(&account).cloned().unwrap_or_default(),
    };
    Ok(on.into_iter().map(account).collect())
}

/// How many lines another order within a day would change.
fn changed(graph: &FlowGraph) -> Option<String> {
    let changed = graph.lines.iter().filter(|line| line.figure.changed).count();
    (changed > 0).then(|| {
        format!(
            "Another order of the transfers within a day would change a figure of {} of the range; \
             trace_transfers marks the transfers.",
            counted(changed as u64, "line")
        )
    })
}

struct Teller<'a> {
    shown: &'a Inputs<'a>,
    traces: &'a Traces<'a>,
}

impl Teller<'_> {
    fn people(&self, minor: i64) -> String {
        let amount = Amount { minor, currency: self.traces.of.currency };
        self.shown.case.manifest().digits.people(amount)
    }

    fn declared(&self) -> String {
        let sources = &self.traces.sources;
        let labels = (1..=sources.labels.len() as u32).take(LABELS_NAMED_MAX);
        let mut told: Vec<String> = labels
            .map(|label| {
                let parts = sources.parts.iter().filter(|part| part.label == label).count();
                let sum = self.people(self.traces.declared_minor(label));
                format!("{}, {sum} of {}", sources.name(label), counted(parts as u64, "transfer"))
            })
            .collect();
        if sources.labels.len() > LABELS_NAMED_MAX {
            told.push(format!("and {} more", sources.labels.len() - LABELS_NAMED_MAX));
        }
        format!("Traced: {}.", told.join("; "))
    }

    fn left_out(
        &self,
        all: usize,
        dropped: &[FlowLine],
        silent: usize,
        bounds: FlowBounds,
    ) -> Vec<String> {
        let mut notes = Vec::new();
        if let Some(largest) = dropped.iter().map(|line| line.figure.most()).max() {
            let transfers: usize = dropped.iter().map(|line| line.transfers.len()).sum();
            notes.push(format!(
                "{} of {} with {} are left out, the heaviest from the sources on kept: a chart has \
                 at most {} accounts and {} lines. The largest of them carries {} under some rule; \
                 trace_transfers lists all.",
                dropped.len(),
                counted_as(all, "line", "lines"),
                counted(transfers as u64, "transfer"),
                bounds.entities_max,
                bounds.ties_max,
                self.people(largest)
            ));
        }
        if silent > 0 {
            notes.push(format!(
                "Not drawn: {} between which no rule asked for moves anything traced, though some \
                 allocation could.",
                counted_as(silent, "pair of accounts", "pairs of accounts")
            ));
        }
        notes.extend(self.traces.listing.notes.clone());
        notes
    }

    fn only_into(&self, into: Option<&BTreeSet<u32>>) -> Result<Option<String>> {
        let Some(into) = into else { return Ok(None) };
        let mut names = Vec::new();
        for account in into {
            names.push(account_name(self.shown.case, *account)?);
        }
        Ok(Some(format!("Only paths that end in {} are drawn.", names.join(", "))))
    }

    fn rests_on(&self, graph: &FlowGraph) -> Result<Vec<String>> {
        let on: BTreeSet<u32> = graph.accounts.iter().map(|one| one.account).collect();
        let reliances = Reliances::of(self.shown, self.traces)?;
        // Every chart tells of balances that do not prove anyway.
        let all = reliances.all.iter().filter(|one| one.what != "unproved");
        let told = all.clone().filter(|one| on.contains(&one.account));
        let mut notes: Vec<String> =
            told.take(RESTS_NAMED_MAX).map(|one| one.sentence.clone()).collect();
        let more = all.count() - notes.len();
        if more > 0 {
            let what = counted_as(more, "thing", "things");
            notes.push(format!(
                "{what} more that the paths of traced money cross stand in trace_rests_on."
            ));
        }
        Ok(notes)
    }
}
