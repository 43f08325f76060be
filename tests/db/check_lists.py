#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every SQL file is built in: the folders and the lists of the meson files agree. check_lists.py SOURCE_ROOT"""
import os
import re
import sys

LISTS = {
    "schema/meson.build": "schema",
    "server/store/meson.build": "server/store",
}


def main():
    root = sys.argv[1]
    failed = 0
    for meson, folder in LISTS.items():
        with open(os.path.join(root, meson), encoding="utf-8") as f:
            listed = set(re.findall(r"'([^']+\.sql)'", f.read()))
        there = set()
        for top, _, names in os.walk(os.path.join(root, folder)):
            there |= {os.path.relpath(os.path.join(top, n), os.path.join(root, folder)) for n in names if n.endswith(".sql")}
        there.discard("schema.sql")  # the dump
        for name in sorted(there - listed):
            print(f"{meson}: {name} is not listed, so it is not built in")
            failed = 1
        for name in sorted(listed - there):
            print(f"{meson}: {name} is listed but not there")
            failed = 1
    sys.exit(failed)


main()
