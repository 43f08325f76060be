#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Write files as C byte arrays: embed.py OUT.c NAME=FILE...  gives `const unsigned char NAME[]` (NUL after the end) and `const size_t NAME_len`."""
import sys


def main():
    out = sys.argv[1]
    with open(out, "w", encoding="ascii") as f:
        f.write("#include <stddef.h>\n")
        for pair in sys.argv[2:]:
            name, path = pair.split("=", 1)
            with open(path, "rb") as g:
                data = g.read()
            f.write(f"extern const unsigned char {name}[];\nextern const size_t {name}_len;\n")
            f.write(f"const unsigned char {name}[] = {{\n")
            for i in range(0, len(data), 24):
                f.write("    " + "".join(f"{b}," for b in data[i:i + 24]) + "\n")
            f.write(f"    0}};\nconst size_t {name}_len = {len(data)};\n")


main()
