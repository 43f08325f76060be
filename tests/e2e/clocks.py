#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Deadlines: explained, by calendars and limits that change, tried before they are applied. clocks.py BUILD."""
import datetime
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from cases import case, equal, run  # noqa: E402
from stack import Stack, find_build, uuid7  # noqa: E402

GRID = "230604001001001"
CHINA = datetime.timezone(datetime.timedelta(hours=8))


def pb():
    from wangge.v1 import case_pb2, clock_pb2, types_pb2
    return case_pb2, clock_pb2, types_pb2


def stamp(when):
    from google.protobuf import timestamp_pb2
    t = timestamp_pb2.Timestamp()
    t.FromDatetime(when)
    return t


def submit(s, login="worker", **fields):
    given = {"request_id": uuid7(), "case_id": uuid7(), "category_code": "E0102", "grid_code": GRID, "description": "路面塌陷"}
    given.update(fields)
    return s.call(login, "CaseService", "SubmitCase", pb()[0].SubmitCaseRequest(**given))


def act(s, login, case_id, action, **fields):
    seen = s.call("supervisor", "CaseService", "GetCase", pb()[0].GetCaseRequest(case_id=case_id)).case
    return s.call(login, "CaseService", "Act", pb()[0].ActRequest(
        request_id=uuid7(), case_id=case_id, expected_version=seen.version,
        action=pb()[2].Action.Value("ACTION_" + action), **fields)).case


def handled(s, **fields):
    """A case that an organ handles."""
    one = submit(s, **fields)
    act(s, "acceptor", one.case_id, "ACCEPT")
    act(s, "dispatcher", one.case_id, "DISPATCH", organ_code="RHL-CG")
    act(s, "handler", one.case_id, "SIGN")
    return one.case_id


def get(s, case_id):
    return s.call("supervisor", "CaseService", "GetCase", pb()[0].GetCaseRequest(case_id=case_id)).case


def explain(s, case_id, clock=0, login="supervisor", zh=False):
    call = s.method("ClockService", "ExplainDeadline")
    more = (("accept-language", "zh-CN"),) if zh else ()
    return call(pb()[1].ExplainDeadlineRequest(case_id=case_id, clock=clock), timeout=30, metadata=s.metadata(login) + more)


def calendar(code="default", name="默认日历", region="", seasons=None, days=()):
    c = pb()[1]
    shifts = [c.Shift(from_minute=480, to_minute=720), c.Shift(from_minute=840, to_minute=1080)]
    seasons = [c.Season(weekdays=31, shifts=shifts)] if seasons is None else seasons
    return c.Calendar(code=code, name=name, region_code=region, utc_offset_minutes=480, seasons=seasons, days=days)


def what_if(s, login="supervisor", **change):
    req = pb()[1].WhatIfRequest(**change)
    answers = list(s.method("ClockService", "WhatIf")(req, timeout=60, metadata=s.metadata(login)))
    return [a.case for a in answers[:-1]], answers[-1].summary


def limit(**fields):
    c = pb()[1]
    given = {"clock": c.CLOCK_KIND_HANDLE, "category_prefix": "E01", "unit": c.TIME_UNIT_WORKING, "amount": 4 * 3600}
    given.update(fields)
    return c.Limit(**given)


@case("the intervals of a running clock add up to its limit, without a gap")
def adds_up(s):
    s.case = handled(s)
    answer = explain(s, s.case)
    equal(answer.clock, pb()[1].CLOCK_KIND_HANDLE)
    equal(answer.running, True)
    equal(answer.due_at, get(s, s.case).due_at)
    equal(answer.limit, 2400 * 60, "the category's limit in working seconds")
    equal(sum(i.counted for i in answer.intervals), answer.limit)
    equal(answer.intervals[-1].total, answer.limit)
    equal(answer.intervals[-1].to, answer.due_at)
    for a, b in zip(answer.intervals, answer.intervals[1:]):
        equal(a.to, b["from"] if isinstance(b, dict) else getattr(b, "from"), "intervals touch")
    for i in answer.intervals:
        equal(bool(i.text), True, "a reason")
    equal(len(answer.text.splitlines()), len(answer.intervals) + 1)
    equal("处置时限" in explain(s, s.case, zh=True).text, True)


