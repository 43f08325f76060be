#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Accounts and the audit on the command line. cli_account.py BUILD"""
import base64
import hashlib
import hmac
import json
import os
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import city  # noqa: E402
import proc  # noqa: E402
from cases import case, equal, run  # noqa: E402
from stack import SANITIZER, Stack, find_build  # noqa: E402

NEW = "Lotus-7-harbour"
MIDDLE = "Poplar-9-harbour"
NEWER = "Willow-8-harbour"


def wangge(s, *args, who="secadmin", code=0, stdin=""):
    """Run the program as somebody with a home of its own; return (standard output, standard error)."""
    home = os.path.join(s.dir, "home-" + who)
    os.makedirs(home, exist_ok=True)
    env = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "LC_", "WANGGE_"))}
    env.update({"HOME": home, "LANG": "C.UTF-8", "LANGUAGE": "", "TERM": "dumb"})
    done = subprocess.run([os.path.join(s.build, "client", "cli", "wangge"), *args], input=stdin, env=env, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
    if done.returncode != code or SANITIZER.search(done.stderr):
        raise AssertionError(f"wangge {' '.join(args)}: exit code {done.returncode}, not {code}\n{done.stdout}\n{done.stderr}")
    return done.stdout, done.stderr


def login(s, who, password=city.PASSWORD, code=0):
    return wangge(s, "login", "--server", s.address, "--user", who, "--password-stdin", who=who, code=code, stdin=password + "\n")


def has(text, *parts):
    for part in parts:
        if part not in text:
            raise AssertionError(f"{part!r} is not in:\n{text}")


def rows(text):
    return [json.loads(line) for line in text.splitlines()]


@case("an account is made, shown, listed and changed")
def made(s):
    for who in ("secadmin", "worker", "auditor"):
        login(s, who)
    has(wangge(s, "account", "new", "newbie", "--name", "新来", code=2)[1], "--role")
    has(wangge(s, "account", "new", "newbie", "--name", "新来", "--role", "wizard", code=7)[1], "grid-worker")
    has(wangge(s, "account", "new", "newbie", "--name", "新来", "--role", "supervisor", "--region", "230604", "--password-stdin",
               code=7, stdin="short\n")[1], "password", "wangge account policy")
    wangge(s, "account", "new", "newbie", "--name", "新来", "--role", "supervisor", "--region", "230604", "--password-stdin",
           stdin=NEW + "\n")
    has(wangge(s, "account", "show", "newbie")[0], "新来", "230604", "must change the password")
    has(wangge(s, "account", "show", "newbie", "--lang", "zh_CN")[0], "督办", "须修改密码")
    wangge(s, "account", "show", "nobody", code=5)
    wangge(s, "account", "update", "newbie", code=2)
    has(wangge(s, "account", "update", "newbie", "--name", "老来")[0], "老来")
    equal([r["account"]["login"] for r in rows(wangge(s, "account", "list", "--find", "newb", "--json")[0])], ["newbie"])
    every = rows(wangge(s, "account", "list", "--limit", "0", "--json")[0])
    has(wangge(s, "account", "list", "--limit", "0")[0], *[r["account"]["login"] for r in every])
    has(wangge(s, "account", "list", "--limit", "1")[1], "--limit 0")


@case("who is no security officer is refused")
def refused(s):
    for args in (("list",), ("show", "worker"), ("new", "x", "--name", "x", "--role", "acceptor", "--generate"),
                 ("update", "worker", "--name", "x"), ("disable", "worker", "--reason", "x", "--yes"),
                 ("reset-password", "worker", "--generate", "--yes"), ("sessions", "secadmin"), ("end-sessions", "secadmin", "--yes"),
                 ("policy", "set", "--history", "2"), ("token", "new", "integration", "--label", "x"), ("credentials", "integration")):
        has(wangge(s, "account", *args, who="worker", code=4)[1], "role")
    wangge(s, "audit", code=4)
    wangge(s, "audit", who="worker", code=4)


@case("the first password is changed, with the rules in sight")
def passwords(s):
    has(login(s, "newbie", NEW, code=3)[1], "terminal")
    out = wangge(s, "account", "policy")[0]
    has(out, "12", "90", "refused")
    has(wangge(s, "account", "policy", "--lang", "zh_CN")[0], "最小长度", "被拒")
    wangge(s, "account", "policy", "set", code=2)
    wangge(s, "account", "policy", "set", "--min-length", "5", code=2)
    has(wangge(s, "account", "policy", "set", "--min-length", "14")[0], "14", "90")
    equal(json.loads(wangge(s, "account", "policy", "--json")[0])["minLength"], 14)
    has(wangge(s, "account", "reset-password", "newbie", "--generate", code=2)[1], "--yes")
    password, told = wangge(s, "account", "reset-password", "newbie", "--generate", "--yes")
    equal(len(password.strip()) >= 14 and password.count("\n"), 1)
    has(told, "once")
    wangge(s, "account", "policy", "set", "--min-length", "12")
    change(s, "newbie", password.strip(), MIDDLE)
    login(s, "newbie", MIDDLE)
    has(wangge(s, "account", "passwd", "--password-stdin", who="newbie", code=2, stdin=MIDDLE + "\n")[1], "first line")
    wangge(s, "account", "passwd", "--password-stdin", who="newbie", code=4, stdin=f"wrong\n{NEWER}\n")
    has(wangge(s, "account", "passwd", "--password-stdin", who="newbie", code=7, stdin=f"{MIDDLE}\nshort\n")[1], "account policy")
    wangge(s, "account", "passwd", "--password-stdin", who="newbie", stdin=f"{MIDDLE}\n{NEWER}\n")
    wangge(s, "whoami", who="newbie")
    login(s, "newbie", MIDDLE, code=4)


def change(s, login_name, old, new):
    """What a terminal is asked for at the first login."""
    from wangge.v1 import account_pb2, auth_pb2
    token = s.method("AuthService", "Login")(auth_pb2.LoginRequest(login=login_name, password=old), timeout=60).token
    s.method("AccountService", "ChangePassword")(account_pb2.ChangePasswordRequest(old_password=old, new_password=new),
                                                 metadata=(("authorization", "Bearer " + token),), timeout=60)


@case("sessions are listed and ended; a closed account is out at once")
def sessions(s):
    login(s, "newbie", NEWER)
    mine = wangge(s, "account", "sessions", who="newbie")[0]
    has(mine, "newbie", "this one")
    equal(len(rows(wangge(s, "account", "sessions", "newbie", "--json")[0])) >= 1, True)
    has(wangge(s, "account", "end-sessions", "newbie", code=2)[1], "--yes")
    wangge(s, "account", "end-sessions", "newbie", "--yes")
    wangge(s, "whoami", who="newbie", code=4)
    login(s, "newbie", NEWER)
    has(wangge(s, "account", "disable", "newbie", "--yes", code=2)[1], "--reason")
    has(wangge(s, "account", "disable", "newbie", "--reason", "调离", "--yes")[1], "closed")
    wangge(s, "whoami", who="newbie", code=4)
    login(s, "newbie", NEWER, code=4)
    wangge(s, "account", "enable", "newbie", "--reason", "调回")
    login(s, "newbie", NEWER)


@case("one-time passwords are set up with a code and ended with one")
def one_time(s):
    has(wangge(s, "account", "totp", who="newbie", code=2)[1], "totp begin")
    secret, uri = wangge(s, "account", "totp", "begin", who="newbie")[0].splitlines()
    has(uri, "otpauth://totp/", secret)
    wangge(s, "account", "totp", "confirm", "--code", "12", who="newbie", code=7)
    wangge(s, "account", "totp", "confirm", "--code", "-", who="newbie", stdin=code_of(secret) + "\n")
    has(wangge(s, "account", "show", "newbie")[0], "one-time passwords")
    wangge(s, "account", "reset-password", "newbie", "--password-stdin", "--remove-totp", "--yes", stdin=NEW + "x\n")
    equal("one-time" in wangge(s, "account", "show", "newbie")[0], False)


def code_of(secret):
    mac = hmac.new(base64.b32decode(secret), struct.pack(">Q", int(time.time() // 30)), hashlib.sha1).digest()
    n = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[n:n + 4])[0] & 0x7fffffff) % 1000000:06d}"


@case("a system comes in with a token until it is revoked; a certificate is bound by its file or its hash")
def service(s):
    wangge(s, "account", "new", "outside", "--name", "对接", "--role", "integration", "--region", "2306", "--source", "AB12")
    has(wangge(s, "account", "token", "new", "outside", code=2)[1], "--label")
    wangge(s, "account", "token", "new", "outside", "--label", "夜间同步", "--expires", "lunch", code=7)
    token = wangge(s, "account", "token", "new", "outside", "--label", "夜间同步", "--expires", "+90d")[0].strip()
    from wangge.v1 import auth_pb2
    who = s.method("AuthService", "WhoAmI")
    equal(who(auth_pb2.WhoAmIRequest(), metadata=(("authorization", "Bearer " + token),), timeout=60).account.login, "outside")
    pem, key = os.path.join(s.dir, "c.pem"), os.path.join(s.dir, "c.key")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=x",
                    "-keyout", key, "-out", pem, "-days", "2"], check=True, stderr=subprocess.DEVNULL)
    der = subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-outform", "DER"], check=True, stdout=subprocess.PIPE).stdout
    bound = wangge(s, "account", "cert", "bind", "outside", pem, "--label", "门户")[0].strip()
    has(wangge(s, "account", "cert", "bind", "outside", key, "--label", "门户", code=7)[1], "PEM")
    listed = rows(wangge(s, "account", "credentials", "outside", "--json")[0])
    equal(sorted(r["label"] for r in listed), ["夜间同步", "门户"])
    has(wangge(s, "account", "credentials", "outside", "--lang", "zh_CN")[0], "证书", "令牌", "夜间同步")
    equal(s.psql(f"select count(*) from account_credential where id = '{bound}' and hash = '\\x{hashlib.sha256(der).hexdigest()}'"), "1")
    ident = next(r["credentialId"] for r in listed if r["label"] == "夜间同步")
    has(wangge(s, "account", "revoke", ident, code=2)[1], "--yes")
    wangge(s, "account", "revoke", ident, "--yes")

    def is_shut():
        try:
            who(auth_pb2.WhoAmIRequest(), metadata=(("authorization", "Bearer " + token),), timeout=60)
        except Exception as e:  # grpc.RpcError
            has(str(e), "UNAUTHENTICATED")
            return True
        return False

    proc.wait_until("every worker to know that the token is revoked", is_shut, 60)


