//! `run`: the main job. Load, analyse, chart, report, into one directory that appears whole.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::analyses::{
    self, Inputs, Outcome, balances, bipartite, chains, clusters, contacts, coverage, cycles,
    facilitators, fan, flows, funnel, gather_scatter, neighbourhood, pass_through, payroll_sweep,
    premises, requests, round_trip, scatter_gather, stack, structuring, table_with_unproved,
    unproved, with_unproved,
};
use crate::case::CaseFile;
use crate::cli::chart::{Layout, draw};
use crate::cli::chart_file::file_name;
use crate::cli::load::{say_assumed, say_counts, say_matches, strict, warn_about_subjects};
use crate::cli::session::Session;
use crate::error::{Error, Result};
use crate::exports::report::{Report, ReportChart, ReportQuery, ReportTable, report_html};
use crate::exports::tables::{TableFormat, TableWriter};
use crate::exports::{
    ChartFormat, Wording, graphviz_svg, protected_case, standing_notes, write_chart,
};
use crate::findings::{RankedFinding, findings_table, merge};
use crate::model::{EntityRef, ResultTable, day_text};
use crate::query::{AnalysisResults, Query, answer, load_query};
use crate::store::{
    Case, FileEntry, Loaded, MANIFEST, Manifest, SCHEMA_VERSION, Staging, files_below, hash_file,
};

/// Candidates of the findings that get a chart of their own beside the subjects.
const FINDING_CHARTS_MAX: usize = 3;

/// What to run, and where to.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The case file
    #[arg(value_name = "CASE.toml")]
    case: PathBuf,
    /// Directory of the results; one of ours is replaced, anything else is refused
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// End with exit code 1 if any record was set aside
    #[arg(long)]
    strict: bool,
    /// Days before a payment that came back within which the payment it undoes is looked for; 60
    /// unless the case file says other
    #[arg(long, value_name = "DAYS")]
    reversal_window_days: Option<u16>,
    /// Replace every party without a recorded role by a stable pseudonym in all that is written,
    /// the store included, and withhold free text; titles stay as the case file has them
    #[arg(long)]
    protect: bool,
    /// Who places the entities of SVG charts: our own layout, or the installed Graphviz, whose
    /// version the manifest then records
    #[arg(long, value_enum, default_value_t = Layout::BuiltIn)]
    layout: Layout,
}

/// Does the main job and says where to look.
///
/// # Errors
///
/// Every error of the case's files before anything is analysed; [`Error::Io`] if the disk
/// refuses. The directory then stands as it was.
pub fn run(session: &Session, args: &Args) -> Result<()> {
    let mut file = CaseFile::read(&args.case)?;
    if let Some(days) = args.reversal_window_days {
        file.plan.reversal_window_days = days;
    }
    let queries: Result<Vec<Query>> = file.queries.iter().map(|path| load_query(path)).collect();
    let queries = queries?;
    let staging = Staging::create(&args.out)?;
    let out = staging.path();
    let store = out.join("store");
    make_dirs(out)?;
    let loaded = load(session, &file, &store, args.protect)?;
    let case = Case::open(&store)?;
    let warnings = warn_about_subjects(&case)?;
    let mut work = Work::new(session, &case, out, args)?;
    work.notes.extend(warnings);
    let found = work.analyse()?;
    let answers = work.ask(&queries, &found)?;
    let ranked = merge(&found.outcomes());
    work.write(&found, &ranked)?;
    let charts = work.charts(&ranked)?;
    work.report(found, ranked, answers, charts)?;
    let graphviz = work.graphviz.take();
    write_manifest(&case, &queries, args.protect, graphviz, out)?;
    staging.publish()?;
    let case = Case::open(&args.out)?;
    say_counts(&case)?;
    say_matches(&loaded);
    say_assumed(&case)?;
    println!("{}", args.out.join("report.html").display());
    eprintln!("open it in any browser; findings.csv, tables/ and charts/ lie beside it");
    strict(&case, args.strict)
}

