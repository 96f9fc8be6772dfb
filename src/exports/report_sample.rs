//! An invented report with every part filled, for the tests of the page.

use crate::analyses::Outcome;
use crate::exports::Wording;
use crate::exports::report::{Report, ReportChart, ReportQuery, ReportTable};
use crate::findings::merge;
use crate::model::{
    Amount, Currency, EntityKind, EntityRef, Finding, ResultTable, SourceRef, Values,
};

/// 2024-01-01 as days since 1970.
const NEW_YEAR: i32 = 19_723;

/// Paths of the sample's sources.
pub fn wording() -> Wording {
    let sources = ["bank/harbor_1001.csv", "bank/quay_wires.csv", "phones/carrier_a.csv"];
    Wording { sources: sources.map(str::to_owned).to_vec(), ..Wording::default() }
}

/// A report of three sources, two accounts that prove and one that breaks.
pub fn sample() -> Report {
    Report {
        title: "Harbor Street".into(),
        banner: "INTERNAL".into(),
        period: "2024-01-01 to 2024-06-30".into(),
        program: "moneytrail 0.1.0".into(),
        sources: sources(),
        months: months(),
        coverage: coverage(),
        balances: balances(),
        findings: merge(&outcomes()),
        charts: vec![chart("Harbor Street: Lena Ortiz, two hops", "lena-ortiz")],
        tables: vec![facilitators(), flows(), requests()],
        queries: vec![question()],
        rejects: rejects(),
        notes: vec![
            "The subject \"Lena Ortis\" matches nothing; nearest is \"Lena Ortiz\".".into(),
        ],
    }
}

fn text(values: &[&str]) -> Values {
    Values::Text(values.iter().map(|value| (*value).to_owned()).collect())
}

fn counts(values: &[i64]) -> Values {
    Values::Count(values.iter().map(|value| Some(*value)).collect())
}

fn days(values: &[i32]) -> Values {
    Values::Day(values.iter().map(|value| Some(NEW_YEAR + value)).collect())
}

fn usd(values: &[i64]) -> Values {
    let amount = |minor: &i64| Some(Amount { minor: *minor, currency: Currency::USD });
    Values::Money(values.iter().map(amount).collect())
}

fn sources() -> ResultTable {
    let hashes = ["9f86d081", "60303ae2", "fd61a03a"].map(|start| start.repeat(8));
    ResultTable::new("sources")
        .with("source", Values::Text(wording().sources))
        .with("sha256", Values::Text(hashes.to_vec()))
        .with("layout", text(&["harbor-statement", "quay-wires", "carrier-calls"]))
        .with("read", counts(&[3_000, 2_000, 12]))
        .with("accepted", counts(&[2_996, 1_990, 12]))
        .with("rejected", counts(&[3, 0, 0]))
        .with("duplicate", counts(&[1, 10, 0]))
        .with("first", days(&[0, 2, 5]))
        .with("last", days(&[181, 180, 170]))
}

fn months() -> ResultTable {
    let accounts = text(&["Harbor/1001", "Harbor/1002", "Quay/77"]);
    let words = [
        ["proves", "proves", "part"],
        ["proves", "breaks", "unstated"],
        ["proves", "gap", "unstated"],
        ["unstated", "proves", "unstated"],
        ["covers", "covers", "unstated"],
        ["part", "part", "part"],
    ];
    let table = ResultTable::new("status").with("account", accounts);
    (1..)
        .zip(words)
        .fold(table, |table, (month, words)| table.with(format!("2024-{month:02}"), text(&words)))
}

fn coverage() -> ResultTable {
    let accounts = ["Harbor/1001", "Harbor/1002", "Harbor/1002", "Harbor/1002", "Quay/77"];
    ResultTable::new("coverage")
        .with("account", text(&accounts))
        .with("from", days(&[0, 0, 60, 91, 14]))
        .with("to", days(&[181, 59, 90, 181, 181]))
        .with("source", text(&["bank/harbor_1001.csv", "bank/harbor_1001.csv", "", "", ""]))
        .with("state", text(&["covers", "covers", "gap", "covers", "covers"]))
}

