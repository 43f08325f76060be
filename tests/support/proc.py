# SPDX-License-Identifier: MIT
"""Processes under test: start, wait for a condition with a deadline, measure, end. Ends only what it started, by pid."""
import os
import select
import signal
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TICKS = os.sysconf("SC_CLK_TCK")


class Gone(Exception):
    """A process ended, or did not come up, before what was awaited."""


def wait_until(what, condition, seconds=30, every=0.02):
    """Return the condition's first true value; raise TimeoutError naming what was awaited."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {seconds} s")
        select.select([], [], [], every)


class Proc:
    """A child with its output in a file, so it can never block on a full pipe."""

    def __init__(self, argv, log=None, **kw):
        self.argv = [str(a) for a in argv]
        self.log = log or tempfile.NamedTemporaryFile(prefix="proc-", suffix=".log", delete=False).name
        self.temporary = log is None
        with open(self.log, "ab") as out:
            self.start = out.tell()  # an earlier run may have written to the same file
            kw.setdefault("stdin", subprocess.DEVNULL)
            self.child = subprocess.Popen(self.argv, stdout=out, stderr=subprocess.STDOUT, **kw)
        self.pid = self.child.pid

    def output(self):
        with open(self.log, encoding="utf-8", errors="replace") as f:
            f.seek(self.start)
            return f.read()

    def alive(self):
        return self.child.poll() is None

    def wait_for(self, pattern, seconds=30):
        """Wait until the output matches a compiled pattern; return the match."""
        def look():
            found = pattern.search(self.output())
            if not found and not self.alive():
                raise Gone(f"{self.argv[0]} ended with {self.child.returncode}:\n{self.output()}")
            return found
        return wait_until(f"{os.path.basename(self.argv[0])} to print {pattern.pattern!r}", look, seconds)

    def cpu_seconds(self):
        """User and system time of the process and its waited-for children so far."""
        with open(f"/proc/{self.pid}/stat", encoding="ascii", errors="replace") as f:
            fields = f.read().rpartition(")")[2].split()
        return sum(int(n) for n in fields[11:15]) / TICKS

    def pss_kb(self):
        """Proportional resident memory in KiB."""
        with open(f"/proc/{self.pid}/smaps_rollup", encoding="ascii") as f:
            return next(int(line.split()[1]) for line in f if line.startswith("Pss:"))

    def stop(self, sig=signal.SIGTERM, seconds=20):
        """End the child; return its exit code. Killed if it does not end by itself."""
        if self.alive():
            self.child.send_signal(sig)
            try:
                self.child.wait(seconds)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        if self.temporary and os.path.exists(self.log):
            os.unlink(self.log)
        return self.child.returncode
