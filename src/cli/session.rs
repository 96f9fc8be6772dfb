//! What every command shares: format, threads, timings, and opening what it was given.

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use crate::case::CaseFile;
use crate::error::{Error, Result, nearest};
use crate::exports::Wording;
use crate::exports::tables::{TableFormat, TableWriter};
use crate::model::ResultTable;
use crate::store::{Case, LoadPlan, Loaded, load_in_memory, load_timed};
use crate::timings::{Progress, Timings, TimingsFormat};

/// Heading of the options that every command takes, below its own.
const EVERY: &str = "Options of every command";

/// Options of every command.
#[derive(clap::Args, Clone, Debug)]
pub struct Common {
    /// How tables are printed
    #[arg(long, global = true, value_enum, default_value_t = TableFormat::Table)]
    #[arg(help_heading = EVERY, display_order = 100)]
    pub format: TableFormat,
    /// Only this table; csv, json and parquet print the first one unless it is named
    #[arg(long, global = true, value_name = "NAME", help_heading = EVERY, display_order = 101)]
    pub table: Option<String>,
    /// Only these columns, in this order, as in --columns account,total; an amount brings its
    /// currency
    #[arg(long, global = true, value_name = "NAMES", value_delimiter = ',')]
    #[arg(help_heading = EVERY, display_order = 102)]
    pub columns: Vec<String>,
    /// Threads to use; all cores unless set, and the same answer with any number
    #[arg(long, global = true, value_name = "N", help_heading = EVERY, display_order = 103)]
    pub threads: Option<usize>,
    /// Print what each stage cost to standard error
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "FORMAT",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "table",
        help_heading = EVERY,
        display_order = 104
    )]
    pub timings: Option<TimingsFormat>,
}

/// One invocation.
pub struct Session {
    /// Options of every command.
    pub common: Common,
    /// Stages so far.
    pub timings: Timings,
}

/// An opened case, and the directory that goes with it when it was loaded for this one command.
pub struct Opened {
    /// The case.
    pub case: Case,
    _loaded: Option<tempfile::TempDir>,
}

impl Session {
    /// Sets the number of threads.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] for no threads at all.
    pub fn new(common: Common) -> Result<Session> {
        if let Some(threads) = common.threads {
            if threads == 0 {
                return Err(Error::Usage("--threads takes a number from 1".to_owned()));
            }
            rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build_global()
                .expect("the thread pool is set before anything uses it");
        }
        Ok(Session { common, timings: Timings::new() })
    }

    /// Opens a store or a run directory; a case file is loaded for this command alone.
    ///
    /// # Errors
    ///
    /// As [`Case::open`] and [`crate::store::load`].
    pub fn open(&self, path: &Path) -> Result<Opened> {
        if path.extension().is_none_or(|ending| ending != "toml") {
            let stage = self.timings.start("open");
            let case = Case::open(path)?;
            self.timings.end(stage, None);
            return Ok(Opened { case, _loaded: None });
        }
        let file = CaseFile::read(path)?;
        let dir = tempfile::tempdir().map_err(|source| Error::io(&std::env::temp_dir(), source))?;
        self.load(&file.plan, dir.path())?;
        Ok(Opened { case: Case::open(dir.path())?, _loaded: Some(dir) })
    }

    /// As [`Session::open`], for a question that asks neither for texts beside amounts nor for
    /// hashes: a case file's returns are read into memory and nothing is written.
    ///
    /// # Errors
    ///
    /// As [`Session::open`].
    pub fn open_in_memory(&self, path: &Path) -> Result<Opened> {
        if path.extension().is_none_or(|ending| ending != "toml") {
            return self.open(path);
        }
        let plan = CaseFile::read(path)?.plan;
        let total = plan.sources.iter().filter_map(|one| one.path.metadata().ok());
        let progress = Progress::bytes("reading", Some(total.map(|one| one.len()).sum()));
        let read = load_in_memory(&plan, &|_, more| progress.add(more), &self.timings)?;
        progress.finish();
        match read {
            Some((case, _)) => Ok(Opened { case, _loaded: None }),
            None => self.open(path),
        }
    }

