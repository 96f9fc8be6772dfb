//! A generated case from returns to answers: load, then each analysis that needs a whole case.
//!
//! The case is harbor-street with its background multiplied to about 100,000 transfers. The
//! analyses that have a bench of their own on tables made in memory stay out.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use moneytrail::analyses::neighbourhood::{self, neighbourhood as around};
use moneytrail::analyses::{
    Inputs, balances, contacts, coverage, facilitators, premises, requests,
};
use moneytrail::case::CaseFile;
use moneytrail::generate::Params;
use moneytrail::query::{AnalysisResults, answer, built_in_query};
use moneytrail::store::{Case, load};

fn main() {
    divan::main();
    let _ = std::fs::remove_dir_all(base());
}

fn base() -> PathBuf {
    std::env::temp_dir().join(format!("moneytrail-bench-{}", std::process::id()))
}

/// The generated case folder, written once.
fn returns() -> &'static Path {
    static DIR: OnceLock<PathBuf> = OnceLock::new();
    DIR.get_or_init(|| {
        let dir = base().join("returns");
        std::fs::create_dir_all(base()).expect("the temporary directory takes files");
        let params = Params { rows: Some(100_000), ..Params::default() };
        params.write(&dir).expect("the generator writes its case");
        dir
    })
}

fn load_to(name: &str) -> PathBuf {
    let mut file = std::fs::read_to_string(returns().join("case.toml")).expect("it was written");
    if let Some(run) = file.find("[run]") {
        file.truncate(run); // Its questions lie beside the fixture, not beside this copy.
    }
    let path = returns().join("bench.toml");
    std::fs::write(&path, file).expect("the temporary directory takes files");
    let case = CaseFile::read(&path).expect("the generated case file is one");
    let store = base().join(name);
    load(&case.plan, &store, &|_, _| {}).expect("the generated case loads");
    store
}

fn case() -> &'static Case {
    static CASE: OnceLock<Case> = OnceLock::new();
    CASE.get_or_init(|| Case::open(&load_to("store")).expect("the store was just written"))
}

#[divan::bench(name = "load/100k_transfers", sample_count = 5)]
fn load_case() -> PathBuf {
    load_to("again")
}

macro_rules! analysis {
    ($($name:ident $module:ident $label:literal,)+) => {
        $(
            #[divan::bench(name = $label, sample_count = 5)]
            fn $name() -> usize {
                let inputs = Inputs::new(case());
                let outcome = $module::run(&inputs, &$module::Params::default());
                outcome.expect("the analysis answers").tables.len()
            }
        )+
    };
}

analysis! {
    balances_run balances "balances/100k_transfers",
    contacts_run contacts "contacts/100k_transfers",
    facilitators_run facilitators "facilitators/100k_transfers",
    premises_run premises "premises/100k_transfers",
    requests_run requests "requests/100k_transfers",
    status_run coverage "status/100k_transfers",
}

#[divan::bench(name = "chart/100k_transfers", sample_count = 5)]
fn neighbourhood_run() -> usize {
    let inputs = Inputs::new(case());
    let subjects = case().subjects().expect("the case names subjects");
    let found = around(&inputs, &subjects[0].matches, &neighbourhood::Params::default());
    found.expect("the subject has neighbours").ties.len()
}

#[divan::bench(name = "query/100k_transfers", sample_count = 5)]
fn question() -> usize {
    let query = built_in_query("call-before-payment").expect("it is built in");
    let inputs = Inputs::new(case());
    let results = AnalysisResults::new(&inputs);
    answer(&query, &Default::default(), case(), &results).expect("it is answered").rows()
}
