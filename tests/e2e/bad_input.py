#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Hostile requests, each with the status it must get; afterwards the server still serves and its figures agree.
bad_input.py BUILD."""
import base64
import datetime
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import city  # noqa: E402
from cases import case, equal, run  # noqa: E402
from stack import Stack, find_build, uuid7  # noqa: E402

GRID = "230604001001001"
OTHER_GRID = "230602001001001"
SECRET = "只有本格看得到的事情"


def pb():
    from wangge.v1 import auth_pb2, case_pb2, directory_pb2, report_pb2, types_pb2, watch_pb2
    return auth_pb2, case_pb2, directory_pb2, report_pb2, types_pb2, watch_pb2


def incident(**fields):
    given = {"request_id": uuid7(), "case_id": uuid7(), "category_code": "E0102", "grid_code": GRID, "description": SECRET}
    given.update(fields)
    return pb()[1].SubmitCaseRequest(**given)


def submit(s, login="worker", **fields):
    return s.call(login, "CaseService", "SubmitCase", incident(**fields))


def act_request(case_id, action, version, **fields):
    given = {"request_id": uuid7(), "case_id": case_id, "expected_version": version,
             "action": action if isinstance(action, int) else pb()[4].Action.Value("ACTION_" + action)}
    given.update(fields)
    return pb()[1].ActRequest(**given)


def code(s, login, service, name, request):
    return s.refused(login, service, name, request)[0]


def query(**fields):
    today = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))).date().isoformat()
    return pb()[3].MetricQuery(**{"metric": "K01", "from": today, "to": today, **fields})


@case("fields of an incident")
def fields(s):
    point = pb()[4].Point
    for want, given in (
            ("INVALID_ARGUMENT", {"urgency": 4}), ("INVALID_ARGUMENT", {"urgency": -1}), ("INVALID_ARGUMENT", {"channel": 99}),
            ("INVALID_ARGUMENT", {"description": "字" * 2001}), ("INVALID_ARGUMENT", {"description": "a\0b"}),
            ("INVALID_ARGUMENT", {"grid_code": "", "location": point(latitude=float("nan"), longitude=125.1)}),
            ("INVALID_ARGUMENT", {"grid_code": "", "location": point(latitude=46.6, longitude=float("inf"))}),
            ("INVALID_ARGUMENT", {"grid_code": "", "location": point(latitude=91, longitude=0)}),
            ("NOT_FOUND", {"grid_code": "", "location": point(latitude=0, longitude=0)}),
            ("INVALID_ARGUMENT", {"grid_code": "2306040010010010"}), ("NOT_FOUND", {"grid_code": "230604001001999"}),
            ("NOT_FOUND", {"category_code": "' or 1=1"}), ("PERMISSION_DENIED", {"grid_code": OTHER_GRID})):
        equal(code(s, "worker", "CaseService", "SubmitCase", incident(**given)), want, str(given)[:60])
    for seconds in (-2**62, 2**62, 253402300800, 0):
        req = incident()
        req.happened_at.seconds = seconds
        equal(code(s, "worker", "CaseService", "SubmitCase", req), "INVALID_ARGUMENT", str(seconds))
    for text in ("字" * 2000, "👩‍👩‍👧" * 100, "e\u0301" * 1000):
        submit(s, description=text)


@case("bytes that are no message")
def bytes_that_are_none(s):
    import grpc
    call = s.channel.unary_unary("/wangge.v1.CaseService/SubmitCase")
    for want, raw in (("INVALID_ARGUMENT", b"\x32\x02\xff\xfe"), ("INVALID_ARGUMENT", b"\x0a\xff\xff\xff\xff\x7f"),
                      ("INVALID_ARGUMENT", b"\x2a\x02" * 3 + b"\x2a"), ("RESOURCE_EXHAUSTED", b"x" * (1024 * 1024 + 1))):
        try:
            call(raw, timeout=20, metadata=s.metadata("worker"))
            raise AssertionError("accepted")
        except grpc.RpcError as e:
            equal(e.code().name, want, repr(raw[:8]))


@case("bad tokens and malformed timeouts")
def tokens(s):
    import grpc
    call = s.method("AuthService", "WhoAmI")
    for token in ("", "Bearer", "Bearer x", "Basic " + "A" * 43, "Bearer " + "A" * 43, "Bearer " + "A" * 4000):
        try:
            call(pb()[0].WhoAmIRequest(), timeout=20, metadata=(("authorization", token),))
            raise AssertionError("accepted " + token)
        except grpc.RpcError as e:
            equal(e.code().name, "UNAUTHENTICATED", token[:20])


@case("roles may only what is theirs")
def roles(s):
    _, case_pb2, directory_pb2, report_pb2, _, _ = pb()
    account = directory_pb2.CreateAccountRequest(login="evil", name="x", role=12, region_code="2306", password=city.PASSWORD)
    for login in city.ACCOUNTS:
        equal(code(s, login, "DirectoryService", "CreateAccount", account), "PERMISSION_DENIED", login)
        equal(code(s, login, "DirectoryService", "ImportDirectory", directory_pb2.ImportDirectoryRequest()),
              "PERMISSION_DENIED", login)
    for login in ("sysadmin", "secadmin", "auditor"):
        equal(code(s, login, "CaseService", "SubmitCase", incident()), "PERMISSION_DENIED", login)
        equal(code(s, login, "CaseService", "ListCases", case_pb2.ListCasesRequest()), "PERMISSION_DENIED", login)
        equal(code(s, login, "CaseService", "GetCase", case_pb2.GetCaseRequest(case_id=uuid7())), "PERMISSION_DENIED", login)
        equal(code(s, login, "ReportService", "QueryMetric", report_pb2.QueryMetricRequest(query=query())),
              "PERMISSION_DENIED", login)
    equal(code(s, "sysadmin", "DirectoryService", "CreateAccount", account), "PERMISSION_DENIED")


@case("nothing of another region shows")
def regions(s):
    _, case_pb2, directory_pb2, report_pb2, _, _ = pb()
    given = submit(s)
    for login in ("worker.other", "handler", "integration"):
        for name, req in (("GetCase", case_pb2.GetCaseRequest(case_id=given.case_id)),
                          ("GetCase", case_pb2.GetCaseRequest(number=given.number)),
                          ("ListCaseEvents", case_pb2.ListCaseEventsRequest(case_id=given.case_id)),
                          ("AddNote", case_pb2.AddNoteRequest(request_id=uuid7(), case_id=given.case_id, text="x")),
                          ("Act", act_request(given.case_id, "NOTE", 1, text="x"))):
            got, text, details = s.refused(login, "CaseService", name, req)
            equal((got, SECRET in text + str(details)), ("NOT_FOUND", False), f"{login} {name}: {text}")
        listed = s.call(login, "CaseService", "ListCases", case_pb2.ListCasesRequest())
        equal([c for c in listed.cases if c.case_id == given.case_id], [], login)
    equal(code(s, "worker.other", "CaseService", "ListCases",
               case_pb2.ListCasesRequest(filter=case_pb2.CaseFilter(region_code="230604"))), "PERMISSION_DENIED")
    equal(code(s, "worker.other", "ReportService", "QueryMetric",
               report_pb2.QueryMetricRequest(query=query(region_code="230604"))), "PERMISSION_DENIED")
    equal(code(s, "worker.other", "DirectoryService", "ListRegions",
               directory_pb2.ListRegionsRequest(region_code="230604")), "PERMISSION_DENIED")


@case("an organ's lead gets the figures and cases of that organ only")
def organ_lead(s):
    report_pb2 = pb()[3]
    submit(s)
    part = report_pb2.FIGURE_PART_DENOMINATOR
    for breakdown, key in ((report_pb2.BREAKDOWN_NONE, ""), (report_pb2.BREAKDOWN_REGION, "230604001")):
        got = s.call("lead", "ReportService", "ListFigureCases", report_pb2.ListFigureCasesRequest(
            query=query(), part=part, breakdown=breakdown, key=key))
        equal([f.case.organ_code for f in got.cases if f.case.organ_code != "RHL-CG"], [])
    equal(code(s, "lead", "ReportService", "QueryMetric",
               report_pb2.QueryMetricRequest(query=query(organ_code="RHL-XF"))), "PERMISSION_DENIED")
    equal(code(s, "lead", "ReportService", "ListFigureCases", report_pb2.ListFigureCasesRequest(
        query=query(), part=part, breakdown=report_pb2.BREAKDOWN_ORGAN, key="RHL-XF")), "PERMISSION_DENIED")


@case("keys and ids used again")
def keys(s):
    first = incident()
    s.call("worker", "CaseService", "SubmitCase", first)
    equal(code(s, "worker", "CaseService", "SubmitCase", incident(case_id=first.case_id)), "ALREADY_EXISTS")
    equal(code(s, "worker", "CaseService", "SubmitCase", incident(request_id=first.request_id)), "ALREADY_EXISTS")
    got, text, _ = s.refused("worker.other", "CaseService", "SubmitCase", first)
    equal((got, first.case_id in text), ("PERMISSION_DENIED", False))
    other = submit(s)
    equal(code(s, "acceptor", "CaseService", "Act",
               act_request(other.case_id, "ACCEPT", 1, request_id=first.request_id)), "ALREADY_EXISTS")
    twice = incident()
    answer = s.call("worker", "CaseService", "SubmitCases", pb()[1].SubmitCasesRequest(items=[twice, twice]))
    equal(sorted((r.ok.case_id, r.ok.replayed) for r in answer.results), [(twice.case_id, False), (twice.case_id, True)])


@case("actions that cannot be")
def actions(s):
    given = submit(s)
    for action in (0, -1, 45, 2**31 - 1):
        equal(code(s, "acceptor", "CaseService", "Act", act_request(given.case_id, action, 1)), "INVALID_ARGUMENT", str(action))
    for version, want in ((0, "INVALID_ARGUMENT"), (-1, "INVALID_ARGUMENT"), (99, "ABORTED")):
        equal(code(s, "acceptor", "CaseService", "Act", act_request(given.case_id, "ACCEPT", version)), want, str(version))
    got, _, details = s.refused("acceptor", "CaseService", "Act", act_request(given.case_id, "CLOSE", 1))
    conflict = [d for d in details if d.DESCRIPTOR.name == "CaseConflict"]
    equal((got, len(conflict), len(conflict[0].allowed_actions) > 0), ("FAILED_PRECONDITION", 1, True))


@case("merging into what is not there, not visible, or itself")
def merges(s):
    given = submit(s)
    other = submit(s, "worker.other", grid_code=OTHER_GRID)
    equal(code(s, "acceptor", "CaseService", "Act",
               act_request(given.case_id, "MERGE", 1, target_case_id=other.case_id, text="x")), "NOT_FOUND")
    equal(code(s, "acceptor", "CaseService", "Act",
               act_request(given.case_id, "MERGE", 1, target_case_id=uuid7(), text="x")), "NOT_FOUND")


@case("queries and page tokens that are none")
def queries(s):
    _, case_pb2, _, report_pb2, _, _ = pb()
    for want, given in (("INVALID_ARGUMENT", {"metric": "K99"}), ("INVALID_ARGUMENT", {"variant": "X"}),
                        ("INVALID_ARGUMENT", {"from": "2021-02-30"}), ("INVALID_ARGUMENT", {"to": "2000-01-01"}),
                        ("INVALID_ARGUMENT", {"from": ""}), ("NOT_FOUND", {"organ_code": "NONE"}),
                        ("INVALID_ARGUMENT", {"region_code": "abc"}), ("INVALID_ARGUMENT", {"category_prefix": "%"})):
        equal(code(s, "supervisor", "ReportService", "QueryMetric",
                   report_pb2.QueryMetricRequest(query=query(**given))), want, str(given))
    page = s.call("worker", "CaseService", "ListCases", case_pb2.ListCasesRequest(page_size=1))
    for token in ("x", page.next_page_token + "A", page.next_page_token[:-1], "A" * 79):
        equal(code(s, "worker", "CaseService", "ListCases", case_pb2.ListCasesRequest(page_token=token)), "INVALID_ARGUMENT")
    equal(code(s, "worker", "CaseService", "ListCases", case_pb2.ListCasesRequest(
        page_token=page.next_page_token, order=case_pb2.CASE_ORDER_DUE_ASC)), "INVALID_ARGUMENT")


@case("a forged page token of a figure is refused, not counted with")
def forged(s):
    report_pb2 = pb()[3]
    pulled = s.call("supervisor", "ReportService", "QueryMetric", report_pb2.QueryMetricRequest(query=query(metric="K04")))
    req = report_pb2.ListFigureCasesRequest(query=pulled.query, part=report_pb2.FIGURE_PART_DENOMINATOR, page_size=1)
    answer = s.call("supervisor", "ReportService", "ListFigureCases", req)
    if not answer.next_page_token:
        req.query.metric = "K01"
        answer = s.call("supervisor", "ReportService", "ListFigureCases", req)
    if answer.next_page_token:
        raw = bytearray(base64.urlsafe_b64decode(answer.next_page_token + "=" * (-len(answer.next_page_token) % 4)))
        raw[25:33] = b"\x7f" + b"\xff" * 7
        req.page_token = base64.urlsafe_b64encode(bytes(raw)).decode().rstrip("=")
        equal(code(s, "supervisor", "ReportService", "ListFigureCases", req), "INVALID_ARGUMENT")


@case("watch: garbage cursors, other regions")
def watches(s):
    import grpc
    watch_pb2 = pb()[5]
    for want, given in (("INVALID_ARGUMENT", {"cursor": "garbage"}), ("INVALID_ARGUMENT", {"heartbeat_s": 301}),
                        ("PERMISSION_DENIED", {"region_code": "230602"}), ("INVALID_ARGUMENT", {"case_id": "x"})):
        try:
            next(iter(s.call("worker", "WatchService", "Watch", watch_pb2.WatchRequest(**given), timeout=20)))
            raise AssertionError(f"accepted {given}")
        except grpc.RpcError as e:
            equal(e.code().name, want, str(given))


@case("many watchers, all dropped")
def many(s):
    watch_pb2 = pb()[5]
    streams = [s.call("worker", "WatchService", "Watch", watch_pb2.WatchRequest(), timeout=60) for _ in range(100)]
    for stream in streams:
        next(iter(stream))
    for stream in streams:
        stream.cancel()
    equal(s.serving(), True)


@case("five failures lock a login, also for the right password")
def lockout(s):
    login = pb()[0].LoginRequest
    for _ in range(5):
        equal(code(s, None, "AuthService", "Login", login(login="duty", password="wrong password")), "UNAUTHENTICATED")
    equal(code(s, None, "AuthService", "Login", login(login="duty", password=city.PASSWORD)), "RESOURCE_EXHAUSTED")


@case("an ended session is over")
def ended(s):
    auth_pb2 = pb()[0]
    s.call("worker2", "AuthService", "Logout", auth_pb2.LogoutRequest())
    equal(code(s, "worker2", "AuthService", "WhoAmI", auth_pb2.WhoAmIRequest()), "UNAUTHENTICATED")


@case("the log holds no texts, passwords, tokens, names")
def log(s):
    with open(s.log, encoding="utf-8", errors="replace") as f:
        text = f.read()
    for secret in (SECRET, city.PASSWORD, "wrong password", "王丽", *s.tokens.values()):
        equal(secret in text, False, secret[:6])


@case("the figures agree and the server serves")
def verify(s):
    done = subprocess.run(s.command("verify"), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    equal(done.returncode, 0, done.stdout[-2000:])
    equal(s.serving(), True)


def main():
    with Stack(find_build()) as s:
        return run(s)


if __name__ == "__main__":
    sys.exit(main())
