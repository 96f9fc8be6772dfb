//! `report.html`: the page that ties a run together, for a person who installs nothing.
//!
//! Opens offline in any browser, can be read on paper and without scripts, and carries its own
//! content policy that forbids it to fetch anything. It words and arranges what it is given;
//! the only sums on it are those of the counts in `sources`.

use base64::prelude::{BASE64_STANDARD, Engine};
use minijinja::{Environment, Value, context};
use regex::{Captures, Regex};
use sha2::{Digest, Sha256};

use crate::exports::Wording;
use crate::exports::coverage_grid::{CoverageGrid, GridMonth};
use crate::exports::report_tables::{fold, view};
use crate::findings::RankedFinding;
use crate::model::{Amount, ResultTable, Values, day_text};

const PAGE: &str = include_str!("assets/report.html");
const STYLE: &str = include_str!("assets/report.css");
const SCRIPT: &str = include_str!("assets/report.js");

/// Rows of a table that the page shows; the rest stand in its CSV file.
pub const ROWS_SHOWN_MAX: usize = 50;
/// Candidates whose findings the page shows; the rest stand in `findings.csv`.
pub const CANDIDATES_SHOWN_MAX: usize = 100;
/// Accounts in the grid of months; the rest stand in `tables/coverage.csv`.
pub const ACCOUNTS_SHOWN_MAX: usize = 60;
/// Findings of one candidate that are shown before the rest is folded away.
const FINDINGS_OPEN_MAX: usize = 3;
/// Accounts named in the footer of every page.
const FOOTER_ACCOUNTS_MAX: usize = 6;
/// Source lines of a finding that are shown before the rest is folded away.
const REFS_OPEN_MAX: usize = 8;

/// What a run found, ready to be put on one page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Title of the case.
    pub title: String,
    /// `INTERNAL`, or the exhibit's marking; stands on every printed page.
    pub banner: String,
    /// Period covered in words: `2024-01-01 to 2024-06-30`.
    pub period: String,
    /// Name and version of the program.
    pub program: String,
    /// `sources`: source, sha256, layout, read, accepted, rejected, duplicate, first, last.
    pub sources: ResultTable,
    /// `status` with every month: account, and a word a month.
    pub months: ResultTable,
    /// `coverage`: account, from, to, source, state.
    pub coverage: ResultTable,
    /// `balances`: account, month, opening, closing, records, state, difference, source, line.
    pub balances: ResultTable,
    /// As [`crate::findings::merge`] ranks them.
    pub findings: Vec<RankedFinding>,
    /// In the order in which they are shown.
    pub charts: Vec<ReportChart>,
    /// Flows, clusters, facilitators, requests and the rest, in the order in which they are
    /// shown; each is also `tables/NAME.csv`.
    pub tables: Vec<ReportTable>,
    /// Answers to the case file's questions; each is also `queries/NAME.csv`.
    pub queries: Vec<ReportQuery>,
    /// `rejects`: source, line, column, found, reason, kept; also `rejects.csv`.
    pub rejects: ResultTable,
    /// Sentences every reader needs: bounds that were met, subjects that matched nothing.
    pub notes: Vec<String>,
}

/// A table with a heading and the question it answers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReportTable {
    /// `Who paid whom`.
    pub heading: String,
    /// One sentence: what a row is.
    pub sentence: String,
    /// The rows; its name is the name of its file.
    pub table: ResultTable,
}

/// A saved question and its answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReportQuery {
    /// The question.
    pub title: String,
    /// Why it is asked.
    pub why: String,
    /// The answer; its name is the name of its file.
    pub table: ResultTable,
}

/// A link chart as it stands on the page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReportChart {
    /// The chart's own title.
    pub title: String,
    /// The SVG file's text.
    pub svg: String,
    /// The interactive page, relative to the report: `charts/lena-ortiz.html`.
    pub html_link: String,
    /// Other formats: (`GraphML`, `charts/lena-ortiz.graphml`).
    pub other_links: Vec<(String, String)>,
}

