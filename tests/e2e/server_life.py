#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The server's life: start, readiness, reload, a database that dies, crashing workers, drain and end; sessions and locks.

server_life.py BUILD
"""
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
import city  # noqa: E402
import proc  # noqa: E402
from cases import case, equal, run  # noqa: E402
from stack import Stack, find_build  # noqa: E402

NOT_SERVING = 2
SERVING = 1


def command(s, *args, stdin=""):
    """Run wangged beside the server; return (exit code, output)."""
    done = subprocess.run([s.program, *args], input=stdin, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
    return done.returncode, done.stdout


def conf(s, text):
    name = os.path.join(s.dir, "other.conf")
    with open(name, "w", encoding="utf-8") as f:
        f.write(text)
    return name


def health_watch(s):
    from grpc.health.v1 import health_pb2
    import protos
    service = health_pb2.DESCRIPTOR.services_by_name["Health"]
    return protos.method(s.channel, service, "Watch")(health_pb2.HealthCheckRequest(), timeout=120)


def watch(s, login, **fields):
    from wangge.v1 import watch_pb2
    return s.method("WatchService", "Watch")(watch_pb2.WatchRequest(**fields), metadata=s.metadata(login), timeout=120)


def ending(stream):
    """Read a stream to its end; return (status name, message)."""
    import grpc
    try:
        for _ in stream:
            pass
    except grpc.RpcError as e:
        return e.code().name, e.details()
    return "OK", ""


def log_says(s, pattern, seconds=30):
    return s.server.wait_for(re.compile(pattern), seconds=seconds)


def pid_of_database(s):
    return int(open(os.path.join(s.dir, "pg", "data", "postmaster.pid"), encoding="ascii").readline())


@case("version and help")
def version(s):
    code, out = command(s, "version")
    equal((code, out.startswith("wangged 0.")), (0, True), out)
    code, out = command(s, "help")
    equal((code, "check-config" in out), (0, True), out)
    code, out = command(s, "dance")
    equal((code, 'there is no command "dance"' in out), (2, True), out)
    code, out = command(s, "serve", "--dance")
    equal((code, "usage: wangged" in out), (2, True), out)


@case("check-config names the line of what is wrong")
def check_config(s):
    code, out = command(s, "check-config", "--config", conf(s, "workers = 2\nlisten_on = x\n"))
    equal((code, "other.conf:2: There is no key" in out), (1, True), out)
    code, out = command(s, "check-config", "--config", conf(s, "embedded = /x\nlisten = 0.0.0.0:7480\n"))
    equal((code, "without TLS" in out), (1, True), out)
    code, out = command(s, "check-config", "--config", conf(s, "embedded = /x\n"))
    equal((code, "all right" in out), (0, True), out)
    code, out = command(s, "serve", "--config", conf(s, "workers = many\n"))
    equal((code, "other.conf:1: workers is a number" in out), (1, True), out)


@case("the service manager learns that it is ready")
def notified(s):
    got = [s.notify.recv(4096).decode()]
    while "READY=1" not in got[-1]:
        got.append(s.notify.recv(4096).decode())
    equal(got[-1].split("\n")[0], "READY=1")


@case("user add: once, again, taken, weak")
def user_add(s):
    base = ["user", "add", "--embedded", os.path.join(s.dir, "pg"), "--login", "second.admin", "--name", "乙"]
    code, out = command(s, *base, "--role", "SYSTEM_ADMIN", "--password-stdin", stdin=city.PASSWORD + "\n")
    equal((code, "Added second.admin" in out), (0, True), out)
    code, out = command(s, *base, "--role", "SYSTEM_ADMIN", stdin="Another-Password-1\n")
    equal((code, "nothing was changed" in out), (0, True), out)
    code, out = command(s, *base, "--role", "AUDITOR", stdin=city.PASSWORD + "\n")
    equal((code, "belongs to another account" in out), (1, True), out)
    code, out = command(s, *base, "--role", "SYSTEM_ADMIN", stdin="short\n")
    equal((code, "12 to 256" in out), (1, True), out)
    code, out = command(s, *base, "--role", "KING", stdin=city.PASSWORD + "\n")
    equal((code, "--role takes a role" in out), (1, True), out)
    code, out = command(s, *base, "--role", "SUPERVISOR", stdin=city.PASSWORD + "\n")
    equal((code, "--region is needed" in out), (1, True), out)


@case("migrate beside the running server finds everything done")
def migrate(s):
    for _ in range(2):
        code, out = command(s, "migrate", "--embedded", os.path.join(s.dir, "pg"))
        equal((code, "has this program's schema" in out), (0, True), out)


@case("a second server on the same folder is refused")
def second(s):
    code, out = command(s, "serve", "--embedded", os.path.join(s.dir, "pg"), "--listen", "127.0.0.1:0")
    equal(code, 1, out)
    equal("start.failed" in out, True, out)


@case("metrics are Prometheus text on a loopback port")
def metrics(s):
    s.tokens.pop("worker", None)
    s.token("worker")
    port = log_says(s, r"event=metrics on=127\.0\.0\.1:(\d+)").group(1)
    text = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30).read().decode()
    for line in ("wangge_serving 1", 'wangge_calls_total{method="/wangge.v1.AuthService/Login",status="OK"}',
                 'wangge_call_seconds_bucket{method="/wangge.v1.AuthService/Login",le="+Inf"}', "wangge_db_lanes_ready ",
                 "process_resident_memory_bytes ", "wangge_build_info{"):
        equal(line in text, True, f"{line} in\n{text}")


@case("a Unix socket serves too")
def unix_socket(s):
    import grpc
    from wangge.v1 import auth_pb2
    import protos
    with grpc.insecure_channel("unix:" + os.path.join(s.dir, "w.sock"), options=[("grpc.default_authority", "wangge")]) as channel:
        login = protos.method(channel, auth_pb2.DESCRIPTOR.services_by_name["AuthService"], "Login")
        answer = login(auth_pb2.LoginRequest(login="worker", password=city.PASSWORD), timeout=30)
    equal(answer.account.login, "worker")


@case("five failures lock a login, known or not, in the same words")
def lock(s):
    from wangge.v1 import auth_pb2
    told = {}
    for login in ("community", "no.such.login"):
        request = auth_pb2.LoginRequest(login=login, password="wrong")
        told[login] = [s.refused(None, "AuthService", "Login", request)[:2] for _ in range(6)]
        code, _, details = s.refused(None, "AuthService", "Login", auth_pb2.LoginRequest(login=login, password=city.PASSWORD))
        equal(code, "RESOURCE_EXHAUSTED")
        equal([d.retry_delay.seconds for d in details if d.DESCRIPTOR.name == "RetryInfo"][0] in range(890, 902), True)
    equal(told["community"], told["no.such.login"])
    equal([code for code, _ in told["community"]], ["UNAUTHENTICATED"] * 5 + ["RESOURCE_EXHAUSTED"])


@case("logging out ends the session's streams")
def logout(s):
    from wangge.v1 import auth_pb2
    stream = watch(s, "acceptor2")
    next(stream)
    s.call("acceptor2", "AuthService", "Logout", auth_pb2.LogoutRequest())
    equal(ending(stream)[0], "UNAUTHENTICATED")
    equal(s.refused("acceptor2", "AuthService", "WhoAmI", auth_pb2.WhoAmIRequest())[0], "UNAUTHENTICATED")


@case("only the officers administer, and nobody without a session")
def officers(s):
    from wangge.v1 import auth_pb2, directory_pb2
    row = directory_pb2.ImportDirectoryRequest()
    row.regions.add(code="230699", name="新区")
    account = directory_pb2.CreateAccountRequest(login="x", name="x", role=8, region_code="2306", password=city.PASSWORD)
    for login in ("supervisor", "secadmin"):
        equal(s.refused(login, "DirectoryService", "ImportDirectory", row)[0], "PERMISSION_DENIED")
    for login in ("supervisor", "sysadmin"):
        equal(s.refused(login, "DirectoryService", "CreateAccount", account)[0], "PERMISSION_DENIED")
    equal(s.refused(None, "AuthService", "WhoAmI", auth_pb2.WhoAmIRequest())[0], "UNAUTHENTICATED")


@case("an import is all or nothing and names what is wrong")
def bad_import(s):
    from wangge.v1 import directory_pb2
    rows = directory_pb2.ImportDirectoryRequest()
    rows.regions.add(code="230698", name="新区")
    rows.organs.add(code="NEW", name="新局", kind=2, region_code="230697")
    code, _, details = s.refused("sysadmin", "DirectoryService", "ImportDirectory", rows)
    fields = [v.field for d in details if d.DESCRIPTOR.name == "BadRequest" for v in d.field_violations]
    equal((code, fields), ("INVALID_ARGUMENT", ["organs[0].region_code"]))
    answer = s.call("sysadmin", "DirectoryService", "ListRegions", directory_pb2.ListRegionsRequest(down_to=2))
    equal("230698" in [r.code for r in answer.regions], False)
    rows.organs[0].region_code = "230698"
    equal(s.call("sysadmin", "DirectoryService", "ImportDirectory", rows).changed, 2)
    equal(s.call("sysadmin", "DirectoryService", "ImportDirectory", rows).changed, 0)
    answer = s.call("sysadmin", "DirectoryService", "ListRegions", directory_pb2.ListRegionsRequest(down_to=2))
    equal([r.initials for r in answer.regions if r.code == "230698"], ["XQ"])


@case("an account is created once; a weak or misplaced one not at all")
def create_account(s):
    from wangge.v1 import directory_pb2

    def request(**changes):
        fields = {"login": "late", "name": "晚来", "role": 5, "region_code": "230604", "organ_code": "RHL-CG",
                  "password": city.PASSWORD}
        return directory_pb2.CreateAccountRequest(**{**fields, **changes})

    first = s.call("secadmin", "DirectoryService", "CreateAccount", request())
    again = s.call("secadmin", "DirectoryService", "CreateAccount", request(password="Another-Password-1"))
    equal(again.account_id, first.account_id)
    equal(s.token("late") != "", True)
    equal(s.refused("secadmin", "DirectoryService", "CreateAccount", request(name="别人"))[0], "ALREADY_EXISTS")
    for field, bad in {"login": "", "name": "", "role": 99, "region_code": "230699", "organ_code": "", "password": "short"}.items():
        code, text, details = s.refused("secadmin", "DirectoryService", "CreateAccount", request(**{field: bad}))
        named = [v.field for d in details if d.DESCRIPTOR.name == "BadRequest" for v in d.field_violations]
        equal((code, named), ("INVALID_ARGUMENT", [field]), text)


@case("SIGHUP takes over a changed file and refuses a bad one")
def reload(s):
    good = list(s.settings)
    s.settings = good + ["log_level = loud"]
    s.config()
    os.kill(s.server.pid, signal.SIGHUP)
    log_says(s, r"event=reload\.refused text=.*wangged\.conf:\d+: log_level is one of")
    s.settings = good + ["log_level = debug", "read_lanes = 7"]
    s.config()
    os.kill(s.server.pid, signal.SIGHUP)
    log_says(s, r"event=reload\.done")
    log_says(s, r"event=reload\.needs_restart key=read_lanes")
    s.call("worker", "AuthService", "WhoAmI", who(s))
    log_says(s, r"level=debug event=call method=/wangge\.v1\.AuthService/WhoAmI")
    s.settings = good


def who(s):
    from wangge.v1 import auth_pb2
    return auth_pb2.WhoAmIRequest()


@case("a database that dies: NOT_SERVING, UNAVAILABLE, and back by itself")
def database_dies(s):
    stream = health_watch(s)
    equal(next(stream).status, SERVING)
    os.kill(pid_of_database(s), signal.SIGKILL)
    equal(next(stream).status, NOT_SERVING)
    log_says(s, r"event=not_serving")
    equal(next(stream).status, SERVING)
    stream.cancel()
    from wangge.v1 import directory_pb2
    proc.wait_until("a call to succeed again", lambda: s.call("worker", "DirectoryService", "ListOrgans",
                                                              directory_pb2.ListOrgansRequest()).organs)


def is_stopped(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as f:
        return f.read().rpartition(")")[2].split()[0] == "T"


@case("a frozen database is noticed, calls fail in time, and it comes back")
def database_freezes(s):
    from wangge.v1 import auth_pb2
    import grpc
    stream = health_watch(s)
    equal(next(stream).status, SERVING)
    group = pid_of_database(s)
    # The postmaster first: once it stands still no session can begin that the list below does not have.
    os.kill(group, signal.SIGSTOP)
    proc.wait_until("the postmaster to stand still", lambda: is_stopped(group), every=0.01)
    children = [int(p) for p in subprocess.run(["pgrep", "-P", str(group)], stdout=subprocess.PIPE, text=True).stdout.split()]
    pids = [group] + children
    for pid in children:
        os.kill(pid, signal.SIGSTOP)
    proc.wait_until("every session to stand still", lambda: all(is_stopped(pid) for pid in children), every=0.01)
    try:
        s.method("AuthService", "Login")(auth_pb2.LoginRequest(login="duty", password=city.PASSWORD), timeout=60)
        raise AssertionError("a login succeeded without a database")
    except grpc.RpcError as e:
        equal(e.code().name in ("UNAVAILABLE", "DEADLINE_EXCEEDED"), True, e.details())
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
    proc.wait_until("the server to be serving", s.serving, seconds=60)
    stream.cancel()


@case("SIGTERM: calls under way finish, streams are told, exit code 0")
def drain(s):
    from wangge.v1 import auth_pb2
    stream = watch(s, "supervisor")
    next(stream)
    health = health_watch(s)
    next(health)
    login = s.method("AuthService", "Login")
    calls = []

    def under_way():
        """Logins take a while, but a machine may be quick: more of them are begun until some are seen."""
        if all(c.done() for c in calls):
            equal([c.result().account.login for c in calls], ["worker2"] * len(calls))
            calls[:] = [login.future(auth_pb2.LoginRequest(login="worker2", password=city.PASSWORD), timeout=60) for _ in range(20)]
        return metric(s, "wangge_calls_in_flight") > 5

    proc.wait_until("logins to be under way", under_way, seconds=60, every=0.001)
    os.kill(s.server.pid, signal.SIGTERM)
    equal([c.result().account.login for c in calls], ["worker2"] * len(calls))
    equal(ending(stream)[0], "UNAVAILABLE")
    equal(ending(health)[0], "UNAVAILABLE")
    s.stop()
    with open(s.log, encoding="utf-8") as f:
        text = f.read()
    equal("event=stopped" in text, True, text[-2000:])


def metric(s, name):
    port = log_says(s, r"event=metrics on=127\.0\.0\.1:(\d+)").group(1)
    text = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30).read().decode()
    return float(re.search(rf"^{name} (\S+)$", text, re.M).group(1))


@case("three workers share the port; one that crashes comes back")
def workers(s):
    s.settings += ["workers = 3"]
    s.start()
    log_says(s, r"event=serving worker=2")
    pids = {int(w): int(p) for w, p in re.findall(r"event=worker\.started worker=(\d) pid=(\d+)", s.server.output())}
    equal(sorted(pids), [0, 1, 2])
    os.kill(pids[1], signal.SIGKILL)
    log_says(s, r"event=worker\.ended worker=1 signal=9")
    log_says(s, r"(?s)event=worker\.ended worker=1.*event=serving worker=1")
    import grpc

    def logged_in():
        """Just after a start on a busy machine a write's outcome may be unknown: then it is sent again."""
        try:
            return s.token("worker")
        except grpc.RpcError as e:
            equal(e.code().name, "UNAVAILABLE", e.details())
            return None

    proc.wait_until("a login", logged_in, seconds=60)
    channels = [grpc.insecure_channel(s.address, options=[("grpc.use_local_subchannel_pool", 1)]) for _ in range(12)]
    import protos
    from wangge.v1 import auth_pb2
    service = auth_pb2.DESCRIPTOR.services_by_name["AuthService"]
    for channel in channels:
        answer = protos.method(channel, service, "WhoAmI")(auth_pb2.WhoAmIRequest(), metadata=s.metadata("worker"), timeout=30)
        equal(answer.account.login, "worker")
    # Logged out on one worker, logged out on all.
    s.call("worker", "AuthService", "Logout", auth_pb2.LogoutRequest())

    def refused_everywhere():
        for channel in channels:
            try:
                protos.method(channel, service, "WhoAmI")(auth_pb2.WhoAmIRequest(), metadata=s.metadata("worker"), timeout=30)
                return False
            except grpc.RpcError as e:
                equal(e.code().name, "UNAUTHENTICATED")
        return True
    proc.wait_until("every worker to refuse the token", refused_everywhere)
    for channel in channels:
        channel.close()
    s.stop()
    for pid in pids.values():
        equal(os.path.exists(f"/proc/{pid}"), False)


