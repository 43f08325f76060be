# SPDX-License-Identifier: MIT
"""Who may do what, written down a second time from the rules of the field and not from the program's tables: roles, regions,
levels, organs, and that nobody judges his own work. violated() names what stands in an actor's way; empty: nothing does."""

ROLES = ("GRID_WORKER", "COMMUNITY", "ACCEPTOR", "DISPATCHER", "HANDLER", "ORGAN_LEAD", "DUTY_CHIEF", "SUPERVISOR", "MEDIATOR", "EXPERT",
         "INTEGRATION", "SYSTEM_ADMIN", "SECURITY_ADMIN", "AUDITOR")
STATES = ("NONE", "REPORTED", "FACT_CHECK", "ACCEPTED", "DISPATCHED", "HANDLING", "SUSPENDED", "FEEDBACK", "FIELD_CHECK", "REFERRED",
          "CLOSED", "ARCHIVED", "NOT_ACCEPTED", "VOIDED", "MERGED")
OPEN = STATES[1:10]
ACTIONS = ("SUBMIT", "SETTLE", "RECALL", "ORDER_FACT_CHECK", "ANSWER_FACT_CHECK", "ACCEPT", "REFUSE", "ESCALATE", "DISPATCH", "WHISTLE",
           "SIGN", "RETURN", "TRANSFER", "EXTEND", "SUSPEND", "RESUME", "CO_REPLY", "FEED_BACK", "ORDER_FIELD_CHECK",
           "ANSWER_FIELD_CHECK", "REWORK", "CLOSE", "FORCE_CLOSE", "REVISIT", "REOPEN", "ARCHIVE", "REQUEST_VOID", "VOID", "RESTORE",
           "MERGE", "SPLIT", "REFER", "RECEIPT", "URGE", "APPEAL", "NOTE", "REQUEST_EXTEND", "REQUEST_SUSPEND", "ENDORSE", "DECLINE",
           "GRANT_APPEAL", "CO_LAPSE", "URGE_REPLY", "RECLOCK")

# Short names of those who act.
_WHO = {"worker": "GRID_WORKER", "community": "COMMUNITY", "acceptor": "ACCEPTOR", "dispatcher": "DISPATCHER", "handler": "HANDLER",
        "lead": "ORGAN_LEAD", "chief": "DUTY_CHIEF", "supervisor": "SUPERVISOR", "source": "INTEGRATION"}

# action: [(from, who, what else must be)]. "centre": a higher level may hold the case; "unit": of the lead organ.
_RULES = {
    "SUBMIT": [("NONE", "worker community acceptor source", "")],
    "SETTLE": [("NONE", "worker", ""), ("REPORTED", "worker", "reporter")],
    "RECALL": [("REPORTED", "worker community acceptor source", "reporter")],
    "ORDER_FACT_CHECK": [("REPORTED", "acceptor", "centre")],
    "ANSWER_FACT_CHECK": [("FACT_CHECK", "worker", "")],
    "ACCEPT": [("REPORTED", "community acceptor", "centre")],
    "REFUSE": [("REPORTED", "acceptor", "centre")],
    "ESCALATE": [("ACCEPTED", "community acceptor dispatcher", "centre"),
                 ("HANDLING", "community acceptor dispatcher handler lead", "centre unit")],
    "DISPATCH": [("ACCEPTED", "dispatcher", "centre")],
    "WHISTLE": [("DISPATCHED HANDLING", "acceptor dispatcher chief", "centre")],
    "SIGN": [("DISPATCHED", "handler lead community", "unit")],
    "RETURN": [("DISPATCHED HANDLING", "lead", "unit")],
    "TRANSFER": [("HANDLING", "lead dispatcher", "centre unit")],
    "REQUEST_EXTEND": [("HANDLING", "handler lead community", "unit")],
    "REQUEST_SUSPEND": [("HANDLING", "handler lead community", "unit")],
    "EXTEND": [("HANDLING", "dispatcher", "centre not-asker")],
    "SUSPEND": [("HANDLING", "dispatcher", "centre not-asker")],
    "ENDORSE": [("HANDLING", "lead", "unit not-asker"), ("CLOSED", "dispatcher", "centre not-asker")],
    "RESUME": [("SUSPENDED", "dispatcher", "centre")],
    "CO_REPLY": [("HANDLING", "handler lead community", "helper")],
    "FEED_BACK": [("HANDLING", "handler lead community", "unit")],
    "ORDER_FIELD_CHECK": [("FEEDBACK", "acceptor", "centre")],
    "ANSWER_FIELD_CHECK": [("FIELD_CHECK", "worker", "not-handler")],
    "REWORK": [("FEEDBACK", "acceptor dispatcher", "centre")],
    "CLOSE": [("FEEDBACK", "acceptor", "centre not-handler not-checker")],
    "FORCE_CLOSE": [("HANDLING SUSPENDED FEEDBACK", "chief", "centre not-handler not-checker")],
    "REVISIT": [("CLOSED", "supervisor", "")],
    "REOPEN": [("CLOSED", "supervisor", "")],
    "ARCHIVE": [("CLOSED", "", "")],
    "REQUEST_VOID": [("open", "acceptor dispatcher handler lead", "unit")],
    "VOID": [("open", "chief", "centre not-asker")],
    "RESTORE": [("VOIDED", "chief", "centre")],
    "MERGE": [("REPORTED FACT_CHECK ACCEPTED DISPATCHED HANDLING", "acceptor", "centre both-in-region")],
    "SPLIT": [("MERGED", "acceptor", "centre")],
    "REFER": [("ACCEPTED HANDLING", "acceptor", "centre")],
    "RECEIPT": [("REFERRED", "acceptor", "centre not-handler not-checker")],
    "URGE": [("open", "supervisor", "")],
    "URGE_REPLY": [("open", "community acceptor dispatcher handler lead", "centre unit")],
    "APPEAL": [("CLOSED", "lead", "unit")],
    "GRANT_APPEAL": [("CLOSED", "acceptor", "centre not-asker")],
    "DECLINE": [("open", "community acceptor dispatcher handler lead chief", "decides-chief"),
                ("CLOSED", "community acceptor dispatcher handler lead chief", "decides-dispatcher")],
    "NOTE": [("open CLOSED NOT_ACCEPTED VOIDED MERGED", "worker community acceptor dispatcher handler lead chief supervisor source", "")],
    "CO_LAPSE": [("DISPATCHED HANDLING", "", "")],
    "RECLOCK": [("open", "", "")],
}


