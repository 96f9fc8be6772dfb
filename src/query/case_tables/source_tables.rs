//! The case tables of what was read: sources, statements, days held, and what was set aside.
//!
//! Tables of entities and facts are `case_tables.rs`'s.

use polars::prelude::*;

use crate::error::Result;
use crate::model::{EntityKind, NONE};
use crate::query::View;

pub(super) fn sources(view: &mut View) -> Result<()> {
    let table = view.case.sources()?;
    view.texts("source", &table.source);
    view.texts("sha256", &table.sha256);
    view.plain("bytes", || Series::new("".into(), table.bytes.as_slice()));
    view.texts("layout", &table.layout);
    view.texts("record", &table.record);
    view.texts("institution", &table.institution);
    view.texts("bates", &table.bates);
    view.texts("authority", &table.authority);
    view.plain("records_read", || Series::new("".into(), table.read.as_slice()));
    view.plain("accepted", || Series::new("".into(), table.accepted.as_slice()));
    view.plain("rejected", || Series::new("".into(), table.rejected.as_slice()));
    view.plain("duplicate", || Series::new("".into(), table.duplicate.as_slice()));
    view.plain("ignored", || Series::new("".into(), table.ignored.as_slice()));
    view.day("first_day", table.first.iter().copied())?;
    view.day("last_day", table.last.iter().copied())
}

pub(super) fn members(view: &mut View) -> Result<()> {
    let table = view.case.members()?;
    view.texts("member", &table.member);
    view.texts("state", &table.state);
    view.texts("why", &table.why);
    Ok(())
}

pub(super) fn value_forms(view: &mut View) -> Result<()> {
    let table = view.case.value_forms()?;
    view.texts("field", &table.field);
    view.texts("column_name", &table.column);
    view.texts("form", &table.form);
    for (name, counts) in [
        ("values_found", &table.values),
        ("values_read", &table.read),
        ("deciding", &table.deciding),
        ("against", &table.against),
    ] {
        view.plain(name, || Series::new("".into(), counts.as_slice()));
    }
    view.texts("found", &table.found);
    view.texts("why", &table.why);
    view.source(&table.source, &table.line)
}

pub(super) fn statements(view: &mut View) -> Result<()> {
    let table = view.case.statements()?;
    view.entity("account", EntityKind::Account, &table.account)?;
    view.texts("number", &table.number);
    view.day("from_day", table.from_day.iter().copied())?;
    view.day("to_day", table.to_day.iter().copied())?;
    view.plain("opening_minor", || Series::new("".into(), table.opening_minor.as_slice()));
    view.plain("closing_minor", || Series::new("".into(), table.closing_minor.as_slice()));
    view.currency(table.currency.iter().map(|currency| Some(*currency)));
    // A statement without rows has no record to point to, rather than all of its source.
    let of = |lines: &[u32]| -> Vec<u32> {
        let sources = table.source.iter().zip(lines);
        sources.map(|(source, line)| if *line == NONE { NONE } else { *source }).collect()
    };
    view.place("first_record", &of(&table.first_line), &table.first_line)?;
    view.place("last_record", &of(&table.last_line), &table.last_line)?;
    view.source(&table.source, &table.line)
}

pub(super) fn places(view: &mut View) -> Result<()> {
    let table = view.case.places()?;
    view.place("record", &table.source, &table.line)?;
    view.texts("place", &table.place);
    view.source(&table.source, &table.line)
}

pub(super) fn coverage(view: &mut View) -> Result<()> {
    let table = view.case.coverage()?;
    view.entity("account", EntityKind::Account, &table.account)?;
    view.day("from_day", table.from_day.iter().map(|day| Some(*day)))?;
    view.day("to_day", table.to_day.iter().map(|day| Some(*day)))?;
    let sources = view.case.sources()?;
    view.gathered("source", &sources.source, &table.source)?;
    view.texts("state", &table.state);
    Ok(())
}

pub(super) fn rejects(view: &mut View) -> Result<()> {
    let table = view.case.rejects()?;
    view.source(&table.source, &table.line)?;
    view.texts("column_name", &table.column);
    view.texts("found", &table.found);
    view.texts("reason", &table.reason);
    view.plain("kept", || Series::new("".into(), table.kept.as_slice()));
    view.texts("raw", &table.raw);
    Ok(())
}
