#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Frozen reports stay as they were, whatever comes later, and say what came; saved reports and their runs. frozen.py BUILD."""
import datetime
import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from cases import case, equal, run  # noqa: E402
from figures import GRIDS, Report, act, make_cases, pb, pull, request, submit, today  # noqa: E402
from stack import Stack, find_build, uuid7  # noqa: E402

CHANGES = 100


def freeze(s, req, note="月报", request_id=None, login="supervisor"):
    return s.call(login, "ReportService", "FreezeReport", pb()[1].FreezeReportRequest(
        request_id=request_id or uuid7(), report=req, note=note), timeout=60)


def stream(s, name, req, login="supervisor"):
    return [a.part for a in s.method("ReportService", name)(req, timeout=60, metadata=s.metadata(login))]


def get(s, id_, login="supervisor", expected=None):
    return stream(s, "GetFrozenReport", pb()[1].GetFrozenReportRequest(id=id_, expected=expected), login)


def stream_refused(s, name, req, login="supervisor"):
    import grpc
    try:
        stream(s, name, req, login)
    except grpc.RpcError as e:
        return e.code().name, [v.field for d in Stack.details(e) for v in getattr(d, "field_violations", [])]
    raise AssertionError(f"{name} was not refused")


def cells(report):
    """{(section, row key, column): cell}."""
    return {(section.code, row.key, column.code): cell
            for section, rows in report.sections for row in rows for column, cell in zip(section.columns, row.cells)}


NEXT = {  # state: what may come then
    1: [("acceptor", "ACCEPT", {}), ("acceptor", "REFUSE", {"reason_code": "OUT_OF_SCOPE"}), ("worker", "RECALL", {})],
    3: [("dispatcher", "DISPATCH", {"organ_code": "RHL-CG"})],
    4: [("handler", "SIGN", {}), ("lead", "RETURN", {"text": "不归我管"})],
    5: [("handler", "FEED_BACK", {"text": "已处理"}), ("duty", "FORCE_CLOSE", {"text": "长期无法处置"})],
    7: [("acceptor", "REWORK", {"text": "没清干净"}), ("acceptor", "ORDER_FIELD_CHECK", {})],
    8: [("worker2", "ANSWER_FIELD_CHECK", {"check_result": 1})],
    10: [("supervisor", "REOPEN", {"text": "又堆满了"}), ("supervisor", "REVISIT", {"check_result": 2})],
}


def change(s, dice, ids):
    """One random change: a new case of the window, or a step of one there is. True if it was taken."""
    import grpc
    if dice.random() < 0.2:
        ids.append(submit(s, grid_code=dice.choice(GRIDS)).case_id)
        return True
    one = dice.choice(ids)
    state = s.call("supervisor", "CaseService", "GetCase", pb()[0].GetCaseRequest(case_id=one)).case.state
    if state not in NEXT:
        return False
    login, action, fields = dice.choice(NEXT[state])
    try:
        act(s, login, one, action, **fields)
    except grpc.RpcError:
        return False
    return True


@case("a report is frozen once, whoever asks again")
def freeze_once(s):
    s.ids = make_cases(s, 40)
    s.request_id = uuid7()
    first = freeze(s, request("ASSESSMENT"), request_id=s.request_id)
    again = freeze(s, request("ASSESSMENT"), request_id=s.request_id)
    equal((first.replayed, again.replayed), (False, True))
    equal(first.frozen, again.frozen)
    s.frozen = first.frozen
    status, _, _ = s.refused("supervisor", "ReportService", "FreezeReport", pb()[1].FreezeReportRequest(
        request_id=s.request_id, report=request("DAILY")))
    equal(status, "ALREADY_EXISTS")


@case("a hundred changes leave it byte for byte, and its digest")
def unchanged(s):
    before = get(s, s.frozen.id)
    s.then = Report(before)
    equal(s.then.end.digest, s.frozen.digest)
    equal(s.then.digest(), s.frozen.digest)
    dice = random.Random(11)
    done = 0
    for _ in range(CHANGES * 20):
        done += change(s, dice, s.ids)
        if done == CHANGES:
            break
    equal(done, CHANGES)
    after = get(s, s.frozen.id)
    equal([p.SerializeToString() for p in after], [p.SerializeToString() for p in before])
    now = pull(s, "ASSESSMENT")
    assert now.end.digest != s.frozen.digest, "the control: a new pull must differ"
    print(f"  {done} changes, {len(after)} parts the same, digest {s.frozen.digest[:16]}…")


