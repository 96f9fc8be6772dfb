//! What is refused before anything runs: keys, parameters, statements that are not a question,
//! and every way to a file.

use std::path::Path;

use moneytrail::Error;
use moneytrail::query::parse_query;

use super::{ask, asked, check, file, refuses};

#[track_caller]
fn file_refused(text: impl AsRef<str>, message: &str, hint: Option<&str>) {
    refuses(parse_query(Path::new("ask.toml"), text.as_ref()), message, hint);
}

#[test]
fn a_wrong_key_is_refused_at_its_place() {
    file_refused(
        file("resul = 1"),
        "ask.toml:3:1: unknown field `resul`, expected one of `title`, `why`, `analysis`, \
         `parameters`, `paths`, `result`",
        Some("did you mean `result`?"),
    );
    file_refused(
        file(
            r#"[result]
sql = "select 1 as a"
rows = 3"#,
        ),
        "ask.toml:5:1: unknown field `rows`, expected `sql` or `rows_max`",
        Some("did you mean `rows_max`?"),
    );
    file_refused(
        file(
            r#"[parameters]
day = { type = "date", defalt = "2024-01-01" }
[result]
sql = "select :day as a""#,
        ),
        "ask.toml:4:24: unknown field `defalt`, expected one of `type`, `default`, `also`, \
         `surplus_decimals`, `help`",
        Some("did you mean `default`?"),
    );
    file_refused(
        file(
            r#"[parameters]
day = { type = "dat" }
[result]
sql = "select :day as a""#,
        ),
        "ask.toml:4:16: unknown variant `dat`, expected one of `text`, `integer`, `amount`, \
         `number`, `time`, `date`, `flag`",
        Some("did you mean `date`?"),
    );
    file_refused(
        "why = \"W\"\nanalysis = \"flows\"\n",
        "ask.toml:1:1: missing field `title`",
        None,
    );
}

/// A file with a walk that has some keys more.
fn walk_refused(keys: &str, message: &str, hint: Option<&str>) {
    let from = "from = \"select account from accounts\"";
    let result = "[result]\nsql = \"select hops from trail\"";
    file_refused(file(&format!("[paths.trail]\n{from}\n{keys}\n{result}")), message, hint);
}

#[test]
fn the_keys_of_a_walk_are_checked_before_anything_runs() {
    let along = "along = [\"transfers\"]";
    walk_refused("hops = \"1..3\"", "ask.toml:3:1: missing field `along`", None);
    walk_refused(
        "along = [\"transfer\"]\nhops = \"1..3\"",
        "ask.toml:5:10: `transfer` is no table of links",
        Some("walk along `transfers`"),
    );
    walk_refused(
        "along = [{ table = \"ties\", where = \"relation = \" }]\nhops = \"1..3\"",
        "ask.toml:5:10: `where`: this is not SQL: Expected: an expression, found: )",
        None,
    );
    walk_refused(
        &format!("{along}\nhops = \"3..1\""),
        "ask.toml:6:8: `hops` is \"3..1\", and no walk has as few and as many",
        None,
    );
    walk_refused(
        &format!("{along}\nhops = \"1..\""),
        "ask.toml:6:8: only shortest paths may have any number of hops",
        Some("write shortest = true, or a most such as \"1..6\""),
    );
    walk_refused(
        &format!("{along}\nhops = \"1..2\"\nsimple = true\ndistinct = \"last\""),
        "ask.toml:7:10: walks told apart by their ends may repeat vertices",
        Some("leave out `simple`, or write distinct = \"vertices\""),
    );
    walk_refused(
        &format!("{along}\nhops = \"1..2\"\nwithin = \":start\""),
        "ask.toml:7:10: `within` is \":start\", expected a window such as \":start..:end\"",
        None,
    );
    walk_refused(
        &format!("{along}\nhops = \"1..2\"\nwithin = \":start..\""),
        "ask.toml:3:8: `:start` is not among [parameters]",
        Some("add start = { type = \"text\" }"),
    );
    walk_refused(
        &format!("{along}\nhops = \"1..2\"\npaths_max = 0"),
        "ask.toml:7:13: found 0, expected 1 to 10000000 walks",
        None,
    );
    file_refused(
        file(
            "[paths.a]\nfrom = \"select last from b\"\nalong = [\"ties\"]\nhops = \"1\"\n\
             [paths.b]\nfrom = \"select last from a\"\nalong = [\"ties\"]\nhops = \"1\"\n\
             [result]\nsql = \"select hops from a\"",
        ),
        "ask.toml:3:8: `a` reads a walk that needs it first",
        None,
    );
}

