"""What the peers of `compare.py` do: one function for each step and peer, which returns seconds,
processor seconds and the check values of its timed part. Nothing of moneytrail is run here."""

import os
import time
from pathlib import Path

from returns import COLUMNS, scan


def timed(work):
    """Seconds, processor seconds and result of a function."""
    wall, processor = time.perf_counter(), time.process_time()
    result = work()
    return time.perf_counter() - wall, time.process_time() - processor, result


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
