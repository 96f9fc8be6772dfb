//! Holds the `Layout fields` part of `SCHEMA.md` against the record kinds and the layout's keys.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use serde::de::DeserializeOwned;

use crate::model::Channel;
use crate::records::{
    Attribute, CounterpartyPattern, Csv, Field, FieldSource, FieldType, Layout, Recognise,
    RecordKind, SignSource,
};

/// Set to anything, it makes the test write this part of `SCHEMA.md` anew.
const REWRITE: &str = "MONEYTRAIL_REWRITE_SCHEMA";

const OPENING: &str = "\
## Layout fields

A layout says where each field of a record kind is found. A **required** field that is missing
from the layout refuses the layout; one that cannot be read sets the record aside, with its line,
column, text and reason. An optional field that cannot be read is left empty, the record is kept,
and `rejects.csv` lists it with `kept = yes`. An empty cell of an optional field is no value.

A file whose columns carry the names below is recognised without a layout; it may leave out
columns of optional fields.
";

/// Keys of each table of a layout file, with what they say.
const KEYS: [(&str, &[(&str, &str)]); 7] = [
    (
        "A layout file",
        &[
            ("name", "Shown in the `sources` table. Required."),
            ("record", "The record kind, one of the headings above. Required."),
            (
                "format",
                "A structured format such as `mt940`, whose fields are its own; delimited text \
                 when absent.",
            ),
            ("institution", "The bank, carrier or landlord whose rows these are."),
            (
                "numbers",
                "`institution` (the default): an account number is unique within its bank; \
                 `global`: everywhere.",
            ),
            (
                "voicemail",
                "List of the numbers of a carrier's voicemail platform, which are no one's phone.",
            ),
            (
                "timezone",
                "IANA zone of times without an offset, such as `America/New_York`; nearer than \
                 the case's.",
            ),
            ("recognise", "Table: how a file is recognised when the case names no layout."),
            ("csv", "Table: how rows and columns are separated."),
            (
                "fields",
                "Table: where each field is found. Required, except for a `format`, whose fields \
                 are its own: there only `account`, `bank` and `currency` may be stated, by \
                 `constant` or `file_name`, for files that do not name them.",
            ),
            ("attributes", "Table: further columns, each kept under its key."),
            (
                "counterparty",
                "List of tables: patterns over the description; the first match wins.",
            ),
        ],
    ),
    ("`[recognise]`", &[("header", "The header's columns, all of them, in order.")]),
    (
        "`[csv]`",
        &[
            ("delimiter", "One ASCII character, `,` unless set; `\\t` for tabs."),
            ("quote", "One ASCII character that encloses fields, `\"` unless set; empty for none."),
            ("encoding", "A label of the Encoding Standard, `utf-8` unless set."),
            (
                "decimal_mark",
                "`.` or `,`; `auto`, or absent, where all amounts of a source are to show which: \
                 a source whose amounts contradict each other, or of which none decides, is \
                 refused.",
            ),
            (
                "minor_digits",
                "Decimals of a currency where a producer writes more than it has, as in \
                 `{ JPY = 2 }`; at most 8.",
            ),
            (
                "surplus_decimals",
                "`refuse`, unless set: an amount with more decimals than that is a reject; \
                 `round`: it is rounded to the nearest minor unit, halves away from zero.",
            ),
            ("ignore", "Patterns of lines that are no records: totals, page headers."),
            ("columns", "Column names of a file without a header line."),
        ],
    ),
    (
        "A field, as in `booked = { column = \"Date\" }`",
        &[
            ("column", "Name of the column."),
            ("nth", "Which of several columns of that name, from 1."),
            ("columns", "Several columns, joined."),
            ("join", "What joins them."),
            (
                "prefix",
                "Put before a text that is not empty, for names, ids and the ends of ties: \
                 `person ` and `company ` keep two lists of ids apart that share their numbers. \
                 For accounts `XXXX`, where a column holds their last digits alone.",
            ),
            ("constant", "The same text for every record."),
            ("file_name", "Pattern over the file's name; its first group is the text."),
            ("preamble", "Pattern over the lines above the header; its first group is the text."),
            (
                "line",
                "Pattern over lines above, between and below the rows, which are then no records; \
                 its first group is the text, for the statement that the line belongs to: only \
                 `account`, `bank`, `currency` and the fields of the statement itself.",
            ),
            (
                "split",
                "Names of people only: what separates several names in one cell, or a list of such \
                 marks, as in `[\";\", \" and \", \", jointly\"]`.",
            ),
            ("values", "Maps text to words; a text that is not listed is refused."),
            (
                "format",
                "Times, days and durations only: strftime words; `%s` for seconds, `%s%3f` for \
                 milliseconds, `serial` for the day numbers of a spreadsheet program (46112 is \
                 2026-03-31), `serial-1904` for those counted from 1904. For a time or day of a column `auto`, or absent: ISO 8601, or what \
                 all values of the column show; one whose values contradict each other, or of \
                 which none decides, is refused.",
            ),
            ("timezone", "Times and days only: the zone of this field; the nearest wins."),
            ("debit", "`amount` only, with `credit`: column of amounts that leave the account."),
            ("credit", "`amount` only, with `debit`: column of amounts that reach it."),
            ("sign", "Amounts only: a column that says which way an unsigned amount goes."),
        ],
    ),
    (
        "`sign`, inside a field",
        &[
            ("column", "Name of the column. Required."),
            ("values", "Its texts, each mapped to `debit` or `credit`. Required."),
        ],
    ),
    (
        "`[attributes]`, each key",
        &[
            ("column", "Name of the column. Required."),
            ("type", "`text` (the default), `integer` or `flag`."),
        ],
    ),
    (
        "`[[counterparty]]`",
        &[
            (
                "pattern",
                "Regular expression with groups named `name`, `account`, `bank`, `reference`, \
                 `place` or `phone`. Required.",
            ),
            ("channel", "The channel a match implies."),
        ],
    ),
];

