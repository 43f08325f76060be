#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Cases that wander, in the real terminal client against a real server: more time is asked for, endorsed and granted, a case
rests and goes on, two become one and two again, a lateness is appealed against.

tmux_lifecycle.py BUILD
"""
import os
import random
import re
import shutil
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
from cases import case, equal, run  # noqa: E402
from stack import Stack, find_build, uuid7  # noqa: E402
from tmux_screen import Screen  # noqa: E402

GRID = "230604001001001"
# enum Action
SETTLE, ACCEPT, DISPATCH, SIGN, FEED_BACK, ORDER_CHECK, ANSWER_CHECK, CLOSE = 2, 6, 9, 11, 18, 19, 20, 22
HANDLING, SUSPENDED, REPORTED, MERGED, CLOSED = 5, 6, 1, 14, 10


def report(s, text):
    """A case of the worker's; its id and number."""
    from wangge.v1 import case_pb2
    answer = s.call("worker", "CaseService", "SubmitCase", case_pb2.SubmitCaseRequest(
        request_id=uuid7(), case_id=uuid7(), category_code="E0102", grid_code=GRID, description=text))
    return answer.case_id, answer.number


def act(s, login, case_id, action, **fields):
    from wangge.v1 import case_pb2
    version = get(s, case_id).version
    return s.call(login, "CaseService", "Act", case_pb2.ActRequest(
        request_id=uuid7(), case_id=case_id, expected_version=version, action=action, **fields)).case


def get(s, case_id):
    from wangge.v1 import case_pb2
    return s.call("supervisor", "CaseService", "GetCase", case_pb2.GetCaseRequest(case_id=case_id)).case


def in_hand(s, text):
    """A case the department works on."""
    case_id, number = report(s, text)
    act(s, "acceptor", case_id, ACCEPT)
    act(s, "dispatcher", case_id, DISPATCH, organ_code="RHL-CG")
    act(s, "handler", case_id, SIGN)
    return case_id, number


def open_case(screen, number):
    """Open a case by its number, from the work list or beyond it."""
    screen.type("/", number, "Enter")
    shown = screen.wait(number)
    if "< " + number not in shown:
        screen.type("Enter")
    screen.wait("< " + number, gone=("正在查询", "Asking the server"))


def choose(screen, name):
    """Take an entry of the F4 menu."""
    screen.type("F4")
    shown = screen.wait(r"(\w) " + name)
    screen.type(re.search(r"(\w) " + name, shown).group(1))


def leave(screen):
    screen.type("Escape")
    screen.wait("我的事项 |My work ")


@case("more time is asked for, endorsed and granted")
def more_time(s):
    case_id, number = in_hand(s, "井盖要换新的")
    with Screen(s, "handler", "zh_CN") as handler, Screen(s, "lead", "zh_CN") as lead, Screen(s, "disp", "zh_CN") as dispatcher:
        handler.login("handler")
        open_case(handler, number)
        choose(handler, "申请延期")
        handler.wait(r"\* 期限", "1 天")
        handler.type("Enter")  # a day beyond the due time
        handler.wait(r"\* 期限 +\[\d{4}-")
        handler.type("Tab", "配件后天到", "C-s")
        handler.wait("申请延期 已完成", "待审批", "待初审")
        handler.quit()
        lead.login("lead")
        lead.wait(r"\?" + number)  # it waits for the lead, so it stands first
        open_case(lead, number)
        lead.wait("待审批.*延期.*配件后天到")
        choose(lead, "初审同意")
        lead.wait(r"\(1\*\) 延期")
        lead.type("C-s")
        lead.wait("初审同意 已完成", "初审同意 +冯主任")
        lead.quit()
        dispatcher.login("dispatcher")
        open_case(dispatcher, number)
        dispatcher.wait("初审同意 +冯主任", "a ?受理")
        dispatcher.type("a")
        dispatcher.wait("延期 已完成", "原时限.*已延期 1 次")
        dispatcher.quit()
    found = get(s, case_id)
    equal((found.extension_count, found.HasField("original_due_at"), len(found.approvals)), (1, True, 0), "extended")


