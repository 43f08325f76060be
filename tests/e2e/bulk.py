#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""One action on many cases: a result each, dry runs, runs that break and go on, what is refused; and the filters. bulk.py BUILD."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import proc  # noqa: E402
from cases import case, equal, run  # noqa: E402
from stack import Stack, find_build, uuid7  # noqa: E402

GRID = "230604001001001"
MANY = 1200
UNAVAILABLE = 14


def pb():
    from wangge.v1 import bulk_pb2, case_pb2, types_pb2
    return bulk_pb2, case_pb2, types_pb2


def submit_many(s, n, **fields):
    c = pb()[1]
    ids = []
    for at in range(0, n, 400):
        items = [c.SubmitCaseRequest(**{"request_id": uuid7(), "case_id": uuid7(), "category_code": "E0102", "grid_code": GRID,
                                        "description": "路面塌陷", **fields}) for _ in range(min(400, n - at))]

        def taken(items=items):
            # UNAVAILABLE, as just after a start: sent again with the same keys, as every client has to.
            answer = s.call("worker", "CaseService", "SubmitCases", c.SubmitCasesRequest(items=items), timeout=60)
            failed = [r.error for r in answer.results if r.WhichOneof("result") != "ok"]
            equal([e.message for e in failed if e.code != UNAVAILABLE], [], "every report is taken")
            return not failed
        proc.wait_until("every report to be taken", taken, 60)
        ids += [i.case_id for i in items]
    return ids


def action(name):
    return pb()[2].Action.Value("ACTION_" + name)


def request(act="ACCEPT", **fields):
    b, c, _ = pb()
    given = {"bulk_id": uuid7()}
    given.update(fields)
    more = given.pop("more", {})
    return b.RunBulkRequest(act=c.ActRequest(action=action(act), **more), **given)


def run_bulk(s, login, req, stop_after=None):
    """(start, items, summary or None)."""
    call = s.method("BulkService", "RunBulk")(req, timeout=120, metadata=s.metadata(login))
    start, items, summary = None, [], None
    for r in call:
        kind = r.WhichOneof("item")
        if kind == "start":
            start = r.start
        elif kind == "result":
            items.append(r.result)
            if len(items) == stop_after:
                call.cancel()
                break
        else:
            summary = r.summary
    return start, items, summary


def events(s, case_id):
    return s.call("supervisor", "CaseService", "ListCaseEvents", pb()[1].ListCaseEventsRequest(case_id=case_id)).events


def refused(s, login, req):
    import grpc
    try:
        run_bulk(s, login, req)
    except grpc.RpcError as e:
        return e.code().name
    raise AssertionError("the run was not refused")


@case("a dry run says what would happen and changes nothing")
def dry(s):
    s.ids = submit_many(s, 6)
    act = pb()[1].ActRequest(request_id=uuid7(), case_id=s.ids[0], expected_version=1, action=action("REFUSE"), reason_code="NOT_OURS")
    s.call("acceptor", "CaseService", "Act", act)
    start, items, summary = run_bulk(s, "acceptor", request(case_ids=s.ids, dry_run=True))
    equal((start.total, start.resumed), (6, False))
    equal([i.WhichOneof("result") for i in items], ["error"] + ["ok"] * 5)
    equal((summary.done, summary.failed), (5, 1))
    equal([len(events(s, i)) for i in s.ids], [2, 1, 1, 1, 1, 1])


@case("each marked case has its own result; the refused one says why")
def marked(s):
    missing = uuid7()
    req = request(case_ids=s.ids + [missing, s.ids[1]])
    start, items, summary = run_bulk(s, "acceptor", req)
    equal(start.total, 7, "a case named twice is one")
    equal([i.position for i in items], list(range(1, 8)))
    equal([i.case_id for i in items], s.ids + [missing])
    equal((items[0].error.code, items[6].error.code), (9, 5), "FAILED_PRECONDITION and NOT_FOUND")
    equal("REFUSE" in items[0].error.message or "NOT_ACCEPTED" in items[0].error.message, True, items[0].error.message)
    equal((summary.done, summary.failed), (5, 2))
    equal(events(s, s.ids[1])[-1].actor.name, "孙受理")
    # The same run again does nothing twice.
    start, items, summary = run_bulk(s, "acceptor", req)
    equal(start.resumed, True)
    equal([i.ok.replayed for i in items[1:6]], [True] * 5)
    equal(len(events(s, s.ids[1])), 2)
    found = s.call("acceptor", "BulkService", "ListBulks", pb()[0].ListBulksRequest()).bulks
    equal([(b.bulk_id, b.total, b.done, b.failed) for b in found], [(req.bulk_id, 7, 5, 2)])
    equal(found[0].HasField("finished_at"), True)
    equal(len(s.call("acceptor2", "BulkService", "ListBulks", pb()[0].ListBulksRequest()).bulks), 0, "another's runs")


@case("a run over a filter that breaks is taken up: nothing lost, nothing doubled")
def broken(s):
    c, t = pb()[1], pb()[2]
    submit_many(s, MANY, description="批量受理")
    found = c.CaseFilter(states=[t.CASE_STATE_REPORTED], text="批量受理")
    req = request(filter=found)
    start, first, _ = run_bulk(s, "acceptor", req, stop_after=150)
    equal(start.total, MANY)
    s.server.stop(sig=9)
    s.channel.close()
    s.end_cluster()
    s.start()
    late = submit_many(s, 3, description="批量受理")
    req.after_position = len(first)
    start, rest, summary = run_bulk(s, "acceptor", req)
    equal((start.total, start.resumed), (MANY, True))
    equal(len(first) + len(rest), MANY)
    equal(summary.failed, 0)
    equal(len({i.case_id for i in first} | {i.case_id for i in rest}), MANY)
    counts = s.psql("select action || ':' || count(*) || ':' || count(distinct case_id) from case_event where action in (1, 6) "
                    "and case_id in (select id from case_file where description = '批量受理') group by action order by action")
    equal(counts.split(), [f"1:{MANY + 3}:{MANY + 3}", f"6:{MANY}:{MANY}"], "each accepted exactly once")
    equal(len(events(s, late[0])), 1, "what came later is not of the set")


