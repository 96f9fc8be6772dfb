//! Twenty thousand equal payments of one day: what cannot be told apart is counted as it stands,
//! and the load says by its number what was not compared or not listed.

use moneytrail::case::CaseFile;
use moneytrail::store::{Case, Loaded, load};
use tempfile::TempDir;

use crate::loaded::{case_text, directory};

const PAID: usize = 20_000;

/// Loads two statements of rows under one header.
fn loaded(header: &str, rows: [String; 2]) -> (Case, Loaded, TempDir) {
    let texts = rows.map(|rows| format!("{header}\n{rows}"));
    let dir =
        directory(&[("sender.csv", texts[0].as_bytes()), ("receiver.csv", texts[1].as_bytes())]);
    let path = dir.path().join("case.toml");
    let text = case_text(&[("sender.csv", None), ("receiver.csv", None)]);
    std::fs::write(&path, text).unwrap();
    let store = dir.path().join("store");
    let loaded = load(&CaseFile::read(&path).unwrap().plan, &store, &|_, _| {}).unwrap();
    let case = Case::open(&store).unwrap();
    (case, loaded, dir)
}

/// Transfers, those of them with both readings, listed pairs, pairs that are only counted.
fn figures(loaded: &Loaded) -> (u64, u64, u64, u64) {
    (loaded.transfers, loaded.merged, loaded.possible, loaded.unlisted)
}

#[test]
fn wages_that_name_nobody_count_and_their_pairs_are_told_by_number() {
    let header = "account,booked,amount,counterparty_account,counterparty_name,bank";
    let sent = "1001,2024-01-10,-1500.00,,PAYROLL,Harbor\n".repeat(PAID);
    let arrived = (0..PAID)
        .map(|at| format!("{},2024-01-10,1500.00,XXXX1001,,Pier\n", 200_000 + at))
        .collect();
    let (_, loaded, _dir) = loaded(header, [sent, arrived]);
    let (transfers, merged, possible, unlisted) = figures(&loaded);
    assert_eq!((transfers, merged, possible), (2 * PAID as u64, 0, 0));
    assert!(unlisted >= (PAID * PAID) as u64, "{unlisted} of every pair there is");
}

#[test]
fn payments_between_two_accounts_are_paired_when_both_sides_have_as_many() {
    let header = "account,booked,amount,counterparty_account,counterparty_bank,bank";
    let sent = "1001,2024-01-10,-1500.00,2002,Pier,Harbor\n";
    let arrived = "2002,2024-01-10,1500.00,1001,Harbor,Pier\n";
    let (case, all, _dir) = loaded(header, [sent.repeat(PAID), arrived.repeat(PAID)]);
    assert_eq!(figures(&all), (PAID as u64, PAID as u64, 0, 0));
    let evidence = case.leg_evidence().unwrap();
    assert_eq!(evidence.evidence.len(), PAID, "each says that it was taken in order");
    // With one record less nobody knows which has no other.
    let (case, fewer, _dir) = loaded(header, [sent.repeat(PAID), arrived.repeat(PAID - 1)]);
    let pairs = (PAID * (PAID - 1)) as u64;
    assert_eq!(figures(&fewer), (2 * PAID as u64 - 1, 0, 100_000, pairs - 100_000));
    let why = &case.possible_pairs().unwrap().why;
    assert!(why.iter().all(|why| why == "too many equal records to tell apart"));
}
