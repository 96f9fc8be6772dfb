//! What was planted in the large case, and what the run says of it: recall and false alarms.

use std::collections::{BTreeMap, BTreeSet};

use moneytrail::analyses::{Inputs, structuring};
use moneytrail::model::{EntityKind, EntityRef, SourceRef};
use moneytrail::store::{Case, Side};
use toml::{Table, Value};

use super::harbor_street;

fn text(value: &Value) -> String {
    value.as_str().expect("a text of truth.toml").to_owned()
}

fn list(value: &Value) -> Vec<String> {
    value.as_array().expect("a list of truth.toml").iter().map(text).collect()
}

/// Accounts carry their bank's name in capitals.
fn accounts(value: &Value) -> BTreeSet<String> {
    list(value).iter().map(|account| account.to_uppercase()).collect()
}

/// Prints recall and false alarms of what was found; returns both.
fn score(what: &str, planted: &BTreeSet<String>, found: &BTreeSet<String>) -> (usize, Vec<String>) {
    let hits = planted.intersection(found).count();
    let alarms: Vec<String> = found.difference(planted).cloned().collect();
    println!(
        "{what}: recall {hits} of {}, false alarms {}: {alarms:?}",
        planted.len(),
        alarms.len()
    );
    (hits, alarms)
}

fn place(case: &Case, source: u32, line: u32) -> String {
    case.place(SourceRef { source, line }).unwrap()
}

/// Places of every reading of every transfer with the side it was read on, by transfer.
fn readings(case: &Case) -> Vec<Vec<(String, Side)>> {
    let (transfers, refs) = (case.transfers().unwrap(), case.refs().unwrap());
    let mut readings: Vec<Vec<(String, Side)>> = (0..transfers.line.len())
        .map(|row| {
            vec![(place(case, transfers.source[row], transfers.line[row]), transfers.side[row])]
        })
        .collect();
    for row in 0..refs.row.len() {
        if refs.of.get(row) == "transfers" {
            let at = place(case, refs.source[row], refs.line[row]);
            readings[refs.row[row] as usize].push((at, refs.side[row]));
        }
    }
    readings
}

fn ranks() -> BTreeMap<String, usize> {
    let rows = harbor_street().rows("tables/facilitators.csv");
    rows.iter().map(|row| (row["candidate"].clone(), row["rank"].parse().unwrap())).collect()
}

#[test]
fn facilitator_ranks_first_and_those_who_only_look_alike_below() {
    let truth = harbor_street().truth();
    let ranks = ranks();
    let facilitator = text(&truth["facilitator"]["party"]);
    println!("facilitator {facilitator}: place {} of {}", ranks[&facilitator], ranks.len());
    assert_eq!(ranks[&facilitator], 1);
    for lookalike in truth["lookalike"].as_array().unwrap() {
        let party = text(&lookalike["party"]);
        println!("lookalike {party}: place {} ({})", ranks[&party], lookalike["why"]);
        assert!(ranks[&party] > 1);
    }
    let first = &harbor_street().rows("findings.csv")[0];
    assert_eq!(first["candidate"], facilitator, "the first finding of the run");
}

/// The clusters that each member stands in.
fn clusters() -> BTreeMap<String, BTreeSet<String>> {
    let mut clusters: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in harbor_street().rows("tables/clusters.csv") {
        clusters.entry(row["member"].clone()).or_default().insert(row["cluster"].clone());
    }
    clusters
}

