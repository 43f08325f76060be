#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The gate's every decision about rights against the model. matrix.py CELLS-PROGRAM"""
import collections
import itertools
import subprocess
import sys
import os

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import model  # noqa: E402

# As cells.c loops. Region: (holds the case, level of the actor, holds the case in the next grid that it would be merged into).
REGIONS = ((True, 1, False), (True, 1, True), (True, 2, True), (True, 3, True), (True, 4, True), (False, 2, False), (False, 3, False))
ORGANS = ("lead", "helper", "other")
PERSONS = ("stranger", "reporter", "handler", "checker", "asker")
LEVELS = (1, 3)


def compare(cells, names, rules):
    """Return (allowed, refusals by rule, leaks, wrong refusals), the last two as examples with their counts."""
    inner = list(itertools.product(model.ROLES, REGIONS, ORGANS, PERSONS))
    allowed, by_rule, leaks, wrong = 0, collections.Counter(), [], []
    at = 0
    for action, state, level in itertools.product(model.ACTIONS, model.STATES, LEVELS):
        for role, (holds, own_level, holds_lead), organ, person in inner:
            got = names[cells[at]]
            at += 1
            want = model.violated(rules, action, state, level, role, holds, own_level, organ, person, holds_lead)
            if got == "OK":
                allowed += 1
                if want:
                    leaks.append((action, state, level, role, holds, own_level, organ, person, sorted(want)))
            else:
                by_rule[got] += 1
                if got not in want:
                    wrong.append((action, state, level, role, holds, own_level, organ, person, got, sorted(want)))
    if at != len(cells):
        sys.exit(f"the program gave {len(cells)} cells, the model has {at}")
    return allowed, by_rule, leaks, wrong


def main():
    out = subprocess.run(sys.argv[1:2], check=True, stdout=subprocess.PIPE).stdout
    head, _, cells = out.partition(b"\n")
    names = head.decode().split(" ")
    allowed, by_rule, leaks, wrong = compare(cells, names, model.table())
    print(f"{len(cells)} cells (action x state x level x role x region x organ x person): {allowed} allowed, "
          f"{len(cells) - allowed} refused")
    print("refused by " + ", ".join(f"{rule} {n}" for rule, n in by_rule.most_common()))
    print(f"{len(leaks)} leaks, {len(wrong)} wrong refusals")
    for what, found in (("leak", leaks), ("wrong refusal", wrong)):
        for cell in found[:10]:
            print(f"  {what}: {cell}")
    # The control: a model with one wrong cell must be found out.
    bent = model.table()
    bent["DISPATCH"][0][1].discard("DISPATCHER")
    bent["DISPATCH"][0][1].add("ACCEPTOR")
    _, _, bent_leaks, bent_wrong = compare(cells, names, bent)
    print(f"control: with DISPATCH given to the acceptor instead, {len(bent_leaks)} leaks and {len(bent_wrong)} wrong refusals are reported")
    if leaks or wrong or not bent_leaks or not bent_wrong:
        sys.exit(1)


main()
