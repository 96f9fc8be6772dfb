//! Opening and writing a case store.

mod named;
mod packed_rows;
mod parquet_file;
mod read_back;
mod some_rows;
mod writing;

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use jiff::tz::TimeZone;
use polars::prelude::*;
use polars_io::parquet::read::ParquetReader;

use crate::error::{Error, Result};
use crate::model::{Currency, EntityKind, EntityRef, Role, SourceRef, Texts};
use crate::store::manifest::{Manifest, SCHEMA_VERSION};
use crate::store::packed_transfers::PackedTransfers;
use crate::store::tables::*;
use read_back::RowGroups;
pub use read_back::each_row_group;
pub use some_rows::{Paid, TransferGroups};
#[cfg(test)]
pub use writing::regroup;
pub use writing::{CaseWriter, TableParts, TableSink, write_parquet};

/// Rows of one row group: small enough to read a part, large enough to compress.
const ROW_GROUP_ROWS: usize = 262_144;

/// A subject of the case file, and what it names in this case.
#[derive(Clone, Debug, PartialEq)]
pub struct Subject {
    /// The name as the case file has it.
    pub name: String,
    /// `party`, `account`, `phone` or `premises`.
    pub kind: EntityKind,
    /// The role the case file records, if any.
    pub role: Option<Role>,
    /// Every entity of that name; none or several are told to the user.
    pub matches: Vec<EntityRef>,
}

/// The place of one table in a [`Case`].
pub trait Holds<T> {
    /// Where it is kept once read.
    fn cell(&mut self) -> &mut OnceLock<T>;
}

macro_rules! case {
    ($($table:ident $field:ident,)+) => {
        /// An opened case store. Tables are read when first asked for and kept.
        #[derive(Debug, Default)]
        pub struct Case {
            dir: PathBuf,
            manifest: Manifest,
            in_memory: bool,
            packed_transfers: OnceLock<PackedTransfers>,
            /// Rows of the table of transfers that are held, where not all of them are.
            numbers: Option<Vec<u32>>,
            $($field: OnceLock<$table>,)+
        }

        $(impl Holds<$table> for Case {
            fn cell(&mut self) -> &mut OnceLock<$table> {
                &mut self.$field
            }
        })+

        impl Case {
            $(
                #[doc = concat!("The `", stringify!($field), "` table.")]
                ///
                /// # Errors
                ///
                /// [`Error::File`] if its Parquet file is damaged.
                pub fn $field(&self) -> Result<&$table> {
                    if self.$field.get().is_none() {
                        let table = if self.in_memory {
                            <$table>::default()
                        } else {
                            read_table::<$table>(&self.dir)?
                        };
                        let _ = self.$field.set(table);
                    }
                    Ok(self.$field.get().expect("the table was just set"))
                }
            )+

            /// The same tables in memory under another manifest. Cost: one copy of the case.
            ///
            /// # Errors
            ///
            /// [`Error::File`] if a table is damaged.
            pub fn copy_in_memory(&self, manifest: Manifest) -> Result<Case> {
                assert!(self.numbers.is_none(), "a case is copied whole");
                let mut copy = Case::in_memory(manifest);
                $(copy = copy.with(self.$field()?.clone());)+
                Ok(copy)
            }

            /// Writes every table as a store into `dir`, which exists and is empty.
            ///
            /// # Errors
            ///
            /// [`Error::Io`] or [`Error::File`] if the disk refuses.
            pub fn write_to(&self, dir: &Path) -> Result<Manifest> {
                assert!(self.numbers.is_none(), "a case is written whole");
                let manifest = Manifest { files: BTreeMap::new(), ..self.manifest.clone() };
                let mut writer = CaseWriter::new(dir, manifest);
                $(writer.write(self.$field()?)?;)+
                writer.finish()
            }
        }
    };
}

case! {
    Transfers transfers, Refs refs, Conversions conversions, PossiblePairs possible_pairs,
    LegEvidence leg_evidence, Duplicates duplicates, PossibleRepeats possible_repeats,
    Reversals reversals,
    Details details, Calls calls, Leases leases, Parties parties, Accounts accounts,
    Holdings holdings, Phones phones, Premises premises, Devices devices, Loans loans,
    Identifiers identifiers, Ties ties, Sources sources, Members members, ValueForms value_forms,
    Coverage coverage,
    Places places, Statements statements, Rejects rejects,
}

impl Case {
    /// Opens the store at `dir`, or the one inside a run directory.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if it is no store, or one of another schema version.
    pub fn open(dir: &Path) -> Result<Case> {
        let mut dir = dir.to_path_buf();
        let mut manifest = Manifest::read(&dir)?;
        if manifest.kind == "run" {
            dir.push("store");
            manifest = Manifest::read(&dir)?;
        }
        if manifest.kind != "store" || manifest.schema_version != SCHEMA_VERSION {
            let what = format!(
                "is a {} of schema version {}, this program reads stores of version {}",
                manifest.kind, manifest.schema_version, SCHEMA_VERSION
            );
            return Err(Error::file(&dir, what, Some("load the case again".to_owned())));
        }
        Ok(Case { dir, manifest, ..Case::default() })
    }

