//! What is set aside while a case is loaded, and its table in order of source and line.
//!
//! A return may be broken in every row. Beyond a row group, what is set aside waits on the disk
//! and not in memory; what is said of statements and leases is known only after the records of
//! later lines, and is put in its place at the end. A layout that does not fit its file makes a
//! line of every record, and nothing may be left out of such a list: where there is no disk to
//! wait on, a case that goes beyond the bound is not read at all.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::records::Reject;
use crate::store::case_store::{CaseWriter, TableParts, TableSink, each_row_group};
use crate::store::tables::{Appends, Rejects, Table};

/// Rows that wait in memory, and bytes of their texts: a row holds its whole record, so that as
/// many as make a row group of other tables would fill the memory several times over.
const WAITING_MAX: usize = 32_768;
const WAITING_BYTES_MAX: u64 = 16 << 20;

/// Bytes held of what is set aside where nothing is written to the disk.
const HELD_BYTES_MAX: u64 = 1 << 30;
/// Bytes of a row beside its texts: source, line, whether it was kept, and where each text ends.
const ROW_BYTES: u64 = 41;

/// Source and line, then the order in which they were told.
type Order = (u32, u32, u64);

/// Everything set aside so far.
#[derive(Debug, Default)]
pub struct SetAside {
    dir: Option<PathBuf>,
    /// In order of source and line, as records are read.
    waiting: Rejects,
    last: (u32, u32),
    /// How many rows came in order, those on the disk too.
    in_order: u64,
    /// Bytes of everything told so far, and of what waits.
    bytes: u64,
    waiting_bytes: u64,
    on_disk: Option<TableParts<Rejects>>,
    /// What was told out of order.
    late: Rejects,
    late_order: Vec<Order>,
}

impl SetAside {
    /// Nothing yet; what does not fit memory waits in `dir`, or in memory all the same without
    /// one.
    pub fn new(dir: Option<&Path>) -> SetAside {
        SetAside { dir: dir.map(Path::to_path_buf), ..SetAside::default() }
    }

    /// Takes over what was set aside in a source.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Io`] or [`crate::Error::File`] if the disk refuses.
    pub fn push(&mut self, source: u32, rejects: Vec<Reject>) -> Result<()> {
        for one in &rejects {
            let texts = [&one.column, &one.found, &one.reason, &one.raw];
            let bytes = ROW_BYTES + texts.map(|text| text.len() as u64).iter().sum::<u64>();
            self.bytes += bytes;
            if (source, one.line) >= self.last {
                self.last = (source, one.line);
                self.in_order += 1;
                self.waiting_bytes += bytes;
                push_row(&mut self.waiting, source, one);
            } else {
                // After those told before it, and before those told after it, of one line.
                self.late_order.push((source, one.line, self.in_order * 2));
                push_row(&mut self.late, source, one);
            }
        }
        match &self.dir {
            Some(dir)
                if self.waiting.line.len() >= WAITING_MAX
                    || self.waiting_bytes >= WAITING_BYTES_MAX =>
            {
                self.waiting_bytes = 0;
                if self.on_disk.is_none() {
                    self.on_disk = Some(TableParts::create(dir)?);
                }
                let parts = self.on_disk.as_mut().expect("it was just made");
                parts.push_group(std::mem::take(&mut self.waiting))
            }
            _ => Ok(()),
        }
    }

    /// Whether the list is within its bound; `shown` is the source that was added to it last.
    ///
    /// # Errors
    ///
    /// [`Error::File`] with the last entry and what to do.
    pub fn check(&self, shown: &str) -> Result<()> {
        match self.dir {
            Some(_) => Ok(()),
            None => self.check_against(shown, HELD_BYTES_MAX),
        }
    }

    fn check_against(&self, shown: &str, bytes_max: u64) -> Result<()> {
        let Some(last) = self.waiting.line.len().checked_sub(1) else { return Ok(()) };
        if self.bytes <= bytes_max {
            return Ok(());
        }
        let what = format!(
            "more cannot be read in the case than memory holds, and nothing is read: the last of \
             {} records and values set aside is on line {}: found {:?}, {}",
            last + 1,
            self.waiting.line[last],
            self.waiting.found.get(last).chars().take(60).collect::<String>(),
            self.waiting.reason.get(last),
        );
        let hint = "the layout hardly fits this file: mend it, draft another with `moneytrail \
                    layout suggest`, or `load` the case, which lists them all";
        Err(Error::named(shown, what, Some(hint.to_owned())))
    }

