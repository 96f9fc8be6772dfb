//! Synthetic returns with planted truth, of any size, from a seed.
//!
//! Answers what a test and a benchmark ask first: does the engine find what is known to be
//! there, and leave alone what only looks like it? The same parameters give the same bytes on
//! every machine. Each invented case is a folder here; nothing in it is a real person, account
//! or phone. Reading the files back is `records`' work.

mod both_legs;
mod calendar;
mod draws;
mod harbor_street;
mod sheet;

use std::path::Path;

use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};

use crate::Result;

pub use both_legs::both_legs;
pub use harbor_street::harbor_street;

/// The invented cases.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum CaseName {
    /// Two banks, two carriers, leases; a ring of storefronts and a payroll that is swept back.
    #[default]
    HarborStreet,
    /// Three banks and a list of wires that tell of the same payments, and which those are.
    BothLegs,
}

/// Flags of `generate`. The defaults write the fixture of that name, byte for byte.
#[derive(Args, Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// Which invented case
    #[arg(long, value_enum, default_value_t = Params::default().case)]
    pub case: CaseName,
    /// Decides every draw; the same seed gives the same bytes.
    #[arg(long, value_name = "N", default_value_t = Params::default().seed)]
    pub seed: u64,
    /// Blocks of background: 1 is the fixture, each further one adds about 4,000 transfers of
    /// 56 households and 14 businesses. The planted stories stand once, in the first block, and
    /// `truth.toml` lists pairs and totals of that block only.
    #[arg(
        long,
        value_name = "N",
        default_value_t = Params::default().scale,
        value_parser = clap::value_parser!(u32).range(1..),
    )]
    pub scale: u32,
    /// Transfers wanted, at least: raises `scale` until the background yields them.
    #[arg(long, value_name = "N")]
    pub rows: Option<u64>,
    /// Far ends in a hundred that `both-legs` writes masked, cut short or not at all.
    #[arg(
        long,
        value_name = "PERCENT",
        default_value_t = Params::default().noise,
        value_parser = clap::value_parser!(u8).range(..=100),
    )]
    pub noise: u8,
}

impl Params {
    /// Writes the case folder `out`, which does not exist yet or is empty.
    ///
    /// # Errors
    ///
    /// [`Error::File`](crate::Error::File) if `out` holds anything that is not ours;
    /// [`Error::Io`](crate::Error::Io) if the disk refuses.
    pub fn write(&self, out: &Path) -> Result<()> {
        match self.case {
            CaseName::HarborStreet => harbor_street(self, out),
            CaseName::BothLegs => both_legs(self, out),
        }
    }
}

impl Default for Params {
    fn default() -> Params {
        Params { case: CaseName::HarborStreet, seed: 24_113, scale: 1, rows: None, noise: 40 }
    }
}
