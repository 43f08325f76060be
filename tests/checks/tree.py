# SPDX-License-Identifier: MIT
"""What the convention checks share: the project's files, C text without comments, and the report of a check.

A check yields findings (strings "file:line: what"); report() prints them and "N passed, M failed" and ends the program.
"""
import json
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tools"))
sys.dont_write_bytecode = True
import sources  # noqa: E402

SKIP = 77  # meson's exit code for a test that could not run


def files(*endings, under=""):
    """Return the project's files by ending, relative to the root."""
    return [n for n in sources.tracked() if n.startswith(under) and (not endings or n.endswith(endings))]


def read(name):
    with open(os.path.join(ROOT, name), encoding="utf-8", errors="replace") as f:
        return f.read()


def blank(match):
    return re.sub(r"[^\n]", " ", match.group(0))


COMMENT_OR_TEXT = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def code_of(text):
    """Return C text with comments and literals blanked, line numbers kept; #include lines are left alone."""
    return COMMENT_OR_TEXT.sub(lambda m: m.group(0) if is_include(text, m) else blank(m), text)


def is_include(text, match):
    start = text.rfind("\n", 0, match.start()) + 1
    return re.match(r"\s*#\s*include\b", text[start:match.start()]) is not None


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def compile_commands(build):
    """Return {source relative to the root: compile command entry} of a build folder, generated sources left out."""
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as f:
        entries = json.load(f)
    found = {}
    for entry in entries:
        name = os.path.relpath(os.path.realpath(os.path.join(entry["directory"], entry["file"])), ROOT)
        if not name.startswith(".."):
            found.setdefault(name, entry)
    return found


def need(why):
    """A test that cannot run here is skipped, or fails where a complete run was asked for."""
    print(why)
    sys.exit(1 if os.environ.get("WANGGE_COMPLETE") else SKIP)


def report(checked, findings):
    """checked: how many things were looked at; a file with a finding counts once as failed."""
    findings = list(findings)
    for finding in findings:
        print(finding)
    failed = len({f.partition(":")[0] for f in findings})
    print(f"{max(checked - failed, 0)} passed, {failed} failed")
    sys.exit(1 if findings else 0)
