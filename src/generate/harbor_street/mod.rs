//! The invented case `harbor-street`: two banks, two carriers, a landlords' file, and what was
//! planted in them.
//!
//! The town is made block by block, and a block is all that is held in memory. The first block
//! holds the stories, one file each; every further block is background alone. What does not
//! depend on a draw (layouts, case file, the story in words) is copied from the fixture itself.

mod ambiguous;
mod businesses;
mod cards;
mod cast;
mod castellan;
mod damage;
mod households;
mod identifiers;
mod leases;
mod lookalikes;
mod merrow;
pub(in crate::generate) mod names;
mod numbers;
mod payroll_sweep;
mod phones;
mod returns;
mod ring;
mod truth;
mod world;

use std::path::Path;

use crate::generate::Params;
use crate::generate::draws::Draws;
use crate::generate::harbor_street::cast::Cast;
use crate::generate::harbor_street::households::Household;
use crate::generate::harbor_street::returns::Returns;
use crate::generate::harbor_street::world::{End, Story, World};
use crate::store::Staging;
use crate::{Error, Result};

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("../../../fixtures/cases/harbor-street/", $name))
    };
}

/// Payments a block of background makes, at least.
const PAYMENTS_A_BLOCK: u64 = 3_600;

/// Files that are the same whatever the draws: name and content.
const WRITTEN_BY_HAND: [(&str, &str); 13] = [
    ("case.toml", fixture!("case.toml")),
    ("README.md", fixture!("README.md")),
    ("layouts/merrow-statement.toml", fixture!("layouts/merrow-statement.toml")),
    ("layouts/merrow-cards.toml", fixture!("layouts/merrow-cards.toml")),
    ("layouts/castellan-sent.toml", fixture!("layouts/castellan-sent.toml")),
    ("layouts/castellan-received.toml", fixture!("layouts/castellan-received.toml")),
    ("layouts/castellan-activity.toml", fixture!("layouts/castellan-activity.toml")),
    ("layouts/castellan-customers.toml", fixture!("layouts/castellan-customers.toml")),
    ("layouts/bayline-calls.toml", fixture!("layouts/bayline-calls.toml")),
    ("layouts/bayline-subscribers.toml", fixture!("layouts/bayline-subscribers.toml")),
    ("layouts/kestrel-events.toml", fixture!("layouts/kestrel-events.toml")),
    ("layouts/kestrel-subscribers.toml", fixture!("layouts/kestrel-subscribers.toml")),
    ("layouts/leases.toml", fixture!("layouts/leases.toml")),
];

/// Writes the whole case folder `out`: returns, layouts, case file, story and `truth.toml`.
///
/// The folder appears whole or not at all. Memory holds one block; time grows with `scale`.
///
/// # Errors
///
/// [`Error::File`] if `out` exists and is not empty; [`Error::Io`] if the disk refuses.
pub fn harbor_street(params: &Params, out: &Path) -> Result<()> {
    let staging = Staging::create(out)?;
    let root = staging.path();
    let mut returns = Returns::new(root);
    let rows = params.rows.unwrap_or(0);
    let blocks = u64::from(params.scale).max(rows.div_ceil(PAYMENTS_A_BLOCK));
    let mut told = None;
    for block in 0..blocks {
        let streams = Streams { seed: params.seed, block };
        returns.adding_up = block == 0;
        let (world, cast) = town(&streams);
        write(&world, &streams, &mut returns)?;
        if let Some(cast) = cast {
            told = Some(truth::Planted::tell(&world, &cast, &returns));
        }
    }
    returns.finish()?;
    let told = told.expect("the first block holds the stories");
    put(root, "truth.toml", &told.text((params.seed, blocks), &returns))?;
    for (name, text) in WRITTEN_BY_HAND {
        put(root, name, text)?;
    }
    staging.publish()
}

/// A stream of draws for each part of each block, so that one part never shifts another.
struct Streams {
    seed: u64,
    block: u64,
}

impl Streams {
    fn part(&self, part: u64) -> Draws {
        assert!(part < 16, "a block has sixteen streams");
        Draws::new(self.seed, self.block * 16 + part)
    }
}

/// One block, and who plays in its stories if it has any.
fn town(streams: &Streams) -> (World, Option<Cast>) {
    let block = u32::try_from(streams.block).expect("rows beyond 2^32 blocks were never asked for");
    let mut world = World::new(block);
    let cast = (block == 0).then(|| cast::gather(&mut world, &mut streams.part(0)));
    let households = households::settle(&mut world, &mut streams.part(1));
    let firms = businesses::open(&mut world, &mut streams.part(2));
    households::live(&mut world, &households, &mut streams.part(3));
    businesses::trade(&mut world, &firms, &mut streams.part(4));
    let mut draws = streams.part(5);
    match &cast {
        Some(cast) => {
            lookalikes::payroll_company(&mut world, cast, &households, &firms, &mut draws);
            lookalikes::property_manager(&mut world, cast, &households, &mut draws);
            leases::plant(&mut world, cast, &mut streams.part(8));
            ring::plant(&mut world, cast, &mut streams.part(6));
            payroll_sweep::plant(&mut world, cast, &mut streams.part(7));
            leases::firms(&mut world, &firms, cast.landlord, &mut streams.part(9));
            ambiguous::plant(&mut world, cast, &mut streams.part(10));
            identifiers::plant(&mut world, cast, &mut streams.part(11));
            damage::plant(&mut world, cast);
            phones::plant(&mut world, cast, &mut streams.part(12));
            employ(&mut world, &households[lookalikes::PAID_HERE..], &firms, &mut draws);
        }
        None => {
            employ(&mut world, &households, &firms, &mut draws);
            let landlord = firms[0];
            let name = world.parties[world.owner(landlord)].name.clone();
            for household in &households {
                let payee = (landlord, &name[..]);
                households::rent(&mut world, household, payee, Story::Background, &mut draws);
            }
        }
    }
    phones::chat(&mut world, cast.as_ref(), &mut streams.part(13));
    (world, cast)
}

/// Wages of those whom no payroll company pays: half from firms of the block.
fn employ(world: &mut World, households: &[Household], firms: &[usize], draws: &mut Draws) {
    for (at, household) in households.iter().enumerate() {
        let payer = match at % 2 {
            0 => End::Held(*draws.pick(firms)),
            _ => households::outside_employer(draws),
        };
        let first = 4 + 7 * (at % 2) as u16;
        households::wages(world, &payer, household.account, Story::Background, first, draws);
    }
}

fn write(world: &World, streams: &Streams, returns: &mut Returns) -> Result<()> {
    returns.legs = vec![[None, None]; world.payments.len()];
    merrow::write(world, returns, &mut streams.part(14))?;
    castellan::write(world, returns)?;
    cards::write(world, returns)?;
    phones::write(world, returns)?;
    leases::write(world, returns)
}

fn put(root: &Path, name: &str, text: &str) -> Result<()> {
    let path = root.join(name);
    let folder = path.parent().unwrap_or(root);
    std::fs::create_dir_all(folder).map_err(|source| Error::io(folder, source))?;
    std::fs::write(&path, text).map_err(|source| Error::io(&path, source))
}
