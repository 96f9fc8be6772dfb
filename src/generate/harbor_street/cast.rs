//! Who plays a part in the planted stories, and where their accounts stand.

use crate::generate::draws::Draws;
use crate::generate::harbor_street::world::{Bank, Holding, World};

/// A firm or person with the account that matters.
#[derive(Clone, Copy)]
pub struct Player {
    /// Row of `World::parties`.
    pub party: usize,
    /// Row of `World::accounts`.
    pub account: usize,
}

/// Everyone the stories name.
pub struct Cast {
    /// Signs leases for others; money passes through her account.
    pub facilitator: Player,
    /// Whose hands the money ends in.
    pub controller: Player,
    /// The controller's company.
    pub holding: Player,
    /// Five shops on Harbor Street.
    pub storefronts: Vec<Player>,
    /// Their owners on paper.
    pub nominees: Vec<usize>,
    /// Pays wages that come back.
    pub employer: Player,
    /// Eight who are paid and keep little of it.
    pub workers: Vec<Player>,
    /// Lets the apartments and shops.
    pub landlord: Player,
    /// Collects rent for owners: looks like a facilitator and is none.
    pub property_manager: Player,
    /// Whose flats the manager lets.
    pub owners: Vec<Player>,
    /// Pays the wages of other firms: looks like a facilitator and is none.
    pub payroll_company: Player,
    /// Row of `World::phones`: the bank's own.
    pub branch_phone: usize,
    /// The phone on many cards of the ring.
    pub shared_phone: usize,
    /// The controller's phone until mid-March, and the one after it.
    pub replaced_phone: (usize, usize),
}

/// Name, shop number, and bank of the five storefronts.
const STOREFRONTS: [(&str, u32, Bank); 5] = [
    ("Blue Heron Day Spa LLC", 101, Bank::Merrow),
    ("Seabright Nail Studio LLC", 117, Bank::Merrow),
    ("Driftwood Foot Care LLC", 129, Bank::Castellan),
    ("Lantern House Wellness LLC", 143, Bank::Merrow),
    ("Fern & Fable Bodywork LLC", 158, Bank::Castellan),
];

/// The owners on paper. One has a name that ASCII cannot write.
const NOMINEES: [&str; 5] =
    ["Tobias Renn", "Marisol Quade", "Zoë Thibault", "Perrin Lasko", "Odalys Grieve"];

/// The eight workers; the last one has a name that ASCII cannot write.
const WORKERS: [&str; 8] = [
    "Amaya Solis",
    "Belen Tarrow",
    "Calina Voss",
    "Dorota Minch",
    "Esther Okaro",
    "Florin Badea",
    "Galina Petrak",
    "Inés Caldera",
];

/// The apartments the workers live in, leased by the facilitator.
pub const WORKER_HOMES: [&str; 3] = [
    "9 Ropeyard Close, Apt 1, Eastmarsh",
    "9 Ropeyard Close, Apt 4, Eastmarsh",
    "22 Ropeyard Close, Apt 2, Eastmarsh",
];

/// Brings everyone of the stories to town.
pub fn gather(world: &mut World, draws: &mut Draws) -> Cast {
    // The first number is the branch's, before anyone else can be given it.
    let branch = world.party(Bank::Merrow.name(), None, "1 Customs Wharf, Eastmarsh");
    let branch_phone = phone(world, Some(branch), draws);
    let shared_phone = phone(world, None, draws);
    let facilitator_party =
        world.someone("Lena Ortiz", "31 Lantern Hill Road, Apt 2, Eastmarsh", draws);
    phone(world, Some(facilitator_party), draws);
    let facilitator = Player {
        party: facilitator_party,
        account: own_account(world, Bank::Merrow, true, facilitator_party),
    };
    let (controller, holding, replaced_phone) = controller(world, draws);
    let (storefronts, nominees) = storefronts(world, facilitator_party, draws);
    for at in [0, 1, 3] {
        world.parties[nominees[at]].phone = Some(shared_phone);
    }
    let employer = firm(
        world,
        ("Saltmarsh Cleaning Services LLC", "40 Copperas Lane, Eastmarsh"),
        "Corin Vale",
        Bank::Merrow,
        draws,
    );
    let workers = workers(world, shared_phone, draws);
    let landlord = firm(
        world,
        ("Ropewalk Rentals LLC", "6 Ropewalk Lane, Eastmarsh"),
        "Harriet Quill",
        Bank::Castellan,
        draws,
    );
    let property_manager = firm(
        world,
        ("Cobblestone Property Management LLC", "77 Chandler Street, Eastmarsh"),
        "Ingrid Solheim",
        Bank::Castellan,
        draws,
    );
    let payroll_company = firm(
        world,
        ("Tern Payroll Services Inc", "12 Sailmaker Street, Eastmarsh"),
        "Rowan Apsley",
        Bank::Merrow,
        draws,
    );
    let owners = (0..8).map(|at| owner(world, at, draws)).collect();
    Cast {
        facilitator,
        controller,
        holding,
        storefronts,
        nominees,
        employer,
        workers,
        landlord,
        property_manager,
        owners,
        payroll_company,
        branch_phone,
        shared_phone,
        replaced_phone,
    }
}