/// The page as one text. The same report gives the same bytes.
///
/// # Panics
///
/// If a source's records read are not its accepted, rejected and duplicate ones: a report over
/// records that went missing must not be handed to anyone.
pub fn report_html(report: &Report, wording: &Wording) -> String {
    let mut pages = Environment::new();
    pages.add_template("report.html", PAGE).expect("our own template parses");
    let page = pages.get_template("report.html").expect("the template was just added");
    let script_hash = BASE64_STANDARD.encode(Sha256::digest(SCRIPT.as_bytes()));
    let counts = Counts::of(&report.sources);
    let mut sources = report.sources.clone();
    sources.notes.retain(|note| !report.notes.contains(note));
    let grid = CoverageGrid::new(&report.months, &report.coverage, &report.balances, wording);
    let candidates: Vec<&[RankedFinding]> = report
        .findings
        .chunk_by(|left, right| left.candidate_rank == right.candidate_rank)
        .take(CANDIDATES_SHOWN_MAX)
        .collect();
    let table = |table: &ResultTable, file: String| view(table, wording, file, ROWS_SHOWN_MAX);
    let unproved = kept(&report.balances, |row| {
        let state = report.balances.column("state").map(|values| wording.exact(values, row));
        matches!(state.as_deref(), Some("breaks" | "missing"))
    });
    let values = context! {
        report => context! {
            title => report.title.as_str(),
            banner => report.banner.as_str(),
            period => report.period.as_str(),
            program => report.program.as_str(),
            notes => report.notes.clone(),
        },
        style => STYLE,
        script => SCRIPT,
        script_hash,
        totals => counts.words(),
        footer => footer(report, &counts, &grid, wording),
        sources => table(&sources, "tables/sources.csv".to_owned()),
        grid => grid_view(&grid),
        unproved => table(&unproved, "tables/balances.csv".to_owned()),
        findings_shown => candidates.iter().map(|own| own.len()).sum::<usize>(),
        findings_open => FINDINGS_OPEN_MAX,
        findings_total => report.findings.len(),
        candidates_total => report.findings.last().map_or(0, |last| last.candidate_rank),
        candidates => candidates.iter().map(|own| candidate(own, wording)).collect::<Vec<Value>>(),
        charts => charts(&report.charts),
        tables => report.tables.iter().map(|one| section(&one.heading, &one.sentence,
            table(&one.table, format!("tables/{}.csv", one.table.name)))).collect::<Vec<_>>(),
        queries => report.queries.iter().map(|one| section(&one.title, &one.why,
            table(&one.table, format!("queries/{}.csv", one.table.name)))).collect::<Vec<_>>(),
        rejects => table(&report.rejects, "rejects.csv".to_owned()),
    };
    page.render(values).expect("the template uses only what it is given")
}

/// Records over all sources.
#[derive(Default)]
struct Counts {
    sources: usize,
    read: i64,
    accepted: i64,
    rejected: i64,
    duplicate: i64,
}

impl Counts {
    fn of(sources: &ResultTable) -> Counts {
        let sum = |name: &str| match sources.column(name) {
            Some(Values::Count(rows)) => rows.iter().flatten().sum(),
            _ => 0,
        };
        let counts = Counts {
            sources: sources.rows(),
            read: sum("read"),
            accepted: sum("accepted"),
            rejected: sum("rejected"),
            duplicate: sum("duplicate"),
        };
        assert_eq!(
            counts.read,
            counts.accepted + counts.rejected + counts.duplicate,
            "records read = accepted + rejected + duplicate"
        );
        counts
    }

    fn words(&self) -> Value {
        context! {
            sources => people(self.sources as i64),
            read => people(self.read),
            accepted => people(self.accepted),
            rejected => people(self.rejected),
            duplicate => people(self.duplicate),
        }
    }
}

fn people(count: i64) -> String {
    Amount::grouped(count, 0)
}

/// The one sentence a page may not be read without.
fn footer(report: &Report, counts: &Counts, grid: &CoverageGrid, wording: &Wording) -> Value {
    let kept = report.rejects.column("kept").map_or(0, |values| {
        (0..values.len()).filter(|row| wording.people(values, *row) == "yes").count()
    });
    let more = grid.broken.len().saturating_sub(FOOTER_ACCOUNTS_MAX);
    let mut names: Vec<String> = grid.broken.iter().take(FOOTER_ACCOUNTS_MAX).cloned().collect();
    if more > 0 {
        names.push(format!("{more} more"));
    }
    context! {
        rejected => people(counts.rejected),
        kept => people(kept as i64),
        unproved_count => grid.broken.len() + grid.unstated.len(),
        broken_count => grid.broken.len(),
        broken => names.join(", "),
        unstated_count => grid.unstated.len(),
    }
}

fn section(heading: &str, sentence: &str, table: Value) -> Value {
    context! { heading, sentence, table }
}

fn grid_view(grid: &CoverageGrid) -> Value {
    let rows = grid.first_accounts(ACCOUNTS_SHOWN_MAX).into_iter().map(|row| {
        let month = |one: &GridMonth| context! { state => one.state, part => one.part };
        context! {
            account => row.account.as_str(),
            year => i64::from(row.year),
            months => row.months.iter().map(month).collect::<Vec<Value>>(),
        }
    });
    let total = grid.accounts();
    let rows = rows.collect::<Vec<Value>>();
    let picture = grid.picture(ACCOUNTS_SHOWN_MAX);
    context! { rows, total, picture, hidden => total.saturating_sub(ACCOUNTS_SHOWN_MAX) }
}

