//! Call detail returns and lists of leases as producers write them, with truth by hand.

use std::fs;

use moneytrail::analyses::coverage;
use moneytrail::model::{EntityKind, NONE};
use moneytrail::store::Case;
use tempfile::TempDir;

use crate::loaded::{case_text, counts, load_in, rejects};

/// A case of these files and layouts, each source with its layout; region US by its zone.
fn load(files: &[(&str, &str, &str)], layouts: &[(&str, &str)]) -> (TempDir, Case) {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in layouts {
        fs::write(dir.path().join(format!("{name}.toml")), text).unwrap();
    }
    let names: Vec<(String, String)> = files
        .iter()
        .map(|(name, layout, text)| {
            fs::write(dir.path().join(name), text).unwrap();
            let own = layouts.iter().any(|(own, _)| own == layout);
            let suffix = if own { ".toml" } else { "" };
            ((*name).to_owned(), format!("{layout}{suffix}"))
        })
        .collect();
    let sources: Vec<(&str, Option<&str>)> =
        names.iter().map(|(name, layout)| (name.as_str(), Some(layout.as_str()))).collect();
    let text = case_text(&sources).replace("\"UTC\"", "\"America/New_York\"");
    let case = load_in(dir.path(), &text).unwrap();
    (dir, case)
}

/// Every call: from, to, seconds, start in milliseconds, digits dialled, in the table's order.
fn calls(case: &Case) -> Vec<String> {
    let (calls, phones) = (case.calls().unwrap(), case.names(EntityKind::Phone).unwrap());
    (0..calls.line.len())
        .map(|row| {
            let phone = |row: u32| phones.get(row as usize);
            let seconds = calls.duration_s[row].map_or("-".to_owned(), |one| one.to_string());
            let (from, to) = (phone(calls.from_phone[row]), phone(calls.to_phone[row]));
            format!("{from} > {to} {seconds} {:?}", calls.dialled.get(row))
        })
        .collect()
}

/// Further readings of calls: row of the call, source and line.
fn further(case: &Case) -> Vec<(u32, u32, u32)> {
    let refs = case.refs().unwrap();
    let calls = (0..refs.row.len()).filter(|at| refs.of.get(*at) == "calls");
    calls.map(|at| (refs.row[at], refs.source[at], refs.line[at])).collect()
}

const LEGS: &str = r#"
name = "legs"
record = "call-detail"
timezone = "UTC"
voicemail = ["(202) 555-0199"]

[fields]
start = { column = "Start", format = "%Y-%m-%d %H:%M:%S" }
target = { column = "Target" }
other = { column = "Other" }
direction = { column = "Way", values = { "MO" = "out", "MT" = "in" } }
call = { column = "Id" }
leg = { column = "Leg" }
duration = { column = "Length", format = "%M:%S" }
dialled = { column = "Digits" }
imei = { column = "IMEI" }
"#;

#[test]
fn legs_are_one_call_and_both_ends_are_one_call() {
    let first = "Start,Target,Other,Way,Id,Leg,Length,Digits,IMEI\n\
        2024-03-04 15:00:00,2025550101,2025550102,MO,A1,1,0:10,,49-015420-323751-8\n\
        2024-03-04 15:00:02,2025550101,2025550102,MO,A1,2,2:05,,\n\
        2024-03-04 16:00:00,2025550101,2025550103,MO,A2,1,0:30,,\n\
        2024-03-04 16:00:01,2025550101,2025550104,MO,A2,2,0:40,,4901542032375102\n";
    // The other end's return of the first call, in local time and in seconds.
    let other = "name = \"plain\"\nrecord = \"call-detail\"\n[fields]\n\
        start = { column = \"When\", format = \"%m/%d/%Y %H:%M:%S\" }\n\
        caller = { column = \"From\" }\ncalled = { column = \"To\" }\n\
        duration = { column = \"Secs\" }\n";
    let second = "When,From,To,Secs\n03/04/2024 10:00:00,(202) 555-0101,202-555-0102,125\n\
        03/04/2024 12:00:00,(202) 555-0101,202-555-0102,00:01:00\n";
    let files = [("a.csv", "legs", first), ("b.csv", "plain", second)];
    let (_dir, case) = load(&files, &[("legs", LEGS), ("plain", other)]);
    assert_eq!([counts(&case, 0), counts(&case, 1)], [[4, 4, 0, 0, 1], [2, 2, 0, 0, 1]]);
    assert_eq!(
        calls(&case),
        [
            "+12025550101 > +12025550102 125 \"\"",
            // A call forwarded: who talked to whom stands in both legs.
            "+12025550101 > +12025550103 30 \"\"",
            "+12025550101 > +12025550104 40 \"\"",
            "+12025550101 > +12025550102 60 \"\"",
        ]
    );
    assert_eq!(further(&case), [(0, 1, 2), (0, 0, 3)]);
    // Three writings of one handset are one device.
    let devices = case.names(EntityKind::Device).unwrap();
    assert_eq!(devices.iter().collect::<Vec<_>>(), ["49015420323751"]);
    let handsets = &case.calls().unwrap().imei;
    assert_eq!(handsets, &[0, NONE, 0, NONE]);
    assert_eq!(rejects(&case), []);
}

