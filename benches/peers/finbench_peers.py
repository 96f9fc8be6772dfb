#!/usr/bin/env python3
"""Compares path questions with duckdb and Kuzu: FinBench-derived (unaudited) TCR1, 2, 3, 5, 8.

    finbench_peers.py --data FOLDER [--moneytrail target/release/moneytrail] [--work FOLDER]
                      [--queries TCR1,TCR5] [--rows 5000000]

FOLDER is as for `finbench.py`. Every program opens its data and then answers the cases of the
data set `driver_example` one after another in one process, each query over all its cases three
times; what counts is the median of a query. Its answers have to be the expected ones; a path
pattern of Kuzu cannot say which links of a vertex to keep (`truncationLimit`), so there they have
to be those that duckdb gives without that limit, which asks more of Kuzu where the limit cuts
something. duckdb has its tables indexed at both ends of every link and expands hop by hop; Kuzu
walks recursive relationships.

With `--rows`, moneytrail alone answers questions drawn at random about generated data of that many
transfers.
"""

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import own_venv
from finbench import QUERIES, load, value
from finbench_generate import ACCOUNT, FIRST_MS, LAST_MS, LOAN

ASKED = ["TCR1", "TCR2", "TCR3", "TCR5", "TCR8"]
ROUNDS = 3
ORDER = {"TIMESTAMP_ASCENDING": "ts", "TIMESTAMP_DESCENDING": "ts desc",
         "AMOUNT_ASCENDING": "amount", "AMOUNT_DESCENDING": "amount desc"}
PACKAGES = ["duckdb", "kuzu", "numpy", "polars", "pyarrow"]
LINKS = {"transfer": ("AccountTransferAccount", "fromId", "toId"),
         "withdraw": ("AccountWithdrawAccount", "fromId", "toId"),
         "deposit": ("LoanDepositAccount", "loanId", "accountId"),
         "sign_in": ("MediumSignInAccount", "mediumId", "accountId"),
         "own": ("PersonOwnAccount", "personId", "accountId")}


def frames(snapshot):
    """Every table as polars reads it: ids whole, times in milliseconds, links with an amount."""
    import polars as pl
    read = lambda name: pl.read_csv(snapshot / f"{name}.csv", separator="|",
                                    infer_schema_length=None)
    stamp = pl.col("createTime").str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="ms")
    found = {}
    for name, (file, start, end) in LINKS.items():
        table = read(file)
        amount = pl.col("amount") if "amount" in table.columns else pl.lit(0.0).alias("amount")
        found[name] = table.select(pl.col(start).alias("a"), pl.col(end).alias("b"),
                                   stamp.dt.epoch("ms").alias("ts"), amount.cast(pl.Float64))
    found["account"] = read("Account").select(pl.col("accountId").alias("id"))
    found["person"] = read("Person").select(pl.col("personId").alias("id"))
    found["loan"] = read("Loan").select(pl.col("loanId").alias("id"),
                                        pl.col("loanAmount").alias("amount"), "balance")
    found["medium"] = read("Medium").select(pl.col("mediumId").alias("id"),
                                            pl.col("mediumType").alias("type"),
                                            pl.col("isBlocked").alias("blocked"))
    return found