@case("a pause is explained, with who made it, and does not count")
def pauses(s):
    one = handled(s)
    until = stamp(datetime.datetime.utcnow() + datetime.timedelta(days=10))
    act(s, "lead", one, "REQUEST_SUSPEND", reason_code="WEATHER", until=until, text="等天气")
    act(s, "dispatcher", one, "SUSPEND", reason_code="WEATHER", until=until)
    paused = explain(s, one)
    equal((paused.running, paused.HasField("due_at")), (False, False))
    act(s, "dispatcher", one, "RESUME")
    answer = explain(s, one)
    why = [i for i in answer.intervals if i.reason == pb()[1].INTERVAL_REASON_PAUSED]
    equal(sum(i.counted for i in why), 0)
    equal(sum(i.counted for i in answer.intervals), answer.limit)


@case("every clock of a case, and what is refused")
def clocks(s):
    c = pb()[1]
    one = submit(s)
    for kind, want in ((0, c.CLOCK_KIND_ACCEPT), (c.CLOCK_KIND_ACCEPT, c.CLOCK_KIND_ACCEPT), (c.CLOCK_KIND_OVERALL, c.CLOCK_KIND_OVERALL)):
        equal(explain(s, one.case_id, kind).clock, want)
    req = c.ExplainDeadlineRequest(case_id=one.case_id, clock=c.CLOCK_KIND_HANDLE)
    equal(s.refused("supervisor", "ClockService", "ExplainDeadline", req)[0], "FAILED_PRECONDITION")
    req = c.ExplainDeadlineRequest(case_id=one.case_id)
    equal(s.refused("worker.other", "ClockService", "ExplainDeadline", req)[0], "NOT_FOUND")
    equal(s.refused("auditor", "ClockService", "ExplainDeadline", req)[0], "PERMISSION_DENIED")
    for bad in ({"case_id": "x"}, {"case_id": one.case_id, "clock": 9}):
        equal(s.refused("supervisor", "ClockService", "ExplainDeadline", c.ExplainDeadlineRequest(**bad))[0], "INVALID_ARGUMENT")


@case("a limit takes effect for what starts then, and moves nothing that runs")
def limits(s):
    c = pb()[1]
    before = get(s, s.case).due_at
    added = s.call("sysadmin", "ClockService", "AddLimits", c.AddLimitsRequest(limits=[limit(amount=8 * 3600)]))
    equal(added.added, 1)
    equal(get(s, s.case).due_at, before, "what runs keeps its limit")
    new = handled(s)
    equal(explain(s, new).limit, 8 * 3600)
    equal("E01" in explain(s, new).limit_source, True)
    listed = s.call("supervisor", "ClockService", "ListLimits", c.ListLimitsRequest()).limits
    equal([(x.category_prefix, x.amount) for x in listed], [("E01", 8 * 3600)])
    # A more specific one wins; days are counted in days.
    s.call("sysadmin", "ClockService", "AddLimits", c.AddLimitsRequest(
        limits=[limit(category_prefix="E0102", region_code="230604", unit=c.TIME_UNIT_WORKDAY, amount=3)]))
    days = explain(s, handled(s))
    equal((days.unit, days.limit), (c.TIME_UNIT_WORKDAY, 3))
    equal(sum(i.counted for i in days.intervals), 3)


@case("a dry run lists what would turn late, changes nothing, and is applied as listed")
def tried(s):
    c = pb()[1]
    before = get(s, s.case)
    change = {"limits": [limit(category_prefix="E0102", region_code="230604", amount=1)]}
    listed, summary = what_if(s, **change)
    mine = [x for x in listed if x.case_id == s.case]
    equal(len(mine), 1)
    equal(mine[0].due_before, before.due_at)
    equal(mine[0].due_after.seconds <= before.due_at.seconds, True)
    equal(summary.moved, len(listed))
    equal(summary.turn_late, sum(x.turns_late for x in listed))
    equal(get(s, s.case).version, before.version, "a dry run changes nothing")
    apply = c.ApplyWhatIfRequest(change=c.WhatIfRequest(**change), digest=summary.digest, request_id=uuid7())
    equal(s.refused("supervisor", "ClockService", "ApplyWhatIf", apply)[0], "PERMISSION_DENIED")
    wrong = c.ApplyWhatIfRequest(change=c.WhatIfRequest(**change), digest="00", request_id=uuid7())
    equal(s.refused("sysadmin", "ClockService", "ApplyWhatIf", wrong)[0], "ABORTED")
    equal(get(s, s.case).version, before.version, "refused, nothing is changed")
    answer = s.call("sysadmin", "ClockService", "ApplyWhatIf", apply, timeout=60)
    equal(answer.changed, len({x.case_id for x in listed}))
    after = get(s, s.case)
    equal((after.version, after.due_at), (before.version + 1, mine[0].due_after))
    events = s.call("supervisor", "CaseService", "ListCaseEvents", pb()[0].ListCaseEventsRequest(case_id=s.case)).events
    equal(events[-1].action, pb()[2].ACTION_RECLOCK)
    again, summary = what_if(s, limits=[limit(category_prefix="E0102", amount=2)])
    equal(summary.examined >= len(again), True)


