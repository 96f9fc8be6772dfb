//! Commands as a user types them: the README's walkthrough, every example of a manual page, and
//! one command for each error message.
//!
//! Each file runs in a directory of its own, so nothing is written into the repository. After
//! `TRYCMD=overwrite cargo test --test it commands` the files hold what the program says now;
//! that is read before it is committed.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};

use moneytrail::case::CaseFile;
use moneytrail::store::load;
use trycmd::TestCases;

const HARBOR_STREET: &str = "fixtures/cases/harbor-street";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn copy_dir(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a temporary directory takes folders");
    for entry in fs::read_dir(from).unwrap_or_else(|e| panic!("{}: {e}", from.display())) {
        let entry = entry.expect("the entries of a fixture can be read");
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy_dir(&from, &to);
        } else {
            fs::copy(&from, &to).unwrap_or_else(|e| panic!("{}: {e}", from.display()));
        }
    }
}

/// The program of another package, by its name on `PATH`.
fn on_path(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").expect("there is a PATH");
    let mut found = std::env::split_paths(&path).map(|dir| dir.join(name));
    found.find(|program| program.is_file()).unwrap_or_else(|| panic!("{name} is not installed"))
}

/// Runs the commands of the files in `dir` with those endings; what they print is compared with
/// what stands below them. Under `TRYCMD=overwrite`, `keep` is then given each file's new text.
fn run(dir: &Path, files: &[PathBuf], keep: impl Fn(&Path, String)) {
    let cases = TestCases::new();
    cases.register_bin("moneytrail", PathBuf::from(env!("CARGO_BIN_EXE_moneytrail")));
    for name in ["cat", "cp", "mkdir", "sed"] {
        cases.register_bin(name, on_path(name));
    }
    files.iter().for_each(|file| {
        cases.case(dir.join(file));
    });
    let outcome = catch_unwind(AssertUnwindSafe(|| cases.run()));
    if std::env::var_os("TRYCMD").is_some_and(|mode| mode == "overwrite") {
        for file in files {
            let text = fs::read_to_string(dir.join(file)).expect("the file was just run");
            keep(file, text);
        }
    }
    if let Err(failed) = outcome {
        resume_unwind(failed);
    }
}

/// A copy of the invented case, where its case file finds the saved questions.
fn copy_harbor_street(to: &Path) {
    copy_dir(&root().join(HARBOR_STREET), &to.join(HARBOR_STREET));
    copy_dir(&root().join("queries"), &to.join("queries"));
}

#[test]
fn the_readme_runs() {
    let dir = tempfile::tempdir().expect("a temporary directory can be made");
    copy_harbor_street(&dir.path().join("README.in"));
    let readme = root().join("README.md");
    fs::copy(&readme, dir.path().join("README.md")).expect("the README can be copied");
    run(dir.path(), &["README.md".into()], |_, text| fs::write(&readme, text).unwrap());
}

/// The picture in the README is what the command below it draws.
#[test]
fn the_readme_picture_is_drawn_by_the_program() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let command = readme
        .lines()
        .find(|line| line.starts_with("moneytrail chart") && line.ends_with(".svg"))
        .expect("the README says how its picture is drawn");
    let mut arguments: Vec<String> = command
        .split('"')
        .enumerate()
        .flat_map(|(at, part)| match at % 2 {
            1 => vec![part.to_owned()],
            _ => part.split_whitespace().map(str::to_owned).collect(),
        })
        .skip(1)
        .collect();
    let dir = tempfile::tempdir().expect("a temporary directory can be made");
    let picture = arguments.pop().expect("the command names its file");
    let drawn = dir.path().join("chart.svg");
    let said = std::process::Command::new(env!("CARGO_BIN_EXE_moneytrail"))
        .args(&arguments)
        .arg(&drawn)
        .current_dir(root())
        .output()
        .expect("the program starts");
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let kept = root().join(&picture);
    if std::env::var_os("TRYCMD").is_some_and(|mode| mode == "overwrite") {
        fs::copy(&drawn, &kept).expect("the picture can be replaced");
    }
    let kept = fs::read_to_string(&kept).unwrap_or_else(|e| panic!("{picture}: {e}"));
    assert!(kept == fs::read_to_string(&drawn).unwrap(), "{picture} is not what is drawn now");
    assert!(readme.contains(&format!("]({picture})")), "the README shows {picture}");
}