@case("TLS with a certificate, and none without")
def tls(s):
    import grpc
    import protos
    from wangge.v1 import auth_pb2
    cert, key = os.path.join(s.dir, "cert.pem"), os.path.join(s.dir, "key.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
                    "-out", cert, "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
                   check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    command_line = [s.program, "--embedded", os.path.join(s.dir, "pg"), "--listen", "127.0.0.1:0", "--set", "tls_certificate=" + cert,
                    "--set", "tls_key=" + key]
    server = proc.Proc(command_line, log=os.path.join(s.dir, "tls.log"))
    try:
        port = server.wait_for(re.compile(r"listening on=127\.0\.0\.1:(\d+) speaks=h2\n"), seconds=60).group(1)
        server.wait_for(re.compile(r"event=serving"), seconds=60)
        with open(cert, "rb") as f:
            credentials = grpc.ssl_channel_credentials(f.read())
        with grpc.secure_channel(f"localhost:{port}", credentials) as channel:
            login = protos.method(channel, auth_pb2.DESCRIPTOR.services_by_name["AuthService"], "Login")
            equal(login(auth_pb2.LoginRequest(login="worker", password=city.PASSWORD), timeout=30).account.login, "worker")
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            login = protos.method(channel, auth_pb2.DESCRIPTOR.services_by_name["AuthService"], "Login")
            try:
                login(auth_pb2.LoginRequest(login="worker", password=city.PASSWORD), timeout=30)
                raise AssertionError("clear text was taken on a TLS port")
            except grpc.RpcError as e:
                equal(e.code().name, "UNAVAILABLE")
    finally:
        code = server.stop(seconds=60)
    equal(code, 0)


@case("a database of a newer program is refused")
def newer(s):
    s.settings = [x for x in s.settings if not x.startswith("workers")]
    s.start()
    s.psql("insert into schema_migration (version, name, checksum) select max(version) + 1, 'later.sql', max(checksum) "
           "from schema_migration")
    s.stop()
    server = proc.Proc(s.command(), log=os.path.join(s.dir, "newer.log"))
    proc.wait_until("it to give up", lambda: not server.alive(), seconds=60)
    equal(server.child.returncode, 1)
    equal("newer" in server.output(), True, server.output())


def main():
    build = find_build()
    with Stack(build, settings=["metrics = 127.0.0.1:0", "database_timeout_ms = 1500"]) as s:
        pass_on(s)
        return run(s)


def pass_on(s):
    """Start again with a service manager's socket and a Unix listener, whose names need the folder."""
    s.stop()
    s.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    s.notify.settimeout(60)
    s.notify.bind(os.path.join(s.dir, "notify"))
    os.chmod(os.path.join(s.dir, "notify"), 0o666)
    os.environ["NOTIFY_SOCKET"] = os.path.join(s.dir, "notify")
    s.settings.insert(0, "    unix:" + os.path.join(s.dir, "w.sock"))  # goes on with the line "listen"
    s.start()


sys.exit(main())
