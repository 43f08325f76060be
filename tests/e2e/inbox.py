#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The inbox: each kind of notice is made by what happens, comes to those it concerns and to nobody else, is counted and read by
each for himself, and comes over the change feed, also after a break. inbox.py BUILD"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import proc  # noqa: E402
from cases import case, equal, run  # noqa: E402
from stack import Stack, find_build, uuid7  # noqa: E402

GRID = "230604001001001"
KINDS = ("", "ASSIGNED", "DUE_SOON", "OVERDUE", "APPROVAL", "ANSWERED", "URGED", "REPORTED")
EVERYBODY = ("worker", "worker2", "worker.other", "community", "acceptor", "acceptor2", "dispatcher", "handler", "lead", "duty",
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


def main():
    with Stack(find_build()) as s:
        return run(s)


sys.exit(main())
