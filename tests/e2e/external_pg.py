#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""An existing PostgreSQL, by the words of doc/operation.md: its commands and its configuration file are read from the page and run.

A private cluster on a Unix socket plays the existing one. Two roles, neither a superuser; the schema, the key and the first
accounts; serving as the role that owns nothing; two servers on one database, where every submission must be there once whichever
of them was asked, how often, and which of them was killed; what a serving role must not be; an owner that may not make roles.

external_pg.py BUILD
"""
import collections
import datetime
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
import city  # noqa: E402
import database  # noqa: E402
import proc  # noqa: E402
from cases import case, equal, run  # noqa: E402
from faults import incident  # noqa: E402
from stack import Stack, find_build, uuid7  # noqa: E402

PAGE = os.path.join(proc.ROOT, "doc", "operation.md")
CONFIG = "/etc/wangge/wangged.conf"
OWNER, APP = "wangge_owner", "wangge_app"
TOLD = re.compile(r"^wangged: .*let an administrator run: ([^.()\n]*[^.()\s])", re.I | re.M)


class Page:
    """The code blocks of doc/operation.md under a heading."""

    def __init__(self):
        with open(PAGE, encoding="utf-8") as f:
            self.sections = dict(re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", f.read(), re.M | re.S))

    def blocks(self, heading, kind):
        found = [text for k, text in re.findall(r"^```(\w*)\n(.*?)^```$", self.sections[heading], re.M | re.S) if k == kind]
        equal(bool(found), True, f"code in \"{heading}\"")
        return found

    def commands(self, heading):
        return self.blocks(heading, "sh")[0].splitlines()


class Office(Stack):
    """One of the servers of the database: its own folder and port, with the configuration file it is given."""

    def __init__(self, build, conf):
        super().__init__(build, with_city=False)
        self.conf = conf

    def command(self, *args):
        return [self.program, *args, "--config", self.conf, "--listen", "127.0.0.1:0"]


class State:
    def __init__(self, build, tmp):
        self.build, self.tmp = build, tmp
        self.program = os.path.join(os.path.abspath(build), "server", "wangged")
        self.page = Page()
        self.pg = database.Cluster(os.path.join(tmp, "pg"), "fsync=off")
        self.servers = []

    def close(self):
        for s in self.servers:
            s.__exit__(AssertionError, None, None)
        self.pg.stop()

    def conf(self, name, *lines):
        path = os.path.join(self.tmp, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write("\n".join([*lines, "notice_poll_ms = 50", ""]))
        return path

    def conninfo(self, user):
        return f"host={self.pg.folder} port=5432 dbname=wangge user={user}"

    def from_page(self):
        """The configuration of the page, its hosts replaced by this one."""
        text = self.page.blocks("An existing PostgreSQL", "")[0]
        equal(text.count("host=db1,db2 "), 2, text)
        return [line for line in text.replace("host=db1,db2 ", f"host={self.pg.folder} port=5432 ").splitlines() if line]

    def shell(self, line, path):
        """A command of the page: PostgreSQL's programs as their superuser, wangged as whoever runs this."""
        if "wangged " not in line:
            return self.pg.run("sh", "-ec", line)
        equal(CONFIG in line, True, f"{line} names the configuration file")
        words = [self.program if w == "wangged" else path if w == CONFIG else w for w in shlex.split(line)]
        done = self.wangged(*words[1:], *(["--password-stdin"] if "user" in words else []), stdin=city.PASSWORD + "\n")
        equal(done[0], 0, done[1])
        return done[1]

    def wangged(self, *words, stdin=""):
        done = subprocess.run([self.program, *words], input=stdin, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=120)
        return done.returncode, done.stdout

    def sql(self, text, user="postgres"):
        return self.pg.psql(text, "wangge", user)

    def office(self, conf):
        s = Office(self.build, conf)
        s.__enter__()
        self.servers.append(s)
        return s

    def ended(self, s):
        self.servers.remove(s)
        s.__exit__(None, None, None)

    def refused_to_serve(self, *lines):
        code, out = self.wangged("--config", self.conf("refused.conf", *lines), "--listen", "127.0.0.1:0")
        equal((code, "start.failed" in out), (1, True), out)
        return out

    def tell(self, out):
        """Run the statement a message names, as an administrator; return it."""
        found = TOLD.search(out)
        equal(bool(found), True, f"a statement in {out}")
        self.sql(found.group(1))
        return found.group(1)


def texts_of(s, prefix):
    return collections.Counter(s.sql(f"select description from case_file where description like '{prefix}%'").splitlines())


