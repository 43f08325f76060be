#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Write the seed inputs of the fuzz targets: make_corpus.py PROTOC PROTO_ROOT CORPUS OUT DEPFILE STAMP.

CORPUS/TARGET holds readable descriptions, OUT/TARGET gets the bytes:

  NAME.lines   each line is an input
  NAME.seed    directives, one a line, in the order of the bytes:
                 # comment
                 u8 N ...             bytes, decimal or 0x
                 hex XX ...           bytes, hexadecimal
                 text "..."           a Python string, as UTF-8
                 gb18030 "..."        the same in that coding
                 repeat N DIRECTIVE   N times
                 pb TYPE TEXT         a message in protobuf's text format
                 request NAME         its place in requests.h
                 sized DIRECTIVE      the bytes, with their number in a byte before them
                 grpc DIRECTIVE       the bytes behind a gRPC prefix
                 gzip DIRECTIVE       the same, compressed
                 op NAME              an operation of wire.h, or OP_NAME of the target's own (its enum op)
                 headers N...         op HEADERS: flags, stream, "name: value" or "name: value" prefixes of the target's fields
  anything else is an input as it is
"""
import ast
import gzip
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
WIRE = {"HEADERS": 0x10, "MESSAGE": 0x11, "GZIP": 0x12, "ZEROS": 0x13, "RAW": 0x14}
FRAMES = ["DATA", "HEADERS_FRAME", "PRIORITY", "RST_STREAM", "SETTINGS", "PUSH_PROMISE", "PING", "GOAWAY", "WINDOW_UPDATE", "CONTINUATION"]


class Seeds:
    def __init__(self, protoc, proto_root, target):
        self.protoc = protoc
        self.proto_root = proto_root
        with open(os.path.join(HERE, target + ".c"), encoding="utf-8") as f:
            source = f.read()
        ops = re.search(r"^enum op \{(.*?)\};", source, re.S | re.M)
        names = re.findall(r"\bOP_\w+", ops.group(1)) if ops else []
        self.ops = {name: 0x20 + i for i, name in enumerate(names)}
        table = re.search(r"wire_field fields\[\] = \{(.*?)^\};", source, re.S | re.M)
        self.fields = [": ".join(m) for m in re.findall(r'\{"([^"]*)",\s*"([^"]*)"\}', table.group(1))] if table else []

    def pb(self, rest):
        kind, _, text = rest.partition(" ")
        run = subprocess.run([self.protoc, "-I" + self.proto_root, "--encode=" + kind] + self.protos(),
                             input=text.encode(), stdout=subprocess.PIPE, check=True)
        return run.stdout

    def protos(self):
        return ["wangge/v1/%s.proto" % n for n in ("auth", "case", "directory", "report", "watch")]

    def request(self, name):
        with open(os.path.join(HERE, "requests.h"), encoding="utf-8") as f:
            names = re.findall(r"^REQUEST\((\w+)\)", f.read(), re.M)
        return bytes([next(i for i, n in enumerate(names) if n.endswith("__" + name))])

    def headers(self, rest):
        """headers FLAGS STREAM name: value | name: value ..."""
        flags, stream, names = rest.split(" ", 2)
        out = [WIRE["HEADERS"], int(flags, 0), int(stream, 0)]
        for name in names.split(" | "):
            out.append(next(i for i, f in enumerate(self.fields) if f.startswith(name)))
        return bytes(out + [0xff])

    def op(self, rest):
        """op NAME ARGUMENTS..., the last of which may be a directive in parentheses, preceded by its length."""
        name, _, args = rest.partition(" ")
        code = WIRE.get(name, FRAMES.index(name) if name in FRAMES else None)
        code = self.ops["OP_" + name] if code is None else code
        plain, _, inner = args.partition("(")
        out = bytes([code]) + bytes(int(a, 0) for a in plain.split())
        return out + (self.sized(inner.rstrip()[:-1]) if inner else b"")

    def sized(self, rest):
        body = self.line(rest)
        return bytes([len(body)]) + body

    def grpc(self, rest, flag=0):
        body = self.line(rest)
        body = gzip.compress(body, mtime=0) if flag else body
        return bytes([flag]) + len(body).to_bytes(4, "big") + body

    def repeat(self, rest):
        count, _, what = rest.partition(" ")
        return int(count) * self.line(what)

    def line(self, line):
        word, _, rest = line.strip().partition(" ")
        if not word or word.startswith("#"):
            return b""
        if word == "u8":
            return bytes(int(n, 0) for n in rest.split())
        if word == "hex":
            return bytes.fromhex(rest)
        if word in ("text", "gb18030"):
            return ast.literal_eval(rest).encode("utf-8" if word == "text" else word)
        if word == "gzip":
            return self.grpc(rest, 1)
        if word in ("pb", "request", "headers", "op", "sized", "grpc", "repeat"):
            return getattr(self, word)(rest)
        raise ValueError(f"no directive {word!r}")


def inputs_of(seeds, path):
    """Yield (suffix, bytes) for a file of the corpus."""
    with open(path, "rb") as f:
        raw = f.read()
    if path.endswith(".lines"):
        for i, line in enumerate(raw.decode().splitlines(), 1):
            yield f"-{i:03}", line.encode()
    elif path.endswith(".seed"):
        out = b""
        for i, line in enumerate(raw.decode().splitlines(), 1):
            try:
                out += seeds.line(line)
            except (ValueError, KeyError, StopIteration, IndexError, SyntaxError, subprocess.CalledProcessError) as e:
                sys.exit(f"{path}:{i}: {line}: {e!r}")
        yield "", out
    else:
        yield "", raw


def main():
    protoc, proto_root, corpus, out, depfile, stamp = sys.argv[1:]
    read = [os.path.join(HERE, "requests.h"), corpus]
    for target in sorted(os.listdir(corpus)):
        folder = os.path.join(corpus, target)
        seeds = Seeds(protoc, proto_root, target)
        read += [folder, os.path.join(HERE, target + ".c")]
        made = os.path.join(out, target)
        os.makedirs(made, exist_ok=True)
        for old in os.listdir(made):
            os.unlink(os.path.join(made, old))
        for name in sorted(os.listdir(folder)):
            path = os.path.join(folder, name)
            read.append(path)
            for suffix, data in inputs_of(seeds, path):
                with open(os.path.join(made, name + suffix), "wb") as f:
                    f.write(data)
    with open(depfile, "w", encoding="utf-8") as f:
        f.write(stamp + ": " + " ".join(p.replace(" ", "\\ ") for p in read) + "\n")
    with open(stamp, "w", encoding="utf-8"):
        pass


if __name__ == "__main__":
    main()
