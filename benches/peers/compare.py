#!/usr/bin/env python3
"""Compares moneytrail with duckdb, polars and others on one generated return, on this machine.

    cargo build --release --bins --examples
    python3 benches/peers/compare.py                 # 5,000,000 rows, 3 rounds
    python3 benches/peers/compare.py --rows 1000000 --rounds 1
    python3 benches/peers/compare.py --steps fan,cycles
    python3 benches/peers/compare.py --steps threads --list FILE.csv  # a list of that layout

Makes a virtual environment, installs the peers there, generates the return, and runs every
program in a process of its own, in turn within each round of a step. What stands in the folder
of `--work` already is used again. Prints each step as soon as it is done: seconds, processor
seconds of the timed part (all threads added up) and peak memory, the least of the rounds. A time
counts only when the check values of a step agree: totals by number of flows, number of transfers
and the sum of the amounts; ids by number of accounts and of transfers; fan by the most senders
and the most receivers that one account has within 24 hours; scatter-gather by number of pairs of
a source and a sink with 4 accounts or more between them, each paid at most 24 hours before it
paid; cycles by number, of 2 to 4 accounts within 24 hours, for which duckdb joins the table with
itself; components by number; page-rank and betweenness from 64 accounts by who leads, its value
and the sum of all. Patterns are timed with the table or the graph in memory on both sides.

A peer that takes longer than a minute runs once, whatever the rounds; one that is not done after
`--peer-seconds` is ended and said to be. On the generated return, where half of all ends fall on
few accounts, the joins of duckdb for scatter-gather and cycles take minutes and tens of GB.

These steps run when named:

- cycles-6, cycles of up to 6 accounts, which the join of duckdb does not end in bearable time, so
  there is no peer;
- cycles-all, cycles of any length, by the sum over all transfers of how many each is in. There
  snapml counts cycles over the same accounts that one transfer closes once, and the check does the
  same with ours. Their number grows beyond all bounds where few accounts take part in most
  transfers, as in the generated return;
- threads, what two threads take against one, for fan, scatter-gather, cycles and betweenness: what
  they print has to be the same bytes. Read it on a machine that does nothing else;
- growth, what each pattern takes on twice the rows and accounts in the same days, with as many
  transfers at each account.
"""

import argparse
import csv
import hashlib
import json
import os
import re
import resource
import subprocess
import sys
from pathlib import Path

import own_venv
from peer_programs import PEERS
from returns import CASE, generate, write_links

PACKAGES = ["polars", "duckdb", "numpy", "scipy", "igraph", "snapml"]
HERE = Path(__file__).resolve()
# A peer that takes longer runs once.
ONCE_S = 60
# Arguments, and the stage whose line holds the time; None for the whole run. The check is that of
# the stage, or what PRINTED finds on standard output.
OURS = {
    "totals": (["flows", "case.toml", "--top", "10"], None),
    "ids": (["flows", "case.toml", "--top", "10"], "read"),
    "load": (["load", "case.toml", "--store", "store"], None),
    "open": (["flows", "store", "--top", "10"], "open"),
    "fan": (["patterns", "store", "fan", "--window-hours", "24", "--counterparties-min", "8",
             "--instances-max", "1", "--columns", "role_in_pattern,peak_counterparties"],
            "patterns"),
    "scatter-gather": (["patterns", "store", "scatter-gather", "--window-hours", "24",
                        "--middles-min", "4", "--instances-max", "1", "--columns", "instance"],
                       "patterns"),
    "cycles": (["patterns", "store", "cycles", "--window-hours", "24", "--accounts-min", "2",
                "--accounts-max", "4", "--instances-max", "1"], "patterns"),
    "cycles-6": (["patterns", "store", "cycles", "--window-hours", "24", "--accounts-min", "2",
                  "--accounts-max", "6", "--instances-max", "1"], "patterns"),
    "cycles-all": (["patterns", "store", "cycles", "--window-hours", "24", "--accounts-min", "2",
                    "--accounts-max", "64", "--instances-max", "1"], "patterns"),
    "components": (["components", "links"], None),
    "page-rank": (["page-rank", "links"], None),
    "betweenness": (["betweenness", "links"], None),
}
# Algorithms that no command runs by themselves have a program of their own.
ALGORITHMS = ["components", "page-rank", "betweenness"]
WHEN_NAMED = ["cycles-6", "cycles-all", "threads", "growth"]
PRINTED = {
    "fan": r"-\nhub +(\d+)",
    "scatter-gather": r"(\d+) pairs of a source and a sink were found",
    "cycles": r"(\d+) cycles were found",
    "cycles-6": r"(\d+) cycles were found",
}
# What a check needs beyond what is timed: every instance, transfer by transfer.
LISTED = ["--instances-max", "10000000", "--table", "cycles_steps", "--format", "csv", "--columns",
          "instance,from_account,source_refs"]



