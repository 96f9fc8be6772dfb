#!/usr/bin/env python3
"""Runs the FinBench-derived reads (unaudited) on data of that shape and scores them.

    finbench.py --moneytrail target/release/moneytrail --data FOLDER [--work FOLDER]

FOLDER holds data sets with a `snapshot` folder each, `cases_*.jsonl` with the data set, query,
parameters and expected rows of every case, and `score.py`. Each data set is loaded once through
the layouts of `queries/finbench`; each query then answers all its cases in one process
(`moneytrail query STORE FILE --batch`). Exit 0 when every case passes, strict ones too.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

QUERIES = Path(__file__).resolve().parents[2] / "queries" / "finbench"


def load(binary, data, dataset, work):
    """The store of a data set, loaded through the template of the queries."""
    snapshot = (data / dataset / "snapshot").resolve()
    case = (QUERIES / "case.toml").read_text()
    header = (snapshot / "Account.csv").read_text().split("\n", 1)[0]
    if "accoutType" in header:
        case = case.replace("layouts/accounts.toml", "layouts/accounts-driver.toml")
    case = case.replace('"snapshot/', f'"{snapshot}/').replace('"layouts/', f'"{QUERIES}/layouts/')
    folder = work / dataset
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "case.toml").write_text(case)
    store = folder / "store"
    started = time.monotonic()
    command = [binary, "load", str(folder / "case.toml"), "--store", str(store)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    print(f"{dataset}: loaded in {time.monotonic() - started:.2f} s")
    return store


def value(cell, expected):
    """A cell as the cases write it: money and paths are texts in an answer."""
    if expected == "path":
        return [int(part) for part in cell.split(" > ")]
    if expected.startswith(("sum", "max")) and isinstance(cell, str):
        return float(cell)
    return cell


def answers(binary, store, query, cases, work):
    """The answers to all cases of one query, and the seconds they took."""
    params = work / f"{query}.jsonl"
    params.write_text("".join(json.dumps(case["params"]) + "\n" for case in cases))
    file = QUERIES / f"{query.lower()}.toml"
    command = [binary, "query", str(store), str(file), "--batch", str(params), "--timings=json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        print(f"{query}: {done.stderr.strip()}")
    seconds = None
    for line in done.stderr.splitlines():
        if line.startswith("{") and json.loads(line).get("stage") == "query":
            seconds = json.loads(line)["seconds"]
    for case, line in zip(cases, done.stdout.splitlines()):
        answer = json.loads(line)
        at = {name: place for place, name in enumerate(answer["columns"])}
        rows = [[value(row[at[name]], name) for name in case["columns"]] for row in answer["rows"]]
        yield {"case": case["case"], "rows": rows}, seconds


def main():
    asked = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    asked.add_argument("--moneytrail", default="target/release/moneytrail")
    asked.add_argument("--data", type=Path, required=True)
    asked.add_argument("--work", type=Path)
    given = asked.parse_args()
    work = given.work or Path(tempfile.mkdtemp(prefix="finbench-"))
    work.mkdir(parents=True, exist_ok=True)
    stores, failed = {}, False
    for file in sorted(given.data.glob("cases_*.jsonl")):
        by_query = defaultdict(list)
        for line in file.read_text().splitlines():
            case = json.loads(line)
            by_query[(case["dataset"], case["query"])].append(case)
        scored = work / f"answers_{file.name}"
        with scored.open("w") as out:
            for (dataset, query), cases in by_query.items():
                if dataset not in stores:
                    stores[dataset] = load(given.moneytrail, given.data, dataset, work)
                seconds = None
                for answer, seconds in answers(given.moneytrail, stores[dataset], query, cases, work):
                    out.write(json.dumps(answer) + "\n")
                if seconds is not None:
                    each = seconds * 1000 / len(cases)
                    print(f"{dataset} {query}: {len(cases)} cases, {each:.2f} ms each")
        command = [sys.executable, str(given.data / "score.py"), str(file), str(scored)]
        score = subprocess.run(command, stdout=subprocess.PIPE, text=True)
        print(score.stdout)
        failed |= score.returncode != 0 or "FAIL" in score.stdout
    sys.exit(failed)


if __name__ == "__main__":
    main()