#[test]
fn a_voicemail_is_whose_it_is_and_dialled_digits_name_the_phone() {
    let rows = "Start,Target,Other,Way,Id,Leg,Length,Digits,IMEI\n\
        2024-03-04 15:00:00,2025550101,VM:2025550102,MO,,,0:31,,\n\
        2024-03-04 15:01:00,2025550101,2025550199,MO,,,0:32,2025550102,\n\
        2024-03-04 15:02:00,2025550101,2025550199,MO,,,0:33,,\n\
        2024-03-04 15:03:00,2025550105,*86,MO,,,0:34,,\n\
        2024-03-04 15:04:00,2025550105,,MO,,,0:35,*672025550103,\n\
        2024-03-04 15:05:00,2025550105,#31#2025550103,MO,,,0:36,,\n\
        2024-03-04 15:06:00,2025550105,Voicemail,MT,,,0:37,,\n\
        2024-03-04 15:07:00,2025550105,,MT,,,0:38,2025550103,\n";
    let (_dir, case) = load(&[("a.csv", "legs", rows)], &[("legs", LEGS)]);
    assert_eq!(
        calls(&case),
        [
            "+12025550101 > +12025550102 31 \"VM:2025550102\"",
            "+12025550101 > +12025550102 32 \"2025550102\"",
            "+12025550101 > +12025550101 ~ voicemail 33 \"2025550199\"",
            "+12025550105 > +12025550105 ~ voicemail 34 \"*86\"",
            "+12025550105 > +12025550103 35 \"*672025550103\"",
            "+12025550105 > +12025550103 36 \"#31#2025550103\"",
            "+12025550105 ~ voicemail > +12025550105 37 \"Voicemail\"",
        ]
    );
    // Digits dialled say nothing of who called in.
    assert_eq!(rejects(&case), [(9, "Other".to_owned(), String::new(), false)]);
}

#[test]
fn listed_handsets_are_those_of_the_calls() {
    let call = "Start,Target,Other,Way,Id,Leg,Length,Digits,IMEI\n\
        2024-03-04 15:00:00,2025550101,2025550102,MO,,,0:31,,490154203237518\n";
    let devices = "id,kind,blocked,opened\n49 015420 323751 8,,,\n4901542032375103,imei,,\n";
    let files = [("a.csv", "legs", call), ("d.csv", "moneytrail-devices", devices)];
    let (_dir, case) = load(&files, &[("legs", LEGS)]);
    let names = case.names(EntityKind::Device).unwrap();
    assert_eq!(names.iter().collect::<Vec<_>>(), ["49015420323751"]);
}

const PEOPLE: &str = r#"
name = "people"
record = "leases"
institution = "Quay Rentals"

