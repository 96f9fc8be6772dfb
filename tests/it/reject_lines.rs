//! What is wrong with a file is told by file, line and column, and costs nothing beside it.

use std::fs;
use std::io::Write;
use std::path::Path;

use moneytrail::Error;
use moneytrail::store::{Case, verify};
use polars::prelude::*;
use polars_io::parquet::write::ParquetWriter;

use crate::archives::zipped;
use crate::loaded::{case_text, counts, directory, load_in, rejects, transfers};

/// Statement lines as one account's bank might write them, every kind of damage among them.
const STATEMENT: &[u8] = b"\xef\xbb\xbfaccount,booked,amount,description\r\n\
    1001,2024-03-01,-12.50,\"paper, clips\"\r\n\
    1001,2024-03-02,12.5O,letter for digit\r\n\
    1001,2024-02-30,5.00,no such day\r\n\
    1001,2024-03-04\r\n\
    1001,2024-03-05,1.00,caf\xe9\r\n\
    1001,2024-03-06,2.00,\"two\nlines, \"\"quoted\"\"\"\r\n\
    \r\n\
    1001,2024-03-07,0.75,after the quoted line\r\n\
    ,2024-03-32,x,nothing reads\r\n\
    1001,2024-03-08,3.25,last";

const GOOD: &str = "account,booked,amount,description\n\
    1001,2024-03-01,-12.50,\"paper, clips\"\n\
    1001,2024-03-06,2.00,two lines\n\
    1002,2024-03-07,-0.75,cash\n";

const BANK: Option<&str> = Some("moneytrail-bank-statement");

#[track_caller]
fn loaded(files: &[(&str, &[u8])], sources: &[(&str, Option<&str>)]) -> Case {
    let dir = directory(files);
    let case = load_in(dir.path(), &case_text(sources)).unwrap();
    // The directory goes with this function, so every table is read before it does.
    let (_, _, _) = (case.transfers().unwrap(), case.accounts().unwrap(), case.details().unwrap());
    let (_, _) = (case.sources().unwrap(), case.rejects().unwrap());
    case
}

#[track_caller]
fn refused(files: &[(&str, &[u8])], text: &str, words: &[&str]) {
    let dir = directory(files);
    let error = load_in(dir.path(), text).unwrap_err();
    let said = format!("{error} {}", error.hint().unwrap_or_default());
    for word in words {
        assert!(said.contains(word), "{word:?} is not in {said:?}");
    }
    assert!(!dir.path().join("store").exists(), "nothing is written");
    let left = fs::read_dir(dir.path()).unwrap().filter_map(Result::ok);
    let left = left.filter(|entry| entry.file_name().to_string_lossy().contains("partial"));
    assert_eq!(left.count(), 0, "nothing is left half");
}

#[test]
fn each_bad_record_is_named_by_its_line_and_the_good_ones_are_in() {
    let case = loaded(&[("bank.csv", STATEMENT)], &[("bank.csv", BANK)]);
    let named =
        |line, column: &str, found: &str| (line, column.to_owned(), found.to_owned(), false);
    let expected = [
        named(3, "amount", "12.5O"),
        named(4, "booked", "2024-02-30"),
        named(5, "", "1001,2024-03-04"),
        named(6, "", "1001,2024-03-05,1.00,caf\\xe9"),
        named(11, "account", ""),
    ];
    assert_eq!(rejects(&case), expected);
    assert_eq!(counts(&case, 0), [9, 4, 5, 0, 2]);
    let kept: Vec<(i64, u32)> = transfers(&case).iter().map(|row| (row.3, row.6)).collect();
    let mut kept_by_line = kept.clone();
    kept_by_line.sort_by_key(|row| row.1);
    assert_eq!(kept_by_line, [(1_250, 2), (200, 7), (75, 10), (325, 12)]);
    let details = case.details().unwrap();
    let texts: Vec<&str> = details.description.iter().collect();
    let said = ["paper, clips", "two\nlines, \"quoted\"", "after the quoted line", "last"];
    assert_eq!(texts, said);
}

#[test]
fn a_record_with_several_faults_is_one_record_set_aside() {
    let list = "from_account,to_account,booked,amount,currency\n\
                ,,2024-02-30,x,ZZZ\n1,2,2024-01-01,1.00,\n1,2,2024-01-01,1.00,ZZZ\n";
    let case = loaded(&[("list.csv", list.as_bytes())], &[("list.csv", None)]);
    assert_eq!(counts(&case, 0), [3, 1, 2, 0, 1]);
    let lines: Vec<(u32, String)> = rejects(&case).into_iter().map(|one| (one.0, one.1)).collect();
    assert_eq!(lines, [(2, "from_account".to_owned()), (4, "currency".to_owned())]);
}