fn balances() -> ResultTable {
    let months = ["2024-01", "2024-02", "2024-03", "2024-01", "2024-02", "2024-04"];
    let accounts = ["Harbor/1001"; 3].into_iter().chain(["Harbor/1002"; 3]);
    ResultTable::new("balances")
        .with("account", text(&accounts.collect::<Vec<_>>()))
        .with("month", text(&months))
        .with("opening", usd(&[0, 120_000, 98_550, 500, 7_500, 90_000]))
        .with("closing", usd(&[120_000, 98_550, 1_255, 7_500, 90_000, 1]))
        .with("records", counts(&[210, 198, 204, 12, 9, 31]))
        .with("state", text(&["proves", "proves", "proves", "proves", "breaks", "proves"]))
        .with("difference", usd(&[0, 0, 0, 0, 4_999, 0]))
        .with("currency", text(&["USD"; 6]))
        .with("source", text(&["bank/harbor_1001.csv"; 6]))
        .with("line", counts(&[2, 212, 410, 614, 626, 635]))
}

fn outcomes() -> Vec<Outcome> {
    let lines = |range: std::ops::Range<u32>| {
        range.map(|line| SourceRef { source: line % 2, line }).collect::<Vec<_>>()
    };
    let bridge = Finding {
        analysis: "facilitators",
        candidate: EntityRef { kind: EntityKind::Party, row: 4 },
        candidate_name: "Marlow Pierce".into(),
        measure: "clusters_bridged",
        value: "3".into(),
        score: 0.9,
        amount: None,
        first: Some(NEW_YEAR + 3),
        last: Some(NEW_YEAR + 170),
        records: 11,
        statement: "Marlow Pierce signs for accounts in 3 clusters and guarantees 4 leases.".into(),
        source_refs: lines(14..25),
        what_else_explains_it: "A property manager or an accountant signs for many clients.",
        bound_met: false,
    };
    let pass = Finding {
        analysis: "pass-through",
        measure: "share_out_percent",
        value: "96".into(),
        amount: Some(Amount { minor: 18_240_050, currency: Currency::USD }),
        records: 214,
        statement: "Of 182,400.50 USD credited, 96 percent left within 3 days, on 41 of 43 \
            occasions."
            .into(),
        source_refs: lines(30..60),
        what_else_explains_it: "Payroll accounts, client accounts, sweep accounts, rent collected \
            for an owner.",
        bound_met: true,
        ..bridge.clone()
    };
    let payroll = Finding {
        candidate: EntityRef { kind: EntityKind::Account, row: 2 },
        candidate_name: "Quay/77".into(),
        score: 0.4,
        records: 2,
        statement: "Of 40,000.00 USD credited, 100 percent left within 1 day.".into(),
        source_refs: lines(70..72),
        bound_met: false,
        ..pass.clone()
    };
    vec![
        Outcome { findings: vec![bridge], ..Outcome::default() },
        Outcome { findings: vec![pass, payroll], ..Outcome::default() },
    ]
}

fn chart(title: &str, name: &str) -> ReportChart {
    let svg = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
        <svg xmlns=\"&#119;3\" viewBox=\"0 0 600 220\" role=\"img\" aria-labelledby=\"t\">\
        <title id=\"t\">Lena Ortiz pays Marlow Pierce</title>\
        <defs><marker id=\"arrow\" markerWidth=\"8\" markerHeight=\"8\" refX=\"7\" refY=\"4\" \
        orient=\"auto\"><path d=\"M0,0 L8,4 L0,8 z\"/></marker></defs>\
        <line x1=\"150\" y1=\"110\" x2=\"440\" y2=\"110\" stroke=\"black\" \
        marker-end=\"url(#arrow)\"/>\
        <circle cx=\"120\" cy=\"110\" r=\"28\" fill=\"#dde5ee\" stroke=\"black\"/>\
        <circle cx=\"475\" cy=\"110\" r=\"28\" fill=\"#dde5ee\" stroke=\"black\"/>\
        <text x=\"120\" y=\"160\" text-anchor=\"middle\">Lena Ortiz</text>\
        <text x=\"475\" y=\"160\" text-anchor=\"middle\">Marlow Pierce</text>\
        <text x=\"295\" y=\"100\" text-anchor=\"middle\">12 transfers, 14,300.00 USD</text></svg>";
    let other = |kind: &str, ending: &str| (kind.to_owned(), format!("charts/{name}.{ending}"));
    ReportChart {
        title: title.into(),
        svg: svg.replace("&#119;3", ""),
        html_link: format!("charts/{name}.html"),
        other_links: vec![other("SVG", "svg"), other("GraphML", "graphml"), other("DOT", "dot")],
    }
}

