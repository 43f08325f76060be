#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Prove that a benchmark works: smoke.py BUILD NAME OPTION... runs it with tiny sizes and looks at its last line, never at times."""
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def main():
    build, name, *options = sys.argv[1:]
    done = subprocess.run([sys.executable, os.path.join(HERE, f"bench_{name}.py"), "--build", build, *options],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    print(done.stdout, end="")
    last = done.stdout.rstrip("\n").rpartition("\n")[2]
    sys.exit(0 if done.returncode == 0 and re.fullmatch(rf"bench {name}: ours [\d.e+-]+ .+, theirs [\d.e+-]+ .+, ratio [\d.]+ "
                                                        r"\(goal .+\)", last) else 1)


main()
