#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""CPU of a unary call: grpc.testing.TestService/UnaryCall on our transport and on asynchronous grpc++, one thread each.

The same load generator (h2load) sends the same prepared gRPC body over the same number of connections and streams to both
in turn; measured is the servers' own CPU time. That the answers are real is checked by one call of a stock client and by the
number of bytes that came back.
"""
import os
import re
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile

import side
import protos

PATH = "/grpc.testing.TestService/UnaryCall"


def prepare(folder, size):
    """Return (file with a gRPC-framed request, bytes of a framed response)."""
    protos.use(os.path.join(folder, "py"), *[f"grpc/testing/{n}.proto" for n in ("empty", "messages", "test")])
    from grpc.testing import messages_pb2 as m
    body = m.SimpleRequest(response_size=size, payload=m.Payload(body=b"\0" * size)).SerializeToString()
    answer = m.SimpleResponse(payload=m.Payload(body=b"\0" * size)).SerializeToString()
    name = os.path.join(folder, "body")
    with open(name, "wb") as f:
        f.write(struct.pack(">BI", 0, len(body)) + body)
    return name, 5 + len(answer)


def check(port, size):
    """One call of the stock client."""
    import grpc
    from grpc.testing import messages_pb2 as m, test_pb2
    service = test_pb2.DESCRIPTOR.services_by_name["TestService"]
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        answer = protos.method(channel, service, "UnaryCall")(m.SimpleRequest(response_size=size), timeout=10)
    if len(answer.payload.body) != size:
        sys.exit(f"a call was answered with {len(answer.payload.body)} bytes instead of {size}")


def load(server, port, body, answer_len, calls, args):
    """Send calls; return (CPU microseconds of the server per call, calls per second)."""
    before = server.cpu_seconds()
    done = subprocess.run(["h2load", f"-n{calls}", f"-c{args.connections}", f"-m{args.streams}", "-t1", f"-d{body}",
                           "-Hcontent-type: application/grpc", "-Hte: trailers", f"http://127.0.0.1:{port}{PATH}"],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True)
    used = server.cpu_seconds() - before
    good = int(re.search(r"(\d+) succeeded", done.stdout).group(1))
    data = int(re.search(r"\((\d+)\) data", done.stdout).group(1))
    if good != calls or data != calls * answer_len:
        sys.exit(f"{good} of {calls} calls answered with {data} bytes of {calls * answer_len}:\n{done.stdout}")
    return used / calls * 1e6, float(re.search(r"([\d.]+) req/s", done.stdout).group(1))


def main():
    args = side.arguments("call", calls=200000, rounds=3, connections=8, streams=16, size=64)
    tmp = tempfile.mkdtemp(prefix="bench-call-")
    servers = {}
    try:
        body, answer_len = prepare(tmp, args.size)
        for name, program in (("ours", side.OURS), ("theirs", side.THEIRS)):
            servers[name] = side.start(args.build, program, os.path.join(tmp, name + ".log"))
            check(servers[name][1], args.size)
        costs = {"ours": [], "theirs": []}
        for round_no in range(args.rounds + 1):
            for name, (server, port) in servers.items():
                calls = args.calls if round_no else max(args.calls // 10, args.connections * args.streams)
                cost, rate = load(server, port, body, answer_len, calls, args)
                if round_no:
                    costs[name].append(cost)
                    print(f"round {round_no}: {name}: {cost:.2f} us CPU per call, {rate:.0f} calls/s")
    finally:
        for server, _ in servers.values():
            server.stop()
        shutil.rmtree(tmp)
    ours, theirs = (statistics.median(costs[n]) for n in ("ours", "theirs"))
    side.last_line("call", ours, theirs, "us CPU per call", "<= 0.33")


main()
