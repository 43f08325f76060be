#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Deadlines a second on one core: the server's engine beside Python's and PostgreSQL's own way of computing the same.

A calendar of the real holiday lists, with part days, a summer and a winter season; random starts over eight years and random
limits in working hours, urgent hours, working days and calendar days. Opponents, none of which knows the engine: Python with a
sorted list of working intervals, running sums and bisect; Python walking from interval to interval with datetime; a query in
PostgreSQL over a table of working intervals with indexes on their running sums. The fastest of them counts as theirs. Every due
time of theirs must be equal to ours, or the benchmark fails. Times are of the processor for the programs and of the wall for the
query.
"""
import bisect
import datetime
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

import side
from database import Cluster

OFFSET = 8 * 3600
DAY = 86400
WORKING, URGENT, WORKDAY, CALENDAR = range(4)
USUAL = "08:00-12:00 14:00-18:00"
SUMMER = "08:00-12:00 15:00-18:30"
SATURDAY = "09:00-11:30"
EPOCH = datetime.date(1970, 1, 1)
FIRST, LAST = datetime.date(2018, 1, 1), datetime.date(2028, 12, 31)


def holidays():
    """The special days: the lists' own, and a part day in the middle of each quarter."""
    days = {}
    with open(os.path.join(side.ROOT, "schema", "data", "holidays.tsv"), encoding="utf-8") as file:
        for line in file:
            if line[0].isdigit():
                date, kind, _ = line.split("\t")
                days[datetime.date.fromisoformat(date)] = kind
    for year in range(2018, 2027):
        for month in (2, 5, 8, 11):
            days.setdefault(datetime.date(year, month, 15), "10:00-12:00 13:00-16:00")
    return days


def plan(text):
    """"08:00-12:00 …" as a list of pairs of seconds."""
    return [tuple(int(t[:2]) * 3600 + int(t[3:]) * 60 for t in part.split("-")) for part in text.split()]


def pattern(date):
    """The usual shifts of a date by season and weekday, and what a make-up day of that season works."""
    md = date.month * 100 + date.day
    if 501 <= md <= 930:
        return (SUMMER if date.weekday() < 5 else ""), SUMMER
    if md >= 1201 or md <= 228:
        return (USUAL if date.weekday() < 5 else SATURDAY if date.weekday() == 5 else ""), USUAL
    return (USUAL if date.weekday() < 5 else ""), USUAL


def intervals(days):
    """All working intervals in seconds since 1970 UTC, and the end of each working day by day number."""
    out, ends = [], {}
    date = FIRST
    while date <= LAST:
        usual, makeup = pattern(date)
        kind = days.get(date)
        shifts = plan(usual if kind is None else "" if kind == "off" else makeup if kind == "work" else kind)
        number = (date - EPOCH).days
        base = number * DAY - OFFSET
        out += [(base + a, base + b) for a, b in shifts]
        if shifts:
            ends[number] = base + shifts[-1][1]
        date += datetime.timedelta(days=1)
    return out, ends


def questions(count):
    rng = random.Random(20261123)
    begin = int(datetime.datetime(2018, 1, 1, tzinfo=datetime.timezone.utc).timestamp())
    asks = []
    for _ in range(count):
        unit = rng.choices((WORKING, URGENT, WORKDAY, CALENDAR), (85, 5, 7, 3))[0]
        amount = rng.randint(1, 30) * DAY if unit >= WORKDAY else rng.randint(1, 160 * 60) * 60
        asks.append((unit, amount, begin + rng.randrange(8 * 365 * DAY)))
    return asks


def write_input(path, days, asks):
    with open(path, "w", encoding="ascii") as file:
        print("offset", OFFSET, sep="\t", file=file)
        for d in range(5):
            print("week", d, USUAL, sep="\t", file=file)
        for start, end, week in ((501, 930, [SUMMER] * 5), (1201, 228, [USUAL] * 5 + [SATURDAY])):
            print("season", start, end, sep="\t", file=file)
            for d, shifts in enumerate(week):
                print("season-week", d, shifts, sep="\t", file=file)
        for date, kind in days.items():
            print("day", date.isoformat(), kind, sep="\t", file=file)
        for ask in asks:
            print("ask", *ask, sep="\t", file=file)


