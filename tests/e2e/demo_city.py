#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The demo city on a real server: loaded through the API, loaded again, and its figures as they are promised.

demo_city.py BUILD
"""
import os
import re
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
import city  # noqa: E402
from cases import case, equal, run  # noqa: E402
from stack import Stack, find_build  # noqa: E402

DEMO_PASSWORD = "Twelve-Angry-Grids"
ITEMS = 35414


def load(s, *options):
    """Run wangge-demo load; return (seconds, standard output)."""
    env = {**os.environ, "HOME": s.dir, "XDG_CONFIG_HOME": s.dir, "WANGGE_DEMO_PASSWORD": DEMO_PASSWORD,
           "WANGGE_DEMO_SYSADMIN": "sysadmin", "WANGGE_DEMO_SYSADMIN_PASSWORD": city.PASSWORD,
           "WANGGE_DEMO_SECADMIN": "secadmin", "WANGGE_DEMO_SECADMIN_PASSWORD": city.PASSWORD}
    started = time.monotonic()
    done = subprocess.run([os.path.join(s.build, "client", "demo", "wangge-demo"), "load", "--server", s.address, *options],
                          env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=600)
    seconds = time.monotonic() - started
    print(done.stdout + done.stderr, end="")
    equal(done.returncode, 0, "exit code")
    return seconds, done.stdout


def login(s, name):
    from wangge.v1 import auth_pb2
    answer = s.method("AuthService", "Login")(auth_pb2.LoginRequest(login=name, password=DEMO_PASSWORD), timeout=60)
    s.tokens[name] = answer.token


def query(s, metric, year, breakdown=1, **kw):
    from wangge.v1 import report_pb2
    req = report_pb2.QueryMetricRequest(breakdown=breakdown)
    setattr(req.query, "metric", metric)
    setattr(req.query, "from", f"{year}-01-01")
    setattr(req.query, "to", f"{year}-12-31")
    for key, value in kw.items():
        if key == "as_of":
            req.query.as_of.FromJsonString(value)
        elif key == "compare":
            req.compare = value
        else:
            setattr(req.query, key, value)
    return s.call("demo.supervisor", "ReportService", "QueryMetric", req, timeout=60)


def part(figure):
    return figure.numerator, figure.denominator


def listed(s, answer, breakdown, key, which):
    """Count the cases behind a figure by turning the pages; return (count, promised total)."""
    from wangge.v1 import report_pb2
    req = report_pb2.ListFigureCasesRequest(query=answer.query, breakdown=breakdown, key=key, part=which, page_size=500)
    n = 0
    while True:
        page = s.call("demo.supervisor", "ReportService", "ListFigureCases", req, timeout=60)
        n += len(page.cases)
        if not page.next_page_token:
            return n, page.total
        req.page_token = page.next_page_token


@case("the city loads within a minute")
def first_load(s):
    seconds, out = load(s)
    print(f"loaded in {seconds:.1f} s")
    equal(f"{ITEMS} imported, 0 there already, 0 failed" in out, True, out)
    login(s, "demo.supervisor")


@case("2021: 18,442 reported, 18,400 valid, 14,904 closed")
def year_2021(s):
    answer = query(s, "K01", 2021)
    equal(part(answer.total), (14904, 18400))
    c = answer.total.counts
    equal((c.reported, c.valid, c.closed, c.self_closed), (18442, 18400, 14904, 13414))
    equal((c.refused, c.voided, c.merged, c.undecided), (0, 30, 12, 0))


@case("2020 as it was known then, and as it is known now")
def year_2020(s):
    equal(part(query(s, "K01", 2020).total), (12980, 16900))
    equal(part(query(s, "K01", 2020, as_of="2022-01-01T00:00:00+08:00").total), (15600, 16900))
    equal(part(query(s, "K01", 2021, compare=True).year_earlier), (12980, 16900))


@case("other metrics of 2021")
def others(s):
    equal(part(query(s, "K04", 2021).total), (14904, 18442))
    equal(part(query(s, "K16", 2021).total), (13414, 14904))


@case("the rows of a report add up to it, and lists are as long as their figures")
def rows(s):
    answer = query(s, "K01", 2021, breakdown=2)
    equal(len(answer.rows), 9)
    equal((sum(r.figure.numerator for r in answer.rows), sum(r.figure.denominator for r in answer.rows)), (14904, 18400))
    smallest = min(answer.rows, key=lambda r: r.figure.denominator)
    equal(listed(s, answer, 2, smallest.key, 1), (smallest.figure.numerator,) * 2, smallest.key)
    equal(listed(s, answer, 2, smallest.key, 2), (smallest.figure.denominator,) * 2, smallest.key)
    months = query(s, "K01", 2021, breakdown=5)
    equal(len(months.rows), 12)
    equal(sum(r.figure.numerator for r in months.rows), 14904)


@case("a second load adds nothing")
def second_load(s):
    seconds, out = load(s)
    print(f"loaded again in {seconds:.1f} s")
    equal(f"0 imported, {ITEMS} there already, 0 failed" in out, True, out)
    equal(re.search(r"(\d+) rows new or changed", out).group(1), "0", out)
    equal(part(query(s, "K01", 2021).total), (14904, 18400))


def main():
    build = find_build()
    with Stack(build, with_city=False) as stack:
        stack.add_user("sysadmin", "SYSTEM_ADMIN", "系统管理员")
        stack.add_user("secadmin", "SECURITY_ADMIN", "安全管理员")
        return run(stack)


sys.exit(main())
