#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Bring po/zh_CN.po and po/POTFILES up to date with the texts in client/; print what still needs a translation.

po.py            extract and merge
po.py FILE       also take translations from FILE: lines "English<TAB>Chinese" (context as "context|English"; newlines as \\n)
"""
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PO = os.path.join(ROOT, "po", "zh_CN.po")
MARKED = re.compile(r"\bN?C?_\(|\bngettext\(")


def sources():
    names = []
    for folder, dirs, files in os.walk(os.path.join(ROOT, "client")):
        for f in files:
            path = os.path.join(folder, f)
            if f.endswith((".c", ".h")) and MARKED.search(open(path, encoding="utf-8").read()):
                names.append(os.path.relpath(path, ROOT))
    return sorted(names)


def unquote(text):
    return "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', text))


def translate(known):
    """Fill empty entries from known; return those left."""
    # The date of extraction would make every two merges collide.
    blocks = re.sub(r'"(POT-Creation-Date|Report-Msgid-Bugs-To):[^\n]*\n', "", open(PO, encoding="utf-8").read()).split("\n\n")
    left = []
    for i, block in enumerate(blocks):
        m = re.search(r'^(?:msgctxt (?P<ctx>"[^\n]*")\n)?msgid (?P<id>(?:"[^\n]*"\n)+)msgstr (?P<str>(?:"[^\n]*"\n?)+)', block + "\n", re.M)
        if not m or not unquote(m["id"]) or unquote(m["str"]):
            continue
        key = (unquote(m["ctx"]) + "|" if m["ctx"] else "") + unquote(m["id"])
        if key in known:
            blocks[i] = block[:m.start("str")] + '"' + known[key] + '"'
        else:
            left.append(key)
    with open(PO, "w", encoding="utf-8") as f:
        f.write("\n\n".join(b.rstrip("\n") for b in blocks) + "\n")
    return left


def main():
    names = sources()
    with open(os.path.join(ROOT, "po", "POTFILES"), "w", encoding="utf-8") as f:
        f.write("".join(n + "\n" for n in names))
    with tempfile.TemporaryDirectory() as tmp:
        pot = os.path.join(tmp, "wangge.pot")
        subprocess.run(["xgettext", "--from-code=UTF-8", "--add-location=file", "--package-name=wangge", "-k_", "-kN_",
                        "-kngettext:1,2", "-kC_:1c,2", "-kNC_:1c,2", "-o", pot, *names], cwd=ROOT, check=True)
        subprocess.run(["msgmerge", "--quiet", "--no-fuzzy-matching", "--add-location=file", "--sort-by-file", "--no-wrap",
                        "--update", "--backup=none", PO, pot], check=True)
        subprocess.run(["msgattrib", "--no-obsolete", "--add-location=file", "--sort-by-file", "--no-wrap", "-o", PO, PO],
                       check=True)
    known = {}
    if len(sys.argv) > 1:
        for line in open(sys.argv[1], encoding="utf-8"):
            if "\t" in line:
                a, b = line.rstrip("\n").split("\t", 1)
                known[a] = b
    for key in translate(known):
        print(key)


main()