def verified(s):
    equal(s.sql("select kind, detail from verify(10)"), "", "verify")


@case("the page's commands make roles, database, schema, key and first accounts")
def by_the_page(s):
    make = s.page.commands("An existing PostgreSQL")
    equal([line.split()[0] for line in make], ["createuser", "createdb", "wangged", "wangged"], "the commands of the page")
    equal(make[3], f"wangged --config {CONFIG}", "as Office runs it")
    key = s.page.commands("The data key")
    s.full = s.conf("full.conf", *s.from_page(), f"data_key_file = {s.tmp}/data.key")
    for line in [*make[:3], *key, *s.page.commands("First accounts")]:
        s.shell(line, s.full)
    equal(os.stat(os.path.join(s.tmp, "data.key")).st_mode & 0o777, 0o600)
    equal(s.shell(make[2], s.full).endswith("\nThe database has this program's schema.\n"), True, "a second time")
    equal(s.sql("select login from account order by login"), "sec\nsys")


@case("neither role is a superuser; the serving one owns nothing and may make nothing")
def roles(s):
    equal(s.sql("select rolname, rolsuper, rolcreaterole, rolbypassrls from pg_roles where rolname ~ '^wangge_[ao]' order by 1"),
          "wangge_app|f|f|f\nwangge_owner|f|t|f")
    equal(s.sql("select count(*) from pg_class c join pg_roles r on r.oid = c.relowner where r.rolname = 'wangge_app'"), "0")
    for text in ("delete from case_event", "create table x (a integer)", "set role wangge_owner"):
        try:
            s.sql(text, APP)
        except AssertionError as e:
            equal("ERROR:  permission denied" in str(e) or "ERROR:  must be" in str(e), True, str(e))
        else:
            raise AssertionError(f"the serving role may: {text}")


@case("it serves: the city, a case with people, its way, a figure")
def serves(s):
    s.a = s.office(s.full)
    from wangge.v1 import case_pb2, types_pb2
    s.a.add_user = lambda login, role, name: s.shell(
        f"wangged user add --config {CONFIG} --login {login} --name {name} --role {role} --region 2306", s.full)
    s.a.make_city()
    req = incident("第一件")
    req.people.add(kind=types_pb2.PERSON_KIND_REPORTER, name="张三", phone="13936000000")
    answer = s.a.call("worker", "CaseService", "SubmitCase", req)
    version = answer.version
    for login, action, fields in (("acceptor", "ACCEPT", {}), ("dispatcher", "DISPATCH", {"organ_code": "RHL-CG"}),
                                  ("handler", "SIGN", {})):
        version = s.a.call(login, "CaseService", "Act", case_pb2.ActRequest(
            request_id=uuid7(), case_id=answer.case_id, expected_version=version, action=f"ACTION_{action}", text="办理",
            **fields)).case.version
    equal(s.sql("select count(*) from pg_stat_activity where usename = 'wangge_app' and state is not null") > "0", True)
    equal(reported(s.a), 1)


def reported(server):
    """The denominator of K04: what was reported these days."""
    from wangge.v1 import report_pb2
    today = datetime.date.today()
    first, last = (today + datetime.timedelta(days=n) for n in (-10, 10))
    query = report_pb2.MetricQuery(**{"metric": "K04", "from": first.isoformat(), "to": last.isoformat()})
    return server.call("supervisor", "ReportService", "QueryMetric", report_pb2.QueryMetricRequest(query=query)).total.denominator


@case("a second server without the owner's password: serve checks the schema only")
def second(s):
    lines = [line for line in s.from_page() if not line.startswith("database_owner")]
    equal(len(lines), 1, lines)
    s.half = s.conf("half.conf", *lines, f"data_key_file = {s.tmp}/data.key")
    s.b = s.office(s.half)
    code, out = s.wangged("verify", "--config", s.full)
    equal(code, 0, out)
    # Another key is noticed before anything is sealed with it.
    other = s.conf("key.conf", *lines, f"data_key_file = {s.tmp}/other.key")
    equal(s.wangged("init-key", "--config", other)[0], 0)
    code, out = s.wangged("--config", other, "--listen", "127.0.0.1:0")
    equal((code, "key" in out), (1, True), out)


def send(server, requests, answers, method="SubmitCase", login="worker"):
    """Eight callers that send every request; answers gets (request, answer or status) pairs."""
    import grpc
    method, metadata = server.method("CaseService", method), server.metadata(login)
    left, lock = iter(requests), threading.Lock()

    def caller():
        while True:
            with lock:
                req = next(left, None)
            if req is None:
                return
            try:
                answers.append((req, method(req, timeout=60, metadata=metadata)))
            except grpc.RpcError as e:
                answers.append((req, e.code().name))
    threads = [threading.Thread(target=caller) for _ in range(8)]
    for t in threads:
        t.start()
    return threads


