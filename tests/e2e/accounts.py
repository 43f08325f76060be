#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The account service on a server of two workers: each method's success and each refusal, passwords, sessions, one-time
passwords, service accounts with tokens and certificates.

accounts.py BUILD
"""
import base64
import hashlib
import hmac
import os
import re
import signal
import struct
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
import city  # noqa: E402
import proc  # noqa: E402
import protos  # noqa: E402
from cases import case, equal, run  # noqa: E402
from stack import Stack, find_build, uuid7  # noqa: E402

NEW = "Ganlan-Shu-42-Ye"
ROLES = {"HANDLER": 5, "SUPERVISOR": 8, "INTEGRATION": 11, "SYSTEM_ADMIN": 12, "SECURITY_ADMIN": 13, "AUDITOR": 14}


def pb(s, name, /, **fields):
    from wangge.v1 import account_pb2, directory_pb2
    return getattr(account_pb2 if hasattr(account_pb2, name) else directory_pb2, name)(**fields)


def account(s, who, name, /, **fields):
    """Call AccountService as who."""
    return s.call(who, "AccountService", name, pb(s, name + "Request", **fields), timeout=60)


def refused(s, who, name, /, **fields):
    code, text, details = s.refused(who, "AccountService", name, pb(s, name + "Request", **fields))
    field = [v.field for d in details if d.DESCRIPTOR.name == "BadRequest" for v in d.field_violations]
    return code, field[0] if field else ""


def create(s, login, role, /, **fields):
    fields = {"name": login, "password": city.PASSWORD, "keep_password": True, "region_code": city.CITY, **fields}
    return s.call("secadmin", "DirectoryService", "CreateAccount", pb(s, "CreateAccountRequest", login=login, role=ROLES[role], **fields),
                  timeout=60)


def login(s, name, password=city.PASSWORD, code=""):
    from wangge.v1 import auth_pb2
    return s.method("AuthService", "Login")(auth_pb2.LoginRequest(login=name, password=password, totp_code=code), timeout=60)


def login_refused(s, name, password=city.PASSWORD, code=""):
    """(status, reasons)"""
    import grpc
    try:
        login(s, name, password, code)
    except grpc.RpcError as e:
        return e.code().name, [d.reason for d in s.details(e) if d.DESCRIPTOR.name == "ErrorInfo"]
    raise AssertionError("the login was not refused")


def with_token(s, token, service, name, request, channel=None):
    """Status name of a call with a token."""
    import grpc
    import importlib
    module = importlib.import_module("wangge.v1." + service.removesuffix("Service").lower() + "_pb2")
    method = protos.method(channel or s.channel, module.DESCRIPTOR.services_by_name[service], name)
    try:
        method(request, timeout=30, metadata=(("authorization", "Bearer " + token),) if token else ())
    except grpc.RpcError as e:
        return e.code().name
    return "OK"


def who_am_i(s, token, channel=None):
    from wangge.v1 import auth_pb2
    return with_token(s, token, "AuthService", "WhoAmI", auth_pb2.WhoAmIRequest(), channel)


def everywhere(s, token, want):
    """Waits until connections of their own, which go to all workers, get the answer; once it is there it must stay."""
    import grpc

    def seen():
        got = []
        for i in range(8):
            with grpc.insecure_channel(s.address, options=[("grpc.use_local_subchannel_pool", 1), ("x", i)]) as channel:
                got.append(who_am_i(s, token, channel))
        return all(g == want for g in got)

    proc.wait_until(f"every worker to answer {want}", seen, seconds=60)


def audited(s, login_, words):
    sql = f"select count(*) from audit_row where kind = 3 and object = '{login_}' and text like '%{words}%'"
    proc.wait_until(f"an audit row on {login_}: {words}", lambda: int(s.psql(sql)) > 0, seconds=60)


def totp(secret, at=None):
    key = base64.b32decode(secret)
    mac = hmac.new(key, struct.pack(">Q", int((at or time.time()) // 30)), hashlib.sha1).digest()
    n = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[n:n + 4])[0] & 0x7fffffff) % 1000000:06d}"


@case("accounts are listed by filter, in pages, to the security officer alone")
def listing(s):
    every, token = [], ""
    while True:
        page = account(s, "secadmin", "ListAccounts", page_size=3, page_token=token)
        every += [a.account.login for a in page.accounts]
        equal(len(page.accounts) <= 3, True)
        token = page.next_page_token
        if not token:
            break
    equal(every, sorted(every))
    equal(set(every), set(city.ACCOUNTS) | {"sysadmin", "secadmin"})
    officers = account(s, "secadmin", "ListAccounts", role=ROLES["SECURITY_ADMIN"]).accounts
    equal([a.account.login for a in officers], ["secadmin"])
    equal(officers[0].sessions >= 1 and officers[0].HasField("last_login_at") and not officers[0].disabled, True)
    equal([a.account.login for a in account(s, "secadmin", "ListAccounts", text="SECAD").accounts], ["secadmin"])
    equal(list(account(s, "secadmin", "ListAccounts", text="%").accounts), [])
    first = account(s, "secadmin", "ListAccounts", page_size=1)
    equal(refused(s, "secadmin", "ListAccounts", page_size=1, text="a", page_token=first.next_page_token),
          ("INVALID_ARGUMENT", "page_token"))
    for field, bad in {"page_size": 501, "region_code": "23x", "role": 99, "text": "长" * 41, "page_token": "!"}.items():
        equal(refused(s, "secadmin", "ListAccounts", **{field: bad}), ("INVALID_ARGUMENT", field))
    for who in ("worker", "sysadmin", "acceptor"):
        for name, fields in {"ListAccounts": {}, "UpdateAccount": {"login": "worker"}, "SetAccountDisabled": {"login": "worker"},
                             "ResetPassword": {"login": "worker", "password": NEW}, "ListSessions": {"login": "secadmin"},
                             "EndSessions": {"login": "secadmin"}, "SetPasswordPolicy": {}, "CreateServiceToken": {},
                             "BindCertificate": {}, "ListCredentials": {}, "RevokeCredential": {}}.items():
            equal(refused(s, who, name, **fields)[0], "PERMISSION_DENIED", name)


@case("an account is changed; what does not fit is refused")
def update(s):
    create(s, "changing", "SUPERVISOR")
    got = account(s, "secadmin", "UpdateAccount", login="changing", name="新名", region_code="230604", person_code="P-7").account
    equal((got.account.name, got.account.region_code[:6], got.person_code, got.account.role),
          ("新名", "230604", "P-7", ROLES["SUPERVISOR"]))
    audited(s, "changing", "account changed")
    for fields, want in (
            ({"login": "nobody"}, ("NOT_FOUND", "login")),
            ({"name": "长" * 41}, ("INVALID_ARGUMENT", "name")),
            ({"name": " \u3000"}, ("INVALID_ARGUMENT", "name")),
            ({"name": "张\x1b[31m"}, ("INVALID_ARGUMENT", "name")),
            ({"name": "张\u202e三"}, ("INVALID_ARGUMENT", "name")),
            ({"role": 99}, ("INVALID_ARGUMENT", "role")),
            ({"role": ROLES["HANDLER"]}, ("INVALID_ARGUMENT", "organ_code")),
            ({"region_code": "230699"}, ("INVALID_ARGUMENT", "region_code")),
            ({"region_code": "-"}, ("INVALID_ARGUMENT", "region_code")),
            ({"organ_code": "NONE"}, ("INVALID_ARGUMENT", "organ_code")),
            ({"source_code": "X"}, ("INVALID_ARGUMENT", "source_code")),
            ({"person_code": "a b"}, ("INVALID_ARGUMENT", "person_code")),
            ({"person_code": "a\u200bb"}, ("INVALID_ARGUMENT", "person_code"))):
        equal(refused(s, "secadmin", "UpdateAccount", **{"login": "changing", **fields}), want, fields)
    equal(refused(s, "secadmin", "UpdateAccount", login="secadmin", role=ROLES["AUDITOR"]), ("FAILED_PRECONDITION", "role"))
    # A login that looks like another's.
    from wangge.v1 import directory_pb2
    for bad in ("chan\u200bging", "chang\u202eing", "chan\u00a0ging"):
        req = directory_pb2.CreateAccountRequest(login=bad, name="名", role=ROLES["SUPERVISOR"], region_code="2306", password=city.PASSWORD)
        equal(s.refused("secadmin", "DirectoryService", "CreateAccount", req)[0], "INVALID_ARGUMENT", bad)
    equal(refused(s, "secadmin", "SetAccountDisabled", login="changing", disabled=True, reason="  "), ("INVALID_ARGUMENT", "reason"))
    token = login(s, "changing").token
    equal(who_am_i(s, token), "OK")
    account(s, "secadmin", "UpdateAccount", login="changing", role=ROLES["AUDITOR"], region_code="-")
    from wangge.v1 import case_pb2
    equal(with_token(s, token, "CaseService", "ListCases", case_pb2.ListCasesRequest()), "PERMISSION_DENIED")
    equal(who_am_i(s, token), "OK")


@case("the three officers are three people, and one security officer stays")
def officers(s):
    import grpc
    create(s, "auditor1", "AUDITOR", person_code="P-100")
    for role in ("SYSTEM_ADMIN", "SECURITY_ADMIN"):
        try:
            create(s, "second", role, person_code="p-100")
            raise AssertionError("two officers' roles for one person")
        except grpc.RpcError as e:
            equal(e.code().name, "FAILED_PRECONDITION")
    create(s, "second", "SYSTEM_ADMIN", person_code="P-200")
    equal(refused(s, "secadmin", "UpdateAccount", login="second", person_code="P-100"), ("FAILED_PRECONDITION", "person_code"))
    equal(refused(s, "secadmin", "UpdateAccount", login="second", person_code="sysadmin"), ("FAILED_PRECONDITION", "person_code"))
    account(s, "secadmin", "SetAccountDisabled", login="second", disabled=True, reason="gone")
    account(s, "secadmin", "UpdateAccount", login="second", person_code="P-100")
    equal(refused(s, "secadmin", "SetAccountDisabled", login="second", disabled=False, reason="back"),
          ("FAILED_PRECONDITION", "person_code"))
    create(s, "sec2", "SECURITY_ADMIN")
    equal(refused(s, "secadmin", "SetAccountDisabled", login="secadmin", disabled=True, reason="x"), ("FAILED_PRECONDITION", "login"))
    account(s, "sec2", "SetAccountDisabled", login="secadmin", disabled=True, reason="holiday")
    s.psql("update account set role = role where login = 'sec2'")
    for sql in ("update account set disabled = true where login = 'sec2'", "update account set role = 14 where login = 'sec2'"):
        try:
            s.psql(sql)
            raise AssertionError("the last security officer went")
        except subprocess.CalledProcessError:
            pass
    account(s, "sec2", "SetAccountDisabled", login="secadmin", disabled=False, reason="back")
    s.tokens.pop("secadmin")
    account(s, "secadmin", "SetAccountDisabled", login="sec2", disabled=True, reason="done")


@case("a disabled account is out at once, on every worker")
def disabled(s):
    create(s, "leaver", "SUPERVISOR")
    tokens = [login(s, "leaver").token for _ in range(3)]
    for token in tokens:
        equal(who_am_i(s, token), "OK")
    equal(account(s, "secadmin", "SetAccountDisabled", login="leaver", disabled=True, reason="left").sessions_ended, 3)
    for token in tokens:
        everywhere(s, token, "UNAUTHENTICATED")
    equal(login_refused(s, "leaver")[0], "UNAUTHENTICATED")
    audited(s, "leaver", "account disabled: left")
    account(s, "secadmin", "SetAccountDisabled", login="leaver", disabled=False, reason="came back")
    equal(who_am_i(s, login(s, "leaver").token), "OK")
    equal(refused(s, "secadmin", "SetAccountDisabled", login="leaver", disabled=True), ("INVALID_ARGUMENT", "reason"))
    equal(refused(s, "secadmin", "SetAccountDisabled", login="nobody", disabled=True, reason="x"), ("NOT_FOUND", "login"))


@case("sessions are listed and ended, on every worker")
def sessions(s):
    create(s, "busy", "SUPERVISOR")
    one, two = login(s, "busy").token, login(s, "busy").token
    s.tokens["busy"] = one
    listed = account(s, "busy", "ListSessions").sessions
    equal((len(listed), [x.current for x in listed].count(True), {x.login for x in listed}), (2, 1, {"busy"}))
    equal(all(x.peer and x.HasField("last_seen_at") and x.expires_at.seconds > time.time() for x in listed), True)
    equal(account(s, "busy", "EndSessions").ended, 1)
    everywhere(s, two, "UNAUTHENTICATED")
    equal(who_am_i(s, one), "OK")
    mine = account(s, "busy", "ListSessions").sessions[0].session_id
    equal(refused(s, "worker", "EndSessions", session_id=mine), ("NOT_FOUND", "session_id"))
    equal(refused(s, "busy", "EndSessions", session_id="x"), ("INVALID_ARGUMENT", "session_id"))
    equal(refused(s, "busy", "EndSessions", session_id=mine, login="busy"), ("INVALID_ARGUMENT", "session_id"))
    equal(account(s, "secadmin", "ListSessions", login="busy").sessions[0].session_id, mine)
    equal(account(s, "secadmin", "EndSessions", session_id=mine).ended, 1)
    everywhere(s, one, "UNAUTHENTICATED")
    audited(s, "busy", "sessions ended: 1")
    three = login(s, "busy").token
    equal(account(s, "secadmin", "EndSessions", login="busy").ended, 1)
    everywhere(s, three, "UNAUTHENTICATED")


@case("a first, reset or expired password lets through nothing but its change")
def must_change(s):
    from wangge.v1 import case_pb2
    create(s, "fresh", "SUPERVISOR", keep_password=False)
    for round_, password in (("first", city.PASSWORD), ("reset", NEW), ("expired", NEW)):
        if round_ == "reset":
            account(s, "secadmin", "ResetPassword", login="fresh", password=NEW)
        if round_ == "expired":
            s.psql("update account set password_changed_at = now() - interval '91 days' where login = 'fresh'")
            password = "Reset-Pear-Window-3"
        answer = login(s, "fresh", password)
        equal(answer.must_change_password, True, round_)
        s.tokens["fresh"] = answer.token
        equal(with_token(s, answer.token, "CaseService", "ListCases", case_pb2.ListCasesRequest()), "FAILED_PRECONDITION")
        equal(refused(s, "fresh", "ListSessions")[0], "FAILED_PRECONDITION")
        equal(who_am_i(s, answer.token), "OK")
        new = {"first": "First-Pear-Window-3", "reset": "Reset-Pear-Window-3", "expired": "Aged-Pear-Window-3"}[round_]
        account(s, "fresh", "ChangePassword", old_password=password, new_password=new)
        equal(with_token(s, answer.token, "CaseService", "ListCases", case_pb2.ListCasesRequest()), "OK", round_)
        equal(login_refused(s, "fresh", password)[0], "UNAUTHENTICATED")
    audited(s, "fresh", "password reset")
    audited(s, "fresh", "password changed")
    equal(login(s, "fresh", "Aged-Pear-Window-3").must_change_password, False)
    equal(refused(s, "secadmin", "ResetPassword", login="nobody", password=NEW), ("NOT_FOUND", "login"))
    equal(refused(s, "secadmin", "ResetPassword", login="secadmin", password=NEW), ("FAILED_PRECONDITION", "login"))
    equal(refused(s, "secadmin", "ResetPassword", login="fresh", password="short"), ("INVALID_ARGUMENT", "password"))


@case("the password policy holds, with history, and can be changed")
def policy(s):
    create(s, "chooser", "SUPERVISOR")
    change = lambda new, old=city.PASSWORD: refused(s, "chooser", "ChangePassword", old_password=old, new_password=new)  # noqa: E731
    for bad in ("Short-1a", "onlylowercase1", "Chooser-Pear-3-Ye", "Woaini1314520!", "Password@12345", "Zhang@19900101", "Qwerty@123456"):
        equal(change(bad), ("INVALID_ARGUMENT", "new_password"), bad)
    equal(change(NEW, "Wrong-Old-Pear-1"), ("UNAUTHENTICATED", "old_password"))
    equal(change(city.PASSWORD), ("INVALID_ARGUMENT", "new_password"))
    other = login(s, "chooser").token
    used = [city.PASSWORD]
    for i in range(3):
        new = f"Pear-Window-{'abc'[i] * 2}-{i}X"
        account(s, "chooser", "ChangePassword", old_password=used[-1], new_password=new)
        used.append(new)
    everywhere(s, other, "UNAUTHENTICATED")
    for old in used:
        equal(change(old, used[-1]), ("INVALID_ARGUMENT", "new_password"), old)
    p = account(s, "worker", "GetPasswordPolicy").policy
    equal((p.min_length, p.min_classes, p.refuse_common, p.max_age_days, p.history), (12, 3, True, 90, 5))
    for field, bad in {"min_length": 7, "min_classes": 5, "max_age_days": -1, "history": 25}.items():
        fields = {"min_length": 12, "min_classes": 3, "refuse_common": True, "max_age_days": 90, "history": 5, field: bad}
        equal(refused(s, "secadmin", "SetPasswordPolicy", policy=fields), ("INVALID_ARGUMENT", "policy." + field))
    equal(refused(s, "secadmin", "SetPasswordPolicy"), ("INVALID_ARGUMENT", "policy"))
    account(s, "secadmin", "SetPasswordPolicy", policy={"min_length": 8, "min_classes": 1, "max_age_days": 0, "history": 1})
    account(s, "chooser", "ChangePassword", old_password=used[-1], new_password=used[0])
    s.psql("update account set password_changed_at = now() - interval '9 years' where login = 'chooser'")
    equal(login(s, "chooser", used[0]).must_change_password, False)
    account(s, "secadmin", "SetPasswordPolicy",
            policy={"min_length": 12, "min_classes": 3, "refuse_common": True, "max_age_days": 90, "history": 5})
    audited(s, "", "password policy: length 8")


@case("wrong old passwords lock the account like wrong logins")
def lock(s):
    create(s, "guessed", "SUPERVISOR")
    for _ in range(5):
        equal(refused(s, "guessed", "ChangePassword", old_password="Wrong-Old-Pear-1", new_password=NEW)[0], "UNAUTHENTICATED")
    equal(refused(s, "guessed", "ChangePassword", old_password=city.PASSWORD, new_password=NEW)[0], "RESOURCE_EXHAUSTED")
    equal(login_refused(s, "guessed")[0], "RESOURCE_EXHAUSTED")
    found = account(s, "secadmin", "ListAccounts", text="guessed").accounts[0]
    equal(found.HasField("locked_until"), True)
    account(s, "secadmin", "ResetPassword", login="guessed", password=NEW)
    equal(login(s, "guessed", NEW).must_change_password, True)


@case("one-time passwords: begun, in force, asked for, none taken twice, ended")
def one_time(s):
    create(s, "careful", "SUPERVISOR")
    equal(refused(s, "careful", "ConfirmTotp", code="123456")[0], "FAILED_PRECONDITION")
    begun = account(s, "careful", "BeginTotp")
    equal(re.fullmatch(r"[A-Z2-7]{32}", begun.secret) is not None, True)
    equal(begun.uri, f"otpauth://totp/Wangge:careful?secret={begun.secret}&issuer=Wangge&algorithm=SHA1&digits=6&period=30")
    equal(login(s, "careful").token != "", True)  # not yet in force
    equal(refused(s, "careful", "ConfirmTotp", code="12345"), ("INVALID_ARGUMENT", "code"))
    now = time.time()
    wrong = next(f"{i:06d}" for i in range(9) if f"{i:06d}" not in [totp(begun.secret, now + 30 * k) for k in range(-3, 9)])
    equal(refused(s, "careful", "ConfirmTotp", code=wrong), ("UNAUTHENTICATED", "code"))
    account(s, "careful", "ConfirmTotp", code=totp(begun.secret))
    equal(refused(s, "careful", "BeginTotp")[0], "FAILED_PRECONDITION")
    equal(login_refused(s, "careful"), ("UNAUTHENTICATED", ["TOTP_REQUIRED"]))
    equal(login_refused(s, "careful", code=wrong), ("UNAUTHENTICATED", ["UNAUTHENTICATED"]))
    equal(login_refused(s, "careful", code="x"), ("INVALID_ARGUMENT", ["INVALID"]))
    # The next step's code is taken too, once; what was used to confirm is not.
    s.psql("update account set totp_step = totp_step - 1 where login = 'careful'")
    code = totp(begun.secret, time.time() + 15)
    s.tokens["careful"] = login(s, "careful", code=code).token
    equal(login_refused(s, "careful", code=code)[0], "UNAUTHENTICATED")
    equal(account(s, "secadmin", "ListAccounts", text="careful").accounts[0].totp, True)
    sealed = s.psql("select encode(totp_sealed, 'hex') from account where login = 'careful'")
    equal(base64.b32decode(begun.secret).hex() in sealed, False)
    s.psql("update account set totp_step = 0 where login = 'careful'")
    account(s, "careful", "ConfirmTotp", code=totp(begun.secret), remove=True)
    equal(refused(s, "careful", "ConfirmTotp", code="123456", remove=True)[0], "FAILED_PRECONDITION")
    equal(login(s, "careful").token != "", True)
    again = account(s, "careful", "BeginTotp").secret
    s.psql("update account set totp_step = 0 where login = 'careful'")
    account(s, "careful", "ConfirmTotp", code=totp(again))
    account(s, "secadmin", "ResetPassword", login="careful", password=NEW, remove_totp=True)
    equal(login(s, "careful", NEW).must_change_password, True)
    audited(s, "careful", "one-time passwords ended")


@case("a service account's tokens: made, used, several at once, revoked at once on every worker")
def tokens(s):
    from google.protobuf import timestamp_pb2
    from wangge.v1 import account_pb2
    create(s, "gateway", "INTEGRATION", source_code="S12345", region_code="230604")
    first = account(s, "secadmin", "CreateServiceToken", login="gateway", label="old")
    second = account(s, "secadmin", "CreateServiceToken", login="gateway", label="new",
                     expires_at=timestamp_pb2.Timestamp(seconds=int(time.time()) + 3600))
    for token in (first.token, second.token):
        everywhere(s, token, "OK")
    audited(s, "gateway", "token " + first.credential_id)
    listed = account(s, "secadmin", "ListCredentials", login="gateway").credentials
    equal({(c.label, c.certificate, c.HasField("expires_at")) for c in listed}, {("old", False, True), ("new", False, True)})
    proc.wait_until("the use to be noted", lambda: all(
        c.last_used_at.seconds % 60 == 0 and c.HasField("last_used_at")
        for c in account(s, "secadmin", "ListCredentials", login="gateway").credentials), seconds=60)
    equal(first.token in s.psql("select string_agg(encode(hash, 'escape') || label, ' ') from account_credential"), False)
    account(s, "secadmin", "RevokeCredential", credential_id=first.credential_id)
    everywhere(s, first.token, "UNAUTHENTICATED")
    everywhere(s, second.token, "OK")
    audited(s, "gateway", "revoked")
    s.psql(f"update account_credential set expires_at = now() where id = '{second.credential_id}'")
    everywhere(s, second.token, "UNAUTHENTICATED")
    equal(refused(s, "secadmin", "RevokeCredential", credential_id=first.credential_id), ("NOT_FOUND", "credential_id"))
    equal(refused(s, "secadmin", "RevokeCredential", credential_id="x"), ("INVALID_ARGUMENT", "credential_id"))
    equal(refused(s, "secadmin", "CreateServiceToken", login="worker", label="x"), ("FAILED_PRECONDITION", "login"))
    equal(refused(s, "secadmin", "CreateServiceToken", login="gateway"), ("INVALID_ARGUMENT", "label"))
    for seconds in (1, int(time.time()) + 3 * 366 * 86400):
        equal(refused(s, "secadmin", "CreateServiceToken", login="gateway", label="x",
                      expires_at=timestamp_pb2.Timestamp(seconds=seconds)), ("INVALID_ARGUMENT", "expires_at"))
    last = account(s, "secadmin", "CreateServiceToken", login="gateway", label="last")
    equal(with_token(s, last.token, "AccountService", "ListAccounts", account_pb2.ListAccountsRequest()), "PERMISSION_DENIED")
    everywhere(s, last.token, "OK")
    account(s, "secadmin", "SetAccountDisabled", login="gateway", disabled=True, reason="pause")
    everywhere(s, last.token, "UNAUTHENTICATED")
    account(s, "secadmin", "SetAccountDisabled", login="gateway", disabled=False, reason="on")
    everywhere(s, last.token, "OK")


@case("a service account reads and follows what it reported, nothing else")
def own_source(s):
    from wangge.v1 import case_pb2
    create(s, "sensor", "INTEGRATION", source_code="S54321", region_code="230604")
    s.tokens["sensor"] = account(s, "secadmin", "CreateServiceToken", login="sensor", label="x").token

    def submit(who):
        return s.call(who, "CaseService", "SubmitCase", case_pb2.SubmitCaseRequest(
            request_id=uuid7(), case_id=uuid7(), category_code="E0102", grid_code="230604001001001", address="解放路与西苑街口",
            description="小区东门外堆放建筑垃圾约两车"))
    theirs, mine = submit("worker"), submit("sensor")
    listed = s.call("sensor", "CaseService", "ListCases", case_pb2.ListCasesRequest()).cases
    equal([c.case_id for c in listed], [mine.case_id])
    equal(s.refused("sensor", "CaseService", "GetCase", case_pb2.GetCaseRequest(case_id=theirs.case_id))[0], "NOT_FOUND")


def openssl(*args):
    return subprocess.run(["openssl", *args], check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE).stdout


def certificate(folder, name, ca=None, usage=None):
    """Makes NAME.key and NAME.pem, signed by ca or itself."""
    key, pem, csr = (os.path.join(folder, name + x) for x in (".key", ".pem", ".csr"))
    openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out", csr,
            "-subj", "/CN=" + name)
    sign = ["-signkey", key] if not ca else ["-CA", os.path.join(folder, ca + ".pem"), "-CAkey", os.path.join(folder, ca + ".key"),
                                             "-CAcreateserial"]
    ext = os.path.join(folder, name + ".ext")
    with open(ext, "w", encoding="ascii") as f:
        f.write("basicConstraints=critical,CA:TRUE\n" if not ca else "subjectAltName=IP:127.0.0.1\n")
    openssl("x509", "-req", "-in", csr, "-days", "2", "-out", pem, "-extfile", ext, *sign)
    return key, pem


def spki(pem):
    der = openssl("pkey", "-pubin", "-outform", "DER", "-in", write(pem + ".pub", openssl("x509", "-in", pem, "-noout", "-pubkey")))
    return hashlib.sha256(der).hexdigest()


def write(path, data):
    with open(path, "wb") as f:
        f.write(data)
    return path


def tls_channel(s, client=None):
    import grpc
    read = lambda p: open(p, "rb").read()  # noqa: E731
    key, pem = client or (None, None)
    cred = grpc.ssl_channel_credentials(read(os.path.join(s.dir, "ca.pem")), read(key) if key else None, read(pem) if pem else None)
    return grpc.secure_channel(s.tls_address, cred, options=[("grpc.use_local_subchannel_pool", 1)])


@case("client certificates: bound, rotated, revoked; no other is let in")
def mutual(s):
    certificate(s.dir, "ca")
    server = certificate(s.dir, "server", "ca")
    one, two = certificate(s.dir, "one", "ca"), certificate(s.dir, "two", "ca")
    certificate(s.dir, "other-ca")
    stranger = certificate(s.dir, "stranger", "other-ca")
    s.stop()
    plain = list(s.settings)
    s.settings = ["tls_certificate = " + server[1], "tls_key = " + server[0], "tls_client_ca = " + os.path.join(s.dir, "ca.pem"),
                  "tls_client = optional", *plain]
    s.settings.insert(0, "   plain:127.0.0.1:0")  # goes on with the line "listen"
    start_tls(s)
    create(s, "machine", "INTEGRATION", source_code="S77777", region_code="230604")
    with tls_channel(s, one) as c:
        equal(who_am_i(s, None, c), "UNAUTHENTICATED")
        bound = account(s, "secadmin", "BindCertificate", login="machine", spki_sha256=spki(one[1]), label="first")
        proc.wait_until("the certificate to count", lambda: who_am_i(s, None, c) == "OK", seconds=60)
    equal(refused(s, "secadmin", "BindCertificate", login="machine", spki_sha256=spki(one[1]), label="again"),
          ("ALREADY_EXISTS", "spki_sha256"))
    equal(refused(s, "secadmin", "BindCertificate", login="machine", spki_sha256="12", label="x"), ("INVALID_ARGUMENT", "spki_sha256"))
    equal(refused(s, "secadmin", "BindCertificate", login="worker", spki_sha256=spki(two[1]), label="x"), ("FAILED_PRECONDITION", "login"))
    account(s, "secadmin", "BindCertificate", login="machine", spki_sha256=spki(two[1]), label="second")
    with tls_channel(s, two) as c:
        equal(who_am_i(s, None, c), "OK")
        equal(who_am_i(s, s.token("worker"), c), "OK")  # a token counts before the certificate
        account(s, "secadmin", "RevokeCredential", credential_id=bound.credential_id)
        equal(who_am_i(s, None, c), "OK")
    with tls_channel(s, one) as c:
        proc.wait_until("the revoked one to be refused", lambda: who_am_i(s, None, c) == "UNAUTHENTICATED", seconds=60)
    with tls_channel(s) as c:
        equal(who_am_i(s, None, c), "UNAUTHENTICATED")
        equal(who_am_i(s, s.token("worker"), c), "OK")
    with tls_channel(s, stranger) as c:
        equal(who_am_i(s, None, c), "UNAVAILABLE")
    # A reload takes other authorities over.
    s.settings = [x.replace("/ca.pem", "/other-ca.pem") if x.startswith("tls_client_ca") else x for x in s.settings]
    s.settings = [x.replace("optional", "required") for x in s.settings]
    s.config()
    os.kill(s.server.pid, signal.SIGHUP)

    def turned():
        with tls_channel(s, two) as c:
            return who_am_i(s, None, c) == "UNAVAILABLE"
    proc.wait_until("the new authority to count", turned, seconds=60)
    with tls_channel(s, stranger) as c:
        equal(who_am_i(s, None, c), "UNAUTHENTICATED")
    with tls_channel(s) as c:
        equal(who_am_i(s, s.token("worker"), c), "UNAVAILABLE")


def start_tls(s):
    """As Stack.start; the first port speaks TLS, the second does not."""
    import grpc
    s.log = os.path.join(s.dir, "wangged-tls.log")
    s.server = proc.Proc(s.command(), log=s.log)

    def ports():
        return {kind: port for port, kind in re.findall(r"listening.*?:(\d+) speaks=(h2c?)\b", s.server.output())}
    proc.wait_until("both ports", lambda: len(ports()) == 2, seconds=120)
    s.tls_address, s.address = "127.0.0.1:" + ports()["h2"], "127.0.0.1:" + ports()["h2c"]
    s.channel = grpc.insecure_channel(s.address)
    proc.wait_until("the server to be serving", s.serving, seconds=60)


def main():
    build = find_build()
    with Stack(build, settings=["workers = 2"]) as s:
        return run(s)


sys.exit(main())