#[test]
fn ring_is_one_cluster_with_its_owners_on_paper_and_pays_in_a_circle() {
    let run = harbor_street();
    let truth = run.truth();
    let ring = truth["ring"].as_table().unwrap();
    let clusters = clusters();
    let of = |party: &String| clusters.get(party).cloned().unwrap_or_default();
    let parties: BTreeSet<String> = list(&ring["parties"]).into_iter().collect();
    let joined: BTreeSet<String> = parties.iter().flat_map(&of).collect();
    assert_eq!(joined.len(), 1, "the storefronts stand in one cluster");
    let members: BTreeSet<String> = clusters
        .iter()
        .filter(|(_, own)| !own.is_disjoint(&joined))
        .map(|(member, _)| member.clone())
        .collect();
    let sweep = truth["payroll_sweep"].as_table().unwrap();
    let mut planted = parties;
    planted.extend(list(&ring["owners_on_paper"]));
    planted.extend(list(&sweep["workers"]));
    planted.insert(text(&truth["facilitator"]["party"]));
    let members = members.into_iter().filter(|name| !name.contains('/')).collect();
    let (hits, alarms) = score("cluster of the ring", &planted, &members);
    assert_eq!((hits, alarms.len()), (planted.len(), 0));

    let accounts: Vec<String> =
        list(&ring["accounts"]).iter().map(|account| account.to_uppercase()).collect();
    let flows: BTreeSet<(String, String)> = run
        .rows("tables/flows.csv")
        .iter()
        .map(|row| (row["from"].clone(), row["to"].clone()))
        .collect();
    for (at, account) in accounts.iter().enumerate() {
        let next = accounts[(at + 1) % accounts.len()].clone();
        assert!(flows.contains(&(account.clone(), next)), "{account} pays the next");
    }
}

#[test]
fn shared_phone_joins_exactly_its_parties_and_placeholders_join_nobody() {
    let run = harbor_street();
    let truth = run.truth();
    let shared = truth["shared_phone"].as_table().unwrap();
    let rows = run.rows("tables/clusters.csv");
    let joined_by = |identifier: &str| -> BTreeSet<String> {
        let same = rows.iter().filter(|row| row["identifier"] == identifier);
        same.flat_map(|row| [row["member"].clone(), row["other_member"].clone()]).collect()
    };
    let planted: BTreeSet<String> = list(&shared["parties"]).into_iter().collect();
    let found = joined_by(&text(&shared["phone"]));
    assert_eq!(score("shared phone", &planted, &found), (planted.len(), vec![]));

    let placeholder = truth["placeholder"].as_table().unwrap();
    let branch = text(&placeholder["branch_phone"]);
    let common: BTreeMap<String, String> = run
        .rows("tables/common_identifiers.csv")
        .iter()
        .map(|row| (row["identifier"].clone(), row["why"].clone()))
        .collect();
    println!("common identifiers: {common:?}");
    assert!(common[&branch].contains("Merrow Harbor Bank"), "{}", common[&branch]);
    assert!(joined_by(&branch).is_empty());
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let zeros: Vec<&String> =
        common.keys().filter(|one| digits(one).trim_start_matches('1') == "0000000000").collect();
    assert_eq!(zeros.len(), 1, "both spellings of the number of zeros are one common identifier");
    assert!(joined_by(zeros[0]).is_empty());
    let case = run.case();
    let names = [&placeholder["addresses"], &placeholder["emails"], &placeholder["subscribers"]];
    for found in names.into_iter().flat_map(list) {
        let named = case.find(&found, &EntityKind::ALL).unwrap();
        assert_eq!(named, Vec::<EntityRef>::new(), "{found} names nobody and nothing");
        assert!(joined_by(&found).is_empty() && joined_by(&found.to_uppercase()).is_empty());
    }
}

/// Both carriers hold most calls, and one carrier both ends of others: each is one call. Of the
/// readings that `truth.toml` counts, only those of records set aside are missing.
#[test]
fn every_call_placed_is_one_call_however_often_it_was_recorded() {
    let truth = harbor_street().truth();
    let calls = truth["calls"].as_table().unwrap();
    let number = |key: &str| calls[key].as_integer().unwrap() as usize;
    let case = harbor_street().case();
    let further = case.refs().unwrap().of.iter().filter(|of| *of == "calls").count();
    let sources = case.sources().unwrap();
    let lost: i64 = (0..sources.rejected.len())
        .filter(|row| sources.record.get(*row) == "call-detail")
        .map(|row| sources.rejected[row])
        .sum();
    assert_eq!(case.calls().unwrap().line.len(), number("placed"));
    let recorded = number("recorded_by_both_carriers") + number("recorded_on_both_sides");
    assert_eq!(further, recorded - lost as usize);
}

#[test]
fn replaced_phone_is_found_and_no_other() {
    let truth = harbor_street().truth();
    let replaced = truth["replaced_phone"].as_table().unwrap();
    let rows = harbor_street().rows("tables/phone_changes.csv");
    let found: BTreeSet<String> = rows
        .iter()
        .map(|row| {
            format!(
                "{} after {} until {}",
                row["later_phone"], row["earlier_phone"], row["last_earlier"]
            )
        })
        .collect();
    let (new, old) = (text(&replaced["new"]), text(&replaced["old"]));
    let last = replaced["last_day_of_old"].as_datetime().unwrap();
    let planted = BTreeSet::from([format!("{new} after {old} until {last}")]);
    assert_eq!(score("replaced phone", &planted, &found), (1, vec![]));
}