/// The transfers of one file, without the line they were read from.
fn without_lines(name: &str, bytes: &[u8]) -> Vec<(String, String, i32, i64, String)> {
    let case = loaded(&[(name, bytes)], &[(name, BANK)]);
    assert_eq!(counts(&case, 0)[..4], [3, 3, 0, 0]);
    let rows = transfers(&case).into_iter();
    rows.map(|row| (row.0, row.1, row.2, row.3, row.4)).collect()
}

#[test]
fn packed_copies_and_parquet_give_the_same_transfers() {
    let plain = without_lines("plain.csv", GOOD.as_bytes());
    assert_eq!(plain.len(), 3);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), Default::default());
    gzip.write_all(GOOD.as_bytes()).unwrap();
    assert_eq!(without_lines("packed", &gzip.finish().unwrap()), plain);
    let zstd = zstd::encode_all(GOOD.as_bytes(), 3).unwrap();
    assert_eq!(without_lines("packed.csv", &zstd), plain);
    let utf16: Vec<u8> = std::iter::once(0xfeff)
        .chain(GOOD.encode_utf16())
        .flat_map(|unit| unit.to_le_bytes())
        .collect();
    assert_eq!(without_lines("wide.csv", &utf16), plain);

    let text = |name: &str, values: [&str; 3]| Column::new(name.into(), values);
    let days = Series::new("booked".into(), [19_783_i32, 19_788, 19_789]);
    let columns = vec![
        Column::new("account".into(), [1001_i64, 1001, 1002]),
        days.cast(&DataType::Date).unwrap().into(),
        text("amount", ["-12.50", "2.00", "-0.75"]),
        text("description", ["paper, clips", "two lines", "cash"]),
    ];
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes).finish(&mut DataFrame::new(3, columns).unwrap()).unwrap();
    assert_eq!(without_lines("rows.parquet", &bytes), plain);
    let zip = zipped(&[("march/rows.parquet", &bytes)]);
    assert_eq!(without_lines("rows.zip", &zip), plain);
    assert_eq!(without_lines("deep.zip", &zipped(&[("rows.zip", &zip)])), plain);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), Default::default());
    gzip.write_all(&bytes).unwrap();
    let text = case_text(&[("rows.gz", BANK)]);
    let said = ["rows.gz", "is Parquet within gzip", "unpack it and name the file"];
    refused(&[("rows.gz", &gzip.finish().unwrap())], &text, &said);
}

#[test]
fn a_truncated_packed_file_is_refused_whole() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), Default::default());
    gzip.write_all(GOOD.repeat(500).as_bytes()).unwrap();
    let packed = gzip.finish().unwrap();
    let text = case_text(&[("bank.csv.gz", BANK)]);
    refused(&[("bank.csv.gz", &packed[..packed.len() - 12])], &text, &["bank.csv.gz"]);
}

#[test]
fn files_without_records_say_so() {
    let text = case_text(&[("bank.csv", BANK)]);
    refused(&[("bank.csv", b"")], &text, &["bank.csv", "is empty"]);
    refused(&[("bank.csv", b"\xef\xbb\xbf")], &text, &["bank.csv", "holds no text"]);
    refused(&[("bank.csv", b"\xef\xbb\xbf\r\n \r\n")], &text, &["bank.csv", "holds no text"]);
    let unnamed = case_text(&[("bank.csv", None)]);
    refused(&[("bank.csv", b"\xef\xbb\xbf")], &unnamed, &["bank.csv", "holds no text"]);
    for header in ["account,booked,amount", "account,booked,amount\r\n"] {
        let case = loaded(&[("bank.csv", header.as_bytes())], &[("bank.csv", BANK)]);
        assert_eq!(counts(&case, 0), [0, 0, 0, 0, 1]);
        assert_eq!(transfers(&case), []);
    }
}

