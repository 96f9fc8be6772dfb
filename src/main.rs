//! The `moneytrail` command: arguments in, exit code out. What it does lives in the library.

use std::hint::black_box;
use std::process::ExitCode;

/// The largest block, less what its own head takes, that the C library learns from.
const LEARNT_BYTES: usize = (32 << 20) - (8 << 10);

fn main() -> ExitCode {
    keep_freed_memory();
    moneytrail::cli::main()
}

/// Has freed memory kept for the next allocation. The GNU C library gives blocks above a bound back
/// to the system, which clears every page anew when it is next asked for; a table read a part at a
/// time spends a third of its time on that. The bound follows the largest block freed so far, up
/// to 32 MiB. Other C libraries see one allocation and nothing else.
fn keep_freed_memory() {
    drop(black_box(Vec::<u8>::with_capacity(LEARNT_BYTES)));
}
