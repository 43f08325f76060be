#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The sum of a test run: that nothing failed is only worth saying if a failure is always counted."""
import json
import os
import subprocess
import sys
import tempfile

import tree

REPORT = os.path.join(tree.ROOT, "tools", "test_report.py")


def entry(result, stdout="", code=0):
    return {"name": "p:unit / x", "result": result, "stdout": stdout, "returncode": code, "duration": 0.1}


CASES = {
    "Check counts by its cases": ([entry("OK", "100%: Checks: 7, Failures: 0, Errors: 0\n")], [], "7 passed, 0 failed"),
    "Check with failures": ([entry("FAIL", "71%: Checks: 7, Failures: 1, Errors: 1\n", 1)], [], "5 passed, 2 failed"),
    "a script counts by its last line": ([entry("OK", "ok - a\n3 passed, 0 failed\n")], [], "3 passed, 0 failed"),
    "any other test is one": ([entry("OK"), entry("FAIL", "", 1)], [], "1 passed, 1 failed"),
    "a crash after passing cases": ([entry("FAIL", "3 passed, 0 failed\n", -11)], [], "3 passed, 1 failed"),
    "a time-out": ([entry("TIMEOUT", "", -15)], [], "0 passed, 1 failed"),
    "skipped is neither": ([entry("SKIP", "no\n", 77), entry("OK")], [], "1 passed, 0 failed"),
    "a step that is no test": ([entry("OK")], ["format=failed"], "1 passed, 1 failed"),
    "no log": (None, [], "0 passed, 1 failed"),
}


def run_case(log, extra, want):
    with tempfile.TemporaryDirectory() as build:
        for folder in ("meson-info", "meson-logs"):
            os.mkdir(os.path.join(build, folder))
        with open(os.path.join(build, "meson-info", "intro-tests.json"), "w", encoding="utf-8") as f:
            json.dump([{"name": "x", "suite": ["p:unit"]}], f)
        if log is not None:
            with open(os.path.join(build, "meson-logs", "testlog.json"), "w", encoding="utf-8") as f:
                f.writelines(json.dumps(line) + "\n" for line in log)
        done = subprocess.run([sys.executable, REPORT, f"run={build}", *extra], stdout=subprocess.PIPE, text=True)
    last = done.stdout.rstrip("\n").rpartition("\n")[2]
    if last != want or done.returncode != (0 if want.endswith(" 0 failed") else 1):
        return f"got {last!r} and exit {done.returncode}, want {want!r}"
    return None


def main():
    found = {name: run_case(*case) for name, case in CASES.items()}
    tree.report(len(CASES), [f"{name}: {what}" for name, what in found.items() if what])


main()
