#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Files of cases with the command line: uploads that break and go on, downloads, evidence. attach_client.py BUILD"""
import hashlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import city  # noqa: E402
import proc  # noqa: E402
from cases import case, equal, run  # noqa: E402
from stack import SANITIZER, Stack, find_build, uuid7  # noqa: E402

GRID = "230604001001001"
WAIT_S = 60


class Line:
    """A line to the server that can be cut: it carries so many bytes up or down, then hangs or breaks."""

    def __init__(self, port):
        self.port = port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"
        self.up = self.down = None  # bytes left to carry; None: no limit
        self.hang = False
        self.held = threading.Event()  # the limit was reached
        self.breaks = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self.port))
            for a, b, way in ((near, far, "up"), (far, near, "down")):
                threading.Thread(target=self._carry, args=(a, b, way), daemon=True).start()

    def _carry(self, a, b, way):
        try:
            while data := a.recv(16384):
                left = getattr(self, way)
                if left is not None:
                    setattr(self, way, left - len(data))
                    if left < len(data):
                        self._stop(a, b, way)
                        return
                b.sendall(data)
        except OSError:
            pass
        for end in (a, b):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def _stop(self, a, b, way):
        if self.hang:
            self.held.set()
            return
        setattr(self, way, None)
        self.breaks += 1
        for end in (a, b):
            end.shutdown(socket.SHUT_RDWR)

    def close(self):
        self.listener.close()


def command(s, who, *args):
    home = os.path.join(s.dir, "home-" + who)
    os.makedirs(home, exist_ok=True)
    env = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "LC_", "WANGGE_"))}
    env.update({"HOME": home, "LANG": "C.UTF-8", "LANGUAGE": "", "TERM": "dumb"})
    return [os.path.join(s.build, "client", "cli", "wangge"), *args], env


def wangge(s, who, *args, code=0, stdin="", cwd=None):
    """Run the program as somebody; return (standard output, standard error)."""
    words, env = command(s, who, *args)
    done = subprocess.run(words, input=stdin, env=env, text=True, cwd=cwd or s.dir, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=180)
    if done.returncode != code or SANITIZER.search(done.stderr):
        raise AssertionError(f"wangge {' '.join(args)}: exit code {done.returncode}, not {code}\n{done.stdout}\n{done.stderr}")
    return done.stdout, done.stderr


def has(text, *parts):
    for part in parts:
        if part not in text:
            raise AssertionError(f"{part!r} is not in:\n{text}")


