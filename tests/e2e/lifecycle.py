#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every action of the state table through the API: two-step approvals with who, when and why, merge and split as each other's
exact undo, rounds, cards, helping organs, levels, and what a refusal says. lifecycle.py BUILD."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import proc  # noqa: E402
from cases import case, equal, run  # noqa: E402
from stack import Stack, find_build, uuid7  # noqa: E402

GRID = "230604001001001"
DAY = 86400


def pb():
    from wangge.v1 import case_pb2, directory_pb2, types_pb2
    return case_pb2, directory_pb2, types_pb2


def stamp(t):
    from google.protobuf import timestamp_pb2
    return timestamp_pb2.Timestamp(seconds=int(t))


class Life:
    """One case and the way it goes. Times are seconds; without one a step happens now."""

    def __init__(self, s, login="worker", at=None, **fields):
        self.s = s
        given = {"request_id": uuid7(), "case_id": uuid7(), "category_code": "E0102", "grid_code": GRID, "description": "路面塌陷"}
        given.update(fields)
        if at:
            given["happened_at"] = stamp(at)
        answer = s.call(login, "CaseService", "SubmitCase", pb()[0].SubmitCaseRequest(**given))
        self.id, self.version, self.number = answer.case_id, answer.version, answer.number
        s.taken.add("SETTLE" if "settle_text" in given else "SUBMIT")

    def request(self, action, at=None, **fields):
        given = {"request_id": uuid7(), "case_id": self.id, "expected_version": self.version, "action": f"ACTION_{action}",
                 "text": f"{action} 说明"}
        given.update(fields)
        if at:
            given["happened_at"] = stamp(at)
        if isinstance(given.get("until"), (int, float)):
            given["until"] = stamp(given["until"])
        return pb()[0].ActRequest(**given)

    def act(self, login, action, at=None, **fields):
        answer = self.s.call(login, "CaseService", "Act", self.request(action, at, **fields))
        equal(answer.event.version, self.version + 1, action)
        self.version = answer.case.version
        self.s.taken.add(action)
        return answer.case

    def refused(self, login, action, at=None, **fields):
        """(status, rule) of a refusal; the conflict stays in self.conflict."""
        got, _, details = self.s.refused(login, "CaseService", "Act", self.request(action, at, **fields))
        found = [d for d in details if d.DESCRIPTOR.name == "CaseConflict"]
        self.conflict = found[0] if found else None
        return got, self.conflict.rule if self.conflict else ""

    def get(self, login="acceptor"):
        return self.s.call(login, "CaseService", "GetCase", pb()[0].GetCaseRequest(case_id=self.id)).case

    def events(self, login="acceptor"):
        return list(self.s.call(login, "CaseService", "ListCaseEvents", pb()[0].ListCaseEventsRequest(case_id=self.id)).events)

    def to_handling(self, at=None, **fields):
        self.act("acceptor", "ACCEPT", at)
        self.act("dispatcher", "DISPATCH", at, organ_code="RHL-CG", **fields)
        return self.act("handler", "SIGN", at)

    def close(self, at=None):
        self.act("handler", "FEED_BACK", at)
        self.act("acceptor2", "ORDER_FIELD_CHECK", at)
        self.act("worker2", "ANSWER_FIELD_CHECK", at, check_result="CHECK_RESULT_PASS")
        return self.act("acceptor", "CLOSE", at)


def name(enum, value):
    types = pb()[2]
    return getattr(types, enum).Name(value).split("_", {"CaseState": 2, "Action": 1, "ApprovalKind": 2, "Card": 1, "Light": 1}[enum])[-1]


def state(c):
    return name("CaseState", c.state)


def actions(found):
    return {name("Action", e.action): e for e in found}


