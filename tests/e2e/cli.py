#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The command line against a real server: the main job, every exit code, work without a server, import and report.

cli.py BUILD
"""
import csv
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import city  # noqa: E402
import proc  # noqa: E402
from cases import case, equal, run  # noqa: E402
from stack import SANITIZER, Stack, find_build  # noqa: E402

GRID = "230604001001001"
STATE = {}


def environment(s, who, **more):
    home = os.path.join(s.dir, "home-" + who)
    os.makedirs(home, exist_ok=True)
    env = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "LC_", "WANGGE_"))}
    env.update({"HOME": home, "LANG": "C.UTF-8", "LANGUAGE": "", "TERM": "dumb", "PYTHONUTF8": "1", **more})
    return env


def wangge(s, who, *args, code=0, stdin="", env=None, cwd=None, text=True):
    """Run the program as a person with a home of its own; return (standard output, standard error)."""
    done = subprocess.run([os.path.join(s.build, "client", "cli", "wangge"), *map(str, args)], input=stdin if text else stdin.encode(),
                          env=env or environment(s, who), cwd=cwd, text=text, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=120)
    out, err = (done.stdout, done.stderr) if text else (done.stdout, done.stderr.decode())
    if done.returncode != code or SANITIZER.search(err):
        raise AssertionError(f"wangge {' '.join(map(str, args))}: exit code {done.returncode}, not {code}\n{out}\n{err}")
    return out, err


def login(s, who):
    return wangge(s, who, "login", "--server", s.address, "--user", who, "--password-stdin", stdin=city.PASSWORD + "\n")


def new(s, who="worker", code=0, text="东门外两车建筑垃圾", **options):
    args = [f"--{k.replace('_', '-')}={v}" for k, v in {"category": "E0102", "grid": GRID, **options}.items()]
    return wangge(s, who, "case", "new", "--text", text, *args, code=code)


def has(text, *parts):
    for part in parts:
        if part not in text:
            raise AssertionError(f"{part!r} is not in:\n{text}")


@case("help, version and usage errors need no server")
def usage(s):
    out, _ = wangge(s, "nobody", "help")
    has(out, "case new", "Exit codes")
    has(wangge(s, "nobody", "case", "list", "--help", "--lang", "zh_CN")[0], "用法：wangge case list", "--my-work")
    has(wangge(s, "nobody", "version")[0], "wangge ")
    has(wangge(s, "nobody", "frobnicate", code=2)[1], "frobnicate")
    has(wangge(s, "nobody", "case", code=2)[1], "wangge help case")
    has(wangge(s, "nobody", "case", "show", code=2)[1], "Too few arguments")
    has(wangge(s, "nobody", "whoami", "--grid", "1", code=2)[1], "no meaning")
    has(wangge(s, "nobody", "login", "--no-such", code=2)[1], "--no-such")
    has(wangge(s, "nobody", "whoami", "--color", "pink", code=2)[1], "auto|always|never")
    has(wangge(s, "nobody", "config")[0], "page_size", "default")
    has(wangge(s, "nobody", code=0)[0], "Usage")


@case("a settings file with an unknown key is refused with its line")
def settings(s):
    env = environment(s, "config")
    folder = os.path.join(env["HOME"], ".config", "wangge")
    os.makedirs(folder)
    with open(os.path.join(folder, "config"), "w", encoding="utf-8") as f:
        f.write("lang = zh_CN\nservr = a:1\n")
    has(wangge(s, "config", "whoami", code=2)[1], "line 2", "servr")


@case("login, whoami, a wrong password, no session")
def sessions(s):
    has(wangge(s, "worker", "whoami", "--server", s.address, code=4)[1], "wangge login")
    has(wangge(s, "worker", "login", "--server", s.address, "--user", "worker", "--password-stdin", stdin="wrong\n", code=4)[1],
        "UNAUTHENTICATED")
    has(wangge(s, "worker", "login", "--server", s.address, "--no-input", code=2)[1], "--user")
    out, _ = login(s, "worker")
    has(out, "王丽", "Grid worker")
    out, _ = wangge(s, "worker", "whoami", "--json")
    equal(json.loads(out)["account"]["login"], "worker")
    # Chosen fields, and the session bound to its server.
    equal(list(json.loads(wangge(s, "worker", "whoami", "--json=server_version")[0])), ["serverVersion"])
    has(wangge(s, "worker", "whoami", "--json=nonsense", code=2)[1], "nonsense")
    has(wangge(s, "worker", "whoami", "--server", "127.0.0.1:9", code=4)[1], "127.0.0.1:9")
    path = os.path.join(environment(s, "worker")["HOME"], ".local/state/wangge/session")
    equal(os.stat(path).st_mode & 0o777, 0o600, "mode of the session file")
    for who in ("acceptor", "dispatcher", "handler", "acceptor2", "supervisor"):
        login(s, who)


def on_terminal(s, who, keys, *args):
    """Run with a terminal of its own, type keys once the prompt is there; return (exit code, screen, whether it echoes after)."""
    pid, master = pty.fork()
    if pid == 0:
        env = environment(s, who, TERM="xterm")
        os.execve(os.path.join(s.build, "client", "cli", "wangge"), ["wangge", *args], env)
    screen = b""
    typed = False
    while True:
        try:
            data = os.read(master, 4096)
        except OSError:
            data = b""
        screen += data
        if not typed and screen.rstrip().endswith(b":"):
            typed = True
            os.write(master, keys)
        if not data:
            break
    echo = bool(termios.tcgetattr(master)[3] & termios.ECHO)
    os.close(master)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), screen.decode(errors="replace"), echo


@case("the password is asked for without echo; Ctrl-C leaves the terminal as it was")
def password_prompt(s):
    args = ("login", "--server", s.address, "--user", "worker2")
    code, screen, echo = on_terminal(s, "worker2", city.PASSWORD.encode() + b"\r", *args)
    equal((code, echo), (0, True), screen)
    has(screen, "李强")
    equal(city.PASSWORD in screen, False, screen)
    code, screen, echo = on_terminal(s, "worker2", b"Corr\x03", *args)
    equal((code, echo), (130, True), screen)
    equal("Corr" in screen, False, screen)


@case("an incident goes in and is carried to closure")
def main_job(s):
    out, _ = new(s)
    number = out.strip()
    equal(bool(re.fullmatch(r"230604\d{10,}", number)), True, number)
    STATE["number"] = number
    out, _ = wangge(s, "acceptor", "case", "show", number)
    has(out, "东门外两车建筑垃圾", "Reported", "accept", "Timeline", "Submit")
    has(wangge(s, "acceptor", "case", "act", number, "accept", "--text", "属实")[0], number, "Accepted")
    wangge(s, "dispatcher", "case", "act", number, "dispatch", "--organ", "RHL-CG")
    wangge(s, "handler", "case", "act", number, "sign")
    has(wangge(s, "handler", "case", "act", number, "feed-back", "--text", "已清运")[0], "Feedback")
    wangge(s, "acceptor", "case", "act", number, "order-field-check", "--text", "请核查")
    wangge(s, "worker", "case", "act", number, "answer-field-check", "--check", "pass", "--text", "属实已清")
    has(wangge(s, "acceptor", "case", "act", number, "结案", "--text", "结案", "--lang", "zh_CN")[0], "已结案")
    events = [json.loads(line) for line in wangge(s, "acceptor", "case", "show", number, "--json")[0].splitlines()]
    equal(events[0]["state"], "CASE_STATE_CLOSED")
    equal([e["action"].removeprefix("ACTION_") for e in events[1:]],
          ["SUBMIT", "ACCEPT", "DISPATCH", "SIGN", "FEED_BACK", "ORDER_FIELD_CHECK", "ANSWER_FIELD_CHECK", "CLOSE"])


@case("the timeline names the organs that a dispatch named to help")
def named_to_help(s):
    number = new(s, text="井盖缺失")[0].strip()
    wangge(s, "acceptor", "case", "act", number, "accept")
    wangge(s, "dispatcher", "case", "act", number, "dispatch", "--organ", "RHL-CG", "--co-organ", "RHL-XF")
    has(wangge(s, "acceptor", "case", "show", number)[0].split("Timeline:")[1], "helped by")
    has(wangge(s, "acceptor", "case", "show", number, "--lang", "zh_CN")[0].split("时间轴")[-1], "协办 ")
    events = [json.loads(line) for line in wangge(s, "acceptor", "case", "show", number, "--json")[0].splitlines()][1:]
    equal([e.get("coOrganCodes", []) for e in events], [[], [], ["RHL-XF"]])


@case("what is not allowed is said with what is: conflicts, rights, faults, nothing there")
def refusals(s):
    number = new(s, text="占道经营")[0].strip()
    _, err = wangge(s, "acceptor", "case", "act", number, "close", code=6)
    has(err, "FAILED_PRECONDITION", "What you can do now", "accept")
    cid = json.loads(wangge(s, "acceptor", "case", "show", number, "--json=caseId,version")[0])["caseId"]
    wangge(s, "acceptor", "case", "act", number, "accept")
    has(wangge(s, "acceptor", "case", "act", cid, "refuse", "--expect-version", "1", "--reason", "NOT_OURS", "--text", "x", code=6)[1],
        "ABORTED", "Accept")
    has(wangge(s, "worker", "case", "act", number, "dispatch", "--organ", "RHL-CG", code=4)[1], "PERMISSION_DENIED")
    has(wangge(s, "worker", "case", "show", "2306041111110001", code=5)[1], "NOT_FOUND")
    has(new(s, code=5, grid="230604001001999")[1], "NOT_FOUND")
    has(new(s, code=7, grid="123")[1], "15 digits")
    has(new(s, code=7, happened_at="2099-01-01 00:00")[1], "happened_at")
    has(wangge(s, "worker", "case", "act", number, "fly", code=7)[1], "There is no action", "accept")
    has(wangge(s, "worker", "case", "new", "--category", "E0102", "--no-input", code=2)[1], "--grid")
    wangge(s, "acceptor", "case", "act", number, "close", "--dry-run", code=6)
    wangge(s, "dispatcher", "case", "act", number, "dispatch", "--dry-run")
    # A refusal leaves nothing behind in the outbox.
    has(wangge(s, "worker", "outbox", "list")[1], "0 to send, 0 for you to look at")
    has(wangge(s, "acceptor", "outbox", "list")[1], "0 to send, 0 for you to look at")


@case("somebody was first: stop, send again where the two do not meet, or keep it as a note")
def on_conflict(s):
    number = new(s, text="路灯不亮")[0].strip()
    cid = json.loads(wangge(s, "acceptor", "case", "show", number, "--json=caseId,version")[0])["caseId"]
    wangge(s, "supervisor", "case", "act", number, "urge", "--text", "请尽快")
    has(wangge(s, "acceptor", "case", "act", cid, "accept", "--expect-version", "1", code=6)[1], "Urge", "请尽快",
        "Somebody else did something", "--on-conflict=retry")
    out, err = wangge(s, "acceptor", "case", "act", cid, "accept", "--expect-version", "1", "--on-conflict", "retry")
    has(err, "Sending it again on version 2")
    has(out, number, "Accepted")
    # In the new state it is no longer possible: nothing is forced, and what was wanted can be kept.
    has(wangge(s, "acceptor", "case", "act", cid, "refuse", "--reason", "NOT_OURS", "--expect-version", "2", "--on-conflict", "retry",
               code=6)[1], "nothing was sent again")
    has(wangge(s, "acceptor", "case", "act", cid, "refuse", "--reason", "OUT_OF_SCOPE", "--text", "不归我们", "--expect-version", "2",
               "--on-conflict", "note", "--lang", "zh_CN", code=8)[1], "已保留为备注")
    has(wangge(s, "acceptor", "case", "show", number)[0], "不归我们", "Note")
    has(wangge(s, "acceptor", "case", "act", cid, "refuse", "--on-conflict", "guess", code=2)[1], "fail, retry, note")


@case("codes and the table of actions are listed")
def codes(s):
    has(wangge(s, "worker", "list", "categories", "--find", "lldj")[0] + wangge(s, "worker", "list", "categories")[0], "E0102")
    has(wangge(s, "worker", "list", "organs", "--find", "RHL-CG")[0], "RHL-CG", "城管")
    has(wangge(s, "worker", "list", "grids")[0], "230604001001001")
    regions = [json.loads(line) for line in wangge(s, "supervisor", "list", "regions", "--json")[0].splitlines()]
    equal("230604" in {r["code"] for r in regions}, True, regions)
    table = wangge(s, "worker", "list", "actions")[0]
    has(table, "dispatch", "Dispatcher", "organ_code", "feed-back")
    has(wangge(s, "worker", "list", "actions", "--find", "返工", "--lang", "zh_CN")[0], "rework", "返工")
    has(wangge(s, "worker", "list", "wishes", code=2)[1], "categories, organs")


@case("an action takes every field and says which one is wrong")
def fields(s):
    number = new(s, text="井盖缺失")[0].strip()
    has(wangge(s, "acceptor", "case", "act", number, "accept", "--card", "green", code=7)[1], "yellow, red, black")
    has(wangge(s, "acceptor", "case", "act", number, "endorse", "--approval", "all", code=7)[1], "extend, suspend, void, appeal")
    has(wangge(s, "acceptor", "case", "act", number, "escalate", "--level", "moon", code=7)[1], "township, county or city")
    has(wangge(s, "supervisor", "case", "act", number, "urge", "--text", "x", "--until", "soon", code=7)[1], "--until")
    wangge(s, "supervisor", "case", "act", number, "urge", "--text", "请回复", "--until", "+3wd")
    has(wangge(s, "supervisor", "case", "show", number)[0], "请回复")
    has(wangge(s, "acceptor", "case", "list", "--due-within", "forever", code=7)[1], "90m, 4h or 2d")
    wangge(s, "acceptor", "case", "list", "--pending", "all", "--card", "red,black", "--due-within", "2d", "--light", "green,yellow")
    has(wangge(s, "acceptor", "case", "list", "--light", "blue", code=7)[1], "green, yellow, red")


@case("notes, lists, filters")
def lists(s):
    number = STATE["number"]
    wangge(s, "worker", "case", "note", number, "--text", "-", stdin="回访满意\n第二行\n")
    has(wangge(s, "worker", "case", "show", number, "--lang", "zh_CN")[0], "回访满意", "第二行", "时间轴", "已结案")
    numbers = [json.loads(line)["number"] for line in wangge(s, "worker", "case", "list", "--json=number", "--limit", "0")[0].splitlines()]
    equal(number in numbers, True, numbers)
    out, _ = wangge(s, "worker", "case", "list", "--state", "closed,archived")
    has(out, number, "Closed")
    equal(number in wangge(s, "worker", "case", "list", "--open")[0], False)
    has(wangge(s, "worker", "case", "list", "--state", "asleep", code=7)[1], "asleep", "field-check")
    has(wangge(s, "worker", "case", "list", "--find", "建筑垃圾")[0], number)
    equal(len(wangge(s, "worker", "case", "list", "--limit", "1", "--json")[0].splitlines()), 1)
    has(wangge(s, "dispatcher", "case", "list", "--my-work", "--lang=zh_CN")[0], "待派遣")
    has(wangge(s, "worker", "case", "list", "--find", "没有这样的")[1], "No case matches")


@case("a case settled on the spot; coordinates instead of a grid")
def settled(s):
    number = new(s, settle="已劝离", category="E0501")[0].strip()
    has(wangge(s, "worker", "case", "show", number)[0], "settled on the spot")
    code, _, lat, lon = next(g for g in city.grids() if g[0] == GRID)
    out, _ = wangge(s, "worker", "case", "new", "-c", "E0102", "--point", f"{lat},{lon}", "-m", "按坐标", "--happened-at", "-2h")
    has(wangge(s, "worker", "case", "show", out.strip())[0], code)


@case("the report: figure, definition, window, rows, cases behind it")
def report(s):
    out, _ = wangge(s, "supervisor", "report", "--by", "region", "--level", "county", "--lang", "zh_CN", "--compare")
    has(out, "办结率", "K01 v1", "口径", "时段", "截至", "剔除", "同比", "褚督办", "让胡路区")
    figure = json.loads(wangge(s, "supervisor", "report", "completion", "--json")[0])["total"]
    n, d = int(figure["numerator"]), int(figure["denominator"])
    equal((n, d) > (0, 0), True)
    has(wangge(s, "supervisor", "report", "--lang", "en")[0], f"({n}/{d})", "Definition")
    for part, count in (("numerator", n), ("denominator", d)):
        out, err = wangge(s, "supervisor", "report", "--cases", part, "--json")
        equal(len(out.splitlines()), count, part)
        has(err, f"{count} of {count} cases")
    out, _ = wangge(s, "supervisor", "report", "--by", "region", "--cases", "numerator", "--key", "230604")
    equal(len(out.splitlines()), n + 1)  # with titles
    has(wangge(s, "supervisor", "report", "--cases", "numerator", "--key", "999999", "--by", "region", code=5)[1], "999999")
    has(wangge(s, "supervisor", "report", "K99", code=7)[1], "INVALID_ARGUMENT")
    has(wangge(s, "supervisor", "report", "--from", "yesterday", code=7)[1], "--from")
    has(wangge(s, "worker", "report", "--region", "2306", code=4)[1], "PERMISSION_DENIED")


@case("a window without cases has no rate")
def empty_report(s):
    out, _ = wangge(s, "supervisor", "report", "--year", "2019", "--lang", "zh_CN")
    has(out, "办结率 — (0/0)")


@case("watch shows what happens, and goes on after its cursor")
def watch(s):
    env = environment(s, "supervisor")
    argv = [os.path.join(s.build, "client", "cli", "wangge"), "watch", "--json", "--heartbeat", "1"]
    with subprocess.Popen(argv, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        out, _ = wangge(s, "supervisor", "watch", "--cursor", "0", "--limit", "3", "--json")
        equal(len(out.splitlines()), 3)
        cursor = json.loads(out.splitlines()[-1])["cursor"]
        number = new(s, text="观察")[0].strip()
        out, _ = wangge(s, "supervisor", "watch", "--cursor", cursor, "--limit", "2")
        equal(len(out.splitlines()), 2)
        # "From now on" began at an unknown moment: one more, until the live one shows it.
        def live():
            ready, _, _ = select.select([child.stdout], [], [], 1)
            if not ready:
                new(s, text="再来一件")
                return None
            return json.loads(child.stdout.readline())
        event = proc.wait_until("an event", live, seconds=60)
        equal(event["event"]["action"], "ACTION_SUBMIT")
        equal(number.isdigit(), True)
        child.send_signal(signal.SIGINT)
        equal(child.wait(30), 130)
        has(child.stderr.read(), "--cursor")


@case("import: bad rows are named, good ones are there once however often it runs")
def import_table(s):
    folder = os.path.join(s.dir, "import")
    os.makedirs(folder)
    name = os.path.join(folder, "一月.csv")
    rows = [["E0102", GRID, f"第{i}件,带逗号", "解放路"] for i in range(700)]
    rows[10][0] = "x"
    rows[20][1] = "230604001001"
    rows[30][1] = "230604001001999"
    rows[31] = list(rows[32])  # two equal rows are two incidents
    with open(name, "w", encoding="gb18030", newline="") as f:
        writer = csv.writer(f)
        writer.writerow(["类别编码", "网格编码", "描述", "地址"])
        writer.writerows(rows)
        f.write('E0102,"broken" row,x,y\r\n')
    out, err = wangge(s, "worker", "import", name, "--dry-run", code=8)
    has(out, "701 rows: 697 good, 4 with faults", "line 12, category_code", "line 22, grid_code", "line 32, grid_code", "line 702")
    has(err, "GB18030")
    out, err = wangge(s, "worker", "import", name, "--batch", "100", code=8)
    has(out, "701 rows: 697 imported, 0 were there already, 4 failed")
    errors = name + ".errors.csv"
    with open(errors, encoding="utf-8-sig", newline="") as f:
        found = list(csv.DictReader(f))
    equal([r["line"] for r in found], ["12", "22", "32", "702"])
    equal([r["column"] for r in found[:3]], ["category_code", "grid_code", "grid_code"])
    equal(os.path.exists(name + ".wangge-state"), False, "state file after the end")
    has(wangge(s, "worker", "import", name, code=8)[0], "0 imported, 697 were there already, 4 failed")
    # The error file, mended, is the next input.
    found[0]["类别编码"] = "E0102"
    found[1]["网格编码"] = found[2]["网格编码"] = GRID
    with open(errors, "w", encoding="utf-8-sig", newline="") as f:
        writer = csv.DictWriter(f, found[0].keys())
        writer.writeheader()
        writer.writerows(found[:3])
    has(wangge(s, "worker", "import", errors)[0], "3 rows: 3 imported, 0 were there already, 0 failed")
    equal(os.path.exists(errors + ".errors.csv"), False)
    out, _ = wangge(s, "worker", "case", "list", "--find", "带逗号", "--limit", "0", "--json=number")
    equal(len(out.splitlines()), 700)


@case("import: inputs that are none are told apart")
def import_strange(s):
    folder = os.path.join(s.dir, "strange")
    os.makedirs(folder)
    for name, data, code, want in (
            ("empty.csv", b"", 7, "empty"), ("titles.csv", b"a,b\n1,2\n", 7, '"a"'), ("half.csv", b"category_code\nE0102\n", 7, "description"),
            ("book.csv", b"PK\x03\x04xxxx", 7, "workbook"), ("wide.csv", "类别".encode("utf-16"), 7, "UTF-16"),
            ("twice.csv", b"description,description\n", 7, "twice"),
            ("bom.csv", b"\xef\xbb\xbfcategory_code,grid_code,description\r\n", 0, "UTF-8"),
            ("bad.csv", "category_code,grid_code,description\nE0102,%s,好\nE0102,%s,".encode() .replace(b"%s", GRID.encode()) + b"\xff\n", 8, "")):
        path = os.path.join(folder, name)
        with open(path, "wb") as f:
            f.write(data)
        has(wangge(s, "worker", "import", path, "--dry-run", code=code)[1], want)
    has(wangge(s, "worker", "import", os.path.join(folder, "none.csv"), code=5)[1], "There is no file")
    has(wangge(s, "worker", "import", "/dev/null", code=7)[1], "regular file")


@case("an interrupted import goes on where it stopped")
def import_resume(s):
    name = os.path.join(s.dir, "import", "resume.csv")
    with open(name, "w", encoding="utf-8", newline="") as f:
        f.write("category_code,grid_code,description\r\n")
        for i in range(3000):
            f.write(f"E0102,{GRID},续传{i:05}\r\n" if i % 500 else f"X,{GRID},续传{i:05}\r\n")
    argv = [os.path.join(s.build, "client", "cli", "wangge"), "import", name, "--batch", "20", "--quiet"]
    state = name + ".wangge-state"
    child = subprocess.Popen(argv, env=environment(s, "worker"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    proc.wait_until("the first batches", lambda: os.path.exists(state), seconds=60)
    child.kill()
    child.wait()
    equal(os.path.exists(state), True)
    out, err = wangge(s, "worker", "import", name, code=8)
    has(err, "Going on behind row")
    has(out, "3000 rows", "6 failed")
    imported, already = map(int, re.search(r"(\d+) imported, (\d+) were there", out).groups())
    equal(imported + already, 2994)
    with open(name + ".errors.csv", encoding="utf-8-sig", newline="") as f:
        equal(len(list(csv.DictReader(f))), 6)
    out, _ = wangge(s, "worker", "case", "list", "--find", "续传", "--limit", "0", "--json=number")
    equal(len(out.splitlines()), 2994)


@case("without the server work is kept, goes out later, and happens once")
def offline(s):
    number = new(s, text="还在线")[0].strip()
    cs = json.loads(wangge(s, "worker", "case", "show", number, "--json=caseId,version")[0])
    s.stop()
    out, err = new(s, code=9, text="离线登记一")
    has(out, "local-")
    has(err, "Saved on this machine")
    has(new(s, code=9, text="离线登记二", lang="zh_CN")[0], "本机-")
    wangge(s, "worker", "case", "note", cs["caseId"], "--text", "离线备注", code=9)
    out, err = wangge(s, "worker", "outbox", "list")
    equal(len(out.splitlines()), 4)
    has(err, "3 to send")
    has(wangge(s, "worker", "whoami", code=10)[1], "UNAVAILABLE", "wangge doctor")
    has(wangge(s, "worker", "doctor", code=10)[0], "[!!] Server")
    wangge(s, "worker", "outbox", "retry", code=9)
    has(wangge(s, "worker", "outbox", "drop", "99999", "--yes", code=5)[1], "99999")
    has(wangge(s, "worker", "outbox", "drop", "1", "--no-input", code=2)[1], "--yes")
    s.start()
    out, err = wangge(s, "worker", "outbox", "retry")
    equal(out.count("delivered"), 3, out)
    has(err, "3 delivered, 0 still to send")
    out, _ = wangge(s, "worker", "case", "list", "--find", "离线登记", "--json=number")
    equal(len(out.splitlines()), 2)
    has(wangge(s, "worker", "case", "show", number)[0], "离线备注")


@case("doctor is content; texts fit the session's character set")
def doctor(s):
    out, _ = wangge(s, "worker", "doctor")
    has(out, "[ok] Server", "[ok] Clock", "[ok] Session", "[ok] Outbox")
    for locale in ("zh_CN.UTF-8", "zh_CN.GB18030", "C"):
        env = environment(s, "worker", LANG=locale, LC_ALL=locale)
        has(wangge(s, "worker", "doctor", "--lang", "zh_CN", env=env)[0], "服务器", "时钟")
    full = subprocess.run([os.path.join(s.build, "client", "cli", "wangge"), "whoami"], env=environment(s, "worker"),
                          stdout=open("/dev/full", "w", encoding="ascii"), stderr=subprocess.PIPE, text=True, check=False)
    equal(full.returncode, 1)
    has(full.stderr, "Standard output")


@case("logout ends the session here and there")
def logout(s):
    env = environment(s, "worker")
    path = os.path.join(env["HOME"], ".local/state/wangge/session")
    with open(path, encoding="utf-8") as f:
        kept = f.read()
    wangge(s, "worker", "logout")
    equal(os.path.exists(path), False)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as f:
        f.write(kept)
    has(wangge(s, "worker", "whoami", code=4)[1], "UNAUTHENTICATED")
    # Saved while the session had ended: kept, and sent after the next login.
    _, err = new(s, code=4, text="会话已过")
    has(err, "is kept here")
    login(s, "worker")
    wangge(s, "worker", "outbox", "retry")
    has(wangge(s, "worker", "case", "list", "--find", "会话已过")[0], "会话已过")


class SteadyStack(Stack):
    """Comes back on the port it had: a session belongs to its server."""

    port = 0

    def config(self):
        name = os.path.join(self.dir, "wangged.conf")
        with open(name, "w", encoding="utf-8") as f:
            f.write(f"listen = 127.0.0.1:{self.port}\n")
        return name


def main():
    build = find_build()
    with SteadyStack(build) as stack:
        return run(stack)


sys.exit(main())
