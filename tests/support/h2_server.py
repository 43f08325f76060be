#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A gRPC server that misbehaves on demand, for testing the client's channel. Frames by python3-h2, no gRPC library.

Prints "ready PORT" and serves until its standard input closes. Which way a call goes is said by GetCaseRequest.number.
--tls CERT KEY   --unix PATH   --mode normal|silent|http1   --log FILE (a line for each write applied)
"""
import argparse
import asyncio
import base64
import os
import ssl
import sys

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import DataReceived, RequestReceived, StreamEnded, StreamReset, WindowUpdated

SEEN = {}
ARGS = argparse.Namespace()


def varint(n):
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def field(number, data):
    return varint(number << 3 | 2) + varint(len(data)) + data


def frame(message):
    return b"\0" + len(message).to_bytes(4, "big") + message


def text_field(message, number):
    """The first text field of that number at the start of a message."""
    if not message or message[0] != number << 3 | 2:
        return ""
    return message[2:2 + message[1]].decode()


def fields_of(message):
    """The length-delimited and varint fields of a message, by number; the last of each."""
    out, at = {}, 0

    def number():
        nonlocal at
        value = shift = 0
        while True:
            b = message[at]
            at += 1
            value |= (b & 127) << shift
            shift += 7
            if b < 128:
                return value
    while at < len(message):
        tag = number()
        if tag & 7 == 2:
            size = number()
            out[tag >> 3] = message[at:at + size]
            at += size
        else:
            out[tag >> 3] = number()
    return out


APPLIED = {}


def any_of(name, message):
    return field(3, field(1, b"type.googleapis.com/" + name.encode()) + field(2, message))


def conflict_details():
    conflict = field(1, b"VERSION") + b"\x10\x0a" + b"\x18\x08"
    violation = field(1, field(1, b"case.grid_code") + field(2, "网格不存在".encode()))
    retry = field(1, b"\x08\x07" + b"\x10" + varint(500000000))
    info = field(1, b"STALE") + field(2, b"wangge")
    status = b"\x08\x0a" + any_of("wangge.v1.CaseConflict", conflict) + any_of("google.rpc.BadRequest", violation)
    status += any_of("google.rpc.RetryInfo", retry) + any_of("google.rpc.ErrorInfo", info) + any_of("x.Unknown", b"\xff\xff")
    return base64.b64encode(status).rstrip(b"=").decode()


class Peer(asyncio.Protocol):
    def __init__(self, mode):
        self.mode = mode
        self.h2 = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        self.streams = {}
        self.queued = {}

    def connection_made(self, transport):
        self.transport = transport
        if self.mode == "normal":
            self.h2.initiate_connection()
            self.flush()

    def flush(self):
        self.transport.write(self.h2.data_to_send())

    def data_received(self, data):
        if self.mode == "silent":
            return
        if self.mode == "http1":
            self.transport.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            self.transport.close()
            return
        for event in self.h2.receive_data(data):
            if isinstance(event, RequestReceived):
                self.streams[event.stream_id] = [dict(event.headers), b"", 0]
            elif isinstance(event, DataReceived):
                self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                if event.stream_id in self.streams:
                    self.on_data(event.stream_id, event.data)
            elif isinstance(event, StreamEnded):
                self.on_request(event.stream_id)
            elif isinstance(event, StreamReset):
                self.streams.pop(event.stream_id, None)
                SEEN["reset"] = SEEN.get("reset", 0) + 1
            elif isinstance(event, WindowUpdated):
                self.pump()
        self.flush()

    def headers(self, stream):
        self.h2.send_headers(stream, [(":status", "200"), ("content-type", "application/grpc")])

    def trailers(self, stream, status=0, more=()):
        self.h2.send_headers(stream, [("grpc-status", str(status)), *more], end_stream=True)

    def only_trailers(self, stream, status, more=()):
        self.h2.send_headers(stream, [(":status", "200"), ("content-type", "application/grpc"), ("grpc-status", str(status)), *more],
                             end_stream=True)

    def send_slowly(self, stream, data):
        self.queued[stream] = data
        self.pump()

    def pump(self):
        for stream, data in list(self.queued.items()):
            while data:
                room = min(self.h2.local_flow_control_window(stream), self.h2.max_outbound_frame_size)
                if room <= 0:
                    break
                self.h2.send_data(stream, data[:room])
                data = data[room:]
            self.queued[stream] = data
            if not data:
                del self.queued[stream]
                self.trailers(stream)

    def on_data(self, stream, data):
        """Answer each message of an import as it comes."""
        request = self.streams[stream]
        request[1] += data
        if not request[0][":path"].endswith("/ImportHistory"):
            return
        while len(request[1]) >= 5:
            size = int.from_bytes(request[1][1:5], "big")
            if len(request[1]) < 5 + size:
                break
            request[1] = request[1][5 + size:]
            if request[2] == 0:
                self.headers(stream)
            request[2] += 1
            self.h2.send_data(stream, frame(b"\x08" + varint(request[2])))

    def on_request(self, stream):
        headers, body, count = self.streams.pop(stream)
        path = headers[":path"].rsplit("/", 1)[1]
        if path == "ImportHistory":
            if count == 0:
                self.headers(stream)
            self.trailers(stream)
        elif path == "Watch":
            self.headers(stream)
            for i in range(3):
                self.h2.send_data(stream, frame(field(1, b"cursor%d" % i)))
            if "hang" not in text_field(body[5:], 1):
                self.trailers(stream)
        elif path in ("SubmitCase", "Act", "AddNote"):
            self.on_write(stream, path, fields_of(body[5:]))
        else:
            self.on_unary(stream, headers, text_field(body[5:], 2))

    def on_write(self, stream, path, fields):
        """Apply a write once per key; the text says how: "lose" applies it but answers only the second time."""
        key, case = fields[1], fields[2]
        word = fields[{"SubmitCase": 6, "Act": 5, "AddNote": 3}[path]].decode()
        SEEN[word] = SEEN.get(word, 0) + 1
        verb = word.split(" ")[0]
        if verb == "away" and SEEN[word] < 3 or verb == "hang":
            if verb == "away":
                self.only_trailers(stream, 14)
            return
        if verb == "status":
            self.only_trailers(stream, int(word.split(" ")[1]), [("grpc-message", "no"), ("grpc-status-details-bin", conflict_details())])
            return
        replay = key in APPLIED
        if not replay:
            APPLIED[key] = len(APPLIED) + 1
            if ARGS.log:
                with open(ARGS.log, "a", encoding="utf-8") as f:
                    f.write(f"{path} {case.decode()} {word} {fields.get(3, 0) if path == 'Act' else ''}\n")
        if verb == "lose" and SEEN[word] == 1:
            self.transport.close()
            return
        number = b"2306042611230%03d" % APPLIED[key]
        if path == "SubmitCase":
            answer = field(1, case) + field(2, number) + b"\x18\x01" + (b"\x30\x01" if replay else b"")
        elif path == "Act":
            answer = field(1, field(1, case) + field(2, number) + b"\x18\x05") + (b"\x18\x01" if replay else b"")
        else:
            answer = b"\x10\x07" + (b"\x18\x01" if replay else b"")
        self.headers(stream)
        self.h2.send_data(stream, frame(answer))
        self.trailers(stream)

    def on_unary(self, stream, headers, word):
        SEEN[word] = SEEN.get(word, 0) + 1
        first = SEEN[word] == 1
        verb = word.split(" ")[0]
        told = [headers.get("authorization", "none"), headers.get("accept-language", "")]
        case = field(2, word.encode()) + field(11, " ".join(told).rstrip().encode())
        case += field(12, (headers.get(":authority", "") + " " + headers.get("grpc-timeout", "")).encode())
        answer = frame(field(1, case))
        if verb == "hang":
            return
        if verb == "refuse" and first or verb == "refuse-always":
            self.h2.reset_stream(stream, ErrorCodes.REFUSED_STREAM)
            return
        if verb == "close":
            self.transport.close()
            return
        if verb == "goaway" and first:
            self.h2.close_connection(last_stream_id=0)
            self.flush()
            self.transport.close()
            return
        if verb == "status":
            self.only_trailers(stream, int(word.split(" ")[1]),
                               [("grpc-message", "%E7%89%88%E6%9C%AC old"), ("grpc-status-details-bin", conflict_details())])
            return
        self.headers(stream)
        if verb == "big":
            self.send_slowly(stream, frame(field(1, field(11, b"x" * 2000000))))
            return
        if verb == "garbage":
            answer = frame(b"\x0a\xff\x01")
        if verb != "none":
            self.h2.send_data(stream, answer)
        if verb == "twice":
            self.h2.send_data(stream, answer)
        self.trailers(stream)
        if verb == "leave":
            self.h2.close_connection(last_stream_id=stream)


def say(line):
    """In one piece, however standard output is buffered."""
    os.write(1, line.encode())


async def serve(args):
    loop = asyncio.get_running_loop()
    context = None
    if args.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*args.tls)
        if not args.no_alpn:
            context.set_alpn_protocols(["h2"])

    def factory():
        return Peer(args.mode)
    if args.unix:
        await loop.create_unix_server(factory, args.unix, ssl=context)
        say("ready 0\n")
    else:
        server = await loop.create_server(factory, "127.0.0.1", args.port, ssl=context)
        say(f"ready {server.sockets[0].getsockname()[1]}\n")
    await loop.run_in_executor(None, sys.stdin.read)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--tls", nargs=2)
    p.add_argument("--no-alpn", action="store_true")
    p.add_argument("--unix")
    p.add_argument("--port", type=int, default=0)
    p.add_argument("--mode", default="normal")
    p.add_argument("--log")
    p.parse_args(namespace=ARGS)
    asyncio.run(serve(ARGS))


main()
