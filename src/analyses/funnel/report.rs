//! What funnel accounts look like as columns and as a sentence.

use crate::analyses::{Inputs, Outcome, Told, account_name, add_column, counted, leading};
use crate::error::Result;
use crate::model::{Amount, Values};

use super::{Found, Params};

pub(super) fn notes(params: &Params) -> Vec<String> {
    let unknown = if params.unknown_is_elsewhere { "counts" } else { "does not count" };
    vec![
        format!(
            "Cash paid in at {} or more places away from home within {}, of which at least {} \
             percent left at another place within {}, first in first out, after FIN-2014-A005. \
             What left at no stated place {unknown} as left elsewhere.",
            params.places_min,
            counted(params.window_days, "day"),
            params.share_elsewhere_min_percent,
            counted(params.hours, "hour"),
        ),
        "home is the account's places that stand in an address of its holders, else the one that \
         most of its transfers name; home_from says which. Two texts are two places, near or far; \
         cash paid in at no stated place is not counted."
            .to_owned(),
    ]
}

/// Adds what is said of a whole instance.
pub(super) fn columns(answer: &mut Outcome, found: &[Found]) {
    let rows = leading(answer);
    let at = |row: &Option<usize>| row.map(|number| &found[number]);
    let text = |of: &dyn Fn(&Found) -> String| {
        Values::Text(rows.iter().map(|row| at(row).map_or(String::new(), of)).collect())
    };
    let money = |of: fn(&Found) -> i64| {
        let amount = |it: &Found| Amount { minor: of(it), currency: it.currency };
        Values::Money(rows.iter().map(|row| at(row).map(amount)).collect())
    };
    let columns = [
        ("home", text(&|it| it.home.clone())),
        ("home_from", text(&|it| it.home_from.to_owned())),
        ("places_away", text(&|it| it.places.join("; "))),
        (
            "places",
            Values::Count(
                rows.iter().map(|row| at(row).map(|it| it.places.len() as i64)).collect(),
            ),
        ),
        ("deposited_total", money(|it| it.deposited)),
        ("elsewhere_total", money(|it| it.elsewhere)),
        (
            "share_elsewhere_percent",
            Values::Score(
                rows.iter()
                    .map(|row| at(row).map(|it| it.elsewhere as f64 * 100.0 / it.deposited as f64))
                    .collect(),
            ),
        ),
    ];
    for (name, values) in columns {
        add_column(answer, name, values);
    }
}

pub(super) fn told(inputs: &Inputs, params: &Params, found: &Found) -> Result<Told> {
    let digits = &inputs.case.manifest().digits;
    let people = |minor| digits.people(Amount { minor, currency: found.currency });
    let percent = i128::from(found.elsewhere) * 100 / i128::from(found.deposited);
    let home = match found.home.as_str() {
        "" => String::new(),
        home => format!(" (home is {home}, by {})", found.home_from),
    };
    Ok(Told {
        candidate: found.account,
        value: found.places.len().to_string(),
        score: found.places.len() as f64 + percent as f64 / 1000.0,
        sentence: format!(
            "{} in cash was paid into {} at {} away from home{home}, and {percent} percent of it \
             left at another place within {}",
            people(found.deposited),
            account_name(inputs.case, found.account)?,
            counted(found.places.len() as u64, "place"),
            counted(params.hours, "hour"),
        ),
        ..Told::default()
    })
}
