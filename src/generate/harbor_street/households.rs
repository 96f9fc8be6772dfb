//! Background households: wages in; rent, utilities, groceries, cash and small favours out.

use crate::generate::calendar::{DAYS, Day, MONTHS, day_of};
use crate::generate::draws::Draws;
use crate::generate::harbor_street::names::{OUTSIDE_EMPLOYERS, SHOPS};
use crate::generate::harbor_street::world::{Bank, End, Holding, Lease, Paying, Story, Way, World};

/// A household and its account.
pub struct Household {
    /// Row of `World::accounts`.
    pub account: usize,
    /// Cents of rent a month, for those who rent.
    pub rent_minor: Option<i64>,
}

/// Households of a block.
pub const HOUSEHOLDS: usize = 56;
/// The first so many of them rent.
pub const RENTING: usize = 44;

/// Settles the households: people, homes, accounts, phones.
pub fn settle(world: &mut World, draws: &mut Draws) -> Vec<Household> {
    let mut households = Vec::new();
    for at in 0..HOUSEHOLDS {
        let home = world.home();
        let first = world.person(&home, draws);
        world.phone(Some(first), draws);
        // Further blocks have none, so that the truth can list every such record.
        if draws.chance(8)
            && world.block == 0
            && let Some(phone) = world.parties[first].phone
        {
            world.phones[phone].subscriber = None;
        }
        let mut holders = vec![Holding::plain(first, "owner")];
        if draws.chance(30) {
            let second = world.person(&home, draws);
            world.parties[second].phone = world.parties[first].phone;
            holders.push(Holding::plain(second, "joint"));
        }
        let bank = if draws.chance(55) { Bank::Merrow } else { Bank::Castellan };
        let account = world.account(bank, true, holders);
        let rent_minor = (at < RENTING).then(|| draws.between(9_000, 21_000) * 10);
        households.push(Household { account, rent_minor });
    }
    households
}

/// Six months of a household's life but for wages and rent.
pub fn live(world: &mut World, households: &[Household], draws: &mut Draws) {
    for at in 0..households.len() {
        let own = households[at].account;
        let me = End::Held(own);
        for month in 0..MONTHS {
            utilities(world, own, month, draws);
            for _ in 0..draws.between(2, 4) {
                let day = day_of(month, draws.between(1, 28) as u8);
                let shop = format!("{} #{:04}", draws.pick(&SHOPS), draws.between(100, 140));
                let minor = draws.between(640, 21_999);
                world.pay(
                    Paying::new(day, me.clone(), End::named(shop), minor, Way::Card, "PURCHASE"),
                    draws,
                );
            }
            let day = day_of(month, draws.between(2, 27) as u8);
            let minor = draws.between(2, 15) * 2_000;
            let machine = format!("ATM {:04} EASTMARSH", draws.between(31, 49));
            world.pay(
                Paying::new(day, me.clone(), End::named(machine), minor, Way::Cash, "WITHDRAWAL"),
                draws,
            );
            if draws.chance(50) {
                favour(world, households, at, month, draws);
            }
        }
    }
}

fn utilities(world: &mut World, own: usize, month: u8, draws: &mut Draws) {
    let me = End::Held(own);
    let of_month = 8 + (own % 9) as u8;
    let power = draws.between(4_100, 18_900);
    let payee = End::named("Eastmarsh Light & Water");
    world.pay(
        Paying::new(day_of(month, of_month), me.clone(), payee, power, Way::Ach, "UTILITY"),
        draws,
    );
    let payee = End::named("Saltpan Broadband");
    let bill = 4_500 + 500 * (own % 7) as i64;
    world.pay(
        Paying::new(day_of(month, of_month + 6), me, payee, bill, Way::Ach, "INTERNET"),
        draws,
    );
}

/// A small payment to a neighbour at the other bank. Between two statements of one bulk file the
/// two legs would stand in one source, which no bank's return does.
fn favour(world: &mut World, households: &[Household], at: usize, month: u8, draws: &mut Draws) {
    let own = households[at].account;
    let other = households[draws.below(households.len())].account;
    if world.accounts[own].bank == world.accounts[other].bank {
        return;
    }
    let day = day_of(month, draws.between(1, 28) as u8);
    let minor = draws.between(1_001, 18_999);
    let note = *draws.pick(&[
        "dinner",
        "gas",
        "babysitting",
        "thanks",
        "\"Moonlight\" tickets",
        "groceries\nand the bus",
    ]);
    let paying = Paying::new(day, End::Held(own), End::Held(other), minor, Way::P2p, note);
    world.pay(paying, draws);
}

/// Wages every other Friday, the same but for overtime.
pub fn wages(
    world: &mut World,
    payer: &End,
    account: usize,
    story: Story,
    first: Day,
    draws: &mut Draws,
) {
    let base = draws.between(98_000, 262_000);
    let mut day = first;
    while day < DAYS {
        let minor = base + draws.between(0, 9_900);
        let paying =
            Paying::new(day, payer.clone(), End::Held(account), minor, Way::Ach, "PAYROLL");
        world.pay(paying.planted(story), draws);
        day += 14;
    }
}

/// An employer whose own bank produced nothing.
pub fn outside_employer(draws: &mut Draws) -> End {
    End::named(*draws.pick(&OUTSIDE_EMPLOYERS))
}

/// Rent on the first days of each month, and the lease behind it.
pub fn rent(
    world: &mut World,
    household: &Household,
    (payee, landlord): (usize, &str),
    story: Story,
    draws: &mut Draws,
) {
    let Some(rent_minor) = household.rent_minor else { return };
    for month in 0..MONTHS {
        let day = day_of(month, draws.between(1, 5) as u8);
        let ends = (End::Held(household.account), End::Held(payee));
        let paying = Paying::new(day, ends.0, ends.1, rent_minor, Way::Ach, "RENT");
        world.pay(paying.planted(story), draws);
    }
    let holders = &world.accounts[household.account].holders;
    let tenants = holders.iter().map(|held| world.parties[held.party].name.clone()).collect();
    let premises = world.parties[world.owner(household.account)].address.clone();
    world.leases.push(Lease {
        premises,
        tenants,
        landlord: landlord.to_owned(),
        rent_minor,
        deposit_minor: rent_minor,
        start: format!("2023-{:02}-01", draws.between(1, 12)),
        end: format!("2024-{:02}-30", draws.between(7, 12).min(11)),
        bedrooms: draws.between(1, 3) as u8,
        ..Lease::default()
    });
}