    /// Hands the table over, in order of source and line, then of telling.
    ///
    /// # Errors
    ///
    /// As [`SetAside::push`].
    pub fn finish(mut self, sink: &mut impl TableSink) -> Result<()> {
        let mut late = Late::new(std::mem::take(&mut self.late), &self.late_order);
        let (Some(mut parts), Some(writer)) = (self.on_disk.take(), sink.store()) else {
            let all = late.merged(self.waiting, 0, true);
            return sink.put(all);
        };
        parts.push_group(self.waiting)?;
        if late.order.is_empty() {
            return parts.finish(writer).map(|_| ());
        }
        let dir = self.dir.expect("what is on the disk is in a directory");
        merge_on_disk(parts, &mut late, &dir, writer)
    }
}

/// Writes the table again with what was told late in its place. Memory: a row group, and what was
/// told late.
fn merge_on_disk(
    parts: TableParts<Rejects>,
    late: &mut Late,
    dir: &Path,
    writer: &mut CaseWriter,
) -> Result<()> {
    let aside = parts.close_as("rejects.in-order")?;
    let mut whole: TableParts<Rejects> = TableParts::create(dir)?;
    let mut first = 0;
    each_row_group::<Rejects>(&aside, |group| {
        let rows = group.rows() as u64;
        let merged = late.merged(group, first, false);
        first += rows;
        whole.push_group(merged)
    })?;
    whole.push_group(late.merged(Rejects::default(), first, true))?;
    std::fs::remove_file(&aside).map_err(|refused| Error::io(&aside, refused))?;
    whole.finish(writer).map(|_| ())
}

/// What was told late, in order, and how much of it was put in its place.
struct Late {
    rows: Rejects,
    order: Vec<Order>,
    next: usize,
}

impl Late {
    fn new(rows: Rejects, told: &[Order]) -> Late {
        let mut by_line: Vec<u32> = (0..told.len() as u32).collect();
        by_line.sort_by_key(|at| told[*at as usize]);
        let order = by_line.iter().map(|at| told[*at as usize]).collect();
        Late { rows: rows.select(&by_line), order, next: 0 }
    }

    /// The rows of a part with what belongs among them: to its last row, or `to_the_end`. `first`
    /// is how many rows in order stand before the part.
    fn merged(&mut self, mut part: Rejects, first: u64, to_the_end: bool) -> Rejects {
        let mut order: Vec<Order> = (0..part.line.len())
            .map(|row| (part.source[row], part.line[row], (first + row as u64) * 2 + 1))
            .collect();
        let last = order.last().copied();
        let from = self.next;
        let belongs = |one: &Order| to_the_end || last.is_some_and(|last| *one < last);
        self.next += self.order[from..].iter().take_while(|one| belongs(one)).count();
        if from == self.next {
            return part;
        }
        order.extend(&self.order[from..self.next]);
        let among: Vec<u32> = (from as u32..self.next as u32).collect();
        part.append(self.rows.clone().select(&among));
        let mut by_line: Vec<u32> = (0..order.len() as u32).collect();
        by_line.sort_by_key(|at| order[*at as usize]);
        part.select(&by_line)
    }
}

