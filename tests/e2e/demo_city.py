#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The demo city on a real server: loaded through the API, interrupted, loaded again, and its figures as they are promised.

demo_city.py BUILD
"""
import os
import re
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
import city  # noqa: E402
from cases import case, equal, run  # noqa: E402
from proc import wait_until  # noqa: E402
from stack import Stack, find_build  # noqa: E402

DEMO_PASSWORD = "Twelve-Angry-Grids"
ITEMS = 35414


def loader(s):
    """The arguments of Popen for a wangge-demo load."""
    env = {**os.environ, "HOME": s.dir, "XDG_CONFIG_HOME": s.dir, "WANGGE_DEMO_PASSWORD": DEMO_PASSWORD,
           "WANGGE_DEMO_SYSADMIN": "sysadmin", "WANGGE_DEMO_SYSADMIN_PASSWORD": city.PASSWORD,
           "WANGGE_DEMO_SECADMIN": "secadmin", "WANGGE_DEMO_SECADMIN_PASSWORD": city.PASSWORD}
    return {"args": [os.path.join(s.build, "client", "demo", "wangge-demo"), "load", "--server", s.address], "env": env,
            "stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}


def load(s):
    """Run wangge-demo load; return (cases imported, cases there already)."""
    started = time.monotonic()
    done = subprocess.run(**loader(s), timeout=600)
    print(f"{done.stdout}{done.stderr}{time.monotonic() - started:.1f} s in all")
    equal(done.returncode, 0, "exit code")
    imported, there, failed = map(int, re.search(r"(\d+) imported, (\d+) there already, (\d+) failed", done.stdout).groups())
    equal((imported + there, failed), (ITEMS, 0))
    equal(f"{ITEMS} cases" in done.stdout, True, done.stdout)
    return imported, there


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
        elif key in ("compare", "breakdown_level"):
            setattr(req, key, value)
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


def total(s):
    """Cases in the database. Asked there: the accounts that could ask the server are only being made."""
    return int(s.psql("select count(*) from case_file"))


@case("a server that is killed ends the load, which says where it goes on")
def killed(s):
    done = subprocess.Popen(**loader(s))
    wait_until("the history to be under way", lambda: total(s) >= 2000, seconds=60, every=0.5)
    s.server.stop(sig=signal.SIGKILL)
    s.channel.close()
    out, err = done.communicate(timeout=120)
    print(out + err, end="")
    equal(done.returncode, 69, "exit code")
    stopped_at, again = map(int, re.search(r"Stopped after item (\d+); .*--from (\d+)", err).groups())
    equal(again, stopped_at + 1)
    # Less than the database holds: what was written when the server died need not have been answered.
    equal(0 < stopped_at < ITEMS, True, stopped_at)
    os.rename(s.log, s.log + ".killed")  # the port is read from the log
    s.start()
    s.tokens.clear()
    s.stopped_at = stopped_at


@case("the next load takes it up; what was answered is there, the rest goes in")
def taken_up(s):
    imported, there = load(s)
    equal(there >= s.stopped_at, True, f"{there} of {s.stopped_at}")
    equal(imported > 0, True)
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
    for row in answer.rows:
        equal(listed(s, answer, 2, row.key, 1), (row.figure.numerator,) * 2, row.key)
        equal(listed(s, answer, 2, row.key, 2), (row.figure.denominator,) * 2, row.key)
    towns = query(s, "K01", 2021, breakdown=2, breakdown_level=3)
    equal(len(towns.rows), 66)
    equal((sum(r.figure.numerator for r in towns.rows), sum(r.figure.denominator for r in towns.rows)), (14904, 18400))
    for row in towns.rows[::11]:
        equal(listed(s, towns, 2, row.key, 1), (row.figure.numerator,) * 2, row.key)
    months = query(s, "K01", 2021, breakdown=5)
    equal(len(months.rows), 12)
    equal(sum(r.figure.numerator for r in months.rows), 14904)


@case("one more load adds nothing")
def once_more(s):
    equal(load(s), (0, ITEMS))
    equal(part(query(s, "K01", 2021).total), (14904, 18400))


@case("wangged verify recounts it all, and finds a figure that was tampered with")
def verify(s):
    def run_verify():
        return subprocess.run(s.command("verify"), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, timeout=300)
    done = run_verify()
    print(done.stdout, end="")
    equal((done.returncode, "everything agrees" in done.stdout), (0, True), done.stdout)
    s.psql("update cell_month set closed = closed + 1 where level = 2")
    done = run_verify()
    equal((done.returncode, "cell_month" in done.stdout), (1, True), done.stdout)
    s.psql("update cell_month set closed = closed - 1 where level = 2")
    equal(run_verify().returncode, 0)


def main():
    build = find_build()
    with Stack(build, with_city=False) as stack:
        stack.add_user("sysadmin", "SYSTEM_ADMIN", "系统管理员")
        stack.add_user("secadmin", "SECURITY_ADMIN", "安全管理员")
        return run(stack)


sys.exit(main())
