#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Service accounts and the source they speak for, on a server of two workers: two tokens of one source, one of another, one of
none. Who sees which case by every call and as the database's reading role; a changed source. sources.py BUILD."""
import hashlib
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
import city  # noqa: E402
import proc  # noqa: E402
from cases import case, equal, run  # noqa: E402
from reader import scope, sql  # noqa: E402
from stack import Stack, find_build, uuid7  # noqa: E402

GRID = "230604001001001"
ACCOUNTS = {"ab.one": "AB12", "ab.two": "AB12", "cd.one": "CD34", "bound.not": ""}
PHOTO = b"\xff\xd8\xff\xda\x00\x04xx" + bytes(range(1, 200)) * 20 + b"\xff\xd9"


def pb(name="case"):
    import importlib
    return importlib.import_module(f"wangge.v1.{name}_pb2")


def body(**fields):
    return pb().SubmitCaseRequest(**{"request_id": uuid7(), "case_id": uuid7(), "category_code": "E0102", "grid_code": GRID,
                                     "description": "占道经营的水果摊", **fields})


def history(case_id="", **fields):
    """A case taken over, of yesterday; merged into another if asked."""
    from google.protobuf import timestamp_pb2
    types = pb("types")
    at = timestamp_pb2.Timestamp(seconds=int(time.time()) - 86400)
    item = pb().ImportHistoryRequest(sequence=1, reporter_name="外来网格员", case=body(happened_at=at, **fields))
    if case_id:
        for i, (action, more) in enumerate((("ACCEPT", {}), ("MERGE", {"target_case_id": case_id}))):
            act = pb().ActRequest(request_id=uuid7(), action="ACTION_" + action, text="历史", **more,
                                  happened_at=timestamp_pb2.Timestamp(seconds=at.seconds + 60 * (i + 1)))
            item.events.add(act=act, actor=types.Actor(name="甲", role="ROLE_ACCEPTOR"))
    return item


def take_over(s, login, item):
    """(status, case number) of an import."""
    import grpc
    answer = list(s.method("CaseService", "ImportHistory")(iter([item]), timeout=60, metadata=s.metadata(login)))[0]
    if answer.HasField("ok"):
        return "OK", answer.ok
    return next(c.name for c in grpc.StatusCode if c.value[0] == answer.error.code), answer.error


def status(s, login, service, name, request):
    import grpc
    try:
        return "OK", s.call(login, service, name, request)
    except grpc.RpcError as e:
        return e.code().name, e.details()


class Made:
    """A case of a source, with a person and a photo."""

    def __init__(self, s, login, source, imported=False):
        self.login, self.source, self.imported = login, source, imported
        people = [pb("types").Person(kind=2, name="诸葛" + login)]
        if imported:
            self.sent = history(people=people)
            self.id = self.sent.case.case_id
            outcome, answer = take_over(s, login, self.sent)
            equal(outcome, "OK", answer)
        else:
            self.sent = body(people=people)
            self.id = self.sent.case_id
            answer = s.call(login, "CaseService", "SubmitCase", self.sent)
        self.number = answer.number
        self.photo = uuid7()
        if not imported or source:  # else it is out of its importer's sight
            equal(self.upload(s, login, self.photo), "OK")

    def upload(self, s, login, attachment_id):
        import grpc
        a = pb("attachment")
        head = a.UploadHeader(attachment_id=attachment_id, case_id=self.id, name="现场.jpg", size=len(PHOTO),
                              sha256=hashlib.sha256(PHOTO).hexdigest())
        parts = [a.UploadRequest(header=head), a.UploadRequest(chunk=a.UploadChunk(data=PHOTO))]
        try:
            list(s.method("AttachmentService", "Upload")(iter(parts), timeout=60, metadata=s.metadata(login)))
        except grpc.RpcError as e:
            return e.code().name
        return "OK"

    def seen_by(self, login):
        """Written from the rule: a source's accounts share its cases; without a source one has what it reported itself."""
        source = ACCOUNTS[login]
        return source == self.source if source else self.login == login and not self.imported