fn push_row(table: &mut Rejects, source: u32, one: &Reject) {
    table.source.push(source);
    table.line.push(one.line);
    table.place.push(&one.place);
    table.column.push(&one.column);
    table.found.push(&one.found);
    table.reason.push(&one.reason);
    table.kept.push(one.kept);
    table.raw.push(&one.raw);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::case_store::Case;
    use crate::store::manifest::Manifest;

    fn reject(line: u32, told: usize) -> Reject {
        Reject {
            line,
            column: "Amount".to_owned(),
            found: told.to_string(),
            reason: "an amount".to_owned(),
            ..Reject::default()
        }
    }

    /// Lines as they are told come out in order of line, equal ones in order of telling, whether
    /// they waited in memory or on the disk.
    #[track_caller]
    fn check(lines: &[u32], on_disk: bool) {
        let dir = tempfile::tempdir().unwrap();
        let mut aside = SetAside::new(Some(dir.path()));
        for (told, line) in lines.iter().enumerate() {
            aside.push(0, vec![reject(*line, told)]).unwrap();
        }
        assert_eq!(aside.on_disk.is_some(), on_disk);
        let mut writer = CaseWriter::new(dir.path(), Manifest::default());
        aside.finish(&mut writer).unwrap();
        let mut found = Vec::new();
        each_row_group::<Rejects>(&dir.path().join("rejects.parquet"), |group| {
            let told = (0..group.rows()).map(|row| group.found.get(row).parse::<usize>().unwrap());
            found.extend(group.line.iter().copied().zip(told));
            Ok(())
        })
        .unwrap();
        let mut expected: Vec<(u32, usize)> =
            lines.iter().enumerate().map(|(told, line)| (*line, told)).collect();
        expected.sort_by_key(|one| one.0);
        assert!(found == expected, "{} rows in order", lines.len());
        assert_eq!(
            writer.finish().unwrap().files["rejects.parquet"].rows,
            Some(lines.len() as u64)
        );
        assert!(!dir.path().join("rejects.in-order.parquet").exists());
    }

    #[test]
    fn few_wait_in_memory() {
        check(&[], false);
        check(&[2, 5, 5, 3, 9, 5, 1], false);
    }

    #[test]
    fn many_wait_on_the_disk_and_stand_in_order_all_the_same() {
        let many = WAITING_MAX as u32 + 10;
        let in_order: Vec<u32> = (0..many).map(|line| line / 2).collect();
        check(&in_order, true);
        let mut with_late = in_order.clone();
        with_late.extend([7, 0, 7, many / 2 - 1, many]);
        with_late.insert(100, 3);
        check(&with_late, true);
    }

    #[test]
    fn few_long_records_wait_on_the_disk_too() {
        let dir = tempfile::tempdir().unwrap();
        let mut aside = SetAside::new(Some(dir.path()));
        let long = "x".repeat(1 << 20);
        for line in 0..40 {
            let one = Reject { raw: long.clone(), ..reject(line, 0) };
            aside.push(0, vec![one]).unwrap();
            assert!(aside.waiting.line.len() < 16, "line {line}");
        }
        let mut writer = CaseWriter::new(dir.path(), Manifest::default());
        aside.finish(&mut writer).unwrap();
        let mut lines = Vec::new();
        each_row_group::<Rejects>(&dir.path().join("rejects.parquet"), |group| {
            lines.extend(group.line.iter().copied());
            Ok(())
        })
        .unwrap();
        assert_eq!(lines, (0..40).collect::<Vec<u32>>());
    }

    #[test]
    fn a_case_in_memory_keeps_them_there() {
        let mut aside = SetAside::new(None);
        aside.push(1, vec![reject(4, 0)]).unwrap();
        aside.push(0, vec![reject(9, 1)]).unwrap();
        let mut case = Case::in_memory(Manifest::default());
        aside.finish(&mut case).unwrap();
        assert_eq!(case.rejects().unwrap().source, [0, 1]);
    }

    #[test]
    fn beyond_its_bound_memory_refuses_the_case_with_what_to_do() {
        let mut aside = SetAside::new(None);
        assert!(aside.check_against("a.csv", 0).is_ok(), "nothing was set aside");
        aside.push(0, vec![reject(2, 7)]).unwrap();
        assert!(aside.check_against("a.csv", 100).is_ok());
        aside.push(0, vec![reject(3, 8)]).unwrap();
        let refused = aside.check_against("a.csv", 100).unwrap_err();
        let expected =
            "the last of 2 records and values set aside is on line 3: found \"8\", an amount";
        assert!(refused.to_string().starts_with("a.csv: "), "{refused}");
        assert!(refused.to_string().ends_with(expected), "{refused}");
        assert!(refused.hint().is_some());
    }
}