/// Loads the case into `store`. To protect, it is loaded elsewhere, and only its protected copy
/// reaches the directory that may be handed on.
fn load(session: &Session, file: &CaseFile, store: &Path, protect: bool) -> Result<Loaded> {
    if !protect {
        return session.load(&file.plan, store);
    }
    let dir = tempfile::tempdir().map_err(|source| Error::io(&std::env::temp_dir(), source))?;
    let loaded = session.load(&file.plan, dir.path())?;
    protected_case(&Case::open(dir.path())?)?.write_to(store)?;
    Ok(loaded)
}

fn make_dirs(out: &Path) -> Result<()> {
    for name in ["store", "tables", "queries", "charts"] {
        let dir = out.join(name);
        fs::create_dir_all(&dir).map_err(|source| Error::io(&dir, source))?;
    }
    Ok(())
}

/// The heading and sentence of a result table on the report.
const HEADINGS: &[(&str, &str, &str)] = &[
    ("flows", "Who paid whom", "Totals for each ordered pair of accounts and currency."),
    ("flows-by-party", "Who paid whom, by holder", "The same, accounts under their holders."),
    ("clusters", "Who shares what", "Accounts and parties joined by shared identifiers."),
    (
        "common_identifiers",
        "Identifiers too common to join",
        "Placeholders, and what too many share.",
    ),
    (
        "facilitators",
        "Who the network depends on",
        "Measure by measure; a candidate is no verdict.",
    ),
    ("pass-through", "Money that leaves soon after it arrives", "One row an account."),
    ("fan-in", "Many senders to one account", "The account first, then who paid it."),
    ("fan-out", "Many receivers from one account", "The account first, then whom it paid."),
    ("cycles", "Money that comes back", "The account it left first, then those it went through."),
    ("cycles_steps", "Money that comes back, step by step", "Each transfer in order."),
    (
        "round-trip",
        "Money that comes back to its party",
        "The account it left first, those it went through, the account it reached.",
    ),
    ("round-trip_steps", "Money that comes back to its party, step by step", "Each transfer."),
    ("structuring", "Cash that together is reported", "The accounts of each person, by day."),
    ("structuring_steps", "Cash that together is reported, one by one", "Each movement."),
    ("funnel", "Cash in at many places, out elsewhere", "The account first, then whom it paid."),
    ("funnel_steps", "Cash in at many places, one by one", "Deposits, and what left."),
    ("payroll-sweep", "Wages that go back", "The employer first, then workers and who got it."),
    ("payroll-sweep_steps", "Wages that go back, one by one", "Wages, and what went back."),
    ("chains", "Money handed on", "The account it began with, then those it went through."),
    ("chains_steps", "Money handed on, step by step", "Each transfer in order."),
    (
        "gather-scatter",
        "Money pooled in one account and spread again",
        "The account first, then who paid it and whom it paid.",
    ),
    ("gather-scatter_steps", "Its transfers", "Every payment of each instance above."),
    (
        "scatter-gather",
        "Money split and brought together again",
        "The account that pays, those it goes through, the account where it meets again.",
    ),
    ("scatter-gather_steps", "Its transfers", "Every payment of each instance above."),
    (
        "bipartite",
        "Several accounts that each paid each of several",
        "Those that paid, then those that were paid.",
    ),
    ("bipartite_steps", "Its transfers", "Every payment of each instance above."),
    (
        "stack",
        "Two such layers, one paying on what it was paid",
        "Sources, those between, and sinks.",
    ),
    ("stack_steps", "Its transfers", "Every payment of each instance above."),
    ("contacts", "Who talks to whom", "Calls and texts for each pair of phones."),
    ("phone_changes", "Who may have replaced a phone", "A silence here, a start there."),
    (
        "premises_payers",
        "Who pays for whose premises",
        "Leases beside the transfers that pay them.",
    ),
    (
        "possible_pairs",
        "What may be counted twice",
        "Transfers that may be two records of one payment; both count in every total.",
    ),
    (
        "possible_repeats",
        "What may have been produced twice",
        "Records of two sources that may be one; both count in every total.",
    ),
    (
        "reversals",
        "Payments that came back",
        "Each beside the payment it undoes; both count in every total.",
    ),
    (
        "explanations",
        "What would explain a break",
        "What the figures allow for each balance that does not follow; no verdict.",
    ),
    (
        "statement_balances",
        "Statement by statement",
        "Opening, what its rows come to, closing; and the closing before against its opening.",
    ),
    ("requests", "What to ask for next", "By the money at stake."),
];

