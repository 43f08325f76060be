# SPDX-License-Identifier: MIT
"""A whole server for a test: wangged on a fresh embedded cluster in a folder of its own, the small city, an account a role.

    with Stack(build) as stack:
        stack.call("worker", "CaseService", "SubmitCase", request)

Everything is made through the program's own doors (wangged user add, then the API) and gone afterwards. When the server ended
badly, or a sanitizer spoke, leaving the block fails.
"""
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import city
import database
import proc
import protos

SANITIZER = re.compile(r"ERROR: AddressSanitizer|ERROR: LeakSanitizer|runtime error:")
LISTENING = re.compile(r"listening.*?:(\d+)\b")


def uuid7():
    """A UUIDv7 in canonical form."""
    ms = int(time.time() * 1000)
    tail = secrets.randbits(74)
    number = ms << 80 | 7 << 76 | (tail >> 62) << 64 | 2 << 62 | tail & (1 << 62) - 1
    text = f"{number:032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


class Stack:
    def __init__(self, build, settings=(), with_city=True, keep=None):
        """settings: lines for the configuration file; keep: a folder to use and leave instead of a temporary one."""
        self.build = os.path.abspath(build)
        self.program = os.path.join(self.build, "server", "wangged")
        self.settings = list(settings)
        self.with_city = with_city
        self.keep = keep
        self.tokens = {}
        self.server = None
        self.starts = 0

    # --- life ---

    def __enter__(self):
        # Short, because a Unix socket's path has 107 bytes, and open to the postgres user when root starts it.
        self.dir = self.keep or tempfile.mkdtemp(prefix="wg-", dir="/tmp")
        os.makedirs(self.dir, exist_ok=True)
        os.chmod(self.dir, 0o755)
        protos.use(os.path.join(self.dir, "py"))
        try:
            self.start()
            if self.with_city:
                self.make_city()
        except BaseException:
            self.stop(check=False)
            self.remove()
            raise
        return self

    def __exit__(self, kind, value, trace):
        try:
            self.stop(check=kind is None)
        finally:
            self.remove()

    def remove(self):
        if not self.keep:
            shutil.rmtree(self.dir, ignore_errors=True)

    def config(self):
        name = os.path.join(self.dir, "wangged.conf")
        with open(name, "w", encoding="utf-8") as f:
            f.write("\n".join(["listen = 127.0.0.1:0", *self.settings, ""]))
        return name

    def command(self, *args):
        return [self.program, *args, "--config", self.config(), "--embedded", os.path.join(self.dir, "pg")]

    def start(self):
        import grpc
        # A log of its own for each start: its first line "listening" is this start's.
        self.starts += 1
        self.log = os.path.join(self.dir, f"wangged-{self.starts}.log")
        if os.path.exists(self.log):
            os.unlink(self.log)  # of an earlier run in a folder that is kept
        self.server = proc.Proc(self.command(), log=self.log)
        self.port = int(self.server.wait_for(LISTENING, seconds=120).group(1))
        self.address = f"127.0.0.1:{self.port}"
        self.channel = grpc.insecure_channel(self.address)
        proc.wait_until("the server to be serving", self.serving, seconds=60)

    def psql(self, sql):
        """Run SQL on the running cluster as its superuser; return what psql prints, unaligned."""
        with open(os.path.join(self.dir, "pg", "data", "postmaster.pid"), encoding="utf-8") as f:
            lines = f.read().split("\n")
        done = subprocess.run([*database.as_postgres(), "psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-h", lines[4].strip(),
                               "-p", lines[3].strip(), "-U", "postgres", "-d", "wangge", "-c", sql], cwd="/", stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, text=True, check=True)
        return done.stdout.strip()

    def serving(self):
        import grpc
        from grpc.health.v1 import health_pb2
        service = health_pb2.DESCRIPTOR.services_by_name["Health"]
        try:
            answer = protos.method(self.channel, service, "Check")(health_pb2.HealthCheckRequest(), timeout=5)
        except grpc.RpcError:
            return False
        return answer.status == health_pb2.HealthCheckResponse.SERVING

    def stop(self, check=True):
        if not self.server:
            return
        if hasattr(self, "channel"):
            self.channel.close()
        output = self.server.output()
        code = self.server.stop(seconds=60)
        with open(self.log, encoding="utf-8", errors="replace") as f:
            output = f.read()
        self.server = None
        self.end_cluster()
        if check and (code != 0 or SANITIZER.search(output)):
            raise AssertionError(f"wangged ended with {code}:\n{output[-20000:]}")

    def end_cluster(self):
        """A server that was killed leaves its cluster running for the next start to adopt; here there is none."""
        try:
            with open(os.path.join(self.dir, "pg", "data", "postmaster.pid"), encoding="ascii") as f:
                pid = int(f.readline())
            os.kill(pid, signal.SIGINT)
        except (OSError, ValueError):
            return
        proc.wait_until("the cluster to end", lambda: not os.path.exists(f"/proc/{pid}"), seconds=30)

    # --- accounts and the city ---

    def add_user(self, login, role, name, region=city.CITY):
        """wangged user add: the first administrators, who cannot come through the API."""
        subprocess.run([*self.command("user", "add"), "--login", login, "--role", role, "--name", name, "--region", region,
                        "--password-stdin"],
                       input=city.PASSWORD + "\n", text=True, check=True, stdout=subprocess.DEVNULL)

    def make_city(self):
        from wangge.v1 import directory_pb2
        self.add_user("sysadmin", "SYSTEM_ADMIN", "系统管理员")
        self.add_user("secadmin", "SECURITY_ADMIN", "安全管理员")
        self.call("sysadmin", "DirectoryService", "ImportDirectory", city.directory(directory_pb2), timeout=60)
        for login, (name, role, region, organ) in city.ACCOUNTS.items():
            self.call("secadmin", "DirectoryService", "CreateAccount", directory_pb2.CreateAccountRequest(
                login=login, name=name, role=role, region_code=region, organ_code=organ, password=city.PASSWORD,
                keep_password=True), timeout=60)

    # --- calls ---

    def method(self, service, name):
        import importlib
        module = importlib.import_module("wangge.v1." + service.removesuffix("Service").lower() + "_pb2")
        return protos.method(self.channel, module.DESCRIPTOR.services_by_name[service], name)

    def token(self, login):
        if login not in self.tokens:
            from wangge.v1 import auth_pb2
            answer = self.method("AuthService", "Login")(auth_pb2.LoginRequest(login=login, password=city.PASSWORD), timeout=60)
            self.tokens[login] = answer.token
        return self.tokens[login]

    def metadata(self, login):
        return (("authorization", "Bearer " + self.token(login)),) if login else ()

    def call(self, login, service, name, request, timeout=30):
        """Call as an account (None: without a session); raises grpc.RpcError."""
        return self.method(service, name)(request, timeout=timeout, metadata=self.metadata(login))

    def refused(self, login, service, name, request):
        """Call, expecting a refusal; return (status name, message, [details unpacked])."""
        import grpc
        try:
            self.call(login, service, name, request)
        except grpc.RpcError as e:
            return e.code().name, e.details(), self.details(e)
        raise AssertionError(f"{service}.{name} was not refused")

    @staticmethod
    def details(error):
        from google.protobuf import symbol_database
        from google.rpc import error_details_pb2, status_pb2  # noqa: F401 - registers the types
        found = []
        for key, value in error.trailing_metadata() or ():
            if key == "grpc-status-details-bin":
                for packed in status_pb2.Status.FromString(value).details:
                    kind = symbol_database.Default().GetSymbol(packed.type_url.rpartition("/")[2])
                    found.append(kind.FromString(packed.value))
        return found


def find_build():
    """The build folder a test was given as its first argument."""
    if len(sys.argv) < 2:
        sys.exit(f"usage: {sys.argv[0]} BUILD")
    if not os.path.exists(os.path.join(sys.argv[1], "server", "wangged")):
        print("wangged is not built")
        sys.exit(1 if os.environ.get("WANGGE_COMPLETE") else 77)
    return sys.argv[1]
