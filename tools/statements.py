#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Turn a folder of SQL statements into C: statements.py OUT.h OUT.c FILE.sql...

Each file NAME.sql becomes `const struct db_stmt sql_NAME`, and all of them the NULL-terminated `sql_all`. A file in a folder `part`
is no statement: where a statement says :NAME, it stands.
"""
import os
import re
import sys


def c_string(text):
    lines = []
    for line in text.splitlines():
        line = line.replace("\\", "\\\\").replace('"', '\\"')
        lines.append(f'        "{line}\\n"')
    return "\n".join(lines)


def read_code(path):
    """The statement without its comments and empty lines."""
    with open(path, encoding="utf-8") as f:
        code = re.sub(r"--[^\n]*", "", f.read())
    return "\n".join(line for line in code.splitlines() if line.strip())


def put_parts(code, parts, path):
    """Replace :NAME by the part of that name; a cast (::type) is none."""
    def part(found):
        if found[1] not in parts:
            sys.exit(f"{path}: no part {found[1]}")
        return parts[found[1]]
    return re.sub(r"(?<!:):([a-z]\w*)", part, code)


def main():
    out_h, out_c, given = sys.argv[1], sys.argv[2], sorted(sys.argv[3:])
    files = [f for f in given if os.path.basename(os.path.dirname(f)) != "part"]
    parts = {os.path.splitext(os.path.basename(f))[0]: read_code(f) for f in given if f not in files}
    names = [os.path.splitext(os.path.basename(f))[0] for f in files]
    with open(out_h, "w", encoding="utf-8") as f:
        f.write("#ifndef WG_STORE_SQL_H\n#define WG_STORE_SQL_H\n#include \"server/db/db.h\"\n")
        for name in names:
            f.write(f"extern const struct db_stmt sql_{name};\n")
        f.write("extern const struct db_stmt *const sql_all[];\n#endif\n")
    with open(out_c, "w", encoding="utf-8") as f:
        f.write('#include "sql.h"\n')
        for name, path in zip(names, files):
            text = put_parts(read_code(path), parts, path)
            nparams = max([int(n) for n in re.findall(r"\$(\d+)", text)], default=0)
            f.write(f"const struct db_stmt sql_{name} = {{\n    .name = \"{name}\",\n    .sql =\n{c_string(text)},\n")
            f.write(f"    .nparams = {nparams},\n    .binary_result = true,\n}};\n")
        f.write("const struct db_stmt *const sql_all[] = {" + ", ".join(f"&sql_{n}" for n in names) + ", NULL};\n")


main()
