#!/usr/bin/env python3
"""Compares moneytrail with duckdb and polars on one generated return, on this machine.

    cargo build --release --bins --examples
    python3 benches/peers/compare.py                 # 5,000,000 rows, 3 rounds
    python3 benches/peers/compare.py --rows 1000000 --rounds 1
    python3 benches/peers/compare.py --steps fan,cycles
    python3 benches/peers/compare.py --list FILE.csv # a list of that layout instead

Makes a virtual environment, installs the peers there, generates the return, and runs every
program in a process of its own, in turn within each round. Prints seconds, processor seconds of
the timed part (all threads added up) and peak memory: the least of the rounds. A time counts only
when the check values of a step agree: totals by number of flows, number of transfers and the sum
of the amounts; ids by number of accounts and of transfers; fan by the most senders and the most
receivers that one account has within 24 hours; scatter-gather by number of pairs of a source and a
sink with 4 accounts or more between them, each paid at most 24 hours before it paid; cycles by
number, of 2 to 4 accounts within 24 hours, for which duckdb joins the table with itself;
components by number; page-rank and betweenness from 64 accounts by who leads, its value and the
sum of all. Patterns are timed with the table or the graph in memory on both sides.

Two more steps run when named: cycles-6, cycles of up to 6 accounts, which the join of duckdb does
not end in bearable time, so there is no peer; and cycles-all, cycles of any length, by the sum over
all transfers of how many each is in. There snapml counts cycles over the same accounts that one
transfer closes once, and the check does the same with ours. Their number grows beyond all bounds
where few accounts take part in most transfers, as in the generated return.
"""

import argparse
import csv
import json
import os
import re
import subprocess
import sys
import time
import venv
from pathlib import Path

PACKAGES = ["polars", "duckdb", "numpy", "scipy", "igraph", "snapml"]
HERE = Path(__file__).resolve()
HEADER = ("Timestamp,From Bank,Account,To Bank,Account,Amount Received,Receiving Currency,"
          "Amount Paid,Payment Currency,Payment Format,Is Laundering")
# The second column named Account has no name of its own, so the peers name all eleven.
COLUMNS = ["booked", "from_bank", "sender", "to_bank", "receiver", "received", "received_in",
           "paid", "paid_in", "channel", "marked"]
CASE = """title = "Peers"
currency = "USD"
timezone = "UTC"

[[source]]
path = "transfers.csv"
layout = "ibm-aml"
"""


