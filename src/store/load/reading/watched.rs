//! What a source shows only as a whole: which way its rows run, what some of them state of others,
//! and whether a second table begins among them.

use crate::error::Result;
use crate::records::{Place, Reading};
use crate::store::load::Loader;
use crate::store::load::counts::Counts;
use crate::store::load::reading::decoding::{Decoded, DecodedAs};
use crate::store::load::reading::second_tables::SecondTables;
use crate::store::load::statements::balance_signs::BalanceSigns;
use crate::store::load::statements::stated_balances::StatedBalances;

/// What is kept in mind while the blocks of one source pass.
pub(in crate::store::load) struct Watched {
    signs: Option<BalanceSigns>,
    stated: Option<StatedBalances>,
    tables: SecondTables,
}

impl Watched {
    /// For a source that is read so.
    pub fn of(reading: &Reading) -> Watched {
        Watched {
            signs: BalanceSigns::of(reading),
            stated: StatedBalances::of(reading),
            tables: SecondTables::of(reading),
        }
    }

    /// Looks at a block whose first row will be transfer `base`.
    pub fn take(&mut self, one: &Decoded, base: usize) {
        if let DecodedAs::Bank(batch, ..) = &one.what {
            self.signs.iter_mut().for_each(|signs| signs.take(batch, base));
            self.stated.iter_mut().for_each(|stated| stated.take(batch));
        }
        self.tables.take(one);
    }
}

impl Loader<'_> {
    /// Takes over what a whole source has shown.
    ///
    /// # Errors
    ///
    /// [`crate::Error::File`] where rows of a second table were read as rows of the first.
    pub(in crate::store::load) fn watched(
        &mut self,
        source: u32,
        (place, reading): (&Place, &Reading),
        watched: Watched,
        counts: &mut Counts,
    ) -> Result<()> {
        self.assembly.reject(source, watched.tables.finish(place)?)?;
        if let Some(signs) = watched.signs {
            let (rows, told) = signs.finish();
            self.assembly.turn_round(&rows);
            self.assembly.reject(source, told)?;
        }
        match watched.stated {
            Some(stated) => self.stated_balances(source, reading, stated, counts),
            None => Ok(()),
        }
    }
}
