#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The API contract: buf's STANDARD rules and comments, and nothing broken since the last release.

check_proto.py lint | breaking. Compares with the last release tag (v*), else with main; skipped with a reason where there is no
older version. buf comes from the Node packages of tests/e2e/node.
"""
import os
import subprocess
import sys
import tempfile

import tree


def buf():
    node = os.environ.get("WANGGE_NODE_DIR", os.path.join(tree.ROOT, "build", "node"))
    tool = os.path.join(node, "node_modules", ".bin", "buf")
    if not os.path.exists(tool):
        tree.need("buf is not installed; ./dev test installs it")
    return tool


def git(*args, **kw):
    return subprocess.run(["git", "-c", "safe.directory=*", "-C", tree.ROOT, *args], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, **kw)


def run(tool, *args):
    done = subprocess.run([tool, *args], cwd=tree.ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    print(done.stdout, end="")
    return done.returncode


def older_version():
    """The revision to compare with, or None."""
    tag = git("describe", "--tags", "--abbrev=0", "--match", "v*", "HEAD^")
    if tag.returncode == 0:
        return tag.stdout.decode().strip()
    head = git("rev-parse", "HEAD").stdout
    for name in ("origin/main", "main"):
        rev = git("rev-parse", "--verify", "-q", name)
        if rev.returncode == 0 and rev.stdout != head:
            return git("merge-base", name, "HEAD").stdout.decode().strip() or None
    return None


def main():
    tool = buf()
    protos = tree.files(".proto", under="proto/wangge/")
    if sys.argv[1] == "lint":
        failed = run(tool, "lint")
    else:
        older = older_version()
        if not older:
            print("there is no release tag and no main to compare with: no older version that could be broken")
            sys.exit(tree.SKIP)
        with tempfile.TemporaryDirectory() as tmp:
            archive = git("archive", older, "proto", "buf.yaml")
            if archive.returncode:
                print(f"{older} has no buf.yaml yet: no older version that could be broken")
                sys.exit(tree.SKIP)
            subprocess.run(["tar", "-x", "-C", tmp], input=archive.stdout, check=True)
            print(f"against {older}")
            failed = run(tool, "breaking", "--against", tmp)
    print(f"{0 if failed else len(protos)} passed, {len(protos) if failed else 0} failed")
    sys.exit(1 if failed else 0)


main()