@case("a year's list makes provisional due times certain, and moves them")
def provisional(s):
    c = pb()[1]
    far = 30000 * 3600
    s.call("sysadmin", "ClockService", "AddLimits", c.AddLimitsRequest(limits=[limit(category_prefix="E0501", amount=far)]))
    one = handled(s, category_code="E0501")
    before = get(s, one)
    equal(before.due_provisional, True)
    due = datetime.datetime.fromtimestamp(before.due_at.seconds, CHINA).date()
    # Holidays before it, in a year nobody knew the list of, and the lists of all years up to it.
    days = []
    for year in range(datetime.date.today().year, due.year + 3):
        for day in range(1, 6):
            date = datetime.date(year, 5, day)
            if date > datetime.date.today():
                days.append(c.CalendarDate(date=date.isoformat(), working=False, name="劳动节"))
    answer = s.call("sysadmin", "ClockService", "SetCalendar", c.SetCalendarRequest(calendar=calendar(days=days)), timeout=60)
    equal(answer.recomputed >= 1, True, "recomputed")
    after = get(s, one)
    equal(after.due_at.seconds > before.due_at.seconds, True, "the holidays moved it")
    equal(after.due_provisional, False)
    equal(s.call("sysadmin", "ClockService", "SetCalendar", c.SetCalendarRequest(calendar=calendar(days=days))).changed, 0)


@case("a region's own calendar, with a summer of its own")
def regional(s):
    c = pb()[1]
    usual = [c.Shift(from_minute=480, to_minute=720), c.Shift(from_minute=840, to_minute=1080)]
    summer = [c.Shift(from_minute=480, to_minute=690), c.Shift(from_minute=900, to_minute=1110)]
    own = calendar("rhl", "让胡路", "230604", [c.Season(weekdays=31, shifts=usual),
                                             c.Season(**{"from": "05-01"}, to="09-30", weekdays=31, shifts=summer)])
    equal(s.call("sysadmin", "ClockService", "SetCalendar", c.SetCalendarRequest(calendar=own, dry_run=True)).changed, 0)
    equal(s.call("sysadmin", "ClockService", "SetCalendar", c.SetCalendarRequest(calendar=own)).changed >= 3, True)
    listed = {x.code: x for x in s.call("worker", "ClockService", "ListCalendars", c.ListCalendarsRequest()).calendars}
    equal(len(listed["rhl"].seasons), 2)
    equal([(x.to) for x in listed["rhl"].seasons], ["", "09-30"])
    equal(explain(s, handled(s)).calendar_name, "让胡路")
    # A code names one calendar, and a region has one: nothing is taken over under another name.
    before = s.call("worker", "ClockService", "ListCalendars", c.ListCalendarsRequest())
    for bad in (calendar("mine", "我的"), calendar("mine", "我的", "230604"), calendar("rhl", "让胡路", "230602"), calendar("default", "默认", "230602")):
        for dry_run in (True, False):
            req = c.SetCalendarRequest(calendar=bad, dry_run=dry_run)
            equal(s.refused("sysadmin", "ClockService", "SetCalendar", req)[0], "INVALID_ARGUMENT", bad.code)
    equal(s.call("worker", "ClockService", "ListCalendars", c.ListCalendarsRequest()), before)


