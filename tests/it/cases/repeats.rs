//! Same inputs, same bytes, wherever and however a run is made; and any change is noticed.

use std::fs;
use std::path::Path;

use moneytrail::store::files_below;

use super::{ended, harbor_street, moneytrail, scratch, tree};

#[track_caller]
fn assert_same_run(other: &Path) {
    let (left, right) = (tree(&harbor_street().out), tree(other));
    assert_eq!(left.keys().collect::<Vec<_>>(), right.keys().collect::<Vec<_>>());
    for (name, bytes) in &left {
        assert!(*bytes == right[name], "{name} differs between two runs of the same inputs");
    }
}

#[test]
fn one_thread_elsewhere_in_another_locale_and_zone_gives_the_same_bytes() {
    let dir = scratch("repeat-one-thread");
    let out = dir.join("elsewhere");
    let args = ["run", "case.toml", "--threads", "1", "--out", out.to_str().unwrap()];
    let mut command = moneytrail(&args);
    command.current_dir(&harbor_street().folder);
    command.env("LANG", "tr_TR.UTF-8").env("LC_ALL", "tr_TR.UTF-8").env("TZ", "Asia/Kathmandu");
    ended(&mut command, 0);
    assert_same_run(&out);
}

#[test]
fn two_threads_from_another_directory_give_the_same_bytes() {
    let dir = scratch("repeat-two-threads");
    let file = harbor_street().folder.join("case.toml");
    let args = ["run", file.to_str().unwrap(), "--threads", "2", "--out", "out"];
    let mut command = moneytrail(&args);
    ended(command.current_dir(&dir).env("LANG", "C").env("TZ", "America/Los_Angeles"), 0);
    assert_same_run(&dir.join("out"));
}

/// Runs `verify` and returns what it names.
#[track_caller]
fn verified(dir: &Path, code: i32) -> String {
    let output = ended(&mut moneytrail(&["verify", dir.to_str().unwrap()]), code);
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn verify_names_every_file_that_changed_was_added_or_went_missing() {
    let dir = scratch("verify").join("run");
    for name in files_below(&harbor_street().out, &harbor_street().out).unwrap() {
        let to = dir.join(&name);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(harbor_street().out.join(&name), to).unwrap();
    }
    assert!(verified(&dir, 0).contains("is intact"));
    for name in ["tables/flows.csv", "charts/lena-ortiz.html", "store/transfers.parquet"] {
        let path = dir.join(name);
        let whole = fs::read(&path).unwrap();
        let mut changed = whole.clone();
        let middle = changed.len() / 2;
        changed[middle] ^= 1;
        fs::write(&path, changed).unwrap();
        let said = verified(&dir, 1);
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(said.starts_with(&format!("{name}: SHA-256 is ")), "{said}");
        fs::write(&path, whole).unwrap();
    }
    fs::write(dir.join("tables/added.csv"), "a\n").unwrap();
    fs::remove_file(dir.join("findings.csv")).unwrap();
    let said = verified(&dir, 1);
    assert_eq!(said, "findings.csv: is missing\ntables/added.csv: is not in the manifest\n");
}