@case("what is refused")
def refusals(s):
    c = pb()[1]
    for want, req in (
            ("INVALID_ARGUMENT", request()),
            ("INVALID_ARGUMENT", request(case_ids=s.ids, filter=c.CaseFilter())),
            ("INVALID_ARGUMENT", request(case_ids=["x"])),
            ("INVALID_ARGUMENT", request(bulk_id="x", case_ids=s.ids)),
            ("INVALID_ARGUMENT", request(case_ids=s.ids, after_position=-1)),
            ("INVALID_ARGUMENT", request("MERGE", case_ids=s.ids, more={"target_case_id": s.ids[0]})),
            ("INVALID_ARGUMENT", request(case_ids=[uuid7() for _ in range(10001)])),
            ("PERMISSION_DENIED", request(filter=c.CaseFilter(region_code="230602"))),
            ("NOT_FOUND", request("DISPATCH", case_ids=s.ids, more={"organ_code": "NOBODY"}))):
        equal(refused(s, "acceptor", req), want, str(req)[:80])
    one = request(case_ids=s.ids[:2])
    run_bulk(s, "acceptor", one)
    one.case_ids.append(s.ids[2])
    equal(refused(s, "acceptor", one), "ALREADY_EXISTS")
    equal(refused(s, "auditor", request(case_ids=s.ids)), "PERMISSION_DENIED")
    # Somebody who may run but not take the action learns so item by item.
    _, items, _ = run_bulk(s, "handler", request("DISPATCH", case_ids=s.ids[1:2], more={"organ_code": "RHL-CG"}))
    equal([i.error.code for i in items], [5])


@case("lists by card, by pending request and by due time")
def filters(s):
    c, t = pb()[1], pb()[2]
    a, b = submit_many(s, 2, description="名单筛选")

    def act(login, case_id, name, **fields):
        version = s.call("supervisor", "CaseService", "GetCase", c.GetCaseRequest(case_id=case_id)).case.version
        s.call(login, "CaseService", "Act", c.ActRequest(request_id=uuid7(), case_id=case_id, expected_version=version,
                                                         action=action(name), **fields))

    act("supervisor", a, "URGE", text="请尽快", card=t.CARD_RED)
    act("acceptor", b, "REQUEST_VOID", text="重复")

    def found(**f):
        req = c.ListCasesRequest(filter=c.CaseFilter(text="名单筛选", **f))
        answer = s.call("supervisor", "CaseService", "ListCases", req)
        equal(answer.total_up_to_10000, len(answer.cases))
        return sorted(x.case_id for x in answer.cases)

    equal(found(cards=[t.CARD_RED]), [a])
    equal(found(cards=[t.CARD_YELLOW, t.CARD_BLACK]), [])
    equal(found(pending=[t.APPROVAL_KIND_VOID]), [b])
    equal(found(pending=[t.APPROVAL_KIND_EXTEND]), [])
    equal(found(pending=[t.APPROVAL_KIND_EXTEND, t.APPROVAL_KIND_VOID]), [b])
    equal(found(due_within_minutes=366 * 24 * 60), sorted([a, b]))
    for bad in ({"cards": [9]}, {"pending": [9]}, {"due_within_minutes": -1}):
        equal(s.refused("supervisor", "CaseService", "ListCases", c.ListCasesRequest(filter=c.CaseFilter(**bad)))[0], "INVALID_ARGUMENT")


@case("from the command line: named, by filter, from standard input, tried first")
def command_line(s):
    import json
    import subprocess
    import city
    ids = submit_many(s, 4, description="命令行批量")
    env = {**os.environ, "HOME": s.dir, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "LANGUAGE": "", "TERM": "dumb"}
    env = {k: v for k, v in env.items() if not k.startswith(("XDG_", "WANGGE_"))}

    def wangge(*args, code=0, stdin=""):
        done = subprocess.run([os.path.join(s.build, "client", "cli", "wangge"), *args], input=stdin, env=env, text=True, timeout=120,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        equal(done.returncode, code, f"{args}: {done.stdout} {done.stderr}")
        return done.stdout, done.stderr

    wangge("login", "--server", s.address, "--user", "acceptor", "--password-stdin", stdin=city.PASSWORD + "\n")
    equal("4 would go through" in wangge("case", "bulk", "accept", "--find", "命令行批量", "--dry-run")[1], True)
    equal(len(events(s, ids[0])), 1)
    wangge("case", "bulk", "accept", code=2)
    wangge("case", "bulk", "accept", *ids[:1], code=2)  # nobody to ask
    out, err = wangge("case", "bulk", "accept", "-", "--yes", stdin="\n".join(ids[:2]) + "\n")
    equal("2 done, 0 refused" in err, True, err)
    out, _ = wangge("case", "bulk", "accept", "--find", "命令行批量", "--yes", "--json", code=8)
    items = [json.loads(line) for line in out.splitlines()]
    equal(sorted("error" in i for i in items), [False, False, True, True])
    equal([len(events(s, i)) for i in ids], [2, 2, 2, 2])


if __name__ == "__main__":
    with Stack(find_build()) as stack:
        sys.exit(run(stack))
