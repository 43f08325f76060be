#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The pages name what there is, and nothing else: RPCs (doc/api.md), subcommands (README.md), settings (doc/operation.md); links and
their anchors lead somewhere. --self-test: each kind of missing, stale and dangling name is found.
"""
import os
import re
import sys

import tree

API, README, OPERATION = "doc/api.md", "README.md", "doc/operation.md"
FENCE = re.compile(r"^(?:```.*?^```|(?: {4}[^\n]*\n)+)", re.S | re.M)
CODE = re.compile(r"`([^`\n]+)`")

RPC_SERVICE = re.compile(r"^service (\w+) \{(.*?)^\}", re.S | re.M)
RPC_NAME = re.compile(r"^  rpc (\w+)\(", re.M)
API_SERVICE = re.compile(r"^### (\w+Service)\n(.*?)(?=^##|\Z)", re.S | re.M)
ROW = re.compile(r"^\|([^|\n]*)\|", re.M)
FULL_NAME = re.compile(r"\b(\w+Service)[/.]([A-Z]\w+)")

COMMAND = re.compile(r'^\s+\[COMMAND_\w+\] = \{"([^"]+)"', re.M)
SERVER_COMMAND = re.compile(r'\{"([a-z][a-z-]*)", cmd_\w+\}')
CALLED = re.compile(r"(?:^|[;|$(`] *|\s)wangge ((?:[a-z][a-z-]+)(?: [a-z][a-z-]+)*)")
SERVER_CALLED = re.compile(r"\bwangged ((?:[a-z][a-z-]+))")
TABLE_OF_COMMANDS = re.compile(r"^## Commands\n(.*?)(?=^## )", re.S | re.M)

SETTING = re.compile(r'^    \{"(\w+)",\s*KIND_', re.M)
SETTINGS = re.compile(r"^### Settings\n(.*?)(?=^## )", re.S | re.M)

LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.*)$", re.M)


def both_ways(have, named, what, page):
    yield from (f"{page}:1: {what} {n} is not named" for n in sorted(have - named))
    yield from (f"{page}:1: there is no {what} {n}" for n in sorted(named - have))


def rpc_findings(t):
    have = {f"{s}/{r}" for name, text in t.items() if name.endswith(".proto")
            for s, body in RPC_SERVICE.findall(text) for r in RPC_NAME.findall(body)}
    named = {f"{s}/{r}" for s, body in API_SERVICE.findall(t[API]) for cell in ROW.findall(body) for r in CODE.findall(cell)}
    yield from both_ways(have, named, "RPC", API)
    for page in pages(t):
        for m in FULL_NAME.finditer(t[page]):
            if f"{m.group(1)}/{m.group(2)}" not in have:
                yield f"{page}:{tree.line_of(t[page], m.start())}: there is no RPC {m.group(0)}"


def code_of(text):
    """What stands in code: fences, indented blocks, backquotes."""
    return "\n".join([*FENCE.findall(text), *("`" + c for c in CODE.findall(FENCE.sub("", text)))])


def is_command(words, have):
    """A command, its arguments aside, or the beginning that several share."""
    names = [" ".join(words[:n]) for n in range(len(words), 0, -1)]
    return any(n in have for n in names) or any(h.startswith(" ".join(words) + " ") for h in have)


def command_findings(t):
    have = set(COMMAND.findall(t["client/cli/options.c"]))
    table = TABLE_OF_COMMANDS.search(t[README])
    rows = [line for line in (table.group(1) if table else "").split("\n") if line.startswith("|")]
    named = {c for row in rows for c in CODE.findall(row)}
    yield from both_ways(have, named, "command", README)
    server = set(SERVER_COMMAND.findall(t["server/main.c"]))
    told = {m for page in pages(t) for m in SERVER_CALLED.findall(code_of(t[page]))}
    yield from both_ways(server - {"serve", "version", "help"}, told - {"serve", "version", "help"}, "command wangged", OPERATION)
    for page in pages(t):
        for m in CALLED.finditer(code_of(t[page])):
            if not is_command(m.group(1).split(" "), have):
                yield f"{page}:1: there is no command wangge {m.group(1)}"


def setting_findings(t):
    have = set(SETTING.findall(t["server/config_table.c"]))
    table = SETTINGS.search(t[OPERATION])
    named = {c for cell in ROW.findall(table.group(1) if table else "") for c in CODE.findall(cell)}
    yield from both_ways(have, named, "setting", OPERATION)


def anchors(text):
    """As GitHub makes them."""
    plain = FENCE.sub("", text)
    return {re.sub(r"[^\w\- ]", "", h.strip().lower()).replace(" ", "-") for h in HEADING.findall(plain)}


def link_findings(t):
    for page in pages(t):
        for m in LINK.finditer(FENCE.sub(tree.blank, t[page])):
            path, _, anchor = m.group(1).partition("#")
            if re.match(r"[a-z]+:", path):
                continue
            target = os.path.normpath(os.path.join(os.path.dirname(page), path)) if path else page
            line = tree.line_of(t[page], m.start())
            if not os.path.exists(os.path.join(tree.ROOT, target)):
                yield f"{page}:{line}: there is no {target}"
            elif anchor and anchor not in anchors(t.get(target, "")):
                yield f"{page}:{line}: {target} has no heading #{anchor}"


def pages(t):
    return sorted(n for n in t if n.endswith(".md"))


def findings(t):
    return [*rpc_findings(t), *command_findings(t), *setting_findings(t), *link_findings(t)]


def texts():
    names = tree.files(".md") + tree.files(".proto", under="proto/wangge/")
    return {n: tree.read(n) for n in [*names, "client/cli/options.c", "server/main.c", "server/config_table.c"]}


def self_test(t):
    """(file, what is there, what takes its place): each has to add a finding."""
    mutations = {
        "a new RPC": ("proto/wangge/v1/auth.proto", "  rpc Logout(", "  rpc Renew(R) returns (S);\n  rpc Logout("),
        "an RPC that went": (API, "| `Logout` |", "| `Leave` |"),
        "a page's RPC": ("doc/privacy.md", "# ", "`PeopleService.Forget` # "),
        "a new command": ("client/cli/options.c", '    [COMMAND_LOGOUT] = {"logout"',
                          '    [COMMAND_RENEW] = {"renew"},\n    [COMMAND_LOGOUT] = {"logout"'),
        "a command that went": (README, "`whoami`", "`who-are-you`"),
        "a page's command": ("doc/terminal.md", "`wangge case show`", "`wangge case display`"),
        "a new command of the server": ("server/main.c", '{"rekey", cmd_rekey}', '{"rekey", cmd_rekey}, {"renew", cmd_renew}'),
        "a page's command of the server": (OPERATION, "wangged verify", "wangged recount"),
        "a new setting": ("server/config_table.c", '    {"max_deadline_s", KIND_INT', '    {"new", KIND_INT, 0},\n    {"max_deadline_s", KIND_INT'),
        "a setting that went": (OPERATION, "| `timers`", "| `alarms`"),
        "a dangling link": (README, "(doc/metrics.md)", "(doc/metric.md)"),
        "a dangling anchor": ("doc/metrics.md", "(operation.md#watching-it)", "(operation.md#seeing-it)"),
    }
    wrong, before = [], len(findings(t))
    for name, (page, old, new) in mutations.items():
        if t[page].count(old) < 1:
            wrong.append(f"{name}: {page} has no {old!r}")
        elif len(findings({**t, page: t[page].replace(old, new, 1)})) <= before:
            wrong.append(f"{name}: not found")
    tree.report(len(mutations), wrong)


def main():
    t = texts()
    if sys.argv[1:] == ["--self-test"]:
        self_test(t)
    tree.report(len(t), findings(t))


main()
