#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""64 callers race through a server with two workers and two write lanes each: on one case, one key, one merge. races.py BUILD

Every caller has a connection of its own, so both workers take part. Where a race is on a row, it is held from outside until both
workers wait for it: by then they have all decided on the same version.
"""
import collections
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import database  # noqa: E402
import proc  # noqa: E402
import protos  # noqa: E402
from cases import case, equal, run  # noqa: E402
from faults import GRID  # noqa: E402
from stack import Stack, find_build, uuid7  # noqa: E402

CALLERS = 64
WORKERS = 2


def incident(**fields):
    from wangge.v1 import case_pb2
    given = {"request_id": uuid7(), "case_id": uuid7(), "category_code": "E0102", "grid_code": GRID, "description": "路面塌陷"}
    return case_pb2.SubmitCaseRequest(**{**given, **fields})


def action(case_id, name, version, **fields):
    from wangge.v1 import case_pb2, types_pb2
    return case_pb2.ActRequest(request_id=uuid7(), case_id=case_id, expected_version=version,
                               action=types_pb2.Action.Value("ACTION_" + name), **fields)


def note(case_id, text):
    from wangge.v1 import case_pb2
    return case_pb2.AddNoteRequest(request_id=uuid7(), case_id=case_id, text=text)


METHODS = {"SubmitCaseRequest": "SubmitCase", "ActRequest": "Act", "AddNoteRequest": "AddNote"}


class Race:
    """A connection for each caller; run() starts all calls before it looks at the first answer."""

    def __init__(self, s):
        import grpc
        from grpc.health.v1 import health_pb2
        from wangge.v1 import case_pb2
        self.s = s
        self.service = case_pb2.DESCRIPTOR.services_by_name["CaseService"]
        health = health_pb2.DESCRIPTOR.services_by_name["Health"]
        self.channels = [grpc.insecure_channel(s.address, [("grpc.use_local_subchannel_pool", 1)]) for _ in range(CALLERS)]

        def all_serving():
            try:
                return all(protos.method(c, health, "Check")(health_pb2.HealthCheckRequest(), timeout=30, wait_for_ready=True).status
                           == health_pb2.HealthCheckResponse.SERVING for c in self.channels)
            except grpc.RpcError:
                return False
        proc.wait_until("both workers to be serving", all_serving, 60)

    def run(self, requests, held=()):
        """requests: (login, request); held: cases whose rows are kept locked until both workers wait. Return [Outcome]."""
        calls = []
        holder = Holder(self.s, held) if held else None
        try:
            for channel, (login, req) in zip(self.channels, requests, strict=False):
                method = protos.method(channel, self.service, METHODS[req.DESCRIPTOR.name])
                calls.append((req, method.future(req, timeout=60, metadata=self.s.metadata(login))))
            if holder:
                # A few callers may all have come to the same worker.
                holder.wait_for_waiters(WORKERS if len(calls) == CALLERS else 1)
        finally:
            if holder:
                holder.release()
        return [Outcome(req, call) for req, call in calls]


class Outcome:
    def __init__(self, req, call):
        import grpc
        self.request = req
        self.answer = self.conflict = None
        try:
            self.answer = call.result()
            self.code = "OK"
        except grpc.RpcError as e:
            self.code = e.code().name
            self.text = e.details()
            self.conflict = next((d for d in Stack.details(e) if d.DESCRIPTOR.name == "CaseConflict"), None)


class Holder:
    """A session that keeps rows locked."""

    def __init__(self, s, case_ids):
        self.s = s
        program, conninfo = database.psql(s), database.conninfo(s)
        self.session = subprocess.Popen([program, "-X", "-q", "-At", "-d", conninfo], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, bufsize=1)
        ids = ", ".join(f"'{i}'" for i in case_ids)
        self.session.stdin.write("begin; set local deadlock_timeout = '1h';"
                                 f" select 'held' from case_file where id in ({ids}) order by id for update;\n")
        for _ in case_ids:
            equal(self.session.stdout.readline(), "held\n", "the lock")

    def wait_for_waiters(self, n):
        proc.wait_until("the lanes to wait for the row", lambda: int(database.sql(
            self.s, "select count(*) from pg_stat_activity where wait_event_type = 'Lock'")[0][0]) >= n, 30)

    def release(self):
        self.session.stdin.write("commit;\n")
        self.session.stdin.close()
        self.session.wait(30)
        self.session.stdout.close()


def codes(outcomes):
    return dict(collections.Counter(o.code for o in outcomes))


def submit(s, **fields):
    req = incident(**fields)
    s.call("worker", "CaseService", "SubmitCase", req)
    return req.case_id


def one_winner(s, outcomes, version, what):
    """Exactly one OK; everybody else is told what the winner did."""
    won = [o for o in outcomes if o.code == "OK"]
    lost = [o for o in outcomes if o.code != "OK"]
    print(f"{what}: {codes(outcomes)}")
    equal(len(won), 1, f"{what}: winners")
    winner = won[0]
    equal((winner.answer.case.version, winner.answer.replayed), (version + 1, False), what)
    for o in lost:
        equal(o.code in ("ABORTED", "FAILED_PRECONDITION") and o.conflict is not None, True, f"{what}: {o.code} {o.text}")
        told = [(e.version, e.request_id) for e in o.conflict.events_since]
        equal((o.conflict.version, told), (version + 1, [(version + 1, winner.request.request_id)]), f"{what}: what a loser is told")
    equal(database.sql(s, f"select count(*) from case_event where case_id = '{winner.request.case_id}'"), [[str(version + 1)]], what)


WAY = [
    ("ACCEPT", ("acceptor", "acceptor2"), {}),
    ("DISPATCH", ("dispatcher",), {"organ_code": "RHL-CG", "text": "请处置"}),
    ("SIGN", ("handler", "lead"), {}),
    ("FEED_BACK", None, {"text": "已处置"}),
    ("ORDER_FIELD_CHECK", ("acceptor",), {"text": "请核查"}),
    ("ANSWER_FIELD_CHECK", ("worker2",), {"check_result": 1, "text": "已处置"}),
    ("CLOSE", ("acceptor", "acceptor2"), {"text": "通过"}),
]


@case("one case from intake to closure, 64 callers at every step")
def every_step(s):
    case_id = submit(s)
    handler = None
    for version, (name, logins, fields) in enumerate(WAY, 1):
        who = logins or (handler,)
        outcomes = s.race.run([(who[i % len(who)], action(case_id, name, version, **fields)) for i in range(CALLERS)],
                              held=[case_id])
        one_winner(s, outcomes, version, name)
        if name == "SIGN":
            winner = next(i for i, o in enumerate(outcomes) if o.code == "OK")
            handler = who[winner % len(who)]


@case("different actions with one version: 64 callers accept, refuse or escalate")
def different_actions(s):
    for held in (True, False):
        case_id = submit(s)
        kinds = [("ACCEPT", {}), ("REFUSE", {"text": "不属实", "reason_code": "OTHER"})]
        outcomes = s.race.run([("acceptor", action(case_id, kinds[i % 2][0], 1, **kinds[i % 2][1])) for i in range(CALLERS)],
                              held=[case_id] if held else ())
        one_winner(s, outcomes, 1, "ACCEPT or REFUSE")


@case("64 submissions with one key and one body: one case, one answer")
def one_key(s):
    for _ in range(5):
        req = incident()
        outcomes = s.race.run([("worker", req)] * CALLERS)
        equal(codes(outcomes), {"OK": CALLERS})
        answers = set()
        for o in outcomes:
            o.answer.replayed, replayed = False, o.answer.replayed
            answers.add((o.answer.SerializeToString(deterministic=True)))
            o.replayed = replayed
        equal((len(answers), sum(o.replayed for o in outcomes)), (1, CALLERS - 1), "different answers, replayed ones")
        equal(database.sql(s, f"select count(*) from case_event where request_id = '{req.request_id}'"), [["1"]])
    print(f"one key: {CALLERS} equal answers, {CALLERS - 1} of them repeats, five times")


@case("a repeat gives the first answer, also later and after the case went on")
def later(s):
    from wangge.v1 import case_pb2
    import time
    req = incident()
    req.ClearField("happened_at")

    def again():
        answer = s.call("worker", "CaseService", "SubmitCase", req)
        answer.replayed, replayed = False, answer.replayed
        return answer, replayed
    first, replayed = again()
    equal((replayed, first.HasField("due_at")), (False, True))
    begun = int(time.time())
    proc.wait_until("another second", lambda: int(time.time()) > begun + 1)
    equal(again(), (first, True))
    s.call("acceptor", "CaseService", "Act", action(req.case_id, "ACCEPT", 1))
    equal(again(), (first, True), "after it was accepted")
    settled = incident(settle_text="已清理")
    s.call("worker", "CaseService", "SubmitCase", settled)
    answer = s.call("worker", "CaseService", "SubmitCase", settled)
    equal((answer.replayed, answer.state, answer.HasField("due_at")), (True, case_pb2.SubmitCaseResponse(state=10).state, False))


@case("64 submissions with one key and different bodies: the first counts, the others are ALREADY_EXISTS")
def one_key_many_bodies(s):
    for change in (lambda i: {"description": f"第{i}种说法"}, lambda i: {"case_id": uuid7()},
                   lambda i: {"request_id": uuid7(), "description": f"第{i}种说法"}):
        first = incident()
        base = {"request_id": first.request_id, "case_id": first.case_id}
        outcomes = s.race.run([("worker", incident(**{**base, **change(i)})) for i in range(CALLERS)])
        print(f"one key, many bodies: {codes(outcomes)}")
        equal(codes(outcomes), {"OK": 1, "ALREADY_EXISTS": CALLERS - 1})
        won = next(o for o in outcomes if o.code == "OK").request
        equal(database.sql(s, f"select description from case_file where id = '{won.case_id}'"), [[won.description]])


@case("one action sent 64 times with one key: one event, one answer")
def one_action_key(s):
    case_id = submit(s)
    req = action(case_id, "ACCEPT", 1)
    outcomes = s.race.run([("acceptor", req)] * CALLERS, held=[case_id])
    equal(codes(outcomes), {"OK": CALLERS})
    equal(sum(o.answer.replayed for o in outcomes), CALLERS - 1)
    equal({o.answer.event.version for o in outcomes}, {2})
    equal(database.sql(s, f"select version from case_file where id = '{case_id}'"), [["2"]])


@case("two notes and an action at once: the notes stay, the action goes or is told of them")
def notes_and_action(s):
    seen = collections.Counter()
    for held in (True, False) * 3:
        case_id = submit(s)
        requests = [("worker", note(case_id, "甲")), ("acceptor", action(case_id, "ACCEPT", 1)), ("worker2", note(case_id, "乙"))]
        outcomes = s.race.run(requests, held=[case_id] if held else ())
        equal((outcomes[0].code, outcomes[2].code), ("OK", "OK"), "the notes")
        acted = outcomes[1]
        seen[acted.code] += 1
        if acted.code != "OK":
            equal((acted.code, len(acted.conflict.events_since) > 0), ("ABORTED", True), "the action")
        events = database.sql(s, f"select version, action from case_event where case_id = '{case_id}' order by version")
        equal([v for v, _ in events], [str(v + 1) for v in range(len(events))])
        equal(sum(a == "36" for _, a in events), 2)
        equal(len(events), 4 if acted.code == "OK" else 3)
    print(f"two notes and an action: {dict(seen)}")


@case("16 notes on one case at once: all stay")
def many_notes(s):
    case_id = submit(s)
    outcomes = s.race.run([("worker", note(case_id, f"第{i}条")) for i in range(16)], held=[case_id])
    equal(codes(outcomes), {"OK": 16})
    equal(sorted(o.answer.version for o in outcomes), list(range(2, 18)))


def merge(case_id, target):
    return "acceptor", action(case_id, "MERGE", 1, target_case_id=target, text="同一件事")


@case("merges that would make a chain or a circle: never both")
def merges(s):
    seen = collections.Counter()
    for turn in range(8):
        a, b, c = sorted(submit(s) for _ in range(3))
        if turn % 2:
            a, b = b, a
        pairs = [(a, b), (b, c)] if turn < 4 else [(a, b), (b, a)]
        outcomes = s.race.run([merge(*pairs[i % 2]) for i in range(CALLERS)], held=[b] if turn % 4 < 2 else ())
        won = [o for o in outcomes if o.code == "OK"]
        seen[len(won)] += 1
        equal(len(won) <= 1, True, f"both merges went through: {codes(outcomes)}")
        equal({o.code for o in outcomes if o.code != "OK"} <= {"ABORTED", "FAILED_PRECONDITION"}, True, str(codes(outcomes)))
    print(f"merges: {dict(seen)} (winners: turns)")
    equal(database.sql(s, "select m.id from case_file m join case_file l on l.id = m.merged_into where l.merged_into is not null"), [])
    equal(seen[1] > 0, True, "somebody has to win sometimes")


@case("many cases merged into one lead at once: all go")
def into_one(s):
    lead, *others = (submit(s) for _ in range(17))
    outcomes = s.race.run([merge(o, lead) for o in others], held=[lead])
    equal(codes(outcomes), {"OK": 16})


@case("verify finds nothing")
def verify(s):
    equal(database.sql(s, "select kind, detail from verify(10)"), [])


def main():
    with Stack(find_build(), settings=[f"workers = {WORKERS}", "write_lanes = 2"]) as s:
        s.race = Race(s)
        return run(s)


sys.exit(main())
