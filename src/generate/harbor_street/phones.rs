//! Calls and texts of the block, and the two carriers' returns: Bayline lists caller and called
//! in local time, Kestrel each target's side in UTC.

use crate::Result;
use crate::generate::calendar::{DAYS, Day, civil, clock, slashed};
use crate::generate::draws::Draws;
use crate::generate::harbor_street::cast::Cast;
use crate::generate::harbor_street::returns::{Damage, PLAIN, Place, Returns};
use crate::generate::harbor_street::world::{Call, Carrier, World};
use crate::generate::sheet::Style;

const BAYLINE: [&str; 9] = [
    "Record",
    "Call Date",
    "Call Time",
    "Calling Number",
    "Called Number",
    "Duration",
    "Service",
    "Cell Site",
    "IMEI",
];
const KESTREL: [&str; 8] =
    ["event_id", "target", "direction", "other_party", "start_utc", "seconds", "event", "imei"];
const BAYLINE_SUBSCRIBERS: [&str; 5] =
    ["Number", "Subscriber", "Service Address", "Activated", "Deactivated"];
const KESTREL_SUBSCRIBERS: [&str; 5] = ["msisdn", "name", "address", "from", "to"];

/// What the carriers have for a prepaid phone. It is a word, not a name.
pub const NO_SUBSCRIBER: &str = "UNKNOWN";

/// The day on which the controller's old phone falls silent.
pub const LAST_DAY_OF_OLD_PHONE: Day = 76;

/// Ordinary calls: each phone of the block to a handful of others.
pub fn chat(world: &mut World, cast: Option<&Cast>, draws: &mut Draws) {
    let apart: Vec<usize> = cast.map_or(Vec::new(), |cast| {
        vec![cast.branch_phone, cast.shared_phone, cast.replaced_phone.0, cast.replaced_phone.1]
            .into_iter()
            .chain(cast.workers.iter().filter_map(|worker| world.parties[worker.party].phone))
            .collect()
    });
    let phones: Vec<usize> = (0..world.phones.len()).filter(|row| !apart.contains(row)).collect();
    if phones.len() < 2 {
        return;
    }
    for &from in &phones {
        let known: Vec<usize> = (0..5).map(|_| *draws.pick(&phones)).collect();
        for _ in 0..draws.between(66, 94) {
            let to = *draws.pick(&known);
            if to != from {
                let day = draws.below(usize::from(DAYS)) as Day;
                ring_up(world, (from, to), day, draws);
            }
        }
        if let Some(cast) = cast
            && draws.chance(25)
        {
            ring_up(world, (from, cast.branch_phone), draws.below(180) as Day, draws);
        }
    }
}

fn ring_up(world: &mut World, (from, to): (usize, usize), day: Day, draws: &mut Draws) {
    let second = (7 * 3600 + draws.below(15 * 3600)) as u32;
    let seconds = (!draws.chance(35)).then(|| draws.between(4, 1_400) as u32);
    world.calls.push(Call { day, second, from, to, seconds });
}

/// Planted: the facilitator is rung by every storefront, the workers reach no one but her, the
/// controller and each other, and the controller changes phones in mid-March.
pub fn plant(world: &mut World, cast: &Cast, draws: &mut Draws) {
    let hers = phone_of(world, cast.facilitator.party);
    let shops: Vec<usize> =
        cast.storefronts.iter().map(|shop| phone_of(world, shop.party)).collect();
    let workers: Vec<usize> =
        cast.workers.iter().map(|worker| phone_of(world, worker.party)).collect();
    for day in 0..DAYS {
        let controller = if day <= LAST_DAY_OF_OLD_PHONE {
            cast.replaced_phone.0
        } else {
            cast.replaced_phone.1
        };
        for _ in 0..draws.between(0, 3) {
            ring_up(world, (*draws.pick(&shops), hers), day, draws);
        }
        for _ in 0..draws.between(0, 2) {
            ring_up(world, (hers, controller), day, draws);
        }
        if draws.chance(50) {
            let ends = [(controller, cast.shared_phone), (cast.shared_phone, hers)];
            ring_up(world, *draws.pick(&ends), day, draws);
        }
        let worker = *draws.pick(&workers);
        let mate = *draws.pick(&workers);
        let other = *draws.pick(&[hers, controller, mate]);
        if worker != other {
            ring_up(world, (other, worker), day, draws);
        }
    }
    world.phones[cast.replaced_phone.0].service.1 = LAST_DAY_OF_OLD_PHONE;
    world.phones[cast.replaced_phone.1].service.0 = LAST_DAY_OF_OLD_PHONE + 1;
}

fn phone_of(world: &World, party: usize) -> usize {
    world.parties[party].phone.expect("everyone of the stories has a phone")
}

/// Writes the block's records of both carriers.
///
/// # Errors
///
/// Whatever the disk refuses.
pub fn write(world: &World, returns: &mut Returns) -> Result<()> {
    let mut order: Vec<&Call> = world.calls.iter().collect();
    order.sort_by_key(|call| (call.day, call.second, call.from, call.to));
    for (at, call) in order.iter().enumerate() {
        let carriers = [call.from, call.to].map(|row| world.phones[row].carrier);
        if carriers.contains(&Carrier::Bayline) {
            bayline(world, call, at, returns)?;
        }
        for (leg, carrier) in carriers.into_iter().enumerate() {
            if carrier == Carrier::Kestrel {
                kestrel(world, (call, at), leg, returns)?;
            }
        }
    }
    subscribers(world, returns)
}

