#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Run one fuzz target: run.py PROGRAM SEEDS DICTIONARY SECONDS.

What it finds is kept under the folder of PROGRAM: inputs that reach new code in fuzz-corpus/NAME, which the next run begins
with, and those that break it in fuzz-found/NAME, printed as base64 too. Prints one line "fuzz NAME: ..." with the counts.
"""
import base64
import os
import re
import subprocess
import sys

MAX_LEN = 4096
RSS_MB = 1024


def figures(log):
    """The last of libFuzzer's own counts."""
    runs = re.findall(r"stat::number_of_executed_units:\s*(\d+)", log) or re.findall(r"^#(\d+)\s", log, re.M) or ["0"]
    status = re.findall(r"cov: (\d+) ft: (\d+) corp: (\d+)/\S+", log) or [("0", "0", "0")]
    return (int(runs[-1]),) + tuple(int(n) for n in status[-1])


def main():
    program, seeds, dictionary, seconds = sys.argv[1:]
    seconds = os.environ.get("WANGGE_FUZZ_SECONDS", seconds)
    name = os.path.basename(program)[len("fuzz_"):]
    home = os.path.dirname(os.path.abspath(program))
    corpus, found = os.path.join(home, "fuzz-corpus", name), os.path.join(home, "fuzz-found", name)
    os.makedirs(corpus, exist_ok=True)
    os.makedirs(found, exist_ok=True)
    before = set(os.listdir(found))
    command = [program, f"-max_total_time={seconds}", f"-max_len={MAX_LEN}", f"-rss_limit_mb={RSS_MB}", "-timeout=10",
               "-print_final_stats=1", f"-artifact_prefix={found}/", corpus, seeds]
    if os.path.exists(dictionary):
        command.insert(1, "-dict=" + dictionary)
    env = dict(os.environ)
    env["ASAN_OPTIONS"] = "detect_leaks=1:allocator_may_return_null=1:handle_abort=1"
    env["UBSAN_OPTIONS"] = "halt_on_error=1:print_stacktrace=1"
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=env)
    log = run.stdout.decode(errors="replace")
    runs, coverage, features, kept = figures(log)
    print(f"fuzz {name}: {runs} executions in {seconds} s, coverage {coverage} edges, {features} features, {kept} inputs kept")
    if run.returncode == 0 and runs > 0:
        return 0
    print("\n".join(log.splitlines()[-80:]))
    for new in sorted(set(os.listdir(found)) - before):
        with open(os.path.join(found, new), "rb") as f:
            print(f"{os.path.join(found, new)}\nbase64: {base64.b64encode(f.read()).decode()}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