class Duckdb:
    def __init__(self, snapshot, _):
        import duckdb
        self.base = duckdb.connect()
        for name, frame in frames(snapshot).items():
            self.base.register("frame", frame.to_arrow())
            self.base.execute(f"create table {name} as select * from frame")
            self.base.unregister("frame")
            for column in ["a", "b"] if name in LINKS else ["id"]:
                self.base.execute(f"create index {name}_{column} on {name}({column})")
        self.base.execute("create table spend as select * from transfer union all from withdraw")
        self.base.execute("create index spend_a on spend(a)")

    def rows(self, sql, params):
        named = {name: params[name] for name in params if f"${name}" in sql}
        return [list(row) for row in self.base.execute(sql, named).fetchall()]

    def hop(self, table, frontier, near, params, more=""):
        """The links of a frontier that the cut leaves: the first by the order, ties by time,
        amount and other end, before the window is looked at."""
        far = "b" if near == "a" else "a"
        order = ORDER[params["truncationOrder"]]
        return f"""(select * from (select e.*, row_number() over (partition by e.{near}
            order by e.{order}, e.ts, e.amount, e.{far}) as place from {table} e
            where e.{near} in (select v from {frontier}))
            where place <= $truncationLimit and ts > $startTime and ts < $endTime{more})"""

    def reached(self, params, start, near, better):
        """Earliest (or latest) time of each vertex by number of hops, up to 3."""
        far = "b" if near == "a" else "a"
        least, after = ("min", ">") if better == "increasing" else ("max", "<")
        first = f"h1 as materialized (select {far} as v, {least}(ts) as t from " \
                f"{self.hop('transfer', start, near, params)} group by 1)"
        hops = [f"""h{at} as materialized (select e.{far} as v, {least}(e.ts) as t from
            {self.hop('transfer', f'h{at - 1}', near, params)} e join h{at - 1} h
            on e.{near} = h.v and e.ts {after} h.t group by 1)""" for at in [2, 3]]
        walked = " union all ".join(f"select v, {at} as d from h{at}" for at in [1, 2, 3])
        return ", ".join([first, *hops]) + f", walked as ({walked})"

    def TCR1(self, params):
        return self.rows(f"""with s as (select $id as v),
            {self.reached(params, 's', 'a', 'increasing')}
            select distinct v, d, m.id, m.type from walked join sign_in i on i.b = v
            join medium m on m.id = i.a
            where m.blocked and i.ts > $startTime and i.ts < $endTime
            order by d, v, m.id""", params)

    def TCR2(self, params):
        params = params | {"id": params.get("id", params.get("personId"))}
        return self.rows(f"""with s as (select b as v from own where a = $id),
            {self.reached(params, 's', 'b', 'decreasing')}
            select v, round(sum(l.amount), 3) as lent, round(sum(l.balance), 3) from
            (select distinct v, i.a from walked join deposit i on i.b = v
             where i.ts > $startTime and i.ts < $endTime) p join loan l on l.id = p.a
            group by v order by lent desc, v""", params)

    def TCR3(self, params):
        return self.rows("""with recursive r(v, d) using key (v) as (
            select $id1::bigint, 0 union
            select e.b, min(r.d) + 1 from r join transfer e on e.a = r.v
            left join recurring.r known on known.v = e.b
            where known.v is null and e.ts > $startTime and e.ts < $endTime
              and not exists (from recurring.r done where done.v = $id2)
            group by e.b)
            select coalesce(min(d), -1) from r where v = $id2""", params)

    def TCR5(self, params):
        params = params | {"id": params.get("id", params.get("personId"))}
        hops = ["""p0 as (select b as v, [b] as path, cast(null as bigint) as t from own
                   where a = $id)"""]
        for at in [1, 2, 3]:
            hops.append(f"""p{at} as materialized (select e.b as v,
                list_append(p.path, e.b) as path, min(e.ts) as t
                from {self.hop("transfer", f"p{at - 1}", "a", params)} e
                join p{at - 1} p on e.a = p.v and (p.t is null or e.ts > p.t)
                where not list_contains(p.path, e.b) group by 1, 2)""")
        walked = " union all ".join(f"select path from p{at}" for at in [1, 2, 3])
        return self.rows(f"with {', '.join(hops)} {walked} order by len(path) desc", params)

    def TCR8(self, params):
        params = params | {"id": params.get("id", params.get("loanId"))}
        steps = ["""f1 as materialized (select distinct b as v from deposit where a = $id
                    and ts > $startTime and ts < $endTime)"""]
        for at in [2, 3, 4]:
            before = f"f{at - 1}"
            steps.append(f"""q{at} as materialized (select e.a, e.b, e.ts, e.amount from
                {self.hop('spend', before, 'a', params)} e left join
                (select b, sum(amount) as took from transfer where b in (select v from {before})
                 and ts > $startTime and ts < $endTime group by b) u on u.b = e.a
                where e.amount > $threshold * coalesce(u.took, 0)),
                f{at} as materialized (select distinct b as v from q{at})""")
        edges = " union ".join(f"select * from q{at}" for at in [2, 3, 4])
        near = " union all ".join(f"select v, {at - 1} as d from f{at}" for at in [2, 3, 4])
        return self.rows(f"""with {', '.join(steps)}, edge as ({edges}), near as ({near})
            select e.b, round(sum(e.amount) / (select amount from loan where id = $id), 3) as r,
            (select min(d) + 1 from near where v = e.b) as d
            from edge e group by e.b order by d desc, r desc, e.b""", params)