@case("a case rests and goes on")
def rest(s):
    case_id, number = in_hand(s, "要等开春才能修的路")
    with Screen(s, "handler", "en") as handler, Screen(s, "lead", "en") as lead, Screen(s, "disp", "en") as dispatcher:
        handler.login("handler")
        open_case(handler, number)
        choose(handler, "Ask for suspension")
        handler.wait("30 days")
        handler.type("Down", "Enter")
        handler.wait(r"\* Until +\[\d{4}-", "waits for money")
        handler.type("SEASON", "Enter")
        handler.wait(r"\[waits for the season")
        handler.type("C-s")
        handler.wait("Ask for suspension done", "waits for the first approval")
        handler.quit()
        lead.login("lead")
        open_case(lead, number)
        choose(lead, "Endorse")
        lead.wait(r"\(1\*\) Suspension")
        lead.type("C-s")
        lead.wait("Endorse done")
        lead.quit()
        dispatcher.login("dispatcher")
        open_case(dispatcher, number)
        dispatcher.wait("a Accept")
        dispatcher.type("a")
        dispatcher.wait("Suspend done", "resumes by itself")
        equal(get(s, case_id).state, SUSPENDED, "state")
        dispatcher.wait("a Accept")
        dispatcher.type("a")
        dispatcher.wait("Resume done", "Handling")
        dispatcher.quit()
    equal(get(s, case_id).state, HANDLING, "state")


@case("two become one and two again")
def merge(s):
    lead_id, lead_number = report(s, "东门外积水")
    case_id, number = report(s, "东门外又积水")
    with Screen(s, "acceptor", "zh_CN") as one:
        one.login("acceptor")
        open_case(one, number)
        choose(one, "并案")
        one.wait(r"\* 主案")
        one.type(lead_number, "Enter")
        one.wait(r"\[" + lead_number)
        one.type("C-s")
        one.wait("无法撤销|不能撤销|不可撤销")
        one.type("2")
        one.wait("并案 已完成", "已并案")
        equal(get(s, case_id).merged_into_case_id, lead_id, "merged into")
        choose(one, "打开主案")
        one.wait("< " + lead_number, "并入本案.*" + number)
        one.type("Escape")
        one.wait("< " + number)
        choose(one, "拆案")
        one.wait("拆案 已完成|  内容")
        if "拆案 已完成" not in one.text():
            one.type("C-s")
        one.wait("拆案 已完成", "待受理")
        one.quit()
    equal((get(s, case_id).state, len(get(s, lead_id).merged_cases)), (REPORTED, 0), "split")


def late_case(s):
    """A case that was handled too late and closed an hour ago, as another system kept it."""
    from wangge.v1 import case_pb2
    now = int(time.time())
    case_id = uuid7()
    req = case_pb2.ImportHistoryRequest(sequence=1, reporter_name="旧网格员")
    req.case.request_id, req.case.case_id = uuid7(), case_id
    req.case.category_code, req.case.grid_code, req.case.description = "E0102", GRID, "迟了的事"
    req.case.urgency, req.case.channel = 3, 1
    req.case.happened_at.FromSeconds(now - 20 * 86400)
    steps = [(ACCEPT, -20 * 86400 + 600, "旧受理", 3, {}),
             (DISPATCH, -20 * 86400 + 1200, "旧派遣", 4, {"organ_code": "RHL-CG"}),
             (SIGN, -20 * 86400 + 1800, "旧承办", 5, {}),
             (FEED_BACK, -7200, "旧承办", 5, {"text": "办好了"}),
             (ORDER_CHECK, -7000, "旧受理", 3, {}),
             (ANSWER_CHECK, -6000, "旧网格员", 1, {"check_result": 1, "text": "属实"}),
             (CLOSE, -3600, "旧结案", 3, {"text": "结案"})]
    for action, seconds, name, role, fields in steps:
        event = req.events.add()
        event.act.request_id, event.act.action = uuid7(), action
        event.act.happened_at.FromSeconds(now + seconds)
        for key, value in fields.items():
            setattr(event.act, key, value)
        event.actor.name, event.actor.role = name, role
        event.actor.organ_code = "RHL-CG" if role == 5 else "RHL-CENTRE" if role in (3, 4) else ""
    answers = list(s.method("CaseService", "ImportHistory")(iter([req]), timeout=60, metadata=s.metadata("integration")))
    equal(answers[0].WhichOneof("result"), "ok", f"import: {answers[0]}")
    return case_id, answers[0].ok.number


