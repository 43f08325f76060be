# SPDX-License-Identifier: MIT
"""The embedded cluster of a Stack, past its server: who it is, and what is in it."""
import os
import subprocess


def _lock_file(stack):
    with open(os.path.join(stack.dir, "pg", "data", "postmaster.pid"), encoding="utf-8") as f:
        return f.read().split("\n")


def postmaster(stack):
    return int(_lock_file(stack)[0])


def conninfo(stack):
    lines = _lock_file(stack)
    return f"host={lines[4]} port={lines[3]} dbname=wangge user=postgres"


def psql(stack):
    return os.path.join(os.path.dirname(os.readlink(f"/proc/{postmaster(stack)}/exe")), "psql")


def sql(stack, text):
    """Run a query; return its rows as lists of strings."""
    done = subprocess.run([psql(stack), "-X", "-At", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-d", conninfo(stack), "-c", text],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120)
    if done.returncode != 0:
        raise AssertionError(f"psql: {done.stderr}")
    return [line.split("\t") for line in done.stdout.split("\n") if line]


def verify(stack):
    """Fail unless the database agrees with a recount of itself."""
    found = sql(stack, "select kind, detail from verify(10)")
    if found:
        raise AssertionError(f"verify: {found}")