/// Name, and how a text of that type becomes a value.
fn type_and_reading(kind: FieldType) -> (&'static str, String) {
    let plain = |name, reading: &str| (name, reading.to_owned());
    match kind {
        FieldType::Text => plain("text", "Kept as found."),
        FieldType::Account => plain(
            "account",
            "An account number; with the institution it makes the account's identity, an IBAN \
             alone does.",
        ),
        FieldType::Name => plain("name", "A party's name, kept as found; `split` makes several."),
        FieldType::Phone => plain(
            "phone",
            "A phone number; E.164 where it is valid in the case's region, else its digits.",
        ),
        FieldType::Address => plain("address", "An address of premises, on one line."),
        FieldType::Amount => plain(
            "amount",
            "Money with `decimal_mark`, digits grouped or not; exact in the currency's minor \
             units or refused.",
        ),
        FieldType::Currency => plain(
            "currency",
            "An ISO 4217 code; what is no code refuses the record, empty means the case's \
             currency.",
        ),
        FieldType::Time => plain(
            "time",
            "A time or a civil date, by `format`; without an offset in the nearest `timezone`.",
        ),
        FieldType::Day => plain("day", "A civil date, by `format`."),
        FieldType::Duration => plain(
            "duration",
            "Seconds, or `MM:SS`, `HH:MM:SS`; `format` says which (`%s`, `%M:%S`, `%H:%M:%S`), or that whole minutes stand there (`%M`).",
        ),
        FieldType::Count => plain("count", "A whole number."),
        FieldType::Weight => plain("weight", "A decimal number that is never money."),
        FieldType::Flag => plain("flag", "`true`, `yes`, `y` or `1`; `false`, `no`, `n` or `0`."),
        FieldType::Channel => {
            let words: Vec<String> =
                Channel::ALL.iter().map(|channel| format!("`{}`", channel.word())).collect();
            ("channel", format!("One of {}.", words.join(", ")))
        }
        FieldType::Word(words) => {
            let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
            ("word", format!("One of {}.", words.join(", ")))
        }
    }
}

