#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""wangge-demo load against a stock gRPC server that answers as a wangged would, or breaks, refuses, answers out of turn.

demo_load.py WANGGE-DEMO
"""
import concurrent.futures
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
import grpc  # noqa: E402
import protos  # noqa: E402
from cases import case, equal, run  # noqa: E402

TOTAL = 35414
FIRST = 35001  # where most cases start, to keep them short
SECRETS = {
    "WANGGE_DEMO_SYSADMIN": "root.sys", "WANGGE_DEMO_SYSADMIN_PASSWORD": "pw-of-root-sys",
    "WANGGE_DEMO_SECADMIN": "root.sec", "WANGGE_DEMO_SECADMIN_PASSWORD": "pw-of-root-sec",
    "WANGGE_DEMO_PASSWORD": "pw-of-the-demo-city",
}


class Fake:
    """A server that keeps what it was sent. The fields below change how it behaves."""

    def __init__(self):
        from wangge.v1 import auth_pb2, case_pb2, directory_pb2
        self.auth, self.case, self.directory = auth_pb2, case_pb2, directory_pb2
        self.calls = []
        self.items = {}      # request_id: bytes without the sequence
        self.parts = []
        self.accounts = []
        self.streams = 0
        self.break_after = {}  # number of the stream: after how many answers it breaks
        self.refuse = set()    # sequences
        self.skip = None       # a sequence that is not answered
        self.server = grpc.server(concurrent.futures.ThreadPoolExecutor(4))
        self.port = self.server.add_insecure_port("127.0.0.1:0")
        self.server.add_generic_rpc_handlers([
            self.handlers(auth_pb2, "AuthService", {"Login": self.login, "Logout": self.logout}),
            self.handlers(directory_pb2, "DirectoryService",
                          {"ImportDirectory": self.import_directory, "CreateAccount": self.create_account}),
            self.handlers(case_pb2, "CaseService", {"ImportHistory": self.import_history}),
        ])
        self.server.start()

    @staticmethod
    def handlers(module, service, methods):
        from google.protobuf import symbol_database
        described = module.DESCRIPTOR.services_by_name[service]
        made = {}
        for name, fn in methods.items():
            prototype = symbol_database.Default().GetPrototype
            make = grpc.stream_stream_rpc_method_handler if name == "ImportHistory" else grpc.unary_unary_rpc_method_handler
            made[name] = make(fn, request_deserializer=prototype(described.methods_by_name[name].input_type).FromString,
                              response_serializer=lambda m: m.SerializeToString())
        return grpc.method_handlers_generic_handler(described.full_name, made)

    def caller(self, context):
        return dict(context.invocation_metadata()).get("authorization")

    def login(self, req, context):
        self.calls.append(("login", req.login, req.password))
        if req.password.startswith("wrong"):
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "Login or password is wrong.")
        return self.auth.LoginResponse(token="token-of-" + req.login)

    def logout(self, _req, context):
        self.calls.append(("logout", self.caller(context)))
        return self.auth.LogoutResponse()

    def import_directory(self, req, context):
        self.calls.append(("directory", self.caller(context)))
        self.parts.append(req)
        return self.directory.ImportDirectoryResponse(changed=len(req.regions))

    def create_account(self, req, context):
        self.calls.append(("account", self.caller(context)))
        self.accounts.append(req)
        return self.directory.CreateAccountResponse(account_id="00000000-0000-7000-8000-000000000000")

    def import_history(self, requests, context):
        self.calls.append(("history", self.caller(context)))
        number = self.streams
        self.streams += 1
        answered = 0
        for req in requests:
            if self.break_after.get(number) == answered:
                context.abort(grpc.StatusCode.UNAVAILABLE, "The server is going away.")
            answered += 1
            sequence = req.sequence
            if sequence == self.skip:
                continue
            answer = self.case.ImportHistoryResponse(sequence=sequence)
            if sequence in self.refuse:
                answer.error.code = 9
                answer.error.message = "This grid was not valid on that day."
                yield answer
                continue
            req.ClearField("sequence")
            key, body = req.case.request_id, req.SerializeToString()
            known = self.items.setdefault(key, body)
            if known != body:
                context.abort(grpc.StatusCode.ALREADY_EXISTS, "same key, other body")
            answer.ok.case_id = req.case.case_id
            answer.ok.replayed = known is not body
            yield answer


class State:
    def __init__(self, program):
        self.program = program

    def load(self, fake, *options, env=None):
        """Run the loader; return (exit code, standard output, standard error)."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("WANGGE_")}
        environment.update({"HOME": self.home, "XDG_CONFIG_HOME": self.home, **SECRETS, **(env or {})})
        done = subprocess.run([self.program, "load", "--server", f"127.0.0.1:{fake.port}", *options], env=environment,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120)
        fake.server.stop(None)
        return done.returncode, done.stdout, done.stderr


