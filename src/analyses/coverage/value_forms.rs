//! How sources write their dates and decimals, where their values had to tell: the table, and a
//! sentence for each layout and field.

use std::collections::BTreeMap;

use crate::error::Result;
use crate::model::{ResultTable, Texts, Values};
use crate::store::Case;

/// One row for each source and field whose form its values decided.
pub fn value_forms(case: &Case) -> Result<ResultTable> {
    let table = case.value_forms()?;
    let sources = case.sources()?;
    let texts = |column: &Texts| Values::Text(column.iter().map(str::to_owned).collect());
    let counts = |column: &[i64]| Values::Count(column.iter().map(|one| Some(*one)).collect());
    let source = |row: &u32| sources.source.get(*row as usize).to_owned();
    let lines = table.line.iter().map(|line| Some(i64::from(*line))).collect();
    Ok(ResultTable::new("value_forms")
        .with("source", Values::Text(table.source.iter().map(source).collect()))
        .with("field", texts(&table.field))
        .with("column", texts(&table.column))
        .with("form", texts(&table.form))
        .with("values", counts(&table.values))
        .with("read", counts(&table.read))
        .with("deciding", counts(&table.deciding))
        .with("against", counts(&table.against))
        .with("line", Values::Count(lines))
        .with("found", texts(&table.found))
        .with("why", texts(&table.why)))
}

/// What was decided for the sources of one layout.
#[derive(Default)]
struct Told {
    sources: u64,
    deciding: i64,
    against: i64,
    /// Row of the first value that decides.
    first: usize,
}

/// A sentence for each layout, field and form, in that order.
pub fn told_by_values(case: &Case) -> Result<Vec<String>> {
    let table = case.value_forms()?;
    let sources = case.sources()?;
    let mut told: BTreeMap<(&str, &str, &str), Told> = BTreeMap::new();
    for row in 0..table.line.len() {
        let layout = sources.layout.get(table.source[row] as usize);
        let key = (layout, table.field.get(row), table.form.get(row));
        let one = told.entry(key).or_insert_with(|| Told { first: row, ..Told::default() });
        // A column that borrows the order of another shows nothing of its own.
        if one.deciding == 0 && table.deciding[row] > 0 {
            one.first = row;
        }
        one.sources += 1;
        one.deciding += table.deciding[row];
        one.against += table.against[row];
    }
    let sentence = |((layout, field, form), one): (&(&str, &str, &str), &Told)| {
        let field = if *field == "decimal_mark" { "decimal mark" } else { field };
        let among = match one.sources {
            1 => String::new(),
            several => format!(" in {several} sources"),
        };
        format!(
            "Told by the values, since layout {layout:?} does not state it: {field} {form:?}{among}; {} \
             for it, {} against, the first {:?} at {}:{}.",
            one.deciding,
            one.against,
            table.found.get(one.first),
            sources.source.get(table.source[one.first] as usize),
            table.line[one.first]
        )
    };
    Ok(told.iter().map(sentence).collect())
}
