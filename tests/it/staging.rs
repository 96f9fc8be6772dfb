//! A directory of ours appears whole or not at all, and replaces nothing but one of ours.

use std::fs;
use std::path::Path;

use moneytrail::store::{FileEntry, Manifest, Staging, verify};

/// Publishes a directory with one file of that text.
fn publish(target: &Path, text: &str) -> moneytrail::Result<()> {
    let staging = Staging::create(target)?;
    fs::write(staging.path().join("table.csv"), text).unwrap();
    let entry = FileEntry::of_bytes(text.as_bytes());
    let manifest =
        Manifest { files: [("table.csv".to_owned(), entry)].into(), ..Manifest::default() };
    manifest.write(staging.path())?;
    staging.publish()
}

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = entries.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn what_is_not_published_leaves_nothing() {
    let place = tempfile::tempdir().unwrap();
    let staging = Staging::create(&place.path().join("out")).unwrap();
    fs::write(staging.path().join("half"), "half").unwrap();
    assert!(!place.path().join("out").exists());
    drop(staging);
    assert!(names(place.path()).is_empty(), "{:?}", names(place.path()));
}

#[test]
fn an_intact_directory_of_ours_is_replaced_in_one_exchange() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    publish(&out, "old").unwrap();
    publish(&out, "new").unwrap();
    assert_eq!(fs::read_to_string(out.join("table.csv")).unwrap(), "new");
    assert!(verify(&out).unwrap().is_empty());
    assert_eq!(names(place.path()), ["out"]);
}

#[test]
fn an_empty_directory_is_filled() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    fs::create_dir(&out).unwrap();
    publish(&out, "new").unwrap();
    assert_eq!(names(&out), ["manifest.json", "table.csv"]);
}

/// `spoil` changes what stands at the place; publishing there is refused and changes nothing.
#[track_caller]
fn check_refused(spoil: impl Fn(&Path), left: &[&str]) {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    publish(&out, "old").unwrap();
    spoil(&out);
    let refused = publish(&out, "new").unwrap_err();
    assert!(refused.hint().is_some(), "{refused}");
    assert_eq!(names(&out), left);
    assert_eq!(names(place.path()), ["out"]);
}

#[test]
fn what_others_wrote_is_never_replaced() {
    check_refused(|out| fs::remove_file(out.join("manifest.json")).unwrap(), &["table.csv"]);
    check_refused(
        |out| fs::write(out.join("table.csv"), "own").unwrap(),
        &["manifest.json", "table.csv"],
    );
    check_refused(
        |out| fs::write(out.join("notes.txt"), "mine").unwrap(),
        &["manifest.json", "notes.txt", "table.csv"],
    );
    check_refused(|out| fs::remove_file(out.join("table.csv")).unwrap(), &["manifest.json"]);
}