def join(threads):
    for t in threads:
        t.join(120)
        equal(t.is_alive(), False, "a caller is done")


@case("both servers are sent the same 200 submissions at the same time: each is there once, both answer the same")
def once(s):
    requests = [incident(f"同时-{i:03d}") for i in range(200)]
    at_a, at_b = [], []
    threads = send(s.a, requests, at_a) + send(s.b, requests, at_b)
    join(threads)
    numbers = [{req.case_id: answer.number for req, answer in found} for found in (at_a, at_b)]
    equal(numbers[0], numbers[1])
    equal((len(numbers[0]), len(set(numbers[0].values()))), (200, 200))
    equal(texts_of(s, "同时-"), collections.Counter(r.description for r in requests))
    # Of the two, one did it; the other was told that it had been done.
    equal(sorted({(x.replayed, y.replayed) for (_, x), (_, y) in zip(sorted(at_a, key=by_case), sorted(at_b, key=by_case))})
          <= [(False, True), (True, False)], True)
    verified(s)


def by_case(pair):
    return pair[0].case_id


@case("so are 200 actions: each is one event, and whoever is told of it is told once")
def acted(s):
    from wangge.v1 import case_pb2
    requests = [case_pb2.ActRequest(request_id=uuid7(), case_id=case_id, expected_version=1, action="ACTION_ORDER_FACT_CHECK", text="请核实")
                for case_id in s.sql("select id from case_file where description like '同时-%'").splitlines()]
    answers = []
    join(send(s.a, requests, answers, "Act", "acceptor") + send(s.b, requests, answers, "Act", "acceptor"))
    equal([a for _, a in answers if isinstance(a, str)], [])
    equal(collections.Counter(a.replayed for _, a in answers), {False: 200, True: 200})
    equal(s.sql("select count(*), count(distinct case_id) from case_event where text = '请核实'"), "200|200")
    verified(s)


@case("one server is killed on the way; all are sent again to the other: each is there once")
def killed(s):
    requests = [incident(f"中断-{i:03d}") for i in range(200)]
    at_b, at_a = [], []
    threads = send(s.b, requests, at_b)
    proc.wait_until("some to be answered", lambda: len(at_b) >= 20 or not any(t.is_alive() for t in threads), seconds=60)
    s.b.server.child.kill()
    join(threads)
    join(send(s.a, requests, at_a))
    equal([answer for _, answer in at_a if isinstance(answer, str)], [], "refused by the one that is left")
    equal(texts_of(s, "中断-"), collections.Counter(r.description for r in requests))
    done = {req.case_id: answer.number for req, answer in at_b if not isinstance(answer, str)}
    equal(len(done) >= 20, True, len(done))
    equal({req.case_id: answer.number for req, answer in at_a if req.case_id in done}, done)
    s.b.server.child.wait()
    s.b.server = None
    s.ended(s.b)
    s.b = s.office(s.half)
    verified(s)


@case("control: with new keys on the second server every submission is there twice, and the count says so")
def control(s):
    requests = [incident(f"对照-{i:03d}") for i in range(20)]
    again = [incident(r.description) for r in requests]
    for server, batch in ((s.a, requests), (s.b, again)):
        answers = []
        join(send(server, batch, answers))
        equal([a for _, a in answers if isinstance(a, str)], [])
    equal(set(texts_of(s, "对照-").values()), {2})


@case("both follow the same feed, and what runs behind both (notices, figures) was done once")
def behind(s):
    from wangge.v1 import watch_pb2
    total, written = (int(n) for n in s.sql("select (select count(*) from case_file), (select count(*) from case_event)").split("|"))
    seen = []
    for server in (s.a, s.b):
        stream = server.method("WatchService", "Watch")(watch_pb2.WatchRequest(cursor="0"), timeout=120,
                                                        metadata=server.metadata("supervisor"))
        cases, events = collections.Counter(), set()
        for message in stream:
            if message.HasField("event"):
                event = message.event
                equal((event.case_id, event.version) in events, False, "an event comes once")
                events.add((event.case_id, event.version))
                cases[event.case_id] += event.version == 1
                if len(events) == written:
                    break
        stream.cancel()
        seen.append(events)
        equal((len(cases), set(cases.values())), (total, {1}))
    equal(seen[0], seen[1])
    caught_up = ("select not exists (select from case_event e, notice_position p where (e.feed_xid, e.seq) > (p.feed_xid, p.seq))"
                 " and not exists (select from case_event e, cell_position p where (e.feed_xid, e.seq) > (p.feed_xid, p.seq))")
    proc.wait_until("notices and cells to be complete", lambda: s.sql(caught_up) == "t", seconds=60)
    equal(s.sql("select count(*), count(distinct n.case_id) from notice n join case_file c on c.id = n.case_id"
                " where c.description like '同时-%'"), "200|200", "one notice an order")
    equal((reported(s.a), reported(s.b)), (total, total))
    verified(s)


