#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The metrics the server exports (names in its sources) and those doc/metrics.md lists are the same; --self-test: a missing one and
a stale one are found."""
import re
import sys

import tree

PAGE = "doc/metrics.md"
# In a table of values, or in a HELP line of their own.
NAME = re.compile(r'\{"((?:wangge|process)_\w+)", "(?:gauge|counter)"|# HELP ((?:wangge|process)_\w+) ')
ROW = re.compile(r"^\| `((?:wangge|process)_\w+)` \|", re.M)


def findings(sources, page):
    exported = {a or b: name for name, text in sources for a, b in NAME.findall(text)}
    listed = set(ROW.findall(page))
    yield from (f"{exported[m]}: {m} is not in {PAGE}" for m in sorted(exported.keys() - listed))
    yield from (f"{PAGE}: {m} is not exported" for m in sorted(listed - exported.keys()))


def main():
    sources = [(name, tree.read(name)) for name in tree.files(".c", under="server/")]
    page = tree.read(PAGE)
    if sys.argv[1:] == ["--self-test"]:
        missing = list(findings(sources, page.replace("| `wangge_audit_queue` |", "| gone |")))
        stale = list(findings(sources, page + "| `wangge_stale` | gauge | x |\n"))
        wrong = [] if len(missing) == len(stale) == 1 else [f"{__file__}: {missing} {stale}"]
        tree.report(2, wrong)
    tree.report(len(ROW.findall(page)), findings(sources, page))


main()
