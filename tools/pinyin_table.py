#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Write the table of Pinyin initials as C: pinyin_table.py DICT.yaml OUT.c

DICT is the Rime dictionary pinyin_simp (Debian: rime-data-pinyin-simp): after the line "..." one "word TAB syllables TAB
frequency" a line. Of a character with several readings every initial is kept and the most frequent one is marked.
"""
import sys

# Radicals that GB 2312 encodes and the dictionary leaves out, under the names they are called by.
RADICALS = {
    "匚": "fang", "冫": "bing", "冖": "mi", "阝": "fu er", "凵": "kan", "廾": "gong", "擗": "pi", "辶": "chuo", "屮": "che",
    "肀": "yu", "钅": "jin", "疒": "ne bing", "衤": "yi", "虍": "hu",
}
ALSO = {"〇": "ling"}


def read_dictionary(path):
    """{character: {initial: frequency}}"""
    weights = {}
    with open(path, encoding="utf-8") as f:
        for line in f:
            if line.rstrip("\n") == "...":
                break
        for line in f:
            fields = line.rstrip("\n").split("\t")
            if len(fields) < 2 or len(fields[0]) != 1 or fields[0].startswith("#"):
                continue
            initial = fields[1][0].upper()
            if not ("A" <= initial <= "Z"):
                sys.exit(f"{path}: no Latin initial in {line!r}")
            by_initial = weights.setdefault(fields[0], {})
            frequency = int(fields[2]) if len(fields) > 2 and fields[2] else 0
            by_initial[initial] = by_initial.get(initial, 0) + frequency
    return weights


def main():
    source, target = sys.argv[1:3]
    weights = read_dictionary(source)
    for char, names in {**RADICALS, **ALSO}.items():
        weights.setdefault(char, {name[0].upper(): 0 for name in names.split()})
    pages = {}
    for char, by_initial in weights.items():
        cp = ord(char)
        if cp > 0xFFFF:
            continue
        mask = 0
        for initial in by_initial:
            mask |= 1 << (ord(initial) - ord("A"))
        # Ties go to the earlier letter, so that the table does not depend on the order of the lines.
        usual = min(by_initial, key=lambda i: (-by_initial[i], i))
        pages.setdefault(cp >> 8, [0] * 256)[cp & 0xFF] = mask | (ord(usual) - ord("A")) << 26
    if len(weights) < 6763:
        sys.exit(f"{source}: only {len(weights)} characters, GB 2312 alone has 6763")
    with open(target, "w", encoding="ascii") as f:
        f.write('#include "common/pinyin/pinyin_table.h"\n')
        index = [0] * 256
        for position, page in enumerate(sorted(pages), 1):
            index[page] = position
        f.write("const uint8_t pinyin_page_index[256] = {%s};\n" % ",".join(map(str, index)))
        f.write("const uint32_t pinyin_pages[][256] = {{0},\n")
        for page in sorted(pages):
            f.write("{%s},\n" % ",".join(map(str, pages[page])))
        f.write("};\n")


main()
