//! Merrow Harbor Bank's return: statements with running balances, windows-1252, debits and
//! credits in columns of their own. One file per account of the first block; later blocks stand
//! in two bulk files, so that a return of any size stays a handful of files.

use crate::Result;
use crate::generate::calendar::{Day, civil, month_of, slashed};
use crate::generate::draws::Draws;
use crate::generate::harbor_street::returns::{Missing, Place, Returns};
use crate::generate::harbor_street::world::{Bank, End, Payment, Story, Way, World};
use crate::generate::sheet::{Sheet, Style};
use crate::model::Amount;

const STYLE: Style = Style { delimiter: b',', windows_1252: true, crlf: false };
const ROWS_A_PAGE: usize = 38;

const COLUMNS: [&str; 11] = [
    "Account Number",
    "Posting Date",
    "Description",
    "Type",
    "Reference",
    "Withdrawals",
    "Deposits",
    "Balance",
    "Other Account",
    "Other Bank",
    "Page",
];

/// Row of a payment on one account's statement.
struct Line {
    payment: usize,
    leg: usize,
    day: Day,
}

/// Writes the statements of every Merrow account of the block.
///
/// # Errors
///
/// Whatever the disk refuses.
pub fn write(world: &World, returns: &mut Returns, draws: &mut Draws) -> Result<()> {
    let mut lines: Vec<Vec<Line>> = world.accounts.iter().map(|_| Vec::new()).collect();
    for (row, payment) in world.payments.iter().enumerate() {
        let ends = [(&payment.from, payment.sent), (&payment.to, payment.received)];
        for (leg, (end, day)) in ends.into_iter().enumerate() {
            if let End::Held(account) = end
                && world.accounts[*account].bank == Bank::Merrow
            {
                lines[*account].push(Line { payment: row, leg, day });
            }
        }
    }
    for (account, mut lines) in lines.into_iter().enumerate() {
        lines.sort_by_key(|line| (line.day, world.payments[line.payment].second, line.payment));
        if !lines.is_empty() {
            statement(world, account, &lines, returns, draws)?;
        }
    }
    Ok(())
}

fn statement(
    world: &World,
    account: usize,
    lines: &[Line],
    returns: &mut Returns,
    draws: &mut Draws,
) -> Result<()> {
    let held = &world.accounts[account];
    let name = match (world.block, held.retail) {
        (0, _) => format!("merrow/statement_{}.csv", held.number),
        (_, true) => "merrow/statement_bulk_retail.csv".to_owned(),
        (_, false) => "merrow/statement_bulk_commercial.csv".to_owned(),
    };
    let signed = |line: &Line| {
        let minor = world.payments[line.payment].minor;
        if line.leg == 0 { -minor } else { minor }
    };
    let mut lowest = 0;
    let mut running = 0;
    for line in lines {
        running += signed(line);
        lowest = lowest.min(running);
    }
    let mut balance = draws.between(12_000, 340_000) - lowest;
    let mut last = 1;
    for (at, line) in lines.iter().enumerate() {
        let payment = &world.payments[line.payment];
        balance += signed(line);
        let sheet = returns.sheet(&name, STYLE, |sheet| sheet.header(&COLUMNS))?;
        if payment.story == Story::Missing {
            returns.missing = Some(Missing {
                account: format!("{}/{}", Bank::Merrow.name(), held.number),
                month: format!("2024-{:02}", month_of(line.day) + 1),
                minor: payment.minor,
                after: Place { file: name.clone(), line: last },
            });
            continue;
        }
        let written = row(world, account, line, balance, 1 + at / ROWS_A_PAGE, sheet)?;
        last = written;
        let place = Place { file: name.clone(), line: written };
        let key = (Bank::Merrow.name(), &held.number[..]);
        returns.record((line.payment, line.leg), place, key, payment.minor);
    }
    if world.block == 0 {
        returns.close(&name)?;
    }
    Ok(())
}

fn row(
    world: &World,
    account: usize,
    line: &Line,
    balance: i64,
    page: usize,
    sheet: &mut Sheet,
) -> Result<u32> {
    let payment = &world.payments[line.payment];
    let far = if line.leg == 0 { &payment.to } else { &payment.from };
    let (bank, number) = world.place(far).unwrap_or_default();
    let amount = Amount::grouped(payment.minor, 2);
    let (out, into) = if line.leg == 0 { (&amount[..], "") } else { ("", &amount[..]) };
    sheet.row(&[
        &world.accounts[account].number,
        &slashed(line.day),
        &description(world, payment, line, far),
        type_word(payment.way),
        &format!("M{}{:06}", world.block, line.payment * 2 + line.leg),
        out,
        into,
        &Amount::grouped(balance, 2),
        number,
        bank,
        &page.to_string(),
    ])
}

fn description(world: &World, payment: &Payment, line: &Line, far: &End) -> String {
    let name = world.name(far);
    let memo = &payment.memo;
    let (_, number) = world.place(far).unwrap_or_default();
    let out = line.leg == 0;
    match payment.way {
        Way::Ach => format!("ACH {} {name} / {memo}", if out { "DEBIT" } else { "CREDIT" }),
        Way::Wire => format!("WIRE {} {name} / {memo}", if out { "OUT BNF" } else { "IN ORG" }),
        Way::P2p => {
            let date = civil(line.day).strftime("%m/%d").to_string();
            format!("P2P {} {name} ON {date}", if out { "TO" } else { "FROM" })
        }
        Way::Book => {
            format!("TRANSFER {} {name} ACCT {number}", if out { "TO" } else { "FROM" })
        }
        Way::Card => format!("POS {name}"),
        Way::Cash => format!("{memo} {name}"),
        Way::Cheque => format!("CHECK {}", 1000 + line.payment % 900),
        Way::Fee => memo.clone(),
    }
}

fn type_word(way: Way) -> &'static str {
    match way {
        Way::Ach => "ACH",
        Way::Wire => "WIRE",
        Way::P2p => "P2P",
        Way::Book => "XFER",
        Way::Card => "POS",
        Way::Cash => "CASH",
        Way::Cheque => "CHECK",
        Way::Fee => "FEE",
    }
}
