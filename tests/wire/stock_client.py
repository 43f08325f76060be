#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Health, reflection and TLS as stock tools see them: stock_client.py SERVER_BINARY (with the interop server's options)."""
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import proc  # noqa: E402
import protos  # noqa: E402

CERT = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"
failures = []


def check(name, ok, got=""):
    print(f"{name}: {'ok' if ok else f'FAILED, got {got!r}'}", flush=True)
    if not ok:
        failures.append(name)


def handshake(port, alpn=("h2",), low=None, high=None):
    """Return (version, alpn, first bytes of the server) or the exception's class name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if alpn:
        context.set_alpn_protocols(list(alpn))
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = low or ssl.TLSVersion.TLSv1_2
    if high:
        context.maximum_version = high
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=20) as raw, context.wrap_socket(raw) as tls:
            tls.sendall(PREFACE)
            data = b""
            while len(data) < 9:
                more = tls.recv(100)
                if not more:
                    break
                data += more
            return tls.version(), tls.selected_alpn_protocol(), data[3:4]
    except OSError as e:
        return type(e).__name__


def check_tls(port):
    tls = ssl.TLSVersion
    check("TLS 1.3", handshake(port) == ("TLSv1.3", "h2", b"\4"), handshake(port))
    check("TLS 1.2", handshake(port, high=tls.TLSv1_2) == ("TLSv1.2", "h2", b"\4"), handshake(port, high=tls.TLSv1_2))
    check("several protocols offered", handshake(port, alpn=("http/1.1", "h2"))[1] == "h2")
    old = handshake(port, low=tls.TLSv1, high=tls.TLSv1_1)
    check("TLS 1.1 is refused", isinstance(old, str), old)
    http1 = handshake(port, alpn=("http/1.1",))
    check("HTTP/1.1 is refused", isinstance(http1, str), http1)
    silent = handshake(port, alpn=())
    check("no ALPN is refused", isinstance(silent, str) or silent[2] == b"", silent)
    with socket.create_connection(("127.0.0.1", port), timeout=20) as raw:
        raw.sendall(PREFACE)
        try:
            data = raw.recv(100)
            while raw.recv(100):
                pass
        except ConnectionResetError:
            data = b"\x15"
    check("clear text on the TLS port is refused", data[:1] in (b"\x15", b""), data)
    check("and TLS works on", handshake(port)[0] == "TLSv1.3")


def check_reflection(channel, version):
    import importlib
    from google.protobuf import descriptor_pb2, descriptor_pool
    m = importlib.import_module(f"grpc.reflection.{version}.reflection_pb2")
    info = protos.method(channel, m.DESCRIPTOR.services_by_name["ServerReflection"], "ServerReflectionInfo")
    asked = [m.ServerReflectionRequest(list_services=""),
             m.ServerReflectionRequest(file_containing_symbol="grpc.testing.TestService"),
             m.ServerReflectionRequest(file_containing_symbol="grpc.testing.SimpleRequest.response_size"),
             m.ServerReflectionRequest(file_containing_symbol=f"grpc.reflection.{version}.ServerReflection.ServerReflectionInfo"),
             m.ServerReflectionRequest(file_by_filename="grpc/health/v1/health.proto"),
             m.ServerReflectionRequest(file_containing_symbol="no.Such"),
             m.ServerReflectionRequest(all_extension_numbers_of_type="grpc.testing.Empty"),
             m.ServerReflectionRequest(host="h")]
    got = list(info(iter(asked), timeout=20))
    check(f"{version}: an answer for each request", len(got) == len(asked), len(got))
    names = {s.name for s in got[0].list_services_response.service}
    check(f"{version}: services", names == {"grpc.testing.TestService", "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
                                          "grpc.reflection.v1alpha.ServerReflection"}, names)
    pool = descriptor_pool.DescriptorPool()
    files = [descriptor_pb2.FileDescriptorProto.FromString(raw) for raw in got[1].file_descriptor_response.file_descriptor_proto]
    for f in reversed(files):
        pool.Add(f)
    service = pool.FindServiceByName("grpc.testing.TestService")
    check(f"{version}: a usable descriptor", service.methods_by_name["UnaryCall"].input_type.full_name == "grpc.testing.SimpleRequest")
    check(f"{version}: a field's file", got[2].HasField("file_descriptor_response"))
    check(f"{version}: its own file", got[3].HasField("file_descriptor_response"))
    check(f"{version}: by file name", got[4].HasField("file_descriptor_response"))
    check(f"{version}: unknown symbol", got[5].error_response.error_code == 5, got[5])
    check(f"{version}: no extensions", list(got[6].all_extension_numbers_response.extension_number) == [], got[6])
    check(f"{version}: nothing asked", got[7].error_response.error_code == 3 and got[7].valid_host == "h", got[7])


def check_health(channel, server):
    import grpc
    from grpc.health.v1 import health_pb2 as h
    service = h.DESCRIPTOR.services_by_name["Health"]
    ask = protos.method(channel, service, "Check")
    check("health of the server", ask(h.HealthCheckRequest(), timeout=20).status == 1)
    check("health of a service", ask(h.HealthCheckRequest(service="grpc.testing.TestService"), timeout=20).status == 1)
    try:
        ask(h.HealthCheckRequest(service="no.Such"), timeout=20)
        check("health of no service", False)
    except grpc.RpcError as e:
        check("health of no service", e.code() == grpc.StatusCode.NOT_FOUND, e)
    watch = protos.method(channel, service, "Watch")(h.HealthCheckRequest(service="no.Such"), timeout=60)
    check("watch of no service", next(watch).status == 3)
    server.child.terminate()
    try:
        next(watch)
        check("the end of a watch", False)
    except grpc.RpcError as e:
        check("the end of a watch", e.code() == grpc.StatusCode.UNAVAILABLE, e)
    check("the server ends by itself", server.child.wait(20) == 0, server.child.returncode)


def main():
    tmp = tempfile.mkdtemp(prefix="stock-client-")
    server = None
    try:
        cert, key = os.path.join(tmp, "cert.pem"), os.path.join(tmp, "key.pem")
        subprocess.run([*CERT, "-keyout", key, "-out", cert], check=True, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        server = proc.Proc([sys.argv[1], cert, key], log=os.path.join(tmp, "log"), stdin=subprocess.PIPE)
        ports = {name: int(server.wait_for(re.compile(rf"^{name} (\d+)$", re.M)).group(1)) for name in ("plain", "tls")}
        protos.use(os.path.join(tmp, "py"), "grpc/health/v1/health.proto", "grpc/reflection/v1/reflection.proto",
                   "grpc/reflection/v1alpha/reflection.proto")
        import grpc
        check_tls(ports["tls"])
        with open(cert, "rb") as f:
            trust = grpc.ssl_channel_credentials(f.read())
        with grpc.secure_channel(f"localhost:{ports['tls']}", trust) as channel:
            check_reflection(channel, "v1")
        with grpc.insecure_channel(f"127.0.0.1:{ports['plain']}") as channel:
            check_reflection(channel, "v1alpha")
            check_health(channel, server)
    finally:
        if server:
            server.stop()
        shutil.rmtree(tmp)
    print(f"stock client: {len(failures)} failed")
    sys.exit(1 if failures else 0)


main()