[fields]
lease = { column = "No" }
premises = { column = "Address" }
person = { column = "Name" }
role = { column = "Role", values = { T = "tenant", L = "landlord", G = "guarantor" } }
rent = { column = "Rent" }
period = { constant = "month" }
start = { column = "From", format = "%Y-%m-%d" }
end = { column = "To", format = "%Y-%m-%d" }
amends = { column = "Amends" }
"#;

/// Every lease: its lines, tenants, landlord, guarantors, rent, and the days of its own terms.
fn leases(case: &Case) -> Vec<String> {
    let table = case.leases().unwrap();
    let day = |one: Option<i32>| one.map_or("-".to_owned(), moneytrail::model::day_text);
    (0..table.line.len())
        .map(|row| {
            format!(
                "{}:{}+{} {} | {} | {} | {:?} {} {} until {}",
                table.source[row],
                table.line[row],
                table.further_lines.get(row),
                table.tenants.get(row),
                table.landlord.get(row),
                table.guarantors.get(row),
                table.rent_minor[row],
                day(table.start[row]),
                day(table.end[row]),
                day(table.amended_from[row]),
            )
        })
        .collect()
}

#[test]
fn a_lease_with_a_row_for_each_person_is_one_lease() {
    let rows = "No,Address,Name,Role,Rent,From,To,Amends\n\
        7,4 Pier Road,Lena Ortiz,T,1200.00,2024-01-01,2024-12-31,\n\
        7,4 Pier Road,Tomas Arden,T,1200.00,2024-01-01,2024-12-31,\n\
        7,4 Pier Road,Castellan Yards LLC,L,,2024-01-01,2024-12-31,\n\
        7,4 Pier Road,Mira Soltane,G,,,,\n\
        8,9 Pier Road,Mira Soltane,T,900.00,2024-01-01,,\n\
        7,4 Pier Road,Lena Ortiz,T,1300.00,2025-01-01,2025-12-31,\n\
        9,2 Pier Road,Mira Soltane,X,900.00,2024-01-01,,\n";
    let (_dir, case) = load(&[("l.csv", "people", rows)], &[("people", PEOPLE)]);
    assert_eq!(counts(&case, 0), [7, 6, 1, 0, 1]);
    assert_eq!(
        leases(&case),
        [
            "0:2+3;4;5 Lena Ortiz; Tomas Arden | Castellan Yards LLC | Mira Soltane | \
             Some(120000) 2024-01-01 2024-12-31 until -",
            "0:6+ Mira Soltane |  |  | Some(90000) 2024-01-01 - until -",
            // A renewal under the old number has a rent and a term of its own.
            "0:7+ Lena Ortiz |  |  | Some(130000) 2025-01-01 2025-12-31 until -",
        ]
    );
    // Each person is tied by the line that names them.
    let ties = case.ties().unwrap();
    let told: Vec<(&str, u32)> =
        (0..ties.line.len()).map(|row| (ties.relation.get(row), ties.line[row])).collect();
    for tie in [("tenant-of", 2), ("tenant-of", 3), ("landlord-of", 4), ("guarantees", 5)] {
        assert!(told.contains(&tie), "{tie:?}: {told:?}");
    }
    assert_eq!(rejects(&case), [(8, "Role".to_owned(), "X".to_owned(), false)]);
}

