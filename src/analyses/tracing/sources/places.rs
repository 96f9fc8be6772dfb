//! A transfer by the place where it was read.

use crate::error::{Error, Result, nearest};
use crate::model::SourceRef;
use crate::store::Case;

/// The row of `transfers` that a text names: the place where it was read, `bank/a.csv:14` or
/// `bank/a.xml#3`, or its row. Cost: linear in transfers.
///
/// # Errors
///
/// [`Error::Unknown`] for a source that is not in the case; [`Error::Usage`] where nothing or
/// several transfers were read there.
pub fn transfer_named(case: &Case, text: &str) -> Result<u32> {
    let transfers = case.transfers()?;
    let rows = transfers.line.len();
    any_transfer(case)?;
    if let Ok(number) = text.parse::<u32>() {
        if let Some(row) = case.transfer_numbered(number)? {
            return Ok(row);
        }
        let what = format!("there is no transfer {number}: `transfers` has {rows} rows from 0");
        return Err(Error::Usage(what));
    }
    let at = place_named(case, text)?;
    let mut found: Vec<u32> = (0..rows)
        .filter(|row| (transfers.source[*row], transfers.line[*row]) == (at.source, at.line))
        .map(|row| row as u32)
        .collect();
    let refs = case.refs()?;
    found.extend(
        (0..refs.row.len())
            .filter(|row| (refs.source[*row], refs.line[*row]) == (at.source, at.line))
            .filter(|row| refs.of.get(*row) == "transfers")
            .map(|row| refs.row[row]),
    );
    found.sort_unstable();
    found.dedup();
    match found.as_slice() {
        [one] => Ok(*one),
        [] => Err(Error::Usage(format!(
            "no transfer was read at {text}; name the line of a record that is one (a header, a \
             rejected record and one that repeats another are none)"
        ))),
        several => {
            let rows: Vec<String> =
                several.iter().map(|row| case.transfer_number(*row).to_string()).collect();
            Err(Error::Usage(format!(
                "{} transfers were read at {text}: name one by its row of `transfers`: {}",
                several.len(),
                rows.join(", ")
            )))
        }
    }
}

/// Refuses a case that holds no money to follow, as one of calls alone.
pub fn any_transfer(case: &Case) -> Result<()> {
    if !case.transfers()?.line.is_empty() {
        return Ok(());
    }
    let what = "the case holds no transfer, so that there is nothing to trace: `status` says what \
                was read of each file";
    Err(Error::Usage(what.to_owned()))
}

/// The place in the returns that a text names.
pub fn place_named(case: &Case, text: &str) -> Result<SourceRef> {
    let split = text.rsplit_once([':', '#']);
    let Some((path, line)) = split.and_then(|(path, line)| Some((path, line.parse().ok()?))) else {
        return Err(Error::Usage(format!(
            "{text:?} names no transfer: give the place where it was read, as in bank/a.csv:14"
        )));
    };
    let sources = &case.sources()?.source;
    let position = sources.iter().position(|source| source == path);
    let source = position.ok_or_else(|| Error::Unknown {
        kind: "source",
        found: path.to_owned(),
        nearest: nearest(path, sources.iter(), 3),
    })?;
    Ok(SourceRef { source: source as u32, line })
}
