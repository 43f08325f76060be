#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every action that people can take, taken from the command line. The list is the server's own: an action that it publishes and
this file does not take fails the last case.

cli_actions.py BUILD
"""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import city  # noqa: E402
from cases import case, equal, run  # noqa: E402
from stack import SANITIZER, Stack, find_build  # noqa: E402

GRID = "230604001001001"
# Taken by the server alone.
TIMERS = {"ARCHIVE", "CO_LAPSE", "RECLOCK"}


def wangge(s, who, *args, stdin=""):
    home = os.path.join(s.dir, "home-" + who)
    os.makedirs(home, exist_ok=True)
    env = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "LC_", "WANGGE_"))}
    env.update({"HOME": home, "LANG": "C.UTF-8", "LANGUAGE": "", "TERM": "dumb"})
    done = subprocess.run([os.path.join(s.build, "client", "cli", "wangge"), *args], input=stdin, env=env, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
    if done.returncode != 0 or SANITIZER.search(done.stderr):
        raise AssertionError(f"{who}: wangge {' '.join(args)}: exit code {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def take(s, who, number, action, *options):
    """Take an action; return the case's state after it."""
    s.taken.add(action)
    word = action.lower().replace("_", "-")
    answer = json.loads(wangge(s, who, "case", "act", number, word, "--yes", "--json", *options))
    return answer["state"].removeprefix("CASE_STATE_")


def walk(s, number, *steps):
    """Steps are (who, action, state after it, options…)."""
    for who, action, after, *options in steps:
        equal(take(s, who, number, action, *options), after, f"{action} by {who}")


def report(s, *options):
    s.taken.add("SUBMIT")
    return json.loads(wangge(s, "worker", "case", "new", "--yes", "--json", "--category", "E0102", "--grid", GRID, "--text", "路面塌陷",
                             *options))["number"]


def say(text="说明"):
    return ("--text", text)


def in_hand(s, *options):
    number = report(s, *options)
    at = options[:2] if options and options[0] == "--happened-at" else ()
    walk(s, number, ("acceptor", "ACCEPT", "ACCEPTED", *at), ("dispatcher", "DISPATCH", "DISPATCHED", "--organ", "RHL-CG", *at),
         ("handler", "SIGN", "HANDLING", *at))
    return number


@case("log in")
def log_in(s):
    for who in city.ACCOUNTS:
        if who not in ("integration", "worker.other", "supervisor.rhl"):
            wangge(s, who, "login", "--server", s.address, "--user", who, "--password-stdin", stdin=city.PASSWORD + "\n")


@case("at intake: settled, recalled, checked and refused")
def intake(s):
    walk(s, report(s), ("worker", "SETTLE", "CLOSED", *say()))
    walk(s, report(s), ("worker", "RECALL", "VOIDED", *say()))
    walk(s, report(s), ("acceptor", "ORDER_FACT_CHECK", "FACT_CHECK", *say()),
         ("worker2", "ANSWER_FACT_CHECK", "REPORTED", "--check", "fail", *say()),
         ("acceptor", "REFUSE", "NOT_ACCEPTED", "--reason", "OUT_OF_SCOPE", *say()))


@case("through a unit: returned, helped, passed on, reworked, checked, closed, revisited, reopened")
def through(s):
    walk(s, report(s), ("community", "ACCEPT", "ACCEPTED"), ("dispatcher", "DISPATCH", "DISPATCHED", "--organ", "RHL-XF"),
         ("xf.lead", "RETURN", "ACCEPTED", *say()), ("dispatcher", "DISPATCH", "DISPATCHED", "--organ", "RHL-CG"),
         ("dispatcher", "WHISTLE", "DISPATCHED", "--organ", "RHL-XF"), ("lead", "SIGN", "HANDLING"),
         ("lead", "TRANSFER", "DISPATCHED", "--organ", "RHL-CG", "--assignee", "handler"), ("handler", "SIGN", "HANDLING"),
         ("xf.lead", "CO_REPLY", "HANDLING", *say()), ("acceptor", "NOTE", "HANDLING", *say()),
         ("supervisor", "URGE", "HANDLING", "--card", "yellow", *say()), ("handler", "URGE_REPLY", "HANDLING", *say()),
         ("handler", "FEED_BACK", "FEEDBACK", *say()), ("acceptor", "REWORK", "HANDLING", *say()),
         ("handler", "FEED_BACK", "FEEDBACK", *say()), ("acceptor2", "ORDER_FIELD_CHECK", "FIELD_CHECK", *say()),
         ("worker2", "ANSWER_FIELD_CHECK", "FEEDBACK", "--check", "pass", *say()), ("acceptor", "CLOSE", "CLOSED", *say()),
         ("supervisor", "REVISIT", "CLOSED", "--check", "fail", *say()), ("supervisor", "REOPEN", "ACCEPTED", *say()))