#[test]
fn a_missing_column_is_named_with_the_ones_found_and_the_nearest() {
    let text = case_text(&[("bank.csv", BANK)]);
    let found = ["bank.csv", "lacks the column \"amount\"", "\"ammount\"", "nearest column"];
    refused(&[("bank.csv", b"account,booked,ammount\n1,2024-01-01,1.00\n")], &text, &found);
    let calls = case_text(&[("calls.csv", Some("moneytrail-call-detail"))]);
    let found = ["lacks the column \"called\"", "\"start\", \"caller\""];
    refused(&[("calls.csv", b"start,caller\n2024-01-01,+12025550123\n")], &calls, &found);
    let own = "name = \"own\"\nrecord = \"bank-statement\"\n[fields]\n\
               account = { constant = \"1\" }\nbooked = { column = \"Posted\" }\n\
               amount = { debit = \"Out\", credit = \"In\" }\n";
    let text = case_text(&[("bank.csv", Some("own.toml"))]);
    let files: [(&str, &[u8]); 2] =
        [("own.toml", own.as_bytes()), ("bank.csv", b"Postd,Out,In\n2024-01-01,1,\n")];
    refused(&files, &text, &["lacks the column \"Posted\"", "\"Postd\", \"Out\", \"In\"", "Postd"]);
}

#[test]
fn wrong_keys_and_patterns_are_refused_with_their_place() {
    let own = "name = \"own\"\nrecord = \"bank-statement\"\n\n[csv]\ndelimeter = \";\"\n";
    let text = case_text(&[("bank.csv", Some("own.toml"))]);
    let files: [(&str, &[u8]); 2] = [("own.toml", own.as_bytes()), ("bank.csv", GOOD.as_bytes())];
    refused(&files, &text, &["own.toml:5:1: ", "delimeter", "delimiter"]);
    let kept = "name = \"own\"\nrecord = \"ties\"\n[attributes]\na = { column = \"a\" }\n\
                [fields]\nfrom = { column = \"a\" }\nto = { column = \"b\" }\n\
                relation = { constant = \"knows\" }\n";
    let files: [(&str, &[u8]); 2] = [("own.toml", kept.as_bytes()), ("bank.csv", b"a,b\n1,2\n")];
    refused(&files, &text, &["own.toml:3:1: ", "ties records keep no [attributes]"]);
    let nothing = case_text(&[("bank/*.csv", None)]);
    let words = ["case.toml:5:8: ", "\"bank/*.csv\" matches no file"];
    refused(&[("bank.csv", GOOD.as_bytes())], &nothing, &words);
    let near = case_text(&[("bank.csv", Some("moneytrail-bank-statment"))]);
    let words = ["case.toml:6:10: ", "moneytrail-bank-statement"];
    refused(&[("bank.csv", GOOD.as_bytes())], &near, &words);
}

#[test]
fn a_source_listed_twice_is_a_duplicate_and_moves_no_money_twice() {
    let case = loaded(
        &[("a.csv", GOOD.as_bytes()), ("b.csv", GOOD.as_bytes())],
        &[("a.csv", BANK), ("b.csv", None), ("a.csv", BANK)],
    );
    let found: Vec<[i64; 5]> = (0..3).map(|source| counts(&case, source)).collect();
    assert_eq!(found, [[3, 3, 0, 0, 1], [3, 0, 0, 3, 1], [3, 0, 0, 3, 1]]);
    assert_eq!(transfers(&case).len(), 3);
}

#[test]
fn a_packed_copy_of_a_source_moves_no_money_twice() {
    let zstd = zstd::encode_all(GOOD.as_bytes(), 3).unwrap();
    let longer = format!("{GOOD}1003,2024-03-09,8.00,later\n");
    let files: [(&str, &[u8]); 3] =
        [("a.csv", GOOD.as_bytes()), ("b.csv.zst", &zstd), ("c.csv", longer.as_bytes())];
    for [first, second] in [["a.csv", "b.csv.zst"], ["b.csv.zst", "a.csv"]] {
        let case = loaded(&files, &[(first, BANK), (second, BANK), ("c.csv", BANK)]);
        let found = [0, 1, 2].map(|source| counts(&case, source));
        // Of a file that goes on, the rows of the account with several are told to be repeats.
        assert_eq!(found, [[3, 3, 0, 0, 1], [3, 0, 0, 3, 1], [4, 2, 0, 2, 1]]);
        let sources = case.sources().unwrap();
        assert_ne!(sources.sha256.get(0), sources.sha256.get(1), "each file has its own hash");
    }
}

