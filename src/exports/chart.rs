//! The link chart model: entities, ties, labels, legend and the rows behind every tie.
//!
//! Plain data in words, ready to draw. What goes on a chart is chosen by
//! `analyses/neighbourhood.rs`; formats are drawn from this by the files beside it, which add,
//! drop and compute nothing; a picture too large to read says in its notes what only the tables
//! list.

use std::collections::BTreeSet;

use crate::model::counted_as;
use crate::model::{EntityKind, Role};

/// One link chart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chart {
    /// File name without ending, safe on every file system.
    pub name: String,
    /// First line of every format: `Harbor Street: Lena Ortiz, two hops`.
    pub title: String,
    /// Period covered in words: `2024-01-01 to 2024-06-30`.
    pub period: String,
    /// `INTERNAL` or the exhibit's marking; drawn on every format.
    pub banner: String,
    /// In a stable order; ties refer to them by position.
    pub entities: Vec<ChartEntity>,
    /// In a stable order.
    pub ties: Vec<ChartTie>,
    /// Sentences every reader needs: what a bound cut, rejects, accounts that do not prove.
    pub notes: Vec<String>,
    /// The sources the chart rests on: path and SHA-256.
    pub sources: Vec<(String, String)>,
}

/// A node of a chart.
#[derive(Clone, Debug, PartialEq)]
pub struct ChartEntity {
    /// Stable, unique on the chart; the first 16 digits of the entity's key with its kind.
    pub id: String,
    /// What is written on it.
    pub label: String,
    /// Decides its shape and colour.
    pub kind: EntityKind,
    /// True for the far end of a transfer that the records do not name.
    pub unidentified: bool,
    /// The role the case file records, if any.
    pub role: Option<Role>,
    /// True for what the chart was drawn around.
    pub centre: bool,
    /// Further lines written under the label: what an account holds of traced money.
    pub captions: Vec<String>,
    /// Further lines for a reader who selects it: (`holder`, `Lena Ortiz`).
    pub details: Vec<(String, String)>,
}

/// What a tie of a chart stands for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ChartTieKind {
    /// Transfers of one currency from one account to another.
    Transfers,
    /// Transfers of one currency that carry traced money from one account to another; the tie's
    /// `traced` says how much.
    Traced,
    /// Calls, texts and data sessions between two phones.
    Calls,
    /// A typed tie; the relation's own word, `holds`, `tenant-of`.
    Relation(String),
}

/// An edge of a chart.
#[derive(Clone, Debug, PartialEq)]
pub struct ChartTie {
    /// Stable, unique on the chart.
    pub id: String,
    /// Position in [`Chart::entities`].
    pub from: usize,
    /// Position in [`Chart::entities`].
    pub to: usize,
    /// What it stands for.
    pub kind: ChartTieKind,
    /// What is written on it: `12 transfers, 14,300.00 USD, 2024-01-03 to 2024-05-30`.
    pub label: String,
    /// Total of [`ChartTieKind::Transfers`] and [`ChartTieKind::Traced`], of the whole transfers,
    /// plain decimal text: `14300.00`.
    pub total: Option<String>,
    /// Three letters, with `total`.
    pub currency: Option<String>,
    /// How many records it stands for.
    pub records: u64,
    /// First day, `2024-01-03`; empty when undated.
    pub first: String,
    /// Last day.
    pub last: String,
    /// What of `total` is traced, for [`ChartTieKind::Traced`].
    pub traced: Option<TracedTotal>,
    /// For line width only: 0 to 1, this tie's share of the heaviest tie of its kind; of a traced
    /// tie, of the largest traced amount.
    pub weight: f64,
    /// Every record behind it, in order of time; their amounts add up to `total`.
    pub rows: Vec<ChartRow>,
}

/// What of a tie's transfers is traced.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct TracedTotal {
    /// Word of the rule whose panel it stands on; empty on the chart of the range.
    pub rule: String,
    /// Under the rule, or the largest of the rules asked for, plain decimal text; the traced
    /// parts of the rows of a panel add up to it.
    pub minor_text: String,
    /// What no allocation can leave, plain decimal text.
    pub floor: String,
    /// What no allocation can exceed, plain decimal text.
    pub ceiling: String,
}

/// One record behind a tie.
#[derive(Clone, Debug, PartialEq)]
pub struct ChartRow {
    /// Day or time as the case writes it.
    pub when: String,
    /// Plain decimal text for money, seconds for calls, empty for other ties.
    pub amount: String,
    /// What of the amount is traced, for [`ChartTieKind::Traced`]: plain decimal text under a
    /// rule, `0.00 to 120.00` on the chart of the range; else empty.
    pub traced: String,
    /// How that divides: by label on the panel of a rule, by rule on the chart of the range.
    pub traced_by: String,
    /// Channel, call kind or relation.
    pub what: String,
    /// The text as found in the record: description, rent, role.
    pub text: String,
    /// Where it was read: `bank/harbor_1001.csv:14`; both places for both legs.
    pub source_refs: Vec<String>,
}

impl ChartTieKind {
    /// True for what an amount of money stands on.
    pub fn is_money(&self) -> bool {
        matches!(self, ChartTieKind::Transfers | ChartTieKind::Traced)
    }
}

impl Chart {
    /// True when it shows traced money.
    pub fn is_traced(&self) -> bool {
        self.ties.iter().any(|tie| tie.traced.is_some())
    }

    /// `9 entities, 13 ties, from 2 sources`, or that nothing was found.
    pub fn counts_text(&self) -> String {
        if self.entities.is_empty() {
            return "no entity meets the conditions of this chart".to_owned();
        }
        format!(
            "{}, {}, from {}",
            counted_as(self.entities.len(), "entity", "entities"),
            counted_as(self.ties.len(), "tie", "ties"),
            counted_as(self.sources.len(), "source", "sources")
        )
    }
}

impl ChartEntity {
    /// The further lines as one: `holder: Lena Ortiz; bank: Harbor`.
    pub fn details_text(&self) -> String {
        let details: Vec<String> =
            self.details.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        details.join("; ")
    }
}

impl ChartTie {
    /// Every source ref behind the tie, once each, in order of its rows.
    pub fn source_refs_text(&self) -> String {
        let mut seen = BTreeSet::new();
        let refs = self.rows.iter().flat_map(|row| &row.source_refs);
        refs.filter(|place| seen.insert(*place)).cloned().collect::<Vec<_>>().join("; ")
    }

    /// The weight as a number between 0 and 1, whatever it was computed as.
    pub fn share(&self) -> f64 {
        if self.weight.is_finite() { self.weight.clamp(0.0, 1.0) } else { 0.0 }
    }

    /// The weight as other programs read it, with six decimals and never nought: programs that
    /// lay out by weight drop an edge that weighs nothing.
    pub fn weight_text(&self) -> String {
        format!("{:.6}", self.share().max(0.000_001))
    }
}
