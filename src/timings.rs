//! What a run cost, stage by stage, and how far it has come: rows, seconds, memory.
//!
//! Nothing here reaches standard output or a file of the case: clocks differ from run to run,
//! and outputs may not.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use clap::ValueEnum;
use comfy_table::{Cell, CellAlignment, LineStyle, Table, TableStyle};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rustix::time::{ClockId, clock_gettime};
use serde::Serialize;

/// How long something takes before a progress bar is worth the flicker.
const PROGRESS_AFTER: Duration = Duration::from_secs(1);

/// How timings are printed: the values of `--timings`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub enum TimingsFormat {
    /// Aligned columns for people.
    #[default]
    Table,
    /// One JSON object a stage, the last line the total.
    Json,
}

/// One finished stage.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StageTiming {
    /// `load`, `flows`, `report`; `total` for the whole run.
    pub stage: String,
    /// Rows it worked on; absent where rows mean nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// Elapsed seconds.
    pub seconds: f64,
    /// Processor seconds of the whole process meanwhile, all threads added up.
    pub cpu_seconds: f64,
    /// Rows an elapsed second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows_per_second: Option<f64>,
    /// Most bytes of memory resident at any time since the process began; absent where the
    /// system does not say.
    pub peak_bytes: Option<u64>,
    /// A figure or hash of the result, so that two runs can be seen to have done the same work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<String>,
}

/// A stage under way; end it with [`Timings::end`].
#[derive(Debug)]
#[must_use = "a stage that is never ended is never reported"]
pub struct Stage {
    name: String,
    began: Instant,
    cpu_began: Duration,
}

impl Stage {
    fn begin(name: &str) -> Stage {
        Stage { name: name.to_owned(), began: Instant::now(), cpu_began: cpu_time() }
    }

    fn measure(&self, rows: Option<u64>) -> StageTiming {
        let seconds = self.began.elapsed().as_secs_f64();
        StageTiming {
            stage: self.name.clone(),
            rows,
            seconds: millionths(seconds),
            cpu_seconds: millionths(cpu_time().saturating_sub(self.cpu_began).as_secs_f64()),
            rows_per_second: rows
                .filter(|_| seconds > 0.0)
                .map(|rows| (rows as f64 / seconds).round()),
            peak_bytes: peak_bytes(),
            check: None,
        }
    }
}

/// The stages of one run, in the order in which they ended. Shared between threads freely.
///
/// ```
/// use moneytrail::timings::{Timings, TimingsFormat};
///
/// let timings = Timings::new();
/// let stage = timings.start("load");
/// let rows = 5_000;
/// timings.end(stage, rows);
/// let mut out = Vec::new();
/// timings.write(TimingsFormat::Json, &mut out)?;
/// let text = String::from_utf8(out).unwrap();
/// assert!(text.lines().next().unwrap().starts_with(r#"{"stage":"load","rows":5000,"#));
/// assert!(text.lines().last().unwrap().starts_with(r#"{"stage":"total","seconds":"#));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Timings {
    whole: Stage,
    stages: Mutex<Vec<StageTiming>>,
    check: Mutex<Option<String>>,
}

impl Default for Timings {
    fn default() -> Timings {
        Timings::new()
    }
}

impl Timings {
    /// The total counts from here.
    pub fn new() -> Timings {
        Timings {
            whole: Stage::begin("total"),
            stages: Mutex::new(Vec::new()),
            check: Mutex::new(None),
        }
    }

    /// Begins a stage. Stages may overlap; the processor seconds of an overlap then count in
    /// each of them.
    pub fn start(&self, name: &str) -> Stage {
        Stage::begin(name)
    }

    /// Ends a stage that worked on `rows` rows.
    pub fn end(&self, stage: Stage, rows: impl Into<Option<u64>>) {
        let timing = stage.measure(rows.into());
        self.stages.lock().unwrap_or_else(PoisonError::into_inner).push(timing);
    }

