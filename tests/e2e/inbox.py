#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The inbox: each kind of notice is made by what happens, comes to those it concerns and to nobody else, is counted and read by
each for himself, and comes over the change feed, also after a break. inbox.py BUILD"""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import city  # noqa: E402
import proc  # noqa: E402
from cases import case, equal, run  # noqa: E402
from stack import Stack, find_build, uuid7  # noqa: E402

GRID = "230604001001001"
KINDS = ("", "ASSIGNED", "DUE_SOON", "OVERDUE", "APPROVAL", "ANSWERED", "URGED", "REPORTED")
EVERYBODY = ("worker", "worker2", "worker.other", "community", "acceptor", "acceptor2", "dispatcher", "handler", "handler.fire", "lead", "duty",
             "supervisor", "supervisor.rhl", "integration")


def pb():
    from wangge.v1 import case_pb2, inbox_pb2, types_pb2, watch_pb2
    return case_pb2, inbox_pb2, types_pb2, watch_pb2


class Case:
    """A case that is carried on step by step."""

    def __init__(self, s, login="worker", text="小区东门外堆放建筑垃圾约两车", category="E0102", **fields):
        case_pb2, *_ = pb()
        self.s = s
        answer = s.call(login, "CaseService", "SubmitCase", case_pb2.SubmitCaseRequest(
            request_id=uuid7(), case_id=uuid7(), category_code=category, grid_code=GRID, description=text, **fields))
        self.id, self.number, self.version = answer.case_id, answer.number, answer.version

    def act(self, login, action, **fields):
        case_pb2, _, types_pb2, _ = pb()
        if "check_result" in fields:
            fields["check_result"] = types_pb2.CheckResult.Value("CHECK_RESULT_" + fields["check_result"])
        if "approval" in fields:
            fields["approval"] = types_pb2.ApprovalKind.Value("APPROVAL_KIND_" + fields["approval"])
        answer = self.s.call(login, "CaseService", "Act", case_pb2.ActRequest(
            request_id=uuid7(), case_id=self.id, expected_version=self.version,
            action=types_pb2.Action.Value("ACTION_" + action), **fields))
        self.version = answer.case.version
        return self

    def to_handling(self):
        return self.act("acceptor", "ACCEPT").act("dispatcher", "DISPATCH", organ_code="RHL-CG").act("handler", "SIGN")

    def to_closed(self):
        return (self.to_handling().act("handler", "FEED_BACK", text="已清运")
                .act("acceptor", "ORDER_FIELD_CHECK").act("worker2", "ANSWER_FIELD_CHECK", check_result="PASS")
                .act("acceptor2", "CLOSE"))


def listed(s, login, **fields):
    _, inbox_pb2, *_ = pb()
    found = []
    token = ""
    while True:
        page = s.call(login, "InboxService", "ListNotices", inbox_pb2.ListNoticesRequest(page_token=token, **fields))
        found += page.notices
        token = page.next_page_token
        if not token:
            return found


def count(s, login):
    _, inbox_pb2, *_ = pb()
    answer = s.call(login, "InboxService", "CountNotices", inbox_pb2.CountNoticesRequest())
    equal(answer.unread, sum(c.unread for c in answer.counts), "sum of the counts")
    return {KINDS[c.kind]: c.unread for c in answer.counts}


def settle(s):
    """Wait until everything that happened so far was turned into notices."""
    def through():
        return s.psql("select count(*) from case_event e, notice_position p "
                      "where (e.feed_xid, e.seq) > (p.feed_xid, p.seq)") == "0"
    proc.wait_until("the notices to be made", through, seconds=60)


def told(s, c, by=EVERYBODY):
    """{login: [(kind, action)] oldest first} of the notices about a case."""
    _, _, types_pb2, _ = pb()
    settle(s)
    found = {}
    for login in by:
        mine = [(KINDS[n.kind], types_pb2.Action.Name(n.action).removeprefix("ACTION_"))
                for n in listed(s, login) if n.case_id == c.id]
        if mine:
            found[login] = mine[::-1]
    return found


@case("nobody is told of an intake")
def intake(s):
    c = Case(s)
    equal(told(s, c), {})


@case("a case's straight way tells those whose turn it is")
def straight(s):
    c = Case(s).to_closed()
    s.closed = c
    equal(told(s, c), {
        "handler": [("ASSIGNED", "DISPATCH")],
        "lead": [("ASSIGNED", "DISPATCH")],
        "acceptor": [("ANSWERED", "FEED_BACK"), ("ANSWERED", "ANSWER_FIELD_CHECK")],
        "acceptor2": [("ANSWERED", "FEED_BACK")],
        "dispatcher": [("ANSWERED", "FEED_BACK")],
        "worker": [("ASSIGNED", "ORDER_FIELD_CHECK"), ("REPORTED", "CLOSE")],
        "worker2": [("ASSIGNED", "ORDER_FIELD_CHECK")],
    })


@case("a notice shows what it is about")
def content(s):
    _, inbox_pb2, types_pb2, _ = pb()
    n = next(n for n in listed(s, "handler") if n.case_id == s.closed.id)
    equal((n.case_number, n.summary, n.actor.name, n.action, n.event_version, n.read, n.state),
          (s.closed.number, "小区东门外堆放建筑垃圾约两车", "郑派遣", types_pb2.ACTION_DISPATCH, 3, False, types_pb2.CASE_STATE_CLOSED))
    equal(n.at.seconds > 0, True)
    long = Case(s, text="很长的描述" * 30).act("acceptor", "ACCEPT").act("dispatcher", "DISPATCH", organ_code="RHL-CG")
    settle(s)
    n = next(n for n in listed(s, "handler") if n.case_id == long.id)
    equal(n.summary, ("很长的描述" * 30)[:60])


@case("a fact check asks the grid's workers and answers who ordered it")
def fact_check(s):
    c = Case(s).act("acceptor2", "ORDER_FACT_CHECK").act("worker2", "ANSWER_FACT_CHECK", check_result="PASS", text="属实")
    equal(told(s, c), {
        "worker": [("ASSIGNED", "ORDER_FACT_CHECK")],
        "worker2": [("ASSIGNED", "ORDER_FACT_CHECK")],
        "acceptor2": [("ANSWERED", "ANSWER_FACT_CHECK")],
    })


@case("an organ's ways: returned, escalated, called in, transferred, sent back")
def organs(s):
    c = Case(s).to_handling().act("lead", "RETURN", text="不属于我们")
    equal(told(s, c)["dispatcher"], [("ASSIGNED", "RETURN")])
    c.act("dispatcher", "DISPATCH", organ_code="RHL-CG", co_organ_codes=["RHL-XF"]).act("handler", "SIGN")
    equal(told(s, c)["handler.fire"], [("ASSIGNED", "DISPATCH")])
    c.act("handler.fire", "CO_REPLY", text="已到场")
    equal(told(s, c)["lead"], [("ASSIGNED", "DISPATCH"), ("ASSIGNED", "DISPATCH"), ("ANSWERED", "CO_REPLY")])
    c.act("handler", "FEED_BACK", text="已清").act("acceptor", "REWORK", text="未清净")
    equal(told(s, c)["handler"], [("ASSIGNED", "DISPATCH"), ("ASSIGNED", "DISPATCH"), ("ANSWERED", "CO_REPLY"), ("ASSIGNED", "REWORK")])
    c.act("handler", "ESCALATE", text="需上级协调")
    equal(told(s, c)["acceptor"][-1], ("ASSIGNED", "ESCALATE"))
    called = Case(s).to_handling().act("dispatcher", "WHISTLE", organ_code="RHL-XF")
    equal(told(s, called)["handler.fire"], [("ASSIGNED", "WHISTLE")])
    given = Case(s).to_handling().act("dispatcher", "TRANSFER", organ_code="RHL-XF")
    # The organ that had it no longer sees the case, nor what it was told of it.
    equal(told(s, given), {"handler.fire": [("ASSIGNED", "TRANSFER")]})


@case("requests go to who decides, decisions to who asked")
def approvals(s):
    from google.protobuf import timestamp_pb2
    until = timestamp_pb2.Timestamp()
    until.FromSeconds(int(time.time()) + 20 * 86400)
    c = Case(s).to_handling().act("handler", "REQUEST_EXTEND", text="材料未到", until=until)
    equal((told(s, c)["lead"][-1], "dispatcher" in told(s, c)), (("APPROVAL", "REQUEST_EXTEND"), False))
    c.act("lead", "ENDORSE", approval="EXTEND")
    equal(told(s, c)["dispatcher"], [("APPROVAL", "ENDORSE")])
    c.act("dispatcher", "EXTEND")
    equal(told(s, c)["handler"][-1], ("ANSWERED", "EXTEND"))
    n = next(n for n in listed(s, "handler") if n.case_id == c.id)
    equal(n.approval, 1, "approval kind")
    c.act("handler", "REQUEST_SUSPEND", text="等天气", reason_code="WEATHER", until=until).act("lead", "DECLINE", approval="SUSPEND", text="不必")
    equal(told(s, c)["handler"][-1], ("ANSWERED", "DECLINE"))
    c.act("acceptor", "REQUEST_VOID", text="重复")
    equal(told(s, c)["duty"], [("APPROVAL", "REQUEST_VOID")])
    c.act("duty", "VOID", reason_code="DUPLICATE")
    found = told(s, c)
    equal((found["acceptor"][-1], found["worker"]), (("ANSWERED", "VOID"), [("REPORTED", "VOID")]))


@case("an urge goes to who holds the case, its answer to who urged")
def urged(s):
    c = Case(s).to_handling().act("supervisor", "URGE", text="请抓紧")
    found = told(s, c)
    equal((found["handler"][-1], found["lead"][-1], "supervisor" in found), (("URGED", "URGE"), ("URGED", "URGE"), False))
    c.act("handler", "URGE_REPLY", text="今日完成")
    found = told(s, c)
    equal((found["supervisor"], "supervisor.rhl" in found), ([("ANSWERED", "URGE_REPLY")], False))


@case("who reported is told how it ends")
def reported(s):
    equal(told(s, Case(s).act("acceptor", "REFUSE", reason_code="NOT_OURS", text="不属实")), {"worker": [("REPORTED", "REFUSE")]})
    c = s.closed.act("supervisor", "REOPEN", text="未解决")
    found = told(s, c)
    equal((found["worker"][-1], found["dispatcher"][-1]), (("REPORTED", "REOPEN"), ("ASSIGNED", "REOPEN")))
    forced = Case(s, login="integration").to_handling().act("duty", "FORCE_CLOSE", text="工程已停")
    equal(told(s, forced)["integration"], [("REPORTED", "FORCE_CLOSE")])


@case("the reporters of merged cases hear of the lead case's end, through its number")
def merged(s):
    lead = Case(s, text="主案件")
    others = [Case(s, login="worker2", text="并入甲"), Case(s, login="integration", text="并入乙")]
    for o in others:
        o.act("acceptor", "MERGE", target_case_id=lead.id)
    lead.to_closed()
    equal(told(s, lead)["worker"][-1], ("REPORTED", "CLOSE"))
    for o, login in zip(others, ("worker2", "integration")):
        equal(told(s, o), {login: [("REPORTED", "MERGE"), ("REPORTED", "CLOSE")]})
        n = next(n for n in listed(s, login) if n.case_id == o.id)
        equal((n.case_number, n.through_number), (o.number, lead.number))


@case("a confidential case's notice does not name who reported it")
def confidential(s):
    c = Case(s, confidential=True).act("acceptor", "ORDER_FACT_CHECK").act("worker", "ANSWER_FACT_CHECK", check_result="PASS", text="属实")
    settle(s)
    n = next(n for n in listed(s, "acceptor") if n.case_id == c.id)
    equal((KINDS[n.kind], n.HasField("actor")), ("ANSWERED", False))


@case("counts and marks are each person's own")
def marks(s):
    _, inbox_pb2, *_ = pb()
    settle(s)
    before, other = count(s, "handler"), count(s, "lead")
    every = listed(s, "handler")
    equal(sum(before.values()), len(every), "all are unread")
    equal(len(listed(s, "handler", kinds=[1], unread_only=True)), before["ASSIGNED"])
    equal([n.notice_id for n in listed(s, "handler", page_size=2)], [n.notice_id for n in every], "pages of two")
    equal([int(n.notice_id) for n in every], sorted((int(n.notice_id) for n in every), reverse=True))

    def mark(**fields):
        return s.call("handler", "InboxService", "MarkNotices", inbox_pb2.MarkNoticesRequest(**fields)).changed

    some = [every[0].notice_id, every[2].notice_id]
    equal((mark(notice_ids=some), mark(notice_ids=some)), (2, 0), "marked, marked again")
    equal(sum(count(s, "handler").values()), len(every) - 2)
    equal([n.notice_id for n in listed(s, "handler") if n.read], some)
    equal(mark(notice_ids=[every[0].notice_id], unread=True), 1, "unread again")
    equal(mark(up_to_notice_id=every[1].notice_id), len(every) - 2, "up to the second newest: one was read, one is newer")
    equal([n.notice_id for n in listed(s, "handler", unread_only=True)], [every[0].notice_id])
    equal(mark(notice_ids=[every[3].notice_id], unread=True), 1)
    equal([n.notice_id for n in listed(s, "handler", unread_only=True)], [every[0].notice_id, every[3].notice_id])
    strangers = next(n.notice_id for n in listed(s, "supervisor"))
    equal(mark(notice_ids=[strangers]), 0, "somebody else's")
    equal(mark(up_to_notice_id=every[0].notice_id), 2)
    equal(count(s, "handler"), {}, "nothing is unread")
    equal(count(s, "lead"), other, "somebody else's counts")


@case("requests that make no sense are refused, and who has no inbox is denied")
def refusals(s):
    _, inbox_pb2, *_ = pb()
    bad = [("ListNotices", inbox_pb2.ListNoticesRequest(kinds=[99])), ("ListNotices", inbox_pb2.ListNoticesRequest(page_size=501)),
           ("ListNotices", inbox_pb2.ListNoticesRequest(page_token="x")), ("MarkNotices", inbox_pb2.MarkNoticesRequest()),
           ("MarkNotices", inbox_pb2.MarkNoticesRequest(notice_ids=["1"], up_to_notice_id="1")),
           ("MarkNotices", inbox_pb2.MarkNoticesRequest(notice_ids=["one"])),
           ("MarkNotices", inbox_pb2.MarkNoticesRequest(up_to_notice_id="-1")),
           ("MarkNotices", inbox_pb2.MarkNoticesRequest(up_to_notice_id="1", unread=True)),
           ("MarkNotices", inbox_pb2.MarkNoticesRequest(notice_ids=["1"] * 501))]
    for name, req in bad:
        equal(s.refused("worker", "InboxService", name, req)[0], "INVALID_ARGUMENT", f"{name} {str(req)[:60]}")
    equal(s.refused("auditor", "InboxService", "CountNotices", inbox_pb2.CountNoticesRequest())[0], "PERMISSION_DENIED")
    equal(s.refused(None, "InboxService", "ListNotices", inbox_pb2.ListNoticesRequest())[0], "UNAUTHENTICATED")


def watch(s, login, cursor, until):
    """The notices of a stream until until(notices) holds, and the last cursor."""
    *_, watch_pb2 = pb()
    stream = s.method("WatchService", "Watch")(watch_pb2.WatchRequest(cursor=cursor, heartbeat_s=1), metadata=s.metadata(login), timeout=60)
    found = []
    for r in stream:
        cursor = r.cursor
        if r.HasField("notice"):
            equal(r.HasField("event"), False)
            found.append(r.notice)
        if until(found):
            stream.cancel()
            return found, cursor
    raise AssertionError("the stream ended")


@case("the change feed carries the caller's own notices, and goes on where it stopped")
def watched(s):
    settle(s)
    found, cursor = watch(s, "handler", "", lambda n: True)
    equal(found, [], "from now on")
    first = Case(s).act("acceptor", "ACCEPT").act("dispatcher", "DISPATCH", organ_code="RHL-CG")
    found, cursor = watch(s, "handler", cursor, lambda n: n)
    equal([(n.case_id, KINDS[n.kind], n.read) for n in found], [(first.id, "ASSIGNED", False)])
    second = Case(s).act("acceptor", "ACCEPT").act("dispatcher", "DISPATCH", organ_code="RHL-CG")
    Case(s).act("acceptor", "ACCEPT").act("dispatcher", "DISPATCH", organ_code="RHL-XF")
    third = Case(s).act("acceptor", "ACCEPT").act("dispatcher", "DISPATCH", organ_code="RHL-CG")
    found, cursor = watch(s, "handler", cursor, lambda n: len(n) == 2)
    equal([n.case_id for n in found], [second.id, third.id], "in order, others' left out, none twice")
    everything = [n.notice_id for n in listed(s, "handler")][::-1]
    found, _ = watch(s, "handler", "0", lambda n: len(n) == len(everything))
    equal([n.notice_id for n in found], everything, "from the beginning")


@case("notices are made once, also when the server is stopped and started")
def restarted(s):
    before = s.psql("select count(*) from notice")
    c = Case(s).act("acceptor", "ACCEPT").act("dispatcher", "DISPATCH", organ_code="RHL-CG")
    s.stop()
    s.start()
    equal(told(s, c)["lead"], [("ASSIGNED", "DISPATCH")])
    equal(s.psql("select count(*) from notice"), str(int(before) + 1))
    events, notices = s.psql("select (select count(*) from case_event) || ' ' || (select count(*) from notice)").split()
    print(f"{events} events made {notices} notices: {1000 * int(notices) // int(events)} a thousand in this test")


def main():
    city.ACCOUNTS["handler.fire"] = ("韩承办", 5, "230604", "RHL-XF")
    with Stack(find_build(), settings=["notice_poll_ms = 50"]) as s:
        return run(s)


sys.exit(main())