fn flows() -> ReportTable {
    let rows: Vec<i64> = (0..64).collect();
    let names = |prefix: &str| rows.iter().map(|row| format!("{prefix}{}", 1000 + row)).collect();
    let table = ResultTable::new("flows")
        .with("from", Values::Text(names("Harbor/")))
        .with("to", Values::Text(names("Quay/")))
        .with("currency", text(&["USD"; 64]))
        .with("transfers", counts(&rows))
        .with("total", usd(&rows.iter().map(|row| 9_000_000 - row * 71_003).collect::<Vec<_>>()))
        .with("first", days(&[3; 64]))
        .with("last", days(&[120; 64]))
        .with("largest", usd(&[950_000; 64]))
        .note("Transfers between accounts of one party are listed apart.");
    let sentence = "One row for each pair of accounts: what the first paid the second.".into();
    ReportTable { heading: "Who paid whom".into(), sentence, table }
}

/// As wide as a table gets: it must stay legible on a sheet of paper.
fn facilitators() -> ReportTable {
    let seen = |first: u32| (first..first + 9).map(|line| SourceRef { source: 0, line }).collect();
    let table = ResultTable::new("facilitators")
        .with("rank", counts(&[1, 2]))
        .with("candidate", text(&["Marlow Pierce", "Zoë Quillfeather Property Management Ltd"]))
        .with("kind", text(&["party", "party"]))
        .with("score", Values::Score(vec![Some(0.048_387_1), Some(0.032_258)]))
        .with("share_out_percent", Values::Score(vec![Some(96.0), None]))
        .with("dwell_days_median", Values::Score(vec![Some(1.5), None]))
        .with("counterparties_in", counts(&[41, 212]))
        .with("counterparties_out", counts(&[6, 9]))
        .with("betweenness", Values::Score(vec![Some(0.410_256), Some(0.2)]))
        .with("cut_vertex", Values::Flag(vec![Some(true), Some(false)]))
        .with("clusters_bridged", counts(&[3, 1]))
        .with("kinds_bridged", counts(&[3, 2]))
        .with("evidence", Values::Refs(vec![seen(14), seen(90)]))
        .with(
            "what_else_explains_it",
            text(&["A property manager or an accountant signs for many clients."; 2]),
        );
    let sentence = "Parties and accounts that the others depend on, measure by measure.".into();
    ReportTable { heading: "Who makes it work for the others".into(), sentence, table }
}

fn requests() -> ReportTable {
    let table = ResultTable::new("requests")
        .with("institution", text(&["Quay Bank"]))
        .with("account", text(&["Quay/9001"]))
        .with("from", days(&[60]))
        .with("to", days(&[90]))
        .with("why", text(&["214 transfers end here and no statement is held"]))
        .with("total_at_stake", usd(&[18_240_050]))
        .with("currency", text(&["USD"]));
    let sentence = "Statements that are not held, by the money that meets them.".into();
    ReportTable { heading: "What to ask for next".into(), sentence, table }
}

fn question() -> ReportQuery {
    let seen = |lines: &[u32]| -> Vec<SourceRef> {
        lines.iter().map(|line| SourceRef { source: 2, line: *line }).collect()
    };
    let table = ResultTable::new("calls-before-transfers")
        .with("phone", text(&["+1 212 555 0142", "+1 212 555 0117"]))
        .with("calls", counts(&[12, 3]))
        .with("source_refs", Values::Refs(vec![seen(&[2, 3, 4, 5, 6, 9]), seen(&[7])]));
    ReportQuery {
        title: "Who was called on the day of a transfer above 5,000.00 USD?".into(),
        why: "The withdrawals in March followed calls by minutes.".into(),
        table,
    }
}

fn rejects() -> ResultTable {
    ResultTable::new("rejects")
        .with("source", text(&["bank/harbor_1001.csv"; 4]))
        .with("line", counts(&[17, 88, 301, 302]))
        .with("column", text(&["Withdrawals", "Posting Date", "", "Page"]))
        .with("found", text(&["1.200,00", "31/31/2024", "<script>alert(1)</script>", "xii"]))
        .with(
            "reason",
            text(&[
                "expected an amount such as 1200.00",
                "expected a date such as 03/31/2024",
                "has 4 fields, the header has 5",
                "expected a whole number",
            ]),
        )
        .with("kept", text(&["no", "no", "no", "yes"]))
}
