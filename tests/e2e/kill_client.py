#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""kill -9 of the client around every step of its outbox: what was saved is delivered once. kill_client.py BUILD DRIVER

The driver saves and delivers incidents, is killed at a point, started on the same outbox, killed once more, started again. The
control is somebody who has no keys: she types everything again that was not confirmed before the kill, and makes doubles.
"""
import collections
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import database  # noqa: E402
import proc  # noqa: E402
from cases import case, equal, run  # noqa: E402
from faults import Callers, FaultStack  # noqa: E402
from stack import find_build  # noqa: E402

INCIDENTS = 24
# The point, and at which pass of each life. The first thing a connection sends holds no request.
POINTS = [
    ("outbox.inserted", (1, 6)),
    ("outbox.enqueued", (1, 6)),
    ("outbox.claimed", (1, 2)),
    ("channel.sent", (2, 2)),
    ("outbox.answered", (1, 4)),
    ("outbox.finished", (1, 4)),
]
CONTROLS = [("channel.sent", 3), ("outbox.answered", 2)]


def command(s, name, failpoint=None, outbox=None, n=INCIDENTS):
    """The arguments and the environment of a driver."""
    env = {**os.environ, "WANGGE_TEST_TOKEN": s.token("worker")}
    env.pop("WANGGE_FAILPOINT", None)
    if failpoint:
        env["WANGGE_FAILPOINT"] = failpoint
    return [s.driver, os.path.join(s.dir, (outbox or name) + ".db"), s.address, name, str(n)], env


def words(output):
    """The words of the lines a driver printed, by their first word."""
    found = collections.defaultdict(list)
    for line in output.splitlines():
        word, *rest = line.split(" ")
        found[word].append(rest)
    return found


def drive(s, name, failpoint=None, **kw):
    """Run a driver to its end, which is the kill if it has a failpoint; return words()."""
    argv, env = command(s, name, failpoint, **kw)
    done = subprocess.run(argv, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=120)
    equal(done.returncode, -9 if failpoint else 0, f"the driver's end ({done.stderr})")
    return words(done.stdout)


def stored(s, name):
    """What is in the database: {text: [(request, case)]}."""
    found = collections.defaultdict(list)
    for text, request, case_id in database.sql(s, "select c.description, e.request_id, c.id from case_file c"
                                        f" join case_event e on e.case_id = c.id where c.description like '{name}-%'"):
        found[text].append((request, case_id))
    return found


def kill_at(point, passes):
    @case(f"client killed at {point}")
    def body(s):
        saved = []
        for nth in passes:
            saved += drive(s, point, f"{point}:{nth}")["saved"]
        saved += drive(s, point)["saved"]
        there = stored(s, point)
        lost = sum(1 for i in range(INCIDENTS) if f"{point}-{i}" not in there)
        lost += sum(1 for request, case_id, text in saved if (request, case_id) not in there[text])
        doubled = sum(len(copies) - 1 for copies in there.values() if copies)
        print(f"{point}: lost {lost}, doubled {doubled}; {INCIDENTS} incidents, {len(passes)} kills, {len(saved)} confirmed as saved")
        equal((lost, doubled, len(there)), (0, 0, INCIDENTS))
        database.verify(s)


def control_at(point, nth):
    @case(f"control without the key at {point}")
    def body(s):
        name = "control." + point
        printed = drive(s, name, f"{point}:{nth}")
        confirmed = {request for request, _ in printed["delivered"]}
        again = [text for request, _, text in printed["saved"] if request not in confirmed]
        # What was on its way may still arrive: the server answers a later call on the lane after it.
        Callers(s, name + ".after", 8, threads=8).wait()
        callers = Callers(s, name, texts=again)
        callers.wait()
        doubled = sum(len(copies) - 1 for copies in stored(s, name).values())
        print(f"{point}: control doubles {doubled}")
        equal(doubled > 0, True, "the control has to find doubles")
        database.verify(s)


@case("two clients on one outbox, one of them killed")
def shared(s):
    argv, env = command(s, "left", outbox="shared")
    left = proc.Proc(argv, env=env, log=os.path.join(s.dir, "left.log"))
    both = {"outbox": "shared", "n": 2 * INCIDENTS}  # whoever of the two saves how many
    right = drive(s, "right", "outbox.claimed:1", **both)
    right["saved"] += drive(s, "right", **both)["saved"]
    proc.wait_until("the other client to end", lambda: not left.alive(), 120)
    equal(left.stop(), 0, "the other client's end: " + left.output())
    saved = right["saved"] + words(left.output())["saved"]
    there = {**stored(s, "left"), **stored(s, "right")}
    lost = sum(1 for request, case_id, text in saved if (request, case_id) not in there.get(text, ()))
    requests = [request for copies in there.values() for request, _ in copies]
    doubled = len(requests) - len(set(requests))
    print(f"shared: lost {lost}, doubled {doubled}; {len(saved)} confirmed as saved")
    equal((lost, doubled), (0, 0))
    database.verify(s)


for point, passes in POINTS:
    kill_at(point, passes)
for point, nth in CONTROLS:
    control_at(point, nth)


def main():
    build = find_build()
    with FaultStack(build) as s:
        s.driver = sys.argv[2]
        return run(s)


sys.exit(main())
