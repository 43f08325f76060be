# SPDX-License-Identifier: MIT
"""Script tests by cases: decorate functions with @case("name"), then run(state). Prints a line a case and "N passed, M failed".

Cases run in the order they are written and share the state; one that fails does not stop the others.
"""
import sys
import traceback

_cases = []


def case(name):
    def add(fn):
        _cases.append((name, fn))
        return fn
    return add


def run(state):
    passed = failed = 0
    for name, fn in _cases:
        try:
            fn(state)
        except Exception:  # noqa: BLE001 - whatever goes wrong is this case's failure
            failed += 1
            print(f"not ok - {name}")
            traceback.print_exc(file=sys.stdout)
        else:
            passed += 1
            print(f"ok - {name}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def equal(got, want, what=""):
    if got != want:
        raise AssertionError(f"{what}: got {got!r}, want {want!r}")
