#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""kill -9 of the server around every step of intake: nothing is lost, nothing is there twice. kill_server.py BUILD

Eight callers submit while the server is killed at a point, started again, killed at the point once more and started again. They
send again under the same key until they are answered. The control does so under a new key: at the points behind the commit it has
to find doubles, or the kills would prove nothing.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import city  # noqa: E402
import database  # noqa: E402
from cases import case, equal, run  # noqa: E402
from faults import Callers, FaultStack, check_exact, count, replayed  # noqa: E402
from stack import find_build  # noqa: E402

INCIDENTS = 48
# The point, and at which pass of each life of the server.
POINTS = [
    ("intake.decoded", (1, 7)),
    ("unit.packed.number_lease", (1, 2)),
    ("unit.sent.number_lease", (1, 2)),
    ("unit.answered.number_lease", (1, 2)),
    ("intake.numbered", (1, 7)),
    ("unit.packed.case_write", (1, 3)),
    ("unit.sent.case_write", (1, 3)),
    ("unit.answered.case_write", (1, 3)),
    ("intake.written", (1, 7)),
    ("intake.replied", (1, 7)),
]
BEHIND_COMMIT = ("unit.answered.case_write", "intake.written", "intake.replied")


def submit_through(s, point, passes, name, keyed=True):
    """Let callers submit while the server dies at the point, once for each of the passes."""
    s.kill()
    s.start(f"{point}:{passes[0]}")
    callers = Callers(s, name, INCIDENTS, keyed=keyed)
    for nth in [*passes[1:], None]:
        s.wait_killed(callers.through)
        s.start(nth and f"{point}:{nth}", wait=nth is None)
    callers.wait()
    return callers


def kill_at(point, passes):
    @case(f"killed at {point}")
    def body(s):
        callers = submit_through(s, point, passes, point)
        lost, doubled = check_exact(s, callers)
        print(f"{point}: lost {lost}, doubled {doubled}; {INCIDENTS} incidents, {len(passes)} kills, "
              f"{callers.errors.total()} calls cut off, {replayed(callers)} answered again")


def control_at(point):
    @case(f"control without the key at {point}")
    def body(s):
        callers = submit_through(s, point, (3,), "control." + point, keyed=False)
        lost, doubled = count(s, callers)
        print(f"{point}: control doubles {doubled}, lost {lost}")
        equal(lost, 0, "lost")
        equal(doubled > 0, True, "the control has to find doubles")
        database.verify(s)


def no_points_in(program):
    @case(f"no failpoints in {os.path.basename(program)}")
    def body(s):
        with open(os.path.join(s.build, program), "rb") as f:
            equal(b"WANGGE_FAILPOINT" in f.read(), False)


def unrecorded(s):
    """Tokens that were made without a row of the audit, and rows without a token."""
    made = set(r[0] for r in database.sql(s, "select id::text from account_credential"))
    told = set(r[0] for r in database.sql(s, "select substr(text, 7, 36) from audit_row where kind = 3 and text like 'token %'"))
    return made - told, told - made


def count_of(s):
    return int(database.sql(s, "select count(*) from account_credential")[0][0])


@case("an administrator's act and its row in the audit: both, or neither")
def administrator(s):
    import grpc
    from wangge.v1 import account_pb2, directory_pb2
    s.call("secadmin", "DirectoryService", "CreateAccount", directory_pb2.CreateAccountRequest(
        login="outside", name="对接", role=11, source_code="S1", region_code="230604", password=city.PASSWORD, keep_password=True))
    for nth in (1, 4):
        s.kill()
        s.start(f"execute.answered.credential_add:{nth}")
        for i in range(nth):
            try:
                s.call("secadmin", "AccountService", "CreateServiceToken",
                       account_pb2.CreateServiceTokenRequest(login="outside", label=f"{nth}.{i}"), timeout=60)
            except grpc.RpcError:
                equal(i, nth - 1, "the call that was cut off")
        s.wait_killed(lambda: False)
        s.start()
    equal(count_of(s), 5, "tokens made, two of them never answered")
    equal(unrecorded(s), (set(), set()), "tokens without a row, rows without a token")
    # The control: an act past the server, which the comparison has to find.
    database.sql(s, "insert into account_credential (id, account_id, kind, hash, label, created_at) select gen_random_uuid(), account_id,"
                    " kind, sha256('control'), 'control', now() from account_credential limit 1")
    equal([len(x) for x in unrecorded(s)], [1, 0], "an act without a row is found")


for point, passes in POINTS:
    kill_at(point, passes)
for point in BEHIND_COMMIT:
    control_at(point)
for program in ("server/wangged", "client/cli/wangge", "client/demo/wangge-demo"):
    no_points_in(program)


def main():
    with FaultStack(find_build()) as s:
        failed = run(s)
        s.kill()  # the last one that has to survive it
        s.start()
    return failed


sys.exit(main())