class Kuzu:
    def __init__(self, snapshot, work):
        import kuzu
        path = work / "kuzu"
        for old in work.glob("kuzu*"):
            old.unlink()
        self.base = kuzu.Connection(
            kuzu.Database(str(path), buffer_pool_size=4 << 30, max_db_size=1 << 34))
        run = self.base.execute
        tables = frames(snapshot)
        kinds = {"account": "id INT64", "person": "id INT64",
                 "loan": "id INT64, amount DOUBLE, balance DOUBLE",
                 "medium": "id INT64, type STRING, blocked BOOL"}
        ends = {"transfer": ("account", "account"), "withdraw": ("account", "account"),
                "deposit": ("loan", "account"), "sign_in": ("medium", "account"),
                "own": ("person", "account")}
        for name, columns in kinds.items():
            run(f"CREATE NODE TABLE {name}({columns}, PRIMARY KEY(id))")
        for name, (start, end) in ends.items():
            run(f"CREATE REL TABLE {name}(FROM {start} TO {end}, ts INT64, amount DOUBLE)")
        for name in [*kinds, *ends]:
            file = work / f"{name}.parquet"
            tables[name].write_parquet(file)
            run(f"COPY {name} FROM '{file}'")

    def rows(self, cypher, params):
        named = {name: params[name] for name in params if f"${name}" in cypher}
        found = self.base.execute(cypher, named)
        return [list(row) for row in found.get_all()]

    WINDOW = "(r, n | WHERE r.ts > $startTime AND r.ts < $endTime)"
    # Strictly one after another, seen from where the walk begins.
    RISING = "list_sort(t) = t AND size(list_distinct(t)) = size(t)"
    FALLING = "list_reverse_sort(t) = t AND size(list_distinct(t)) = size(t)"

    def TCR1(self, params):
        return self.rows(f"""MATCH (a:account {{id: $id}})
            -[e:transfer*1..3 {self.WINDOW}]->(o:account)
            WITH o, length(e) AS d, properties(rels(e), 'ts') AS t WHERE {self.RISING}
            WITH DISTINCT o, d
            MATCH (o)<-[s:sign_in]-(m:medium)
            WHERE m.blocked AND s.ts > $startTime AND s.ts < $endTime
            RETURN DISTINCT o.id AS other, d, m.id AS medium, m.type
            ORDER BY d, other, medium""", params)

    def TCR2(self, params):
        params = params | {"id": params.get("id", params.get("personId"))}
        return self.rows(f"""MATCH (:person {{id: $id}})-[:own]->(a:account)
            MATCH (a)<-[e:transfer*1..3 {self.WINDOW}]-(o:account)
            WITH o, properties(rels(e), 'ts') AS t WHERE {self.FALLING}
            WITH DISTINCT o
            MATCH (o)<-[s:deposit]-(l:loan) WHERE s.ts > $startTime AND s.ts < $endTime
            WITH DISTINCT o, l
            RETURN o.id AS other, round(sum(l.amount), 3) AS lent, round(sum(l.balance), 3)
            ORDER BY lent DESC, other""", params)

    def TCR3(self, params):
        if params["id1"] == params["id2"]:
            return [[0]]
        found = self.rows(f"""MATCH (a:account {{id: $id1}})
            -[e:transfer* SHORTEST 1..30 {self.WINDOW}]->(b:account {{id: $id2}})
            RETURN length(e)""", params)
        return found[:1] or [[-1]]

    def TCR5(self, params):
        params = params | {"id": params.get("id", params.get("personId"))}
        return self.rows(f"""MATCH (:person {{id: $id}})-[:own]->(a:account)
            MATCH (a)-[e:transfer* ACYCLIC 1..3 {self.WINDOW}]->(o:account)
            WITH a, e, o, properties(rels(e), 'ts') AS t WHERE {self.RISING}
            WITH DISTINCT list_append(list_prepend(properties(nodes(e), 'id'), a.id), o.id) AS path
            RETURN path ORDER BY size(path) DESC""", params)

    def TCR8(self, params):
        params = params | {"id": params.get("id", params.get("loanId"))}
        frontier = [row[0] for row in self.rows("""MATCH (l:loan {id: $id})-[s:deposit]->(a:account)
            WHERE s.ts > $startTime AND s.ts < $endTime RETURN DISTINCT a.id""", params)]
        lent = self.rows("MATCH (l:loan {id: $id}) RETURN l.amount", params)
        edges, near = {}, {}
        for depth in [2, 3, 4] if frontier else []:
            found = self.rows("""MATCH (a:account) WHERE a.id IN $frontier
                OPTIONAL MATCH (a)<-[i:transfer]-(:account)
                WHERE i.ts > $startTime AND i.ts < $endTime
                WITH a, coalesce(sum(i.amount), 0.0) AS took
                MATCH (a)-[e:transfer|:withdraw]->(w:account)
                WHERE e.ts > $startTime AND e.ts < $endTime AND e.amount > $threshold * took
                RETURN a.id, w.id, e.ts, e.amount, label(e)""", params | {"frontier": frontier})
            for start, end, ts, amount, kind in found:
                edges[start, end, ts, amount, kind] = (end, amount)
                near.setdefault(end, depth)
            frontier = sorted({row[1] for row in found})
            if not frontier:
                break
        total = {}
        for end, amount in edges.values():
            total[end] = total.get(end, 0.0) + amount
        rows = [[end, round(total[end] / lent[0][0], 3), near[end]] for end in near]
        return sorted(rows, key=lambda row: (-row[2], -row[1], row[0]))


