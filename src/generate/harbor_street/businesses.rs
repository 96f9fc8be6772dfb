//! Background firms: card takings in; stock, rent and fees out; wages to some households.

use crate::generate::calendar::{DAYS, MONTHS, day_of};
use crate::generate::draws::Draws;
use crate::generate::harbor_street::names::{BUSINESSES, STREETS};
use crate::generate::harbor_street::world::{Bank, End, Holding, Paying, Way, World};

/// Opens the firms of a block and returns their accounts.
pub fn open(world: &mut World, draws: &mut Draws) -> Vec<usize> {
    let mut accounts = Vec::new();
    for (at, name) in BUSINESSES.iter().enumerate() {
        let address =
            format!("{} {}, Eastmarsh", 300 + 2 * at + 30 * world.block as usize, STREETS[at]);
        let name = match world.block {
            0 => (*name).to_owned(),
            block => format!("{name} {block}"),
        };
        let firm = world.party(&name, None, &address);
        world.phone(Some(firm), draws);
        let home = world.home();
        let signer = world.person(&home, draws);
        let bank = if draws.chance(50) { Bank::Merrow } else { Bank::Castellan };
        let holders = vec![Holding::plain(firm, "owner"), Holding::plain(signer, "signer")];
        accounts.push(world.account(bank, false, holders));
    }
    accounts
}

/// Six months of trade.
pub fn trade(world: &mut World, firms: &[usize], draws: &mut Draws) {
    for &firm in firms {
        let me = End::Held(firm);
        let usual = draws.between(180_000, 720_000);
        let mut day = draws.below(5) as u16;
        while day < DAYS {
            let takings = usual + draws.between(-60_000, 90_000);
            let payer = End::named("Cardnet Settlement");
            world
                .pay(Paying::new(day, payer, me.clone(), takings, Way::Ach, "CARD TAKINGS"), draws);
            day += 7;
        }
        for month in 0..MONTHS {
            let day = day_of(month, draws.between(3, 26) as u8);
            let minor = draws.between(60_000, 410_000);
            let supplier = supplier(world, firms, firm, draws);
            world.pay(Paying::new(day, me.clone(), supplier, minor, Way::Wire, "INVOICE"), draws);
            let minor = draws.between(20_000, 90_000);
            let payee = End::named("State Revenue Office");
            let day = day_of(month, 15);
            world.pay(Paying::new(day, me.clone(), payee, minor, Way::Ach, "SALES TAX"), draws);
            // A cheque names its payee on paper only.
            let minor = draws.between(9_000, 70_000);
            let day = day_of(month, draws.between(5, 25) as u8);
            let unstated = End::named("");
            world.pay(Paying::new(day, me.clone(), unstated, minor, Way::Cheque, "CHECK"), draws);
            let fee = End::named("Service fee");
            let day = day_of(month, 28);
            world.pay(Paying::new(day, me.clone(), fee, 1_500, Way::Fee, "MONTHLY FEE"), draws);
        }
    }
}

/// A firm of the block at the other bank, or one whose bank produced nothing.
fn supplier(world: &World, firms: &[usize], firm: usize, draws: &mut Draws) -> End {
    let other = firms[draws.below(firms.len())];
    if world.accounts[other].bank != world.accounts[firm].bank {
        return End::Held(other);
    }
    let number = draws.between(1, 9);
    let account = format!("88120{number:04}");
    End::Outside(
        format!("Wholesale Depot {number} Inc"),
        Some(("Pelican Bay Credit Union", account)),
    )
}