#[test]
fn payroll_sweep_is_found_with_workers_and_employer() {
    let run = harbor_street();
    let truth = run.truth();
    let sweep = truth["payroll_sweep"].as_table().unwrap();
    let found: BTreeSet<String> =
        run.rows("tables/pass-through.csv").iter().map(|row| row["account"].clone()).collect();
    let planted = accounts(&sweep["worker_accounts"]);
    let (hits, alarms) = score("accounts wages pass through", &planted, &found);
    assert_eq!(hits, planted.len());
    // The payroll company passes wages on for a living and is measured so, with that reading.
    assert_eq!(alarms, ["MERROW HARBOR BANK/4410000140"]);

    check_payroll_sweep(sweep);

    let rows = run.rows("queries/wages-back-to-employer.csv");
    let employers: BTreeSet<String> = rows.iter().map(|row| row["employer"].clone()).collect();
    assert_eq!(employers, BTreeSet::from([text(&sweep["employer"])]));
    let workers: BTreeSet<String> = list(&sweep["workers"]).into_iter().collect();
    let employees: BTreeSet<String> = rows.iter().map(|row| row["employee"].clone()).collect();
    assert!(!employees.is_empty() && employees.is_subset(&workers), "{employees:?}");
    let swept: BTreeSet<String> = list(&sweep["swept_back"]).into_iter().collect();
    let planted: BTreeSet<String> = back_to_employer(&run.case(), &truth, &swept);
    let found: BTreeSet<String> = rows
        .iter()
        .flat_map(|row| row["back_transfers"].split("; ").map(str::to_owned).collect::<Vec<_>>())
        .collect();
    assert_eq!(score("wages back with the employer", &planted, &found), (planted.len(), vec![]));
}