    /// Loads a plan into an empty directory, with progress and timing.
    ///
    /// # Errors
    ///
    /// As [`crate::store::load`].
    pub fn load(&self, plan: &LoadPlan, dir: &Path) -> Result<Loaded> {
        let stage = self.timings.start("load");
        let total = plan.sources.iter().filter_map(|one| one.path.metadata().ok());
        let progress = Progress::bytes("reading", Some(total.map(|one| one.len()).sum()));
        let loaded = load_timed(plan, dir, &|_, more| progress.add(more), &self.timings)?;
        progress.finish();
        self.timings.end(stage, loaded.records);
        Ok(loaded)
    }

    /// Prints an answer: in the terminal form every table with its name above it, else the one
    /// that `--table` names.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] if there is no table of that name; [`Error::Io`] if standard output is
    /// closed.
    pub fn print(&self, case: &Case, tables: &[ResultTable]) -> Result<()> {
        let wording = Wording::of(case)?;
        let writer = TableWriter::for_stdout(&wording);
        let named = match &self.common.table {
            Some(name) => {
                Some(tables.iter().find(|table| table.name == *name).ok_or_else(|| {
                    let known: Vec<&str> = tables.iter().map(|table| table.name.as_str()).collect();
                    Error::Usage(format!(
                        "no table {name:?} here; the tables are {}",
                        known.join(", ")
                    ))
                })?)
            }
            None => None,
        };
        let printed: Vec<&ResultTable> = match named {
            Some(table) => vec![table],
            None if self.common.format == TableFormat::Table => tables.iter().collect(),
            None => tables.iter().take(1).collect(),
        };
        let chosen = self.chosen_columns(&printed)?;
        let printed: Vec<&ResultTable> =
            if self.common.columns.is_empty() { printed } else { chosen.iter().collect() };
        let mut out = io::stdout().lock();
        if self.common.format == TableFormat::Table {
            for (at, table) in printed.iter().enumerate() {
                if printed.len() > 1 {
                    let gap = if at == 0 { "" } else { "\n" };
                    let _ = writeln!(out, "{gap}{}", table.name);
                }
                writer.write(table, self.common.format, &mut out)?;
            }
            return Ok(());
        }
        if self.common.format == TableFormat::Parquet && io::stdout().is_terminal() {
            let what = "Parquet is no text: send it to a file, as in > flows.parquet";
            return Err(Error::Usage(what.to_owned()));
        }
        for table in printed {
            for sentence in writer.write(table, self.common.format, &mut out)? {
                eprintln!("{sentence}");
            }
        }
        Ok(())
    }

    /// The tables with only the columns that `--columns` names, in its order; tables that have
    /// none of them are left out.
    fn chosen_columns(&self, tables: &[&ResultTable]) -> Result<Vec<ResultTable>> {
        let names = &self.common.columns;
        let known = || tables.iter().flat_map(|table| &table.columns).map(|one| one.name.as_str());
        if let Some(unknown) = names.iter().find(|name| !known().any(|one| one == name.as_str())) {
            let mut said = format!("no column {unknown:?} here");
            match nearest(unknown, known(), 1).first() {
                Some(near) => said.push_str(&format!("; did you mean {near:?}?")),
                None => {
                    let mut all: Vec<&str> = Vec::new();
                    for name in known() {
                        if !all.contains(&name) {
                            all.push(name);
                        }
                    }
                    said.push_str(&format!("; the columns are {}", all.join(", ")));
                }
            }
            return Err(Error::Usage(said));
        }
        let chosen = tables.iter().map(|table| {
            let column = |name: &str| table.columns.iter().find(|one| one.name == name).cloned();
            let mut columns: Vec<_> = names.iter().filter_map(|name| column(name)).collect();
            let money = columns.iter().any(|one| one.values.is_money());
            if money && !names.iter().any(|name| name == "currency") {
                // An amount is never read without its currency.
                columns.extend(column("currency"));
            }
            ResultTable { name: table.name.clone(), columns, notes: table.notes.clone() }
        });
        Ok(chosen.filter(|table| !table.columns.is_empty()).collect())
    }

    /// Prints timings, if they were asked for.
    pub fn print_timings(&self) {
        if let Some(format) = self.common.timings {
            // Standard error may be closed; the answer has been given all the same.
            let _ = self.timings.print(format);
        }
    }
}
