//! Planted: identifiers that stand on many cards and join no one: a phone of zeros, an address
//! `N/A`, an e-mail `unknown`, and the phone of the bank's own branch.

use crate::generate::draws::Draws;
use crate::generate::harbor_street::cast::Cast;
use crate::generate::harbor_street::world::{Bank, World};

/// The phone of zeros, as the cards have it.
pub const NO_PHONE: &str = "0000000000";
/// The address that is none.
pub const NO_ADDRESS: &str = "N/A";
/// The e-mail that is none.
pub const NO_EMAIL: &str = "unknown";

/// How many cards show the branch's phone: more than the default bound on sharing parties.
const BRANCH_CARDS: usize = 32;

/// Overwrites particulars on cards of people with nothing else in common.
pub fn plant(world: &mut World, cast: &Cast, draws: &mut Draws) {
    let branch = world.phones[cast.branch_phone].digits.clone();
    let planted: Vec<usize> = cast
        .storefronts
        .iter()
        .chain(&cast.workers)
        .chain([&cast.facilitator, &cast.controller, &cast.holding, &cast.employer])
        .map(|player| player.account)
        .collect();
    let mut cards: Vec<(usize, usize)> = (0..world.accounts.len())
        .filter(|account| !planted.contains(account))
        .flat_map(|account| {
            (0..world.accounts[account].holders.len()).map(move |held| (account, held))
        })
        .collect();
    draws.shuffle(&mut cards);
    let (merrow, castellan): (Vec<_>, Vec<_>) =
        cards.iter().partition(|(account, _)| world.accounts[*account].bank == Bank::Merrow);
    for &(account, held) in merrow.iter().take(BRANCH_CARDS) {
        world.accounts[account].holders[held].phone = Some(branch.clone());
    }
    for &(account, held) in castellan.iter().take(15) {
        world.accounts[account].holders[held].phone = Some(NO_PHONE.to_owned());
    }
    for &(account, held) in merrow.iter().skip(10).take(6).chain(castellan.iter().skip(10).take(6))
    {
        world.accounts[account].holders[held].address = Some(NO_ADDRESS);
    }
    // Two of the ring's cards share the missing e-mail with eighteen strangers.
    let ring = cast.storefronts.iter().take(2).map(|shop| (shop.account, 1));
    for (account, held) in cards.iter().copied().take(18).chain(ring) {
        world.accounts[account].holders[held].email = Some(NO_EMAIL);
    }
}
