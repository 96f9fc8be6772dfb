//! The tables of a trace: every figure under each rule side by side, with floor and ceiling.

use std::collections::{BTreeMap, BTreeSet};

use super::figures::{EndKey, Figure, Whereabouts};
use super::ledger::{CONVERTED, CONVERTED_NAME};
use super::reliance::Reliances;
use super::sweep::Traced;
use super::traces::Traces;
use super::walk::ExitKind;
use crate::analyses::{Inputs, TransferFacts, account_name};
use crate::error::Result;
use crate::model::{Amount, Currency, ResultTable, SourceRef, Values};

/// Rows of a side-by-side table under construction.
pub struct Beside<'a> {
    traces: &'a Traces<'a>,
    figures: Vec<&'a Figure>,
}

/// The column of a rule.
pub fn rule_column(word: &str) -> String {
    word.replace('-', "_")
}

impl<'a> Beside<'a> {
    /// For figures in the order of the table's rows.
    pub fn new(traces: &'a Traces, figures: Vec<&'a Figure>) -> Beside<'a> {
        Beside { traces, figures }
    }

    /// Adds the columns of the rules, `floor`, `ceiling`, `currency` and `order_changes`.
    pub fn add_to(&self, mut table: ResultTable) -> ResultTable {
        let currency = self.traces.of.currency;
        for (at, rule) in self.traces.question.rules.iter().enumerate() {
            let minor = self.figures.iter().map(|figure| figure.rules[at]);
            table = table.with(rule_column(rule.word()), money(minor, currency));
        }
        let floors = self.figures.iter().map(|figure| figure.bound.floor);
        let ceilings = self.figures.iter().map(|figure| figure.bound.ceiling);
        table
            .with("floor", money(floors, currency))
            .with("ceiling", money(ceilings, currency))
            .with("currency", Values::Text(vec![currency.to_string(); self.figures.len()]))
            .with(
                "order_changes",
                Values::Flag(self.figures.iter().map(|figure| Some(figure.changed)).collect()),
            )
    }
}

/// Amounts of one currency.
pub fn money(minor: impl Iterator<Item = i64>, currency: Currency) -> Values {
    Values::Money(minor.map(|minor| Some(Amount { minor, currency })).collect())
}

/// Words as a column.
pub fn words<T: ToString>(rows: impl IntoIterator<Item = T>) -> Values {
    Values::Text(rows.into_iter().map(|word| word.to_string()).collect())
}

/// What the tables are made from.
pub struct Tables<'a> {
    /// The case.
    pub inputs: &'a Inputs<'a>,
    /// The answers.
    pub traces: &'a Traces<'a>,
    /// What they rest on.
    pub reliances: &'a Reliances,
    /// Where transfers were read.
    pub facts: &'a TransferFacts<'a>,
    /// Whose own each account is, joined; empty where no record says.
    pub holders: &'a BTreeMap<u32, String>,
}