    /// As [`Timings::end`], with a figure of what the stage made.
    pub fn end_checked(&self, stage: Stage, rows: u64, check: impl Into<String>) {
        let timing = StageTiming { check: Some(check.into()), ..stage.measure(Some(rows)) };
        self.stages.lock().unwrap_or_else(PoisonError::into_inner).push(timing);
    }

    /// States a figure or hash of the result, printed with the total.
    pub fn check(&self, result: impl Into<String>) {
        *self.check.lock().unwrap_or_else(PoisonError::into_inner) = Some(result.into());
    }

    /// The stages ended so far, then the total up to now.
    pub fn stages(&self) -> Vec<StageTiming> {
        let mut all = self.stages.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let check = self.check.lock().unwrap_or_else(PoisonError::into_inner).clone();
        all.push(StageTiming { check, ..self.whole.measure(None) });
        all
    }

    /// Prints to standard error, the one place for it.
    ///
    /// # Errors
    ///
    /// What the system says if standard error is closed.
    pub fn print(&self, format: TimingsFormat) -> io::Result<()> {
        self.write(format, &mut io::stderr().lock())
    }

    /// Writes what [`Timings::print`] prints.
    ///
    /// # Errors
    ///
    /// What `out` refuses.
    pub fn write(&self, format: TimingsFormat, out: &mut dyn Write) -> io::Result<()> {
        let stages = self.stages();
        match format {
            TimingsFormat::Table => writeln!(out, "{}", table(&stages).trim_fmt()),
            TimingsFormat::Json => stages.iter().try_for_each(|stage| {
                let line = serde_json::to_string(stage).expect("a timing is plain data");
                writeln!(out, "{line}")
            }),
        }
    }
}

fn table(stages: &[StageTiming]) -> Table {
    let mut table = Table::new();
    let rule = LineStyle::none().fill('-').junction(' ');
    table.load_style(TableStyle::new().header_separator(rule));
    table.set_header(["stage", "rows", "seconds", "cpu seconds", "rows/s", "peak memory"]);
    for stage in stages {
        let whole = |value: Option<u64>| value.map_or_else(String::new, |value| value.to_string());
        let memory = |bytes: u64| indicatif::BinaryBytes(bytes).to_string();
        table.add_row(
            [
                stage.stage.clone(),
                whole(stage.rows),
                format!("{:.3}", stage.seconds),
                format!("{:.3}", stage.cpu_seconds),
                whole(stage.rows_per_second.map(|rate| rate as u64)),
                stage.peak_bytes.map_or_else(String::new, memory),
            ]
            .map(Cell::new_owned),
        );
    }
    for at in 0..6 {
        if let Some(column) = table.column_mut(at) {
            column.set_padding((0, u16::from(at < 5)));
            let side = if at == 0 { CellAlignment::Left } else { CellAlignment::Right };
            column.set_cell_alignment(side);
        }
    }
    table
}

/// Processor time of the process so far, all threads, living and ended.
fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// The high-water mark of resident memory, from `/proc`.
fn peak_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

fn millionths(seconds: f64) -> f64 {
    (seconds * 1e6).round() / 1e6
}

/// How far something long has come: a bar with rate and remaining time on standard error, shown
/// only on a terminal and only once it has taken more than a second. Threads may share it.
///
/// ```
/// use moneytrail::timings::Progress;
///
/// let progress = Progress::new("reading", Some(5_000)); // rows
/// progress.add(5_000);
/// progress.finish();
/// ```
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    began: Instant,
    // False from the start where nobody watches, so that the clock is not asked either.
    waiting: AtomicBool,
}

impl Progress {
    /// Counts rows, towards `total` where it is known.
    pub fn new(label: &str, total: Option<u64>) -> Progress {
        let known = "{msg} {wide_bar} {human_pos}/{human_len} rows, {per_sec}, {eta} left";
        let open = "{msg} {spinner} {human_pos} rows, {per_sec}";
        Progress::with(label, total, if total.is_some() { known } else { open })
    }

