//! The files of the returns while they are written: which are open, which line holds which
//! payment, what was damaged. How each producer lays out its rows is in the file named after it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::Result;
use crate::generate::sheet::{Sheet, Style};

/// Comma, UTF-8, plain line ends.
pub const PLAIN: Style = Style { delimiter: b',', windows_1252: false, crlf: false };

/// A line of a file.
#[derive(Clone, Debug)]
pub struct Place {
    /// Relative to the case folder.
    pub file: String,
    /// Physical line from 1.
    pub line: u32,
}

impl Place {
    /// `castellan/activity.csv:14`.
    pub fn shown(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }
}

/// A value that cannot be read, put there on purpose.
pub struct Damage {
    /// Where.
    pub place: Place,
    /// The producer's column; empty when the row as a whole is at fault.
    pub column: &'static str,
    /// As written.
    pub found: String,
    /// What is wrong: `amount`, `date`, `fields`, `duration`, `name`.
    pub kind: &'static str,
    /// Whether the record is kept without the value.
    pub kept: bool,
}

/// What a source adds up to.
#[derive(Clone, Copy, Default)]
pub struct Count {
    /// Records read.
    pub records: u64,
    /// Of them rejected.
    pub rejects: u64,
}

/// Debits and credits that can be read, of one account.
#[derive(Clone, Copy, Default)]
pub struct Totals {
    /// Cents out.
    pub debits_minor: i64,
    /// Cents in.
    pub credits_minor: i64,
    /// Records.
    pub records: u64,
}

/// The case folder under construction.
pub struct Returns {
    root: PathBuf,
    open: BTreeMap<String, Sheet>,
    /// By file.
    pub counts: BTreeMap<String, Count>,
    /// By bank and number; the first block's only.
    pub totals: BTreeMap<(String, String), Totals>,
    /// In order of writing.
    pub damages: Vec<Damage>,
    /// Where the legs of each payment of the block stand: the payer's, the payee's.
    pub legs: Vec<[Option<Place>; 2]>,
    /// The statement row left out.
    pub missing: Option<Missing>,
    /// Whether accounts are added up: the first block's are.
    pub adding_up: bool,
}

/// A statement row left out on purpose.
pub struct Missing {
    /// Bank and number.
    pub account: String,
    /// `2024-04`.
    pub month: String,
    /// Cents.
    pub minor: i64,
    /// The row before it.
    pub after: Place,
}

impl Returns {
    /// A folder that exists and is empty.
    pub fn new(root: &Path) -> Returns {
        Returns {
            root: root.to_path_buf(),
            open: BTreeMap::new(),
            counts: BTreeMap::new(),
            totals: BTreeMap::new(),
            damages: Vec::new(),
            legs: Vec::new(),
            missing: None,
            adding_up: false,
        }
    }

    /// The sheet of that name; `begin` writes what stands above its first row.
    ///
    /// # Errors
    ///
    /// Whatever the disk refuses.
    pub fn sheet(
        &mut self,
        name: &str,
        style: Style,
        begin: impl FnOnce(&mut Sheet) -> Result<()>,
    ) -> Result<&mut Sheet> {
        if !self.open.contains_key(name) {
            let mut sheet = Sheet::create(&self.root, name, style)?;
            begin(&mut sheet)?;
            self.open.insert(name.to_owned(), sheet);
        }
        Ok(self.open.get_mut(name).expect("it was just inserted"))
    }

    /// Counts a sheet and closes it.
    ///
    /// # Errors
    ///
    /// Whatever the disk refuses.
    pub fn close(&mut self, name: &str) -> Result<()> {
        if let Some(sheet) = self.open.remove(name) {
            self.counts.entry(name.to_owned()).or_default().records += sheet.records();
            sheet.finish()?;
        }
        Ok(())
    }

    /// Closes what is open and counts the rejects.
    ///
    /// # Errors
    ///
    /// Whatever the disk refuses.
    pub fn finish(&mut self) -> Result<()> {
        let names: Vec<String> = self.open.keys().cloned().collect();
        for name in names {
            if name == "castellan/payments_sent.csv" {
                let records = self.open[&name].records();
                let sheet = self.open.get_mut(&name).expect("it is open");
                sheet.line(&format!("Totals|{records} payments"))?;
            }
            self.close(&name)?;
        }
        for damage in self.damages.iter().filter(|damage| !damage.kept) {
            let count = self.counts.get_mut(&damage.place.file).expect("a damaged file is counted");
            count.rejects += 1;
        }
        Ok(())
    }

    /// Remembers that leg `leg` of payment `payment` stands at `place`, and adds it up.
    pub fn record(
        &mut self,
        (payment, leg): (usize, usize),
        place: Place,
        (bank, number): (&str, &str),
        minor: i64,
    ) {
        self.legs[payment][leg] = Some(place);
        if !self.adding_up {
            return;
        }
        let totals = self.totals.entry((bank.to_owned(), number.to_owned())).or_default();
        totals.records += 1;
        match leg {
            0 => totals.debits_minor += minor,
            _ => totals.credits_minor += minor,
        }
    }
}