def prepare(s):
    directory, account = pb("directory"), pb("account")
    for login, source in ACCOUNTS.items():
        s.call("secadmin", "DirectoryService", "CreateAccount", directory.CreateAccountRequest(
            login=login, name="系统" + login, role=11, region_code="230604", source_code=source, password=city.PASSWORD, keep_password=True))
        s.tokens[login] = s.call("secadmin", "AccountService", "CreateServiceToken",
                                 account.CreateServiceTokenRequest(login=login, label="x")).token
    s.made = [Made(s, login, source) for login, source in (*ACCOUNTS.items(), ("worker", ""))]
    s.made += [Made(s, login, source, imported=True) for login, source in ACCOUNTS.items()]
    # Each of them is refused to once: a notice for who reported it.
    s.refused_cases = [Made(s, login, source) for login, source in (*ACCOUNTS.items(), ("worker", ""))]
    for c in s.refused_cases:
        s.call("acceptor", "CaseService", "Act", pb().ActRequest(request_id=uuid7(), case_id=c.id, expected_version=1,
                                                                action="ACTION_REFUSE", text="说明", reason_code="OUT_OF_SCOPE"))
    s.made += s.refused_cases


@case("every call on a case: of one's source, or as if it were not there")
def calls(s):
    search, attachment, people = pb("search"), pb("attachment"), pb("people")
    reads = {
        "GetCase": lambda c: ("CaseService", pb().GetCaseRequest(case_id=c.id)),
        "GetCase by number": lambda c: ("CaseService", pb().GetCaseRequest(number=c.number)),
        "ListCaseEvents": lambda c: ("CaseService", pb().ListCaseEventsRequest(case_id=c.id)),
        "ListAttachments": lambda c: ("AttachmentService", attachment.ListAttachmentsRequest(case_id=c.id)),
        "GetUpload": lambda c: ("AttachmentService", attachment.GetUploadRequest(attachment_id=c.photo)),
        "FindSimilar": lambda c: ("SearchService", search.FindSimilarRequest(case_id=c.id)),
        "SuggestDispatch": lambda c: ("SearchService", search.SuggestDispatchRequest(case_id=c.id)),
        "ExplainDeadline": lambda c: ("ClockService", pb("clock").ExplainDeadlineRequest(case_id=c.id)),
        "AddNote": lambda c: ("CaseService", pb().AddNoteRequest(request_id=uuid7(), case_id=c.id, text="补充")),
        "SetPeople": lambda c: ("PeopleService", people.SetPeopleRequest(request_id=uuid7(), case_id=c.id)),
    }
    never = "00000000-0000-7000-8000-000000000000"
    counts = {"OK": 0, "NOT_FOUND": 0}
    wrong = []
    for login in ACCOUNTS:
        absent = {name: status(s, login, service, name.split()[0], request) for name, (service, request) in (
            (name, make(type("Absent", (), {"id": never, "number": "2306042001010001", "photo": never}))) for name, make in reads.items())}
        for c in s.made:
            for name, make in reads.items():
                if name == "SetPeople" and c.seen_by(login):
                    continue  # they are counted below
                service, request = make(c)
                got = status(s, login, service, name.split()[0], request)
                want = "OK" if c.seen_by(login) else "NOT_FOUND"
                counts[want] += 1
                if got[0] != want or (want == "NOT_FOUND" and got != absent[name]):
                    wrong.append((login, c.login, c.source, name, got[0] if got[0] == "OK" else got, want))
            if not c.seen_by(login):
                equal(c.upload(s, login, uuid7()), "NOT_FOUND", f"{login} {c.login}")
    print(f"  {counts} ({len(ACCOUNTS)} accounts x {len(s.made)} cases x {len(reads)} calls); {len(wrong)} wrong")
    equal(wrong[:5], [])


@case("lists, counts, search, similar cases, the inbox and the feed hold the source's cases and nothing else")
def many(s):
    inbox, search, watch = pb("inbox"), pb("search"), pb("watch")
    for login in ACCOUNTS:
        want = {c.id for c in s.made if c.seen_by(login)}
        for fields in ({}, {"text": "水果摊"}):
            page = s.call(login, "CaseService", "ListCases", pb().ListCasesRequest(filter=pb().CaseFilter(**fields), page_size=500))
            equal(({c.case_id for c in page.cases}, page.total_up_to_10000), (want, len(want)), login)
        hits = s.call(login, "SearchService", "Search", search.SearchRequest(text="水果摊")).hits
        equal({h.case.case_id for h in hits}, want, login)
        one = next(c for c in s.made if c.seen_by(login))
        alike = s.call(login, "SearchService", "FindSimilar", search.FindSimilarRequest(case_id=one.id, max=20))
        equal({h.case.case_id for h in alike.cases} <= want, True, login)
        mine = {c.id for c in s.made if c.login == login and not c.imported}
        page = s.call(login, "CaseService", "ListCases", pb().ListCasesRequest(filter=pb().CaseFilter(mine=True), page_size=500))
        equal({c.case_id for c in page.cases}, mine, login)
        proc.wait_until("the notice", lambda who=login: s.call(who, "InboxService", "ListNotices", inbox.ListNoticesRequest()).notices,
                        seconds=60)
        told = s.call(login, "InboxService", "ListNotices", inbox.ListNoticesRequest()).notices
        equal({n.case_id for n in told}, {c.id for c in s.refused_cases if c.login == login}, "the account that reported is told")
        # From the beginning up to a note of one's own: whatever else there is, comes before it.
        note = s.call(login, "CaseService", "AddNote", pb().AddNoteRequest(request_id=uuid7(), case_id=one.id, text="到此为止")).event
        seen = set()
        stream = s.method("WatchService", "Watch")(watch.WatchRequest(cursor="0"), metadata=s.metadata(login), timeout=120)
        for r in stream:
            seen |= {r.event.case_id} if r.HasField("event") else {r.notice.case_id} if r.HasField("notice") else set()
            if r.event.request_id == note.request_id:
                break
        stream.cancel()
        equal(seen, want, login)


