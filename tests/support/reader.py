# SPDX-License-Identifier: MIT
"""What the server's own roles may do and see in the private cluster of a Stack, asked with psql."""
import os
import subprocess

import database


def sql(s, text, role="wangge_server"):
    """psql as a login role of the private cluster; (output, error)."""
    with open(os.path.join(s.dir, "pg", "data", "postmaster.pid"), encoding="utf-8") as f:
        lines = f.read().split("\n")
    done = subprocess.run([*database.as_postgres(), "psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-h", lines[4].strip(),
                           "-p", lines[3].strip(), "-U", role, "-d", "wangge", "-c", text], cwd="/", stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    return done.stdout.strip(), done.stderr


def scope(lo, hi, organ=0, reporter="", source=0):
    """The beginning of a read in a context: the settings that server/db/conn.c sends."""
    pairs = {"region_lo": lo, "region_hi": hi, "organ_id": organ, "reporter_id": reporter, "source_id": source}
    return ("set role wangge_read; begin; do $$ begin "
            + "".join(f"perform set_config('wangge.{k}', '{v}', true); " for k, v in pairs.items()) + "end $$; ")
