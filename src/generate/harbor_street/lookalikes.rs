//! Planted: a property manager and a payroll company. Both pass most of what they receive on
//! within days, to many, and nothing is wrong with either.

use std::collections::BTreeMap;

use crate::generate::calendar::{DAYS, Day, MONTHS, banking_day, day_of};
use crate::generate::draws::Draws;
use crate::generate::harbor_street::cast::Cast;
use crate::generate::harbor_street::households::{self, Household, RENTING};
use crate::generate::harbor_street::names;
use crate::generate::harbor_street::world::{End, Paying, Story, Way, World};

/// So many of the renting households rent through the manager.
const MANAGED: usize = 32;
/// So many households are paid by the payroll company.
pub const PAID_HERE: usize = 30;
/// So many of its payees bank elsewhere.
const PAID_ELSEWHERE: usize = 72;

/// Rents collected and passed on, less a fee of eight percent.
pub fn property_manager(
    world: &mut World,
    cast: &Cast,
    households: &[Household],
    draws: &mut Draws,
) {
    let manager = cast.property_manager.account;
    let mut owed = vec![0_i64; cast.owners.len()];
    for (at, household) in households.iter().take(RENTING).enumerate() {
        if at < MANAGED {
            let owner = at % cast.owners.len();
            let name = world.parties[cast.property_manager.party].name.clone();
            households::rent(world, household, (manager, &name), Story::ManagedRent, draws);
            owed[owner] += household.rent_minor.unwrap_or(0);
        } else {
            let name = world.parties[cast.landlord.party].name.clone();
            let landlord = (cast.landlord.account, &name[..]);
            households::rent(world, household, landlord, Story::Background, draws);
        }
    }
    for month in 0..MONTHS {
        for (owner, owed) in cast.owners.iter().zip(&owed) {
            let day = day_of(month, 9);
            let repairs = draws.between(0, 9_999);
            let ends = (End::Held(manager), End::Held(owner.account));
            let minor = owed * 92 / 100 - repairs;
            let paying = Paying::new(day, ends.0, ends.1, minor, Way::Ach, "OWNER DISTRIBUTION");
            world.pay(paying.planted(Story::OwnerShare), draws);
        }
    }
}

/// Wages of five firms, paid on their behalf; the firms fund each payday the day before.
pub fn payroll_company(
    world: &mut World,
    cast: &Cast,
    households: &[Household],
    firms: &[usize],
    draws: &mut Draws,
) {
    let company = End::Held(cast.payroll_company.account);
    for (at, household) in households.iter().take(PAID_HERE).enumerate() {
        let first = 4 + 7 * (at % 2) as Day;
        households::wages(world, &company, household.account, Story::Payroll, first, draws);
    }
    for at in 0..PAID_ELSEWHERE {
        // Names from the far end of the list belong to no one else of the town.
        let name = names::person(9_000 + at);
        let account = Some(("Pelican Bay Credit Union", format!("88210{at:03}")));
        let base = draws.between(180_000, 420_000);
        for month in 0..MONTHS {
            let day = day_of(month, 26);
            let minor = base + draws.between(0, 9_900);
            let to = End::Outside(name.clone(), account.clone());
            let paying = Paying::new(day, company.clone(), to, minor, Way::Ach, "PAYROLL");
            world.pay(paying.planted(Story::Payroll), draws);
        }
    }
    let mut paydays: BTreeMap<Day, i64> = BTreeMap::new();
    for payment in world.payments.iter().filter(|payment| payment.story == Story::Payroll) {
        *paydays.entry(payment.sent).or_default() += payment.minor;
    }
    for (payday, wages) in paydays {
        for (at, &firm) in firms.iter().take(5).enumerate() {
            let share = wages / 5 + 1_100 + 100 * at as i64;
            let day = banking_day(payday.saturating_sub(2));
            let ends = (End::Held(firm), company.clone());
            let paying = Paying::new(day, ends.0, ends.1, share, Way::Wire, "PAYROLL FUNDING");
            world.pay(paying.planted(Story::PayrollFunding), draws);
        }
    }
    // A firm with a payroll of this size takes in more than a shop does.
    for &firm in firms.iter().take(5) {
        for day in (2..DAYS).step_by(7) {
            let minor = draws.between(1_400_000, 2_600_000);
            let from = End::named("Freight Exchange Clearing");
            let to = End::Held(firm);
            world.pay(Paying::new(day, from, to, minor, Way::Ach, "CONTRACTS"), draws);
        }
    }
}