@case("what happens now is sent to the accounts of the source only")
def live(s):
    watch = pb("watch")
    streams = {login: s.method("WatchService", "Watch")(watch.WatchRequest(heartbeat_s=1), metadata=s.metadata(login), timeout=120)
               for login in ACCOUNTS}
    for stream in streams.values():
        next(iter(stream))  # its position is known
    reported = {login: s.call(login, "CaseService", "SubmitCase", body()).case_id for login in ACCOUNTS}
    # Last comes one each is sent: a note on a case of its own.
    for login, stream in streams.items():
        want = {case_id for other, case_id in reported.items() if ACCOUNTS[other] == ACCOUNTS[login] and (ACCOUNTS[login] or other == login)}
        note = s.call(login, "CaseService", "AddNote", pb().AddNoteRequest(request_id=uuid7(), case_id=reported[login], text="止")).event
        seen = set()
        for r in stream:
            if r.HasField("event"):
                seen.add(r.event.case_id)
                if r.event.request_id == note.request_id:
                    break
        stream.cancel()
        equal(seen, want, login)


@case("what only the reporter may do stays with the account that reported")
def reporter(s):
    c = body()
    s.call("ab.one", "CaseService", "SubmitCase", c)
    recall = pb().ActRequest(request_id=uuid7(), case_id=c.case_id, expected_version=1, action="ACTION_RECALL", text="误报")
    for login, want in (("cd.one", "NOT_FOUND"), ("ab.two", "PERMISSION_DENIED"), ("ab.one", "OK")):
        equal(status(s, login, "CaseService", "Act", recall)[0], want, login)


@case("a key that another source used is used; whoever sees the case is answered again")
def keys(s):
    by = {(c.login, c.imported): c for c in s.made if c not in s.refused_cases}
    for login, first, want in (("ab.one", "ab.one", "OK"), ("ab.two", "ab.one", "OK"), ("cd.one", "ab.one", "ALREADY_EXISTS"),
                               ("ab.one", "worker", "ALREADY_EXISTS"), ("bound.not", "cd.one", "ALREADY_EXISTS"),
                               ("bound.not", "bound.not", "OK")):
        plain = by[first, False]
        got, answer = status(s, login, "CaseService", "SubmitCase", plain.sent)
        equal((got, got != "OK" or (answer.replayed and answer.number == plain.number)), (want, True), f"{login} {first}: {answer}")
        if first != "worker":
            got, answer = take_over(s, login, by[first, True].sent)
            equal((got, got != "OK" or answer.replayed), (want, True), f"{login} {first}, imported: {answer}")


@case("a taken-over case joins its own source's cases only")
def joins(s):
    lead = {c.login: c for c in s.made if c not in s.refused_cases and not c.imported}
    for login, to, want in (("ab.two", "ab.one", "OK"), ("cd.one", "ab.one", "NOT_FOUND"), ("cd.one", "worker", "NOT_FOUND")):
        got, answer = take_over(s, login, history(lead[to].id))
        equal(got, want, f"{login} {to}: {answer}")


