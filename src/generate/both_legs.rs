//! The invented case `both-legs`: three banks' statements and a list of wires that tell of the
//! same payments, as banks write them: masked numbers, names cut short, days of float.
//!
//! Crowds of equal rents and wages on one day, round amounts, and the same friend paid twice in a
//! week make records alike that are not of one payment. `truth.csv` says which payment every
//! record is of; `noise` decides how many far ends are not known by their number.

use std::collections::HashMap;
use std::path::Path;

use crate::generate::Params;
use crate::generate::calendar::{DAYS, Day, dashed};
use crate::generate::draws::Draws;
use crate::generate::harbor_street::names::person;
use crate::generate::sheet::{Sheet, Style};
use crate::store::Staging;
use crate::{Error, Result};

const BANKS: [&str; 3] = ["Pelham Savings", "Orrin Bank", "Tide Mutual"];
const FILES: [&str; 3] = ["pelham.csv", "orrin.csv", "tide.csv"];
const TRADES: [&str; 5] = [
    "Property Management LLC",
    "Cleaning Services Inc",
    "Logistics Group LLC",
    "Residential Holdings LLC",
    "Staffing Solutions Inc",
];
const STYLE: Style = Style { delimiter: b',', windows_1252: false, crlf: false };
/// Payments of one unit of `scale`.
const PAYMENTS: u64 = 2_000;
/// The bank whose wires stand on a list too.
const WIRING: usize = 0;

const CASE: &str = "# Invented: nobody in it is real. truth.csv says which payment each record is \
of.\ntitle    = \"Both legs\"\ncurrency = \"USD\"\ntimezone = \"UTC\"\n\n[[source]]\npath = \
\"holders.csv\"\n\n[[source]]\npath = \"pelham.csv\"\n\n[[source]]\npath = \"orrin.csv\"\n\n\
[[source]]\npath = \"tide.csv\"\n\n[[source]]\npath = \"wires.csv\"\n";

