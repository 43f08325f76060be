#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reports: every cell opens a list of just its length, digests hold, what may not be seen is refused. reports.py BUILD."""
import datetime
import hashlib
import os
import random
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from cases import case, equal, run  # noqa: E402
from stack import Stack, find_build, uuid7  # noqa: E402

GRIDS = ["230604001001001", "230604001001002"]
CHINA = datetime.timezone(datetime.timedelta(hours=8))
CASES = 60


def pb():
    from wangge.v1 import case_pb2, report_pb2, types_pb2
    return case_pb2, report_pb2, types_pb2


def submit(s, **fields):
    given = {"request_id": uuid7(), "case_id": uuid7(), "category_code": "E0102", "grid_code": GRIDS[0], "description": "垃圾成堆"}
    given.update(fields)
    return s.call("worker", "CaseService", "SubmitCase", pb()[0].SubmitCaseRequest(**given))


def act(s, login, case_id, action, **fields):
    seen = s.call("supervisor", "CaseService", "GetCase", pb()[0].GetCaseRequest(case_id=case_id)).case
    return s.call(login, "CaseService", "Act", pb()[0].ActRequest(
        request_id=uuid7(), case_id=case_id, expected_version=seen.version,
        action=pb()[2].Action.Value("ACTION_" + action), **fields)).case


# The steps a story takes from the report on; each case takes the beginning of one.
STORIES = [
    [("worker", "RECALL", {})],
    [("acceptor", "REFUSE", {"reason_code": "OUT_OF_SCOPE"})],
    [("acceptor", "ACCEPT", {}), ("dispatcher", "DISPATCH", {"organ_code": "RHL-CG"}), ("handler", "SIGN", {}),
     ("handler", "FEED_BACK", {"text": "已清理"}), ("acceptor", "ORDER_FIELD_CHECK", {}),
     ("worker2", "ANSWER_FIELD_CHECK", {"check_result": 1}), ("acceptor2", "CLOSE", {}),
     ("supervisor", "REVISIT", {"check_result": 1}), ("supervisor", "REOPEN", {"text": "又堆满了"})],
    [("acceptor", "ACCEPT", {}), ("dispatcher", "DISPATCH", {"organ_code": "RHL-XF"}), ("xf.lead", "RETURN", {"text": "不归我管"}),
     ("dispatcher", "DISPATCH", {"organ_code": "RHL-CG"}), ("handler", "SIGN", {}), ("handler", "FEED_BACK", {"text": "好了"}),
     ("acceptor", "REWORK", {"text": "没清干净"})],
    [("acceptor", "ACCEPT", {}), ("dispatcher", "DISPATCH", {"organ_code": "RHL-CG"}), ("handler", "SIGN", {}),
     ("duty", "FORCE_CLOSE", {"text": "长期无法处置"})],
]


def tell(s, case_id, story, steps):
    for login, action, fields in story[:steps]:
        act(s, login, case_id, action, **fields)


def today():
    return datetime.datetime.now(CHINA).date()


def window():
    return {"from": str(today().replace(day=1)), "to": str(today())}


def request(code, **more):
    fields = window()
    fields.update(more)
    return pb()[1].PullReportRequest(code=code, **fields)


def pull_parts(s, req, login="supervisor"):
    return [answer.part for answer in s.method("ReportService", "PullReport")(req, timeout=60, metadata=s.metadata(login))]


class Report:
    """A report as it came: its head, its sections as (section, rows), its end."""

    def __init__(self, parts):
        self.head, self.sections, self.end, self.parts = None, [], None, parts
        for part in parts:
            kind = part.WhichOneof("part")
            if kind == "section":
                self.sections.append((part.section, []))
            elif kind == "rows":
                self.sections[-1][1].extend(part.rows.rows)
            else:
                setattr(self, kind, getattr(part, kind))

    def digest(self):
        h = hashlib.sha256()
        for part in self.parts:
            if part.WhichOneof("part") == "end":
                continue
            copy = type(part).FromString(part.SerializeToString())
            if copy.WhichOneof("part") == "head":
                copy.head.ClearField("pulled_at")
                copy.head.ClearField("pulled_by")
            packed = copy.SerializeToString()
            h.update(struct.pack(">I", len(packed)) + packed)
        return h.hexdigest()


def pull(s, code, login="supervisor", **more):
    return Report(pull_parts(s, request(code, **more), login))


