# SPDX-License-Identifier: MIT
"""PostgreSQL beside the program under test: the embedded cluster of a Stack, past its server, and clusters of one's own."""
import glob
import os
import re
import shutil
import signal
import subprocess
import sys

import proc


def as_postgres():
    """The words before a command that PostgreSQL refuses to run as root."""
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []


def pg_program(name):
    found = shutil.which(name) or next(iter(sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"), reverse=True)), None)
    return found or sys.exit(f"{name} is not installed")


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


class Away(AssertionError):
    """The database takes no connection: it is down, starting up, or recovering from a crash."""


def sql(stack, text):
    """Run a query; return its rows as lists of strings. Away: there was nobody to ask."""
    done = subprocess.run([psql(stack), "-X", "-At", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-d", conninfo(stack), "-c", text],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120)
    if done.returncode == 2:  # psql's own code for a connection that was refused or went bad
        raise Away(f"psql: {done.stderr}")
    if done.returncode != 0:
        raise AssertionError(f"psql: {done.stderr}")
    return [line.split("\t") for line in done.stdout.split("\n") if line]


def verify(stack):
    """Fail unless the database agrees with a recount of itself."""
    found = sql(stack, "select kind, detail from verify(10)")
    if found:
        raise AssertionError(f"verify: {found}")


class Cluster:
    """A PostgreSQL of its own in a new folder that others may pass through, on a Unix socket there; its superuser is postgres."""

    def __init__(self, folder, *settings):
        self.folder = folder
        os.mkdir(folder)
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        # As whoever owns the folder, and as nobody else: names and passwords of the environment are not for here.
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
        self.env.update(PGHOST=folder, PGPORT="5432", PGUSER="postgres")
        data = os.path.join(folder, "data")
        self.run(pg_program("initdb"), "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "-N")
        words = [w for setting in ("listen_addresses=", "lc_messages=C", *settings) for w in ("-c", setting)]
        self.server = proc.Proc([*as_postgres(), pg_program("postgres"), "-D", data, "-k", folder, *words],
                                log=folder + ".log", cwd=folder, env=self.env)
        try:
            self.server.wait_for(re.compile("ready to accept connections"), 60)
        except BaseException:
            self.stop()
            raise

    def run(self, *words, **options):
        """A program as the superuser; its output."""
        if "input" not in options:
            options["stdin"] = subprocess.DEVNULL
        done = subprocess.run([*as_postgres(), *words], cwd=self.folder, env=self.env, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=600, **options)
        if done.returncode:
            raise AssertionError(f"{words}: {done.stdout}{done.stderr}")
        return done.stdout

    def psql(self, script, dbname="postgres", user="postgres"):
        return self.run(pg_program("psql"), "-XqAt", "-v", "ON_ERROR_STOP=1", "-U", user, "-d", dbname, input=script).strip()

    def stop(self):
        self.server.stop(signal.SIGINT, 60)
