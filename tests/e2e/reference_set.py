#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Twenty cases of March 2021, each with a story, and what every metric must say of them, worked out on paper. reference_set.py BUILD.

The handling limit is 40 working hours (five working days of 08:00-12:00 and 14:00-18:00), the overall one twice that, a field check
30 working minutes. A to T are counted; the work record U never is. CG and XF are the organs.

At the end of March the cases stand like this:
  closed    A (on the spot) B C H I J K M N O P Q T      13
  open      L (suspended) R (handled, overdue since 10 March)
  undecided S      refused E      voided F G      merged D
  valid     A B C H I J K L M N O P Q R T                15 of 20
"""
import datetime
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from cases import case, equal, run  # noqa: E402
from stack import Stack, find_build, uuid7  # noqa: E402

CHINA = datetime.timezone(datetime.timedelta(hours=8))
GRID = "230604001001001"
PEOPLE = {"worker": ("王丽", 1, ""), "worker2": ("李强", 1, ""), "acceptor": ("孙受理", 3, "RHL-CENTRE"),
          "closer": ("吴受理", 3, "RHL-CENTRE"), "dispatcher": ("郑派遣", 4, "RHL-CENTRE"), "handler": ("钱承办", 5, "RHL-CG"),
          "lead": ("冯主任", 6, "RHL-CG"), "xf": ("沈队长", 6, "RHL-XF"), "duty": ("陈值班", 7, "RHL-CENTRE"),
          "supervisor": ("褚督办", 8, "")}
EXTEND, SUSPEND, VOID, APPEAL = 1, 2, 3, 4


def pb():
    from wangge.v1 import case_pb2, report_pb2, types_pb2
    return case_pb2, report_pb2, types_pb2


def at(text):
    """"3-04 15:00" of 2021."""
    return datetime.datetime.strptime("2021-" + text, "%Y-%m-%d %H:%M").replace(tzinfo=CHINA)


def stamp(text):
    from google.protobuf import timestamp_pb2
    t = timestamp_pb2.Timestamp()
    t.FromDatetime(at(text))
    return t


def to_unit(dispatched, organ="RHL-CG", who="handler", **fields):
    """Accepted the day it was reported, dispatched, signed for an hour later."""
    day, _, clock = dispatched.partition(" ")
    signed = f"{day} {int(clock[:2]) + 1:02d}:{clock[3:]}"
    return [("dispatcher", "DISPATCH", dispatched, {"organ_code": organ, **fields}), (who, "SIGN", signed, {})]


def finish(fed_back, checked, closed, who="handler", answered_after=20):
    """Fed back, checked (answered so many minutes later), closed."""
    answer = (at(checked) + datetime.timedelta(minutes=answered_after)).strftime("%m-%d %H:%M")
    return [(who, "FEED_BACK", fed_back, {}), ("acceptor", "ORDER_FIELD_CHECK", checked, {}),
            ("worker2", "ANSWER_FIELD_CHECK", answer, {"check_result": 1}), ("closer", "CLOSE", closed, {})]


def accepted(when):
    return [("acceptor", "ACCEPT", when, {})]


# letter: (category, channel, reported, what followed)
STORIES = {
    "A": ("E0501", 1, "03-01 10:00", [("worker", "SETTLE", "03-01 10:05", {})]),
    "B": ("E0102", 1, "03-01 08:30", accepted("03-01 09:00") + to_unit("03-02 09:00") +
          finish("03-04 10:00", "03-04 11:00", "03-04 15:00") +
          [("supervisor", "REVISIT", "03-16 10:00", {"check_result": 1, "responded": 1, "solved": 1})]),
    # Late: due on 9 March at 09:00. Its check was answered after three hours.
    "C": ("E0102", 1, "03-01 09:00", accepted("03-01 09:10") + to_unit("03-02 09:00") +
          finish("03-12 10:00", "03-12 11:00", "03-12 16:00", answered_after=240) +
          [("supervisor", "REVISIT", "03-16 11:00", {"check_result": 3})]),
    "D": ("E0102", 1, "03-05 09:00", [("acceptor", "MERGE", "03-05 10:00", {"target": "S"})]),
    "E": ("E0102", 1, "03-03 09:00", [("acceptor", "REFUSE", "03-03 10:00", {"reason_code": "OUT_OF_SCOPE"})]),
    "F": ("E0102", 1, "03-03 09:00", accepted("03-03 09:10") +
          [("acceptor", "REQUEST_VOID", "03-05 09:00", {"reason_code": "FALSE_REPORT"}), ("duty", "VOID", "03-05 10:00", {"reason_code": "FALSE_REPORT"})]),
    "G": ("E0102", 1, "03-03 09:00", [("worker", "RECALL", "03-03 09:30", {})]),
    # Returned by CG, done by XF.
    "H": ("E0102", 1, "03-02 09:00", accepted("03-02 09:10") + [("dispatcher", "DISPATCH", "03-03 09:00", {"organ_code": "RHL-CG"}),
                                                             ("lead", "RETURN", "03-03 11:00", {})] +
          to_unit("03-03 15:00", "RHL-XF", "xf") + finish("03-08 10:00", "03-08 11:00", "03-08 16:00", "xf")),
    "I": ("E0102", 1, "03-02 09:00", accepted("03-02 09:10") + to_unit("03-03 09:00") +
          [("handler", "FEED_BACK", "03-05 10:00", {}), ("acceptor", "REWORK", "03-05 11:00", {})] +
          finish("03-08 10:00", "03-08 11:00", "03-08 15:00")),
    # Closed in March, reopened in April.
    "J": ("E0102", 1, "03-03 09:00", accepted("03-03 09:10") + to_unit("03-04 09:00") +
          finish("03-09 10:00", "03-09 15:00", "03-10 15:00") + [("supervisor", "REOPEN", "04-06 10:00", {"reason_code": "RECURRED"})]),
    "K": ("E0102", 1, "03-02 09:00", accepted("03-02 09:10") + to_unit("03-03 09:00") + [("duty", "FORCE_CLOSE", "03-05 10:00", {})]),
    # Suspended over the end of the month.
    "L": ("E0102", 1, "03-22 08:30", accepted("03-22 09:00") + to_unit("03-23 09:00") +
          [("handler", "REQUEST_SUSPEND", "03-25 14:00", {"reason_code": "SEASON", "until": "04-12 09:00"}),
           ("lead", "ENDORSE", "03-25 15:00", {"approval": SUSPEND}), ("dispatcher", "SUSPEND", "03-25 16:00", {}),
           ("dispatcher", "RESUME", "04-12 09:00", {})] + finish("04-14 10:00", "04-14 11:00", "04-14 16:00")),
    "M": ("E0102", 1, "03-02 08:30", accepted("03-02 09:00") + to_unit("03-03 09:00") +
          [("handler", "REQUEST_EXTEND", "03-08 09:00", {"reason_code": "PARTS", "until": "03-17 09:00"}),
           ("lead", "ENDORSE", "03-08 10:00", {"approval": EXTEND}), ("dispatcher", "EXTEND", "03-08 11:00", {})] +
          finish("03-15 10:00", "03-15 11:00", "03-15 16:00")),
    # Late, but the appeal was granted.
    "N": ("E0102", 1, "03-02 09:00", accepted("03-02 09:10") + to_unit("03-03 09:00") +
          finish("03-11 10:00", "03-11 11:00", "03-11 16:00") +
          [("lead", "APPEAL", "03-12 09:00", {}), ("dispatcher", "ENDORSE", "03-12 15:00", {"approval": APPEAL}),
           ("acceptor", "GRANT_APPEAL", "03-15 09:00", {})]),
    "O": ("E0102", 1, "03-04 09:00", accepted("03-04 09:10") + to_unit("03-05 09:00", co_organ_codes=["RHL-XF"]) +
          [("xf", "CO_REPLY", "03-08 10:00", {})] + finish("03-10 10:00", "03-10 11:00", "03-11 15:00")),
    "P": ("E0102", 2, "03-02 08:30", accepted("03-02 08:40") + to_unit("03-02 09:00") +
          finish("03-03 10:00", "03-03 11:00", "03-04 15:00")),
    "Q": ("D0102", 1, "03-02 09:00", accepted("03-02 09:10") + to_unit("03-03 09:00") +
          [("handler", "FEED_BACK", "03-05 10:00", {}), ("closer", "CLOSE", "03-05 15:00", {"reason_code": "SUCCESS"})]),
    "R": ("D0102", 1, "03-02 09:00", accepted("03-02 09:10") + to_unit("03-03 09:00")),
    "S": ("E0102", 1, "03-04 09:00", []),
    "T": ("E0102", 1, "03-02 09:00", accepted("03-02 09:10") + to_unit("03-03 09:00") +
          finish("03-08 10:00", "03-08 11:00", "03-09 10:00") +
          [("supervisor", "REVISIT", "03-15 10:00", {"check_result": 2, "responded": 2, "solved": 2})]),
    "U": ("Z0101", 1, "03-02 09:00", []),
}

# (metric, variant): (n, d) of March as of 1 April 00:00; letters say who.
END_OF_MARCH = {
    ("K01", ""): (13, 15),
    ("K01", "STOCK"): (13, 15),      # nothing before March
    ("K01", "FLOW"): (13, 16),       # first acceptances: the valid 15 and F
    ("K02", ""): (13, 14),           # without L
    ("K03", ""): (13, 16),           # nothing open on 1 March
    ("K04", ""): (13, 20),
    ("K05", ""): (11, 13),           # B H I J K M N O P Q T; beside them C, and R that was due
    ("K06", ""): (15, 20),
    ("K07", ""): (16, 20),           # the valid ones and F
    ("K08", ""): (15, 16),           # but F
    ("K09", ""): (14, 15),           # 14 cases, H twice; one return
    ("K10", ""): (11, 12),           # B C H I J M N O P Q T; beside them R
    ("K10", "ON_TIME"): (10, 12),    # but C
    ("K11", ""): (12, 13),           # B C H I J K M N O P Q T; beside them R, due on 16 March
    ("K11", "ON_TIME"): (12, 13),
    ("K12", ""): (1, 11),            # I
    ("K12", "RETURN"): (1, 15),      # H
    ("K13", ""): (9, 10),            # B H I J M N O P T; beside them C's
    ("K14", ""): (1, 15),            # P
    ("K15", ""): (2, 15),            # C R
    ("K15", "UNACCEPTED_2D"): (1, 20),   # S
    ("K15", "UNHANDLED_7D"): (1, 15),    # R; L is suspended
    ("K16", "SHARE"): (1, 13),       # A
    ("K16", "NON_SELF"): (12, 14),
    ("K17", ""): (1, 2),             # Q; Q R
    ("K17", "CONCLUDED"): (1, 1),
    ("K17", "HANDLED"): (1, 1),
    ("K18", "RESPONSE"): (1, 2),     # B; B T (nobody was reached for C)
    ("K18", "SOLUTION"): (1, 2),
    ("K18", "SATISFACTION"): (1, 2),
    ("K19", ""): (0, 13),
    ("K20", "PERIOD"): (20, 0),      # nothing in February
    ("I01", ""): (0, 13),
    ("I02", ""): (0, 11),
    ("I03", ""): (1, 13),            # K
    ("I04", ""): (1, 13),            # N
    ("I05", ""): (0, 13),
    ("I07", ""): (0, 11),
    ("N01", ""): (20, 0), ("N02", ""): (16, 0), ("N03", ""): (13, 0), ("N04", ""): (3, 0),   # L R S
    ("N05", ""): (1, 0), ("N06", ""): (15, 0), ("N07", ""): (1, 0), ("N08", ""): (1, 0), ("N09", ""): (1, 0),
    ("N11", ""): (1, 0), ("N12", ""): (2, 0), ("N13", ""): (1, 0), ("N14", ""): (0, 0), ("N15", ""): (1, 0),   # T
    ("N16", ""): (11, 0), ("N17", ""): (1, 0), ("N18", ""): (1, 0), ("N19", ""): (1, 0), ("N20", ""): (1, 0),  # M
    ("N21", ""): (1, 0), ("N22", ""): (15, 0), ("N23", ""): (13, 0), ("N24", ""): (1, 0), ("N25", ""): (1, 0),
    ("N26", ""): (12, 0),            # 11 cases, I twice
    ("N27", ""): (2, 0),             # R S
}

# The same window a month later: J is open again, L was closed in time.
END_OF_APRIL = {
    ("K01", ""): (13, 15), ("K02", ""): (13, 15), ("K05", ""): (11, 13), ("K10", ""): (11, 12), ("K10", "ON_TIME"): (10, 12),
    ("K11", ""): (12, 14),           # J's second round was due on 20 April or so; R
    ("K12", ""): (1, 12),            # L fed back, too
    ("K13", ""): (10, 11), ("K15", ""): (2, 15),
    ("K15", "UNHANDLED_7D"): (2, 15),    # J R
    ("K19", ""): (1, 14),            # J
    ("N14", ""): (1, 0), ("N25", ""): (0, 0), ("N27", ""): (3, 0),   # J R S
}

# April by itself, as of 1 May: one closing (L), two cases open at its start (L R), nothing accepted.
APRIL = {("K01", ""): (0, 0), ("K03", ""): (1, 2), ("K01", "STOCK"): (13, 15), ("N03", ""): (1, 0), ("N26", ""): (1, 0)}

# March as of 9 March 12:00: L is not known yet; closed are A B H I K P Q T.
NINTH = {("K01", ""): (8, 14), ("K04", ""): (8, 19), ("K06", ""): (14, 19), ("K15", ""): (1, 14), ("N25", ""): (0, 0)}  # C was due at 09:00


def query(metric, variant, first="2021-03-01", last="2021-03-31", as_of="04-01 00:00", **more):
    return pb()[1].MetricQuery(metric=metric, variant=variant, **{"from": first}, to=last, as_of=stamp(as_of), **more)


def figure(s, q, **more):
    return s.call("supervisor", "ReportService", "QueryMetric", pb()[1].QueryMetricRequest(query=q, **more))


def check(s, wanted, **window):
    wrong = []
    for (metric, variant), (n, d) in wanted.items():
        total = figure(s, query(metric, variant, **window)).total
        if (total.numerator, total.denominator) != (n, d):
            wrong.append(f"{metric} {variant}: {total.numerator}/{total.denominator}, on paper {n}/{d}")
    if wrong:
        raise AssertionError("\n".join(wrong))
    print(f"  {len(wanted)} figures as on paper")


def import_set(s):
    case_pb2, _, types_pb2 = pb()
    s.ids = {letter: uuid7() for letter in STORIES}
    # S first: D is merged into it.
    for letter in sorted(STORIES, key=lambda x: x != "S"):
        category, channel, reported, steps = STORIES[letter]
        item = case_pb2.ImportHistoryRequest(sequence=1, reporter_name="王丽", case=case_pb2.SubmitCaseRequest(
            request_id=uuid7(), case_id=s.ids[letter], category_code=category, grid_code=GRID, channel=channel,
            description=f"案件 {letter}", happened_at=stamp(reported)))
        for who, action, when, fields in steps:
            given = dict(fields)
            if "until" in given:
                given["until"] = stamp(given["until"])
            if "target" in given:
                given["target_case_id"] = s.ids[given.pop("target")]
            name, role, organ = PEOPLE[who]
            item.events.add(act=case_pb2.ActRequest(request_id=uuid7(), action=types_pb2.Action.Value("ACTION_" + action), text="说明",
                                                    happened_at=stamp(when), **given),
                            actor=types_pb2.Actor(name=name, role=role, organ_code=organ))
        answer = list(s.method("CaseService", "ImportHistory")(iter([item]), timeout=60, metadata=s.metadata("integration")))[0]
        if answer.WhichOneof("result") != "ok":
            raise AssertionError(f"{letter}: {answer.error.message}")


@case("the twenty cases and a work record go in")
def go_in(s):
    import_set(s)


@case("March as of its end: every metric as on paper")
def end_of_march(s):
    check(s, END_OF_MARCH)


@case("every metric that is published stands in the set")
def complete(s):
    from wangge.v1 import directory_pb2
    metrics = s.call("supervisor", "DirectoryService", "ListMetrics", directory_pb2.ListMetricsRequest()).metrics
    published = {(m.code, v.code) for m in metrics for v in m.variants}
    left = published - END_OF_MARCH.keys()
    equal(left, {("K20", "YEAR"), ("N10", "")}, "not in the set")


@case("March as of the end of April, April by itself, March as of the ninth")
def other_times(s):
    check(s, END_OF_APRIL, as_of="05-01 00:00")
    check(s, APRIL, first="2021-04-01", last="2021-04-30", as_of="05-01 00:00")
    check(s, NINTH, as_of="03-09 12:00")


@case("by organ a return is charged to who held the case then; due on the day")
def by_organ(s):
    rows = {r.key: (r.figure.numerator, r.figure.denominator) for r in figure(s, query("K09", ""), breakdown=4).rows}
    equal({k: v for k, v in rows.items() if v != (0, 0)}, {"RHL-CG": (13, 14), "RHL-XF": (1, 1)})
    # On 10 March at 08:00 open and due by the end of that day: N and R (09:00); M was extended, J has a day more.
    total = figure(s, query("N10", "", as_of="03-10 08:00")).total
    equal(total.numerator, 2)


@case("the lists behind the figures name just these cases")
def lists(s):
    for metric, variant, part, letters in [
            ("K01", "", 1, "ABCHIJKMNOPQT"), ("K01", "", 2, "ABCHIJKLMNOPQRT"), ("K05", "", 1, "BHIJKMNOPQT"),
            ("K05", "", 2, "BCHIJKMNOPQRT"), ("K08", "", 2, "ABCFHIJKLMNOPQRT"), ("K09", "", 1, "BCHIJKLMNOPQRT"),
            ("K09", "", 2, "BCHHIJKLMNOPQRT"), ("K10", "", 2, "BCHIJMNOPQRT"), ("K11", "", 2, "BCHIJKMNOPQRT"),
            ("K12", "", 1, "I"), ("K13", "", 1, "BHIJMNOPT"), ("K15", "", 1, "CR"), ("K15", "UNACCEPTED_2D", 1, "S"),
            ("K17", "", 1, "Q"), ("K18", "SATISFACTION", 2, "BT"), ("I04", "", 1, "N"), ("N04", "", 1, "LRS"), ("N20", "", 1, "M")]:
        answer = s.call("supervisor", "ReportService", "ListFigureCases", pb()[1].ListFigureCasesRequest(
            query=query(metric, variant), breakdown=1, part=part, page_size=500))
        by_id = {i: letter for letter, i in s.ids.items()}
        equal("".join(sorted(by_id[c.case.case_id] for c in answer.cases)), letters, f"{metric} {variant} part {part}")


@case("the identities close: reported, closed, and regions add up")
def identities(s):
    answer = figure(s, query("K01", ""), breakdown=2)
    k = answer.total.counts
    equal(k.reported, k.valid + k.refused + k.voided + k.merged + k.undecided)
    equal(k.closed, k.on_time + k.late + k.no_deadline)
    equal((k.valid, k.refused, k.voided, k.merged, k.undecided), (15, 1, 2, 1, 1))
    equal(sum(r.figure.numerator for r in answer.rows), answer.total.numerator)


def main():
    with Stack(find_build()) as s:
        return run(s)


if __name__ == "__main__":
    sys.exit(main())
