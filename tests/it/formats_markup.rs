//! XML and SGML formats on fixtures of our own: loaded end to end, and read after every damage.

use std::fs;
use std::io::Cursor;
use std::path::Path;

use moneytrail::model::{EntityKind, SourceRef};
use moneytrail::records::{Item, recognise_format, structured_format};
use moneytrail::store::Case;
use proptest::prelude::*;
use tempfile::TempDir;

use crate::loaded::{case_text, counts, directory, load_in, rejects, transfers};

/// Fixture and the format that reads it.
const FIXTURES: [(&str, &str); 5] = [
    ("camt053.xml", "camt"),
    ("pacs008.xml", "pacs"),
    ("pain001.xml", "pacs"),
    ("checking.ofx", "ofx"),
    ("card.ofx", "ofx"),
];

fn fixture(name: &str) -> Vec<u8> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/formats");
    fs::read(root.join(name)).unwrap()
}

fn loaded(name: &str) -> (TempDir, Case) {
    let dir = directory(&[(name, &fixture(name))]);
    let case = load_in(dir.path(), &case_text(&[(name, None)])).unwrap();
    (dir, case)
}

/// Transfers as `from > to day amount currency`.
fn told(case: &Case) -> Vec<String> {
    let mut rows = transfers(case);
    rows.sort_by_key(|row| row.6);
    let day = |day: i32| jiff::civil::date(1970, 1, 1).saturating_add(jiff::Span::new().days(day));
    rows.iter()
        .map(|(from, to, at, minor, currency, _, _)| {
            format!("{from} > {to} {} {minor} {currency}", day(*at))
        })
        .collect()
}

fn statements(case: &Case) -> Vec<String> {
    let table = case.statements().unwrap();
    let accounts = case.names(EntityKind::Account).unwrap();
    (0..table.line.len())
        .map(|row| {
            let account = accounts.get(table.account[row] as usize);
            let (opening, closing) = (table.opening_minor[row], table.closing_minor[row]);
            let lines = (table.first_line[row], table.last_line[row]);
            format!("{account} {} {opening:?} {closing:?} {lines:?}", table.currency[row].code())
        })
        .collect()
}

#[test]
fn a_camt_statement_loads_with_its_balances_and_places() {
    let (_dir, case) = loaded("camt053.xml");
    assert_eq!(case.sources().unwrap().layout.get(0), "camt");
    assert_eq!(counts(&case, 0), [5, 3, 2, 0, 0]);
    let own = "GB75TEST00000000000001";
    assert_eq!(
        told(&case),
        [
            format!("{own} > GB48TEST00000000000002 2026-03-05 90000 EUR"),
            format!("{own} > TESTUS33/44100199 2026-03-05 60000 EUR"),
            format!("{own} ~ PIER 9 UTILITIES > {own} 2026-03-09 22450 EUR"),
        ]
    );
    let [pending, cents] = rejects(&case).try_into().unwrap();
    assert_eq!((pending.0, pending.1.as_str(), pending.2.as_str()), (4, "Sts", "PDNG"));
    assert_eq!((cents.0, cents.1.as_str(), cents.2.as_str()), (5, "amount", "12.345"));
    let reason = case.rejects().unwrap().reason.get(0).to_owned();
    let place = "BizMsgEnvlp/Document/BkToCstmrStmt/Stmt[1]/Ntry[3]";
    assert!(reason.starts_with("not booked (status PDNG)"), "{reason}");
    assert_eq!(case.rejects().unwrap().place.get(0), format!("line 50, {place}"));
    let places = case.places().unwrap();
    let first = "line 26, BizMsgEnvlp/Document/BkToCstmrStmt/Stmt[1]/Ntry[1]/NtryDtls[1]/TxDtls[1]";
    assert_eq!(places.place.get(0), first);
    let shown = case.place(SourceRef { source: 0, line: 1 }).unwrap();
    assert!(shown.contains("camt053.xml#1 (line 26, "), "{shown}");
    assert_eq!(
        statements(&case),
        [format!("{own} EUR Some(100000) Some(-27550) (1, 5)")],
        "opening, closing, and the numbers of its records"
    );
    let details = case.details().unwrap();
    assert_eq!(details.reference.get(0), "SAL-1; PAY-MARCH; HB0305001");
    assert_eq!(details.reference.get(2), "M-77; HB0309002");
    assert_eq!(details.description.get(2), "(returned: AC04) (reversal)");
}

#[test]
fn settled_payments_load_with_both_amounts() {
    let (_dir, case) = loaded("pacs008.xml");
    assert_eq!(counts(&case, 0), [3, 2, 1, 0, 0]);
    assert_eq!(
        told(&case),
        [
            "GB75TEST00000000000001 > GB48TEST00000000000002 2026-03-12 50000 USD",
            "TESTUS33/44100199 > GB48TEST00000000000002 2026-03-13 9000 EUR",
        ]
    );
    let received = case.conversions().unwrap();
    assert_eq!(received.received_minor, [47_000]);
    assert_eq!(rejects(&case)[0].1, "IntrBkSttlmAmt");
}