fn phone(world: &mut World, party: Option<usize>, draws: &mut Draws) -> usize {
    world.phone(party, draws).expect("the first block has phones for everyone")
}

fn own_account(world: &mut World, bank: Bank, retail: bool, party: usize) -> usize {
    world.account(bank, retail, vec![Holding::plain(party, "owner")])
}

fn controller(world: &mut World, draws: &mut Draws) -> (Player, Player, (usize, usize)) {
    let party = world.someone("Dorian Vance", "2 Breakwater Avenue, Eastmarsh", draws);
    let old = phone(world, Some(party), draws);
    let new = phone(world, Some(party), draws);
    let account = own_account(world, Bank::Castellan, true, party);
    let company = world.party("Gray Anchor Holdings LLC", None, "500 Customs Wharf, Eastmarsh");
    let holders = vec![
        Holding::plain(company, "owner"),
        Holding::plain(party, "signer"),
        Holding::plain(party, "beneficial-owner"),
    ];
    let held = world.account(Bank::Castellan, false, holders);
    (Player { party, account }, Player { party: company, account: held }, (old, new))
}

fn storefronts(
    world: &mut World,
    facilitator: usize,
    draws: &mut Draws,
) -> (Vec<Player>, Vec<usize>) {
    let mut shops = Vec::new();
    let mut nominees = Vec::new();
    for (at, (name, house, bank)) in STOREFRONTS.into_iter().enumerate() {
        let shop = world.party(name, None, &format!("{house} Harbor Street, Eastmarsh"));
        phone(world, Some(shop), draws);
        let home = world.home();
        let nominee = world.someone(NOMINEES[at], &home, draws);
        let mut holders =
            vec![Holding::plain(shop, "owner"), Holding::plain(nominee, "beneficial-owner")];
        if at % 2 == 0 {
            holders.push(Holding::plain(facilitator, "signer"));
        }
        shops.push(Player { party: shop, account: world.account(bank, false, holders) });
        nominees.push(nominee);
    }
    for at in [2, 4] {
        phone(world, Some(nominees[at]), draws);
    }
    (shops, nominees)
}

fn workers(world: &mut World, shared_phone: usize, draws: &mut Draws) -> Vec<Player> {
    let mut workers = Vec::new();
    for (at, name) in WORKERS.into_iter().enumerate() {
        let party = world.someone(name, WORKER_HOMES[at % WORKER_HOMES.len()], draws);
        if at < 2 {
            world.parties[party].phone = Some(shared_phone);
        } else {
            phone(world, Some(party), draws);
        }
        let bank = if at % 2 == 0 { Bank::Castellan } else { Bank::Merrow };
        workers.push(Player { party, account: own_account(world, bank, true, party) });
    }
    workers
}

fn firm(
    world: &mut World,
    (name, address): (&str, &str),
    signer: &str,
    bank: Bank,
    draws: &mut Draws,
) -> Player {
    let party = world.party(name, None, address);
    phone(world, Some(party), draws);
    let home = world.home();
    let person = world.someone(signer, &home, draws);
    phone(world, Some(person), draws);
    let holders = vec![Holding::plain(party, "owner"), Holding::plain(person, "signer")];
    Player { party, account: world.account(bank, false, holders) }
}

fn owner(world: &mut World, at: usize, draws: &mut Draws) -> Player {
    let home = world.home();
    let party = world.person(&home, draws);
    phone(world, Some(party), draws);
    let bank = if at.is_multiple_of(2) { Bank::Merrow } else { Bank::Castellan };
    Player { party, account: own_account(world, bank, true, party) }
}
