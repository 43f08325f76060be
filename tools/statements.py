#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Turn a folder of SQL statements into C: statements.py OUT.h OUT.c FILE.sql...

Each file NAME.sql becomes `const struct db_stmt sql_NAME`, and all of them the NULL-terminated `sql_all`.
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


def main():
    out_h, out_c, files = sys.argv[1], sys.argv[2], sorted(sys.argv[3:])
    names = [os.path.splitext(os.path.basename(f))[0] for f in files]
    with open(out_h, "w", encoding="utf-8") as f:
        f.write("#ifndef WG_STORE_SQL_H\n#define WG_STORE_SQL_H\n#include \"server/db/db.h\"\n")
        for name in names:
            f.write(f"extern const struct db_stmt sql_{name};\n")
        f.write("extern const struct db_stmt *const sql_all[];\n#endif\n")
    with open(out_c, "w", encoding="utf-8") as f:
        f.write('#include "sql.h"\n')
        for name, path in zip(names, files):
            with open(path, encoding="utf-8") as g:
                text = g.read()
            code = re.sub(r"--[^\n]*", "", text)
            text = "\n".join(line for line in code.splitlines() if line.strip())
            nparams = max([int(n) for n in re.findall(r"\$(\d+)", code)], default=0)
            f.write(f"const struct db_stmt sql_{name} = {{\n    .name = \"{name}\",\n    .sql =\n{c_string(text)},\n")
            f.write(f"    .nparams = {nparams},\n    .binary_result = true,\n}};\n")
        f.write("const struct db_stmt *const sql_all[] = {" + ", ".join(f"&sql_{n}" for n in names) + ", NULL};\n")


main()
