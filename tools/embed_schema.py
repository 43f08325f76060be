#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Build the schema into the program: embed_schema.py OUT.c FILE...  defines migrate_builtin() of server/db/migrate.h.

Files in a folder named migrations are migrations, by number. All others are repeatable: functions by name, then roles.sql,
then grants.sql, which needs what stands before it.
"""
import os
import sys

LAST = {"roles.sql": 1, "grants.sql": 2}


def array(name, path):
    with open(path, "rb") as f:
        data = f.read()
    if b"\0" in data:
        sys.exit(f"{path}: holds a NUL byte")
    yield f"static const char {name}[] = {{"
    for i in range(0, len(data), 24):
        yield "    " + "".join(f"{b - 256 if b > 127 else b}," for b in data[i:i + 24])
    yield "    0};"


def table(name, paths):
    for i, path in enumerate(paths):
        yield from array(f"{name}_{i}", path)
    yield f"static const struct migrate_script {name}[] = {{"
    for i, path in enumerate(paths):
        yield f'    {{"{os.path.basename(path)}", {name}_{i}}},'
    yield "    {0},"
    yield "};"


def main():
    out, paths = sys.argv[1], sys.argv[2:]
    is_migration = {p: os.path.basename(os.path.dirname(p)) == "migrations" for p in paths}
    migrations = sorted((p for p in paths if is_migration[p]), key=os.path.basename)
    repeatable = sorted((p for p in paths if not is_migration[p]),
                        key=lambda p: (LAST.get(os.path.basename(p), 0), os.path.basename(p)))
    lines = ["/* Made by tools/embed_schema.py. */", '#include "server/db/migrate.h"', ""]
    lines += table("migrations", migrations)
    lines += table("repeatable", repeatable)
    lines += [
        "static const struct migrate_set builtin = {",
        f"    .migrations = migrations, .nmigrations = {len(migrations)},",
        f"    .repeatable = repeatable, .nrepeatable = {len(repeatable)},",
        "};",
        "const struct migrate_set *migrate_builtin(void)",
        "{",
        "    return &builtin;",
        "}",
        "",
    ]
    with open(out, "w", encoding="ascii") as f:
        f.write("\n".join(lines))


main()
