//! Every folder of `fixtures/cases`, run end to end as a user runs it: outputs equal `expected/`,
//! what `truth.toml` says was planted is found, and every figure leads back to its lines.

mod cash_lane;
mod charts;
mod commingled_trust;
mod crossed_lanes;
mod formats;
mod goldens;
mod lantern_quay;
mod protection;
mod repeats;
mod tide_pool;
mod torn_pages;
mod truth;
mod two_ledgers;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use moneytrail::store::{Case, files_below};
use toml::Table;

/// A run of a case of ours, and where its returns stand.
pub struct CaseRun {
    /// The folder of the case file.
    pub folder: PathBuf,
    /// What `run` wrote.
    pub out: PathBuf,
    /// What it said on standard output.
    pub said: String,
}

impl CaseRun {
    /// The store that the run wrote.
    pub fn case(&self) -> Case {
        Case::open(&self.out).expect("the run wrote a store")
    }

    /// What was planted.
    pub fn truth(&self) -> Table {
        let text = fs::read_to_string(self.folder.join("truth.toml")).expect("the case has one");
        toml::from_str(&text).expect("truth.toml is TOML")
    }

    /// Rows of a CSV file of the run, each by its header.
    pub fn rows(&self, file: &str) -> Vec<BTreeMap<String, String>> {
        let path = self.out.join(file);
        let mut reader = csv::Reader::from_path(&path).expect("the run wrote the file");
        reader.deserialize().map(|row| row.expect("a row of the file")).collect()
    }

    /// The text of a line that a source ref names.
    pub fn line(&self, place: &str) -> String {
        let (path, line) = place.rsplit_once(':').expect("a place is path:line");
        let line: usize = line.parse().expect("a line is a number");
        let bytes = fs::read(self.folder.join(path)).unwrap_or_else(|_| panic!("{path} is read"));
        let found = bytes.split(|byte| *byte == b'\n').nth(line - 1);
        let found = found.unwrap_or_else(|| panic!("{path} has a line {line}"));
        String::from_utf8_lossy(found).into_owned()
    }
}

/// The folder of the cases.
pub fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases")
}

/// The program with the given arguments, not yet started.
pub fn moneytrail(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_moneytrail"));
    command.args(args);
    command
}

/// What a command came to; panics with all it said unless it ended with `code`.
#[track_caller]
pub fn ended(command: &mut Command, code: i32) -> Output {
    let output = command.output().expect("the program starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{command:?} said {said}");
    output
}

/// A folder of its own for one test run, empty.
pub fn scratch(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cases").join(name);
    if dir.exists() {
        fs::remove_dir_all(&dir).expect("an earlier run's folder can be removed");
    }
    fs::create_dir_all(&dir).expect("the build's folder can be written");
    dir
}

/// Runs a case into a folder of its own.
fn run_case(name: &str) -> CaseRun {
    let folder = cases().join(name);
    let out = scratch(name).join("out");
    let file = folder.join("case.toml");
    let args = ["run", file.to_str().expect("UTF-8"), "--out", out.to_str().expect("UTF-8")];
    let output = ended(&mut moneytrail(&args), 0);
    CaseRun { folder, out, said: String::from_utf8_lossy(&output.stdout).into_owned() }
}

/// The run of the large case that every test here reads; it takes seconds, so there is one.
pub fn harbor_street() -> &'static CaseRun {
    static RUN: OnceLock<CaseRun> = OnceLock::new();
    RUN.get_or_init(|| run_case("harbor-street"))
}

/// The run of the small case whose figures were worked out by hand.
pub fn small_case() -> &'static CaseRun {
    static RUN: OnceLock<CaseRun> = OnceLock::new();
    RUN.get_or_init(|| run_case("two-ledgers"))
}

/// The run of the folder of messy returns, in as many formats as there are.
pub fn messy_case() -> &'static CaseRun {
    static RUN: OnceLock<CaseRun> = OnceLock::new();
    RUN.get_or_init(|| run_case("lantern-quay"))
}

/// The run of the case in which each account has one thing amiss.
pub fn torn_pages() -> &'static CaseRun {
    static RUN: OnceLock<CaseRun> = OnceLock::new();
    RUN.get_or_init(|| run_case("torn-pages"))
}

/// The run of the list of payments in which money comes back.
pub fn tide_pool() -> &'static CaseRun {
    static RUN: OnceLock<CaseRun> = OnceLock::new();
    RUN.get_or_init(|| run_case("tide-pool"))
}

/// The run of the case of cash below what is reported.
pub fn cash_lane() -> &'static CaseRun {
    static RUN: OnceLock<CaseRun> = OnceLock::new();
    RUN.get_or_init(|| run_case("cash-lane"))
}

/// The run of the case in which each file holds one layered pattern.
pub fn crossed_lanes() -> &'static CaseRun {
    static RUN: OnceLock<CaseRun> = OnceLock::new();
    RUN.get_or_init(|| run_case("crossed-lanes"))
}

/// The run of the case whose money is traced.
pub fn commingled_trust() -> &'static CaseRun {
    static RUN: OnceLock<CaseRun> = OnceLock::new();
    RUN.get_or_init(|| run_case("commingled-trust"))
}

/// Every file below `dir` with its bytes.
pub fn tree(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let names = files_below(dir, dir).expect("the folder can be read");
    let read = |name: String| {
        let bytes = fs::read(dir.join(&name)).expect("the file can be read");
        (name, bytes)
    };
    names.into_iter().map(read).collect()
}

#[test]
fn every_folder_is_a_case_that_is_tested_here() {
    let mut names: Vec<String> = fs::read_dir(cases())
        .expect("the cases stand in the repository")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let tested = [
        "cash-lane",
        "commingled-trust",
        "crossed-lanes",
        "harbor-street",
        "lantern-quay",
        "tide-pool",
        "torn-pages",
        "two-ledgers",
    ];
    assert_eq!(names, tested);
}
