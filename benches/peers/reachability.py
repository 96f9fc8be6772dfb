#!/usr/bin/env python3
"""Compares `trace --reach` with Raphtory's temporally_reachable_nodes on one generated list.

    cargo build --release
    python3 benches/peers/reachability.py            # 1,000,000 payments, 10 accounts
    python3 benches/peers/reachability.py --rows 300000 --seeds 3 --from-day 1

Makes a virtual environment, installs the peer there, and asks both which accounts money can have
reached from what each of some accounts paid from a day on, by payments that follow one another in
time. Both must find the same accounts, each of them; otherwise the script ends with the difference and
prints no times.

What has to be alike for that: any number of payments in a row, since Raphtory's most hops bound the
rounds of its search, in one of which money can move on several times; no two payments are of one second, since Raphtory lets those of one
instant follow each other both ways and moneytrail in the order of the list; payments of an account
to itself are in neither; every account is held on all of its days, so that nothing ends the way.
Processor seconds for each account, all threads added up: of ours the stage `reach`, with the
payments in memory; of the peer the call alone, with its graph in memory.
"""

import argparse
import csv
import io
import json
import subprocess
import sys
import time
from pathlib import Path

import own_venv

PACKAGES = ["numpy", "raphtory"]
HERE = Path(__file__).resolve()
FIRST_S = 1_661_990_400
DAY_S = 24 * 3600
# More than any way has.
HOPS = 100_000
CASE = """title = "Reachability"
currency = "USD"
timezone = "UTC"

[[source]]
path = "payments.csv"
layout = "layout.toml"
"""
LAYOUT = """name = "reachability"
record = "bank-transfers"
timezone = "UTC"

[csv]
decimal_mark = "."

[fields]
from_bank = { column = "from_bank" }
from_account = { column = "from" }
to_bank = { column = "to_bank" }
to_account = { column = "to" }
booked = { column = "booked", format = "%Y-%m-%d %H:%M:%S" }
covers = "both"
amount = { column = "amount" }
"""


