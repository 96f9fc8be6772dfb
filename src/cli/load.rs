//! `load`: reads returns into a case store.

use std::path::PathBuf;

use crate::analyses::coverage;
use crate::case::CaseFile;
use crate::cli::session::Session;
use crate::error::{Error, Result};
use crate::model::counted;
use crate::records::BAI2_DEFAULT_CURRENCY;
use crate::store::{Case, Loaded, Rejects, Staging};

/// What to load, and where to.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The case file
    #[arg(value_name = "CASE.toml")]
    case: PathBuf,
    /// Directory of the case store; one of ours is replaced, anything else is refused
    #[arg(long, value_name = "DIR")]
    store: PathBuf,
    /// End with exit code 1 if any record was set aside
    #[arg(long)]
    strict: bool,
    /// Days before a payment that came back within which the payment it undoes is looked for; 60
    /// unless the case file says other
    #[arg(long, value_name = "DAYS")]
    reversal_window_days: Option<u16>,
}

/// Rows of what was set aside that are looked at together.
const PAGE_ROWS: usize = 32_768;

/// Loads a case and prints its sources with their counts.
///
/// # Errors
///
/// As [`crate::store::load`]; [`Error::Failed`] under `--strict` if a record was set aside.
pub fn run(session: &Session, args: &Args) -> Result<()> {
    let mut file = CaseFile::read(&args.case)?;
    if let Some(days) = args.reversal_window_days {
        file.plan.reversal_window_days = days;
    }
    let staging = Staging::create(&args.store)?;
    let loaded = session.load(&file.plan, staging.path())?;
    staging.publish()?;
    let case = Case::open(&args.store)?;
    warn_about_subjects(&case)?;
    session.print(&case, &[coverage::sources(&case)?])?;
    say_matches(&loaded);
    say_assumed(&case)?;
    strict(&case, args.strict)
}

/// Says on standard error which sources were read in a currency that they do not state.
///
/// # Errors
///
/// [`Error::File`] if the store is damaged.
pub fn say_assumed(case: &Case) -> Result<()> {
    let mut sources: Vec<u32> = Vec::new();
    each_page_of_rejects(case, |rejects| {
        let assumed = |row: &usize| rejects.reason.get(*row) == BAI2_DEFAULT_CURRENCY;
        let rows = 0..rejects.line.len();
        sources.extend(rows.filter(assumed).map(|row| rejects.source[row]));
        sources.dedup();
        Ok(true)
    })?;
    let names = case.sources()?;
    for source in sources {
        eprintln!("{}: {BAI2_DEFAULT_CURRENCY}", names.source.get(source as usize));
    }
    Ok(())
}

/// Says on standard error what was read, as the table `sources` does where it is printed.
///
/// # Errors
///
/// [`Error::File`] if the store is damaged.
pub fn say_counts(case: &Case) -> Result<()> {
    let sources = case.sources()?;
    let sum = |column: &[i64]| column.iter().sum::<i64>();
    let (read, accepted) = (sum(&sources.read), sum(&sources.accepted));
    let (rejected, duplicate) = (sum(&sources.rejected), sum(&sources.duplicate));
    assert_eq!(read, accepted + rejected + duplicate, "every record read is accounted for");
    let records = counted(read as u64, "record");
    eprintln!("{records} read = {accepted} accepted + {rejected} rejected + {duplicate} duplicate");
    if let Some(sentence) = coverage::without_records(sources) {
        eprintln!("{sentence}");
    }
    Ok(())
}

/// Says on standard error what became of the records.
pub fn say_matches(loaded: &Loaded) {
    eprintln!(
        "{}, {} of them seen from both ends, {} that may be one; {}, {} of them",
        counted(loaded.transfers, "transfer"),
        loaded.merged,
        counted(loaded.possible + loaded.unlisted, "pair"),
        counted(loaded.calls, "call"),
        counted(loaded.calls_joined, "further reading")
    );
    if loaded.unlisted > 0 {
        eprintln!(
            "of these pairs up to {} are only counted, some from both of their records: too many \
             equal amounts within days of each other fit one record",
            loaded.unlisted
        );
    }
    if loaded.duplicates + loaded.possible_repeats + loaded.reversals > 0 {
        let repeating = match loaded.duplicates {
            1 => "1 record repeats another and is left out".to_owned(),
            several => format!("{several} records repeat others and are left out"),
        };
        let (more, back) = (loaded.possible_repeats, counted(loaded.reversals, "payment"));
        eprintln!("{repeating}, {more} more may; {back} came back");
    }
}

/// Tells before anything is analysed which subjects match nothing or several.
///
/// # Errors
///
/// [`Error::File`] if the store is damaged.
pub fn warn_about_subjects(case: &Case) -> Result<Vec<String>> {
    let mut sentences = Vec::new();
    for subject in case.subjects()? {
        let (kind, name) = (subject.kind, &subject.name);
        match subject.matches.len() {
            1 => {}
            0 => {
                let mut sentence = format!("the subject {name:?} matches no {kind}");
                let known = case.names(kind)?;
                let near = crate::error::nearest(name, known.iter(), 3);
                if !near.is_empty() {
                    sentence.push_str(&format!("; {}", crate::error::nearest_words(&near)));
                }
                sentences.push(sentence);
            }
            several => {
                let mut names = Vec::new();
                for entity in &subject.matches {
                    names.push(format!("{:?}", case.name(*entity)?));
                }
                sentences.push(format!(
                    "the subject {name:?} matches {several} {kind} entities, all are drawn: {}",
                    names.join(", ")
                ));
            }
        }
    }
    sentences.iter().for_each(|sentence| eprintln!("warning: {sentence}"));
    Ok(sentences)
}

/// Under `--strict`, a record set aside fails the command and the first one is named.
///
/// # Errors
///
/// [`Error::Field`] with the first reject.
pub fn strict(case: &Case, asked: bool) -> Result<()> {
    if !asked {
        return Ok(());
    }
    each_page_of_rejects(case, |rejects| {
        let first = (0..rejects.line.len()).find(|row| !rejects.kept[*row]);
        let Some(row) = first else { return Ok(true) };
        let reason = rejects.reason.get(row).trim_start_matches("expected ");
        let (expected, hint) = match reason.split_once("; ") {
            Some((expected, hint)) => (expected, Some(hint.to_owned())),
            None => (reason, None),
        };
        let source = case.sources()?.source.get(rejects.source[row] as usize).to_owned();
        Err(Error::Field {
            at: rejects.words(&source, row),
            column: rejects.column.get(row).to_owned(),
            found: rejects.found.get(row).to_owned(),
            expected: expected.to_owned(),
            hint,
        })
    })
}

/// Shows what was set aside to `visit`, some rows at a time in their order, until it wants no
/// more: each row holds its whole record, and there may be as many as the return has.
fn each_page_of_rejects(
    case: &Case,
    mut visit: impl FnMut(&Rejects) -> Result<bool>,
) -> Result<()> {
    let mut first = 0;
    loop {
        let (page, _) = case.page::<Rejects>(first, PAGE_ROWS)?;
        if page.line.is_empty() || !visit(&page)? {
            return Ok(());
        }
        first += page.line.len();
    }
}
