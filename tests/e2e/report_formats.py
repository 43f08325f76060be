#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reports from the command line: the same numbers in every format, read back; cut ones are known; schedules. report_formats.py BUILD."""
import csv
import html.parser
import io
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
import zipfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import city  # noqa: E402
from cases import case, equal, run  # noqa: E402
from figures import make_cases, pb, pull  # noqa: E402
from stack import SANITIZER, Stack, find_build  # noqa: E402


def wangge(s, *args, code=0, stdin="", lang="C.UTF-8", binary=False):
    """Run the program as the supervisor; return (standard output, standard error)."""
    home = os.path.join(s.dir, "home")
    os.makedirs(home, exist_ok=True)
    env = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "LC_", "WANGGE_"))}
    env.update({"HOME": home, "LANG": lang, "LANGUAGE": "", "TERM": "dumb"})
    done = subprocess.run([os.path.join(s.build, "client", "cli", "wangge"), *args], input=stdin.encode(), env=env,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
    err = done.stderr.decode()
    if done.returncode != code or SANITIZER.search(err):
        raise AssertionError(f"wangge {' '.join(args)}: exit code {done.returncode}, not {code}\n{done.stdout.decode(errors='replace')}\n{err}")
    return (done.stdout if binary else done.stdout.decode()), err


def out(s, name):
    return os.path.join(s.dir, name)


# --- What a report says, by format: {section title: {row name: [numbers in order]}} ---

def bp(n, d):
    """Hundredths of a percent, half away from zero."""
    return None if d == 0 else (abs(n) * 10000 * 2 + d) // (2 * d) * (1 if n >= 0 else -1)


def cell_numbers(column, cell):
    kind = cell.WhichOneof("value")
    if kind == "count":
        return [cell.count]
    if kind == "ratio":
        return [bp(cell.ratio.n, cell.ratio.d)] + ([cell.ratio.n, cell.ratio.d] if column.kind == 3 else [])
    if kind == "points":
        return [cell.points]
    return [None] * (3 if column.kind == 3 else 1)


def wanted(report):
    """From the API, only the sections that are tables of figures."""
    found = {}
    for section, rows in report.sections:
        if section.kind in (1, 3, 4):
            found[section.title_en] = {r.name_en or r.name or r.key:
                                       [n for c, v in zip(section.columns, r.cells) for n in cell_numbers(c, v)] for r in rows}
    return found


def hundredths(text):
    text = text.replace("%", "").replace(",", "").replace("+", "").strip()
    return None if text in ("—", "") else round(float(text) * 100)


def numbers_of(columns, texts):
    """Texts of cells (percent, n/d apart) in the API's order."""
    numbers = []
    for column, text in zip(columns, texts):
        if column.kind == 2:
            numbers.append(int(text[0].replace(",", "")))
        elif column.kind == 3:
            n, d = (int(x.replace(",", "")) for x in text[1].split("/"))
            numbers += [hundredths(text[0]), n, d]
        else:
            numbers.append(hundredths(text[0]))
    return numbers


class Tables(html.parser.HTMLParser):
    """{heading: [[(text, small), ...] of each row]}; whatever is not known as markup would show up as text."""

    def __init__(self):
        super().__init__()
        self.tables, self.heading, self.stack, self.row = {}, "", [], None

    def handle_starttag(self, tag, attrs):
        self.stack.append(tag)
        if tag == "h2":
            self.heading = ""
        if tag == "tr":
            self.row = []
        if tag in ("td", "th") and self.row is not None:
            self.row.append(["", ""])
        assert tag not in ("script", "iframe", "img", "link"), tag

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        while self.stack and self.stack.pop() != tag:
            pass
        if tag == "tr" and self.row:
            self.tables.setdefault(self.heading, []).append([tuple(c) for c in self.row])
            self.row = None

    def handle_data(self, data):
        if "h2" in self.stack:
            self.heading += data
        elif self.row and "small" in self.stack:
            self.row[-1][1] += data
        elif self.row and ("td" in self.stack or "th" in self.stack):
            self.row[-1][0] += data


def sheets_of(path):
    """{sheet name: {row: {column letter: value}}}, by the standard library alone."""
    ns = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    with zipfile.ZipFile(path) as z:
        equal(z.testzip(), None)
        names = [(e.get("name"), e.get("sheetId")) for e in ET.fromstring(z.read("xl/workbook.xml")).iterfind("m:sheets/m:sheet", ns)]
        shared = []
        if "xl/sharedStrings.xml" in z.namelist():
            shared = ["".join(t.text or "" for t in e.iter(f"{{{ns['m']}}}t"))
                      for e in ET.fromstring(z.read("xl/sharedStrings.xml")).iterfind("m:si", ns)]
        book = {}
        for name, number in names:
            rows = {}
            sheet = ET.fromstring(z.read(f"xl/worksheets/sheet{number}.xml"))
            for c in sheet.iter(f"{{{ns['m']}}}c"):
                letters, row = re.fullmatch(r"([A-Z]+)(\d+)", c.get("r")).groups()
                value = c.find("m:v", ns)
                text = "".join(t.text or "" for t in c.iter(f"{{{ns['m']}}}t"))
                if c.get("t") == "s":
                    text = shared[int(value.text)]
                rows.setdefault(int(row), {})[letters] = text if c.get("t") in ("s", "inlineStr") else float(value.text) if value is not None else ""
            book[name] = rows
        return book, z.namelist()


@case("cases are made, the reports listed in both languages")
def begin(s):
    make_cases(s)
    wangge(s, "login", "--server", s.address, "--user", "supervisor", "--password-stdin", stdin=city.PASSWORD + "\n")
    text, _ = wangge(s, "report", "list")
    assert "BULLETIN" in text and "Backlog by age" in text, text
    text, _ = wangge(s, "report", "list", "--lang", "zh_CN")
    assert "积压账龄" in text, text


@case("JSON has the report as it came, the as-of for the others")
def as_json(s):
    text, _ = wangge(s, "report", "pull", "BULLETIN", "--format", "json", "--goal", "90")
    lines = [json.loads(line) for line in text.splitlines()]
    assert "head" in lines[0] and "end" in lines[-1], (list(lines[0]), list(lines[-1]))
    s.as_of = lines[0]["head"]["request"]["asOf"]
    s.report = pull(s, "BULLETIN", as_of=s.as_of_message(lines[0]["head"]["request"]["asOf"]), target_bp=9000)
    equal(lines[-1]["end"]["digest"], s.report.end.digest)
    s.wanted = wanted(s.report)
    assert len(s.wanted) >= 5 and sum(len(rows) for rows in s.wanted.values()) > 10, s.wanted


def args(s, fmt, name=None, *more):
    return ["report", "pull", "BULLETIN", "--as-of", s.as_of, "--goal", "90", "--format", fmt, *(["--out", out(s, name)] if name else []), *more]


@case("CSV has the same numbers, with a byte order mark or in GB18030 if asked")
def as_csv(s):
    wangge(s, *args(s, "csv", "b.csv", "--bom"))
    with open(out(s, "b.csv"), "rb") as f:
        raw = f.read()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    equal(rows[-1][0], "END")
    equal(rows[-1][2], s.report.end.digest)
    at = 0
    for section, api_rows in s.report.sections:
        if section.title_en not in s.wanted:
            continue
        at = next(i for i in range(at, len(rows)) if rows[i] == [section.title_en]) + 2
        for api in api_rows:
            values, got = rows[at][2:], []
            for column in section.columns:
                text = values.pop(0)
                got.append(hundredths(text) if column.kind in (3, 4, 5) else int(text))
                if column.kind in (3, 5):
                    n, d = int(values.pop(0)), int(values.pop(0))
                    got += [n, d] if column.kind == 3 else []
            equal(got, s.wanted[section.title_en][api.name_en or api.name or api.key], f"{section.code} {api.key}")
            at += 1
    wangge(s, *args(s, "csv", "g.csv", "--gb18030", "--lang", "zh_CN"))
    with open(out(s, "g.csv"), "rb") as f:
        text = f.read().decode("gb18030")
    assert "办结率" in text and "让胡路区" in text, text[:300]


@case("HTML has the same numbers, is one file and escapes what it is given")
def as_html(s):
    wangge(s, *args(s, "html", "b.html"))
    with open(out(s, "b.html"), encoding="utf-8") as f:
        text = f.read()
    assert "default-src 'none'" in text and "http://" not in text and "https://" not in text
    assert s.report.end.digest in text
    page = Tables()
    page.feed(text)
    for section, api_rows in s.report.sections:
        if section.title_en not in s.wanted:
            continue
        rows = {r[0][0]: r[1:] for r in page.tables[section.title_en]}
        for api in api_rows:
            name = api.name_en or api.name or api.key
            equal(numbers_of(section.columns, rows[name]), s.wanted[section.title_en][name], f"{section.code} {name}")


@case("a workbook has the same numbers, formats, a chart and the definitions")
def as_xlsx(s):
    wangge(s, *args(s, "xlsx", "b.xlsx"))
    book, names = sheets_of(out(s, "b.xlsx"))
    assert any("chart" in n for n in names), names
    assert any(s.report.end.digest in str(v) for row in book["Definitions"].values() for v in row.values())
    for section, api_rows in s.report.sections:
        if section.title_en not in s.wanted:
            continue
        by_name = {row["A"]: [v for k, v in sorted(row.items(), key=lambda i: (len(i[0]), i[0])) if k != "A"]
                   for row in book[section.title_en].values() if len(row) > 1}
        for api in api_rows:
            name = api.name_en or api.name or api.key
            values, got = list(by_name[name]), []
            for column in section.columns:
                v = values.pop(0)
                if column.kind == 2:
                    got.append(int(v))
                elif column.kind == 3:
                    got += [None if v == "—" else round(v * 10000), *(int(x.replace(",", "")) for x in values.pop(0).split("/"))]
                else:
                    got.append(None if v == "—" else round(v * (100 if column.kind == 4 else 10000)))
            equal(got, s.wanted[section.title_en][name], f"{section.code} {name}")


@case("text has the same rates, in both languages")
def as_text(s):
    for lang, words in (("en", "Completion rate"), ("zh_CN", "办结率")):
        text, _ = wangge(s, *args(s, "text"), "--lang", lang)
        assert words in text and s.report.end.digest in text, text
        for numbers in s.wanted["Ranking of regions"].values():
            assert f"{numbers[3]:,}/{numbers[4]:,}" in text, (numbers, text)


@case("a workbook needs a file; a file that cannot be written is told; unknown reports are refused")
def refused(s):
    _, err = wangge(s, *args(s, "xlsx"), code=2)
    assert "--out" in err, err
    wangge(s, "report", "pull", "DAILY", "--format", "csv", "--out", "/nowhere/at/all.csv", code=1)
    wangge(s, "report", "pull", "NOTHING", code=5)
    wangge(s, "report", "pull", "DAILY", "--format", "pdf", code=7)
    wangge(s, "report", "pull", "DAILY", "--goal", "x", code=7)
    assert not os.path.exists(out(s, "b.csv.part"))


@case("a report is frozen, listed, printed as it was and restated")
def frozen(s):
    text, _ = wangge(s, "report", "freeze", "RANKING", "--text", "三月通报")
    id_ = text.splitlines()[0]
    digest = re.search(r"[0-9a-f]{64}", text)[0]
    text, _ = wangge(s, "report", "frozen")
    assert id_ in text and "三月通报" in text, text
    make_cases(s, 6, seed=3)
    text, _ = wangge(s, "report", "frozen", id_)
    assert digest in text, text
    text, _ = wangge(s, "report", "restate", id_)
    assert "cells differ" in text and " -> " in text, text
    wangge(s, "report", "frozen", "00000000-0000-7000-8000-000000000000", code=5)


@case("a scheduled report is written into a folder once, in each of its formats")
def scheduled(s):
    folder = out(s, "reports")
    os.makedirs(folder, exist_ok=True)
    wangge(s, "report", "save", "DAILY", "--as", "MY-DAY", "--schedule", "daily", "--due-at", "00:00", "--format", "csv,html,xlsx")
    wangge(s, "report", "run", "--folder", folder)
    equal(os.listdir(folder), [])
    s.psql("update saved_report set saved_at = now() - interval '1 day' where code = 'MY-DAY'")
    wangge(s, "report", "run", "--folder", folder)
    names = sorted(os.listdir(folder))
    equal([n.rpartition(".")[2] for n in names], ["csv", "html", "xlsx"])
    wangge(s, "report", "run", "--folder", folder)
    equal(sorted(os.listdir(folder)), names)
    text, _ = wangge(s, "report", "list")
    assert "MY-DAY" in text, text
    wangge(s, "report", "delete", "MY-DAY")
    wangge(s, "report", "delete", "MY-DAY", code=5)


class Formats(Stack):
    @staticmethod
    def as_of_message(text):
        from google.protobuf import timestamp_pb2
        t = timestamp_pb2.Timestamp()
        t.FromJsonString(text)
        return t


def main():
    with Formats(find_build()) as s:
        return run(s)


if __name__ == "__main__":
    sys.exit(main())