@case("calendars and limits that make no sense are refused with the place of the fault")
def refused(s):
    c = pb()[1]
    S, D = c.Season, c.CalendarDate
    shift = [c.Shift(from_minute=480, to_minute=720)]
    over = [c.Shift(from_minute=480, to_minute=720), c.Shift(from_minute=700, to_minute=800)]
    rest = S(weekdays=31, shifts=shift)
    for want, bad in (
            ("seasons", calendar(seasons=[S(weekdays=31)])),
            ("seasons", calendar(seasons=[S(weekdays=0, shifts=shift)])),
            ("seasons", calendar(seasons=[S(weekdays=31, shifts=over)])),
            ("seasons", calendar(seasons=[S(weekdays=31, shifts=[c.Shift(from_minute=720, to_minute=480)])])),
            ("seasons", calendar(seasons=[S(**{"from": "05-01"}, to="09-30", weekdays=31, shifts=shift)])),
            ("seasons", calendar(seasons=[rest, S(**{"from": "02-30"}, to="09-30", weekdays=31, shifts=shift)])),
            ("seasons", calendar(seasons=[rest, rest])),
            ("seasons", calendar(seasons=[rest, S(**{"from": "05-01"}, to="09-30", weekdays=31, shifts=shift),
                                          S(**{"from": "09-01"}, to="10-30", weekdays=31, shifts=shift)])),
            ("days", calendar(days=[D(date="2026-13-01")])),
            ("", calendar(days=[D(date="2026-03-01"), D(date="2026-03-01", working=True)])),
            ("days", calendar(days=[D(date="2026-03-01", shifts=shift)])),
            ("code", calendar(code="Aus")),
            ("utc", c.Calendar(code="a", name="b", utc_offset_minutes=2000))):
        code, text, details = s.refused("sysadmin", "ClockService", "SetCalendar", c.SetCalendarRequest(calendar=bad))
        equal(code, "INVALID_ARGUMENT", text)
        named = [v.field for d in details if hasattr(d, "field_violations") for v in d.field_violations]
        equal(any(want in f for f in named), True, f"{want} in {named}: {text}")
    equal(s.refused("sysadmin", "ClockService", "SetCalendar",
                    c.SetCalendarRequest(calendar=calendar("x", "x", "239999")))[0], "NOT_FOUND")
    equal(s.refused("supervisor", "ClockService", "SetCalendar", c.SetCalendarRequest(calendar=calendar()))[0], "PERMISSION_DENIED")
    past = stamp(datetime.datetime.utcnow() - datetime.timedelta(days=1))
    for want, bad in (("INVALID_ARGUMENT", limit(amount=0)), ("INVALID_ARGUMENT", limit(amount=-5)), ("INVALID_ARGUMENT", limit(unit=0)),
                      ("INVALID_ARGUMENT", limit(clock=0)), ("INVALID_ARGUMENT", limit(valid_from=past)),
                      ("NOT_FOUND", limit(category_prefix="Q99")), ("NOT_FOUND", limit(region_code="239999")),
                      ("INVALID_ARGUMENT", limit(unit=c.TIME_UNIT_DAY, amount=100000))):
        equal(s.refused("sysadmin", "ClockService", "AddLimits", c.AddLimitsRequest(limits=[bad]))[0], want, str(bad))
    equal(s.refused("sysadmin", "ClockService", "AddLimits", c.AddLimitsRequest())[0], "INVALID_ARGUMENT")


@case("a border that would put open cases elsewhere lists them and moves none")
def borders(s):
    import city
    c, t = pb()[1], pb()[2]
    (code, _, lat, lon), (other, *_) = [g for g in city.grids() if g[0].startswith("230604")][:2]
    one = submit(s, "acceptor", grid_code="", location=t.Point(latitude=lat, longitude=lon))
    box = [t.Point(latitude=lat + dy, longitude=lon + dx) for dy, dx in ((-.001, -.001), (-.001, .001), (.001, .001), (.001, -.001))]
    listed, _ = what_if(s, borders=[c.BorderChange(grid_code=other, boundary=box)])
    equal([x.grid_after for x in listed if x.case_id == one.case_id], [other])
    equal(get(s, one.case_id).grid_code, code)


if __name__ == "__main__":
    with Stack(find_build()) as stack:
        sys.exit(run(stack))
