#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the server does by itself when the time has come: hundreds of cases are due at once, four workers are at it, are killed in the
middle and started again; each case gets its step exactly once. Lights are told once. timers.py BUILD

The control puts a second step into the events and takes one away: the count has to find both, or it would prove nothing.
"""
import datetime
import os
import re
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import database  # noqa: E402
import proc  # noqa: E402
from cases import case, equal, run  # noqa: E402
from faults import FaultStack  # noqa: E402
from stack import find_build, uuid7  # noqa: E402

GRID = "230604001001001"
NOW = datetime.datetime.now(datetime.timezone.utc)
PEOPLE = {"worker": ("王丽", 1, ""), "acceptor": ("孙受理", 3, "RHL-CENTRE"), "dispatcher": ("郑派遣", 4, "RHL-CENTRE"),
          "handler": ("钱承办", 5, "RHL-CG"), "lead": ("冯主任", 6, "RHL-CG")}
RESUME, ARCHIVE, CO_LAPSE = 16, 26, 42
EACH = 100


def pb():
    from wangge.v1 import case_pb2, types_pb2
    return case_pb2, types_pb2


def stamp(ago_s):
    from google.protobuf import timestamp_pb2
    t = timestamp_pb2.Timestamp()
    t.FromDatetime(NOW - datetime.timedelta(seconds=ago_s))
    return t


DAY, HOUR, MINUTE = 86400, 3600, 60


def submission(text, ago_s, **fields):
    case_pb2, _ = pb()
    return case_pb2.SubmitCaseRequest(request_id=uuid7(), case_id=uuid7(), category_code="E0102", grid_code=GRID, description=text,
                                      happened_at=stamp(ago_s), **fields)


def request(action, ago_s, **fields):
    case_pb2, types_pb2 = pb()
    if "approval" in fields:
        fields["approval"] = types_pb2.ApprovalKind.Value("APPROVAL_KIND_" + fields["approval"])
    return case_pb2.ActRequest(request_id=uuid7(), action=types_pb2.Action.Value("ACTION_" + action),
                               happened_at=None if ago_s is None else stamp(ago_s), **fields)


def suspended(text, ago_s, until_ago_s):
    """A case that was suspended ago_s seconds ago, until a moment that has passed."""
    steps = [("acceptor", request("ACCEPT", ago_s + 6)), ("dispatcher", request("DISPATCH", ago_s + 5, organ_code="RHL-CG")),
             ("handler", request("SIGN", ago_s + 4)),
             ("handler", request("REQUEST_SUSPEND", ago_s + 3, reason_code="WEATHER", text="等", until=stamp(until_ago_s))),
             ("lead", request("ENDORSE", ago_s + 2, approval="SUSPEND")), ("dispatcher", request("SUSPEND", ago_s))]
    return submission(text, ago_s + 7), steps


def settled(text, ago_s):
    """A case that was settled on the spot ago_s seconds ago."""
    return submission(text, ago_s + 1), [("worker", request("SETTLE", ago_s, text="已清理"))]


def import_all(s, items):
    """Import histories; each must go in."""
    case_pb2, types_pb2 = pb()

    def messages():
        for i, (first, steps) in enumerate(items):
            req = case_pb2.ImportHistoryRequest(sequence=i + 1, case=first, reporter_name="王丽")
            for who, act in steps:
                name, role, organ = PEOPLE[who]
                req.events.add(act=act, actor=types_pb2.Actor(name=name, role=role, organ_code=organ))
            yield req

    answers = list(s.method("CaseService", "ImportHistory")(messages(), metadata=s.metadata("integration"), timeout=300))
    equal([a.error.message for a in answers if not a.HasField("ok")][:3], [], "refused imports")
    equal(len(answers), len(items), "answers")


def left(s, action):
    """How many cases are due for a step and did not take it yet."""
    where = {RESUME: "state = 6 and suspended_until <= now()",
             ARCHIVE: "state = 10 and closed_at <= now() - interval '30 days'",
             CO_LAPSE: "co_lapse_at < now()"}[action]
    return int(s.psql(f"select count(*) from case_file where {where}"))


COUNT = """
select count(*) filter (where n = 0) || ' ' || coalesce(sum(n - 1) filter (where n > 1), 0)
from (
    select c.id, count(e.case_id) as n
    from case_file c
    left join case_event e on e.case_id = c.id and e.action = {action} and not e.imported
    where c.description like '{name}-%'
    group by c.id
) x"""


def count(s, name, action):
    """(lost, doubled): cases without the server's step, and steps beyond the first."""
    lost, doubled = s.psql(COUNT.format(name=name, action=action)).split()
    return int(lost), int(doubled)


def restart(s, *settings, failpoint=None):
    s.kill_all()
    s.settings = list(settings)
    s.start(failpoint, wait=failpoint is None)


class TimerStack(FaultStack):
    def children(self):
        with open(f"/proc/{self.server.pid}/task/{self.server.pid}/children", encoding="ascii") as f:
            return [int(p) for p in f.read().split()]

    def kill_all(self):
        """The server and its workers at once; the cluster goes on."""
        postmaster = database.postmaster(self)
        for pid in [self.server.pid, *(p for p in self.children() if p != postmaster)] if self.server.alive() else []:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.server.child.wait()