def ours(build, path, rounds):
    done = subprocess.run([os.path.join(build, "tests/bench/clock_calc"), path, str(rounds)], check=True, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    *dues, rate = done.stdout.split("\n")[:-1]
    return [int(due) for due in dues], float(rate.split()[1])


def with_bisect(spans, ends):
    """A function from (unit, amount, start) to the due time: integers, running sums, binary search."""
    starts, sums, total = [], [], 0
    for a, b in spans:
        starts.append(a)
        sums.append(total)
        total += b - a
    lengths = [b - a for a, b in spans]
    workdays = sorted(ends)
    find, find_left = bisect.bisect_right, bisect.bisect_left

    def due(unit, amount, start):
        if unit == WORKING:
            i = find(starts, start) - 1
            position = amount if i < 0 else amount + sums[i] + min(start - starts[i], lengths[i])
            k = find_left(sums, position) - 1
            return starts[k] + position - sums[k]
        if unit == URGENT:
            return start + amount
        number = (start + OFFSET) // DAY
        if unit == CALENDAR:
            return (number + amount // DAY + 1) * DAY - OFFSET
        return ends[workdays[find(workdays, number) + amount // DAY - 1]]

    return due


def with_walk(spans, ends):
    """The same as most programs do it: from interval to interval, with datetime."""
    zone = datetime.timezone(datetime.timedelta(seconds=OFFSET))
    by_day = {}
    for a, b in spans:
        begin, end = (datetime.datetime.fromtimestamp(t, zone) for t in (a, b))
        if end.time() == datetime.time(0):
            sys.exit("a shift that ends at midnight needs another walk")
        by_day.setdefault(begin.date(), []).append((begin, end))
    one = datetime.timedelta(days=1)

    def due(unit, amount, start):
        at = datetime.datetime.fromtimestamp(start, zone)
        left = datetime.timedelta(seconds=amount)
        if unit == URGENT:
            return int((at + left).timestamp())
        date = at.date()
        if unit == CALENDAR:
            return int(datetime.datetime.combine(date + left + one, datetime.time(0), zone).timestamp())
        if unit == WORKDAY:
            for _ in range(amount // DAY):
                date += one
                while date not in by_day:
                    date += one
            return int(by_day[date][-1][1].timestamp())
        while True:
            for begin, end in by_day.get(date, ()):
                if end <= at:
                    continue
                begin = max(begin, at)
                if end - begin >= left:
                    return int((begin + left).timestamp())
                left -= end - begin
            date += one

    return due


def time_python(due, asks):
    begin = time.process_time()
    out = [due(unit, amount, start) for unit, amount, start in asks]
    return out, len(asks) / (time.process_time() - begin)


SETUP = """
create table working_interval (start_s bigint primary key, end_s bigint not null, sum_s bigint not null);
create table working_day (day integer primary key, end_s bigint not null, nth integer not null);
create table ask (id integer primary key, unit integer not null, amount bigint not null, start_s bigint not null);
\\copy working_interval from 'interval.tsv'
\\copy working_day from 'day.tsv'
\\copy ask from 'ask.tsv'
create unique index on working_interval (sum_s) include (start_s);
create unique index on working_day (nth) include (end_s);
create function due(unit integer, amount bigint, start_s bigint) returns bigint language sql stable as $$
  select case $1
    when 0 then (
      select t.start_s + p.pos - t.sum_s
      from (select $2 + coalesce((select i.sum_s + least($3, i.end_s) - i.start_s from working_interval i
                                  where i.start_s <= $3 order by i.start_s desc limit 1), 0) as pos) p
      cross join lateral (select j.start_s, j.sum_s from working_interval j
                          where j.sum_s < p.pos order by j.sum_s desc limit 1) t)
    when 1 then $3 + $2
    when 2 then (
      select e.end_s from working_day e
      where e.nth = $2 / 86400 + coalesce((select d.nth from working_day d where d.day <= ($3 + 28800) / 86400
                                           order by d.day desc limit 1), 0))
    else ((($3 + 28800) / 86400) + $2 / 86400 + 1) * 86400 - 28800
  end
$$;
analyze;
"""


def time_postgres(tmp, spans, ends, asks):
    cluster = Cluster(tmp, "max_parallel_workers_per_gather=0", "jit=off")
    try:
        total = 0
        with open(os.path.join(tmp, "interval.tsv"), "w", encoding="ascii") as file:
            for a, b in spans:
                print(a, b, total, sep="\t", file=file)
                total += b - a
        with open(os.path.join(tmp, "day.tsv"), "w", encoding="ascii") as file:
            for n, day in enumerate(sorted(ends)):
                print(day, ends[day], n + 1, sep="\t", file=file)
        with open(os.path.join(tmp, "ask.tsv"), "w", encoding="ascii") as file:
            for n, ask in enumerate(asks):
                print(n, *ask, sep="\t", file=file)
        cluster.psql(SETUP)
        out = cluster.psql("select due(unit, amount, start_s) from ask order by id")
        timed = cluster.psql("explain (analyze, timing off, costs off) select due(unit, amount, start_s) from ask")
        ms = float(re.search(r"Execution Time: ([\d.]+) ms", timed).group(1))
        return [int(line) for line in out.split()], len(asks) / (ms / 1000)
    finally:
        cluster.stop()


def compare(name, asks, mine, others):
    for ask, a, b in zip(asks, mine, others):
        if a != b:
            sys.exit(f"{name} disagrees: unit {ask[0]}, {ask[1]} s from {ask[2]}: ours {a}, theirs {b}")


def main():
    args = side.arguments("clock", questions=100000, rounds=21, sample=20000)
    days = holidays()
    spans, ends = intervals(days)
    asks = questions(args.questions)
    sample = asks[:args.sample]
    tmp = tempfile.mkdtemp(prefix="bench-clock-")
    try:
        path = os.path.join(tmp, "input.tsv")
        write_input(path, days, asks)
        mine, rate = ours(args.build, path, args.rounds)
        print(f"ours: {rate:.0f} deadlines/s with both lights, {1e9 / rate:.0f} ns each")
        if len(mine) != len(asks):
            sys.exit("ours answered another number of questions")
        rates = {}
        for name, make, some in (("python bisect", with_bisect, asks), ("python walk", with_walk, sample)):
            out, rates[name] = time_python(make(spans, ends), some)
            compare(name, some, mine, out)
        pg = os.path.join(tmp, "pg")
        os.chmod(tmp, 0o755)
        out, rates["postgresql"] = time_postgres(pg, spans, ends, sample)
        compare("postgresql", sample, mine, out)
    finally:
        shutil.rmtree(tmp)
    for name, theirs in rates.items():
        print(f"{name}: {theirs:.0f} deadlines/s")
    best = max(rates, key=rates.get)
    print(f"all {len(asks)} due times equal to python bisect's, {len(sample)} to the others'; theirs is {best}")
    side.last_line("clock", rate, rates[best], "deadlines/s", ">= 1000000 deadlines/s")


main()