#[test]
fn amended_terms_end_and_overlapping_ones_are_listed() {
    let head = "premises,tenants,landlord,guarantors,rent,currency,period,start,end,lease,amends\n";
    let rows = format!(
        "{head}\
        4 Pier Road,Lena Ortiz,Castellan Yards,,1200.00,,month,2024-01-01,2024-12-31,7,\n\
        4 Pier Road,Lena Ortiz,Castellan Yards,,1250.00,,month,2024-06-01,2024-12-31,7-A,7\n\
        4 Pier Road,Lena Ortiz,Castellan Yards,,1300.00,,month,2024-09-01,2024-12-31,7-B,7\n\
        4 Pier Road,Tomas Arden,Castellan Yards,,1100.00,,month,2024-12-01,2025-11-30,8,\n\
        9 Pier Road,Mira Soltane,Castellan Yards,,900.00,,month,2024-01-01,,9,77\n\
        9 Pier Road,Mira Soltane,Castellan Yards,,900.00,,month,2023-01-01,2023-12-31,6,\n"
    );
    let (_dir, case) = load(&[("l.csv", "moneytrail-leases", &rows)], &[]);
    assert_eq!(counts(&case, 0), [6, 6, 0, 0, 1]);
    let told = leases(&case);
    assert!(told[0].ends_with("Some(120000) 2024-01-01 2024-12-31 until 2024-06-01"), "{told:?}");
    assert!(told[1].ends_with("Some(125000) 2024-06-01 2024-12-31 until 2024-09-01"), "{told:?}");
    assert!(told[2..].iter().all(|one| one.ends_with("until -")), "{told:?}");
    let table = case.rejects().unwrap();
    let notes: Vec<String> = (0..table.line.len())
        .map(|row| {
            assert!(table.kept[row]);
            format!("{} {} {}", table.line[row], table.column.get(row), table.reason.get(row))
        })
        .collect();
    assert_eq!(notes.len(), 2, "{notes:?}");
    let overlap = "l.csv:4 of the same premises, from 2024-12-01 to 2024-12-31; both are kept";
    assert!(notes[0].starts_with("5 start ") && notes[0].ends_with(overlap), "{notes:?}");
    assert!(notes[1].starts_with("6 amends expected the number of one lease"), "{notes:?}");
}

#[test]
fn a_lease_in_a_rent_roll_and_in_its_copy_is_one_lease() {
    let head = "premises,tenants,landlord,rent,period,start,end,lease,deposit\n";
    let roll = format!(
        "{head}\
        4 Pier Road,Lena Ortiz,Castellan Yards LLC,1200.00,month,2024-01-01,2024-12-31,,\n\
        5 Pier Road,Tomas Arden,Castellan Yards LLC,900.00,month,2024-01-01,,,\n\
        6 Pier Road,Mira Soltane,Castellan Yards LLC,900.00,month,2024-01-01,,,\n\
        7 Pier Road,Mira Soltane,Castellan Yards LLC,700.00,month,2024-01-01,,,\n"
    );
    let copies = format!(
        "{head}\
        4 Pier Rd.,\"ORTIZ, LENA\",Castellan Yards L.L.C.,1200.00,month,2024-01-01,,L-7,2400.00\n\
        5 Pier Road,Tomas Arden,Castellan Yards LLC,950.00,month,2024-01-01,,,\n\
        6 Pier Road,Ivo Strand,Castellan Yards LLC,900.00,month,2024-01-01,,,\n\
        7 Pier Road,Mira Soltane,Quay Rentals,700.00,month,2024-01-01,,,\n"
    );
    let files =
        [("roll.csv", "moneytrail-leases", &*roll), ("copy.csv", "moneytrail-leases", &*copies)];
    let (_dir, case) = load(&files, &[]);
    let told = leases(&case);
    assert_eq!(told.len(), 7, "{told:?}");
    let one =
        "0:2+1:2 Lena Ortiz | Castellan Yards LLC |  | Some(120000) 2024-01-01 2024-12-31 until -";
    assert_eq!(told[0], one);
    let table = case.leases().unwrap();
    assert_eq!((table.lease.get(0), table.deposit_minor[0]), ("L-7", Some(240_000)));
    assert_eq!(table.lines()[..2], [(0, 0, 2), (0, 1, 2)]);
    // What contradicts, or has no tenant or landlord in common, is listed and not merged.
    let rejects = case.rejects().unwrap();
    let notes: Vec<&str> = rejects.reason.iter().collect();
    assert_eq!(notes.len(), 3, "{notes:?}");
    assert!(notes[0].ends_with("both are kept; they differ in rent"), "{notes:?}");
    assert!(notes[1..].iter().all(|note| note.ends_with("both are kept")), "{notes:?}");
}

