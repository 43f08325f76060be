#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Deadlines on the command line, in English and Chinese. cli_clock.py BUILD"""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import city  # noqa: E402
from cases import case, equal, run  # noqa: E402
from stack import SANITIZER, Stack, find_build, uuid7  # noqa: E402

GRID = "230604001001001"


def wangge(s, *args, code=0, stdin=""):
    """Run the program as the supervisor; return (standard output, standard error)."""
    home = os.path.join(s.dir, "home")
    os.makedirs(home, exist_ok=True)
    env = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "LC_", "WANGGE_"))}
    env.update({"HOME": home, "LANG": "C.UTF-8", "LANGUAGE": "", "TERM": "dumb"})
    done = subprocess.run([os.path.join(s.build, "client", "cli", "wangge"), *args], input=stdin, env=env, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
    if done.returncode != code or SANITIZER.search(done.stderr):
        raise AssertionError(f"wangge {' '.join(args)}: exit code {done.returncode}, not {code}\n{done.stdout}\n{done.stderr}")
    return done.stdout, done.stderr


def has(text, *parts):
    for part in parts:
        if part not in text:
            raise AssertionError(f"{part!r} is not in:\n{text}")


@case("a due time is explained by number and by id, the running total ends at the limit")
def explained(s):
    from wangge.v1 import case_pb2
    made = s.call("worker", "CaseService", "SubmitCase", case_pb2.SubmitCaseRequest(
        request_id=uuid7(), case_id=uuid7(), category_code="E0102", grid_code=GRID, description="路面塌陷"))
    s.number = made.number
    wangge(s, "login", "--server", s.address, "--user", "supervisor", "--password-stdin", stdin=city.PASSWORD + "\n")
    out = wangge(s, "case", "explain", s.number)[0]
    has(out, "Acceptance", "Limit", "working time", "Counted", "Total", "Due")
    equal(wangge(s, "case", "explain", made.case_id)[0].count("\n"), out.count("\n"))
    answer = json.loads(wangge(s, "case", "explain", s.number, "--json")[0])
    equal(sum(int(i["counted"]) for i in answer["intervals"]), int(answer["limit"]))
    equal(answer["intervals"][-1]["total"], answer["limit"])


@case("the clock asked for, in Chinese; what is refused")
def chosen(s):
    # Reasons come from the client's own words.
    has(wangge(s, "case", "explain", s.number, "--clock", "overall", "--lang", "zh_CN")[0], "全程", "工作时间", "日历")
    has(wangge(s, "case", "explain", s.number, "--clock", "lunch", code=7)[1], "accept, dispatch, handle")
    wangge(s, "case", "explain", s.number, "--clock", "handle", code=6)
    wangge(s, "case", "explain", uuid7(), code=5)
    has(wangge(s, "case", "explain", code=2)[1], "Too few arguments")


if __name__ == "__main__":
    with Stack(find_build()) as stack:
        sys.exit(run(stack))
