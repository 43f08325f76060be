#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""People in cases: who sees what of a normal and of a confidential case over every answer, looks and refusals on record, nothing
in the database or the logs, a change of the data key broken off and ended. people.py BUILD."""
import json
import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import city  # noqa: E402
import database  # noqa: E402
import proc  # noqa: E402
from cases import case, equal, run  # noqa: E402
from stack import Stack, find_build, uuid7  # noqa: E402

GRID = "230604001001001"
NAME, PHONE, ID, HOME = "欧阳娜娜", "13812345678", "11010519491231002X", "让胡路区庆新街道庆新社区7栋3单元402"
OTHER_NAME, OTHER_PHONE = "诸葛小明", "0459-6601234"
IN_TEXT = "13987654321"
SECRETS = (NAME, PHONE, ID, HOME, OTHER_NAME, OTHER_PHONE, OTHER_PHONE.replace("-", ""))
# Everybody who sees cases of the grid; the handler's and the lead's organ once it is dispatched.
READERS = ("worker", "worker2", "community", "acceptor", "dispatcher", "handler", "lead", "duty", "supervisor")
REVEAL = ("community", "acceptor", "dispatcher", "handler", "lead", "duty", "supervisor")
UNVEIL = ("acceptor", "supervisor")


def pb(name):
    import importlib
    return importlib.import_module(f"wangge.v1.{name}_pb2")


def person(kind, **fields):
    return pb("types").Person(kind=kind, **fields)


def people():
    return [person(1, name=NAME, phone=PHONE, id_number=ID, address=HOME), person(2, name=OTHER_NAME, phone=OTHER_PHONE)]


MASKED = [(1, "欧***", "138****5678", "1101**********002X", "让胡路区庆新街道庆新社区***", True),
          (2, "诸***", "0459-*****34", "", "", True)]
WHOLE = [(1, NAME, PHONE, ID, HOME, False), (2, OTHER_NAME, OTHER_PHONE, "", "", False)]


def tell(list_of_people):
    return [(p.kind, p.name, p.phone, p.id_number, p.address, p.masked) for p in list_of_people]


def incident(**fields):
    given = {"request_id": uuid7(), "case_id": uuid7(), "category_code": "E0102", "grid_code": GRID,
             "description": f"楼道堆物，联系{IN_TEXT}处理", "address": f"西苑街{IN_TEXT}旁", "people": people()}
    given.update(fields)
    return pb("case").SubmitCaseRequest(**given)


def act(s, login, case_id, action, version, **fields):
    req = pb("case").ActRequest(request_id=uuid7(), case_id=case_id, expected_version=version,
                                action=pb("types").Action.Value("ACTION_" + action), **fields)
    return s.call(login, "CaseService", "Act", req)


def get(s, login, case_id):
    return s.call(login, "CaseService", "GetCase", pb("case").GetCaseRequest(case_id=case_id)).case


def reveal(s, login, case_id, purpose="联系当事人核实情况"):
    return s.call(login, "PeopleService", "RevealPeople", pb("people").RevealPeopleRequest(case_id=case_id, purpose=purpose))


def refused(s, login, case_id, service="RevealPeople", **fields):
    kind = pb("people").RevealPeopleRequest if service == "RevealPeople" else pb("people").SetPeopleRequest
    return s.refused(login, "PeopleService", service, kind(case_id=case_id, **fields))


def audit(s, object_id, kind):
    """Rows about an object, once they are there."""
    return [r for r in s.psql("select kind || '|' || login || '|' || rule || '|' || text from audit_row"
                              f" where object = '{object_id}' and kind = {kind} order by at, id").split("\n") if r]


def named(details):
    return [v.field for d in details if d.DESCRIPTOR.name == "BadRequest" for v in d.field_violations]


def open_case(s, confidential):
    req = incident(confidential=confidential)
    s.call("worker", "CaseService", "SubmitCase", req)
    act(s, "acceptor", req.case_id, "ACCEPT", 1, text="受理")
    act(s, "dispatcher", req.case_id, "DISPATCH", 2, organ_code="RHL-CG")
    s.call("worker", "CaseService", "AddNote", pb("case").AddNoteRequest(
        request_id=uuid7(), case_id=req.case_id, text=f"又打来{IN_TEXT}"))
    return req


@case("people go in with the case, once")
def submit(s):
    s.normal = open_case(s, False)
    s.hidden = open_case(s, True)
    again = s.call("worker", "CaseService", "SubmitCase", s.normal)
    equal(again.replayed, True)
    equal(s.psql(f"select count(*) from case_person where case_id = '{s.normal.case_id}'"), "2")
    other = incident(request_id=s.normal.request_id, case_id=s.normal.case_id)
    other.people[0].phone = "13812345679"
    equal(s.refused("worker", "CaseService", "SubmitCase", other)[0], "ALREADY_EXISTS")


@case("in bulk each item has its own people, and its own fault")
def bulk(s):
    items = [incident(), incident(people=[]), incident(people=[person(1, name="张三", phone="123")])]
    answer = s.call("worker", "CaseService", "SubmitCases", pb("case").SubmitCasesRequest(items=items))
    equal([r.WhichOneof("result") for r in answer.results], ["ok", "ok", "error"])
    equal([s.psql(f"select count(*) from case_person where case_id = '{i.case_id}'") for i in items], ["2", "0", "0"])


@case("wrong people are refused by field")
def wrong(s):
    for field, bad in (("people[1].id_number", person(2, name="张三", id_number="110105194912310021")),
                       ("people[1].phone", person(2, name="张三", phone="1381234567")),
                       ("people[1].name", person(2, address="某处")), ("people[1].kind", person(0, name="张三")),
                       ("people[1].name", person(2, name="张*")), ("people[1].masked", person(2, name="张三", masked=True))):
        code, text, details = s.refused("worker", "CaseService", "SubmitCase", incident(people=[people()[0], bad]))
        equal((code, named(details)), ("INVALID_ARGUMENT", [field]), text)
    code, _, details = s.refused("worker", "CaseService", "SubmitCase", incident(people=[people()[1]] * 9))
    equal((code, named(details)), ("INVALID_ARGUMENT", ["people"]))


@case("GetCase answers them masked to everybody")
def masked(s):
    for login in READERS:
        equal(tell(get(s, login, s.normal.case_id).people), MASKED, login)


@case("numbers in free texts are masked for who may not reveal")
def free_text(s):
    for login in READERS:
        for req, may in ((s.normal, login in REVEAL), (s.hidden, login in UNVEIL)):
            seen = get(s, login, req.case_id)
            events = s.call(login, "CaseService", "ListCaseEvents",
                            pb("case").ListCaseEventsRequest(case_id=req.case_id)).events
            for text in (seen.description, seen.address, events[3].text):
                equal((IN_TEXT in text, "139****4321" in text), (may, not may), login)
            # Nor do the words that another case shares tell it.
            similar = s.call(login, "SearchService", "FindSimilar", pb("search").FindSimilarRequest(case_id=req.case_id, max=20))
            for one in similar.cases:
                equal(any(IN_TEXT in word for word in one.words) and not may, False, login)


def found_by(s, login, text, case_id):
    """By which ways a login finds a case by a text: search, list, count."""
    ways = set()
    hits = s.call(login, "SearchService", "Search", pb("search").SearchRequest(text=text, page_size=100)).hits
    if case_id in [h.case.case_id for h in hits]:
        ways.add("search")
    listed = s.call(login, "CaseService", "ListCases", pb("case").ListCasesRequest(filter=pb("case").CaseFilter(text=text), page_size=500))
    if case_id in [c.case_id for c in listed.cases]:
        ways.add("list")
    if listed.total_up_to_10000 != len(listed.cases):
        raise AssertionError(f"{login}, {text}: {listed.total_up_to_10000} counted, {len(listed.cases)} listed")
    return ways


@case("nobody finds a case by numbers in its texts that are masked to him")
def not_found_by_masked(s):
    number, spread = "13912349876", "110105 19491231 002X"
    req = incident(description=f"联系 {number}，或 {spread} 本人", address="昆仑大街1391号")
    s.call("worker", "CaseService", "SubmitCase", req)
    secret = incident(description=f"举报电话{number}请回", confidential=True)
    s.call("worker", "CaseService", "SubmitCase", secret)
    everywhere = {"search", "list"}
    parts = [number[i:i + n] for n in (4, 5, 6) for i in range(len(number) - n + 1) if not (i + n <= 3 or i >= 7)]
    guesses = [p for p in parts if p != "1391"] + [number, "19491231", "9123"]  # 1391 is the house's
    for text in guesses:
        equal(found_by(s, "worker2", text, req.case_id), set(), f"{text} by a grid worker")
        equal(found_by(s, "acceptor", text, req.case_id) , everywhere if text in req.description else {"none"},
              f"the control: {text} by who is shown it")
        equal(found_by(s, "worker2", text, secret.case_id), set(), f"{text} in a confidential case")
    for text in ("联系", "本人", "昆仑大街1391号"):
        equal(found_by(s, "worker2", text, req.case_id), everywhere, f"{text}, which is shown")
    # Of a confidential case numbers are masked to a dispatcher, too, who is shown those of others.
    equal(found_by(s, "dispatcher", number, req.case_id), everywhere)
    equal(found_by(s, "dispatcher", number, secret.case_id), set(), "a dispatcher, a confidential case")
    equal(found_by(s, "acceptor", number, secret.case_id), everywhere)


@case("a confidential case hides its reporter from all but the reporter, in every answer")
def confidential(s):
    case_pb2, watch_pb2, report_pb2 = pb("case"), pb("watch"), pb("report")
    worker = s.call("worker", "AuthService", "WhoAmI", pb("auth").WhoAmIRequest()).account.account_id
    for login in READERS:
        own = login == "worker"
        found = get(s, login, s.hidden.case_id)
        answers = [found]
        events = s.call(login, "CaseService", "ListCaseEvents", case_pb2.ListCaseEventsRequest(case_id=s.hidden.case_id))
        answers.append(events)
        listed = s.call(login, "CaseService", "ListCases", case_pb2.ListCasesRequest())
        answers += [c for c in listed.cases if c.case_id == s.hidden.case_id]
        equal(len(answers), 3, login)
        stream = s.method("WatchService", "Watch")(
            watch_pb2.WatchRequest(cursor="0", case_id=s.hidden.case_id, heartbeat_s=1), timeout=60, metadata=s.metadata(login))
        seen = 0
        # An organ's feed begins where the case came to it.
        want = 2 if login in ("handler", "lead") else 4
        for message in stream:
            if message.HasField("event"):
                answers.append(message)
                seen += 1
            if seen == want:
                break
        stream.cancel()
        if login not in ("handler",):
            first, last = s.month
            query = report_pb2.MetricQuery(**{"metric": "K01", "from": first, "to": last})
            page = s.call(login, "ReportService", "ListFigureCases", report_pb2.ListFigureCasesRequest(
                query=query, part=report_pb2.FIGURE_PART_DENOMINATOR, page_size=500))
            behind = [c for c in page.cases if c.case.case_id == s.hidden.case_id]
            equal(len(behind), 1, login)
            answers += behind
        # All answers as one text, in which what is not ASCII is escaped; the control is the reporter's own view.
        text = "".join(str(a) for a in answers)
        name = "".join(f"\\{b:03o}" for b in "王丽".encode())
        equal((worker in text, name in text), (own, own), login)
        equal((found.confidential, found.reporter_hidden, bool(found.reporter.account_id)), (True, not own, own), login)
        equal([e.actor_hidden for e in events.events], [not own, False, False, not own], login)
        # That somebody told of it, and how to reach them, is the reporter's alone too.
        equal(tell(found.people), MASKED if own else MASKED[1:], login)
    mine = s.call("worker", "CaseService", "ListCases", case_pb2.ListCasesRequest(filter=case_pb2.CaseFilter(mine=True)))
    equal(s.hidden.case_id in [c.case_id for c in mine.cases], True)
    # Control: of the normal case they all see who reported it.
    equal({get(s, login, s.normal.case_id).reporter.name for login in READERS}, {"王丽"})


@case("a conflict's details hide the reporter too")
def conflict(s):
    code, _, details = s.refused("handler", "CaseService", "Act", pb("case").ActRequest(
        request_id=uuid7(), case_id=s.hidden.case_id, expected_version=3, action=11))
    since = [e for d in details if d.DESCRIPTOR.name == "CaseConflict" for e in d.events_since]
    equal((code, [(e.actor.name, e.actor_hidden) for e in since]), ("ABORTED", [("", True)]))
    equal("139****4321" in since[0].text, True)


@case("RevealPeople answers whole, and leaves a row before")
def revealed(s):
    for login in REVEAL:
        answer = reveal(s, login, s.normal.case_id, f"{login} 核实")
        equal((tell(answer.people), answer.reporter.name), (WHOLE, "王丽"), login)
        row = s.psql(f"select kind || '|' || login || '|' || object || '|' || text from audit_row where id = {answer.audit_id}")
        equal(row, f"1|{login}|{s.normal.case_id}|{login} 核实")
    for login in UNVEIL:
        answer = reveal(s, login, s.hidden.case_id)
        equal((tell(answer.people), answer.reporter.name), (WHOLE, "王丽"), login)
    equal(len(audit(s, s.hidden.case_id, 1)), len(UNVEIL))
    reveal(s, "acceptor", s.normal.case_id, f"回拨{IN_TEXT}")
    equal(audit(s, s.normal.case_id, 1)[-1], "1|acceptor||回拨139****4321")


@case("who may not is refused, on record")
def not_revealed(s):
    for login in ("worker", "worker2", "integration", "sysadmin", "secadmin", "auditor"):
        equal(refused(s, login, s.normal.case_id, purpose="好奇看看")[0], "PERMISSION_DENIED", login)
    for login in sorted(set(REVEAL) - set(UNVEIL)):
        equal(refused(s, login, s.hidden.case_id, purpose="好奇看看")[0], "PERMISSION_DENIED", login)
    for bad in ("", "看看", "看" * 201, "    ", "看看\u3000\n"):
        code, _, details = refused(s, "acceptor", s.normal.case_id, purpose=bad)
        equal((code, named(details)), ("INVALID_ARGUMENT", ["purpose"]))
    equal(refused(s, "acceptor", "x", purpose="联系当事人")[0], "INVALID_ARGUMENT")
    equal(refused(s, "acceptor", uuid7(), purpose="联系当事人")[0], "NOT_FOUND")
    want = {f"2|{login}|CONFIDENTIAL" for login in set(REVEAL) - set(UNVEIL)}
    proc.wait_until("the refusals to be recorded", lambda: want <= {
        "|".join(row.split("|")[:3]) for row in audit(s, s.hidden.case_id, 2)}, seconds=60)
    equal(len(audit(s, s.hidden.case_id, 1)), len(UNVEIL))


@case("an organ that helps does not see them whole")
def helps(s):
    req = incident()
    s.call("worker", "CaseService", "SubmitCase", req)
    act(s, "acceptor", req.case_id, "ACCEPT", 1, text="受理")
    act(s, "dispatcher", req.case_id, "DISPATCH", 2, organ_code="RHL-XF", co_organ_codes=["RHL-CG"])
    equal(tell(get(s, "handler", req.case_id).people), MASKED)
    equal(refused(s, "handler", req.case_id, purpose="联系当事人")[0], "PERMISSION_DENIED")
    equal(refused(s, "handler", req.case_id, "SetPeople", request_id=uuid7())[0], "PERMISSION_DENIED")


@case("SetPeople replaces them once, on record, and moves nothing else")
def replace(s):
    req = incident()
    s.call("worker", "CaseService", "SubmitCase", req)
    change = pb("people").SetPeopleRequest(request_id=uuid7(), case_id=req.case_id,
                                           people=[person(3, name="司马光", phone="18612345678")])
    for _ in range(2):
        s.call("community", "PeopleService", "SetPeople", change)
    equal(tell(reveal(s, "acceptor", req.case_id).people), [(3, "司马光", "18612345678", "", "", False)])
    equal((audit(s, req.case_id, 6), get(s, "worker", req.case_id).version), (["6|community||people set: 1"], 1))
    change.people[0].name = "司马懿"
    equal(s.refused("community", "PeopleService", "SetPeople", change)[0], "ALREADY_EXISTS")
    change.request_id = uuid7()
    change.people[0].phone = "1861234567"
    code, _, details = s.refused("community", "PeopleService", "SetPeople", change)
    equal((code, named(details)), ("INVALID_ARGUMENT", ["people[0].phone"]))
    equal(refused(s, "worker.other", req.case_id, "SetPeople", request_id=uuid7())[0], "NOT_FOUND")
    equal(refused(s, "supervisor", req.case_id, "SetPeople", request_id=uuid7())[0], "PERMISSION_DENIED")
    equal(refused(s, "community", s.hidden.case_id, "SetPeople", request_id=uuid7())[0], "PERMISSION_DENIED")
    s.call("worker", "PeopleService", "SetPeople",
           pb("people").SetPeopleRequest(request_id=uuid7(), case_id=req.case_id))
    equal(s.psql(f"select count(*) from case_person where case_id = '{req.case_id}'"), "0")
    act(s, "worker", req.case_id, "RECALL", 1, text="误报")
    change.request_id, change.people[0].phone = uuid7(), "18612345678"
    equal(s.refused("community", "PeopleService", "SetPeople", change)[0], "FAILED_PRECONDITION")


@case("an imported history brings its people")
def imported(s):
    import datetime
    case_pb2 = pb("case")
    req = incident()
    req.happened_at.FromDatetime(datetime.datetime(2023, 5, 4, 3, 0))
    item = case_pb2.ImportHistoryRequest(sequence=1, case=req, reporter_name="老李")
    answers = list(s.method("CaseService", "ImportHistory")(iter([item]), timeout=60, metadata=s.metadata("integration")))
    equal([a.WhichOneof("result") for a in answers], ["ok"])
    equal(tell(get(s, "supervisor", req.case_id).people), MASKED)


@case("equal plaintexts are sealed differently and found by equal blind hashes")
def sealed(s):
    rows = s.psql(f"select distinct name_blind from case_person p where position = 0 and case_id in"
                  f" ('{s.normal.case_id}', '{s.hidden.case_id}')").split("\n")
    equal(len(rows), 1)
    equal(s.psql("select count(*) = count(distinct name) from case_person where name is not null"), "t")


@case("what stands in another place does not open")
def moved(s):
    import grpc
    first, second = incident(), incident()
    for req in (first, second):
        s.call("worker", "CaseService", "SubmitCase", req)
    for change in (f"name = (select name from case_person o where o.case_id = '{second.case_id}' and o.position = 0)",
                   "name = phone",
                   "name = (select name from case_person o where o.case_id = p.case_id and o.position = 1)"):
        kept = s.psql(f"select encode(name, 'hex') from case_person where case_id = '{first.case_id}' and position = 0")
        s.psql(f"update case_person p set {change} where case_id = '{first.case_id}' and position = 0")
        try:
            get(s, "acceptor", first.case_id)
            raise AssertionError(f"it opened: {change}")
        except grpc.RpcError as e:
            equal(e.code().name, "INTERNAL", change)
        s.psql(f"update case_person set name = decode('{kept}', 'hex') where case_id = '{first.case_id}' and position = 0")
    equal(tell(get(s, "acceptor", first.case_id).people), MASKED)


@case("the command line enters, shows and reveals")
def command_line(s):
    home = os.path.join(s.dir, "home")
    os.makedirs(home, exist_ok=True)
    env = {**os.environ, "HOME": home, "XDG_CONFIG_HOME": home, "XDG_STATE_HOME": home, "XDG_DATA_HOME": home,
           "XDG_CACHE_HOME": home, "LC_ALL": "C.UTF-8", "WANGGE_LANG": "en"}

    def wangge(*args, given="", code=0):
        done = subprocess.run([os.path.join(s.build, "client", "cli", "wangge"), *args, "--server", s.address, "--tls", "off",
                               "--lang", "en", "--no-input"], input=given, text=True, env=env, capture_output=True)
        equal(done.returncode, code, done.stderr)
        return done.stdout + done.stderr

    wangge("login", "--user", "acceptor", "--password-stdin", given=city.PASSWORD + "\n")
    name = os.path.join(s.dir, "people.json")
    with open(name, "w", encoding="utf-8") as f:
        json.dump([{"kind": "reporter", "name": NAME, "phone": PHONE}], f)
    number = wangge("case", "new", "--category", "E0102", "--grid", GRID, "--text", "楼道堆物", "--people", name).strip()
    shown = wangge("case", "people", "show", number)
    equal(("欧***" in shown, "138****5678" in shown, NAME in shown), (True, True, False), shown)
    wangge("case", "people", "set", number, "--file", "-", given='[{"kind":"party","name":"司马光"}]')
    whole = wangge("case", "people", "reveal", number, "--purpose", "核实情况")
    equal(("司马光" in whole, NAME in whole), (True, False), whole)
    wangge("case", "people", "set", number, "--file", "-", given='[{"kind":"party","name":"司马光","phone":"1"}]', code=7)
    wangge("case", "people", "set", number, "--file", "-", given="[{", code=7)
    wangge("case", "people", "reveal", number, code=2)
    os.unlink(name)


@case("neither the database nor the logs hold what is sealed")
def dump(s):
    # Controls: numbers in texts stay as written, and are found where they are.
    dumped = s.psql_dump()
    equal(IN_TEXT in dumped, True)
    equal([x for x in SECRETS if x in dumped], [])
    with open(s.log, encoding="utf-8", errors="replace") as f:
        log = f.read()
    equal(("call" in log, [x for x in (*SECRETS, IN_TEXT, "王丽") if x in log]), (True, []))


@case("a change of the data key that was killed is ended by the same command, and by nothing else")
def rekey(s):
    new = os.path.join(s.dir, "new.key")
    s.call("worker", "AccountService", "BeginTotp", pb("account").BeginTotpRequest())
    subprocess.run(s.command("init-key", "--set", f"data_key_file={new}"), check=True, stdout=subprocess.DEVNULL)
    running = subprocess.run(s.command("rekey", "--to", new), stderr=subprocess.PIPE, text=True)
    equal((running.returncode != 0, "Stop it" in running.stderr), (True, True), running.stderr)
    # A server that is killed leaves its cluster running: a lock in it holds the change in its middle.
    s.server.stop(sig=signal.SIGKILL)
    s.server = None
    proc.wait_until("the server's connections to end", lambda: s.psql(
        "select count(*) from pg_stat_activity where application_name = 'wangged'") == "0", seconds=60)
    rows = int(s.psql("select count(*) from case_person"))
    heads = "select string_agg(distinct encode(substr(coalesce(name, phone, id_number), 2, 4), 'hex'), ',') from case_person"
    old = s.psql(heads)
    last = s.psql("select case_id || ' ' || position from case_person order by case_id desc, position desc limit 1").split()
    holder = s.psql_session()
    holder.stdin.write(f"begin; select 1 from case_person where case_id = '{last[0]}' and position = {last[1]} for update;\n"
                       "\\echo held\n")
    holder.stdin.flush()
    while "held" not in holder.stdout.readline():
        pass
    change = subprocess.Popen(s.command("rekey", "--to", new, "--batch", "1"))
    proc.wait_until("the change to wait", lambda: s.psql(
        "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like '%for update'") == "1", seconds=60)
    change.send_signal(signal.SIGKILL)
    change.wait()
    equal(len(s.psql(heads).split(",")), 2)
    holder.stdin.close()
    holder.wait()
    half = subprocess.run(s.command(), stderr=subprocess.PIPE, text=True, timeout=120)
    equal((half.returncode != 0, "rekey" in half.stderr), (True, True), half.stderr)
    done = subprocess.run(s.command("rekey", "--to", new), stdout=subprocess.PIPE, text=True, check=True).stdout
    equal((done.split()[0], f"{rows - 1} were already" in done), ("2", True), done)
    wrong_key = subprocess.run(s.command(), stderr=subprocess.PIPE, text=True, timeout=120)
    equal((wrong_key.returncode != 0, "key" in wrong_key.stderr), (True, True), wrong_key.stderr)
    os.replace(new, os.path.join(s.dir, "pg", "data.key"))
    s.start()
    s.tokens.clear()
    now = s.psql(heads)
    equal((len(now.split(",")), now != old), (1, True))
    equal(s.psql("select encode(substr(totp_begun, 2, 4), 'hex') from account where totp_begun is not null"), now)
    equal(tell(reveal(s, "acceptor", s.normal.case_id).people), WHOLE)
    # The same name entered now has the hash of those that were sealed anew.
    req = incident()
    s.call("worker", "CaseService", "SubmitCase", req)
    equal(s.psql("select count(distinct name_blind) from case_person where position = 0 and case_id in"
                 f" ('{req.case_id}', '{s.normal.case_id}')"), "1")


class PeopleStack(Stack):
    def words(self, program):
        with open(os.path.join(self.dir, "pg", "data", "postmaster.pid"), encoding="utf-8") as f:
            lines = f.read().split("\n")
        return [*database.as_postgres(), program, "-h", lines[4].strip(), "-p", lines[3].strip(), "-U", "postgres", "-d", "wangge"]

    def psql_dump(self):
        return subprocess.run(self.words("pg_dump"), cwd="/", stdout=subprocess.PIPE, text=True, check=True).stdout

    def psql_session(self):
        return subprocess.Popen([*self.words("psql"), "-XqAt"], cwd="/", stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def main():
    with PeopleStack(find_build(), settings=["log_level = debug"]) as s:
        import datetime
        today = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))).date()
        first = today.replace(day=1)
        s.month = (first.isoformat(), ((first + datetime.timedelta(days=32)).replace(day=1) - datetime.timedelta(days=1)).isoformat())
        return run(s)


if __name__ == "__main__":
    sys.exit(main())
