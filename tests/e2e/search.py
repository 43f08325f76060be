#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Searching, similar cases and dispatch rules through the API, with every refusal. search.py BUILD."""
import datetime
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import city  # noqa: E402
import proc  # noqa: E402
from cases import case, equal, run  # noqa: E402
from stack import Stack, find_build, uuid7  # noqa: E402

GRID = "230604001001001"
NEXT_GRID = "230604001001002"
OTHER_GRID = "230602001001001"
INSIDE = (46.62, 125.10)  # of GRID
READERS = ("worker", "community", "acceptor", "dispatcher", "handler", "lead", "duty", "supervisor", "integration")
ADMINS = ("sysadmin", "secadmin", "auditor")


def pb():
    from wangge.v1 import case_pb2, search_pb2, types_pb2
    return case_pb2, search_pb2, types_pb2


def submit(s, login="worker", **fields):
    given = {"request_id": uuid7(), "case_id": uuid7(), "category_code": "E0102", "grid_code": GRID, "description": "x" * 3}
    given.update(fields)
    return s.call(login, "CaseService", "SubmitCase", pb()[0].SubmitCaseRequest(**given))


def act(s, login, case_id, version, action, **fields):
    return s.call(login, "CaseService", "Act", pb()[0].ActRequest(
        request_id=uuid7(), case_id=case_id, expected_version=version, action=pb()[2].Action.Value("ACTION_" + action), **fields))


def search(s, text, login="supervisor", **fields):
    return s.call(login, "SearchService", "Search", pb()[1].SearchRequest(text=text, **fields))


def found(s, text, login="supervisor", **fields):
    return [h.case.case_id for h in search(s, text, login, **fields).hits]


def refused(s, name, request, login="supervisor"):
    return s.refused(login, "SearchService", name, request)[0]


@case("a case is found at once, by each of its words")
def at_once(s):
    one = submit(s, description="3号楼东侧水管漏水，Ａ座门前结冰", address="庆新小区3号楼")
    s.leak = one
    for text, field in (("漏水", "description"), ("水管 结冰", "description"), ("a座门前", "description"), ("庆新小区", "address"),
                        (one.number, "number"), (one.number[-4:], "number"), (one.number[:12], "number"),
                        ("暴露垃圾", "category"), ("bllj", "category"), ("BLLJ 漏水", "category"), ("庆新街道", "place"),
                        ("qxjd", "place"), ("让胡路", "place")):
        hits = search(s, text).hits
        equal([h.case.case_id for h in hits], [one.case_id], text)
        assert field in hits[0].fields, (text, hits[0].fields)
        equal(len(hits[0].case.allowed_actions), 0, text)
    for text in ("漏电", "水漏", "漏水 暴雨", "0" + one.number):
        equal(found(s, text), [], text)


@case("nothing of another region or organ is found")
def scope(s):
    equal(found(s, "漏水", "worker.other"), [])
    equal(found(s, "漏水", "handler"), [], "not theirs yet")
    equal(found(s, "漏水", "integration"), [], "not reported by it")
    equal(found(s, "漏水", region_code="230602"), [])
    equal(found(s, "漏水", region_code=GRID), [s.leak.case_id])
    equal(refused(s, "Search", pb()[1].SearchRequest(text="漏水", region_code="230602"), "worker"), "PERMISSION_DENIED")
    act(s, "acceptor", s.leak.case_id, 1, "ACCEPT")
    act(s, "dispatcher", s.leak.case_id, 2, "DISPATCH", organ_code="RHL-CG")
    equal(found(s, "漏水", "handler"), [s.leak.case_id], "theirs now")


@case("searches that cannot be")
def refusals(s):
    request = pb()[1].SearchRequest
    for want, login, req in (
            ("INVALID_ARGUMENT", "supervisor", request(text="")), ("INVALID_ARGUMENT", "supervisor", request(text="漏")),
            ("INVALID_ARGUMENT", "supervisor", request(text="漏 水 电")), ("INVALID_ARGUMENT", "supervisor", request(text="，。")),
            ("INVALID_ARGUMENT", "supervisor", request(text="字" * 101)), ("INVALID_ARGUMENT", "supervisor", request(text="漏水", page_size=201)),
            ("INVALID_ARGUMENT", "supervisor", request(text="漏水", page_size=-1)),
            ("INVALID_ARGUMENT", "supervisor", request(text="漏水", region_code="23060")),
            ("INVALID_ARGUMENT", "supervisor", request(text="漏水", page_token="x")),
            ("INVALID_ARGUMENT", "supervisor", request(text=" ".join(["漏水"] * 17))),
            *(("PERMISSION_DENIED", a, request(text="漏水")) for a in ADMINS)):
        equal(refused(s, "Search", req, login), want, str(req)[:60])
    equal(refused(s, "Search", request(text="漏水"), None), "UNAUTHENTICATED")