#[test]
fn a_file_asks_one_thing() {
    file_refused(
        file(""),
        "ask.toml:1:1: the file asks nothing: it has neither `analysis` nor [result] with `sql`",
        None,
    );
    file_refused(
        file(
            r#"analysis = "flows"
[result]
sql = "select 1 as a""#,
        ),
        "ask.toml:3:12: a question names an analysis or gives SQL under [result], not both",
        None,
    );
    file_refused(
        "title = \" \"\nwhy = \"W\"\nanalysis = \"flows\"\n",
        "ask.toml:1:9: `title` is empty",
        None,
    );
    file_refused(
        file(
            r#"[result]
sql = "select 1 as a"
rows_max = 0"#,
        ),
        "ask.toml:5:12: found 0, expected 1 to 10000000 rows",
        None,
    );
}

#[test]
fn parameters_and_placeholders_match_before_anything_runs() {
    let asking = |parameters: &str, sql: &str| {
        file(&format!("[parameters]\n{parameters}\n[result]\nsql = \"{sql}\""))
    };
    file_refused(
        asking("party = { type = \"text\" }", "select :prty as a"),
        "ask.toml:6:15: `:prty` is not among [parameters]",
        Some("did you mean `:party`?"),
    );
    file_refused(
        asking("", "select :since as a"),
        "ask.toml:6:15: `:since` is not among [parameters]",
        Some("add since = { type = \"text\" }"),
    );
    file_refused(
        asking("party = { type = \"text\" }", "select 1 as a"),
        "ask.toml:4:1: the statement does not use the parameter `party`",
        Some("write `:party` where its value belongs"),
    );
    file_refused(
        asking("day = { type = \"date\", default = \"3/4/2024\" }", "select :day as a"),
        "ask.toml:4:34: `default` is \"3/4/2024\", expected a date such as 2024-03-31",
        None,
    );
    file_refused(
        asking("few = { type = \"integer\", default = \"3\" }", "select :few as a"),
        "ask.toml:4:37: `default` is \"3\", expected a whole number such as 25",
        None,
    );
    file_refused(
        asking("rent = { type = \"amount\", default = 1200 }", "select :rent as a"),
        "ask.toml:4:37: `default` is 1200, expected an amount in quotes such as \"1200.00\"",
        None,
    );
    file_refused(
        asking("party = { type = \"text\", default = true }", "select :party as a"),
        "ask.toml:4:36: `default` is true, expected a text in quotes",
        None,
    );
    file_refused(
        asking("\"a b\" = { type = \"text\" }", "select 1 as a"),
        "ask.toml:4:1: `a b` is no name for a parameter",
        Some("write letters, digits and _, a letter first"),
    );
    file_refused(
        asking("party = { type = \"text\" }", "select $1 as a, :party as b"),
        "ask.toml:6:15: `$1` is not a placeholder here",
        Some("write `:name` and give `name` under [parameters]"),
    );
}

#[test]
fn only_a_question_over_known_tables_is_run() {
    let functions =
        Some("a question reads the case tables and result tables, never a file by its path");
    for (sql, place, found) in [
        ("select * from read_csv('/etc/passwd')", "5:15", "read_csv"),
        ("select * from READ_CSV ( '/etc/passwd' )", "5:15", "READ_CSV"),
        ("select * from read_parquet('x.parquet') as t", "5:15", "read_parquet"),
        ("select * from read_/**/csv('x')", "5:15", ""),
        ("select * from \"read_csv\"('x')", "5:15", "\"read_csv\""),
        ("select * from (select * from read_csv('x')) as t", "5:30", "read_csv"),
        ("with t as (select * from read_csv('x')) select * from t", "5:26", "read_csv"),
        (
            "select a.party from parties as a join read_csv('x') as b on a.party = b.x",
            "5:39",
            "read_csv",
        ),
        ("select party from parties union all select x from read_csv('x')", "5:51", "read_csv"),
        (
            "select party from parties where party in (select x from read_csv('x'))",
            "5:57",
            "read_csv",
        ),
        (
            "select case when party in (select x from read_ipc('x')) then 1 end as a from parties",
            "5:42",
            "read_ipc",
        ),
        ("select party from parties order by (select x from read_json('x'))", "5:51", "read_json"),
        ("select * from parties, read_csv('x') as b", "5:24", "read_csv"),
        ("-- select 1\nselect * from read_csv('x')", "6:15", "read_csv"),
        ("select * from table(read_csv('x'))", "5:15", ""),
    ] {
        if found.is_empty() {
            let refused = ask(sql).expect_err(sql);
            assert!(matches!(refused, Error::Key { .. }), "{sql}: {refused}");
            continue;
        }
        let message = format!(
            "ask.toml:{place}: `{found}` is not a table of the case: table functions are refused"
        );
        refuses(asked(sql), &message, functions);
    }
}