@case("settled on the spot, at once and after the report; recalled; refused")
def short_ways(s):
    settled = Life(s, settle_text="已当场清理")
    equal(settled.get().self_closed, True)
    later = Life(s)
    equal(state(later.act("worker", "SETTLE")), "CLOSED")
    equal(state(Life(s).act("worker", "RECALL")), "VOIDED")
    checked = Life(s)
    equal(state(checked.act("acceptor", "ORDER_FACT_CHECK")), "FACT_CHECK")
    equal(checked.get().HasField("overall_due_at"), False, "nobody here is waited for")
    equal(state(checked.act("worker2", "ANSWER_FACT_CHECK", check_result="CHECK_RESULT_FAIL")), "REPORTED")
    equal(checked.get().HasField("overall_due_at"), True)
    equal(state(checked.act("acceptor", "REFUSE", reason_code="OUT_OF_SCOPE")), "NOT_ACCEPTED")


@case("straight through: returned, dispatched anew, reworked, closed, revisited")
def straight(s):
    c = Life(s)
    c.act("community", "ACCEPT")
    c.act("dispatcher", "DISPATCH", organ_code="RHL-XF")
    equal(state(c.act("xf.lead", "RETURN")), "ACCEPTED")
    c.act("dispatcher", "DISPATCH", organ_code="RHL-CG")
    c.act("handler", "SIGN")
    moved = c.act("lead", "TRANSFER", organ_code="RHL-CG")
    equal((state(moved), moved.HasField("handler")), ("DISPATCHED", False), "the lead gives it to somebody else inside")
    c.act("lead", "SIGN")
    c.act("lead", "FEED_BACK")
    c.act("acceptor", "REWORK")
    c.act("lead", "FEED_BACK")
    c.act("acceptor2", "ORDER_FIELD_CHECK")
    c.act("worker2", "ANSWER_FIELD_CHECK", check_result="CHECK_RESULT_PASS")
    equal(c.refused("acceptor", "ARCHIVE"), ("PERMISSION_DENIED", "ROLE"), "the server alone archives")
    equal(c.refused("worker2", "CLOSE"), ("PERMISSION_DENIED", "ROLE"))
    closed = c.act("acceptor", "CLOSE")
    equal((state(closed), closed.rework_count, closed.return_count, closed.late), ("CLOSED", 1, 1, False))
    c.act("supervisor", "REVISIT", check_result="CHECK_RESULT_BASICALLY")
    c.act("acceptor", "NOTE")


@case("the lead names who shall sign for it: that colleague alone, or the lead")
def assigned(s):
    from wangge.v1 import inbox_pb2
    c = Life(s)
    c.to_handling()
    equal(c.refused("lead", "TRANSFER", organ_code="RHL-CG", assignee="xf.lead"), ("FAILED_PRECONDITION", "ASSIGNEE"), "another organ's")
    equal(c.refused("lead", "TRANSFER", organ_code="RHL-CG", assignee="nobody")[0], "NOT_FOUND")
    equal(c.refused("dispatcher", "TRANSFER", organ_code="RHL-XF", assignee="xf.lead"), ("PERMISSION_DENIED", "ASSIGNEE"))
    equal(c.refused("handler", "FEED_BACK", assignee="handler")[0], "INVALID_ARGUMENT", "only a transfer takes one")
    request = c.request("TRANSFER", organ_code="RHL-CG", assignee="handler")
    moved = s.call("lead", "CaseService", "Act", request).case
    c.version = moved.version
    equal((state(moved), moved.assignee.name), ("DISPATCHED", "钱承办"))
    again = s.call("lead", "CaseService", "Act", request)
    equal((again.replayed, again.case.assignee.name), (True, "钱承办"))

    def told(login):
        found = s.call(login, "InboxService", "ListNotices", inbox_pb2.ListNoticesRequest()).notices
        return [n.event_version for n in found if n.case_id == c.id]
    proc.wait_until("the colleague's notice", lambda: c.version in told("handler"), 60)
    # Given on: to the lead himself. Now the handler may not.
    c.act("handler", "SIGN")
    equal(c.get().HasField("assignee"), False, "signed for")
    equal(c.act("lead", "TRANSFER", organ_code="RHL-CG", assignee="lead").assignee.name != "钱承办", True)
    equal(c.refused("handler", "SIGN"), ("FAILED_PRECONDITION", "ASSIGNEE"))
    offered = [name("Action", o.action) for o in c.get("handler").allowed_actions]
    equal("SIGN" in offered, False, offered)
    work = s.call("handler", "CaseService", "ListCases", pb()[0].ListCasesRequest(
        filter=pb()[0].CaseFilter(my_work=True), page_size=500)).cases
    equal([x for x in work if x.case_id == c.id], [], "not the handler's work")
    # What comes back from elsewhere is for anybody again.
    equal(c.act("lead", "RETURN").HasField("assignee"), False)
    c.act("dispatcher", "DISPATCH", organ_code="RHL-CG")
    c.act("handler", "SIGN")


