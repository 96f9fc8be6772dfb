//! A protected run: nothing that it writes names anyone whom the case file does not open, and
//! every figure is the one of the office's own run.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;
use moneytrail::model::{EntityKind, EntityRef, Role};
use moneytrail::normalise::placeholder;
use moneytrail::store::Case;

use super::{CaseRun, ended, harbor_street, moneytrail, scratch, tree};

fn protected() -> &'static CaseRun {
    static RUN: OnceLock<CaseRun> = OnceLock::new();
    RUN.get_or_init(|| {
        let folder = harbor_street().folder.clone();
        let out = scratch("protected").join("out");
        let file = folder.join("case.toml");
        let (file, to) = (file.to_str().unwrap(), out.to_str().unwrap());
        let output = ended(&mut moneytrail(&["run", file, "--protect", "--out", to]), 0);
        CaseRun { folder, out, said: String::from_utf8(output.stdout).unwrap() }
    })
}

/// Who may be named: targets and witnesses of the case file, and the producers of the returns.
fn open_parties(case: &Case) -> BTreeSet<EntityRef> {
    let mut open = BTreeSet::new();
    for subject in case.subjects().unwrap() {
        if matches!(subject.role, Some(Role::Target | Role::Witness)) {
            open.extend(subject.matches);
        }
    }
    let producers: BTreeSet<&str> = case.sources().unwrap().institution.iter().collect();
    for (row, name) in case.parties().unwrap().name.iter().enumerate() {
        if producers.contains(name) {
            open.insert(EntityRef { kind: EntityKind::Party, row: row as u32 });
        }
    }
    open
}

/// Things that an open party holds, uses or occupies, alone or with others.
fn of_open_parties(case: &Case, open: &BTreeSet<EntityRef>) -> BTreeSet<EntityRef> {
    let mut theirs = BTreeSet::new();
    let holdings = case.holdings().unwrap();
    for row in 0..holdings.account.len() {
        if open.contains(&EntityRef { kind: EntityKind::Party, row: holdings.party[row] }) {
            theirs.insert(EntityRef { kind: EntityKind::Account, row: holdings.account[row] });
        }
    }
    let ties = case.ties().unwrap();
    for row in 0..ties.from_row.len() {
        if open.contains(&EntityRef { kind: ties.from_kind[row], row: ties.from_row[row] }) {
            theirs.insert(EntityRef { kind: ties.to_kind[row], row: ties.to_row[row] });
        }
    }
    theirs
}

/// Every text by which someone protected, or something only the protected have, is known.
fn secrets(case: &Case) -> BTreeSet<String> {
    let open = open_parties(case);
    let theirs = of_open_parties(case, &open);
    let mut secrets = BTreeSet::new();
    for kind in EntityKind::ALL {
        for (row, name) in case.names(kind).unwrap().iter().enumerate() {
            let entity = EntityRef { kind, row: row as u32 };
            let shared = [EntityKind::Email, EntityKind::Document, EntityKind::Vehicle];
            if shared.contains(&kind) && case.identifiers().unwrap().kind[row] != kind {
                continue;
            }
            if open.contains(&entity) || theirs.contains(&entity) || placeholder(name).is_some() {
                continue;
            }
            secrets.insert(name.to_owned());
            secrets.insert(case.key(entity).unwrap()[..16].to_owned());
            match kind {
                EntityKind::Party => secrets.insert(case.parties().unwrap().name.get(row).into()),
                EntityKind::Phone => secrets.insert(case.phones().unwrap().found.get(row).into()),
                EntityKind::Premises => {
                    secrets.insert(case.premises().unwrap().found.get(row).into())
                }
                EntityKind::Account => {
                    let accounts = case.accounts().unwrap();
                    accounts.kind.get(row) != "unidentified"
                        && secrets.insert(accounts.number.get(row).to_owned())
                }
                _ => true,
            };
        }
    }
    // Texts of three letters would be found in any page.
    secrets.retain(|text| text.chars().count() > 5);
    secrets
}

/// A text as HTML and XML, DOT and JSON, CSV and file names would hold it.
fn spellings(text: &str) -> Vec<String> {
    let folded: String = text
        .to_lowercase()
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' })
        .collect();
    let escaped = text.replace('&', "&amp;");
    let slashes = escaped.replace('/', "&#x2f;");
    let mut all = vec![text.to_owned(), escaped, slashes, text.replace('"', "\\\""), folded];
    all.dedup();
    all
}

