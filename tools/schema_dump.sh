#!/bin/bash
# SPDX-License-Identifier: MIT
# Writes schema/schema.sql, the schema that the migrations lead to, from a database made for the purpose.
# schema_dump.sh --check compares instead, prints what differs and fails. Exit status 77: another PostgreSQL than the dump's.
# PG_SERVE names the program that serves a migrated database (built with the tests).
set -eu
cd "$(dirname "$0")/.."
serve=${PG_SERVE:-build/tests/support/pg_serve}
major=15

[ -x "$serve" ] || { echo "schema_dump: $serve is not there; build first" >&2; exit 1; }
bindir=$(pg_config --bindir)
case $("$bindir/pg_dump" --version) in
*") $major."*) ;;
*) echo "schema_dump: the dump is made with PostgreSQL $major's pg_dump, which is not in $bindir" >&2; exit 77 ;;
esac

coproc SERVE { "$serve"; }
trap 'exec {SERVE[1]}>&- 2>/dev/null || true; wait || true' EXIT
read -r conninfo <&"${SERVE[0]}"

# The order of pg_dump is fixed; its comments, settings and random tokens are not part of the schema.
dump() {
    "$bindir/pg_dump" --schema-only --no-owner --dbname "$conninfo" |
        sed -e '/^--/d' -e '/^SET /d' -e '/^SELECT pg_catalog\.set_config/d' -e '/^\\\(un\)\{0,1\}restrict /d' | cat -s
}

header='-- SPDX-License-Identifier: MIT
-- Made by tools/schema_dump.sh from the migrations and functions; for reading and comparing only.'
if [ "${1:-}" = --check ]; then
    if diff -u schema/schema.sql <({ echo "$header"; dump; }); then
        exit 0
    fi
    echo "schema/schema.sql is not what the migrations lead to; run ./dev schema and look at the difference" >&2
    exit 1
fi
{ echo "$header"; dump; } >schema/schema.sql.new
mv schema/schema.sql.new schema/schema.sql