@case("an extension: asked for, endorsed, granted; who, when and why stand in the history")
def extension(s):
    c = Life(s)
    due = c.to_handling().due_at
    until = int(time.time()) + 40 * DAY
    asked = c.act("handler", "REQUEST_EXTEND", until=until, text="等待配件到货")
    equal((asked.due_at, asked.extension_count), (due, 0))
    waiting = c.get("lead")
    equal([(name("ApprovalKind", a.kind), a.asked_by.name, a.reason, a.until.seconds, a.HasField("endorsed_by"))
           for a in waiting.approvals], [("EXTEND", "钱承办", "等待配件到货", until, False)])
    offered = {name("Action", o.action): [name("ApprovalKind", k) for k in o.approvals] for o in waiting.allowed_actions}
    equal((offered["ENDORSE"], offered["DECLINE"]), (["EXTEND"], ["EXTEND"]))
    equal(c.refused("handler", "REQUEST_EXTEND", until=until), ("FAILED_PRECONDITION", "APPROVAL_PENDING"))
    equal(c.refused("dispatcher", "EXTEND"), ("FAILED_PRECONDITION", "APPROVAL_STEP"))
    equal(c.refused("dispatcher", "ENDORSE", approval="APPROVAL_KIND_EXTEND"), ("PERMISSION_DENIED", "ROLE"))
    c.act("lead", "ENDORSE", approval="APPROVAL_KIND_EXTEND", text="情况属实")
    waiting = c.get("dispatcher")
    equal((waiting.approvals[0].asked_by.name, waiting.approvals[0].endorsed_by.name), ("钱承办", "冯主任"))
    granted = c.act("dispatcher", "EXTEND", text="同意")
    equal((granted.due_at.seconds, granted.original_due_at, granted.extension_count, len(granted.approvals)), (until, due, 1, 0))
    told = [(name("Action", e.action), e.actor.name, e.text, name("ApprovalKind", e.approval)) for e in c.events()[-3:]]
    equal(told, [("REQUEST_EXTEND", "钱承办", "等待配件到货", "EXTEND"), ("ENDORSE", "冯主任", "情况属实", "EXTEND"),
                 ("EXTEND", "郑派遣", "同意", "EXTEND")])
    equal([e.until.seconds for e in c.events()[-3:]], [until, 0, until])
    # Declined, withdrawn, and the second and last one.
    c.act("handler", "REQUEST_EXTEND", until=until + DAY)
    c.act("lead", "DECLINE", approval="APPROVAL_KIND_EXTEND")
    c.act("handler", "REQUEST_EXTEND", until=until + DAY)
    equal(len(c.act("handler", "DECLINE", approval="APPROVAL_KIND_EXTEND", text="撤回").approvals), 0)
    c.act("lead", "REQUEST_EXTEND", until=until + DAY)
    equal(c.act("dispatcher", "EXTEND").original_due_at, due)
    equal(c.refused("handler", "REQUEST_EXTEND", until=until + 2 * DAY), ("FAILED_PRECONDITION", "EXTEND_LIMIT"))


@case("an extension is asked for in time, for a time to come")
def extension_times(s):
    c = Life(s, at=time.time() - 25 * DAY)
    c.to_handling(time.time() - 25 * DAY + 60)
    equal(c.refused("handler", "REQUEST_EXTEND", until=time.time() + 5 * DAY), ("FAILED_PRECONDITION", "EXTEND_LATE"))
    fresh = Life(s)
    fresh.to_handling()
    for until in (time.time() - 60, time.time() + 60, time.time() + 500 * DAY):
        equal(fresh.refused("handler", "REQUEST_EXTEND", until=until)[0], "INVALID_ARGUMENT")