    /// Counts bytes, towards `total` where it is known.
    pub fn bytes(label: &str, total: Option<u64>) -> Progress {
        let known = "{msg} {wide_bar} {binary_bytes}/{binary_total_bytes}, \
            {binary_bytes_per_sec}, {eta} left";
        let open = "{msg} {spinner} {binary_bytes}, {binary_bytes_per_sec}";
        Progress::with(label, total, if total.is_some() { known } else { open })
    }

    fn with(label: &str, total: Option<u64>, template: &str) -> Progress {
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::hidden());
        bar.set_style(ProgressStyle::with_template(template).expect("our own templates parse"));
        bar.set_message(label.to_owned());
        let waiting = AtomicBool::new(io::stderr().is_terminal());
        Progress { bar, began: Instant::now(), waiting }
    }

    /// Counts `more` rows or bytes. Cheap, but meant for batches rather than single rows.
    pub fn add(&self, more: u64) {
        if self.waiting.load(Ordering::Relaxed)
            && self.began.elapsed() > PROGRESS_AFTER
            && self.waiting.swap(false, Ordering::Relaxed)
        {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.bar.inc(more);
    }

    /// What was counted so far.
    pub fn position(&self) -> u64 {
        self.bar.position()
    }

    /// Removes the bar from the terminal; dropping does the same.
    pub fn finish(self) {}
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_has_a_line_a_stage_and_ends_with_the_total() {
        let timings = Timings::new();
        let load = timings.start("load");
        let mut work = 0_u64;
        while load.began.elapsed() < Duration::from_millis(20) {
            work = work.wrapping_mul(31).wrapping_add(7);
        }
        timings.end(load, 1000);
        timings.end(timings.start("report"), None);
        timings.check(format!("sum {}", u64::from(work == 1)));
        let mut out = Vec::new();
        timings.write(TimingsFormat::Json, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let lines: Vec<serde_json::Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), 3);
        assert_eq!(lines[0]["stage"], "load");
        assert_eq!(lines[0]["rows"], 1000);
        let rate = lines[0]["rows_per_second"].as_f64().unwrap();
        assert!(rate > 0.0 && rate <= 50_000.0, "{rate}");
        assert!(lines[0]["cpu_seconds"].as_f64().unwrap() > 0.0);
        assert!(lines[1].get("rows").is_none());
        let total = &lines[2];
        assert_eq!(total["stage"], "total");
        assert!(total["seconds"].as_f64().unwrap() >= lines[0]["seconds"].as_f64().unwrap());
        assert_eq!(total["check"], "sum 0");
    }

    #[test]
    fn peak_memory_covers_what_was_touched() {
        let before = peak_bytes().expect("this system has /proc");
        let touched = vec![1_u8; 64 << 20];
        let after = peak_bytes().unwrap();
        assert!(touched.iter().map(|byte| u64::from(*byte)).sum::<u64>() == 64 << 20);
        assert!(after >= before && after >= 64 << 20, "{before} {after}");
    }

    #[test]
    fn cpu_time_counts_every_thread() {
        let before = cpu_time();
        let spin = || {
            let began = Instant::now();
            while began.elapsed() < Duration::from_millis(30) {
                std::hint::spin_loop();
            }
        };
        std::thread::spawn(spin).join().unwrap();
        assert!(cpu_time() > before + Duration::from_millis(1));
    }

    #[test]
    fn table_has_a_row_a_stage() {
        let timings = Timings::new();
        timings.end(timings.start("load"), 10);
        let mut out = Vec::new();
        timings.write(TimingsFormat::Table, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let first: Vec<&str> = text.lines().map(|line| &line[..5]).collect();
        assert_eq!(first, ["stage", "-----", "load ", "total"], "{text}");
    }

    #[test]
    fn progress_counts_without_a_terminal() {
        let progress = Progress::bytes("reading", None);
        progress.add(3);
        progress.add(4);
        assert_eq!(progress.position(), 7);
        progress.finish();
    }
}
