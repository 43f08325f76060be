#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The database dies or stops answering while incidents come in. kill_database.py BUILD

Nothing is lost, nothing is there twice; while it is away health says NOT_SERVING and calls are UNAVAILABLE; when it is back
everything goes on by itself. The control sends again under new keys and has to find doubles.
"""
import os
import signal
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import database  # noqa: E402
import proc  # noqa: E402
from cases import case, equal, run  # noqa: E402
from faults import Callers, FaultStack, check_exact, count, incident, replayed  # noqa: E402
from stack import find_build  # noqa: E402

INCIDENTS = 400
KILLS = 3


def write_backends(s):
    """Processes of the lanes that have written last; none while the database recovers.

    The server may still say serving for the moment between the death of one process and the end of all others."""
    try:
        return [int(pid) for pid, in database.sql(s, "select pid from pg_stat_activity where pid <> pg_backend_pid()"
                                                     " and query like 'with w as materialized%$1::uuid[]%'")]
    except database.Away:
        return []


def serving_again(s):
    proc.wait_until("the server to be serving again", s.serving, 120)


def tell(what, callers, result, kills=KILLS):
    print(f"{what}: lost {result[0]}, doubled {result[1]}; {callers.n} incidents, {kills} kills, "
          f"{callers.errors.total()} calls failed {dict(callers.errors)}, {replayed(callers)} answered again")


@case("kill -9 of the postmaster")
def postmaster(s):
    callers = Callers(s, "postmaster", INCIDENTS)
    for i in range(KILLS):
        callers.wait_answers((i + 1) * INCIDENTS // (KILLS + 2))
        old = database.postmaster(s)
        os.kill(old, signal.SIGKILL)
        proc.wait_until("the server to notice", lambda: not s.serving(), 30, every=0.001)
        serving_again(s)
        equal(database.postmaster(s) != old, True, "another postmaster")
    callers.wait()
    tell("postmaster", callers, check_exact(s, callers))


@case("kill -9 of a process that writes, and the crash recovery that follows")
def backend(s):
    callers = Callers(s, "backend", INCIDENTS)
    kills = 0
    for i in range(KILLS):
        callers.wait_answers((i + 1) * INCIDENTS // (KILLS + 2))
        pids = proc.wait_until("a lane that has written", lambda: write_backends(s), 120)
        os.kill(pids[i % len(pids)], signal.SIGKILL)
        kills += 1
        proc.wait_until("the lane to go", lambda: not os.path.exists(f"/proc/{pids[i % len(pids)]}"), 30)
        serving_again(s)
    callers.wait()
    tell("backend", callers, check_exact(s, callers), kills)


@case("server and postmaster killed together")
def both(s):
    callers = Callers(s, "both", INCIDENTS)
    callers.wait_answers(INCIDENTS // 3)
    pid = database.postmaster(s)
    s.kill()
    os.kill(pid, signal.SIGKILL)
    s.start()
    callers.wait()
    tell("both", callers, check_exact(s, callers), 1)


@case("stopped for a while (SIGSTOP): not serving within two seconds, calls UNAVAILABLE, back by itself")
def stopped(s):
    callers = Callers(s, "stopped", INCIDENTS)
    callers.wait_answers(INCIDENTS // 3)
    pid = database.postmaster(s)
    pids = [int(p) for p, in database.sql(s, "select pid from pg_stat_activity where pid <> pg_backend_pid()")] + [pid]
    noticed, errors = Clock(s), callers.errors.total()
    for p in pids:
        os.kill(p, signal.SIGSTOP)
    try:
        took = noticed.wait()
        proc.wait_until("calls that were under way to fail", lambda: callers.errors.total() > errors, 60)
        equal(submit_code(s), "UNAVAILABLE", "a call while the database is away")
    finally:
        for p in reversed(pids):
            os.kill(p, signal.SIGCONT)
    print(f"stopped: noticed after {took:.2f} s by a watcher of health; calls: {dict(callers.errors)}")
    callers.wait()
    serving_again(s)
    tell("stopped", callers, check_exact(s, callers), 0)


@case("stopped while every lane waits for an answer: noticed as soon")
def busy_and_stopped(s):
    readers = Readers(s, 24)
    callers = Callers(s, "busy", INCIDENTS)
    callers.wait_answers(INCIDENTS // 4)
    pid = database.postmaster(s)
    pids = [int(p) for p, in database.sql(s, "select pid from pg_stat_activity where pid <> pg_backend_pid()")] + [pid]
    noticed = Clock(s)
    for p in pids:
        os.kill(p, signal.SIGSTOP)
    try:
        took = noticed.wait()
        equal(submit_code(s), "UNAVAILABLE", "a call while the database is away")
    finally:
        for p in reversed(pids):
            os.kill(p, signal.SIGCONT)
    print(f"busy and stopped: noticed after {took:.2f} s")
    serving_again(s)
    callers.wait()
    readers.stop()
    tell("busy and stopped", callers, check_exact(s, callers), 0)
    equal(took < 10, True, "noticed by the heartbeat, not when the lanes' patience ends")


@case("idle and stopped: the heartbeat notices")
def idle_and_stopped(s):
    pid = database.postmaster(s)
    pids = [int(p) for p, in database.sql(s, "select pid from pg_stat_activity where pid <> pg_backend_pid()")] + [pid]
    noticed = Clock(s)
    for p in pids:
        os.kill(p, signal.SIGSTOP)
    try:
        took = noticed.wait()
        equal(submit_code(s), "UNAVAILABLE")
    finally:
        for p in reversed(pids):
            os.kill(p, signal.SIGCONT)
    print(f"idle and stopped: noticed after {took:.2f} s")
    serving_again(s)


@case("control without the key: the writing process killed")
def control(s):
    doubled = 0
    for turn in range(10):
        callers = Callers(s, f"control{turn}", 200, keyed=False)
        callers.wait_answers(100)
        # A stopped process has done its part of what it was sent when it goes on and finds nobody to tell.
        s.kill()
        s.start(f"unit.sent.case_write:{turn + 5}", wait=False)
        s.wait_killed(callers.through)
        s.start()
        callers.wait()
        lost, more = count(s, callers)
        equal(lost, 0)
        doubled += more
        if doubled:
            break
    print(f"control doubles {doubled}")
    equal(doubled > 0, True, "the control has to find doubles")


class Readers:
    """Threads that list cases without pause."""

    def __init__(self, s, n):
        from wangge.v1 import case_pb2
        self.ended = threading.Event()
        method = s.method("CaseService", "ListCases")
        metadata = s.metadata("supervisor")

        def read():
            import grpc
            while not self.ended.is_set():
                try:
                    method(case_pb2.ListCasesRequest(page_size=50), timeout=60, metadata=metadata, wait_for_ready=True)
                except grpc.RpcError:
                    self.ended.wait(0.02)
        self.threads = [threading.Thread(target=read, daemon=True) for _ in range(n)]
        for t in self.threads:
            t.start()

    def stop(self):
        self.ended.set()
        for t in self.threads:
            t.join(90)


class Clock:
    """Watches health; wait() returns how long after the making it became NOT_SERVING."""

    def __init__(self, s):
        from grpc.health.v1 import health_pb2
        import protos
        service = health_pb2.DESCRIPTOR.services_by_name["Health"]
        self.stream = protos.method(s.channel, service, "Watch")(health_pb2.HealthCheckRequest(), timeout=60)
        self.not_serving = health_pb2.HealthCheckResponse.NOT_SERVING
        equal(next(self.stream).status, health_pb2.HealthCheckResponse.SERVING)
        self.made = time.monotonic()

    def wait(self):
        for message in self.stream:
            if message.status == self.not_serving:
                took = time.monotonic() - self.made
                self.stream.cancel()
                return took
        raise AssertionError("the watch ended")


def submit_code(s):
    import grpc
    try:
        s.call("worker", "CaseService", "SubmitCase", incident("while away"))
    except grpc.RpcError as e:
        return e.code().name
    return "OK"


def main():
    build = find_build()
    with FaultStack(build) as s:
        return run(s)


sys.exit(main())
