//! Planted: one amount and one date that cannot be read, and one statement row that is absent
//! although the balance moved.

use crate::generate::calendar::day_of;
use crate::generate::harbor_street::cast::Cast;
use crate::generate::harbor_street::world::{Bank, End, Payment, Story, Way, World};

/// Marks three payments of the block; the writers do the damage.
pub fn plant(world: &mut World, cast: &Cast) {
    let spring = day_of(3, 2)..day_of(3, 28);
    let castellan = |world: &World, end: &End| world.bank(end) == Some(Bank::Castellan);
    mark(world, Story::DamagedAmount, |world, payment| {
        payment.way == Way::Card && castellan(world, &payment.from)
    });
    mark(world, Story::DamagedDate, |world, payment| {
        payment.way == Way::P2p
            && castellan(world, &payment.to)
            && world.bank(&payment.from) == Some(Bank::Merrow)
    });
    // Only the shop's own statement shows the cash, so nothing else contradicts the gap.
    let shop = cast.storefronts[1].account;
    mark(world, Story::Missing, |_, payment| {
        payment.way == Way::Cash
            && matches!(payment.to, End::Held(account) if account == shop)
            && spring.contains(&payment.sent)
    });
}

fn mark(world: &mut World, story: Story, fits: impl Fn(&World, &Payment) -> bool) {
    let row = world
        .payments
        .iter()
        .position(|payment| payment.story == Story::Background && fits(world, payment))
        .expect("the first block has a payment of every ordinary kind");
    world.payments[row].story = story;
}
