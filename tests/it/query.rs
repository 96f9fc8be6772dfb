//! Saved questions from outside: the ones built in on a small case, every message, every
//! attempt to reach what is not a table of the case.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use moneytrail::model::{Amount, Currency, ResultTable, Values};
use moneytrail::query::{
    NoResults, Query, ResultProvider, answer, expand_queries, find_query, load_query, parse_query,
};
use moneytrail::{Error, Result};

use small_case::{MONDAY, case, transfers};

mod refusals;
mod saved_questions;
mod small_case;
mod within_a_day;

fn values(given: &[(&str, &str)]) -> BTreeMap<String, String> {
    given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn cell(values: &Values, row: usize) -> String {
    match values {
        Values::Text(rows) => rows[row].clone(),
        Values::Words(rows) => rows.get(row).to_owned(),
        Values::Count(rows) => rows[row].map_or(String::new(), |number| number.to_string()),
        money @ (Values::Money(_) | Values::RareMoney(_)) => {
            money.amount(row).map_or(String::new(), |amount| {
                format!("{} {}", Amount::decimal(amount.minor, 2), amount.currency)
            })
        }
        Values::Day(rows) => rows[row].map_or(String::new(), moneytrail::model::day_text),
        Values::Time(rows) => rows[row].map_or(String::new(), |ms| format!("@{ms}")),
        Values::Score(rows) => rows[row].map_or(String::new(), |score| format!("{score:.6}")),
        Values::Flag(rows) => rows[row].map_or(String::new(), |flag| flag.to_string()),
        Values::Refs(rows) => format!("{:?}", rows[row]),
    }
}

/// Header and rows, cells parted by ` | `.
fn written(table: &ResultTable) -> Vec<String> {
    let header = table.columns.iter().map(|column| column.name.clone()).collect::<Vec<_>>();
    let row = |row| {
        let cells = table.columns.iter().map(|column| cell(&column.values, row));
        cells.collect::<Vec<_>>().join(" | ")
    };
    std::iter::once(header.join(" | ")).chain((0..table.rows()).map(row)).collect()
}

/// A query file with a title and a reason, and the rest of it from line 3 on.
fn file(rest: &str) -> String {
    format!("title = \"T\"\nwhy = \"W\"\n{rest}\n")
}

fn asked(sql: &str) -> Result<Query> {
    let text = file(&format!("[result]\nsql = \"\"\"\n{sql}\"\"\""));
    parse_query(Path::new("ask.toml"), &text)
}

fn ask(sql: &str) -> Result<ResultTable> {
    answer(&asked(sql)?, &BTreeMap::new(), &case(), &NoResults)
}

#[track_caller]
fn check(sql: &str, expected: &[&str]) {
    let table = ask(sql).unwrap_or_else(|refused| panic!("{sql}: {refused}"));
    assert_eq!(written(&table), expected, "{sql}");
}

#[track_caller]
fn refuses(result: Result<impl std::fmt::Debug>, message: &str, hint: Option<&str>) {
    let refused = result.expect_err(message);
    assert_eq!(refused.to_string(), message);
    assert_eq!(refused.hint().as_deref(), hint, "{message}");
}

#[test]
fn dates_times_and_flags_of_toml_are_defaults_too() {
    let text = file(
        r#"[parameters]
day = { type = "date", default = 2024-03-04 }
at = { type = "time", default = 2024-03-04T05:00:00Z }
yes = { type = "flag", default = true }
[result]
sql = "select :day as day, :at as at, :yes as yes""#,
    );
    let query = parse_query(Path::new("ask.toml"), &text).unwrap();
    let table = answer(&query, &BTreeMap::new(), &case(), &NoResults).unwrap();
    assert_eq!(written(&table), ["day | at | yes", "2024-03-04 | @1709528400000 | true"]);
}

#[test]
fn rows_come_in_one_order() {
    check(
        "select party from holdings",
        &["party", "Ann Reyes", "Bay Cleaning LLC", "Lena Ortiz", "Lena Ortiz", "Quay Rentals"],
    );
    check(
        "select channel, line from transfers order by channel desc limit 3",
        &["channel | line", "wire | 3", "p2p | 5", "cash | 4"],
    );
    check(
        "select count(*) as n, role from holdings group by role order by all desc",
        &["n | role", "4 | owner", "1 | signer"],
    );
    check("select channel, line from transfers limit 2", &["channel | line", "ach | 2", "ach | 7"]);
    check(
        "select party from parties union select phone from phones order by party desc limit 2",
        &["party", "Quay Rentals", "Milo Hart"],
    );
    check(
        "select party as who from holdings where account in \
         (select to_account from transfers order by amount_minor desc limit 2)",
        &["who", "Lena Ortiz"],
    );
}

fn text_question(sql: &str) -> Query {
    let text = file(&format!("[parameters]\nx = {{ type = \"text\" }}\n[result]\nsql = \"{sql}\""));
    parse_query(Path::new("ask.toml"), &text).unwrap()
}

#[test]
fn a_text_that_looks_like_sql_stays_a_text() {
    let echo = text_question("select :x as echo");
    let find = text_question("select party from parties where party = :x");
    for text in [
        "' or 1=1 --",
        "'; drop table parties; --",
        "a''b",
        "''",
        "'",
        "\\'",
        "\\''",
        "\\' or '1'='1",
        "'' or ''=''",
        "x' union select raw from rejects --",
        ":x",
        "read_csv('/etc/passwd')",
        "$$a$$",
        "line\nbreak\ttab",
        "é漢\u{1f600}",
        "/* c */ -- c",
        "%_^$.*",
    ] {
        let given = values(&[("x", text)]);
        let table = answer(&echo, &given, &case(), &NoResults).unwrap();
        assert_eq!(written(&table), ["echo".to_owned(), text.to_owned()], "{text:?}");
        let table = answer(&find, &given, &case(), &NoResults).unwrap();
        assert_eq!(table.rows(), 0, "{text:?}");
    }
    let table = answer(&find, &values(&[("x", "Milo Hart")]), &case(), &NoResults).unwrap();
    assert_eq!(written(&table), ["party", "Milo Hart"]);
}

#[test]
fn values_are_typed_and_told_by_name() {
    let text = file(
        r#"[parameters]
least = { type = "amount", help = "smallest" }
since = { type = "time", default = "2024-03-05" }
until = { type = "date", default = "2024-03-07" }
off = { type = "integer", default = -5 }
[result]
sql = """
select line, line + :off as less from transfers
where amount_minor >= :least and booked >= :since and day <= :until
"""
"#,
    );
    let query = parse_query(Path::new("ask.toml"), &text).unwrap();
    let run = |given: &[(&str, &str)]| answer(&query, &values(given), &case(), &NoResults);
    let rows = |given| written(&run(given).unwrap());
    assert_eq!(rows(&[("least", "9200.00")]), ["line | less", "4 | -1", "6 | 1"]);
    assert_eq!(rows(&[("least", "9200.01")]), ["line | less", "4 | -1"]);
    let later = [("least", "0"), ("since", "2024-03-05T00:00:00.001-05:00")];
    assert_eq!(rows(&later), ["line | less", "5 | 0", "6 | 1"]);
    for (given, message) in [
        (vec![], "the parameter \"least\" needs a value, an amount such as 1200.00: smallest"),
        (
            vec![("least", "1.005")],
            "the parameter \"least\": found \"1.005\", expected an amount such as 1200.00 with at \
             most 2 decimals, in USD",
        ),
        (
            vec![("least", "1"), ("until", "soon")],
            "the parameter \"until\": found \"soon\", expected a date such as 2024-03-31",
        ),
        (vec![("lest", "1")], "no parameter is named \"lest\"; did you mean \"least\"?"),
    ] {
        let refused = run(&given).unwrap_err();
        assert_eq!(refused.to_string(), message);
        assert_eq!(refused.exit_code(), 2);
    }
}

#[test]
fn money_keeps_its_currency() {
    let mut mixed = transfers();
    mixed.currency[1] = "EUR".parse().unwrap();
    let case = case().with(mixed);
    let run = |sql: &str| answer(&asked(sql).unwrap(), &BTreeMap::new(), &case, &NoResults);
    refuses(
        run("select sum(amount_minor) as total_minor from transfers"),
        "ask.toml: [result] sql: the tables hold amounts in `EUR`, `USD`, and the answer does not \
         say which",
        Some("select `currency`, and group by it wherever amounts are added"),
    );
    let table =
        run("select currency, sum(amount_minor) as total_minor from transfers group by currency");
    assert_eq!(
        written(&table.unwrap()),
        ["currency | total", "EUR | 4000.00 EUR", "USD | 21500.00 USD"]
    );
    assert_eq!(
        written(&run("select rent_minor, lease from leases").unwrap()),
        ["rent | lease | currency", "1200.00 USD | L-2 | USD", "1500.00 USD | L-1 | USD"]
    );
    refuses(
        ask("select avg(amount_minor) as mean_minor from transfers"),
        "ask.toml: [result] sql: `mean_minor` is not in whole minor units",
        Some("write cast(round(...) as bigint), or name a share or mean otherwise"),
    );
    refuses(
        ask("select amount_minor, 1 as amount from transfers"),
        "ask.toml: [result] sql: two columns of the answer are named `amount`",
        Some("rename one with `as`"),
    );
}

#[test]
fn a_sum_of_money_fails_rather_than_wraps() {
    let mut large = transfers();
    large.amount_minor = vec![i64::MAX / 2; 6];
    let case = case().with(large);
    let query = asked("select sum(amount_minor) as total_minor from transfers").unwrap();
    let refused = answer(&query, &BTreeMap::new(), &case, &NoResults).unwrap_err();
    assert!(matches!(refused, Error::AmountOverflow), "{refused}");
    check(
        "select sum(line) as n, sum(amount_minor) as total_minor from transfers",
        &["n | total | currency", "27 | 25500.00 USD | USD"],
    );
}

#[test]
fn an_answer_that_met_its_bound_says_so() {
    let text = file(
        r#"[result]
sql = "select line from transfers"
rows_max = 4"#,
    );
    let query = parse_query(Path::new("ask.toml"), &text).unwrap();
    let table = answer(&query, &BTreeMap::new(), &case(), &NoResults).unwrap();
    assert_eq!(written(&table), ["line", "2", "3", "4", "5"]);
    assert_eq!(
        table.notes,
        ["The answer has more than 4 rows; the first 4 in its order are shown."]
    );
    let text = text.replace("rows_max = 4", "rows_max = 6");
    let query = parse_query(Path::new("ask.toml"), &text).unwrap();
    let table = answer(&query, &BTreeMap::new(), &case(), &NoResults).unwrap();
    assert_eq!((table.rows(), table.notes.len()), (6, 0));
}

/// One result table with every kind of value, and one analysis.
struct OneResult;

#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
struct FlowParameters {
    window_days: i64,
}

impl ResultProvider for OneResult {
    fn names(&self) -> Vec<String> {
        vec!["pair_flows".to_owned()]
    }

    fn result_table(&self, name: &str) -> Result<Option<ResultTable>> {
        let place = moneytrail::model::SourceRef { source: 0, line: 2 };
        let total = Amount { minor: 80_000, currency: Currency::USD };
        Ok((name == "pair_flows").then(|| {
            ResultTable::new("pair-flows")
                .with("from", Values::Text(vec!["HARBOR/1001".to_owned(), String::new()]))
                .with("transfers", Values::Count(vec![Some(1), None]))
                .with("total", Values::Money(vec![Some(total), None]))
                .with("currency", Values::Text(vec!["USD".to_owned(), String::new()]))
                .with("first", Values::Day(vec![Some(MONDAY), None]))
                .with("seen", Values::Time(vec![Some(1000), None]))
                .with("share", Values::Score(vec![Some(0.5), None]))
                .with("open", Values::Flag(vec![Some(true), None]))
                .with("records", Values::Refs(vec![vec![place, place], vec![]]))
        }))
    }

    fn run_analysis(
        &self,
        analysis: &str,
        query: &Query,
        values: &BTreeMap<String, String>,
    ) -> Result<Option<ResultTable>> {
        let parameters: FlowParameters = query.analysis_parameters(values)?;
        let days = Values::Count(vec![Some(parameters.window_days)]);
        Ok((analysis == "pair-flows").then(|| ResultTable::new(analysis).with("days", days)))
    }
}

#[test]
fn result_tables_are_tables_too() {
    let run = |sql: &str| answer(&asked(sql).unwrap(), &BTreeMap::new(), &case(), &OneResult);
    assert_eq!(
        written(&run("select * from pair_flows order by transfers").unwrap()),
        [
            "from_entity | transfers | total | currency | first | seen | share | open | records",
            "HARBOR/1001 | 1 | 800.00 USD | USD | 2024-03-04 | @1000 | 0.500000 | true | \
             bank/harbor.csv:2; bank/harbor.csv:2",
            " |  |  | USD |  |  |  |  | ",
        ]
    );
    assert_eq!(
        written(
            &run("select party from pair_flows join holdings on from_entity = account \
                  where total_minor = 80000")
            .unwrap()
        ),
        ["party", "Bay Cleaning LLC", "Lena Ortiz"]
    );
    refuses(
        run("select * from pair_flow"),
        "ask.toml:5:15: no table is named `pair_flow`",
        Some("did you mean `pair_flows`?"),
    );
}

#[test]
fn a_question_may_name_an_analysis() {
    let text = file(
        r#"analysis = "pair-flows"
[parameters]
window_days = 2"#,
    );
    let query = parse_query(Path::new("two-days.toml"), &text).unwrap();
    let run =
        |query: &Query, given: &[(&str, &str)]| answer(query, &values(given), &case(), &OneResult);
    let table = run(&query, &[]).unwrap();
    assert_eq!(
        (table.name.as_str(), written(&table)),
        ("two-days", vec!["days".to_owned(), "2".to_owned()])
    );
    assert_eq!(written(&run(&query, &[("window_days", "9")]).unwrap()), ["days", "9"]);
    let refused = run(&query, &[("window_days", "soon")]).unwrap_err();
    assert_eq!(refused.exit_code(), 2);
    let wrong = text.replace("window_days", "window_day");
    let query = parse_query(Path::new("two-days.toml"), &wrong).unwrap();
    refuses(
        run(&query, &[]),
        "two-days.toml:5:1: unknown field `window_day`, expected `window_days`",
        Some("did you mean `window_days`?"),
    );
    let unknown = text.replace("\"pair-flows\"", "\"pair-flow\"");
    let query = parse_query(Path::new("two-days.toml"), &unknown).unwrap();
    refuses(
        run(&query, &[]),
        "no analysis is named \"pair-flow\"",
        Some("the nearest name is \"pair-flows\""),
    );
}

#[test]
fn questions_are_found_by_name_path_and_pattern() {
    refuses(
        find_query("shared-phone", &[]),
        "no saved query is named \"shared-phone\"",
        Some("the nearest name is \"shared-phones\""),
    );
    assert_eq!(find_query("shared-phones", &[]).unwrap().name, "shared-phones");
    let dir = tempfile::tempdir().unwrap();
    let queries = dir.path().join("queries");
    std::fs::create_dir(&queries).unwrap();
    let text = "title = \"Mine\"\nwhy = \"W\"\n[result]\nsql = \"select 1 as a\"\n";
    for name in ["shared-phones.toml", "a-first.toml"] {
        std::fs::write(queries.join(name), text).unwrap();
    }
    let dirs: [PathBuf; 1] = [queries.clone()];
    assert_eq!(find_query("shared-phones", &dirs).unwrap().title, "Mine");
    refuses(
        find_query("a-frst", &dirs),
        "no saved query is named \"a-frst\"",
        Some("the nearest name is \"a-first\""),
    );
    let path = queries.join("a-first.toml");
    assert_eq!(find_query(&path.to_string_lossy(), &[]).unwrap(), load_query(&path).unwrap());

    let patterns = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let list = patterns(&["cash-just-below", "queries/*.toml", "queries/a-*.toml"]);
    let found = expand_queries(&list, dir.path()).unwrap();
    let names: Vec<_> =
        found.iter().map(|query| (query.name.as_str(), query.file.as_str())).collect();
    assert_eq!(
        names,
        [
            ("cash-just-below", "queries/cash-just-below.toml"),
            ("a-first", "queries/a-first.toml"),
            ("shared-phones", "queries/shared-phones.toml"),
        ]
    );
    refuses(
        expand_queries(&patterns(&["nothing/*.toml"]), dir.path()),
        "nothing/*.toml: matches no query file",
        Some("name a file, a pattern such as queries/*.toml, or a saved query"),
    );
    refuses(
        expand_queries(&patterns(&["shared-phones", "queries/*.toml"]), dir.path()),
        "two questions are named \"shared-phones\"; rename one of their files",
        None,
    );
}
