//! Patterns on attempts that others planted.
//!
//! The attempts lie in `../shared/data/amlworld-patterns`, or below `MONEYTRAIL_SHARED`; where
//! the folder is absent the test says in one line that it was skipped.

mod chains;
mod funnel;
mod gather_scatter;
mod layers;
mod pass_through;
mod payroll_sweep;
mod per_transfer;
mod scatter_gather;
mod sketched;
mod small_cases;
mod structuring;
mod ways_back;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use moneytrail::analyses::{Inputs, Outcome, cycles, fan};
use moneytrail::model::{Channel, Currency, EntityKind, Values};
use moneytrail::store::{Accounts, Case, Conversions, Manifest, Side, Transfers};
use serde::Deserialize;

const DAY_MS: i64 = 86_400_000;
const HOUR_MS: i64 = 3_600_000;

#[derive(Deserialize)]
struct File {
    patterns: Vec<Attempt>,
}

#[derive(Deserialize)]
struct Attempt {
    pattern_id: String,
    pattern_family: String,
    #[serde(rename = "transactions")]
    transfers: Vec<Planted>,
}

#[derive(Clone, Deserialize)]
struct Planted {
    timestamp: String,
    from_bank: String,
    from_account: String,
    to_bank: String,
    to_account: String,
    amount_received: f64,
    receiving_currency: String,
    amount_paid: f64,
    payment_currency: String,
}

impl Planted {
    fn from(&self) -> String {
        format!("{}/{}", self.from_bank, self.from_account)
    }

    fn to(&self) -> String {
        format!("{}/{}", self.to_bank, self.to_account)
    }

    fn ms(&self) -> i64 {
        let stated = DateTime::strptime("%Y/%m/%d %H:%M", &self.timestamp).unwrap();
        stated.to_zoned(TimeZone::UTC).unwrap().timestamp().as_millisecond()
    }
}

