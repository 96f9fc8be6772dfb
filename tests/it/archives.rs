//! Archives and workbooks: the same returns in any of them are the same records, each cited by its
//! member, and what is hostile or damaged is refused with nothing written.

use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;
use std::time::{Duration, SystemTime};

use moneytrail::case::CaseFile;
use moneytrail::records::{Place, contents};
use moneytrail::store::{Case, load};
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::loaded::{case_text, counts, directory, load_in, rejects, transfers};

/// Layout of the statements below.
pub const LAYOUT: &str = r#"
name = "harbor"
record = "bank-statement"
institution = "Harbor Bank"
[recognise]
header = ["Account", "Posting Date", "Description", "Withdrawals", "Deposits", "Balance", "Checked"]
[csv]
ignore = ["^Totals"]
[fields]
account = { column = "Account" }
booked = { column = "Posting Date", format = "%m/%d/%Y" }
amount = { debit = "Withdrawals", credit = "Deposits" }
balance = { column = "Balance" }
description = { column = "Description" }
"#;

/// The statement of `fixtures/formats/sheets` as a file of rows.
const CSV: &str = "Harbor Bank\nAccount statement, March 2024\n\n\
    Account,Posting Date,Description,Withdrawals,Deposits,Balance,Checked\n\
    4410000007,03/01/2024,ZELLE TO JOAN MARCH ON 03/01,120.50,,879.50,TRUE\n\
    4410000007,03/04/2024,\"WIRE IN, HARBOR FREIGHT\",,0.30,879.80,FALSE\n\
    4410000007,03/05/2024,\"RENT \"\"UNIT 4\"\"\",1200.00,,-320.20,TRUE\n\
    Totals,,,1320.50,,,\n";

const OTHER: &str = "Account,Posting Date,Description,Withdrawals,Deposits,Balance,Checked\n\
    4410000028,03/09/2024,CASH,20.00,,,\n";

fn fixture(name: &str) -> Vec<u8> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/formats/sheets");
    fs::read(dir.join(name)).expect("the fixture can be read")
}

/// A zip archive of members.
pub fn zipped(members: &[(&str, &[u8])]) -> Vec<u8> {
    packed(members, SimpleFileOptions::default())
}

fn packed(members: &[(&str, &[u8])], options: SimpleFileOptions) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn stored(members: &[(&str, &[u8])]) -> Vec<u8> {
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    packed(members, options)
}

