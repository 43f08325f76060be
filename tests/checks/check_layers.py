#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The layers: each source sees the layers it may see, each header compiles alone, each library is a listed layer.

check_layers.py BUILD. What a file can include is read from its compile command, so the check holds for what the build does,
not for what a list says it does. A header is compiled, twice in one unit, with the flags of a source of its folder.
"""
import concurrent.futures
import json
import os
import re
import shlex
import subprocess
import sys

import tree
import layers

# Which layers a layer may see besides itself, and with them what those see. The generated messages (pb_gen) are no layer and are not listed.
MAY_SEE = {
    "base": set(),
    "pinyin": {"base"},
    "pb": {"base"},
    "h2": {"base", "pb"},
    "rpc": {"base", "pb", "h2"},
    "net": {"base", "pb", "h2", "rpc"},
    "db": {"base"},
    "domain": {"base"},
    "store": {"base", "pinyin", "db", "domain"},
    "secret": {"base"},
    "feed": {"base", "db", "domain", "store"},
    "service": {"base", "pinyin", "pb", "rpc", "db", "domain", "store", "feed", "secret"},
    "app": {"base", "pinyin", "pb", "h2", "rpc", "net", "db", "domain", "store", "feed", "service", "secret"},
    "channel": {"base", "pb", "h2"},
    "outbox": {"base", "channel"},
    "model": {"base", "pinyin", "pb", "channel", "outbox"},
    "term": {"base"},
    "ui": {"base", "pinyin", "term"},
    "export": {"base", "pb", "model"},
    "view": {"base", "pinyin", "pb", "model", "ui", "term", "export", "outbox"},
    "cli": {"base", "pinyin", "pb", "channel", "outbox", "model", "view", "ui", "term", "export"},
    "demo": {"base", "pb", "channel", "model", "export", "outbox"},
}


def close(table):
    """Add to every row what the layers of the row may see."""
    for _ in table:
        for row in table.values():
            for other in list(row):
                row |= table[other]


close(MAY_SEE)
FOLDER = re.compile(r'^\s*#\s*include\s+"((?:common|server|client|tests)/[^"]+)/[^"/]+"', re.M)


def layer_of(name):
    """The layer a file belongs to: the deepest listed folder above it."""
    best = ""
    for layer, folder in layers.LAYERS.items():
        if name.startswith(folder + "/") and len(folder) > len(layers.LAYERS.get(best, "")):
            best = layer
    return best


def roots_of(entry):
    return set(re.findall(r"-I(?:\S*/)?layers/(\w+)", entry["command"]))


def link_findings(commands):
    for name, entry in sorted(commands.items()):
        layer = layer_of(name)
        if layer not in MAY_SEE:
            continue
        for other in sorted(roots_of(entry) - MAY_SEE[layer] - {layer}):
            yield f"{name}:1: layer {layer} is built with the headers of {other}"


def include_findings(names):
    for name in names:
        layer = layer_of(name)
        if layer not in MAY_SEE:
            continue
        text = tree.read(name)
        for m in FOLDER.finditer(text):
            other = layer_of(m.group(1) + "/x")
            if other and other != layer and other not in MAY_SEE[layer]:
                yield f"{name}:{tree.line_of(text, m.start())}: layer {layer} includes {m.group(1)} of layer {other}"


def library_findings(build):
    out = subprocess.run(["meson", "introspect", "--targets", build], check=True, stdout=subprocess.PIPE, text=True).stdout
    for target in json.loads(out):
        if target["type"] != "static library":
            continue
        where = os.path.relpath(os.path.dirname(target["defined_in"]), tree.ROOT)
        if where.split("/")[0] in ("common", "server", "client") and where not in layers.LAYERS.values():
            yield f"{where}/meson.build:1: the library {target['name']} is no layer of tools/layers.py"
    for name, folder in layers.LAYERS.items():
        if name not in MAY_SEE and not folder.startswith("tests/"):
            yield f"tools/layers.py:1: the layer {name} has no row in {os.path.relpath(__file__, tree.ROOT)}"


def flags_of(entry):
    """A compile command without its source and output."""
    args = shlex.split(entry["command"])
    keep, skip = [], False
    for arg in args:
        if skip:
            skip = False
        elif arg in ("-o", "-MF", "-MQ", "-c"):
            skip = True
        elif arg not in ("-MD",):
            keep.append(arg)
    return keep


def compile_header(name, entries):
    """Compile a header with the flags of each of the given sources until it works with one."""
    unit = f'#include "{name}"\n#include "{name}"\n'
    for entry in entries:
        run = subprocess.run([*flags_of(entry), "-Wall", "-fdiagnostics-color=never", "-fsyntax-only", "-x", "c", "-"], input=unit,
                             cwd=entry["directory"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if run.returncode == 0 and "warning:" not in run.stdout:
            return None
    return f"{name}:1: does not compile alone:\n{run.stdout}"


def header_findings(headers, commands):
    jobs = []
    for name in headers:
        near = [n for n in sorted(commands) if os.path.dirname(n) == os.path.dirname(name) and n.endswith(".c")]
        near.sort(key=lambda n: n[:-2] != name[:-2])  # its own source first
        if near:
            jobs.append((name, [commands[n] for n in near]))
        else:
            print(f"{name}: nothing is compiled in its folder; not checked")
    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        return [f for f in pool.map(lambda job: compile_header(*job), jobs) if f]


def main():
    build = sys.argv[1]
    commands = tree.compile_commands(build)
    headers = [n for n in tree.files(".h") if layer_of(n)]
    sources = [n for n in tree.files(".c", ".h") if layer_of(n)]
    found = [*link_findings(commands), *include_findings(sources), *library_findings(build),
             *header_findings(headers, commands)]
    tree.report(len(set(headers) | set(sources)), found)


main()
