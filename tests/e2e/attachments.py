#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Evidence: uploads in chunks that break and go on, what is refused, who may see what. attachments.py BUILD."""
import hashlib
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from cases import case, equal, run  # noqa: E402
from stack import Stack, find_build, uuid7  # noqa: E402

GRID = "230604001001001"
SECRET = b"Zhang San 13800001111"


def pb():
    from wangge.v1 import attachment_pb2, case_pb2, types_pb2
    return attachment_pb2, case_pb2, types_pb2


def photo(size=700_000, mark=b""):
    """A JPEG with an EXIF block that tells a time and a camera's owner, and a coded scan of about that size."""
    text = b"2021:09:17 16:00:05\0"
    ifd = struct.pack("<HHHIIHHIIHHIII", 3, 0x010F, 2, len(SECRET) + 1, 100, 0x0112, 3, 1, 6, 0x8769, 4, 1, 50, 0)
    exif = struct.pack("<HHHIII", 1, 0x9003, 2, 20, 70, 0)
    block = (b"II*\0\x08\0\0\0" + ifd).ljust(50, b"\0") + exif.ljust(20, b"\0") + text
    block = block.ljust(100, b"\0") + SECRET + b"\0"
    app1 = b"Exif\0\0" + block
    scan = (mark + bytes(range(1, 200)) * (size // 199 + 1))[:size]
    return (b"\xff\xd8\xff\xe1" + struct.pack(">H", len(app1) + 2) + app1 + b"\xff\xda\x00\x04xx" + scan + b"\xff\xd9")


def header(data, **fields):
    given = {"attachment_id": uuid7(), "case_id": uuid7(), "name": "现场.jpg", "size": len(data),
             "sha256": hashlib.sha256(data).hexdigest()}
    given.update(fields)
    return pb()[0].UploadHeader(**given)


def requests(head, data, start=0, chunk=100_000, stop=None):
    a = pb()[0]
    yield a.UploadRequest(header=head)
    at = start
    while at < len(data) and (stop is None or at < stop):
        piece = data[at:at + chunk]
        yield a.UploadRequest(chunk=a.UploadChunk(offset=at, data=piece))
        at += len(piece)


def upload(s, login, head, data, **how):
    """All answers of one stream."""
    return list(s.method("AttachmentService", "Upload")(requests(head, data, **how), timeout=60, metadata=s.metadata(login)))


def refused(s, login, head, data, **how):
    import grpc
    try:
        upload(s, login, head, data, **how)
    except grpc.RpcError as e:
        return e.code().name, e.details()
    raise AssertionError("the upload was not refused")


def download(s, login, attachment_id, offset=0):
    a = pb()[0]
    parts = list(s.method("AttachmentService", "Download")(
        a.DownloadRequest(attachment_id=attachment_id, offset=offset), timeout=60, metadata=s.metadata(login)))
    return parts[0].attachment, b"".join(p.chunk.data for p in parts[1:])


def submit(s, login="worker", **fields):
    given = {"request_id": uuid7(), "case_id": uuid7(), "category_code": "E0102", "grid_code": GRID, "description": "路面塌陷"}
    given.update(fields)
    return s.call(login, "CaseService", "SubmitCase", pb()[1].SubmitCaseRequest(**given))


@case("a photo sent before its case is reported, and read back stripped")
def before_the_case(s):
    data = photo()
    s.head = header(data)
    answers = upload(s, "worker", s.head, data)
    equal([x.received for x in answers][:3], [0, 100_000, 200_000])
    kept = answers[-1].attachment
    equal((kept.media_type, kept.name, kept.case_id), ("image/jpeg", "现场.jpg", s.head.case_id))
    equal(kept.taken_at.ToJsonString(), "2021-09-17T08:00:05Z", "local time of the business zone")
    info, body = download(s, "worker", s.head.attachment_id)
    equal(hashlib.sha256(body).hexdigest(), kept.sha256)
    equal((len(body), SECRET in data, SECRET in body), (kept.size, True, False))
    equal(body.endswith(data[-600_000:]), True, "the picture itself")
    # Nobody else sees it while there is no case.
    equal(s.refused("acceptor", "AttachmentService", "GetUpload",
                    pb()[0].GetUploadRequest(attachment_id=s.head.attachment_id))[0], "NOT_FOUND")
    submit(s, case_id=s.head.case_id)
    found = s.call("acceptor", "AttachmentService", "ListAttachments", pb()[0].ListAttachmentsRequest(case_id=s.head.case_id))
    equal([x.attachment_id for x in found.attachments], [s.head.attachment_id])
    equal(found.attachments[0].uploader.name != "", True)
    shown = s.call("acceptor", "CaseService", "GetCase", pb()[1].GetCaseRequest(case_id=s.head.case_id)).case
    equal(shown.attachment_count, 1, "files, as the case says")


@case("the same upload again is answered at once; another file under its id is refused")
def again(s):
    data = photo()
    answers = upload(s, "worker", s.head, data, stop=0)
    equal(len(answers), 1)
    equal(answers[0].attachment.attachment_id, s.head.attachment_id)
    other = header(data + b"x", attachment_id=s.head.attachment_id, case_id=s.head.case_id)
    equal(refused(s, "worker", other, data)[0], "ALREADY_EXISTS")


@case("a stream that breaks goes on where it stopped")
def resume(s):
    data = photo(900_000, mark=b"resumed")
    head = header(data)
    answers = upload(s, "worker", head, data, stop=300_000)
    equal(answers[-1].received, 300_000)
    ask = pb()[0].GetUploadRequest(attachment_id=head.attachment_id)
    state = s.call("worker", "AttachmentService", "GetUpload", ask)
    equal((state.received, state.complete), (300_000, False))
    s.server.stop(sig=9)
    s.channel.close()
    s.end_cluster()
    s.start()
    state = s.call("worker", "AttachmentService", "GetUpload", ask)
    equal(state.received, 300_000, "after the server was killed")
    equal(refused(s, "worker", head, data, start=200_000)[0], "INVALID_ARGUMENT")
    answers = upload(s, "worker", head, data, start=300_000)
    equal(answers[0].received, 300_000)
    equal(answers[-1].attachment.attachment_id, head.attachment_id)
    equal(download(s, "worker", head.attachment_id)[1].endswith(data[-800_000:]), True)
    equal(s.call("worker", "AttachmentService", "GetUpload", ask).complete, True)


@case("a download goes on from an offset")
def offsets(s):
    _, body = download(s, "worker", s.head.attachment_id)
    for at in (1, 262_143, 262_144, 262_145, len(body) - 1, len(body)):
        equal(download(s, "worker", s.head.attachment_id, at)[1] == body[at:], True, f"from {at}")
    equal(s.refused_stream("worker", s.head.attachment_id, len(body) + 1), "INVALID_ARGUMENT")


@case("what is refused, and can be sent right afterwards under the same id")
def refusals(s):
    data = photo(5_000)
    for want, part, fields in (
            ("INVALID_ARGUMENT", "8 MiB", {"size": 8 * 1024 * 1024 + 1}),
            ("INVALID_ARGUMENT", "size", {"size": 0}),
            ("INVALID_ARGUMENT", "path", {"name": "../x.jpg"}),
            ("INVALID_ARGUMENT", "name", {"name": ""}),
            ("INVALID_ARGUMENT", "name", {"name": "字" * 121}),
            ("INVALID_ARGUMENT", "control", {"name": "a\nb.jpg"}),
            ("INVALID_ARGUMENT", "hexadecimal", {"sha256": "00"}),
            ("INVALID_ARGUMENT", "UUID", {"attachment_id": "1"}),
            ("INVALID_ARGUMENT", "hash", {"sha256": "0" * 64}),
            ("INVALID_ARGUMENT", "content is image/jpeg", {"name": "report.pdf"}),
            ("INVALID_ARGUMENT", "more than", {"size": len(data) - 1})):
        code, text = refused(s, "worker", header(data, **fields), data)
        equal(code, want, f"{fields} {text}")
        if part not in text and part not in ("size", "name"):
            raise AssertionError(f"{text!r} does not say {part!r}")
    for body in (b"MZ\x90\0" * 100, b"<script>alert(1)</script>", data[:-2], photo(100)[:60]):
        code, text = refused(s, "worker", header(body, name="x.jpg"), body)
        equal(code, "INVALID_ARGUMENT", text)
    # The wrong bytes are forgotten: the right ones may follow under the same id.
    head = header(data)
    wrong = data[:-3] + b"\x07" + data[-2:]
    equal(refused(s, "worker", head, wrong)[0], "INVALID_ARGUMENT")
    equal(upload(s, "worker", head, data)[-1].attachment.media_type, "image/jpeg")
    equal(refused(s, "sysadmin", header(data), data)[0], "PERMISSION_DENIED")
    a = pb()[0]
    no_header = [a.UploadRequest(chunk=a.UploadChunk(offset=0, data=b"x"))]
    import grpc
    try:
        list(s.method("AttachmentService", "Upload")(iter(no_header), timeout=30, metadata=s.metadata("worker")))
        raise AssertionError("a chunk without a header was taken")
    except grpc.RpcError as e:
        equal(e.code().name, "INVALID_ARGUMENT")


@case("a case elsewhere shows nothing")
def elsewhere(s):
    data = photo(5_000)
    mine = submit(s)
    head = header(data, case_id=mine.case_id)
    upload(s, "worker", head, data)
    for login in s.others:
        equal(s.refused(login, "AttachmentService", "ListAttachments",
                        pb()[0].ListAttachmentsRequest(case_id=mine.case_id))[0], "NOT_FOUND", login)
        equal(s.refused_stream(login, head.attachment_id, 0), "NOT_FOUND", login)
        equal(refused(s, login, header(data, case_id=mine.case_id), data)[0], "NOT_FOUND", login)


@case("the same photo as evidence of two cases is marked")
def reused(s):
    data = photo(6_000, mark=b"twice")
    first, second = submit(s), submit(s)
    for one in (first, second):
        upload(s, "worker", header(data, case_id=one.case_id), data)
    found = s.call("acceptor", "AttachmentService", "ListAttachments", pb()[0].ListAttachmentsRequest(case_id=first.case_id))
    equal([x.reused for x in found.attachments], [True])


class AttachmentStack(Stack):
    others = ("worker.other",)

    def refused_stream(self, login, attachment_id, offset):
        import grpc
        try:
            download(self, login, attachment_id, offset)
        except grpc.RpcError as e:
            return e.code().name
        raise AssertionError("the download was not refused")


if __name__ == "__main__":
    with AttachmentStack(find_build()) as stack:
        sys.exit(run(stack))