fn candidate(own: &[RankedFinding], wording: &Wording) -> Value {
    let first = &own[0];
    let place = |(analysis, place): &(&str, u32)| format!("{analysis} (place {place})");
    context! {
        rank => first.candidate_rank,
        name => first.finding.candidate_name.as_str(),
        kind => first.finding.candidate.kind.word(),
        places => first.places.iter().map(place).collect::<Vec<String>>(),
        findings => own.iter().map(|one| finding(one, wording)).collect::<Vec<Value>>(),
    }
}

fn finding(ranked: &RankedFinding, wording: &Wording) -> Value {
    let one = &ranked.finding;
    let refs = wording.places(&one.source_refs);
    let refs_complete = refs.len() as u64 >= one.records;
    let (refs, refs_folded) = fold(refs, REFS_OPEN_MAX);
    context! {
        rank => ranked.rank,
        analysis => one.analysis,
        measure => one.measure.replace('_', " "),
        value => one.value.as_str(),
        amount => one.amount.map_or_else(String::new, |amount| wording.digits.people(amount)),
        period => period(one.first, one.last),
        records => people(i64::try_from(one.records).unwrap_or(i64::MAX)),
        statement => one.statement.as_str(),
        refs,
        refs_folded,
        refs_complete,
        refs_total => one.source_refs.len(),
        what_else_explains_it => one.what_else_explains_it,
        bound_met => one.bound_met,
    }
}

fn period(first: Option<i32>, last: Option<i32>) -> String {
    match (first, last) {
        (Some(first), Some(last)) if first != last => {
            format!("{} to {}", day_text(first), day_text(last))
        }
        (Some(day), _) | (None, Some(day)) => day_text(day),
        (None, None) => "undated".to_owned(),
    }
}

fn charts(charts: &[ReportChart]) -> Vec<Value> {
    let view = |(at, chart): (usize, &ReportChart)| {
        let links: Vec<(String, String)> =
            chart.other_links.iter().map(|(name, link)| (name.clone(), href(link))).collect();
        context! {
            title => chart.title.as_str(),
            svg => inline_svg(&chart.svg, &format!("c{}-", at + 1)),
            html_link => href(&chart.html_link),
            links,
        }
    };
    charts.iter().enumerate().map(view).collect()
}

/// A relative path as a link: `%`, `#`, `?` and spaces would otherwise end it or be read.
fn href(path: &str) -> String {
    let mut link = String::with_capacity(path.len());
    for letter in path.chars() {
        match letter {
            '%' | '#' | '?' | ' ' | ':' | '\\' => link.push_str(&format!("%{:02X}", letter as u32)),
            _ => link.push(letter),
        }
    }
    link
}

