# SPDX-License-Identifier: MIT
"""A program on a pseudo-terminal: what it paints and when. Answers the questions a terminal is asked, so nobody waits for us."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time

QUESTIONS = re.compile(rb"\x1b\[(6n|5n|0?c|>0?c)")
# Cursor at row 1, column 2: what a terminal says after one narrow glyph was printed at home.
ANSWERS = {b"6n": b"\x1b[1;2R", b"5n": b"\x1b[0n", b"c": b"\x1b[?1;2c", b"0c": b"\x1b[?1;2c", b">c": b"\x1b[>0;0;0c",
           b">0c": b"\x1b[>0;0;0c"}
VISIBLE = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[()][A-Z0-9]|\x1b[=>78]|\x1b\][^\x07]*\x07|[\x00-\x20]")


class Painted:
    """One run: .first and .complete are seconds from exec to the first visible text and to the end of the first paint."""

    def __init__(self, argv, env, size=(24, 80), quiet=0.15, limit=10, cwd=None):
        self.output = b""
        self.first = self.complete = None
        started = time.monotonic()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            if cwd:
                os.chdir(cwd)
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", size[0], size[1], 0, 0))
            os.execvpe(argv[0], argv, env)
        asked = 0
        while time.monotonic() - started < limit:
            ready, _, _ = select.select([self.fd], [], [], quiet)
            if not ready:
                if self.first is not None:
                    break  # nothing more for a while: the first paint is complete
                continue
            try:
                chunk = os.read(self.fd, 65536)
            except OSError:
                break
            if not chunk:
                break
            now = time.monotonic() - started
            self.output += chunk
            for question in QUESTIONS.finditer(self.output, asked):
                asked = question.end()
                os.write(self.fd, ANSWERS[question.group(1)])
            if VISIBLE.sub(b"", chunk):
                self.first = self.first or now
                self.complete = now

    def text(self):
        return VISIBLE.sub(b" ", self.output).decode("utf-8", "replace")

    def end(self):
        """Hang up as a closed terminal window does; return the exit status."""
        os.close(self.fd)
        try:
            os.kill(self.pid, signal.SIGHUP)
        except ProcessLookupError:
            pass
        deadline = time.monotonic() + 3
        while time.monotonic() < deadline:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return status
            select.select([], [], [], 0.01)
        os.kill(self.pid, signal.SIGKILL)
        return os.waitpid(self.pid, 0)[1]