@case("pages, before, while and after the index takes the cases")
def pages(s):
    ids = [submit(s, description=f"路灯不亮第{i}处" if i % 2 else f"第{i}处井盖", address="路灯路" if i % 5 == 0 else "").case_id
           for i in range(30)]
    # By id within the day; ids of one millisecond come in any order.
    want = sorted((c for i, c in enumerate(ids) if i % 2 or i % 5 == 0), reverse=True)
    equal(found(s, "路灯"), want)
    first = search(s, "路灯", page_size=7)
    equal([h.case.case_id for h in first.hits], want[:7])
    s.stop()
    done = subprocess.run(s.command("reindex"), stdout=subprocess.PIPE, text=True, check=True)
    assert "built anew" in done.stdout, done.stdout
    s.start()
    got, token = want[:7], first.next_page_token
    while token:
        page = search(s, "路灯", page_size=7, page_token=token)
        got += [h.case.case_id for h in page.hits]
        token = page.next_page_token
    equal(got, want)
    equal(refused(s, "Search", pb()[1].SearchRequest(text="井盖", page_token=first.next_page_token)), "INVALID_ARGUMENT")
    equal(int(s.psql("select count(*) from search_slot")), 31)
    equal(found(s, "漏水"), [s.leak.case_id])
    later = submit(s, description="又漏水了")
    equal(found(s, "漏水"), [later.case_id, s.leak.case_id])
    equal(found(s, "漏水", open_only=True), [later.case_id, s.leak.case_id])
    act(s, "acceptor", later.case_id, 1, "REFUSE", reason_code="R01", text="不属于受理范围")
    equal(found(s, "漏水", open_only=True), [s.leak.case_id])


@case("the server folds by itself")
def folds(s):
    proc.wait_until("the index to hold every case", lambda: s.psql(
        "select count(*) from case_file") == s.psql("select count(*) from search_slot"), seconds=60)
    equal(len(found(s, "漏水")), 2)
    done = subprocess.run(s.command("verify"), stdout=subprocess.PIPE, text=True)
    equal(done.returncode, 0, done.stdout)
    s.psql("delete from search_posting where term = (select term from search_posting limit 1); delete from search_slot where case_id ="
           f" '{s.leak.case_id}'")
    done = subprocess.run(s.command("verify"), stdout=subprocess.PIPE, text=True)
    assert done.returncode == 1 and "have a place" in done.stdout and "cannot be found by" in done.stdout, done.stdout
    subprocess.run(s.command("reindex"), stdout=subprocess.DEVNULL, check=True)
    equal(subprocess.run(s.command("verify"), stdout=subprocess.PIPE).returncode, 0)
    equal(len(found(s, "漏水")), 2)


@case("a person is found by blind index, by those who may, on record")
def person(s):
    types_pb2 = pb()[2]
    one = submit(s, description="有人上门推销", people=[types_pb2.Person(kind=2, name="欧阳若兰", phone="13936001234")])
    request = pb()[1].SearchRequest

    def ask(login="acceptor", **fields):
        return [(h.case.case_id, list(h.fields)) for h in s.call(login, "SearchService", "Search", request(**fields)).hits]

    looks = "select count(*) from audit_row where call like '%Search%' and kind = 1"
    before = int(s.psql(looks))
    equal(ask(person="13936001234"), [(one.case_id, ["person"])])
    equal(ask(person="欧阳若兰"), [(one.case_id, ["person"])])
    equal(ask(person="欧阳若兰", text="推销"), [(one.case_id, ["description", "person"])])
    equal(ask(person="欧阳若兰", text="漏水"), [])
    equal(ask(person="欧阳若"), [], "a part of a name")
    equal(int(s.psql(looks)) - before, 5)
    equal(s.psql("select count(*) from audit_row where text like '%欧阳%' or object like '%欧阳%'"), "0")
    for want, login, req in (
            ("PERMISSION_DENIED", "worker", request(person="欧阳若兰")), ("PERMISSION_DENIED", "integration", request(person="欧阳若兰")),
            ("INVALID_ARGUMENT", "acceptor", request(person="欧")), ("INVALID_ARGUMENT", "acceptor", request(person="1" * 41)),
            ("INVALID_ARGUMENT", "acceptor", request(person="欧阳若兰", text="漏"))):
        equal(refused(s, "Search", req, login), want, str(req)[:60])


