#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Rights that hold, through the API and behind it: accounts of every role, in the case's region, above and beside it, of its organs
and of others, against cases in every state, held against tests/rights/model.py; row security and the serving role, asked
directly; and the audit. rights.py BUILD."""
import collections
import os
import random
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
sys.path.insert(0, os.path.join(HERE, "..", "rights"))
import city  # noqa: E402
import model  # noqa: E402
import proc  # noqa: E402
from cases import case, equal, run  # noqa: E402
from reader import scope, sql  # noqa: E402
from stack import Stack, find_build, uuid7  # noqa: E402

GRID = "230604001001001"
FAR_GRID = "230602001001001"
MORE = {
    "worker.sun": (1, "230604001002", ""),
    "community.sun": (2, "230604001002", ""),
    "community.town": (2, "230604001", ""),
    "acceptor.town": (3, "230604001", ""),
    "acceptor.srt": (3, "230602", ""),
    "acceptor.city": (3, "2306", ""),
    "dispatcher.srt": (4, "230602", ""),
    "dispatcher.city": (4, "2306", ""),
    "handler.xf": (5, "230604", "RHL-XF"),
    "handler.srt": (5, "230602", "SRT-CG"),
    "lead.centre": (6, "230604", "RHL-CENTRE"),
    "lead.srt": (6, "230602", "SRT-CG"),
    "duty.srt": (7, "230602", ""),
    "supervisor.srt": (8, "230602", ""),
    "mediator": (9, "230604", ""),
    "expert": (10, "2306", ""),
    "source2": (11, "2306", ""),
    "ab.one": (11, "2306", ""),
    "ab.two": (11, "230604", ""),
    "cd.one": (11, "2306", ""),
}
# Service accounts that speak for a source.
SOURCES = {"ab.one": "AB12", "ab.two": "AB12", "cd.one": "CD34"}
# What nothing but rights stands before, in the cases made here: must be offered to everybody the model lets.
FREE = {"ORDER_FACT_CHECK", "ANSWER_FACT_CHECK", "ACCEPT", "REFUSE", "DISPATCH", "WHISTLE", "SIGN", "ORDER_FIELD_CHECK",
        "ANSWER_FIELD_CHECK", "REWORK", "FORCE_CLOSE", "REVISIT", "REOPEN", "RESTORE", "SPLIT", "REFER", "URGE", "NOTE", "RESUME",
        "RETURN", "TRANSFER"}
LEVEL_OF_LENGTH = {4: 4, 6: 3, 9: 2, 12: 1}


def pb(name="case"):
    import importlib
    return importlib.import_module(f"wangge.v1.{name}_pb2")


class Made:
    """A case brought into a state."""

    def __init__(self, s, state, login="worker", grid=GRID):
        self.s, self.state, self.login, self.grid = s, state, login, grid
        self.organs = {}
        self.id = uuid7()
        self.version = 1
        self.sent = pb().SubmitCaseRequest(request_id=uuid7(), case_id=self.id, category_code="E0102", grid_code=grid,
                                           description="矩阵里的一件事")
        self.source = SOURCES.get(login, "")
        if state == "IMPORTED":
            self.state = "REPORTED"
            self.login = ""
            self.take_over(login)
            return
        self.number = s.call(login, "CaseService", "SubmitCase", self.sent).number
        ways = {
            "REPORTED": [], "FACT_CHECK": ["acceptor ORDER_FACT_CHECK"], "NOT_ACCEPTED": ["acceptor REFUSE"],
            "ACCEPTED": ["acceptor ACCEPT"], "MERGED": ["acceptor MERGE"], "VOIDED": ["acceptor REQUEST_VOID", "duty VOID"],
        }
        ways["REFERRED"] = ways["ACCEPTED"] + ["acceptor REFER"]
        ways["DISPATCHED"] = ways["ACCEPTED"] + ["dispatcher DISPATCH"]
        ways["HANDLING"] = ways["DISPATCHED"] + ["handler SIGN"]
        ways["SUSPENDED"] = ways["HANDLING"] + ["handler REQUEST_SUSPEND", "lead ENDORSE", "dispatcher SUSPEND"]
        ways["FEEDBACK"] = ways["HANDLING"] + ["xf.lead CO_REPLY", "handler FEED_BACK"]
        ways["FIELD_CHECK"] = ways["FEEDBACK"] + ["acceptor ORDER_FIELD_CHECK"]
        ways["CLOSED"] = ways["FIELD_CHECK"] + ["worker2 ANSWER_FIELD_CHECK", "acceptor2 CLOSE"]
        for step in ways[state]:
            self.act(*step.split())

    def take_over(self, login):
        """Import it as a history of a person of the account's system."""
        import time
        from google.protobuf import timestamp_pb2
        self.sent.happened_at.CopyFrom(timestamp_pb2.Timestamp(seconds=int(time.time()) // 86400 * 86400 - 86400))
        item = pb().ImportHistoryRequest(sequence=1, reporter_name="外来网格员", case=self.sent)
        answers = list(self.s.method("CaseService", "ImportHistory")(iter([item]), timeout=60, metadata=self.s.metadata(login)))
        self.number = answers[0].ok.number

    def request(self, action):
        from google.protobuf import timestamp_pb2
        import time
        r = pb().ActRequest(request_id=uuid7(), case_id=self.id, expected_version=self.version, action="ACTION_" + action,
                            text="说明", reason_code="" if action in ("CLOSE", "SETTLE") else "R01")
        if action in ("REQUEST_SUSPEND", "REQUEST_EXTEND"):
            r.until.CopyFrom(timestamp_pb2.Timestamp(seconds=int(time.time()) + 20 * 86400))
        if action == "DISPATCH":
            r.organ_code = "RHL-CG"
            r.co_organ_codes.append("RHL-XF")
        if action in ("WHISTLE", "TRANSFER"):
            r.organ_code = "RHL-CENTRE"
        if action == "MERGE":
            r.target_case_id = self.s.target.id
        if action == "ENDORSE":
            r.approval = 2
        if action in ("ANSWER_FACT_CHECK", "ANSWER_FIELD_CHECK", "RECEIPT", "REVISIT"):
            r.check_result = 1
        return r

    def act(self, login, action):
        answer = self.s.call(login, "CaseService", "Act", self.request(action))
        self.version = answer.case.version
        if action == "DISPATCH":
            self.organs = {"RHL-CG": "lead", "RHL-XF": "helper"}

    def relation(self, s, login):
        """(role, holds, level, organ, person) of an account to this case, without its source."""
        role, region, organ = s.accounts[login]
        people = {self.login: "reporter"}
        if self.state in ("HANDLING", "SUSPENDED", "FEEDBACK", "FIELD_CHECK", "CLOSED"):
            people["handler"] = "handler"
        if self.state == "CLOSED":
            people["worker2"] = "checker"
        return (model.ROLES[role - 1], self.grid.startswith(region), LEVEL_OF_LENGTH[len(region)], self.organs.get(organ, "other"),
                people.get(login, "stranger"))

    def seen_by(self, s, login):
        role, holds, _, organ, person = self.relation(s, login)
        source = SOURCES.get(login)
        source = "none" if not source else "own" if source == self.source else "other" if self.source else "people"
        return model.sees(role, holds, organ, person == "reporter", source)


def status(s, login, service, name, request):
    import grpc
    try:
        return "OK", s.call(login, service, name, request)
    except grpc.RpcError as e:
        return e.code().name, None


def prepare(s):
    s.accounts = {login: (role, region, organ) for login, (_, role, region, organ) in city.ACCOUNTS.items()}
    for login, (role, region, organ) in MORE.items():
        s.call("secadmin", "DirectoryService", "CreateAccount", pb("directory").CreateAccountRequest(
            login=login, name="某" + login[:6], role=role, region_code=region, organ_code=organ, password=city.PASSWORD,
            source_code=SOURCES.get(login, ""), keep_password=True))
        s.accounts[login] = (role, region, organ)
    s.accounts["sysadmin"] = (12, "2306", "")
    s.accounts["secadmin"] = (13, "2306", "")
    s.target = Made(s, "REPORTED")
    s.made = [s.target] + [Made(s, state) for state in model.STATES[1:] if state != "ARCHIVED"]
    s.made += [Made(s, "REPORTED", "worker.other", FAR_GRID), Made(s, "REPORTED", "integration")]
    s.made += [Made(s, state, login, grid) for state, login, grid in (
        ("HANDLING", "ab.one", GRID), ("REPORTED", "ab.two", GRID), ("REPORTED", "ab.one", FAR_GRID), ("CLOSED", "cd.one", GRID),
        ("IMPORTED", "ab.two", GRID), ("IMPORTED", "cd.one", GRID), ("IMPORTED", "source2", GRID))]


@case("every read by every account: seen, or not found, or refused for the role")
def reads(s):
    calls = {
        "GetCase": lambda c: ("CaseService", pb().GetCaseRequest(case_id=c.id)),
        "GetCase by number": lambda c: ("CaseService", pb().GetCaseRequest(number=c.number)),
        "ListCaseEvents": lambda c: ("CaseService", pb().ListCaseEventsRequest(case_id=c.id)),
        "ListAttachments": lambda c: ("AttachmentService", pb("attachment").ListAttachmentsRequest(case_id=c.id)),
        "FindSimilar": lambda c: ("SearchService", pb("search").FindSimilarRequest(case_id=c.id)),
        "SuggestDispatch": lambda c: ("SearchService", pb("search").SuggestDispatchRequest(case_id=c.id)),
        "ExplainDeadline": lambda c: ("ClockService", pb("clock").ExplainDeadlineRequest(case_id=c.id)),
    }
    counts = collections.Counter()
    leaks, wrong = [], []
    for login in s.accounts:
        role = model.ROLES[s.accounts[login][0] - 1]
        for c in s.made:
            want = "OK" if c.seen_by(s, login) else "NOT_FOUND" if role in model.PERMISSIONS["CASE_READ"] else "PERMISSION_DENIED"
            for name, make in calls.items():
                service, request = make(c)
                got, _ = status(s, login, service, name.split()[0], request)
                counts[got] += 1
                if got == "OK" and want != "OK":
                    leaks.append((login, c.state, name, want))
                elif got != want:
                    wrong.append((login, c.state, name, got, want))
    print(f"  {sum(counts.values())} reads ({len(s.accounts)} accounts x {len(s.made)} cases x {len(calls)} calls): {dict(counts)}; "
          f"{len(leaks)} leaks, {len(wrong)} wrong refusals")
    equal((leaks[:5], wrong[:5]), ([], []))


@case("lists hold what an account sees, and nothing else")
def lists(s):
    n = 0
    for login in s.accounts:
        if model.ROLES[s.accounts[login][0] - 1] not in model.PERMISSIONS["CASE_READ"]:
            equal(status(s, login, "CaseService", "ListCases", pb().ListCasesRequest())[0], "PERMISSION_DENIED", login)
            continue
        found = s.call(login, "CaseService", "ListCases", pb().ListCasesRequest(page_size=500))
        want = {c.id for c in s.made if c.seen_by(s, login)}
        equal({c.case_id for c in found.cases}, want, login)
        n += len(want)
    print(f"  {len(s.accounts)} accounts, {n} rows")


@case("what is offered and what is done: every role in every state")
def acts(s):
    rules = model.table()
    types = pb("types")
    rng = random.Random(7)
    counts = collections.Counter()
    leaks, wrong = [], []
    bent = 0
    for login in s.accounts:
        for c in s.made:
            role, holds, level, organ, person = c.relation(s, login)
            seen = c.seen_by(s, login)
            offered = set()
            if seen:
                got = s.call(login, "CaseService", "GetCase", pb().GetCaseRequest(case_id=c.id)).case
                offered = {types.Action.Name(a.action).removeprefix("ACTION_") for a in got.allowed_actions}
            for action in model.ACTIONS:
                if action == "SUBMIT":
                    continue
                # A community's first step up: level 1 holds these cases.
                broken = model.violated(rules, action, c.state, 1, role, holds, level, organ, person)
                may = seen and not broken
                counts["offered" if action in offered else "not offered"] += 1
                if action in offered and not may:
                    leaks.append((login, c.state, action, sorted(broken)))
                if may and action in FREE and action not in offered:
                    wrong.append((login, c.state, action))
                bent += action == "DISPATCH" and (action in offered) != (may and role != "DISPATCHER")
                if may or rng.random() > 0.12:
                    continue
                got, _ = status(s, login, "CaseService", "Act", c.request(action))
                counts["sent: " + got] += 1
                if got == "OK":
                    leaks.append((login, c.state, action, "done"))
                if action == "MERGE" and got == "NOT_FOUND":
                    continue  # the case to merge into is hidden
                hidden = role in model.PERMISSIONS["CASE_READ"] and not seen
                expect = {"NOT_FOUND"} if hidden else {"PERMISSION_DENIED", "FAILED_PRECONDITION", "INVALID_ARGUMENT"}
                if got not in expect:
                    wrong.append((login, c.state, action, got))
    print(f"  {dict(counts)}; {len(leaks)} leaks, {len(wrong)} wrong refusals; control: one bent cell gives {bent}")
    equal((leaks[:5], wrong[:5]), ([], []))
    equal(bent > 0, True, "the control")


@case("kinds of calls by role")
def permissions(s):
    report = pb("report")
    calls = {
        "ACCOUNT_ADMIN": ("DirectoryService", "CreateAccount", pb("directory").CreateAccountRequest()),
        "DIRECTORY_ADMIN": ("DirectoryService", "ImportDirectory", pb("directory").ImportDirectoryRequest()),
        "DIRECTORY_READ": ("DirectoryService", "ListOrgans", pb("directory").ListOrgansRequest()),
        "REPORT": ("ReportService", "QueryMetric", report.QueryMetricRequest()),
        "CASE_SUBMIT": ("CaseService", "SubmitCase", pb().SubmitCaseRequest()),
        "AUDIT_READ": ("AuditService", "ListAudit", pb("audit").ListAuditRequest()),
        "RULES_READ": ("SearchService", "ListDispatchRules", pb("search").ListDispatchRulesRequest()),
        "RULES_TRY": ("SearchService", "TryDispatchRules", pb("search").TryDispatchRulesRequest()),
        "PEOPLE_REVEAL": ("PeopleService", "RevealPeople", pb("people").RevealPeopleRequest()),
        "PEOPLE_SET": ("PeopleService", "SetPeople", pb("people").SetPeopleRequest()),
        "SEARCH": ("SearchService", "Search", pb("search").SearchRequest()),
        "INBOX": ("InboxService", "ListNotices", pb("inbox").ListNoticesRequest()),
        "BULK": ("BulkService", "ListBulks", pb("bulk").ListBulksRequest()),
        "ATTACHMENT_READ": ("AttachmentService", "ListAttachments", pb("attachment").ListAttachmentsRequest()),
        "CASE_NOTE": ("CaseService", "AddNote", pb().AddNoteRequest()),
        "CLOCK_ADMIN": ("ClockService", "SetCalendar", pb("clock").SetCalendarRequest()),
    }
    for login, (role, _, _) in s.accounts.items():
        for perm, (service, name, request) in calls.items():
            got, _ = status(s, login, service, name, request)
            equal(got == "PERMISSION_DENIED", model.ROLES[role - 1] not in model.PERMISSIONS[perm], f"{login} {name}: {got}")
    print(f"  {len(s.accounts) * len(calls)} calls")


@case("row security: nothing without a context, the interval with one")
def row_security(s):
    tables = s.psql("select relname from pg_class where relrowsecurity order by 1").split()
    for must in ("attachment", "attachment_chunk", "case_event", "case_file", "case_person", "notice"):
        equal(must in tables, True, must)
    readable = [t for t in tables if s.psql(f"select has_table_privilege('wangge_read', '{t}', 'select')") == "t"]
    for t in readable:
        equal(sql(s, f"set role wangge_read; select count(*) from {t}"), ("0", ""), t)
        equal(sql(s, scope("", "") + f"select count(*) from {t}"), ("0", ""), t)
    for t in ("case_file", "case_event"):
        for lo, hi in ((230604000000000, 230604999999999), (230602000000000, 230602999999999), (230604001001002, 230604001001002)):
            want = s.psql(f"select count(*) from {t} where grid_code between {lo} and {hi}")
            equal(sql(s, scope(lo, hi) + f"select count(*) from {t}"), (want, ""), f"{t} {lo}")
    organ = s.psql("select id from organ where code = 'RHL-XF'")
    mine = f"(c.organ_id = {organ} or {organ} = any (c.co_organ_ids))"
    equal(sql(s, scope(0, 10**18, organ) + "select count(*) from case_file")[0], s.psql(f"select count(*) from case_file c where {mine}"))
    equal(sql(s, scope(0, 10**18, organ) + "select count(*) from case_event")[0],
          s.psql(f"select count(*) from case_event e join case_file c on c.id = e.case_id where {mine}"))
    who = s.psql("select id from account where login = 'integration'")
    equal(sql(s, scope(0, 10**18, 0, who) + "select count(*) from case_file")[0], "1")
    print(f"  {len(tables)} confined tables, {len(readable)} readable")


@case("the serving role owns nothing and cannot change what happened")
def serving_role(s):
    equal(s.psql("select count(*) from pg_class c join pg_roles r on r.oid = c.relowner where r.rolname like 'wangge%'"), "0")
    equal(s.psql("select rolsuper or rolcreaterole or rolcreatedb or rolbypassrls or rolinherit from pg_roles"
                 " where rolname = 'wangge_server'"), "f")
    refused = 0
    for role in ("wangge_write", "wangge_read"):
        for statement in ("update case_event set text = ''", "delete from case_event", "truncate case_event", "update audit_row set text = ''",
                          "delete from audit_row", "truncate audit_row", "create table mine (a integer)", "create temporary table mine (a integer)",
                          "drop table case_event", "alter table case_file disable row level security", "delete from case_file",
                          "alter table case_event disable trigger all", "create schema mine", "set role postgres"):
            out, error = sql(s, f"set role {role}; {statement}")
            equal("ERROR" in error and ("permission denied" in error or "must be owner" in error), True, f"{role}: {statement}: {out} {error}")
            refused += 1
    equal("permission denied" in sql(s, "select count(*) from case_file")[1], True, "a connection that did not switch can do nothing")
    print(f"  {refused} statements refused")


@case("row security leaves the choice of index to the statement")
def plans(s):
    def nodes(role, text):
        plan, error = sql(s, f"{scope(230604000000000, 230604999999999) if role else ''} set enable_seqscan = off; "
                             f"explain (costs off) {text}", "wangge_server" if role else "postgres")
        equal(error, "")
        # The policy's own look at a case is not the statement's, nor may it answer from the index alone.
        return sorted(set(re.findall(r"(?:using|Index Scan on) (\w+)(?: on case_(?:file|event)$|$)", plan, re.MULTILINE)))
    for text in (f"select description from case_file where id = '{s.target.id}'",
                 "select id from case_file where cohort_day between '2026-01-01' and '2026-12-31'"
                 " and grid_code between 230604000000000 and 230604999999999 order by cohort_day desc, id desc limit 20",
                 "select id from case_file where grid_code between 230604001000000 and 230604001999999 and state <= 9 and state = 3",
                 f"select version from case_event where case_id = '{s.target.id}' order by version",
                 "select case_id from case_event where (feed_xid, seq) > ('0', 0) order by feed_xid, seq limit 10"):
        equal(nodes(True, text), nodes(False, text), text)


@case("the audit: one row a denial, a hidden case, an act of an administrator, a failed login; for the auditor alone")
def audit(s):
    audit_pb2 = pb("audit")

    def rows(**fields):
        return s.call("auditor", "AuditService", "ListAudit", audit_pb2.ListAuditRequest(page_size=500, **fields)).rows

    def grows(by, **fields):
        before = len(rows(**fields))
        def check(n=before + by):
            return len(rows(**fields)) >= n
        return check, before + by

    c = Made(s, "REPORTED")
    for login, action, want in (("auditor", "ACCEPT", "PERMISSION_DENIED"), ("dispatcher", "ACCEPT", "PERMISSION_DENIED"),
                                ("acceptor.srt", "ACCEPT", "NOT_FOUND")):
        check, n = grows(1, kind="AUDIT_KIND_DENIAL", login=login)
        equal(status(s, login, "CaseService", "Act", c.request(action))[0], want, login)
        proc.wait_until("the row", check, seconds=60)
        equal(len(rows(kind="AUDIT_KIND_DENIAL", login=login)), n, "exactly one")
    row = rows(kind="AUDIT_KIND_DENIAL", login="acceptor.srt", object=c.id)[0]
    equal((row.call, row.rule, row.object, row.role), ("CaseService/Act", "SCOPE", c.id, 3))
    # By every door a case can be asked for by.
    for service, method, name, request in (
            ("ClockService", "ExplainDeadline", "clock", "ExplainDeadlineRequest"),
            ("SearchService", "FindSimilar", "search", "FindSimilarRequest"),
            ("SearchService", "SuggestDispatch", "search", "SuggestDispatchRequest"),
            ("AttachmentService", "ListAttachments", "attachment", "ListAttachmentsRequest")):
        check, n = grows(1, kind="AUDIT_KIND_DENIAL", login="acceptor.srt")
        equal(status(s, "acceptor.srt", service, method, getattr(pb(name), request)(case_id=c.id))[0], "NOT_FOUND", method)
        proc.wait_until("the row", check, seconds=60)
        equal({(r.call, r.rule) for r in rows(kind="AUDIT_KIND_DENIAL", object=c.id)} >= {(f"{service}/{method}", "SCOPE")}, True, method)
    check, n = grows(0, kind="AUDIT_KIND_DENIAL", login="supervisor.srt")
    equal(status(s, "supervisor.srt", "CaseService", "GetCase", pb().GetCaseRequest(case_id=uuid7()))[0], "NOT_FOUND")
    check, n = grows(1, kind="AUDIT_KIND_ACCOUNT", login="secadmin")
    s.call("secadmin", "DirectoryService", "CreateAccount", pb("directory").CreateAccountRequest(
        login="late", name="后来", role=1, region_code="230604001001", password=city.PASSWORD))
    proc.wait_until("the row", check, seconds=60)
    newest = rows(kind="AUDIT_KIND_ACCOUNT", login="secadmin")
    equal((len(newest), newest[0].object), (n, "late"))
    from wangge.v1 import auth_pb2
    check, n = grows(1, kind="AUDIT_KIND_LOGIN", login="late")
    equal(status(s, None, "AuthService", "Login", auth_pb2.LoginRequest(login="late", password="wrong"))[0], "UNAUTHENTICATED")
    proc.wait_until("the row", check, seconds=60)
    equal(len(rows(kind="AUDIT_KIND_LOGIN", login="late")), n)
    equal(status(s, None, "AuthService", "Login", auth_pb2.LoginRequest(login="MyPassword1", password="x"))[0], "UNAUTHENTICATED")
    proc.wait_until("the row", lambda: any(r.rule == "UNKNOWN" for r in rows(kind="AUDIT_KIND_LOGIN")), seconds=60)
    equal(s.psql("select count(*) from audit_row r where r::text like '%MyPassword1%'"), "0")
    for bad, want in (({"page_size": 501}, "INVALID_ARGUMENT"), ({"page_token": "x"}, "INVALID_ARGUMENT"), ({"kind": 99}, "INVALID_ARGUMENT")):
        equal(status(s, "auditor", "AuditService", "ListAudit", audit_pb2.ListAuditRequest(**bad))[0], want, str(bad))
    seen, token = [], ""
    total = int(s.psql("select count(*) from audit_row"))
    while True:
        page = s.call("auditor", "AuditService", "ListAudit", audit_pb2.ListAuditRequest(page_size=200, page_token=token))
        seen += [r.audit_id for r in page.rows]
        token = page.next_page_token
        if not token:
            break
    equal((len(set(seen)), len(seen) >= total), (len(seen), True), "every row once")
    print(f"  {len(seen)} rows in all")


def main():
    with Stack(find_build()) as stack:
        prepare(stack)
        return run(stack)


if __name__ == "__main__":
    sys.exit(main())
