#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Conventions that can be read off the text of single files.

Banned functions, sleeps in tests, includes that climb with "../", included .c files, licence lines, length, absolute paths of
the machine the tree stands on, host names in lock files, scripts that do not parse.
"""
import os
import re
import subprocess
import sys

import tree

BANNED = re.compile(r"(?<![\w.>])(strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atol|atof|alloca)\s*\(")
SLEEP_C = re.compile(r"(?<![\w.>])(sleep|usleep|nanosleep|clock_nanosleep|pg_sleep)\s*\(")
SLEEP_PY = re.compile(r"\b(time|asyncio)\.sleep\s*\(|\bpg_sleep\s*\(")
SLEEP_JS = re.compile(r"\bAtomics\.wait\s*\(|\bpg_sleep\s*\(")
SLEEP_SH = re.compile(r"^\s*(?:[\w{(]+\s+)*sleep\s+[\d.$]", re.M)
CLIMBS = re.compile(r'^\s*#\s*include\s+["<](?:[^">]*/)?\.\./', re.M)
INCLUDES_C = re.compile(r'^\s*#\s*include\s+["<][^">]+\.c[">]', re.M)
MAX_LINES = 800
# Made by tools, or lists that are data.
LONG = re.compile(r"(package-lock\.json|\.po|\.pot|\.tsv|\.csv|schema/schema\.sql)$")
NEEDS_LICENCE = (".c", ".h", ".cc", ".py", ".sh", ".js", ".mjs", ".proto")
FOREIGN = ("proto/google/", "proto/grpc/")
STANDARD_TOPS = {"usr", "opt", "srv", "var", "tmp", "etc", "home", "root", "mnt"}


def hits(name, text, pattern, what):
    for m in pattern.finditer(text):
        yield f"{name}:{tree.line_of(text, m.start())}: {what}: {m.group(0).strip()}"


def own_paths():
    """Absolute paths that would tie the tree to this machine."""
    parts = tree.ROOT.split("/")
    own = "/" + parts[1] + "/" if parts[1] not in STANDARD_TOPS else tree.ROOT + "/"
    # Only what begins a path: in "$GEM/src/x" nothing is ours.
    return re.compile(r"(?<![\w.)}\]-])(?:" + re.escape(own) + r"[\w.-]+|/home/\w|/Users/\w|/root/)")


def is_of_this_machine(path):
    """A tree in a folder like /src is not betrayed by every "/src/x": there must be such a thing."""
    return path.startswith(("/home/", "/Users/", "/root/")) or os.path.exists(path)


def check_c(name, text):
    code = tree.code_of(text)
    yield from hits(name, code, BANNED, "banned function")
    yield from hits(name, text, CLIMBS, "include climbs out of its folder")
    yield from hits(name, text, INCLUDES_C, "a .c file is included")
    if name.startswith("tests/"):
        yield from hits(name, code, SLEEP_C, "sleep in a test (wait on a condition)")


def check_script(name, text):
    if name.startswith("tests/"):
        if name.endswith(".py"):
            yield from hits(name, text, SLEEP_PY, "sleep in a test (wait on a condition)")
        elif name.endswith((".js", ".mjs")):
            yield from hits(name, text, SLEEP_JS, "sleep in a test (wait on a condition)")
        elif name.endswith(".sh"):
            yield from hits(name, text, SLEEP_SH, "sleep in a test (wait on a condition)")
    first = text.partition("\n")[0]
    parse = None
    if name.endswith(".py"):
        try:
            compile(text, name, "exec")
        except SyntaxError as e:
            yield f"{name}:{e.lineno}: does not parse: {e.msg}"
    elif first.startswith("#!") and re.search(r"\bbash\b", first):
        parse = ["bash", "-n"]
    elif first.startswith("#!") and re.search(r"/sh\b", first):
        parse = ["sh", "-n"]
    if parse:
        run = subprocess.run([*parse, os.path.join(tree.ROOT, name)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if run.returncode:
            yield f"{name}:1: does not parse: {run.stdout.strip()}"


def check_any(name, text, machine):
    lines = text.count("\n")
    if lines > MAX_LINES and not LONG.search(name):
        yield f"{name}:{lines}: longer than {MAX_LINES} lines"
    if name.endswith(NEEDS_LICENCE) and not name.startswith(FOREIGN):
        if "SPDX-License-Identifier: MIT" not in "\n".join(text.split("\n", 3)[:2]):
            yield f"{name}:1: no SPDX line at the top"
    if not name.startswith("tests/checks/"):
        for m in machine.finditer(text):
            if is_of_this_machine(m.group(0)):
                yield f"{name}:{tree.line_of(text, m.start())}: absolute path of a machine: {m.group(0)}"
    if name.endswith("package-lock.json"):
        yield from hits(name, text, re.compile(r'"resolved"'), "a registry's host name")


def findings(names):
    machine = own_paths()
    for name in names:
        text = tree.read(name)
        if "\0" in text:
            if not name.startswith(("tests/fuzz/", "tests/support/")):
                yield f"{name}:1: binary file"
            continue
        yield from check_any(name, text, machine)
        if name.endswith((".c", ".h", ".cc")):
            yield from check_c(name, text)
        else:
            yield from check_script(name, text)


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    names = tree.files()
    tree.report(len(names), findings(names))


def self_test():
    """Prove that each rule finds what it is for, and spares what it is not for."""
    def one(name, text):
        found = list(check_c(name, text)) if name.endswith(".c") else list(check_script(name, text))
        return found + list(check_any(name, text, own_paths()))
    licence = "/* SPDX-License-Identifier: MIT */\n"
    bad = {
        "banned": ("server/x.c", licence + "int f(void) { return atoi(s); }\n"),
        "sleep": ("tests/unit/x.c", licence + "void f(void) { usleep(1); }\n"),
        "python sleep": ("tests/e2e/x.py", "# SPDX-License-Identifier: MIT\nimport time\ntime" + ".sleep(1)\n"),
        "shell sleep": ("tests/e2e/x.sh", "# SPDX-License-Identifier: MIT\n  sleep 1\n"),
        "climbing include": ("server/x.c", licence + '#include "../y.h"\n'),
        "included source": ("tests/unit/x.c", licence + '#include "server/y.c"\n'),
        "licence": ("server/x.c", "int x;\n"),
        "length": ("server/x.c", licence + "\n" * 900),
        "machine path": ("server/x.c", licence + 'const char *p = "/home/me/x";\n'),
        "lock file": ("package-lock.json", '{"resolved": "x"}\n'),
        "python that does not parse": ("tools/x.py", "# SPDX-License-Identifier: MIT\ndef f(:\n"),
    }
    good = {
        "name in a comment": ("server/x.c", licence + "/* not strcpy(a, b) */ int y;\n"),
        "name in a literal": ("server/x.c", licence + 'const char *s = "atoi(3)";\n'),
        "longer name": ("server/x.c", licence + "int y = my_atoi(s) + p->gets(q);\n"),
        "sleep outside the tests": ("server/x.c", licence + "void f(void) { usleep(1); }\n"),
    }
    failed = [f"{k}: not found" for k, v in bad.items() if not one(*v)]
    failed += [f"{k}: found by mistake" for k, v in good.items() if one(*v)]
    tree.report(len(bad) + len(good), failed)


main()