def stamp(at):
    from google.protobuf import timestamp_pb2
    return timestamp_pb2.Timestamp(seconds=int(at.timestamp()))


def point(lat=INSIDE[0], lon=INSIDE[1]):
    return pb()[2].Point(latitude=lat, longitude=lon)


def similar(s, login="worker", **fields):
    return list(s.call(login, "SearchService", "FindSimilar", pb()[1].FindSimilarRequest(**fields)).cases)


@case("similar cases while typing and afterwards")
def alike(s):
    near = submit(s, grid_code="", location=point(), description="垃圾桶旁边堆了很多建筑垃圾没人清理")
    submit(s, grid_code="", location=point(INSIDE[0] + 0.003), description="垃圾桶旁边堆了很多建筑垃圾没人清理")  # 330 m
    submit(s, category_code="E0501", grid_code="", location=point(), description="垃圾桶旁边堆了很多建筑垃圾没人清理")
    typed = {"category_code": "E0102", "location": point(INSIDE[0] + 0.0002), "description": "建筑垃圾堆在垃圾桶旁"}
    got = similar(s, **typed)
    equal([c.case.case_id for c in got], [near.case_id])
    assert 0.5 < got[0].score <= 1 and 20 < got[0].distance_m < 25 and got[0].hours < 1, got[0]
    assert "建筑垃圾" in list(got[0].words), list(got[0].words)
    again = s.again = submit(s, grid_code="", location=point(INSIDE[0] + 0.0001), description="建筑垃圾没人清理")
    equal([c.case.case_id for c in similar(s, case_id=again.case_id)], [near.case_id])
    equal([c.case.case_id for c in similar(s, "worker.other", **typed)], [], "another region's")
    equal(similar(s, **{**typed, "happened_at": stamp(datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=30))}), [])
    request = pb()[1].FindSimilarRequest
    for want, login, req in (
            ("INVALID_ARGUMENT", "worker", request()), ("INVALID_ARGUMENT", "worker", request(category_code="E0102")),
            ("INVALID_ARGUMENT", "worker", request(category_code="X9999", grid_code=GRID)),
            ("INVALID_ARGUMENT", "worker", request(category_code="E0102", grid_code="2306")),
            ("INVALID_ARGUMENT", "worker", request(case_id="x")), ("NOT_FOUND", "worker", request(case_id=uuid7())),
            ("INVALID_ARGUMENT", "worker", request(category_code="E0102", location=point(99, 0))),
            ("INVALID_ARGUMENT", "worker", request(**typed, max=21)),
            ("NOT_FOUND", "worker.other", request(case_id=near.case_id)), ("PERMISSION_DENIED", "sysadmin", request(**typed))):
        equal(refused(s, "FindSimilar", req, login), want, str(req)[:60])


def rule(organ="RHL-CG", **fields):
    return pb()[1].DispatchRule(**{"rule_id": uuid7(), "category_prefix": "E", "region_code": "230604", "organ_code": organ, **fields})


def set_rules(s, *rules):
    return s.call("sysadmin", "SearchService", "SetDispatchRules", pb()[1].SetDispatchRulesRequest(rules=rules)).changed


