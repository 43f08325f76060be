#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Make one include root per layer in the build tree.

The folders of the source are reached only through these roots, so that a file can include a header of its own layer and
of the layers its target depends on, and of no other. `--list` prints the layers' names.
"""
import os
import sys

# layer: the folder it consists of
LAYERS = {
    "base": "common/base",
    "pinyin": "common/pinyin",
    "pb": "common/pb",
    "h2": "common/h2",
    "db": "server/db",
    "domain": "server/domain",
    "net": "server/net",
    "rpc": "server/rpc",
    "store": "server/store",
    "secret": "server/secret",
    "service": "server/service",
    "feed": "server/feed",
    "app": "server",
    "channel": "client/rpc",
    "outbox": "client/outbox",
    "model": "client/model",
    "term": "client/term",
    "ui": "client/ui",
    "view": "client/view",
    "cli": "client/cli",
    "export": "client/export",
    "demo": "client/demo",
    "support": "tests/support",
    "test_db": "tests/db",
}


def main():
    if sys.argv[1:] == ["--list"]:
        print(" ".join(LAYERS))
        return
    src, build = sys.argv[1:3]
    for name, folder in LAYERS.items():
        link = os.path.join(build, "layers", name, folder)
        os.makedirs(os.path.dirname(link), exist_ok=True)
        target = os.path.join(src, folder)
        if os.path.islink(link):
            if os.readlink(link) == target:
                continue
            os.unlink(link)
        os.symlink(target, link)


if __name__ == "__main__":
    main()
