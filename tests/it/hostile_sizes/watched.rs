//! A load in a process of its own, watched: its memory at the peak, its time, its words.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How a load ended.
pub struct Ended {
    /// Exit code.
    pub code: i32,
    /// MiB of memory at the peak, the program's own counted; 0 where the system does not tell.
    pub mib: u64,
    /// From start to end.
    pub seconds: f64,
    /// What it printed.
    pub stdout: String,
    /// What it complained of.
    pub stderr: String,
}

/// MiB at the peak so far.
fn peak_mib(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").trim().parse::<u64>().ok().map(|kib| kib >> 10)
}

/// Loads `case.toml` of a directory into its `store`. A load beyond its bounds is killed, lest it
/// take the machine with it, and fails the test.
#[track_caller]
pub fn load(dir: &Path, mib_max: u64, time_max: Duration) -> Ended {
    let own = env!("CARGO_BIN_EXE_moneytrail").to_owned();
    let binary = std::env::var("MONEYTRAIL_HOSTILE_BINARY").unwrap_or(own);
    let began = Instant::now();
    let mut running = Command::new(binary)
        .args(["load", "case.toml", "--store", "store"])
        .current_dir(dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let (mut stdout, mut stderr) =
        (running.stdout.take().expect("piped"), running.stderr.take().expect("piped"));
    let out = thread::spawn(move || {
        let mut text = String::new();
        stdout.read_to_string(&mut text).map(|_| text)
    });
    let err = thread::spawn(move || {
        let mut text = String::new();
        stderr.read_to_string(&mut text).map(|_| text)
    });
    let mut mib = 0;
    let status = loop {
        mib = mib.max(peak_mib(running.id()).unwrap_or(0));
        if let Some(status) = running.try_wait().expect("the process is ours") {
            break status;
        }
        let beyond = mib > mib_max || began.elapsed() > time_max;
        if beyond {
            running.kill().expect("the process is ours");
            let _ = running.wait();
            panic!("{mib} MiB of {mib_max} after {:?} of {time_max:?}", began.elapsed());
        }
        thread::sleep(Duration::from_millis(4));
    };
    let text = |one: thread::JoinHandle<std::io::Result<String>>| {
        one.join().expect("nothing panics there").expect("the program prints UTF-8")
    };
    Ended {
        code: status.code().unwrap_or(-1),
        mib,
        seconds: began.elapsed().as_secs_f64(),
        stdout: text(out),
        stderr: text(err),
    }
}