@case("directory, accounts and history are each loaded by the account that may")
def everything(s):
    fake = Fake()
    code, out, err = s.load(fake, "--from", str(FIRST))
    equal((code, err), (0, ""))
    equal([c[0] for c in fake.calls if c[0] in ("login", "history")], ["login", "login", "login", "history"])
    equal({c[1] for c in fake.calls if c[0] == "directory"}, {"Bearer token-of-root.sys"})
    equal({c[1] for c in fake.calls if c[0] == "account"}, {"Bearer token-of-root.sec"})
    equal({c[1] for c in fake.calls if c[0] == "history"}, {"Bearer token-of-demo.integration"})
    equal([c for c in fake.calls if c[0] == "login"],
          [("login", "root.sys", "pw-of-root-sys"), ("login", "root.sec", "pw-of-root-sec"),
           ("login", "demo.integration", "pw-of-the-demo-city")])
    equal(len([c for c in fake.calls if c[0] == "logout"]), 3, "sessions ended")
    roles = {a.role for a in fake.accounts}
    equal(roles, set(range(1, 15)), "a login for every role")
    equal({a.password for a in fake.accounts}, {"pw-of-the-demo-city"})
    regions = {r.code for p in fake.parts for r in p.regions}
    organs = {o.code for p in fake.parts for o in p.organs}
    for a in fake.accounts:
        equal(a.region_code in regions, True, a.login)
        equal(not a.organ_code or a.organ_code in organs, True, a.login)
    equal(len(fake.items), TOTAL - FIRST + 1)
    equal(f"{TOTAL - FIRST + 1} imported, 0 there already, 0 failed" in out, True, out)


@case("a second load is answered as a repetition")
def again(s):
    fake = Fake()
    first = dict(fake.items)
    equal(s.load(fake, "--from", str(FIRST), "--skip", "directory", "--skip", "accounts")[0], 0)
    second = Fake()
    second.items = dict(fake.items)
    code, out, _ = s.load(second, "--from", str(FIRST), "--skip", "directory", "--skip", "accounts")
    equal(first, {})
    equal(code, 0)
    equal(second.items, fake.items, "the same bytes under the same keys")
    equal(f"0 imported, {TOTAL - FIRST + 1} there already, 0 failed" in out, True, out)


@case("a broken stream is taken up after the last answer")
def broken(s):
    fake = Fake()
    fake.break_after = {0: 100, 1: 0, 2: 57}
    code, out, err = s.load(fake, "--from", str(FIRST), "--skip", "directory", "--skip", "accounts")
    equal((code, err), (0, ""))
    equal(fake.streams, 4)
    equal(len(fake.items), TOTAL - FIRST + 1, "nothing lost, nothing doubled")


@case("an item that fails is shown and the rest goes on")
def failing(s):
    fake = Fake()
    fake.refuse = {FIRST + 3, FIRST + 200}
    code, out, err = s.load(fake, "--from", str(FIRST), "--skip", "directory", "--skip", "accounts")
    equal(code, 1)
    equal(len(fake.items), TOTAL - FIRST + 1 - 2)
    equal("2 failed" in out, True, out)
    equal(err.splitlines(), [f"wangge-demo: item {n}: This grid was not valid on that day. (code 9)" for n in sorted(fake.refuse)])


@case("an answer out of turn ends the load")
def out_of_turn(s):
    fake = Fake()
    fake.skip = FIRST + 10
    code, _, err = s.load(fake, "--from", str(FIRST), "--skip", "directory", "--skip", "accounts")
    equal(code, 1)
    equal(f"answered item {FIRST + 11} where {FIRST + 10} was due" in err, True, err)
    equal(f"load --from {FIRST + 10}" in err, True, err)


@case("a wrong password is told without the password")
def wrong_password(s):
    fake = Fake()
    code, out, err = s.load(fake, env={"WANGGE_DEMO_SYSADMIN_PASSWORD": "wrong-and-secret"})
    equal((code, out), (1, ""))
    equal("Logging in as root.sys" in err and "Login or password is wrong." in err, True, err)
    equal("wrong-and-secret" in err, False, err)


@case("a missing variable is named")
def missing(s):
    fake = Fake()
    code, out, err = s.load(fake, env={"WANGGE_DEMO_SECADMIN": ""})
    equal(code, 64)
    equal("WANGGE_DEMO_SECADMIN is not set" in err, True, err)


@case("wrong options are usage errors")
def options(s):
    for args, says in ((["load", "--from", "x"], "--from needs a number"), (["load", "--skip", "all"], "--skip takes"),
                       (["generate"], "needs --count"), (["burn"], "no such command"), (["generate", "--count", "1", "--at", "x"],
                       "--at needs a time"), (["generate", "--count", "1", "--region", "99"], "no grid below")):
        done = subprocess.run([s.program, *args], env={"HOME": s.home}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        equal((done.returncode, says in done.stderr), (64, True), done.stderr)


def main():
    home = tempfile.mkdtemp(prefix="wg-demo-")
    try:
        protos.use(os.path.join(home, "py"), *(f"wangge/v1/{n}.proto" for n in ("types", "auth", "case", "directory")),
                   "google/rpc/status.proto")
        state = State(sys.argv[1])
        state.home = home
        return run(state)
    finally:
        shutil.rmtree(home, ignore_errors=True)


sys.exit(main())
