#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Finding two-character words among a million cases, beside ILIKE over the table, without and with a trigram index.

Ours: Search through the API, first page of 50, newest first. Theirs: the same page by SQL, description and address ILIKE '%word%',
ordered and limited, once with the planner as it is (pg_trgm's index is there; it does not know two characters) and once by the
plain scan. A rare, a middling and a frequent word, one that is in every place's name, and one that is nowhere, in one county and in
the whole city; the pages are compared case by case. Also FindSimilar, a trigram-friendly four-character word, where the
opponent's index helps it, and lists by text (page and count), beside the same by LIKE.

--cases N; the cluster is kept in var/bench between runs, unless --fresh 1 asks for one that is not. The last line compares the
slowest median of the two-character words with the slowest of the opponent with its index.
"""
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
from database import as_postgres, pg_program
from stack import Stack

PAGE = 50
NAME, NOWHERE = "社区", "不存"
CANDIDATES = ["居民", "反映", "单元", "垃圾", "楼道", "堆放", "漏水", "井盖", "路灯", "燃气", "溺水", "噪声", "门禁", "诈骗", "内涝", "塌陷", "结冰"]
COUNTY = "230604"


def texts(args, out):
    """Write the demo generator's incidents as rows for COPY."""
    made = subprocess.Popen([os.path.join(args.build, "client/demo/wangge-demo"), "generate", "--count", str(args.cases)],
                            stdout=subprocess.PIPE, text=True)
    for n, line in enumerate(made.stdout):
        c = json.loads(line)
        point = c.get("location", {})
        row = [str(n), c["gridCode"], c["categoryCode"], c["description"], c.get("address", "\\N"),
               str(point.get("latitude", "\\N")), str(point.get("longitude", "\\N"))]
        out.write("\t".join(row) + "\n")
    if made.wait():
        sys.exit("wangge-demo failed")


def prepare(args, tmp):
    """Make, or find, the cluster with the wanted number of cases; return its folder."""
    folder = os.path.join(tmp if args.fresh else os.path.join(side.ROOT, "var", "bench"), f"search-{args.cases}")
    stamp = os.path.join(folder, "prepared")
    if os.path.exists(stamp):
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    print(f"preparing {args.cases} cases in {folder}", flush=True)
    with Stack(args.build, with_city=False, keep=folder) as stack:
        from google.protobuf import json_format
        from wangge.v1 import directory_pb2
        stack.add_user("sysadmin", "SYSTEM_ADMIN", "系统管理员")
        stack.add_user("secadmin", "SECURITY_ADMIN", "安全管理员")
        lines = subprocess.run([os.path.join(args.build, "client/demo/wangge-demo"), "dump", "--what", "directory"],
                               stdout=subprocess.PIPE, text=True, check=True).stdout
        for line in lines.splitlines():
            stack.call("sysadmin", "DirectoryService", "ImportDirectory",
                       json_format.Parse(line, directory_pb2.ImportDirectoryRequest()), timeout=120)
        for login, region in (("city", "2306"), ("county", COUNTY)):
            stack.call("secadmin", "DirectoryService", "CreateAccount", directory_pb2.CreateAccountRequest(
                login=login, name=login, role=8, region_code=region, password=city.PASSWORD, keep_password=True), timeout=60)
    cluster = bench_intake.Cluster(folder)
    cluster.start(os.path.join(folder, "postgres.log"))
    try:
        rows = os.path.join(folder, "texts")
        with open(rows, "w", encoding="utf-8") as f:
            texts(args, f)
        cluster.psql("-c", "create unlogged table bench_text (n bigint, grid bigint, category text, description text, address text,"
                     " latitude double precision, longitude double precision)", "-c", f"\\copy bench_text from '{rows}'")
        os.unlink(rows)
        cluster.script("search_setup.sql", count=args.cases)
    finally:
        cluster.stop()
    began = time.monotonic()
    stack = Stack(args.build, with_city=False, keep=folder)
    stack.dir = folder
    subprocess.run(stack.command("reindex"), check=True)
    spent = time.monotonic() - began
    print(f"indexed {args.cases} cases in {spent:.0f} s, {args.cases / spent:.0f} cases/s", flush=True)
    with open(stamp, "w", encoding="utf-8") as f:
        f.write("\n")
    return folder


def timed(fn, times):
    took = []
    for _ in range(times):
        began = time.monotonic()
        fn()
        took.append((time.monotonic() - began) * 1000)
    took.sort()
    return statistics.median(took), took[min(len(took) - 1, int(len(took) * 0.99))]


class Sql:
    """A psql kept open, so that connecting is not counted."""

    def __init__(self, stack):
        with open(os.path.join(stack.dir, "pg", "data", "postmaster.pid"), encoding="utf-8") as f:
            lines = f.read().split("\n")
        self.psql = subprocess.Popen([*as_postgres(), pg_program("psql"), "-XqAt", "-h", lines[4].strip(),
                                      "-p", lines[3].strip(), "-U", "postgres", "-d", "wangge"], cwd="/", stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE, text=True)

    def run(self, sql):
        self.psql.stdin.write(sql + ";\n\\echo ---\n")
        self.psql.stdin.flush()
        rows = []
        while (line := self.psql.stdout.readline().rstrip("\n")) != "---":
            rows.append(line)
        return rows

    def close(self):
        self.psql.stdin.close()
        self.psql.wait()


def ilike(word, county):
    confined = f" and grid_code between {COUNTY}000000000 and {COUNTY}999999999" if county else ""
    return (f"select id from case_file where (description ilike '%{word}%' or address ilike '%{word}%'){confined}"
            f" order by cohort_day desc, id desc limit {PAGE}")


def listed(stack, sql, word, login, times):
    """Print how ListCases by text compares with LIKE over all cases; the pages and counts must be the same."""
    from wangge.v1 import case_pb2
    confined = f" and grid_code between {COUNTY}000000000 and {COUNTY}999999999" if login == "county" else ""
    having = f"from case_file where (description like '%{word}%' or address like '%{word}%'){confined}"
    page = f"select id {having} order by cohort_day desc, id desc limit {PAGE}"
    count = f"select count(*) from (select {having} limit 10000) x"
    call, metadata = stack.method("CaseService", "ListCases"), stack.metadata(login)
    request = case_pb2.ListCasesRequest(filter=case_pb2.CaseFilter(text=word), page_size=PAGE)
    answer = call(request, timeout=60, metadata=metadata)
    if [c.case_id for c in answer.cases] != sql.run(page) or str(answer.total_up_to_10000) != sql.run(count)[0]:
        sys.exit(f"lists of {word} in the {login} differ")
    ours = timed(lambda: call(request, timeout=60, metadata=metadata), times)
    theirs = timed(lambda: (sql.run(page), sql.run(count)), 3)
    print(f"list by text ({word}), {login}: ours p50 {ours[0]:.1f} ms, p99 {ours[1]:.1f} ms; LIKE {theirs[0]:.1f} ms;"
          f" {answer.total_up_to_10000} cases", flush=True)


def pick(sql, total):
    """The candidates nearest to one case in 2,000, in 60, and the most frequent."""
    counts = {}
    for word in CANDIDATES:
        counts[word] = int(sql.run(f"select count(*) from case_file where description like '%{word}%' or address like '%{word}%'")[0])
    some = {w: n for w, n in counts.items() if n}
    near = lambda share: min(some, key=lambda w: abs(some[w] / total / share - 1) + abs(total * share / some[w] - 1))  # noqa: E731
    return [("rare", near(1 / 2000)), ("middling", near(1 / 60)), ("frequent", max(some, key=some.get))], counts


def measure(args, folder):
    worst = theirs_worst = 0
    with Stack(args.build, with_city=False, keep=folder) as stack:
        from wangge.v1 import search_pb2, types_pb2
        sql = Sql(stack)
        sql.run("set jit = off")
        sizes = sql.run("select pg_size_pretty(pg_total_relation_size('search_posting') + pg_total_relation_size('search_slot')"
                        " + pg_total_relation_size('search_segment')) || ', trigram index ' || pg_size_pretty(pg_relation_size('bench_trgm'))"
                        " || ', cases ' || pg_size_pretty(pg_table_size('case_file'))")[0]
        print(f"sizes: our index {sizes}")
        words, counts = pick(sql, args.cases)
        for kind, word in [*words, ("place name", NAME), ("nowhere", NOWHERE), ("four characters", "暴露垃圾")]:
            for login in ("county", "city"):
                call = stack.method("SearchService", "Search")
                metadata = stack.metadata(login)
                request = search_pb2.SearchRequest(text=word, page_size=PAGE)
                hits = call(request, timeout=60, metadata=metadata).hits
                own = [h.case.case_id for h in hits if set(h.fields) & {"description", "address"}]
                query = ilike(word, login == "county")
                want = sql.run(query)
                if own != want:
                    sys.exit(f"{word} in the {login}: the pages differ")
                ours = timed(lambda: call(request, timeout=60, metadata=metadata), args.times)
                sql.run("set enable_bitmapscan = on")
                trgm = timed(lambda: sql.run(query), 3)
                sql.run("set enable_bitmapscan = off; set enable_indexscan = off")
                scan = timed(lambda: sql.run(query), 3)
                sql.run("set enable_bitmapscan = on; set enable_indexscan = on")
                count = f", {counts[word]} cases" if word in counts else ""
                print(f"{kind} ({word}{count}), {login}: ours p50 {ours[0]:.2f} ms, p99 {ours[1]:.2f} ms; with pg_trgm {trgm[0]:.1f} ms;"
                      f" ILIKE scan {scan[0]:.1f} ms; the same {len(own)} cases", flush=True)
                if kind != "four characters":
                    worst, theirs_worst = max(worst, ours[0]), max(theirs_worst, trgm[0])
        sql.run("set enable_bitmapscan = off; set enable_indexscan = off")
        for _, word in words:
            for login in ("county", "city"):
                listed(stack, sql, word, login, max(3, args.times // 10))
        sql.run("set enable_bitmapscan = on; set enable_indexscan = on")
        row = sql.run("select c.grid_code, c.latitude, c.longitude, k.code, extract(epoch from c.reported_at)::bigint, c.description"
                      " from case_file c join category k on k.id = c.category_id where c.latitude is not null"
                      " order by c.cohort_day desc, c.id desc limit 1")
        if row:
            grid, lat, lon, code, at, text = row[0].split("|", 5)
            request = search_pb2.FindSimilarRequest(category_code=code, grid_code=grid, description=text,
                                                    location=types_pb2.Point(latitude=float(lat), longitude=float(lon)))
            request.happened_at.seconds = int(at)
            call, metadata = stack.method("SearchService", "FindSimilar"), stack.metadata("city")
            found = call(request, timeout=60, metadata=metadata).cases
            ours = timed(lambda: call(request, timeout=60, metadata=metadata), args.times)
            print(f"similar cases: p50 {ours[0]:.2f} ms, p99 {ours[1]:.2f} ms; {len(found)} found")
        sql.close()
    return worst, theirs_worst


def main():
    args = side.arguments("search", fresh=0, cases=1000000, times=200)
    os.umask(0o022)
    tmp = tempfile.mkdtemp(prefix="bench-search-")
    os.chmod(tmp, 0o755)
    try:
        worst, theirs_worst = measure(args, prepare(args, tmp))
    finally:
        shutil.rmtree(tmp)
    side.last_line("search", worst, theirs_worst, "ms", "<= 20 ms")


if __name__ == "__main__":
    main()