def bundled(printed):
    """The sum over all transfers of the cycles that each is in, those over the same accounts that
    one transfer closes being one."""
    walks = {}
    for row in csv.DictReader(printed.splitlines()):
        walks.setdefault(row["instance"], []).append((row["source_refs"], row["from_account"]))
    cycles = {}
    for walk in walks.values():
        closing = walk[-1][0]
        over = tuple(sender for _, sender in walk)
        cycles.setdefault((closing, over), set()).update(line for line, _ in walk)
    return sum(len(lines) for lines in cycles.values())


def finish(process):
    """What a process wrote on standard error, and its peak memory in MiB."""
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(said)
    return said, usage.ru_maxrss / 1024


def run_program(command, folder, stage, threads=None):
    """Runs a command of ours: the timings of a stage, peak memory, and what it printed."""
    # A search that wants more memory than there is fails by itself and takes nothing else down.
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    bounded = lambda: resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    environment = os.environ | ({"RAYON_NUM_THREADS": str(threads)} if threads else {})
    with open(folder / "printed.txt", "w+") as out:
        process = subprocess.Popen(command, cwd=folder, text=True, stdout=out,
                                   stderr=subprocess.PIPE, env=environment,
                                   preexec_fn=bounded)
        said, peak = finish(process)
        out.seek(0)
        printed = out.read()
    # Programs of examples print their timings and nothing else.
    lines = [json.loads(line) for line in (said + printed).splitlines() if line.startswith("{")]
    line = next(one for one in reversed(lines) if stage in (None, one["stage"]))
    return line, peak, printed


def command_of(program, step):
    arguments, stage = OURS[step]
    if step in ALGORITHMS:
        return [program.parent / "examples/algorithms", *arguments], stage
    return [program, *arguments, "--timings=json"], stage


def run_ours(program, step, folder):
    command, stage = command_of(program, step)
    line, peak, printed = run_program(command, folder, stage)
    check = line.get("check", "")
    check = [int(part) for part in (check.split() if isinstance(check, str) else check)]
    if step in PRINTED:
        check += [int(number) for number in re.findall(PRINTED[step], printed)]
    if step == "cycles-all":
        arguments = OURS[step][0]
        command = [program, *arguments[:arguments.index("--instances-max")], *LISTED]
        listed = subprocess.run(command, cwd=folder, text=True, capture_output=True, check=True)
        check += [bundled(listed.stdout)]
    return line["seconds"], line["cpu_seconds"], peak, check


def run_peer(step, name, folder, seconds_max):
    """As `run_ours` of a peer; none when it was ended."""
    command = [sys.executable, str(HERE), "--peer", name, "--step", step, "--work", str(folder)]
    process = subprocess.Popen(command, text=True, stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE)
    try:
        _, said = process.communicate(timeout=seconds_max)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return None
    if process.returncode != 0:
        sys.exit(said)
    return json.loads(said.splitlines()[-1])


def say(*cells):
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def compare(program, folder, asked, step):
    """All programs of a step in turn; false when their check values differ."""
    names = [name for of, name in PEERS if of == step] + ["moneytrail"]
    found = {name: [] for name in names}
    for _ in range(asked.rounds):
        for name in names:
            runs = found[name]
            if name == "moneytrail":
                runs.append(run_ours(program, step, folder))
            elif not runs or runs[0] is not None and runs[0][0] < ONCE_S:
                runs.append(run_peer(step, name, folder, asked.peer_seconds))
    for name, runs in found.items():
        if runs[0] is None:
            say(step, name, f"not done in {asked.peer_seconds}", "", "", "")
            continue
        least = [min(run[at] for run in runs) for at in range(3)]
        check = " ".join(str(value) for value in runs[0][3])
        say(step, name, f"{least[0]:.2f}", f"{least[1]:.2f}", f"{least[2]:.0f}", check)
    checks = {str(run[3]) for runs in found.values() for run in runs if run is not None}
    if len(checks) > 1:
        print(f"{step}: the check values differ, so the times mean nothing: {checks}", flush=True)
    return len(checks) < 2


THREADED = ["fan", "scatter-gather", "cycles", "betweenness"]


def threads(program, folder, asked):
    """Two threads against one, with the share of the time that the second saved."""
    same = True
    say("step", "threads", "seconds", "processor seconds", "against one", "printed")
    say(*["---"] * 6)
    for step in THREADED:
        command, stage = command_of(program, step)
        least, printed = {}, set()
        for _ in range(asked.rounds):
            for number in [1, 2]:
                own = [] if step in ALGORITHMS else ["--threads", str(number)]
                line, _, text = run_program([*command, *own], folder, stage, number)
                one = (line["seconds"], line["cpu_seconds"])
                least[number] = tuple(map(min, one, least.get(number, one)))
                # An algorithm prints its check values beside its timings.
                text = str(line["check"]) if step in ALGORITHMS else text
                printed.add(hashlib.sha256(text.encode()).hexdigest()[:12])
        for number, (wall, processor) in least.items():
            factor = f"{least[1][0] / wall:.2f}"
            say(step, number, f"{wall:.2f}", f"{processor:.2f}", factor, " ".join(sorted(printed)))
        same &= len(printed) == 1
    return same