def table():
    """{action: [(set of states, set of roles, list of conditions)]}, free to be changed by the caller."""
    found = {}
    for action, rows in _RULES.items():
        found[action] = []
        for states, who, also in rows:
            at = set()
            for word in states.split():
                at |= set(OPEN) if word == "open" else {word}
            found[action].append((at, {_WHO[w] for w in who.split()}, also.split()))
    return found


_CENTRE = {"COMMUNITY", "ACCEPTOR", "DISPATCHER", "DUTY_CHIEF"}


def violated(rules, action, state, case_level, role, holds, level, organ, person, holds_lead=True):
    """holds: the actor's region holds the case; level: 1 community to 4 city; organ: "lead", "helper" or "other"; person: what the
    actor is to the case: "stranger", "reporter", "handler", "checker" or "asker" of what is to be decided."""
    rows = rules[action]
    broken = set()
    if not any(role in who for _, who, _ in rows):
        broken.add("ROLE")
    if not holds:
        broken.add("REGION")
    row = next((r for r in rows if state in r[0]), None)
    if row is None:
        broken.add("STATE")
        return broken
    _, who, also = row
    if role not in who:
        broken.add("ROLE")
    too_low = role in _CENTRE and level < case_level
    for word in also:
        if word == "centre" and too_low:
            broken.add("LEVEL")
        elif word == "unit" and organ != "lead" and (role in ("HANDLER", "ORGAN_LEAD") or role == "COMMUNITY" and "centre" not in also):
            broken.add("OWN_ORGAN")
        elif word == "both-in-region" and not holds_lead:
            broken.add("MERGE_TARGET")
        elif word == "helper" and organ != "helper":
            broken.add("CO_ORGAN")
        elif word == "reporter" and person != "reporter":
            broken.add("REPORTER_ONLY")
        elif word == "not-handler" and person == "handler":
            broken |= {"HANDLER_IS_CHECKER", "HANDLER_IS_CLOSER"}
        elif word == "not-checker" and person == "checker":
            broken.add("CHECKER_IS_CLOSER")
        elif word == "not-asker" and person == "asker":
            broken.add("APPROVAL_BY_ASKER")
        elif word.startswith("decides-") and person != "asker":
            if role != _WHO[word.removeprefix("decides-")]:
                broken.add("APPROVAL_DECIDER")
            elif too_low:
                broken.add("LEVEL")
    return broken


# What a service account's source is to the case: its own, another's, the case is from people; or the account has none.
SOURCES = ("own", "other", "people", "none")


def sees(role, holds, organ, own, source):
    """Whether an account sees a case at all. own: it reported it."""
    if role in ("MEDIATOR", "EXPERT", "SYSTEM_ADMIN", "SECURITY_ADMIN", "AUDITOR") or not holds:
        return False
    if role in ("HANDLER", "ORGAN_LEAD"):
        return organ in ("lead", "helper")
    if role == "INTEGRATION":
        return own if source == "none" else source == "own"
    return True


# Kind of call: who may.
PERMISSIONS = {
    "SESSION": ROLES,
    "DIRECTORY_READ": ROLES,
    "OWN_ACCOUNT": ROLES,
    "CASE_READ": ROLES[:8] + ("INTEGRATION",),
    "CASE_SUBMIT": ("GRID_WORKER", "COMMUNITY", "ACCEPTOR", "INTEGRATION"),
    "CASE_IMPORT": ("INTEGRATION",),
    "REPORT": tuple(r for r in ROLES[:8] if r != "HANDLER"),
    "DIRECTORY_ADMIN": ("SYSTEM_ADMIN",),
    "CLOCK_ADMIN": ("SYSTEM_ADMIN",),
    "RULES_ADMIN": ("SYSTEM_ADMIN",),
    "RULES_TRY": ("SYSTEM_ADMIN", "SUPERVISOR"),
    "RULES_READ": tuple(r for r in ROLES if r not in ("MEDIATOR", "EXPERT")),
    "WHAT_IF": ("SYSTEM_ADMIN", "SUPERVISOR"),
    "ACCOUNT_ADMIN": ("SECURITY_ADMIN",),
    "AUDIT_READ": ("AUDITOR",),
    "PEOPLE_REVEAL": ROLES[1:8],
    "PEOPLE_SET": ("GRID_WORKER", "COMMUNITY", "ACCEPTOR", "HANDLER", "ORGAN_LEAD", "INTEGRATION"),
    "CASE_NOTE": ROLES[:8] + ("INTEGRATION",),
    "SEARCH": ROLES[:8] + ("INTEGRATION",),
    "INBOX": ROLES[:8] + ("INTEGRATION",),
    "ATTACHMENT_READ": ROLES[:8] + ("INTEGRATION",),
    "BULK": ROLES[:8],
}
