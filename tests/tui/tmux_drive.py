#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The terminal client as people use it: the real program in tmux against a real server, in both languages.

tmux_drive.py BUILD
"""
import os
import re
import shutil
import signal
import socket
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
from cases import case, equal, run  # noqa: E402
from stack import Stack, find_build  # noqa: E402
from tmux_screen import PROMPT, WAIT_S, Screen  # noqa: E402

WORDS = {
    "zh_CN": {"logged": r"已登记，编号 (\d{16})", "done": "已完成", "dispatch": "派遣", "closed": "已结案", "rate": "办结率",
              "timeline": "时间轴", "reported": "待受理", "organ": "单位", "kept": "已恢复草稿", "small": "窗口太小",
              "numerator": "分子", "exactly": "与数字一致", "unsent": "待发", "reported_column": "上报", "valid_column": "受理"},
    "en": {"logged": r"Logged as (\d{16})", "done": "done", "dispatch": "Dispatch", "closed": "Closed", "rate": "completion rate",
           "timeline": "Timeline", "reported": "Reported", "organ": "Organ", "kept": "Your draft is back", "small": "too small",
           "numerator": "Numerator", "exactly": "exactly the figure", "unsent": "unsent", "reported_column": "Reported",
           "valid_column": "Accepted"},
}


def intake(s, text):
    """Fill in the form: category and grid by initials."""
    s.type("F2")
    s.wait("LLJF|D0102")
    s.type("lljf")
    s.wait(">1")
    s.type("Enter")
    s.wait("DYWG")
    s.type("dywg", "Enter")
    s.wait(r"\[230604001001001")
    s.type("解放路 12 号", "Tab", text)
    s.wait(text)


def submit(s, w, text):
    """Log an incident; return its number."""
    intake(s, text)
    s.type("C-s")
    return re.search(w["logged"], s.wait(w["logged"])).group(1)


def act(s, w, key, *keys):
    """Do something to the open case and wait until it is done."""
    s.type(key)
    for k in keys:
        if isinstance(k, tuple):
            s.wait(*k)
        else:
            s.type(k)
    s.wait(w["done"], w["timeline"])


def the_main_job(s, lang):
    """In at the worker's, live at the acceptor's, through the department, closed, and in the supervisor's rate."""
    w = WORDS[lang]
    with Screen(s, "worker", lang) as worker, Screen(s, "acceptor", lang) as acceptor, Screen(s, "lead", lang) as lead:
        worker.login("worker")
        acceptor.login("acceptor")
        number = submit(worker, w, f"楼上漏水 {lang}")
        acceptor.wait(number)  # by itself: the list is live
        acceptor.type("/", number[-4:], "Enter")
        acceptor.wait(number)
        acceptor.type("Enter")
        acceptor.wait(w["timeline"], w["reported"])
        act(acceptor, w, "a")
        with Screen(s, "dispatcher", lang) as dispatcher:
            dispatcher.login("dispatcher")
            dispatcher.wait(number)
            dispatcher.type("/", number[-4:], "Enter", "Enter")
            dispatcher.wait(w["timeline"])
            act(dispatcher, w, "p", (r"\* " + w["organ"],), "城管", (">1",), "Enter", "C-s")
            dispatcher.quit()
        lead.login("lead")
        lead.wait(number)
        lead.type("/", number[-4:], "Enter", "Enter")
        lead.wait(w["timeline"])
        act(lead, w, "a")
        lead.wait(r"\bf ?(Finish|办结)")  # offered once the case has been read again
        act(lead, w, "f", ("\\* ",), "已修好水管", "C-s")
        lead.quit()
        acceptor.wait("已修好水管")  # the open case is live too
        acceptor.type("F4")
        menu = acceptor.wait(r"\d (结案|Close)(\.\.\.)? ")
        acceptor.type(re.search(r"(\d) (?:结案|Close)(?:\.\.\.)? ", menu).group(1))
        acceptor.wait(w["closed"] + "|C-s|Ctrl-S")
        if not re.search(w["done"], acceptor.text()):
            acceptor.type("核实完成", "C-s")
        acceptor.wait(w["done"], w["closed"])
        acceptor.quit()
        worker.quit()
    with Screen(s, "supervisor", lang, 120, 40) as boss:
        boss.login("supervisor")
        boss.type("3")
        boss.wait(w["rate"], "K01 v1", r"\d+\.\d\d %", "/")
        boss.type("Enter")
        boss.wait(w["numerator"], w["exactly"], number)
        boss.type("Escape")
        boss.wait(w["rate"], "K01 v1")
        boss.type("F7")
        boss.wait("DAILY", "BULLETIN", "ASSESSMENT")
        boss.type("Enter")
        boss.wait("DAILY", w["reported_column"], w["valid_column"], r"1-\d+/\d+")
        boss.type("Escape")
        boss.wait("ASSESSMENT")
        boss.quit()