/// A tar archive of members.
pub fn tarred(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

/// Bytes behind gzip.
pub fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn zstandard(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}

/// Loads sources out of a directory with those files; every table is read before it goes.
fn loaded(files: &[(&str, &[u8])], sources: &[&str]) -> moneytrail::Result<Case> {
    let mut all = vec![("harbor.toml", LAYOUT.as_bytes())];
    all.extend(files);
    let dir = directory(&all);
    let sources: Vec<(&str, Option<&str>)> =
        sources.iter().map(|one| (*one, Some("harbor.toml"))).collect();
    let case = load_in(dir.path(), &case_text(&sources));
    if case.is_err() {
        assert!(!dir.path().join("store").exists(), "nothing is written");
    }
    let case = case?;
    let (_, _, _) = (case.transfers()?, case.accounts()?, case.details()?);
    let (_, _, _) = (case.sources()?, case.rejects()?, case.members()?);
    Ok(case)
}

fn names(case: &Case) -> Vec<String> {
    case.sources().unwrap().source.iter().map(str::to_owned).collect()
}

fn members(case: &Case) -> Vec<(String, String)> {
    let table = case.members().unwrap();
    table.member.iter().zip(table.state.iter()).map(|(a, b)| (a.to_owned(), b.to_owned())).collect()
}

#[test]
fn the_same_returns_in_any_container_are_the_same_transfers() {
    let csv = CSV.as_bytes();
    let plain = loaded(&[("a.csv", csv)], &["a.csv"]).unwrap();
    let inner = zipped(&[("jan.csv", csv)]);
    let tar = tarred(&[("bank/jan.csv", csv)]);
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("a.zip", zipped(&[("bank/jan.csv", csv)]), "a.zip!bank/jan.csv"),
        ("a.zip", stored(&[("jan.csv", csv)]), "a.zip!jan.csv"),
        ("a.csv.gz", gzipped(csv), "a.csv.gz"),
        ("a.csv.zst", zstandard(csv), "a.csv.zst"),
        ("a.tar", tar.clone(), "a.tar!bank/jan.csv"),
        ("a.tar.gz", gzipped(&tar), "a.tar.gz!bank/jan.csv"),
        ("a.tar.zst", zstandard(&tar), "a.tar.zst!bank/jan.csv"),
        ("a.zip", zipped(&[("in.zip", &inner)]), "a.zip!in.zip!jan.csv"),
        ("a.tar", tarred(&[("in.tar.gz", &gzipped(&tar))]), "a.tar!in.tar.gz!bank/jan.csv"),
        ("a.zip", zipped(&[("jan.csv.gz", &gzipped(csv))]), "a.zip!jan.csv.gz"),
        ("a.xls", fixture("statement.xls"), "a.xls!Statement"),
        ("a.ods", fixture("statement.ods"), "a.ods!Statement"),
        ("a.zip", zipped(&[("b.ods", &fixture("statement.ods"))]), "a.zip!b.ods!Statement"),
    ];
    for (name, bytes, source) in cases {
        // The name says nothing: a workbook is told from an archive by what is in it.
        let case = loaded(&[(name, &bytes)], &[name]).unwrap_or_else(|e| panic!("{source}: {e}"));
        assert_eq!(names(&case), [source]);
        assert_eq!(transfers(&case), transfers(&plain), "{source}");
        assert_eq!(counts(&case, 0), counts(&plain, 0), "{source}");
        let (one, other) = (case.details().unwrap(), plain.details().unwrap());
        assert_eq!(one.balance_minor, other.balance_minor, "{source}");
        assert_eq!(one.description, other.description, "{source}");
    }
    let pattern = "a.xlsx!Statement";
    let case = loaded(&[("a.xlsx", &fixture("statement.xlsx"))], &[pattern]).unwrap();
    assert_eq!((names(&case), transfers(&case)), (vec![pattern.to_owned()], transfers(&plain)));
    // Days counted from 1904, and a table that begins in column B of row 1.
    let case = loaded(&[("a.xlsx", &fixture("statement_1904.xlsx"))], &["a.xlsx"]).unwrap();
    let moved = transfers(&case).into_iter().map(|row| (row.2, row.3, row.6 + 3));
    let rows: Vec<_> = transfers(&plain).into_iter().map(|row| (row.2, row.3, row.6)).collect();
    assert_eq!(moved.collect::<Vec<_>>(), rows);
}

#[test]
fn each_member_is_a_source_with_its_own_hash_and_what_holds_nothing_is_named() {
    let archive = zipped(&[
        ("bank/feb.csv", OTHER.as_bytes()),
        ("bank/jan.csv", CSV.as_bytes()),
        ("__MACOSX/bank/._jan.csv", b"attributes"),
        ("bank/.DS_Store", b"\0\0\0\x01Bud1"),
        ("bank/none.csv", b""),
    ]);
    let case = loaded(&[("returns.zip", &archive)], &["returns.zip"]).unwrap();
    assert_eq!(names(&case), ["returns.zip!bank/feb.csv", "returns.zip!bank/jan.csv"]);
    let hash = |bytes: &[u8]| -> String {
        Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
    };
    assert_eq!(case.sources().unwrap().sha256.get(1), hash(CSV.as_bytes()));
    let inputs = &case.manifest().inputs;
    assert_eq!(inputs["returns.zip"].sha256, hash(&archive));
    assert_eq!(inputs["returns.zip!bank/jan.csv"].sha256, hash(CSV.as_bytes()));
    let passed: Vec<String> = members(&case).into_iter().map(|one| one.0).collect();
    assert_eq!(
        passed,
        [
            "returns.zip!__MACOSX/bank/._jan.csv",
            "returns.zip!bank/.DS_Store",
            "returns.zip!bank/none.csv"
        ]
    );
    for (pattern, sources) in [
        ("returns.zip!bank/j*.csv", vec!["returns.zip!bank/jan.csv"]),
        ("*.zip!**/feb.csv", vec!["returns.zip!bank/feb.csv"]),
    ] {
        let case = loaded(&[("returns.zip", &archive)], &[pattern]).unwrap();
        assert_eq!(names(&case), sources, "{pattern}");
    }
    refused(&archive, &["returns.zip!*.csv"], &["no member of it matches", "\"bank/feb.csv\""]);
    // A file whose own name holds the separator is itself.
    let case = loaded(&[("a!b.csv", CSV.as_bytes())], &["a!b.csv"]).unwrap();
    assert_eq!(names(&case), ["a!b.csv"]);
}