@case("a suspension in three steps; it resumes where the clock stood")
def suspension(s):
    c = Life(s)
    c.to_handling()
    until = int(time.time()) + 20 * DAY
    equal(c.refused("handler", "REQUEST_SUSPEND", until=until)[0], "INVALID_ARGUMENT", "a reason code is needed")
    c.act("handler", "REQUEST_SUSPEND", until=until, reason_code="PARTS")
    c.act("lead", "ENDORSE", approval="APPROVAL_KIND_SUSPEND")
    held = c.act("dispatcher", "SUSPEND")
    equal((state(held), held.suspended_until.seconds, held.HasField("due_at"), held.HasField("overall_due_at")),
          ("SUSPENDED", until, False, False))
    back = c.act("dispatcher", "RESUME")
    equal((state(back), back.HasField("due_at"), back.HasField("suspended_until")), ("HANDLING", True, False))
    equal(c.refused("handler", "REQUEST_SUSPEND", until=until, reason_code="PARTS"), ("FAILED_PRECONDITION", "SUSPEND_LIMIT"))


@case("a voiding is asked for by one, granted or declined by the duty chief, and undone")
def voiding(s):
    c = Life(s)
    c.to_handling()
    equal(c.refused("duty", "VOID", reason_code="FALSE_REPORT"), ("FAILED_PRECONDITION", "APPROVAL_NONE"))
    equal(c.act("handler", "REQUEST_VOID").void_requested, True)
    equal(c.refused("handler", "VOID", reason_code="FALSE_REPORT"), ("PERMISSION_DENIED", "ROLE"), "never the handler")
    equal(c.act("duty", "DECLINE", approval="APPROVAL_KIND_VOID").void_requested, False)
    c.act("acceptor", "REQUEST_VOID")
    before = c.get()
    equal(state(c.act("duty", "VOID", reason_code="FALSE_REPORT")), "VOIDED")
    after = c.act("duty", "RESTORE")
    equal((state(after), after.handler.account_id, after.level), ("HANDLING", before.handler.account_id, before.level))


@case("an appeal: late, endorsed by the dispatcher, granted by the acceptor; late all the same, and exempt")
def appeal(s):
    start = time.time() - 25 * DAY
    c = Life(s, at=start)
    c.to_handling(start + 60)
    closed = c.close(time.time() - 600)
    equal((closed.late, closed.late_exempt), (True, False))
    equal(c.refused("handler", "APPEAL"), ("PERMISSION_DENIED", "ROLE"))
    c.act("lead", "APPEAL", text="当日停电")
    equal(c.refused("acceptor", "GRANT_APPEAL"), ("FAILED_PRECONDITION", "APPROVAL_STEP"))
    equal(c.get().approvals[0].reason, "当日停电")
    c.act("dispatcher", "ENDORSE", approval="APPROVAL_KIND_APPEAL")
    granted = c.act("acceptor", "GRANT_APPEAL", text="属实")
    equal((granted.late, granted.late_exempt, state(granted)), (True, True, "CLOSED"))
    equal(c.refused("lead", "APPEAL"), ("FAILED_PRECONDITION", "APPEAL_LIMIT"))
    # In time, there is nothing to appeal against; after five working days, no more.
    quick = Life(s)
    quick.to_handling()
    quick.close()
    equal(quick.refused("lead", "APPEAL"), ("FAILED_PRECONDITION", "APPEAL_NOT_LATE"))
    old = Life(s, at=start)
    old.to_handling(start + 60)
    old.close(start + 12 * DAY)
    equal(old.refused("lead", "APPEAL"), ("FAILED_PRECONDITION", "APPEAL_LATE"))