@case("main job in chinese")
def main_job_in_chinese(s):
    the_main_job(s, "zh_CN")


@case("main job in english")
def main_job_in_english(s):
    the_main_job(s, "en")


@case("a first password is changed on the way in")
def a_first_password_is_changed(s):
    """The security officer made the account: its password works once, a poor new one is refused with the rule."""
    from wangge.v1 import directory_pb2
    first, fresh = "First-Door-Key-31", "Second-Door-Key-58"
    for lang, refused in (("zh_CN", r"新密码须为 12 至 \d+ 个字符"), ("en", r"A new password has 12 to \d+ characters")):
        login = "fresh." + lang[:2]
        s.call("secadmin", "DirectoryService", "CreateAccount", directory_pb2.CreateAccountRequest(
            login=login, password=first, name="新人", role=1, region_code="230604001001"))
        with Screen(s, "first", lang) as one:
            one.start()
            one.wait("密码|Password", "在线|online")
            one.type(login, "Enter", first, "Enter")
            one.wait("旧密码|Old password")
            one.type("short", "Enter", "short", "Enter")
            one.wait(refused)
            one.type("C-u", fresh, "Enter", "C-u", fresh, "Enter")
            one.wait("我的事项|My work", gone=("旧密码|Old password", "Asking|正在查询"))
            one.quit()
        with Screen(s, "again", lang) as one:
            one.login(login, fresh)
            one.quit()


@case("many cases at once")
def many_cases_at_once(s):
    """Tried first, then done; somebody else was first at one of them meanwhile."""
    from stack import uuid7
    from wangge.v1 import case_pb2
    for lang in ("zh_CN", "en"):
        made = []
        for i in range(3):
            r = s.call("worker", "CaseService", "SubmitCase", case_pb2.SubmitCaseRequest(
                request_id=uuid7(), case_id=uuid7(), category_code="E0102", grid_code="230604001001001", address=f"院 {i}",
                description=f"many {lang} {i}"))
            made.append(r)
        with Screen(s, "many", lang) as one:
            one.login("acceptor")
            one.type("/", f"many {lang}", "Enter")
            one.wait("3 件|3 cases")
            one.type("*")
            one.wait("已选 3|marked 3")
            one.type("a")
            one.wait("Ctrl-S")
            one.type("C-s")
            one.wait("3 件可办，0 件将被拒绝|3 would go through, 0 would be refused")
            s.call("acceptor2", "CaseService", "Act", case_pb2.ActRequest(
                request_id=uuid7(), case_id=made[0].case_id, expected_version=1, action=6))
            one.type("2")
            one.wait("办成 2 件，拒绝 1 件|2 done, 1 refused")
            one.type("Home", "Enter")
            one.wait(made[0].number, "时间轴|Timeline")
            one.type("Escape")
            one.wait("办理完毕|Finished")
            one.quit()


@case("a stored session opens at once")
def a_stored_session_opens_at_once(s):
    with Screen(s, "again", "zh_CN") as one:
        one.login("worker")
        one.quit()
        one.start()
        one.wait("我的事项", gone=("密码",))
        one.quit()