/// What the fields of a kind mean together.
fn about(kind: RecordKind) -> &'static str {
    match kind {
        RecordKind::BankStatement => {
            "A line of one account's own statement: it covers that account. A negative amount \
             leaves the account. `report` is for what a bank reports beside the statement: records \
             of it that a statement of the account repeats are duplicates. `part_of` names the entry \
             that several records of the source were booked in, alike for each of them, and \
             `payments` says how many an entry was booked for: an entry of another source that \
             books such records in one sum is a further reading of each. `reversal` holds what the \
             producer states of a payment that came back, empty, `no` or `0` where it did not, and \
             `reverses` the reference of the payment it undoes; `reversal_charges` are those by which \
             less came back than was paid. A record that `completed` says `no` to, such as a \
             declined payment, moved no money and is set aside. A row that is nothing but the words \
             for an opening or closing balance and its figure in the column of `balance` is read as \
             the `opening_balance` or `closing_balance` of its statement, and two such \
             rows that each name a day as its first and last day, where no record contradicts \
             them; one that states the sum of \
             debits or credits is compared with them. Neither is a record."
        }
        RecordKind::BankTransfers => {
            "A list of transfers, each with both accounts. `covers` says whose own records they \
             are: `sender`, `receiver`, `both`, or `none` (the default), a list that may be \
             partial. `reversal`, `reverses`, `reversal_charges` and `completed` are as in a \
             statement."
        }
        RecordKind::AccountHolders => "Who holds or may use an account: signature cards.",
        RecordKind::Accounts => "Accounts with their attributes.",
        RecordKind::CallDetail => {
            "Calls, texts and data sessions. Either `caller` and `called` are required, or \
             `target`, `other` and `direction`."
        }
        RecordKind::Subscribers => "Who a phone is registered to.",
        RecordKind::Leases => "Tenancies; `tenants` and `guarantors` may hold several names.",
        RecordKind::Parties => "Persons and organisations with their identifiers.",
        RecordKind::Loans => "Loans.",
        RecordKind::Devices => "Handsets, cards and sign-in media.",
        RecordKind::Ties => {
            "Typed, dated links between any two entities that are neither a transfer nor a call."
        }
    }
}

fn row(part: &mut String, field: &Field) {
    let (name, reading) = type_and_reading(field.kind);
    let required = if field.required { "yes" } else { "" };
    let _ = writeln!(part, "| `{}` | {name} | {required} | {reading} |", field.name);
}

/// The part of `SCHEMA.md` from its heading to the end.
fn layout_part() -> String {
    let mut part = String::from(OPENING);
    for kind in RecordKind::ALL {
        let _ = write!(part, "\n### `{}`\n\n{}\n\n", kind.word(), about(kind));
        part.push_str("| field | type | required | how it is read |\n| --- | --- | --- | --- |\n");
        kind.fields().iter().for_each(|field| row(&mut part, field));
    }
    part.push_str("\n### Keys\n\nA key that is not listed is refused with its line and column.\n");
    for (table, keys) in KEYS {
        let _ = write!(part, "\n**{table}**\n\n| key | meaning |\n| --- | --- |\n");
        for (key, meaning) in keys {
            let _ = writeln!(part, "| `{key}` | {meaning} |");
        }
    }
    part
}

#[test]
fn schema_md_says_what_a_layout_may_name() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store/SCHEMA.md");
    let written = std::fs::read_to_string(&path).unwrap();
    let start = written.find("## Layout fields\n").expect("SCHEMA.md has the heading");
    if std::env::var_os(REWRITE).is_some() {
        std::fs::write(&path, format!("{}{}", &written[..start], layout_part())).unwrap();
        return;
    }
    assert!(
        written[start..] == layout_part(),
        "src/store/SCHEMA.md does not say what src/records holds; run \
         `{REWRITE}=1 cargo test --lib schema_md -- --test-threads 1` and read what it changes"
    );
}

/// The keys that a table takes, by its own account: what it says when it refuses one.
fn keys_taken<T: DeserializeOwned>() -> BTreeSet<String> {
    let Err(refused) = toml::from_str::<T>("no_such_key = 1") else {
        panic!("a table of a layout file refuses keys it does not know");
    };
    let said = refused.message().to_owned();
    let listed = said.split_once("expected").unwrap_or_else(|| panic!("no list in {said:?}")).1;
    listed.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn every_key_of_a_layout_is_explained() {
    let taken = [
        keys_taken::<Layout>(),
        keys_taken::<Recognise>(),
        keys_taken::<Csv>(),
        keys_taken::<FieldSource>(),
        keys_taken::<SignSource>(),
        keys_taken::<Attribute>(),
        keys_taken::<CounterpartyPattern>(),
    ];
    for ((table, keys), taken) in KEYS.iter().zip(taken) {
        let explained: BTreeSet<String> = keys.iter().map(|(key, _)| (*key).to_owned()).collect();
        assert_eq!(explained, taken, "{table}");
        for (key, meaning) in *keys {
            assert!(meaning.ends_with('.'), "{table} {key}: {meaning}");
        }
    }
}