@case("levels: one by one, and past one only if it presses")
def levels(s):
    c = Life(s)
    c.act("community", "ACCEPT")
    overall = c.get().overall_due_at
    equal(c.refused("community", "ESCALATE", level=3), ("FAILED_PRECONDITION", "SKIP_LEVEL"))
    up = c.act("community", "ESCALATE")
    equal((state(up), up.level, up.overall_due_at), ("REPORTED", 2, overall))
    equal(c.refused("community", "ACCEPT"), ("PERMISSION_DENIED", "LEVEL"))
    urgent = Life(s, urgency="URGENCY_URGENT")
    urgent.act("community", "ACCEPT")
    equal(urgent.act("community", "ESCALATE", level=4).level, 4)


@case("helping organs answer before the lead feeds back")
def helpers(s):
    c = Life(s)
    c.to_handling()
    by = int(time.time()) + 5 * DAY
    c.act("dispatcher", "WHISTLE", organ_code="RHL-XF", until=by)
    equal([(o.organ_code, o.replied, o.lapsed, o.reply_by.seconds) for o in c.get().co_organs], [("RHL-XF", False, False, by)])
    equal(c.refused("handler", "FEED_BACK"), ("FAILED_PRECONDITION", "CO_PENDING"))
    equal(c.refused("dispatcher", "CO_LAPSE"), ("PERMISSION_DENIED", "ROLE"), "the server alone notes a lapse")
    c.act("xf.lead", "CO_REPLY")
    equal(c.get().co_organs[0].replied, True)
    equal(state(c.close()), "CLOSED")


@case("urged with a card, answered")
def cards(s):
    c = Life(s)
    c.to_handling()
    by = int(time.time()) + 2 * DAY
    urged = c.act("supervisor", "URGE", card="CARD_RED", until=by)
    equal((name("Card", urged.card), urged.card_reply_by.seconds), ("RED", by))
    equal(c.refused("supervisor", "URGE", card="CARD_YELLOW"), ("FAILED_PRECONDITION", "CARD_LOWER"))
    answered = c.act("handler", "URGE_REPLY")
    equal((name("Card", answered.card), answered.HasField("card_reply_by")), ("RED", False))
    equal(c.refused("handler", "URGE_REPLY"), ("FAILED_PRECONDITION", "NOT_URGED"))
    equal(name("Card", actions(c.events())["URGE"].card), "RED")


def plain(c):
    """A case without what a merge and a split may change: version, running clocks, what is possible now."""
    out = pb()[2].Case()
    out.CopyFrom(c)
    for field in ("version", "due_at", "overall_due_at", "light", "overall_light", "due_provisional", "allowed_actions"):
        out.ClearField(field)
    return out


@case("merged and split: the lead names it, nothing else is touched, and both are exactly as before")
def merging(s):
    lead, c, third = Life(s), Life(s), Life(s)
    lead.to_handling()
    c.to_handling()
    c.act("handler", "REQUEST_EXTEND", until=int(time.time()) + 40 * DAY)
    c.act("supervisor", "URGE", card="CARD_YELLOW")
    before, lead_before = c.get(), lead.get()
    equal(c.refused("acceptor", "MERGE", target_case_id=c.id)[0], "INVALID_ARGUMENT", "into itself")
    merged = c.act("acceptor", "MERGE", target_case_id=lead.id)
    equal((state(merged), merged.merged_into_case_id, len(c.get().approvals)), ("MERGED", lead.id, 1))
    found = lead.get()
    equal([(m.case_id, m.number, m.HasField("merged_at")) for m in found.merged_cases], [(c.id, c.number, True)])
    found.ClearField("merged_cases")
    equal(plain(found), plain(lead_before), "the lead")
    equal(found.version, lead_before.version)
    equal(third.refused("acceptor", "MERGE", target_case_id=c.id), ("FAILED_PRECONDITION", "MERGE_TARGET"), "a chain")
    equal(lead.refused("acceptor", "MERGE", target_case_id=third.id), ("FAILED_PRECONDITION", "MERGE_CHAIN"), "a lead")
    c.act("acceptor2", "SPLIT")
    equal(plain(c.get()), plain(before), "the case that was merged")
    equal(len(lead.get().merged_cases), 0)
    told = actions(c.events())
    equal((told["MERGE"].target_case_id, told["SPLIT"].target_case_id), (lead.id, lead.id))
    row = s.psql("select lead_id, merged_version, split_version, merged_at < split_at, merged_by <> split_by from case_link"
                 f" where case_id = '{c.id}'")
    equal(row, f"{lead.id}|{told['MERGE'].version}|{told['SPLIT'].version}|t|t")
    # Merged again: another link; the first stays.
    c.act("acceptor", "MERGE", target_case_id=lead.id)
    equal(s.psql(f"select count(*), count(split_at) from case_link where case_id = '{c.id}'"), "2|1")
    lead.close()
    equal(state(c.get()), "MERGED", "closing the lead does not touch it")