PEERS = {"duckdb": Duckdb, "kuzu": Kuzu}


def without_limit(peer, query, cases):
    """The cases with what a peer finds when it keeps every link."""
    for case in cases:
        rows = getattr(peer, query)(case["params"] | {"truncationLimit": 1_000_000_000})
        yield case | {"expected": rows}


def run_peer(peer, query, cases):
    """Seconds and processor seconds of each case, and the answers of the first round."""
    times, answers = [], []
    for round_ in range(ROUNDS):
        for case in cases:
            wall, processor = time.perf_counter(), time.process_time()
            rows = getattr(peer, query)(case["params"])
            times.append((time.perf_counter() - wall, time.process_time() - processor))
            if round_ == 0:
                answers.append({"case": case["case"], "rows": rows})
    return times, answers


def run_ours(binary, store, work, query, cases):
    """The same of moneytrail: a file of parameters, one question a line."""
    params = work / f"{query}.peers.jsonl"
    params.write_text("".join(json.dumps(case["params"]) + "\n" for case in cases * ROUNDS))
    file = QUERIES / f"{query.lower()}.toml"
    command = [binary, "query", str(store), str(file), "--batch", str(params), "--timings=json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    stages = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    times = [(stage["seconds"], stage["cpu_seconds"]) for stage in stages
             if stage["stage"] == "answer"]
    answers = []
    for case, line in zip(cases, done.stdout.splitlines()):
        answer = json.loads(line)
        columns = case.get("columns", answer["columns"])
        at = {name: place for place, name in enumerate(answer["columns"])}
        rows = [[value(row[at[name]], name) for name in columns] for row in answer["rows"]]
        answers.append({"case": case.get("case"), "rows": rows})
    return times, answers


def say(*cells):
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def medians(times):
    return [statistics.median(one[at] for one in times) * 1000 for at in [0, 1]]