/// The pattern names the employer, all workers, the controller and every planted transfer, and
/// no one else; the payroll company is not among them.
fn check_payroll_sweep(sweep: &Table) {
    let of = |key: &str| accounts(&Value::Array(vec![sweep[key].clone()]));
    let mut planted = accounts(&sweep["worker_accounts"]);
    planted.extend(of("employer_account"));
    planted.extend(accounts(&sweep["back_to"]));
    let rows = harbor_street().rows("tables/payroll-sweep.csv");
    let found: BTreeSet<String> = rows.iter().map(|row| row["account"].clone()).collect();
    assert_eq!(score("payroll sweep", &planted, &found), (planted.len(), vec![]));
    let role = |role: &str| -> BTreeSet<String> {
        let own = rows.iter().filter(|row| row["role_in_pattern"] == role);
        own.map(|row| row["account"].clone()).collect()
    };
    assert_eq!(role("worker"), accounts(&sweep["worker_accounts"]));
    assert_eq!(role("employer"), of("employer_account"));
    let rows = harbor_street().rows("tables/payroll-sweep_steps.csv");
    let places: BTreeSet<String> = rows
        .iter()
        .flat_map(|row| row["source_refs"].split("; ").map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let mut planted: BTreeSet<String> = list(&sweep["wages"]).into_iter().collect();
    planted.extend(list(&sweep["swept_back"]));
    assert_eq!(score("records of the payroll sweep", &planted, &places), (planted.len(), vec![]));
}

/// Takings are drawn by lot, and no amounts below the threshold are planted to come to more: four
/// of the five storefronts have three of 3,000 or more within five business days that do. The
/// fifth, Driftwood Foot Care, never has more than two, which `transfers_min = 2` asks for.
#[test]
fn structuring_names_storefronts_only() {
    let truth = harbor_street().truth();
    let planted = accounts(&truth["ring"]["accounts"]);
    let rows = harbor_street().rows("tables/structuring.csv");
    let found: BTreeSet<String> = rows.iter().map(|row| row["account"].clone()).collect();
    assert_eq!(score("structuring, 3 amounts within 5 days", &planted, &found), (4, vec![]));
    let missed: Vec<&String> = planted.difference(&found).collect();
    assert_eq!(missed, ["CASTELLAN TRUST/700000018"], "its cash never is what is asked for");
    let params = structuring::Params { transfers_min: 2, ..structuring::Params::default() };
    let case = harbor_street().case();
    let outcome = structuring::run(&Inputs::new(&case), &params).unwrap();
    let found: BTreeSet<String> =
        outcome.findings.iter().map(|it| it.candidate_name.clone()).collect();
    assert_eq!(score("structuring, 2 amounts within 5 days", &planted, &found), (5, vec![]));
    for table in ["funnel", "chains"] {
        assert!(harbor_street().rows(&format!("tables/{table}.csv")).is_empty(), "{table}");
    }
}

/// First places of the planted transfers back that end with the employer.
fn back_to_employer(case: &Case, truth: &Table, swept: &BTreeSet<String>) -> BTreeSet<String> {
    let account = text(&truth["payroll_sweep"]["employer_account"]).to_uppercase();
    let transfers = case.transfers().unwrap();
    let names = case.names(EntityKind::Account).unwrap();
    let to_employer = readings(case)
        .into_iter()
        .enumerate()
        .filter(|(row, _)| names.get(transfers.to_account[*row] as usize) == account)
        .map(|(_, places)| places[0].0.clone());
    to_employer.filter(|first| swept.contains(first)).collect()
}

#[test]
fn both_legs_of_every_planted_pair_are_one_transfer_and_no_others() {
    let run = harbor_street();
    let truth = run.truth();
    let case = run.case();
    let pair = |places: Vec<String>| {
        let mut places = places;
        places.sort();
        places.join(" = ")
    };
    let mut groups = Vec::new();
    for one in truth["ambiguous"].as_array().unwrap() {
        groups.push(list(&one["records"]).into_iter().collect::<BTreeSet<String>>());
    }
    let pairs = truth["both_legs"]["pairs"].as_array().unwrap();
    let planted: BTreeSet<String> = pairs.iter().map(|one| pair(list(one))).collect();
    let (equal, merged): (Vec<Vec<String>>, Vec<Vec<String>>) = readings(&case)
        .into_iter()
        .map(|places| places.into_iter().map(|(place, _)| place).collect::<Vec<_>>())
        .filter(|places| places.len() > 1)
        .partition(|places| groups.iter().any(|group| group.contains(&places[0])));
    let merged: BTreeSet<String> = merged.into_iter().map(pair).collect();
    assert_eq!(score("both legs", &planted, &merged), (planted.len(), vec![]));

    // Equal payments of neighbouring days arrive in the order in which they left: as many
    // transfers as there were payments, and each says that there was a choice.
    let in_group: BTreeSet<&String> = groups.iter().flatten().collect();
    let paired: Vec<&String> = equal.iter().flatten().collect();
    assert_eq!(paired.len(), in_group.len(), "each record of a group stands in one transfer");
    for places in &equal {
        let group = groups.iter().find(|group| group.contains(&places[0])).unwrap();
        assert!(places.iter().all(|place| group.contains(place)), "{places:?}");
    }
    let told = &case.leg_evidence().unwrap().evidence;
    let told = told.iter().filter(|words| words.contains("in order of days")).count();
    assert_eq!(told, equal.len());
    assert_eq!(case.possible_pairs().unwrap().transfer.len(), 0);
    println!("equal payments: {} of {} records paired in order", paired.len(), in_group.len());
}

#[test]
fn rejects_are_the_planted_ones_and_every_source_adds_up() {
    let run = harbor_street();
    let truth = run.truth();
    let planted: BTreeSet<String> = truth["rejects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let (at, column) = (text(&one["at"]), text(&one["column"]));
            format!("{at} {column:?} {:?} kept={}", text(&one["found"]), one["kept"])
        })
        .collect();
    let rows = run.rows("rejects.csv");
    let found: BTreeSet<String> = rows
        .iter()
        .map(|row| {
            let (at, column) = (format!("{}:{}", row["source"], row["line"]), &row["column"]);
            format!("{at} {column:?} {:?} kept={}", row["found"], row["kept"])
        })
        .collect();
    assert_eq!(score("rejects", &planted, &found), (planted.len(), vec![]));
    // What is said of each names what would have been read.
    let words = [
        ("date", "day"),
        ("amount", "amount"),
        ("duration", "duration"),
        ("fields", "fields"),
        ("name", "name"),
    ];
    for one in truth["rejects"].as_array().unwrap() {
        let kind = text(&one["kind"]);
        let at = text(&one["at"]);
        let row = rows.iter().find(|row| format!("{}:{}", row["source"], row["line"]) == at);
        let (_, word) = words.iter().find(|(known, _)| *known == kind).expect("a known kind");
        assert!(row.unwrap()["reason"].contains(word), "{at}: {}", row.unwrap()["reason"]);
    }

    let count = |row: &BTreeMap<String, String>, name: &str| row[name].parse::<i64>().unwrap();
    let sources: BTreeMap<String, BTreeMap<String, String>> = run
        .rows("tables/sources.csv")
        .into_iter()
        .map(|row| (row["source"].clone(), row))
        .collect();
    let counts = truth["counts"].as_array().unwrap();
    assert_eq!(sources.len(), counts.len());
    for one in counts {
        let row = &sources[&text(&one["source"])];
        let (read, rejected) = (count(row, "read"), count(row, "rejected"));
        assert_eq!(read, count(row, "accepted") + rejected + count(row, "duplicate"));
        assert_eq!(Some(read), one["records"].as_integer(), "{}", one["source"]);
        let whole = run.rows("rejects.csv");
        let set_aside = whole
            .iter()
            .filter(|reject| reject["source"] == text(&one["source"]) && reject["kept"] == "false");
        assert_eq!(rejected, set_aside.count() as i64, "{}", one["source"]);
    }
}

