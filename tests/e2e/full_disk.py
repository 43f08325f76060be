#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A disk that fills up while incidents come in. full_disk.py BUILD

The cluster lives on a small tmpfs, which takes root to mount. While it is full, callers get RESOURCE_EXHAUSTED (the database could
not extend a file) or UNAVAILABLE (it could not even write its log and went down); when there is room again all goes on by itself,
with nothing lost and nothing twice.
"""
import os
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import proc  # noqa: E402
from cases import case, equal, run  # noqa: E402
from faults import Callers, FaultStack, check_exact, replayed  # noqa: E402
from stack import find_build  # noqa: E402

SIZE_MB = 256
INCIDENTS = 4000
SKIP = 77


class Ballast:
    """Keeps the disk full until it is dropped."""

    def __init__(self, folder):
        self.name = os.path.join(folder, "ballast")
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._fill, daemon=True)
        self.thread.start()

    def _fill(self):
        with open(self.name, "ab", buffering=0) as f:
            while not self.ended.is_set():
                try:
                    f.write(b"\0" * 16384)
                except OSError:
                    self.ended.wait(0.002)

    def drop(self):
        self.ended.set()
        self.thread.join()
        os.unlink(self.name)


@case("a full disk during intake")
def full(s):
    for turn in range(2):
        callers = Callers(s, f"full{turn}", INCIDENTS)
        callers.wait_answers(200)
        ballast = Ballast(s.keep)
        try:
            proc.wait_until("a call to be refused for the disk",
                            lambda: callers.errors["RESOURCE_EXHAUSTED"] > 0 or callers.through(), 120)
            equal(callers.errors["RESOURCE_EXHAUSTED"] > 0, True, f"RESOURCE_EXHAUSTED among {dict(callers.errors)}")
        finally:
            ballast.drop()
        callers.wait(240)
        proc.wait_until("the server to be serving", s.serving, 60)
        lost, doubled = check_exact(s, callers)
        print(f"full disk: lost {lost}, doubled {doubled}; {callers.n} incidents, calls failed {dict(callers.errors)}, "
              f"{replayed(callers)} answered again")


def main():
    build = find_build()
    if os.geteuid() != 0:
        print("skipped: only root can mount the small disk")
        return SKIP
    folder = tempfile.mkdtemp(prefix="wg-", dir="/tmp")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m,mode=755", "wangge-test", folder],
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if mounted.returncode != 0:
        os.rmdir(folder)
        print(f"skipped: no tmpfs can be mounted here: {mounted.stdout}")
        return SKIP
    try:
        with FaultStack(build, keep=folder) as s:
            return run(s)
    finally:
        subprocess.run(["umount", "-l", folder], check=True)
        os.rmdir(folder)


sys.exit(main())