def generate(path, rows):
    """A return in the layout `ibm-aml`, in order of time: half of all ends fall on few accounts."""
    import numpy as np
    import polars as pl
    draw = np.random.Generator(np.random.PCG64(1848))
    accounts = max(10, rows // 10)
    number = np.array([f"8{at * 97 + 11:08X}" for at in range(accounts)])
    bank = np.array([f"{at:03d}" for at in draw.integers(1, max(100, accounts // 20), accounts)])
    pairs = max(10, rows // 2)
    few = lambda: (accounts * draw.random(pairs) ** 4).astype(np.int64)
    many = lambda: draw.integers(0, accounts, pairs)
    either = lambda: np.where(draw.random(pairs) < 0.5, few(), many())
    from_pool, to_pool = either(), either()
    picked = (pairs * draw.random(rows) ** 2).astype(np.int64)
    sender, receiver = from_pool[picked], to_pool[picked]
    minute = np.sort(draw.integers(0, 10 * 24 * 60, rows))
    clock = np.array([f"2022/09/{1 + at // 1440:02d} {at // 60 % 24:02d}:{at % 60:02d}"
                      for at in range(10 * 24 * 60)])
    amount = np.round(np.exp(draw.normal(6.5, 2.0, rows)) + 0.01, 2)
    words = lambda listed: np.array(listed)[draw.integers(0, len(listed), rows)]
    currency = words(["US Dollar", "US Dollar", "Euro", "Yen", "Yuan", "UK Pound", "Swiss Franc"])
    channel = words(["Cheque", "Credit Card", "ACH", "Cash", "Wire"])
    frame = pl.DataFrame({
        "booked": clock[minute], "from_bank": bank[sender], "sender": number[sender],
        "to_bank": bank[receiver], "receiver": number[receiver], "received": amount,
        "received_in": currency, "paid": amount, "paid_in": currency, "channel": channel,
        "marked": np.zeros(rows, dtype=np.int8),
    })
    with open(path, "wb") as out:
        out.write(HEADER.encode() + b"\n")
        frame.write_csv(out, include_header=False, float_precision=2)


def timed(work):
    """Seconds, processor seconds and result of a function."""
    wall, processor = time.perf_counter(), time.process_time()
    result = work()
    return time.perf_counter() - wall, time.process_time() - processor, result


def scan(path):
    import polars as pl
    texts = {name: pl.String for name in ["from_bank", "to_bank"]}
    floats = {name: pl.Float64 for name in ["received", "paid"]}
    return pl.scan_csv(path, new_columns=COLUMNS, schema_overrides=texts | floats)


def totals_by_polars(path):
    import polars as pl
    rows = scan(path).with_columns(
        pl.col("booked").str.to_datetime("%Y/%m/%d %H:%M", time_unit="ms"))
    flows = rows.group_by("sender", "receiver", "paid_in").agg(
        pl.len().alias("transfers"), pl.col("paid").sum().alias("total"),
        pl.col("booked").min().alias("first"), pl.col("booked").max().alias("last"))
    wall, processor, table = timed(lambda: flows.collect(engine="streaming"))
    return wall, processor, [table.height, table["transfers"].sum(), round(table["total"].sum())]


def totals_by_duckdb(path):
    import duckdb
    base = duckdb.connect()
    types = {name: "VARCHAR" for name in ["from_bank", "sender", "to_bank", "receiver"]}
    types |= {"booked": "TIMESTAMP", "received": "DOUBLE", "paid": "DOUBLE"}
    query = f"""create table flows as
        select sender, receiver, paid_in, count(*) as transfers, sum(paid) as total,
               min(booked) as first, max(booked) as last
        from read_csv('{path}', header = true, delim = ',', quote = '', names = {COLUMNS},
                      timestampformat = '%Y/%m/%d %H:%M', types = {types})
        group by all"""
    wall, processor, _ = timed(lambda: base.execute(query))
    check = base.execute("select count(*), sum(transfers), round(sum(total)) from flows")
    return wall, processor, [int(value) for value in check.fetchone()]


def ids_by_polars(path):
    import polars as pl
    code = lambda name: pl.col(name).cast(pl.Categorical).to_physical()
    rows = scan(path).select("booked", code("sender"), code("receiver"), "paid")
    wall, processor, table = timed(rows.collect)
    ends = pl.concat([table["sender"], table["receiver"].alias("sender")])
    return wall, processor, [ends.n_unique(), table.height]


DAY_S = 24 * 3600


def payments(path):
    """The payments between different accounts as a table of duckdb, accounts by number."""
    import duckdb
    base = duckdb.connect()
    # What does not fit in memory goes where the bench works, and is gone with it.
    base.execute(f"set temp_directory = '{Path(path).parent / 'duckdb'}'")
    types = {name: "VARCHAR" for name in COLUMNS if name != "booked"} | {"booked": "TIMESTAMP"}
    base.execute(f"""create table raw as select booked, sender, receiver from
        read_csv('{path}', header = true, delim = ',', quote = '', names = {COLUMNS},
                 timestampformat = '%Y/%m/%d %H:%M', types = {types})""")
    base.execute("""create table account as select name, row_number() over () - 1 as id
        from (select sender as name from raw union select receiver from raw)""")
    base.execute("""create table payment as
        select f.id::integer as s, t.id::integer as d, epoch(booked)::bigint as t
        from raw join account f on sender = f.name join account t on receiver = t.name
        where f.id <> t.id""")
    base.execute("drop table raw")
    return base


def fan_by_duckdb(path):
    base = payments(path)
    query = f"""select max(paying), max(paid) from (select
        count(distinct s) over (partition by d order by t
            range between {DAY_S} preceding and current row) as paying,
        count(distinct d) over (partition by s order by t
            range between {DAY_S} preceding and current row) as paid
        from payment)"""
    wall, processor, found = timed(lambda: base.execute(query).fetchone())
    return wall, processor, list(found)


def cycles_by_duckdb(path):
    base = payments(path)

    def count():
        found = 0
        for length in range(2, 5):
            joins = ""
            for at in range(2, length + 1):
                before = ",".join(f"e{earlier}.d" for earlier in range(1, at))
                end = (f"e{at}.d = e1.s" if at == length
                       else f"e{at}.d not in (e1.s, {before})")
                joins += (f" join payment e{at} on e{at}.s = e{at - 1}.d and e{at}.t > e{at - 1}.t"
                          f" and e{at}.t <= e1.t + {DAY_S} and {end}")
            found += base.execute(f"select count(*) from payment e1{joins}").fetchone()[0]
        return found

    wall, processor, found = timed(count)
    return wall, processor, [found]


def scatter_gather_by_duckdb(path):
    base = payments(path)
    query = f"""select count(*) from (select x.s, y.d from payment x join payment y on x.d = y.s
        and y.t > x.t and y.t <= x.t + {DAY_S} and y.d <> x.s
        group by 1, 2 having count(distinct x.d) >= 4)"""
    wall, processor, found = timed(lambda: base.execute(query).fetchone())
    return wall, processor, list(found)


def cycles_by_snapml(path):
    import numpy as np
    from snapml import GraphFeaturePreprocessor
    rows = payments(path).execute("select s, d, t from payment order by t").fetchnumpy()
    number = np.arange(len(rows["s"]))
    table = np.stack([number, rows["s"], rows["d"], rows["t"]], 1).astype(np.float64)
    preprocessor = GraphFeaturePreprocessor()
    asked = preprocessor.get_params() | {
        "num_threads": os.cpu_count(), "time_window": DAY_S, "vertex_stats": False, "fan": False,
        "temp-cycle": True, "temp-cycle_tw": DAY_S, "temp-cycle_bins": [2, 3, 4, 5]}
    preprocessor.set_params(asked)
    table = np.ascontiguousarray(table)
    wall, processor, found = timed(lambda: preprocessor.transform(table))
    return wall, processor, [int(found[:, 4:].sum())]


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


def write_links(path):
    """The two accounts of each transfer by number, 32 bits each."""
    import numpy as np
    import polars as pl
    rows = scan(path).select("sender", "receiver").collect()
    names = pl.concat([rows["sender"], rows["receiver"].alias("sender")])
    number = (names.rank("dense") - 1).to_numpy().astype("<u4")
    np.stack([number[:len(rows)], number[len(rows):]], 1).tofile(Path(path).with_name("links"))


def links(path):
    """The ends of all links, and of the different ones between different accounts."""
    import numpy as np
    ends = np.fromfile(Path(path).with_name("links"), "<u4").reshape(-1, 2).astype(np.int64)
    nodes = int(ends.max()) + 1
    pairs = np.unique(ends[:, 0] * nodes + ends[:, 1])
    pairs = pairs[pairs // nodes != pairs % nodes]
    return ends, np.stack([pairs // nodes, pairs % nodes], 1), nodes


def components_by_scipy(path):
    import numpy as np
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components
    ends, _, nodes = links(path)
    one, (start, end) = np.ones(len(ends), np.int8), ends.astype(np.int32).T.copy()
    matrix = lambda: coo_matrix((one, (start, end)), shape=(nodes, nodes)).tocsr()
    wall, processor, found = timed(lambda: connected_components(matrix(), directed=False)[0])
    return wall, processor, [int(found)]


def top(score, scale):
    best = max(range(len(score)), key=score.__getitem__)
    return [best, round(score[best] * scale), round(sum(score) * scale)]


def network_of_igraph(path):
    import igraph
    _, pairs, nodes = links(path)
    return igraph.Graph(n=nodes, edges=pairs, directed=True), nodes


def page_rank_by_igraph(path):
    network, _ = network_of_igraph(path)
    wall, processor, score = timed(lambda: network.pagerank(damping=0.85))
    return wall, processor, top(score, 1e8)


def betweenness_by_igraph(path):
    network, nodes = network_of_igraph(path)
    sources = [at * nodes // 64 for at in range(64)]
    count = lambda: network.betweenness(directed=True, sources=sources)
    wall, processor, score = timed(count)
    return wall, processor, top(score, 1)


PEERS = {
    ("totals", "duckdb"): totals_by_duckdb,
    ("totals", "polars"): totals_by_polars,
    ("ids", "polars"): ids_by_polars,
    ("fan", "duckdb"): fan_by_duckdb,
    ("scatter-gather", "duckdb"): scatter_gather_by_duckdb,
    ("cycles", "duckdb"): cycles_by_duckdb,
    ("cycles-all", "snapml"): cycles_by_snapml,
    ("components", "scipy"): components_by_scipy,
    ("page-rank", "igraph"): page_rank_by_igraph,
    ("betweenness", "igraph"): betweenness_by_igraph,
}
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
WHEN_NAMED = ["cycles-6", "cycles-all"]
PRINTED = {
    "fan": r"-\nhub +(\d+)",
    "scatter-gather": r"(\d+) pairs of a source and a sink were found",
    "cycles": r"(\d+) cycles were found",
    "cycles-6": r"(\d+) cycles were found",
}
# What a check needs beyond what is timed: every instance, transfer by transfer.
LISTED = ["--instances-max", "10000000", "--table", "cycles_steps", "--format", "csv", "--columns",
          "instance,from_account,source_refs"]


def finish(process):
    """What a process wrote on standard error, and its peak memory in MiB."""
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(said)
    return said, usage.ru_maxrss / 1024


def run_ours(program, step, folder):
    arguments, stage = OURS[step]
    own = [program.parent / "examples/algorithms"] if step in ALGORITHMS else [program]
    timings = [] if step in ALGORITHMS else ["--timings=json"]
    with open(folder / "printed.txt", "w+") as out:
        process = subprocess.Popen([*own, *arguments, *timings], cwd=folder, text=True, stdout=out,
                                   stderr=subprocess.PIPE)
        said, peak = finish(process)
        out.seek(0)
        printed = out.read()
    said = printed if step in ALGORITHMS else said
    lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    line = next(one for one in reversed(lines) if stage in (None, one["stage"]))
    check = line.get("check", "")
    check = [int(part) for part in (check.split() if isinstance(check, str) else check)]
    if step in PRINTED:
        check += [int(number) for number in re.findall(PRINTED[step], printed)]
    if step == "cycles-all":
        command = [program, *arguments[:arguments.index("--instances-max")], *LISTED]
        listed = subprocess.run(command, cwd=folder, text=True, capture_output=True, check=True)
        check += [bundled(listed.stdout)]
    return line["seconds"], line["cpu_seconds"], peak, check


def run_peer(step, name, folder):
    command = [sys.executable, str(HERE), "--peer", name, "--step", step, "--work", str(folder)]
    process = subprocess.Popen(command, text=True, stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE)
    said, peak = finish(process)
    wall, processor, check = json.loads(said.splitlines()[-1])
    return wall, processor, peak, check


def compare(program, folder, rounds, steps):
    rows = [(step, name) for step, name in PEERS] + [(step, "moneytrail") for step in OURS]
    rows = [row for row in rows if row[0] in steps]
    # The store that `open` opens is the one that `load` wrote.
    rows.sort(key=lambda row: list(OURS).index(row[0]))
    found = {row: [] for row in rows}
    for _ in range(rounds):
        for step, name in rows:
            own = name == "moneytrail"
            one = run_ours(program, step, folder) if own else run_peer(step, name, folder)
            found[step, name].append(one)
    print("| step | program | seconds | processor seconds | peak MiB | check |")
    print("| --- | --- | --- | --- | --- | --- |")
    for (step, name), runs in found.items():
        least = [min(run[at] for run in runs) for at in range(3)]
        check = " ".join(str(value) for value in runs[0][3])
        print(f"| {step} | {name} | {least[0]:.2f} | {least[1]:.2f} | {least[2]:.0f} | {check} |")
    for step in steps:
        checks = {str(run[3]) for row, runs in found.items() if row[0] == step for run in runs}
        if len(checks) > 1:
            sys.exit(f"{step}: the check values differ, so the times mean nothing: {checks}")


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rows", type=int, default=5_000_000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--work", type=Path, default=Path("target/peers"))
    options.add_argument("--program", type=Path, default=Path("target/release/moneytrail"))
    usual = ",".join(step for step in OURS if step not in WHEN_NAMED)
    options.add_argument("--steps", default=usual, help="separated by commas")
    options.add_argument("--list", type=Path, help="a list in the layout ibm-aml to read instead")
    options.add_argument("--peer", help=argparse.SUPPRESS)
    options.add_argument("--step", help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.peer == "links":
        write_links(str(asked.work / "transfers.csv"))
        return
    if asked.peer:
        print(json.dumps(PEERS[asked.step, asked.peer](str(asked.work / "transfers.csv"))),
              file=sys.stderr)
        return
    asked.work.mkdir(parents=True, exist_ok=True)
    home = asked.work / "venv"
    if Path(sys.prefix).resolve() != home.resolve():
        if not home.exists():
            venv.create(home, with_pip=True)
        # An environment of an earlier version of this script lacks some of them.
        subprocess.run([home / "bin/pip", "install", "--quiet", *PACKAGES], check=True)
        sys.exit(subprocess.run([home / "bin/python", HERE, *sys.argv[1:]]).returncode)
    folder = asked.work / (asked.list.stem if asked.list else str(asked.rows))
    if not (folder / "case.toml").exists():
        folder.mkdir(exist_ok=True)
        if asked.list:
            (folder / "transfers.csv").symlink_to(asked.list.resolve())
        else:
            generate(folder / "transfers.csv", asked.rows)
        (folder / "case.toml").write_text(CASE)
        # Afresh: a child counts among its own the memory of the process it was split from.
        os.execv(sys.executable, [sys.executable, str(HERE), *sys.argv[1:]])
    steps = asked.steps.split(",")
    if not (folder / "store").exists() and "load" not in steps:
        run_ours(asked.program.resolve(), "load", folder)
    if not (folder / "links").exists() and not set(steps).isdisjoint(ALGORITHMS):
        subprocess.run([sys.executable, HERE, "--peer", "links", "--work", folder], check=True)
    compare(asked.program.resolve(), folder, asked.rounds, steps)


main()