def fill(s, name):
    """EACH suspended cases whose day has come and EACH that are to be archived."""
    import_all(s, [suspended(f"{name}-suspended-{i}", 10 * DAY, 5 * DAY) for i in range(EACH)] +
               [settled(f"{name}-settled-{i}", 40 * DAY) for i in range(EACH)])
    equal((left(s, RESUME), left(s, ARCHIVE)), (EACH, EACH), "due")


def check(s, name):
    proc.wait_until("everything due to be done", lambda: left(s, RESUME) + left(s, ARCHIVE) == 0, seconds=120)
    found = {a: count(s, f"{name}-{what}", a) for a, what in ((RESUME, "suspended"), (ARCHIVE, "settled"))}
    lost, doubled = (sum(v[i] for v in found.values()) for i in (0, 1))
    print(f"{name}: {2 * EACH} due at once, lost {lost}, doubled {doubled}")
    equal((lost, doubled), (0, 0), "lost, doubled")
    database.verify(s)


@case("four workers: each due case takes its step exactly once")
def four_workers(s):
    restart(s, "timers = off")
    fill(s, "four")
    restart(s, "workers = 4", "timer_poll_ms = 100", "timer_lease_ms = 1000")
    check(s, "four")


@case("the server's step: nobody's, at the time that was set, and the clock runs again")
def what_it_wrote(s):
    row = s.psql("select e.actor_role, e.actor_id, c.state, c.due_at is not null, e.happened_at = e.until or e.until is null,"
                 " abs(extract(epoch from e.happened_at - now() + interval '5 days')) < 3600"
                 " from case_file c join case_event e on e.case_id = c.id and e.action = 16"
                 " where c.description = 'four-suspended-0'")
    equal(row, "0|00000000-0000-0000-0000-000000000000|5|t|t|t")


@case("four workers without the lease: they race, and still nothing is done twice")
def no_lease(s):
    restart(s, "timers = off")
    fill(s, "race")
    # Whoever asks has the lease: the claim is taken away.
    s.psql("create function nobody_holds() returns trigger language plpgsql as $$ begin new.until := '-infinity'; return new; end $$;"
           "create trigger nobody_holds before insert or update on timer_lease for each row execute function nobody_holds()")
    restart(s, "workers = 4", "timer_poll_ms = 50", "timer_lease_ms = 1000")
    check(s, "race")
    s.psql("drop trigger nobody_holds on timer_lease; drop function nobody_holds()")


@case("killed between the steps of a catch-up, and started again; then workers that die one after the other, and all at once")
def killed(s):
    restart(s, "timers = off")
    fill(s, "killed")
    for point in ("unit.sent.case_write:1", "unit.answered.case_write:1"):
        restart(s, "timer_poll_ms = 100", "timer_lease_ms = 1000", failpoint=point)
        s.wait_killed(lambda: left(s, RESUME) + left(s, ARCHIVE) == 0)
    print(f"killed twice with {left(s, RESUME) + left(s, ARCHIVE)} of {2 * EACH} left")
    restart(s, "workers = 4", "timer_poll_ms = 100", "timer_lease_ms = 1000", failpoint="unit.packed.case_write:1")
    s.server.wait_for(re.compile(r"signal=9"), seconds=60)
    restart(s, "workers = 4", "timer_poll_ms = 100", "timer_lease_ms = 1000")
    check(s, "killed")


@case("control: a second step and a missing one are found")
def control(s):
    row = ("insert into case_event (case_id, version, request_id, request_hash, happened_at, arrived_at, grid_code, cohort_day,"
           " category_id, prev_category_id, action, from_state, to_state, check_result, stock_before, stock_after, flow, actor_role,"
           " imported, actor_id, actor_name) select case_id, version + 1, gen_random_uuid(), request_hash, happened_at, arrived_at,"
           " grid_code, cohort_day, category_id, prev_category_id, action, from_state, to_state, check_result, stock_before,"
           " stock_after, flow, actor_role, imported, actor_id, actor_name from case_event e where action = 16 and not imported"
           " and case_id = (select id from case_file where description = 'four-suspended-1');")
    doubled = s.psql(f"begin; {row} {COUNT.format(name='four-suspended', action=RESUME)}; rollback")
    equal(doubled, "0 1", "with a step put in again under another key")
    lost = s.psql("begin; update case_file set description = 'four-suspended-x' where description = 'four-settled-0';"
                  f"{COUNT.format(name='four-suspended', action=RESUME)}; rollback")
    equal(lost, "1 0", "with a case that has none")


