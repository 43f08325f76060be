#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Deadlines on the command line, in English and Chinese. cli_clock.py BUILD"""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import city  # noqa: E402
from cases import case, equal, run  # noqa: E402
from stack import SANITIZER, Stack, find_build, uuid7  # noqa: E402

GRID = "230604001001001"


def wangge(s, *args, code=0, stdin=""):
    """Run the program as the supervisor; return (standard output, standard error)."""
    home = os.path.join(s.dir, "home")
    os.makedirs(home, exist_ok=True)
    env = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "LC_", "WANGGE_"))}
    env.update({"HOME": home, "LANG": "C.UTF-8", "LANGUAGE": "", "TERM": "dumb"})
    done = subprocess.run([os.path.join(s.build, "client", "cli", "wangge"), *args], input=stdin, env=env, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
    if done.returncode != code or SANITIZER.search(done.stderr):
        raise AssertionError(f"wangge {' '.join(args)}: exit code {done.returncode}, not {code}\n{done.stdout}\n{done.stderr}")
    return done.stdout, done.stderr


def has(text, *parts):
    for part in parts:
        if part not in text:
            raise AssertionError(f"{part!r} is not in:\n{text}")


@case("a due time is explained by number and by id, the running total ends at the limit")
def explained(s):
    from wangge.v1 import case_pb2
    made = s.call("worker", "CaseService", "SubmitCase", case_pb2.SubmitCaseRequest(
        request_id=uuid7(), case_id=uuid7(), category_code="E0102", grid_code=GRID, description="路面塌陷"))
    s.number = made.number
    wangge(s, "login", "--server", s.address, "--user", "supervisor", "--password-stdin", stdin=city.PASSWORD + "\n")
    out = wangge(s, "case", "explain", s.number)[0]
    has(out, "Acceptance", "Limit", "working time", "Counted", "Total", "Due")
    equal(wangge(s, "case", "explain", made.case_id)[0].count("\n"), out.count("\n"))
    answer = json.loads(wangge(s, "case", "explain", s.number, "--json")[0])
    equal(sum(int(i["counted"]) for i in answer["intervals"]), int(answer["limit"]))
    equal(answer["intervals"][-1]["total"], answer["limit"])


@case("the clock asked for, in Chinese; what is refused")
def chosen(s):
    # Reasons come from the client's own words.
    has(wangge(s, "case", "explain", s.number, "--clock", "overall", "--lang", "zh_CN")[0], "全程", "工作时间", "日历")
    has(wangge(s, "case", "explain", s.number, "--clock", "lunch", code=7)[1], "accept, dispatch, handle")
    wangge(s, "case", "explain", s.number, "--clock", "handle", code=6)
    wangge(s, "case", "explain", uuid7(), code=5)
    has(wangge(s, "case", "explain", code=2)[1], "Too few arguments")


def file(s, name, *lines):
    path = os.path.join(s.dir, name)
    with open(path, "w", encoding="utf-8") as f:
        f.write("\n".join(lines) + "\n")
    return path


def login(s, user):
    wangge(s, "login", "--server", s.address, "--user", user, "--password-stdin", stdin=city.PASSWORD + "\n")


def calendars(s):
    from wangge.v1 import clock_pb2
    return s.call("sysadmin", "ClockService", "ListCalendars", clock_pb2.ListCalendarsRequest())


@case("where a limit comes from is said in the language of the command line")
def language(s):
    en = json.loads(wangge(s, "case", "explain", s.number, "--json", "--lang", "en")[0])["limitSource"]
    zh = json.loads(wangge(s, "case", "explain", s.number, "--json", "--lang", "zh_CN")[0])["limitSource"]
    equal(en.isascii(), True, en)
    equal(zh.isascii(), False, zh)


@case("calendars are listed and shown as the API has them")
def listed(s):
    login(s, "sysadmin")
    wangge(s, "calendar", "set", file(s, "all.cal", "calendar default 默认日历", "week 1-5 08:00-12:00 14:00-18:00"))
    known = calendars(s)
    rows = [json.loads(x) for x in wangge(s, "calendar", "list", "--json")[0].splitlines()]
    equal([x["code"] for x in rows], [x.code for x in known.calendars])
    out, note = wangge(s, "calendar", "list")
    has(out, "默认日历", "1-5 08:00-12:00 14:00-18:00", "everywhere")
    has(note, known.published_to)
    has(wangge(s, "calendar", "list", "--lang", "zh_CN")[0], "全部区域")
    whole = json.loads(wangge(s, "calendar", "show", "230604", "--json")[0])
    equal(len(whole["days"]), len(known.calendars[0].days))
    wangge(s, "calendar", "show", "nowhere", code=5)


@case("a year's list is tried, taken over, and taken over again without a change")
def imported(s):
    lines = ["date\tkind\tname", "2031-01-01\toff\t元旦", "2031-01-04\twork\t元旦"]
    path = file(s, "2031.tsv", *lines)
    before = len(calendars(s).calendars[0].days)
    out, note = wangge(s, "calendar", "import", path, "--dry-run")
    has(out, "2 days new, 0 changed")
    has(note, "nothing was changed")
    equal(len(calendars(s).calendars[0].days), before)
    equal(json.loads(wangge(s, "calendar", "import", path, "--json")[0])["changed"], 2)
    days = {d.date: d for d in calendars(s).calendars[0].days}
    equal((len(days), days["2031-01-01"].working, days["2031-01-04"].working), (before + 2, False, True))
    has(wangge(s, "calendar", "import", path)[0], "0 days new, 0 changed, 2 as before", "0 rows changed")
    out = wangge(s, "calendar", "show", "--year", "2031")[0]
    has(out, "2031-01-01", "Wed", "元旦", "off", "works")
    equal("2026-" in out, False)
    has(wangge(s, "calendar", "show", "--year", "2031", "--lang", "zh_CN")[0], "周三", "放假", "上班")


@case("a region gets a calendar of its own and takes the days from above")
def regional(s):
    days = file(s, "rhl.tsv", "2031-05-04\toff\t区庆")
    has(wangge(s, "calendar", "import", days, "--region", "230604", code=5)[1], "calendar CODE NAME")
    path = file(s, "rhl.cal", "calendar rhl 让胡路", "region 230604", "week 1-5 08:00-12:00 14:00-18:00",
                "season 05-01 09-30 1-5 08:00-11:30 15:00-18:30", "2031-12-31 work 08:00-12:00 盘点")
    wangge(s, "calendar", "set", path)
    has(wangge(s, "calendar", "import", days, "--region", "230604")[0], "rhl", "1 days new")
    own = {c.code: c for c in calendars(s).calendars}["rhl"]
    equal((len(own.seasons), len(own.days), own.region_code), (2, 2, "230604"))
    out = wangge(s, "calendar", "show", "230604001", "--year", "2031")[0]
    has(out, "rhl", "05-01 to 09-30: 1-5 08:00-11:30 15:00-18:30", "works 08:00-12:00", "区庆", "元旦")


@case("a broken file names the line and sends nothing")
def broken(s):
    before = calendars(s)
    for want, lines in (("Line 2", ["2031-02-01 off", "2031-02-30 off"]), ("week", ["season 05-01 09-30 1-5 08:00-12:00"]),
                        ("overlaps", ["week 1-5 08:00-12:00 11:00-13:00"]), ("column", ["date\tsort\tname"])):
        has(wangge(s, "calendar", "set", file(s, "bad.cal", *lines), code=7)[1], want)
        has(wangge(s, "what-if", "--calendar", file(s, "bad.cal", *lines), code=7)[1], want)
    has(wangge(s, "calendar", "import", file(s, "bad.cal", "week 1-5 08:00-12:00"), code=7)[1], "calendar set")
    for want, row in (("more than zero", "handle,E01,,,0,"), ("Line 2", "lunch,E01,,,4h,"), ("past", "handle,,,,4h,2020-01-01")):
        has(wangge(s, "limit", "add", file(s, "bad.csv", "clock,category,urgency,region,amount,from", row), code=7)[1], want)
    has(wangge(s, "limit", "add", file(s, "bad.csv", "clock,sort,amount", "handle,E01,4h"), code=7)[1], '"sort"')
    has(wangge(s, "limit", "add", file(s, "bad.csv", "clock,category,amount", "handle,E01,4h", "handle,Q99,4h"), code=5)[1], "line 3")
    equal(calendars(s), before)


@case("limits are added by options and by a file, and listed")
def limits(s):
    has(wangge(s, "limit", "list")[1], "No rule")
    has(wangge(s, "limit", "add", "--clock", "handle", "--amount", "8h", "--category", "E05")[0], "Limits added: 1")
    path = file(s, "limits.csv", "clock,category,urgency,region,amount,from", "handle,H01,urgent,230604,4uh,", "check,,,,1h30m,")
    equal(json.loads(wangge(s, "limit", "add", path, "--json")[0]), {"added": 2})
    rows = [json.loads(x) for x in wangge(s, "limit", "list", "--json")[0].splitlines()]
    equal(sorted((x["categoryPrefix"], int(x["amount"])) for x in rows), [("", 5400), ("E05", 28800), ("H01", 14400)])
    out = wangge(s, "limit", "list", "--category", "H0101", "--region", "230604001")[0]
    has(out, "H01", "Handling", "4 h 00 min", "urgent time", "Checking")
    equal("E05" in out, False)
    has(wangge(s, "limit", "list", "--lang", "zh_CN")[0], "处置", "紧急工作时")
    has(wangge(s, "limit", "add", "--clock", "handle", code=2)[1], "--amount")
    wangge(s, "limit", "add", path, "--clock", "handle", code=2)
    login(s, "supervisor")
    wangge(s, "limit", "add", "--clock", "handle", "--amount", "8h", code=4)


@case("a change is tried, with the API's figures, and applied as listed")
def tried(s):
    from wangge.v1 import case_pb2, clock_pb2
    change = file(s, "short.csv", "clock,category,amount", "accept,E0102,1m")
    req = clock_pb2.WhatIfRequest(limits=[clock_pb2.Limit(
        clock=clock_pb2.CLOCK_KIND_ACCEPT, category_prefix="E0102", unit=clock_pb2.TIME_UNIT_WORKING, amount=60)])
    answers = list(s.method("ClockService", "WhatIf")(req, timeout=60, metadata=s.metadata("supervisor")))
    lines = [json.loads(x) for x in wangge(s, "what-if", "--limits", change, "--json")[0].splitlines()]
    equal([x["case"]["number"] for x in lines[:-1]], [x.case.number for x in answers[:-1]])
    equal((lines[-1]["summary"]["examined"], lines[-1]["summary"]["moved"]),
          (answers[-1].summary.examined, answers[-1].summary.moved))
    out = wangge(s, "what-if", "--limits", change)[0]
    has(out, s.number, f"{answers[-1].summary.examined} open cases examined")
    has(wangge(s, "what-if", "--limits", change, "--lang", "zh_CN")[0], "受理", "件未结案件")
    wangge(s, "what-if", code=2)
    wangge(s, "what-if", "--limits", change, "--apply", code=2)
    wangge(s, "what-if", "--limits", change, "--apply", "--yes", code=4)
    login(s, "sysadmin")
    has(wangge(s, "what-if", "--limits", change, "--apply", "--yes")[1], "Applied; cases changed: 1")
    moved = s.call("supervisor", "CaseService", "GetCase", case_pb2.GetCaseRequest(number=s.number)).case
    equal(moved.due_at, answers[0].case.due_after)
    has(wangge(s, "what-if", "--calendar", file(s, "more.tsv", "2031-05-01\toff\t劳动节"))[0], "0 due times")


@case("a border lists the cases that would lie elsewhere; it is not applied")
def border(s):
    login(s, "supervisor")
    (_, _, lat, lon), (other, *_) = [g for g in city.grids() if g[0].startswith("230604")][:2]
    corners = [f"{other},{lat + y},{lon + x}" for y, x in ((-.001, -.001), (-.001, .001), (.001, .001), (.001, -.001))]
    from wangge.v1 import case_pb2, types_pb2
    made = s.call("acceptor", "CaseService", "SubmitCase", case_pb2.SubmitCaseRequest(
        request_id=uuid7(), case_id=uuid7(), category_code="E0102", description="路面塌陷",
        location=types_pb2.Point(latitude=lat, longitude=lon)))
    path = file(s, "border.csv", "grid,latitude,longitude", *corners)
    has(wangge(s, "what-if", "--border", path)[0], made.number + "  lies in grid " + other)
    has(wangge(s, "what-if", "--border", path, "--apply", "--yes", code=2)[1], "cannot be applied")
    has(wangge(s, "what-if", "--border", file(s, "b.csv", "grid,latitude,longitude", *corners[:2]), code=7)[1], "fewer than 3")


if __name__ == "__main__":
    with Stack(find_build()) as stack:
        sys.exit(run(stack))
