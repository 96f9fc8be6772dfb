//! Planted: equal payments between the same accounts within days of each other, at both banks.
//! Which arrival belongs to which departure no record says; there are as many of either, so they
//! are paired in order of days, and the evidence says that there was a choice.

use crate::generate::calendar::{Day, day_of};
use crate::generate::draws::Draws;
use crate::generate::harbor_street::cast::Cast;
use crate::generate::harbor_street::world::{Bank, End, Paying, Story, Way, World};

/// Groups planted.
pub const GROUPS: u8 = 4;

/// Two equal payments on neighbouring days, in each group from one storefront owner's shop to
/// the landlord or from the employer to the holding company.
pub fn plant(world: &mut World, cast: &Cast, draws: &mut Draws) {
    let merrow: Vec<usize> = cast
        .storefronts
        .iter()
        .map(|shop| shop.account)
        .filter(|account| world.accounts[*account].bank == Bank::Merrow)
        .collect();
    let pairs = [
        (merrow[0], cast.landlord.account, 45_000),
        (merrow[1], cast.landlord.account, 60_000),
        (merrow[2], cast.holding.account, 125_000),
        (cast.employer.account, cast.holding.account, 200_000),
    ];
    for (group, (from, to, minor)) in (0..GROUPS).zip(pairs) {
        let first = tuesday(day_of(1 + group, 12));
        for day in [first, first + 1] {
            let ends = (End::Held(from), End::Held(to));
            let paying = Paying::new(day, ends.0, ends.1, minor, Way::P2p, "REPAIRS");
            world.pay(paying.planted(Story::Ambiguous(group)), draws);
        }
    }
}

fn tuesday(day: Day) -> Day {
    day - day % 7 + 1
}
