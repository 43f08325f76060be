#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The gate's every decision about rights, and who sees what, against the model. matrix.py CELLS-PROGRAM"""
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


ACTORS = list(itertools.product(model.ROLES, REGIONS, ORGANS, PERSONS))
BLOCKS = list(itertools.product(model.ACTIONS, model.STATES, LEVELS))


def compare(cells, names, rules):
    """The gate alone: (allowed, refusals by rule, leaks, wrong refusals), the last two as examples with their counts."""
    allowed, by_rule, leaks, wrong = 0, collections.Counter(), [], []
    at = 0
    for action, state, level in BLOCKS:
        for role, (holds, own_level, holds_lead), organ, person in ACTORS:
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
    return allowed, by_rule, leaks, wrong


def sight(sees):
    """Of every actor: which sources' cases it sees."""
    return [tuple(sees(role, holds, organ, person == "reporter", source) for source in model.SOURCES)
            for role, (holds, _, _), organ, person in ACTORS]


def compare_served(served, gate, names, seen):
    """What is answered: what the gate says, held against the model before, to who sees the case; HIDDEN to all others."""
    hidden, n = names.index("HIDDEN"), len(model.SOURCES)
    counts, leaks, wrong = collections.Counter(), [], []
    size = len(ACTORS) * n
    for b, (action, state, level) in enumerate(BLOCKS):
        exists = state != "NONE"
        alone = gate[b * len(ACTORS):(b + 1) * len(ACTORS)]
        want = bytes(g if yes or not exists else hidden for g, row in zip(alone, seen) for yes in row)
        got = served[b * size:(b + 1) * size]
        counts["allowed"] += got.count(0)
        counts["hidden"] += got.count(hidden)
        for i in () if got == want else (i for i in range(size) if got[i] != want[i]):
            cell = (action, state, level, *ACTORS[i // n], model.SOURCES[i % n], names[got[i]], names[want[i]])
            (leaks if want[i] == hidden or got[i] == 0 else wrong).append(cell)
    return counts, leaks, wrong


def compare_sight(cells, seen):
    """Who sees the case, and who is sent its events."""
    leaks, wrong = [], []
    for i, got in enumerate(cells):
        actor, source = divmod(i, len(model.SOURCES))
        for bit, what in ((1, "case"), (2, "event")):
            want = seen[actor][source]
            if bool(got & bit) != want:
                (wrong if want else leaks).append((what, *ACTORS[actor], model.SOURCES[source]))
    return leaks, wrong


def tell(leaks, wrong):
    print(f"{len(leaks)} leaks, {len(wrong)} wrong refusals")
    for what, found in (("leak", leaks), ("wrong refusal", wrong)):
        for cell in found[:10]:
            print(f"  {what}: {cell}")
    return not leaks and not wrong


def bent_sees(role, holds, organ, own, source):
    """The control's: a source sees the cases of the others and not its own."""
    return model.sees(role, holds, organ, own, {"own": "other", "other": "own"}.get(source, source))


def main():
    out = subprocess.run(sys.argv[1:2], check=True, stdout=subprocess.PIPE).stdout
    head, _, cells = out.partition(b"\n")
    names = head.decode().split(" ")
    n = len(BLOCKS) * len(ACTORS)
    gate, served, seeing = cells[:n], cells[n:n + n * len(model.SOURCES)], cells[n + n * len(model.SOURCES):]
    if len(seeing) != len(ACTORS) * len(model.SOURCES):
        sys.exit(f"the program gave {len(cells)} cells, the model has others")
    allowed, by_rule, leaks, wrong = compare(gate, names, model.table())
    print(f"{len(gate)} cells (action x state x level x role x region x organ x person): {allowed} allowed, {len(gate) - allowed} refused")
    print("refused by " + ", ".join(f"{rule} {k}" for rule, k in by_rule.most_common()))
    fine = tell(leaks, wrong)
    seen = sight(model.sees)
    counts, leaks, wrong = compare_served(served, gate, names, seen)
    print(f"{len(served)} cells (the same x source): {counts['allowed']} allowed, {counts['hidden']} hidden, "
          f"{len(served) - counts['allowed'] - counts['hidden']} refused")
    fine &= tell(leaks, wrong)
    leaks, wrong = compare_sight(seeing, seen)
    print(f"{2 * len(seeing)} cells (role x region x organ x person x source, of the case and of its events)")
    fine &= tell(leaks, wrong)
    # The controls: a model with one wrong cell must be found out.
    bent = model.table()
    bent["DISPATCH"][0][1].discard("DISPATCHER")
    bent["DISPATCH"][0][1].add("ACCEPTOR")
    _, _, bent_leaks, bent_wrong = compare(gate, names, bent)
    print(f"control: with DISPATCH given to the acceptor instead, {len(bent_leaks)} leaks and {len(bent_wrong)} wrong refusals are reported")
    fine &= bool(bent_leaks and bent_wrong)
    for what, (bent_leaks, bent_wrong) in (("answers", compare_served(served, gate, names, sight(bent_sees))[1:]),
                                           ("views", compare_sight(seeing, sight(bent_sees)))):
        print(f"control: with a source given another's cases instead of its own, {len(bent_leaks)} leaks and {len(bent_wrong)} wrong "
              f"refusals are reported of {what}")
        fine &= bool(bent_leaks and bent_wrong)
    sys.exit(0 if fine else 1)


main()