def passed(data, work, cases, answers):
    """How many cases the answers pass, by the scorer that goes with the data."""
    files = [work / "cases.peers.jsonl", work / "answers.peers.jsonl"]
    for file, lines in zip(files, [cases, answers]):
        file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    command = [sys.executable, str(data / "score.py"), *map(str, files)]
    said = subprocess.run(command, capture_output=True, text=True).stdout
    failed = [line.split()[1] for line in said.splitlines() if line.startswith("FAIL")]
    return [case["case"] for case in cases if case["case"] not in failed], failed


def compare(asked, work):
    cases = [json.loads(line) for line in (asked.data / "cases_public.jsonl").open()]
    store = load(asked.moneytrail, asked.data, "driver_example", work)
    snapshot = asked.data / "driver_example" / "snapshot"
    peers = {name: peer(snapshot, work) for name, peer in PEERS.items()}
    say("query", "program", "median ms", "processor ms", "answers as expected", "differ")
    say(*["---"] * 6)
    good = True
    for query in asked.queries:
        of_query = [case for case in cases if case["query"] == query]
        for name in ["moneytrail", *peers]:
            expected = of_query
            if name == "moneytrail":
                times, answers = run_ours(asked.moneytrail, store, work, query, of_query)
            else:
                times, answers = run_peer(peers[name], query, of_query)
            if name == "kuzu":
                expected = list(without_limit(peers["duckdb"], query, of_query))
            held, failed = passed(asked.data, work, expected, answers)
            wall, processor = medians(times)
            good &= not failed
            say(query, name, f"{wall:.2f}", f"{processor:.2f}", f"{len(held)} of {len(of_query)}",
                " ".join(failed))
    return good


def drawn(query, rows, draw):
    """Parameters of a question about generated data: some four months, any vertex."""
    start = draw.randrange(FIRST_MS, LAST_MS - 120 * 86_400_000)
    accounts, persons, loans = rows // 10, rows // 20, rows // 50
    params = {"startTime": start, "endTime": start + 120 * 86_400_000}
    account = lambda: ACCOUNT + draw.randrange(accounts) * 1_009
    if query == "TCR3":
        return params | {"id1": account(), "id2": account()}
    params |= {"truncationLimit": draw.choice([100, 500]),
               "truncationOrder": draw.choice(["TIMESTAMP_DESCENDING", "AMOUNT_DESCENDING"])}
    return params | {"TCR1": {"id": account()},
                     "TCR2": {"personId": draw.randrange(persons)},
                     "TCR5": {"personId": draw.randrange(persons)},
                     "TCR8": {"loanId": LOAN + draw.randrange(loans) * 7, "threshold": 0.1}}[query]


def large(asked, work):
    from finbench_generate import generate
    folder = work / f"generated-{asked.rows}"
    if not (folder / "store").exists():
        generate(folder, asked.rows)
        load(asked.moneytrail, work, folder.name, work)
    draw = random.Random(1848)
    say("query", "questions", "median ms", "processor ms", "slowest ms", "median rows")
    say(*["---"] * 6)
    for query in asked.queries:
        cases = [{"params": drawn(query, asked.rows, draw)} for _ in range(50)]
        times, answers = run_ours(asked.moneytrail, folder / "store", work, query, cases)
        wall, processor = medians(times)
        rows = statistics.median(len(answer["rows"]) for answer in answers)
        slowest = max(one[0] for one in times) * 1000
        say(query, len(cases), f"{wall:.2f}", f"{processor:.2f}", f"{slowest:.1f}", rows)


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--moneytrail", default="target/release/moneytrail")
    options.add_argument("--data", type=Path, required=True)
    options.add_argument("--work", type=Path, default=Path("target/peers/finbench"))
    options.add_argument("--queries", type=lambda text: text.split(","), default=ASKED)
    options.add_argument("--rows", type=int)
    asked = options.parse_args()
    own_venv.enter(asked.work, PACKAGES)
    if asked.rows:
        large(asked, asked.work)
        return
    sys.exit(not compare(asked, asked.work))


if __name__ == "__main__":
    main()
