#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The main job by a stock Python client: an incident goes in, is carried to closure by the people whose turn it is, and the
completion rate and the list behind it come out. python_client.py BUILD."""
import datetime
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import city  # noqa: E402
import proc  # noqa: E402
from cases import case, equal, run  # noqa: E402
from stack import Stack, find_build, uuid7  # noqa: E402

GRID = "230604001001001"
OTHER_GRID = "230602001001001"


def types():
    from wangge.v1 import auth_pb2, case_pb2, directory_pb2, report_pb2, types_pb2, watch_pb2
    return auth_pb2, case_pb2, directory_pb2, report_pb2, types_pb2, watch_pb2


def incident(**fields):
    _, case_pb2, *_ = types()
    given = {"request_id": uuid7(), "case_id": uuid7(), "category_code": "E0102", "grid_code": GRID,
             "description": "小区东门外堆放建筑垃圾约两车", "address": "解放路与西苑街口"}
    given.update(fields)
    return case_pb2.SubmitCaseRequest(**given)


def act(s, login, case_id, action, version, **fields):
    _, case_pb2, _, _, types_pb2, _ = types()
    req = case_pb2.ActRequest(request_id=uuid7(), case_id=case_id, expected_version=version,
                              action=types_pb2.Action.Value("ACTION_" + action), **fields)
    return s.call(login, "CaseService", "Act", req)


def state(answer_case):
    _, _, _, _, types_pb2, _ = types()
    return types_pb2.CaseState.Name(answer_case.state).removeprefix("CASE_STATE_")


def month():
    """First and last day of this month, in the city's zone."""
    today = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))).date()
    first = today.replace(day=1)
    following = (first + datetime.timedelta(days=32)).replace(day=1)
    return first.isoformat(), (following - datetime.timedelta(days=1)).isoformat()


def figure(s, login="supervisor", metric="K01", **fields):
    _, _, _, report_pb2, _, _ = types()
    breakdown = fields.pop("breakdown", report_pb2.BREAKDOWN_NONE)
    level = fields.pop("breakdown_level", 0)
    first, last = month()
    query = report_pb2.MetricQuery(**{"metric": metric, "from": first, "to": last}, **fields)
    return s.call(login, "ReportService", "QueryMetric",
                  report_pb2.QueryMetricRequest(query=query, breakdown=breakdown, breakdown_level=level))


@case("health is SERVING")
def health(s):
    equal(s.serving(), True)


@case("a call without a session is UNAUTHENTICATED")
def no_session(s):
    _, case_pb2, *_ = types()
    equal(s.refused(None, "CaseService", "GetCase", case_pb2.GetCaseRequest(case_id=uuid7()))[0], "UNAUTHENTICATED")


@case("a wrong password is UNAUTHENTICATED")
def wrong_password(s):
    auth_pb2, *_ = types()
    equal(s.refused(None, "AuthService", "Login", auth_pb2.LoginRequest(login="auditor", password="wrong"))[0], "UNAUTHENTICATED")


@case("who am I")
def who_am_i(s):
    auth_pb2, *_ = types()
    answer = s.call("worker", "AuthService", "WhoAmI", auth_pb2.WhoAmIRequest())
    equal((answer.account.login, answer.account.name, answer.account.region_code), ("worker", "王丽", "230604001001"))


@case("the directory comes whole, and not again with its etag")
def directory(s):
    _, _, directory_pb2, *_ = types()
    answer = s.call("supervisor", "DirectoryService", "ListRegions", directory_pb2.ListRegionsRequest())
    equal(len(answer.regions), len(city.REGIONS) + len(city.grids()))
    again = s.call("supervisor", "DirectoryService", "ListRegions", directory_pb2.ListRegionsRequest(if_none_match=answer.etag))
    equal((again.not_modified, len(again.regions)), (True, 0))
    equal(len(s.call("worker", "DirectoryService", "ListCategories", directory_pb2.ListCategoriesRequest()).categories),
          len(city.CATEGORIES))