    /// A case without a directory, for tests and for results that are never stored; a table not
    /// given with [`Case::with`] is empty.
    pub fn in_memory(manifest: Manifest) -> Case {
        Case { manifest, in_memory: true, ..Case::default() }
    }

    /// The same case with one table given.
    pub fn with<T>(mut self, table: T) -> Case
    where
        Case: Holds<T>,
    {
        *self.cell() = OnceLock::from(table);
        self
    }

    /// What the store says of itself.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The directory of the tables.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The case's zone.
    pub fn zone(&self) -> TimeZone {
        TimeZone::get(&self.manifest.timezone).unwrap_or(TimeZone::UTC)
    }

    /// The case's currency, for amounts whose record names none.
    pub fn currency(&self) -> Currency {
        self.manifest.currency.parse().unwrap_or(Currency::USD)
    }

    /// A table as polars holds it on disk, rows of entities as numbers.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if its Parquet file is missing or damaged.
    pub fn frame<T: Table>(&self) -> Result<DataFrame> {
        read_frame(&self.dir, T::NAME)
    }

    /// Some rows of a table, fewer where it ends before them, and how many it has; nothing else of
    /// it is read or kept. Cost: its footer, and the row groups in which the rows stand.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if its Parquet file is missing or damaged.
    pub fn page<T: Table>(&self, first: usize, rows: usize) -> Result<(T, u64)> {
        let path = self.dir.join(format!("{}.parquet", T::NAME));
        RowGroups::open(&path)?.rows(first, rows)
    }

    /// The identity texts of one kind of entity, by row.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if the table is damaged.
    pub fn names(&self, kind: EntityKind) -> Result<&Texts> {
        Ok(match kind {
            EntityKind::Party => &self.parties()?.party,
            EntityKind::Account => &self.accounts()?.account,
            EntityKind::Phone => &self.phones()?.phone,
            EntityKind::Premises => &self.premises()?.premises,
            EntityKind::Device => &self.devices()?.device,
            EntityKind::Loan => &self.loans()?.loan,
            EntityKind::Email | EntityKind::Document | EntityKind::Vehicle => {
                &self.identifiers()?.identifier
            }
        })
    }

    /// The identity text of an entity.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if its table is damaged.
    pub fn name(&self, entity: EntityRef) -> Result<&str> {
        Ok(self.names(entity.kind)?.get(entity.row as usize))
    }

    /// The lasting key of an entity, 32 hexadecimal digits.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if its table is damaged.
    pub fn key(&self, entity: EntityRef) -> Result<&str> {
        let keys = match entity.kind {
            EntityKind::Party => &self.parties()?.key,
            EntityKind::Account => &self.accounts()?.key,
            EntityKind::Phone => &self.phones()?.key,
            EntityKind::Premises => &self.premises()?.key,
            EntityKind::Device => &self.devices()?.key,
            EntityKind::Loan => &self.loans()?.key,
            EntityKind::Email | EntityKind::Document | EntityKind::Vehicle => {
                &self.identifiers()?.key
            }
        };
        Ok(keys.get(entity.row as usize))
    }

    /// `path:line` of a source ref.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if the `sources` table is damaged.
    pub fn place(&self, at: SourceRef) -> Result<String> {
        let source = self.sources()?.source.get(at.source as usize);
        Ok(self.places()?.words(source, at))
    }

    /// The subjects of the case file with what they name here.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if a table is damaged.
    pub fn subjects(&self) -> Result<Vec<Subject>> {
        let mut subjects = Vec::new();
        for (name, kind, role) in &self.manifest.subjects {
            let kind: EntityKind = kind.parse().unwrap_or(EntityKind::Party);
            let matches = self.find(name, &[kind])?;
            subjects.push(Subject { name: name.clone(), kind, role: *role, matches });
        }
        Ok(subjects)
    }
}

fn read_frame(dir: &Path, table: &str) -> Result<DataFrame> {
    let path = dir.join(format!("{table}.parquet"));
    let file = File::open(&path).map_err(|source| Error::io(&path, source))?;
    ParquetReader::new(file).finish().map_err(|refused| damaged(&path, &refused))
}

/// Rows for which room is made before they are read: the footer of a damaged table may claim any
/// number.
const ROWS_RESERVED_MAX: usize = 1 << 28;

/// Reads a table some row groups at a time, one a thread: held twice, once as polars has it and
/// once as its columns, is only what is being read.
fn read_table<T: Table>(dir: &Path) -> Result<T> {
    let path = dir.join(format!("{}.parquet", T::NAME));
    let groups = RowGroups::open(&path)?;
    if groups.len() < 2 {
        let frame = read_frame(dir, T::NAME)?;
        return T::from_frame(&frame).map_err(|refused| damaged(&path, &refused));
    }
    let mut table = T::default();
    table.reserve_rows(groups.rows_held().min(ROWS_RESERVED_MAX));
    groups.in_waves(RowGroups::frame, |frame| {
        table.extend_from(&frame).map_err(|refused| damaged(&path, &refused))
    })?;
    Ok(table)
}

fn damaged(path: &Path, refused: &PolarsError) -> Error {
    Error::file(
        path,
        format!("cannot be read: {refused}"),
        Some("run `moneytrail verify` on its directory".to_owned()),
    )
}