/// Analyses that say themselves what does not prove.
const PROOF: [&str; 2] = ["status", "balances"];

/// Outcomes of the built-in analyses, in the order in which they ran.
struct Found {
    by_name: Vec<(&'static str, Outcome)>,
}

impl Found {
    fn outcomes(&self) -> Vec<Outcome> {
        self.by_name.iter().map(|(_, outcome)| outcome.clone()).collect()
    }

    fn table(&self, name: &str) -> Option<&ResultTable> {
        self.tables().find(|table| table.name == name)
    }

    fn tables(&self) -> impl Iterator<Item = &ResultTable> {
        self.by_name.iter().flat_map(|(_, outcome)| &outcome.tables)
    }
}

struct Work<'a> {
    session: &'a Session,
    inputs: Inputs<'a>,
    wording: Wording,
    out: &'a Path,
    protect: bool,
    layout: Layout,
    /// What `dot -V` said, once it drew a chart.
    graphviz: RefCell<Option<String>>,
    notes: Vec<String>,
}

impl<'a> Work<'a> {
    fn new(session: &'a Session, case: &'a Case, out: &'a Path, args: &Args) -> Result<Work<'a>> {
        Ok(Work {
            session,
            inputs: Inputs::new(case),
            wording: Wording::of(case)?,
            out,
            protect: args.protect,
            layout: args.layout,
            graphviz: RefCell::new(None),
            notes: Vec::new(),
        })
    }

    fn analyse(&self) -> Result<Found> {
        let mut by_name = Vec::new();
        let rows = self.inputs.case.transfers()?.line.len() as u64;
        macro_rules! each {
            ($($name:literal $module:ident $params:expr,)+) => {
                $(
                    crate::interrupt::check()?;
                    let stage = self.session.timings.start($name);
                    let mut outcome = analyses::$module::run(&self.inputs, &$params)?;
                    if !PROOF.contains(&$name) {
                        outcome = with_unproved(&self.inputs, outcome)?;
                    }
                    by_name.push(($name, outcome));
                    self.session.timings.end(stage, rows);
                )+
            };
        }
        each! {
            "status" coverage coverage::Params::default(),
            "balances" balances balances::Params::default(),
            "requests" requests requests::Params::default(),
            "flows" flows flows::Params::default(),
            "clusters" clusters clusters::Params::default(),
            "facilitators" facilitators facilitators::Params::default(),
            "pass-through" pass_through pass_through::Params::default(),
            "fan" fan fan::Params::default(),
            "cycles" cycles cycles::Params::default(),
            "round-trip" round_trip round_trip::Params::default(),
            "structuring" structuring structuring::Params::default(),
            "funnel" funnel funnel::Params::default(),
            "payroll-sweep" payroll_sweep payroll_sweep::Params::default(),
            "chains" chains chains::Params::default(),
            "gather-scatter" gather_scatter gather_scatter::Params::default(),
            "scatter-gather" scatter_gather scatter_gather::Params::default(),
            "bipartite" bipartite bipartite::Params::default(),
            "stack" stack stack::Params::default(),
            "contacts" contacts contacts::Params::default(),
            "premises" premises premises::Params::default(),
        }
        let by_party = flows::Params { by: flows::By::Party, ..flows::Params::default() };
        let mut outcome = with_unproved(&self.inputs, flows::run(&self.inputs, &by_party)?)?;
        outcome.tables.iter_mut().for_each(|table| table.name = format!("{}-by-party", table.name));
        by_name.push(("flows-by-party", outcome));
        Ok(Found { by_name })
    }

    /// Answers the case file's questions and writes each answer.
    fn ask(&self, queries: &[Query], found: &Found) -> Result<Vec<ReportQuery>> {
        let results = AnalysisResults::new(&self.inputs);
        for (name, outcome) in &found.by_name {
            results.keep(name, outcome.clone());
        }
        let stage = self.session.timings.start("queries");
        let writer = TableWriter::new(&self.wording);
        let mut answers = Vec::new();
        for query in queries {
            crate::interrupt::check()?;
            let missing: Vec<&str> = query.parameters_without_default();
            if !missing.is_empty() {
                eprintln!(
                    "query {} is not asked: it needs --set {}=…; ask it with `moneytrail query`",
                    query.name,
                    missing.join("=… --set ")
                );
                continue;
            }
            let table = answer(query, &BTreeMap::new(), self.inputs.case, &results)?;
            let table = table_with_unproved(&self.inputs, table)?;
            writer.write_file(&table, TableFormat::Csv, &self.out.join("queries"))?;
            answers.push(ReportQuery { title: query.title.clone(), why: query.why.clone(), table });
        }
        self.session.timings.end(stage, answers.len() as u64);
        Ok(answers)
    }

    /// Writes every table as CSV and Parquet, the findings and the rejects.
    fn write(&self, found: &Found, ranked: &[RankedFinding]) -> Result<()> {
        let stage = self.session.timings.start("tables");
        let writer = TableWriter::new(&self.wording);
        let dir = self.out.join("tables");
        let mut tables = 0;
        for table in found.tables() {
            crate::interrupt::check()?;
            writer.write_file(table, TableFormat::Csv, &dir)?;
            writer.write_file(table, TableFormat::Parquet, &dir)?;
            tables += 1;
        }
        writer.write_file(&findings_table(ranked), TableFormat::Csv, self.out)?;
        writer.write_file(&coverage::rejects(self.inputs.case)?, TableFormat::Csv, self.out)?;
        self.session.timings.end(stage, tables);
        Ok(())
    }

    /// One set of charts for each subject, and for the candidates that the findings put first.
    fn charts(&self, ranked: &[RankedFinding]) -> Result<Vec<ReportChart>> {
        let stage = self.session.timings.start("charts");
        let mut centres: Vec<EntityRef> = Vec::new();
        for subject in self.inputs.case.subjects()? {
            centres.extend(subject.matches);
        }
        let mut of_findings = 0;
        for one in ranked {
            if of_findings < FINDING_CHARTS_MAX && !centres.contains(&one.finding.candidate) {
                centres.push(one.finding.candidate);
                of_findings += 1;
            }
        }
        let mut drawn = Vec::new();
        let mut names: Vec<String> = Vec::new();
        for centre in centres {
            crate::interrupt::check()?;
            let mut chart =
                draw(&self.inputs, &[centre], &neighbourhood::Params::default(), self.protect)?;
            while names.contains(&chart.name) {
                chart.name.push_str("-2");
            }
            chart.name = file_name(&chart.name);
            names.push(chart.name.clone());
            drawn.push(self.write_chart_set(&chart)?);
        }
        self.session.timings.end(stage, drawn.len() as u64);
        Ok(drawn)
    }

    fn write_chart_set(&self, chart: &crate::exports::Chart) -> Result<ReportChart> {
        let mut on_page = ReportChart { title: chart.title.clone(), ..ReportChart::default() };
        for format in ChartFormat::ALL {
            let link = format!("charts/{}.{}", chart.name, format.word());
            let path = self.out.join(&link);
            let mut bytes = Vec::new();
            if self.layout == Layout::Graphviz && format == ChartFormat::Svg {
                let (svg, version) = graphviz_svg(chart)?;
                bytes = svg.into_bytes();
                *self.graphviz.borrow_mut() = Some(version);
            } else {
                write_chart(chart, format, &mut bytes)?;
            }
            fs::write(&path, &bytes).map_err(|source| Error::io(&path, source))?;
            match format {
                ChartFormat::Html => on_page.html_link = link,
                ChartFormat::Svg => {
                    on_page.svg = String::from_utf8(bytes).expect("an SVG is UTF-8");
                    on_page.other_links.push(("SVG".to_owned(), link));
                }
                other => on_page.other_links.push((other.word().to_uppercase(), link)),
            }
        }
        Ok(on_page)
    }

    fn report(
        &self,
        found: Found,
        findings: Vec<RankedFinding>,
        queries: Vec<ReportQuery>,
        charts: Vec<ReportChart>,
    ) -> Result<()> {
        let stage = self.session.timings.start("report");
        let case = self.inputs.case;
        let table = |name: &str| found.table(name).cloned().unwrap_or_default();
        let mut notes = standing_notes(case, &unproved(&self.inputs)?)?;
        // The page opens with the records read, in large figures.
        notes.remove(0);
        notes.extend(self.notes.iter().cloned());
        let shown = |(name, heading, sentence): &(&str, &str, &str)| {
            Some(ReportTable {
                heading: (*heading).to_owned(),
                sentence: (*sentence).to_owned(),
                table: found.table(name)?.clone(),
            })
        };
        let tables = HEADINGS.iter().filter_map(shown).collect();
        let report = Report {
            title: case.manifest().title.clone(),
            banner: if self.protect { "PROTECTED COPY" } else { "INTERNAL" }.to_owned(),
            period: period(case)?,
            program: format!("moneytrail {}", env!("CARGO_PKG_VERSION")),
            sources: table("sources"),
            months: coverage::months(&self.inputs)?,
            coverage: table("coverage"),
            balances: table("balances"),
            findings,
            charts,
            tables,
            queries,
            rejects: coverage::rejects(case)?,
            notes,
        };
        let path = self.out.join("report.html");
        let page = report_html(&report, &self.wording);
        fs::write(&path, page).map_err(|source| Error::io(&path, source))?;
        self.session.timings.end(stage, None);
        Ok(())
    }
}

/// First and last day of any accepted record, in words.
fn period(case: &Case) -> Result<String> {
    let sources = case.sources()?;
    let first = sources.first.iter().flatten().min();
    let last = sources.last.iter().flatten().max();
    Ok(match (first, last) {
        (Some(first), Some(last)) => format!("{} to {}", day_text(*first), day_text(*last)),
        _ => "undated".to_owned(),
    })
}

/// Every input and output with its hash, so that `verify` can tell any change.
fn write_manifest(
    case: &Case,
    queries: &[Query],
    protect: bool,
    graphviz: Option<String>,
    out: &Path,
) -> Result<()> {
    let store = case.manifest();
    let mut manifest = Manifest {
        kind: "run".to_owned(),
        schema_version: SCHEMA_VERSION,
        files: BTreeMap::new(),
        ..store.clone()
    };
    manifest.parameters.insert("protect".to_owned(), protect.to_string());
    if let Some(version) = graphviz {
        manifest.parameters.insert("graphviz".to_owned(), version);
    }
    for query in queries {
        let bytes = query.text().as_bytes();
        let entry = FileEntry::of_bytes(bytes);
        manifest.inputs.insert(format!("queries/{}.toml", query.name), entry);
    }
    for name in files_below(out, out)? {
        if name != MANIFEST {
            manifest.files.insert(name.clone(), hash_file(&out.join(&name))?);
        }
    }
    manifest.write(out)
}
