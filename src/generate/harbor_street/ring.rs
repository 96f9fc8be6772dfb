//! Planted: five storefronts that pay each other in a ring, and the facilitator through whose
//! account their money leaves.

use crate::generate::calendar::{DAYS, Day, MONTHS, banking_day, day_of, is_weekend};
use crate::generate::draws::Draws;
use crate::generate::harbor_street::cast::Cast;
use crate::generate::harbor_street::world::{End, Paying, Story, Way, World};

/// Days after the start of a round on which each storefront pays the next: Mondays and
/// Thursdays, so that the money has arrived before it goes on.
const HOPS: [Day; 5] = [0, 3, 7, 10, 14];

/// Rounds, takings and what leaves through the facilitator.
pub fn plant(world: &mut World, cast: &Cast, draws: &mut Draws) {
    takings(world, cast, draws);
    let mut start = 0;
    while start + HOPS[4] + 2 < DAYS {
        let mut minor = draws.between(410_000, 690_000);
        for (at, hop) in HOPS.into_iter().enumerate() {
            let from = End::Held(cast.storefronts[at].account);
            let to = End::Held(cast.storefronts[(at + 1) % 5].account);
            let note = *draws.pick(&["CONSULTING", "SUPPLIES", "LOAN REPAYMENT", "SERVICES"]);
            let way = if at % 2 == 0 { Way::Wire } else { Way::Ach };
            let paying = Paying::new(start + hop, from, to, minor, way, note);
            world.pay(paying.planted(Story::Ring), draws);
            minor -= minor * draws.between(1, 3) / 100 + draws.between(0, 99);
        }
        start += 14;
    }
    pass_through(world, cast, draws);
    holding_out(world, cast, draws);
}

/// Cash over the counter, mostly just below the amount a bank reports.
fn takings(world: &mut World, cast: &Cast, draws: &mut Draws) {
    for shop in &cast.storefronts {
        let mut day = draws.below(3) as Day;
        while day < DAYS {
            let minor = if draws.chance(35) {
                draws.between(9_000, 9_900) * 100
            } else {
                draws.between(1_200, 4_800) * 100
            };
            let till = End::named("COUNTER 2 EASTMARSH");
            let shop = End::Held(shop.account);
            let day_open = banking_day(day);
            world.pay(Paying::new(day_open, till, shop, minor, Way::Cash, "DEPOSIT"), draws);
            day += draws.between(3, 4) as Day;
        }
        for month in 0..MONTHS {
            let minor = draws.between(11_000, 48_000);
            let payee = End::named("Eastmarsh Light & Water");
            let shop = End::Held(shop.account);
            let day = day_of(month, 12);
            world.pay(Paying::new(day, shop, payee, minor, Way::Ach, "UTILITY"), draws);
        }
    }
}

/// Three storefronts pay the facilitator each week; most of it leaves within three days.
fn pass_through(world: &mut World, cast: &Cast, draws: &mut Draws) {
    let hers = End::Held(cast.facilitator.account);
    // The rents she pays for others come out of the same money; without them set aside the
    // account would have to begin the year with a fortune.
    let rents_a_week = world
        .payments
        .iter()
        .filter(|payment| payment.memo == "RENT")
        .filter(|payment| matches!(payment.from, End::Held(row) if row == cast.facilitator.account))
        .map(|payment| payment.minor)
        .sum::<i64>()
        / 25;
    let mut week = 0;
    while week + 9 < DAYS {
        let mut sum = 0;
        let mut arrived = 0;
        for at in [0, 2, 4] {
            let minor = draws.between(310_000, 560_000);
            let from = End::Held(cast.storefronts[at].account);
            let paying =
                Paying::new(week + 1, from, hers.clone(), minor, Way::Ach, "MANAGEMENT FEE");
            let row = world.pay(paying.planted(Story::PassIn), draws);
            sum += minor;
            arrived = arrived.max(world.payments[row].received);
        }
        let kept = sum * draws.between(4, 9) / 100 + rents_a_week;
        let abroad = (sum - kept) * draws.between(25, 40) / 100;
        let pelican = ("Pelican Bay Credit Union", "88130417".to_owned());
        let away = End::Outside("D Vance Marine".to_owned(), Some(pelican));
        let to_holding = End::Held(cast.holding.account);
        for (to, minor) in [(to_holding, sum - kept - abroad), (away, abroad)] {
            let mut day = arrived + draws.between(1, 3) as Day;
            while is_weekend(day) {
                day -= 1;
            }
            let day = day.max(arrived);
            let paying = Paying::new(day, hers.clone(), to, minor, Way::Wire, "INVESTMENT");
            world.pay(paying.planted(Story::PassOut), draws);
        }
        week += 7;
    }
}

/// What the holding company does with it.
fn holding_out(world: &mut World, cast: &Cast, draws: &mut Draws) {
    for month in 0..MONTHS {
        for _ in 0..2 {
            let day = day_of(month, draws.between(10, 27) as u8);
            let minor = draws.between(1_300_000, 1_900_000);
            let to = End::Outside(
                "Halcyon Boatyard Escrow".to_owned(),
                Some(("Pelican Bay Credit Union", "88130552".to_owned())),
            );
            let from = End::Held(cast.holding.account);
            world.pay(Paying::new(day, from, to, minor, Way::Wire, "VESSEL INSTALMENT"), draws);
        }
    }
}