#[test]
fn a_tar_archive_names_its_links_and_reads_long_names() {
    let long = format!("{}/jan.csv", "a-folder-of-the-bank/".repeat(9).trim_end_matches('/'));
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(CSV.len() as u64);
    builder.append_data(&mut header, &long, CSV.as_bytes()).unwrap();
    let mut link = tar::Header::new_gnu();
    link.set_entry_type(tar::EntryType::Symlink);
    link.set_size(0);
    builder.append_link(&mut link, "latest.csv", "/etc/passwd").unwrap();
    let bytes = builder.into_inner().unwrap();
    let case = loaded(&[("a.tar", &bytes)], &["a.tar"]).unwrap();
    assert_eq!(names(&case), [format!("a.tar!{long}")]);
    assert_eq!(members(&case)[0].0, "a.tar!latest.csv");
}

#[test]
fn equal_bytes_are_duplicates_wherever_they_lie() {
    let archive = zipped(&[("jan.csv", CSV.as_bytes())]);
    let files = [("a.csv", CSV.as_bytes()), ("b.zip", &archive[..]), ("c.zip", &archive[..])];
    let case = loaded(&files, &["a.csv", "b.zip", "c.zip"]).unwrap();
    assert_eq!(counts(&case, 0)[..4], [3, 3, 0, 0]);
    assert_eq!(counts(&case, 1)[..4], [3, 0, 0, 3]);
    assert_eq!(counts(&case, 2)[..4], [3, 0, 0, 3]);
    let book = fixture("statement.ods");
    let archive = zipped(&[("b.ods", &book)]);
    let files = [("a.ods", &book[..]), ("b.zip", &archive[..])];
    let case = loaded(&files, &["a.ods", "b.zip"]).unwrap();
    assert_eq!(counts(&case, 1)[..4], [3, 0, 0, 3]);
}

#[test]
fn faults_of_a_sheet_cost_their_row_and_hidden_sheets_are_said() {
    let book = fixture("statement.xlsx");
    let case = loaded(&[("a.xlsx", &book)], &["a.xlsx"]).unwrap();
    assert_eq!(names(&case), ["a.xlsx!Faults", "a.xlsx!Statement"]);
    let said = [("a.xlsx!Empty", "passed-over"), ("a.xlsx!Faults", "hidden")];
    assert_eq!(members(&case), said.map(|(one, state)| (one.to_owned(), state.to_owned())));
    // Row 7 is empty, and the merged cell of rows 8 and 9 stands in row 8 alone.
    assert_eq!(counts(&case, 0), [7, 2, 5, 0, 2]);
    let found: Vec<(u32, String, String)> =
        rejects(&case).into_iter().map(|one| (one.0, one.1, one.2)).collect();
    let expected = [
        (2, "Account", "4410000028"),
        (3, "Withdrawals / Deposits", "#REF!"),
        (4, "Account", "44100000280000000000"),
        (5, "Posting Date", "2024-03-02T14:30:00"),
        (6, "", "a note"),
        (9, "Account", ""),
        // Numbers of accounts in cells of numbers are noted once a column of each sheet.
        (5, "Account", "4410000007"),
    ];
    let expected =
        expected.map(|(line, column, found)| (line, column.to_owned(), found.to_owned()));
    assert_eq!(found, expected);
}

#[track_caller]
fn refused(bytes: &[u8], sources: &[&str], words: &[&str]) {
    let error = loaded(&[("returns.zip", bytes)], sources).expect_err("the archive is refused");
    let said = format!("{error} {}", error.hint().unwrap_or_default());
    for word in words {
        assert!(said.contains(word), "{word:?} is not in {said:?}");
    }
}

/// Replaces every occurrence.
fn patched(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut out = bytes.to_vec();
    let mut at = 0;
    while at + from.len() <= out.len() {
        if out[at..].starts_with(from) {
            out[at..at + to.len()].copy_from_slice(to);
        }
        at += 1;
    }
    out
}