impl Tables<'_> {
    /// Name of an account, or of what stands for the far end of a conversion.
    ///
    /// # Errors
    ///
    /// [`crate::Error::File`] if the store is damaged.
    pub fn account_of(&self, account: u32) -> Result<String> {
        if account == CONVERTED {
            return Ok(CONVERTED_NAME.to_owned());
        }
        Ok(account_name(self.inputs.case, account)?.to_owned())
    }

    fn holder(&self, account: u32) -> String {
        self.holders.get(&account).cloned().unwrap_or_default()
    }

    /// Where movements were read.
    pub fn refs_of(&self, movements: impl IntoIterator<Item = u32>) -> Vec<SourceRef> {
        let rows = movements.into_iter().map(|movement| self.traces.of.row_of(movement));
        self.facts.source_refs(rows).0
    }

    /// `trace`: where the money of each label is at the end.
    pub fn ends(&self, ends: &[(EndKey, Figure)], name: &str) -> Result<ResultTable> {
        let behind = self.movements_behind(ends);
        let mut accounts = Vec::new();
        for (key, _) in ends {
            accounts.push(self.account_of(key.account)?);
        }
        let rests = ends.iter().zip(&behind).map(|((key, _), behind)| match key.at {
            Whereabouts::Held => self.reliances.words(self.reliances.by_account.get(&key.account)),
            _ => {
                let mut places: Vec<u32> = behind
                    .iter()
                    .filter_map(|movement| self.reliances.by_movement.get(movement))
                    .flatten()
                    .copied()
                    .collect();
                if matches!(key.at, Whereabouts::Exit(ExitKind::Overdraft | ExitKind::Gap)) {
                    places
                        .extend(self.reliances.by_account.get(&key.account).into_iter().flatten());
                }
                self.reliances.words(Some(&places))
            }
        });
        let rests = words(rests);
        let table = ResultTable::new(name)
            .with("label", words(ends.iter().map(|(key, _)| self.traces.sources.name(key.label))))
            .with("where", words(ends.iter().map(|(key, _)| key.at.word())))
            .with("account", words(accounts))
            .with("holder", words(ends.iter().map(|(key, _)| self.holder(key.account))))
            .with("channel", words(ends.iter().map(|(key, _)| key.channel)));
        let figures = ends.iter().map(|(_, figure)| figure).collect();
        let table = Beside::new(self.traces, figures).add_to(table);
        let day = |of: fn(&BTreeSet<i32>) -> Option<&i32>| {
            let days = behind.iter().map(|behind| {
                let days: BTreeSet<i32> =
                    behind.iter().map(|movement| self.traces.day_of(*movement)).collect();
                of(&days).copied()
            });
            Values::Day(days.collect())
        };
        Ok(table
            .with("first", day(BTreeSet::first))
            .with("last", day(BTreeSet::last))
            .with("rests_on", rests)
            .with(
                "source_refs",
                Values::Refs(behind.iter().map(|behind| self.refs_of(behind.clone())).collect()),
            ))
    }

    /// The movements that brought each end about: those that left by it, or reached the account.
    fn movements_behind(&self, ends: &[(EndKey, Figure)]) -> Vec<Vec<u32>> {
        let mut by_key: BTreeMap<(Whereabouts, u32), BTreeSet<u32>> = BTreeMap::new();
        for exit in &self.traces.bounded.exits {
            if exit.movement != super::sweep::NO_MOVEMENT {
                let account = match exit.kind {
                    ExitKind::Conversion => self.traces.of.ledger.from[exit.movement as usize],
                    _ => exit.account,
                };
                let key = (Whereabouts::Exit(exit.kind), account);
                by_key.entry(key).or_default().insert(exit.movement);
            }
        }
        for (movement, _) in &self.traces.bounded.carried {
            let account = self.traces.of.ledger.to[*movement as usize];
            let arrives = self.traces.arrival_day(*movement) <= self.traces.question.until;
            let at = match self.traces.is_kept(*movement) {
                true => Whereabouts::Held,
                false if !arrives => Whereabouts::InTransit,
                false => continue,
            };
            by_key.entry((at, account)).or_default().insert(*movement);
        }
        let channels = self.inputs.case.transfers().map(|transfers| &transfers.channel[..]);
        let channels = channels.unwrap_or_default();
        let mut behind = Vec::new();
        for (key, _) in ends {
            let of = by_key.get(&(key.at, key.account)).into_iter().flatten().copied();
            let channel = |movement: &u32| {
                key.channel.is_empty()
                    || channels[self.traces.of.row_of(*movement) as usize].word() == key.channel
            };
            behind.push(of.filter(channel).collect());
        }
        behind
    }

    /// `trace_transfers`: the traced part of every transfer.
    pub fn transfers(&self, rows: &[((u32, u32, u32), Figure)]) -> Result<ResultTable> {
        let ledger = &self.traces.of.ledger;
        let mut ends = (Vec::new(), Vec::new());
        for ((_, movement, _), _) in rows {
            ends.0.push(self.account_of(ledger.from[*movement as usize])?);
            ends.1.push(self.account_of(ledger.to[*movement as usize])?);
        }
        let of = rows.iter().map(|((_, movement, _), _)| *movement);
        let transfers = self.inputs.case.transfers()?;
        let row = |movement: u32| self.traces.of.row_of(movement);
        let number = |movement: u32| i64::from(self.inputs.case.transfer_number(row(movement)));
        let amount = of.clone().map(|movement| ledger.amount[movement as usize]);
        let channel = of.clone().map(|movement| transfers.channel[row(movement) as usize].word());
        let rests = of
            .clone()
            .map(|movement| self.reliances.words(self.reliances.by_movement.get(&movement)));
        let rests = words(rests);
        let label = rows.iter().map(|((.., label), _)| self.traces.sources.name(*label));
        let table = ResultTable::new("trace_transfers")
            .with(
                "transfer",
                Values::Count(of.clone().map(|movement| Some(number(movement))).collect()),
            )
            .with("day", Values::Day(of.clone().map(|one| Some(self.traces.day_of(one))).collect()))
            .with("from", words(ends.0))
            .with("to", words(ends.1))
            .with("channel", words(channel))
            .with("amount", money(amount, self.traces.of.currency))
            .with("label", words(label));
        let figures = rows.iter().map(|(_, figure)| figure).collect();
        let table = Beside::new(self.traces, figures).add_to(table);
        let mut table = table.with("rests_on", rests).with(
            "source_refs",
            Values::Refs(of.map(|movement| self.refs_of([movement])).collect()),
        );
        table.notes.clone_from(&self.traces.listing.notes);
        Ok(table)
    }

    /// `trace_accounts` or `trace_parties`: what of each label came into each account, went out
    /// of it and stayed there; accounts of one party together, transfers between them left out.
    pub fn passed(
        &self,
        transfers: &[((u32, u32, u32), Figure)],
        ends: &[(EndKey, Figure)],
        by_party: bool,
    ) -> Result<ResultTable> {
        const HOW: [&str; 3] = ["came-in", "went-out", "held"];
        let blank =
            || Figure { rules: vec![0; self.traces.question.rules.len()], ..Figure::default() };
        let mut rows: BTreeMap<(u32, String, usize), Figure> = BTreeMap::new();
        let mut add = |label: u32, name: &str, how: usize, figure: &Figure| {
            let sum = rows.entry((label, name.to_owned(), how)).or_insert_with(blank);
            sum.rules.iter_mut().zip(&figure.rules).for_each(|(sum, minor)| *sum += minor);
            sum.bound.floor += figure.bound.floor;
            // Money may pass more than once: a sum over transfers has no other ceiling.
            sum.bound.ceiling += figure.bound.ceiling;
            sum.changed |= figure.changed;
        };
        let name = |account: u32| -> Result<String> {
            let holder = self.holder(account);
            if by_party && !holder.is_empty() { Ok(holder) } else { self.account_of(account) }
        };
        for ((_, movement, label), figure) in transfers {
            let row = *movement as usize;
            let ledger = &self.traces.of.ledger;
            let (from, to) = (name(ledger.from[row])?, name(ledger.to[row])?);
            if from != to {
                add(*label, &from, 1, figure);
                add(*label, &to, 0, figure);
            }
        }
        for (key, figure) in ends.iter().filter(|(key, _)| key.at == Whereabouts::Held) {
            add(key.label, &name(key.account)?, 2, figure);
        }
        let what = if by_party { "party" } else { "account" };
        let table = ResultTable::new(if by_party { "trace_parties" } else { "trace_accounts" })
            .note(
                "What came in and went out is a sum over transfers: money that passes again \
                 counts again, in the ceiling too.",
            )
            .with("label", words(rows.keys().map(|(label, ..)| self.traces.sources.name(*label))))
            .with(what, words(rows.keys().map(|(_, name, _)| name)))
            .with("what", words(rows.keys().map(|(.., how)| HOW[*how])));
        Ok(Beside::new(self.traces, rows.values().collect()).add_to(table))
    }

    /// `trace_residuals`: what each account holds at the end of each day on which that changed.
    pub fn residuals(&self, rows: &[((u32, i32, u32), Figure)]) -> Result<ResultTable> {
        let mut accounts = Vec::new();
        for ((account, ..), _) in rows {
            accounts.push(self.account_of(*account)?);
        }
        let label = rows.iter().map(|((.., label), _)| self.traces.sources.name(*label));
        let table = ResultTable::new("trace_residuals")
            .with("account", words(accounts))
            .with("day", Values::Day(rows.iter().map(|((_, day, _), _)| Some(*day)).collect()))
            .with("label", words(label));
        let figures = rows.iter().map(|(_, figure)| figure).collect();
        Ok(Beside::new(self.traces, figures).add_to(table))
    }

    /// `trace_labels`: for each label and rule, that what was declared is what is somewhere.
    pub fn labels(&self) -> ResultTable {
        const KINDS: [ExitKind; 6] = [
            ExitKind::Outside,
            ExitKind::NotCovered,
            ExitKind::Conversion,
            ExitKind::Overdraft,
            ExitKind::Gap,
            ExitKind::Reversal,
        ];
        let traces = self.traces;
        let mut names = (Vec::new(), Vec::new());
        let mut columns: Vec<Vec<i64>> = vec![Vec::new(); 4 + KINDS.len()];
        let labels = traces.sources.labels.len() + 1;
        let of_rule = |traced: &Traced| {
            let mut sums = vec![[0_i64; 2 + KINDS.len()]; labels];
            for (label, minor) in traced.left().values().flat_map(|parts| parts.iter()) {
                sums[*label as usize][0] += minor;
            }
            for one in &traced.in_transit {
                sums[one.label as usize][1] += one.minor;
            }
            for exit in &traced.exits {
                let at = KINDS.iter().position(|kind| *kind == exit.kind);
                sums[exit.label as usize][2 + at.expect("every kind is there")] += exit.minor;
            }
            sums
        };
        let sums: Vec<_> = traces.rules.iter().map(of_rule).collect();
        for label in traces.labels().into_iter().filter(|label| *label > 0) {
            let at = label as usize;
            for (rule, (traced, sums)) in
                traces.question.rules.iter().zip(traces.rules.iter().zip(&sums))
            {
                names.0.push(traces.sources.name(label));
                names.1.push(rule.word());
                let mut row = vec![traced.declared[at]];
                row.extend(sums[at]);
                row.push(traced.relabelled[at]);
                assert_eq!(row[0], row[1..].iter().sum::<i64>(), "no money is made or lost");
                columns.iter_mut().zip(row).for_each(|(column, minor)| column.push(minor));
            }
        }
        let rows = names.0.len();
        let mut table = ResultTable::new("trace_labels")
            .with("label", words(names.0))
            .with("rule", words(names.1));
        let kinds = KINDS.map(|kind| kind.word().replace('-', "_"));
        let titles = ["declared", "held", "in_transit"]
            .into_iter()
            .map(str::to_owned)
            .chain(kinds)
            .chain(["relabelled".to_owned()]);
        for (title, minor) in titles.zip(columns) {
            table = table.with(title, money(minor.into_iter(), traces.of.currency));
        }
        table.with("currency", words(vec![traces.of.currency; rows]))
    }

    /// `trace_sources`: what was declared.
    pub fn sources(&self) -> Result<ResultTable> {
        let (sources, transfers) = (&self.traces.sources, self.inputs.case.transfers()?);
        let mut ends = (Vec::new(), Vec::new());
        for part in &sources.parts {
            ends.0.push(self.account_of(transfers.from_account[part.transfer as usize])?);
            ends.1.push(self.account_of(transfers.to_account[part.transfer as usize])?);
        }
        let currency = sources.currency;
        let rows = || sources.parts.iter().map(|part| part.transfer as usize);
        let numbers = rows().map(|row| self.inputs.case.transfer_number(row as u32));
        let of = &self.traces.of;
        let whole = sources.parts.iter().map(|part| {
            let movements = of.movements_of(part.transfer);
            movements.map(|movement| of.ledger.amount[movement as usize]).sum()
        });
        let refs = sources.parts.iter().map(|part| self.facts.source_refs([part.transfer]).0);
        Ok(ResultTable::new("trace_sources")
            .with("label", words(sources.parts.iter().map(|part| sources.name(part.label))))
            .with(
                "transfer",
                Values::Count(numbers.map(|number| Some(i64::from(number))).collect()),
            )
            .with("day", Values::Day(rows().map(|row| Some(transfers.day[row])).collect()))
            .with("from", words(ends.0))
            .with("to", words(ends.1))
            .with("channel", words(rows().map(|row| transfers.channel[row].word())))
            .with("amount", money(whole, currency))
            .with("traced", money(sources.parts.iter().map(|part| part.minor), currency))
            .with("currency", words(vec![currency; sources.parts.len()]))
            .with("source_refs", Values::Refs(refs.collect())))
    }

    /// `trace_rests_on`: what the paths of traced money cross.
    pub fn rests_on(&self) -> Result<ResultTable> {
        let all = &self.reliances.all;
        let mut accounts = Vec::new();
        for one in all {
            accounts.push(self.account_of(one.account)?);
        }
        let refs = all.iter().map(|one| self.refs_of(one.shown_by));
        let refs = Values::Refs(refs.collect());
        Ok(ResultTable::new("trace_rests_on")
            .with("account", words(accounts))
            .with("what", words(all.iter().map(|one| one.what)))
            .with("day", Values::Day(all.iter().map(|one| one.day).collect()))
            .with("sentence", words(all.iter().map(|one| &one.sentence)))
            .with("source_refs", refs))
    }

    /// `trace_order`: every figure at the end that another order within the days changes.
    pub fn order(&self) -> Result<ResultTable> {
        let traces = self.traces;
        let channels = &self.inputs.case.transfers()?.channel;
        let mut rows: BTreeMap<(EndKey, usize), BTreeMap<&str, i64>> = BTreeMap::new();
        let mut orders =
            vec![(traces.question.order.word(), traces.ends_in(&traces.rules, channels))];
        for (order, others) in &traces.others {
            orders.push((order.word(), traces.ends_in(others, channels)));
        }
        for (order, rules) in &orders {
            for (rule, ends) in rules.iter().enumerate() {
                for (key, minor) in ends {
                    rows.entry((*key, rule)).or_default().insert(order, *minor);
                }
            }
        }
        let of = |row: &BTreeMap<&str, i64>, order: &str| row.get(order).copied().unwrap_or(0);
        rows.retain(|_, row| {
            orders.iter().any(|(order, _)| of(row, order) != of(row, orders[0].0))
        });
        let mut accounts = Vec::new();
        for (key, _) in rows.keys() {
            accounts.push(self.account_of(key.account)?);
        }
        let keys = || rows.keys().map(|(key, _)| key);
        let rules = rows.keys().map(|(_, rule)| traces.question.rules[*rule].word());
        let mut table = ResultTable::new("trace_order")
            .with("label", words(keys().map(|key| traces.sources.name(key.label))))
            .with("where", words(keys().map(|key| key.at.word())))
            .with("account", words(accounts))
            .with("channel", words(keys().map(|key| key.channel)))
            .with("rule", words(rules));
        for order in super::same_day::DayOrder::ALL.map(|order| order.word()) {
            // An order that changes no day gives the figures of the order asked for.
            let same = orders.iter().all(|(of, _)| *of != order);
            let order_of = if same { orders[0].0 } else { order };
            let minor = rows.values().map(|row| of(row, order_of));
            table = table.with(order.replace('-', "_"), money(minor, traces.of.currency));
        }
        let table = table.with("currency", words(vec![traces.of.currency; rows.len()]));
        Ok(if rows.is_empty() {
            table.note("No order within a day changes where the money is at the end.")
        } else {
            table
        })
    }
}
