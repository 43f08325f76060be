#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Write starting corpora for the fuzzers: seeds.py FOLDER makes FOLDER/frames and FOLDER/pb_check."""
import os
import struct
import sys

DATA, HEADERS, RST, SETTINGS, PING, WINDOW = 0, 1, 3, 4, 6, 8
SERVICE = "/grpc.testing.TestService/"


def frame(kind, flags, stream, body=b""):
    return struct.pack(">I", len(body))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + body


def literal(name, value):
    return b"\x10" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()


def request(stream, path, flags=4, **more):
    fields = {":method": "POST", ":scheme": "http", ":path": path, ":authority": "x", "te": "trailers",
              "content-type": "application/grpc", **{k.replace("_", "-"): v for k, v in more.items()}}
    return frame(HEADERS, flags, stream, b"".join(literal(k, v) for k, v in fields.items()))


def message(stream, body, flags=1):
    return frame(DATA, flags, stream, b"\0" + struct.pack(">I", len(body)) + body)


def write(folder, seeds):
    os.makedirs(folder, exist_ok=True)
    for name, seed in seeds.items():
        with open(os.path.join(folder, name), "wb") as f:
            f.write(seed)


def main():
    whole, bytewise = b"\xff", b"\x01"
    unary = request(1, SERVICE + "EmptyCall") + message(1, b"")
    write(os.path.join(sys.argv[1], "frames"), {
        "unary": whole + unary,
        "unary-bytewise": bytewise + unary,
        "large": whole + request(1, SERVICE + "UnaryCall", grpc_timeout="1S") + message(1, b"\x10\x80\x80\x04"),
        "duplex": whole + request(1, SERVICE + "FullDuplexCall") + message(1, b"\x12\x02\x08\x03", 0) + message(1, b"\x12\x00"),
        "input": whole + request(1, SERVICE + "StreamingInputCall", grpc_encoding="gzip") + message(1, b"\x0a\x02\x12\0"),
        "reset": whole + request(1, SERVICE + "FullDuplexCall") + frame(RST, 0, 1, b"\0\0\0\x08"),
        "control": whole + frame(PING, 0, 0, b"12345678") + frame(WINDOW, 0, 0, b"\0\0\1\0") + frame(SETTINGS, 0, 0, b"\0\4\0\0\0\1"),
        "reflection": whole + request(1, "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo") + message(1, b"\x3a\0"),
        "health": whole + request(1, "/grpc.health.v1.Health/Watch") + message(1, b""),
    })
    write(os.path.join(sys.argv[1], "pb_check"), {
        "submit": b"\0\x0a\x0b\x0a\x03key\x12\x04case",
        "location": b"\0\x0a\x0d\x2a\x0b\x09\0\0\0\0\0\0\0\0\x10\1",
        "status": b"\3\x08\x03\x12\x02no\x1a\x06\x0a\1a\x12\1b",
        "nested": b"\4\x1a\x04\x1a\x02\x1a\x00",
    })


main()
