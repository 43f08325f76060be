#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The Python of README.md and doc/api.md runs as it stands, from top to bottom, against a whole server. api_doc.py BUILD.

Only what a reader has to replace is replaced: the address, the demo city's login, the password.
"""
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")
sys.path.insert(0, os.path.join(HERE, "..", "support"))
import city  # noqa: E402
from cases import case, equal, run  # noqa: E402
from stack import Stack, find_build  # noqa: E402

BLOCK = re.compile(r"^```python\n(.*?)^```$", re.S | re.M)
TO_REPLACE = {"127.0.0.1:7480": None, "demo.worker": "worker", "…": city.PASSWORD}


def blocks(page):
    """[(line, code)]; line numbers of a traceback are the page's."""
    with open(os.path.join(ROOT, page), encoding="utf-8") as f:
        text = f.read()
    return [(text.count("\n", 0, m.start(1)), m.group(1)) for m in BLOCK.finditer(text)]


def run_page(s, page, at_least):
    found = blocks(page)
    equal(len(found) >= at_least, True, f"{page} has {len(found)} blocks of Python")
    names = {"__name__": page}
    for line, code in found:
        for old, new in TO_REPLACE.items():
            code = code.replace(old, new or s.address)
        exec(compile("\n" * line + code, page, "exec"), names)  # noqa: S102 - the page's own code is what is tested
    names["channel"].close()
    return names


@case("README.md")
def readme(s):
    run_page(s, "README.md", 1)


@case("doc/api.md")
def api(s):
    names = run_page(s, "doc/api.md", 6)
    equal(names["conflict"].rule, "ROLE")
    equal(names["kept"].name, "现场.pdf")
    equal((names["part"].summary.done, names["part"].summary.failed), (1, 0))
    equal(s.psql(f"select count(*) from case_file where id = '{names['first'].case_id}' and state = 1"), "1")


def main():
    with Stack(find_build()) as s:
        return run(s)


sys.exit(main())