fn bayline(world: &World, call: &Call, at: usize, returns: &mut Returns) -> Result<()> {
    let style = Style { delimiter: b',', ..PLAIN };
    let name = "bayline/calls.csv";
    let sheet = returns.sheet(name, style, |sheet| sheet.header(&BAYLINE))?;
    let [from, to] = [call.from, call.to].map(|row| {
        let digits = &world.phones[row].digits;
        format!("({}) {}-{}", &digits[..3], &digits[3..6], &digits[6..])
    });
    // One duration is lost; the call itself is not.
    let lost = world.block == 0 && call.seconds.is_some() && sheet.records() == 1_234;
    let duration = match call.seconds {
        _ if lost => "--:--:--".to_owned(),
        Some(seconds) => clock(seconds),
        None => String::new(),
    };
    let handset = &world.phones[call.from];
    let line = sheet.row(&[
        &format!("B{}{at:06}", world.block)[..],
        &slashed(call.day),
        &clock(call.second),
        &from,
        &to,
        &duration,
        if call.seconds.is_some() { "Voice" } else { "Text" },
        &format!("EM-{:02}", 1 + (call.from * 7 + usize::from(call.day)) % 12),
        if handset.carrier == Carrier::Bayline { &handset.imei } else { "" },
    ])?;
    if lost {
        let place = Place { file: name.to_owned(), line };
        let (column, kind) = ("Duration", "duration");
        returns.damages.push(Damage { place, column, found: duration, kind, kept: true });
    }
    Ok(())
}

fn kestrel(
    world: &World,
    (call, at): (&Call, usize),
    leg: usize,
    returns: &mut Returns,
) -> Result<()> {
    let style = Style { delimiter: b'\t', ..PLAIN };
    let name = "kestrel/events.tsv";
    let sheet = returns.sheet(name, style, |sheet| sheet.header(&KESTREL))?;
    let (target, other) = if leg == 0 { (call.from, call.to) } else { (call.to, call.from) };
    let mut fields = vec![
        format!("K{}{at:06}", world.block),
        format!("+1{}", world.phones[target].digits),
        if leg == 0 { "MO" } else { "MT" }.to_owned(),
        format!("+1{}", world.phones[other].digits),
        utc(call.day, call.second),
        call.seconds.map_or(String::new(), |seconds| seconds.to_string()),
        if call.seconds.is_some() { "CALL" } else { "SMS" }.to_owned(),
        world.phones[target].imei.clone(),
    ];
    // One row breaks off, as a file cut during copying does.
    let cut = world.block == 0 && sheet.records() == 2_345;
    if cut {
        fields.truncate(5);
    }
    let line = sheet.row(&fields)?;
    if cut {
        let place = Place { file: name.to_owned(), line };
        let found = fields.join("\t");
        let damage = Damage { place, column: "", found, kind: "fields", kept: false };
        returns.damages.push(damage);
    }
    Ok(())
}

fn utc(day: Day, second: u32) -> String {
    let time =
        jiff::civil::time((second / 3600) as i8, (second / 60 % 60) as i8, (second % 60) as i8, 0);
    let eastern = jiff::tz::TimeZone::get("America/New_York").expect("the zone is built in");
    let zoned = civil(day).to_datetime(time).to_zoned(eastern).expect("a day of our calendar");
    zoned.timestamp().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn subscribers(world: &World, returns: &mut Returns) -> Result<()> {
    for phone in &world.phones {
        let (name, address) = match &phone.subscriber {
            Some((name, address)) => (&name[..], &address[..]),
            None => (NO_SUBSCRIBER, ""),
        };
        let digits = &phone.digits;
        let (first, last) = phone.service;
        let first = if first == 0 { "2021-06-01".to_owned() } else { civil(first).to_string() };
        let last = if last + 1 == DAYS { String::new() } else { civil(last).to_string() };
        let tabs = Style { delimiter: b'\t', ..PLAIN };
        let (file, style, columns, number) = match phone.carrier {
            Carrier::Bayline => {
                let number = format!("({}) {}-{}", &digits[..3], &digits[3..6], &digits[6..]);
                ("bayline/subscribers.csv", PLAIN, BAYLINE_SUBSCRIBERS, number)
            }
            Carrier::Kestrel => {
                ("kestrel/subscribers.tsv", tabs, KESTREL_SUBSCRIBERS, format!("+1{digits}"))
            }
        };
        let sheet = returns.sheet(file, style, |sheet| sheet.header(&columns))?;
        let line = sheet.row(&[&number[..], name, address, &first, &last])?;
        // A subscriber record must name someone; this word names no one.
        if phone.subscriber.is_none() {
            let place = Place { file: file.to_owned(), line };
            let (column, found) = (columns[1], NO_SUBSCRIBER.to_owned());
            returns.damages.push(Damage { place, column, found, kind: "name", kept: false });
        }
    }
    Ok(())
}