def listed(s, query, breakdown, key, part, login="supervisor"):
    """(total, rows) of the list behind a figure, all its pages."""
    rows, token = 0, ""
    while True:
        answer = s.call(login, "ReportService", "ListFigureCases", pb()[1].ListFigureCasesRequest(
            query=query, breakdown=breakdown, key=key, part=part, page_size=7, page_token=token))
        rows += len(answer.cases)
        token = answer.next_page_token
        if not token:
            return answer.total, rows


def drill(s, section, row, column, cell):
    """Checks the lists behind one cell; returns how many were opened."""
    kind = cell.WhichOneof("value")
    if not column.HasField("query") or kind not in ("count", "ratio"):
        return 0
    breakdown = 1 if row.total or not row.key else section.breakdown
    key = "" if breakdown == 1 else row.key
    wanted = [(1, cell.count if kind == "count" else cell.ratio.n)]
    if kind == "ratio" and column.part == 0:
        wanted.append((2, cell.ratio.d))
    for part, want in wanted:
        total, rows = listed(s, column.query, breakdown, key, part)
        equal((total, rows), (want, want), f"{section.code} {row.key} {column.code} part {part}")
    return len(wanted)


@case("cases of every kind are made")
def make_cases(s):
    dice = random.Random(7)
    for i in range(CASES):
        grid = GRIDS[i % 2]
        if i % 3 == 0:
            s.call("worker", "CaseService", "SubmitCase", pb()[0].SubmitCaseRequest(
                request_id=uuid7(), case_id=uuid7(), category_code="E0501", grid_code=grid, description="占道经营",
                settle_text="已劝离"))
            continue
        one = submit(s, grid_code=grid, category_code=dice.choice(["E0102", "H0101", "E0501"]),
                     channel=dice.choice([0, 0, 2]))
        story = dice.choice(STORIES)
        tell(s, one.case_id, story, dice.randint(0, len(story)))


@case("all reports are listed and can be pulled; each ends with its rows and digest")
def pull_all(s):
    reports = s.call("supervisor", "ReportService", "ListReports", pb()[1].ListReportsRequest()).reports
    s.codes = [r.code for r in reports]
    assert len(s.codes) >= 17, s.codes
    for r in reports:
        assert r.name and r.name_en and r.about and r.about_en, r
    for code in s.codes:
        report = pull(s, code)
        equal(report.head.code, code)
        equal(report.end.rows, sum(len(rows) for _, rows in report.sections), code)
        equal(report.end.digest, report.digest(), code)
        for section, rows in report.sections:
            for row in rows:
                equal(len(row.cells), len(section.columns), f"{code} {section.code} {row.key}")
        defined = {m.code for m in report.head.definitions}
        used = {c.query.metric for section, _ in report.sections for c in section.columns if c.HasField("query")}
        assert used <= defined, (code, used - defined)


@case("the same report has the same digest, another day's another")
def digests(s):
    as_of = pull(s, "DAILY").head.request.as_of
    one, two = (pull(s, "DAILY", as_of=as_of) for _ in range(2))
    equal(one.end.digest, two.end.digest)
    other = pull(s, "DAILY", as_of=as_of, to=str(today() - datetime.timedelta(days=1)) if today().day > 1 else str(today()),
                 target_bp=9000)
    assert other.end.digest != one.end.digest


@case("every cell of every report opens a list of its own length")
def drill_down(s):
    opened = 0
    for code in s.codes:
        report = pull(s, code)
        for section, rows in report.sections:
            for row in rows:
                for column, cell in zip(section.columns, row.cells):
                    opened += drill(s, section, row, column, cell)
    print(f"  {opened} lists opened, each as long as its figure")
    assert opened > 1000, opened


@case("a list is held against its figure: a cell that was tampered with is an error")
def tampered(s):
    report = pull(s, "ASSESSMENT")
    query = report.sections[0][0].columns[0].query
    s.psql("update cell_day set reported = reported + 1 where level = 1; update cell_month set reported = reported + 1 where level = 1")
    status, text, _ = s.refused("supervisor", "ReportService", "ListFigureCases", pb()[1].ListFigureCasesRequest(
        query=query, breakdown=1, part=1, page_size=500))
    s.psql("update cell_day set reported = reported - 1 where level = 1; update cell_month set reported = reported - 1 where level = 1")
    equal(status, "INTERNAL", text)


@case("rows of organs never add up to more than the total; regions add up to it")
def sums(s):
    regions = pull(s, "DAILY").sections[1][1]
    for i in range(3):
        equal(sum(r.cells[i].count for r in regions if not r.total), [r for r in regions if r.total][0].cells[i].count)
    section, rows = next((sec, rows) for sec, rows in pull(s, "BULLETIN").sections if sec.code == "units")
    total = s.call("supervisor", "ReportService", "QueryMetric", pb()[1].QueryMetricRequest(
        query=pb()[1].MetricQuery(metric="N06", **window()))).total.numerator
    assert 0 < sum(r.cells[0].count for r in rows) <= total
    assert section.breakdown == 4


