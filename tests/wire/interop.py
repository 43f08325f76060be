#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Run the official gRPC interop client (Debian's ruby-grpc) against our server: interop.py SERVER_BINARY

Fifteen cases, over clear text and over TLS; one line for each, then "N passed, M failed".
"""
import concurrent.futures
import glob
import os
import subprocess
import sys

CASES = """empty_unary large_unary client_compressed_unary client_streaming client_compressed_streaming server_streaming
ping_pong timeout_on_sleeping_server empty_stream cancel_after_begin cancel_after_first_response unimplemented_method
unimplemented_service status_code_and_message custom_metadata""".split()


def find_client():
    gems = glob.glob("/usr/lib/*/rubygems-integration/*/gems/grpc-*") + glob.glob("/usr/share/rubygems-integration/*/gems/grpc-*")
    for gem in sorted(gems):
        if os.path.exists(gem + "/src/ruby/pb/test/client.rb"):
            return gem
    return None


def run_case(gem, ports, case, tls):
    flag = "true" if tls else "false"
    command = ["/usr/bin/ruby", gem + "/src/ruby/pb/test/client.rb", "--server_host=127.0.0.1",
               f"--server_port={ports['tls' if tls else 'plain']}", f"--use_tls={flag}", f"--use_test_ca={flag}",
               "--server_host_override=foo.test.google.fr", f"--test_case={case}"]
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, check=False)
        return done.returncode == 0, done.stdout.decode(errors="replace")
    except subprocess.TimeoutExpired as e:
        return False, "timed out\n" + (e.stdout or b"").decode(errors="replace")


def main():
    gem = find_client()
    if not gem:
        print("ruby-grpc with its interop client is not installed")
        sys.exit(77)
    data = gem + "/src/ruby/spec/testdata"
    server = subprocess.Popen([sys.argv[1], data + "/server1.pem", data + "/server1.key"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True)
    ports = {}
    for _ in range(2):
        name, port = server.stdout.readline().split()
        ports[name] = port
    failed = 0
    jobs = [(tls, case) for tls in (False, True) for case in CASES]
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        results = pool.map(lambda job: run_case(gem, ports, job[1], job[0]), jobs)
        for (tls, case), (ok, output) in zip(jobs, results):
            print(f"interop {'tls  ' if tls else 'plain'} {case}: {'ok' if ok else 'FAILED'}", flush=True)
            if not ok:
                failed += 1
                print(output)
    server.stdin.close()
    code = server.wait(timeout=30)
    print(f"interop: {len(jobs) - failed} passed, {failed} failed; the server ended with {code}")
    sys.exit(1 if failed or code else 0)


main()
