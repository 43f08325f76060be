#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""List the project's own files: sources.py [c|all], names ended by NUL, relative to the root.

What git tracks or would add; without git (a release tarball) everything but build folders.
"""
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
C_ENDINGS = (".c", ".h", ".cc")


def tracked():
    """Return the sorted relative names of all files that belong to the project and exist."""
    git = ["git", "-c", "safe.directory=*", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        out = subprocess.run(git, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        names = [n.decode() for n in out.split(b"\0") if n]
    except (OSError, subprocess.CalledProcessError):
        names = []
        for folder, dirs, files in os.walk(ROOT):
            rel = os.path.relpath(folder, ROOT)
            if rel == ".":
                dirs[:] = [d for d in dirs if not d.startswith("build") and d not in ("var", "node_modules", ".git")]
            names += [os.path.normpath(os.path.join(rel, f)) for f in files]
    return sorted(n for n in set(names) if os.path.isfile(os.path.join(ROOT, n)))


def main():
    kind = sys.argv[1] if len(sys.argv) > 1 else "all"
    for name in tracked():
        if kind == "all" or name.endswith(C_ENDINGS):
            sys.stdout.write(name + "\0")


if __name__ == "__main__":
    main()