@case("the restatement names the cells that differ, and the steps since")
def restate(s):
    parts = stream(s, "RestateReport", pb()[1].RestateReportRequest(id=s.frozen.id, max_changes=5000))
    head, end = parts[0].head, parts[-1].end
    changed = {(p.cell.section, p.cell.key, p.cell.column) for p in parts if p.WhichOneof("part") == "cell"}
    steps = [p.step for p in parts if p.WhichOneof("part") == "step"]
    now = pull(s, "ASSESSMENT", as_of=head.as_of)
    was, is_ = cells(s.then), cells(now)
    differ = {k for k in was.keys() | is_.keys() if was.get(k) != is_.get(k)}
    equal(changed, differ)
    equal((head.cells_compared, head.cells_changed), (len(was.keys() | is_.keys()), len(differ)))
    equal((head.steps, head.cases_changed), (len(steps), len({x.case_id for x in steps})))
    assert len(steps) >= CHANGES, len(steps)
    equal(head.reopened, sum(x.action == 25 for x in steps))
    equal(end.rows, len(changed) + len(steps))
    since = s.frozen.report.as_of.ToDatetime()
    assert all(since <= x.arrived_at.ToDatetime() for x in steps)
    print(f"  {head.cells_changed} of {head.cells_compared} cells differ, {head.steps} steps on {head.cases_changed} cases")


@case("with other filters it is refused, never another report")
def other_filters(s):
    for fields, field in [({"from": str(today().replace(year=today().year - 1))}, "expected.from"), ({"target_bp": 9000}, "expected.target_bp"),
                          ({"filter": {"organ_code": "RHL-CG"}}, "expected.filter.organ_code"),
                          ({"filter": {"category_prefix": "E"}}, "expected.filter.category_prefix")]:
        status, named = stream_refused(s, "GetFrozenReport", pb()[1].GetFrozenReportRequest(
            id=s.frozen.id, expected=request("ASSESSMENT", **fields)))
        equal((status, named), ("INVALID_ARGUMENT", [field]), str(fields))
    equal(len(get(s, s.frozen.id, expected=request("ASSESSMENT"))), len(s.then.parts))


@case("who may not see its region does not see it; who may not freeze is refused")
def rights(s):
    for login in ("supervisor.rhl", "lead", "worker"):
        status, _ = stream_refused(s, "GetFrozenReport", pb()[1].GetFrozenReportRequest(id=s.frozen.id), login)
        equal(status, "NOT_FOUND", login)
    own = freeze(s, request("RANKING"), login="supervisor.rhl").frozen
    listed = s.call("supervisor.rhl", "ReportService", "ListFrozenReports", pb()[1].ListFrozenReportsRequest())
    equal([f.id for f in listed.reports], [own.id])
    listed = s.call("supervisor", "ReportService", "ListFrozenReports", pb()[1].ListFrozenReportsRequest(page_size=1))
    equal([f.id for f in listed.reports], [own.id])
    listed = s.call("supervisor", "ReportService", "ListFrozenReports", pb()[1].ListFrozenReportsRequest(
        page_size=1, page_token=listed.next_page_token))
    equal(([f.id for f in listed.reports], listed.next_page_token), ([s.frozen.id], ""))
    status, _, _ = s.refused("acceptor", "ReportService", "FreezeReport", pb()[1].FreezeReportRequest(
        request_id=uuid7(), report=request("RANKING")))
    equal(status, "PERMISSION_DENIED")


@case("nobody can change what is frozen; a change behind its back is told, not sent to its end")
def tampered(s):
    one = freeze(s, request("DAILY")).frozen
    try:
        s.psql(f"update frozen_report_part set part = '' where report_id = '{one.id}'")
    except Exception:  # noqa: BLE001 - psql's way to say that the trigger refused
        pass
    equal(Report(get(s, one.id)).end.digest, one.digest)
    s.psql("alter table frozen_report_part disable trigger frozen_report_part_append_only;"
           "update frozen_report_part p set part = q.part from frozen_report_part q "
           f"where p.report_id = '{one.id}' and p.number = 2 and q.report_id = p.report_id and q.number = 3;"
           "alter table frozen_report_part enable trigger frozen_report_part_append_only")
    status, _ = stream_refused(s, "GetFrozenReport", pb()[1].GetFrozenReportRequest(id=one.id))
    equal(status, "DATA_LOSS")