@case("submit gives a number, and the same key the same answer")
def submit(s):
    s.first = incident()
    answer = s.call("worker", "CaseService", "SubmitCase", s.first)
    equal((answer.case_id, answer.version, state(answer), answer.grid_code), (s.first.case_id, 1, "REPORTED", GRID))
    equal((answer.number[:6], answer.number.isdigit(), answer.replayed), ("230604", True, False))
    again = s.call("worker", "CaseService", "SubmitCase", s.first)
    equal((again.number, again.version, again.replayed), (answer.number, 1, True))
    s.number = answer.number


@case("the same key with another body is ALREADY_EXISTS")
def same_key(s):
    equal(s.refused("worker", "CaseService", "SubmitCase",
                    incident(request_id=s.first.request_id, case_id=s.first.case_id, description="别的事"))[0], "ALREADY_EXISTS")


@case("coordinates find the grid")
def located(s):
    code, _, lat, lon = city.grids()[2]
    _, _, _, _, types_pb2, _ = types()
    answer = s.call("acceptor", "CaseService", "SubmitCase",
                    incident(grid_code="", location=types_pb2.Point(latitude=lat, longitude=lon)))
    equal(answer.grid_code, code)
    s.undecided = answer.case_id


@case("bad input names its field")
def bad_input(s):
    tomorrow = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
    for want, field, value in (("INVALID_ARGUMENT", "description", ""), ("INVALID_ARGUMENT", "request_id", "1"),
                               ("INVALID_ARGUMENT", "case_id", ""), ("INVALID_ARGUMENT", "grid_code", "12"),
                               ("INVALID_ARGUMENT", "address", "路" * 201), ("INVALID_ARGUMENT", "happened_at", tomorrow),
                               ("NOT_FOUND", "category_code", "X9999"), ("NOT_FOUND", "grid_code", "230604001001099")):
        req = incident()
        if field == "happened_at":
            req.happened_at.FromDatetime(value)
        else:
            setattr(req, field, value)
        code, text, details = s.refused("worker", "CaseService", "SubmitCase", req)
        named = [v.field for d in details if d.DESCRIPTOR.name == "BadRequest" for v in d.field_violations]
        equal((code, named), (want, [field]), f"{field}: {text}")


@case("a grid outside the region is PERMISSION_DENIED")
def outside(s):
    equal(s.refused("worker", "CaseService", "SubmitCase", incident(grid_code=OTHER_GRID))[0], "PERMISSION_DENIED")


@case("a case outside the region is NOT_FOUND")
def invisible(s):
    _, case_pb2, *_ = types()
    equal(s.refused("worker.other", "CaseService", "GetCase", case_pb2.GetCaseRequest(case_id=s.first.case_id))[0], "NOT_FOUND")
    got = s.call("worker", "CaseService", "GetCase", case_pb2.GetCaseRequest(number=s.number)).case
    equal(got.case_id, s.first.case_id)


@case("an action the state does not allow is FAILED_PRECONDITION and says what is allowed")
def not_allowed(s):
    import grpc
    _, _, _, _, types_pb2, _ = types()
    try:
        act(s, "acceptor", s.first.case_id, "CLOSE", 1)
        raise AssertionError("closed a case that was only reported")
    except grpc.RpcError as e:
        conflict = [d for d in s.details(e) if d.DESCRIPTOR.name == "CaseConflict"]
        equal((e.code().name, len(conflict)), ("FAILED_PRECONDITION", 1), e.details())
    equal((conflict[0].rule, state(conflict[0]), conflict[0].version), ("STATE", "REPORTED", 1))
    allowed = [types_pb2.Action.Name(o.action) for o in conflict[0].allowed_actions]
    equal("ACTION_ACCEPT" in allowed, True, str(allowed))


STEPS = [
    ("acceptor", "ACCEPT", {}, "ACCEPTED"),
    ("dispatcher", "DISPATCH", {"organ_code": "RHL-CG", "text": "请两日内清运"}, "DISPATCHED"),
    ("handler", "SIGN", {}, "HANDLING"),
    ("handler", "FEED_BACK", {"text": "已清运两车"}, "FEEDBACK"),
    ("acceptor", "ORDER_FIELD_CHECK", {"text": "请现场核查"}, "FIELD_CHECK"),
    ("worker2", "ANSWER_FIELD_CHECK", {"check_result": 1, "text": "已清理干净"}, "FEEDBACK"),
    ("acceptor", "CLOSE", {"text": "核查通过"}, "CLOSED"),
]


