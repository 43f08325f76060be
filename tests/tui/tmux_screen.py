# SPDX-License-Identifier: MIT
"""The real terminal client in tmux: typed into, and looked at."""
import os
import re
import shlex
import shutil
import subprocess
import tempfile

import city
import proc
from cases import equal

WAIT_S = 60
PROMPT = "ready$"


class Screen:
    """One tmux server of its own with one window that runs a shell; the program is typed into it."""

    def __init__(self, stack, who, lang, cols=80, rows=24, term=None, **env):
        self.stack = stack
        self.home = tempfile.mkdtemp(prefix=f"home-{who}-", dir=stack.dir)
        self.socket = os.path.join(self.home, "tmux")
        self.lang = lang
        self.term = term
        self.env = env
        keep = {k: os.environ[k] for k in ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS") if k in os.environ}
        clean = {**keep, "HOME": self.home, "LC_ALL": "C.UTF-8", "SHELL": "/bin/sh", "PS1": PROMPT}
        subprocess.run(["tmux", "-S", self.socket, "-f", "/dev/null", "new-session", "-d", "-x", str(cols), "-y", str(rows),
                        "-e", f"PS1={PROMPT}", "/bin/sh"], env=clean, check=True)
        self.tmux("set-option", "-g", "escape-time", "0")
        try:
            self.wait(re.escape(PROMPT))
        except BaseException:
            self.close()
            raise

    def tmux(self, *args):
        return subprocess.run(["tmux", "-S", self.socket, *args], check=True, stdout=subprocess.PIPE, text=True,
                              env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": self.home}).stdout

    def text(self):
        return self.tmux("capture-pane", "-p")

    def wait(self, *texts, gone=(), seconds=WAIT_S):
        """Wait until the screen holds all texts (regular expressions) and none of gone; return it."""
        shown = [""]

        def look():
            shown[0] = self.text()
            return all(re.search(t, shown[0]) for t in texts) and not any(re.search(g, shown[0]) for g in gone)

        try:
            proc.wait_until(f"the screen to show {texts}", look, seconds)
        except TimeoutError as e:
            raise AssertionError(f"{e}; it shows:\n{shown[0]}") from None
        return shown[0]

    def type(self, *keys):
        """Names of tmux (Enter, F2, C-s, Escape, Down) or text, which goes literally."""
        for key in keys:
            if re.fullmatch(r"(F\d+|C-\w|M-\w|Enter|Escape|Tab|BTab|Up|Down|Left|Right|PPage|NPage|Home|End|BSpace|DC)", key):
                self.tmux("send-keys", key)
            else:
                self.tmux("send-keys", "-l", key)

    def start(self, *args):
        program = os.path.join(self.stack.build, "client", "cli", "wangge")
        env = {"LANGUAGE": self.lang, "WANGGE_SERVER": self.stack.address, "WANGGE_LANG": self.lang, **self.env}
        if self.term:
            env["TERM"] = self.term
        words = ["env", *(f"{k}={v}" for k, v in env.items()), program, *args]
        self.type(" ".join(shlex.quote(w) for w in words), "Enter")

    def program(self):
        """The running client's pid: the wangge among the pane's descendants."""
        parents = {}
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as f:
                    head, _, tail = f.read().rpartition(")")
            except OSError:
                continue
            parents[int(name)] = (int(tail.split()[1]), head.partition("(")[2])
        top = int(self.tmux("display-message", "-p", "#{pane_pid}"))
        for pid, (parent, name) in parents.items():
            up = parent
            while up in parents and up != top:
                up = parents[up][0]
            if name == "wangge" and up == top:
                return pid
        raise AssertionError("wangge does not run")

    def login(self, account, password=city.PASSWORD):
        self.start()
        self.wait("密码|Password", "在线|online")
        self.type(account, "Enter", password, "Enter")
        self.wait("我的事项|My work", gone=("密码|Password", "Asking|正在查询"))

    def quit(self):
        self.type("C-q")
        shown = self.wait(re.escape(PROMPT) + r"\s*$", gone=("我的事项", "My work"))
        equal(re.findall(r"\w+Sanitizer|runtime error", shown), [], "what the sanitizers say")

    def close(self):
        self.tmux("kill-server")
        shutil.rmtree(self.home, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        try:
            if kind:
                print(self.text())
        finally:
            self.close()