def generate(path, rows):
    """Payments a second apart: half of all ends fall on few accounts. Gives who pays whom."""
    import numpy as np
    draw = np.random.Generator(np.random.PCG64(1848))
    accounts = max(10, rows // 10)
    pairs = max(10, rows // 2)
    few = lambda: (accounts * draw.random(pairs) ** 4).astype(np.int64)
    many = lambda: draw.integers(0, accounts, pairs)
    either = lambda: np.where(draw.random(pairs) < 0.5, few(), many())
    from_pool, to_pool = either(), either()
    picked = (pairs * draw.random(rows) ** 2).astype(np.int64)
    ends = np.stack([from_pool[picked], to_pool[picked]], 1)
    booked = np.datetime_as_string(np.datetime64(FIRST_S, "s") + np.arange(rows))
    with open(path, "w") as out:
        out.write("booked,from_bank,from,to_bank,to,amount\n")
        for when, (sender, receiver), minor in zip(booked, ends, draw.integers(100, 9999, rows)):
            when = when.replace("T", " ")
            out.write(f"{when},1,{number(sender)},1,{number(receiver)},{minor / 100:.2f}\n")
    np.save(path.with_suffix(".npy"), ends)


def number(account):
    return f"8{account * 97 + 11:08d}"


def name(account):
    return f"1/{number(account)}"


def chosen(ends, seeds, from_day):
    """Accounts that pay others from a day on, from busy to quiet."""
    import numpy as np
    ends = ends[from_day * DAY_S:]
    paying = np.bincount(ends[ends[:, 0] != ends[:, 1], 0])
    busiest = np.argsort(-paying, kind="stable")[:np.count_nonzero(paying)]
    if len(busiest) <= 10:
        sys.exit("no ten accounts pay from that day on: ask for more --rows, or an earlier --from-day")
    return [int(busiest[10 + at * len(busiest) // (2 * seeds)]) for at in range(seeds)]


def by_raphtory(folder, seeds, from_day):
    import numpy as np
    from raphtory import Graph, algorithms
    graph = Graph()
    for at, (sender, receiver) in enumerate(np.load(folder / "payments.npy").tolist()):
        if sender != receiver:
            graph.add_edge((FIRST_S + at) * 1000, name(sender), name(receiver))
    found, start = [], (FIRST_S + from_day * DAY_S) * 1000
    for seed in seeds:
        began = time.process_time()
        state = algorithms.temporally_reachable_nodes(graph, HOPS, start, [name(seed)], None)
        processor = time.process_time() - began
        reached = {node.name for node, how in state.items() if how["reachable_nodes"]}
        found.append((processor, sorted(reached - {name(seed)})))
    return found


def by_moneytrail(program, folder, seeds, from_day):
    """Processor seconds of all accounts, and whom money from each can have reached."""
    if not (folder / "store").exists():
        load = [program, "load", "case.toml", "--store", "store"]
        subprocess.run(load, cwd=folder, check=True, capture_output=True)
    import numpy as np
    first = str(np.datetime64(FIRST_S + from_day * DAY_S, "s"))[:10]
    sources = "".join(f'[[source]]\nlabel = "{seed}"\naccount = "{name(seed)}"\n'
                      f'direction = "out"\nfrom = "{first}"\n' for seed in seeds)
    (folder / "seeds.toml").write_text(sources)
    command = [program, "trace", "store", "--source", "seeds.toml", "--reach", str(HOPS),
               "--format", "csv", "--columns", "label,account", "--timings=json"]
    ran = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    stages = [json.loads(line) for line in ran.stderr.splitlines() if line.startswith("{")]
    processor = next(one["cpu_seconds"] for one in stages if one["stage"] == "reach")
    reached = {seed: set() for seed in seeds}
    for row in csv.DictReader(io.StringIO(ran.stdout)):
        reached[int(row["label"])].add(row["account"])
    return processor, [sorted(reached[seed] - {name(seed)}) for seed in seeds]


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--seeds", type=int, default=10)
    options.add_argument("--from-day", type=int, default=9)
    options.add_argument("--work", type=Path, default=Path("target/peers"))
    options.add_argument("--program", type=Path, default=Path("target/release/moneytrail"))
    options.add_argument("--peer", help=argparse.SUPPRESS)
    asked = options.parse_args()
    folder = asked.work / f"reach-{asked.rows}"
    if asked.peer:
        seeds = json.loads(asked.peer)
        print(json.dumps(by_raphtory(folder, seeds, asked.from_day)))
        return
    own_venv.enter(asked.work, PACKAGES)
    if not (folder / "case.toml").exists():
        folder.mkdir(exist_ok=True)
        generate(folder / "payments.csv", asked.rows)
        (folder / "layout.toml").write_text(LAYOUT)
        (folder / "case.toml").write_text(CASE)
    import numpy as np
    seeds = chosen(np.load(folder / "payments.npy"), asked.seeds, asked.from_day)
    own, ours = by_moneytrail(asked.program.resolve(), folder, seeds, asked.from_day)
    command = [sys.executable, HERE, *sys.argv[1:], "--peer", json.dumps(seeds)]
    ran = subprocess.run(command, check=True, capture_output=True, text=True)
    theirs = json.loads(ran.stdout.splitlines()[-1])
    for seed, mine, (_, other) in zip(seeds, ours, theirs):
        if mine != other:
            sys.exit(f"{name(seed)}: {len(mine)} accounts here, {len(other)} by the peer; "
                     f"only one has {sorted(set(mine) ^ set(other))[:5]}")
    print("| program | accounts reached from each | processor seconds for each |")
    print("| --- | --- | --- |")
    reached = f"{min(map(len, ours)):,} to {max(map(len, ours)):,}"
    peer = sum(processor for processor, _ in theirs) / len(seeds)
    print(f"| raphtory | {reached} | {peer:.3f} |")
    print(f"| moneytrail | {reached} | {own / len(seeds):.4f} |")
    print(f"\nThe same accounts from each of {len(seeds)}; {peer * len(seeds) / own:.0f} times.")


main()