#[test]
fn one_file_may_be_read_by_two_layouts_of_people_and_never_of_payments() {
    let layout = |name: &str, relation: &str| {
        format!(
            "name = \"{name}\"\nrecord = \"ties\"\n[fields]\nfrom = {{ column = \"a\" }}\n\
             to = {{ column = \"b\" }}\nrelation = {{ constant = \"{relation}\" }}\n"
        )
    };
    let dir = directory(&[
        ("who.csv", b"a,b\nAda Pike,Ben Rook\n"),
        ("one.toml", layout("one", "knows").as_bytes()),
        ("two.toml", layout("two", "lends-to").as_bytes()),
    ]);
    let sources = [("who.csv", Some("one.toml")), ("who.csv", Some("two.toml"))];
    let case = load_in(dir.path(), &case_text(&sources)).unwrap();
    assert_eq!([counts(&case, 0), counts(&case, 1)], [[1, 1, 0, 0, 1]; 2]);
    assert_eq!(case.ties().unwrap().relation.iter().collect::<Vec<_>>(), ["knows", "lends-to"]);
}

#[test]
fn a_directory_of_somebody_else_is_never_replaced() {
    let dir = directory(&[("bank.csv", GOOD.as_bytes())]);
    let store = dir.path().join("store");
    fs::create_dir(&store).unwrap();
    fs::write(store.join("notes.txt"), "mine").unwrap();
    let text = case_text(&[("bank.csv", BANK)]);
    let error = load_in(dir.path(), &text).unwrap_err().to_string();
    assert!(error.contains("is not a directory of ours"), "{error}");
    assert_eq!(fs::read_to_string(store.join("notes.txt")).unwrap(), "mine");
    fs::write(store.join("manifest.json"), "{}").unwrap();
    load_in(dir.path(), &text).unwrap_err();
    assert_eq!(fs::read_to_string(store.join("notes.txt")).unwrap(), "mine");
}

/// Every file of a store with its bytes.
fn bytes_of(store: &Path) -> Vec<(String, Vec<u8>)> {
    let names = moneytrail::store::files_below(store, store).unwrap();
    names.into_iter().map(|name| (name.clone(), fs::read(store.join(name)).unwrap())).collect()
}

#[test]
fn a_store_is_replaced_only_if_it_verifies_and_only_by_a_whole_one() {
    let dir = directory(&[
        ("bank.csv", GOOD.as_bytes()),
        ("more.csv", b"account,booked,amount\n7,2024-05-01,9.00\n"),
        ("bad.csv", b"account,booked\n7,2024-05-01\n"),
        ("cut.csv.gz", &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2]),
    ]);
    let store = dir.path().join("store");
    load_in(dir.path(), &case_text(&[("bank.csv", BANK)])).unwrap();
    let before = bytes_of(&store);
    for broken in ["bad.csv", "cut.csv.gz", "absent.csv"] {
        let text = case_text(&[("more.csv", BANK), (broken, BANK)]);
        load_in(dir.path(), &text).unwrap_err();
        assert!(bytes_of(&store) == before, "the older store stands after {broken}");
    }
    let both = case_text(&[("bank.csv", BANK), ("more.csv", BANK)]);
    assert_eq!(transfers(&load_in(dir.path(), &both).unwrap()).len(), 4);
    assert_eq!(verify(&store).unwrap(), Vec::<String>::new());

    let table = store.join("transfers.parquet");
    let mut bytes = fs::read(&table).unwrap();
    bytes[20] ^= 1;
    fs::write(&table, &bytes).unwrap();
    let error = load_in(dir.path(), &both).unwrap_err();
    assert!(matches!(error, Error::File { .. }), "{error}");
    assert!(error.to_string().contains("transfers.parquet"), "{error}");
    assert_eq!(fs::read(&table).unwrap(), bytes);
}

