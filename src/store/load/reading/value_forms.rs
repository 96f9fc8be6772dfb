//! How a source writes its dates and decimals, told by all of its values where its layout leaves
//! it to them.
//!
//! The source is read once beforehand, and what is decided holds for every row of it. A value
//! that speaks against the others, or a source in which none decides, ends the load: a date that
//! is read the other way round is a fact that nobody stated.

use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::model::counted;
use crate::normalise::{
    AmountEvidence, DecimalMark, Example, MarkForm, TimeEvidence, TimeForm, TimeReading,
};
use crate::records::{Decided, Place, RawBatch, Reading};
use crate::store::load::Loader;
use crate::store::load::reading::decoding::RawBlock;
use crate::store::load::reading::values::{CaseDefaults, Values};
use crate::store::tables::ValueForms;

impl Loader<'_> {
    /// Reads a source once beforehand where its layout leaves a format or the decimal mark to its
    /// values; returns the reading that knows them, and the hash of what was read.
    ///
    /// # Errors
    ///
    /// [`Error::File`] with the lines where values contradict each other or none decides.
    pub(in crate::store::load) fn value_forms(
        &mut self,
        place: &Place,
        reading: &Reading,
    ) -> Result<Option<(Reading, String)>> {
        let empty = Evidence::of(reading);
        if empty.times.is_empty() && empty.amounts.is_empty() {
            return Ok(None);
        }
        let mut all = empty.clone();
        let progress = std::mem::replace(&mut self.progress, &|_, _| {});
        let look = |loader: &Self, blocks: Vec<RawBlock>| -> Result<Vec<Evidence>> {
            let each = blocks.into_par_iter();
            let each = each.map(|block| {
                let mut evidence = empty.clone();
                evidence.look_at(reading, &block.split(reading), &loader.case)?;
                Ok(evidence)
            });
            each.collect()
        };
        let read = self.blocks(place, reading, look, |_, found| {
            found.iter().for_each(|one| all.merge(one));
            Ok(())
        });
        self.progress = progress;
        let (_, content) = read?;
        let source = self.sources.source.len() as u32;
        let judge = Judge { place, reading };
        let mut decided = Decided::default();
        judge.times(&all, source, &mut decided, &mut self.value_forms)?;
        judge.mark(&all, source, &mut decided, &mut self.value_forms)?;
        Ok(Some((Reading { decided: Some(decided), ..reading.clone() }, content)))
    }
}

/// What the values of the open fields say.
#[derive(Clone, Debug)]
struct Evidence {
    times: Vec<(usize, TimeEvidence)>,
    /// With the columns of the batch in which the amounts stand.
    amounts: Vec<(usize, Vec<usize>, AmountEvidence)>,
}

impl Evidence {
    fn of(reading: &Reading) -> Evidence {
        let times = reading.open_times().into_iter();
        let amounts = reading.open_amounts().into_iter();
        Evidence {
            times: times.map(|at| (at, TimeEvidence::default())).collect(),
            amounts: amounts.map(|(at, slots)| (at, slots, AmountEvidence::default())).collect(),
        }
    }

    /// Looks at every record of a batch, whether or not it can be read as a whole.
    fn look_at(&mut self, reading: &Reading, batch: &RawBatch, case: &CaseDefaults) -> Result<()> {
        let mut scratch = String::new();
        for (at, evidence) in &mut self.times {
            for (row, line) in batch.lines.iter().enumerate() {
                evidence.add(*line, reading.text(*at, batch, row, &mut scratch));
            }
        }
        let kind = reading.layout.record;
        let read = Values::new(reading, case)?;
        for (at, slots, evidence) in &mut self.amounts {
            let received = kind.fields()[*at].name == "received_amount";
            let currency = kind.field(if received { "received_currency" } else { "currency" });
            for (row, line) in batch.lines.iter().enumerate() {
                for slot in slots.iter() {
                    evidence.add_in(*line, batch.get(*slot, row), || {
                        let mut scratch = String::new();
                        let stated = currency.and_then(|field| {
                            read.plain_currency(
                                field,
                                reading.text(field, batch, row, &mut scratch),
                            )
                        });
                        case.digits.of(stated.unwrap_or(case.currency))
                    });
                }
            }
        }
        Ok(())
    }

    fn merge(&mut self, other: &Evidence) {
        for ((_, mine), (_, theirs)) in self.times.iter_mut().zip(&other.times) {
            mine.merge(theirs);
        }
        for ((_, _, mine), (_, _, theirs)) in self.amounts.iter_mut().zip(&other.amounts) {
            mine.merge(theirs);
        }
    }
}

/// Decides for one source.
struct Judge<'a> {
    place: &'a Place,
    reading: &'a Reading,
}

