//! The `moneytrail` command: arguments in, exit code out. What it does lives in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    moneytrail::cli::main()
}
