#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Client start to first paint: from exec to the end of the first paint on an 80x24 pseudo-terminal, beside tig.

Paint counts as complete with the last visible output before the terminal falls silent. wangge starts with an empty home and a
server that is not there, tig in a small repository of its own; both are started in turn, after one start each to warm the cache.
"""
import os
import shutil
import statistics
import subprocess
import sys
import tempfile

import side
from pty_run import Painted


def prepare(tmp):
    """A home without settings, and a repository for tig."""
    home, repo = os.path.join(tmp, "home"), os.path.join(tmp, "repo")
    os.makedirs(home)
    env = {"HOME": home, "XDG_RUNTIME_DIR": home, "PATH": os.environ["PATH"], "TERM": "xterm-256color", "LC_ALL": "C.UTF-8",
           "GIT_CONFIG_NOSYSTEM": "1"}
    git = ["git", "-c", "user.name=bench", "-c", "user.email=bench@example.invalid", "-c", "init.defaultBranch=main"]
    subprocess.run([*git, "init", "-q", repo], check=True, env=env)
    for i in range(50):
        subprocess.run([*git, "-C", repo, "commit", "-q", "--allow-empty", "-m", f"Commit {i}"], check=True, env=env)
    return env, repo


def once(name, argv, env, cwd):
    run = Painted(argv, env, cwd=cwd)
    run.end()
    if run.complete is None:
        sys.exit(f"{name} painted nothing:\n{run.text()}")
    return run.complete * 1000


def main():
    args = side.arguments("start", rounds=20)
    theirs_program = shutil.which("tig")
    if not theirs_program:
        sys.exit("tig is not installed; ./dev bench installs it")
    tmp = tempfile.mkdtemp(prefix="bench-start-")
    try:
        env, repo = prepare(tmp)
        sides = {"ours": ([os.path.join(args.build, "client/cli/wangge")], tmp), "theirs": ([theirs_program], repo)}
        times = {"ours": [], "theirs": []}
        for round_no in range(args.rounds + 1):
            for name, (argv, cwd) in sides.items():
                ms = once(name, argv, env, cwd)
                if round_no:
                    times[name].append(ms)
    finally:
        shutil.rmtree(tmp)
    for name, all_ms in times.items():
        print(f"{name}: median {statistics.median(all_ms):.1f} ms, slowest of {len(all_ms)}: {max(all_ms):.1f} ms")
    side.last_line("start", statistics.median(times["ours"]), statistics.median(times["theirs"]), "ms", "<= 50 ms")


main()