@case("reopened: a new round, and the closings of the earlier ones for ever")
def rounds(s):
    start = time.time() - 25 * DAY
    c = Life(s, at=start)
    c.to_handling(start + 60)
    first = c.close(time.time() - 7200)
    again = c.act("supervisor", "REOPEN", time.time() - 3600)
    equal((state(again), again.round, again.HasField("closed_at"), again.late), ("ACCEPTED", 2, False, False))
    c.act("dispatcher", "DISPATCH", time.time() - 3000, organ_code="RHL-CG")
    c.act("handler", "SIGN", time.time() - 2900)
    second = c.act("duty", "FORCE_CLOSE", time.time() - 2000)
    equal(second.forced_closed, True)
    c.act("supervisor", "REOPEN", time.time() - 1000)
    found = c.get()
    equal([(r.round, r.closed_at, r.closer.name, r.forced_closed, r.self_closed) for r in found.rounds],
          [(1, first.closed_at, "孙受理", False, False), (2, second.closed_at, "陈值班", True, False)])
    equal([r.HasField("reopened_at") for r in found.rounds], [True, True])
    told = [name("Action", e.action) for e in c.events()]
    equal((told.count("CLOSE"), told.count("FORCE_CLOSE"), told.count("REOPEN")), (1, 1, 2))


@case("a dispatch tells the organs it named to help, whatever became of them")
def named_to_help(s):
    c = Life(s)
    c.act("acceptor", "ACCEPT")
    for helpers in (["RHL-CG"], []):
        told = s.call("dispatcher", "CaseService", "Act", c.request("DISPATCH", organ_code="RHL-XF", co_organ_codes=helpers))
        c.version = told.case.version
        equal(list(told.event.co_organ_codes), helpers)
        c.act("xf.lead", "RETURN")
    equal(list(c.get().co_organ_codes), [], "nobody helps now")
    equal([(name("Action", e.action), list(e.co_organ_codes)) for e in c.events()],
          [("SUBMIT", []), ("ACCEPT", []), ("DISPATCH", ["RHL-CG"]), ("RETURN", []), ("DISPATCH", []), ("RETURN", [])])
    refused = c.request("RETURN", expected_version=2)
    _, _, details = s.refused("xf.lead", "CaseService", "Act", refused)
    since = [d for d in details if d.DESCRIPTOR.name == "CaseConflict"][0].events_since
    equal([list(e.co_organ_codes) for e in since][:1], [["RHL-CG"]])


@case("referred elsewhere: a number there, a receipt here")
def referral(s):
    c = Life(s)
    c.act("acceptor", "ACCEPT")
    away = c.act("acceptor", "REFER", reason_code="PETITION", outside_number="信访-2026-118")
    equal((state(away), away.HasField("overall_due_at")), ("REFERRED", False))
    equal(actions(c.events())["REFER"].outside_number, "信访-2026-118")
    equal(state(c.act("acceptor", "RECEIPT", check_result="CHECK_RESULT_FAIL")), "ACCEPTED")
    c.act("acceptor", "REFER")
    equal(state(c.act("acceptor", "RECEIPT", check_result="CHECK_RESULT_PASS")), "CLOSED")