@case("the auditor reads what was done, by kind, account, object, rule and day")
def audit(s):
    def listed(*args):
        return rows(wangge(s, "audit", "--limit", "0", "--json", *args, who="auditor")[0])
    acts = listed("--kind", "account", "--account", "secadmin")
    calls = {r["call"] for r in acts}
    for name in ("SetAccountDisabled", "ResetPassword", "EndSessions", "CreateServiceToken", "BindCertificate", "RevokeCredential"):
        equal("AccountService/" + name in calls, True, name)
    equal({r["kind"] for r in acts}, {"AUDIT_KIND_ACCOUNT"})
    denied = listed("--kind", "denial", "--account", "worker")
    equal(len(denied) >= 10, True, denied)
    equal(len(listed("--rule", denied[0]["rule"])) >= len(denied), True)
    equal([r for r in listed("--object", "newbie") if r["object"] != "newbie"], [])
    has(wangge(s, "audit", "--to", "2001-01-01", who="auditor")[1], "Nothing")
    has(wangge(s, "audit", "--lang", "zh_CN", who="auditor")[0], "时间", "账号", "拒绝")
    text = json.dumps(listed())
    equal([word for word in (NEW, MIDDLE, NEWER) if word in text], [], "passwords in the audit")


if __name__ == "__main__":
    with Stack(find_build()) as stack:
        sys.exit(run(stack))
