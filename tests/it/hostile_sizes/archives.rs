//! Hostile archives and packed files: bombs, archives in archives, members that lie.

use std::fs::{self, File};
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::{Hostile, MIB_MAX, MIB_MAX_HELD};

const LIST: &str = "from_account,to_account,booked,amount,description\n1,2,2024-03-01,5.00,x\n";
/// Bytes of a member without name or content in the directory of a zip archive, and of its header.
const ENTRY_BYTES: u64 = 58 + 42;

fn zeros(bytes: u64) -> impl Read {
    LIST.as_bytes().chain(io::repeat(0).take(bytes))
}

fn gzip_bomb(path: &Path, bytes: u64) {
    let mut out = GzEncoder::new(File::create(path).unwrap(), Compression::default());
    io::copy(&mut zeros(bytes), &mut out).unwrap();
    out.finish().unwrap();
}

fn zstd_bomb(path: &Path, bytes: u64) {
    zstd::stream::copy_encode(zeros(bytes), File::create(path).unwrap(), 1).unwrap();
}

fn zip_bomb(path: &Path, bytes: u64) {
    let mut out = ZipWriter::new(File::create(path).unwrap());
    out.start_file("a.csv", SimpleFileOptions::default().large_file(true)).unwrap();
    io::copy(&mut zeros(bytes), &mut out).unwrap();
    out.finish().unwrap();
}

fn zipped(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut out = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    out.start_file(name, options).unwrap();
    out.write_all(bytes).unwrap();
    out.finish().unwrap().into_inner()
}

fn within(depth: usize) -> impl Fn(&Path, u64) {
    move |path, _| {
        let mut bytes = zipped("a.csv", LIST.as_bytes());
        for _ in 1..depth {
            bytes = zipped("in.zip", &bytes);
        }
        fs::write(path, bytes).unwrap();
    }
}

/// Two entries of the directory that mean the same packed bytes.
fn overlapping(path: &Path, _: u64) {
    let bytes = zipped("a.csv", LIST.as_bytes());
    let find = |magic: &[u8]| bytes.windows(4).position(|four| four == magic).unwrap();
    let (directory, end) = (find(b"PK\x01\x02"), find(b"PK\x05\x06"));
    let mut entry = bytes[directory..end].to_vec();
    entry[46] = b'b';
    let mut tail = bytes[end..].to_vec();
    let size = 2 * (end - directory) as u32;
    tail[8..12].copy_from_slice(&[2, 0, 2, 0]);
    tail[12..16].copy_from_slice(&size.to_le_bytes());
    fs::write(path, [&bytes[..end], &entry, &tail].concat()).unwrap();
}

/// Members without content, as many as fill the bytes.
fn empty_members(path: &Path, bytes: u64) {
    let members = (bytes / ENTRY_BYTES).max(1);
    let mut out = io::BufWriter::new(File::create(path).unwrap());
    let mut header = [&b"PK\x03\x04\x14"[..], &[0; 21], &[12, 0, 0, 0]].concat();
    header.resize(30, 0);
    for at in 0..members {
        write!(out, "{}{at:012}", String::from_utf8_lossy(&header)).unwrap();
    }
    for at in 0..members {
        let mut entry = [&b"PK\x01\x02\x14\0\x14"[..], &[0; 21], &[12, 0]].concat();
        entry.resize(46, 0);
        entry[42..46].copy_from_slice(&((at * 42) as u32).to_le_bytes());
        out.write_all(&entry).unwrap();
        write!(out, "{at:012}").unwrap();
    }
    let (start, size) = (members * 42, members * 58);
    let long = |number: u64| number.to_le_bytes();
    let (counts, places) = ([long(members), long(members)], [long(size), long(start)]);
    out.write_all(b"PK\x06\x06").unwrap();
    out.write_all(&[&long(44)[..], &[45, 0, 45, 0], &[0; 8]].concat()).unwrap();
    out.write_all(&[counts.concat(), places.concat()].concat()).unwrap();
    out.write_all(&[&b"PK\x06\x07\0\0\0\0"[..], &long(start + size), &[1, 0, 0, 0]].concat())
        .unwrap();
    out.write_all(&[&b"PK\x05\x06\0\0\0\0"[..], &[0xff; 12], &[0, 0]].concat()).unwrap();
    out.flush().unwrap();
}

fn tar_header(name: &str, kind: tar::EntryType, size: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_path(name).unwrap();
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_mode(0o644);
    header.set_cksum();
    header
}

