//! Damaged files of every format: cut, flipped, spliced, doubled. Whatever arrives, a load ends in
//! good time, either with counts that add up or with a message that names the file.
//!
//! The corpus is every source of the cases in `fixtures/formats` and `fixtures/cases`; a file that
//! once broke a reader joins it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use moneytrail::case::CaseFile;
use moneytrail::records::FORMATS;
use moneytrail::store::{Case, LoadPlan, load};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::archives::{LAYOUT, gzipped, tarred, zipped};
use crate::loaded::{case_text, counts, directory};

/// Damaged copies of each file.
const COPIES: u64 = 5;
/// Bytes beyond which a file of the corpus is cut before it is damaged.
const BYTES_MAX: usize = 16 << 10;
/// Sources of one layout in one case that are taken: a bank's thirty monthly statements are alike.
const ALIKE_MAX: usize = 2;
/// A load of so little that takes longer than this hangs.
const TIME_MAX: Duration = Duration::from_secs(20);

/// One file of the corpus, with the plan that reads it alone.
struct Sample {
    name: String,
    bytes: Vec<u8>,
    plan: LoadPlan,
}

fn folders(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut folders: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

/// Every source of every case under `fixtures`, a case being a folder with a case file.
fn samples() -> Vec<Sample> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut samples = Vec::new();
    for family in ["formats", "cases"] {
        for folder in folders(&root.join(family)) {
            let Ok(case) = CaseFile::read(&folder.join("case.toml")) else { continue };
            let mut alike: BTreeMap<String, usize> = BTreeMap::new();
            for planned in &case.plan.sources {
                let layout = planned.layout.as_ref().map_or("", |layout| layout.name.as_str());
                let seen = alike.entry(layout.to_owned()).or_default();
                *seen += 1;
                if *seen > ALIKE_MAX && !layout.is_empty() {
                    continue;
                }
                let mut bytes = fs::read(&planned.path).unwrap();
                bytes.truncate(BYTES_MAX);
                let name = planned.path.file_name().unwrap().to_string_lossy().into_owned();
                let plan = LoadPlan { sources: vec![planned.clone()], ..case.plan.clone() };
                samples.push(Sample { name, bytes, plan });
            }
        }
    }
    samples.extend(single_files(&root.join("formats")));
    samples
}

/// Every file of a format, and archives of some, each as the only source of a case.
fn single_files(dir: &Path) -> Vec<Sample> {
    let mut samples = Vec::new();
    let mut add = |name: &str, bytes: Vec<u8>| {
        let files = [(name, &bytes[..]), ("harbor.toml", LAYOUT.as_bytes())];
        let case = directory(&files);
        let layout = dir.join("sheets").join(name).exists().then_some("harbor.toml");
        fs::write(case.path().join("case.toml"), case_text(&[(name, layout)])).unwrap();
        let plan = CaseFile::read(&case.path().join("case.toml")).unwrap().plan;
        samples.push(Sample { name: name.to_owned(), bytes, plan });
    };
    for folder in [vec![dir.to_path_buf()], folders(dir)].concat() {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<PathBuf> = entries.filter(|path| path.is_file()).collect();
        files.sort();
        for path in files.iter().filter(|path| path.extension().is_none_or(|one| one != "md")) {
            let name = path.file_name().unwrap().to_string_lossy();
            let bytes = fs::read(path).unwrap();
            if name == "household.qif" {
                add("household.tar", tarred(&[(&name, &bytes)]));
                add("household.qif.gz", gzipped(&bytes));
                add("household.zip", zipped(&[(&name, &bytes)]));
            }
            add(&name, bytes);
        }
    }
    samples
}

#[test]
fn the_corpus_has_a_file_of_every_format() {
    let samples = samples();
    for format in FORMATS.iter().filter(|format| !format.word.starts_with("qif-")) {
        let known = samples.iter().any(|one| (format.recognises)(&one.bytes));
        assert!(known, "no sample under fixtures is {}", format.word);
    }
    for ending in [".xlsx", ".xls", ".ods", ".zip", ".tar", ".gz"] {
        assert!(samples.iter().any(|one| one.name.ends_with(ending)), "no sample is {ending}");
    }
}

/// One to three kinds of damage, chosen by the seed.
fn damaged(bytes: &[u8], other: &[u8], seed: u64) -> Vec<u8> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut below = |bound: usize| (random.next_u64() % bound.max(1) as u64) as usize;
    let mut bytes = bytes.to_vec();
    for _ in 0..=below(3) {
        let (from, to) = (below(bytes.len()), below(bytes.len()));
        let (from, to) = (from.min(to), from.max(to));
        match below(6) {
            0 => bytes.truncate(to),
            1 => drop(bytes.drain(from..to)),
            2 => {
                for _ in 0..8 {
                    let at = below(bytes.len());
                    if let Some(byte) = bytes.get_mut(at) {
                        *byte ^= 1 << below(8);
                    }
                }
            }
            3 => {
                let part = bytes[from..to].to_vec();
                bytes.splice(to..to, part);
            }
            4 => {
                let start = below(other.len());
                let end = (start + below(2_000)).min(other.len());
                bytes.splice(from..from, other[start..end].iter().copied());
            }
            _ => {
                let odd = [&b"\""[..], b"\0", b"\xff\xfe", b"\r", b"<!DOCTYPE", b"-}", b"\n\n"];
                bytes.splice(from..from, odd[below(odd.len())].iter().copied());
            }
        }
    }
    bytes
}

/// Loads a damaged copy alone; says what came of it.
fn outcome(sample: &Sample, bytes: &[u8]) -> Result<Case, String> {
    let name = sample.name.as_str();
    let dir = directory(&[(name, bytes)]);
    let mut plan = sample.plan.clone();
    plan.sources[0].path = dir.path().join(name);
    plan.sources[0].shown = name.to_owned();
    let store = dir.path().join("store");
    let began = Instant::now();
    let loaded = load(&plan, &store, &|_, _| {}).and_then(|_| Case::open(&store));
    assert!(began.elapsed() < TIME_MAX, "{name} takes {:?}", began.elapsed());
    match loaded {
        Ok(case) => {
            let sources = case.sources().unwrap().source.len();
            for source in 0..sources {
                counts(&case, source);
            }
            let set_aside = case.rejects().unwrap().kept.iter().filter(|kept| !**kept).count();
            let rejected: i64 = case.sources().unwrap().rejected.iter().sum();
            assert_eq!(set_aside as i64, rejected, "{name}: every record set aside is listed");
            Ok(case)
        }
        Err(error) => {
            let said = error.to_string();
            assert!(said.contains(name), "{said:?} does not name {name}");
            assert!(!dir.path().join("store").exists(), "nothing is written");
            Err(said)
        }
    }
}

#[test]
fn whatever_is_wrong_with_a_file_the_counts_add_up_or_the_message_names_it() {
    let samples = samples();
    assert!(samples.len() > 10, "the corpus has {} files", samples.len());
    let (mut loads, mut refusals) = (0, 0);
    for (at, sample) in samples.iter().enumerate() {
        let other = &samples[(at * 7 + 1) % samples.len()].bytes;
        for copy in 0..COPIES {
            let seed = at as u64 * 1_000 + copy;
            match outcome(sample, &damaged(&sample.bytes, other, seed)) {
                Ok(_) => loads += 1,
                Err(_) => refusals += 1,
            }
        }
    }
    println!("{} files: {loads} damaged copies load, {refusals} are refused", samples.len());
    assert!(loads > refusals, "most damage costs records and not the file");
}