#[test]
fn damaged_and_hostile_archives_are_refused_with_nothing_written() {
    let all = ["returns.zip"];
    let csv = CSV.as_bytes();
    let whole = stored(&[("a.csv", csv), ("b.csv", csv)]);
    let wrong = patched(&whole, b"ZELLE", b"ZELLX");
    refused(&wrong, &all, &["returns.zip!a.csv", "checksum"]);
    refused(&patched(&whole, b"b.csv", b"a.csv"), &all, &["two members of one name"]);
    refused(&whole[..whole.len() - 30], &all, &["returns.zip", "cannot be read as a zip archive"]);
    // Bit 0 of the flags, behind the two versions and the one version of the two headers.
    let mut locked = whole.clone();
    for (magic, at) in [(b"PK\x03\x04", 6), (b"PK\x01\x02", 8)] {
        for start in 0..locked.len() - 10 {
            if locked[start..].starts_with(magic) {
                locked[start + at] |= 1;
            }
        }
    }
    refused(&locked, &all, &["returns.zip!a.csv", "encrypted with a password"]);
    refused(&zipped(&[("note.txt", b"hello\n")]), &["returns.zip"], &["returns.zip!note.txt"]);
    refused(&zipped(&[("empty.csv", b"")]), &all, &["holds no member to read"]);
    refused(b"PK\x03\x04 and nothing else", &all, &["cannot be read as a zip archive"]);
    let compound = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and nothing else";
    refused(compound, &all, &["cannot be read as a workbook"]);
    let mut deep = zipped(&[("a.csv", csv)]);
    for _ in 0..6 {
        deep = stored(&[("in.zip", &deep)]);
    }
    refused(&deep, &all, &["is an archive within 4 others"]);
    let tar = tarred(&[("a.csv", csv), ("b.csv", csv)]);
    refused(&tar[..700], &all, &["it ends within its member \"a.csv\""]);
    refused(&tar[..2048], &all, &["without its end mark"]);
    let twice = tarred(&[("a.csv", csv), ("a.csv", csv)]);
    refused(&twice, &all, &["two members named \"a.csv\""]);
    let mut more = tar.clone();
    more.extend_from_slice(&tar);
    refused(&more, &all, &["more behind its end mark"]);
    let zeros = vec![0_u8; 150 << 20];
    let bomb = zstandard(&tarred(&[("a.csv", &zeros)]));
    refused(&bomb, &all, &["1000 times its size"]);
    let cut = gzipped(&tar);
    refused(&cut[..cut.len() - 20], &all, &["returns.zip"]);
}

#[test]
fn names_of_members_are_shown_and_never_written_to() {
    let marker = "moneytrail-traversal.csv";
    let names_in = [format!("../../{marker}"), format!("/etc/{marker}"), "a!b\u{1b}[2J.csv".into()];
    for name in &names_in {
        let bytes = stored(&[("0123456789.csv", CSV.as_bytes())]);
        let writer = |name: &str| zipped(&[(name, CSV.as_bytes())]);
        let bytes = if name.is_ascii() { writer(name) } else { bytes };
        let case = loaded(&[("a.zip", &bytes)], &["a.zip"]).unwrap();
        let shown = &names(&case)[0];
        assert!(shown.chars().all(|letter| !letter.is_control()), "{shown:?}");
        assert_eq!(shown.matches('!').count(), 1, "{shown:?}");
    }
    assert!(!std::env::temp_dir().join(marker).exists());
    let bytes = patched(&stored(&[("abcd.csv", CSV.as_bytes())]), b"abcd.csv", b"a\0\xe9d.csv");
    let case = loaded(&[("a.zip", &bytes)], &["a.zip"]).unwrap();
    assert_eq!(names(&case), ["a.zip!a\\x00\\xe9d.csv"]);
}