#[test]
fn nothing_but_one_question_is_read() {
    let question =
        "ask.toml:5:1: only a question may stand here: a statement that begins with SELECT or WITH";
    for sql in [
        "create table t as select * from parties",
        "drop table parties",
        "delete from parties",
        "truncate table parties",
        "insert into parties values (1)",
        "update parties set party = 'x'",
        "show tables",
        "explain select * from parties",
        "copy parties to 'x.csv'",
        "set x = 1",
    ] {
        let refused = asked(sql).expect_err(sql);
        assert!(refused.to_string().starts_with("ask.toml:5:"), "{sql}: {refused}");
        assert!(matches!(refused, Error::Key { .. }), "{sql}");
    }
    refuses(asked("drop table parties"), question, None);
    for (sql, message) in [
        ("select 1 as a; select 2 as b", "5:16: found 2 statements, expected one"),
        ("select 1 as a; drop table parties", "5:1: found 2 statements, expected one"),
        ("select 1 as a /* ; */ ; -- x\n; select 2 as b", "6:3: found 2 statements, expected one"),
        ("", "5:1: found 0 statements, expected one"),
        ("select * into t from parties", "5:1: a question changes nothing; SELECT INTO is refused"),
        (
            "with recursive t as (select 1 as a) select * from t",
            "5:1: recursive queries are not read",
        ),
    ] {
        refuses(asked(sql), &format!("ask.toml:{message}"), None);
    }
    refuses(
        asked("select * from parties union all table parties"),
        "ask.toml:5:1: `TABLE name` is not read here",
        Some("write `select * from name`"),
    );
    refuses(
        asked("select 1 as a from parties where exists (select 1 from phones)"),
        "ask.toml:5:42: EXISTS is not read here",
        Some("write `x in (select ...)` or a join"),
    );
    refuses(
        asked("select party\nfrom parties where (party"),
        "ask.toml:6:26: this is not SQL: Expected: ), found: EOF",
        None,
    );
}

#[test]
fn tables_and_columns_are_known_by_name() {
    refuses(
        ask("select * from\ntransfer"),
        "ask.toml:6:1: no table is named `transfer`",
        Some("did you mean `transfers`?"),
    );
    refuses(
        ask("with parties as (select 1 as a) select * from parties"),
        "ask.toml:5:6: `parties` is a table of the case already",
        Some("choose another name"),
    );
    refuses(
        ask("select * from (select 1 as a) as phones"),
        "ask.toml:5:34: `phones` is a table of the case already",
        Some("choose another name"),
    );
    refuses(
        ask("select * from main.parties"),
        "ask.toml:5:15: `main.parties` is not a table name: a table has one plain name",
        None,
    );
    refuses(
        ask("select from_acount from transfers"),
        "ask.toml: [result] sql: no column is named `from_acount` there",
        Some("did you mean `from_account`, `to_account`?"),
    );
}

#[test]
fn what_depends_on_the_order_of_rows_is_refused() {
    refuses(
        asked("select first(party) as a from parties"),
        "ask.toml:5:8: `first` depends on the order in which rows happen to be met",
        Some("use min or max, or row_number() over an order without ties"),
    );
    refuses(
        asked("select string_agg(party, ';') as a from parties"),
        "ask.toml:5:8: `string_agg` joins texts in the order in which rows happen to be met",
        Some("state it: string_agg(x, '; ' order by x)"),
    );
    check(
        "select role, string_agg(party, ';' order by party) as names from holdings group by role",
        &[
            "role | names",
            "owner | Ann Reyes;Bay Cleaning LLC;Lena Ortiz;Quay Rentals",
            "signer | Lena Ortiz",
        ],
    );
    refuses(
        ask("select * from (select * from parties limit 1) as t"),
        "ask.toml:5:16: a LIMIT inside a question needs the names of its columns",
        Some("name every column in that SELECT, with `as` for what is computed"),
    );
}