/// A member whose name is as long as the bytes, a hole in the file.
fn long_name(kind: tar::EntryType) -> impl Fn(&Path, u64) {
    move |path, bytes| {
        let size = bytes.max(2 << 20).next_multiple_of(512);
        let mut out = File::create(path).unwrap();
        out.write_all(tar_header("long", kind, size).as_bytes()).unwrap();
        write!(out, "{size} path=").unwrap();
        out.set_len(512 + size).unwrap();
        out.seek(SeekFrom::End(0)).unwrap();
        let size = LIST.len() as u64;
        out.write_all(tar_header("a.csv", tar::EntryType::Regular, size).as_bytes()).unwrap();
        out.write_all(LIST.as_bytes()).unwrap();
        out.write_all(&vec![0; 512 - LIST.len() + 1_024]).unwrap();
    }
}

/// A file with a hole: its header states more than it holds.
fn sparse(path: &Path, bytes: u64) {
    let mut header = tar_header("a.csv", tar::EntryType::GNUSparse, 512);
    let gnu = header.as_gnu_mut().unwrap();
    gnu.sparse[0].offset.copy_from_slice(b"00000000000\0");
    gnu.sparse[0].numbytes.copy_from_slice(b"00000001000\0");
    // Behind the stretch with bytes, a hole up to the end.
    let size = bytes.clamp(1 << 20, 1 << 32);
    gnu.sparse[1].offset.copy_from_slice(format!("{size:011o}\0").as_bytes());
    gnu.sparse[1].numbytes.copy_from_slice(b"00000000000\0");
    gnu.realsize.copy_from_slice(format!("{size:011o}\0").as_bytes());
    header.set_cksum();
    let mut text = LIST.as_bytes().to_vec();
    text.resize(512 + 1_024, 0);
    fs::write(path, [header.as_bytes(), &text[..]].concat()).unwrap();
}

/// Names that would leave any directory, and links out of it; all but the files are passed over.
fn leaving(path: &Path, _: u64) {
    let mut out = tar::Builder::new(File::create(path).unwrap());
    for (at, name) in ["../../up.csv", "/var/absolute.csv"].iter().enumerate() {
        let text = LIST.replace("5.00", &format!("{at}.25"));
        let mut header = tar::Header::new_gnu();
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(text.len() as u64);
        header.set_cksum();
        out.append(&header, text.as_bytes()).unwrap();
    }
    for kind in [tar::EntryType::Symlink, tar::EntryType::Link] {
        let mut header = tar_header("link.csv", kind, 0);
        header.set_link_name("/etc/passwd").unwrap();
        header.set_cksum();
        out.append(&header, io::empty()).unwrap();
    }
    out.into_inner().unwrap();
}

/// Every hostile archive.
pub fn all() -> Vec<Hostile> {
    let one = |name: &str, write: super::Writer, refused| {
        let held = name.starts_with("zip of empty");
        let mib_max = if held { MIB_MAX_HELD } else { MIB_MAX };
        Hostile { name: name.to_owned(), write, mib_max, refused }
    };
    let asked = super::setting("MONEYTRAIL_HOSTILE_BYTES").and_then(|text| text.parse().ok());
    let many = asked.is_some_and(|bytes: u64| bytes / ENTRY_BYTES > 50_000);
    // Up to a hundred MiB no bomb is told from a file that packs well.
    let bomb = asked.is_some_and(|bytes| bytes > 101 << 20).then_some("times its size");
    let longer = Some("longer than 1048576 bytes");
    vec![
        one("gzip bomb", Box::new(gzip_bomb), bomb),
        one("zstd bomb", Box::new(zstd_bomb), bomb),
        one("zip bomb", Box::new(zip_bomb), bomb),
        one("zip within 4", Box::new(within(4)), None),
        one("zip within 5", Box::new(within(5)), Some("is an archive within 4 others")),
        one("zip overlapping", Box::new(overlapping), Some("share their packed bytes")),
        one(
            "zip of empty members",
            Box::new(empty_members),
            Some(if many {
                "more than the 50000 that are read"
            } else {
                "holds no member to read"
            }),
        ),
        one("tar sparse", Box::new(sparse), Some("such as a sparse file")),
        one("tar long name", Box::new(long_name(tar::EntryType::GNULongName)), longer),
        one("tar long link", Box::new(long_name(tar::EntryType::GNULongLink)), longer),
        one("tar pax name", Box::new(long_name(tar::EntryType::XHeader)), longer),
        one("tar leaving", Box::new(leaving), None),
    ]
}