class Line:
    """A TCP line to the server that can be cut and mended, on one port."""

    def __init__(self, target):
        self.target = target
        self.port = 0
        self.open = []
        self.mend()

    def mend(self):
        self.listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, args=(self.listener,), daemon=True).start()

    def cut(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for end in self.open:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self.open.clear()

    def accept(self, listener):
        while True:
            try:
                near, _ = listener.accept()
                far = socket.create_connection(self.target)
            except OSError:
                return
            self.open += [near, far]
            for a, b in ((near, far), (far, near)):
                threading.Thread(target=self.pipe, args=(a, b), daemon=True).start()

    @staticmethod
    def pipe(source, sink):
        try:
            while True:
                data = source.recv(65536)
                if not data:
                    break
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


@case("what was logged by mistake is recalled")
def recalled(s):
    from wangge.v1 import case_pb2
    with Screen(s, "recall", "en") as one:
        one.login("worker2")
        number = submit(one, WORDS["en"], "by mistake")
        one.type("C-z")
        one.wait(f"{number} is being recalled")
        one.type("4")
        one.wait("Everything has been sent")
        one.quit()
    equal(s.call("supervisor", "CaseService", "GetCase", case_pb2.GetCaseRequest(number=number)).case.state, 13, "voided")


@case("a lost server loses nothing")
def a_lost_server_loses_nothing(s):
    """The line breaks: what is logged is kept, also over a restart of the program, and goes out when the line is back."""
    w = WORDS["en"]
    line = Line(("127.0.0.1", s.port))
    with Screen(s, "offline", "en", WANGGE_SERVER=f"127.0.0.1:{line.port}") as one:
        one.login("worker")
        line.cut()
        one.wait("offline")
        intake(one, "logged without a line")
        one.wait("No connection: it is saved here")
        one.type("C-s")
        one.wait("Saved here as local-1", "local-1", "unsent 1")
        one.quit()
        one.start()
        one.wait("local-1", "logged without a line", "unsent 1", "offline")
        line.mend()
        one.type("F5")
        one.wait("online", gone=("unsent 1",))
        one.type("4")
        one.wait("Everything has been sent")
        one.quit()
    line.cut()
    from wangge.v1 import case_pb2
    found = s.call("supervisor", "CaseService", "ListCases", case_pb2.ListCasesRequest(filter={"text": "without a line"}))
    equal(len(found.cases), 1, "cases at the server")


@case("a crash keeps the draft and the terminal")
def a_crash_keeps_the_draft_and_the_terminal(s):
    w = WORDS["zh_CN"]
    with Screen(s, "crash", "zh_CN") as one:
        one.login("worker")
        one.type("F2")
        one.wait("LLJF|D0102")
        one.type("lljf", "Enter")
        one.wait("DEWG")
        one.type("dewg", "Enter", "Tab", "一半的话")
        one.wait("一半的话")
        one.wait("草稿 #")  # written, without any key for it
        os.kill(one.program(), signal.SIGSEGV)
        one.wait(re.escape(PROMPT))
        one.type("stty -a | tr ' ' '\\n' | grep -x icanon; echo back", "Enter")
        one.wait("icanon\nback")
        one.start()
        one.wait("我的事项", gone=("正在查询",))
        one.type("F2")
        one.wait(w["kept"], "一半的话")
        one.quit()


@case("a window changes its size")
def a_window_changes_its_size(s):
    with Screen(s, "size", "zh_CN") as one:
        one.login("supervisor")
        one.tmux("resize-window", "-x", "40", "-y", "12")
        one.wait("窗口太小")
        one.tmux("resize-window", "-x", "200", "-y", "60")
        one.wait("我的事项", gone=("窗口太小",))
        one.tmux("resize-window", "-x", "80", "-y", "24")
        one.wait("我的事项", "F4办理|F1帮助")
        one.quit()


@case("odd terminals work")
def odd_terminals_work(s):
    for term in ("vt100", "screen", "linux", "xterm-256color", "no-such-terminal"):
        with Screen(s, "term", "en", term=term, NO_COLOR="1") as one:
            one.start()
            one.wait("Password", "Account")
            one.type("C-q")
            one.wait(re.escape(PROMPT) + r"\s*$")
    with Screen(s, "dumb", "en", term="dumb") as one:
        one.start()
        one.wait("cannot move the cursor")


@case("bracketed paste is text")
def bracketed_paste_is_text(s):
    with Screen(s, "paste", "en") as one:
        one.login("worker")
        one.type("F2")
        one.wait("LLJF|D0102")
        one.type("lljf", "Enter")
        one.wait("DYWG")
        one.type("dywg", "Enter", "Tab")
        one.tmux("set-buffer", "第一行\nq\nsecond line")
        one.tmux("paste-buffer", "-p")
        one.wait(r"\[q_", r"\[second line_")  # the two last lines of the paste; nothing was taken for a command
        one.type("C-d", "2")
        one.wait("draft is gone")
        one.quit()


@case("suspend and come back")
def suspend_and_come_back(s):
    with Screen(s, "stop", "en") as one:
        one.login("worker")
        one.type("C-k")
        one.wait("Command:")
        one.type("suspend", "Enter")
        one.wait("Stopped|suspended", seconds=WAIT_S)
        one.type("fg", "Enter")
        one.wait("My work", r"F1 Help")
        one.quit()


def main():
    build = find_build()
    if not os.path.exists(os.path.join(build, "client", "cli", "wangge")) or not shutil.which("tmux"):
        print("wangge is not built, or there is no tmux")
        sys.exit(1 if os.environ.get("WANGGE_COMPLETE") else 77)
    with Stack(build) as stack:
        failed = run(stack)
    sys.exit(failed)


main()