@case("a session of one is a session of the other, and so is its end")
def session(s):
    from wangge.v1 import auth_pb2
    s.a.tokens.pop("worker2", None)
    s.b.tokens["worker2"] = s.a.token("worker2")
    s.b.call("worker2", "AuthService", "WhoAmI", auth_pb2.WhoAmIRequest())
    s.a.call("worker2", "AuthService", "Logout", auth_pb2.LogoutRequest())

    def over():
        import grpc
        try:
            s.b.call("worker2", "AuthService", "WhoAmI", auth_pb2.WhoAmIRequest())
        except grpc.RpcError as e:
            equal(e.code().name, "UNAUTHENTICATED")
            return True
        return False
    proc.wait_until("the other server to know", over, seconds=60)


@case("both end well")
def end(s):
    for server in (s.b, s.a):
        s.ended(server)


@case("a role that owns the tables, is a superuser or may do too much is refused, and the message says why")
def refused(s):
    doing = "The database role that serves may do too much: it "
    s.sql("create role bypass login bypassrls; grant wangge_read, wangge_write to bypass; grant bypass to wangge_owner;"
          "create role maker login; grant wangge_read, wangge_write to maker; grant maker to wangge_owner;"
          "grant create on schema public to maker; create role stranger login; grant stranger to wangge_owner")
    for user, why in ((OWNER, "owns tables"), ("postgres", "is a superuser"), ("bypass", "passes by row security"),
                      ("maker", "may make objects")):
        out = s.refused_to_serve(f"database = {s.conninfo(user)}")
        equal(doing + why in out and "serve_as_owner = yes" in out and "doc/operation.md" in out, True, out)
    # A role that nobody made a member: the message says how, and that is all it takes.
    out = s.refused_to_serve(f"database = {s.conninfo('stranger')}")
    equal("cannot be used: it may not switch to wangge_read and wangge_write" in out, True, out)
    equal(s.tell(out), "grant wangge_read, wangge_write to stranger")
    s.ended(s.office(s.conf("told.conf", f"database = {s.conninfo('stranger')}", f"data_key_file = {s.tmp}/data.key")))


@case("serve_as_owner lets it, for a trial, and the log says so")
def trial(s):
    server = s.office(s.conf("trial.conf", f"database = {s.conninfo(OWNER)}", "serve_as_owner = yes", f"data_key_file = {s.tmp}/data.key"))
    equal("event=database.role" in server.server.output(), True)
    server.call("worker", "CaseService", "SubmitCase", incident("试用"))
    s.ended(server)


@case("an owner that may not make roles: each message names a statement, and those are all it takes")
def without_createrole(s):
    s.pg.run(database.pg_program("dropdb"), "--force", "wangge")
    s.pg.psql(f"drop role {OWNER}, {APP}, wangge_read, wangge_write, bypass, maker, stranger")
    create = s.page.commands("An existing PostgreSQL")
    equal("--createrole " in create[0], True, create[0])
    s.shell(create[0].replace("--createrole ", ""), s.full)
    s.shell(create[1], s.full)
    told = []
    for _ in range(8):
        code, out = s.wangged("migrate", "--config", s.full)
        if code == 0:
            break
        told.append(s.tell(out))
    equal((code, told), (0, ["create role wangge_read nologin", "create role wangge_write nologin",
                             f"grant wangge_read, wangge_write to {APP}", f"grant {APP} to {OWNER}"]), out)
    for line in s.page.commands("First accounts"):
        s.shell(line, s.full)
    server = s.office(s.half)
    server.call("sys", "DirectoryService", "ImportDirectory", city_request(), timeout=60)
    s.ended(server)


def city_request():
    from wangge.v1 import directory_pb2
    return city.directory(directory_pb2)


def main():
    build = find_build()
    tmp = tempfile.mkdtemp(prefix="wg-pg-", dir="/tmp")
    os.chmod(tmp, 0o755)
    try:
        s = State(build, tmp)
        try:
            return run(s)
        finally:
            s.close()
    finally:
        shutil.rmtree(tmp, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
