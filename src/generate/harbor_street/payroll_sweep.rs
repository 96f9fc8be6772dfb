//! Planted: a cleaning company pays wages to eight workers, and most of each wage is back with
//! the company or its controller within two days.

use crate::generate::calendar::{DAYS, Day, MONTHS, day_of};
use crate::generate::draws::Draws;
use crate::generate::harbor_street::cast::Cast;
use crate::generate::harbor_street::names::SHOPS;
use crate::generate::harbor_street::world::{End, Paying, Story, Way, World};

/// Wages every other Friday, and what becomes of them.
pub fn plant(world: &mut World, cast: &Cast, draws: &mut Draws) {
    let employer = End::Held(cast.employer.account);
    for (at, worker) in cast.workers.iter().enumerate() {
        let mut friday = 4;
        while friday + 4 < DAYS {
            let minor = draws.between(88_000, 121_000);
            let me = End::Held(worker.account);
            let paying =
                Paying::new(friday, employer.clone(), me.clone(), minor, Way::Ach, "WAGES");
            let wage = world.pay(paying.planted(Story::Wage), draws);
            let day = world.payments[wage].received + draws.between(1, 2) as Day;
            let back = minor * draws.between(86, 95) / 100;
            let to =
                if at % 4 == 3 { employer.clone() } else { End::Held(cast.controller.account) };
            let paying = Paying::new(day, me, to, back, Way::P2p, "housing and transport");
            world.pay(paying.planted(Story::SweptBack), draws);
            friday += 14;
        }
        for month in 0..MONTHS {
            let shop = format!("{} #{:04}", draws.pick(&SHOPS), draws.between(100, 140));
            let day = day_of(month, draws.between(10, 27) as u8);
            let minor = draws.between(900, 4_900);
            let me = End::Held(worker.account);
            world.pay(Paying::new(day, me, End::named(shop), minor, Way::Card, "PURCHASE"), draws);
        }
    }
    custom(world, cast, draws);
}

/// The company's customers: the storefronts, and a hotel that pays by card settlement.
fn custom(world: &mut World, cast: &Cast, draws: &mut Draws) {
    for month in 0..MONTHS {
        for shop in &cast.storefronts {
            let day = day_of(month, draws.between(4, 24) as u8);
            let minor = draws.between(90_000, 160_000);
            let ends = (End::Held(shop.account), End::Held(cast.employer.account));
            let within = world.bank(&ends.0) == world.bank(&ends.1);
            let way = if within { Way::Book } else { Way::Ach };
            world.pay(Paying::new(day, ends.0, ends.1, minor, way, "CLEANING"), draws);
        }
        let day = day_of(month, 9);
        let minor = draws.between(1_100_000, 1_500_000);
        let to = End::Held(cast.employer.account);
        let hotel = End::named("Breakwater Grand Hotel");
        world.pay(Paying::new(day, hotel, to, minor, Way::Ach, "CONTRACT"), draws);
    }
}
