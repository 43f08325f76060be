# SPDX-License-Identifier: MIT
"""What the benchmarks share: the two sides' servers, a certificate, the last line."""
import argparse
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(ROOT, "tests", "support"))
import proc  # noqa: E402

OURS, THEIRS = "tests/support/interop_server", "tests/bench/grpcpp_echo"


def arguments(name, texts=None, **options):
    """Parse --build DIR, text options (a list as default: may be given several times) and integer options (name=default)."""
    parser = argparse.ArgumentParser(prog=f"./dev bench {name}")
    parser.add_argument("--build", default=os.path.join(ROOT, "build"), help="build folder (default: build)")
    for option, default in options.items():
        parser.add_argument("--" + option.replace("_", "-"), type=int, default=default, help=f"default {default}")
    for option, default in (texts or {}).items():
        parser.add_argument("--" + option, default=default, **({"action": "append"} if isinstance(default, list) else {}))
    args = parser.parse_args()
    if os.getloadavg()[0] > 1:
        print(f"this machine is busy (load {os.getloadavg()[0]:.1f}): both sides suffer, times and rates more than ratios of CPU")
    return args


def start(build, program, log, cert=()):
    """Start a server of grpc.testing.TestService, OURS or THEIRS, with TLS if given (cert, key); return (process, port)."""
    word = "port" if program == THEIRS else "tls" if cert else "plain"
    # Ours ends with its standard input, so this end of it is kept.
    server = proc.Proc([os.path.join(build, program), *cert], log=log, stdin=subprocess.PIPE)
    try:
        return server, int(server.wait_for(re.compile(rf"^{word} (\d+)$", re.M)).group(1))
    except BaseException:
        server.stop()
        raise


def certificate(folder):
    """Make a self-signed certificate for localhost; return (cert, key)."""
    cert, key = os.path.join(folder, "cert.pem"), os.path.join(folder, "key.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", cert],
                   check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return cert, key


def number(value):
    return f"{value:,.0f}".replace(",", "") if value >= 1000 else f"{value:.3g}"


def last_line(name, ours, theirs, unit, goal, ratio=None):
    """Print the line every benchmark ends with."""
    ratio = ours / theirs if ratio is None else ratio
    sys.stdout.flush()
    print(f"bench {name}: ours {number(ours)} {unit}, theirs {number(theirs)} {unit}, ratio {ratio:.2f} (goal {goal})", flush=True)
