//! Which layout fits a file when the case file names none: the header decides, or nobody does.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use toml::Spanned;

use crate::error::{Error, Result, nearest};
use crate::records::delimited::unquoted_fields;
use crate::records::fields::RecordKind;
use crate::records::layout::{Csv, FieldSource, FieldValue, Layout, Numbers, Recognise, Split};
use crate::records::{FORMATS, StructuredFormat, find_header, quoted_list};

/// Layouts of producers that are built in, by their file in `layouts/`.
const PRODUCERS: [(&str, &str); 2] = [
    ("ibm-aml.toml", include_str!("layouts/ibm-aml.toml")),
    ("call-detail-events.toml", include_str!("layouts/call-detail-events.toml")),
];

/// Prefix of the canonical layouts' names: `moneytrail-leases`.
const CANONICAL: &str = "moneytrail-";

/// Every layout known without a file: producers' first, then our own canonical ones.
pub fn built_in_layouts() -> Vec<Arc<Layout>> {
    let mut layouts: Vec<Arc<Layout>> = PRODUCERS
        .iter()
        .map(|(file, text)| {
            let layout = Layout::parse(Path::new(file), text);
            Arc::new(
                layout.unwrap_or_else(|refused| panic!("the built-in layouts parse: {refused}")),
            )
        })
        .collect();
    layouts.extend(FORMATS.iter().map(StructuredFormat::built_in_layout));
    layouts.extend(RecordKind::ALL.into_iter().map(|kind| Arc::new(canonical(kind))));
    layouts
}

/// The built-in layout of that name.
///
/// # Errors
///
/// [`Error::Unknown`] with the nearest names.
pub fn built_in_layout(name: &str) -> Result<Arc<Layout>> {
    let layouts = built_in_layouts();
    let found = layouts.iter().find(|layout| layout.name == name).cloned();
    found.ok_or_else(|| Error::Unknown {
        kind: "built-in layout",
        found: name.to_owned(),
        nearest: nearest(name, layouts.iter().map(|layout| layout.name.as_str()), 3),
    })
}

/// Our own layout of a record kind: one column a field, under the field's name.
pub fn canonical(kind: RecordKind) -> Layout {
    let fields = kind
        .fields()
        .iter()
        .map(|field| {
            // The file writes the people of a lease as our own table does, one cell for all.
            let several = kind == RecordKind::Leases
                && ["tenants", "landlord", "guarantors"].contains(&field.name);
            let source = FieldSource {
                column: Some(field.name.to_owned()),
                split: several.then(|| Split::Mark(";".to_owned())),
                ..FieldSource::default()
            };
            let name = Spanned::new(0..0, field.name.to_owned());
            (name, Spanned::new(0..0, FieldValue::Where(Box::new(source))))
        })
        .filter(|(name, _)| {
            // Either pair of columns names both phones; the canonical file writes the first.
            // A lease likewise names its people in one row or in a row each.
            match kind {
                RecordKind::CallDetail => {
                    !["target", "other", "direction"].contains(&name.as_ref().as_str())
                }
                RecordKind::Leases => !["person", "role"].contains(&name.as_ref().as_str()),
                _ => true,
            }
        })
        .collect::<BTreeMap<_, _>>();
    Layout {
        name: format!("{CANONICAL}{}", kind.word()),
        record: kind,
        format: None,
        institution: String::new(),
        voicemail: Vec::new(),
        numbers: Numbers::Institution,
        timezone: None,
        recognise: Recognise::default(),
        csv: Csv::default(),
        fields,
        attributes: BTreeMap::new(),
        counterparty: Vec::new(),
        columns_may_lack: true,
    }
}

/// The layout whose header the file carries: one of the case's own, else a producer's, else the
/// canonical one whose fields are the file's columns.
///
/// # Errors
///
/// [`Error::Columns`] if none fits or several do; the message lists the columns found.
pub fn recognise(shown: &str, head: &str, own: &[Arc<Layout>]) -> Result<Arc<Layout>> {
    recognise_written(shown, &|_, _| head.to_owned(), own)
}

/// As [`recognise`], for rows that can be written with any delimiter and quote, as a sheet's are:
/// each layout sees them with its own.
///
/// # Errors
///
/// As [`recognise`].
pub fn recognise_written(
    shown: &str,
    head: &dyn Fn(u8, u8) -> String,
    own: &[Arc<Layout>],
) -> Result<Arc<Layout>> {
    let built_in = built_in_layouts();
    let carries = |one: &Layout| carries(one, &head(one.delimiter(), one.quote()));
    let mut fitting: Vec<&Arc<Layout>> = own.iter().filter(|one| carries(one)).collect();
    if fitting.is_empty() {
        fitting = built_in.iter().filter(|one| carries(one)).collect();
    }
    let head = head(b',', b'"');
    let first = head.lines().find(|line| !line.trim().is_empty()).unwrap_or("");
    let columns = unquoted_fields(first.as_bytes(), b',', b'"');
    if fitting.is_empty() {
        fitting = built_in.iter().filter(|one| is_canonical_header(one, &columns)).collect();
    }
    match fitting.as_slice() {
        [one] => Ok(Arc::clone(one)),
        [] => Err(Error::Columns {
            file: shown.to_owned(),
            what: "no layout is recognised by its header".to_owned(),
            found: quoted_list(&columns),
            hint: Some("name one in the case file: layout = \"layouts/….toml\"".to_owned()),
        }),
        several => {
            let names: Vec<&str> = several.iter().map(|layout| layout.name.as_str()).collect();
            Err(Error::Columns {
                file: shown.to_owned(),
                what: format!("several layouts fit its header ({})", names.join(", ")),
                found: quoted_list(&columns),
                hint: Some(format!("name one in the case file: layout = {:?}", names[0])),
            })
        }
    }
}

fn carries(layout: &Layout, head: &str) -> bool {
    let stated = &layout.recognise.header;
    !stated.is_empty() && find_header(layout, head).is_some_and(|found| found.columns == *stated)
}

fn is_canonical_header(layout: &Layout, columns: &[String]) -> bool {
    layout.columns_may_lack
        && layout.format.is_none()
        && columns.iter().all(|column| layout.record.field(column).is_some())
        && layout
            .record
            .fields()
            .iter()
            .all(|field| !layout.needs(field.name) || columns.iter().any(|one| one == field.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(head: &str, name: &str) {
        assert_eq!(recognise("x.csv", head, &[]).unwrap().name, name);
    }

    #[test]
    fn headers_are_recognised() {
        let ibm = "Timestamp,From Bank,Account,To Bank,Account,Amount Received,Receiving Currency,\
                   Amount Paid,Payment Currency,Payment Format,Is Laundering\n";
        check(ibm, "ibm-aml");
        check("account,booked,amount,balance\n", "moneytrail-bank-statement");
        check("premises,tenants,rent\n", "moneytrail-leases");
        check("start,caller,called\n", "moneytrail-call-detail");
    }

    #[test]
    fn what_fits_nothing_or_several_is_refused_with_the_columns() {
        let none = recognise("x.csv", "A,B\n1,2\n", &[]).unwrap_err();
        assert!(none.to_string().contains("\"A\", \"B\""), "{none}");
        let several = recognise("x.csv", "name,phone\n", &[]).unwrap_err();
        assert!(several.to_string().contains("several layouts fit"), "{several}");
    }
}
