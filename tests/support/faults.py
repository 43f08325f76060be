# SPDX-License-Identifier: MIT
"""A stack whose parts are killed, callers that go on after it, and the count of what became of their incidents.

The server is the build with failpoints (common/base/failpoint.h) on a Unix socket, so that it is found again after a restart.
"""
import collections
import os
import threading

import database
import proc
from stack import Stack, uuid7

GRID = "230604001001001"
# What a caller may see while something is away; everything else is a finding.
TRANSIENT = ("UNAVAILABLE", "DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED")
# Come back at once, and let the tests do the sending again.
CHANNEL = [("grpc.initial_reconnect_backoff_ms", 50), ("grpc.min_reconnect_backoff_ms", 50),
           ("grpc.max_reconnect_backoff_ms", 200), ("grpc.enable_retries", 0)]


def incident(text):
    from wangge.v1 import case_pb2
    return case_pb2.SubmitCaseRequest(request_id=uuid7(), case_id=uuid7(), category_code="E0102", grid_code=GRID, description=text)


class FaultStack(Stack):
    def __init__(self, build, **kw):
        super().__init__(build, **kw)
        self.program = os.path.join(self.build, "server", "wangged_failpoint")
        self.failpoint = None

    def config(self):
        name = os.path.join(self.dir, "wangged.conf")
        with open(name, "w", encoding="utf-8") as f:
            f.write("\n".join([f"listen = unix:{self.dir}/s", *self.settings, ""]))
        return name

    def start(self, failpoint=None, wait=True):
        """Start the server; it kills itself at the failpoint "name:n" if one is given, which callers may lead it to at once."""
        import grpc
        self.starts += 1
        self.log = os.path.join(self.dir, f"wangged-{self.starts}.log")
        env = dict(os.environ)
        env.pop("WANGGE_FAILPOINT", None)
        if failpoint:
            env["WANGGE_FAILPOINT"] = failpoint
        self.server = proc.Proc(self.command(), log=self.log, env=env)
        self.address = f"unix:{self.dir}/s"
        if self.starts == 1:
            self.channel = grpc.insecure_channel(self.address, CHANNEL)
        if wait:
            self.wait_serving()

    def wait_serving(self, seconds=120):
        def look():
            if not self.server.alive():
                raise proc.Gone(f"wangged ended with {self.server.child.returncode}:\n{self.server.output()[-4000:]}")
            return self.serving()
        proc.wait_until("the server to be serving", look, seconds)

    def wait_killed(self, until, seconds=120):
        """Wait until the server died by SIGKILL; fail as soon as until() holds instead."""
        def look():
            if until() and self.server.alive():
                raise AssertionError("the callers were through and the server had not passed its point")
            return not self.server.alive()
        proc.wait_until("the server to die", look, seconds)
        if self.server.child.returncode != -9:
            raise AssertionError(f"wangged ended with {self.server.child.returncode}:\n{self.server.output()[-4000:]}")

    def kill(self):
        """End the server as a power failure would; its cluster goes on and the next start adopts it."""
        if self.server.alive():
            self.server.child.kill()
            self.server.child.wait()


class Callers:
    """Threads that submit one incident after the other and send again whatever was not answered.

    keyed: again with the same ids, as every client must; else with new ones, as a client would that knows nothing of keys.
    """

    def __init__(self, stack, name, n=0, keyed=True, threads=8, login="worker", texts=None):
        """Submit n incidents called name-0 and so on, or the given texts."""
        self.stack, self.name, self.keyed = stack, name, keyed
        self.texts = texts if texts is not None else [f"{name}-{i}" for i in range(n)]
        self.n = len(self.texts)
        self.answers = {}      # text: the answer
        self.errors = collections.Counter()
        self.wrong = []        # what no caller should have seen
        self.give_up = threading.Event()
        self._next = 0
        self._lock = threading.Lock()
        self.metadata = stack.metadata(login)
        self.method = stack.method("CaseService", "SubmitCase")
        self.threads = [threading.Thread(target=self._run, daemon=True) for _ in range(threads)]
        for t in self.threads:
            t.start()

    def _take(self):
        with self._lock:
            if self._next >= self.n:
                return None
            self._next += 1
            return self.texts[self._next - 1]

    def _run(self):
        import grpc
        while (text := self._take()) is not None:
            req = incident(text)
            while not self.give_up.is_set():
                try:
                    answer = self.method(req, timeout=30, metadata=self.metadata, wait_for_ready=True)
                except grpc.RpcError as e:
                    with self._lock:
                        self.errors[e.code().name] += 1
                        if e.code().name not in TRANSIENT:
                            self.wrong.append(f"{text}: {e.code().name} {e.details()}")
                            break
                    if not self.keyed:
                        req.request_id, req.case_id = uuid7(), uuid7()
                    self.give_up.wait(0.02)
                    continue
                with self._lock:
                    self.answers[text] = (req.request_id, answer)
                break

    def through(self):
        return not any(t.is_alive() for t in self.threads)

    def wait(self, seconds=120):
        try:
            proc.wait_until("the callers to be through", self.through, seconds)
        finally:
            self.give_up.set()
        if self.wrong:
            raise AssertionError(f"answers that should not be: {self.wrong[:5]}")

    def wait_answers(self, n, seconds=60):
        proc.wait_until(f"{n} answers", lambda: len(self.answers) >= n or self.through(), seconds)


def count(stack, callers):
    """Return (lost, doubled): incidents answered with success that are not there, and copies beyond the first."""
    there = collections.Counter(text for text, in database.sql(
        stack, f"select description from case_file where description like '{callers.name}-%'"))
    lost = sum(1 for text in callers.answers if there[text] == 0)
    doubled = sum(n - 1 for n in there.values() if n > 1)
    return lost, doubled


def check_exact(stack, callers):
    """Every incident is there exactly once, under its ids, with the number that was answered, and the figures agree."""
    lost, doubled = count(stack, callers)
    rows = database.sql(stack, "select c.id, e.request_id, c.number, c.description, c.version from case_file c"
                     f" join case_event e on e.case_id = c.id where c.description like '{callers.name}-%'")
    if len(callers.answers) != callers.n or (lost, doubled) != (0, 0) or len(rows) != callers.n:
        raise AssertionError(f"{callers.n} incidents: {len(callers.answers)} answered, {len(rows)} events, "
                             f"lost {lost}, doubled {doubled}")
    for case_id, request_id, number, text, version in rows:
        asked, answer = callers.answers[text]
        got = (answer.case_id, asked, answer.number, str(answer.version))
        if got != (case_id, request_id, written(number), version):
            raise AssertionError(f"{text}: answered {got}, stored {(case_id, request_id, written(number), version)}")
    database.verify(stack)
    return lost, doubled


def written(number):
    """A case's number as people write it: the running number has at least four digits."""
    return f"{number[:12]}{int(number[12:]):04d}"


def replayed(callers):
    return sum(1 for _, answer in callers.answers.values() if answer.replayed)

