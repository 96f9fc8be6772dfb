//! Hostile files at any size: a line, a value or a nesting without end, bombs, archives that lie.
//! Each load ends by itself, within memory that does not grow with the file, with counts that
//! add up or with a message that names the file.
//!
//! Runs some of them at [`BYTES`] by default. `MONEYTRAIL_HOSTILE_BYTES` runs all at another size,
//! `MONEYTRAIL_HOSTILE_BINARY` a program built with optimisation, `MONEYTRAIL_HOSTILE_ONLY` a part
//! of the names. Ten gigabytes take megabytes of disk: text is written packed, a block repeated.
//!
//! What a reader holds of what it accepts or sets aside is its content and not measured here.

mod archives;
mod books;
mod texts;
mod watched;

use std::path::Path;
use std::time::Duration;

use moneytrail::store::Case;
use tempfile::TempDir;

use crate::loaded::{case_text, counts};
use watched::{Ended, load};

/// Bytes of each file unless told otherwise: beyond every bound of a record, and of a block.
const BYTES: u64 = 1_200_000;
/// MiB at the peak, those of the program itself counted; see the readers' own bounds.
pub const MIB_MAX: u64 = 192;
/// For workbooks and archives, whose tables of texts and members are held.
pub const MIB_MAX_HELD: u64 = 1_024;
/// Of a case of which nearly all is set aside: see `src/store/load/set_aside.rs`.
pub const MIB_MAX_SET_ASIDE: u64 = 1_024;
/// Seconds beside those for the size; other programs may run.
const SECONDS: f64 = 240.0;
/// Seconds for each MiB of a file's content.
const SECONDS_PER_MIB: f64 = 1.0;

/// Writes a file of about so many bytes.
pub type Writer = Box<dyn Fn(&Path, u64)>;

/// One hostile file.
pub struct Hostile {
    /// What it is, in a word or two.
    pub name: String,
    /// Writes it at a path, of about so many bytes unpacked.
    pub write: Writer,
    /// Most MiB at the peak.
    pub mib_max: u64,
    /// Words of which one stands in the message if the file is refused; none if it loads.
    pub refused: Option<&'static str>,
}

fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Loads one hostile file in a process of its own and checks how it ended.
#[track_caller]
fn check(hostile: &Hostile, bytes: u64) -> Ended {
    let dir: TempDir = tempfile::tempdir().unwrap();
    (hostile.write)(&dir.path().join("hostile.dat"), bytes);
    std::fs::write(dir.path().join("case.toml"), case_text(&[("hostile.dat", None)])).unwrap();
    let time_max = SECONDS + SECONDS_PER_MIB * (bytes >> 20) as f64;
    let ended = load(dir.path(), hostile.mib_max, Duration::from_secs_f64(time_max));
    let name = &hostile.name;
    println!("{name:24} {:>4} MiB {:>7.1} s, exit {}", ended.mib, ended.seconds, ended.code);
    let store = dir.path().join("store");
    match ended.code {
        0 => {
            assert!(hostile.refused.is_none(), "{name} loads, and was to be refused");
            let case = Case::open(&store).unwrap();
            let read: i64 = (0..case.sources().unwrap().source.len())
                .map(|source| counts(&case, source)[0])
                .sum();
            let said = format!("Records read {read} = accepted");
            assert!(ended.stdout.contains(&said), "{name}: {}", ended.stdout);
        }
        1 => {
            let words = hostile.refused.unwrap_or_else(|| panic!("{name}: {}", ended.stderr));
            assert!(ended.stderr.starts_with("error: hostile.dat"), "{name}: {}", ended.stderr);
            assert!(ended.stderr.contains(words), "{name}: {words:?} in {}", ended.stderr);
            assert!(ended.stderr.len() < 30_000, "{name}: a message, not the file");
            assert!(!store.exists(), "{name}: nothing is written");
        }
        code => panic!("{name} ends with {code}: {}", ended.stderr),
    }
    ended
}

fn all_end_within_their_bounds(files: Vec<Hostile>) {
    let bytes = setting("MONEYTRAIL_HOSTILE_BYTES").map_or(BYTES, |text| text.parse().unwrap());
    let only = setting("MONEYTRAIL_HOSTILE_ONLY").unwrap_or_default();
    for hostile in files.iter().filter(|one| one.name.contains(&only)) {
        check(hostile, bytes);
    }
}

#[test]
fn hostile_texts_end_within_their_bounds() {
    all_end_within_their_bounds(texts::all());
}

#[test]
fn hostile_archives_end_within_their_bounds() {
    all_end_within_their_bounds(archives::all());
}

#[test]
fn hostile_workbooks_end_within_their_bounds() {
    all_end_within_their_bounds(books::all());
}
