#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Memory of idle TLS clients: each made one call and then waits; our transport beside asynchronous grpc++.

Counted is the server's proportional resident memory (PSS) with all clients connected, less that with the first of them, by client.
"""
import os
import re
import resource
import select
import shutil
import subprocess
import sys
import tempfile

import side

STEADY_KB = 64


def steady_pss(server):
    """Return the PSS once it no longer moves."""
    last = server.pss_kb()
    for _ in range(60):
        select.select([], [], [], 0.5)
        now = server.pss_kb()
        if abs(now - last) < STEADY_KB:
            return now
        last = now
    return last


class Holder:
    def __init__(self, build, port, count):
        self.child = subprocess.Popen([os.path.join(build, "tests/bench/idle_holder"), str(port), str(count)],
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.child.stdout.readline().strip() != f"held {count}":
            sys.exit(f"only some of {count} clients could be connected")

    def end(self):
        """Close the connections; return how many the server had dropped."""
        out, _ = self.child.communicate()
        return int(re.search(r"lost (\d+)", out).group(1))


def measure(name, program, args, tmp, cert):
    server, port = side.start(args.build, program, os.path.join(tmp, name + ".log"), cert)
    try:
        warm = Holder(args.build, port, 1)
        before = steady_pss(server)
        holder = Holder(args.build, port, args.clients)
        after = steady_pss(server)
        lost = holder.end()
        warm.end()
    finally:
        server.stop()
    if lost:
        sys.exit(f"{name}: the server dropped {lost} of {args.clients} idle clients")
    each = (after - before) / args.clients
    print(f"{name}: {before} KB with one client, {after} KB with {args.clients} more: {each:.1f} KB each")
    return each


def main():
    args = side.arguments("idle", clients=10000)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hard < args.clients + 100:
        sys.exit(f"this machine allows {hard} open files a process; {args.clients} clients need more (ulimit -n)")
    tmp = tempfile.mkdtemp(prefix="bench-idle-")
    try:
        cert = side.certificate(tmp)
        ours = measure("ours", side.OURS, args, tmp, cert)
        theirs = measure("theirs", side.THEIRS, args, tmp, cert)
    finally:
        shutil.rmtree(tmp)
    side.last_line("idle", ours, theirs, "KB per client", "<= 40 KB")


main()