class Live:
    """A case made by calls, with times in the past."""

    def __init__(self, s, text, ago_s, **fields):
        self.s = s
        answer = s.call("worker", "CaseService", "SubmitCase", submission(text, ago_s, **fields))
        self.id, self.version = answer.case_id, answer.version

    def act(self, login, action, ago_s, **fields):
        req = request(action, ago_s, **fields)
        req.case_id, req.expected_version = self.id, self.version
        self.version = self.s.call(login, "CaseService", "Act", req).case.version
        return self

    def event(self, action, seconds=60):
        return proc.wait_until(f"event {action}", lambda: self.s.psql(
            f"select version from case_event where case_id = '{self.id}' and action = {action}"), seconds)

    def lights(self):
        """Of the handling and the overall clock: accepting, too, may be overdue before the test accepts."""
        return self.s.psql("select kind || ':' || clock || ':' || coalesce(organ_id > 0, false) from notice"
                           f" where case_id = '{self.id}' and event_version = 0 and clock in (3, 5) order by id").split()


@case("a helping organ that lets its time pass lapses, and the lead organ may feed back")
def lapse(s):
    c = Live(s, "lapse", 3 * DAY).act("acceptor", "ACCEPT", 3 * DAY - 10).act("dispatcher", "DISPATCH", 3 * DAY - 20, organ_code="RHL-CG")
    c.act("handler", "SIGN", 3 * DAY - 30)
    c.act("dispatcher", "WHISTLE", 3 * DAY - 40, organ_code="RHL-XF", until=stamp(2 * DAY))
    c.version = int(c.event(CO_LAPSE))
    equal(left(s, CO_LAPSE), 0, "left")
    c.act("handler", "FEED_BACK", None, text="已处置")


@case("lights: yellow and red are told once, to whoever holds the case")
def lights(s):
    near = Live(s, "near", 210 * MINUTE, urgency=3).act("acceptor", "ACCEPT", 205 * MINUTE).act(
        "dispatcher", "DISPATCH", 200 * MINUTE, organ_code="RHL-CG")
    late = Live(s, "late", 29 * DAY, urgency=3).act("acceptor", "ACCEPT", 29 * DAY - 1).act(
        "dispatcher", "DISPATCH", 29 * DAY - 2, organ_code="RHL-CG")
    due = "select count(*) from case_file where next_light_at <= now()"
    proc.wait_until("the lights to be lit", lambda: s.psql(due) == "0" and len(late.lights()) == 2 and near.lights(), seconds=60)
    equal(near.lights(), ["2:3:true"], "80 % of the handling limit")
    # The overall limit was exceeded when the case came: a timer may find that before it is dispatched, and then tells the centre.
    lit = sorted(late.lights())
    equal((lit[0], lit[1][:3]), ("3:3:true", "3:5"), "handling and overall limit exceeded")
    # Looked at again by everybody: nothing is told twice.
    s.psql(f"update case_file set next_light_at = now() - interval '29 days' where id = '{late.id}'")
    proc.wait_until("the second look", lambda: s.psql(due) == "0", seconds=60)
    equal(len(late.lights()), 2, "told again")


@case("a case the gate refuses is left alone and holds up nobody")
def refused(s):
    import_all(s, [suspended(f"ahead-{i}", 10 * DAY, -30 * DAY) for i in range(70)])
    # What timers see is moved away from what the gate knows: these are not due yet, and more than a batch.
    s.psql("update case_file set suspended_until = now() - interval '6 days' where description like 'ahead-%'")
    import_all(s, [suspended(f"refused-{i}", 10 * DAY, 5 * DAY) for i in range(20)])
    proc.wait_until("those behind the refused ones", lambda: count(s, "refused", RESUME) == (0, 0), seconds=60)
    equal(count(s, "ahead", RESUME), (70, 0), "refused ones that moved")
    equal(s.psql("select count(*) from timer_refusal r join case_file c on c.id = r.case_id where c.description like 'ahead-%'"), "70")


@case("a case that cannot be read is logged and holds up nobody")
def unreadable(s):
    import_all(s, [suspended(f"broken-{i}", 10 * DAY, -30 * DAY) for i in range(3)])
    import_all(s, [suspended(f"behind-{i}", 10 * DAY, -30 * DAY) for i in range(10)])
    s.psql("update case_file set gate_data = '\\x00', suspended_until = now() - interval '6 days', next_light_at = now() - interval '1 day'"
           " where description like 'broken-%'")
    s.psql("update case_file set suspended_until = now() - interval '6 days' where description like 'behind-%'")
    # The gate refuses those behind (it knows another time): what counts is that it was asked at all.
    noted = "select count(*) from timer_refusal r join case_file c on c.id = r.case_id where c.description like '{}-%'"
    proc.wait_until("all of them to be looked at", lambda: (s.psql(noted.format("broken")), s.psql(noted.format("behind"))) == ("3", "10"), 60)
    proc.wait_until("their lights to be put off", lambda: s.psql(
        "select count(*) from case_file where description like 'broken-%' and next_light_at > now() + interval '30 minutes'") == "3", 60)
    equal("case.unreadable" in s.server.output(), True, "the log names them")
    number = s.psql("select number from case_file where description = 'broken-0'")
    equal(s.psql(f"select count(*) from case_event e join case_file c on c.id = e.case_id where c.number = {number} and not e.imported"), "0")


def main():
    with TimerStack(find_build()) as s:
        failed = run(s)
        s.kill_all()
        s.settings = []
        s.start()
    return failed


sys.exit(main())
