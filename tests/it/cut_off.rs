//! A load that is cut off at any moment leaves the old store as it was, and the next one works:
//! killed, out of space, or stopped by a disk that cannot be read.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use moneytrail::store::{Case, verify};
use tempfile::TempDir;

use crate::loaded::{case_text, directory};

const BINARY: &str = env!("CARGO_BIN_EXE_moneytrail");
const ROWS_BEFORE: u32 = 40;
const ROWS_AFTER: u32 = 30_000;
/// Moments of a load at which it is killed, evenly spread over the time a whole one takes.
const MOMENTS: u32 = 24;

/// A list of transfers between a few accounts.
fn list(rows: u32) -> String {
    let mut text = "from_account,to_account,booked,amount,description\n".to_owned();
    for row in 0..rows {
        let (from, to) = (row % 97, 100 + row % 89);
        text.push_str(&format!("{from},{to},2024-03-{:02},{row}.25,row {row}\n", 1 + row % 31));
    }
    text
}

/// A case whose store was loaded from few rows, and whose source now has many.
fn case_with_an_old_store() -> TempDir {
    let dir = directory(&[("list.csv", list(ROWS_BEFORE).as_bytes())]);
    let text = case_text(&[("list.csv", Some("moneytrail-bank-transfers"))]);
    fs::write(dir.path().join("case.toml"), text).unwrap();
    let first = load(dir.path()).output().unwrap();
    assert!(first.status.success(), "{}", said(&first));
    fs::write(dir.path().join("list.csv"), list(ROWS_AFTER)).unwrap();
    dir
}

fn load(dir: &Path) -> Command {
    let mut command = Command::new(BINARY);
    command.args(["load", "case.toml", "--store", "store"]).current_dir(dir);
    command
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// How many transfers the store holds, which is whole.
#[track_caller]
fn transfers_in(dir: &Path) -> u32 {
    let store = dir.join("store");
    assert_eq!(verify(&store).unwrap(), Vec::<String>::new(), "the store is what it says");
    Case::open(&store).unwrap().transfers().unwrap().day.len() as u32
}

/// The names beside the case's own files.
fn left_behind(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name());
    let names = entries.map(|name| name.into_string().unwrap());
    names.filter(|name| !["case.toml", "list.csv", "store"].contains(&name.as_str())).collect()
}