@case("of cases merged into its own a source is told its own only")
def merged(s):
    lead, *others = [(login, body()) for login in ("ab.one", "ab.two", "cd.one", "worker")]
    for login, sent in (lead, *others):
        s.call(login, "CaseService", "SubmitCase", sent)
    for _, sent in others:
        s.call("acceptor", "CaseService", "Act", pb().ActRequest(request_id=uuid7(), case_id=sent.case_id, expected_version=1,
                                                                action="ACTION_MERGE", text="同一件事", target_case_id=lead[1].case_id))
    for login, want in (("ab.one", {"ab.two"}), ("ab.two", {"ab.two"}), ("acceptor", {"ab.two", "cd.one", "worker"})):
        found = s.call(login, "CaseService", "GetCase", pb().GetCaseRequest(case_id=lead[1].case_id)).case.merged_cases
        equal({other for other, sent in others if sent.case_id in {c.case_id for c in found}}, want, login)
        equal(len(found), len(want), login)


@case("row security: the context of a source sees exactly its rows, an empty one nothing")
def row_security(s):
    proc.wait_until("the notices", lambda: int(s.psql("select count(distinct case_id) from notice")) >= len(s.refused_cases), seconds=60)
    city_span = (230600000000000, 230699999999999)
    of_file = "(select a.case_id from attachment a where a.id = t.attachment_id)"
    n = 0
    for table, key in (("case_file", "t.id"), ("case_event", "t.case_id"), ("notice", "t.case_id"), ("attachment", "t.case_id"),
                       ("attachment_chunk", of_file), ("case_person", "t.case_id")):
        total = 0
        for code in ("AB12", "CD34"):
            source = s.psql(f"select id from source where code = '{code}'")
            want = s.psql(f"select count(*) from {table} t join case_file c on c.id = {key} where c.source_id = {source}")
            equal(int(want) > 0, True, f"{table} has rows of {code}")
            equal(sql(s, scope(*city_span, source=source) + f"select count(*) from {table}"), (want, ""), f"{table} {code}")
            total += int(want)
            n += 1
        equal(total < int(s.psql(f"select count(*) from {table}")), True, f"{table} has rows of no source")
        for context in (scope("", ""), scope("", "", source=source), "set role wangge_read; ", scope(*city_span, source=999)):
            equal(sql(s, context + f"select count(*) from {table}"), ("0", ""), f"{table} {context[-80:]}")
            n += 1
    print(f"  {n} counts")


@case("a changed source is known on every worker at once, to tokens and to streams")
def moved(s):
    account = pb("account")
    s.call("secadmin", "DirectoryService", "CreateAccount", pb("directory").CreateAccountRequest(
        login="mover", name="系统", role=11, region_code="230604", source_code="AB12", password=city.PASSWORD, keep_password=True))
    token = s.call("secadmin", "AccountService", "CreateServiceToken", account.CreateServiceTokenRequest(login="mover", label="x")).token
    s.tokens["mover"] = token
    own = body()
    s.call("mover", "CaseService", "SubmitCase", own)

    def everywhere():
        """Sources whose cases the token sees, by connections that go to all workers."""
        import grpc
        import protos
        found = set()
        for i in range(8):
            with grpc.insecure_channel(s.address, options=[("grpc.use_local_subchannel_pool", 1), ("x", i)]) as channel:
                listed = protos.method(channel, pb().DESCRIPTOR.services_by_name["CaseService"], "ListCases")(
                    pb().ListCasesRequest(page_size=500), timeout=30, metadata=s.metadata("mover"))
            ids = {c.case_id for c in listed.cases}
            sources = {c.source for c in s.made if c.id in ids and c.source}
            found.add((*sorted(sources), "own" if own.case_id in ids else "not own"))
        return found

    def becomes(want):
        stream = s.method("WatchService", "Watch")(pb("watch").WatchRequest(heartbeat_s=1), metadata=s.metadata("mover"), timeout=120)
        next(iter(stream))
        s.call("secadmin", "AccountService", "UpdateAccount", account.UpdateAccountRequest(login="mover", source_code=want[0] or "-"))
        proc.wait_until("every worker to know", lambda: everywhere() == {tuple(w for w in want if w)}, seconds=60)
        import grpc
        try:
            for _ in stream:
                pass
            raise AssertionError("the stream went on with the old source")
        except grpc.RpcError as e:
            equal(e.code().name in ("UNAUTHENTICATED", "UNAVAILABLE"), True, e.code().name)

    equal(everywhere(), {("AB12", "own")})
    becomes(("CD34", "not own"))
    becomes(("", "own"))
    becomes(("AB12", "own"))


def main():
    with Stack(find_build(), settings=["workers = 2"]) as stack:
        prepare(stack)
        return run(stack)


if __name__ == "__main__":
    sys.exit(main())