#[test]
fn nothing_names_anyone_without_a_recorded_role() {
    let case = harbor_street().case();
    let secrets = secrets(&case);
    assert!(secrets.len() > 500, "{} texts to keep", secrets.len());
    let spelled: Vec<String> = secrets.iter().flat_map(|text| spellings(text)).collect();
    let any = AhoCorasick::new(&spelled).unwrap();
    let mut read = 0;
    for (name, bytes) in tree(&protected().out) {
        assert!(!any.is_match(&name), "the name of {name}");
        // Parquet is compressed; what it holds is read through the store below.
        if !name.ends_with(".parquet") {
            let text = String::from_utf8(bytes).unwrap();
            let found: BTreeSet<&str> = any
                .find_iter(&text)
                .map(|found| spelled[found.pattern().as_usize()].as_str())
                .collect();
            assert!(found.is_empty(), "{name} holds {found:?}");
            read += 1;
        }
    }
    println!("{read} files hold none of {} texts", spelled.len());
}

#[test]
fn the_store_of_a_protected_run_is_protected_too() {
    let (open, case) = (harbor_street().case(), protected().case());
    let secrets = secrets(&open);
    for kind in EntityKind::ALL {
        let texts = case.names(kind).unwrap();
        assert_eq!(texts.len(), open.names(kind).unwrap().len());
        assert!(texts.iter().all(|text| !secrets.contains(text)), "{kind}");
    }
    let (parties, leases) = (case.parties().unwrap(), case.leases().unwrap());
    let columns = [
        &parties.name,
        &case.accounts().unwrap().number,
        &case.phones().unwrap().found,
        &case.premises().unwrap().found,
        &case.ties().unwrap().found,
        &leases.tenants,
        &leases.landlord,
        &leases.guarantors,
    ];
    for column in columns {
        assert!(column.iter().all(|text| !secrets.contains(text)));
    }
    for column in [&case.details().unwrap().description, &case.details().unwrap().reference] {
        assert!(column.iter().all(|text| text.is_empty() || text.starts_with("withheld ")));
    }
    assert!(case.rejects().unwrap().raw.iter().all(str::is_empty));
    assert!(leases.tenants.iter().all(|text| !text.is_empty()), "tenants keep a pseudonym");
}

#[test]
fn whoever_the_case_file_opens_is_still_named() {
    let charts: Vec<PathBuf> = super::charts::files(protected(), "html");
    let names: Vec<String> = charts
        .iter()
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    assert!(names.contains(&"lena-ortiz".to_owned()), "{names:?}");
    assert!(names.contains(&"harriet-quill".to_owned()), "{names:?}");
    assert!(!names.contains(&"amaya-solis".to_owned()), "{names:?}");
    let first = &protected().rows("findings.csv")[0];
    assert_eq!(first["candidate"], "Lena Ortiz");
    let page = std::fs::read_to_string(protected().out.join("report.html")).unwrap();
    assert!(page.contains("PROTECTED COPY") && !page.contains("INTERNAL"));
}

/// The numbers of a column, in order of size: rows may stand in another order under other names.
fn numbers(run: &CaseRun, file: &str, column: &str) -> Vec<String> {
    let mut found: Vec<String> = run.rows(file).iter().map(|row| row[column].clone()).collect();
    found.sort();
    found
}

#[test]
fn every_figure_is_the_same_as_in_the_office() {
    for (file, columns) in [
        ("tables/flows.csv", &["total", "transfers", "first", "last", "net"][..]),
        ("tables/balances.csv", &["opening", "closing", "records", "state", "difference"]),
        ("tables/clusters.csv", &["identifier_kind", "parties_sharing", "from", "to"]),
        ("tables/common_identifiers.csv", &["parties_sharing", "why"]),
        ("tables/facilitators.csv", &["rank", "score", "pass_through_share", "betweenness"]),
        ("tables/pass-through.csv", &["total", "share_out_percent", "records"]),
        ("tables/fan-in.csv", &["total", "peak_counterparties", "records"]),
        ("tables/contacts.csv", &["calls", "texts", "seconds"]),
        ("tables/identical_records.csv", &["amount", "records"]),
        ("tables/premises_payers.csv", &["rent", "paid_total", "payments", "how"]),
        ("findings.csv", &["analysis", "measure", "amount", "records"]),
        ("rejects.csv", &["line", "column", "reason", "kept"]),
    ] {
        for column in columns {
            let (office, outside) =
                (numbers(harbor_street(), file, column), numbers(protected(), file, column));
            assert!(office == outside, "{file}: {column} differs");
        }
    }
}