@case("the case is carried to closure, each step by whose turn it is")
def carried(s):
    for version, (login, action, fields, want) in enumerate(STEPS, 1):
        answer = act(s, login, s.first.case_id, action, version, **fields)
        equal((state(answer.case), answer.case.version, answer.event.version), (want, version + 1, version + 1), action)


@case("a stale version is ABORTED and shows what happened since")
def stale(s):
    import grpc
    try:
        act(s, "supervisor", s.first.case_id, "REVISIT", 3, check_result=1)
        raise AssertionError("an old version was accepted")
    except grpc.RpcError as e:
        conflict = [d for d in s.details(e) if d.DESCRIPTOR.name == "CaseConflict"]
        equal((e.code().name, len(conflict)), ("ABORTED", 1), e.details())
    equal([event.version for event in conflict[0].events_since], list(range(4, len(STEPS) + 2)))


@case("the history holds every step in order")
def history(s):
    _, case_pb2, _, _, types_pb2, _ = types()
    events = s.call("supervisor", "CaseService", "ListCaseEvents", case_pb2.ListCaseEventsRequest(case_id=s.first.case_id)).events
    equal([e.version for e in events], list(range(1, len(STEPS) + 2)))
    equal([types_pb2.Action.Name(e.action) for e in events], ["ACTION_SUBMIT"] + ["ACTION_" + step[1] for step in STEPS])
    for before, after in zip(events, events[1:]):
        equal(after.from_state, before.to_state)


@case("a note never conflicts")
def note(s):
    _, case_pb2, *_ = types()
    req = case_pb2.AddNoteRequest(request_id=uuid7(), case_id=s.first.case_id, text="回头再看一次")
    equal(s.call("worker", "CaseService", "AddNote", req).version, len(STEPS) + 2)
    equal(s.call("worker", "CaseService", "AddNote", req).replayed, True)


@case("settled on the spot, where the category allows it")
def settled(s):
    answer = s.call("worker", "CaseService", "SubmitCase", incident(settle_text="当场劝离"))
    equal(state(answer), "CLOSED")
    equal(s.refused("worker", "CaseService", "SubmitCase", incident(category_code="H0101", settle_text="当场整改"))[0],
          "FAILED_PRECONDITION")


@case("bulk submit answers each item by itself")
def bulk(s):
    _, case_pb2, *_ = types()
    items = [incident(), incident(category_code="Q9999"), incident(grid_code=OTHER_GRID), incident()]
    results = s.call("worker", "CaseService", "SubmitCases", case_pb2.SubmitCasesRequest(items=items)).results
    equal([r.WhichOneof("result") for r in results], ["ok", "error", "error", "ok"])
    s.accepted = results[0].ok.case_id
    act(s, "acceptor", s.accepted, "ACCEPT", 1)


@case("the completion rate: 2 of 3 valid, with its counts")
def completion(s):
    # As of now is as of the last moment before which nothing is being written any more: the server's own work may still be.
    answer = proc.wait_until("the figure to know of the acceptance",
                             lambda: next((a for a in [figure(s)] if a.total.denominator == 3), None), 60)
    equal((answer.total.numerator, answer.total.denominator), (2, 3))
    c = answer.total.counts
    equal((c.reported, c.valid, c.closed, c.self_closed, c.undecided), (5, 3, 2, 1, 2))
    raw = figure(s, metric="K04").total
    equal((raw.numerator, raw.denominator), (2, 5))
    equal((answer.query.metric, answer.definition.code, answer.query.HasField("as_of")), ("K01", "K01", True))


@case("the rows of a breakdown add up to the total")
def breakdown(s):
    _, _, _, report_pb2, *_ = types()
    for kind in (report_pb2.BREAKDOWN_REGION, report_pb2.BREAKDOWN_CATEGORY, report_pb2.BREAKDOWN_MONTH):
        answer = figure(s, breakdown=kind)
        equal((sum(r.figure.numerator for r in answer.rows), sum(r.figure.denominator for r in answer.rows)), (2, 3), str(kind))