@case("a lateness is appealed against")
def appeal(s):
    case_id, number = late_case(s)
    equal((get(s, case_id).state, get(s, case_id).late), (CLOSED, True), "closed late")
    with Screen(s, "lead", "zh_CN") as lead, Screen(s, "disp", "zh_CN") as dispatcher, Screen(s, "acc", "zh_CN") as acceptor:
        lead.login("lead")
        open_case(lead, number)
        lead.wait("处置超时")
        choose(lead, "申诉")
        lead.wait(r"\* 内容|原因")
        lead.type("Tab")
        lead.wait("内容")
        lead.type("停水三天,无法施工", "C-s")
        lead.wait("申诉 已完成", "待审批")
        lead.quit()
        dispatcher.login("dispatcher")
        open_case(dispatcher, number)
        choose(dispatcher, "初审同意")
        dispatcher.wait(r"\(1\*\) 申诉")
        dispatcher.type("C-s")
        dispatcher.wait("初审同意 已完成")
        dispatcher.quit()
        acceptor.login("acceptor")
        open_case(acceptor, number)
        acceptor.wait("a ?受理")
        acceptor.type("a")
        acceptor.wait("同意申诉 已完成", "申诉成立，予以免责")
        acceptor.quit()
    found = get(s, case_id)
    equal((found.late, found.late_exempt), (True, True), "late all the same, and exempt")


@case("evidence goes with a feedback, is listed and fetched")
def evidence(s):
    case_id, number = in_hand(s, "井盖破损，已更换")
    with Screen(s, "handler", "zh_CN") as handler:
        sent = os.path.join(handler.home, "更换后 记录.pdf")
        body = b"%PDF-1.4\n" + random.Random(7).randbytes(300_000) + b"\n%%EOF\n"  # kept as it is
        with open(sent, "wb") as f:
            f.write(body)
        handler.login("handler")
        open_case(handler, number)
        choose(handler, "处置反馈")
        handler.wait(r"\* 内容", "证据")
        handler.type("已更换新井盖", "Tab")
        handler.wait("每行一个路径")
        handler.type(os.path.join(handler.home, "nothing.pdf"), "C-s")
        handler.wait("没有文件", "已更换新井盖", "未提交")  # what was typed stays
        handler.type("C-u", os.path.join(handler.home, "更换"), "Tab")
        handler.wait("更换后 记录.pdf")
        handler.type("C-s")
        handler.wait("处置反馈 已完成")
        handler.type("F7")
        handler.wait(f"{number} 的附件：1", r"更换后 记录.pdf +PDF", "步的证据")
        os.rename(sent, sent + ".sent")
        handler.type("Enter")
        handler.wait("已保存为 .*更换后 记录.pdf")
        with open(sent, "rb") as f:
            equal(f.read() == body, True, "the bytes that came back are those that were sent")
        with open(sent, "wb") as f:
            f.write(b"another file of that name")
        handler.type("Enter")
        handler.wait("已保存为 .*更换后 记录-2.pdf")
        with open(sent, "rb") as f:
            equal(f.read(), b"another file of that name", "what was there")
        handler.quit()
    equal(get(s, case_id).attachment_count, 1, "files of the case")


def main():
    build = find_build()
    if not os.path.exists(os.path.join(build, "client", "cli", "wangge")) or not shutil.which("tmux"):
        print("wangge is not built, or there is no tmux")
        sys.exit(1 if os.environ.get("WANGGE_COMPLETE") else 77)
    with Stack(build) as stack:
        failed = run(stack)
    sys.exit(failed)


main()
