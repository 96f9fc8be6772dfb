//! Commands: one file each, its manual page beside it and shown by `--help`.
//!
//! A command opens what it is given, asks the layers below and prints the answer. Nothing but
//! data goes to standard output; messages, progress and timings go to standard error.

mod analysis;
mod chart;
mod chart_file;
mod flows;
mod generate;
mod layout;
mod load;
mod patterns;
mod query;
mod run;
mod session;
mod status;
mod trace;
mod verify;

use std::io::{self, ErrorKind};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::error::{Error, Result};
use crate::interrupt;
use session::{Common, Session};

/// Follows the money through bank, phone and lease records, and shows the source line behind
/// every figure.
#[derive(Debug, Parser)]
#[command(name = "moneytrail", version, propagate_version = true, infer_long_args = false)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// The main job: load, analyse, chart, report
    #[command(long_about = include_str!("run.md"))]
    Run(run::Args),
    /// Read returns into a case store
    #[command(long_about = include_str!("load.md"))]
    Load(load::Args),
    /// A layout for a table that no layout fits yet
    #[command(long_about = include_str!("layout.md"))]
    Layout(layout::Args),
    /// What was read: coverage, balances that do not prove, gaps, rejects, what to ask for
    #[command(long_about = include_str!("status.md"))]
    Status(status::Args),
    /// Who paid whom, how much, when
    #[command(long_about = include_str!("flows.md"))]
    Flows(flows::Args),
    /// Accounts and parties that share identifiers, and by which records
    #[command(long_about = include_str!("clusters.md"))]
    Clusters(analysis::Args<crate::analyses::clusters::Params>),
    /// Who the network depends on, measure by measure
    #[command(long_about = include_str!("facilitators.md"))]
    Facilitators(analysis::Args<crate::analyses::facilitators::Params>),
    /// Where traced money went, under each rule that courts use
    #[command(long_about = include_str!("trace.md"))]
    Trace(trace::Args),
    /// Shapes that layering takes too: pass-through, fans, cycles, layers, cash, wages, relays
    #[command(long_about = include_str!("patterns.md"))]
    Patterns(patterns::Args),
    /// Who talks to whom, and who replaced a phone
    #[command(long_about = include_str!("contacts.md"))]
    Contacts(analysis::Args<crate::analyses::contacts::Params>),
    /// Who rents what, and who pays for it
    #[command(long_about = include_str!("premises.md"))]
    Premises(analysis::Args<crate::analyses::premises::Params>),
    /// Answer a saved question
    #[command(long_about = include_str!("query.md"))]
    Query(query::Args),
    /// Draw a link chart around a subject
    #[command(long_about = include_str!("chart.md"))]
    Chart(chart::Args),
    /// Check that a directory is what its manifest says
    #[command(long_about = include_str!("verify.md"))]
    Verify(verify::Args),
    /// Write an invented case with planted truth, from a seed
    #[command(long_about = include_str!("generate.md"))]
    Generate(generate::Args),
}

/// Runs the command of the process's arguments; wrong arguments end it with usage and code 2.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    interrupt::listen();
    let session = match Session::new(cli.common) {
        Ok(session) => session,
        Err(error) => return report(&error),
    };
    let outcome = dispatch(&session, cli.command);
    session.print_timings();
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => report(&error),
    }
}

fn dispatch(session: &Session, command: Command) -> Result<()> {
    use crate::analyses as of;
    match command {
        Command::Run(args) => run::run(session, &args),
        Command::Load(args) => load::run(session, &args),
        Command::Layout(args) => layout::run(session, &args),
        Command::Status(args) => status::run(session, &args),
        Command::Flows(args) => flows::run(session, &args),
        Command::Clusters(args) => args.run(session, "clusters", of::clusters::run),
        Command::Facilitators(args) => args.run(session, "facilitators", of::facilitators::run),
        Command::Trace(args) => trace::run(session, &args),
        Command::Patterns(args) => patterns::run(session, &args),
        Command::Contacts(args) => args.run(session, "contacts", of::contacts::run),
        Command::Premises(args) => args.run(session, "premises", of::premises::run),
        Command::Query(args) => query::run(session, &args),
        Command::Chart(args) => chart::run(session, &args),
        Command::Verify(args) => verify::run(session, &args),
        Command::Generate(args) => generate::run(session, &args),
    }
}

/// Prints what went wrong and what to do, and gives the exit code.
fn report(error: &Error) -> ExitCode {
    // Whoever reads the answer has seen enough of it, as `| head` has; nothing went wrong.
    if pipe_is_closed(error) {
        return ExitCode::SUCCESS;
    }
    eprintln!("error: {error}");
    if let Some(hint) = error.hint() {
        eprintln!("  hint: {hint}");
    }
    ExitCode::from(error.exit_code())
}

/// Looks below the wrapping of libraries, which keep the cause and not its kind.
fn pipe_is_closed(error: &Error) -> bool {
    let Error::Io { source, .. } = error else { return false };
    let mut cause: Option<&dyn std::error::Error> = Some(source);
    while let Some(one) = cause {
        if one.downcast_ref::<io::Error>().is_some_and(|io| io.kind() == ErrorKind::BrokenPipe) {
            return true;
        }
        cause = one.source();
    }
    false
}