def imported(s, lead, steps):
    """The answer to one imported history of [(role, person, organ, action, fields)], an hour a step."""
    case, _, types = pb()
    start = time.time() - 20 * DAY
    item = case.ImportHistoryRequest(
        sequence=1, reporter_name="外来网格员",
        case=case.SubmitCaseRequest(request_id=uuid7(), case_id=uuid7(), category_code="E0102", grid_code=GRID,
                                    description="外来历史", happened_at=stamp(start)))
    for i, (role, person, organ, action, fields) in enumerate(steps):
        given = dict({"request_id": uuid7(), "action": f"ACTION_{action}", "text": "历史", "happened_at": stamp(start + 3600 * (i + 1))},
                     **fields)
        item.events.add(act=case.ActRequest(**given), actor=types.Actor(name=person, role=f"ROLE_{role}", organ_code=organ))
    answers = list(s.method("CaseService", "ImportHistory")(iter([item]), timeout=60, metadata=s.metadata("integration")))
    return item.case.case_id, answers[0]


@case("a history moves in with both steps of its approvals, a merge and a split")
def history(s):
    lead = Life(s)
    start = time.time() - 20 * DAY
    begin = [("ACCEPTOR", "甲", "", "ACCEPT", {}), ("DISPATCHER", "乙", "", "DISPATCH", {"organ_code": "RHL-CG"}),
             ("HANDLER", "丙", "RHL-CG", "SIGN", {})]
    asked = ("HANDLER", "丙", "RHL-CG", "REQUEST_SUSPEND", {"reason_code": "PARTS", "until": stamp(start + 9 * DAY)})
    endorsed = ("ORGAN_LEAD", "丁", "RHL-CG", "ENDORSE", {"approval": "APPROVAL_KIND_SUSPEND"})
    granted = ("DISPATCHER", "乙", "", "SUSPEND", {})
    merged = [("ACCEPTOR", "甲", "", "MERGE", {"target_case_id": lead.id}), ("ACCEPTOR", "甲", "", "SPLIT", {})]
    given, answer = imported(s, lead, begin + merged + [asked, endorsed, granted, ("DISPATCHER", "乙", "", "RESUME", {})])
    equal(answer.WhichOneof("result"), "ok", str(answer))
    equal(s.psql(f"select lead_id, merged_version, split_version from case_link where case_id = '{given}'"), f"{lead.id}|5|6")
    found = s.call("acceptor", "CaseService", "GetCase", pb()[0].GetCaseRequest(case_id=given)).case
    equal((state(found), found.imported, found.merged_into_case_id), ("HANDLING", True, ""))
    equal(len(lead.get().merged_cases), 0)
    # Without its first step, or by one person alone, it does not.
    for steps in ([granted], [asked, granted], [asked, ("DISPATCHER", "丙", "", "SUSPEND", {})]):
        equal(imported(s, lead, begin + steps)[1].WhichOneof("result"), "error")