@case("the list behind a figure has the figure's length")
def drill_down(s):
    _, _, _, report_pb2, *_ = types()
    answer = figure(s)
    for part, length in ((report_pb2.FIGURE_PART_NUMERATOR, 2), (report_pb2.FIGURE_PART_DENOMINATOR, 3)):
        seen, token = [], ""
        while True:
            page = s.call("supervisor", "ReportService", "ListFigureCases", report_pb2.ListFigureCasesRequest(
                query=answer.query, breakdown=report_pb2.BREAKDOWN_NONE, part=part, page_size=2, page_token=token))
            equal(page.total, length)
            seen += [c.case.case_id for c in page.cases]
            token = page.next_page_token
            if not token:
                break
        equal((len(seen), len(set(seen))), (length, length))
    equal(s.first.case_id in seen, True)


@case("a report outside the caller's region is PERMISSION_DENIED")
def report_outside(s):
    _, _, _, report_pb2, *_ = types()
    first, last = month()
    query = report_pb2.MetricQuery(**{"metric": "K01", "from": first, "to": last, "region_code": "230602"})
    equal(s.refused("supervisor.rhl", "ReportService", "QueryMetric", report_pb2.QueryMetricRequest(query=query))[0],
          "PERMISSION_DENIED")


@case("lists come in pages, without gap or overlap")
def pages(s):
    _, case_pb2, *_ = types()
    seen, token = [], ""
    for _ in range(10):
        page = s.call("supervisor", "CaseService", "ListCases", case_pb2.ListCasesRequest(page_size=2, page_token=token))
        seen += [c.case_id for c in page.cases]
        token = page.next_page_token
        if not token:
            break
    equal((len(seen), len(set(seen))), (5, 5))
    other = case_pb2.ListCasesRequest(page_size=2, filter=case_pb2.CaseFilter(open_only=True))
    other.page_token = s.call("supervisor", "CaseService", "ListCases",
                              case_pb2.ListCasesRequest(page_size=2)).next_page_token
    equal(s.refused("supervisor", "CaseService", "ListCases", other)[0], "INVALID_ARGUMENT")


@case("watch brings every event from the beginning, then the next one live")
def watch(s):
    *_, watch_pb2 = types()
    stream = s.method("WatchService", "Watch")(watch_pb2.WatchRequest(cursor="0", case_id=s.first.case_id, heartbeat_s=1),
                                               timeout=30, metadata=s.metadata("supervisor"))
    want = len(STEPS) + 2
    versions = []
    for message in stream:
        if message.HasField("event"):
            versions.append(message.event.version)
        if len(versions) == want:
            act(s, "supervisor", s.first.case_id, "REVISIT", want, check_result=1, text="满意")
        if len(versions) == want + 1:
            break
    stream.cancel()
    equal(versions, list(range(1, want + 2)))


@case("after logout the token is worth nothing")
def logout(s):
    auth_pb2, *_ = types()
    s.call("community", "AuthService", "Logout", auth_pb2.LogoutRequest())
    equal(s.refused("community", "AuthService", "WhoAmI", auth_pb2.WhoAmIRequest())[0], "UNAUTHENTICATED")


@case("verify: the cells equal a recount")
def verify(s):
    import subprocess
    done = subprocess.run(s.command("verify"), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    equal(done.returncode, 0, done.stdout)


@case("nothing is lost when the server is ended and started again")
def restart(s):
    _, case_pb2, *_ = types()
    s.stop()
    s.start()
    got = s.call("supervisor", "CaseService", "GetCase", case_pb2.GetCaseRequest(case_id=s.first.case_id)).case
    equal((got.number, state(got)), (s.number, "CLOSED"))
    proc.wait_until("the figure after the restart", lambda: figure(s).total.denominator == 3, seconds=10)


if __name__ == "__main__":
    with Stack(find_build()) as stack:
        code = run(stack)
    sys.exit(code)
