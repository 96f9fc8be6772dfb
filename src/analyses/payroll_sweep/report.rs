//! What payroll sweeps look like as columns and as a sentence.

use crate::analyses::{Inputs, Outcome, Told, add_column, counted, leading};
use crate::error::Result;
use crate::model::{Amount, Values};

use super::{Found, Params, Reader};

pub(super) fn notes(params: &Params) -> Vec<String> {
    vec![format!(
        "Wages are payments described with one of: {}; and those of a payer who pays {} or more \
         accounts on the day; on {} or more days each. Of these paydays, those of which at least \
         {} percent left within {} for the employer, for one controller whom {} or more of the \
         workers pay, or in cash at one place where as many draw; first in first out, and only \
         what the records put after the wage.",
        params.words.join(", "),
        params.workers_min,
        params.periods_min,
        params.share_back_min_percent,
        counted(params.hours, "hour"),
        params.workers_min,
    )]
}

/// Adds what is said of a whole instance.
pub(super) fn columns(answer: &mut Outcome, reader: &Reader, found: &[Found]) {
    let rows = leading(answer);
    let at = |row: &Option<usize>| row.map(|number| &found[number]);
    let text = |of: &dyn Fn(&Found) -> String| {
        Values::Text(rows.iter().map(|row| at(row).map_or(String::new(), of)).collect())
    };
    let count =
        |of: fn(&Found) -> i64| Values::Count(rows.iter().map(|row| at(row).map(of)).collect());
    let money = |of: fn(&Found) -> i64| {
        let amount = |it: &Found| Amount { minor: of(it), currency: it.currency };
        Values::Money(rows.iter().map(|row| at(row).map(amount)).collect())
    };
    let share = |it: &Found| it.back as f64 * 100.0 / it.wages as f64;
    let columns = [
        ("employer", text(&|it| reader.employer(it))),
        ("workers", count(|it| it.workers.len() as i64)),
        ("paydays", count(|it| it.paydays as i64)),
        ("wages_total", money(|it| it.wages)),
        ("back_total", money(|it| it.back)),
        ("share_back_percent", Values::Score(rows.iter().map(|row| at(row).map(share)).collect())),
        ("went_to", text(&|it| reader.went_to(it).join("; "))),
        ("listed_before_total", money(|it| it.listed_before)),
    ];
    for (name, values) in columns {
        add_column(answer, name, values);
    }
}

pub(super) fn told(
    inputs: &Inputs,
    params: &Params,
    reader: &Reader,
    found: &Found,
) -> Result<Told> {
    let digits = &inputs.case.manifest().digits;
    let people = |minor| digits.people(Amount { minor, currency: found.currency });
    let percent = i128::from(found.back) * 100 / i128::from(found.wages);
    let workers = found.workers.len() as u64;
    let before = match found.listed_before {
        0 => String::new(),
        some => format!(", {} of it told of another holder as well", people(some)),
    };
    Ok(Told {
        candidate: found.accounts[0],
        value: workers.to_string(),
        score: workers as f64 + percent as f64 / 1000.0,
        sentence: format!(
            "Of {} that {} paid {} as wages on {}{before}, {percent} percent left their accounts within \
             {} for {}",
            people(found.wages),
            reader.employer(found),
            counted(workers, "worker"),
            counted(found.paydays as u64, "payday"),
            counted(params.hours, "hour"),
            reader.went_to(found).join(" and "),
        ),
        again: found.again,
        ..Told::default()
    })
}
