//! Leases: what the stories add to the households' own, and the landlords' file.

use crate::Result;
use crate::generate::calendar::{MONTHS, day_of};
use crate::generate::draws::Draws;
use crate::generate::harbor_street::cast::{Cast, Player, WORKER_HOMES};
use crate::generate::harbor_street::returns::{PLAIN, Returns};
use crate::generate::harbor_street::world::{Bank, End, Lease, Paying, Way, World};
use crate::model::Amount;

const COLUMNS: [&str; 11] = [
    "Lease",
    "Premises",
    "Tenants",
    "Landlord",
    "Guarantors",
    "Monthly Rent",
    "Deposit",
    "Start",
    "End",
    "Bedrooms",
    "Rent Paid From",
];

/// Planted: the facilitator guarantees four shops and is tenant of three apartments that the
/// workers live in; rent of all seven leaves her account.
pub fn plant(world: &mut World, cast: &Cast, draws: &mut Draws) {
    let hers = &world.accounts[cast.facilitator.account];
    let paid_from = format!("{}/{}", Bank::Merrow.name(), hers.number);
    let facilitator = world.parties[cast.facilitator.party].name.clone();
    let employer = world.parties[cast.employer.party].name.clone();
    let landlord = world.parties[cast.landlord.party].name.clone();
    for (at, shop) in cast.storefronts.iter().enumerate() {
        let guaranteed = at < 4;
        let party = &world.parties[shop.party];
        let lease = Lease {
            premises: party.address.clone(),
            tenants: vec![party.name.clone()],
            landlord: landlord.clone(),
            guarantors: if guaranteed { vec![facilitator.clone()] } else { Vec::new() },
            rent_minor: draws.between(21_000, 34_000) * 10,
            start: format!("2023-{:02}-01", 3 + at),
            end: "2026-02-28".to_owned(),
            paid_from: if guaranteed { paid_from.clone() } else { String::new() },
            ..Lease::default()
        };
        let payer = if guaranteed { cast.facilitator } else { *shop };
        sign(world, lease, payer, cast.landlord, draws);
    }
    for home in WORKER_HOMES {
        let lease = Lease {
            premises: home.to_owned(),
            tenants: vec![facilitator.clone()],
            landlord: landlord.clone(),
            guarantors: vec![employer.clone()],
            rent_minor: draws.between(13_000, 17_000) * 10,
            start: "2023-09-01".to_owned(),
            end: "2024-08-31".to_owned(),
            bedrooms: 2,
            paid_from: paid_from.clone(),
            ..Lease::default()
        };
        sign(world, lease, cast.facilitator, cast.landlord, draws);
    }
}

/// Leases of firms, paid by wire to the landlord.
pub fn firms(world: &mut World, firms: &[usize], landlord: Player, draws: &mut Draws) {
    let name = world.parties[landlord.party].name.clone();
    for &account in firms.iter().take(8) {
        let party = world.owner(account);
        let signer = world.parties[world.accounts[account].holders[1].party].name.clone();
        let lease = Lease {
            premises: world.parties[party].address.clone(),
            tenants: vec![world.parties[party].name.clone()],
            landlord: name.clone(),
            guarantors: vec![signer],
            rent_minor: draws.between(18_000, 40_000) * 10,
            start: format!("202{}-{:02}-01", draws.between(1, 3), draws.between(1, 12)),
            end: format!("202{}-12-31", draws.between(4, 8)),
            ..Lease::default()
        };
        sign(world, lease, Player { party, account }, landlord, draws);
    }
}

fn sign(world: &mut World, lease: Lease, payer: Player, landlord: Player, draws: &mut Draws) {
    for month in 0..MONTHS {
        let day = day_of(month, draws.between(1, 4) as u8);
        let ends = (End::Held(payer.account), End::Held(landlord.account));
        world.pay(Paying::new(day, ends.0, ends.1, lease.rent_minor, Way::Ach, "RENT"), draws);
    }
    world.leases.push(Lease { deposit_minor: lease.rent_minor * 2, ..lease });
}

/// Writes the block's leases.
///
/// # Errors
///
/// Whatever the disk refuses.
pub fn write(world: &World, returns: &mut Returns) -> Result<()> {
    for (at, lease) in world.leases.iter().enumerate() {
        let sheet = returns.sheet("leases/leases.csv", PLAIN, |sheet| sheet.header(&COLUMNS))?;
        let bedrooms = lease.bedrooms.to_string();
        sheet.row(&[
            &format!("L-{}{:03}", world.block, at + 1)[..],
            &lease.premises,
            &lease.tenants.join("; "),
            &lease.landlord,
            &lease.guarantors.join("; "),
            &Amount::grouped(lease.rent_minor, 2),
            &Amount::grouped(lease.deposit_minor, 2),
            &lease.start,
            &lease.end,
            if lease.bedrooms == 0 { "" } else { &bedrooms },
            &lease.paid_from,
        ])?;
    }
    Ok(())
}
