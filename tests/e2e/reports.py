#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reports: every cell opens a list of just its length, digests hold, what may not be seen is refused. reports.py BUILD."""
import datetime
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from cases import case, equal, run  # noqa: E402
from figures import CHINA, act, make_cases, pb, pull, pull_parts, submit, today, window  # noqa: E402
from stack import Stack, find_build  # noqa: E402

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
def begin(s):
    make_cases(s)


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


def rate(s, metric, variant=""):
    figure = s.call("supervisor", "ReportService", "QueryMetric", pb()[1].QueryMetricRequest(
        query=pb()[1].MetricQuery(metric=metric, variant=variant, **window()))).total
    return figure.numerator, figure.denominator


@case("what people say in a revisit and how a dispute ended are counted, and shown in the events")
def answers(s):
    before = {v: rate(s, "K18", v) for v in ("RESPONSE", "SOLUTION", "SATISFACTION")}
    disputes = rate(s, "K17")
    one = submit(s, category_code="D0102").case_id
    for login, action, fields in [("acceptor", "ACCEPT", {}), ("dispatcher", "DISPATCH", {"organ_code": "RHL-CG"}),
                                  ("handler", "SIGN", {}), ("handler", "FEED_BACK", {"text": "双方和解"})]:
        act(s, login, one, action, **fields)
    import grpc
    for login, action, fields, field in [
            ("acceptor2", "CLOSE", {"reason_code": "WON"}, "reason_code"), ("acceptor2", "CLOSE", {"responded": 1}, "responded")]:
        try:
            act(s, login, one, action, **fields)
        except grpc.RpcError as e:
            equal([v.field for d in Stack.details(e) for v in getattr(d, "field_violations", [])], [field])
        else:
            raise AssertionError(f"{action} {fields} was not refused")
    act(s, "acceptor2", one, "CLOSE", reason_code="SUCCESS")
    act(s, "supervisor", one, "REVISIT", check_result=4, responded=1, solved=2)
    n, d = disputes
    equal(rate(s, "K17"), (n + 1, d + 1))
    for variant, more in (("RESPONSE", 1), ("SOLUTION", 0), ("SATISFACTION", 1)):
        n, d = before[variant]
        equal(rate(s, "K18", variant), (n + more, d + 1), variant)
    events = s.call("supervisor", "CaseService", "ListCaseEvents", pb()[0].ListCaseEventsRequest(case_id=one)).events
    equal((events[-1].responded, events[-1].solved), (1, 2))


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