@case("what others decide: extension, suspension, void, appeal, and what is declined")
def decided(s):
    number = in_hand(s)
    walk(s, number, ("handler", "REQUEST_EXTEND", "HANDLING", "--until", "+9d", *say()),
         ("lead", "DECLINE", "HANDLING", "--approval", "extend", *say()),
         ("handler", "REQUEST_EXTEND", "HANDLING", "--until", "+9d", *say()),
         ("lead", "ENDORSE", "HANDLING", "--approval", "extend"), ("dispatcher", "EXTEND", "HANDLING"),
         ("handler", "REQUEST_SUSPEND", "HANDLING", "--until", "+9d", "--reason", "PARTS", *say()),
         ("lead", "ENDORSE", "HANDLING", "--approval", "suspend"), ("dispatcher", "SUSPEND", "SUSPENDED"),
         ("dispatcher", "RESUME", "HANDLING"), ("lead", "REQUEST_VOID", "HANDLING", "--reason", "DUPLICATE", *say()),
         ("duty", "VOID", "VOIDED", "--reason", "DUPLICATE"), ("duty", "RESTORE", "HANDLING", *say()),
         ("duty", "FORCE_CLOSE", "CLOSED", "--reason", "OTHER", *say()))
    late = in_hand(s, "--happened-at", "-480h")
    walk(s, late, ("handler", "FEED_BACK", "FEEDBACK", *say()), ("acceptor", "ORDER_FIELD_CHECK", "FIELD_CHECK", *say()),
         ("worker2", "ANSWER_FIELD_CHECK", "FEEDBACK", "--check", "pass", *say()), ("acceptor", "CLOSE", "CLOSED", *say()),
         ("lead", "APPEAL", "CLOSED", *say()), ("dispatcher", "ENDORSE", "CLOSED", "--approval", "appeal"),
         ("acceptor", "GRANT_APPEAL", "CLOSED"))


@case("beside the way: escalated, merged and split, referred and received back")
def beside(s):
    walk(s, report(s), ("community", "ACCEPT", "ACCEPTED"), ("community", "ESCALATE", "REPORTED", *say()))
    lead, other = in_hand(s), in_hand(s)
    walk(s, other, ("acceptor", "MERGE", "MERGED", "--target", lead, *say()), ("acceptor", "SPLIT", "HANDLING", *say()),
         ("acceptor", "REFER", "REFERRED", "--outside-number", "大水〔2026〕7号", *say()),
         ("acceptor", "RECEIPT", "CLOSED", "--check", "pass", *say()))


@case("that was every action the server publishes")
def every(s):
    from wangge.v1 import directory_pb2, types_pb2
    rules = s.call("worker", "DirectoryService", "ListActions", directory_pb2.ListActionsRequest()).rules
    published = {types_pb2.Action.Name(r.action).removeprefix("ACTION_") for r in rules}
    equal(published - s.taken, TIMERS, "published, and taken here by nobody")
    equal(s.taken - published, set(), "taken, and not published")
    print(f"{len(s.taken)} of {len(published)} actions from the command line; the others are the server's own")


def main():
    with Stack(find_build()) as s:
        s.taken = set()
        return run(s)


if __name__ == "__main__":
    sys.exit(main())