#[test]
fn every_message_is_said_as_written() {
    let dir = tempfile::tempdir().expect("a temporary directory can be made");
    let home = root().join("tests/it/commands");
    let mut files = Vec::new();
    for entry in fs::read_dir(&home).expect("the command tests stand there") {
        let path = entry.expect("they can be listed").path();
        let file = PathBuf::from(path.file_name().expect("a file has a name"));
        fs::copy(&path, dir.path().join(&file)).expect("a test can be copied");
        copy_dir(&root().join("fixtures/errors"), &dir.path().join(file.with_extension("in")));
        files.push(file);
    }
    files.sort();
    assert!(!files.is_empty(), "there are command tests");
    run(dir.path(), &files, |file, text| fs::write(home.join(file), text).unwrap());
}

/// Examples of a manual page, which are indented, as the fenced blocks that can be run.
fn fenced(page: &str) -> String {
    let mut text = String::new();
    let mut open = false;
    for line in page.lines() {
        if let Some(command) = line.strip_prefix("    $ ") {
            text.push_str(if open { "" } else { "```console\n" });
            open = true;
            text.push_str(&format!("$ {command}\n"));
        } else if open && !line.is_empty() && !line.starts_with("    ") {
            text.push_str(&format!("```\n{line}\n"));
            open = false;
        } else {
            text.push_str(if open { line.strip_prefix("    ").unwrap_or(line) } else { line });
            text.push('\n');
        }
    }
    text.push_str(if open { "\n```\n" } else { "" });
    text
}

/// The page of which [`fenced`] made `text`.
fn indented(text: &str) -> String {
    let mut page = String::new();
    let mut open = false;
    for line in text.lines() {
        if line.starts_with("```") {
            open = !open;
        } else if open && !line.is_empty() {
            page.push_str(&format!("    {line}\n"));
        } else {
            page.push_str(&format!("{line}\n"));
        }
    }
    format!("{}\n", page.trim_end())
}

#[test]
fn examples_of_the_manual_run() {
    let dir = tempfile::tempdir().expect("a temporary directory can be made");
    copy_harbor_street(dir.path());
    let case = dir.path().join(HARBOR_STREET).join("case.toml");
    let plan = CaseFile::read(&case).expect("the invented case is whole").plan;
    load(&plan, &case.with_file_name("harbor"), &|_, _| {}).expect("the invented case loads");
    let pages = root().join("src/cli");
    let mut files = Vec::new();
    for entry in fs::read_dir(&pages).expect("the commands stand there") {
        let path = entry.expect("they can be listed").path();
        if path.extension().is_some_and(|ending| ending == "md") {
            let page = fs::read_to_string(&path).expect("a page is text");
            assert_eq!(indented(&fenced(&page)), page, "{} survives the way", path.display());
            let file = PathBuf::from(path.file_name().expect("a file has a name"));
            fs::write(dir.path().join(&file), fenced(&page)).expect("a page can be copied");
            // A file of this name that holds a path stands for that directory.
            let place = dir.path().join(file.with_extension("in"));
            fs::write(place, HARBOR_STREET).expect("a page has its place");
            files.push(file);
        }
    }
    files.sort();
    run(dir.path(), &files, |file, text| fs::write(pages.join(file), indented(&text)).unwrap());
}

#[test]
fn pages_fit_a_terminal() {
    for entry in fs::read_dir(root().join("src/cli")).expect("the commands stand there") {
        let path = entry.expect("they can be listed").path();
        if path.extension().is_some_and(|ending| ending == "md") {
            let page = fs::read_to_string(&path).expect("a page is text");
            let name = path.display();
            for (at, line) in page.lines().enumerate() {
                assert!(line.chars().count() <= 100, "{name}:{}: over 100 columns", at + 1);
            }
            for heading in ["Output", "Exit codes", "Examples"] {
                assert!(
                    page.lines().any(|line| line.starts_with(heading)),
                    "{name} lacks {heading:?}"
                );
            }
        }
    }
}