@case("dispatch rules: set, list, refuse")
def rules(s):
    search_pb2 = pb()[1]
    wide, narrow = rule(note="白天\"城管\""), rule("RHL-XF", category_prefix="E0102", co_organ_codes=["RHL-CG"], priority=3)
    equal(set_rules(s, wide, narrow), 2)
    equal(set_rules(s, wide, narrow), 0, "the same again")
    listed = list(s.call("worker", "SearchService", "ListDispatchRules", search_pb2.ListDispatchRulesRequest()).rules)
    equal(listed, [narrow, wide])
    for want, bad in (
            ("INVALID_ARGUMENT", rule(rule_id="x")), ("INVALID_ARGUMENT", rule(category_prefix="E77")),
            ("INVALID_ARGUMENT", rule(category_prefix="e")), ("INVALID_ARGUMENT", rule(region_code="230699")),
            ("INVALID_ARGUMENT", rule(region_code="12")), ("INVALID_ARGUMENT", rule("NO-SUCH")),
            ("INVALID_ARGUMENT", rule(from_minute=600, to_minute=540)), ("INVALID_ARGUMENT", rule(from_minute=600)),
            ("INVALID_ARGUMENT", rule(to_minute=1441)), ("INVALID_ARGUMENT", rule(weekdays=128)),
            ("INVALID_ARGUMENT", rule(note="字" * 201)), ("INVALID_ARGUMENT", rule(co_organ_codes=["RHL-CG"])),
            ("FAILED_PRECONDITION", rule("SRT-CG")), ("FAILED_PRECONDITION", rule(region_code="")),
            ("FAILED_PRECONDITION", rule(co_organ_codes=["SRT-CG"])), ("INVALID_ARGUMENT", wide)):
        given = [rule(), bad] if bad is not wide else [wide, wide]
        equal(refused(s, "SetDispatchRules", search_pb2.SetDispatchRulesRequest(rules=given), "sysadmin"), want, str(bad))
    equal(refused(s, "SetDispatchRules", search_pb2.SetDispatchRulesRequest(), "sysadmin"), "INVALID_ARGUMENT")
    for login in (*READERS, "auditor", "secadmin"):
        equal(refused(s, "SetDispatchRules", search_pb2.SetDispatchRulesRequest(rules=[rule()]), login), "PERMISSION_DENIED", login)
    equal(len(s.call("auditor", "SearchService", "ListDispatchRules", search_pb2.ListDispatchRulesRequest()).rules), 2, "all or nothing")
    s.wide, s.narrow = wide, narrow


@case("the most specific rule suggests")
def suggests(s):
    search_pb2 = pb()[1]
    one = submit(s, description="请派遣")

    def ask(login="dispatcher", case_id=one.case_id):
        return s.call(login, "SearchService", "SuggestDispatch", search_pb2.SuggestDispatchRequest(case_id=case_id)).suggestions

    proc.wait_until("the rules to arrive", lambda: len(ask()) == 2, seconds=60)
    got = ask()
    equal([g.organ_code for g in got], ["RHL-XF", "RHL-CG"])
    equal([list(g.co_organ_codes) for g in got], [["RHL-CG"], []])
    equal(got[0].reason, "category E0102, region 230604")
    equal(got[0].rule_id, s.narrow.rule_id)
    gone = pb()[1].DispatchRule(rule_id=s.narrow.rule_id, removed=True)
    equal(set_rules(s, gone), 1)
    proc.wait_until("the removal to arrive", lambda: len(ask()) == 1, seconds=60)
    equal([r.rule_id for r in s.call("worker", "SearchService", "ListDispatchRules", search_pb2.ListDispatchRulesRequest()).rules],
          [s.wide.rule_id])
    request = search_pb2.SuggestDispatchRequest
    for want, login, req in (("INVALID_ARGUMENT", "dispatcher", request()), ("NOT_FOUND", "dispatcher", request(case_id=uuid7())),
                             ("NOT_FOUND", "worker.other", request(case_id=one.case_id)),
                             ("PERMISSION_DENIED", "auditor", request(case_id=one.case_id))):
        equal(refused(s, "SuggestDispatch", req, login), want)


