#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reports over ten million cases, beside the same GROUP BY in PostgreSQL and in DuckDB.

Ours: the very statements that the server sends for the figure, like the opponents' statement; and the whole call through the API
(QueryMetric, ListFigureCases, PullReport), with Python's client. PostgreSQL: a flat table in the same cluster, one row a case, with covering indexes, vacuumed,
warm, parallel; the statement alone. DuckDB: the same rows in memory, two threads, in its own process. All answers are compared row by row.

--cases N; the cluster is kept in var/bench between runs. --small N: beside itself with so many cases (0: not). --duckdb 0: without it (and
without npm). The last line compares the year by township with PostgreSQL's.
"""
import calendar
import datetime
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import side
import bench_intake
import city
from bench_search import Sql, timed
from stack import Stack

COUNTIES, TOWNSHIPS, COMMUNITIES, GRIDS, CATEGORIES, ORGANS = 10, 10, 10, 5, 60, 300
TOP = "2306"


def directory(pb2, small):
    """One ImportDirectory request after another."""
    counties, communities = (2, 2) if small else (COUNTIES, COMMUNITIES)
    regions = [(TOP, 1, "大庆市")]
    for c in range(counties):
        county = f"{TOP}{c + 1:02d}"
        regions.append((county, 2, f"第{c + 1}区"))
        for t in range(TOWNSHIPS):
            township = f"{county}{t + 1:03d}"
            regions.append((township, 3, f"第{c + 1}区{t + 1}街道"))
            for m in range(communities):
                community = f"{township}{m + 1:03d}"
                regions.append((community, 4, f"{t + 1}街道{m + 1}社区"))
                regions += [(f"{community}{g + 1:03d}", 5, f"{m + 1}社区{g + 1}格") for g in range(GRIDS)]
    for i in range(0, len(regions), 500):
        yield pb2.ImportDirectoryRequest(regions=[pb2.Region(code=code, level=level, name=name) for code, level, name in regions[i:i + 500]])
    yield pb2.ImportDirectoryRequest(categories=[
        pb2.Category(code=f"E{1 + k // 20:02d}{k % 20 + 1:02d}", name=f"类别{k + 1}", settle_allowed=True, counted=True, active=True,
                     handle_limit_minutes=[2400, 960, 240]) for k in range(CATEGORIES)])
    for i in range(0, ORGANS, 100):
        yield pb2.ImportDirectoryRequest(organs=[pb2.Organ(code=f"DW-{k + 1}", name=f"单位{k + 1}", kind=2, region_code=TOP)
                                                 for k in range(i, i + 100)])


def prepare(args, cases, tmp):
    """Make, or find, the cluster with so many cases; return its folder."""
    folder = os.path.join(tmp if args.fresh else os.path.join(side.ROOT, "var", "bench"), f"report-{cases}")
    stamp = os.path.join(folder, "prepared")
    if os.path.exists(stamp):
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    print(f"preparing {cases} cases in {folder}", flush=True)
    began = time.monotonic()
    with Stack(args.build, with_city=False, keep=folder) as stack:
        from wangge.v1 import directory_pb2
        stack.add_user("sysadmin", "SYSTEM_ADMIN", "系统管理员")
        stack.add_user("secadmin", "SECURITY_ADMIN", "安全管理员")
        for request in directory(directory_pb2, cases < 100000):
            stack.call("sysadmin", "DirectoryService", "ImportDirectory", request, timeout=120)
        stack.call("secadmin", "DirectoryService", "CreateAccount", directory_pb2.CreateAccountRequest(
            login="city", name="督办", role=8, region_code=TOP, password=city.PASSWORD, keep_password=True), timeout=60)
    cluster = bench_intake.Cluster(folder)
    cluster.start(os.path.join(folder, "postgres.log"))
    try:
        cluster.script("report_setup.sql", count=cases)
        wrong = cluster.psql("-c", "select * from verify(3)") if cases <= 200000 else ""
        if wrong:
            sys.exit(f"the rows are not what the server would have written:\n{wrong}")
    finally:
        cluster.stop()
    print(f"prepared in {time.monotonic() - began:.0f} s", flush=True)
    with open(stamp, "w", encoding="utf-8") as f:
        f.write("\n")
    return folder


class Duck:
    """DuckDB in a process of its own."""

    def __init__(self, sql, tmp):
        node = os.path.join(side.ROOT, "var", "bench", "node")
        if not os.path.exists(os.path.join(node, "node_modules", "@duckdb", "node-api")):
            os.makedirs(node, exist_ok=True)
            subprocess.run(["npm", "install", "--prefix", node, "--no-audit", "--no-fund", "--loglevel=error", "@duckdb/node-api"],
                           check=True, stdin=subprocess.DEVNULL)
        rows = os.path.join(tmp, "flat.csv")
        with open(rows, "w", encoding="utf-8") as f:
            for row in sql.run("copy (select grid_code, township, category_id, cohort_day, valid, closed from bench_flat) to stdout (format csv)"):
                f.write(row + "\n")
        here = os.path.dirname(os.path.abspath(__file__))
        self.node = subprocess.Popen(["node", os.path.join(here, "duckdb_side.js"), rows], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                     text=True, env={**os.environ, "NODE_PATH": os.path.join(node, "node_modules")})
        if not json.loads(self.node.stdout.readline() or "{}").get("ready"):
            sys.exit("DuckDB did not start")

    def ask(self, sql, times):
        self.node.stdin.write(json.dumps({"sql": sql, "times": times}) + "\n")
        self.node.stdin.flush()
        answer = json.loads(self.node.stdout.readline())
        return {tuple(r) for r in answer["rows"]}, statistics.median(answer["ms"])

    def close(self):
        self.node.stdin.close()
        self.node.wait()


def month_ends(today, months):
    """The whole months before this one: (first day, last day) of the last so many."""
    last = today.replace(day=1) - datetime.timedelta(days=1)
    year, month = last.year, last.month - months + 1
    while month < 1:
        year, month = year - 1, month + 12
    return datetime.date(year, month, 1), last.replace(day=calendar.monthrange(last.year, last.month)[1])


class Side:
    """Our side of one cluster: its server, and psql beside it."""

    def __init__(self, args, folder):
        self.stack = Stack(args.build, with_city=False, keep=folder)

    def __enter__(self):
        self.stack.__enter__()
        self.sql = Sql(self.stack)
        self.sql.run("set jit = off; set max_parallel_workers_per_gather = 2")
        for kind, name in (("township", "report_month"), ("category", "report_category"), ("edge", "report_arrived")):
            self.sql.run(f"prepare ours_{kind} as {statement(name)}")
        return self

    def __exit__(self, *failed):
        self.sql.close()
        return self.stack.__exit__(*failed)

    def figures(self, first, last, times, **more):
        from wangge.v1 import report_pb2
        breakdown = {k: more.pop(k) for k in ("breakdown", "breakdown_level") if k in more}
        # As of now, as the flat table is; the default would be the window's end.
        query = report_pb2.MetricQuery(metric="K01", **{"from": str(first)}, to=str(last), **more)
        query.as_of.FromSeconds(int(time.time()) - 1)
        request = report_pb2.QueryMetricRequest(query=query, **breakdown)
        call, metadata = self.stack.method("ReportService", "QueryMetric"), self.stack.metadata("city")
        answer = call(request, timeout=120, metadata=metadata)
        return answer, timed(lambda: call(request, timeout=120, metadata=metadata), times)

    def listed(self, query, times):
        from wangge.v1 import report_pb2
        request = report_pb2.ListFigureCasesRequest(query=query, breakdown=1, part=1, page_size=50)
        call, metadata = self.stack.method("ReportService", "ListFigureCases"), self.stack.metadata("city")
        call(request, timeout=120, metadata=metadata)
        return timed(lambda: call(request, timeout=120, metadata=metadata), times)

    def overdue(self, first, last, times):
        from wangge.v1 import report_pb2
        request = report_pb2.PullReportRequest(code="OVERDUE", **{"from": str(first)}, to=str(last))
        call, metadata = self.stack.method("ReportService", "PullReport"), self.stack.metadata("city")
        return timed(lambda: list(call(request, timeout=120, metadata=metadata)), times)


def windows(today):
    return [("a month", *month_ends(today, 1)), ("a year", *month_ends(today, 12)), ("three years", *month_ends(today, 36))]


def theirs_sql(table, key, first, last, more=""):
    return (f"select {key}, sum(valid), sum(closed) from {table} where cohort_day between date '{first}' and date '{last}'{more}"
            f" group by {key}")


def statement(name):
    """The text of one of the server's statements, its parts put in."""
    folder = os.path.join(side.ROOT, "server", "store", "sql")
    with open(os.path.join(folder, name + ".sql"), encoding="utf-8") as f:
        text = f.read()
    return "\n".join(line for line in text.splitlines() if not line.startswith("--"))