def definition(**more):
    given = {"code": "MY-MONTH", "name": "我的月报", "based_on": "BULLETIN", "schedule": 4, "at_minute": 0, "formats": [4, 5],
             "filter": {"region_code": "230604"}, "target_bp": 9000}
    given.update(more)
    return pb()[1].SaveReportRequest(report=pb()[1].ReportDefinition(**given))


@case("a report is saved, listed, pulled as saved, shared, changed by its owner alone, and removed")
def saved(s):
    s.call("supervisor", "ReportService", "SaveReport", definition(schedule=1))
    mine = {r.code for r in s.call("supervisor", "ReportService", "ListReports", pb()[1].ListReportsRequest()).reports}
    others = {r.code for r in s.call("supervisor.rhl", "ReportService", "ListReports", pb()[1].ListReportsRequest()).reports}
    assert "MY-MONTH" in mine and "MY-MONTH" not in others
    report = pull(s, "MY-MONTH")
    equal((report.head.code, report.head.request.filter.region_code, report.head.request.target_bp),
          ("BULLETIN", "230604", 9000))
    equal(s.refused("supervisor.rhl", "ReportService", "SaveReport", definition())[0], "ALREADY_EXISTS")
    s.call("supervisor", "ReportService", "SaveReport", definition(schedule=1, shared=True))
    equal(pull(s, "MY-MONTH", "supervisor.rhl").head.code, "BULLETIN")
    equal(s.refused("supervisor.rhl", "ReportService", "DeleteReport", pb()[1].DeleteReportRequest(code="MY-MONTH"))[0], "NOT_FOUND")
    for fields, field in [({"code": "DAILY"}, "report.code"), ({"code": "a b"}, "report.code"), ({"name": " "}, "report.name"),
                          ({"based_on": "X"}, "report.based_on"), ({"schedule": 9}, "report.schedule"),
                          ({"at_minute": 1440}, "report.at_minute"), ({"formats": []}, "report.formats")]:
        status, _, details = s.refused("supervisor", "ReportService", "SaveReport", definition(**fields))
        equal((status, [v.field for d in details for v in getattr(d, "field_violations", [])]), ("INVALID_ARGUMENT", [field]))


def take(s, login="supervisor"):
    answer = s.call(login, "ReportService", "TakeScheduledRun", pb()[1].TakeScheduledRunRequest())
    return answer.run if answer.HasField("run") else None


@case("a scheduled run is taken by one caller alone, is due again when it fails, and done once")
def scheduled(s):
    s.call("supervisor", "ReportService", "SaveReport", definition(code="MY-DAY", based_on="DAILY", schedule=2, formats=[2]))
    equal(take(s), None)  # what was due before it was saved is not made up for
    s.psql("update saved_report set saved_at = now() - interval '30 hours' where code = 'MY-DAY'")
    first = take(s)
    equal(first.report.code, "MY-DAY")
    equal(first.request.to, str(today() - datetime.timedelta(days=1)))
    equal(take(s), None)
    finish = pb()[1].FinishScheduledRunRequest
    s.call("supervisor", "ReportService", "FinishScheduledRun", finish(id=first.id, failed="磁盘已满"))
    again = take(s)
    equal((again.request, again.id != first.id), (first.request, True))
    equal(s.refused("supervisor", "ReportService", "FinishScheduledRun", finish(id=first.id))[0], "NOT_FOUND")
    equal(s.refused("supervisor.rhl", "ReportService", "FinishScheduledRun", finish(id=again.id))[0], "NOT_FOUND")
    s.call("supervisor", "ReportService", "FinishScheduledRun", finish(id=again.id, files=["MY-DAY.csv"]))
    equal(take(s), None)
    # One whose time ran out is due again.
    s.call("supervisor", "ReportService", "SaveReport", definition(code="MY-WEEK", based_on="UNITS", schedule=3, formats=[2]))
    s.psql("update saved_report set saved_at = now() - interval '8 days' where code = 'MY-WEEK'")
    week = take(s)
    equal(week.report.code, "MY-WEEK")
    equal(take(s), None)
    s.psql("update scheduled_run set lease_until = now() where finished_at is null")
    equal(take(s).request, week.request)
    s.call("supervisor", "ReportService", "DeleteReport", pb()[1].DeleteReportRequest(code="MY-DAY"))


def main():
    with Stack(find_build()) as s:
        return run(s)


if __name__ == "__main__":
    sys.exit(main())