@case("what rules would have done")
def tries(s):
    search_pb2 = pb()[1]
    one = submit(s, description="派错了的一件")
    act(s, "acceptor", one.case_id, 1, "ACCEPT")
    act(s, "dispatcher", one.case_id, 2, "DISPATCH", organ_code="RHL-CG")
    act(s, "lead", one.case_id, 3, "RETURN", text="不属于本单位职责", reason_code="R01")
    act(s, "dispatcher", one.case_id, 4, "DISPATCH", organ_code="RHL-XF")
    now = datetime.datetime.now(datetime.timezone.utc)
    window = {"from": stamp(now - datetime.timedelta(hours=1)), "to": stamp(now + datetime.timedelta(minutes=1))}

    def attempt(*given, login="supervisor", **fields):
        return s.call(login, "SearchService", "TryDispatchRules", search_pb2.TryDispatchRulesRequest(rules=given, **{**window, **fields}))

    got = attempt(rule("RHL-XF", category_prefix="E0102"))
    equal((got.dispatches, got.same, got.different, got.none), (3, 1, 2, 0))
    equal((got.same_returned, got.different_returned), (0, 1))
    equal({d.given_organ_code for d in got.differences}, {"RHL-CG"})
    equal([d.case_id for d in got.differences if d.returned], [one.case_id])
    equal(got.differences[0].rule_organ_code, "RHL-XF")
    equal(attempt(rule(category_prefix="H")).none, 3)
    proc.wait_until("the rules in force to be tried", lambda: attempt(login="sysadmin").same == 2, seconds=60)
    equal(s.call("supervisor", "SearchService", "TryDispatchRules", search_pb2.TryDispatchRulesRequest()).dispatches, 0, "last month")
    request = search_pb2.TryDispatchRulesRequest
    for want, login, req in (
            ("INVALID_ARGUMENT", "supervisor", request(rules=[rule("NO-SUCH")])),
            ("INVALID_ARGUMENT", "supervisor", request(**{"from": window["to"], "to": window["from"]})),
            ("INVALID_ARGUMENT", "supervisor", request(to=window["to"])),
            ("INVALID_ARGUMENT", "supervisor", request(**{"from": stamp(now - datetime.timedelta(days=401)), "to": stamp(now)})),
            ("PERMISSION_DENIED", "dispatcher", request()), ("PERMISSION_DENIED", "auditor", request())):
        equal(refused(s, "TryDispatchRules", req, login), want, str(req)[:60])


def wangge(s, who, *args, code=0, stdin=""):
    """Run the program as a person with a home of its own; return what it printed."""
    home = os.path.join(s.dir, "home-" + who)
    os.makedirs(home, exist_ok=True)
    env = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "LC_", "WANGGE_"))}
    env.update({"HOME": home, "LANG": "C.UTF-8", "LANGUAGE": "", "TERM": "dumb"})
    done = subprocess.run([os.path.join(s.build, "client", "cli", "wangge"), *args], input=stdin, env=env, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
    if done.returncode != code:
        raise AssertionError(f"wangge {' '.join(args)}: {done.returncode}, not {code}\n{done.stdout}\n{done.stderr}")
    return done.stdout + done.stderr


@case("the command line")
def command_line(s):
    for who in ("acceptor", "dispatcher", "sysadmin"):
        wangge(s, who, "login", "--server", s.address, "--user", who, "--password-stdin", stdin=city.PASSWORD + "\n")
    assert s.leak.number in wangge(s, "acceptor", "search", "漏水", "庆新")
    assert s.leak.case_id in wangge(s, "acceptor", "search", "漏水", "--json", "--limit", "0")
    assert "No case matches" in wangge(s, "acceptor", "search", "没有的词", "--open", "--region", "230604")
    wangge(s, "acceptor", "search", code=2)
    wangge(s, "acceptor", "search", "漏", code=7)
    assert "alike" in wangge(s, "acceptor", "case", "similar", s.again.number)
    rules = os.path.join(s.dir, "rules.csv")
    with open(rules, "w", encoding="utf-8") as f:
        f.write("category,region,weekdays,hours,organ,co_organs,priority,note\nE0102,230604001,1-5,08:00-18:00,RHL-XF,RHL-CG,7,上班时间\n")
    assert "1 rules changed" in wangge(s, "sysadmin", "rules", "set", rules)
    listed = wangge(s, "dispatcher", "rules", "list")
    for part in ("E0102", "230604001", "1-5", "08:00-18:00", "RHL-XF", "上班时间"):
        assert part in listed, (part, listed)
    assert "dispatches" in wangge(s, "sysadmin", "rules", "try", rules, "--from", "2026-01-01", "--to", "2026-12-31")
    assert "RHL-CG" in wangge(s, "dispatcher", "rules", "suggest", s.leak.number)
    with open(rules, "w", encoding="utf-8") as f:
        f.write("category,hours,organ\nE01,8-18,RHL-XF\n")
    assert "Line 2" in wangge(s, "sysadmin", "rules", "set", rules, code=7)
    wangge(s, "dispatcher", "rules", "try", code=4)


if __name__ == "__main__":
    with Stack(find_build()) as stack:
        sys.exit(run(stack))