# Each with a window of a day, so that it is bound by the transfers and not by its own bounds.
GROWING = {
    "fan": ["--window-hours", "24"],
    "scatter-gather": ["--window-hours", "24"],
    "gather-scatter": ["--window-hours", "24"],
    "cycles": ["--window-hours", "24", "--accounts-min", "2", "--accounts-max", "3"],
    "round-trip": [],
    "chains": ["--window-hours", "24"],
    # Windows in which no search comes to its budget, which would end the larger one earlier.
    "bipartite": ["--window-hours", "12"],
    "stack": ["--window-hours", "4"],
    "pass-through": [],
    "structuring": [],
    "funnel": [],
    "payroll-sweep": [],
}


def growth(program, asked):
    """Each pattern on a return and on one of twice the rows, accounts and parts."""
    say("pattern", "rows", "seconds", "processor seconds", "peak MiB", "against half the rows")
    say(*["---"] * 6)
    folders = [prepared(asked.work / f"{asked.rows * parts}-of-{parts}", asked.rows * parts, parts,
                        program) for parts in [1, 2]]
    names = asked.patterns.split(",") if asked.patterns else GROWING
    for name in names:
        least = []
        for folder, rows in zip(folders, [asked.rows, 2 * asked.rows]):
            command = [program, "patterns", "store", name, *GROWING[name], "--format", "csv",
                       "--timings=json"]
            runs = [run_program(command, folder, "patterns") for _ in range(asked.rounds)]
            least.append([min(run[0][key] for run in runs) for key in ["seconds", "cpu_seconds"]])
            factor = f"{least[-1][1] / least[0][1]:.2f}" if least[0][1] else ""
            say(name, rows, f"{least[-1][0]:.2f}", f"{least[-1][1]:.2f}", f"{runs[0][1]:.0f}",
                factor)
    return True


def is_open(program, folder):
    """Whether a store that stands there is one that this program reads."""
    if not (folder / "store").exists():
        return False
    command = [program, "flows", "store", "--top", "1"]
    return subprocess.run(command, cwd=folder, capture_output=True).returncode == 0


def prepared(folder, rows, parts, program, of=None):
    """A folder with a return, its case file and its store, made where they are not."""
    if not (folder / "case.toml").exists():
        folder.mkdir(parents=True, exist_ok=True)
        if of:
            (folder / "transfers.csv").symlink_to(of.resolve())
        else:
            # In a process of its own: a child counts as its own memory what the process that it
            # was split from held.
            command = [sys.executable, HERE, "--peer", "return", "--rows", str(rows), "--parts",
                       str(parts), "--work", folder]
            subprocess.run(command, check=True)
        (folder / "case.toml").write_text(CASE)
    if not is_open(program, folder):
        run_ours(program, "load", folder)
    return folder


def as_peer(asked):
    """What this script does in processes of its own."""
    if asked.peer == "return":
        generate(asked.work / "transfers.csv", asked.rows, asked.parts)
    elif asked.peer == "links":
        write_links(str(asked.work / "transfers.csv"))
    else:
        wall, processor, check = PEERS[asked.step, asked.peer](str(asked.work / "transfers.csv"))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps([wall, processor, peak, check]), file=sys.stderr)


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rows", type=int, default=5_000_000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--work", type=Path, default=Path("target/peers"))
    options.add_argument("--program", type=Path, default=Path("target/release/moneytrail"))
    usual = ",".join(step for step in OURS if step not in WHEN_NAMED)
    options.add_argument("--steps", "--only", default=usual, help="separated by commas")
    options.add_argument("--patterns", help="of the step growth, separated by commas")
    options.add_argument("--peer-seconds", type=int, default=600, help="most seconds of a peer")
    options.add_argument("--list", type=Path, help="a list in the layout ibm-aml to read instead")
    options.add_argument("--peer", help=argparse.SUPPRESS)
    options.add_argument("--step", help=argparse.SUPPRESS)
    options.add_argument("--parts", type=int, default=1, help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.peer:
        as_peer(asked)
        return
    steps = asked.steps.split(",")
    unknown = [step for step in steps if step not in [*OURS, *WHEN_NAMED]]
    if unknown:
        known = ", ".join([*OURS, *WHEN_NAMED[2:]])
        sys.exit(f"no step is named {', '.join(unknown)}; there are {known}")
    own_venv.enter(asked.work, PACKAGES)
    program = asked.program.resolve()
    good = True
    if steps != ["growth"]:
        folder = asked.work / (asked.list.stem if asked.list else str(asked.rows))
        prepared(folder, asked.rows, 1, program, asked.list)
        if not (folder / "links").exists() and not set(steps).isdisjoint([*ALGORITHMS, "threads"]):
            subprocess.run([sys.executable, HERE, "--peer", "links", "--work", folder], check=True)
    plain = [step for step in OURS if step in steps]
    if plain:
        say("step", "program", "seconds", "processor seconds", "peak MiB", "check")
        say(*["---"] * 6)
        for step in plain:
            good &= compare(program, folder, asked, step)
    if "threads" in steps:
        good &= threads(program, folder, asked)
    if "growth" in steps:
        good &= growth(program, asked)
    sys.exit(not good)


main()