impl Judge<'_> {
    fn times(
        &self,
        evidence: &Evidence,
        source: u32,
        decided: &mut Decided,
        table: &mut ValueForms,
    ) -> Result<()> {
        let forms: Vec<(usize, TimeForm)> =
            evidence.times.iter().map(|(at, one)| (*at, one.form_of_times())).collect();
        for (at, form) in &forms {
            let readings: &[TimeReading] = match form {
                TimeForm::None => continue,
                TimeForm::One(one) => std::slice::from_ref(one),
                TimeForm::Either(several) => several,
            };
            if readings[0].against > 0 {
                return Err(self.contradicted(*at, &readings[0]));
            }
            let row = match readings {
                [one] => self.own_row(*at, one),
                several => match self.borrowed(several, &forms) {
                    Some((mine, other, theirs)) => self.borrowed_row(*at, mine, other, theirs),
                    None => return Err(self.unshown(*at, several)),
                },
            };
            if !row.form.is_empty() {
                decided.formats.insert(*at, row.form.clone());
                row.push(source, table);
            }
        }
        Ok(())
    }

    /// What the values of a column show by themselves.
    fn own_row(&self, at: usize, one: &TimeReading) -> FormRow {
        let deciding = one.only.unwrap_or(one.read);
        let why = match one.only {
            Some(_) => format!("{} can only be {} first", counted(deciding, "value"), one.order()),
            None => "no other order of day and month reads so".to_owned(),
        };
        FormRow {
            field: self.field(at),
            column: self.reading.column_name(at),
            form: one.format.clone(),
            values: one.texts,
            read: one.read,
            deciding,
            against: 0,
            example: one.example.clone(),
            why,
        }
    }

    /// What another column shows for one that does not show it.
    fn borrowed_row(
        &self,
        at: usize,
        mine: &TimeReading,
        other: usize,
        theirs: &TimeReading,
    ) -> FormRow {
        let other = self.reading.column_name(other);
        let why = format!(
            "no value of the column decides; column {other:?} of the same source does, by this one"
        );
        FormRow { deciding: 0, example: theirs.example.clone(), why, ..self.own_row(at, mine) }
    }

    /// The order that other columns of the source show, where they all show the same one: a
    /// column of first days of months stands beside one of last days. Gives the reading, the other
    /// field and what its values show.
    fn borrowed<'f>(
        &self,
        readings: &'f [TimeReading],
        forms: &'f [(usize, TimeForm)],
    ) -> Option<(&'f TimeReading, usize, &'f TimeReading)> {
        let day = |one: &TimeReading| one.format.split(' ').next().map(str::to_owned);
        let mut found: Option<(&TimeReading, usize, &TimeReading)> = None;
        for (at, form) in forms {
            let TimeForm::One(theirs) = form else { continue };
            let Some(mine) = readings.iter().find(|mine| day(mine) == day(theirs)) else {
                continue;
            };
            match found {
                Some((known, ..)) if known.format != mine.format => return None,
                Some(_) => {}
                None => found = Some((mine, *at, theirs)),
            }
        }
        found
    }

    fn mark(
        &self,
        evidence: &Evidence,
        source: u32,
        decided: &mut Decided,
        table: &mut ValueForms,
    ) -> Result<()> {
        let mut all = AmountEvidence::default();
        evidence.amounts.iter().for_each(|(_, _, one)| all.merge(one));
        let mark = match all.mark() {
            MarkForm::None | MarkForm::Any => return Ok(()),
            MarkForm::Undecided => return Err(self.unmarked(&all, evidence)),
            MarkForm::Mixed => return Err(self.marked_both(&all, evidence)),
            MarkForm::One(mark) => mark,
        };
        let (deciding, example) = all.deciding(mark);
        let direct = all.point + all.comma > 0;
        let way = usize::from(mark == DecimalMark::Point);
        let against = if direct { all.by_decimals[way] } else { 0 };
        let why = match (direct, mark) {
            (true, DecimalMark::Point) => {
                format!("{} read only with a point before the decimals", counted(deciding, "value"))
            }
            (true, DecimalMark::Comma) => {
                format!("{} read only with a comma before the decimals", counted(deciding, "value"))
            }
            (false, _) => format!(
                "{} would have more decimals than their currency if {:?} stood before them",
                counted(deciding, "value"),
                char::from(mark.other().byte())
            ),
        };
        let row = FormRow {
            field: "decimal_mark",
            column: self.column_of(evidence, example),
            form: char::from(mark.byte()).to_string(),
            values: all.texts,
            read: all.read() - against,
            deciding,
            against,
            example: example.cloned(),
            why,
        };
        row.push(source, table);
        decided.decimal_mark = Some(mark.byte());
        Ok(())
    }

    fn field(&self, at: usize) -> &'static str {
        self.reading.layout.record.fields()[at].name
    }

    /// The column in which an amount stands, by its line and text.
    fn column_of(&self, evidence: &Evidence, example: Option<&Example>) -> String {
        let holds =
            |one: &AmountEvidence| one.examples.iter().flatten().any(|e| Some(e) == example);
        let found = evidence.amounts.iter().find(|(_, _, one)| holds(one));
        found.map_or_else(String::new, |(at, ..)| self.reading.column_name(*at))
    }

    /// Where a person writes what the values do not say.
    fn layout(&self) -> String {
        let layout = &self.reading.layout;
        match layout.columns_may_lack {
            true => "a layout of its own, named in the case file (`moneytrail layout suggest` \
                     drafts one)"
                .to_owned(),
            false => format!("layout {:?}", layout.name),
        }
    }

    fn contradicted(&self, at: usize, best: &TimeReading) -> Error {
        let only = best.only.unwrap_or(best.read);
        let (example, counter) = (shown(best.example.as_ref()), best.counter.as_ref());
        let (other, words) = counter.expect("what speaks against it was counted");
        let what = format!(
            "column {:?} contradicts itself: {} on line {} can only be {}, and {} on line {} can \
             only be {}; deciding values: {} and {}",
            self.reading.column_name(at),
            example.1,
            example.0,
            best.format,
            quoted(&other.text),
            other.line,
            words,
            only,
            best.against
        );
        let hint = format!(
            "find out how its dates are written, and set format = {:?} or {words:?} for `{}` in \
             {}: rows that it does not fit are then set aside",
            best.format,
            self.field(at),
            self.layout()
        );
        self.place.refused(what, Some(hint))
    }

    fn unshown(&self, at: usize, readings: &[TimeReading]) -> Error {
        let best = &readings[0];
        let orders: Vec<&str> = readings.iter().map(TimeReading::order).collect();
        let example = shown(best.example.as_ref());
        let what = format!(
            "column {:?} does not show whether the {} stands first: {} of {} read either way, as \
             {} on line {} does, and none decides",
            self.reading.column_name(at),
            orders.join(" or the "),
            best.read,
            counted(best.texts, "value"),
            example.1,
            example.0
        );
        let formats: Vec<String> = readings.iter().map(|one| format!("{:?}", one.format)).collect();
        let hint = format!(
            "set format = {} for `{}` in {}",
            formats.join(" or "),
            self.field(at),
            self.layout()
        );
        self.place.refused(what, Some(hint))
    }

    fn unmarked(&self, all: &AmountEvidence, evidence: &Evidence) -> Error {
        let example = all.examples[2].as_ref();
        let what = format!(
            "no amount shows whether a point or a comma stands before the decimals: {} read \
             either way, as {} in column {:?} on line {} does",
            counted(all.either, "value"),
            shown(example).1,
            self.column_of(evidence, example),
            shown(example).0
        );
        let hint = format!("set decimal_mark = \".\" or \",\" under [csv] in {}", self.layout());
        self.place.refused(what, Some(hint))
    }

    fn marked_both(&self, all: &AmountEvidence, evidence: &Evidence) -> Error {
        let told = |mark: DecimalMark, word: &str| {
            let (count, example) = all.deciding(mark);
            let (line, text) = shown(example);
            let column = self.column_of(evidence, example);
            format!(
                "{} only with a {word}, as {text} in column {column:?} on line {line}",
                counted(count, "value")
            )
        };
        let what = format!(
            "its amounts contradict each other: {}, and {}",
            told(DecimalMark::Point, "point before the decimals"),
            told(DecimalMark::Comma, "comma")
        );
        let hint = format!(
            "find out how its amounts are written, and set decimal_mark = \".\" or \",\" under \
             [csv] in {}: rows that it does not fit are then set aside",
            self.layout()
        );
        self.place.refused(what, Some(hint))
    }
}

/// Line and text of an example as a message shows them.
fn shown(example: Option<&Example>) -> (u32, String) {
    let example = example.expect("what was counted has a first text");
    (example.line, quoted(&example.text))
}

fn quoted(text: &str) -> String {
    format!("{text:?}")
}

/// A row of `value_forms`.
struct FormRow {
    field: &'static str,
    column: String,
    form: String,
    values: u64,
    read: u64,
    deciding: u64,
    against: u64,
    example: Option<Example>,
    why: String,
}

impl FormRow {
    fn push(self, source: u32, table: &mut ValueForms) {
        let example = self.example.expect("what was decided has a first text");
        table.source.push(source);
        table.field.push(self.field);
        table.column.push(&self.column);
        table.form.push(&self.form);
        table.values.push(self.values as i64);
        table.read.push(self.read as i64);
        table.deciding.push(self.deciding as i64);
        table.against.push(self.against as i64);
        table.line.push(example.line);
        table.found.push(&example.text);
        table.why.push(&self.why);
    }
}