#[test]
fn a_guarantor_in_the_cell_of_tenants_is_no_tenant() {
    let rows = "Address,Tenants,Rent,Every\n\
        4 Pier Road,\"Jane Roe & John Roe, as joint tenants; guarantor: Paul Vane\",500.00,\
        Fortnightly\n5 Pier Road,Cy Roe; Dora Poe (Guarantor),3000.00,Quarterly\n";
    let layout = "name = \"roll\"\nrecord = \"leases\"\n[fields]\n\
        premises = { column = \"Address\" }\n\
        tenants = { column = \"Tenants\", split = [\";\", \" & \"] }\n\
        rent = { column = \"Rent\" }\nperiod = { column = \"Every\" }\n";
    let (_dir, case) = load(&[("roll.csv", "roll.toml", rows)], &[("roll.toml", layout)]);
    let told: Vec<String> = leases(&case);
    assert!(told[0].contains("Jane Roe; John Roe |  | Paul Vane | Some(50000)"), "{told:?}");
    assert!(told[1].contains("Cy Roe |  | Dora Poe | Some(300000)"), "{told:?}");
    let table = case.leases().unwrap();
    assert_eq!((table.period.get(0), table.period.get(1)), ("fortnight", "quarter"));
    let ties = case.ties().unwrap();
    let count = |relation: &str| {
        (0..ties.line.len()).filter(|at| ties.relation.get(*at) == relation).count()
    };
    assert_eq!((count("tenant-of"), count("guarantees")), (3, 2));
    // What a person's role was read from is said.
    let rejects = case.rejects().unwrap();
    let kept: Vec<(u32, bool)> =
        (0..rejects.line.len()).map(|at| (rejects.line[at], rejects.kept[at])).collect();
    assert_eq!(kept, [(2, true), (3, true)]);
}

#[test]
fn drifting_clocks_and_voicemails_are_told() {
    let layout = |name: &str| {
        LEGS.replace("\"legs\"", &format!("{name:?}")).replace("[\"(202) 555-0199\"]", "[]")
    };
    let head = "Start,Target,Other,Way,Id,Leg,Length,Digits,IMEI\n";
    let first = format!(
        "{head}2024-03-04 15:00:00,2025550101,2025550102,MO,,,2:10,,\n\
        2024-03-04 16:00:00,2025550101,2025550102,MO,,,0:05,,\n"
    );
    let second = format!(
        "{head}2024-03-04 15:00:12,2025550102,2025550101,MT,,,2:00,,\n\
        2024-03-04 16:00:05,2025550102,2025550101,MT,,,0:04,*86,\n\
        2024-03-04 16:05:00,2025550102,*86,MO,,,0:40,,\n"
    );
    let (a, b) = (layout("a"), layout("b"));
    let files = [("a.csv", "a", &*first), ("b.csv", "b", &*second)];
    let (dir, case) = load(&files, &[("a", &a), ("b", &b)]);
    let told = calls(&case);
    assert_eq!(told.len(), 3, "{told:?}");
    assert_eq!(further(&case), [(0, 1, 2), (1, 1, 3)]);
    assert_eq!(case.calls().unwrap().voicemail, [false, false, true]);
    assert_eq!(case.manifest().parameters["call_tolerance_s"], "30");
    let words = "2 records tell of a call that another return holds: start and duration differ by \
                 at most 30 seconds, or by a minute more where a return shows whole minutes alone.";
    assert!(coverage::sources(&case).unwrap().notes.iter().any(|note| note == words));
    // With another tolerance, which the manifest states, they are calls of their own.
    let sources = [("a.csv", Some("a.toml")), ("b.csv", Some("b.toml"))];
    let text = case_text(&sources).replace("\"UTC\"", "\"America/New_York\"");
    let strict = load_in(dir.path(), &format!("{text}\n[load]\ncall_tolerance_s = 2\n")).unwrap();
    assert_eq!(calls(&strict).len(), 5);
    assert_eq!(strict.manifest().parameters["call_tolerance_s"], "2");
    let notes = coverage::sources(&strict).unwrap().notes;
    assert!(notes.iter().all(|note| !note.contains("call")), "none was joined: {notes:?}");
    let refused = load_in(dir.path(), &format!("{text}\n[load]\ncall_tolerance_s = 3601\n"));
    assert!(refused.unwrap_err().to_string().contains("0 to 3600"));
}