def make(s, name, size, seed):
    """A PDF of that size, which the server keeps as it is."""
    body = b"%PDF-1.4\n" + random.Random(seed).randbytes(size - 16) + b"\n%%EOF\n"
    path = os.path.join(s.dir, "files", name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(body)
    return path, hashlib.sha256(body).hexdigest()


def pb():
    from wangge.v1 import attachment_pb2, case_pb2, directory_pb2
    return attachment_pb2, case_pb2, directory_pb2


def submit(s):
    return s.call("worker", "CaseService", "SubmitCase", pb()[1].SubmitCaseRequest(
        request_id=uuid7(), case_id=uuid7(), category_code="E0102", grid_code=GRID, description="路面塌陷"))


def login(s, who, address):
    wangge(s, who, "login", "--server", address, "--user", who, "--password-stdin", stdin=city.PASSWORD + "\n")


def received(s):
    """How much of the uploads that are not whole the server has."""
    return int(s.psql("select coalesce(sum(received), 0) from attachment where not complete"))


@case("files go up by number, are listed, and come down equal; running it again sends nothing twice")
def there_and_back(s):
    s.made = submit(s)
    login(s, "worker", s.address)
    path, sha = make(s, "调解协议.pdf", 300_000, 1)
    out, _ = wangge(s, "worker", "case", "attach", s.made.number, path)
    has(out, "调解协议.pdf")
    s.first = out.split()[0]
    again, err = wangge(s, "worker", "case", "attach", s.made.number, path, "--json")
    told = json.loads(again)
    equal((told["attachmentId"], told["sha256"], told["size"]), (s.first, sha, "300000"))
    has(err, "already")
    has(wangge(s, "worker", "case", "files", s.made.case_id)[0], s.first, "调解协议.pdf", "PDF", "293 KB", "王丽")
    has(wangge(s, "worker", "case", "files", s.made.case_id, "--lang", "zh_CN")[0], "名称", "类型", "大小")
    folder = os.path.join(s.dir, "down")
    os.makedirs(folder)
    got = wangge(s, "worker", "case", "download", s.made.number, "--to", folder)[0].strip()
    equal(got, os.path.join(folder, "调解协议.pdf"))
    equal(digest(got), sha)
    equal(os.listdir(folder), ["调解协议.pdf"])
    has(wangge(s, "worker", "case", "download", s.first, cwd=folder)[1], "already")
    with open(got, "ab") as f:
        f.write(b"mine")
    has(wangge(s, "worker", "case", "download", s.first, "--to", got, code=6)[1], "--force")
    equal(digest(got) == sha, False, "what was there")
    wangge(s, "worker", "case", "download", s.first, "--to", got, "--force")
    equal(digest(got), sha)
    # A second file of the same name.
    other, _ = make(s, "two/调解协议.pdf", 5_000, 2)
    wangge(s, "worker", "case", "attach", s.made.number, other)
    wangge(s, "worker", "case", "download", s.made.number, "--to", folder)
    equal(sorted(os.listdir(folder)), ["调解协议-2.pdf", "调解协议.pdf"])
    equal(digest(os.path.join(folder, "调解协议-2.pdf")), digest(other))
    has(wangge(s, "worker", "case", "download", s.made.number, "--to", os.path.join(folder, "x"), code=7)[1], "folder")


def digest(path):
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


@case("a client that was killed in the middle goes on where it was")
def killed(s):
    line = Line(s.port)
    login(s, "worker", line.address)
    path, sha = make(s, "现场.pdf", 3_000_000, 3)
    line.hang, line.up = True, 1_500_000
    words, env = command(s, "worker", "case", "attach", s.made.case_id, path)
    child = subprocess.Popen(words, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        if not line.held.wait(WAIT_S):
            raise AssertionError("the upload never came that far")
        proc.wait_until("the server to have some of it", lambda: received(s) >= 1_000_000, WAIT_S)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
    line.up = None
    before = received(s)
    out, err = wangge(s, "worker", "case", "attach", s.made.case_id, path)
    has(err, "went on at")
    told = listed(s)[out.split()[0]]
    equal((told.sha256, told.size), (sha, 3_000_000))
    equal(before < 3_000_000 and received(s) == 0, True, f"{before} before")
    line.close()


def listed(s):
    found = s.call("worker", "AttachmentService", "ListAttachments", pb()[0].ListAttachmentsRequest(case_id=s.made.case_id))
    return {a.attachment_id: a for a in found.attachments}


@case("a connection that breaks is taken up again by itself, both ways")
def broken(s):
    line = Line(s.port)
    login(s, "worker", line.address)
    path, sha = make(s, "报告.pdf", 2_000_000, 4)
    line.up = 900_000
    out, _ = wangge(s, "worker", "case", "attach", s.made.number, path)
    equal(line.breaks, 1)
    s.report = out.split()[0]
    equal(listed(s)[s.report].sha256, sha)
    line.down = 900_000
    got = os.path.join(s.dir, "报告-回来.pdf")
    wangge(s, "worker", "case", "download", s.report, "--to", got)
    equal((line.breaks, digest(got)), (2, sha))
    line.close()


@case("a download that was killed goes on with its part; a spoilt part is begun anew")
def parts(s):
    line = Line(s.port)
    login(s, "worker", line.address)
    got = os.path.join(s.dir, "part.pdf")
    line.hang, line.down = True, 1_200_000
    words, env = command(s, "worker", "case", "download", s.report, "--to", got)
    child = subprocess.Popen(words, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    part = got + ".part"
    try:
        proc.wait_until("a part", lambda: os.path.exists(part) and os.path.getsize(part) >= 500_000, WAIT_S)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
    equal(os.path.exists(got), False)
    line.down = None
    has(wangge(s, "worker", "case", "download", s.report, "--to", got)[1], "went on at")
    equal((digest(got), os.path.exists(part)), (listed(s)[s.report].sha256, False))
    os.unlink(got)
    with open(part, "wb") as f:
        f.write(b"something else" * 1000)
    wangge(s, "worker", "case", "download", s.report, "--to", got)
    equal(digest(got), listed(s)[s.report].sha256)
    line.close()


@case("what cannot go is told with what can")
def refused(s):
    login(s, "worker", s.address)
    text = os.path.join(s.dir, "note.txt")
    with open(text, "w", encoding="utf-8") as f:
        f.write("no such kind")
    number = s.made.number
    has(wangge(s, "worker", "case", "attach", number, text, code=7)[1], "JPEG", "PDF")
    has(wangge(s, "worker", "case", "attach", number, "nowhere.jpg", code=5)[1], "nowhere.jpg")
    big, _ = make(s, "big.pdf", 8 * 1024 * 1024 + 1, 5)
    has(wangge(s, "worker", "case", "attach", number, big, code=7)[1], "8 MB")
    lies, _ = make(s, "lies.jpg", 5_000, 6)
    has(wangge(s, "worker", "case", "attach", number, lies, code=7)[1], "PDF")
    has(wangge(s, "worker", "case", "attach", number, s.dir, code=7)[1], "plain file")
    fine, _ = make(s, "fine.pdf", 5_000, 7)
    out, _ = wangge(s, "worker", "case", "attach", number, text, fine, code=8)
    has(out, "fine.pdf")
    wangge(s, "worker", "case", "attach", uuid7(), fine, code=5)
    wangge(s, "worker", "case", "files", uuid7(), code=5)
    wangge(s, "worker", "case", "download", uuid7(), code=5)
    wangge(s, "worker", "case", "attach", number, code=2)
    has(wangge(s, "worker", "case", "attach", number, text, "--lang", "zh_CN", code=7)[1], "，", "JPEG")


@case("evidence goes up before the step that needs it, and an earlier step's file again for the next")
def evidence(s):
    category = next(c for c in s.call("sysadmin", "DirectoryService", "ListCategories",
                                      pb()[2].ListCategoriesRequest()).categories if c.code == "E0102")
    category.evidence_settle = True
    s.call("sysadmin", "DirectoryService", "ImportDirectory", pb()[2].ImportDirectoryRequest(categories=[category]))
    proc.wait_until("the category to demand evidence", lambda: any(
        c.code == "E0102" and c.evidence_settle
        for c in s.call("worker", "DirectoryService", "ListCategories", pb()[2].ListCategoriesRequest()).categories), WAIT_S)
    path, _ = make(s, "清理后.pdf", 200_000, 8)
    new = ("case", "new", "-c", "E0102", "-g", GRID, "-m", "垃圾", "--settle", "已清理")
    wangge(s, "worker", *new, code=6)
    out, _ = wangge(s, "worker", *new, "--attach", path, "--json")
    case_id = json.loads(out)["caseId"]
    listing = [json.loads(x) for x in wangge(s, "worker", "case", "files", case_id, "--json")[0].splitlines()]
    equal([(x["name"], x["eventVersion"]) for x in listing], [("清理后.pdf", "1")])
    has(wangge(s, "worker", "case", "new", "-c", "E0102", "-g", GRID, "-m", "x", "--attach", path, code=2)[1], "--settle")
    # An action: two files, one by its id; the same file again for a second step.
    made = submit(s)
    up = wangge(s, "worker", "case", "attach", made.number, make(s, "b.pdf", 4_000, 9)[0])[0].split()[0]
    for _ in range(2):
        wangge(s, "worker", "case", "act", made.number, "note", "-m", "见附件", "--attach", path, "--attach", up)
        up = make(s, "c.pdf", 4_000, 10)[0]
    rows = [json.loads(x) for x in wangge(s, "worker", "case", "files", made.number, "--json")[0].splitlines()]
    equal(sorted((x["name"], x["eventVersion"]) for x in rows),
          [("b.pdf", "2"), ("c.pdf", "3"), ("清理后.pdf", "2"), ("清理后.pdf", "3")])
    has(wangge(s, "worker", "case", "act", made.number, "note", "-m", "x", "--attach", "nowhere.pdf", code=5)[1], "nowhere.pdf")
    wangge(s, "worker", "case", "act", made.number, "settle", "-m", "好了", "--attach", path, "--dry-run")


if __name__ == "__main__":
    with Stack(find_build()) as stack:
        sys.exit(run(stack))