#[test]
fn an_order_to_pay_is_no_transfer() {
    let (_dir, case) = loaded("pain001.xml");
    assert_eq!(counts(&case, 0), [1, 0, 1, 0, 0]);
    let reason = case.rejects().unwrap().reason.get(0).to_owned();
    assert!(reason.starts_with("an order to pay is no proof that money moved"), "{reason}");
}

#[test]
fn ofx_1_loads_with_open_tags_and_a_code_page() {
    let (_dir, case) = loaded("checking.ofx");
    assert_eq!(counts(&case, 0), [4, 3, 1, 0, 0]);
    let own = "000000000/5550100101";
    assert_eq!(
        told(&case),
        [
            format!("{own} > {own} ~ CHECK 2026-03-02 45000 USD"),
            format!("{own} ~ CAFE MERIDIEN AND SONS > {own} 2026-03-06 125025 USD"),
            format!("{own} > 000000001/5550100202 2026-03-09 20000 USD"),
        ]
    );
    // Of the invented banks only one fills its box with more than zeros.
    let told = |(line, column, found, kept): (u32, String, String, bool)| {
        format!("{line} {column} {found} {kept}")
    };
    let told: Vec<String> = rejects(&case).into_iter().map(told).collect();
    assert_eq!(told, ["3 bank 000000001 true", "4 TRNAMT -1,200 false"]);
    assert_eq!(statements(&case), [format!("{own} USD None Some(210025) (1, 4)")]);
    assert_eq!(case.details().unwrap().reference.get(0), "H1; 1042");
    let place = "line 18, OFX/BANKMSGSRSV1/STMTTRNRS[1]/STMTRS/BANKTRANLIST[1]/STMTTRN[1]";
    assert_eq!(case.places().unwrap().place.get(0), place);
}

#[test]
fn ofx_2_loads_a_card_and_sets_pending_rows_aside() {
    let (_dir, case) = loaded("card.ofx");
    assert_eq!(counts(&case, 0), [4, 3, 1, 0, 0]);
    let own = "PIER CARD/5550100999000001";
    let rows = told(&case);
    assert_eq!(rows[0], format!("{own} > {own} ~ CORNER CO GROCERS 2026-03-11 4210 USD"));
    assert_eq!(rows[1], format!("{own} > {own} ~ ATLAS FARES 2026-03-12 3000 EUR"));
    let found: Vec<(u32, String, bool)> =
        rejects(&case).into_iter().map(|one| (one.0, one.1, one.3)).collect();
    assert_eq!(found, [(3, "TRNTYPE".to_owned(), true), (4, "STMTTRNP".to_owned(), false)]);
    assert_eq!(statements(&case), [format!("{own} USD None Some(-7710) (1, 4)")]);
}

/// Reads to the end: items, and whether their numbers ascend by one.
fn read(word: &str, bytes: Vec<u8>) -> usize {
    let mut reader = (structured_format(word).unwrap().open)(Box::new(Cursor::new(bytes)));
    let (mut items, mut last) = (0, 0);
    while let Some(item) = reader.next_item().unwrap() {
        items += 1;
        let line = match item {
            Item::Record(record) => record.line,
            Item::Reject(reject) if !reject.kept => reject.line,
            Item::Reject(reject) => {
                assert_eq!(reject.line, last.max(1));
                continue;
            }
            Item::Statement(_) => continue,
        };
        assert_eq!(line, last + 1);
        last = line;
    }
    items
}

#[test]
fn fixtures_are_recognised_as_what_they_are() {
    for (name, word) in FIXTURES {
        assert_eq!(recognise_format(&fixture(name)).unwrap().word, word, "{name}");
        assert!(read(word, fixture(name)) > 0);
    }
}

proptest! {
    #[test]
    fn damaged_sources_come_to_an_end_with_their_records_numbered(
        which in 0..FIXTURES.len(),
        other in 0..FIXTURES.len(),
        cut in any::<prop::sample::Index>(),
        splice in (any::<prop::sample::Index>(), any::<prop::sample::Index>()),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
    ) {
        let (name, word) = FIXTURES[which];
        let mut bytes = fixture(name);
        for (at, byte) in flips {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let foreign = fixture(FIXTURES[other].0);
        let (from, to) = (splice.0.index(foreign.len()), splice.1.index(foreign.len()));
        let at = cut.index(bytes.len());
        let tail = bytes.split_off(at);
        read(word, bytes.clone());
        bytes.extend(&foreign[from.min(to)..from.max(to)]);
        bytes.extend(tail);
        read(word, bytes);
    }

    #[test]
    fn arbitrary_bytes_are_refused_by_every_reader(
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        which in 0..FIXTURES.len(),
    ) {
        read(FIXTURES[which].1, bytes);
    }
}
