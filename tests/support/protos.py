# SPDX-License-Identifier: MIT
"""Python messages and stubs of the API, made by protoc when a test runs: use(folder), then import wangge.v1.case_pb2 etc.

Stubs are not generated (Debian has no Python gRPC plugin): method() makes a callable from a service's descriptor.
"""
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
GRPC_PROTO = "/usr/share/grpc-proto"


def use(folder, *names):
    """Generate the modules of the named .proto files (default: all of wangge/v1) into folder and make them importable."""
    proto = os.path.join(ROOT, "proto")
    if not names:
        names = [f"wangge/v1/{n}" for n in sorted(os.listdir(os.path.join(proto, "wangge/v1"))) if n.endswith(".proto")]
        names += ["google/rpc/status.proto", "google/rpc/error_details.proto", "grpc/health/v1/health.proto",
                  "grpc/reflection/v1/reflection.proto"]
    os.makedirs(folder, exist_ok=True)
    subprocess.run(["protoc", f"-I{proto}", f"-I{GRPC_PROTO}", f"--python_out={folder}", *names], check=True)
    # google and grpc are packages elsewhere too: let both places provide modules.
    for package in ("google", "grpc"):
        module = __import__(package)
        extra = os.path.join(folder, package)
        if os.path.isdir(extra):
            module.__path__.append(extra)
    sys.path.insert(0, folder)


def method(channel, service, name):
    """Return a callable for one RPC; service is a ServiceDescriptor of a generated module."""
    from google.protobuf import descriptor_pb2, symbol_database
    rpc = service.methods_by_name[name]
    kind = descriptor_pb2.MethodDescriptorProto()
    rpc.CopyToProto(kind)
    sym = symbol_database.Default()
    request, response = sym.GetPrototype(rpc.input_type), sym.GetPrototype(rpc.output_type)
    shape = ("stream" if kind.client_streaming else "unary") + "_" + ("stream" if kind.server_streaming else "unary")
    return getattr(channel, shape)(f"/{service.full_name}/{name}", request_serializer=request.SerializeToString,
                                   response_deserializer=response.FromString)