fn attempts() -> Option<Vec<Attempt>> {
    let shared = std::env::var_os("MONEYTRAIL_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let path = shared.join("data/amlworld-patterns/laundering_patterns_normalized.json");
    let Ok(text) = fs::read_to_string(&path) else {
        println!("skipped: {} is absent", path.display());
        return None;
    };
    let file: File = serde_json::from_str(&text).unwrap();
    Some(file.patterns)
}

/// The amount in hundredths, whatever the currency's own digits: the test looks at who paid whom
/// and when, and needs of amounts only that unequal ones differ.
fn money(amount: f64, currency: &str) -> (i64, Currency) {
    let code = match currency {
        "US Dollar" => "USD",
        "Euro" => "EUR",
        "UK Pound" => "GBP",
        "Yen" => "JPY",
        "Yuan" => "CNY",
        "Ruble" => "RUB",
        "Rupee" => "INR",
        "Swiss Franc" => "CHF",
        "Canadian Dollar" => "CAD",
        "Australian Dollar" => "AUD",
        "Brazil Real" => "BRL",
        "Mexican Peso" => "MXN",
        "Saudi Riyal" => "SAR",
        "Shekel" => "ILS",
        "Bitcoin" => "XBT",
        other => panic!("{other} is a currency of the data set"),
    };
    ((amount * 100.0).round() as i64, code.parse().unwrap())
}

fn case_of(attempts: &[Attempt]) -> Case {
    let mut planted: Vec<Planted> =
        attempts.iter().flat_map(|attempt| attempt.transfers.iter().cloned()).collect();
    planted.sort_by_key(Planted::ms);
    let names: BTreeSet<String> = planted.iter().flat_map(|it| [it.from(), it.to()]).collect();
    let rows: BTreeMap<&str, u32> = names.iter().map(String::as_str).zip(0..).collect();
    let accounts = Accounts {
        account: names.iter().map(String::as_str).collect(),
        kind: names.iter().map(|_| "account").collect(),
        ..Accounts::default()
    };
    let mut transfers = Transfers::default();
    let mut conversions = Conversions::default();
    for (row, it) in (0..).zip(&planted) {
        let paid = money(it.amount_paid, &it.payment_currency);
        let received = money(it.amount_received, &it.receiving_currency);
        transfers.from_account.push(rows[it.from().as_str()]);
        transfers.to_account.push(rows[it.to().as_str()]);
        transfers.booked_ms.push(it.ms());
        transfers.day.push(it.ms().div_euclid(DAY_MS) as i32);
        transfers.timed.push(true);
        transfers.amount_minor.push(paid.0);
        transfers.currency.push(paid.1);
        transfers.channel.push(Channel::Other);
        transfers.side.push(Side::List);
        transfers.source.push(0);
        transfers.line.push(row + 2);
        if paid != received {
            conversions.transfer.push(row);
            conversions.received_minor.push(received.0);
            conversions.received_currency.push(received.1);
        }
    }
    Case::in_memory(Manifest::default()).with(accounts).with(transfers).with(conversions)
}

/// Every planted fan is found once the bounds are as wide as the attempt itself; how many the
/// defaults find is printed, since an attempt of three accounts is no fan to them.
#[test]
fn planted_fans_are_found_within_their_own_bounds() {
    let Some(attempts) = attempts() else { return };
    let case = case_of(&attempts);
    let inputs = Inputs::new(&case);
    let finds = |outcome: &Outcome, hub: &str, least: usize| {
        let mut told = outcome.findings.iter();
        told.any(|it| {
            it.candidate.kind == EntityKind::Account
                && it.candidate_name == hub
                && it.score >= least as f64
        })
    };
    type Analysis = fn(&Inputs, &fan::Params) -> moneytrail::Result<Outcome>;
    let ways: [(&str, Analysis); 2] = [("FAN-IN", fan::fan_in), ("FAN-OUT", fan::fan_out)];
    for (family, analysis) in ways {
        let defaults = analysis(&inputs, &fan::Params::default()).unwrap();
        let (mut tried, mut by_default) = (0, 0);
        for attempt in attempts.iter().filter(|attempt| attempt.pattern_family == family) {
            let ends = |it: &Planted| match family {
                "FAN-IN" => (it.to(), it.from()),
                _ => (it.from(), it.to()),
            };
            let hubs: BTreeSet<String> = attempt.transfers.iter().map(|it| ends(it).0).collect();
            let others: BTreeSet<String> = attempt.transfers.iter().map(|it| ends(it).1).collect();
            let hub = hubs.first().unwrap();
            assert_eq!(hubs.len(), 1, "{}: a fan has one hub", attempt.pattern_id);
            let own = others.iter().filter(|other| *other != hub).count();
            if own < 2 {
                continue;
            }
            let times = || attempt.transfers.iter().map(Planted::ms);
            let span_ms = times().max().unwrap() - times().min().unwrap();
            let bounds = fan::Params {
                counterparties_min: own as u32,
                window_hours: (span_ms + HOUR_MS - 1).div_euclid(HOUR_MS) as u32,
                ..fan::Params::default()
            };
            let outcome = analysis(&inputs, &bounds).unwrap();
            assert!(finds(&outcome, hub, own), "{}: {hub}", attempt.pattern_id);
            tried += 1;
            by_default += usize::from(finds(&defaults, hub, 1));
        }
        assert!(tried > 0, "there are attempts of {family}");
        println!("{family}: {tried} of {tried} within their own bounds, {by_default} by default");
    }
}

/// Every planted cycle whose times rise along it is found, whole, with the defaults too where it
/// ends within their window; an attempt that is no cycle by the definition is printed.
#[test]
fn planted_cycles_are_found_whole() {
    let Some(attempts) = attempts() else { return };
    let case = case_of(&attempts);
    let inputs = Inputs::new(&case);
    let longest =
        cycles::Params { accounts_max: 16, window_hours: 24 * 40, ..cycles::Params::default() };
    let found = [longest, cycles::Params::default()].map(|params| walks(&inputs, &params));
    let (mut tried, mut whole, mut by_default) = (0, 0, 0);
    for attempt in attempts.iter().filter(|attempt| attempt.pattern_family == "CYCLE") {
        tried += 1;
        let mut planted = attempt.transfers.clone();
        planted.sort_by_key(Planted::ms);
        let walk: Vec<(String, String, i64)> =
            planted.iter().map(|it| (it.from(), it.to(), it.ms())).collect();
        let rising = walk.windows(2).all(|two| two[0].2 < two[1].2 && two[0].1 == two[1].0);
        let closed = walk[0].0 == walk[walk.len() - 1].1;
        let stops: BTreeSet<&String> = walk.iter().map(|it| &it.0).collect();
        if !rising || !closed || stops.len() < walk.len() || walk.len() < 3 {
            println!(
                "{} is no cycle in order of time: {} transfers",
                attempt.pattern_id,
                walk.len()
            );
            continue;
        }
        assert!(found[0].contains(&walk), "{}", attempt.pattern_id);
        whole += 1;
        by_default += usize::from(found[1].contains(&walk));
    }
    println!("CYCLE: {whole} of {tried} whole, {by_default} by default");
    assert!(whole > 0);
}

/// The walks of the cycles of a case: sender, receiver and time of each transfer in order.
fn walks(inputs: &Inputs, params: &cycles::Params) -> BTreeSet<Vec<(String, String, i64)>> {
    let outcome = cycles::run(inputs, params).unwrap();
    let table = &outcome.tables[1];
    let column = |name: &str| &table.columns.iter().find(|it| it.name == name).unwrap().values;
    let (Values::Count(instance), Values::Time(booked)) = (column("instance"), column("booked"))
    else {
        panic!("a table of steps has instances and times");
    };
    let mut walks: BTreeMap<i64, Vec<(String, String, i64)>> = BTreeMap::new();
    for row in 0..instance.len() {
        let end = |name: &str| column(name).text(row).unwrap().to_owned();
        let step = (end("from_account"), end("to_account"), booked[row].unwrap());
        walks.entry(instance[row].unwrap()).or_default().push(step);
    }
    walks.into_values().collect()
}