/// An account of one of the three banks.
struct Held {
    bank: usize,
    number: String,
    name: String,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Kind {
    Rent,
    Wage,
    Friend,
    Wire,
    Cash,
}

/// Where a payment ends: an account of the case, or a party beyond it.
#[derive(Clone)]
enum End {
    Held(usize),
    Beyond(String),
}

struct Payment {
    from: End,
    to: End,
    day: Day,
    cents: i64,
    kind: Kind,
}

struct Row {
    account: usize,
    day: Day,
    payment: usize,
    /// What records that only a bank's own reference tells apart have in common.
    alike: String,
    fields: Vec<String>,
}

/// Writes the case folder `out`: statements, list, signature cards, case file and `truth.csv`.
///
/// # Errors
///
/// [`Error::File`] if `out` exists and is not empty; [`Error::Io`] if the disk refuses.
pub fn both_legs(params: &Params, out: &Path) -> Result<()> {
    let staging = Staging::create(out)?;
    let root = staging.path();
    let count = params.rows.unwrap_or(PAYMENTS * u64::from(params.scale));
    let held = accounts((count / 12).max(60) as usize, &mut Draws::new(params.seed, 1));
    let payments = payments(&held, count as usize, &mut Draws::new(params.seed, 2));
    let mut truth = Sheet::create(root, "truth.csv", STYLE)?;
    truth.header(&["payment", "source", "line", "alike"])?;
    cards(root, &held)?;
    let mut draws = Draws::new(params.seed, 3);
    let (statements, wires) = records(&held, &payments, params.noise, &mut draws);
    let header = [
        "account",
        "booked",
        "amount",
        "description",
        "channel",
        "reference",
        "counterparty_account",
        "counterparty_name",
        "counterparty_bank",
        "bank",
    ];
    for (name, rows) in FILES.into_iter().zip(statements) {
        sheet(root, name, &header, rows, &mut truth)?;
    }
    let header = [
        "from_account",
        "from_name",
        "from_bank",
        "to_account",
        "to_name",
        "to_bank",
        "booked",
        "amount",
        "currency",
        "reference",
        "channel",
    ];
    sheet(root, "wires.csv", &header, wires, &mut truth)?;
    truth.finish()?;
    let path = root.join("case.toml");
    std::fs::write(&path, CASE).map_err(|source| Error::io(&path, source))?;
    staging.publish()
}

/// Firms first, one in twelve; some people share their name with another.
fn accounts(count: usize, draws: &mut Draws) -> Vec<Held> {
    let firms = count / 12;
    let account = |at: usize| {
        let bank = draws.below(BANKS.len());
        let name = match at {
            _ if at < firms => {
                let whole = person(at * 101);
                let last = whole.rsplit(' ').next().unwrap_or_default();
                format!("{last} {}", TRADES[at % TRADES.len()])
            }
            _ if at % 50 == 49 => person(at - 1),
            _ => person(at),
        };
        // A step without a factor of ten gives every account its own number, and some of them
        // the last four digits of another.
        let digits = (at as u64 * 73_919 + 12_347) % 100_000_000;
        Held { bank, number: format!("{}{digits:08}", 61 + bank), name }
    };
    (0..count).map(account).collect()
}

fn payments(held: &[Held], count: usize, draws: &mut Draws) -> Vec<Payment> {
    let firms = held.len() / 12;
    let people = held.len() - firms;
    let mut payments = Vec::with_capacity(count);
    let beyond = |draws: &mut Draws| End::Beyond(person(held.len() + draws.below(3 * held.len())));
    let last = i64::from(DAYS) - 8;
    while payments.len() < count {
        let person = firms + draws.below(people);
        let firm = draws.below(firms);
        let day = draws.below(last as usize) as Day;
        let (from, to, day, amounts, kind) = match draws.below(100) {
            0..30 => {
                let day = (draws.below(6) * 30 + draws.below(3)) as Day;
                let landlord = person % firms;
                let rents = &[90_000, 100_000, 110_000, 120_000, 150_000, 200_000];
                (End::Held(person), End::Held(landlord), day, &rents[..], Kind::Rent)
            }
            30..55 => {
                let day = (draws.below(12) * 14 + 4) as Day;
                let wages = &[100_000, 125_000, 150_000, 180_000, 200_000];
                (End::Held(firm), End::Held(person), day, &wages[..], Kind::Wage)
            }
            55..80 => {
                let friend = firms + (person - firms + 1 + draws.below(6)) % people;
                let amounts = &[2_000, 2_500, 4_000, 5_000, 6_000, 10_000, 20_000];
                (End::Held(person), End::Held(friend), day, &amounts[..], Kind::Friend)
            }
            80..88 => {
                let other = (firm + 1 + draws.below(firms - 1)) % firms;
                let amounts = &[500_000, 750_000, 1_000_000, 1_234_500, 2_000_000];
                (End::Held(firm), End::Held(other), day, &amounts[..], Kind::Wire)
            }
            88..92 => {
                let amounts = &[5_000, 10_000, 120_000];
                (End::Held(person), beyond(draws), day, &amounts[..], Kind::Friend)
            }
            92..96 => {
                let amounts = &[5_000, 10_000, 150_000];
                (beyond(draws), End::Held(person), day, &amounts[..], Kind::Wage)
            }
            _ => {
                let amounts = &[2_000, 4_000, 6_000, 10_000];
                (End::Held(person), End::Beyond(String::new()), day, &amounts[..], Kind::Cash)
            }
        };
        let cents = *draws.pick(amounts);
        // Friends pay each other the same again within days.
        let again = kind == Kind::Friend && draws.chance(15);
        if again {
            let day = day + draws.below(4) as Day;
            payments.push(Payment { from: from.clone(), to: to.clone(), day, cents, kind });
        }
        payments.push(Payment { from, to, day, cents, kind });
    }
    payments.truncate(count);
    payments
}

/// The rows of each bank's statements, and of the list of wires.
fn records(
    held: &[Held],
    payments: &[Payment],
    noise: u8,
    draws: &mut Draws,
) -> ([Vec<Row>; 3], Vec<Row>) {
    let mut statements = [Vec::new(), Vec::new(), Vec::new()];
    let mut wires = Vec::new();
    // Between two accounts nothing overtakes what left before it.
    let mut order: Vec<usize> = (0..payments.len()).collect();
    order.sort_by_key(|at| payments[*at].day);
    let mut arrived: HashMap<(usize, usize), Day> = HashMap::new();
    for payment in order {
        let one = &payments[payment];
        let mut arrival = one.day + [0, 0, 0, 0, 0, 1, 1, 1, 2, 3][draws.below(10)];
        if let (End::Held(from), End::Held(to)) = (&one.from, &one.to) {
            let last = arrived.entry((*from, *to)).or_insert(arrival);
            arrival = arrival.max(*last);
            *last = arrival;
        }
        // One in five carries a trace number that both banks print.
        let trace =
            draws.chance(20).then(|| format!("{:015}", 91_000_000_000_u64 + payment as u64));
        for (own, far, day, sign) in
            [(&one.from, &one.to, one.day, "-"), (&one.to, &one.from, arrival, "")]
        {
            let End::Held(account) = own else { continue };
            // A page that was not produced.
            if draws.below(500) == 0 {
                continue;
            }
            let bank = held[*account].bank;
            let reference = trace.clone().unwrap_or_else(|| {
                format!("{}{:07}", ["PS", "OB", "TM"][bank], statements[bank].len())
            });
            let mut fields = vec![
                held[*account].number.clone(),
                dashed(day),
                format!("{sign}{}", decimal(one.cents)),
                description(one.kind).to_owned(),
                channel(one.kind).to_owned(),
                reference,
            ];
            fields.extend(far_end(held, far, one.kind, noise, draws));
            fields.push(BANKS[bank].to_owned());
            let alike = alike(&one.from, &one.to, one.cents, day, sign);
            statements[bank].push(Row { account: *account, day, payment, alike, fields });
        }
        if let (Kind::Wire, End::Held(from), End::Held(to)) = (one.kind, &one.from, &one.to)
            && held[*from].bank == WIRING
        {
            let end = |at: usize| {
                [held[at].number.clone(), held[at].name.clone(), BANKS[held[at].bank].to_owned()]
            };
            let mut fields = [end(*from), end(*to)].concat();
            fields.extend([dashed(one.day), decimal(one.cents), "USD".to_owned()]);
            fields.extend([format!("W{payment:08}"), "wire".to_owned()]);
            let alike = alike(&one.from, &one.to, one.cents, one.day, "list");
            wires.push(Row { account: 0, day: one.day, payment, alike, fields });
        }
    }
    (statements, wires)
}

fn alike(from: &End, to: &End, cents: i64, day: Day, side: &str) -> String {
    let end = |end: &End| match end {
        End::Held(at) => at.to_string(),
        End::Beyond(name) => name.clone(),
    };
    format!("{} to {} {cents} {} {side}", end(from), end(to), dashed(day))
}

/// The far end as a statement line has it: account, name, bank.
fn far_end(held: &[Held], far: &End, kind: Kind, noise: u8, draws: &mut Draws) -> [String; 3] {
    let nothing = || [String::new(), String::new(), String::new()];
    let cut = |name: &str, letters: usize| {
        name.to_uppercase().chars().take(letters).collect::<String>().trim_end().to_owned()
    };
    let at = match far {
        End::Beyond(_) if kind == Kind::Cash => return nothing(),
        End::Beyond(name) => return [String::new(), cut(name, 22), String::new()],
        End::Held(at) => &held[*at],
    };
    let letters = 16 + draws.below(7);
    if !draws.chance(usize::from(noise)) {
        return [at.number.clone(), at.name.clone(), BANKS[at.bank].to_owned()];
    }
    let masked = format!("XXXX{}", &at.number[at.number.len() - 4..]);
    match draws.below(100) {
        0..35 => [masked, cut(&at.name, letters), String::new()],
        35..50 => [masked, String::new(), String::new()],
        50..60 => [at.number.clone(), String::new(), String::new()],
        60..99 => [String::new(), cut(&at.name, letters), String::new()],
        _ => nothing(),
    }
}

fn description(kind: Kind) -> &'static str {
    match kind {
        Kind::Rent => "STANDING ORDER",
        Kind::Wage => "SALARY",
        Kind::Friend => "INSTANT",
        Kind::Wire => "TELEGRAPHIC",
        Kind::Cash => "MACHINE",
    }
}

fn channel(kind: Kind) -> &'static str {
    match kind {
        Kind::Rent | Kind::Wage => "ach",
        Kind::Friend => "p2p",
        Kind::Wire => "wire",
        Kind::Cash => "cash",
    }
}

fn decimal(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

fn cards(root: &Path, held: &[Held]) -> Result<()> {
    let mut sheet = Sheet::create(root, "holders.csv", STYLE)?;
    sheet.header(&["account", "name", "role", "bank"])?;
    for one in held {
        sheet.row(&[&one.number, &one.name, "owner", BANKS[one.bank]])?;
    }
    sheet.finish()
}

fn sheet(
    root: &Path,
    name: &str,
    header: &[&str],
    mut rows: Vec<Row>,
    truth: &mut Sheet,
) -> Result<()> {
    let mut sheet = Sheet::create(root, name, STYLE)?;
    sheet.header(header)?;
    rows.sort_by_key(|row| (row.account, row.day, row.payment));
    for row in &rows {
        let line = sheet.row(&row.fields)?;
        let place = [row.payment.to_string(), name.to_owned(), line.to_string()];
        truth.row(&[&place[..], std::slice::from_ref(&row.alike)].concat())?;
    }
    sheet.finish()
}