#[test]
fn a_row_is_never_read_in_a_currency_or_as_a_kind_that_it_does_not_state() {
    let own = "name = \"own\"\nrecord = \"bank-transfers\"\n[fields]\n\
        from_account = { column = \"f\" }\nto_account = { column = \"t\" }\n\
        booked = { column = \"d\" }\namount = { column = \"a\" }\n\
        currency = { column = \"c\", values = { Yen = \"JPY\", Dollar = \"USD\" } }\n\
        received_amount = { column = \"r\" }\n";
    let rows = "f,t,d,a,c,r\n1,2,2024-01-01,1200,Yen,1100\n1,2,2024-01-02,5,Krona,5\n";
    let dir = directory(&[("own.toml", own.as_bytes()), ("list.csv", rows.as_bytes())]);
    let case = load_in(dir.path(), &case_text(&[("list.csv", Some("own.toml"))])).unwrap();
    assert_eq!(transfers(&case)[0].3, 1_200);
    assert_eq!(rejects(&case), [(3, "c".to_owned(), "Krona".to_owned(), false)]);
    assert_eq!(case.conversions().unwrap().received_minor, [1_100]);

    let holders = b"account,name,role\n1,Ada Pike,poa\n2,Ben Rook,\n3,Cy Vane,Signer\n";
    let ties = b"from,from_kind,to,relation\n12025550123,fone,Ada Pike,knows\n";
    let leases = b"premises,tenants,currency\n\"1 Elm St, Reno\",Ada Pike,dollars\n";
    let dir = directory(&[("h.csv", holders), ("t.csv", ties), ("l.csv", leases)]);
    let sources = [
        ("h.csv", Some("moneytrail-account-holders")),
        ("t.csv", Some("moneytrail-ties")),
        ("l.csv", Some("moneytrail-leases")),
    ];
    let case = load_in(dir.path(), &case_text(&sources)).unwrap();
    let holdings = case.holdings().unwrap();
    assert_eq!(holdings.role.iter().collect::<Vec<_>>(), ["", "holder", "signer"]);
    let named: Vec<(u32, String, bool)> =
        rejects(&case).into_iter().map(|one| (one.0, one.1, one.3)).collect();
    let expected = [(2, "role", true), (2, "from_kind", false), (2, "currency", false)];
    assert_eq!(named, expected.map(|one| (one.0, one.1.to_owned(), one.2)));
    assert_eq!(case.ties().unwrap().line, Vec::<u32>::new());
    assert_eq!(case.leases().unwrap().line, Vec::<u32>::new());
}

#[test]
fn every_group_of_a_counterparty_pattern_is_kept() {
    let own = "name = \"own\"\nrecord = \"bank-statement\"\ninstitution = \"Bayside\"\n[fields]\n\
        account = { constant = \"1\" }\nbooked = { column = \"d\" }\namount = { column = \"a\" }\n\
        description = { column = \"w\" }\n[[counterparty]]\nchannel = \"wire\"\npattern = \
        'WIRE (?P<reference>\\d+) TO (?P<name>.+) ACCT (?P<account>\\d+) (?P<bank>\\w+) AT (?P<place>.+)'\n";
    let rows = "d,a,w\n2024-01-01,-9.00,WIRE 0042 TO Ben Rook ACCT 77 Merrow AT Reno NV\n";
    let dir = directory(&[("own.toml", own.as_bytes()), ("bank.csv", rows.as_bytes())]);
    let case = load_in(dir.path(), &case_text(&[("bank.csv", Some("own.toml"))])).unwrap();
    let [transfer] = transfers(&case).try_into().unwrap();
    assert_eq!((transfer.0.as_str(), transfer.1.as_str()), ("BAYSIDE/1", "MERROW/77"));
    let details = case.details().unwrap();
    assert_eq!((details.reference.get(0), details.place.get(0)), ("0042", "Reno NV"));
    assert_eq!(details.counterparty.get(0), "Ben Rook");
}

/// Two monthly lists of one bank, each with a payment that equals the other's, are two payments;
/// the same rows from two banks are one payment seen from both ends.
#[test]
fn equal_rows_of_two_lists_of_one_producer_are_two_payments() {
    let layout = |name: &str| {
        format!(
            "name = {name:?}\nrecord = \"bank-transfers\"\ninstitution = {name:?}\n[fields]\n\
             from_account = {{ column = \"from\" }}\nto_account = {{ column = \"to\" }}\n\
             from_bank = {{ constant = \"A\" }}\nto_bank = {{ constant = \"B\" }}\n\
             booked = {{ column = \"booked\" }}\namount = {{ column = \"amount\" }}\n"
        )
    };
    let january = b"from,to,booked,amount\n1001,2002,2024-01-31,500.00\n";
    let february = b"from,to,booked,amount\n1001,2002,2024-02-01,500.00\n";
    let (one, other) = (layout("A"), layout("B"));
    let files: [(&str, &[u8]); 4] = [
        ("january.csv", january),
        ("february.csv", february),
        ("a.toml", one.as_bytes()),
        ("b.toml", other.as_bytes()),
    ];
    let dir = directory(&files);
    for (second, payments) in [("a.toml", 2), ("b.toml", 1)] {
        let sources = [("january.csv", Some("a.toml")), ("february.csv", Some(second))];
        let case = load_in(dir.path(), &case_text(&sources)).unwrap();
        assert_eq!(transfers(&case).len(), payments, "{second}");
        let listed = case.possible_pairs().unwrap().transfer.len();
        assert_eq!(listed, payments - 1, "{second}: two payments that could be one are listed");
    }
}