def month_number(day):
    return day.year * 12 + day.month - 1


def ours_alone(us, first, last, kind, times):
    """Median of what the server asks the database for whole months as of now: the cells, and the events after the as-of."""
    after = month_number(last) + 1
    level = 3 if kind == "township" else 1
    cells = f"{TOP}{0:011d}, {TOP}{99999999999}, {month_number(first)}, {after}, 0, 2147483647"
    us.sql.run(f"execute ours_{kind}({level}, {cells})")
    run = lambda: (us.sql.run(f"execute ours_{kind}({level}, {cells})"),  # noqa: E731
                   us.sql.run(f"execute ours_edge({level if kind == 'township' else 6}, {TOP}{0:011d}, {TOP}{99999999999}, '{first}', '{last}',"
                              " now(), 'infinity', null, null, null)"))
    return timed(run, times)[0]


def compare(us, duck, name, ours, sql_of, key_of, times, alone):
    """Print one line; the rows must be the same on every side. Returns (ours, PostgreSQL's) in ms."""
    answer, (p50, p99) = ours
    rows = {(key_of(r.key), str(r.figure.denominator), str(r.figure.numerator)) for r in answer.rows}
    sql = sql_of("bench_flat")
    pg = {tuple(r.split("|")) for r in us.sql.run(sql)}
    if rows != {r for r in pg if r[1] != "0"}:
        sys.exit(f"{name}: PostgreSQL's rows differ: {sorted(rows ^ pg)[:4]}")
    pg_ms = timed(lambda: us.sql.run(sql), max(3, times // 40))[0]
    line = (f"{name}: ours {alone:.2f} ms (the call p50 {p50:.2f} ms, p99 {p99:.2f} ms); PostgreSQL {pg_ms:.1f} ms,"
            f" {pg_ms / alone:.0f} times")
    if duck:
        got, duck_ms = duck.ask(sql_of("flat"), max(3, times // 40))
        if got != pg:
            sys.exit(f"{name}: DuckDB's rows differ")
        line += f"; DuckDB {duck_ms:.1f} ms, {duck_ms / alone:.0f} times"
    print(line, flush=True)
    return alone, pg_ms


def measure(args, folder, tmp, small):
    today = datetime.date.today()
    year = (0, 1)
    ours_year = {}
    if small:
        with Side(args, small) as us:
            for name, first, last in windows(today):
                ours_year[name] = ours_alone(us, first, last, "township", args.times)
    with Side(args, folder) as us:
        duck = Duck(us.sql, tmp) if args.duckdb else None
        for name, first, last in windows(today):
            ours = us.figures(first, last, args.times, breakdown=2, breakdown_level=3)
            took = compare(us, duck, f"by township, {name}", ours, lambda t: theirs_sql(t, "township", first, last),
                           lambda k: k.ljust(15, "0"), args.times, ours_alone(us, first, last, "township", args.times))
            year = took if name == "a year" else year
            if name in ours_year:
                print(f"  beside itself with {args.small} cases: {ours_year[name]:.2f} ms, {took[0] / ours_year[name]:.2f} times (goal <= 2)")
        first, last = month_ends(today, 12)
        ids = dict(r.split("|") for r in us.sql.run("select code, id from category"))
        compare(us, duck, "by category, a year", us.figures(first, last, args.times, breakdown=3),
                lambda t: theirs_sql(t, "category_id", first, last), ids.get, args.times,
                ours_alone(us, first, last, "category", args.times))
        grid = us.sql.run("select min(code) from region where level = 5")[0]
        answer, (p50, p99) = us.figures(first, last, args.times, region_code=grid)
        sql = f"select sum(valid), sum(closed) from bench_flat where grid_code = {grid} and cohort_day between date '{first}' and date '{last}'"
        if us.sql.run(sql) != [f"{answer.total.denominator}|{answer.total.numerator}"]:
            sys.exit("one grid: the figures differ")
        print(f"one grid, a year: ours p50 {p50:.2f} ms, p99 {p99:.2f} ms; PostgreSQL {timed(lambda: us.sql.run(sql), 5)[0]:.2f} ms")
        p50, p99 = us.listed(us.figures(first, last, 1)[0].query, max(3, args.times // 10))
        print(f"the first page behind the year's figure: p50 {p50:.2f} ms, p99 {p99:.2f} ms")
        p50, p99 = us.overdue(first, last, max(3, args.times // 10))
        sql = "select id from case_file where figure_due_at < now() and state <= 9 order by figure_due_at limit 100"
        print(f"overdue top 100: p50 {p50:.2f} ms, p99 {p99:.2f} ms; the bare statement {timed(lambda: us.sql.run(sql), 5)[0]:.2f} ms")
        # The control: a row that was changed is noticed.
        us.sql.run("update bench_flat set closed = 1 - closed where ctid = (select min(ctid) from bench_flat)")
        changed = us.sql.run(theirs_sql("bench_flat", "township", *month_ends(today, 36)))
        us.sql.run("update bench_flat set closed = 1 - closed where ctid = (select max(ctid) from bench_flat)")
        answer = us.figures(*month_ends(today, 36), 1, breakdown=2, breakdown_level=3)[0]
        if {tuple(r.split("|")) for r in changed} == {(r.key.ljust(15, "0"), str(r.figure.denominator), str(r.figure.numerator))
                                                      for r in answer.rows}:
            sys.exit("the control failed: a changed row was not noticed")
        if duck:
            duck.close()
    return year


def main():
    args = side.arguments("report", fresh=0, cases=10000000, small=10000, times=200, duckdb=1)
    os.umask(0o022)
    tmp = tempfile.mkdtemp(prefix="bench-report-")
    os.chmod(tmp, 0o755)
    try:
        small = prepare(args, args.small, tmp) if args.small else None
        ours, theirs = measure(args, prepare(args, args.cases, tmp), tmp, small)
    finally:
        shutil.rmtree(tmp)
    side.last_line("report", ours, theirs, "ms", ">= 500 times", ratio=theirs / ours)


if __name__ == "__main__":
    main()
