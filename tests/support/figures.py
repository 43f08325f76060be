# SPDX-License-Identifier: MIT
"""What the tests of reports share: cases of every kind, pulling a report, counting its digest again."""
import datetime
import hashlib
import random
import struct

from stack import uuid7

GRIDS = ["230604001001001", "230604001001002"]
CHINA = datetime.timezone(datetime.timedelta(hours=8))
CASES = 60


def pb():
    from wangge.v1 import case_pb2, report_pb2, types_pb2
    return case_pb2, report_pb2, types_pb2


def submit(s, **fields):
    given = {"request_id": uuid7(), "case_id": uuid7(), "category_code": "E0102", "grid_code": GRIDS[0], "description": "垃圾成堆"}
    given.update(fields)
    return s.call("worker", "CaseService", "SubmitCase", pb()[0].SubmitCaseRequest(**given))


def act(s, login, case_id, action, **fields):
    seen = s.call("supervisor", "CaseService", "GetCase", pb()[0].GetCaseRequest(case_id=case_id)).case
    return s.call(login, "CaseService", "Act", pb()[0].ActRequest(
        request_id=uuid7(), case_id=case_id, expected_version=seen.version,
        action=pb()[2].Action.Value("ACTION_" + action), **fields)).case


# The steps a story takes from the report on; each case takes the beginning of one.
STORIES = [
    [("worker", "RECALL", {})],
    [("acceptor", "REFUSE", {"reason_code": "OUT_OF_SCOPE"})],
    [("acceptor", "ACCEPT", {}), ("dispatcher", "DISPATCH", {"organ_code": "RHL-CG"}), ("handler", "SIGN", {}),
     ("handler", "FEED_BACK", {"text": "已清理"}), ("acceptor", "ORDER_FIELD_CHECK", {}),
     ("worker2", "ANSWER_FIELD_CHECK", {"check_result": 1}), ("acceptor2", "CLOSE", {}),
     ("supervisor", "REVISIT", {"check_result": 1}), ("supervisor", "REOPEN", {"text": "又堆满了"})],
    [("acceptor", "ACCEPT", {}), ("dispatcher", "DISPATCH", {"organ_code": "RHL-XF"}), ("xf.lead", "RETURN", {"text": "不归我管"}),
     ("dispatcher", "DISPATCH", {"organ_code": "RHL-CG"}), ("handler", "SIGN", {}), ("handler", "FEED_BACK", {"text": "好了"}),
     ("acceptor", "REWORK", {"text": "没清干净"})],
    [("acceptor", "ACCEPT", {}), ("dispatcher", "DISPATCH", {"organ_code": "RHL-CG"}), ("handler", "SIGN", {}),
     ("duty", "FORCE_CLOSE", {"text": "长期无法处置"})],
]


def tell(s, case_id, story, steps):
    for login, action, fields in story[:steps]:
        act(s, login, case_id, action, **fields)


def today():
    return datetime.datetime.now(CHINA).date()


def window():
    return {"from": str(today().replace(day=1)), "to": str(today())}


def request(code, **more):
    fields = window()
    fields.update(more)
    return pb()[1].PullReportRequest(code=code, **fields)


def pull_parts(s, req, login="supervisor"):
    return [answer.part for answer in s.method("ReportService", "PullReport")(req, timeout=60, metadata=s.metadata(login))]


class Report:
    """A report as it came: its head, its sections as (section, rows), its end."""

    def __init__(self, parts):
        self.head, self.sections, self.end, self.parts = None, [], None, parts
        for part in parts:
            kind = part.WhichOneof("part")
            if kind == "section":
                self.sections.append((part.section, []))
            elif kind == "rows":
                self.sections[-1][1].extend(part.rows.rows)
            else:
                setattr(self, kind, getattr(part, kind))

    def digest(self):
        h = hashlib.sha256()
        for part in self.parts:
            if part.WhichOneof("part") == "end":
                continue
            copy = type(part).FromString(part.SerializeToString())
            if copy.WhichOneof("part") == "head":
                copy.head.ClearField("pulled_at")
                copy.head.ClearField("pulled_by")
            packed = copy.SerializeToString()
            h.update(struct.pack(">I", len(packed)) + packed)
        return h.hexdigest()


def pull(s, code, login="supervisor", **more):
    return Report(pull_parts(s, request(code, **more), login))


def make_cases(s, n=CASES, seed=7):
    """Cases of every kind; returns their ids."""
    dice = random.Random(seed)
    ids = []
    for i in range(n):
        grid = GRIDS[i % 2]
        if i % 3 == 0:
            one = s.call("worker", "CaseService", "SubmitCase", pb()[0].SubmitCaseRequest(
                request_id=uuid7(), case_id=uuid7(), category_code="E0501", grid_code=grid, description="占道经营",
                settle_text="已劝离"))
        else:
            one = submit(s, grid_code=grid, category_code=dice.choice(["E0102", "H0101", "E0501"]),
                         channel=dice.choice([0, 0, 2]))
            story = dice.choice(STORIES)
            tell(s, one.case_id, story, dice.randint(0, len(story)))
        ids.append(one.case_id)
    return ids
