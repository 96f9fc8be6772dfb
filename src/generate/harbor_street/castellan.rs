//! Castellan Trust's return: a list of payments sent and a list of payments received, pipes
//! between fields, with both accounts on every row; and the rest of the activity (cards, cash,
//! payers without an account) with signed amounts. No balances.

use crate::Result;
use crate::generate::calendar::{Day, civil, clock, dashed};
use crate::generate::harbor_street::returns::{Damage, Place, Returns};
use crate::generate::harbor_street::world::{Bank, End, Payment, Story, Way, World};
use crate::generate::sheet::{Sheet, Style};
use crate::model::Amount;

const PIPES: Style = Style { delimiter: b'|', windows_1252: false, crlf: false };
const RETURNS_AND_FEEDS: Style = Style { delimiter: b',', windows_1252: false, crlf: true };

const SENT: [&str; 12] = [
    "Payment ID",
    "Sent At",
    "Method",
    "From Account",
    "From Name",
    "To Account",
    "To Name",
    "To Bank",
    "Amount",
    "Currency",
    "Memo",
    "Page",
];
const RECEIVED: [&str; 12] = [
    "Payment ID",
    "Received At",
    "Method",
    "To Account",
    "To Name",
    "From Account",
    "From Name",
    "From Bank",
    "Amount",
    "Currency",
    "Memo",
    "Page",
];
const ACTIVITY: [&str; 7] =
    ["Account", "Date", "Code", "Signed Amount", "Merchant", "Details", "Item"];

/// Writes the block's rows of all three files, each in order of time.
///
/// # Errors
///
/// Whatever the disk refuses.
pub fn write(world: &World, returns: &mut Returns) -> Result<()> {
    for leg in [0, 1] {
        let mut listed: Vec<usize> = Vec::new();
        for (row, payment) in world.payments.iter().enumerate() {
            let (own, far) = ends(payment, leg);
            if world.bank(own) == Some(Bank::Castellan) && world.place(far).is_some() {
                listed.push(row);
            }
        }
        listed.sort_by_key(|row| {
            let payment = &world.payments[*row];
            (day(payment, leg), payment.second, *row)
        });
        for row in listed {
            payment_row(world, row, leg, returns)?;
        }
    }
    activity(world, returns)
}

fn ends(payment: &Payment, leg: usize) -> (&End, &End) {
    if leg == 0 { (&payment.from, &payment.to) } else { (&payment.to, &payment.from) }
}

fn day(payment: &Payment, leg: usize) -> Day {
    if leg == 0 { payment.sent } else { payment.received }
}

fn begin_sent(sheet: &mut Sheet) -> Result<()> {
    sheet.line("Castellan Trust - Records Department")?;
    sheet.line("Payments sent by the accounts named in the request, 01 January to 30 June 2024")?;
    sheet.line("Currency: USD")?;
    sheet.line("")?;
    sheet.header(&SENT)
}

fn payment_row(world: &World, row: usize, leg: usize, returns: &mut Returns) -> Result<()> {
    let payment = &world.payments[row];
    let (own, far) = ends(payment, leg);
    let (_, number) = world.place(own).expect("an own account has a number");
    let (far_bank, far_number) = world.place(far).expect("only stated accounts are listed");
    let name = ["castellan/payments_sent.csv", "castellan/payments_received.csv"][leg];
    let sheet = if leg == 0 {
        returns.sheet(name, PIPES, begin_sent)?
    } else {
        returns.sheet(name, PIPES, |sheet| sheet.header(&RECEIVED))?
    };
    let damaged = leg == 1 && payment.story == Story::DamagedDate;
    let date = if damaged { "2024-02-30".to_owned() } else { dashed(day(payment, leg)) };
    let stamp = format!("{date} {}", clock(payment.second));
    let line = sheet.row(&[
        &format!("C{}{:06}{}", world.block, row, ["S", "R"][leg]),
        &stamp[..],
        method(payment.way),
        number,
        world.name(own),
        far_number,
        world.name(far),
        far_bank,
        &Amount::decimal(payment.minor, 2),
        "USD",
        &payment.memo,
        &(1 + sheet.records() / 50).to_string(),
    ])?;
    let place = Place { file: name.to_owned(), line };
    if damaged {
        let (column, kind) = ("Received At", "date");
        returns.damages.push(Damage { place, column, found: stamp, kind, kept: false });
    } else {
        let key = (Bank::Castellan.name(), number);
        returns.record((row, leg), place, key, payment.minor);
    }
    Ok(())
}

fn method(way: Way) -> &'static str {
    match way {
        Way::Ach => "ACH",
        Way::Wire => "WIRE",
        Way::P2p => "MOBILE",
        Way::Book => "INTERNAL",
        Way::Card => "CARD",
        Way::Cash => "CASH",
        Way::Cheque => "CHEQUE",
        Way::Fee => "FEE",
    }
}

fn activity(world: &World, returns: &mut Returns) -> Result<()> {
    let mut listed: Vec<(usize, usize)> = Vec::new();
    for (row, payment) in world.payments.iter().enumerate() {
        for leg in [0, 1] {
            let (own, far) = ends(payment, leg);
            if world.bank(own) == Some(Bank::Castellan) && world.place(far).is_none() {
                listed.push((row, leg));
            }
        }
    }
    listed.sort_by_key(|&(row, leg)| {
        let payment = &world.payments[row];
        (world.place(ends(payment, leg).0), day(payment, leg), payment.second, row)
    });
    for (row, leg) in listed {
        let payment = &world.payments[row];
        let (own, far) = ends(payment, leg);
        let (_, number) = world.place(own).expect("an own account has a number");
        let name = "castellan/activity.csv";
        let sheet = returns.sheet(name, RETURNS_AND_FEEDS, |sheet| sheet.header(&ACTIVITY))?;
        let damaged = payment.story == Story::DamagedAmount;
        let signed = if leg == 0 { -payment.minor } else { payment.minor };
        let mut amount = Amount::decimal(signed, 2);
        if damaged {
            // A letter O for a zero, as a scanned page gives it.
            amount.push('O');
        }
        let line = sheet.row(&[
            number,
            &civil(day(payment, leg)).strftime("%d-%b-%Y").to_string(),
            code(payment.way, leg),
            &amount,
            world.name(far),
            &payment.memo,
            &format!("A{}{row:06}", world.block),
        ])?;
        let place = Place { file: name.to_owned(), line };
        if damaged {
            let (column, kind) = ("Signed Amount", "amount");
            returns.damages.push(Damage { place, column, found: amount, kind, kept: false });
        } else {
            returns.record((row, leg), place, (Bank::Castellan.name(), number), payment.minor);
        }
    }
    Ok(())
}

fn code(way: Way, leg: usize) -> &'static str {
    match (way, leg) {
        (Way::Card, _) => "CRD",
        (Way::Cash, 0) => "ATM",
        (Way::Cash, _) => "DEP",
        (Way::Cheque, _) => "CHK",
        (Way::Fee, _) => "FEE",
        _ => "ACH",
    }
}