/// The `svg` element without the XML prologue, its ids made unique on a page of many charts:
/// two arrows of one name would otherwise both be drawn as the first.
fn inline_svg(svg: &str, prefix: &str) -> String {
    let start = svg.find("<svg").unwrap_or(0);
    let tags = Regex::new(r"<[A-Za-z][^>]*>").expect("our own pattern parses");
    let names = Regex::new(r##"(\sid="|url\(#|href="#|aria-labelledby="|aria-describedby=")"##)
        .expect("our own pattern parses");
    // Only inside tags: a label that reads like an id is text and stays as it is.
    let scoped = tags.replace_all(&svg[start..], |tag: &Captures| {
        let scoped = names.replace_all(&tag[0], |name: &Captures| format!("{}{prefix}", &name[1]));
        scoped.into_owned()
    });
    scoped.trim_end().to_owned()
}

/// The rows of `table` for which `keep` holds, in their order.
fn kept(table: &ResultTable, keep: impl Fn(usize) -> bool) -> ResultTable {
    fn pick<T: Clone>(values: &[T], rows: &[usize]) -> Vec<T> {
        rows.iter().map(|row| values[*row].clone()).collect()
    }
    let rows: Vec<usize> = (0..table.rows()).filter(|row| keep(*row)).collect();
    let mut smaller = ResultTable::new(table.name.clone());
    for column in &table.columns {
        let values = match &column.values {
            Values::Text(values) => Values::Text(pick(values, &rows)),
            Values::Words(values) => Values::Words(values.pick(&rows)),
            Values::Count(values) => Values::Count(pick(values, &rows)),
            money @ (Values::Money(_) | Values::RareMoney(_)) => {
                Values::Money(rows.iter().map(|row| money.amount(*row)).collect())
            }
            Values::Day(values) => Values::Day(pick(values, &rows)),
            Values::Time(values) => Values::Time(pick(values, &rows)),
            Values::Score(values) => Values::Score(pick(values, &rows)),
            Values::Flag(values) => Values::Flag(pick(values, &rows)),
            Values::Refs(values) => Values::Refs(pick(values, &rows)),
        };
        smaller = smaller.with(column.name.clone(), values);
    }
    smaller
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exports::report_sample::{sample, wording};

    fn page(report: &Report) -> String {
        report_html(report, &wording())
    }

    #[track_caller]
    fn check(report: &Report, parts: &[&str]) {
        let page = page(report).replace("&#x2f;", "/");
        for part in parts {
            assert!(page.contains(part), "{part} is missing");
        }
    }

    #[test]
    fn every_part_a_reader_needs_is_on_the_page() {
        check(
            &sample(),
            &[
                "<div class=\"banner\">INTERNAL</div>",
                "Records from 2024-01-01 to 2024-06-30",
                "<dt>records read</dt><dd>5,012</dd>",
                "bank/harbor_1001.csv:14",
                "What else explains it",
                "Pointed to by facilitators (place 1), pass-through (place 1).",
                "state-breaks",
                "Accounts that do not prove: 1 (1 with a month that breaks or is missing: Harbor/1002).",
                "href=\"charts/lena-ortiz.html\"",
                "The first 50 of 64 rows are shown; 14 more are in <a href=\"tables/flows.csv\">",
                "yes: a bound cut this search",
            ],
        );
    }

    #[test]
    fn records_cannot_write_into_the_page() {
        let page = page(&sample());
        assert!(page.contains("&lt;script&gt;alert(1)&lt;&#x2f;script&gt;"));
        assert_eq!(page.matches("<script").count(), 1);
        assert!(!page.contains("http:"), "the page names no network address");
        assert!(!page.contains("https:"), "the page names no network address");
    }

    #[test]
    fn policy_allows_the_one_script_and_no_other() {
        let page = page(&sample());
        let start = page.find("<script>").unwrap() + "<script>".len();
        let script = &page[start..page.find("</script>").unwrap()];
        let hash = BASE64_STANDARD.encode(Sha256::digest(script.as_bytes()));
        assert!(page.contains(&format!("script-src 'sha256-{hash}'")));
        assert!(page.contains("default-src 'none'"));
    }

    #[test]
    fn an_empty_run_says_so() {
        let report = Report { title: "Empty".into(), ..Report::default() };
        check(
            &report,
            &[
                "Nothing was found.",
                "No chart was drawn.",
                "The case file asks none.",
                "Every account that states balances proves.",
            ],
        );
    }

    #[test]
    fn same_report_gives_the_same_bytes() {
        assert_eq!(page(&sample()), page(&sample()));
    }

    #[test]
    #[should_panic(expected = "records read = accepted + rejected + duplicate")]
    fn lost_records_are_never_reported() {
        let mut report = sample();
        let accepted = Values::Count(vec![Some(1); 3]);
        report.sources.columns.retain(|column| column.name != "accepted");
        report.sources = report.sources.with("accepted", accepted);
        page(&report);
    }

    #[test]
    fn charts_keep_their_ids_apart() {
        let svg = "<?xml version=\"1.0\"?>\n<svg><g id=\"a\"><path marker-end=\"url(#a)\"/>\
            <text>id=\"a\" url(#a)</text></g></svg>\n";
        let expected = "<svg><g id=\"c2-a\"><path marker-end=\"url(#c2-a)\"/>\
            <text>id=\"a\" url(#a)</text></g></svg>";
        assert_eq!(inline_svg(svg, "c2-"), expected);
    }

    #[test]
    fn links_survive_odd_file_names() {
        assert_eq!(href("charts/a b#1?.html"), "charts/a%20b%231%3F.html");
        assert_eq!(href("charts/Zoë.html"), "charts/Zoë.html");
    }

    #[test]
    fn periods_are_worded() {
        assert_eq!(period(Some(0), Some(1)), "1970-01-01 to 1970-01-02");
        assert_eq!(period(Some(0), Some(0)), "1970-01-01");
        assert_eq!(period(None, None), "undated");
    }

    #[test]
    #[ignore = "writes target/report-sample for a person, or tests/browser, to open"]
    fn write_the_sample() {
        let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/report-sample");
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::write(dir.join("report.html"), page(&sample())).unwrap();
    }
}