#[test]
fn killed_at_any_moment_the_old_store_stands_and_the_next_load_works() {
    let dir = case_with_an_old_store();
    let whole = case_with_an_old_store();
    let began = Instant::now();
    assert!(load(whole.path()).output().unwrap().status.success());
    let whole_takes = began.elapsed();
    let mut killed = 0;
    for moment in 0..MOMENTS {
        let mut running =
            load(dir.path()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        sleep(whole_takes.max(Duration::from_millis(1)) * moment / MOMENTS);
        running.kill().unwrap();
        killed += u32::from(!running.wait().unwrap().success());
        let held = transfers_in(dir.path());
        assert!([ROWS_BEFORE, ROWS_AFTER].contains(&held), "a whole store, not {held} rows");
    }
    assert!(killed > MOMENTS / 4, "only {killed} of {MOMENTS} loads were cut off");
    let last = load(dir.path()).output().unwrap();
    assert!(last.status.success(), "{}", said(&last));
    assert_eq!(transfers_in(dir.path()), ROWS_AFTER);
    assert_eq!(left_behind(dir.path()), Vec::<String>::new(), "killed loads are cleared away");
}

/// Runs a load under a shell's words; returns what it printed.
#[track_caller]
fn load_fails_after(words: &str, expected: &str) {
    let dir = case_with_an_old_store();
    let script = format!("{words} exec {BINARY} load case.toml --store store");
    let output =
        Command::new("bash").args(["-c", &script]).current_dir(dir.path()).output().unwrap();
    let said = said(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains(expected), "{expected:?} is not in {said:?}");
    assert_eq!(transfers_in(dir.path()), ROWS_BEFORE);
    assert_eq!(left_behind(dir.path()), Vec::<String>::new());
    assert!(load(dir.path()).output().unwrap().status.success(), "the next load works");
    assert_eq!(transfers_in(dir.path()), ROWS_AFTER);
}

#[test]
fn without_room_the_old_store_stands() {
    // A bound on the size of a file refuses the write as a full disk does, without mounting one.
    load_fails_after("trap '' XFSZ; ulimit -f 64;", "File too large");
}

/// Nobody reads what is printed until it was asked to stop, so it is asked while it prints.
#[cfg(unix)]
#[test]
fn a_pattern_that_is_being_printed_stops_when_asked() {
    let mut text = "from_account,to_account,booked,amount\n".to_owned();
    for row in 0..8_000 {
        let (minute, hour) = (row % 60, row / 60 % 12);
        text.push_str(&format!("{},1,2024-03-04T{hour:02}:{minute:02}:00Z,9.00\n", 100 + row));
        let later = hour + 12;
        text.push_str(&format!("1,{},2024-03-04T{later}:{minute:02}:00Z,8.00\n", 20_000 + row));
    }
    let dir = directory(&[("list.csv", text.as_bytes())]);
    let case = case_text(&[("list.csv", Some("moneytrail-bank-transfers"))]);
    fs::write(dir.path().join("case.toml"), case).unwrap();
    assert!(load(dir.path()).output().unwrap().status.success());
    // Parquet is small: only of the table of all steps is there more than a pipe takes at once.
    let steps = ["--table", "gather-scatter_steps"];
    for (format, more) in [("csv", &[][..]), ("json", &[]), ("table", &[]), ("parquet", &steps[..])]
    {
        let mut command = Command::new(BINARY);
        command.args(["patterns", "store", "gather-scatter", "--format", format]).args(more);
        let started = command.current_dir(dir.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut running = started.spawn().unwrap();
        let mut printed = running.stdout.take().unwrap();
        let mut some = [0; 4_096];
        let mut many = printed.read(&mut some).unwrap();
        assert!(many > 0, "something is printed");
        Command::new("kill").args(["-INT", &running.id().to_string()]).status().unwrap();
        // Read later and slowly, so that it stands in the middle of its rows when it hears of it.
        sleep(Duration::from_millis(500));
        while many > 0 {
            sleep(Duration::from_millis(20));
            many = printed.read(&mut some).unwrap();
        }
        let ended = running.wait_with_output().unwrap();
        assert_eq!(ended.status.code(), Some(130), "{format}: {}", said(&ended));
        assert_eq!(said(&ended), "error: interrupted; what was printed is not the whole answer\n");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_is_full_is_told_by_name() {
    let dir = case_with_an_old_store();
    let script = format!(
        "mkdir small && mount -t tmpfs -o size=256k small small || exit 77; \
         {BINARY} load case.toml --store small/store; code=$?; ls -A small; exit $code"
    );
    let mut command = Command::new("unshare");
    command.args(["--mount", "--map-root-user", "bash", "-c", &script]).current_dir(dir.path());
    match command.output() {
        Ok(output) if output.status.code() == Some(1) && said(&output).contains("error:") => {
            let said = said(&output);
            assert!(said.contains("No space left"), "{said}");
            assert_eq!(String::from_utf8_lossy(&output.stdout), "", "nothing is left half");
        }
        _ => println!("skipped: this machine mounts no file system of its own for a test"),
    }
    assert_eq!(transfers_in(dir.path()), ROWS_BEFORE);
}

#[cfg(target_os = "linux")]
#[test]
fn a_source_that_cannot_be_read_is_named_and_nothing_changes() {
    // A process's memory is a file whose first page can never be read.
    load_fails_after_link("/proc/self/mem");
}

#[cfg(target_os = "linux")]
fn load_fails_after_link(target: &str) {
    let dir = case_with_an_old_store();
    fs::remove_file(dir.path().join("list.csv")).unwrap();
    std::os::unix::fs::symlink(target, dir.path().join("list.csv")).unwrap();
    let output = load(dir.path()).output().unwrap();
    let said = said(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("list.csv"), "{said}");
    assert!(said.contains("Input/output error"), "{said}");
    assert_eq!(transfers_in(dir.path()), ROWS_BEFORE);
    assert_eq!(left_behind(dir.path()), Vec::<String>::new());
}

/// A case with charts, analyses and an older output, and what that output is by its manifest.
fn case_with_an_old_run() -> (TempDir, Vec<u8>) {
    let dir = case_with_an_old_store();
    let first = run_to(dir.path(), "out").output().unwrap();
    assert!(first.status.success(), "{}", said(&first));
    let manifest = fs::read(dir.path().join("out/manifest.json")).unwrap();
    // What is asked next is another question, so that its output would differ.
    fs::write(dir.path().join("list.csv"), list(ROWS_AFTER / 10)).unwrap();
    (dir, manifest)
}

fn run_to(dir: &Path, out: &str) -> Command {
    let mut command = Command::new(BINARY);
    command.args(["run", "case.toml", "--out", out]).current_dir(dir);
    command
}

#[cfg(unix)]
#[test]
fn interrupted_at_any_stage_of_a_run_the_old_output_stands() {
    let (dir, before) = case_with_an_old_run();
    let began = Instant::now();
    assert!(run_to(dir.path(), "other").output().unwrap().status.success());
    let whole_takes = began.elapsed();
    fs::remove_dir_all(dir.path().join("other")).unwrap();
    let mut interrupted = 0;
    for moment in 1..MOMENTS / 3 {
        let running =
            run_to(dir.path(), "out").stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        sleep(whole_takes * moment / (MOMENTS / 3));
        let asked = Command::new("kill").args(["-INT", &running.id().to_string()]).status();
        assert!(asked.is_ok(), "a signal can be sent");
        let ended = running.wait_with_output().unwrap();
        let now = fs::read(dir.path().join("out/manifest.json")).unwrap();
        match ended.status.code() {
            // Asked before it listened, it just ended; nothing was begun then.
            Some(130) | None => {
                interrupted += 1;
                assert!(now == before, "the old output stands, moment {moment}");
            }
            Some(0) => break,
            code => panic!("{code:?}: {}", said(&ended)),
        }
        assert_eq!(verify(&dir.path().join("out")).unwrap(), Vec::<String>::new());
        assert_eq!(left_behind(dir.path()), ["out"], "nothing half is left, moment {moment}");
    }
    assert!(interrupted > 0, "no run was interrupted");
}

#[cfg(target_os = "linux")]
#[test]
fn a_place_that_cannot_be_written_is_told_by_name() {
    let dir = case_with_an_old_store();
    let script = format!(
        "mkdir fixed && mount -t tmpfs -o ro small fixed || exit 77; \
         exec {BINARY} load case.toml --store fixed/store"
    );
    let mut command = Command::new("unshare");
    command.args(["--mount", "--map-root-user", "bash", "-c", &script]).current_dir(dir.path());
    match command.output() {
        Ok(output) if output.status.code() == Some(1) && said(&output).contains("error:") => {
            let said = said(&output);
            assert!(said.contains("fixed") && said.contains("Read-only file system"), "{said}");
        }
        _ => println!("skipped: this machine mounts no file system of its own for a test"),
    }
    assert_eq!(transfers_in(dir.path()), ROWS_BEFORE);
}
