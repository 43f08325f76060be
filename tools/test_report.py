#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Sum up test runs: test_report.py NAME=BUILD|ok|failed ...

A Check program counts by its cases, a script that ends in "N passed, M failed" by those, any other test as one. Prints the
output of every failed test and a table by run and suite; the last line is "N passed, M failed". Fails if anything did.
"""
import json
import os
import re
import sys

CHECK_LINE = re.compile(r"^\d+%: Checks: (\d+), Failures: (\d+), Errors: (\d+)", re.M)
FUZZ_LINE = re.compile(r"^fuzz \w+: \d+ executions.*$", re.M)
SCRIPT_LINE = re.compile(r"^(\d+) passed, (\d+) failed$", re.M)


def count(test):
    """Return (passed, failed, skipped) of one entry of meson's log."""
    if test["result"] == "SKIP":
        return 0, 0, 1
    passed = failed = 0
    out = test.get("stdout", "")
    for checks, failures, errors in CHECK_LINE.findall(out):
        bad = int(failures) + int(errors)
        passed += int(checks) - bad
        failed += bad
    for good, bad in SCRIPT_LINE.findall(out):
        passed += int(good)
        failed += int(bad)
    ok = test["result"] in ("OK", "EXPECTEDFAIL")
    if not ok and failed == 0:
        failed = 1
    if ok and passed + failed == 0:
        passed = 1
    return passed, failed, 0


def suites_of(build):
    """Return {test name: suite} as the build defines them; the log does not tell."""
    with open(os.path.join(build, "meson-info", "intro-tests.json"), encoding="utf-8") as f:
        return {t["name"]: ",".join(s.partition(":")[2] or s for s in t["suite"]) for t in json.load(f)}


def tail(text, limit=200):
    lines = text.splitlines()
    if len(lines) > limit:
        lines = [f"... {len(lines) - limit} lines left out ..."] + lines[-limit:]
    return "\n".join(lines)


def show_failure(run, test):
    print(f"---- {run}: {test['name']}: {test['result']} (exit {test.get('returncode')}, {test.get('duration', 0):.1f} s)")
    for part in ("stdout", "stderr"):
        if test.get(part):
            print(tail(test[part]))


def main():
    total_passed = total_failed = 0
    table = {}
    for arg in sys.argv[1:]:
        run, _, what = arg.partition("=")
        if what in ("ok", "failed"):
            rows = {"-": (int(what == "ok"), int(what == "failed"), 0)}
        elif not os.path.exists(log := os.path.join(what, "meson-logs", "testlog.json")):
            print(f"---- {run}: there is no test log")
            rows = {"-": (0, 1, 0)}
        else:
            rows = {}
            suites = suites_of(what)
            with open(log, encoding="utf-8") as f:
                tests = [json.loads(line) for line in f if line.strip()]
            for test in tests:
                suite = suites.get(test["name"].rpartition(" / ")[2], "-")
                got = count(test)
                rows[suite] = tuple(a + b for a, b in zip(rows.get(suite, (0, 0, 0)), got))
                if got[1]:
                    show_failure(run, test)
                for line in FUZZ_LINE.findall(test.get("stdout", "")):
                    print(line)
                if got[2]:
                    print(f"skipped: {run}: {test['name']}: {tail(test.get('stdout', '').strip(), 1)}")
        for suite, row in rows.items():
            table[(run, suite)] = row
            total_passed += row[0]
            total_failed += row[1]
    print(f"{'run':<12}{'suite':<14}{'passed':>8}{'failed':>8}{'skipped':>9}")
    for (run, suite), row in table.items():
        print(f"{run:<12}{suite:<14}{row[0]:>8}{row[1]:>8}{row[2]:>9}")
    print(f"{total_passed} passed, {total_failed} failed")
    sys.exit(1 if total_failed else 0)


main()
