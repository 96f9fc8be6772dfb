//! Signature cards: who holds and signs for which account, in each bank's own layout.

use crate::Result;
use crate::generate::harbor_street::returns::{PLAIN, Returns};
use crate::generate::harbor_street::world::{Account, Bank, Holding, World};
use crate::generate::sheet::Style;

const MERROW: [&str; 9] = [
    "Account Number",
    "Capacity",
    "Name",
    "Date of Birth",
    "Address",
    "Telephone",
    "E-mail",
    "Identification",
    "Opened",
];
const CASTELLAN: [&str; 8] =
    ["account", "customer", "role", "dob", "address", "tel", "mail", "since"];

/// Writes the cards of the block's accounts.
///
/// # Errors
///
/// Whatever the disk refuses.
pub fn write(world: &World, returns: &mut Returns) -> Result<()> {
    for (row, account) in world.accounts.iter().enumerate() {
        for held in &account.holders {
            match account.bank {
                Bank::Merrow => merrow(world, row, account, held, returns)?,
                Bank::Castellan => castellan(world, row, account, held, returns)?,
            }
        }
    }
    Ok(())
}

fn digits<'a>(world: &'a World, held: &'a Holding) -> &'a str {
    match (&held.phone, world.parties[held.party].phone) {
        (Some(stated), _) => stated,
        (None, Some(phone)) => &world.phones[phone].digits,
        (None, None) => "",
    }
}

fn opened(row: usize) -> (usize, usize, usize) {
    (2017 + row % 6, 1 + row * 5 % 12, 1 + row * 11 % 28)
}

fn merrow(
    world: &World,
    row: usize,
    account: &Account,
    held: &Holding,
    returns: &mut Returns,
) -> Result<()> {
    let party = &world.parties[held.party];
    let capacity = match held.role {
        "owner" => "Primary",
        "joint" => "Joint",
        "signer" => "Authorized Signer",
        _ => "Beneficial Owner",
    };
    let (year, month, day) = opened(row);
    let born = party
        .born
        .as_deref()
        .map_or(String::new(), |born| format!("{}/{}/{}", &born[5..7], &born[8..10], &born[..4]));
    let document = match &party.born {
        Some(_) => format!("DL ME{}{:04}", world.block, 1000 + held.party),
        None => format!("EIN 00-{}{:04}", world.block, 1000 + held.party),
    };
    let digits = digits(world, held);
    let phone = match digits.len() {
        10 => format!("({}) {}-{}", &digits[..3], &digits[3..6], &digits[6..]),
        _ => String::new(),
    };
    let style = Style { windows_1252: true, ..PLAIN };
    let sheet =
        returns.sheet("merrow/signature_cards.csv", style, |sheet| sheet.header(&MERROW))?;
    sheet.row(&[
        &account.number[..],
        capacity,
        &party.name,
        &born,
        held.address.unwrap_or(&party.address),
        &phone,
        held.email.unwrap_or(&party.email),
        &document,
        &format!("{month:02}/{day:02}/{year}"),
    ])?;
    Ok(())
}

fn castellan(
    world: &World,
    row: usize,
    account: &Account,
    held: &Holding,
    returns: &mut Returns,
) -> Result<()> {
    let party = &world.parties[held.party];
    let (year, month, day) = opened(row);
    let digits = digits(world, held);
    let phone = match digits.len() {
        10 => format!("{}-{}-{}", &digits[..3], &digits[3..6], &digits[6..]),
        _ => String::new(),
    };
    let style = Style { delimiter: b';', ..PLAIN };
    let sheet =
        returns.sheet("castellan/customers.csv", style, |sheet| sheet.header(&CASTELLAN))?;
    sheet.row(&[
        &account.number[..],
        &party.name,
        held.role,
        party.born.as_deref().unwrap_or(""),
        held.address.unwrap_or(&party.address),
        &phone,
        held.email.unwrap_or(&party.email),
        &format!("{year}-{month:02}-{day:02}"),
    ])?;
    Ok(())
}