#[test]
fn a_file_that_changes_while_it_is_read_is_refused() {
    let archive = zipped(&[("a.csv", CSV.as_bytes())]);
    let other = zipped(&[("a.csv", CSV.replace("ZELLE", "ZELLX").as_bytes())]);
    let text = CSV.replace("ZELLE", "ZELLX");
    let cases: [(&str, &[u8], &[u8]); 2] =
        [("a.csv", CSV.as_bytes(), text.as_bytes()), ("a.zip", &archive, &other)];
    for (name, before, after) in cases {
        let dir = directory(&[("harbor.toml", LAYOUT.as_bytes()), (name, before)]);
        let path = dir.path().join(name);
        let old = SystemTime::now() - Duration::from_secs(600);
        let date = |at| fs::File::options().write(true).open(&path).unwrap().set_modified(at);
        date(old).unwrap();
        fs::write(dir.path().join("case.toml"), case_text(&[(name, Some("harbor.toml"))])).unwrap();
        let plan = CaseFile::read(&dir.path().join("case.toml")).unwrap().plan;
        let store = dir.path().join("store");
        // The same size and the same date of change: only the bytes differ.
        let rewrite = |_: &str, _: u64| {
            fs::write(&path, after).unwrap();
            date(old).unwrap();
        };
        let error = load(&plan, &store, &rewrite).unwrap_err().to_string();
        assert!(error.contains(name) && error.contains("changed while it was read"), "{error}");
        assert!(!store.exists());
        // Touched, and still what was read.
        fs::write(&path, before).unwrap();
        load(&plan, &store, &|_, _| date(SystemTime::now()).unwrap()).unwrap();
    }
}

/// Looks into bytes as into a file, and reads every sheet found; all that may come is an error.
fn look(bytes: &[u8]) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let Ok(found) = contents(file.path(), "a", None) else { return };
    for place in found.places {
        read(&place);
    }
}

fn read(place: &Place) {
    match place.sheet() {
        Some(sheet) => {
            let _ = sheet.rows(&mut |_, _| Ok(()));
        }
        None => {
            let read = place.raw().map(|mut bytes| std::io::copy(&mut bytes, &mut std::io::sink()));
            let _ = read;
        }
    }
}

/// Bytes of a zip archive with one of its members changed, its checksums right again.
fn repacked(bytes: &[u8], which: usize, change: impl Fn(&mut Vec<u8>)) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut members = Vec::new();
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).unwrap();
        let mut member = Vec::new();
        std::io::copy(&mut file, &mut member).unwrap();
        members.push((file.name().unwrap().into_owned(), member));
    }
    let at = which % members.len();
    change(&mut members[at].1);
    let members: Vec<(&str, &[u8])> =
        members.iter().map(|(name, member)| (name.as_str(), &member[..])).collect();
    stored(&members)
}

fn damage(bytes: &mut Vec<u8>, flips: &[(usize, u8)], cut: usize) {
    for (at, with) in flips {
        let at = at % bytes.len().max(1);
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= with;
        }
    }
    // Whole as often as not.
    if cut.is_multiple_of(2) {
        bytes.truncate(cut % (bytes.len() + 1));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn damaged_containers_never_panic(
        which in 0..6_usize,
        flips in prop::collection::vec((any::<usize>(), any::<u8>()), 0..6),
        cut: usize,
    ) {
        let members: [(&str, &[u8]); 2] = [("a.csv", CSV.as_bytes()), ("b.csv", OTHER.as_bytes())];
        let mut bytes = match which {
            0 => zipped(&members),
            1 => tarred(&members),
            2 => gzipped(&tarred(&members)),
            3 => fixture("statement.xls"),
            4 => fixture("statement.ods"),
            _ => fixture("statement.xlsx"),
        };
        damage(&mut bytes, &flips, cut);
        look(&bytes);
    }

    #[test]
    fn damaged_parts_of_workbooks_never_panic(
        ods: bool,
        which: usize,
        flips in prop::collection::vec((any::<usize>(), any::<u8>()), 1..6),
        cut: usize,
    ) {
        let book = fixture(if ods { "statement.ods" } else { "statement.xlsx" });
        look(&repacked(&book, which, |part| damage(part, &flips, cut)));
    }

    #[test]
    fn damaged_xls_workbooks_never_panic(
        flips in prop::collection::vec((any::<usize>(), any::<u8>()), 1..12),
    ) {
        let mut bytes = fixture("statement.xls");
        damage(&mut bytes, &flips, 1);
        look(&bytes);
    }

    #[test]
    fn arbitrary_bytes_behind_a_magic_number_never_panic(
        magic in prop::sample::select(vec![
            &b"PK\x03\x04"[..], b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x1f\x8b\x08",
            b"\x28\xb5\x2f\xfd",
        ]),
        rest in prop::collection::vec(any::<u8>(), 0..4_096),
    ) {
        look(&[magic, &rest].concat());
    }
}
