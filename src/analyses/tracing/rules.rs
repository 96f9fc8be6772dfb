//! The five rules by which money is taken from an account that holds several sorts of it.

use super::shares::Part;

/// A rule that says which money of an account leaves first.
#[derive(
    Clone,
    Copy,
    Debug,
    Eq,
    Hash,
    Ord,
    PartialEq,
    PartialOrd,
    clap::ValueEnum,
    serde::Deserialize,
    serde::Serialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// Lowest intermediate balance: untraced money first, then the traced labels by shares.
    Libr,
    /// First in, first out.
    Fifo,
    /// Last in, first out.
    Lifo,
    /// By shares of the whole balance at that moment.
    ProRata,
    /// The traced labels first, by shares, then untraced money.
    TaintFirst,
}

impl Rule {
    /// Every rule, in the order of tables and charts.
    pub const ALL: [Rule; 5] =
        [Rule::Libr, Rule::Fifo, Rule::Lifo, Rule::ProRata, Rule::TaintFirst];

    /// The word for it in files and output.
    pub fn word(self) -> &'static str {
        match self {
            Rule::Libr => "libr",
            Rule::Fifo => "fifo",
            Rule::Lifo => "lifo",
            Rule::ProRata => "pro-rata",
            Rule::TaintFirst => "taint-first",
        }
    }

    /// Its name in a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Rule::Libr => "the lowest intermediate balance rule",
            Rule::Fifo => "first in first out",
            Rule::Lifo => "last in first out",
            Rule::ProRata => "pro rata",
            Rule::TaintFirst => "traced money first",
        }
    }

    /// True when deposits stay apart in an account under it.
    pub fn keeps_lots(self) -> bool {
        matches!(self, Rule::Fifo | Rule::Lifo)
    }
}

/// What accounts hold under a rule, each known by its place. Balances are the walk's: here is only
/// what they are made of.
pub trait Holdings {
    /// Takes `wanted` of a positive `balance` by the rule and adds what is traced of it to
    /// `moved`.
    fn take(&mut self, account: u32, wanted: i64, balance: i64, moved: &mut Vec<Part>);

    /// Takes back what `original` brought, as far as it is there: `back` is what of each label is
    /// wanted, and how much in all. Adds what is traced to `moved`; gives how much was there.
    fn take_back(
        &mut self,
        account: u32,
        original: u32,
        back: (&[Part], i64),
        balance: i64,
        moved: &mut Vec<Part>,
    ) -> i64;

    /// Puts `minor` units that `movement` brought beside a `balance` before them, negative for a
    /// debt that they no longer have to repay; `parts` of them are traced.
    fn put(&mut self, account: u32, minor: i64, parts: &[Part], movement: u32, balance: i64);

    /// What the takings since the last call took from the lots of which movements; nothing where
    /// there are no lots, or nobody watches them.
    fn taken_from(&mut self) -> Vec<(u32, Part)> {
        Vec::new()
    }

    /// What of the account's balance is traced, by label.
    fn traced(&self, account: u32) -> &[Part];

    /// As [`super::walk::Pass::look_at`].
    fn look_at(&self, account: u32) -> u64 {
        self.traced(account).first().map_or(0, |(label, _)| u64::from(*label))
    }
}
