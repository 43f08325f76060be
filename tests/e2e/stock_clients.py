#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The API by clients we did not write: Node's @grpc/grpc-js does the main job, buf curl finds everything by reflection.

stock_clients.py BUILD. Both come from the Node packages that ./dev test installs.
"""
import json
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
import city  # noqa: E402
from cases import case, equal, run  # noqa: E402
from stack import Stack, find_build  # noqa: E402

LOGINS = ["worker", "worker2", "acceptor", "dispatcher", "handler", "supervisor"]


def node_packages(build):
    folder = os.path.join(os.environ.get("WANGGE_NODE_DIR", os.path.join(build, "node")), "node_modules")
    if not os.path.isdir(folder) or not shutil.which("node"):
        print("the Node packages are not installed; ./dev test installs them")
        sys.exit(1 if os.environ.get("WANGGE_COMPLETE") else 77)
    return folder


def curl(s, path, data, login=None, *options):
    """Call by buf curl, which knows nothing of the API but what reflection tells it; return (exit code, output)."""
    header = ["--header", f"authorization: Bearer {s.token(login)}"] if login else []
    done = subprocess.run([os.path.join(s.packages, ".bin", "buf"), "curl", "--protocol", "grpc", "--http2-prior-knowledge",
                           *options, *header, "--data", json.dumps(data), f"http://{s.address}/{path}"],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
    return done.returncode, done.stdout


@case("the Node client did the main job")
def node(s):
    given = {"address": s.address, "proto": os.path.join(HERE, "..", "..", "proto"), "tokens": {n: s.token(n) for n in LOGINS}}
    env = {**os.environ, "NODE_PATH": s.packages, "WANGGE_E2E": json.dumps(given)}
    done = subprocess.run(["node", os.path.join(HERE, "node", "client.js")], env=env, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
    print(done.stdout, end="")
    equal(done.returncode, 0, "exit code")


@case("buf curl logs in by reflection")
def curl_login(s):
    code, out = curl(s, "wangge.v1.AuthService/Login", {"login": "worker", "password": city.PASSWORD})
    equal(code, 0, out)
    equal(json.loads(out)["account"]["name"], "王丽")


@case("buf curl calls with a session")
def curl_who(s):
    code, out = curl(s, "wangge.v1.AuthService/WhoAmI", {}, "supervisor")
    equal(code, 0, out)
    equal(json.loads(out)["account"]["login"], "supervisor")


@case("buf curl shows an error with its typed details")
def curl_error(s):
    code, out = curl(s, "wangge.v1.CaseService/SubmitCase", {"category_code": "E0102"}, "worker")
    equal(code != 0, True)
    equal(("invalid_argument" in out, "BadRequest" in out), (True, True), out)


@case("reflection lists the services, v1 and v1alpha")
def services(s):
    for version in ("grpc-v1", "grpc-v1alpha"):
        done = subprocess.run([os.path.join(s.packages, ".bin", "buf"), "curl", "--protocol", "grpc", "--http2-prior-knowledge", "--reflect-protocol",
                               version, "--list-services", f"http://{s.address}"], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
        equal(done.returncode, 0, done.stdout)
        listed = set(done.stdout.split())
        for name in ("AuthService", "CaseService", "DirectoryService", "ReportService", "WatchService"):
            equal(f"wangge.v1.{name}" in listed, True, done.stdout)


if __name__ == "__main__":
    build = find_build()
    packages = node_packages(build)
    with Stack(build) as stack:
        stack.packages = packages
        code = run(stack)
    sys.exit(code)
