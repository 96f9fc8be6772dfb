//! Hostile files of text: into a sound file of each format, behind a place that is named, comes a
//! run of one thing without end.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use moneytrail::records::FORMATS;

use super::{Hostile, MIB_MAX, MIB_MAX_SET_ASIDE};

/// Bytes of a block: packed alone it stays under the times that a file may unpack to.
const BLOCK: usize = 64 << 10;
const LIST: &str = "from_account,to_account,booked,amount,description\n1,2,2024-03-01,5.00,x\n";
const STATEMENT: &str = "account,booked,amount,balance,description\nA1,2024-03-01,5.00,,x\n";

/// A word of [`FORMATS`], a sound file of it, a place within a text, one within a tag, and one
/// within a value of a tag.
type Sound = (&'static str, &'static str, &'static str, Option<(&'static str, &'static str)>);

/// Formats that only a case file names are read as the one they belong to.
const SOUND: &[Sound] = &[
    ("bai2", "tidewater.bai", "WIRE FROM", None),
    ("mt940", "harbor.sta", "Rent April", None),
    ("qif", "household.qif", "Rent January", None),
    ("camt", "camt053.xml", "PAY-MARCH", Some(("<c:Ntry", "<c:Amt Ccy=\"EUR"))),
    ("pacs", "pacs008.xml", "Invoice 2041", Some(("<CdtTrfTxInf", "<IntrBkSttlmAmt Ccy=\"EUR"))),
    ("ofx", "checking.ofx", "Payroll", None),
    ("ofx", "card.ofx", "Atlas Fares", Some(("<STMTTRN", "VERSION=\"211"))),
    ("nacha", "ach/castellan.ach", "LENA ORTIZ", None),
    ("fedwire", "ach/harbor-wires.txt", "INVOICE 88", None),
];

/// Writes `head`, `fill` again and again up to about `bytes`, and `tail`, as gzip or plainly.
pub fn write(path: &Path, parts: (&[u8], &[u8], &[u8]), bytes: u64, packed: bool) {
    let (head, fill, tail) = parts;
    let block = fill.repeat((BLOCK / fill.len()).max(1));
    let piece = |bytes: &[u8]| {
        if !packed {
            return bytes.to_vec();
        }
        let mut writer = GzEncoder::new(Vec::new(), Compression::fast());
        writer.write_all(bytes).unwrap();
        writer.finish().unwrap()
    };
    let mut out = BufWriter::new(File::create(path).unwrap());
    out.write_all(&piece(head)).unwrap();
    let repeated = piece(&block);
    for _ in 0..bytes / block.len() as u64 {
        out.write_all(&repeated).unwrap();
    }
    out.write_all(&piece(tail)).unwrap();
    out.flush().unwrap();
}

fn hostile(name: String, head: Vec<u8>, fill: &'static str, tail: Vec<u8>) -> Hostile {
    let packed = !name.ends_with("plain");
    Hostile {
        name,
        write: Box::new(move |path, bytes| {
            write(path, (&head, fill.as_bytes(), &tail), bytes, packed);
        }),
        mib_max: MIB_MAX,
        refused: None,
    }
}

/// A sound file cut behind a place in it.
fn parted(file: &str, place: &str) -> (Vec<u8>, Vec<u8>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/formats").join(file);
    let bytes = fs::read(path).unwrap();
    let at = bytes.windows(place.len()).position(|part| part == place.as_bytes());
    let at = at.unwrap_or_else(|| panic!("{place} is not in {file}")) + place.len();
    (bytes[..at].to_vec(), bytes[at..].to_vec())
}

fn of_format(sound: &Sound) -> Vec<Hostile> {
    let (word, file, place, tags) = sound;
    let mut files = Vec::new();
    let mut add = |what: &str, place: &str, fill| {
        let (head, tail) = parted(file, place);
        let word = if *file == "card.ofx" { "ofx2" } else { word };
        files.push(hostile(format!("{word} {what}"), head, fill, tail));
    };
    let all = super::setting("MONEYTRAIL_HOSTILE_BYTES").is_some();
    add("line", place, "x");
    if all {
        for (what, fill) in [("empty bytes", "\0"), ("lines", "\n"), ("quotes", "\"")] {
            add(what, place, fill);
        }
    }
    // In a Nacha file, each is a record that cannot be read.
    if all && *word != "nacha" {
        add("short lines", place, "x\n");
    }
    if tags.is_some() || *word == "ofx" {
        add("opening", place, "<a>");
    }
    if all && (tags.is_some() || *word == "ofx") {
        for (what, fill) in [("elements", "<a></a>"), ("brackets", "<"), ("entities", "&lt;")] {
            add(what, place, fill);
        }
    }
    if let Some((tag, value)) = tags {
        add("attributes", tag, " a=\"b\"");
        add("attribute", value, "x");
    }
    files
}

/// Every hostile text.
pub fn all() -> Vec<Hostile> {
    for format in FORMATS.iter().filter(|format| !format.word.starts_with("qif-")) {
        let known = SOUND.iter().any(|sound| sound.0 == format.word);
        assert!(known, "{} has a sound file here, into which hostile runs can come", format.word);
    }
    let mut files: Vec<Hostile> = SOUND.iter().flat_map(of_format).collect();
    for (name, head) in [("list", LIST), ("statement", STATEMENT)] {
        let tail = b"\n9,9,2024-03-02,6.00,y\n".to_vec();
        let runs = [
            ("line", "x"),
            ("empty bytes", "\0"),
            ("lines", "\n"),
            ("returns", "\r"),
            ("quotes", "\""),
            ("fields", ","),
            ("line, plain", "x"),
        ];
        for (what, fill) in runs {
            let head = head.as_bytes().to_vec();
            files.push(hostile(format!("{name} {what}"), head, fill, tail.clone()));
        }
        let open = format!("{head}3,4,2024-03-01,5.00,\"").into_bytes();
        files.push(hostile(format!("{name} open quote"), open, "x", tail));
    }
    let unknown = "no layout is recognised";
    for (what, fill, refused) in [
        ("columns", "a,", unknown),
        ("header", "x", unknown),
        ("header of nothing", "\0", "is no text and of a kind not known"),
        ("page", "<html>", "is a web page"),
    ] {
        let mut one = hostile(format!("unknown {what}"), Vec::new(), fill, Vec::new());
        one.refused = Some(refused);
        files.push(one);
    }
    let billion = "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY a \"lol\"><!ENTITY b \"&a;&a;&a;\">]>\
                   <Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\">\
                   <BkToCstmrStmt><Stmt><Id>";
    files.push(hostile("camt laughs".to_owned(), billion.into(), "&b;", b"</Id>".to_vec()));
    // An odd byte ends a text of two bytes a letter.
    let wide = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let head = [b"\xff\xfe".to_vec(), wide(LIST)].concat();
    let tail = [wide("\n9,9,2024-03-02,6.00,y\n"), b"\n".to_vec()].concat();
    files.push(hostile("list of two bytes".to_owned(), head, "x\0", tail));
    for (name, fill) in [("list", "x\n"), ("list", "\"\n")] {
        // What is set aside waits on the disk, a row group at a time.
        let mut one = hostile(format!("{name} set aside {fill:?}"), LIST.into(), fill, Vec::new());
        one.mib_max = MIB_MAX_SET_ASIDE;
        files.push(one);
    }
    files
}
