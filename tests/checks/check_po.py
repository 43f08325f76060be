#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every text the client shows has a Chinese translation: xgettext over client/ against po/zh_CN.po."""
import os
import re
import subprocess
import sys
import tempfile

import tree

PO = "po/zh_CN.po"


def main():
    names = [n for n in tree.files(".c", ".h", under="client/") if re.search(r"\bN?C?_\(|\bngettext\(", tree.read(n))]
    if not names or not os.path.exists(os.path.join(tree.ROOT, PO)):
        if names:
            tree.report(1, [f"{PO}:1: is missing"])
        print("the client shows no text yet")
        sys.exit(tree.SKIP)
    with tempfile.TemporaryDirectory() as tmp:
        pot = os.path.join(tmp, "wangge.pot")
        subprocess.run(["xgettext", "--from-code=UTF-8", "-k_", "-kN_", "-kngettext:1,2",
                        "-kC_:1c,2", "-kNC_:1c,2", "-o", pot, *names], cwd=tree.ROOT,
                       check=True)
        steps = [["msgfmt", "--check", "-o", os.path.join(tmp, "out.mo"), PO], ["msgcmp", PO, pot]]
        bad = 0
        for step in steps:
            done = subprocess.run(step, cwd=tree.ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                  env={**os.environ, "LC_ALL": "C.UTF-8"})
            print(done.stdout, end="")
            bad += done.returncode != 0
    print(f"{len(steps) - bad} passed, {bad} failed")
    sys.exit(1 if bad else 0)


main()