@case("ages of the backlog add up to what is open")
def ageing(s):
    rows = pull(s, "AGEING").sections[0][1]
    total = [r for r in rows if r.total][0]
    figure = s.call("supervisor", "ReportService", "QueryMetric", pb()[1].QueryMetricRequest(
        query=pb()[1].MetricQuery(metric="N04", **window()))).total.numerator
    assert figure > 0
    equal(sum(c.count for c in total.cells), figure)


@case("hours add up to the cases reported, stages and the curve are there")
def special(s):
    n01 = s.call("supervisor", "ReportService", "QueryMetric", pb()[1].QueryMetricRequest(
        query=pb()[1].MetricQuery(metric="N01", **window()))).total.numerator
    heat = pull(s, "HEAT").sections[0][1]
    equal(sum(c.count for r in heat for c in r.cells), n01)
    curve = pull(s, "CURVE").sections[0][1]
    equal(len(curve), 61)
    assert curve[0].cells[2].ratio.n > 0
    stages = {r.key: r for r in pull(s, "DURATION").sections[0][1]}
    equal(sorted(stages), ["accept", "check", "close", "dispatch", "handle"])
    assert stages["accept"].cells[0].count > 0
    words = pull(s, "BULLETIN").sections[0][1]
    assert "办结率" in words[0].cells[0].text and "completion rate" in words[0].cells[0].text_en, words


@case("a confined account gets its own, and is refused the rest")
def rights(s):
    report = pull(s, "RANKING", "supervisor.rhl")
    assert all(r.key.startswith("230604") or r.total or not r.key for _, rows in report.sections for r in rows)
    import grpc
    for login, filter_, want in [("supervisor.rhl", {"region_code": "230602"}, "PERMISSION_DENIED"),
                                 ("lead", {"organ_code": "RHL-XF"}, "PERMISSION_DENIED"),
                                 ("auditor", {}, "PERMISSION_DENIED")]:
        try:
            pull(s, "RANKING", login, filter=filter_)
        except grpc.RpcError as e:
            equal(e.code().name, want, f"{login} {filter_}")
        else:
            raise AssertionError(f"{login} {filter_} was not refused")
    units = next(rows for sec, rows in pull(s, "UNITS", "lead").sections if sec.code == "units")
    assert {r.key for r in units} <= {"RHL-CG"}, units


@case("what makes no sense is refused with its field")
def bad_input(s):
    import grpc
    tomorrow = datetime.datetime.now(CHINA) + datetime.timedelta(days=1)
    from google.protobuf import timestamp_pb2
    future = timestamp_pb2.Timestamp()
    future.FromDatetime(tomorrow)
    for fields, status, field in [
            ({"code": "NONE"}, "NOT_FOUND", "code"),
            ({"from": "2026-02-02", "to": "2026-02-01"}, "INVALID_ARGUMENT", "to"),
            ({"from": "02.02.2026"}, "INVALID_ARGUMENT", "from"),
            ({"as_of": future}, "INVALID_ARGUMENT", "as_of"),
            ({"target_bp": 10001}, "INVALID_ARGUMENT", "target_bp"),
            ({"max_rows": -2}, "INVALID_ARGUMENT", "max_rows"),
            ({"filter": {"level": 9}}, "INVALID_ARGUMENT", "filter.level"),
            ({"filter": {"region_code": "12"}}, "INVALID_ARGUMENT", "filter.region_code"),
            ({"filter": {"category_prefix": "Q"}}, "NOT_FOUND", "filter.category_prefix"),
            ({"filter": {"organ_code": "NOBODY"}}, "NOT_FOUND", "filter.organ_code")]:
        given = {"code": "DAILY", **window()}
        given.update(fields)
        try:
            pull_parts(s, pb()[1].PullReportRequest(**given))
        except grpc.RpcError as e:
            equal(e.code().name, status, str(fields))
            named = [v.field for d in Stack.details(e) for v in getattr(d, "field_violations", [])]
            assert field in named or status == "NOT_FOUND", (fields, named, e.details())
        else:
            raise AssertionError(f"{fields} was not refused")


def main():
    with Stack(find_build()) as s:
        return run(s)


if __name__ == "__main__":
    sys.exit(main())