def uploaded(s, login, case_id):
    """The id of a file that stands with a case."""
    from wangge.v1 import attachment_pb2 as a
    import hashlib
    data = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\2\0\0\0" + b"\x90wS\xde" + b"\0\0\0\0IEND\xaeB`\x82"
    head = a.UploadHeader(attachment_id=uuid7(), case_id=case_id, name="现场.png", size=len(data),
                          sha256=hashlib.sha256(data).hexdigest())
    parts = [a.UploadRequest(header=head), a.UploadRequest(chunk=a.UploadChunk(offset=0, data=data))]
    list(s.method("AttachmentService", "Upload")(iter(parts), timeout=60, metadata=s.metadata(login)))
    return head.attachment_id


@case("a category that demands evidence gets it, or the step does not happen")
def evidence(s):
    directory = pb()[1]
    listed = s.call("worker", "DirectoryService", "ListCategories", directory.ListCategoriesRequest()).categories
    category = [c for c in listed if c.code == "E0501"][0]
    category.evidence_settle = category.evidence_feedback = True
    s.call("sysadmin", "DirectoryService", "ImportDirectory", directory.ImportDirectoryRequest(categories=[category]), timeout=60)
    proc.wait_until("the category to demand evidence", lambda: any(
        c.code == "E0501" and c.evidence_settle and c.evidence_feedback
        for c in s.call("worker", "DirectoryService", "ListCategories", directory.ListCategoriesRequest()).categories), seconds=60)
    fields = {"category_code": "E0501", "grid_code": GRID, "description": "占道", "settle_text": "已劝离"}
    case_id = uuid7()
    request = pb()[0].SubmitCaseRequest(request_id=uuid7(), case_id=case_id, **fields)
    got, _, details = s.refused("worker", "CaseService", "SubmitCase", request)
    equal((got, any("EVIDENCE" in str(d) or "attachment_ids" in str(d) for d in details)), ("FAILED_PRECONDITION", True))
    request.attachment_ids.append(uuid7())
    equal(s.refused("worker", "CaseService", "SubmitCase", request)[0], "NOT_FOUND", "a file nobody uploaded")
    request.attachment_ids[0] = uploaded(s, "worker", case_id)
    equal(s.call("worker", "CaseService", "SubmitCase", request).replayed, False)
    equal(s.call("worker", "CaseService", "SubmitCase", request).replayed, True)
    c = Life(s, category_code="E0501")
    c.to_handling()
    equal(c.refused("handler", "FEED_BACK"), ("FAILED_PRECONDITION", "EVIDENCE"))
    equal(c.refused("handler", "FEED_BACK", attachment_ids=[request.attachment_ids[0]])[0], "NOT_FOUND", "another case's file")
    photo = uploaded(s, "handler", c.id)
    c.act("handler", "FEED_BACK", attachment_ids=[photo])
    equal(c.refused("acceptor", "ORDER_FIELD_CHECK", attachment_ids=[photo])[0], "INVALID_ARGUMENT", "takes none")
    c.act("acceptor", "REWORK")
    equal(c.refused("handler", "FEED_BACK", attachment_ids=[photo])[0], "NOT_FOUND", "the evidence of another step")


@case("a refusal names the rule, the state and what is possible instead, whatever the reason")
def refusals(s):
    c = Life(s)
    c.to_handling()
    for login, action, fields, want in (
            ("handler", "SIGN", {}, ("FAILED_PRECONDITION", "STATE")),
            ("handler", "URGE_REPLY", {}, ("FAILED_PRECONDITION", "NOT_URGED")),
            ("handler", "CLOSE", {}, ("PERMISSION_DENIED", "ROLE")),
            ("handler", "FEED_BACK", {"text": ""}, ("INVALID_ARGUMENT", "FIELD")),
            ("handler", "DECLINE", {}, ("INVALID_ARGUMENT", "FIELD"))):
        equal(c.refused(login, action, **fields), want)
        equal((state(c.conflict), c.conflict.version), ("HANDLING", c.version))
        possible = {name("Action", o.action) for o in c.conflict.allowed_actions}
        equal({"FEED_BACK", "REQUEST_EXTEND", "REQUEST_SUSPEND"} <= possible, True, str(possible))
    equal(c.refused("auditor", "NOTE")[0] in ("PERMISSION_DENIED", "NOT_FOUND"), True)
    for field, value in (("approval", 9), ("card", 9)):
        equal(c.refused("handler", "NOTE", **{field: value})[0], "INVALID_ARGUMENT")
    equal(c.refused("acceptor", "REFER", outside_number="x" * 65)[0], "INVALID_ARGUMENT")


@case("the published table has every action, with what it needs")
def published(s):
    rules = s.call("worker", "DirectoryService", "ListActions", pb()[1].ListActionsRequest()).rules
    known = {name("Action", r.action) for r in rules}
    every = {v.name.split("_", 1)[1] for v in pb()[2].Action.DESCRIPTOR.values if v.number}
    equal(every - known, set())
    for r in rules:
        equal(bool(r.clock_effect), True)
    endorse = [r for r in rules if name("Action", r.action) == "ENDORSE"]
    equal([list(r.required_fields) for r in endorse], [["approval"], ["approval"]])
    # Taken in this file: all but what the server alone does.
    equal(every - s.taken, {"ARCHIVE", "CO_LAPSE", "RECLOCK"})


@case("nothing disagrees with its recount")
def verified(s):
    equal(s.psql("select count(*) from verify(10)"), "0")


def main():
    with Stack(find_build()) as s:
        s.taken = set()
        return run(s)


if __name__ == "__main__":
    sys.exit(main())