#[test]
fn money_in_and_out_of_every_account_is_what_its_own_records_say() {
    let case = harbor_street().case();
    let truth = harbor_street().truth();
    let transfers = case.transfers().unwrap();
    let names = case.names(EntityKind::Account).unwrap();
    let mut totals: BTreeMap<&str, (i64, i64, i64)> = BTreeMap::new();
    for (row, places) in readings(&case).into_iter().enumerate() {
        let amount = transfers.amount_minor[row];
        for (place, side) in places {
            // A list of payments is its bank's record of the end that its name says.
            let sent = side == Side::Sender || place.contains("payments_sent");
            let (account, debit, credit) = match sent {
                true => (transfers.from_account[row], amount, 0),
                false => (transfers.to_account[row], 0, amount),
            };
            let total = totals.entry(names.get(account as usize)).or_default();
            *total = (total.0 + 1, total.1 + debit, total.2 + credit);
        }
    }
    let planted = truth["totals"].as_array().unwrap();
    for one in planted {
        let name = text(&one["account"]).to_uppercase();
        let of = |key: &str| one[key].as_integer().unwrap();
        let stated = (of("records"), of("debits_minor"), of("credits_minor"));
        assert_eq!(totals.remove(name.as_str()), Some(stated), "{name}");
    }
    assert_eq!(totals, BTreeMap::new(), "no other account has records of its own");
    println!("{} accounts have the totals of their own records", planted.len());
}

#[test]
fn month_of_the_missing_row_is_the_only_one_that_breaks() {
    let truth = harbor_street().truth();
    let missing = truth["missing_row"].as_table().unwrap();
    let rows = harbor_street().rows("tables/balances.csv");
    let broken: Vec<_> =
        rows.iter().filter(|row| matches!(row["state"].as_str(), "breaks" | "missing")).collect();
    assert_eq!(broken.len(), 1);
    let row = broken[0];
    assert_eq!(row["account"], text(&missing["account"]).to_uppercase());
    assert_eq!((&row["month"], row["breaks"].as_str()), (&text(&missing["month"]), "1"));
    let amount: i64 = row["difference"].replace('.', "").parse().unwrap();
    assert_eq!(Some(amount), missing["amount_minor"].as_integer());
    // The break shows on the line after the one that was left out.
    let (path, line) = text(&missing["after"])
        .rsplit_once(':')
        .map(|(path, line)| (path.to_owned(), line.parse::<u32>().unwrap()))
        .unwrap();
    assert_eq!((&row["source"], &row["line"]), (&path, &(line + 1).to_string()));
    let proving = rows.iter().filter(|row| row["state"] == "proves").count();
    println!("balances: {proving} account-months prove, 1 breaks as planted");
    assert!(proving > 100);
}
